use serde_json::{Value, json};

use super::{Change, What, changes};
use crate::forms::definition::Procedure;

fn document() -> Value {
    serde_json::from_slice(include_bytes!(
        "../../../../deploy/sample-city/procedures/05-koho-anketo.json"
    ))
    .expect("a document")
}

fn between(from: &Value, to: &Value) -> Vec<Change> {
    let read = |value: &Value| {
        Procedure::from_json(value.to_string().as_bytes()).expect("a document that reads")
    };
    changes(&read(from), &read(to)).expect("compared")
}

/// `page > field: what`, short enough to compare with a table.
fn told(changes: &[Change]) -> Vec<String> {
    let one = |change: &Change| {
        let place: Vec<&str> = change.place.0.iter().map(|(_, name)| name.as_str()).collect();
        let what = match &change.what {
            What::Added => "added".to_owned(),
            What::Removed => "removed".to_owned(),
            What::Moved { behind } => format!("behind {}", behind.as_deref().unwrap_or("nothing")),
            What::Became { property, from, to } => {
                let said = |text: &Option<String>| text.clone().unwrap_or_else(|| "-".to_owned());
                format!("{property} {} -> {}", said(from), said(to))
            }
            What::Entries { added, removed } => format!("+{added} -{removed}"),
        };
        format!("{}: {what}", place.join(" > "))
    };
    changes.iter().map(one).collect()
}

fn small() -> Value {
    json!({
        "id": "00000000000000000000000001", "revision": 1, "slug": "a", "title": "講座",
        "summary": "申し込み", "department": "00000000000000000000000002",
        "pages": [
            {"id": "p1", "title": "本人", "fields": [
                {"id": "name", "label": "氏名", "required": true, "kind": {"type": "name"}},
                {"id": "age", "label": "年齢", "kind": {"type": "number", "max": 120}},
                {"id": "day", "label": "希望日", "kind": {"type": "choice", "options": [
                    {"code": "a", "label": "1日目", "capacity": {"max": 20}},
                    {"code": "b", "label": "2日目"}]}}]},
            {"id": "p2", "title": "家族", "fields": [
                {"id": "family", "label": "家族", "kind": {"type": "repeat", "row": "{n}人目", "max": 5,
                    "fields": [{"id": "child", "label": "子", "kind": {"type": "text"}}]}}]}
        ]
    })
}

/// NF-37: nothing changed, nothing is said; the number of the revision is no change.
#[test]
fn a_document_does_not_differ_from_itself() {
    let mut later = document();
    later["revision"] = json!(9);
    assert_eq!(between(&document(), &later), []);
}

/// NF-37: what a clerk does to a form in an afternoon is told fact by fact.
#[test]
fn each_change_of_a_form_is_one_fact() {
    let mut new = small();
    new["summary"] = json!({"ja": "申し込み", "en": "Apply"});
    new["open"] = json!({"until": "2026-12-01T00:00:00Z"});
    new["pages"][0]["fields"][1]["kind"]["max"] = json!(130);
    new["pages"][0]["fields"][1]["when"] = json!("answered(name)");
    let options = new["pages"][0]["fields"][2]["kind"]["options"].as_array_mut().expect("options");
    options[0]["capacity"]["max"] = json!(30);
    options.remove(1);
    options.push(json!({"code": "c", "label": "3日目"}));
    assert_eq!(
        told(&between(&small(), &new)),
        [
            ": open.until - -> 2026-12-01T00:00:00Z",
            ": summary.en - -> Apply",
            "本人 > 年齢: kind.max 120 -> 130",
            "本人 > 年齢: when - -> answered(name)",
            "本人 > 希望日 > 2日目: removed",
            "本人 > 希望日 > 1日目: capacity.max 20 -> 30",
            "本人 > 希望日 > 3日目: added",
        ]
    );
}

/// NF-37: a question that went to another page, or into a group, is the same question.
#[test]
fn a_question_that_moved_is_not_a_new_one() {
    let mut new = small();
    let age = new["pages"][0]["fields"].as_array_mut().expect("fields").remove(1);
    new["pages"][1]["fields"].as_array_mut().expect("fields").push(age);
    assert_eq!(told(&between(&small(), &new)), ["家族 > 年齢: behind 家族"]);
    let mut new = small();
    let day = new["pages"][0]["fields"].as_array_mut().expect("fields").remove(2);
    new["pages"][0]["fields"].as_array_mut().expect("fields").insert(0, day);
    assert_eq!(told(&between(&small(), &new)), ["本人 > 希望日: behind nothing"]);
    let mut new = small();
    let pages = new["pages"].as_array_mut().expect("pages");
    let child = pages.remove(1)["fields"][0]["kind"]["fields"][0].take();
    pages[0]["fields"].as_array_mut().expect("fields").push(child);
    assert_eq!(
        told(&between(&small(), &new)),
        ["家族: removed", "家族 > 家族: removed", "本人 > 子: behind 希望日"]
    );
}

/// NF-61, NF-37: lists are told by how many entries came and went, files by their size.
#[test]
fn lists_and_files_are_told_in_short() {
    let mut old = small();
    old["lists"] = json!([{"id": "s", "title": "学校", "columns": [{"id": "n", "title": "名"}],
        "rows": [["東"], ["西"], ["南"]]}]);
    old["files"] = json!([{"id": "f", "title": "様式", "name": "a.pdf", "media": "application/pdf",
        "base64": ["Zm9v", "YmFy"]}]);
    let mut new = old.clone();
    new["lists"][0]["rows"] = json!([["東"], ["北"], ["南"], ["中"]]);
    new["files"][0]["base64"] = json!(["Zm9vYg=="]);
    assert_eq!(told(&between(&old, &new)), ["学校: +2 -1", "様式: base64 6 -> 4"]);
    new["files"][0]["base64"] = json!(["Zm9vYmFy"]);
    new["lists"] = old["lists"].clone();
    assert_eq!(between(&old, &new), [], "pieces of other lengths hold the same file");
}

/// NF-37: whatever differs between two documents, something is said of it.
#[test]
fn no_difference_goes_unsaid() {
    for place in every_leaf(&document(), "") {
        let mut new = document();
        let leaf = new.pointer_mut(&place).expect("a leaf");
        *leaf = match leaf.take() {
            Value::String(text) => json!(format!("{text}x")),
            Value::Number(number) => json!(number.as_u64().unwrap_or(0) + 1),
            Value::Bool(flag) => json!(!flag),
            other => other,
        };
        let Ok(changed) = Procedure::from_json(new.to_string().as_bytes()) else { continue };
        let old = Procedure::from_json(document().to_string().as_bytes()).expect("it reads");
        if place != "/id" && place != "/revision" {
            assert!(!changes(&old, &changed).expect("compared").is_empty(), "{place}");
        }
    }
}

fn every_leaf(value: &Value, at: &str) -> Vec<String> {
    match value {
        Value::Object(members) => members
            .iter()
            .flat_map(|(name, member)| every_leaf(member, &format!("{at}/{name}")))
            .collect(),
        Value::Array(items) => items
            .iter()
            .enumerate()
            .flat_map(|(n, item)| every_leaf(item, &format!("{at}/{n}")))
            .collect(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => vec![at.to_owned()],
    }
}
