//! Lists of staff (NB-7.1, NF-40): read, looked at, taken over now or on a day.
//!
//! ```text
//! read ──▶ applied          one conditional statement each,
//!  │  └──▶ waiting ──▶ applied    in the transaction of what it does
//!  └─────────┴──▶ dropped
//! ```
//!
//! A list keeps people, not changes: what changes is found anew when it is taken over.

use std::collections::{BTreeMap, BTreeSet};

use diesel::dsl::{count_star, exists, max, min, not};
use diesel::prelude::*;
use domain::identity::Role;
use domain::identity::roster::{Altered, Changes, Member, Row, changes};
use platform_service::clock::Clock;
use platform_service::ids;
use platform_store::{Db, Tx};

use super::{posts, sessions};
use crate::applications::charge;
use crate::record::By;
use crate::retention::{Content, Old};
use crate::schema::{departments, reforms, rosters, staff, staff_departments};

/// The departments that codes mean.
type Departments = BTreeMap<String, Place>;

/// A department that a code means.
struct Place {
    id: String,
    /// Whether the code is its own, and not that of one it took over from.
    own: bool,
}

/// A list as stored, without its lines, which are thousands: [`lines`] has them. Times are microseconds since the
/// epoch, UTC.
#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = crate::schema::rosters)]
pub struct Roster {
    /// Identifier.
    pub id: String,
    /// Name of the file it came in.
    pub file_name: String,
    /// Whether who is not on it has left.
    pub whole: bool,
    /// `read`, `waiting`, `applied` or `dropped`.
    pub state: String,
    /// Day from which it holds, `YYYY-MM-DD` in Japan.
    pub applies_on: Option<String>,
    /// When it was handed in.
    pub read_at: i64,
    /// By whom, staff id.
    pub read_by: String,
    /// When it was taken over, set to wait or dropped.
    pub decided_at: Option<i64>,
    /// By whom, staff id or `system`.
    pub decided_by: Option<String>,
    /// Accounts it made.
    pub joined: i32,
    /// Accounts it changed.
    pub altered: i32,
    /// Accounts it stopped.
    pub stopped: i32,
    /// The reform it is taken over with; it has no day of its own then.
    pub reform_id: Option<String>,
}

/// A list that was handed in.
#[derive(Clone, Debug)]
pub struct NewRoster {
    /// Identifier.
    pub id: String,
    /// Name of the file.
    pub file_name: String,
    /// Whether who is not on it has left.
    pub whole: bool,
    /// People that can be taken.
    pub rows: Vec<Row>,
    /// The other lines, in words.
    pub faults: Vec<String>,
}

/// Keeps a list to be looked at.
///
/// # Errors
/// When the database cannot be written.
pub fn keep(tx: &mut Tx<'_>, by: &By, new: &NewRoster) -> QueryResult<()> {
    diesel::insert_into(rosters::table)
        .values((
            rosters::id.eq(&new.id),
            rosters::file_name.eq(&new.file_name),
            rosters::whole.eq(new.whole),
            rosters::people.eq(json(&new.rows)?),
            rosters::faults.eq(json(&new.faults)?),
            rosters::state.eq("read"),
            rosters::read_at.eq(by.at.as_microsecond()),
            rosters::read_by.eq(&by.staff),
        ))
        .execute(tx.db)?;
    by.record(tx, "identity.roster_read", "roster", &new.id, &new.rows.len().to_string());
    Ok(())
}

fn json<T: serde::Serialize>(value: &T) -> QueryResult<String> {
    serde_json::to_string(value)
        .map_err(|why| diesel::result::Error::SerializationError(why.into()))
}

/// One list.
///
/// # Errors
/// When the database cannot be read.
pub fn find(db: &mut Db, id: &str) -> QueryResult<Option<Roster>> {
    rosters::table.find(id).select(Roster::as_select()).first(db).optional()
}

/// The people of one list, and its lines that could not be read, in words.
///
/// # Errors
/// When the database cannot be read, or they are not what [`keep`] wrote.
pub fn lines(db: &mut Db, id: &str) -> QueryResult<(Vec<Row>, Vec<String>)> {
    let (people, faults): (String, String) =
        rosters::table.find(id).select((rosters::people, rosters::faults)).first(db)?;
    Ok((parsed(&people)?, parsed(&faults)?))
}

fn parsed<T: serde::de::DeserializeOwned>(text: &str) -> QueryResult<T> {
    serde_json::from_str(text)
        .map_err(|why| diesel::result::Error::DeserializationError(why.into()))
}

/// Whether a list waits: for a day of its own, or with a reform that waits or was stopped on its day.
macro_rules! waits {
    () => {
        rosters::state.eq("waiting").or(rosters::state.eq("read").and(exists(
            reforms::table
                .filter(reforms::roster_id.eq(rosters::id.nullable()))
                .filter(reforms::state.eq_any(["waiting", "blocked"])),
        )))
    };
}

/// Lists that wait: those of a reform first, then the others by their day.
///
/// # Errors
/// When the database cannot be read.
pub fn waiting(db: &mut Db, most: i64) -> QueryResult<Vec<Roster>> {
    rosters::table
        .filter(waits!())
        .order((rosters::applies_on.is_not_null(), rosters::applies_on, rosters::read_at))
        .limit(most)
        .select(Roster::as_select())
        .load(db)
}

/// The newest of the others.
///
/// # Errors
/// When the database cannot be read.
pub fn newest(db: &mut Db, most: i64) -> QueryResult<Vec<Roster>> {
    rosters::table
        .filter(not(waits!()))
        .order(rosters::read_at.desc())
        .limit(most)
        .select(Roster::as_select())
        .load(db)
}

/// Ties a list to the reform it is taken over with.
pub(super) fn belongs(tx: &mut Tx<'_>, id: &str, reform: &str) -> QueryResult<()> {
    diesel::update(rosters::table.find(id)).set(rosters::reform_id.eq(reform)).execute(tx.db)?;
    Ok(())
}

/// Lists whose day has come, the earliest first.
///
/// # Errors
/// When the database cannot be read.
pub fn due(db: &mut Db, today: &str) -> QueryResult<Vec<String>> {
    rosters::table
        .filter(rosters::state.eq("waiting").and(rosters::applies_on.le(today)))
        .order((rosters::applies_on, rosters::decided_at))
        .select(rosters::id)
        .load(db)
}

/// Every account as a list would have it.
///
/// # Errors
/// When the database cannot be read, or holds a role nobody knows.
pub fn members(db: &mut Db) -> QueryResult<Vec<Member>> {
    let mut codes: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let mut named: BTreeMap<String, BTreeMap<String, Role>> = BTreeMap::new();
    let memberships: Vec<(String, String, Option<String>)> = staff_departments::table
        .inner_join(departments::table.on(staff_departments::department_id.eq(departments::id)))
        .select((staff_departments::staff_id, departments::code, staff_departments::role))
        .load(db)?;
    for (id, code, role) in memberships {
        if let Some(role) = role.as_deref().and_then(Role::parse) {
            named.entry(id.clone()).or_default().insert(code.clone(), role);
        }
        codes.entry(id).or_default().insert(code);
    }
    let mut held: BTreeMap<String, BTreeSet<(String, String)>> = BTreeMap::new();
    for one in posts::all(db)?.into_iter().filter(|one| one.member.is_some()) {
        held.entry(one.staff_id).or_default().insert((one.code, one.title));
    }
    let columns = (
        staff::id,
        staff::login_id,
        staff::display_name,
        staff::email,
        staff::role,
        staff::disabled_at,
    );
    let people: Vec<(String, String, String, String, String, Option<i64>)> =
        staff::table.order(staff::login_id).select(columns).load(db)?;
    let member =
        |(id, login_id, name, email, role, disabled_at): (String, _, _, _, String, Option<i64>)| {
            let departments = codes.remove(&id).unwrap_or_default();
            let roles = named.remove(&id).unwrap_or_default();
            let posts = held.remove(&id).unwrap_or_default();
            let role = Role::parse(&role).ok_or(diesel::result::Error::NotFound)?;
            Ok(Member {
                id,
                login_id,
                name,
                email,
                role,
                departments,
                roles,
                posts,
                stopped: disabled_at.is_some(),
            })
        };
    people.into_iter().map(member).collect()
}

/// Lets a list wait for its day. `false` when it is not there to be decided on any more.
///
/// # Errors
/// When the database cannot be written.
pub fn wait(tx: &mut Tx<'_>, by: &By, id: &str, day: &str) -> QueryResult<bool> {
    let read =
        rosters::table.find(id).filter(rosters::state.eq("read").and(rosters::reform_id.is_null()));
    let now = by.at.as_microsecond();
    let decided = (rosters::decided_at.eq(now), rosters::decided_by.eq(&by.staff));
    let done = diesel::update(read)
        .set((rosters::state.eq("waiting"), rosters::applies_on.eq(day), decided))
        .execute(tx.db)?
        == 1;
    if done {
        by.record(tx, "identity.roster_waits", "roster", id, day);
    }
    Ok(done)
}

/// Gives a list up. `false` when it is not there to be decided on any more.
///
/// # Errors
/// When the database cannot be written.
pub fn give_up(tx: &mut Tx<'_>, by: &By, id: &str) -> QueryResult<bool> {
    let done = decide(tx, by, id, "dropped")?;
    if done {
        by.record(tx, "identity.roster_dropped", "roster", id, "");
    }
    Ok(done)
}

/// Takes a list over: accounts made, changed and stopped, all or nothing. `None` when it is not
/// there to be decided on any more.
///
/// # Errors
/// When the database cannot be written.
pub fn apply(tx: &mut Tx<'_>, by: &By, clock: &Clock, id: &str) -> QueryResult<Option<Changes>> {
    let alone = rosters::table.find(id).filter(rosters::reform_id.is_null()).count();
    if alone.get_result::<i64>(tx.db)? == 0 {
        return Ok(None);
    }
    apply_with_reform(tx, by, clock, id)
}

/// The same for a list that is taken over with a reform.
pub(super) fn apply_with_reform(
    tx: &mut Tx<'_>,
    by: &By,
    clock: &Clock,
    id: &str,
) -> QueryResult<Option<Changes>> {
    if !decide(tx, by, id, "applied")? {
        return Ok(None);
    }
    let whole: bool = rosters::table.find(id).select(rosters::whole).first(tx.db)?;
    let (rows, _) = lines(tx.db, id)?;
    let found = changes(&rows, &members(tx.db)?, whole);
    let departments = places(tx.db)?;
    join(tx, by, clock, &found.joined, &departments)?;
    for altered in &found.altered {
        alter(tx, by, altered, &departments)?;
    }
    for member in &found.left {
        super::staff::set_disabled(tx, by, &member.id, true)?;
    }
    let counts = (
        rosters::joined.eq(count(found.joined.len())),
        rosters::altered.eq(count(found.altered.len())),
        rosters::stopped.eq(count(found.left.len())),
    );
    diesel::update(rosters::table.find(id)).set(counts).execute(tx.db)?;
    let told = format!("{} {} {}", found.joined.len(), found.altered.len(), found.left.len());
    by.record(tx, "identity.roster_applied", "roster", id, &told);
    Ok(Some(found))
}

/// The department that each code means today: of one that a reform abolished while a list waited, the one
/// that took over from it.
fn places(db: &mut Db) -> QueryResult<Departments> {
    let all: Vec<(String, String, Option<i64>)> = departments::table
        .select((departments::code, departments::id, departments::closed_at))
        .load(db)?;
    let mut places = Departments::new();
    for (code, id, closed_at) in all {
        let place = match closed_at {
            Some(_) => {
                let id = super::reforms::today(db, &id, super::reforms::REST)?;
                Place { id, own: false }
            }
            None => Place { id, own: true },
        };
        places.insert(code, place);
    }
    Ok(places)
}

fn decide(tx: &mut Tx<'_>, by: &By, id: &str, state: &str) -> QueryResult<bool> {
    let open = rosters::table.find(id).filter(rosters::state.eq_any(["read", "waiting"]));
    let now = by.at.as_microsecond();
    let decided = (rosters::decided_at.eq(now), rosters::decided_by.eq(&by.staff));
    Ok(diesel::update(open).set((rosters::state.eq(state), decided)).execute(tx.db)? == 1)
}

fn join(
    tx: &mut Tx<'_>,
    by: &By,
    clock: &Clock,
    rows: &[Row],
    departments: &Departments,
) -> QueryResult<()> {
    let now = by.at.as_microsecond();
    for row in rows {
        let id = ids::new(clock);
        let role = row.role().unwrap_or(Role::Clerk);
        diesel::insert_into(staff::table)
            .values((
                staff::id.eq(&id),
                staff::login_id.eq(&row.login_id),
                staff::display_name.eq(&row.name),
                staff::email.eq(row.email.as_deref().unwrap_or_default()),
                staff::role.eq(role.key()),
                staff::password_hash.eq(""),
                staff::password_changed_at.eq(now),
                staff::must_change_password.eq(true),
                staff::created_at.eq(now),
            ))
            .execute(tx.db)?;
        let named = |code: &String| row.role_in(code).map(|role| (code.clone(), role));
        let roles = row.departments.iter().filter_map(named).collect();
        belong(tx, &id, (&row.departments, &roles), departments)?;
        by.record(tx, "identity.account_made", "staff", &id, role.key());
        hold(tx, by, &id, row, departments)?;
    }
    Ok(())
}

/// Changes one account. A role or a department that is lost ends its sessions, so that nobody works
/// on with what is not theirs any more.
fn alter(
    tx: &mut Tx<'_>,
    by: &By,
    altered: &Altered,
    departments: &Departments,
) -> QueryResult<()> {
    let Altered { before, row } = altered;
    let role = altered.role();
    diesel::update(staff::table.find(&before.id))
        .set((
            staff::display_name.eq(&row.name),
            staff::email.eq(altered.email()),
            staff::role.eq(role.key()),
        ))
        .execute(tx.db)?;
    let roles = altered.roles();
    if before.departments != row.departments || before.roles != roles {
        let own = staff_departments::table.filter(staff_departments::staff_id.eq(&before.id));
        diesel::delete(own).execute(tx.db)?;
        belong(tx, &before.id, (&row.departments, &roles), departments)?;
    }
    hold(tx, by, &before.id, row, departments)?;
    let lost = !before.departments.is_subset(&row.departments);
    if role != before.role || before.roles != roles || lost {
        sessions::end_all(tx, &before.id)?;
    }
    let code = |code: &String| match roles.get(code) {
        Some(role) => format!("{code}={}", role.key()),
        None => code.clone(),
    };
    let codes: Vec<String> = row.departments.iter().map(code).collect();
    let mut told = format!("{} {}", role.key(), codes.join("/"));
    if role != before.role {
        told = format!("from={} to={told}", before.role.key());
    }
    by.record(tx, "identity.account_changed", "staff", &before.id, &told);
    charge::left(tx, by, &before.id)
}

fn belong(
    tx: &mut Tx<'_>,
    id: &str,
    (codes, roles): (&BTreeSet<String>, &BTreeMap<String, Role>),
    departments: &Departments,
) -> QueryResult<()> {
    // Two codes may mean one department by now: what the list says of that one itself stands, as in a reform.
    let (mut there, mut handed_on) = (BTreeMap::<&String, Option<&Role>>::new(), Vec::new());
    for code in codes {
        let place = departments.get(code).ok_or(diesel::result::Error::NotFound)?;
        if place.own {
            there.insert(&place.id, roles.get(code));
        } else {
            handed_on.push((&place.id, roles.get(code)));
        }
    }
    for (department, role) in handed_on {
        there.entry(department).or_insert(role);
    }
    for (department, role) in there {
        diesel::insert_into(staff_departments::table)
            .values((
                staff_departments::staff_id.eq(id),
                staff_departments::department_id.eq(department),
                staff_departments::role.eq(role.map(|role| role.key())),
            ))
            .execute(tx.db)?;
    }
    Ok(())
}

/// Gives and takes the posts of a person so that they are as the list says, when it says anything.
fn hold(
    tx: &mut Tx<'_>,
    by: &By,
    person: &str,
    row: &Row,
    departments: &Departments,
) -> QueryResult<()> {
    let Some(wanted) = &row.posts else { return Ok(()) };
    let mut new = Vec::new();
    for (code, title) in wanted {
        let place = departments.get(code).ok_or(diesel::result::Error::NotFound)?;
        new.push((place.id.clone(), title.clone(), person.to_owned()));
    }
    for (department, title) in posts::given(tx.db, person)? {
        if !new.iter().any(|(id, name, _)| *id == department && *name == title) {
            posts::take(tx, by, (&department, &title, person))?;
        }
    }
    posts::give(tx, by, &new)
}

fn count(number: usize) -> i32 {
    i32::try_from(number).unwrap_or(i32::MAX)
}

macro_rules! over {
    ($before:expr) => {
        rosters::table
            .filter(rosters::state.eq_any(["read", "applied", "dropped"]))
            .filter(rosters::read_at.lt($before))
            .filter(not(exists(
                reforms::table.filter(reforms::roster_id.eq(rosters::id.nullable())),
            )))
    };
}

/// How many lists are over since before a moment, the first and last one. A list that goes with a
/// reform stays with it.
pub(crate) fn count_over(db: &mut Db, before: i64) -> QueryResult<(i64, Option<i64>, Option<i64>)> {
    over!(before).select((count_star(), min(rosters::read_at), max(rosters::read_at))).first(db)
}

/// The next lists that are over; their time counts from when they were handed in.
pub(crate) fn over(db: &mut Db, before: i64, most: i64) -> QueryResult<Vec<Old>> {
    let all: Vec<(String, String, String, i64)> = over!(before)
        .order((rosters::read_at, rosters::id))
        .limit(most)
        .select((rosters::id, rosters::people, rosters::state, rosters::read_at))
        .load(db)?;
    let old = |(id, people, state, read_at): (String, String, String, i64)| Old {
        content: Content::of("roster").text(&people).text(&state).hash(),
        label: id.clone(),
        ended_at: read_at,
        id,
    };
    Ok(all.into_iter().map(old).collect())
}

/// Deletes lists.
pub(crate) fn delete(tx: &mut Tx<'_>, old: &[Old]) -> QueryResult<()> {
    for one in old {
        diesel::delete(rosters::table.find(&one.id)).execute(tx.db)?;
    }
    Ok(())
}
