//! Programs that tests write themselves.

use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

/// Lays a shell script that can be started at once.
///
/// Another process writes it. A file that a test holds open for writing goes
/// along with every child that other tests start at that moment, and the kernel
/// starts no program that somebody may still write to (`Text file busy`).
///
/// # Panics
/// When it cannot be written.
pub fn lay_script(path: &Path, body: &str) {
    let mut writer = Command::new("sh")
        .args(["-c", "cat > \"$1\" && chmod 700 \"$1\"", "sh"])
        .arg(path)
        .stdin(Stdio::piped())
        .spawn()
        .expect("a shell starts");
    let mut script = writer.stdin.take().expect("its input is a pipe");
    script.write_all(format!("#!/bin/sh\n{body}\n").as_bytes()).expect("the shell reads");
    drop(script);
    let ended = writer.wait().expect("the shell ends");
    assert!(ended.success(), "{}: {ended}", path.display());
}
