//! 職権終了: closed by the office without a decision (NF-34).

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
    super::form(&site, &who, &visitor, &id, No::Close).await
}

/// 職権で終了する.
pub async fn post(
    State(site): State<Site>,
    who: Who,
    visitor: Visitor,
    Path(id): Path<String>,
    CsrfForm(sent): CsrfForm,
) -> PageResult {
    super::act(&site, &who, &visitor, &id, &sent, No::Close).await
}
