//! A field of the definition as a question on the page.

use std::collections::{BTreeSet, HashMap};

use askama::Template as _;
use domain::calendar::Era;
use domain::forms::definition::{
    Capacity, ChoiceOption, ChoiceStyle, Consent, Field as Defined, FieldKind, FileKind, FileType,
    Furigana, Lang, Lookup, Matrix, NameKind, Number, Procedure, Seats,
};
use domain::forms::display::{date_boxes, rank_box, time_box};
use domain::forms::visible::Drawn;
use domain::forms::{Answers, View, inputs};
use internet_zone_store::procedures::Pool;
use jiff::civil::DateTime;
use platform_web::Catalogue;
use platform_web::fields::{Choice, Field, Need, Problem};

use super::fee::Fee;
use super::rows::Rows;
use super::slots::Slots;
use super::sniff;
use crate::markdown;
use crate::reader;
use crate::shelf::Entry;
use crate::texts::TEXTS;
use crate::urls;

/// A question ready to be drawn.
#[derive(Debug)]
pub(crate) struct Question {
    /// Its words, value and errors.
    pub(crate) field: Field,
    /// How it is drawn.
    pub(crate) shape: Shape,
}

/// How a question is drawn.
#[expect(clippy::large_enum_variant, reason = "a page has a few, each drawn once")]
#[derive(Debug)]
pub(crate) enum Shape {
    /// One line.
    Line,
    /// One line with a unit behind it.
    Unit(String),
    /// Several lines.
    Area,
    /// Parts side by side: a date or a name.
    Parts,
    /// An address with its look-up and the places found.
    Address {
        /// Name of the button that looks up.
        lookup: String,
        /// Places found for a code that has several.
        found: Vec<Found>,
    },
    /// An entry of a list.
    Lookup {
        /// Name of the button that looks for entries.
        find: String,
        /// Entries to choose from.
        found: Vec<Found>,
        /// Said when there are more.
        more: String,
        /// Stored with the entry: names of inputs and their values.
        kept: Vec<(String, String)>,
    },
    /// One choice for each of several rows.
    Matrix,
    /// All options in view, one to choose.
    Radio,
    /// A list to open.
    Select,
    /// All options in view, some to choose.
    Checks,
    /// Files attached so far and a way to add one.
    Files(Vec<Attached>),
    /// A text and a box to agree.
    Consent(String),
    /// A calculated value in words, and the button that works it out.
    Calc(String, String),
    /// A fee, and the button that works it out.
    Fee(Fee, String),
    /// A day and a time of a calendar.
    Slot(Slots),
    /// The rows of a repeating group.
    Rows(Rows),
    /// The form ends here: why, and what to do instead.
    Exit(String),
    /// Text and picture: `(html, picture)`.
    Content(String, Option<(String, String)>),
}

/// A place found for a postal code, or an entry of a list.
#[derive(Debug)]
pub(crate) struct Found {
    /// Value of the button that takes it.
    pub(crate) value: String,
    /// What it is, in words.
    pub(crate) label: String,
}

/// A file attached so far.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Attached {
    /// Identifier.
    pub(crate) id: String,
    /// The question it answers.
    pub(crate) input: String,
    /// Its name.
    pub(crate) name: String,
    /// Its size for people.
    pub(crate) size: String,
    /// Whether its password is still to be given.
    pub(crate) locked: bool,
    /// What will be missing or different when it arrives.
    pub(crate) lines: Vec<String>,
}

impl Attached {
    /// Name and size, then what will be missing or different.
    pub(crate) fn told(&self) -> Vec<String> {
        let named = TEXTS.fill("forms.file_named", &[("name", &self.name), ("size", &self.size)]);
        let notes = self.lines.iter().map(|line| TEXTS.fill("forms.file_line", &[("line", line)]));
        std::iter::once(named).chain(notes).collect()
    }
}

/// What the questions of a page depend on.
pub(crate) struct Asked<'a> {
    /// The procedure.
    pub(crate) entry: &'a Entry,
    /// Everything answered so far, as typed where it is wrong.
    pub(crate) answers: &'a Answers,
    /// What is shown with these answers.
    pub(crate) view: View<'a, 'a>,
    /// Words for what is wrong, by input.
    pub(crate) errors: &'a HashMap<String, String>,
    /// Seats.
    pub(crate) pools: &'a [Pool],
    /// Pools in which the application holds a seat.
    pub(crate) own: &'a [String],
    /// The wall clock in Japan.
    pub(crate) now: DateTime,
    /// Files of the draft.
    pub(crate) files: &'a [Attached],
    /// Places found for a postal code: the field and the places.
    pub(crate) found: Option<(&'a str, &'a [domain::postal::Place<'a>])>,
    /// The look-up field whose list is asked for.
    pub(crate) listed: Option<&'a str>,
}

impl Question {
    /// The question of one field as it stands now.
    pub(crate) fn new(asked: &Asked<'_>, drawn: &Drawn<'_>) -> Self {
        let field = drawn.field;
        let mut base = asked.input(&drawn.name, field.label.ja());
        base.hint = field.hint.ja().to_owned();
        base.need = need(drawn);
        let (shape, field) = match &field.kind {
            FieldKind::Text(_) => (Shape::Line, base.autocomplete(purpose(field, ""))),
            FieldKind::Textarea(area) => {
                base.rows = area.rows;
                (Shape::Area, base)
            }
            FieldKind::Number(number) => number_question(number, base),
            FieldKind::Date(date) => {
                let (shape, mut base) = date_question(asked, (date.era, &DATE_PARTS), field, base);
                if date.time {
                    let time = asked.part(&base.name, inputs::TIME, "forms.part.time");
                    base.parts.push(time.value(time_box(&base.name, asked.answers)).width(8));
                }
                if date.partial {
                    let open = TEXTS.text("forms.partial_hint");
                    base.hint = format!("{} {open}", base.hint).trim_start().to_owned();
                }
                (shape, base)
            }
            FieldKind::Month(month) => {
                date_question(asked, (month.era, &DATE_PARTS[..2]), field, base)
            }
            FieldKind::Time(_) => (Shape::Line, base.width(8)),
            FieldKind::Name(name) => name_question(asked, name, field, base),
            FieldKind::Address(_) => address_question(asked, field, base),
            FieldKind::Phone(_) => {
                (Shape::Line, base.kind("tel").inputmode("tel").autocomplete("tel").width(16))
            }
            FieldKind::Email(_) => {
                (Shape::Line, base.kind("email").inputmode("email").autocomplete("email"))
            }
            FieldKind::CorporateNumber(_) => (Shape::Line, base.inputmode("numeric").width(18)),
            FieldKind::Bank(_) => bank_question(asked, base),
            FieldKind::Choice(choice) => {
                base.choices = choices(asked, drawn);
                base.parts = beside(asked, field, &base.name);
                match choice.style {
                    ChoiceStyle::Radio => (Shape::Radio, base),
                    ChoiceStyle::Select => (Shape::Select, base),
                }
            }
            FieldKind::Multi(multi) if multi.ranked => {
                let parts = ranks(asked, drawn, multi.max);
                (Shape::Parts, base.parts(parts))
            }
            FieldKind::Multi(_) => {
                base.choices = choices(asked, drawn);
                base.parts = beside(asked, field, &base.name);
                (Shape::Checks, base)
            }
            FieldKind::Matrix(matrix) => matrix_question(asked, matrix, base),
            FieldKind::Lookup(lookup) => lookup_question(asked, lookup, base),
            FieldKind::File(file) => file_question(asked, file, base),
            FieldKind::Consent(consent) => consent_question(asked, consent, base),
            FieldKind::Calc(_) => {
                (Shape::Calc(drawn.made.clone(), format!("calc:{}", base.name)), base)
            }
            FieldKind::Fee(_) => {
                let fee = Fee::new(asked.entry.procedure(), drawn.charged.as_ref());
                (Shape::Fee(fee, format!("calc:{}", base.name)), base)
            }
            FieldKind::Slot(kind) => {
                let slots = Slots::new(asked, kind, (&base.name, drawn.required));
                (Shape::Slot(slots), base)
            }
            FieldKind::Repeat(repeat) => (Shape::Rows(Rows::new(asked, drawn, repeat)), base),
            FieldKind::Exit(exit) => (Shape::Exit(markdown::html(exit.body.ja())), base),
            FieldKind::Content(content) => {
                let slug = &asked.entry.procedure().slug;
                let picture = content.picture.as_ref();
                let picture =
                    picture.map(|p| (urls::form_file(slug, &p.file), p.alt.ja().to_owned()));
                (Shape::Content(markdown::html(content.body.ja()), picture), base)
            }
        };
        Self { field: Field { waits: drawn.waits, ..field }, shape }
    }

    /// Lines for the error summary.
    pub(crate) fn problems(&self) -> Vec<Problem> {
        if self.field.waits {
            return Vec::new();
        }
        let mut all = self.field.problems();
        if let Shape::Rows(rows) = &self.shape {
            let questions = rows.rows.iter().flat_map(|row| &row.questions);
            all.extend(questions.flat_map(Self::problems));
        }
        all
    }
}

impl Asked<'_> {
    /// An input with its value and error.
    fn input(&self, name: &str, label: &str) -> Field {
        Field::new(name, label)
            .value(self.answers.first(name).unwrap_or_default())
            .error(self.errors.get(name).map(String::as_str))
    }

    /// The words for what is wrong with an input; empty when nothing is.
    pub(super) fn error(&self, name: &str) -> &str {
        self.errors.get(name).map_or("", String::as_str)
    }

    fn part(&self, id: &str, part: &str, key: &str) -> Field {
        self.input(&format!("{id}.{part}"), TEXTS.text(key))
    }
}

fn need(drawn: &Drawn<'_>) -> Need {
    use FieldKind::{Calc, Content, Exit, Fee};
    if matches!(drawn.field.kind, Content(_) | Calc(_) | Fee(_) | Exit(_)) {
        Need::Unmarked
    } else if drawn.required {
        Need::Required
    } else {
        Need::Optional
    }
}

#[derive(askama::Template)]
#[template(path = "forms/made.html")]
struct Made<'a> {
    t: &'static Catalogue,
    label: &'a str,
    value: &'a str,
    fee: Option<Fee>,
}

/// What is worked out on a page: names of its questions, and what stands there, as HTML.
pub(crate) fn worked_out(procedure: &Procedure, fields: &[Drawn<'_>]) -> Vec<(String, String)> {
    let made = |drawn: &Drawn<'_>| {
        let fee = match drawn.field.kind {
            FieldKind::Fee(_) => Some(Fee::new(procedure, drawn.charged.as_ref())),
            FieldKind::Calc(_) => None,
            _ => return None,
        };
        let (label, value) = (drawn.field.label.ja(), drawn.made.as_str());
        let html = Made { t: &TEXTS, label, value, fee }.render().ok()?;
        Some((drawn.name.clone(), html.trim().to_owned()))
    };
    fields.iter().filter_map(made).collect()
}

/// What a browser may fill in, from the shared meaning of the field (WCAG 1.3.5).
fn purpose(field: &Defined, part: &str) -> &'static str {
    match (field.reuse.as_deref(), part) {
        (Some("person.name"), "family") => "family-name",
        (Some("person.name"), "given") => "given-name",
        (Some("person.address"), "postal") => "postal-code",
        (Some("person.address"), "prefecture") => "address-level1",
        (Some("person.address"), "city") => "address-level2",
        (Some("person.address"), "town") => "address-line1",
        (Some("person.address"), "building") => "address-line2",
        (Some("person.organization"), "") => "organization",
        (Some("person.birth"), "year") => "bday-year",
        (Some("person.birth"), "month") => "bday-month",
        (Some("person.birth"), "day") => "bday-day",
        _ => "",
    }
}

fn number_question(number: &Number, base: Field) -> (Shape, Field) {
    let mode = if number.decimals == 0 { "numeric" } else { "decimal" };
    (Shape::Unit(number.unit.ja().to_owned()), base.inputmode(mode).width(12))
}

/// Parts of a day, their words and widths.
const DATE_PARTS: [(&str, &str, u32); 3] = [
    ("year", "forms.part.year", 4),
    ("month", "forms.part.month", 2),
    ("day", "forms.part.day", 2),
];

fn date_question(
    asked: &Asked<'_>,
    (with_era, wanted): (bool, &[(&str, &str, u32)]),
    defined: &Defined,
    base: Field,
) -> (Shape, Field) {
    let id = base.name.clone();
    let boxes = date_boxes(&id, asked.answers);
    let mut parts = Vec::new();
    // Eras are for who reads Japanese; one that is chosen already stays.
    let reads_eras = matches!(reader::lang(), Lang::Ja | Lang::Easy) || !boxes.era.is_empty();
    if with_era && reads_eras {
        let mut era = asked.part(&id, "era", "forms.part.era").kind("select");
        era.choices = std::iter::once(Choice::new("", TEXTS.text("forms.part.western")))
            .chain(Era::ALL.into_iter().map(|era| Choice::new(era.key(), era.name())))
            .map(|choice| choice.among([boxes.era.as_str()]))
            .collect();
        parts.push(era);
    }
    for ((part, key, width), value) in wanted.iter().zip([boxes.year, boxes.month, boxes.day]) {
        let field = asked.part(&id, part, key).inputmode("numeric").width(*width);
        parts.push(field.value(value).autocomplete(purpose(defined, part)));
    }
    (Shape::Parts, base.parts(parts))
}

fn name_question(
    asked: &Asked<'_>,
    kind: &NameKind,
    field: &Defined,
    base: Field,
) -> (Shape, Field) {
    let id = base.name.clone();
    let part = |part: &str, key: &str| {
        asked.part(&id, part, key).autocomplete(purpose(field, part)).width(12)
    };
    let mut parts = vec![part("family", "forms.part.family"), part("given", "forms.part.given")];
    match kind.furigana {
        Furigana::Required | Furigana::Optional => {
            parts.push(part("family_kana", "forms.part.family_kana"));
            parts.push(part("given_kana", "forms.part.given_kana"));
        }
        Furigana::None => {}
    }
    if kind.single {
        let mut single = asked.part(&id, "single", "forms.part.single").kind("checkbox");
        let yes = single.value == "yes";
        single.choices =
            vec![Choice { chosen: yes, ..Choice::new("yes", TEXTS.text("forms.part.single")) }];
        parts.push(single);
    }
    (Shape::Parts, base.parts(parts))
}

fn address_question(asked: &Asked<'_>, field: &Defined, base: Field) -> (Shape, Field) {
    let id = base.name.clone();
    let part =
        |part: &str, key: &str| asked.part(&id, part, key).autocomplete(purpose(field, part));
    let parts = vec![
        part("postal", "forms.part.postal").inputmode("numeric").width(10),
        part("prefecture", "forms.part.prefecture").width(10),
        part("city", "forms.part.city").width(20),
        part("town", "forms.part.town"),
        part("building", "forms.part.building"),
    ];
    let found = asked.found.filter(|(of, _)| *of == id).map_or_else(Vec::new, |(_, places)| {
        (0..)
            .zip(places)
            .map(|(n, place): (usize, _)| Found {
                value: format!("place:{id}:{n}"),
                label: format!("{}{}{}", place.prefecture, place.city, place.town),
            })
            .collect()
    });
    (Shape::Address { lookup: format!("postal:{id}"), found }, base.parts(parts))
}

fn bank_question(asked: &Asked<'_>, base: Field) -> (Shape, Field) {
    let id = base.name.clone();
    let part = |part: &str, key: &str| asked.part(&id, part, key);
    let code = |name: &str, key: &str, width| part(name, key).inputmode("numeric").width(width);
    let mut account = part("account", "forms.part.account").kind("select");
    let chosen = account.value.clone();
    let kinds = [
        ("", "forms.part.account_none"),
        ("ordinary", "forms.part.account_ordinary"),
        ("checking", "forms.part.account_checking"),
        ("savings", "forms.part.account_savings"),
    ];
    account.choices = kinds
        .map(|(value, key)| Choice::new(value, TEXTS.text(key)).among([chosen.as_str()]))
        .into();
    let parts = vec![
        part("bank_name", "forms.part.bank_name").width(20),
        code("bank", "forms.part.bank", 6),
        part("branch_name", "forms.part.branch_name").width(20),
        code("branch", "forms.part.branch", 6),
        account,
        code("number", "forms.part.number", 10),
        code("yucho_symbol", "forms.part.yucho_symbol", 8),
        code("yucho_number", "forms.part.yucho_number", 12),
        part("holder", "forms.part.holder"),
    ];
    (Shape::Parts, base.parts(parts))
}

fn matrix_question(asked: &Asked<'_>, matrix: &Matrix, base: Field) -> (Shape, Field) {
    let parts = matrix.rows.iter().map(|row| {
        let mut part = asked.input(&format!("{}.{}", base.name, row.id), row.label.ja());
        let options = matrix.options.iter();
        part.choices = options
            .map(|option| Choice::new(&option.code, option.label.ja()).among([part.value.as_str()]))
            .collect();
        part
    });
    let parts = parts.collect();
    (Shape::Matrix, base.parts(parts))
}

/// The entries are shown when they are asked for, and when what was typed is not on the list.
fn lookup_question(asked: &Asked<'_>, lookup: &Lookup, base: Field) -> (Shape, Field) {
    let id = base.name.clone();
    let kept = lookup.keep.iter().map(|column| format!("{id}.{column}"));
    let kept = kept.map(|name| {
        let value = asked.answers.first(&name).unwrap_or_default().to_owned();
        (name, value)
    });
    let wanted = asked.listed == Some(id.as_str()) || !base.error.is_empty();
    let entries = asked.view.entries(&id).filter(|_| wanted);
    let (mut found, mut more) = (Vec::new(), String::new());
    if let Some(entries) = entries {
        let beyond = entries.all - entries.entries.len();
        if beyond > 0 {
            more = TEXTS.fill("forms.list_more", &[("count", &beyond)]);
        }
        found = entries
            .entries
            .into_iter()
            .map(|entry| Found { value: format!("pick:{id}:{}", entry.row), label: entry.label })
            .collect();
    }
    let find = if lookup.secret { String::new() } else { format!("find:{id}") };
    (Shape::Lookup { find, found, more, kept: kept.collect() }, base)
}

/// The box beside an option in which somebody writes what is meant.
fn beside(asked: &Asked<'_>, field: &Defined, name: &str) -> Vec<Field> {
    let Some(code) = inputs::other(field) else { return Vec::new() };
    let Some(option) = inputs::options(field).iter().find(|option| option.code == code) else {
        return Vec::new();
    };
    let label = TEXTS.fill("forms.part.other", &[("option", &option.label.ja())]);
    vec![asked.input(&format!("{name}.{}", inputs::OTHER), &label)]
}

/// A rank for each option that is offered.
fn ranks(asked: &Asked<'_>, drawn: &Drawn<'_>, most: Option<u32>) -> Vec<Field> {
    let count = drawn.offered.len();
    let most = most.map_or(count, |most| count.min(most as usize));
    let rank = |option: &&ChoiceOption| {
        let now = rank_box(&drawn.name, &option.code, asked.answers);
        let none = Choice::new("", TEXTS.text("forms.part.no_rank"));
        let all = (1..=most)
            .map(|n| Choice::new(n.to_string(), TEXTS.fill("forms.part.rank", &[("rank", &n)])));
        let choices = std::iter::once(none).chain(all).map(|one| one.among([now.as_str()]));
        let part = asked.input(&format!("{}.{}", drawn.name, option.code), option.label.ja());
        part.kind("select").choices(choices.collect())
    };
    drawn.offered.iter().map(rank).collect()
}

fn choices(asked: &Asked<'_>, drawn: &Drawn<'_>) -> Vec<Choice> {
    let chosen = asked.answers.get(&drawn.name).unwrap_or_default();
    let is = |all: &[&ChoiceOption], option: &ChoiceOption| {
        all.iter().any(|one| one.code == option.code)
    };
    let options = inputs::options(drawn.field).iter();
    let on_page = options.filter_map(|option| {
        let waits = is(&drawn.waiting, option);
        let one = (waits || is(&drawn.offered, option)).then_some(option)?;
        Some(Choice { waits, ..choice(asked, drawn.field, one, chosen) })
    });
    on_page.collect()
}

fn choice(asked: &Asked<'_>, field: &Defined, option: &ChoiceOption, chosen: &[String]) -> Choice {
    let pool = format!("{}.{}", field.id, option.code);
    let pool = asked.pools.iter().find(|found| found.pool == pool);
    let mut choice =
        Choice::new(&option.code, option.label.ja()).among(chosen.iter().map(String::as_str));
    choice.hint = option.hint.ja().to_owned();
    if let (Some(pool), Some(capacity)) = (pool, &option.capacity) {
        let own = asked.own.contains(&pool.pool);
        // What was chosen before is sent again, so that the answer is that it is full: a browser sends
        // nothing that is disabled.
        choice.disabled = !own && !choice.chosen && pool.is_full() && !pool.may_wait();
        if let Some(words) = seats(asked, pool, capacity) {
            // A list that folds shows no help.
            if pool.is_full() && folds(field) {
                choice.label = format!("{}　{words}", choice.label);
            }
            let gap = if choice.hint.is_empty() { "" } else { "　" };
            choice.hint = format!("{}{gap}{words}", choice.hint);
        }
    }
    choice
}

fn folds(field: &Defined) -> bool {
    matches!(&field.kind, FieldKind::Choice(choice) if choice.style == ChoiceStyle::Select)
}

/// What is said about the seats, as the procedure wishes (NF-49); nothing is full for who has a seat there.
pub(super) fn seats(asked: &Asked<'_>, pool: &Pool, capacity: &Capacity) -> Option<String> {
    let own = asked.own.contains(&pool.pool);
    if pool.is_unlimited() || (own && pool.is_full()) {
        return None;
    }
    let left = (pool.capacity - pool.taken).max(0);
    if pool.is_full() && pool.may_wait() {
        return Some(TEXTS.fill("forms.seats.full_wait", &[("waiting", &pool.waiting)]));
    }
    if pool.is_full() {
        return Some(TEXTS.text("forms.seats.full").to_owned());
    }
    match capacity.show {
        Seats::None | Seats::Full => None,
        Seats::Left => Some(TEXTS.fill("forms.seats.left", &[("left", &left)])),
        Seats::Few => {
            let few = left * 10 <= pool.capacity || left <= 3;
            few.then(|| TEXTS.text("forms.seats.few").to_owned())
        }
    }
}

fn file_question(asked: &Asked<'_>, file: &FileKind, base: Field) -> (Shape, Field) {
    let base = file_input(file, base);
    let mine = asked.files.iter().filter(|attached| attached.input == base.name).cloned().collect();
    (Shape::Files(mine), base)
}

/// An input for files, with what it takes.
pub(crate) fn file_input(file: &FileKind, mut base: Field) -> Field {
    let kinds = if file.types.is_empty() { &FileType::ALL[..] } else { &file.types[..] };
    let unique: BTreeSet<_> = kinds.iter().copied().collect();
    base.accept = unique.iter().map(|kind| sniff::endings(*kind)).collect::<Vec<_>>().join(",");
    base.multiple = file.max > 1;
    let names: Vec<&str> = unique.iter().map(|kind| TEXTS.text(sniff::name_key(*kind))).collect();
    let rules = TEXTS.fill(
        "forms.file_rules",
        &[
            ("kinds", &names.join(TEXTS.text("forms.list_separator"))),
            ("max_mb", &file.told_mb()),
            ("max", &file.max),
        ],
    );
    let gap = if base.hint.is_empty() { "" } else { "\n" };
    base.hint = format!("{}{gap}{rules}", base.hint);
    base
}

fn consent_question(asked: &Asked<'_>, consent: &Consent, mut base: Field) -> (Shape, Field) {
    let agreed = asked.answers.first(&base.name) == Some("yes");
    base.choices = vec![Choice { chosen: agreed, ..Choice::new("yes", consent.agree.ja()) }];
    (Shape::Consent(markdown::html(consent.text.ja())), base)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// NF-56: an older document may allow a larger file than can cross; its page does not promise that.
    #[test]
    fn no_larger_file_is_promised_than_can_cross() {
        let hint = |max_mb: u32| {
            let kind = FileKind { max_mb, ..FileKind::default() };
            file_input(&kind, Field::new("q", "書類")).hint
        };
        assert!(hint(100).contains("1ファイル50MBまで"), "{}", hint(100));
        assert!(hint(10).contains("1ファイル10MBまで"), "{}", hint(10));
    }
}
