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

/// NF-34, NF-63: what hangs on the day is judged by the day the application was sent on, so an exit that was
/// passed stays passed and nothing that was answered is dropped because a day came.
#[test]
fn a_day_in_between_changes_nothing_that_was_sent() {
    let form = compile(&json!([{"id": "one", "title": "一", "fields": [
        {"id": "late", "label": "終わり", "when": "today() > date('2026-11-30')",
         "kind": {"type": "exit", "body": "窓口へどうぞ。"}},
        {"id": "birth", "label": "生年月日", "required": true, "kind": {"type": "date"}},
        {"id": "parent", "label": "保護者", "when": "age(birth) < 18", "required": true, "kind": {"type": "text"}},
        {"id": "years", "label": "年齢", "kind": {"type": "calc", "value": "age(birth)"}},
        {"id": "phone", "label": "電話", "required": true, "kind": {"type": "phone"}},
    ]}]));
    let raw = [("birth", "2008-12-01"), ("parent", "山田花子"), ("phone", "0312345678")];
    let sent = form.check_all(&Answers::from(raw), &Context::on(TODAY));
    assert!(sent.is_clean(), "{:?}", sent.faults);
    let (flags, later) = (flagged(&["phone"]), date(2026, 12, 5));
    assert!(
        form.correction_pages(&flags, &sent.answers, later).is_empty(),
        "what the day would do"
    );

    let context = Context { now: later.at(9, 0, 0, 0), ..Context::on(TODAY) };
    let others = form.correction_context(&flags, &sent.answers);
    assert_eq!(form.correction_pages(&flags, &others, TODAY).len(), 1);
    let raw = Answers::from([("phone", "090-1111-2222")]);
    let checked = form.check_correction(&flags, &others, &raw, &context);
    assert!(checked.is_clean(), "{:?}", checked.faults);
    let whole = form.corrected(&sent.answers, &flags, &checked.answers, TODAY);
    assert_eq!(sent.answers.changed(&whole), flags);
    assert_eq!((whole.first("parent"), whole.first("years")), (Some("山田花子"), Some("17")));
}

/// NF-7, NF-34: within how many days something was to be told counts from the day of sending; what is still to
/// come must be to come when it is corrected, and what has happened may have happened since.
#[test]
fn limits_of_a_correction_close_nobody_out() {
    let form = compile(&json!([{"id": "one", "title": "一", "fields": [
        {"id": "moved", "label": "引っ越した日", "kind": {"type": "date", "min": "today() - 14", "max": "today()"}},
        {"id": "visit", "label": "来る日", "kind": {"type": "date", "min": "today() + 3"}},
        {"id": "start", "label": "始める月", "kind": {"type": "month", "min": "today()"}},
    ]}]));
    let (flags, none) = (flagged(&["moved", "visit", "start"]), Answers::new());
    let context = Context { now: date(2026, 12, 5).at(9, 0, 0, 0), ..Context::on(TODAY) };
    let judged = |field: &str, day: &str| {
        faults(&form.check_correction(&flags, &none, &Answers::from([(field, day)]), &context))
    };
    let nothing: Vec<String> = Vec::new();
    for (field, good) in [
        ("moved", "2026-11-06"),
        ("moved", "2026-12-05"),
        ("visit", "2026-12-08"),
        ("start", "2026-12"),
    ] {
        assert_eq!(judged(field, good), nothing, "{field} {good}");
    }
    for (field, bad, fault) in [
        ("moved", "2026-11-05", "too_early"),
        ("moved", "2026-12-06", "too_late"),
        ("visit", "2026-12-07", "too_early"),
        ("start", "2026-11", "month_too_early"),
    ] {
        assert_eq!(judged(field, bad), [format!("{field}: forms.{fault}")], "{field} {bad}");
    }
}

/// NF-34, NF-49: a day and time that stays as it was is kept, though it is past when the rest is corrected; another
/// one that is past is not to be had.
#[test]
fn a_time_that_stays_is_kept_though_it_is_past() {
    let form = compile(&json!([{"id": "one", "title": "一", "fields": [
        {"id": "visit", "label": "来る日時", "kind": {"type": "slot", "dates": ["2026-11-24", "2026-12-08"],
            "times": ["10:00", "14:00"], "minutes": 30, "capacity": {"max": 3}}},
    ]}]));
    let (flags, none) = (flagged(&["visit"]), Answers::new());
    let before = Answers::from([("visit", "2026-11-24T10:00")]);
    for (chosen, good) in
        [("2026-11-24T10:00", true), ("2026-11-24T14:00", false), ("2026-12-08T14:00", true)]
    {
        let after = Answers::from([("visit", chosen)]);
        let own = form.kept_slots(&before, &after);
        let now = date(2026, 12, 5).at(9, 0, 0, 0);
        let context = Context { now, own: &own, ..Context::on(TODAY) };
        let checked = form.check_correction(&flags, &none, &after, &context);
        let told: &[&str] = if good { &[] } else { &["visit: forms.slot_past"] };
        assert_eq!(faults(&checked), told, "{chosen}");
    }
}
