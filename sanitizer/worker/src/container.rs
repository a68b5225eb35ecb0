//! ZIP with one meaning: what two readers could read differently is refused.
//!
//! ```text
//!  ┌ local header ┬ name ┬ extra ┬ data ┐ … ┌ central directory ┐┌ end ┐
//!  └──────────────┴──────┴───────┴──────┘   └───────────────────┘└─────┘
//!   from byte 0, no overlap                  says the same        the only one
//! ```
//!
//! Refused: bytes before the first record, two end records, local and central
//! headers that disagree, overlapping members, names that
//! are equal but for case or slashes, names that climb, methods other than
//! store and deflate, more bytes than declared, and bombs (NF-32). Encrypted
//! members open with a password; only archives have them.
//!
//! Office documents are opened with [`Container::open`]: names mean the same on
//! every system. Archives people packed are opened with [`Container::archive`]:
//! names are left as bytes, for their reader to understand.

mod directory;
mod fields;
mod lock;

use std::collections::{HashMap, HashSet};
use std::io::Read;

use sanitizer_intermediate::{HoldReason, Limits, Password};

pub(crate) use directory::Entry;
use directory::Method;
use lock::Lock;

/// Times a member may expand beyond [`RATIO_FROM`] bytes.
const MAX_RATIO: u64 = 250;
/// Members that expand to less are not measured: little XML packs very well.
const RATIO_FROM: u64 = 4 << 20;

/// An opened container. Members are read one by one, on demand.
pub(crate) struct Container<'f> {
    file: &'f [u8],
    entries: Vec<Entry>,
    names: Vec<String>,
    by_key: HashMap<String, usize>,
    /// Bytes members may still expand to.
    left: u64,
    /// What opens protected members.
    password: Option<Password>,
    /// Bytes that belong to no member.
    pub stray_bytes: u64,
}

impl<'f> Container<'f> {
    /// Reads and checks the directory.
    ///
    /// # Errors
    /// [`HoldReason`] when the container has no single meaning.
    pub(crate) fn open(file: &'f [u8], limits: &Limits) -> Result<Self, HoldReason> {
        let mut opened = Self::measured(file, limits)?;
        if opened.is_locked() {
            return Err(HoldReason::Encrypted);
        }
        for (at, entry) in opened.entries.iter().enumerate() {
            let name = directory::sane_name(&entry.raw_name)?;
            if !entry.is_readable() || opened.by_key.insert(key(&name), at).is_some() {
                return Err(HoldReason::Broken);
            }
            opened.names.push(name);
        }
        Ok(opened)
    }

    /// Reads and checks the directory of an archive. Two members of one name
    /// are refused; what names mean is for the caller.
    ///
    /// # Errors
    /// [`HoldReason`] when the container has no single meaning, or needs a
    /// password and there is none.
    pub(crate) fn archive(
        file: &'f [u8],
        limits: &Limits,
        password: Option<&Password>,
    ) -> Result<Self, HoldReason> {
        let mut opened = Self::measured(file, limits)?;
        if opened.is_locked() && password.is_none() {
            return Err(HoldReason::Encrypted);
        }
        opened.password = password.cloned();
        let names: HashSet<&[u8]> =
            opened.entries.iter().map(|it| it.raw_name.as_slice()).collect();
        if names.len() < opened.entries.len() { Err(HoldReason::Broken) } else { Ok(opened) }
    }

    fn measured(file: &'f [u8], limits: &Limits) -> Result<Self, HoldReason> {
        let directory = directory::read(file, limits.parts)?;
        let mut total = 0_u64;
        for entry in &directory.entries {
            total = total.saturating_add(entry.size);
            if entry.size > RATIO_FROM && entry.size / MAX_RATIO > entry.packed {
                return Err(HoldReason::TooComplex);
            }
        }
        if total > limits.decoded_bytes.saturating_mul(4) {
            return Err(HoldReason::TooLarge);
        }
        Ok(Self {
            file,
            by_key: HashMap::with_capacity(directory.entries.len()),
            names: Vec::with_capacity(directory.entries.len()),
            entries: directory.entries,
            left: limits.decoded_bytes,
            password: None,
            stray_bytes: directory.stray_bytes,
        })
    }

    /// Whether a password protects any member.
    pub(crate) fn is_locked(&self) -> bool {
        self.entries.iter().any(|it| it.lock.is_some())
    }

    /// Names of all members, as they are written.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.names.iter().filter(|it| !it.ends_with(['/', '\\'])).map(String::as_str)
    }

    /// All members of an archive, in the order of the directory.
    pub(crate) fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// Whether there is a member of this name, in any case.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.by_key.contains_key(&key(name))
    }

    /// The bytes of a member; `None` when there is no such member.
    ///
    /// # Errors
    /// [`HoldReason`] when it is damaged or larger than it says.
    pub(crate) fn read(&mut self, name: &str) -> Result<Option<Vec<u8>>, HoldReason> {
        match self.by_key.get(&key(name)) {
            Some(at) => self.read_at(*at).map(Some),
            None => Ok(None),
        }
    }

    /// The bytes of the member at this position.
    ///
    /// # Errors
    /// [`HoldReason`] when it is damaged, packed in a way nobody expects, or
    /// larger than it says.
    pub(crate) fn read_at(&mut self, at: usize) -> Result<Vec<u8>, HoldReason> {
        let entry = self.entries.get(at).ok_or(HoldReason::Broken)?;
        self.left = self.left.checked_sub(entry.size).ok_or(HoldReason::TooLarge)?;
        let data = self.file.get(entry.data.clone()).ok_or(HoldReason::Broken)?;
        let Some(lock) = &entry.lock else {
            return entry.unpacked(data);
        };
        let password = self.password.as_ref().ok_or(HoldReason::Encrypted)?;
        if *lock == Lock::Unknown {
            return Err(HoldReason::Encrypted);
        }
        // The check of the old cipher is one byte: what does not unpack was
        // opened by chance.
        let opened = lock.open(data, password.reveal()).into_iter();
        let mut unpacked = opened.map(|it| entry.unpacked(&it));
        unpacked
            .find(|it| !matches!(it, Err(HoldReason::Broken)))
            .unwrap_or(Err(HoldReason::WrongPassword))
    }
}

impl Entry {
    /// The content, unpacked and checked.
    fn unpacked(&self, data: &[u8]) -> Result<Vec<u8>, HoldReason> {
        let size = usize::try_from(self.size).map_err(|_| HoldReason::TooLarge)?;
        let bytes = match self.method {
            Method::Stored => data.to_vec(),
            Method::Deflated => inflate(data, size)?,
            Method::Other => return Err(HoldReason::Unsupported),
        };
        let mut crc = flate2::Crc::new();
        crc.update(&bytes);
        let checked = self.lock.as_ref().is_some_and(Lock::is_without_crc);
        if bytes.len() == size && (checked || crc.sum() == self.crc) {
            Ok(bytes)
        } else {
            Err(HoldReason::Broken)
        }
    }
}

/// Expands exactly `size` bytes; one more is a lie.
fn inflate(data: &[u8], size: usize) -> Result<Vec<u8>, HoldReason> {
    let mut bytes = Vec::with_capacity(size.min(1 << 20));
    let mut inflater = flate2::read::DeflateDecoder::new(data);
    let most = size as u64 + 1;
    inflater.by_ref().take(most).read_to_end(&mut bytes).map_err(|_| HoldReason::Broken)?;
    Ok(bytes)
}

/// Names that some system takes for the same have one key.
fn key(name: &str) -> String {
    name.trim_start_matches('/').replace('\\', "/").to_lowercase()
}

#[cfg(test)]
mod tests;
