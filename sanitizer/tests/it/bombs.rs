//! Small files that want to be large, of every kind but PDF (`pdf::bombs`).
//! A worker here has ten seconds of processor time: whoever needs more is
//! killed and held as `timeout`, which is not the answer these tests accept.

use sanitizer::rebuild::End;
use sanitizer_intermediate::HoldReason::{self, Broken, TooComplex, TooLarge};

use crate::desk::Desk;
use crate::legacy::compound;
use crate::office::package::Package;
use crate::office::sheets::{self, workbook};
use crate::office::slides::deck;
use crate::office::word::document;
use crate::pictures::{gif, gradient, png, png_with, tiff};

const CPU_SECONDS: u32 = 10;

/// Why a file is held, `None` when it is rebuilt.
#[track_caller]
fn answer(name: &str, bytes: &[u8]) -> Option<HoldReason> {
    let mut desk = Desk::new();
    desk.rebuilder.runner.limits.cpu_seconds = CPU_SECONDS;
    let sent = desk.sends(name, bytes);
    match sent.0.end {
        End::Rebuilt(_) => None,
        End::Held(reason) => {
            let told = sent.0.diagnosis;
            let own = !matches!(reason, HoldReason::Timeout | HoldReason::WorkerFault);
            assert!(own, "{name}: {} {told:?}", reason.code());
            Some(reason)
        }
    }
}

#[track_caller]
fn held(name: &str, bytes: &[u8], reasons: &[HoldReason]) {
    let reason = answer(name, bytes).unwrap_or_else(|| panic!("{name}: rebuilt"));
    assert!(reasons.contains(&reason), "{name}: {}", reason.code());
}

fn zipped(members: &[(String, Vec<u8>)]) -> Vec<u8> {
    use std::io::Write as _;
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, bytes) in members {
        let options = zip::write::SimpleFileOptions::default();
        zip.start_file(name.as_str(), options).expect("a member");
        zip.write_all(bytes).expect("a member");
    }
    zip.finish().expect("an archive").into_inner()
}

fn one(name: &str, bytes: Vec<u8>) -> Vec<u8> {
    zipped(&[(name.to_owned(), bytes)])
}

/// NF-32: archives that unfold to very much, in one member or in many, one in
/// the other or all in the same bytes.
#[test]
fn archives() {
    held("比.zip", &one("a.txt", vec![b'a'; 100 << 20]), &[TooComplex, TooLarge]);
    let many: Vec<_> = (0..12_000).map(|it| (format!("{it}.txt"), Vec::new())).collect();
    held("数.zip", &zipped(&many), &[TooComplex, TooLarge]);
    let deep = (0..40).fold(b"text".to_vec(), |inner, _| one("a.zip", inner));
    held("深.zip", &deep, &[TooComplex]);
    held("重.zip", &overlapping(300), &[Broken]);
    held("己.zip", &within_itself(), &[Broken]);
}

/// Entries of the directory that all lead to one member.
fn overlapping(times: u16) -> Vec<u8> {
    let single = one("a.txt", vec![b'a'; 1 << 20]);
    let end = single.len() - 22;
    let at = u32::from_le_bytes(single[end + 16..end + 20].try_into().expect("four"));
    let entry = &single[at as usize..end];
    let mut file = single[..at as usize].to_vec();
    for number in 0..times {
        let mut entry = entry.to_vec();
        entry[46] = b'A' + u8::try_from(number % 26).expect("small");
        file.extend(entry);
    }
    let mut tail = single[end..].to_vec();
    tail[8..10].copy_from_slice(&times.to_le_bytes());
    tail[10..12].copy_from_slice(&times.to_le_bytes());
    let length = u32::try_from(entry.len()).expect("short") * u32::from(times);
    tail[12..16].copy_from_slice(&length.to_le_bytes());
    [file, tail].concat()
}

/// An archive whose only member is the archive from its first byte on: what a
/// quine unfolds to, for ever.
fn within_itself() -> Vec<u8> {
    let inner = one("a.zip", vec![b'x'; 40]);
    let mut file = inner.clone();
    let end = file.len() - 22;
    let at = u32::from_le_bytes(file[end + 16..end + 20].try_into().expect("four")) as usize;
    let length = u32::try_from(inner.len()).expect("short").to_le_bytes();
    for place in [at + 20, at + 24] {
        file[place..place + 4].copy_from_slice(&length);
    }
    // Stored, and beginning where the file begins.
    file[at + 10..at + 12].copy_from_slice(&[0, 0]);
    file[at + 42..at + 46].copy_from_slice(&[0; 4]);
    file
}

/// NF-32: pictures of enormous sides and of frames without end.
#[test]
fn pictures() {
    let mut large = png(&gradient(1), 16, 16);
    large[16..24].copy_from_slice(&[0, 0, 0xEA, 0x60, 0, 0, 0xEA, 0x60]);
    let mut sum = flate2::Crc::new();
    sum.update(&large[12..29]);
    large[29..33].copy_from_slice(&sum.sum().to_be_bytes());
    held("大.png", &large, &[TooLarge]);

    let frame = gradient(1);
    let mut wide = gif(std::slice::from_ref(&frame), 16);
    wide[6..10].copy_from_slice(&[0xFF; 4]);
    held("大.gif", &wide, &[TooLarge, Broken]);
    let many = gif(&vec![frame.clone(); 700], 16);
    assert_eq!(answer("多.gif", &many), None, "the first frame stands for all");

    let page = tiff(std::slice::from_ref(&frame), 16);
    held("多.tif", &tiff(&vec![frame.clone(); 600], 16), &[TooLarge, TooComplex]);
    let sides = (0..page.len() - 12).find(|at| page[*at..at + 8] == [0, 1, 4, 0, 1, 0, 0, 0]);
    let at = sides
        .or_else(|| (0..page.len() - 12).find(|at| page[*at..at + 8] == [0, 1, 3, 0, 1, 0, 0, 0]));
    let at = at.expect("the width of the page");
    let mut wide = page.clone();
    wide[at + 2] = 4;
    wide[at + 8..at + 12].copy_from_slice(&u32::MAX.to_le_bytes());
    held("大.tif", &wide, &[TooLarge, Broken]);

    let notes = (0..40_000).fold(png(&gradient(1), 16, 16), |file, _| {
        if file.len() > 3_000_000 { file } else { png_with(&file, b"tEXt", &[b'a'; 300]) }
    });
    assert_eq!(answer("註.png", &notes), None, "texts are dropped, however many");
}

/// NF-32: a photo of tiles that says it is enormous.
#[test]
fn photos_of_tiles() {
    let rgb = vec![90; 64 * 48 * 3];
    let options = heifer::EncodeOptions { quality: 90, max_threads: 1 };
    let mut file = heifer::encode_rgb8(64, 48, &rgb, &options).expect("a HEIC file");
    let sizes: Vec<usize> =
        (0..file.len() - 16).filter(|at| &file[*at..at + 4] == b"ispe").collect();
    assert!(!sizes.is_empty());
    for at in sizes {
        file[at + 8..at + 16].copy_from_slice(&[0, 0, 0xFF, 0xFF, 0, 0, 0xFF, 0xFF]);
    }
    held("大.heic", &file, &[TooLarge, Broken]);
}

/// NF-32: XML that is deep, wide or says the same many times over.
#[test]
fn markup() {
    let deep = ["<w:p>".repeat(100_000), "</w:p>".repeat(100_000)].concat();
    held("深.docx", &document(&deep).bytes(), &[TooComplex]);
    let tables = ["<w:tbl><w:tr><w:tc>".repeat(5_000), "</w:tc></w:tr></w:tbl>".repeat(5_000)];
    held("表.docx", &document(&tables.concat()).bytes(), &[TooComplex]);
    let wide: String = (0..200_000).map(|it| format!(" a{it}=\"x\"")).collect();
    held("広.docx", &document(&format!("<w:p{wide}/>")).bytes(), &[TooComplex, TooLarge, Broken]);
    let many = "<w:p/>".repeat(2_100_000);
    held("多.docx", &document(&many).bytes(), &[TooComplex, TooLarge]);
    let laughs = "<!DOCTYPE a [<!ENTITY b \"bbbbbbbbbb\"><!ENTITY c \"&b;&b;&b;&b;&b;&b;\">]>\
        <w:document xmlns:w=\"http://schemas.openxmlformats.org/wordprocessingml/2006/main\">\
        <w:body><w:p><w:r><w:t>&c;</w:t></w:r></w:p></w:body></w:document>";
    let main = crate::office::word::MAIN;
    let package = Package::new(main, crate::office::word::MEDIA).with(main, laughs);
    held("笑.docx", &package.bytes(), &[Broken]);
    let shapes = ["<p:grpSp>".repeat(3_000), "</p:grpSp>".repeat(3_000)].concat();
    held("組.pptx", &deck(&shapes, "").bytes(), &[TooComplex]);
}

/// NF-32: workbooks of rows and texts without end.
#[test]
fn workbooks() {
    let far = "<dimension ref=\"A1:XFD1048576\"/><sheetData><row r=\"1048576\">\
        <c r=\"XFD1048576\"><v>1</v></c></row></sheetData>";
    assert_eq!(
        answer("遠.xlsx", &workbook(far, "").bytes()),
        None,
        "one cell far away is one cell"
    );
    let cells: String = (1..=2_100_000).map(|it| format!("<row r=\"{it}\"><c/></row>")).collect();
    let cells = format!("<sheetData>{cells}</sheetData>");
    held("多.xlsx", &workbook(&cells, "").bytes(), &[TooComplex, TooLarge, Broken]);
    // One long text that every cell shows.
    let text = "あ".repeat(30_000);
    let cells: String = (1..=20_000)
        .map(|it| format!("<row r=\"{it}\"><c r=\"A{it}\" t=\"s\"><v>0</v></c></row>"))
        .collect();
    let package = workbook(&format!("<sheetData>{cells}</sheetData>"), "")
        .related(sheets::MAIN, "sharedStrings", "xl/sharedStrings.xml")
        .with(
            "xl/sharedStrings.xml",
            format!("<sst {} count=\"4294967295\"><si><t>{text}</t></si></sst>", sheets::S),
        );
    assert_eq!(answer("同.xlsx", &package.bytes()), None, "a shared text stays shared");
    let merges: String = (0..200_000).map(|_| "<mergeCell ref=\"A1:XFD1048576\"/>").collect();
    let package = workbook(&format!("<sheetData/><mergeCells>{merges}</mergeCells>"), "");
    // Either answer will do; it must come in time.
    let _either = answer("結.xlsx", &package.bytes());
}

/// NF-32: OpenDocument repeats by number what it would have to write out.
#[test]
fn repeated_cells() {
    let file = |body: &str| {
        let content = format!(
            "<office:document-content xmlns:office=\"urn:oasis:names:tc:opendocument:xmlns:office:1.0\" \
             xmlns:table=\"urn:oasis:names:tc:opendocument:xmlns:table:1.0\" \
             xmlns:text=\"urn:oasis:names:tc:opendocument:xmlns:text:1.0\"><office:body>\
             <office:spreadsheet><table:table table:name=\"a\">{body}</table:table>\
             </office:spreadsheet></office:body></office:document-content>"
        );
        let media = b"application/vnd.oasis.opendocument.spreadsheet".to_vec();
        zipped(&[("mimetype".to_owned(), media), ("content.xml".to_owned(), content.into_bytes())])
    };
    let cell = "<table:table-cell table:number-columns-repeated=\"16384\" \
        office:value-type=\"float\" office:value=\"1\"><text:p>1</text:p></table:table-cell>";
    let row =
        format!("<table:table-row table:number-rows-repeated=\"1048576\">{cell}</table:table-row>");
    held("多.ods", &file(&row), &[TooLarge, TooComplex]);
    let spaces = "<table:table-row><table:table-cell office:value-type=\"string\"><text:p>\
        <text:s text:c=\"4000000000\"/></text:p></table:table-cell></table:table-row>";
    let _either = answer("空.ods", &file(spaces));
}

/// NF-32: RTF that is deep, or promises bytes that are not there.
#[test]
fn rich_text() {
    let deep = format!("{{\\rtf1 {}{}}}", "{".repeat(200_000), "}".repeat(200_000));
    held("深.rtf", deep.as_bytes(), &[TooComplex]);
    let open = format!("{{\\rtf1 {}", "{\\b ".repeat(200_000));
    held("開.rtf", open.as_bytes(), &[TooComplex, Broken]);
    let _either = answer("約.rtf", b"{\\rtf1 a\\bin4294967295 b}");
    let cells = format!("{{\\rtf1 {}\\row}}", "\\cellx1\\cell ".repeat(300_000));
    held("表.rtf", cells.as_bytes(), &[TooComplex]);
}

/// NF-32: compound files whose sectors and folders lead in circles.
#[test]
fn compound_files() {
    let file = compound(&[("/Workbook", &[0_u8; 5_000]), ("/Other", &[1_u8; 5_000])]);
    // The table of sectors: the first sector after the head, or the next ones.
    for sector in 0..4 {
        let mut looped = file.clone();
        let at = 512 + sector * 512;
        if let Some(table) = looped.get_mut(at..at + 512) {
            for (number, entry) in (0_u32..).zip(table.chunks_exact_mut(4)) {
                entry.copy_from_slice(&(number / 2).to_le_bytes());
            }
        }
        let _either = answer("輪.xls", &looped);
    }
    let mut endless = file.clone();
    // The chain of further tables leads to itself.
    endless[68..76].copy_from_slice(&[0, 0, 0, 0, 0xFF, 0xFF, 0xFF, 0x7F]);
    let _either = answer("鎖.xls", &endless);
}

/// NF-32: separated values of more cells than any desk reads.
#[test]
fn separated_values() {
    held("多.csv", &b",".repeat(3_000_000), &[TooComplex, TooLarge]);
    held("行.csv", &b"a\n".repeat(3_000_000), &[TooComplex, TooLarge]);
}
