//! What the portal says to everybody: announcements, terms, the manual.

use internet_zone::config::NoticeConfig;

use crate::applying::clock;
use crate::browser::Browser;
use crate::identity::hanako;
use crate::support::Zone;

fn notice(title: &str, body: &str, urgent: bool) -> NoticeConfig {
    NoticeConfig {
        date: "2026-11-19".parse().expect("a day"),
        title: title.to_owned(),
        body: body.to_owned(),
        urgent,
        categories: Vec::new(),
        life_events: Vec::new(),
    }
}

/// NF-27: the portal shows announcements and leads to registration and search; a disturbance stands
/// on every page, wherever somebody is, with the way to its details.
#[tokio::test(flavor = "multi_thread")]
async fn announcements_and_disturbances_are_told() {
    const TROUBLE: &str = "ファイルを追加できない場合があります";
    let zone = Zone::open_with(clock(), "127.0.0.1:0", None, |config| {
        config.notices.push(notice(TROUBLE, "復旧は**20日の正午**の予定です。", true));
    })
    .await;
    let mut browser = Browser::new(zone.running.public_addr);
    browser.get("/").await.is(200).says("年末年始のお知らせ").says(TROUBLE);
    for (page, ways) in
        [("/", vec!["/procedures", "/notices", "/login"]), ("/login", vec!["/register"])]
    {
        browser.get(page).await.is(200);
        for way in ways {
            assert!(browser.html().contains(&format!("=\"{way}")), "{page} leads to {way}");
        }
    }
    browser.get("/notices").await.is(200).says("12月29日から1月3日まで").says("2026年11月19日");
    assert!(browser.html().contains("<strong>20日の正午</strong>"), "{}", browser.html());
    for path in ["/procedures", "/procedures/juminhyo/start", "/login", "/lookup", "/manual"] {
        browser.get(path).await.is(200);
        assert!(browser.html().contains(TROUBLE), "{path}");
        assert!(!browser.html().contains("年末年始"), "{path}: only what is urgent");
    }
    let mut citizen = hanako(&zone).await;
    citizen.get("/account").await.is(200);
    assert!(citizen.html().contains(TROUBLE));
    zone.close().await;
}

/// NF-62: nobody begins an application without agreeing to the terms; who agreed when registering is
/// not asked again while they stay as they are.
#[tokio::test(flavor = "multi_thread")]
async fn the_terms_are_agreed_to_before_anything_begins() {
    let zone = Zone::open(clock()).await;
    let mut guest = Browser::new(zone.running.public_addr);
    guest.get("/procedures/koho-anketo/start").await.is(200);
    assert!(guest.html().contains("name=\"agree\""), "{}", guest.html());
    guest.submit("/start", &[]).await.is(422).says("利用規約");
    guest.submit("/start", &[("agree", "yes")]).await.is(200);
    let mut citizen = hanako(&zone).await;
    citizen.get("/procedures/juminhyo/start").await.is(200);
    assert!(!citizen.html().contains("name=\"agree\""), "{}", citizen.html());
    zone.close().await;
}

/// IK-3.3.3, IK-3.3.1: the manual for citizens and the usual questions are read on the portal, each
/// chapter by its own link, from every page.
#[tokio::test(flavor = "multi_thread")]
async fn the_manual_is_read_on_the_portal() {
    let zone = Zone::open(clock()).await;
    let mut browser = Browser::new(zone.running.public_addr);
    browser.get("/").await.is(200);
    assert!(browser.html().contains("href=\"/manual\""), "the foot of every page leads there");
    browser.get("/manual").await.is(200);
    let written = include_str!("../../../docs/manuals/citizen.md");
    let headings = written.lines().filter_map(|line| line.strip_prefix("## "));
    let mut chapters = 0;
    for heading in headings {
        chapters += 1;
        let html = browser.html();
        assert!(html.contains(&format!("\">{heading}</h2>")), "{heading}: {html}");
        let (_, link) = html.split_once("href=\"#").expect("a list of chapters");
        let id = link.split('"').next().unwrap_or_default();
        assert!(html.contains(&format!("id=\"{id}\"")), "{id}");
    }
    assert!(chapters > 6, "{chapters}");
    browser.says("よくある質問").says("パスワードを忘れました");
    assert!(browser.html().contains("<table class=\"table-cards\""), "tables are tables");
    for raw in ["## ", "| 表示 |", "**受付番号**"] {
        assert!(!browser.text().contains(raw), "{raw}");
    }
    browser.get("/manual?lang=en").await.is(200);
    assert!(browser.html().contains("lang=\"ja\""), "left in Japanese, and marked so");
    zone.close().await;
}
