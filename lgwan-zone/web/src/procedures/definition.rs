//! The newest definition as a file, for another city or the test area (NF-66).

use axum::extract::{Path, State};
use domain::identity::Action;
use platform_web::download::download;
use platform_web::{OrFault as _, PageResult};

use super::show;
use crate::guard::Who;
use crate::site::Site;

/// Saves the definition, written for people to read.
pub async fn get(State(site): State<Site>, who: Who, Path(id): Path<String>) -> PageResult {
    let (row, procedure) = show::load(&site, &who, &id, Action::ReadDefinition).await?;
    let text = serde_json::to_string_pretty(&procedure).or_fault()?;
    Ok(download(&format!("{}-{}.json", row.slug, row.revision), "application/json", text))
}
