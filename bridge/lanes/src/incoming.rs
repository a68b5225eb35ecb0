//! What arrives: opened, decoded and checked before the zone sees it.

use std::io;

use bridge_contract::ids::AttachmentId;
use bridge_contract::keys::{KeySet, VerifyKey};
use bridge_contract::messages::{
    Arrival, BULK_KIND, BulkPart, InItem, Origin, Outcome, Part, Position, Receipt, Sanitized,
    Split, ToCitizen, ToStaff, Unreadable, Verdict,
};
use bridge_contract::place::Lane;
use bridge_contract::wire::{decode, encode};
use jiff::Timestamp;
use platform_store::Tx;

/// One message of a lane, ready for the zone.
#[derive(Clone, Debug)]
pub struct Incoming<M> {
    /// The lane it came on.
    pub lane: Lane,
    /// Its place there.
    pub position: Position,
    /// The item's own id.
    pub uuid: String,
    /// The sender's clock when its bundle got a number.
    pub sent_at: Timestamp,
    /// What it says.
    pub message: M,
}

/// What the LGWAN zone receives: a message with every attachment's verdict
/// checked against its signature and file (NF-32, I9, I10).
#[derive(Clone, Debug)]
pub struct FromCitizen {
    /// Its place on the raw lane.
    pub origin: Origin,
    /// Number and time of arrival, for what was accepted from a citizen.
    pub arrival: Option<Arrival>,
    /// What the citizens' side says.
    pub message: ToStaff,
    /// One for each declared attachment, in the same order.
    pub verdicts: Vec<Verdict>,
    /// The new file of each rebuilt attachment, in the same order.
    pub parts: Vec<Part>,
    /// Large files that travel apart: the message waits for them (`waiting_parts`)
    /// and reaches the zone whole, with none here.
    pub awaited: Vec<Awaited>,
}

/// A large file that travels apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Awaited {
    /// Which attachment.
    pub attachment_id: AttachmentId,
    /// SHA-256 of the file, from its signed verdict, in hexadecimal characters.
    pub sha256: String,
}

/// Why the zone does not take a message in.
#[derive(Debug)]
pub enum Refusal {
    /// It can never be taken in, in a few English words for operators.
    Poison(String),
    /// The database said no. Tried again, and set aside when it stays so.
    Query(diesel::result::Error),
}

impl From<diesel::result::Error> for Refusal {
    fn from(error: diesel::result::Error) -> Self {
        Self::Query(error)
    }
}

/// Why a message cannot be prepared.
#[derive(Debug)]
pub enum Unprepared {
    /// It can never be taken in, in a few English words for operators.
    Poison(String),
    /// The disk said no, and nothing is wrong with the message: the lane waits and tries
    /// again, and nothing is set aside for it (I19).
    Disk(io::Error),
}

impl From<io::Error> for Unprepared {
    /// A name that no file has is the message's fault, anything else the disk's.
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::InvalidInput => Self::Poison(error.to_string()),
            _ => Self::Disk(error),
        }
    }
}

/// What a zone does with its messages.
pub trait Ingest: Send + Sync + 'static {
    /// [`FromCitizen`] in the LGWAN zone, [`ToCitizen`] in the internet zone.
    type Message: Message;

    /// Work before the transaction, such as writing files; may run more than
    /// once for one message and must not mind. Blocking is allowed.
    ///
    /// # Errors
    /// [`Unprepared`] when the message cannot be prepared.
    fn prepare(&self, _incoming: &Incoming<Self::Message>) -> Result<(), Unprepared> {
        Ok(())
    }

    /// Takes one message in, inside the transaction that moves the watermark:
    /// it happens exactly once. Must not block on anything but the database.
    ///
    /// # Errors
    /// [`Refusal`]: the transaction is undone, the message is tried again and
    /// then set aside, and the lane goes on (I17).
    fn apply(&self, tx: &mut Tx<'_>, incoming: &Incoming<Self::Message>) -> Result<(), Refusal>;
}

/// An item after opening.
#[derive(Clone, Debug)]
pub enum Inbound<M> {
    /// For the lane itself.
    Receipt(Receipt),
    /// S could not read the raw item; for the list of items set aside.
    SetAside(Unreadable),
    /// For the zone.
    Message(M),
}

/// A kind of message that a lane can carry into a zone.
pub trait Message: Sized + Send + Sync + 'static {
    /// Messages with the same word reach the zone in the order they were sent.
    fn thread(&self) -> Option<&str> {
        None
    }

    /// Large files that must be here before the zone sees the message.
    fn awaited(&self) -> &[Awaited] {
        &[]
    }

    /// Reads an opened item whose large files are all here.
    ///
    /// # Errors
    /// As [`Message::read`], and when a file is not the one its verdict names.
    fn whole(
        content: &[u8],
        kind: u16,
        keys: &KeySet,
        _file: &mut dyn FnMut(&AttachmentId) -> Option<Vec<u8>>,
    ) -> Result<(Inbound<Self>, Option<Origin>), String> {
        Self::read(content, kind, keys)
    }

    /// Reads an opened item; the error is in English, for operators.
    ///
    /// # Errors
    /// When the content is malformed or fails a check.
    fn read(
        content: &[u8],
        kind: u16,
        keys: &KeySet,
    ) -> Result<(Inbound<Self>, Option<Origin>), String>;
}

impl Message for ToCitizen {
    fn read(
        content: &[u8],
        kind: u16,
        _keys: &KeySet,
    ) -> Result<(Inbound<Self>, Option<Origin>), String> {
        let message: Self = decode(content).map_err(|error| error.to_string())?;
        if message.kind() != kind {
            return Err("the kind in the index is not the message's".to_owned());
        }
        Ok(match message {
            Self::ArrivalReceipt(receipt) => (Inbound::Receipt(receipt), None),
            Self::ProcedurePublished(_)
            | Self::ProcedureClosed(_)
            | Self::StatusChanged(_)
            | Self::CorrectionAsked(_)
            | Self::AttachmentHeld(_)
            | Self::DocumentIssued(_)
            | Self::DepartmentsPublished(_)
            | Self::CopyGiven(_)
            | Self::StaffWrote(_)
            | Self::CheckpointTold(_)
            | Self::InvitationsGiven(_)
            | Self::InvitationsRevoked(_)
            | Self::ApplicationsGone(_)
            | Self::WithdrawalRefused(_)
            | Self::DepartmentChanged(_)
            | Self::RevisionChanged(_)
            | Self::TrialEnded(_) => (Inbound::Message(message), None),
        })
    }
}

impl FromCitizen {
    fn new(message: ToStaff, item: Sanitized, awaited: Vec<Awaited>) -> Result<Self, String> {
        let arrival = match item.stamp.as_slice() {
            [] => None,
            stamp => Some(decode(stamp).map_err(|error| format!("stamp: {error}"))?),
        };
        let Sanitized { origin, verdicts, parts, .. } = item;
        Ok(Self { origin, arrival, message, verdicts, parts, awaited })
    }
}

/// The files of a split message and the digests their verdicts name.
fn awaited(split: &Split) -> Vec<Awaited> {
    let named = |verdict: &Verdict| match &verdict.outcome {
        Outcome::Rebuilt(rebuilt) if split.bulk.contains(&verdict.attachment_id) => Some(Awaited {
            attachment_id: verdict.attachment_id.clone(),
            sha256: rebuilt.out_sha256.hex(),
        }),
        Outcome::Rebuilt(_) | Outcome::Held(_) | Outcome::Infected(_) => None,
    };
    split.item.verdicts.iter().filter_map(named).collect()
}

impl Message for BulkPart {
    fn read(
        content: &[u8],
        kind: u16,
        _keys: &KeySet,
    ) -> Result<(Inbound<Self>, Option<Origin>), String> {
        if kind != BULK_KIND {
            return Err("not a large file".to_owned());
        }
        let part: Self = decode(content).map_err(|error| error.to_string())?;
        Ok((Inbound::Message(part), None))
    }
}

impl Message for FromCitizen {
    fn thread(&self) -> Option<&str> {
        self.message.application().map(|id| id.as_str())
    }

    fn awaited(&self) -> &[Awaited] {
        &self.awaited
    }

    fn whole(
        content: &[u8],
        kind: u16,
        keys: &KeySet,
        file: &mut dyn FnMut(&AttachmentId) -> Option<Vec<u8>>,
    ) -> Result<(Inbound<Self>, Option<Origin>), String> {
        match decode(content).map_err(|error| error.to_string())? {
            InItem::Split(split) => {
                let item = split.complete(file).map_err(|error| error.to_string())?;
                Self::read(&encode(&InItem::Sanitized(item)), kind, keys)
            }
            InItem::Sanitized(_) | InItem::Unreadable(_) => Self::read(content, kind, keys),
        }
    }

    fn read(
        content: &[u8],
        kind: u16,
        keys: &KeySet,
    ) -> Result<(Inbound<Self>, Option<Origin>), String> {
        let item: InItem = decode(content).map_err(|error| error.to_string())?;
        let origin = *item.origin();
        let sanitizer: Vec<VerifyKey> = keys.verdict_keys().collect();
        let (item, message, awaited) = match item {
            InItem::Unreadable(item) => return Ok((Inbound::SetAside(item), Some(origin))),
            InItem::Sanitized(item) => {
                let message = item.checked(&sanitizer).map_err(|error| error.to_string())?;
                (item, message, Vec::new())
            }
            InItem::Split(split) => {
                let message = split.checked(&sanitizer).map_err(|error| error.to_string())?;
                let awaited = awaited(&split);
                (split.item, message, awaited)
            }
        };
        if message.kind() != kind {
            return Err("the kind in the index is not the message's".to_owned());
        }
        let inbound = match message {
            ToStaff::PublicationReceipt(receipt) => Inbound::Receipt(receipt),
            ToStaff::Submission(_)
            | ToStaff::Correction(_)
            | ToStaff::Withdrawal(_)
            | ToStaff::WithdrawalAsked(_)
            | ToStaff::DocumentOpened(_)
            | ToStaff::CopyAsked(_)
            | ToStaff::UsageCounted(_)
            | ToStaff::WordsMissed(_)
            | ToStaff::CitizenWrote(_)
            | ToStaff::SentAtTerminal(_)
            | ToStaff::InvitationUsed(_)
            | ToStaff::FilesWritten(_)
            | ToStaff::EventsTold(_)
            | ToStaff::UptimeTold(_)
            | ToStaff::FillingCounted(_) => Inbound::Message(Self::new(message, item, awaited)?),
        };
        Ok((inbound, Some(origin)))
    }
}
