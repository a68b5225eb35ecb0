//! Why a lane stops: each cause as it is told, and that the lane goes on when it is gone.

use std::fs;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use bridge_contract::messages::ToCitizen;
use bridge_contract::place::Lane;
use bridge_lanes::{
    Incoming, Ingest, LaneFault, Leapt, Refusal, Unprepared, receive, send, status, write_stop,
};
use diesel::prelude::*;
use platform_service::shutdown::Shutdown;
use platform_store::{Tx, each_backend};
use platform_testkit::on_both_databases;

use crate::town::{Keeping, Town, Zone, deliver_all, shown, waiting};

const LANE: Lane = Lane::PubCtl;

/// That the lane's task ended by this cause, and waits for people.
fn is_told(ended: Result<(), LaneFault>, code: &str) {
    let fault = ended.expect_err("it stops");
    assert_eq!(fault.code(), code, "{fault}");
    assert!(fault.waits_for_operator(), "the service stays up");
}

async fn run(zone: &Zone, order: &'static str) {
    let done = zone
        .store
        .write(move |tx| each_backend!(tx.db, conn => diesel::sql_query(order).execute(conn)));
    done.await.expect("done");
}

on_both_databases!(
    /// I14: how far numbers leapt is told to whoever leaps next, however old the database is then; it never
    /// gets less.
    a_leap_is_known_to_the_next_one,
    |url: String| async move {
        let town = Town::open(url);
        fs::create_dir_all(&town.l.spool).expect("a spool");
        for (known, to) in [(None, 5), (Some(5), 3), (Some(5), 9), (Some(9), 9)] {
            let write = move |_: &mut Tx<'_>, before: &Leapt| {
                assert_eq!(before.get("number:2026").copied(), known);
                Ok(Leapt::from([("number:2026".to_owned(), to)]))
            };
            let place = (LANE, town.l.spool.clone());
            let written = write_stop(&town.l.store, place, &Shutdown::new(), write).await;
            written.expect("written");
        }
    }
);

on_both_databases!(
    /// I14: what the database refuses at the moment of a stop is written as soon as it takes it, and numbers leap
    /// once; after a disk that refused nothing is tried again.
    a_stop_that_cannot_be_written_is_written_later,
    |url: String| async move {
        let town = Town::open(url);
        fs::create_dir_all(&town.l.spool).expect("a spool");
        let tries = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&tries);
        let write = move |_: &mut Tx<'_>, _: &Leapt| {
            if counted.fetch_add(1, Ordering::SeqCst) == 0 {
                return Err(diesel::result::Error::NotFound);
            }
            Ok(Leapt::from([("number:2026".to_owned(), 5)]))
        };
        let place = (LANE, town.l.spool.clone());
        let shutdown = Shutdown::new();
        let stopped = write_stop(&town.l.store, place.clone(), &shutdown, write.clone());
        stopped.await.expect("written");
        assert_eq!(tries.load(Ordering::SeqCst), 2);
        let leapt = bridge_spool::leapt(&town.l.spool).expect("readable");
        assert_eq!(leapt, Leapt::from([("number:2026".to_owned(), 5)]));
        // Where the draft of the note would be.
        fs::create_dir(town.l.spool.join("numbers.new")).expect("made");
        let refused = write_stop(&town.l.store, place, &shutdown, write).await;
        assert_eq!(refused.expect_err("the disk refuses").code(), "spool");
        assert_eq!(tries.load(Ordering::SeqCst), 3);
    }
);

on_both_databases!(
    /// NF-32, I8: without a key that the key set lists nothing gets a number and nothing is lost;
    /// with the key it goes on.
    without_a_signing_key_the_lane_waits,
    |url: String| async move {
        let dir = platform_testkit::TempDir::new();
        let (town, other) = (Town::open(url), Town::open(dir.sqlite_url()));
        town.publish(&["a"]).await;
        let mut setup = town.sender_setup(&town.l, LANE, Shutdown::new());
        setup.key = other.l.keys.signers(LANE).expect("a key of another town");
        is_told(send(setup).await, "no_signing_key");
        assert_eq!(town.l.read(|db| waiting(db, LANE)).await, 1);
        town.send_all(&town.l, LANE).await;
        assert_eq!(shown(&town.l, LANE).len(), 1);
    }
);

on_both_databases!(
    /// I5: rows that were changed by hand give no other bundle under the old number.
    rows_that_were_changed_are_not_sent,
    |url: String| async move {
        let town = Town::open(url);
        town.publish(&["a"]).await;
        town.send_all(&town.l, LANE).await;
        let before = shown(&town.l, LANE);
        run(&town.l, "update outbox_items set stamp = sha256").await;
        is_told(town.start_sender(&town.l, LANE).ended().await, "not_rebuilt");
        assert_eq!(shown(&town.l, LANE), before);
    }
);

/// I13, I19: a folder that is not the lane's any more stops it; nothing is written there.
#[tokio::test(flavor = "multi_thread")]
async fn an_emptied_folder_stops_the_lane() {
    let dir = platform_testkit::TempDir::new();
    let town = Town::open(dir.sqlite_url());
    town.publish(&["a"]).await;
    town.send_all(&town.l, LANE).await;
    let id = town.l.spool.join("pub.ctl/id");
    let ours = fs::read(&id).expect("its identity");
    fs::write(&id, "madoguchi spool 1\nelsewhere demo pub.ctl sender\n").expect("swapped");
    is_told(town.start_sender(&town.l, LANE).ended().await, "spool");
    fs::write(&id, ours).expect("mounted again");
    town.publish(&["b"]).await;
    town.send_all(&town.l, LANE).await;
    assert_eq!(shown(&town.l, LANE).len(), 2);
}

/// A zone in which something happens between two steps.
struct Meanwhile<F>(Arc<Keeping<ToCitizen>>, F);

impl<F: Fn() + Send + Sync + 'static> Ingest for Meanwhile<F> {
    type Message = ToCitizen;

    fn prepare(&self, incoming: &Incoming<ToCitizen>) -> Result<(), Unprepared> {
        self.1();
        self.0.prepare(incoming)
    }

    fn apply(&self, tx: &mut Tx<'_>, incoming: &Incoming<ToCitizen>) -> Result<(), Refusal> {
        self.0.apply(tx, incoming)
    }
}

/// One bundle that waits at I.
async fn one_waits(dir: &platform_testkit::TempDir) -> Town {
    let town = Town::open(dir.sqlite_url());
    town.publish(&["a"]).await;
    town.send_all(&town.l, LANE).await;
    deliver_all(&town.l, &town.i, LANE);
    town
}

/// I16: when another process took the bundle in meanwhile, this one stops and keeps nothing.
#[tokio::test(flavor = "multi_thread")]
async fn a_lane_that_was_overtaken_stops() {
    let dir = platform_testkit::TempDir::new();
    let town = one_waits(&dir).await;
    let file = town.i.file.clone();
    let other = move || {
        let mut db = diesel::SqliteConnection::establish(&file).expect("the same database");
        let order = "update lane_watermarks set seq = 1, hash = x'00' where lane = 'pub.ctl'";
        diesel::sql_query(order).execute(&mut db).expect("moved on");
    };
    let setup = town.receiver_setup(&town.i, LANE, Shutdown::new());
    let ingest = Arc::new(Meanwhile(Keeping::new(&town.keep), other));
    is_told(receive(setup, ingest).await, "overtaken");
    assert_eq!(town.i.seen().await, []);
    assert_eq!(town.i.read(|db| status::quarantined(db, 9)).await.len(), 0);
}

/// I17: a fault of ours in the reading of a bundle stops the lane, not the service; after a start
/// it goes on where it was.
#[tokio::test(flavor = "multi_thread")]
async fn a_lane_that_panicked_goes_on_after_a_start() {
    let dir = platform_testkit::TempDir::new();
    let town = one_waits(&dir).await;
    let setup = town.receiver_setup(&town.i, LANE, Shutdown::new());
    let ingest = Arc::new(Meanwhile(Keeping::new(&town.keep), || panic!("as told")));
    is_told(receive(setup, ingest).await, "panicked");
    let receiver = town.start_receiver::<ToCitizen>(&town.i, LANE);
    town.i.wait_until("it is in", async |zone| zone.seen().await.len() == 1).await;
    receiver.stop().await.expect("a clean stop");
}
