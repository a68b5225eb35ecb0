//! A desk with the sanitizer on it: files go in, results are looked at.

use std::path::{Path, PathBuf};
use std::process::Command;

use sanitizer::Policy;
use sanitizer::rebuild::{self, End, Rebuilder, Rebuilt, Treated};
use sanitizer::runner::Runner;
use sanitizer_intermediate::{ChangedKind, HoldReason, Limits, Password, RemovedKind};
use tempfile::TempDir;

use crate::worker;

/// A folder for one test, and the settings it uses.
pub(crate) struct Desk {
    folder: TempDir,
    /// What the test changes before it sends files.
    pub(crate) rebuilder: Rebuilder,
}

impl Desk {
    pub(crate) fn new() -> Self {
        let policy = Policy::default();
        // A city's machine is not busy with tests; what a worker does is bounded by processor time.
        let limits = Limits { wall_ms: 120_000, ..policy.worker_limits() };
        let runner =
            Runner { worker: worker::program().to_owned(), limits, allow_unconfined: false };
        let folder = TempDir::new().expect("a folder for the test");
        Self { folder, rebuilder: Rebuilder { runner, policy } }
    }

    /// Rebuilds a file with the real worker.
    pub(crate) fn sends(&self, name: &str, bytes: &[u8]) -> Sent {
        let treated = self.rebuilder.rebuild(name, bytes).expect("no fault of ours");
        if let End::Rebuilt(rebuilt) = &treated.end {
            is_ours(&rebuilt.name, &rebuilt.bytes);
        }
        Sent(treated)
    }

    /// Rebuilds a file that came with a password.
    pub(crate) fn sends_with(&self, name: &str, bytes: &[u8], password: &Password) -> Sent {
        let sent = rebuild::Sent { name, bytes, password: Some(password) };
        let treated = self.rebuilder.rebuild_sent(&sent).expect("no fault of ours");
        if let End::Rebuilt(rebuilt) = &treated.end {
            is_ours(&rebuilt.name, &rebuilt.bytes);
        }
        Sent(treated)
    }

    /// Lays a file on the desk.
    pub(crate) fn lays(&self, name: &str, bytes: &[u8]) -> PathBuf {
        let path = self.path(name);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder is made");
        std::fs::write(&path, bytes).expect("a file is written");
        path
    }

    /// A program that stands in for the worker.
    pub(crate) fn lays_script(&self, body: &str) -> PathBuf {
        let path = self.path("worker.sh");
        platform_testkit::script::lay_script(&path, body);
        path
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn read(&self, name: &str) -> Vec<u8> {
        std::fs::read(self.path(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
    }

    /// Runs the program, in the desk's folder.
    pub(crate) fn runs(&self, args: &[&str]) -> Run {
        let _built = worker::program();
        let done = Command::new(Path::new(env!("CARGO_BIN_EXE_sanitizer")))
            .args(args)
            .current_dir(self.folder.path())
            .output()
            .expect("the program runs");
        Run {
            code: done.status.code(),
            out: String::from_utf8(done.stdout).expect("UTF-8"),
            err: String::from_utf8(done.stderr).expect("UTF-8"),
        }
    }
}

/// What the program did.
pub(crate) struct Run {
    pub(crate) code: Option<i32>,
    pub(crate) out: String,
    pub(crate) err: String,
}

/// What became of a file.
pub(crate) struct Sent(pub(crate) Treated);

impl Sent {
    #[track_caller]
    pub(crate) fn is_held_with(&self, reason: HoldReason) {
        match &self.0.end {
            End::Held(found) => assert_eq!(*found, reason, "{:?}", self.0.diagnosis),
            End::Rebuilt(_) => panic!("rebuilt, expected {}", reason.code()),
        }
    }

    #[track_caller]
    pub(crate) fn becomes(self, name: &str) -> Rebuilt {
        match self.0.end {
            End::Rebuilt(rebuilt) => {
                assert_eq!(rebuilt.name, name);
                rebuilt
            }
            End::Held(reason) => panic!("held: {}; {:?}", reason.code(), self.0.diagnosis),
        }
    }
}

/// NF-32: whatever a test has rebuilt, the verifier knows it as one of ours.
#[track_caller]
fn is_ours(name: &str, bytes: &[u8]) {
    let extension = name.rsplit_once('.').map_or("", |it| it.1);
    let kind = sanitizer_verifier::Kind::of_extension(extension);
    let kind = kind.unwrap_or(sanitizer_verifier::Kind::Text);
    if let Err(refusal) = sanitizer_verifier::verify(kind, bytes) {
        panic!("{name}: {refusal}");
    }
}

/// How many of a kind the report says were removed.
pub(crate) fn removed(rebuilt: &Rebuilt, kind: RemovedKind) -> u32 {
    rebuilt.findings.removed().iter().filter(|it| it.kind == kind).map(|it| it.count).sum()
}

/// How many of a kind the report says were changed.
pub(crate) fn changed(rebuilt: &Rebuilt, kind: ChangedKind) -> u32 {
    rebuilt.findings.changed().iter().filter(|it| it.kind == kind).map(|it| it.count).sum()
}

/// Whether a byte string occurs.
pub(crate) fn contains(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|window| window == part)
}
