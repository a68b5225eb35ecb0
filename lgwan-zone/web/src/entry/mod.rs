//! 代行入力: staff enter what came by post, phone, fax or at the counter (IK-2.1.2a3). The same page and draft
//! serve a member of staff who fills in an internal procedure as themselves ([`crate::internal`], NB-2.1).
//!
//! | Module | Does |
//! |---|---|
//! | [`begin`] | chooses procedure, way and day; lists what was begun |
//! | [`page`] | the form on one page; saves, checks, sends |
//! | `draft` | a draft with its form; what a page sent laid into it |
//! | `scans` | files staff scanned: known by their first bytes, never parsed |
//! | `alike` | applications that may be of the same person |
//! | `send` | the application, or the answer to a correction |
//! | [`receipt`] | the receipt on paper |

mod alike;
pub mod begin;
mod draft;
pub mod page;
pub mod receipt;
pub mod scans;
mod send;

pub(crate) use draft::Side;
pub(crate) use send::SCANNED;
