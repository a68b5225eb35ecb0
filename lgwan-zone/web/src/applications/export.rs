//! The list as CSV: for people (UTF-8 with BOM) or for old programs (CP932),
//! safe to open in a spreadsheet, in constant memory (NF-24).

use std::collections::BTreeMap;
use std::sync::Arc;

use askama::Template;
use axum::body::Body;
use axum::extract::State;
use axum::response::IntoResponse as _;
use bytes::Bytes;
use domain::applications::{ReceiptNumber, State as At};
use domain::forms::{Answers, Compiled};
use domain::identity::{Action, Object};
use jiff::Timestamp;
use lgwan_zone_store::applications::inbox::{self, Line, Place as At_};
use lgwan_zone_store::applications::messages::{self, Counted};
use lgwan_zone_store::applications::rows::Application;
use lgwan_zone_store::applications::{countdown, file, labels};
use lgwan_zone_store::{QueryError, audit, procedures};
use platform_store::{Db, time};
use platform_web::download::download;
use platform_web::{Html, PageResult, QueryData, Reply, Trouble, Visitor};
use tokio::sync::mpsc;

use super::csv::{Encoding, Sheet};
use super::filter::Filter;
use super::inbox::due_name;
use super::{files, show};
use crate::frame::{Choice, Frame, Place};
use crate::guard::{self, Who};
use crate::site::{Site, TEXTS};
use crate::words;

/// Applications read at once.
const PIECE: usize = 500;

#[derive(Template)]
#[template(path = "applications/export.html")]
struct ExportPage {
    frame: Frame,
    conditions: Vec<(String, String)>,
    hidden: Vec<(String, String)>,
    encodings: Vec<Choice>,
    with_answers: bool,
}

/// Asks for the shape of the file.
pub async fn get(
    State(site): State<Site>,
    who: Who,
    visitor: Visitor,
    query: QueryData,
) -> PageResult {
    let filter = Filter::read(&query.0);
    let names = ["q", "state", "procedure", "label", "slot", "since", "until", "due", "order"];
    let hidden = names
        .iter()
        .map(|name| ((*name).to_owned(), query.0.text(name).to_owned()))
        .filter(|(_, value)| !value.is_empty())
        .collect();
    let desks = who.desks();
    let (all, tags) = site
        .store
        .read(move |db| {
            Ok((procedures::list(db, Some(&desks))?, labels::of_departments(db, &desks)?))
        })
        .await?;
    let label = tags.iter().find(|one| one.id == filter.label).map(|one| one.name.as_str());
    let title = all.iter().find(|one| one.id == filter.procedure).map(|one| one.title.clone());
    let page = ExportPage {
        frame: Frame::of(&site, &who, &visitor, Place::Inbox),
        conditions: conditions(&filter, title.as_deref(), label),
        hidden,
        encodings: vec![
            Choice::new("utf8", TEXTS.text("applications.encoding.utf8"), true),
            Choice::new("cp932", TEXTS.text("applications.encoding.cp932"), false),
        ],
        with_answers: title.is_some(),
    };
    Ok(Html(page).into_response())
}

fn conditions(
    filter: &Filter,
    procedure: Option<&str>,
    label: Option<&str>,
) -> Vec<(String, String)> {
    let every = TEXTS.text("applications.every");
    let day = |day: Option<jiff::civil::Date>| {
        day.map_or_else(|| every.to_owned(), |day| day.to_string())
    };
    let state = filter.pile.map_or_else(
        || every.to_owned(),
        |pile| TEXTS.text(&format!("applications.state.{}", pile.key())).to_owned(),
    );
    let due = filter.due.map_or_else(|| every.to_owned(), |due| due_name(due).to_owned());
    let searched = if filter.q.is_empty() { every.to_owned() } else { filter.q.clone() };
    [
        ("applications.condition.q", searched),
        ("applications.condition.state", state),
        ("applications.condition.procedure", procedure.unwrap_or(every).to_owned()),
        ("applications.condition.label", label.unwrap_or(every).to_owned()),
        ("applications.condition.slot", day(filter.slot)),
        ("applications.condition.since", day(filter.since)),
        ("applications.condition.until", day(filter.until)),
        ("applications.condition.due", due),
    ]
    .into_iter()
    .map(|(key, value)| (TEXTS.text(key).to_owned(), value))
    .collect()
}

/// Sends the file. It is made while it is sent: memory does not grow with it.
pub async fn csv(State(site): State<Site>, who: Who, query: QueryData) -> PageResult {
    let filter = Filter::read(&query.0);
    let desks = who.desks();
    for id in &desks {
        let department = guard::department(id)?;
        who.may(Action::ExportApplications, &Object::Inbox { department })?;
    }
    let encoding = match query.0.text("encoding") {
        "cp932" => Encoding::Cp932,
        _ => Encoding::Utf8Bom,
    };
    let form = form_of(&site, &filter, &desks).await?;
    let by = who.by(&site);
    let detail = format!("{encoding:?}, answers: {}", form.is_some());
    site.store
        .write(move |tx| audit::taken_out(tx, &by, "applications.list_taken", "inbox", "", &detail))
        .await?;
    let (pieces, body) = mpsc::channel::<Result<Bytes, std::io::Error>>(2);
    let job = Job { site: site.clone(), filter, desks, sheet: Sheet::new(encoding), form };
    tokio::spawn(job.run(pieces));
    let stream = futures_util::stream::unfold(body, |mut body| async move {
        body.recv().await.map(|piece| (piece, body))
    });
    let name = format!("applications-{}.csv", words::day(site.clock.now()));
    let media = encoding.media();
    Ok(files::private(download(&name, media, Body::from_stream(stream))))
}

/// With one procedure chosen, its newest form gives the columns of the answers.
async fn form_of(
    site: &Site,
    filter: &Filter,
    desks: &[String],
) -> Result<Option<Arc<Compiled>>, Trouble> {
    if filter.procedure.is_empty() {
        return Ok(None);
    }
    let (id, shelf) = (filter.procedure.clone(), site.shelf.clone());
    let found = site
        .store
        .read(move |db| {
            let Some(procedure) = procedures::find(db, &id)? else {
                return Ok(None);
            };
            let form = shelf.get(db, &procedure.id, procedure.revision)?;
            Ok(form.map(|form| (procedure, form)))
        })
        .await?;
    let found = found.filter(|(procedure, _)| desks.contains(&procedure.department_id));
    match found {
        Some((_, form)) => Ok(Some(form)),
        None => Err(Reply::not_found("procedures.missing").into()),
    }
}

struct Job {
    site: Site,
    filter: Filter,
    desks: Vec<String>,
    sheet: Sheet,
    form: Option<Arc<Compiled>>,
}

impl Job {
    async fn run(mut self, pieces: mpsc::Sender<Result<Bytes, std::io::Error>>) {
        if let Err(error) = self.write(&pieces).await {
            tracing::error!(%error, "a list could not be sent whole");
            // The connection breaks off, so the browser does not show it as whole.
            let _ = pieces.send(Err(std::io::Error::other("broken off"))).await;
        }
    }

    async fn write(
        &mut self,
        pieces: &mpsc::Sender<Result<Bytes, std::io::Error>>,
    ) -> Result<(), platform_store::StoreError> {
        self.sheet.row(&self.heading());
        let mut from = inbox::From::Top;
        let now = self.site.clock.now();
        loop {
            let (filter, desks, start) = (self.filter.clone(), self.desks.clone(), from.clone());
            let with = self.form.is_some();
            let found = self
                .site
                .store
                .read(move |db| piece(db, (&filter, now), &desks, start, with))
                .await?;
            for row in &found.rows {
                let cells = self.cells(row);
                self.sheet.row(&cells);
            }
            if pieces.send(Ok(self.sheet.take())).await.is_err() {
                return Ok(());
            }
            match found.next {
                Some(place) => from = inbox::From::After(place),
                None => break,
            }
        }
        let last = self.sheet.take();
        // A caller that left needs no more.
        let _ = pieces.send(Ok(last)).await;
        Ok(())
    }

    fn heading(&self) -> Vec<String> {
        let own = ["number", "procedure", "state", "applicant", "email", "arrived_at"];
        let own = own.iter().chain(&["updated_at", "attachments", "held", "deadline"]);
        let own = own.chain(&["messages", "message_files"]);
        let mut cells: Vec<String> =
            own.map(|name| TEXTS.text(&format!("applications.csv.{name}")).to_owned()).collect();
        if let Some(form) = &self.form {
            cells.extend(questions(form).map(|field| field.label.ja().to_owned()));
        }
        cells
    }

    fn cells(&self, row: &Row) -> Vec<String> {
        let Row { line, email, title, answers, talk } = row;
        let state = At::parse(&line.state).map_or("frame.unknown", At::name_key);
        let mut cells = vec![
            line.number.clone(),
            title.clone(),
            TEXTS.text(state).to_owned(),
            show::applicant(&line.applicant_name),
            email.clone().unwrap_or_default(),
            words::second(time::from_micros(line.arrived_at)),
            words::second(time::from_micros(line.updated_at)),
            line.attachments.to_string(),
            line.held.to_string(),
            line.deadline_at.map_or_else(String::new, |end| countdown::last_day(end).to_string()),
            talk.messages.to_string(),
            talk.files.to_string(),
        ];
        if let Some(form) = &self.form {
            let none = Answers::new();
            let answers = answers.as_ref().unwrap_or(&none);
            let separator = TEXTS.text("applications.slash");
            cells.extend(questions(form).map(|field| form.display(field, answers).join(separator)));
        }
        cells
    }
}

fn questions(form: &Compiled) -> impl Iterator<Item = &domain::forms::definition::Field> {
    use domain::forms::definition::FieldKind;
    let fields = form.procedure().pages.iter().flat_map(|page| &page.fields);
    fields.filter(|field| {
        !matches!(field.kind, FieldKind::Content(_) | FieldKind::File(_) | FieldKind::Exit(_))
    })
}

/// What one line of the file is made of.
struct Row {
    line: Line,
    email: Option<String>,
    title: String,
    answers: Option<Answers>,
    talk: Counted,
}

struct Piece {
    rows: Vec<Row>,
    next: Option<At_>,
}

fn piece(
    db: &mut Db,
    (filter, now): (&Filter, Timestamp),
    desks: &[String],
    from: inbox::From,
    with_answers: bool,
) -> Result<Piece, QueryError> {
    let (lines, next) = if filter.q.is_empty() {
        let page = inbox::page(db, &filter.wish(desks, from, PIECE, now))?;
        let last = page.lines.last().map(|line| line.place(filter.order));
        let next = last.filter(|_| page.later);
        (page.lines, next)
    } else {
        (searched(db, (filter, now), desks)?, None)
    };
    let ids: Vec<String> = lines.iter().map(|line| line.id.clone()).collect();
    let mut talks = messages::counted(db, &ids)?;
    let mut emails: BTreeMap<String, Option<String>> = file::rows(db, &ids)?
        .into_iter()
        .map(|Application { id, applicant_email, .. }| (id, applicant_email))
        .collect();
    let mut answers: BTreeMap<String, Answers> = BTreeMap::new();
    if with_answers {
        for row in file::newest_answers(db, &ids)? {
            let read = serde_json::from_str(&row.answers)
                .map_err(|error| QueryError::DeserializationError(Box::new(error)))?;
            answers.insert(row.application_id, read);
        }
    }
    let titles: BTreeMap<String, String> =
        procedures::list(db, Some(desks))?.into_iter().map(|one| (one.id, one.title)).collect();
    let rows = lines
        .into_iter()
        .map(|line| {
            let email = emails.remove(&line.id).flatten();
            let title = titles.get(&line.procedure_id).cloned().unwrap_or_default();
            let answers = answers.remove(&line.id);
            let talk = talks.remove(&line.id).unwrap_or_default();
            Row { line, email, title, answers, talk }
        })
        .collect();
    Ok(Piece { rows, next })
}

/// What a search by number or name finds.
///
/// # Errors
/// When the database cannot be read.
pub(crate) fn searched(
    db: &mut Db,
    (filter, now): (&Filter, Timestamp),
    desks: &[String],
) -> Result<Vec<Line>, QueryError> {
    if let Ok(number) = filter.q.parse::<ReceiptNumber>() {
        return Ok(inbox::by_number(db, desks, &number.to_string())?.into_iter().collect());
    }
    let (mut lines, _) = inbox::by_name(db, desks, &domain::text::search_key(&filter.q))?;
    let wish = filter.wish(desks, inbox::From::Top, PIECE, now);
    lines.retain(|line| super::inbox::fits(line, &wish));
    if let Some(label) = &wish.label {
        labels::retain(db, label, &mut lines)?;
    }
    Ok(lines)
}
