//! Two verified backups, release, and what an operator orders.

use std::path::Path;

use bridge_contract::evidence::{Checker, End, Findings, compare};
use bridge_contract::messages::ToCitizen;
use bridge_contract::place::Lane;
use bridge_lanes::backups::{self, NotABackup};
use bridge_lanes::operate::{Desk, NotDone, Orders};
use bridge_lanes::{CompleterSetup, FromCitizen, Wake, complete, status};
use clap::Parser;
use diesel::RunQueryDsl as _;
use jiff::SignedDuration;
use platform_service::shutdown::Shutdown;
use platform_testkit::on_both_databases;
use serde_json::{Value, json};

use crate::town::{Keep, Keeping, Town, Zone, deliver_all, kept_bytes, open_copy, record, shown};
use crate::trouble::Relay;

const NAME: &str = "e1-0000000000000001.kb";

/// Publishes on `pub.ctl` and takes it in at I.
pub(crate) async fn publish(town: &Town, said: &str, seen: usize) {
    town.publish(&[said]).await;
    town.send_all(&town.l, Lane::PubCtl).await;
    deliver_all(&town.l, &town.i, Lane::PubCtl);
    let receiver = town.start_receiver::<ToCitizen>(&town.i, Lane::PubCtl);
    town.i.wait_until("it is in", async |zone| zone.seen().await.len() == seen).await;
    receiver.stop().await.expect("a clean stop");
}

/// Brings I's receipts to L.
pub(crate) async fn bring_receipts(town: &Town, ingested: usize) {
    bring_receipts_by(&mut Relay::default(), town, ingested).await;
}

/// The same once more.
pub(crate) async fn bring_receipts_by(relay: &mut Relay, town: &Town, ingested: usize) {
    town.send_all(&town.i, Lane::Raw).await;
    relay.pass(town, &[]);
    let receiver = town.start_receiver::<FromCitizen>(&town.l, Lane::In);
    town.l
        .wait_until("the receipt is in", async |zone| {
            let sent = zone.read(|db| status::sent(db, Lane::PubCtl, 9)).await;
            sent.iter().filter(|one| one.state != "ready").count() == ingested
        })
        .await;
    receiver.stop().await.expect("a clean stop");
}

/// Notes what the database holds now as a verified backup.
pub(crate) async fn back_up(
    zone: &Zone,
    name: &'static str,
    town: &Town,
) -> Result<(), NotABackup> {
    let covered = zone.read(backups::read_copy).await?;
    let at = town.clock.now();
    let marked = zone.store.write(move |tx| backups::mark(tx, name, &covered, at)).await;
    marked.expect("committed")
}

async fn states(town: &Town) -> Vec<String> {
    let sent = town.l.read(|db| status::sent(db, Lane::PubCtl, 9)).await;
    sent.into_iter().rev().map(|one| one.state).collect()
}

fn has_file(zone: &Zone) -> bool {
    let lane = zone.spool.join("pub.ctl");
    lane.join("ready").join(NAME).exists()
        || lane.join("sent").join("0000000000000").join(NAME).exists()
}

on_both_databases!(
    /// I13: one backup is none: nothing is forgotten, however old it is.
    nothing_is_forgotten_for_one_backup,
    |url: String| async move {
        let town = Town::open(url);
        publish(&town, "a", 1).await;
        back_up(&town.i, "monday", &town).await.expect("a backup");
        assert_eq!(back_up(&town.i, "monday", &town).await, Err(NotABackup::NameTaken));
        publish(&town, "b", 2).await;
        bring_receipts(&town, 2).await;
        let sender = town.start_forgetful_sender(&town.l, Lane::PubCtl);
        town.l
            .wait_until("it looked", async |zone| {
                !zone.spool.join("pub.ctl/ready").join(NAME).exists()
            })
            .await;
        sender.stop().await.expect("a clean stop");
        assert_eq!(states(&town).await, ["ingested", "ingested"]);
        assert!(has_file(&town.l));
    }
);

on_both_databases!(
    /// I13, MN-8.2a: a bundle is forgotten only when two verified backups of the far end hold
    /// it and it is old enough; its header stays, and nobody else is forgotten.
    nothing_is_forgotten_before_two_backups_hold_it,
    |url: String| async move {
        let town = Town::open(url);
        publish(&town, "a", 1).await;
        for name in ["monday", "tuesday"] {
            back_up(&town.i, name, &town).await.expect("a backup");
        }
        publish(&town, "b", 2).await;
        bring_receipts(&town, 2).await;
        let sender = town.start_sender(&town.l, Lane::PubCtl);
        town.l
            .wait_until("it looked", async |zone| {
                !zone.spool.join("pub.ctl/ready").join(NAME).exists()
            })
            .await;
        sender.stop().await.expect("a clean stop");
        assert_eq!(states(&town).await, ["ingested", "ingested"], "too young");
        assert!(has_file(&town.l));

        let sender = town.start_forgetful_sender(&town.l, Lane::PubCtl);
        town.l
            .wait_until("it is released", async |zone| {
                states(&town).await[0] == "released" && !has_file(zone)
            })
            .await;
        sender.stop().await.expect("a clean stop");
        assert_eq!(states(&town).await, ["released", "ingested"]);
        assert_eq!(town.l.read(|db| kept_bytes(db, Lane::PubCtl, 1)).await, 0);
        assert!(town.l.read(|db| kept_bytes(db, Lane::PubCtl, 2)).await > 0);
        let first = town.l.read(|db| status::bundle(db, Lane::PubCtl, 1, 1)).await;
        assert_eq!(first.expect("its header is kept").hash.len(), 32);
    }
);

/// What an auditor finds in a file of evidence.
pub(crate) fn audited(town: &Town, file: &Path) -> Findings {
    let text = std::fs::read_to_string(file).expect("written");
    let mut checker = Checker::new(town.l.keys.set(), Some("id-a".to_owned()));
    for line in text.lines() {
        checker.line(line).expect("it holds");
    }
    checker.finish().expect("it is whole")
}

on_both_databases!(
    /// NS-2, NN-18, I4, NN-11: both ends give evidence of one lane, also after its items were
    /// forgotten; an auditor finds that they agree, and where one item is.
    both_ends_give_evidence_that_outlives_the_items,
    |url: String| async move {
        let town = Town::open(url);
        publish(&town, "a", 1).await;
        for name in ["monday", "tuesday"] {
            back_up(&town.i, name, &town).await.expect("a backup");
        }
        publish(&town, "b", 2).await;
        bring_receipts(&town, 2).await;
        let sender = town.start_forgetful_sender(&town.l, Lane::PubCtl);
        town.l
            .wait_until("it is released", async |_| states(&town).await[0] == "released")
            .await;
        sender.stop().await.expect("a clean stop");

        let dir = tempfile::tempdir().expect("a folder");
        let [sent, taken] = ["sent", "taken"].map(|name| dir.path().join(name));
        for (zone, file) in [(&town.l, &sent), (&town.i, &taken)] {
            let words = format!("evidence --lane pub.ctl -o {}", file.display());
            order(&town, zone, &words).await.expect("written");
            let again = order(&town, zone, &words).await;
            assert!(matches!(again, Err(NotDone::Refused(_))), "it writes over nothing");
        }
        let (sent, taken) = (audited(&town, &sent), audited(&town, &taken));
        let agreements = compare(&sent, &taken).expect("no contradiction");
        let [lane] = agreements.as_slice() else { panic!("{agreements:?}") };
        assert_eq!((lane.both, lane.sent_only_count, lane.received_only), (2, 0, 0));
        let [item] = sent.found.as_slice() else { panic!("{:?}", sent.found) };
        assert_eq!((item.at.seq, item.times.len()), (1, 5), "with all its times");
        assert_eq!(item.entry, taken.found[0].entry);
        let part = dir.path().join("part");
        let words = format!("evidence --from 2 --to 2 -o {}", part.display());
        order(&town, &town.l, &words).await.expect("written");
        assert_eq!(audited(&town, &part).chains[&(Lane::PubCtl, End::Sender)].bundles.len(), 1);
        // The receipt is for the second, of which this says nothing.
        let first = dir.path().join("first");
        let words = format!("evidence --to 1 -o {}", first.display());
        order(&town, &town.l, &words).await.expect("written");
        assert_eq!(audited(&town, &first).chains[&(Lane::PubCtl, End::Sender)].bundles.len(), 1);
    }
);

#[derive(Parser)]
struct Command {
    #[command(flatten)]
    orders: Orders,
}

/// Gives an order in the words of the command line.
pub(crate) async fn order(town: &Town, zone: &Zone, words: &str) -> Result<String, NotDone> {
    let words = std::iter::once("zone").chain(words.split(' '));
    let order = Command::try_parse_from(words).expect("good words").orders;
    let (store, clock, keys) = (zone.store.clone(), town.clock.clone(), zone.keys.set().clone());
    let spool = zone.spool.clone();
    Desk { zone: "lgwan", keys, spool, store, clock, open_copy, record }.obey(order).await
}

on_both_databases!(
    /// NS-2, I4: an operator's replay brings a lost file back byte for byte, the far
    /// end takes nothing in twice, and the operation log knows of it.
    a_replay_brings_a_lost_file_back,
    |url: String| async move {
        let town = Town::open(url);
        publish(&town, "a", 1).await;
        bring_receipts(&town, 1).await;
        let before = shown(&town.l, Lane::PubCtl);
        std::fs::remove_dir_all(town.l.spool.join("pub.ctl/ready")).expect("lost");
        std::fs::create_dir(town.l.spool.join("pub.ctl/ready")).expect("an empty disk");
        let sender = town.start_sender(&town.l, Lane::PubCtl);
        let refused = order(&town, &town.l, "replay --lane pub.ctl --from 7 --to 9").await;
        assert!(matches!(refused, Err(NotDone::Refused(_))), "{refused:?}");
        let said = order(&town, &town.l, "replay --lane pub.ctl --from 1 --to 9").await;
        assert!(said.expect("done").starts_with("pub.ctl e1 1 to 1"));
        town.l
            .wait_until("it is back", async |zone| shown(zone, Lane::PubCtl) == before)
            .await;
        sender.stop().await.expect("a clean stop");
        deliver_all(&town.l, &town.i, Lane::PubCtl);
        let receiver = town.start_receiver::<ToCitizen>(&town.i, Lane::PubCtl);
        town.i
            .wait_until("it is put aside", async |zone| {
                let fetched = std::fs::read_dir(zone.spool.join("pub.ctl/fetched"));
                fetched.expect("readable").count() == 0
            })
            .await;
        receiver.stop().await.expect("a clean stop");
        assert_eq!(town.i.seen().await.len(), 1);
        let log = town.l.seen().await;
        assert_eq!(log, [("bridge.replay".to_owned(), "e1 1 to 1".to_owned())]);
    }
);

on_both_databases!(
    /// NS-2, I4: `--since-backup` makes everything available again that the far end took in
    /// since its backup, and everything after; what it took in before stays away. Every
    /// order answers programs with `--json`.
    a_replay_since_a_backup_leaves_out_what_the_backup_holds,
    |url: String| async move {
        let town = Town::open(url);
        let before = town.clock.now() - SignedDuration::from_hours(1);
        publish(&town, "a", 1).await;
        bring_receipts(&town, 1).await;
        town.clock.advance(SignedDuration::from_hours(1));
        let backup = town.clock.now();
        publish(&town, "b", 2).await;
        publish(&town, "c", 3).await;
        let facts = |said: String| serde_json::from_str::<Value>(&said).expect("JSON");

        let words = format!("--json replay --lane pub.ctl --since-backup {backup}");
        let said = facts(order(&town, &town.l, &words).await.expect("done"));
        let expected = json!({
            "lane": "pub.ctl", "epoch": 1, "available": [[2, 3]], "earlier": [], "anew": [],
        });
        assert_eq!(said, expected);
        let log = town.l.seen().await;
        assert!(log.contains(&("bridge.replay".to_owned(), "e1 2 to 3".to_owned())), "{log:?}");
        let words = format!("replay --lane pub.ctl --since-backup {before} --json");
        let said = facts(order(&town, &town.l, &words).await.expect("done"));
        assert_eq!(said["available"], json!([[1, 3]]));

        let lanes = facts(order(&town, &town.l, "lanes --json").await.expect("readable"));
        let sent = lanes["sending"].as_array().expect("a list");
        let control = sent.iter().find(|one| one["lane"] == "pub.ctl").expect("it sends it");
        assert_eq!((&control["head"], &control["ingested"]), (&json!(3), &json!(1)), "{control}");
        let shown = facts(order(&town, &town.l, "show pub.ctl 2 --json").await.expect("known"));
        assert_eq!((&shown["seq"], shown["items"].as_array().map(Vec::len)), (&json!(2), Some(1)));
        assert!(shown["times"].as_object().is_some_and(|times| times.len() >= 4), "{shown}");
        let words = order(&town, &town.l, "show pub.ctl 2").await.expect("known");
        assert!(words.starts_with("pub.ctl e1-2 "), "{words}");
        let unknown = order(&town, &town.l, "show pub.ctl 9 --json").await;
        assert!(matches!(unknown, Err(NotDone::Refused(_))), "{unknown:?}");
        let said = facts(order(&town, &town.i, "say-receipt pub.ctl --json").await.expect("said"));
        assert_eq!(said, json!({ "lane": "pub.ctl", "epoch": 1, "ingested": 3 }));
    }
);

on_both_databases!(
    /// I17, NS-2: what was set aside is driven again once its cause is gone, or given
    /// up with its hash in the operation log.
    what_was_set_aside_is_driven_again_or_given_up,
    |url: String| async move {
        let town = Town::with(url, Keep::default());
        town.keep.poison.lock().expect("whole").extend(["id-a".to_owned(), "id-b".to_owned()]);
        town.publish_at_once(vec!["a".into(), "b".into(), "c".into()]).await;
        town.send_all(&town.l, Lane::PubCtl).await;
        deliver_all(&town.l, &town.i, Lane::PubCtl);
        let receiver = town.start_receiver::<ToCitizen>(&town.i, Lane::PubCtl);
        town.i.wait_until("c is in", async |zone| zone.seen().await.len() == 1).await;
        receiver.stop().await.expect("a clean stop");
        let list = order(&town, &town.i, "quarantine list").await.expect("readable");
        assert!(list.starts_with("2 items set aside"), "{list}");

        town.keep.poison.lock().expect("whole").clear();
        order(&town, &town.i, "quarantine redrive pub.ctl 1 0").await.expect("done");
        let setup = town.receiver_setup(&town.i, Lane::PubCtl, Shutdown::new());
        let shutdown = setup.shutdown.clone();
        let again = CompleterSetup {
            lane: Lane::PubCtl,
            store: setup.store,
            keys: setup.keys,
            openers: setup.openers,
            files: None,
            clock: setup.clock,
            receipts: Wake::new(),
            shutdown: setup.shutdown,
        };
        let task = tokio::spawn(complete(again, Keeping::<ToCitizen>::new(&town.keep)));
        let is_in = |seen: Vec<(String, String)>| seen.iter().any(|(uuid, _)| uuid == "id-a");
        town.i.wait_until("a is in", async |zone| is_in(zone.seen().await)).await;
        shutdown.trigger();
        task.await.expect("no panic").expect("a clean stop");

        let gone = order(&town, &town.i, "quarantine discard pub.ctl 1 1 --why test").await;
        assert!(gone.expect("done").contains("given up"));
        let list = order(&town, &town.i, "quarantine list --json").await.expect("readable");
        let list: Value = serde_json::from_str(&list).expect("JSON");
        assert_eq!(list, json!({ "set_aside": 0, "listed": [] }));
        let again = order(&town, &town.i, "quarantine show pub.ctl 1 1").await;
        assert!(matches!(again, Err(NotDone::Refused(_))), "{again:?}");
        let log = town.i.seen().await;
        for act in ["bridge.redrive", "bridge.discard"] {
            assert!(log.iter().any(|(what, _)| what == act), "{act} in {log:?}");
        }
    }
);

/// Sets items of the first bundle of an epoch aside, as rows alone.
async fn set_aside(zone: &Zone, epoch: u32, items: u32) {
    let row = |idx: u32| {
        format!("('pub.ctl', {epoch}, 1, {idx}, 'row-{epoch}-{idx}', 1, 'x', 'x', 'a test', {idx})")
    };
    let order = format!(
        "insert into quarantine (lane, epoch, seq, idx, uuid, kind, stamp, sealed, reason, at) values {}",
        (0..items).map(row).collect::<Vec<_>>().join(", ")
    );
    let written = zone.store.write(move |tx| diesel::sql_query(order).execute(tx.db).map(drop));
    written.await.expect("written");
}

on_both_databases!(
    /// I17, NS-2: a list that is cut says so and counts all; where two epochs have something set aside under
    /// one number, an order names which.
    what_was_set_aside_is_counted_whole_and_told_apart_by_its_epoch,
    |url: String| async move {
        let town = Town::open(url);
        set_aside(&town.i, 1, 1001).await;
        set_aside(&town.i, 2, 1).await;
        let list = order(&town, &town.i, "quarantine list").await.expect("readable");
        let head: Vec<&str> = list.lines().take(2).collect();
        assert_eq!(head, ["1002 items set aside", "these are the newest 1000"]);
        assert_eq!(list.lines().count(), 1002);
        let list = order(&town, &town.i, "quarantine list --json").await.expect("readable");
        let list: Value = serde_json::from_str(&list).expect("JSON");
        let listed = list["listed"].as_array().map(Vec::len);
        assert_eq!((&list["set_aside"], listed), (&json!(1002), Some(1000)));

        let refused = order(&town, &town.i, "quarantine discard pub.ctl 1 0 --why test").await;
        let refused = refused.expect_err("there are two").to_string();
        assert!(refused.contains("in epoch 1 and in epoch 2: name one with --epoch"), "{refused}");
        let one = order(&town, &town.i, "quarantine show pub.ctl 1 1").await.expect("the only one");
        assert!(one.starts_with("pub.ctl e1-1 item 1\n"), "{one}");
        let words = "quarantine discard pub.ctl 1 0 --epoch 2 --why test";
        assert!(order(&town, &town.i, words).await.expect("done").starts_with("pub.ctl e2-1 item 0"));
        let left = order(&town, &town.i, "quarantine show pub.ctl 1 0").await.expect("the other");
        assert!(left.starts_with("pub.ctl e1-1 item 0\n"), "{left}");
    }
);

/// I13: a backup counts after it was restored and read; one of another database, or of
/// a later state than this one, does not, nor the same one under another name.
#[tokio::test(flavor = "multi_thread")]
async fn only_a_restored_copy_of_this_database_is_a_backup() {
    let dir = tempfile::tempdir().expect("a folder");
    let file = dir.path().join("i.db");
    let town = Town::open(format!("sqlite:{}", file.display()));
    publish(&town, "a", 1).await;
    let copy = |name: &str| {
        let to = dir.path().join(name);
        for end in ["", "-wal"] {
            let (from, to) = (format!("{}{end}", file.display()), format!("{}{end}", to.display()));
            std::fs::copy(from, to).expect("copied");
        }
        to
    };
    let early = copy("early.db");
    let mark = |path: &std::path::Path, name: &str| {
        format!("backup-mark --restored sqlite:{} --name {name}", path.display())
    };
    let said = order(&town, &town.i, &mark(&early, "monday")).await.expect("a backup");
    assert!(said.contains("pub.ctl e1-1"), "{said}");
    publish(&town, "b", 3).await;
    let late = copy("late.db");
    let other = Town::open(format!("sqlite:{}", dir.path().join("other.db").display()));
    publish(&other, "x", 1).await;
    let refused = order(&other, &other.i, &mark(&late, "late")).await;
    assert!(matches!(refused, Err(NotDone::Backup(NotABackup::Ahead(_)))), "{refused:?}");
    let refused = order(&other, &other.i, &mark(&early, "early")).await;
    assert!(matches!(refused, Err(NotDone::Backup(NotABackup::Other(_)))), "{refused:?}");
    // One copy is one backup, whatever it is called; a later one of an idle lane is another.
    let again = order(&town, &town.i, &mark(&early, "tuesday")).await;
    assert!(
        matches!(&again, Err(NotDone::Backup(NotABackup::Twice(it))) if it == "monday"),
        "{again:?}"
    );
    order(&town, &town.i, &mark(&late, "wednesday")).await.expect("another backup");
    let idle = copy("idle.db");
    order(&town, &town.i, &mark(&idle, "thursday")).await.expect("made after the one before");
    let nothing = order(&town, &town.i, &mark(&dir.path().join("new.db"), "none")).await;
    assert!(matches!(nothing, Err(NotDone::Backup(NotABackup::Empty))), "{nothing:?}");
}
