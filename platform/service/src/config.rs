//! Settings: one TOML file a service. An unknown key or a value out of bounds
//! stops the start, not the day.

use std::fmt;
use std::path::{Path, PathBuf};

use serde::de::{DeserializeOwned, Error as _};
use serde::{Deserialize, Deserializer};

/// A whole number between `MIN` and `MAX`, both included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Within<const MIN: i64, const MAX: i64>(i64);

impl<const MIN: i64, const MAX: i64> Within<MIN, MAX> {
    /// The value, or `None` when it is out of bounds.
    #[must_use]
    pub const fn new(value: i64) -> Option<Self> {
        if value < MIN || value > MAX { None } else { Some(Self(value)) }
    }

    /// The number.
    #[must_use]
    pub const fn get(self) -> i64 {
        self.0
    }

    /// The number as a size or count; a negative one is 0.
    #[must_use]
    pub fn as_usize(self) -> usize {
        usize::try_from(self.0).unwrap_or(0)
    }
}

impl<'de, const MIN: i64, const MAX: i64> Deserialize<'de> for Within<MIN, MAX> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let value = i64::deserialize(from)?;
        Self::new(value)
            .ok_or_else(|| D::Error::custom(format!("{value} is not between {MIN} and {MAX}")))
    }
}

/// Why a settings file cannot be used.
#[derive(Debug)]
pub struct BadConfig {
    path: PathBuf,
    why: String,
}

impl fmt::Display for BadConfig {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "settings file {}: {}", self.path.display(), self.why)
    }
}

impl std::error::Error for BadConfig {}

/// Reads a settings file.
///
/// # Errors
/// [`BadConfig`] when the file cannot be read, is not TOML, has an unknown key
/// or a value out of bounds; the message names file, line and key.
pub fn load<T: DeserializeOwned>(path: &Path) -> Result<T, BadConfig> {
    let bad = |why: String| BadConfig { path: path.to_owned(), why };
    let text = std::fs::read_to_string(path).map_err(|error| bad(error.to_string()))?;
    toml::from_str(&text).map_err(|error| bad(error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Sample {
        minutes: Within<5, 60>,
    }

    #[test]
    fn a_value_out_of_bounds_is_refused_with_its_bounds() {
        let error = toml::from_str::<Sample>("minutes = 61").expect_err("61 is over 60");
        assert!(error.to_string().contains("61 is not between 5 and 60"), "{error}");
    }

    #[test]
    fn an_unknown_key_is_refused() {
        let error = toml::from_str::<Sample>("minutes = 5\nhours = 1").expect_err("no such key");
        assert!(error.to_string().contains("hours"), "{error}");
    }

    #[test]
    fn a_good_value_is_read() {
        let sample: Sample = toml::from_str("minutes = 30").expect("30 is allowed");
        assert_eq!((sample.minutes.get(), sample.minutes.as_usize()), (30, 30));
    }
}
