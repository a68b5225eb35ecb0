//! What the business system writes into `.done` or `.err`.
//!
//! The content is optional, because many batch systems only touch a file. UTF-8 or CP932, read line
//! by line; what is not known is passed over:
//!
//! ```text
//! rows=118                                   records taken in
//! reason=項目数が違います                     words of the operator
//! record=2026-000123-4 生年月日が違います     a record that was not taken in; also without
//! 2026-000124-5,住所コードなし                "record=", and with a comma or a tab
//! ```

use std::collections::BTreeSet;

use thiserror::Error;

use crate::applications::ReceiptNumber;
use crate::text;

/// What a `.done` or `.err` file says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Pickup {
    /// Records taken in, when it says.
    pub rows: Option<u64>,
    /// Words of the operator, cleaned, at most 500 characters; may be empty.
    pub words: String,
    /// Records that were not taken in, each once, with the reason.
    pub records: Vec<(ReceiptNumber, String)>,
}

/// Content that is none of a receipt.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum BadPickup {
    /// Larger than 1 MiB, or neither UTF-8 nor CP932.
    #[error("the content does not read")]
    Content,
    /// `rows` is not a number.
    #[error("rows is not a number")]
    Rows,
}

/// Largest receipt, in bytes.
const MAX: usize = 1024 * 1024;

impl Pickup {
    /// Reads the content of a receipt file.
    /// # Errors
    /// [`BadPickup`] with the part that does not read.
    pub fn parse(content: &[u8]) -> Result<Self, BadPickup> {
        let text = read(content).ok_or(BadPickup::Content)?;
        let (mut found, mut rest, mut reason) = (Self::default(), Vec::new(), None);
        let mut known = BTreeSet::new();
        for line in text.lines() {
            if let Some((number, why)) = record(line) {
                if known.insert(number) {
                    found.records.push((number, why));
                }
                continue;
            }
            match line.split_once('=').map(|(key, value)| (key.trim(), value.trim())) {
                Some(("rows", rows)) => {
                    found.rows = Some(rows.parse().map_err(|_| BadPickup::Rows)?);
                }
                Some(("reason", words)) => reason = reason.or(Some(words)),
                Some((key, _)) if is_key(key) => {}
                Some(_) | None => rest.push(line),
            }
        }
        found.words = cleaned(&reason.map_or_else(|| rest.join(" "), str::to_owned));
        Ok(found)
    }
}

/// `key=value` of some other system; not a sentence with an equals sign in it.
fn is_key(key: &str) -> bool {
    !key.is_empty() && key.bytes().all(|b| b.is_ascii_alphanumeric() || b"_-.".contains(&b))
}

/// A line that names a record.
fn record(line: &str) -> Option<(ReceiptNumber, String)> {
    let line = line.trim().trim_matches('"');
    let line = line.strip_prefix("record=").unwrap_or(line).trim_start();
    let ends = |c: char| c.is_whitespace() || matches!(c, ',' | '"' | '=' | '、' | ':' | '：');
    let (number, why) = line.split_once(ends).unwrap_or((line, ""));
    let why = why.trim_start_matches(ends).trim_end_matches('"');
    Some((number.parse().ok()?, cleaned(why)))
}

fn read(content: &[u8]) -> Option<String> {
    if content.len() > MAX {
        return None;
    }
    match std::str::from_utf8(content) {
        Ok(text) => Some(text.trim_start_matches('\u{FEFF}').to_owned()),
        Err(_) => crate::cp932::decode(content),
    }
}

/// One line without what cannot be seen.
fn cleaned(words: &str) -> String {
    let joined = words.split_whitespace().collect::<Vec<_>>().join(" ");
    let seen = |c: &char| text::unwanted(c.encode_utf8(&mut [0; 4]), false).is_none();
    joined.chars().filter(seen).take(500).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// IK-3.5.7b: an empty file is enough, more is read.
    #[test]
    fn a_receipt_says_what_became_of_the_generation() {
        assert_eq!(Pickup::parse(b""), Ok(Pickup::default()));
        let rows = Pickup { rows: Some(3), ..Pickup::default() };
        assert_eq!(Pickup::parse(b"rows = 3\r\nat=x\r\n"), Ok(rows));
        let words = |content: &[u8]| Pickup::parse(content).unwrap().words;
        assert_eq!(words("reason=2行目の\t日付\u{202E}\n".as_bytes()), "2行目の 日付");
        assert_eq!(words(&crate::cp932::encode("項目数が違います").0), "項目数が違います");
        assert_eq!(words(b"1 record"), "1 record");
    }

    /// IK-3.5.7b: records that were not taken in are named by their 受付番号, in the ways batch
    /// systems write.
    #[test]
    fn records_that_were_not_taken_in_are_named() {
        let number = |n| ReceiptNumber::new(2026, n).unwrap();
        let (a, b, c) = (number(1), number(2), number(3));
        let text = format!(
            "rows=2\nrecord={a} 生年月日が違います\n\"{b}\",\"住所コードなし\"\n{c}\n{a} 二度目\n\
             2026-000009-9 番号ではない\n"
        );
        let read = Pickup::parse(text.as_bytes()).unwrap();
        let found: Vec<_> = read.records.iter().map(|(n, why)| (*n, why.as_str())).collect();
        assert_eq!(found, [(a, "生年月日が違います"), (b, "住所コードなし"), (c, "")]);
        assert_eq!(read.words, "2026-000009-9 番号ではない", "nothing is passed over in silence");
    }

    #[test]
    fn what_is_no_receipt_is_refused() {
        assert_eq!(Pickup::parse(b"rows=many"), Err(BadPickup::Rows));
        assert_eq!(Pickup::parse(&[0xFF; 4]), Err(BadPickup::Content));
        assert_eq!(Pickup::parse(&vec![b'a'; MAX + 1]), Err(BadPickup::Content));
    }
}
