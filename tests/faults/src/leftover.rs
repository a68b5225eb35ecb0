//! What a runner that was killed left behind: its town's folder, with file systems that are still
//! mounted in it. Nobody else takes them away, and the next runs would find less memory.

use std::ffi::OsString;
use std::fs;
use std::io;
use std::os::unix::ffi::OsStringExt as _;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::process;

use rustix::process::geteuid;

use crate::means::{MOUNTS, unmount};

/// The file beside a town that says which runner opened it.
const SIGNED: &str = "runner";
/// Folders of towns begin with this.
const TOWN: &str = "load-";
/// Most file systems over one folder: its own, and an empty one over it.
const DEEP: usize = 2;

/// Notes that the town at `root` is this runner's, and takes away what lies beside it of runners
/// that live no more.
///
/// # Errors
/// When it cannot be noted. What cannot be taken away stays.
pub(crate) fn begin(root: &Path) -> io::Result<()> {
    let Some(folder) = root.parent() else { return Ok(()) };
    if let Some(all) = folder.parent() {
        clear(all)?;
    }
    fs::write(folder.join(SIGNED), signature(process::id()).unwrap_or_default())
}

/// A process as nobody else is it: its number, when it began, and where such numbers are counted.
fn signature(id: u32) -> Option<String> {
    let stat = fs::read_to_string(format!("/proc/{id}/stat")).ok()?;
    // The second field is a name in brackets; the 22nd is the time.
    let (_, fields) = stat.rsplit_once(')')?;
    let begun = fields.split_whitespace().nth(19)?;
    Some(format!("{id} {begun} {}\n", counted_by()?))
}

/// Each machine, since it was started, counts in places of its own; the first has the same name on all.
fn counted_by() -> Option<String> {
    let place = fs::read_link("/proc/self/ns/pid").ok()?.into_os_string().into_string().ok()?;
    let machine = fs::read_to_string("/proc/sys/kernel/random/boot_id").ok()?;
    Some(format!("{place}@{}", machine.trim()))
}

/// Whether the runner of this signature is known to live no more.
fn is_gone(signed: &str) -> bool {
    let mut words = signed.split_whitespace();
    let id = words.next().and_then(|id| id.parse().ok());
    let ours = words.nth(1).is_some_and(|by| counted_by().as_deref() == Some(by));
    ours && id.is_some_and(|id: u32| signature(id).as_deref() != Some(signed))
}

fn clear(all: &Path) -> io::Result<()> {
    for entry in fs::read_dir(all)? {
        let entry = entry?;
        let (name, folder) = (entry.file_name(), entry.path());
        let about = entry.metadata();
        // A link, or a folder that somebody else made, is nothing of ours.
        let ours = about.is_ok_and(|it| it.is_dir() && it.uid() == geteuid().as_raw());
        if !ours || !name.to_string_lossy().starts_with(TOWN) {
            continue;
        }
        if fs::read_to_string(folder.join(SIGNED)).is_ok_and(|signed| is_gone(&signed)) {
            take_away(&folder);
        }
    }
    Ok(())
}

/// Unmounts what a runner mounted, and nothing else; a folder with anything else mounted in it stays.
fn take_away(folder: &Path) {
    // The system knows file systems by their real places.
    let Ok(folder) = folder.canonicalize() else { return };
    for place in MOUNTS.map(|place| folder.join("town").join(place)) {
        for _ in 0..DEEP {
            let all = mounted(&folder).unwrap_or_default();
            if all.iter().any(|(at, is_ours)| *is_ours && *at == place) {
                unmount(&place);
            }
        }
    }
    if mounted(&folder).is_some_and(|all| all.is_empty()) {
        // Somebody else may be taking it away, too.
        let _ = fs::remove_dir_all(folder);
    }
}

/// What is mounted in a folder, and whether it is of the kind that runners mount; `None` when the system
/// does not say.
fn mounted(folder: &Path) -> Option<Vec<(PathBuf, bool)>> {
    Some(within(&fs::read_to_string("/proc/self/mountinfo").ok()?, folder))
}

fn within(all: &str, folder: &Path) -> Vec<(PathBuf, bool)> {
    let one = |line: &str| {
        let at = unescaped(line.split(' ').nth(4)?);
        let (_, kind) = line.split_once(" - ")?;
        at.starts_with(folder).then(|| (at, kind.starts_with("tmpfs ")))
    };
    all.lines().filter_map(one).collect()
}

/// A path as it is: the system writes blanks and the like as `\040`.
fn unescaped(text: &str) -> PathBuf {
    let (mut bytes, mut rest) = (Vec::new(), text.as_bytes());
    while let Some((first, after)) = rest.split_first() {
        let digits = after.get(..3).filter(|_| *first == b'\\');
        let digits = digits.and_then(|digits| std::str::from_utf8(digits).ok());
        match digits.and_then(|digits| u8::from_str_radix(digits, 8).ok()) {
            Some(byte) => {
                bytes.push(byte);
                rest = &after[3..];
            }
            None => {
                bytes.push(*first);
                rest = after;
            }
        }
    }
    OsString::from_vec(bytes).into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::means::Mount;

    /// MN-8.2a: what a runner left that was killed is taken away, mounted or not; what a living one
    /// has, and what nobody signed, stays.
    #[test]
    fn what_a_dead_runner_left_is_taken_away() {
        let all = std::env::temp_dir().join(format!("leftover-{}", process::id()));
        let town = |name: &str, signed: &str| {
            let folder = all.join(name);
            fs::create_dir_all(folder.join("town/i/spool")).expect("made");
            fs::write(folder.join(SIGNED), signed).expect("signed");
            folder
        };
        let own = signature(process::id()).expect("a living process");
        let (_, by) = own.trim_end().rsplit_once(' ').expect("three words");
        let dead = town("load-dead", &format!("{} 1 {by}\n", process::id()));
        // Without the right to mount there is nothing to unmount.
        let mount = Mount::new(&dead.join("town/i/spool"), 1).ok();
        let stay = [
            town("load-living", &own),
            town("load-elsewhere", "1 1 pid:[1]\n"),
            town("load-unsigned", ""),
            town("other", &format!("{} 1 {by}\n", process::id())),
        ];
        // A link leads to what is somebody else's.
        let (linked, others) =
            (town("load-linked", &format!("{} 1 {by}\n", process::id())), all.join("others"));
        fs::create_dir(&others).expect("made");
        fs::write(others.join("file"), "kept").expect("written");
        fs::remove_dir(linked.join("town/i/spool")).expect("empty");
        std::os::unix::fs::symlink(&others, linked.join("town/i/spool")).expect("made");
        let new = all.join("load-new");
        fs::create_dir(&new).expect("made");
        begin(&new.join("town")).expect("begun");
        assert!(!dead.exists(), "mounted: {}", mount.is_some());
        assert!(!linked.exists() && others.join("file").exists());
        assert!(stay.iter().all(|folder| folder.join("town/i/spool").exists()));
        assert_eq!(fs::read_to_string(new.join(SIGNED)).expect("signed"), own);
        fs::remove_dir_all(all).expect("removed");
    }

    /// MN-8.2a: what is mounted in a folder is known by its whole name, with blanks, and by its kind.
    #[test]
    fn what_is_mounted_in_a_folder_is_known() {
        let all = "29 1 8:1 / / rw - ext4 /dev/sda1 rw\n\
                   40 29 0:40 / /my\\040place/load-a/town/i/spool rw shared:7 - tmpfs tmpfs rw\n\
                   41 29 8:1 /home /my\\040place/load-a/town/home rw - ext4 /dev/sda1 rw\n\
                   42 29 0:42 / /my\\040place/load-ab rw - tmpfs tmpfs rw\n\
                   no line\n";
        let folder = Path::new("/my place/load-a/town");
        let expected = [(folder.join("i/spool"), true), (folder.join("home"), false)];
        assert_eq!(within(all, Path::new("/my place/load-a")), expected);
        assert_eq!(unescaped("a\\13"), Path::new("a\\13"));
    }
}
