//! Pictures: only the chunks, segments and tags our encoders write, and codes
//! that end where their samples end.

mod bits;
mod codes;
mod fax;
mod gif;
mod jpeg;
mod png;
mod scan;
mod tiff;

pub(crate) use fax::verify as fax;
pub(crate) use gif::verify as gif;
pub(crate) use jpeg::verify as jpeg;
pub(crate) use png::{fits_palette, verify as png};
pub(crate) use tiff::verify as tiff;
