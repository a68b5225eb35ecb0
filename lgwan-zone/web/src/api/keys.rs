//! Keys of business systems: made, looked through, ended by administrators (IK-2.1.2d2). One that
//! reaches what citizens applied for is released by somebody else (`docs/decisions/0109`).

use std::collections::BTreeMap;

use askama::Template;
use axum::extract::{Path, State};
use axum::response::IntoResponse as _;
use domain::identity::{Action, KeyScope, Object};
use http::header::CACHE_CONTROL;
use http::{HeaderValue, StatusCode};
use ipnet::IpNet;
use jiff::civil::Date;
use jiff::{Timestamp, ToSpan as _};
use lgwan_zone_store::api::keys::{self, Key};
use lgwan_zone_store::identity::{departments, staff};
use lgwan_zone_store::procedures;
use platform_service::ids;
use platform_store::time;
use platform_web::{
    CsrfForm, FormData, Html, OrFault as _, PageResult, QueryData, Reply, Trouble, Visitor,
    see_other,
};

use super::guard::listed;
use super::query::is_id;
use crate::frame::{Choice, Fault, Frame, Place};
use crate::guard::{Who, sha256};
use crate::site::{Site, TEXTS};
use crate::words;

/// What every secret begins with, so that one that got lost can be looked for.
pub const BEGINS: &str = "madoguchi_";
/// Longest name and purpose in characters.
const LONGEST_NAME: usize = 60;
const LONGEST_PURPOSE: usize = 500;
/// Most networks of one key.
const MOST_NETWORKS: usize = 50;
/// Requests a minute: fewest, most, usually.
const PACE: (i32, i32, &str) = (1, 6_000, "600");
/// A key is valid for so many days at most, and for a year unless told otherwise.
const LONGEST: i64 = 3 * 366;
const USUAL: i64 = 365;
/// Days for which the secret before a new one may be taken, and usually is.
const OVERLAPS: [i64; 4] = [0, 1, 7, 30];
const USUAL_OVERLAP: i64 = 7;
/// Microseconds.
const DAY: i64 = 86_400 * 1_000_000;
/// Digits of the hash that a page knows.
const SEEN: usize = 12;

#[derive(Template)]
#[template(path = "api/keys.html")]
struct ListPage {
    frame: Frame,
    keys: Vec<View>,
    can_manage: bool,
}

#[derive(Template)]
#[template(path = "api/key_new.html")]
struct NewPage {
    frame: Frame,
    faults: Vec<Fault>,
    id: String,
    scopes: Vec<Choice>,
    departments: Vec<Choice>,
    procedures: Vec<Choice>,
    typed: FormData,
}

impl NewPage {
    /// What stands in an input.
    fn value(&self, name: &str) -> &str {
        self.typed.text(name)
    }
}

#[derive(Template)]
#[template(path = "api/key_made.html")]
struct MadePage {
    frame: Frame,
    title: &'static str,
    lead: String,
    key: View,
    secret: String,
}

#[derive(Template)]
#[template(path = "api/key.html")]
struct ShowPage {
    frame: Frame,
    key: View,
    /// Until when the secret before the present one is taken.
    former: Option<String>,
    /// By which a press knows that nobody gave it another secret meanwhile.
    seen: String,
    days: Vec<Choice>,
    can_manage: bool,
    /// Whether this person releases or refuses it.
    decides: bool,
    /// Whether it waits for somebody else.
    waits: bool,
    /// Whether this person has its secret shown.
    reveals: bool,
    /// Whether this person may give it another secret.
    turns: bool,
}

/// A key as pages show it.
struct View {
    id: String,
    name: String,
    purpose: String,
    scopes: Vec<String>,
    departments: String,
    procedures: String,
    networks: String,
    per_minute: i32,
    made: String,
    released: Option<String>,
    until: String,
    used: String,
    state: &'static str,
    ended: Option<String>,
    open: bool,
}

/// Names by id, for the lists a key holds.
#[derive(Default)]
struct Names {
    departments: Vec<(String, String)>,
    procedures: Vec<(String, String)>,
    staff: BTreeMap<String, String>,
}

impl Names {
    async fn load(site: &Site) -> Result<Self, Trouble> {
        let (departments, procedures) =
            site.store.read(|db| Ok((departments::all(db)?, procedures::list(db, None)?))).await?;
        Ok(Self {
            departments: departments.into_iter().map(|one| (one.id, one.name)).collect(),
            procedures: procedures.into_iter().map(|one| (one.id, one.title)).collect(),
            staff: BTreeMap::new(),
        })
    }

    async fn of(site: &Site, keys: &[Key]) -> Result<Self, Trouble> {
        let makers = keys.iter().map(|key| &key.made_by);
        let enders = keys.iter().filter_map(|key| key.revoked_by.as_ref());
        let second = keys.iter().filter_map(|key| key.released_by.as_ref());
        let people: Vec<String> = makers.chain(enders).chain(second).cloned().collect();
        let people = site.store.read(move |db| staff::names(db, &people)).await?;
        let staff = people.into_iter().map(|(id, _, name)| (id, name)).collect();
        Ok(Self { staff, ..Self::load(site).await? })
    }

    fn person(&self, id: &str) -> &str {
        self.staff.get(id).map_or("", String::as_str)
    }
}

fn joined(names: &[(String, String)], ids: &[String]) -> String {
    let name = |id: &String| names.iter().find(|(known, _)| known == id).map(|(_, name)| &**name);
    let words: Vec<&str> = ids.iter().filter_map(name).collect();
    words.join(TEXTS.text("frame.and"))
}

fn view(key: &Key, names: &Names, now: i64) -> Result<View, Trouble> {
    let scopes = listed(&key.scopes)?;
    let procedures = listed(&key.procedures)?;
    let networks = listed(&key.networks)?;
    let open = key.is_standing(now);
    let state = match (open, key.revoked_at) {
        (true, _) if key.released_at.is_none() => "api.state.waits",
        (true, _) if key.shown_at.is_none() => "api.state.released",
        (true, _) => "api.state.open",
        (false, Some(_)) => "api.state.revoked",
        (false, None) => "api.state.expired",
    };
    let by = |at: i64, id: &str| format!("{} {}", words::stored(at), names.person(id));
    let used = key.used_at.map_or_else(
        || TEXTS.text("api.page.never").to_owned(),
        |at| format!("{} {}", words::stored(at), key.used_from.as_deref().unwrap_or_default()),
    );
    Ok(View {
        id: key.id.clone(),
        name: key.name.clone(),
        purpose: key.purpose.clone(),
        scopes: scopes.iter().map(|scope| scope_words(scope).to_owned()).collect(),
        departments: joined(&names.departments, &listed(&key.departments)?),
        procedures: match procedures.as_slice() {
            [] => TEXTS.text("api.page.every_procedure").to_owned(),
            some => joined(&names.procedures, some),
        },
        networks: match networks.as_slice() {
            [] => TEXTS.text("api.page.every_network").to_owned(),
            some => some.join(TEXTS.text("frame.and")),
        },
        per_minute: key.per_minute,
        made: by(key.made_at, &key.made_by),
        released: key.released_at.zip(key.released_by.as_ref()).map(|(at, id)| by(at, id)),
        until: words::day(time::from_micros(key.expires_at - 1)).to_string(),
        used,
        state: TEXTS.text(state),
        ended: key.revoked_at.zip(key.revoked_by.as_ref()).map(|(at, id)| by(at, id)),
        open,
    })
}

fn scope_words(scope: &str) -> &'static str {
    KeyScope::parse(scope).map_or("", |scope| TEXTS.text(scope_key(scope)))
}

const fn scope_key(scope: KeyScope) -> &'static str {
    match scope {
        KeyScope::ReadApplications => "api.scope.read_applications",
        KeyScope::WriteApplications => "api.scope.write_applications",
        KeyScope::WriteDocuments => "api.scope.write_documents",
        KeyScope::ReadProcedures => "api.scope.read_procedures",
        KeyScope::ReadStatistics => "api.scope.read_statistics",
    }
}

/// Lists the keys.
pub async fn list(
    State(site): State<Site>,
    who: Who,
    visitor: Visitor,
    query: QueryData,
) -> PageResult {
    who.may(Action::ReadStaff, &Object::StaffList)?;
    let all = site.store.read(keys::all).await?;
    let names = Names::of(&site, &all).await?;
    let now = site.clock.now().as_microsecond();
    let page = ListPage {
        keys: all.iter().map(|key| view(key, &names, now)).collect::<Result<_, _>>()?,
        can_manage: who.can(Action::ManageStaff, &Object::StaffList),
        frame: Frame::of(&site, &who, &visitor, Place::Staff).said(&query, "api"),
    };
    Ok(Html(page).into_response())
}

/// Shows the form for a new key.
pub async fn new(State(site): State<Site>, who: Who, visitor: Visitor) -> PageResult {
    who.may(Action::ManageStaff, &Object::StaffList)?;
    let until = words::day(site.clock.now()).saturating_add(USUAL.days()).to_string();
    let usual: FormData = [("until", until.as_str()), ("per_minute", PACE.2)].into_iter().collect();
    let names = Names::load(&site).await?;
    let frame = Frame::of(&site, &who, &visitor, Place::Staff);
    Ok(Html(form(frame, site.new_id(), usual, &names, Vec::new())).into_response())
}

/// Makes a key, whose secret is shown once; or proposes it to somebody else.
pub async fn post(
    State(site): State<Site>,
    who: Who,
    visitor: Visitor,
    CsrfForm(typed): CsrfForm,
) -> PageResult {
    who.may(Action::ManageStaff, &Object::StaffList)?;
    let names = Names::load(&site).await?;
    let frame = || Frame::of(&site, &who, &visitor, Place::Staff);
    let sent = typed.text("id");
    let id = if is_id(sent) { sent.to_owned() } else { site.new_id() };
    let now = site.clock.now();
    let secret = format!("{BEGINS}{}", ids::token());
    let facts = match parse(&typed, &names, now) {
        Ok(facts) => facts,
        Err(faults) => {
            let page = form(frame(), id, typed, &names, faults);
            return Err(Trouble::from(
                (StatusCode::UNPROCESSABLE_ENTITY, Html(page)).into_response(),
            ));
        }
    };
    let list = |some: &[String]| serde_json::to_string(some).or_fault();
    let two = facts.scopes.iter().filter_map(|one| KeyScope::parse(one)).any(KeyScope::needs_two);
    // The hash of a secret nobody saw stands there until the key is released.
    let at_once = (!two).then(|| now.as_microsecond());
    let key = Key {
        id,
        name: facts.name,
        purpose: facts.purpose,
        scopes: list(&facts.scopes)?,
        departments: list(&facts.departments)?,
        procedures: list(&facts.procedures)?,
        networks: list(&facts.networks)?,
        per_minute: facts.per_minute,
        secret_hash: sha256(secret.as_bytes()),
        made_at: now.as_microsecond(),
        made_by: who.id.clone(),
        expires_at: facts.until.as_microsecond(),
        revoked_at: None,
        revoked_by: None,
        used_at: None,
        used_from: None,
        released_at: at_once,
        released_by: None,
        shown_at: at_once,
    };
    let (by, kept) = (who.by(&site), key.clone());
    if !site.store.write(move |tx| keys::make(tx, &by, &kept)).await? {
        return Ok(see_other(format!("/staff/keys/{}", key.id)));
    }
    if two {
        return Ok(see_other(format!("/staff/keys/{}?said=key_waits", key.id)));
    }
    made(&site, frame(), first(), (&key, secret)).await
}

/// Title and lead of the page with a key's first secret.
fn first() -> (&'static str, String) {
    ("api.page.made_title", TEXTS.text("api.page.made_lead").to_owned())
}

/// The page that shows the secret of a key, once.
async fn made(
    site: &Site,
    frame: Frame,
    words: (&'static str, String),
    (key, secret): (&Key, String),
) -> PageResult {
    let (title, lead) = words;
    let names = Names::of(site, std::slice::from_ref(key)).await?;
    let key = view(key, &names, site.clock.now().as_microsecond())?;
    let title = TEXTS.text(title);
    let mut answer = Html(MadePage { frame, title, lead, key, secret }).into_response();
    answer.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(answer)
}

/// Releases or refuses a key that somebody else proposed.
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
        let decided = keys::decide(tx, &by, &wanted, release)?;
        Ok((decided, keys::find(tx.db, &wanted)?))
    });
    let (decided, key) = decided.await?;
    let key = key.ok_or_else(missing)?;
    if !decided && key.made_by == who.id {
        return Err(Reply::conflict("api.own_key").link("/staff/keys").into());
    }
    let said = match (decided, release) {
        (true, true) => "key_released",
        (true, false) => "key_refused",
        (false, _) => "webhook_before",
    };
    Ok(see_other(format!("/staff/keys/{id}?said={said}")))
}

/// Makes the secret of a released key and shows it, once, to who proposed the key.
pub async fn reveal(
    State(site): State<Site>,
    who: Who,
    visitor: Visitor,
    Path(id): Path<String>,
    CsrfForm(_): CsrfForm,
) -> PageResult {
    who.may(Action::ManageStaff, &Object::StaffList)?;
    let secret = format!("{BEGINS}{}", ids::token());
    let (by, hash, wanted) = (who.by(&site), sha256(secret.as_bytes()), id.clone());
    let shown = site.store.write(move |tx| {
        let shown = keys::reveal(tx, &by, &wanted, &hash)?;
        Ok((shown, keys::find(tx.db, &wanted)?))
    });
    let (shown, key) = shown.await?;
    let key = key.ok_or_else(missing)?;
    if !shown {
        return Ok(see_other(format!("/staff/keys/{id}?said=key_seen")));
    }
    let frame = Frame::of(&site, &who, &visitor, Place::Staff);
    made(&site, frame, first(), (&key, secret)).await
}

/// Shows one key.
pub async fn show(
    State(site): State<Site>,
    who: Who,
    visitor: Visitor,
    query: QueryData,
    Path(id): Path<String>,
) -> PageResult {
    who.may(Action::ReadStaff, &Object::StaffList)?;
    let now = site.clock.now().as_microsecond();
    let (key, former) = site
        .store
        .read(move |db| Ok((keys::find(db, &id)?, keys::former_until(db, &id, now)?)))
        .await?;
    let key = key.ok_or_else(missing)?;
    let names = Names::of(&site, std::slice::from_ref(&key)).await?;
    let (own, can_manage) =
        (key.made_by == who.id, who.can(Action::ManageStaff, &Object::StaffList));
    let waits = key.is_standing(now) && key.released_at.is_none();
    let decides = waits && !own && who.can(Action::ReleaseKey, &Object::StaffList);
    let days = OVERLAPS.map(|days| {
        let words = match days {
            0 => TEXTS.text("api.page.turn_now").to_owned(),
            days => TEXTS.fill("api.page.turn_days", &[("days", &days)]),
        };
        Choice::new(&days.to_string(), &words, days == USUAL_OVERLAP)
    });
    let former = former.filter(|_| key.is_valid(now));
    let page = ShowPage {
        former: former.map(|at| TEXTS.fill("api.page.former_until", &[("at", &words::stored(at))])),
        seen: key.secret_hash.chars().take(SEEN).collect(),
        days: days.to_vec(),
        can_manage,
        decides,
        waits: waits && !decides,
        reveals: own && can_manage && key.is_valid(now) && key.shown_at.is_none(),
        turns: can_manage
            && key.is_valid(now)
            && key.shown_at.is_some()
            && key.is_turned_by(&who.id),
        key: view(&key, &names, now)?,
        frame: Frame::of(&site, &who, &visitor, Place::Staff).said(&query, "api"),
    };
    Ok(Html(page).into_response())
}

/// Gives a key another secret, which is shown once; the one before is taken for the chosen days.
pub async fn turn(
    State(site): State<Site>,
    who: Who,
    visitor: Visitor,
    Path(id): Path<String>,
    CsrfForm(typed): CsrfForm,
) -> PageResult {
    who.may(Action::ManageStaff, &Object::StaffList)?;
    // What the list does not offer is nobody's choice.
    let days = typed.text("days").parse().ok().filter(|days| OVERLAPS.contains(days));
    let days = days.unwrap_or(USUAL_OVERLAP);
    let secret = format!("{BEGINS}{}", ids::token());
    let hash = sha256(secret.as_bytes());
    let (by, seen) = (who.by(&site), typed.text("seen").to_owned());
    let now = by.at.as_microsecond();
    let (wanted, until) = (id.clone(), now + days * DAY);
    let turned = site.store.write(move |tx| {
        let turned = keys::turn(tx, &by, (&wanted, &seen), (&hash, until))?;
        Ok((turned, keys::find(tx.db, &wanted)?))
    });
    let (turned, key) = turned.await?;
    let key = key.ok_or_else(missing)?;
    if !turned {
        return Ok(see_other(format!("/staff/keys/{id}?said=turned_before")));
    }
    let lead = match days {
        0 => TEXTS.text("api.page.turned_lead_now").to_owned(),
        _ => TEXTS.fill("api.page.turned_lead", &[("at", &words::stored(until))]),
    };
    let frame = Frame::of(&site, &who, &visitor, Place::Staff);
    made(&site, frame, ("api.page.turned_title", lead), (&key, secret)).await
}

/// Ends a key at once.
pub async fn revoke(
    State(site): State<Site>,
    who: Who,
    Path(id): Path<String>,
    CsrfForm(_): CsrfForm,
) -> PageResult {
    who.may(Action::ManageStaff, &Object::StaffList)?;
    let (by, wanted) = (who.by(&site), id.clone());
    let known = site.store.write(move |tx| {
        keys::revoke(tx, &by, &wanted)?;
        keys::find(tx.db, &wanted)
    });
    known.await?.ok_or_else(missing)?;
    Ok(see_other("/staff/keys?said=revoked"))
}

fn missing() -> Trouble {
    Reply::not_found("api.no_such_key").link("/staff/keys").into()
}

fn form(frame: Frame, id: String, typed: FormData, names: &Names, faults: Vec<Fault>) -> NewPage {
    let choices = |name: &str, known: &[(String, String)]| {
        let chosen = |id: &str| typed.all(name).any(|sent| sent == id);
        known.iter().map(|(id, words)| Choice::new(id, words, chosen(id))).collect()
    };
    let scopes: Vec<(String, String)> = KeyScope::ALL
        .iter()
        .map(|scope| (scope.key().to_owned(), TEXTS.text(scope_key(*scope)).to_owned()))
        .collect();
    NewPage {
        frame,
        faults,
        id,
        scopes: choices("scopes", &scopes),
        departments: choices("departments", &names.departments),
        procedures: choices("procedures", &names.procedures),
        typed,
    }
}

/// What the administrator decided.
struct Facts {
    name: String,
    purpose: String,
    scopes: Vec<String>,
    departments: Vec<String>,
    procedures: Vec<String>,
    networks: Vec<String>,
    per_minute: i32,
    until: Timestamp,
}

fn parse(typed: &FormData, names: &Names, now: Timestamp) -> Result<Facts, Vec<Fault>> {
    let mut faults = Vec::new();
    let mut wrong = |field: &str, key: &str| faults.push(Fault::of(field, key));
    let text = |name: &str| typed.text(name).trim().replace("\r\n", "\n");
    let (name, purpose) = (text("name"), text("purpose"));
    if name.is_empty() || name.chars().count() > LONGEST_NAME {
        wrong("name", "api.fault.name");
    }
    if purpose.is_empty() || purpose.chars().count() > LONGEST_PURPOSE {
        wrong("purpose", "api.fault.purpose");
    }
    let scopes: Vec<String> = KeyScope::ALL
        .iter()
        .filter(|scope| typed.all("scopes").any(|sent| sent == scope.key()))
        .map(|scope| scope.key().to_owned())
        .collect();
    if scopes.is_empty() {
        wrong("scopes", "api.fault.scopes");
    }
    let known = |field: &str, names: &[(String, String)]| -> Vec<String> {
        let ids = names.iter().map(|(id, _)| id);
        ids.filter(|id| typed.all(field).any(|sent| sent == *id)).cloned().collect()
    };
    let departments = known("departments", &names.departments);
    if departments.is_empty() {
        wrong("departments", "api.fault.departments");
    }
    let lines = text("networks");
    let lines = lines.lines().map(str::trim).filter(|line| !line.is_empty());
    let networks: Option<Vec<String>> = lines.map(network).collect();
    if networks.as_ref().is_none_or(|some| some.len() > MOST_NETWORKS) {
        wrong("networks", "api.fault.networks");
    }
    let pace = text("per_minute").parse().ok().filter(|pace| (PACE.0..=PACE.1).contains(pace));
    if pace.is_none() {
        wrong("per_minute", "api.fault.per_minute");
    }
    let today = words::day(now);
    let last = today.saturating_add(LONGEST.days());
    let until = text("until").parse::<Date>().ok().filter(|day| *day >= today && *day <= last);
    let until = until.and_then(|day| words::midnight(day.saturating_add(1.day())));
    if until.is_none() {
        wrong("until", "api.fault.until");
    }
    match (networks, pace, until) {
        (Some(networks), Some(per_minute), Some(until)) if faults.is_empty() => Ok(Facts {
            name,
            purpose,
            scopes,
            departments,
            procedures: known("procedures", &names.procedures),
            networks,
            per_minute,
            until,
        }),
        (_, _, _) => Err(faults),
    }
}

/// `10.20.0.0/16`, or one address.
fn network(line: &str) -> Option<String> {
    let one = || line.parse::<std::net::IpAddr>().ok().map(IpNet::from);
    line.parse::<IpNet>().ok().or_else(one).map(|network| network.trunc().to_string())
}
