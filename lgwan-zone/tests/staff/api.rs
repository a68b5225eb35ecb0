//! The interface as business systems meet it: keys, what they reach, each write once.

use std::collections::BTreeSet;
use std::net::SocketAddr;

use bytes::Bytes;
use diesel::RunQueryDsl as _;
use domain::identity::KeyScope;
use http::header::{AUTHORIZATION, CONTENT_TYPE, HOST};
use http::{HeaderMap, Method, Request, StatusCode};
use http_body_util::{BodyExt as _, Full};
use hyper_util::rt::TokioIo;
use jiff::SignedDuration;
use lgwan_zone_store::api::keys;
use platform_testkit::on_both_databases;
use serde_json::{Value, json};

use crate::browser::{Answer, Browser};
use crate::city::{CHILDREN, CITIZENS, COPY};
use crate::desk::{Desk, Sent};
use crate::internal::applies;

/// A business system with its key.
#[derive(Clone)]
pub(crate) struct System {
    addr: SocketAddr,
    pub(crate) secret: String,
}

/// What it is told.
pub(crate) struct Told {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) bytes: Bytes,
}

impl Told {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.bytes)
            .unwrap_or_else(|_| panic!("{}: {}", self.status, String::from_utf8_lossy(&self.bytes)))
    }

    fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }

    /// A refusal: its code; it is problem details with words for people.
    pub(crate) fn refused(&self, status: u16) -> String {
        let body = self.json();
        assert_eq!(self.status, status, "{body}");
        assert_eq!(self.header("content-type"), "application/problem+json");
        fits("Problem", &body);
        body["code"].as_str().unwrap_or_default().to_owned()
    }

    pub(crate) fn done(&self) -> Value {
        let body = self.json();
        assert_eq!(self.status, 200, "{body}");
        body
    }
}

impl System {
    pub(crate) async fn get(&self, path: &str) -> Told {
        self.send(Method::GET, path, &[], None).await
    }

    pub(crate) async fn post(
        &self,
        path: &str,
        key: &str,
        version: i64,
        body: Option<Value>,
    ) -> Told {
        let tag = format!("\"{version}\"");
        let headers = [("idempotency-key", key), ("if-match", &tag)];
        self.send(Method::POST, path, &headers, body).await
    }

    async fn send(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: Option<Value>,
    ) -> Told {
        let stream = tokio::net::TcpStream::connect(self.addr).await.expect("it listens");
        let (mut sender, connection) =
            hyper::client::conn::http1::handshake(TokioIo::new(stream)).await.expect("http");
        tokio::spawn(connection);
        let mut request = Request::builder().method(method).uri(path);
        request = request.header(HOST, self.addr.to_string());
        if !self.secret.is_empty() {
            request = request.header(AUTHORIZATION, format!("Bearer {}", self.secret));
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        if body.is_some() {
            request = request.header(CONTENT_TYPE, "application/json");
        }
        let body = body.map_or_else(Bytes::new, |body| body.to_string().into());
        let request = request.body(Full::new(body)).expect("a request");
        let (parts, body) = sender.send_request(request).await.expect("an answer").into_parts();
        let bytes = body.collect().await.expect("a body").to_bytes();
        Told { status: parts.status, headers: parts.headers, bytes }
    }
}

impl Desk {
    /// A business system with a key that an administrator makes for it.
    pub(crate) async fn system(&self, wish: &[(&str, &str)]) -> System {
        // A code of the authenticator app counts once.
        self.clock.advance(SignedDuration::from_secs(30));
        let admin = self.logged_in("kanri").await;
        let mut fields = vec![
            ("name", "住民記録システム"),
            ("purpose", "住民票の写しの請求を受け取り、交付する。"),
            ("per_minute", "6000"),
            ("until", "2027-03-31"),
        ];
        fields.extend(wish);
        let page = admin.post("/staff/keys/new", "/staff/keys/new", &fields).await;
        let page = self.released(&admin, page).await;
        assert_eq!(page.status, 200, "{}", page.text());
        let text = page.text();
        let at = text.find(lgwan_zone_web::api::keys::BEGINS).expect("the secret");
        let letter = |c: &char| c.is_ascii_alphanumeric() || *c == '_';
        let secret: String = text[at..].chars().take_while(letter).collect();
        let list = admin.get("/staff/keys").await.text();
        assert!(list.contains("住民記録システム") && !list.contains(&secret), "shown once");
        System { addr: self.address(), secret }
    }

    /// The page with the secret of a key: at once, or after an auditor has released what was proposed.
    async fn released(&self, admin: &Browser, page: Answer) -> Answer {
        if page.status == 200 {
            return page;
        }
        let path = page.location().replace("?said=key_waits", "");
        let auditor = self.logged_in("kansa").await;
        let release = format!("{path}/release");
        let done = auditor.post(&path, &release, &[("do", "release")]).await;
        assert_eq!(done.location(), format!("{path}?said=key_released"), "{}", done.text());
        admin.post(&path, &format!("{path}/secret"), &[]).await
    }

    /// A business system that may do everything with the applications of 市民課.
    pub(crate) async fn able(&self) -> System {
        let all = KeyScope::ALL.map(|scope| ("scopes", scope.key()));
        let mut wish = all.to_vec();
        wish.push(("departments", CITIZENS));
        self.system(&wish).await
    }

    /// An application that arrived.
    pub(crate) async fn applied(&self, given: &str) -> String {
        let sent = self.submission(("山田", given), &[Sent::Picture("免許証.png")]).await;
        let id = sent.message.message.application().expect("a submission").to_string();
        self.arrives(sent).await.expect("taken in");
        id
    }
}

fn description() -> Value {
    serde_json::from_str(lgwan_zone_web::api::DESCRIPTION).expect("JSON")
}

/// Holds a value against a schema of the description: kinds, names, lists to choose from. Nothing
/// may be missing, and nothing may be there that the description does not name.
pub(crate) fn fits(schema: &str, value: &Value) {
    let whole = description();
    hold(&whole, &whole["components"]["schemas"][schema], value, schema);
}

fn hold(whole: &Value, schema: &Value, value: &Value, at: &str) {
    if let Some(name) = schema["$ref"].as_str() {
        let schema = whole.pointer(&name[1..]).unwrap_or_else(|| panic!("{name}"));
        return hold(whole, schema, value, at);
    }
    let kind = match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(number) if number.is_f64() => "number",
        Value::Number(_) => "integer",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    };
    let meant = |one: &Value| one == kind || (one == "number" && kind == "integer");
    let good = match &schema["type"] {
        Value::Array(some) => some.iter().any(meant),
        one => meant(one),
    };
    assert!(good, "{at}: {kind} where the description says {}", schema["type"]);
    if let Some(list) = schema["enum"].as_array() {
        assert!(list.contains(value), "{at}: {value} is not one of {list:?}");
    }
    match value {
        Value::Array(items) if schema.get("items").is_some() => {
            items.iter().for_each(|item| hold(whole, &schema["items"], item, at));
        }
        Value::Object(members) => {
            let required = schema["required"].as_array().map(Vec::as_slice).unwrap_or_default();
            for name in required.iter().filter_map(Value::as_str) {
                assert!(members.contains_key(name), "{at}: {name} is missing");
            }
            for (name, member) in members {
                let own = &schema["properties"][name];
                let open = &schema["additionalProperties"];
                match (own.is_object(), open) {
                    (true, _) => hold(whole, own, member, &format!("{at}.{name}")),
                    (false, Value::Object(_)) => hold(whole, open, member, at),
                    (false, open) => assert!(*open != false, "{at}: {name} is not described"),
                }
            }
        }
        Value::Array(_) | Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// NB-2.6, IK-2.1.2d2: the description names every route with the scope it needs, and no other.
#[test]
fn every_route_is_described() {
    let described = description();
    let mut told = BTreeSet::new();
    for (path, methods) in described["paths"].as_object().expect("paths") {
        for (method, about) in methods.as_object().expect("methods") {
            let scope = about["security"][0]["key"][0].as_str().unwrap_or("");
            told.insert((method.to_uppercase(), path.clone(), scope.to_owned()));
        }
    }
    let routes = lgwan_zone_web::api::routes::routes();
    let mut routes: BTreeSet<(String, String, String)> = routes
        .iter()
        .map(|one| (one.method.to_string(), one.path.to_owned(), one.scope.key().to_owned()))
        .collect();
    let open = ("GET".to_owned(), "/api/v1/openapi.json".to_owned(), String::new());
    routes.insert(open);
    assert_eq!(told, routes);
}

/// NB-2.6: everybody in LGWAN reads the description; nothing else without a key.
#[tokio::test(flavor = "multi_thread")]
async fn only_the_description_is_open() {
    let desk = Desk::open().await;
    let nobody = System { addr: desk.address(), secret: String::new() };
    let told = nobody.get("/api/v1/openapi.json").await;
    assert_eq!((told.status, told.json()), (StatusCode::OK, description()));
    for route in lgwan_zone_web::api::routes::routes() {
        let path = route.path.replace("{id}", COPY).replace("{file}", COPY);
        for secret in ["", "madoguchi_guessed"] {
            let system = System { secret: secret.to_owned(), ..nobody.clone() };
            let told = system.send(route.method.clone(), &path, &[], None).await;
            assert_eq!(told.refused(401), "api.no_key", "{path}");
            assert_eq!(told.header("www-authenticate"), "Bearer");
        }
    }
    assert_eq!(nobody.get("/api/v1/nothing").await.refused(404), "web.not_found");
    let told = nobody.send(Method::DELETE, "/api/v1/applications", &[], None).await;
    assert_eq!(told.refused(405), "web.wrong_method");
    desk.closes().await;
}

/// IK-2.1.2d2, IK-3.5.1a: who guesses keys is logged, and fills no log of three years with it.
#[tokio::test(flavor = "multi_thread")]
async fn guessed_keys_fill_no_log() {
    let desk = Desk::open().await;
    let guesser = System { addr: desk.address(), secret: "madoguchi_guessed".to_owned() };
    for _ in 0..50 {
        assert_eq!(guesser.get("/api/v1/procedures").await.refused(401), "api.no_key");
    }
    assert_eq!(refusals(&desk).await, 20, "of one address in one minute");
    desk.closes().await;
}

/// IK-2.1.2d2, IK-3.5.1a: neither does a key that is not taken: asked with from elsewhere, or revoked.
#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_is_not_taken_fills_no_log() {
    let desk = Desk::open().await;
    let wish = [("scopes", "procedures.read"), ("departments", CITIZENS)];
    let leaked = desk.system(&[&wish[..], &[("networks", "10.20.0.0/16")]].concat()).await;
    for _ in 0..50 {
        assert_eq!(leaked.get("/api/v1/procedures").await.refused(401), "api.no_key");
    }
    assert_eq!(refusals(&desk).await, 20, "of one key in one minute");
    desk.clock.advance(SignedDuration::from_mins(2));
    leaked.get("/api/v1/procedures").await;
    assert_eq!(refusals(&desk).await, 21, "the next minute is logged again");
    desk.closes().await;
}

/// How many keys that were not taken stand in the log.
async fn refusals(desk: &Desk) -> usize {
    let act = Some("api.refused".to_owned());
    let filter = platform_audit::Filter { act, ..Default::default() };
    let logged = desk
        .store
        .read(move |db| platform_audit::search(db, platform_audit::Log::Own, &filter, 100))
        .await;
    logged.expect("readable").len()
}

/// IK-2.1.2d2: each scope opens its routes and no other; the refusals are in the operation log.
#[tokio::test(flavor = "multi_thread")]
async fn a_scope_opens_its_routes_only() {
    let desk = Desk::open().await;
    desk.publishes(&["accept", "review", "notify"]).await;
    for scope in KeyScope::ALL {
        let wish = [("scopes", scope.key()), ("departments", CITIZENS)];
        let system = desk.system(&wish).await;
        for route in lgwan_zone_web::api::routes::routes() {
            let path = route.path.replace("{id}", COPY).replace("{file}", COPY);
            let told = system.send(route.method.clone(), &path, &[], None).await;
            let open = told.status != 403;
            assert_eq!(open, route.scope == scope, "{} {path}: {}", scope.key(), told.status);
        }
    }
    let auditor = desk.logged_in("kansa").await;
    let log = auditor.get("/audit?act=identity").await.text();
    assert!(log.contains("権限のない操作") && log.contains("住民記録システム"), "{log}");
    desk.closes().await;
}

/// IK-2.1.2d2, NF-39: what is out of reach looks as if it did not exist, and is noted.
#[tokio::test(flavor = "multi_thread")]
async fn another_department_sees_nothing_through_its_key() {
    let desk = Desk::open().await;
    desk.publishes(&["accept", "review", "notify"]).await;
    let id = desk.applied("花子").await;
    let mut wish: Vec<_> = KeyScope::ALL.map(|scope| ("scopes", scope.key())).to_vec();
    wish.push(("departments", CHILDREN));
    let system = desk.system(&wish).await;
    let path = format!("/api/v1/applications/{id}");
    assert_eq!(system.get(&path).await.refused(404), "api.missing");
    assert_eq!(system.get(&format!("/api/v1/procedures/{COPY}")).await.refused(404), "api.missing");
    let told = system.post(&format!("{path}/accept"), "uketsuke-1", 1, None).await;
    assert_eq!(told.refused(404), "api.missing");
    for list in ["applications", "procedures"] {
        let told = system.get(&format!("/api/v1/{list}")).await.done();
        assert_eq!(told["items"], json!([]));
    }
    assert_eq!(system.get("/api/v1/statistics").await.done()["counts"], json!([]));
    let auditor = desk.logged_in("kansa").await;
    let log = auditor.get("/audit?act=identity").await.text();
    assert!(log.contains("権限のない操作"), "the attempt is recorded");
    desk.closes().await;
}

/// IK-2.1.2d2: a key ends at its hour, when it is revoked, and outside of its networks.
#[tokio::test(flavor = "multi_thread")]
async fn a_key_has_its_place_and_time() {
    let desk = Desk::open().await;
    let read = [("scopes", "procedures.read"), ("departments", CITIZENS)];
    let elsewhere = desk.system(&[&read[..], &[("networks", "10.20.0.0/16")]].concat()).await;
    assert_eq!(elsewhere.get("/api/v1/procedures").await.refused(401), "api.no_key");
    let here = [("networks", "10.20.0.0/16\n127.0.0.1")];
    let here = desk.system(&[&read[..], &here].concat()).await;
    assert_eq!(here.get("/api/v1/procedures").await.status, 200);

    desk.clock.advance(SignedDuration::from_secs(30));
    let admin = desk.logged_in("kanri").await;
    let list = admin.get("/staff/keys").await.text();
    let link = "href=\"/staff/keys/";
    let ids = list.split(link).skip(1).filter_map(|rest| rest.split('"').next());
    for id in ids.filter(|id| *id != "new").collect::<Vec<_>>() {
        let (page, act) = (format!("/staff/keys/{id}"), format!("/staff/keys/{id}/revoke"));
        let used = admin.get(&page).await.text();
        assert!(used.contains("127.0.0.1") || used.contains("なし"), "{used}");
        assert_eq!(admin.post(&page, &act, &[]).await.status, 303);
    }
    assert_eq!(here.get("/api/v1/procedures").await.refused(401), "api.no_key");

    let short = desk.system(&[&read[..], &[("name", "期限付き")]].concat()).await;
    assert_eq!(short.get("/api/v1/procedures").await.status, 200);
    desk.clock.advance(SignedDuration::from_hours(24 * 200));
    assert_eq!(short.get("/api/v1/procedures").await.refused(401), "api.no_key");
    desk.closes().await;
}

/// IK-2.1.2d2: a key gets another secret, and the one before is taken for the chosen days, so that a
/// business system is changed without a gap; a second press of the same button makes no third one.
#[tokio::test(flavor = "multi_thread")]
async fn a_key_gets_another_secret_without_a_gap() {
    let desk = Desk::open().await;
    let before = desk.system(&[("scopes", "procedures.read"), ("departments", CITIZENS)]).await;
    desk.clock.advance(SignedDuration::from_secs(30));
    let admin = desk.logged_in("kanri").await;
    let id = desk.store.read(keys::all).await.expect("readable").remove(0).id;
    let (page, act) = (format!("/staff/keys/{id}"), format!("/staff/keys/{id}/turn"));
    let seen = |page: &str| -> String {
        let value = page.split("name=\"seen\" value=\"").nth(1).expect("a form");
        value.split('"').next().expect("a value").to_owned()
    };
    let secret = |page: &str| -> String {
        let at = page.find(lgwan_zone_web::api::keys::BEGINS).expect("the secret");
        page[at..].chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '_').collect()
    };
    let old = seen(&admin.get(&page).await.text());
    let turned = admin.post(&page, &act, &[("seen", &old), ("days", "7")]).await;
    assert_eq!(turned.status, 200, "{}", turned.text());
    let after = System { addr: desk.address(), secret: secret(&turned.text()) };
    for system in [&before, &after] {
        assert_eq!(system.get("/api/v1/procedures").await.status, 200);
    }
    let again = admin.post(&page, &act, &[("seen", &old), ("days", "7")]).await;
    assert_eq!(again.location(), format!("{page}?said=turned_before"));
    let shown = admin.get(&again.location()).await.text();
    for words in ["すでに新しくなっている", "前の文字も、2026-11-27"] {
        assert!(shown.contains(words), "{words}: {shown}");
    }
    desk.clock.advance(SignedDuration::from_hours(24 * 7));
    assert_eq!(before.get("/api/v1/procedures").await.refused(401), "api.no_key");
    assert_eq!(after.get("/api/v1/procedures").await.status, 200);

    let admin = desk.logged_in("kanri").await;
    let now = seen(&admin.get(&page).await.text());
    let turned = admin.post(&page, &act, &[("seen", &now), ("days", "0")]).await;
    let last = System { addr: desk.address(), secret: secret(&turned.text()) };
    assert_eq!(after.get("/api/v1/procedures").await.refused(401), "api.no_key");
    assert_eq!(last.get("/api/v1/procedures").await.status, 200);
    let auditor = desk.logged_in("kansa").await;
    assert!(auditor.get("/audit?act=api").await.text().contains("APIキーの文字の更新"));
    desk.closes().await;
}

/// IK-2.1.2d2: a key that asks too often is told how long to wait.
#[tokio::test(flavor = "multi_thread")]
async fn a_key_keeps_its_pace() {
    let desk = Desk::open().await;
    let wish = [("scopes", "statistics.read"), ("departments", CITIZENS), ("per_minute", "3")];
    let wish: Vec<_> = wish.iter().rev().copied().collect();
    let admin = desk.logged_in("kanri").await;
    let mut fields = vec![("name", "集計"), ("purpose", "件数"), ("until", "2027-03-31")];
    fields.extend(wish);
    let page = admin.post("/staff/keys/new", "/staff/keys/new", &fields).await.text();
    let at = page.find(lgwan_zone_web::api::keys::BEGINS).expect("the secret");
    let letter = |c: &char| c.is_ascii_alphanumeric() || *c == '_';
    let secret = page[at..].chars().take_while(letter).collect();
    let system = System { addr: desk.address(), secret };
    for _ in 0..3 {
        assert_eq!(system.get("/api/v1/statistics").await.status, 200);
    }
    let told = system.get("/api/v1/statistics").await;
    assert_eq!((told.refused(429).as_str(), told.header("retry-after")), ("api.too_fast", "60"));
    desk.clock.advance(SignedDuration::from_secs(60));
    assert_eq!(system.get("/api/v1/statistics").await.status, 200);
    desk.closes().await;
}

/// NB-2.1, IK-2.1.2d2: a key works on nothing for which the person applied who made it and saw its secret; it works
/// on what others applied for.
#[tokio::test(flavor = "multi_thread")]
async fn a_key_decides_nothing_its_maker_applied_for() {
    let desk = Desk::open().await;
    desk.publishes_with(|one| one["listing"] = "internal".into()).await;
    let own = applies(&desk.logged_in("kanri").await).await;
    let other = applies(&desk.logged_in("kodomo").await).await;
    let system = desk.able().await;
    let at = |id: &str| format!("/api/v1/applications/{id}/accept");
    let refused = system.post(&at(&own), "own-accept-1", 1, None).await;
    assert_eq!(refused.refused(403), "api.own");
    assert_eq!(system.get(&format!("/api/v1/applications/{own}")).await.done()["version"], 1);
    let done = system.post(&at(&other), "other-accept-1", 1, None).await;
    assert_eq!(done.done()["state"], "accepted");
    desk.closes().await;
}

on_both_databases!(
    /// IK-2.1.2d2, NB-2.6: what changed is read page by page, an application whole with its answers as
    /// the form says, and its rebuilt files; each answer is what the description says.
    a_business_system_reads_applications,
    |url: String| async move {
        let desk = Desk::on(&url, tempfile::tempdir().expect("a folder")).await;
        desk.publishes(&["accept", "review", "notify"]).await;
        let system = desk.able().await;
        let mut ids = Vec::new();
        for given in ["一", "二", "三"] {
            desk.clock.advance(SignedDuration::from_secs(1));
            ids.push(desk.applied(given).await);
        }
        let first = system.get("/api/v1/applications?limit=2").await.done();
        fits("Applications", &first);
        let cursor = first["next_cursor"].as_str().expect("more");
        let second = system.get(&format!("/api/v1/applications?limit=2&cursor={cursor}")).await.done();
        let listed: Vec<&Value> = [&first, &second]
            .iter()
            .flat_map(|page| page["items"].as_array().expect("a list"))
            .map(|one| &one["id"])
            .collect();
        assert_eq!(listed, ids.iter().collect::<Vec<_>>());
        assert_eq!(second["next_cursor"], Value::Null);
        assert!(!first.to_string().contains("山田"), "lists have no names");
        let narrowed = format!("/api/v1/applications?procedure={COPY}&state=accepted");
        assert_eq!(system.get(&narrowed).await.done()["items"], json!([]));
        let since = first["items"][0]["changed_at"].as_str().expect("a time");
        let late = format!("/api/v1/applications?state=arrived&changed_since={since}");
        assert_eq!(system.get(&late).await.done()["items"].as_array().map(Vec::len), Some(3));

        let told = system.get(&format!("/api/v1/applications/{}", ids[0])).await;
        let one = told.done();
        fits("Application", &one);
        assert_eq!(told.header("etag"), format!("\"{}\"", one["version"]));
        assert_eq!(one["answers"]["name"]["given"], "一");
        assert_eq!(one["answers"]["kind"], "all");
        assert_eq!(one["answers"]["proof"][0], one["files"][0]["id"]);
        assert_eq!(one["steps"], json!(["accept", "correction"]));
        let file = one["files"][0]["id"].as_str().expect("a file");
        let bytes = system.get(&format!("/api/v1/applications/{}/files/{file}", ids[0])).await;
        assert_eq!((bytes.status, bytes.header("content-type")), (StatusCode::OK, "image/png"));
        let foreign = system.get(&format!("/api/v1/applications/{}/files/{file}", ids[1])).await;
        assert_eq!(foreign.refused(404), "api.no_file");

        let procedures = system.get("/api/v1/procedures").await.done();
        fits("Procedures", &procedures);
        let form = system.get(&format!("/api/v1/procedures/{COPY}?revision=1")).await.done();
        fits("Procedure", &form);
        assert_eq!(form["definition"]["pages"][0]["fields"][0]["id"], "name");
        let none = system.get(&format!("/api/v1/procedures/{COPY}?revision=9")).await;
        assert_eq!(none.refused(404), "api.missing");
        let counts = system.get("/api/v1/statistics").await.done();
        fits("Statistics", &counts);
        assert_eq!(counts["counts"][0]["applications"], 3);
        for slip in ["limit=0", "limit=101", "state=new", "changed_since=gestern", "cursor=1", "x=1"] {
            let told = system.get(&format!("/api/v1/applications?{slip}")).await;
            assert_eq!(told.refused(400), "api.bad_parameter", "{slip}");
        }

        let auditor = desk.logged_in("kansa").await;
        let log = auditor.get("/audit?act=api").await.text();
        for act in ["申請の一覧の取得", "申請の取得", "添付ファイルの取得", "住民記録システム"]
        {
            assert!(log.contains(act), "{act}");
        }
        // The question is asked: nothing of another room is in its file, and an unknown room has none.
        let file = auditor.get("/audit/export?act=api").await.text();
        let rows: Vec<&str> = file.lines().skip(1).collect();
        assert!(rows.len() >= 3 && rows.iter().all(|row| row.contains("\"api.")), "{file}");
        let file = auditor.get("/audit/export?act=apo").await.text();
        assert_eq!(file.lines().count(), 1, "{file}");
        desk.closes().await;
    }
);

/// IK-2.1.2a3, IK-2.1.2d2: a business system reads what staff noted in the fields of their own, typed as
/// answers are; nothing before anybody noted anything.
#[tokio::test(flavor = "multi_thread")]
async fn a_business_system_reads_what_staff_noted() {
    let desk = Desk::open().await;
    desk.publishes_with(|definition| {
        definition["staff_fields"] = json!([
            {"id": "shelf", "label": "書庫の番号", "kind": {"type": "text"}},
            {"id": "boxes", "label": "箱の数", "kind": {"type": "number"}}
        ]);
    })
    .await;
    let system = desk.able().await;
    let id = desk.applied("花子").await;
    let path = format!("/api/v1/applications/{id}");
    let before = system.get(&path).await.done();
    fits("Application", &before);
    assert_eq!(before["staff_fields"], json!({}));
    let clerk = desk.logged_in("uketsuke").await;
    let page = format!("/applications/{id}/staff-fields");
    for (seen, shelf) in [("0", "A-1"), ("1", "B-2")] {
        let noted = [("_seen", seen), ("shelf", shelf), ("boxes", "3")];
        assert_eq!(clerk.post(&page, &page, &noted).await.status, 303);
    }
    let after = system.get(&path).await.done();
    fits("Application", &after);
    assert_eq!(after["staff_fields"], json!({"shelf": "B-2", "boxes": 3}));
    assert_eq!(after["version"], before["version"]);
    desk.closes().await;
}

on_both_databases!(
    /// IK-2.1.2d2, NF-35: a business system takes an application to its end and issues a document; each
    /// write is done once, on the version it saw, and stands in the history under the key's name.
    a_business_system_takes_an_application_to_its_end,
    |url: String| async move {
        let desk = Desk::on(&url, tempfile::tempdir().expect("a folder")).await;
        desk.publishes(&["accept", "review", "notify"]).await;
        let system = desk.able().await;
        let id = desk.applied("花子").await;
        let path = format!("/api/v1/applications/{id}");
        let at = |step: &str| format!("{path}/{step}");

        let first = system.post(&at("accept"), "uketsuke-1", 1, None).await;
        let done = first.done();
        fits("Done", &done);
        assert_eq!((&done["state"], &done["version"]), (&json!("accepted"), &json!(2)));
        let again = system.post(&at("accept"), "uketsuke-1", 1, None).await;
        assert_eq!((again.done(), again.header("idempotency-replayed")), (done, "true"));
        assert_eq!(again.header("etag"), "\"2\"");
        let other = system.post(&at("review"), "uketsuke-1", 2, None).await;
        assert_eq!(other.refused(422), "api.key_used");
        assert_eq!(system.post(&at("review"), "shinsa-01", 1, None).await.refused(412), "api.moved");
        assert_eq!(system.post(&at("finish"), "kanryo-01", 2, None).await.refused(409), "api.not_now");
        let unkeyed = system.send(Method::POST, &at("review"), &[("if-match", "\"2\"")], None).await;
        assert_eq!(unkeyed.refused(400), "api.no_idempotency_key");
        let headers = [("idempotency-key", "shinsa-02")];
        let blind = system.send(Method::POST, &at("review"), &headers, None).await;
        assert_eq!(blind.refused(428), "api.no_version");

        let asked = json!({"reason": "使いみちを書いてください。", "correct_by": "2026-12-01",
            "fields": ["reason"]});
        let unknown = json!({"reason": "?", "correct_by": "2026-12-01", "fields": ["nothing"]});
        let told = system.post(&at("correction"), "hosei-001", 2, Some(unknown)).await;
        assert_eq!(told.refused(422), "api.bad_value");
        let told = system.post(&at("correction"), "hosei-001", 2, Some(json!({"why": 1}))).await;
        assert_eq!(told.refused(422), "api.bad_body");
        let members = ["?", "2026-12-01", "reason"];
        let told = system.post(&at("correction"), "hosei-001", 2, Some(json!(members))).await;
        assert_eq!(told.refused(422), "api.bad_body", "the order of members is nobody's business");
        let second = desk.applied("次郎").await;
        let back = format!("/api/v1/applications/{second}/correction");
        let told = system.post(&back, "hosei-002", 1, Some(asked)).await.done();
        assert_eq!(told["state"], "correction");
        let seen = system.get(&format!("/api/v1/applications/{second}")).await.done();
        fits("Application", &seen);
        assert_eq!(seen["corrections"][0]["fields"], json!(["reason"]));

        assert_eq!(system.post(&at("review"), "shinsa-03", 2, None).await.status, 200);
        let note = json!({"words": "住民記録と照合済み"});
        for _ in 0..2 {
            let told = system.post(&at("notes"), "memo-0001", 3, Some(note.clone())).await;
            assert_eq!(told.done()["version"], 3);
        }
        let pdf = "JVBERi0xLjcKJSVFT0YK";
        let wrong = json!({"document": {"title": "写し", "file_name": "a.pdf", "content": "AAAA"}});
        let told = system.post(&at("result"), "kekka-001", 3, Some(wrong)).await;
        assert_eq!(told.refused(422), "api.bad_value");
        for listed in [json!([]), json!({"document": ["写し", "", "a.pdf", pdf]})] {
            let told = system.post(&at("result"), "kekka-001", 3, Some(listed)).await;
            assert_eq!(told.refused(422), "api.bad_body");
        }
        let result = json!({"note": "交付します。",
            "document": {"title": "住民票の写し", "number": "市民第1号", "file_name": "写し.pdf",
            "content": pdf}});
        let told = system.post(&at("result"), "kekka-002", 3, Some(result.clone())).await.done();
        assert_eq!(told["state"], "notified");
        assert_eq!(system.post(&at("result"), "kekka-002", 3, Some(result)).await.done(), told);
        let version = told["version"].as_i64().expect("a version");
        let end = system.post(&at("finish"), "kanryo-02", version, None).await.done();
        assert_eq!(end["state"], "done");

        let whole = system.get(&path).await.done();
        fits("Application", &whole);
        assert_eq!(whole["documents"].as_array().map(Vec::len), Some(1), "issued once");
        let clerk = desk.logged_in("uketsuke").await;
        let page = clerk.get(&format!("/applications/{id}")).await.text();
        assert_eq!(page.matches("住民記録と照合済み").count(), 1, "noted once");
        assert!(page.contains("住民記録システム") && page.contains("住民票の写し"));
        let auditor = desk.logged_in("kansa").await;
        let log = auditor.get("/audit?act=api").await.text();
        assert!(log.contains("同じ書き込みの再送"), "a write that is sent again is noted");
        desk.closes().await;
    }
);

/// IK-2.1.2d2: two writers at once: one is first, the other is told that the application moved.
#[tokio::test(flavor = "multi_thread")]
async fn two_writers_do_not_overwrite_each_other() {
    let desk = Desk::open().await;
    desk.publishes(&["accept", "review", "notify"]).await;
    let system = desk.able().await;
    let id = desk.applied("花子").await;
    let path = format!("/api/v1/applications/{id}/accept");
    let sent = (0..8).map(|n| {
        let (system, path) = (system.clone(), path.clone());
        tokio::spawn(
            async move { system.post(&path, &format!("writer-{n:02}"), 1, None).await.status },
        )
    });
    let mut taken = Vec::new();
    for one in sent.collect::<Vec<_>>() {
        taken.push(one.await.expect("it ends").as_u16());
    }
    taken.sort_unstable();
    assert_eq!(taken[0], 200, "{taken:?}");
    assert!(taken[1..].iter().all(|status| *status == 412), "{taken:?}");
    desk.closes().await;
}

/// IK-2.1.2d2: the form for a key says what is wrong and keeps what was typed.
#[tokio::test(flavor = "multi_thread")]
async fn the_form_for_a_key_says_what_is_wrong() {
    let desk = Desk::open().await;
    let admin = desk.logged_in("kanri").await;
    let fields = [("name", "税システム"), ("networks", "10.0.0.0/99"), ("until", "2020-01-01")];
    let page = admin.post("/staff/keys/new", "/staff/keys/new", &fields).await;
    assert_eq!(page.status, 422);
    let text = page.text();
    for words in [
        "税システム",
        "10.0.0.0/99",
        "使う目的を",
        "できることを",
        "部署を",
        "ネットワークは",
        "最後の日は",
    ] {
        assert!(text.contains(words), "{words}");
    }
    assert!(admin.get("/staff/keys").await.text().contains("まだありません"));
    desk.closes().await;
}

/// IK-2.1.2d2: a key that reaches applications is released by another person than who proposed it, and
/// only then shown, once, to who proposed it; one that was refused never is.
#[tokio::test(flavor = "multi_thread")]
async fn two_people_make_a_key() {
    let desk = Desk::open().await;
    let admin = desk.logged_in("kanri").await;
    let new = "/staff/keys/new";
    let wish = [
        ("name", "住民記録システム"),
        ("purpose", "請求を受け取る。"),
        ("scopes", "applications.read"),
        ("departments", CITIZENS),
        ("per_minute", "600"),
        ("until", "2027-03-31"),
    ];
    let proposes = async || {
        let sent = admin.post(new, new, &wish).await;
        assert_eq!(sent.status, 303, "{}", sent.text());
        sent.location().replace("?said=key_waits", "")
    };
    let path = proposes().await;
    let (release, secret) = (format!("{path}/release"), format!("{path}/secret"));
    let page = admin.get(&path).await.text();
    assert!(page.contains("承認待ち") && !page.contains("承認する"), "{page}");
    let own = admin.post(&path, &release, &[("do", "release")]).await;
    assert_eq!(own.status, 409);
    assert!(own.text().contains("自分では承認できません"), "{}", own.text());
    let early = admin.post(&path, &secret, &[]).await;
    assert_eq!(early.location(), format!("{path}?said=key_seen"), "not before the release");

    let auditor = desk.logged_in("kansa").await;
    assert!(auditor.get(&path).await.text().contains("承認する"));
    auditor.post(&path, &release, &[("do", "release")]).await;
    let theirs = auditor.post(&path, &secret, &[]).await;
    assert_eq!(theirs.status, 403, "who released it does not see it");
    let shown = admin.post(&path, &secret, &[]).await;
    assert_eq!(shown.headers["cache-control"], "no-store");
    let text = shown.text();
    let at = text.find(lgwan_zone_web::api::keys::BEGINS).expect("the secret");
    let letter = |c: &char| c.is_ascii_alphanumeric() || *c == '_';
    let system =
        System { addr: desk.address(), secret: text[at..].chars().take_while(letter).collect() };
    assert_eq!(system.get("/api/v1/applications").await.status, 200);
    let again = admin.post(&path, &secret, &[]).await;
    assert_eq!(again.location(), format!("{path}?said=key_seen"), "once");
    let (turn, seen) = (format!("{path}/turn"), {
        let page = admin.get(&path).await.text();
        let value = page.split("name=\"seen\" value=\"").nth(1).expect("who proposed it turns it");
        value.split('"').next().expect("a value").to_owned()
    });
    let of_before = desk.store.write(|tx| {
        diesel::sql_query("update api_keys set released_by = null").execute(tx.db).map(drop)
    });
    of_before.await.expect("written");
    assert!(!admin.get(&path).await.text().contains("新しい文字を作る"));
    let alone = admin.post(&path, &turn, &[("seen", &seen), ("days", "7")]).await;
    assert_eq!(alone.location(), format!("{path}?said=turned_before"), "nobody alone");
    assert_eq!(system.get("/api/v1/applications").await.status, 200);

    let path = proposes().await;
    let (release, secret) = (format!("{path}/release"), format!("{path}/secret"));
    let refused = auditor.post(&path, &release, &[("do", "refuse")]).await;
    assert_eq!(refused.location(), format!("{path}?said=key_refused"));
    assert_eq!(admin.post(&path, &secret, &[]).await.location(), format!("{path}?said=key_seen"));
    let log = auditor.get("/audit?act=api").await.text();
    for act in ["APIキーの提案", "APIキーの承認", "APIキーの不承認", "APIキーの表示"]
    {
        assert!(log.contains(act), "{act}: {log}");
    }
    desk.closes().await;
}
