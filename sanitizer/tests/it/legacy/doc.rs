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

/// NF-32: remarks beside the text stay where they stood, without who wrote them.
#[test]
fn remarks_stay_with_their_words() {
    let (body, said) = ("金額\u{5}は\r二行目\u{5}\r", "\u{5}税込みですか\r\u{5}確認済み\r\r");
    let units = |text: &str| u32::try_from(text.encode_utf16().count()).expect("short");
    let (mut main, mut table) = streams(&format!("{body}{said}"), 0);
    main[0x4c..0x50].copy_from_slice(&units(body).to_le_bytes());
    main[0x5c..0x60].copy_from_slice(&units(said).to_le_bytes());
    let places = |list: &[u32]| list.iter().flat_map(|it| it.to_le_bytes()).collect::<Vec<u8>>();
    let initials = [1, 0, 0x71, 0x5c].repeat(15);
    let references = [places(&[2, 8, units(body)]), initials].concat();
    for (part, bytes) in [(4, references), (5, places(&[0, 8, 14, 15]))] {
        let entry = 0x9a + part * 8;
        let place = u32::try_from(table.len()).expect("small").to_le_bytes();
        let length = u32::try_from(bytes.len()).expect("small").to_le_bytes();
        main[entry..entry + 8].copy_from_slice(&[place, length].concat());
        table.extend(bytes);
    }
    let file = compound(&[("/WordDocument", &main), ("/1Table", &table)]);
    let rebuilt = Desk::new().sends("見積.doc", &file).becomes("見積.docx");
    let text = part(&rebuilt.bytes, "word/document.xml");
    assert!(
        text.contains(">金額</w:t></w:r><w:r><w:commentReference w:id=\"0\"/></w:r>"),
        "{text}"
    );
    assert!(
        text.contains(">二行目</w:t></w:r><w:r><w:commentReference w:id=\"1\"/></w:r>"),
        "{text}"
    );
    let comments = part(&rebuilt.bytes, "word/comments.xml");
    let (first, second) = comments.split_once("w:id=\"1\"").expect("two remarks");
    assert!(first.contains(">税込みですか<") && second.contains(">確認済み<"), "{comments}");
    assert_eq!(removed(&rebuilt, RemovedKind::Comments), 0);
}

/// NF-32: pieces that lead out of the file end with a reason.
#[test]
fn pieces_that_do_not_fit_are_held() {
    let (main, mut table) = streams("本文\r", 0);
    table[5..9].copy_from_slice(&9_u32.to_le_bytes());
    let file = compound(&[("/WordDocument", &main), ("/1Table", &table)]);
    Desk::new().sends("a.doc", &file).is_held_with(HoldReason::Broken);
}

/// NF-32: a numbered list keeps its numbers, each list its own.
#[test]
fn lists_keep_how_they_count() {
    let level = |format: u8, text: &[u16]| {
        let length = u16::try_from(text.len()).expect("short").to_le_bytes();
        let text: Vec<u8> = text.iter().flat_map(|it| it.to_le_bytes()).collect();
        [&3_u32.to_le_bytes()[..], &[format], &[0; 23], &length, &text].concat()
    };
    let simple = |id: u32| [&id.to_le_bytes()[..], &[0; 22], &[1, 0]].concat();
    let lists = [&2_u16.to_le_bytes()[..], &simple(70), &simple(80)].concat();
    let levels = [level(18, &[0]), level(23, &[0xf0b7])].concat();
    let used = |id: u32| [&id.to_le_bytes()[..], &[0; 12]].concat();
    let uses = [&2_u32.to_le_bytes()[..], &used(80), &used(70)].concat();

    let text = "一つ目\r二つ目\r";
    let (mut main, mut table) = streams(text, 0);
    // A page of properties: the first paragraph of use 2, the second of use 1.
    let mut page = vec![0; 512];
    let starts = [0_u32, 8, 16].map(|it| u32::try_from(TEXT).expect("small") + it);
    for (at, start) in starts.iter().enumerate() {
        page[at * 4..at * 4 + 4].copy_from_slice(&start.to_le_bytes());
    }
    for (run, number) in [(0_usize, 2_u8), (1, 1)] {
        let place = 200 + run * 20;
        page[12 + run * 13] = u8::try_from(place / 2).expect("small");
        page[place..place + 7].copy_from_slice(&[4, 0, 0, 0x0b, 0x46, number, 0]);
    }
    page[511] = 2;
    main.resize(main.len().next_multiple_of(512), 0);
    let page_number = u32::try_from(main.len() / 512).expect("small");
    main.extend(page);
    let pages = [starts[0].to_le_bytes(), starts[2].to_le_bytes(), page_number.to_le_bytes()];
    for (part, bytes, after) in
        [(13, pages.concat(), Vec::new()), (73, lists, levels), (74, uses, Vec::new())]
    {
        let entry = 0x9a + part * 8;
        let place = u32::try_from(table.len()).expect("small").to_le_bytes();
        let length = u32::try_from(bytes.len()).expect("small").to_le_bytes();
        main[entry..entry + 8].copy_from_slice(&[place, length].concat());
        table.extend([bytes, after].concat());
    }
    let file = compound(&[("/WordDocument", &main), ("/1Table", &table)]);
    let rebuilt = Desk::new().sends("手順.doc", &file).becomes("手順.docx");
    let body = part(&rebuilt.bytes, "word/document.xml");
    let numbers: Vec<&str> = body.split("<w:numId w:val=\"").skip(1).map(|it| &it[..1]).collect();
    assert_eq!(numbers, ["3", "2"], "{body}");
    let numbering = part(&rebuilt.bytes, "word/numbering.xml");
    assert!(
        numbering.contains("<w:numFmt w:val=\"decimalEnclosedCircle\"/><w:lvlText w:val=\"%1\"/>"),
        "{numbering}"
    );
    assert!(numbering.contains("<w:start w:val=\"3\"/>"), "{numbering}");
}
