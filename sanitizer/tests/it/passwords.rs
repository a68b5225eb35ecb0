//! Files under a password, made here: each opens with its own, is held without
//! one, and told apart when the one that came is another.

mod archives;
mod cipher;
pub(crate) mod office;
mod old;
pub(crate) mod opendocument;

use sanitizer::rebuild::Rebuilt;
use sanitizer_intermediate::{ChangedKind, HoldReason, Password};

use crate::desk::{Desk, changed};
use crate::pdf::paper::Paper;
use crate::pdf::tools::{locked, text};

/// What opens the files of these tests.
pub(crate) const WORD: &str = "窓口Madoguchi1";
/// What does not.
const OTHER: &str = "窓口Madoguchi2";

pub(crate) fn password(word: &str) -> Password {
    Password::new(word.to_owned()).expect("a password")
}

/// The file is held without its password and with another, and opens with it.
#[track_caller]
fn opens(name: &str, bytes: &[u8], word: &str, becomes: &str) -> Rebuilt {
    let desk = Desk::new();
    desk.sends(name, bytes).is_held_with(HoldReason::Encrypted);
    desk.sends_with(name, bytes, &password(OTHER)).is_held_with(HoldReason::WrongPassword);
    let rebuilt = desk.sends_with(name, bytes, &password(word)).becomes(becomes);
    assert_eq!(changed(&rebuilt, ChangedKind::PasswordRemoved), 1);
    rebuilt
}

/// NF-32: a PDF opens with its password, whatever cipher it was given.
#[test]
fn a_pdf_opens_with_its_password() {
    let plain = Paper::saying("resident record").written();
    let ciphers: [&[&str]; 4] =
        [&["40"], &["128", "--use-aes=n"], &["128", "--use-aes=y"], &["256"]];
    for cipher in ciphers {
        let bytes = locked(&plain, "himitsu", "owner", cipher);
        let rebuilt = opens("台帳.pdf", &bytes, "himitsu", "台帳.pdf");
        assert_eq!(text(&rebuilt.bytes), "resident record", "{cipher:?}");
    }
}

/// NF-32: the owner's password opens a PDF as well, and one in Japanese.
#[test]
fn a_pdf_opens_with_the_owners_password() {
    let plain = Paper::saying("resident record").written();
    let desk = Desk::new();
    for cipher in [&["128", "--use-aes=y"][..], &["256"]] {
        let bytes = locked(&plain, "himitsu", "owner", cipher);
        let rebuilt = desk.sends_with("台帳.pdf", &bytes, &password("owner")).becomes("台帳.pdf");
        assert_eq!(text(&rebuilt.bytes), "resident record", "{cipher:?}");
    }
    let bytes = locked(&plain, WORD, "owner", &["256"]);
    opens("台帳.pdf", &bytes, WORD, "台帳.pdf");
}

/// NF-32: an open file takes no harm from a password nobody needs.
#[test]
fn a_password_nobody_needs_changes_nothing() {
    let desk = Desk::new();
    let rebuilt = desk.sends_with("a.txt", "本文".as_bytes(), &password(WORD)).becomes("a.txt");
    assert_eq!(changed(&rebuilt, ChangedKind::PasswordRemoved), 0);
    let plain = Paper::saying("open").written();
    let rebuilt = desk.sends_with("a.pdf", &plain, &password(WORD)).becomes("a.pdf");
    assert_eq!(changed(&rebuilt, ChangedKind::PasswordRemoved), 0);
}
