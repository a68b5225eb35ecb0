//! A question as the citizen sees it: the same boxes, words and marks as on the citizens' pages,
//! through the same view of the form (`domain::forms::visible`) and the same macros.

use std::collections::HashMap;

use domain::calendar::Era;
use domain::forms::Answers;
use domain::forms::definition::{
    Capacity, ChoiceOption, ChoiceStyle, FieldKind, FileKind, FileType, Furigana, Matrix, Seats,
};
use domain::forms::display::date_boxes;
use domain::forms::visible::Drawn;
use platform_web::fields::{Choice, Field, Need};
use platform_web::markdown;

use crate::site::TEXTS;

/// A question ready to be drawn.
pub(super) struct Question {
    pub(super) field: Field,
    pub(super) shape: Shape,
}

/// How a question is drawn.
pub(super) enum Shape {
    Line,
    Unit(String),
    Area,
    Parts,
    Radio,
    Select,
    Checks,
    /// A box that says a file is attached: nothing is uploaded in a preview.
    File,
    Consent(String),
    Calc(String),
    Rows(Vec<Row>),
    Exit(String),
    Content(String),
    Matrix,
}

/// One row of a group.
pub(super) struct Row {
    pub(super) key: String,
    pub(super) title: String,
    pub(super) questions: Vec<Question>,
}

/// What the questions of a page depend on.
pub(super) struct Asked<'a> {
    pub(super) answers: &'a Answers,
    /// Words for what is wrong, by input.
    pub(super) errors: &'a HashMap<String, String>,
}

/// Parts of a day with their widths.
const DAY: [(&str, u32); 3] = [("year", 4), ("month", 2), ("day", 2)];
/// Parts of an address with their widths; 0 is the whole line.
const ADDRESS: [(&str, u32); 5] =
    [("postal", 10), ("prefecture", 10), ("city", 20), ("town", 0), ("building", 0)];
/// Parts of an account with their widths.
const BANK: [(&str, u32); 8] = [
    ("bank_name", 20),
    ("bank", 6),
    ("branch_name", 20),
    ("branch", 6),
    ("number", 10),
    ("yucho_symbol", 8),
    ("yucho_number", 12),
    ("holder", 0),
];

impl Asked<'_> {
    fn input(&self, name: &str, label: &str) -> Field {
        Field::new(name, label)
            .value(self.answers.first(name).unwrap_or_default())
            .error(self.errors.get(name).map(String::as_str))
    }

    fn part(&self, id: &str, part: &str, width: u32) -> Field {
        let label = TEXTS.text(&format!("forms.part.{part}")).to_owned();
        self.input(&format!("{id}.{part}"), &label).width(width)
    }

    /// The question of one field as it stands now.
    pub(super) fn question(&self, drawn: &Drawn<'_>) -> Question {
        let defined = drawn.field;
        let mut base = self.input(&drawn.name, defined.label.ja());
        base.hint = defined.hint.ja().to_owned();
        base.need = need(drawn);
        let (shape, field) = match &defined.kind {
            FieldKind::Text(_) | FieldKind::Lookup(_) => (Shape::Line, base),
            FieldKind::Textarea(area) => {
                base.rows = area.rows;
                (Shape::Area, base)
            }
            FieldKind::Number(number) => (Shape::Unit(number.unit.ja().to_owned()), base.width(12)),
            FieldKind::Date(day) => self.day(base, day.era, &DAY),
            FieldKind::Month(month) => self.day(base, month.era, &DAY[..2]),
            FieldKind::Time(_) => (Shape::Line, base.width(8)),
            FieldKind::Name(name) => {
                let kana: &[&str] = match name.furigana {
                    Furigana::Required | Furigana::Optional => &["family_kana", "given_kana"],
                    Furigana::None => &[],
                };
                let parts = ["family", "given"].iter().chain(kana);
                let parts = parts.map(|part| self.part(&drawn.name, part, 12)).collect();
                (Shape::Parts, base.parts(parts))
            }
            FieldKind::Address(_) => self.boxes(base, &ADDRESS),
            FieldKind::Bank(_) => self.boxes(base, &BANK),
            FieldKind::Phone(_) => (Shape::Line, base.kind("tel").width(16)),
            FieldKind::Email(_) => (Shape::Line, base.kind("email")),
            FieldKind::CorporateNumber(_) => (Shape::Line, base.width(18)),
            FieldKind::Choice(choice) => {
                base.choices = self.choices(drawn);
                match choice.style {
                    ChoiceStyle::Radio => (Shape::Radio, base),
                    ChoiceStyle::Select => (Shape::Select, base),
                }
            }
            FieldKind::Multi(_) => {
                base.choices = self.choices(drawn);
                (Shape::Checks, base)
            }
            FieldKind::Matrix(matrix) => self.matrix(base, matrix),
            FieldKind::File(file) => self.file(base, file),
            FieldKind::Consent(consent) => {
                let agreed = self.answers.first(&base.name) == Some("yes");
                let agree = Choice::new("yes", consent.agree.ja());
                base.choices = vec![Choice { chosen: agreed, ..agree }];
                (Shape::Consent(markdown::html(consent.text.ja())), base)
            }
            FieldKind::Calc(_) => (Shape::Calc(drawn.made.clone()), base),
            FieldKind::Repeat(_) => {
                let rows = drawn.rows.iter().map(|row| Row {
                    key: row.key.clone(),
                    title: row.title.clone(),
                    questions: row.fields.iter().map(|field| self.question(field)).collect(),
                });
                (Shape::Rows(rows.collect()), base)
            }
            FieldKind::Exit(exit) => (Shape::Exit(markdown::html(exit.body.ja())), base),
            FieldKind::Content(content) => {
                (Shape::Content(markdown::html(content.body.ja())), base)
            }
        };
        Question { field, shape }
    }

    fn boxes(&self, base: Field, parts: &[(&str, u32)]) -> (Shape, Field) {
        let id = base.name.clone();
        let parts = parts.iter().map(|(part, width)| self.part(&id, part, *width)).collect();
        (Shape::Parts, base.parts(parts))
    }

    fn day(&self, base: Field, era: bool, wanted: &[(&str, u32)]) -> (Shape, Field) {
        let id = base.name.clone();
        let boxes = date_boxes(&id, self.answers);
        let mut parts = Vec::new();
        if era {
            let mut part = self.part(&id, "era", 0);
            part.choices = std::iter::once(Choice::new("", TEXTS.text("forms.part.western")))
                .chain(Era::ALL.into_iter().map(|era| Choice::new(era.key(), era.name())))
                .map(|choice| choice.among([boxes.era.as_str()]))
                .collect();
            parts.push(part);
        }
        for ((part, width), value) in wanted.iter().zip([boxes.year, boxes.month, boxes.day]) {
            parts.push(self.part(&id, part, *width).inputmode("numeric").value(value));
        }
        (Shape::Parts, base.parts(parts))
    }

    fn choices(&self, drawn: &Drawn<'_>) -> Vec<Choice> {
        let chosen = self.answers.get(&drawn.name).unwrap_or_default();
        let choice = |option: &&ChoiceOption| {
            let mut choice = Choice::new(&option.code, option.label.ja())
                .among(chosen.iter().map(String::as_str));
            choice.hint = option.hint.ja().to_owned();
            if let Some(seats) = option.capacity.as_ref().and_then(seats) {
                let gap = if choice.hint.is_empty() { "" } else { "　" };
                choice.hint = format!("{}{gap}{seats}", choice.hint);
            }
            choice
        };
        drawn.offered.iter().map(choice).collect()
    }

    fn matrix(&self, base: Field, matrix: &Matrix) -> (Shape, Field) {
        let parts = matrix.rows.iter().map(|row| {
            let mut part = self.input(&format!("{}.{}", base.name, row.id), row.label.ja());
            let options = matrix.options.iter();
            let now = part.value.clone();
            part.choices = options
                .map(|one| Choice::new(&one.code, one.label.ja()).among([now.as_str()]))
                .collect();
            part
        });
        let parts = parts.collect();
        (Shape::Matrix, base.parts(parts))
    }

    fn file(&self, mut base: Field, file: &FileKind) -> (Shape, Field) {
        let all = if file.types.is_empty() { &FileType::ALL[..] } else { &file.types[..] };
        let names: Vec<&str> =
            all.iter().map(|kind| TEXTS.text(super::properties::type_key(*kind))).collect();
        let rules = TEXTS.fill(
            "forms.file_rules",
            &[
                ("kinds", &names.join(TEXTS.text("forms.list_separator"))),
                ("max_mb", &file.max_mb),
                ("max", &file.max),
            ],
        );
        let gap = if base.hint.is_empty() { "" } else { "\n" };
        base.hint = format!("{}{gap}{rules}", base.hint);
        let attached = !self.answers.get(&base.name).unwrap_or_default().is_empty();
        let as_if = Choice::new("sample", TEXTS.text("design.preview.as_if"));
        base.choices = vec![Choice { chosen: attached, ..as_if }];
        (Shape::File, base)
    }
}

/// What is said about the seats while nobody has one.
fn seats(capacity: &Capacity) -> Option<String> {
    match capacity.show {
        Seats::None | Seats::Full | Seats::Few => None,
        Seats::Left => Some(TEXTS.fill("forms.seats.left", &[("left", &capacity.max)])),
    }
}

fn need(drawn: &Drawn<'_>) -> Need {
    let read =
        matches!(drawn.field.kind, FieldKind::Content(_) | FieldKind::Calc(_) | FieldKind::Exit(_));
    match (read, drawn.required) {
        (true, _) => Need::Unmarked,
        (false, true) => Need::Required,
        (false, false) => Need::Optional,
    }
}

/// The words for a fault, as citizens read them.
pub(super) fn fault(fault: &domain::forms::Fault) -> String {
    let args: Vec<(&str, &dyn std::fmt::Display)> =
        fault.args.iter().map(|(name, value)| (*name, value as &dyn std::fmt::Display)).collect();
    TEXTS.fill(fault.key(), &args)
}
