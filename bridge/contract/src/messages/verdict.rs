//! What became of an attachment (NF-32).

use domain::ids::{ApplicationId, AttachmentId};

use crate::digest::Digest;
use crate::keys::{Signature, SigningKey, VerifyKey};
use crate::wire::{Malformed, Reader, Wire, Writer, codes, private_record, record};

const TAG: &[u8] = b"madoguchi/verdict/v1\0";

codes! {
    /// Why a file is held back. The words are keys of the text catalogues.
    pub enum HoldReason {
        /// Protected by a password.
        Encrypted = 1 "encrypted",
        /// Nothing is left without its macros.
        MacroOnly = 2 "macro_only",
        /// Damaged or not what it claims to be.
        Broken = 3 "broken",
        /// A type that is not accepted.
        Unsupported = 4 "unsupported",
        /// Over the size limit, before or after rebuilding.
        TooLarge = 5 "too_large",
        /// Too many pages, objects, layers.
        TooComplex = 6 "too_complex",
        /// Not finished in time.
        Timeout = 7 "timeout",
        /// Nothing is left without its active parts.
        ActiveOnly = 8 "active_only",
        /// A scanner reported it.
        ScannerHit = 9 "scanner_hit",
        /// The sanitizer itself failed.
        WorkerFault = 10 "worker_fault",
        /// Protected by a password, and the one that came with it is another.
        WrongPassword = 11 "wrong_password",
    }
}

record! {
    /// One kind of thing that was taken out or changed.
    pub struct Removed {
        /// What, as a key of the text catalogues, for example `javascript`.
        pub what: String,
        /// Where, for example `page 3`; empty when it has no place.
        pub place: String,
        /// How many.
        pub count: u32,
    }
}

private_record! {
    /// A file made anew from what was understood of the original.
    pub struct Rebuilt {
        /// SHA-256 of the new file.
        pub out_sha256: Digest,
        /// Its size in bytes.
        pub size: u64,
        /// Its media type.
        pub media: String,
        /// Its file name.
        pub name: String,
        /// What the original had and the new file has not.
        pub removed: Vec<Removed>,
    }
}

/// What became of an attachment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// A new file exists.
    Rebuilt(Rebuilt),
    /// No file crosses; staff and the citizen read why.
    Held(HoldReason),
    /// No file crosses: a scanner knows the malware in it, and staff read the
    /// name it gave. Everybody else is told [`HoldReason::ScannerHit`].
    Infected(String),
}

impl Outcome {
    /// Why no file crosses.
    #[must_use]
    pub const fn hold_reason(&self) -> Option<HoldReason> {
        match self {
            Self::Rebuilt(_) => None,
            Self::Held(reason) => Some(*reason),
            Self::Infected(_) => Some(HoldReason::ScannerHit),
        }
    }
}

impl Wire for Outcome {
    fn write(&self, out: &mut Writer) {
        match self {
            Self::Rebuilt(rebuilt) => {
                out.raw(&[1]);
                rebuilt.write(out);
            }
            Self::Held(reason) => {
                out.raw(&[2]);
                reason.write(out);
            }
            Self::Infected(name) => {
                out.raw(&[3]);
                name.write(out);
            }
        }
    }
    fn read(from: &mut Reader<'_>) -> Result<Self, Malformed> {
        match from.array()? {
            [1] => Rebuilt::read(from).map(Self::Rebuilt),
            [2] => HoldReason::read(from).map(Self::Held),
            [3] => String::read(from).map(Self::Infected),
            _ => Err(Malformed::UnknownTag),
        }
    }
}

record! {
    /// The sanitizer's word on one attachment, bound to its application and
    /// to both files by signature (I9, I10).
    pub struct Verdict {
        /// Which attachment.
        pub attachment_id: AttachmentId,
        /// SHA-256 of the file as the citizen sent it.
        pub in_sha256: Digest,
        /// What became of it.
        pub outcome: Outcome,
        /// Version of the rules it was treated by.
        pub policy_version: u32,
        /// By the sanitizer's key. A hold may go without: the relay adds one
        /// when the sanitizer process died or took too long, and no file
        /// follows from it.
        pub signature: Option<Signature>,
    }
}

impl Verdict {
    /// A signed verdict.
    #[must_use]
    pub fn sign(
        application: &ApplicationId,
        attachment_id: AttachmentId,
        in_sha256: Digest,
        outcome: Outcome,
        policy_version: u32,
        key: &SigningKey,
    ) -> Self {
        let mut verdict =
            Self { attachment_id, in_sha256, outcome, policy_version, signature: None };
        verdict.signature = Some(key.sign(TAG, &verdict.signed_bytes(application)));
        verdict
    }

    /// A hold that no sanitizer process lived to sign.
    #[must_use]
    pub const fn unsigned_hold(
        attachment_id: AttachmentId,
        in_sha256: Digest,
        reason: HoldReason,
    ) -> Self {
        Self {
            attachment_id,
            in_sha256,
            outcome: Outcome::Held(reason),
            policy_version: 0,
            signature: None,
        }
    }

    /// Whether one of the sanitizer's keys signed this verdict for this
    /// application. An unsigned hold is good, an unsigned file never.
    #[must_use]
    pub fn holds_for(
        &self,
        application: &ApplicationId,
        keys: impl IntoIterator<Item = VerifyKey>,
    ) -> bool {
        match (&self.signature, &self.outcome) {
            (None, Outcome::Held(_)) => true,
            (None, Outcome::Rebuilt(_) | Outcome::Infected(_)) => false,
            (Some(signature), Outcome::Held(_) | Outcome::Rebuilt(_) | Outcome::Infected(_)) => {
                let signed = self.signed_bytes(application);
                keys.into_iter().any(|key| key.verifies(TAG, &signed, signature))
            }
        }
    }

    fn signed_bytes(&self, application: &ApplicationId) -> Vec<u8> {
        let mut out = Writer::default();
        application.write(&mut out);
        self.attachment_id.write(&mut out);
        self.in_sha256.write(&mut out);
        self.outcome.write(&mut out);
        self.policy_version.write(&mut out);
        out.into_bytes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// NF-32, I10: a rebuilt file belongs to the application and the original it was made for.
    #[test]
    fn a_verdict_cannot_be_moved_to_another_application_or_file() {
        let (key, _) = SigningKey::generate();
        let keys = || [key.verify_key()];
        let application = ApplicationId::from_bits(1);
        let rebuilt = Outcome::Rebuilt(Rebuilt {
            out_sha256: Digest::of(b"new"),
            size: 3,
            media: "application/pdf".to_owned(),
            name: "a.pdf".to_owned(),
            removed: vec![],
        });
        let sent = Digest::of(b"old");
        let verdict =
            Verdict::sign(&application, AttachmentId::from_bits(2), sent, rebuilt, 1, &key);
        assert!(verdict.holds_for(&application, keys()));
        assert!(!verdict.holds_for(&ApplicationId::from_bits(9), keys()));
        assert!(!verdict.holds_for(&application, []));

        let moved = Verdict { in_sha256: Digest::of(b"other"), ..verdict.clone() };
        assert!(!moved.holds_for(&application, keys()));
        let unsigned = Verdict { signature: None, ..verdict };
        assert!(!unsigned.holds_for(&application, keys()));

        let hold = Verdict::unsigned_hold(AttachmentId::from_bits(2), sent, HoldReason::Timeout);
        assert!(hold.holds_for(&application, keys()));
    }
}
