//! `receipt.json`: what became of a generation at the business system, left in
//! the generation's folder by the export role of the bridge.

use std::path::Path;

use domain::export::Pickup as Content;
use lgwan_zone_store::exports::{Pickup, Said};
use serde::Deserialize;

/// Largest file read, in bytes.
const LARGEST: u64 = 4 * 1024 * 1024;

#[derive(Deserialize)]
struct Written {
    outcome: Outcome,
    /// What the business system or server B wrote, as text.
    #[serde(default)]
    detail: String,
}

/// How far the generation is, by server B.
#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum Outcome {
    Stored,
    Done,
    Error,
    Refused,
}

/// The receipt of a generation, once it is there and whole.
pub(super) fn read(folder: &Path) -> Option<Pickup> {
    let path = folder.join("receipt.json");
    let size = std::fs::metadata(&path).ok()?.len();
    if size > LARGEST {
        tracing::error!(path = %path.display(), "a receipt is larger than any receipt");
        return None;
    }
    let written: Written = serde_json::from_slice(&std::fs::read(&path).ok()?).ok()?;
    let said = match written.outcome {
        Outcome::Stored => Said::Stored,
        Outcome::Done => Said::Taken,
        Outcome::Error => Said::Failed,
        Outcome::Refused => Said::Undelivered,
    };
    Some(pickup(said, &written.detail))
}

/// A content that cannot be read tells no counts; the words are kept as they are.
fn pickup(said: Said, detail: &str) -> Pickup {
    let content = Content::parse(detail.as_bytes()).unwrap_or_else(|_| Content {
        words: detail.chars().filter(|c| !c.is_control()).take(500).collect(),
        ..Content::default()
    });
    Pickup {
        said,
        words: content.words,
        rows: content.rows.and_then(|rows| i64::try_from(rows).ok()),
        records: content.records.into_iter().map(|(n, why)| (n.to_string(), why)).collect(),
    }
}
