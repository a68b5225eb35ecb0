//! Applications in the order in which they changed last. It stays fast at a million because each
//! question is cut into ranges of one index (procedure, state, last change), found by the counts of
//! the inbox, and no range gives more than is still wanted.

use std::collections::BTreeSet;

use diesel::prelude::*;
use platform_store::Db;

use crate::applications::inbox::{Line, Place};
use crate::schema::{applications, inbox_counts};

/// What is asked for.
#[derive(Clone, Debug)]
pub struct Wish {
    /// Department ids; nothing without any.
    pub departments: Vec<String>,
    /// Procedure ids; all when empty.
    pub procedures: Vec<String>,
    /// State codes; all when empty.
    pub states: Vec<String>,
    /// Changed at or after, microseconds.
    pub since: Option<i64>,
    /// Behind this place: last change and id.
    pub after: Option<Place>,
    /// Rows at most.
    pub rows: usize,
}

/// The applications asked for, the longest unchanged first; whether there are more.
///
/// # Errors
/// When the database cannot be read.
pub fn page(db: &mut Db, wish: &Wish) -> QueryResult<(Vec<Line>, bool)> {
    let piles: BTreeSet<(String, String)> = piles(db, &wish.departments, &wish.procedures)?
        .into_iter()
        .map(|pile| (pile.procedure, pile.state))
        .filter(|(_, state)| wish.states.is_empty() || wish.states.contains(state))
        .collect();
    let most = wish.rows + 1;
    let mut lines: Vec<Line> = Vec::new();
    for (procedure, state) in piles {
        // What comes behind a page that is full already is not asked for.
        let until = (lines.len() >= most).then(|| lines[most - 1].updated_at);
        lines.extend(range(db, wish, (&procedure, &state), until)?);
        lines.sort_by(|a, b| (a.updated_at, &a.id).cmp(&(b.updated_at, &b.id)));
        lines.truncate(most);
    }
    let more = lines.len() == most;
    lines.truncate(wish.rows);
    Ok((lines, more))
}

/// One page of one range of the index `applications_for_export`.
fn range(
    db: &mut Db,
    wish: &Wish,
    (procedure, state): (&str, &str),
    until: Option<i64>,
) -> QueryResult<Vec<Line>> {
    // Joined with nothing, the department leads no planner to an index of another order.
    let department = applications::department_id.concat("");
    let mut query = applications::table
        .filter(applications::procedure_id.eq(procedure.to_owned()))
        .filter(applications::state.eq(state.to_owned()))
        .filter(department.eq_any(wish.departments.clone()))
        .select(Line::as_select())
        .into_boxed();
    if let Some(since) = wish.since {
        query = query.filter(applications::updated_at.ge(since));
    }
    if let Some(place) = wish.after.clone() {
        query = query
            .filter(applications::updated_at.ge(place.at))
            .filter(applications::updated_at.gt(place.at).or(applications::id.gt(place.id)));
    }
    if let Some(until) = until {
        query = query.filter(applications::updated_at.le(until));
    }
    query
        .order((applications::updated_at.asc(), applications::id.asc()))
        .limit(i64::try_from(wish.rows + 1).unwrap_or(i64::MAX))
        .load(db)
}

/// How many applications for one procedure are in one state at one department.
#[derive(Clone, Debug, PartialEq, Eq, Queryable)]
pub struct Pile {
    /// Department id.
    pub department: String,
    /// Procedure id.
    pub procedure: String,
    /// State code.
    pub state: String,
    /// How many; more than none.
    pub applications: i64,
}

/// The piles of these departments, for these procedures or all.
///
/// # Errors
/// When the database cannot be read.
pub fn piles(db: &mut Db, departments: &[String], procedures: &[String]) -> QueryResult<Vec<Pile>> {
    let mut query = inbox_counts::table
        .filter(inbox_counts::department_id.eq_any(departments.to_vec()))
        .filter(inbox_counts::applications.gt(0))
        .order((inbox_counts::procedure_id, inbox_counts::department_id, inbox_counts::state))
        .select((
            inbox_counts::department_id,
            inbox_counts::procedure_id,
            inbox_counts::state,
            inbox_counts::applications,
        ))
        .into_boxed();
    if !procedures.is_empty() {
        query = query.filter(inbox_counts::procedure_id.eq_any(procedures.to_vec()));
    }
    query.load(db)
}
