//! Batches that run take turns (NF-36), on both databases.

use jiff::Timestamp;
use lgwan_zone_store::By;
use lgwan_zone_store::batches::{self, Batch, Said};
use lgwan_zone_store::identity::staff::{self, NewStaff};
use platform_audit::Chain;
use platform_store::{Store, StoreConfig};
use platform_testkit::on_both_databases;

const CLERK: &str = "00000000000000000000000021";

fn by() -> By {
    By {
        staff: CLERK.to_owned(),
        name: "受付 三郎".to_owned(),
        session: "5e55".to_owned(),
        ip: "192.0.2.7".to_owned(),
        at: Timestamp::from_second(1_780_000_000).expect("a time"),
    }
}

fn batch(id: &str) -> Batch {
    Batch::looked_at(id.to_owned(), "accept", (CLERK, "受付 三郎"), 1)
}

async fn begins(store: &Store, id: &'static str) {
    let begun = store.write(move |tx| {
        batches::make(tx, &by(), &batch(id), &[])?;
        batches::start(tx, &by(), id, &Said::default())
    });
    assert!(begun.await.expect("written"));
}

/// Whose turn it is; a piece of it is worked off.
async fn next(store: &Store) -> String {
    let turned = store.write(|tx| {
        let next = batches::running(tx.db)?.map(|one| one.id).unwrap_or_default();
        batches::turned(tx, &next)?;
        Ok(next)
    });
    turned.await.expect("written")
}

on_both_databases!(
    /// NF-36: few rows of one department do not wait for the thousands of another: who has just begun is
    /// next, then whose piece was longest ago; all at the same moment of the clock. Who pressed stands with
    /// the batch as long as it runs.
    batches_take_turns,
    |url: String| async move {
        let journal = Box::new(Chain::new(lgwan_zone_store::ZONE));
        let store = Store::open(&StoreConfig::at(url), lgwan_zone_store::migrations(), journal);
        let store = store.expect("a database");
        let clerk = NewStaff {
            id: CLERK.to_owned(),
            login_id: "uketsuke".to_owned(),
            display_name: "受付 三郎".to_owned(),
            email: String::new(),
            role: "clerk".to_owned(),
            password_hash: String::new(),
            totp_secret: None,
            must_change_password: false,
            departments: Vec::new(),
        };
        store.write(move |tx| staff::create(tx, &by(), &clerk)).await.expect("an account");
        begins(&store, "a").await;
        begins(&store, "b").await;
        let mut order = Vec::new();
        for _ in 0..4 {
            order.push(next(&store).await);
        }
        assert_eq!(order, ["a", "b", "a", "b"]);
        begins(&store, "c").await;
        order.clear();
        for _ in 0..4 {
            order.push(next(&store).await);
        }
        assert_eq!(order, ["c", "a", "b", "c"], "what begins is not behind thousands of rows");
        let find = || store.read(|db| batches::find(db, CLERK, "a"));
        let running = find().await.expect("readable").expect("it is there");
        assert_eq!((running.session.as_str(), running.ip.as_str()), ("5e55", "192.0.2.7"));
        store.write(|tx| batches::end(tx, &by(), "a")).await.expect("it ends");
        let ended = find().await.expect("readable").expect("it is there");
        assert_eq!((ended.session.as_str(), ended.ip.as_str()), ("", ""));
        assert_eq!((next(&store).await.as_str(), next(&store).await.as_str()), ("b", "c"));
    }
);
