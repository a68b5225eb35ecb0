//! Sections of `docs/operations/bridge.md` that need the whole town, with its real programs.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use town::{Order, Town};

use crate::desk::Desk;

/// Time in which an alarm comes or goes.
const PATIENCE: Duration = Duration::from_secs(60);

/// Runs `bridge …` and gives what it says.
fn bridge(town: &Town, line: &str) -> String {
    let at = |word: &str| match word.strip_prefix('@') {
        Some(path) => town.plan.root.join(path).display().to_string(),
        None => word.to_owned(),
    };
    let mut command = Command::new(town.plan.programs.join("bridge"));
    let output = command.args(line.split(' ').map(at)).output().expect("the program runs");
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    let why = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{line}: {said}{why}");
    said
}

/// Waits until what a zone tells monitors is as wished.
fn until_it_says(town: &Town, zone: &str, what: &str, wished: impl Fn(&str) -> bool) {
    let until = Instant::now() + PATIENCE;
    loop {
        let says = town.program(zone).map_or(String::new(), |one| one.says());
        if wished(&says) {
            return;
        }
        assert!(Instant::now() < until, "waited in vain for {what}; {zone} says {says:?}");
        std::thread::sleep(Duration::from_millis(100));
    }
}

/// NN-4: "S is lost as a whole" (I1, NF-32, NN-18): keys, spool and programs of S are gone while
/// applications wait. New keys, opening keys from two shares, all lanes of S begin anew; every
/// application is at the desk once, with its own words, and what is sent later arrives.
#[tokio::test(flavor = "multi_thread")]
async fn a_town_whose_s_is_lost_as_a_whole_goes_on() {
    let mut desk = Desk::open();
    desk.gets(&["前"]).await;
    desk.compares().await;
    let relay = desk.town().kill("relay").expect("it runs");
    desk.gets(&["間", "同"]).await;
    let root = desk.town().plan.root.clone();
    for lost in ["s/keys", "s/spool"] {
        fs::remove_dir_all(root.join(lost)).expect("it was there");
    }
    tokio::task::block_in_place(|| {
        new_keys_for_s(desk.town(), &root);
        begin_anew(desk.town());
        for zone in ["internet-zone", "lgwan-zone"] {
            desk.town().kill_and_restart(zone).unwrap_or_else(|error| panic!("{error}"));
        }
        desk.town().revive(&relay).unwrap_or_else(|error| panic!("{error}"));
    });
    desk.compares().await;
    desk.gets(&["後"]).await;
    desk.compares().await;
    for zone in ["internet-zone", "lgwan-zone"] {
        let well = |says: &str| !says.contains("stopped:") && !says.contains("halted");
        until_it_says(desk.town(), zone, "no lane that stands still", well);
    }
    desk.close();
}

/// Steps 1 to 3 of the runbook.
fn new_keys_for_s(town: &Town, root: &Path) {
    let of = "--tenant mirai --environment demo";
    for operator in ["one", "two"] {
        bridge(town, &format!("keys operator --out @{operator}.key {of}"));
    }
    bridge(
        town,
        &format!("keys init --dir @new --host s --root-pub @offline/root.pub --shares @safe {of}"),
    );
    fs::rename(root.join("new/s"), root.join("s/keys")).expect("carried there");
    let shares = "@keys.new/shares/s-1.txt @keys.new/shares/s-3.txt";
    bridge(town, &format!("keys escrow restore {shares} --host s --into @s/keys"));
    let said = bridge(
        town,
        "keys set sign --root-key @offline/root.key --before @l/keys/keyset --part @new/s.part \
         --part @one.part --part @two.part --turn in=1 --turn in.bulk=1 --out @keyset-2",
    );
    let line = said.lines().rfind(|line| line.contains("指紋  ")).expect("a fingerprint");
    let digits = &line.split("指紋  ").nth(1).expect("behind the word")[..4];
    for host in ["s", "i", "l", "a", "b"] {
        let install = format!("keys install @keyset-2 --dir @{host}/keys --spool @{host}/spool");
        bridge(town, &format!("{install} --confirm {digits}"));
    }
}

/// Steps 4 and 5 of the runbook: the zone that takes a lane in proposes where its old epoch ends.
fn begin_anew(town: &Town) {
    let root = &town.plan.root;
    let key = root.join("one.key").display().to_string();
    for lane in ["raw", "in", "in.bulk", "pub.ctl", "pub.doc"] {
        let [first, both] = ["1", "2"].map(|count| root.join(format!("reset.{lane}.{count}")));
        let [first, both] = [first, both].map(|path| path.display().to_string());
        let takes_in = if lane.starts_with("pub") { Order::Internet } else { Order::Lgwan };
        let propose = ["epoch", "propose", lane, "--key", &key, "--out", &first];
        town.order(takes_in, &propose).unwrap_or_else(|error| panic!("{lane}: {error}"));
        bridge(town, &format!("epoch approve {first} --keys @l/keys --key @two.key --out {both}"));
        let ends: &[Order<'_>] = match lane {
            "in" | "in.bulk" => &[Order::Lgwan],
            _ => &[Order::Lgwan, Order::Internet],
        };
        for end in ends {
            let installed = town.order(*end, &["epoch", "install", &both]);
            installed.unwrap_or_else(|error| panic!("{lane}: {error}"));
        }
        bridge(town, &format!("epoch install {both} --keys @s/keys --spool @s/spool"));
    }
}

/// "What is sent is not confirmed" (MN-8.2a, NF-1, MN-4): citizens are served all the while, the alarm
/// comes when ten minutes have gone by, says which lane it is, and ends by itself.
#[tokio::test(flavor = "multi_thread")]
async fn what_waits_too_long_is_told_and_ends_by_itself() {
    let Some(library) = faketime() else {
        eprintln!("left out: libfaketime is missing (apt-get install libfaketime)");
        return;
    };
    let mut desk = Desk::open();
    let relay = desk.town().kill("relay").expect("it runs");
    desk.gets(&["待機"]).await;
    tokio::task::block_in_place(|| {
        later(desk.town(), "internet-zone", &library, 15 * 60);
        let late = |says: &str| says.contains("warning: lane raw late");
        until_it_says(desk.town(), "internet-zone", "the alarm", late);
        desk.town().revive(&relay).unwrap_or_else(|error| panic!("{error}"));
        let well = |says: &str| !says.is_empty() && !says.contains("lane raw late");
        until_it_says(desk.town(), "internet-zone", "its end", well);
    });
    desk.compares().await;
    desk.close();
}

/// Starts a program anew whose clock is ahead by so many seconds.
fn later(town: &mut Town, name: &str, library: &Path, seconds: u32) {
    let mut program = town.kill(name).expect("it runs");
    let own = |name: &str, value: String| (name.to_owned(), value);
    program.environment = vec![
        own("LD_PRELOAD", library.display().to_string()),
        own("FAKETIME", format!("+{seconds}")),
        own("DONT_FAKE_MONOTONIC", "1".to_owned()),
    ];
    town.revive(&program).unwrap_or_else(|error| panic!("{error}"));
}

fn faketime() -> Option<PathBuf> {
    let place = |cpu| format!("/usr/lib/{cpu}-linux-gnu/faketime/libfaketime.so.1");
    ["x86_64", "aarch64"].map(|cpu| PathBuf::from(place(cpu))).into_iter().find(|it| it.exists())
}
