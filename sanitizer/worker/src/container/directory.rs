//! The central directory, checked against every local header.

use std::ops::Range;

use sanitizer_intermediate::HoldReason;

use super::fields::{is_at, slice, u16_at, u32_at, u64_at};
use super::lock::Lock;

const LOCAL: &[u8] = b"PK\x03\x04";
const CENTRAL: &[u8] = b"PK\x01\x02";
const END: &[u8] = b"PK\x05\x06";
const END_64: &[u8] = b"PK\x06\x06";
const LOCATOR_64: &[u8] = b"PK\x06\x07";
const END_LENGTH: usize = 22;
const LOCATOR_64_LENGTH: usize = 20;
const LOCAL_LENGTH: usize = 30;
const CENTRAL_LENGTH: usize = 46;
/// A member is encrypted, strongly encrypted, or its header is masked.
const ENCRYPTED: u16 = 0x1 | 0x40 | 0x2000;
/// Sizes and checksum follow the data.
const DESCRIBED_LATER: u16 = 0x8;
const MAX_NAME: usize = 1024;

/// A header made on Unix; its attributes hold the mode of the file.
const UNIX: u16 = 3;
/// The part of a mode that says what the file is, and links.
const FILE_TYPE: u32 = 0o170_000;
const LINK: u32 = 0o120_000;
/// The extra field with a name in UTF-8.
const UNICODE_NAME: u16 = 0x7075;

/// A member.
pub(crate) struct Entry {
    /// Its name as it is written.
    pub raw_name: Vec<u8>,
    /// The name in UTF-8 from an extra field that belongs to `raw_name`.
    pub unicode_name: Option<String>,
    /// It stands for another path.
    pub is_link: bool,
    pub method: Method,
    /// What protects it.
    pub lock: Option<Lock>,
    pub crc: u32,
    /// Bytes in the file.
    pub packed: u64,
    /// Bytes when expanded.
    pub size: u64,
    /// Where the bytes are.
    pub data: Range<usize>,
}

impl Entry {
    /// Whether it can be unpacked.
    pub(crate) fn is_readable(&self) -> bool {
        self.method != Method::Other
    }
}

/// How a member is packed.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Method {
    Stored,
    Deflated,
    /// In a way that readers do not share.
    Other,
}

/// All members, and what lies between them.
pub(super) struct Directory {
    pub entries: Vec<Entry>,
    pub stray_bytes: u64,
}

/// Reads the directory of a whole file.
pub(super) fn read(file: &[u8], most: u32) -> Result<Directory, HoldReason> {
    let end = find_end(file)?;
    if end.count > u64::from(most) {
        return Err(HoldReason::TooComplex);
    }
    let mut at = end.start;
    let mut entries = Vec::new();
    let mut spans = Vec::new();
    for _ in 0..end.count {
        let (entry, header, next) = member(file, at)?;
        spans.push(header..entry.data.end);
        entries.push(entry);
        at = next;
    }
    if at != end.until {
        return Err(HoldReason::Broken);
    }
    let stray_bytes = measure(spans, end.start)? + end.after;
    Ok(Directory { entries, stray_bytes })
}

/// What the end record says.
struct End {
    /// Members.
    count: u64,
    /// Where the directory starts and ends.
    start: usize,
    until: usize,
    /// Bytes of a comment and of whatever follows it.
    after: u64,
}

/// The last end record, which must be the only one that a directory leads up
/// to: readers that look from the front and from the back then agree.
fn find_end(file: &[u8]) -> Result<End, HoldReason> {
    let last = file.len().checked_sub(END_LENGTH).ok_or(HoldReason::Broken)?;
    let first = last.saturating_sub(usize::from(u16::MAX));
    let mut marked = (first..=last).rev().filter(|at| is_at(file, *at, END));
    let end = marked.next().ok_or(HoldReason::Broken)?;
    let end = whereabouts(file, end)?;
    if marked.any(|at| whereabouts(file, at).is_ok()) { Err(HoldReason::Broken) } else { Ok(end) }
}

/// What the end record at `end` says, when its directory is right before it.
fn whereabouts(file: &[u8], end: usize) -> Result<End, HoldReason> {
    let disks = (u16_at(file, end + 4)?, u16_at(file, end + 6)?);
    let counts = (u16_at(file, end + 8)?, u16_at(file, end + 10)?);
    let (size, start) = (u32_at(file, end + 12)?, u32_at(file, end + 16)?);
    let locator = end.checked_sub(LOCATOR_64_LENGTH).filter(|at| is_at(file, *at, LOCATOR_64));
    let (count, size, start, until) = match locator {
        Some(locator) => large(file, locator)?,
        None if disks == (0, 0) && counts.0 == counts.1 => {
            (u64::from(counts.0), u64::from(size), u64::from(start), end)
        }
        None => return Err(HoldReason::Broken),
    };
    let start = usize::try_from(start).map_err(|_| HoldReason::Broken)?;
    let size = usize::try_from(size).map_err(|_| HoldReason::Broken)?;
    if start.checked_add(size) == Some(until) && is_at(file, start, CENTRAL) {
        let after = (file.len() - end - END_LENGTH) as u64;
        Ok(End { count, start, until, after })
    } else {
        Err(HoldReason::Broken)
    }
}

/// The same from the records for large files.
fn large(file: &[u8], locator: usize) -> Result<(u64, u64, u64, usize), HoldReason> {
    let at = usize::try_from(u64_at(file, locator + 8)?).map_err(|_| HoldReason::Broken)?;
    let length = u64_at(file, at.saturating_add(4))?;
    let fits = is_at(file, at, END_64)
        && usize::try_from(length).is_ok_and(|it| at.checked_add(12 + it) == Some(locator));
    let counts = (u64_at(file, at + 24)?, u64_at(file, at + 32)?);
    if !fits || counts.0 != counts.1 {
        return Err(HoldReason::Broken);
    }
    Ok((counts.0, u64_at(file, at + 40)?, u64_at(file, at + 48)?, at))
}

/// A member by its central header at `at`: itself, where its local header
/// starts, and where the next central header does.
fn member(file: &[u8], at: usize) -> Result<(Entry, usize, usize), HoldReason> {
    if !is_at(file, at, CENTRAL) {
        return Err(HoldReason::Broken);
    }
    let flags = u16_at(file, at + 8)?;
    let method = u16_at(file, at + 10)?;
    let (time, crc) = (u16_at(file, at + 12)?, u32_at(file, at + 16)?);
    let lengths = [u16_at(file, at + 28)?, u16_at(file, at + 30)?, u16_at(file, at + 32)?];
    let [name, extra, comment] = lengths.map(usize::from);
    let name_bytes = slice(file, at + CENTRAL_LENGTH, name)?;
    let extra_bytes = slice(file, at + CENTRAL_LENGTH + name, extra)?;
    let mut wide = Wide::find(extra_bytes)?;
    let size = wide.or(u32_at(file, at + 24)?)?;
    let packed = wide.or(u32_at(file, at + 20)?)?;
    let header = wide.or(u32_at(file, at + 42)?)?;
    let header = usize::try_from(header).map_err(|_| HoldReason::Broken)?;

    let start = local(file, header, name_bytes, flags, method, (crc, packed, size))?;
    let lock = match flags & ENCRYPTED {
        0 => None,
        1 => Some(Lock::read(method, extra_bytes, [crc >> 24, u32::from(time >> 8)])?),
        _ => Some(Lock::Unknown),
    };
    let (method, around) = lock.as_ref().map_or((method, 0), |it| it.inside(method));
    // What is too short for its lock is under another, or under none.
    let odd = lock.is_some() && method == 0 && packed != size + around;
    let lock = if odd { Some(Lock::Unknown) } else { lock };
    let packed_length = usize::try_from(packed).map_err(|_| HoldReason::Broken)?;
    slice(file, start, packed_length)?;
    let entry = Entry {
        raw_name: name_bytes.to_vec(),
        unicode_name: unicode_name(extra_bytes, name_bytes)?,
        is_link: u16_at(file, at + 4)? >> 8 == UNIX
            && (u32_at(file, at + 38)? >> 16) & FILE_TYPE == LINK,
        method: match method {
            0 if odd || packed == size + around => Method::Stored,
            0 => return Err(HoldReason::Broken),
            8 => Method::Deflated,
            _ => Method::Other,
        },
        lock,
        crc,
        packed,
        size,
        data: start..start + packed_length,
    };
    Ok((entry, header, at + CENTRAL_LENGTH + name + extra + comment))
}

/// Where the data starts, once the local header has said the same.
fn local(
    file: &[u8],
    at: usize,
    name: &[u8],
    flags: u16,
    method: u16,
    (crc, packed, size): (u32, u64, u64),
) -> Result<usize, HoldReason> {
    let name_length = usize::from(u16_at(file, at + 26)?);
    let extra_length = usize::from(u16_at(file, at + 28)?);
    let local_name = slice(file, at + LOCAL_LENGTH, name_length)?;
    let mut wide = Wide::find(slice(file, at + LOCAL_LENGTH + name_length, extra_length)?)?;
    let local_flags = u16_at(file, at + 6)?;
    let local_crc = u32_at(file, at + 14)?;
    let local_size = wide.or(u32_at(file, at + 22)?)?;
    let local_packed = wide.or(u32_at(file, at + 18)?)?;
    let later = flags & DESCRIBED_LATER != 0;
    let sizes_agree = (local_crc, local_packed, local_size) == (crc, packed, size);
    let unknown_yet = later && (local_crc, local_packed, local_size) == (0, 0, 0);
    let agree = is_at(file, at, LOCAL)
        && local_name == name
        && local_flags & (ENCRYPTED | DESCRIBED_LATER) == flags & (ENCRYPTED | DESCRIBED_LATER)
        && u16_at(file, at + 8)? == method
        && (sizes_agree || unknown_yet);
    if agree { Ok(at + LOCAL_LENGTH + name_length + extra_length) } else { Err(HoldReason::Broken) }
}

/// The values of an extra field for large files, in their fixed order.
struct Wide<'f>(Option<&'f [u8]>);

impl<'f> Wide<'f> {
    fn find(extra: &'f [u8]) -> Result<Self, HoldReason> {
        let mut at = 0;
        let mut found = None;
        while at + 4 <= extra.len() {
            let length = usize::from(u16_at(extra, at + 2)?);
            let data = slice(extra, at + 4, length)?;
            if u16_at(extra, at)? == 1 && found.replace(data).is_some() {
                return Err(HoldReason::Broken);
            }
            at += 4 + length;
        }
        Ok(Self(found))
    }

    /// The short value, or the next wide one where the short one says so.
    fn or(&mut self, short: u32) -> Result<u64, HoldReason> {
        match self.0 {
            Some(rest) if short == u32::MAX => {
                let value = u64_at(rest, 0)?;
                self.0 = rest.get(8..);
                Ok(value)
            }
            _ => Ok(u64::from(short)),
        }
    }
}

/// The name of the extra field that repeats it in UTF-8, when it repeats this one.
fn unicode_name(extra: &[u8], name: &[u8]) -> Result<Option<String>, HoldReason> {
    let mut at = 0;
    while at + 4 <= extra.len() {
        let length = usize::from(u16_at(extra, at + 2)?);
        let data = slice(extra, at + 4, length)?;
        if u16_at(extra, at)? == UNICODE_NAME && data.first() == Some(&1) {
            let mut crc = flate2::Crc::new();
            crc.update(name);
            let text = data.get(5..).map(<[u8]>::to_vec).unwrap_or_default();
            let belongs = u32_at(data, 1)? == crc.sum();
            return Ok(String::from_utf8(text).ok().filter(|_| belongs));
        }
        at += 4 + length;
    }
    Ok(None)
}

/// A name that means the same on every system.
pub(super) fn sane_name(bytes: &[u8]) -> Result<String, HoldReason> {
    let name = String::from_utf8(bytes.to_vec());
    let name =
        name.unwrap_or_else(|bytes| bytes.as_bytes().iter().copied().map(char::from).collect());
    let climbs = name.split(['/', '\\']).any(|it| it == ".." || it == ".");
    let odd = name.is_empty()
        || name.len() > MAX_NAME
        || name.starts_with('~')
        || name.contains(|it: char| it.is_control() || it == ':' || is_bidi(it));
    if climbs || odd { Err(HoldReason::Broken) } else { Ok(name) }
}

const fn is_bidi(it: char) -> bool {
    matches!(it, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Bytes in no member; an error where members share bytes or the file does
/// not begin with one.
fn measure(mut spans: Vec<Range<usize>>, directory: usize) -> Result<u64, HoldReason> {
    spans.sort_by_key(|it| it.start);
    let mut at = 0;
    let mut stray = 0;
    for span in &spans {
        let gap = span.start.checked_sub(at).ok_or(HoldReason::Broken)?;
        if at == 0 && gap > 0 {
            return Err(HoldReason::Broken);
        }
        stray += between(gap);
        at = span.end;
    }
    let gap = directory.checked_sub(at).ok_or(HoldReason::Broken)?;
    Ok(stray + between(gap))
}

/// A data descriptor is expected between members; anything longer is stray.
fn between(gap: usize) -> u64 {
    if gap <= 24 { 0 } else { gap as u64 }
}
