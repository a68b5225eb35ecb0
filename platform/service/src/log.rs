//! Logs: one JSON object a line for machines, plain lines for people.
//!
//! Never logged: passwords, tokens, codes, form values, names, addresses.

use serde::Deserialize;
use tracing_subscriber::EnvFilter;

/// How log lines look.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Format {
    /// One JSON object a line, for collectors.
    #[default]
    Json,
    /// Plain lines, for a person at a terminal.
    Plain,
}

/// Starts logging to standard error. A second call changes nothing.
///
/// `filter` is a level or `target=level` list such as `info,internet_zone=debug`;
/// one that cannot be read counts as `info`.
pub fn init(format: Format, filter: &str) {
    let filter = EnvFilter::try_new(filter).unwrap_or_else(|_| EnvFilter::new("info"));
    let lines = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    // An earlier subscriber (a test's, or a first call) stays in charge.
    let _ = match format {
        Format::Json => lines.json().flatten_event(true).try_init(),
        Format::Plain => lines.with_ansi(false).try_init(),
    };
}
