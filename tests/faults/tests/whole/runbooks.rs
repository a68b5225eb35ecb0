//! Sections of `docs/operations/bridge.md` that need the whole town, with its real programs.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use town::{Order, Town};

use crate::desk::Desk;

/// Time in which an alarm comes or goes.
const PATIENCE: Duration = platform_testkit::PATIENCE;

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
        begin_anew(desk.town(), &["raw", "in", "in.bulk", "pub.ctl", "pub.doc"]);
        zones_start_again(desk.town());
        desk.town().revive(&relay).unwrap_or_else(|error| panic!("{error}"));
    });
    desk.compares().await;
    desk.gets(&["後"]).await;
    desk.compares().await;
    no_lane_stands_still(desk.town());
    desk.close();
}

/// NN-4: "A sender was restored" (I1, I14, MN-8.2a, NF-32), for each zone in turn: its database is an older one, its
/// lanes are held, two operators let them begin anew. What was acknowledged before the backup, after it and
/// while the lanes were held is at the desk once, each under its own number, and so is what comes later. Then the
/// same backup is restored once more.
#[tokio::test(flavor = "multi_thread")]
async fn a_restored_zone_begins_anew_and_everything_is_at_the_desk() {
    let mut desk = Desk::open();
    desk.gets(&["初"]).await;
    desk.compares().await;
    let root = desk.town().plan.root.clone();
    tokio::task::block_in_place(|| two_operators(desk.town()));
    let zones: [(&str, &str, &[&str]); 2] = [
        ("lgwan-zone", "l/staff.db", &["pub.ctl", "pub.doc"]),
        ("internet-zone", "i/citizen.db", &["raw"]),
    ];
    for (zone, database, lanes) in zones {
        let (database, backup) = (root.join(database), root.join("backup.db"));
        tokio::task::block_in_place(|| {
            stands_still(desk.town(), zone, || copy(&database, &backup))
        });
        desk.gets(&["控の後", "控の後の次"]).await;
        desk.compares().await;
        for _ in 0..2 {
            tokio::task::block_in_place(|| {
                stands_still(desk.town(), zone, || copy(&backup, &database));
                let held = |says: &str| {
                    lanes.iter().all(|it| says.contains(&format!("stopped: lane {it}")))
                };
                until_it_says(desk.town(), zone, "lanes that are held", held);
            });
            desk.gets(&["止まる間"]).await;
            tokio::task::block_in_place(|| {
                let relay = desk.town().kill("relay").expect("it runs");
                begin_anew(desk.town(), lanes);
                zones_start_again(desk.town());
                desk.town().revive(&relay).unwrap_or_else(|error| panic!("{error}"));
            });
            desk.compares().await;
            desk.gets(&["再開の後"]).await;
            desk.compares().await;
            no_lane_stands_still(desk.town());
        }
    }
    desk.close();
}

/// Kills a program, does something to its files, and starts it.
fn stands_still(town: &mut Town, name: &str, meanwhile: impl FnOnce()) {
    let program = town.kill(name).expect("it runs");
    meanwhile();
    town.revive(&program).unwrap_or_else(|error| panic!("{error}"));
}

/// A database file and its log, or their absence.
fn copy(from: &Path, to: &Path) {
    for end in ["", "-wal", "-shm"] {
        let [from, to] = [from, to].map(|path| PathBuf::from(format!("{}{end}", path.display())));
        let _ = fs::remove_file(&to);
        if from.exists() {
            fs::copy(from, to).expect("copied");
        }
    }
}

fn zones_start_again(town: &mut Town) {
    for zone in ["internet-zone", "lgwan-zone"] {
        town.kill_and_restart(zone).unwrap_or_else(|error| panic!("{error}"));
    }
}

fn no_lane_stands_still(town: &Town) {
    for zone in ["internet-zone", "lgwan-zone"] {
        let well = |says: &str| !says.contains("stopped:") && !says.contains("halted");
        until_it_says(town, zone, "no lane that stands still", well);
    }
}

/// Steps 1 to 3 of the runbook.
fn new_keys_for_s(town: &Town, root: &Path) {
    make_operators(town);
    bridge(
        town,
        &format!("keys init --dir @new --host s --root-pub @offline/root.pub --shares @safe {OF}"),
    );
    fs::rename(root.join("new/s"), root.join("s/keys")).expect("carried there");
    let shares = "@keys.new/shares/s-1.txt @keys.new/shares/s-3.txt";
    bridge(town, &format!("keys escrow restore {shares} --host s --into @s/keys"));
    next_key_set(town, "--part @new/s.part --turn in=1 --turn in.bulk=1");
}

/// Whose keys these are.
const OF: &str = "--tenant mirai --environment demo";

/// A key set with two operators, at every host.
fn two_operators(town: &Town) {
    make_operators(town);
    next_key_set(town, "");
}

fn make_operators(town: &Town) {
    for operator in ["one", "two"] {
        bridge(town, &format!("keys operator --out @{operator}.key {OF}"));
    }
}

/// Signs the next key set, with both operators in it, and installs it at every host.
fn next_key_set(town: &Town, more: &str) {
    let parts = format!("--part @one.part --part @two.part {more}");
    let said = bridge(
        town,
        &format!(
            "keys set sign --root-key @offline/root.key --before @l/keys/keyset {} --out @keyset-2",
            parts.trim_end()
        ),
    );
    let line = said.lines().rfind(|line| line.contains("指紋  ")).expect("a fingerprint");
    let digits = &line.split("指紋  ").nth(1).expect("behind the word")[..4];
    for host in ["s", "i", "l", "a", "b"] {
        let install = format!("keys install @keyset-2 --dir @{host}/keys --spool @{host}/spool");
        bridge(town, &format!("{install} --confirm {digits}"));
    }
}

/// The zone that takes a lane in proposes where its old epoch ends; both zones and S install what two
/// operators signed. The relay stands still meanwhile.
fn begin_anew(town: &Town, lanes: &[&str]) {
    let root = &town.plan.root;
    let key = root.join("one.key").display().to_string();
    for lane in lanes.iter().copied() {
        let [first, both] = ["1", "2"].map(|count| root.join(format!("reset.{lane}.{count}")));
        for file in [&first, &both] {
            let _ = fs::remove_file(file);
        }
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

/// NN-4: every section of the runbook names what tried it, and each test and each file of tests that it
/// names is there.
#[test]
fn every_section_names_a_test_that_is_there() {
    let house = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let mut sources = Vec::new();
    for room in ["bridge", "internet-zone", "lgwan-zone", "platform", "tests"] {
        rust_in(&house.join(room), &mut sources);
    }
    let runbook = fs::read_to_string(house.join("docs/operations/bridge.md")).expect("a runbook");
    let sections: Vec<&str> = runbook.split("\n## ").skip(1).collect();
    assert!(sections.len() > 15, "{} sections", sections.len());
    for section in sections {
        let title = section.lines().next().unwrap_or_default();
        let words = section.split('`').skip(1).step_by(2);
        let (mut named, mut missing) = (0, Vec::new());
        for word in words.filter(|word| is_a_test(word) || word.ends_with(".rs")) {
            named += 1;
            let (alone, listed) = (format!("fn {word}("), format!(" {word},"));
            let there = sources.iter().any(|(path, text)| {
                path.ends_with(word) || text.contains(&alone) || text.contains(&listed)
            });
            if !there {
                missing.push(word);
            }
        }
        assert!(named > 0, "{title}: tried by nothing");
        assert!(missing.is_empty(), "{title}: {missing:?} are not there");
    }
}

/// Whether a word is written like the name of a test: a sentence.
fn is_a_test(word: &str) -> bool {
    word.matches('_').count() > 2
        && word.chars().all(|letter| letter.is_ascii_lowercase() || letter == '_')
}

/// Every Rust file below a folder, with its text.
fn rust_in(folder: &Path, found: &mut Vec<(PathBuf, String)>) {
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            rust_in(&path, found);
        } else if path.extension().is_some_and(|it| it == "rs") {
            let text = fs::read_to_string(&path).expect("readable");
            found.push((path, text));
        }
    }
}
