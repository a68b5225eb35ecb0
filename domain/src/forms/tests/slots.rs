//! 日時の枠: what a calendar offers, until when, and what is taken of it.

use std::collections::BTreeSet;

use jiff::civil::{DateTime, date};
use serde_json::{Value, json};

use super::{TODAY, document, faults};
use crate::calendar::OfficeDays;
use crate::forms::check::pool;
use crate::forms::compiled::capacities;
use crate::forms::definition::{Lang, Procedure};
use crate::forms::publish::{ProblemCode, problems};
use crate::forms::{Answers, Compiled, Context, Opening};

/// Mondays and Tuesdays, two times each; the 23rd of November is a holiday.
fn kind() -> Value {
    json!({
        "type": "slot", "weekdays": ["mon", "tue"], "from": "2026-11-16", "until": "2026-12-08",
        "dates": ["2026-12-02", "2026-12-05"], "except": ["2026-12-07"], "times": ["13:00", "09:30"],
        "minutes": 30, "cutoff_days": 1, "cutoff_at": "17:00", "capacity": {"max": 2, "hold_minutes": 15}
    })
}

fn written(kind: &Value) -> Procedure {
    document(&json!([{"id": "one", "title": "一", "fields": [
        {"id": "visit", "label": "日時", "required": true, "kind": kind},
        {"id": "winter", "label": "冬の案内", "when": "visit >= date('2026-12-01')", "kind": {"type": "text"}},
    ]}]))
}

fn form() -> Compiled {
    Compiled::new(written(&kind())).expect("it compiles")
}

fn codes(form: &Compiled) -> Vec<String> {
    let openings = form.openings("visit").expect("a calendar");
    openings.iter().map(|(opening, _)| opening.code()).collect()
}

fn at(text: &str) -> DateTime {
    text.parse().expect("a time")
}

fn choose(form: &Compiled, raw: &[(&str, &str)], context: &Context<'_>) -> (Vec<String>, Answers) {
    let raw: Answers = raw.iter().fold(Answers::new(), |mut all, (name, value)| {
        all.put_one(*name, *value);
        all
    });
    let checked = form.check_page(0, &Answers::new(), &raw, context);
    (faults(&checked), checked.answers)
}

/// NF-49: a weekly rule and single days, without what is closed or left out, earliest first.
#[test]
fn a_calendar_offers_its_days_and_times() {
    let found = codes(&form());
    assert_eq!(found.first().map(String::as_str), Some("2026-11-16T09:30"));
    let days: BTreeSet<&str> = found.iter().map(|code| &code[..10]).collect();
    let expected = [
        "2026-11-16",
        "2026-11-17",
        "2026-11-24",
        "2026-11-30",
        "2026-12-01",
        "2026-12-02",
        "2026-12-08",
    ];
    assert_eq!(
        days.into_iter().collect::<Vec<_>>(),
        expected,
        "no holiday, no Saturday, none left out"
    );
    assert_eq!(found.len(), 14);
    let mut too = kind();
    too["closed_too"] = json!(true);
    let all = codes(&Compiled::new(written(&too)).expect("it compiles"));
    assert!(
        all.contains(&"2026-11-23T09:30".to_owned())
            && all.contains(&"2026-12-05T13:00".to_owned())
    );
}

/// IK-2.1.1b: the days of the town stand in the document, so both zones offer the same.
#[test]
fn the_town_s_own_days_are_written_into_the_document() {
    let mut procedure = written(&kind());
    let closed = ["11-17".to_owned(), "2026-12-02".to_owned()];
    let office = OfficeDays::read(&closed, &["2026-11-23".to_owned()]).expect("days");
    procedure.counts_by(&office);
    assert_eq!(procedure.office_days(), office);
    let json = procedure.canonical_json().expect("written");
    let read = Procedure::from_json(&json).expect("it reads");
    let found = codes(&Compiled::new(read).expect("it compiles"));
    assert!(found.contains(&"2026-11-23T09:30".to_owned()));
    assert!(
        !found.iter().any(|code| code.starts_with("2026-11-17") || code.starts_with("2026-12-02"))
    );
    let mut plain = document(&json!([{"id": "one", "title": "一", "fields": [
        {"id": "q", "label": "質問", "kind": {"type": "text"}}]}]));
    plain.counts_by(&office);
    assert!(plain.town_days.is_empty(), "what counts by no days is written as it was");
}

/// NF-50: the last moment is counted in open days and by the clock.
#[test]
fn the_last_moment_is_an_open_day_before() {
    let form = form();
    let closes = |code: &str| {
        let opening = Opening::parse(code).expect("a code");
        form.openings("visit").and_then(|all| all.closes(opening))
    };
    // Behind a weekend and a holiday.
    assert_eq!(closes("2026-11-24T09:30"), Some(at("2026-11-20T17:00")));
    assert_eq!(closes("2026-12-02T13:00"), Some(at("2026-12-01T17:00")));
    assert_eq!(closes("2026-12-03T13:00"), None);
    let mut same_day = kind();
    (same_day["cutoff_days"], same_day["cutoff_at"]) = (json!(0), Value::Null);
    let same = Compiled::new(written(&same_day)).expect("it compiles");
    let opening = Opening::parse("2026-11-24T09:30").expect("a code");
    assert_eq!(same.openings("visit").and_then(|all| all.closes(opening)), Some(opening.begins()));
}

/// NF-8: what is past, full, on another day or on no calendar is said; what the application holds
/// stays its own.
#[test]
fn each_wrong_choice_has_its_words() {
    let form = form();
    let now = at("2026-11-20T16:59");
    let context = Context { now, ..Context::on(TODAY) };
    let (said, answers) = choose(&form, &[("visit", "2026-11-24T09:30")], &context);
    assert_eq!((said, answers.first("visit")), (Vec::new(), Some("2026-11-24T09:30")));
    for wrong in [
        "2026-11-25T09:30",
        "2026-11-24T10:00",
        "2026-11-24",
        "2026-11-24T9:30",
        "x",
        "2026-11-24T09:30Z",
    ] {
        let (said, answers) = choose(&form, &[("visit", wrong)], &context);
        assert_eq!(said, ["visit: forms.slot_unknown"], "{wrong}");
        assert!(!answers.answered("visit"));
    }
    let (said, answers) =
        choose(&form, &[("visit", "2026-11-24T09:30"), ("visit.day", "2026-12-01")], &context);
    assert_eq!(
        (said, answers.first("visit.day")),
        (vec!["visit: forms.slot_time".to_owned()], Some("2026-12-01"))
    );
    assert_eq!(choose(&form, &[("visit", "")], &context).0, ["visit: forms.required_slot"]);
    let late = Context { now: at("2026-11-20T17:00"), ..context };
    assert_eq!(
        choose(&form, &[("visit", "2026-11-24T09:30")], &late).0,
        ["visit: forms.slot_past"]
    );
    let full: BTreeSet<String> = [pool("visit", "2026-12-01T09:30")].into();
    let taken = Context { full: &full, ..context };
    let (said, answers) = choose(&form, &[("visit", "2026-12-01T09:30"), ("winter", "雪")], &taken);
    assert_eq!(
        (said, answers.first("winter")),
        (vec!["visit: forms.slot_full".to_owned()], Some("雪"))
    );
    let own = Context { own: &full, now: at("2026-12-01T09:00"), ..taken };
    assert_eq!(choose(&form, &[("visit", "2026-12-01T09:30")], &own).0, [""; 0]);
}

/// NF-49: each day and time is a pool of its own; the answer says which one, and as a day it decides
/// what else is asked.
#[test]
fn each_day_and_time_has_its_seats() {
    let form = form();
    let pools = capacities(form.procedure());
    assert_eq!(
        (pools.len(), pools[0].0.as_str(), pools[0].2.max),
        (14, "visit.2026-11-16T09:30", 2)
    );
    let answers = Answers::from([("visit", "2026-12-01T13:00")]);
    let claims = form.claims(&answers, TODAY);
    assert_eq!(
        (claims.len(), claims[0].pool.as_str(), claims[0].units),
        (1, "visit.2026-12-01T13:00", 1)
    );
    assert_eq!(form.slots(&answers), ["2026-12-01T13:00"]);
    assert_eq!(form.closes(&answers), Some(at("2026-11-30T17:00")));
    let shown = |code: &str| {
        let answers = Answers::from([("visit", code)]);
        form.visible_fields(0, &answers, TODAY).iter().any(|field| field.id == "winter")
    };
    assert!(shown("2026-12-01T13:00") && !shown("2026-11-30T13:00"));
    let told = form.opening_told("visit.2026-12-01T13:00").expect("it is a pool of it");
    assert_eq!(told, ("日時".to_owned(), "2026年12月1日（火）13:00〜13:30".to_owned()));
    let english = Opening { day: date(2026, 12, 1), minutes: 780 }.told(30, Lang::En);
    assert_eq!(english, "Tue, December 1, 2026 13:00–13:30");
    // Another day is asked for when the same is applied for again.
    let carried = form.carry(&answers);
    assert_eq!(
        (carried.answers.answered("visit"), carried.anew),
        (false, vec!["visit".to_owned()])
    );
}

fn found(change: impl FnOnce(&mut Value)) -> Vec<ProblemCode> {
    let mut kind = kind();
    change(&mut kind);
    let mut codes: Vec<_> = problems(&written(&kind)).iter().map(|one| one.code).collect();
    codes.retain(|code| !matches!(code, ProblemCode::NoTest | ProblemCode::Unreachable));
    codes
}

/// NF-22: a calendar nobody could use is found before citizens meet it.
#[test]
fn a_calendar_is_checked_before_it_is_published() {
    use ProblemCode as C;
    assert_eq!(found(|_| {}), []);
    assert_eq!(found(|kind| kind["times"] = json!([])), [C::SlotNothing]);
    assert_eq!(found(|kind| kind["times"] = json!(["09:30", "二時"])), [C::SlotTime]);
    assert_eq!(found(|kind| kind["until"] = json!("2026-11-15")), [C::SlotRule]);
    assert_eq!(found(|kind| kind["until"] = Value::Null), [C::SlotRule]);
    assert_eq!(found(|kind| kind["capacity"]["max"] = json!(0)), [C::BadCapacity]);
    assert_eq!(found(|kind| kind["minutes"] = json!(1_441)), [C::TooMuch]);
    assert_eq!(found(|kind| kind["cutoff_days"] = json!(61)), [C::TooMuch]);
    assert_eq!(found(|kind| kind["capacity"]["units"] = json!("visit")), [C::BadExpression; 1]);
    let many = |kind: &mut Value| {
        kind["until"] = json!("2036-11-15");
        let times: Vec<String> = (0..24).map(|hour| format!("{hour:02}:00")).collect();
        kind["times"] = json!(times);
    };
    assert_eq!(found(many), [C::TooMuch]);
}

/// NF-49: a day of the week with times of its own has those alone, single days too; a time that does not
/// read stops the publication.
#[test]
fn a_day_of_the_week_has_times_of_its_own() {
    let mut own = kind();
    own["times_on"] = json!({"tue": ["18:00", "10:15"]});
    let form = Compiled::new(written(&own)).expect("it compiles");
    let found = codes(&form);
    let on = |day: &str| -> Vec<String> {
        let of_day = found.iter().filter(|code| code.starts_with(day));
        of_day.map(|code| code[11..].to_owned()).collect()
    };
    assert_eq!(on("2026-11-16"), ["09:30", "13:00"], "a Monday");
    assert_eq!(on("2026-11-17"), ["10:15", "18:00"], "a Tuesday");
    assert_eq!(on("2026-12-02"), ["09:30", "13:00"], "a single Wednesday");
    let none = json!({"type": "slot", "dates": ["2026-12-01"], "times": [], "times_on": {"tue": ["9:00"]},
        "capacity": {"max": 1}});
    let form = Compiled::new(written(&none)).expect("it compiles");
    assert_eq!(codes(&form), ["2026-12-01T09:00"]);
    own["times_on"] = json!({"sat": ["夜"]});
    let told: Vec<ProblemCode> = problems(&written(&own)).iter().map(|one| one.code).collect();
    assert!(told.contains(&ProblemCode::SlotTime), "{told:?}");
}
