//! The way to the staff zone is full: nothing is accepted that could not be kept,
//! and nothing that was typed is lost.

use std::time::{Duration, Instant};

use domain::applications::WithdrawUntil;
use domain::forms::definition::Words;
use platform_service::config::Within;

use crate::applying::{clock, receipt, survey};
use crate::browser::Browser;
use crate::support::{Zone, publish, sample};

const STOPPED: &str = "申請の受付を一時的に停止しています";

/// Looks at a page until it does or does not say that nothing is taken.
async fn until_closed(browser: &mut Browser, path: &str, closed: bool) {
    let patience = Instant::now() + platform_testkit::PATIENCE;
    loop {
        browser.get(path).await;
        if browser.html().contains(STOPPED) == closed {
            return;
        }
        assert!(Instant::now() < patience, "expected closed = {closed}: {}", browser.text());
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// I19, NF-60: at 95 % of what may wait, the page says 受付停止 before it accepts;
/// every answer stays, what was accepted before keeps its receipt, and it takes
/// applications again by itself.
#[tokio::test(flavor = "multi_thread")]
async fn a_full_way_to_the_staff_zone_closes_the_desk_and_opens_it_again() {
    let zone = Zone::open_with(clock(), "127.0.0.1:0", None, |config| {
        config.limits.backlog_mb = Within::new(1).expect("in bounds");
    })
    .await;
    // One that may be withdrawn.
    let mut form = sample("koho-anketo");
    (form.title, form.workflow.withdraw_until) =
        (Words::from("改めた調査"), WithdrawUntil::Decided);
    form.revision += 1;
    publish(&zone.store(), &form, Vec::new(), zone.clock.now().as_microsecond() + 1).await;
    let patience = Instant::now() + platform_testkit::PATIENCE;
    let mut looks = Browser::new(zone.running.public_addr);
    while !looks.get("/procedures/koho-anketo").await.html().contains("改めた調査") {
        assert!(Instant::now() < patience, "{}", looks.text());
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let mut early = survey(&zone, "先に送った意見").await;
    let checked = early.clone();
    early.submit("/submit", &[]).await.is(200);
    let sent = receipt(&early);

    let mut late = survey(&zone, "入力した意見").await;
    let check = late.path.clone();
    let backlog = zone.root.join("spool/raw/ready/of-an-hour-without-the-bridge");
    std::fs::write(&backlog, vec![0; 960_000]).expect("written");
    until_closed(&mut late, "/", true).await;

    // A message is kept until it can be sent; the reason of a withdrawal is given back.
    let sent_before = format!("/applications/{}", early.path.split('/').nth(2).expect("an id"));
    let mut writes = early.clone();
    let messages = format!("{sent_before}/messages");
    writes.get(&messages).await.is(200);
    writes.submit("/messages", &[("words", "長い相談です。"), ("_do", "next")]).await.is(503);
    writes.says("入力した内容は保存してあります");
    writes.get(&messages).await.is(200).says("長い相談です。");
    writes.get(&format!("{sent_before}/withdraw")).await.is(200);
    writes.submit("/withdraw", &[("reason", "引っ越すためです。")]).await.is(503);
    writes.says("申請はまだ取り下げられていません").says("引っ越すためです。");
    assert!(!writes.text().contains("保存してあります"), "{}", writes.text());

    late.get(&check).await.is(200).says("受付停止").says("入力した意見");
    late.submit("/submit", &[]).await.is(503).says("受付停止").says("まだ送信されていません");
    late.says("入力した意見").says("この内容で申請する").says("受付は自動で再開します");
    let mut again = early.clone();
    again.bytes = checked.bytes.clone();
    again.submit("/submit", &[]).await.is(200);
    assert_eq!(receipt(&again), sent, "what was accepted stays accepted");

    std::fs::remove_file(&backlog).expect("the bridge is back");
    until_closed(&mut late, &check, false).await;
    late.submit("/submit", &[]).await.is(200).says("申請が届きました");
    assert_ne!(receipt(&late).0, sent.0);
    zone.close().await;
}
