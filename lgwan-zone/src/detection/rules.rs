//! What in the operation logs is worth an alert (IK-3.5.5). Pure: events in, findings out.

use std::collections::BTreeMap;

use domain::calendar::time_in_japan;
use domain::identity::Role;
use jiff::{SignedDuration, Timestamp};
use lgwan_zone_store::alerts::{Finding, Rule};
use lgwan_zone_store::audit::{Event, Line, Zone};

use crate::config::DetectionConfig;

/// How far back the rules look that count; longer than the time between two looks by far.
pub(super) const WINDOW: SignedDuration = SignedDuration::from_mins(60);
/// Within this time many refusals are one attack.
const BURST: i64 = 10 * 60 * 1_000_000;

/// The acts that the rules look at, by log.
pub(super) const ACTS: [(Zone, &str); 29] = [
    (Zone::Staff, "identity.login"),
    (Zone::Staff, "identity.break_glass_login"),
    (Zone::Staff, "identity.sso_login"),
    (Zone::Staff, "identity.refused"),
    (Zone::Staff, "identity.account_made"),
    (Zone::Staff, "identity.account_changed"),
    (Zone::Staff, "identity.account_enabled"),
    (Zone::Staff, "identity.post_given"),
    (Zone::Staff, "identity.app_reset"),
    (Zone::Staff, "identity.staff_saved"),
    (Zone::Staff, "applications.viewed"),
    (Zone::Staff, "applications.file_read"),
    (Zone::Staff, "applications.files_taken"),
    (Zone::Staff, "applications.list_taken"),
    (Zone::Staff, "applications.list_sent"),
    (Zone::Staff, "applications.inquiries_taken"),
    (Zone::Staff, "api.key_made"),
    (Zone::Staff, "api.key_released"),
    (Zone::Staff, "api.key_turned"),
    (Zone::Staff, "api.webhook_made"),
    (Zone::Staff, "api.webhook_released"),
    (Zone::Staff, "api.key_handed"),
    (Zone::Staff, "api.list_read"),
    (Zone::Staff, "api.application_read"),
    (Zone::Staff, "api.file_read"),
    (Zone::Staff, "documents.read"),
    (Zone::Staff, "audit.taken"),
    (Zone::Staff, "audit.disclosure_taken"),
    (Zone::Citizens, "identity.sign_in_failed"),
];

/// Acts that let somebody in.
const LOGINS: [&str; 3] = ["identity.login", "identity.break_glass_login", "identity.sso_login"];
/// Acts that carry many people's data away at once.
const LISTS: [&str; 6] = [
    "applications.list_taken",
    "applications.files_taken",
    "applications.inquiries_taken",
    "audit.taken",
    "audit.disclosure_taken",
    "identity.staff_saved",
];
/// Acts that say how many lines were taken out.
const ROWS: [&str; 1] = ["applications.list_sent"];
/// Acts of business systems that read: a list counts for its lines.
const API_READS: [&str; 3] = ["api.list_read", "api.application_read", "api.file_read"];
/// Acts that read one thing.
const READS: [&str; 3] = ["applications.viewed", "applications.file_read", "documents.read"];

/// What is worth an alert in `lines`; `role_of` says what an account may do now.
pub(super) fn find(
    lines: &[Line],
    role_of: &BTreeMap<String, Role>,
    limits: &DetectionConfig,
) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut lines: Vec<&Line> = lines.iter().collect();
    lines.sort_by_key(|line| (line.event.at, line.zone, line.seq));
    findings.extend(bursts(&lines, limits));
    findings.extend(masses(&lines, limits));
    for line in lines {
        let event = &line.event;
        if let_in(event) && event.detail == "open" {
            if event.act == "identity.break_glass_login" {
                findings.push(single(Rule::BreakGlass, line));
            }
            let id = event.object.strip_prefix("staff:");
            let role = id.and_then(|id| role_of.get(id));
            if role == Some(&Role::Administrator) && is_off_hours(event.at, limits) {
                findings.push(single(Rule::OffHours, line));
            }
        }
        if grants(event) {
            findings.push(single(Rule::Grant, line));
        }
    }
    findings
}

/// Whether this let somebody in, or on to the next step of a log-in.
pub(super) fn let_in(event: &Event) -> bool {
    event.result == "ok" && LOGINS.contains(&event.act.as_str())
}

/// Many refusals from one place, or by one person, in a short time.
fn bursts(lines: &[&Line], limits: &DetectionConfig) -> Vec<Finding> {
    let refused = |line: &&&Line| line.event.result == "refused";
    let spray = lines.iter().filter(refused).filter_map(|line| {
        match (line.zone, line.event.act.as_str()) {
            (Zone::Staff, act) if LOGINS.contains(&act) => Some((line.event.ip.clone(), *line)),
            (Zone::Citizens, "identity.sign_in_failed") => Some((line.event.object.clone(), *line)),
            (Zone::Staff | Zone::Citizens, _) => None,
        }
    });
    let probing = lines
        .iter()
        .filter(refused)
        .filter(|line| line.event.act == "identity.refused")
        .map(|line| (line.event.actor.clone(), *line));
    let mut found = counted(Rule::Spray, spray, limits.failed_logins.get(), BURST);
    found.extend(counted(Rule::Probing, probing, limits.refusals.get(), BURST));
    found
}

/// One person takes out or reads very much within the window.
fn masses(lines: &[&Line], limits: &DetectionConfig) -> Vec<Finding> {
    let of = |acts: &'static [&'static str]| {
        lines
            .iter()
            .filter(move |line| acts.contains(&line.event.act.as_str()))
            .map(|line| (line.event.actor.clone(), *line))
    };
    let hour = i64::try_from(WINDOW.as_micros()).unwrap_or(i64::MAX);
    let mut found = counted(Rule::MassExport, of(&LISTS), limits.lists_an_hour.get(), hour);
    found.extend(counted(Rule::MassReading, of(&READS), limits.reads_an_hour.get(), hour));
    found.extend(counted(Rule::MassRows, of(&ROWS), limits.rows_an_hour.get(), hour));
    found.extend(counted(Rule::ApiReading, of(&API_READS), limits.api_reads_an_hour.get(), hour));
    found
}

/// For how many an event counts: a list for the lines it says it has, everything else for one.
fn weight(event: &Event) -> i64 {
    let lines = match event.act.as_str() {
        "api.list_read" => Some(event.detail.as_str()),
        "applications.list_sent" => {
            event.detail.split(' ').find_map(|word| word.strip_prefix("rows="))
        }
        _ => return 1,
    };
    lines.and_then(|lines| lines.parse().ok()).unwrap_or(0)
}

/// The subjects whose events weigh `least` within `span` microseconds; `count` is the most that they
/// weigh. One finding a subject.
fn counted<'a>(
    rule: Rule,
    events: impl Iterator<Item = (String, &'a Line)>,
    least: i64,
    span: i64,
) -> Vec<Finding> {
    let mut by_subject: BTreeMap<String, Vec<&Line>> = BTreeMap::new();
    for (subject, line) in events.filter(|(subject, _)| !subject.is_empty()) {
        by_subject.entry(subject).or_default().push(line);
    }
    let mut found = Vec::new();
    for (subject, lines) in by_subject {
        let at = |line: &&Line| line.event.at.as_microsecond();
        let (mut first, mut count) = (0, 0);
        let mut most: Option<(i64, usize)> = None;
        for last in 0..lines.len() {
            count += weight(&lines[last].event);
            while at(&lines[last]) - at(&lines[first]) > span {
                count -= weight(&lines[first].event);
                first += 1;
            }
            if most.is_none_or(|(most, _)| count > most) {
                most = Some((count, last));
            }
        }
        let Some((count, last)) = most else { continue };
        if count >= least {
            found.push(Finding {
                rule,
                subject,
                zone: lines[last].zone,
                at: lines[last].event.at,
                count,
                once: None,
            });
        }
    }
    found
}

fn single(rule: Rule, line: &Line) -> Finding {
    Finding {
        rule,
        subject: if rule == Rule::Grant { line.event.object.clone() } else { actor_of(line) },
        zone: line.zone,
        at: line.event.at,
        count: 1,
        once: Some(line.seq),
    }
}

fn actor_of(line: &Line) -> String {
    // Who logs in acts for the first time: the object says who it is.
    let event = &line.event;
    if event.actor.starts_with("staff:") { event.actor.clone() } else { event.object.clone() }
}

/// Whether somebody got a right that was not there: an account to manage or to read the logs that was made,
/// changed or started again, a business system to read or write by a key that was made or released, that got
/// another secret or that a reform led on, a post that decides, the way into an account whose app was reset.
/// What is done at the machine itself (`load-city`) is no finding: who has the machine has the database.
fn grants(event: &Event) -> bool {
    if event.actor == "cli" {
        return false;
    }
    let high = |word: &str| {
        let role = word.strip_prefix("to=").unwrap_or(word);
        matches!(Role::parse(role), Some(Role::Administrator | Role::Auditor))
    };
    match event.act.as_str() {
        "api.key_made"
        | "api.key_released"
        | "api.key_turned"
        | "api.webhook_made"
        | "api.webhook_released"
        | "api.key_handed"
        | "identity.post_given"
        | "identity.app_reset" => true,
        "identity.account_made" | "identity.account_enabled" => {
            event.detail.split(' ').next().is_some_and(high)
        }
        "identity.account_changed" => {
            event.detail.split(' ').any(|word| word.starts_with("to=") && high(word))
        }
        _ => false,
    }
}

/// Outside of the hours of the office, or on a day it is closed.
fn is_off_hours(at: Timestamp, limits: &DetectionConfig) -> bool {
    let there = time_in_japan(at);
    let hour = i64::from(there.hour());
    let open = limits.opens_at.get()..limits.closes_at.get();
    !open.contains(&hour) || !limits.days.is_open(there.date())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(zone: Zone, minute: i64, actor: &str, act: &str, object: &str) -> Line {
        // 2026-11-20 is a Friday; the minutes count from 10:00 in Japan.
        let begun: Timestamp = "2026-11-20T01:00:00Z".parse().expect("a time");
        let at = begun + SignedDuration::from_mins(minute);
        let event = Event::new(at, actor, act, object).from("", "10.1.1.9");
        Line { zone, seq: minute, event }
    }

    fn refused(mut line: Line) -> Line {
        line.event.result = "refused".to_owned();
        line
    }

    fn found(lines: &[Line]) -> Vec<(Rule, String, i64)> {
        let roles = BTreeMap::from([
            ("01admin".to_owned(), Role::Administrator),
            ("02clerk".to_owned(), Role::Clerk),
        ]);
        let limits = DetectionConfig::default();
        let found = find(lines, &roles, &limits);
        found.into_iter().map(|one| (one.rule, one.subject, one.count)).collect()
    }

    /// IK-3.5.5: many refused log-ins from one place within minutes are found, on either side; the
    /// same number over an hour, or from many places, is everyday life.
    #[test]
    fn a_spray_of_passwords_is_found() {
        let attempt =
            |minute| refused(line(Zone::Staff, minute, "nobody", "identity.login", "staff"));
        let many: Vec<Line> = (0..20).map(|n| attempt(n / 4)).collect();
        assert_eq!(found(&many), [(Rule::Spray, "10.1.1.9".to_owned(), 20)]);
        let slow: Vec<Line> = (0..20).map(|n| attempt(n * 3)).collect();
        assert_eq!(found(&slow), []);
        let spread: Vec<Line> = (0..20)
            .map(|n| {
                let mut one = attempt(0);
                one.event.ip = format!("10.1.1.{n}");
                one
            })
            .collect();
        assert_eq!(found(&spread), []);
        let outside: Vec<Line> = (0..25)
            .map(|_| {
                refused(line(Zone::Citizens, 1, "visitor", "identity.sign_in_failed", "network:9"))
            })
            .collect();
        assert_eq!(found(&outside), [(Rule::Spray, "network:9".to_owned(), 25)]);
    }

    /// IK-3.5.5, NS-2: somebody who takes out list after list, reads hundreds of applications in an
    /// hour, or asks again and again for what is not theirs is found.
    #[test]
    fn a_mass_of_data_taken_out_is_found() {
        let lists: Vec<Line> = (0..6)
            .map(|n| line(Zone::Staff, n * 9, "staff:02clerk", "applications.list_taken", "inbox"))
            .collect();
        assert_eq!(found(&lists), [(Rule::MassExport, "staff:02clerk".to_owned(), 6)]);
        assert_eq!(found(&lists[..4]), []);
        let reads: Vec<Line> = (0..400)
            .map(|n| {
                line(Zone::Staff, n / 10, "staff:02clerk", "applications.viewed", "application:1")
            })
            .collect();
        assert_eq!(found(&reads), [(Rule::MassReading, "staff:02clerk".to_owned(), 400)]);
        assert_eq!(found(&reads[..100]), []);
        let probes: Vec<Line> = (0..30)
            .map(|_| refused(line(Zone::Staff, 2, "staff:02clerk", "identity.refused", "page:/x")))
            .collect();
        assert_eq!(found(&probes), [(Rule::Probing, "staff:02clerk".to_owned(), 30)]);
    }

    /// IK-3.5.5, NS-2: one file of very many lines is found as well as many files, and so is a key of a
    /// business system that reads very much; an everyday file and an everyday key are not.
    #[test]
    fn much_in_one_file_and_much_by_one_key_are_found() {
        let sent = |minute, detail: &str| {
            let act = "applications.list_sent";
            let mut one = line(Zone::Staff, minute, "staff:02clerk", act, "inbox");
            detail.clone_into(&mut one.event.detail);
            one
        };
        let whole = [sent(0, "rows=4000 files=0"), sent(30, "rows=6000 files=12 broken")];
        assert_eq!(found(&whole), [(Rule::MassRows, "staff:02clerk".to_owned(), 10_000)]);
        assert_eq!(found(&[sent(0, "rows=4000 files=0"), sent(90, "rows=6000 files=0")]), []);
        let reads = |lists: i64, single: i64| -> Vec<Line> {
            let mut all: Vec<Line> = (0..single)
                .map(|n| {
                    line(Zone::Staff, n / 200, "key:k", "api.application_read", "application:1")
                })
                .collect();
            all.extend((0..lists).map(|_| {
                let mut one = line(Zone::Staff, 50, "key:k", "api.list_read", "inbox");
                "100".clone_into(&mut one.event.detail);
                one
            }));
            all
        };
        assert_eq!(found(&reads(95, 500)), [(Rule::ApiReading, "key:k".to_owned(), 10_000)]);
        assert_eq!(found(&reads(90, 500)), []);
    }

    /// IK-3.5.5: an administrator at work at night or on a Sunday is found, a clerk and office
    /// hours are not; a new administrator or auditor always is.
    #[test]
    fn an_administrator_at_night_and_a_new_right_are_found() {
        let login = |minute, id: &str| {
            let mut one = line(
                Zone::Staff,
                minute,
                &format!("staff:{id}"),
                "identity.login",
                &format!("staff:{id}"),
            );
            one.event.detail = "open".to_owned();
            one
        };
        assert_eq!(found(&[login(0, "01admin")]), []);
        let night = 13 * 60;
        assert_eq!(
            found(&[login(night, "01admin")]),
            [(Rule::OffHours, "staff:01admin".to_owned(), 1)]
        );
        assert_eq!(found(&[login(night, "02clerk")]), []);
        let sunday = 2 * 24 * 60;
        assert_eq!(found(&[login(sunday, "01admin")]).len(), 1);

        let account = |act, detail: &str| {
            let mut one = line(Zone::Staff, 0, "staff:01admin", act, "staff:09new");
            detail.clone_into(&mut one.event.detail);
            one
        };
        let grant = [(Rule::Grant, "staff:09new".to_owned(), 1)];
        assert_eq!(found(&[account("identity.account_made", "administrator")]), grant);
        assert_eq!(found(&[account("identity.account_changed", "from=clerk to=auditor x")]), grant);
        assert_eq!(found(&[account("identity.account_changed", "administrator 101")]), []);
        assert_eq!(found(&[account("identity.account_made", "clerk")]), []);
        assert_eq!(found(&[account("identity.account_enabled", "administrator")]), grant);
        assert_eq!(found(&[account("identity.account_enabled", "clerk")]), []);
        let acts = ["api.key_made", "api.key_released", "api.webhook_made", "api.key_handed"];
        let more =
            ["api.webhook_released", "api.key_turned", "identity.post_given", "identity.app_reset"];
        for act in acts.into_iter().chain(more) {
            assert_eq!(found(&[account(act, "applications.read")]), grant, "{act}");
        }
        let mut at_the_machine = account("identity.account_made", "administrator");
        at_the_machine.event.actor = "cli".to_owned();
        assert_eq!(found(&[at_the_machine]), []);
    }
}
