//! The address of a procedure as a two-dimensional code (NF-46).

use axum::extract::{Path, State};
use axum::response::IntoResponse as _;
use http::header::{CACHE_CONTROL, CONTENT_TYPE};
use platform_web::{OrFault as _, PageResult};
use qrcode::QrCode;
use qrcode::render::svg;

use super::show::known;
use crate::site::Site;
use crate::urls;

/// Draws the code as SVG.
pub(crate) async fn get(State(site): State<Site>, Path(slug): Path<String>) -> PageResult {
    known(&site.shelf.shown(), &slug)?;
    let address = format!("{}{}", site.city.base_url, urls::procedure(&slug));
    let code = QrCode::new(address.as_bytes()).or_fault()?;
    let drawing = code.render::<svg::Color<'_>>().min_dimensions(240, 240).build();
    let headers = [(CONTENT_TYPE, "image/svg+xml"), (CACHE_CONTROL, "public, max-age=3600")];
    Ok((headers, drawing).into_response())
}
