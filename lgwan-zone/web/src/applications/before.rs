//! What staff should know before they decide: that the applicant asked to withdraw, opinions that are still
//! awaited, points of the review that are not marked, marked before a correction or marked 不備, a fee that is not recorded as paid.

use std::collections::BTreeMap;
use std::sync::Arc;

use domain::applications::review::unmarked;
use domain::applications::{Mark, Unmarked};
use lgwan_zone_store::applications::review::{self, Found};
use lgwan_zone_store::applications::{payments, withdrawal_requests};
use platform_web::Trouble;

use super::desk::Desk;
use crate::inquiries::ask;
use crate::site::Site;

/// What stands against a decision; nothing of it when all is well.
#[derive(Clone, Default)]
pub(crate) struct Before {
    /// Departments that still have to say something.
    pub(crate) waited: Vec<String>,
    /// Points that must be marked and are not.
    pub(crate) unmarked: Vec<String>,
    /// Points that were marked on the answers before a correction, and not since.
    pub(crate) earlier: Vec<String>,
    /// Points marked 不備.
    pub(crate) flaws: Vec<String>,
    /// The applicant asked to withdraw and waits for an answer (取下げの申出).
    pub(crate) withdrawal: bool,
    /// Whether the decision is refused because of what is not marked.
    pub(crate) stops: bool,
    /// The fee is to be paid before a decision in favour, and not all of it is recorded as paid (NF-15).
    pub(crate) unpaid: bool,
}

impl Before {
    /// Of what is known.
    pub(super) fn of(
        desk: &Desk,
        waited: Vec<String>,
        found: &BTreeMap<String, Vec<Found>>,
    ) -> Self {
        let workflow = &desk.form.procedure().workflow;
        let marked: Vec<String> = found.keys().cloned().collect();
        let open = unmarked(&workflow.points, &marked);
        let flaw = |id: &str| newest(found, id).is_some_and(|one| one.mark == Mark::Flaw.key());
        let flaws = workflow.points.iter().filter(|point| flaw(&point.id));
        let old = |id: &str| newest(found, id).is_some_and(|one| one.round < desk.row.round);
        let earlier = workflow.points.iter().filter(|point| old(&point.id));
        Self {
            withdrawal: false,
            waited,
            earlier: earlier.map(|point| point.title.clone()).collect(),
            flaws: flaws.map(|point| point.title.clone()).collect(),
            stops: workflow.unmarked == Unmarked::Refuse && !open.is_empty(),
            unmarked: open.into_iter().map(|point| point.title.clone()).collect(),
            unpaid: false,
        }
    }
}

/// What was found at a point last.
pub(super) fn newest<'f>(
    found: &'f BTreeMap<String, Vec<Found>>,
    point: &str,
) -> Option<&'f Found> {
    found.get(point).and_then(|all| all.first())
}

/// What stands against a decision on this application.
pub(crate) async fn before(site: &Site, desk: &Desk) -> Result<Before, Trouble> {
    let waited = ask::open_ones(site, &desk.row.id).await?;
    let (id, row, form) = (desk.row.id.clone(), desk.row.clone(), Arc::clone(&desk.form));
    let (found, request, unpaid) = site
        .store
        .read(move |db| {
            let owed = payments::owes(db, form.procedure(), &row)?;
            let unpaid = !payments::settled(db, &id, owed)?;
            Ok((review::all(db, &id)?, withdrawal_requests::open(db, &id)?, unpaid))
        })
        .await?;
    let before = Before::of(desk, waited, &found);
    Ok(Before { withdrawal: request.is_some(), unpaid, ..before })
}
