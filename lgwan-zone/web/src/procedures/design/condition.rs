//! When something is shown, needed, or sent to another department: rows a clerk reads, or the text
//! of an expression for what rows cannot say.

use askama::Template;
use axum::extract::{Path, State};
use axum::response::IntoResponse as _;
use domain::calendar::{read_date, read_time, written_time};
use domain::forms::definition::{FeeLine, FieldKind, Multi, Procedure, Required, Route};
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
    /// A line of a fee: the question, the line.
    Charge(String, String),
    Route(usize),
    /// Somebody who signs together with the applicant.
    Cosigner(usize),
    /// Something a guide leads to.
    Outcome(usize),
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
    let asked = Asked::of_text(&text);
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
        "add" => {
            asked.add(form.text("new_input"), &work.whole, &goal);
            Said::Nothing
        }
        "text" => {
            asked.as_text = true;
            Said::Nothing
        }
        "rows" => {
            asked = Asked::of_text(&asked.text);
            Said::Nothing
        }
        _ if pressed.starts_with("remove:") => {
            let place = pressed.trim_start_matches("remove:").parse().unwrap_or(usize::MAX);
            asked.remove(place);
            Said::Nothing
        }
        _ => {
            let text = if pressed == "clear" { Ok(String::new()) } else { asked.wanted() };
            match text {
                Err(lines) => Said::Refused(lines),
                Ok(text) => {
                    let edit = goal.edit(&work.whole, text);
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
        Saved::Behind(changes) => Some(Said::behind(&changes)),
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
            number if of == "routing" => {
                let number = number.parse().ok().filter(|n| *n < procedure.routing.len());
                number.map(Self::Route)
            }
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

    fn whose(&self) -> Whose {
        match self {
            Self::Page(id) => Whose::Page(id.clone()),
            Self::Shown(id) | Self::Needed(id) | Self::Option(id, _) | Self::Charge(id, _) => {
                Whose::Field(id.clone())
            }
            Self::Route(_) | Self::Cosigner(_) | Self::Outcome(_) => Whose::Procedure,
        }
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
            Self::Charge(id, line) => {
                charges(procedure, id).iter().find(|one| one.id == *line)?.when.clone()
            }
            Self::Route(n) => procedure.routing.get(*n).map(|route| route.when.clone()),
            Self::Cosigner(n) => procedure.access.cosigners.get(*n)?.when.clone(),
            Self::Outcome(n) => procedure.outcomes.get(*n)?.when.clone(),
        }
    }

    /// The edit that puts a condition; an empty text is none.
    fn edit(&self, procedure: &Procedure, text: String) -> Option<Edit> {
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
            Self::Option(id, _) | Self::Charge(id, _) => work.at(&format!("/questions/{id}")),
            Self::Route(_) => work.at("/settings/routing"),
            Self::Cosigner(_) => work.at("/settings/applicants"),
            Self::Outcome(_) => work.at("/settings/outcomes"),
        }
    }

    fn lead(&self, procedure: &Procedure) -> String {
        let (key, label) = match self {
            Self::Page(id) => {
                ("design.condition.lead_page", design::page(procedure, id).map(|(_, p)| &p.title))
            }
            Self::Shown(id) => {
                ("design.condition.lead_shown", design::field(procedure, id).map(|f| &f.label))
            }
            Self::Needed(id) => {
                ("design.condition.lead_needed", design::field(procedure, id).map(|f| &f.label))
            }
            Self::Option(id, code) => {
                let options = design::field(procedure, id).map(inputs::options).unwrap_or_default();
                let option = options.iter().find(|option| option.code == *code);
                ("design.condition.lead_option", option.map(|option| &option.label))
            }
            Self::Charge(id, line) => {
                let line = charges(procedure, id).iter().find(|one| one.id == *line);
                ("design.condition.lead_charge", line.map(|line| &line.label))
            }
            Self::Route(_) => ("design.condition.lead_route", None),
            Self::Outcome(_) => ("design.condition.lead_outcome", None),
            Self::Cosigner(n) => {
                let who = procedure.access.cosigners.get(*n).map(|one| &one.who);
                ("design.condition.lead_cosigner", who)
            }
        };
        TEXTS.fill(key, &[("label", &label.map_or("", |words| words.ja()))])
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
}

impl Asked {
    fn of_text(text: &str) -> Self {
        let read = Condition::read(text);
        let as_text = read.is_none() && !text.is_empty();
        let (all, rows) = read.map_or((true, Vec::new()), |read| (read.all, read.rows));
        Self { all, rows, text: text.to_owned(), as_text }
    }

    fn of_form(form: &FormData, procedure: &Procedure, goal: &Goal) -> Self {
        let known = subject::above(procedure, &goal.whose());
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
        Self { all, rows, text, as_text }
    }

    fn add(&mut self, input: &str, procedure: &Procedure, goal: &Goal) {
        let known = subject::above(procedure, &goal.whose());
        let Some(subject) = known.iter().find(|subject| subject.input == input) else { return };
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
    }

    fn remove(&mut self, place: usize) {
        if place < self.rows.len() {
            self.rows.remove(place);
        }
    }

    /// The text to keep, or what is wrong with which row.
    fn wanted(&self) -> Result<String, Vec<String>> {
        if self.as_text {
            return Ok(self.text.clone());
        }
        let wrong = self.rows.iter().enumerate().filter(|(_, row)| !row.op.takes(&row.value));
        let wrong: Vec<String> = wrong
            .map(|(n, _)| TEXTS.fill("design.condition.bad_value", &[("number", &(n + 1))]))
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
        hint: notes::hint(if is_count(row.op) { &Of::Several } else { of }),
        has_value: Op::of(of).iter().any(|op| op.has_value()),
    }
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
    let subjects = subject::above(procedure, &goal.whose());
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
        back: goal.back(work),
    }
}
