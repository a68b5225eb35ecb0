//! The worker's program. It belongs to another package, so cargo does not
//! build it for these tests by itself.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;
use std::time::SystemTime;

/// The worker of this build, built when it is missing or out of date.
pub(crate) fn program() -> &'static Path {
    static PROGRAM: OnceLock<PathBuf> = OnceLock::new();
    PROGRAM.get_or_init(|| {
        let program = Path::new(env!("CARGO_BIN_EXE_sanitizer")).with_file_name("sanitizer-worker");
        let built = changed(&program);
        let sources = ["worker/src", "worker/Cargo.toml", "intermediate/src"];
        let package = Path::new(env!("CARGO_MANIFEST_DIR"));
        let newest = sources.iter().filter_map(|it| newest(&package.join(it))).max();
        if built.is_none() || built < newest {
            build(&program);
        }
        program
    })
}

fn build(program: &Path) {
    let folder = program.parent().expect("a program lies in a folder");
    let mut cargo = Command::new(env!("CARGO"));
    cargo
        .args(["build", "--quiet", "--package", "sanitizer-worker", "--bin", "sanitizer-worker"])
        .arg("--target-dir")
        .arg(folder.parent().expect("a profile's folder lies in the target folder"))
        .current_dir(env!("CARGO_MANIFEST_DIR"));
    if folder.ends_with("release") {
        cargo.arg("--release");
    }
    assert!(cargo.status().expect("cargo runs").success(), "the worker does not build");
}

fn newest(path: &Path) -> Option<SystemTime> {
    if !path.is_dir() {
        return changed(path);
    }
    let entries = std::fs::read_dir(path).ok()?;
    entries.filter_map(|entry| newest(&entry.ok()?.path())).max()
}

fn changed(path: &Path) -> Option<SystemTime> {
    path.metadata().and_then(|it| it.modified()).ok()
}
