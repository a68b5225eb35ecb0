//! Word documents: what people wrote comes back.

use sanitizer_intermediate::{ChangedKind, RemovedKind};

use super::package::{Package, SPACES, part, raw_part};
use crate::desk::{Desk, changed, removed};
use crate::pictures::{colours, gradient, png};

pub(crate) const MAIN: &str = "word/document.xml";
pub(crate) const MEDIA: &str =
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml";

/// A document with this body.
pub(crate) fn document(body: &str) -> Package {
    Package::new(MAIN, MEDIA)
        .with(MAIN, format!("<w:document {SPACES}><w:body>{body}<w:sectPr/></w:body></w:document>"))
}

/// The body of what a document becomes, with the namespaces left out.
#[track_caller]
pub(crate) fn body(package: &Package) -> String {
    let rebuilt = Desk::new().sends("書類.docx", &package.bytes()).becomes("書類.docx");
    inner(&part(&rebuilt.bytes, MAIN))
}

fn inner(document: &str) -> String {
    let start = document.find("<w:body>").expect("a body") + "<w:body>".len();
    let end = document.find("<w:sectPr").expect("a section");
    document[start..end].to_owned()
}

#[test]
fn paragraphs_runs_and_tables_come_back_as_they_were() {
    let written = "<w:p><w:pPr><w:pStyle w:val=\"1\"/><w:numPr><w:ilvl w:val=\"0\"/><w:numId w:val=\"3\"/></w:numPr>\
        <w:ind w:left=\"420\" w:firstLineChars=\"100\"/><w:jc w:val=\"both\"/></w:pPr>\
        <w:r><w:rPr><w:rFonts w:eastAsia=\"ＭＳ 明朝\" w:hint=\"eastAsia\"/><w:b/><w:sz w:val=\"21\"/></w:rPr>\
        <w:t>申請者</w:t><w:tab/><w:t xml:space=\"preserve\"> 山田　太郎 &lt;印&gt;</w:t><w:br w:type=\"page\"/></w:r></w:p>\
        <w:tbl><w:tblPr><w:tblW w:w=\"5000\" w:type=\"pct\"/><w:tblBorders><w:top w:val=\"single\" w:sz=\"4\"/></w:tblBorders></w:tblPr>\
        <w:tblGrid><w:gridCol w:w=\"2000\"/><w:gridCol w:w=\"3000\"/></w:tblGrid>\
        <w:tr><w:tc><w:tcPr><w:gridSpan w:val=\"2\"/><w:vMerge w:val=\"restart\"/></w:tcPr><w:p/></w:tc></w:tr></w:tbl>";
    let expected = written.replace(
        "w:eastAsia=\"ＭＳ 明朝\" w:hint=\"eastAsia\"",
        "w:hint=\"eastAsia\" w:eastAsia=\"ＭＳ 明朝\"",
    );
    assert_eq!(body(&document(written)), expected);
}

#[test]
fn ruby_and_equations_come_back() {
    let written = "<w:p><w:r><w:ruby><w:rubyPr><w:hps w:val=\"10\"/><w:lid w:val=\"ja-JP\"/></w:rubyPr>\
        <w:rt><w:r><w:t>みらい</w:t></w:r></w:rt><w:rubyBase><w:r><w:t>未来</w:t></w:r></w:rubyBase></w:ruby></w:r></w:p>";
    assert_eq!(body(&document(written)), written);
    let equation = format!(
        "<w:p><m:oMath xmlns:m=\"{}\"><m:f><m:num><m:r><m:t>1</m:t></m:r></m:num><m:den><m:r><m:t>x</m:t></m:r></m:den></m:f></m:oMath></w:p>",
        "http://schemas.openxmlformats.org/officeDocument/2006/math"
    );
    assert!(body(&document(&equation)).contains("<m:num><m:r><m:t>1</m:t></m:r></m:num>"));
}

/// Page numbers stay alive; the instruction may be split over runs.
#[test]
fn page_numbers_stay_alive() {
    let written = "<w:p><w:r><w:fldChar w:fldCharType=\"begin\"/></w:r><w:r><w:instrText> PA</w:instrText></w:r>\
        <w:r><w:instrText>GE \\* MERGEFORMAT </w:instrText></w:r><w:r><w:fldChar w:fldCharType=\"separate\"/></w:r>\
        <w:r><w:t>1</w:t></w:r><w:r><w:fldChar w:fldCharType=\"end\"/></w:r></w:p>";
    let kept = body(&document(written));
    assert!(kept.contains("> PAGE \\* MERGEFORMAT </w:instrText>"), "{kept}");
    assert_eq!(kept.matches("fldChar ").count(), 3, "{kept}");
}

/// Fields of paper forms stay, without the macros that run on entry and exit.
#[test]
fn form_fields_stay_without_their_macros() {
    let written = "<w:p><w:r><w:fldChar w:fldCharType=\"begin\"><w:ffData><w:name w:val=\"同意\"/><w:enabled/>\
        <w:entryMacro w:val=\"Evil\"/><w:exitMacro w:val=\"Evil\"/><w:checkBox><w:sizeAuto/><w:default w:val=\"1\"/></w:checkBox></w:ffData></w:fldChar></w:r>\
        <w:r><w:instrText>FORMCHECKBOX</w:instrText></w:r><w:r><w:fldChar w:fldCharType=\"end\"/></w:r></w:p>";
    let kept = body(&document(written));
    assert!(
        kept.contains("<w:checkBox><w:sizeAuto/><w:default w:val=\"1\"/></w:checkBox>"),
        "{kept}"
    );
    assert!(!kept.contains("Evil"), "{kept}");
}

#[test]
fn headers_footnotes_and_styles_come_back() {
    let package = Package::new(MAIN, MEDIA)
        .with(MAIN, format!(
            "<w:document {SPACES}><w:body><w:p><w:r><w:footnoteReference w:id=\"2\"/></w:r></w:p>\
             <w:sectPr><w:headerReference w:type=\"default\" r:id=\"header1\"/><w:pgSz w:w=\"11906\" w:h=\"16838\"/>\
             <w:cols w:num=\"2\" w:space=\"425\"/></w:sectPr></w:body></w:document>"
        ))
        .related(MAIN, "header", "word/header1.xml")
        .with("word/header1.xml", format!("<w:hdr {SPACES}><w:p><w:r><w:t>みらい市</w:t></w:r></w:p></w:hdr>"))
        .related(MAIN, "footnotes", "word/footnotes.xml")
        .with("word/footnotes.xml", format!("<w:footnotes {SPACES}><w:footnote w:id=\"2\"><w:p><w:r><w:t>注</w:t></w:r></w:p></w:footnote></w:footnotes>"))
        .related(MAIN, "styles", "word/styles.xml")
        .with("word/styles.xml", format!("<w:styles {SPACES}><w:style w:type=\"paragraph\" w:styleId=\"1\"><w:name w:val=\"heading 1\"/><w:rPr><w:b/></w:rPr></w:style></w:styles>"));
    let rebuilt = Desk::new().sends("a.docx", &package.bytes()).becomes("a.docx").bytes;
    assert!(
        part(&rebuilt, MAIN)
            .contains("<w:pgSz w:w=\"11906\" w:h=\"16838\"/><w:cols w:space=\"425\" w:num=\"2\"/>")
    );
    assert!(part(&rebuilt, "word/header1.xml").contains("みらい市"));
    assert!(
        part(&rebuilt, "word/footnotes.xml").contains("<w:footnote w:id=\"2\"><w:p><w:r><w:t>注")
    );
    assert!(
        part(&rebuilt, "word/styles.xml").contains("<w:name w:val=\"heading 1\"/><w:rPr><w:b/>")
    );
}

/// NF-32: a picture is decoded and encoded anew; its file does not survive.
#[test]
fn pictures_are_encoded_anew() {
    let bytes = png(&gradient(4), 16, 16);
    let package = document(&picture("image1"))
        .related(MAIN, "image", "word/media/a.png")
        .with("word/media/a.png", &bytes);
    let rebuilt = Desk::new().sends("a.docx", &package.bytes()).becomes("a.docx").bytes;
    let written = raw_part(&rebuilt, "word/media/image1.png");
    assert_eq!(colours(&written), gradient(4));
    assert!(part(&rebuilt, MAIN).contains("<wp:extent cx=\"914400\" cy=\"914400\"/>"));
}

/// A picture in line with the text, by the id of its part.
pub(crate) fn picture(id: &str) -> String {
    format!(
        "<w:p><w:r><w:drawing><wp:inline><wp:extent cx=\"914400\" cy=\"914400\"/><wp:docPr id=\"1\" name=\"図\" descr=\"地図\"/>\
         <a:graphic><a:graphicData uri=\"http://schemas.openxmlformats.org/drawingml/2006/picture\"><pic:pic>\
         <pic:nvPicPr><pic:cNvPr id=\"1\" name=\"a\"/><pic:cNvPicPr/></pic:nvPicPr>\
         <pic:blipFill><a:blip r:embed=\"{id}\"/><a:stretch><a:fillRect/></a:stretch></pic:blipFill>\
         <pic:spPr><a:prstGeom prst=\"rect\"><a:avLst/></a:prstGeom></pic:spPr></pic:pic></a:graphicData></a:graphic>\
         </wp:inline></w:drawing></w:r></w:p>"
    )
}

/// Text boxes keep their text, in the form for today's programs and beside it.
#[test]
fn text_boxes_come_back() {
    let written = "<w:p><w:r><mc:AlternateContent><mc:Choice Requires=\"wps\"><w:drawing><wp:inline>\
        <wp:extent cx=\"127000\" cy=\"254000\"/><wp:docPr id=\"7\" name=\"箱\"/><a:graphic>\
        <a:graphicData uri=\"http://schemas.microsoft.com/office/word/2010/wordprocessingShape\"><wps:wsp><wps:cNvSpPr/>\
        <wps:spPr/><wps:txbx><w:txbxContent><w:p><w:r><w:t>受付印</w:t></w:r></w:p></w:txbxContent></wps:txbx><wps:bodyPr/></wps:wsp>\
        </a:graphicData></a:graphic></wp:inline></w:drawing></mc:Choice><mc:Fallback><w:pict><v:rect><v:textbox><w:txbxContent>\
        <w:p><w:r><w:t>受付印</w:t></w:r></w:p></w:txbxContent></v:textbox></v:rect></w:pict></mc:Fallback></mc:AlternateContent></w:r></w:p>";
    let kept = body(&document(written));
    assert_eq!(kept.matches("受付印").count(), 2, "{kept}");
    assert!(kept.contains("<mc:Choice Requires=\"wps\">"), "{kept}");
    assert!(kept.contains("style=\"width:10pt;height:20pt\""), "{kept}");
}

#[test]
fn old_text_boxes_and_pictures_become_drawings_of_today() {
    let bytes = png(&gradient(4), 16, 16);
    let package = document(
        "<w:p><w:r><w:pict><v:shape style=\"position:absolute;margin-left:72pt;margin-top:1cm;width:144pt;height:36pt\" fillcolor=\"#ff0\">\
         <v:textbox><w:txbxContent><w:p><w:r><w:t>押印欄</w:t></w:r></w:p></w:txbxContent></v:textbox></v:shape></w:pict></w:r>\
         <w:r><w:pict><v:shape style=\"width:10pt;height:10pt\"><v:imagedata r:id=\"image1\"/></v:shape></w:pict></w:r></w:p>",
    )
    .related(MAIN, "image", "word/media/a.png")
    .with("word/media/a.png", bytes);
    let kept = body(&package);
    assert!(kept.contains("<wp:posOffset>914400</wp:posOffset>"), "{kept}");
    assert!(kept.contains("<wp:posOffset>360000</wp:posOffset>"), "{kept}");
    assert!(kept.contains("FFFF00"), "{kept}");
    assert!(kept.contains("押印欄"), "{kept}");
    assert!(kept.contains("<wp:inline><wp:extent cx=\"127000\" cy=\"127000\"/>"), "{kept}");
    assert!(!kept.contains("v:shape"), "{kept}");
}

/// NF-32: no hidden revision survives: insertions are text, deletions are gone.
#[test]
fn tracked_changes_are_accepted_as_shown() {
    let package = document(
        "<w:p><w:ins w:id=\"1\" w:author=\"佐藤\"><w:r><w:t>新</w:t></w:r></w:ins>\
         <w:del w:id=\"2\" w:author=\"佐藤\"><w:r><w:delText>旧</w:delText></w:r></w:del></w:p>",
    );
    let rebuilt = Desk::new().sends("a.docx", &package.bytes()).becomes("a.docx");
    let text = part(&rebuilt.bytes, MAIN);
    assert!(
        text.contains("<w:t>新</w:t>") && !text.contains('旧') && !text.contains("佐藤"),
        "{text}"
    );
    assert_eq!(changed(&rebuilt, ChangedKind::RevisionsAccepted), 2);
}

/// NF-32: the visible text of a link stays, its address does not.
#[test]
fn links_keep_their_text_alone() {
    let package = document(
        "<w:p><w:hyperlink r:id=\"hyperlink1\"><w:r><w:t>市の案内</w:t></w:r></w:hyperlink>\
        <w:hyperlink w:anchor=\"_Toc1\"><w:r><w:t>目次</w:t></w:r></w:hyperlink></w:p>",
    )
    .outside(MAIN, "hyperlink", "http://evil.example/");
    let rebuilt = Desk::new().sends("a.docx", &package.bytes()).becomes("a.docx");
    let kept = inner(&part(&rebuilt.bytes, MAIN));
    assert_eq!(
        kept,
        "<w:p><w:r><w:t>市の案内</w:t></w:r><w:hyperlink w:anchor=\"_Toc1\"><w:r><w:t>目次</w:t></w:r></w:hyperlink></w:p>"
    );
    assert_eq!(removed(&rebuilt, RemovedKind::Links), 1);
}

/// NF-32: remarks beside the text stay with the words they are about; who made them does not.
#[test]
fn comments_stay_with_their_words() {
    let body = "<w:p><w:commentRangeStart w:id=\"3\"/><w:r><w:t>金額</w:t></w:r><w:commentRangeEnd w:id=\"3\"/>\
        <w:r><w:rPr><w:b/></w:rPr><w:commentReference w:id=\"3\"/></w:r>\
        <w:commentRangeStart w:id=\"9\"/><w:r><w:commentReference w:id=\"9\"/></w:r></w:p>";
    let remark = "<w:comment w:id=\"3\" w:author=\"山田\" w:initials=\"山\" w:date=\"2026-01-01T00:00:00Z\">\
        <w:p><w:r><w:annotationRef/></w:r><w:r><w:t>税込みですか</w:t></w:r></w:p></w:comment>";
    let file = document(body)
        .related(MAIN, "comments", "word/comments.xml")
        .with("word/comments.xml", format!("<w:comments {SPACES}>{remark}</w:comments>"));
    let rebuilt = Desk::new().sends("a.docx", &file.bytes()).becomes("a.docx");
    let comments = part(&rebuilt.bytes, "word/comments.xml");
    assert!(comments.contains("<w:comment w:id=\"3\" w:author=\"\">"), "{comments}");
    assert!(comments.contains("税込みですか") && !comments.contains('山'), "{comments}");
    let text = part(&rebuilt.bytes, MAIN);
    assert!(
        text.contains("<w:commentRangeStart w:id=\"3\"/>")
            && text.contains("<w:commentReference w:id=\"3\"/>"),
        "{text}"
    );
    assert!(!text.contains("w:id=\"9\""), "a remark that is not there is not referred to: {text}");
    assert_eq!(removed(&rebuilt, RemovedKind::Comments), 0);
}
