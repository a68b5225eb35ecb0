//! How much of a month the service could be used, from what it noted itself and from what the
//! administrator wrote down (NB-9). All times are microseconds.
//!
//! ```text
//! noted      |=========|      |==========================|
//! planned                 |====|                              announced stops
//! reported                              |=|                   faults in which nobody could work
//! counted    |=========|                |=|==============|    seen from the first note to the last
//! stopped              |--|             |-|
//! ```

use lgwan_zone_store::audit::Zone;
use lgwan_zone_store::incidents::{Affected, Incident, Kind};
use lgwan_zone_store::uptime::Stretch;

/// From, until.
pub(super) type Span = (i64, i64);

/// Two notes lie this far apart at most while the service works.
const GAP: i64 = 180_000_000;

/// What can be said of one side in a month.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Level {
    /// The time that is spoken of: from the first note to the last, within the month.
    pub(super) seen: i64,
    /// Of it, announced stops.
    pub(super) planned: i64,
    /// Of the rest, the time in which nobody could work.
    pub(super) down: i64,
    /// The stops behind `down`, oldest first.
    pub(super) stops: Vec<Stop>,
}

/// One time in which nobody could work.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Stop {
    pub(super) span: Span,
    /// Whether the register says why.
    pub(super) explained: bool,
}

impl Level {
    /// Availability in hundredths of a percent, rounded down: a goal that was just missed is
    /// never shown as met. `None` when nothing is known of the month.
    pub(super) fn availability(&self) -> Option<i64> {
        let wanted = self.seen - self.planned;
        (wanted > 0).then(|| {
            let up = i128::from(wanted - self.down) * 10_000 / i128::from(wanted);
            i64::try_from(up).unwrap_or_default()
        })
    }

    /// Looks at one side from `month.0` to `month.1`. `known` is the time from its very first note
    /// to its very last; `now` is the present. Behind the last note nothing is known or counted.
    pub(super) fn of(
        zone: Zone,
        month: Span,
        (known, now): (Option<Stretch>, i64),
        notes: &[Stretch],
        register: &[Incident],
    ) -> Self {
        let Some(known) = known else { return Self::default() };
        let end = if now - known.until <= GAP { now } else { known.until };
        let seen = (month.0.max(known.since), month.1.min(end));
        if seen.0 >= seen.1 {
            return Self::default();
        }
        let own = |one: &&Incident| match one.facts.affected {
            Affected::Both => true,
            Affected::Citizens => zone == Zone::Citizens,
            Affected::Staff => zone == Zone::Staff,
        };
        let spans = |kind: Kind, stopped: bool| -> Vec<Span> {
            register
                .iter()
                .filter(own)
                .filter(|one| one.facts.kind == kind && (one.facts.stopped || !stopped))
                .map(|one| (one.facts.began_at, one.facts.ended_at.unwrap_or(now)))
                .collect()
        };
        let planned = within(union(spans(Kind::Stop, false)), seen);
        let noted = notes.iter().map(|one| (one.since, one.until.max(one.since)));
        let noted = noted.chain([(known.until, end)]).collect();
        let silent = without(vec![seen], &union(noted));
        let reported = within(union(spans(Kind::Fault, true)), seen);
        let down = without(union(silent.into_iter().chain(reported).collect()), &planned);
        let faults: Vec<Span> = spans(Kind::Fault, false);
        let stops = down.iter().map(|span| Stop {
            span: *span,
            explained: faults.iter().any(|fault| fault.0 < span.1 && span.0 <= fault.1),
        });
        Self {
            seen: seen.1 - seen.0,
            planned: length(&planned),
            down: length(&down),
            stops: stops.collect(),
        }
    }
}

/// Mean time from the beginning to the end of the faults that ended in the month.
pub(super) fn mean_recovery(month: Span, register: &[Incident]) -> Option<i64> {
    let ended: Vec<i64> = register
        .iter()
        .filter(|one| one.facts.kind == Kind::Fault)
        .filter_map(|one| Some((one.facts.began_at, one.facts.ended_at?)))
        .filter(|(_, ended)| (month.0..month.1).contains(ended))
        .map(|(began, ended)| ended - began)
        .collect();
    let count = i64::try_from(ended.len()).ok().filter(|count| *count > 0)?;
    Some(ended.iter().sum::<i64>() / count)
}

fn length(spans: &[Span]) -> i64 {
    spans.iter().map(|(from, until)| until - from).sum()
}

/// The same times without overlaps, oldest first.
fn union(mut spans: Vec<Span>) -> Vec<Span> {
    spans.retain(|(from, until)| from < until);
    spans.sort_unstable();
    let mut joined: Vec<Span> = Vec::new();
    for (from, until) in spans {
        match joined.last_mut() {
            Some(last) if from <= last.1 => last.1 = last.1.max(until),
            _ => joined.push((from, until)),
        }
    }
    joined
}

/// What of them lies in `bounds`.
fn within(spans: Vec<Span>, bounds: Span) -> Vec<Span> {
    let cut = spans.into_iter().map(|(from, until)| (from.max(bounds.0), until.min(bounds.1)));
    cut.filter(|(from, until)| from < until).collect()
}

/// What of them lies outside of `others`, which are joined.
fn without(spans: Vec<Span>, others: &[Span]) -> Vec<Span> {
    let mut left = Vec::new();
    for (begun, until) in spans {
        let mut from = begun;
        for other in others.iter().filter(|other| other.0 < until && begun < other.1) {
            if from < other.0 {
                left.push((from, other.0));
            }
            from = from.max(other.1);
        }
        if from < until {
            left.push((from, until));
        }
    }
    left
}

#[cfg(test)]
mod tests {
    use lgwan_zone_store::incidents::Facts;

    use super::*;

    const MINUTE: i64 = 60_000_000;
    const MONTH: Span = (0, 1_000 * MINUTE);

    fn noted(spans: &[(i64, i64)]) -> Vec<Stretch> {
        let stretch =
            |(since, until): &(i64, i64)| Stretch { since: since * MINUTE, until: until * MINUTE };
        spans.iter().map(stretch).collect()
    }

    fn written(
        kind: Kind,
        affected: Affected,
        span: (i64, Option<i64>),
        stopped: bool,
    ) -> Incident {
        let facts = Facts {
            kind,
            affected,
            began_at: span.0 * MINUTE,
            ended_at: span.1.map(|end| end * MINUTE),
            stopped,
            title: String::new(),
            happened: String::new(),
            cause: String::new(),
            measure: String::new(),
        };
        let (id, changed_by) = (String::new(), String::new());
        Incident { id, facts, version: 1, changed_at: 0, changed_by }
    }

    fn staff(notes: &[(i64, i64)], now: i64, register: &[Incident]) -> Level {
        let notes = noted(notes);
        let known = notes.first().zip(notes.last());
        let known = known.map(|(first, last)| Stretch { since: first.since, until: last.until });
        Level::of(Zone::Staff, MONTH, (known, now * MINUTE), &notes, register)
    }

    fn minutes(level: &Level) -> (i64, i64, i64) {
        (level.seen / MINUTE, level.planned / MINUTE, level.down / MINUTE)
    }

    /// NB-9: silence between two notes is a stop; what was announced does not count against the
    /// availability, what staff report does, and each minute counts once.
    #[test]
    fn silence_and_reported_faults_are_stops_and_announced_ones_are_not() {
        let whole = staff(&[(0, 1_001)], 5_000, &[]);
        assert_eq!((minutes(&whole), whole.availability()), ((1_000, 0, 0), Some(10_000)));

        let silent = staff(&[(0, 400), (500, 1_001)], 5_000, &[]);
        assert_eq!((minutes(&silent), silent.availability()), ((1_000, 0, 100), Some(9_000)));
        assert_eq!(silent.stops, [Stop { span: (400 * MINUTE, 500 * MINUTE), explained: false }]);

        let planned = written(Kind::Stop, Affected::Staff, (390, Some(450)), true);
        let fault = written(Kind::Fault, Affected::Both, (480, Some(600)), true);
        let slow = written(Kind::Fault, Affected::Both, (700, Some(800)), false);
        let elsewhere = written(Kind::Fault, Affected::Citizens, (900, Some(950)), true);
        let register = [planned, fault, slow, elsewhere];
        let both = staff(&[(0, 400), (500, 1_001)], 5_000, &register);
        assert_eq!(minutes(&both), (1_000, 60, 150));
        assert_eq!(both.availability(), Some(8_404), "790 of 940 minutes, rounded down");
        assert!(both.stops.iter().all(|stop| stop.explained));
        assert_eq!(mean_recovery(MONTH, &register), Some(90 * MINUTE), "120, 100 and 50 minutes");
    }

    /// NB-9: nothing is said of a time nobody saw: before the first note, behind the last one that
    /// was told, and in the days to come.
    #[test]
    fn a_time_nobody_saw_is_not_counted() {
        assert_eq!(staff(&[], 5_000, &[]).availability(), None);
        assert_eq!(minutes(&staff(&[(300, 600)], 601, &[])), (301, 0, 0), "up to now");
        assert_eq!(minutes(&staff(&[(300, 600)], 900, &[])), (300, 0, 0), "up to the last note");
        let going_on = written(Kind::Fault, Affected::Both, (590, None), true);
        assert_eq!(minutes(&staff(&[(300, 600)], 601, &[going_on])), (301, 0, 11));
        assert_eq!(minutes(&staff(&[(2_000, 3_000)], 5_000, &[])), (0, 0, 0), "a later beginning");
        let stood_still = staff(&[(0, 900), (1_100, 1_200)], 5_000, &[]);
        assert_eq!(minutes(&stood_still), (1_000, 0, 100), "it came back in the next month");
    }
}
