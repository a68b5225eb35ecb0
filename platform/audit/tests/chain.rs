//! The log on both engines: what is written is found, what is forged is named.

use diesel::connection::SimpleConnection as _;
use diesel_migrations::{EmbeddedMigrations, embed_migrations};
use jiff::{SignedDuration, Timestamp};
use platform_audit::{
    About, Chain, CheckpointKey, Event, Filter, Log, Verdict, checkpoint, record, search, verify,
};
use platform_store::{Db, Migrations, Store, StoreConfig, each_backend};
use platform_testkit::on_both_databases;

const SQLITE: EmbeddedMigrations = embed_migrations!("tests/migrations/sqlite");
const POSTGRES: EmbeddedMigrations = embed_migrations!("tests/migrations/postgres");

async fn open(url: &str) -> Store {
    let migrations = Migrations { sqlite: SQLITE, postgres: POSTGRES };
    let store = Store::open(&StoreConfig::at(url), migrations, Box::new(Chain::new("lgwan")))
        .expect("opens");
    for n in 0..30_i64 {
        let at = Timestamp::UNIX_EPOCH + SignedDuration::from_secs(n);
        let actor = format!("staff:{}", n % 3);
        store
            .write(move |tx| {
                let object = format!("application:{n}");
                record(
                    tx,
                    Event::new(at, &actor, "applications.accepted", &object).from("s", "::1"),
                );
                Ok(())
            })
            .await
            .expect("it is written");
    }
    store
}

/// Changes the tables as an intruder with the database's password would.
async fn forge(store: &Store, sql: &'static str) -> Verdict {
    store
        .write(move |tx| {
            let free = match tx.db {
                Db::Sqlite(_) => {
                    "drop trigger audit_events_never_change; drop trigger audit_events_never_go"
                }
                Db::Pg(_) => "drop trigger audit_events_never_change on audit_events",
            };
            each_backend!(tx.db, conn => {
                conn.batch_execute(free)?;
                conn.batch_execute(sql)
            })
        })
        .await
        .expect("an intruder may");
    store.read(|db| verify(db, None)).await.expect("readable")
}

fn seq_of(verdict: &Verdict) -> i64 {
    match verdict {
        Verdict::Broken { seq, .. } => *seq,
        Verdict::Whole { .. } => panic!("the forgery was not found"),
    }
}

on_both_databases!(
    /// NF-43: the log of all operations is whole and can be searched.
    what_is_recorded_is_found_and_whole,
    |url: String| async move {
        let store = open(&url).await;
        let verdict = store.read(|db| verify(db, None)).await.expect("readable");
        assert!(matches!(verdict, Verdict::Whole { events: 30, .. }), "{verdict:?}");

        let filter = Filter { actor: Some("staff:1".to_owned()), ..Filter::default() };
        let found = store.read(move |db| search(db, Log::Own, &filter, 4)).await.expect("readable");
        let seqs: Vec<i64> = found.iter().map(|one| one.seq).collect();
        assert_eq!(seqs, [29, 26, 23, 20]);
        assert_eq!(found[0].event.ip, "::1");

        let from = Timestamp::UNIX_EPOCH + SignedDuration::from_secs(10);
        let until = Timestamp::UNIX_EPOCH + SignedDuration::from_secs(12);
        let filter = Filter { from: Some(from), until: Some(until), ..Filter::default() };
        let found = store.read(move |db| search(db, Log::Own, &filter, 100)).await.expect("readable");
        assert_eq!(found.len(), 2);
    }
);

on_both_databases!(
    /// NF-41: a person with more things than one statement can ask for is found whole, in order, each
    /// event once.
    forty_thousand_things_are_asked_for,
    |url: String| async move {
        let store = open(&url).await;
        let mut objects: Vec<String> = (0..40_000).map(|n| format!("document:{n}")).collect();
        objects[5] = "application:3".to_owned();
        objects[39_999] = "application:28".to_owned();
        let about = About { actors: vec!["staff:0".to_owned()], objects };
        let filter = Filter { about: Some(about), ..Filter::default() };
        let found = store.read(move |db| search(db, Log::Own, &filter, 100)).await.expect("readable");
        let seqs: Vec<i64> = found.iter().map(|one| one.seq).collect();
        // staff:0 did every third, application:3 among them; application:28 is another one's.
        assert_eq!(seqs, [29, 28, 25, 22, 19, 16, 13, 10, 7, 4, 1]);
    }
);

on_both_databases!(
    /// IK-3.5.1a: the tables themselves refuse to change or lose an event.
    an_event_cannot_be_changed_or_deleted,
    |url: String| async move {
        let store = open(&url).await;
        for sql in ["update audit_events set actor = 'x' where seq = 3", "delete from audit_events"] {
            let refused =
                store.write(move |tx| each_backend!(tx.db, conn => conn.batch_execute(sql))).await;
            assert!(refused.is_err(), "{sql}");
        }
    }
);

on_both_databases!(
    /// IK-3.5.1a: an altered event is named.
    an_altered_event_is_named,
    |url: String| async move {
        let store = open(&url).await;
        let verdict = forge(&store, "update audit_events set detail = 'x' where seq = 17").await;
        assert_eq!(seq_of(&verdict), 17);
    }
);

on_both_databases!(
    /// IK-3.5.1a: a removed event is named, in the middle and at the end.
    a_removed_event_is_named,
    |url: String| async move {
        let store = open(&url).await;
        let verdict = forge(&store, "delete from audit_events where seq = 30").await;
        assert_eq!(seq_of(&verdict), 30);
        let verdict = store
            .write(|tx| {
                let sql = "delete from audit_events where seq = 9";
                each_backend!(tx.db, conn => conn.batch_execute(sql))?;
                verify(tx.db, None)
            })
            .await
            .expect("readable");
        assert_eq!(seq_of(&verdict), 9);
    }
);

on_both_databases!(
    /// IK-3.5.1a: two events that changed places are named.
    events_that_changed_places_are_named,
    |url: String| async move {
        let store = open(&url).await;
        let swap = "update audit_events set seq = -1 where seq = 5;
                    update audit_events set seq = 5 where seq = 6;
                    update audit_events set seq = 6 where seq = -1";
        assert_eq!(seq_of(&forge(&store, swap).await), 5);
    }
);

on_both_databases!(
    /// IK-3.5.1a: a log that was cut, head included, does not fit its checkpoint.
    a_log_cut_with_its_head_does_not_fit_its_checkpoint,
    |url: String| async move {
        let store = open(&url).await;
        let random = ring::rand::SystemRandom::new();
        let pkcs8 = ring::signature::Ed25519KeyPair::generate_pkcs8(&random).expect("random");
        let key = CheckpointKey::from_pkcs8(pkcs8.as_ref()).expect("a fresh key");
        let (signed, again) = store
            .write(move |tx| {
                let now = Timestamp::UNIX_EPOCH;
                Ok((checkpoint(tx, &key, now)?, checkpoint(tx, &key, now)?))
            })
            .await
            .expect("signed");
        assert_eq!((signed, again), (true, false));

        let cut = "delete from audit_events where seq > 20;
                   update audit_head set seq = 20,
                          hash = (select hash from audit_events where seq = 20)";
        assert_eq!(seq_of(&forge(&store, cut).await), 30);
    }
);

/// The files that tests and zones migrate with are the ones given out.
#[test]
fn the_twins_come_from_one_text() {
    for (text, path) in [
        (platform_audit::SQLITE_DDL, "tests/migrations/sqlite/00000000000000_audit/up.sql"),
        (platform_audit::POSTGRES_DDL, "tests/migrations/postgres/00000000000000_audit/up.sql"),
        (
            include_str!("../ddl/mirror.sqlite.sql"),
            "tests/migrations/sqlite/00000000000001_mirror/up.sql",
        ),
        (
            include_str!("../ddl/mirror.postgres.sql"),
            "tests/migrations/postgres/00000000000001_mirror/up.sql",
        ),
    ] {
        assert_eq!(std::fs::read_to_string(path).expect("it is there"), text, "{path}");
    }
}
