//! The words of mails to staff: number, procedure and where to look; nothing of
//! the applicant (NF-59).

use lgwan_zone_store::notices::Due;

use crate::site::TEXTS;

/// Subject and body of a mail; `staff_url` is where staff reach these pages.
#[must_use]
pub fn written(due: &Due, staff_url: &str) -> (String, String) {
    let url = format!("{staff_url}/applications/{}", due.application_id);
    let facts: [(&str, &dyn std::fmt::Display); 3] =
        [("procedure", &due.procedure), ("number", &due.number), ("url", &url)];
    let kind = if due.round == 0 { "arrived" } else { "corrected" };
    let words = |part: &str| TEXTS.fill(&format!("notices.mail.{kind}.{part}"), &facts);
    (words("subject"), words("body").trim_start().to_owned())
}

/// Subject and body of a mail to operators: what began and what ended, in sentences.
#[must_use]
pub fn alarms(began: &[String], ended: &[String], staff_url: &str) -> (String, String) {
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
    parts.push(format!("{}\n{staff_url}/bridge", text("bridge.alarm.mail.where")));
    parts.push(text("bridge.alarm.mail.foot"));
    (TEXTS.fill(key, &[("count", &count)]), parts.join("\n\n") + "\n")
}
