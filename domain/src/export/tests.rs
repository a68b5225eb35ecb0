//! Whole files: what is written reads back, in every layout.

use jiff::civil::date;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::forms::publish::ProblemCode;

fn layout(change: impl FnOnce(&mut Value)) -> Layout {
    let mut layout = json!({
        "name": "sample", "version": 2,
        "columns": [
            {"id": "number", "header": "受付番号", "source": {"system": "receipt_number"}, "width": 13},
            {"id": "kana", "header": "カナ", "source": {"input": "name.family_kana"}, "letters": "half",
             "width": 10},
            {"id": "name", "header": "氏名", "source": {"input": "name.family"}, "width": 20,
             "overflow": "truncate"},
            {"id": "amount", "header": "金額", "source": {"input": "amount"}, "empty": "0",
             "number": {"total": true}, "width": 8, "side": "right", "pad": "zero"},
            {"id": "changed", "header": "変更", "source": {"system": "changed_flag"}, "width": 1}
        ]
    });
    change(&mut layout);
    serde_json::from_value(layout).unwrap()
}

const ABOUT: About = About { business_date: date(2026, 11, 20), generation: 12, layout_version: 2 };

fn values(rows: &[[&str; 5]]) -> Vec<Vec<Vec<String>>> {
    let cell = |text: &&str| vec![(*text).to_owned()];
    rows.iter().map(|row| row.iter().map(cell).collect()).collect()
}

fn people() -> Vec<Vec<Vec<String>>> {
    values(&[
        ["2026-000001-2", "やまだ", "山田", "1200", ""],
        ["2026-000002-0", "ヨシダ", "𠮷田〜葛\u{E0100}城", "", ""],
        ["2026-000003-8", "サイトウ", "齋藤\n\"と\",山\t田太郎左衛門", "-30", ""],
    ])
}

/// The file, its report and its sums.
fn written(layout: &Layout, rows: &[Vec<Vec<String>>]) -> (Vec<u8>, String, Totals) {
    let mut recorder = Recorder::new(layout.clone(), GaijiTable::default());
    let heading = heading(layout);
    let mut writer = DataWriter::new(layout.clone(), ABOUT, heading.as_deref()).unwrap();
    let (mut bytes, mut report) = (Vec::new(), Report::default());
    for row in rows {
        let record = recorder.record(row).unwrap();
        writer.record(&record).unwrap();
        let changes = record.changes.iter();
        let named = changes.map(|(n, change)| (layout.columns[*n].id.as_str(), change));
        report.add(recorder.records(), &record.cells[0][0], named);
        bytes.extend(writer.take());
    }
    let totals = Totals { records: recorder.records(), sums: recorder.totals() };
    writer.end(&totals).unwrap();
    bytes.extend(writer.take());
    (bytes, String::from_utf8(report.take()).unwrap(), totals)
}

fn fixed() -> Layout {
    layout(|d| {
        d["profile"] = json!({"encoding": "cp932"});
        let width = |source: Value, width: u32| json!({"source": source, "width": width});
        d["shape"] = json!({"fixed": {
            "record": 52,
            "header": [width(json!({"fixed": "1"}), 1), width(json!({"business_date": "compact"}), 8),
                {"source": "generation", "width": 6, "side": "right", "pad": "zero"},
                width(json!({"fixed": ""}), 37)],
            "trailer": [width(json!({"fixed": "8"}), 1),
                {"source": "records", "width": 6, "side": "right", "pad": "zero"},
                {"source": {"total": "amount"}, "width": 10, "side": "right", "pad": "zero"},
                width(json!({"fixed": ""}), 35)],
            "end": [width(json!({"fixed": "9"}), 1), width(json!({"fixed": ""}), 51)],
        }});
    })
}

fn xml() -> Layout {
    layout(|d| {
        d["shape"] = json!({"xml": {"root": "申請一覧", "record": "申請", "indent": true}});
        for (n, path) in
            ["受付番号", "申請者/氏名/カナ", "申請者/氏名/漢字", "金額", "変更"].iter().enumerate()
        {
            d["columns"][n]["path"] = json!(path);
            d["columns"][n].as_object_mut().unwrap().remove("width");
        }
    })
}

/// IK-2.1.2d1: the bytes of each kind of file are fixed; whoever changes one sees it here.
#[test]
fn every_kind_of_file_is_as_it_was() {
    let cp932 = layout(|d| d["profile"] = json!({"encoding": "cp932", "header": "japanese"}));
    let tabs = layout(|d| {
        d["profile"] = json!({"encoding": "utf16_le", "delimiter": "tab", "quoting": "minimal",
            "newline": "lf", "header": "none", "neutralise_formulas": true});
        for column in d["columns"].as_array_mut().unwrap() {
            column.as_object_mut().unwrap().remove("width");
        }
    });
    let golden: [(&Layout, &[u8]); 4] = [
        (&cp932, include_bytes!("golden/cp932.csv")),
        (&tabs, include_bytes!("golden/utf16.tsv")),
        (&fixed(), include_bytes!("golden/fixed.dat")),
        (&xml(), include_bytes!("golden/sample.xml")),
    ];
    for (layout, golden) in golden {
        assert_eq!(check(layout), []);
        let (bytes, _, totals) = written(layout, &people());
        assert_eq!(totals, Totals { records: 3, sums: vec![("amount".into(), "1170".into())] });
        let encoding = layout.profile.encoding;
        assert_eq!(encoding.decode(&bytes), encoding.decode(golden));
        assert_eq!(bytes, golden);
    }
}

/// IK-2.1.2d1: whatever is not written as it was typed stands in the report, and flags its record.
#[test]
fn nothing_changes_in_silence() {
    let (bytes, report, _) = written(&fixed(), &people());
    let records: Vec<&[u8]> =
        bytes.split(|b| *b == b'\n').filter(|line| !line.is_empty()).collect();
    assert!(records.iter().all(|record| record.len() == 53), "52 bytes and a carriage return");
    let flags: Vec<u8> = records[1..4].iter().map(|record| record[51]).collect();
    assert_eq!(flags, b"011");
    for line in [
        "\"2\",\"2026-000002-0\",\"name\",\"1\",\"U+20BB7\",\"U+3013\",\"geta\"",
        "\"2\",\"2026-000002-0\",\"name\",\"3\",\"U+301C\",\"U+FF5E\",\"folded\"",
        "\"2\",\"2026-000002-0\",\"name\",\"4\",\"U+845B U+E0100\",\"U+3013\",\"geta\"",
        "\"3\",\"2026-000003-8\",\"name\",\"13\",\"U+5DE6\",\"\",\"cut\"",
    ] {
        assert!(report.contains(line), "{line}\n{report}");
    }
    assert_eq!(report.lines().count(), 5);
}

/// IK-2.1.2d1: what cannot be written holds its application back, and is counted nowhere.
#[test]
fn a_value_that_cannot_be_written_is_named() {
    let strict = layout(|d| {
        d["profile"] = json!({"encoding": "cp932", "gaiji": "error"});
        d["columns"][1]["required"] = json!(true);
        d["columns"][2]["overflow"] = json!("error");
    });
    let mut recorder = Recorder::new(strict, GaijiTable::default());
    let bad =
        values(&[["x", "", "𠮷𠮷é", "12.5", ""], ["x", "ア", "長い長い長い長い長い名", "五", ""]]);
    let why =
        |refused: Vec<Refusal>| refused.into_iter().map(|r| (r.column, r.why)).collect::<Vec<_>>();
    assert_eq!(
        why(recorder.record(&bad[0]).unwrap_err()),
        [(1, Why::Missing), (2, Why::Characters("é𠮷".into())), (3, Why::Number)]
    );
    assert_eq!(
        why(recorder.record(&bad[1]).unwrap_err()),
        [(2, Why::TooLong { bytes: 22, width: 20 }), (3, Why::Number)]
    );
    assert_eq!((recorder.records(), recorder.totals()[0].1.as_str()), (0, "0"));
}

/// IK-2.1.2d1: each mistake in a definition is found before it is published.
#[test]
fn every_mistake_in_a_layout_is_found() {
    use ProblemCode as C;
    let codes = |layout: &Layout| check(layout).into_iter().map(|p| p.code).collect::<Vec<_>>();
    let with = |change: fn(&mut Value)| codes(&layout(change));
    assert_eq!(with(|_| {}), []);
    assert_eq!(with(|d| d["name"] = json!("X")), [C::BadId]);
    assert_eq!(with(|d| d["columns"] = json!([])), [C::Empty]);
    assert_eq!(with(|d| d["columns"][1]["id"] = json!("number")), [C::RepeatedId]);
    assert_eq!(with(|d| d["columns"][0]["width"] = json!(0)), [C::ExportWidth]);
    assert_eq!(with(|d| d["columns"][3]["number"]["decimals"] = json!(7)), [C::ExportNumber]);
    assert_eq!(with(|d| d["columns"][3]["overflow"] = json!("truncate")), [C::ExportCutNumber]);
    assert_eq!(with(|d| d["profile"] = json!({"line_break": ","})), [C::ExportMark]);
    assert_eq!(with(|d| d["profile"] = json!({"gaiji": "map"})), [C::ExportTable]);
    assert_eq!(with(|d| d["profile"] = json!({"gaiji_table": "meiji"})), [C::ExportTable]);
    let cp932 = |text: &str| {
        codes(&layout(|d| {
            d["profile"] = json!({"encoding": "cp932"});
            d["columns"][0]["source"] = json!({"fixed": text});
        }))
    };
    assert_eq!((cp932("吉"), cp932("𠮷")), (vec![], vec![C::ExportText]));

    let fixed = |change: fn(&mut Layout, &mut Fixed)| {
        let mut layout = fixed();
        let Shape::Fixed(mut shape) = layout.shape.clone() else { panic!("fixed") };
        change(&mut layout, &mut shape);
        layout.shape = Shape::Fixed(shape);
        codes(&layout)
    };
    assert_eq!(fixed(|_, f| f.record = 53), [C::ExportRecordLength; 4]);
    assert_eq!(fixed(|l, _| l.columns[0].width = None), [C::ExportNoWidth, C::ExportRecordLength]);
    let utf16 = fixed(|l, _| l.profile.encoding = Encoding::Utf16Le);
    assert_eq!(utf16[0], C::ExportFixedEncoding);
    assert!(utf16[1..].iter().all(|code| *code == C::ExportText), "twice the bytes: {utf16:?}");
    assert_eq!(fixed(|l, _| l.columns[0].pad = Pad::WideSpace), [C::ExportWideSpace]);
    assert_eq!(fixed(|_, f| f.header[2].source = PartSource::Records), [C::ExportTooEarly]);
    assert_eq!(
        fixed(|_, f| f.trailer[2].source = PartSource::Total("x".into())),
        [C::ExportNoTotal]
    );
    assert_eq!(fixed(|_, f| f.end[0].source = PartSource::Fixed("99".into())), [C::ExportText]);

    let xml = |paths: [&str; 5]| {
        let mut layout = xml();
        for (column, path) in layout.columns.iter_mut().zip(paths) {
            path.clone_into(&mut column.path);
        }
        codes(&layout)
    };
    assert_eq!(xml(["a", "b/c", "b/d/e", "b/d/f", "g"]), []);
    assert_eq!(xml(["a", "a", "b", "c", "d"]), [C::ExportElementTwice]);
    assert_eq!(xml(["a/x", "b", "a/y", "c", "d"]), [C::ExportElementTwice]);
    assert_eq!(xml(["a", "a/b", "c", "d", "e"]), [C::ExportElementTwice]);
    assert_eq!(xml(["1a", "a b", "xmlx", "c", "d"]), [C::ExportElement; 3]);
    let sheet = |name: &str, encoding: &str| {
        codes(&layout(|d| {
            d["shape"] = json!({"spreadsheet": {"sheet": name}});
            d["profile"] = json!({"encoding": encoding});
        }))
    };
    assert_eq!(sheet("一覧", "utf8"), []);
    assert_eq!(sheet("a/b", "cp932"), [C::ExportSheet, C::ExportSheetEncoding]);
    let sheet = layout(|d| d["shape"] = json!({"spreadsheet": {}}));
    assert_eq!(too_many(&sheet, 10_000), None);
    assert_eq!(too_many(&sheet, MOST_ROWS).map(|p| p.code), Some(C::ExportTooMany));
    assert_eq!(too_many(&layout(|_| {}), u32::MAX), None);
    let split = Layout { rows_per_file: Some(MOST_ROWS - 1), ..sheet };
    assert_eq!(too_many(&split, MOST_ROWS), None);
}

/// IK-2.1.2d1: how files are named, how long they are and what machines need is checked as well.
#[test]
fn every_mistake_about_files_and_machines_is_found() {
    use ProblemCode as C;
    let with = |change: fn(&mut Value)| {
        let found = check(&layout(change)).into_iter();
        found.map(|problem| (problem.at, problem.code)).collect::<Vec<_>>()
    };
    let one = |at: &str, code| vec![(at.to_owned(), code)];
    assert_eq!(with(|d| d["file_name"] = json!("JUMIN{date}{generation:4}")), Vec::new());
    assert_eq!(
        with(|d| d["file_name"] = json!("JUMIN{date}")),
        one("export.file_name", C::ExportFileName)
    );
    assert_eq!(with(|d| d["rows_per_file"] = json!(1)), Vec::new());
    for count in [0, 1_000_001] {
        let found = check(&layout(|d| d["rows_per_file"] = json!(count))).into_iter();
        assert_eq!(found.map(|p| p.code).collect::<Vec<_>>(), [C::ExportRows], "{count}");
    }
    let bare = |machines: bool| {
        let found = check(&layout(|d| {
            d["profile"] = json!({"header": "none"});
            d["columns"][3]["empty"] = json!("-");
            d["machine_readable"] = json!(machines);
        }));
        found.into_iter().map(|problem| (problem.at, problem.code)).collect::<Vec<_>>()
    };
    assert_eq!(bare(false), Vec::new());
    let found =
        [("export.profile.header", C::ExportNoHeader), ("export.columns[3]", C::ExportUnit)];
    assert_eq!(bare(true), found.map(|(at, code)| (at.to_owned(), code)));
}

/// IK-3.5.7b: each of several files counts its own records and sums, and together they are the
/// generation's.
#[test]
fn several_files_have_counts_of_their_own() {
    let layout = fixed();
    let mut recorder = Recorder::new(layout.clone(), GaijiTable::default());
    let mut trailers = Vec::new();
    for rows in people().chunks(2) {
        let mut writer = DataWriter::new(layout.clone(), ABOUT, None).unwrap();
        for row in rows {
            writer.record(&recorder.record(row).unwrap()).unwrap();
        }
        assert_eq!(recorder.in_file(), rows.len() as u64);
        writer.end(&recorder.end_file()).unwrap();
        let text = Encoding::Cp932.decode(&writer.take()).unwrap();
        trailers.extend(
            text.lines().filter(|line| line.starts_with('8')).map(|line| line[..17].to_owned()),
        );
    }
    assert_eq!(trailers, ["80000020000001200", "8000001-000000030"]);
    assert_eq!((recorder.in_file(), recorder.records()), (0, 3));
    assert_eq!(recorder.totals(), [("amount".to_owned(), "1170".to_owned())]);
}

/// NF-24: ten thousand records leave one by one: what is held at any time is one of them.
#[test]
fn ten_thousand_records_never_pile_up() {
    let csv = layout(|d| d["profile"] = json!({"encoding": "cp932"}));
    for layout in [csv, fixed(), xml()] {
        let mut recorder = Recorder::new(layout.clone(), GaijiTable::default());
        let mut writer = DataWriter::new(layout.clone(), ABOUT, None).unwrap();
        let people = people();
        let (mut most, mut all) = (writer.take().len(), 0);
        for row in people.iter().cycle().take(10_000) {
            writer.record(&recorder.record(row).unwrap()).unwrap();
            let piece = writer.take().len();
            most = most.max(piece);
            all += piece;
        }
        assert_eq!(recorder.records(), 10_000);
        assert!(most < 1_000 && all > 400_000, "{most} of {all}");
    }
}

/// A definition from before a setting existed keeps its bytes, and so its hash.
#[test]
fn a_definition_without_new_settings_is_written_as_before() {
    let old = json!({"name": "x", "version": 1, "attachments": false,
        "columns": [{"id": "a", "header": "a", "source": {"fixed": "1"}}],
        "profile": {"encoding": "utf8", "newline": "crlf", "quoting": "all", "header": "physical",
            "dates": "iso", "neutralise_formulas": false, "gaiji": "geta", "line_break": "⏎"}});
    let layout: Layout = serde_json::from_value(old.clone()).unwrap();
    assert_eq!(serde_json::to_value(layout).unwrap(), old);
}

#[test]
fn numbers_are_written_as_their_column_says() {
    let format = |decimals, implied_point| NumberFormat { decimals, implied_point, total: false };
    let write = |text: &str, f| record::written(text.parse().unwrap(), f);
    assert_eq!(write("12.5", format(2, false)).as_deref(), Some("12.50"));
    assert_eq!(write("12.5", format(2, true)).as_deref(), Some("1250"));
    assert_eq!(write("-7", format(0, false)).as_deref(), Some("-7"));
    assert_eq!(write("-0.5", format(1, true)).as_deref(), Some("-05"));
    assert_eq!(write("1.25", format(1, false)), None);
}

/// Reads a CSV file by the rules of the trade, not by ours.
fn read_csv(text: &str, delimiter: char) -> Vec<Vec<String>> {
    let (mut rows, mut row, mut cell) = (Vec::new(), Vec::new(), String::new());
    let (mut quoted, mut letters) = (false, text.chars().peekable());
    while let Some(c) = letters.next() {
        match c {
            '"' if quoted && letters.peek() == Some(&'"') => {
                letters.next();
                cell.push('"');
            }
            '"' => quoted = !quoted,
            '\r' if !quoted => {}
            '\n' if !quoted => {
                row.push(std::mem::take(&mut cell));
                rows.push(std::mem::take(&mut row));
            }
            c if c == delimiter && !quoted => row.push(std::mem::take(&mut cell)),
            c => cell.push(c),
        }
    }
    rows
}

/// What a person may have typed, with all that is difficult in it.
fn typed() -> impl Strategy<Value = String> {
    let hard = "〜−¥‾𠮷葛\u{E0100}髙é㋿\u{E000}\u{F8FF}ｱﾞ,\"\n\t =+-@';|&<>]\u{301}〓あ漢字abc012";
    let hard: Vec<char> = hard.chars().collect();
    prop::collection::vec(prop_oneof![3 => prop::sample::select(hard), 1 => any::<char>()], 0..24)
        .prop_map(|letters| letters.into_iter().collect())
}

fn profile() -> impl Strategy<Value = Profile> {
    let encodings = [
        Encoding::Utf8,
        Encoding::Utf8Bom,
        Encoding::Cp932,
        Encoding::Utf16Le,
        Encoding::Utf16LeBare,
    ];
    let delimiters = [Delimiter::Comma, Delimiter::Tab, Delimiter::Semicolon, Delimiter::Pipe];
    (
        prop::sample::select(encodings.to_vec()),
        prop::sample::select(delimiters.to_vec()),
        any::<[bool; 5]>(),
    )
        .prop_map(|(encoding, delimiter, [all, lf, formulas, drop, bmp])| Profile {
            encoding,
            delimiter,
            quoting: if all { Quoting::All } else { Quoting::Minimal },
            newline: if lf { Newline::Lf } else { Newline::Crlf },
            neutralise_formulas: formulas,
            selectors: if drop { Selectors::Drop } else { Selectors::Keep },
            repertoire: if bmp { Repertoire::Bmp } else { Repertoire::All },
            header: Header::None,
            ..Profile::default()
        })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    /// IK-2.1.2d1: a CSV file of any profile reads back as what the recorder says is written; what
    /// differs from what was typed is in the report.
    #[test]
    fn a_csv_file_reads_back(profile in profile(), name in typed(), kana in typed()) {
        let mut layout = layout(|_| {});
        layout.columns.truncate(3);
        for column in &mut layout.columns {
            column.width = None;
            column.letters = Letters::Keep;
        }
        layout.profile = profile.clone();
        let row = vec![vec!["2026-000001-2".to_owned()], vec![kana.clone()], vec![name.clone()]];
        let record = Recorder::new(layout.clone(), GaijiTable::default()).record(&row).unwrap();
        let (bytes, _, _) = written(&layout, &[row]);
        let text = profile.encoding.decode(&bytes).unwrap();
        let read = read_csv(&text, profile.delimiter.letter());
        let said: Vec<String> = record.cells.into_iter().flatten().collect();
        prop_assert_eq!(&read, std::slice::from_ref(&said));
        let shaped = [csv::plain(&profile, &kana), csv::plain(&profile, &name)];
        for (n, typed) in shaped.iter().enumerate() {
            let changed = record.changes.iter().any(|(column, _)| *column == n + 1);
            prop_assert_eq!(changed, said[n + 1] != *typed);
        }
    }

    /// IK-2.1.2d1: a fixed-length record has its length in bytes whatever was typed, and reads back.
    #[test]
    fn a_fixed_length_record_has_its_length(name in typed(), amount in -9_999_999_i64..9_999_999) {
        let mut layout = fixed();
        layout.columns[1].overflow = Overflow::Truncate;
        let row = vec![
            vec!["2026-000001-2".to_owned()],
            vec![name.clone()],
            vec![name],
            vec![amount.to_string()],
            vec![],
        ];
        let record = Recorder::new(layout.clone(), GaijiTable::default()).record(&row).unwrap();
        let (bytes, _, _) = written(&layout, &[row]);
        prop_assert_eq!(bytes.len(), 4 * 54);
        let data = &bytes[54..54 + 52];
        let kana = Encoding::Cp932.decode(&data[13..23]).unwrap();
        prop_assert_eq!(kana.trim_end_matches(' '), record.cells[1][0].trim_end_matches(' '));
        let number = std::str::from_utf8(&data[43..51]).unwrap();
        prop_assert_eq!(number.parse::<i64>().unwrap(), amount);
        let flagged = record.changes.iter().any(|(_, change)| change.how.flags());
        prop_assert_eq!(data[51], if flagged { b'1' } else { b'0' });
    }

    /// IK-2.1.2d1: an XML file reads back, and nothing typed becomes an element.
    #[test]
    fn an_xml_file_reads_back(name in typed()) {
        let layout = xml();
        let row = values(&[["2026-000001-2", "ア", "", "1", ""]]).remove(0);
        let row: Vec<_> = row.into_iter().enumerate()
            .map(|(n, cell)| if n == 2 { vec![name.clone()] } else { cell }).collect();
        let record = Recorder::new(layout.clone(), GaijiTable::default()).record(&row).unwrap();
        let (bytes, _, _) = written(&layout, &[row]);
        let text = String::from_utf8(bytes).unwrap();
        let (_, rest) = text.split_once("<漢字>").unwrap();
        let (inner, rest) = rest.split_once("</漢字>").unwrap();
        prop_assert!(!inner.contains('<') && rest.ends_with("</申請一覧>\r\n"));
        let mut read = inner.to_owned();
        for (entity, letter) in [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&apos;", "'"),
            ("&#13;", "\r"), ("&amp;", "&")] {
            read = read.replace(entity, letter);
        }
        prop_assert_eq!(read, record.cells[2][0].clone());
    }
}
