//! Turning from one seal key to the next while everything runs.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::sync::Arc;
use std::time::Duration;

use bridge_contract::head::Head;
use bridge_contract::keys::{
    KeyEntry, KeyFolder, KeyId, KeySet, LiveKeys, OpenKey, Purpose, SealKey, SigningKey,
};
use bridge_contract::messages::{StatusChanged, ToCitizen};
use bridge_contract::place::Lane;
use bridge_contract::seal;
use bridge_lanes::operate::{Desk, NotDone, Orders};
use bridge_lanes::{outbox, send, status};
use bridge_spool::destroy_done;
use clap::Parser;
use domain::applications::State;
use domain::ids::ApplicationId;
use platform_service::shutdown::Shutdown;
use platform_testkit::on_both_databases;

use crate::release::{back_up, bring_receipts};
use crate::town::{Town, deliver_all, open_copy, record};

const LANE: Lane = Lane::PubCtl;

/// A town whose key set lists two keys for `pub.ctl`, and L's running key set.
struct Turning {
    town: Town,
    live: Arc<LiveKeys>,
    first: KeyId,
    second: KeyId,
}

#[derive(Parser)]
struct Line {
    #[command(flatten)]
    orders: Orders,
}

impl Turning {
    fn open(url: String) -> Self {
        let mut town = Town::open(url);
        let keys = town.path().join("keys");
        let root = fs::read(keys.join("offline/root.key")).expect("readable");
        let root = SigningKey::from_pkcs8(&root).expect("the root");
        let (key, bytes) = OpenKey::generate();
        let path = keys.join("i/open.pub-ctl.next.key");
        fs::write(&path, *bytes).expect("written");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).expect("changed");
        let mut set: KeySet = town.l.keys.set().clone();
        let first = set.seal_key(LANE).expect("listed").id();
        let (purpose, public) = (Purpose::Seal(LANE), key.seal_key().0);
        set.keys.push(KeyEntry { purpose, public, valid_from: 0, valid_until: u64::MAX });
        set.version = 2;
        for (host, zone) in [("l", &mut town.l), ("i", &mut town.i)] {
            fs::write(keys.join(host).join("keyset"), set.sign(&root)).expect("written");
            zone.keys = KeyFolder::open(&keys.join(host)).expect("a key folder");
        }
        let live = town.l.keys.live();
        live.turn(LANE, first);
        Self { town, live, first, second: SealKey(public).id() }
    }

    /// Seals and commits a message, with the key in use or the one given.
    async fn publish(&self, said: &str, key: Option<KeyId>) {
        let set = KeySet::clone(&self.live.set());
        let set = key.map_or(set.clone(), |key| set.turned_to(LANE, key));
        let message = ToCitizen::StatusChanged(StatusChanged {
            application_id: ApplicationId::from_bits(1),
            state: State::Accepted,
            at: self.town.clock.now(),
            note_public: Some(said.to_owned()),
            expected: None,
        });
        let item = seal::to_citizen(&set, &format!("id-{said}"), &message).expect("a key for I");
        let at = self.town.clock.now();
        let put = self.town.l.store.write(move |tx| outbox::put(tx, LANE, &item, at));
        put.await.expect("committed");
        self.town.wake.signal();
    }

    async fn order(&self, line: &[&str]) -> Result<String, NotDone> {
        let desk = Desk {
            zone: "lgwan",
            keys: self.town.l.keys.set().clone(),
            spool: self.town.l.spool.clone(),
            store: self.town.l.store.clone(),
            clock: self.town.clock.clone(),
            open_copy,
            record,
        };
        let line = Line::try_parse_from([&["bridge"], line].concat()).expect("a line");
        desk.obey(line.orders).await
    }

    /// Runs L's sender until something holds.
    async fn send_until(&self, what: &str, good: impl AsyncFn(&Self) -> bool) {
        let shutdown = Shutdown::new();
        let mut setup = self.town.sender_setup(&self.town.l, LANE, shutdown.clone());
        (setup.keys, setup.retention) = (Arc::clone(&self.live), Duration::ZERO);
        let sender = tokio::spawn(send(setup));
        self.town.l.wait_until(what, async |_| good(self).await).await;
        shutdown.trigger();
        sender.await.expect("no panic").expect("a clean stop");
    }

    async fn states(&self) -> Vec<String> {
        let sent = self.town.l.read(|db| status::sent(db, LANE, 9)).await;
        sent.into_iter().map(|one| one.state).collect()
    }

    /// The keys that L's head says are done.
    fn done(&self) -> Vec<KeyId> {
        let head = fs::read(self.town.l.spool.join("pub.ctl/head")).unwrap_or_default();
        Head::open(&head, LANE, &self.live.set()).map(|head| head.lists.done).unwrap_or_default()
    }

    /// Carries the head to I and lets I destroy what is done; how many keys are left.
    fn keys_left(&self) -> usize {
        fs::copy(self.town.l.spool.join("pub.ctl/head"), self.town.i.spool.join("pub.ctl/head"))
            .expect("copied");
        let keys = self.town.path().join("keys/i");
        destroy_done(&keys, &self.town.i.spool, LANE).expect("destroyed");
        let folder = KeyFolder::open(&keys).expect("a key folder");
        folder.opening_files(LANE).expect("readable").len()
    }
}

async fn is_in(turning: &Turning, count: usize) {
    let town = &turning.town;
    deliver_all(&town.l, &town.i, LANE);
    let receiver = town.start_receiver::<ToCitizen>(&town.i, LANE);
    town.i.wait_until("all is in", async |zone| zone.seen().await.len() == count).await;
    receiver.stop().await.expect("a clean stop");
}

on_both_databases!(
    /// NF-32: what was sealed before, during and after a turn opens; nothing stops.
    items_sealed_before_during_and_after_a_turn_all_open,
    |url: String| async move {
        let turning = Turning::open(url);
        turning.publish("before", None).await;
        turning.send_until("it is sent", async |one| !one.states().await.is_empty()).await;
        turning.order(&["rotate-seal", "pub.ctl"]).await.expect("there is a next key");
        // Sealed by somebody who had not heard of it yet.
        turning.publish("during", Some(turning.first)).await;
        let second = turning.second;
        turning
            .send_until("L has turned", async |one| {
                one.live.set().seal_key(LANE).map(|key| key.id()) == Some(second)
            })
            .await;
        turning.publish("after", None).await;
        turning.town.send_all(&turning.town.l, LANE).await;
        is_in(&turning, 3).await;
        let said: Vec<String> = turning.town.i.seen().await.into_iter().map(|one| one.1).collect();
        assert_eq!(said, ["before", "during", "after"]);
        let refused = turning.order(&["rotate-seal", "pub.ctl"]).await.expect_err("the last key");
        assert!(refused.to_string().contains("no key after this one"), "{refused}");
    }
);

on_both_databases!(
    /// NF-32, I13: a key is done when all that was sealed to it is released, and not a
    /// step earlier; then its file is destroyed, and the next key still opens.
    a_key_is_destroyed_when_all_it_sealed_is_released,
    |url: String| async move {
        let turning = Turning::open(url);
        turning.publish("one", None).await;
        turning.send_until("it is sent", async |one| !one.states().await.is_empty()).await;
        turning.order(&["rotate-seal", "pub.ctl"]).await.expect("there is a next key");
        is_in(&turning, 1).await;
        let nothing = async |turning: &Turning, why: &str| {
            turning.send_until("a head", async |one| one.town.l.spool.join("pub.ctl/head").exists()).await;
            assert_eq!((turning.done(), turning.keys_left()), (vec![], 2), "{why}");
        };
        nothing(&turning, "taken in, and not confirmed").await;
        back_up(&turning.town.i, "monday", &turning.town).await.expect("a backup");
        nothing(&turning, "one backup, of which nobody told L").await;
        back_up(&turning.town.i, "tuesday", &turning.town).await.expect("a backup");
        // Something new to answer carries the second backup to L.
        turning.publish("two", Some(turning.second)).await;
        turning.send_until("it is sent", async |one| one.states().await.len() == 2).await;
        is_in(&turning, 2).await;
        bring_receipts(&turning.town, 2).await;
        turning
            .send_until("the first is released", async |one| {
                one.states().await.contains(&"released".to_owned())
            })
            .await;
        let first = turning.first;
        turning.send_until("the head says so", async |one| one.done() == [first]).await;
        assert_eq!(turning.keys_left(), 1);
        turning.publish("three", Some(turning.second)).await;
        turning.town.send_all(&turning.town.l, LANE).await;
    }
);
