//! What the report of a month says, in words.

use std::collections::BTreeMap;

use domain::identity::{Action, Object};
use domain::speed::{Answers, Speed};
use jiff::ToSpan as _;
use jiff::civil::Date;
use lgwan_zone_store::audit::Zone;
use lgwan_zone_store::identity::departments;
use lgwan_zone_store::incidents::{self, Incident};
use lgwan_zone_store::numbers::{self, What};
use lgwan_zone_store::{procedures, uptime};
use platform_store::time;
use platform_web::{FormData, Trouble};

use super::level::{Level, Span, mean_recovery};
use crate::frame::name_of;
use crate::guard::Who;
use crate::numbers::period::Period;
use crate::numbers::table::{Sums, Totals};
use crate::site::{Site, TEXTS};
use crate::words;

/// What is said of each procedure, in this order.
pub(super) const SHOWN: [(What, &str); 4] = [
    (What::Arrived, "numbers.what.arrived"),
    (What::Download, "numbers.what.download"),
    (What::Done, "numbers.what.done"),
    (What::Ended, "numbers.what.ended"),
];

/// The report of a month.
pub(super) struct Sheet {
    /// First day of the month.
    pub(super) month: Date,
    /// Whether the month still runs.
    pub(super) unfinished: bool,
    pub(super) made: String,
    /// Sums: word, number.
    pub(super) sums: Vec<(&'static str, String)>,
    pub(super) procedures: Vec<Procedure>,
    pub(super) levels: Vec<Side>,
    pub(super) recovery: Goal,
    pub(super) speed: SpeedLevel,
    pub(super) stops: Vec<Stopped>,
    pub(super) entries: Vec<Entry>,
}

/// A procedure of the month.
pub(super) struct Procedure {
    pub(super) title: String,
    pub(super) department: String,
    pub(super) cells: Vec<String>,
}

/// A figure beside its goal.
pub(super) struct Goal {
    pub(super) figure: String,
    pub(super) goal: String,
    /// `None` when there is no figure.
    pub(super) met: Option<bool>,
}

impl Goal {
    /// Whether it was met, in a word.
    pub(super) fn word(&self) -> &'static str {
        TEXTS.text(match self.met {
            Some(true) => "numbers.report.reached",
            Some(false) => "numbers.report.missed",
            None => "numbers.none",
        })
    }
}

/// How much of the month one side could be used.
pub(super) struct Side {
    pub(super) name: &'static str,
    pub(super) seen: String,
    pub(super) planned: String,
    pub(super) down: String,
    pub(super) availability: Goal,
}

/// How fast the citizens' pages were (NN-15).
pub(super) struct SpeedLevel {
    /// The share within three seconds.
    pub(super) fast: Goal,
    /// Within which time 95 of 100 were.
    pub(super) p95: String,
    pub(super) pages: String,
    pub(super) days: Vec<SpeedDay>,
}

/// The same of a day.
pub(super) struct SpeedDay {
    pub(super) day: String,
    pub(super) pages: String,
    pub(super) fast: String,
    pub(super) p95: String,
    /// Whether the goal was missed on that day.
    pub(super) missed: bool,
}

/// A time in which one side could not be used.
pub(super) struct Stopped {
    pub(super) side: &'static str,
    pub(super) from: String,
    pub(super) until: String,
    pub(super) length: String,
    pub(super) explained: bool,
}

/// An entry of the register.
pub(super) struct Entry {
    pub(super) id: String,
    pub(super) kind: &'static str,
    pub(super) affected: &'static str,
    pub(super) began: String,
    pub(super) ended: String,
    pub(super) stopped: bool,
    pub(super) title: String,
    pub(super) happened: String,
    pub(super) cause: String,
    pub(super) measure: String,
}

impl Entry {
    pub(super) fn of(one: Incident) -> Self {
        let Incident { id, facts, .. } = one;
        Self {
            id,
            kind: kind(facts.kind),
            affected: affected(facts.affected),
            began: words::stored(facts.began_at),
            ended: facts
                .ended_at
                .map_or_else(|| TEXTS.text("numbers.report.going_on").to_owned(), words::stored),
            stopped: facts.stopped,
            title: facts.title,
            happened: facts.happened,
            cause: facts.cause,
            measure: facts.measure,
        }
    }
}

/// A kind of entry in words.
pub(super) fn kind(kind: incidents::Kind) -> &'static str {
    TEXTS.text(match kind {
        incidents::Kind::Fault => "numbers.report.kind.fault",
        incidents::Kind::Stop => "numbers.report.kind.stop",
        incidents::Kind::Change => "numbers.report.kind.change",
    })
}

/// A side in words.
pub(super) fn affected(side: incidents::Affected) -> &'static str {
    TEXTS.text(match side {
        incidents::Affected::Both => "numbers.report.side.both",
        incidents::Affected::Citizens => "numbers.report.side.citizens",
        incidents::Affected::Staff => "numbers.report.side.staff",
    })
}

fn side(zone: Zone) -> &'static str {
    affected(match zone {
        Zone::Staff => incidents::Affected::Staff,
        Zone::Citizens => incidents::Affected::Citizens,
    })
}

/// The month that was asked for, `2026-10`; the one before this when none was. Never one to come.
pub(super) fn month(typed: &FormData, today: Date) -> Date {
    let this = today.first_of_month();
    let before = this.saturating_sub(1.day()).first_of_month();
    let asked = format!("{}-01", typed.text("month")).parse::<Date>().ok();
    asked.filter(|month| *month <= this).unwrap_or(before)
}

/// `2026-10`.
pub(super) fn written(month: Date) -> String {
    month.strftime("%Y-%m").to_string()
}

/// Everything the database knows of the month.
struct Known {
    numbers: Vec<numbers::Number>,
    /// `(id, title, department)` of every procedure, by department and title.
    procedures: Vec<(String, String, String)>,
    register: Vec<Incident>,
    sides: Vec<(Zone, Option<uptime::Stretch>, Vec<uptime::Stretch>)>,
}

/// Makes the report of a month.
pub(super) async fn of(site: &Site, who: &Who, month: Date) -> Result<Sheet, Trouble> {
    who.may(Action::ReadOperations, &Object::Operations)?;
    let next = month.saturating_add(1.month());
    let last = next.saturating_sub(1.day());
    let micros = |day| words::midnight(day).map_or(0, time::to_micros);
    let span: Span = (micros(month), micros(next));
    let (since, until) = (month.to_string(), last.to_string());
    let known = site
        .store
        .read(move |db| {
            let names: Vec<(String, String)> =
                departments::all(db)?.into_iter().map(|one| (one.id, one.name)).collect();
            let mut procedures: Vec<(String, String, String)> = procedures::list(db, None)?
                .into_iter()
                .map(|one| (one.id, one.title, name_of(&names, &one.department_id)))
                .collect();
            procedures.sort_by(|a, b| (&a.2, &a.1).cmp(&(&b.2, &b.1)));
            let mut sides = Vec::new();
            for zone in [Zone::Citizens, Zone::Staff] {
                let notes = uptime::between(db, zone, span.0, span.1)?;
                sides.push((zone, uptime::known(db, zone)?, notes));
            }
            Ok(Known {
                numbers: numbers::between(db, &since, &until)?,
                procedures,
                register: incidents::between(db, span.0, span.1)?,
                sides,
            })
        })
        .await?;
    Ok(sheet(site, (month, last), span, known))
}

fn sheet(site: &Site, (month, last): (Date, Date), span: Span, known: Known) -> Sheet {
    let now = site.clock.now();
    let period = Period { since: month, until: last };
    let totals = Totals::of(&known.numbers, &known.numbers, period);
    let used = totals.procedures.values().filter(|one| one.of(What::Arrived) > 0).count();
    let sum = |what, key| (TEXTS.text(key), words::count(totals.all.of(what)));
    let sums = vec![
        (TEXTS.text("numbers.procedures"), known.procedures.len().to_string()),
        (TEXTS.text("numbers.used"), used.to_string()),
        sum(What::Arrived, "numbers.what.arrived"),
        sum(What::Download, "numbers.what.download"),
        sum(What::Done, "numbers.what.done"),
        sum(What::Visit, "numbers.what.visit"),
    ];
    let now_micros = time::to_micros(now);
    let levels: Vec<(Zone, Level)> = known
        .sides
        .iter()
        .map(|(zone, ends, notes)| {
            (*zone, Level::of(*zone, span, (*ends, now_micros), notes, &known.register))
        })
        .collect();
    let stops = levels.iter().flat_map(|(zone, level)| {
        level.stops.iter().map(|stop| Stopped {
            side: side(*zone),
            from: words::stored(stop.span.0),
            until: words::stored(stop.span.1),
            length: length(stop.span.1 - stop.span.0),
            explained: stop.explained,
        })
    });
    let goals = &site.settings.goals;
    let speed = speed_level(&known.numbers, goals.fast);
    Sheet {
        month,
        unfinished: span.1 > now_micros,
        made: words::minute(now),
        sums,
        procedures: procedures(&known.procedures, &totals),
        stops: stops.collect(),
        levels: levels
            .iter()
            .map(|(zone, level)| of_side(*zone, level, goals.availability))
            .collect(),
        recovery: recovery(mean_recovery(span, &known.register), goals.recovery_hours),
        speed,
        entries: known.register.into_iter().map(Entry::of).collect(),
    }
}

fn speed_level(numbers: &[numbers::Number], goal: i64) -> SpeedLevel {
    let none = || TEXTS.text("numbers.none").to_owned();
    let (mut all, mut days) = (Answers::default(), BTreeMap::<&str, Answers>::new());
    for one in numbers {
        if let What::Answered(speed) = one.what {
            all.add(speed, one.total);
            days.entry(&one.day).or_default().add(speed, one.total);
        }
    }
    let share = |answers: &Answers| answers.share(Speed::Ms3000);
    let p95 = |answers: &Answers| answers.p95().map_or_else(none, within);
    SpeedLevel {
        fast: Goal {
            figure: share(&all).map_or_else(none, percent),
            goal: TEXTS.fill("numbers.report.at_least", &[("figure", &percent(goal))]),
            met: share(&all).map(|figure| figure >= goal),
        },
        p95: p95(&all),
        pages: words::count(all.total()),
        days: days
            .into_iter()
            .map(|(day, answers)| SpeedDay {
                day: day.to_owned(),
                pages: words::count(answers.total()),
                fast: share(&answers).map_or_else(none, percent),
                p95: p95(&answers),
                missed: share(&answers).is_some_and(|figure| figure < goal),
            })
            .collect(),
    }
}

/// `3秒以内`, `0.5秒以内`.
fn within(speed: Speed) -> String {
    let Some(millis) = speed.bound() else {
        return TEXTS.text("numbers.report.slower").to_owned();
    };
    let (seconds, tenths) = (millis / 1_000, millis % 1_000 / 100);
    let seconds = if tenths == 0 { seconds.to_string() } else { format!("{seconds}.{tenths}") };
    TEXTS.fill("numbers.report.within_seconds", &[("seconds", &seconds)])
}

fn procedures(all: &[(String, String, String)], totals: &Totals) -> Vec<Procedure> {
    let cells = |sums: &Sums| SHOWN.iter().map(|(what, _)| words::count(sums.of(*what))).collect();
    let none = Sums::default();
    let mut rows: Vec<Procedure> = all
        .iter()
        .map(|(id, title, department)| Procedure {
            title: title.clone(),
            department: department.clone(),
            cells: cells(totals.procedures.get(id).unwrap_or(&none)),
        })
        .collect();
    // A procedure the citizens' side still counts and nobody here knows any more.
    let unknown = totals.procedures.iter().filter(|(id, _)| all.iter().all(|one| one.0 != **id));
    rows.extend(unknown.map(|(id, sums)| Procedure {
        title: id.clone(),
        department: String::new(),
        cells: cells(sums),
    }));
    rows
}

fn of_side(zone: Zone, level: &Level, goal: i64) -> Side {
    let none = || TEXTS.text("numbers.none").to_owned();
    let known = |micros: i64| if level.seen > 0 { length(micros) } else { none() };
    let availability = level.availability();
    Side {
        name: side(zone),
        seen: known(level.seen - level.planned),
        planned: known(level.planned),
        down: known(level.down),
        availability: Goal {
            figure: availability.map_or_else(none, percent),
            goal: TEXTS.fill("numbers.report.at_least", &[("figure", &percent(goal))]),
            met: availability.map(|figure| figure >= goal),
        },
    }
}

fn recovery(mean: Option<i64>, hours: i64) -> Goal {
    Goal {
        figure: mean.map_or_else(|| TEXTS.text("numbers.none").to_owned(), length),
        goal: TEXTS.fill("numbers.report.within_hours", &[("hours", &hours)]),
        met: mean.map(|mean| mean <= hours * 3_600_000_000),
    }
}

/// Hundredths of a percent as `99.95%`.
fn percent(hundredths: i64) -> String {
    format!("{}.{:02}%", hundredths / 100, hundredths % 100)
}

/// `719時間30分`, `30分`; less than a minute as seconds.
fn length(micros: i64) -> String {
    let seconds = micros / 1_000_000;
    let (hours, minutes) = (seconds / 3_600, seconds / 60 % 60);
    match (hours, minutes) {
        (0, 0) if seconds > 0 => TEXTS.fill("numbers.report.seconds", &[("seconds", &seconds)]),
        (0, _) => TEXTS.fill("numbers.report.minutes", &[("minutes", &minutes)]),
        (_, _) => TEXTS.fill("numbers.report.hours", &[("hours", &hours), ("minutes", &minutes)]),
    }
}
