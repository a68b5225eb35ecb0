use proptest::prelude::*;
use serde_json::{Value, json};

use super::{FaultCode, Sheet, Words, kinds, read, write};
use crate::forms::definition::Procedure;
use crate::ids::ProcedureId;

/// Every word is its own key, so that tests read like the plan.
struct Keys;

impl Words for Keys {
    fn sheet(&self, name: &str) -> String {
        name.to_owned()
    }
    fn heading(&self, path: &str) -> String {
        path.to_owned()
    }
    fn value(&self, _: &str, code: &str) -> Option<String> {
        Some(format!("<{code}>"))
    }
    fn department(&self, id: &str) -> Option<String> {
        (id == CITIZENS).then(|| "市民課".to_owned())
    }
    fn department_id(&self, name: &str) -> Option<String> {
        (name == "市民課").then(|| CITIZENS.to_owned())
    }
}

const CITIZENS: &str = "00000000000000000000000002";
/// A department the city has no name for.
const OTHERS: &str = "00000000000000000000000003";

fn own_id() -> ProcedureId {
    ProcedureId::from_bits(77)
}

fn there_and_back(document: &Procedure) {
    let sheets = write(document, &Keys).expect("written");
    match read(&sheets, &Keys, &own_id()) {
        Ok(back) => assert_eq!(&back, document, "{sheets:?}"),
        Err(faults) => panic!("{faults:?}\n{sheets:?}"),
    }
}

/// NF-37: every definition of the sample city comes back from its workbook as it went.
#[test]
fn the_sample_city_comes_back_as_it_went() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../deploy/sample-city/procedures");
    let files = std::fs::read_dir(folder).expect("the sample city");
    let mut count = 0;
    for file in files {
        let bytes = std::fs::read(file.expect("an entry").path()).expect("a file");
        there_and_back(&Procedure::from_json(&bytes).expect("a document"));
        count += 1;
    }
    assert!(count > 7, "{count}");
}

fn small() -> Value {
    json!({
        "id": "00000000000000000000000001", "revision": 3, "slug": "a",
        "title": {"ja": "講座", "en": "Course"}, "summary": "申し込み", "department": CITIZENS,
        "staff_of": [CITIZENS, OTHERS],
        "items_to_bring": [{"ja": "通帳", "ko": "통장"}, "印鑑"],
        "notify": {"citizen": {"off": ["progress", "draft"],
            "notes": {"arrived": {"ja": "当日お持ちください。", "en": "Please bring it."}, "result": "窓口へ"}}},
        "keywords": ["習い事", {"ja": "引っ越し", "en": "moving house", "easy": "ひっこし"}],
        "open": {"from": "2026-04-01T00:00:00Z", "until": "2026-04-30T15:00:01Z"},
        "access": {"once_per": {"key": "account", "window": {"days": 30}}},
        "workflow": {"stages": []},
        "pages": [
            {"id": "p1", "title": "本人", "fields": [
                {"id": "name", "label": "氏名", "required": true, "kind": {"type": "name"}},
                {"id": "age", "label": "年齢", "required": "answered(name)",
                    "checks": [{"rule": "age >= 18", "message": {"ja": "18歳から", "easy": "18さいから"}}],
                    "kind": {"type": "number", "min": 0, "max": "120 + 1"}},
                {"id": "day", "label": "希望日", "kind": {"type": "choice", "options": [
                    {"code": "a", "label": "1日目", "capacity": {"max": 20, "show": "left"}},
                    {"code": "b", "label": "2日目"}]}},
                {"id": "school", "label": "学校", "kind": {"type": "lookup", "list": "s",
                    "narrow": {"column": "k", "value": "day"}}}]},
            {"id": "p2", "title": "家族", "intro": "一行目\n二行目", "fields": [
                {"id": "family", "label": "家族", "kind": {"type": "repeat", "row": "{n}人目", "max": 5,
                    "fields": [{"id": "child", "label": "子", "kind": {"type": "text"}}]}}]}
        ],
        "lists": [{"id": "s", "title": "学校", "columns": [
            {"id": "n", "title": "名"}, {"id": "k", "title": "区"}], "rows": [["東", ""], ["西", "a"]]}],
        "files": [{"id": "f", "title": "様式", "name": "a.txt", "media": "text/plain", "listed": false,
            "base64": ["Zm9v", "YmFy"]}],
        "tests": [{"name": "空", "today": "2026-04-01", "answers": {"age": [], "name": ["山\n田", "花"]},
            "faults": ["age: forms.required"], "outcomes": []},
            {"name": "案内", "today": "2026-04-01", "answers": {}, "outcomes": ["", "a", ""]}]
    })
}

fn document(value: &Value) -> Procedure {
    Procedure::from_json(value.to_string().as_bytes()).expect("a document")
}

/// NF-37: languages, moments, windows, rows, files and cases all have their place.
#[test]
fn what_a_document_may_say_comes_back() {
    there_and_back(&document(&small()));
}

/// NF-37: every kind of question with every column it has, filled and not.
#[test]
fn every_kind_comes_back_with_all_it_can_say() {
    for (kind, columns) in kinds::KINDS {
        for filled in [false, true] {
            let mut value = small();
            let mut question = json!({"id": "q", "label": "問い", "kind": {"type": kind}});
            for column in
                columns.iter().filter(|it| filled || it.blank != super::plan::Blank::LeavesOut)
            {
                super::read::put(&mut question, column.path, example(column));
            }
            for (of, part) in super::read::PARTS {
                if of == kind {
                    super::read::put(&mut question, part, json!([]));
                }
            }
            value["pages"][0]["fields"].as_array_mut().expect("fields").push(question);
            there_and_back(&document(&value));
        }
    }
}

fn example(column: &super::plan::Column) -> Value {
    use super::plan::Shape;
    if ["kind.dates", "kind.except"].contains(&column.path) {
        return json!(["2026-04-01", "2026-04-02"]);
    }
    match column.shape {
        Shape::Text | Shape::Key => json!("today()"),
        Shape::Words => json!({"ja": "文", "zh-Hans": "文本"}),
        Shape::Whole(_) => json!(3),
        Shape::Bound => json!("age + 1"),
        Shape::Flag | Shape::Required => json!(true),
        Shape::Code(codes) => json!(codes[codes.len() - 1]),
        Shape::Codes(codes) => json!(codes),
        Shape::Lines | Shape::MaybeLines => json!(["a", "b"]),
        Shape::Day => json!("2026-04-01"),
        Shape::Moment => json!("2026-04-01T00:00:00Z"),
        Shape::Department => json!(CITIZENS),
        Shape::Departments => json!([CITIZENS]),
        Shape::Window => json!("ever"),
    }
}

/// Every code a cell may offer is one the document takes.
#[test]
fn every_offered_code_is_taken() {
    use super::plan::{PROPERTIES, Shape};
    for column in PROPERTIES {
        let (codes, list): (&[&str], bool) = match column.shape {
            Shape::Code(codes) => (codes, false),
            Shape::Codes(codes) => (codes, true),
            _ => continue,
        };
        for code in codes {
            let mut value = small();
            value["capacity"] = json!({"max": 1});
            let one = if list { json!([code]) } else { json!(code) };
            super::read::put(&mut value, column.path, one);
            there_and_back(&document(&value));
        }
    }
    for (kind, columns) in kinds::KINDS {
        for column in *columns {
            let Shape::Code(codes) = column.shape else { continue };
            for code in codes {
                let mut value = small();
                let mut question =
                    json!({"id": "q", "label": "", "kind": {"type": kind, "options": []}});
                if *kind == "slot" {
                    question["kind"] = json!({"type": kind, "times": [], "capacity": {"max": 1}});
                } else if *kind != "choice" {
                    question["kind"].as_object_mut().expect("an object").remove("options");
                }
                super::read::put(&mut question, column.path, json!(code));
                value["pages"][0]["fields"].as_array_mut().expect("fields").push(question);
                there_and_back(&document(&value));
            }
        }
    }
}

fn sheets() -> Vec<Sheet> {
    write(&document(&small()), &Keys).expect("written")
}

fn cell<'s>(sheets: &'s mut [Sheet], sheet: &str, row: usize, heading: &str) -> &'s mut String {
    let sheet = sheets.iter_mut().find(|one| one.name == sheet).expect("a sheet");
    let column = sheet.rows[0].iter().position(|text| text == heading).expect("a heading");
    &mut sheet.rows[row - 1][column]
}

/// NF-37: each wrong cell is named by sheet, line and column, and nothing is read.
#[test]
fn each_wrong_cell_is_named() {
    let cases: [(&str, usize, &str, &str, FaultCode); 14] = [
        ("field", 3, "kind.max", "たくさん", FaultCode::NotForKind),
        ("field", 2, "kind.type", "名前", FaultCode::NotChoice),
        ("field", 2, "kind.type", "", FaultCode::Missing),
        ("field", 3, "id", "name", FaultCode::Repeated),
        ("field", 2, "page", "p9", FaultCode::UnknownOwner),
        ("field", 7, "group", "age", FaultCode::WrongOwner),
        ("field", 6, "kind.max", "五", FaultCode::NotNumber),
        ("option", 2, "field", "age", FaultCode::WrongOwner),
        ("option", 2, "capacity.max", "", FaultCode::Missing),
        ("option", 3, "field", "どこか", FaultCode::UnknownOwner),
        ("test", 2, "today", "きのう", FaultCode::NotDay),
        ("entry", 2, "list", "x", FaultCode::UnknownOwner),
        ("page", 2, "id", "", FaultCode::Missing),
        ("item", 2, "item", "", FaultCode::Missing),
    ];
    for (sheet, row, heading, text, code) in cases {
        let mut sheets = sheets();
        // A number may be an expression, so only another kind of question makes words wrong there.
        if code == FaultCode::NotForKind {
            *cell(&mut sheets, "field", 3, "kind.type") = "<phone>".to_owned();
        }
        *cell(&mut sheets, sheet, row, heading) = text.to_owned();
        let faults = read(&sheets, &Keys, &own_id()).expect_err(heading);
        let fault = faults.iter().find(|fault| fault.code == code);
        let fault = fault.unwrap_or_else(|| panic!("{sheet} {heading}: {faults:?}"));
        assert_eq!((fault.sheet.as_str(), fault.row), (sheet, row), "{fault:?}");
    }
    for (row, text, code) in [
        ("department", "どこか課", FaultCode::NotDepartment),
        ("staff_of", "市民課\nどこか課", FaultCode::NotDepartment),
        ("open.from", "いつか", FaultCode::NotMoment),
        ("total_mb", "-1", FaultCode::NotNumber),
        ("slug", " ", FaultCode::Missing),
        ("mode", "紙", FaultCode::NotChoice),
    ] {
        let mut sheets = sheets();
        let line = sheets[0].rows.iter_mut().find(|line| line[0] == row).expect("a property");
        line[1] = text.to_owned();
        let faults = read(&sheets, &Keys, &own_id()).expect_err(row);
        assert_eq!((faults[0].code, faults[0].heading.as_str()), (code, row));
    }
}

/// NF-37: sheets and headings that mean nothing are told, not passed over.
#[test]
fn unknown_sheets_and_headings_are_told() {
    let mut several = sheets();
    several.push(Sheet { name: "Sheet1".to_owned(), ..Sheet::default() });
    several.push(several[1].clone());
    several.remove(0);
    several[1].rows[0][2] = "ID?".to_owned();
    let faults = read(&several, &Keys, &own_id()).expect_err("refused");
    let codes: Vec<FaultCode> = faults.iter().map(|fault| fault.code).collect();
    for code in [
        FaultCode::NoSheet,
        FaultCode::UnknownSheet,
        FaultCode::RepeatedSheet,
        FaultCode::UnknownHeading,
        FaultCode::NoHeading,
    ] {
        assert!(codes.contains(&code), "{code:?} in {faults:?}");
    }
    let mut layout = sheets();
    layout.last_mut().expect("the layout").rows.push(vec!["{\"name\": 1}".to_owned()]);
    let faults = read(&layout, &Keys, &own_id()).expect_err("refused");
    assert_eq!((faults[0].code, faults[0].row), (FaultCode::NotLayout, 2));
}

/// NF-37: what a spreadsheet makes of days and numbers is understood, and one without an id gets
/// one of its own.
#[test]
fn cells_are_understood_as_spreadsheets_keep_them() {
    let mut sheets = sheets();
    *cell(&mut sheets, "test", 2, "today") = "46113".to_owned();
    *cell(&mut sheets, "field", 6, "kind.max") = "５.0".to_owned();
    for (row, text) in [
        ("open.from", "46113.375"),
        ("open.until", "2026/5/1 00:00"),
        ("id", ""),
        ("mode", "online"),
    ] {
        let line = sheets[0].rows.iter_mut().find(|line| line[0] == row).expect("a property");
        line[1] = text.to_owned();
    }
    let read = read(&sheets, &Keys, &own_id()).expect("it reads");
    assert_eq!(read.id, own_id());
    assert_eq!(read.tests[0].today, jiff::civil::date(2026, 4, 1));
    assert_eq!(read.open.from, "2026-04-01T00:00:00Z".parse().ok());
    assert_eq!(read.open.until, "2026-04-30T15:00:00Z".parse().ok());
    assert_eq!(read.pages[1].fields[0].repeat().expect("a group").max, 5);
}

/// A text of a document: no line made of blanks alone, which a cell cannot keep apart from nothing.
fn text() -> impl Strategy<Value = String> {
    "[ -~あ-ん一-十\n]{1,12}".prop_filter("says something", |text| !text.trim().is_empty())
}

fn question() -> impl Strategy<Value = Value> {
    (0..kinds::KINDS.len(), text(), any::<bool>(), proptest::option::of(text())).prop_map(
        |(kind, label, required, hint)| {
            let (name, columns) = kinds::KINDS[kind];
            let mut question =
                json!({"label": label, "required": required, "kind": {"type": name}});
            for column in columns {
                super::read::put(&mut question, column.path, example(column));
            }
            for (of, part) in super::read::PARTS {
                if *of == name {
                    super::read::put(&mut question, part, json!([]));
                }
            }
            if let Some(hint) = hint {
                question["hint"] = json!({"ja": hint, "en": label});
            }
            question
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// NF-37: any form comes back from its workbook as it went.
    #[test]
    fn any_form_comes_back_as_it_went(
        pages in proptest::collection::vec((text(), proptest::collection::vec(question(), 0..4)), 0..4),
        summary in text(),
    ) {
        let mut value = small();
        value["summary"] = json!(summary);
        let mut number = 0;
        for (n, (title, questions)) in pages.into_iter().enumerate() {
            let fields: Vec<Value> = questions.into_iter().map(|mut question| {
                number += 1;
                question["id"] = json!(format!("q{number}"));
                question
            }).collect();
            let page = json!({"id": format!("n{n}"), "title": title, "fields": fields});
            value["pages"].as_array_mut().expect("pages").push(page);
        }
        there_and_back(&document(&value));
    }
}
