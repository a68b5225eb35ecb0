//! The container of archives and Office files.

use flate2::Compression;
use flate2::write::DeflateEncoder;
use std::io::Write as _;

use crate::dice::Dice;

/// A member as our writer has it.
pub(super) struct Member {
    pub(super) name: String,
    pub(super) data: Vec<u8>,
    version: u16,
    flags: u16,
    time: u16,
    method: Option<u16>,
    extra: Vec<u8>,
    gap: Vec<u8>,
}

impl Member {
    pub(super) fn new(name: &str, data: Vec<u8>) -> Self {
        let (extra, gap) = (Vec::new(), Vec::new());
        Self {
            name: name.to_owned(),
            data,
            version: 20,
            flags: 0x800,
            time: 0,
            method: None,
            extra,
            gap,
        }
    }
}

/// Reads the members of a result.
pub(super) fn members(file: &[u8]) -> Option<Vec<Member>> {
    let mut archive = ::zip::ZipArchive::new(std::io::Cursor::new(file)).ok()?;
    (0..archive.len())
        .map(|at| {
            let mut member = archive.by_index(at).ok()?;
            let name = member.name().ok()?.into_owned();
            let mut data = Vec::new();
            std::io::Read::read_to_end(&mut member, &mut data).ok()?;
            Some(Member::new(&name, data))
        })
        .collect()
}

/// Writes members as our writer does, but for what was changed in them.
pub(super) fn packed(members: &[Member]) -> Option<Vec<u8>> {
    let (mut file, mut directory) = (Vec::new(), Vec::new());
    for member in members {
        let mut packer = DeflateEncoder::new(Vec::new(), Compression::default());
        packer.write_all(&member.data).ok()?;
        let deflated = packer.finish().ok()?;
        let picture = member.name.ends_with(".png") || member.name.ends_with(".jpg");
        let packs = !picture && deflated.len() < member.data.len();
        let (method, data) = if packs { (8_u16, &deflated) } else { (0, &member.data) };
        let mut sum = flate2::Crc::new();
        sum.update(&member.data);
        let mut head = Vec::new();
        let method = member.method.unwrap_or(method);
        for half in [member.version, member.flags, method, member.time, 0x21] {
            head.extend(half.to_le_bytes());
        }
        head.extend(sum.sum().to_le_bytes());
        for size in [data.len(), member.data.len()] {
            head.extend(u32::try_from(size).ok()?.to_le_bytes());
        }
        head.extend(u16::try_from(member.name.len()).ok()?.to_le_bytes());
        head.extend(u16::try_from(member.extra.len()).ok()?.to_le_bytes());
        let start = u32::try_from(file.len()).ok()?;
        file.extend(b"PK\x03\x04");
        file.extend(&head);
        file.extend(member.name.as_bytes());
        file.extend(&member.extra);
        file.extend(data);
        file.extend(&member.gap);
        directory.extend(b"PK\x01\x02");
        directory.extend(member.version.to_le_bytes());
        directory.extend(&head);
        directory.extend([0; 10]);
        directory.extend(start.to_le_bytes());
        directory.extend(member.name.as_bytes());
        directory.extend(&member.extra);
    }
    let (start, length) = (u32::try_from(file.len()).ok()?, u32::try_from(directory.len()).ok()?);
    let count = u16::try_from(members.len()).ok()?;
    file.extend(directory);
    file.extend(b"PK\x05\x06\0\0\0\0");
    for half in [count, count] {
        file.extend(half.to_le_bytes());
    }
    file.extend(length.to_le_bytes());
    file.extend(start.to_le_bytes());
    file.extend([0; 2]);
    Some(file)
}

/// One change of the container.
pub(super) fn tampered(file: &[u8], dice: &mut Dice) -> Option<(&'static str, Vec<u8>)> {
    let mut members = members(file)?;
    let at = dice.below(members.len());
    let other = members.len();
    let member = members.get_mut(at)?;
    let how = match dice.below(16) {
        0 => {
            member.version = [10, 45, 63][dice.below(3)];
            "another version"
        }
        1 => {
            member.flags = [0, 8, 0x801, 0x808][dice.below(4)];
            "other flags"
        }
        2 => {
            member.time = 1 + u16::from(dice.byte());
            "a time"
        }
        3 => {
            member.method = Some([1, 9, 12, 99][dice.below(4)]);
            "another way of packing"
        }
        4 => {
            member.extra = b"UT\x05\0\x01\0\0\0\0".to_vec();
            "an extra field"
        }
        5 => {
            member.gap = vec![dice.byte(); 1 + dice.below(9)];
            "bytes between members"
        }
        6 => {
            let upper = member.name.to_uppercase();
            let name = if dice.below(2) == 0 { upper } else { member.name.clone() };
            let data = member.data.clone();
            members.push(Member::new(&name, data));
            "a name twice"
        }
        7 => {
            let odd = ["../", "/", "a//", "c:", "a\\", "\u{202E}", "./"][dice.below(7)];
            member.name.insert_str(0, odd);
            "a name that leads elsewhere"
        }
        8 => {
            members.push(Member::new("run.exe", b"MZ".to_vec()));
            "a member of no known kind"
        }
        9 => {
            members.push(Member::new("folder/", b"words".to_vec()));
            "a folder with content"
        }
        // From here on bytes of the finished file are changed.
        number => return bytes(file, &packed(&members)?, other, number, dice),
    };
    Some((how, packed(&members)?))
}

fn bytes(
    file: &[u8],
    again: &[u8],
    count: usize,
    number: usize,
    dice: &mut Dice,
) -> Option<(&'static str, Vec<u8>)> {
    let mut new = again.to_vec();
    let directory =
        u32::from_le_bytes(file.get(file.len() - 6..file.len() - 2)?.try_into().ok()?) as usize;
    let end = file.len() - 22;
    Some(match number {
        10 => {
            new.splice(0..0, *b"MZ");
            ("bytes in front", new)
        }
        11 => {
            let most = new.len();
            new[most - 2] = 3;
            new.extend(b"abc");
            ("a comment", new)
        }
        12 => {
            // The directory tells of another size than the member itself.
            let at = directory + 24;
            new[at] ^= 1 << dice.below(8);
            ("two sizes", new)
        }
        13 => {
            new[end + 8] ^= 1;
            ("another number of members", new)
        }
        14 if count > 1 => {
            let tail = new.get(directory..)?.to_vec();
            new.truncate(directory);
            new.extend(b"gap");
            new.extend(tail);
            ("bytes before the directory", new)
        }
        _ => {
            // Attributes: the member is a link, or hidden.
            let at = directory + 38;
            new[at + dice.below(4)] ^= 1 << dice.below(8);
            ("attributes", new)
        }
    })
}
