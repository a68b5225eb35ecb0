//! The address of a procedure as a two-dimensional code (NF-46).

use axum::extract::{Path, State};
use axum::response::IntoResponse as _;
use http::header::{CACHE_CONTROL, CONTENT_TYPE};
use platform_web::{OrFault as _, PageResult, Trouble};
use qrcode::QrCode;
use qrcode::render::svg;

use super::show::known;
use crate::site::Site;
use crate::urls;

/// Draws the code as SVG.
pub(crate) async fn get(State(site): State<Site>, Path(slug): Path<String>) -> PageResult {
    known(&site.shelf.shown(), &slug)?;
    let address = format!("{}{}", site.city.base_url, urls::procedure(&slug));
    let headers = [(CACHE_CONTROL, "public, max-age=3600")];
    Ok((headers, drawn(&address)?).into_response())
}

/// An address as a picture.
pub(crate) fn drawn(address: &str) -> PageResult {
    Ok(([(CONTENT_TYPE, "image/svg+xml")], picture(address)?).into_response())
}

/// The picture itself: a whole SVG document.
pub(crate) fn picture(address: &str) -> Result<String, Trouble> {
    let code = QrCode::new(address.as_bytes()).or_fault()?;
    Ok(code.render::<svg::Color<'_>>().min_dimensions(240, 240).build())
}
