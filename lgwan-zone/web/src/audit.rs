//! 操作記録: search, CSV, and the check that nothing was changed (NF-42, NF-43).

use std::collections::BTreeMap;

use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use domain::applications::ReceiptNumber;
use domain::identity::{Action, Object};
use jiff::ToSpan as _;
use jiff::civil::Date;
use lgwan_zone_store::applications::{file, inbox};
use lgwan_zone_store::audit::{self, Filter, Found, Verdict};
use lgwan_zone_store::identity::staff;
use platform_web::download::download;
use platform_web::{FormData, Html, PageResult, QueryData, Trouble, Visitor};

use crate::applications::csv::{Encoding, Sheet};
use crate::applications::files;
use crate::frame::{Choice, Frame, Place};
use crate::guard::Who;
use crate::site::{Site, TEXTS};
use crate::words;

/// Rows a page.
const ROWS: i64 = 100;
/// Most rows a CSV holds; a longer period is taken out in parts.
const MOST_ROWS: i64 = 200_000;

const ROOMS: [&str; 7] =
    ["identity", "applications", "documents", "procedures", "exports", "bridge", "audit"];

#[derive(Template)]
#[template(path = "audit/list.html")]
struct ListPage {
    frame: Frame,
    since: String,
    until: String,
    actor: String,
    object: String,
    acts: Vec<Choice>,
    query: String,
    rows: Vec<Row>,
    later: Option<String>,
}

struct Row {
    seq: i64,
    at: String,
    actor: String,
    act: String,
    object: String,
    href: Option<String>,
    ok: bool,
    detail: String,
    ip: String,
}

struct Typed {
    since: Option<Date>,
    until: Option<Date>,
    actor: String,
    object: String,
    act: String,
    before: Option<i64>,
}

impl Typed {
    fn of(query: &FormData) -> Self {
        let date = |name| query.text(name).parse::<Date>().ok();
        let short = |name| query.text(name).trim().chars().take(100).collect::<String>();
        Self {
            since: date("since"),
            until: date("until"),
            actor: short("actor"),
            object: short("object"),
            act: ROOMS.iter().find(|room| **room == query.text("act")).map_or("", |r| r).to_owned(),
            before: query.text("before").parse().ok(),
        }
    }

    fn query(&self) -> String {
        let day = |day: Option<Date>| day.map_or_else(String::new, |day| day.to_string());
        let parts: Vec<String> = [
            ("since", day(self.since)),
            ("until", day(self.until)),
            ("actor", self.actor.clone()),
            ("object", self.object.clone()),
            ("act", self.act.clone()),
        ]
        .into_iter()
        .filter(|(_, value)| !value.is_empty())
        .map(|(name, value)| format!("{name}={}", words::in_query(&value)))
        .collect();
        if parts.is_empty() { String::new() } else { format!("?{}", parts.join("&")) }
    }
}

/// Names for the ids in the log.
struct Names {
    staff: BTreeMap<String, String>,
}

/// Shows the log.
pub async fn get(
    State(site): State<Site>,
    who: Who,
    visitor: Visitor,
    query: QueryData,
) -> PageResult {
    who.may(Action::ReadAudit, &Object::AuditLog)?;
    let typed = Typed::of(&query.0);
    let (found, names) = look(&site, &typed, ROWS + 1).await?;
    let more = found.len() > usize::try_from(ROWS).unwrap_or(usize::MAX);
    let shown = &found[..found.len().min(usize::try_from(ROWS).unwrap_or(usize::MAX))];
    let later = shown.last().filter(|_| more).map(|last| {
        let query = typed.query();
        let joint = if query.is_empty() { '?' } else { '&' };
        format!("/audit{query}{joint}before={}", last.seq)
    });
    let every = Choice::new("", TEXTS.text("audit.every"), typed.act.is_empty());
    let acts = ROOMS.iter().map(|room| {
        let words = TEXTS.text(&format!("audit.room.{room}")).to_owned();
        Choice::new(room, &words, typed.act == *room)
    });
    let day = |day: Option<Date>| day.map_or_else(String::new, |day| day.to_string());
    let page = ListPage {
        frame: Frame::of(&site, &who, &visitor, Place::Audit),
        since: day(typed.since),
        until: day(typed.until),
        acts: std::iter::once(every).chain(acts).collect(),
        query: typed.query(),
        rows: shown.iter().map(|one| row(one, &names)).collect(),
        later,
        actor: typed.actor,
        object: typed.object,
    };
    Ok(Html(page).into_response())
}

/// Saves what was searched for.
pub async fn export(State(site): State<Site>, who: Who, query: QueryData) -> PageResult {
    who.may(Action::ReadAudit, &Object::AuditLog)?;
    let typed = Typed::of(&query.0);
    let (found, names) = look(&site, &typed, MOST_ROWS).await?;
    let mut sheet = Sheet::new(Encoding::Utf8Bom);
    let heading = ["seq", "at", "actor", "act", "object", "result", "detail", "ip"];
    let heading: Vec<String> =
        heading.iter().map(|name| TEXTS.text(&format!("audit.csv.{name}")).to_owned()).collect();
    sheet.row(&heading);
    for one in &found {
        let row = row(one, &names);
        let result = if row.ok { "ok" } else { "refused" };
        let result = TEXTS.text(&format!("audit.result.{result}")).to_owned();
        let at = words::second(one.event.at);
        sheet.row(&[
            row.seq.to_string(),
            at,
            row.actor,
            row.act,
            row.object,
            result,
            row.detail,
            row.ip,
        ]);
    }
    let (by, detail) = (who.by(&site), format!("{} rows", found.len()));
    site.store
        .write(move |tx| audit::taken_out(tx, &by, "audit.taken", "log", "", &detail))
        .await?;
    let name = format!("audit-{}.csv", words::day(site.clock.now()));
    Ok(files::private(download(&name, Encoding::Utf8Bom.media(), sheet.take())))
}

#[derive(Template)]
#[template(path = "audit/verify.html")]
struct VerifyPage {
    frame: Frame,
    bad: Option<i64>,
    events: String,
    at: String,
    head: Option<String>,
}

/// Walks the whole log.
pub async fn verify(State(site): State<Site>, who: Who, visitor: Visitor) -> PageResult {
    who.may(Action::ReadAudit, &Object::AuditLog)?;
    let key = site.checkpoints.clone();
    let verdict = site.store.read(move |db| audit::verify(db, key.as_deref())).await?;
    let (bad, events, head) = match verdict {
        Verdict::Whole { events, head } => (None, events, Some(hex(&head))),
        Verdict::Broken { seq, why } => {
            tracing::error!(seq, why, "the operation log is not as it was written");
            (Some(seq), seq - 1, None)
        }
    };
    let (by, detail) = (who.by(&site), format!("{events} events, bad: {bad:?}"));
    site.store
        .write(move |tx| audit::taken_out(tx, &by, "audit.verified", "log", "", &detail))
        .await?;
    let page = VerifyPage {
        frame: Frame::of(&site, &who, &visitor, Place::Audit),
        bad,
        events: words::count(events),
        at: words::second(site.clock.now()),
        head,
    };
    let answer: Response = Html(page).into_response();
    Ok(answer)
}

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

async fn look(site: &Site, typed: &Typed, limit: i64) -> Result<(Vec<Found>, Names), Trouble> {
    let mut filter = Filter {
        from: typed.since.and_then(words::midnight),
        until: typed.until.and_then(|day| day.checked_add(1.day()).ok()).and_then(words::midnight),
        act: (!typed.act.is_empty()).then(|| format!("{}.", typed.act)),
        before: typed.before,
        ..Filter::default()
    };
    let (login, object) = (typed.actor.clone(), typed.object.clone());
    let found = site
        .store
        .read(move |db| {
            let people = staff::all(db)?;
            let person = people.iter().find(|one| one.login_id == login);
            filter.actor = match (login.as_str(), person) {
                ("", _) => None,
                (_, Some(person)) => Some(format!("staff:{}", person.id)),
                (other, None) => Some(other.to_owned()),
            };
            filter.object = (!object.is_empty()).then_some(object.clone());
            // People type receipt numbers; the log knows ids.
            if let Ok(number) = object.parse::<ReceiptNumber>() {
                let id = inbox::id_of(db, &number.to_string())?;
                filter.object = Some(format!("application:{}", id.unwrap_or_default()));
            }
            let mut rows = audit::search(db, &filter, limit)?;
            name_applications(db, &mut rows)?;
            let staff = people.into_iter().map(|one| (one.id, one.display_name)).collect();
            Ok((rows, Names { staff }))
        })
        .await?;
    Ok(found)
}

/// Puts receipt numbers beside the ids of applications.
fn name_applications(
    db: &mut platform_store::Db,
    rows: &mut [Found],
) -> Result<(), lgwan_zone_store::QueryError> {
    let id = |one: &Found| one.event.object.strip_prefix("application:").map(str::to_owned);
    let ids: Vec<String> = rows.iter().filter_map(id).take(1_000).collect();
    let numbers: BTreeMap<String, String> =
        file::rows(db, &ids)?.into_iter().map(|row| (row.id, row.number)).collect();
    for one in rows.iter_mut() {
        if let Some(number) = id(one).and_then(|id| numbers.get(&id).cloned()) {
            one.event.object = format!("application:{number}");
        }
    }
    Ok(())
}

fn row(one: &Found, names: &Names) -> Row {
    let event = &one.event;
    let actor = match event.actor.as_str() {
        "nobody" => TEXTS.text("audit.nobody").to_owned(),
        "system" => TEXTS.text("audit.system").to_owned(),
        "cli" => TEXTS.text("audit.cli").to_owned(),
        other => person(other, names),
    };
    let (kind, id) = event.object.split_once(':').unwrap_or((&event.object, ""));
    let kind_words = TEXTS.get(&format!("audit.kind.{kind}")).unwrap_or(kind);
    let object = match kind {
        "staff" => format!("{kind_words} {}", person(&event.object, names)),
        _ => format!("{kind_words} {id}"),
    };
    Row {
        seq: one.seq,
        at: words::second(event.at),
        actor,
        act: TEXTS.get(&format!("audit.act.{}", event.act)).unwrap_or(&event.act).to_owned(),
        object,
        href: None,
        ok: event.result == "ok",
        detail: TEXTS
            .get(&format!("audit.detail.{}", event.detail))
            .unwrap_or(&event.detail)
            .to_owned(),
        ip: event.ip.clone(),
    }
}

fn person(actor: &str, names: &Names) -> String {
    let id = actor.strip_prefix("staff:").unwrap_or(actor);
    names.staff.get(id).cloned().unwrap_or_else(|| id.to_owned())
}
