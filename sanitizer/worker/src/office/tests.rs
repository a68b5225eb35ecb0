//! Damaged files: whatever is in them, reading ends with a document or a reason.

use std::io::{Cursor, Write as _};

use sanitizer_intermediate::codec::{Decode as _, Encode as _, Reader, Writer};
use sanitizer_intermediate::{Document, HoldReason, Limits};

/// Chance that comes out the same in every run.
struct Chance(u32);

impl Chance {
    fn below(&mut self, most: usize) -> usize {
        self.0 = self.0.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (self.0 >> 8) as usize % most.max(1)
    }
}

type Parts = Vec<(&'static str, Vec<u8>)>;

fn packed(parts: &Parts) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in parts {
        zip.start_file(*name, zip::write::SimpleFileOptions::default()).expect("a member");
        zip.write_all(bytes).expect("a member");
    }
    zip.finish().expect("an archive").into_inner()
}

fn relations(list: &[(&str, &str)]) -> Vec<u8> {
    let list: String = list
        .iter()
        .enumerate()
        .map(|(at, (kind, to))| {
            format!("<Relationship Id=\"r{at}\" Type=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships/{kind}\" Target=\"/{to}\"/>")
        })
        .collect();
    format!("<Relationships xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\">{list}</Relationships>").into_bytes()
}

fn file(main: &'static str, media: &str, mut parts: Parts) -> Parts {
    let types = format!(
        "<Types xmlns=\"http://schemas.openxmlformats.org/package/2006/content-types\">\
         <Default Extension=\"xml\" ContentType=\"application/xml\"/>\
         <Override PartName=\"/{main}\" ContentType=\"application/vnd.openxmlformats-officedocument.{media}.main+xml\"/></Types>"
    );
    parts.push(("[Content_Types].xml", types.into_bytes()));
    parts.push(("_rels/.rels", relations(&[("officeDocument", main)])));
    parts
}

const W: &str = "xmlns:w=\"http://schemas.openxmlformats.org/wordprocessingml/2006/main\" \
    xmlns:r=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships\" \
    xmlns:v=\"urn:schemas-microsoft-com:vml\" xmlns:mc=\"http://schemas.openxmlformats.org/markup-compatibility/2006\" \
    xmlns:a=\"http://schemas.openxmlformats.org/drawingml/2006/main\" \
    xmlns:p=\"http://schemas.openxmlformats.org/presentationml/2006/main\"";

fn letter() -> Parts {
    let body = format!(
        "<w:document {W}><w:body><w:p><w:pPr><w:jc w:val=\"both\"/></w:pPr><w:r><w:fldChar w:fldCharType=\"begin\"/></w:r>\
         <w:r><w:instrText>PAGE</w:instrText></w:r><w:r><w:fldChar w:fldCharType=\"separate\"/></w:r><w:r><w:t>1</w:t></w:r>\
         <w:r><w:fldChar w:fldCharType=\"end\"/></w:r><w:del><w:r><w:delText>x</w:delText></w:r></w:del></w:p>\
         <w:tbl><w:tr><w:tc><w:p><w:r><w:pict><v:group style=\"width:10pt;height:10pt\" coordsize=\"5,5\"><v:rect style=\"left:1;width:2\">\
         <v:textbox><w:txbxContent><w:p/></w:txbxContent></v:textbox></v:rect></v:group></w:pict></w:r></w:p></w:tc></w:tr></w:tbl>\
         <mc:AlternateContent><mc:Choice Requires=\"wps\"><w:p/></mc:Choice><mc:Fallback/></mc:AlternateContent>\
         <w:sectPr><w:headerReference w:type=\"default\" r:id=\"r0\"/></w:sectPr></w:body></w:document>"
    );
    let header = format!("<w:hdr {W}><w:p><w:r><w:t>&amp;&#x3042;</w:t></w:r></w:p></w:hdr>");
    let parts = vec![
        ("word/document.xml", body.into_bytes()),
        ("word/_rels/document.xml.rels", relations(&[("header", "word/header1.xml")])),
        ("word/header1.xml", header.into_bytes()),
    ];
    file("word/document.xml", "wordprocessingml.document", parts)
}

fn book() -> Parts {
    const S: &str = "xmlns=\"http://schemas.openxmlformats.org/spreadsheetml/2006/main\"";
    let book = format!(
        "<workbook {S} {W}><sheets><sheet name=\"a\" sheetId=\"1\" r:id=\"r0\"/></sheets><definedNames><definedName name=\"n\" localSheetId=\"0\">a!$A$1</definedName></definedNames></workbook>"
    );
    let sheet = format!(
        "<worksheet {S}><cols><col min=\"1\" max=\"2\" width=\"9.5\"/></cols><sheetData><row r=\"1\" ht=\"20\"><c r=\"A1\" t=\"s\"><v>0</v></c>\
         <c r=\"B1\" s=\"1\"><f t=\"shared\" ref=\"B1:C1\" si=\"0\">SUM(A1:'b c'!A2)*1.5E+3&amp;\"x\"</f><v>1.5</v></c><c><f t=\"shared\" si=\"0\"/></c></row></sheetData>\
         <mergeCells count=\"1\"><mergeCell ref=\"A1:B2\"/></mergeCells><dataValidations><dataValidation sqref=\"A1\"><formula1>\"a,b\"</formula1></dataValidation></dataValidations></worksheet>"
    );
    let strings =
        format!("<sst {S}><si><r><t>あ</t></r><rPh sb=\"0\" eb=\"1\"><t>a</t></rPh></si></sst>");
    let parts = vec![
        ("xl/workbook.xml", book.into_bytes()),
        (
            "xl/_rels/workbook.xml.rels",
            relations(&[("worksheet", "xl/s.xml"), ("sharedStrings", "xl/t.xml")]),
        ),
        ("xl/s.xml", sheet.into_bytes()),
        ("xl/t.xml", strings.into_bytes()),
    ];
    file("xl/workbook.xml", "spreadsheetml.sheet", parts)
}

fn deck() -> Parts {
    let deck = format!(
        "<p:presentation {W}><p:sldMasterIdLst><p:sldMasterId r:id=\"r0\"/></p:sldMasterIdLst><p:sldIdLst><p:sldId r:id=\"r1\"/></p:sldIdLst><p:sldSz cx=\"1\" cy=\"1\"/></p:presentation>"
    );
    let tree = "<p:cSld><p:spTree><p:sp><p:nvSpPr><p:cNvPr id=\"2\" name=\"a\"/></p:nvSpPr><p:spPr><a:custGeom><a:pathLst><a:path w=\"1\"><a:moveTo><a:pt x=\"0\" y=\"h\"/></a:moveTo></a:path></a:pathLst></a:custGeom></p:spPr>\
        <p:txBody><a:bodyPr/><a:p><a:r><a:t>x</a:t></a:r></a:p></p:txBody></p:sp></p:spTree></p:cSld>";
    let master = format!(
        "<p:sldMaster {W}>{tree}<p:sldLayoutIdLst><p:sldLayoutId r:id=\"r0\"/></p:sldLayoutIdLst></p:sldMaster>"
    );
    let parts = vec![
        ("ppt/presentation.xml", deck.into_bytes()),
        (
            "ppt/_rels/presentation.xml.rels",
            relations(&[("slideMaster", "ppt/m.xml"), ("slide", "ppt/s.xml")]),
        ),
        ("ppt/m.xml", master.into_bytes()),
        ("ppt/_rels/m.xml.rels", relations(&[("slideLayout", "ppt/l.xml")])),
        ("ppt/l.xml", format!("<p:sldLayout {W}>{tree}</p:sldLayout>").into_bytes()),
        ("ppt/s.xml", format!("<p:sld {W}>{tree}</p:sld>").into_bytes()),
        ("ppt/_rels/s.xml.rels", relations(&[("slideLayout", "ppt/l.xml")])),
    ];
    file("ppt/presentation.xml", "presentationml.presentation", parts)
}

fn read(bytes: &[u8]) -> Result<Document, HoldReason> {
    super::read(bytes, &Limits::default()).map(|it| it.0)
}

/// What is read crosses the pipe unchanged: reader and model agree on every rule.
fn crosses(document: &Document) {
    let mut sink = Vec::new();
    let mut to = Writer::new(&mut sink);
    document.encode(&mut to);
    to.finish().expect("memory takes everything");
    let mut input = sink.as_slice();
    let back = Document::decode(&mut Reader::new(&mut input, 1 << 30));
    assert_eq!(back.as_ref(), Ok(document));
}

/// Puts a byte or a bit of markup somewhere else, or takes some away.
fn damaged(bytes: &mut Vec<u8>, chance: &mut Chance) {
    const BITS: &[&[u8]] =
        &[b"<", b">", b"\"", b"&", b"/>", b"-1", b"99999999999", b"\xff", b"</w:p>", b" "];
    let at = chance.below(bytes.len());
    match chance.below(4) {
        0 => bytes[at] ^= 1 << chance.below(8),
        1 => {
            let bit = BITS[chance.below(BITS.len())];
            bytes.splice(at..at, bit.iter().copied());
        }
        2 => {
            let end = (at + chance.below(12)).min(bytes.len());
            bytes.drain(at..end);
        }
        _ => {
            let from = chance.below(bytes.len());
            let piece: Vec<u8> = bytes[from..(from + 40).min(bytes.len())].to_vec();
            bytes.splice(at..at, piece);
        }
    }
}

#[test]
fn the_samples_are_read() {
    for parts in [letter(), book(), deck()] {
        let document = read(&packed(&parts)).expect("a document");
        crosses(&document);
    }
}

/// NF-32: damaged parts end with a document or a reason, never with a panic,
/// and what is read is within the model.
#[test]
fn damaged_parts_never_panic() {
    let mut chance = Chance(7);
    let mut kept = 0;
    for parts in [letter(), book(), deck()] {
        for _ in 0..400 {
            let mut parts = parts.clone();
            for _ in 0..=chance.below(3) {
                let part = chance.below(parts.len());
                damaged(&mut parts[part].1, &mut chance);
            }
            if let Ok(document) = read(&packed(&parts)) {
                kept += 1;
                crosses(&document);
            }
        }
    }
    assert!(kept > 100, "most damage is survived or told: {kept}");
}

/// NF-32: damaged containers end with a document or a reason.
#[test]
fn damaged_containers_never_panic() {
    let mut chance = Chance(11);
    for parts in [letter(), book(), deck()] {
        let whole = packed(&parts);
        for _ in 0..600 {
            let mut bytes = whole.clone();
            damaged(&mut bytes, &mut chance);
            if let Ok(document) = read(&bytes) {
                crosses(&document);
            }
        }
        for length in (0..whole.len()).step_by(7) {
            assert!(read(&whole[..length]).is_err());
        }
    }
}
