//! What is wrong with a definition, in words.

use std::fmt::Display;

use domain::forms::expr::Reason;
use domain::forms::publish::{Problem, Why};

use crate::site::TEXTS;

/// The words for a problem.
pub(super) fn told(problem: &Problem) -> String {
    told_as(problem.code.key(), problem)
}

/// The same by another sentence.
pub(super) fn told_as(key: &str, problem: &Problem) -> String {
    TEXTS.fill(key, &[("detail", &detail(problem))])
}

fn detail(problem: &Problem) -> String {
    match &problem.why {
        None => problem.detail.clone(),
        Some(Why::Pattern(reason)) => TEXTS.text(reason.key()).to_owned(),
        Some(Why::Expression(place, reason)) => expression(place, reason),
    }
}

/// Why a text is no expression.
pub(super) fn expression(place: &dyn Display, reason: &Reason) -> String {
    let word = |kind| TEXTS.text(&format!("procedures.expression.type.{kind}")).to_owned();
    let (expected, found) =
        reason.types().map(|(one, other)| (word(one), word(other))).unwrap_or_default();
    let what = reason.what();
    let args: [(&str, &dyn Display); 4] =
        [("place", place), ("what", &what), ("expected", &expected), ("found", &found)];
    TEXTS.fill(reason.key(), &args)
}

#[cfg(test)]
mod tests {
    use domain::forms::check::BadPattern;
    use domain::forms::expr::Type;

    use super::*;

    /// NB-2.5: every reason for which an expression or a pattern does not read has Japanese words,
    /// and says what it is about.
    #[test]
    fn every_reason_is_said_in_japanese() {
        let what = || "xyz".to_owned();
        let all = [
            Reason::TooLong,
            Reason::TooDeep,
            Reason::OpenQuote,
            Reason::BadNumber,
            Reason::BadDate(what()),
            Reason::BadTime(what()),
            Reason::Unexpected(what()),
            Reason::NameInList,
            Reason::BadUnit,
            Reason::Incomplete,
            Reason::UnknownName(what()),
            Reason::UnknownFunction(what()),
            Reason::UnknownOption(what()),
            Reason::NestedRows,
            Reason::NotRows(what()),
        ];
        for reason in all {
            let words = TEXTS.get(reason.key()).expect("words");
            assert!(!words.is_ascii(), "{words}");
            assert_eq!(words.contains("{what}"), !reason.what().is_empty(), "{words}");
        }
        for kind in [Type::Bool, Type::Text, Type::Number, Type::Date, Type::List] {
            let reason = Reason::Types { expected: kind, found: Type::Bool };
            let words = TEXTS.get(reason.key()).expect("words");
            assert!(words.contains("{expected}") && words.contains("{found}"), "{words}");
            let word = TEXTS.get(&format!("procedures.expression.type.{kind}"));
            assert!(word.is_some_and(|word| !word.is_ascii()), "{kind}");
        }
        for reason in BadPattern::ALL {
            assert!(TEXTS.get(reason.key()).is_some_and(|words| !words.is_ascii()), "{reason:?}");
        }
    }
}
