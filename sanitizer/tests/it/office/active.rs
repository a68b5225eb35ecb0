//! Everything active, embedded or private that must not survive (NF-32), one
//! test for each; and the containers that are not opened at all.

use sanitizer::policy::Links;
use sanitizer_intermediate::{HoldReason, RemovedKind};

use super::package::{Package, SPACES, everything, part, parts};
use super::sheets::{self, workbook};
use super::slides::{self, deck};
use super::word::{self, document, picture};
use crate::desk::{Desk, contains, removed};

/// Stands in every part that must not survive.
const EVIL: &str = "EVIL-a7f3";

/// Rebuilds a file and makes sure that nothing evil is left in it.
#[track_caller]
fn cleaned(name: &str, becomes: &str, package: &Package, kind: RemovedKind) -> Vec<u8> {
    let rebuilt = Desk::new().sends(name, &package.bytes()).becomes(becomes);
    assert!(removed(&rebuilt, kind) >= 1, "{}: {:?}", kind.code(), rebuilt.findings.removed());
    assert!(!contains(&everything(&rebuilt.bytes), EVIL.as_bytes()), "{:?}", parts(&rebuilt.bytes));
    rebuilt.bytes
}

fn text(text: &str) -> String {
    format!("<w:p><w:r><w:t>{text}</w:t></w:r></w:p>")
}

/// A letter beside which stands a part nobody should see again.
fn letter_with(from: &str, kind: &str, part: &str, media: &str) -> Package {
    document(&text("拝啓")).related(from, kind, part).typed(part, media).with(part, EVIL)
}

/// NF-32: macros go, and with them the kind of file that may have some.
#[test]
fn macros_do_not_survive() {
    let macros = "application/vnd.ms-office.vbaProject";
    let word = Package::new(word::MAIN, "application/vnd.ms-word.document.macroEnabled.main+xml")
        .with(
            word::MAIN,
            format!("<w:document {SPACES}><w:body>{}</w:body></w:document>", text("拝啓")),
        )
        .related(word::MAIN, "vbaProject", "word/vbaProject.bin")
        .typed("word/vbaProject.bin", macros)
        .with("word/vbaProject.bin", EVIL);
    let bytes = cleaned("a.docm", "a.docx", &word, RemovedKind::Macros);
    assert!(!part(&bytes, "[Content_Types].xml").contains("macro"));
    let book = workbook("<sheetData/>", "")
        .related(sheets::MAIN, "vbaProject", "xl/vbaProject.bin")
        .typed("xl/vbaProject.bin", macros)
        .with("xl/vbaProject.bin", EVIL);
    cleaned("a.xlsm", "a.xlsx", &book, RemovedKind::Macros);
    let slides = deck("", "")
        .related(slides::MAIN, "vbaProject", "ppt/vbaProject.bin")
        .typed("ppt/vbaProject.bin", macros)
        .with("ppt/vbaProject.bin", EVIL);
    cleaned("a.pptm", "a.pptx", &slides, RemovedKind::Macros);
}

/// NF-32: parts of these kinds do not survive, whoever refers to them.
#[test]
fn parts_that_must_not_survive() {
    for (kind, part, media, removed) in [
        (
            "control",
            "word/activeX/activeX1.xml",
            "application/vnd.ms-office.activeX+xml",
            RemovedKind::ActiveX,
        ),
        (
            "oleObject",
            "word/embeddings/oleObject1.bin",
            "application/vnd.openxmlformats-officedocument.oleObject",
            RemovedKind::OleObjects,
        ),
        (
            "package",
            "word/embeddings/a.xlsx",
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            RemovedKind::EmbeddedFiles,
        ),
        ("aFChunk", "word/afchunk1.mht", "message/rfc822", RemovedKind::EmbeddedHtml),
        (
            "font",
            "word/fonts/font1.odttf",
            "application/vnd.openxmlformats-officedocument.obfuscatedFont",
            RemovedKind::Fonts,
        ),
        ("customXml", "customXml/item1.xml", "application/xml", RemovedKind::CustomData),
        ("extensibility", "customUI/customUI14.xml", "application/xml", RemovedKind::CustomUi),
        (
            "keyMapCustomizations",
            "word/customizations.xml",
            "application/vnd.ms-word.keyMapCustomizations+xml",
            RemovedKind::CustomUi,
        ),
        (
            "printerSettings",
            "word/printerSettings1.bin",
            "application/vnd.openxmlformats-officedocument.wordprocessingml.printerSettings",
            RemovedKind::PrinterSettings,
        ),
        (
            "origin",
            "_xmlsignatures/sig1.xml",
            "application/vnd.openxmlformats-package.digital-signature-xmlsignature+xml",
            RemovedKind::Signatures,
        ),
        (
            "core-properties",
            "docProps/core.xml",
            "application/vnd.openxmlformats-package.core-properties+xml",
            RemovedKind::Properties,
        ),
        ("thumbnail", "docProps/thumbnail.wmf", "image/x-wmf", RemovedKind::Thumbnails),
        ("video", "word/media/a.mp4", "video/mp4", RemovedKind::Media),
        ("unheardOf", "word/mystery.bin", "application/x-mystery", RemovedKind::UnknownParts),
    ] {
        let package = letter_with(word::MAIN, kind, part, media);
        cleaned("a.docx", "a.docx", &package, removed);
    }
}

/// NF-32: references out of the document do not survive.
#[test]
fn references_out_do_not_survive() {
    let address = format!("http://{EVIL}.example/a.dotm");
    for (kind, removed) in [
        ("attachedTemplate", RemovedKind::ExternalReferences),
        ("frame", RemovedKind::ExternalReferences),
        ("subDocument", RemovedKind::ExternalReferences),
        ("oleObject", RemovedKind::OleObjects),
        ("mailMergeSource", RemovedKind::Connections),
    ] {
        let package = document(&text("拝啓")).outside(word::MAIN, kind, &address);
        cleaned("a.docx", "a.docx", &package, removed);
    }
    let settings = "word/settings.xml";
    let package = document(&text("拝啓"))
        .related(word::MAIN, "settings", settings)
        .with(settings, format!(
            "<w:settings {SPACES}><w:attachedTemplate r:id=\"attachedTemplate1\"/><w:docVars><w:docVar w:name=\"a\" w:val=\"{EVIL}\"/></w:docVars>\
             <w:mailMerge><w:query w:val=\"{EVIL}\"/></w:mailMerge><w:defaultTabStop w:val=\"840\"/></w:settings>"
        ))
        .outside(settings, "attachedTemplate", &address);
    let bytes = cleaned("a.docx", "a.docx", &package, RemovedKind::ExternalReferences);
    assert!(part(&bytes, settings).contains("<w:defaultTabStop w:val=\"840\"/>"));
}

/// NF-32: a linked picture is not fetched; a field stands in its place.
#[test]
fn linked_and_unknown_pictures_become_a_stand_in() {
    let linked = document(&picture("image1").replace("r:embed", "r:link")).outside(
        word::MAIN,
        "image",
        &format!("http://{EVIL}.example/a.png"),
    );
    let bytes = cleaned("a.docx", "a.docx", &linked, RemovedKind::ExternalReferences);
    assert!(parts(&bytes).contains(&"word/media/image1.png".to_owned()));
    let unknown = document(&picture("image1"))
        .related(word::MAIN, "image", "word/media/a.emf")
        .with("word/media/a.emf", EVIL);
    let bytes = cleaned("a.docx", "a.docx", &unknown, RemovedKind::Pictures);
    assert!(parts(&bytes).contains(&"word/media/image1.png".to_owned()));
}

/// NF-32: fields that fetch, run or link keep their last result.
#[test]
fn active_fields_keep_their_result() {
    for (instruction, kind) in [
        ("DDEAUTO c:\\\\windows\\\\system32\\\\cmd.exe", RemovedKind::Dde),
        ("INCLUDEPICTURE \"http://x/\"", RemovedKind::ActiveFields),
        ("LINK Excel.Sheet.12 \"x.xlsx\"", RemovedKind::ActiveFields),
        ("HYPERLINK \"http://x/\"", RemovedKind::Links),
    ] {
        let (first, second) = instruction.split_at(3);
        let body = format!(
            "<w:p><w:r><w:fldChar w:fldCharType=\"begin\"/></w:r><w:r><w:instrText>{first}</w:instrText></w:r>\
             <w:r><w:instrText>{second} {EVIL}</w:instrText></w:r><w:r><w:fldChar w:fldCharType=\"separate\"/></w:r>\
             <w:r><w:t>結果</w:t></w:r><w:r><w:fldChar w:fldCharType=\"end\"/></w:r></w:p>"
        );
        let bytes = cleaned("a.docx", "a.docx", &document(&body), kind);
        let text = part(&bytes, word::MAIN);
        assert!(text.contains("<w:body><w:p><w:r><w:t>結果</w:t></w:r></w:p>"), "{text}");
        let simple = format!(
            "<w:p><w:fldSimple w:instr=\"{}\"><w:r><w:t>結果</w:t></w:r></w:fldSimple></w:p>",
            instruction.replace('"', "&quot;")
        );
        let bytes = cleaned("a.docx", "a.docx", &document(&simple), kind);
        assert!(part(&bytes, word::MAIN).contains("<w:p><w:r><w:t>結果</w:t></w:r></w:p>"));
    }
    // An instruction built by another field could be anything.
    let nested = format!(
        "<w:p><w:r><w:fldChar w:fldCharType=\"begin\"/></w:r><w:r><w:instrText>PAGE</w:instrText></w:r>\
         <w:r><w:fldChar w:fldCharType=\"begin\"/></w:r><w:r><w:instrText>QUOTE 68 68 69 {EVIL}</w:instrText></w:r>\
         <w:r><w:fldChar w:fldCharType=\"end\"/></w:r><w:r><w:fldChar w:fldCharType=\"end\"/></w:r></w:p>{}",
        text("後")
    );
    let bytes = cleaned("a.docx", "a.docx", &document(&nested), RemovedKind::ActiveFields);
    assert!(!part(&bytes, word::MAIN).contains("fldChar"));
}

/// NF-32: embedded objects and controls leave a picture.
#[test]
fn objects_and_controls_leave_a_picture() {
    let body = format!(
        "<w:p><w:r><w:object><v:shape style=\"width:72pt;height:36pt\"/><o:OLEObject ProgID=\"{EVIL}\" r:id=\"oleObject1\"/></w:object></w:r></w:p>\
         <w:p><w:r><w:object><v:shape/><w:control r:id=\"control1\" w:name=\"{EVIL}\"/></w:object></w:r></w:p>"
    );
    let bytes = cleaned("a.docx", "a.docx", &document(&body), RemovedKind::OleObjects);
    assert_eq!(part(&bytes, word::MAIN).matches("<w:drawing>").count(), 2);
    cleaned("a.docx", "a.docx", &document(&body), RemovedKind::ActiveX);
}

/// NF-32: comments and their authors do not survive; neither does an HTML chunk.
#[test]
fn authors_of_comments_and_chunks_do_not_survive() {
    let comments = document("<w:p><w:commentRangeStart w:id=\"0\"/><w:r><w:t>本文</w:t></w:r><w:commentRangeEnd w:id=\"0\"/><w:r><w:commentReference w:id=\"0\"/></w:r></w:p>")
        .related(word::MAIN, "comments", "word/comments.xml")
        .with("word/comments.xml", format!("<w:comments {SPACES}><w:comment w:id=\"0\" w:author=\"{EVIL}\">{}</w:comment></w:comments>", text("意見")));
    cleaned("a.docx", "a.docx", &comments, RemovedKind::Properties);
    let chunk = document("<w:altChunk r:id=\"aFChunk1\"/><w:p/>")
        .related(word::MAIN, "aFChunk", "word/chunk.html")
        .typed("word/chunk.html", "text/html")
        .with("word/chunk.html", EVIL);
    cleaned("a.docx", "a.docx", &chunk, RemovedKind::EmbeddedHtml);
}

/// NF-32: data from elsewhere and links to other programs leave the workbook.
#[test]
fn connections_and_links_of_workbooks_do_not_survive() {
    for (kind, part, media, removed) in [
        (
            "connections",
            "xl/connections.xml",
            "application/vnd.openxmlformats-officedocument.spreadsheetml.connections+xml",
            RemovedKind::Connections,
        ),
        (
            "queryTable",
            "xl/queryTables/queryTable1.xml",
            "application/vnd.openxmlformats-officedocument.spreadsheetml.queryTable+xml",
            RemovedKind::Connections,
        ),
        ("xmlMaps", "xl/xmlMaps.xml", "application/xml", RemovedKind::Connections),
        ("pivotCacheDefinition", "xl/pivotCache/p.xml", "application/xml", RemovedKind::CustomData),
        (
            "ctrlProp",
            "xl/ctrlProps/ctrlProp1.xml",
            "application/vnd.ms-excel.controlproperties+xml",
            RemovedKind::ActiveX,
        ),
        (
            "revisionHeaders",
            "xl/revisions/revisionHeaders.xml",
            "application/xml",
            RemovedKind::HiddenRevisions,
        ),
    ] {
        let package = workbook("<sheetData/>", "")
            .related(sheets::MAIN, kind, part)
            .typed(part, media)
            .with(part, EVIL);
        cleaned("a.xlsx", "a.xlsx", &package, removed);
    }
    for (inner, removed) in
        [("externalBook", RemovedKind::ExternalReferences), ("ddeLink", RemovedKind::Dde)]
    {
        let part = "xl/externalLinks/externalLink1.xml";
        let package = workbook("<sheetData/>", "")
            .related(sheets::MAIN, "externalLink", part)
            .with(
                part,
                format!(
                    "<externalLink {}><{inner} ddeService=\"{EVIL}\"/></externalLink>",
                    sheets::S
                ),
            )
            .outside(part, "externalLinkPath", &format!("http://{EVIL}.example/"));
        cleaned("a.xlsx", "a.xlsx", &package, removed);
    }
}

/// NF-32: links, objects and macro buttons leave the sheet.
#[test]
fn links_objects_and_buttons_of_sheets_do_not_survive() {
    let links = workbook(
        &format!("<sheetData/><hyperlinks><hyperlink ref=\"A1\" r:id=\"hyperlink1\" tooltip=\"{EVIL}\"/><hyperlink ref=\"A2\" location=\"様式１!A9\"/></hyperlinks>"),
        "",
    )
    .outside(sheets::SHEET, "hyperlink", &format!("file:///{EVIL}"));
    let bytes = cleaned("a.xlsx", "a.xlsx", &links, RemovedKind::Links);
    assert!(
        part(&bytes, sheets::SHEET)
            .contains("<hyperlinks><hyperlink ref=\"A2\" location=\"様式１!A9\"/></hyperlinks>")
    );
    let button = workbook("<sheetData/><drawing r:id=\"drawing1\"/>", "")
        .related(sheets::SHEET, "drawing", "xl/drawings/drawing1.xml")
        .with("xl/drawings/drawing1.xml", format!(
            "<xdr:wsDr {SPACES}><xdr:absoluteAnchor><xdr:pos x=\"0\" y=\"0\"/><xdr:ext cx=\"1\" cy=\"1\"/>\
             <xdr:sp macro=\"{EVIL}\" textlink=\"\"><xdr:nvSpPr><xdr:cNvPr id=\"2\" name=\"押\"/><xdr:cNvSpPr/></xdr:nvSpPr><xdr:spPr/></xdr:sp><xdr:clientData/></xdr:absoluteAnchor></xdr:wsDr>"
        ));
    let bytes = cleaned("a.xlsx", "a.xlsx", &button, RemovedKind::MacroCalls);
    assert!(part(&bytes, "xl/drawings/drawing1.xml").contains("name=\"押\""));
    let objects = workbook(
        &format!(
            "<sheetData/><oleObjects><oleObject progId=\"{EVIL}\" shapeId=\"1\" r:id=\"oleObject1\"/></oleObjects>"
        ),
        "",
    );
    cleaned("a.xlsx", "a.xlsx", &objects, RemovedKind::OleObjects);
}

/// NF-32: entities are not resolved; a part that has them is not read at all.
#[test]
fn document_types_are_held() {
    let bomb = "<!DOCTYPE w:document [<!ENTITY a \"aaaa\"><!ENTITY b \"&a;&a;&a;&a;\">]>";
    let package = Package::new(word::MAIN, word::MEDIA)
        .with(word::MAIN, format!("{bomb}<w:document {SPACES}><w:body><w:p><w:r><w:t>&b;</w:t></w:r></w:p></w:body></w:document>"));
    Desk::new().sends("a.docx", &package.bytes()).is_held_with(HoldReason::Broken);
}

/// NF-32: containers that could be read in two ways are held.
#[test]
fn containers_with_two_meanings_are_held() {
    let twice = document(&text("一")).with("WORD/Document.xml", "<x/>");
    Desk::new().sends("a.docx", &twice.bytes()).is_held_with(HoldReason::Broken);
    let mut encrypted = document(&text("一")).bytes();
    // The flags of the last central header say more than those in front of the data.
    let end = encrypted.windows(4).rposition(|it| it == b"PK\x01\x02").expect("a directory");
    encrypted[end + 8] |= 1;
    Desk::new().sends("a.docx", &encrypted).is_held_with(HoldReason::Broken);
}

/// NF-32: a part that packs a thousand times is a bomb.
#[test]
fn bombs_are_held() {
    let blank = " ".repeat(64 << 20);
    let package = document(&text("一")).with("word/styles.xml", blank).related(
        word::MAIN,
        "styles",
        "word/styles.xml",
    );
    Desk::new().sends("a.docx", &package.bytes()).is_held_with(HoldReason::TooComplex);
}

/// Links to web pages and mailboxes stay when the policy keeps them; others never do.
#[test]
fn web_links_stay_when_the_policy_keeps_them() {
    let link = |id: &str| {
        format!("<w:p><w:hyperlink r:id=\"{id}\"><w:r><w:t>案内</w:t></w:r></w:hyperlink></w:p>")
    };
    let letter = document(&(link("hyperlink1") + &link("hyperlink2")))
        .outside(word::MAIN, "hyperlink", "https://city.example/?a=1&amp;b=2")
        .outside(word::MAIN, "hyperlink", "file:///c:/evil.exe");
    let mut desk = Desk::new();
    let without = desk.sends("a.docx", &letter.bytes()).becomes("a.docx");
    assert!(!part(&without.bytes, word::MAIN).contains("hyperlink "));
    assert_eq!(removed(&without, RemovedKind::Links), 2);
    desk.rebuilder.policy.links = Links::KeepWeb;
    let with = desk.sends("a.docx", &letter.bytes()).becomes("a.docx");
    assert_eq!(part(&with.bytes, word::MAIN).matches("<w:hyperlink r:id=").count(), 1);
    let references = part(&with.bytes, "word/_rels/document.xml.rels");
    assert!(
        references.contains("Target=\"https://city.example/?a=1&amp;b=2\" TargetMode=\"External\"")
    );
    assert!(!references.contains("evil"));
    assert_eq!(removed(&with, RemovedKind::Links), 1);
}

/// The same on sheets and slides.
#[test]
fn web_links_of_sheets_and_slides_stay_when_the_policy_keeps_them() {
    let book = workbook(
        "<sheetData/><hyperlinks><hyperlink ref=\"A1\" r:id=\"hyperlink1\"/></hyperlinks>",
        "",
    )
    .outside(sheets::SHEET, "hyperlink", "mailto:a@city.example");
    let click = "<p:sp><p:nvSpPr><p:cNvPr id=\"2\" name=\"\"><a:hlinkClick r:id=\"hyperlink2\"/></p:cNvPr><p:cNvSpPr/><p:nvPr/></p:nvSpPr><p:spPr/></p:sp>";
    let slides = deck(click, "").outside(slides::SLIDE, "hyperlink", "http://city.example/");
    let mut desk = Desk::new();
    for (name, file, place, mark) in [
        ("a.xlsx", &book, sheets::SHEET, "<hyperlink ref=\"A1\" r:id="),
        ("a.pptx", &slides, slides::SLIDE, "<a:hlinkClick r:id="),
    ] {
        desk.rebuilder.policy.links = Links::Remove;
        let without = desk.sends(name, &file.bytes()).becomes(name);
        assert!(!part(&without.bytes, place).contains("link"), "{name}");
        assert_eq!(removed(&without, RemovedKind::Links), 1, "{name}");
        desk.rebuilder.policy.links = Links::KeepWeb;
        let with = desk.sends(name, &file.bytes()).becomes(name);
        assert!(part(&with.bytes, place).contains(mark), "{name}");
        assert_eq!(removed(&with, RemovedKind::Links), 0, "{name}");
    }
}
