//! What the runner asks of the worker.

use crate::codec::{Decode, DecodeError, Encode, Reader, Writer};
use crate::{FORM_VERSION, Kind, Limits, Password};

/// One file to read.
#[derive(Debug, Clone, PartialEq)]
pub struct Request {
    /// What the name claims. Only text kinds depend on it; everything else is
    /// told by content.
    pub hint: Option<Kind>,
    /// What the file may cost.
    pub limits: Limits,
    /// What is said to open it.
    pub password: Option<Password>,
    /// The file.
    pub bytes: Vec<u8>,
}

impl Request {
    /// Writes the request without copying the file.
    pub fn encode_parts(
        to: &mut Writer<'_>,
        hint: Option<Kind>,
        limits: &Limits,
        password: Option<&Password>,
        bytes: &[u8],
    ) {
        to.u8(FORM_VERSION);
        to.option(hint.as_ref());
        to.value(limits);
        to.option(password);
        to.bytes(bytes);
    }
}

impl Encode for Request {
    fn encode(&self, to: &mut Writer<'_>) {
        Self::encode_parts(to, self.hint, &self.limits, self.password.as_ref(), &self.bytes);
    }
}

impl Decode for Request {
    fn decode(from: &mut Reader<'_>) -> Result<Self, DecodeError> {
        if from.u8()? != FORM_VERSION {
            return Err(DecodeError::Invalid("version"));
        }
        let hint = from.option()?;
        let limits: Limits = from.value()?;
        let password = from.option()?;
        let most = usize::try_from(limits.input_bytes).unwrap_or(usize::MAX);
        Ok(Self { hint, limits, password, bytes: from.bytes(most)? })
    }
}
