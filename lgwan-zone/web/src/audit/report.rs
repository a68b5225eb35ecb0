//! The words of the daily report to auditors (IK-3.5.1a): how often what was done, and what nobody
//! has looked at yet. Nobody is named: who did it is looked up in 操作記録.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use jiff::civil::Date;
use lgwan_zone_store::audit::{Days, Tally, Zone};

use super::alerts::word;
use super::line::zone;
use crate::applications::deadline::short;
use crate::site::TEXTS;

/// Subject and body for the days from `first` to `last`; `staff_url` is where staff reach these
/// pages.
#[must_use]
pub fn written(days: &Days, (first, last): (Date, Date), staff_url: &str) -> (String, String) {
    // Seen from the last day: the year is named when another one is meant.
    let period = if first == last {
        short(last, last)
    } else {
        let (first, last) = (short(first, last), short(last, last));
        TEXTS.fill("audit.report.period", &[("first", &first), ("last", &last)])
    };
    let subject = match days.unanswered {
        0 => TEXTS.fill("audit.report.subject", &[("period", &period)]),
        open => TEXTS.fill("audit.report.subject_open", &[("period", &period), ("count", &open)]),
    };
    let mut body = TEXTS.fill("audit.report.lead", &[("period", &period)]);
    let _ = write!(body, "\n\n{}", open(days, staff_url));
    for (which, tallies) in [(Zone::Staff, &days.staff), (Zone::Citizens, &days.citizens)] {
        let _ = write!(body, "\n\n{}", section(which, tallies));
    }
    if let Some(newest) = &days.newest {
        let _ = write!(body, "\n\n{}\n{}", TEXTS.text("audit.report.signed"), newest.line());
    }
    let _ = writeln!(body, "\n\n{staff_url}/audit\n\n{}", TEXTS.text("audit.report.foot"));
    (subject, body)
}

fn open(days: &Days, staff_url: &str) -> String {
    if days.unanswered == 0 {
        return TEXTS.text("audit.report.none_open").to_owned();
    }
    let mut text = TEXTS.fill("audit.report.open", &[("count", &days.unanswered)]);
    for alert in &days.open {
        let parts: [(&str, &dyn std::fmt::Display); 2] =
            [("rule", &word(alert.rule)), ("count", &alert.count)];
        let _ = write!(text, "\n{}", TEXTS.fill("audit.report.alert", &parts));
    }
    let more = days.unanswered - i64::try_from(days.open.len()).unwrap_or(days.unanswered);
    if more > 0 {
        let _ = write!(text, "\n{}", TEXTS.fill("audit.report.more", &[("count", &more)]));
    }
    let _ = write!(text, "\n{staff_url}/audit/alerts");
    text
}

/// One line an act, the most frequent first.
fn section(which: Zone, tallies: &[Tally]) -> String {
    let all: i64 = tallies.iter().map(|one| one.count).sum();
    let parts: [(&str, &dyn std::fmt::Display); 2] = [("zone", &zone(which)), ("count", &all)];
    let mut text = TEXTS.fill("audit.report.zone", &parts);
    let mut acts: BTreeMap<&str, Vec<&Tally>> = BTreeMap::new();
    for one in tallies {
        acts.entry(&one.act).or_default().push(one);
    }
    let mut acts: Vec<_> = acts.into_iter().collect();
    acts.sort_by_key(|(_, results)| -results.iter().map(|one| one.count).sum::<i64>());
    for (act, results) in acts {
        let word = TEXTS.get(&format!("audit.act.{act}")).unwrap_or(act);
        let results = results.iter().map(|one| {
            let result = TEXTS.get(&format!("audit.result.{}", one.result));
            let result = result.unwrap_or_else(|| TEXTS.text("audit.result.failed"));
            TEXTS.fill("audit.report.result", &[("result", &result), ("count", &one.count)])
        });
        let results = results.collect::<Vec<_>>().join("、");
        let parts: [(&str, &dyn std::fmt::Display); 2] = [("act", &word), ("results", &results)];
        let _ = write!(text, "\n{}", TEXTS.fill("audit.report.act", &parts));
    }
    text
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use lgwan_zone_store::alerts::{Alert, Rule};
    use lgwan_zone_store::audit::Anchor;

    use super::*;

    fn tally(act: &str, result: &str, count: i64) -> Tally {
        Tally { act: act.to_owned(), result: result.to_owned(), count }
    }

    /// IK-3.5.1a, IK-3.5.5: the alerts that are counted are all there are, also when some are not listed.
    #[test]
    fn a_report_counts_alerts_it_does_not_list() {
        let alert = Alert {
            id: "a".to_owned(),
            rule: Rule::Grant,
            subject: "staff:a".to_owned(),
            zone: Zone::Staff,
            first_at: 0,
            last_at: 0,
            count: 1,
            seen: None,
            remark: String::new(),
        };
        let days = Days { unanswered: 303, open: vec![alert; 100], ..Days::default() };
        let one = (date(2026, 11, 21), date(2026, 11, 21));
        let (subject, body) = written(&days, one, "https://shokuin.example");
        assert!(subject.ends_with("(未確認の検知303件)"), "{subject}");
        assert!(body.contains("■未確認の検知 303件") && body.contains("・ほか203件"), "{body}");
    }

    /// IK-3.5.1a: counts by act and result, the most frequent first; a line that
    /// `audit verify --anchors` reads; the days that are meant.
    #[test]
    fn a_report_counts_and_can_be_held_against_the_log() {
        let anchor = Anchor { seq: 41, at: 17, hash: vec![7; 32], signature: vec![9; 64] };
        let days = Days {
            staff: vec![
                tally("audit.taken", "ok", 1),
                tally("identity.login", "ok", 3),
                tally("identity.login", "refused", 2),
            ],
            newest: Some(anchor.clone()),
            ..Days::default()
        };
        let whole = (date(2026, 12, 31), date(2027, 1, 3));
        let (subject, body) = written(&days, whole, "https://shokuin.example");
        assert_eq!(subject, "【電子申請・監査】2026年12月31日から1月3日までの操作記録");
        let lines: Vec<&str> = body.lines().collect();
        let at = lines.iter().position(|line| *line == "■庁内側 6件").expect("a section");
        assert_eq!(lines[at + 1], "・ログイン:成功3件、拒否2件");
        assert!(lines.contains(&"■市民側 0件"), "{body}");
        let read: Vec<Anchor> = lines.iter().filter_map(|line| Anchor::parse(line)).collect();
        assert_eq!(read.len(), 1, "{body}");
        assert_eq!(read[0].hash, anchor.hash);
        let one = (date(2026, 11, 21), date(2026, 11, 21));
        let (subject, body) = written(&Days::default(), one, "https://shokuin.example");
        assert_eq!(subject, "【電子申請・監査】11月21日の操作記録");
        assert!(body.contains("未確認の検知はありません") && !body.contains("署名"), "{body}");
    }
}
