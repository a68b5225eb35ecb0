//! The designer: edits, references, conditions, traces.

use std::collections::BTreeSet;

use proptest::prelude::*;
use serde_json::json;

use super::condition::{Condition, Op, Row};
use super::subject::{self, Of};
use super::sum::Sum;
use super::trace::trace;
use super::*;
use crate::forms::definition::{Field, FieldKind, Required, Words};
use crate::forms::expr::Decimal;
use crate::forms::publish::{may_publish, problems, recorded};
use crate::forms::tests::{TODAY, document};
use crate::forms::{Answers, Compiled};

fn blank(kind: Kind, label: &str) -> Field {
    Field {
        id: String::new(),
        label: Words::from(label),
        hint: Words::default(),
        required: Required::default(),
        when: None,
        checks: Vec::new(),
        default: None,
        reuse: None,
        kind: kind.blank(),
    }
}

fn options(field: &mut Field, labels: &[&str]) {
    let made = labels.iter().map(|label| {
        serde_json::from_value(json!({"code": "", "label": label})).expect("an option")
    });
    match &mut field.kind {
        FieldKind::Choice(choice) => choice.options = made.collect(),
        FieldKind::Multi(multi) => multi.options = made.collect(),
        other => panic!("no options: {other:?}"),
    }
}

fn edited(draft: Draft, edit: Edit) -> (Draft, Done) {
    draft.apply(edit).expect("it can be done")
}

/// A page with a choice of two and a text that is asked with the first of them.
fn sample() -> (Draft, String, String) {
    let draft = Draft::of(document(&json!([])), &[]);
    let (draft, page) = edited(draft, Edit::AddPage { title: "申請者".into() });
    let into = Target::Page(page.id);
    let mut choice = blank(Kind::Choice, "続柄");
    options(&mut choice, &["本人", "代理人"]);
    let (draft, choice) =
        edited(draft, Edit::AddField { into: into.clone(), field: choice.into() });
    let text = blank(Kind::Text, "代理人の氏名").into();
    let (draft, text) = edited(draft, Edit::AddField { into, field: text });
    let mut asked = field(&draft.procedure, &text.id).expect("it stands there").clone();
    let row = Row { input: choice.id.clone(), op: Op::Is, value: "c4".into() };
    asked.when = Some(Condition { all: true, rows: vec![row] }.text());
    let (draft, _) = edited(draft, Edit::SetField { field: asked.into() });
    (draft, choice.id, text.id)
}

/// NB-2.5: ids are made for the clerk, and none is used again after its question is gone.
#[test]
fn an_id_is_made_once() {
    let (draft, choice, text) = sample();
    assert_eq!((choice.as_str(), text.as_str()), ("q2", "q5"));
    let (draft, _) = edited(draft, Edit::RemoveField { field: text });
    let into = Target::Page("p1".into());
    let (draft, again) =
        edited(draft, Edit::AddField { into, field: blank(Kind::Date, "日付").into() });
    assert_eq!(again.id, "q6");
    let (without, _) = edited(draft.clone(), Edit::RemoveField { field: again.id });
    assert_eq!(Draft::of(without.procedure, &[draft.procedure]).next, 7, "a revision had q6");
}

/// NB-2.5: what others speak of is not taken away, and they are named.
#[test]
fn a_question_others_speak_of_stays() {
    let (draft, choice, text) = sample();
    let refused = draft.apply(Edit::RemoveField { field: choice.clone() }).expect_err("needed");
    let Refused::Needed(by) = refused else { panic!("{refused:?}") };
    assert_eq!(by[0].label, "代理人の氏名");
    assert_eq!((by[0].part, &by[0].whose), (Part::Shown, &Whose::Field(text.clone())));
    let to = Move::One(Direction::Down);
    let refused = draft.apply(Edit::MoveField { field: choice.clone(), to }).expect_err("below");
    assert!(matches!(refused, Refused::LooksForward(by) if by[0].label == "代理人の氏名"));
    let mut fewer = field(&draft.procedure, &choice).expect("it stands there").clone();
    options(&mut fewer, &["本人"]);
    assert!(matches!(draft.apply(Edit::SetField { field: fewer.into() }), Err(Refused::Needed(_))));
    let (draft, _) = edited(draft, Edit::RemoveField { field: text });
    assert!(draft.apply(Edit::RemoveField { field: choice }).is_ok());
}

/// IK-2.1.2a3: staff's questions are made like others, speak of each other only, and stay inside.
#[test]
fn questions_of_staff_are_made_like_others_and_stay_inside() {
    let (draft, choice, _) = sample();
    let staff = Target::Page(STAFF_PAGE.to_owned());
    let mut state = blank(Kind::Choice, "確認");
    options(&mut state, &["済み", "不要"]);
    let (draft, state) = edited(draft, Edit::AddField { into: staff.clone(), field: state.into() });
    let number = blank(Kind::Text, "交付番号").into();
    let (draft, number) = edited(draft, Edit::AddField { into: staff.clone(), field: number });
    assert_eq!((draft.procedure.pages.len(), draft.procedure.staff_fields.len()), (1, 2));
    let whole = whole(&draft.procedure);
    let above = subject::above(&whole, &Whose::Field(number.id.clone()));
    let inputs: Vec<&str> = above.iter().map(|one| one.input.as_str()).collect();
    assert_eq!(inputs, [state.id.as_str()], "no citizen's answer");
    let all = subject::above(&whole, &Whose::Procedure);
    assert!(all.iter().all(|one| one.input != state.id), "citizens' rules know nothing of them");
    let mut asked = field(&whole, &number.id).expect("it stands there").clone();
    asked.when = Some(format!("{} == 'c7'", state.id));
    let (draft, _) = edited(draft, Edit::SetField { field: asked.into() });
    let gone = draft.apply(Edit::RemoveField { field: state.id.clone() });
    assert!(matches!(gone, Err(Refused::Needed(_))), "{gone:?}");

    for edit in [
        Edit::MoveField { field: choice.clone(), to: Move::To(staff.clone()) },
        Edit::MoveField { field: choice.clone(), to: Move::Before(state.id.clone()) },
        Edit::MoveField { field: state.id.clone(), to: Move::One(Direction::Up) },
        Edit::MoveField { field: state.id.clone(), to: Move::Before(choice) },
        Edit::MoveField { field: number.id, to: Move::To(Target::Page("p1".into())) },
    ] {
        assert_eq!(draft.apply(edit.clone()), Err(Refused::AtEdge), "{edit:?}");
    }
    let file = blank(Kind::File, "書類").into();
    let refused = draft.apply(Edit::AddField { into: staff, field: file });
    assert_eq!(refused, Err(Refused::NotAtDesk(Kind::File)));
    let (draft, page) = edited(draft, Edit::AddPage { title: "次".into() });
    assert_eq!(draft.procedure.pages.last().map(|one| one.id.as_str()), Some(page.id.as_str()));
    let (draft, _) = edited(draft, Edit::PutPage { page: page.id, before: Some("p1".into()) });
    assert_eq!(draft.procedure.pages[1].id, "p1");
    let last = Draft::of(draft.procedure.clone(), &[]);
    assert_eq!(last.next, draft.next, "their ids count, too");
}

/// IK-2.1.2b: whoever changes the Japanese text sees which translations say what it said before;
/// translating again, or saying that it still holds, settles it.
#[test]
fn a_changed_text_asks_for_its_translations() {
    use super::translated::{since, texts};
    use crate::forms::definition::Lang;
    let (draft, choice, _) = sample();
    let name = format!("fields.{choice}.label");
    let told = |text: &str| Edit::Translate {
        lang: Lang::En,
        texts: vec![(name.clone(), text.into()), ("fields.q99.label".into(), "gone".into())],
        still: Vec::new(),
    };
    let (draft, _) = edited(draft, told("Relation"));
    assert!(draft.stale.is_empty());
    let relabelled = |draft: &Draft, label: &str| {
        let mut asked = field(&draft.procedure, &choice).expect("it stands there").clone();
        asked.label = asked.label.in_japanese(label);
        edited(draft.clone(), Edit::SetField { field: asked.into() }).0
    };
    let changed = relabelled(&draft, "申請者との関係");
    let at = (name.clone(), Lang::En);
    assert_eq!(changed.stale.iter().collect::<Vec<_>>(), [&at]);
    let all = texts(&changed.procedure, Lang::En, &changed.stale);
    let one = all.iter().find(|one| one.name == name).expect("a text");
    assert_eq!((one.page.as_str(), one.told.as_deref(), one.stale), ("p1", Some("Relation"), true));
    let option = all.iter().find(|one| one.name == format!("fields.{choice}.options.c3"));
    assert!(option.expect("an option").is_open(), "never translated");

    assert!(edited(changed.clone(), told("Relation to the applicant")).0.stale.is_empty());
    let still = Edit::Translate { lang: Lang::En, texts: Vec::new(), still: vec![name.clone()] };
    assert!(edited(changed.clone(), still).0.stale.is_empty());
    assert!(edited(changed.clone(), told("")).0.stale.is_empty(), "taken away");
    // What was published like that is known to the next design.
    let again = relabelled(&changed, "関係");
    let known = [draft.procedure.clone(), changed.procedure.clone()];
    assert_eq!(Draft::of(again.procedure.clone(), &known).stale, again.stale);
    assert_eq!(since(&[&draft.procedure, &again.procedure]), again.stale);
}

/// What is told in another language and what is listed to be translated are the same texts.
#[test]
fn every_text_that_is_told_is_listed() {
    use super::translated::texts;
    use crate::forms::definition::Lang;
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../deploy/sample-city/procedures");
    for entry in std::fs::read_dir(folder).expect("the sample city") {
        let bytes = std::fs::read(entry.expect("a file").path()).expect("readable");
        let mut all = Procedure::from_json(&bytes).expect("a document");
        let mut seen = BTreeSet::new();
        all.each_text(&mut |_, name, words| {
            assert!(seen.insert(name.clone()), "{name} twice");
            if !words.is_empty() {
                *words = words.in_language(Lang::En, "told");
            }
        });
        let told = all.told(Lang::En, &|ja| panic!("not listed: {ja}"));
        assert_eq!(told.title.ja(), "told");
        let open = texts(&all, Lang::En, &Default::default());
        assert!(open.iter().all(|one| !one.is_open()));
    }
}

/// NF-65: the conditions of a copied page speak of the questions of the copy.
#[test]
fn a_copy_speaks_of_its_own_questions() {
    let (draft, _, _) = sample();
    let (draft, _) = edited(draft, Edit::CopyPage { page: "p1".into(), title: "写し".into() });
    let copy = &draft.procedure.pages[1];
    let when = copy.fields[1].when.as_deref().expect("a condition");
    assert_eq!(when, format!("{} == 'c4'", copy.fields[0].id));
    assert!(Compiled::new(draft.procedure.clone()).is_ok());
}

#[test]
fn what_stands_in_a_row_stays_within_what_rows_can_hold() {
    let (draft, _, text) = sample();
    let into = Target::Page("p1".into());
    let (draft, group) =
        edited(draft, Edit::AddField { into, field: blank(Kind::Repeat, "家族").into() });
    let rows = Target::Rows(group.id.clone());
    let file = Edit::AddField { into: rows.clone(), field: blank(Kind::File, "書類").into() };
    assert_eq!(draft.apply(file), Err(Refused::NotInRows(Kind::File)));
    let (draft, _) = edited(draft, Edit::MoveField { field: text.clone(), to: Move::To(rows) });
    assert_eq!(find(&draft.procedure, &text).and_then(|found| found.row), Some(0));
    let to = Move::Before("q2".into());
    let refused = draft.apply(Edit::MoveField { field: text.clone(), to });
    assert!(matches!(refused, Err(Refused::LooksForward(_))), "it would stand above the choice");
    let to = Move::Before(text);
    let refused = draft.apply(Edit::MoveField { field: group.id, to });
    assert_eq!(refused, Err(Refused::NotInRows(Kind::Repeat)), "a group in its own row");
}

/// NF-63: rows are an expression, and the expression reads as the same rows.
#[test]
fn rows_and_expressions_say_the_same() {
    for (text, count, all) in [
        ("q1 == 'c1'", 1, true),
        ("selected(q1,'c1') and not selected( q1, 'c2' )", 2, true),
        ("age(q2) < 18 or q3 >= date('2026-04-01') or not q4", 3, false),
        ("count(q5) >= 2 and answered(q6) and home.city != '弥富市'", 3, true),
        ("q7 <= time('09:30') and q8 > -3.5", 2, true),
        ("q1 in ['c1', 'c2']", 2, false),
        ("q1 in ['c1'] or q2 == 'c3'", 2, false),
        ("q1 in ['c1']", 1, true),
        ("q1 >= q2 and home.city != work.city", 2, true),
    ] {
        let read = Condition::read(text).unwrap_or_else(|| panic!("{text}"));
        assert_eq!((read.rows.len(), read.all), (count, all), "{text}");
        assert_eq!(Condition::read(&read.text()), Some(read), "{text}");
    }
    for text in [
        "q1 == 'a' and q2 == 'b' or q3",
        "(q1 or q2)",
        "q1 + 1 > q2",
        "today() > q1",
        "",
        "false",
        "q1 ==",
    ] {
        assert_eq!(Condition::read(text), None, "{text}");
    }
    for text in ["q1 * 300 + q2 * 10 - 50", "count(q1) * 200", "q1", "q1 - q2 + 0.5"] {
        assert_eq!(Sum::read(text).map(|sum| sum.text()).as_deref(), Some(text));
    }
    for text in ["-q1", "q1 * q2", "floor(q1, 10)", "(q1 + q2) * 3", ""] {
        assert_eq!(Sum::read(text), None, "{text}");
    }
}

/// NF-63: a condition asks about what stands above, with what can be asked of it.
#[test]
fn a_condition_asks_about_what_stands_above() {
    let (draft, choice, text) = sample();
    let above = subject::above(&draft.procedure, &Whose::Field(text));
    assert_eq!(above.len(), 1);
    assert_eq!((above[0].input.as_str(), above[0].told("c3")), (choice.as_str(), "本人".into()));
    assert!(matches!(above[0].of, Of::One(_)));
    assert!(subject::above(&draft.procedure, &Whose::Field(choice)).is_empty());
    assert_eq!(subject::above(&draft.procedure, &Whose::Procedure).len(), 2);
}

/// NF-63: a rule asks about everything down to the end of its page, itself included, and compares
/// what is alike.
#[test]
fn a_rule_asks_about_its_page() {
    let (draft, _, _) = sample();
    let (draft, first) = edited(draft, add_day("始まりの日"));
    let (draft, last) = edited(draft, add_day("終わりの日"));
    let reached = subject::of_rule(&draft.procedure, &first.id);
    let inputs: Vec<&str> = reached.iter().map(|one| one.input.as_str()).collect();
    assert!(
        inputs.contains(&first.id.as_str()) && inputs.contains(&last.id.as_str()),
        "{inputs:?}"
    );
    let days: Vec<_> = reached.iter().filter(|one| one.of == Of::Day).collect();
    assert!(days[0].compares_with(days[1]));
    assert!(!days[0].compares_with(days[0]) && !days[0].compares_with(&reached[0]));
}

fn add_day(label: &str) -> Edit {
    let field = Box::new(blank(Kind::Date, label));
    Edit::AddField { into: Target::Page("p1".into()), field }
}

/// NF-63: why a question is hidden is told row by row.
#[test]
fn a_hidden_question_says_why() {
    let (draft, choice, text) = sample();
    let form = Compiled::new(draft.procedure).expect("it compiles");
    let with = |code: &str| {
        let answers = Answers::from([(choice.as_str(), code)]);
        trace(&form, &answers, TODAY, &text).expect("a question of the form")
    };
    let hidden = with("c3");
    let own = hidden.own.as_ref().expect("a condition");
    assert!(!hidden.shown && !own.holds && !own.rows[0].1 && hidden.ended.is_none());
    assert!(with("c4").shown);
    assert_eq!(trace(&form, &Answers::new(), TODAY, "q99"), None);
}

/// NF-22: what was seen in the preview becomes a test, which a later change cannot break unnoticed.
#[test]
fn a_preview_is_remembered_as_a_test() {
    let (draft, choice, text) = sample();
    let form = Compiled::new(draft.procedure.clone()).expect("it compiles");
    let case = recorded(&form, "本人", TODAY, &Answers::from([(choice.as_str(), "c3")]));
    assert_eq!((case.hidden.as_slice(), case.faults.len()), (&[text.clone()][..], 0));
    let (draft, _) = edited(draft, Edit::AddTest(case.into()));
    assert!(may_publish(&problems(&draft.procedure)), "{:?}", problems(&draft.procedure));
    let mut always = field(&draft.procedure, &text).expect("it stands there").clone();
    always.when = None;
    let (draft, _) = edited(draft, Edit::SetField { field: always.into() });
    assert!(!may_publish(&problems(&draft.procedure)), "the test says that it was hidden");
    let (draft, _) = edited(draft, Edit::RemoveField { field: text });
    assert!(draft.procedure.tests[0].hidden.is_empty(), "nothing is left of it");
}

fn ids(draft: &Draft) -> Vec<String> {
    let mut all = Vec::new();
    for page in &draft.procedure.pages {
        all.push(page.id.clone());
        for field in &page.fields {
            all.push(field.id.clone());
            all.extend(
                field.repeat().into_iter().flat_map(|r| r.fields.iter().map(|f| f.id.clone())),
            );
        }
    }
    all
}

/// An edit made of three numbers: of anything the draft has, and of things it has not.
fn any_edit(draft: &Draft, (what, one, two): (u8, usize, usize)) -> Edit {
    let pages: Vec<&String> = draft.procedure.pages.iter().map(|page| &page.id).collect();
    let page = pages.get(one % (pages.len() + 1)).map_or("p0".to_owned(), |id| (*id).clone());
    let fields: Vec<String> = ids(draft).into_iter().filter(|id| id.starts_with('q')).collect();
    let nth = |n: usize| fields.get(n % (fields.len() + 1)).map_or("q0".to_owned(), Clone::clone);
    let (field, other) = (nth(one), nth(two));
    let direction = if two.is_multiple_of(2) { Direction::Up } else { Direction::Down };
    let kind = Kind::ALL[two % Kind::ALL.len()];
    match what % 12 {
        0 => Edit::AddPage { title: "頁".into() },
        1 | 2 => Edit::AddField { into: Target::Page(page), field: blank(kind, "問").into() },
        3 => Edit::AddField { into: Target::Rows(field), field: blank(kind, "問").into() },
        4 => Edit::MovePage { page, to: direction },
        5 => Edit::CopyPage { page, title: "写".into() },
        6 => Edit::RemovePage { page },
        7 => Edit::MoveField { field, to: Move::One(direction) },
        8 => Edit::MoveField { field, to: Move::Before(other) },
        9 => Edit::MoveField { field, to: Move::To(Target::Rows(other)) },
        10 => Edit::CopyField { field, label: "写".into() },
        _ => Edit::RemoveField { field },
    }
}

proptest! {
    /// NB-2.5: any sequence of edits leaves a document that is written and read back, whose ids are
    /// unique, and none of which was ever another question's.
    #[test]
    fn any_edits_leave_a_document_that_reads_back(
        steps in proptest::collection::vec((0u8..12, 0usize..40, 0usize..40), 0..60)
    ) {
        let (mut draft, _, _) = sample();
        let mut seen: BTreeSet<String> = ids(&draft).into_iter().collect();
        for step in steps {
            let edit = any_edit(&draft, step);
            let Ok((new, done)) = draft.apply(edit) else { continue };
            if !done.id.is_empty() {
                prop_assert!(seen.insert(done.id.clone()), "{} again", done.id);
            }
            seen.extend(ids(&new));
            draft = new;
            let all = ids(&draft);
            let unique: BTreeSet<&String> = all.iter().collect();
            prop_assert_eq!(unique.len(), all.len());
            let json = draft.procedure.canonical_json().expect("it is written");
            prop_assert_eq!(&Procedure::from_json(&json).expect("it reads back"), &draft.procedure);
        }
        prop_assert!(uses::forward(&draft.procedure).is_empty());
    }

    /// NF-63: any rows read back as they were put, a number in its one writing.
    #[test]
    fn any_rows_read_back(
        all: bool,
        rows in proptest::collection::vec((0usize..Op::ALL.len(), "q[1-9][0-9]{0,2}", "[^\\x00-\\x1f]{1,12}", -9999i32..9999), 1..5)
    ) {
        let rows = rows.into_iter().map(|(op, input, text, number)| {
            let op = Op::ALL[op];
            let candidates =
                ["", &text, &number.to_string(), "2026-04-01", "09:30", "q7"].map(str::to_owned);
            let value = candidates.into_iter().find(|value| op.takes(value)).expect("one fits");
            let number = value.parse::<Decimal>().ok().filter(|_| !matches!(op, Op::Is | Op::IsNot | Op::Has | Op::HasNot));
            Row { input, op, value: number.map_or(value, |number| number.to_string()) }
        });
        let rows: Vec<Row> = rows.collect();
        let condition = Condition { all: all || rows.len() == 1, rows };
        prop_assert_eq!(Condition::read(&condition.text()), Some(condition));
    }
}
