//! A field of the definition as a question of a page of staff: where a clerk types what came on
//! paper, and where the designer shows the form as the citizen sees it.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use domain::calendar::Era;
use domain::forms::definition::{
    Capacity, ChoiceOption, ChoiceStyle, Consent, Content, Field as Defined, FieldKind, FileKind,
    FileType, Furigana, Lang, Lookup, Matrix, NameKind, Number, Seats, SlotKind,
};
use domain::forms::display::{Charged, date_boxes, rank_box, time_box};
use domain::forms::visible::{Drawn, DrawnRow};
use domain::forms::{Answers, Opening, View, inputs};
use platform_web::fields::{Choice, Field, Need, Problem};
use platform_web::markdown;

use crate::forms::words::type_key;
use crate::site::TEXTS;

/// A question ready to be drawn.
pub(crate) struct Question {
    /// Its words, value and errors.
    pub(crate) field: Field,
    /// How it is drawn.
    pub(crate) shape: Shape,
    /// Why it is taken although the rules do not; `None` where nobody is asked.
    pub(crate) reason: Option<String>,
}

/// How a question is drawn.
pub(crate) enum Shape {
    /// One line.
    Line,
    /// One line with a unit behind it, which may be empty.
    Unit(String),
    /// One line of a list: the entries that fit as button value and words, and what is stored
    /// beside the entry.
    Listed(Vec<(String, String)>, Vec<(String, String)>),
    /// Several lines.
    Area,
    /// Parts side by side.
    Parts,
    /// The same choice for each row.
    Matrix,
    /// All options in view, one to choose.
    Radio,
    /// A list to open.
    Select,
    /// All options in view, some to choose.
    Checks,
    /// Scans added so far, `(id, name)`, and a way to add one.
    Files(Vec<(String, String)>),
    /// A box under a text, as HTML.
    Consent(String),
    /// A value the server works out.
    Made(String),
    /// A fee the server works out.
    Fee(Charged),
    /// The rows of a repeating group, and the value of the button that adds one.
    Rows(Vec<Row>, String),
    /// Where the form ends, as HTML.
    Exit(String),
    /// Text alone, as HTML, and a picture: its address and its words (NF-51).
    Content(String, Option<(String, String)>),
}

/// One row of a repeating group.
pub(crate) struct Row {
    /// Its key in the names of inputs.
    pub(crate) key: String,
    /// Its heading.
    pub(crate) title: String,
    /// Its questions.
    pub(crate) questions: Vec<Question>,
    /// Value of the button that removes it.
    pub(crate) remove: String,
}

/// What the questions of a page depend on.
pub(crate) struct Asked<'a> {
    /// Everything answered so far, as typed where it is wrong.
    pub(crate) answers: &'a Answers,
    /// What is shown with these answers.
    pub(crate) view: View<'a, 'a>,
    /// Words for what is wrong, by input.
    pub(crate) errors: &'a HashMap<String, String>,
    /// What the page is for.
    pub(crate) purpose: Purpose<'a>,
}

/// What a page with questions is for.
pub(crate) enum Purpose<'a> {
    /// A clerk types what came on paper.
    Entry(Entry<'a>),
    /// Staff answer questions of their own, among which there are no files and no seats.
    Desk,
    /// The form as the citizen sees it. Nothing is kept, so a file is only said to be there.
    Preview {
        /// Address under which the files of the form are shown.
        files: &'a str,
    },
}

/// What entering a form on paper has beside the form.
pub(crate) struct Entry<'a> {
    /// Fields that may be taken with a reason.
    pub(crate) excusable: &'a BTreeSet<String>,
    /// Reasons given so far, by field.
    pub(crate) reasons: &'a BTreeMap<String, String>,
    /// Scans: field, id, name.
    pub(crate) files: &'a [(String, String, String)],
}

impl Question {
    /// The question of one field as it stands now.
    pub(crate) fn new(asked: &Asked<'_>, drawn: &Drawn<'_>) -> Self {
        let (shape, field) = shaped(asked, drawn);
        let id = drawn.field.id.as_str();
        let reason = match &asked.purpose {
            Purpose::Entry(entry) if drawn.name == id => {
                let asks = entry.excusable.contains(id);
                entry.reasons.get(id).cloned().or_else(|| asks.then(String::new))
            }
            Purpose::Entry(_) | Purpose::Desk | Purpose::Preview { .. } => None,
        };
        Self { field, shape, reason }
    }

    /// Lines for the error summary.
    pub(crate) fn problems(&self) -> Vec<Problem> {
        let mut all = self.field.problems();
        if let Shape::Rows(rows, _) = &self.shape {
            all.extend(rows.iter().flat_map(|row| &row.questions).flat_map(Self::problems));
        }
        all
    }
}

impl Asked<'_> {
    fn input(&self, name: &str, label: &str) -> Field {
        Field::new(name, label)
            .value(self.answers.first(name).unwrap_or_default())
            .error(self.errors.get(name).map(String::as_str))
    }

    fn part(&self, id: &str, part: &str, width: u32) -> Field {
        let key = format!("forms.part.{part}");
        self.input(&format!("{id}.{part}"), TEXTS.text(&key)).width(width)
    }
}

fn shaped(asked: &Asked<'_>, drawn: &Drawn<'_>) -> (Shape, Field) {
    let field = drawn.field;
    let mut base = asked.input(&drawn.name, field.label.ja()).hint(field.hint.ja());
    base.need = need(drawn);
    match &field.kind {
        FieldKind::Text(_) => (Shape::Line, base),
        FieldKind::Textarea(area) => {
            base.rows = area.rows;
            (Shape::Area, base)
        }
        FieldKind::Number(number) => numbered(number, base),
        FieldKind::Date(date) => {
            let (shape, mut base) = dated(asked, (date.era, &["year", "month", "day"]), base);
            if date.time {
                let time = time_box(&base.name, asked.answers);
                base.parts.push(asked.part(&base.name, inputs::TIME, 8).value(time));
            }
            if date.partial {
                let open = TEXTS.text("forms.partial_hint");
                base.hint = format!("{} {open}", base.hint).trim_start().to_owned();
            }
            (shape, base)
        }
        FieldKind::Month(month) => dated(asked, (month.era, &["year", "month"]), base),
        FieldKind::Time(_) => (Shape::Line, base.width(8)),
        FieldKind::Name(name) => named(asked, name, base),
        FieldKind::Address(_) => {
            let parts =
                [("postal", 10), ("prefecture", 10), ("city", 20), ("town", 0), ("building", 0)];
            parted(asked, &parts, base)
        }
        FieldKind::Phone(_) => (Shape::Line, base.kind("tel").width(16)),
        FieldKind::Email(_) => (Shape::Line, base.kind("email")),
        FieldKind::CorporateNumber(_) => (Shape::Line, base.inputmode("numeric").width(18)),
        FieldKind::Bank(_) => banked(asked, base),
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
        FieldKind::Matrix(matrix) => rowed(asked, matrix, base),
        FieldKind::Lookup(lookup) => listed(asked, lookup, base),
        FieldKind::File(file) => filed(asked, file, base),
        FieldKind::Consent(consent) => agreed(consent, base),
        FieldKind::Calc(_) => (Shape::Made(drawn.made.clone()), base),
        FieldKind::Slot(kind) => {
            base.choices = openings(asked, kind, &base);
            (Shape::Select, base)
        }
        FieldKind::Fee(_) => {
            let nothing = Charged { lines: Vec::new(), total: String::new(), is_free: false };
            (Shape::Fee(drawn.charged.clone().unwrap_or(nothing)), base)
        }
        FieldKind::Repeat(_) => rows(asked, drawn, base),
        FieldKind::Exit(exit) => (Shape::Exit(markdown::html(exit.body.ja())), base),
        FieldKind::Content(content) => {
            let html = markdown::html(content.body.ja());
            (Shape::Content(html, pictured(asked, content)), base)
        }
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

fn numbered(number: &Number, base: Field) -> (Shape, Field) {
    let mode = if number.decimals == 0 { "numeric" } else { "decimal" };
    (Shape::Unit(number.unit.ja().to_owned()), base.inputmode(mode).width(12))
}

fn dated(asked: &Asked<'_>, (era, wanted): (bool, &[&str]), base: Field) -> (Shape, Field) {
    let id = base.name.clone();
    let boxes = date_boxes(&id, asked.answers);
    let mut parts = Vec::new();
    if era {
        let western = Choice::new("", TEXTS.text("forms.part.western"));
        let mut eras = asked.part(&id, "era", 8);
        eras.choices = std::iter::once(western)
            .chain(Era::ALL.into_iter().map(|era| Choice::new(era.key(), era.name())))
            .map(|choice| choice.among([boxes.era.as_str()]))
            .collect();
        parts.push(eras);
    }
    for (part, value) in wanted.iter().zip([boxes.year, boxes.month, boxes.day]) {
        let width = if *part == "year" { 4 } else { 2 };
        parts.push(asked.part(&id, part, width).inputmode("numeric").value(value));
    }
    (Shape::Parts, base.parts(parts))
}

fn named(asked: &Asked<'_>, kind: &NameKind, base: Field) -> (Shape, Field) {
    let id = base.name.clone();
    let (shape, mut field) = match kind.furigana {
        Furigana::Required | Furigana::Optional => {
            let all = [("family", 12), ("given", 12), ("family_kana", 12), ("given_kana", 12)];
            parted(asked, &all, base)
        }
        Furigana::None => parted(asked, &[("family", 12), ("given", 12)], base),
    };
    if kind.single {
        let single = asked.part(&id, "single", 0).kind("checkbox");
        let yes = Choice { chosen: single.value == "yes", ..Choice::new("yes", &single.label) };
        field.parts.push(Field { choices: vec![yes], ..single });
    }
    (shape, field)
}

fn parted(asked: &Asked<'_>, parts: &[(&str, u32)], base: Field) -> (Shape, Field) {
    let id = base.name.clone();
    let parts = parts.iter().map(|(part, width)| asked.part(&id, part, *width)).collect();
    (Shape::Parts, base.parts(parts))
}

fn banked(asked: &Asked<'_>, base: Field) -> (Shape, Field) {
    let parts = [
        ("bank_name", 20),
        ("bank", 6),
        ("branch_name", 20),
        ("branch", 6),
        ("account", 8),
        ("number", 10),
        ("yucho_symbol", 8),
        ("yucho_number", 12),
        ("holder", 0),
    ];
    let (shape, mut field) = parted(asked, &parts, base);
    for account in field.parts.iter_mut().filter(|part| part.name.ends_with(".account")) {
        let now = account.value.clone();
        account.choices = ["none", "ordinary", "checking", "savings"]
            .into_iter()
            .map(|kind| {
                let key = format!("forms.part.account_{kind}");
                let value = if kind == "none" { "" } else { kind };
                Choice::new(value, TEXTS.text(&key)).among([now.as_str()])
            })
            .collect();
    }
    (shape, field)
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
    let choice = |option: &&ChoiceOption| {
        let one = Choice::new(&option.code, option.label.ja());
        let mut one = one.among(chosen.iter().map(String::as_str));
        one.hint = option.hint.ja().to_owned();
        let seats = match asked.purpose {
            // Seats are counted where citizens apply.
            Purpose::Entry(_) | Purpose::Desk => None,
            Purpose::Preview { .. } => option.capacity.as_ref().and_then(seats),
        };
        if let Some(seats) = seats {
            let gap = if one.hint.is_empty() { "" } else { "　" };
            one.hint = format!("{}{gap}{seats}", one.hint);
        }
        one
    };
    drawn.offered.iter().map(choice).collect()
}

/// Every day and time from today on; seats are counted where citizens apply.
fn openings(asked: &Asked<'_>, kind: &SlotKind, base: &Field) -> Vec<Choice> {
    let ahead = asked.view.openings(&base.name);
    // What was chosen stays to be seen and sent, though it is past.
    let taken = Opening::parse(&base.value).filter(|taken| !ahead.contains(taken));
    let ahead = taken.into_iter().chain(ahead);
    let choice = |opening: Opening| {
        let told = opening.told(kind.minutes, Lang::Ja);
        Choice::new(opening.code(), told).among([base.value.as_str()])
    };
    ahead.map(choice).collect()
}

/// What is said about the seats while nobody has one.
fn seats(capacity: &Capacity) -> Option<String> {
    match capacity.show {
        Seats::None | Seats::Full | Seats::Few => None,
        Seats::Left => Some(TEXTS.fill("forms.seats.left", &[("left", &capacity.max)])),
    }
}

fn rowed(asked: &Asked<'_>, matrix: &Matrix, base: Field) -> (Shape, Field) {
    let parts = matrix.rows.iter().map(|row| {
        let part = asked.input(&format!("{}.{}", base.name, row.id), row.label.ja());
        let options = matrix.options.iter();
        let choices = options.map(|option| {
            Choice::new(&option.code, option.label.ja()).among([part.value.as_str()])
        });
        Field { choices: choices.collect(), ..part }
    });
    let parts = parts.collect();
    (Shape::Matrix, base.parts(parts))
}

fn filed(asked: &Asked<'_>, file: &FileKind, mut base: Field) -> (Shape, Field) {
    match &asked.purpose {
        Purpose::Entry(entry) => {
            base.multiple = file.max > 1;
            base.accept = ".pdf,.jpg,.jpeg,.png".to_owned();
            let own = entry.files.iter().filter(|(of, _, _)| *of == base.name);
            (Shape::Files(own.map(|(_, id, name)| (id.clone(), name.clone())).collect()), base)
        }
        Purpose::Desk => (Shape::Files(Vec::new()), base),
        Purpose::Preview { .. } => {
            let rules = file_rules(file);
            let gap = if base.hint.is_empty() { "" } else { "\n" };
            base.hint = format!("{}{gap}{rules}", base.hint);
            let chosen = !asked.answers.get(&base.name).unwrap_or_default().is_empty();
            let as_if = Choice::new("sample", TEXTS.text("design.preview.as_if"));
            base.choices = vec![Choice { chosen, ..as_if }];
            (Shape::Checks, base)
        }
    }
}

/// Which files a question takes, in words.
fn file_rules(file: &FileKind) -> String {
    let all = if file.types.is_empty() { &FileType::ALL[..] } else { &file.types[..] };
    let names: Vec<&str> = all.iter().map(|kind| TEXTS.text(type_key(*kind))).collect();
    let kinds = names.join(TEXTS.text("forms.list_separator"));
    let args: [(&str, &dyn std::fmt::Display); 3] =
        [("kinds", &kinds), ("max_mb", &file.told_mb()), ("max", &file.max)];
    TEXTS.fill("forms.file_rules", &args)
}

/// The entries are shown when what was typed is not on the list.
fn listed(asked: &Asked<'_>, lookup: &Lookup, base: Field) -> (Shape, Field) {
    let wanted = !base.error.is_empty() && !lookup.secret;
    let entries = asked.view.entries(&base.name).filter(|_| wanted);
    let found = entries.into_iter().flat_map(|entries| entries.entries);
    let button = |row| format!("pick:{}:{row}", base.name);
    let found = found.map(|entry| (button(entry.row), entry.label)).collect();
    let kept = lookup.keep.iter().map(|column| {
        let name = format!("{}.{column}", base.name);
        let value = asked.answers.first(&name).unwrap_or_default().to_owned();
        (name, value)
    });
    (Shape::Listed(found, kept.collect()), base)
}

fn agreed(consent: &Consent, mut base: Field) -> (Shape, Field) {
    let chosen = base.value == "yes";
    base.choices = vec![Choice { chosen, ..Choice::new("yes", consent.agree.ja()) }];
    (Shape::Consent(markdown::html(consent.text.ja())), base)
}

/// The picture of a text; who types from paper has it there.
fn pictured(asked: &Asked<'_>, content: &Content) -> Option<(String, String)> {
    let Purpose::Preview { files } = asked.purpose else { return None };
    let picture = content.picture.as_ref()?;
    Some((format!("{files}/{}", picture.file), picture.alt.ja().to_owned()))
}

fn rows(asked: &Asked<'_>, drawn: &Drawn<'_>, base: Field) -> (Shape, Field) {
    let group = &drawn.name;
    let row = |(n, row): (usize, &DrawnRow<'_>)| Row {
        key: row.key.clone(),
        title: row.title.clone(),
        questions: row.fields.iter().map(|field| Question::new(asked, field)).collect(),
        remove: format!("row:remove:{group}:{n}"),
    };
    let add = format!("row:add:{group}:{}", drawn.rows.len());
    (Shape::Rows(drawn.rows.iter().enumerate().map(row).collect(), add), base)
}

/// Ids of the fields that are in view.
pub(crate) fn in_view(questions: &[Question]) -> BTreeSet<String> {
    questions.iter().map(|question| question.field.name.clone()).collect()
}

/// Whether a field asks for files.
pub(crate) fn is_file(field: &Defined) -> bool {
    matches!(field.kind, FieldKind::File(_))
}
