//! What is shown, required and dropped.

use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::forms::check::SHOWN;
use crate::forms::publish::ProblemCode;

/// kind → copies (when copy) → reason (when many copies); a second page for extracts only.
fn chain() -> Compiled {
    compile(&json!([
        {"id": "what", "title": "内容", "fields": [
            {"id": "kind", "label": "種類", "required": true, "kind": {"type": "choice", "options": [
                {"code": "copy", "label": "写し"}, {"code": "extract", "label": "抄本"}]}},
            {"id": "copies", "label": "通数", "required": true, "when": "kind == 'copy'",
             "kind": {"type": "number", "min": 1}},
            {"id": "reason", "label": "理由", "required": "copies > 10", "when": "copies > 5",
             "kind": {"type": "text"}},
            {"id": "note", "label": "注意", "kind": {"type": "content", "body": "注意"}},
        ]},
        {"id": "who", "title": "抄本に載せる人", "when": "kind == 'extract'", "fields": [
            {"id": "person", "label": "人", "required": true, "kind": {"type": "name"}},
        ]},
        {"id": "end", "title": "最後", "fields": [
            {"id": "memo", "label": "備考", "when": "answered(person) or answered(reason)", "kind": {"type": "textarea"}},
        ]},
    ]))
}

fn ids(form: &Compiled, page: usize, answers: &Answers) -> Vec<String> {
    form.visible_fields(page, answers, TODAY).iter().map(|f| f.id.clone()).collect()
}

/// NF-63: conditions of two and more steps.
#[test]
fn a_condition_may_hang_on_a_condition() {
    let form = chain();
    let page = |a: &Answers| ids(&form, 0, a).join(" ");
    assert_eq!(page(&Answers::new()), "kind note");
    assert_eq!(page(&Answers::from([("kind", "copy")])), "kind copies note");
    let many = Answers::from([("kind", "copy"), ("copies", "6")]);
    assert_eq!(page(&many), "kind copies reason note");
    // What is hidden is absent: the six copies of an abandoned choice show nothing.
    let changed = Answers::from([("kind", "extract"), ("copies", "6")]);
    assert_eq!(page(&changed), "kind note");
}

#[test]
fn a_page_applies_when_its_condition_holds_and_it_has_something_to_show() {
    let form = chain();
    let pages = |a: &Answers| -> Vec<String> {
        form.visible_pages(a, TODAY).iter().map(|(_, page)| page.id.clone()).collect()
    };
    assert_eq!(pages(&Answers::from([("kind", "copy")])), ["what"]);
    assert_eq!(pages(&Answers::from([("kind", "extract")])), ["what", "who"]);
    let full = Answers::from([("kind", "extract"), ("person.family", "山")]);
    assert_eq!(pages(&full), ["what", "who", "end"]);
    assert_eq!(form.page("who").map(|p| p.0), Some(1));
    assert_eq!(form.page_of("person.family"), Some(1));
}

/// NF-63, NF-7, NB-2.5: what is hidden leaves the answers.
#[test]
fn what_is_hidden_is_dropped() {
    let form = chain();
    let raw = Answers::from([
        ("kind", "extract"),
        ("copies", "6"),
        ("reason", "x"),
        ("memo", "y"),
        ("hacked", "z"),
    ]);
    let checked = form.check_all(&raw, &Context::on(TODAY));
    let kept: Vec<_> = checked
        .answers
        .iter()
        .map(|(input, _)| input)
        .filter(|i| !i.starts_with("person."))
        .collect();
    assert_eq!(kept, ["kind"]);
    assert_eq!(checked.faults.len(), 4, "the name on the second page is missing");
}

/// NF-63: required by a condition on the same page.
#[test]
fn a_field_may_be_required_by_a_condition() {
    let form = chain();
    let check =
        |copies: &str| faults(&send(&form, &Answers::from([("kind", "copy"), ("copies", copies)])));
    assert_eq!(check("6"), [] as [&str; 0]);
    assert_eq!(check("11"), ["reason: forms.required"]);
    let reason = form.field("reason").unwrap();
    let answers = |copies| Answers::from([("kind", "copy"), ("copies", copies)]);
    assert!(form.is_required(reason, &answers("11"), TODAY));
    assert!(!form.is_required(reason, &answers("6"), TODAY));
}

/// A field that appears through the answers just sent is shown, not complained about.
#[test]
fn a_field_that_just_appeared_is_no_fault() {
    let form = chain();
    let first = Answers::from([("kind", "copy"), (SHOWN, "kind"), (SHOWN, "note")]);
    let checked = send(&form, &first);
    assert_eq!(checked.revealed, ["copies"]);
    assert_eq!(checked.faults, []);
    assert!(!checked.is_clean());
    let second = Answers::from([
        ("kind", "copy"),
        ("copies", ""),
        (SHOWN, "kind"),
        (SHOWN, "copies"),
        (SHOWN, "note"),
    ]);
    let checked = send(&form, &second);
    assert_eq!(
        (checked.revealed.len(), faults(&checked)),
        (0, vec!["copies: forms.required".to_owned()])
    );
}

#[test]
fn a_page_replaces_its_own_answers_only() {
    let form = chain();
    let saved =
        Answers::from([("kind", "copy"), ("copies", "9"), ("person.family", "山"), (SHOWN, "x")]);
    let checked =
        form.check_page(0, &saved, &Answers::from([("kind", "extract")]), &Context::on(TODAY));
    let stored = form.store_page(0, &saved, &checked.answers);
    assert_eq!(stored, Answers::from([("kind", "extract"), ("person.family", "山")]));
    assert_eq!(form.check_page(7, &saved, &saved, &Context::on(TODAY)), Checked::default());
}

/// NF-49: an option may be offered under a condition.
#[test]
fn an_option_is_offered_under_its_condition() {
    let form = form(&json!([
        {"id": "age", "label": "年齢", "required": true, "kind": {"type": "number"}},
        {"id": "course", "label": "講座", "required": true, "kind": {"type": "choice", "options": [
            {"code": "child", "label": "こども", "when": "age < 16"}, {"code": "all", "label": "どなたでも"}]}},
    ]));
    let answers = Answers::from([("age", "20"), ("course", "child")]);
    assert_eq!(faults(&send(&form, &answers)), ["course: forms.not_offered"]);
    let course = form.field("course").unwrap();
    assert_eq!(form.offered(course, &answers, TODAY).len(), 1);
    assert!(send(&form, &Answers::from([("age", "15"), ("course", "child")])).is_clean());
}

/// NF-49: each choice has a deadline of its own: on its last day it is offered, on the next it is
/// not, and who chose it while it was is told so; choices without one stay.
#[test]
fn a_choice_goes_when_its_own_deadline_is_over() {
    let form = form(&json!([
        {"id": "course", "label": "講座", "required": true, "kind": {"type": "choice", "options": [
            {"code": "early", "label": "前期", "when": "today() <= date('2026-11-20')"},
            {"code": "late", "label": "後期", "when": "today() <= date('2026-12-25')"},
            {"code": "any", "label": "いつでも"}]}},
    ]));
    let course = form.field("course").unwrap();
    let chosen = Answers::from([("course", "early")]);
    let on = |day: Date| {
        let offered = form.offered(course, &chosen, day);
        let codes: Vec<_> = offered.iter().map(|option| option.code.as_str()).collect();
        let checked = form.check_page(0, &Answers::new(), &chosen, &Context::on(day));
        (codes.join(" "), faults(&checked))
    };
    let refused = vec!["course: forms.not_offered".to_owned()];
    assert_eq!(on(TODAY), ("early late any".to_owned(), vec![]));
    assert_eq!(on(date(2026, 11, 21)), ("late any".to_owned(), refused.clone()));
    assert_eq!(on(date(2026, 12, 26)), ("any".to_owned(), refused));
}

#[test]
fn a_condition_that_looks_forward_is_no_form() {
    let problems = Compiled::new(document(&json!([{"id": "p", "title": "p", "fields": [
        {"id": "a", "label": "a", "when": "b == 'x'", "kind": {"type": "text"}},
        {"id": "b", "label": "b", "when": "b == 'x'", "kind": {"type": "text"}},
        {"id": "b", "label": "b", "when": "c == 'x'", "kind": {"type": "text"}},
    ]}])))
    .unwrap_err();
    let found: Vec<_> = problems.iter().map(|p| (p.at.as_str(), p.code)).collect();
    assert_eq!(
        found,
        [
            ("pages[0].fields[2].id", ProblemCode::RepeatedId),
            ("pages[0].fields[0].when", ProblemCode::LooksForward),
            ("pages[0].fields[1].when", ProblemCode::LooksForward),
            ("pages[0].fields[2].when", ProblemCode::UnknownName),
        ]
    );
}

proptest! {
    /// NF-7: what was checked once is taken again unchanged, so a stored draft stays good.
    #[test]
    fn checking_twice_changes_nothing(
        text in "\\PC{0,30}", number in "[0-9,.０-９円-]{0,8}", day in "[0-9/.年月日RS令和-]{0,12}",
        kana in "[ぁ-んｱ-ﾝﾞ゛A-z-]{0,8}", town in "[0-9０-９ー−a-z丁目]{0,12}",
    ) {
        let form = form(&json!([
            {"id": "t", "label": "t", "kind": {"type": "text", "charset": "full"}},
            {"id": "n", "label": "n", "kind": {"type": "number", "decimals": 2, "unit": "円"}},
            {"id": "d", "label": "d", "kind": {"type": "date"}},
            {"id": "k", "label": "k", "kind": {"type": "name"}},
            {"id": "a", "label": "a", "kind": {"type": "address"}},
            {"id": "m", "label": "m", "kind": {"type": "textarea"}},
            {"id": "p", "label": "p", "kind": {"type": "phone"}},
            {"id": "e", "label": "e", "kind": {"type": "email"}},
        ]));
        let raw = Answers::from([
            ("t", &text), ("n", &number), ("d", &day), ("k.family_kana", &kana), ("a.town", &town),
            ("m", &text), ("p", &number), ("e", &text),
        ]);
        let mut once = send(&form, &raw);
        if faults(&once).iter().any(|fault| fault.contains("forbidden")) {
            // Invisible characters are taken out the first time.
            once = send(&form, &once.answers);
        }
        let twice = send(&form, &once.answers);
        prop_assert_eq!(&once.answers, &twice.answers);
        prop_assert_eq!(faults(&once), faults(&twice));
    }
}
