//! A file that comes in pieces, sent by the script of a page (NF-56). Without script the same
//! form sends it whole. A piece is answered when it is durable; a piece that came before is
//! answered again; what broke off goes on where it ended, also after the page was opened anew.

use axum::extract::{Path, State};
use axum::response::{IntoResponse as _, Response};
use http::header::CONTENT_TYPE;
use http::{HeaderValue, StatusCode};
use internet_zone_store::applications::drafts::DraftFile;
use internet_zone_store::applications::uploads::{
    self, Appended, Begun, NewUpload, Piece, Unfinished,
};
use internet_zone_store::vault::Place;
use platform_web::multipart::{Part, Upload};
use platform_web::{CsrfForm, OrFault as _, PageResult, Reply, Trouble};
use serde::Serialize;

use super::access::{self, OpenDraft};
use super::attach::{self, Change};
use super::filled::Uploaded;
use super::{closing, upload};
use crate::caller::Caller;
use crate::site::Site;
use crate::texts::TEXTS;

/// Bytes of one piece; the last one of a file may be shorter.
pub(crate) const PIECE: usize = 1024 * 1024;
/// Bytes of one request that brings a piece.
pub(crate) const REQUEST: u64 = PIECE as u64 + 64 * 1024;
/// Longest name, in characters.
const LONGEST_NAME: usize = 255;
/// Time without a piece after which a file is forgotten, microseconds.
const KEPT: i64 = 24 * 3_600_000_000;
/// The same before the first piece.
const EMPTY: i64 = 15 * 60_000_000;

/// Where a file stands, or the words why it does not go on.
#[derive(Default, Serialize)]
struct Told {
    /// The upload.
    #[serde(skip_serializing_if = "String::is_empty")]
    id: String,
    /// Bytes that are durable.
    at: i64,
    /// Whether the form is to bring it whole.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    whole: bool,
    /// What is wrong, for the page.
    #[serde(skip_serializing_if = "String::is_empty")]
    why: String,
}

fn told(status: StatusCode, told: &Told) -> Response {
    let json = serde_json::to_string(told).unwrap_or_default();
    let media = [(CONTENT_TYPE, HeaderValue::from_static("application/json"))];
    (status, media, json).into_response()
}

fn refused(status: StatusCode, at: i64, why: impl Into<String>) -> Response {
    told(status, &Told { at, why: why.into(), ..Told::default() })
}

const fn name_place(upload: &str) -> Place<'_> {
    Place { table: "uploads", column: "name", row: upload }
}

const fn piece_place(piece: &str) -> Place<'_> {
    Place { table: "upload_pieces", column: "bytes", row: piece }
}

/// The draft for whoever may fill it in, and the name of who sends.
async fn draft(site: &Site, caller: &Caller, id: &str) -> Result<(OpenDraft, String), Trouble> {
    let open = access::draft(site, caller, id).await?;
    if open.draft.correction.is_none() {
        closing::still_open(site, &open)?;
    }
    Ok((open, caller.by().actor))
}

/// Begins a file, or says where the same one goes on.
pub(crate) async fn begin(
    caller: Caller,
    State(site): State<Site>,
    Path(id): Path<String>,
    CsrfForm(form): CsrfForm,
) -> PageResult {
    let (open, owner) = draft(&site, &caller, &id).await?;
    let (input, name) = (form.text("input"), form.text("name"));
    let Some(question) = upload::question(&open, input) else {
        return Ok(refused(StatusCode::CONFLICT, 0, TEXTS.text("forms.file_gone")));
    };
    let size = form.text("size").parse::<u64>().unwrap_or(0);
    // What could not be taken when it is whole is refused before a byte is sent.
    let beside = upload::beside(&site, &open, input);
    if let Some(words) = upload::too_much(question, &beside, upload::Sent { input, name, size }) {
        return Ok(refused(StatusCode::UNPROCESSABLE_ENTITY, 0, words));
    }
    let name: String = name.chars().filter(|c| !c.is_control()).take(LONGEST_NAME).collect();
    let (new_id, at) = (site.new_id(), site.micros());
    let mark = format!("{name}\n{}", form.text("mark"));
    let new = NewUpload {
        id: new_id.clone(),
        draft_id: id,
        owner,
        input: input.to_owned(),
        mark: site.vault.index("upload", &mark),
        name_sealed: site.vault.seal(name_place(&new_id), name.as_bytes()),
        size: i64::try_from(size).unwrap_or(i64::MAX),
        network: caller.network(),
        at,
        expires_at: at + EMPTY,
    };
    Ok(match site.store.write(move |tx| uploads::begin(tx, &new)).await? {
        Begun::New => told(StatusCode::CREATED, &Told { id: new_id, ..Told::default() }),
        Begun::Before(before) => {
            let (id, at) = (before.id, before.received);
            told(StatusCode::OK, &Told { id, at, ..Told::default() })
        }
        Begun::NoRoom => {
            refused(StatusCode::TOO_MANY_REQUESTS, 0, TEXTS.text("forms.pieces.no_room"))
        }
        Begun::Full => full(),
    })
}

/// Others fill the room: nothing is wrong with the file, and the form can bring it whole.
fn full() -> Response {
    told(StatusCode::TOO_MANY_REQUESTS, &Told { whole: true, ..Told::default() })
}

/// An unfinished file of the caller; others do not learn that it is there.
async fn unfinished(
    site: &Site,
    owner: &str,
    (draft, upload): (&str, &str),
) -> Result<Unfinished, Trouble> {
    let (draft, owner, upload) = (draft.to_owned(), owner.to_owned(), upload.to_owned());
    let now = site.micros();
    let found =
        site.store.read(move |db| uploads::find(db, (&draft, &owner), &upload, now)).await?;
    found.ok_or_else(|| Reply::not_found("applications.no_upload").into())
}

/// Where a file goes on.
pub(crate) async fn get(
    caller: Caller,
    State(site): State<Site>,
    Path((id, upload)): Path<(String, String)>,
) -> PageResult {
    let (_, owner) = draft(&site, &caller, &id).await?;
    let found = unfinished(&site, &owner, (&id, &upload)).await?;
    Ok(told(StatusCode::OK, &Told { id: found.id, at: found.received, ..Told::default() }))
}

/// What a request brought.
struct Brought {
    at: i64,
    bytes: Vec<u8>,
}

async fn read(mut upload: Upload) -> Result<Brought, Trouble> {
    let (mut at, mut bytes) = (-1, Vec::new());
    while let Some(part) = upload.next().await? {
        match part {
            Part::Text { name, value } if name == "at" => at = value.parse().unwrap_or(-1),
            Part::Text { .. } => {}
            Part::File(mut file) => {
                while let Some(chunk) = file.chunk().await? {
                    bytes.extend_from_slice(&chunk);
                }
            }
        }
    }
    Ok(Brought { at, bytes })
}

/// Takes one piece; the answer says from where to go on.
pub(crate) async fn piece(
    caller: Caller,
    State(site): State<Site>,
    Path((id, upload)): Path<(String, String)>,
    sent: Upload,
) -> PageResult {
    let (_, owner) = draft(&site, &caller, &id).await?;
    let found = unfinished(&site, &owner, (&id, &upload)).await?;
    let Brought { at, bytes } = read(sent).await?;
    let size = i64::try_from(bytes.len()).unwrap_or(i64::MAX);
    let here = Told { at: found.received, ..Told::default() };
    if at >= 0 && size > 0 && at.saturating_add(size) <= found.received {
        // It came before, and the answer was lost.
        return Ok(told(StatusCode::OK, &here));
    }
    let fits = size > 0 && bytes.len() <= PIECE && at.saturating_add(size) <= found.size;
    if at != found.received || !fits {
        return Ok(told(StatusCode::CONFLICT, &here));
    }
    let piece = Piece { id: site.new_id(), at, size };
    let (vault, files, name) = (site.vault.clone(), site.files.clone(), piece.id.clone());
    tokio::task::spawn_blocking(move || files.put(&name, &vault.seal(piece_place(&name), &bytes)))
        .await
        .or_fault()??;
    let (wanted, expires) = (upload.clone(), site.micros() + KEPT);
    let kept = site.store.write(move |tx| uploads::append(tx, &wanted, &piece, expires)).await?;
    match kept {
        Appended::Yes => {
            return Ok(told(StatusCode::OK, &Told { at: at + size, ..Told::default() }));
        }
        Appended::Full => return Ok(full()),
        Appended::Elsewhere => {}
    }
    // Another window sent the same piece a moment before.
    let found = unfinished(&site, &owner, (&id, &upload)).await?;
    Ok(told(StatusCode::CONFLICT, &Told { at: found.received, ..Told::default() }))
}

/// Makes the pieces a file of the draft: whole, the same the browser has, and taken by the
/// same rules as one that came in a form. Asked again, it says the same.
pub(crate) async fn finish(
    caller: Caller,
    State(site): State<Site>,
    Path((id, upload)): Path<(String, String)>,
    CsrfForm(form): CsrfForm,
) -> PageResult {
    let (mut open, owner) = draft(&site, &caller, &id).await?;
    let found = match unfinished(&site, &owner, (&id, &upload)).await {
        Ok(found) => found,
        Err(gone) => {
            // It became a file of the draft before, and the answer was lost.
            let (input, sum) = (form.text("input"), form.text("sha256"));
            let same = |file: &&DraftFile| file.input == input && hex_of(&file.sha256) == sum;
            let at = open.files.iter().find(same).map(|file| file.size).ok_or(gone)?;
            return Ok(told(StatusCode::OK, &Told { at, ..Told::default() }));
        }
    };
    if found.received != found.size {
        return Ok(told(StatusCode::CONFLICT, &Told { at: found.received, ..Told::default() }));
    }
    let mut room = Vec::new();
    for _ in 0..=found.size / 1_000_000 {
        let busy = || Reply::unavailable("applications.uploads_busy").retry_after(60);
        room.push(site.megabyte().ok_or_else(busy)?);
    }
    let (bytes, hex) = whole(&site, &found).await?;
    if hex != form.text("sha256") {
        forget(&site, &found.id).await?;
        let words = TEXTS.text("forms.pieces.differs");
        return Ok(refused(StatusCode::UNPROCESSABLE_ENTITY, 0, words));
    }
    let name = site.vault.open_text(name_place(&found.id), &found.name_sealed).or_fault()?;
    let size = bytes.len() as u64;
    let sent = Uploaded { input: found.input.clone(), name, bytes, size, busy: false };
    let taken = upload::take(&site, &open, sent).await?;
    let answer = match taken {
        Ok(file) => {
            let finishes = Some(found.id.clone());
            let change = Change { add: Some(file), finishes, ..Change::default() };
            attach::store(&site, &mut open, change).await?;
            (site.wake)();
            told(StatusCode::OK, &Told { at: found.size, ..Told::default() })
        }
        Err(words) => {
            forget(&site, &found.id).await?;
            refused(StatusCode::UNPROCESSABLE_ENTITY, 0, words)
        }
    };
    drop(room);
    Ok(answer)
}

/// The pieces one after the other, and their SHA-256 in hexadecimal digits.
async fn whole(site: &Site, found: &Unfinished) -> Result<(Vec<u8>, String), Trouble> {
    let (wanted, size) = (found.id.clone(), usize::try_from(found.size).unwrap_or_default());
    let pieces = site.store.read(move |db| uploads::pieces(db, &wanted)).await?;
    let (vault, files) = (site.vault.clone(), site.files.clone());
    let read = move || -> Result<(Vec<u8>, String), platform_web::Fault> {
        let mut bytes = Vec::with_capacity(size);
        for piece in pieces {
            bytes.extend_from_slice(&vault.open(piece_place(&piece), &files.get(&piece)?)?);
        }
        let hex = hex_of(ring::digest::digest(&ring::digest::SHA256, &bytes).as_ref());
        Ok((bytes, hex))
    };
    Ok(tokio::task::spawn_blocking(read).await.or_fault()??)
}

fn hex_of(sum: &[u8]) -> String {
    sum.iter().map(|byte| format!("{byte:02x}")).collect()
}

async fn forget(site: &Site, upload: &str) -> Result<(), Trouble> {
    let upload = upload.to_owned();
    site.store.write(move |tx| uploads::remove(tx, &upload)).await?;
    (site.wake)();
    Ok(())
}
