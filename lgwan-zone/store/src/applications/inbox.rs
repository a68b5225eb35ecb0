//! The department's list. It stays fast at a million applications because each
//! question is cut into ranges of one index (department, state), each range
//! gives at most one page, and the pages are merged here.

use diesel::prelude::*;
use domain::procedures::{TRIALS, is_trial};
use jiff::civil::Date;
use platform_store::Db;

use super::{charge, inquiries, labels, slots, withdrawal_requests};
use crate::procedures::Procedure;
use crate::schema::{application_keys, applications, inbox_counts};
use crate::trials;

/// Most matches a search by name looks at at once.
pub const SEARCH_LIMIT: i64 = 500;

/// Which way the list runs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Order {
    /// Newest arrival first.
    #[default]
    Newest,
    /// Oldest arrival first.
    Oldest,
    /// Nearest deadline first, and only what has one (IK-2.1.1b).
    Deadline,
}

/// A place in the list: the moment it is ordered by, then the id.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// Arrival, or the deadline in a list ordered by it; microseconds.
    pub at: i64,
    /// Application id.
    pub id: String,
}

/// Where a page begins.
#[derive(Clone, Debug)]
pub enum From {
    /// At the top.
    Top,
    /// Behind this place.
    After(Place),
    /// Before this place, going back.
    Before(Place),
}

impl From {
    /// The place it names.
    #[must_use]
    pub fn place(&self) -> Option<&Place> {
        match self {
            Self::Top => None,
            Self::After(place) | Self::Before(place) => Some(place),
        }
    }
}

/// What the list shows.
#[derive(Clone, Debug)]
pub struct Wish {
    /// Department ids the person may see; never empty by accident: an empty
    /// list shows nothing.
    pub departments: Vec<String>,
    /// State codes; empty for all.
    pub states: Vec<String>,
    /// One procedure only.
    pub procedure: Option<String>,
    /// One label only, of one of these departments.
    pub label: Option<String>,
    /// With a time of this day (日時の枠).
    pub slot_day: Option<Date>,
    /// Only what another department is asked about (意見照会).
    pub inquiries: bool,
    /// Only what should have been corrected before this day, ISO (補正の期限切れ).
    pub uncorrected: Option<String>,
    /// Only what the applicant asked to withdraw (取下げの申出).
    pub withdrawals: bool,
    /// Only what this member of staff is in charge of and is not over (自分の担当).
    pub in_charge: Option<String>,
    /// Only what nobody is in charge of and is not over (担当者なし).
    pub uncharged: bool,
    /// Arrived at or after, microseconds.
    pub since: Option<i64>,
    /// Arrived before, microseconds.
    pub until: Option<i64>,
    /// Deadline at or before, microseconds; only in a list ordered by it.
    pub deadline_by: Option<i64>,
    /// Which way.
    pub order: Order,
    /// Where the page begins.
    pub from: From,
    /// Rows a page.
    pub rows: usize,
}

impl Wish {
    /// Whether a line found elsewhere meets the conditions that stand in it.
    fn takes(&self, line: &Line) -> bool {
        (self.states.is_empty() || self.states.contains(&line.state))
            && match &self.procedure {
                Some(id) => *id == line.procedure_id,
                // Trials are in the list that is narrowed to one, and in no other.
                None => !is_trial(&line.procedure_id),
            }
            && self.since.is_none_or(|since| line.arrived_at >= since)
            && self.until.is_none_or(|until| line.arrived_at < until)
            && (self.order != Order::Deadline || line.deadline_at.is_some())
            && self.deadline_by.is_none_or(|by| line.deadline_at.is_some_and(|end| end <= by))
    }
}

/// Leaves of lines found elsewhere, by name perhaps, those that meet the conditions.
///
/// # Errors
/// When the database cannot be read.
pub fn narrow(db: &mut Db, wish: &Wish, lines: &mut Vec<Line>) -> QueryResult<()> {
    lines.retain(|line| wish.takes(line));
    if let Some(label) = &wish.label {
        labels::retain(db, label, lines)?;
    }
    if let Some(few) = few(db, wish)? {
        lines.retain(|line| few.binary_search(&line.id).is_ok());
    }
    Ok(())
}

/// Most applications one step is taken for at once.
pub const SELECTED: usize = 200;

/// One line of the list.
#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = applications)]
pub struct Line {
    /// Identifier.
    pub id: String,
    /// Receipt number.
    pub number: String,
    /// Procedure id.
    pub procedure_id: String,
    /// Revision of its definition.
    pub revision: i32,
    /// Department id.
    pub department_id: String,
    /// State code.
    pub state: String,
    /// Counts up with every step.
    pub version: i32,
    /// Applicant, may be empty.
    pub applicant_name: String,
    /// Arrival, microseconds.
    pub arrived_at: i64,
    /// Last change, microseconds.
    pub updated_at: i64,
    /// Files.
    pub attachments: i32,
    /// Files held back.
    pub held: i32,
    /// Day until which the applicant should correct.
    pub due: Option<String>,
    /// End of the last day of 標準処理期間, microseconds.
    pub deadline_at: Option<i64>,
    /// Open days left of it while the applicant corrects.
    pub days_left: Option<i32>,
}

impl Line {
    /// Its place in a list of this order.
    #[must_use]
    pub fn place(&self, order: Order) -> Place {
        let at = match order {
            Order::Newest | Order::Oldest => self.arrived_at,
            Order::Deadline => self.deadline_at.unwrap_or(i64::MAX),
        };
        Place { at, id: self.id.clone() }
    }
}

/// One page of the list.
#[derive(Clone, Debug)]
pub struct Page {
    /// Its lines, in list order.
    pub lines: Vec<Line>,
    /// Whether there are lines before.
    pub earlier: bool,
    /// Whether there are lines behind.
    pub later: bool,
}

/// One page of the list.
///
/// # Errors
/// When the database cannot be read.
pub fn page(db: &mut Db, wish: &Wish) -> QueryResult<Page> {
    let back = matches!(wish.from, From::Before(_));
    let rising = (wish.order != Order::Newest) != back;
    let mut lines = Vec::new();
    let start = (wish.from.place(), rising);
    if let Some(few) = few(db, wish)? {
        lines.extend(named(db, wish, &few, start)?);
    } else if let Some(label) = &wish.label {
        if wish.states.is_empty() {
            lines.extend(labels::range(db, wish, (label, None), start)?);
        }
        for state in &wish.states {
            lines.extend(labels::range(db, wish, (label, Some(state)), start)?);
        }
    }
    let named_ones = wish.slot_day.is_some()
        || wish.inquiries
        || wish.withdrawals
        || wish.uncorrected.is_some()
        || wish.uncharged
        || wish.in_charge.is_some();
    let all = wish.label.is_none() && !named_ones;
    let unlabelled = wish.departments.iter().filter(|_| all);
    for department in unlabelled {
        if wish.states.is_empty() {
            lines.extend(range(db, wish, department, None, rising)?);
        }
        for state in &wish.states {
            lines.extend(range(db, wish, department, Some(state), rising)?);
        }
    }
    lines.sort_by_key(|line| line.place(wish.order));
    if !rising {
        lines.reverse();
    }
    let more = lines.len() > wish.rows;
    lines.truncate(wish.rows);
    if back {
        lines.reverse();
    }
    let (earlier, later) = match wish.from {
        From::Top => (false, more),
        From::After(_) => (true, more),
        From::Before(_) => (more, true),
    };
    Ok(Page { lines, earlier, later })
}

/// The rows of a range behind a place, in order. The first condition lets the index find the
/// place; the second one drops the few rows of the same microsecond that come before it.
macro_rules! ordered {
    ($query:expr, $column:expr, $id:expr, $start:expr, $rising:expr) => {{
        let mut query = $query;
        if let Some(place) = $start {
            query = if $rising {
                query
                    .filter($column.ge(place.at))
                    .filter($column.gt(place.at).or($id.gt(&place.id)))
            } else {
                query
                    .filter($column.le(place.at))
                    .filter($column.lt(place.at).or($id.lt(&place.id)))
            };
        }
        if $rising {
            query.order(($column.asc(), $id.asc()))
        } else {
            query.order(($column.desc(), $id.desc()))
        }
    }};
}
pub(super) use ordered;

/// The rows that arrived in the period of the conditions. In the order of deadlines the arrival is an expression
/// that no index knows: only what is not over has a deadline, and the index of arrivals leads through all the rest.
macro_rules! arrived {
    ($query:expr, $column:expr, $wish:expr) => {{
        let (mut query, wish): (_, &Wish) = ($query, $wish);
        let by_deadline = wish.order == Order::Deadline;
        if let Some(since) = wish.since {
            query = if by_deadline {
                query.filter(($column + 0_i64).ge(since))
            } else {
                query.filter($column.ge(since))
            };
        }
        if let Some(until) = wish.until {
            query = if by_deadline {
                query.filter(($column + 0_i64).lt(until))
            } else {
                query.filter($column.lt(until))
            };
        }
        query
    }};
}
pub(super) use arrived;

/// One page of one range of an index: a department, perhaps a state.
fn range(
    db: &mut Db,
    wish: &Wish,
    department: &str,
    state: Option<&str>,
    rising: bool,
) -> QueryResult<Vec<Line>> {
    let mut query = applications::table
        .filter(applications::department_id.eq(department.to_owned()))
        .select(Line::as_select())
        .into_boxed();
    if let Some(state) = state {
        query = query.filter(applications::state.eq(state.to_owned()));
    }
    query = match &wish.procedure {
        Some(procedure) => query.filter(applications::procedure_id.eq(procedure.clone())),
        None => query.filter(applications::procedure_id.not_like(TRIALS)),
    };
    query = arrived!(query, applications::arrived_at, wish);
    let start = wish.from.place();
    query = match wish.order {
        Order::Newest | Order::Oldest => {
            ordered!(query, applications::arrived_at, applications::id, start, rising)
        }
        Order::Deadline => {
            query = query.filter(applications::deadline_at.is_not_null());
            if let Some(by) = wish.deadline_by {
                query = query.filter(applications::deadline_at.le(by));
            }
            let at = applications::deadline_at.assume_not_null();
            ordered!(query, at, applications::id, start, rising)
        }
    };
    let rows = i64::try_from(wish.rows + 1).unwrap_or(i64::MAX);
    query.limit(rows).load(db)
}

/// The applications a condition names one by one, sorted, when there are few of them: those with a time of a
/// day, those about which another department is asked, those that should have been corrected, those the
/// applicant asked to withdraw, those of one person.
fn few(db: &mut Db, wish: &Wish) -> QueryResult<Option<Vec<String>>> {
    let trial = wish.procedure.as_deref().filter(|one| is_trial(one));
    let mut few = match &wish.uncorrected {
        Some(today) => Some(uncorrected(db, &wish.departments, today, trial)?),
        None => None,
    };
    if let Some(day) = wish.slot_day {
        few = Some(both(few, slots::of_day(db, day)?));
    }
    if wish.inquiries {
        few = Some(both(few, inquiries::open_ids(db, &wish.departments, trial)?));
    }
    if wish.withdrawals {
        few = Some(both(few, withdrawal_requests::waiting(db, &wish.departments, trial)?));
    }
    if let Some(person) = &wish.in_charge {
        few = Some(both(few, charge::mine(db, person, &wish.states, trial)?));
    }
    if wish.uncharged {
        few = Some(both(few, charge::nobodys(db, &wish.departments, &wish.states, trial)?));
    }
    Ok(few)
}

/// Those of `few` that are among the others, too, which are sorted; all others without a `few`.
fn both(few: Option<Vec<String>>, others: Vec<String>) -> Vec<String> {
    match few {
        None => others,
        Some(few) => few.into_iter().filter(|id| others.binary_search(id).is_ok()).collect(),
    }
}

/// Applications of these departments that should have been corrected before a day, sorted; at most
/// [`LATE`]: those of a trial, or without one those of all others. One range of an index a department, so
/// that the history behind costs nothing.
fn uncorrected(
    db: &mut Db,
    departments: &[String],
    today: &str,
    trial: Option<&str>,
) -> QueryResult<Vec<String>> {
    let mut late: Vec<(Option<String>, String)> = Vec::new();
    for department in departments {
        let query = applications::table
            .filter(applications::department_id.eq(department))
            .filter(applications::due.lt(today))
            .order((applications::due.asc(), applications::id.asc()))
            .limit(LATE)
            .select((applications::due, applications::id))
            .into_boxed();
        let query = of_trial!(query, trial);
        late.extend(query.load::<(Option<String>, String)>(db)?);
    }
    late.sort_unstable();
    late.truncate(usize::try_from(LATE).unwrap_or(usize::MAX));
    let mut ids: Vec<String> = late.into_iter().map(|(_, id)| id).collect();
    ids.sort_unstable();
    Ok(ids)
}

/// Corrections that are late, looked at at most.
pub const LATE: i64 = 2_000;

/// How many applications of these departments should have been corrected before a day; no more than
/// [`LATE`] are counted.
///
/// # Errors
/// When the database cannot be read.
pub fn count_uncorrected(db: &mut Db, departments: &[String], today: &str) -> QueryResult<usize> {
    Ok(uncorrected(db, departments, today, None)?.len())
}

/// Most applications that one statement asks for; a database takes 32,766 values.
const ASKED: usize = 10_000;

/// Those of a few behind a place.
fn named(
    db: &mut Db,
    wish: &Wish,
    few: &[String],
    (place, rising): (Option<&Place>, bool),
) -> QueryResult<Vec<Line>> {
    let mut lines: Vec<Line> = Vec::new();
    for some in few.chunks(ASKED) {
        let some = applications::table.filter(applications::id.eq_any(some));
        lines.extend(some.select(Line::as_select()).load::<Line>(db)?);
    }
    // Asked of the database, it would walk everything the departments ever had.
    lines.retain(|line| wish.departments.contains(&line.department_id));
    let whole = Wish {
        slot_day: None,
        inquiries: false,
        withdrawals: false,
        uncorrected: None,
        in_charge: None,
        uncharged: false,
        ..wish.clone()
    };
    narrow(db, &whole, &mut lines)?;
    lines.retain(|line| {
        let here = line.place(wish.order);
        place.is_none_or(|place| if rising { here > *place } else { here < *place })
    });
    Ok(lines)
}

/// Deadlines that come up, counted without looking further than [`SOON`] of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Soon {
    /// Passed.
    pub late: usize,
    /// Passed or due by the second moment.
    pub due: usize,
}

/// Most deadlines of a department that are counted.
pub const SOON: i64 = 1_000;

/// How many deadlines of these departments passed by `now`, and how many pass by `until`.
///
/// # Errors
/// When the database cannot be read.
pub fn soon(db: &mut Db, departments: &[String], now: i64, until: i64) -> QueryResult<Soon> {
    let mut soon = Soon::default();
    for department in departments {
        let ends = applications::table
            .filter(applications::department_id.eq(department))
            .filter(applications::deadline_at.le(until))
            .filter(applications::procedure_id.not_like(TRIALS))
            .order(applications::deadline_at.asc())
            .limit(SOON)
            .select(applications::deadline_at.assume_not_null())
            .load::<i64>(db)?;
        soon.late += ends.iter().filter(|end| **end <= now).count();
        soon.due += ends.len();
    }
    Ok(soon)
}

/// The procedures of which applications lie with these departments.
///
/// # Errors
/// When the database cannot be read.
pub fn procedures(db: &mut Db, departments: &[String]) -> QueryResult<Vec<String>> {
    inbox_counts::table
        .filter(inbox_counts::department_id.eq_any(departments))
        .filter(inbox_counts::applications.gt(0))
        .select(inbox_counts::procedure_id)
        .distinct()
        .load(db)
}

/// The procedures that belong to these departments, and those of which applications lie with them: an
/// application may come from another department's procedure (NF-48). Trials stand behind them.
///
/// # Errors
/// When the database cannot be read.
pub fn offered(db: &mut Db, departments: &[String]) -> QueryResult<Vec<Procedure>> {
    let here = procedures(db, departments)?;
    let mut all = crate::procedures::list(db, None)?;
    all.retain(|one| departments.contains(&one.department_id) || here.contains(&one.id));
    all.extend(trials::offered(db, departments)?);
    Ok(all)
}

/// How many applications there are by state: `(state, number)`.
///
/// # Errors
/// When the database cannot be read.
pub fn counts(
    db: &mut Db,
    departments: &[String],
    procedure: Option<&str>,
) -> QueryResult<Vec<(String, i64)>> {
    let mut query = inbox_counts::table
        .filter(inbox_counts::department_id.eq_any(departments.to_vec()))
        .select((inbox_counts::state, inbox_counts::applications))
        .into_boxed();
    if let Some(procedure) = procedure {
        query = query.filter(inbox_counts::procedure_id.eq(procedure.to_owned()));
    }
    let mut sums = std::collections::BTreeMap::<String, i64>::new();
    for (state, number) in query.load::<(String, i64)>(db)? {
        *sums.entry(state).or_default() += number;
    }
    Ok(sums.into_iter().collect())
}

/// The application with this receipt number, when one of these departments has it.
///
/// # Errors
/// When the database cannot be read.
pub fn by_number(db: &mut Db, departments: &[String], number: &str) -> QueryResult<Option<Line>> {
    applications::table
        .filter(applications::number.eq(number))
        .filter(applications::department_id.eq_any(departments))
        .select(Line::as_select())
        .first(db)
        .optional()
}

/// Applications whose applicant's search key starts with `key` and that arrived in the period of the
/// conditions, newest first, behind a place: at most [`SEARCH_LIMIT`], and the place where they go on.
/// A key of nothing finds nothing.
///
/// # Errors
/// When the database cannot be read.
pub fn by_name(
    db: &mut Db,
    wish: &Wish,
    key: &str,
    behind: Option<&Place>,
) -> QueryResult<(Vec<Line>, Option<Place>)> {
    if key.is_empty() {
        return Ok((Vec::new(), None));
    }
    let mut found: Vec<Place> = Vec::new();
    for department in &wish.departments {
        found.extend(bearing(db, wish, (department, key), behind)?);
    }
    found.sort_unstable();
    found.reverse();
    let most = usize::try_from(SEARCH_LIMIT).unwrap_or(usize::MAX);
    let full = found.len() >= most;
    found.truncate(most);
    let next = found.last().filter(|_| full).cloned();
    // A name and its reading may both begin so.
    found.dedup();
    let ids: Vec<&String> = found.iter().map(|place| &place.id).collect();
    let mut lines = applications::table
        .filter(applications::id.eq_any(ids))
        .select(Line::as_select())
        .load::<Line>(db)?;
    lines.sort_by_key(|line| std::cmp::Reverse(line.place(Order::Newest)));
    Ok((lines, next))
}

/// As many keys of a department that begin alike are read one and all. What more of them begin with is common,
/// so that it is soon found from the newest back.
const COMMON: i64 = 2_000;

/// The newest applications of a department behind a place whose search key starts with `key`, newest first; at
/// most [`SEARCH_LIMIT`].
fn bearing(
    db: &mut Db,
    wish: &Wish,
    (department, key): (&str, &str),
    behind: Option<&Place>,
) -> QueryResult<Vec<Place>> {
    let most = usize::try_from(SEARCH_LIMIT).unwrap_or(usize::MAX);
    let all: Vec<(i64, String)> = application_keys::table
        .filter(application_keys::department_id.eq(department))
        .filter(application_keys::search_key.ge(key))
        .filter(application_keys::search_key.lt(format!("{key}\u{10ffff}")))
        .order(application_keys::search_key)
        .limit(COMMON + 1)
        .select((application_keys::arrived_at, application_keys::application_id))
        .load(db)?;
    if i64::try_from(all.len()).is_ok_and(|all| all <= COMMON) {
        let mut places: Vec<Place> = all.into_iter().map(|(at, id)| Place { at, id }).collect();
        places.retain(|place| {
            wish.since.is_none_or(|since| place.at >= since)
                && wish.until.is_none_or(|until| place.at < until)
                && behind.is_none_or(|behind| place < behind)
        });
        places.sort_unstable();
        places.reverse();
        places.truncate(most);
        return Ok(places);
    }
    let mut query = application_keys::table
        .filter(application_keys::department_id.eq(department))
        .filter(application_keys::search_key.like(beginning(key)).escape('!'))
        .order((application_keys::arrived_at.desc(), application_keys::application_id.desc()))
        .limit(SEARCH_LIMIT)
        .select((application_keys::arrived_at, application_keys::application_id))
        .into_boxed();
    if let Some(since) = wish.since {
        query = query.filter(application_keys::arrived_at.ge(since));
    }
    if let Some(until) = wish.until {
        query = query.filter(application_keys::arrived_at.lt(until));
    }
    if let Some(Place { at, id }) = behind {
        let earlier = application_keys::arrived_at.lt(*at);
        query = query.filter(application_keys::arrived_at.le(*at));
        query = query.filter(earlier.or(application_keys::application_id.lt(id)));
    }
    let newest: Vec<(i64, String)> = query.load(db)?;
    Ok(newest.into_iter().map(|(at, id)| Place { at, id }).collect())
}

/// What a text is like that begins so.
fn beginning(key: &str) -> String {
    let mut like = String::new();
    for letter in key.chars() {
        if matches!(letter, '%' | '_' | '!') {
            like.push('!');
        }
        like.push(letter);
    }
    like + "%"
}

/// The id behind a receipt number, whatever the department.
///
/// # Errors
/// When the database cannot be read.
pub fn id_of(db: &mut Db, number: &str) -> QueryResult<Option<String>> {
    applications::table
        .filter(applications::number.eq(number))
        .select(applications::id)
        .first(db)
        .optional()
}
