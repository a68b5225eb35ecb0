//! Which parts of a document speak of which questions.

use std::collections::BTreeSet;

use super::pieces::Spoken;
use super::place::{self, Found};
use crate::codes::codes;
use crate::export::ColumnSource;
use crate::forms::definition::{Bound, ChoiceOption, Field, FieldKind, Page, Procedure, Required};

codes! {
    /// The part of a document that speaks of a question.
    pub enum Part in "design.part" {
        /// When something is shown.
        Shown = "shown",
        /// When an answer is needed.
        Required = "required",
        /// A rule over several answers.
        Rule = "rule",
        /// A smallest or largest value.
        Limit = "limit",
        /// When an option is offered.
        Option = "option",
        /// Which entries of a list are meant.
        Narrow = "narrow",
        /// A calculated value.
        Value = "value",
        /// How many seats are taken.
        Units = "units",
        /// The holder of an account.
        Holder = "holder",
        /// What no two rows share.
        Unique = "unique",
        /// Which department receives it.
        Route = "route",
        /// What a guide leads to.
        Outcome = "outcome",
        /// One application only by the same person.
        Once = "once",
        /// A column of the export.
        Export = "export",
        /// Who signs together with the applicant.
        Cosigner = "cosigner",
        /// The picture that is shown.
        Picture = "picture",
    }
}

/// Whose part it is.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Whose {
    /// The procedure's.
    Procedure,
    /// A page's, by id.
    Page(String),
    /// A question's, by id.
    Field(String),
}

/// One part that speaks of questions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Use {
    /// Whose part.
    pub whose: Whose,
    /// What that page or question is called; empty for the procedure.
    pub label: String,
    /// Which part.
    pub part: Part,
    /// Questions it speaks of.
    pub ids: BTreeSet<String>,
    /// Texts in quotes: codes of options among them.
    pub(super) texts: BTreeSet<String>,
}

/// Every text of a question that may speak of others, to read or to change it.
pub(super) fn texts_of<'f>(field: &'f mut Field, visit: &mut dyn FnMut(Part, &'f mut String)) {
    if let Some(when) = &mut field.when {
        visit(Part::Shown, when);
    }
    if let Required::When(when) = &mut field.required {
        visit(Part::Required, when);
    }
    field.checks.iter_mut().for_each(|rule| visit(Part::Rule, &mut rule.rule));
    match &mut field.kind {
        FieldKind::Number(number) => {
            for bound in [&mut number.min, &mut number.max].into_iter().flatten() {
                if let Bound::Expr(text) = bound {
                    visit(Part::Limit, text);
                }
            }
        }
        FieldKind::Date(day) => limits([&mut day.min, &mut day.max], visit),
        FieldKind::Month(month) => limits([&mut month.min, &mut month.max], visit),
        FieldKind::Time(time) => limits([&mut time.min, &mut time.max], visit),
        FieldKind::Choice(choice) => options(&mut choice.options, visit),
        FieldKind::Multi(multi) => options(&mut multi.options, visit),
        FieldKind::Lookup(lookup) => {
            if let Some(narrow) = &mut lookup.narrow {
                visit(Part::Narrow, &mut narrow.value);
            }
        }
        FieldKind::Bank(bank) => {
            if let Some(holder) = &mut bank.holder_of {
                visit(Part::Holder, holder);
            }
        }
        FieldKind::Calc(calc) => visit(Part::Value, &mut calc.value),
        FieldKind::Slot(slot) => {
            if let Some(units) = &mut slot.capacity.units {
                visit(Part::Units, units);
            }
        }
        FieldKind::Fee(fee) => {
            for line in &mut fee.lines {
                if let Bound::Expr(amount) = &mut line.amount {
                    visit(Part::Value, amount);
                }
                if let Some(when) = &mut line.when {
                    visit(Part::Value, when);
                }
            }
        }
        FieldKind::Repeat(repeat) => {
            if let Some(unique) = &mut repeat.unique_by {
                visit(Part::Unique, unique);
            }
        }
        FieldKind::Text(_)
        | FieldKind::Textarea(_)
        | FieldKind::Name(_)
        | FieldKind::Address(_)
        | FieldKind::Phone(_)
        | FieldKind::Email(_)
        | FieldKind::CorporateNumber(_)
        | FieldKind::Matrix(_)
        | FieldKind::File(_)
        | FieldKind::Consent(_)
        | FieldKind::Exit(_)
        | FieldKind::Content(_) => {}
    }
}

fn limits<'f>(limits: [&'f mut Option<String>; 2], visit: &mut dyn FnMut(Part, &'f mut String)) {
    limits.into_iter().flatten().for_each(|text| visit(Part::Limit, text));
}

fn options<'f>(options: &'f mut [ChoiceOption], visit: &mut dyn FnMut(Part, &'f mut String)) {
    for option in options {
        if let Some(when) = &mut option.when {
            visit(Part::Option, when);
        }
        if let Some(units) = option.capacity.as_mut().and_then(|capacity| capacity.units.as_mut()) {
            visit(Part::Units, units);
        }
    }
}

/// Every part of a document that speaks of questions.
#[must_use]
pub fn uses(procedure: &Procedure) -> Vec<Use> {
    let mut all = Vec::new();
    for page in &procedure.pages {
        of_page(page, &mut all);
    }
    of_procedure(procedure, &mut all);
    all.retain(|one| !one.ids.is_empty());
    all
}

/// Parts that speak of one of these questions, but for those of the questions themselves.
pub(super) fn of(procedure: &Procedure, ids: &BTreeSet<String>) -> Vec<Use> {
    let own = |whose: &Whose| matches!(whose, Whose::Field(id) if ids.contains(id));
    let all = uses(procedure).into_iter();
    all.filter(|one| !own(&one.whose) && !one.ids.is_disjoint(ids)).collect()
}

/// Where this file is shown as a picture.
pub(super) fn of_picture(procedure: &Procedure, file: &str) -> Vec<Use> {
    let outer = procedure.pages.iter().flat_map(|page| &page.fields);
    let fields = outer.flat_map(|field| {
        std::iter::once(field).chain(field.repeat().into_iter().flat_map(|repeat| &repeat.fields))
    });
    let shows = |field: &&Field| {
        let FieldKind::Content(content) = &field.kind else { return false };
        content.picture.as_ref().is_some_and(|picture| picture.file == file)
    };
    let used = |field: &Field| Use {
        whose: Whose::Field(field.id.clone()),
        label: field.label.ja().to_owned(),
        part: Part::Picture,
        ids: BTreeSet::new(),
        texts: BTreeSet::new(),
    };
    fields.filter(shows).map(used).collect()
}

fn of_page(page: &Page, all: &mut Vec<Use>) {
    if let Some(when) = &page.when {
        all.push(spoken(Whose::Page(page.id.clone()), page.title.ja(), Part::Shown, when));
    }
    for field in &page.fields {
        of_field(field, all);
        for inner in field.repeat().into_iter().flat_map(|repeat| &repeat.fields) {
            of_field(inner, all);
        }
    }
}

fn of_field(field: &Field, all: &mut Vec<Use>) {
    // A row's questions come on their own, and options of a list are not looked at.
    let mut shallow = field.clone();
    if let Some(rows) = place::rows_of(&mut shallow) {
        rows.clear();
    }
    let (id, label) = (field.id.clone(), field.label.ja());
    texts_of(&mut shallow, &mut |part, text| {
        all.push(spoken(Whose::Field(id.clone()), label, part, text));
    });
}

fn of_procedure(procedure: &Procedure, all: &mut Vec<Use>) {
    let mut add = |part, text: &str| all.push(spoken(Whose::Procedure, "", part, text));
    procedure.routing.iter().for_each(|route| add(Part::Route, &route.when));
    let outcomes = procedure.outcomes.iter().filter_map(|outcome| outcome.when.as_deref());
    outcomes.for_each(|when| add(Part::Outcome, when));
    let capacity = procedure.capacity.as_ref().and_then(|capacity| capacity.units.as_deref());
    capacity.into_iter().for_each(|units| add(Part::Units, units));
    let once = procedure.access.once_per.as_ref();
    let once = once.and_then(|once| once.key.strip_prefix("field:"));
    once.into_iter().for_each(|id| add(Part::Once, id));
    for cosigner in &procedure.access.cosigners {
        cosigner.when.iter().for_each(|when| add(Part::Cosigner, when));
        if let Some(Bound::Expr(count)) = &cosigner.count {
            add(Part::Cosigner, count);
        }
    }
    for column in procedure.export.iter().flat_map(|layout| &layout.columns) {
        column.when.iter().for_each(|when| add(Part::Export, when));
        source(&column.source, &mut |text| add(Part::Export, text));
    }
}

fn source(from: &ColumnSource, add: &mut dyn FnMut(&str)) {
    match from {
        ColumnSource::Input(text)
        | ColumnSource::Label(text)
        | ColumnSource::Expr(text)
        | ColumnSource::Staff(text)
        | ColumnSource::StaffLabel(text) => add(text),
        ColumnSource::Join(parts) | ColumnSource::First(parts) => {
            parts.iter().for_each(|part| source(part, add));
        }
        ColumnSource::System(_) | ColumnSource::Fixed(_) => {}
    }
}

fn spoken(whose: Whose, label: &str, part: Part, text: &str) -> Use {
    let Spoken { ids, texts } = Spoken::in_text(text);
    Use { whose, label: label.to_owned(), part, ids, texts }
}

/// Parts that speak of a question further down than they may, with its id.
pub(super) fn forward(procedure: &Procedure) -> Vec<(Use, String)> {
    let mut found = Vec::new();
    for one in uses(procedure) {
        let Some(reach) = Reach::of(procedure, &one) else { continue };
        let late = one
            .ids
            .iter()
            .filter(|id| place::find(procedure, id).is_some_and(|there| !reach.holds(there)));
        let late: Vec<String> = late.cloned().collect();
        found.extend(late.into_iter().map(|id| (one.clone(), id)));
    }
    found
}

/// How far down a part may look.
enum Reach {
    /// Only above the question.
    Above(Found),
    /// Down to the end of the page.
    Page(usize),
}

impl Reach {
    fn of(procedure: &Procedure, one: &Use) -> Option<Self> {
        let at = match &one.whose {
            Whose::Procedure => return None,
            Whose::Page(id) => {
                let (page, _) = place::page(procedure, id)?;
                return Some(Self::Above(Found { page, field: 0, row: None }));
            }
            Whose::Field(id) => place::find(procedure, id)?,
        };
        match one.part {
            Part::Shown | Part::Option | Part::Narrow | Part::Value => Some(Self::Above(at)),
            Part::Required | Part::Rule | Part::Limit => Some(Self::Page(at.page)),
            Part::Units
            | Part::Holder
            | Part::Unique
            | Part::Route
            | Part::Outcome
            | Part::Once
            | Part::Export
            | Part::Cosigner
            | Part::Picture => None,
        }
    }

    fn holds(&self, there: Found) -> bool {
        match self {
            Self::Page(page) => there.page <= *page,
            Self::Above(here) if (here.page, here.field) == (there.page, there.field) => {
                matches!((here.row, there.row), (Some(here), Some(there)) if there < here)
            }
            Self::Above(here) => (there.page, there.field) < (here.page, here.field),
        }
    }
}
