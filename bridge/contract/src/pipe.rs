//! One attachment through the sanitizer: the request on its standard input
//! until end of file, the answer on its standard output until end of file.

use domain::ids::ApplicationId;

use crate::messages::{Declared, Verdict};
use crate::wire::{Malformed, Reader, Wire, Writer, private_record};

/// Largest answer the relay reads, in bytes.
pub const ANSWER_LIMIT: usize = 60 << 20;

private_record! {
    /// What the sanitizer is asked.
    pub struct PipeRequest {
        /// The application the file belongs to; the verdict is bound to it.
        pub application_id: ApplicationId,
        /// The file as declared. Its name and media type are claims.
        pub declared: Declared,
        /// The file.
        pub bytes: Vec<u8>,
    }
}

/// What the sanitizer answers.
#[derive(Clone, PartialEq, Eq)]
pub struct PipeAnswer {
    /// The signed verdict.
    pub verdict: Verdict,
    /// The new file, exactly when the verdict is `Rebuilt`.
    pub rebuilt: Option<Vec<u8>>,
}

impl std::fmt::Debug for PipeAnswer {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_tuple("PipeAnswer").field(&self.verdict).finish()
    }
}

impl Wire for PipeAnswer {
    fn write(&self, out: &mut Writer) {
        out.raw(&[1]);
        self.verdict.write(out);
        self.rebuilt.write(out);
    }
    fn read(from: &mut Reader<'_>) -> Result<Self, Malformed> {
        if from.array()? != [1] {
            return Err(Malformed::UnknownVersion);
        }
        Ok(Self { verdict: Verdict::read(from)?, rebuilt: Option::read(from)? })
    }
}
