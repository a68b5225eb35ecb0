//! Why a lane stops. None of these is cured by trying again at once.

use bridge_contract::place::Lane;
use bridge_spool::SpoolError;
use platform_store::StoreError;

/// A lane's task ended although nobody asked it to.
#[derive(Debug, thiserror::Error)]
pub enum LaneFault {
    /// The spool folder cannot be used.
    #[error(transparent)]
    Spool(#[from] SpoolError),
    /// The database takes no more writes.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The folder has bundles the database does not know: the database was
    /// restored from a backup. Sending on would use numbers twice (I14).
    #[error(
        "lane {lane}: the spool has bundle e{}-{}, the database ends at e{}-{}; \
         the database was restored and the lane waits for an operator",
        spool.0, spool.1, database.0, database.1
    )]
    AheadOfDatabase {
        /// The lane.
        lane: Lane,
        /// Epoch and number of the newest file.
        spool: (u32, u64),
        /// Epoch and number of the newest row.
        database: (u32, u64),
    },
    /// The folder remembers a start of this sender that the database does not: the
    /// database was restored (I14).
    #[error(
        "lane {lane}: the database was restored from a backup; the lane waits until a new receipt \
         confirms its newest bundle, or a reset signed by two operators is installed"
    )]
    Restored {
        /// The lane.
        lane: Lane,
    },
    /// A bundle's rows do not give the bytes its header was made for.
    #[error("lane {lane}: bundle e{epoch}-{seq} cannot be rebuilt from the database")]
    NotRebuilt {
        /// The lane.
        lane: Lane,
        /// The epoch.
        epoch: u32,
        /// The number.
        seq: u64,
    },
    /// The key folder has no key that the key set lists for the next number.
    #[error(
        "lane {lane}: no key in the key folder may sign bundle {seq}; install the next key set, or restart after new keys were made"
    )]
    NoSigningKey {
        /// The lane.
        lane: Lane,
        /// The number.
        seq: u64,
    },
    /// Two validly signed bundles contradict each other: a stolen key or a
    /// restored sender. An operator must decide.
    #[error("lane {lane}: {why}; the lane waits for an operator")]
    Halted {
        /// The lane.
        lane: Lane,
        /// What was found.
        why: String,
    },
    /// Another process takes the same lane in (I16).
    #[error("lane {0}: another process takes this lane in")]
    Overtaken(Lane),
    /// A thread of the lane panicked.
    #[error("lane {0}: a thread of the lane panicked")]
    Panicked(Lane),
}

impl LaneFault {
    /// Whether an operator must look before the lane goes on. The zone's service
    /// stays up: what citizens and staff do waits in the outbox. Only when the
    /// disk or the database fails nothing more may be promised to anybody.
    #[must_use]
    pub const fn waits_for_operator(&self) -> bool {
        match self {
            Self::Spool(SpoolError::Io { .. }) | Self::Store(_) => false,
            Self::Spool(_)
            | Self::AheadOfDatabase { .. }
            | Self::Restored { .. }
            | Self::NotRebuilt { .. }
            | Self::NoSigningKey { .. }
            | Self::Halted { .. }
            | Self::Overtaken(_)
            | Self::Panicked(_) => true,
        }
    }

    /// The fault as one word, for logs and for pages that have words for it.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Spool(_) => "spool",
            Self::Store(_) => "store",
            Self::AheadOfDatabase { .. } => "ahead_of_database",
            Self::Restored { .. } => "restored",
            Self::NotRebuilt { .. } => "not_rebuilt",
            Self::NoSigningKey { .. } => "no_signing_key",
            Self::Halted { .. } => "halted",
            Self::Overtaken(_) => "overtaken",
            Self::Panicked(_) => "panicked",
        }
    }

    /// Whether it may be gone in a moment: a database server that restarts.
    pub(crate) const fn may_pass(&self) -> bool {
        matches!(self, Self::Store(StoreError::Query(_) | StoreError::Connect(_)))
    }

    /// Turns a fault that may pass into nothing.
    pub(crate) fn pass(self) -> Result<(), Self> {
        if self.may_pass() { Ok(()) } else { Err(self) }
    }
}

/// Runs blocking work of a lane away from the async threads.
pub(crate) async fn blocking<T, E, F>(lane: Lane, work: F) -> Result<T, LaneFault>
where
    T: Send + 'static,
    E: Into<LaneFault> + Send + 'static,
    F: FnOnce() -> Result<T, E> + Send + 'static,
{
    match tokio::task::spawn_blocking(work).await {
        Ok(result) => result.map_err(Into::into),
        Err(_) => Err(LaneFault::Panicked(lane)),
    }
}
