//! `cargo xtask fuzz`: the search of `sanitizer/fuzz`, built so that it sees
//! which code an input reaches.

use std::process::Command;

use crate::{Fallible, cargo, demo, succeed};

/// Counters that another process may read while the program runs; nothing here
/// needs another toolchain.
const COUNTING: &str = "-C instrument-coverage -C llvm-args=-runtime-counter-relocation";

/// Builds the search in a folder of its own, because everything is compiled
/// with counters, and runs it; the readers of files only when one of them is searched.
/// What it finds on the way stays in that folder.
pub(crate) fn run(arguments: &[String]) -> Fallible<()> {
    let house = demo::house()?;
    let target = demo::target_folder()?.join("fuzz");
    let mut build = cargo();
    build.current_dir(&house).args(["build", "--package", "sanitizer-fuzz"]);
    if bridge_alone(arguments) {
        build.arg("--no-default-features");
    }
    build.env("CARGO_TARGET_DIR", &target).env("RUSTFLAGS", COUNTING);
    // Build scripts and macros count, too; their profiles are of no use.
    build.env("LLVM_PROFILE_FILE", "/dev/null").env("CARGO_INCREMENTAL", "0");
    succeed(&mut build)?;
    let mut search = Command::new(target.join("debug/sanitizer-fuzz"));
    match arguments.first().map(String::as_str) {
        Some("list" | "distil") => search.args(arguments),
        _ => search.arg("run").arg("--finds").arg(target.join("finds")).args(arguments),
    };
    succeed(search.current_dir(house))
}

/// Whether every target that is named is one of the bridge.
fn bridge_alone(arguments: &[String]) -> bool {
    let (mut named, mut value) = (false, false);
    for argument in arguments {
        if std::mem::take(&mut value) {
            continue;
        }
        if argument.starts_with('-') {
            value = !argument.contains('=');
        } else if argument == "bridge" || argument.starts_with("bridge-") {
            named = true;
        } else {
            return false;
        }
    }
    named
}

#[cfg(test)]
mod tests {
    use super::*;

    fn alone(line: &str) -> bool {
        bridge_alone(&line.split_whitespace().map(str::to_owned).collect::<Vec<_>>())
    }

    /// NF-32: the readers of files are left out only when nobody searches them.
    #[test]
    fn readers_of_files_are_built_when_they_are_searched() {
        assert!(alone("bridge --seconds 30 --jobs 2"));
        assert!(alone("--seed=7 bridge-item --finds /tmp/pdf bridge-head"));
        for line in
            ["", "--seconds 30", "list", "distil finds", "pdf", "bridge pdf", "--jobs bridge"]
        {
            assert!(!alone(line), "{line}");
        }
    }
}
