//! A → B: generations, and what the business system makes of them.

use std::fs;
use std::net::SocketAddr;
use std::path::Path;

use bridge::Running;
use bridge::export::{Outcome, Receipt};

use crate::forget::{age, bundles, names};
use crate::town::{Town, any_port, wait_until};

/// Leaves a generation in A's folder, control file last.
fn leave(town: &Town, generation: &str, files: &[(&str, &[u8])]) {
    let dir = town.path("server-a/resident").join(generation);
    fs::create_dir_all(&dir).expect("made");
    for (path, bytes) in files {
        let file = dir.join(path);
        fs::create_dir_all(file.parent().expect("a folder")).expect("made");
        fs::write(file, bytes).expect("written");
    }
    fs::write(dir.join(format!("resident_{generation}.end")), b"control").expect("written");
}

fn receipt(town: &Town, generation: &str) -> Option<Receipt> {
    let path = town.path("server-a/resident").join(generation).join("receipt.json");
    serde_json::from_slice(&fs::read(path).ok()?).ok()
}

async fn wait_for(town: &Town, generation: &str, outcome: Outcome) -> Receipt {
    wait_until("the receipt is there", || {
        receipt(town, generation).is_some_and(|receipt| receipt.outcome == outcome)
    })
    .await;
    receipt(town, generation).expect("just seen")
}

/// A town whose first generation waits at B for its business system; with B, its address, and A.
async fn one_is_stored() -> (Town, Running, SocketAddr, Running) {
    let town = Town::new();
    leave(&town, "000001", &[("data.csv", b"data")]);
    let drop_role = town.drop_role(any_port()).await;
    let address = drop_role.addr.expect("it listens");
    let export = town.export(address).await;
    wait_for(&town, "000001", Outcome::Stored).await;
    (town, drop_role, address, export)
}

/// Waits until A has filed this many receipts.
async fn until_filed(town: &Town, count: u32) {
    wait_until("the receipts are filed", || {
        fs::read_to_string(town.path("spool/a/exr/ingested"))
            .is_ok_and(|text| text.starts_with(&format!("1 {count} ")))
    })
    .await;
}

fn read(dir: &Path, path: &str) -> Vec<u8> {
    fs::read(dir.join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// IK-3.5.7b, IK-2.1.2d1, I20: a generation appears at B whole, its control
/// file last, and its pick-up comes back to A.
#[tokio::test(flavor = "multi_thread")]
async fn a_generation_appears_whole_and_its_pick_up_comes_back() {
    let town = Town::new();
    let large: Vec<u8> = (0..9_000_000_u32).map(|number| number.to_le_bytes()[1]).collect();
    leave(
        &town,
        "000001",
        &[
            ("resident_000001.csv", b"a,b\r\n"),
            ("2026-000123-4/\u{5199}\u{3057}.pdf", &large),
            ("empty.txt", b""),
        ],
    );
    fs::create_dir_all(town.path("server-a/resident/000002")).expect("made");
    fs::write(town.path("server-a/resident/000002/half.csv"), b"half").expect("written");

    let drop_role = town.drop_role(any_port()).await;
    let export = town.export(drop_role.addr.expect("it listens")).await;
    let there = town.path("server-b/resident/000001");
    wait_for(&town, "000001", Outcome::Stored).await;
    assert_eq!(read(&there, "resident_000001.end"), b"control");
    assert_eq!(read(&there, "resident_000001.csv"), b"a,b\r\n");
    assert_eq!(read(&there, "2026-000123-4/\u{5199}\u{3057}.pdf"), large);
    assert_eq!(read(&there, "empty.txt"), b"");
    assert!(!town.path("server-b/resident/000002").exists(), "it has no control file yet");

    fs::write(there.join("RESIDENT_000001.DONE"), b"1 record").expect("picked up");
    let done = wait_for(&town, "000001", Outcome::Done).await;
    assert_eq!(done.detail, "1 record");
    leave(&town, "000002", &[]);
    wait_for(&town, "000002", Outcome::Stored).await;
    fs::write(town.path("server-b/resident/000002/x.err"), b"line 1").expect("refused");
    let error = wait_for(&town, "000002", Outcome::Error).await;
    assert_eq!((error.job.as_str(), error.detail.as_str()), ("resident", "line 1"));
    town.stop([drop_role, export]).await;
}

/// I21: A signs its head anew while nothing leaves, so that B hears that it lives.
#[tokio::test(flavor = "multi_thread")]
async fn an_idle_server_a_shows_a_head_again_and_again() {
    let town = Town::new();
    let drop_role = town.drop_role(any_port()).await;
    let export = town.export(drop_role.addr.expect("it listens")).await;
    let head = town.path("spool/a/exp/head");
    let first = fs::read(&head).expect("shown at the start");
    town.clock.advance(jiff::SignedDuration::from_secs(60));
    wait_until("it is signed anew", || fs::read(&head).is_ok_and(|now| now != first)).await;
    town.stop([drop_role, export]).await;
}

/// I4, I20: what is at B is never written again, also when A sends other
/// content under the same name.
#[tokio::test(flavor = "multi_thread")]
async fn a_generation_that_is_there_is_never_overwritten() {
    let town = Town::new();
    let there = town.path("server-b/resident/000001");
    fs::create_dir_all(&there).expect("made");
    fs::write(there.join("data.csv"), b"first").expect("written");
    leave(&town, "000001", &[("data.csv", b"second")]);
    let drop_role = town.drop_role(any_port()).await;
    let export = town.export(drop_role.addr.expect("it listens")).await;
    let refused = wait_for(&town, "000001", Outcome::Refused).await;
    assert_eq!(refused.detail, "ファイルの内容が、送られたものと違います。");
    assert_eq!(read(&there, "data.csv"), b"first");
    assert!(!there.join("resident_000001.end").exists());
    town.stop([drop_role, export]).await;
}

/// IK-3.5.7b: a generation that was sent twice, as after a crash at A, is there once.
#[tokio::test(flavor = "multi_thread")]
async fn a_generation_sent_twice_is_there_once() {
    let (town, drop_role, address, export) = one_is_stored().await;
    let there = town.path("server-b/resident/000001");
    fs::write(there.join("data.done"), b"").expect("picked up");
    wait_for(&town, "000001", Outcome::Done).await;
    town.stop([drop_role, export]).await;

    let town = town.next_day();
    fs::remove_file(town.path("spool/a/packed/resident/000001")).expect("forgotten");
    let drop_role = town.drop_role(address).await;
    let export = town.export(address).await;
    until_filed(&town, 3).await;
    wait_until("it was sent again", || town.path("spool/a/packed/resident/000001").exists()).await;
    town.stop([drop_role, export]).await;
    assert_eq!(read(&there, "data.csv"), b"data");
    let kept = receipt(&town, "000001").expect("still there");
    assert_eq!(kept.outcome, Outcome::Done, "the later word stays");
}

/// IK-3.5.7b: that an import failed is heard, and noted for the staff zone, also when the business system said
/// before, or says later, that all went well.
#[tokio::test(flavor = "multi_thread")]
async fn a_failed_import_is_heard_whatever_else_is_said() {
    let (town, drop_role, _, export) = one_is_stored().await;
    let there = town.path("server-b/resident/000001");
    fs::write(there.join("data.done"), b"1 record").expect("picked up");
    wait_for(&town, "000001", Outcome::Done).await;
    let is_named = |generation: &str| town.path("server-a/.failed").join(generation).exists();
    assert!(!is_named("resident.000001"));
    fs::write(there.join("data.err"), b"line 1").expect("failed");
    assert_eq!(wait_for(&town, "000001", Outcome::Error).await.detail, "line 1");

    leave(&town, "000002", &[]);
    wait_for(&town, "000002", Outcome::Stored).await;
    let there = town.path("server-b/resident/000002");
    fs::write(there.join("x.err"), b"line 2").expect("failed");
    wait_for(&town, "000002", Outcome::Error).await;
    fs::write(there.join("x.done"), b"").expect("done");
    until_filed(&town, 6).await;
    let kept = receipt(&town, "000002").expect("still there");
    assert_eq!((kept.outcome, kept.detail.as_str()), (Outcome::Error, "line 2"));
    assert!(is_named("resident.000001") && is_named("resident.000002"));
    town.stop([drop_role, export]).await;
}

/// IK-3.5.7b: a word of the business system that comes while the share at A is away is not lost.
#[tokio::test(flavor = "multi_thread")]
async fn a_receipt_that_comes_while_the_share_is_away_is_filed_later() {
    let (town, drop_role, _, export) = one_is_stored().await;
    // What an empty mount looks like; the folder itself stays.
    let (here, away) = (town.path("server-a/resident"), town.path("away"));
    fs::rename(&here, &away).expect("unmounted");
    fs::write(town.path("server-b/resident/000001/data.done"), b"1 record").expect("picked up");
    let waits = town.path("spool/a/unfiled/resident/000001");
    wait_until("it waits in the spool", || waits.join("receipt.json").exists()).await;
    fs::rename(&away, &here).expect("mounted");
    let done = wait_for(&town, "000001", Outcome::Done).await;
    assert_eq!(done.detail, "1 record");
    wait_until("nothing waits any more", || !waits.exists()).await;
    town.stop([drop_role, export]).await;
}

/// I20, IK-3.5.7b: on an empty mount at B nothing is laid down and A hears of nothing; with the true folder the
/// generation appears.
#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_laid_down_on_an_empty_mount() {
    let (town, drop_role, address, export) = one_is_stored().await;
    town.stop([drop_role, export]).await;

    let town = town.next_day();
    let (here, away) = (town.path("server-b"), town.path("away"));
    fs::rename(&here, &away).expect("unmounted");
    let drop_role = town.drop_role(address).await;
    let halts = drop_role.halts();
    let is_told = || halts.warnings().iter().any(|need| need.code == "folder_away");
    wait_until("it is told before a generation comes", is_told).await;
    leave(&town, "000002", &[("data.csv", b"data")]);
    let export = town.export(address).await;
    let ended = drop_role.join().await.expect_err("it does not work there");
    assert!(ended.to_string().contains("is it mounted"), "{ended}");
    town.stop([export]).await;
    assert!(!here.join("resident").exists(), "nobody would see it");
    assert_eq!(receipt(&town, "000002"), None);

    let town = town.next_day();
    fs::remove_dir_all(&here).expect("the empty one");
    fs::rename(&away, &here).expect("mounted");
    let drop_role = town.drop_role(address).await;
    let export = town.export(address).await;
    wait_for(&town, "000002", Outcome::Stored).await;
    town.stop([drop_role, export]).await;
}

/// IK-3.5.7b: where the settings say so, what a business system moved away is picked up; the same
/// generation again does not appear a second time, and of an emptied mount nothing is said.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_moved_away_is_picked_up_once() {
    let town = Town::new();
    for generation in ["000001", "000002"] {
        leave(&town, generation, &[("data.csv", b"data")]);
    }
    let drop_role = town.drop_role_where(any_port(), true).await;
    let address = drop_role.addr.expect("it listens");
    let export = town.export(address).await;
    let (there, notes) = (town.path("server-b/resident"), town.path("spool/b/reported/resident"));
    for generation in ["000001", "000002"] {
        wait_for(&town, generation, Outcome::Stored).await;
        let note = notes.join(format!("{generation}.shown"));
        wait_until("it is noted", || note.exists()).await;
    }
    // What an empty mount looks like; the folder itself stays, or the role would end.
    let moves = [".folder", "resident/000001", "resident/000002"]
        .map(|name| (town.path("server-b").join(name), town.path(&name.replace('/', "-"))));
    moves.iter().for_each(|(here, away)| fs::rename(here, away).expect("unmounted"));
    tokio::time::sleep(std::time::Duration::from_secs(5)).await;
    for generation in ["000001", "000002"] {
        let receipt = receipt(&town, generation).expect("there");
        assert_eq!(receipt.outcome, Outcome::Stored, "an empty mount is no pick-up");
    }
    moves.iter().rev().for_each(|(here, away)| fs::rename(away, here).expect("mounted"));

    fs::rename(there.join("000001"), town.path("taken")).expect("taken");
    let done = wait_for(&town, "000001", Outcome::Done).await;
    assert_eq!(done.detail, "");
    assert_eq!(read(&town.path("taken"), "data.csv"), b"data");
    assert_eq!(receipt(&town, "000002").expect("there").outcome, Outcome::Stored);
    town.stop([drop_role, export]).await;

    let town = town.next_day();
    fs::remove_file(town.path("spool/a/packed/resident/000001")).expect("forgotten");
    // What a power cut leaves of the note: what is moved away is seen all the same.
    fs::write(town.path("spool/b/reported/.folder"), "").expect("cut");
    let drop_role = town.drop_role_where(address, true).await;
    let export = town.export(address).await;
    until_filed(&town, 4).await;
    assert!(!there.join("000001").exists(), "it would be taken in twice");
    assert_eq!(receipt(&town, "000001").expect("there").outcome, Outcome::Done);
    fs::rename(there.join("000002"), town.path("also")).expect("taken");
    wait_for(&town, "000002", Outcome::Done).await;
    town.stop([drop_role, export]).await;
}

/// I13, IK-3.5.7b: A and B forget what a business system picked up and what is filed, once it is
/// old enough; never what still waits to be picked up, what came after it, or the newest.
#[tokio::test(flavor = "multi_thread")]
async fn what_was_picked_up_is_forgotten_and_nothing_else() {
    let town = Town::new();
    let (a, b) = (town.path("spool/a"), town.path("spool/b"));
    let drop_role = town.drop_role(any_port()).await;
    let address = drop_role.addr.expect("it listens");
    let export = town.export(address).await;
    for generation in ["000001", "000002", "000003"] {
        leave(&town, generation, &[("data.csv", b"data")]);
        wait_for(&town, generation, Outcome::Stored).await;
    }
    for generation in ["000001", "000003"] {
        let there = town.path("server-b/resident").join(generation);
        fs::write(there.join("data.done"), b"").expect("picked up");
        wait_for(&town, generation, Outcome::Done).await;
    }
    town.stop([drop_role, export]).await;
    assert_eq!(bundles(&a.join("exp")), names(&[1, 2, 3, 4, 5, 6]), "two for each");
    assert_eq!(bundles(&b.join("exr")), names(&[1, 2, 3, 4, 5]));
    for folder in [a.join("exp"), a.join("exr"), b.join("exp"), b.join("exr")] {
        age(&folder);
    }

    let town = town.next_day();
    let drop_role = town.drop_role(address).await;
    let export = town.export(address).await;
    wait_until("A forgets the first", || bundles(&a.join("exp")) == names(&[3, 4, 5, 6])).await;
    wait_until("A forgets what it filed", || bundles(&a.join("exr")).is_empty()).await;
    wait_until("B forgets what is in its folder", || bundles(&b.join("exp")).is_empty()).await;
    assert_eq!(bundles(&b.join("exr")), names(&[1, 2, 3, 4, 5]), "A said nothing in this life");
    leave(&town, "000004", &[]);
    wait_until("B forgets what A has", || bundles(&b.join("exr")) == names(&[6])).await;
    fs::write(town.path("server-b/resident/000002/data.err"), b"").expect("refused");
    wait_for(&town, "000002", Outcome::Error).await;
    town.stop([drop_role, export]).await;

    age(&a.join("exp"));
    let town = town.next_day();
    let drop_role = town.drop_role(address).await;
    let export = town.export(address).await;
    wait_until("A forgets up to what waits", || bundles(&a.join("exp")) == names(&[7])).await;
    town.stop([drop_role, export]).await;
}
