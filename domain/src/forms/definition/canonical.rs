//! Reading a document within limits and writing the one form of it that is hashed.

use serde_json::Value;
use thiserror::Error;

use super::Procedure;

/// Largest document that is read, in bytes.
pub const MAX_DOCUMENT_BYTES: usize = 8 * 1024 * 1024;

/// Why a document cannot be read.
#[derive(Debug, Error)]
pub enum DocumentError {
    /// Larger than [`MAX_DOCUMENT_BYTES`].
    #[error("the document has {0} bytes, the limit is {MAX_DOCUMENT_BYTES}")]
    TooLarge(usize),
    /// Not JSON, an unknown key, or a value of the wrong kind.
    #[error("the document does not read: {0}")]
    Shape(#[from] serde_json::Error),
}

impl Procedure {
    /// Reads a document.
    /// # Errors
    /// [`DocumentError`] with the place and reason.
    pub fn from_json(bytes: &[u8]) -> Result<Self, DocumentError> {
        if bytes.len() > MAX_DOCUMENT_BYTES {
            return Err(DocumentError::TooLarge(bytes.len()));
        }
        Ok(serde_json::from_slice(bytes)?)
    }

    /// The bytes that are published and hashed: UTF-8, keys sorted by code point, no spaces,
    /// defaults written out the same way each time.
    ///
    /// # Errors
    /// Never for a document that was read; the error is serde's.
    pub fn canonical_json(&self) -> Result<Vec<u8>, serde_json::Error> {
        let mut out = Vec::with_capacity(16 * 1024);
        write(&serde_json::to_value(self)?, &mut out)?;
        Ok(out)
    }
}

/// Sorts keys itself, so that the order does not hang on a feature of serde_json.
fn write(value: &Value, out: &mut Vec<u8>) -> Result<(), serde_json::Error> {
    match value {
        Value::Object(map) => {
            let mut entries: Vec<_> = map.iter().collect();
            entries.sort_unstable_by_key(|(key, _)| key.as_str());
            out.push(b'{');
            for (n, (key, item)) in entries.into_iter().enumerate() {
                if n > 0 {
                    out.push(b',');
                }
                serde_json::to_writer(&mut *out, key)?;
                out.push(b':');
                write(item, out)?;
            }
            out.push(b'}');
        }
        Value::Array(items) => {
            out.push(b'[');
            for (n, item) in items.iter().enumerate() {
                if n > 0 {
                    out.push(b',');
                }
                write(item, out)?;
            }
            out.push(b']');
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {
            serde_json::to_writer(out, value)?;
        }
    }
    Ok(())
}
