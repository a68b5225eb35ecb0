//! The database half of a lane, used by both zones.
//!
//! ```text
//!  one transaction of the zone            another task                spool
//!  domain rows + outbox::put  ──Wake──►  send(): number, sign  ──►  ready/…kb
//!
//!  spool            another task                       one transaction of the zone
//!  fetched/…kb ──►  receive(): verify, open  ──►  watermark + inbox + Ingest::apply + receipt
//! ```
//!
//! | Module | Gives |
//! |---|---|
//! | [`outbox`] | the way in for what is to be sent |
//! | [`send`], [`SenderSetup`], [`Wake`], [`Gate`] | the sending task |
//! | [`receive`], [`ReceiverSetup`], [`Ingest`], [`Incoming`] | the receiving task |
//! | [`complete`], [`LargeFiles`] | messages that wait for large files |
//! | [`watched()`], [`write_stop`] | a lane that stops loudly and alone |
//! | [`watch_lanes`] | what operators must hear of |
//! | [`operate`], [`backups`] | what an operator does at the machine |
//! | [`status`], [`evidence`] | what operators and auditors see |
//! | [`turn`] | which key new items are sealed to |
//!
//! The tables are in `ddl/`; each zone's first migrations include them.

mod alarms;
mod apart;
pub mod backups;
mod epochs;
pub mod evidence;
mod fault;
mod gate;
mod incoming;
#[cfg(test)]
mod machine;
mod numbers;
pub mod operate;
mod origin;
pub mod outbox;
mod quarantine;
mod receipts;
mod receiver;
mod schema;
mod sender;
pub mod status;
mod waiting;
mod wake;
mod watched;

pub use alarms::{AlarmSetup, watch_lanes};
pub use apart::{CompleterSetup, LargeFiles, complete};
pub use bridge_contract::bundle::NewItem;
pub use bridge_spool::Leapt;
pub use fault::LaneFault;
pub use gate::Gate;
pub use incoming::{Awaited, FromCitizen, Inbound, Incoming, Ingest, Message, Refusal, Unprepared};
pub use quarantine::{Redriven, discard, redrive};
pub use receiver::{ReceiverSetup, receive};
pub use sender::replay::replay;
pub use sender::{SenderSetup, send, turn};
pub use wake::Wake;
pub use watched::{watched, write_stop};
