//! What a hijacked worker can do: nothing. Real program, real walls.

use std::os::unix::process::ExitStatusExt as _;
use std::process::{Command, Output, Stdio};

use crate::desk::Desk;
use crate::pictures::{gradient, png};
use crate::worker;

/// Bad system call: the end seccomp makes.
const SIGSYS: i32 = 31;
/// Out of CPU time.
const SIGXCPU: i32 = 24;

fn probed(args: &[&str]) -> Output {
    Command::new(worker::program())
        .args(args)
        .env_clear()
        .stdin(Stdio::null())
        .output()
        .expect("the worker runs")
}

/// NF-32: files, network, processes and threads are out of reach.
#[test]
fn a_worker_that_reaches_out_is_killed() {
    for attempt in ["open", "list", "create", "listen", "connect", "datagram", "spawn", "thread"] {
        let done = probed(&["--probe", attempt]);
        assert_eq!(done.status.signal(), Some(SIGSYS), "{attempt}: {done:?}");
        assert_eq!(done.stdout, b"", "{attempt}");
    }
}

/// NF-32: each wall holds without the other.
#[test]
fn landlock_alone_denies_files_network_and_programs() {
    for attempt in ["open", "list", "create", "listen", "connect", "spawn"] {
        let done = probed(&["--without-seccomp", "--probe", attempt]);
        assert!(done.status.success(), "{attempt}: {done:?}");
        assert!(done.stdout.starts_with(b"denied"), "{attempt}");
    }
}

#[test]
fn seccomp_alone_denies_files_network_and_programs() {
    for attempt in ["open", "list", "create", "listen", "connect", "datagram", "spawn"] {
        let done = probed(&["--without-landlock", "--probe", attempt]);
        assert_eq!(done.status.signal(), Some(SIGSYS), "{attempt}: {done:?}");
    }
}

#[test]
fn the_probes_tell_a_missing_wall() {
    let done = probed(&["--without-landlock", "--without-seccomp", "--probe", "open"]);
    assert_eq!((done.status.code(), done.stdout.as_slice()), (Some(1), b"allowed\n".as_slice()));
}

#[test]
fn memory_and_cpu_time_are_limited() {
    let done = probed(&["--memory-bytes", "100000000", "--probe", "memory"]);
    assert!(done.stdout.starts_with(b"denied"), "{done:?}");
    let done = probed(&["--cpu-seconds", "1", "--probe", "spin"]);
    assert_eq!(done.status.signal(), Some(SIGXCPU), "{done:?}");
}

/// NF-32: walls are lowered for probes only, never to read a file.
#[test]
fn a_worker_with_a_lowered_wall_reads_no_file() {
    for lowered in ["--without-landlock", "--without-seccomp"] {
        assert_eq!(probed(&[lowered]).status.code(), Some(2), "{lowered}");
    }
}

#[test]
fn a_worker_says_which_walls_stood() {
    let sent = Desk::new().sends("図.png", &png(&gradient(1), 16, 16));
    assert!(sent.0.confinement.expect("an answer").is_full());
}
