//! Damaged files by the thousand, for every reader of the sanitizer (NF-32).
//!
//! ```text
//! corpus/<target>/* ─┐
//!                    ├─▶ mutate ─▶ child: one target, memory bounded ─▶ what came of it
//! own finds ─────────┘      ▲                        │
//!                           └── new code reached ◀───┘  counters of the coverage build
//! ```
//! A panic, a hang, too much memory, a result that the verifier refuses: each
//! is kept once, made small, under `corpus/<target>/`, and replayed by the tests.
//!
//! * [`targets`]: what is tried, one function of bytes each
//! * [`mutate`]: damage that knows containers
//! * [`child`], [`nurse`]: the process that reads, and the one that watches it
//! * [`coverage`]: which code an input reached, from the profile of the child
//! * [`hunt`]: the search
//! * `strike`: the same damage to the programs as a whole
//! * `tamper`: results changed into what our encoders never write
//!
//! Without the feature `files` only the targets of the bridge are here.

pub mod child;
pub mod corpus;
pub mod coverage;
pub mod dice;
pub mod hunt;
pub mod mutate;
pub mod nurse;
#[cfg(feature = "files")]
pub mod strike;
#[cfg(feature = "files")]
pub mod tamper;
pub mod targets;
