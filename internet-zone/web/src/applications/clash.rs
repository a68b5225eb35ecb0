//! The page that shows both versions side by side when two windows saved
//! different things, and what a window hears of a save while typing goes on.

use std::collections::BTreeSet;
use std::fmt::Display;

use axum::response::{IntoResponse as _, Response};
use domain::forms::Answers;
use domain::forms::definition::Field;
use http::header::CONTENT_TYPE;
use http::{HeaderValue, StatusCode};
use platform_web::{FormData, Html, PageResult, Trouble, Visitor};
use serde::Serialize;

use super::access::OpenDraft;
use super::filled::Button;
use super::moved::REVISION;
use super::windows::{Clash, Drawn, WAS, WINDOW};
use crate::caller::Caller;
use crate::frame::Frame;
use crate::procedures::words;
use crate::site::Site;
use crate::texts::TEXTS;

/// Prefix of the inputs that choose for one field.
const PICK: &str = "_pick:";
/// Input that lists the fields in question.
const FIELDS: &str = "_clash";

/// The form it is about.
pub(super) struct Of<'a> {
    pub(super) open: &'a OpenDraft,
    pub(super) fields: Vec<&'a Field>,
    pub(super) action: String,
}

/// One question on which the windows differ.
struct Differing {
    id: String,
    label: String,
    mine: Vec<String>,
    theirs: Vec<String>,
}

#[derive(askama::Template)]
#[template(path = "applications/clash.html")]
struct View<'a> {
    frame: Frame<'a>,
    procedure: &'a str,
    saved: String,
    action: String,
    differing: Vec<Differing>,
    /// Everything this window sent, to go along.
    sent: Vec<(String, String)>,
}

/// Fields for which the stored answer was chosen: all of them, none, or one by one.
pub(super) fn chosen(which: &str, form: &FormData) -> BTreeSet<String> {
    let asked = form.all(FIELDS).map(str::to_owned);
    match which {
        "theirs" => asked.collect(),
        "mine" => BTreeSet::new(),
        _ => asked.filter(|id| form.text(&format!("{PICK}{id}")) == "theirs").collect(),
    }
}

/// What the button chose.
pub(super) fn picks(button: &Button) -> BTreeSet<String> {
    if let Button::Merge(chosen) = button { chosen.clone() } else { BTreeSet::new() }
}

/// Asks which version counts; a save while typing only hears that it must be asked.
pub(super) fn answer(
    (site, caller, visitor): (&Site, &Caller, &Visitor),
    of: &Of<'_>,
    found: Clash,
    button: &Button,
) -> Response {
    if matches!(button, Button::Keep) {
        return told(StatusCode::CONFLICT, &Told::default());
    }
    let (draft, form) = (&of.open.draft, &of.open.entry.form);
    let stored = &of.open.content.answers;
    let words_of = |field: &Field, answers: &Answers| {
        let lines = form.display(field, answers);
        let empty = lines.iter().all(String::is_empty);
        if empty { vec![TEXTS.text("applications.check.empty").to_owned()] } else { lines }
    };
    let fields = of.fields.iter().filter(|field| found.fields.contains(&field.id));
    let differing = fields.map(|field| Differing {
        id: field.id.clone(),
        label: field.label.ja().to_owned(),
        mine: words_of(field, &found.mine),
        theirs: words_of(field, stored),
    });
    let drawn = Drawn::now(&site.vault, &draft.id, stored, of.fields.iter().copied());
    let mut sent = vec![(WAS.to_owned(), drawn.was()), (WINDOW.to_owned(), drawn.window())];
    sent.push((REVISION.to_owned(), of.open.entry.revision.to_string()));
    for (input, values) in found.raw.iter() {
        sent.extend(values.iter().map(|value| (input.to_owned(), value.clone())));
    }
    sent.extend(found.fields.iter().map(|id| (FIELDS.to_owned(), id.clone())));
    let view = View {
        frame: Frame::form(site, caller, visitor, TEXTS.text("applications.clash.title"))
            .acting(of.open.acting.as_ref()),
        procedure: form.procedure().title.ja(),
        saved: words::micros(draft.updated_at),
        action: of.action.clone(),
        differing: differing.collect(),
        sent,
    };
    (StatusCode::CONFLICT, Html(view)).into_response()
}

/// What a window hears of a save while typing goes on.
#[derive(Default, Serialize)]
struct Told {
    /// What the window shows from now on.
    was: String,
    /// When it was saved, for people.
    saved: String,
    /// What is worked out from it: names of questions, and what stands there now, as HTML.
    made: Vec<(String, String)>,
    /// Why it cannot be sent, or not be kept; empty while it can.
    over: String,
}

/// It is saved.
pub(super) fn kept(
    open: &OpenDraft,
    drawn: &Drawn,
    made: Vec<(String, String)>,
    over: String,
) -> Response {
    let told_at = words::clock(open.draft.updated_at);
    told(StatusCode::OK, &Told { was: drawn.was(), saved: told_at, made, over })
}

/// The same where there is nothing but words: what the window shows now, and when it was saved.
pub(super) fn kept_words(was: String, at: i64) -> Response {
    told(StatusCode::OK, &Told { was, saved: words::clock(at), ..Told::default() })
}

/// What a save while typing hears instead of a page for people: why nothing can be kept there.
pub(super) fn heard(answer: PageResult) -> PageResult {
    let (status, over) = match answer {
        // It was sent, or another window went on where this page has no place any more.
        Ok(page) if page.status().is_redirection() => elsewhere(),
        Err(Trouble::Page(page)) if page.status().is_redirection() => elsewhere(),
        Err(Trouble::Refusal(reply)) => {
            let args: Vec<(&str, &dyn Display)> =
                reply.args.iter().map(|(name, value)| (*name, value as &dyn Display)).collect();
            let words =
                ["what", "next"].map(|part| TEXTS.fill(&format!("{}.{part}", reply.key), &args));
            (reply.status, words.concat())
        }
        other => return other,
    };
    Ok(told(status, &Told { over, ..Told::default() }))
}

fn elsewhere() -> (StatusCode, String) {
    (StatusCode::GONE, TEXTS.text("applications.keep.elsewhere").to_owned())
}

/// Another window wrote something else meanwhile.
pub(super) fn other_words() -> Response {
    let over = TEXTS.text("applications.keep.other_words").to_owned();
    told(StatusCode::GONE, &Told { over, ..Told::default() })
}

/// Nobody is signed in any more.
pub(super) fn ended() -> Response {
    told(StatusCode::UNAUTHORIZED, &Told::default())
}

fn told(status: StatusCode, told: &Told) -> Response {
    let json = serde_json::to_string(told).unwrap_or_default();
    let media = [(CONTENT_TYPE, HeaderValue::from_static("application/json"))];
    (status, media, json).into_response()
}
