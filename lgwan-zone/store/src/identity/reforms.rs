//! 組織改正 (NB-6.5): handed in, looked at, set to a day, and on that day done in one transaction.
//!
//! ```text
//! read ──▶ waiting ──▶ applied        one conditional statement each
//!  │  ▲      │  └────▶ blocked ──▶ waiting, dropped
//!  └──┴──────┴──▶ dropped
//! ```
//!
//! What is moved is found anew on the day. Departments that are abolished stay as rows, so that
//! what was written earlier keeps its names; `department_heirs` says who does today what they did.

use std::collections::{BTreeMap, BTreeSet};

use diesel::dsl::exists;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text};
use domain::applications::{Origin, State};
use domain::forms::definition::Procedure;
use domain::identity::reform::{
    Change, City, Facts, Known, Line, ReformFault, faults, reassign, resettle,
};
use domain::ids::DepartmentId;
use domain::procedures::TRIALS;
use platform_service::clock::Clock;
use platform_service::ids;
use platform_store::{Db, Tx, each_backend};
use serde::{Deserialize, Serialize};

use super::departments::{self, Department};
use super::posts;
use super::rosters::{self, NewRoster};
use crate::api::keys;
use crate::applications::labels::{self, Handed};
use crate::applications::{approvals, charge, inquiries, recount};
use crate::record::By;
use crate::schema::{
    application_keys, applications, bank_items, department_heirs, design_steps, designs,
    inbox_counts, procedure_revisions, procedures, reforms, staff_departments,
};
use crate::{phrases, templates};

/// Stands for everything that is not named on its own.
pub const REST: &str = "";

/// A reform as stored. Times are microseconds since the epoch, UTC.
#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = crate::schema::reforms)]
pub struct Reform {
    /// Identifier.
    pub id: String,
    /// Name of the file it came in.
    pub file_name: String,
    /// JSON list of [`Line`].
    pub lines: String,
    /// `read`, `waiting`, `blocked`, `applied` or `dropped`.
    pub state: String,
    /// Its day, `YYYY-MM-DD` in Japan.
    pub applies_on: Option<String>,
    /// The list of staff that is taken over with it.
    pub roster_id: Option<String>,
    /// What it did, JSON of [`View`]; empty before.
    pub told: String,
    /// When it was handed in.
    pub read_at: i64,
    /// By whom, staff id.
    pub read_by: String,
    /// When it was last decided on.
    pub decided_at: Option<i64>,
    /// By whom, staff id or `system`.
    pub decided_by: Option<String>,
}

impl Reform {
    /// Its lines.
    ///
    /// # Errors
    /// When they are not what [`keep`] wrote.
    pub fn changes(&self) -> serde_json::Result<Vec<Line>> {
        serde_json::from_str(&self.lines)
    }
}

/// How much goes from one department to another.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Assets {
    /// Procedures.
    pub procedures: i64,
    /// Applications that are not decided.
    pub open: i64,
    /// Applications that are.
    pub decided: i64,
    /// Definitions being designed.
    pub designs: i64,
    /// Kept questions.
    pub questions: i64,
    /// Members of staff.
    pub staff: i64,
}

impl Assets {
    /// Whether there is nothing to take over.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// What goes from one department to another.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Move {
    /// Name of who had it.
    pub from: String,
    /// Title of the procedure; `None` for everything else the department has.
    pub procedure: Option<String>,
    /// Name of who takes over; `None` when nobody was named.
    pub heir: Option<String>,
    /// How much.
    pub assets: Assets,
}

/// A department that is called or found otherwise afterwards.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Altered {
    /// As it was.
    pub before: Facts,
    /// As it is then.
    pub after: Facts,
}

/// What a reform does.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct View {
    /// New departments: code, and what they are called.
    pub founded: Vec<(String, Facts)>,
    /// Renamed ones.
    pub altered: Vec<Altered>,
    /// What goes where.
    pub moves: Vec<Move>,
}

impl View {
    /// What would be nobody's afterwards.
    pub fn orphans(&self) -> impl Iterator<Item = &Move> {
        self.moves.iter().filter(|one| one.heir.is_none() && !one.assets.is_empty())
    }
}

/// Keeps a reform to be looked at.
///
/// # Errors
/// When the database cannot be written.
pub fn keep(
    tx: &mut Tx<'_>,
    by: &By,
    (id, file_name): (&str, &str),
    lines: &[Line],
) -> QueryResult<()> {
    diesel::insert_into(reforms::table)
        .values((
            reforms::id.eq(id),
            reforms::file_name.eq(file_name),
            reforms::lines.eq(json(&lines)?),
            reforms::state.eq("read"),
            reforms::told.eq(""),
            reforms::read_at.eq(by.at.as_microsecond()),
            reforms::read_by.eq(&by.staff),
        ))
        .execute(tx.db)?;
    by.record(tx, "identity.reform_read", "reform", id, &lines.len().to_string());
    Ok(())
}

fn json<T: Serialize>(value: &T) -> QueryResult<String> {
    serde_json::to_string(value)
        .map_err(|why| diesel::result::Error::SerializationError(why.into()))
}

fn unreadable(why: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> diesel::result::Error {
    diesel::result::Error::DeserializationError(why.into())
}

/// One reform.
///
/// # Errors
/// When the database cannot be read.
pub fn find(db: &mut Db, id: &str) -> QueryResult<Option<Reform>> {
    reforms::table.find(id).select(Reform::as_select()).first(db).optional()
}

/// Reforms that wait for their day or were stopped on it, the earliest first.
///
/// # Errors
/// When the database cannot be read.
pub fn waiting(db: &mut Db, most: i64) -> QueryResult<Vec<Reform>> {
    reforms::table
        .filter(reforms::state.eq_any(["waiting", "blocked"]))
        .order(reforms::applies_on)
        .limit(most)
        .select(Reform::as_select())
        .load(db)
}

/// The newest of the others.
///
/// # Errors
/// When the database cannot be read.
pub fn newest(db: &mut Db, most: i64) -> QueryResult<Vec<Reform>> {
    reforms::table
        .filter(reforms::state.ne_all(["waiting", "blocked"]))
        .order(reforms::read_at.desc())
        .limit(most)
        .select(Reform::as_select())
        .load(db)
}

/// Reforms whose day has come, the earliest first.
///
/// # Errors
/// When the database cannot be read.
pub fn due(db: &mut Db, today: &str) -> QueryResult<Vec<String>> {
    reforms::table
        .filter(reforms::state.eq("waiting").and(reforms::applies_on.le(today)))
        .order(reforms::applies_on)
        .select(reforms::id)
        .load(db)
}

/// Reforms that were stopped on their day, with that day, a hundred at most.
///
/// # Errors
/// When the database cannot be read.
pub fn blocked(db: &mut Db) -> QueryResult<Vec<(String, Option<String>)>> {
    reforms::table
        .filter(reforms::state.eq("blocked"))
        .order((reforms::applies_on, reforms::id))
        .limit(100)
        .select((reforms::id, reforms::applies_on))
        .load(db)
}

/// Who owns a definition and where its answers lead.
#[derive(Deserialize)]
struct Desks {
    department: String,
    #[serde(default)]
    routing: Vec<Desk>,
}

#[derive(Deserialize)]
struct Desk {
    department: String,
}

/// What the city has now, as a reform is checked against it.
///
/// # Errors
/// When the database cannot be read, or holds a definition nobody wrote.
pub fn city(db: &mut Db) -> QueryResult<City> {
    let all = departments::ever(db)?;
    let open: BTreeSet<String> = departments::all(db)?.into_iter().map(|one| one.id).collect();
    let codes: BTreeMap<String, String> =
        all.iter().map(|one| (one.id.clone(), one.code.clone())).collect();
    let mut desks: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let mut put = |procedure: String, department: &str| {
        if let Some(code) = codes.get(department) {
            desks.entry(procedure).or_default().insert(code.clone());
        }
    };
    let piles: Vec<(String, String)> = inbox_counts::table
        .filter(inbox_counts::applications.gt(0))
        .select((inbox_counts::procedure_id, inbox_counts::department_id))
        .distinct()
        .load(db)?;
    for (procedure, department) in piles {
        put(procedure, &department);
    }
    let rows: Vec<(String, String, String, String, i32)> = procedures::table
        .filter(procedures::id.not_like(TRIALS))
        .order(procedures::id)
        .select((
            procedures::id,
            procedures::slug,
            procedures::title,
            procedures::department_id,
            procedures::revision,
        ))
        .load(db)?;
    for (id, _, _, department, revision) in &rows {
        put(id.clone(), department);
        let document: String = procedure_revisions::table
            .find((id, revision))
            .select(procedure_revisions::document)
            .first(db)?;
        let read: Desks = serde_json::from_str(&document).map_err(unreadable)?;
        for desk in
            std::iter::once(&read.department).chain(read.routing.iter().map(|it| &it.department))
        {
            put(id.clone(), desk);
        }
    }
    let procedures = rows
        .into_iter()
        .map(|(id, slug, title, _, _)| Known {
            desks: desks.remove(&id).unwrap_or_default(),
            id,
            slug,
            title,
        })
        .collect();
    let departments = all.into_iter().map(|one| (one.code, open.contains(&one.id))).collect();
    Ok(City { departments, procedures })
}

/// What a reform would do now, and what does not fit any more.
///
/// # Errors
/// When the database cannot be read.
pub fn preview(db: &mut Db, lines: &[Line]) -> QueryResult<(View, Vec<ReformFault>)> {
    let city = city(db)?;
    let all = departments::ever(db)?;
    let by_code = |code: &str| all.iter().find(|one| one.code == code);
    let mut view = View::default();
    for line in lines {
        match &line.change {
            Change::Found { code, facts } => view.founded.push((code.clone(), facts.clone())),
            Change::Alter { code, facts } => {
                if let Some(known) = by_code(code) {
                    let before = facts_of(known);
                    view.altered.push(Altered { after: filled(&before, facts), before });
                }
            }
            Change::Hand { .. } | Change::Close { .. } => {}
        }
    }
    let name_after = |code: &str| {
        let said = lines.iter().find_map(|line| match &line.change {
            Change::Found { code: one, facts } | Change::Alter { code: one, facts }
                if one == code && !facts.name.is_empty() =>
            {
                Some(facts.name.clone())
            }
            Change::Found { .. }
            | Change::Alter { .. }
            | Change::Hand { .. }
            | Change::Close { .. } => None,
        });
        said.or_else(|| by_code(code).map(|one| one.name.clone()))
    };
    for line in lines {
        let Some(from) = by_code(line.change.code()) else { continue };
        let part = match &line.change {
            Change::Found { .. } | Change::Alter { .. } => continue,
            Change::Hand { procedure, .. } => Part::One(procedure),
            Change::Close { code, .. } => Part::AllBut(handed(lines, code)),
        };
        let title = match &part {
            Part::One(id) => city.procedures.iter().find(|one| one.id == **id),
            Part::AllBut(_) => None,
        };
        view.moves.push(Move {
            from: from.name.clone(),
            procedure: title.map(|one| one.title.clone()),
            heir: line.change.heir().and_then(name_after),
            assets: assets(db, &from.id, &part)?,
        });
    }
    Ok((view, faults(lines, &city)))
}

fn facts_of(known: &Department) -> Facts {
    Facts { name: known.name.clone(), phone: known.phone.clone(), place: known.place.clone() }
}

/// What is left empty stays as it was.
fn filled(before: &Facts, wanted: &Facts) -> Facts {
    let or = |new: &str, old: &str| if new.is_empty() { old.to_owned() } else { new.to_owned() };
    Facts {
        name: or(&wanted.name, &before.name),
        phone: or(&wanted.phone, &before.phone),
        place: or(&wanted.place, &before.place),
    }
}

/// What of a department is meant.
enum Part<'a> {
    /// One procedure.
    One(&'a str),
    /// Everything but these procedures.
    AllBut(BTreeSet<&'a str>),
}

impl Part<'_> {
    fn has(&self, procedure: &str) -> bool {
        match self {
            Self::One(id) => *id == procedure,
            Self::AllBut(others) => !others.contains(procedure),
        }
    }
}

/// Procedures that this department hands to others.
fn handed<'a>(lines: &'a [Line], of: &str) -> BTreeSet<&'a str> {
    let one = |line: &'a Line| match &line.change {
        Change::Hand { code, procedure, .. } if code == of => Some(procedure.as_str()),
        Change::Hand { .. }
        | Change::Found { .. }
        | Change::Alter { .. }
        | Change::Close { .. } => None,
    };
    lines.iter().filter_map(one).collect()
}

/// States in which an application is decided or over.
fn is_decided(state: &str) -> bool {
    DECIDED.iter().any(|one| one.key() == state)
}

const DECIDED: [State; 9] = [
    State::Notified,
    State::Done,
    State::Rejected,
    State::Withdrawn,
    State::RefusedEntry,
    State::Expired(Origin::Arrived),
    State::Expired(Origin::Accepted),
    State::Expired(Origin::Reviewing),
    State::Closed,
];

fn assets(db: &mut Db, department: &str, part: &Part<'_>) -> QueryResult<Assets> {
    let mut found = Assets::default();
    let piles: Vec<(String, String, i64)> = inbox_counts::table
        .filter(inbox_counts::department_id.eq(department))
        .select((inbox_counts::procedure_id, inbox_counts::state, inbox_counts::applications))
        .load(db)?;
    for (_, state, count) in piles.iter().filter(|(procedure, ..)| part.has(procedure)) {
        *(if is_decided(state) { &mut found.decided } else { &mut found.open }) += count;
    }
    let own: Vec<String> = procedures::table
        .filter(procedures::department_id.eq(department))
        .filter(procedures::id.not_like(TRIALS))
        .select(procedures::id)
        .load(db)?;
    found.procedures = counted(own.iter().filter(|id| part.has(id)).count());
    let drawn: Vec<String> = designs::table
        .filter(designs::department_id.eq(department).and(designs::state.eq("open")))
        .select(designs::procedure_id)
        .load(db)?;
    found.designs = counted(drawn.iter().filter(|id| part.has(id)).count());
    if let Part::AllBut(_) = part {
        found.questions = bank_items::table
            .filter(bank_items::department_id.eq(department))
            .count()
            .get_result(db)?;
        found.staff = staff_departments::table
            .filter(staff_departments::department_id.eq(department))
            .count()
            .get_result(db)?;
    }
    Ok(found)
}

fn counted(number: usize) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// What came of a wish to set a reform to a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Waits {
    /// It waits for the day.
    Yes,
    /// It is not there to be decided on any more.
    Decided,
    /// Another reform waits for that day.
    DayTaken,
    /// It does not fit the city any more, or leaves something to nobody.
    Unfit,
}

/// Lets a reform wait for its day.
///
/// # Errors
/// When the database cannot be written.
pub fn wait(tx: &mut Tx<'_>, by: &By, id: &str, day: &str) -> QueryResult<Waits> {
    let Some(row) = find(tx.db, id)? else { return Ok(Waits::Decided) };
    if !fits(tx.db, &row)? {
        return Ok(Waits::Unfit);
    }
    // `reforms_one_a_day` says no as well.
    let other = reforms::table
        .filter(reforms::state.eq("waiting").and(reforms::applies_on.eq(day)))
        .filter(reforms::id.ne(id));
    if diesel::select(exists(other)).get_result::<bool>(tx.db)? {
        return Ok(Waits::DayTaken);
    }
    let open =
        reforms::table.find(id).filter(reforms::state.eq_any(["read", "waiting", "blocked"]));
    let now = by.at.as_microsecond();
    let decided = (reforms::decided_at.eq(now), reforms::decided_by.eq(&by.staff));
    let done = diesel::update(open)
        .set((reforms::state.eq("waiting"), reforms::applies_on.eq(day), decided))
        .execute(tx.db)?;
    if done == 0 {
        return Ok(Waits::Decided);
    }
    by.record(tx, "identity.reform_waits", "reform", id, day);
    Ok(Waits::Yes)
}

fn fits(db: &mut Db, row: &Reform) -> QueryResult<bool> {
    let (view, faults) = preview(db, &row.changes().map_err(unreadable)?)?;
    Ok(faults.is_empty() && view.orphans().next().is_none())
}

/// Gives a reform up, with the list of staff that belongs to it. `false` when it is not there to be
/// decided on any more.
///
/// # Errors
/// When the database cannot be written.
pub fn give_up(tx: &mut Tx<'_>, by: &By, id: &str) -> QueryResult<bool> {
    if !decide(tx, by, id, &["read", "waiting", "blocked"], "dropped")? {
        return Ok(false);
    }
    by.record(tx, "identity.reform_dropped", "reform", id, "");
    drop_roster(tx, by, id)?;
    Ok(true)
}

fn drop_roster(tx: &mut Tx<'_>, by: &By, id: &str) -> QueryResult<()> {
    let before: Option<String> = reforms::table.find(id).select(reforms::roster_id).first(tx.db)?;
    if let Some(before) = before {
        rosters::give_up(tx, by, &before)?;
    }
    Ok(())
}

fn decide(tx: &mut Tx<'_>, by: &By, id: &str, from: &[&str], to: &str) -> QueryResult<bool> {
    let open = reforms::table.find(id).filter(reforms::state.eq_any(from.to_vec()));
    let now = by.at.as_microsecond();
    let decided = (reforms::decided_at.eq(now), reforms::decided_by.eq(&by.staff));
    Ok(diesel::update(open).set((reforms::state.eq(to), decided)).execute(tx.db)? == 1)
}

/// Puts a list of staff to a reform, in place of the one before. `false` when the reform is not
/// there to be decided on any more.
///
/// # Errors
/// When the database cannot be written.
pub fn attach(tx: &mut Tx<'_>, by: &By, id: &str, new: &NewRoster) -> QueryResult<bool> {
    let open =
        || reforms::table.find(id).filter(reforms::state.eq_any(["read", "waiting", "blocked"]));
    if !diesel::select(exists(open())).get_result::<bool>(tx.db)? {
        return Ok(false);
    }
    drop_roster(tx, by, id)?;
    rosters::keep(tx, by, new)?;
    rosters::belongs(tx, &new.id, id)?;
    diesel::update(open()).set(reforms::roster_id.eq(&new.id)).execute(tx.db)?;
    Ok(true)
}

/// What came of a reform on its day.
#[derive(Clone, Debug)]
pub enum Effect {
    /// Done; these definitions name other departments now and are to be published after the revision
    /// beside them.
    Done(Vec<(i32, Box<Procedure>)>),
    /// It does not fit the city any more; an administrator looks at it.
    Blocked,
    /// Not waiting, or its day has not come.
    Not,
}

/// Does a reform whose day has come: all of it or nothing, and once.
///
/// # Errors
/// When the database cannot be written.
pub fn take_effect(
    tx: &mut Tx<'_>,
    by: &By,
    clock: &Clock,
    (id, today): (&str, &str),
) -> QueryResult<Effect> {
    let Some(row) = find(tx.db, id)? else { return Ok(Effect::Not) };
    if row.state != "waiting" || row.applies_on.as_deref().is_none_or(|day| day > today) {
        return Ok(Effect::Not);
    }
    let lines = row.changes().map_err(unreadable)?;
    let (view, faults) = preview(tx.db, &lines)?;
    if !faults.is_empty() || view.orphans().next().is_some() {
        if !decide(tx, by, id, &["waiting"], "blocked")? {
            return Ok(Effect::Not);
        }
        by.record_failed(tx, "identity.reform_blocked", "reform", id, &faults.len().to_string());
        return Ok(Effect::Blocked);
    }
    if !decide(tx, by, id, &["waiting"], "applied")? {
        return Ok(Effect::Not);
    }
    let city = city(tx.db)?;
    put_departments(tx, by, clock, &lines)?;
    let known: BTreeMap<String, Department> =
        departments::ever(tx.db)?.into_iter().map(|one| (one.code.clone(), one)).collect();
    let at = |code: &str| known.get(code).cloned().ok_or(diesel::result::Error::NotFound);
    let mut heirs: BTreeMap<(String, String), String> = BTreeMap::new();
    // What is handed on its own goes first: the rest is what is left then.
    let closing = |line: &&Line| matches!(line.change, Change::Close { .. });
    let (closed, others): (Vec<&Line>, Vec<&Line>) = lines.iter().partition(closing);
    for line in others {
        if let Change::Hand { code, procedure, heir } = &line.change {
            let (from, to) = (at(code)?, at(heir)?);
            hand_on(tx, (id, procedure), &from.id, &to.id)?;
            move_applications(tx, (by, clock), (&from, &to), Some(procedure))?;
            move_definitions(tx, &from.id, Some(procedure), &to.id)?;
            keys::hand(tx, by, (&from.id, &to.id), Some(procedure))?;
            heirs.insert((from.id.clone(), procedure.clone()), to.id.clone());
            let detail = format!("from={} to={}", from.id, to.id);
            by.record(tx, "identity.procedure_moved", "procedure", procedure, &detail);
        }
    }
    for line in closed {
        let from = at(line.change.code())?;
        if let Some(heir) = line.change.heir() {
            let to = at(heir)?;
            for one in city.procedures.iter().filter(|one| one.desks.contains(&from.code)) {
                if !heirs.contains_key(&(from.id.clone(), one.id.clone())) {
                    forget(tx, &to.id, &one.id)?;
                }
            }
            hand_on(tx, (id, REST), &from.id, &to.id)?;
            move_applications(tx, (by, clock), (&from, &to), None)?;
            move_definitions(tx, &from.id, None, &to.id)?;
            phrases::hand(tx, &from.id, &to.id)?;
            templates::hand(tx, &from.id, &to.id)?;
            inquiries::hand(tx, &from.id, &to.id)?;
            posts::hand(tx, by, &from.id, &to.id)?;
            keys::hand(tx, by, (&from.id, &to.id), None)?;
            move_staff(tx, &from.id, &to.id)?;
            heirs.insert((from.id.clone(), REST.to_owned()), to.id.clone());
        }
        departments::close(tx, by, &from.id, line.change.heir().unwrap_or_default())?;
    }
    let anew = definitions(tx, &heirs)?;
    if let Some(roster) = &row.roster_id {
        rosters::apply_with_reform(tx, by, clock, roster)?;
    }
    charge::all_left(tx, by)?;
    diesel::update(reforms::table.find(id)).set(reforms::told.eq(json(&view)?)).execute(tx.db)?;
    let moved: i64 = view.moves.iter().map(|one| one.assets.open + one.assets.decided).sum();
    let detail = format!("lines={} applications={moved} procedures={}", lines.len(), anew.len());
    by.record(tx, "identity.reform_applied", "reform", id, &detail);
    Ok(Effect::Done(anew))
}

/// Founds and renames. What was decided under a name keeps it.
fn put_departments(tx: &mut Tx<'_>, by: &By, clock: &Clock, lines: &[Line]) -> QueryResult<()> {
    for line in lines {
        match &line.change {
            Change::Found { code, facts } => {
                let sort = departments::ever(tx.db)?.iter().map(|one| one.sort).max();
                let new = Department {
                    id: ids::new(clock),
                    code: code.clone(),
                    name: facts.name.clone(),
                    phone: facts.phone.clone(),
                    place: facts.place.clone(),
                    sort: sort.unwrap_or(0).saturating_add(1),
                };
                departments::put(tx, by, &new)?;
            }
            Change::Alter { code, facts } => {
                let known = departments::by_code(tx.db, code)?;
                let known = known.ok_or(diesel::result::Error::NotFound)?;
                let Facts { name, phone, place } = filled(&facts_of(&known), facts);
                if name != known.name {
                    note_name(tx, &known, None)?;
                }
                departments::put(tx, by, &Department { name, phone, place, ..known })?;
            }
            Change::Hand { .. } | Change::Close { .. } => {}
        }
    }
    Ok(())
}

/// Notes what the department was called: for good on what was decided under the name.
fn note_name(tx: &mut Tx<'_>, from: &Department, procedure: Option<&str>) -> QueryResult<()> {
    let rows = || applications::table.filter(applications::department_id.eq(&from.id));
    let undecided = || {
        let open = applications::decided_in.is_null();
        open.and(applications::state.eq_any(DECIDED.map(State::key)))
    };
    let (named, for_good) =
        (applications::came_from.eq(&from.name), applications::decided_in.eq(&from.name));
    match procedure {
        None => {
            diesel::update(rows().filter(undecided())).set(for_good).execute(tx.db)?;
            diesel::update(rows()).set(named).execute(tx.db)?;
        }
        Some(id) => {
            let of = || rows().filter(applications::procedure_id.eq(id));
            diesel::update(of().filter(undecided())).set(for_good).execute(tx.db)?;
            diesel::update(of()).set(named).execute(tx.db)?;
        }
    }
    Ok(())
}

/// A line in the history of every application that goes to another department: by one statement, for
/// there may be a hundred thousand.
fn note_move(
    tx: &mut Tx<'_>,
    by: &By,
    (from, to): (&Department, &Department),
    procedure: Option<&str>,
) -> QueryResult<()> {
    const LINE: &str = "insert into application_events
            (application_id, seq, at, actor, actor_name, act, from_state, to_state, words)
        select one.id,
            coalesce((select max(line.seq) from application_events line
                where line.application_id = one.id), 0) + 1,
            $1, 'system', '', 'reformed', null, one.state, $2
        from applications one
        where one.department_id = $3 and ($4 = '' or one.procedure_id = $4)";
    let words = format!("{} → {}", from.name, to.name);
    let procedure = procedure.unwrap_or_default();
    let written = each_backend!(tx.db, conn => diesel::sql_query(LINE)
        .bind::<BigInt, _>(by.at.as_microsecond())
        .bind::<Text, _>(&words)
        .bind::<Text, _>(&from.id)
        .bind::<Text, _>(procedure)
        .execute(conn));
    written.map(drop)
}

fn move_applications(
    tx: &mut Tx<'_>,
    (by, clock): (&By, &Clock),
    (from, heir): (&Department, &Department),
    procedure: Option<&str>,
) -> QueryResult<()> {
    let to = heir.id.as_str();
    note_move(tx, by, (from, heir), procedure)?;
    note_name(tx, from, procedure)?;
    let handed = procedure.map_or(Handed::All, Handed::Procedure);
    labels::hand(tx, || ids::new(clock), (&from.id, to), handed)?;
    let rows = || applications::table.filter(applications::department_id.eq(&from.id));
    let keys = application_keys::table.filter(application_keys::department_id.eq(&from.id));
    match procedure {
        None => {
            diesel::update(keys).set(application_keys::department_id.eq(to)).execute(tx.db)?;
            diesel::update(rows()).set(applications::department_id.eq(to)).execute(tx.db)?;
        }
        Some(id) => {
            let of = || rows().filter(applications::procedure_id.eq(id));
            let theirs = application_keys::application_id.eq_any(of().select(applications::id));
            diesel::update(keys.filter(theirs))
                .set(application_keys::department_id.eq(to))
                .execute(tx.db)?;
            diesel::update(of()).set(applications::department_id.eq(to)).execute(tx.db)?;
        }
    }
    approvals::hand(tx, &from.id, to)?;
    recount(tx, (&from.id, to), procedure)
}

/// Moves procedures, open designs and, with everything, kept questions.
fn move_definitions(
    tx: &mut Tx<'_>,
    from: &str,
    procedure: Option<&str>,
    to: &str,
) -> QueryResult<()> {
    let own = procedures::table.filter(procedures::department_id.eq(from));
    let drawn =
        designs::table.filter(designs::department_id.eq(from)).filter(designs::state.eq("open"));
    match procedure {
        Some(id) => {
            diesel::update(own.filter(procedures::id.eq(id)))
                .set(procedures::department_id.eq(to))
                .execute(tx.db)?;
            diesel::update(drawn.filter(designs::procedure_id.eq(id)))
                .set(designs::department_id.eq(to))
                .execute(tx.db)?;
        }
        None => {
            diesel::update(own).set(procedures::department_id.eq(to)).execute(tx.db)?;
            diesel::update(drawn).set(designs::department_id.eq(to)).execute(tx.db)?;
            diesel::update(bank_items::table.filter(bank_items::department_id.eq(from)))
                .set(bank_items::department_id.eq(to))
                .execute(tx.db)?;
        }
    }
    Ok(())
}

/// Everybody goes along with the role they had there; a list of staff may say otherwise afterwards.
fn move_staff(tx: &mut Tx<'_>, from: &str, to: &str) -> QueryResult<()> {
    let there: Vec<String> = staff_departments::table
        .filter(staff_departments::department_id.eq(to))
        .select(staff_departments::staff_id)
        .load(tx.db)?;
    let there: BTreeSet<String> = there.into_iter().collect();
    let people: Vec<(String, Option<String>)> = staff_departments::table
        .filter(staff_departments::department_id.eq(from))
        .select((staff_departments::staff_id, staff_departments::role))
        .load(tx.db)?;
    for (person, role) in people.iter().filter(|(person, _)| !there.contains(person)) {
        diesel::insert_into(staff_departments::table)
            .values((
                staff_departments::staff_id.eq(person),
                staff_departments::department_id.eq(to),
                staff_departments::role.eq(role),
            ))
            .execute(tx.db)?;
    }
    let left = staff_departments::table.filter(staff_departments::department_id.eq(from));
    diesel::delete(left).execute(tx.db)?;
    Ok(())
}

/// Writes who does today what `from` did. The way is one step long: whoever led to `from` leads to
/// `to` afterwards.
fn hand_on(
    tx: &mut Tx<'_>,
    (reform, procedure): (&str, &str),
    from: &str,
    to: &str,
) -> QueryResult<()> {
    use department_heirs::dsl;
    let led = || dsl::department_heirs.filter(dsl::heir_id.eq(from));
    let mut new = vec![from.to_owned()];
    if procedure == REST {
        diesel::update(led()).set(dsl::heir_id.eq(to)).execute(tx.db)?;
    } else {
        let whole: Vec<String> =
            led().filter(dsl::procedure_id.eq(REST)).select(dsl::department_id).load(tx.db)?;
        let named: Vec<String> = dsl::department_heirs
            .filter(dsl::procedure_id.eq(procedure))
            .select(dsl::department_id)
            .load(tx.db)?;
        new.extend(whole.into_iter().filter(|one| !named.contains(one)));
        diesel::update(led().filter(dsl::procedure_id.eq(procedure)))
            .set(dsl::heir_id.eq(to))
            .execute(tx.db)?;
        forget(tx, to, procedure)?;
    }
    forget(tx, from, procedure)?;
    for one in new.iter().filter(|one| *one != to) {
        diesel::insert_into(dsl::department_heirs)
            .values((
                dsl::department_id.eq(one),
                dsl::procedure_id.eq(procedure),
                dsl::heir_id.eq(to),
                dsl::reform_id.eq(reform),
            ))
            .execute(tx.db)?;
    }
    diesel::delete(dsl::department_heirs.filter(dsl::department_id.eq(dsl::heir_id)))
        .execute(tx.db)?;
    Ok(())
}

/// The department does it itself.
fn forget(tx: &mut Tx<'_>, department: &str, procedure: &str) -> QueryResult<()> {
    diesel::delete(department_heirs::table.find((department, procedure))).execute(tx.db)?;
    Ok(())
}

/// Who does today what the department did for this procedure.
///
/// # Errors
/// When the database cannot be read.
pub fn today(db: &mut Db, department: &str, procedure: &str) -> QueryResult<String> {
    let heir: Option<String> = department_heirs::table
        .filter(department_heirs::department_id.eq(department))
        .filter(department_heirs::procedure_id.eq_any([procedure, REST]))
        .order(department_heirs::procedure_id.desc())
        .select(department_heirs::heir_id)
        .first(db)
        .optional()?;
    Ok(heir.unwrap_or_else(|| department.to_owned()))
}

/// The same for every department that handed something of this procedure on.
///
/// # Errors
/// When the database cannot be read.
pub fn heirs(db: &mut Db, procedure: &str) -> QueryResult<BTreeMap<DepartmentId, DepartmentId>> {
    let rows: Vec<(String, String)> = department_heirs::table
        .filter(department_heirs::procedure_id.eq_any([procedure, REST]))
        .order(department_heirs::procedure_id)
        .select((department_heirs::department_id, department_heirs::heir_id))
        .load(db)?;
    let ids = |(from, to): (String, String)| {
        Some((DepartmentId::parse(&from).ok()?, DepartmentId::parse(&to).ok()?))
    };
    Ok(rows.into_iter().filter_map(ids).collect())
}

/// The names on an application: what its department was called before the last reform, and when it
/// was decided.
///
/// # Errors
/// When the database cannot be read.
pub fn names_of(db: &mut Db, application: &str) -> QueryResult<(Option<String>, Option<String>)> {
    applications::table
        .find(application)
        .select((applications::came_from, applications::decided_in))
        .first(db)
}

/// Puts the new departments into designs, and gives the published definitions that name others now.
fn definitions(
    tx: &mut Tx<'_>,
    heirs: &BTreeMap<(String, String), String>,
) -> QueryResult<Vec<(i32, Box<Procedure>)>> {
    let heir = |procedure: &str, department: &DepartmentId| -> DepartmentId {
        let of = |part: &str| heirs.get(&(department.to_string(), part.to_owned()));
        let found = of(procedure).or_else(|| of(REST));
        found.and_then(|id| DepartmentId::parse(id).ok()).unwrap_or_else(|| department.clone())
    };
    let renamed = |id: &str, read: &mut Procedure| {
        let desks = reassign(read, |one| heir(id, one));
        let staff = resettle(read, |one| heir(REST, one));
        desks || staff
    };
    let published: Vec<(String, i32)> = procedures::table
        .filter(procedures::state.eq("published"))
        .order(procedures::id)
        .select((procedures::id, procedures::revision))
        .load(tx.db)?;
    let mut anew = Vec::new();
    for (id, revision) in published {
        let document: String = procedure_revisions::table
            .find((&id, revision))
            .select(procedure_revisions::document)
            .first(tx.db)?;
        let mut read =
            Procedure::from_json(document.as_bytes()).map_err(|why| unreadable(why.to_string()))?;
        if renamed(&id, &mut read) {
            anew.push((revision, Box::new(read)));
            // A design goes on from the revision that differs in nothing else.
            diesel::update(designs::table.filter(designs::procedure_id.eq(&id)))
                .filter(designs::state.eq("open").and(designs::based_on.eq(revision)))
                .set(designs::based_on.eq(revision + 1))
                .execute(tx.db)?;
        }
    }
    let open: Vec<(String, String)> = designs::table
        .filter(designs::state.eq("open"))
        .select((designs::id, designs::procedure_id))
        .load(tx.db)?;
    for (design, procedure) in open {
        let steps: Vec<(i32, String)> = design_steps::table
            .filter(design_steps::design_id.eq(&design))
            .select((design_steps::step, design_steps::document))
            .load(tx.db)?;
        for (step, document) in steps {
            let Ok(mut read) = Procedure::from_json(document.as_bytes()) else { continue };
            if !renamed(&procedure, &mut read) {
                continue;
            }
            let bytes = read.canonical_json().map_err(|why| unreadable(why.to_string()))?;
            let text = String::from_utf8(bytes).map_err(|why| unreadable(why.to_string()))?;
            diesel::update(design_steps::table.find((&design, step)))
                .set((
                    design_steps::department_id.eq(read.department.to_string()),
                    design_steps::document.eq(text),
                ))
                .execute(tx.db)?;
        }
    }
    Ok(anew)
}
