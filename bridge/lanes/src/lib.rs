//! The database half of a lane, used by both zones.
//!
//! ```text
//!  one transaction of the zone            another task                spool
//!  domain rows + outbox::put  ──Wake──►  Sender: number, sign  ──►  ready/…kb
//!
//!  spool            another task                       one transaction of the zone
//!  fetched/…kb ──►  Receiver: verify, open  ──►  watermark + inbox + Ingest::apply + receipt
//! ```

pub mod outbox;
mod schema;
mod wake;

pub use bridge_contract::bundle::NewItem;
pub use wake::Wake;
