//! Starting, filling in, checking, sending, and everything after.

mod access;
mod attach;
mod clash;
mod content;
mod filled;
mod represented;
mod seats;
mod upload;
mod whose;
mod windows;

pub(crate) mod acting;
pub(crate) mod again;
pub(crate) mod check;
pub(crate) mod comeback;
pub(crate) mod correction;
pub(crate) mod discard;
pub(crate) mod documents;
pub(crate) mod guest;
pub(crate) mod left;
pub(crate) mod lookup;
pub(crate) mod mypage;
pub(crate) mod page;
pub(crate) mod pieces;
pub(crate) mod receipt;
pub(crate) mod show;
pub(crate) mod start;
pub(crate) mod submit;
pub(crate) mod waiting;
pub(crate) mod withdraw;

pub use again::taken_over;
pub use correction::Asked;
