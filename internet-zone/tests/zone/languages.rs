//! The pages in other languages, with larger letters and furigana.

use crate::applying::clock;
use crate::browser::{Browser, encode};
use crate::support::{Zone, words};

/// Whoever reads English comes from the first page to the receipt in English. What a procedure has
/// in Japanese only stays, says so to the browser, and the page says it to the reader.
#[tokio::test(flavor = "multi_thread")]
async fn a_reader_of_english_comes_to_the_receipt() {
    let zone = Zone::open(clock()).await;
    let mut browser = Browser::new(zone.running.public_addr);
    browser.get("/?lang=en").await.is(200).says("Apply to the city online");
    assert!(browser.html().contains("<html lang=\"en\""), "{}", browser.html());
    assert_eq!(browser.cookie("__Host-madoguchi-view"), Some("en.normal.furigana"));

    browser.get("/procedures/koho-anketo").await.is(200).says("Survey about the city newsletter");
    browser.says("Parts of this page are available in Japanese only");
    let left = "<span lang=\"ja\">広報みらいを読みやすくする";
    assert!(browser.html().contains(left), "{}", browser.html());

    browser.get("/procedures/koho-anketo/start").await.says("Apply: Survey about the city");
    browser.submit("/start", &[("agree", "yes")]).await.is(200);
    browser.submit("/pages/about", &[("age_group", "40s")]).await.is(422);
    browser.says("Please check your entries").says("みらい市とのかかわり: please choose one.");
    assert!(browser.html().contains("<title>Error: "), "{}", browser.html());
    browser.submit("/pages/about", &[("age_group", "40s"), ("lives", "work")]).await.is(200);
    let paper = [("reads", "always"), ("rating", "4"), ("last_issue.year", "2026")];
    browser.submit("/pages/paper", &paper).await.is(422).says("please enter both year and month");
    let paper = [paper.as_slice(), &[("last_issue.month", "4")]].concat();
    browser.submit("/pages/paper", &paper).await.is(200);
    browser.submit("/pages/voice", &[("voice", "")]).await.says("Check your answers");
    // No era for who does not read Japanese.
    browser.says("April 2026").says("Nothing has been submitted yet");
    browser.submit("/submit", &[]).await.is(200).says("Your application has been received");
    browser.says("2026-000001-5").says("June 1, 2026 (Mon), 9:00:00");
    browser.get("/nowhere").await.is(404).says("Page not found");

    let marks = |text: &str| text.contains(|letter| ('\u{fdd0}'..='\u{fdef}').contains(&letter));
    assert!(!marks(&browser.html()));
    zone.close().await;
}

/// The switch is a link that leads back to the same page, with what was asked for there.
#[tokio::test(flavor = "multi_thread")]
async fn the_switch_leads_back_to_the_same_page_in_every_language() {
    let zone = Zone::open(clock()).await;
    let mut browser = Browser::new(zone.running.public_addr);
    browser.get("/procedures?q=zzzz").await.says("見つかりませんでした");
    for (language, words) in [
        ("ko", "해당하는 절차를 찾지 못했습니다"),
        ("zh-Hans", "未找到符合的手续"),
        ("zh-Hant", "未找到符合的手續"),
        ("ja-easy", "ありませんでした"),
        ("en", "No matching procedure was found"),
        ("ja", "あてはまる手続きが見つかりませんでした"),
    ] {
        let link = format!("/procedures?q=zzzz&amp;lang={language}");
        assert!(browser.html().contains(&link.replace("&amp;", "&#38;")), "{}", browser.html());
        browser.get(&link.replace("&amp;", "&")).await.is(200).says(words);
    }
    zone.close().await;
}

/// NF-9: who reads a translation finds a procedure by the title read there, by the Japanese one, with
/// a slip, and by the search words of the language; a language without a text falls back to the
/// Japanese one.
#[tokio::test(flavor = "multi_thread")]
async fn the_search_finds_what_is_read_in_a_translation() {
    let zone = Zone::open(clock()).await;
    let mut browser = Browser::new(zone.running.public_addr);
    browser.get("/procedures?q=residence+record&lang=en").await.is(200);
    browser.says("Request a copy of your residence record");
    assert!(!browser.text().contains("Child allowance"), "{}", browser.text());
    browser.get("/procedures?q=住民票").await.says("Request a copy of your residence record");
    browser.get("/procedures?q=residense").await.says("Request a copy of your residence record");
    browser.get("/procedures?q=moving+house").await.says("Request a copy of your residence record");
    browser.get(&format!("/procedures?q={}", encode("引っ越し"))).await;
    browser.says("Request a copy of your residence record");
    browser.get("/procedures?q=residence&lang=ko").await.says("해당하는 절차를 찾지 못했습니다");
    browser.get("/procedures?q=moving+house").await.says("해당하는 절차를 찾지 못했습니다");
    browser.get(&format!("/procedures?q={}", encode("이사"))).await;
    assert!(browser.html().contains("/procedures/juminhyo\""), "{}", browser.text());
    browser.get("/procedures?q=住民票").await.says("住民票の写しの請求");
    zone.close().await;
}

/// Letters in three sizes, and readings above the words of やさしい日本語, without script.
#[tokio::test(flavor = "multi_thread")]
async fn letters_grow_and_readings_come_and_go() {
    let zone = Zone::open(clock()).await;
    let mut browser = Browser::new(zone.running.public_addr);
    browser.get("/guide?text-size=large").await.is(200);
    assert!(browser.html().contains("class=\"text-large\"") && browser.path == "/guide");
    browser.get("/guide?lang=ja-easy").await.is(200);
    assert!(browser.html().contains("<ruby>手続<rt>てつづ</rt></ruby>き"), "{}", browser.html());
    assert!(browser.html().contains("<html lang=\"ja\" class=\"text-large\">"));
    browser.get("/guide?furigana=no").await.is(200).says("手続きを探す");
    assert!(!browser.html().contains("<ruby>"));
    browser.get("/guide?lang=ja&text-size=normal").await.is(200).says("手続きを探す");
    assert!(browser.html().contains("<html lang=\"ja\">"));
    zone.close().await;
}

/// NF-29: a mail that answers the reader's own act is in the reader's language.
#[tokio::test(flavor = "multi_thread")]
async fn the_mail_to_register_is_in_the_language_of_the_page() {
    let zone = Zone::open(clock()).await;
    let mut browser = Browser::new(zone.running.public_addr);
    browser.get("/register?lang=en").await.is(200).says("Register");
    browser.submit("/register", &[("email", "hana@example.jp")]).await.says("Please check your");
    let mails = zone.mails.wait_for("hana@example.jp", 1);
    let mail = words(&mails.last().expect("a mail").raw);
    assert!(mail.contains("We have received your request to register."), "{mail}");
    assert!(mail.contains("The link can be used for 24 hours."), "{mail}");
    zone.close().await;
}
