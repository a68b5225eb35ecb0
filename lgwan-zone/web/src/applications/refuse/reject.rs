//! 却下: decided against (NF-34).

use axum::extract::{Path, State};
use platform_web::{CsrfForm, PageResult, Visitor};

use super::No;
use crate::guard::Who;
use crate::site::Site;

/// Shows the form.
pub async fn get(
    State(site): State<Site>,
    who: Who,
    visitor: Visitor,
    Path(id): Path<String>,
) -> PageResult {
    super::form(&site, &who, &visitor, &id, No::Reject).await
}

/// 却下する.
pub async fn post(
    State(site): State<Site>,
    who: Who,
    visitor: Visitor,
    Path(id): Path<String>,
    CsrfForm(sent): CsrfForm,
) -> PageResult {
    super::act(&site, &who, &visitor, &id, &sent, No::Reject).await
}
