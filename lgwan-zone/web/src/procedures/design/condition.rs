//! When something is shown, needed, or sent to another department, and what answers must fit each
//! other: rows a clerk reads, or the text of an expression for what rows cannot say.

use askama::Template;
use axum::extract::{Path, State};
use axum::response::IntoResponse as _;
use domain::calendar::{read_date, read_time, written_time};
use domain::forms::definition::{
    FeeLine, FieldKind, Multi, Procedure, Required, Route, Rule, Words,
};
use domain::forms::design::condition::{Condition, Op, Row};
use domain::forms::design::subject::{self, Of, Subject};
use domain::forms::design::{self, Draft, Edit, Setting, Whose};
use domain::forms::inputs;
use domain::text::narrow;
use platform_web::{CsrfForm, FormData, Html, PageResult, Reply, Trouble, Visitor, see_other};

use super::notes;
use super::panel::{Panel, frame, newly_wrong};
use super::work::{Said, Saved, Work};
use crate::frame::{Choice, Frame};
use crate::guard::Who;
use crate::site::{Site, TEXTS};

#[derive(Template)]
#[template(path = "procedures/design/condition.html")]
struct ConditionPage {
    frame: Frame,
    panel: Panel,
    action: String,
    lead: String,
    all: bool,
    rows: Vec<Line>,
    subjects: Vec<Choice>,
    /// The expression, when rows cannot say it or somebody wants to write it.
    text: String,
    as_text: bool,
    /// What is said where the rule does not hold; `None` for a condition.
    message: Option<String>,
    /// Whether answers can be compared with each other here.
    pairs: bool,
    back: String,
}

/// A row as the page draws it.
struct Line {
    number: usize,
    input: String,
    label: String,
    ops: Vec<Choice>,
    /// Values to choose from; empty when one is typed.
    values: Vec<Choice>,
    value: String,
    hint: &'static str,
    has_value: bool,
}

/// Whose condition this is.
enum Goal {
    Page(String),
    Shown(String),
    Needed(String),
    /// An option of a question: the question, the code.
    Option(String, String),
    /// A rule of a question, by its place; behind the last for a new one.
    Rule(String, usize),
    /// A line of a fee: the question, the line.
    Charge(String, String),
    Route(usize),
    /// Somebody who signs together with the applicant.
    Cosigner(usize),
    /// Something a guide leads to.
    Outcome(usize),
    /// A column for the business system.
    Column(usize),
}

/// What stands where there is no condition yet: a route that nothing takes.
pub(super) const NEVER: &str = "false";

/// Shows the condition.
pub async fn get(
    State(site): State<Site>,
    who: Who,
    visitor: Visitor,
    Path((id, of, part)): Path<(String, String, String)>,
) -> PageResult {
    let work = Work::load(&site, &who, &id).await?;
    let goal = Goal::of(&work.whole, &of, &part, &work)?;
    let text = goal.now(&work.whole).filter(|text| text != NEVER).unwrap_or_default();
    let asked = Asked { message: goal.message(&work.whole), ..Asked::of_text(&text) };
    let page = page((&site, &who, &visitor), &work, (&goal, (&of, &part)), asked, Said::Nothing);
    Ok(Html(page).into_response())
}

/// Adds or removes a row, or keeps the condition.
pub async fn post(
    State(site): State<Site>,
    who: Who,
    visitor: Visitor,
    Path((id, of, part)): Path<(String, String, String)>,
    CsrfForm(form): CsrfForm,
) -> PageResult {
    let work = Work::load(&site, &who, &id).await?;
    let goal = Goal::of(&work.whole, &of, &part, &work)?;
    let mut asked = Asked::of_form(&form, &work.whole, &goal);
    let pressed = form.text("do");
    let said = match pressed {
        "add" | "pair" => {
            let pair = pressed == "pair";
            match asked.add(form.text("new_input"), pair, &goal.subjects(&work.whole)) {
                true => Said::Nothing,
                false => Said::Refused(vec![TEXTS.text("design.condition.no_pair").to_owned()]),
            }
        }
        "text" => {
            asked.as_text = true;
            Said::Nothing
        }
        "rows" => {
            asked = Asked { message: asked.message, ..Asked::of_text(&asked.text) };
            Said::Nothing
        }
        _ if pressed.starts_with("remove:") => {
            let place = pressed.trim_start_matches("remove:").parse().unwrap_or(usize::MAX);
            asked.remove(place);
            Said::Nothing
        }
        _ => {
            let text = if pressed == "clear" { Ok(String::new()) } else { asked.wanted(&goal) };
            match text {
                Err(lines) => Said::Refused(lines),
                Ok(text) => {
                    let edit = goal.edit(&work.whole, text, asked.message.as_deref());
                    match keep(&site, &who, &work, &form, edit).await? {
                        None => return Ok(see_other(goal.back(&work))),
                        Some(said) => said,
                    }
                }
            }
        }
    };
    let status = said.status();
    let page = page((&site, &who, &visitor), &work, (&goal, (&of, &part)), asked, said);
    Ok((status, Html(page)).into_response())
}

/// Keeps an edit whose expression the checker takes; `None` when it is kept.
pub(super) async fn keep(
    site: &Site,
    who: &Who,
    work: &Work,
    form: &FormData,
    edit: Option<Edit>,
) -> Result<Option<Said>, Trouble> {
    let gone = || Reply::not_found("design.question_gone").link(work.at(""));
    let edit = edit.ok_or_else(gone)?;
    let after = Draft::apply(&work.draft, edit.clone());
    if let Ok((after, _)) = &after {
        let wrong = newly_wrong(work.procedure(), &after.procedure);
        if !wrong.is_empty() {
            return Ok(Some(Said::Refused(wrong)));
        }
    }
    Ok(match work.save(site, who, form, vec![edit]).await? {
        Saved::Done(_) => None,
        Saved::Refused(refused) => Some(Said::refused(&refused)),
        Saved::Behind(behind) => Some(Said::Behind(behind)),
    })
}

impl Goal {
    fn of(procedure: &Procedure, of: &str, part: &str, work: &Work) -> Result<Self, Trouble> {
        let found = match part {
            "when" if design::page(procedure, of).is_some() => Some(Self::Page(of.to_owned())),
            "when" => design::field(procedure, of).map(|_| Self::Shown(of.to_owned())),
            "required" => design::field(procedure, of).map(|_| Self::Needed(of.to_owned())),
            number if of == "cosigners" => {
                let count = procedure.access.cosigners.len();
                number.parse().ok().filter(|n| *n < count).map(Self::Cosigner)
            }
            number if of == "outcomes" => {
                let count = procedure.outcomes.len();
                number.parse().ok().filter(|n| *n < count).map(Self::Outcome)
            }
            number if of == "export" => {
                let count = procedure.export.as_ref().map_or(0, |layout| layout.columns.len());
                number.parse().ok().filter(|n| *n < count).map(Self::Column)
            }
            number if of == "routing" => {
                let number = number.parse().ok().filter(|n| *n < procedure.routing.len());
                number.map(Self::Route)
            }
            _ if part.starts_with("rule-") => design::field(procedure, of).and_then(|field| {
                let place = part.trim_start_matches("rule-");
                let place = match place {
                    "new" => field.checks.len(),
                    number => number.parse().ok().filter(|n| *n < field.checks.len())?,
                };
                Some(Self::Rule(of.to_owned(), place))
            }),
            _ if part.starts_with("charge-") => {
                let line = part.trim_start_matches("charge-");
                let known = charges(procedure, of).iter().any(|one| one.id == line);
                known.then(|| Self::Charge(of.to_owned(), line.to_owned()))
            }
            _ => part.strip_prefix("option-").and_then(|code| {
                let field = design::field(procedure, of)?;
                let known = inputs::options(field).iter().any(|option| option.code == code);
                known.then(|| Self::Option(of.to_owned(), code.to_owned()))
            }),
        };
        found.ok_or_else(|| Reply::not_found("design.question_gone").link(work.at("")).into())
    }

    /// The answers it may ask about.
    fn subjects(&self, procedure: &Procedure) -> Vec<Subject> {
        let whose = match self {
            Self::Rule(id, _) => return subject::of_rule(procedure, id),
            Self::Page(id) => Whose::Page(id.clone()),
            Self::Shown(id) | Self::Needed(id) | Self::Option(id, _) | Self::Charge(id, _) => {
                Whose::Field(id.clone())
            }
            Self::Route(_) | Self::Cosigner(_) | Self::Outcome(_) | Self::Column(_) => {
                Whose::Procedure
            }
        };
        subject::above(procedure, &whose)
    }

    /// What is said where the rule does not hold.
    fn message(&self, procedure: &Procedure) -> Option<String> {
        let Self::Rule(id, n) = self else { return None };
        let rule = design::field(procedure, id).and_then(|field| field.checks.get(*n));
        Some(rule.map_or_else(String::new, |rule| rule.message.ja().to_owned()))
    }

    fn now(&self, procedure: &Procedure) -> Option<String> {
        match self {
            Self::Page(id) => design::page(procedure, id)?.1.when.clone(),
            Self::Shown(id) => design::field(procedure, id)?.when.clone(),
            Self::Needed(id) => match &design::field(procedure, id)?.required {
                Required::When(text) => Some(text.clone()),
                Required::Fixed(_) => None,
            },
            Self::Option(id, code) => {
                let options = inputs::options(design::field(procedure, id)?);
                options.iter().find(|option| option.code == *code)?.when.clone()
            }
            Self::Rule(id, n) => Some(design::field(procedure, id)?.checks.get(*n)?.rule.clone()),
            Self::Charge(id, line) => {
                charges(procedure, id).iter().find(|one| one.id == *line)?.when.clone()
            }
            Self::Route(n) => procedure.routing.get(*n).map(|route| route.when.clone()),
            Self::Cosigner(n) => procedure.access.cosigners.get(*n)?.when.clone(),
            Self::Outcome(n) => procedure.outcomes.get(*n)?.when.clone(),
            Self::Column(n) => procedure.export.as_ref()?.columns.get(*n)?.when.clone(),
        }
    }

    /// The edit that puts a condition; an empty text is none.
    fn edit(&self, procedure: &Procedure, text: String, message: Option<&str>) -> Option<Edit> {
        let when = (!text.is_empty()).then_some(text);
        let field = |id: &str, change: &dyn Fn(&mut domain::forms::definition::Field)| {
            let mut field = design::field(procedure, id)?.clone();
            change(&mut field);
            Some(Edit::SetField { field: Box::new(field) })
        };
        match self {
            Self::Page(id) => Some(Edit::PageWhen { page: id.clone(), when }),
            Self::Shown(id) => field(id, &|field| field.when.clone_from(&when)),
            Self::Needed(id) => field(id, &|field| {
                field.required = when.clone().map_or(Required::Fixed(false), Required::When);
            }),
            Self::Option(id, code) => field(id, &|field| {
                if let FieldKind::Choice(domain::forms::definition::Choice { options, .. })
                | FieldKind::Multi(Multi { options, .. }) = &mut field.kind
                {
                    let option = options.iter_mut().find(|option| option.code == *code);
                    option.into_iter().for_each(|option| option.when.clone_from(&when));
                }
            }),
            Self::Rule(id, n) => field(id, &|field| {
                let message = message.unwrap_or_default();
                match (&when, field.checks.get_mut(*n)) {
                    (Some(text), Some(rule)) => {
                        rule.rule.clone_from(text);
                        rule.message = rule.message.in_japanese(message);
                    }
                    (Some(text), None) => field
                        .checks
                        .push(Rule { rule: text.clone(), message: Words::from(message) }),
                    (None, Some(_)) => {
                        field.checks.remove(*n);
                    }
                    (None, None) => {}
                }
            }),
            Self::Charge(id, line) => field(id, &|field| {
                if let FieldKind::Fee(fee) = &mut field.kind {
                    let line = fee.lines.iter_mut().find(|one| one.id == *line);
                    line.into_iter().for_each(|one| one.when.clone_from(&when));
                }
            }),
            Self::Cosigner(n) => {
                let mut access = procedure.access.clone();
                access.cosigners.get_mut(*n)?.when = when;
                Some(Edit::Set(Box::new(Setting::Access(access))))
            }
            Self::Outcome(n) => {
                let mut outcomes = procedure.outcomes.clone();
                outcomes.get_mut(*n)?.when = when;
                Some(Edit::Set(Box::new(Setting::Outcomes(outcomes))))
            }
            Self::Column(n) => {
                let mut layout = procedure.export.clone()?;
                layout.columns.get_mut(*n)?.when = when;
                Some(Edit::Set(Box::new(Setting::Export(Some(layout)))))
            }
            Self::Route(n) => {
                let mut routing = procedure.routing.clone();
                let department = routing.get(*n)?.department.clone();
                let when = when.unwrap_or_else(|| NEVER.to_owned());
                routing[*n] = Route { when, department };
                Some(Edit::Set(Box::new(Setting::Routing(routing))))
            }
        }
    }

    fn back(&self, work: &Work) -> String {
        match self {
            Self::Page(id) => work.at(&format!("#{id}")),
            Self::Shown(id) | Self::Needed(id) => work.at(&format!("?kept={id}#{id}")),
            Self::Option(id, _) | Self::Rule(id, _) | Self::Charge(id, _) => {
                work.at(&format!("/questions/{id}"))
            }
            Self::Route(_) => work.at("/settings/routing"),
            Self::Cosigner(_) => work.at("/settings/applicants"),
            Self::Outcome(_) => work.at("/settings/outcomes"),
            Self::Column(n) => work.at(&format!("/settings/export#column-{n}")),
        }
    }

    fn lead(&self, procedure: &Procedure) -> String {
        let (key, label) = match self {
            Self::Page(id) => {
                let page = design::page(procedure, id);
                ("design.condition.lead_page", page.map(|(_, page)| page.title.ja()))
            }
            Self::Shown(id) => {
                let field = design::field(procedure, id);
                ("design.condition.lead_shown", field.map(|field| field.label.ja()))
            }
            Self::Needed(id) => {
                let field = design::field(procedure, id);
                ("design.condition.lead_needed", field.map(|field| field.label.ja()))
            }
            Self::Option(id, code) => {
                let options = design::field(procedure, id).map(inputs::options).unwrap_or_default();
                let option = options.iter().find(|option| option.code == *code);
                ("design.condition.lead_option", option.map(|option| option.label.ja()))
            }
            Self::Rule(id, _) => {
                let field = design::field(procedure, id);
                ("design.condition.lead_rule", field.map(|field| field.label.ja()))
            }
            Self::Charge(id, line) => {
                let line = charges(procedure, id).iter().find(|one| one.id == *line);
                ("design.condition.lead_charge", line.map(|line| line.label.ja()))
            }
            Self::Route(_) => ("design.condition.lead_route", None),
            Self::Outcome(_) => ("design.condition.lead_outcome", None),
            Self::Column(n) => {
                let layout = procedure.export.as_ref();
                let column = layout.and_then(|layout| layout.columns.get(*n));
                ("design.condition.lead_column", column.map(|column| column.header.as_str()))
            }
            Self::Cosigner(n) => {
                let who = procedure.access.cosigners.get(*n).map(|one| one.who.ja());
                ("design.condition.lead_cosigner", who)
            }
        };
        TEXTS.fill(key, &[("label", &label.unwrap_or_default())])
    }
}

/// The lines of a fee; none for another question.
fn charges<'p>(procedure: &'p Procedure, id: &str) -> &'p [FeeLine] {
    match design::field(procedure, id).map(|field| &field.kind) {
        Some(FieldKind::Fee(fee)) => &fee.lines,
        Some(_) | None => &[],
    }
}

/// A condition as it stands on the page.
struct Asked {
    all: bool,
    rows: Vec<Row>,
    text: String,
    as_text: bool,
    /// What is said where the rule does not hold.
    message: Option<String>,
}

impl Asked {
    fn of_text(text: &str) -> Self {
        let read = Condition::read(text);
        let as_text = read.is_none() && !text.is_empty();
        let (all, rows) = read.map_or((true, Vec::new()), |read| (read.all, read.rows));
        Self { all, rows, text: text.to_owned(), as_text, message: None }
    }

    fn of_form(form: &FormData, procedure: &Procedure, goal: &Goal) -> Self {
        let known = goal.subjects(procedure);
        let values = form.all("row_value");
        let rows = form.all("row_input").zip(form.all("row_op")).zip(values);
        let rows = rows.filter_map(|((input, op), value)| {
            let subject = known.iter().find(|subject| subject.input == input)?;
            let op = Op::parse(op).filter(|op| Op::of(&subject.of).contains(op))?;
            let value = if op.has_value() { typed(op, value) } else { String::new() };
            Some(Row { input: input.to_owned(), op, value })
        });
        let rows: Vec<Row> = rows.collect();
        let all = form.text("all") != "any";
        let as_text = form.has("text");
        let text = match as_text {
            true => form.text("text").trim().to_owned(),
            false => Condition { all, rows: rows.clone() }.text(),
        };
        let message =
            matches!(goal, Goal::Rule(..)).then(|| form.text("message").trim().to_owned());
        Self { all, rows, text, as_text, message }
    }

    /// A row more; with `pair` one that compares with another answer. `false` when there is none.
    fn add(&mut self, input: &str, pair: bool, known: &[Subject]) -> bool {
        let Some(subject) = known.iter().find(|subject| subject.input == input) else {
            return true;
        };
        if pair {
            let other = known.iter().find(|other| subject.compares_with(other));
            let op = Op::of(&subject.of).iter().copied().find(|op| op.is_of_two());
            let (Some(other), Some(op)) = (other, op) else { return false };
            let (input, value) = (input.to_owned(), other.input.clone());
            self.rows.push(Row { input, op, value });
            return true;
        }
        let op = Op::of(&subject.of)[0];
        let first = match &subject.of {
            Of::One(options) | Of::Some(options) => options.first().map(|(code, _)| code.clone()),
            Of::Text
            | Of::Number
            | Of::Time
            | Of::Day
            | Of::Agreement
            | Of::Boxes
            | Of::Several => None,
        };
        self.rows.push(Row { input: input.to_owned(), op, value: first.unwrap_or_default() });
        true
    }

    fn remove(&mut self, place: usize) {
        if place < self.rows.len() {
            self.rows.remove(place);
        }
    }

    /// The text to keep, or what is wrong with which row.
    fn wanted(&self, goal: &Goal) -> Result<String, Vec<String>> {
        let say = |key: &str| vec![TEXTS.text(key).to_owned()];
        if matches!(goal, Goal::Rule(..)) {
            if if self.as_text { self.text.is_empty() } else { self.rows.is_empty() } {
                return Err(say("design.condition.rule_empty"));
            }
            if self.message.as_deref().is_none_or(str::is_empty) {
                return Err(say("design.condition.message_empty"));
            }
        }
        if self.as_text {
            return Ok(self.text.clone());
        }
        let wrong = self.rows.iter().enumerate().filter(|(_, row)| !row.op.takes(&row.value));
        let wrong: Vec<String> = wrong
            .map(|(n, row)| {
                let key = match row.op.is_of_two() {
                    true => "design.condition.bad_other",
                    false => "design.condition.bad_value",
                };
                TEXTS.fill(key, &[("number", &(n + 1))])
            })
            .collect();
        if !wrong.is_empty() {
            return Err(wrong);
        }
        Ok(Condition { all: self.all, rows: self.rows.clone() }.text())
    }
}

/// A value as it was typed, in the way it is compared.
fn typed(op: Op, value: &str) -> String {
    let value = value.trim();
    match op {
        Op::Is | Op::IsNot | Op::Has | Op::HasNot => value.to_owned(),
        Op::On | Op::From | Op::Until => {
            read_date(value).map_or_else(|_| value.to_owned(), |day| day.to_string())
        }
        Op::TimeFrom | Op::TimeUntil => {
            read_time(value).map_or_else(|| value.to_owned(), written_time)
        }
        Op::Same | Op::Different | Op::NotBelow | Op::NotAbove => value.to_owned(),
        Op::Equal
        | Op::Unequal
        | Op::AtLeast
        | Op::AtMost
        | Op::More
        | Op::Less
        | Op::AgeAtLeast
        | Op::AgeUnder
        | Op::CountAtLeast
        | Op::CountAtMost
        | Op::Answered
        | Op::Open
        | Op::Agreed
        | Op::Refused => narrow(value).replace(',', ""),
    }
}

fn line(number: usize, row: &Row, subjects: &[Subject]) -> Line {
    let subject = subjects.iter().find(|subject| subject.input == row.input);
    let none = Of::Text;
    let of = subject.map_or(&none, |subject| &subject.of);
    let ops = Op::of(of).iter().map(|op| {
        let asked = TEXTS.get(&format!("design.op_asked.{}", op.word()));
        Choice::new(op.word(), asked.unwrap_or_default(), *op == row.op)
    });
    let values = match of {
        _ if row.op.is_of_two() => others(subject, subjects, &row.value),
        // Beside "one of them" only the count is typed.
        Of::One(options) | Of::Some(options) if !is_count(row.op) => options
            .iter()
            .map(|(code, label)| Choice::new(code, label, *code == row.value))
            .collect(),
        Of::One(_)
        | Of::Some(_)
        | Of::Text
        | Of::Number
        | Of::Time
        | Of::Day
        | Of::Agreement
        | Of::Boxes
        | Of::Several => Vec::new(),
    };
    Line {
        number,
        input: row.input.clone(),
        label: subject.map_or_else(|| row.input.clone(), notes::called),
        ops: ops.collect(),
        values,
        value: row.value.clone(),
        hint: match row.op.is_of_two() {
            true => "design.condition.value_other",
            false => notes::hint(if is_count(row.op) { &Of::Several } else { of }),
        },
        has_value: Op::of(of).iter().any(|op| op.has_value()),
    }
}

/// The other answers one can be compared with; none chosen where what was typed is none of them.
fn others(subject: Option<&Subject>, subjects: &[Subject], chosen: &str) -> Vec<Choice> {
    let alike = subjects.iter().filter(|other| subject.is_some_and(|one| one.compares_with(other)));
    let mut all: Vec<Choice> = alike
        .map(|other| Choice::new(&other.input, &notes::called(other), other.input == chosen))
        .collect();
    if all.iter().all(|one| !one.chosen) {
        all.insert(0, Choice::new("", TEXTS.text("design.condition.choose"), true));
    }
    all
}

const fn is_count(op: Op) -> bool {
    matches!(op, Op::CountAtLeast | Op::CountAtMost)
}

fn page(
    (site, who, visitor): (&Site, &Who, &Visitor),
    work: &Work,
    (goal, (of, part)): (&Goal, (&str, &str)),
    asked: Asked,
    said: Said,
) -> ConditionPage {
    let procedure = &work.whole;
    let subjects = goal.subjects(procedure);
    let pairs = subjects.iter().any(|one| subjects.iter().any(|other| one.compares_with(other)));
    let rows = asked.rows.iter().enumerate().map(|(n, row)| line(n, row, &subjects));
    ConditionPage {
        frame: frame(site, who, visitor),
        panel: Panel::of(work, "outline", said),
        action: work.at(&format!("/conditions/{of}/{part}")),
        lead: goal.lead(procedure),
        all: asked.all,
        rows: rows.collect(),
        subjects: subjects
            .iter()
            .map(|subject| Choice::new(&subject.input, &notes::called(subject), false))
            .collect(),
        text: asked.text,
        as_text: asked.as_text,
        message: asked.message,
        pairs,
        back: goal.back(work),
    }
}
