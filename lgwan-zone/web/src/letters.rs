//! The words of mails to staff: number, procedure and where to look; nothing of
//! the applicant (NF-59).

use std::collections::BTreeSet;

use domain::applications::State;
use lgwan_zone_store::notices::{Due, MESSAGE, TOLD};

use crate::bridge::alarms::Place;
use crate::site::TEXTS;

/// Subject and body of a mail; `staff_url` is where staff reach these pages.
#[must_use]
pub fn written(due: &Due, staff_url: &str) -> (String, String) {
    if due.round == TOLD {
        return told(due);
    }
    let url = format!("{staff_url}/applications/{}", due.application_id);
    let facts: [(&str, &dyn std::fmt::Display); 3] =
        [("procedure", &due.procedure), ("number", &due.number), ("url", &url)];
    let kind = match due.round {
        0 => "arrived",
        MESSAGE => "wrote",
        _ => "corrected",
    };
    let words = |part: &str| TEXTS.fill(&format!("notices.mail.{kind}.{part}"), &facts);
    (words("subject"), words("body").trim_start().to_owned())
}

/// Subject and body of a mail to an applicant who has no page of their own: number, procedure and
/// state, nothing of what was applied for (IK-2.1.2a3).
fn told(due: &Due) -> (String, String) {
    let state = State::parse(&due.state).map_or("frame.unknown", State::name_key);
    let facts: [(&str, &dyn std::fmt::Display); 2] =
        [("procedure", &due.procedure), ("number", &due.number)];
    let subject = TEXTS.fill("notices.mail.told.subject", &facts);
    let state: (&str, &dyn std::fmt::Display) = ("state", &TEXTS.text(state));
    let body = TEXTS.fill("notices.mail.told.body", &[facts[0], facts[1], state]);
    (subject, body.trim_start().to_owned())
}

/// Subject and body of a mail to operators: what began and what ended, in sentences, and where each
/// is looked at.
#[must_use]
pub fn alarms(
    began: &[String],
    ended: &[String],
    places: &BTreeSet<Place>,
    staff_url: &str,
) -> (String, String) {
    let text = |key: &'static str| TEXTS.text(key).to_owned();
    let (key, count) = match began.len() {
        0 => ("bridge.alarm.mail.over", ended.len()),
        count => ("bridge.alarm.mail.new", count),
    };
    let mut parts = Vec::new();
    for (head, lines) in [("bridge.alarm.mail.began", began), ("bridge.alarm.mail.ended", ended)] {
        if !lines.is_empty() {
            let lines: Vec<String> = lines.iter().map(|line| format!("・{line}")).collect();
            parts.push(format!("{}\n{}", text(head), lines.join("\n")));
        }
    }
    for (key, path) in places.iter().map(|place| place.told()) {
        parts.push(format!("{}\n{staff_url}{path}", text(key)));
    }
    parts.push(text("bridge.alarm.mail.foot"));
    (TEXTS.fill(key, &[("count", &count)]), parts.join("\n\n") + "\n")
}

/// Subject and body of a mail to somebody whose recovery code was used.
#[must_use]
pub fn recovered(at: &str, ip: &str, left: usize) -> (String, String) {
    let facts: [(&str, &dyn std::fmt::Display); 3] = [("at", &at), ("ip", &ip), ("left", &left)];
    let body = TEXTS.fill("identity.recovery_mail.body", &facts);
    (TEXTS.text("identity.recovery_mail.subject").to_owned(), body.trim_start().to_owned())
}
