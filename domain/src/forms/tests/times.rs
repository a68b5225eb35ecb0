//! Dates and months in both calendars, times of day.

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
    for unseen in ["5\u{0}5", "55\u{200E}"] {
        let wrong = parts("showa", unseen, "４", "1");
        assert_eq!(faults(&wrong), ["q: forms.forbidden"]);
        let kept = [("q.era", "showa"), ("q.year", "55"), ("q.month", "４"), ("q.day", "1")];
        assert_eq!(wrong.answers, Answers::from(kept), "the other parts stay, too");
    }
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

/// NF-8: a month in both calendars, also one in which an era changes.
#[test]
fn a_month_is_stored_in_one_writing() {
    let kind = json!({"type": "month", "min": "date('1900-01-15')", "max": "today()"});
    for (text, stored) in [
        ("2026-04", "2026-04"),
        ("令和８年４月", "2026-04"),
        ("R8.4", "2026-04"),
        ("202604", "2026-04"),
        ("平成元年1月", "1989-01"),
        ("昭和64年1月", "1989-01"),
        ("2026/11", "2026-11"),
    ] {
        assert_eq!(typed(&kind, text).as_deref(), Ok(stored), "{text}");
    }
    for (text, code) in [
        ("平成31年5月", "not_month"),
        ("2026-13", "not_month"),
        ("4月", "not_month"),
        ("2026-12", "month_too_late"),
        ("1899-12", "month_too_early"),
        ("2026-04-01", "not_month"),
    ] {
        assert_eq!(typed(&kind, text), Err(code), "{text}");
    }
    let form = question(&kind);
    let parts = Answers::from([("q.era", "reiwa"), ("q.year", "8"), ("q.month", "4")]);
    assert_eq!(send(&form, &parts).answers, Answers::from([("q", "2026-04")]));
    let missing =
        send(&form, &Answers::from([("q.era", "reiwa"), ("q.year", ""), ("q.month", "")]));
    assert_eq!(faults(&missing), ["q: forms.required_month"]);
    let unseen = send(
        &form,
        &Answers::from([("q.era", "reiwa"), ("q.year", "8\u{200E}"), ("q.month", "4")]),
    );
    assert_eq!(faults(&unseen), ["q: forms.forbidden"]);
    assert_eq!(unseen.answers, parts, "what cannot be seen is gone, the rest stays");
    let field = form.field("q").unwrap();
    assert_eq!(form.display(field, &send(&form, &parts).answers), ["令和8年4月（2026年4月）"]);
    let rule = form.expression("q < date('2026-05-01')").unwrap();
    let holds =
        |value: &crate::forms::expr::Value<'_>| *value == crate::forms::expr::Value::Bool(true);
    assert!(form.evaluate(&rule, &Answers::from([("q", "2026-04")]), TODAY, holds));
}

/// NF-8: a time within its limits, in steps.
#[test]
fn a_time_stays_within_its_limits() {
    let kind = json!({"type": "time", "min": "time('08:30')", "max": "time('17:15')", "step": 15});
    assert_eq!(typed(&kind, "午後2時").as_deref(), Ok("14:00"));
    assert_eq!(typed(&kind, "８：３０").as_deref(), Ok("08:30"));
    for (text, code) in [
        ("8:15", "time_too_early"),
        ("17:30", "time_too_late"),
        ("9:20", "time_step"),
        ("25:00", "not_time"),
        ("昼", "not_time"),
    ] {
        assert_eq!(typed(&kind, text), Err(code), "{text}");
    }
    let form = form(&json!([
        {"id": "from", "label": "から", "kind": {"type": "time"}},
        {"id": "until", "label": "まで", "kind": {"type": "time", "min": "from + 30"}},
    ]));
    let sent =
        |from, until| faults(&send(&form, &Answers::from([("from", from), ("until", until)])));
    assert_eq!(sent("9:00", "9:15"), ["until: forms.time_too_early"]);
    assert_eq!(sent("9:00", "9:30"), [] as [&str; 0]);
}

/// NF-8: where the question allows it, a date is stored, shown and read again as far as it is known.
#[test]
fn a_date_may_be_known_in_part() {
    let form = question(&json!({"type": "date", "partial": true, "max": "today()"}));
    let sent = |era: &str, year: &str, month: &str, day: &str| {
        let raw = [("q.era", era), ("q.year", year), ("q.month", month), ("q.day", day)];
        send(&form, &Answers::from(raw))
    };
    let field = form.field("q").unwrap();
    for (parts, stored, shown) in [
        (("showa", "50", "", ""), "1975", "昭和50年（1975年）、月日は不明"),
        (("showa", "50", "4", ""), "1975-04", "昭和50年4月（1975年4月）、日は不明"),
        (("", "1975", "4", "１"), "1975-04-01", "昭和50年4月1日（1975年4月1日）"),
        (("showa", "64", "", ""), "1989", "昭和64年・平成元年（1989年）、月日は不明"),
    ] {
        let good = sent(parts.0, parts.1, parts.2, parts.3);
        assert_eq!(faults(&good), [] as [&str; 0], "{parts:?}");
        assert_eq!(good.answers, Answers::from([("q", stored)]));
        assert_eq!(form.display(field, &good.answers), [shown]);
        assert_eq!(form.check_all(&good.answers, &Context::on(TODAY)).answers, good.answers);
    }
    for (parts, code) in [
        (("showa", "65", "", ""), "wrong_era"),
        (("showa", "64", "2", ""), "wrong_era"),
        (("", "1975", "13", ""), "no_such_day"),
        (("showa", "50", "", "1"), "gap_in_date"),
        (("showa", "", "4", "1"), "gap_in_date"),
        (("", "50", "", ""), "not_date"),
        (("", "", "", ""), "required_date"),
        (("", "2027", "", ""), "too_late"),
        (("", "2026", "12", ""), "too_late"),
    ] {
        let bad = sent(parts.0, parts.1, parts.2, parts.3);
        assert_eq!(faults(&bad), [format!("q: forms.{code}")], "{parts:?}");
        assert_eq!(bad.answers.first("q.year").unwrap_or(parts.1), parts.1, "it stays as typed");
    }
    let era = sent("showa", "65", "", "");
    assert_eq!(
        (&*era.faults[0].args["typed"], &*era.faults[0].args["right"]),
        ("昭和65年", "平成2年")
    );
    // A year and a month of which some days are over are within the limit.
    assert_eq!(faults(&sent("reiwa", "8", "", "")), [] as [&str; 0]);
    assert_eq!(faults(&sent("reiwa", "8", "11", "")), [] as [&str; 0]);
    let kind = json!({"type": "date", "partial": true});
    for (text, stored) in
        [("昭和50年", "1975"), ("S50", "1975"), ("R8.4", "2026-04"), ("1975", "1975")]
    {
        assert_eq!(typed(&kind, text).as_deref(), Ok(stored), "{text}");
        assert_eq!(typed(&json!({"type": "date"}), text), Err("not_date"), "{text}");
    }
    let whole = parts("showa", "50", "", "");
    assert_eq!(faults(&whole), ["q: forms.partial_date"]);
}

/// NF-8: a limit that is known in part refuses only what is surely beyond it; a rule wants to be sure.
#[test]
fn a_limit_refuses_only_what_is_surely_beyond_it() {
    let form = form(&json!([
        {"id": "born", "label": "生年月日", "kind": {"type": "date", "partial": true}},
        {"id": "died", "label": "死亡日", "kind": {"type": "date", "partial": true, "min": "born"},
         "checks": [{"rule": "not (age(born, died) < 18)", "message": "18歳以上の方に限ります。"}]},
    ]));
    let check = |born: &str, died: &str| {
        faults(&send(&form, &Answers::from([("born", born), ("died", died)])))
    };
    assert_eq!(check("1975-04", "1975-03"), ["died: forms.too_early"]);
    assert_eq!(check("1975-04", "1975"), ["died: forms.rule"]);
    assert_eq!(check("1975", "1993"), [] as [&str; 0]);
    assert_eq!(check("1975", "1992"), ["died: forms.rule"]);
}

/// NF-8: the same of a number and a time that hang on a date known in part.
#[test]
fn a_number_is_refused_when_it_is_surely_beyond_its_limit() {
    let years = "age(born, date('2000-06-01'))";
    let form = form(&json!([
        {"id": "born", "label": "生年月日", "kind": {"type": "date", "partial": true}},
        {"id": "at_most", "label": "年数", "kind": {"type": "number", "max": years}},
        {"id": "at_least", "label": "年数", "kind": {"type": "number", "min": years}},
        {"id": "until", "label": "まで", "kind": {"type": "time", "max": years}},
        {"id": "from", "label": "から", "kind": {"type": "time", "min": years}},
    ]));
    // 24 or 25 years; 25 years.
    for (born, least) in [("1975", "24"), ("1975-04", "25")] {
        let check = |input: &str, typed: &str| {
            faults(&send(&form, &Answers::from([("born", born), (input, typed)])))
        };
        assert_eq!(check("at_most", "25"), [] as [&str; 0], "{born}");
        assert_eq!(check("at_most", "26"), ["at_most: forms.too_large"], "{born}");
        assert_eq!(check("at_least", least), [] as [&str; 0], "{born}");
        assert_eq!(check("at_least", "23"), ["at_least: forms.too_small"], "{born}");
        assert_eq!(check("until", "00:25"), [] as [&str; 0], "{born}");
        assert_eq!(check("until", "00:26"), ["until: forms.time_too_late"], "{born}");
        assert_eq!(check("from", &format!("00:{least}")), [] as [&str; 0], "{born}");
        assert_eq!(check("from", "00:23"), ["from: forms.time_too_early"], "{born}");
    }
}

/// NF-58, NF-60: what is known in part does not go into a question that asks for the whole.
#[test]
fn a_date_known_in_part_is_not_carried_into_a_whole_one() {
    let pages = |partial: bool| {
        json!([
            {"id": "died", "label": "死亡日", "kind": {"type": "date", "partial": partial}},
            {"id": "people", "label": "家族", "kind": {"type": "repeat", "row": "{n}人目", "max": 3, "fields": [
                {"id": "who", "label": "呼び名", "kind": {"type": "text"}},
                {"id": "birth", "label": "生年月日", "kind": {"type": "date", "partial": partial}}]}},
        ])
    };
    let (open, whole) = (form(&pages(true)), form(&pages(false)));
    let earlier = Answers::from([
        ("died", "1975"),
        ("people", "1"),
        ("people", "2"),
        ("people.1.who", "太郎"),
        ("people.1.birth", "1950-04"),
        ("people.2.who", "次郎"),
        ("people.2.birth", "1950-04-01"),
    ]);
    let carried = whole.carry(&earlier);
    assert_eq!(carried.anew, ["died", "people"]);
    let stays: Vec<&str> = carried.answers.iter().map(|(input, _)| input).collect();
    assert_eq!(stays, ["people", "people.1.who", "people.2.birth", "people.2.who"]);
    let moved = whole.moved_from(&open, &earlier, TODAY);
    assert_eq!(moved.answers, carried.answers);
    let dropped: Vec<(&str, &str)> =
        moved.dropped.iter().map(|one| (&*one.name, &*one.lines[0])).collect();
    assert_eq!(
        dropped,
        [
            ("died", "昭和50年（1975年）、月日は不明"),
            ("people.1.birth", "昭和25年4月（1950年4月）、日は不明")
        ]
    );
    assert_eq!(moved.asked, ["died", "people.1.birth"]);
    // The other way everything stays.
    let days = Answers::from([("died", "1975-04-01")]);
    assert_eq!(open.moved_from(&whole, &days, TODAY).answers, days);
    assert_eq!(open.carry(&days).anew, [""; 0]);
}
