//! Steps that ask nothing more: 受付, 審査開始, 完了 (NF-34).

use axum::extract::{Path, State};
use domain::applications::Event;
use domain::identity::Action;
use lgwan_zone_store::applications::steps::Step;
use platform_web::{CsrfForm, FormData, PageResult};

use super::desk;
use crate::guard::Who;
use crate::site::Site;

/// 受付する.
pub async fn accept(
    State(site): State<Site>,
    who: Who,
    Path(id): Path<String>,
    CsrfForm(form): CsrfForm,
) -> PageResult {
    plain(&site, &who, &id, &form, Event::Accept).await
}

/// 審査を始める.
pub async fn review(
    State(site): State<Site>,
    who: Who,
    Path(id): Path<String>,
    CsrfForm(form): CsrfForm,
) -> PageResult {
    plain(&site, &who, &id, &form, Event::StartReview).await
}

/// 完了にする.
pub async fn finish(
    State(site): State<Site>,
    who: Who,
    Path(id): Path<String>,
    CsrfForm(form): CsrfForm,
) -> PageResult {
    plain(&site, &who, &id, &form, Event::Finish).await
}

async fn plain(site: &Site, who: &Who, id: &str, form: &FormData, event: Event) -> PageResult {
    let desk = desk::open(site, who, id, Action::WorkOnApplication).await?;
    let way = desk.way(who, event, "")?;
    let now = site.clock.now();
    let expected = desk.expected(site, event, way.end, now).await?;
    let message = site.office.status(&desk.id()?, way.end, now, "", expected);
    let step = Step {
        application: desk.row.id.clone(),
        seen: desk::seen(form),
        hops: way.hops,
        correction: None,
        documents: Vec::new(),
        messages: vec![message],
    };
    desk::take(site, who, step, event.key()).await
}
