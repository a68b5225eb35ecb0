//! How bundles travel between hosts: TCP, TLS 1.3 with pinned raw public keys
//! on both sides, three verbs. Only the more trusted side dials.
//!
//! ```text
//! dialling side                      listening side
//!   head(lane, known, wait)  ──────►   signed head of a lane it sends,
//!                            ◄──────   or how far it has a lane it receives
//!   get(lane, seq, offset)   ──────►   a piece of a bundle
//!   put(lane, bundle)        ──────►   stored; how far it has the lane now
//! ```
//! `docs/wire/carrier.md` draws the frames. TLS hides metadata and keeps
//! strangers out; that nothing is forged or doubled does not rest on it.

mod client;
mod frame;
mod pull;
mod push;
mod server;
mod tls;

pub(crate) use client::Peer;
pub(crate) use pull::pull;
pub(crate) use push::{Forward, push};
pub(crate) use server::{Desk, Served, serve};
pub(crate) use tls::{Pins, dialler, listener};

use std::time::Duration;

/// Connecting and shaking hands takes no longer.
const HANDSHAKE: Duration = Duration::from_secs(10);
/// A frame that has begun arrives within this.
const FRAME: Duration = Duration::from_secs(60);
/// A dialler that says nothing for this long is gone.
const IDLE: Duration = Duration::from_secs(60);
/// How long a dialler asks the other side to wait for news. Also how soon it
/// notices that a file must be fetched or sent again.
const WAIT: Duration = Duration::from_secs(2);
/// The longest wait a listener grants.
const LONGEST_WAIT: Duration = Duration::from_secs(20);
/// First wait after a lost connection; doubled up to the last.
const RETRY_FIRST: Duration = Duration::from_millis(100);
const RETRY_LAST: Duration = Duration::from_secs(5);
