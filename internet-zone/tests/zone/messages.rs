//! What a citizen and the department write to each other.

use bridge_contract::messages::ToStaff;
use internet_zone_store::By;
use internet_zone_store::applications::messages::{self, Message, Writer};
use internet_zone_web::places;

use crate::applying::clock;
use crate::browser::Browser;
use crate::safety::outbox;
use crate::staff::{Sent, sent, vault};
use crate::support::Zone;

/// Staff write about an application.
async fn staff_write(zone: &Zone, application: &str, words: &str) {
    let at = zone.clock.now().as_microsecond();
    let id = format!("staff-{at}");
    let new = Message {
        words_sealed: vault(zone).seal(places::message(&id), words.as_bytes()),
        id,
        application_id: application.to_owned(),
        at,
        writer: Writer::Staff,
    };
    let by = By::system("test", at);
    assert!(zone.store().write(move |tx| messages::from_staff(tx, &by, &new)).await.expect("kept"));
}

/// NF-33: a citizen asks about an own application, once however often it is pressed; the answer is
/// read on the same page, and nobody else sees either.
#[tokio::test(flavor = "multi_thread")]
async fn a_citizen_writes_and_reads_the_answer() {
    let zone = Zone::open(clock()).await;
    let Sent { mut browser, id } = sent(&zone).await;
    let address = format!("/applications/{id}/messages");
    browser.get(&format!("/applications/{id}")).await.says("担当の課にメッセージを送る");
    browser.get(&address).await.is(200).says("まだメッセージはありません");
    let page = browser.bytes.clone();
    let words = "いつごろ届きますか。\r\n<b>お願いします</b>";
    browser.submit("/messages", &[("words", words)]).await.is(200).says("メッセージを送りました");
    assert!(browser.html().contains("&#60;b&#62;お願いします"), "{}", browser.html());
    browser.bytes = page;
    browser.submit("/messages", &[("words", words)]).await.is(200);
    let asked: Vec<String> = outbox(&zone)
        .await
        .into_iter()
        .filter_map(|(message, _)| match message {
            ToStaff::CitizenWrote(written) => Some(written.words),
            _ => None,
        })
        .collect();
    assert_eq!(asked, ["いつごろ届きますか。\n<b>お願いします</b>"]);
    let bytes = std::fs::read(zone.root.join("zone.db")).expect("the database");
    let plain = "いつごろ".as_bytes();
    assert!(!bytes.windows(plain.len()).any(|window| window == plain), "sealed at rest");

    staff_write(&zone, &id, "今週中に発送します。").await;
    browser.get(&format!("/applications/{id}")).await.says("担当の課からメッセージがあります");
    browser.get(&address).await.says("担当の課").says("今週中に発送します。");
    let mut other = Browser::new(zone.running.public_addr);
    other.get(&address).await.is(404);
    zone.close().await;
}

/// NF-7, NF-33: what cannot be sent is told at the field and stays there; nobody floods a
/// department.
#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_sent_stays_where_it_was_typed() {
    let zone = Zone::open(clock()).await;
    let Sent { mut browser, id } = sent(&zone).await;
    let address = format!("/applications/{id}/messages");
    browser.get(&address).await.is(200);
    browser.submit("/messages", &[("words", " \r\n ")]).await.is(422).says("入力してください");
    let long = "あ".repeat(1_001);
    browser.submit("/messages", &[("words", &long)]).await.is(422).says("いま1001文字");
    assert!(browser.html().contains(&long), "it stays");
    for odd in ["a\u{7}b", "a\0b", "a\u{E001}b"] {
        browser.submit("/messages", &[("words", odd)]).await.is(422).says("使えない文字");
    }
    for number in 0..20 {
        browser.get(&address).await;
        browser.submit("/messages", &[("words", &format!("質問{number}"))]).await.is(200);
    }
    browser.get(&address).await;
    browser.submit("/messages", &[("words", "まだあります")]).await.is(429).says("1日20件まで");
    zone.close().await;
}
