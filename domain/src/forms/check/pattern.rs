//! Shapes of a text: a small pattern language that always ends.
//!
//! ```text
//! A-Z0-9 literals    [A-Z0-9] one of    [^ABC] none of    . any    \ takes the next as it is
//! behind each: {3} exactly, {2,4} from to, {2,} at least, ? * +
//! ```
//!
//! The pattern is the whole text; there are no groups and no alternatives. Matching costs at most
//! length of the text × length of the pattern.

use std::ops::RangeInclusive;

use crate::codes::codes;

codes! {
    /// Why a pattern does not read.
    pub enum BadPattern in "procedures.pattern" {
        /// Longer than 200 bytes.
        TooLong = "too_long",
        /// Nothing at all.
        Empty = "empty",
        /// Nothing behind a backslash.
        Backslash = "backslash",
        /// A sign with a meaning and nothing it could belong to.
        LoneSign = "lone_sign",
        /// A bracket or range without end.
        OpenBracket = "open_bracket",
        /// A bracket with nothing in it.
        EmptyBracket = "empty_bracket",
        /// A range from a later sign to an earlier one.
        Backwards = "backwards",
        /// Not a count up to 1,000.
        BadCount = "bad_count",
    }
}

/// Most repetitions of one part.
const MOST: usize = 1_000;

/// A parsed pattern.
#[derive(Debug, Clone)]
pub struct Pattern {
    parts: Vec<Part>,
}

#[derive(Debug, Clone)]
struct Part {
    one: Class,
    least: usize,
    most: usize,
}

#[derive(Debug, Clone)]
enum Class {
    Any,
    Literal(char),
    In(Vec<RangeInclusive<char>>),
    NotIn(Vec<RangeInclusive<char>>),
}

impl Class {
    fn takes(&self, c: char) -> bool {
        match self {
            Self::Any => true,
            Self::Literal(literal) => *literal == c,
            Self::In(ranges) => ranges.iter().any(|r| r.contains(&c)),
            Self::NotIn(ranges) => !ranges.iter().any(|r| r.contains(&c)),
        }
    }
}

type Chars<'a> = std::iter::Peekable<std::str::Chars<'a>>;

impl Pattern {
    /// Parses a pattern.
    /// # Errors
    /// What does not read.
    pub fn parse(text: &str) -> Result<Self, BadPattern> {
        if text.len() > 200 {
            return Err(BadPattern::TooLong);
        }
        let mut chars = text.chars().peekable();
        let mut parts = Vec::new();
        while let Some(c) = chars.next() {
            let one = match c {
                '.' => Class::Any,
                '[' => class(&mut chars)?,
                '\\' => Class::Literal(chars.next().ok_or(BadPattern::Backslash)?),
                ']' | '{' | '}' | '?' | '*' | '+' | '(' | ')' | '|' | '^' | '$' => {
                    return Err(BadPattern::LoneSign);
                }
                c => Class::Literal(c),
            };
            let (least, most) = repeats(&mut chars)?;
            parts.push(Part { one, least, most });
        }
        if parts.is_empty() { Err(BadPattern::Empty) } else { Ok(Self { parts }) }
    }

    /// Whether the whole text has the shape.
    #[must_use]
    pub fn fits(&self, text: &str) -> bool {
        let chars: Vec<char> = text.chars().collect();
        // Places of the text that can be reached after the parts so far.
        let mut reached = vec![false; chars.len() + 1];
        reached[0] = true;
        for part in &self.parts {
            reached = step(part, &chars, &reached);
        }
        reached[chars.len()]
    }
}

/// Places reachable through one part. `run` is how many characters before a place the part takes
/// in a row; a place is reached when some place `least..=most` before it, within the run, was.
fn step(part: &Part, chars: &[char], before: &[bool]) -> Vec<bool> {
    let mut counts = vec![0usize];
    for reached in before {
        counts.push(counts[counts.len() - 1] + usize::from(*reached));
    }
    let mut run = 0;
    (0..=chars.len())
        .map(|place| {
            if place > 0 {
                run = if part.one.takes(chars[place - 1]) { run + 1 } else { 0 };
            }
            let most = part.most.min(run);
            if most < part.least {
                return false;
            }
            counts[place - part.least + 1] > counts[place - most]
        })
        .collect()
}

fn class(chars: &mut Chars<'_>) -> Result<Class, BadPattern> {
    let negated = chars.next_if_eq(&'^').is_some();
    let mut ranges = Vec::new();
    loop {
        let first = match chars.next().ok_or(BadPattern::OpenBracket)? {
            ']' if ranges.is_empty() => return Err(BadPattern::EmptyBracket),
            ']' => break,
            '\\' => chars.next().ok_or(BadPattern::Backslash)?,
            c => c,
        };
        let mut ahead = chars.clone();
        let is_range = ahead.next() == Some('-') && ahead.peek().is_some_and(|c| *c != ']');
        if is_range {
            chars.next();
            let last = match chars.next().ok_or(BadPattern::OpenBracket)? {
                '\\' => chars.next().ok_or(BadPattern::Backslash)?,
                c => c,
            };
            if first > last {
                return Err(BadPattern::Backwards);
            }
            ranges.push(first..=last);
        } else {
            ranges.push(first..=first);
        }
    }
    Ok(if negated { Class::NotIn(ranges) } else { Class::In(ranges) })
}

fn repeats(chars: &mut Chars<'_>) -> Result<(usize, usize), BadPattern> {
    match chars.peek() {
        Some('?') => {
            chars.next();
            Ok((0, 1))
        }
        Some('*') => {
            chars.next();
            Ok((0, MOST))
        }
        Some('+') => {
            chars.next();
            Ok((1, MOST))
        }
        Some('{') => {
            chars.next();
            counted(chars)
        }
        _ => Ok((1, 1)),
    }
}

fn counted(chars: &mut Chars<'_>) -> Result<(usize, usize), BadPattern> {
    let inner: String = chars.by_ref().take_while(|c| *c != '}').collect();
    let number = |text: &str| text.parse::<usize>().map_err(|_| BadPattern::BadCount);
    let (least, most) = match inner.split_once(',') {
        None => (number(&inner)?, number(&inner)?),
        Some((least, "")) => (number(least)?, MOST),
        Some((least, most)) => (number(least)?, number(most)?),
    };
    if least <= most && most <= MOST { Ok((least, most)) } else { Err(BadPattern::BadCount) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fits(pattern: &str, text: &str) -> bool {
        Pattern::parse(pattern).unwrap().fits(text)
    }

    /// NF-8: a text of a fixed shape.
    #[test]
    fn a_pattern_is_the_whole_text() {
        assert!(fits("[A-Z]{2}[0-9]{4}", "AB1234"));
        assert!(!fits("[A-Z]{2}[0-9]{4}", "AB12345"));
        assert!(!fits("[A-Z]{2}[0-9]{4}", "xAB1234"));
        assert!(fits("第[0-9]+号", "第123号"));
        assert!(!fits("第[0-9]+号", "第号"));
        assert!(fits("a?b*c{2,}", "cc"));
        assert!(fits("a?b*c{2,}", "abbbccc"));
        assert!(!fits("a?b*c{2,}", "aabcc"));
        assert!(fits(".*x.*", "aaxbb"));
        assert!(fits("[^0-9]{1,3}", "あいう"));
        assert!(fits("1\\.5", "1.5"));
        assert!(fits("[a-]{2}", "-a"));
        assert!(!fits("1\\.5", "1x5"));
    }

    #[test]
    fn a_broken_pattern_is_refused() {
        for bad in
            ["", "[", "[]", "[z-a]", "a{", "a{x}", "a{3,2}", "a{2000}", "*", "(a|b)", "a\\", "^a$"]
        {
            assert!(Pattern::parse(bad).is_err(), "{bad}");
        }
    }

    /// W10: the classic trap of pattern matchers costs nothing here.
    #[test]
    fn repeated_stars_stay_fast() {
        let pattern = "a*".repeat(50) + "b";
        assert!(!fits(&pattern, &"a".repeat(5_000)));
    }
}
