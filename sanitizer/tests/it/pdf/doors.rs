//! Locked and damaged files.

use sanitizer_intermediate::{ChangedKind, HoldReason};

use super::paper::{Paper, file, stream};
use super::tools::{encrypted, is_sound, text};
use crate::desk::{Desk, changed};

/// NF-32: a file that needs a password is held, and the citizen is told.
#[test]
fn a_file_with_a_password_is_held() {
    let locked = encrypted(&Paper::saying("hidden").written(), "password");
    Desk::new().sends("鍵.pdf", &locked).is_held_with(HoldReason::Encrypted);
}

/// NF-32: a file that only forbids printing opens, and the restriction goes.
#[test]
fn a_file_without_a_user_password_opens() {
    let restricted = encrypted(&Paper::saying("printed").written(), "");
    let rebuilt = Desk::new().sends("印.pdf", &restricted).becomes("印.pdf");
    is_sound(&rebuilt.bytes);
    assert_eq!(text(&rebuilt.bytes), "printed");
    assert_eq!(changed(&rebuilt, ChangedKind::RestrictionsLifted), 1);
}

/// NF-32: a file with a broken table is read by its objects.
#[test]
fn a_file_without_its_table_is_repaired() {
    let whole = Paper::saying("still here").written();
    let table = whole.windows(6).rposition(|it| it == b"\nxref\n").expect("a table");
    let cut = [&whole[..table], b"\ntrailer\n<</Root 1 0 R>>\n"].concat();
    let rebuilt = Desk::new().sends("欠.pdf", &cut).becomes("欠.pdf");
    is_sound(&rebuilt.bytes);
    assert_eq!(text(&rebuilt.bytes), "still here");
    assert_eq!(changed(&rebuilt, ChangedKind::Repaired), 1);

    let mut wrong = whole.clone();
    wrong[table + 30..table + 60].fill(b'9');
    let rebuilt = Desk::new().sends("誤.pdf", &wrong).becomes("誤.pdf");
    assert_eq!(text(&rebuilt.bytes), "still here");
}

/// NF-32: a file without pages is held as broken.
#[test]
fn a_file_without_pages_is_held() {
    let desk = Desk::new();
    let empty = file(&[
        b"<</Type /Catalog /Pages 2 0 R>>".to_vec(),
        b"<</Type /Pages /Kids [] /Count 0>>".to_vec(),
    ]);
    desk.sends("空.pdf", &empty).is_held_with(HoldReason::Broken);
    desk.sends("嘘.pdf", b"%PDF-1.7\nnothing of the kind\n%%EOF").is_held_with(HoldReason::Broken);
}

/// NF-32: a damaged content stream costs its drawing and no more.
#[test]
fn a_damaged_stream_leaves_the_page() {
    let paper = Paper::saying("").content(stream("/Filter /FlateDecode", b"no deflate at all"));
    let rebuilt = Desk::new().sends("損.pdf", &paper.written()).becomes("損.pdf");
    is_sound(&rebuilt.bytes);
    assert_eq!(text(&rebuilt.bytes), "");
}
