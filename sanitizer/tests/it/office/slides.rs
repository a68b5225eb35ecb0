//! PowerPoint presentations: shapes, text, tables and notes come back.

use sanitizer_intermediate::{ChangedKind, RemovedKind};

use super::package::{Package, SPACES, part, raw_part};
use crate::desk::{Desk, changed, removed};
use crate::pictures::{colours, gradient, png};

pub(crate) const MAIN: &str = "ppt/presentation.xml";
pub(crate) const SLIDE: &str = "ppt/slides/slide1.xml";
pub(crate) const MEDIA: &str =
    "application/vnd.openxmlformats-officedocument.presentationml.presentation.main+xml";
const MASTER: &str = "ppt/slideMasters/slideMaster1.xml";
const LAYOUT: &str = "ppt/slideLayouts/slideLayout1.xml";
const COLOURS: &str = "bg1=\"lt1\" tx1=\"dk1\" bg2=\"lt2\" tx2=\"dk2\" accent1=\"accent1\" accent2=\"accent2\" \
    accent3=\"accent3\" accent4=\"accent4\" accent5=\"accent5\" accent6=\"accent6\" hlink=\"hlink\" folHlink=\"folHlink\"";
const GROUP: &str =
    "<p:nvGrpSpPr><p:cNvPr id=\"1\" name=\"\"/><p:cNvGrpSpPr/><p:nvPr/></p:nvGrpSpPr><p:grpSpPr/>";

/// A presentation of one slide with these shapes; `after` follows them.
pub(crate) fn deck(shapes: &str, after: &str) -> Package {
    Package::new(MAIN, MEDIA)
        .with(MAIN, format!(
            "<p:presentation {SPACES}><p:sldMasterIdLst><p:sldMasterId id=\"2147483648\" r:id=\"slideMaster1\"/></p:sldMasterIdLst>\
             <p:notesMasterIdLst><p:notesMasterId r:id=\"notesMaster3\"/></p:notesMasterIdLst>\
             <p:sldIdLst><p:sldId id=\"256\" r:id=\"slide2\"/></p:sldIdLst><p:sldSz cx=\"9144000\" cy=\"6858000\"/><p:notesSz cx=\"6858000\" cy=\"9144000\"/></p:presentation>"
        ))
        .related(MAIN, "slideMaster", MASTER)
        .related(MAIN, "slide", SLIDE)
        .related(MAIN, "notesMaster", "ppt/notesMasters/notesMaster1.xml")
        .with(MASTER, format!(
            "<p:sldMaster {SPACES}><p:cSld><p:spTree>{GROUP}</p:spTree></p:cSld><p:clrMap {COLOURS}/>\
             <p:sldLayoutIdLst><p:sldLayoutId id=\"2147483649\" r:id=\"slideLayout1\"/></p:sldLayoutIdLst></p:sldMaster>"
        ))
        .related(MASTER, "slideLayout", LAYOUT)
        .related(MASTER, "theme", "ppt/theme/theme1.xml")
        .with("ppt/theme/theme1.xml", format!("<a:theme {SPACES} name=\"市\"/>"))
        .with(LAYOUT, format!("<p:sldLayout {SPACES} type=\"blank\"><p:cSld name=\"白紙\"><p:spTree>{GROUP}</p:spTree></p:cSld></p:sldLayout>"))
        .related(LAYOUT, "slideMaster", MASTER)
        .with("ppt/notesMasters/notesMaster1.xml", format!(
            "<p:notesMaster {SPACES}><p:cSld><p:spTree>{GROUP}</p:spTree></p:cSld><p:clrMap {COLOURS}/></p:notesMaster>"
        ))
        .with(SLIDE, format!("<p:sld {SPACES}><p:cSld><p:spTree>{GROUP}{shapes}</p:spTree></p:cSld>{after}</p:sld>"))
        .related(SLIDE, "slideLayout", LAYOUT)
}

/// The shapes of the slide a presentation becomes.
#[track_caller]
fn shapes(package: &Package) -> String {
    let rebuilt = Desk::new().sends("発表.pptx", &package.bytes()).becomes("発表.pptx").bytes;
    inner(&part(&rebuilt, SLIDE))
}

fn inner(slide: &str) -> String {
    let start = slide.find("<p:grpSpPr/>").expect("a tree") + "<p:grpSpPr/>".len();
    let end = slide.find("</p:spTree>").expect("a tree");
    slide[start..end].to_owned()
}

#[test]
fn shapes_text_and_placeholders_come_back() {
    let written = "<p:sp><p:nvSpPr><p:cNvPr id=\"2\" name=\"題\"/><p:cNvSpPr/><p:nvPr><p:ph type=\"title\"/></p:nvPr></p:nvSpPr>\
        <p:spPr><a:xfrm rot=\"5400000\"><a:off x=\"1\" y=\"2\"/><a:ext cx=\"3\" cy=\"4\"/></a:xfrm><a:prstGeom prst=\"roundRect\"><a:avLst><a:gd name=\"adj\" fmla=\"val 5000\"/></a:avLst></a:prstGeom>\
        <a:gradFill><a:gsLst><a:gs pos=\"0\"><a:schemeClr val=\"accent1\"><a:lumMod val=\"75000\"/></a:schemeClr></a:gs><a:gs pos=\"100000\"><a:srgbClr val=\"FFFFFF\"/></a:gs></a:gsLst></a:gradFill></p:spPr>\
        <p:txBody><a:bodyPr anchor=\"ctr\"/><a:p><a:pPr algn=\"ctr\"/><a:r><a:rPr lang=\"ja-JP\" sz=\"4400\" b=\"1\"/><a:t>市の計画</a:t></a:r><a:br/>\
        <a:fld id=\"{B5A4A2C1-0000-4000-8000-000000000001}\" type=\"slidenum\"><a:t>1</a:t></a:fld></a:p></p:txBody></p:sp>\
        <p:cxnSp><p:nvCxnSpPr><p:cNvPr id=\"3\" name=\"線\"/><p:cNvCxnSpPr/><p:nvPr/></p:nvCxnSpPr><p:spPr/></p:cxnSp>";
    assert_eq!(shapes(&deck(written, "")), written);
}

#[test]
fn tables_and_notes_come_back() {
    let written = "<p:graphicFrame><p:nvGraphicFramePr><p:cNvPr id=\"4\" name=\"表\"/><p:cNvGraphicFramePr/><p:nvPr/></p:nvGraphicFramePr>\
        <p:xfrm><a:off x=\"0\" y=\"0\"/><a:ext cx=\"10\" cy=\"10\"/></p:xfrm><a:graphic><a:graphicData uri=\"http://schemas.openxmlformats.org/drawingml/2006/table\">\
        <a:tbl><a:tblPr firstRow=\"1\"/><a:tblGrid><a:gridCol w=\"10\"/></a:tblGrid><a:tr h=\"10\"><a:tc gridSpan=\"1\"><a:txBody><a:bodyPr/><a:p><a:r><a:t>費用</a:t></a:r></a:p></a:txBody></a:tc></a:tr></a:tbl>\
        </a:graphicData></a:graphic></p:graphicFrame>";
    let package = deck(written, "")
        .related(SLIDE, "notesSlide", "ppt/notesSlides/notesSlide1.xml")
        .with("ppt/notesSlides/notesSlide1.xml", format!(
            "<p:notes {SPACES}><p:cSld><p:spTree>{GROUP}<p:sp><p:nvSpPr><p:cNvPr id=\"2\" name=\"\"/><p:cNvSpPr/><p:nvPr><p:ph type=\"body\"/></p:nvPr></p:nvSpPr><p:spPr/>\
             <p:txBody><a:bodyPr/><a:p><a:r><a:t>ここで質問を受ける</a:t></a:r></a:p></p:txBody></p:sp></p:spTree></p:cSld></p:notes>"
        ));
    assert_eq!(shapes(&package), written);
    let rebuilt = Desk::new().sends("a.pptx", &package.bytes()).becomes("a.pptx").bytes;
    assert!(part(&rebuilt, "ppt/notesSlides/notesSlide1.xml").contains("ここで質問を受ける"));
}

/// NF-32: what people wrote about a slide stays, in both forms PowerPoint has for it; who and when does not.
#[test]
fn remarks_stay_with_their_words() {
    let old = "<p:cm authorId=\"4\" dt=\"2026-01-01T00:00:00.000\" idx=\"9\"><p:pos x=\"10\" y=\"146\"/><p:text> 税込みですか\n&amp; </p:text>\
        <p:extLst><p:ext uri=\"{C676402C}\"/></p:extLst></p:cm>";
    let new = "<p188:cmLst xmlns:p188=\"http://schemas.microsoft.com/office/powerpoint/2018/8/main\" xmlns:a=\"http://schemas.openxmlformats.org/drawingml/2006/main\">\
        <p188:cm id=\"{1}\" authorId=\"{2}\" created=\"2026-01-02\"><p188:replyLst><p188:reply id=\"{3}\" authorId=\"{2}\"><p188:txBody><a:bodyPr/><a:p><a:r><a:t>はい</a:t></a:r></a:p></p188:txBody></p188:reply></p188:replyLst>\
        <p188:txBody><a:bodyPr/><a:p><a:r><a:t>期限は</a:t></a:r><a:r><a:t>いつ</a:t></a:r></a:p><a:p><a:r><a:t>ですか</a:t></a:r></a:p></p188:txBody></p188:cm></p188:cmLst>";
    let package = deck("", "")
        .related(SLIDE, "comments", "ppt/comments/comment7.xml")
        .with("ppt/comments/comment7.xml", format!("<p:cmLst {SPACES}>{old}</p:cmLst>"))
        .related(SLIDE, "comments", "ppt/comments/modernComment_1.xml")
        .with("ppt/comments/modernComment_1.xml", new)
        .related(MAIN, "commentAuthors", "ppt/commentAuthors.xml")
        .with("ppt/commentAuthors.xml", format!("<p:cmAuthorLst {SPACES}><p:cmAuthor id=\"4\" name=\"山田\" initials=\"山\" lastIdx=\"9\" clrIdx=\"0\"/></p:cmAuthorLst>"));
    let rebuilt = Desk::new().sends("a.pptx", &package.bytes()).becomes("a.pptx");
    let remarks = part(&rebuilt.bytes, "ppt/comments/comment1.xml");
    let first = "<p:cm authorId=\"0\" idx=\"1\"><p:pos x=\"10\" y=\"146\"/><p:text> 税込みですか\n&amp; </p:text></p:cm>";
    assert!(remarks.contains(first), "{remarks}");
    assert!(remarks.contains("<p:text>期限はいつ\nですか</p:text>"), "{remarks}");
    assert!(remarks.contains("<p:text>はい</p:text>"), "{remarks}");
    assert!(!remarks.contains("2026"), "{remarks}");
    let authors = part(&rebuilt.bytes, "ppt/commentAuthors.xml");
    assert!(
        authors.contains(
            "<p:cmAuthor id=\"0\" name=\"-\" initials=\"-\" lastIdx=\"3\" clrIdx=\"0\"/>"
        ),
        "{authors}"
    );
    assert_eq!(removed(&rebuilt, RemovedKind::Comments), 0);
}

/// NF-32: a click that runs a program, a macro or leads out does nothing any more.
#[test]
fn clicks_do_nothing_any_more() {
    for (action, kind) in [
        ("ppaction://program", RemovedKind::Actions),
        ("ppaction://macro?name=Evil", RemovedKind::MacroCalls),
        ("", RemovedKind::Links),
    ] {
        let written = format!(
            "<p:sp><p:nvSpPr><p:cNvPr id=\"2\" name=\"押す\"><a:hlinkClick r:id=\"hyperlink2\" action=\"{action}\"/></p:cNvPr><p:cNvSpPr/><p:nvPr/></p:nvSpPr><p:spPr/></p:sp>"
        );
        let package = deck(&written, "").outside(SLIDE, "hyperlink", "file:///c:/evil.exe");
        let rebuilt = Desk::new().sends("a.pptx", &package.bytes()).becomes("a.pptx");
        let text = part(&rebuilt.bytes, SLIDE);
        assert!(text.contains("<p:cNvPr id=\"2\" name=\"押す\"/>"), "{text}");
        assert!(removed(&rebuilt, kind) >= 1, "{action}");
    }
}

/// NF-32: a video leaves its poster; its file and its link go.
#[test]
fn videos_leave_their_poster() {
    let written = "<p:pic><p:nvPicPr><p:cNvPr id=\"2\" name=\"映像\"/><p:cNvPicPr/><p:nvPr><a:videoFile r:link=\"video2\"/></p:nvPr></p:nvPicPr>\
        <p:blipFill><a:blip r:embed=\"image3\"/></p:blipFill><p:spPr/></p:pic>";
    let package = deck(written, "<p:timing><p:tnLst/></p:timing>")
        .outside(SLIDE, "video", "http://evil.example/a.mp4")
        .related(SLIDE, "image", "ppt/media/a.png")
        .with("ppt/media/a.png", png(&gradient(6), 16, 16));
    let rebuilt = Desk::new().sends("a.pptx", &package.bytes()).becomes("a.pptx");
    let text = part(&rebuilt.bytes, SLIDE);
    assert!(text.contains("<a:blip r:embed=") && !text.contains("videoFile"), "{text}");
    assert_eq!(colours(&raw_part(&rebuilt.bytes, "ppt/media/image1.png")), gradient(6));
    assert!(removed(&rebuilt, RemovedKind::Media) >= 1);
    assert_eq!(changed(&rebuilt, ChangedKind::LayoutSimplified), 1);
}

/// NF-32: an object leaves its preview, in the place where it stood.
#[test]
fn objects_leave_their_preview() {
    let written = "<p:graphicFrame><p:nvGraphicFramePr><p:cNvPr id=\"4\" name=\"表\"/><p:cNvGraphicFramePr/><p:nvPr/></p:nvGraphicFramePr>\
        <p:xfrm><a:off x=\"11\" y=\"22\"/><a:ext cx=\"33\" cy=\"44\"/></p:xfrm><a:graphic><a:graphicData uri=\"http://schemas.openxmlformats.org/presentationml/2006/ole\">\
        <p:oleObj progId=\"Package\" r:id=\"oleObject2\"><p:embed/><p:pic><p:nvPicPr/><p:blipFill><a:blip r:embed=\"image3\"/></p:blipFill><p:spPr/></p:pic></p:oleObj>\
        </a:graphicData></a:graphic></p:graphicFrame>";
    let package = deck(written, "")
        .related(SLIDE, "oleObject", "ppt/embeddings/oleObject1.bin")
        .with("ppt/embeddings/oleObject1.bin", "MZ evil")
        .related(SLIDE, "image", "ppt/media/a.png")
        .with("ppt/media/a.png", png(&gradient(7), 16, 16));
    let rebuilt = Desk::new().sends("a.pptx", &package.bytes()).becomes("a.pptx");
    let text = part(&rebuilt.bytes, SLIDE);
    assert!(text.contains("<a:off x=\"11\" y=\"22\"/><a:ext cx=\"33\" cy=\"44\"/>"), "{text}");
    assert!(!text.contains("oleObj"), "{text}");
    assert_eq!(colours(&raw_part(&rebuilt.bytes, "ppt/media/image1.png")), gradient(7));
    assert_eq!(changed(&rebuilt, ChangedKind::ObjectsAsPictures), 1);
}
