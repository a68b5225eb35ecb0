//! 保存期間: how long what is over is kept, who decided it, and what went (IK-3.5.1a, NF-43). One
//! page is one file.

pub mod gone;
pub mod list;
pub mod propose;
pub mod rule;

use domain::identity::{Action, Object};
use domain::retention::Class;
use lgwan_zone_store::retention::due::Preview;
use lgwan_zone_store::retention::rules::Rule;
use platform_web::{Reply, Trouble};

use crate::guard::Who;
use crate::site::TEXTS;
use crate::words;

/// Administrators and auditors.
fn allowed(who: &Who) -> Result<(), Trouble> {
    who.may(Action::ManageRetention, &Object::Retention)
}

fn missing() -> Trouble {
    Reply::not_found("retention.missing").link("/retention").into()
}

/// The words of a class.
fn class_words(class: Class) -> &'static str {
    TEXTS.text(match class {
        Class::Applications => "retention.class.applications",
        Class::StaffLog => "retention.class.staff_log",
        Class::CitizensLog => "retention.class.citizens_log",
        Class::Exports => "retention.class.exports",
        Class::Batches => "retention.class.batches",
        Class::Rosters => "retention.class.rosters",
    })
}

/// From when on the period of a class counts.
fn counts_from(class: Class) -> &'static str {
    TEXTS.text(match class {
        Class::Applications => "retention.from.applications",
        Class::StaffLog | Class::CitizensLog => "retention.from.log",
        Class::Exports => "retention.from.exports",
        Class::Batches => "retention.from.batches",
        Class::Rosters => "retention.from.rosters",
    })
}

/// `5年`, `1年6か月`, `3か月`.
fn period_words(months: u16) -> String {
    match (months / 12, months % 12) {
        (0, months) => TEXTS.fill("retention.period.months", &[("months", &months)]),
        (years, 0) => TEXTS.fill("retention.period.years", &[("years", &years)]),
        (years, months) => {
            TEXTS.fill("retention.period.both", &[("years", &years), ("months", &months)])
        }
    }
}

/// What a rule is for, in words.
fn target(rule: &Rule, titles: &[(String, String)]) -> String {
    let class = Class::parse(&rule.class).map_or("", class_words);
    match rule.procedure_id.as_str() {
        "" => class.to_owned(),
        id => {
            let title = titles.iter().find(|(known, _)| known == id).map_or(id, |(_, title)| title);
            TEXTS.fill("retention.of_procedure", &[("class", &class), ("title", &title)])
        }
    }
}

fn state_words(state: &str) -> &'static str {
    TEXTS.text(match state {
        "proposed" => "retention.state.proposed",
        "approved" => "retention.state.approved",
        "returned" => "retention.state.returned",
        "withdrawn" => "retention.state.withdrawn",
        "replaced" => "retention.state.replaced",
        _ => "retention.state.stopped",
    })
}

/// What would go, as the pages show it.
struct Shown {
    count: String,
    goes: bool,
    range: Option<(String, String)>,
    events: Option<(String, String)>,
    held: Option<String>,
    waiting: Option<String>,
    piles: Vec<(String, String)>,
    lines: Vec<(String, String, String)>,
    more: bool,
}

impl Shown {
    fn of(preview: Preview) -> Self {
        let some = |count: i64| (count > 0).then(|| words::count(count));
        let day = |micros| words::day(platform_store::time::from_micros(micros)).to_string();
        Self {
            count: words::count(preview.count),
            goes: preview.count > 0,
            range: preview.oldest.zip(preview.newest).map(|(a, b)| (day(a), day(b))),
            events: preview.events.map(|(a, b)| (words::count(a), words::count(b))),
            held: some(preview.held),
            waiting: some(preview.waiting),
            piles: preview
                .piles
                .into_iter()
                .map(|(title, count)| (title, words::count(count)))
                .collect(),
            lines: preview
                .lines
                .into_iter()
                .map(|line| (line.label, line.procedure, day(line.ended_at)))
                .collect(),
            more: preview.more,
        }
    }
}
