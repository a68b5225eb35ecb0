//! What the process that verifies, opens and takes in does beside that: nothing (decision 0048).

use std::fs;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::desk::Desk;

/// Everything by which a process reaches beyond itself.
const CALLS: &str = "trace=execve,execveat,connect,bind,listen,openat,open,creat";

/// Where SQLite sorts what is too large for its memory; unlinked at once, and private to the
/// unit (`PrivateTmp=`).
const SCRATCH: &str = "/var/tmp/etilqs_";

/// NN-18, NF-32: while applications arrive and are read at the desk, the staff service
/// starts no program, takes no port, dials nobody but its mail server, and writes only below its own
/// folders and that of server A.
#[tokio::test(flavor = "multi_thread")]
async fn the_staff_service_reaches_nothing_but_its_own() {
    let mut desk = Desk::open();
    let root = desk.town().plan.root.clone();
    let id = desk.town().id_of("lgwan-zone").expect("it runs");
    let trace = root.join("logs/lgwan-zone.trace");
    let Some(tracer) = attach(id, &trace) else {
        eprintln!("left out: strace is missing (apt-get install strace)");
        return;
    };
    for round in ["一", "二", "三"] {
        desk.gets(&[round]).await;
        desk.compares().await;
    }
    detach(tracer);
    let seen = fs::read_to_string(&trace).expect("a trace");
    let mail = format!("sin_port=htons({})", desk.town().plan.ports.smtp().port());
    let own = [root.join("l"), root.join("a/exports")].map(|path| path.display().to_string());
    let mut written = 0;
    for line in seen.lines().filter_map(|line| line.split_once(' ')).map(|(_, call)| call.trim()) {
        let (name, rest) = line.split_once('(').unwrap_or((line, ""));
        match name {
            "connect" => assert!(rest.contains(&mail), "it dials: {line}"),
            "openat" | "open" | "creat" => {
                let path = rest.split('"').nth(1).unwrap_or_default();
                if ["O_WRONLY", "O_RDWR", "O_CREAT"].iter().any(|how| rest.contains(how)) {
                    let is_own = own.iter().any(|own| path.starts_with(own));
                    assert!(is_own || path.starts_with(SCRATCH), "it writes: {line}");
                    written += 1;
                }
            }
            "execve" | "execveat" | "bind" | "listen" => panic!("it does what it must not: {line}"),
            // Signals, and ends of calls that another thread interrupted in the trace.
            _ => {}
        }
    }
    assert!(written > 10, "the tracer saw it work: {seen}");
    desk.close();
}

/// Looks over the shoulder of a process and its threads; `None` where there is no tracer.
fn attach(id: u32, to: &Path) -> Option<Child> {
    let mut strace = Command::new("strace");
    strace.args(["-f", "-qq", "-s", "512", "-e", CALLS, "-e", "signal=none", "-o"]).arg(to);
    strace.args(["-p", &id.to_string()]).stdin(Stdio::null()).stderr(Stdio::null());
    let tracer = strace.spawn().ok()?;
    let until = Instant::now() + platform_testkit::PATIENCE;
    let is_traced = || {
        let status = fs::read_to_string(format!("/proc/{id}/status")).unwrap_or_default();
        status
            .lines()
            .any(|line| line.strip_prefix("TracerPid:").is_some_and(|it| it.trim() != "0"))
    };
    while !is_traced() {
        assert!(Instant::now() < until, "the tracer does not come");
        std::thread::sleep(Duration::from_millis(20));
    }
    Some(tracer)
}

fn detach(mut tracer: Child) {
    // It lets go of the process when it ends.
    tracer.kill().expect("it runs");
    tracer.wait().expect("it ends");
}
