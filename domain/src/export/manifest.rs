//! The `.end` control file: written last, names everything that belongs to the generation.
//!
//! ```text
//! madoguchi-generation=1
//! generation=juminhyo_20261120_000012
//! layout_version=1
//! encoding=cp932
//! rows=3
//! applications=3
//! file=<sha256 in hex> <bytes> juminhyo_20261120_000012.csv
//! file=<sha256 in hex> <bytes> 2026-000123-4/01_証明.pdf
//! end=2
//! ```
//!
//! UTF-8 without BOM, LF, keys in this order, `end` counts the `file` lines: a file that was cut
//! never reads.

use std::fmt::Write as _;
use std::str::FromStr;

use thiserror::Error;

use super::generation::Generation;
use super::layout::Encoding;

/// What a generation consists of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Manifest {
    /// Which generation.
    pub generation: Generation,
    /// Version of the column layout.
    pub layout_version: u32,
    /// Encoding of the data file.
    pub encoding: Encoding,
    /// Rows of the data file without the heading.
    pub rows: u64,
    /// Applications delivered.
    pub applications: u64,
    /// Every file but this one.
    pub files: Vec<FileEntry>,
}

/// One file of a generation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileEntry {
    /// Path in the generation's folder, parts joined by `/`; at most one folder deep.
    pub path: String,
    /// Size in bytes.
    pub bytes: u64,
    /// SHA-256.
    pub sha256: [u8; 32],
}

/// A text that is no control file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("line {line} of the control file: {reason}")]
pub struct BadManifest {
    /// Line from 1.
    pub line: usize,
    /// What is wrong.
    pub reason: &'static str,
}

/// Most files of one generation.
const MAX_FILES: usize = 200_000;

impl Manifest {
    /// Prints the control file.
    #[must_use]
    pub fn print(&self) -> String {
        let mut text = String::new();
        let mut line = |key: &str, value: &dyn std::fmt::Display| {
            // Writing into a string cannot fail.
            let _ = writeln!(text, "{key}={value}");
        };
        line("madoguchi-generation", &1);
        line("generation", &self.generation);
        line("layout_version", &self.layout_version);
        line("encoding", &self.encoding.key());
        line("rows", &self.rows);
        line("applications", &self.applications);
        for file in &self.files {
            let hex: String = file.sha256.iter().map(|b| format!("{b:02x}")).collect();
            line("file", &format_args!("{hex} {} {}", file.bytes, file.path));
        }
        line("end", &self.files.len());
        text
    }

    /// Reads a control file.
    /// # Errors
    /// [`BadManifest`] at the first line that is not as [`Self::print`] writes it.
    pub fn parse(text: &str) -> Result<Self, BadManifest> {
        let mut lines = Lines { lines: text.split('\n'), line: 0 };
        if lines.value::<u32>("madoguchi-generation")? != 1 {
            return Err(lines.fault("unknown version"));
        }
        let generation = lines.value("generation")?;
        let layout_version = lines.value("layout_version")?;
        let encoding = Encoding::parse(&lines.value::<String>("encoding")?)
            .ok_or_else(|| lines.fault("unknown encoding"))?;
        let rows = lines.value("rows")?;
        let applications = lines.value("applications")?;
        let mut files: Vec<FileEntry> = Vec::new();
        loop {
            let (key, value) = lines.next()?;
            match key {
                "file" if files.len() < MAX_FILES => {
                    files.push(entry(value).ok_or_else(|| lines.fault("not a file"))?);
                }
                "end" if value == files.len().to_string() => break,
                _ => return Err(lines.fault("expected file or end")),
            }
        }
        if lines.lines.next() != Some("") || lines.lines.next().is_some() {
            return Err(lines.fault("something follows the end"));
        }
        Ok(Self { generation, layout_version, encoding, rows, applications, files })
    }
}

struct Lines<'l> {
    lines: std::str::Split<'l, char>,
    line: usize,
}

impl<'l> Lines<'l> {
    fn next(&mut self) -> Result<(&'l str, &'l str), BadManifest> {
        self.line += 1;
        let line = self.lines.next().ok_or_else(|| self.fault("the file ends too early"))?;
        line.split_once('=').ok_or_else(|| self.fault("not key=value"))
    }

    fn value<T: FromStr>(&mut self, key: &str) -> Result<T, BadManifest> {
        let (found, value) = self.next()?;
        if found != key {
            return Err(self.fault("another key was expected"));
        }
        value.parse().map_err(|_| self.fault("the value does not read"))
    }

    fn fault(&self, reason: &'static str) -> BadManifest {
        BadManifest { line: self.line, reason }
    }
}

fn entry(value: &str) -> Option<FileEntry> {
    let (hex, rest) = value.split_once(' ')?;
    let (bytes, path) = rest.split_once(' ')?;
    let mut sha256 = [0; 32];
    if hex.len() != 64 || !hex.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f')) {
        return None;
    }
    for (n, byte) in sha256.iter_mut().enumerate() {
        *byte = u8::from_str_radix(&hex[2 * n..2 * n + 2], 16).ok()?;
    }
    is_path(path).then_some(FileEntry { path: path.to_owned(), bytes: bytes.parse().ok()?, sha256 })
}

/// A name, or a folder and a name: never a way out of the generation's folder (W7).
fn is_path(path: &str) -> bool {
    let part = |part: &str| {
        !part.is_empty()
            && part.len() <= 255
            && part != "."
            && part != ".."
            && !part.contains(['\\', '\0', '\r', ':'])
    };
    path.split('/').count() <= 2 && path.split('/').all(part)
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    fn sample() -> Manifest {
        let file = |path: &str| FileEntry { path: path.into(), bytes: 12, sha256: [0xAB; 32] };
        Manifest {
            generation: Generation::new("juminhyo", date(2026, 11, 20), 12).unwrap(),
            layout_version: 1,
            encoding: Encoding::Cp932,
            rows: 3,
            applications: 3,
            files: vec![file("juminhyo_20261120_000012.csv"), file("2026-000123-4/01_証明 書.pdf")],
        }
    }

    /// IK-3.5.7b: the control file reads back as it was written.
    #[test]
    fn a_control_file_reads_back() {
        let text = sample().print();
        assert!(text.starts_with("madoguchi-generation=1\ngeneration=juminhyo_20261120_000012\n"));
        assert_eq!(Manifest::parse(&text), Ok(sample()));
    }

    /// IK-3.5.7b: a file that was cut, or that leads out of its folder, never reads.
    #[test]
    fn a_cut_or_changed_control_file_is_refused() {
        let text = sample().print();
        for end in 0..text.len() {
            if let Some(cut) = text.get(..end) {
                assert!(Manifest::parse(cut).is_err(), "{end}");
            }
        }
        for (from, to) in [
            ("end=2", "end=3"),
            ("rows=3", "rows=-3"),
            ("cp932", "ebcdic"),
            ("2026-000123-4/", "../"),
            ("2026-000123-4/", "/"),
            ("2026-000123-4/", "a/b/"),
            ("abab", "zzzz"),
            ("madoguchi-generation=1", "madoguchi-generation=2"),
        ] {
            assert!(Manifest::parse(&text.replacen(from, to, 1)).is_err(), "{from}");
        }
        assert!(Manifest::parse(&format!("{text}more=1\n")).is_err());
    }
}
