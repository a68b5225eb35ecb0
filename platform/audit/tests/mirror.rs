//! A log in two places: what is told is kept, what is rewritten afterwards is named.

use std::sync::Arc;

use diesel::connection::SimpleConnection as _;
use diesel_migrations::{EmbeddedMigrations, embed_migrations};
use jiff::{SignedDuration, Timestamp};
use platform_audit::{
    Anchor, Chain, CheckpointKey, Event, Filter, Log, Mirrored, Place, Reached, Stretch, Verdict,
    Watch, checkpoint, mirror, record, search, step_log, told, unanchored, untold, verify_anchors,
    verify_mirror,
};
use platform_service::clock::Clock;
use platform_service::halts::Halts;
use platform_store::{Db, Migrations, Store, StoreConfig, each_backend};
use platform_testkit::on_both_databases;

const SQLITE: EmbeddedMigrations = embed_migrations!("tests/migrations/sqlite");
const POSTGRES: EmbeddedMigrations = embed_migrations!("tests/migrations/postgres");

/// A zone's database with this many events; also keeps what it is told of another zone.
async fn zone(url: &str, events: i64) -> Store {
    let migrations = Migrations { sqlite: SQLITE, postgres: POSTGRES };
    let store = Store::open(&StoreConfig::at(url), migrations, Box::new(Chain::new("here")))
        .expect("opens");
    writes(&store, 0..events).await;
    store
}

async fn writes(store: &Store, events: std::ops::Range<i64>) {
    let written = store.write(move |tx| {
        for n in events {
            let at = Timestamp::UNIX_EPOCH + SignedDuration::from_secs(n);
            let actor = format!("account:{}", n % 3);
            let object = format!("application:{n}");
            record(tx, Event::new(at, &actor, "applications.arrived", &object).from("s", "::1"));
        }
        Ok(())
    });
    written.await.expect("it is written");
}

/// What a zone has to tell, `most` events a message, as a sender takes it out.
async fn letters(store: &Store, most: i64) -> Vec<Stretch> {
    let mut all = Vec::new();
    while let Some(next) = store.read(move |db| untold(db, most)).await.expect("readable") {
        let last = next.last();
        store.write(move |tx| told(tx, last)).await.expect("written");
        all.push(next);
    }
    all
}

async fn keeps(store: &Store, stretch: &Stretch) -> Mirrored {
    let stretch = stretch.clone();
    store.write(move |tx| mirror(tx, "here", &stretch)).await.expect("written")
}

async fn walked(store: &Store) -> Verdict {
    store.read(|db| verify_mirror(db, Reached::default())).await.expect("readable")
}

async fn sql(store: &Store, sql: &'static str) {
    let done = store.write(move |tx| each_backend!(tx.db, conn => conn.batch_execute(sql)));
    done.await.expect("an intruder may");
}

/// What an intruder with the database's rights does to the copy.
async fn taken_out(store: &Store, delete: &'static str) {
    let done = store.write(move |tx| {
        let free = match tx.db {
            Db::Sqlite(_) => "drop trigger if exists audit_mirror_never_goes",
            Db::Pg(_) => "drop trigger if exists audit_mirror_never_changes on audit_mirror",
        };
        each_backend!(tx.db, conn => {
            conn.batch_execute(free)?;
            conn.batch_execute(delete)
        })
    });
    done.await.expect("an intruder may");
}

on_both_databases!(
    /// NF-41, NF-43: what one zone logged stands event by event in the other, in whatever order
    /// and however often it is told, and is found there.
    a_log_stands_in_two_places,
    |url: String| async move {
        let store = zone(&url, 25).await;
        let told = letters(&store, 10).await;
        assert_eq!(told.iter().map(|one| one.events.len()).collect::<Vec<_>>(), [10, 10, 5]);
        for one in [&told[2], &told[0], &told[0]] {
            assert_eq!(keeps(&store, one).await, Mirrored::Fits);
        }
        assert!(matches!(walked(&store).await, Verdict::Whole { events: 10, .. }), "up to the hole");
        assert_eq!(keeps(&store, &told[1]).await, Mirrored::Fits);
        let head = store.read(|db| platform_audit::verify(db, None)).await.expect("readable");
        assert_eq!(walked(&store).await, head, "the same end as the log itself");

        let filter = Filter { actor: Some("account:1".to_owned()), ..Filter::default() };
        let found = store.read(move |db| search(db, Log::Other, &filter, 3)).await;
        let found = found.expect("readable");
        assert_eq!(found.iter().map(|one| one.seq).collect::<Vec<_>>(), [23, 20, 17]);
        let before = Some(Place { at: 16_000_000, seq: 17 });
        let filter = Filter { actor: Some("account:1".to_owned()), before, ..Filter::default() };
        let found = store.read(move |db| search(db, Log::Other, &filter, 3)).await;
        assert_eq!(found.expect("readable")[0].seq, 14, "goes on behind the place");
        writes(&store, 25..26).await;
        assert_eq!(letters(&store, 10).await.len(), 1, "only what is new is told");
    }
);

on_both_databases!(
    /// IK-3.5.1a: a log that was rewritten after it was told is named, with the first event that
    /// differs; so is a copy that was changed here.
    a_rewritten_log_differs_from_what_was_told,
    |url: String| async move {
        let store = zone(&url, 8).await;
        let told = letters(&store, 4).await;
        for one in &told {
            keeps(&store, one).await;
        }
        let mut forged = told[1].clone();
        forged.events[1].detail = "nothing happened".to_owned();
        assert_eq!(keeps(&store, &forged).await, Mirrored::Differs(6));
        let seq = |verdict| match verdict {
            Verdict::Broken { seq, .. } => seq,
            Verdict::Whole { .. } => panic!("it was not found"),
        };
        assert_eq!(seq(walked(&store).await), 6);
    }
);

on_both_databases!(
    /// IK-3.5.1a: whoever has the key and rewrites the whole log, checkpoints and all, cannot
    /// rewrite what the other zone was told of it.
    a_log_rewritten_with_its_key_does_not_fit_its_anchor,
    |url: String| async move {
        let store = zone(&url, 5).await;
        let random = ring::rand::SystemRandom::new();
        let pkcs8 = ring::signature::Ed25519KeyPair::generate_pkcs8(&random).expect("random");
        let key = Arc::new(CheckpointKey::from_pkcs8(pkcs8.as_ref()).expect("a fresh key"));
        let signing = Arc::clone(&key);
        let now = Timestamp::UNIX_EPOCH;
        store.write(move |tx| checkpoint(tx, &signing, now)).await.expect("signed");
        let anchor = store.read(unanchored).await.expect("readable").expect("something to tell");
        let line = anchor.line();
        let kept = Anchor::parse(&line).expect("its own line");
        assert_eq!(kept, anchor);
        assert_eq!(Anchor::parse("5 0 ff 00"), None);
        let checks = |anchors: Vec<Anchor>| {
            let (store, key) = (store.clone(), Arc::clone(&key));
            async move {
                let done = store.read(move |db| verify_anchors(db, Some(&key), &anchors, &Reached::default()));
                done.await.expect("readable")
            }
        };
        assert_eq!(checks(vec![kept.clone()]).await, None);
        let foreign = Anchor { at: 7, ..kept.clone() };
        assert!(matches!(checks(vec![foreign]).await, Some(Verdict::Broken { seq: 5, .. })));
        let mut other = kept;
        other.hash[0] ^= 1;
        assert!(matches!(checks(vec![other]).await, Some(Verdict::Broken { seq: 5, .. })));
    }
);

on_both_databases!(
    /// IK-3.5.1a: an event that is taken out of what the other zone told is named, once what was told
    /// later shows that it is not merely late.
    an_event_taken_out_of_the_copy_is_named,
    |url: String| async move {
        let store = zone(&url, 4_000).await;
        for one in &letters(&store, 1_000).await {
            keeps(&store, one).await;
        }
        taken_out(&store, "delete from audit_mirror where seq = 3500").await;
        assert!(
            matches!(walked(&store).await, Verdict::Whole { events: 3_499, .. }),
            "500 seconds: it may be on its way"
        );
        taken_out(&store, "delete from audit_mirror where seq = 300").await;
        assert!(matches!(walked(&store).await, Verdict::Broken { seq: 300, .. }));
    }
);

/// IK-3.5.1a: a log that was changed raises an alarm by itself, which stays and is logged once.
#[tokio::test]
async fn a_changed_log_raises_an_alarm() {
    let folder = platform_testkit::TempDir::new();
    let store = zone(&format!("sqlite:{}/log.db", folder.path().display()), 6).await;
    let watch = Watch {
        store: store.clone(),
        key: None,
        walk: step_log,
        logs: &[Log::Own],
        clock: Clock::fixed(Timestamp::UNIX_EPOCH),
        halts: Halts::default(),
    };
    let mut reached = Reached::default();
    watch.look(Log::Own, &mut reached).await.expect("readable");
    assert_eq!((reached.seq, watch.halts.warnings()), (6, Vec::new()));
    sql(&store, "drop trigger audit_events_never_change").await;
    sql(&store, "update audit_events set actor = 'nobody' where seq = 4").await;
    for _ in 0..2 {
        watch.look(Log::Own, &mut Reached::default()).await.expect("readable");
    }
    let needs = watch.halts.warnings();
    assert_eq!((needs[0].code, needs[0].detail.as_str()), ("log_broken", "4"));
    let filter = Filter { act: Some("audit.broken".to_owned()), ..Filter::default() };
    let logged = store.read(move |db| search(db, Log::Own, &filter, 10)).await.expect("readable");
    assert_eq!(logged.len(), 1);
    assert_eq!(logged[0].event.result, "failed");
}
