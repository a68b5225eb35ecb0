//! Dates in both calendars.

use serde_json::json;

use super::*;

fn parts(era: &str, year: &str, month: &str, day: &str) -> Checked {
    let form = question(&json!({"type": "date", "min": "date('1900-01-01')", "max": "today()"}));
    let raw = Answers::from([("q.era", era), ("q.year", year), ("q.month", month), ("q.day", day)]);
    send(&form, &raw)
}

/// NF-8: a day is typed in parts or as one text and stored as ISO.
#[test]
fn a_day_is_stored_in_one_writing() {
    let good = parts("showa", "64", "1", "７");
    assert_eq!(faults(&good), [] as [&str; 0]);
    assert_eq!(good.answers, Answers::from([("q", "1989-01-07")]));
    assert_eq!(typed(&json!({"type": "date"}), "令和８年４月１日").as_deref(), Ok("2026-04-01"));
    assert_eq!(typed(&json!({"type": "date"}), "2026-04-01").as_deref(), Ok("2026-04-01"));
}

/// NF-8: 昭和64年1月8日 is answered with 平成元年1月8日, and stays as typed.
#[test]
fn an_impossible_day_says_what_is_wrong() {
    let wrong = parts("showa", "64", "1", "8");
    assert_eq!(faults(&wrong), ["q: forms.wrong_era"]);
    assert_eq!(wrong.faults[0].args["right"], "平成元年1月8日");
    assert_eq!(wrong.answers.first("q.year"), Some("64"));
    assert_eq!(faults(&parts("", "2026", "2", "30")), ["q: forms.no_such_day"]);
    assert_eq!(faults(&parts("", "2026", "", "30")), ["q: forms.partial_date"]);
    assert_eq!(faults(&parts("", "あ", "1", "1")), ["q: forms.not_date"]);
    assert_eq!(faults(&parts("reiwa", "", "", "")), ["q: forms.required_date"]);
    assert_eq!(faults(&parts("", "20\u{0}26", "1", "1")), ["q: forms.forbidden"]);
}

/// NF-8: days within a range that may move.
#[test]
fn a_day_stays_within_its_limits() {
    assert_eq!(faults(&parts("", "2026", "11", "20")), [] as [&str; 0]);
    let late = parts("", "2026", "11", "21");
    assert_eq!(faults(&late), ["q: forms.too_late"]);
    assert_eq!(late.faults[0].args["max"], "令和8年11月20日（2026年11月20日）");
    assert_eq!(faults(&parts("meiji", "32", "12", "31")), ["q: forms.too_early"]);
}

/// NF-8: a limit may depend on another answer of the page.
#[test]
fn the_end_comes_after_the_beginning() {
    let form = form(&json!([
        {"id": "from", "label": "開始", "required": true, "kind": {"type": "date", "min": "today() + 3"}},
        {"id": "until", "label": "終了", "required": true, "kind": {"type": "date", "min": "from"},
         "checks": [{"rule": "until - from <= 30", "message": "30日以内にしてください。"}]},
    ]));
    let check = |from: &str, until: &str| {
        faults(&send(&form, &Answers::from([("from", from), ("until", until)])))
    };
    assert_eq!(check("2026-11-23", "2026-11-23"), [] as [&str; 0]);
    assert_eq!(
        check("2026-11-22", "2026-11-21"),
        ["from: forms.too_early", "until: forms.too_early"]
    );
    assert_eq!(check("2026-11-23", "2026-12-24"), ["until: forms.rule"]);
    assert_eq!(check("あした", "2026-12-24"), ["from: forms.not_date"]);
}
