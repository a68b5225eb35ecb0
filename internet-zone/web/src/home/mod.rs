//! Start page and the pages that explain.

pub(crate) mod accessibility;
pub(crate) mod explain;
pub(crate) mod manual;
pub(crate) mod start;
