//! How the pages are used is counted, and told to staff.

use bridge_contract::messages::{Filling, FillingCount, Usage, UsageCount};
use diesel::RunQueryDsl as _;
use domain::speed::Speed;
use internet_zone::jobs::usage::{tell, write_down};
use internet_zone_store::{filling, missed, usage};
use platform_testkit::TempDir;

use crate::applying::{clock, survey};
use crate::browser::{Browser, encode};
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
    let (timed, used): (Vec<UsageCount>, Vec<UsageCount>) = counted
        .counts
        .into_iter()
        .partition(|one| Speed::ALL.into_iter().any(|speed| one.what == speed.into()));
    // NB-9, NN-15: how long each page took is counted too, that of a wrong address included.
    assert_eq!(timed.iter().map(|one| one.count).sum::<u64>(), 4);
    assert!(timed.iter().all(|one| one.procedure_id.is_none()));
    assert_eq!(used, [count(None, Usage::Visit, 2), count(Some(id), Usage::View, 1)]);
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

#[derive(diesel::QueryableByName)]
struct Count {
    #[diesel(sql_type = diesel::sql_types::BigInt)]
    count: i64,
}

/// NF-9: however often one place misses a word, nothing readable of it is kept.
#[tokio::test(flavor = "multi_thread")]
async fn a_word_missed_at_one_place_is_not_written_down() {
    let zone = Zone::open(clock()).await;
    let mut browser = Browser::new(zone.running.public_addr);
    for word in ["山田花子", "ﾔﾏﾀﾞ花子", "山田花子", "住民票"] {
        browser.get(&format!("/procedures?q={}", encode(word))).await.is(200);
    }
    browser.get(&format!("/procedures?q={}&age=3", encode("なにもない"))).await.is(200);
    let (store, root) = (zone.store(), zone.root.clone());
    let folder = zone.close_but_keep().await;
    let kept = store.read(|db| {
        let words = missed::untold(db)?;
        let hashes = diesel::sql_query("select count(*) as count from missed_seekers");
        Ok((words, hashes.get_result::<Count>(db)?.count))
    });
    assert_eq!(kept.await.expect("readable"), (Vec::new(), 2), "two words, hashes only");
    let bytes = std::fs::read(root.join("zone.db")).expect("the database");
    assert!(!bytes.windows(12).any(|window| window == "山田花子".as_bytes()));
    drop(folder);
}

/// NF-9: a word that five places miss within thirty days is told to staff; places further back do
/// not count.
#[tokio::test]
async fn a_word_missed_at_five_places_is_told() {
    let (folder, clock) = (TempDir::new(), clock());
    let site = site(folder.path(), &clock);
    let miss = |place: u8| {
        let (day, word) = (site.today(), "ドッグラン".to_owned());
        site.missed().note(day, word, format!("192.0.{place}"));
    };
    miss(1);
    write_down(&site).await.expect("written");
    clock.advance(jiff::SignedDuration::from_hours(24 * 31));
    for place in [2, 3, 4, 5, 5, 2] {
        miss(place);
    }
    write_down(&site).await.expect("written");
    assert_eq!(site.store.read(missed::untold).await.expect("readable"), [""; 0]);
    miss(6);
    write_down(&site).await.expect("written");
    let day = site.today().to_string();
    assert_eq!(
        site.store.read(missed::untold).await.expect("readable"),
        std::slice::from_ref(&day)
    );
    let told = site.store.read(move |db| missed::counted(db, &day)).await.expect("readable");
    assert_eq!((told.words[0].word.as_str(), told.words[0].count), ("ドッグラン", 1));
    tell(&site).await.expect("told");
    assert!(site.store.read(missed::untold).await.expect("readable").is_empty());
    let sent =
        site.store.read(|db| diesel::sql_query("select kind from outbox_items").load::<Item>(db));
    let sent: Vec<i32> = sent.await.expect("readable").iter().map(|item| item.kind).collect();
    assert_eq!(sent, [21]);
}

/// NF-25: how far a form is filled in, what comes back with faults and on what is counted by page, once
/// for each draft; nothing of the browser is kept.
#[tokio::test(flavor = "multi_thread")]
async fn how_a_form_is_filled_in_is_counted() {
    let zone = Zone::open(clock()).await;
    let mut browser = survey(&zone, "字を大きくしてください").await;
    let draft = browser.path.replace("/check", "");
    let mut again = browser.clone();
    again.get(&format!("{draft}/pages/about")).await.is(200);
    let about = [("age_group", "40s"), ("lives", "work")];
    again.submit("/pages/about", &about).await.is(200);
    let mut faulty = Browser::new(zone.running.public_addr);
    faulty.get("/procedures/koho-anketo/start").await;
    faulty.submit("/start", &[("agree", "yes")]).await.is(200);
    faulty.submit("/pages/about", &[("age_group", "no such age")]).await.is(422);
    browser.get(&format!("{draft}/check")).await.is(200);
    browser.submit("/submit", &[]).await.is(200).says("申請が届きました");
    let store = zone.store();
    zone.close().await;
    let told = store.read(filling::untold).await.expect("readable").expect("something to tell");
    let id = sample("koho-anketo").id;
    assert!(told.counts.iter().all(|one| one.procedure_id == id));
    let counted = |page: &str, what: Filling| {
        let of = |one: &&FillingCount| one.page == page && one.what == what;
        told.counts.iter().find(of).map_or(0, |one| one.count)
    };
    assert_eq!(counted("", Filling::StartUnknown), 2);
    assert_eq!(counted("about", Filling::Reached), 2);
    assert_eq!(counted("about", Filling::Passed), 1, "gone through twice, passed once");
    assert_eq!(counted("about", Filling::Faulty), 1);
    assert_eq!((counted("paper", Filling::Reached), counted("paper", Filling::Faulty)), (1, 0));
    assert_eq!((counted("_check", Filling::Reached), counted("_check", Filling::Passed)), (1, 1));
    assert_eq!((counted("", Filling::SentUnknown), counted("", Filling::SentPhone)), (1, 0));
}

/// NF-25: what was told is told again only when it rose.
#[tokio::test]
async fn counts_of_forms_are_told_when_they_rose() {
    let (folder, clock) = (TempDir::new(), clock());
    let site = site(folder.path(), &clock);
    let procedure = sample("koho-anketo").id.as_str().to_owned();
    let count = |page: &str| {
        let (day, page) = (site.today().to_string(), page.to_owned());
        site.fillings().count((day, procedure.clone(), page, Filling::Reached));
    };
    count("about");
    count("paper");
    write_down(&site).await.expect("written");
    tell(&site).await.expect("told");
    assert_eq!(site.store.read(filling::untold).await.expect("readable"), None);
    count("paper");
    write_down(&site).await.expect("written");
    let told = site.store.read(filling::untold).await.expect("readable").expect("something");
    let pages: Vec<(&str, u64)> =
        told.counts.iter().map(|one| (one.page.as_str(), one.count)).collect();
    assert_eq!(pages, [("paper", 2)]);
}
