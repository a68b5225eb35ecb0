//! Databases that are restored from backups, and lanes that begin anew (I14).

use std::fs;

use bridge_contract::evidence::{End, Findings};
use bridge_contract::keys::{KeyEntry, KeyFolder, KeySet, Purpose, SigningKey};
use bridge_contract::messages::ToCitizen;
use bridge_contract::place::Lane;
use bridge_contract::reset::ResetDocument;
use bridge_lanes::operate::{Desk, NotDone, Orders};
use bridge_lanes::{FromCitizen, LaneFault, status};
use clap::Parser;
use diesel::prelude::*;
use jiff::SignedDuration;
use platform_testkit::on_both_databases;
use serde_json::{Value, json};

use crate::release::{self, bring_receipts_by};
use crate::town::{Town, Zone, deliver_all, kept_bytes, open_copy, record, waiting};
use crate::trouble::Relay;

const LANE: Lane = Lane::PubCtl;

#[derive(Parser)]
struct Line {
    #[command(flatten)]
    orders: Orders,
}

/// A town with two operators in its key set.
struct City {
    town: Town,
    operators: [(SigningKey, Vec<u8>); 2],
}

impl City {
    fn open() -> Self {
        let dir = tempfile::tempdir().expect("a folder");
        Self::at(format!("sqlite:{}", dir.keep().join("i.db").display()))
    }

    fn at(url: String) -> Self {
        let mut town = Town::open(url);
        let keys = town.path().join("keys");
        let root = fs::read(keys.join("offline/root.key")).expect("readable");
        let root = SigningKey::from_pkcs8(&root).expect("the root");
        let operators = [(); 2].map(|()| {
            let (key, document) = SigningKey::generate();
            (key, document.to_vec())
        });
        let mut set: KeySet = town.l.keys.set().clone();
        for (key, _) in &operators {
            let (purpose, public) = (Purpose::Operator, key.verify_key().0);
            set.keys.push(KeyEntry { purpose, public, valid_from: 0, valid_until: u64::MAX });
        }
        set.version = 2;
        for (host, zone) in [("l", &mut town.l), ("i", &mut town.i)] {
            fs::write(keys.join(host).join("keyset"), set.sign(&root)).expect("written");
            zone.keys = KeyFolder::open(&keys.join(host)).expect("a key folder");
        }
        Self { town, operators }
    }

    async fn order(&self, name: &'static str, line: &[&str]) -> Result<String, NotDone> {
        let zone = if name == "lgwan" { &self.town.l } else { &self.town.i };
        let desk = Desk {
            zone: name,
            keys: zone.keys.set().clone(),
            spool: zone.spool.clone(),
            store: zone.store.clone(),
            clock: self.town.clock.clone(),
            open_copy,
            record,
        };
        let line = Line::try_parse_from([&["bridge"], line].concat()).expect("a line");
        desk.obey(line.orders).await
    }

    /// Says it on `pub.ctl` and, when it shall arrive, takes it in at I.
    async fn say(&self, said: &str, seen: Option<usize>) {
        self.town.publish(&[said]).await;
        self.town.send_all(&self.town.l, LANE).await;
        if let Some(seen) = seen {
            self.arrive(seen).await;
        }
    }

    async fn arrive(&self, seen: usize) {
        deliver_all(&self.town.l, &self.town.i, LANE);
        let receiver = self.town.start_receiver::<ToCitizen>(&self.town.i, LANE);
        self.town.i.wait_until("it is in", async |zone| said(zone).await.len() == seen).await;
        receiver.stop().await.expect("a clean stop");
    }

    /// A reset of `pub.ctl` as I knows it, signed by both operators.
    async fn reset(&self) -> String {
        let (key, file) = (self.town.path().join("one.key"), self.town.path().join("reset.1"));
        fs::write(&key, &self.operators[0].1).expect("written");
        let (key, out) = (key.display().to_string(), file.display().to_string());
        self.order("internet", &["epoch", "propose", "pub.ctl", "--key", &key, "--out", &out])
            .await
            .expect("an operator proposes");
        let refused = self.order("internet", &["epoch", "install", &out]).await;
        let refused = refused.expect_err("one operator is not two").to_string();
        assert!(refused.contains("two different operators must sign; this has 1"), "{refused}");
        let mut document = ResetDocument::read(&fs::read(&file).expect("readable")).expect("one");
        document.sign(&self.operators[1].0, self.town.l.keys.set()).expect("another operator");
        fs::write(&file, document.to_bytes()).expect("written");
        out
    }

    /// The staff zone's evidence of the lane, as an auditor reads it.
    async fn evidence(&self, more: &[&str]) -> Result<Findings, NotDone> {
        let file = self.town.path().join(format!("evidence{}", more.join("")));
        let out = file.display().to_string();
        let line = [&["evidence", "--lane", "pub.ctl", "-o", out.as_str()], more].concat();
        self.order("lgwan", &line).await?;
        Ok(release::audited(&self.town, &file))
    }

    /// Loses what the sender's folder has beyond a number, as a restored host does.
    fn lose_files_after(&self, seq: u64) {
        for lost in seq + 1..seq + 9 {
            let name = format!("pub.ctl/ready/e1-{lost:016}.kb");
            let _ = fs::remove_file(self.town.l.spool.join(name));
        }
        let _ = fs::remove_file(self.town.l.spool.join("pub.ctl/head"));
    }

    async fn sender_ends(&self) -> Result<(), LaneFault> {
        self.town.start_sender(&self.town.l, LANE).ended().await
    }
}

/// What arrived, without events of the operation log.
async fn said(zone: &Zone) -> Vec<String> {
    let seen = zone.seen().await.into_iter();
    seen.filter(|(uuid, _)| uuid.starts_with("id-")).map(|(_, said)| said).collect()
}

/// A copy of a zone's database as it is now.
fn back_up(zone: &Zone, city: &City, name: &str) -> String {
    let (path, file) = (city.town.path().join(name), zone.file.clone());
    let copy = path.display().to_string();
    let order = format!("vacuum into '{copy}'");
    let mut db = diesel::SqliteConnection::establish(&file).expect("a database");
    diesel::sql_query(order).execute(&mut db).expect("copied");
    format!("sqlite:{copy}")
}

async fn states(zone: &Zone) -> Vec<(u32, u64, String)> {
    let sent = zone.read(|db| status::sent(db, LANE, 9)).await;
    sent.into_iter().map(|one| (one.epoch, one.seq, one.state)).collect()
}

/// I14: a restored sender is halted until two operators let the lane begin anew; then
/// nothing is lost and nothing comes twice.
#[tokio::test]
async fn a_restored_sender_waits_for_two_operators() {
    let mut city = City::open();
    city.say("a", Some(1)).await;
    let copy = back_up(&city.town.l, &city, "l-monday.db");
    city.say("b", Some(2)).await;
    city.town.l.store = open_copy(&copy).expect("a copy");
    let ended = city.sender_ends().await;
    assert!(matches!(ended, Err(LaneFault::AheadOfDatabase { .. })), "{ended:?}");
    city.lose_files_after(1);
    city.town.publish(&["c"]).await;
    for _ in 0..2 {
        let ended = city.sender_ends().await;
        assert!(matches!(ended, Err(LaneFault::Restored { lane: LANE })), "{ended:?}");
    }
    let reset = city.reset().await;
    city.order("lgwan", &["epoch", "install", &reset]).await.expect("installed at the sender");
    city.town.send_all(&city.town.l, LANE).await;
    deliver_all(&city.town.l, &city.town.i, LANE);
    let receiver = city.town.start_receiver::<ToCitizen>(&city.town.i, LANE);
    receiver.stop().await.expect("a clean stop");
    assert_eq!(said(&city.town.i).await, ["a", "b"], "no other epoch without the document");

    city.order("internet", &["epoch", "install", &reset]).await.expect("installed at the receiver");
    city.arrive(3).await;
    assert_eq!(said(&city.town.i).await, ["a", "b", "c"]);
    city.say("d", Some(4)).await;
    let sent = states(&city.town.l).await;
    assert!(sent.iter().any(|(epoch, seq, _)| (*epoch, *seq) == (2, 2)), "{sent:?}");
    let again = city.order("lgwan", &["epoch", "install", &reset]).await;
    assert!(again.expect_err("it is installed").to_string().contains("the lane is in epoch 2"));
}

/// I14: restored a second time, from a backup of before the first reset, a sender begins anew like the
/// first time: the next reset alone is enough for it.
#[tokio::test]
async fn a_sender_restored_twice_from_one_backup_begins_anew_twice() {
    let mut city = City::open();
    city.say("a", Some(1)).await;
    let copies = ["l-1.db", "l-2.db"].map(|name| back_up(&city.town.l, &city, name));
    city.say("b", Some(2)).await;
    let mut seen = 2;
    for (copy, said) in copies.iter().zip([["c", "d"], ["e", "f"]]) {
        city.town.l.store = open_copy(copy).expect("a copy");
        let ended = city.sender_ends().await;
        assert!(matches!(ended, Err(LaneFault::AheadOfDatabase { .. })), "{ended:?}");
        let reset = city.reset().await;
        for zone in ["lgwan", "internet"] {
            city.order(zone, &["epoch", "install", &reset]).await.expect("installed");
        }
        fs::remove_file(&reset).expect("removed");
        for said in said {
            seen += 1;
            city.say(said, Some(seen)).await;
        }
    }
    assert_eq!(said(&city.town.i).await, ["a", "b", "c", "d", "e", "f"]);
    let sent = states(&city.town.l).await;
    assert!(sent.iter().any(|(epoch, seq, _)| (*epoch, *seq) == (3, 2)), "{sent:?}");
}

/// I1, I14, I21: what a restored receiver misses of an epoch that ended is told apart from what may still come,
/// until an operator says what became of it.
#[tokio::test]
async fn what_never_came_of_an_epoch_is_told_until_it_is_explained() {
    let mut city = City::open();
    city.say("a", Some(1)).await;
    let copy = back_up(&city.town.i, &city, "i-monday.db");
    city.say("b", Some(2)).await;
    let reset = city.reset().await;
    city.town.i.store = open_copy(&copy).expect("a copy");
    city.order("internet", &["epoch", "install", &reset]).await.expect("installed");
    let explain = ["explain-gap", "pub.ctl", "1", "2", "--why", "b was said again"];
    for lost in [vec![(1, 2, 2)], vec![]] {
        let lanes = city.town.i.read(status::status).await;
        let one = lanes.receiving.into_iter().find(|one| one.lane == LANE).expect("received");
        assert_eq!((one.gaps, one.lost), (vec![], lost.clone()));
        let explained = city.order("internet", &explain).await;
        assert_eq!(explained.is_ok(), !lost.is_empty(), "{explained:?}");
    }
}

/// I14: what the far end never confirmed gets new numbers in the new epoch, and what it
/// had after all is not taken in twice.
#[tokio::test]
async fn what_was_not_confirmed_is_sent_anew() {
    let city = City::open();
    city.say("a", Some(1)).await;
    city.say("lost", None).await;
    city.lose_files_after(1);
    let reset = city.reset().await;
    for zone in ["lgwan", "internet"] {
        city.order(zone, &["epoch", "install", &reset]).await.expect("installed");
    }
    let queued = city.town.l.read(|db| waiting(db, LANE)).await;
    assert_eq!(queued, 2, "nothing was confirmed");
    city.town.send_all(&city.town.l, LANE).await;
    city.arrive(2).await;
    assert_eq!(said(&city.town.i).await, ["a", "lost"]);

    // What was signed under the old numbers is evidence as before.
    let whole = city.evidence(&[]).await.expect("written");
    let chain = &whole.chains[&(LANE, End::Sender)];
    let numbers: Vec<(u32, u64)> = chain.bundles.keys().copied().collect();
    assert_eq!((numbers, chain.items()), (vec![(1, 1), (1, 2), (2, 1)], 4));
    let at: Vec<_> = whole.found.iter().map(|one| (one.at.epoch, one.at.seq)).collect();
    assert_eq!(at, [(1, 1), (2, 1)], "under its old number and its new one");
    let old = city.order("lgwan", &["show", "pub.ctl", "2", "--epoch", "1"]).await.expect("known");
    assert!(old.contains("released") && old.contains("id-lost"), "{old}");
    let new = city.order("lgwan", &["show", "pub.ctl", "1"]).await.expect("known");
    assert!(new.starts_with("pub.ctl e2-1 ") && new.contains("id-lost"), "{new}");
    let unsaid = city.evidence(&["--from", "1"]).await.expect_err("of which epoch").to_string();
    assert!(unsaid.contains("name one with --epoch"), "{unsaid}");
    let second = city.evidence(&["--from", "2", "--epoch", "1"]).await.expect("written");
    assert_eq!(second.chains[&(LANE, End::Sender)].last().map(|last| last.0), Some((1, 2)));
}

/// NS-2, I4, I14: who names no epoch means the newest; what is young is made available again of every epoch.
#[tokio::test]
async fn a_replay_reaches_every_epoch() {
    let city = City::open();
    let before = city.town.clock.now() - SignedDuration::from_hours(1);
    city.say("a", Some(1)).await;
    release::bring_receipts(&city.town, 1).await;
    city.town.clock.advance(SignedDuration::from_hours(1));
    let backup = city.town.clock.now();
    let reset = city.reset().await;
    for zone in ["lgwan", "internet"] {
        city.order(zone, &["epoch", "install", &reset]).await.expect("installed");
    }
    city.say("b", Some(2)).await;
    city.say("c", Some(3)).await;
    let (before, backup) = (before.to_string(), backup.to_string());
    let (before, backup) = (before.as_str(), backup.as_str());
    let replay = async |more: &[&str]| {
        let line = [&["replay", "--lane", "pub.ctl"], more].concat();
        city.order("lgwan", &line).await
    };
    for (more, said) in [
        (["--since-backup", before].as_slice(), "pub.ctl e1 1 to 1, e2 1 to 2: "),
        (["--since-backup", backup].as_slice(), "pub.ctl e2 1 to 2: "),
        (["--since-backup", before, "--epoch", "1"].as_slice(), "pub.ctl e1 1 to 1: "),
        (["--from", "1", "--to", "1"].as_slice(), "pub.ctl e2 1 to 1: "),
        (["--from", "1", "--to", "9", "--epoch", "1"].as_slice(), "pub.ctl e1 1 to 1: "),
    ] {
        let answer = replay(more).await.expect("done");
        assert!(answer.starts_with(said), "{more:?}: {answer}");
    }
    let facts = replay(&["--since-backup", before, "--json"]).await.expect("done");
    let facts: Value = serde_json::from_str(&facts).expect("JSON");
    let earlier = json!([{ "epoch": 1, "available": [[1, 1]] }]);
    let all = json!({ "lane": "pub.ctl", "epoch": 2, "available": [[1, 2]], "earlier": earlier, "anew": [] });
    assert_eq!(facts, all);
}

/// I1, I14: what the far end confirmed, and lost again because it was restored, is sent
/// anew with the rest when the lane begins anew before it caught up.
#[tokio::test]
async fn what_a_restored_receiver_lost_survives_a_reset() {
    let mut city = City::open();
    city.say("a", Some(1)).await;
    let copy = back_up(&city.town.i, &city, "i-monday.db");
    city.say("b", Some(2)).await;
    city.town.send_all(&city.town.i, Lane::Raw).await;
    crate::trouble::relay(&city.town, &[]);
    let receiver = city.town.start_receiver::<FromCitizen>(&city.town.l, Lane::In);
    city.town
        .l
        .wait_until("both are confirmed", async |zone| {
            states(zone).await.iter().all(|(_, _, state)| state == "ingested")
        })
        .await;
    receiver.stop().await.expect("a clean stop");
    city.town.i.store = open_copy(&copy).expect("a copy");
    let reset = city.reset().await;
    for zone in ["lgwan", "internet"] {
        city.order(zone, &["epoch", "install", &reset]).await.expect("installed");
    }
    city.town.send_all(&city.town.l, LANE).await;
    city.arrive(2).await;
    assert_eq!(said(&city.town.i).await, ["a", "b"]);
}

/// I14: the head alone shows that the database is an older one, when its newest files are lost.
#[tokio::test]
async fn a_head_without_its_files_halts_a_restored_sender() {
    let mut city = City::open();
    city.town.publish(&["a"]).await;
    let sender = city.town.start_sender(&city.town.l, LANE);
    let ready = async |count: usize| {
        let is = async |zone: &Zone| {
            let states = states(zone).await;
            states.len() == count && states.iter().all(|(_, _, state)| state == "ready")
        };
        city.town.l.wait_until("it is sent", is).await;
    };
    ready(1).await;
    let copy = back_up(&city.town.l, &city, "l-monday.db");
    city.town.publish(&["b"]).await;
    ready(2).await;
    sender.stop().await.expect("a clean stop");
    city.town.l.store = open_copy(&copy).expect("a copy");
    fs::remove_file(city.town.l.spool.join("pub.ctl/ready/e1-0000000000000002.kb")).expect("lost");
    let ended = city.sender_ends().await;
    assert!(matches!(ended, Err(LaneFault::AheadOfDatabase { spool: (1, 2), .. })), "{ended:?}");
}

/// I14, MN-8.2a: a restored receiver asks for what it lost, and has it again.
#[tokio::test]
async fn a_restored_receiver_converges_by_itself() {
    let mut city = City::open();
    city.say("a", Some(1)).await;
    let copy = back_up(&city.town.i, &city, "i-monday.db");
    city.say("b", Some(2)).await;
    city.town.i.store = open_copy(&copy).expect("a copy");
    assert_eq!(said(&city.town.i).await, ["a"]);
    city.arrive(2).await;
    assert_eq!(said(&city.town.i).await, ["a", "b"]);
    city.say("c", Some(3)).await;
}

/// I14: when both are restored to the same evening, a new receipt that names exactly
/// what the sender has lets the lane go on without any reset.
#[tokio::test]
async fn a_receipt_reconciles_a_restored_sender() {
    let mut city = City::open();
    city.say("a", Some(1)).await;
    let (l, i) =
        (back_up(&city.town.l, &city, "l-monday.db"), back_up(&city.town.i, &city, "i-monday.db"));
    city.say("b", Some(2)).await;
    city.town.l.store = open_copy(&l).expect("a copy");
    city.town.i.store = open_copy(&i).expect("a copy");
    city.lose_files_after(1);
    for file in ["fetched", "done/0000000000000"] {
        let _ = fs::remove_file(
            city.town.i.spool.join(format!("pub.ctl/{file}/e1-0000000000000002.kb")),
        );
    }
    let ended = city.sender_ends().await;
    assert!(matches!(ended, Err(LaneFault::Restored { lane: LANE })), "{ended:?}");
    city.order("internet", &["say-receipt", "pub.ctl"]).await.expect("something was taken in");
    city.town.send_all(&city.town.i, Lane::Raw).await;
    crate::trouble::relay(&city.town, &[]);
    let receiver = city.town.start_receiver::<FromCitizen>(&city.town.l, Lane::In);
    city.town
        .l
        .wait_until("the receipt is in", async |zone| {
            states(zone)
                .await
                .iter()
                .any(|(_, seq, state)| (*seq, state.as_str()) == (1, "ingested"))
        })
        .await;
    receiver.stop().await.expect("a clean stop");
    city.say("c", Some(2)).await;
    assert_eq!(said(&city.town.i).await, ["a", "c"]);
}

on_both_databases!(
    /// I13, I14, NF-32: after a reset the old epoch is forgotten as the new one is: two verified
    /// backups that hold something of the new epoch hold what was taken in before it, one does
    /// not let it go. Nothing sealed stays, so that the keys it was sealed to are done with.
    after_a_reset_the_old_epoch_is_forgotten,
    |url: String| async move {
        let city = City::at(url);
        let (town, mut relay) = (&city.town, Relay::default());
        city.say("a", Some(1)).await;
        bring_receipts_by(&mut relay, town, 1).await;
        for name in ["saturday", "sunday"] {
            release::back_up(&town.i, name, town).await.expect("a backup");
        }
        let reset = city.reset().await;
        for zone in ["lgwan", "internet"] {
            city.order(zone, &["epoch", "install", &reset]).await.expect("installed");
        }
        city.say("b", Some(2)).await;
        release::back_up(&town.i, "monday", town).await.expect("a backup");
        city.say("c", Some(3)).await;
        bring_receipts_by(&mut relay, town, 3).await;
        let forgotten = async |gone: usize| {
            let sender = town.start_forgetful_sender(&town.l, LANE);
            town.l
                .wait_until("it looked", async |zone| {
                    let ready = zone.spool.join("pub.ctl/ready");
                    let states = states(zone).await;
                    fs::read_dir(ready).expect("readable").count() == 0
                        && states.iter().filter(|one| one.2 == "released").count() >= gone
                })
                .await;
            sender.stop().await.expect("a clean stop");
            states(&town.l).await.into_iter().filter(|one| one.2 == "released").count()
        };
        let first = town.l.spool.join("pub.ctl/sent/0000000000000/e1-0000000000000001.kb");
        assert_eq!(forgotten(0).await, 0, "one backup of the new epoch is none");
        assert!(first.exists() && town.l.read(|db| kept_bytes(db, LANE, 1)).await > 0);

        release::back_up(&town.i, "tuesday", town).await.expect("a backup");
        city.say("d", Some(4)).await;
        bring_receipts_by(&mut relay, town, 4).await;
        assert_eq!(forgotten(2).await, 2);
        let sent = states(&town.l).await;
        for at in [(1, 1), (2, 1)] {
            assert!(sent.contains(&(at.0, at.1, "released".to_owned())), "{sent:?}");
        }
        assert!(!first.exists(), "its file is gone");
        assert_eq!(town.l.read(|db| kept_bytes(db, LANE, 1)).await, 0);
        assert!(town.l.read(|db| kept_bytes(db, LANE, 2)).await > 0);
    }
);
