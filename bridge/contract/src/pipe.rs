//! One attachment through the sanitizer: the request on its standard input
//! until end of file, the answer on its standard output until end of file.

mod password;

use domain::ids::ApplicationId;

use crate::messages::{Declared, Verdict};
use crate::wire::{Malformed, Reader, Wire, Writer};

pub use password::{Password, UnusablePassword};

/// Largest answer the relay reads, in bytes.
pub const ANSWER_LIMIT: usize = 60 << 20;
/// Number in front of a request with a password.
const WITH_PASSWORD: u8 = 2;

/// What the sanitizer is asked.
#[derive(Clone, PartialEq, Eq)]
pub struct PipeRequest {
    /// The application the file belongs to; the verdict is bound to it.
    pub application_id: ApplicationId,
    /// The file as declared. Its name and media type are claims.
    pub declared: Declared,
    /// The file.
    pub bytes: Vec<u8>,
    /// What the citizen says opens it.
    pub password: Option<Password>,
}

impl std::fmt::Debug for PipeRequest {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("PipeRequest").finish_non_exhaustive()
    }
}

/// A request without a password is the first version, which has no number;
/// one with a password is the second. The first byte of an id is 0, so the
/// number cannot be mistaken for one.
impl Wire for PipeRequest {
    fn write(&self, out: &mut Writer) {
        if self.password.is_some() {
            out.raw(&[WITH_PASSWORD]);
        }
        self.application_id.write(out);
        self.declared.write(out);
        self.bytes.write(out);
        if let Some(password) = &self.password {
            password.write(out);
        }
    }
    fn read(from: &mut Reader<'_>) -> Result<Self, Malformed> {
        let locked = from.peek() == Some(WITH_PASSWORD);
        if locked {
            from.array::<1>()?;
        }
        Ok(Self {
            application_id: ApplicationId::read(from)?,
            declared: Declared::read(from)?,
            bytes: Vec::read(from)?,
            password: if locked { Some(Password::read(from)?) } else { None },
        })
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
