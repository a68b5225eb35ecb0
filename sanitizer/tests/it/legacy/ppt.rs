//! Presentations of before 2007.

use sanitizer_intermediate::{ChangedKind, HoldReason};

use super::{compound, wide};
use crate::desk::{Desk, changed};
use crate::office::package::{part, parts};

const CONTAINER: u16 = 0x0f;

fn record(head: u16, kind: u16, data: &[u8]) -> Vec<u8> {
    let length = u32::try_from(data.len()).expect("short");
    [&head.to_le_bytes()[..], &kind.to_le_bytes(), &length.to_le_bytes(), data].concat()
}

/// The streams of a presentation with one slide: a title and texts.
pub(super) fn streams(texts: &[&str], user: u32) -> (Vec<u8>, Vec<u8>) {
    streams_with(texts, &[], user)
}

/// The same with more records on the slide.
fn streams_with(texts: &[&str], more: &[u8], user: u32) -> (Vec<u8>, Vec<u8>) {
    let boxes: Vec<u8> = texts
        .iter()
        .enumerate()
        .flat_map(|(at, text)| {
            let kind: u32 = if at == 0 { 0 } else { 1 };
            let words =
                [record(0, 0x0f9f, &kind.to_le_bytes()), record(0, 0x0fa0, &wide(text))].concat();
            let area = [100_u16, 200, 3_000, 900]
                .iter()
                .flat_map(|it| it.to_le_bytes())
                .collect::<Vec<u8>>();
            let shape = [record(0, 0xf010, &area), record(CONTAINER, 0xf00d, &words)].concat();
            record(CONTAINER, 0xf004, &shape)
        })
        .collect();
    streams_around(&boxes, more, &[], user)
}

/// The streams of a presentation with one slide of these shapes, and these pictures.
fn streams_of(shapes: &[u8], store: &[u8], user: u32) -> (Vec<u8>, Vec<u8>) {
    streams_around(shapes, &[], store, user)
}

fn streams_around(boxes: &[u8], more: &[u8], store: &[u8], user: u32) -> (Vec<u8>, Vec<u8>) {
    let drawing = record(CONTAINER, 0xf002, &record(CONTAINER, 0xf003, boxes));
    let slide = [&record(CONTAINER, 0x040c, &drawing), more].concat();
    let slide = record(CONTAINER, 0x03ee, &slide);
    let size: Vec<u8> = [5_760_u32, 4_320].iter().flat_map(|it| it.to_le_bytes()).collect();
    let listed = [2_u32, 0, 0, 256, 0].iter().flat_map(|it| it.to_le_bytes()).collect::<Vec<u8>>();
    let list = record(CONTAINER, 0x0ff0, &record(0, 0x03f3, &listed));
    let document = record(CONTAINER, 0x03e8, &[&record(1, 0x03e9, &size), store, &list].concat());
    let slide_at = u32::try_from(document.len()).expect("small");
    let directory_at = slide_at + u32::try_from(slide.len()).expect("small");
    let places = [1 | 2 << 20, 0, slide_at]
        .iter()
        .flat_map(|it: &u32| it.to_le_bytes())
        .collect::<Vec<u8>>();
    let directory = record(0, 0x1772, &places);
    let edit_at = directory_at + u32::try_from(directory.len()).expect("small");
    let edit = [0_u32, 0, 0, directory_at, 1, 0, 0]
        .iter()
        .flat_map(|it| it.to_le_bytes())
        .collect::<Vec<u8>>();
    let edit = record(0, 0x0ff5, &edit);
    let head = [20_u32, user, edit_at].iter().flat_map(|it| it.to_le_bytes()).collect::<Vec<u8>>();
    (record(0, 0x0ff6, &head), [document, slide, directory, edit].concat())
}

fn deck(texts: &[&str]) -> Vec<u8> {
    let (user, document) = streams(texts, 0xe391_c05f);
    compound(&[("/Current User", &user), ("/PowerPoint Document", &document)])
}

/// NF-32: an old presentation becomes one of today, slide by slide.
#[test]
fn an_old_presentation_becomes_a_new_one() {
    let file = deck(&["説明会", "一つ目\r二つ目"]);
    let rebuilt = Desk::new().sends("説明.ppt", &file).becomes("説明.pptx");
    let slide = part(&rebuilt.bytes, "ppt/slides/slide1.xml");
    for text in ["説明会", "一つ目", "二つ目"] {
        assert!(slide.contains(&format!("<a:t>{text}</a:t>")), "{text}: {slide}");
    }
    assert!(slide.contains("type=\"title\""), "{slide}");
    assert!(slide.contains("<a:off x=\"317500\" y=\"158750\"/>"), "{slide}");
    assert_eq!(parts(&rebuilt.bytes).iter().filter(|it| it.contains("slides/slide")).count(), 1);
    assert_eq!(changed(&rebuilt, ChangedKind::TypeChanged), 1);
}

/// NF-32: what people wrote about a slide stays, without who wrote it.
#[test]
fn remarks_stay_with_their_words() {
    let about: Vec<u8> =
        [1_u32, 0, 0, 0, 0, 576, 288].iter().flat_map(|it| it.to_le_bytes()).collect();
    let remark = [
        record(0, 0x0fba, &wide("山田")),
        record(1 << 4, 0x0fba, &wide("税込みですか\r確認")),
        record(2 << 4, 0x0fba, &wide("山")),
        record(0, 0x2ee1, &about),
    ];
    let data = record(0, 0x138b, &record(CONTAINER, 0x2ee0, &remark.concat()));
    let tag = [record(0, 0x0fba, &wide("___PPT10")), data].concat();
    let tags = record(CONTAINER, 0x1388, &record(CONTAINER, 0x138a, &tag));
    let (user, document) = streams_with(&["説明会"], &tags, 0xe391_c05f);
    let file = compound(&[("/Current User", &user), ("/PowerPoint Document", &document)]);
    let rebuilt = Desk::new().sends("説明.ppt", &file).becomes("説明.pptx");
    let remarks = part(&rebuilt.bytes, "ppt/comments/comment1.xml");
    let said = "<p:pos x=\"576\" y=\"288\"/><p:text>税込みですか\n確認</p:text>";
    assert!(remarks.contains(said) && !remarks.contains("山"), "{remarks}");
}

/// NF-32: date and footer of a slide, which stand apart from its shapes, stay when they are shown.
#[test]
fn footers_stay() {
    let footers = |flags: u8| {
        let held = [
            record(0, 0x0fda, &[0, 0, flags, 0]),
            record(0, 0x0fba, &wide("令和8年4月1日")),
            record(2 << 4, 0x0fba, &wide("市民課 取扱注意")),
        ];
        let held = record(CONTAINER, 0x0fd9, &held.concat());
        let (user, document) = streams_with(&["説明会"], &held, 0xe391_c05f);
        let file = compound(&[("/Current User", &user), ("/PowerPoint Document", &document)]);
        part(
            &Desk::new().sends("説明.ppt", &file).becomes("説明.pptx").bytes,
            "ppt/slides/slide1.xml",
        )
    };
    let slide = footers(0x24);
    assert!(slide.contains("<a:t>令和8年4月1日</a:t>"), "{slide}");
    assert!(slide.contains("<a:t>市民課 取扱注意</a:t>"), "{slide}");
    let slide = footers(0x04);
    assert!(!slide.contains("市民課"), "{slide}");
}

/// NF-32: the words of a drawing, which becomes a picture, stay with it as its description.
#[test]
fn words_of_drawings_stay() {
    let drawing = crate::drawings::saying("収入の内訳");
    let packed = crate::drawings::deflated(&drawing);
    let size = |bytes: &[u8]| u32::try_from(bytes.len()).expect("small").to_le_bytes();
    // A check sum, the sizes, no filter, then the drawing.
    let blip = [&[7; 16][..], &size(&drawing), &[0; 24], &size(&packed), &[0, 0xfe], &packed];
    let blip = record(0x3d4 << 4, 0xf01a, &blip.concat());
    let entry = record(2 | 2 << 4, 0xf007, &[0; 36]);
    let option = [&0x4104_u16.to_le_bytes()[..], &1_u32.to_le_bytes()].concat();
    let shape = record(CONTAINER, 0xf004, &record(3 | 1 << 4, 0xf00b, &option));
    let (user, document) = streams_of(&shape, &record(CONTAINER, 0xf001, &entry), 0xe391_c05f);
    let file = compound(&[
        ("/Current User", &user),
        ("/PowerPoint Document", &document),
        ("/Pictures", &blip),
    ]);
    let rebuilt = Desk::new().sends("説明.ppt", &file).becomes("説明.pptx");
    let slide = part(&rebuilt.bytes, "ppt/slides/slide1.xml");
    assert!(slide.contains("<p:pic>") && slide.contains("descr=\"収入の内訳\""), "{slide}");
}

/// NF-32: a presentation without slides is held.
#[test]
fn a_presentation_without_its_document_is_held() {
    let file = compound(&[("/Current User", &[0; 28]), ("/PowerPoint Document", &[0; 64])]);
    Desk::new().sends("a.ppt", &file).is_held_with(HoldReason::Broken);
}
