//! Forms as Japanese offices make them: sheets used as squared paper, upright
//! text, readings above characters.

use super::package::part;
use super::sheets::{MAIN, cells, sheet, workbook};
use super::word::{body, document};
use crate::desk::Desk;

/// NF-32: a form drawn on squared paper keeps every merged cell, narrow column,
/// page break, rule and list.
#[test]
fn a_form_on_squared_paper_comes_back_as_it_was() {
    let rows: String = (1..=200)
        .map(|row| {
            let cells: String = ["A", "F", "K", "P"]
                .iter()
                .map(|column| format!("<c r=\"{column}{row}\"><v>{row}</v></c>"))
                .collect();
            format!("<row r=\"{row}\" ht=\"9.75\" customHeight=\"1\">{cells}</row>")
        })
        .collect();
    let merged: String = (0..100)
        .flat_map(|at| {
            let (first, last) = (at * 2 + 1, at * 2 + 2);
            ["A:E", "F:J", "K:O", "P:T"].map(|columns| {
                let (from, to) = columns.split_once(':').expect("two columns");
                format!("<mergeCell ref=\"{from}{first}:{to}{last}\"/>")
            })
        })
        .collect();
    let written = format!(
        "<sheetPr><pageSetUpPr fitToPage=\"1\"/></sheetPr><sheetViews><sheetView showGridLines=\"0\" view=\"pageBreakPreview\" zoomScale=\"70\" workbookViewId=\"0\"/></sheetViews>\
         <sheetFormatPr defaultRowHeight=\"9.75\"/><cols><col min=\"1\" max=\"100\" width=\"1.5\" customWidth=\"1\"/></cols>\
         <sheetData>{rows}</sheetData><sheetProtection sheet=\"1\"/><autoFilter ref=\"A1:T200\"/><mergeCells count=\"400\">{merged}</mergeCells>\
         <conditionalFormatting sqref=\"A10:A20\"><cfRule type=\"dataBar\" priority=\"3\"><dataBar><cfvo type=\"min\"/><cfvo type=\"max\"/><color rgb=\"FF638EC6\"/></dataBar></cfRule></conditionalFormatting>\
         <dataValidations count=\"2\"><dataValidation type=\"list\" allowBlank=\"1\" showErrorMessage=\"1\" errorTitle=\"入力\" error=\"一覧から選んでください\" promptTitle=\"課\" prompt=\"課を選ぶ\" sqref=\"U1\"><formula1>課名</formula1></dataValidation>\
         <dataValidation type=\"custom\" imeMode=\"hiragana\" sqref=\"U3\"><formula1>LENB(U3)=LEN(U3)*2</formula1></dataValidation></dataValidations>\
         <printOptions horizontalCentered=\"1\"/><pageMargins left=\"0.2\" right=\"0.2\" top=\"0.75\" bottom=\"0.75\" header=\"0.3\" footer=\"0.3\"/>\
         <pageSetup paperSize=\"9\" fitToHeight=\"0\" orientation=\"landscape\"/>\
         <headerFooter><oddHeader>&amp;C秘 &amp;\"ＭＳ 明朝,標準\"&amp;D</oddHeader><oddFooter>&amp;C&amp;P / &amp;N ページ</oddFooter></headerFooter>\
         <rowBreaks count=\"1\" manualBreakCount=\"1\"><brk id=\"40\" max=\"16383\" man=\"1\"/></rowBreaks>"
    );
    assert_eq!(sheet(&workbook(&written, "")), written);
}

/// NF-32: what is printed on every page, and the lists cells choose from, keep
/// their names.
#[test]
fn print_titles_and_lists_keep_their_names() {
    let names = "<definedNames><definedName name=\"課名\">様式１!$A$1:$A$3</definedName>\
        <definedName name=\"_xlnm._FilterDatabase\" localSheetId=\"0\" hidden=\"1\">様式１!$A$1:$T$200</definedName>\
        <definedName name=\"_xlnm.Print_Titles\" localSheetId=\"0\">様式１!$A:$B,様式１!$1:$3</definedName></definedNames>";
    let package = workbook(&cells(""), names);
    let rebuilt = Desk::new().sends("様式.xlsx", &package.bytes()).becomes("様式.xlsx");
    let book = part(&rebuilt.bytes, MAIN);
    assert!(book.contains(names), "{book}");
}

/// NF-32: upright cells, notes within a line, emphasis and text fitted to a
/// width come back.
#[test]
fn upright_and_fitted_text_comes_back() {
    let written = "<w:tbl><w:tblPr><w:tblW w:w=\"0\" w:type=\"auto\"/></w:tblPr><w:tblGrid><w:gridCol w:w=\"600\"/><w:gridCol w:w=\"4000\"/></w:tblGrid>\
        <w:tr><w:trPr><w:trHeight w:val=\"2000\" w:hRule=\"exact\"/></w:trPr>\
        <w:tc><w:tcPr><w:tcW w:w=\"600\" w:type=\"dxa\"/><w:vMerge w:val=\"restart\"/><w:textDirection w:val=\"tbRlV\"/><w:vAlign w:val=\"center\"/></w:tcPr>\
        <w:p><w:pPr><w:jc w:val=\"distribute\"/></w:pPr><w:r><w:t>申請者</w:t></w:r></w:p></w:tc>\
        <w:tc><w:tcPr><w:tcW w:w=\"4000\" w:type=\"dxa\"/></w:tcPr><w:p>\
        <w:r><w:rPr><w:eastAsianLayout w:id=\"1\" w:vert=\"1\" w:vertCompress=\"1\"/></w:rPr><w:t>12</w:t></w:r>\
        <w:r><w:rPr><w:eastAsianLayout w:id=\"2\" w:combine=\"1\"/></w:rPr><w:t>割注</w:t></w:r>\
        <w:r><w:rPr><w:fitText w:val=\"1200\" w:id=\"5\"/><w:em w:val=\"dot\"/></w:rPr><w:t>氏名</w:t></w:r></w:p></w:tc></w:tr>\
        <w:tr><w:tc><w:tcPr><w:vMerge/></w:tcPr><w:p/></w:tc><w:tc><w:p><w:sdt><w:sdtPr><w:alias w:val=\"課\"/><w:dropDownList><w:listItem w:displayText=\"市民課\" w:value=\"1\"/></w:dropDownList></w:sdtPr>\
        <w:sdtContent><w:r><w:t>市民課</w:t></w:r></w:sdtContent></w:sdt></w:p></w:tc></w:tr></w:tbl><w:p/>";
    assert_eq!(body(&document(written)), written);
}
