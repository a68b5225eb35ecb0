//! Names, addresses, phone numbers, e-mail.

use serde_json::json;

use super::*;

fn name(kind: &serde_json::Value, parts: &[(&str, &str)]) -> Checked {
    let raw: Answers = parts.iter().map(|(part, text)| (format!("q.{part}"), *text)).collect();
    send(&question(kind), &raw)
}

/// NF-8: kanji stay, フリガナ becomes full-width katakana.
#[test]
fn a_name_keeps_its_kanji_and_folds_its_reading() {
    let kind = json!({"type": "name"});
    let checked = name(
        &kind,
        &[
            ("family", " 葛\u{E0100}城\u{FA19} "),
            ("given", "𠮷子"),
            ("family_kana", "かつらぎ"),
            ("given_kana", "ﾖｼｺ"),
        ],
    );
    assert_eq!(faults(&checked), [] as [&str; 0]);
    assert_eq!(checked.answers.first("q.family"), Some("葛\u{E0100}城\u{FA19}"));
    assert_eq!(checked.answers.first("q.given"), Some("𠮷子"));
    assert_eq!(checked.answers.first("q.family_kana"), Some("カツラギ"));
    assert_eq!(checked.answers.first("q.given_kana"), Some("ヨシコ"));
}

#[test]
fn each_missing_part_of_a_name_is_named() {
    let kind = json!({"type": "name"});
    assert_eq!(
        faults(&name(&kind, &[])),
        [
            "q.family: forms.required_family",
            "q.given: forms.required_given",
            "q.family_kana: forms.required_family_kana",
            "q.given_kana: forms.required_given_kana"
        ]
    );
    let checked = name(
        &kind,
        &[("family", "山田"), ("given", "花子"), ("family_kana", "山田"), ("given_kana", "ﾊﾅｺ")],
    );
    assert_eq!(faults(&checked), ["q.family_kana: forms.not_kata"]);
    assert_eq!(checked.answers.first("q.family_kana"), Some("山田"));
}

/// NF-8: a Latin name needs no reading, one name may be all there is.
#[test]
fn names_of_other_kinds_are_taken() {
    let kind = json!({"type": "name", "single": true});
    assert!(name(&kind, &[("family", "SMITH"), ("given", "John Édouard")]).is_clean());
    let one = name(
        &kind,
        &[("single", "yes"), ("family", "スカルノ"), ("family_kana", "スカルノ"), ("given", "x")],
    );
    assert_eq!(faults(&one), [] as [&str; 0]);
    assert!(!one.answers.shown("q.given"));
    assert!(
        name(
            &json!({"type": "name", "furigana": "optional"}),
            &[("family", "山"), ("given", "川")]
        )
        .is_clean()
    );
    let none =
        name(&json!({"type": "name", "furigana": "none"}), &[("family", "山"), ("given", "川")]);
    assert!(none.is_clean() && !none.answers.shown("q.family_kana"));
}

fn address(kind: &serde_json::Value, parts: [&str; 5]) -> Checked {
    let names = crate::forms::inputs::ADDRESS_PARTS;
    let raw: Answers =
        names.iter().zip(parts).map(|(part, text)| (format!("q.{part}"), text)).collect();
    send(&question(kind), &raw)
}

/// NF-8: an address with its postal code.
#[test]
fn an_address_is_complete_and_its_code_has_seven_digits() {
    let kind = json!({"type": "address"});
    let good = address(
        &kind,
        ["４９８－００００", "愛知県", "弥富市", "前ケ須町１ー２−３", "ハイツ・ルー２０１"],
    );
    assert_eq!(faults(&good), [] as [&str; 0]);
    assert_eq!(good.answers.first("q.postal"), Some("4980000"));
    assert_eq!(good.answers.first("q.town"), Some("前ケ須町１-２-３"));
    assert_eq!(good.answers.first("q.building"), Some("ハイツ・ルー２０１"));
    let bad = address(&kind, ["498", "愛知", "", "", ""]);
    assert_eq!(
        faults(&bad),
        [
            "q.postal: forms.not_postal",
            "q.prefecture: forms.not_prefecture",
            "q.city: forms.required_city",
            "q.town: forms.required_town"
        ]
    );
}

#[test]
fn an_address_may_be_limited_to_the_city() {
    let kind = json!({"type": "address", "within": "愛知県弥富市"});
    assert!(address(&kind, ["4980000", "愛知県", "弥富市", "1", ""]).is_clean());
    let other = address(&kind, ["4980000", "三重県", "桑名郡木曽岬町", "1", ""]);
    assert_eq!(faults(&other), ["q.city: forms.outside"]);
}

#[test]
fn a_begun_answer_must_be_complete_even_where_it_is_optional() {
    let form = form(&json!([{"id": "q", "label": "住所", "kind": {"type": "address"}}]));
    let checked = send(&form, &Answers::from([("q.postal", "4980000")]));
    assert_eq!(checked.faults.len(), 3);
}

#[test]
fn contact_details_are_stored_in_one_writing() {
    assert_eq!(
        typed(&json!({"type": "phone"}), "０９０－１２３４－５６７８").as_deref(),
        Ok("09012345678")
    );
    assert_eq!(typed(&json!({"type": "phone"}), "5678"), Err("not_phone"));
    assert_eq!(
        typed(&json!({"type": "email"}), "a..b.＠docomo.ne.jp").as_deref(),
        Ok("a..b.@docomo.ne.jp")
    );
    assert_eq!(typed(&json!({"type": "email"}), "花子"), Err("not_email"));
}
