//! A ZIP with one meaning: members one after the other, the directory that
//! repeats them, the end. No gaps, no extras, no comments.

use std::collections::HashSet;

use crate::bytes::Bytes;
use crate::inflate::{self, Purse};
use crate::refusal::{Refusal, must};

const END: usize = 22;
const MOST_MEMBERS: usize = 20_000;
/// Made by and unpacked with version 2.0, on no system in particular.
const VERSION: usize = 20;
/// The first of January 1980: nobody's clock.
const NO_TIME: &[u8] = b"\0\0\x21\0";
/// The only flag, always set: names are UTF-8.
const UTF8: usize = 0x800;

pub(crate) struct Member {
    pub(crate) name: String,
    pub(crate) data: Vec<u8>,
    /// Stored without packing.
    pub(crate) stored: bool,
}

/// What a header in front of a member and the directory both say.
#[derive(PartialEq)]
struct Head {
    method: usize,
    crc: usize,
    packed: usize,
    plain: usize,
}

/// Reads all members.
pub(crate) fn members(bytes: &[u8], purse: &mut Purse) -> Result<Vec<Member>, Refusal> {
    let end_at = bytes.len().checked_sub(END).ok_or(Refusal::of("no archive"))?;
    let mut end = Bytes::new(&bytes[end_at..]);
    end.expect(b"PK\x05\x06\0\0\0\0", "no end of the directory")?;
    let (count, again) = (end.le16()?, end.le16()?);
    let (length, at) = (end.le32()?, end.le32()?);
    must(end.le16()? == 0, "a comment")?;
    must(count == again && count <= MOST_MEMBERS, "an odd number of members")?;
    must(at.checked_add(length) == Some(end_at), "a directory elsewhere")?;

    let mut local = Bytes::new(&bytes[..at]);
    let mut central = Bytes::new(&bytes[at..end_at]);
    let mut members = Vec::new();
    let mut known = Names::default();
    for _ in 0..count {
        let place = local.at();
        let (head, name, packed) = local_member(&mut local)?;
        let listed = central_entry(&mut central, place)?;
        must(listed == (head, name), "directory and member disagree")?;
        let (head, _) = listed;
        let name = fit_name(name)?;
        known.add(&name)?;
        let stored = head.method == 0;
        let data = match head.method {
            0 => packed.to_vec(),
            // Packed only when that makes it smaller.
            8 if head.packed < head.plain => inflate::bare(packed, purse)?,
            _ => return Err(Refusal::of("an odd way of packing")),
        };
        must(data.len() == head.plain, "an odd size")?;
        must(inflate::crc(&[&data]) as usize == head.crc, "a wrong check sum")?;
        members.push(Member { name, data, stored });
    }
    must(local.is_done() && central.is_done(), "bytes between members")?;
    Ok(members)
}

/// Names as a system sees them that tells no large letters from small ones.
#[derive(Default)]
struct Names {
    files: HashSet<String>,
    folders: HashSet<String>,
}

impl Names {
    /// Adds a name: no file and no folder may have it already, and no file the
    /// name of a folder it lies in.
    fn add(&mut self, name: &str) -> Result<(), Refusal> {
        let folded = folded(name);
        let bare = folded.strip_suffix('/').unwrap_or(&folded);
        let is_folder = bare.len() < folded.len();
        must(!self.files.contains(bare), "a name twice")?;
        for (at, _) in bare.match_indices('/') {
            must(!self.files.contains(&bare[..at]), "a file that is a folder")?;
            self.folders.insert(bare[..at].to_owned());
        }
        if is_folder {
            must(self.folders.insert(bare.to_owned()), "a name twice")
        } else {
            must(!self.folders.contains(bare), "a file that is a folder")?;
            must(self.files.insert(bare.to_owned()), "a name twice")
        }
    }
}

/// All forms of a letter as one: the small form of its large form.
fn folded(name: &str) -> String {
    name.chars().flat_map(char::to_uppercase).flat_map(char::to_lowercase).collect()
}

fn local_member<'b>(from: &mut Bytes<'b>) -> Result<(Head, &'b [u8], &'b [u8]), Refusal> {
    from.expect(b"PK\x03\x04", "no member where one should be")?;
    let head = head(from)?;
    let (name, extra) = (from.le16()?, from.le16()?);
    must(extra == 0, "extra fields")?;
    let name = from.take(name)?;
    let packed = from.take(head.packed)?;
    Ok((head, name, packed))
}

fn central_entry<'b>(from: &mut Bytes<'b>, place: usize) -> Result<(Head, &'b [u8]), Refusal> {
    from.expect(b"PK\x01\x02", "no entry where one should be")?;
    must(from.le16()? == VERSION, "an odd maker")?;
    let head = head(from)?;
    let name = from.le16()?;
    // No extra fields, no comment, the first disk, no attributes.
    must(from.take(12)?.iter().all(|byte| *byte == 0), "an odd entry")?;
    must(from.le32()? == place, "a member elsewhere")?;
    Ok((head, from.take(name)?))
}

fn head(from: &mut Bytes<'_>) -> Result<Head, Refusal> {
    must(from.le16()? == VERSION, "an odd version")?;
    must(from.le16()? == UTF8, "odd flags")?;
    let method = from.le16()?;
    must(from.take(4)? == NO_TIME, "a time")?;
    Ok(Head { method, crc: from.le32()?, packed: from.le32()?, plain: from.le32()? })
}

/// A name that stays within its folder and shows all its letters.
fn fit_name(name: &[u8]) -> Result<String, Refusal> {
    let name = std::str::from_utf8(name).map_err(|_| Refusal::of("a name that is not UTF-8"))?;
    let bare = name.strip_suffix('/').unwrap_or(name);
    // Windows passes over dots and spaces at the end, so that the name is another one there.
    let fits = bare.split('/').all(|it| !it.is_empty() && !it.ends_with(['.', ' ']));
    must(fits, "a name that leads elsewhere")?;
    let odd = |letter: char| {
        letter.is_control()
            || matches!(letter, '\\' | ':' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
    };
    must(!name.chars().any(odd), "odd characters in a name")?;
    Ok(name.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn takes(names: &[&str]) -> bool {
        let mut known = Names::default();
        names.iter().all(|it| known.add(it).is_ok())
    }

    /// NF-32: two members never meet on a disk, whichever letters it tells apart.
    #[test]
    fn names_that_meet_are_refused() {
        assert!(takes(&["a.txt", "b.txt", "A/", "A/a.txt", "a/b.txt", "表/ア.txt", "表/ｱ.txt"]));
        for names in [
            ["a.txt", "a.txt"],
            ["表/a.txt", "表/A.TXT"],
            ["ａ.txt", "Ａ.txt"],
            // Both have the same large form, and neither is the other's small form.
            ["σ.txt", "ς.txt"],
            ["µ.txt", "μ.txt"],
            ["k.txt", "\u{212a}.txt"],
            ["a/", "A/"],
            ["a", "A/"],
            ["a/", "A"],
            ["a", "A/b.txt"],
            ["A/b.txt", "a"],
        ] {
            assert!(!takes(&names), "{names:?}");
        }
    }

    /// NF-32: a name means one place on every system.
    #[test]
    fn names_that_mean_two_places_are_refused() {
        for name in ["a.", "a ", "a./b", "a /b", "../a", "a//b", "a\\b", "c:a", "\u{202e}a"] {
            assert!(fit_name(name.as_bytes()).is_err(), "{name:?}");
        }
        assert!(fit_name("表/ a.b (2).txt".as_bytes()).is_ok());
    }
}
