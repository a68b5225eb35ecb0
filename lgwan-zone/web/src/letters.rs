//! The words of mails to staff: number, procedure and where to look; nothing of
//! the applicant (NF-59).

use std::collections::BTreeSet;

use domain::applications::State;
use lgwan_zone_store::notices::{Due, MESSAGE, OWN, TOLD, WITHDRAWAL};

use crate::bridge::alarms::Place;
use crate::site::TEXTS;

/// Subject and body of a mail; `staff_url` is where staff reach these pages.
#[must_use]
pub fn written(due: &Due, staff_url: &str) -> (String, String) {
    if due.round == TOLD {
        return told(due);
    }
    if due.round == OWN {
        return own(due, staff_url);
    }
    let url = format!("{staff_url}/applications/{}", due.application_id);
    let facts: [(&str, &dyn std::fmt::Display); 3] =
        [("procedure", &due.procedure), ("number", &due.number), ("url", &url)];
    let kind = match due.round {
        0 => "arrived",
        MESSAGE => "wrote",
        WITHDRAWAL => "asked_withdrawal",
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

/// Subject and body of a mail to a member of staff about an own application for an internal procedure:
/// number, procedure, state and its page, nothing of what was answered (NB-2.1).
fn own(due: &Due, staff_url: &str) -> (String, String) {
    let state = TEXTS.text(State::parse(&due.state).map_or("frame.unknown", State::name_key));
    let url = format!("{staff_url}/internal/applications/{}", due.application_id);
    let facts: [(&str, &dyn std::fmt::Display); 4] =
        [("procedure", &due.procedure), ("number", &due.number), ("state", &state), ("url", &url)];
    let body = TEXTS.fill("internal.mail.body", &facts);
    (TEXTS.fill("internal.mail.subject", &facts), body.trim_start().to_owned())
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

/// What was changed of the way somebody logs in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Changed {
    /// An authenticator app was registered.
    App,
    /// Recovery codes were made.
    Codes,
    /// Two administrators reset the app.
    Reset,
}

/// Subject and body of a mail to somebody whose way to log in was changed: when and from where.
#[must_use]
pub fn changed(what: Changed, at: &str, ip: &str) -> (String, String) {
    let (subject, body) = match what {
        Changed::App => ("identity.app_mail.subject", "identity.app_mail.body"),
        Changed::Codes => ("identity.codes_mail.subject", "identity.codes_mail.body"),
        Changed::Reset => ("identity.reset_mail.subject", "identity.reset_mail.body"),
    };
    let facts: [(&str, &dyn std::fmt::Display); 2] = [("at", &at), ("ip", &ip)];
    (TEXTS.text(subject).to_owned(), TEXTS.fill(body, &facts).trim_start().to_owned())
}
