//! 交付文書の一括登録: many files at once, each matched to its application by the receipt number
//! in its name (NF-36). Nothing is issued here: the next page shows what would happen.

use std::collections::BTreeMap;

use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use domain::applications::{Event, NameFault, number_in_name};
use domain::identity::Action;
use http::StatusCode;
use lgwan_zone_store::applications::rows::Application;
use lgwan_zone_store::applications::{file, inbox};
use lgwan_zone_store::batches::foresee::foresee;
use lgwan_zone_store::batches::{self, Batch, Outcome, Row};
use platform_web::multipart::{FilePart, Part, Upload};
use platform_web::{FormData, Html, OrFault as _, PageResult, Trouble, Visitor, see_other};

use crate::applications::{correction, result};
use crate::frame::{Fault, Frame, Place};
use crate::guard::{Who, sha256};
use crate::site::Site;
use crate::words;

/// Most files of one upload.
const MOST_FILES: usize = 500;
/// Bytes of the files of one upload.
const LARGEST: u64 = 300_000_000;
/// Bytes of one request: the files, the one that is beyond them, and what is typed beside them.
pub const LARGEST_BODY: u64 = LARGEST + result::LARGEST_PDF + 4_000_000;
/// Batches shown below the form.
const NEWEST: i64 = 20;

#[derive(Template)]
#[template(path = "batches/documents.html")]
struct DocumentsPage {
    frame: Frame,
    faults: Vec<Fault>,
    title: String,
    note: String,
    most: usize,
    batches: Vec<BatchView>,
}

struct BatchView {
    id: String,
    at: String,
    step: String,
    state: &'static str,
}

/// Shows the form, and the batches of this person.
pub async fn get(State(site): State<Site>, who: Who, visitor: Visitor) -> PageResult {
    let page = page(&site, &who, &visitor, &FormData::default(), Vec::new()).await?;
    Ok(Html(page).into_response())
}

/// Takes the files in and works out what would happen to each.
pub async fn post(
    State(site): State<Site>,
    who: Who,
    visitor: Visitor,
    mut upload: Upload,
) -> PageResult {
    let id = site.new_id();
    let (mut fields, mut rows) = (Vec::new(), Vec::new());
    let whole = taken(&site, &who, &id, &mut upload, (&mut fields, &mut rows)).await;
    let form: FormData = fields.into_iter().collect();
    if !matches!(whole, Ok(None)) {
        // Nothing names them: the line broke, or they are too many.
        forget(&site, rows.into_iter().filter_map(|row| row.file_id).collect()).await?;
        let faults = whole?.into_iter().map(|key| Fault::of("files", key)).collect();
        return Err(again(&site, &who, &visitor, &form, faults).await?);
    }
    let (title, note) = (form.text("title").trim(), form.text("note").replace("\r\n", "\n"));
    let note = note.trim();
    let mut faults = Vec::new();
    if rows.is_empty() {
        faults.push(Fault::of("files", "applications.fault.pdf_missing"));
    }
    if title.chars().count() > result::LONGEST_LINE {
        faults.push(Fault::of("title", "applications.fault.too_long"));
    }
    if note.chars().count() > correction::LONGEST_REASON {
        faults.push(Fault::of("note", "applications.fault.too_long"));
    }
    if !faults.is_empty() {
        forget(&site, rows.into_iter().filter_map(|row| row.file_id).collect()).await?;
        return Err(again(&site, &who, &visitor, &form, faults).await?);
    }
    let at = site.clock.now().as_microsecond();
    let batch = Batch {
        title: title.to_owned(),
        words: note.to_owned(),
        ..Batch::looked_at(id.clone(), Event::Notify.key(), (&who.id, &who.name), at)
    };
    let by = who.by(&site);
    site.store.write(move |tx| batches::make(tx, &by, &batch, &rows)).await?;
    Ok(see_other(format!("/inbox/batches/{id}")))
}

/// Takes the files in one after the other; gives the key of the words when they are too many or too large.
async fn taken(
    site: &Site,
    who: &Who,
    batch: &str,
    upload: &mut Upload,
    (fields, rows): (&mut Vec<(String, String)>, &mut Vec<Row>),
) -> Result<Option<&'static str>, Trouble> {
    let mut known: BTreeMap<String, usize> = BTreeMap::new();
    let (mut held, mut wrong) = (0, None);
    loop {
        let part = match upload.next().await {
            Ok(Some(part)) => part,
            Ok(None) => break,
            // More parts than a form has: read to their end, and what is wrong was known before.
            Err(Trouble::Refusal(_)) if wrong.is_some() => break,
            Err(trouble) => return Err(trouble),
        };
        match part {
            Part::Text { name, value } => fields.push((name, value)),
            Part::File(part) if part.name == "files" && wrong.is_none() => {
                if rows.len() == MOST_FILES {
                    wrong = Some("batches.fault.too_many");
                    part.skip().await?;
                    continue;
                }
                let row = look(site, who, batch, &mut known, rows, *part).await?;
                let size = u64::try_from(row.size).unwrap_or(u64::MAX);
                // Of one that is too large by itself nothing was held.
                if size <= result::LARGEST_PDF {
                    held += size;
                }
                if held > LARGEST {
                    wrong = Some("batches.fault.too_large");
                }
                rows.push(row);
            }
            Part::File(part) => {
                part.skip().await?;
            }
        }
    }
    Ok(wrong)
}

/// Works out one file. It is kept only when its application can be decided now.
async fn look(
    site: &Site,
    who: &Who,
    batch: &str,
    known: &mut BTreeMap<String, usize>,
    rows: &mut [Row],
    mut part: FilePart<'_>,
) -> Result<Row, Trouble> {
    let name = part.file_name.clone();
    let mut bytes = Vec::new();
    let mut size = 0;
    while let Some(chunk) = part.chunk().await? {
        size += chunk.len() as u64;
        if size > result::LARGEST_PDF {
            size = part.skip().await?;
            break;
        }
        bytes.extend_from_slice(&chunk);
    }
    let mut row = Row {
        batch_id: batch.to_owned(),
        place: i32::try_from(rows.len() + 1).unwrap_or(i32::MAX),
        application_id: None,
        number: String::new(),
        seen: 0,
        file_name: name,
        file_id: None,
        size: i64::try_from(size).unwrap_or(i64::MAX),
        sha256: sha256(&bytes),
        outcome: None,
        before_state: None,
        note: String::new(),
        person: None,
    };
    let stop = |outcome: Outcome| Some(outcome.code().to_owned());
    let number = match number_in_name(&row.file_name) {
        Ok(number) => number.to_string(),
        Err(fault) => {
            row.outcome = stop(match fault {
                NameFault::Missing => Outcome::NoNumber,
                NameFault::CheckDigit => Outcome::WrongNumber,
                NameFault::Several => Outcome::SeveralNumbers,
            });
            return Ok(row);
        }
    };
    row.number.clone_from(&number);
    let Some((application, stopped)) = found(site, who, number).await? else {
        row.outcome = stop(Outcome::Missing);
        return Ok(row);
    };
    row.seen = application.version;
    row.before_state = Some(application.state.clone());
    if let Some(first) = known.insert(application.id.clone(), rows.len()) {
        row.outcome = stop(Outcome::Twice);
        if let Some(first) = rows.get_mut(first) {
            first.outcome = stop(Outcome::Twice);
        }
    } else if size > result::LARGEST_PDF {
        row.outcome = stop(Outcome::TooLarge);
    } else if !result::is_pdf(&bytes) {
        row.outcome = stop(Outcome::NotPdf);
    } else if let Some(outcome) = stopped {
        row.outcome = stop(outcome);
    } else {
        let (files, file_id) = (site.files.clone(), site.new_id());
        row.file_id = Some(file_id.clone());
        tokio::task::spawn_blocking(move || files.put(&file_id, &bytes)).await.or_fault()??;
    }
    row.application_id = Some(application.id);
    Ok(row)
}

/// The application of a number, when this person may issue documents for it or applied for it, and
/// what stops its result.
async fn found(
    site: &Site,
    who: &Who,
    number: String,
) -> Result<Option<(Application, Option<Outcome>)>, Trouble> {
    let (desks, by, shelf) = (who.desks(), who.by(site), site.shelf.clone());
    let row = site
        .store
        .read(move |db| match inbox::by_number(db, &desks, &number)? {
            Some(line) => match file::row(db, &line.id)? {
                Some(row) => {
                    let (tells, rows) =
                        ((&by, Some(Event::Notify), false), [(row.clone(), row.version)]);
                    let stopped = foresee(db, &shelf, tells, &rows)?.remove(&row.id);
                    Ok(Some((row, stopped)))
                }
                None => Ok(None),
            },
            None => Ok(None),
        })
        .await?;
    Ok(row
        .filter(|(row, _)| row.is_of(&who.id) || who.may_with(Action::IssueDocument, row).is_ok()))
}

/// Deletes files that were kept for nothing.
pub(crate) async fn forget(site: &Site, names: Vec<String>) -> Result<(), Trouble> {
    let files = site.files.clone();
    let deleted =
        tokio::task::spawn_blocking(move || names.iter().try_for_each(|name| files.delete(name)));
    deleted.await.or_fault()?.or_fault()
}

async fn again(
    site: &Site,
    who: &Who,
    visitor: &Visitor,
    form: &FormData,
    faults: Vec<Fault>,
) -> Result<Trouble, Trouble> {
    let page = page(site, who, visitor, form, faults).await?;
    let answer: Response = (StatusCode::UNPROCESSABLE_ENTITY, Html(page)).into_response();
    Ok(answer.into())
}

async fn page(
    site: &Site,
    who: &Who,
    visitor: &Visitor,
    form: &FormData,
    faults: Vec<Fault>,
) -> Result<DocumentsPage, Trouble> {
    let id = who.id.clone();
    let newest = site.store.read(move |db| batches::newest(db, &id, NEWEST)).await?;
    let view = |batch: Batch| BatchView {
        at: words::stored(batch.made_at),
        step: super::show::step_name(&batch),
        state: super::show::stage_name(&batch.state),
        id: batch.id,
    };
    Ok(DocumentsPage {
        frame: Frame::of(site, who, visitor, Place::Inbox),
        faults,
        title: form.text("title").to_owned(),
        note: form.text("note").to_owned(),
        most: MOST_FILES,
        batches: newest.into_iter().map(view).collect(),
    })
}
