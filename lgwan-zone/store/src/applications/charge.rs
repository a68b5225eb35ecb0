//! 担当者: who of the department is in charge of an application. It gives nobody a right and takes none: whoever
//! works in the department goes on with it all the same.

use std::collections::BTreeMap;

use diesel::prelude::*;
use domain::applications::State;
use domain::identity::Role;
use platform_service::clock::Clock;
use platform_store::{Db, Tx};

use super::over::ends;
use super::rows::Application;
use super::steps::{self, Hop};
use crate::letters::{self, Letter};
use crate::record::By;
use crate::schema::{applications, staff, staff_departments};

/// Applications of one person, or of nobody, that a list looks at, at most.
pub const MINE: i64 = 2_000;

/// Somebody who can be in charge.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// Staff id.
    pub id: String,
    /// Name to show.
    pub name: String,
    /// Where mails go; may be empty.
    pub email: String,
    /// The department they work in.
    pub department_id: String,
}

/// What became of a wish.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Put {
    /// That person is in charge, or nobody.
    Done,
    /// It was so before; nothing changed.
    Before,
    /// Nobody of the department; nothing changed.
    Foreign,
    /// That person applied for it themselves (庁内の申請); nothing changed.
    Own,
    /// It is over, or went to another department; nothing changed.
    Over,
}

/// Roles that work with applications: whoever has another one works in no department, also while it names them.
pub(super) const DESKS: [&str; 2] = [Role::ProcedureManager.key(), Role::Clerk.key()];

/// Who works with the applications of these departments, by name.
///
/// # Errors
/// When the database cannot be read.
pub fn members(db: &mut Db, departments: &[String]) -> QueryResult<Vec<Member>> {
    let rows: Vec<(String, String, String, String)> = staff_departments::table
        .inner_join(staff::table.on(staff::id.eq(staff_departments::staff_id)))
        .filter(staff_departments::department_id.eq_any(departments))
        .filter(staff::disabled_at.is_null())
        .filter(staff::role.eq_any(DESKS))
        .order((staff::display_name, staff::id, staff_departments::department_id))
        .select((staff::id, staff::display_name, staff::email, staff_departments::department_id))
        .load(db)?;
    let member = |(id, name, email, department_id)| Member { id, name, email, department_id };
    Ok(rows.into_iter().map(member).collect())
}

/// Ids of who is in charge of these applications, with the name, by application.
///
/// # Errors
/// When the database cannot be read.
pub fn of(db: &mut Db, ids: &[String]) -> QueryResult<BTreeMap<String, (String, String)>> {
    let rows: Vec<(String, String)> = applications::table
        .filter(applications::id.eq_any(ids))
        .filter(applications::in_charge.is_not_null())
        .select((applications::id, applications::in_charge.assume_not_null()))
        .load(db)?;
    let people: Vec<&String> = rows.iter().map(|(_, person)| person).collect();
    let names: BTreeMap<String, String> = staff::table
        .filter(staff::id.eq_any(people))
        .select((staff::id, staff::display_name))
        .load::<(String, String)>(db)?
        .into_iter()
        .collect();
    let named = rows.into_iter().map(|(id, person)| {
        let name = names.get(&person).cloned().unwrap_or_default();
        (id, (person, name))
    });
    Ok(named.collect())
}

/// Who is in charge of one; nobody when there is none.
///
/// # Errors
/// When the database cannot be read.
pub fn holder(db: &mut Db, application: &str) -> QueryResult<Option<String>> {
    applications::table
        .find(application)
        .select(applications::in_charge)
        .first::<Option<String>>(db)
        .optional()
        .map(Option::flatten)
}

/// What this person is in charge of and is not over in these states, or in any without one, sorted; at most
/// [`MINE`], those sent first, as their ids tell: of a trial, or without one of all else. One range of an index a
/// state.
///
/// # Errors
/// When the database cannot be read.
pub fn mine(
    db: &mut Db,
    person: &str,
    states: &[String],
    trial: Option<&str>,
) -> QueryResult<Vec<String>> {
    let mut ids: Vec<String> = Vec::new();
    for state in open(states) {
        let query = applications::table
            .filter(applications::in_charge.eq(person))
            .filter(applications::state.eq(state))
            .order(applications::id.asc())
            .limit(MINE)
            .select(applications::id)
            .into_boxed();
        let query = of_trial!(query, trial);
        ids.extend(query.load::<String>(db)?);
    }
    ids.sort_unstable();
    ids.truncate(usize::try_from(MINE).unwrap_or(usize::MAX));
    Ok(ids)
}

/// What nobody is in charge of and is not over in these departments and states, or in any state without one,
/// sorted; at most [`MINE`], the oldest: of a trial, or without one of all else. One range of an index a department
/// and state, so that the history behind costs nothing.
///
/// # Errors
/// When the database cannot be read.
pub fn nobodys(
    db: &mut Db,
    departments: &[String],
    states: &[String],
    trial: Option<&str>,
) -> QueryResult<Vec<String>> {
    let mut found: Vec<(i64, String)> = Vec::new();
    let open = open(states);
    for (department, state) in
        departments.iter().flat_map(|one| open.iter().map(move |state| (one, state)))
    {
        let query = applications::table
            .filter(applications::department_id.eq(department))
            .filter(applications::state.eq(*state))
            .filter(applications::in_charge.is_null())
            .order((applications::arrived_at.asc(), applications::id.asc()))
            .limit(MINE)
            .select((applications::arrived_at, applications::id))
            .into_boxed();
        let query = of_trial!(query, trial);
        found.extend(query.load::<(i64, String)>(db)?);
    }
    found.sort_unstable();
    found.truncate(usize::try_from(MINE).unwrap_or(usize::MAX));
    let mut ids: Vec<String> = found.into_iter().map(|(_, id)| id).collect();
    ids.sort_unstable();
    Ok(ids)
}

/// States in which something is left to do: those of these, or all without one.
fn open(states: &[String]) -> Vec<&'static str> {
    let open = State::ALL.into_iter().filter(|state| !state.is_end()).map(State::key);
    open.filter(|key| states.is_empty() || states.iter().any(|one| one == key)).collect()
}

/// Puts somebody of the department in charge, or nobody, with a line in the history. `letter` tells the
/// person; it goes out only when something changed.
///
/// # Errors
/// When the database cannot be written.
pub fn set(
    tx: &mut Tx<'_>,
    (by, clock): (&By, &Clock),
    row: &Application,
    person: Option<&str>,
    letter: Option<&Letter>,
) -> QueryResult<Put> {
    if row.is_of(&by.staff) || person.is_some_and(|person| row.is_of(person)) {
        return Ok(Put::Own);
    }
    let name = match person {
        None => String::new(),
        Some(person) => {
            let all = members(tx.db, std::slice::from_ref(&row.department_id))?;
            match all.into_iter().find(|one| one.id == person) {
                Some(one) => one.name,
                None => return Ok(Put::Foreign),
            }
        }
    };
    // Where it is still open and in this department.
    let here = || {
        applications::table
            .find(&row.id)
            .filter(applications::department_id.eq(&row.department_id))
            .filter(applications::state.ne_all(ends()))
    };
    let changed = match person {
        None => diesel::update(here().filter(applications::in_charge.is_not_null()))
            .set(applications::in_charge.eq(None::<String>))
            .execute(tx.db)?,
        Some(person) => {
            let other = applications::in_charge.is_null().or(applications::in_charge.ne(person));
            diesel::update(here().filter(other))
                .set(applications::in_charge.eq(person))
                .execute(tx.db)?
        }
    };
    if changed == 0 {
        let left: i64 = here().count().get_result(tx.db)?;
        return Ok(if left == 0 { Put::Over } else { Put::Before });
    }
    let act = if person.is_some() { "put_in_charge" } else { "nobody_in_charge" };
    let hop = Hop {
        act: act.to_owned(),
        actor: by.staff.clone(),
        actor_name: by.name.clone(),
        from: None,
        to: row.state.clone(),
        words: name,
    };
    steps::remember(tx, &row.id, by.at.as_microsecond(), &hop)?;
    let detail = format!("{} person={}", row.number, person.unwrap_or("-"));
    by.record(tx, &format!("applications.{act}"), "application", &row.id, &detail);
    if let Some(letter) = letter {
        letters::queue(tx, clock, "in_charge", letter)?;
    }
    Ok(Put::Done)
}

/// Nobody is in charge any more: the application goes to another department.
pub(super) fn leave(tx: &mut Tx<'_>, application: &str) -> QueryResult<()> {
    diesel::update(applications::table.find(application))
        .set(applications::in_charge.eq(None::<String>))
        .execute(tx.db)?;
    Ok(())
}

/// Takes a person off what they are in charge of and cannot be any more, with a line in the history of each:
/// the account is stopped, or works no more in the department it lies with. What is over is looked at when it
/// is reopened ([`look_again`]).
///
/// # Errors
/// When the database cannot be written.
pub(crate) fn left(tx: &mut Tx<'_>, by: &By, person: &str) -> QueryResult<()> {
    let departments: Vec<String> = staff_departments::table
        .inner_join(staff::table.on(staff::id.eq(staff_departments::staff_id)))
        .filter(staff_departments::staff_id.eq(person))
        .filter(staff::disabled_at.is_null())
        .filter(staff::role.eq_any(DESKS))
        .select(staff_departments::department_id)
        .load(tx.db)?;
    let lost: Vec<(String, String, String)> = applications::table
        .filter(applications::in_charge.eq(person))
        .filter(applications::state.eq_any(open(&[])))
        .filter(applications::department_id.ne_all(departments))
        .order(applications::id)
        .select((applications::id, applications::number, applications::state))
        .load(tx.db)?;
    for one in &lost {
        take_off(tx, by, person, (&one.0, &one.1, &one.2))?;
    }
    Ok(())
}

/// The same of everybody: departments changed.
pub(crate) fn all_left(tx: &mut Tx<'_>, by: &By) -> QueryResult<()> {
    let people: Vec<String> = applications::table
        .filter(applications::in_charge.is_not_null())
        .filter(applications::state.eq_any(open(&[])))
        .select(applications::in_charge.assume_not_null())
        .distinct()
        .load(tx.db)?;
    for person in &people {
        left(tx, by, person)?;
    }
    Ok(())
}

/// The same of one application, which is reopened: who was in charge of it may have left meanwhile.
pub(super) fn look_again(tx: &mut Tx<'_>, by: &By, application: &str) -> QueryResult<()> {
    let person: Option<String> =
        applications::table.find(application).select(applications::in_charge).first(tx.db)?;
    person.map_or(Ok(()), |person| left(tx, by, &person))
}

fn take_off(
    tx: &mut Tx<'_>,
    by: &By,
    person: &str,
    (application, number, state): (&str, &str, &str),
) -> QueryResult<()> {
    leave(tx, application)?;
    let name: Option<String> =
        staff::table.find(person).select(staff::display_name).first(tx.db).optional()?;
    let hop = Hop {
        act: "left_charge".to_owned(),
        actor: by.staff.clone(),
        actor_name: by.name.clone(),
        from: None,
        to: state.to_owned(),
        words: name.unwrap_or_default(),
    };
    steps::remember(tx, application, by.at.as_microsecond(), &hop)?;
    let detail = format!("{number} person={person}");
    by.record(tx, "applications.left_charge", "application", application, &detail);
    Ok(())
}
