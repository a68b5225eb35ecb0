//! 取下げの申出: the applicant asks the office to let an application be withdrawn, and staff agree or not
//! (NF-34). The state stays as it is until then. One request of an application is open at a time.

use diesel::dsl::max;
use diesel::prelude::*;
use domain::applications::{Event, State};
use jiff::Timestamp;
use platform_store::{Db, Tx, each_backend};

use super::rows::Application;
use super::steps::{self, Hop, Step, Taken};
use crate::post::{self, Sealed};
use crate::record::By;
use crate::schema::{application_events, applications, withdrawal_requests as requests};

const OPEN: &str = "open";
const OVER: &str = "over";
const TAKEN_BACK: &str = "taken_back";

/// Requests that wait, looked at at most in a list.
pub const WAITING: i64 = 2_000;

/// One request.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = requests)]
pub struct Request {
    /// Identifier.
    pub id: String,
    /// The application.
    pub application_id: String,
    /// The applicant's words.
    pub reason: String,
    /// When, microseconds.
    pub asked_at: i64,
    /// `open`, `granted`, `declined`, `taken_back`, or `over`: decided without an answer.
    pub state: String,
    /// When it ended, microseconds.
    pub ended_at: Option<i64>,
    /// Name of who answered; empty for the applicant and for none.
    pub ended_by: String,
    /// What the applicant was told.
    pub words: String,
}

impl Request {
    /// A request that waits.
    #[must_use]
    pub fn new(id: &str, application: &str, reason: &str, at: Timestamp) -> Self {
        Self {
            id: id.to_owned(),
            application_id: application.to_owned(),
            reason: reason.to_owned(),
            asked_at: at.as_microsecond(),
            state: OPEN.to_owned(),
            ended_at: None,
            ended_by: String::new(),
            words: String::new(),
        }
    }

    /// Whether it waits for an answer.
    #[must_use]
    pub fn waits(&self) -> bool {
        self.state == OPEN
    }
}

/// Keeps a request; `false` when it is known already, as one that was taken back before it came. One that
/// is still open is over with it: the applicant has one at a time.
///
/// # Errors
/// When the database cannot be written.
pub fn asked(tx: &mut Tx<'_>, by: &By, row: &Application, new: &Request) -> QueryResult<bool> {
    let kept = each_backend!(tx.db, conn => diesel::insert_into(requests::table)
        .values(new).on_conflict_do_nothing().execute(conn))?;
    if kept == 0 {
        return Ok(false);
    }
    let others = requests::table
        .filter(requests::application_id.eq(&row.id))
        .filter(requests::state.eq(OPEN))
        .filter(requests::id.ne(&new.id));
    diesel::update(others)
        .set((requests::state.eq(TAKEN_BACK), requests::ended_at.eq(by.at.as_microsecond())))
        .execute(tx.db)?;
    waits(tx, &row.id, Some(new.asked_at))?;
    remember(tx, by, row, ("ask_withdrawal", "applicant", ""), &new.reason)?;
    by.record(tx, "applications.withdrawal_asked", "application", &row.id, &row.number);
    Ok(true)
}

/// The applicant asks no more. What is answered already stays answered.
///
/// # Errors
/// When the database cannot be written.
pub fn taken_back(tx: &mut Tx<'_>, by: &By, row: &Application, id: &str) -> QueryResult<()> {
    let at = by.at.as_microsecond();
    let mut gone = Request::new(id, &row.id, "", by.at);
    gone.state = TAKEN_BACK.to_owned();
    gone.ended_at = Some(at);
    // It came before the request itself, which then finds it here.
    let early = each_backend!(tx.db, conn => diesel::insert_into(requests::table)
        .values(&gone).on_conflict_do_nothing().execute(conn))?;
    if early == 1 || !end(tx, (&row.id, id), (&[OPEN, OVER], TAKEN_BACK, "", ""), at)? {
        return Ok(());
    }
    remember(tx, by, row, ("take_withdrawal_back", "applicant", ""), "")?;
    by.record(tx, "applications.withdrawal_taken_back", "application", &row.id, &row.number);
    Ok(())
}

/// The requests of an application, newest first.
///
/// # Errors
/// When the database cannot be read.
pub fn of(db: &mut Db, application: &str) -> QueryResult<Vec<Request>> {
    requests::table
        .filter(requests::application_id.eq(application))
        .order((requests::asked_at.desc(), requests::id.desc()))
        .select(Request::as_select())
        .load(db)
}

/// The one that waits for an answer.
///
/// # Errors
/// When the database cannot be read.
pub fn open(db: &mut Db, application: &str) -> QueryResult<Option<Request>> {
    requests::table
        .filter(requests::application_id.eq(application))
        .filter(requests::state.eq(OPEN))
        .select(Request::as_select())
        .first(db)
        .optional()
}

/// Agrees: takes the step that withdraws it. `None` when the request does not wait any more.
///
/// # Errors
/// When the database cannot be written.
pub fn grant(tx: &mut Tx<'_>, by: &By, id: &str, step: &Step) -> QueryResult<Option<Taken>> {
    let open = requests::table
        .find(id)
        .filter(requests::application_id.eq(&step.application))
        .filter(requests::state.eq(OPEN));
    // Whoever else answers it waits until this transaction ends.
    if diesel::update(open).set(requests::state.eq(OPEN)).execute(tx.db)? == 0 {
        return Ok(None);
    }
    steps::take(tx, by, step).map(Some)
}

/// Does not agree, and tells the applicant why. `false` when the request does not wait any more.
///
/// # Errors
/// When the database cannot be written.
pub fn decline(
    tx: &mut Tx<'_>,
    by: &By,
    (row, id): (&Application, &str),
    (words, told): (&str, &Sealed),
) -> QueryResult<bool> {
    let at = by.at.as_microsecond();
    if !end(tx, (&row.id, id), (&[OPEN], "declined", &by.name, words), at)? {
        return Ok(false);
    }
    remember(tx, by, row, ("decline_withdrawal", &by.staff, &by.name), words)?;
    by.record(tx, "applications.withdrawal_declined", "application", &row.id, &row.number);
    post::put(tx, told, by.at)?;
    Ok(true)
}

/// Ends a request that waits when a step decides the application; `row` is how it was before the step.
pub(super) fn after(
    tx: &mut Tx<'_>,
    by: &By,
    row: &Application,
    (to, hops): (State, &[Hop]),
) -> QueryResult<()> {
    let hop = |event: Event| hops.iter().find(|hop| hop.act == event.key());
    if to.may_change_hands() {
        return if hop(Event::Resubmit).is_some() { waits_again(tx, row) } else { Ok(()) };
    }
    let Some(open) = open(tx.db, &row.id)? else { return Ok(()) };
    let (how, words) =
        hop(Event::GrantWithdrawal).map_or((OVER, ""), |hop| ("granted", hop.words.as_str()));
    end(tx, (&row.id, &open.id), (&[OPEN], how, &by.name, words), by.at.as_microsecond())?;
    Ok(())
}

/// An answer that was sent in time comes although the application was made 期限切れ (`docs/decisions/0090`).
/// The citizens' zone passed over that end, so the request that was over with it still waits there: it waits
/// here, too.
fn waits_again(tx: &mut Tx<'_>, row: &Application) -> QueryResult<()> {
    if State::parse(&row.state).is_ok_and(State::waits_for_applicant) {
        return Ok(());
    }
    let expired: Option<i64> = application_events::table
        .filter(application_events::application_id.eq(&row.id))
        .filter(application_events::act.eq(Event::Expire.key()))
        .select(max(application_events::at))
        .first(tx.db)?;
    let Some(expired) = expired else { return Ok(()) };
    let over = requests::table
        .filter(requests::application_id.eq(&row.id))
        .filter(requests::state.eq(OVER))
        .filter(requests::ended_at.eq(expired))
        .select(Request::as_select())
        .first(tx.db)
        .optional()?;
    let Some(over) = over else { return Ok(()) };
    let waiting =
        (requests::state.eq(OPEN), requests::ended_at.eq(None::<i64>), requests::ended_by.eq(""));
    diesel::update(requests::table.find(&over.id)).set(waiting).execute(tx.db)?;
    waits(tx, &row.id, Some(over.asked_at))
}

fn end(
    tx: &mut Tx<'_>,
    (application, id): (&str, &str),
    (from, how, by, words): (&[&str], &str, &str, &str),
    at: i64,
) -> QueryResult<bool> {
    let this = requests::table
        .find(id)
        .filter(requests::application_id.eq(application))
        .filter(requests::state.eq_any(from.to_vec()));
    let ended = diesel::update(this)
        .set((
            requests::state.eq(how),
            requests::ended_at.eq(at),
            requests::ended_by.eq(by),
            requests::words.eq(words),
        ))
        .execute(tx.db)?;
    if ended == 1 {
        // What was over may be taken back late, while another one waits.
        let since = open(tx.db, application)?.map(|one| one.asked_at);
        waits(tx, application, since)?;
    }
    Ok(ended == 1)
}

fn waits(tx: &mut Tx<'_>, application: &str, since: Option<i64>) -> QueryResult<()> {
    diesel::update(applications::table.find(application))
        .set(applications::withdrawal_since.eq(since))
        .execute(tx.db)?;
    Ok(())
}

fn remember(
    tx: &mut Tx<'_>,
    by: &By,
    row: &Application,
    (act, actor, actor_name): (&str, &str, &str),
    words: &str,
) -> QueryResult<()> {
    let hop = Hop {
        act: act.to_owned(),
        actor: actor.to_owned(),
        actor_name: actor_name.to_owned(),
        from: None,
        to: row.state.clone(),
        words: words.to_owned(),
    };
    steps::remember(tx, &row.id, by.at.as_microsecond(), &hop)
}

/// Applications of these departments with a request that waits, sorted; at most [`WAITING`]: those of a
/// trial, or without one those of all others. One range of an index a department.
///
/// # Errors
/// When the database cannot be read.
pub fn waiting(
    db: &mut Db,
    departments: &[String],
    trial: Option<&str>,
) -> QueryResult<Vec<String>> {
    let mut found: Vec<(i64, String)> = Vec::new();
    for department in departments {
        let query = applications::table
            .filter(applications::department_id.eq(department))
            .filter(applications::withdrawal_since.is_not_null())
            .order((applications::withdrawal_since.asc(), applications::id.asc()))
            .limit(WAITING)
            .select((applications::withdrawal_since.assume_not_null(), applications::id))
            .into_boxed();
        let query = of_trial!(query, trial);
        found.extend(query.load::<(i64, String)>(db)?);
    }
    found.sort_unstable();
    found.truncate(usize::try_from(WAITING).unwrap_or(usize::MAX));
    let mut ids: Vec<String> = found.into_iter().map(|(_, id)| id).collect();
    ids.sort_unstable();
    Ok(ids)
}
