//! Entries of lists.

use serde_json::{Value, json};

use super::*;
use crate::forms::publish::{may_publish, problems};

fn schools() -> Value {
    json!([{
        "id": "schools", "title": "学校",
        "columns": [
            {"id": "name", "title": "名前"}, {"id": "kana", "title": "よみ"},
            {"id": "code", "title": "番号"}, {"id": "ward", "title": "区"},
        ],
        "rows": [
            ["みらい小学校", "ミライショウガッコウ", "101", "east"],
            ["さくら小学校", "サクラショウガッコウ", "102", "east"],
            ["さくら小学校", "サクラショウガッコウ", "203", "west"],
            ["株式会社まなび塾", "マナビジュク", "900", "west"],
        ],
    }])
}

fn listed(kind: &Value) -> Compiled {
    let pages = json!([{ "id": "one", "title": "一", "fields": [
        {"id": "ward", "label": "区", "kind": {"type": "text"}},
        {"id": "q", "label": "学校", "required": true, "kind": kind},
    ]}]);
    let mut document = serde_json::to_value(document(&pages)).unwrap();
    document["lists"] = schools();
    Compiled::new(serde_json::from_value(document).unwrap()).unwrap()
}

fn plain() -> Value {
    json!({"type": "lookup", "list": "schools", "find_by": ["kana", "code"], "keep": ["code"]})
}

fn typed_on(form: &Compiled, answers: &[(&str, &str)]) -> Result<Answers, &'static str> {
    let raw: Answers = answers.iter().copied().collect();
    let checked = send(form, &raw);
    match checked.faults.first() {
        Some(fault) => Err(fault.key().trim_start_matches("forms.")),
        None => Ok(checked.answers),
    }
}

/// NF-61: an entry is found however it is written, and its other columns come with it.
#[test]
fn an_entry_is_found_however_it_is_written() {
    let form = listed(&plain());
    for typed in ["みらい小学校", "ミライ小学校", "ﾐﾗｲ　小学校", "みらいしょうがっこう", "１０１"]
    {
        let answers = typed_on(&form, &[("q", typed)]).unwrap();
        assert_eq!(answers.first("q"), Some("みらい小学校"), "{typed}");
        assert_eq!(answers.first("q.code"), Some("101"));
    }
    let answers = typed_on(&form, &[("q", "㈱まなび塾")]).unwrap();
    assert_eq!(answers.first("q"), Some("株式会社まなび塾"));
}

/// NF-61: nobody applies with what is not on the list; what was typed stays, and what a page sends
/// for the other columns is not believed.
#[test]
fn what_is_not_on_the_list_is_refused() {
    let form = listed(&plain());
    assert_eq!(typed_on(&form, &[("q", "みどり小学校")]), Err("not_listed"));
    let checked = send(&form, &Answers::from([("q", "みどり小学校"), ("q.code", "101")]));
    assert_eq!(checked.answers.first("q"), Some("みどり小学校"));
    assert!(!checked.answers.answered("q.code"));
    let answers = typed_on(&form, &[("q", "みらい小学校"), ("q.code", "999")]).unwrap();
    assert_eq!(answers.first("q.code"), Some("101"));
    let mut free = plain();
    free["free"] = json!(true);
    let answers = typed_on(&listed(&free), &[("q", "みどり小学校")]).unwrap();
    assert_eq!(answers.first("q"), Some("みどり小学校"));
    assert!(!answers.answered("q.code"));
}

/// NF-61: two entries of one name are told apart by choosing; the choice survives being checked
/// again.
#[test]
fn entries_of_one_name_are_told_apart() {
    let form = listed(&plain());
    let typed = Answers::from([("q", "さくら")]);
    assert_eq!(typed_on(&form, &[("q", "さくら小学校")]), Err("list_several"));
    let view = form.view(&typed, TODAY);
    let entries = view.entries("q").unwrap();
    assert_eq!(entries.all, 2);
    assert_eq!(entries.entries[1].label, "さくら小学校（203）");
    let mut raw = typed.clone();
    form.take_entry("q", entries.entries[1].row, &mut raw);
    let once = send(&form, &raw);
    assert_eq!(faults(&once), [] as [&str; 0]);
    assert_eq!(once.answers.first("q.code"), Some("203"));
    assert_eq!(send(&form, &once.answers).answers, once.answers);
}

/// NF-61: an entry that was chosen is taken, also where nothing but its writing tells it from another one,
/// where the other one has nothing beside its name, and where the list has it twice.
#[test]
fn an_entry_that_was_chosen_is_taken() {
    let names = ["みらい商店", "株式会社みらい商店", "さくら園", "さくら園", "うみ園", "うみ園"];
    let codes = ["", "", "", "7", "8", "8"];
    let rows: Vec<[&str; 2]> = names.into_iter().zip(codes).map(|(a, b)| [a, b]).collect();
    for (keep, tells_apart) in [(json!([]), false), (json!(["code"]), true)] {
        let kind = json!({"type": "lookup", "list": "shops", "keep": keep});
        let fields = json!([{"id": "q", "label": "店", "required": true, "kind": kind}]);
        let pages = json!([{ "id": "one", "title": "一", "fields": fields }]);
        let mut document = serde_json::to_value(document(&pages)).unwrap();
        document["lists"] = json!([{"id": "shops", "title": "店", "rows": rows,
            "columns": [{"id": "name", "title": "名前"}, {"id": "code", "title": "番号"}]}]);
        let form = Compiled::new(serde_json::from_value(document).unwrap()).unwrap();
        for (row, [name, code]) in rows.iter().enumerate() {
            let mut raw = Answers::new();
            form.take_entry("q", row, &mut raw);
            let once = send(&form, &raw);
            assert_eq!(faults(&once), [] as [&str; 0], "{name} {code}");
            assert_eq!(once.answers.first("q"), Some(*name));
            let stored = once.answers.first("q.code").unwrap_or("");
            assert_eq!(stored, if tells_apart { *code } else { "" });
            assert_eq!(send(&form, &once.answers).answers, once.answers);
        }
        // Written like neither of them, both may be meant.
        assert_eq!(typed_on(&form, &[("q", "(株) ミライ商店")]), Err("list_several"));
    }
}

/// NF-61: an answer further up narrows the list down; before it is given nothing is on the list.
#[test]
fn a_list_is_narrowed_down_by_an_answer() {
    let mut kind = plain();
    kind["narrow"] = json!({"column": "ward", "value": "ward"});
    let form = listed(&kind);
    let answers = typed_on(&form, &[("ward", "west"), ("q", "さくら小学校")]).unwrap();
    assert_eq!(answers.first("q.code"), Some("203"));
    assert_eq!(typed_on(&form, &[("ward", "west"), ("q", "みらい小学校")]), Err("not_listed"));
    assert_eq!(typed_on(&form, &[("q", "みらい小学校")]), Err("not_listed"));
}

/// NF-61: a list of persons or numbers is never shown, whatever a page asks for.
#[test]
fn a_secret_list_is_never_shown() {
    let mut kind = plain();
    kind["secret"] = json!(true);
    let form = listed(&kind);
    let typed = Answers::from([("q", "さくら")]);
    assert_eq!(form.view(&typed, TODAY).entries("q"), None);
    let mut raw = typed.clone();
    form.take_entry("q", 0, &mut raw);
    assert_eq!(raw, typed);
    assert!(typed_on(&form, &[("q", "みらい小学校")]).is_ok());
}

/// NF-61: a list that cannot be used stops the publication, with the place of the entry.
#[test]
fn a_broken_list_is_named_before_publishing() {
    let pages = json!([{ "id": "one", "title": "一", "fields": [
        {"id": "q", "label": "学校", "kind": {"type": "lookup", "list": "schools", "keep": ["size"]}},
        {"id": "r", "label": "店", "kind": {"type": "lookup", "list": "shops"}},
    ]}]);
    let mut written = serde_json::to_value(document(&pages)).unwrap();
    written["lists"] = schools();
    written["lists"][0]["rows"][2] = json!(["さくら小学校"]);
    let found = problems(&serde_json::from_value(written).unwrap());
    assert!(!may_publish(&found));
    let keys: Vec<_> = found.iter().map(|p| (p.code.key(), p.detail.as_str())).collect();
    for wanted in [
        ("procedures.problem.unknown_column", "size"),
        ("procedures.problem.unknown_list", "shops"),
        ("procedures.problem.broken_entry", "3"),
    ] {
        assert!(keys.contains(&wanted), "{keys:?}");
    }
}

/// NF-61: a row has look-ups of its own: narrowed by the row, chosen for the row.
#[test]
fn a_row_looks_its_entries_up() {
    let pages = json!([{ "id": "one", "title": "一", "fields": [
        {"id": "children", "label": "子ども", "required": true, "kind": {"type": "repeat", "row": "{n}人目", "max": 5, "fields": [
            {"id": "ward", "label": "区", "kind": {"type": "text"}},
            {"id": "school", "label": "学校", "required": true, "kind": {"type": "lookup", "list": "schools",
                "find_by": ["kana"], "keep": ["code"], "narrow": {"column": "ward", "value": "ward"}}},
        ]}},
    ]}]);
    let mut document = serde_json::to_value(document(&pages)).unwrap();
    document["lists"] = schools();
    let document: Procedure = serde_json::from_value(document).unwrap();
    let told: Vec<String> = problems(&document).iter().map(|problem| problem.at.clone()).collect();
    assert!(!told.iter().any(|at| at.contains("kind.fields")), "{told:?}");
    let form = Compiled::new(document).unwrap();
    let typed = Answers::from([
        ("children", "1"),
        ("children", "2"),
        ("children.1.ward", "east"),
        ("children.1.school", "さくら"),
        ("children.2.ward", "west"),
        ("children.2.school", "さくら小学校"),
    ]);
    let checked = send(&form, &typed);
    assert_eq!(faults(&checked), ["children.1.school: forms.not_listed"]);
    assert_eq!(checked.answers.first("children.2.school.code"), Some("203"));
    let view = form.view(&checked.answers, TODAY);
    let found = view.entries("children.1.school").unwrap();
    assert_eq!(found.all, 1, "{found:?}");
    let mut raw = typed.clone();
    form.take_entry("children.1.school", found.entries[0].row, &mut raw);
    let checked = send(&form, &raw);
    assert_eq!(faults(&checked), [""; 0]);
    assert_eq!(checked.answers.first("children.1.school.code"), Some("102"));
    form.take_entry("children.9.nothing", 0, &mut raw);
    assert_eq!(view.entries("children.1.ward"), None);
}
