//! Everything that grows under one roof: which period is in force for it, what waits for a second
//! person, what went in the last nights.

use askama::Template;
use axum::extract::State;
use axum::response::IntoResponse as _;
use domain::retention::Class;
use lgwan_zone_store::applications::entries;
use lgwan_zone_store::procedures;
use lgwan_zone_store::retention::rules::{self, Rule};
use platform_web::{Html, PageResult, QueryData, Visitor};

use super::{class_words, counts_from, period_words, state_words, target};
use crate::frame::{Frame, Place};
use crate::guard::Who;
use crate::site::{Site, TEXTS};
use crate::words;

/// Nights shown.
const NIGHTS: i64 = 20;

#[derive(Template)]
#[template(path = "retention/list.html")]
struct Page {
    frame: Frame,
    /// Whether tombstones can be signed here.
    signs: bool,
    waiting: Vec<Line>,
    classes: Vec<ClassLine>,
    fixed: Vec<(&'static str, String)>,
    past: Vec<Line>,
    nights: Vec<(String, String, String)>,
}

struct Line {
    id: String,
    what: String,
    period: String,
    proposed: String,
    state: &'static str,
}

struct ClassLine {
    key: &'static str,
    name: &'static str,
    from: &'static str,
    least: String,
    rules: Vec<Line>,
}

fn line(rule: &Rule, titles: &[(String, String)]) -> Line {
    Line {
        id: rule.id.clone(),
        what: target(rule, titles),
        period: u16::try_from(rule.months).map(period_words).unwrap_or_default(),
        proposed: format!("{} {}", words::stored(rule.proposed_at), rule.proposer),
        state: state_words(&rule.state),
    }
}

/// Shows the rules.
pub async fn get(
    State(site): State<Site>,
    who: Who,
    visitor: Visitor,
    query: QueryData,
) -> PageResult {
    super::allowed(&who)?;
    let (all, past, nights, titles) = site
        .store
        .read(|db| {
            Ok((
                rules::in_state(db, &["proposed", "approved"])?,
                rules::in_state(db, &["returned", "withdrawn", "replaced", "stopped"])?,
                rules::newest_runs(db, NIGHTS)?,
                procedures::list(db, None)?,
            ))
        })
        .await?;
    let titles: Vec<(String, String)> = titles.into_iter().map(|one| (one.id, one.title)).collect();
    let in_force = |class: Class| {
        let own = all.iter().filter(|rule| rule.state == "approved" && rule.class == class.key());
        own.map(|rule| line(rule, &titles)).collect()
    };
    let known = |id: &str| {
        let rule = all.iter().chain(&past).find(|rule| rule.id == id);
        rule.map_or_else(String::new, |rule| target(rule, &titles))
    };
    let page = Page {
        signs: site.checkpoints.is_some(),
        waiting: all
            .iter()
            .filter(|rule| rule.state == "proposed")
            .map(|rule| line(rule, &titles))
            .collect(),
        classes: Class::ALL
            .into_iter()
            .map(|class| ClassLine {
                key: class.key(),
                name: class_words(class),
                from: counts_from(class),
                least: period_words(class.least()),
                rules: in_force(class),
            })
            .collect(),
        fixed: fixed(),
        nights: nights
            .into_iter()
            .map(|(rule, day, count)| (day, known(&rule), words::count(count)))
            .collect(),
        past: past.iter().map(|rule| line(rule, &titles)).collect(),
        frame: Frame::of(&site, &who, &visitor, Place::Retention).said(&query, "retention"),
    };
    Ok(Html(page).into_response())
}

/// What has a period of its own that nobody sets.
fn fixed() -> Vec<(&'static str, String)> {
    let days = |days: i64| TEXTS.fill("retention.period.days", &[("days", &days)]);
    vec![
        (TEXTS.text("retention.fixed.entries"), days(entries::KEPT_DAYS)),
        (TEXTS.text("retention.fixed.batches"), days(7)),
        (TEXTS.text("retention.fixed.api_calls"), days(7)),
        (
            TEXTS.text("retention.fixed.bundles"),
            TEXTS.text("retention.fixed.by_settings").to_owned(),
        ),
        (TEXTS.text("retention.fixed.letters"), TEXTS.text("retention.fixed.when_sent").to_owned()),
    ]
}
