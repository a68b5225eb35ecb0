//! The register of what happened to the service: faults, announced stops, changes (NB-9, IK-3.5.1b).
//! Nothing is deleted; a correction raises the version and leaves its record in the operation log.

use diesel::prelude::*;
use platform_store::{Db, Tx, time};

use crate::record::By;
use crate::schema::incidents;

/// What kind of thing happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// 障害: something did not work as it should.
    Fault,
    /// 計画停止: a stop that was announced; it does not count against the availability.
    Stop,
    /// 改修: the system was changed.
    Change,
}

impl Kind {
    /// Every kind, in the order of the report.
    pub const ALL: [Self; 3] = [Self::Fault, Self::Stop, Self::Change];

    /// How it is stored.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Fault => "fault",
            Self::Stop => "stop",
            Self::Change => "change",
        }
    }

    /// Reads [`Self::key`].
    #[must_use]
    pub fn parse(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.key() == key)
    }
}

/// Which side it was about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Affected {
    /// Both.
    Both,
    /// Citizens' pages.
    Citizens,
    /// Staff pages.
    Staff,
}

impl Affected {
    /// Every side.
    pub const ALL: [Self; 3] = [Self::Both, Self::Citizens, Self::Staff];

    /// How it is stored.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Both => "both",
            Self::Citizens => "citizens",
            Self::Staff => "staff",
        }
    }

    /// Reads [`Self::key`].
    #[must_use]
    pub fn parse(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|side| side.key() == key)
    }
}

/// What the administrator writes down. Times are microseconds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Facts {
    /// Kind.
    pub kind: Kind,
    /// Side.
    pub affected: Affected,
    /// When it began.
    pub began_at: i64,
    /// When it was over; `None` while it goes on.
    pub ended_at: Option<i64>,
    /// Whether people could not use the service meanwhile.
    pub stopped: bool,
    /// In a few words.
    pub title: String,
    /// What people noticed, and how far it reached.
    pub happened: String,
    /// Why, as far as it is known.
    pub cause: String,
    /// What was done, and what keeps it from coming back.
    pub measure: String,
}

/// The same as columns.
#[derive(Insertable, AsChangeset)]
#[diesel(table_name = incidents, treat_none_as_null = true)]
struct Columns<'f> {
    kind: &'static str,
    affected: &'static str,
    began_at: i64,
    ended_at: Option<i64>,
    stopped: bool,
    title: &'f str,
    happened: &'f str,
    cause: &'f str,
    measure: &'f str,
}

impl<'f> Columns<'f> {
    fn of(facts: &'f Facts) -> Self {
        Self {
            kind: facts.kind.key(),
            affected: facts.affected.key(),
            began_at: facts.began_at,
            ended_at: facts.ended_at,
            stopped: facts.stopped,
            title: &facts.title,
            happened: &facts.happened,
            cause: &facts.cause,
            measure: &facts.measure,
        }
    }
}

/// One entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Incident {
    /// Identifier.
    pub id: String,
    /// What was written down.
    pub facts: Facts,
    /// Rises with every correction, from 1.
    pub version: i32,
    /// When it was last written.
    pub changed_at: i64,
    /// By which member of staff.
    pub changed_by: String,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = incidents)]
struct Row {
    id: String,
    kind: String,
    affected: String,
    began_at: i64,
    ended_at: Option<i64>,
    stopped: bool,
    title: String,
    happened: String,
    cause: String,
    measure: String,
    version: i32,
    changed_at: i64,
    changed_by: String,
}

impl Row {
    fn incident(self) -> QueryResult<Incident> {
        let unknown = || diesel::result::Error::NotFound;
        Ok(Incident {
            facts: Facts {
                kind: Kind::parse(&self.kind).ok_or_else(unknown)?,
                affected: Affected::parse(&self.affected).ok_or_else(unknown)?,
                began_at: self.began_at,
                ended_at: self.ended_at,
                stopped: self.stopped,
                title: self.title,
                happened: self.happened,
                cause: self.cause,
                measure: self.measure,
            },
            id: self.id,
            version: self.version,
            changed_at: self.changed_at,
            changed_by: self.changed_by,
        })
    }
}

/// Writes a new entry. A second press of the same button writes nothing more.
///
/// # Errors
/// When the database cannot be written.
pub fn record(tx: &mut Tx<'_>, by: &By, id: &str, facts: &Facts) -> QueryResult<()> {
    let known: i64 = incidents::table.find(id).count().get_result(tx.db)?;
    if known > 0 {
        return Ok(());
    }
    let now = time::to_micros(by.at);
    diesel::insert_into(incidents::table)
        .values((
            incidents::id.eq(id),
            Columns::of(facts),
            incidents::version.eq(1),
            incidents::recorded_at.eq(now),
            incidents::recorded_by.eq(&by.staff),
            incidents::changed_at.eq(now),
            incidents::changed_by.eq(&by.staff),
        ))
        .execute(tx.db)?;
    by.record(tx, "numbers.incident_recorded", "incident", id, facts.kind.key());
    Ok(())
}

/// Corrects an entry as it was seen in `version`; `false` when somebody was faster, or it is gone.
///
/// # Errors
/// When the database cannot be written.
pub fn correct(
    tx: &mut Tx<'_>,
    by: &By,
    (id, version): (&str, i32),
    facts: &Facts,
) -> QueryResult<bool> {
    let seen = incidents::table.find(id).filter(incidents::version.eq(version));
    let changed = diesel::update(seen)
        .set((
            Columns::of(facts),
            incidents::version.eq(version + 1),
            incidents::changed_at.eq(time::to_micros(by.at)),
            incidents::changed_by.eq(&by.staff),
        ))
        .execute(tx.db)?;
    if changed == 0 {
        return Ok(false);
    }
    by.record(
        tx,
        "numbers.incident_corrected",
        "incident",
        id,
        &format!("version={}", version + 1),
    );
    Ok(true)
}

/// One entry.
///
/// # Errors
/// When the database cannot be read.
pub fn find(db: &mut Db, id: &str) -> QueryResult<Option<Incident>> {
    let row = incidents::table.find(id).select(Row::as_select()).first(db).optional()?;
    row.map(Row::incident).transpose()
}

/// The newest entries.
///
/// # Errors
/// When the database cannot be read.
pub fn newest(db: &mut Db, most: i64) -> QueryResult<Vec<Incident>> {
    let rows: Vec<Row> = incidents::table
        .order((incidents::began_at.desc(), incidents::id.desc()))
        .limit(most)
        .select(Row::as_select())
        .load(db)?;
    rows.into_iter().map(Row::incident).collect()
}

/// The entries that reach into the time from `from` to `until`, oldest first.
///
/// # Errors
/// When the database cannot be read.
pub fn between(db: &mut Db, from: i64, until: i64) -> QueryResult<Vec<Incident>> {
    let rows: Vec<Row> = incidents::table
        .filter(incidents::began_at.lt(until))
        .filter(incidents::ended_at.is_null().or(incidents::ended_at.ge(from)))
        .order((incidents::began_at, incidents::id))
        .select(Row::as_select())
        .load(db)?;
    rows.into_iter().map(Row::incident).collect()
}
