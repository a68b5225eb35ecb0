//! Webhooks on the pages of administrators: made for a key, looked at, stopped, sent again
//! (`docs/decisions/0079`).

use std::net::IpAddr;

use askama::Template;
use axum::extract::{Path, State};
use axum::response::IntoResponse as _;
use domain::identity::{Action, Object};
use http::{StatusCode, Uri};
use ipnet::IpNet;
use lgwan_zone_store::api::keys;
use lgwan_zone_store::api::webhooks::{self, Delivery, Standing, Webhook};
use lgwan_zone_store::identity::staff;
use platform_web::{
    CsrfForm, FormData, Html, OrFault as _, PageResult, QueryData, Reply, Trouble, Visitor,
    see_other,
};
use ring::hmac;
use serde::Deserialize;

use super::guard::listed;
use super::query::is_id;
use crate::frame::{Choice, Fault, Frame, Place, maybe};
use crate::guard::Who;
use crate::site::{Site, TEXTS};
use crate::words;

/// Longest address in characters.
const LONGEST: usize = 300;
/// Deliveries the page of a webhook shows.
const SHOWN: i64 = 100;

/// Networks that may be dialled.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
pub struct Reach(Vec<IpNet>);

/// Networks that no router carries to the internet.
const CLOSED: [&str; 6] =
    ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "127.0.0.0/8", "fc00::/7", "::1/128"];

impl Reach {
    /// The first network that is no part of a closed one.
    #[must_use]
    pub fn outside(&self) -> Option<String> {
        let closed: Vec<IpNet> = CLOSED.iter().filter_map(|one| one.parse().ok()).collect();
        let inside = |one: &&IpNet| !closed.iter().any(|all| all.contains(*one));
        self.0.iter().find(inside).map(IpNet::to_string)
    }

    /// Whether this address may be dialled.
    #[must_use]
    pub fn allows(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        self.0.iter().any(|network| network.contains(&address))
    }

    /// Whether any may.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// The signature of what is sent: HMAC-SHA256 of `TIMESTAMP.BODY`, lower-case hex.
#[must_use]
pub fn signature(secret: &str, timestamp: &str, body: &str) -> String {
    use std::fmt::Write as _;
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
    let signed = hmac::sign(&key, format!("{timestamp}.{body}").as_bytes());
    signed.as_ref().iter().fold(String::with_capacity(64), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[derive(Template)]
#[template(path = "api/webhooks.html")]
struct ListPage {
    frame: Frame,
    hooks: Vec<View>,
    can_manage: bool,
    /// Whether the settings allow any address.
    reaches: bool,
}

#[derive(Template)]
#[template(path = "api/webhook_new.html")]
struct NewPage {
    frame: Frame,
    faults: Vec<Fault>,
    id: String,
    url: String,
    keys: Vec<Choice>,
    events: Vec<Choice>,
    reaches: bool,
}

#[derive(Template)]
#[template(path = "api/webhook_made.html")]
struct MadePage {
    frame: Frame,
    id: String,
    url: String,
    secret: String,
}

#[derive(Template)]
#[template(path = "api/webhook.html")]
struct ShowPage {
    frame: Frame,
    hook: View,
    deliveries: Vec<Told>,
    can_manage: bool,
    /// Whether this person releases or refuses it.
    decides: bool,
    /// Who released it, and when.
    released: Option<String>,
    left: bool,
}

/// A webhook as pages show it.
struct View {
    id: String,
    key: String,
    key_id: String,
    url: String,
    events: String,
    state: &'static str,
    mark: &'static str,
    made: String,
    sent: String,
    failures: i32,
    error: String,
    waiting: String,
    given_up: String,
    standing: Standing,
    /// Whether it waits for a second person.
    waits: bool,
}

/// A delivery as its page shows it.
struct Told {
    event: String,
    application: String,
    version: i32,
    at: String,
    state: &'static str,
    mark: &'static str,
    attempts: i32,
    answer: String,
    sent: Option<String>,
    again: bool,
}

fn standing(hook: &Webhook) -> Standing {
    Standing::parse(&hook.state).unwrap_or(Standing::Ended)
}

fn state_words(standing: Standing) -> (&'static str, &'static str) {
    match standing {
        Standing::On => (TEXTS.text("api.webhook.state.on"), "tag tag-work"),
        Standing::Stopped => (TEXTS.text("api.webhook.state.stopped"), "tag tag-wait"),
        Standing::Halted => (TEXTS.text("api.webhook.state.halted"), "tag tag-bad tag-long"),
        Standing::Ended => (TEXTS.text("api.webhook.state.ended"), "tag tag-end"),
    }
}

/// What an event is called: the state it tells of.
fn event_words(kind: &str) -> &'static str {
    TEXTS.get(&format!("applications.state.{kind}")).unwrap_or("")
}

fn view(hook: &Webhook, key: &str, (waiting, given_up): (i64, i64)) -> Result<View, Trouble> {
    let events = listed(&hook.events)?;
    let standing = standing(hook);
    let (state, mark) = if hook.waits() {
        (TEXTS.text("api.webhook.state.waits"), "tag tag-wait")
    } else {
        state_words(standing)
    };
    Ok(View {
        id: hook.id.clone(),
        key: key.to_owned(),
        key_id: hook.key_id.clone(),
        url: hook.url.clone(),
        events: match events.as_slice() {
            [] => TEXTS.text("api.webhook.every_event").to_owned(),
            some => {
                let names: Vec<&str> = some.iter().map(|one| event_words(one)).collect();
                names.join(TEXTS.text("frame.and"))
            }
        },
        state,
        mark,
        made: words::stored(hook.made_at),
        sent: maybe(hook.sent_at).unwrap_or_else(|| TEXTS.text("api.page.never").to_owned()),
        failures: hook.failures,
        error: why(&hook.last_error),
        waiting: words::count(waiting),
        given_up: words::count(given_up),
        standing,
        waits: hook.waits(),
    })
}

fn told(one: &Delivery) -> Told {
    let (state, mark) = match one.state.as_str() {
        "sent" => (TEXTS.text("api.webhook.told.sent"), "tag tag-work"),
        "given_up" => (TEXTS.text("api.webhook.told.given_up"), "tag tag-bad tag-long"),
        _ => (TEXTS.text("api.webhook.told.waiting"), "tag tag-wait"),
    };
    Told {
        event: one.event(),
        application: one.application_id.clone(),
        version: one.version,
        at: words::stored(one.at),
        state,
        mark,
        attempts: one.attempts,
        answer: why(&one.answer),
        sent: maybe(one.sent_at),
        again: one.state != "waiting",
    }
}

/// Lists the webhooks.
pub async fn list(
    State(site): State<Site>,
    who: Who,
    visitor: Visitor,
    query: QueryData,
) -> PageResult {
    who.may(Action::ReadStaff, &Object::StaffList)?;
    let all = site.store.read(|db| {
        let all = webhooks::all(db)?;
        all.into_iter()
            .map(|(hook, key)| Ok((webhooks::left(db, &hook.id)?, hook, key)))
            .collect::<Result<Vec<_>, lgwan_zone_store::QueryError>>()
    });
    let all = all.await?;
    let page = ListPage {
        hooks: all
            .iter()
            .map(|(left, hook, key)| view(hook, key, *left))
            .collect::<Result<_, _>>()?,
        can_manage: who.can(Action::ManageStaff, &Object::StaffList),
        reaches: !site.settings.webhooks.is_empty(),
        frame: Frame::of(&site, &who, &visitor, Place::Staff).said(&query, "api"),
    };
    Ok(Html(page).into_response())
}

/// Shows the form for a new webhook.
pub async fn new(State(site): State<Site>, who: Who, visitor: Visitor) -> PageResult {
    who.may(Action::ManageStaff, &Object::StaffList)?;
    let frame = Frame::of(&site, &who, &visitor, Place::Staff);
    let page = form(&site, frame, site.new_id(), &FormData::default(), Vec::new()).await?;
    Ok(Html(page).into_response())
}

async fn form(
    site: &Site,
    frame: Frame,
    id: String,
    typed: &FormData,
    faults: Vec<Fault>,
) -> Result<NewPage, Trouble> {
    let now = site.clock.now().as_microsecond();
    let all = site.store.read(keys::all).await?;
    let open = all.into_iter().filter(|key| key.is_valid(now));
    let events = webhooks::kinds().into_iter();
    Ok(NewPage {
        frame,
        faults,
        id,
        url: typed.text("url").to_owned(),
        keys: open
            .map(|key| Choice::new(&key.id, &key.name, key.id == typed.text("key")))
            .collect(),
        events: events
            .map(|one| {
                let words = TEXTS.fill(
                    "api.webhook.event",
                    &[("state", &event_words(one)), ("code", &format!("application.{one}"))],
                );
                Choice::new(one, &words, typed.all("events").any(|sent| sent == one))
            })
            .collect(),
        reaches: !site.settings.webhooks.is_empty(),
    })
}

/// Makes a webhook, whose secret is shown once. It is told nothing until somebody else releases it
/// (`docs/decisions/0109`).
pub async fn post(
    State(site): State<Site>,
    who: Who,
    visitor: Visitor,
    CsrfForm(typed): CsrfForm,
) -> PageResult {
    who.may(Action::ManageStaff, &Object::StaffList)?;
    let sent = typed.text("id");
    let id = if is_id(sent) { sent.to_owned() } else { site.new_id() };
    let wanted = typed.text("key").to_owned();
    let key = site.store.read(move |db| keys::find(db, &wanted)).await?;
    let now = site.clock.now().as_microsecond();
    let key = key.filter(|key| key.is_valid(now));
    let url = typed.text("url").trim().to_owned();
    let mut faults = Vec::new();
    if key.is_none() {
        faults.push(Fault::of("key", "api.webhook.fault.key"));
    }
    if let Err(why) = address(&site.settings.webhooks, &url) {
        faults.push(Fault::of("url", why));
    }
    let frame = Frame::of(&site, &who, &visitor, Place::Staff);
    let Some(key) = key.filter(|_| faults.is_empty()) else {
        let page = form(&site, frame, id, &typed, faults).await?;
        return Err(Trouble::from((StatusCode::UNPROCESSABLE_ENTITY, Html(page)).into_response()));
    };
    let events: Vec<&str> = webhooks::kinds()
        .into_iter()
        .filter(|one| typed.all("events").any(|sent| sent == *one))
        .collect();
    let hook = Webhook {
        id: id.clone(),
        key_id: key.id,
        url: url.clone(),
        events: serde_json::to_string(&events).or_fault()?,
        state: Standing::On.code().to_owned(),
        failures: 0,
        next_at: 0,
        made_at: now,
        made_by: who.id.clone(),
        sent_at: None,
        last_error: String::new(),
        released_at: None,
        released_by: None,
    };
    let by = who.by(&site);
    if !site.store.write(move |tx| webhooks::make(tx, &by, &hook)).await? {
        return Ok(see_other(format!("/staff/webhooks/{id}")));
    }
    let secret = site.vault.webhook(&id);
    Ok(Html(MadePage { frame, id, url, secret }).into_response())
}

/// Whether this may be told: a plain address of HTTP, and when it is a number, one that is allowed.
/// Names are looked up when something is sent.
fn address(reach: &Reach, url: &str) -> Result<(), &'static str> {
    const BAD: &str = "api.webhook.fault.url";
    if reach.is_empty() {
        return Err("api.webhook.fault.closed");
    }
    let plain = url.len() <= LONGEST && !url.contains(['@', '#']);
    let uri: Uri = url.parse().ok().filter(|_| plain).ok_or(BAD)?;
    if !matches!(uri.scheme_str(), Some("http" | "https")) {
        return Err(BAD);
    }
    let host = uri.host().filter(|host| !host.is_empty()).ok_or(BAD)?;
    match host.trim_matches(['[', ']']).parse::<IpAddr>() {
        Ok(ip) if !reach.allows(ip) => Err("api.webhook.fault.outside"),
        Ok(_) | Err(_) => Ok(()),
    }
}

/// Shows one webhook with what it was told.
pub async fn show(
    State(site): State<Site>,
    who: Who,
    visitor: Visitor,
    query: QueryData,
    Path(id): Path<String>,
) -> PageResult {
    who.may(Action::ReadStaff, &Object::StaffList)?;
    let only = query.0.text("left") == "1";
    let found = site
        .store
        .read(move |db| {
            let Some((hook, key)) = webhooks::find(db, &id)? else { return Ok(None) };
            let left = webhooks::left(db, &id)?;
            let second: Vec<String> = hook.released_by.clone().into_iter().collect();
            let second = staff::names(db, &second)?.pop().map(|(_, _, name)| name);
            let told = webhooks::newest(db, &id, only, SHOWN)?;
            Ok(Some((hook, key, left, (second, told))))
        })
        .await?;
    let (hook, key, left, (second, deliveries)) = found.ok_or_else(missing)?;
    let theirs = hook.made_by != who.id && who.can(Action::ReleaseKey, &Object::StaffList);
    let released = hook.released_at.zip(second);
    let page = ShowPage {
        decides: hook.waits() && theirs,
        released: released.map(|(at, name)| format!("{} {name}", words::stored(at))),
        hook: view(&hook, &key, left)?,
        deliveries: deliveries.iter().map(told).collect(),
        can_manage: who.can(Action::ManageStaff, &Object::StaffList),
        left: only,
        frame: Frame::of(&site, &who, &visitor, Place::Staff).said(&query, "api"),
    };
    Ok(Html(page).into_response())
}

/// Stops it, lets it go on, ends it, or sends something once more.
pub async fn act(
    State(site): State<Site>,
    who: Who,
    Path(id): Path<String>,
    CsrfForm(form): CsrfForm,
) -> PageResult {
    who.may(Action::ManageStaff, &Object::StaffList)?;
    let back = format!("/staff/webhooks/{id}");
    let known = id.clone();
    site.store.read(move |db| webhooks::find(db, &known)).await?.ok_or_else(missing)?;
    let by = who.by(&site);
    let to = match form.text("do") {
        "stop" => Standing::Stopped,
        "start" => Standing::On,
        "end" => Standing::Ended,
        _ => {
            let application = form.text("application").to_owned();
            let version = form.text("version").parse().unwrap_or(0);
            let resent =
                site.store.write(move |tx| webhooks::resend(tx, &by, (&id, &application, version)));
            let said = if resent.await? { "webhook_resent" } else { "webhook_before" };
            return Ok(see_other(format!("{back}?said={said}")));
        }
    };
    let turned = site.store.write(move |tx| webhooks::turn(tx, &by, &id, to)).await?;
    let said = if turned { "webhook_turned" } else { "webhook_before" };
    Ok(see_other(format!("{back}?said={said}")))
}

/// Releases or refuses a webhook that somebody else proposed.
pub async fn decide(
    State(site): State<Site>,
    who: Who,
    Path(id): Path<String>,
    CsrfForm(form): CsrfForm,
) -> PageResult {
    who.may(Action::ReleaseKey, &Object::StaffList)?;
    let release = form.text("do") == "release";
    let (by, wanted) = (who.by(&site), id.clone());
    let decided = site.store.write(move |tx| {
        let decided = webhooks::decide(tx, &by, &wanted, release)?;
        Ok((decided, webhooks::find(tx.db, &wanted)?))
    });
    let (decided, hook) = decided.await?;
    let (hook, _) = hook.ok_or_else(missing)?;
    let back = format!("/staff/webhooks/{id}");
    if !decided && hook.waits() {
        return Err(Reply::conflict("api.own_webhook").link(back).into());
    }
    let said = match (decided, release) {
        (true, true) => "webhook_released",
        (true, false) => "webhook_refused",
        (false, _) => "webhook_before",
    };
    Ok(see_other(format!("{back}?said={said}")))
}

fn missing() -> Trouble {
    Reply::not_found("api.no_such_webhook").link("/staff/webhooks").into()
}

/// What came of a try, in words where there are some: a status, or why nobody answered.
#[must_use]
pub fn why(answer: &str) -> String {
    let plain = answer.bytes().all(|b| b.is_ascii_lowercase() || b == b'_');
    let words = TEXTS.get(&format!("api.webhook.why.{answer}")).filter(|_| plain);
    words.unwrap_or(answer).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reach(networks: &[&str]) -> Reach {
        Reach(networks.iter().map(|one| one.parse().expect("a network")).collect())
    }

    /// Nothing is dialled outside of closed networks, whatever the settings say.
    #[test]
    fn only_closed_networks_are_reached() {
        assert_eq!(reach(&["10.20.0.0/16", "fd00:1::/32", "127.0.0.1/32"]).outside(), None);
        for open in ["0.0.0.0/0", "203.0.113.0/24", "10.0.0.0/7", "::/0", "2001:db8::/32"] {
            assert_eq!(reach(&["10.0.0.0/8", open]).outside().as_deref(), Some(open));
        }
        let allowed = reach(&["10.20.0.0/16"]);
        for (address, fits) in [
            ("10.20.3.4", true),
            ("::ffff:10.20.3.4", true),
            ("10.21.0.1", false),
            ("127.0.0.1", false),
            ("169.254.169.254", false),
        ] {
            assert_eq!(allowed.allows(address.parse().expect("an address")), fits, "{address}");
        }
    }

    /// An address is plain, and when it is a number it is an allowed one.
    #[test]
    fn what_is_typed_is_an_address_inside() {
        let allowed = reach(&["10.20.0.0/16"]);
        for good in ["http://10.20.1.2:8080/hook?a=1", "https://juki.mirai.lgwan.example/hook"] {
            assert_eq!(address(&allowed, good), Ok(()), "{good}");
        }
        for bad in [
            "",
            "juki",
            "ftp://10.20.1.2/",
            "http:///x",
            "http://user@10.20.1.2/",
            "http://10.20.1.2/#a",
            "file:///etc/passwd",
        ] {
            assert_eq!(address(&allowed, bad), Err("api.webhook.fault.url"), "{bad}");
        }
        for out in ["http://127.0.0.1/", "http://[::1]/", "http://203.0.113.1/"] {
            assert_eq!(address(&allowed, out), Err("api.webhook.fault.outside"), "{out}");
        }
        let none = address(&reach(&[]), "http://10.20.1.2/");
        assert_eq!(none, Err("api.webhook.fault.closed"));
    }

    /// The signature is HMAC-SHA256 over time and body, as any other program works it out.
    #[test]
    fn the_signature_covers_time_and_body() {
        let one = signature("key", "1763600400", "{}");
        assert_eq!(one, "fe4a76e4e89e952e4130c31d1d9695173c0eef0e84e0547b97ff57343ef5555f");
        assert_ne!(one, signature("key", "1763600401", "{}"));
        assert_ne!(one, signature("kex", "1763600400", "{}"));
    }
}
