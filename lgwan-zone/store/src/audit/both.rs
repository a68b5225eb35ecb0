//! The logs of both zones as one list, newest first.

use diesel::QueryResult;
use platform_audit::{Event, Filter, Found, Log, Place, search};
use platform_store::{Db, time};

/// Whose log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Zone {
    /// This zone: staff.
    Staff,
    /// The citizens' zone, as it told.
    Citizens,
}

impl Zone {
    /// Both, in the order in which events of one moment stand.
    pub const ALL: [Self; 2] = [Self::Staff, Self::Citizens];

    /// How it stands in addresses and catalogue keys.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Staff => "staff",
            Self::Citizens => "citizens",
        }
    }

    /// Reads [`Self::key`].
    #[must_use]
    pub fn parse(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|zone| zone.key() == key)
    }

    const fn log(self) -> Log {
        match self {
            Self::Staff => Log::Own,
            Self::Citizens => Log::Other,
        }
    }
}

/// One event of either log.
#[derive(Clone, Debug)]
pub struct Line {
    /// Whose log.
    pub zone: Zone,
    /// Its number there.
    pub seq: i64,
    /// The event.
    pub event: Event,
}

/// A place in the list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cursor {
    /// Microseconds.
    pub at: i64,
    /// Whose log.
    pub zone: Zone,
    /// Number there.
    pub seq: i64,
}

impl Line {
    /// Where it stands in the list.
    #[must_use]
    pub fn cursor(&self) -> Cursor {
        Cursor { at: time::to_micros(self.event.at), zone: self.zone, seq: self.seq }
    }
}

impl Cursor {
    /// `1792000000000000.staff.17`, for addresses.
    #[must_use]
    pub fn written(self) -> String {
        format!("{}.{}.{}", self.at, self.zone.key(), self.seq)
    }

    /// Reads [`Self::written`].
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let mut parts = text.splitn(3, '.');
        let at = parts.next()?.parse().ok()?;
        let zone = Zone::parse(parts.next()?)?;
        Some(Self { at, zone, seq: parts.next()?.parse().ok()? })
    }

    /// What of `zone` stands behind this place.
    fn before(self, zone: Zone) -> Place {
        let seq = match zone.cmp(&self.zone) {
            std::cmp::Ordering::Less => i64::MIN,
            std::cmp::Ordering::Equal => self.seq,
            std::cmp::Ordering::Greater => i64::MAX,
        };
        Place { at: self.at, seq }
    }
}

/// Events of one zone, or of both, behind a place; `limit` at most. `filter.before` is not looked at.
///
/// # Errors
/// When the database cannot be read.
pub fn look(
    db: &mut Db,
    zone: Option<Zone>,
    filter: &Filter,
    behind: Option<Cursor>,
    limit: usize,
) -> QueryResult<Vec<Line>> {
    let most = i64::try_from(limit).unwrap_or(i64::MAX);
    let mut lines = Vec::new();
    for own in Zone::ALL.into_iter().filter(|own| zone.is_none_or(|zone| zone == *own)) {
        let filter = Filter { before: behind.map(|place| place.before(own)), ..filter.clone() };
        let found = search(db, own.log(), &filter, most)?;
        lines.extend(found.into_iter().map(|Found { seq, event }| Line { zone: own, seq, event }));
    }
    lines.sort_by(|a, b| {
        b.event.at.cmp(&a.event.at).then(a.zone.cmp(&b.zone)).then(b.seq.cmp(&a.seq))
    });
    lines.truncate(limit);
    Ok(lines)
}
