//! Registering, signing in, and what the answers give away.

use jiff::SignedDuration;

use crate::applying::clock;
use crate::browser::Browser;
use crate::support::{Zone, link};

pub(crate) const PASSWORD: &str = "青い空と白い雲とみかんの木と海";

/// Registers 花子 and leaves her signed in.
pub(crate) async fn hanako(zone: &Zone) -> Browser {
    let mut browser = Browser::new(zone.running.public_addr);
    browser.get("/register").await;
    browser
        .submit("/register", &[("email", "hanako@example.jp")])
        .await
        .says("メールを確認してください");
    let path = link(zone, "hanako@example.jp", 1);
    browser.get(&path).await.is(200);
    let fields = [
        ("name.family", "山田"),
        ("name.given", "花子"),
        ("name.family_kana", "やまだ"),
        ("name.given_kana", "はなこ"),
        ("password", PASSWORD),
        ("agree", "yes"),
    ];
    browser.submit(&path, &fields).await.is(200).says("マイページ").says("山田 花子さん");
    browser
}

async fn sign_in(zone: &Zone, email: &str, password: &str) -> Browser {
    let mut browser = Browser::new(zone.running.public_addr);
    browser.get("/login").await;
    browser.submit("/login", &[("email", email), ("password", password)]).await;
    browser
}

/// NF-17, NF-18: register by mail, sign out, sign in again; the link works once.
#[tokio::test(flavor = "multi_thread")]
async fn a_person_registers_and_signs_in() {
    let zone = Zone::open(clock()).await;
    let mut browser = hanako(&zone).await;
    let path = link(&zone, "hanako@example.jp", 1);
    browser.get(&path).await.is(410).says("このリンクは使えません");
    let before = browser.cookie("__Host-madoguchi").expect("a session").to_owned();
    browser.get("/logout").await;
    browser.submit("/logout", &[]).await.is(200);
    assert!(browser.cookie("__Host-madoguchi").is_none());
    browser.set_cookie("__Host-madoguchi", &before);
    browser.get("/mypage").await;
    assert!(browser.path.starts_with("/login?next=/mypage"), "{}", browser.path);

    let browser = sign_in(&zone, "HANAKO@example.jp", PASSWORD).await;
    browser.is(200).says("マイページ");
    assert_ne!(browser.cookie("__Host-madoguchi"), Some(before.as_str()), "a new id at signing in");
    zone.close().await;
}

/// NF-17, NF-29: an address with dots where the standard has none is one a carrier gave out: it
/// registers, signs in, and gets its mails.
#[tokio::test(flavor = "multi_thread")]
async fn an_old_carrier_address_registers() {
    let zone = Zone::open(clock()).await;
    let mut browser = Browser::new(zone.running.public_addr);
    browser.get("/register").await;
    let typed = [("email", "hana..ko.@docomo.ne.jp")];
    browser.submit("/register", &typed).await.says("メールを確認してください");
    let path = link(&zone, "\"hana..ko.\"@docomo.ne.jp", 1);
    browser.get(&path).await.is(200);
    let fields = [
        ("name.family", "山田"),
        ("name.given", "花子"),
        ("name.family_kana", "やまだ"),
        ("name.given_kana", "はなこ"),
        ("password", PASSWORD),
        ("agree", "yes"),
    ];
    browser.submit(&path, &fields).await.is(200).says("山田 花子さん");
    let browser = sign_in(&zone, "hana..ko.@docomo.ne.jp", PASSWORD).await;
    browser.is(200).says("マイページ");
    assert_eq!(zone.mails.wait_for("\"hana..ko.\"@docomo.ne.jp", 2).len(), 2, "registered, too");
    zone.close().await;
}

/// NF-18: a session ends after half an hour without a request.
#[tokio::test(flavor = "multi_thread")]
async fn an_idle_session_leads_to_the_sign_in_page_and_back() {
    let zone = Zone::open(clock()).await;
    let mut browser = hanako(&zone).await;
    zone.clock.advance(SignedDuration::from_mins(31));
    browser.get("/account").await.says("ログイン");
    let fields = [("email", "hanako@example.jp"), ("password", PASSWORD)];
    browser.submit("/login", &fields).await.says("利用者情報");
    zone.close().await;
}

/// NN-23, NF-18: whoever only reads is offered to stay before the session ends: every page of a session
/// carries the offer, taking it counts as a request, looking how much is left does not, and who is too late
/// is told so. Pages without a session carry nothing of it.
#[tokio::test(flavor = "multi_thread")]
async fn who_only_reads_may_stay() {
    let zone = Zone::open(clock()).await;
    let mut nobody = Browser::new(zone.running.public_addr);
    nobody.get("/guide").await.is(200);
    assert!(!nobody.html().contains("id=\"stay\""), "{}", nobody.html());
    nobody.get("/still").await.is(401);
    nobody.get("/still?look").await.is(401);

    let mut hanako = hanako(&zone).await;
    hanako.get("/guide").await.is(200);
    let html = hanako.html();
    assert!(
        html.contains("role=\"status\"><div class=\"stay\" id=\"stay\" hidden data-idle=\"1740\""),
        "{html}"
    );
    assert!(html.contains("/static/still"), "{html}");
    for _ in 0..3 {
        zone.clock.advance(SignedDuration::from_mins(25));
        hanako.get("/still").await.is(204);
    }
    hanako.get("/account").await.is(200).says("利用者情報");
    // Another window that only looks keeps nothing.
    zone.clock.advance(SignedDuration::from_mins(20));
    for _ in 0..2 {
        hanako.get("/still?look").await.is(200);
        assert!(hanako.bytes.starts_with(b"600 "), "{:?}", hanako.bytes);
    }
    zone.clock.advance(SignedDuration::from_mins(11));
    hanako.get("/still?look").await.is(401);
    hanako.get("/still").await.is(401);

    // A form without an account has a session, too.
    let mut guest = Browser::new(zone.running.public_addr);
    guest.get("/procedures/koho-anketo/start").await;
    guest.submit("/start", &[("agree", "yes")]).await.is(200);
    assert!(guest.html().contains("id=\"stay\""), "{}", guest.html());
    guest.get("/still").await.is(204);
    zone.close().await;
}

/// IK-3.5.2b: a wrong password and an unknown address get the same page, and both
/// have to wait after some tries.
#[tokio::test(flavor = "multi_thread")]
async fn signing_in_tells_nothing_about_addresses() {
    let zone = Zone::open(clock()).await;
    hanako(&zone).await;
    let mut pages = Vec::new();
    for email in ["hanako@example.jp", "nobody@example.jp"] {
        let browser = sign_in(&zone, email, "まちがったパスワードです").await;
        browser.is(422).says("メールアドレスかパスワードが違います");
        pages.push(browser.text());
        for _ in 0..2 {
            sign_in(&zone, email, "まちがったパスワードです").await.is(422);
        }
        let browser = sign_in(&zone, email, PASSWORD).await;
        browser.is(429).says("しばらくお待ちください");
        assert!(browser.headers.contains_key("retry-after"));
    }
    assert_eq!(pages[0], pages[1]);
    zone.clock.advance(SignedDuration::from_mins(20));
    sign_in(&zone, "hanako@example.jp", PASSWORD).await.is(200).says("マイページ");
    zone.close().await;
}

/// NF-17: registering a known address, resetting an unknown one: the page is the same
/// as otherwise, only the owner of the address learns more.
#[tokio::test(flavor = "multi_thread")]
async fn registering_and_resetting_tell_nothing_about_addresses() {
    let zone = Zone::open(clock()).await;
    hanako(&zone).await;
    for path in ["/register", "/reset"] {
        let mut pages = Vec::new();
        for email in ["hanako@example.jp", "nobody@example.jp"] {
            let mut browser = Browser::new(zone.running.public_addr);
            browser.get(path).await;
            browser.submit(path, &[("email", email)]).await.is(200);
            pages.push(browser.text());
        }
        assert_eq!(pages[0], pages[1], "{path}");
    }
    // Registered, then told that the address is known, then the link to reset.
    let mails = zone.mails.wait_for("hanako@example.jp", 4);
    let told: Vec<String> = mails.iter().map(|mail| crate::support::words(&mail.raw)).collect();
    assert!(told.iter().any(|words| words.contains("すでに利用者登録されています")));
    let mails = zone.mails.wait_for("nobody@example.jp", 1);
    assert_eq!(mails.len(), 1, "nobody gets no link to reset");
    zone.close().await;
}

/// NF-18: a new password by mail works, ends other sessions, and is told.
#[tokio::test(flavor = "multi_thread")]
async fn a_forgotten_password_is_replaced() {
    let zone = Zone::open(clock()).await;
    let mut old = hanako(&zone).await;
    let mut browser = Browser::new(zone.running.public_addr);
    browser.get("/reset").await;
    browser.submit("/reset", &[("email", "hanako@example.jp")]).await;
    browser.says("30分以内に開いてください").says("登録していないメールアドレスには届きません");
    let path = link(&zone, "hanako@example.jp", 3);
    assert!(path.starts_with("/reset/"), "{path}");
    browser.get(&path).await.is(200);
    browser.submit(&path, &[("password", "みじかい")]).await.is(422).says("15文字以上");
    let new = "山のあなたの空遠く幸い住むと人のいう";
    browser.submit(&path, &[("password", new)]).await.is(200).says("パスワードを設定しました");
    old.get("/mypage").await;
    assert!(old.path.starts_with("/login"), "other sessions end");
    sign_in(&zone, "hanako@example.jp", new).await.says("マイページ");
    let _ = zone.mails.wait_for("hanako@example.jp", 4);
    zone.close().await;
}

/// NF-57: what the account knows is in the form already.
#[tokio::test(flavor = "multi_thread")]
async fn the_account_fills_the_form() {
    let zone = Zone::open(clock()).await;
    let mut browser = hanako(&zone).await;
    browser.get("/account").await;
    let profile = [
        ("name.family", "山田"),
        ("name.given", "花子"),
        ("name.family_kana", "ヤマダ"),
        ("name.given_kana", "ハナコ"),
        ("phone", "090-1234-5678"),
        ("address.postal", "9800811"),
        ("address.prefecture", "宮城県"),
        ("address.city", "仙台市青葉区"),
        ("address.town", "一番町1"),
    ];
    browser.submit("/account", &profile).await.says("保存しました");
    browser.get("/procedures/juminhyo/start").await;
    browser.submit("/start", &[]).await.is(200);
    for value in ["山田", "ハナコ", "仙台市青葉区", "090-1234-5678"] {
        assert!(browser.html().contains(&format!("value=\"{value}\"")), "{value}");
    }
    zone.close().await;
}

/// NF-19: registering and every change are told to the registered address: that it happened and
/// what to do, nothing of what was written. Saving what is there already is no change.
#[tokio::test(flavor = "multi_thread")]
async fn registering_and_changing_are_told_by_mail() {
    let zone = Zone::open(clock()).await;
    let mut browser = hanako(&zone).await;
    let told = |count| {
        let mails = zone.mails.wait_for("hanako@example.jp", count);
        crate::support::words(&mails.last().expect("a mail").raw)
    };
    assert!(told(2).contains("利用者登録が終わりました"));
    let facts = [
        ("name.family", "未来"),
        ("name.given", "花子"),
        ("birth", "昭和59年5月6日"),
        ("phone", "090-1234-5678"),
    ];
    for _ in 0..2 {
        browser.get("/account").await.is(200);
        browser.submit("/account", &facts).await.is(200).says("保存しました");
    }
    let words = told(3);
    assert!(
        words.contains("利用者情報") && words.contains("ご自身で変更していないときは"),
        "{words}"
    );
    for kept in ["未来", "1984", "1234"] {
        assert!(!words.contains(kept), "{kept}: {words}");
    }
    let new = "山のあなたの空遠く幸い住むと人のいう";
    browser.get("/account/password").await.is(200);
    browser.submit("/account/password", &[("current", PASSWORD), ("password", new)]).await.is(200);
    assert!(told(4).contains("パスワードが変更されました"), "the second saving told nothing");
    zone.close().await;
}

/// NF-19: another address is asked for with the password, confirmed at the new address, and told at the
/// old one; until then nothing changes, and an address of somebody else gives itself not away.
#[tokio::test(flavor = "multi_thread")]
async fn another_address_is_confirmed_where_it_leads_and_told_where_it_was() {
    const NEW: &str = "hana@example.com";
    let zone = Zone::open(clock()).await;
    let mut browser = hanako(&zone).await;
    let page = "/account/email";
    browser.get("/account").await.says("メールアドレスの変更");
    for (email, current, words) in [
        (NEW, "違うパスワードです違うパスワードです", "現在のパスワードが違います"),
        ("hana(at)example", PASSWORD, "メールアドレス"),
        ("hanako@example.jp", PASSWORD, "今と同じメールアドレスです"),
    ] {
        browser.get(page).await.is(200);
        browser.submit(page, &[("email", email), ("current", current)]).await.is(422).says(words);
    }
    browser.get(page).await.is(200);
    browser.submit(page, &[("email", NEW), ("current", PASSWORD)]).await.is(200);
    let link = crate::support::link(&zone, NEW, 1);
    browser.get("/account").await.says("hanako@example.jp");
    let mut elsewhere = Browser::new(zone.running.public_addr);
    elsewhere.get(&link).await.is(200).says(NEW);
    browser.get("/account").await.says("hanako@example.jp");
    let action = link.clone();
    elsewhere.get(&link).await.is(200);
    elsewhere.submit(&action, &[]).await;
    browser.get("/account").await.says(NEW);
    let mails = zone.mails.wait_for("hanako@example.jp", 3);
    let told = crate::support::words(&mails.last().expect("a mail").raw);
    assert!(told.contains("別のアドレスに変更されました") && !told.contains(NEW), "{told}");
    elsewhere.get(&link).await.is(410).says("このリンクは使えません");
    let old = sign_in(&zone, "hanako@example.jp", PASSWORD).await;
    assert!(!old.text().contains("山田 花子さん"), "{}", old.text());
    sign_in(&zone, NEW, PASSWORD).await.says("山田 花子さん");
    zone.close().await;
}

/// IK-3.5.2b: who finds a session left open does not guess the present password: it is slowed down on
/// both pages that ask for it, ends by itself, and costs who knows it nothing.
#[tokio::test(flavor = "multi_thread")]
async fn the_present_password_is_not_guessed() {
    let zone = Zone::open(clock()).await;
    let mut browser = hanako(&zone).await;
    let new = "山のあなたの空遠く幸い住むと人のいう";
    let wrong = [("current", "これはちがうパスワードのはずです"), ("password", new)];
    for _ in 0..3 {
        browser.get("/account/password").await.is(200);
        browser
            .submit("/account/password", &wrong)
            .await
            .is(422)
            .says("現在のパスワードが違います");
    }
    browser.get("/account/password").await.is(200);
    browser.submit("/account/password", &[("current", PASSWORD), ("password", new)]).await.is(429);
    browser.get("/account/email").await.is(200);
    let moved = [("email", "hana@example.com"), ("current", PASSWORD)];
    browser.submit("/account/email", &moved).await.is(429);
    zone.clock.advance(SignedDuration::from_mins(5));
    for _ in 0..5 {
        browser.get("/account/email").await.is(200);
        browser
            .submit("/account/email", &[("email", "hana(at)"), ("current", PASSWORD)])
            .await
            .is(422);
    }
    browser.get("/account/password").await.is(200);
    browser.submit("/account/password", &[("current", PASSWORD), ("password", new)]).await.is(200);
    zone.close().await;
}
