//! S between two movers, with no connection to anybody: heads and bundles are copied
//! in, heads and bundles are copied out.

use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::time::Duration;

use bridge_contract::bundle::bundle_name;
use bridge_contract::place::{Host, Lane};

use crate::command::{run, words};
use crate::town::{Capitals, Sender, Town, any_port, bundles, wait_until};

/// Copies a sending folder's head, and of its bundles those that it likes.
fn carry(from: &Path, to: &Path, likes: impl Fn(&str) -> bool) {
    for part in ["part", "fetched"] {
        fs::create_dir_all(to.join(part)).expect("made");
    }
    for entry in fs::read_dir(from.join("ready")).expect("readable") {
        let path = entry.expect("readable").path();
        let name = path.file_name().and_then(|name| name.to_str()).expect("plain");
        let there = to.join("fetched").join(name);
        if likes(name) && !there.exists() {
            // A mover writes where the name can be seen: what is half there counts as torn.
            fs::copy(&path, &there).expect("copied");
        }
    }
    fs::copy(from.join("head"), to.join("head")).expect("copied");
}

/// Finds the code in what `status` prints.
fn code(status: &str) -> String {
    let rest = status.split_once("replay --code ").expect("a code").1;
    rest.lines().next().expect("a line").to_owned()
}

/// NN-18, I1, I21: with files alone, in one direction, submissions cross S; what the
/// first mover leaves out is shown by S with a code, and comes after it was typed at I.
/// What the second leaves out is asked for at S.
#[tokio::test(flavor = "multi_thread")]
async fn submissions_cross_without_any_connection() {
    let town = Town::new();
    let mut raw = Sender::open(&town, Host::Internet, Lane::Raw);
    let relay = town.relay(any_port(), Capitals::of(&town)).await;
    for number in 1..=5 {
        raw.send(&[town.submission(number, &[b"text"])]);
    }
    let folder = |host: Host, lane: Lane| town.spool(host).join(lane.word());
    let settings = |host: Host| {
        let text = format!("keys = {:?}\nspool = {:?}\n", town.key_dir(host), town.spool(host));
        let path = town.path(&format!("{}.toml", host.word()));
        fs::write(&path, text).expect("written");
        path.display().to_string()
    };
    let (i, s) = (settings(Host::Internet), settings(Host::Sanitizer));
    let l = settings(Host::Lgwan);

    // The mover loses 1 and 3; 4 comes torn.
    let kept = [bundle_name(1, 2), bundle_name(1, 5)];
    let (from, to) = (folder(Host::Internet, Lane::Raw), folder(Host::Sanitizer, Lane::Raw));
    carry(&from, &to, |name| kept.iter().any(|one| one == name));
    let whole = fs::read(from.join("ready").join(bundle_name(1, 4))).expect("shown");
    fs::write(to.join("fetched").join(bundle_name(1, 4)), &whole[..300]).expect("written");
    let status = words(&run(&["status", "--config", &s]));
    assert!(status.contains("missing 1 3;"), "{status}");
    assert!(bundles(&folder(Host::Sanitizer, Lane::In).join("ready")).is_empty());

    // Typed at I, where they were put away, with the mistakes of a telephone.
    for seq in [1, 3] {
        let shelf = from.join("sent/0000000000000");
        fs::create_dir_all(&shelf).expect("made");
        let name = bundle_name(1, seq);
        fs::rename(from.join("ready").join(&name), shelf.join(&name)).expect("put away");
    }
    let typed = code(&status).to_lowercase().replace('-', " ");
    let wrong = run(&["replay", "--config", &i, "--code", &typed[1..]]);
    assert!(!wrong.status.success() && words(&wrong).contains("mistake"), "{}", words(&wrong));
    let elsewhere = run(&["replay", "--config", &l, "--code", &typed]);
    assert!(!elsewhere.status.success(), "{}", words(&elsewhere));
    let done = run(&["replay", "--config", &i, "--code", &typed]);
    assert!(done.status.success() && words(&done).contains("in ready/: 1 3"), "{}", words(&done));
    carry(&from, &to, |_| true);
    wait_until("the torn one was set aside", || {
        !to.join("fetched").join(bundle_name(1, 4)).exists()
    })
    .await;
    let status = words(&run(&["status", "--config", &s]));
    assert!(status.contains("missing 4;"), "{status}");
    carry(&from, &to, |_| true);
    let shown = folder(Host::Sanitizer, Lane::In);
    wait_until("all crossed S", || {
        // What was read while the mover still wrote it was set aside, and is brought again.
        carry(&from, &to, |_| true);
        let status = words(&run(&["status", "--config", &s]));
        !status.contains("missing") && !bundles(&shown.join("ready")).is_empty()
    })
    .await;
    wait_until("the last was shown", || {
        carry(&shown, &folder(Host::Lgwan, Lane::In), |_| true);
        town.origins().len() == 5
    })
    .await;
    town.stop([relay]).await;

    // The way from S to L loses the first; a head that S signed says so.
    let at_l = folder(Host::Lgwan, Lane::In);
    fs::remove_file(at_l.join("fetched").join(bundle_name(1, 1))).expect("lost");
    let status = words(&run(&["status", "--config", &l]));
    assert!(status.contains("missing 1;"), "{status}");
    let done = run(&["replay", "--config", &s, "--code", &code(&status)]);
    assert!(done.status.success() && words(&done).contains("in ready/: 1"), "{}", words(&done));
}

/// I17, NN-18: a bundle that a mover still copies to S is waited for, not taken away from it.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_copied_slowly_to_s_is_waited_for() {
    let town = Town::new();
    let mut raw = Sender::open(&town, Host::Internet, Lane::Raw);
    let relay = town.relay(any_port(), Capitals::of(&town)).await;
    raw.send(&[town.submission(1, &[b"text"])]);
    let folder = |host: Host, lane: Lane| town.spool(host).join(lane.word());
    let (from, to) = (folder(Host::Internet, Lane::Raw), folder(Host::Sanitizer, Lane::Raw));
    let name = bundle_name(1, 1);
    let whole = fs::read(from.join("ready").join(&name)).expect("shown");
    let mut copy = fs::File::create(to.join("fetched").join(&name)).expect("made");
    // Longer than a torn file may lie there.
    for piece in whole.chunks(whole.len().div_ceil(10)) {
        copy.write_all(piece).expect("written");
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
    let shown = folder(Host::Sanitizer, Lane::In).join("ready");
    wait_until("it crossed S", || !bundles(&shown).is_empty()).await;
    let rejected = fs::read_dir(to.join("rejected")).expect("readable");
    assert_eq!(rejected.count(), 0, "nothing was taken away from who copies");
    town.stop([relay]).await;
}
