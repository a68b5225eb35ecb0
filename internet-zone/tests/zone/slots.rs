//! 日時の枠: chosen without script, first the day, then the time; never twice, never too late.

use domain::forms::definition::{Procedure, Words};
use jiff::{SignedDuration, Timestamp};
use platform_service::clock::Clock;
use serde_json::json;

use crate::applying::clock;
use crate::browser::Browser;
use crate::support::{Zone, link, publish_as_written, sample, words};

/// Wednesdays and Thursdays of June 2026, one seat at each time.
fn consultation() -> Procedure {
    let mut document = sample("koho-anketo");
    document.revision += 1;
    document.summary = Words::from("相談の日時を選びます。");
    document.access = serde_json::from_value(json!({"login": "email"})).expect("it reads");
    document.workflow =
        serde_json::from_value(json!({"withdraw_until": "decided"})).expect("it reads");
    document.export = None;
    document.routing = Vec::new();
    document.tests = Vec::new();
    document.pages = serde_json::from_value(json!([
        {"id": "when", "title": "相談", "fields": [
            {"id": "visit", "label": "相談の日時", "required": true, "kind": {
                "type": "slot", "weekdays": ["wed", "thu"], "from": "2026-06-03", "until": "2026-06-11",
                "times": ["10:00", "14:00"], "minutes": 30, "cutoff_days": 1, "cutoff_at": "17:00",
                "capacity": {"max": 1, "show": "left", "hold_minutes": 10}}},
            {"id": "topic", "label": "相談したいこと", "kind": {"type": "text"}}]}
    ]))
    .expect("it reads");
    document
}

async fn zone_at(clock: Clock) -> Zone {
    let zone = Zone::open(clock).await;
    let at = 1 + zone.clock.now().as_microsecond();
    publish_as_written(&zone.store(), &consultation(), at).await;
    let mut browser = Browser::new(zone.running.public_addr);
    for () in platform_testkit::patiently() {
        browser.get("/procedures/koho-anketo").await;
        if browser.text().contains("相談の日時を選びます") {
            return zone;
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    panic!("it was never shown");
}

/// A guest at the page with the calendar.
async fn guest(zone: &Zone, email: &str) -> Browser {
    let mut browser = Browser::new(zone.running.public_addr);
    browser.get("/procedures/koho-anketo/start").await;
    browser.submit("/start", &[("email", email), ("agree", "yes")]).await;
    let path = link(zone, email, 1);
    browser.get(&path).await;
    browser.submit(&path, &[]).await.is(200);
    browser
}

const PAGE: &str = "/pages/when";

/// What a page sends of a time, with the day it shows.
fn at<'v>(code: &'v str, topic: &'v str) -> [(&'static str, &'v str); 3] {
    [("visit.day", &code[..10]), ("visit", code), ("topic", topic)]
}

/// NF-49: the earliest free day is open at once, another one is a press away; what somebody keeps is
/// full for others, who are offered the next free ones; the time stands on the receipt, in the mail and
/// with the application, and is free again when it is taken back.
#[tokio::test(flavor = "multi_thread")]
async fn a_day_and_a_time_are_chosen_without_script() {
    let zone = zone_at(clock()).await;
    let mut first = guest(&zone, "taro@example.jp").await;
    first.says("2026年6月3日（水）の時間").says("10:00〜10:30").says("残り1");
    let other_day = [("visit.day", "2026-06-04"), ("topic", "年金"), ("_do", "day:visit")];
    first.submit(PAGE, &other_day).await.is(200).says("2026年6月4日（木）の時間");
    assert!(first.html().contains("value=\"年金\""), "{}", first.html());
    let no_time = [("visit.day", "2026-06-04"), ("topic", "年金")];
    first.submit(PAGE, &no_time).await.is(422).says("2026年6月4日（木）の時間を選んでください");
    first.submit(PAGE, &at("2026-06-04T10:00", "年金")).await.is(200).says("内容の確認");
    first.says("2026年6月4日（木）10:00〜10:30").says("9時10分まで、席を確保しています");

    let mut second = guest(&zone, "jiro@example.jp").await;
    let thursday = [("visit.day", "2026-06-04"), ("_do", "day:visit")];
    second.submit(PAGE, &thursday).await.is(200).says("満員");
    assert!(second.html().contains("value=\"2026-06-04T10:00\" disabled"), "{}", second.html());
    second
        .submit(PAGE, &at("2026-06-04T10:00", "税"))
        .await
        .is(422)
        .says("2026年6月4日（木）10:00は、ほかの方の予約で満席");
    second.says("次に空いている日時です").says("2026年6月4日（木）14:00〜14:30");
    assert!(second.html().contains("value=\"税\""), "{}", second.html());
    let next = [("topic", "税"), ("_do", "slot:visit:2026-06-04T14:00")];
    second.submit(PAGE, &next).await.is(200);
    assert!(second.html().contains("value=\"2026-06-04T14:00\" checked"), "{}", second.html());
    second
        .submit(PAGE, &at("2026-06-04T14:00", "税"))
        .await
        .is(200)
        .says("14:00〜14:30")
        .says("税");

    first.submit("/submit", &[]).await.is(200).says("申請が届きました");
    first.says("相談の日時：2026年6月4日（木）10:00〜10:30");
    let mail = words(&zone.mails.wait_for("taro@example.jp", 2)[1].raw);
    assert!(mail.contains("相談の日時：2026年6月4日（木）10:00〜10:30"), "{mail}");
    let application = first.path.trim_end_matches("/receipt").to_owned();
    first.get(&application).await.is(200).says("2026年6月4日（木）10:00〜10:30");
    first.get(&format!("{application}/withdraw")).await;
    first.submit("/withdraw", &[]).await.is(200).says("取り下げました");
    let mut third = guest(&zone, "saburo@example.jp").await;
    third.submit(PAGE, &at("2026-06-04T10:00", "")).await.is(200).says("10:00〜10:30");
    zone.close().await;
}

/// NF-49, NF-60: a time that gets full while the form lies there stays chosen, so that a browser sends it and
/// the answer names it.
#[tokio::test(flavor = "multi_thread")]
async fn a_saved_time_that_got_full_is_named() {
    let zone = zone_at(clock()).await;
    let mut slow = guest(&zone, "jiro@example.jp").await;
    let page = slow.path.clone();
    let [day, time, topic] = at("2026-06-04T10:00", "税");
    slow.submit(PAGE, &[day, time, topic, ("_do", "save")]).await.is(200);
    let mut fast = guest(&zone, "taro@example.jp").await;
    fast.submit(PAGE, &at("2026-06-04T10:00", "年金")).await.is(200).says("内容の確認");

    slow.get(&page).await.is(200).says("満員");
    let html = slow.html();
    assert!(html.contains("value=\"2026-06-04T10:00\" checked"), "{html}");
    assert!(!html.contains("value=\"2026-06-04T10:00\" checked disabled"), "{html}");
    slow.submit(PAGE, &[day, time, topic])
        .await
        .is(422)
        .says("2026年6月4日（木）10:00は、ほかの方の予約で満席");
    zone.close().await;
}

/// NF-8, NF-50: a time that is on no calendar, of another day, or too late to choose is told with a way on,
/// and everything else stays filled in; too late counts to the moment of sending.
#[tokio::test(flavor = "multi_thread")]
async fn a_time_that_cannot_be_had_loses_nothing() {
    // 16:50 in Japan, ten minutes before the last moment for Wednesday.
    let clock = Clock::fixed("2026-06-02T07:50:00Z".parse::<Timestamp>().expect("a time"));
    let zone = zone_at(clock).await;
    let mut browser = guest(&zone, "taro@example.jp").await;
    for wrong in ["2026-06-05T10:00", "2026-06-03T10:30", "2020-01-01T10:00", "明日", "2026-06-03"]
    {
        let forged = [("visit.day", ""), ("visit", wrong), ("topic", "年金")];
        browser.submit(PAGE, &forged).await.is(422).says("選んだ日時は、今は選べません");
        assert!(browser.html().contains("value=\"年金\""), "{wrong}: {}", browser.html());
    }
    browser.submit(PAGE, &at("2026-06-03T14:00", "年金")).await.is(200).says("内容の確認");
    zone.clock.advance(SignedDuration::from_mins(15));
    browser.submit("/submit", &[]).await.is(422).says("選べる期限を過ぎました").says("年金");
    assert!(browser.html().contains("/pages/when#q-visit"), "{}", browser.html());
    let page = browser.path.replace("/submit", PAGE).replace("/check", PAGE);
    browser.get(&page).await;
    assert!(!browser.html().contains("2026-06-03T10:00"), "{}", browser.html());
    browser
        .submit(PAGE, &at("2026-06-03T10:00", "年金"))
        .await
        .is(422)
        .says("次に空いている日時です");
    let next = [("topic", "年金"), ("_do", "slot:visit:2026-06-04T10:00")];
    browser.submit(PAGE, &next).await.is(200);
    browser.submit(PAGE, &at("2026-06-04T10:00", "年金")).await.is(200).says("10:00〜10:30");
    browser.submit("/submit", &[]).await.is(200).says("申請が届きました");
    zone.close().await;
}
