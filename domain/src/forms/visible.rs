//! What is shown: pages, fields and rows whose conditions hold.

use jiff::civil::Date;

use crate::forms::check::lookup;
use crate::forms::compiled::CompiledField;
use crate::forms::definition::{ChoiceOption, Field, FieldKind, Lang, Page};
use crate::forms::display::Charged;
use crate::forms::expr::Scope;
use crate::forms::script::Script;
use crate::forms::seen::{Row, Seen};
use crate::forms::{Answers, Compiled, Opening, Openings, display, inputs};

/// What is shown with these answers, worked out once. Make one per page that is rendered.
#[derive(Debug)]
pub struct View<'v, 'a> {
    form: &'v Compiled,
    answers: &'a Answers,
    seen: Seen,
    today: Date,
    /// The first day that may be chosen.
    from: Date,
}

/// A field as a page draws it now.
#[derive(Debug)]
pub struct Drawn<'v> {
    /// The field.
    pub field: &'v Field,
    /// Name of its input, or of the first part of its inputs' names: `family.2.birth` in a row.
    pub name: String,
    /// Whether an answer is needed now: decides between 必須 and 任意.
    pub required: bool,
    /// Options that are offered now; empty for fields without.
    pub offered: Vec<&'v ChoiceOption>,
    /// Others that the script of the page may offer.
    pub waiting: Vec<&'v ChoiceOption>,
    /// Whether it is on the page for the script alone, which may show it.
    pub waits: bool,
    /// A calculated value in words, empty when there is none yet.
    pub made: String,
    /// A fee in words.
    pub charged: Option<Charged>,
    /// Rows of a repeating group; as many blank ones as are needed at least before the first answer.
    pub rows: Vec<DrawnRow<'v>>,
}

/// Entries of a list that fit what is typed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entries {
    /// The best of them, at most [`crate::forms::listed::MOST_OFFERED`].
    pub entries: Vec<Entry>,
    /// How many there are in all.
    pub all: usize,
}

/// An entry of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Its place in the list.
    pub row: usize,
    /// Its name, with what is stored beside it.
    pub label: String,
}

/// A row as a page draws it now.
#[derive(Debug)]
pub struct DrawnRow<'v> {
    /// Its key in the names of inputs.
    pub key: String,
    /// Its heading.
    pub title: String,
    /// Its questions that are shown.
    pub fields: Vec<Drawn<'v>>,
}

impl<'v> View<'v, '_> {
    fn scope(&self) -> Scope<'_> {
        Scope { answers: self.answers, seen: &self.seen, today: self.today, outer: None }
    }

    /// Pages that apply, with their index, in order. A page without anything to show does not.
    #[must_use]
    pub fn pages(&self) -> Vec<(usize, &'v Page)> {
        let pages = self.form.procedure().pages.iter().enumerate();
        let shows = |n: usize| self.form.pages[n].slots.clone().any(|s| self.seen.is_shown(s));
        pages.filter(|(n, _)| shows(*n)).collect()
    }

    fn slots(&self, page: usize) -> impl Iterator<Item = usize> {
        let slots = self.form.pages.get(page).map_or(0..0, |page| page.slots.clone());
        slots.filter(|slot| self.seen.is_shown(*slot))
    }

    /// Fields of a page that apply, in order; none for a page that does not exist or apply.
    #[must_use]
    pub fn fields(&self, page: usize) -> Vec<&'v Field> {
        self.slots(page).map(|slot| self.form.field_at(slot)).collect()
    }

    /// The same as a page draws them.
    #[must_use]
    pub fn drawn(&self, page: usize) -> Vec<Drawn<'v>> {
        self.slots(page).map(|slot| self.slot(slot, None)).collect()
    }

    /// The same with what the script of the page may show: questions that wait, in rows too.
    #[must_use]
    pub fn followed(&self, page: usize, script: Option<&Script>) -> Vec<Drawn<'v>> {
        let slots = self.form.pages.get(page).map_or(0..0, |page| page.slots.clone());
        let waits = |slot: &usize| follows(script, &self.form.field_at(*slot).id);
        let slots = slots.filter(|slot| self.seen.is_shown(*slot) || waits(slot));
        let drawn = |slot| Drawn { waits: !self.seen.is_shown(slot), ..self.slot(slot, script) };
        slots.map(drawn).collect()
    }

    /// One field as a page draws it; `None` for one the form has not.
    #[must_use]
    pub fn field(&self, id: &str) -> Option<Drawn<'v>> {
        self.form.slot(id).map(|slot| self.slot(slot, None))
    }

    /// Entries of the list of a look-up field that fit what is typed (NF-61); `None` for another
    /// kind of field, and for a list whose entries are never shown.
    #[must_use]
    pub fn entries(&self, id: &str) -> Option<Entries> {
        let slot = self.form.slot(inputs::field_of(id));
        let slot = slot.filter(|slot| self.seen.is_shown(*slot))?;
        let (field, compiled) = self.form.asked(id)?;
        let (FieldKind::Lookup(kind), Some(listed)) = (&field.kind, &compiled.listed) else {
            return None;
        };
        if kind.secret {
            return None;
        }
        let scope = self.scope();
        let key = id.split('.').nth(1);
        let row = self.seen.rows(slot).iter().find(|row| Some(row.key.as_str()) == key);
        let narrow = match (inputs::without_key(id), row) {
            (Some(_), Some(row)) => lookup::narrowed(compiled, &row.scope(&scope)),
            (Some(_), None) => return None,
            (None, _) => lookup::narrowed(compiled, &scope),
        };
        let typed = self.answers.first(id).unwrap_or("");
        let (rows, all) = listed.offers((kind, narrow.as_deref()), typed);
        let entries = rows.into_iter().map(|row| Entry { row, label: listed.label(kind, row) });
        Some(Entries { entries: entries.collect(), all })
    }

    /// The same view for somebody who chooses days and times on a later day than conditions are
    /// judged by.
    #[must_use]
    pub fn choosing_on(self, day: Date) -> Self {
        Self { from: day, ..self }
    }

    /// Days and times a question offers from the day of choosing on, earliest first.
    #[must_use]
    pub fn openings(&self, id: &str) -> Vec<Opening> {
        let all = self.form.openings(id).into_iter().flat_map(Openings::iter);
        all.map(|(opening, _)| opening).filter(|one| one.day >= self.from).collect()
    }

    /// Whether the form ends here without an application.
    #[must_use]
    pub const fn has_ended(&self) -> bool {
        self.seen.has_ended()
    }

    fn slot(&self, slot: usize, script: Option<&Script>) -> Drawn<'v> {
        let (field, compiled) = (self.form.field_at(slot), &self.form.fields[slot]);
        let scope = self.scope();
        let lang = self.form.lang;
        let mut drawn = draw((field, compiled), field.id.clone(), slot, &scope, (script, lang));
        if let Some(repeat) = field.repeat() {
            let blank =
                |n: usize| Row::new(repeat, &compiled.row, &n.to_string(), Answers::new(), &scope);
            let least = if drawn.required { repeat.min.max(1) } else { repeat.min };
            let untouched = !self.answers.shown(&field.id);
            let added: Vec<Row> = (1..=least as usize).filter(|_| untouched).map(blank).collect();
            let rows = self.seen.rows(slot).iter().chain(&added);
            drawn.rows = rows
                .enumerate()
                .map(|(n, row)| DrawnRow {
                    key: row.key.clone(),
                    title: repeat.title(n + 1),
                    fields: inner((field, compiled), row, &scope, script, lang),
                })
                .collect();
        }
        drawn
    }

    /// Whether an answer is needed now.
    #[must_use]
    pub fn is_required(&self, field: &Field) -> bool {
        let slot = self.form.slot(&field.id);
        slot.is_some_and(|slot| self.form.fields[slot].needed(&self.scope()))
    }

    /// Options of a choice or multi field that are offered now; empty for other kinds.
    #[must_use]
    pub fn offered<'f>(&self, field: &'f Field) -> Vec<&'f ChoiceOption> {
        let Some(slot) = self.form.slot(&field.id) else { return Vec::new() };
        offered(field, &self.form.fields[slot], &self.scope())
    }
}

fn draw<'v>(
    (field, compiled): (&'v Field, &CompiledField),
    name: String,
    slot: usize,
    scope: &Scope<'_>,
    (script, lang): (Option<&Script>, Lang),
) -> Drawn<'v> {
    let made = scope.seen.made(slot);
    let offered = offered(field, compiled, scope);
    let waits = |option: &&ChoiceOption| {
        let id = format!("{}.{}", field.id, option.code);
        !offered.iter().any(|one| one.code == option.code) && follows(script, &id)
    };
    let waiting = inputs::options(field).iter().filter(waits).collect();
    Drawn {
        field,
        name,
        required: compiled.needed(scope),
        offered,
        waiting,
        waits: false,
        made: made.map_or_else(String::new, |made| display::made(field, made, lang)),
        charged: made.and_then(|made| display::charged(field, made, lang)),
        rows: Vec::new(),
    }
}

fn inner<'v>(
    (group, compiled): (&'v Field, &CompiledField),
    row: &Row,
    outer: &Scope<'_>,
    script: Option<&Script>,
    lang: Lang,
) -> Vec<Drawn<'v>> {
    let fields = group.repeat().map_or(&[][..], |repeat| &repeat.fields);
    let scope = row.scope(outer);
    let all = fields.iter().zip(&compiled.row).enumerate();
    all.filter(|(n, (field, _))| row.seen.is_shown(*n) || follows(script, &field.id))
        .map(|(n, (field, compiled))| {
            let name = format!("{}.{}.{}", group.id, row.key, field.id);
            let waits = !row.seen.is_shown(n);
            Drawn { waits, ..draw((field, compiled), name, n, &scope, (script, lang)) }
        })
        .collect()
}

/// Whether the script of a page shows and hides a question.
fn follows(script: Option<&Script>, id: &str) -> bool {
    script.is_some_and(|script| script.follows.contains(id))
}

fn offered<'f>(
    field: &'f Field,
    compiled: &CompiledField,
    scope: &Scope<'_>,
) -> Vec<&'f ChoiceOption> {
    let options = inputs::options(field).iter().enumerate();
    options.filter(|(n, _)| compiled.offers(*n, scope)).map(|(_, option)| option).collect()
}

impl Compiled {
    /// Puts an entry of its list into what a page sent for a look-up field (NF-61); nothing when
    /// there is no such entry, or when entries are never shown.
    pub fn take_entry(&self, id: &str, row: usize, raw: &mut Answers) {
        let Some((field, compiled)) = self.asked(id) else { return };
        let FieldKind::Lookup(kind) = &field.kind else { return };
        let Some(listed) = &compiled.listed else { return };
        if kind.secret || row >= listed.list.rows.len() {
            return;
        }
        raw.put_one(id, listed.value(row, 0));
        for column in &kind.keep {
            let value = listed.list.column(column).map_or("", |at| listed.value(row, at));
            raw.put_one(format!("{id}.{column}"), value);
        }
    }

    /// What is shown with these answers.
    #[must_use]
    pub fn view<'a>(&self, answers: &'a Answers, today: Date) -> View<'_, 'a> {
        View { form: self, answers, seen: self.seen(answers, today), today, from: today }
    }

    /// [`View::pages`] of these answers.
    #[must_use]
    pub fn visible_pages(&self, answers: &Answers, today: Date) -> Vec<(usize, &Page)> {
        self.view(answers, today).pages()
    }

    /// [`View::fields`] of these answers.
    #[must_use]
    pub fn visible_fields(&self, page: usize, answers: &Answers, today: Date) -> Vec<&Field> {
        self.view(answers, today).fields(page)
    }

    /// [`View::is_required`] with these answers.
    #[must_use]
    pub fn is_required(&self, field: &Field, answers: &Answers, today: Date) -> bool {
        self.view(answers, today).is_required(field)
    }

    /// [`View::offered`] with these answers.
    #[must_use]
    pub fn offered<'f>(
        &self,
        field: &'f Field,
        answers: &Answers,
        today: Date,
    ) -> Vec<&'f ChoiceOption> {
        self.view(answers, today).offered(field)
    }

    /// What is known of every field. One pass: a condition looks back only.
    pub(super) fn seen(&self, answers: &Answers, today: Date) -> Seen {
        self.seen_before(self.pages.len(), answers, today)
    }

    /// The same up to the end of the page before `page`.
    pub(super) fn seen_before(&self, page: usize, answers: &Answers, today: Date) -> Seen {
        let mut seen = Seen::default();
        for page in 0..page {
            let applies = self.page_applies(page, answers, &seen, today);
            for slot in self.pages[page].slots.clone() {
                let shown = applies && self.applies(slot, answers, &seen, today);
                let (field, compiled) = (self.field_at(slot), &self.fields[slot]);
                seen.enter(field, compiled, shown, (answers, today, None));
            }
        }
        seen
    }

    pub(super) fn page_applies(
        &self,
        page: usize,
        answers: &Answers,
        seen: &Seen,
        today: Date,
    ) -> bool {
        let scope = Scope { answers, seen, today, outer: None };
        self.pages[page].when.as_ref().is_none_or(|when| when.holds(&scope))
    }

    /// Whether a field of a page that applies is shown: behind an exit nothing is.
    pub(super) fn applies(&self, slot: usize, answers: &Answers, seen: &Seen, today: Date) -> bool {
        let scope = Scope { answers, seen, today, outer: None };
        !seen.has_ended() && self.fields[slot].applies(&scope)
    }
}
