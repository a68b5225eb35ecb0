//! What a procedure that is offered in a language still has in Japanese only.

use std::cell::RefCell;

use super::{Problem, ProblemCode};
use crate::forms::definition::{Lang, Procedure};

/// Texts that are named; the others are counted.
const NAMED: usize = 3;
/// Characters of a text that are enough to find it.
const SHOWN: usize = 20;

/// A language in which the title is told is one the procedure is read in: texts without it are shown to its
/// readers in Japanese.
pub(super) fn check(procedure: &Procedure, found: &mut Vec<Problem>) {
    for lang in Lang::ALL.into_iter().filter(|lang| *lang != Lang::Ja) {
        if !procedure.title.has(lang) {
            continue;
        }
        let left = RefCell::new(Vec::new());
        let _ = procedure.told(lang, &|text: &str| {
            left.borrow_mut().push(text.chars().take(SHOWN).collect::<String>());
            text.to_owned()
        });
        let left = left.into_inner();
        if left.is_empty() {
            continue;
        }
        let code = serde_json::to_value(lang).unwrap_or_default();
        let more = if left.len() > NAMED { ", …" } else { "" };
        let named: Vec<&str> = left.iter().take(NAMED).map(String::as_str).collect();
        let detail = format!(
            "{} ({}): {}{more}",
            code.as_str().unwrap_or_default(),
            left.len(),
            named.join(", ")
        );
        found.push(Problem::warning("title", ProblemCode::Untranslated, &detail));
    }
}
