//! The names in the text of an expression, whether or not it reads.

use std::collections::{BTreeMap, BTreeSet};

use crate::forms::expr::{Token, tokens};
use crate::forms::inputs;

/// What a text of an expression speaks of.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Spoken {
    /// Ids of questions.
    pub(super) ids: BTreeSet<String>,
    /// Texts in quotes: codes of options among them.
    pub(super) texts: BTreeSet<String>,
}

impl Spoken {
    pub(super) fn in_text(text: &str) -> Self {
        let mut spoken = Self::default();
        for (_, token) in names_and_texts(text) {
            match token {
                Token::Name(name) => {
                    spoken.ids.insert(inputs::field_of(&name).to_owned());
                }
                Token::Text(text) => {
                    spoken.texts.insert(text);
                }
                Token::Number(_) | Token::Symbol(_) => {}
            }
        }
        spoken
    }
}

/// Names of inputs and texts, each with its place: names of functions are left out.
fn names_and_texts(text: &str) -> Vec<(usize, Token)> {
    let all = tokens(text).unwrap_or_default();
    let is_call = |n: usize| matches!(all.get(n + 1), Some((_, Token::Symbol("("))));
    let kept = all.iter().enumerate().filter(|(n, (_, token))| match token {
        Token::Name(_) => !is_call(*n),
        Token::Text(_) => true,
        Token::Number(_) | Token::Symbol(_) => false,
    });
    kept.map(|(_, found)| found.clone()).collect()
}

/// The text with other ids in the place of some.
pub(super) fn renamed(text: &str, ids: &BTreeMap<String, String>) -> String {
    let mut out = String::with_capacity(text.len());
    let mut done = 0;
    for (at, token) in names_and_texts(text) {
        let Token::Name(name) = token else { continue };
        let id = inputs::field_of(&name);
        if let Some(new) = ids.get(id) {
            out.push_str(&text[done..at]);
            out.push_str(new);
            done = at + id.len();
        }
    }
    out.push_str(&text[done..]);
    out
}
