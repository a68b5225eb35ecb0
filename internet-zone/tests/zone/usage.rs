//! How the pages are used is counted, and told to staff.

use bridge_contract::messages::{Usage, UsageCount};
use diesel::RunQueryDsl as _;
use internet_zone::jobs::usage::{tell, write_down};
use internet_zone_store::usage;
use platform_testkit::TempDir;

use crate::applying::clock;
use crate::browser::Browser;
use crate::support::{Zone, sample};
use crate::sweep::site;

#[derive(diesel::QueryableByName)]
struct Item {
    #[diesel(sql_type = diesel::sql_types::Integer)]
    kind: i32,
}

/// NF-25, IK-2.1.3: visits, pages of procedures and beginnings are counted by day, nobody by name;
/// a zone that stops writes down what it counted.
#[tokio::test(flavor = "multi_thread")]
async fn the_use_of_pages_is_counted() {
    let zone = Zone::open(clock()).await;
    let mut browser = Browser::new(zone.running.public_addr);
    browser.get("/").await.is(200);
    browser.get("/").await.is(200);
    browser.get("/procedures/juminhyo").await.is(200);
    browser.get("/procedures/nothing").await.is(404);
    let (store, day) = (zone.store(), "2026-06-01");
    zone.close().await;
    let counted = store.read(move |db| usage::counted(db, day)).await.expect("readable");
    let id = sample("juminhyo").id;
    let count = |procedure_id, what, count| UsageCount { procedure_id, what, count };
    assert_eq!(counted.counts, [count(None, Usage::Visit, 2), count(Some(id), Usage::View, 1)]);
}

/// NF-25: each day is told as a whole, again only when there is more to tell.
#[tokio::test]
async fn a_day_is_told_when_there_is_more_to_tell() {
    let (folder, clock) = (TempDir::new(), clock());
    let site = site(folder.path(), &clock);
    let untold = || async { site.store.read(usage::untold).await.expect("readable").len() };
    for _ in 0..2 {
        site.usage().count(site.today(), "", Usage::Visit);
        write_down(&site).await.expect("written");
        assert_eq!(untold().await, 1);
        tell(&site).await.expect("told");
        assert_eq!(untold().await, 0);
        tell(&site).await.expect("nothing to tell");
    }
    let day = site.today().to_string();
    let counted = site.store.read(move |db| usage::counted(db, &day)).await.expect("readable");
    assert_eq!(counted.counts[0].count, 2);
    let sent =
        site.store.read(|db| diesel::sql_query("select kind from outbox_items").load::<Item>(db));
    let sent: Vec<i32> = sent.await.expect("readable").iter().map(|item| item.kind).collect();
    assert_eq!(sent, [20, 20], "one message each time there was more");
}
