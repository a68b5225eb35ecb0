//! Office documents through the whole sanitizer: small files made here, part
//! by part.

mod active;
mod kept;
mod package;
mod sheets;
mod slides;
mod word;
