//! The list to take out: CSV for people (UTF-8 with BOM) or for old programs (CP932), a spreadsheet,
//! or an archive with the rebuilt files beside it; safe to open, in constant memory (NF-24).

use std::collections::BTreeMap;
use std::sync::Arc;

use askama::Template;
use axum::body::Body;
use axum::extract::State;
use axum::response::IntoResponse as _;
use bytes::Bytes;
use domain::applications::{ReceiptNumber, State as At};
use domain::forms::definition::Field;
use domain::forms::{Answers, Compiled};
use domain::identity::{Action, Object};
use domain::procedures::is_trial;
use jiff::Timestamp;
use lgwan_zone_store::applications::inbox::{self, Line, Place as At_};
use lgwan_zone_store::applications::messages::{self, Counted};
use lgwan_zone_store::applications::rows::Application;
use lgwan_zone_store::applications::{countdown, file, labels, staff_answers};
use lgwan_zone_store::audit::leaving;
use lgwan_zone_store::columns::{self, ColumnSet};
use lgwan_zone_store::{By, QueryError, audit};
use platform_store::{Db, time};
use platform_web::download::{clean_name, download};
use platform_web::{FormData, Html, PageResult, QueryData, Reply, Trouble, Visitor};
use tokio::sync::mpsc;

use super::columns::{Column, has_column};
use super::filter::{Filter, NOBODY};
use super::inbox::due_name;
use super::taken::{Shape, Taken};
use super::zip::Names;
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
    shapes: Vec<Choice>,
    with_answers: bool,
    /// The procedure, and the sets of columns it keeps.
    procedure: String,
    sets: Vec<Choice>,
}

/// Asks for the shape of the file.
pub async fn get(
    State(site): State<Site>,
    who: Who,
    visitor: Visitor,
    query: QueryData,
) -> PageResult {
    let filter = Filter::read(&query.0);
    stays(&filter)?;
    // Whatever narrows the list narrows the file.
    let narrowed = FormData::parse(filter.query().trim_start_matches('?').as_bytes())?;
    let hidden = narrowed.iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
    let desks = who.desks();
    let chosen = filter.procedure.clone();
    let (all, tags, kept) = site
        .store
        .read(move |db| {
            Ok((
                inbox::offered(db, &desks)?,
                labels::of_departments(db, &desks)?,
                columns::of(db, &chosen)?,
            ))
        })
        .await?;
    let label = tags.iter().find(|one| one.id == filter.label).map(|one| one.name.as_str());
    let title = all.iter().find(|one| one.id == filter.procedure).map(|one| one.title.clone());
    let page = ExportPage {
        frame: Frame::of(&site, &who, &visitor, Place::Inbox),
        conditions: conditions(&filter, title.as_deref(), label),
        hidden,
        shapes: Shape::ALL
            .iter()
            .map(|one| {
                let key = format!("applications.encoding.{}", one.word());
                Choice::new(one.word(), TEXTS.text(&key), *one == Shape::default())
            })
            .collect(),
        sets: match title {
            Some(_) => kept.iter().map(|one| Choice::new(&one.id, &one.name, false)).collect(),
            None => Vec::new(),
        },
        with_answers: title.is_some(),
        procedure: filter.procedure,
    };
    Ok(Html(page).into_response())
}

/// Applications to a trial are taken out nowhere.
fn stays(filter: &Filter) -> Result<(), Trouble> {
    if !is_trial(&filter.procedure) {
        return Ok(());
    }
    let back = format!("/inbox?procedure={}", filter.procedure);
    Err(Reply::conflict("applications.trial_stays").link(back).into())
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
    let asked = if filter.inquiries { TEXTS.text("inquiries.narrowed") } else { every };
    let late = if filter.uncorrected { TEXTS.text("applications.due.late") } else { every };
    let charge = match filter.charge.as_str() {
        "" => every,
        NOBODY => TEXTS.text("applications.charge.none"),
        _ => TEXTS.text("applications.charge.narrowed"),
    };
    let back = if filter.withdrawals {
        TEXTS.text("applications.asked_withdrawal.narrowed")
    } else {
        every
    };
    let searched = if filter.q.is_empty() { every.to_owned() } else { filter.q.clone() };
    [
        ("applications.condition.q", searched),
        ("applications.condition.state", state),
        ("applications.condition.procedure", procedure.unwrap_or(every).to_owned()),
        ("applications.condition.label", label.unwrap_or(every).to_owned()),
        ("applications.condition.slot", day(filter.slot)),
        ("frame.menu.inquiries", asked.to_owned()),
        ("applications.due.correction", late.to_owned()),
        ("applications.asked_withdrawal.heading", back.to_owned()),
        ("applications.charge.word", charge.to_owned()),
        ("applications.condition.since", day(filter.since)),
        ("applications.condition.until", day(filter.until)),
        ("applications.condition.due", due),
    ]
    .into_iter()
    .map(|(key, value)| (TEXTS.text(key).to_owned(), value))
    .collect()
}

/// Sends the file. It is made while it is sent: memory does not grow with it.
pub async fn file(State(site): State<Site>, who: Who, query: QueryData) -> PageResult {
    let filter = Filter::read(&query.0);
    stays(&filter)?;
    let desks = who.desks();
    for id in &desks {
        let department = guard::department(id)?;
        who.may(Action::ExportApplications, &Object::Inbox { department })?;
    }
    let shape = Shape::parse(query.0.text("encoding"));
    let forms = forms_of(&site, &filter, &desks).await?;
    let set = query.0.text("columns").to_owned();
    let set = site.store.read(move |db| columns::find(db, &set)).await?;
    let set = set.filter(|set| set.procedure_id == filter.procedure);
    let columns = cells(forms.as_ref(), set.as_ref());
    let by = who.by(&site);
    let name = set.map_or_else(String::new, |set| format!(", columns: {}", set.name));
    // The conditions say afterwards whose data it was, the event at the end how much.
    let detail = format!("{shape:?}, answers: {}{name} {}", forms.is_some(), filter.query());
    let detail = detail.trim_end().to_owned();
    let (taker, id) = (by.clone(), site.new_id());
    let list = id.clone();
    site.store
        .write(move |tx| {
            leaving::begin(tx, &by, &list, shape.word())?;
            audit::taken_out(tx, &by, "applications.list_taken", "inbox", "", &detail)
        })
        .await?;
    let (pieces, body) = mpsc::channel::<Result<Bytes, std::io::Error>>(2);
    let taken = Taken::begin(shape)?;
    let job = Job {
        id,
        site: site.clone(),
        by: taker,
        filter,
        desks,
        taken,
        forms,
        columns,
        rows: 0,
        files: 0,
    };
    tokio::spawn(job.run(pieces));
    let stream = futures_util::stream::unfold(body, |mut body| async move {
        body.recv().await.map(|piece| (piece, body))
    });
    let name = format!("applications-{}.{}", words::day(site.clock.now()), shape.ending());
    Ok(files::private(download(&name, shape.media(), Body::from_stream(stream))))
}

/// The forms of the procedure that was chosen: an answer is read with the revision it was given under.
struct Forms {
    newest: Arc<Compiled>,
    /// Of each revision under which somebody applied.
    each: BTreeMap<i32, Arc<Compiled>>,
    /// The questions of staff in each of them.
    staff: BTreeMap<i32, Compiled>,
}

/// A column of the file.
enum Cell {
    /// What every application has.
    Own(&'static str),
    /// An answer: id of the question, heading.
    Answer(String, String),
    /// What staff noted: id of the question, heading.
    Staff(String, String),
}

/// The columns of a set; without one all of them: what every application has, the answers of the newest
/// form, what staff note, and the questions of earlier revisions that the form does not have any more.
fn cells(forms: Option<&Forms>, set: Option<&ColumnSet>) -> Vec<Cell> {
    let newest = forms.map(|forms| forms.newest.procedure());
    let columns = match (newest, set) {
        (Some(form), Some(set)) => Column::of(set, form),
        (form, _) => Column::all(form),
    };
    let plain = columns.into_iter().filter_map(|column| match column {
        Column::Own(word) => Some(Cell::Own(word)),
        Column::Answer(..) => {
            let field = column.field(newest?)?;
            Some(Cell::Answer(field.id.clone(), column.heading(newest)))
        }
    });
    let mut cells: Vec<Cell> = plain.collect();
    let Some(forms) = forms.filter(|_| set.is_none()) else { return cells };
    let asked = |field: &&Field| has_column(field);
    let staff = forms.newest.procedure().staff_fields.iter().filter(asked);
    cells.extend(staff.map(|one| Cell::Staff(one.id.clone(), one.label.ja().to_owned())));
    for form in forms.each.values().rev() {
        for field in form.procedure().pages.iter().flat_map(|page| &page.fields).filter(asked) {
            let known = |cell: &Cell| matches!(cell, Cell::Answer(id, _) if *id == field.id);
            if !cells.iter().any(known) {
                let heading =
                    TEXTS.fill("applications.csv.former", &[("label", &field.label.ja())]);
                cells.push(Cell::Answer(field.id.clone(), heading));
            }
        }
    }
    cells
}

/// With one procedure chosen, its forms give the columns of the answers.
async fn forms_of(
    site: &Site,
    filter: &Filter,
    desks: &[String],
) -> Result<Option<Forms>, Trouble> {
    if filter.procedure.is_empty() {
        return Ok(None);
    }
    let (id, shelf, desks) = (filter.procedure.clone(), site.shelf.clone(), desks.to_vec());
    let found = site
        .store
        .read(move |db| {
            let here = inbox::offered(db, &desks)?;
            let Some(procedure) = here.into_iter().find(|one| one.id == id) else {
                return Ok(None);
            };
            let Some(newest) = shelf.get(db, &id, procedure.revision)? else { return Ok(None) };
            let mut each = BTreeMap::from([(procedure.revision, Arc::clone(&newest))]);
            for revision in file::revisions(db, &id, procedure.revision)? {
                each.extend(shelf.get(db, &id, revision)?.map(|form| (revision, form)));
            }
            Ok(Some((newest, each)))
        })
        .await?;
    let Some((newest, each)) = found else {
        return Err(Reply::not_found("procedures.missing").into());
    };
    let of_staff = |(revision, form): (&i32, &Arc<Compiled>)| {
        // They were checked when the revision was published.
        Some((*revision, form.for_staff().ok().flatten()?))
    };
    let staff = each.iter().filter_map(of_staff).collect();
    Ok(Some(Forms { newest, each, staff }))
}

struct Job {
    /// The list, in the record of whose data left.
    id: String,
    site: Site,
    /// Who takes it.
    by: By,
    filter: Filter,
    desks: Vec<String>,
    taken: Taken,
    forms: Option<Forms>,
    columns: Vec<Cell>,
    /// Lines written so far.
    rows: u64,
    /// Files written so far.
    files: u64,
}

/// Where the pieces of the file go; an error once nobody takes them any more.
type Pieces = mpsc::Sender<Result<Bytes, std::io::Error>>;

/// Why a file could not be sent whole.
enum Stopped {
    /// The caller left.
    Left,
    /// It could not be read or written.
    Broken(String),
}

impl From<platform_store::StoreError> for Stopped {
    fn from(error: platform_store::StoreError) -> Self {
        Self::Broken(error.to_string())
    }
}

impl From<std::io::Error> for Stopped {
    fn from(error: std::io::Error) -> Self {
        Self::Broken(error.to_string())
    }
}

impl Job {
    async fn run(mut self, pieces: Pieces) {
        let written = self.write(&pieces).await;
        // What left is on record before the last piece goes.
        let noted = self.noted(written.is_err()).await.map_err(Stopped::from);
        let sent = match written.and(noted) {
            Ok(()) => self.end(&pieces).await,
            Err(stopped) => Err(stopped),
        };
        if let Err(Stopped::Broken(error)) = sent {
            tracing::error!(%error, "a list could not be sent whole");
            // The connection breaks off, so the browser does not show it as whole.
            let _ = pieces.send(Err(std::io::Error::other("broken off"))).await;
        }
    }

    /// Records how many lines and files left.
    async fn noted(&self, broken: bool) -> Result<(), platform_store::StoreError> {
        let by = By { at: self.site.clock.now(), ..self.by.clone() };
        let broken = if broken { " broken" } else { "" };
        let detail = format!("rows={} files={}{broken}", self.rows, self.files);
        let write = self.site.store.write(move |tx| {
            audit::taken_out(tx, &by, "applications.list_sent", "inbox", "", &detail)
        });
        write.await
    }

    async fn end(self, pieces: &Pieces) -> Result<(), Stopped> {
        send(pieces, self.taken.end()?).await
    }

    /// Sends all but the last piece.
    async fn write(&mut self, pieces: &Pieces) -> Result<(), Stopped> {
        let heading: Vec<String> = self.heading();
        self.taken.row(&heading)?;
        let mut from = Some(inbox::From::Top);
        while let Some(start) = from.take() {
            let found = self.piece(start, self.forms.is_some()).await?;
            self.keep(&found.rows).await?;
            for row in &found.rows {
                let cells = self.cells(row);
                self.taken.row(&cells)?;
                self.rows += 1;
            }
            send(pieces, self.taken.ready()).await?;
            from = found.next.map(inbox::From::After);
        }
        if self.taken.has_files() {
            self.files(pieces).await?;
        }
        Ok(())
    }

    /// The rebuilt files of the same applications, one after the other.
    async fn files(&mut self, pieces: &Pieces) -> Result<(), Stopped> {
        let mut from = Some(inbox::From::Top);
        while let Some(start) = from.take() {
            let found = self.piece(start, false).await?;
            self.keep(&found.rows).await?;
            for Row { line, talk, .. } in found.rows {
                if line.attachments == 0 && talk.files == 0 {
                    continue;
                }
                let id = line.id;
                let read = self.site.store.read(move |db| files::of_application(db, &id));
                let mut names = Names::default();
                for attachment in read.await? {
                    let (Some(name), Some(id)) = (attachment.out_name, attachment.file_id) else {
                        continue;
                    };
                    let folder = self.site.files.clone();
                    let bytes = tokio::task::spawn_blocking(move || folder.get(&id));
                    let bytes = bytes.await.map_err(std::io::Error::other)??;
                    let name = names.unused(&clean_name(&name));
                    self.taken.file(&format!("{}/{name}", line.number), &bytes)?;
                    self.files += 1;
                    send(pieces, self.taken.ready()).await?;
                }
            }
            from = found.next.map(inbox::From::After);
        }
        Ok(())
    }

    /// Notes whose data is about to leave, before it does.
    async fn keep(&self, rows: &[Row]) -> Result<(), Stopped> {
        let ids: Vec<String> = rows.iter().map(|row| row.line.id.clone()).collect();
        let list = self.id.clone();
        if !ids.is_empty() {
            self.site.store.write(move |tx| leaving::put(tx, &list, &ids)).await?;
        }
        Ok(())
    }

    async fn piece(&self, start: inbox::From, with_answers: bool) -> Result<Piece, Stopped> {
        let (filter, desks) = (self.filter.clone(), self.desks.clone());
        let now = self.site.clock.now();
        let read =
            self.site.store.read(move |db| piece(db, (&filter, now), &desks, start, with_answers));
        Ok(read.await?)
    }

    fn heading(&self) -> Vec<String> {
        let heading = |cell: &Cell| match cell {
            Cell::Own(word) => TEXTS.text(&format!("applications.csv.{word}")).to_owned(),
            Cell::Answer(_, heading) | Cell::Staff(_, heading) => heading.clone(),
        };
        self.columns.iter().map(heading).collect()
    }

    fn cells(&self, row: &Row) -> Vec<String> {
        let revision = &row.line.revision;
        let shown = |form: Option<&Compiled>, id: &str, answers: Option<&Answers>| {
            let lines = form.zip(answers).and_then(|(form, answers)| {
                form.field(id).map(|field| form.display(field, answers))
            });
            lines.unwrap_or_default().join(TEXTS.text("applications.slash"))
        };
        let forms = self.forms.as_ref();
        let cell = |column: &Cell| match column {
            Cell::Own(word) => own(row, word),
            Cell::Answer(id, _) => {
                let form = forms.and_then(|forms| forms.each.get(revision));
                shown(form.map(AsRef::as_ref), id, row.answers.as_ref())
            }
            Cell::Staff(id, _) => {
                let form = forms.and_then(|forms| forms.staff.get(revision));
                shown(form, id, row.noted.as_ref())
            }
        };
        self.columns.iter().map(cell).collect()
    }
}

/// What every application has.
fn own(row: &Row, word: &str) -> String {
    let Row { line, email, title, talk, .. } = row;
    match word {
        "number" => line.number.clone(),
        "procedure" => title.clone(),
        "state" => {
            let state = At::parse(&line.state).map_or("frame.unknown", At::name_key);
            TEXTS.text(state).to_owned()
        }
        "applicant" => show::applicant(&line.applicant_name),
        "email" => email.clone().unwrap_or_default(),
        "arrived_at" => words::second(time::from_micros(line.arrived_at)),
        "updated_at" => words::second(time::from_micros(line.updated_at)),
        "attachments" => line.attachments.to_string(),
        "held" => line.held.to_string(),
        "deadline" => {
            line.deadline_at.map_or_else(String::new, |end| countdown::last_day(end).to_string())
        }
        "messages" => talk.messages.to_string(),
        _ => talk.files.to_string(),
    }
}

async fn send(pieces: &Pieces, piece: Bytes) -> Result<(), Stopped> {
    if piece.is_empty() {
        return Ok(());
    }
    pieces.send(Ok(piece)).await.map_err(|_| Stopped::Left)
}

/// What one line of the file is made of.
struct Row {
    line: Line,
    email: Option<String>,
    title: String,
    answers: Option<Answers>,
    /// What staff noted in their own questions.
    noted: Option<Answers>,
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
        searched(db, (filter, now), desks, from.place())?
    };
    let ids: Vec<String> = lines.iter().map(|line| line.id.clone()).collect();
    let mut talks = messages::counted(db, &ids)?;
    let mut emails: BTreeMap<String, Option<String>> = file::rows(db, &ids)?
        .into_iter()
        .map(|Application { id, applicant_email, .. }| (id, applicant_email))
        .collect();
    let mut answers: BTreeMap<String, Answers> = BTreeMap::new();
    let mut noted: BTreeMap<String, Answers> = BTreeMap::new();
    if with_answers {
        for row in file::newest_answers(db, &ids)? {
            answers.insert(row.application_id, read(&row.answers)?);
        }
        for row in staff_answers::newest(db, &ids)? {
            noted.insert(row.application_id, read(&row.answers)?);
        }
    }
    let titles: BTreeMap<String, String> =
        inbox::offered(db, desks)?.into_iter().map(|one| (one.id, one.title)).collect();
    let rows = lines
        .into_iter()
        .map(|line| {
            let email = emails.remove(&line.id).flatten();
            let title = titles.get(&line.procedure_id).cloned().unwrap_or_default();
            let (answers, noted) = (answers.remove(&line.id), noted.remove(&line.id));
            let talk = talks.remove(&line.id).unwrap_or_default();
            Row { line, email, title, answers, noted, talk }
        })
        .collect();
    Ok(Piece { rows, next })
}

fn read(stored: &str) -> Result<Answers, QueryError> {
    serde_json::from_str(stored).map_err(|error| QueryError::DeserializationError(Box::new(error)))
}

/// What a search by number or name finds behind a place, newest first, and where it goes on: nothing is
/// left out, however many bear the name.
///
/// # Errors
/// When the database cannot be read.
pub(crate) fn searched(
    db: &mut Db,
    (filter, now): (&Filter, Timestamp),
    desks: &[String],
    behind: Option<&At_>,
) -> Result<(Vec<Line>, Option<At_>), QueryError> {
    if let Ok(number) = filter.q.parse::<ReceiptNumber>() {
        let found = inbox::by_number(db, desks, &number.to_string())?;
        return Ok((found.into_iter().collect(), None));
    }
    let wish = filter.wish(desks, inbox::From::Top, PIECE, now);
    let key = domain::text::search_key(&filter.q);
    let (mut lines, next) = inbox::by_name(db, &wish, &key, behind)?;
    inbox::narrow(db, &wish, &mut lines)?;
    Ok((lines, next))
}
