//! What comes of the members of an archive.

use std::collections::HashSet;

use sanitizer_intermediate::{Findings, HoldReason, Kind, Place, RemovedKind};

/// A member and what came of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MemberFate {
    /// Its path in the archive.
    pub name: String,
    /// What came of it.
    pub fate: Fate,
}

/// What comes of a member.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fate {
    /// It is in the new archive.
    Rebuilt {
        /// Its path there.
        name: String,
    },
    /// A folder.
    Folder,
    /// It is not in the new archive.
    LeftOut {
        /// As what it was removed.
        kind: RemovedKind,
        /// Why it could not be rebuilt, when that was tried.
        reason: Option<HoldReason>,
    },
}

/// Whether a system put the file there for itself: macOS and Windows do.
pub(super) fn is_system_file(path: &str) -> bool {
    let last = path.rsplit('/').next().unwrap_or_default().to_lowercase();
    path.split('/').next() == Some("__MACOSX")
        || last.starts_with("._")
        || matches!(last.as_str(), ".ds_store" | "thumbs.db" | "desktop.ini")
}

/// Whether a file of this name does nothing when it is empty.
pub(super) fn is_inert(hint: Option<Kind>) -> bool {
    !matches!(hint, Some(Kind::Executable | Kind::Script | Kind::Shortcut | Kind::Html))
}

/// The reason to give for the archive when no member is left: what could be
/// mended counts more than what could not.
pub(super) fn reason(reasons: impl Iterator<Item = HoldReason>) -> Option<HoldReason> {
    reasons.min_by_key(|it| match it {
        HoldReason::Encrypted | HoldReason::WrongPassword => 0,
        HoldReason::TooLarge | HoldReason::TooComplex | HoldReason::Timeout => 1,
        HoldReason::MacroOnly => 2,
        HoldReason::Unsupported => 3,
        HoldReason::Broken => 4,
        HoldReason::ActiveOnly | HoldReason::ScannerHit => 5,
        HoldReason::WorkerFault => 6,
    })
}

/// Adds a member's findings to the archive's: the member is the place.
pub(super) fn gather(all: &mut Findings, member: &Findings, number: u32) {
    let place = Place::Member(number);
    for it in member.removed() {
        all.remove(it.kind, it.count, place);
    }
    for it in member.changed() {
        all.change(it.kind, it.count, place);
    }
}

/// Names given so far, told apart as systems without letter case do. A file and
/// a folder have no name in common either.
#[derive(Default)]
pub(super) struct Names {
    files: HashSet<String>,
    folders: HashSet<String>,
}

impl Names {
    /// The name for a folder; `None` when it is there already.
    pub(super) fn folder(&mut self, name: &str) -> Option<String> {
        let before = self.folders.len();
        let name = self.folder_path(name);
        (self.folders.len() > before).then_some(name)
    }

    /// A free name for a file; `old` is where it was, `new` what it would be called.
    pub(super) fn file(&mut self, old: &str, new: &str) -> String {
        let path = match old.rsplit_once('/') {
            Some((folder, _)) => format!("{}/{new}", self.folder_path(folder)),
            None => new.to_owned(),
        };
        let slash = path.rfind('/').map_or(0, |it| it + 1);
        let dot = path.rfind('.').filter(|it| *it > slash).unwrap_or(path.len());
        let free = numbered(&path[..dot], &path[dot..], |it| {
            !self.files.contains(it) && !self.folders.contains(it)
        });
        self.files.insert(folded(&free));
        free
    }

    /// The path of a folder in which no part has the name of a file.
    fn folder_path(&mut self, path: &str) -> String {
        let mut whole = String::new();
        for part in path.split('/') {
            let wanted = if whole.is_empty() { part.to_owned() } else { format!("{whole}/{part}") };
            whole = numbered(&wanted, "", |it| !self.files.contains(it));
            self.folders.insert(folded(&whole));
        }
        whole
    }
}

/// The first of `a.b`, `a (2).b`, `a (3).b` that is free.
fn numbered(front: &str, end: &str, is_free: impl Fn(&str) -> bool) -> String {
    let plain = format!("{front}{end}");
    if is_free(&folded(&plain)) {
        return plain;
    }
    let mut tried = (2_u64..).map(|number| format!("{front} ({number}){end}"));
    tried.find(|it| is_free(&folded(it))).unwrap_or(plain)
}

/// All forms of a letter as one: the small form of its large form.
fn folded(name: &str) -> String {
    name.chars().flat_map(char::to_uppercase).flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_meet_are_told_apart() {
        let mut names = Names::default();
        assert_eq!(names.file("a/b.bmp", "b.png"), "a/b.png");
        assert_eq!(names.file("a/b.png", "b.png"), "a/b (2).png");
        assert_eq!(names.file("a/B.PNG", "B.PNG"), "a/B (3).PNG");
        assert_eq!(names.file("c", "c"), "c");
        assert_eq!(names.file("C", "C"), "C (2)");
        assert_eq!(names.file("ς.txt", "ς.txt"), "ς.txt");
        assert_eq!(names.file("σ.txt", "σ.txt"), "σ (2).txt");
    }

    #[test]
    fn files_and_folders_that_meet_are_told_apart() {
        let mut names = Names::default();
        assert_eq!(names.file("表", "表"), "表");
        assert_eq!(names.folder("表"), Some("表 (2)".to_owned()));
        assert_eq!(names.file("表/a.txt", "a.txt"), "表 (2)/a.txt");
        assert_eq!(names.folder("b/c"), Some("b/c".to_owned()));
        assert_eq!(names.folder("B"), None);
        assert_eq!(names.file("B", "B"), "B (2)");
    }

    #[test]
    fn files_of_systems_are_known() {
        for path in ["__MACOSX/a/._b.txt", "a/.DS_Store", "a/Thumbs.db", "x/._y"] {
            assert!(is_system_file(path), "{path}");
        }
        assert!(!is_system_file("a/__MACOSX.txt"));
    }
}
