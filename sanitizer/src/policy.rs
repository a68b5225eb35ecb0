//! What a city may choose about the rebuild. Safety is not among it.

mod limits;
mod scanners;

use std::path::Path;

use platform_service::config::{self, BadConfig, Within};
use sanitizer_intermediate::Limits;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer};

pub use limits::LimitChoices;
pub use scanners::{ClamdScanner, IcapMethod, IcapScanner, Need, Scanners};

/// The policy file, TOML. Every key may be left out.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Policy {
    /// Number of this policy in verdicts and reports; the city counts it up
    /// with every change.
    pub version: u32,
    /// Links to web pages and mail addresses in documents.
    pub links: Links,
    /// Pictures.
    pub images: Images,
    /// PDF.
    pub pdf: PdfChoices,
    /// Separated values.
    pub csv: Csv,
    /// Archives.
    pub archives: Archives,
    /// How much a file may cost.
    pub limits: LimitChoices,
    /// Malware scanners that see the original.
    pub scanners: Scanners,
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
    /// Highest JPEG quality to write, 60–95.
    #[serde(deserialize_with = "quality")]
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

/// Choices for PDF.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct PdfChoices {
    /// What pages become.
    pub pages: Pages,
}

/// What the pages of a PDF become.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Pages {
    /// They are rebuilt; one that cannot be becomes a picture.
    #[default]
    Rebuild,
    /// All become pictures with their text, unseen, behind.
    Pictures,
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

/// Choices for ZIP archives.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Archives {
    /// Open them, or hold them.
    pub open: bool,
    /// Archives within archives, 2 when absent; 1 opens no inner ones.
    pub depth: Option<Within<1, 5>>,
    /// Files of an archive, those of inner archives too; 500 when absent.
    pub files: Option<Within<1, 5_000>>,
    /// Files that cannot be rebuilt.
    pub unfit: Unfit,
}

/// What becomes of an archive with a file that cannot be rebuilt.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Unfit {
    /// The file is left out and listed; an archive without a file is held.
    LeaveOut,
    /// The archive is held.
    Hold,
}

impl Policy {
    /// Reads a policy file.
    ///
    /// # Errors
    /// [`BadConfig`] when a key is unknown or a value out of bounds.
    pub fn load(path: &Path) -> Result<Self, BadConfig> {
        config::load(path)
    }

    /// What a worker is told: how much a file may cost, and how pages are read.
    #[must_use]
    pub fn worker_limits(&self) -> Limits {
        Limits {
            page_pictures: self.pdf.pages == Pages::Pictures,
            show_opened: self.scanners.clamd.is_some() || self.scanners.icap.is_some(),
            ..self.limits.limits()
        }
    }
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            version: 1,
            links: Links::Remove,
            images: Images::default(),
            pdf: PdfChoices::default(),
            csv: Csv::default(),
            archives: Archives::default(),
            limits: LimitChoices::default(),
            scanners: Scanners::default(),
        }
    }
}

impl Default for Archives {
    fn default() -> Self {
        Self { open: true, depth: None, files: None, unfit: Unfit::LeaveOut }
    }
}

impl Archives {
    /// How deep archives are opened, 1 or more.
    #[must_use]
    pub fn most_levels(&self) -> usize {
        self.depth.map_or(2, |it| it.as_usize())
    }

    /// How many files an archive may have with all inner ones.
    #[must_use]
    pub fn most_files(&self) -> usize {
        self.files.map_or(500, |it| it.as_usize())
    }
}

impl Default for Images {
    fn default() -> Self {
        Self { animation: Animation::All, jpeg_quality: 90 }
    }
}

fn quality<'de, D: Deserializer<'de>>(from: D) -> Result<u8, D::Error> {
    let bounded = Within::<60, 95>::deserialize(from)?;
    u8::try_from(bounded.get()).map_err(D::Error::custom)
}

impl Default for Csv {
    fn default() -> Self {
        Self { formulas: Formulas::Neutralise }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_key_or_a_value_out_of_bounds_is_refused() {
        assert!(toml::from_str::<Policy>("verison = 2").is_err());
        assert!(toml::from_str::<Policy>("[images]\njpeg_quality = 96").is_err());
        assert!(toml::from_str::<Policy>("[limits]\nwall_seconds = 0").is_err());
    }

    #[test]
    fn what_is_left_out_stays_as_usual() {
        let policy: Policy =
            toml::from_str("version = 7\n[csv]\nformulas = \"keep\"\n[limits]\ninput_mb = 5\n")
                .expect("a policy");
        assert_eq!(policy.version, 7);
        assert_eq!(policy.csv.formulas, Formulas::Keep);
        assert_eq!(policy.images, Images::default());
        assert_eq!(policy.limits.limits().input_bytes, 5 << 20);
        assert!(!policy.worker_limits().page_pictures);
        let pictures: Policy = toml::from_str("[pdf]\npages = \"pictures\"").expect("a policy");
        assert!(pictures.worker_limits().page_pictures);
    }
}
