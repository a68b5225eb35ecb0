//! What each zone tells the other of its operation log and of its hours, so that the evidence
//! stands in two places (NF-41, NF-43, NB-9).

use jiff::Timestamp;

use crate::digest::Digest;
use crate::wire::{private_record, record};

private_record! {
    /// Events of the internet zone's log in a row. Numbers and hashes are not said: they follow
    /// from the first number, from `prev` and from the events.
    pub struct EventsTold {
        /// Number of the first event.
        pub first: u64,
        /// Hash of the event before it.
        pub prev: Digest,
        /// The events, at least one.
        pub events: Vec<ToldEvent>,
    }
}

private_record! {
    /// One event: who did what to which thing, when, with what result. Never a value someone typed.
    pub struct ToldEvent {
        /// When.
        pub at: Timestamp,
        /// `account:ID`, `guest:ID`, `visitor` or `system:PART`.
        pub actor: String,
        /// First 16 characters of the session's hash; empty when there is none.
        pub session: String,
        /// Where the request came from; empty for a part of the system.
        pub ip: String,
        /// What was done, `room.verb`.
        pub act: String,
        /// To which thing, `kind:ID`.
        pub object: String,
        /// How it ended.
        pub result: String,
        /// Short facts.
        pub detail: String,
    }
}

record! {
    /// When the internet zone was at work. A later message of the same stretch says more, so
    /// losing or repeating one changes nothing.
    pub struct UptimeTold {
        /// Stretches without a gap, oldest first.
        pub stretches: Vec<Uptime>,
    }
}

record! {
    /// A stretch of time in which the zone said every minute that it works.
    pub struct Uptime {
        /// When it began to work.
        pub since: Timestamp,
        /// When it last said so.
        pub until: Timestamp,
    }
}

record! {
    /// How long the LGWAN zone's log was at a time, signed by that zone.
    pub struct CheckpointTold {
        /// Number of events.
        pub seq: u64,
        /// When.
        pub at: Timestamp,
        /// Hash of the last of them.
        pub hash: Digest,
        /// Ed25519 over number, time and hash.
        pub signature: Vec<u8>,
    }
}
