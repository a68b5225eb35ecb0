//! QR codes as SVG (NF-46).

use axum::extract::{Path, State};
use axum::response::{IntoResponse as _, Response};
use domain::identity::Action;
use http::header::CONTENT_TYPE;
use platform_web::download::download;
use platform_web::{OrFault as _, PageResult, QueryData, Trouble};
use qrcode::render::svg;
use qrcode::{EcLevel, QrCode};

use super::{facts, show};
use crate::guard::Who;
use crate::site::Site;

/// Side of the picture.
const SIDE: u32 = 240;

/// The QR code of a procedure's address.
pub async fn get(
    State(site): State<Site>,
    who: Who,
    query: QueryData,
    Path(id): Path<String>,
) -> PageResult {
    let (row, _) = show::load(&site, &who, &id, Action::ReadDefinition).await?;
    let url = facts::url(&site, &row.slug);
    if query.0.has("save") {
        return Ok(download(&format!("{}.svg", row.slug), "image/svg+xml", text(&url)?));
    }
    drawn(&url)
}

/// A QR code to show in a page.
///
/// # Errors
/// A fault when the text is too long for a code.
pub fn drawn(content: &str) -> Result<Response, Trouble> {
    Ok(([(CONTENT_TYPE, "image/svg+xml")], text(content)?).into_response())
}

/// A QR code as a piece of a page.
///
/// # Errors
/// A fault when the text is too long for a code.
pub(super) fn inline(content: &str) -> Result<String, Trouble> {
    let whole = text(content)?;
    // What stands before the picture belongs to a document of its own.
    Ok(whole.find("<svg").map_or_else(String::new, |at| whole[at..].to_owned()))
}

fn text(content: &str) -> Result<String, Trouble> {
    let code = QrCode::with_error_correction_level(content, EcLevel::M).or_fault()?;
    Ok(code.render::<svg::Color<'_>>().min_dimensions(SIDE, SIDE).build())
}
