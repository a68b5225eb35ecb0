//! What a citizen and the department write to each other about an application (NF-33). Words only:
//! a file comes with a correction, where it is rebuilt on its way.

use axum::extract::{Path, State};
use axum::response::{IntoResponse as _, Response};
use domain::identity::Action;
use domain::text::unwanted;
use http::StatusCode;
use internet_zone_store::applications::messages::{self, Message, Writer, Written};
use platform_service::ids;
use platform_web::fields::{Field, Problem};
use platform_web::{
    CsrfForm, FormData, Html, OrFault as _, PageResult, QueryData, Reply, Trouble, Visitor,
    see_other,
};

use super::access::{self, OpenApplication};
use super::acting::Acting;
use super::submit;
use crate::caller::Caller;
use crate::frame::Frame;
use crate::places;
use crate::procedures::words;
use crate::site::Site;
use crate::texts::TEXTS;
use crate::urls;

/// Characters of a message, at most.
const LONGEST: usize = 1_000;
/// Input that makes a second press send nothing.
const KEY: &str = "key";

#[derive(askama::Template)]
#[template(path = "applications/messages.html")]
struct Page<'a> {
    frame: Frame<'a>,
    procedure: &'a str,
    number: &'a str,
    messages: Vec<Line>,
    words: Field,
    problems: Vec<Problem>,
    key: String,
    sent: bool,
    action: String,
    back: String,
}

/// One message as the page shows it.
struct Line {
    who: &'static str,
    staff: bool,
    at: String,
    words: String,
}

fn line(site: &Site, message: Message) -> Line {
    let words = site.vault.open_text(places::message(&message.id), &message.words_sealed);
    Line {
        who: TEXTS.text(match message.writer {
            Writer::Applicant => "applications.messages.applicant",
            Writer::Delegate => "applications.messages.delegate",
            Writer::Staff => "applications.messages.staff",
        }),
        staff: message.writer == Writer::Staff,
        at: words::micros(message.at),
        words: words.unwrap_or_default(),
    }
}

async fn page(
    (site, caller, visitor): (&Site, &Caller, &Visitor),
    open: &OpenApplication,
    form: &FormData,
    (error, sent): (Option<String>, bool),
) -> Result<Response, Trouble> {
    let id = open.application.id.clone();
    let found = site.store.read(move |db| messages::of(db, &id)).await?;
    let hint = TEXTS.fill("applications.messages.hint", &[("most", &LONGEST)]);
    let words = Field::new("words", TEXTS.text("applications.messages.words"))
        .required()
        .hint(hint)
        .value(form.text("words"))
        .error(error.as_deref());
    let words = Field { rows: 6, ..words };
    let problems = words.problems();
    let bad = !problems.is_empty();
    let title = TEXTS.text("applications.messages.title");
    let key = form.text(KEY);
    let page = Page {
        frame: Frame::form(site, caller, visitor, title)
            .with_errors(bad)
            .acting(open.acting.as_ref()),
        procedure: open.entry.procedure().title.ja(),
        number: &open.application.number,
        messages: found.into_iter().map(|message| line(site, message)).collect(),
        words,
        problems,
        key: if key.is_empty() { ids::token() } else { key.to_owned() },
        sent,
        action: urls::messages(&open.application.id),
        back: urls::application(&open.application.id),
    };
    let status = if bad { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    Ok((status, Html(page)).into_response())
}

/// Shows what was written, and where to write.
pub(crate) async fn get(
    caller: Caller,
    visitor: Visitor,
    State(site): State<Site>,
    Path(id): Path<String>,
    QueryData(asked): QueryData,
) -> PageResult {
    let open = access::application(&site, &caller, &id, Action::WriteMessage).await?;
    let who = (&site, &caller, &visitor);
    page(who, &open, &FormData::default(), (None, asked.has("sent"))).await
}

/// Sends a message; pressing twice sends one.
pub(crate) async fn post(
    caller: Caller,
    visitor: Visitor,
    State(site): State<Site>,
    Path(id): Path<String>,
    CsrfForm(form): CsrfForm,
) -> PageResult {
    let open = access::application(&site, &caller, &id, Action::WriteMessage).await?;
    submit::still_accepting(&site, &id)?;
    let text = match read(form.text("words")) {
        Ok(text) => text,
        Err(error) => {
            let who = (&site, &caller, &visitor);
            return page(who, &open, &form, (Some(error), false)).await;
        }
    };
    let by = open.acting.as_ref().and_then(Acting::acts);
    let message_id = message_id(&site, &id, form.text(KEY));
    let at = site.micros();
    let new = Message {
        id: message_id.clone(),
        application_id: id.clone(),
        at,
        writer: if by.is_some() { Writer::Delegate } else { Writer::Applicant },
        words_sealed: site.vault.seal(places::message(&message_id), text.as_bytes()),
    };
    let letter = site.post.message(site.new_id(), (&id, &message_id), by, text).or_fault()?;
    let subject = site.vault.index("messages", &format!("{id} {}", site.today()));
    let done = caller.by();
    let written = site
        .store
        .write(move |tx| messages::from_citizen(tx, &done, &new, (letter, &subject)))
        .await?;
    match written {
        Written::Yes | Written::Before => {
            (site.wake)();
            Ok(see_other(format!("{}?sent=1", urls::messages(&id))))
        }
        Written::TooMany => Err(Reply::too_many("applications.messages_many")
            .with("most", messages::A_DAY)
            .link(urls::messages(&id))
            .into()),
    }
}

/// The words to send, or what is wrong with them.
fn read(typed: &str) -> Result<String, String> {
    let text = typed.replace("\r\n", "\n").trim().to_owned();
    if text.is_empty() {
        return Err(TEXTS.text("applications.messages.missing").to_owned());
    }
    if unwanted(&text.replace('\t', " "), true).is_some() {
        return Err(TEXTS.text("applications.messages.control").to_owned());
    }
    let length = text.chars().count();
    if length > LONGEST {
        let facts: [(&str, &dyn std::fmt::Display); 2] = [("most", &LONGEST), ("length", &length)];
        return Err(TEXTS.fill("applications.messages.long", &facts));
    }
    Ok(text)
}

/// The message that one page sends about one application, however often it is pressed.
fn message_id(site: &Site, application: &str, key: &str) -> String {
    let hash = site.vault.index("message", &format!("{application} {key}"));
    hash.iter().take(16).map(|byte| format!("{byte:02x}")).collect()
}
