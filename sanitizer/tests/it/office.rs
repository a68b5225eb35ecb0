//! Office documents through the whole sanitizer: small files made here, part
//! by part.

mod active;
mod binary;
mod japanese;
mod kept;
pub(crate) mod package;
pub(crate) mod sheets;
pub(crate) mod slides;
mod threats;
pub(crate) mod word;
