//! Office documents, written from the model: one XML writer, one package
//! writer, one module per application.
//!
//! ```text
//! model ─▶ word | sheet | slides ─▶ xml (names from the tables, values by kind)
//!       └▶ pictures ─▶ media/      ─▶ package (ZIP: deflate, one fixed time, no extras)
//! ```

mod boxes;
mod links;
mod media;
mod package;
mod part;
mod sheet;
mod slides;
mod word;
mod xml;

pub use sheet::build as build_sheet;
pub use slides::build as build_slides;
pub use word::build as build_word;
