//! `cargo xtask fuzz`: the search of `sanitizer/fuzz`, built so that it sees
//! which code an input reaches.

use std::process::Command;

use crate::{Fallible, cargo, demo, succeed};

/// Counters that another process may read while the program runs; nothing here
/// needs another toolchain.
const COUNTING: &str = "-C instrument-coverage -C llvm-args=-runtime-counter-relocation";

/// Builds the search in a folder of its own, because everything is compiled
/// with counters, and runs it. What it finds on the way stays in that folder.
pub(crate) fn run(arguments: &[String]) -> Fallible<()> {
    let house = demo::house()?;
    let target = demo::target_folder()?.join("fuzz");
    let mut build = cargo();
    build.current_dir(&house).args(["build", "--package", "sanitizer-fuzz"]);
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
