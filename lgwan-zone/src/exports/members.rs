//! `.members`: which applications are in a generation, beside its files, for this zone alone. Server A
//! leaves names that begin with a dot out. A database that was set back learns from it what left.
//!
//! ```text
//! started=1763600400000000        when the generation was started, in microseconds
//! 0197…                           one identifier a line
//! ```

use std::collections::BTreeSet;
use std::fs;
use std::io::{self, ErrorKind};
use std::path::Path;

/// The file's name.
pub(super) const NAME: &str = ".members";
/// What its first line begins with.
const STARTED: &str = "started=";

/// What the file says.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Members {
    /// When the generation was started; an operator who wrote the file may not know.
    pub(super) started_at: Option<i64>,
    /// Which applications, each once.
    pub(super) applications: BTreeSet<String>,
}

/// The file of a generation.
pub(super) fn text(started_at: i64, applications: &[String]) -> String {
    let mut text = format!("{STARTED}{started_at}\n");
    for id in applications {
        text.push_str(id);
        text.push('\n');
    }
    text
}

/// What lies in the folder of a generation; `None` where an older version wrote none.
pub(super) fn read(folder: &Path) -> io::Result<Option<Members>> {
    match fs::read_to_string(folder.join(NAME)) {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        text => Ok(Some(parse(&text?))),
    }
}

/// Operators may have written it, with any program.
fn parse(text: &str) -> Members {
    let lines = text.trim_start_matches('\u{feff}').lines().map(str::trim);
    let (mut started_at, mut applications) = (None, BTreeSet::new());
    for line in lines.filter(|line| !line.is_empty()) {
        match line.strip_prefix(STARTED) {
            Some(micros) => started_at = micros.parse().ok(),
            None => {
                applications.insert(line.to_owned());
            }
        }
    }
    Members { started_at, applications }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// I14: what is written is read, also when an operator wrote it; a generation of an older version
    /// says nothing.
    #[test]
    fn members_are_read_as_they_were_written() {
        let folder = tempfile::tempdir().expect("a folder");
        assert_eq!(read(folder.path()).expect("readable"), None);
        let all = ["b".to_owned(), "a".to_owned()];
        let said = |text: &str| {
            fs::write(folder.path().join(NAME), text).expect("written");
            read(folder.path()).expect("readable").expect("there")
        };
        let applications = BTreeSet::from(all.clone());
        let (started_at, same) = (Some(-5), applications.clone());
        assert_eq!(said(&text(-5, &all)), Members { started_at, applications: same });
        assert_eq!(
            said("\u{feff} a\r\nb\r\n\r\nb\r\n"),
            Members { started_at: None, applications }
        );
        let nothing = Members { started_at: None, applications: BTreeSet::new() };
        assert_eq!(said(""), nothing);
    }
}
