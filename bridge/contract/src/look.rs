//! A look at a file before it is sent: `sanitizer look`, the request on standard
//! input until end of file, the answer on standard output. Nothing is signed and
//! no file comes back; what counts is what becomes of the file on its way.

use crate::pipe::Password;
use crate::wire::{Malformed, Reader, Wire, Writer, private_record};

private_record! {
    /// What the sanitizer is asked to look at.
    pub struct LookRequest {
        /// Its name as sent: a claim.
        pub name: String,
        /// The file.
        pub bytes: Vec<u8>,
        /// What the citizen says opens it.
        pub password: Option<Password>,
    }
}

/// What would become of the file, in sentences for citizens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LookAnswer {
    /// It would be rebuilt; what would be missing or different, if anything.
    Rebuilt(Vec<String>),
    /// A password is needed; what to do.
    Locked(String),
    /// The password is another one; what to do.
    WrongPassword(String),
    /// It would be held: why, and what to do.
    Held(String),
}

impl Wire for LookAnswer {
    fn write(&self, out: &mut Writer) {
        out.raw(&[1]);
        match self {
            Self::Rebuilt(lines) => {
                out.raw(&[1]);
                lines.write(out);
            }
            Self::Locked(why) => {
                out.raw(&[2]);
                why.write(out);
            }
            Self::WrongPassword(why) => {
                out.raw(&[3]);
                why.write(out);
            }
            Self::Held(why) => {
                out.raw(&[4]);
                why.write(out);
            }
        }
    }
    fn read(from: &mut Reader<'_>) -> Result<Self, Malformed> {
        if from.array()? != [1] {
            return Err(Malformed::UnknownVersion);
        }
        Ok(match from.array()? {
            [1] => Self::Rebuilt(Vec::read(from)?),
            [2] => Self::Locked(String::read(from)?),
            [3] => Self::WrongPassword(String::read(from)?),
            [4] => Self::Held(String::read(from)?),
            _ => return Err(Malformed::UnknownTag),
        })
    }
}
