//! What the migrations make is the same on both engines.

use platform_audit::Chain;
use platform_store::{Store, StoreConfig, shape};
use platform_testkit::TempDir;
use platform_testkit::postgres::fresh_database;

async fn shape_at(url: String) -> Vec<String> {
    let journal = Box::new(Chain::new(lgwan_zone_store::ZONE));
    let store = Store::open(&StoreConfig::at(url), lgwan_zone_store::migrations(), journal);
    store.expect("a database").read(shape::lines).await.expect("readable")
}

/// Tables, columns, types, constraints and indexes are equal after the migrations.
#[tokio::test(flavor = "multi_thread")]
async fn both_engines_have_the_same_shape() {
    let folder = TempDir::new();
    let (sqlite, postgres) =
        (shape_at(folder.sqlite_url()).await, shape_at(fresh_database()).await);
    let only = |these: &[String], those: &[String]| -> Vec<String> {
        these.iter().filter(|line| !those.contains(line)).cloned().collect()
    };
    assert_eq!(only(&sqlite, &postgres), only(&postgres, &sqlite), "left SQLite, right PostgreSQL");
    for kind in [" column ", " key ", " constraint ", " index "] {
        assert!(sqlite.iter().any(|line| line.contains(kind)), "{kind}");
    }
}
