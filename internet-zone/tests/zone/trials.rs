//! Designs on trial (試験公開), as citizens meet them.

use bridge_contract::digest::Digest;
use bridge_contract::messages::ToStaff;
use domain::forms::definition::{Login, Procedure};
use domain::ids::ProcedureId;
use domain::procedures::{is_trial, trial_of};
use internet_zone_store::By;
use internet_zone_store::applications::trials as ending;
use internet_zone_store::procedures::{self, NewRevision};
use internet_zone_store::usage;
use internet_zone_web::trials;
use jiff::SignedDuration;

use crate::applying::clock;
use crate::browser::{Browser, encode};
use crate::safety::outbox;
use crate::support::{Zone, pools, sample};

/// Puts a document on trial, as the staff zone sends it: the procedure as it is used.
async fn on_trial(zone: &Zone, real: &Procedure) -> Procedure {
    let fresh = ProcedureId::parse("01jq9xk3zt5m8n2p4r6s7v9w0y").expect("an id");
    let id = trial_of(&fresh).expect("an id");
    let document = real.canonical_json().expect("JSON");
    let trial = trials::read(id.as_str(), &document).expect("a document");
    let at = zone.clock.now().as_microsecond();
    let new = NewRevision {
        procedure_id: id.as_str().to_owned(),
        revision: i64::from(real.revision),
        slug: trial.slug.clone(),
        sha256: Digest::of(&document).0.to_vec(),
        document,
        files: Vec::new(),
        pools: pools(&trial).into_iter().map(Into::into).collect(),
        at,
    };
    let by = By::system("test", at);
    zone.store().write(move |tx| procedures::publish(tx, &by, &new)).await.expect("published");
    trial
}

/// Looks until the page says these words.
async fn until(browser: &mut Browser, page: &str, words: &str) {
    for () in platform_testkit::patiently() {
        if browser.get(page).await.text().contains(words) {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    panic!("{page} never says {words}: {}", browser.text());
}

/// NB-2.5, NF-45: a design on trial is found by its address alone and says on every page that it is one; it
/// is used like the procedure, before the procedure opens, with a number that leaves no gap and without
/// being counted; when the trial ends nothing of it is left, whatever comes of it later, and the procedure is
/// as it was.
#[tokio::test(flavor = "multi_thread")]
async fn a_trial_is_used_and_leaves_nothing() {
    let zone = Zone::open(clock()).await;
    let mut real = sample("koho-anketo");
    real.access.login = Login::None;
    real.revision += 1;
    real.open.from = Some(zone.clock.now() + SignedDuration::from_hours(24));
    let trial = on_trial(&zone, &real).await;
    assert!(is_trial(trial.id.as_str()) && trial.slug.starts_with("trial-"), "{}", trial.slug);
    let page = format!("/procedures/{}", trial.slug);
    let mut tester = Browser::new(zone.running.public_addr);
    until(&mut tester, &page, "【試験】").await;
    tester.get(&format!("{page}?lang=en")).await.says("[TEST]");
    tester.get(&format!("{page}?lang=ja")).await.says("【試験】");
    tester.get(&format!("/procedures?q={}", encode("広報みらい"))).await.is(200);
    assert!(!tester.html().contains(&trial.slug), "{}", tester.text());
    assert!(!tester.text().contains("【試験】"), "{}", tester.text());

    tester.get(&format!("{page}/start")).await.is(200).says("【試験】");
    tester.submit("/start", &[("agree", "yes")]).await.is(200).says("【試験】");
    tester.submit("/pages/about", &[("age_group", "40s"), ("lives", "work")]).await.is(200);
    tester.submit("/pages/paper", &[("reads", "never"), ("why_not", "small")]).await;
    tester.submit("/pages/paper", &[("reads", "never"), ("why_not", "small")]).await.is(200);
    tester.submit("/pages/voice", &[("voice", "試しました")]).await.is(200).says("【試験】");
    tester.submit("/submit", &[]).await.is(200).says("申請が届きました").says("【試験】");
    assert!(tester.text().contains("-800000001-"), "{}", tester.text());
    let receipt = tester.path.clone();

    let told = outbox(&zone).await;
    let sent = told.iter().find_map(|(message, _)| match message {
        ToStaff::Submission(sent) => Some(sent),
        _ => None,
    });
    let sent = sent.expect("it goes the real way");
    assert_eq!(sent.procedure_id, trial.id);
    let document = real.canonical_json().expect("JSON");
    assert_eq!(sent.definition_sha256, Digest::of(&document), "the very document");
    let days = zone.store().read(usage::untold).await.expect("readable");
    for day in days {
        let counted =
            zone.store().read(move |db| usage::counted(db, &day)).await.expect("readable");
        assert!(counted.counts.iter().all(|one| one.procedure_id.as_ref() != Some(&trial.id)));
    }

    let application = sent.application_id.as_str().to_owned();
    let (id, by) = (trial.id.clone(), By::system("test", zone.clock.now().as_microsecond()));
    let store = zone.store();
    store.write(move |tx| ending::end(tx, &by, id.as_str())).await.expect("it ends");
    assert!(store.read(move |db| ending::went(db, &application)).await.expect("readable"));
    tester.get(&receipt).await;
    assert!(!tester.text().contains("-800000001-"), "{}", tester.text());
    for () in platform_testkit::patiently() {
        if !tester.get(&page).await.text().contains("【試験】") {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    tester.get(&page).await.is(404);
    let again = on_trial(&zone, &real).await;
    let known = store.read(move |db| procedures::is_known(db, again.id.as_str())).await;
    assert!(!known.expect("readable"), "its publication comes once more, after its end");
    tester.get("/procedures/koho-anketo").await.is(200).says("広報みらい");
    zone.close().await;
}
