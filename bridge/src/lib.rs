//! The bridge daemon: five roles that carry sealed, signed bundles between
//! hosts. No database, no framework.
//!
//! | Role | Host | Listens for | Dials | Does |
//! |---|---|---|---|---|
//! | [`outer`] | I | S | – | serves `raw`, takes `pub.*` |
//! | [`relay`] | S | L | I | opens `raw`, has attachments rebuilt, seals `in`; passes `pub.*` on closed |
//! | [`inner`] | L | – | S | pulls `in`, pushes `pub.*` |
//! | [`export`] | A | – | B | packs generations into `exp`, writes pick-up receipts |
//! | [`mod@drop`] | B | A | – | unpacks generations, reports pick-ups on `exr` |
//!
//! Every connection is dialled from the more trusted side (IK-3.5.7b).

mod aside;
mod carrier;
pub mod ceremony;
pub mod config;
pub mod confine;
mod disk;
mod door;
pub mod drop;
pub mod export;
mod faults;
mod generation;
pub mod inner;
pub mod outer;
mod own_lane;
pub mod relay;
mod running;
pub mod status;
mod taker;
mod words;

pub use faults::{RoleFault, StartError};
pub use running::{Ready, Running};
