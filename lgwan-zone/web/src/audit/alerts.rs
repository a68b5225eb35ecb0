//! 検知: what was noticed in the operation logs, and the auditor's word on it (IK-3.5.5).

use askama::Template;
use axum::extract::{Path, State};
use axum::response::IntoResponse as _;
use lgwan_zone_store::alerts::{self, Alert, Rule};
use lgwan_zone_store::audit::{Event, Line};
use lgwan_zone_store::identity::staff;
use platform_store::time;
use platform_web::{CsrfForm, Html, PageResult, Reply, Visitor, see_other};

use super::line::{Names, zone};
use crate::frame::{Frame, Place};
use crate::guard::Who;
use crate::site::{Site, TEXTS};
use crate::words;

/// Alerts shown.
const SHOWN: i64 = 200;
/// Longest remark, in characters.
const LONGEST: usize = 2_000;

#[derive(Template)]
#[template(path = "audit/alerts.html")]
struct Page {
    frame: Frame,
    /// Said when there may be more.
    cut: Option<String>,
    rows: Vec<Row>,
}

struct Row {
    id: String,
    rule: &'static str,
    zone: &'static str,
    who: String,
    count: String,
    first: String,
    last: String,
    /// The events behind it.
    log: String,
    seen: Option<String>,
    remark: String,
}

/// Shows what was noticed: what nobody has answered first, of that and of the rest the newest first.
pub async fn get(State(site): State<Site>, who: Who, visitor: Visitor) -> PageResult {
    super::allowed(&who)?;
    let found = site
        .store
        .read(|db| {
            let open = alerts::unanswered(db)?;
            let all = alerts::newest(db, SHOWN)?;
            let lines: Vec<Line> = all.iter().map(line).collect();
            let names = Names::of(db, &lines)?;
            let ids: Vec<String> =
                all.iter().filter_map(|one| one.seen.clone()).map(|(_, by)| by).collect();
            let people = staff::names(db, &ids)?;
            Ok((open, all, lines, names, people))
        })
        .await?;
    let (open, all, lines, names, people) = found;
    let cut = (i64::try_from(all.len()) == Ok(SHOWN)).then(|| {
        let counts: [(&str, &dyn std::fmt::Display); 2] =
            [("shown", &SHOWN), ("open", &words::count(open))];
        TEXTS.fill("audit.page.alerts.cut", &counts)
    });
    let rows = all.into_iter().zip(&lines).map(|(one, line)| {
        let shown = names.row(line, true);
        let id = if shown.id.is_empty() { one.subject.clone() } else { shown.id };
        Row {
            rule: word(one.rule),
            zone: zone(one.zone),
            who: format!("{} {id}", shown.actor).trim().to_owned(),
            count: words::count(one.count),
            first: words::stored(one.first_at),
            last: words::stored(one.last_at),
            log: log(&one),
            seen: one.seen.map(|(at, by)| {
                let by = people.iter().find(|person| person.0 == by);
                let name = by.map_or("", |person| person.2.as_str());
                let parts: [(&str, &dyn std::fmt::Display); 2] =
                    [("at", &words::stored(at)), ("by", &name)];
                TEXTS.fill("audit.page.alerts.by", &parts)
            }),
            remark: one.remark,
            id: one.id,
        }
    });
    let rows = rows.collect();
    let frame = Frame::of(&site, &who, &visitor, Place::Audit);
    Ok(Html(Page { frame, cut, rows }).into_response())
}

/// Notes what the auditor found out.
pub async fn post(
    State(site): State<Site>,
    who: Who,
    Path(id): Path<String>,
    CsrfForm(form): CsrfForm,
) -> PageResult {
    super::allowed(&who)?;
    let remark = form.text("remark").trim().to_owned();
    let by = who.by(&site);
    let (wanted, own) = (id.clone(), who.id.clone());
    if remark.is_empty() || remark.chars().count() > LONGEST {
        return Err(Reply::unprocessable("audit.no_remark").link("/audit/alerts").into());
    }
    let kept = site.store.write(move |tx| {
        if alerts::seen(tx, &by, &id, &remark)? {
            return Ok(true);
        }
        // A second press of the same button finds what it wrote.
        let known = alerts::find(tx.db, &wanted)?;
        Ok(known
            .is_some_and(|one| one.remark == remark && one.seen.is_some_and(|(_, by)| by == own)))
    });
    if kept.await? {
        Ok(see_other("/audit/alerts"))
    } else {
        Err(Reply::conflict("audit.alert_gone").link("/audit/alerts").into())
    }
}

/// The subject as an event, so that it is named as in the list.
fn line(one: &Alert) -> Line {
    let at = time::from_micros(one.last_at);
    Line { zone: one.zone, seq: 0, event: Event::new(at, &one.subject, "", "") }
}

/// The address of the events behind an alert.
fn log(one: &Alert) -> String {
    let day = |micros| words::day(time::from_micros(micros));
    let about = match one.rule {
        Rule::Grant => format!("&object={}", words::in_query(&one.subject)),
        Rule::Spray => "&act=identity&result=refused".to_owned(),
        Rule::Probing
        | Rule::MassExport
        | Rule::MassRows
        | Rule::ApiReading
        | Rule::MassReading
        | Rule::OffHours
        | Rule::BreakGlass => {
            format!("&actor={}", words::in_query(&one.subject))
        }
    };
    let (since, until) = (day(one.first_at), day(one.last_at));
    format!("/audit?zone={}&since={since}&until={until}{about}", one.zone.key())
}

pub(super) fn word(rule: Rule) -> &'static str {
    TEXTS.text(match rule {
        Rule::Spray => "audit.rule.spray",
        Rule::Probing => "audit.rule.probing",
        Rule::MassExport => "audit.rule.mass_export",
        Rule::MassRows => "audit.rule.mass_rows",
        Rule::ApiReading => "audit.rule.api_reading",
        Rule::MassReading => "audit.rule.mass_reading",
        Rule::OffHours => "audit.rule.off_hours",
        Rule::Grant => "audit.rule.grant",
        Rule::BreakGlass => "audit.rule.break_glass",
    })
}
