//! The same way in a real Chromium: at a desk, on a phone, and without script. Edge, Safari and Firefox
//! (NF-3) are not driven by a test.

use journeys::browser::{Browser, Screen, Script};
use journeys::counter::{Counter, licence, link_in, photograph, readable};

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

/// Sends keys to whatever has the focus.
async fn types(browser: &Browser, keys: &str) {
    let at = browser.window.active_element().await.expect("something has the focus");
    at.send_keys(keys).await.expect("it takes keys");
}

/// What a script finds.
async fn found(browser: &Browser, script: &str) -> String {
    let told = browser.window.execute(script, vec![]).await.expect("it runs");
    told.convert::<Option<String>>().expect("a text").unwrap_or_default()
}

/// Waits until the address has these words in it.
async fn comes_to(browser: &Browser, words: &str) {
    let end = std::time::Instant::now() + platform_testkit::PATIENCE;
    while !browser.path().await.contains(words) {
        assert!(std::time::Instant::now() < end, "{} is not {words}", browser.path().await);
        tokio::time::sleep(std::time::Duration::from_millis(30)).await;
    }
}

/// NF-33, NF-5: a clerk goes through the list, an application and its files by keys alone; a letter in a
/// field is a letter, no letter decides anything, and the keys can be switched off.
#[tokio::test(flavor = "multi_thread")]
async fn a_clerk_works_by_keys() {
    let counter = Counter::open();
    let picture = photograph();
    let mut clerk = counter.staff("s0101").await;
    for (name, address) in [("甲野", "kou@example.jp"), ("乙川", "otsu@example.jp")] {
        let (_, slip) =
            counter.applies_for_residence_record(name, address, &[licence(&picture)]).await;
        counter.until(&mut clerk, "/inbox", &slip.number).await;
    }
    let site = format!("http://localhost:{}", counter.town.staff().port());
    let browser = Browser::open(Screen::Desktop, Script::On).await;
    browser.takes_over(&site, clerk.cookies()).await;
    browser.goto(&format!("{site}/inbox")).await;
    let line = "return document.activeElement.textContent";
    let ticked = "return '' + document.querySelectorAll('td input:checked').length";
    types(&browser, "j").await;
    let first = found(&browser, line).await;
    types(&browser, "j").await;
    let second = found(&browser, line).await;
    assert!(first.contains('-') && second.contains('-') && first != second, "{first} {second}");
    types(&browser, "x").await;
    assert_eq!(found(&browser, ticked).await, "1");
    types(&browser, "k").await;
    assert_eq!(found(&browser, line).await, first);
    types(&browser, "/").await;
    assert_eq!(found(&browser, "return document.activeElement.id").await, "q");
    types(&browser, "jx").await;
    let typed = "return document.getElementById('q').value";
    assert_eq!(found(&browser, typed).await, "jx", "a letter in a field is a letter");

    browser.goto(&format!("{site}/inbox")).await;
    types(&browser, "j").await;
    types(&browser, "\u{E007}").await;
    comes_to(&browser, "/applications/").await;
    let application = browser.path().await;
    types(&browser, "6").await;
    assert_eq!(found(&browser, "return document.activeElement.id").await, "history");
    types(&browser, "a").await;
    assert_eq!(found(&browser, line).await.trim(), "受け付ける", "it is not pressed");
    browser.says("受付待ち").await;
    types(&browser, "c").await;
    comes_to(&browser, "/check").await;
    browser.is_accessible().await;
    types(&browser, "s").await;
    assert_eq!(found(&browser, line).await.trim(), "確認を保存する");
    types(&browser, "?").await;
    comes_to(&browser, "/keys").await;
    browser.click("#keys-switch button").await;
    browser.says("キー操作を止めています").await;
    types(&browser, "i").await;
    browser.goto(&format!("{site}{application}")).await;
    types(&browser, "c").await;
    assert_eq!(browser.path().await, application, "switched off");
    browser.close().await;
    counter.close();
}
