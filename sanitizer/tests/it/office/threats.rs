//! Lines of the threat table (docs/rooms/sanitizer.md) that no other test of
//! Office documents shows.

use sanitizer_intermediate::RemovedKind;

use super::package::{Package, SPACES, everything, part, parts};
use super::sheets::{self, workbook};
use super::slides::{self, deck};
use super::word::{self, document};
use crate::desk::{Desk, contains, removed};

/// Stands wherever it must not survive.
const EVIL: &str = "EVIL-b8c1";

#[track_caller]
fn nothing_evil(bytes: &[u8]) {
    let everything = everything(bytes);
    assert!(!contains(&everything, EVIL.as_bytes()), "{:?}", parts(bytes));
}

/// NF-32: every field that fetches, runs or links keeps its result alone,
/// however its name is written.
#[test]
fn every_active_field_keeps_its_result() {
    let verbs = [
        "DDE",
        "ddeauto",
        "INCLUDETEXT",
        "IncludePicture",
        "IMPORT",
        "LINK",
        "DATABASE",
        "RD",
        "EMBED",
        "ADDIN",
        "HTMLCONTROL",
        "PRINT",
        "MERGEFIELD",
        "ASK",
        "FILLIN",
        "AUTOTEXT",
    ];
    let body: String = verbs
        .iter()
        .map(|verb| {
            format!(
                "<w:p><w:r><w:fldChar w:fldCharType=\"begin\"/></w:r><w:r><w:instrText> {verb} {EVIL} </w:instrText></w:r>\
                 <w:r><w:fldChar w:fldCharType=\"separate\"/></w:r><w:r><w:t>結果{verb}</w:t></w:r>\
                 <w:r><w:fldChar w:fldCharType=\"end\"/></w:r></w:p>"
            )
        })
        .collect();
    let buttons = format!(
        "<w:p><w:fldSimple w:instr=\"MACROBUTTON {EVIL} ここを押す\"/></w:p>\
         <w:p><w:fldSimple w:instr=\"GOTOBUTTON {EVIL} ここへ飛ぶ\"/></w:p>"
    );
    let file = document(&(body + &buttons)).bytes();
    let rebuilt = Desk::new().sends("a.docx", &file).becomes("a.docx");
    nothing_evil(&rebuilt.bytes);
    let text = part(&rebuilt.bytes, word::MAIN);
    for verb in verbs {
        assert!(text.contains(&format!("<w:t>結果{verb}</w:t>")), "{verb}: {text}");
    }
    assert!(!text.contains("fldChar") && !text.contains("fldSimple"), "{text}");
    assert_eq!(removed(&rebuilt, RemovedKind::Dde), 2);
    assert!(removed(&rebuilt, RemovedKind::ActiveFields) >= 14);
}

/// NF-32: a field whose name another field spells never runs.
#[test]
fn a_field_spelled_by_another_does_not_survive() {
    // QUOTE 68 68 69 gives "DDE": the instruction is only known to who runs it.
    let mark = |kind: &str| format!("<w:r><w:fldChar w:fldCharType=\"{kind}\"/></w:r>");
    let says = |text: &str| format!("<w:r><w:instrText>{text}</w:instrText></w:r>");
    let body = [
        "<w:p>",
        &mark("begin"),
        &mark("begin"),
        &says(" QUOTE 68 68 69 "),
        &mark("separate"),
        &says("DDE"),
        &mark("end"),
        &says(&format!(" {EVIL} cmd")),
        &mark("separate"),
        "<w:r><w:t>結果</w:t></w:r>",
        &mark("end"),
        "</w:p>",
    ]
    .concat();
    let rebuilt = Desk::new().sends("a.docx", &document(&body).bytes()).becomes("a.docx");
    nothing_evil(&rebuilt.bytes);
    let text = part(&rebuilt.bytes, word::MAIN);
    assert!(text.contains("結果") && !text.contains("fldChar"), "{text}");
    assert!(removed(&rebuilt, RemovedKind::ActiveFields) >= 1);
}

/// NF-32: what includes other files by XML, and attributes of who saved when,
/// do not survive.
#[test]
fn inclusions_and_traces_of_editing_do_not_survive() {
    let body = format!(
        "<xi:include xmlns:xi=\"http://www.w3.org/2001/XInclude\" href=\"file:///{EVIL}\" parse=\"text\"/>\
         <w:p w:rsidR=\"00B8C1EE\" w:rsidRDefault=\"00B8C1EE\"><w:r w:rsidRPr=\"00B8C1EE\"><w:t>本文</w:t></w:r></w:p>"
    );
    let settings = "word/settings.xml";
    let web = "word/webSettings.xml";
    let app = "docProps/app.xml";
    let package = document(&body)
        .related(word::MAIN, "settings", settings)
        .with(settings, format!("<w:settings {SPACES}><w:rsids><w:rsid w:val=\"00B8C1EE\"/></w:rsids></w:settings>"))
        .related(word::MAIN, "webSettings", web)
        .with(web, format!("<w:webSettings {SPACES}><w:frameset><w:frame><w:sourceFileName r:id=\"frame1\"/></w:frame></w:frameset></w:webSettings>"))
        .outside(web, "frame", &format!("http://{EVIL}.example/"))
        .related("", "extended-properties", app)
        .with(app, format!("<Properties><HyperlinkBase>http://{EVIL}.example/</HyperlinkBase></Properties>"));
    let rebuilt = Desk::new().sends("a.docx", &package.bytes()).becomes("a.docx");
    nothing_evil(&rebuilt.bytes);
    assert!(!contains(&everything(&rebuilt.bytes), b"00B8C1EE"));
    assert!(part(&rebuilt.bytes, word::MAIN).contains("本文"));
}

/// NF-32: data models, queries and live data of workbooks do not survive, and
/// formulas of live data keep their value.
#[test]
fn live_data_of_workbooks_does_not_survive() {
    let cells = "<sheetData><row r=\"1\"><c r=\"A1\"><f>RTD(\"a.b\",,\"c\")</f><v>5</v></c>\
        <c r=\"B1\"><f>FILTERXML(WEBSERVICE(\"http://EVIL-b8c1/\"),\"//a\")</f><v>6</v></c>\
        <c r=\"C1\"><f>cmd|'/c EVIL-b8c1'!A0</f><v>7</v></c></row></sheetData>";
    let mut package = workbook(cells, "");
    for (kind, part) in [
        ("volatileDependencies", "xl/volatileDependencies.xml"),
        ("powerPivotData", "xl/model/item.data"),
        ("customData", "xl/customData/itemProps1.xml"),
    ] {
        package = package
            .related(sheets::MAIN, kind, part)
            .typed(part, "application/octet-stream")
            .with(part, EVIL);
    }
    let rebuilt = Desk::new().sends("a.xlsx", &package.bytes()).becomes("a.xlsx");
    nothing_evil(&rebuilt.bytes);
    let sheet = part(&rebuilt.bytes, sheets::SHEET);
    assert!(!sheet.contains("<f"), "{sheet}");
    for value in ["<v>5</v>", "<v>6</v>", "<v>7</v>"] {
        assert!(sheet.contains(value), "{sheet}");
    }
    assert!(removed(&rebuilt, RemovedKind::ActiveFormulas) >= 2);
    assert_eq!(removed(&rebuilt, RemovedKind::Dde), 1);
}

/// NF-32: commands of animations do not survive; a chart loses the workbook it
/// came from.
#[test]
fn commands_and_sources_of_charts_do_not_survive() {
    let commands = format!(
        "<p:timing><p:tnLst><p:par><p:cTn id=\"1\"><p:childTnLst><p:cmd type=\"call\" cmd=\"{EVIL}\"/>\
         </p:childTnLst></p:cTn></p:par></p:tnLst></p:timing>"
    );
    let rebuilt = Desk::new().sends("a.pptx", &deck("", &commands).bytes()).becomes("a.pptx");
    nothing_evil(&rebuilt.bytes);
    assert!(!part(&rebuilt.bytes, slides::SLIDE).contains("p:cmd"));

    let chart = "xl/charts/chart1.xml";
    let package = workbook("<sheetData/><drawing r:id=\"drawing1\"/>", "")
        .related(sheets::SHEET, "drawing", "xl/drawings/drawing1.xml")
        .with("xl/drawings/drawing1.xml", format!(
            "<xdr:wsDr {SPACES}><xdr:absoluteAnchor><xdr:pos x=\"0\" y=\"0\"/><xdr:ext cx=\"9\" cy=\"9\"/>\
             <xdr:graphicFrame macro=\"\"><xdr:nvGraphicFramePr><xdr:cNvPr id=\"2\" name=\"図\"/><xdr:cNvGraphicFramePr/></xdr:nvGraphicFramePr>\
             <xdr:xfrm><a:off x=\"0\" y=\"0\"/><a:ext cx=\"9\" cy=\"9\"/></xdr:xfrm><a:graphic>\
             <a:graphicData uri=\"http://schemas.openxmlformats.org/drawingml/2006/chart\"><c:chart r:id=\"chart1\"/></a:graphicData></a:graphic>\
             </xdr:graphicFrame><xdr:clientData/></xdr:absoluteAnchor></xdr:wsDr>"
        ))
        .related("xl/drawings/drawing1.xml", "chart", chart)
        .typed(chart, "application/vnd.openxmlformats-officedocument.drawingml.chart+xml")
        .with(chart, format!(
            "<c:chartSpace {SPACES}><c:chart><c:plotArea><c:barChart><c:barDir val=\"col\"/><c:ser><c:idx val=\"0\"/><c:order val=\"0\"/>\
             <c:val><c:numRef><c:f>様式１!$A$1</c:f><c:numCache><c:ptCount val=\"1\"/><c:pt idx=\"0\"><c:v>42</c:v></c:pt></c:numCache></c:numRef></c:val>\
             </c:ser><c:axId val=\"1\"/><c:axId val=\"2\"/></c:barChart><c:catAx><c:axId val=\"1\"/><c:crossAx val=\"2\"/></c:catAx>\
             <c:valAx><c:axId val=\"2\"/><c:crossAx val=\"1\"/></c:valAx></c:plotArea></c:chart><c:externalData r:id=\"oleObject1\"/></c:chartSpace>"
        ))
        .outside(chart, "oleObject", &format!("file:///{EVIL}.xlsx"));
    let rebuilt = Desk::new().sends("a.xlsx", &package.bytes()).becomes("a.xlsx");
    nothing_evil(&rebuilt.bytes);
    let charts: Vec<String> =
        parts(&rebuilt.bytes).into_iter().filter(|it| it.contains("charts/")).collect();
    let chart = part(&rebuilt.bytes, charts.first().expect("the chart stays"));
    assert!(chart.contains("<c:v>42</c:v>") && !chart.contains("externalData"), "{chart}");
}

/// NF-32: a merge of letters loses its source and keeps the words around it.
#[test]
fn a_letter_to_merge_loses_its_source() {
    let settings = "word/settings.xml";
    let body = "<w:p><w:r><w:t>様</w:t></w:r><w:fldSimple w:instr=\" MERGEFIELD 氏名 \"><w:r><w:t>«氏名»</w:t></w:r></w:fldSimple></w:p>";
    let package: Package = document(body)
        .related(word::MAIN, "settings", settings)
        .with(settings, format!(
            "<w:settings {SPACES}><w:mailMerge><w:mainDocumentType w:val=\"formLetters\"/><w:connectString w:val=\"Provider={EVIL}\"/>\
             <w:query w:val=\"SELECT * FROM {EVIL}\"/><w:dataSource r:id=\"mailMergeSource1\"/></w:mailMerge></w:settings>"
        ))
        .outside(settings, "mailMergeSource", &format!("file:///C:/{EVIL}.mdb"));
    let rebuilt = Desk::new().sends("a.docx", &package.bytes()).becomes("a.docx");
    nothing_evil(&rebuilt.bytes);
    let text = part(&rebuilt.bytes, word::MAIN);
    assert!(
        text.contains("様") && text.contains("«氏名»") && !text.contains("MERGEFIELD"),
        "{text}"
    );
    assert!(removed(&rebuilt, RemovedKind::Connections) >= 1);
}
