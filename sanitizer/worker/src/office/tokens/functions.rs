//! Functions by the numbers tokens give them.

use std::collections::HashMap;
use std::sync::LazyLock;

/// Number, name, arguments; no arguments where their count comes with the
/// token. Commands of macro sheets are not among them.
static TABLE: LazyLock<HashMap<u16, (&'static str, Option<usize>)>> = LazyLock::new(|| {
    let entries = include_str!("functions.txt").split_whitespace();
    entries.filter_map(entry).collect()
});
/// Functions without arguments that have a number of arguments: none.
const CONSTANTS: [&str; 7] = ["NA", "PI", "TRUE", "FALSE", "RAND", "NOW", "TODAY"];

fn entry(text: &'static str) -> Option<(u16, (&'static str, Option<usize>))> {
    let mut parts = text.split(':');
    let (number, name, arguments) = (parts.next()?, parts.next()?, parts.next()?);
    let arguments: usize = arguments.parse().ok()?;
    let fixed = arguments > 0 || CONSTANTS.contains(&name);
    Some((number.parse().ok()?, (name, fixed.then_some(arguments))))
}

/// The function of this number and how many arguments it takes when that is
/// not told.
pub(super) fn by_number(number: u16) -> Option<(&'static str, Option<usize>)> {
    TABLE.get(&number).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn functions_are_known_by_number() {
        assert_eq!(by_number(4), Some(("SUM", None)));
        assert_eq!(by_number(27), Some(("ROUND", Some(2))));
        assert_eq!(by_number(221), Some(("TODAY", Some(0))));
        assert_eq!(by_number(480), Some(("IFERROR", Some(2))));
        assert_eq!(by_number(484), Some(("AVERAGEIFS", None)));
        assert_eq!(by_number(110), Some(("EXEC", Some(4))));
        assert_eq!(by_number(53), None);
        assert_eq!(TABLE.len(), include_str!("functions.txt").split_whitespace().count());
    }
}
