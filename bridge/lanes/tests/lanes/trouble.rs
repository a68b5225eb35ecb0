//! Items that cannot be taken in, contradictions, and what S did not bring.

use bridge_contract::bundle::{Draft, Expect, NewItem, Signer, build, verify};
use bridge_contract::digest::Digest;
use bridge_contract::evidence::End;
use bridge_contract::messages::{
    Arrival, InItem, Origin, Position, RawItem, Sanitized, ToCitizen, ToStaff, UNREADABLE_KIND,
    Unreadable, Withdrawal,
};
use bridge_contract::place::Lane;
use bridge_contract::seal::{Aad, seal_for};
use bridge_contract::wire::{decode, encode};
use bridge_lanes::operate::NotDone;
use bridge_lanes::{FromCitizen, LaneFault, outbox, status};
use diesel::prelude::*;
use domain::ids::ApplicationId;
use platform_store::each_backend;
use platform_testkit::on_both_databases;

use crate::release::{audited, order};
use crate::town::{Keep, Manner, Town, Zone, deliver, deliver_all, drop_file, shown};

/// Plays the relay for messages without files: every raw bundle becomes an
/// `in` bundle, but those with a number in `leave_out` are left out.
pub(crate) fn relay(town: &Town, leave_out: &[u64]) {
    Relay::default().pass(town, leave_out);
}

/// How far the played relay is.
pub(crate) struct Relay {
    /// Of `raw`.
    passed: (u32, u64),
    /// Hash of the newest bundle of `in`, and the number after it.
    at: (Digest, u64),
    /// Items that it has no key for now.
    shut: Vec<&'static str>,
}

impl Default for Relay {
    fn default() -> Self {
        Self { passed: (1, 0), at: (Digest::ZERO, 1), shut: Vec::new() }
    }
}

impl Relay {
    pub(crate) fn pass(&mut self, town: &Town, leave_out: &[u64]) {
        let keys =
            bridge_contract::keys::KeyFolder::open(&town.path().join("keys/s")).expect("keys");
        let (set, openers) = (keys.set(), keys.openers(Lane::Raw).expect("a key of S"));
        let key = keys.signer(Lane::In).expect("a key of S");
        let signer = Signer {
            tenant: set.tenant,
            environment: set.environment,
            key_set_version: set.version,
            key: &key,
        };
        let (mut prev, mut next) = self.at;
        for ((epoch, seq), file) in shown(&town.i, Lane::Raw) {
            let bundle =
                verify(&file, &Expect { lane: Lane::Raw, keys: set }).expect("signed by I");
            if leave_out.contains(&seq) || (epoch, seq) <= self.passed {
                continue;
            }
            let count = u32::try_from(bundle.items.len()).expect("few");
            let items: Vec<NewItem> = bundle
                .items
                .iter()
                .zip(0..)
                .map(|(item, idx)| {
                    let entry = &item.entry;
                    let aad = Aad {
                        tenant: set.tenant,
                        environment: set.environment,
                        lane: Lane::Raw,
                        uuid: &entry.uuid,
                        kind: entry.kind,
                    };
                    let at = Position { epoch, seq, idx };
                    let origin = Origin { at, items: count, hash: bundle.verified.hash };
                    let stamp = entry.stamp.clone();
                    let opened = match self.shut.contains(&entry.uuid.as_str()) {
                        true => Err("no key".to_owned()),
                        false => openers.open(item.sealed, &aad).map_err(|error| error.to_string()),
                    };
                    let (kind, content) = match opened {
                        Ok(opened) => {
                            let raw: RawItem = decode(&opened).expect("made by I");
                            let message = raw.message;
                            let (verdicts, parts) = (vec![], vec![]);
                            let made = Sanitized { origin, stamp, message, verdicts, parts };
                            (entry.kind, InItem::Sanitized(made))
                        }
                        Err(reason) => {
                            let sealed_sha256 = entry.sha256;
                            let made = Unreadable { origin, stamp, sealed_sha256, reason };
                            (UNREADABLE_KIND, InItem::Unreadable(made))
                        }
                    };
                    seal_for(set, Lane::In, &entry.uuid, kind, &content).expect("a key for L")
                })
                .collect();
            let draft = Draft { lane: Lane::In, epoch: 1, seq: next, prev, at: town.clock.now() };
            let built = build(&draft, &items, &signer);
            deliver(&town.l, Lane::In, (1, next), &built.bytes);
            prev = built.envelope.header.hash();
            next += 1;
            self.passed = (epoch, seq);
        }
        self.at = (prev, next);
    }
}

async fn withdraw(town: &Town, uuid: &str, spoil: bool) {
    put(town, uuid, spoil).await;
    town.send_all(&town.i, Lane::Raw).await;
    // One bundle for each, so that numbers can be left out.
    let sent = town.i.read(|db| status::sent(db, Lane::Raw, 1)).await;
    assert!(sent[0].ready_at.is_some() || !sent.is_empty());
}

async fn put(town: &Town, uuid: &str, spoil: bool) {
    let message = ToStaff::Withdrawal(Withdrawal {
        application_id: ApplicationId::from_bits(1),
        reason: String::new(),
    });
    let set = town.i.keys.set();
    let mut item =
        bridge_contract::seal::to_staff(set, uuid, &message, vec![]).expect("a key for S");
    item.stamp = encode(&Arrival { number: None, at: town.clock.now() });
    if spoil {
        item.sealed[500] ^= 1;
    }
    let at = town.clock.now();
    town.i.store.write(move |tx| outbox::put(tx, Lane::Raw, &item, at)).await.expect("committed");
}

fn receiving(lanes: &status::Status, lane: Lane) -> &status::Receiving {
    lanes.receiving.iter().find(|one| one.lane == lane).expect("the lane began")
}

async fn one_bad_among_three(url: String, manner: Manner, tries: usize) {
    let town = Town::with(url, Keep { manner, ..Keep::default() });
    town.keep.poison.lock().expect("whole").push("id-b".to_owned());
    town.publish_at_once(vec!["a".into(), "b".into(), "c".into()]).await;
    town.send_all(&town.l, Lane::PubCtl).await;
    deliver_all(&town.l, &town.i, Lane::PubCtl);
    let receiver = town.start_receiver::<ToCitizen>(&town.i, Lane::PubCtl);
    town.i.wait_until("the others are in", async |zone| zone.seen().await.len() == 2).await;
    receiver.stop().await.expect("a clean stop");

    assert_eq!(town.keep.tries.lock().expect("whole").len(), tries);
    let lanes = town.i.read(status::status).await;
    let lane = receiving(&lanes, Lane::PubCtl);
    assert_eq!((lane.seq, lane.quarantined, lane.halted.as_deref()), (1, 1, None));
    let aside = town.i.read(|db| status::quarantined(db, 9)).await;
    assert_eq!((aside[0].uuid.as_str(), aside[0].idx), ("id-b", 1));
}

async fn full_for_a_while(url: String) {
    let town = Town::with(url, Keep { manner: Manner::Disk, ..Keep::default() });
    // More often than an item is tried that the database refuses.
    town.keep.poison.lock().expect("whole").extend((0..4).map(|look| look.to_string()));
    town.publish_at_once(vec!["a".into(), "b".into(), "c".into()]).await;
    town.send_all(&town.l, Lane::PubCtl).await;
    deliver_all(&town.l, &town.i, Lane::PubCtl);
    let receiver = town.start_receiver::<ToCitizen>(&town.i, Lane::PubCtl);
    town.i.wait_until("all are in", async |zone| zone.seen().await.len() == 3).await;
    receiver.stop().await.expect("a clean stop");
    assert_eq!(town.keep.tries.lock().expect("whole").len(), 4);
    let lanes = town.i.read(status::status).await;
    let lane = receiving(&lanes, Lane::PubCtl);
    assert_eq!((lane.seq, lane.quarantined, lane.halted.as_deref()), (1, 0, None));
}

on_both_databases!(
    /// I19: while the zone's own disk is full the lane waits; nothing is set aside for it.
    a_full_disk_sets_nothing_aside,
    full_for_a_while
);

on_both_databases!(
    /// I17: a message the zone refuses is set aside and the lane goes on.
    a_refused_message_is_set_aside,
    |url: String| one_bad_among_three(url, Manner::Words, 1)
);

on_both_databases!(
    /// I17: a message the database refuses is tried three times, then set aside.
    a_message_the_database_refuses_is_set_aside_after_three_tries,
    |url: String| one_bad_among_three(url, Manner::Database, 3)
);

on_both_databases!(
    /// I17: a message that makes the zone's code panic stops neither lane nor service.
    a_message_that_panics_is_set_aside_after_three_tries,
    |url: String| one_bad_among_three(url, Manner::Panic, 3)
);

on_both_databases!(
    /// NN-18: two signed bundles with one number stop the lane, over restarts too.
    a_fork_halts_the_lane,
    |url: String| async move {
        let town = Town::open(url);
        town.publish(&["a"]).await;
        town.send_all(&town.l, Lane::PubCtl).await;
        let (at, first) = shown(&town.l, Lane::PubCtl).remove(0);
        deliver(&town.i, Lane::PubCtl, at, &first);
        let receiver = town.start_receiver::<ToCitizen>(&town.i, Lane::PubCtl);
        let file = town.i.spool.join("pub.ctl/fetched/e1-0000000000000001.kb");
        town.i.wait_until("it is in and shelved", async |_| !file.exists()).await;

        drop_file(&town.i, Lane::PubCtl, at, &signed_again(&town.l, &town));
        let ended = receiver.ended().await;
        assert!(matches!(ended, Err(LaneFault::Halted { lane: Lane::PubCtl, .. })), "{ended:?}");
        let again = town.start_receiver::<ToCitizen>(&town.i, Lane::PubCtl).ended().await;
        assert!(matches!(again, Err(LaneFault::Halted { .. })), "{again:?}");
        let lanes = town.i.read(status::status).await;
        assert!(receiving(&lanes, Lane::PubCtl).halted.is_some());
    }
);

/// Bundle 1 of `pub.ctl` with other content, by the true key.
fn signed_again(zone: &Zone, town: &Town) -> Vec<u8> {
    let (set, key) = (zone.keys.set(), zone.keys.signer(Lane::PubCtl).expect("a key of L"));
    let signer = Signer {
        tenant: set.tenant,
        environment: set.environment,
        key_set_version: set.version,
        key: &key,
    };
    let at = town.clock.now();
    let draft = Draft { lane: Lane::PubCtl, epoch: 1, seq: 1, prev: Digest::ZERO, at };
    build(&draft, &[town.item("other", "other")], &signer).bytes
}

on_both_databases!(
    /// I1: what the relay left out is not silently absent; the citizens' zone
    /// is told which numbers are missing.
    raw_bundles_the_relay_left_out_are_reported,
    |url: String| async move {
        let town = Town::open(url);
        for uuid in ["one", "two", "three", "four"] {
            withdraw(&town, uuid, false).await;
        }
        relay(&town, &[2, 3]);
        let receiver = town.start_receiver::<FromCitizen>(&town.l, Lane::In);
        town.l.wait_until("it is in", async |zone| zone.seen().await.len() == 2).await;
        receiver.stop().await.expect("a clean stop");
        let lanes = town.l.read(status::status).await;
        assert_eq!(receiving(&lanes, Lane::Raw).gaps, [(2, 3)]);
        assert_eq!(receiving(&lanes, Lane::Raw).seq, 1, "all up to 1 is here, and 4");
    }
);

on_both_databases!(
    /// I17: a raw item that S cannot open is listed at L, and the lane goes on.
    an_item_the_relay_could_not_open_is_listed,
    |url: String| async move {
        let town = Town::open(url);
        withdraw(&town, "good", false).await;
        withdraw(&town, "spoiled", true).await;
        withdraw(&town, "fine", false).await;
        relay(&town, &[]);
        let receiver = town.start_receiver::<FromCitizen>(&town.l, Lane::In);
        town.l.wait_until("the others are in", async |zone| zone.seen().await.len() == 2).await;
        receiver.stop().await.expect("a clean stop");
        let aside = town.l.read(|db| status::quarantined(db, 9)).await;
        assert_eq!((aside[0].lane, aside[0].seq, aside[0].uuid.as_str()), (Lane::Raw, 2, "spoiled"));
    }
);

/// Brings what I sends to L, as far as the played relay can open it, and L's receipt back. What is in
/// at L, and where the one item stands that is set aside.
async fn cross(town: &Town, relay: &mut Relay, upto: u64) -> (Vec<String>, Option<u64>) {
    relay.pass(town, &[]);
    let receiver = town.start_receiver::<FromCitizen>(&town.l, Lane::In);
    let is_there = |lanes: &status::Status| {
        lanes.receiving.iter().any(|one| one.lane == Lane::Raw && one.seq == upto)
    };
    town.l.wait_until("it is in", async |zone| is_there(&zone.read(status::status).await)).await;
    receiver.stop().await.expect("a clean stop");
    town.send_all(&town.l, Lane::PubCtl).await;
    deliver_all(&town.l, &town.i, Lane::PubCtl);
    let receiver = town.start_receiver::<ToCitizen>(&town.i, Lane::PubCtl);
    let is_told = |lanes: &status::Status| {
        lanes.sending.iter().any(|one| one.lane == Lane::Raw && one.ingested_seq == upto)
    };
    town.i.wait_until("it is told", async |zone| is_told(&zone.read(status::status).await)).await;
    receiver.stop().await.expect("a clean stop");
    let aside = town.l.read(|db| status::quarantined(db, 9)).await;
    assert!(aside.iter().all(|one| (one.lane, one.uuid.as_str()) == (Lane::Raw, "shut")));
    assert!(aside.len() <= 1, "it is told of once");
    let seen = town.l.seen().await.into_iter().map(|(uuid, _)| uuid).collect();
    (seen, aside.first().map(|one| one.seq))
}

on_both_databases!(
    /// I1, I13, I17: what S could not open goes out again under a new number on an operator's word,
    /// and is in, once, as soon as S can; nothing is set aside any more. What came with it is
    /// not taken in twice, and the evidence of both numbers holds.
    what_the_relay_could_not_open_comes_once_it_can,
    |url: String| async move {
        let town = Town::open(url);
        let mut relay = Relay { shut: vec!["shut"], ..Relay::default() };
        put(&town, "good", false).await;
        withdraw(&town, "shut", false).await;
        assert_eq!(cross(&town, &mut relay, 1).await, (vec!["good".to_owned()], Some(1)));

        // S is not mended yet: it is told of where it is now, so that nothing is forgotten there.
        let replay = "replay --lane raw --from 1 --to 9";
        let said = order(&town, &town.i, replay).await.expect("done");
        assert!(said.contains("not open all of 1: sent under new numbers"), "{said}");
        town.send_all(&town.i, Lane::Raw).await;
        assert_eq!(cross(&town, &mut relay, 2).await, (vec!["good".to_owned()], Some(2)));

        relay.shut.clear();
        let again = order(&town, &town.i, "replay --lane raw --from 1 --to 1").await;
        assert!(matches!(again, Err(NotDone::Refused(_))), "nothing is there any more: {again:?}");
        let said = order(&town, &town.i, replay).await.expect("done");
        assert!(said.contains("not open all of 2: sent under new numbers"), "{said}");
        town.send_all(&town.i, Lane::Raw).await;
        let both = vec!["good".to_owned(), "shut".to_owned()];
        assert_eq!(cross(&town, &mut relay, 3).await, (both.clone(), None));

        // Once more changes nothing: it is shown under the number that it has.
        let said = order(&town, &town.i, replay).await.expect("done");
        assert!(said.starts_with("raw e1 3 to 3") && !said.contains("new numbers"), "{said}");
        withdraw(&town, "later", false).await;
        let all = [both, vec!["later".to_owned()]].concat();
        assert_eq!(cross(&town, &mut relay, 4).await, (all, None));

        let file = town.path().join("sent");
        let words = format!("evidence --lane raw -o {}", file.display());
        order(&town, &town.i, &words).await.expect("written");
        let audited = audited(&town, &file);
        assert_eq!(audited.chains[&(Lane::Raw, End::Sender)].items(), 7, "2, 2, 2 and 1");
    }
);

on_both_databases!(
    /// I1: what an operator gave up stays so: that S could open it after all changes nothing.
    what_was_given_up_does_not_come_after_all,
    |url: String| async move {
        let town = Town::open(url);
        let mut relay = Relay { shut: vec!["shut"], ..Relay::default() };
        withdraw(&town, "shut", false).await;
        assert_eq!(cross(&town, &mut relay, 1).await, (vec![], Some(1)));
        order(&town, &town.i, "replay --lane raw --from 1 --to 1").await.expect("done");
        order(&town, &town.l, "quarantine discard raw 1 0 --why test").await.expect("done");
        town.send_all(&town.i, Lane::Raw).await;
        relay.shut.clear();
        let discarded = vec!["bridge.discard".to_owned()];
        assert_eq!(cross(&town, &mut relay, 2).await, (discarded, None));
    }
);

on_both_databases!(
    /// I1, I2: the same item under another number, as after the relay was set
    /// back, changes nothing.
    an_item_sent_again_under_another_number_is_not_taken_in_twice,
    |url: String| async move {
        let town = Town::open(url);
        town.publish(&["a"]).await;
        town.send_all(&town.l, Lane::PubCtl).await;
        let (_, first) = shown(&town.l, Lane::PubCtl).remove(0);
        let set = town.l.keys.set();
        let verified = verify(&first, &Expect { lane: Lane::PubCtl, keys: set }).expect("ours");
        let key = town.l.keys.signer(Lane::PubCtl).expect("a key of L");
        let signer = Signer {
            tenant: set.tenant,
            environment: set.environment,
            key_set_version: set.version,
            key: &key,
        };
        let (prev, at) = (verified.verified.hash, town.clock.now());
        let draft = Draft { lane: Lane::PubCtl, epoch: 1, seq: 2, prev, at };
        let again = build(&draft, &[town.item("id-a", "a"), town.item("id-b", "b")], &signer);
        deliver(&town.i, Lane::PubCtl, (1, 1), &first);
        deliver(&town.i, Lane::PubCtl, (1, 2), &again.bytes);
        let receiver = town.start_receiver::<ToCitizen>(&town.i, Lane::PubCtl);
        town.i.wait_until("both are in", async |zone| zone.seen().await.len() == 2).await;
        receiver.stop().await.expect("a clean stop");
        let said: Vec<String> = town.i.seen().await.into_iter().map(|(_, said)| said).collect();
        assert_eq!(said, ["a", "b"]);
    }
);

/// Gives a table another name, so that what is written there fails.
async fn rename(zone: &Zone, from: &'static str, to: &'static str) {
    let order = format!("alter table {from} rename to {to}");
    let renamed = zone
        .store
        .write(move |tx| each_backend!(tx.db, conn => diesel::sql_query(order).execute(conn)));
    renamed.await.expect("renamed");
}

on_both_databases!(
    /// I17: what fails outside of every item is blamed on none of them: the lane waits, sets
    /// nothing aside, and goes on by itself when the cause is gone.
    a_failure_outside_of_every_item_sets_nothing_aside,
    |url: String| async move {
        let town = Town::open(url);
        town.publish_at_once(vec!["a".into(), "b".into()]).await;
        town.send_all(&town.l, Lane::PubCtl).await;
        deliver_all(&town.l, &town.i, Lane::PubCtl);
        // The receipt cannot be written.
        rename(&town.i, "outbox_sealed", "elsewhere").await;
        let receiver = town.start_receiver::<ToCitizen>(&town.i, Lane::PubCtl);
        tokio::time::sleep(std::time::Duration::from_secs(3)).await;
        assert_eq!(town.i.seen().await, [], "nothing is half in");
        rename(&town.i, "elsewhere", "outbox_sealed").await;
        town.i.wait_until("both are in", async |zone| zone.seen().await.len() == 2).await;
        receiver.stop().await.expect("a clean stop");
        assert!(town.i.read(|db| status::quarantined(db, 9)).await.is_empty());
    }
);

on_both_databases!(
    /// I17: a database that is away in the moment in which old files are looked for stops nothing.
    a_database_that_is_away_while_old_files_are_looked_for_ends_nothing,
    |url: String| async move {
        let town = Town::with(url, Keep { manner: Manner::Disk, ..Keep::default() });
        // The receiver waits a second after it, and then looks for old files for the first time.
        town.keep.poison.lock().expect("whole").push("once".to_owned());
        town.publish_at_once(vec!["a".into()]).await;
        town.send_all(&town.l, Lane::PubCtl).await;
        deliver_all(&town.l, &town.i, Lane::PubCtl);
        let receiver = town.start_receiver::<ToCitizen>(&town.i, Lane::PubCtl);
        town.i
            .wait_until("it waits", async |_| !town.keep.tries.lock().expect("whole").is_empty())
            .await;
        rename(&town.i, "lane_watermarks", "elsewhere").await;
        tokio::time::sleep(std::time::Duration::from_secs(3)).await;
        rename(&town.i, "elsewhere", "lane_watermarks").await;
        town.i.wait_until("it is in", async |zone| zone.seen().await.len() == 1).await;
        receiver.stop().await.expect("a clean stop");
    }
);
