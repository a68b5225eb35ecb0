//! What was noticed in the operation logs (IK-3.5.5), until an auditor has looked at it.

use diesel::prelude::*;
use jiff::Timestamp;
use platform_store::{Db, Tx, time};

use crate::audit::Zone;
use crate::record::By;
use crate::schema::alerts;

/// Why something was noticed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Rule {
    /// Many refused log-ins from one place.
    Spray,
    /// One person asks again and again for what is not theirs.
    Probing,
    /// One person takes out list after list.
    MassExport,
    /// What one person, or one key, takes out holds very many lines.
    MassRows,
    /// One key of a business system reads very many applications.
    ApiReading,
    /// One person reads very many applications.
    MassReading,
    /// An administrator at work outside of the hours of the office.
    OffHours,
    /// An account got the right to manage, or to read the logs.
    Grant,
    /// A password was used where everybody signs in at the identity provider.
    BreakGlass,
}

impl Rule {
    /// Every rule.
    pub const ALL: [Self; 9] = [
        Self::Spray,
        Self::Probing,
        Self::MassExport,
        Self::MassRows,
        Self::ApiReading,
        Self::MassReading,
        Self::OffHours,
        Self::Grant,
        Self::BreakGlass,
    ];

    /// How it is stored, and its code among what is in need.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Spray => "spray",
            Self::Probing => "probing",
            Self::MassExport => "mass_export",
            Self::MassRows => "mass_rows",
            Self::ApiReading => "api_reading",
            Self::MassReading => "mass_reading",
            Self::OffHours => "off_hours",
            Self::Grant => "grant",
            Self::BreakGlass => "break_glass",
        }
    }

    /// Reads [`Self::key`].
    #[must_use]
    pub fn parse(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|rule| rule.key() == key)
    }
}

/// Something a look found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// Why.
    pub rule: Rule,
    /// Who or what, as the logs write it: `staff:ID`, an address, a network.
    pub subject: String,
    /// In whose log.
    pub zone: Zone,
    /// When, the last time.
    pub at: Timestamp,
    /// How often.
    pub count: i64,
    /// The number of the one event it is about; `None` when it is about how many there are.
    pub once: Option<i64>,
}

/// Something that was noticed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Alert {
    /// Identifier.
    pub id: String,
    /// Why.
    pub rule: Rule,
    /// Who or what.
    pub subject: String,
    /// In whose log.
    pub zone: Zone,
    /// Microseconds, the first and the last time.
    pub first_at: i64,
    /// The last time.
    pub last_at: i64,
    /// How often, at most at a time.
    pub count: i64,
    /// When an auditor looked at it, and who.
    pub seen: Option<(i64, String)>,
    /// What they wrote.
    pub remark: String,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = alerts)]
struct Row {
    id: String,
    rule: String,
    subject: String,
    zone: String,
    first_at: i64,
    last_at: i64,
    count: i64,
    seen_at: Option<i64>,
    seen_by: Option<String>,
    remark: String,
}

impl Row {
    fn alert(self) -> QueryResult<Alert> {
        let unknown = || diesel::result::Error::NotFound;
        Ok(Alert {
            rule: Rule::parse(&self.rule).ok_or_else(unknown)?,
            zone: Zone::parse(&self.zone).ok_or_else(unknown)?,
            id: self.id,
            subject: self.subject,
            first_at: self.first_at,
            last_at: self.last_at,
            count: self.count,
            seen: self.seen_at.zip(self.seen_by),
            remark: self.remark,
        })
    }
}

/// What came of a finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Noticed {
    /// It is new.
    New,
    /// It was known, and goes on perhaps.
    Known,
}

/// Microseconds after which the same thing is a new alert: an hour.
const HOUR: i64 = 3_600_000_000;

/// Keeps a finding. The same rule and subject within an hour of the first or last time is the same alert,
/// unless it is about one event: that is an alert of its own, once. What goes on an hour after an auditor's
/// answer is a new one.
///
/// # Errors
/// When the database cannot be written.
pub fn notice(tx: &mut Tx<'_>, by: &By, id: &str, found: &Finding) -> QueryResult<Noticed> {
    let at = time::to_micros(found.at);
    let same = alerts::table
        .filter(alerts::rule.eq(found.rule.key()))
        .filter(alerts::subject.eq(&found.subject));
    if let Some(seq) = found.once {
        let known: i64 = same.filter(alerts::event.eq(seq)).count().get_result(tx.db)?;
        if known > 0 {
            return Ok(Noticed::Known);
        }
    } else {
        let known: Option<(String, i64, i64)> = same
            .filter(alerts::last_at.ge(at - HOUR))
            .filter(alerts::first_at.le(at + HOUR))
            .filter(alerts::seen_at.is_null().or(alerts::seen_at.ge(at - HOUR)))
            .order(alerts::last_at.desc())
            .select((alerts::id, alerts::count, alerts::last_at))
            .first(tx.db)
            .optional()?;
        if let Some((known, count, last)) = known {
            let row = alerts::table.find(known);
            let row = row.filter(alerts::last_at.lt(at).or(alerts::count.lt(found.count)));
            diesel::update(row)
                .set((alerts::last_at.eq(at.max(last)), alerts::count.eq(count.max(found.count))))
                .execute(tx.db)?;
            return Ok(Noticed::Known);
        }
    }
    diesel::insert_into(alerts::table)
        .values((
            alerts::id.eq(id),
            alerts::rule.eq(found.rule.key()),
            alerts::subject.eq(&found.subject),
            alerts::zone.eq(found.zone.key()),
            alerts::event.eq(found.once),
            alerts::first_at.eq(at),
            alerts::last_at.eq(at),
            alerts::count.eq(found.count),
            alerts::remark.eq(""),
        ))
        .execute(tx.db)?;
    by.record_failed(
        tx,
        "audit.alert",
        "alert",
        id,
        &format!("{} {}", found.rule.key(), found.subject),
    );
    Ok(Noticed::New)
}

/// Notes that an auditor looked at an alert, with their words; `false` when it is gone or somebody
/// was faster.
///
/// # Errors
/// When the database cannot be written.
pub fn seen(tx: &mut Tx<'_>, by: &By, id: &str, remark: &str) -> QueryResult<bool> {
    let open = alerts::table.find(id).filter(alerts::seen_at.is_null());
    let changed = diesel::update(open)
        .set((
            alerts::seen_at.eq(time::to_micros(by.at)),
            alerts::seen_by.eq(&by.staff),
            alerts::remark.eq(remark),
        ))
        .execute(tx.db)?;
    if changed == 1 {
        by.record(tx, "audit.alert_seen", "alert", id, "");
    }
    Ok(changed == 1)
}

/// One alert.
///
/// # Errors
/// When the database cannot be read.
pub fn find(db: &mut Db, id: &str) -> QueryResult<Option<Alert>> {
    let row = alerts::table.find(id).select(Row::as_select()).first(db).optional()?;
    row.map(Row::alert).transpose()
}

/// The alerts nobody has looked at, oldest first, a hundred at most.
///
/// # Errors
/// When the database cannot be read.
pub fn open(db: &mut Db) -> QueryResult<Vec<Alert>> {
    let rows: Vec<Row> = alerts::table
        .filter(alerts::seen_at.is_null())
        .order((alerts::first_at, alerts::id))
        .limit(100)
        .select(Row::as_select())
        .load(db)?;
    rows.into_iter().map(Row::alert).collect()
}

/// How many alerts nobody has looked at.
///
/// # Errors
/// When the database cannot be read.
pub fn unanswered(db: &mut Db) -> QueryResult<i64> {
    alerts::table.filter(alerts::seen_at.is_null()).count().get_result(db)
}

/// The newest alerts that nobody has looked at, and after them the newest of the others.
///
/// # Errors
/// When the database cannot be read.
pub fn newest(db: &mut Db, most: i64) -> QueryResult<Vec<Alert>> {
    let mut rows: Vec<Row> = alerts::table
        .filter(alerts::seen_at.is_null())
        .order((alerts::first_at.desc(), alerts::id.desc()))
        .limit(most)
        .select(Row::as_select())
        .load(db)?;
    let rest = most - i64::try_from(rows.len()).unwrap_or(most);
    let seen: Vec<Row> = alerts::table
        .filter(alerts::seen_at.is_not_null())
        .order((alerts::last_at.desc(), alerts::id.desc()))
        .limit(rest)
        .select(Row::as_select())
        .load(db)?;
    rows.extend(seen);
    rows.into_iter().map(Row::alert).collect()
}
