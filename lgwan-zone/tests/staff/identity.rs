//! Log-in of staff (NF-21, IK-3.5.2b).

use jiff::SignedDuration;

use crate::desk::{Desk, code};

/// IK-3.5.2b: an administrator needs a code, and each code works once.
#[tokio::test(flavor = "multi_thread")]
async fn an_administrator_needs_a_code_that_works_once() {
    let desk = Desk::open().await;
    let (password, secret) = &desk.passwords["kanri"];
    let code = code(secret.as_ref().expect("a secret"), desk.clock.now());
    let fields = [("login_id", "kanri"), ("password", password.as_str())];

    let first = desk.browser();
    let answer = first.post("/login", "/login", &fields).await;
    assert_eq!(answer.location(), "/login/code");
    assert_eq!(first.get("/staff").await.location(), "/login/code");
    let answer = first.post("/login/code", "/login/code", &[("code", &code)]).await;
    assert_eq!(answer.location(), "/");
    assert_eq!(first.get("/staff").await.status, 200);

    let second = desk.browser();
    second.post("/login", "/login", &fields).await;
    let answer = second.post("/login/code", "/login/code", &[("code", &code)]).await;
    assert_eq!(answer.status, 422);
    assert!(answer.text().contains("すでに使われています"));
    desk.closes().await;
}

/// NF-21, IK-3.5.2b: after failures even the right password has to wait, then works;
/// unknown and known accounts get the same answer.
#[tokio::test(flavor = "multi_thread")]
async fn failed_attempts_make_the_next_one_wait() {
    let desk = Desk::open().await;
    let browser = desk.browser();
    let tries = |login_id: &'static str, password: String| {
        let browser = browser.clone();
        async move {
            let fields = [("login_id", login_id), ("password", password.as_str())];
            browser.post("/login", "/login", &fields).await
        }
    };
    let unknown = tries("nobody", "wrong".to_owned()).await;
    let mut known = tries("uketsuke", "wrong".to_owned()).await;
    assert_eq!(known.status, unknown.status);
    let words = "職員IDかパスワードが違います。";
    assert!(known.text().contains(words) && unknown.text().contains(words));
    for _ in 0..4 {
        known = tries("uketsuke", "wrong".to_owned()).await;
    }
    assert_eq!(known.status, 422);
    let right = desk.passwords["uketsuke"].0.clone();
    assert_eq!(tries("uketsuke", right.clone()).await.status, 422, "it must wait");
    desk.clock.advance(SignedDuration::from_mins(21));
    assert_eq!(tries("uketsuke", right).await.status, 303);
    desk.closes().await;
}

/// IK-3.5.2b: a session ends after 30 minutes without use and after 12 hours.
#[tokio::test(flavor = "multi_thread")]
async fn a_session_ends_when_idle_and_for_good_after_twelve_hours() {
    let desk = Desk::open().await;
    let idle = desk.logged_in("uketsuke").await;
    desk.clock.advance(SignedDuration::from_mins(29));
    assert_eq!(idle.get("/inbox").await.status, 200);
    desk.clock.advance(SignedDuration::from_mins(31));
    assert_eq!(idle.get("/inbox").await.location(), "/login?to=%2Finbox");

    let busy = desk.logged_in("uketsuke").await;
    for _ in 0..28 {
        desk.clock.advance(SignedDuration::from_mins(25));
        assert_eq!(busy.get("/inbox").await.status, 200);
    }
    desk.clock.advance(SignedDuration::from_mins(25));
    assert_eq!(busy.get("/inbox").await.location(), "/login?to=%2Finbox");
    desk.closes().await;
}

/// IK-3.5.2b: the last log-in and log-out are shown; logout, a stopped account and a new
/// password end sessions at once.
#[tokio::test(flavor = "multi_thread")]
async fn the_last_log_in_is_shown_and_sessions_end_at_once() {
    let desk = Desk::open().await;
    let first = desk.logged_in("uketsuke").await;
    assert!(first.get("/account").await.text().contains("前回のログイン"));
    desk.clock.advance(SignedDuration::from_mins(1));
    let second = desk.logged_in("uketsuke").await;
    let page = second.get("/account").await.text();
    assert!(page.contains("2026-11-20 10:00 (127.0.0.1)"), "the log-in before this one");

    assert!(page.contains("前回のログアウト</dt><dd>なし</dd>"), "{page}");

    desk.clock.advance(SignedDuration::from_mins(6));
    let left = first.post("/account/password", "/logout", &[]).await;
    let page = second.get("/account").await.text();
    assert!(page.contains("<dd>2026-11-20 10:07 (127.0.0.1)"), "{page}");
    assert_eq!(left.location(), "/login");
    assert!(left.headers.contains_key("clear-site-data"));
    assert_eq!(first.get("/inbox").await.location(), "/login?to=%2Finbox");

    let admin = desk.logged_in("kanri").await;
    let list = admin.get("/staff").await.text();
    let id = list
        .split("/staff/")
        .filter_map(|rest| rest.split_once("/disable"))
        .find(|(_, rest)| rest.contains("受付 三郎のアカウントを止める"))
        .map(|(id, _)| id.to_owned())
        .expect("a button");
    admin.post("/staff", &format!("/staff/{id}/disable"), &[]).await;
    assert_eq!(second.get("/inbox").await.location(), "/login?to=%2Finbox");
    desk.closes().await;
}

/// IK-3.3.3: the manuals are read on the portal: all staff theirs, those who look after accounts and
/// logs the administrators' as well, each as it is written, from every page.
#[tokio::test(flavor = "multi_thread")]
async fn the_manuals_are_read_on_the_portal() {
    let desk = Desk::open().await;
    let staff = include_str!("../../../docs/manuals/staff.md");
    let administrator = include_str!("../../../docs/manuals/administrator.md");
    let has_all = |page: &str, manual: &str| {
        let headings = manual.lines().filter_map(|line| line.strip_prefix("## "));
        let found = headings.map(|one| assert!(page.contains(&format!("\">{one}</h2>")), "{one}"));
        assert!(found.count() > 5);
        assert!(page.contains("href=\"#chapter-2\"") && page.contains("id=\"chapter-2\""));
    };
    for (login_id, may) in
        [("uketsuke", false), ("tetsuzuki", false), ("kanri", true), ("kansa", true)]
    {
        let browser = desk.logged_in(login_id).await;
        let page = browser.get("/account").await.text();
        assert!(page.contains("href=\"/manual\""), "{page}");
        let page = browser.get("/manual").await.text();
        has_all(&page, staff);
        assert_eq!(page.contains("href=\"/manual/administrator\""), may, "{login_id}");
        let answer = browser.get("/manual/administrator").await;
        assert_eq!(answer.status, if may { 200 } else { 403 }, "{login_id}");
        if may {
            has_all(&answer.text(), administrator);
        }
    }
    desk.closes().await;
}

/// MN-7.2: without the token of our own page nothing changes.
#[tokio::test(flavor = "multi_thread")]
async fn a_form_without_its_token_changes_nothing() {
    let desk = Desk::open().await;
    let browser = desk.logged_in("kanri").await;
    let answer = browser.post_with("0".repeat(64).as_str(), "/staff/new", &[]).await;
    assert_eq!(answer.status, 403);
    desk.closes().await;
}

/// IK-3.5.2a: a role that is bound to networks does not get in from elsewhere, and is told the same
/// as for a wrong password.
#[tokio::test(flavor = "multi_thread")]
async fn a_role_gets_in_from_its_networks_only() {
    let elsewhere = || vec!["10.20.0.0/16".parse().expect("a network")];
    let desk = Desk::with(|config| config.networks.clerk = elsewhere()).await;
    let tries = |login_id: &'static str| {
        let (browser, password) = (desk.browser(), desk.passwords[login_id].0.clone());
        async move {
            let fields = [("login_id", login_id), ("password", password.as_str())];
            browser.post("/login", "/login", &fields).await
        }
    };
    let refused = tries("uketsuke").await;
    assert_eq!(refused.status, 422);
    assert!(refused.text().contains("職員IDかパスワードが違います。"));
    assert_eq!(tries("tetsuzuki").await.location(), "/");
    desk.closes().await;
}
