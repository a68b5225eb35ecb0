//! Applications in flight by the revision they were made on.

use diesel::dsl::count_star;
use diesel::prelude::*;
use domain::applications::State;
use platform_store::Db;

use super::rows::Application;
use crate::schema::applications;

/// States from which something can still happen.
fn in_flight() -> Vec<&'static str> {
    State::ALL.into_iter().filter(|state| !state.is_end()).map(State::key).collect()
}

/// How many applications of a procedure are in flight on each revision before `below`, oldest
/// revision first: `(revision, applications)`. Reads one index.
///
/// # Errors
/// When the database cannot be read.
pub fn counts(db: &mut Db, procedure: &str, below: i32) -> QueryResult<Vec<(i32, i64)>> {
    applications::table
        .filter(applications::procedure_id.eq(procedure))
        .filter(applications::revision.lt(below))
        .filter(applications::state.eq_any(in_flight()))
        .group_by(applications::revision)
        .order(applications::revision)
        .select((applications::revision, count_star()))
        .load(db)
}

/// The first of them that these departments handle, oldest revision first; at most `most`.
///
/// # Errors
/// When the database cannot be read.
pub fn first(
    db: &mut Db,
    procedure: &str,
    below: i32,
    departments: &[String],
    most: i64,
) -> QueryResult<Vec<Application>> {
    applications::table
        .filter(applications::procedure_id.eq(procedure))
        .filter(applications::revision.lt(below))
        .filter(applications::state.eq_any(in_flight()))
        .filter(applications::department_id.eq_any(departments))
        .order((applications::revision, applications::state, applications::id))
        .limit(most)
        .select(Application::as_select())
        .load(db)
}

/// Those of them that these departments handle and that are in one of these states, oldest revision
/// first; at most `most`.
///
/// # Errors
/// When the database cannot be read.
pub fn in_states(
    db: &mut Db,
    (procedure, below): (&str, i32),
    departments: &[String],
    states: &[String],
    most: i64,
) -> QueryResult<Vec<Application>> {
    applications::table
        .filter(applications::procedure_id.eq(procedure))
        .filter(applications::revision.lt(below))
        .filter(applications::state.eq_any(states))
        .filter(applications::department_id.eq_any(departments))
        .order((applications::revision, applications::state, applications::id))
        .limit(most)
        .select(Application::as_select())
        .load(db)
}
