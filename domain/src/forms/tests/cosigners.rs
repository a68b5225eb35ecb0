//! How many people must agree, and to what.

use serde_json::{Value, json};

use super::TODAY;
use crate::forms::definition::{Lang, Procedure};
use crate::forms::publish::{ProblemCode, problems};
use crate::forms::{Answers, Compiled};

fn loan(cosigners: Value, login: &str) -> Procedure {
    let document = json!({
        "id": "01kn35e000wn5drhnp8mbz2wx4", "revision": 1, "slug": "loan", "title": "貸付",
        "title_kana": "かしつけ", "summary": "貸付です。", "department": "01kn35e0009evq81qevznx6nhz",
        "access": {"login": login, "cosigners": cosigners},
        "pages": [{"id": "p", "title": "金額", "fields": [
            {"id": "amount", "label": "金額", "required": true, "kind": {"type": "number", "min": 0}},
            {"id": "double", "label": "2倍", "kind": {"type": "calc", "value": "amount * 2"}},
            {"id": "joint", "label": "共同の申請者", "kind": {"type": "repeat", "row": "{n}人目", "max": 20, "fields": [
                {"id": "called", "label": "名前", "kind": {"type": "text", "max": 50}}]}}
        ]}]
    });
    serde_json::from_value(document).expect("it reads")
}

fn asked(form: &Compiled, answers: &Answers) -> Vec<(String, u32, u32)> {
    let places = form.cosigners(answers, TODAY);
    places.iter().map(|one| (one.kind.id.clone(), one.place, one.of)).collect()
}

fn codes(procedure: &Procedure) -> Vec<(String, ProblemCode)> {
    problems(procedure).into_iter().map(|found| (found.at, found.code)).collect()
}

/// How many hangs on a date known in part: the most it may come to, so that nobody is left out.
#[test]
fn nobody_is_left_out_because_a_day_is_not_known() {
    let cosigners = json!([{"id": "guarantor", "who": "保証人", "count": "age(born) - 49"}]);
    let mut procedure = loan(cosigners, "account");
    let born =
        json!({"id": "born", "label": "生年月日", "kind": {"type": "date", "partial": true}});
    procedure.pages[0].fields.push(serde_json::from_value(born).expect("a question"));
    let form = Compiled::new(procedure).expect("it is good");
    for (born, count) in [("1975", 2), ("1975-12", 1), ("1976", 1), ("1977", 0)] {
        assert_eq!(asked(&form, &Answers::from([("born", born)])).len(), count, "{born}");
    }
}

/// So many people as the document or the answers say, ten at most; an answer that is
/// missing asks for nobody.
#[test]
fn the_answers_say_how_many_must_agree() {
    let cosigners = json!([
        {"id": "guarantor", "who": {"ja": "保証人", "en": "Guarantor"}, "count": 2},
        {"id": "partner", "who": "共同の申請者", "count": "count(joint)"},
        {"id": "head", "who": "世帯主"},
        {"id": "bank", "who": "銀行", "when": "amount > 1000000"}
    ]);
    let form = Compiled::new(loan(cosigners, "account")).expect("it is good");
    let mut answers = Answers::from([("amount", "10")]);
    let expected = |rows: &[(&str, u32, u32)]| -> Vec<(String, u32, u32)> {
        rows.iter().map(|(id, place, of)| ((*id).to_owned(), *place, *of)).collect()
    };
    let two = [("guarantor", 1, 2), ("guarantor", 2, 2), ("head", 1, 1)];
    assert_eq!(asked(&form, &answers), expected(&two));
    answers.put_one("amount", "1000001");
    assert_eq!(asked(&form, &answers).pop(), Some(("bank".to_owned(), 1, 1)));
    answers.put_one("amount", "10");
    answers.put("joint", vec!["1".to_owned(), "2".to_owned()]);
    answers.put_one("joint.1.called", "一郎");
    assert_eq!(asked(&form, &answers).len(), 5);
    answers.put("joint", (1..=20).map(|n| n.to_string()).collect());
    assert_eq!(asked(&form, &answers).len(), 10, "never more than ten");
    let english = form.told(Lang::En, &str::to_owned).expect("it is told");
    let named = english.cosigners(&answers, TODAY)[0].kind.who.ja().to_owned();
    assert_eq!(named, "Guarantor");
}

/// What is worked out from the answers is not part of what people agree to.
#[test]
fn what_is_signed_is_what_was_answered() {
    let form = Compiled::new(loan(json!([]), "account")).expect("it is good");
    let answers = Answers::from([("amount", "10"), ("double", "20"), ("joint.1.called", "一郎")]);
    let signed = form.signed(&answers);
    assert_eq!((signed.first("amount"), signed.first("double")), (Some("10"), None));
    assert_eq!(signed.first("joint.1.called"), Some("一郎"));
}

/// NF-22: co-signers without an account, without a name, twice, too many, or counted by a broken
/// expression stop the publication.
#[test]
fn co_signers_nobody_could_ask_stop_the_publication() {
    let head = json!({"id": "head", "who": "世帯主"});
    let found = codes(&loan(json!([head]), "email"));
    let place = "access.cosigners".to_owned();
    assert!(found.contains(&(place, ProblemCode::CosignersNeedAccount)), "{found:?}");
    let found = codes(&loan(json!([head, head]), "account"));
    assert!(found.iter().any(|(_, code)| *code == ProblemCode::RepeatedId), "{found:?}");
    let found = codes(&loan(json!([{"id": "head", "who": ""}]), "account"));
    let place = "access.cosigners[0].who".to_owned();
    assert!(found.contains(&(place, ProblemCode::Empty)), "{found:?}");
    for wrong in [json!(0), json!(11), json!("amount >"), json!("nobody")] {
        let found = codes(&loan(json!([{"id": "a", "who": "人", "count": wrong}]), "account"));
        assert!(found.iter().any(|(at, _)| at == "access.cosigners[0].count"), "{found:?}");
    }
    assert!(codes(&loan(json!([head]), "account")).iter().all(|(at, _)| !at.contains("cosigners")));
}
