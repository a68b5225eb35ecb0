//! The store on both engines.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use diesel::connection::InstrumentationEvent;
use diesel::prelude::*;
use diesel_migrations::{EmbeddedMigrations, embed_migrations};
use platform_store::{
    Db, Journal, JournalEntry, Migrations, NoJournal, Store, StoreConfig, StoreError, insert_many,
};
use platform_testkit::on_both_databases;

mod schema {
    diesel::table! {
        seats (id) {
            id -> Text,
            taken -> Integer,
        }
    }

    diesel::table! {
        notes (id) {
            id -> Integer,
            words -> Text,
        }
    }
}
use schema::{notes, seats};

const SQLITE: EmbeddedMigrations = embed_migrations!("tests/migrations/sqlite");
const POSTGRES: EmbeddedMigrations = embed_migrations!("tests/migrations/postgres");

/// Writes text rows and counts how often it was called.
struct Notes(Arc<AtomicUsize>);

impl Journal for Notes {
    fn flush(&mut self, db: &mut Db, rows: Vec<JournalEntry>) -> QueryResult<()> {
        self.0.fetch_add(1, Ordering::SeqCst);
        for row in rows {
            let words = *row.downcast::<String>().expect("the tests journal text");
            diesel::insert_into(notes::table).values(notes::words.eq(words)).execute(db)?;
        }
        Ok(())
    }
}

fn open(url: &str, journal: Box<dyn Journal>) -> Store {
    let migrations = Migrations { sqlite: SQLITE, postgres: POSTGRES };
    Store::open(&StoreConfig::at(url), migrations, journal).expect("the store opens")
}

async fn seat(store: &Store, taken: i32) {
    store
        .write(move |tx| {
            diesel::insert_into(seats::table)
                .values((seats::id.eq("a"), seats::taken.eq(taken)))
                .execute(tx.db)
        })
        .await
        .expect("the row is new");
}

async fn taken(store: &Store) -> i32 {
    store
        .read(|db| seats::table.find("a").select(seats::taken).first::<i32>(db))
        .await
        .expect("the row is there")
}

on_both_databases!(
    /// NF-31: what a page reads is of one state, though something is written between its queries.
    a_reading_job_sees_one_state,
    |url: String| async move {
        let store = open(&url, Box::new(NoJournal));
        seat(&store, 1).await;
        let (began, begun) = tokio::sync::oneshot::channel();
        let (wrote, written) = std::sync::mpsc::channel();
        let reader = store.clone();
        let reads = tokio::spawn(async move {
            let looks = |db: &mut Db| seats::table.find("a").select(seats::taken).first::<i32>(db);
            let both = reader.read(move |db| {
                let before = looks(db)?;
                began.send(()).expect("somebody waits");
                written.recv().expect("it is written");
                Ok((before, looks(db)?))
            });
            both.await.expect("the row is there")
        });
        begun.await.expect("it began");
        let more = |tx: &mut platform_store::Tx<'_>| {
            diesel::update(seats::table.find("a")).set(seats::taken.eq(2)).execute(tx.db)
        };
        store.write(more).await.expect("a reader stops no writer");
        wrote.send(()).expect("the reader waits");
        assert_eq!(reads.await.expect("it ends"), (1, 1));
        assert_eq!(taken(&store).await, 2);
    }
);

on_both_databases!(
    /// NF-49: a limit kept by one conditional statement holds under a rush.
    many_writers_share_commits_and_never_pass_a_limit,
    |url: String| async move {
        let flushes = Arc::new(AtomicUsize::new(0));
        let store = open(&url, Box::new(Notes(Arc::clone(&flushes))));
        seat(&store, 0).await;

        let mut tries = tokio::task::JoinSet::new();
        for _ in 0..200 {
            let store = store.clone();
            tries.spawn(async move {
                store
                    .write(|tx| {
                        let free = seats::table.find("a").filter(seats::taken.lt(50));
                        let won = diesel::update(free)
                            .set(seats::taken.eq(seats::taken + 1))
                            .execute(tx.db)?;
                        if won == 1 {
                            tx.journal(Box::new("taken".to_owned()));
                        }
                        Ok(won)
                    })
                    .await
            });
        }
        let won: usize = tries.join_all().await.into_iter().map(|won| won.expect("no error")).sum();

        assert_eq!((won, taken(&store).await), (50, 50));
        let noted = store.read(|db| notes::table.count().get_result::<i64>(db)).await;
        assert_eq!(noted.expect("readable"), 50);
        let batches = flushes.load(Ordering::SeqCst);
        assert!(batches < 150, "200 writes took {batches} commits");
    }
);

on_both_databases!(a_job_that_fails_or_panics_takes_nobody_with_it, |url: String| async move {
    let store = open(&url, Box::new(Notes(Arc::default())));
    seat(&store, 0).await;
    let fail = store.write(|tx| {
        diesel::update(seats::table.find("a")).set(seats::taken.eq(7)).execute(tx.db)?;
        tx.journal(Box::new("never seen".to_owned()));
        diesel::insert_into(seats::table)
            .values((seats::id.eq("a"), seats::taken.eq(1)))
            .execute(tx.db)
    });
    let panic = store.write(|tx| -> QueryResult<()> {
        diesel::update(seats::table.find("a")).set(seats::taken.eq(8)).execute(tx.db)?;
        panic!("on purpose")
    });
    let fine = store.write(|tx| {
        diesel::update(seats::table.find("a")).set(seats::taken.eq(seats::taken + 1)).execute(tx.db)
    });
    let (fail, panic, fine) = tokio::join!(fail, panic, fine);

    assert!(matches!(fail, Err(StoreError::Query(_))), "{fail:?}");
    assert!(matches!(panic, Err(StoreError::Panicked(why)) if why == "on purpose"));
    assert_eq!(fine.expect("its own business"), 1);
    assert_eq!(taken(&store).await, 1);
    let noted = store.read(|db| notes::table.count().get_result::<i64>(db)).await;
    assert_eq!(noted.expect("readable"), 0);
    assert!(!store.failed());
});

on_both_databases!(
    /// A change whose journal row cannot be written does not happen.
    a_journal_row_that_cannot_be_written_undoes_the_change,
    |url: String| async move {
        let store = open(&url, Box::new(NoJournal));
        seat(&store, 0).await;
        let refused = store
            .write(|tx| {
                tx.journal(Box::new("nobody writes this".to_owned()));
                diesel::update(seats::table.find("a")).set(seats::taken.eq(9)).execute(tx.db)
            })
            .await;
        assert!(matches!(refused, Err(StoreError::CommitUnknown(_))), "{refused:?}");
        store.until_failed().await;
        let later = store.write(|_| Ok(())).await;
        assert!(matches!(later, Err(StoreError::Closed)), "{later:?}");

        let again = open(&url, Box::new(NoJournal));
        assert_eq!(taken(&again).await, 0);
    }
);

#[derive(Insertable)]
#[diesel(table_name = seats, treat_none_as_default_value = false)]
struct Seat {
    id: String,
    taken: i32,
}

on_both_databases!(
    /// NF-31: a thousand rows go in with one statement, on SQLite too.
    many_rows_go_in_with_few_statements,
    |url: String| async move {
        let store = open(&url, Box::new(NoJournal));
        let sent = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&sent);
        let put = store.write(move |tx| {
            let rows: Vec<Seat> = (0..2_500).map(|n| Seat { id: format!("s{n}"), taken: n }).collect();
            tx.db.set_instrumentation(move |event: InstrumentationEvent<'_>| {
                if let InstrumentationEvent::StartQuery { .. } = event {
                    count.fetch_add(1, Ordering::SeqCst);
                }
            });
            let put = insert_many!(tx.db, seats::table, rows);
            tx.db.set_instrumentation(|_: InstrumentationEvent<'_>| {});
            put
        });
        assert_eq!(put.await.expect("new rows"), 2_500);
        assert_eq!(sent.load(Ordering::SeqCst), 3);
        let none = store.write(|tx| insert_many!(tx.db, seats::table, Vec::<Seat>::new()));
        assert_eq!(none.await.expect("nothing to write"), 0);
        let there = store.read(|db| seats::table.count().get_result::<i64>(db)).await;
        assert_eq!(there.expect("readable"), 2_500);
    }
);

on_both_databases!(
    /// NF-31: where the server ended the connections of the readers, the next page is read all the same.
    a_reader_connects_anew_before_its_job,
    |url: String| async move {
        let store = open(&url, Box::new(NoJournal));
        seat(&store, 1).await;
        if url.starts_with("postgres") {
            let mut other = PgConnection::establish(&url).expect("a connection");
            let ended = "select pg_terminate_backend(pid, 60000) from pg_stat_activity
                where datname = current_database() and pid <> pg_backend_pid()
                and backend_type = 'client backend'";
            diesel::sql_query(ended).execute(&mut other).expect("ended");
        }
        for _ in 0..8 {
            assert_eq!(taken(&store).await, 1);
        }
    }
);
