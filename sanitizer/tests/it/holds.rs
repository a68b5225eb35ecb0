//! One test for each reason to hold a file.

use std::io::Write as _;

use sanitizer_intermediate::HoldReason;

use crate::desk::Desk;
use crate::pictures::{gradient, jpeg, jpeg_with, png};

/// NF-32: a file that needs a password is held, and the citizen is told.
#[test]
fn an_encrypted_office_file_is_held() {
    let name: Vec<u8> = "EncryptedPackage".encode_utf16().flat_map(u16::to_le_bytes).collect();
    let bytes =
        [b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1".as_slice(), &[0; 504], &name, &[0; 2]].concat();
    Desk::new().sends("給与.xlsx", &bytes).is_held_with(HoldReason::Encrypted);
}

/// NF-32: a workbook of macro sheets alone has nothing left to rebuild.
#[test]
fn a_workbook_of_macros_alone_is_held() {
    let bytes = zipped(&[
        (
            "[Content_Types].xml",
            r#"<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Override PartName="/xl/workbook.xml" ContentType="application/vnd.ms-excel.sheet.macroEnabled.main+xml"/><Override PartName="/xl/macrosheets/sheet1.xml" ContentType="application/vnd.ms-excel.macrosheet+xml"/></Types>"#,
        ),
        (
            "_rels/.rels",
            r#"<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>"#,
        ),
        (
            "xl/workbook.xml",
            r#"<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="Macro1" sheetId="1" r:id="rId1"/></sheets></workbook>"#,
        ),
        (
            "xl/_rels/workbook.xml.rels",
            r#"<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.microsoft.com/office/2006/relationships/xlMacrosheet" Target="macrosheets/sheet1.xml"/></Relationships>"#,
        ),
        (
            "xl/macrosheets/sheet1.xml",
            r#"<xm:macrosheet xmlns:xm="http://schemas.microsoft.com/office/excel/2006/main"/>"#,
        ),
    ]);
    Desk::new().sends("集計.xlsm", &bytes).is_held_with(HoldReason::MacroOnly);
}

fn zipped(members: &[(&str, &str)]) -> Vec<u8> {
    let mut writer = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, text) in members {
        let options = zip::write::SimpleFileOptions::default();
        writer.start_file(*name, options).expect("a member");
        writer.write_all(text.as_bytes()).expect("a member");
    }
    writer.finish().expect("an archive").into_inner()
}

#[test]
fn a_damaged_picture_is_held_as_broken() {
    let desk = Desk::new();
    let whole = png(&gradient(1), 16, 16);
    desk.sends("図.png", &whole[..60]).is_held_with(HoldReason::Broken);
    desk.sends("図.png", &[]).is_held_with(HoldReason::Broken);
    desk.sends("図.jpg", b"\xff\xd8\xff\xe0 and nothing").is_held_with(HoldReason::Broken);
}

/// NF-32: drawing commands named like a picture are no picture.
#[test]
fn a_text_that_claims_to_be_a_picture_is_held_as_broken() {
    let script = b"push graphic-context\nimage over 0,0 0,0 'ephemeral:/etc/passwd'\n";
    Desk::new().sends("写真.jpg", script).is_held_with(HoldReason::Broken);
}

#[test]
fn kinds_we_do_not_rebuild_are_held_as_unsupported() {
    let desk = Desk::new();
    let held =
        |name: &str, bytes: &[u8]| desk.sends(name, bytes).is_held_with(HoldReason::Unsupported);
    held("写真.avif", b"\0\0\0\x18ftypavif\0\0\0\0mif1avif");
    held("古い.jtd", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 and so on");
    held("まとめ.lzh", b"\x20\x00-lh5- and so on");
    held("page.html", b"<!DOCTYPE html><p>text</p>");
    held("声.mp3", b"ID3\x04\0\0\0\0\0\0");
    held("謎", &(0..=255).collect::<Vec<u8>>());
}

/// NF-32: programs, scripts and shortcuts are never passed on.
#[test]
fn programs_scripts_and_shortcuts_are_held() {
    let desk = Desk::new();
    let held =
        |name: &str, bytes: &[u8]| desk.sends(name, bytes).is_held_with(HoldReason::ActiveOnly);
    held("請求書.pdf", b"MZ\x90\0\x03\0\0\0");
    held("写真.jpg", b"\x7fELF\x02\x01\x01");
    held("起動.bat", b"@echo off\r\nformat c:\r\n");
    held("readme.txt", b"#!/bin/sh\nrm -rf /\n");
    held("近道.lnk", b"L\0\0\0\x01\x14\x02\0\0\0\0\0");
    held("近道.url", b"[InternetShortcut]\r\nURL=file://server/share\r\n");
}

/// NF-32: a file beyond the limit is not even read.
#[test]
fn a_large_file_is_held() {
    let mut desk = Desk::new();
    desk.rebuilder.runner.limits.input_bytes = 1_000;
    desk.sends("大.txt", &[b'a'; 1_001]).is_held_with(HoldReason::TooLarge);
    desk.sends("小.txt", &[b'a'; 1_000]).becomes("小.txt");
}

/// NF-32: a picture that says it is enormous costs nothing.
#[test]
fn a_picture_bomb_is_held() {
    let desk = Desk::new();
    let mut bomb = png(&gradient(1), 16, 16);
    bomb[16..24].copy_from_slice(&[0, 0, 0xea, 0x60, 0, 0, 0xea, 0x60]);
    let crc = {
        let mut crc = flate2::Crc::new();
        crc.update(&bomb[12..29]);
        crc.sum()
    };
    bomb[29..33].copy_from_slice(&crc.to_be_bytes());
    desk.sends("爆弾.png", &bomb).is_held_with(HoldReason::TooLarge);

    let mut photo = jpeg(&gradient(1), 16, 16);
    let frame = photo.windows(2).position(|it| it == [0xff, 0xc0]).expect("a frame header");
    photo[frame + 5..frame + 9].copy_from_slice(&[0xff, 0xdc, 0xff, 0xdc]);
    desk.sends("爆弾.jpg", &photo).is_held_with(HoldReason::TooLarge);
}

#[test]
fn an_answer_beyond_the_limit_is_held() {
    let mut desk = Desk::new();
    desk.rebuilder.runner.limits.answer_bytes = 500;
    desk.sends("図.png", &png(&gradient(1), 16, 16)).is_held_with(HoldReason::TooLarge);
}

/// NF-32: a worker that needs more memory than allowed takes nothing down.
#[test]
fn a_file_that_needs_too_much_memory_is_held() {
    let mut desk = Desk::new();
    desk.rebuilder.runner.limits.memory_bytes = 48 << 20;
    let (width, height) = (6_000_u16, 6_000_u16);
    let gray = vec![200; usize::from(width) * usize::from(height)];
    let mut bytes = Vec::new();
    let encoder = jpeg_encoder::Encoder::new(&mut bytes, 50);
    encoder.encode(&gray, width, height, jpeg_encoder::ColorType::Luma).expect("a JPEG");
    desk.sends("広.jpg", &bytes).is_held_with(HoldReason::TooComplex);
}

/// NF-32: a worker that spins is ended by the kernel.
#[test]
fn a_worker_out_of_cpu_time_is_held_as_timeout() {
    let mut desk = Desk::new();
    let worker = crate::worker::program().display().to_string();
    let script = format!("cat > /dev/null; exec '{worker}' --cpu-seconds 1 --probe spin");
    desk.rebuilder.runner.worker = desk.lays_script(&script);
    desk.sends("図.png", b"x").is_held_with(HoldReason::Timeout);
}

/// NF-32: a crash is a hold, never an answer.
#[test]
fn a_worker_that_panics_is_held_as_worker_fault() {
    let mut desk = Desk::new();
    let worker = crate::worker::program().display().to_string();
    desk.rebuilder.runner.worker =
        desk.lays_script(&format!("cat > /dev/null; exec '{worker}' --probe panic"));
    let sent = desk.sends("図.png", b"x");
    let told = sent.0.diagnosis.clone().unwrap_or_default();
    assert!(told.contains("panic at") && !told.contains("quote"), "{told}");
    sent.is_held_with(HoldReason::WorkerFault);
}

/// Segments without end are read to their end and no further.
#[test]
fn many_segments_do_not_hold_a_photo() {
    let photo = jpeg(&gradient(1), 16, 16);
    let segments = vec![(0xfe_u8, b"comment".as_slice()); 3_000];
    Desk::new().sends("写真.jpg", &jpeg_with(&photo, &segments)).becomes("写真.jpg");
}
