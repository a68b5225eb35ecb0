//! The members of an archive, on their way to workers of their own.
//!
//! The one place where bytes a stranger wrote leave a worker: they go to the
//! next worker and to no builder (NF-32).

use crate::codec::{Decode, DecodeError, Encode, Reader, Writer};
use crate::hold::HoldReason;
use crate::text::unwanted;

/// Most members of an archive.
const MAX_MEMBERS: usize = 100_000;
/// Most bytes of a path.
const MAX_PATH: usize = 16 << 10;
/// Most bytes of one member.
const MAX_BYTES: usize = 1 << 30;

/// An opened archive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Archive {
    /// Members in the order of the archive.
    pub members: Vec<Member>,
}

/// A member.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// Its path, components joined by `/`.
    pub name: String,
    /// What it is.
    pub content: Content,
}

/// What a member is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Content {
    /// A file, as it was packed.
    File(Vec<u8>),
    /// A folder.
    Folder,
    /// A reference to another path.
    Link,
    /// A file that cannot be unpacked.
    Unreadable(HoldReason),
}

/// Whether a character parts the components of a path on some system.
#[must_use]
pub const fn is_separator(it: char) -> bool {
    matches!(it, '/' | '\\')
}

/// Whether a component of a path is a mere name on every system.
#[must_use]
pub fn is_safe_component(name: &str) -> bool {
    !matches!(name, "" | "." | "..") && name.chars().all(is_safe_character)
}

/// Whether a character is no more than part of a name on every system.
#[must_use]
pub fn is_safe_character(it: char) -> bool {
    !it.is_control() && unwanted(it).is_none() && !is_separator(it) && !"<>:\"|?*".contains(it)
}

/// Whether a path stays in the folder it is unpacked in.
#[must_use]
pub fn is_safe_path(path: &str) -> bool {
    path.len() <= MAX_PATH && path.split('/').all(is_safe_component)
}

impl Encode for Archive {
    fn encode(&self, to: &mut Writer<'_>) {
        to.list(&self.members);
    }
}

impl Decode for Archive {
    fn decode(from: &mut Reader<'_>) -> Result<Self, DecodeError> {
        Ok(Self { members: from.list(MAX_MEMBERS)? })
    }
}

impl Encode for Member {
    fn encode(&self, to: &mut Writer<'_>) {
        to.str(&self.name);
        match &self.content {
            Content::File(bytes) => {
                to.u8(0);
                to.bytes(bytes);
            }
            Content::Folder => to.u8(1),
            Content::Link => to.u8(2),
            Content::Unreadable(reason) => {
                to.u8(3);
                to.value(reason);
            }
        }
    }
}

impl Decode for Member {
    fn decode(from: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let name = from.str(MAX_PATH)?;
        if !is_safe_path(&name) {
            return Err(DecodeError::Invalid("path"));
        }
        let content = match from.u8()? {
            0 => Content::File(from.bytes(MAX_BYTES)?),
            1 => Content::Folder,
            2 => Content::Link,
            3 => Content::Unreadable(from.value()?),
            _ => return Err(DecodeError::Invalid("Content")),
        };
        Ok(Self { name, content })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// NF-32: a worker that names a path outside is not believed.
    #[test]
    fn paths_that_climb_do_not_cross() {
        for path in ["../a", "a/../b", "/a", "a//b", "C:/a", "a\\b", "a\nb", "a\u{202e}b", ""] {
            assert!(!is_safe_path(path), "{path:?}");
        }
        assert!(is_safe_path("表/漢字 (2).txt"));
    }
}
