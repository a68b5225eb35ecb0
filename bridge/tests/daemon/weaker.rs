//! A kernel that cannot raise a wall: here one that has no layer of Landlock
//! left for it, as a kernel without Landlock has none.

use std::fs;
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::process::{Command, Output, Stdio};
use std::thread;

use bridge_contract::place::Host;
use landlock::{AccessFs, Ruleset, RulesetAttr as _};

use crate::town::{Town, wait_until};

/// Layers of Landlock around one thread.
const MOST_LAYERS: usize = 16;

/// Does this in a thread for which the kernel has no further layer.
fn without_landlock<T: Send>(act: impl FnOnce() -> T + Send) -> T {
    let layered = || {
        for _ in 0..MOST_LAYERS {
            let rules = Ruleset::default().handle_access(AccessFs::MakeChar);
            let rules = rules.and_then(Ruleset::create).expect("a kernel with Landlock");
            rules.restrict_self().expect("a layer is left");
        }
        act()
    };
    thread::scope(|scope| scope.spawn(layered).join().expect("it ran"))
}

/// `bridge inner` of a town, for a peer that is not there.
fn inner(town: &Town, more: &str) -> Command {
    let config = town.path("inner.toml");
    let text = format!(
        "keys = {:?}\nspool = {:?}\npeer = \"127.0.0.1:9\"\n{more}",
        town.key_dir(Host::Lgwan),
        town.spool(Host::Lgwan),
    );
    fs::write(&config, text).expect("written");
    let mut command = Command::new(env!("CARGO_BIN_EXE_bridge"));
    command.arg("inner").arg("--config").arg(config).stdin(Stdio::null());
    command
}

/// NN-18: a missing wall is the operator's decision, never the program's.
#[test]
fn a_role_whose_walls_do_not_stand_does_not_start() {
    let town = Town::new();
    let refused: Output =
        without_landlock(|| inner(&town, "").output().expect("it ends by itself"));
    let said = String::from_utf8_lossy(&refused.stderr);
    assert_eq!(refused.status.code(), Some(1), "{said}");
    assert!(said.contains("the wall `files` cannot be raised"), "{said}");
    assert!(said.contains("confinement = \"if-possible\""), "{said}");
}

/// NN-18: who starts without a wall hears of it, in the log and from monitors.
#[tokio::test]
async fn a_role_that_may_be_weaker_says_so() {
    let town = Town::new();
    let ops = free_address();
    let more = format!("ops = \"{ops}\"\nconfinement = \"if-possible\"\n");
    let log = town.path("log");
    let told = fs::File::create(&log).expect("a file");
    let mut role =
        without_landlock(|| inner(&town, &more).stderr(told).spawn().expect("it starts"));
    let said = || fs::read_to_string(&log).unwrap_or_default();
    wait_until("it is ready", || said().contains("is ready")).await;
    let answer = readiness(ops);
    role.kill().expect("it runs");
    role.wait().expect("it ended");

    for wall in ["files", "ports"] {
        let line = format!("stopped: confinement, wall {wall}: Landlock");
        assert!(answer.contains(&line), "{answer}");
    }
    assert!(answer.starts_with("HTTP/1.1 200") && !answer.contains("wall calls"), "{answer}");
    assert_eq!(said().matches("WEAKER").count(), 2, "{}", said());
}

fn free_address() -> SocketAddr {
    let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a free port");
    listener.local_addr().expect("it listens")
}

fn readiness(ops: SocketAddr) -> String {
    let mut stream = TcpStream::connect(ops).expect("it listens");
    stream.write_all(b"GET /readyz HTTP/1.1\r\nHost: ops\r\n\r\n").expect("it reads");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("it answers");
    answer
}
