//! The question bank on both databases.

use jiff::Timestamp;
use lgwan_zone_store::By;
use lgwan_zone_store::bank::{self, Item};
use lgwan_zone_store::identity::departments::{self, Department};
use platform_audit::Chain;
use platform_store::{Store, StoreConfig};
use platform_testkit::on_both_databases;

const DEPARTMENT: &str = "00000000000000000000000001";

fn by() -> By {
    By::system(Timestamp::from_second(1_780_000_000).expect("a time"))
}

fn kept(id: &str, name: &str) -> Item {
    Item {
        id: id.to_owned(),
        name: name.to_owned(),
        department_id: DEPARTMENT.to_owned(),
        fields: "[]".to_owned(),
        procedure_id: "p".to_owned(),
        revision: 1,
        kept_at: 1,
        kept_by: "s".to_owned(),
    }
}

async fn open(url: String) -> Store {
    let journal = Box::new(Chain::new(lgwan_zone_store::ZONE));
    let store = Store::open(&StoreConfig::at(url), lgwan_zone_store::migrations(), journal);
    let store = store.expect("a database");
    let department = Department {
        id: DEPARTMENT.to_owned(),
        code: "shimin".to_owned(),
        name: "市民課".to_owned(),
        phone: String::new(),
        place: String::new(),
        sort: 0,
    };
    let filled = store.write(move |tx| {
        departments::put(tx, &by(), &department)?;
        for (id, name, labels) in
            [("a", "連絡先", "電話番号"), ("b", "連絡先", "メール"), ("c", "住所", "ご住所")]
        {
            bank::put(tx, &by(), &kept(id, name), labels)?;
        }
        Ok(())
    });
    filled.await.expect("filled");
    store
}

async fn found(
    store: &Store,
    words: &'static str,
    after: Option<(&'static str, &'static str)>,
) -> Vec<String> {
    let read = store.read(move |db| {
        let after = after.map(|(name, id)| (name.to_owned(), id.to_owned()));
        bank::find(db, words, after.as_ref(), 10)
    });
    read.await.expect("readable").into_iter().map(|item| item.id).collect()
}

on_both_databases!(
    /// NF-37: items are found by name and question, whatever the width; each use is noted once.
    kept_questions_are_found_and_their_uses_known,
    |url: String| async move {
        let store = open(url).await;
        assert_eq!(found(&store, "ﾒｰﾙ", None).await, ["b"]);
        assert_eq!(found(&store, "連絡先", None).await, ["a", "b"]);
        assert_eq!(found(&store, "連絡先", Some(("連絡先", "a"))).await, ["b"]);
        assert_eq!(found(&store, "", None).await.len(), 3);
        let take = |id: &'static str| {
            store.write(move |tx| bank::take(tx, &by(), id, ("procedure", "q1")))
        };
        assert!(take("a").await.expect("written"));
        assert!(take("a").await.expect("written"));
        assert!(!take("z").await.expect("written"));
        let uses = store.read(|db| bank::uses(db, "a", 10)).await.expect("readable");
        assert_eq!(uses.len(), 1);
        let retired = |store: Store| async move {
            store.write(|tx| bank::retire(tx, &by(), "a")).await.expect("written")
        };
        assert!(retired(store.clone()).await && !retired(store.clone()).await);
        assert!(!take("a").await.expect("written"));
        assert_eq!(found(&store, "連絡先", None).await, ["b"]);
    }
);
