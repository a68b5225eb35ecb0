//! The end of a procedure's period as it meets who is filling in: said beforehand, with a grace to the
//! second; afterwards nothing is sent, and everything typed can be read and taken along (NF-50, NF-60).

use axum::extract::{Path, State};
use domain::procedures::Period;
use jiff::SignedDuration;
use platform_web::{PageResult, Reply, download};

use super::access::{self, OpenDraft};
use super::{check, moved};
use crate::caller::Caller;
use crate::procedures::{period, search, words};
use crate::site::Site;
use crate::texts::TEXTS;
use crate::{terminals, urls};

/// How long beforehand the end is said on every page.
const NEAR: SignedDuration = SignedDuration::from_hours(24);

/// How the period stands for who fills in.
pub(super) enum Closing {
    /// It may be sent. What is said of the end; empty while it is far.
    Open(String),
    /// It may not, and why.
    Over(String),
}

impl Closing {
    /// Why it may not be sent any more.
    pub(super) fn over(self) -> Option<String> {
        match self {
            Self::Over(why) => Some(why),
            Self::Open(_) => None,
        }
    }
}

/// How the period stands for a draft now.
pub(super) fn of(site: &Site, open: &OpenDraft) -> Closing {
    let (rule, now) = (&open.entry.procedure().open, site.clock.now());
    if open.entry.closed {
        return Closing::Over(TEXTS.text("applications.closing.stopped").to_owned());
    }
    match rule.at(now) {
        Period::Open { until: Some(until) } if until.duration_since(now) <= NEAR => {
            let time = words::exact_time(until);
            Closing::Open(TEXTS.fill("applications.closing.near", &[("time", &time)]))
        }
        Period::Open { .. } => Closing::Open(String::new()),
        Period::Grace { until: end } => {
            let time = rule.until.map(words::exact_time).unwrap_or_default();
            let args: [(&str, &dyn std::fmt::Display); 2] =
                [("time", &time), ("end", &words::exact_time(end))];
            Closing::Open(TEXTS.fill("applications.closing.grace", &args))
        }
        Period::Closed { since } => {
            let end = period::last_moment(rule).filter(|end| *end > since);
            let args: [(&str, &dyn std::fmt::Display); 2] = [
                ("time", &words::exact_time(since)),
                ("end", &end.map(words::exact_time).unwrap_or_default()),
            ];
            let key = if end.is_some() { "over_grace" } else { "over" };
            Closing::Over(TEXTS.fill(&format!("applications.closing.{key}"), &args))
        }
        Period::NotYet { from } => {
            let time = words::exact_time(from);
            Closing::Over(TEXTS.fill("applications.closing.not_yet", &[("time", &time)]))
        }
    }
}

/// Refuses what cannot be kept for a procedure that takes nothing any more: a new file.
pub(super) fn still_open(site: &Site, open: &OpenDraft) -> Result<(), Reply> {
    let procedure = open.entry.procedure();
    match of(site, open) {
        Closing::Open(_) => Ok(()),
        Closing::Over(_) => Err(Reply::gone("applications.closed")
            .with("title", procedure.title.ja())
            .with("period", search::period_words(&open.entry))
            .link(urls::procedure(&procedure.slug))),
    }
}

/// Everything typed in a draft as a text file.
pub(crate) async fn answers(
    caller: Caller,
    State(site): State<Site>,
    Path(id): Path<String>,
) -> PageResult {
    let open = access::draft_at(&site, &caller, &id, &urls::check(&id)).await?;
    terminals::may_take_away(urls::check(&id))?;
    let title = open.entry.procedure().title.ja();
    let mut lines = vec![
        title.to_owned(),
        TEXTS.fill("applications.closing.file_head", &[("time", &words::micros(site.micros()))]),
    ];
    lines.extend(of(&site, &open).over());
    for section in check::sections(&site, &open) {
        lines.extend([String::new(), format!("■ {}", section.title)]);
        for row in section.rows {
            let empty = || vec![TEXTS.text("applications.check.empty").to_owned()];
            let answer = if row.lines.is_empty() { empty() } else { row.lines };
            lines.push(format!(
                "{}{}{}",
                row.label,
                TEXTS.text("home.colon"),
                answer.join("\r\n  ")
            ));
        }
    }
    if let Some(told) = moved::told(&site, &open).filter(|told| !told.dropped.is_empty()) {
        let title = TEXTS.text("applications.moved.dropped");
        lines.extend([String::new(), format!("■ {title}")]);
        for (label, answer) in told.dropped {
            lines.push(format!("{label}{}{}", TEXTS.text("home.colon"), answer.join("\r\n  ")));
        }
    }
    // Old editors know by the mark that it is UTF-8.
    let text = format!("\u{feff}{}\r\n", lines.join("\r\n"));
    let name = TEXTS.fill("applications.closing.file", &[("title", &title)]);
    Ok(download::download(&name, "text/plain; charset=utf-8", text))
}
