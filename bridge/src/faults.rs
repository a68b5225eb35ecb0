//! Why a role does not start, or stops by itself.

use std::io;
use std::net::SocketAddr;

use bridge_contract::keys::KeyFault;
use bridge_contract::place::{Host, Lane};
use bridge_spool::SpoolError;

/// A role did not start. The message says what to put right.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The key folder cannot be used.
    #[error(transparent)]
    Keys(#[from] KeyFault),
    /// The key set lists no transport key for the other side.
    #[error("the key set lists no transport key for host {0}")]
    NoTransportKey(Host),
    /// The key set lists no key to seal to.
    #[error("the key set lists no key to seal items of lane {0} to")]
    NoSealKey(Lane),
    /// TLS cannot be set up.
    #[error("TLS: {0}")]
    Tls(rustls::Error),
    /// The address cannot be listened on.
    #[error("cannot listen on {address}: {why}")]
    Listen {
        /// The address of the settings.
        address: SocketAddr,
        /// The system's answer.
        why: io::Error,
    },
    /// A folder or program of the settings is not there.
    #[error("{what}: {why}")]
    Missing {
        /// Which setting.
        what: String,
        /// The system's answer.
        why: io::Error,
    },
    /// A spool folder cannot be used.
    #[error(transparent)]
    Role(#[from] RoleFault),
}

/// A running role stopped by itself. The process ends and is started anew by
/// its supervisor; nothing acknowledged is lost.
#[derive(Debug, thiserror::Error)]
pub enum RoleFault {
    /// A spool folder cannot be used.
    #[error(transparent)]
    Spool(#[from] SpoolError),
    /// Another folder cannot be used.
    #[error("{what}: {why}")]
    Disk {
        /// What was tried.
        what: String,
        /// The system's answer.
        why: io::Error,
    },
    /// A folder that must hold a lane's last bundle does not: it was emptied
    /// or restored. Going on would use numbers twice.
    #[error("lane {lane}: the folder ends at bundle e{}-{}, but its head says e{}-{}; \
             an operator must decide", found.0, found.1, head.0, head.1)]
    SetBack {
        /// The lane.
        lane: Lane,
        /// Epoch and number of the newest file.
        found: (u32, u64),
        /// Epoch and number in the head.
        head: (u32, u64),
    },
    /// The key folder has no key that the key set lists for the next number.
    #[error(
        "lane {lane}: no key in the key folder may sign bundle {seq}; install the next \
             key set, or restart after new keys were made"
    )]
    NoSigningKey {
        /// The lane.
        lane: Lane,
        /// The number.
        seq: u64,
    },
    /// A file of our own cannot be read back.
    #[error("lane {lane}: our own newest bundle cannot be read back: {why}")]
    OwnBundle {
        /// The lane.
        lane: Lane,
        /// Why.
        why: String,
    },
    /// A task panicked.
    #[error("a task panicked: {0}")]
    Panicked(String),
}

impl RoleFault {
    pub(crate) fn disk(what: impl Into<String>) -> impl FnOnce(io::Error) -> Self {
        let what = what.into();
        move |why| Self::Disk { what, why }
    }
}
