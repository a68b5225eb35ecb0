//! `receipt.json`: what became of a generation at the business system, left in
//! the generation's folder by the export role of the bridge.

use std::path::Path;

use serde::Deserialize;

/// Longest words kept, in characters.
const LONGEST: usize = 500;
/// Largest file read, in bytes.
const LARGEST: u64 = 256 * 1024;

/// A receipt.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Receipt {
    pub(super) taken: bool,
    pub(super) words: String,
}

#[derive(Deserialize)]
struct Written {
    /// `stored` while it waits at server B, then `done`, `error` or `refused`.
    outcome: String,
    /// What the business system wrote, cleaned.
    #[serde(default)]
    detail: String,
}

/// The receipt of a generation, once it is there and whole.
pub(super) fn read(folder: &Path) -> Option<Receipt> {
    let path = folder.join("receipt.json");
    let size = std::fs::metadata(&path).ok()?.len();
    if size > LARGEST {
        tracing::error!(path = %path.display(), "a receipt is larger than any receipt");
        return None;
    }
    let written: Written = serde_json::from_slice(&std::fs::read(&path).ok()?).ok()?;
    let taken = match written.outcome.as_str() {
        "done" => true,
        // The business system could not load it, or server B could not take it.
        "error" | "refused" => false,
        _ => return None,
    };
    let words = written.detail.chars().filter(|c| !c.is_control()).take(LONGEST).collect();
    Some(Receipt { taken, words })
}
