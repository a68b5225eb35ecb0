//! What was rebuilt once is rebuilt to the same bytes again: nothing is left
//! to take out, and nothing is lost on the way.

use super::package::SPACES;
use super::sheets::workbook;
use super::slides::deck;
use super::word::{MAIN, document, picture};
use crate::desk::Desk;
use crate::pictures::{gradient, png};

/// NF-32: a rebuilt file holds nothing to remove and stays as it is.
#[test]
fn a_rebuilt_file_stays_as_it_is() {
    let letter = document(&picture("image1"))
        .related(MAIN, "image", "word/media/a.png")
        .with("word/media/a.png", png(&gradient(2), 16, 16))
        .related(MAIN, "header", "word/header1.xml")
        .with(
            "word/header1.xml",
            format!("<w:hdr {SPACES}><w:p><w:r><w:t>市</w:t></w:r></w:p></w:hdr>"),
        );
    let book = workbook(
        "<sheetData><row r=\"2\" ht=\"20\"><c r=\"B2\" t=\"inlineStr\"><is><t>氏名</t></is></c><c r=\"C2\"><f>LEN(B2)</f><v>2</v></c></row></sheetData>",
        "",
    );
    let slides = deck(
        "<p:sp><p:nvSpPr><p:cNvPr id=\"2\" name=\"\"/><p:cNvSpPr/><p:nvPr/></p:nvSpPr><p:spPr/></p:sp>",
        "",
    );
    let desk = Desk::new();
    for (name, file) in [("a.docx", letter), ("a.xlsx", book), ("a.pptx", slides)] {
        let once = desk.sends(name, &file.bytes()).becomes(name);
        let twice = desk.sends(name, &once.bytes).becomes(name);
        assert!(twice.findings.is_empty(), "{name}: {:?}", twice.findings);
        assert_eq!(once.bytes, twice.bytes, "{name}");
    }
}

/// The same file gives the same bytes: no clock, no chance.
#[test]
fn the_same_file_gives_the_same_bytes() {
    let file = document("<w:p/>").bytes();
    let desk = Desk::new();
    assert_eq!(
        desk.sends("a.docx", &file).becomes("a.docx").bytes,
        desk.sends("a.docx", &file).becomes("a.docx").bytes
    );
}
