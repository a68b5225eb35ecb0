//! What the business system leaves behind: `.done` or `.err` beside the generation.
//!
//! The content is optional, because many batch systems only touch a file: lines `key=value`, of
//! which `rows` (rows taken in) and `reason` (words of the operator) are read, others passed over.

use thiserror::Error;

use super::generation::Generation;
use crate::text;

/// A receipt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pickup {
    /// Of which generation.
    pub generation: Generation,
    /// What became of it.
    pub outcome: PickupOutcome,
}

/// What became of a generation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PickupOutcome {
    /// 取込済.
    Done {
        /// Rows taken in, when the receipt says.
        rows: Option<u64>,
    },
    /// 取込エラー.
    Failed {
        /// Words of the business system, cleaned, at most 500 characters; may be empty.
        reason: String,
    },
}

/// A file that is no receipt.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum BadPickup {
    /// The name is not that of a generation with `.done` or `.err`.
    #[error("the name is not that of a receipt")]
    Name,
    /// Larger than 64 KiB, or neither UTF-8 nor CP932.
    #[error("the content does not read")]
    Content,
    /// `rows` is not a number.
    #[error("rows is not a number")]
    Rows,
}

/// Largest receipt, in bytes.
const MAX: usize = 64 * 1024;

impl Pickup {
    /// Reads a receipt file.
    /// # Errors
    /// [`BadPickup`] with the part that does not read.
    pub fn parse(file_name: &str, content: &[u8]) -> Result<Self, BadPickup> {
        let (stem, kind) = file_name.rsplit_once('.').ok_or(BadPickup::Name)?;
        let generation = stem.parse().map_err(|_| BadPickup::Name)?;
        let text = read(content)?;
        let value = |key: &str| {
            let lines = text.lines().filter_map(|line| line.split_once('='));
            lines
                .into_iter()
                .find(|(k, _)| k.trim() == key)
                .map(|(_, value)| value.trim().to_owned())
        };
        let outcome = match kind {
            "done" => {
                let rows = value("rows").map(|rows| rows.parse()).transpose();
                PickupOutcome::Done { rows: rows.map_err(|_| BadPickup::Rows)? }
            }
            "err" => {
                let words = value("reason").unwrap_or_else(|| text.clone());
                PickupOutcome::Failed { reason: cleaned(&words) }
            }
            _ => return Err(BadPickup::Name),
        };
        Ok(Self { generation, outcome })
    }
}

fn read(content: &[u8]) -> Result<String, BadPickup> {
    if content.len() > MAX {
        return Err(BadPickup::Content);
    }
    match std::str::from_utf8(content) {
        Ok(text) => Ok(text.trim_start_matches('\u{FEFF}').to_owned()),
        Err(_) => crate::cp932::decode(content).ok_or(BadPickup::Content),
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

    fn outcome(name: &str, content: &[u8]) -> Result<PickupOutcome, BadPickup> {
        Pickup::parse(&format!("juminhyo_20261120_000012.{name}"), content).map(|p| p.outcome)
    }

    /// IK-3.5.7b: an empty file is enough, more is read.
    #[test]
    fn a_receipt_says_what_became_of_the_generation() {
        assert_eq!(outcome("done", b""), Ok(PickupOutcome::Done { rows: None }));
        assert_eq!(
            outcome("done", b"rows = 3\r\nat=x\r\n"),
            Ok(PickupOutcome::Done { rows: Some(3) })
        );
        let failed = |reason: &str| Ok(PickupOutcome::Failed { reason: reason.into() });
        assert_eq!(
            outcome("err", "reason=2行目の\t日付\u{202E}\n".as_bytes()),
            failed("2行目の 日付")
        );
        assert_eq!(
            outcome("err", &crate::cp932::encode("項目数が違います").0),
            failed("項目数が違います")
        );
        assert_eq!(outcome("err", b""), failed(""));
    }

    #[test]
    fn what_is_no_receipt_is_refused() {
        assert_eq!(outcome("done", b"rows=many"), Err(BadPickup::Rows));
        assert_eq!(outcome("done", &[0xFF; 4]), Err(BadPickup::Content));
        assert_eq!(outcome("done", &vec![b'a'; MAX + 1]), Err(BadPickup::Content));
        assert_eq!(outcome("end", b""), Err(BadPickup::Name));
        assert_eq!(Pickup::parse("x.done", b""), Err(BadPickup::Name));
        assert_eq!(Pickup::parse("done", b""), Err(BadPickup::Name));
    }
}
