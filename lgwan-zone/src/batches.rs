//! Works off what is done to many applications at once (NF-36): a few rows in one transaction,
//! each with its own outcome. A row that fails by a fault of ours fails alone.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use domain::applications::{Event, Rules, State};
use domain::forms::{Answers, Compiled};
use domain::identity::{Action, Actor, Denied, Object, authorize};
use domain::ids::{ApplicationId, DepartmentId, DocumentId};
use jiff::SignedDuration;
use lgwan_zone_store::applications::charge;
use lgwan_zone_store::applications::labels::{self, Put};
use lgwan_zone_store::applications::plan::{self, Actor as Doer, Way};
use lgwan_zone_store::applications::rebase::{self, Judged, Move, Onto, REBASE};
use lgwan_zone_store::applications::rows::{Application, Document};
use lgwan_zone_store::applications::steps::{self, Step, Taken};
use lgwan_zone_store::applications::{countdown, entered, file, payments};
use lgwan_zone_store::batches::undo::{self, UNDO};
use lgwan_zone_store::batches::{self, Asked, Batch, CHARGE, CHARGE_BACK, LABEL_ON, Outcome, Row};
use lgwan_zone_store::identity::{departments, staff};
use lgwan_zone_store::post::Office;
use lgwan_zone_store::shelf::Shelf;
use lgwan_zone_store::templates::{self, Template, Words};
use lgwan_zone_store::{By, QueryError};
use lgwan_zone_web::applications::correction::{self, Wish};
use lgwan_zone_web::batches::title_of;
use lgwan_zone_web::guard::sha256;
use lgwan_zone_web::paper::Unprintable;
use lgwan_zone_web::press::{self, Press, Remedies};
use lgwan_zone_web::procedures::rebase::story;
use lgwan_zone_web::signatory::Unsigned;
use lgwan_zone_web::words::day;
use platform_service::clock::Clock;
use platform_service::ids;
use platform_service::shutdown::Shutdown;
use platform_store::files::Files;
use platform_store::{Db, Store, StoreError, Tx};
use tokio::sync::Notify;

/// Time between two looks when nobody presses a button.
const EVERY: Duration = Duration::from_secs(5);

/// How long a batch waits for the press of a button.
const WAITS: SignedDuration = SignedDuration::from_hours(7 * 24);

/// Rows in one transaction: others write in between.
const STEPS: i64 = 50;

/// The same with documents, each up to 10 MB.
const DOCUMENTS: i64 = 4;

/// The worker.
pub(crate) struct Worker {
    pub(crate) store: Store,
    pub(crate) files: Files,
    pub(crate) clock: Clock,
    pub(crate) office: Office,
    pub(crate) shelf: Shelf,
    /// Somebody pressed the button.
    pub(crate) started: Arc<Notify>,
    /// Wakes the senders.
    pub(crate) posted: Arc<dyn Fn() + Send + Sync>,
    /// Prints what is designed for each row.
    pub(crate) press: Press,
    /// The 教示 of refusals.
    pub(crate) remedies: Option<Remedies>,
}

/// What a transaction needs beside the rows.
#[derive(Clone)]
struct Tools {
    clock: Clock,
    office: Office,
    shelf: Shelf,
}

/// A row with its file, or with the document that was designed for it.
#[derive(Clone)]
struct Ready {
    row: Row,
    bytes: Option<Arc<Vec<u8>>>,
    made: Option<Result<Made, Outcome>>,
}

/// A document that was designed, printed and kept for a row.
#[derive(Clone)]
struct Made {
    document: Document,
    bytes: Arc<Vec<u8>>,
    /// What the applicant reads beside it.
    note: String,
}

/// What the document of a row is made from.
struct Draw {
    application: Application,
    form: Arc<Compiled>,
    answers: Answers,
    /// Whether the citizens' zone can check it.
    online: bool,
    /// Code of the department, for the post that signs.
    department: String,
}

impl Worker {
    /// Works until told to stop. A fault is logged; what waits goes on at the next look.
    pub(crate) async fn run(self, stop: Shutdown) -> Result<(), String> {
        loop {
            let more = match self.piece().await {
                Ok(more) => more,
                Err(error) => {
                    tracing::error!(%error, "a batch cannot be worked off");
                    false
                }
            };
            if stop.is_triggered() {
                return Ok(());
            }
            if more {
                continue;
            }
            tokio::select! {
                () = stop.wait() => return Ok(()),
                () = self.started.notified() => {}
                () = tokio::time::sleep(EVERY) => {}
            }
        }
    }

    /// Works off a few rows; `false` when nothing runs.
    async fn piece(&self) -> Result<bool, StoreError> {
        let Some(batch) = self.store.read(batches::running).await? else {
            self.give_up().await?;
            return Ok(false);
        };
        let documents = batch.event == Event::Notify.key() || refuses(&batch);
        let most = if documents { DOCUMENTS } else { STEPS };
        let id = batch.id.clone();
        let rows = self.store.read(move |db| batches::waiting(db, &id, most)).await?;
        if rows.is_empty() {
            self.end(&batch).await?;
            return Ok(true);
        }
        let mut ready = Vec::with_capacity(rows.len());
        for row in rows {
            let bytes = self.bytes(&row).await;
            let made = if batch.notice.is_some() || refuses(&batch) {
                self.make(&batch, &row).await?
            } else {
                None
            };
            ready.push(Ready { row, bytes, made });
        }
        if let Err(error) = self.take(&batch, ready.clone()).await {
            tracing::warn!(%error, batch = batch.id, "rows of a batch are tried one by one");
            for one in ready {
                self.alone(&batch, one).await?;
            }
        }
        (self.posted)();
        Ok(true)
    }

    /// Designs the document of a row and keeps its file; `None` when the row is not as it was looked at,
    /// which is told when its turn comes, and of a refusal for which there is no text.
    async fn make(
        &self,
        batch: &Batch,
        row: &Row,
    ) -> Result<Option<Result<Made, Outcome>>, StoreError> {
        let refusal = match (refuses(batch), &self.remedies) {
            (false, _) => None,
            (true, Some(remedies)) => Some((batch.words.clone(), remedies.clone())),
            (true, None) => return Ok(None),
        };
        let (id, seen, shelf) = (row.application_id.clone(), row.seen, self.shelf.clone());
        let notice = batch.notice.clone();
        let found = self.store.read(move |db| {
            let Some(draw) = look(db, &shelf, &id.unwrap_or_default(), seen)? else {
                return Ok(None);
            };
            let of = &draw.application;
            let words = match notice {
                Some(notice) => serde_json::from_str::<Words>(&notice).ok(),
                None => templates::refusals(db, &of.department_id, &of.procedure_id)?
                    .first()
                    .map(Template::words),
            };
            Ok(words.map(|words| (draw, words)))
        });
        let Some((draw, words)) = found.await? else {
            return Ok(None);
        };
        let (press, files, clock) = (self.press.clone(), self.files.clone(), self.clock.clone());
        let by = batch.made_by.clone();
        let made = move || {
            let refusal = refusal.as_ref().map(|(reason, remedies)| (reason.as_str(), remedies));
            design((&press, &files, &clock), &words, (&draw, &by), refusal)
        };
        Ok(Some(tokio::task::spawn_blocking(made).await.unwrap_or_else(|error| {
            tracing::error!(%error, "a document of a batch was not printed");
            Err(Outcome::Fault)
        })))
    }

    /// Gives up what nobody started for a week, with the files that were kept for it.
    async fn give_up(&self) -> Result<(), StoreError> {
        let now = self.clock.now();
        let before = (now - WAITS).as_microsecond();
        for id in self.store.read(move |db| batches::stale(db, before)).await? {
            let by = By::system(now);
            let dropped = self.store.write(move |tx| batches::drop_it(tx, &by, &id)).await?;
            self.forget(dropped.unwrap_or_default());
        }
        Ok(())
    }

    /// Deletes files that were kept for nothing.
    fn forget(&self, names: Vec<String>) {
        for name in names {
            if let Err(error) = self.files.delete(&name) {
                tracing::warn!(%error, file = name, "a file of a batch was not deleted");
            }
        }
    }

    async fn alone(&self, batch: &Batch, one: Ready) -> Result<(), StoreError> {
        let row = one.row.clone();
        let made = one.made.as_ref().and_then(|made| made.as_ref().ok());
        let made: Vec<String> =
            made.map(|made| made.document.file_id.clone()).into_iter().collect();
        if let Err(error) = self.take(batch, vec![one]).await {
            self.forget(made);
            tracing::error!(%error, batch = batch.id, place = row.place, "a row of a batch failed");
            let settled = self.store.write(move |tx| {
                batches::turned(tx, &row.batch_id)?;
                batches::settle(tx, &row, Outcome::Fault)
            });
            settled.await?;
        }
        Ok(())
    }

    /// Takes the step of each; a document that was designed for one that came to nothing goes.
    async fn take(&self, batch: &Batch, ready: Vec<Ready>) -> Result<(), StoreError> {
        let (clock, office) = (self.clock.clone(), self.office.clone());
        let tools = Tools { clock, office, shelf: self.shelf.clone() };
        let batch = batch.clone();
        let unused = self.store.write(move |tx| take(tx, &tools, &batch, &ready)).await?;
        self.forget(unused);
        Ok(())
    }

    async fn end(&self, batch: &Batch) -> Result<(), StoreError> {
        let (by, id) = (by(batch, &self.clock), batch.id.clone());
        let left = self.store.write(move |tx| batches::end(tx, &by, &id)).await?;
        self.forget(left);
        Ok(())
    }

    /// The file of a row; `None` when it cannot be read.
    async fn bytes(&self, row: &Row) -> Option<Arc<Vec<u8>>> {
        let (files, name) = (self.files.clone(), row.file_id.clone()?);
        let read = tokio::task::spawn_blocking(move || files.get(&name)).await;
        match read {
            Ok(Ok(bytes)) => Some(Arc::new(bytes)),
            Ok(Err(error)) => {
                tracing::error!(%error, batch = row.batch_id, "a file of a batch is gone");
                None
            }
            Err(error) => {
                tracing::error!(%error, batch = row.batch_id, "a file of a batch was not read");
                None
            }
        }
    }
}

/// Whether each row is a refusal, with which a notice goes.
fn refuses(batch: &Batch) -> bool {
    Event::parse(&batch.event).is_some_and(Event::is_refusal)
}

fn by(batch: &Batch, clock: &Clock) -> By {
    By {
        staff: batch.made_by.clone(),
        name: batch.made_by_name.clone(),
        session: batch.session.clone(),
        ip: batch.ip.clone(),
        at: clock.now(),
    }
}

/// What the document of a row is made from, when the application is as it was looked at.
fn look(db: &mut Db, shelf: &Shelf, id: &str, seen: i32) -> Result<Option<Draw>, QueryError> {
    let Some(application) = file::row(db, id)?.filter(|row| row.version == seen) else {
        return Ok(None);
    };
    let form = shelf.get(db, &application.procedure_id, application.revision)?;
    let answers = file::answers(db, id, application.round)?;
    let answers = answers.and_then(|stored| serde_json::from_str(&stored.answers).ok());
    let departments = departments::ever(db)?;
    let department = departments.into_iter().find(|one| one.id == application.department_id);
    let (Some(form), Some(answers), Some(department)) = (form, answers, department) else {
        return Ok(None);
    };
    let online = entered::of(db, id)?.is_none();
    Ok(Some(Draw { application, form, answers, online, department: department.code }))
}

/// Prints and signs the document of a row, and keeps its file; of a refusal with its reason and the 教示.
fn design(
    (press, files, clock): (&Press, &Files, &Clock),
    words: &Words,
    (draw, by): (&Draw, &str),
    refusal: Option<(&str, &Remedies)>,
) -> Result<Made, Outcome> {
    let fault = |error: &dyn std::fmt::Display| {
        tracing::error!(%error, "a document of a batch was not made");
        Outcome::Fault
    };
    let (row, now) = (&draw.application, clock.now());
    let of = (&*draw.form, &draw.answers, row);
    let written = match refusal {
        None => press::written(words, of, &press.sender, now),
        Some((reason, remedies)) => {
            let why = (reason, remedies.of(&draw.department));
            press::refused(words, of, (press.sender.as_str(), now), why)
                .map(|draft| (draft, reason.to_owned()))
        }
    };
    let (draft, note) = written.map_err(|_| Outcome::Unfit)?;
    let id = DocumentId::parse(&ids::new(clock)).map_err(|error| fault(&error))?;
    let check = draw.online.then(|| press.check(&row.number, Some(&id)));
    let printed = press.print(&draft, day(now), check).map_err(|why| match why {
        Unprintable::Missing(_) => Outcome::Unprintable,
        Unprintable::Broken => fault(&why),
    })?;
    let signed = press.sign(printed, &draw.department, now);
    let (bytes, signed_by) = signed.map_err(|(why, _)| match why {
        Unsigned::Expired => Outcome::Unsigned,
        Unsigned::Broken => fault(&why),
    })?;
    let file_id = ids::new(clock);
    files.put(&file_id, &bytes).map_err(|error| fault(&error))?;
    let document = Document {
        id: id.to_string(),
        application_id: row.id.clone(),
        file_name: draft.file_name(),
        title: draft.title,
        number: draft.number,
        media: "application/pdf".to_owned(),
        size: i64::try_from(bytes.len()).unwrap_or(i64::MAX),
        sha256: sha256(&bytes),
        file_id,
        issued_at: now.as_microsecond(),
        issued_by: by.to_owned(),
        opened_at: None,
        message_id: None,
        signed_by,
    };
    Ok(Made { document, bytes: Arc::new(bytes), note })
}

/// Takes the step of each; the files that were kept for nothing.
fn take(
    tx: &mut Tx<'_>,
    tools: &Tools,
    batch: &Batch,
    ready: &[Ready],
) -> Result<Vec<String>, QueryError> {
    let by = by(batch, &tools.clock);
    batches::turned(tx, &batch.id)?;
    let person = person(tx.db, &batch.made_by)?;
    let mut unused = Vec::new();
    for one in ready {
        let outcome = match &person {
            Some(person) => step(tx, tools, (batch, &by, person), one)?,
            None => Outcome::NotAllowed,
        };
        if !batches::settle(tx, &one.row, outcome)? {
            return Err(QueryError::RollbackTransaction);
        }
        if let Some(Ok(made)) = one.made.as_ref().filter(|_| outcome != Outcome::Done) {
            unused.push(made.document.file_id.clone());
        }
    }
    Ok(unused)
}

/// Who pressed the button, with the rights of now; `None` when the account is switched off.
fn person(db: &mut Db, id: &str) -> Result<Option<Actor>, QueryError> {
    let Some(row) = staff::find(db, id)?.filter(|row| row.disabled_at.is_none()) else {
        return Ok(None);
    };
    let memberships = staff::belongs(db, id)?;
    Ok(row.person(&memberships).map(Actor::Staff))
}

/// Takes the step for one row.
fn step(
    tx: &mut Tx<'_>,
    tools: &Tools,
    (batch, by, person): (&Batch, &By, &Actor),
    one: &Ready,
) -> Result<Outcome, QueryError> {
    let row = &one.row;
    let Some(id) = &row.application_id else {
        return Ok(Outcome::Missing);
    };
    let Some(application) = file::row(tx.db, id)? else {
        return Ok(Outcome::Missing);
    };
    if let Some(label) = &batch.label_id {
        return label_one(tx, (batch, label), (by, person), &application);
    }
    match batch.event.as_str() {
        UNDO => return back(tx, tools, (batch, by, person), (row, &application)),
        REBASE => return moved(tx, tools, (batch, by, person), (row, &application)),
        CHARGE | CHARGE_BACK => {
            return charged(tx, tools, (batch, by, person), (row, &application));
        }
        _ => {}
    }
    let Some(event) = Event::parse(&batch.event) else {
        return Ok(Outcome::Fault);
    };
    let action =
        if event == Event::Notify { Action::IssueDocument } else { Action::WorkOnApplication };
    let known = match allowed((by, person), action, &application) {
        Ok(known) => known,
        Err(outcome) => return Ok(outcome),
    };
    if application.version != row.seen {
        return Ok(Outcome::Overtaken);
    }
    let form = tools.shelf.get(tx.db, &application.procedure_id, application.revision)?;
    let (Some(form), Ok(state)) = (form, State::parse(&application.state)) else {
        return Ok(Outcome::Fault);
    };
    let rules = Rules::from(&form.procedure().workflow);
    let doer = Doer { id: &by.staff, name: &by.name };
    let words = match &one.made {
        Some(Ok(made)) => made.note.as_str(),
        Some(Err(_)) | None => batch.words.as_str(),
    };
    let Ok(way) = plan::way(state, event, rules, doer, words) else {
        return Ok(Outcome::NotNow);
    };
    if event == Event::AskCorrection {
        return asked(tx, tools, (batch, by), (row, &application, &form), way);
    }
    let (mut documents, mut messages) = (Vec::new(), Vec::new());
    if let Some(file_id) = &row.file_id {
        let Some(bytes) = &one.bytes else {
            return Ok(Outcome::Fault);
        };
        let title = title_of(&batch.title, form.procedure().title.ja());
        let document = document(tools, (row, file_id), by, title);
        let Ok(document_id) = DocumentId::parse(&document.id) else {
            return Ok(Outcome::Fault);
        };
        let file = (document.file_name.as_str(), document.media.as_str(), bytes.to_vec());
        messages.push(tools.office.document(&known, &document_id, file, by.at));
        documents.push(document);
    }
    match &one.made {
        Some(Err(outcome)) => return Ok(*outcome),
        Some(Ok(made)) => {
            let Ok(id) = DocumentId::parse(&made.document.id) else {
                return Ok(Outcome::Fault);
            };
            let of = &made.document;
            let file = (of.file_name.as_str(), of.media.as_str(), made.bytes.to_vec());
            messages.push(tools.office.document(&known, &id, file, by.at));
            documents.push(of.clone());
        }
        // A batch with a text tells no result without its document.
        None if batch.notice.is_some() => return Ok(Outcome::Fault),
        None if form.procedure().workflow.wants_notice(event) => return Ok(Outcome::NoNotice),
        None => {}
    }
    let expected = countdown::told(&application, way.end, by.at, tools.office.days());
    messages.push(tools.office.status(&known, way.end, by.at, words, expected));
    let fee = payments::waits(tx.db, form.procedure(), &application, &way.hops)?;
    let step = Step {
        application: application.id,
        seen: row.seen,
        hops: way.hops,
        correction: None,
        documents,
        messages,
        days: tools.office.days().clone(),
        needs: form.procedure().workflow.needs(event),
        fee,
    };
    steps::take(tx, by, &step).map(|taken| Outcome::from(&taken))
}

/// Asks the applicant of one for a correction, for the reason of all.
fn asked(
    tx: &mut Tx<'_>,
    tools: &Tools,
    (batch, by): (&Batch, &By),
    (row, application, form): (&Row, &Application, &Compiled),
    way: Way,
) -> Result<Outcome, QueryError> {
    let wanted = batch.asked.as_deref().map(serde_json::from_str::<Asked>);
    let stored = file::answers(tx.db, &application.id, application.round)?;
    let answers = stored.map(|stored| serde_json::from_str::<Answers>(&stored.answers));
    let (Some(Ok(wanted)), Some(Ok(answers))) = (wanted, answers) else {
        return Ok(Outcome::Fault);
    };
    let Ok(due) = wanted.due.parse() else { return Ok(Outcome::Fault) };
    let of = |id: &String| wanted.fields.is_empty() || wanted.fields.contains(id);
    let fields: BTreeSet<String> =
        correction::questions(form).map(|field| field.id.clone()).filter(of).collect();
    if fields.is_empty() {
        return Ok(Outcome::OtherForm);
    }
    let wish = Wish { fields, reason: batch.words.clone(), due };
    let whole = (application, form, &answers);
    let by_whom = (by.staff.as_str(), row.seen, file::next_round(tx.db, application)?);
    let made = correction::step((&tools.office, by.at), whole, way, by_whom, &wish);
    let Ok(step) = made else { return Ok(Outcome::Fault) };
    steps::take(tx, by, &step).map(|taken| Outcome::from(&taken))
}

/// Moves one to a newer revision; where answers are missing it stays, or is asked for just those.
fn moved(
    tx: &mut Tx<'_>,
    tools: &Tools,
    (batch, by, person): (&Batch, &By, &Actor),
    (row, application): (&Row, &Application),
) -> Result<Outcome, QueryError> {
    let known = match allowed((by, person), Action::WorkOnApplication, application) {
        Ok(known) => known,
        Err(outcome) => return Ok(outcome),
    };
    if application.version != row.seen {
        return Ok(Outcome::Overtaken);
    }
    let onto = batch.onto.as_deref().and_then(|onto| serde_json::from_str::<Onto>(onto).ok());
    let Some((onto, revision)) =
        onto.and_then(|onto| u32::try_from(onto.revision).ok().map(|number| (onto, number)))
    else {
        return Ok(Outcome::Fault);
    };
    let judged = match rebase::judge(tx.db, &tools.shelf, &onto, application)? {
        Ok(judged) => judged,
        Err(outcome) => return Ok(outcome),
    };
    let round = file::next_round(tx.db, application)?;
    let asks = asking(tools, (batch, by), (row, application, &judged), round);
    if asks.is_none() && !judged.rebased.needs.is_empty() {
        return Ok(Outcome::NeedsAnswers);
    }
    let words = story(&judged.rebased, (application.revision, onto.revision));
    let told = tools.office.revision(&known, revision, by.at);
    let wish = Move { onto: &onto, judged: &judged, words, told, asks };
    rebase::take(tx, by, (application, row.seen), wish)
}

/// The request for the answers that a newer revision misses, of the version after the move; `None`
/// when none is missing, nobody is to be asked, or what is missing cannot be answered.
fn asking(
    tools: &Tools,
    (batch, by): (&Batch, &By),
    (row, application, judged): (&Row, &Application, &Judged),
    round: i32,
) -> Option<Step> {
    let wanted: Asked = serde_json::from_str(batch.asked.as_deref()?).ok()?;
    let due = wanted.due.parse().ok()?;
    let fields: BTreeSet<String> = judged.rebased.needs.iter().cloned().collect();
    let open: BTreeSet<String> =
        correction::questions(&judged.newer).map(|field| field.id.clone()).collect();
    if fields.is_empty() || !fields.is_subset(&open) {
        return None;
    }
    let state = State::parse(&application.state).ok()?;
    let rules = Rules::from(&judged.newer.procedure().workflow);
    let doer = Doer { id: &by.staff, name: &by.name };
    let way = plan::way(state, Event::AskCorrection, rules, doer, &batch.words).ok()?;
    let wish = Wish { fields, reason: batch.words.clone(), due };
    let whole = (application, &*judged.newer, &judged.answers);
    let by_whom = (by.staff.as_str(), row.seen + 1, round);
    correction::step((&tools.office, by.at), whole, way, by_whom, &wish).ok()
}

/// Takes back what another batch did to one.
fn back(
    tx: &mut Tx<'_>,
    tools: &Tools,
    (batch, by, person): (&Batch, &By, &Actor),
    (row, application): (&Row, &Application),
) -> Result<Outcome, QueryError> {
    let known = match allowed((by, person), Action::WorkOnApplication, application) {
        Ok(known) => known,
        Err(outcome) => return Ok(outcome),
    };
    let undone = batch.undoes.as_deref().unwrap_or_default();
    let Some(original) = batches::find(tx.db, &batch.made_by, undone)? else {
        return Ok(Outcome::NotKept);
    };
    let before = match undo::judge(tx.db, &tools.shelf, (&original, row), application)? {
        Ok(before) => before,
        Err(outcome) => return Ok(outcome),
    };
    let expected = countdown::told(application, before, by.at, tools.office.days());
    let mut step = undo::step(by, application, before, tools.office.days());
    step.messages = vec![tools.office.status(&known, before, by.at, "", expected)];
    let taken = steps::take(tx, by, &step)?;
    if taken == Taken::Done {
        undo::uncount(tx, application)?;
    }
    Ok(Outcome::from(&taken))
}

/// Puts a label on one, or takes it off. It stands beside the workflow: the version is not asked.
fn label_one(
    tx: &mut Tx<'_>,
    (batch, label): (&Batch, &str),
    (by, person): (&By, &Actor),
    application: &Application,
) -> Result<Outcome, QueryError> {
    if let Err(outcome) = allowed((by, person), Action::WorkOnApplication, application) {
        return Ok(outcome);
    }
    let Some(label) = labels::find(tx.db, label)? else {
        return Ok(Outcome::Foreign);
    };
    let put = if batch.event == LABEL_ON {
        labels::put(tx, by, application, &label)?
    } else {
        labels::take(tx, by, application, &label)?
    };
    Ok(match put {
        Put::Done => Outcome::Done,
        Put::Before => Outcome::Before,
        Put::Foreign => Outcome::Foreign,
    })
}

/// Puts somebody in charge of one, or nobody, or who was before. It stands beside the workflow: the version
/// is not asked, but whom a colleague put in charge in between stays.
fn charged(
    tx: &mut Tx<'_>,
    tools: &Tools,
    (batch, by, person): (&Batch, &By, &Actor),
    (row, application): (&Row, &Application),
) -> Result<Outcome, QueryError> {
    if let Err(outcome) = allowed((by, person), Action::WorkOnApplication, application) {
        return Ok(outcome);
    }
    let (seen, wanted) = if batch.event == CHARGE {
        (row.person.clone(), batch.person.clone())
    } else {
        let undone = batch.undoes.as_deref().unwrap_or_default();
        let Some(original) = batches::find(tx.db, &batch.made_by, undone)? else {
            return Ok(Outcome::NotKept);
        };
        (original.person, row.person.clone())
    };
    let held = charge::holder(tx.db, &application.id)?;
    if held == wanted {
        return Ok(Outcome::Before);
    }
    if held != seen {
        return Ok(Outcome::Overtaken);
    }
    let put = charge::set(tx, (by, &tools.clock), application, wanted.as_deref(), None)?;
    Ok(match put {
        charge::Put::Done => Outcome::Done,
        charge::Put::Before => Outcome::Before,
        charge::Put::Own => Outcome::Own,
        charge::Put::Foreign => Outcome::NotMember,
        charge::Put::Over => Outcome::NotNow,
    })
}

/// The id of an application to which this person may do something; otherwise what came of it.
fn allowed(
    (by, person): (&By, &Actor),
    action: Action,
    row: &Application,
) -> Result<ApplicationId, Outcome> {
    let id = ApplicationId::parse(&row.id).map_err(|_| Outcome::Fault)?;
    let department = DepartmentId::parse(&row.department_id).map_err(|_| Outcome::Fault)?;
    let owner = row.owner().map_err(|_| Outcome::Fault)?;
    let object = Object::Application { id: id.clone(), owner, department };
    match authorize(person, action, &object) {
        Ok(()) => Ok(id),
        Err(Denied::Hidden) => Err(Outcome::Missing),
        Err(Denied::Forbidden) if row.is_of(&by.staff) => Err(Outcome::Own),
        Err(Denied::Forbidden) => Err(Outcome::NotAllowed),
    }
}

fn document(tools: &Tools, (row, file_id): (&Row, &str), by: &By, title: String) -> Document {
    Document {
        id: ids::new(&tools.clock),
        application_id: row.application_id.clone().unwrap_or_default(),
        title,
        number: String::new(),
        file_name: row.file_name.clone(),
        media: "application/pdf".to_owned(),
        size: row.size,
        sha256: row.sha256.clone(),
        file_id: file_id.to_owned(),
        issued_at: by.at.as_microsecond(),
        issued_by: by.staff.clone(),
        opened_at: None,
        message_id: None,
        signed_by: None,
    }
}
