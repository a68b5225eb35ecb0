//! The content of an item on `in` and `in.bulk`, sealed for L by the relay.

use domain::ids::{ApplicationId, AttachmentId};

use super::{Outcome, Part, Position, ToStaff, Verdict};
use crate::digest::Digest;
use crate::keys::VerifyKey;
use crate::wire::{Malformed, Reader, Wire, Writer, decode, private_record, record};

/// Kind number of [`InItem::Unreadable`].
pub const UNREADABLE_KIND: u16 = 90;
/// Kind number of [`BulkPart`].
pub const BULK_KIND: u16 = 91;

record! {
    /// Which raw item an `in` item was made from, so that L can tell I, over
    /// S's head, what arrived.
    #[derive(Copy)]
    pub struct Origin {
        /// Its place on the raw lane.
        pub at: Position,
        /// How many items its raw bundle has.
        pub items: u32,
        /// Hash of its raw bundle's header.
        pub hash: Digest,
    }
}

record! {
    /// The stamp of an `in` item: the raw item it was made from, and how far the raw
    /// lane was worked off without a gap when it was shown. Items may pass a slow one,
    /// so the two differ; the newest stamp is the relay's only record.
    pub struct Crossed {
        /// The raw item.
        pub origin: Origin,
        /// It and everything before it are in `in` bundles; `None` before the first.
        pub floor: Option<Origin>,
    }
}

impl Crossed {
    /// Reads a stamp; also the bare origin of items that crossed in order.
    ///
    /// # Errors
    /// [`Malformed`] when it is neither.
    pub fn read_stamp(stamp: &[u8]) -> Result<Self, Malformed> {
        decode(stamp).or_else(|why| {
            let origin: Origin = decode(stamp).map_err(|_| why)?;
            Ok(Self { origin, floor: Some(origin) })
        })
    }
}

private_record! {
    /// The content of an item on `in.bulk`: one rebuilt file that is too large to
    /// travel with its application.
    pub struct BulkPart {
        /// The application it belongs to.
        pub application_id: ApplicationId,
        /// Which of its attachments.
        pub attachment_id: AttachmentId,
        /// The new file.
        pub bytes: Vec<u8>,
    }
}

private_record! {
    /// A message whose large files travel apart, on `in.bulk`. It waits at L until
    /// each of them is there with the digest that its verdict names.
    pub struct Split {
        /// The message; its parts are the small files only.
        pub item: Sanitized,
        /// The attachments whose files travel apart, in the order of the verdicts.
        pub bulk: Vec<AttachmentId>,
    }
}

private_record! {
    /// A message whose attachments were treated.
    pub struct Sanitized {
        /// The raw item it was made from.
        pub origin: Origin,
        /// The raw item's stamp (an [`super::Arrival`]).
        pub stamp: Vec<u8>,
        /// Canonical bytes of the [`ToStaff`], as the citizen's side made them.
        pub message: Vec<u8>,
        /// One for each declared attachment, in the same order.
        pub verdicts: Vec<Verdict>,
        /// The new file of each rebuilt attachment, in the same order.
        pub parts: Vec<Part>,
    }
}

record! {
    /// A raw item that S could not open or read. It never stops the lane; L
    /// and I learn that it is set aside.
    pub struct Unreadable {
        /// The raw item.
        pub origin: Origin,
        /// The raw item's stamp.
        pub stamp: Vec<u8>,
        /// SHA-256 of the sealed raw item, which I keeps.
        pub sealed_sha256: Digest,
        /// Why, in a few English words for operators; no content.
        pub reason: String,
    }
}

/// The content of an item on `in`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum InItem {
    /// A message with treated attachments.
    Sanitized(Sanitized),
    /// A raw item that was set aside at S.
    Unreadable(Unreadable),
    /// A message whose large files travel apart.
    Split(Split),
}

impl InItem {
    /// The raw item it was made from.
    #[must_use]
    pub const fn origin(&self) -> &Origin {
        match self {
            Self::Sanitized(item) => &item.origin,
            Self::Unreadable(item) => &item.origin,
            Self::Split(split) => &split.item.origin,
        }
    }
}

impl Wire for InItem {
    fn write(&self, out: &mut Writer) {
        match self {
            Self::Sanitized(item) => {
                out.raw(&[1, 1]);
                item.write(out);
            }
            Self::Unreadable(item) => {
                out.raw(&[1, 2]);
                item.write(out);
            }
            Self::Split(split) => {
                out.raw(&[1, 3]);
                split.write(out);
            }
        }
    }
    fn read(from: &mut Reader<'_>) -> Result<Self, Malformed> {
        match from.array()? {
            [1, 1] => Sanitized::read(from).map(Self::Sanitized),
            [1, 2] => Unreadable::read(from).map(Self::Unreadable),
            [1, 3] => Split::read(from).map(Self::Split),
            [1, _] => Err(Malformed::UnknownTag),
            [_, _] => Err(Malformed::UnknownVersion),
        }
    }
}

/// Why an item from S is not accepted at L.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CrossCheck {
    /// The message inside is malformed.
    #[error("the message is malformed: {0}")]
    Message(#[from] Malformed),
    /// Verdicts and declared attachments do not match one to one.
    #[error("verdicts do not match the declared attachments")]
    Verdicts,
    /// A verdict is not by the sanitizer or for another application.
    #[error("the verdict on attachment {0} is not signed for this application")]
    Signature(AttachmentId),
    /// A file is not the one its verdict names.
    #[error("the file of attachment {0} does not match its verdict")]
    File(AttachmentId),
}

impl Sanitized {
    /// The message, after checking that every declared attachment has its own
    /// signed verdict and every rebuilt file is the one its verdict names
    /// (NF-32, I9, I10).
    ///
    /// # Errors
    /// [`CrossCheck`] when anything is missing, surplus, swapped or unsigned.
    pub fn checked(&self, sanitizer: &[VerifyKey]) -> Result<ToStaff, CrossCheck> {
        self.checked_without(sanitizer, &[])
    }

    /// The same when the files of `bulk` travel apart.
    fn checked_without(
        &self,
        sanitizer: &[VerifyKey],
        bulk: &[AttachmentId],
    ) -> Result<ToStaff, CrossCheck> {
        let message: ToStaff = decode(&self.message)?;
        let declared = message.attachments();
        let matched = declared.len() == self.verdicts.len()
            && declared.iter().zip(&self.verdicts).all(|(file, verdict)| {
                file.id == verdict.attachment_id && file.sha256 == verdict.in_sha256
            });
        if !matched {
            return Err(CrossCheck::Verdicts);
        }
        if let Some(application) = message.application() {
            self.check_signatures(application, sanitizer)?;
        }
        self.check_files(bulk)?;
        Ok(message)
    }

    fn check_signatures(
        &self,
        application: &ApplicationId,
        sanitizer: &[VerifyKey],
    ) -> Result<(), CrossCheck> {
        let bad = |verdict: &&Verdict| !verdict.holds_for(application, sanitizer.iter().copied());
        match self.verdicts.iter().find(bad) {
            Some(verdict) => Err(CrossCheck::Signature(verdict.attachment_id.clone())),
            None => Ok(()),
        }
    }

    fn check_files(&self, bulk: &[AttachmentId]) -> Result<(), CrossCheck> {
        let (mut parts, mut apart) = (self.parts.iter(), bulk.iter().peekable());
        for verdict in &self.verdicts {
            let Outcome::Rebuilt(rebuilt) = &verdict.outcome else {
                continue;
            };
            if apart.next_if(|id| **id == verdict.attachment_id).is_some() {
                continue;
            }
            let fits = parts.next().is_some_and(|part| {
                part.attachment_id == verdict.attachment_id
                    && part.bytes.len() as u64 == rebuilt.size
                    && Digest::of(&part.bytes) == rebuilt.out_sha256
            });
            if !fits {
                return Err(CrossCheck::File(verdict.attachment_id.clone()));
            }
        }
        if parts.next().is_some() || apart.next().is_some() {
            return Err(CrossCheck::Verdicts);
        }
        Ok(())
    }
}

impl Split {
    /// The message, after the same checks as [`Sanitized::checked`]; each file that
    /// travels apart must belong to a verdict that names its digest.
    ///
    /// # Errors
    /// [`CrossCheck`] when anything is missing, surplus, swapped or unsigned.
    pub fn checked(&self, sanitizer: &[VerifyKey]) -> Result<ToStaff, CrossCheck> {
        self.item.checked_without(sanitizer, &self.bulk)
    }

    /// The whole message with the files that travelled apart.
    ///
    /// # Errors
    /// [`CrossCheck::File`] when one is missing or is not what its verdict names.
    pub fn complete(
        self,
        mut file: impl FnMut(&AttachmentId) -> Option<Vec<u8>>,
    ) -> Result<Sanitized, CrossCheck> {
        let Self { mut item, bulk } = self;
        let mut small = item.parts.into_iter();
        let mut parts = Vec::new();
        for verdict in &item.verdicts {
            let id = &verdict.attachment_id;
            let Outcome::Rebuilt(_) = &verdict.outcome else { continue };
            let missing = || CrossCheck::File(id.clone());
            parts.push(if bulk.contains(id) {
                Part { attachment_id: id.clone(), bytes: file(id).ok_or_else(missing)? }
            } else {
                small.next().ok_or_else(missing)?
            });
        }
        item.parts = parts;
        item.check_files(&[])?;
        Ok(item)
    }
}

#[cfg(test)]
mod tests {
    use domain::ids::ProcedureId;

    use super::*;
    use crate::keys::SigningKey;
    use crate::messages::{Applicant, Declared, HoldReason, Rebuilt, Submission};
    use crate::wire::encode;

    struct Case {
        key: SigningKey,
        application: ApplicationId,
        item: Sanitized,
    }

    impl Case {
        /// An application with two files, both rebuilt.
        fn new() -> Self {
            let key = SigningKey::generate().0;
            let application = ApplicationId::from_bits(1);
            let files: Vec<(Declared, &[u8])> = vec![(declared(1), b"one"), (declared(2), b"two")];
            let verdicts = files
                .iter()
                .map(|(file, bytes)| rebuilt(&application, file, bytes, &key))
                .collect();
            let parts = files
                .iter()
                .map(|(file, bytes)| Part { attachment_id: file.id.clone(), bytes: bytes.to_vec() })
                .collect();
            let message = ToStaff::from(Box::new(Submission {
                application_id: application.clone(),
                procedure_id: ProcedureId::from_bits(1),
                revision: 1,
                definition_sha256: Digest::ZERO,
                applicant: Applicant::Anonymous,
                answers: Default::default(),
                provenance: Default::default(),
                attachments: files.into_iter().map(|(file, _)| file).collect(),
                cosigners: Vec::new(),
            }));
            let at = Position { epoch: 1, seq: 1, idx: 0 };
            let item = Sanitized {
                origin: Origin { at, items: 1, hash: Digest::ZERO },
                stamp: vec![],
                message: encode(&message),
                verdicts,
                parts,
            };
            Self { key, application, item }
        }

        fn check(&self) -> Result<ToStaff, CrossCheck> {
            self.item.checked(&[self.key.verify_key()])
        }
    }

    fn declared(number: u128) -> Declared {
        Declared {
            id: AttachmentId::from_bits(number),
            field: "file".to_owned(),
            name: "a".to_owned(),
            media: "text/plain".to_owned(),
            size: 1,
            sha256: Digest::of(&number.to_be_bytes()),
        }
    }

    fn rebuilt(
        application: &ApplicationId,
        file: &Declared,
        bytes: &[u8],
        key: &SigningKey,
    ) -> Verdict {
        let outcome = Outcome::Rebuilt(Rebuilt {
            out_sha256: Digest::of(bytes),
            size: bytes.len() as u64,
            media: "text/plain".to_owned(),
            name: "a".to_owned(),
            removed: vec![],
        });
        Verdict::sign(application, file.id.clone(), file.sha256, outcome, 1, key)
    }

    #[test]
    fn what_the_sanitizer_signed_passes() {
        let mut case = Case::new();
        assert!(matches!(case.check(), Ok(ToStaff::Submission(_))));
        // A held file has a verdict and no bytes.
        let file = declared(2);
        case.item.verdicts[1] = Verdict::unsigned_hold(file.id, file.sha256, HoldReason::Broken);
        case.item.parts.remove(1);
        assert!(case.check().is_ok());
    }

    /// NF-32, I9: a file that the sanitizer did not sign never becomes visible.
    #[test]
    fn a_file_without_the_sanitizers_signature_is_refused() {
        let mut case = Case::new();
        let stranger = SigningKey::generate().0;
        case.item.verdicts[0] = rebuilt(&case.application, &declared(1), b"one", &stranger);
        assert_eq!(case.check(), Err(CrossCheck::Signature(AttachmentId::from_bits(1))));

        let mut case = Case::new();
        let elsewhere = ApplicationId::from_bits(9);
        case.item.verdicts[0] = rebuilt(&elsewhere, &declared(1), b"one", &case.key);
        assert_eq!(case.check(), Err(CrossCheck::Signature(AttachmentId::from_bits(1))));
    }

    /// NF-32, I10: a file that travels apart is only put back where its verdict
    /// names its digest.
    #[test]
    fn a_file_that_travels_apart_comes_back_to_its_verdict_only() {
        let case = Case::new();
        let (first, second) = (AttachmentId::from_bits(1), AttachmentId::from_bits(2));
        let mut item = case.item.clone();
        let large = item.parts.remove(0);
        let keys = [case.key.verify_key()];
        let split = Split { item, bulk: vec![first.clone()] };
        assert!(matches!(split.checked(&keys), Ok(ToStaff::Submission(_))));
        let whole = split.clone().complete(|_| Some(large.bytes.clone()));
        assert_eq!(whole, Ok(case.item.clone()));

        let other = split.clone().complete(|_| Some(b"evil".to_vec()));
        assert_eq!(other, Err(CrossCheck::File(first.clone())));
        assert_eq!(split.clone().complete(|_| None), Err(CrossCheck::File(first.clone())));
        let two = vec![first.clone(), first];
        for bulk in [vec![], vec![second], two, vec![AttachmentId::from_bits(9)]] {
            let wrong = Split { bulk, ..split.clone() };
            assert!(wrong.checked(&keys).is_err(), "{:?}", wrong.bulk);
        }
    }

    /// A stamp of before items could pass each other still says where to go on.
    #[test]
    fn a_bare_origin_is_read_as_crossed_in_order() {
        let at = Position { epoch: 1, seq: 7, idx: 2 };
        let origin = Origin { at, items: 3, hash: Digest::of(b"header") };
        let old = Crossed::read_stamp(&encode(&origin)).expect("an origin");
        assert_eq!(old, Crossed { origin, floor: Some(origin) });
        let new = Crossed { origin, floor: None };
        assert_eq!(Crossed::read_stamp(&encode(&new)), Ok(new));
        assert!(Crossed::read_stamp(b"nonsense").is_err());
    }

    /// NF-32, I10: files and verdicts cannot be mixed, changed, added or left out.
    #[test]
    fn mixed_files_are_refused() {
        let changes: [fn(&mut Sanitized); 7] = [
            |item| item.verdicts.swap(0, 1),
            |item| item.parts.swap(0, 1),
            |item| item.parts[0].bytes = b"evil".to_vec(),
            |item| drop(item.parts.pop()),
            |item| drop(item.verdicts.pop()),
            |item| item.parts.push(item.parts[0].clone()),
            |item| {
                let bytes = item.parts[0].bytes.clone();
                item.parts[1].bytes = bytes;
            },
        ];
        for (number, change) in changes.into_iter().enumerate() {
            let mut case = Case::new();
            change(&mut case.item);
            assert!(case.check().is_err(), "change {number}");
        }
    }
}
