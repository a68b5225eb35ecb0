//! What the worker answers.

use crate::codec::{Decode, DecodeError, Encode, Reader, Writer};
use crate::opened::MAX_PIECES;
use crate::{Document, FORM_VERSION, Findings, HoldReason, Kind, Opened};

/// The worker's whole output.
#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    /// How the worker was confined while it read.
    pub confinement: Confinement,
    /// What the file is by content.
    pub kind: Kind,
    /// What came of it.
    pub outcome: Outcome,
}

/// A file was read, or not.
#[derive(Debug, Clone, PartialEq)]
pub enum Outcome {
    /// Everything a builder needs.
    Read {
        /// What did not make it into the document.
        findings: Findings,
        /// What a password opened, when [`Limits::show_opened`](crate::Limits) asks for it.
        opened: Vec<Opened>,
        /// What did.
        document: Document,
    },
    /// The file must not cross.
    Held(HoldReason),
}

/// Which walls stood around the worker, as it reports itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Confinement {
    /// Landlock denies the whole file system.
    pub landlock: bool,
    /// Seccomp denies every system call off the list.
    pub seccomp: bool,
}

impl Confinement {
    /// Both walls stand.
    #[must_use]
    pub const fn is_full(self) -> bool {
        self.landlock && self.seccomp
    }
}

impl Encode for Answer {
    fn encode(&self, to: &mut Writer<'_>) {
        to.u8(FORM_VERSION);
        to.bool(self.confinement.landlock);
        to.bool(self.confinement.seccomp);
        to.value(&self.kind);
        match &self.outcome {
            Outcome::Read { findings, opened, document } => {
                to.u8(0);
                to.value(findings);
                to.list(opened);
                to.value(document);
            }
            Outcome::Held(reason) => {
                to.u8(1);
                to.value(reason);
            }
        }
    }
}

impl Decode for Answer {
    fn decode(from: &mut Reader<'_>) -> Result<Self, DecodeError> {
        if from.u8()? != FORM_VERSION {
            return Err(DecodeError::Invalid("version"));
        }
        let confinement = Confinement { landlock: from.bool()?, seccomp: from.bool()? };
        let kind = from.value()?;
        let outcome = match from.u8()? {
            0 => Outcome::Read {
                findings: from.value()?,
                opened: from.list(MAX_PIECES)?,
                document: from.value()?,
            },
            1 => Outcome::Held(from.value()?),
            _ => return Err(DecodeError::Invalid("Outcome")),
        };
        Ok(Self { confinement, kind, outcome })
    }
}
