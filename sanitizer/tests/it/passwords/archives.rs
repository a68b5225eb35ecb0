//! ZIP archives under a password.

use std::io::{Cursor, Write as _};

use sanitizer_intermediate::HoldReason;
use zip::AesMode;
use zip::unstable::write::FileOptionsExt as _;
use zip::write::{FileOptions, SimpleFileOptions};

use super::{WORD, opens, password};
use crate::desk::{Desk, contains};

/// How a member is packed, and with what password.
type Options<'k> = FileOptions<'k, 'static, ()>;

fn packed(members: &[(&str, &[u8], Options<'_>)]) -> Vec<u8> {
    let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes, options) in members {
        writer.start_file(*name, *options).expect("a member");
        writer.write_all(bytes).expect("a member");
    }
    writer.finish().expect("an archive").into_inner()
}

/// NF-32: archives of the old cipher and of AES open with their password.
#[test]
fn an_archive_opens_with_its_password() {
    let plain = SimpleFileOptions::default();
    let text = "住民票の写し\n".repeat(20);
    for options in [
        plain.with_deprecated_encryption(WORD.as_bytes()).expect("a password"),
        plain.with_aes_encryption(AesMode::Aes128, WORD),
        plain.with_aes_encryption(AesMode::Aes192, WORD),
        plain.with_aes_encryption(AesMode::Aes256, WORD),
    ] {
        let bytes =
            packed(&[("申請/写し.txt", text.as_bytes(), options), ("a.txt", b"open", plain)]);
        let rebuilt = opens("申請.zip", &bytes, WORD, "申請.zip");
        let mut archive = zip::ZipArchive::new(Cursor::new(&rebuilt.bytes)).expect("an archive");
        let mut read = String::new();
        let mut member = archive.by_name("申請/写し.txt").expect("the member is there, unlocked");
        std::io::Read::read_to_string(&mut member, &mut read).expect("text");
        assert_eq!(read, text);
    }
}

/// NF-32: a password of Japanese Windows is bytes of Shift_JIS.
#[test]
fn an_archive_of_japanese_windows_opens() {
    let (word, _, _) = encoding_rs::SHIFT_JIS.encode(WORD);
    let options = Options::default().with_deprecated_encryption(&word).expect("a word");
    let bytes = packed(&[("a.txt", b"text", options)]);
    opens("a.zip", &bytes, WORD, "a.zip");
}

/// NF-32: the password of an archive opens what is in it, too; what it does
/// not open stays behind and the archive still arrives.
#[test]
fn the_password_opens_files_in_an_archive() {
    let plain = SimpleFileOptions::default();
    let book = super::office::agile(&super::office::document("中の文書"), WORD, 1_000);
    let bytes = packed(&[("中.docx", &book, plain), ("a.txt", b"open", plain)]);
    let desk = Desk::new();
    let rebuilt = desk.sends_with("束.zip", &bytes, &password(WORD)).becomes("束.zip");
    assert!(contains(&rebuilt.bytes, "中.docx".as_bytes()));
    let without = desk.sends("束.zip", &bytes).becomes("束.zip");
    assert!(!contains(&without.bytes, "中.docx".as_bytes()));
}

/// NF-32: a locked archive that was changed on the way does not open.
#[test]
fn a_changed_archive_does_not_open() {
    let options = SimpleFileOptions::default().with_aes_encryption(AesMode::Aes256, WORD);
    let mut bytes = packed(&[("a.txt", &b"text".repeat(50), options)]);
    let middle = 30 + "a.txt".len() + 11 + 16 + 2 + 5;
    bytes[middle] ^= 1;
    let sent = Desk::new().sends_with("a.zip", &bytes, &password(WORD));
    sent.is_held_with(HoldReason::WrongPassword);
}
