//! ZIP archives: every member rebuilt, what cannot be left out and named.

use std::io::{Cursor, Read as _, Write as _};

use sanitizer::archive::Fate;
use sanitizer::policy::Unfit;
use sanitizer_intermediate::{ChangedKind, HoldReason, Kind, Place, RemovedKind};

use crate::desk::{Desk, changed, contains, removed};
use crate::pictures::{gradient, jpeg, png};

/// An archive of these members, names in UTF-8.
fn packed(members: &[(&str, &[u8])]) -> Vec<u8> {
    let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in members {
        let options = zip::write::SimpleFileOptions::default();
        if name.ends_with('/') {
            writer.add_directory(*name, options).expect("a folder");
        } else {
            writer.start_file(*name, options).expect("a member");
            writer.write_all(bytes).expect("a member");
        }
    }
    writer.finish().expect("an archive").into_inner()
}

/// An archive of stored members whose names are any bytes at all.
fn packed_raw(members: &[(&[u8], &[u8])]) -> Vec<u8> {
    let (mut out, mut directory) = (Vec::new(), Vec::new());
    for (name, bytes) in members {
        let mut crc = flate2::Crc::new();
        crc.update(bytes);
        let size = u32::try_from(bytes.len()).expect("small").to_le_bytes();
        let start = u32::try_from(out.len()).expect("small").to_le_bytes();
        let length = u16::try_from(name.len()).expect("short").to_le_bytes();
        let header = [
            &[20, 0, 0, 0, 0, 0, 0, 0, 0, 0],
            &crc.sum().to_le_bytes()[..],
            &size,
            &size,
            &length,
            &[0, 0],
        ]
        .concat();
        out.extend([b"PK\x03\x04".as_slice(), &header, name, bytes].concat());
        directory
            .extend([b"PK\x01\x02\x14\0".as_slice(), &header, &[0; 10], &start, name].concat());
    }
    let count = u16::try_from(members.len()).expect("few").to_le_bytes();
    let size = u32::try_from(directory.len()).expect("small").to_le_bytes();
    let start = u32::try_from(out.len()).expect("small").to_le_bytes();
    [&out[..], &directory, b"PK\x05\x06\0\0\0\0", &count, &count, &size, &start, &[0, 0]].concat()
}

/// Names and contents of an archive.
fn opened(archive: &[u8]) -> Vec<(String, Vec<u8>)> {
    let mut archive = zip::ZipArchive::new(Cursor::new(archive)).expect("an archive");
    (0..archive.len())
        .map(|at| {
            let mut member = archive.by_index(at).expect("a member");
            let name = member.name().expect("a name").to_string();
            let mut bytes = Vec::new();
            member.read_to_end(&mut bytes).expect("a whole member");
            (name, bytes)
        })
        .collect()
}

fn names(archive: &[u8]) -> Vec<String> {
    opened(archive).into_iter().map(|it| it.0).collect()
}

/// NF-32: each member of an archive is rebuilt as if it had been sent alone.
#[test]
fn every_member_is_rebuilt() {
    let photo = jpeg(&gradient(3), 16, 16);
    let tagged = crate::pictures::jpeg_with(&photo, &[(0xe1, b"Exif\0\0GPS 35.6 139.7")]);
    let file = packed(&[
        ("写真/一.jpg", &tagged),
        ("写真/二.png", &png(&gradient(1), 16, 16)),
        ("一覧.csv", b"a,=1+1\r\n"),
        ("README", b"text"),
    ]);
    let rebuilt = Desk::new().sends("まとめ.zip", &file).becomes("まとめ.zip");
    assert_eq!(rebuilt.media, "application/zip");
    assert_eq!(names(&rebuilt.bytes), ["写真/一.jpg", "写真/二.png", "一覧.csv", "README"]);
    assert_eq!(removed(&rebuilt, RemovedKind::Exif), 1);
    assert_eq!(changed(&rebuilt, ChangedKind::FormulasNeutralised), 1);
    assert!(rebuilt.findings.removed().iter().all(|it| it.place == Place::Member(1)));
    let members = opened(&rebuilt.bytes);
    assert!(!contains(&members[0].1, b"GPS"));
    assert!(contains(&members[2].1, b"'=1+1"));
}

/// NF-32: names in the encoding of Japanese Windows are read and written in UTF-8.
#[test]
fn names_in_cp932_become_utf_8() {
    let (name, _, _) = encoding_rs::SHIFT_JIS.encode("表示\\ソース能力.txt");
    let file = packed_raw(&[(&name, b"text"), (b"plain.txt", b"text")]);
    let rebuilt = Desk::new().sends("まとめ.zip", &file).becomes("まとめ.zip");
    assert_eq!(names(&rebuilt.bytes), ["表示/ソース能力.txt", "plain.txt"]);
    assert_eq!(changed(&rebuilt, ChangedKind::NamesChanged), 0);
    assert!(contains(&rebuilt.bytes, "表示/ソース能力.txt".as_bytes()));
}

/// NF-32: a name that climbs out of the folder stays in it (zip slip).
#[test]
fn names_that_climb_are_made_to_stay() {
    let file = packed_raw(&[
        (b"../../evil.txt", b"one"),
        (b"C:\\Windows\\evil.txt", b"two"),
        (b"/etc/evil.txt", b"three"),
    ]);
    let rebuilt = Desk::new().sends("まとめ.zip", &file).becomes("まとめ.zip");
    assert_eq!(names(&rebuilt.bytes), ["evil.txt", "C_/Windows/evil.txt", "etc/evil.txt"]);
    assert_eq!(changed(&rebuilt, ChangedKind::NamesChanged), 3);
}

/// NF-32: programs, scripts, pages and shortcuts do not stay, and the report says where they were.
#[test]
fn active_members_are_removed_and_named() {
    let file = packed(&[
        ("申請書.txt", b"text"),
        ("setup.exe", b"MZ\x90\0"),
        ("請求書.pdf.js", b"WScript.Echo(1)"),
        ("page.html", b"<html><script>1</script></html>"),
        ("近道.lnk", b"L\0\0\0\x01\x14\x02\0\0\0\0\0"),
        ("空.bat", b""),
    ]);
    let sent = Desk::new().sends("まとめ.zip", &file);
    let fates: Vec<bool> =
        sent.0.members.iter().map(|it| matches!(it.fate, Fate::LeftOut { .. })).collect();
    assert_eq!(fates, [false, true, true, true, true, true]);
    let rebuilt = sent.becomes("まとめ.zip");
    assert_eq!(names(&rebuilt.bytes), ["申請書.txt"]);
    let places: Vec<Place> = rebuilt.findings.removed().iter().map(|it| it.place).collect();
    assert_eq!(places, (2..=6).map(Place::Member).collect::<Vec<_>>());
    assert_eq!(removed(&rebuilt, RemovedKind::ActiveMembers), 5);
}

/// NF-32: an archive of programs alone has nothing left to rebuild.
#[test]
fn an_archive_without_a_fit_member_is_held() {
    let desk = Desk::new();
    let file = packed(&[("setup.exe", b"MZ\x90\0")]);
    desk.sends("まとめ.zip", &file).is_held_with(HoldReason::ActiveOnly);
    let file = packed(&[("図.png", b"\x89PNG\r\n\x1a\n and nothing")]);
    desk.sends("まとめ.zip", &file).is_held_with(HoldReason::Broken);
    desk.sends("空.zip", &packed(&[("a/", b"")])).is_held_with(HoldReason::Broken);
}

/// NF-32: what becomes of a member that cannot be rebuilt is the policy's choice.
#[test]
fn a_member_that_cannot_be_rebuilt_is_left_out_or_holds_the_archive() {
    let file = packed(&[("a.txt", b"text"), ("b.mp3", b"ID3\x04\0\0\0\0\0\0")]);
    let mut desk = Desk::new();
    let rebuilt = desk.sends("まとめ.zip", &file).becomes("まとめ.zip");
    assert_eq!(names(&rebuilt.bytes), ["a.txt"]);
    assert_eq!(removed(&rebuilt, RemovedKind::Members), 1);

    desk.rebuilder.policy.archives.unfit = Unfit::Hold;
    desk.sends("まとめ.zip", &file).is_held_with(HoldReason::Unsupported);
    desk.rebuilder.policy.archives.open = false;
    desk.sends("a.zip", &packed(&[("a.txt", b"text")])).is_held_with(HoldReason::Unsupported);
}

/// NF-32: archives within archives are opened down to the policy's depth.
#[test]
fn archives_within_archives_are_opened_to_a_depth() {
    let inner = packed(&[("deep.txt", b"text")]);
    let middle = packed(&[("inner.zip", &inner), ("middle.txt", b"text")]);
    let outer = packed(&[("middle.zip", &middle), ("outer.txt", b"text")]);
    let rebuilt = Desk::new().sends("まとめ.zip", &outer).becomes("まとめ.zip");
    let members = opened(&rebuilt.bytes);
    assert_eq!(members[0].0, "middle.zip");
    assert_eq!(names(&members[0].1), ["middle.txt"], "the third level stays closed");

    let mut desk = Desk::new();
    desk.rebuilder.policy = toml::from_str("[archives]\ndepth = 3").expect("a policy");
    let rebuilt = desk.sends("まとめ.zip", &outer).becomes("まとめ.zip");
    let middle = &opened(&rebuilt.bytes)[0].1;
    assert_eq!(names(&opened(middle)[0].1), ["deep.txt"]);
}

/// NF-32: files a system leaves for itself do not stay.
#[test]
fn files_of_systems_are_removed() {
    let file = packed(&[
        ("a.txt", b"text"),
        ("__MACOSX/", b""),
        ("__MACOSX/._a.txt", b"\0\x05\x16\x07"),
        (".DS_Store", b"\0\0\0\x01Bud1"),
        ("Thumbs.db", b"\xd0\xcf\x11\xe0"),
    ]);
    let rebuilt = Desk::new().sends("まとめ.zip", &file).becomes("まとめ.zip");
    assert_eq!(names(&rebuilt.bytes), ["a.txt"]);
    assert_eq!(removed(&rebuilt, RemovedKind::SystemFiles), 4);
}

/// NF-32: an archive that needs a password is held as such.
#[test]
fn an_encrypted_archive_is_held() {
    let mut file = packed_raw(&[(b"a.txt", b"text")]);
    let central = file.windows(4).position(|it| it == b"PK\x01\x02").expect("a directory");
    file[6] |= 1;
    file[central + 8] |= 1;
    Desk::new().sends("まとめ.zip", &file).is_held_with(HoldReason::Encrypted);
}

/// NF-32: bombs are measured before they unfold, on every level and in number.
#[test]
fn bombs_are_held() {
    let desk = Desk::new();
    let bomb = packed(&[("zeros.txt", &vec![0; 16 << 20])]);
    desk.sends("爆弾.zip", &bomb).is_held_with(HoldReason::TooComplex);

    let members: Vec<(String, Vec<u8>)> =
        (0..501).map(|it| (format!("{it}.txt"), vec![])).collect();
    let many: Vec<(&str, &[u8])> =
        members.iter().map(|it| (it.0.as_str(), it.1.as_slice())).collect();
    desk.sends("多数.zip", &packed(&many)).is_held_with(HoldReason::TooComplex);

    let mut desk = Desk::new();
    desk.rebuilder.runner.limits.decoded_bytes = 3_000;
    let inner = packed(&[("a.txt", &[b'a'; 2_000])]);
    let file = packed(&[("1.zip", &inner), ("2.zip", &inner), ("3.zip", &inner)]);
    desk.sends("入れ子.zip", &file).is_held_with(HoldReason::TooLarge);
}

/// NF-32: two members of one name could be read as two archives.
#[test]
fn members_of_one_name_are_held() {
    let file = packed_raw(&[(b"a.txt", b"one"), (b"a.txt", b"two")]);
    Desk::new().sends("まとめ.zip", &file).is_held_with(HoldReason::Broken);
}

/// Names that only meet on some systems are told apart.
#[test]
fn names_that_meet_after_the_rebuild_are_told_apart() {
    let file = packed_raw(&[(b"a.TXT", b"one"), (b"A.txt", b"two"), (b"a.log", b"three")]);
    let rebuilt = Desk::new().sends("まとめ.zip", &file).becomes("まとめ.zip");
    assert_eq!(names(&rebuilt.bytes), ["a.TXT", "A (2).txt", "a.log"]);
}

/// NF-32: a file named as a document is no archive people packed.
#[test]
fn an_archive_under_another_name_is_held() {
    let file = packed(&[("a.txt", b"text")]);
    Desk::new().sends("文書.docx", &file).is_held_with(HoldReason::Broken);
    let sent = Desk::new().sends("まとめ", &file);
    assert_eq!(sent.0.kind, Kind::Zip);
    sent.becomes("まとめ.zip");
}

/// NF-32: damaged archives end with an archive or a reason, never without either.
#[test]
fn damaged_archives_end_with_a_reason() {
    let desk = Desk::new();
    let whole = packed(&[("a.txt", b"text"), ("b/c.csv", b"1,2\r\n")]);
    let mut seed = 7_u32;
    let mut next = |below: usize| {
        seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (seed >> 8) as usize % below
    };
    for _ in 0..60 {
        let mut bytes = whole.clone();
        let (at, value) = (next(bytes.len()), u8::try_from(next(256)).expect("a byte"));
        bytes[at] = value;
        let sent = desk.sends("まとめ.zip", &bytes);
        assert!(sent.0.diagnosis.is_none(), "{at} {value}: {:?}", sent.0.diagnosis);
    }
}
