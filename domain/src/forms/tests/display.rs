//! How answers are shown again.

use serde_json::json;

use super::*;
use crate::forms::display::{DateBoxes, date_boxes};

/// NF-31: the check-answers page shows words and both calendars.
#[test]
fn answers_are_shown_in_words() {
    let form = form(&json!([
        {"id": "name", "label": "氏名", "kind": {"type": "name"}},
        {"id": "birth", "label": "生年月日", "kind": {"type": "date"}},
        {"id": "home", "label": "住所", "kind": {"type": "address"}},
        {"id": "phone", "label": "電話", "kind": {"type": "phone"}},
        {"id": "copies", "label": "通数", "kind": {"type": "number", "unit": "通"}},
        {"id": "topics", "label": "話題", "kind": {"type": "multi", "options": [
            {"code": "tax", "label": "税"}, {"code": "road", "label": "道路"}]}},
        {"id": "memo", "label": "備考", "kind": {"type": "textarea"}},
        {"id": "ok", "label": "同意", "kind": {"type": "consent", "text": "規約", "agree": "同意します"}},
        {"id": "info", "label": "案内", "kind": {"type": "content", "body": "案内"}},
        {"id": "files", "label": "書類", "kind": {"type": "file"}},
    ]));
    let answers = Answers::from([
        ("name.family", "山田"),
        ("name.given", "花子"),
        ("name.family_kana", "ヤマダ"),
        ("name.given_kana", "ハナコ"),
        ("birth", "2019-05-01"),
        ("home.postal", "4980000"),
        ("home.prefecture", "愛知県"),
        ("home.city", "弥富市"),
        ("home.town", "前ケ須町1-2"),
        ("phone", "09012345678"),
        ("copies", "2"),
        ("topics", "road"),
        ("topics", "tax"),
        ("memo", "一\n\n三"),
        ("ok", "yes"),
        ("files", "id-1"),
    ]);
    let summary = form.summary(&answers, TODAY);
    let rows: Vec<_> = summary[0].rows.iter().map(|row| row.lines.join("|")).collect();
    assert_eq!(
        rows,
        [
            "山田　花子|ヤマダ　ハナコ",
            "令和元年5月1日（2019年5月1日）",
            "〒498-0000|愛知県弥富市前ケ須町1-2",
            "090-1234-5678",
            "2通",
            "税|道路",
            "一||三",
            "同意します",
            "id-1"
        ]
    );
    let empty = form.summary(&Answers::new(), TODAY);
    assert!(empty[0].rows.iter().all(|row| row.lines.is_empty()));
}

#[test]
fn a_date_comes_back_into_its_boxes() {
    let stored = date_boxes("q", &Answers::from([("q", "2026-04-01")]));
    assert_eq!(
        stored,
        DateBoxes { era: String::new(), year: "2026".into(), month: "4".into(), day: "1".into() }
    );
    let typed = date_boxes(
        "q",
        &Answers::from([("q.era", "showa"), ("q.year", "64"), ("q.month", "1"), ("q.day", "8")]),
    );
    assert_eq!((typed.era.as_str(), typed.day.as_str()), ("showa", "8"));
    assert_eq!(date_boxes("q", &Answers::new()), DateBoxes::default());
}
