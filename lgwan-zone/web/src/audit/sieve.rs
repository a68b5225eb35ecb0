//! What somebody looks for in the logs, as typed and as understood.

use domain::applications::ReceiptNumber;
use domain::ids::AccountId;
use jiff::ToSpan as _;
use jiff::civil::Date;
use lgwan_zone_store::QueryError;
use lgwan_zone_store::applications::file;
use lgwan_zone_store::applications::inbox;
use lgwan_zone_store::audit::{Cursor, Filter, Zone};
use lgwan_zone_store::identity::staff;
use lgwan_zone_store::retention;
use platform_store::Db;
use platform_web::FormData;

use crate::words;

/// The rooms an act can belong to.
pub(crate) const ROOMS: [&str; 16] = [
    "identity",
    "applications",
    "documents",
    "batches",
    "labels",
    "columns",
    "phrases",
    "templates",
    "procedures",
    "notices",
    "exports",
    "api",
    "retention",
    "numbers",
    "bridge",
    "audit",
];

/// Stands for a word of an address that nobody knows: it finds nothing, never everything.
const UNKNOWN: &str = "-";

/// How an act can end.
pub(super) const RESULTS: [&str; 3] = ["ok", "refused", "failed"];

/// As typed.
#[derive(Clone, Debug)]
pub(super) struct Sieve {
    pub(super) zone: Option<Zone>,
    pub(super) since: Option<Date>,
    pub(super) until: Option<Date>,
    pub(super) actor: String,
    pub(super) object: String,
    pub(super) act: &'static str,
    pub(super) result: &'static str,
    pub(super) behind: Option<Cursor>,
}

impl Sieve {
    pub(super) fn of(query: &FormData) -> Self {
        let date = |name| query.text(name).parse::<Date>().ok();
        let short = |name| query.text(name).trim().chars().take(100).collect::<String>();
        let one = |name, all: &[&'static str]| {
            let known = all.iter().find(|word| **word == query.text(name)).copied();
            known.unwrap_or(if query.text(name).is_empty() { "" } else { UNKNOWN })
        };
        Self {
            zone: Zone::parse(query.text("zone")),
            since: date("since"),
            until: date("until"),
            actor: short("actor"),
            object: short("object"),
            act: one("act", &ROOMS),
            result: one("result", &RESULTS),
            behind: Cursor::parse(query.text("behind")),
        }
    }

    /// The same as an address: `?since=…`, or nothing.
    pub(super) fn query(&self) -> String {
        let day = |day: Option<Date>| day.map_or_else(String::new, |day| day.to_string());
        let parts: Vec<String> = [
            ("zone", self.zone.map_or("", Zone::key).to_owned()),
            ("since", day(self.since)),
            ("until", day(self.until)),
            ("actor", self.actor.clone()),
            ("object", self.object.clone()),
            ("act", self.act.to_owned()),
            ("result", self.result.to_owned()),
        ]
        .into_iter()
        .filter(|(_, value)| !value.is_empty())
        .map(|(name, value)| format!("{name}={}", words::in_query(&value)))
        .collect();
        if parts.is_empty() { String::new() } else { format!("?{}", parts.join("&")) }
    }

    /// Turns what people type into what the logs say: log-in ids and receipt numbers into ids.
    pub(super) fn filter(&self, db: &mut Db) -> Result<Filter, QueryError> {
        let (from, until) = period(self.since, self.until);
        let act = (!self.act.is_empty()).then(|| format!("{}.", self.act));
        let result = (!self.result.is_empty()).then(|| self.result.to_owned());
        let actor = actor(db, &self.actor)?;
        let object = object(db, &self.object)?;
        Ok(Filter { from, until, actor, object, act, result, ..Filter::default() })
    }
}

/// Whole days in Japan as two moments.
pub(super) fn period(
    since: Option<Date>,
    until: Option<Date>,
) -> (Option<jiff::Timestamp>, Option<jiff::Timestamp>) {
    let end = until.and_then(|day| day.checked_add(1.day()).ok());
    (since.and_then(words::midnight), end.and_then(words::midnight))
}

/// Who: a log-in id, the receipt number of somebody's application, the number of an account, or
/// a name as the logs write it. What is none of these finds nothing.
fn actor(db: &mut Db, typed: &str) -> Result<Option<String>, QueryError> {
    if typed.is_empty() {
        return Ok(None);
    }
    if let Ok(number) = typed.parse::<ReceiptNumber>() {
        let id = inbox::id_of(db, &number.to_string())?.unwrap_or_default();
        let account = file::row(db, &id)?.and_then(|row| row.applicant_account);
        return Ok(Some(format!("account:{}", account.unwrap_or_default())));
    }
    if let Some(person) = staff::by_login(db, typed)? {
        return Ok(Some(format!("staff:{}", person.id)));
    }
    Ok(Some(match AccountId::parse(typed) {
        Ok(id) => format!("account:{}", id.as_str()),
        Err(_) => typed.to_owned(),
    }))
}

/// What: a receipt number, a log-in id, or a name as the logs write it.
fn object(db: &mut Db, typed: &str) -> Result<Option<String>, QueryError> {
    if typed.is_empty() {
        return Ok(None);
    }
    if let Ok(number) = typed.parse::<ReceiptNumber>() {
        let number = number.to_string();
        let id = match inbox::id_of(db, &number)? {
            None => retention::gone(db, &number)?,
            known => known,
        };
        return Ok(Some(format!("application:{}", id.unwrap_or_default())));
    }
    let person = staff::by_login(db, typed)?;
    Ok(Some(person.map_or_else(|| typed.to_owned(), |one| format!("staff:{}", one.id))))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::ROOMS;

    /// NF-41: the indexes of the logs know a room by the first four letters of its acts.
    #[test]
    fn four_letters_tell_each_room() {
        let four: BTreeSet<String> =
            ROOMS.iter().map(|room| format!("{room}.").chars().take(4).collect()).collect();
        assert_eq!(four.len(), ROOMS.len());
    }
}
