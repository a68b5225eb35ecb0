//! A copy of kept questions in a procedure: a new definition, looked at before it is published.

use axum::extract::{Path, State};
use domain::forms::definition::Procedure;
use domain::forms::design::{self, Draft};
use domain::identity::Action;
use lgwan_zone_store::{bank, procedures};
use platform_web::{CsrfForm, OrFault as _, PageResult, Reply, Trouble, see_other};

use super::load;
use crate::guard::Who;
use crate::procedures::{import, show};
use crate::site::Site;

/// Puts the questions at the end of a page of a procedure.
pub async fn post(
    State(site): State<Site>,
    who: Who,
    Path(id): Path<String>,
    CsrfForm(form): CsrfForm,
) -> PageResult {
    let (item, fields) = load(&site, &id).await?;
    let target = form.text("procedure");
    let (row, procedure) = show::load(&site, &who, target, Action::EditDefinition).await?;
    let wanted = row.id.clone();
    let known = site
        .store
        .read(move |db| {
            let numbers = procedures::revisions(db, &wanted)?;
            let each = numbers.into_iter().map(|(number, ..)| number);
            each.map(|number| procedures::revision(db, &wanted, number))
                .collect::<Result<Vec<_>, _>>()
        })
        .await?;
    // Ids of questions that are gone are not used again.
    let known = known.into_iter().flatten();
    let known = known.map(|one| Procedure::from_json(one.document.as_bytes()).or_fault());
    let known = known.collect::<Result<Vec<_>, Trouble>>()?;
    let draft = Draft::of(procedure, &known);
    let put = design::bank::put(&draft, form.text("page"), &fields);
    let put = put.map_err(|_| {
        let back = format!("/procedures/bank/{}?procedure={}", item.id, row.id);
        Trouble::from(Reply::conflict("procedures.bank_refused").link(back))
    })?;
    let (by, target, name) = (who.by(&site), row.id, item.name.clone());
    let first = put.ids.first().cloned().unwrap_or_default();
    let taken =
        site.store.write(move |tx| bank::take(tx, &by, &item.id, (&target, &first))).await?;
    if !taken {
        return Err(Reply::not_found("procedures.bank_missing").into());
    }
    let document = serde_json::to_string(&put.draft.procedure).or_fault()?;
    let id = import::keep(&site, &who, name, document).await?;
    Ok(see_other(format!("/procedures/imports/{id}")))
}
