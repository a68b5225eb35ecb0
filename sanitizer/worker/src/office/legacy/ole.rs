//! The compound file: storages and streams.

use std::io::{Cursor, Read as _};

use sanitizer_intermediate::{HoldReason, Limits};

/// Most storages and streams.
const MAX_ENTRIES: usize = 20_000;

/// A compound file of these streams; `None` when there is none to write.
pub(super) fn compound(streams: &[(&'static str, Vec<u8>)]) -> Option<Vec<u8>> {
    use std::io::Write as _;
    if streams.is_empty() {
        return None;
    }
    let mut file = cfb::CompoundFile::create(Cursor::new(Vec::new())).ok()?;
    for (path, bytes) in streams {
        file.create_stream(path).ok()?.write_all(bytes).ok()?;
    }
    file.flush().ok()?;
    Some(file.into_inner().into_inner())
}

/// An opened compound file.
pub(in crate::office) struct Ole<'f> {
    file: cfb::CompoundFile<Cursor<&'f [u8]>>,
    names: Vec<String>,
    left: u64,
}

impl<'f> Ole<'f> {
    /// Opens a file.
    ///
    /// # Errors
    /// [`HoldReason`] when it is damaged or has too many entries.
    pub(in crate::office) fn open(bytes: &'f [u8], limits: &Limits) -> Result<Self, HoldReason> {
        let file = cfb::CompoundFile::open(Cursor::new(bytes)).map_err(|_| HoldReason::Broken)?;
        let mut names = Vec::new();
        for entry in file.walk() {
            if names.len() >= MAX_ENTRIES {
                return Err(HoldReason::TooComplex);
            }
            names.push(entry.path().to_string_lossy().into_owned());
        }
        Ok(Self { file, names, left: limits.decoded_bytes })
    }

    /// Whether the document itself is a stream nobody but its program opens.
    pub(in crate::office) fn is_sealed(&self) -> bool {
        self.names.iter().any(|it| it == "/EncryptedPackage" || it == "/EncryptedSummary")
    }

    /// Paths of all storages and streams.
    pub(in crate::office) fn names(&self) -> impl Iterator<Item = &str> {
        self.names.iter().map(String::as_str)
    }

    /// The bytes of a stream; `None` when there is none of this name.
    ///
    /// # Errors
    /// [`HoldReason`] when it is damaged or too large.
    pub(in crate::office) fn stream(&mut self, path: &str) -> Result<Option<Vec<u8>>, HoldReason> {
        let Some(path) = self.names.iter().find(|it| it.eq_ignore_ascii_case(path)) else {
            return Ok(None);
        };
        if !self.file.is_stream(path) {
            return Ok(None);
        }
        let stream = self.file.open_stream(path).map_err(|_| HoldReason::Broken)?;
        self.left = self.left.checked_sub(stream.len()).ok_or(HoldReason::TooLarge)?;
        let most = stream.len();
        let mut bytes = Vec::new();
        stream.take(most).read_to_end(&mut bytes).map_err(|_| HoldReason::Broken)?;
        Ok(Some(bytes))
    }
}
