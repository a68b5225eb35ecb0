//! Forms to download and pictures of the form (NF-11, NF-51). They are known by their first bytes
//! and kept as they are: nothing in this zone parses them.

use askama::Template;
use axum::extract::{Path, State};
use axum::response::IntoResponse as _;
use domain::forms::definition::{FormFile, MAX_DOCUMENT_BYTES, Words};
use domain::forms::design::Edit;
use platform_web::download::inline;
use platform_web::multipart::Upload;
use platform_web::{FormData, Html, PageResult, QueryData, Reply, Visitor, see_other};

use super::panel::{Panel, frame};
use super::settings;
use super::work::{Said, Saved, Work};
use crate::frame::{Fault, Frame};
use crate::guard::Who;
use crate::site::Site;
use crate::words;

/// Bytes of the largest file.
const LARGEST: u64 = 3_000_000;
/// Bytes of the document that are left for everything but files.
const ROOM: usize = 1024 * 1024;
/// Most characters of a title.
const LONGEST_TITLE: usize = 100;

#[derive(Template)]
#[template(path = "procedures/design/files.html")]
struct FilesPage {
    frame: Frame,
    panel: Panel,
    faults: Vec<Fault>,
    sections: Vec<(&'static str, String)>,
    files: Vec<Line>,
    new_title: String,
    new_listed: bool,
}

/// A file of the design.
struct Line {
    id: String,
    /// Id of the input with its title.
    field: String,
    title: String,
    name: String,
    size: String,
    listed: bool,
    picture: bool,
}

/// What was typed about the files there are, and about a new one.
#[derive(Default)]
struct Typed {
    titles: Vec<(String, String, bool)>,
    new_title: String,
    new_listed: bool,
}

/// Lists the files.
pub async fn get(
    State(site): State<Site>,
    who: Who,
    visitor: Visitor,
    query: QueryData,
    Path(id): Path<String>,
) -> PageResult {
    let work = Work::load(&site, &who, &id).await?;
    let typed = Typed { titles: of(&work), ..Typed::default() };
    let mut page = page((&site, &who, &visitor), &work, typed, (Vec::new(), Said::Nothing));
    page.frame = page.frame.said(&query, "procedures");
    Ok(Html(page).into_response())
}

/// Keeps what was typed, and a new file; or takes one away.
pub async fn post(
    State(site): State<Site>,
    who: Who,
    visitor: Visitor,
    Path(id): Path<String>,
    upload: Upload,
) -> PageResult {
    let work = Work::load(&site, &who, &id).await?;
    let sent = upload.with_file("file", LARGEST).await?;
    let typed = Typed::of(&work, &sent.form);
    let mut edits = typed.edits();
    if let Some(file) = sent.form.text("do").strip_prefix("remove:") {
        edits.push(Edit::RemoveFile { file: file.to_owned() });
    }
    let mut faults = typed.faults();
    let file = sent.file.filter(|(name, _)| !name.is_empty());
    let wants = !typed.new_title.is_empty() || sent.form.text("do") == "add";
    match (file, &sent.too_large) {
        (Some((name, bytes)), _) => match new_file(&work, &typed, name, &bytes) {
            Ok(file) => edits.push(Edit::AddFile(Box::new(file))),
            Err(fault) => faults.push(fault),
        },
        (None, Some(name)) => faults.push(Fault::too_large("file", name, LARGEST)),
        (None, None) if wants => faults.push(Fault::of("file", "design.fault.no_file")),
        (None, None) => {}
    }
    let said = if !faults.is_empty() {
        Said::Refused(Vec::new())
    } else if edits.is_empty() {
        return Ok(see_other(work.at("/files?said=design_kept")));
    } else {
        match work.save(&site, &who, &sent.form, edits).await? {
            Saved::Done(_) => return Ok(see_other(work.at("/files?said=design_kept"))),
            Saved::Refused(refused) => Said::refused(&refused),
            Saved::Behind(behind) => Said::Behind(behind),
        }
    };
    let status = said.status();
    let page = page((&site, &who, &visitor), &work, typed, (faults, said));
    Err((status, Html(page)).into_response().into())
}

/// Shows a file of the design, for the preview.
pub async fn file(
    State(site): State<Site>,
    who: Who,
    Path((id, file)): Path<(String, String)>,
) -> PageResult {
    let work = Work::load(&site, &who, &id).await?;
    let found = work.procedure().files.iter().find(|one| one.id == file);
    let missing = || Reply::not_found("design.file_gone").link(work.at("/files"));
    let found = found.ok_or_else(missing)?;
    let bytes = found.bytes().ok_or_else(missing)?;
    Ok(inline(&found.name, &found.media, bytes))
}

/// The files as they are kept.
fn of(work: &Work) -> Vec<(String, String, bool)> {
    let files = work.procedure().files.iter();
    files.map(|file| (file.id.clone(), file.title.ja().to_owned(), file.listed)).collect()
}

impl Typed {
    fn of(work: &Work, form: &FormData) -> Self {
        let typed = |(id, title, listed): (String, String, bool)| {
            let name = format!("title_{id}");
            // A file somebody else added meanwhile was not on the page.
            if !form.has(&name) {
                return (id, title, listed);
            }
            let listed = form.has(&format!("listed_{id}"));
            (id, form.text(&name).trim().to_owned(), listed)
        };
        Self {
            titles: of(work).into_iter().map(typed).collect(),
            new_title: form.text("new_title").trim().to_owned(),
            new_listed: form.has("new_listed"),
        }
    }

    fn edits(&self) -> Vec<Edit> {
        let edit = |(id, title, listed): &(String, String, bool)| Edit::SetFile {
            file: id.clone(),
            title: title.clone(),
            listed: *listed,
        };
        self.titles.iter().map(edit).collect()
    }

    fn faults(&self) -> Vec<Fault> {
        let bad = |title: &str| title.is_empty() || title.chars().count() > LONGEST_TITLE;
        let wrong = self.titles.iter().filter(|(_, title, _)| bad(title));
        wrong.map(|(id, ..)| Fault::of(&format!("title_{id}"), "design.fault.file_title")).collect()
    }
}

/// The file that was sent, when it is one that can be taken.
fn new_file(work: &Work, typed: &Typed, name: String, bytes: &[u8]) -> Result<FormFile, Fault> {
    let media = media(&name, bytes).ok_or_else(|| Fault::of("file", "design.fault.file_kind"))?;
    if typed.new_title.is_empty() || typed.new_title.chars().count() > LONGEST_TITLE {
        return Err(Fault::of("new_title", "design.fault.file_title"));
    }
    let pieces = FormFile::pieces(bytes);
    let kept = work.procedure().files.iter().flat_map(|file| &file.base64);
    let all: usize = kept.chain(&pieces).map(String::len).sum();
    if all + ROOM > MAX_DOCUMENT_BYTES {
        return Err(Fault::of("file", "design.fault.files_size"));
    }
    Ok(FormFile {
        id: String::new(),
        title: Words::from(typed.new_title.as_str()),
        name: name.replace(['/', '\\'], "_"),
        media: media.to_owned(),
        listed: typed.new_listed,
        base64: pieces,
    })
}

/// The kind of a file by its first bytes; an office file also by its ending, which all of them
/// share with other archives.
pub(crate) fn media(name: &str, bytes: &[u8]) -> Option<&'static str> {
    let lower = name.to_lowercase();
    match bytes {
        [0x89, b'P', b'N', b'G', 0x0d, 0x0a, 0x1a, 0x0a, ..] => Some("image/png"),
        [0xff, 0xd8, 0xff, ..] => Some("image/jpeg"),
        [b'%', b'P', b'D', b'F', b'-', ..] => Some("application/pdf"),
        [b'P', b'K', 3, 4, ..] if lower.ends_with(".docx") => {
            Some("application/vnd.openxmlformats-officedocument.wordprocessingml.document")
        }
        [b'P', b'K', 3, 4, ..] if lower.ends_with(".xlsx") => {
            Some("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")
        }
        _ => None,
    }
}

fn page(
    (site, who, visitor): (&Site, &Who, &Visitor),
    work: &Work,
    typed: Typed,
    (faults, said): (Vec<Fault>, Said),
) -> FilesPage {
    let files = typed.titles.iter().filter_map(|(id, title, listed)| {
        let file = work.procedure().files.iter().find(|file| file.id == *id)?;
        let bytes = file.bytes().unwrap_or_default().len();
        Some(Line {
            id: id.clone(),
            field: format!("title_{id}"),
            title: title.clone(),
            name: file.name.clone(),
            size: words::bytes(i64::try_from(bytes).unwrap_or(i64::MAX)),
            listed: *listed,
            picture: file.is_picture(),
        })
    });
    FilesPage {
        frame: frame(site, who, visitor),
        panel: Panel::of(work, "settings", said),
        faults,
        sections: settings::sections(work.procedure()),
        files: files.collect(),
        new_title: typed.new_title,
        new_listed: typed.new_listed,
    }
}
