//! Rebuilds uploaded files so that every byte of the result is ours (NF-32).
//!
//! ```text
//! file ─▶ runner ─▶ worker (throwaway, confined) ─▶ intermediate ─▶ build ─▶ signer
//!           │ time, memory, output                                   │
//!           └──────────── held, with a reason ◀──────────────────────┘
//! ```
//!
//! * [`runner`]: one worker process per file; a crash or time-out is a hold
//! * [`build`]: one writer per kind, from the intermediate alone
//! * [`policy`]: what a city may choose
//! * [`rebuild`]: the three above for one file; [`hint`] and [`name`] for what
//!   it was called and will be
//! * [`archive`]: the same for each member of an archive
//! * [`report`], [`words`]: the result for machines and for people
//! * [`look_ahead`]: what would arrive, for the one who is about to send it
//! * [`pipe`]: the signed form the bridge uses
//! * [`files`]: paths in, paths out, for the command line

pub mod archive;
pub mod build;
pub mod files;
pub mod hint;
pub mod look;
pub mod look_ahead;
pub mod name;
pub mod pipe;
pub mod policy;
pub mod rebuild;
pub mod report;
pub mod runner;
pub mod scan;
pub mod words;

pub use policy::Policy;
