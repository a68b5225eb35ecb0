//! Corrections of flagged fields.

use std::collections::BTreeSet;

use serde_json::json;

use super::*;

fn form() -> Compiled {
    compile(&json!([
        {"id": "one", "title": "一", "fields": [
            {"id": "kind", "label": "種類", "required": true, "kind": {"type": "choice", "options": [
                {"code": "a", "label": "A"}, {"code": "b", "label": "B"}]}},
            {"id": "detail", "label": "詳細", "required": true, "when": "kind == 'b'", "kind": {"type": "text"}},
            {"id": "phone", "label": "電話", "required": true, "kind": {"type": "phone"}},
        ]},
        {"id": "two", "title": "二", "when": "kind == 'a'", "fields": [
            {"id": "birth", "label": "生年月日", "required": true, "kind": {"type": "date"}},
            {"id": "parent", "label": "保護者", "when": "age(birth) < 18", "required": true, "kind": {"type": "text"}},
        ]},
    ]))
}

fn original() -> Answers {
    Answers::from([("kind", "a"), ("phone", "0312345678"), ("birth", "2000-01-01")])
}

fn flagged(ids: &[&str]) -> BTreeSet<String> {
    ids.iter().map(|id| (*id).to_owned()).collect()
}

/// NF-34: only the flagged field is open, and only what decides about it is sent along.
#[test]
fn only_flagged_fields_are_open() {
    let form = form();
    let flagged = flagged(&["phone"]);
    assert_eq!(form.correctable(&flagged), flagged);
    assert!(form.correction_context(&flagged, &original()).is_empty());
    let raw = Answers::from([("phone", "090-1111-2222"), ("kind", "b"), ("birth", "1990-01-01")]);
    let checked = form.check_correction(&flagged, &Answers::new(), &raw, &Context::on(TODAY));
    assert!(checked.is_clean());
    assert_eq!(checked.answers, Answers::from([("phone", "09011112222")]));
    let merged = form.corrected(&original(), &flagged, &raw, TODAY);
    assert_eq!(merged.first("birth"), Some("2000-01-01"));
}

/// NF-34: what appears with a flagged answer is open too.
#[test]
fn what_hangs_on_a_flagged_field_is_open_too() {
    let form = form();
    let open = form.correctable(&flagged(&["kind"]));
    assert_eq!(open, flagged(&["kind", "detail", "birth", "parent"]));
    let flags = flagged(&["birth"]);
    assert_eq!(form.correctable(&flags), flagged(&["birth", "parent"]));
    let others = form.correction_context(&flags, &original());
    assert_eq!(others, Answers::from([("kind", "a")]));

    let raw = Answers::from([("birth", "令和2年1月1日")]);
    let checked = form.check_correction(&flags, &others, &raw, &Context::on(TODAY));
    assert_eq!(faults(&checked), ["parent: forms.required"]);
    let raw = Answers::from([("birth", "2020-01-01"), ("parent", "山田花子")]);
    let checked = form.check_correction(&flags, &others, &raw, &Context::on(TODAY));
    assert!(checked.is_clean());
    assert_eq!(form.corrected(&original(), &flags, &checked.answers, TODAY).len(), 4);
    let pages = form.correction_pages(&flags, &others, TODAY);
    assert_eq!(
        pages.iter().map(|(page, fields)| (page.id.as_str(), fields.len())).collect::<Vec<_>>(),
        [("two", 1)]
    );
}

#[test]
fn what_a_correction_hides_leaves_the_answers() {
    let form = form();
    let flags = flagged(&["kind"]);
    let newer = Answers::from([("kind", "b"), ("detail", "詳しく"), ("phone", "x")]);
    let merged = form.corrected(&original(), &flags, &newer, TODAY);
    assert_eq!(
        merged,
        Answers::from([("kind", "b"), ("detail", "詳しく"), ("phone", "0312345678")])
    );
}

/// NF-34, NF-63: what decides on an exit before an open field crosses back, or the exit would hide the field;
/// so does what decides on the page of the exit.
#[test]
fn an_exit_that_was_passed_stays_passed() {
    let form = compile(&json!([
        {"id": "one", "title": "一", "fields": [
            {"id": "who", "label": "どなた", "kind": {"type": "multi", "options": [
                {"code": "resident", "label": "住民"}, {"code": "worker", "label": "勤め人"}]}},
            {"id": "age", "label": "年齢", "kind": {"type": "number"}},
        ]},
        {"id": "two", "title": "二", "when": "not answered(age)", "fields": [
            {"id": "no_age", "label": "終わり", "kind": {"type": "exit", "body": "窓口へどうぞ。"}},
        ]},
        {"id": "three", "title": "三", "fields": [
            {"id": "no_one", "label": "終わり", "when": "not selected(who, 'resident')",
             "kind": {"type": "exit", "body": "窓口へどうぞ。"}},
            {"id": "phone", "label": "電話", "required": true, "kind": {"type": "phone"}},
            {"id": "pet", "label": "ペット", "kind": {"type": "text"}},
            {"id": "no_pet", "label": "終わり", "when": "not answered(pet)",
             "kind": {"type": "exit", "body": "窓口へどうぞ。"}},
        ]},
    ]));
    let passed = [("who", "resident"), ("age", "40")];
    let original = Answers::from([passed[0], passed[1], ("phone", "0312345678"), ("pet", "猫")]);
    let flags = flagged(&["phone"]);
    let others = form.correction_context(&flags, &original);
    assert_eq!(others, Answers::from(passed), "an exit behind the field does not matter");
    let pages = form.correction_pages(&flags, &others, TODAY);
    assert_eq!(pages.iter().map(|(page, _)| page.id.as_str()).collect::<Vec<_>>(), ["three"]);

    let raw = Answers::from([("phone", "090-1111-2222")]);
    let checked = form.check_correction(&flags, &others, &raw, &Context::on(TODAY));
    assert!(checked.is_clean());
    for before in [&others, &original] {
        let whole = form.corrected(before, &flags, &checked.answers, TODAY);
        assert_eq!(whole.first("phone"), Some("09011112222"));
    }
}
