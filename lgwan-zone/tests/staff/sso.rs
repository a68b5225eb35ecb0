//! Sign-in at a real identity provider, pysaml2 with xmlsec1 (`platform/testkit/idp.py`).

use std::net::{SocketAddr, TcpListener};
use std::sync::atomic::{AtomicU16, Ordering};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::SignedDuration;
use lgwan_zone::Config;
use lgwan_zone::config::{DetectionConfig, SingleSignOnConfig};
use lgwan_zone::detection::look;
use lgwan_zone_store::By;
use lgwan_zone_store::identity::{sessions, staff};
use platform_service::config::Within;
use platform_service::halts::Halts;
use platform_testkit::idp::{Idp, PASSWORD, SECOND_FACTOR};
use platform_testkit::on_both_databases;

use crate::browser::{Answer, Browser};
use crate::desk::{Desk, code};

/// The staff service and the city's identity provider.
struct Office {
    desk: Desk,
    idp: Idp,
}

impl Office {
    async fn open(change: impl FnOnce(&mut Config)) -> Self {
        Self::on(None, change).await
    }

    async fn on(url: Option<&str>, change: impl FnOnce(&mut Config)) -> Self {
        let here = free();
        let idp = Idp::start(&format!("http://{here}/login/saml/metadata"));
        let desk = Desk::today(url, here, |config| {
            config.single_sign_on = Some(agreed(&idp, here));
            change(config);
        });
        Self { desk: desk.await, idp }
    }

    /// Sends this browser to the IdP for a page; returns the address there.
    async fn begins(&self, browser: &Browser, wanted: &str) -> String {
        let door = browser.get(wanted).await.location();
        let page = browser.get(&door).await.text();
        assert!(page.contains("職員認証基盤でログイン"), "{page}");
        let link = page.split("href=\"").find(|rest| rest.starts_with("/login/saml"));
        let link = link.and_then(|rest| rest.split('"').next()).expect("a link").to_owned();
        let there = browser.get(&link.replace("&#38;", "&")).await.location();
        assert!(there.starts_with(&self.idp.sign_in()), "{there}");
        there
    }

    /// Signs in there as this person; returns the form field that the IdP's page posts.
    async fn answers(&self, there: &str, user: &str, second: bool) -> String {
        let idp = Browser::new(self.idp.address());
        let path = there.splitn(4, '/').nth(3).map(|path| format!("/{path}")).expect("a path");
        let form = idp.get(&path).await.text();
        let request = between(&form, "name=SAMLRequest value='", "'");
        let mut fields = vec![("SAMLRequest", request.as_str()), ("user", user)];
        fields.push(("password", PASSWORD));
        if second {
            fields.push(("second", "on"));
        }
        let page = idp.post_with("", "/sso", &fields).await.text();
        // The provider goes by the machine's clock; on a slow one much of the time that the two may be
        // apart has passed since the desk opened.
        self.desk.catches_up();
        between(&page, "name=SAMLResponse value='", "'")
    }

    /// Posts an answer as the IdP's page does: no cookies come with it.
    async fn posts(&self, answer: &str) -> Answer {
        let stranger = self.desk.browser();
        stranger.post_with("", "/login/saml", &[("SAMLResponse", answer)]).await
    }

    /// The whole way; returns what the last step answered.
    async fn signs_in(&self, browser: &Browser, wanted: &str, user: &str, second: bool) -> Answer {
        let there = self.begins(browser, wanted).await;
        let answer = self.answers(&there, user, second).await;
        let page = self.posts(&answer).await;
        assert_eq!(page.status, 200, "{}", page.text());
        browser.get(&onward(&page)).await
    }

    async fn log(&self) -> String {
        let auditor = self.desk.logged_in("kansa").await;
        auditor.get("/audit?act=identity").await.text()
    }
}

/// An address that is free and stays so: the system gives away no ports below 32768 by itself.
fn free() -> SocketAddr {
    static NEXT: AtomicU16 = AtomicU16::new(0);
    let own = u16::try_from(std::process::id() % 2_000).unwrap_or(0);
    let mut ports = (0..2_000).map(|_| {
        let port = 10_000 + (own + NEXT.fetch_add(1, Ordering::Relaxed)) % 2_000;
        SocketAddr::from(([127, 0, 0, 1], port))
    });
    ports.find(|here| TcpListener::bind(here).is_ok()).expect("a free port")
}

fn agreed(idp: &Idp, here: SocketAddr) -> SingleSignOnConfig {
    SingleSignOnConfig {
        address: format!("http://{here}"),
        idp: idp.name(),
        sign_in: idp.sign_in(),
        certificates: vec![idp.certificate()],
        attribute: None,
        second_factor: vec![SECOND_FACTOR.to_owned()],
        skew_seconds: Within::new(60).expect("a minute"),
        passwords: None,
    }
}

fn between(text: &str, begin: &str, end: &str) -> String {
    let rest = text.split_once(begin).map(|(_, rest)| rest);
    let found = rest.and_then(|rest| rest.split_once(end)).map(|(found, _)| found);
    found.unwrap_or_else(|| panic!("{begin} in {text}")).to_owned()
}

/// Where our page between the two leads.
fn onward(page: &Answer) -> String {
    let text = page.text();
    let to = between(&text, "http-equiv=\"refresh\" content=\"0; url=", "\"");
    assert!(
        text.contains(&format!("href=\"{to}\"")),
        "a link for those whose browser stays: {text}"
    );
    to.replace("&#38;", "&")
}

fn xml(answer: &str) -> String {
    String::from_utf8(STANDARD.decode(answer).expect("base64")).expect("text")
}

on_both_databases!(
    /// IK-3.5.7a: who signs in at the city's identity provider comes back to the very page, with a
    /// session like any other; the answer works once, and in the browser that asked.
    staff_sign_in_at_the_identity_provider,
    |url: String| async move {
        let office = Office::on(Some(&url), |_| ()).await;
        let browser = office.desk.browser();
        let wanted = "/inbox?state=open&q=%E8%8A%B1";
        let there = office.begins(&browser, wanted).await;
        let answer = office.answers(&there, "uketsuke", false).await;
        let page = office.posts(&answer).await;
        assert_eq!(page.status, 200, "{}", page.text());
        let onward = onward(&page);

        let other = office.desk.browser();
        other.get("/login/saml").await;
        let taken = other.get(&onward).await;
        assert_eq!(taken.status, 403);
        assert!(taken.text().contains("別のブラウザーで始めた"), "{}", taken.text());

        let entered = browser.get(&onward).await;
        assert_eq!((entered.status.as_u16(), entered.location().as_str()), (303, wanted));
        assert_eq!(browser.get(wanted).await.status, 200);
        assert!(browser.get("/account").await.text().contains("(127.0.0.1)"), "the log-in is shown");

        assert_eq!(browser.get(&onward).await.status, 403, "a second time");
        let again = office.posts(&answer).await;
        assert_eq!(again.status, 403);
        assert!(again.text().contains("一度使ったか"), "{}", again.text());
        let log = office.log().await;
        assert!(log.contains("職員認証基盤でのログイン") && log.contains("一度使われた応答"), "{log}");

        let left = browser.post("/account", "/logout", &[]).await;
        assert_eq!(left.location(), "/login");
        assert_eq!(browser.get("/account").await.location(), "/login?to=%2Faccount");
        office.desk.closes().await;
    }
);

/// IK-3.5.7a, IK-3.5.2a: the identity provider says who it is; who may come in, and from which
/// terminals, this service decides. No account is made up.
#[tokio::test(flavor = "multi_thread")]
async fn the_place_and_the_account_are_still_checked() {
    let elsewhere = || vec!["10.20.0.0/16".parse().expect("a network")];
    let office = Office::open(|config| config.networks.clerk = elsewhere()).await;
    for (user, words) in [
        ("uketsuke", "この端末からはログインできません"),
        ("nobody", "対応する職員アカウントがありません"),
    ] {
        let browser = office.desk.browser();
        let refused = office.signs_in(&browser, "/inbox", user, false).await;
        assert_eq!(refused.status, 403);
        assert!(refused.text().contains(words), "{}", refused.text());
        assert!(browser.get("/inbox").await.location().starts_with("/login"), "{user}");
    }
    let manager = office.desk.browser();
    let entered = office.signs_in(&manager, "/procedures", "tetsuzuki", false).await;
    assert_eq!(entered.location(), "/procedures");

    let admin = office.desk.logged_in("kanri").await;
    let list = admin.get("/staff").await.text();
    let id = list
        .split("/staff/")
        .filter_map(|rest| rest.split_once("/disable"))
        .find(|(_, rest)| rest.contains("手続 二子のアカウントを止める"))
        .map(|(id, _)| id.to_owned())
        .expect("a button");
    admin.post("/staff", &format!("/staff/{id}/disable"), &[]).await;
    let refused = office.signs_in(&office.desk.browser(), "/procedures", "tetsuzuki", false).await;
    assert!(refused.text().contains("利用を止めています"), "{}", refused.text());
    let log = office.log().await;
    for words in ["許されていない接続元", "職員認証基盤の職員ID: nobody", "利用を止めたアカウント"]
    {
        assert!(log.contains(words), "{words}: {log}");
    }
    office.desk.closes().await;
}

/// IK-3.5.7a, IK-3.5.2b: somebody who types wrong passwords for others keeps nobody out: the identity
/// provider still signs the person in, and their own password still works at their own desk.
#[tokio::test(flavor = "multi_thread")]
async fn wrong_passwords_of_a_stranger_keep_nobody_out() {
    let office = Office::open(|_| ()).await;
    let stranger = office.desk.browser().from("127.0.0.2");
    let right = office.desk.passwords["uketsuke"].0.clone();
    for _ in 0..8 {
        let wrong = [("login_id", "uketsuke"), ("password", "wrong")];
        stranger.post("/login", "/login", &wrong).await;
    }
    let typed = [("login_id", "uketsuke"), ("password", right.as_str())];
    let there = stranger.post("/login", "/login", &typed).await;
    assert_eq!(there.status, 422, "who guessed must wait, right or wrong");
    let entered = office.signs_in(&office.desk.browser(), "/inbox", "uketsuke", false).await;
    assert_eq!(entered.location(), "/inbox", "{}", entered.text());
    let own = office.desk.browser().post("/login", "/login", &typed).await;
    assert_eq!(own.status, 303, "{}", own.text());
    office.desk.closes().await;
}

/// IK-3.5.7a, IK-3.5.2b: an administrator shows a second factor, there or here; nobody is asked to
/// change a password that was not used.
#[tokio::test(flavor = "multi_thread")]
async fn a_second_factor_is_shown_there_or_here() {
    let office = Office::open(|_| ()).await;
    let there = office.desk.browser();
    let entered = office.signs_in(&there, "/staff", "kanri", true).await;
    assert_eq!(entered.location(), "/staff");
    assert_eq!(there.get("/staff").await.status, 200);

    let here = office.desk.browser();
    let waits = office.signs_in(&here, "/staff", "kanri", false).await;
    assert_eq!(waits.location(), "/login/code");
    let secret = office.desk.passwords["kanri"].1.as_ref().expect("a secret");
    let code = code(secret, office.desk.clock.now());
    let entered = here.post("/login/code", "/login/code", &[("code", &code)]).await;
    assert_eq!(entered.location(), "/staff", "the page that was wanted");

    let fields =
        [("login_id", "shinjin"), ("name", "新人 七海"), ("role", "auditor"), ("email", "")];
    let made = here.post("/staff/new", "/staff/new", &fields).await;
    assert!(made.status.is_success(), "{}", made.text());
    let fresh = office.desk.browser();
    assert_eq!(office.signs_in(&fresh, "/audit", "shinjin", false).await.location(), "/audit");
    assert_eq!(fresh.get("/audit").await.status, 200);
    office.desk.closes().await;
}

/// IK-3.5.7a: real answers, changed on their way: nobody gets in, whatever was done to them.
#[tokio::test(flavor = "multi_thread")]
async fn a_changed_answer_lets_nobody_in() {
    let office = Office::open(|_| ()).await;
    let browser = office.desk.browser();
    let there = office.begins(&browser, "/inbox").await;
    let right = xml(&office.answers(&there, "uketsuke", false).await);
    let assertion = {
        let from = right.find("<ns1:Assertion").expect("an assertion");
        let end = "</ns1:Assertion>";
        right[from..right.find(end).expect("its end") + end.len()].to_owned()
    };
    let signature = {
        let end = "</ns2:Signature>";
        let from = assertion.find("<ns2:Signature").expect("a signature");
        assertion[from..assertion.find(end).expect("its end") + end.len()].to_owned()
    };
    let id = between(&assertion, " ID=\"", "\"");
    let evil =
        assertion.replace(&signature, "").replace(&id, "id-evil").replace("uketsuke", "kanri");
    let wrapped = evil.replace("<ns1:Subject>", &format!("{signature}<ns1:Subject>"));
    let inside =
        signature.replace("</ns2:Signature>", "<ns2:Object>X</ns2:Object></ns2:Signature>");
    let inside = inside.replace('X', &assertion.replace(&signature, ""));
    for (what, changed) in [
        ("another name", right.replace("uketsuke", "kanri")),
        ("no signature", right.replace(&signature, "")),
        ("a second assertion before it", right.replace(&assertion, &format!("{evil}{assertion}"))),
        ("a second assertion after it", right.replace(&assertion, &format!("{assertion}{evil}"))),
        ("wrapped by a forged one", {
            let outer =
                wrapped.replace("</ns1:Assertion>", &format!("{assertion}</ns1:Assertion>"));
            right.replace(&assertion, &outer)
        }),
        ("hidden in the signature", {
            let outer = evil.replace("<ns1:Subject>", &format!("{inside}<ns1:Subject>"));
            right.replace(&assertion, &outer)
        }),
        ("hidden in an extension", {
            let hidden = format!("<ns0:Extensions>{assertion}</ns0:Extensions>");
            right.replace("<ns0:Status>", &format!("{hidden}<ns0:Status>")).replacen(
                &format!("</ns0:Status>{assertion}"),
                &format!("</ns0:Status>{evil}"),
                1,
            )
        }),
        ("a comment in the name", right.replace("uketsuke", "uke<!-- -->tsuke")),
        ("a document type", right.replace("<ns0:Response", "<!DOCTYPE a><ns0:Response")),
    ] {
        assert_ne!(changed, right, "{what}");
        let refused = office.posts(&STANDARD.encode(&changed)).await;
        assert_eq!(refused.status, 403, "{what}");
        assert!(refused.text().contains("確かめられなかった"), "{what}: {}", refused.text());
    }
    assert_eq!(office.posts(&"A".repeat(600_000)).await.status, 413);
    // None of them used the answer up.
    assert_eq!(office.posts(&STANDARD.encode(&right)).await.status, 200);
    office.desk.closes().await;
}

/// IK-3.5.7a: an answer that is too old, for another service, unasked for, from another identity
/// provider or signed in an outdated way is refused.
#[tokio::test(flavor = "multi_thread")]
async fn an_answer_out_of_place_lets_nobody_in() {
    let office = Office::open(|_| ()).await;
    let browser = office.desk.browser();
    let there = office.begins(&browser, "/inbox").await;
    let answer = office.answers(&there, "uketsuke", false).await;
    let second = office.answers(&there, "uketsuke", false).await;

    let other = Office::open(|_| ()).await;
    let refused = other.posts(&answer).await;
    assert!(refused.text().contains("確かめられなかった"), "for another service, by another key");
    other.desk.closes().await;

    // The same identity provider, another service of the same city.
    let here = free();
    let cousin = Desk::today(None, here, |config| {
        config.single_sign_on = Some(agreed(&office.idp, here));
    });
    let cousin = cousin.await;
    let fields = [("SAMLResponse", answer.as_str())];
    let refused = cousin.browser().post_with("", "/login/saml", &fields).await;
    assert_eq!(refused.status, 403);
    cousin.closes().await;

    assert_eq!(office.posts(&answer).await.status, 200);
    let refused = office.posts(&second).await;
    assert!(refused.text().contains("もうログインできません"), "one answer a request");

    let there = office.begins(&browser, "/inbox").await;
    let old = office.answers(&there, "uketsuke", false).await;
    office.desk.clock.advance(SignedDuration::from_mins(7));
    let refused = office.posts(&old).await;
    assert!(refused.text().contains("有効な時間が過ぎています"), "{}", refused.text());

    let here = free();
    let outdated =
        Idp::signing(&format!("http://{here}/login/saml/metadata"), "2000/09/xmldsig#rsa-sha1");
    let desk = Desk::today(None, here, |config| {
        config.single_sign_on = Some(agreed(&outdated, here));
    });
    let weak = Office { desk: desk.await, idp: outdated };
    let there = weak.begins(&weak.desk.browser(), "/inbox").await;
    let answer = weak.answers(&there, "uketsuke", false).await;
    assert!(xml(&answer).contains("rsa-sha1"));
    assert_eq!(weak.posts(&answer).await.status, 403);
    assert!(weak.log().await.contains("認めていない署名方式"));
    weak.desk.closes().await;
    office.desk.closes().await;
}

/// IK-3.5.7a: where everybody signs in at the identity provider a password is for the accounts that
/// are named for emergencies; using one is an act of its own and raises an alarm.
#[tokio::test(flavor = "multi_thread")]
async fn a_password_is_for_emergencies_where_the_city_says_so() {
    let few = |config: &mut Config| {
        let sso = config.single_sign_on.as_mut().expect("it is set");
        sso.passwords = Some(vec!["kansa".to_owned()]);
    };
    let office = Office::open(few).await;
    let browser = office.desk.browser();
    let page = browser.get("/login").await.text();
    assert!(page.contains("<summary>非常用アカウントでログイン</summary>"), "{page}");
    let password = office.desk.passwords["uketsuke"].0.clone();
    let fields = [("login_id", "uketsuke"), ("password", password.as_str())];
    let refused = browser.post("/login", "/login", &fields).await;
    assert_eq!(refused.status, 422);
    assert!(refused.text().contains("職員IDかパスワードが違います"), "like any other refusal");
    assert_eq!(office.signs_in(&browser, "/inbox", "uketsuke", false).await.location(), "/inbox");
    let account = browser.get("/account").await.text();
    assert!(!account.contains("パスワードを変える"), "{account}");

    let log = office.log().await;
    for words in ["非常用アカウントのログイン", "パスワードでのログインが許されていない"]
    {
        assert!(log.contains(words), "{words}: {log}");
    }
    let halts = Halts::default();
    let limits = DetectionConfig::default();
    look(&office.desk.store, &office.desk.clock, &limits, &halts).await.expect("looked");
    assert!(
        halts.warnings().iter().any(|need| need.code == "break_glass"),
        "{:?}",
        halts.warnings()
    );
    office.desk.closes().await;
}

/// IK-3.5.7a: without the setting there is no such door.
#[tokio::test(flavor = "multi_thread")]
async fn without_the_setting_there_is_no_such_door() {
    let desk = Desk::open().await;
    let browser = desk.browser();
    assert!(!browser.get("/login").await.text().contains("職員認証基盤"));
    for path in ["/login/saml", "/login/saml/enter", "/login/saml/metadata"] {
        assert_eq!(browser.get(path).await.status, 404, "{path}");
    }
    let fields = [("SAMLResponse", "PGE+")];
    assert_eq!(browser.post_with("", "/login/saml", &fields).await.status, 404);
    // A page of another site is no goal.
    for to in ["//evil.example", "https://evil.example/", "/\\evil.example", "/logout"] {
        let to = lgwan_zone_web::words::in_query(to);
        let page = browser.get(&format!("/login?to={to}")).await.text();
        assert!(!page.contains("name=\"to\""), "{page}");
    }
    let password = desk.passwords["uketsuke"].0.clone();
    let fields =
        [("login_id", "uketsuke"), ("password", password.as_str()), ("to", "/inbox?state=open")];
    let entered = browser.post("/login", "/login", &fields).await;
    assert_eq!(entered.location(), "/inbox?state=open", "a password leads to the page as well");
    desk.closes().await;
}

/// IK-3.5.7a, IK-3.5.2b: who came in by the identity provider proves there anew who they are, in a
/// window of its own; the session stays, and so does what was typed.
#[tokio::test(flavor = "multi_thread")]
async fn who_signed_in_there_proves_it_there() {
    let office = Office::open(|_| ()).await;
    let browser = office.desk.browser();
    office.signs_in(&browser, "/staff", "kanri", true).await;
    // A proof of long ago, as after hours of work.
    let forgotten = office.desk.store.write(|tx| {
        let person = staff::by_login(tx.db, "kanri")?.expect("there");
        let open = sessions::of(tx.db, &person.id)?;
        let session = open.first().expect("a session").id_hash.clone();
        let at = "2026-01-01T00:00:00Z".parse().expect("a time");
        let by = By { staff: person.id, session, ..By::visitor("127.0.0.1".to_owned(), at) };
        sessions::prove(tx, &by, 0)
    });
    forgotten.await.expect("written");
    let page = "/account/recovery";
    let asked = browser.post(page, page, &[]).await;
    assert_eq!(asked.status, 403);
    let text = asked.text().replace("&#38;", "&");
    assert!(!text.contains("type=\"password\""), "{text}");
    let token = between(&text, "name=\"_csrf\" value=\"", "\"");
    let early = browser.post_with(&token, page, &[("_proof", "1")]).await;
    assert_eq!(early.status, 422);
    assert!(early.text().contains("まだ終わっていません"), "{}", early.text());

    let link = format!("/login/saml{}", between(&text, "href=\"/login/saml", "\""));
    let there = browser.get(&link).await.location();
    let answer = office.answers(&there, "kanri", true).await;
    let onward = onward(&office.posts(&answer).await);
    assert_eq!(browser.get(&onward).await.location(), "/account/proof");
    assert!(browser.get("/account/proof").await.text().contains("本人の確認ができました"));
    let made = browser.post_with(&token, page, &[("_proof", "1")]).await;
    assert_eq!(made.status, 200, "the page that waited goes on: {}", made.text());
    assert!(made.text().contains("予備コードを作りました"));
    assert!(office.log().await.contains("本人の再確認"));
    office.desk.closes().await;
}

/// IK-3.5.7a, IK-3.5.2b: half of a log-in is no proof, nor is a sign-in of minutes ago; the first goes on
/// with the code, the second is said to be none.
#[tokio::test(flavor = "multi_thread")]
async fn half_a_sign_in_and_an_old_one_prove_nothing() {
    let office = Office::open(|_| ()).await;
    let link = "/login/saml?to=%2Faccount%2Fproof";
    let (half, old) = (office.desk.browser(), office.desk.browser());
    for browser in [&half, &old] {
        let entered = office.signs_in(browser, "/staff", "kanri", true).await;
        assert_eq!(entered.location(), "/staff");
    }
    let there = half.get(link).await.location();
    let answer = office.answers(&there, "kanri", false).await;
    let enter = onward(&office.posts(&answer).await);
    assert_eq!(half.get(&enter).await.location(), "/login/code");

    let there = old.get(link).await.location();
    let answer = office.answers(&there, "kanri", true).await;
    let enter = onward(&office.posts(&answer).await);
    office.desk.clock.advance(SignedDuration::from_mins(6));
    let late = old.get(&enter).await.location();
    assert_eq!(late, "/account/proof?unproven=1");
    assert!(old.get(&late).await.text().contains("本人を確かめたことを示しませんでした"));
    office.desk.closes().await;
}
