//! The same way in a real Chromium: at a desk, on a phone, and without script.

use journeys::browser::{Browser, Screen, Script};
use journeys::counter::{Counter, link_in, photograph, readable};

/// NF-3, NF-5, NF-26, NN-23, IK-3.6.1: on a phone, with script; every page passes axe.
#[tokio::test(flavor = "multi_thread")]
async fn a_citizen_applies_on_a_phone() {
    let counter = Counter::open();
    applies(&counter, Screen::Phone, Script::On).await;
    counter.close();
}

/// NF-3, NF-5, NN-23: at a desk, with script.
#[tokio::test(flavor = "multi_thread")]
async fn a_citizen_applies_at_a_desk() {
    let counter = Counter::open();
    applies(&counter, Screen::Desktop, Script::On).await;
    counter.close();
}

/// NF-5, IK-3.6.1: the narrowest screen and no script at all.
#[tokio::test(flavor = "multi_thread")]
async fn a_citizen_applies_without_script() {
    let counter = Counter::open();
    applies(&counter, Screen::Narrow, Script::Off).await;
    counter.close();
}

async fn applies(counter: &Counter, screen: Screen, script: Script) {
    let site = format!("http://localhost:{}", counter.town.citizens().port());
    let browser = Browser::open(screen, script).await;
    let check = async |browser: &Browser| {
        if script == Script::On {
            browser.is_accessible().await;
        }
    };
    for page in ["/", "/procedures", "/procedures/juminhyo", "/lookup", "/login", "/register"] {
        browser.goto(&format!("{site}{page}")).await;
        check(&browser).await;
    }
    // A survey needs no identity: three pages, a check, a receipt.
    browser.goto(&format!("{site}/procedures/koho-anketo/start")).await;
    check(&browser).await;
    browser.click("[name='agree']").await;
    browser.press("入力をはじめる").await;
    check(&browser).await;
    // Nothing chosen where something must be: the summary says so, nothing is lost.
    browser.press("次へ進む").await;
    browser.says("入力").await;
    check(&browser).await;
    browser.click("[name='lives'][value='work']").await;
    browser.press("次へ進む").await;
    browser.click("[name='reads'][value='never']").await;
    browser.press("次へ進む").await;
    if browser.text().await.contains("読まない理由") {
        browser.click("[name='why_not'][value='no_time']").await;
        browser.press("次へ進む").await;
    }
    browser.fill("voice", "<script>alert(1)</script>字を大きくしてください。").await;
    check(&browser).await;
    browser.press("次へ進む").await;
    browser.says("内容を確認してください").await;
    browser.says("<script>alert(1)</script>字を大きくしてください。").await;
    check(&browser).await;
    browser.press("この内容で申請する").await;
    browser.says("申請が届きました").await;
    check(&browser).await;
    browser.close().await;
}

/// NF-17, NF-18, NF-19: registering by mail, logging in, the own page.
#[tokio::test(flavor = "multi_thread")]
async fn a_citizen_registers_and_logs_in() {
    let counter = Counter::open();
    let site = format!("http://localhost:{}", counter.town.citizens().port());
    let browser = Browser::open(Screen::Phone, Script::On).await;
    browser.goto(&format!("{site}/register")).await;
    browser.fill("email", "taro@example.jp").await;
    browser.press("メールを送る").await;
    browser.says("メールを確認してください").await;
    browser.is_accessible().await;
    let mail = counter.town.mail.wait_for("taro@example.jp", 1);
    let link = link_in(&readable(&mail[0].raw)).or(link_in(&mail[0].raw)).expect("a link");
    browser.goto(&link).await;
    browser.is_accessible().await;
    browser.fill("name.family", "未来").await;
    browser.fill("name.given", "太郎").await;
    for (name, value) in [("name.family_kana", "ミライ"), ("name.given_kana", "タロウ")] {
        browser.fill(name, value).await;
    }
    browser.fill("password", "夕焼け小焼けの赤とんぼを見た日").await;
    browser.click("[name='agree']").await;
    browser.press("登録する").await;
    browser.goto(&format!("{site}/mypage")).await;
    browser.says("マイページ").await;
    browser.is_accessible().await;
    browser.goto(&format!("{site}/account")).await;
    browser.is_accessible().await;
    browser.close().await;
    counter.close();
}

/// NF-2, NF-10, NN-23: staff pages at a desk and on a narrow screen.
#[tokio::test(flavor = "multi_thread")]
async fn staff_pages_are_accessible() {
    let counter = Counter::open();
    let picture = photograph();
    let licence = journeys::counter::licence(&picture);
    let (_, slip) =
        counter.applies_for_residence_record("職員", "shokuin@example.jp", &[licence]).await;
    let mut clerk = counter.staff("s0101").await;
    counter.takes_up(&mut clerk, &slip.number).await;
    let desk = clerk.page.path.clone();
    let site = format!("http://localhost:{}", counter.town.staff().port());
    for screen in [Screen::Desktop, Screen::Narrow] {
        let browser = Browser::open(screen, Script::On).await;
        browser.goto(&format!("{site}/login")).await;
        browser.is_accessible().await;
        let facts = counter.town.facts().expect("accounts");
        let accounts = facts["accounts"].as_array().expect("a list");
        let clerk = accounts.iter().find(|one| one["login_id"] == "s0101").expect("there");
        browser.fill("login_id", "s0101").await;
        browser.fill("password", clerk["password"].as_str().expect("text")).await;
        browser.press("ログイン").await;
        for page in ["/inbox", &desk, &format!("{desk}/reject"), "/account"] {
            browser.goto(&format!("{site}{page}")).await;
            browser.is_accessible().await;
        }
        browser.close().await;
    }
    counter.close();
}
