//! The program itself.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};

use bridge_contract::place::{Host, Lane};

use crate::town::{Capitals, Sender, Town, any_port, wait_until};

pub(crate) fn bridge() -> Command {
    Command::new(env!("CARGO_BIN_EXE_bridge"))
}

pub(crate) fn run(arguments: &[&str]) -> Output {
    bridge().args(arguments).output().expect("it runs")
}

pub(crate) fn words(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}

/// Inodes of the sockets that listen, and those that a process holds.
fn listening(process: &Child) -> usize {
    let mut inodes = BTreeSet::new();
    for table in ["tcp", "tcp6"] {
        let text = fs::read_to_string(format!("/proc/{}/net/{table}", process.id()));
        for line in text.unwrap_or_default().lines().skip(1) {
            let fields: Vec<&str> = line.split_whitespace().collect();
            // 0A is the state LISTEN.
            if fields.get(3) == Some(&"0A") {
                inodes.extend(fields.get(9).map(|inode| format!("socket:[{inode}]")));
            }
        }
    }
    fs::read_dir(format!("/proc/{}/fd", process.id()))
        .expect("it runs")
        .filter_map(|entry| fs::read_link(entry.expect("readable").path()).ok())
        .filter(|link| link.to_str().is_some_and(|link| inodes.contains(link)))
        .count()
}

fn settings(path: &Path, text: &str) -> String {
    fs::write(path, text).expect("written");
    path.display().to_string()
}

/// IK-3.5.7b, I12: the process on L holds no listening socket while it works,
/// and ends cleanly when told.
#[tokio::test(flavor = "multi_thread")]
async fn nothing_on_the_lgwan_host_listens() {
    let town = Town::new();
    let mut raw = Sender::open(&town, Host::Internet, Lane::Raw);
    let outer = town.outer(any_port()).await;
    let relay = town.relay(outer.addr.expect("it listens"), Capitals::of(&town)).await;
    let text = format!(
        "keys = {:?}\nspool = {:?}\npeer = \"{}\"\n",
        town.key_dir(Host::Lgwan),
        town.spool(Host::Lgwan),
        relay.addr.expect("it listens")
    );
    let config = settings(&town.path("inner.toml"), &text);
    let mut inner = bridge()
        .args(["inner", "--config", &config])
        .stderr(Stdio::null())
        .spawn()
        .expect("it runs");
    raw.send(&[town.submission(1, &[])]);
    wait_until("it arrived", || town.origins().len() == 1).await;
    assert_eq!(listening(&inner), 0);

    let status = run(&["status", "--config", &config, "--json"]);
    assert!(words(&status).contains("\"lane\": \"in\""), "{}", words(&status));
    let kill = Command::new("kill").arg(inner.id().to_string()).status().expect("it runs");
    assert!(kill.success());
    wait_until("it ended", || inner.try_wait().is_ok_and(|ended| ended.is_some())).await;
    assert!(inner.wait().expect("ended").success(), "a signal is a clean end");
    town.stop([outer, relay]).await;
}

#[test]
fn keys_are_made_once_and_shown() {
    let dir = tempfile::tempdir().expect("a folder");
    let keys = dir.path().join("keys");
    let init = [
        "keys",
        "init",
        "--dir",
        keys.to_str().expect("UTF-8"),
        "--tenant",
        "mirai",
        "--environment",
        "demo",
    ];
    let made = run(&init);
    assert!(made.status.success(), "{}", words(&made));
    let again = run(&init);
    assert!(!again.status.success() && words(&again).contains("exists"), "{}", words(&again));
    let shown = run(&["keys", "show", "--dir", keys.join("s").to_str().expect("UTF-8")]);
    for word in ["mirai", "demo", "署名 in", "封 raw", "検査の判定", "接続 l", "指紋"] {
        assert!(words(&shown).contains(word), "{word} in {}", words(&shown));
    }
}

/// NN-18: what a check of the keys finds is said to people and to programs.
#[test]
fn a_key_folder_is_checked_for_people_and_for_programs() {
    let town = Town::new();
    let keys = town.key_dir(Host::Sanitizer);
    let dir = keys.to_str().expect("UTF-8");
    let check =
        |more: &[&str]| run(&[&["keys", "check", "--dir", dir, "--host", "s"], more].concat());
    assert!(words(&check(&[])).contains("問題はありません"));
    let facts =
        |out: &Output| serde_json::from_slice::<serde_json::Value>(&out.stdout).expect("JSON");
    let good = check(&["--json"]);
    assert!(good.status.success() && facts(&good)["good"] == true, "{}", words(&good));
    fs::remove_file(keys.join("verdict.key")).expect("there");
    let bad = check(&["--json"]);
    assert!(!bad.status.success() && facts(&bad)["good"] == false, "{}", words(&bad));
    assert_eq!(facts(&bad)["found"].as_array().map(Vec::len), Some(1));
}

/// NN-18: an operator can check a file by hand; a changed one is refused.
#[test]
fn a_bundle_file_is_verified_and_shown() {
    let town = Town::new();
    Sender::open(&town, Host::Internet, Lane::Raw).send(&[town.submission(1, &[])]);
    let file = town.spool(Host::Internet).join("raw/ready/e1-0000000000000001.kb");
    let keys = town.key_dir(Host::Sanitizer);
    let ask = |verb: &str, file: &Path| {
        run(&[verb, file.to_str().expect("UTF-8"), "--keys", keys.to_str().expect("UTF-8")])
    };
    assert!(words(&ask("verify", &file)).starts_with("good: lane raw epoch 1 number 1"));
    assert!(words(&ask("show", &file)).contains("item 0    kind 2"));
    let mut changed = fs::read(&file).expect("there");
    changed[300] ^= 1;
    let bad = town.path("bad.kb");
    fs::write(&bad, changed).expect("written");
    let refused = ask("verify", &bad);
    assert!(!refused.status.success());
    assert!(words(&refused).contains("the body does not fit its hash"), "{}", words(&refused));
}

#[test]
fn a_bad_setting_stops_the_start_with_its_name() {
    let town = Town::new();
    let text = format!(
        "keys = {:?}\nspool = \"s\"\nlisten = \"127.0.0.1:0\"\nx = 1\n",
        town.key_dir(Host::Internet)
    );
    let config = settings(&town.path("outer.toml"), &text);
    let refused = run(&["outer", "--config", &config, "--check-config"]);
    assert!(!refused.status.success() && words(&refused).contains('x'), "{}", words(&refused));
    let good = settings(&town.path("good.toml"), &text.replace("x = 1\n", ""));
    assert!(run(&["outer", "--config", &good, "--check-config"]).status.success());
}
