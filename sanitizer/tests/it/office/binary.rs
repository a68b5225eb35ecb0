//! Binary workbooks, made record by record.

use sanitizer_intermediate::{ChangedKind, HoldReason, RemovedKind};

use super::package::{Package, SPACES, everything, part, parts};
use crate::desk::{Desk, changed, contains, removed};
use crate::pictures::{gradient, png};

const MAIN: &str = "xl/workbook.bin";
const SHEET: &str = "xl/worksheets/sheet1.bin";
const MEDIA: &str = "application/vnd.ms-excel.sheet.binary.macroEnabled.main";

fn record(kind: u16, data: &[u8]) -> Vec<u8> {
    let seven = |number: usize| u8::try_from(number & 0x7f).expect("seven bits");
    let mut out = if kind < 0x80 {
        vec![seven(kind.into())]
    } else {
        vec![seven(kind.into()) | 0x80, seven(usize::from(kind) >> 7)]
    };
    let mut length = data.len();
    while length > 0x7f {
        out.push(seven(length) | 0x80);
        length >>= 7;
    }
    out.push(seven(length));
    out.extend(data);
    out
}

fn numbers(numbers: &[u32]) -> Vec<u8> {
    numbers.iter().flat_map(|it| it.to_le_bytes()).collect()
}

fn text(text: &str) -> Vec<u8> {
    let units: Vec<u16> = text.encode_utf16().collect();
    let length = u32::try_from(units.len()).expect("short").to_le_bytes();
    [length.to_vec(), units.iter().flat_map(|it| it.to_le_bytes()).collect()].concat()
}

/// A row; 0x20 among the marks is a height, 0x10 hides it.
fn row(number: u32, height: u16, marks: u8) -> Vec<u8> {
    let head = [numbers(&[number, 0]), height.to_le_bytes().to_vec(), vec![0, marks, 0]].concat();
    record(0, &[head, numbers(&[0])].concat())
}

fn number(column: u32, format: u32, value: f64) -> Vec<u8> {
    record(5, &[numbers(&[column, format]), value.to_le_bytes().to_vec()].concat())
}

fn shared_text(column: u32, at: u32) -> Vec<u8> {
    record(7, &numbers(&[column, 0, at]))
}

fn parsed(tokens: &[u8], extra: &[u8]) -> Vec<u8> {
    let length = |it: &[u8]| numbers(&[u32::try_from(it.len()).expect("short")]);
    [length(tokens), tokens.to_vec(), length(extra), extra.to_vec()].concat()
}

fn formula(column: u32, value: f64, tokens: &[u8], extra: &[u8]) -> Vec<u8> {
    let head = [numbers(&[column, 0]), value.to_le_bytes().to_vec(), vec![0, 0]].concat();
    record(9, &[head, parsed(tokens, extra)].concat())
}

/// A cell in a token; the two high bits of the column make it move.
fn cell(token: u8, row: u32, column: u16) -> Vec<u8> {
    [vec![token], row.to_le_bytes().to_vec(), column.to_le_bytes().to_vec()].concat()
}

const MOVES: u16 = 0xc000;

struct Book {
    sheets: Vec<(&'static str, u32, &'static str)>,
    globals: Vec<Vec<u8>>,
    cells: Vec<Vec<u8>>,
    around: Vec<Vec<u8>>,
    texts: Vec<Vec<u8>>,
}

impl Book {
    fn of(cells: &[Vec<u8>]) -> Self {
        Self {
            sheets: vec![("様式", 0, "worksheet1")],
            globals: Vec::new(),
            cells: cells.to_vec(),
            around: Vec::new(),
            texts: vec![[vec![0], text("令和７年度 𠮷野")].concat()],
        }
    }

    fn package(&self) -> Package {
        let sheets: Vec<u8> = self
            .sheets
            .iter()
            .flat_map(|(name, state, id)| {
                record(156, &[numbers(&[*state, 1]), text(id), text(name)].concat())
            })
            .collect();
        let workbook = [sheets, self.globals.concat()].concat();
        let sheet = [self.around.concat(), record(145, &[]), self.cells.concat(), record(146, &[])]
            .concat();
        let texts: Vec<u8> = self.texts.iter().flat_map(|it| record(19, it)).collect();
        let media = |it: &str| format!("application/vnd.ms-excel.{it}");
        Package::new(MAIN, MEDIA)
            .with(MAIN, workbook)
            .related(MAIN, "worksheet", SHEET)
            .related(MAIN, "sharedStrings", "xl/sharedStrings.bin")
            .related(MAIN, "styles", "xl/styles.bin")
            .typed(SHEET, &media("worksheet"))
            .typed("xl/sharedStrings.bin", &media("sharedStrings"))
            .typed("xl/styles.bin", &media("styles"))
            .with(SHEET, sheet)
            .with("xl/sharedStrings.bin", texts)
            .with("xl/styles.bin", styles())
    }
}

/// Two fonts, and a format of dates.
fn styles() -> Vec<u8> {
    let font = |bold: u16, name: &str| {
        let numbers: Vec<u8> =
            [240, 0, bold, 0].iter().flat_map(|it: &u16| it.to_le_bytes()).collect();
        let colour = [0x05, 0, 0, 0, 0xc0, 0, 0, 0xff];
        let head = [numbers, vec![0, 0, 128, 0], colour.to_vec(), vec![0]].concat();
        record(43, &[head, text(name)].concat())
    };
    let format = |parent: u16, number: u16, font: u16, marks: u16| {
        let numbers: Vec<u8> =
            [parent, number, font, 0, 0].iter().flat_map(|it| it.to_le_bytes()).collect();
        record(47, &[numbers, vec![0, 0], marks.to_le_bytes().to_vec(), vec![0, 0]].concat())
    };
    [
        record(44, &[176_u16.to_le_bytes().to_vec(), text("ggge\"年\"m\"月\"d\"日\"")].concat()),
        font(400, "游ゴシック"),
        font(700, "ＭＳ 明朝"),
        record(45, &[0; 68]),
        record(46, &[0; 51]),
        record(626, &numbers(&[1])),
        format(0xffff, 0, 0, 0x1010),
        record(617, &numbers(&[2])),
        format(0, 0, 0, 0x1010),
        format(0, 176, 1, 0x1052),
    ]
    .concat()
}

#[track_caller]
fn sheet_of(book: &Book) -> String {
    let rebuilt = Desk::new().sends("表.xlsb", &book.package().bytes()).becomes("表.xlsx");
    part(&rebuilt.bytes, "xl/worksheets/sheet1.xml")
}

/// NF-32: a binary workbook becomes one of today, value by value, with its formats.
#[test]
fn a_binary_workbook_becomes_a_workbook() {
    let mut book = Book::of(&[
        row(0, 600, 0x20),
        shared_text(0, 0),
        number(1, 1, 45_962.0),
        record(2, &numbers(&[2, 0, 1234 << 2 | 3])),
        record(4, &[numbers(&[3, 0]), vec![1]].concat()),
        record(3, &[numbers(&[4, 0]), vec![0x07]].concat()),
        record(6, &[numbers(&[5, 0]), text("直接")].concat()),
        // Right of the one before.
        record(13, &numbers(&[0, 7 << 2 | 2])),
        row(2, 300, 0x10),
        record(1, &numbers(&[0, 1])),
    ]);
    book.around = vec![
        record(60, &[numbers(&[0, 1, 20 * 256, 0]), 0x03_u16.to_le_bytes().to_vec()].concat()),
        record(176, &numbers(&[0, 1, 0, 0])),
    ];
    let rebuilt = Desk::new().sends("表.xlsb", &book.package().bytes()).becomes("表.xlsx");
    let sheet = part(&rebuilt.bytes, "xl/worksheets/sheet1.xml");
    for expected in [
        "<col min=\"1\" max=\"2\" width=\"20\" style=\"0\" hidden=\"1\" customWidth=\"1\"/>",
        "<row r=\"1\" ht=\"30\" customHeight=\"1\">",
        "<c r=\"A1\" t=\"s\"><v>0</v></c><c r=\"B1\" s=\"1\"><v>45962</v></c><c r=\"C1\"><v>12.34</v></c>",
        "<c r=\"D1\" t=\"b\"><v>1</v></c><c r=\"E1\" t=\"e\"><v>#DIV/0!</v></c>",
        "<c r=\"G1\"><v>7</v></c>",
        "<row r=\"3\" hidden=\"1\"><c r=\"A3\" s=\"1\"/></row>",
        "<mergeCell ref=\"A1:A2\"/>",
    ] {
        assert!(sheet.contains(expected), "{expected}\n{sheet}");
    }
    let texts = part(&rebuilt.bytes, "xl/sharedStrings.xml");
    assert!(texts.contains("令和７年度 𠮷野") && texts.contains("直接"), "{texts}");
    let styles = part(&rebuilt.bytes, "xl/styles.xml");
    for expected in [
        "ggge&quot;年&quot;",
        "ＭＳ 明朝",
        "rgb=\"FFC00000\"",
        "horizontal=\"center\"",
        "wrapText=\"1\"",
    ] {
        assert!(styles.contains(expected), "{expected}\n{styles}");
    }
    assert!(part(&rebuilt.bytes, "xl/workbook.xml").contains("name=\"様式\""));
    assert_eq!(changed(&rebuilt, ChangedKind::TypeChanged), 1);
}

/// NF-32: formulas stay formulas; shared ones and those of ranges too.
#[test]
fn formulas_of_binary_workbooks_stay_formulas() {
    let area =
        [vec![0x25], numbers(&[0, 9]), vec![0, 0xc0, 1, 0xc0], vec![0x19, 0x10, 0, 0]].concat();
    let over = [cell(0x4c, 0, MOVES | 0x3fff), vec![0x1e, 2, 0, 0x05]].concat();
    let shared = [numbers(&[1, 2, 1, 1]), parsed(&over, &[])].concat();
    let points = |row: u32| [vec![0x01], row.to_le_bytes().to_vec()].concat();
    let mut book = Book::of(&[
        row(0, 0, 0),
        formula(2, 3.0, &area, &[]),
        row(1, 0, 0),
        formula(1, 4.0, &points(1), &numbers(&[1])),
        record(427, &shared),
        row(2, 0, 0),
        formula(1, 5.0, &points(1), &numbers(&[1])),
        formula(3, 6.0, &points(2), &numbers(&[3])),
        record(426, &[numbers(&[2, 3, 3, 3]), vec![0], parsed(&cell(0x64, 0, 0), &[])].concat()),
        row(4, 0, 0),
        formula(0, 7.0, &[vec![0x3a, 0, 0], cell(0, 0, MOVES)[1..].to_vec()].concat(), &[]),
        formula(1, 8.0, &[0x43, 1, 0, 0, 0], &[]),
    ]);
    let everywhere = [numbers(&[0]), vec![0], numbers(&[u32::MAX])].concat();
    book.globals = vec![
        record(357, &[]),
        record(362, &numbers(&[1, 0, 0, 0])),
        record(
            39,
            &[
                everywhere,
                text("単価"),
                parsed(&[&[0x3a, 0, 0][..], &cell(0, 0, 0)[1..]].concat(), &[]),
            ]
            .concat(),
        ),
    ];
    let rebuilt = Desk::new().sends("a.xlsb", &book.package().bytes()).becomes("a.xlsx");
    let sheet = part(&rebuilt.bytes, "xl/worksheets/sheet1.xml");
    for expected in [
        "<c r=\"C1\"><f>SUM(A1:B10)</f><v>3</v></c>",
        "<f t=\"shared\" ref=\"B2:B3\" si=\"0\">A2*2</f><v>4</v>",
        "<c r=\"B3\"><f t=\"shared\" si=\"0\"/><v>5</v></c>",
        "<f t=\"array\" ref=\"D3:D4\">$A$1</f><v>6</v>",
        "<f>様式!A1</f><v>7</v>",
        "<f>単価</f><v>8</v>",
    ] {
        assert!(sheet.contains(expected), "{expected}\n{sheet}");
    }
    assert!(part(&rebuilt.bytes, "xl/workbook.xml").contains(">様式!$A$1</definedName>"));
    assert_eq!(changed(&rebuilt, ChangedKind::FormulasToValues), 0);
}

/// NF-32: a formula that reaches out, calls a program or cannot be read keeps its value alone.
#[test]
fn formulas_of_binary_workbooks_that_reach_out_become_values() {
    let outside = [&[0x5a, 0, 0][..], &cell(0, 0, 0)[1..]].concat();
    let call = [0x17, 1, 0, b'x', 0, 0x42, 1, 150, 0];
    let mut book = Book::of(&[
        row(0, 0, 0),
        formula(0, 1.0, &outside, &[]),
        formula(1, 2.0, &call, &[]),
        formula(2, 3.0, &[0x18, 0x19], &[]),
    ]);
    book.globals = vec![record(355, &text("link1")), record(362, &numbers(&[1, 0, 0, 0]))];
    let rebuilt = Desk::new().sends("a.xlsb", &book.package().bytes()).becomes("a.xlsx");
    let sheet = part(&rebuilt.bytes, "xl/worksheets/sheet1.xml");
    assert!(!sheet.contains("<f") && sheet.contains("<v>3</v>"), "{sheet}");
    assert_eq!(changed(&rebuilt, ChangedKind::FormulasToValues), 3);
    assert_eq!(removed(&rebuilt, RemovedKind::ExternalReferences), 1);
    assert_eq!(removed(&rebuilt, RemovedKind::ActiveFormulas), 1);
}

/// NF-32: macros, sheets of macros, what starts them and links of a binary workbook do not survive.
#[test]
fn what_is_active_in_binary_workbooks_stays_behind() {
    let mut book = Book::of(&[row(0, 0, 0), shared_text(0, 0)]);
    book.sheets.push(("Macro1", 1, "xlMacrosheet4"));
    let starter = [numbers(&[0x20]), vec![0], numbers(&[u32::MAX]), text("Auto_Open")].concat();
    book.globals = vec![record(39, &[starter, parsed(&[0x1e, 1, 0], &[])].concat())];
    let link = [numbers(&[0, 0, 0, 0]), text("hyperlink1"), text(""), text(""), text("")].concat();
    book.around = vec![record(494, &link)];
    let macros = [row(0, 0, 0), formula(0, 33.0, &[0x1e, 1, 0], &[])].concat();
    let file = book
        .package()
        .related(MAIN, "xlMacrosheet", "xl/macrosheets/sheet1.bin")
        .typed("xl/macrosheets/sheet1.bin", "application/vnd.ms-excel.macrosheet")
        .with("xl/macrosheets/sheet1.bin", [record(145, &[]), macros, record(146, &[])].concat())
        .related(MAIN, "vbaProject", "xl/vbaProject.bin")
        .typed("xl/vbaProject.bin", "application/vnd.ms-office.vbaProject")
        .with("xl/vbaProject.bin", b"EVIL Sub Auto_Open()")
        .outside(SHEET, "hyperlink", "file:///c:/EVIL.exe");
    let rebuilt = Desk::new().sends("a.xlsb", &file.bytes()).becomes("a.xlsx");
    assert!(!contains(&everything(&rebuilt.bytes), b"EVIL"), "{:?}", parts(&rebuilt.bytes));
    assert!(!part(&rebuilt.bytes, "xl/workbook.xml").contains("Auto_Open"));
    let kept = part(&rebuilt.bytes, "xl/worksheets/sheet2.xml");
    assert!(kept.contains("<v>33</v>") && !kept.contains("<f"), "{kept}");
    for (kind, count) in [
        (RemovedKind::Macros, 1),
        (RemovedKind::MacroSheets, 1),
        (RemovedKind::MacroCalls, 1),
        (RemovedKind::Links, 1),
    ] {
        assert_eq!(removed(&rebuilt, kind), count, "{kind:?}");
    }
}

/// Pictures, notes and texts in several fonts come along.
#[test]
fn pictures_and_notes_of_binary_workbooks_come_along() {
    let mut book = Book::of(&[row(0, 0, 0), shared_text(0, 0)]);
    let runs = [numbers(&[1]), vec![2, 0, 1, 0]].concat();
    book.texts = vec![[vec![1], text("東京都庁"), runs].concat()];
    book.around = vec![record(550, &text("drawing1"))];
    let note = [numbers(&[0, 1, 1, 2, 2]), vec![0; 16]].concat();
    let notes = [record(635, &note), record(637, &[vec![0], text("確認済")].concat())].concat();
    let drawing = format!(
        "<xdr:wsDr {SPACES}><xdr:oneCellAnchor><xdr:from><xdr:col>1</xdr:col><xdr:colOff>0</xdr:colOff><xdr:row>1</xdr:row><xdr:rowOff>0</xdr:rowOff></xdr:from>\
         <xdr:ext cx=\"9525\" cy=\"9525\"/><xdr:pic><xdr:nvPicPr><xdr:cNvPr id=\"1\" name=\"印\"/><xdr:cNvPicPr/></xdr:nvPicPr>\
         <xdr:blipFill><a:blip r:embed=\"image1\"/></xdr:blipFill><xdr:spPr/></xdr:pic><xdr:clientData/></xdr:oneCellAnchor></xdr:wsDr>"
    );
    let file = book
        .package()
        .related(SHEET, "drawing", "xl/drawings/drawing1.xml")
        .related(SHEET, "comments", "xl/comments1.bin")
        .typed("xl/comments1.bin", "application/vnd.ms-excel.comments")
        .with("xl/comments1.bin", notes)
        .with("xl/drawings/drawing1.xml", drawing)
        .related("xl/drawings/drawing1.xml", "image", "xl/media/image1.png")
        .with("xl/media/image1.png", png(&gradient(1), 16, 16));
    let rebuilt = Desk::new().sends("a.xlsb", &file.bytes()).becomes("a.xlsx");
    assert!(parts(&rebuilt.bytes).iter().any(|it| it == "xl/media/image1.png"));
    let texts = part(&rebuilt.bytes, "xl/sharedStrings.xml");
    assert!(texts.contains("<r><t>東京</t></r><r><rPr><b/>"), "{texts}");
    let comments = parts(&rebuilt.bytes).into_iter().find(|it| it.contains("comments"));
    let comments = part(&rebuilt.bytes, &comments.expect("notes"));
    assert!(comments.contains("ref=\"C2\"") && comments.contains("確認済"), "{comments}");
}

/// NF-32: a cut-off record and too many cells are held, not guessed at.
#[test]
fn damaged_binary_workbooks_are_held() {
    let mut book = Book::of(&[row(0, 0, 0), vec![5, 0x7f, 1]]);
    Desk::new().sends("a.xlsb", &book.package().bytes()).is_held_with(HoldReason::Broken);
    let mut desk = Desk::new();
    desk.rebuilder.runner.limits.cells = 10;
    book.cells = (0..11).flat_map(|it| [row(it, 0, 0), number(0, 0, 1.0)]).collect();
    desk.sends("a.xlsb", &book.package().bytes()).is_held_with(HoldReason::TooComplex);
}

/// Rules for what may be typed come along, with the list they offer.
#[test]
fn validations_of_binary_workbooks_come_along() {
    let mut book = Book::of(&[row(0, 0, 0), shared_text(0, 0)]);
    let units: Vec<u8> = "男\0女".encode_utf16().flat_map(u16::to_le_bytes).collect();
    let list = [vec![0x17, 3, 0], units].concat();
    let texts = [text("誤り"), text("選んでください"), numbers(&[u32::MAX, u32::MAX])].concat();
    let rule =
        [numbers(&[3 | 1 << 19, 1, 0, 4, 1, 1]), texts, parsed(&list, &[]), parsed(&[], &[])]
            .concat();
    book.around = vec![record(64, &rule)];
    let sheet = sheet_of(&book);
    assert!(sheet.contains("type=\"list\"") && sheet.contains("sqref=\"B1:B5\""), "{sheet}");
    assert!(sheet.contains("<formula1>\"男,女\"</formula1>"), "{sheet}");
    assert!(sheet.contains("errorTitle=\"誤り\" error=\"選んでください\""), "{sheet}");
}
