//! How many applications there are within reach, by procedure, department and state.

use std::collections::BTreeMap;

use axum::extract::State;
use domain::identity::Action;
use lgwan_zone_store::api::changes;
use platform_web::{PageResult, QueryData};
use serde::Serialize;

use super::applications::state;
use super::guard::Caller;
use super::{json, query};
use crate::site::Site;

#[derive(Serialize)]
struct Statistics {
    at: String,
    counts: Vec<Count>,
}

#[derive(Serialize)]
struct Count {
    procedure: String,
    department: String,
    state: &'static str,
    applications: i64,
}

/// Counts.
pub(super) async fn get(State(site): State<Site>, caller: Caller, asked: QueryData) -> PageResult {
    query::known(&asked, &[])?;
    let (departments, procedures) = (caller.departments(), caller.procedures());
    let at = site.clock.now().to_string();
    let piles = site.store.read(move |db| changes::piles(db, &departments, &procedures)).await?;
    let mut sums: BTreeMap<(String, String, &'static str), i64> = BTreeMap::new();
    for pile in piles {
        if caller.may(Action::ReadStatistics, &pile.procedure, &pile.department).is_ok() {
            let state = state(&pile.state)?.1;
            *sums.entry((pile.procedure, pile.department, state)).or_default() += pile.applications;
        }
    }
    let count = |((procedure, department, state), applications)| Count {
        procedure,
        department,
        state,
        applications,
    };
    let counts: Vec<Count> = sums.into_iter().map(count).collect();
    caller.noted(&site, "api.statistics_read", ("inbox", ""), &counts.len().to_string()).await?;
    json(&Statistics { at, counts })
}
