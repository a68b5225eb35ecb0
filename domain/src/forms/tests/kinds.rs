//! Text, numbers, choices: what is taken, in which form it is stored, what is refused.

use proptest::prelude::*;
use serde_json::json;

use super::*;

/// NF-8: each class folds what it can and names what it cannot.
#[test]
fn a_text_is_folded_to_its_class() {
    for (charset, text, expected) in [
        ("any", "  髙﨑 ＡＢＣ ｱ ", Ok("髙﨑 ＡＢＣ ｱ")),
        ("full", "abc ｶﾞ1", Ok("ａｂｃ　ガ１")),
        ("half", "ＡＢ－１", Ok("AB-1")),
        ("half", "漢字", Err("not_half")),
        ("alnum", "Ａｂ１２", Ok("Ab12")),
        ("alnum", "A-1", Err("not_alnum")),
        ("digits", "０１２３", Ok("0123")),
        ("digits", "12a", Err("not_digits")),
        ("hira", "ヤマダ ﾊﾅｺ", Ok("やまだ はなこ")),
        ("hira", "山田", Err("not_hira")),
        ("kata", "やまだ-ﾊﾅｺ", Ok("ヤマダーハナコ")),
        ("kata", "ｱﾞ", Err("broken_kana")),
        ("kata", "Yamada", Err("not_kata")),
        ("jis", "髙﨑〜", Ok("髙﨑〜")),
        ("jis", "𠮷野", Err("not_jis")),
    ] {
        let got = typed(&json!({"type": "text", "charset": charset}), text);
        assert_eq!(got, expected.map(str::to_owned), "{charset} {text}");
    }
}

/// NF-8: limits count characters as people do, IVS and surrogates included.
#[test]
fn a_text_has_its_length_and_shape() {
    let five = json!({"type": "text", "min": 2, "max": 5});
    assert_eq!(typed(&five, "あ"), Err("too_short"));
    assert_eq!(typed(&five, "葛\u{E0100}城𠮷野山").as_deref(), Ok("葛\u{E0100}城𠮷野山"));
    assert_eq!(typed(&five, "あいうえおか"), Err("too_long"));
    let code = json!({"type": "text", "charset": "half", "pattern": "[A-Z]{2}[0-9]{4}", "sample": "AB1234"});
    assert_eq!(typed(&code, "ＡＢ１２３４").as_deref(), Ok("AB1234"));
    assert_eq!(typed(&code, "AB-1234"), Err("pattern"));
    let checked = send(&question(&five), &Answers::from([("q", "あいうえおか")]));
    assert_eq!(checked.faults[0].args["count"], "6");
    assert_eq!(checked.faults[0].args["label"], "質問");
    assert_eq!(checked.answers.first("q"), Some("あいうえおか"), "nothing typed is lost");
}

/// NF-8, W11: what cannot be seen or shared is refused; what was invisible is taken out.
#[test]
fn forbidden_characters_are_refused_and_the_rest_is_kept() {
    let text = json!({"type": "text"});
    assert_eq!(typed(&text, "山\u{E000}田"), Err("gaiji"));
    assert_eq!(typed(&text, "一行\n二行"), Err("forbidden"));
    let checked = send(&question(&text), &Answers::from([("q", "山\u{200B}田\u{202E}")]));
    assert_eq!(faults(&checked), ["q: forms.forbidden"]);
    assert_eq!(checked.answers.first("q"), Some("山田"));
    assert_eq!(typed(&text, "か\u{3099}").as_deref(), Ok("が"));
    assert_eq!(typed(&text, "\u{FA19}社").as_deref(), Ok("\u{FA19}社"));
}

/// A マイナンバー is refused in free text and kept out of the fault.
#[test]
fn a_my_number_is_refused_in_free_text() {
    let text = json!({"type": "text"});
    assert_eq!(typed(&text, "番号 1234-5678-9018"), Err("my_number"));
    assert_eq!(typed(&json!({"type": "textarea"}), "メモ\n123456789018"), Err("my_number"));
    assert!(typed(&json!({"type": "text", "refuse_my_number": false}), "123456789018").is_ok());
    let checked = send(&question(&text), &Answers::from([("q", "123456789018")]));
    assert!(!format!("{:?}", checked.faults).contains("9018"));
}

#[test]
fn several_lines_keep_their_line_breaks() {
    let area = json!({"type": "textarea", "max": 10});
    assert_eq!(typed(&area, " 一行目\r\n\r\n三行目\t終\r\n").as_deref(), Ok("一行目\n\n三行目 終"));
    assert_eq!(typed(&area, "あいうえお\r\nかきくけこ"), Err("too_long"));
}

/// NF-8: numbers in any width, with commas and unit.
#[test]
fn a_number_is_read_however_it_is_typed() {
    let number = json!({"type": "number", "min": 1, "max": 100_000, "unit": "円"});
    for (text, expected) in [
        ("１，２３４円", Ok("1234")),
        ("007", Ok("7")),
        ("+5", Ok("5")),
        ("1.0", Ok("1")),
        ("1.5", Err("too_many_decimals")),
        ("12,34", Err("not_number")),
        ("１２三", Err("not_number")),
        ("0", Err("too_small")),
        ("－５", Err("too_small")),
        ("100001", Err("too_large")),
        ("", Err("required")),
        ("1e5", Err("not_number")),
        ("99999999999999999999999999", Err("not_number")),
    ] {
        assert_eq!(typed(&number, text), expected.map(str::to_owned), "{text}");
    }
    let fraction = json!({"type": "number", "decimals": 2, "min": "0.5"});
    assert_eq!(typed(&fraction, "０．７５").as_deref(), Ok("0.75"));
    assert_eq!(typed(&fraction, "0.25"), Err("too_small"));
    assert_eq!(typed(&fraction, "0.755"), Err("too_many_decimals"));
}

fn topics() -> serde_json::Value {
    json!([
        {"code": "tax", "label": "税"},
        {"code": "child", "label": "子育て"},
        {"code": "road", "label": "道路"},
        {"code": "none", "label": "なし"},
    ])
}

#[test]
fn a_choice_takes_one_of_its_options() {
    let choice = json!({"type": "choice", "options": topics()});
    assert_eq!(typed(&choice, "tax").as_deref(), Ok("tax"));
    assert_eq!(typed(&choice, "moon"), Err("not_offered"));
    assert_eq!(typed(&choice, ""), Err("required_choice"));
    let two = Answers::from([("q", "tax"), ("q", "road")]);
    assert_eq!(faults(&send(&question(&choice), &two)), ["q: forms.repeated"]);
}

#[test]
fn a_multiple_choice_counts_its_picks() {
    let form = question(&json!({"type": "multi", "min": 2, "max": 3, "options": topics()}));
    let pick = |codes: &[&str]| {
        let raw: Answers = codes.iter().map(|code| ("q", *code)).collect();
        let checked = send(&form, &raw);
        (faults(&checked), checked.answers.get("q").unwrap().to_vec())
    };
    assert_eq!(pick(&["road", "tax", "tax"]), (vec![], vec!["tax".into(), "road".into()]));
    assert_eq!(pick(&["tax"]).0, ["q: forms.too_few_picks"]);
    assert_eq!(pick(&["tax", "child", "road", "none"]).0, ["q: forms.too_many_picks"]);
    assert_eq!(pick(&["tax", "moon"]).0, ["q: forms.not_offered"]);
    assert_eq!(pick(&[]).0, ["q: forms.required_choice"]);
}

/// NF-49: a full option cannot be chosen, and the seats taken are named.
#[test]
fn a_full_option_is_refused_and_a_free_one_claims_its_seat() {
    let form = question(&json!({"type": "choice", "options": [
        {"code": "morning", "label": "午前", "capacity": {"max": 2}},
        {"code": "evening", "label": "夜", "capacity": {"max": 3}},
        {"code": "video", "label": "動画"},
    ]}));
    let full = std::collections::BTreeSet::from(["q.morning".to_owned()]);
    let context = Context { full: &full, ..Context::on(TODAY) };
    let morning = Answers::from([("q", "morning")]);
    let checked = form.check_page(0, &Answers::new(), &morning, &context);
    assert_eq!(faults(&checked), ["q: forms.full"]);
    assert_eq!(checked.faults[0].args["option"], "午前");
    let claims = form.claims(&Answers::from([("q", "evening")]), TODAY);
    assert_eq!(claims.len(), 1);
    assert_eq!((claims[0].pool.as_str(), claims[0].max), ("q.evening", 3));
    assert_eq!(form.claims(&Answers::from([("q", "video")]), TODAY), []);
}

/// NF-8: a 法人番号 is read however it is typed, and a slip of one digit is found.
#[test]
fn a_corporate_number_has_a_right_check_digit() {
    let corporate = json!({"type": "corporate_number"});
    for (text, expected) in [
        ("7000012050002", Ok("7000012050002")),
        ("１１８０３０１０１８７７１", Ok("1180301018771")),
        ("5-0000-2015-1009", Ok("5000020151009")),
        ("T9000020011002", Ok("9000020011002")),
        (" 9 0000 2001 1002 ", Ok("9000020011002")),
        ("6000020151009", Err("corporate_check_digit")),
        ("7000012050020", Err("corporate_check_digit")),
        ("700001205000", Err("not_corporate_number")),
        ("70000120500022", Err("not_corporate_number")),
        ("七〇〇〇", Err("not_corporate_number")),
        ("１２３４５６７８９０１８", Err("my_number")),
        ("", Err("required")),
    ] {
        assert_eq!(typed(&corporate, text), expected.map(str::to_owned), "{text}");
    }
    let checked = send(&question(&corporate), &Answers::from([("q", "70000-12050")]));
    assert_eq!(checked.answers.first("q"), Some("70000-12050"), "nothing typed is lost");
}

proptest! {
    /// NF-8: of the numbers that differ in one digit none passes, but 0 for 9, which count alike.
    #[test]
    fn a_slip_of_one_digit_of_a_corporate_number_is_found(
        base in 0u64..1_000_000_000_000, place in 0usize..13, other in 0u8..10,
    ) {
        let of = |check: u32| format!("{check}{base:012}");
        let number = (1..=9).map(of).find(|n| crate::digits::is_corporate_number(n)).unwrap();
        let mut slipped = number.clone().into_bytes();
        slipped[place] = b'0' + other;
        let slipped = String::from_utf8(slipped).unwrap();
        let (was, is) = (number.as_bytes()[place], slipped.as_bytes()[place]);
        let alike = was == is || (was.abs_diff(is) == 9 && place > 0);
        prop_assert_eq!(typed(&json!({"type": "corporate_number"}), &slipped).is_ok(), alike);
    }
}

/// NF-62: a consent is yes or missing.
#[test]
fn a_consent_is_needed() {
    let consent = json!({"type": "consent", "text": "規約", "agree": "同意します"});
    assert_eq!(typed(&consent, "on").as_deref(), Ok("yes"));
    assert_eq!(typed(&consent, ""), Err("required_consent"));
}

#[test]
fn an_optional_question_may_stay_empty() {
    let form = form(&json!([
        {"id": "a", "label": "A", "kind": {"type": "text", "min": 3}},
        {"id": "b", "label": "B", "kind": {"type": "number", "min": 1}},
        {"id": "c", "label": "C", "kind": {"type": "date"}},
        {"id": "d", "label": "D", "kind": {"type": "name"}},
        {"id": "e", "label": "E", "kind": {"type": "address"}},
        {"id": "f", "label": "F", "kind": {"type": "file", "min": 2}},
        {"id": "g", "label": "G", "kind": {"type": "multi", "min": 2, "options": topics()}},
        {"id": "h", "label": "H", "kind": {"type": "consent", "text": "x", "agree": "y"}},
    ]));
    let checked = send(&form, &Answers::from([("a", "  "), ("c.era", "reiwa"), ("c.year", "")]));
    assert_eq!(faults(&checked), [] as [&str; 0]);
    assert!(checked.answers.shown("a") && !checked.answers.answered("a"));
    assert!(checked.answers.shown("c") && !checked.answers.shown("c.era"));
}

/// NF-8: a row without a choice is named; a code that is none is not kept.
#[test]
fn each_row_of_a_matrix_has_its_choice() {
    let form = question(&json!({"type": "matrix",
        "rows": [{"id": "desk", "label": "窓口"}, {"id": "web", "label": "ウェブ"}],
        "options": [{"code": "good", "label": "よい"}, {"code": "bad", "label": "わるい"}]}));
    let checked = send(&form, &Answers::from([("q.desk", "good"), ("q.web", "fine")]));
    assert_eq!(faults(&checked), ["q.web: forms.not_offered"]);
    let checked = send(&form, &Answers::from([("q.desk", "good")]));
    assert_eq!(faults(&checked), ["q.web: forms.required_row"]);
    assert_eq!(checked.faults[0].args["row"], "ウェブ");
    let whole = Answers::from([("q.desk", "good"), ("q.web", "bad")]);
    assert_eq!(faults(&send(&form, &whole)), [] as [&str; 0]);
    let field = form.field("q").unwrap();
    assert_eq!(form.display(field, &whole), ["窓口：よい", "ウェブ：わるい"]);
    let rule = form.expression("q.desk == 'good' and q.web != 'good'").unwrap();
    assert!(
        form.evaluate(&rule, &whole, TODAY, |value| *value
            == crate::forms::expr::Value::Bool(true))
    );
    assert!(form.expression("q.desk == 'fine'").is_err());
}
