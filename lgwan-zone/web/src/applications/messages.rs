//! The thread with the applicant, and answering in it, with files where needed (NF-33).

use axum::extract::{Path, State};
use axum::response::IntoResponse as _;
use domain::identity::Action;
use domain::ids::DocumentId;
use domain::text::{unwanted, visible};
use http::StatusCode;
use lgwan_zone_store::applications::entered;
use lgwan_zone_store::applications::messages::{self, Message, Written};
use lgwan_zone_store::applications::rows::{Attachment, Document};
use platform_web::download::clean_name;
use platform_web::multipart::{FilePart, Part, Upload};
use platform_web::{FormData, OrFault as _, PageResult, Reply, Trouble, Visitor, see_other};

use super::clash::{Clash, keeping};
use super::desk::{self, Desk};
use super::result;
use super::show::{self, DocumentView, EventView, FileView};
use crate::batches::documents::forget;
use crate::frame::{Fault, Frame, Place};
use crate::guard::{Who, sha256};
use crate::procedures::design::files::media;
use crate::site::{Site, TEXTS};
use crate::words;

/// Longest message in characters.
pub(super) const LONGEST: usize = 1_000;
/// Most files of one message.
const MOST_FILES: usize = 3;
/// Bytes of the largest file.
const LARGEST_FILE: u64 = 10_000_000;
/// Bytes of one request: more than is taken, so that the page can say what is too large.
pub const LARGEST: u64 = 100_000_000;

/// One message as the page shows it.
pub(super) struct View {
    pub(super) words: String,
    pub(super) at: String,
    pub(super) by: String,
    pub(super) own: bool,
    /// Files of the applicant, rebuilt or held.
    pub(super) files: Vec<FileView>,
    /// Files of the applicant that are still being rebuilt.
    pub(super) coming: String,
    /// Files of staff.
    pub(super) documents: Vec<DocumentView>,
}

/// How the page of the application shows a message with its files.
pub(super) fn view(
    desk: &Desk,
    message: &Message,
    (sent, written): &(Vec<Attachment>, Vec<Document>),
) -> View {
    let own = !matches!(message.writer.as_str(), messages::APPLICANT | messages::DELEGATE);
    let by = match message.writer.as_str() {
        messages::APPLICANT => TEXTS.text("applications.actor.applicant").to_owned(),
        messages::DELEGATE => {
            TEXTS.fill("applications.actor.delegate", &[("name", &message.writer_name)])
        }
        _ => message.writer_name.clone(),
    };
    let of = |id: &Option<String>| id.as_deref() == Some(message.id.as_str());
    let files: Vec<FileView> = sent
        .iter()
        .filter(|file| of(&file.message_id))
        .map(|file| show::file_view(desk, file))
        .collect();
    let left = usize::try_from(message.files).unwrap_or(0).saturating_sub(files.len());
    let coming = if own || left == 0 {
        String::new()
    } else {
        TEXTS.fill("applications.talk.coming", &[("count", &left)])
    };
    View {
        words: message.words.clone(),
        at: words::stored(message.at),
        documents: written
            .iter()
            .filter(|one| of(&one.message_id))
            .map(|one| show::document_view(one, message.writer_name.clone()))
            .collect(),
        by,
        own,
        files,
        coming,
    }
}

/// What was typed as a message or a note and could not be kept.
#[derive(Default)]
pub(super) struct Typed {
    pub(super) words: String,
    pub(super) note: String,
    pub(super) key: String,
    pub(super) faults: Vec<Fault>,
    pub(super) clash: Clash,
}

/// A file on its way to the applicant.
struct Enclosed {
    name: String,
    media: &'static str,
    bytes: Vec<u8>,
}

/// Sends a message, or notes that none is needed. Pressing twice sends one.
pub async fn post(
    State(site): State<Site>,
    who: Who,
    visitor: Visitor,
    Path(id): Path<String>,
    upload: Upload,
) -> PageResult {
    let opened = desk::open(&site, &who, &id, Action::WorkOnApplication).await;
    let mut faults = Vec::new();
    let (form, files) = read(upload, &mut faults).await?;
    let kept = |no| keeping(no, "applications.kept.message", form.text("message"));
    let desk = opened.map_err(kept)?;
    let back = format!("/applications/{}", desk.row.id);
    let by = who.by(&site);
    if form.text("do") == "settle" {
        site.store.write(move |tx| messages::settle(tx, &by, &desk.row.id)).await?;
        return Ok(see_other(format!("{back}?said=settled")));
    }
    let id = desk.row.id.clone();
    if site.store.read(move |db| entered::of(db, &id)).await?.is_some() {
        return Err(kept(Reply::conflict("applications.no_page").link(back).into()));
    }
    let text = visible(form.text("message")).replace("\r\n", "\n").trim().to_owned();
    let unreadable = unwanted(&text.replace('\t', " "), true).is_some();
    if text.is_empty() || unreadable || text.chars().count() > LONGEST {
        faults.insert(0, Fault::of("message", "applications.fault.message"));
    }
    if !faults.is_empty() {
        let typed = Typed {
            words: form.text("message").to_owned(),
            key: form.text("key").to_owned(),
            faults,
            ..Typed::default()
        };
        let frame = Frame::of(&site, &who, &visitor, Place::Inbox);
        let page = show::page(&site, &who, &desk, frame, typed).await?;
        return Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response());
    }
    let key = format!("{} {} {}", desk.row.id, who.id, form.text("key"));
    let new = Message {
        id: sha256(key.as_bytes()).chars().take(32).collect(),
        application_id: desk.row.id.clone(),
        at: by.at.as_microsecond(),
        writer: who.id.clone(),
        writer_name: by.name.clone(),
        words: text,
        files: i32::try_from(files.len()).unwrap_or(i32::MAX),
    };
    let application = desk.id()?;
    let told = (new.words.as_str(), files.len());
    let mut sealed = vec![site.office.message(&application, &new.id, told, by.at)];
    let mut documents = Vec::new();
    for file in files {
        let row = keep(&site, &who.id, &new, &file).await?;
        let id = DocumentId::parse(&row.id).or_fault()?;
        let sent = (row.file_name.as_str(), row.media.as_str(), file.bytes);
        sealed.push(site.office.enclosed((&application, &new.id), &id, sent, by.at));
        documents.push(row);
    }
    let stored: Vec<String> = documents.iter().map(|one| one.file_id.clone()).collect();
    let heard = form.text("heard").parse::<i64>().ok();
    let written = site
        .store
        .write(move |tx| messages::write(tx, &by, (&new, &documents), &sealed, heard))
        .await?;
    match written {
        Written::Yes => (site.posted)(),
        Written::Before => forget(&site, stored).await?,
        Written::Overtaken => {
            let files = !stored.is_empty();
            forget(&site, stored).await?;
            let clash = clash(&site, &desk, heard.unwrap_or(0)).await?.with_files(files);
            let words = form.text("message").to_owned();
            let typed = Typed { words, clash, ..Typed::default() };
            let frame = Frame::of(&site, &who, &visitor, Place::Inbox);
            let page = show::page(&site, &who, &desk, frame, typed).await?;
            return Ok((StatusCode::CONFLICT, page).into_response());
        }
    }
    Ok(see_other(format!("{back}?said=wrote")))
}

/// What others wrote since the page was drawn.
async fn clash(site: &Site, desk: &Desk, heard: i64) -> Result<Clash, Trouble> {
    let id = desk.row.id.clone();
    let (all, _) = site.store.read(move |db| messages::of(db, &id)).await?;
    let none = (Vec::new(), Vec::new());
    let lines = all.iter().skip(usize::try_from(heard).unwrap_or(0)).map(|message| {
        let one = view(desk, message, &none);
        let text = if one.own { "applications.clash.answered" } else { "applications.clash.asked" };
        EventView { text: TEXTS.text(text).to_owned(), at: one.at, by: one.by, words: one.words }
    });
    let what = TEXTS.text("applications.clash.talk").to_owned();
    Ok(Clash::new((what, TEXTS.text("applications.clash.talk_next")), lines.collect()))
}

/// The form and its files. What is wrong with a file is told at the input, and the rest stays.
async fn read(
    mut upload: Upload,
    faults: &mut Vec<Fault>,
) -> Result<(FormData, Vec<Enclosed>), Trouble> {
    let (mut fields, mut files, mut chosen) = (Vec::new(), Vec::new(), 0);
    while let Some(part) = upload.next().await? {
        match part {
            Part::Text { name, value } => fields.push((name, value)),
            Part::File(part) if part.name == "files" && chosen < MOST_FILES => {
                chosen += 1;
                match one(*part).await? {
                    Ok(file) => files.push(file),
                    Err(words) => faults.push(Fault::said("files", words)),
                }
            }
            Part::File(part) => {
                chosen += usize::from(part.name == "files");
                part.skip().await?;
            }
        }
    }
    if chosen > MOST_FILES {
        let words = TEXTS.fill("applications.fault.files_many", &[("most", &MOST_FILES)]);
        faults.push(Fault::said("files", words));
    }
    Ok((fields.into_iter().collect(), files))
}

/// One file, or the words why it cannot be sent.
async fn one(part: FilePart<'_>) -> Result<Result<Enclosed, String>, Trouble> {
    let name = clean_name(&part.file_name);
    let bytes = part.within(LARGEST_FILE).await?.map(Vec::from);
    let refused = |key| Ok(Err(TEXTS.fill(key, &[("name", &name)])));
    let Some(bytes) = bytes else {
        return refused("applications.fault.file_large");
    };
    if bytes.is_empty() {
        return refused("applications.fault.file_empty");
    }
    let whole = |media: &&str| *media != "application/pdf" || result::is_pdf(&bytes);
    match media(&name, &bytes).filter(whole) {
        Some(media) => Ok(Ok(Enclosed { name, media, bytes })),
        None => refused("applications.fault.file_kind"),
    }
}

/// Stores the file before the message: an orphan when that is refused, never a row without its file.
async fn keep(
    site: &Site,
    by: &str,
    message: &Message,
    file: &Enclosed,
) -> Result<Document, Trouble> {
    let file_id = site.new_id();
    let (files, name, content) = (site.files.clone(), file_id.clone(), file.bytes.clone());
    tokio::task::spawn_blocking(move || files.put(&name, &content)).await.or_fault()??;
    Ok(Document {
        id: site.new_id(),
        application_id: message.application_id.clone(),
        title: file.name.clone(),
        number: String::new(),
        file_name: file.name.clone(),
        media: file.media.to_owned(),
        size: i64::try_from(file.bytes.len()).unwrap_or(i64::MAX),
        sha256: sha256(&file.bytes),
        file_id,
        issued_at: message.at,
        issued_by: by.to_owned(),
        opened_at: None,
        message_id: Some(message.id.clone()),
        signed_by: None,
    })
}
