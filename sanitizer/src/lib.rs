//! Rebuilds uploaded files so that every byte of the result is ours (NF-32).
//!
//! ```text
//! file ─▶ runner ─▶ worker (throwaway, confined) ─▶ intermediate ─▶ build ─▶ signer
//!           │ time, memory, output                                   │
//!           └──────────── held, with a reason ◀──────────────────────┘
//! ```
//!
//! * [`build`]: one writer per kind, from the intermediate alone
//! * [`policy`]: what a city may choose

pub mod build;
pub mod policy;

pub use policy::Policy;
