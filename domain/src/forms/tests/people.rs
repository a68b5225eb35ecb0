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

/// NF-8: the wards (区) of a designated city are the city, and a town is itself with and without
/// its 郡; places that only read alike are not.
#[test]
fn who_lives_in_a_ward_lives_in_the_city() {
    let city = |within: &str, prefecture: &str, city: &str| {
        let kind = json!({"type": "address", "within": within});
        address(&kind, ["0600000", prefecture, city, "1", ""]).is_clean()
    };
    for ward in ["札幌市中央区", "札幌市西区", "札幌市"] {
        assert!(city("北海道札幌市", "北海道", ward), "{ward}");
    }
    assert!(city("新潟県新潟市", "新潟県", "新潟市中央区"));
    assert!(city("東京都港区", "東京都", "港区"));
    for town in ["海部郡蟹江町", "蟹江町"] {
        assert!(city("愛知県海部郡蟹江町", "愛知県", town), "{town}");
        assert!(city("愛知県蟹江町", "愛知県", town), "{town}");
    }
    for (within, prefecture, other) in [
        ("北海道札幌市", "北海道", "札幌町"),
        ("北海道札幌市中央区", "北海道", "札幌市西区"),
        ("東京都港区", "東京都", "港区西区"),
        ("福岡県郡山市", "福岡県", "山市"),
        ("福島県郡山市", "奈良県", "郡山市"),
    ] {
        assert!(!city(within, prefecture, other), "{within} {other}");
    }
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

fn account(kind: &serde_json::Value, parts: &[(&str, &str)]) -> Checked {
    name(kind, parts)
}

/// NF-8: an account is read however it is typed, and stored as bank records have it.
#[test]
fn an_account_is_stored_as_in_bank_records() {
    let kind = json!({"type": "bank"});
    let checked = account(
        &kind,
        &[
            ("bank_name", "みらい銀行"),
            ("bank", "０９９９"),
            ("branch_name", "本店"),
            ("branch", "1-0 1"),
            ("account", "ordinary"),
            ("number", "12345"),
            ("holder", "しょうじ　かっとらー"),
        ],
    );
    assert_eq!(faults(&checked), [] as [&str; 0]);
    let stored = |part: &str| checked.answers.first(&format!("q.{part}"));
    assert_eq!(stored("bank"), Some("0999"));
    assert_eq!(stored("branch"), Some("101"));
    assert_eq!(stored("number"), Some("0012345"));
    assert_eq!(stored("holder"), Some("ｼﾖｳｼﾞ ｶﾂﾄﾗ-"));
}

/// NF-8: 記号 and 番号 of ゆうちょ銀行 are enough, and replace what was typed wrongly beside them.
#[test]
fn symbol_and_number_are_enough_for_a_yucho_account() {
    let kind = json!({"type": "bank"});
    let yucho = [("yucho_symbol", "10180"), ("yucho_number", "12345671"), ("holder", "ﾔﾏﾀﾞ ﾊﾅｺ")];
    let checked = account(&kind, &[&yucho[..], &[("branch", "x")]].concat());
    assert_eq!(faults(&checked), [] as [&str; 0]);
    let stored = |part: &str| checked.answers.first(&format!("q.{part}"));
    assert_eq!((stored("bank"), stored("branch")), (Some("9900"), Some("018")));
    assert_eq!((stored("branch_name"), stored("number")), (Some("〇一八"), Some("1234567")));
    let both = account(&kind, &[&yucho[..], &[("bank", "0001")]].concat());
    assert_eq!(faults(&both), ["q.yucho_symbol: forms.two_banks"]);
    let half = account(&kind, &yucho[..1]);
    let missing =
        ["q.yucho_number: forms.required_yucho_number", "q.holder: forms.required_holder"];
    assert_eq!(faults(&half), missing);
}

/// NF-8: each part that is missing or wrong is named, and stays as typed.
#[test]
fn each_wrong_part_of_an_account_is_named() {
    let kind = json!({"type": "bank"});
    assert_eq!(
        faults(&account(&kind, &[])),
        [
            "q.bank_name: forms.required_bank_name",
            "q.bank: forms.required_bank_code",
            "q.branch_name: forms.required_branch_name",
            "q.branch: forms.required_branch_code",
            "q.account: forms.required_account",
            "q.number: forms.required_account_number",
            "q.holder: forms.required_holder"
        ]
    );
    let wrong = account(
        &kind,
        &[
            ("bank_name", "みらい銀行"),
            ("bank", "99"),
            ("branch_name", "本店"),
            ("branch", "001"),
            ("account", "gold"),
            ("number", "12345678"),
            ("holder", "山田花子"),
        ],
    );
    assert_eq!(
        faults(&wrong),
        [
            "q.bank: forms.not_bank_code",
            "q.account: forms.not_offered",
            "q.number: forms.not_account_number",
            "q.holder: forms.not_bank_kana"
        ]
    );
    assert_eq!(wrong.answers.first("q.holder"), Some("山田花子"));
}

/// NF-8: where the form says so, the account must be in the name of the person.
#[test]
fn the_account_is_in_the_name_of_the_person() {
    let form = form(&json!([
        { "id": "person", "label": "氏名", "required": true, "kind": { "type": "name" } },
        { "id": "q", "label": "口座", "required": true,
          "kind": { "type": "bank", "holder_of": "person" } }
    ]));
    let sent = |holder: &str| {
        let parts = [
            ("person.family", "城"),
            ("person.given", "祥子"),
            ("person.family_kana", "ジョウ"),
            ("person.given_kana", "しょうこ"),
            ("q.yucho_symbol", "10180"),
            ("q.yucho_number", "12345671"),
            ("q.holder", holder),
        ];
        let raw: Answers = parts.iter().map(|(part, text)| ((*part).to_owned(), *text)).collect();
        faults(&send(&form, &raw))
    };
    assert_eq!(sent("じょう　ショウコ"), [] as [&str; 0]);
    assert_eq!(sent("ｼﾞﾖｳ ｼﾖｳｺ"), [] as [&str; 0]);
    assert_eq!(sent("ヤマダ ショウコ"), ["q.holder: forms.other_holder"]);
}
