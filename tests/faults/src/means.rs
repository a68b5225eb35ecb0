//! What this machine lets the runner do. Faults that need more are left out, and
//! the runner says so before it begins.

use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::leftover;

/// Megabytes of each folder that is a file system of its own, before anything happens.
const MOUNT_MB: usize = 128;
/// Trials that leave a megabyte behind: nothing is released while a run lasts, and at 80 % an
/// alarm, at 95 % the intake would come of the runner's own files.
const TRIALS_PER_MB: usize = 2;
/// Folders that are file systems of their own when mounts are allowed.
pub const MOUNTS: [&str; 9] = [
    "i/spool",
    "s/spool",
    "l/spool",
    "i/files",
    "l/files",
    "a/spool",
    "a/exports",
    "b/spool",
    "b/drop",
];

/// What is possible here.
#[derive(Debug)]
pub struct Means {
    /// System calls of running programs can be made to fail.
    pub strace: bool,
    /// A library that tells a program another time.
    pub faketime: Option<PathBuf>,
    /// File systems of their own; empty when nothing can be mounted.
    mounts: Vec<Mount>,
}

impl Means {
    /// Looks, and mounts a small file system over each of [`MOUNTS`] below `root`, with room for
    /// what so many trials leave there, when that is allowed. What runners left that were killed is
    /// taken away before.
    ///
    /// # Errors
    /// When the folders cannot be made.
    pub fn find(root: &Path, trials: usize) -> io::Result<Self> {
        leftover::begin(root)?;
        let mut mounts = Vec::new();
        for place in MOUNTS {
            let place = root.join(place);
            std::fs::create_dir_all(&place)?;
            mounts.extend(Mount::new(&place, MOUNT_MB + trials / TRIALS_PER_MB).ok());
        }
        Ok(Self { strace: strace(), faketime: faketime(), mounts })
    }

    /// Whether [`MOUNTS`] are small file systems of their own.
    #[must_use]
    pub fn mounts(&self) -> bool {
        self.mounts.len() == MOUNTS.len()
    }

    /// Which kinds of faults are left out, and what would bring them in.
    #[must_use]
    pub fn missing(&self) -> Vec<&'static str> {
        let all = [
            (
                self.strace,
                "failing disk, order of writes: strace is missing or may not trace (apt-get install strace)",
            ),
            (
                self.faketime.is_some(),
                "wrong clock, jumping clock: libfaketime is missing (apt-get install libfaketime)",
            ),
            (self.mounts(), "full disk, empty mount: tmpfs cannot be mounted (run as root)"),
        ];
        all.into_iter().filter(|(there, _)| !there).map(|(_, words)| words).collect()
    }
}

/// A mounted tmpfs; gone when this is.
#[derive(Debug)]
pub struct Mount(PathBuf);

impl Mount {
    /// Mounts an empty one of so many megabytes over a folder.
    ///
    /// # Errors
    /// When that is not allowed.
    pub fn new(over: &Path, megabytes: usize) -> io::Result<Self> {
        let size = format!("size={megabytes}m,mode=0755");
        let mut mount = Command::new("mount");
        mount.args(["-t", "tmpfs", "-o", &size, "tmpfs"]).arg(over);
        if quiet(&mut mount)? {
            Ok(Self(over.to_owned()))
        } else {
            Err(io::Error::other("mount refused"))
        }
    }
}

impl Drop for Mount {
    fn drop(&mut self) {
        unmount(&self.0);
    }
}

/// Lazy: a program may stand in it. What is left over goes with its folder.
pub(crate) fn unmount(place: &Path) {
    let _ = quiet(Command::new("umount").arg("--lazy").arg(place));
}

/// Whether tracing works here at all, not only whether the program is there.
fn strace() -> bool {
    quiet(Command::new("strace").args(["-e", "trace=none", "-o", "/dev/null", "true"]))
        .unwrap_or(false)
}

/// The library for programs of many threads.
fn faketime() -> Option<PathBuf> {
    ["x86_64", "aarch64"]
        .iter()
        .map(|cpu| PathBuf::from(format!("/usr/lib/{cpu}-linux-gnu/faketime/libfaketimeMT.so.1")))
        .find(|path| path.exists())
}

fn quiet(command: &mut Command) -> io::Result<bool> {
    let command = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    Ok(command.status()?.success())
}
