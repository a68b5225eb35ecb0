//! Starting, filling in, checking, sending, and everything after.

mod attach;
mod clash;
mod content;
mod cosigned;
mod filled;
mod moved;
mod represented;
mod seats;
mod upload;
mod whose;
mod windows;

pub(crate) mod access;
pub(crate) mod acting;
pub(crate) mod again;
pub(crate) mod asking;
mod charges;
pub(crate) mod check;
pub(crate) mod check_codes;
pub(crate) mod closing;
pub(crate) mod comeback;
pub(crate) mod correction;
pub(crate) mod cosign;
pub(crate) mod cosigners;
pub(crate) mod cosigning;
pub(crate) mod discard;
pub(crate) mod documents;
pub(crate) mod guest;
pub(crate) mod left;
pub(crate) mod lookup;
pub(crate) mod lost;
pub(crate) mod messages;
pub(crate) mod mypage;
pub(crate) mod page;
pub(crate) mod pieces;
pub(crate) mod receipt;
pub(crate) mod show;
pub(crate) mod start;
pub(crate) mod submit;
pub(crate) mod together;
pub(crate) mod verify;
pub(crate) mod waiting;
pub(crate) mod withdraw;

pub use acting::takes_delegates;
pub use again::{Earlier, taken_over};
pub use correction::Asked;
pub use cosigning::{
    addresses as cosigners_told, expired as cosign_expired, stale as cosigns_stale,
    thrown_away as cosigns_thrown_away,
};
