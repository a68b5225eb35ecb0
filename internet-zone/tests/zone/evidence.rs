//! What the staff zone is told of this zone: its operation log and its hours.

use diesel::RunQueryDsl as _;
use internet_zone::jobs::evidence::{tell_events, tell_hours};
use internet_zone_store::{By, log, procedures, uptime};
use jiff::SignedDuration;
use platform_testkit::TempDir;

use crate::applying::clock;
use crate::sweep::site;

#[derive(diesel::QueryableByName)]
struct Item {
    #[diesel(sql_type = diesel::sql_types::Integer)]
    kind: i32,
}

/// NF-41: every event of this zone is told once, with who, when, from where and what was done;
/// telling leaves no event, so an idle zone falls silent.
#[tokio::test]
async fn the_operation_log_is_told_once() {
    let (folder, clock) = (TempDir::new(), clock());
    let site = site(folder.path(), &clock);
    let (now, id) = (site.micros(), site.new_id());
    let by = By {
        at: now,
        actor: "account:01".to_owned(),
        session: "0123456789abcdef".to_owned(),
        ip: "192.0.2.7".to_owned(),
    };
    let closed = site.store.write(move |tx| procedures::close(tx, &by, (&id, None), now));
    closed.await.expect("written");
    let told = site.store.read(|db| log::untold(db, 500)).await.expect("readable");
    let told = told.expect("something to tell");
    assert_eq!((told.first, told.events.len()), (1, 1));
    let event = &told.events[0];
    assert_eq!((event.actor.as_str(), event.ip.as_str()), ("account:01", "192.0.2.7"));
    assert_eq!((event.act.as_str(), event.at), ("procedures.closed", site.clock.now()));
    assert_eq!(tell_events(&site).await.expect("told"), 1);
    assert_eq!(tell_events(&site).await.expect("nothing to tell"), 0);
    let sent = site.store.read(|db| diesel::sql_query("select kind from outbox_items").load(db));
    let sent: Vec<Item> = sent.await.expect("readable");
    assert_eq!(sent.iter().map(|item| item.kind).collect::<Vec<_>>(), [31]);
}

/// NB-9, NN-1, IK-3.3.1: the zone notes that it works; a silence of more than three minutes is a
/// gap.
#[tokio::test]
async fn the_hours_of_the_zone_are_noted_and_told() {
    let (folder, clock) = (TempDir::new(), clock());
    let site = site(folder.path(), &clock);
    let begun = site.clock.now();
    for minutes in [0, 1, 1, 2, 10, 1] {
        clock.advance(SignedDuration::from_mins(minutes));
        let now = site.micros();
        site.store.write(move |tx| uptime::note(tx, now)).await.expect("noted");
    }
    let told = site.store.read(|db| uptime::since(db, 0)).await.expect("readable");
    let minutes = |at: jiff::Timestamp| at.duration_since(begun).as_mins();
    let stretches: Vec<(i64, i64)> =
        told.stretches.iter().map(|one| (minutes(one.since), minutes(one.until))).collect();
    assert_eq!(stretches, [(0, 4), (14, 15)]);
    tell_hours(&site).await.expect("told");
    let later = site.store.read(|db| uptime::since(db, i64::MAX)).await.expect("readable");
    assert!(later.stretches.is_empty());
}
