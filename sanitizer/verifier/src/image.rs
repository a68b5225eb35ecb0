//! Pictures: only the chunks, segments and tags our encoders write.

mod gif;
mod jpeg;
mod png;
mod tiff;

pub(crate) use gif::verify as gif;
pub(crate) use jpeg::verify as jpeg;
pub(crate) use png::verify as png;
pub(crate) use tiff::verify as tiff;
