//! The sample city, as `cargo xtask demo` loads it.

use std::path::Path;

use lgwan_zone::commands::load_city;
use lgwan_zone_store::exports;

use crate::city;
use crate::desk::Desk;

/// NF-38, IK-2.1.2d1: the sample shows 兼務 with a role of its own and an export by the clock; loading it
/// again makes nothing twice and leaves what was changed.
#[tokio::test(flavor = "multi_thread")]
async fn the_sample_city_has_a_second_role_and_a_scheduled_export() {
    const JOB: &str = "kaigishitsu_yoyaku";
    let desk = Desk::sample_city().await;
    // A clerk in one department, who manages the procedures of another.
    let both = desk.logged_in("s0103").await;
    assert_eq!(both.get("/procedures").await.status, 200);
    let designs = both.get("/procedures/designs").await;
    assert_eq!(designs.status, 200, "{}", designs.text());
    let clerk = desk.logged_in("s0104").await;
    assert_eq!(clerk.get("/procedures/designs").await.status, 403);

    let job = desk.store.read(|db| exports::job(db, JOB)).await.expect("readable").expect("a job");
    let definition = exports::Definition::from_json(&job.definition).expect("it reads");
    let schedule = definition.schedule.as_ref().expect("it has times");
    assert_eq!(schedule.at, ["08:30", "13:00"]);
    assert_eq!(job.turn.as_deref(), Some("2026-11-20T08:30"), "what passed is no turn of it");
    let admin = desk.logged_in("s0001").await;
    assert!(admin.get("/exports").await.text().contains(JOB));

    let changed = job.definition.replace("13:00", "15:00");
    let by = lgwan_zone_store::By::cli(desk.clock.now());
    let put = desk.store.write(move |tx| exports::put_job(tx, &by, JOB, &changed));
    put.await.expect("written");
    let again = load_city(&desk.config, &desk.clock, Path::new(city::SAMPLE), None, true).await;
    assert_eq!(again.expect("a city").len(), 0, "nobody twice");
    let job = desk.store.read(|db| exports::job(db, JOB)).await.expect("readable").expect("a job");
    assert!(job.definition.contains("15:00"), "{}", job.definition);
    desk.closes().await;
}
