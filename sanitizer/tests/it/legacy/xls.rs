//! Workbooks of before 2007.

use sanitizer_intermediate::{ChangedKind, HoldReason, RemovedKind};

use super::{compound, wide};
use crate::desk::{Desk, changed, removed};
use crate::office::package::part;

/// A record.
pub(crate) fn record(kind: u16, data: &[u8]) -> Vec<u8> {
    let length = u16::try_from(data.len()).expect("short");
    [&kind.to_le_bytes(), &length.to_le_bytes(), data].concat()
}

fn beginning(kind: u16) -> Vec<u8> {
    record(0x809, &[&0x0600_u16.to_le_bytes()[..], &kind.to_le_bytes(), &[0; 12]].concat())
}

fn end() -> Vec<u8> {
    record(0x0a, &[])
}

fn place(row: u16, column: u16, format: u16) -> Vec<u8> {
    [row, column, format].iter().flat_map(|it| it.to_le_bytes()).collect()
}

/// A cell that shows a text of the table.
pub(crate) fn text_cell(row: u16, column: u16, text: u32) -> Vec<u8> {
    record(0xfd, &[place(row, column, 0), text.to_le_bytes().to_vec()].concat())
}

fn number_cell(row: u16, column: u16, format: u16, number: f64) -> Vec<u8> {
    record(0x203, &[place(row, column, format), number.to_le_bytes().to_vec()].concat())
}

fn formula_cell(row: u16, column: u16, result: f64) -> Vec<u8> {
    formula(row, column, result, &[], &[])
}

/// A formula of these tokens, and what stands behind them.
fn formula(row: u16, column: u16, result: f64, tokens: &[u8], extra: &[u8]) -> Vec<u8> {
    let length = u16::try_from(tokens.len()).expect("short").to_le_bytes();
    let value = [place(row, column, 0), result.to_le_bytes().to_vec(), vec![0; 6]].concat();
    record(0x06, &[&value, &length[..], tokens, extra].concat())
}

/// Books and sheets that formulas speak of: sheet 1, sheet 2 and another book.
fn links() -> Vec<Vec<u8>> {
    let numbers = |list: &[u16]| list.iter().flat_map(|it| it.to_le_bytes()).collect::<Vec<u8>>();
    let path = [numbers(&[1, 8]), vec![0], b"book.xls".to_vec()].concat();
    vec![
        record(0x1ae, &numbers(&[2, 0x0401])),
        record(0x1ae, &path),
        record(0x17, &numbers(&[3, 0, 0, 0, 0, 1, 1, 1, 0, 0])),
    ]
}

/// A name for cells; one that is built in has its number for a name.
fn name(flags: u16, text: &str, tokens: &[u8]) -> Vec<u8> {
    let characters = u8::try_from(text.encode_utf16().count()).expect("short");
    let length = u16::try_from(tokens.len()).expect("short").to_le_bytes();
    let head = [&flags.to_le_bytes()[..], &[0, characters], &length, &[0; 8], &[1]].concat();
    record(0x18, &[head, wide(text), tokens.to_vec()].concat())
}

/// A sheet of these records.
pub(crate) fn sheet_with(records: &[Vec<u8>]) -> Vec<u8> {
    [beginning(0x10), records.concat(), end()].concat()
}

/// A workbook of these sheets and texts; a sheet's kind is its type of tab.
pub(crate) fn book(sheets: &[Vec<u8>], texts: &[&str]) -> Vec<u8> {
    let kinds = vec![0_u8; sheets.len()];
    book_of(sheets, &kinds, texts, &[])
}

/// The same with kinds of tabs, and records of the workbook.
pub(crate) fn book_of(
    sheets: &[Vec<u8>],
    kinds: &[u8],
    texts: &[&str],
    globals: &[Vec<u8>],
) -> Vec<u8> {
    let count = u32::try_from(texts.len()).expect("few").to_le_bytes();
    let mut table = [count, count].concat();
    for text in texts {
        let length = u16::try_from(text.encode_utf16().count()).expect("short").to_le_bytes();
        table.extend([&length[..], &[1], &wide(text)].concat());
    }
    let names: Vec<Vec<u8>> = (1..=sheets.len()).map(|it| wide(&format!("表{it}"))).collect();
    let middle = [globals.concat(), record(0xfc, &table), end()].concat();
    let listed: usize = names.iter().map(|it| 4 + 8 + it.len()).sum();
    let mut start = beginning(5).len() + listed + middle.len();
    let mut out = beginning(5);
    for ((sheet, name), kind) in sheets.iter().zip(&names).zip(kinds) {
        let at = u32::try_from(start).expect("small").to_le_bytes();
        let length = u8::try_from(name.len() / 2).expect("short");
        out.extend(record(0x85, &[&at[..], &[0, *kind, length, 1], name].concat()));
        start += sheet.len();
    }
    [out, middle, sheets.concat()].concat()
}

/// A workbook whose records are encrypted.
pub(crate) fn encrypted() -> Vec<u8> {
    [beginning(5), record(0x2f, &[0; 6]), end()].concat()
}

/// NF-32: an old workbook becomes one of today, value by value.
#[test]
fn an_old_workbook_becomes_a_new_one() {
    let merged = record(
        0xe5,
        &[1_u16, 0, 0, 0, 1].iter().flat_map(|it| it.to_le_bytes()).collect::<Vec<u8>>(),
    );
    let sheet = sheet_with(&[
        text_cell(0, 0, 0),
        number_cell(1, 0, 0, 12.5),
        formula_cell(1, 1, 25.0),
        merged,
    ]);
    let file = compound(&[("/Workbook", &book(&[sheet], &["令和６年度 𠮷野"]))]);
    let rebuilt = Desk::new().sends("集計.xls", &file).becomes("集計.xlsx");
    assert!(part(&rebuilt.bytes, "xl/workbook.xml").contains("name=\"表1\""));
    assert!(part(&rebuilt.bytes, "xl/sharedStrings.xml").contains("令和６年度 𠮷野"));
    let sheet = part(&rebuilt.bytes, "xl/worksheets/sheet1.xml");
    assert!(sheet.contains("<v>12.5</v>") && sheet.contains("<v>25</v>"), "{sheet}");
    assert!(sheet.contains("ref=\"A1:B1\""), "{sheet}");
    assert_eq!(changed(&rebuilt, ChangedKind::FormulasToValues), 1);
    assert_eq!(changed(&rebuilt, ChangedKind::TypeChanged), 1);
}

/// Formats of numbers come along: a date stays a date.
#[test]
fn number_formats_come_along() {
    let code = "yyyy\"年\"m\"月\"d\"日\"";
    let length = u16::try_from(code.encode_utf16().count()).expect("short").to_le_bytes();
    let format = record(0x41e, &[&170_u16.to_le_bytes()[..], &length, &[1], &wide(code)].concat());
    let plain = record(0xe0, &[0; 20]);
    let mut dated = vec![0; 20];
    dated[2] = 170;
    let sheet = sheet_with(&[number_cell(0, 0, 1, 45_000.0)]);
    let book = book_of(&[sheet], &[0], &[], &[format, plain, record(0xe0, &dated)]);
    let rebuilt = Desk::new().sends("a.xls", &compound(&[("/Workbook", &book)])).becomes("a.xlsx");
    let styles = part(&rebuilt.bytes, "xl/styles.xml");
    assert!(styles.contains("yyyy&quot;年&quot;m&quot;月&quot;d&quot;日&quot;"), "{styles}");
    assert!(part(&rebuilt.bytes, "xl/worksheets/sheet1.xml").contains("s=\"1\""));
}

/// NF-32: of sheets of macros the values stay; a workbook of them alone is held.
#[test]
fn sheets_of_macros_keep_their_values_alone() {
    let sheets = [sheet_with(&[text_cell(0, 0, 0)]), sheet_with(&[formula_cell(0, 0, 33.0)])];
    let file = compound(&[("/Workbook", &book_of(&sheets, &[0, 1], &["a"], &[]))]);
    let rebuilt = Desk::new().sends("a.xls", &file).becomes("a.xlsx");
    assert_eq!(removed(&rebuilt, RemovedKind::MacroSheets), 1);
    let sheet = part(&rebuilt.bytes, "xl/worksheets/sheet2.xml");
    assert!(sheet.contains("<v>33</v>") && !sheet.contains("<f"), "{sheet}");
    let file = compound(&[("/Workbook", &book_of(&sheets, &[1, 1], &["a"], &[]))]);
    Desk::new().sends("a.xls", &file).is_held_with(HoldReason::MacroOnly);
}

/// NF-32: a workbook that says it has more cells than there may be is held.
#[test]
fn a_workbook_of_too_many_cells_is_held() {
    let mut desk = Desk::new();
    desk.rebuilder.runner.limits.cells = 10;
    let cells: Vec<Vec<u8>> = (0..11).map(|it| number_cell(it, 0, 0, 1.0)).collect();
    let file = compound(&[("/Workbook", &book(&[sheet_with(&cells)], &[]))]);
    desk.sends("a.xls", &file).is_held_with(HoldReason::TooComplex);
}

/// NF-32: formulas of old workbooks stay formulas: sums, other sheets, names, shared and array ones.
#[test]
fn formulas_of_old_workbooks_stay_formulas() {
    let sum = [0x25, 0, 0, 9, 0, 0, 0xc0, 0, 0xc0, 0x19, 0x10, 0, 0];
    let there = [0x3a, 1, 0, 0, 0, 0, 0xc0];
    let points = [0x01, 2, 0, 1, 0];
    // Twice the cell to the left.
    let twice = [0x4c, 0, 0, 0xff, 0xc0, 0x1e, 2, 0, 0x05];
    let shared = record(0x4bc, &[&[2, 0, 3, 0, 1, 1, 0, 2, 9, 0][..], &twice].concat());
    let array = [&[2, 0, 3, 0, 3, 3, 0, 0, 0, 0, 0, 0, 5, 0][..], &[0x64, 0, 0, 0, 0]].concat();
    let text = [&[0, 0, 0, 0, 0, 0, 0xff, 0xff][..], &[0; 6]].concat();
    let texts =
        [&place(5, 0, 0)[..], &text, &[7, 0], &[0x17, 1, 0, b'x', 0x14, 0x14, 0x14]].concat();
    let first = sheet_with(&[
        formula(0, 0, 1.0, &sum, &[]),
        formula(0, 1, 2.0, &there, &[]),
        formula(0, 2, 3.0, &[0x43, 1, 0, 0, 0], &[]),
        formula(2, 1, 4.0, &points, &[]),
        shared,
        formula(3, 1, 5.0, &points, &[]),
        formula(2, 3, 6.0, &[0x01, 2, 0, 3, 0], &[]),
        record(0x221, &array),
        record(0x06, &texts),
        record(0x207, &[&[1, 0, 1][..], &wide("答")].concat()),
    ]);
    let mut globals = links();
    globals.push(name(0, "単価", &[0x3a, 0, 0, 0, 0, 0, 0]));
    globals.push(name(0x20, "\u{6}", &[0x3b, 0, 0, 0, 0, 9, 0, 0, 0, 1, 0]));
    let book = book_of(&[first, sheet_with(&[])], &[0, 0], &[], &globals);
    let rebuilt = Desk::new().sends("a.xls", &compound(&[("/Workbook", &book)])).becomes("a.xlsx");
    let sheet = part(&rebuilt.bytes, "xl/worksheets/sheet1.xml");
    for expected in [
        "<f>SUM(A1:A10)</f><v>1</v>",
        "<f>表2!A1</f><v>2</v>",
        "<f>単価</f><v>3</v>",
        "<f t=\"shared\" ref=\"B3:B4\" si=\"0\">A3*2</f><v>4</v>",
        "<c r=\"B4\"><f t=\"shared\" si=\"0\"/><v>5</v></c>",
        "<f t=\"array\" ref=\"D3:D4\">$A$1</f><v>6</v>",
        "t=\"str\"><f>\"x\"%%%</f><v>答</v>",
    ] {
        assert!(sheet.contains(expected), "{expected}\n{sheet}");
    }
    let workbook = part(&rebuilt.bytes, "xl/workbook.xml");
    assert!(workbook.contains("<definedName name=\"単価\">表1!$A$1</definedName>"), "{workbook}");
    assert!(workbook.contains("_xlnm.Print_Area\">表1!$A$1:$B$10<"), "{workbook}");
    assert_eq!(changed(&rebuilt, ChangedKind::FormulasToValues), 0);
}

/// NF-32: formulas of old workbooks that reach out, and names that run, do not stay.
#[test]
fn formulas_of_old_workbooks_that_reach_out_become_values() {
    let call = [0x17, 1, 0, b'x', 0x42, 1, 150, 0];
    let sheet = sheet_with(&[
        formula(0, 0, 1.0, &[0x3a, 2, 0, 0, 0, 0, 0xc0], &[]),
        formula(0, 1, 2.0, &call, &[]),
        formula(0, 2, 3.0, &[0x43, 2, 0, 0, 0, 0x42, 1, 0xff, 0], &[]),
        formula(0, 3, 4.0, &[0x01, 9, 0, 9, 0], &[]),
        formula(0, 4, 5.0, &[0x3a, 1, 0, 0, 0, 0, 0xc0], &[]),
    ]);
    let mut globals = links();
    globals.push(name(0x20, "\u{1}", &[0x1e, 1, 0]));
    globals.push(name(0x0e, "Exploit", &[0x1e, 1, 0]));
    let macros = sheet_with(&[formula(0, 0, 6.0, &[0x1e, 1, 0], &[])]);
    let book = book_of(&[sheet, macros], &[0, 1], &[], &globals);
    let rebuilt = Desk::new().sends("a.xls", &compound(&[("/Workbook", &book)])).becomes("a.xlsx");
    let sheet = part(&rebuilt.bytes, "xl/worksheets/sheet1.xml");
    assert!(!sheet.contains("<f") && sheet.contains("<v>5</v>"), "{sheet}");
    assert!(!part(&rebuilt.bytes, "xl/workbook.xml").contains("definedName "));
    assert_eq!(changed(&rebuilt, ChangedKind::FormulasToValues), 6);
    // The formula that leads there, and the link itself.
    assert_eq!(removed(&rebuilt, RemovedKind::ExternalReferences), 2);
    assert_eq!(removed(&rebuilt, RemovedKind::ActiveFormulas), 2);
    assert_eq!(removed(&rebuilt, RemovedKind::MacroCalls), 3);
}
