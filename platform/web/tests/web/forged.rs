//! Forms that did not come from our page (MN-7.2), and such that did.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use axum::Router;
use axum::routing::{get, post};
use platform_web::{CsrfForm, FormData, PageResult, Visitor, see_other};

use crate::desk::{Answer, Desk, VISITOR};

const FORM: &str = "Content-Type: application/x-www-form-urlencoded\r\n";

/// A page whose form counts how often it was accepted.
struct Bell {
    desk: Desk,
    rung: Arc<AtomicU32>,
}

impl Bell {
    async fn hang() -> Self {
        let rung = Arc::new(AtomicU32::new(0));
        let counter = Arc::clone(&rung);
        let ring = async move |CsrfForm(form): CsrfForm| -> PageResult {
            counter.fetch_add(1, Ordering::SeqCst);
            Ok(see_other(format!("/rung/{}", form.text("times"))))
        };
        let routes = get(async |visitor: Visitor| visitor.token()).post(ring);
        let desk = Desk::open(Router::new().route("/bell", routes)).await;
        Self { desk, rung }
    }

    /// Opens the page; gives the token and the cookie line of that session.
    async fn page(&self, session: &str) -> (String, String) {
        let first = self.desk.get("/bell", "").await;
        let cookies = first.cookie_line(session);
        let page = self.desk.get("/bell", &cookies).await;
        assert!(page.header("set-cookie").is_none(), "the visitor is known");
        (page.body, cookies)
    }

    async fn ring(&self, more: &str, token: &str) -> Answer {
        let body = format!("times=3&_csrf={token}");
        self.desk.post("/bell", &format!("{FORM}{more}"), body.as_bytes()).await
    }

    fn assert_silent_after(&self, answer: &Answer, how: &str) {
        assert_eq!(answer.status, 403, "{how}: {answer:?}");
        assert!(answer.body.contains("この画面から送られたことを確認できませんでした"), "{how}");
        assert_eq!(self.rung.load(Ordering::SeqCst), 0, "{how}");
    }
}

/// MN-7.2: our own form is accepted, and answered with a redirect.
#[tokio::test]
async fn our_own_form_is_accepted() {
    let bell = Bell::hang().await;
    let (token, cookies) = bell.page("s1").await;
    let more = format!("{cookies}Origin: http://desk\r\nSec-Fetch-Site: same-origin\r\n");
    let answer = bell.ring(&more, &token).await;
    assert_eq!((answer.status, answer.header("location")), (303, Some("/rung/3")));
    assert_eq!(bell.rung.load(Ordering::SeqCst), 1);
}

/// MN-7.2, MN-7.4: no token, an invented one, no cookie.
#[tokio::test]
async fn a_form_without_proof_does_nothing() {
    let bell = Bell::hang().await;
    let (token, cookies) = bell.page("s1").await;
    bell.assert_silent_after(&bell.ring(&cookies, "").await, "no token");
    bell.assert_silent_after(&bell.ring(&cookies, &"0".repeat(64)).await, "invented");
    bell.assert_silent_after(&bell.ring("", &token).await, "no cookie");
}

/// MN-7.2: a token is worth nothing in another session or another browser.
#[tokio::test]
async fn a_token_of_someone_else_does_nothing() {
    let bell = Bell::hang().await;
    let (theirs, cookies) = bell.page("attacker").await;
    let other_session = cookies.replace("attacker", "victim");
    bell.assert_silent_after(&bell.ring(&other_session, &theirs).await, "session");
    let (_, victim) = bell.page("attacker").await;
    bell.assert_silent_after(&bell.ring(&victim, &theirs).await, "browser");
}

/// MN-7.2, MN-7.4: a form on another site is refused even with a good token.
#[tokio::test]
async fn a_form_on_another_site_does_nothing() {
    let bell = Bell::hang().await;
    let (token, cookies) = bell.page("s1").await;
    for line in ["Origin: https://evil.example", "Origin: null", "Sec-Fetch-Site: cross-site"] {
        let answer = bell.ring(&format!("{cookies}{line}\r\n"), &token).await;
        bell.assert_silent_after(&answer, line);
    }
}

/// MN-7.2: the media types a form can have without our page are refused.
#[tokio::test]
async fn a_body_that_only_looks_like_a_form_does_nothing() {
    let bell = Bell::hang().await;
    let (token, cookies) = bell.page("s1").await;
    let body = format!("times=3&_csrf={token}");
    for media in ["Content-Type: text/plain\r\n", "Content-Type: application/json\r\n", ""] {
        let more = format!("{cookies}{media}");
        let answer = bell.desk.post("/bell", &more, body.as_bytes()).await;
        bell.assert_silent_after(&answer, media);
    }
}

/// MN-7.2: opening a page changes nothing, and a GET cannot stand for a POST.
#[tokio::test]
async fn a_link_cannot_send_a_form() {
    let bell = Bell::hang().await;
    let (token, cookies) = bell.page("s1").await;
    let answer = bell.desk.get(&format!("/bell?times=3&_csrf={token}"), &cookies).await;
    assert_eq!(answer.status, 200);
    assert_eq!(bell.rung.load(Ordering::SeqCst), 0);
}

/// IK-3.5.2b: the cookie is bound to this host, to TLS and not to scripts.
#[tokio::test]
async fn the_visitor_cookie_is_bound() {
    let bell = Bell::hang().await;
    let answer = bell.desk.get("/bell", "").await;
    let set = answer.header("set-cookie").expect("a form sets the cookie");
    assert!(set.starts_with(&format!("{VISITOR}=")), "{set}");
    assert!(set.ends_with("; Path=/; Secure; HttpOnly; SameSite=Lax"), "{set}");
}

/// NN-21: bytes that are no text are a refusal with words, not a fault.
#[tokio::test]
async fn bytes_that_are_no_text_are_refused() {
    let bell = Bell::hang().await;
    let (token, cookies) = bell.page("s1").await;
    for raw in ["a=%ff", "%00=a", "%c0%80=1", "a=%ed%a0%80"] {
        let body = format!("_csrf={token}&{raw}");
        let more = format!("{FORM}{cookies}");
        let answer = bell.desk.post("/bell", &more, body.as_bytes()).await;
        assert_eq!(answer.status, 400, "{raw}");
        assert!(answer.body.contains("文字として読み取れない"), "{raw}: {answer:?}");
    }
    assert_eq!(bell.rung.load(Ordering::SeqCst), 0);
}

/// MN-7.2, IK-3.5.7a: pages of other sites may post to the one path where what they send is signed;
/// a page of ours that asks for its token is not reached there either.
#[tokio::test]
async fn another_site_posts_to_one_path_alone() {
    let open = post(async |form: FormData| form.text("times").to_owned());
    let ours = post(async |CsrfForm(_): CsrfForm| "rung");
    let routes = Router::new()
        .route("/signed", open.clone())
        .route("/signed/more", open)
        .route("/bell", ours);
    let desk = Desk::open(routes).await;
    for origin in ["null", "https://idp.example"] {
        let more = format!("{FORM}Origin: {origin}\r\nSec-Fetch-Site: cross-site\r\n");
        let answer = desk.post("/signed", &more, b"times=3").await;
        assert_eq!((answer.status, answer.body.as_str()), (200, "3"));
        for path in ["/signed/more", "/signed/", "/bell"] {
            assert_eq!(desk.post(path, &more, b"times=3").await.status, 403, "{path}");
        }
    }
}
