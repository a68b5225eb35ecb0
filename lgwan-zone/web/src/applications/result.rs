//! 結果通知: approve, with a document designed here, an uploaded PDF, or none
//! (NF-34, NF-47).

use askama::Template;
use axum::extract::{Path, State};
use axum::response::{IntoResponse as _, Response};
use domain::applications::Event;
use domain::forms::notice::{BadNotice, PLACES, fill};
use domain::identity::Action;
use domain::ids::DocumentId;
use http::StatusCode;
use lgwan_zone_store::applications::entered;
use lgwan_zone_store::applications::plan::Way;
use lgwan_zone_store::applications::rows::Document;
use lgwan_zone_store::applications::steps::Step;
use lgwan_zone_store::identity::departments;
use lgwan_zone_store::templates;
use platform_web::download::{clean_name, inline};
use platform_web::multipart::{Part, Upload};
use platform_web::{FormData, Html, OrFault as _, PageResult, QueryData, Trouble, Visitor};

use super::before::{Before, before};
use super::clash::{self, Clash, Stopped, keeping};
use super::desk::{self, Desk};
use super::files;
use crate::frame::{Choice, Fault, Frame, Place};
use crate::guard::{Who, sha256};
use crate::paper::{Check, Printed, Unprintable};
use crate::press::{self, Draft, Press};
use crate::procedures::templates::words_of;
use crate::signatory::Unsigned;
use crate::site::{Site, TEXTS};
use crate::words;

/// Largest uploaded PDF in bytes.
pub(crate) const LARGEST_PDF: u64 = 10_000_000;
/// Longest body in characters.
pub(crate) const LONGEST_BODY: usize = 5_000;
/// Longest of the one-line fields in characters.
pub(crate) const LONGEST_LINE: usize = 100;

#[derive(Template)]
#[template(path = "applications/result.html")]
struct ResultPage {
    frame: Frame,
    faults: Vec<Fault>,
    id: String,
    number: String,
    version: i32,
    kind: String,
    document_number: String,
    title: String,
    addressee: String,
    body: String,
    pdf_title: String,
    note: String,
    placeholders: Vec<(String, String)>,
    signatory: Option<String>,
    before: Before,
    /// Texts to begin with.
    templates: Vec<Choice>,
    clash: Clash,
}

/// What the page shows beside the form.
struct Known {
    signatory: Option<String>,
    before: Before,
    /// Texts to begin with, of the procedure and of the department.
    templates: Vec<templates::Template>,
}

async fn known(site: &Site, desk: &Desk) -> Result<Known, Trouble> {
    Ok(Known {
        signatory: signatory(site, desk).await?,
        before: before(site, desk).await?,
        templates: offered(site, desk).await?,
    })
}

/// The texts of results for this application, of its procedure and of its department.
async fn offered(site: &Site, desk: &Desk) -> Result<Vec<templates::Template>, Trouble> {
    let of = ([desk.row.department_id.clone()], [desk.row.procedure_id.clone()]);
    let mut all = site.store.read(move |db| templates::of(db, &of.0, &of.1)).await?;
    all.retain(|one| !one.refusal);
    Ok(all)
}

/// Shows the form, filled with a first draft or with the template that was chosen.
pub async fn get(
    State(site): State<Site>,
    who: Who,
    visitor: Visitor,
    query: QueryData,
    Path(id): Path<String>,
) -> PageResult {
    let desk = desk::open(&site, &who, &id, Action::IssueDocument).await?;
    desk.way(&who, Event::Notify, "")?;
    let name = &desk.row.applicant_name;
    let addressee = TEXTS.fill("applications.result.addressee", &[("name", name)]);
    let title = TEXTS.fill("applications.result.title", &[("procedure", &desk.title())]);
    let version = desk.row.version.to_string();
    let filled: FormData = [
        ("kind", "designed"),
        ("title", &title),
        ("addressee", if name.is_empty() { "" } else { &addressee }),
        ("body", TEXTS.text("applications.result.body")),
        ("seen", &version),
    ]
    .into_iter()
    .collect();
    let frame = Frame::of(&site, &who, &visitor, Place::Inbox);
    let known = known(&site, &desk).await?;
    let wanted = query.0.text("template");
    let (mut filled, mut faults) = (filled, Vec::new());
    if let Some(template) = known.templates.iter().find(|one| one.id == wanted) {
        let answers = desk.answers(&site).await?;
        let of = (&*desk.form, &answers, &desk.row);
        match press::written(&template.words(), of, &site.settings.sender, site.clock.now()) {
            Ok((draft, note)) => {
                filled = [
                    ("kind", "designed"),
                    ("title", &draft.title),
                    ("addressee", &draft.addressee),
                    ("body", &draft.body),
                    ("note", &note),
                    ("seen", &version),
                    ("template", wanted),
                ]
                .into_iter()
                .collect();
            }
            Err(bad) => faults.push(Fault::said("template", told(&template.name, &bad))),
        }
    }
    Ok(Html(page(frame, &desk, &filled, faults, known)).into_response())
}

/// Why a template cannot be used here.
pub(super) fn told(name: &str, bad: &BadNotice) -> String {
    let why = words_of(bad);
    TEXTS.fill("applications.result.unfit", &[("name", &name), ("why", &why)])
}

/// The form as it was sent.
struct Sent {
    form: FormData,
    /// The PDF that was chosen.
    pdf: Option<Pdf>,
}

/// A PDF that was chosen: its name and its bytes; none of one that is too large.
struct Pdf {
    name: String,
    bytes: Option<Vec<u8>>,
}

/// Reads the form. A PDF that is too large takes nothing with it that was typed.
async fn read(mut upload: Upload) -> Result<Sent, Trouble> {
    let (mut fields, mut pdf) = (Vec::new(), None);
    while let Some(part) = upload.next().await? {
        match part {
            Part::Text { name, value } => fields.push((name, value)),
            Part::File(part) if part.name == "pdf" => {
                let name = part.file_name.clone();
                let bytes = part.within(LARGEST_PDF).await?.map(Vec::from);
                pdf = Some(Pdf { name, bytes });
            }
            Part::File(_) => {}
        }
    }
    Ok(Sent { form: fields.into_iter().collect(), pdf })
}

/// Shows the designed document without issuing it.
pub async fn preview(
    State(site): State<Site>,
    who: Who,
    visitor: Visitor,
    Path(id): Path<String>,
    upload: Upload,
) -> PageResult {
    let opened = desk::open(&site, &who, &id, Action::IssueDocument).await;
    let sent = read(upload).await?;
    let desk = opened?;
    let mut faults = Vec::new();
    match designed(&site, &desk, &sent.form, None, &mut faults).await? {
        Some((name, printed)) if faults.is_empty() => {
            Ok(files::private(inline(&name, "application/pdf", printed.into_bytes())))
        }
        Some(_) | None => Err(again(&site, &who, &visitor, &desk, &sent.form, faults).await?),
    }
}

/// Approves, issues the document and tells the applicant.
pub async fn post(
    State(site): State<Site>,
    who: Who,
    visitor: Visitor,
    Path(id): Path<String>,
    upload: Upload,
) -> PageResult {
    let opened = desk::open(&site, &who, &id, Action::IssueDocument).await;
    let sent = read(upload).await?;
    let desk = opened.map_err(|refused| kept(refused, &sent.form))?;
    let mut faults = Vec::new();
    let note = sent.form.text("note").replace("\r\n", "\n").trim().to_owned();
    if note.chars().count() > super::correction::LONGEST_REASON {
        faults.push(Fault::of("note", "applications.fault.too_long"));
    }
    let number = sent.form.text("document_number").trim();
    let document = DocumentId::parse(&site.new_id()).or_fault()?;
    let file = match sent.form.text("kind") {
        "designed" => {
            let title = sent.form.text("title").trim().to_owned();
            match designed(&site, &desk, &sent.form, Some(&document), &mut faults).await? {
                Some((name, printed)) => {
                    signed(&site, &desk, printed, &mut faults).await?.map(|(bytes, signed_by)| {
                        let id = document.to_string();
                        Issued { id, title, number, name, bytes, signed_by }
                    })
                }
                None => None,
            }
        }
        "uploaded" => uploaded(&desk, &sent, &mut faults).map(|(title, name, bytes)| Issued {
            id: document.to_string(),
            title,
            number,
            name,
            bytes,
            signed_by: None,
        }),
        "none" => None,
        _ => {
            faults.push(Fault::of("kind", "applications.fault.kind"));
            None
        }
    };
    if !faults.is_empty() {
        return Err(again(&site, &who, &visitor, &desk, &sent.form, faults).await?);
    }
    let seen = desk::seen(&sent.form);
    let stopped = match desk.way(&who, Event::Notify, &note) {
        Ok(way) if seen == desk.row.version => {
            let step = planned(&site, &desk, way, (&who.id, seen), &note, file).await?;
            match desk::attempt(&site, &who, step, Event::Notify.key()).await? {
                Ok(done) => return Ok(done),
                Err(stopped) => stopped,
            }
        }
        // No file is stored for a step that cannot be taken.
        Ok(_) => Stopped::Overtaken(desk.state),
        Err(_) => Stopped::NotNow,
    };
    let opened = desk::open(&site, &who, &id, Action::IssueDocument).await;
    let desk = opened.map_err(|refused| kept(refused, &sent.form))?;
    let clash = clash::of(&site, &desk, (Some(Event::Notify), &stopped), seen).await?;
    let frame = Frame::of(&site, &who, &visitor, Place::Inbox);
    let known = known(&site, &desk).await?;
    let page = page(frame, &desk, &sent.form, Vec::new(), known);
    let clash = clash.with_files(sent.pdf.is_some());
    let page = ResultPage { version: desk.row.version, clash, ..page };
    Err(Trouble::from((StatusCode::CONFLICT, Html(page)).into_response()))
}

/// What was typed is given back with a refusal.
fn kept(refused: Trouble, form: &FormData) -> Trouble {
    let designed = form.text("kind") == "designed";
    let body = if designed { form.text("body") } else { "" };
    let refused = keeping(refused, "applications.page.result.body", body);
    keeping(refused, "applications.page.result.note", form.text("note"))
}

/// A document on its way to the applicant.
pub(crate) struct Issued<'a> {
    /// Its identifier; the code on the paper is worked out from it.
    pub(crate) id: String,
    pub(crate) title: String,
    pub(crate) number: &'a str,
    pub(crate) name: String,
    pub(crate) bytes: Vec<u8>,
    /// The post whose certificate signed it.
    pub(crate) signed_by: Option<String>,
}

/// The step that tells the result, with the document, which is stored by now.
pub(crate) async fn planned(
    site: &Site,
    desk: &Desk,
    way: Way,
    (by, seen): (&str, i32),
    note: &str,
    issued: Option<Issued<'_>>,
) -> Result<Step, Trouble> {
    let now = site.clock.now();
    let application = desk.id()?;
    let mut documents = Vec::new();
    let mut messages = Vec::new();
    if let Some(issued) = issued {
        let row = keep(site, by, desk, &issued).await?;
        let id = DocumentId::parse(&row.id).or_fault()?;
        let file = (row.file_name.as_str(), row.media.as_str(), issued.bytes);
        messages.push(site.office.document(&application, &id, file, now));
        documents.push(row);
    }
    messages.push(site.office.status(&application, way.end, now, note, None));
    let fee = desk.waits_for_fee(site, &way).await?;
    Ok(Step {
        application: desk.row.id.clone(),
        seen,
        hops: way.hops,
        correction: None,
        documents,
        messages,
        days: site.office.days().clone(),
        needs: desk.needs(Event::Notify),
        fee,
    })
}

/// Stores the file before the step: an orphan when the step is refused, never a
/// row without its file.
async fn keep(
    site: &Site,
    by: &str,
    desk: &Desk,
    issued: &Issued<'_>,
) -> Result<Document, Trouble> {
    let file_id = site.new_id();
    let (files, name, content) = (site.files.clone(), file_id.clone(), issued.bytes.clone());
    tokio::task::spawn_blocking(move || files.put(&name, &content)).await.or_fault()??;
    Ok(Document {
        id: issued.id.clone(),
        application_id: desk.row.id.clone(),
        title: issued.title.clone(),
        number: issued.number.to_owned(),
        file_name: issued.name.clone(),
        media: "application/pdf".to_owned(),
        size: i64::try_from(issued.bytes.len()).unwrap_or(i64::MAX),
        sha256: sha256(&issued.bytes),
        file_id,
        issued_at: site.clock.now().as_microsecond(),
        issued_by: by.to_owned(),
        opened_at: None,
        message_id: None,
        signed_by: issued.signed_by.clone(),
    })
}

async fn designed(
    site: &Site,
    desk: &Desk,
    form: &FormData,
    document: Option<&DocumentId>,
    faults: &mut Vec<Fault>,
) -> Result<Option<(String, Printed)>, Trouble> {
    let line = |name: &str| form.text(name).trim().to_owned();
    let body = form.text("body").replace("\r\n", "\n").trim().to_owned();
    let title = line("title");
    if title.is_empty() {
        faults.push(Fault::of("title", "applications.fault.title_missing"));
    }
    if body.is_empty() {
        faults.push(Fault::of("body", "applications.fault.body_missing"));
    }
    if body.chars().count() > LONGEST_BODY {
        faults.push(Fault::of("body", "applications.fault.too_long"));
    }
    for name in ["document_number", "title", "addressee"] {
        if line(name).chars().count() > LONGEST_LINE {
            faults.push(Fault::of(name, "applications.fault.too_long"));
        }
    }
    if !faults.is_empty() {
        return Ok(None);
    }
    let now = site.clock.now();
    let facts = press::facts(&desk.row, desk.title(), &site.settings.sender, now);
    let fact =
        |place: &str| facts.iter().find(|(name, _)| *name == place).map(|(_, value)| value.clone());
    let draft = Draft {
        number: line("document_number"),
        addressee: line("addressee"),
        body: fill(&body, &fact),
        title,
    };
    let (name, check) = (draft.file_name(), check(site, desk, document).await?);
    let press = Press::of(site);
    let printed = tokio::task::spawn_blocking(move || press.print(&draft, words::day(now), check));
    let printed = printed.await.or_fault()?;
    match printed {
        Ok(printed) => Ok(Some((name, printed))),
        Err(Unprintable::Missing(chars)) => {
            let words = TEXTS.fill("applications.fault.glyph", &[("chars", &chars)]);
            faults.push(Fault::said("body", words));
            Ok(None)
        }
        Err(Unprintable::Broken) => {
            Err(platform_web::Fault::because("a document could not be printed").into())
        }
    }
}

/// How anybody checks a print-out with the citizens' zone (NF-31); in the preview without the code.
/// What staff entered from paper stays inside: that zone knows nothing of it.
pub(super) async fn check(
    site: &Site,
    desk: &Desk,
    document: Option<&DocumentId>,
) -> Result<Option<Check>, Trouble> {
    let id = desk.row.id.clone();
    if site.store.read(move |db| entered::of(db, &id)).await?.is_some() {
        return Ok(None);
    }
    Ok(Some(Press::of(site).check(&desk.row.number, document)))
}

/// The document with the signature of the post that signs for the department, if there is one.
pub(super) async fn signed(
    site: &Site,
    desk: &Desk,
    printed: Printed,
    faults: &mut Vec<Fault>,
) -> Result<Option<(Vec<u8>, Option<String>)>, Trouble> {
    let department = department(site, desk).await?;
    let (press, now) = (Press::of(site), site.clock.now());
    let signed = tokio::task::spawn_blocking(move || press.sign(printed, &department, now));
    match signed.await.or_fault()? {
        Ok(signed) => Ok(Some(signed)),
        Err((Unsigned::Expired, until)) => {
            let day = words::day(until).to_string();
            let words = TEXTS.fill("applications.fault.certificate", &[("day", &day)]);
            faults.push(Fault::said("kind", words));
            Ok(None)
        }
        Err((Unsigned::Broken, _)) => {
            Err(platform_web::Fault::because("a document could not be signed").into())
        }
    }
}

/// Code of the department the application lies with.
pub(super) async fn department(site: &Site, desk: &Desk) -> Result<String, Trouble> {
    let id = desk.row.department_id.clone();
    let all = site.store.read(departments::ever).await?;
    let code = all.into_iter().find(|one| one.id == id).map(|one| one.code);
    code.ok_or_else(|| platform_web::Fault::because("an application of no department").into())
}

/// Who signs what is designed here, in words for the page.
async fn signatory(site: &Site, desk: &Desk) -> Result<Option<String>, Trouble> {
    let department = department(site, desk).await?;
    Ok(site.signatories.of(&department).map(|post| {
        let until = words::day(post.until()).to_string();
        TEXTS.fill("applications.result.signatory", &[("name", &post.name), ("until", &until)])
    }))
}

/// Whether these bytes begin with the mark of a PDF and end with the mark of its end.
pub(crate) fn is_pdf(bytes: &[u8]) -> bool {
    let tail = &bytes[bytes.len().saturating_sub(1_024)..];
    bytes.starts_with(b"%PDF-") && tail.windows(5).any(|window| window == b"%%EOF")
}

fn uploaded(
    desk: &Desk,
    sent: &Sent,
    faults: &mut Vec<Fault>,
) -> Option<(String, String, Vec<u8>)> {
    let Some(pdf) = &sent.pdf else {
        faults.push(Fault::of("pdf", "applications.fault.pdf_missing"));
        return None;
    };
    let Some(bytes) = &pdf.bytes else {
        let words = TEXTS.fill("applications.fault.file_large", &[("name", &pdf.name)]);
        faults.push(Fault::said("pdf", words));
        return None;
    };
    if !is_pdf(bytes) {
        faults.push(Fault::of("pdf", "applications.fault.pdf_bad"));
        return None;
    }
    let title = sent.form.text("pdf_title").trim();
    if title.chars().count() > LONGEST_LINE {
        faults.push(Fault::of("pdf_title", "applications.fault.too_long"));
    }
    let title = if title.is_empty() {
        TEXTS.fill("applications.result.title", &[("procedure", &desk.title())])
    } else {
        title.to_owned()
    };
    Some((title, clean_name(&pdf.name), bytes.clone()))
}

async fn again(
    site: &Site,
    who: &Who,
    visitor: &Visitor,
    desk: &Desk,
    form: &FormData,
    faults: Vec<Fault>,
) -> Result<Trouble, Trouble> {
    let frame = Frame::of(site, who, visitor, Place::Inbox);
    let known = known(site, desk).await?;
    let page = page(frame, desk, form, faults, known);
    let answer: Response = (StatusCode::UNPROCESSABLE_ENTITY, Html(page)).into_response();
    Ok(answer.into())
}

fn page(
    frame: Frame,
    desk: &Desk,
    form: &FormData,
    faults: Vec<Fault>,
    known: Known,
) -> ResultPage {
    let text = |name: &str| form.text(name).to_owned();
    let chosen = form.text("template");
    let each = known.templates.iter().map(|one| Choice::new(&one.id, &one.name, one.id == chosen));
    let templates = each.collect();
    let placeholders = PLACES.iter().map(|name| {
        let words = TEXTS.text(&format!("applications.placeholder.{name}")).to_owned();
        (format!("{{{name}}}"), words)
    });
    ResultPage {
        frame,
        faults,
        id: desk.row.id.clone(),
        number: desk.row.number.clone(),
        version: desk::seen(form),
        kind: text("kind"),
        document_number: text("document_number"),
        title: text("title"),
        addressee: text("addressee"),
        body: text("body"),
        pdf_title: text("pdf_title"),
        note: text("note"),
        placeholders: placeholders.collect(),
        signatory: known.signatory,
        before: known.before,
        templates,
        clash: Clash::default(),
    }
}
