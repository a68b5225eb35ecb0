//! Workers that misbehave in ways the real one should not.

use sanitizer::rebuild::RebuildError;
use sanitizer::runner::RunError;
use sanitizer_intermediate::HoldReason;

use crate::desk::Desk;

fn desk_with(script: &str) -> Desk {
    let mut desk = Desk::new();
    desk.rebuilder.runner.worker = desk.lays_script(script);
    desk
}

/// NF-32: a crash is a hold.
#[test]
fn a_crash_is_held_as_worker_fault() {
    for script in ["kill -SEGV $$", "kill -ABRT $$", "kill -SYS $$", "exit 70", "exit 0"] {
        desk_with(script).sends("a.pdf", b"%PDF-").is_held_with(HoldReason::WorkerFault);
    }
}

/// NF-32: a hang is a hold, and soon: by the time the worker has, and not when it ends.
#[test]
fn a_hang_is_held_as_timeout() {
    for script in ["exec sleep 600", "cat >/dev/null; exec sleep 600"] {
        let mut desk = desk_with(script);
        desk.rebuilder.runner.limits.wall_ms = 200;
        desk.rebuilder.runner.limits.wall_ms_per_mb = 0;
        desk.sends("a.pdf", &vec![b'%'; 1 << 20]).is_held_with(HoldReason::Timeout);
    }
}

/// NF-32: what is not an answer is not used.
#[test]
fn nonsense_is_held_as_worker_fault() {
    let scripts =
        ["exec cat /dev/zero", "exec cat", "printf '\\001\\001\\001'", "exec >&-; exec sleep 60"];
    for script in scripts {
        desk_with(script).sends("a.pdf", b"%PDF-").is_held_with(HoldReason::WorkerFault);
    }
}

/// NF-32: a good answer counts only from a worker that ended well, byte for byte.
#[test]
fn an_answer_with_something_after_it_is_held() {
    let worker = crate::worker::program().display().to_string();
    let good = desk_with(&format!("'{worker}'"));
    good.sends("a.txt", b"text").becomes("a.txt");
    for script in [format!("'{worker}'; printf x"), format!("'{worker}'; exit 5")] {
        desk_with(&script).sends("a.txt", b"text").is_held_with(HoldReason::WorkerFault);
    }
}

/// A host without walls is our fault, not the file's.
#[test]
fn a_worker_without_walls_is_a_fault_of_the_host() {
    let desk = desk_with("echo 'unconfined: landlock: not enforced' >&2; exit 71");
    let fault = desk.rebuilder.rebuild("a.pdf", b"%PDF-").expect_err("a fault");
    assert!(matches!(fault, RebuildError::Run(RunError::Unconfined(_))), "{fault}");
    assert!(fault.to_string().contains("landlock"));
}

#[test]
fn a_missing_worker_is_a_fault_of_the_host() {
    let mut desk = Desk::new();
    desk.rebuilder.runner.worker = desk.path("nothing-here");
    let fault = desk.rebuilder.rebuild("a.pdf", b"%PDF-").expect_err("a fault");
    assert!(matches!(fault, RebuildError::Run(RunError::Start { .. })), "{fault}");
}

/// A worker inherits nothing of its surroundings.
#[test]
fn a_worker_starts_with_an_empty_environment() {
    let desk = desk_with("env | grep -v -e '^PWD=' -e '^_=' -e '^SHLVL=' >&2; exit 9");
    let sent = desk.sends("a.pdf", b"%PDF-");
    let told = sent.0.diagnosis.unwrap_or_default();
    assert!(told.trim_end().ends_with(';'), "{told}");
}
