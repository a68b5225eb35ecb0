//! Questions as the macros of `templates/platform/form.html` draw them.
//!
//! These hold finished words and values; which questions there are and what is
//! wrong with an answer is decided elsewhere.

/// A question, or one part of a question that has several (a date, a name).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Field {
    /// Name it is sent under. Letters, digits, `.`, `-`, `_`.
    pub name: String,
    /// The question.
    pub label: String,
    /// Help, or empty.
    pub hint: String,
    /// What is said about leaving it empty.
    pub need: Need,
    /// What was typed, or empty.
    pub value: String,
    /// What is wrong with it, or empty.
    pub error: String,
    /// Type of the input: `text`, `email`, `tel`, `password`, `search`.
    pub kind: &'static str,
    /// `inputmode`, or empty.
    pub inputmode: &'static str,
    /// `autocomplete`, or empty.
    pub autocomplete: &'static str,
    /// Width in characters; 0 is the whole line.
    pub width: u32,
    /// Lines of a text area.
    pub rows: u32,
    /// Endings and media types a file may have, or empty.
    pub accept: String,
    /// Whether several files may be chosen.
    pub multiple: bool,
    /// Answers to choose from.
    pub choices: Vec<Choice>,
    /// Parts, for a question of several inputs.
    pub parts: Vec<Field>,
    /// Whether it is on the page for a script alone, which may show it.
    pub waits: bool,
}

/// The badge beside a label.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Need {
    /// ※必須
    Required,
    /// ※任意
    Optional,
    /// No badge, such as on a search field.
    #[default]
    Unmarked,
}

/// One answer to choose.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Choice {
    /// What is sent.
    pub value: String,
    /// What is read.
    pub label: String,
    /// Help, or empty.
    pub hint: String,
    /// Whether it is chosen.
    pub chosen: bool,
    /// Whether it can no longer be chosen.
    pub disabled: bool,
    /// Whether it is on the page for a script alone, which may offer it.
    pub waits: bool,
}

/// One line of the error summary.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Id of the input to go to.
    pub id: String,
    /// The same words as at the question.
    pub text: String,
}

impl Field {
    /// A text question without badge.
    #[must_use]
    pub fn new(name: impl Into<String>, label: impl Into<String>) -> Self {
        Self { name: name.into(), label: label.into(), kind: "text", rows: 5, ..Self::default() }
    }

    /// Marks it ※必須.
    #[must_use]
    pub const fn required(mut self) -> Self {
        self.need = Need::Required;
        self
    }

    /// Marks it ※任意.
    #[must_use]
    pub const fn optional(mut self) -> Self {
        self.need = Need::Optional;
        self
    }

    /// Adds help.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = hint.into();
        self
    }

    /// Shows what was typed.
    #[must_use]
    pub fn value(mut self, value: impl Into<String>) -> Self {
        self.value = value.into();
        self
    }

    /// Shows what is wrong; `None` or an empty text is nothing.
    #[must_use]
    pub fn error<'a>(mut self, error: impl Into<Option<&'a str>>) -> Self {
        self.error = error.into().unwrap_or_default().to_owned();
        self
    }

    /// Sets the type of the input.
    #[must_use]
    pub const fn kind(mut self, kind: &'static str) -> Self {
        self.kind = kind;
        self
    }

    /// Sets the keyboard a telephone shows.
    #[must_use]
    pub const fn inputmode(mut self, mode: &'static str) -> Self {
        self.inputmode = mode;
        self
    }

    /// Says what a browser may fill in (WCAG 1.3.5).
    #[must_use]
    pub const fn autocomplete(mut self, what: &'static str) -> Self {
        self.autocomplete = what;
        self
    }

    /// Sets the width in characters.
    #[must_use]
    pub const fn width(mut self, characters: u32) -> Self {
        self.width = characters;
        self
    }

    /// Sets the answers to choose from.
    #[must_use]
    pub fn choices(mut self, choices: Vec<Choice>) -> Self {
        self.choices = choices;
        self
    }

    /// Sets the parts.
    #[must_use]
    pub fn parts(mut self, parts: Vec<Self>) -> Self {
        self.parts = parts;
        self
    }

    /// Id of the first input, the target of the error summary.
    #[must_use]
    pub fn id(&self) -> String {
        input_id(&self.name)
    }

    /// Where the error summary leads: the first choice, or the first part of a question of several.
    #[must_use]
    pub fn first_id(&self) -> String {
        let first = self.parts.first().filter(|_| self.choices.is_empty());
        first.map_or_else(|| self.id(), Self::id)
    }

    /// Id of the n-th choice, from 1. The first one has the id of the question.
    #[must_use]
    pub fn choice_id(&self, number: &usize) -> String {
        match number {
            1 => self.id(),
            other => format!("{}-{other}", self.id()),
        }
    }

    /// Ids of error and help, for `aria-describedby`; empty when there is neither.
    #[must_use]
    pub fn described_by(&self) -> String {
        let error = (!self.error.is_empty()).then(|| format!("{}-error", self.id()));
        let hint = (!self.hint.is_empty()).then(|| format!("{}-hint", self.id()));
        error.into_iter().chain(hint).collect::<Vec<_>>().join(" ")
    }

    /// Lines for the error summary: this question's, then its parts'.
    #[must_use]
    pub fn problems(&self) -> Vec<Problem> {
        let own = (!self.error.is_empty())
            .then(|| Problem { id: self.first_id(), text: self.error.clone() });
        let parts = self.parts.iter().flat_map(Self::problems);
        own.into_iter().chain(parts).collect()
    }
}

/// The id of the input with this name.
#[must_use]
pub fn input_id(name: &str) -> String {
    format!("f-{}", name.replace('.', "-"))
}

impl Choice {
    /// An answer that is not chosen.
    #[must_use]
    pub fn new(value: impl Into<String>, label: impl Into<String>) -> Self {
        Self { value: value.into(), label: label.into(), ..Self::default() }
    }

    /// Chooses it when `chosen` holds its value.
    #[must_use]
    pub fn among<'a>(mut self, chosen: impl IntoIterator<Item = &'a str>) -> Self {
        self.chosen = chosen.into_iter().any(|value| value == self.value);
        self
    }
}
