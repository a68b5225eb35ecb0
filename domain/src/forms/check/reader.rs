//! The first look at one field: from what was typed to what is stored.

use super::{Code, Fault};
use crate::forms::Answers;
use crate::forms::definition::Field;
use crate::text::{self, Unwanted};

pub(super) struct Reader<'r> {
    pub(super) field: &'r Field,
    pub(super) raw: &'r Answers,
    pub(super) answers: Answers,
    pub(super) faults: Vec<Fault>,
}

impl<'r> Reader<'r> {
    pub(super) fn new(field: &'r Field, raw: &'r Answers) -> Self {
        Self { field, raw, answers: Answers::new(), faults: Vec::new() }
    }

    pub(super) fn part(&self, part: &str) -> String {
        format!("{}.{part}", self.field.id)
    }

    pub(super) fn fault(&mut self, input: &str, code: Code, args: &[(&'static str, String)]) {
        self.faults.push(Fault::new(self.field, input, code, args));
    }

    pub(super) fn keep(&mut self, input: &str, value: impl Into<String>) {
        self.answers.put_one(input, value);
    }

    /// The one line typed into an input: trimmed, kana composed, tabs as spaces. `None` when it is
    /// empty (stored as empty) or holds what is not taken (kept as typed, with a fault).
    pub(super) fn line(&mut self, input: &str) -> Option<String> {
        self.taken(input, false)
    }

    /// The same for several lines, with LF as the only line end.
    pub(super) fn lines(&mut self, input: &str) -> Option<String> {
        self.taken(input, true)
    }

    fn taken(&mut self, input: &str, lines: bool) -> Option<String> {
        let typed = self.single(input)?;
        let text = tidy(typed, lines);
        if text.is_empty() {
            self.keep(input, "");
            return None;
        }
        match text::unwanted(&text, lines) {
            None => return Some(text),
            // Nobody can find what cannot be seen, so it is taken out and the person looks again.
            Some(Unwanted::Invisible) => {
                self.keep(input, without_invisible(&text, lines));
                self.fault(input, Code::Forbidden, &[]);
            }
            Some(Unwanted::PrivateUse(_)) => {
                let place = text.chars().take_while(|c| !is_private(*c)).count() + 1;
                self.keep(input, text);
                self.fault(input, Code::Gaiji, &[("place", place.to_string())]);
            }
            Some(Unwanted::StrayMark) => {
                self.keep(input, text);
                self.fault(input, Code::BrokenKana, &[]);
            }
        }
        None
    }

    fn single(&mut self, input: &str) -> Option<&'r str> {
        let values = self.raw.get(input).unwrap_or(&[]);
        let first = values.first().map_or("", String::as_str);
        if values.iter().any(|other| other != first) {
            self.keep(input, first);
            self.fault(input, Code::Repeated, &[]);
            return None;
        }
        Some(first)
    }
}

fn tidy(typed: &str, lines: bool) -> String {
    let composed = text::compose_kana(typed);
    let unix = composed.replace("\r\n", "\n");
    let spaced: String = unix
        .chars()
        .map(|c| match c {
            '\r' if lines => '\n',
            '\t' => ' ',
            c => c,
        })
        .collect();
    text::trim(&spaced).to_owned()
}

fn is_private(c: char) -> bool {
    text::unwanted(c.encode_utf8(&mut [0; 4]), false) == Some(Unwanted::PrivateUse(c))
}

fn without_invisible(text: &str, lines: bool) -> String {
    let mut kept = String::with_capacity(text.len());
    for c in text.chars() {
        kept.push(c);
        if text::unwanted(&kept[last_two(&kept)..], lines) == Some(Unwanted::Invisible) {
            kept.pop();
        }
    }
    kept
}

/// Start of the last two characters: a selector is judged by what stands before it.
fn last_two(text: &str) -> usize {
    text.char_indices().rev().nth(1).map_or(0, |(at, _)| at)
}
