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
