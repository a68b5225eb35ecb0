//! The only shapes that may leave the worker.
//!
//! The worker reads bytes a stranger wrote; everybody else reads only what is
//! defined here. A worker that was taken over can therefore lie about what a
//! page says, but it cannot hand a builder anything but bounded pages, cells,
//! paragraphs, characters and pixels (NF-32).
//!
//! ```text
//!  runner ── Request { hint, limits, password, bytes } ──▶ worker
//!  runner ◀── Answer { kind, confinement, Rebuilt { findings, document } | Held { reason } } ──
//! ```
//!
//! * [`codec`]: the bounded binary form, `Encode` and `Decode`
//! * [`Document`]: one variant per thing a builder can write
//! * [`findings`]: what was removed or changed, counted and placed
//! * [`HoldReason`], [`Kind`], [`Limits`]: the shared words

mod answer;
pub mod archive;
pub mod codec;
pub mod csv;
mod document;
pub mod findings;
mod hold;
pub mod image;
mod kind;
mod limits;
pub mod office;
mod opened;
mod password;
pub mod pdf;
mod request;
pub mod text;
mod words;

pub use answer::{Answer, Confinement, Outcome};
pub use document::Document;
pub use findings::{Changed, ChangedKind, Findings, Place, Removed, RemovedKind};
pub use hold::HoldReason;
pub use kind::{Family, Kind};
pub use limits::Limits;
pub use opened::Opened;
pub use password::Password;
pub use request::Request;

/// Version of the binary form between runner and worker. Both come from one
/// build, so any other number means that the wrong worker was started.
pub const FORM_VERSION: u8 = 1;
