//! The words of the daily reminder: numbers, procedures and days; nothing of an applicant
//! (IK-2.1.1b).

use std::fmt::Write as _;

use domain::calendar::OfficeDays;
use jiff::civil::Date;

use crate::applications::deadline;
use crate::site::TEXTS;

/// Numbers that are named; the others are counted.
const NAMED: usize = 10;

/// What is left to do for one procedure in one department.
#[derive(Clone, Debug, Default)]
pub struct Pile {
    /// Name of the department.
    pub department: String,
    /// Identifier of the procedure.
    pub procedure_id: String,
    /// Its title.
    pub procedure: String,
    /// Open days before a deadline from which it is near.
    pub days: u16,
    /// Open days after which what was not taken up is named.
    pub patience: u32,
    /// Past the deadline.
    pub late: Vec<Left>,
    /// Near the deadline.
    pub soon: Vec<Left>,
    /// Not taken up, and without deadline.
    pub untaken: Vec<Left>,
    /// Sent back and not corrected until its day.
    pub uncorrected: Vec<Left>,
}

/// One application.
#[derive(Clone, Debug)]
pub struct Left {
    /// Receipt number.
    pub number: String,
    /// Last day; for what was not taken up, the day of arrival.
    pub day: Date,
}

/// What a department is asked by another one and has not answered (意見照会).
#[derive(Clone, Debug)]
pub struct Asked {
    /// Name of the department that is asked.
    pub department: String,
    /// Receipt number.
    pub number: String,
    /// Title of the procedure.
    pub procedure: String,
    /// Day until which it is wanted.
    pub day: Date,
}

impl Pile {
    /// Whether nothing is left to do.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.late.is_empty()
            && self.soon.is_empty()
            && self.untaken.is_empty()
            && self.uncorrected.is_empty()
    }
}

/// Subject and body of one letter; `staff_url` is where staff reach these pages.
#[must_use]
pub fn written(
    (piles, asked): (&[Pile], &[Asked]),
    (today, office): (Date, &OfficeDays),
    staff_url: &str,
) -> (String, String) {
    let count = |of: fn(&Pile) -> &Vec<Left>| piles.iter().map(|pile| of(pile).len()).sum();
    let counts: [usize; 5] = [
        count(|pile| &pile.late),
        count(|pile| &pile.soon),
        count(|pile| &pile.untaken),
        count(|pile| &pile.uncorrected),
        asked.len(),
    ];
    let keys = ["late", "soon", "untaken", "uncorrected", "asked"]
        .map(|key| format!("notices.reminder.subject.{key}"));
    let named = keys.iter().zip(counts).filter(|(_, count)| *count > 0);
    let named: Vec<String> =
        named.map(|(key, count)| TEXTS.fill(key, &[("count", &count)])).collect();
    let list = named.join(TEXTS.text("frame.and"));
    let subject = TEXTS.fill("notices.reminder.subject.whole", &[("list", &list)]);
    let day = deadline::short(today, today);
    let mut body = TEXTS.fill("notices.reminder.lead", &[("day", &day)]);
    for pile in piles {
        let _ = write!(body, "\n\n{}", section(pile, (today, office), staff_url));
    }
    if !asked.is_empty() {
        let _ = write!(body, "\n\n{}", questions(asked, (today, office), staff_url));
    }
    let _ = writeln!(body, "\n\n{}", TEXTS.text("notices.reminder.foot"));
    (subject, body)
}

fn section(pile: &Pile, (today, office): (Date, &OfficeDays), staff_url: &str) -> String {
    let head: [(&str, &dyn std::fmt::Display); 2] =
        [("department", &pile.department), ("procedure", &pile.procedure)];
    let mut text = TEXTS.fill("notices.reminder.pile", &head);
    let due = |one: &Left| deadline::words(one.day, today, office);
    let came = |one: &Left| {
        let day = deadline::short(one.day, today);
        TEXTS.fill("notices.reminder.arrived", &[("day", &day)])
    };
    text.push_str(&list("notices.reminder.late", &pile.late, 0, due));
    text.push_str(&list("notices.reminder.soon", &pile.soon, u32::from(pile.days), due));
    text.push_str(&list("notices.reminder.untaken", &pile.untaken, pile.patience, came));
    let over = |one: &Left| {
        let day = deadline::short(one.day, today);
        TEXTS.fill("notices.reminder.until", &[("day", &day)])
    };
    text.push_str(&list("notices.reminder.uncorrected", &pile.uncorrected, 0, over));
    let order = if pile.late.len() + pile.soon.len() > 0 { "deadline" } else { "oldest" };
    let _ = write!(text, "\n{staff_url}/inbox?procedure={}&order={order}", pile.procedure_id);
    text
}

fn questions(asked: &[Asked], (today, office): (Date, &OfficeDays), staff_url: &str) -> String {
    let mut text = TEXTS.fill("notices.reminder.asked", &[("count", &asked.len())]);
    for one in asked.iter().take(NAMED) {
        let due = deadline::words(one.day, today, office);
        let _ = write!(text, "\n・{} {} {} {due}", one.department, one.number, one.procedure);
    }
    if asked.len() > NAMED {
        let more = TEXTS.fill("notices.reminder.more", &[("count", &(asked.len() - NAMED))]);
        let _ = write!(text, "\n{more}");
    }
    let _ = write!(text, "\n{staff_url}/inquiries");
    text
}

fn list(key: &str, left: &[Left], days: u32, say: impl Fn(&Left) -> String) -> String {
    if left.is_empty() {
        return String::new();
    }
    let mut text = format!("\n{}", TEXTS.fill(key, &[("count", &left.len()), ("days", &days)]));
    for one in left.iter().take(NAMED) {
        let _ = write!(text, "\n・{} {}", one.number, say(one));
    }
    if left.len() > NAMED {
        let more = TEXTS.fill("notices.reminder.more", &[("count", &(left.len() - NAMED))]);
        let _ = write!(text, "\n{more}");
    }
    text
}
