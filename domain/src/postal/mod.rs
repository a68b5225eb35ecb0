//! Postal codes and the places they stand for (NF-8).
//!
//! Read from the files of the post: `utf_ken_all` (UTF-8, a record per line) or `KEN_ALL` (CP932,
//! long towns over several lines). One code may stand for several places; the person picks.

mod book;
mod file;
mod prefectures;

pub use book::{Place, PostalBook};
pub use file::BadRow;
pub use prefectures::{PREFECTURES, is_prefecture};

/// A postal code as typed, as seven digits: any width, hyphens, spaces and 〒 are dropped.
#[must_use]
pub fn read_code(typed: &str) -> Option<String> {
    let digits: String = typed
        .chars()
        .take(40)
        .map(crate::text::narrow_char)
        .filter(|c| !c.is_whitespace() && !crate::text::is_hyphen(*c) && *c != '〒')
        .collect();
    (digits.len() == 7 && digits.bytes().all(|b| b.is_ascii_digit())).then_some(digits)
}

/// `981-0001`; other texts unchanged.
#[must_use]
pub fn written(code: &str) -> String {
    match (code.get(..3), code.get(3..)) {
        (Some(area), Some(rest)) if rest.len() == 4 => format!("{area}-{rest}"),
        _ => code.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// NF-8: a postal code is read in any width.
    #[test]
    fn a_code_is_read_however_it_is_typed() {
        for typed in
            ["4980000", "498-0000", "４９８－００００", "〒498-0000", "498ー0000", " 498 0000 "]
        {
            assert_eq!(read_code(typed).as_deref(), Some("4980000"), "{typed}");
        }
        for bad in ["", "498000", "49800000", "abcdefg", "498-000a"] {
            assert_eq!(read_code(bad), None, "{bad}");
        }
        assert_eq!(written("4980000"), "498-0000");
    }
}
