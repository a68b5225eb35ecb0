//! The only code that reads uploaded bytes.
//!
//! ```text
//! stdin ─▶ Request ─▶ detect ─▶ archive | pdf | office | image | text ─▶ Answer ─▶ stdout
//!          (everything after `confine` runs without files, network, processes)
//! ```
//!
//! One process reads one file and ends. It has no policy: it reads what is
//! there and notes what it leaves out; builders decide how to write it (NF-32).

pub mod archive;
pub mod confine;
mod container;
mod crypt;
pub mod detect;
pub mod image;
mod metafile;
pub mod office;
mod opened;
pub mod pdf;
pub mod probe;
mod serve;
pub mod text;
mod typeface;

pub use serve::{ServeError, serve};
