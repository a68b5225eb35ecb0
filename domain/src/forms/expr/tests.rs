use jiff::civil::date;
use proptest::prelude::*;

use super::*;
use crate::forms::{Answers, Seen};

/// kind (choice), topics (multi), copies (number), birth (date), agree (consent), memo (text),
/// hidden (a text field that is not shown), since (a date that may be known in part), who (a name field).
struct Sample;

const INPUTS: [(&str, Type); 8] = [
    ("kind", Type::Text),
    ("topics", Type::List),
    ("copies", Type::Number),
    ("birth", Type::Date),
    ("agree", Type::Bool),
    ("memo", Type::Text),
    ("hidden", Type::Text),
    ("since", Type::Date),
];

impl Names for Sample {
    fn named(&self, name: &str, _: Option<&str>) -> Option<Named> {
        if name == "who" {
            return Some(Named::Group {
                at: At { slot: 8, up: false },
                inputs: vec!["who.family".into(), "who.given".into()],
            });
        }
        let slot = INPUTS.iter().position(|(input, _)| *input == name)?;
        let codes = |all: &[&str]| Some(all.iter().map(|c| (*c).to_owned()).collect());
        let codes = match name {
            "kind" => codes(&["copy", "extract"]),
            "topics" => codes(&["tax", "child"]),
            _ => None,
        };
        let partial = name == "since";
        Some(Named::Input { kind: INPUTS[slot].1, partial, at: At { slot, up: false }, codes })
    }
}

fn answers() -> Answers {
    let mut answers = Answers::from([
        ("kind", "copy"),
        ("topics", "tax"),
        ("topics", "child"),
        ("copies", "3"),
        ("birth", "2008-11-21"),
        ("agree", "yes"),
        ("hidden", "left over"),
        ("who.given", "花子"),
    ]);
    answers.put("memo", Vec::new());
    answers
}

fn holds(text: &str) -> bool {
    let expr = Expr::parse_as(text, Type::Bool, &Sample).unwrap_or_else(|e| panic!("{text}: {e}"));
    let answers = answers();
    let seen = Seen::from([true, true, true, true, true, true, false, true, true]);
    expr.holds(&Scope { answers: &answers, seen: &seen, today: date(2026, 11, 20), outer: None })
}

fn reason(text: &str) -> Reason {
    Expr::parse(text, &Sample).unwrap_err().reason
}

/// NF-63: conditions of two and more steps.
#[test]
fn conditions_combine() {
    for text in [
        "kind == 'copy' and copies > 2",
        "kind != \"extract\"",
        "kind in ['extract', 'copy']",
        "not (copies < 3 or copies >= 4)",
        "selected(topics, 'tax') and count(topics) == 2",
        "age(birth) == 17 and age(birth, today() + 1) == 18",
        "today() - birth > 6000 and birth < date('2010-01-01')",
        "agree and agree == true",
        "answered(who) and not answered(memo)",
        "memo == '' and len(kind) == 4",
        "copies * 2 - 1 == 5 and copies + -1 == 2 and -copies < 0",
        "fiscal_year(today()) == 2026",
        "false or true and not false",
        "not not agree",
        "1.5 * 2 == 3",
    ] {
        assert!(holds(text), "{text}");
    }
}

/// NF-63: a hidden field is absent, and absent is not empty.
#[test]
fn a_hidden_field_compares_with_nothing() {
    for text in [
        "hidden == 'left over'",
        "hidden != 'x'",
        "hidden == ''",
        "answered(hidden)",
        "len(hidden) >= 0",
    ] {
        assert!(!holds(text), "{text}");
    }
    assert!(holds("not (hidden == 'left over')"));
}

#[test]
fn arithmetic_beyond_the_range_is_absent() {
    for text in [
        "today() + 999999999999 > today()",
        "999999999999999 * 999999999999999 > 0",
        "today() + 0.5 >= today()",
    ] {
        assert!(!holds(text), "{text}");
    }
}

/// NF-22: mistakes are found when the form is made.
#[test]
fn mistakes_are_named() {
    assert_eq!(reason("kinds == 'copy'"), Reason::UnknownName("kinds".into()));
    assert_eq!(reason("kind == 'kopy'"), Reason::UnknownOption("kopy".into()));
    assert_eq!(reason("'kopy' == kind"), Reason::UnknownOption("kopy".into()));
    assert_eq!(reason("kind in ['copy', 'x']"), Reason::UnknownOption("x".into()));
    assert_eq!(reason("selected(topics, 'x')"), Reason::UnknownOption("x".into()));
    assert_eq!(
        reason("copies == '3'"),
        Reason::Types { expected: Type::Number, found: Type::Text }
    );
    assert_eq!(reason("kind and agree"), Reason::Types { expected: Type::Bool, found: Type::Text });
    assert_eq!(reason("not copies"), Reason::Types { expected: Type::Bool, found: Type::Number });
    assert_eq!(reason("kind < 'z'"), Reason::Types { expected: Type::Number, found: Type::Text });
    assert_eq!(
        reason("count(kind) > 1"),
        Reason::Types { expected: Type::List, found: Type::Text }
    );
    assert_eq!(reason("who == 'x'"), Reason::UnknownName("who".into()));
    assert_eq!(reason("shell('rm')"), Reason::UnknownFunction("shell".into()));
    assert_eq!(reason("date('2026-02-30') == today()"), Reason::BadDate("2026-02-30".into()));
    assert_eq!(reason("kind == 'copy"), Reason::OpenQuote);
    assert_eq!(reason("copies >"), Reason::Incomplete);
    assert_eq!(reason("copies > 1 2"), Reason::Unexpected("2".into()));
    assert_eq!(reason("kind = 'copy'"), Reason::Unexpected("=".into()));
    assert_eq!(reason("copies > 1 ; 2"), Reason::Unexpected(";".into()));
    assert_eq!(reason(""), Reason::Incomplete);
    assert_eq!(reason("copies in []"), Reason::Unexpected("]".into()));
}

/// W10: neither length nor depth is without bound.
#[test]
fn long_and_deep_texts_are_refused() {
    assert_eq!(reason(&" ".repeat(2_001)), Reason::TooLong);
    let deep = format!("{}agree{}", "(".repeat(40), ")".repeat(40));
    assert_eq!(reason(&deep), Reason::TooDeep);
    let nots = format!("{} agree", "not ".repeat(400));
    assert!(Expr::parse(&nots, &Sample).is_ok());
    let minuses = format!("{}1 == 1", "-".repeat(400));
    assert!(Expr::parse(&minuses, &Sample).is_err());
}

#[test]
fn an_expression_names_its_inputs_once() {
    let expr = Expr::parse("copies > 1 and answered(who) and copies < 9", &Sample).unwrap();
    assert_eq!(expr.inputs(), ["copies", "who.family", "who.given"]);
    assert_eq!(expr.kind(), Type::Bool);
}

proptest! {
    /// W11: any text is an expression or a fault, never a crash.
    #[test]
    fn any_text_parses_or_is_refused(text in "[a-z0-9 ()'<>=!,.+*\\[\\]-]{0,60}") {
        let _ = Expr::parse(&text, &Sample);
    }

    /// NF-63: what holds of a date known in part holds of each day it may be.
    #[test]
    fn what_is_certain_holds_for_each_day(
        since in 0i32..30_000, birth in 0i32..30_000, month in any::<bool>(), both in any::<bool>(),
    ) {
        let day = |days: i32| date(1950, 1, 1).saturating_add(jiff::Span::new().days(days));
        let (since, birth) = (day(since), day(birth));
        let known = if month { since.to_string()[..7].to_owned() } else { since.year().to_string() };
        let seen = Seen::from([true; 9]);
        let holds = |text: &str, since: &str| {
            let answers = Answers::from([("since", since), ("birth", &*birth.to_string()), ("copies", "30")]);
            let scope =
                Scope { answers: &answers, seen: &seen, today: date(2026, 11, 20), outer: None };
            Expr::parse(text, &Sample).unwrap().holds(&scope)
        };
        let other = if both { "birth" } else { "today() - 9000" };
        for how in ["==", "!=", "<", "<=", ">", ">="] {
            for left in ["since", "since + 40", "least(since, birth + 15)", "greatest(birth, since) - 1"] {
                let text = format!("{left} {how} {other}");
                prop_assert!(!holds(&text, &known) || holds(&text, &since.to_string()), "{text}");
            }
            for left in [
                "age(since)", "age(birth, since) + copies", "copies - fiscal_year(since)", "since - birth",
                "birth - since", "floor(age(since), 10)", "greatest(age(since), copies)", "-age(since)",
            ] {
                for right in ["copies", "age(birth)", "-2000", "fiscal_year(birth) - 1950"] {
                    let text = format!("{left} {how} {right}");
                    prop_assert!(!holds(&text, &known) || holds(&text, &since.to_string()), "{text}");
                }
            }
        }
    }

    /// NF-63: whatever is answered, an expression has a value.
    #[test]
    fn whatever_is_answered_there_is_a_value(copies in "\\PC{0,20}", birth in "\\PC{0,12}") {
        let answers = Answers::from([("copies", copies), ("birth", birth)]);
        let seen = Seen::from([true; 9]);
        let scope =
            Scope { answers: &answers, seen: &seen, today: date(2026, 11, 20), outer: None };
        for text in ["copies * copies - 1 > copies", "age(birth) > 1", "today() + copies > birth", "birth - today() > 1"] {
            let expr = Expr::parse(text, &Sample).unwrap();
            prop_assert!(matches!(expr.value(&scope), Value::Bool(_)));
        }
    }
}

/// NF-63: the smaller, the larger, and down to a whole unit.
#[test]
fn amounts_are_capped_and_rounded_down() {
    assert!(holds("least(copies, 2) == 2 and greatest(copies, 2) == 3"));
    assert!(holds("floor(1234 * 0.5, 100) == 600 and floor(-1, 100) == -100"));
    assert!(holds("least(today(), birth) == birth"));
    assert!(!holds("least(copies, len(hidden)) == 3"));
    for bad in
        ["floor(copies, 0)", "floor(copies, copies)", "least(copies, birth)", "sum(copies, 1)"]
    {
        assert!(Expr::parse(bad, &Sample).is_err(), "{bad}");
    }
}
