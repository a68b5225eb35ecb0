//! Names of the files of a generation, as the business system wants them (IK-3.5.7b).

use serde::{Deserialize, Serialize};

use super::generation::Generation;

/// How the files of a generation are named: letters, digits, `_` and `-`, and in braces what the
/// generation fills in.
///
/// ```text
/// {layout}_{date}_{generation}    juminhyo_20261120_000012.csv     unless the layout says otherwise
/// JUMIN{date}-{generation:4}      JUMIN20261120-0012.csv
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct FileName(String);

/// Most characters of a pattern.
const LONGEST: usize = 100;
/// Most characters of a name before its ending: file systems know 255.
const LONGEST_NAME: usize = 200;
/// Most characters of the name of a layout.
const LONGEST_LAYOUT: usize = 40;
/// Digits of a generation unless the pattern says otherwise.
const DIGITS: usize = 6;

/// What a pattern consists of.
enum Piece<'p> {
    Text(&'p str),
    Layout,
    Date,
    /// With at least so many digits.
    Generation(usize),
}

impl Piece<'_> {
    /// Most characters it becomes.
    const fn longest(&self) -> usize {
        match self {
            Self::Text(text) => text.len(),
            Self::Layout => LONGEST_LAYOUT,
            Self::Date => 8,
            Self::Generation(digits) if *digits > DIGITS => *digits,
            Self::Generation(_) => DIGITS,
        }
    }
}

impl Default for FileName {
    fn default() -> Self {
        Self("{layout}_{date}_{generation}".to_owned())
    }
}

impl FileName {
    /// A pattern as it was typed; [`holds`](Self::holds) tells whether it names files.
    #[must_use]
    pub fn new(text: &str) -> Self {
        Self(text.to_owned())
    }

    /// As it is written in the layout.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.0
    }

    /// Whether it names files: plain characters, known braces, and the generation among them, so
    /// that no two generations have one name; and no name becomes longer than a file may be called.
    #[must_use]
    pub fn holds(&self) -> bool {
        let Some(pieces) = self.pieces() else { return false };
        let numbered = pieces.iter().any(|piece| matches!(piece, Piece::Generation(_)));
        let name: usize = pieces.iter().map(Piece::longest).sum();
        numbered && self.0.len() <= LONGEST && name <= LONGEST_NAME
    }

    /// Three digits at least: no name is one of Windows' devices (`COM1`).
    fn pieces(&self) -> Option<Vec<Piece<'_>>> {
        let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-');
        let (mut pieces, mut rest) = (Vec::new(), self.0.as_str());
        loop {
            let (text, behind) = rest.split_once('{').map_or((rest, None), |(a, b)| (a, Some(b)));
            if !text.bytes().all(plain) {
                return None;
            }
            pieces.push(Piece::Text(text));
            let Some(behind) = behind else { return Some(pieces) };
            let (word, next) = behind.split_once('}')?;
            pieces.push(match word {
                "layout" => Piece::Layout,
                "date" => Piece::Date,
                "generation" => Piece::Generation(DIGITS),
                _ => {
                    let digits: usize = word.strip_prefix("generation:")?.parse().ok()?;
                    if !(3..=9).contains(&digits) {
                        return None;
                    }
                    Piece::Generation(digits)
                }
            });
            rest = next;
        }
    }
}

/// Names of the files of one generation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Names {
    stem: String,
}

impl Names {
    /// Names by a pattern; by the usual one where the pattern does not hold.
    #[must_use]
    pub fn of(generation: &Generation, pattern: &FileName) -> Self {
        let Some(pieces) = pattern.pieces().filter(|_| pattern.holds()) else {
            return Self { stem: generation.to_string() };
        };
        let day = generation.business_date();
        let written = pieces.into_iter().map(|piece| match piece {
            Piece::Text(text) => text.to_owned(),
            Piece::Layout => generation.layout().to_owned(),
            Piece::Date => format!("{:04}{:02}{:02}", day.year(), day.month(), day.day()),
            Piece::Generation(digits) => format!("{:0digits$}", generation.number()),
        });
        Self { stem: written.collect() }
    }

    /// The data file.
    #[must_use]
    pub fn data_file(&self, extension: &str) -> String {
        format!("{}.{extension}", self.stem)
    }

    /// One of several data files, from 1.
    #[must_use]
    pub fn part_file(&self, part: usize, extension: &str) -> String {
        format!("{}_{part:03}.{extension}", self.stem)
    }

    /// The list of the attachments.
    #[must_use]
    pub fn list_file(&self) -> String {
        format!("{}_files.csv", self.stem)
    }

    /// The list of codes and their labels.
    #[must_use]
    pub fn codes_file(&self) -> String {
        format!("{}_codes.csv", self.stem)
    }

    /// The list of what is not written as it was typed.
    #[must_use]
    pub fn gaiji_file(&self) -> String {
        format!("{}_gaiji.csv", self.stem)
    }

    /// The control file, written last.
    #[must_use]
    pub fn end_file(&self) -> String {
        format!("{}.end", self.stem)
    }

    /// The receipt of a generation that was taken in.
    #[must_use]
    pub fn done_file(&self) -> String {
        format!("{}.done", self.stem)
    }

    /// The receipt of a generation that was refused.
    #[must_use]
    pub fn err_file(&self) -> String {
        format!("{}.err", self.stem)
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    fn named(pattern: &str) -> Option<String> {
        let pattern = FileName(pattern.to_owned());
        let generation = Generation::new("jido_teate", date(2026, 11, 20), 12).unwrap();
        pattern.holds().then(|| Names::of(&generation, &pattern).data_file("csv"))
    }

    /// IK-3.5.7b: files are named as the business system wants them, and never two alike.
    #[test]
    fn files_are_named_by_the_pattern_of_their_layout() {
        for (pattern, name) in [
            ("{layout}_{date}_{generation}", "jido_teate_20261120_000012.csv"),
            ("KODOMO{date}-{generation:4}", "KODOMO20261120-0012.csv"),
            ("{generation:3}", "012.csv"),
            ("{generation}_{generation:9}x", "000012_000000012x.csv"),
        ] {
            assert_eq!(named(pattern).as_deref(), Some(name), "{pattern}");
        }
        for bad in [
            "",
            "{layout}_{date}",
            "{generation:2}",
            "{generation:10}",
            "{number}{generation}",
            "{generation",
            "generation}",
            "../{generation}",
            "a.b{generation}",
            "児童{generation}",
            "{{generation}}",
        ] {
            assert_eq!(named(bad), None, "{bad}");
        }
        assert_eq!(named(&format!("{}{{generation}}", "a".repeat(100))), None);
        // A name of a layout has 40 characters.
        assert!(named(&format!("{{generation}}{}", "{layout}".repeat(4))).is_some());
        assert_eq!(named(&format!("{{generation}}{}", "{layout}".repeat(5))), None);
    }

    /// IK-3.5.7b: every file of a generation has its own name, and a pattern that does not hold
    /// gives the usual ones.
    #[test]
    fn every_file_of_a_generation_has_its_name() {
        let generation = Generation::new("x", date(2026, 11, 20), 12).unwrap();
        let names = Names::of(&generation, &FileName("{date}".to_owned()));
        assert_eq!(names, Names::of(&generation, &FileName::default()));
        assert_eq!(
            [
                names.data_file("dat"),
                names.part_file(1, "dat"),
                names.part_file(1000, "dat"),
                names.list_file(),
                names.codes_file(),
                names.gaiji_file(),
                names.end_file(),
                names.done_file(),
                names.err_file(),
            ],
            [
                ".dat",
                "_001.dat",
                "_1000.dat",
                "_files.csv",
                "_codes.csv",
                "_gaiji.csv",
                ".end",
                ".done",
                ".err",
            ]
            .map(|end| format!("x_20261120_000012{end}"))
        );
    }
}
