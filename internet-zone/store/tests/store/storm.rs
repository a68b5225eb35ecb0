//! A thousand people at once, and the process killed in the middle.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use diesel::prelude::*;
use diesel::sql_types::BigInt;
use internet_zone_store::applications::accept::{Accepted, NewApplication};
use internet_zone_store::applications::seats::Seat;
use internet_zone_store::identity::Owner;
use internet_zone_store::procedures::NewPool;
use jiff::Timestamp;
use platform_service::clock::Clock;
use platform_testkit::postgres::fresh_database;
use platform_testkit::{TempDir, on_both_databases};

use crate::fixture::{Fixture, NOW};

const PEOPLE: usize = 1_000;
/// 10,000 an hour are 1,000 in 360 seconds. Only an optimised build is measured.
const IN_TIME: Option<std::time::Duration> =
    if cfg!(debug_assertions) { None } else { Some(std::time::Duration::from_secs(360)) };
const SEATS: i64 = 300;
const PLACES: i64 = 40;
const POOL: &str = "course.pottery";
/// What the other processes are told, in their folder.
const ORDERS: &str = "orders.json";

#[derive(QueryableByName)]
struct Count {
    #[diesel(sql_type = BigInt)]
    n: i64,
}

/// What a process needs to know: the database, the procedure, each draft and guest.
type Orders = (String, String, Vec<(String, String)>);

/// What the people want: one to three seats each, two of three would wait.
fn wish(zone: &Fixture, n: usize, (draft, guest): &(String, String)) -> NewApplication {
    let new = zone.application(draft, Owner::Guest(guest.clone()), &[]);
    let units = 1 + i64::try_from(n % 3).expect("small");
    NewApplication {
        seats: vec![Seat { pool: POOL.to_owned(), units }],
        waits: !n.is_multiple_of(3),
        ..new
    }
}

/// One process: everybody at once, as its orders say.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "a process of the storm, started by its tests"]
async fn process() {
    let orders = std::fs::read(ORDERS).expect("orders in the folder");
    let (url, procedure, people): Orders = serde_json::from_slice(&orders).expect("JSON");
    let clock = Clock::fixed(NOW.parse::<Timestamp>().expect("a time"));
    let zone = Fixture::beside(url, procedure, clock);
    let mut at_once = tokio::task::JoinSet::new();
    for (n, person) in people.iter().enumerate() {
        let (zone, new) = (zone.clone(), wish(&zone, n, person));
        at_once.spawn(async move { zone.try_accept(new).await });
    }
    while let Some(done) = at_once.join_next().await {
        match done.expect("no panic") {
            // Another process took the same draft at the same moment.
            Err(error) => assert!(internet_zone_store::applications::accept::is_race(&error)),
            Ok(Accepted::Twice | Accepted::TooLate) => panic!("nobody comes twice or late"),
            Ok(_) => {}
        }
    }
}

fn start(folder: &Path) -> Child {
    let own = std::env::current_exe().expect("a test has a file");
    Command::new(own)
        .args(["--ignored", "--exact", "storm::process"])
        .current_dir(folder)
        .stdout(Stdio::null())
        .spawn()
        .expect("it starts")
}

async fn count(zone: &Fixture, sql: &'static str) -> i64 {
    let row = zone.store.read(move |db| diesel::sql_query(sql).get_result::<Count>(db)).await;
    row.expect("readable").n
}

/// Everything that is counted, as of one moment: the database may still be at work on
/// what a killed process left it.
#[derive(QueryableByName)]
struct Ledger {
    #[diesel(sql_type = BigInt)]
    taken: i64,
    #[diesel(sql_type = BigInt)]
    held: i64,
    #[diesel(sql_type = BigInt)]
    line: i64,
    #[diesel(sql_type = BigInt)]
    counted: i64,
    #[diesel(sql_type = BigInt)]
    arrived: i64,
    #[diesel(sql_type = BigInt)]
    sent: i64,
    #[diesel(sql_type = BigInt)]
    waits: i64,
    #[diesel(sql_type = BigInt)]
    drafts: i64,
}

const LEDGER: &str = "select \
    (select cast(coalesce(sum(taken), 0) as bigint) from seats) as taken, \
    (select cast(coalesce(sum(units), 0) as bigint) from held_seats) as held, \
    (select cast(coalesce(sum(waiting), 0) as bigint) from seats) as line, \
    (select count(*) from waiting_seats where counted = 1) as counted, \
    (select count(*) from applications) as arrived, \
    (select count(*) from outbox_items o join applications a on a.id = o.uuid) as sent, \
    (select count(*) from waiting) as waits, \
    (select count(*) from drafts) as drafts";

/// What must be true at every moment.
async fn is_exact(zone: &Fixture, when: &str) {
    let row = zone.store.read(|db| diesel::sql_query(LEDGER).get_result::<Ledger>(db)).await;
    let all = row.expect("readable");
    assert_eq!(all.taken, all.held, "{when}: what is counted is what is held");
    assert!(all.taken <= SEATS, "{when}: {} of {SEATS}", all.taken);
    assert_eq!(all.line, all.counted, "{when}");
    assert!(all.line <= PLACES, "{when}: {} wait", all.line);
    assert_eq!(all.sent, all.arrived, "{when}: each arrived once on the lane");
    let people = all.arrived + all.waits + all.drafts;
    assert_eq!(people, i64::try_from(PEOPLE).expect("small"), "{when}: nobody is lost or doubled");
}

async fn storm(url: String) {
    let folder = TempDir::new();
    let zone = Fixture::open(url.clone(), &[]).await;
    let pool = NewPool { pool: POOL.to_owned(), capacity: SEATS, waitlist: PLACES };
    zone.publish_pools(2, vec![pool]).await;
    let people = zone.drafts(PEOPLE).await;
    let orders: Orders = (url, zone.procedure.clone(), people);
    let json = serde_json::to_vec(&orders).expect("JSON");
    std::fs::write(folder.path().join(ORDERS), json).expect("a new file");

    let begun = std::time::Instant::now();
    let mut first = start(folder.path());
    while count(&zone, "select count(*) as n from applications").await < 30 {
        assert!(first.try_wait().expect("a child").is_none(), "it ended before it was killed");
    }
    first.kill().expect("it was running");
    first.wait().expect("a child");
    is_exact(&zone, "killed").await;

    for mut process in [start(folder.path()), start(folder.path())] {
        assert!(process.wait().expect("a child").success());
    }
    // With a process that was killed on the way.
    assert!(IN_TIME.is_none_or(|time| begun.elapsed() < time), "{:?}", begun.elapsed());
    is_exact(&zone, "afterwards").await;
    let pool = zone.pool(POOL).await;
    assert!(SEATS - pool.taken < 3, "{} seats stay empty", SEATS - pool.taken);
    assert_eq!(pool.waiting, PLACES);

    // Everybody who is seated leaves at once: the whole line moves up.
    let seated: BTreeSet<String> = zone.seated().await;
    let mut leaving = tokio::task::JoinSet::new();
    for id in seated {
        let zone = zone.clone();
        leaving.spawn(async move { zone.withdraw(&id).await });
    }
    while let Some(done) = leaving.join_next().await {
        done.expect("no panic");
    }
    assert_eq!(zone.pool(POOL).await.waiting, 0);
    let moved_up = count(&zone, "select count(*) as n from promotions").await;
    assert_eq!(moved_up, PLACES);
    is_exact(&zone, "in the end").await;
}

/// NF-49, NF-6, IK-3.2.2: a thousand people in three processes, one of them killed in the middle,
/// on SQLite: no seat is sold twice, lost or left over, nobody is lost, and all have their answer in
/// the time that 10,000 an hour leave for a thousand.
#[tokio::test(flavor = "multi_thread")]
async fn a_thousand_people_and_a_killed_process_on_sqlite() {
    let folder = TempDir::new();
    storm(folder.sqlite_url()).await;
}

/// NF-49, NF-6, IK-3.2.2: the same on PostgreSQL.
#[tokio::test(flavor = "multi_thread")]
async fn a_thousand_people_and_a_killed_process_on_postgres() {
    storm(fresh_database()).await;
}

/// Days of a calendar, and the people each takes.
const DAYS: usize = 20;
const A_DAY: i64 = 30;

/// Everybody wants one time of a calendar of many, at once; then all seats of one day are given back and
/// wanted again by who got none.
async fn calendar(url: String) {
    let zone = Fixture::open(url, &[]).await;
    let pool = |day: usize| format!("visit.2026-12-{:02}T09:30", day + 1);
    let new = |day| NewPool { pool: pool(day), capacity: A_DAY, waitlist: 0 };
    zone.publish_pools(2, (0..DAYS).map(new).collect()).await;
    let people = zone.drafts(PEOPLE).await;
    let wish = |zone: &Fixture, (draft, guest): &(String, String), day: usize| {
        let seats = vec![Seat { pool: pool(day), units: 1 }];
        NewApplication { seats, ..zone.application(draft, Owner::Guest(guest.clone()), &[]) }
    };
    let mut at_once = tokio::task::JoinSet::new();
    for (n, person) in people.iter().cloned().enumerate() {
        let (zone, new) = (zone.clone(), wish(&zone, &person, n % DAYS));
        at_once.spawn(async move { (person, zone.accept(new).await) });
    }
    let mut left = Vec::new();
    while let Some(done) = at_once.join_next().await {
        match done.expect("no panic") {
            (_, Accepted::Arrived(_)) => {}
            (person, Accepted::Full(_)) => left.push(person),
            (_, other) => panic!("{other:?}"),
        }
    }
    for day in 0..DAYS {
        assert_eq!(zone.taken(&pool(day)).await, A_DAY, "day {day}");
    }
    let seated = DAYS * usize::try_from(A_DAY).expect("small");
    assert_eq!((zone.seated().await.len(), left.len()), (seated, PEOPLE - seated));

    // One day is given back while who got none asks for it: as many come in as went.
    let sql = "select application_id as id from held_seats where pool = 'visit.2026-12-01T09:30'";
    let first: BTreeSet<String> = zone.ids(sql).await;
    assert_eq!(first.len(), usize::try_from(A_DAY).expect("small"));
    let mut leaving = tokio::task::JoinSet::new();
    for id in first {
        let zone = zone.clone();
        leaving.spawn(async move { zone.withdraw(&id).await });
    }
    let mut coming = tokio::task::JoinSet::new();
    for person in left {
        let (zone, new) = (zone.clone(), wish(&zone, &person, 0));
        coming.spawn(async move { matches!(zone.accept(new).await, Accepted::Arrived(_)) });
    }
    while let Some(done) = leaving.join_next().await {
        done.expect("no panic");
    }
    let mut came = 0;
    while let Some(done) = coming.join_next().await {
        came += i64::from(done.expect("no panic"));
    }
    assert_eq!(zone.taken(&pool(0)).await, came, "what is counted came in");
    assert!(came <= A_DAY, "{came}");
    assert_eq!(zone.taken(&pool(1)).await, A_DAY, "other days are as they were");
}

on_both_databases!(
    /// NF-49: a thousand people choose among the times of a calendar at the same moment: none is given
    /// twice, none stays empty, and a time given back is given once.
    a_calendar_under_a_thousand_people,
    |url: String| calendar(url)
);
