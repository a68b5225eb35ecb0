//! Repeating groups, calculated values and exits.

use std::collections::BTreeSet;

use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::forms::check::SHOWN;
use crate::forms::rows::{Edit, edit};

/// Items with a price and a number of pieces; the sum decides on a reason, the sort on a detail.
fn order() -> Compiled {
    compile(&json!([
        {"id": "one", "title": "一", "fields": [
            {"id": "buyer", "label": "買う人", "required": true, "kind": {"type": "choice", "options": [
                {"code": "shop", "label": "店"}, {"code": "person", "label": "個人"}, {"code": "other", "label": "他"}]}},
            {"id": "no_one", "label": "申し込めません", "when": "buyer == 'other'",
             "kind": {"type": "exit", "body": "窓口へどうぞ。"}},
            {"id": "items", "label": "品物", "required": true, "kind": {
                "type": "repeat", "row": "{n}件目", "min": 1, "max": 3, "unique_by": "name", "fields": [
                {"id": "name", "label": "品名", "required": true, "kind": {"type": "text"}},
                {"id": "sort", "label": "種類", "required": true, "kind": {"type": "choice", "options": [
                    {"code": "a", "label": "A"}, {"code": "b", "label": "B", "when": "buyer == 'shop'"}]}},
                {"id": "detail", "label": "詳細", "required": true, "when": "sort == 'b' and buyer == 'shop'",
                 "kind": {"type": "text"}},
                {"id": "price", "label": "単価", "required": true, "kind": {"type": "number", "min": 1},
                 "checks": [{"rule": "price <= 1000 or answered(detail)", "message": "高い品物は種類をBに。"}]},
                {"id": "pieces", "label": "数", "required": "sort == 'a'", "kind": {"type": "number", "min": 1, "max": 9}},
                {"id": "cost", "label": "金額", "kind": {"type": "calc", "value": "price * pieces", "unit": "円"}},
                {"id": "bought", "label": "買った日", "kind": {"type": "date"}},
            ]}},
            {"id": "total", "label": "合計", "kind": {"type": "calc", "value": "sum(items, cost)", "unit": "円"},
             "checks": [{"rule": "total >= 100", "message": "100円から。"}]},
            {"id": "reason", "label": "理由", "required": true, "when": "total > 5000 or any(items, sort == 'b')",
             "kind": {"type": "text"}},
        ]},
        {"id": "two", "title": "二", "fields": [
            {"id": "note", "label": "備考", "when": "count(items) > 1 and all(items, pieces >= 2)", "kind": {"type": "text"}},
        ]},
    ]))
}

fn two() -> Answers {
    Answers::from([
        ("buyer", "person"),
        ("items", "1"),
        ("items", "2"),
        ("items.1.name", "鉛筆"),
        ("items.1.sort", "a"),
        ("items.1.price", "１００"),
        ("items.1.pieces", "2"),
        ("items.2.name", "消しゴム"),
        ("items.2.sort", "a"),
        ("items.2.price", "80"),
        ("items.2.pieces", "3"),
    ])
}

fn with(change: &[(&str, &str)]) -> Answers {
    let mut answers = two();
    for (input, value) in change {
        answers.put_one(*input, *value);
    }
    answers
}

/// NF-63: rows are read, folded and summed up; what is worked out is stored beside them.
#[test]
fn rows_are_read_and_summed_up() {
    let form = order();
    let checked = send(&form, &two());
    assert_eq!(faults(&checked), [] as [&str; 0]);
    let answer = |input: &str| checked.answers.first(input);
    assert_eq!(answer("items.1.price"), Some("100"));
    assert_eq!(answer("items.1.cost"), Some("200"));
    assert_eq!(answer("total"), Some("440"));
    assert!(!checked.answers.shown("items.1.detail"), "what is hidden in a row is absent");
    assert!(checked.answers.shown("items.1.bought") && !checked.answers.answered("items.1.bought"));
    assert_eq!(form.visible_pages(&checked.answers, TODAY).len(), 2);
}

/// NF-63: what was typed for a calculated value counts for nothing.
#[test]
fn nothing_typed_changes_a_calculated_value() {
    let checked = send(&order(), &with(&[("total", "1"), ("items.1.cost", "999999")]));
    assert_eq!(checked.answers.first("total"), Some("440"));
    assert_eq!(checked.answers.first("items.1.cost"), Some("200"));
}

/// NF-7: a fault of a row names its input, its question and its row.
#[test]
fn a_fault_names_its_row() {
    let form = order();
    let faulty = |change: &[(&str, &str)]| faults(&send(&form, &with(change)));
    assert_eq!(faulty(&[("items.2.pieces", "")]), ["items.2.pieces: forms.required"]);
    assert_eq!(faulty(&[("items.2.price", "x")]), ["items.2.price: forms.not_number"]);
    assert_eq!(
        faulty(&[("items.2.sort", "b")]),
        ["items.2.sort: forms.not_offered", "reason: forms.required"]
    );
    assert_eq!(
        faulty(&[("items.2.price", "2000")]),
        ["items.2.price: forms.rule", "reason: forms.required"]
    );
    assert_eq!(faulty(&[("items.2.name", "鉛筆")]), ["items.2.name: forms.not_unique"]);
    let checked = send(&form, &with(&[("items.2.name", "")]));
    assert_eq!(checked.faults[0].args["label"], "2件目　品名");
    assert_eq!(checked.faults[0].field, "items");
    assert_eq!(checked.answers.first("items.2.price"), Some("80"), "nothing typed is lost");
}

/// NF-63: a rule over a sum waits until the rows it sums up are right.
#[test]
fn a_rule_over_a_sum_waits_for_its_rows() {
    let form = order();
    let small = [("items.1.price", "1"), ("items.2.price", "1")];
    assert_eq!(faults(&send(&form, &with(&small))), ["total: forms.rule"]);
    let broken = [("items.1.price", "1"), ("items.2.price", "x")];
    assert_eq!(faults(&send(&form, &with(&broken))), ["items.2.price: forms.not_number"]);
}

/// NF-63: a group has its fewest and most rows; no rows are not the same as no group.
#[test]
fn rows_are_counted() {
    let form = order();
    let mut none = two();
    none.remove("items");
    assert_eq!(faults(&send(&form, &none)), ["items: forms.too_few_rows"]);
    assert!(send(&form, &none).answers.shown("items"));
    let mut many = two();
    many.put("items", (1..=200).map(|n| n.to_string()).collect());
    let checked = send(&form, &many);
    assert!(faults(&checked).contains(&"items: forms.too_many_rows".to_owned()));
    assert_eq!(checked.answers.get("items").map(<[String]>::len), Some(50));
    let mut odd = two();
    odd.put("items", ["7", "x", "", "7", "12345", "２", "7.5"].map(str::to_owned).to_vec());
    assert_eq!(send(&form, &odd).answers.get("items"), Some(&["1".to_owned()][..]));
    assert_eq!(order().view(&Answers::new(), TODAY).field("items").unwrap().rows.len(), 1);
}

/// NF-60: buttons add, remove and move rows; what was typed stays with its row.
#[test]
fn buttons_change_the_rows_and_keep_what_was_typed() {
    let form = order();
    let after = |edits: &[Edit]| {
        let mut raw = with(&[("items.1.price", "kaputt")]);
        for change in edits {
            edit(&mut raw, "items", *change);
        }
        let stored = send(&form, &raw).answers;
        let names =
            (1..=4).map(|n| stored.first(&format!("items.{n}.name")).unwrap_or("-").to_owned());
        (names.collect::<Vec<_>>().join(" "), stored)
    };
    assert_eq!(after(&[Edit::Add]).0, "鉛筆 消しゴム - -");
    assert_eq!(after(&[Edit::Add]).1.get("items").unwrap().len(), 3);
    assert_eq!(after(&[Edit::Remove(0)]).0, "消しゴム - - -");
    let (names, stored) = after(&[Edit::Down(0)]);
    assert_eq!(names, "消しゴム 鉛筆 - -");
    assert_eq!(stored.first("items.2.price"), Some("kaputt"));
    assert_eq!(after(&[Edit::Up(1), Edit::Up(1)]).0, "鉛筆 消しゴム - -");
    assert_eq!(after(&[Edit::Remove(9), Edit::Up(0), Edit::Down(1)]).0, "鉛筆 消しゴム - -");
    assert_eq!(after(&[Edit::Remove(0), Edit::Add, Edit::Up(1)]).0, "- 消しゴム - -");
}

/// NF-63: what appears in a row through the answers just sent is shown, not complained about.
#[test]
fn a_question_that_appears_in_a_row_is_revealed() {
    let form = order();
    let mut raw = with(&[("buyer", "shop"), ("items.2.sort", "b"), ("reason", "r")]);
    let shown = ["buyer", "items", "total", "reason"].into_iter().map(str::to_owned);
    let rows = ["name", "sort", "price", "pieces", "cost", "bought"];
    let rows = rows.iter().flat_map(|id| [format!("items.1.{id}"), format!("items.2.{id}")]);
    raw.put(SHOWN, shown.chain(rows).collect());
    let checked = send(&form, &raw);
    assert_eq!(
        (faults(&checked), checked.revealed.clone()),
        (vec![], vec!["items.2.detail".to_owned()])
    );
    raw.push(SHOWN, "items.2.detail");
    assert_eq!(faults(&send(&form, &raw)), ["items.2.detail: forms.required"]);
}

/// NF-63: an exit ends the form; nothing behind it is asked, and nothing can be sent.
#[test]
fn an_exit_ends_the_form() {
    let form = order();
    let other = with(&[("buyer", "other")]);
    let checked = send(&form, &other);
    assert_eq!(faults(&checked), ["no_one: forms.ends_here"]);
    assert_eq!(checked.answers.len(), 1, "only the answer before it is kept");
    let view = form.view(&other, TODAY);
    assert!(view.has_ended());
    assert_eq!(view.pages().len(), 1);
    assert!(!form.check_all(&other, &Context::on(TODAY)).is_clean());
    assert!(form.check_all(&two(), &Context::on(TODAY)).is_clean());
}

/// NF-31: the check page and staff read each row under its heading.
#[test]
fn rows_are_shown_in_words() {
    let form = order();
    let stored = form
        .check_all(
            &with(&[("items.1.price", "1000"), ("items.1.pieces", "9")]),
            &Context::on(TODAY),
        )
        .answers;
    let summary = form.summary(&stored, TODAY);
    let rows: Vec<_> = summary[0]
        .rows
        .iter()
        .map(|row| format!("{}={}", row.label, row.lines.join("|")))
        .collect();
    assert!(rows.contains(&"1件目　品名=鉛筆".to_owned()), "{rows:?}");
    assert!(rows.contains(&"1件目　金額=9,000円".to_owned()), "{rows:?}");
    assert!(rows.contains(&"合計=9,240円".to_owned()), "{rows:?}");
    let group = form.field("items").unwrap();
    assert_eq!(
        form.display(group, &stored)[1],
        "2件目：品名 消しゴム／種類 A／単価 80／数 3／金額 240円"
    );
}

/// NF-34: a group is corrected as a whole; what is worked out from it comes along.
#[test]
fn a_correction_of_rows_brings_the_sums_along() {
    let form = order();
    let original = form.check_all(&two(), &Context::on(TODAY)).answers;
    let flagged = BTreeSet::from(["items".to_owned()]);
    let open = form.correctable(&flagged);
    assert!(open.contains("total") && open.contains("reason") && !open.contains("buyer"));
    let others = form.correction_context(&flagged, &original);
    assert_eq!(others, Answers::from([("buyer", "person")]));
    let raw = with(&[
        ("items.1.price", "500"),
        ("items.2.price", "900"),
        ("items.2.pieces", "9"),
        ("reason", "要る"),
    ]);
    let checked = form.check_correction(&flagged, &others, &raw, &Context::on(TODAY));
    assert_eq!(faults(&checked), [] as [&str; 0]);
    let whole = form.corrected(&original, &flagged, &checked.answers, TODAY);
    assert_eq!(whole.first("total"), Some("9100"));
    assert_eq!(whole.first("buyer"), Some("person"));

    // Flagged is only what hangs on the rows: of the rows nothing but what decides crosses back.
    let context = form.correction_context(&BTreeSet::from(["reason".to_owned()]), &original);
    assert!(
        context.shown("items") && context.shown("items.1.price") && context.shown("items.1.sort")
    );
    assert!(!context.shown("items.1.name"));
}

/// NF-22: slips around rows are found before publishing.
#[test]
fn slips_around_rows_are_found() {
    use crate::forms::publish::{ProblemCode as C, problems};
    let found = |fields: Value| {
        let pages = json!([{"id": "p", "title": "頁", "fields": fields}]);
        problems(&document(&pages)).into_iter().map(|problem| problem.code).collect::<Vec<_>>()
    };
    let group = |change: &dyn Fn(&mut Value)| {
        let mut group = json!({"id": "g", "label": "組", "kind": {"type": "repeat", "row": "{n}", "max": 5, "fields": [
            {"id": "a", "label": "A", "kind": {"type": "number"}},
            {"id": "b", "label": "B", "kind": {"type": "text"}}]}});
        change(&mut group);
        group
    };
    let text =
        |when: &str| json!({"id": "t", "label": "T", "when": when, "kind": {"type": "text"}});
    assert_eq!(found(json!([group(&|_| {}), text("any(g, a > 3)")])), [C::NoTest]);
    for (fields, code) in [
        (json!([group(&|g| g["kind"]["row"] = json!("家族"))]), C::NoRowNumber),
        (json!([group(&|g| g["kind"]["max"] = json!(51))]), C::TooMuch),
        (json!([group(&|g| g["kind"]["min"] = json!(6))]), C::Limits),
        (json!([group(&|g| g["kind"]["unique_by"] = json!("z"))]), C::UnknownName),
        (json!([group(&|g| g["kind"]["fields"] = json!([]))]), C::EmptyPage),
        (
            json!([group(&|g| g["kind"]["fields"][1]["kind"] = json!({"type": "file"}))]),
            C::NotInRows,
        ),
        (json!([group(&|g| g["kind"]["fields"][1]["id"] = json!("a"))]), C::RepeatedId),
        (json!([group(&|g| g["kind"]["fields"][1]["id"] = json!("g"))]), C::RepeatedId),
        (json!([group(&|g| g["kind"]["fields"][0]["when"] = json!("b == 'x'"))]), C::LooksForward),
        (json!([group(&|g| g["kind"]["fields"][1]["label"] = json!("個人番号"))]), C::AsksMyNumber),
        (json!([group(&|_| {}), text("a > 3")]), C::UnknownName),
        (json!([group(&|_| {}), text("any(g, b)")]), C::BadExpression),
        (json!([group(&|_| {}), text("any(a, a > 1)")]), C::UnknownName),
        (json!([group(&|_| {}), text("any(g, any(g, a > 1))")]), C::BadExpression),
        (json!([text("sum(g, a) > 1"), group(&|_| {})]), C::LooksForward),
        (json!([{"id": "x", "label": "X", "kind": {"type": "exit", "body": "終"}}]), C::ExitAlways),
        (
            json!([{"id": "c", "label": "C", "kind": {"type": "calc", "value": "c + 1"}}]),
            C::LooksForward,
        ),
        (
            json!([{"id": "c", "label": "C", "kind": {"type": "calc", "value": "1 == 1"}}]),
            C::BadExpression,
        ),
    ] {
        let codes = found(fields.clone());
        assert!(codes.contains(&code), "{fields}: {codes:?}");
    }
}

/// NF-22: what stands behind an exit under the condition of the exit can never be reached.
#[test]
fn what_only_an_exit_lets_through_is_unreachable() {
    use crate::forms::publish::{ProblemCode as C, problems};
    let choice = json!({"id": "k", "label": "K", "required": true, "kind": {"type": "choice", "options": [
        {"code": "a", "label": "A"}, {"code": "b", "label": "B"}]}});
    let exit = json!({"id": "x", "label": "X", "when": "k == 'b'", "kind": {"type": "exit", "body": "終"}});
    let codes = |when: &str| {
        let text = json!({"id": "t", "label": "T", "when": when, "kind": {"type": "text"}});
        let pages = json!([{"id": "p", "title": "頁", "fields": [choice, exit, text]}]);
        problems(&document(&pages)).into_iter().map(|problem| problem.code).collect::<Vec<_>>()
    };
    assert_eq!(codes("k == 'a'"), [C::NoTest]);
    assert_eq!(codes("k == 'b'"), [C::Unreachable, C::NoTest]);
}

fn some_rows() -> impl Strategy<Value = Answers> {
    let text = proptest::sample::select(vec!["", "鉛筆", "消しゴム", "x\u{0}", "123456789018"]);
    let number = proptest::sample::select(vec!["", "1", "９", "-3", "1e9", "999999999999999"]);
    let sort = proptest::sample::select(vec!["", "a", "b", "c"]);
    let row = (text, sort, number.clone(), number);
    let buyer = proptest::sample::select(vec!["shop", "person", "other", ""]);
    (buyer, proptest::collection::vec(row, 0..5)).prop_map(|(buyer, rows)| {
        let mut answers = Answers::new();
        answers.put_one("buyer", buyer);
        for (n, (name, sort, price, pieces)) in rows.into_iter().enumerate() {
            answers.push("items", (n + 1).to_string());
            for (id, value) in
                [("name", name), ("sort", sort), ("price", price), ("pieces", pieces)]
            {
                answers.put_one(format!("items.{}.{id}", n + 1), value);
            }
        }
        answers
    })
}

proptest! {
    /// NF-60, NF-63: whatever the rows hold, reading what was stored again changes nothing, and the
    /// sum is that of the rows.
    #[test]
    fn stored_rows_read_the_same_again(raw in some_rows()) {
        let form = order();
        let once = form.check_all(&raw, &Context::on(TODAY));
        let again = form.check_all(&once.answers, &Context::on(TODAY));
        prop_assert_eq!(&again.answers, &once.answers);
        if once.is_clean() {
            let number = |input: String| once.answers.first(&input).and_then(|n| n.parse::<i128>().ok());
            let rows = once.answers.get("items").map_or(0, <[String]>::len);
            let sum: i128 = (1..=rows).filter_map(|n| number(format!("items.{n}.cost"))).sum();
            prop_assert_eq!(number("total".into()), Some(sum));
        }
    }

    /// NF-60: moving a row down and up again leaves everything as it was.
    #[test]
    fn moving_a_row_there_and_back_changes_nothing(raw in some_rows(), n in 0usize..5) {
        let form = order();
        let mut moved = raw.clone();
        let rows = raw.get("items").map_or(0, <[String]>::len);
        edit(&mut moved, "items", Edit::Down(n));
        let there = form.store_page(0, &Answers::new(), &send(&form, &moved).answers);
        let mut back = there;
        if n + 1 < rows {
            edit(&mut back, "items", Edit::Up(n + 1));
        }
        prop_assert_eq!(send(&form, &back).answers, send(&form, &raw).answers);
    }
}
