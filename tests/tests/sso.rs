//! Sign-in at the city's identity provider, in a real Chromium on two real sites.

use std::time::{Duration, Instant};

use journeys::browser::{Browser, Screen, Script};
use journeys::counter::Counter;
use platform_testkit::idp::{Idp, PASSWORD};

/// IK-3.5.7a, NN-23: staff open a page, sign in at the identity provider, which is another site, and
/// are at that page: with script, and on the narrowest screen without.
#[tokio::test(flavor = "multi_thread")]
async fn staff_come_back_from_the_identity_provider_to_the_page_they_wanted() {
    let mut counter = Counter::open();
    let site = format!("http://localhost:{}", counter.town.staff().port());
    let idp = Idp::start(&format!("{site}/login/saml/metadata"));
    let settings = format!(
        "\n[single_sign_on]\naddress = \"{site}\"\nidp = \"{}\"\nsign_in = \"{}\"\n\
         certificates = [\"{}\"]\n",
        idp.name(),
        idp.sign_in(),
        idp.certificate().display(),
    );
    let service = counter.town.kill("lgwan-zone").expect("it ran");
    let file = counter.town.plan.root.join("l/lgwan-zone.toml");
    let before = std::fs::read_to_string(&file).expect("settings");
    std::fs::write(&file, before + settings.as_str()).expect("written");
    counter.town.revive(&service).expect("it starts with the new settings");

    for (screen, script) in [(Screen::Desktop, Script::On), (Screen::Narrow, Script::Off)] {
        let browser = Browser::open(screen, script).await;
        browser.goto(&format!("{site}/inbox/entry")).await;
        browser.says("職員認証基盤でログイン").await;
        if script == Script::On {
            browser.is_accessible().await;
        }
        browser.follow("職員認証基盤でログイン").await;
        browser.fill("user", "s0101").await;
        browser.fill("password", PASSWORD).await;
        browser.press("サインイン").await;
        browser.press("戻る").await;
        let until = Instant::now() + platform_testkit::PATIENCE;
        while browser.path().await != "/inbox/entry" {
            assert!(Instant::now() < until, "{} {}", browser.path().await, browser.text().await);
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        browser.says("紙・電話の申請を入力").await;
        browser.says("田中 美咲").await;
        browser.press("ログアウト").await;
        browser.says("職員認証基盤へのログインは続きます").await;
        browser.close().await;
    }
    counter.close();
}
