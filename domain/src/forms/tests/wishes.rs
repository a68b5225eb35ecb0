//! What a question can ask beside its kind: an order, something of one's own, a time, a default.

use serde_json::json;

use super::*;
use crate::forms::publish::{ProblemCode, problems};

fn topics(more: &Value) -> Value {
    let mut kind = json!({"type": "multi", "options": [
        {"code": "a", "label": "道路"}, {"code": "b", "label": "公園"}, {"code": "other", "label": "その他"}]});
    for (key, value) in more.as_object().unwrap() {
        kind[key] = value.clone();
    }
    kind
}

/// NF-63: what is meant by その他 is written beside it: asked when it is chosen, refused with a next step
/// when it is not, shown to everybody who reads the answer.
#[test]
fn what_is_meant_by_other_is_written_beside_it() {
    for kind in [
        topics(&json!({"other": "other"})),
        json!({"type": "choice", "other": "other", "options": [
            {"code": "a", "label": "道路"}, {"code": "other", "label": "その他"}]}),
    ] {
        let form = question(&kind);
        let told = |pairs: &[(&str, &str)]| send(&form, &pairs.iter().copied().collect());
        let bare = told(&[("q", "other"), ("q.other", "")]);
        assert_eq!(faults(&bare), ["q.other: forms.required_other"]);
        let alone = told(&[("q", "a"), ("q.other", "橋")]);
        assert_eq!(faults(&alone), ["q.other: forms.other_not_chosen"]);
        assert_eq!(alone.answers.first("q.other"), Some("橋"), "nothing typed is lost");
        let number = told(&[("q", "other"), ("q.other", "123456789018")]);
        assert_eq!(faults(&number), ["q.other: forms.my_number"]);
        let whole = told(&[("q", "other"), ("q.other", " 橋 ")]);
        assert_eq!(faults(&whole), [""; 0]);
        let field = form.field("q").unwrap();
        assert_eq!(form.display(field, &whole.answers), ["その他：橋"]);
        // Conditions may ask for it, and an earlier application brings it along.
        assert!(form.condition("answered(q) and q.other == '橋'").is_ok());
        assert_eq!(form.carry(&whole.answers).answers, whole.answers);
        let none = told(&[("q", "a"), ("q.other", "")]);
        assert_eq!(form.display(field, &none.answers), ["道路"]);
    }
    assert!(
        form(&json!([{"id": "q", "label": "質問", "kind": topics(&json!({}))}]))
            .condition("q.other == ''")
            .is_err()
    );
}

/// NF-63: picks are put into an order by a rank each; no rank twice; the order is kept as it was given.
#[test]
fn picks_are_put_into_an_order() {
    let form = question(&topics(&json!({"ranked": true, "max": 2})));
    let told = |pairs: &[(&str, &str)]| send(&form, &pairs.iter().copied().collect());
    let twice = told(&[("q.a", "1"), ("q.b", ""), ("q.other", "1")]);
    assert_eq!(faults(&twice), ["q: forms.rank_twice"]);
    assert_eq!(twice.answers.first("q.a"), Some("1"), "what was chosen stays");
    assert_eq!(
        faults(&told(&[("q.a", ""), ("q.b", ""), ("q.other", "")])),
        ["q: forms.required_choice"]
    );
    let many = told(&[("q.a", "1"), ("q.b", "2"), ("q.other", "3")]);
    assert_eq!(faults(&many), ["q: forms.too_many_picks"]);
    let good = told(&[("q.a", "２"), ("q.b", ""), ("q.other", "1")]);
    assert_eq!(faults(&good), [""; 0]);
    assert_eq!(good.answers.get("q"), Some(&["other".to_owned(), "a".to_owned()][..]));
    assert!(!good.answers.shown("q.a"), "the order is the answer");
    let field = form.field("q").unwrap();
    assert_eq!(form.display(field, &good.answers), ["1位　その他", "2位　道路"]);
    // What is stored reads again as it is.
    assert_eq!(form.check_all(&good.answers, &Context::on(TODAY)).answers, good.answers);
    let strange = told(&[("q.a", "9"), ("q.b", "x")]);
    assert_eq!(faults(&strange), ["q.a: forms.not_offered", "q.b: forms.not_offered"]);
}

/// NF-8: a day with its time is read in both calendars, wants both, and counts by its day.
#[test]
fn a_day_with_its_time_wants_both() {
    let kind = json!({"type": "date", "time": true, "min": "date('2026-11-20')"});
    let form = question(&kind);
    let told = |pairs: &[(&str, &str)]| send(&form, &pairs.iter().copied().collect());
    let typed = |day: &'static str, time: &'static str| {
        told(&[
            ("q.era", "reiwa"),
            ("q.year", "8"),
            ("q.month", "12"),
            ("q.day", day),
            ("q.time", time),
        ])
    };
    let good = typed("1", "午後２時30分");
    assert_eq!(faults(&good), [""; 0]);
    assert_eq!(good.answers, Answers::from([("q", "2026-12-01T14:30")]));
    let field = form.field("q").unwrap();
    assert_eq!(form.display(field, &good.answers), ["令和8年12月1日（2026年12月1日） 14:30"]);
    assert_eq!(form.check_all(&good.answers, &Context::on(TODAY)).answers, good.answers);
    for (day, time, code) in
        [("1", "", "partial_date_time"), ("1", "夜", "not_time"), ("32", "9:00", "no_such_day")]
    {
        let bad = typed(day, time);
        assert_eq!(faults(&bad), [format!("q: forms.{code}")], "{day} {time}");
        if !time.is_empty() {
            assert_eq!(bad.answers.first("q.time"), Some(time), "nothing typed is lost");
        }
    }
    let alone = told(&[("q.year", ""), ("q.month", ""), ("q.day", ""), ("q.time", "9:00")]);
    assert_eq!(faults(&alone), ["q: forms.partial_date_time"]);
    let early = told(&[("q.year", "2026"), ("q.month", "11"), ("q.day", "19"), ("q.time", "9:00")]);
    assert_eq!(faults(&early), ["q: forms.too_early"]);
    assert_eq!(
        faults(&told(&[("q.year", ""), ("q.month", ""), ("q.day", ""), ("q.time", "")])),
        ["q: forms.required_date"]
    );
    let on = form.expression("q").unwrap();
    let day = |value: &crate::forms::expr::Value<'_>| format!("{value:?}");
    assert!(form.evaluate(&on, &good.answers, TODAY, day).contains("2026-12-01"));
}

/// NF-63: a default is drawn into a question nobody answered, never over an answer, and is no answer of
/// a question that is hidden or was not sent.
#[test]
fn a_default_counts_once_it_is_sent() {
    let form = compile(&json!([{"id": "one", "title": "一", "fields": [
        {"id": "way", "label": "方法", "default": "post", "kind": {"type": "choice", "options": [
            {"code": "post", "label": "郵送"}, {"code": "desk", "label": "窓口"}]}},
        {"id": "day", "label": "日", "default": "令和8年12月1日", "when": "way == 'desk'", "kind": {"type": "date"}},
        {"id": "items", "label": "品物", "required": true, "kind": {"type": "repeat", "row": "{n}件目", "max": 3,
            "fields": [{"id": "pieces", "label": "数", "default": "1", "kind": {"type": "number"}}]}},
    ]}]));
    let none = Answers::new();
    let drawn = form.with_defaults(0, &none, TODAY);
    assert_eq!(drawn.first("way"), Some("post"));
    assert!(!drawn.shown("day"), "hidden");
    assert_eq!(drawn.first("items.1.pieces"), Some("1"));
    let desk = Answers::from([("way", "desk")]);
    let drawn = form.with_defaults(0, &desk, TODAY);
    assert_eq!((drawn.first("way"), drawn.first("day")), (Some("desk"), Some("2026-12-01")));
    let emptied = Answers::from([("way", "")]);
    assert_eq!(form.with_defaults(0, &emptied, TODAY).first("way"), Some(""), "it was emptied");
    // A new row has it, one that was answered keeps its own.
    let rows = Answers::from([("items", "1"), ("items", "2"), ("items.1.pieces", "7")]);
    let drawn = form.with_defaults(0, &rows, TODAY);
    assert_eq!(drawn.first("items.1.pieces"), Some("7"));
    assert_eq!(drawn.first("items.2.pieces"), Some("1"));
    assert!(!form.check_all(&none, &Context::on(TODAY)).answers.answered("way"));
}

/// NF-22: what cannot be an answer, an order of seats, an option that is not there stop the publication.
#[test]
fn what_cannot_be_asked_is_not_published() {
    let codes = |field: &Value| -> Vec<ProblemCode> {
        let document = document(&json!([{"id": "one", "title": "一", "fields": [field]}]));
        problems(&document).into_iter().map(|problem| problem.code).collect()
    };
    let field = |kind: &Value, default: &str| json!({"id": "q", "label": "質問", "kind": kind, "default": default});
    assert!(codes(&field(&json!({"type": "number"}), "ひとつ")).contains(&ProblemCode::BadDefault));
    assert!(codes(&field(&json!({"type": "name"}), "山田")).contains(&ProblemCode::BadDefault));
    assert!(codes(&field(&topics(&json!({})), "z")).contains(&ProblemCode::BadDefault));
    assert!(!codes(&field(&topics(&json!({})), "a")).contains(&ProblemCode::BadDefault));
    let other = json!({"id": "q", "label": "質問", "kind": topics(&json!({"other": "z"}))});
    assert!(codes(&other).contains(&ProblemCode::UnknownOption));
    let ranked = json!({"id": "q", "label": "質問", "kind": topics(&json!({"other": "other", "ranked": true}))});
    assert!(codes(&ranked).contains(&ProblemCode::RankedPlain));
    let date = |time: bool| {
        let kind = json!({"type": "date", "partial": true, "time": time});
        codes(&json!({"id": "q", "label": "質問", "kind": kind}))
    };
    assert!(date(true).contains(&ProblemCode::PartialWithTime));
    assert!(!date(false).contains(&ProblemCode::PartialWithTime));
    let alike = |partial: bool| {
        let born = json!({"id": "born", "label": "生年月日", "required": true,
            "kind": {"type": "date", "partial": partial}});
        let child = json!({"id": "child", "label": "生年月日", "kind": {"type": "date", "partial": partial}});
        let children = json!({"id": "children", "label": "子", "kind": {"type": "repeat", "row": "{n}人目",
            "max": 3, "unique_by": "child", "fields": [child]}});
        let mut document =
            document(&json!([{"id": "one", "title": "一", "fields": [born, children]}]));
        document.access.once_per = serde_json::from_value(json!({"key": "field:born"})).unwrap();
        let found = problems(&document);
        found.iter().filter(|problem| problem.code == ProblemCode::PartialKey).count()
    };
    assert_eq!((alike(true), alike(false)), (2, 0), "two of whom the same is known are not one");
}
