//! Business systems that are told of what happens, by a receiver that fails, is silent and leads elsewhere.

use std::net::SocketAddr;
use std::time::Duration;

use diesel::RunQueryDsl as _;
use jiff::SignedDuration;
use lgwan_zone_store::api::{keys, webhooks};
use platform_testkit::{PATIENCE, on_both_databases};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::ServerConfig;
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::TcpListener;
use tokio::sync::mpsc;

use crate::browser::Browser;
use crate::desk::Desk;

const HOOKS: &str = "/staff/webhooks";

/// What a receiver answers.
#[derive(Clone, Copy)]
enum Answers {
    Status(&'static str),
    /// Nothing, until the caller goes away.
    Silence,
}

/// What was received: head and body.
type Received = (String, String);

fn header<'h>(head: &'h str, name: &str) -> &'h str {
    let lines = head.lines().filter_map(|line| line.split_once(": "));
    lines.into_iter().find(|(one, _)| one.eq_ignore_ascii_case(name)).map_or("", |(_, value)| value)
}

/// A receiver that answers so, one after the other, and 204 behind them.
async fn receiver(script: Vec<Answers>) -> (SocketAddr, mpsc::UnboundedReceiver<Received>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let addr = listener.local_addr().expect("bound");
    let (told, received) = mpsc::unbounded_channel();
    tokio::spawn(async move {
        let mut script = script.into_iter();
        while let Ok((stream, _)) = listener.accept().await {
            let mut stream = BufReader::new(stream);
            let mut head = String::new();
            while !head.ends_with("\r\n\r\n") {
                if stream.read_line(&mut head).await.unwrap_or(0) == 0 {
                    break;
                }
            }
            let size = header(&head, "content-length").parse().unwrap_or(0);
            let mut body = vec![0; size];
            stream.read_exact(&mut body).await.expect("a body");
            let body = String::from_utf8(body).expect("UTF-8");
            told.send((head, body)).expect("the test listens");
            match script.next().unwrap_or(Answers::Status("204 No Content")) {
                Answers::Status(status) => {
                    let answer = format!(
                        "HTTP/1.1 {status}\r\nlocation: /elsewhere\r\ncontent-length: 0\r\n\r\n"
                    );
                    let _ = stream.write_all(answer.as_bytes()).await;
                }
                Answers::Silence => {
                    let _ = stream.read(&mut [0; 1]).await;
                }
            }
        }
    });
    (addr, received)
}

async fn next(received: &mut mpsc::UnboundedReceiver<Received>) -> Received {
    let got = tokio::time::timeout(PATIENCE, received.recv()).await;
    got.expect("it is sent").expect("the receiver runs")
}

/// A desk whose settings allow these networks.
async fn on(url: &str, networks: &str) -> Desk {
    patient(url, networks, 30).await
}

/// The same; a receiver has so many seconds.
async fn patient(url: &str, networks: &str, seconds: u8) -> Desk {
    let folder = tempfile::tempdir().expect("a folder");
    let networks =
        format!("networks = [\"{networks}\"]\nfailures = 3\ntimeout_seconds = {seconds}");
    let desk = Desk::on_with(url, folder, |config| {
        config.webhooks = toml::from_str(&networks).expect("settings");
    })
    .await;
    desk.publishes(&["accept", "review", "notify"]).await;
    desk
}

/// A webhook of a new key that an auditor released: who made it, its page, its secret.
async fn hook(desk: &Desk, url: &str, events: &[&str]) -> (Browser, String, String) {
    let made = proposed(desk, url, events).await;
    let auditor = desk.logged_in("kansa").await;
    let release = format!("{}/release", made.1);
    let done = auditor.post(&made.1, &release, &[("do", "release")]).await;
    assert_eq!(done.location(), format!("{}?said=webhook_released", made.1), "{}", done.text());
    made
}

/// A webhook of a new key that waits for a second person.
async fn proposed(desk: &Desk, url: &str, events: &[&str]) -> (Browser, String, String) {
    desk.able().await;
    let key = desk.store.read(keys::all).await.expect("readable").remove(0).id;
    desk.clock.advance(SignedDuration::from_secs(30));
    let admin = desk.logged_in("kanri").await;
    let mut fields = vec![("key", key.as_str()), ("url", url)];
    fields.extend(events.iter().map(|event| ("events", *event)));
    let page = admin.post("/staff/webhooks/new", "/staff/webhooks/new", &fields).await;
    assert_eq!(page.status, 200, "{}", page.text());
    let page = page.text();
    let at = page.find("whsec_").expect("the secret");
    let secret: String =
        page[at..].chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '_').collect();
    let path = page.split("href=\"/staff/webhooks/").nth(1).expect("a link");
    let path = format!("{HOOKS}/{}", path.split('"').next().expect("an id"));
    assert!(!admin.get(&path).await.text().contains(&secret), "shown once");
    (admin, path, secret)
}

/// The page of a webhook once it says these words.
async fn says(browser: &Browser, path: &str, words: &str) -> String {
    let until = tokio::time::Instant::now() + PATIENCE;
    loop {
        let page = browser.get(path).await.text();
        if page.contains(words) {
            return page;
        }
        assert!(tokio::time::Instant::now() < until, "{words}: {page}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

async fn accept(desk: &Desk, id: &domain::ids::ApplicationId) {
    let clerk = desk.logged_in("uketsuke").await;
    let page = format!("/applications/{id}");
    let step = clerk.post(&page, &format!("{page}/accept"), &[("seen", "1")]).await;
    assert_eq!(step.status, 303, "{}", step.text());
}

on_both_databases!(
    /// IK-2.1.2d2: what happens is told signed and in its order; a receiver that fails, is silent or leads
    /// elsewhere is asked again with the same event, then left alone with an alarm until somebody lets
    /// it go on; nothing is lost, and what was taken can be sent again.
    a_receiver_that_fails_is_told_again,
    |url: String| async move {
        let desk = patient(&url, "127.0.0.0/8", 5).await;
        let script = vec![
            Answers::Status("500 Internal Server Error"),
            Answers::Silence,
            Answers::Status("302 Found"),
        ];
        let (addr, mut received) = receiver(script).await;
        let (admin, path, secret) = hook(&desk, &format!("http://{addr}/hook?x=1"), &[]).await;
        let id = desk.applied("花子").await;
        let id = domain::ids::ApplicationId::parse(&id.to_string()).expect("an id");
        accept(&desk, &id).await;

        let mut tries = Vec::new();
        for _ in 0..3 {
            tries.push(next(&mut received).await);
            says(&admin, &path, &format!("{}回(", tries.len())).await;
            desk.clock.advance(SignedDuration::from_mins(10));
        }
        let page = says(&admin, &path, "失敗が続いて止まった").await;
        assert!(page.contains("待っている知らせ"), "{page}");
        assert!(page.contains("3回(302)"), "it followed nobody: {page}");
        says(&admin, "/bridge", "住民記録システム").await;

        let sent = admin.post(&path, &path, &[("do", "start")]).await;
        assert_eq!(sent.location(), format!("{path}?said=webhook_turned"));
        let (first, second) = (next(&mut received).await, next(&mut received).await);
        for (head, body) in tries.iter().chain([&first]) {
            assert!(head.starts_with("POST /hook?x=1 HTTP/1.1"), "{head}");
            assert_eq!(header(head, "madoguchi-event"), format!("{id}-1"));
            assert_eq!(body, &first.1, "word for word");
        }
        assert_eq!(header(&second.0, "madoguchi-event"), format!("{id}-2"), "in their order");
        let (head, body) = &second;
        let (at, signed) = (header(head, "madoguchi-timestamp"), header(head, "madoguchi-signature"));
        let expected = lgwan_zone_web::api::webhooks::signature(&secret, at, body);
        assert_eq!(signed, format!("v1={expected}"));
        let told: serde_json::Value = serde_json::from_str(body).expect("JSON");
        assert_eq!(told["type"], "application.accepted");
        assert_eq!(told["application"]["state"], "accepted");
        assert_eq!(told["application"]["version"], 2);
        assert!(!body.contains("花子") && !body.contains("example.jp"), "{body}");

        says(&admin, &format!("{path}?left=1"), "知らせはありません").await;
        let fields = [("application", id.as_str()), ("version", "1"), ("do", "resend")];
        let sent = admin.post(&path, &path, &fields).await;
        assert_eq!(sent.location(), format!("{path}?said=webhook_resent"));
        let again = next(&mut received).await;
        assert_eq!(again.1, first.1, "the same event once more");
        let auditor = desk.logged_in("kansa").await;
        let log = auditor.get("/audit?act=api").await.text();
        assert!(log.contains("失敗が続いたWebhookの停止"), "{log}");
        desk.closes().await;
    }
);

on_both_databases!(
    /// IK-2.1.2d2, NF-38: a webhook is told nothing before a second person released it: not who made it; what is
    /// refused is over.
    a_webhook_waits_for_a_second_person,
    |url: String| async move {
        let desk = on(&url, "127.0.0.0/8").await;
        let (addr, mut received) = receiver(Vec::new()).await;
        let (admin, path, _) = proposed(&desk, &format!("http://{addr}/"), &[]).await;
        let page = admin.get(&path).await.text();
        assert!(page.contains("承認待ち") && !page.contains("承認する"), "{page}");
        let release = format!("{path}/release");
        let own = admin.post(&path, &release, &[("do", "release")]).await;
        assert_eq!(own.status, 409);
        assert!(own.text().contains("自分では承認できません"), "{}", own.text());
        for guessed in ["start", "stop"] {
            let turned = admin.post(&path, &path, &[("do", guessed)]).await.location();
            assert_eq!(turned, format!("{path}?said=webhook_before"), "{guessed}");
        }
        let early = desk.applied("花子").await;
        assert!(!admin.get(&path).await.text().contains(&early), "nothing waits for it");
        let auditor = desk.logged_in("kansa").await;
        assert!(auditor.get(&path).await.text().contains("承認する"));
        let done = auditor.post(&path, &release, &[("do", "release")]).await;
        assert_eq!(done.location(), format!("{path}?said=webhook_released"), "{}", done.text());
        assert!(admin.get(&path).await.text().contains("監査 六助"));
        let id = desk.applied("次郎").await;
        let (head, _) = next(&mut received).await;
        assert_eq!(header(&head, "madoguchi-event"), format!("{id}-1"), "only what came later");
        let twice = auditor.post(&path, &release, &[("do", "refuse")]).await.location();
        assert_eq!(twice, format!("{path}?said=webhook_before"), "it was released");

        let (admin, path, _) = proposed(&desk, &format!("http://{addr}/"), &[]).await;
        let auditor = desk.logged_in("kansa").await;
        let release = format!("{path}/release");
        let no = auditor.post(&path, &release, &[("do", "refuse")]).await;
        assert_eq!(no.location(), format!("{path}?said=webhook_refused"), "{}", no.text());
        let again = auditor.post(&path, &release, &[("do", "release")]).await.location();
        assert_eq!(again, format!("{path}?said=webhook_before"), "it is over");
        assert!(admin.get(&path).await.text().contains("終えた"));
        let log = auditor.get("/audit?act=api").await.text();
        assert!(log.contains("Webhookの承認") && log.contains("Webhookの不承認"), "{log}");
        desk.closes().await;
    }
);

on_both_databases!(
    /// IK-2.1.2d2: only what the key reaches and what was asked for is told; an ended webhook hears nothing
    /// more, and a stopped one hears later.
    only_what_was_asked_for_is_told,
    |url: String| async move {
        let desk = on(&url, "127.0.0.0/8").await;
        let (addr, mut received) = receiver(Vec::new()).await;
        let (admin, path, _) = hook(&desk, &format!("http://{addr}/"), &["accepted"]).await;
        let id = desk.applied("花子").await;
        let id = domain::ids::ApplicationId::parse(&id.to_string()).expect("an id");
        assert_eq!(admin.post(&path, &path, &[("do", "stop")]).await.status, 303);
        accept(&desk, &id).await;
        assert!(admin.get(&path).await.text().contains("待っている"));
        assert!(received.try_recv().is_err(), "stopped");
        admin.post(&path, &path, &[("do", "start")]).await;
        let (head, _) = next(&mut received).await;
        assert_eq!(header(&head, "madoguchi-event"), format!("{id}-2"), "the arrival was not asked for");
        says(&admin, &format!("{path}?left=1"), "知らせはありません").await;
        admin.post(&path, &path, &[("do", "end")]).await;
        let again = admin.post(&path, &path, &[("do", "start")]).await.location();
        assert_eq!(again, format!("{path}?said=webhook_before"), "it is over");
        let other = desk.applied("次郎").await;
        let other = domain::ids::ApplicationId::parse(&other.to_string()).expect("an id");
        accept(&desk, &other).await;
        assert!(!admin.get(&path).await.text().contains(other.as_str()));
        desk.closes().await;
    }
);

on_both_databases!(
    /// IK-2.1.2d2: what is told and what is read call a state by one word; what was left to a person goes
    /// after 90 days, and what an ended webhook never heard after 30.
    a_state_has_one_word_and_what_is_over_goes,
    |url: String| async move {
        let desk = on(&url, "127.0.0.0/8").await;
        let (addr, mut received) = receiver(Vec::new()).await;
        let events = ["correction", "arrived"];
        let (admin, path, _) = hook(&desk, &format!("http://{addr}/"), &events).await;
        let system = desk.able().await;
        let id = desk.applied("花子").await;
        accept(&desk, &domain::ids::ApplicationId::parse(&id).expect("an id")).await;
        let clerk = desk.logged_in("uketsuke").await;
        let form = format!("/applications/{id}/correction");
        let fields = [("fields", "name"), ("reason", "氏の字"), ("due", "2026-12-01"), ("seen", "2")];
        let asked = clerk.post(&form, &form, &fields).await;
        assert_eq!(asked.status, 303, "{}", asked.text());
        let (_, arrived) = next(&mut received).await;
        assert!(arrived.contains("application.arrived"), "{arrived}");
        let told: serde_json::Value =
            serde_json::from_str(&next(&mut received).await.1).expect("JSON");
        let read = system.get(&format!("/api/v1/applications/{id}")).await.done();
        assert_eq!(told["application"]["state"], "correction");
        assert_eq!(told["application"]["state"], read["state"]);
        assert_eq!(told["type"], "application.correction");
        says(&admin, &format!("{path}?left=1"), "知らせはありません").await;

        let hook = path.rsplit('/').next().expect("an id").to_owned();
        let listed = async |count: usize| {
            for () in platform_testkit::patiently() {
                let hook = hook.clone();
                let all = desk.store.read(move |db| webhooks::newest(db, &hook, false, 9)).await;
                if all.expect("readable").len() == count {
                    return;
                }
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
            panic!("there are never {count}");
        };
        let changed = async |change: &'static str| {
            let changed = desk.store.write(move |tx| diesel::sql_query(change).execute(tx.db));
            assert_eq!(changed.await.expect("written"), 1);
        };
        assert_eq!(admin.post(&path, &path, &[("do", "stop")]).await.status, 303);
        desk.applied("次郎").await;
        listed(3).await;
        changed(
            "update webhook_deliveries set state = 'given_up' where version = 1 and state = 'sent'",
        )
        .await;
        desk.clock.advance(SignedDuration::from_hours(24 * 31));
        listed(2).await;
        desk.clock.advance(SignedDuration::from_hours(24 * 60));
        listed(1).await;
        desk.clock.advance(SignedDuration::from_hours(2));
        tokio::time::sleep(Duration::from_secs(3)).await;
        // What waits for a webhook that somebody stopped stays.
        listed(1).await;
        changed("update webhooks set state = 'ended'").await;
        desk.clock.advance(SignedDuration::from_hours(2));
        listed(0).await;
        desk.closes().await;
    }
);

/// IK-2.1.2d2: while one receiver lets us wait, the others hear everything.
#[tokio::test(flavor = "multi_thread")]
async fn a_slow_receiver_holds_up_no_other() {
    let folder = tempfile::tempdir().expect("a folder");
    let url = format!("sqlite:{}", folder.path().join("staff.db").display());
    let desk = patient(&url, "127.0.0.0/8", 60).await;
    let (slow, mut waits) = receiver(vec![Answers::Silence]).await;
    let (quick, mut hears) = receiver(Vec::new()).await;
    hook(&desk, &format!("http://{slow}/"), &[]).await;
    hook(&desk, &format!("http://{quick}/"), &[]).await;
    let id = desk.applied("花子").await;
    next(&mut waits).await;
    next(&mut hears).await;
    accept(&desk, &domain::ids::ApplicationId::parse(&id).expect("an id")).await;
    // Less than what the slow one has.
    let heard = tokio::time::timeout(Duration::from_secs(50), hears.recv()).await;
    let (head, _) = heard.expect("it waits for nobody").expect("the receiver runs");
    assert_eq!(header(&head, "madoguchi-event"), format!("{id}-2"));
    assert!(waits.try_recv().is_err(), "one at a time");
    desk.closes().await;
}

/// IK-2.1.2d2: nothing is dialled outside of the allowed networks: neither a number nor a name that
/// leads there; without networks there are no webhooks.
#[tokio::test(flavor = "multi_thread")]
async fn no_address_outside_is_dialled() {
    let folder = tempfile::tempdir().expect("a folder");
    let url = format!("sqlite:{}", folder.path().join("staff.db").display());
    let desk = on(&url, "10.20.0.0/16").await;
    let (addr, mut received) = receiver(Vec::new()).await;
    let named = format!("http://localhost:{}/", addr.port());
    let (admin, path, _) = hook(&desk, &named, &[]).await;
    desk.applied("花子").await;
    says(&admin, &path, "address not allowed").await;
    assert!(received.try_recv().is_err(), "nobody called");
    let new = "/staff/webhooks/new";
    let key = desk.store.read(keys::all).await.expect("readable").remove(0).id;
    let direct = format!("http://{addr}/");
    let sent = admin.post(new, new, &[("key", &key), ("url", &direct)]).await;
    assert_eq!(sent.status, 422);
    assert!(sent.text().contains("設定で許したネットワークの外です"), "{}", sent.text());
    let sent = admin.post(new, new, &[("key", "x"), ("url", "ftp://a")]).await.text();
    assert!(
        sent.contains("利用中のAPIキーを選んでください") && sent.contains("http://または"),
        "{sent}"
    );
    desk.closes().await;

    let closed = Desk::open().await;
    closed.able().await;
    closed.clock.advance(SignedDuration::from_secs(30));
    let admin = closed.logged_in("kanri").await;
    let key = closed.store.read(keys::all).await.expect("readable").remove(0).id;
    let sent = admin.post(new, new, &[("key", &key), ("url", "http://10.20.1.1/")]).await;
    assert_eq!(sent.status, 422);
    assert!(admin.get(HOOKS).await.text().contains("送り先のネットワークが設定されていない"));
    closed.closes().await;
}

/// IK-2.1.2d2, NF-35: the worked example (`deploy/examples/register/listen.py`) takes what is genuine once,
/// and nothing else. Its command runs for what came before it was stopped, and again after it failed.
#[tokio::test(flavor = "multi_thread")]
async fn the_example_takes_what_is_genuine_once() {
    let folder = tempfile::tempdir().expect("a folder");
    let url = format!("sqlite:{}", folder.path().join("staff.db").display());
    let desk = on(&url, "127.0.0.0/8").await;
    // The port is known before the secret: one that the system gives to nobody by itself meanwhile.
    let from = 20_000 + u16::try_from(std::process::id() % 10_000).expect("a port");
    let free = |port: &u16| std::net::TcpListener::bind(("127.0.0.1", *port)).is_ok();
    let port = (from..32_000).find(free).expect("a port");
    let (admin, path, secret) = hook(&desk, &format!("http://127.0.0.1:{port}/"), &[]).await;
    let file = desk.file("webhook.txt", &secret);
    let kept = file.parent().expect("a folder").join("listener");
    let runs = file.parent().expect("a folder").join("runs");
    let example = concat!(env!("CARGO_MANIFEST_DIR"), "/../deploy/examples/register/listen.py");
    let mut running = tokio::process::Command::new("python3")
        .args([example, "--port", &port.to_string(), "--skew", "1", "--secret-file"])
        .arg(&file)
        .arg("--folder")
        .arg(&kept)
        // The command fails twice, without any news between.
        .args(["--again", "0.05", "--", "sh", "-c", "echo >> \"$0\"; test $(wc -l < \"$0\") -gt 2"])
        .arg(&runs)
        .stdout(std::process::Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .expect("python3 is installed by `cargo xtask test`");
    let mut line = String::new();
    let out = running.stdout.take().expect("piped");
    BufReader::new(out).read_line(&mut line).await.expect("it says its port");
    assert_eq!(line.trim(), port.to_string());
    let ran = || std::fs::read_to_string(&runs).map_or(0, |runs| runs.len());
    for () in platform_testkit::patiently() {
        if ran() > 2 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert!(ran() > 2, "at the start, and after each failure");

    let id = desk.applied("花子").await;
    says(&admin, &path, ">204</td>").await;
    let event = format!("{id}-1\n");
    assert_eq!(std::fs::read_to_string(kept.join("events.txt")).expect("a ledger"), event);
    let id = id.to_string();
    let fields = [("application", id.as_str()), ("version", "1"), ("do", "resend")];
    admin.post(&path, &path, &fields).await;
    says(&admin, &format!("{path}?left=1"), "知らせはありません").await;
    assert_eq!(std::fs::read_to_string(kept.join("events.txt")).expect("a ledger"), event, "once");
    let stranger = Browser::new(SocketAddr::from(([127, 0, 0, 1], port)));
    let forged = stranger.post_with("", "/", &[("event", "forged")]).await;
    assert_eq!(forged.status, 401);
    assert_eq!(std::fs::read_to_string(kept.join("events.txt")).expect("a ledger"), event);
    desk.closes().await;
}

/// An authority of a city.
fn authority() -> CertifiedIssuer<'static, KeyPair> {
    let mut params = CertificateParams::new(Vec::new()).expect("parameters");
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let key = KeyPair::generate().expect("a key");
    CertifiedIssuer::self_signed(params, key).expect("an authority")
}

/// A receiver of business systems behind TLS, which counts whom it let in: a certificate of this
/// authority for a name, until the end of a year.
async fn behind_tls(
    authority: &CertifiedIssuer<'static, KeyPair>,
    name: &str,
    until: i32,
) -> (SocketAddr, mpsc::UnboundedReceiver<String>) {
    let mut params = CertificateParams::new(vec![name.to_owned()]).expect("parameters");
    params.not_before = rcgen::date_time_ymd(2019, 1, 1);
    params.not_after = rcgen::date_time_ymd(until, 12, 31);
    let key = KeyPair::generate().expect("a key");
    let own = params.signed_by(&key, authority).expect("a certificate");
    let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(key.serialize_der()));
    let config = ServerConfig::builder().with_no_client_auth();
    let config = config.with_single_cert(vec![own.der().clone()], key).expect("they fit");
    let tls = tokio_rustls::TlsAcceptor::from(std::sync::Arc::new(config));
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let addr = listener.local_addr().expect("bound");
    let (told, received) = mpsc::unbounded_channel();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            // Who does not trust us goes away before a word is said.
            let Ok(stream) = tls.accept(stream).await else { continue };
            let mut stream = BufReader::new(stream);
            let mut head = String::new();
            while !head.ends_with("\r\n\r\n") {
                if stream.read_line(&mut head).await.unwrap_or(0) == 0 {
                    break;
                }
            }
            let size = header(&head, "content-length").parse().unwrap_or(0);
            let mut body = vec![0; size];
            if stream.read_exact(&mut body).await.is_err() {
                continue;
            }
            let _ = told.send(String::from_utf8(body).expect("UTF-8"));
            let answer = b"HTTP/1.1 204 No Content\r\ncontent-length: 0\r\n\r\n";
            let _ = stream.write_all(answer).await;
            let _ = stream.flush().await;
        }
    });
    (addr, received)
}

/// IK-2.1.2d2, NF-18: over TLS only a receiver is told whose certificate is of the city's own authority,
/// for its name and in its time; any other hears nothing, and the alarm says why.
#[tokio::test(flavor = "multi_thread")]
async fn only_who_has_a_certificate_of_the_city_is_told() {
    let (own, foreign) = (authority(), authority());
    for (by, name, until, why) in [
        (&own, "127.0.0.1", 2099, None),
        (&foreign, "127.0.0.1", 2099, Some("設定した認証局のものではありません")),
        (&own, "other.mirai.lgwan.example", 2099, Some("証明書の名前が、送り先の名前と違います")),
        (&own, "127.0.0.1", 2020, Some("証明書の期限が切れています")),
    ] {
        let (addr, mut received) = behind_tls(by, name, until).await;
        let folder = tempfile::tempdir().expect("a folder");
        let ca = folder.path().join("ca.pem");
        std::fs::write(&ca, own.pem()).expect("written");
        let url = format!("sqlite:{}", folder.path().join("staff.db").display());
        let settings = format!(
            "networks = [\"127.0.0.0/8\"]\nfailures = 3\ntimeout_seconds = 30\nca = \"{}\"",
            ca.display()
        );
        let desk = Desk::on_with(&url, folder, |config| {
            config.webhooks = toml::from_str(&settings).expect("settings");
        })
        .await;
        desk.publishes(&["accept", "review", "notify"]).await;
        let receiver = format!("https://{addr}/hook");
        let (admin, path, _) = hook(&desk, &receiver, &[]).await;
        desk.applied("花子").await;
        match why {
            None => {
                let body =
                    tokio::time::timeout(PATIENCE, received.recv()).await.expect("it is sent");
                assert!(body.expect("a body").contains("application."));
                says(&admin, &path, ">204</td>").await;
            }
            Some(why) => {
                for tries in ["1回(", "2回("] {
                    says(&admin, &path, tries).await;
                    desk.clock.advance(SignedDuration::from_mins(10));
                }
                let page = says(&admin, &path, "失敗が続いて止まった").await;
                assert!(page.contains(why), "{why}: {page}");
                says(&admin, "/bridge", why).await;
                assert!(received.try_recv().is_err(), "not a word: {why}");
            }
        }
        desk.closes().await;
    }
}
