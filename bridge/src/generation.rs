//! Generations on disk, the same at A and B: `<job>/<generation>/` with data
//! files, attachments in folders, and a control file ending in `.end`.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// Where A keeps what B said; never part of the generation itself.
pub(crate) const RECEIPT: &str = "receipt.json";
/// Folders of ours in a shared folder start with a dot and are no jobs.
const OURS: char = '.';
/// Most folders a file may be deep inside a generation.
const DEPTH: usize = 8;

/// One generation of one job.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Generation {
    pub(crate) job: String,
    pub(crate) name: String,
}

impl Generation {
    /// The generation of these names; `None` when one is no plain folder name.
    pub(crate) fn of(job: &str, name: &str) -> Option<Self> {
        let plain = is_plain(job) && is_plain(name);
        plain.then(|| Self { job: job.to_owned(), name: name.to_owned() })
    }

    /// Its folder.
    pub(crate) fn dir(&self, root: &Path) -> PathBuf {
        root.join(&self.job).join(&self.name)
    }
}

impl std::fmt::Display for Generation {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "{}/{}", self.job, self.name)
    }
}

/// Every generation in a folder, complete or not.
pub(crate) fn all(root: &Path) -> io::Result<Vec<Generation>> {
    let mut found = Vec::new();
    for job in folders(root)? {
        for name in folders(&root.join(&job))? {
            found.extend(Generation::of(&job, &name));
        }
    }
    found.sort();
    Ok(found)
}

/// The name of a generation's control file; `None` while it is not complete.
pub(crate) fn control_file(dir: &Path) -> io::Result<Option<String>> {
    let mut names: Vec<String> = entries(dir)?
        .into_iter()
        .filter(|(name, is_dir)| !is_dir && has_extension(name, "end"))
        .map(|(name, _)| name)
        .collect();
    names.sort();
    Ok(names.into_iter().next())
}

/// Paths of all files but control file and receipt, with `/` between names.
///
/// # Errors
/// Also when something in it cannot travel: nothing is left out in silence.
pub(crate) fn files(dir: &Path, control: Option<&str>) -> io::Result<Vec<String>> {
    let mut found = Vec::new();
    collect(dir, "", 0, &mut found)?;
    found.retain(|path| path != RECEIPT && Some(path.as_str()) != control);
    found.sort();
    let mut names = BTreeSet::new();
    // A Windows share takes them for one file, and the second would overwrite the first.
    if found.iter().any(|path| !names.insert(path.to_lowercase())) {
        let why = "two names differ in upper and lower case alone";
        return Err(io::Error::new(io::ErrorKind::InvalidInput, why));
    }
    Ok(found)
}

fn collect(dir: &Path, before: &str, depth: usize, found: &mut Vec<String>) -> io::Result<()> {
    if depth > DEPTH {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "folders are too deep"));
    }
    for entry in all_entries(dir)? {
        let (name, is_dir) =
            entry.map_err(|why| io::Error::new(io::ErrorKind::InvalidData, why))?;
        if name.starts_with(OURS) {
            continue;
        }
        if !is_plain(&name) {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, "a name cannot travel"));
        }
        let path = format!("{before}{name}");
        if is_dir {
            collect(&dir.join(&name), &format!("{path}/"), depth + 1, found)?;
        } else {
            found.push(path);
        }
    }
    Ok(())
}

/// Whether a name ends in an extension, in upper or lower case: Windows
/// shares do not tell them apart.
pub(crate) fn has_extension(name: &str, wanted: &str) -> bool {
    Path::new(name).extension().is_some_and(|found| found.eq_ignore_ascii_case(wanted))
}

/// A path from outside, if every part of it is a plain name.
pub(crate) fn inside(path: &str) -> Option<PathBuf> {
    let parts: Vec<&str> = path.split('/').collect();
    let good = parts.len() <= DEPTH + 1 && parts.iter().all(|part| is_plain(part));
    good.then(|| parts.iter().collect())
}

/// A name that means the same file on every system: not empty, no dot in
/// front, no separators, no characters and no device that Windows forbids.
pub(crate) fn is_plain(name: &str) -> bool {
    let forbidden = |letter: char| letter.is_control() || "/\\:*?\"<>|".contains(letter);
    !name.is_empty()
        && name.len() <= 255
        && !name.starts_with(OURS)
        && !name.ends_with(['.', ' '])
        && !name.chars().any(forbidden)
        && !is_device(name)
}

/// `NUL`, `COM1` and the like, with any ending: no file on a Windows share.
fn is_device(name: &str) -> bool {
    let stem = name.split('.').next().unwrap_or(name).trim_end().to_ascii_lowercase();
    let port = stem.strip_prefix("com").or_else(|| stem.strip_prefix("lpt"));
    matches!(stem.as_str(), "con" | "prn" | "aux" | "nul")
        || port.is_some_and(|rest| rest.len() == 1 && rest.as_bytes()[0].is_ascii_digit())
}

fn folders(dir: &Path) -> io::Result<Vec<String>> {
    let found = entries(dir)?;
    Ok(found.into_iter().filter(|(_, is_dir)| *is_dir).map(|(name, _)| name).collect())
}

/// Plain names in a folder, and whether each is a folder. What others leave there beside them
/// is nobody's generation and stops nobody (I17).
fn entries(dir: &Path) -> io::Result<Vec<(String, bool)>> {
    let all = all_entries(dir)?;
    Ok(all.into_iter().flatten().filter(|(name, _)| is_plain(name)).collect())
}

/// All names in a folder, and whether each is a folder; or why it cannot travel.
fn all_entries(dir: &Path) -> io::Result<Vec<Result<(String, bool), &'static str>>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(dir)? {
        let entry = entry?;
        let kind = entry.file_type()?;
        found.push(match entry.file_name().into_string() {
            Err(_) => Err("a name is not UTF-8"),
            Ok(name) if kind.is_dir() || kind.is_file() => Ok((name, kind.is_dir())),
            Ok(_) => Err("neither a file nor a folder"),
        });
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// IK-3.5.7b: two files that a Windows share takes for one never travel.
    #[test]
    fn names_that_differ_in_case_alone_keep_a_generation_here() {
        let folder = tempfile::tempdir().expect("a folder");
        fs::write(folder.path().join("a.csv"), b"1").expect("written");
        assert_eq!(files(folder.path(), None).expect("read"), ["a.csv"]);
        fs::write(folder.path().join("A.CSV"), b"2").expect("written");
        assert!(files(folder.path(), None).is_err());
    }

    /// I17: what somebody leaves beside the generations stops nobody; inside one it keeps that
    /// one here.
    #[test]
    fn an_odd_name_is_in_nobodys_way() {
        use std::os::unix::ffi::OsStrExt as _;
        let root = tempfile::tempdir().expect("a folder");
        let generation = root.path().join("juminhyo/000001");
        fs::create_dir_all(&generation).expect("a folder");
        let odd = std::ffi::OsStr::from_bytes(b"\xe3\x81");
        for place in [root.path().to_owned(), root.path().join("juminhyo")] {
            std::os::unix::fs::symlink("/nowhere", place.join("link")).expect("made");
            fs::create_dir(place.join(odd)).expect("made");
        }
        let found = all(root.path()).expect("readable");
        assert_eq!(found, [Generation::of("juminhyo", "000001").expect("plain")]);
        assert_eq!(files(&generation, None).expect("readable"), Vec::<String>::new());
        fs::write(generation.join(odd), b"1").expect("written");
        assert!(files(&generation, None).is_err());
    }

    /// IK-3.5.7b: a name from the other side never leaves its folder.
    #[test]
    fn a_path_from_outside_stays_inside() {
        assert_eq!(inside("a.csv"), Some(PathBuf::from("a.csv")));
        assert_eq!(inside("2026-000001-2/写し.pdf"), Some(PathBuf::from("2026-000001-2/写し.pdf")));
        for bad in ["", "/a", "a/", "../a", "a/../b", ".", "a//b", ".hidden", "a\\b", "c:d", "a\0"]
        {
            assert_eq!(inside(bad), None, "{bad:?}");
        }
        for device in ["nul", "NUL.txt", "Com1.csv", "lpt9", "aux.tar.gz", "con .txt"] {
            assert_eq!(inside(device), None, "{device:?}");
        }
        assert_eq!(inside("console.csv"), Some(PathBuf::from("console.csv")));
        assert_eq!(inside(&"a/".repeat(20)), None);
        assert_eq!(Generation::of("..", "1"), None);
    }
}
