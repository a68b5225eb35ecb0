//! Word, Excel and PowerPoint files of before 2007, made record by record.

pub(crate) mod doc;
mod ppt;
pub(crate) mod xls;

use std::io::{Cursor, Write as _};

use sanitizer_intermediate::{HoldReason, RemovedKind};

use crate::desk::{Desk, removed};

/// A compound file of these streams.
pub(crate) fn compound(streams: &[(&str, &[u8])]) -> Vec<u8> {
    let mut file = cfb::CompoundFile::create(Cursor::new(Vec::new())).expect("a compound file");
    for (path, bytes) in streams {
        if let Some((storage, _)) = path.rsplit_once('/')
            && !storage.is_empty()
        {
            file.create_storage_all(storage).expect("a storage");
        }
        file.create_stream(path).expect("a stream").write_all(bytes).expect("a stream");
    }
    file.into_inner().into_inner()
}

/// UTF-16 as these files have it.
fn wide(text: &str) -> Vec<u8> {
    text.encode_utf16().flat_map(u16::to_le_bytes).collect()
}

/// NF-32: macros and objects of old files stay behind, and are told.
#[test]
fn macros_and_objects_stay_behind() {
    let book = xls::book(&[xls::sheet_with(&[xls::text_cell(0, 0, 0)])], &["件名"]);
    let file = compound(&[
        ("/Workbook", &book),
        ("/_VBA_PROJECT_CUR/VBA/Module1", b"Sub AutoOpen()"),
        ("/MBD0001/\u{1}Ole10Native", b"calc.exe"),
        ("/\u{5}SummaryInformation", b"author"),
    ]);
    let rebuilt = Desk::new().sends("集計.xls", &file).becomes("集計.xlsx");
    assert_eq!(removed(&rebuilt, RemovedKind::Macros), 1);
    assert_eq!(removed(&rebuilt, RemovedKind::OleObjects), 1);
    assert_eq!(removed(&rebuilt, RemovedKind::Properties), 1);
    let everything = crate::office::package::everything(&rebuilt.bytes);
    for part in [b"AutoOpen".as_slice(), b"calc.exe", b"author"] {
        assert!(!crate::desk::contains(&everything, part));
    }
}

/// NF-32: an old file that needs a password is held as such.
#[test]
fn encrypted_old_files_are_held() {
    let desk = Desk::new();
    let file = compound(&[("/Workbook", &xls::encrypted())]);
    desk.sends("給与.xls", &file).is_held_with(HoldReason::Encrypted);
    let (main, table) = doc::streams("秘密", 0x0100);
    let file = compound(&[("/WordDocument", &main), ("/1Table", &table)]);
    desk.sends("秘密.doc", &file).is_held_with(HoldReason::Encrypted);
    let (user, document) = ppt::streams(&["秘密"], 0xf3d1_c4df);
    let file = compound(&[("/Current User", &user), ("/PowerPoint Document", &document)]);
    desk.sends("秘密.ppt", &file).is_held_with(HoldReason::Encrypted);
}

/// NF-32: other compound files are held as what they are.
#[test]
fn other_compound_files_are_held() {
    let file = compound(&[("/__properties_version1.0", b"mail")]);
    Desk::new().sends("手紙.msg", &file).is_held_with(HoldReason::Unsupported);
}

/// NF-32: damaged old files end with a document or a reason.
#[test]
fn damaged_old_files_end_with_a_reason() {
    let desk = Desk::new();
    let book = xls::book(&[xls::sheet_with(&[xls::text_cell(0, 0, 0)])], &["件名"]);
    let (main, table) = doc::streams("見出し\r本文\r", 0);
    let (user, document) = ppt::streams(&["題名", "本文"], 0xe391_c05f);
    let files = [
        ("a.xls", compound(&[("/Workbook", &book)])),
        ("a.doc", compound(&[("/WordDocument", &main), ("/1Table", &table)])),
        ("a.ppt", compound(&[("/Current User", &user), ("/PowerPoint Document", &document)])),
    ];
    let mut chance = crate::chance::Chance::new(5);
    for (name, whole) in files {
        for _ in 0..60 {
            let mut bytes = whole.clone();
            for _ in 0..=chance.below(4) {
                let at = chance.below(bytes.len());
                bytes[at] = chance.byte();
            }
            let sent = desk.sends(name, &bytes);
            assert!(sent.0.diagnosis.is_none(), "{name}: {:?}", sent.0.diagnosis);
        }
    }
}
