//! How many applications are in which state: kept with every change, so that
//! the inbox shows its counts without counting a million rows.

use diesel::prelude::*;
use domain::procedures::is_trial;
use platform_store::Tx;

use crate::schema::inbox_counts::dsl;

/// Whose count moves.
pub(super) struct Pile<'a> {
    pub(super) department: &'a str,
    pub(super) procedure: &'a str,
    pub(super) state: &'a str,
}

/// Adds `by` (which may be negative) to one count. Trials are counted nowhere.
pub(super) fn add(tx: &mut Tx<'_>, pile: &Pile<'_>, by: i64) -> QueryResult<()> {
    if is_trial(pile.procedure) {
        return Ok(());
    }
    let row = dsl::inbox_counts.find((pile.department, pile.procedure, pile.state));
    let known =
        diesel::update(row).set(dsl::applications.eq(dsl::applications + by)).execute(tx.db)?;
    if known == 0 {
        diesel::insert_into(dsl::inbox_counts)
            .values((
                dsl::department_id.eq(pile.department),
                dsl::procedure_id.eq(pile.procedure),
                dsl::state.eq(pile.state),
                dsl::applications.eq(by),
            ))
            .execute(tx.db)?;
    }
    Ok(())
}

/// Takes the counts of a department, for one procedure or for all, over to another (NB-6.5).
pub(crate) fn recount(
    tx: &mut Tx<'_>,
    (from, to): (&str, &str),
    procedure: Option<&str>,
) -> QueryResult<()> {
    let piles: Vec<(String, String, i64)> = dsl::inbox_counts
        .filter(dsl::department_id.eq(from))
        .select((dsl::procedure_id, dsl::state, dsl::applications))
        .load(tx.db)?;
    for (id, state, count) in piles {
        if procedure.is_some_and(|one| one != id) {
            continue;
        }
        add(tx, &Pile { department: to, procedure: &id, state: &state }, count)?;
        diesel::delete(dsl::inbox_counts.find((from, &id, &state))).execute(tx.db)?;
    }
    Ok(())
}
