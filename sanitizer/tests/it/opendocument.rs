//! OpenDocument files of a few elements, made here.

use std::io::{Cursor, Write as _};

use sanitizer_intermediate::{ChangedKind, HoldReason, RemovedKind};

use crate::chance::Chance;
use crate::desk::{Desk, changed, contains, removed};
use crate::office::package::{everything, part};
use crate::pictures::{gradient, png};

const SPACES: &str = "xmlns:office=\"urn:oasis:names:tc:opendocument:xmlns:office:1.0\" \
    xmlns:text=\"urn:oasis:names:tc:opendocument:xmlns:text:1.0\" \
    xmlns:table=\"urn:oasis:names:tc:opendocument:xmlns:table:1.0\" \
    xmlns:draw=\"urn:oasis:names:tc:opendocument:xmlns:drawing:1.0\" \
    xmlns:style=\"urn:oasis:names:tc:opendocument:xmlns:style:1.0\" \
    xmlns:fo=\"urn:oasis:names:tc:opendocument:xmlns:xsl-fo-compatible:1.0\" \
    xmlns:svg=\"urn:oasis:names:tc:opendocument:xmlns:svg-compatible:1.0\" \
    xmlns:presentation=\"urn:oasis:names:tc:opendocument:xmlns:presentation:1.0\" \
    xmlns:xlink=\"http://www.w3.org/1999/xlink\"";

fn file(kind: &str, styles: &str, body: &str, parts: &[(&str, &[u8])]) -> Vec<u8> {
    let content = format!(
        "<office:document-content {SPACES}><office:automatic-styles>{styles}</office:automatic-styles>\
         <office:body><office:{kind}>{body}</office:{kind}></office:body></office:document-content>"
    );
    let mimetype = format!("application/vnd.oasis.opendocument.{kind}");
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    let mut put = |name: &str, bytes: &[u8]| {
        zip.start_file(name, zip::write::SimpleFileOptions::default()).expect("a member");
        zip.write_all(bytes).expect("a member");
    };
    put("mimetype", mimetype.as_bytes());
    put("content.xml", content.as_bytes());
    parts.iter().for_each(|(name, bytes)| put(name, bytes));
    zip.finish().expect("an archive").into_inner()
}

/// NF-32: a text becomes a Word document, with what its styles say.
#[test]
fn a_text_becomes_a_word_document() {
    let styles = "<style:style style:name=\"T1\" style:family=\"text\">\
        <style:text-properties fo:font-weight=\"bold\" fo:color=\"#ff0000\"/></style:style>";
    let body = "<text:h text:outline-level=\"2\">見出し</text:h>\
        <text:p>普通の<text:span text:style-name=\"T1\">太字</text:span><text:tab/>後<text:s text:c=\"2\"/>端\
        <text:note><text:note-body><text:p>脚注</text:p></text:note-body></text:note></text:p>\
        <text:list><text:list-item><text:p>箇条</text:p></text:list-item></text:list>\
        <table:table><table:table-row><table:table-cell table:number-columns-spanned=\"2\"><text:p>左</text:p></table:table-cell>\
        <table:covered-table-cell/></table:table-row></table:table>\
        <text:p><draw:frame svg:width=\"2cm\" svg:height=\"1cm\"><draw:image xlink:href=\"Pictures/a.png\"/></draw:frame></text:p>";
    let picture = png(&gradient(1), 16, 16);
    let file = file("text", styles, body, &[("Pictures/a.png", &picture)]);
    let rebuilt = Desk::new().sends("文書.odt", &file).becomes("文書.docx");
    let document = part(&rebuilt.bytes, "word/document.xml");
    for text in ["見出し", "普通の", "太字", "後  端", "箇条", "左"] {
        assert!(document.contains(text), "{text}: {document}");
    }
    assert!(document.contains("Heading2") && document.contains("FF0000"), "{document}");
    assert!(document.contains("<w:gridSpan w:val=\"2\"/>"), "{document}");
    assert!(document.contains("cx=\"720000\" cy=\"360000\""), "{document}");
    assert!(part(&rebuilt.bytes, "word/footnotes.xml").contains("脚注"));
    assert_eq!(changed(&rebuilt, ChangedKind::TypeChanged), 1);
}

/// NF-32: numbered lists keep how they count, each from its start.
#[test]
fn lists_keep_how_they_count() {
    let styles = "<text:list-style style:name=\"L1\"><text:list-level-style-number text:level=\"1\" style:num-format=\"①, ②, ③, ...\"/>\
        <text:list-level-style-number text:level=\"2\" style:num-format=\"a\" style:num-prefix=\"(\" style:num-suffix=\")\" text:start-value=\"3\"/></text:list-style>";
    let list = |more: &str, text: &str| {
        format!(
            "<text:list text:style-name=\"L1\"{more}><text:list-item><text:p>{text}</text:p></text:list-item></text:list>"
        )
    };
    let inner = "<text:list text:style-name=\"L1\"><text:list-item><text:list><text:list-item><text:p>内</text:p></text:list-item></text:list></text:list-item></text:list>";
    let body = list("", "一")
        + "<text:p>間</text:p>"
        + &list("", "二")
        + &list(" text:continue-numbering=\"true\"", "三")
        + inner;
    let rebuilt =
        Desk::new().sends("手順.odt", &file("text", styles, &body, &[])).becomes("手順.docx");
    let document = part(&rebuilt.bytes, "word/document.xml");
    let numbers: Vec<&str> =
        document.split("<w:numId w:val=\"").skip(1).map(|it| &it[..1]).collect();
    assert_eq!(numbers, ["2", "3", "3", "4"], "{document}");
    let numbering = part(&rebuilt.bytes, "word/numbering.xml");
    let outer = "<w:numFmt w:val=\"decimalEnclosedCircle\"/><w:lvlText w:val=\"%1\"/>";
    let inner =
        "<w:start w:val=\"3\"/><w:numFmt w:val=\"lowerLetter\"/><w:lvlText w:val=\"(%2)\"/>";
    assert!(numbering.contains(outer) && numbering.contains(inner), "{numbering}");
}

/// NF-32: a workbook keeps values, formulas that compute, and formats.
#[test]
fn a_workbook_becomes_an_excel_workbook() {
    let body = "<table:table table:name=\"集計\">\
        <table:table-row><table:table-cell office:value-type=\"string\"><text:p>品名</text:p></table:table-cell>\
        <table:table-cell office:value-type=\"float\" office:value=\"12.5\" table:number-columns-repeated=\"2\"/></table:table-row>\
        <table:table-row table:number-rows-repeated=\"2\"><table:table-cell office:value-type=\"date\" office:date-value=\"2024-02-29\"/>\
        <table:table-cell table:formula=\"of:=SUM([.B1:.C1];1)\" office:value-type=\"float\" office:value=\"26\"/>\
        <table:table-cell table:formula=\"of:=WEBSERVICE(&quot;http://example.com&quot;)\" office:value-type=\"float\" office:value=\"7\"/></table:table-row>\
        <table:table-row table:number-rows-repeated=\"1048570\"><table:table-cell table:number-columns-repeated=\"16384\"/></table:table-row>\
        </table:table>";
    let rebuilt =
        Desk::new().sends("集計.ods", &file("spreadsheet", "", body, &[])).becomes("集計.xlsx");
    let sheet = part(&rebuilt.bytes, "xl/worksheets/sheet1.xml");
    assert_eq!(sheet.matches("<v>12.5</v>").count(), 2, "{sheet}");
    assert_eq!(sheet.matches("<v>45351</v>").count(), 2, "{sheet}");
    assert_eq!(sheet.matches("SUM(B1:C1,1)").count(), 2, "{sheet}");
    assert!(sheet.contains("<v>7</v>") && !sheet.contains("WEBSERVICE"), "{sheet}");
    assert!(part(&rebuilt.bytes, "xl/styles.xml").contains("yyyy/mm/dd"));
    assert_eq!(changed(&rebuilt, ChangedKind::FormulasToValues), 1);
}

/// NF-32: a presentation keeps its slides, texts, places and notes.
#[test]
fn a_presentation_becomes_a_powerpoint_presentation() {
    let body = "<draw:page><draw:frame presentation:class=\"title\" svg:x=\"1cm\" svg:y=\"2cm\" svg:width=\"3cm\" svg:height=\"4cm\">\
        <draw:text-box><text:p>題名</text:p></draw:text-box></draw:frame>\
        <draw:custom-shape><text:p>図形の文字</text:p></draw:custom-shape>\
        <presentation:notes><draw:frame presentation:class=\"notes\"><draw:text-box><text:p>覚え書き</text:p></draw:text-box></draw:frame></presentation:notes>\
        </draw:page><draw:page/>";
    let rebuilt =
        Desk::new().sends("説明.odp", &file("presentation", "", body, &[])).becomes("説明.pptx");
    let slide = part(&rebuilt.bytes, "ppt/slides/slide1.xml");
    assert!(slide.contains("題名") && slide.contains("図形の文字"), "{slide}");
    assert!(slide.contains("<a:off x=\"360000\" y=\"720000\"/>"), "{slide}");
    assert!(part(&rebuilt.bytes, "ppt/notesSlides/notesSlide1.xml").contains("覚え書き"));
    part(&rebuilt.bytes, "ppt/slides/slide2.xml");
}

/// NF-32: scripts, events, links and pictures from elsewhere stay behind, and are told.
#[test]
fn what_is_active_stays_behind() {
    let body = "<text:p><text:a xlink:href=\"file:///etc/passwd\">表示</text:a>\
        <draw:frame><draw:image xlink:href=\"http://example.com/a.png\"/></draw:frame>\
        <office:event-listeners><script:event-listener xmlns:script=\"s\" xlink:href=\"vnd.sun.star.script:x\"/></office:event-listeners>\
        <office:annotation><dc:creator xmlns:dc=\"d\">内緒</dc:creator><text:p>意見</text:p></office:annotation></text:p>";
    let file = file("text", "", body, &[("Basic/Standard/Module1.xml", b"<x>AutoExec</x>")]);
    let rebuilt = Desk::new().sends("文書.odt", &file).becomes("文書.docx");
    let everything = everything(&rebuilt.bytes);
    for active in ["passwd", "example.com", "AutoExec", "vnd.sun.star", "内緒"] {
        assert!(!contains(&everything, active.as_bytes()), "{active}");
    }
    assert!(contains(&everything, "表示".as_bytes()));
    for kind in [
        RemovedKind::Links,
        RemovedKind::ExternalReferences,
        RemovedKind::Actions,
        RemovedKind::Macros,
    ] {
        assert_eq!(removed(&rebuilt, kind), 1, "{}", kind.code());
    }
}

/// NF-32: what people wrote beside the text, about a cell and about a slide stays; who and when does not.
#[test]
fn remarks_stay_with_their_words() {
    let desk = Desk::new();
    let about = "<dc:creator xmlns:dc=\"http://purl.org/dc/elements/1.1/\">山田</dc:creator>\
        <dc:date xmlns:dc=\"http://purl.org/dc/elements/1.1/\">2026-01-01T00:00:00</dc:date>";
    let remark = |place: &str| {
        format!(
            "<office:annotation {place}>{about}<text:p>税込み<text:s/>です</text:p>\
             <text:list><text:list-item><text:p>か</text:p></text:list-item></text:list></office:annotation>"
        )
    };
    let body = format!("<text:p>金額{}は</text:p>", remark(""));
    let rebuilt = desk.sends("a.odt", &file("text", "", &body, &[])).becomes("a.docx");
    let text = part(&rebuilt.bytes, "word/document.xml");
    assert!(
        text.contains(">金額</w:t></w:r><w:r><w:commentReference w:id=\"0\"/></w:r>"),
        "{text}"
    );
    let comments = part(&rebuilt.bytes, "word/comments.xml");
    assert!(comments.contains("<w:comment w:id=\"0\" w:author=\"\">"), "{comments}");
    assert!(comments.contains("税込み です") && comments.contains(">か<"), "{comments}");
    assert_eq!(removed(&rebuilt, RemovedKind::Comments), 0);

    let body = format!(
        "<table:table table:name=\"表\"><table:table-row><table:table-cell/><table:table-cell office:value-type=\"string\">{}\
         <text:p>千円</text:p></table:table-cell></table:table-row></table:table>",
        remark("")
    );
    let book = desk.sends("a.ods", &file("spreadsheet", "", &body, &[])).becomes("a.xlsx");
    let notes = part(&book.bytes, "xl/comments1.xml");
    assert!(notes.contains("<comment ref=\"B1\" authorId=\"0\">"), "{notes}");
    assert!(notes.contains("税込み です\nか</t>"), "{notes}");

    let place = "svg:x=\"2.54cm\" svg:y=\"1.27cm\"";
    let body = format!("<draw:page/><draw:page>{}</draw:page>", remark(place));
    let deck = desk.sends("a.odp", &file("presentation", "", &body, &[])).becomes("a.pptx");
    let remarks = part(&deck.bytes, "ppt/comments/comment2.xml");
    let said = "<p:cm authorId=\"0\" idx=\"1\"><p:pos x=\"576\" y=\"288\"/><p:text>税込み です\nか</p:text></p:cm>";
    assert!(remarks.contains(said), "{remarks}");
    for result in [rebuilt, book, deck] {
        let everything = everything(&result.bytes);
        assert!(!contains(&everything, "山田".as_bytes()) && !contains(&everything, b"2026-01"));
    }
}

/// NF-32: a file that needs a password, entities and floods end with a reason.
#[test]
fn hostile_files_are_held() {
    let mut desk = Desk::new();
    let manifest = b"<manifest:manifest><manifest:encryption-data/></manifest:manifest>";
    let locked = file("text", "", "<text:p/>", &[("META-INF/manifest.xml", manifest)]);
    desk.sends("a.odt", &locked).is_held_with(HoldReason::Encrypted);
    desk.sends("a.odt", &file("text", "", "<text:p>&x;</text:p>", &[]))
        .is_held_with(HoldReason::Broken);
    let deep = "<text:section>".repeat(50) + &"</text:section>".repeat(50);
    desk.sends("a.odt", &file("text", "", &deep, &[])).is_held_with(HoldReason::TooComplex);
    desk.sends("a.odg", &file("drawing", "", "", &[])).is_held_with(HoldReason::Unsupported);
    desk.rebuilder.runner.limits.cells = 1_000;
    let flood = "<table:table><table:table-row table:number-rows-repeated=\"1000000\"><table:table-cell \
        table:number-columns-repeated=\"16000\" office:value-type=\"float\" office:value=\"1\"/></table:table-row></table:table>";
    desk.sends("a.ods", &file("spreadsheet", "", flood, &[])).is_held_with(HoldReason::TooComplex);
}

/// NF-32: damaged files end with a document or a reason.
#[test]
fn damaged_files_end_with_a_reason() {
    let desk = Desk::new();
    let body = "<text:p>本文</text:p><table:table><table:table-row><table:table-cell><text:p>左</text:p></table:table-cell></table:table-row></table:table>";
    let whole = file("text", "", body, &[]);
    let mut chance = Chance::new(3);
    for _ in 0..60 {
        let mut bytes = whole.clone();
        let at = chance.below(bytes.len());
        bytes[at] = chance.byte();
        let sent = desk.sends("a.odt", &bytes);
        assert!(sent.0.diagnosis.is_none(), "{:?}", sent.0.diagnosis);
    }
}
