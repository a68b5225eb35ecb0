//! Fees: worked out from the answers, whatever is sent.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::{TODAY, compile, document, faults, send};
use crate::forms::definition::{Lang, PayWhen};
use crate::forms::display::charged;
use crate::forms::publish::{ProblemCode, problems};
use crate::forms::{Answers, Compiled, Context, fees};

fn fields() -> Value {
    json!([
        {"id": "copies", "label": "通数", "kind": {"type": "number", "min": 0, "decimals": 1}},
        {"id": "way", "label": "受け取り", "kind": {"type": "choice", "options": [
            {"code": "post", "label": "郵送"}, {"code": "counter", "label": "窓口"}]}},
        {"id": "fee", "label": "手数料", "kind": {"type": "fee", "lines": [
            {"id": "copy", "label": "写し", "amount": "copies * 305"},
            {"id": "postage", "label": "郵送料", "amount": 1110, "when": "way == 'post'"}]}},
        {"id": "why", "label": "免除の理由", "when": "fee > 1000 and fee.postage > 0", "kind": {"type": "text"}},
    ])
}

fn form() -> Compiled {
    compile(&json!([{"id": "one", "title": "一", "fields": fields()}]))
}

fn stored<'a>(answers: &'a Answers, input: &str) -> Option<&'a str> {
    answers.first(input)
}

/// NF-33: the sum and its lines are worked out; a line that is not charged is not there, and what a
/// page sends as the amount counts for nothing.
#[test]
fn a_fee_is_worked_out_whatever_is_sent() {
    let form = form();
    let forged =
        [("copies", "2"), ("way", "post"), ("fee", "0"), ("fee.copy", "1"), ("fee.x", "1")];
    let checked = send(&form, &Answers::from(forged));
    assert_eq!(faults(&checked), [""; 0]);
    assert_eq!(stored(&checked.answers, "fee"), Some("1720"));
    assert_eq!(stored(&checked.answers, "fee.copy"), Some("610"));
    assert_eq!(stored(&checked.answers, "fee.postage"), Some("1110"));
    assert_eq!(stored(&checked.answers, "fee.x"), None);
    assert!(form.visible_fields(0, &checked.answers, TODAY).iter().any(|field| field.id == "why"));
    let at_counter = send(&form, &Answers::from([("copies", "2"), ("way", "counter")]));
    assert_eq!(stored(&at_counter.answers, "fee"), Some("610"));
    assert!(!at_counter.answers.shown("fee.postage") && !at_counter.answers.shown("why"));
}

/// NF-33: an amount that cannot be asked for stops the form with a way out, and never counts as
/// nothing; it waits for the answer it hangs on.
#[test]
fn what_has_no_amount_is_said() {
    let form = form();
    for copies in ["", "0.1", "400000"] {
        let checked = send(&form, &Answers::from([("copies", copies)]));
        assert_eq!(faults(&checked), ["fee: forms.fee_unknown"], "{copies}");
        assert!(checked.answers.shown("fee") && !checked.answers.answered("fee"), "{copies}");
    }
    let unread = send(&form, &Answers::from([("copies", "二つ")]));
    assert_eq!(faults(&unread), ["copies: forms.not_number"]);
    let free = send(&form, &Answers::from([("copies", "0")]));
    assert_eq!((faults(&free).len(), stored(&free.answers, "fee")), (0, Some("0")));
}

/// NF-33: people read the lines and the sum in their language; one line that is always charged is
/// the sum itself.
#[test]
fn a_fee_is_told_with_its_lines() {
    let form = form();
    let answers = send(&form, &Answers::from([("copies", "12"), ("way", "post")])).answers;
    let fee = form.field("fee").expect("it is there");
    assert_eq!(form.display(fee, &answers), ["写し：3,660円", "郵送料：1,110円", "合計：4,770円"]);
    let told = charged(fee, &answers, Lang::En).expect("it was asked");
    assert_eq!(told.total, "4,770 yen");
    assert_eq!(charged(fee, &Answers::new(), Lang::Ja), None);
    let summary = form.summary(&answers, TODAY);
    let rows = summary[0].rows.iter().map(|row| row.lines.len()).collect::<Vec<_>>();
    assert_eq!(rows, [1, 1, 3, 0]);
}

/// NF-34: who corrects what a fee hangs on is shown the new fee, and staff get it.
#[test]
fn a_correction_works_the_fee_out_anew() {
    let form = form();
    let original = send(&form, &Answers::from([("copies", "2"), ("way", "post")])).answers;
    let flagged: BTreeSet<String> = ["way".to_owned()].into();
    assert!(form.correctable(&flagged).contains("fee"));
    let others = form.correction_context(&flagged, &original);
    assert_eq!(others.first("copies"), Some("2"), "the amount hangs on it");
    let raw = Answers::from([("way", "counter"), ("fee", "1")]);
    let newer = form.check_correction(&flagged, &others, &raw, &Context::on(TODAY));
    assert_eq!(stored(&newer.answers, "fee"), Some("610"));
    let all = form.corrected(&original, &flagged, &newer.answers, TODAY);
    assert_eq!((stored(&all, "fee"), all.shown("fee.postage")), (Some("610"), false));
}

/// NF-58: what it cost last time is not carried over.
#[test]
fn a_fee_is_never_carried_over() {
    let form = form();
    let carried = form.carry(&Answers::from([("copies", "2"), ("fee", "1"), ("fee.copy", "1")]));
    assert_eq!(carried.answers.iter().map(|(input, _)| input).collect::<Vec<_>>(), ["copies"]);
    assert_eq!((carried.anew.len(), carried.gone), (0, 0));
    let answers = send(&form, &Answers::from([("copies", "2")])).answers;
    assert!(!form.signed(&answers).shown("fee"), "another day, another sum");
}

fn found(lines: Value, pay: Value) -> Vec<ProblemCode> {
    let mut all = fields();
    all[2]["kind"]["lines"] = lines;
    all.as_array_mut().expect("questions").pop();
    let mut document = document(&json!([{"id": "one", "title": "一", "fields": all}]));
    document.pay = serde_json::from_value(pay).expect("it reads");
    let mut codes: Vec<ProblemCode> = problems(&document).iter().map(|one| one.code).collect();
    codes.retain(|code| *code != ProblemCode::NoTest);
    codes
}

/// NF-22: amounts that nobody could be asked for, and a fee nobody could pay, are found before
/// citizens meet them.
#[test]
fn a_fee_is_checked_before_it_is_published() {
    use ProblemCode as C;
    let counter = json!({"ways": ["counter"]});
    let line = |amount: Value| json!([{"id": "a", "label": "写し", "amount": amount}]);
    assert_eq!(found(line(json!(300)), counter.clone()), []);
    assert_eq!(found(line(json!("floor(copies * 300, 10)")), counter.clone()), []);
    assert_eq!(found(line(json!("least(300, fee)")), counter.clone()), [C::LooksForward]);
    assert_eq!(found(line(json!("copies * 300")), counter.clone()), [C::FeeNotWhole]);
    assert_eq!(found(line(json!("300 * 0.5")), counter.clone()), [C::FeeNotWhole]);
    assert_eq!(found(line(json!(-1)), counter.clone()), [C::FeeAmount]);
    assert_eq!(found(line(json!(100_000_000)), counter.clone()), [C::FeeAmount]);
    assert_eq!(found(line(json!("way")), counter.clone()), [C::BadExpression]);
    assert_eq!(found(line(json!("nobody * 300")), counter.clone()), [C::UnknownName]);
    assert_eq!(found(json!([]), counter.clone()), [C::FeeWithoutLines]);
    assert_eq!(found(line(json!(300)), json!({})), [C::FeeWithoutPay]);
    let when = json!({"when": "after_review"});
    assert_eq!(found(line(json!(300)), when), [C::FeeWithoutPay], "when is not how");
    let twice = json!([
        {"id": "a", "label": "写し", "amount": 1}, {"id": "a", "label": "", "amount": 1}]);
    assert_eq!(found(twice, counter), [C::RepeatedId, C::Empty]);
}

/// A document that was published before there were fees reads and is hashed as it was: nothing is
/// written into it that it does not say.
#[test]
fn older_documents_are_written_as_they_were() {
    let plain = compile(&json!([{"id": "one", "title": "一", "fields": [
        {"id": "q", "label": "質問", "kind": {"type": "text"}}]}]));
    let bytes = plain.procedure().canonical_json().expect("it was read");
    let text = String::from_utf8(bytes).expect("JSON");
    assert!(!text.contains("\"pay\"") && !text.contains("lines"), "{text}");
}

/// NF-15: a time to pay where nothing is charged is found before it is published; what is charged is the
/// sum of every question that was asked.
#[test]
fn a_time_to_pay_wants_a_fee() {
    let plain = json!([{"id": "one", "title": "一", "fields": [
        {"id": "q", "label": "質問", "kind": {"type": "text"}}]}]);
    let mut plain = document(&plain);
    plain.pay.when = Some(PayWhen::AtApplication);
    let found: Vec<ProblemCode> = problems(&plain).iter().map(|one| one.code).collect();
    assert!(found.contains(&ProblemCode::PayWithoutFee), "{found:?}");
    let form = form();
    let answers = send(&form, &Answers::from([("copies", "2")])).answers;
    let told: u64 = answers.first("fee").and_then(|sum| sum.parse().ok()).expect("a sum");
    assert!(told > 0);
    assert_eq!(fees::owed(form.procedure(), &answers), told);
    assert_eq!(fees::owed(&plain, &answers), 0);
}
