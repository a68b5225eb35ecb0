//! Numbers of a period: how citizens used the pages, what arrived and what became of it
//! (NF-25, IK-2.1.3).

mod chart;
pub mod filling;
mod page;
mod period;
pub mod report;
mod table;

pub use page::{file, get};
