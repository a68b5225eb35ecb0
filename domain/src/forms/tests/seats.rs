//! How many seats an application takes.

use std::collections::BTreeSet;

use serde_json::json;

use super::TODAY;
use crate::forms::definition::Procedure;
use crate::forms::publish::{ProblemCode, problems};
use crate::forms::{Answers, Compiled};

fn outing(units: &str, login: &str, waitlist: u32) -> serde_json::Value {
    json!({
        "id": "01kn35e000wn5drhnp8mbz2wx4", "revision": 1, "slug": "outing", "title": "遠足",
        "title_kana": "えんそく", "summary": "遠足です。", "department": "01kn35e0009evq81qevznx6nhz",
        "access": {"login": login},
        "capacity": {"max": 40, "units": units, "hold_minutes": 10, "waitlist": waitlist},
        "pages": [{"id": "p", "title": "人数", "fields": [
            {"id": "bus", "label": "バス", "kind": {"type": "choice", "options": [
                {"code": "early", "label": "早い便", "capacity": {"max": 20, "units": "adults + 1"}},
                {"code": "late", "label": "遅い便", "capacity": {"max": 20}}]}},
            {"id": "adults", "label": "大人", "kind": {"type": "number", "decimals": 1}},
            {"id": "children", "label": "子供", "kind": {"type": "repeat", "row": "{n}人目", "max": 5, "fields": [
                {"id": "age", "label": "年齢", "kind": {"type": "number"}}]}}
        ]}]
    })
}

fn form(document: serde_json::Value) -> Compiled {
    let procedure: Procedure = serde_json::from_value(document).expect("it reads");
    Compiled::new(procedure).unwrap_or_else(|found| panic!("{found:?}"))
}

fn claims(form: &Compiled, answers: &Answers) -> Vec<(String, u32)> {
    form.claims(answers, TODAY).into_iter().map(|claim| (claim.pool, claim.units)).collect()
}

/// NF-49: an answer counts as many seats as it says, rounded up and never none; every answer of
/// the form may count, whatever stands before the choice.
#[test]
fn an_application_takes_as_many_seats_as_its_answers_say() {
    let form = form(outing("adults + count(children)", "account", 3));
    let mut answers = Answers::from([("bus", "early"), ("adults", "2"), ("children", "1")]);
    answers.push("children", "2");
    assert_eq!(claims(&form, &answers), [("bus.early".into(), 3), ("procedure".into(), 4)]);
    answers.put_one("bus", "late");
    answers.put_one("adults", "1.5");
    assert_eq!(claims(&form, &answers), [("bus.late".into(), 1), ("procedure".into(), 4)]);
    for odd in ["0", "-3", "", "99999999"] {
        answers.put_one("adults", odd);
        answers.put("children", Vec::new());
        let (_, units) = claims(&form, &answers).pop().expect("the whole");
        assert!((1..=10_000).contains(&units), "{odd}: {units}");
    }
}

/// NF-49, NF-34: a correction sees what decides how many seats are taken, and nothing else; what hangs on no
/// open field keeps its number.
#[test]
fn a_correction_weighs_what_hangs_on_it() {
    let form = form(outing("adults + count(children)", "account", 3));
    let mut original = Answers::from([("bus", "early"), ("adults", "2"), ("children", "1")]);
    original.push("children", "2");
    let adults = BTreeSet::from(["adults".to_owned()]);
    let context = form.correction_context(&adults, &original);
    assert_eq!((context.len(), context.get("children").map(<[String]>::len)), (1, Some(2)));
    let whole = form.corrected(&context, &adults, &Answers::from([("adults", "30")]), TODAY);
    let weighs = |pool: &str| form.reweighed(&adults, &whole, pool, TODAY);
    assert_eq!((weighs("bus.early"), weighs("procedure")), (Some(31), Some(32)));
    assert_eq!(weighs("bus.late"), None);
    let by = form.weighed_by(&adults, "procedure");
    assert_eq!(by.map(|field| field.id.as_str()), Some("adults"));

    let bus = BTreeSet::from(["bus".to_owned()]);
    let context = form.correction_context(&bus, &original);
    assert_eq!(context, Answers::from([("adults", "2")]));
    let whole = form.corrected(&context, &bus, &Answers::from([("bus", "early")]), TODAY);
    assert_eq!(claims(&form, &whole)[0], ("bus.early".into(), 3));
    assert_eq!(form.reweighed(&bus, &whole, "procedure", TODAY), None);
}

/// NF-49: units that are no number stop the publication.
#[test]
fn units_must_be_a_number() {
    for wrong in ["bus", "nobody + 1", "adults >"] {
        let procedure: Procedure =
            serde_json::from_value(outing(wrong, "account", 0)).expect("it reads");
        let found = Compiled::new(procedure).expect_err("it cannot be used");
        assert_eq!(found[0].at, "capacity.units", "{found:?}");
    }
}

/// NF-49: who waits must be reachable.
#[test]
fn a_waiting_list_needs_an_address() {
    let found = |login: &str, waitlist: u32| {
        let procedure: Procedure =
            serde_json::from_value(outing("adults", login, waitlist)).expect("it reads");
        let codes: Vec<ProblemCode> = problems(&procedure).iter().map(|found| found.code).collect();
        codes.contains(&ProblemCode::WaitlistNeedsAddress)
    };
    assert!(found("none", 1));
    assert!(!found("none", 0) && !found("email", 1) && !found("account", 1));
}
