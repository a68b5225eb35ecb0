//! What is deleted on purpose, on both engines: the oldest events go, the log stays verifiable, and
//! whoever forges what is left of them is found.

use std::sync::Arc;

use diesel::connection::SimpleConnection as _;
use diesel_migrations::{EmbeddedMigrations, embed_migrations};
use jiff::{SignedDuration, Timestamp};
use platform_audit::{
    Chain, CheckpointKey, Event, Going, Graves, Log, Reached, Step, Stretch, Trimmed, Verdict,
    Warrant, bury, checkpoint, floor, mirror, older, record, step_standing, tombstones, trim,
    unanchored, verify_anchors, walk_through, walk_tombstones,
};
use platform_store::{Db, Migrations, Store, StoreConfig, each_backend};
use platform_testkit::on_both_databases;

const SQLITE: EmbeddedMigrations = embed_migrations!("tests/migrations/sqlite");
const POSTGRES: EmbeddedMigrations = embed_migrations!("tests/migrations/postgres");

fn second(n: i64) -> Timestamp {
    Timestamp::UNIX_EPOCH + SignedDuration::from_secs(n)
}

fn event(n: i64) -> Event {
    Event::new(second(n), "staff:1", "applications.accept", &format!("application:{n}"))
}

/// A log of 30 events, one a second from 1, of which both zones have one.
async fn zone(url: &str) -> (Store, Arc<CheckpointKey>) {
    let migrations = Migrations { sqlite: SQLITE, postgres: POSTGRES };
    let chain = Box::new(Chain::new("lgwan"));
    let store = Store::open(&StoreConfig::at(url), migrations, chain).expect("opens");
    let random = ring::rand::SystemRandom::new();
    let pkcs8 = ring::signature::Ed25519KeyPair::generate_pkcs8(&random).expect("random");
    let key = Arc::new(CheckpointKey::from_pkcs8(pkcs8.as_ref()).expect("a fresh key"));
    for n in 1..=30 {
        let (signing, now) = (Arc::clone(&key), second(n));
        let written = store.write(move |tx| {
            record(tx, event(n));
            checkpoint(tx, &signing, now)
        });
        written.await.expect("written");
    }
    let events = (1..=30).map(event).collect();
    let told = Stretch { first: 1, prev: vec![0; 32], events };
    store.write(move |tx| mirror(tx, "internet", &told)).await.expect("kept");
    (store, key)
}

fn warrant() -> Warrant {
    let (proposer, approver) = ("staff:1".to_owned(), "staff:2".to_owned());
    Warrant { rule: "rule".to_owned(), proposer, approver, at: second(100) }
}

async fn trims(store: &Store, key: &Arc<CheckpointKey>, log: Log, before: i64) -> Trimmed {
    let key = Arc::clone(key);
    let done = store.write(move |tx| trim(tx, &key, &warrant(), (log, second(before)), 8));
    done.await.expect("written")
}

async fn walked(store: &Store, key: &Arc<CheckpointKey>, log: Log) -> Verdict {
    let whole = (log, Reached::default());
    walk_through(store, step_standing, Some(Arc::clone(key)), whole).await.expect("readable")
}

async fn stones(store: &Store, key: &Arc<CheckpointKey>, told: Option<(i64, Vec<u8>)>) -> Verdict {
    walk_tombstones(store, Some(Arc::clone(key)), told).await.expect("readable")
}

async fn sql(store: &Store, text: &'static str) -> Result<(), String> {
    let done = store.write(move |tx| each_backend!(tx.db, conn => conn.batch_execute(text)));
    done.await.map_err(|error| error.to_string())
}

/// Takes the guards away, as an intruder with the database's password would.
async fn breaks_in(store: &Store) {
    let done = store.write(|tx| {
        let free = match tx.db {
            Db::Sqlite(_) => {
                "drop trigger audit_events_never_change; drop trigger audit_events_never_go;
                 drop trigger audit_tombstones_never_change; drop trigger audit_tombstones_never_go"
            }
            Db::Pg(_) => {
                "drop trigger audit_events_never_change on audit_events;
                 drop trigger audit_tombstones_never_change on audit_tombstones"
            }
        };
        each_backend!(tx.db, conn => conn.batch_execute(free))
    });
    done.await.expect("an intruder may");
}

fn seq_of(verdict: &Verdict) -> i64 {
    match verdict {
        Verdict::Broken { seq, .. } => *seq,
        Verdict::Whole { .. } => panic!("it was not found"),
    }
}

on_both_databases!(
    /// NF-43, IK-3.5.1a: the oldest events of either log go in pieces, the log behind them is whole
    /// with its checkpoints and anchors, and no event goes that no tombstone tells of.
    a_trimmed_log_is_whole_behind_its_tombstone,
    |url: String| async move {
        let (store, key) = zone(&url).await;
        let anchor = store.read(unanchored).await.expect("readable").expect("a checkpoint");
        assert!(sql(&store, "delete from audit_events where seq = 1").await.is_err());
        for log in [Log::Own, Log::Other] {
            let (count, ends) = store.read(move |db| older(db, log, second(21))).await.expect("read");
            let at = |n: i64| second(n).as_microsecond();
            assert_eq!((count, ends), (20, Some((at(1), at(20)))));
            assert_eq!(trims(&store, &key, log, 21).await, Trimmed::Events { from: 1, to: 8 });
            assert_eq!(trims(&store, &key, log, 21).await, Trimmed::Events { from: 9, to: 16 });
            assert_eq!(trims(&store, &key, log, 21).await, Trimmed::Events { from: 17, to: 20 });
            assert_eq!(trims(&store, &key, log, 21).await, Trimmed::Nothing);
            let begins = store.read(move |db| floor(db, log)).await.expect("readable");
            assert_eq!(begins.seq, 20);
            let verdict = walked(&store, &key, log).await;
            assert!(matches!(verdict, Verdict::Whole { events: 30, .. }), "{verdict:?}");
            let left = store.read(move |db| older(db, log, second(21))).await.expect("readable");
            assert_eq!(left, (0, None));
        }
        assert!(sql(&store, "delete from audit_events where seq = 21").await.is_err());
        assert!(sql(&store, "delete from audit_mirror where seq = 21").await.is_err());
        assert!(sql(&store, "delete from audit_tombstones").await.is_err());
        assert!(sql(&store, "update audit_tombstones set label = ''").await.is_err());
        let verdict = stones(&store, &key, None).await;
        assert!(matches!(verdict, Verdict::Whole { events: 6, .. }), "{verdict:?}");

        let checks = Arc::clone(&key);
        let begins = store.read(|db| floor(db, Log::Own)).await.expect("readable");
        let fits = move |db: &mut Db| verify_anchors(db, Some(&checks), &[anchor], &begins);
        assert_eq!(store.read(fits).await.expect("readable"), None, "what was told before fits");
        // A log all of whose events are old is empty, and still whole when it goes on.
        for _ in 0..3 {
            trims(&store, &key, Log::Own, 99).await;
        }
        store
            .write(|tx| {
                record(tx, event(101));
                Ok(())
            })
            .await
            .expect("written");
        let verdict = walked(&store, &key, Log::Own).await;
        assert!(matches!(verdict, Verdict::Whole { events: 31, .. }), "{verdict:?}");
    }
);

on_both_databases!(
    /// IK-3.5.1a: an event behind the trimmed ones that was altered is named as before, and a log
    /// that is not as it was written is kept.
    a_forged_log_is_found_and_kept,
    |url: String| async move {
        let (store, key) = zone(&url).await;
        trims(&store, &key, Log::Own, 9).await;
        breaks_in(&store).await;
        sql(&store, "update audit_events set actor = 'nobody' where seq = 12").await.expect("done");
        assert_eq!(seq_of(&walked(&store, &key, Log::Own).await), 12);
        assert_eq!(trims(&store, &key, Log::Own, 99).await, Trimmed::Broken { seq: 12 });
        sql(&store, "update audit_events set actor = 'staff:1' where seq = 12").await.expect("done");
        assert!(matches!(walked(&store, &key, Log::Own).await, Verdict::Whole { .. }));
        sql(&store, "delete from audit_events where seq = 9").await.expect("done");
        assert_eq!(seq_of(&walked(&store, &key, Log::Own).await), 9, "beyond the tombstone");
    }
);

on_both_databases!(
    /// IK-3.5.1a: a tombstone that was altered, signed by somebody else, removed, put in, or cut off
    /// at the end is named.
    a_forged_tombstone_is_found,
    |url: String| async move {
        let (store, key) = zone(&url).await;
        trims(&store, &key, Log::Own, 9).await;
        let going = |n: u8| Going {
            class: "applications",
            object: format!("application:{n}"),
            label: format!("2026-{n}"),
            ended_at: 0,
            content: [n; 32],
        };
        let signing = Arc::clone(&key);
        let last = store
            .write(move |tx| bury(tx, &signing, &warrant(), &[going(1), going(2), going(3)]))
            .await
            .expect("written");
        assert_eq!(last.0, 4);
        let told = Some(last.clone());
        assert!(matches!(stones(&store, &key, told.clone()).await, Verdict::Whole { events: 4, .. }));
        let which = Graves { label: Some("2026-2".to_owned()), before: None };
        let found = store.read(move |db| tombstones(db, &which, 9)).await.expect("readable");
        assert_eq!((found[0].seq, found[0].approver.as_str()), (3, "staff:2"));

        breaks_in(&store).await;
        sql(&store, "update audit_tombstones set approver = 'staff:9' where seq = 2").await.expect("done");
        assert_eq!(seq_of(&stones(&store, &key, None).await), 2);
        sql(&store, "update audit_tombstones set approver = 'staff:2' where seq = 2").await.expect("done");
        sql(&store, "update audit_tombstones set signature = content where seq = 3").await.expect("done");
        assert_eq!(seq_of(&stones(&store, &key, None).await), 3);
        let other = [0; 32].to_vec();
        assert_eq!(seq_of(&stones(&store, &key, Some((4, other))).await), 3, "the first bad one");
        sql(&store, "delete from audit_tombstones where seq = 4").await.expect("done");
        sql(&store, "delete from audit_tombstones where seq = 3").await.expect("done");
        assert!(matches!(stones(&store, &key, None).await, Verdict::Whole { events: 2, .. }));
        assert_eq!(seq_of(&stones(&store, &key, told).await), 3, "the log knows of four");
        sql(&store, "delete from audit_tombstones where seq = 1").await.expect("done");
        assert_eq!(seq_of(&stones(&store, &key, None).await), 1);
    }
);

/// More rows than a walk reads at once.
const MANY: i64 = 5_100;

on_both_databases!(
    /// IK-3.5.1a: the walks read page by page, so their memory does not grow with the log; what is wrong behind the
    /// first page is named as on the first, in either log and among the tombstones.
    what_is_wrong_on_a_later_page_is_found,
    |url: String| async move {
        let (store, key) = zone(&url).await;
        let Verdict::Whole { head, .. } = walked(&store, &key, Log::Other).await else {
            panic!("it was broken before");
        };
        let signing = Arc::clone(&key);
        let more = store.write(move |tx| {
            for n in 31..=MANY {
                record(tx, event(n));
            }
            let told = Stretch { first: 31, prev: head, events: (31..=MANY).map(event).collect() };
            mirror(tx, "internet", &told)?;
            let going = |n: i64| Going {
                class: "applications",
                object: format!("application:{n}"),
                label: format!("2026-{n}"),
                ended_at: 0,
                content: [0; 32],
            };
            let going: Vec<Going> = (1..=MANY).map(going).collect();
            bury(tx, &signing, &warrant(), &going)
        });
        assert_eq!(more.await.expect("written").0, MANY);
        for log in [Log::Own, Log::Other] {
            let verdict = walked(&store, &key, log).await;
            assert!(matches!(verdict, Verdict::Whole { events: MANY, .. }), "{log:?}: {verdict:?}");
        }
        let verdict = stones(&store, &key, None).await;
        assert!(matches!(verdict, Verdict::Whole { events: MANY, .. }), "{verdict:?}");

        breaks_in(&store).await;
        let freed = store.write(|tx| {
            let free = match tx.db {
                Db::Sqlite(_) => "drop trigger audit_mirror_never_changes",
                Db::Pg(_) => "drop trigger audit_mirror_never_changes on audit_mirror",
            };
            each_backend!(tx.db, conn => conn.batch_execute(free))
        });
        freed.await.expect("an intruder may");
        // The last row of the second page, then its first.
        sql(&store, "update audit_events set detail = 'x' where seq = 5100").await.expect("done");
        sql(&store, "update audit_mirror set detail = 'x' where seq = 5100").await.expect("done");
        sql(&store, "update audit_tombstones set rule = 'x' where seq = 5100").await.expect("done");
        for log in [Log::Own, Log::Other] {
            assert_eq!(seq_of(&walked(&store, &key, log).await), 5_100, "{log:?}");
        }
        assert_eq!(seq_of(&stones(&store, &key, None).await), 5_100);
        sql(&store, "update audit_events set actor = 'x' where seq = 5001").await.expect("done");
        sql(&store, "update audit_mirror set actor = 'x' where seq = 5001").await.expect("done");
        sql(&store, "delete from audit_tombstones where seq = 5001").await.expect("done");
        for log in [Log::Own, Log::Other] {
            assert_eq!(seq_of(&walked(&store, &key, log).await), 5_001, "{log:?}");
        }
        assert_eq!(seq_of(&stones(&store, &key, None).await), 5_001);
    }
);

/// More events than a step walks.
const LONG: i64 = 20_050;

on_both_databases!(
    /// NF-43, NF-31: a long log is walked in several jobs, none of which holds a state of the database for as
    /// long as the whole takes; what is wrong is named in whichever it lies, and what is taken away between
    /// two of them is not missing.
    a_long_log_is_walked_in_several_jobs,
    |url: String| async move {
        let (store, key) = zone(&url).await;
        let more = store.write(move |tx| {
            for n in 31..=LONG {
                record(tx, event(n));
            }
            Ok(())
        });
        more.await.expect("written");
        let step = async |from: Reached| {
            let done = store.read(move |db| step_standing(db, None, Log::Own, from));
            done.await.expect("readable")
        };
        let Step::On(reached) = step(Reached::default()).await else { panic!("it is long") };
        assert_eq!(reached.seq, 20_000);
        let rest = step(reached).await;
        assert!(matches!(rest, Step::End(Verdict::Whole { events: LONG, .. })), "{rest:?}");
        assert!(matches!(trims(&store, &key, Log::Own, 20).await, Trimmed::Events { .. }));
        let Step::On(reached) = step(Reached::default()).await else { panic!("it is long") };
        assert!(reached.seq > 20_000, "it begins behind what was taken away: {}", reached.seq);
        let whole = walked(&store, &key, Log::Own).await;
        assert!(matches!(whole, Verdict::Whole { events: LONG, .. }), "{whole:?}");
        breaks_in(&store).await;
        for (text, seq) in [
            ("update audit_events set detail = 'x' where seq = 20040", 20_040),
            ("update audit_events set detail = 'x' where seq = 20000", 20_000),
        ] {
            sql(&store, text).await.expect("done");
            assert_eq!(seq_of(&walked(&store, &key, Log::Own).await), seq);
        }
    }
);
