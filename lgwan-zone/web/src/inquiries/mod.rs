//! 意見照会: a department asks another one about an application (`ask`), which reads what was chosen
//! for it and answers (`list`, `show`).

pub mod ask;
pub mod list;
pub mod show;

use domain::applications::{Inquiry, Opinion, Turn};
use jiff::civil::Date;
use lgwan_zone_store::applications::inquiries::{self, Line, Outcome, Request};
use lgwan_zone_store::letters::{self, Letter};
use platform_web::{Reply, Trouble};

use crate::applications::deadline;
use crate::frame::name_of;
use crate::guard::Who;
use crate::site::{Site, TEXTS};
use crate::words;

/// Longest question, answer and reply in characters.
pub(crate) const LONGEST: usize = 2_000;

/// A request as the page of its application shows it.
pub(crate) struct View {
    pub(crate) id: String,
    pub(crate) turns: i32,
    pub(crate) department: String,
    pub(crate) state: String,
    pub(crate) mark: &'static str,
    pub(crate) due: String,
    pub(crate) lines: Vec<LineView>,
    /// What was shown to the other department.
    pub(crate) shown: String,
    pub(crate) open: bool,
    /// Whether they asked back.
    pub(crate) asks_back: bool,
}

/// What somebody said.
pub(crate) struct LineView {
    pub(crate) text: String,
    pub(crate) words: String,
    pub(crate) by: String,
}

/// A request with everything that was said, for the side that asked.
pub(crate) fn view(
    site: &Site,
    (request, lines): &(Request, Vec<Line>),
    names: &[(String, String)],
) -> View {
    let today = words::day(site.clock.now());
    let at = request.at();
    let shown: [(&str, &dyn std::fmt::Display); 2] =
        [("fields", &request.fields().len()), ("files", &request.files().len())];
    let named = if request.named { "inquiries.shown_named" } else { "inquiries.shown" };
    View {
        id: request.id.clone(),
        turns: request.turns,
        department: name_of(names, &request.department_id),
        state: state(request),
        mark: mark(request, today),
        due: due(site, request, today),
        lines: said(request, lines),
        shown: TEXTS.fill(named, &shown),
        open: at.is_open(),
        asks_back: at == Inquiry::AskedBack,
    }
}

/// The question, then every turn.
fn said(request: &Request, lines: &[Line]) -> Vec<LineView> {
    let by = |name: &str, at: i64| {
        let name = if name.is_empty() { TEXTS.text("applications.actor.system") } else { name };
        format!("{} {name}", words::stored(at))
    };
    let first = LineView {
        text: TEXTS.text("inquiries.turn.ask").to_owned(),
        words: request.question.clone(),
        by: by(&request.asked_by_name, request.asked_at),
    };
    let turn = |line: &Line| LineView {
        text: match &line.opinion {
            Some(opinion) => {
                let key = format!("inquiries.opinion.{opinion}");
                TEXTS.fill("inquiries.turn.answer_with", &[("opinion", &TEXTS.text(&key))])
            }
            None => TEXTS.text(&format!("inquiries.turn.{}", line.turn)).to_owned(),
        },
        words: line.words.clone(),
        by: by(&line.staff_name, line.at),
    };
    std::iter::once(first).chain(lines.iter().map(turn)).collect()
}

/// Where it stands, in words; an answer says the opinion.
fn state(request: &Request) -> String {
    match &request.opinion {
        Some(opinion) => TEXTS.text(&format!("inquiries.opinion.{opinion}")).to_owned(),
        None => TEXTS.text(&format!("inquiries.state.{}", request.at().key())).to_owned(),
    }
}

/// How the mark around it looks; its words say the same.
fn mark(request: &Request, today: Date) -> &'static str {
    match (request.at(), request.opinion.as_deref()) {
        (Inquiry::Answered, Some("no_objection")) => "tag tag-work",
        (Inquiry::Answered, Some("objection")) => "tag tag-bad",
        (Inquiry::Answered, _) => "tag tag-wait",
        (Inquiry::Asked | Inquiry::AskedBack, _) if request.is_late(&today.to_string()) => {
            "tag tag-bad"
        }
        (Inquiry::Asked | Inquiry::AskedBack, _) => "tag tag-new",
        (Inquiry::TakenBack | Inquiry::Over, _) => "tag tag-end",
    }
}

/// The day it is wanted; with the open days that are left or passed while it is open.
fn due(site: &Site, request: &Request, today: Date) -> String {
    match request.due.parse::<Date>() {
        Ok(day) if request.at().is_open() => deadline::words(day, today, site.office.days()),
        Ok(day) => deadline::short(day, today),
        Err(_) => request.due.clone(),
    }
}

/// What is typed into a form, when it may be sent.
fn typed(text: &str) -> String {
    text.replace("\r\n", "\n").trim().to_owned()
}

/// Letters to these recipients in the words of `notices`: number, procedure, day; nothing of the
/// applicant.
pub(crate) fn letters(
    site: &Site,
    to: &[String],
    what: &str,
    facts: &[(&str, &dyn std::fmt::Display)],
    path: &str,
) -> Vec<Letter> {
    if !site.settings.mails {
        return Vec::new();
    }
    let url = format!("{}{path}", site.settings.staff_url);
    let mut facts = facts.to_vec();
    facts.push(("url", &url));
    let text = |part: &str| TEXTS.fill(&format!("notices.{what}.{part}"), &facts);
    let (subject, body) = (text("subject"), text("body").trim_start().to_owned());
    to.iter()
        .map(|recipient| Letter {
            recipient: recipient.clone(),
            subject: subject.clone(),
            body: body.clone(),
        })
        .collect()
}

/// Takes a turn, with the letters about it.
async fn take(
    site: &Site,
    who: &Who,
    request: Request,
    (turn, opinion, words): (Turn, Option<Opinion>, String),
    letters: Vec<Letter>,
) -> Result<Outcome, Trouble> {
    let (by, clock) = (who.by(site), site.clock.clone());
    let taken = site.store.write(move |tx| {
        let outcome = inquiries::take(tx, &by, &request, (turn, opinion, &words))?;
        if outcome == Outcome::Done {
            letters::queue_all(tx, &clock, "inquiry", &letters)?;
        }
        Ok(outcome)
    });
    Ok(taken.await?)
}

/// Somebody else said something meanwhile: what it was, who and when.
fn overtaken(request: &Request, lines: &[Line], back: String) -> Trouble {
    let last = said(request, lines).pop();
    let (text, by) = last.map(|line| (line.text, line.by)).unwrap_or_default();
    let reply = Reply::conflict("inquiries.overtaken").with("text", text).with("by", by);
    reply.link(back).into()
}

/// The word of a turn in the address, after it was taken.
const fn done(turn: Turn) -> &'static str {
    match turn {
        Turn::Answer => "answered",
        Turn::AskBack => "asked_back",
        Turn::Reply => "inquiry_replied",
        Turn::Remind => "inquiry_reminded",
        Turn::TakeBack | Turn::End => "inquiry_taken_back",
    }
}
