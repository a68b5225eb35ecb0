//! Durable folders between the processes of the bridge.
//!
//! ```text
//! <spool>/keyset           keys install    running roles: the newest installed
//! <spool>/keyset.version   every role      every role: the newest seen
//! <spool>/<lane>/          written by      read by
//!   id, lock               whoever sends or fetches
//!   tmp/                   sender          nobody
//!   ready/e1-….kb          sender          server, fetcher of the next host
//!   sent/<seq÷1000>/…      sender          the same, for what the far end has
//!   head                   sender          the same
//!   syncs                  sender, fetcher operators: how long the disk takes
//!
//!   part/                  fetcher         nobody
//!   fetched/e1-….kb        fetcher         ingester
//!   head                   fetcher         operators: how far the sender is
//!   ingested               ingester        fetcher
//!   done/<seq÷1000>/…      ingester        operators
//!   rejected/              both            operators; bounded
//! ```
//! A visible name never changes its bytes. What a file holds is decided by the
//! header, length and hash inside it, never by its name; a name is only a hint
//! where to look. No acknowledgement leaves before file and folder are synced.

mod again;
mod destroy;
mod durable;
mod fetch;
mod folder;
mod inbox;
mod keys;
mod missing;
mod numbers;
mod resets;
mod room;
mod sender;
mod source;
mod syncs;
mod troubles;
mod watch;

pub use again::show_again;
pub use bridge_contract::carrier::Fetched;
pub use destroy::{destroy_done, done_keys};
pub use durable::{replace, write_new};
pub use fetch::ReceiverSpool;
pub use folder::{Identity, SpoolError};
pub use inbox::{Inbox, Ingested, Proof, Waiting, rejected_since};
pub use keys::{
    acceptable as acceptable_keys, install_keys, look as look_for_keys, newest_seen, open_keys,
    watch_keys,
};
pub use missing::missing;
pub use numbers::{Leapt, leapt, note_leapt};
pub use resets::{NotInstalled, begins_anew, install_reset, installed_reset};
pub use room::{Level, Meter, Pressure, Room, SpoolMeter, Unsent, watch_room};
pub use sender::{Published, SenderSpool};
pub use source::Source;
pub use syncs::{SyncTime, sync_time, sync_time_of};
pub use troubles::{FAILED, FROM_SERVER_A, LastWord, server_a_says, troubles_heard, troubles_of};
pub use watch::Watch;
