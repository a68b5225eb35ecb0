//! Hostile containers, made byte by byte.

use sanitizer_intermediate::{HoldReason, Limits};

use super::Container;

/// A member as it is written; tests change what they are about.
#[derive(Clone)]
struct Member {
    name: Vec<u8>,
    central_name: Vec<u8>,
    method: u16,
    flags: u16,
    data: Vec<u8>,
    size: u32,
    crc: u32,
}

fn stored(name: &str, data: &[u8]) -> Member {
    let mut crc = flate2::Crc::new();
    crc.update(data);
    Member {
        name: name.into(),
        central_name: name.into(),
        method: 0,
        flags: 0,
        data: data.to_vec(),
        size: u32::try_from(data.len()).expect("small"),
        crc: crc.sum(),
    }
}

fn deflated(name: &str, data: &[u8]) -> Member {
    use std::io::Write as _;
    let mut packer = flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::best());
    packer.write_all(data).expect("memory takes everything");
    let packed = packer.finish().expect("memory takes everything");
    Member { method: 8, data: packed, ..stored(name, data) }
}

fn header(member: &Member, name: &[u8]) -> Vec<u8> {
    let packed = u32::try_from(member.data.len()).expect("small");
    let mut out = Vec::new();
    out.extend(20_u16.to_le_bytes());
    out.extend(member.flags.to_le_bytes());
    out.extend(member.method.to_le_bytes());
    out.extend([0; 4]);
    out.extend(member.crc.to_le_bytes());
    out.extend(packed.to_le_bytes());
    out.extend(member.size.to_le_bytes());
    out.extend(u16::try_from(name.len()).expect("short").to_le_bytes());
    out.extend([0; 2]);
    out
}

/// A container of these members; `place` may move where the directory says
/// a member starts.
fn container_with(members: &[Member], place: impl Fn(usize, u32) -> u32) -> Vec<u8> {
    let mut out = Vec::new();
    let mut directory = Vec::new();
    for (at, member) in members.iter().enumerate() {
        let start = u32::try_from(out.len()).expect("small");
        out.extend(b"PK\x03\x04");
        out.extend(header(member, &member.name));
        out.extend(&member.name);
        out.extend(&member.data);
        directory.extend(b"PK\x01\x02\x14\x00");
        directory.extend(header(member, &member.central_name));
        directory.extend([0; 10]);
        directory.extend(place(at, start).to_le_bytes());
        directory.extend(&member.central_name);
    }
    let start = u32::try_from(out.len()).expect("small");
    let count = u16::try_from(members.len()).expect("few").to_le_bytes();
    let size = u32::try_from(directory.len()).expect("small");
    out.extend(directory);
    out.extend(b"PK\x05\x06\0\0\0\0");
    out.extend(count);
    out.extend(count);
    out.extend(size.to_le_bytes());
    out.extend(start.to_le_bytes());
    out.extend([0; 2]);
    out
}

fn container(members: &[Member]) -> Vec<u8> {
    container_with(members, |_, start| start)
}

#[track_caller]
fn refused(file: &[u8]) -> HoldReason {
    Container::open(file, &Limits::default()).err().expect("a refusal")
}

#[test]
fn members_are_read_in_any_case_and_slash() {
    let file = container(&[stored("a/B.xml", b"one"), deflated("c.xml", b"two")]);
    let mut opened = Container::open(&file, &Limits::default()).expect("a container");
    assert_eq!(opened.names().collect::<Vec<_>>(), ["a/B.xml", "c.xml"]);
    assert_eq!(opened.read("/A/b.XML"), Ok(Some(b"one".to_vec())));
    assert_eq!(opened.read("c.xml"), Ok(Some(b"two".to_vec())));
    assert_eq!(opened.read("d.xml"), Ok(None));
    assert_eq!(opened.stray_bytes, 0);
}

/// NF-32: two members that some system takes for one could be read as two documents.
#[test]
fn names_that_differ_by_case_or_slash_are_refused() {
    for (a, b) in [("a.xml", "a.xml"), ("a.xml", "A.XML"), ("x/a.xml", "x\\a.xml")] {
        let file = container(&[stored(a, b"1"), stored(b, b"2")]);
        assert_eq!(refused(&file), HoldReason::Broken, "{a} {b}");
    }
}

/// NF-32: readers of the local and of the central header see the same names and sizes.
#[test]
fn headers_that_disagree_are_refused() {
    let renamed = Member { central_name: b"b.xml".to_vec(), ..stored("a.xml", b"1") };
    assert_eq!(refused(&container(&[renamed])), HoldReason::Broken);
    let mut file = container(&[stored("a.xml", b"12345")]);
    file[22] = 4;
    assert_eq!(refused(&file), HoldReason::Broken);
}

/// NF-32: members must not share bytes (a bomb of overlapping members).
#[test]
fn overlapping_members_are_refused() {
    let members = [stored("a.xml", b"123"), stored("a.xml", b"123")];
    let mut file = container_with(&members, |_, _| 0);
    assert_eq!(refused(&file), HoldReason::Broken);
    // The same with names that differ: the second header lies within the first member.
    let inner = container(&[stored("b.xml", b"x")]);
    let outer = stored("a.xml", &inner[..36]);
    file = container_with(
        &[outer, stored("b.xml", b"x")],
        |at, start| if at == 1 { 35 } else { start },
    );
    assert_eq!(refused(&file), HoldReason::Broken);
}

/// NF-32: an encrypted member is a reason of its own.
#[test]
fn encrypted_members_are_told_apart() {
    for flags in [0x1, 0x41, 0x2000] {
        let file = container(&[Member { flags, ..stored("a.xml", b"1") }]);
        assert_eq!(refused(&file), HoldReason::Encrypted, "{flags}");
    }
}

/// NF-32: only what every reader can unpack.
#[test]
fn other_methods_are_refused() {
    for method in [1, 9, 12, 14, 93, 99] {
        let file = container(&[Member { method, ..stored("a.xml", b"1") }]);
        assert_eq!(refused(&file), HoldReason::Broken, "{method}");
    }
}

/// NF-32: names that climb or mean a drive are refused.
#[test]
fn names_that_climb_are_refused() {
    for name in ["../a", "x/../a", "x\\..\\a", "C:a", "~a", "a\nb", "a\u{202e}b", ""] {
        let file = container(&[stored(name, b"1")]);
        assert_eq!(refused(&file), HoldReason::Broken, "{name:?}");
    }
}

/// NF-32: bytes in front make two files of one; bytes behind are noted.
#[test]
fn bytes_around_the_container() {
    let file = container(&[stored("a.xml", b"1")]);
    assert_eq!(refused(&[b"MZ", file.as_slice()].concat()), HoldReason::Broken);
    let behind = [file.as_slice(), b"tail"].concat();
    let opened = Container::open(&behind, &Limits::default()).expect("a container");
    assert_eq!(opened.stray_bytes, 4);
    assert_eq!(refused(&[file.clone(), file].concat()), HoldReason::Broken);
}

/// NF-32: a bomb is refused by what it declares, and when it lies about that.
#[test]
fn bombs_are_refused() {
    let zeros = vec![0; 8 << 20];
    let file = container(&[deflated("a.xml", &zeros)]);
    assert_eq!(refused(&file), HoldReason::TooComplex);

    let lying = Member { size: 100, ..deflated("a.xml", &zeros) };
    let file = container(&[lying]);
    let mut opened = Container::open(&file, &Limits::default()).expect("a container");
    assert_eq!(opened.read("a.xml"), Err(HoldReason::Broken));

    let many: Vec<Member> = (0..20).map(|it| stored(&format!("{it}.xml"), b"1")).collect();
    let limits = Limits { parts: 10, ..Limits::default() };
    let file = container(&many);
    assert_eq!(Container::open(&file, &limits).err(), Some(HoldReason::TooComplex));

    let limits = Limits { decoded_bytes: 1_000, ..Limits::default() };
    let file = container(&[stored("a.xml", &[7; 900]), stored("b.xml", &[7; 900])]);
    let mut opened = Container::open(&file, &limits).expect("a container");
    assert!(opened.read("a.xml").is_ok());
    assert_eq!(opened.read("b.xml"), Err(HoldReason::TooLarge));
}

#[test]
fn damaged_data_is_noticed() {
    let mut file = container(&[stored("a.xml", b"12345")]);
    file[36] ^= 1;
    let mut opened = Container::open(&file, &Limits::default()).expect("a container");
    assert_eq!(opened.read("a.xml"), Err(HoldReason::Broken));
    for length in 0..file.len() {
        assert!(Container::open(&file[..length], &Limits::default()).is_err(), "{length}");
    }
}
