//! The words that may cross, one enum per direction.

mod citizen;
mod export;
mod inner;
mod invitation;
mod log;
mod part;
mod receipt;
mod staff;
mod verdict;

pub use citizen::{
    ApplicationsGone, AttachmentHeld, CopyGiven, CorrectionAsked, Department, DepartmentChanged,
    DepartmentsPublished, DocumentIssued, ProcedureClosed, ProcedurePublished, PublishedFile,
    RevisionChanged, StaffWrote, StatusChanged, ToCitizen, TrialEnded, WithdrawalRefused,
};
pub use export::{
    ExportedFile, GenerationEnd, GenerationPart, GenerationStored, PickedUp, PickupOutcome,
    RefusedGeneration, ToBusiness, ToServerA,
};
pub use inner::{
    BULK_KIND, BulkPart, CrossCheck, Crossed, InItem, Origin, Sanitized, Split, UNREADABLE_KIND,
    Unreadable,
};
pub use invitation::{
    Invitation, InvitationUsed, InvitationsGiven, InvitationsRevoked, invited_address, invited_code,
};
pub use log::{CheckpointTold, EventsTold, ToldEvent, Uptime, UptimeTold};
pub use part::Part;
pub use receipt::{Held, Position, Receipt, SeqRange};
pub use staff::{
    Agreed, AgreedFile, Applicant, Arrival, CitizenWrote, CopyAsked, Correction, Cosigned,
    Declared, Delegate, DocumentOpened, FilesWritten, Filling, FillingCount, FillingCounted,
    MissedWord, PartPassword, Provenance, RawItem, SentAtTerminal, Source, Submission, ToStaff,
    Usage, UsageCount, UsageCounted, Withdrawal, WithdrawalAsked, WordsMissed,
};
pub use verdict::{HoldReason, Outcome, Rebuilt, Removed, Verdict};

use std::collections::BTreeMap;

use domain::ids::{AccountId, ApplicationId, AttachmentId, DepartmentId, DocumentId, ProcedureId};

use crate::wire::{Malformed, Reader, Wire, Writer};

/// Answers by input name, as `domain::forms` normalises them.
pub type Answers = BTreeMap<String, Vec<String>>;

macro_rules! ids {
    ($($id:ty),*) => {$(
        /// 26 characters as text.
        impl Wire for $id {
            fn write(&self, out: &mut Writer) {
                out.bytes(self.as_str().as_bytes());
            }
            fn read(from: &mut Reader<'_>) -> Result<Self, Malformed> {
                let text = String::read(from)?;
                Self::parse(&text).map_err(|_| Malformed::OutOfRange)
            }
        }
    )*};
}
ids!(AccountId, ApplicationId, AttachmentId, DepartmentId, DocumentId, ProcedureId);

/// Declares the messages of one direction: kind number, payload and word.
/// On the wire: u8 version 1, u16 kind, payload.
macro_rules! messages {
    ($(#[$meta:meta])* pub enum $name:ident {
        $($(#[$doc:meta])* $variant:ident($payload:ty) = $kind:literal $word:literal,)*
    }) => {
        $(#[$meta])*
        #[derive(Clone, Debug, PartialEq, Eq)]
        pub enum $name { $($(#[$doc])* $variant($payload),)* }

        impl $name {
            /// Every kind number with its word.
            pub const KINDS: &'static [(u16, &'static str)] = &[$(($kind, $word),)*];

            /// The kind number, also in the clear index of a bundle.
            #[must_use]
            pub const fn kind(&self) -> u16 {
                match self { $(Self::$variant(_) => $kind,)* }
            }

            /// The word in logs and golden file names.
            #[must_use]
            pub const fn word(&self) -> &'static str {
                match self { $(Self::$variant(_) => $word,)* }
            }
        }

        $(impl From<$payload> for $name {
            fn from(payload: $payload) -> Self {
                Self::$variant(payload)
            }
        })*

        impl $crate::wire::Wire for $name {
            fn write(&self, out: &mut $crate::wire::Writer) {
                out.raw(&[1]);
                self.kind().write(out);
                match self { $(Self::$variant(payload) => payload.write(out),)* }
            }
            fn read(
                from: &mut $crate::wire::Reader<'_>,
            ) -> Result<Self, $crate::wire::Malformed> {
                if from.array()? != [1] {
                    return Err($crate::wire::Malformed::UnknownVersion);
                }
                match u16::read(from)? {
                    $($kind => <$payload>::read(from).map(Self::$variant),)*
                    _ => Err($crate::wire::Malformed::UnknownTag),
                }
            }
        }
    };
}
pub(crate) use messages;

/// Kind number of receipts in both directions. A bundle of receipts only is
/// not answered with a receipt, or two idle zones would talk for ever.
pub const RECEIPT_KIND: u16 = 1;
