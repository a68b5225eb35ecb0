//! Documents of before 2007.

use sanitizer_intermediate::{ChangedKind, HoldReason, RemovedKind};

use super::{compound, wide};
use crate::desk::{Desk, changed, removed};
use crate::office::package::part;

/// Where the text starts in the main stream.
const TEXT: usize = 0x800;

/// The main and the table stream of a document with this text in its body.
pub(crate) fn streams(text: &str, flags: u16) -> (Vec<u8>, Vec<u8>) {
    let units = u32::try_from(text.encode_utf16().count()).expect("short");
    let start = u32::try_from(TEXT).expect("small");
    let pieces: Vec<u8> = [
        &[0_u32, units].iter().flat_map(|it| it.to_le_bytes()).collect::<Vec<u8>>()[..],
        &[0, 0],
        &start.to_le_bytes(),
        &[0, 0],
    ]
    .concat();
    let length = u32::try_from(pieces.len()).expect("short").to_le_bytes();
    let table = [&[2_u8], &length[..], &pieces].concat();
    let mut main = vec![0; TEXT];
    let mut put = |at: usize, bytes: &[u8]| main[at..at + bytes.len()].copy_from_slice(bytes);
    put(0, &0xa5ec_u16.to_le_bytes());
    put(2, &0x00c1_u16.to_le_bytes());
    put(0x0a, &(flags | 0x0200).to_le_bytes());
    put(0x4c, &units.to_le_bytes());
    put(0x98, &93_u16.to_le_bytes());
    put(0x9a + 33 * 8, &0_u32.to_le_bytes());
    put(0x9a + 33 * 8 + 4, &u32::try_from(table.len()).expect("short").to_le_bytes());
    main.extend(wide(text));
    (main, table)
}

fn document(text: &str) -> Vec<u8> {
    let (main, table) = streams(text, 0);
    compound(&[("/WordDocument", &main), ("/1Table", &table)])
}

/// NF-32: an old document becomes one of today, paragraph by paragraph.
#[test]
fn an_old_document_becomes_a_new_one() {
    let file = document("申請書\r氏名\t𠮷野 太郎\r改行\u{b}の後\r");
    let rebuilt = Desk::new().sends("申請.doc", &file).becomes("申請.docx");
    let body = part(&rebuilt.bytes, "word/document.xml");
    for text in ["申請書", "氏名", "𠮷野 太郎", "の後"] {
        assert!(body.contains(&format!(">{text}</w:t>")), "{text}: {body}");
    }
    assert_eq!(body.matches("<w:p>").count() + body.matches("<w:p ").count(), 3, "{body}");
    assert!(body.contains("<w:tab/>") && body.contains("<w:br/>"), "{body}");
    assert_eq!(changed(&rebuilt, ChangedKind::TypeChanged), 1);
}

/// NF-32: of fields the last result stays, not what they fetch.
#[test]
fn fields_keep_their_result() {
    let file = document(
        "\u{13}INCLUDETEXT \"\\\\\\\\host\\\\share\"\u{14}取り込み済み\u{15}と\
         \u{13}DDEAUTO cmd \"/c calc\"\u{14}値\u{15}\r",
    );
    let rebuilt = Desk::new().sends("a.doc", &file).becomes("a.docx");
    let body = part(&rebuilt.bytes, "word/document.xml");
    assert!(body.contains("取り込み済みと値"), "{body}");
    assert!(!body.contains("host") && !body.contains("calc"), "{body}");
    assert_eq!(removed(&rebuilt, RemovedKind::ActiveFields), 1);
    assert_eq!(removed(&rebuilt, RemovedKind::Dde), 1);
}

/// NF-32: pieces that lead out of the file end with a reason.
#[test]
fn pieces_that_do_not_fit_are_held() {
    let (main, mut table) = streams("本文\r", 0);
    table[5..9].copy_from_slice(&9_u32.to_le_bytes());
    let file = compound(&[("/WordDocument", &main), ("/1Table", &table)]);
    Desk::new().sends("a.doc", &file).is_held_with(HoldReason::Broken);
}
