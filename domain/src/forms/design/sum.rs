//! Simple calculations as terms a clerk reads: "copies × 300 + pages × 10".
//!
//! As with conditions, what the terms cannot say stays text.

use super::condition::spoken;
use crate::forms::expr::{Decimal, Token};

/// A sum of terms.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sum {
    /// Its terms, at least one; the first is not taken away.
    pub terms: Vec<Term>,
}

/// One term.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Term {
    /// Taken away instead of added.
    pub minus: bool,
    /// The input it takes; a fixed number alone without one.
    pub input: Option<String>,
    /// The input counts its files, picks or rows.
    pub counted: bool,
    /// Times this number.
    pub times: Option<Decimal>,
}

impl Term {
    fn text(&self) -> String {
        let input = self.input.as_ref().map(|input| match self.counted {
            true => format!("count({input})"),
            false => input.clone(),
        });
        let times = self.times.map(|times| times.to_string());
        input.into_iter().chain(times).collect::<Vec<_>>().join(" * ")
    }

    fn read(minus: bool, piece: &[Token]) -> Option<Self> {
        let counted = piece.first() == Some(&Token::Name("count".to_owned())) && piece.len() > 1;
        let names = piece.iter().skip(usize::from(counted));
        let mut names = names.filter_map(|token| match token {
            Token::Name(name) => Some(name.clone()),
            Token::Text(_) | Token::Number(_) | Token::Symbol(_) => None,
        });
        let times = piece.iter().find_map(|token| match token {
            Token::Number(number) => Some(*number),
            Token::Name(_) | Token::Text(_) | Token::Symbol(_) => None,
        });
        let term = Self { minus, input: names.next(), counted, times };
        (!piece.is_empty() && spoken(&term.text()) == piece).then_some(term)
    }
}

impl Sum {
    /// The sum as an expression.
    #[must_use]
    pub fn text(&self) -> String {
        let mut out = String::new();
        for (n, term) in self.terms.iter().enumerate() {
            if n > 0 {
                out.push_str(if term.minus { " - " } else { " + " });
            }
            out.push_str(&term.text());
        }
        out
    }

    /// The terms an expression says; `None` for one that says more than terms can.
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        let all = spoken(text);
        let is_sign = |token: &Token| matches!(token, Token::Symbol("+" | "-"));
        let signs = all.iter().filter(|token| is_sign(token));
        let minus = signs.map(|token| *token == Token::Symbol("-"));
        let pieces = all.split(|token| is_sign(token));
        let terms = std::iter::once(false).chain(minus).zip(pieces);
        let terms = terms.map(|(minus, piece)| Term::read(minus, piece)).collect::<Option<_>>()?;
        Some(Self { terms })
    }
}
