//! What a city may choose about the rebuild. Safety is not among it.

use serde::Deserialize;

/// The policy file, TOML. Every key may be left out.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Policy {
    /// Name of this policy in verdicts and reports, for example `2026-04`.
    pub version: String,
    /// Links to web pages and mail addresses in documents.
    pub links: Links,
    /// Pictures.
    pub images: Images,
    /// Separated values.
    pub csv: Csv,
}

/// What becomes of `http`, `https` and `mailto` links. Every other kind of
/// link is always removed; the visible text always stays.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Links {
    /// Remove them.
    Remove,
    /// Keep them.
    KeepWeb,
}

/// Choices for pictures.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Images {
    /// Frames of an animation.
    pub animation: Animation,
    /// Highest JPEG quality to write, 50–95.
    pub jpeg_quality: u8,
}

/// Which frames of an animation are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Animation {
    /// All of them.
    All,
    /// The first.
    First,
}

/// Choices for separated values.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Csv {
    /// Cells a spreadsheet would run as a formula.
    pub formulas: Formulas,
}

/// What becomes of CSV cells that look like formulas.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Formulas {
    /// An apostrophe is put in front.
    Neutralise,
    /// They stay as they are.
    Keep,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            version: "standard-1".to_owned(),
            links: Links::Remove,
            images: Images::default(),
            csv: Csv::default(),
        }
    }
}

impl Default for Images {
    fn default() -> Self {
        Self { animation: Animation::All, jpeg_quality: 90 }
    }
}

impl Default for Csv {
    fn default() -> Self {
        Self { formulas: Formulas::Neutralise }
    }
}
