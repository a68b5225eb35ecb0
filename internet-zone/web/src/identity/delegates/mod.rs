//! Who may act for whom (委任, NF-16): asked for, accepted with one press, ended by either
//! side. One page one file.

pub(crate) mod ask;
pub(crate) mod end;
pub(crate) mod list;

use std::collections::HashMap;

use domain::identity::{Action, Actor, Object, authorize};
use domain::ids::AccountId;
use internet_zone_store::identity::accounts::{self, Account};
use internet_zone_store::identity::mandates::{self, Row};
use internet_zone_store::mail::NewLetter;
use internet_zone_store::post::Person;
use jiff::civil::Date;
use jiff::tz::{Offset, TimeZone};
use platform_store::time;
use platform_web::{OrFault as _, Reply, Trouble};

use crate::applications::acting::{called, person};
use crate::caller::Citizen;
use crate::identity::{address, profile};
use crate::letters::{Letter, Template, Told};
use crate::places;
use crate::procedures::words;
use crate::reader::said;
use crate::site::Site;
use crate::texts::TEXTS;
use crate::urls;

/// A mandate that the caller may do something with, and what both are called.
pub(super) struct Open {
    pub(super) row: Row,
    /// Who is acted for.
    pub(super) principal: Person,
    /// Who acts or is asked to; only the address is known of who has not accepted.
    pub(super) delegate: Person,
    /// Whether the caller is the one acted for.
    pub(super) is_principal: bool,
}

impl Open {
    /// What the other side is called.
    pub(super) fn other(&self) -> String {
        called(if self.is_principal { &self.delegate } else { &self.principal })
    }
}

/// Opens a mandate for `action`.
pub(super) async fn open(
    site: &Site,
    who: &Citizen,
    id: &str,
    action: Action,
) -> Result<Open, Trouble> {
    let (id, me) = (id.to_owned(), who.id.clone());
    let found = site
        .store
        .read(move |db| {
            let Some(row) = mandates::find(db, &id)? else { return Ok(None) };
            let principal = accounts::find(db, &row.principal_id)?;
            let delegate = row.delegate_id.as_deref().map(|id| accounts::find(db, id));
            let delegate = delegate.transpose()?.flatten();
            Ok(Some((row, principal, delegate, accounts::find(db, &me)?)))
        })
        .await?;
    let (row, principal, delegate, me) = found.ok_or_else(not_here)?;
    let me = me.ok_or_else(not_here)?;
    let email = profile::email(&site.vault, &me);
    let named = site.vault.index("email", &address::key(&email)) == row.delegate_index;
    let asked = row.delegate_id.clone().or_else(|| named.then(|| me.id.clone()));
    let object = Object::Mandate {
        principal: AccountId::parse(&row.principal_id).or_fault()?,
        delegate: asked.as_deref().map(AccountId::parse).transpose().or_fault()?,
    };
    let actor = Actor::Citizen(AccountId::parse(&me.id).or_fault()?);
    authorize(&actor, action, &object).map_err(|_| not_here())?;
    Ok(Open {
        principal: person(&site.vault, row.principal_id.clone(), principal.as_ref()),
        delegate: delegate_of(site, &row, delegate.as_ref()),
        is_principal: row.principal_id == me.id,
        row,
    })
}

/// Who acts, or the address of who is asked to.
pub(super) fn delegate_of(site: &Site, row: &Row, account: Option<&Account>) -> Person {
    let id = row.delegate_id.clone().unwrap_or_default();
    match account {
        Some(account) => person(&site.vault, id, Some(account)),
        None => {
            let place = places::mandate_address(&row.id);
            let email = site.vault.open_text(place, &row.delegate_sealed).unwrap_or_default();
            Person { id, name: String::new(), email }
        }
    }
}

fn not_here() -> Reply {
    Reply::not_found("identity.no_mandate").link(urls::DELEGATES)
}

/// The last day of a mandate in words.
pub(super) fn last_day(row: &Row) -> String {
    words::date(last_of(row))
}

fn last_of(row: &Row) -> Date {
    domain::calendar::date_in_japan(time::from_micros(row.expires_at - 1))
}

/// The first moment in Japan after a day, in microseconds.
pub(super) fn after(day: Date) -> i64 {
    let next = day.tomorrow().unwrap_or(day);
    let midnight = TimeZone::fixed(Offset::constant(9)).to_timestamp(next.at(0, 0, 0, 0));
    midnight.map_or(0, time::to_micros)
}

/// What it is for, in words: the titles of the procedures, or that it is for all.
pub(super) fn scope(site: &Site, procedures: Option<&[String]>) -> Vec<String> {
    let Some(named) = procedures else {
        return vec![TEXTS.text("identity.delegates.all").to_owned()];
    };
    let shown = site.shelf.shown();
    let title = |id: &String| shown.by_id(id).map(|entry| said(&entry.procedure().title));
    named.iter().filter_map(title).collect()
}

/// Letters to both sides of a mandate whose time is over.
#[must_use]
pub fn ended(
    site: &Site,
    row: Row,
    principal: Option<&Account>,
    delegate: Option<&Account>,
) -> Vec<NewLetter> {
    let open = Open {
        principal: person(&site.vault, row.principal_id.clone(), principal),
        delegate: delegate_of(site, &row, delegate),
        is_principal: true,
        row,
    };
    letters(site, &open, (Template::MandateEnded, Template::MandateGone))
}

/// What the other side of a mandate is called, as `me` sees it; `people` are the accounts of both.
pub(super) fn other_side(
    site: &Site,
    row: &Row,
    me: &str,
    people: &HashMap<String, Account>,
) -> Person {
    if row.principal_id == me {
        let account = row.delegate_id.as_ref().and_then(|id| people.get(id));
        return delegate_of(site, row, account);
    }
    person(&site.vault, row.principal_id.clone(), people.get(&row.principal_id))
}

/// The letter to the other side when `me` closes the account.
pub(super) fn left(
    site: &Site,
    row: &Row,
    me: &Account,
    people: &HashMap<String, Account>,
) -> Option<NewLetter> {
    let is_principal = row.principal_id == me.id;
    let template = if is_principal { Template::MandateGone } else { Template::MandateEnded };
    let to = other_side(site, row, &me.id, people);
    let letter = Letter::new(&to.email, template)
        .with("name", called(&person(&site.vault, me.id.clone(), Some(me))))
        .told("date", Told::Day(last_of(row)))
        .with("link", format!("{}{}", site.city.base_url, urls::DELEGATES));
    (!letter.to.is_empty()).then(|| letter.seal(&site.vault, site.new_id()))
}

/// Letters to both sides; each is told what the other is called.
pub(super) fn letters(
    site: &Site,
    open: &Open,
    (to_principal, to_delegate): (Template, Template),
) -> Vec<NewLetter> {
    let letter = |to: &Person, other: &Person, template| {
        Letter::new(&to.email, template)
            .with("name", called(other))
            .told("date", Told::Day(last_of(&open.row)))
            .with("link", format!("{}{}", site.city.base_url, urls::DELEGATES))
    };
    [
        letter(&open.principal, &open.delegate, to_principal),
        letter(&open.delegate, &open.principal, to_delegate),
    ]
    .into_iter()
    .filter(|letter| !letter.to.is_empty())
    .map(|letter| letter.seal(&site.vault, site.new_id()))
    .collect()
}
