//! The lots of a procedure, and handing out another one.

use std::collections::BTreeSet;

use askama::Template;
use axum::extract::{Path, State};
use axum::response::IntoResponse as _;
use domain::applications::GuestSecret;
use domain::forms::definition::Procedure;
use domain::identity::read_email;
use domain::ids::ProcedureId;
use domain::text::narrow;
use http::StatusCode;
use jiff::Timestamp;
use jiff::civil::Date;
use lgwan_zone_store::invitations::{self, Counted, Invitation, Kind, Lot, MOST};
use platform_service::ids;
use platform_store::time;
use platform_web::{
    CsrfForm, FormData, Html, OrFault as _, PageResult, QueryData, Trouble, Visitor, see_other,
};

use super::{load, path};
use crate::frame::{Fault, Frame, Place};
use crate::guard::Who;
use crate::site::{Site, TEXTS};
use crate::words;

/// Lots a page shows.
const ROWS: i64 = 100;
/// Most applications one invitation is good for.
const MOST_USES: i32 = 1_000;
/// Days an invitation may stand at most.
const LONGEST: i32 = 730;
/// Characters of a name.
const LABEL: usize = 100;

#[derive(Template)]
#[template(path = "procedures/invitations.html")]
struct ListPage {
    frame: Frame,
    faults: Vec<Fault>,
    id: String,
    title: String,
    lots: Vec<Line>,
    /// Names the lot, so that a second press makes no second one.
    new_id: String,
    typed: FormData,
    by_address: bool,
}

impl ListPage {
    fn value(&self, name: &str) -> &str {
        self.typed.text(name)
    }
}

struct Line {
    href: String,
    label: String,
    kind: &'static str,
    count: String,
    revoked: String,
    used: String,
    until: String,
    over: bool,
}

/// In words.
pub(super) fn kind_word(kind: &str) -> &'static str {
    match Kind::parse(kind) {
        Some(Kind::Address) => TEXTS.text("procedures.page.invitations.kind_address"),
        Some(Kind::Code) | None => TEXTS.text("procedures.page.invitations.kind_code"),
    }
}

/// The last day of something that ends at midnight.
pub(super) fn last_day(until: i64) -> String {
    words::day(time::from_micros(until - 1)).to_string()
}

fn line(now: i64, one: Counted) -> Line {
    Line {
        href: path(&one.lot.procedure_id, &one.lot.id),
        kind: kind_word(&one.lot.kind),
        count: words::count(one.all),
        revoked: words::count(one.revoked),
        used: words::count(one.used),
        until: last_day(one.lot.until_at),
        over: one.lot.until_at <= now,
        label: one.lot.label,
    }
}

async fn page(
    (site, who, visitor): (&Site, &Who, &Visitor),
    procedure: &Procedure,
    (typed, new_id): (FormData, String),
    faults: Vec<Fault>,
) -> Result<ListPage, Trouble> {
    let id = procedure.id.as_str().to_owned();
    let wanted = id.clone();
    let found = site.store.read(move |db| invitations::lots(db, &wanted, ROWS)).await?;
    let now = time::to_micros(site.clock.now());
    Ok(ListPage {
        frame: Frame::of(site, who, visitor, Place::Procedures),
        faults,
        title: procedure.title.ja().to_owned(),
        lots: found.into_iter().map(|one| line(now, one)).collect(),
        new_id,
        by_address: Kind::parse(typed.text("kind")) == Some(Kind::Address),
        typed,
        id,
    })
}

/// Shows what was handed out.
pub async fn get(
    State(site): State<Site>,
    who: Who,
    visitor: Visitor,
    query: QueryData,
    Path(id): Path<String>,
) -> PageResult {
    let procedure = load(&site, &who, &id).await?;
    let typed = FormData::parse(b"uses=1&count=10").unwrap_or_default();
    let mut page =
        page((&site, &who, &visitor), &procedure, (typed, site.new_id()), Vec::new()).await?;
    page.frame = page.frame.said(&query, "procedures");
    Ok(Html(page).into_response())
}

/// What was asked for, once it was read.
struct Wish {
    kind: Kind,
    label: String,
    uses: i32,
    until: Timestamp,
    /// Codes or addresses.
    named: Vec<String>,
}

/// Hands a lot out.
pub async fn post(
    State(site): State<Site>,
    who: Who,
    visitor: Visitor,
    Path(id): Path<String>,
    CsrfForm(form): CsrfForm,
) -> PageResult {
    let procedure = load(&site, &who, &id).await?;
    let lot = form.text("id").to_owned();
    let today = words::day(site.clock.now());
    let wish = match parse(&form, today) {
        Ok(wish) if ProcedureId::parse(&lot).is_ok() => wish,
        Ok(_) => return Ok(see_other(format!("/procedures/{id}/invitations"))),
        Err(faults) => {
            let page = page((&site, &who, &visitor), &procedure, (form, lot), faults).await?;
            return Err((StatusCode::UNPROCESSABLE_ENTITY, Html(page)).into_response().into());
        }
    };
    let by = who.by(&site);
    let row = Lot {
        id: lot.clone(),
        procedure_id: procedure.id.as_str().to_owned(),
        label: wish.label,
        kind: wish.kind.key().to_owned(),
        uses: wish.uses,
        until_at: time::to_micros(wish.until),
        made_at: time::to_micros(by.at),
        made_by: who.id.clone(),
    };
    let each = wish.named.into_iter().zip(1..).map(|(named, place)| Invitation {
        id: site.new_id(),
        lot_id: lot.clone(),
        place,
        named,
        used: 0,
        revoked_at: None,
    });
    let each: Vec<Invitation> = each.collect();
    let crossing: Option<Vec<_>> =
        each.iter().map(|one| invitations::crossing(&procedure.id, wish.kind, one)).collect();
    let crossing = crossing
        .ok_or_else(|| platform_web::Fault::because("an invitation of neither code nor address"))?;
    let uses = u32::try_from(wish.uses).or_fault()?;
    let message = site.office.invited(&procedure.id, (uses, wish.until), crossing);
    site.store.write(move |tx| invitations::hand_out(tx, &by, (&row, &each), &message)).await?;
    (site.posted)();
    Ok(see_other(format!("{}?said=invited", path(&id, &lot))))
}

fn parse(form: &FormData, today: Date) -> Result<Wish, Vec<Fault>> {
    let mut faults = Vec::new();
    let label = form.text("label").trim().to_owned();
    if label.is_empty() || label.chars().count() > LABEL {
        faults.push(Fault::of("label", "procedures.page.invitations.fault.label"));
    }
    let number = |name: &str| narrow(form.text(name).trim()).parse::<i32>().unwrap_or(0);
    let uses = number("uses");
    if !(1..=MOST_USES).contains(&uses) {
        faults.push(Fault::of("uses", "procedures.page.invitations.fault.uses"));
    }
    let day = narrow(form.text("until").trim()).parse::<Date>().ok();
    let day = day.filter(|day| {
        let days = today.until(*day).map_or(-1, |span| span.get_days());
        (0..=LONGEST).contains(&days)
    });
    let until = day.and_then(|day| words::midnight(day.tomorrow().ok()?));
    if until.is_none() {
        faults.push(Fault::of("until", "procedures.page.invitations.fault.until"));
    }
    let kind = Kind::parse(form.text("kind"));
    let named = match kind {
        None => {
            faults.push(Fault::of("kind", "procedures.page.invitations.fault.kind"));
            Vec::new()
        }
        Some(Kind::Address) => addresses(form.text("addresses"), &mut faults),
        Some(Kind::Code) => {
            let count = usize::try_from(number("count")).unwrap_or(0);
            if (1..=MOST).contains(&count) {
                let code = |_| GuestSecret::from_random(ids::random()).to_string();
                (0..count).map(code).collect()
            } else {
                faults.push(Fault::of("count", "procedures.page.invitations.fault.count"));
                Vec::new()
            }
        }
    };
    match (kind, until) {
        (Some(kind), Some(until)) if faults.is_empty() => {
            Ok(Wish { kind, label, uses, until, named })
        }
        (_, _) => Err(faults),
    }
}

/// One address a line; the same address twice is one invitation.
fn addresses(typed: &str, faults: &mut Vec<Fault>) -> Vec<String> {
    let mut known = BTreeSet::new();
    let mut named = Vec::new();
    for (typed, line) in typed.lines().zip(1..) {
        let typed = typed.trim_matches([' ', '\t', '\u{3000}', ',']);
        if typed.is_empty() {
            continue;
        }
        match read_email(typed) {
            Some(address) if known.insert(address.to_ascii_lowercase()) => named.push(address),
            Some(_) => {}
            None if faults.len() < 20 => {
                let words = TEXTS.fill(
                    "procedures.page.invitations.fault.address",
                    &[("line", &line as &dyn std::fmt::Display)],
                );
                faults.push(Fault::said("addresses", words));
            }
            None => {}
        }
    }
    if faults.is_empty() && !(1..=MOST).contains(&named.len()) {
        faults.push(Fault::of("addresses", "procedures.page.invitations.fault.addresses"));
    }
    named
}
