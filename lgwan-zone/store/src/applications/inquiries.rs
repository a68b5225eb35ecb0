//! 意見照会: what a department asks another one about an application (NF-35). The other one reads what
//! was chosen for it and nothing else; each turn is one conditional statement with its line, its line
//! in the history and its record.

use diesel::prelude::*;
use domain::applications::{Inquiry, Opinion, State, Turn};
use domain::procedures::TRIALS;
use platform_store::{Db, Tx};

use super::rows::Application;
use super::steps::{self, Hop};
use crate::record::By;
use crate::schema::{applications, inquiries, inquiry_lines, procedures};

/// Requests of a department that a page shows.
pub const SHOWN: i64 = 200;
/// Applications with open requests that a list looks at.
pub const LOOKED_AT: i64 = 2_000;
/// Requests about one application.
pub const MOST: usize = 30;

/// A request as stored.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = inquiries)]
pub struct Request {
    /// Identifier.
    pub id: String,
    /// About which application.
    pub application_id: String,
    /// Whom it asks.
    pub department_id: String,
    /// Key of [`Inquiry`].
    pub state: String,
    /// Counts up with every line.
    pub turns: i32,
    /// What is asked.
    pub question: String,
    /// Day until which it is wanted, ISO.
    pub due: String,
    /// JSON list of the questions whose answers are shown.
    pub fields: String,
    /// JSON list of the files that are shown.
    pub files: String,
    /// Whether the applicant's name is shown.
    pub named: bool,
    /// Key of [`Opinion`], once it is answered.
    pub opinion: Option<String>,
    /// When, microseconds.
    pub asked_at: i64,
    /// By whom, staff id.
    pub asked_by: String,
    /// Their name.
    pub asked_by_name: String,
}

/// What somebody said to a request.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = inquiry_lines)]
pub struct Line {
    /// To which request.
    pub inquiry_id: String,
    /// From 1.
    pub seq: i32,
    /// About which application.
    pub application_id: String,
    /// When, microseconds.
    pub at: i64,
    /// Who, staff id or `system`.
    pub staff_id: String,
    /// Their name; empty for the system.
    pub staff_name: String,
    /// Key of [`Turn`].
    pub turn: String,
    /// Key of [`Opinion`], of an answer.
    pub opinion: Option<String>,
    /// The words.
    pub words: String,
}

impl Request {
    /// Where it stands; one in a state of a later version is over.
    #[must_use]
    pub fn at(&self) -> Inquiry {
        Inquiry::parse(&self.state).unwrap_or(Inquiry::Over)
    }

    /// Whether the other department is late, on this day.
    #[must_use]
    pub fn is_late(&self, today: &str) -> bool {
        self.at().is_open() && self.due.as_str() < today
    }

    /// Questions whose answers are shown.
    #[must_use]
    pub fn fields(&self) -> Vec<String> {
        serde_json::from_str(&self.fields).unwrap_or_default()
    }

    /// Files that are shown.
    #[must_use]
    pub fn files(&self) -> Vec<String> {
        serde_json::from_str(&self.files).unwrap_or_default()
    }
}

/// A request in a list: with the number of the application, its procedure and the department that asks.
pub type Listed = (Request, String, String, String);

/// What came of a wish.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It is done.
    Done,
    /// Somebody else was faster, or it is not its turn.
    Overtaken,
    /// There are [`MOST`] about this application already.
    Full,
    /// They applied for it themselves (庁内の申請): others say something to it.
    Own,
}

/// Asks another department.
///
/// # Errors
/// When the database cannot be written.
pub fn ask(tx: &mut Tx<'_>, by: &By, row: &Application, new: &Request) -> QueryResult<Outcome> {
    let (state, department): (String, String) = applications::table
        .find(&row.id)
        .select((applications::state, applications::department_id))
        .first(tx.db)?;
    // Another department asks no more in the name of the one that had it (所管替え).
    if settled(&state) || department != row.department_id {
        return Ok(Outcome::Overtaken);
    }
    let known = inquiries::table.filter(inquiries::application_id.eq(&row.id));
    let ids: Vec<String> = known.select(inquiries::id).load(tx.db)?;
    if ids.contains(&new.id) {
        return Ok(Outcome::Done);
    }
    if ids.len() >= MOST {
        return Ok(Outcome::Full);
    }
    diesel::insert_into(inquiries::table).values(new).execute(tx.db)?;
    note(tx, by, (&row.id, &state), "inquiry_ask", &new.question)?;
    let shown = (new.fields().len(), new.files().len());
    let detail = format!(
        "inquiry={} department={} fields={} files={} shows_name={}",
        new.id, new.department_id, shown.0, shown.1, new.named
    );
    by.record(tx, "applications.inquiry_ask", "application", &row.id, &detail);
    Ok(Outcome::Done)
}

/// Takes a turn of a request as it was seen. Who applied takes none, in whatever department (NB-2.1).
///
/// # Errors
/// When the database cannot be written.
pub fn take(
    tx: &mut Tx<'_>,
    by: &By,
    seen: &Request,
    (turn, opinion, words): (Turn, Option<Opinion>, &str),
) -> QueryResult<Outcome> {
    let Some(next) = seen.at().after(turn) else { return Ok(Outcome::Overtaken) };
    let id = &seen.application_id;
    let (state, applicant): (String, Option<String>) = applications::table
        .find(id)
        .select((applications::state, applications::applied_by))
        .first(tx.db)?;
    if applicant.as_ref() == Some(&by.staff) {
        return Ok(Outcome::Own);
    }
    let still = inquiries::table
        .find(&seen.id)
        .filter(inquiries::turns.eq(seen.turns).and(inquiries::state.eq(&seen.state)));
    let opinion = opinion.filter(|_| turn == Turn::Answer).map(|one| one.key().to_owned());
    let moved = diesel::update(still)
        .set((
            inquiries::state.eq(next.key()),
            inquiries::turns.eq(inquiries::turns + 1),
            inquiries::opinion.eq(&opinion),
        ))
        .execute(tx.db)?;
    if moved == 0 {
        return Ok(Outcome::Overtaken);
    }
    let line = Line {
        inquiry_id: seen.id.clone(),
        seq: seen.turns + 1,
        application_id: seen.application_id.clone(),
        at: by.at.as_microsecond(),
        staff_id: by.staff.clone(),
        staff_name: by.name.clone(),
        turn: turn.key().to_owned(),
        opinion,
        words: words.to_owned(),
    };
    diesel::insert_into(inquiry_lines::table).values(&line).execute(tx.db)?;
    let act = format!("inquiry_{}", turn.key());
    note(tx, by, (id, &state), &act, words)?;
    let detail = format!("inquiry={}", seen.id);
    by.record(tx, &format!("applications.{act}"), "application", id, &detail);
    Ok(Outcome::Done)
}

/// What is open ends when the application is decided or over, in the transaction of that step.
pub(super) fn after(tx: &mut Tx<'_>, by: &By, application: &str, to: &str) -> QueryResult<()> {
    if !settled(to) {
        return Ok(());
    }
    let system = By { staff: "system".to_owned(), name: String::new(), ..by.clone() };
    for one in of(tx.db, application)?.into_iter().map(|(one, _)| one) {
        if one.at().is_open() {
            take(tx, &system, &one, (Turn::End, None, ""))?;
        }
    }
    Ok(())
}

/// Whether an application in this state needs no opinion any more.
fn settled(state: &str) -> bool {
    State::parse(state).is_ok_and(|state| state.is_end() || state == State::Notified)
}

fn note(
    tx: &mut Tx<'_>,
    by: &By,
    (application, state): (&str, &str),
    act: &str,
    words: &str,
) -> QueryResult<()> {
    let hop = Hop {
        act: act.to_owned(),
        actor: by.staff.clone(),
        actor_name: by.name.clone(),
        from: None,
        to: state.to_owned(),
        words: words.to_owned(),
    };
    steps::remember(tx, application, by.at.as_microsecond(), &hop)
}

/// Everything that was asked about an application, the oldest first, with what was said to it.
///
/// # Errors
/// When the database cannot be read.
pub fn of(db: &mut Db, application: &str) -> QueryResult<Vec<(Request, Vec<Line>)>> {
    let all: Vec<Request> = inquiries::table
        .filter(inquiries::application_id.eq(application))
        .order((inquiries::asked_at, inquiries::id))
        .select(Request::as_select())
        .load(db)?;
    let lines: Vec<Line> = inquiry_lines::table
        .filter(inquiry_lines::application_id.eq(application))
        .order((inquiry_lines::inquiry_id, inquiry_lines::seq))
        .select(Line::as_select())
        .load(db)?;
    let with = |one: Request| {
        let own = lines.iter().filter(|line| line.inquiry_id == one.id).cloned().collect();
        (one, own)
    };
    Ok(all.into_iter().map(with).collect())
}

/// One request with what was said to it.
///
/// # Errors
/// When the database cannot be read.
pub fn find(db: &mut Db, id: &str) -> QueryResult<Option<(Request, Vec<Line>)>> {
    let found: Option<Request> =
        inquiries::table.find(id).select(Request::as_select()).first(db).optional()?;
    let Some(found) = found else { return Ok(None) };
    let lines = inquiry_lines::table
        .filter(inquiry_lines::inquiry_id.eq(id))
        .order(inquiry_lines::seq)
        .select(Line::as_select())
        .load(db)?;
    Ok(Some((found, lines)))
}

/// What these departments are asked, open or not: the nearest day first, what is over the latest first.
///
/// # Errors
/// When the database cannot be read.
pub fn asked(
    db: &mut Db,
    departments: &[String],
    open: bool,
    most: i64,
) -> QueryResult<Vec<Listed>> {
    let states: Vec<&str> =
        Inquiry::ALL.into_iter().filter(|one| one.is_open() == open).map(Inquiry::key).collect();
    let query = inquiries::table
        .inner_join(applications::table.on(applications::id.eq(inquiries::application_id)))
        .inner_join(procedures::table.on(procedures::id.eq(applications::procedure_id)))
        .filter(inquiries::department_id.eq_any(departments))
        .filter(inquiries::state.eq_any(states))
        .limit(most)
        .select((
            Request::as_select(),
            applications::number,
            procedures::title,
            applications::department_id,
        ));
    if open {
        query.order((inquiries::due.asc(), inquiries::id.asc())).load(db)
    } else {
        query.order((inquiries::due.desc(), inquiries::id.desc())).load(db)
    }
}

/// What departments are asked that is wanted by a day, the nearest first; trials aside.
///
/// # Errors
/// When the database cannot be read.
pub fn due(db: &mut Db, departments: &[String], until: &str) -> QueryResult<Vec<Listed>> {
    let waits = [Inquiry::Asked.key()];
    inquiries::table
        .inner_join(applications::table.on(applications::id.eq(inquiries::application_id)))
        .inner_join(procedures::table.on(procedures::id.eq(applications::procedure_id)))
        .filter(inquiries::department_id.eq_any(departments))
        .filter(inquiries::state.eq_any(waits))
        .filter(inquiries::due.le(until))
        .filter(applications::procedure_id.not_like(TRIALS))
        .order((inquiries::due.asc(), inquiries::id.asc()))
        .limit(LOOKED_AT)
        .select((
            Request::as_select(),
            applications::number,
            procedures::title,
            applications::department_id,
        ))
        .load(db)
}

/// How many wait for these departments, and how many of them are late on this day; trials aside.
///
/// # Errors
/// When the database cannot be read.
pub fn waiting(db: &mut Db, departments: &[String], today: &str) -> QueryResult<(i64, i64)> {
    let open = || {
        inquiries::table
            .inner_join(applications::table.on(applications::id.eq(inquiries::application_id)))
            .filter(inquiries::department_id.eq_any(departments))
            .filter(inquiries::state.eq(Inquiry::Asked.key()))
            .filter(applications::procedure_id.not_like(TRIALS))
    };
    let late = open().filter(inquiries::due.lt(today)).count().get_result(db)?;
    Ok((open().count().get_result(db)?, late))
}

/// Applications of these departments about which somebody still has to say something, sorted; those of the
/// [`LOOKED_AT`] requests that are wanted first: of a trial, or without one of all else.
///
/// # Errors
/// When the database cannot be read.
pub fn open_ids(
    db: &mut Db,
    departments: &[String],
    trial: Option<&str>,
) -> QueryResult<Vec<String>> {
    let states: Vec<&str> =
        Inquiry::ALL.into_iter().filter(|one| one.is_open()).map(Inquiry::key).collect();
    let query = inquiries::table
        .inner_join(applications::table.on(applications::id.eq(inquiries::application_id)))
        .filter(inquiries::state.eq_any(states))
        .filter(applications::department_id.eq_any(departments))
        .order((inquiries::due.asc(), inquiries::id.asc()))
        .limit(LOOKED_AT)
        .select(inquiries::application_id)
        .into_boxed();
    let query = of_trial!(query, trial);
    let mut ids: Vec<String> = query.load(db)?;
    ids.sort_unstable();
    ids.dedup();
    Ok(ids)
}

/// What a department was asked is asked of its heir (NB-6.5).
pub(crate) fn hand(tx: &mut Tx<'_>, from: &str, to: &str) -> QueryResult<()> {
    diesel::update(inquiries::table.filter(inquiries::department_id.eq(from)))
        .set(inquiries::department_id.eq(to))
        .execute(tx.db)
        .map(drop)
}
