//! Texts of notices: places for facts of the application and for answers, and parts that stand there on a
//! condition (NF-47).
//!
//! ```text
//! {name} 様の申請({number})を認めます。        a fact of the application
//! 交付する通数は {answer:copies} です。          an answer as pages show it
//! {if kind == 'all'}                            lines of their own around a part; the condition is one
//! 世帯全員の写しを交付します。                  of the forms' language
//! {else}
//! 一部の写しを交付します。
//! {end}
//! ```

use jiff::civil::Date;

use super::definition::{Field, FieldKind};
use super::expr::{Expr, ExprError};
use super::{Answers, Compiled};

/// Facts of an application a notice may name.
pub const PLACES: [&str; 6] = ["number", "name", "procedure", "arrived", "today", "sender"];

/// What only a refusal (却下, 不受理) may name: its reasons (行政手続法8条), and where and until when somebody may object
/// (教示, 行政不服審査法82条). It must name both, whatever the answers are.
pub const REFUSAL_PLACES: [&str; 2] = ["reason", "remedy"];

/// A text that was read.
#[derive(Debug, Clone)]
pub struct Notice {
    parts: Vec<Part>,
}

#[derive(Debug, Clone)]
struct Part {
    /// When it stands there: the condition, and whether it must hold.
    when: Option<(Expr, bool)>,
    lines: Vec<String>,
}

/// Why a text cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {why}")]
pub struct BadNotice {
    /// Its line, from 1.
    pub line: usize,
    /// What is wrong there.
    pub why: BadLine,
}

/// What is wrong with a line of a notice.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadLine {
    /// No such fact.
    #[error("unknown place {0:?}")]
    Place(String),
    /// The form has no such question, or one without an answer in words.
    #[error("no answer {0:?}")]
    Answer(String),
    /// Answers and conditions belong to one procedure.
    #[error("an answer or a condition in a text for every procedure")]
    NoForm,
    /// The condition does not read.
    #[error("the condition: {0}")]
    Condition(ExprError),
    /// A condition inside another one.
    #[error("a condition inside another")]
    Nested,
    /// `{else}` or `{end}` without a condition.
    #[error("no condition begins here")]
    NotBegun,
    /// A condition without `{end}`.
    #[error("the condition has no end")]
    NotEnded,
}

impl BadLine {
    /// Every key of the catalogue.
    pub const KEYS: [&'static str; 7] = [
        "procedures.template.bad.place",
        "procedures.template.bad.answer",
        "procedures.template.bad.no_form",
        "procedures.template.bad.condition",
        "procedures.template.bad.nested",
        "procedures.template.bad.not_begun",
        "procedures.template.bad.not_ended",
    ];

    /// Catalogue key; `{what}` stands for [`Self::what`].
    #[must_use]
    pub const fn key(&self) -> &'static str {
        Self::KEYS[match self {
            Self::Place(_) => 0,
            Self::Answer(_) => 1,
            Self::NoForm => 2,
            Self::Condition(_) => 3,
            Self::Nested => 4,
            Self::NotBegun => 5,
            Self::NotEnded => 6,
        }]
    }

    /// The piece it is about; empty when it is about the line.
    #[must_use]
    pub fn what(&self) -> &str {
        match self {
            Self::Place(what) | Self::Answer(what) => what,
            Self::NoForm | Self::Condition(_) | Self::Nested | Self::NotBegun | Self::NotEnded => {
                ""
            }
        }
    }
}

/// Whether a notice may name the answer to a question.
#[must_use]
pub const fn is_told(field: &Field) -> bool {
    !matches!(
        field.kind,
        FieldKind::Content(_) | FieldKind::Exit(_) | FieldKind::File(_) | FieldKind::Repeat(_)
    )
}

impl Part {
    fn names(&self, place: &str) -> bool {
        self.lines.iter().any(|line| places(line).any(|named| named == place))
    }
}

impl Notice {
    /// Reads a text; without a form it may name neither answers nor conditions.
    /// # Errors
    /// [`BadNotice`] with the first line that does not read.
    pub fn read(text: &str, form: Option<&Compiled>) -> Result<Self, BadNotice> {
        let mut parts = vec![Part { when: None, lines: Vec::new() }];
        let mut open: Option<(usize, Expr)> = None;
        for (line, number) in text.lines().zip(1..) {
            let bad = |why| BadNotice { line: number, why };
            match mark(line) {
                Some(Mark::If(condition)) => {
                    if open.is_some() {
                        return Err(bad(BadLine::Nested));
                    }
                    let form = form.ok_or_else(|| bad(BadLine::NoForm))?;
                    let read = form.condition(condition);
                    let expr = read.map_err(|why| bad(BadLine::Condition(why)))?;
                    parts.push(Part { when: Some((expr.clone(), true)), lines: Vec::new() });
                    open = Some((number, expr));
                }
                Some(Mark::Else) => {
                    let (_, expr) = open.as_ref().ok_or_else(|| bad(BadLine::NotBegun))?;
                    parts.push(Part { when: Some((expr.clone(), false)), lines: Vec::new() });
                }
                Some(Mark::End) => {
                    open.take().ok_or_else(|| bad(BadLine::NotBegun))?;
                    parts.push(Part { when: None, lines: Vec::new() });
                }
                None => {
                    for place in places(line) {
                        check(place, form).map_err(bad)?;
                    }
                    if let Some(part) = parts.last_mut() {
                        part.lines.push(line.to_owned());
                    }
                }
            }
        }
        match open {
            Some((line, _)) => Err(BadNotice { line, why: BadLine::NotEnded }),
            None => Ok(Self { parts }),
        }
    }

    /// The text about an application: `fact` says what a place of [`PLACES`] stands for. Whoever was
    /// absent from the answers leaves nothing.
    #[must_use]
    pub fn write(
        &self,
        (form, answers, today): (&Compiled, &Answers, Date),
        fact: &dyn Fn(&str) -> String,
    ) -> String {
        let said = |place: &str| match place.strip_prefix("answer:") {
            Some(id) => {
                let field = form.field(id);
                let lines = field.map(|field| form.display(field, answers)).unwrap_or_default();
                lines.join(" ")
            }
            None => fact(place),
        };
        let holds = |part: &&Part| {
            part.when.as_ref().is_none_or(|(expr, wanted)| {
                let value = form.evaluate(expr, answers, today, |value| {
                    matches!(value, super::expr::Value::Bool(true))
                });
                value == *wanted
            })
        };
        lines(self.parts.iter().filter(holds), &said)
    }

    /// Whether it names a place anywhere.
    #[must_use]
    pub fn names(&self, place: &str) -> bool {
        self.parts.iter().any(|part| part.names(place))
    }

    /// Whether it names a place whatever the answers are.
    #[must_use]
    pub fn always_names(&self, place: &str) -> bool {
        self.parts.iter().any(|part| part.when.is_none() && part.names(place))
    }

    /// Every part one after the other, for a sample.
    #[must_use]
    pub fn sample(&self, said: &dyn Fn(&str) -> String) -> String {
        lines(self.parts.iter(), said)
    }
}

fn lines<'p>(parts: impl Iterator<Item = &'p Part>, said: &dyn Fn(&str) -> String) -> String {
    let said = |place: &str| Some(said(place));
    let lines = parts.flat_map(|part| &part.lines).map(|line| fill(line, &said));
    lines.collect::<Vec<_>>().join("\n")
}

enum Mark<'t> {
    If(&'t str),
    Else,
    End,
}

/// What a line of its own begins or ends.
fn mark(line: &str) -> Option<Mark<'_>> {
    let inside = line.trim().strip_prefix('{')?.strip_suffix('}')?.trim();
    match inside {
        "else" => Some(Mark::Else),
        "end" => Some(Mark::End),
        _ => inside.strip_prefix("if ").map(|condition| Mark::If(condition.trim())),
    }
}

/// The places of a line; braces around anything else are text.
fn places(line: &str) -> impl Iterator<Item = &str> {
    line.split('{').skip(1).filter_map(|behind| {
        let (place, _) = behind.split_once('}')?;
        is_place(place).then_some(place)
    })
}

fn is_place(place: &str) -> bool {
    !place.is_empty()
        && place
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b':' | b'.' | b'-'))
}

fn check(place: &str, form: Option<&Compiled>) -> Result<(), BadLine> {
    if PLACES.contains(&place) || REFUSAL_PLACES.contains(&place) {
        return Ok(());
    }
    let Some(id) = place.strip_prefix("answer:") else {
        return Err(BadLine::Place(place.to_owned()));
    };
    let form = form.ok_or(BadLine::NoForm)?;
    let told = form.field(id).is_some_and(is_told);
    if told { Ok(()) } else { Err(BadLine::Answer(id.to_owned())) }
}

/// Puts values into the places of a text; a place nothing is `said` of stays as it is, so that it is
/// seen.
#[must_use]
pub fn fill(text: &str, said: &dyn Fn(&str) -> Option<String>) -> String {
    let mut filled = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, behind)) = rest.split_once('{') {
        filled.push_str(before);
        let known = behind.split_once('}').filter(|(place, _)| is_place(place));
        match known.and_then(|(place, after)| Some((said(place)?, after))) {
            Some((value, after)) => {
                filled.push_str(&value);
                rest = after;
            }
            None => {
                filled.push('{');
                rest = behind;
            }
        }
    }
    filled.push_str(rest);
    filled
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// NF-47: what a refusal must say stands there whatever was answered.
    #[test]
    fn a_text_names_its_places_always_or_on_a_condition() {
        let read = |text: &str| Notice::read(text, None).expect("it reads");
        let whole = read("理由\n{reason}\n{remedy}");
        assert!(whole.always_names("reason") && whole.always_names("remedy"));
        assert!(whole.names("reason") && !whole.names("number"));
        assert!(!read("理由を書きません").names("reason"));
    }

    fn form() -> Compiled {
        let definition = json!({
            "id": "00000000000000000000000011", "revision": 1, "slug": "copy",
            "department": "00000000000000000000000001", "title": "写しの請求", "summary": "写し",
            "pages": [{"id": "p", "title": "内容", "fields": [
                {"id": "kind", "label": "種類", "kind": {"type": "choice", "options": [
                    {"code": "all", "label": "全員"}, {"code": "part", "label": "一部"}]}},
                {"id": "copies", "label": "通数", "kind": {"type": "number"}},
                {"id": "proof", "label": "書類", "kind": {"type": "file", "max": 1}}
            ]}]
        });
        let procedure = serde_json::from_value(definition).expect("a definition");
        Compiled::new(procedure).expect("it compiles")
    }

    fn written(text: &str, answers: &[(&str, &str)]) -> String {
        let form = form();
        let mut all = Answers::new();
        for (input, value) in answers {
            all.put_one(*input, *value);
        }
        let notice = Notice::read(text, Some(&form)).expect("it reads");
        let today = jiff::civil::date(2026, 11, 22);
        notice.write((&form, &all, today), &|place| format!("<{place}>"))
    }

    /// NF-47: facts and answers are filled in, parts stand there by their condition, and what is
    /// neither stays as it is typed.
    #[test]
    fn a_notice_says_what_fits_the_application() {
        let text = "{name} 様 {number}\n{if kind == 'all'}\n世帯全員を{answer:copies}通\n\n{else}\n\
                    {answer:kind}だけ\n{end}\n以上 {…} {x y} {";
        let said = written(text, &[("kind", "all"), ("copies", "2")]);
        assert_eq!(said, "<name> 様 <number>\n世帯全員を2通\n\n以上 {…} {x y} {");
        let said = written(text, &[("kind", "part"), ("copies", "")]);
        assert_eq!(said, "<name> 様 <number>\n一部だけ\n以上 {…} {x y} {");
        let said = written("{if answered(copies)}\nある\n{end}\n{answer:copies}。", &[]);
        assert_eq!(said, "。", "what is absent holds nothing and leaves nothing");
    }

    /// NF-47: what cannot be filled in is told with its line before anybody uses it.
    #[test]
    fn a_bad_line_is_named() {
        let form = form();
        let bad = |text: &str, form: Option<&Compiled>| {
            let bad = Notice::read(text, form).expect_err("it does not read");
            (bad.line, bad.why.key().rsplit('.').next().unwrap_or_default())
        };
        let with = Some(&form);
        assert_eq!(bad("よい\n{nmae} 様", with), (2, "place"));
        assert_eq!(bad("{answer:gone}", with), (1, "answer"));
        assert_eq!(bad("{answer:proof}", with), (1, "answer"));
        assert_eq!(bad("{answer:kind}", None), (1, "no_form"));
        assert_eq!(bad("{if kind == 'all'}\nあ\n{end}", None), (1, "no_form"));
        assert_eq!(bad("{if kind == 'most'}\nあ\n{end}", with), (1, "condition"));
        assert_eq!(bad("{if copies}\nあ\n{end}", with), (1, "condition"));
        assert_eq!(bad("{if kind == 'all'}\n{if kind == 'all'}\n{end}", with), (2, "nested"));
        assert_eq!(bad("あ\n{end}", with), (2, "not_begun"));
        assert_eq!(bad("{else}", with), (1, "not_begun"));
        assert_eq!(bad("あ\n{if kind == 'all'}\nい", with), (2, "not_ended"));
        assert!(Notice::read("{name} 様", None).is_ok());
    }

    /// NF-47: values are not looked through for further places.
    #[test]
    fn known_places_are_filled_once() {
        let said = |place: &str| (place == "name").then(|| "山田{number}".to_owned());
        assert_eq!(fill("{name}様 {date} {", &said), "山田{number}様 {date} {");
    }

    /// NF-47: a sample has every part.
    #[test]
    fn a_sample_has_every_part() {
        let form = form();
        let text = "{if kind == 'all'}\nア\n{else}\nイ{answer:kind}\n{end}";
        let notice = Notice::read(text, Some(&form)).expect("it reads");
        assert_eq!(notice.sample(&|place| format!("[{place}]")), "ア\nイ[answer:kind]");
    }
}
