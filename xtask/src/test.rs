//! `cargo xtask test`: everything that must pass.

use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Command, Stdio};

use crate::{Fallible, accessibility, cargo, needs, postgres, succeed};

pub(crate) fn run(filter: Option<&str>, package: Option<&str>) -> Fallible<()> {
    needs::provide()?;
    // Journeys and fault tests start the real programs.
    let mut programs = cargo();
    programs.args(["build", "--workspace", "--bins"]);
    let mut tests = cargo();
    tests.arg("test").arg("--no-fail-fast");
    if let Some(package) = package {
        tests.args(["--package", package]);
    } else {
        tests.arg("--workspace");
        // Built with the tests, a library has the same features for both and is compiled once.
        programs.arg("--tests");
    }
    succeed(&mut programs)?;
    tests.args(filter);
    if std::env::var_os("RUST_TEST_THREADS").is_none() {
        // Most tests wait: for a disk, a process, a page.
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        tests.env("RUST_TEST_THREADS", (cores * 2).to_string());
    }
    postgres::with_server(&mut tests, and_tell_failures)?;
    // The sheet says what this very run found.
    match (filter, package) {
        (None, None) => accessibility::check(),
        _ => Ok(()),
    }
}

/// Runs the tests; what failed is told once more at the end, because the record is long.
fn and_tell_failures(tests: &mut Command) -> Fallible<()> {
    let mut child = tests.stdout(Stdio::piped()).spawn()?;
    let said = child.stdout.take().ok_or("its output is a pipe")?;
    let mut failures = Failures::default();
    let mut out = std::io::stdout().lock();
    for line in BufReader::new(said).split(b'\n') {
        let line = line?;
        out.write_all(&line)?;
        out.write_all(b"\n")?;
        failures.hear(&String::from_utf8_lossy(&line));
    }
    let status = child.wait()?;
    if status.success() {
        return Ok(());
    }
    writeln!(out, "\n== failed\n{}", failures.told)?;
    Err(format!("the tests: {status}").into())
}

/// The part of each test program's output between `failures:` and its result.
#[derive(Default)]
struct Failures {
    inside: bool,
    told: String,
}

impl Failures {
    fn hear(&mut self, line: &str) {
        if line == "failures:" {
            self.inside = true;
        } else if line.starts_with("test result:") {
            self.inside = false;
        } else if self.inside {
            self.told.push_str(line);
            self.told.push('\n');
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_failed_is_told_and_nothing_else() {
        let mut failures = Failures::default();
        for line in [
            "test one ... ok",
            "test two ... FAILED",
            "failures:",
            "---- two stdout ----",
            "panicked at x.rs",
            "failures:",
            "    two",
            "test result: FAILED. 1 passed; 1 failed",
            "test three ... ok",
        ] {
            failures.hear(line);
        }
        assert_eq!(failures.told, "---- two stdout ----\npanicked at x.rs\n    two\n");
    }
}
