//! Server A → server B and back (lanes `exp` and `exr`, IK-3.5.7b).

use jiff::Timestamp;

use super::messages;
use crate::digest::Digest;
use crate::wire::{codes, private_record, record};

messages! {
    /// What server A sends to server B.
    pub enum ToBusiness {
        /// A piece of a file of a generation.
        Part(GenerationPart) = 50 "generation_part",
        /// The end of a generation: it may now appear.
        End(GenerationEnd) = 51 "generation_end",
    }
}

messages! {
    /// What server B tells server A.
    pub enum ToServerA {
        /// A generation is complete and durable at B.
        Stored(GenerationStored) = 60 "generation_stored",
        /// A generation cannot appear at B.
        Refused(RefusedGeneration) = 61 "generation_refused",
        /// The business system picked a generation up.
        PickedUp(PickedUp) = 62 "generation_picked_up",
    }
}

private_record! {
    /// A piece of one file.
    pub struct GenerationPart {
        /// The export job.
        pub job: String,
        /// The generation.
        pub generation: String,
        /// The file's path inside the generation, with `/` between names.
        pub path: String,
        /// Where the piece starts in the file, in bytes.
        pub offset: u64,
        /// The piece.
        pub bytes: Vec<u8>,
    }
}

record! {
    /// One file of a complete generation.
    pub struct ExportedFile {
        /// Its path inside the generation.
        pub path: String,
        /// Its size in bytes.
        pub size: u64,
        /// Its SHA-256.
        pub sha256: Digest,
    }
}

record! {
    /// Everything a generation consists of.
    pub struct GenerationEnd {
        /// The export job.
        pub job: String,
        /// The generation.
        pub generation: String,
        /// All files but the control file.
        pub files: Vec<ExportedFile>,
        /// The control file's name, ending in `.end`.
        pub end_name: String,
        /// The control file, written last.
        pub end_bytes: Vec<u8>,
    }
}

record! {
    /// A generation is complete and durable at B.
    pub struct GenerationStored {
        /// The export job.
        pub job: String,
        /// The generation.
        pub generation: String,
        /// When.
        pub at: Timestamp,
    }
}

record! {
    /// A generation cannot appear at B; an operator must look.
    pub struct RefusedGeneration {
        /// The export job.
        pub job: String,
        /// The generation.
        pub generation: String,
        /// When.
        pub at: Timestamp,
        /// Why, in a few English words for operators.
        pub reason: String,
    }
}

codes! {
    /// How the business system took a generation.
    pub enum PickupOutcome {
        /// Loaded (取込済).
        Done = 1 "done",
        /// Not loaded (取込エラー).
        Error = 2 "error",
    }
}

record! {
    /// The business system left a `.done` or `.err` file.
    pub struct PickedUp {
        /// The export job.
        pub job: String,
        /// The generation.
        pub generation: String,
        /// By which file.
        pub outcome: PickupOutcome,
        /// When the file was seen.
        pub at: Timestamp,
        /// The beginning of the file, for example counts or error lines.
        pub detail: Vec<u8>,
    }
}

impl PickedUp {
    /// The file as text: UTF-8, or CP932 as most batch systems write. What is neither is read as far
    /// as it goes. A character cut at the end of the part that travels is left out.
    #[must_use]
    pub fn words(&self) -> String {
        let whole = (0..4).filter_map(|cut| self.detail.get(..self.detail.len().checked_sub(cut)?));
        let text = whole.clone().find_map(|part| std::str::from_utf8(part).ok());
        let text =
            text.map(str::to_owned).or_else(|| whole.take(2).find_map(domain::cp932::decode));
        text.unwrap_or_else(|| String::from_utf8_lossy(&self.detail).into_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// IK-3.5.7b: the words of a batch system reach staff in whatever it writes.
    #[test]
    fn a_receipt_reads_in_both_encodings() {
        let words = |detail: &[u8]| {
            let (job, generation) = ("resident".to_owned(), "000001".to_owned());
            let (outcome, at) = (PickupOutcome::Error, Timestamp::UNIX_EPOCH);
            PickedUp { job, generation, outcome, at, detail: detail.to_vec() }.words()
        };
        let (said, gaiji) = domain::cp932::encode("項目数が違います");
        assert!(gaiji.is_empty());
        assert_eq!(words(&said), "項目数が違います");
        assert_eq!(words(&said[..said.len() - 1]), "項目数が違いま");
        assert_eq!(words("取込".as_bytes()), "取込");
        assert_eq!(words(&"取込".as_bytes()[..5]), "取");
        assert_eq!(words(b""), "");
    }
}
