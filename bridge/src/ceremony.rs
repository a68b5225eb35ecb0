//! The ceremony of keys: what people do at a table, with a computer that is on no
//! network, and at each host. No key that is in use is ever read back by it, but for
//! the root, which signs and is put away again.
//!
//! ```text
//! offline   root ─► root.key (or three shares)          root.pub
//! offline   init --host H ─► three shares, folder H, H.part (public)
//! offline   operator ─► NAME.key, NAME.part
//! offline   set sign --part … ─► keyset                 read out: its fingerprint
//! host      install keyset                              typed in: its first digits
//! ```
//! `docs/operations/keys.md` is the runbook.

mod changes;
mod host;
mod set;
mod shares;

pub use crate::words::{say, say_with};
pub use bridge_contract::keys::{BadPart, Part, Who};
pub use bridge_contract::share::{BadShare, Secret};
pub use changes::{Change, changes};
pub use host::{HostKeys, SEAL_KEYS, restore_seals, write_private, write_public};
pub use set::{NotSigned, Wish, next_set};
pub use shares::{combine, split};
