//! The `.end` control file: written last, names everything that belongs to the generation.
//!
//! ```text
//! madoguchi-generation=2
//! generation=juminhyo_20261120_000012
//! business_date=2026-11-20
//! layout_version=1
//! replaces=11                          only when it repeats an earlier generation
//! encoding=cp932
//! gaiji_table=meiji@3                  only when a table was used: name and version
//! data=juminhyo_20261120_000012.csv    one line for every data file
//! rows=3                               in all data files
//! rows.1=2                             only when there are several data files: one line each
//! applications=3
//! changed=1                            records with another character than was typed
//! total.amount=1200                    one line for every column that is summed up
//! file=<sha256 in hex> <bytes> juminhyo_20261120_000012.csv
//! file=<sha256 in hex> <bytes> 2026-000123-4/01_証明.pdf
//! end=2
//! ```
//!
//! UTF-8 without BOM, LF, keys in this order, `end` counts the `file` lines: a file that was cut
//! never reads.

use std::fmt::Write as _;
use std::str::FromStr;

use jiff::civil::Date;
use thiserror::Error;

use super::encoding::Encoding;
use super::generation::Generation;

/// What a generation consists of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Manifest {
    /// Which generation.
    pub generation: Generation,
    /// Version of the column layout.
    pub layout_version: u32,
    /// The generation it repeats.
    pub replaces: Option<u32>,
    /// Encoding of the data file.
    pub encoding: Encoding,
    /// Name and version of the table of replacements.
    pub gaiji_table: Option<String>,
    /// The data files, at least one.
    pub data: Vec<DataFile>,
    /// Applications delivered.
    pub applications: u64,
    /// Records in which another character, or less, is written than was typed.
    pub changed: u64,
    /// Column id and sum.
    pub totals: Vec<(String, String)>,
    /// Every file but this one.
    pub files: Vec<FileEntry>,
}

/// A file with records.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DataFile {
    /// Its name.
    pub name: String,
    /// Its rows without the heading.
    pub rows: u64,
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

/// Version of this text.
const VERSION: u32 = 2;
/// Most files of one generation.
const MAX_FILES: usize = 200_000;

impl Manifest {
    /// Rows of all data files without their headings.
    #[must_use]
    pub fn rows(&self) -> u64 {
        self.data.iter().map(|data| data.rows).sum()
    }

    /// Prints the control file.
    #[must_use]
    pub fn print(&self) -> String {
        let mut text = String::new();
        let mut line = |key: &str, value: &dyn std::fmt::Display| {
            // Writing into a string cannot fail.
            let _ = writeln!(text, "{key}={value}");
        };
        line("madoguchi-generation", &VERSION);
        line("generation", &self.generation);
        line("business_date", &self.generation.business_date());
        line("layout_version", &self.layout_version);
        if let Some(replaced) = &self.replaces {
            line("replaces", replaced);
        }
        line("encoding", &self.encoding.key());
        if let Some(table) = &self.gaiji_table {
            line("gaiji_table", table);
        }
        for data in &self.data {
            line("data", &data.name);
        }
        line("rows", &self.rows());
        for (n, data) in self.data.iter().enumerate().filter(|_| self.data.len() > 1) {
            line(&format!("rows.{}", n + 1), &data.rows);
        }
        line("applications", &self.applications);
        line("changed", &self.changed);
        for (column, sum) in &self.totals {
            line(&format!("total.{column}"), sum);
        }
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
        if lines.value::<u32>("madoguchi-generation")? != VERSION {
            return Err(lines.fault("unknown version"));
        }
        let generation: Generation = lines.value("generation")?;
        if lines.value::<Date>("business_date")? != generation.business_date() {
            return Err(lines.fault("another day than the generation's"));
        }
        let layout_version = lines.value("layout_version")?;
        let replaces = lines.maybe("replaces")?;
        let encoding = Encoding::parse(&lines.value::<String>("encoding")?)
            .ok_or_else(|| lines.fault("unknown encoding"))?;
        let gaiji_table = lines.maybe("gaiji_table")?;
        let data = lines.data()?;
        let applications = lines.value("applications")?;
        let changed = lines.value("changed")?;
        let mut totals = Vec::new();
        let mut files: Vec<FileEntry> = Vec::new();
        loop {
            let (key, value) = lines.next()?;
            if let Some(column) = key.strip_prefix("total.").filter(|_| files.is_empty()) {
                totals.push((column.to_owned(), value.to_owned()));
                continue;
            }
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
        Ok(Self {
            generation,
            layout_version,
            replaces,
            encoding,
            gaiji_table,
            data,
            applications,
            changed,
            totals,
            files,
        })
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

    /// A value that may be left out.
    fn maybe<T: FromStr>(&mut self, key: &str) -> Result<Option<T>, BadManifest> {
        let next = self.lines.clone().next().and_then(|line| line.split_once('='));
        if next.is_some_and(|(found, _)| found == key) {
            self.value(key).map(Some)
        } else {
            Ok(None)
        }
    }

    /// The data files with their rows.
    fn data(&mut self) -> Result<Vec<DataFile>, BadManifest> {
        let mut names: Vec<String> = vec![self.value("data")?];
        while let Some(name) = self.maybe("data")? {
            if names.len() == MAX_FILES {
                return Err(self.fault("too many data files"));
            }
            names.push(name);
        }
        let all: u64 = self.value("rows")?;
        let several = names.len() > 1;
        let mut data = Vec::new();
        for (n, name) in names.into_iter().enumerate() {
            let rows = if several { self.value(&format!("rows.{}", n + 1))? } else { all };
            data.push(DataFile { name, rows });
        }
        let sum = data.iter().try_fold(0_u64, |sum, one| sum.checked_add(one.rows));
        if sum == Some(all) { Ok(data) } else { Err(self.fault("the rows differ")) }
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
            replaces: Some(11),
            encoding: Encoding::Cp932,
            gaiji_table: Some("meiji@3".into()),
            data: vec![DataFile { name: "juminhyo_20261120_000012.csv".into(), rows: 3 }],
            applications: 3,
            changed: 1,
            totals: vec![("amount".into(), "1200".into())],
            files: vec![file("juminhyo_20261120_000012.csv"), file("2026-000123-4/01_証明 書.pdf")],
        }
    }

    /// IK-3.5.7b: the control file reads back as it was written.
    #[test]
    fn a_control_file_reads_back() {
        let text = sample().print();
        let begin = "madoguchi-generation=2\ngeneration=juminhyo_20261120_000012\nbusiness_date=2026-11-20\n";
        assert!(text.starts_with(begin), "{text}");
        assert_eq!(Manifest::parse(&text), Ok(sample()));
        let plain = Manifest { replaces: None, gaiji_table: None, totals: Vec::new(), ..sample() };
        assert_eq!(Manifest::parse(&plain.print()), Ok(plain));
    }

    /// IK-3.5.7b: several data files are named with their rows, and the rows of all are their sum.
    #[test]
    fn several_data_files_are_counted_one_by_one_and_together() {
        let part = |n: u64| DataFile { name: format!("a_{n:03}.csv"), rows: n };
        let split = Manifest { data: vec![part(2), part(1)], ..sample() };
        let text = split.print();
        let lines =
            "\ndata=a_002.csv\ndata=a_001.csv\nrows=3\nrows.1=2\nrows.2=1\napplications=3\n";
        assert!(text.contains(lines), "{text}");
        assert_eq!(Manifest::parse(&text), Ok(split));
        for (from, to) in [
            ("rows=3", "rows=4"),
            ("rows.2=1\n", ""),
            ("rows.2=1", "rows.3=1"),
            ("data=a_001.csv\n", ""),
            ("rows.1=2", "rows.1=18446744073709551615"),
        ] {
            assert!(Manifest::parse(&text.replacen(from, to, 1)).is_err(), "{from}");
        }
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
            ("madoguchi-generation=2", "madoguchi-generation=1"),
            ("business_date=2026-11-20", "business_date=2026-11-21"),
        ] {
            assert!(Manifest::parse(&text.replacen(from, to, 1)).is_err(), "{from}");
        }
        assert!(Manifest::parse(&format!("{text}more=1\n")).is_err());
    }
}
