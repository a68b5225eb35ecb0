//! NN-15: a page of a large form is checked within a few milliseconds.

use serde_json::{Value, json};

use super::*;

/// 300 fields of all common kinds on ten pages, 65 of them with a rule.
fn large() -> Compiled {
    let field = |n: usize| -> Value {
        let kind = match n % 6 {
            0 => json!({"type": "text", "max": 50}),
            1 => json!({"type": "number", "min": 0, "max": 1000}),
            2 => json!({"type": "date", "max": "today()"}),
            3 => {
                json!({"type": "choice", "options": [{"code": "a", "label": "A"}, {"code": "b", "label": "B"}]})
            }
            4 => json!({"type": "name"}),
            _ => json!({"type": "textarea"}),
        };
        let mut field =
            json!({"id": format!("f{n}"), "label": "質問", "required": true, "kind": kind});
        // Rules look back at the choice and the number before: 65 of them.
        if n % 6 == 5 && n / 6 < 50 {
            field["when"] = json!(format!("f{} == 'a' and f{} >= 0", n - 2, n - 4));
        }
        if n > 0 && n.is_multiple_of(6) && n / 6 <= 15 {
            field["required"] = json!(format!("f{} == 'a' or age(f{}) > 3", n - 3, n - 4));
        }
        field
    };
    let pages: Vec<Value> = (0..10)
        .map(|p| json!({"id": format!("p{p}"), "title": "頁", "fields": (p * 30..p * 30 + 30).map(field).collect::<Vec<_>>()}))
        .collect();
    compile(&json!(pages))
}

fn filled() -> Answers {
    let mut answers = Answers::new();
    for n in 0..300 {
        let id = format!("f{n}");
        match n % 6 {
            0 | 5 => answers.put_one(id, "みらい市中央一丁目"),
            1 => answers.put_one(id, "１２３"),
            2 => answers.put_one(id, "令和8年4月1日"),
            3 => answers.put_one(id, "a"),
            _ => {
                answers.put_one(format!("{id}.family"), "山田");
                answers.put_one(format!("{id}.given"), "花子");
                answers.put_one(format!("{id}.family_kana"), "ﾔﾏﾀﾞ");
                answers.put_one(format!("{id}.given_kana"), "ハナコ");
            }
        }
    }
    answers
}

/// The bound is for release builds; unoptimised code gets ten times as long.
#[test]
fn three_hundred_fields_with_65_rules_take_milliseconds() {
    let form = large();
    let saved = form.check_all(&filled(), &Context::on(TODAY));
    assert_eq!(faults(&saved), [] as [&str; 0]);
    let runs = 20;
    let start = std::time::Instant::now();
    for _ in 0..runs {
        assert!(form.check_page(9, &saved.answers, &saved.answers, &Context::on(TODAY)).is_clean());
    }
    let page = start.elapsed() / runs;
    let start = std::time::Instant::now();
    for _ in 0..runs {
        assert!(form.check_all(&saved.answers, &Context::on(TODAY)).is_clean());
    }
    let all = start.elapsed() / runs;
    println!("one page {page:?}, all pages {all:?}");
    let bound = std::time::Duration::from_millis(if cfg!(debug_assertions) { 50 } else { 5 });
    assert!(page <= bound && all <= bound, "page {page:?}, all {all:?}");
}
