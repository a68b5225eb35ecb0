//! Damage to members of a ZIP, which is packed anew.

use std::io::{Cursor, Read as _, Write as _};

use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipArchive, ZipWriter};

use super::{MOST_BYTES, Words, plain};
use crate::dice::Dice;

type Member = (String, Vec<u8>);

/// The archive with damaged, foreign, missing or doubled members; `None` when
/// it is no archive.
pub(super) fn damaged(
    file: &[u8],
    other: &[u8],
    words: &Words,
    dice: &mut Dice,
) -> Option<Vec<u8>> {
    let mut members = members(file)?;
    for _ in 0..=dice.below(3) {
        let at = dice.below(members.len());
        match dice.below(12) {
            0 => drop(members.remove(at)),
            1 => {
                let copy = members.get(at)?.1.clone();
                let to = dice.below(members.len());
                members.get_mut(to)?.1 = copy;
            }
            2 => {
                let foreign = self::members(other)?;
                let lent = dice.pick(&foreign)?.clone();
                match members.iter_mut().find(|it| it.0 == lent.0) {
                    Some(own) => own.1 = lent.1,
                    None => members.push(lent),
                }
            }
            3 => {
                let name = &mut members.get_mut(at)?.0;
                let new = plain::damaged(name.as_bytes(), b"", words, dice);
                *name = String::from_utf8_lossy(&new).into_owned();
            }
            _ => {
                let lender = dice.below(members.len());
                let lent = members.get(lender)?.1.clone();
                let data = &mut members.get_mut(at)?.1;
                *data = plain::damaged(data, &lent, words, dice);
            }
        }
        if members.is_empty() {
            return None;
        }
    }
    pack(&members)
}

fn members(file: &[u8]) -> Option<Vec<Member>> {
    let mut archive = ZipArchive::new(Cursor::new(file)).ok()?;
    let mut found: Vec<Member> = Vec::new();
    for at in 0..archive.len() {
        let mut member = archive.by_index(at).ok()?;
        let name = member.name().ok()?.into_owned();
        let mut data = Vec::new();
        member.by_ref().take(MOST_BYTES as u64).read_to_end(&mut data).ok()?;
        found.push((name, data));
    }
    (!found.is_empty()).then_some(found)
}

fn pack(members: &[Member]) -> Option<Vec<u8>> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, data) in members {
        let packing = if name.ends_with(".png") || name == "mimetype" {
            CompressionMethod::Stored
        } else {
            CompressionMethod::Deflated
        };
        let options = SimpleFileOptions::default().compression_method(packing);
        writer.start_file(name.as_str(), options).ok()?;
        writer.write_all(data).ok()?;
    }
    Some(writer.finish().ok()?.into_inner())
}
