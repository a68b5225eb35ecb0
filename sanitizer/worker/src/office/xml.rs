//! XML without its dangerous half: no document type, no entities but the five,
//! no processing instructions, bounded in depth and number.

mod decode;
mod dom;
mod pull;
mod space;

pub(crate) use decode::decode;
pub(super) use dom::{Content, Element};
pub(super) use pull::{Budget, Pull, Step};
pub(super) use space::Ns;
