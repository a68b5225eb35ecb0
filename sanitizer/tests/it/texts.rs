//! Texts and CSV through the whole sanitizer.

use encoding_rs::{ISO_2022_JP, SHIFT_JIS};
use sanitizer::policy::Formulas;
use sanitizer_intermediate::{ChangedKind, RemovedKind};

use crate::desk::{Desk, changed, removed};

/// NF-32: a text keeps its words and loses what hides between them.
#[test]
fn a_text_loses_hidden_characters() {
    let text = "申請書\r\n\u{202e}fdp.exe\u{202c}\0\r\n\u{200b}以上\u{7}\r\n";
    let rebuilt = Desk::new().sends("memo.txt", text.as_bytes()).becomes("memo.txt");
    assert_eq!(String::from_utf8_lossy(&rebuilt.bytes), "申請書\r\nfdp.exe\r\n以上\r\n");
    assert_eq!(removed(&rebuilt, RemovedKind::BidiCharacters), 2);
    assert_eq!(removed(&rebuilt, RemovedKind::ControlCharacters), 2);
    assert_eq!(removed(&rebuilt, RemovedKind::InvisibleCharacters), 1);
}

#[test]
fn japanese_encodings_become_utf8() {
    let desk = Desk::new();
    let text = "住民票の写し\n２通\n";
    for bytes in [SHIFT_JIS.encode(text).0, ISO_2022_JP.encode(text).0] {
        let rebuilt = desk.sends("memo.txt", &bytes).becomes("memo.txt");
        assert_eq!(String::from_utf8_lossy(&rebuilt.bytes), text);
        assert_eq!(changed(&rebuilt, ChangedKind::EncodingConverted), 1);
    }
}

#[test]
fn a_spreadsheet_can_open_the_csv() {
    let (bytes, _, _) = SHIFT_JIS.encode("氏名,年齢\r\n\"山田, 太郎\",30\r\n");
    let rebuilt = Desk::new().sends("名簿.csv", &bytes).becomes("名簿.csv");
    let text = String::from_utf8_lossy(&rebuilt.bytes);
    assert_eq!(text, "\u{feff}氏名,年齢\r\n\"山田, 太郎\",30\r\n");
}

/// NF-32: a cell that would run as a formula becomes text unless the city wants it.
#[test]
fn formulas_in_csv_become_text_by_policy() {
    let mut desk = Desk::new();
    let bytes = b"name,value\n=cmd|' /C calc'!A0,-5\n";
    let rebuilt = desk.sends("a.csv", bytes).becomes("a.csv");
    assert_eq!(
        String::from_utf8_lossy(&rebuilt.bytes),
        "\u{feff}name,value\r\n'=cmd|' /C calc'!A0,-5\r\n"
    );
    assert_eq!(changed(&rebuilt, ChangedKind::FormulasNeutralised), 1);

    desk.rebuilder.policy.csv.formulas = Formulas::Keep;
    let rebuilt = desk.sends("a.csv", b"=1+1\n").becomes("a.csv");
    assert_eq!(String::from_utf8_lossy(&rebuilt.bytes), "\u{feff}=1+1\r\n");
}

#[test]
fn tabs_stay_tabs() {
    let rebuilt = Desk::new().sends("a.tsv", b"a\tb\n1,5\t2\n").becomes("a.tsv");
    assert_eq!(String::from_utf8_lossy(&rebuilt.bytes), "\u{feff}a\tb\r\n1,5\t2\r\n");
}

#[test]
fn markup_in_a_text_file_is_text() {
    let page = b"<html><script>alert(1)</script></html>";
    let rebuilt = Desk::new().sends("page.txt", page).becomes("page.txt");
    assert_eq!(rebuilt.bytes, page);
    assert!(rebuilt.media.starts_with("text/plain"));
}
