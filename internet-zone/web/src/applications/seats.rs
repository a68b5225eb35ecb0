//! Seats on the way from a choice to the arrival: kept while somebody fills in,
//! told before sending (NF-49).

use std::collections::BTreeSet;

use domain::forms::definition::{Capacity, Seats as Shown};
use domain::forms::{Answers, check};
use internet_zone_store::applications::holds::{self, Wish};
use internet_zone_store::applications::seats::{self, Seat};
use internet_zone_store::procedures::Pool;
use jiff::civil::Date;
use platform_web::Trouble;

use super::access::OpenDraft;
use crate::procedures::words;
use crate::shelf::Entry;
use crate::site::Site;
use crate::texts::TEXTS;

const MINUTE: i64 = 60_000_000;

/// The seats these answers take.
pub(super) fn of(entry: &Entry, answers: &Answers, today: Date) -> Vec<Seat> {
    let claims = entry.form.claims(answers, today).into_iter();
    claims.map(|claim| Seat { pool: claim.pool, units: i64::from(claim.units) }).collect()
}

/// What the seats an application holds weigh after a correction, where it decides that.
pub(super) fn reweighed(
    entry: &Entry,
    (flagged, held): (&BTreeSet<String>, &[String]),
    answers: &Answers,
    today: Date,
) -> Vec<Seat> {
    let now = |pool: &String| {
        let units = entry.form.reweighed(flagged, answers, pool, today)?;
        Some(Seat { pool: pool.clone(), units: i64::from(units) })
    };
    held.iter().filter_map(now).collect()
}

/// Keeps the seats of what was chosen so far, where the procedure says so.
pub(super) async fn keep(site: &Site, open: &OpenDraft) -> Result<(), Trouble> {
    let claims = open.entry.form.claims(&open.content.answers, site.today());
    let now = site.micros();
    let wishes: Vec<Wish> = claims
        .into_iter()
        .filter(|claim| claim.hold_minutes > 0)
        .map(|claim| Wish {
            seat: Seat { pool: claim.pool, units: i64::from(claim.units) },
            until: now + i64::from(claim.hold_minutes) * MINUTE,
        })
        .collect();
    if wishes.is_empty() && open.holds.is_empty() {
        return Ok(());
    }
    let draft = open.draft.id.clone();
    let procedure = open.entry.procedure().id.as_str().to_owned();
    site.store.write(move |tx| holds::keep(tx, (&draft, &procedure), &wishes, now)).await?;
    Ok(())
}

/// What is said of the seats before sending.
#[derive(Default)]
pub(super) struct Seats {
    /// Names of what is short, when sending means waiting; else empty.
    pub(super) short: String,
    /// Until when seats are kept; empty when none are, or fewer than are needed.
    pub(super) kept_until: String,
}

/// What is said of the seats that these answers need.
pub(super) fn before_sending(site: &Site, open: &OpenDraft, answers: &Answers) -> Seats {
    let needed = of(&open.entry, answers, site.today());
    let short = |seat: &&Seat| {
        let pool = open.pools.iter().find(|pool| pool.pool == seat.pool);
        pool.is_some_and(|p| (p.waiting > 0 || p.taken + seat.units > p.capacity) && p.may_wait())
    };
    let names: Vec<String> =
        needed.iter().filter(short).map(|seat| name(open, &seat.pool)).collect();
    let now = site.micros();
    // Who needs more than could be kept is not told that it is.
    let is_part = |hold: &holds::Hold| {
        needed.iter().any(|seat| seat.pool == hold.seat.pool && seat.units > hold.seat.units)
    };
    let until = open.holds.iter().map(|hold| hold.until).filter(|until| *until > now).min();
    let until = until.filter(|_| !open.holds.iter().any(is_part));
    Seats {
        short: names.join(TEXTS.text("forms.list_separator")),
        kept_until: until.map(|until| words::moment(until, site.today())).unwrap_or_default(),
    }
}

/// The database knows better than what was read a moment ago: this pool is short.
pub(super) fn short_of(open: &mut OpenDraft, pool: &str) {
    for known in open.pools.iter_mut().filter(|known| known.pool == pool) {
        known.taken = known.capacity;
    }
}

/// The days and times of these pools: question and words.
fn booked(entry: &Entry, pools: &[String]) -> Vec<(String, String)> {
    pools.iter().filter_map(|pool| entry.form.opening_told(pool)).collect()
}

/// The days and times an application holds.
pub(super) async fn told(
    site: &Site,
    entry: &Entry,
    application: &str,
) -> Result<Vec<(String, String)>, Trouble> {
    let id = application.to_owned();
    let held = site.store.read(move |db| seats::held(db, &id)).await?;
    Ok(booked(entry, &held))
}

/// The name of a pool for people: the option, the day and time, or the whole of it.
pub(super) fn name(open: &OpenDraft, pool: &str) -> String {
    if let Some((_, told)) = open.entry.form.opening_told(pool) {
        return TEXTS.fill("home.quoted", &[("text", &told)]);
    }
    let fields = open.entry.procedure().pages.iter().flat_map(|page| &page.fields);
    let mut options = fields.flat_map(|field| {
        let options = domain::forms::inputs::options(field).iter();
        options.map(move |option| (check::pool(&field.id, &option.code), option))
    });
    let found = options.find(|(known, _)| known == pool);
    let named = found.map(|(_, option)| TEXTS.fill("home.quoted", &[("text", &option.label.ja())]));
    named.unwrap_or_else(|| TEXTS.text("applications.seats.whole").to_owned())
}

/// Whether no seat of the whole procedure is left and nobody may wait for one.
pub(super) fn is_closed(pools: &[Pool]) -> bool {
    let whole = pools.iter().find(|pool| pool.pool == check::WHOLE);
    whole.is_some_and(|pool| !pool.is_unlimited() && pool.is_full() && !pool.may_wait())
}

/// What is said of the seats of a whole procedure before anything is filled in, as
/// the procedure wishes; empty when nothing is.
pub(super) fn of_procedure(capacity: Option<&Capacity>, pools: &[Pool]) -> String {
    let pool = pools.iter().find(|pool| pool.pool == check::WHOLE);
    let limited = capacity.zip(pool).filter(|(_, pool)| !pool.is_unlimited());
    let Some((capacity, pool)) = limited else { return String::new() };
    let left = (pool.capacity - pool.taken).max(0);
    if pool.is_full() && pool.may_wait() {
        return TEXTS.fill("applications.seats.full_wait", &[("waiting", &pool.waiting)]);
    }
    if pool.is_full() {
        return TEXTS.text("applications.seats.full").to_owned();
    }
    let few = left * 10 <= pool.capacity || left <= 3;
    match capacity.show {
        Shown::Left => TEXTS.fill("applications.seats.left", &[("left", &left)]),
        Shown::Few if few => TEXTS.text("applications.seats.few").to_owned(),
        Shown::Few | Shown::None | Shown::Full => String::new(),
    }
}
