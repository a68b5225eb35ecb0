//! A guide, answered without script.

use internet_zone_store::applications::drafts;

use crate::applying::clock;
use crate::browser::Browser;
use crate::support::Zone;

/// NF-55: questions lead to the procedures that are needed, with what to bring; answers can be
/// changed without starting over, and nothing is kept.
#[tokio::test(flavor = "multi_thread")]
async fn answers_lead_to_the_procedures_that_are_needed() {
    let zone = Zone::open(clock()).await;
    let mut browser = Browser::new(zone.running.public_addr);
    browser.get("/procedures/hikkoshi-guide").await.is(200).says("質問に答えて調べる");
    browser.get("/procedures/hikkoshi-guide/start").await.is(404);
    browser.get("/procedures/hikkoshi-guide/guide").await.is(200).says("引っ越しについて");
    browser
        .submit("/guide", &[])
        .await
        .is(422)
        .says("どこからどこへ引っ越しますかを選んでください");
    browser.submit("/guide", &[("kind", "in")]).await.is(200).says("質問が増えました");
    let date = [("kind", "in"), ("date.year", "2026"), ("date.month", "2"), ("date.day", "30")];
    browser.submit("/guide", &date).await.is(422).says("2026年2月30日");
    assert!(browser.html().contains("value=\"30\""), "it stays filled in");
    let date = [("kind", "in"), ("date.year", "2026"), ("date.month", "6"), ("date.day", "5")];
    browser.submit("/guide", &date).await.is(200).says("いっしょに引っ越す人");
    browser.submit("/guide", &[("people", "child"), ("needs", "yes")]).await.says("ごみと生活");
    browser.submit("/guide", &[("large", "no")]).await.is(200).says("必要な手続");
    browser.says("14日以内に").says("住民票の写しの請求").says("児童手当").says("用意するもの");
    browser.says("令和8年6月5日");
    assert!(!browser.text().contains("粗大ごみ処理手数料"), "{}", browser.text());
    assert!(!browser.text().contains("犬の登録"), "{}", browser.text());
    browser.submit("/guide", &[("_do", "back")]).await.says("ごみと生活");
    browser.submit("/guide", &[("large", "yes"), ("_do", "back")]).await;
    browser.says("いっしょに引っ越す人");
    assert!(browser.html().contains("value=\"child\" checked"), "{}", browser.html());
    browser.submit("/guide", &[("people", "dog"), ("needs", "no")]).await.says("ごみと生活");
    assert!(browser.html().contains("value=\"yes\" checked"), "{}", browser.html());
    browser.submit("/guide", &[("large", "yes")]).await.says("犬の登録").says("粗大ごみ");
    assert!(!browser.text().contains("住民票の写しの請求"), "{}", browser.text());
    browser.submit("/guide", &[("_do", "again")]).await.is(200).says("引っ越しについて");
    assert!(!browser.html().contains(" checked"), "{}", browser.html());
    let drafts = zone.store().read(|db| drafts::expired(db, i64::MAX, 10)).await;
    assert!(drafts.expect("readable").is_empty());
    zone.close().await;
}

/// NF-55: the result has an address of its own: it names what is needed and no answer, opens for
/// anybody, and leads to each start; one of an older revision says so.
#[tokio::test(flavor = "multi_thread")]
async fn the_result_has_an_address_without_the_answers() {
    let zone = Zone::open(clock()).await;
    let mut browser = Browser::new(zone.running.public_addr);
    browser.get("/procedures/hikkoshi-guide/guide").await.is(200);
    browser.submit("/guide", &[("kind", "in")]).await;
    let date = [("kind", "in"), ("date.year", "2026"), ("date.month", "6"), ("date.day", "5")];
    browser.submit("/guide", &date).await.is(200);
    browser.submit("/guide", &[("people", "child"), ("needs", "yes")]).await;
    browser.submit("/guide", &[("large", "no")]).await.says("この結果のアドレス");
    let own = "/procedures/hikkoshi-guide/guide/list?r=1&o=0.2.3";
    assert!(browser.text().replace("&#38;", "&").contains(own), "{}", browser.text());
    let mut family = Browser::new(zone.running.public_addr);
    family
        .get(own)
        .await
        .is(200)
        .says("14日以内に")
        .says("住民票の写しの請求")
        .says("用意するもの");
    assert!(family.html().contains("href=\"/procedures/juminhyo/start\""), "{}", family.html());
    assert!(!family.text().contains("令和8年6月5日"), "no answer: {}", family.text());
    let once = family.html();
    family.get(&format!("{own}.0.0.3")).await.is(200);
    let listed = |html: &str| html.matches("<li>").count();
    assert_eq!(listed(&family.html()), listed(&once), "each once: {}", family.html());
    for wrong in ["?r=1&o=99", "?r=1&o=x", "?r=1", "?r=7&o=0"] {
        family.get(&format!("/procedures/hikkoshi-guide/guide/list{wrong}")).await.is(410);
        family.says("もう一度質問に答えて");
    }
    family.get("/procedures/juminhyo/guide/list?r=1&o=0").await.is(404);
    zone.close().await;
}

/// NF-55: what nobody sends honestly gets a page all the same.
#[tokio::test(flavor = "multi_thread")]
async fn a_guide_answers_whatever_is_sent() {
    let zone = Zone::open(clock()).await;
    let mut browser = Browser::new(zone.running.public_addr);
    for (fields, words) in [
        (vec![("kind", "mars"), ("large", "yes")], "引っ越しについて"),
        (vec![("kind", "none"), ("nothing", "\u{1}")], "必要な手続きは見つかりませんでした"),
        (vec![("_do", "back")], "引っ越しについて"),
    ] {
        browser.get("/procedures/hikkoshi-guide/guide").await.is(200);
        browser.submit("/guide", &fields).await;
        assert!([200, 422].contains(&browser.status.as_u16()), "{fields:?} {}", browser.text());
        browser.says(words);
    }
    browser.get("/procedures/juminhyo/guide").await.is(404);
    zone.close().await;
}
