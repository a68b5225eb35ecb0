//! What a citizen and the department write to each other about an application (NF-33). Files a
//! citizen sends with a message lie in a draft of their own until then, as those of a form do, and
//! are rebuilt on their way; those of staff are documents.

use axum::extract::{Path, State};
use axum::response::{IntoResponse as _, Response};
use domain::digits::holds_my_number;
use domain::forms::definition::{CitizenEvent, FileKind};
use domain::identity::Action;
use domain::text::{unwanted, visible};
use http::StatusCode;
use internet_zone_store::applications::documents::{self, Document};
use internet_zone_store::applications::drafts::{self, MESSAGE};
use internet_zone_store::applications::messages::{
    self, Enclosed, Message, MessageFile, Writer, Written,
};
use platform_service::ids;
use platform_web::fields::{Field, Problem};
use platform_web::multipart::Upload;
use platform_web::{
    CsrfForm, Html, OrFault as _, PageResult, QueryData, Reply, Trouble, Visitor, see_other,
};

use super::access::{self, OpenApplication, OpenDraft};
use super::acting::Acting;
use super::content::{self, Content};
use super::filled::{Button, Filled};
use super::left::Left;
use super::windows::{self, Drawn};
use super::{attach, clash, comeback, correction, pieces, show, submit, upload};
use crate::caller::Caller;
use crate::forms::{Attached, file_input};
use crate::frame::Frame;
use crate::places;
use crate::procedures::words;
use crate::site::Site;
use crate::texts::TEXTS;
use crate::urls;

/// Characters of a message, at most.
const LONGEST: usize = 1_000;
/// Tries against other windows that save at the same moment.
const TRIES: usize = 5;
/// Input that makes a second press send nothing.
const KEY: &str = "key";
/// The input of the words, here and in the draft.
const WORDS: &str = "words";
/// Input that names the files the page was drawn with.
const HAD: &str = "had";
/// The input of the files.
pub(super) const FILES: &str = "files";
/// What may be sent with one message.
static TAKEN: FileKind = FileKind { min: 0, max: 3, max_mb: 10, types: Vec::new() };
/// MB of all files of a message, at most.
const TOTAL_MB: u32 = 20;

/// The question that files of a message answer.
pub(super) fn file_question() -> upload::Question<'static> {
    let label = TEXTS.text("applications.messages.files");
    upload::Question { label, kind: &TAKEN, total_mb: TOTAL_MB }
}

#[derive(askama::Template)]
#[template(path = "applications/messages.html")]
struct Page<'a> {
    frame: Frame<'a>,
    procedure: &'a str,
    number: &'a str,
    messages: Vec<Line>,
    /// Whether an answer is told by mail.
    mailed: bool,
    /// Whom to call.
    in_charge: Option<show::InCharge>,
    words: Field,
    files: Field,
    attached: Vec<Attached>,
    problems: Vec<Problem>,
    key: String,
    /// The files it is drawn with.
    had: String,
    /// What it was drawn from, and which window it is.
    drawn: Drawn,
    /// When what is typed was saved; empty before the first time.
    saved: String,
    /// Whether what it shows is not saved yet.
    unsaved: bool,
    note: &'static str,
    sent: bool,
    action: String,
    /// Where its files come in pieces.
    uploads: String,
    back: String,
}

/// One message as the page shows it.
struct Line {
    who: &'static str,
    staff: bool,
    at: String,
    words: String,
    /// Files the citizen sent with it.
    sent: Vec<Sent>,
    /// Files of staff.
    issued: Vec<show::Issued>,
    /// Files of staff that are on their way.
    coming: usize,
    /// Files of staff that only the person may receive.
    locked: bool,
}

/// A file that went across.
struct Sent {
    name: String,
    size: String,
    /// Why it could not be taken over, or empty.
    held: &'static str,
}

/// What was written so far, with its files.
struct Thread {
    messages: Vec<Message>,
    files: Vec<MessageFile>,
    documents: Vec<Document>,
}

async fn thread(site: &Site, id: &str) -> Result<Thread, Trouble> {
    let id = id.to_owned();
    let found = site.store.read(move |db| {
        Ok(Thread {
            messages: messages::of(db, &id)?,
            files: messages::files_of(db, &id)?,
            documents: documents::of_messages(db, &id)?,
        })
    });
    Ok(found.await?)
}

fn line(site: &Site, open: &OpenApplication, message: &Message, thread: &Thread) -> Line {
    let words = site.vault.open_text(places::message(&message.id), &message.words_sealed);
    let sent = thread.files.iter().filter(|file| file.message_id == message.id);
    let ours = |document: &&Document| document.message_id.as_deref() == Some(message.id.as_str());
    let issued: Vec<Document> = thread.documents.iter().filter(ours).cloned().collect();
    let arrived = issued.len();
    let may = open.allows(Action::ReadDocument);
    Line {
        who: TEXTS.text(match message.writer {
            Writer::Applicant => "applications.messages.applicant",
            Writer::Delegate => "applications.messages.delegate",
            Writer::Staff => "applications.messages.staff",
        }),
        staff: message.writer == Writer::Staff,
        at: words::micros(message.at),
        words: words.unwrap_or_default(),
        sent: sent.map(|file| one_sent(site, file)).collect(),
        issued: if may { show::issued(site, &message.application_id, issued) } else { Vec::new() },
        coming: usize::try_from(message.files).unwrap_or(0).saturating_sub(arrived),
        locked: !may && arrived > 0,
    }
}

fn one_sent(site: &Site, file: &MessageFile) -> Sent {
    let name = site.vault.open_text(places::message_file(&file.id), &file.name_sealed);
    Sent {
        name: name.unwrap_or_default(),
        size: words::size(u64::try_from(file.size).unwrap_or(0)),
        held: file.held.as_deref().map_or("", show::why_held),
    }
}

/// What is shown beside the thread: what was typed, what is wrong with it.
#[derive(Default)]
struct Shown<'a> {
    words: &'a str,
    key: &'a str,
    error: Option<String>,
    file_error: Option<String>,
    note: &'static str,
    sent: bool,
    /// Whether the words are not saved yet.
    unsaved: bool,
}

async fn page(
    (site, caller, visitor): (&Site, &Caller, &Visitor),
    open: &OpenApplication,
    draft: Option<&OpenDraft>,
    shown: Shown<'_>,
) -> Result<Response, Trouble> {
    let id = &open.application.id;
    let thread = thread(site, id).await?;
    let hint = TEXTS.fill("applications.messages.hint", &[("most", &LONGEST)]);
    let words = Field::new(WORDS, TEXTS.text("applications.messages.words"))
        .required()
        .hint(hint)
        .value(shown.words)
        .error(shown.error.as_deref());
    let words = Field { rows: 6, ..words };
    let files = Field::new(FILES, file_question().label)
        .optional()
        .hint(TEXTS.text("applications.messages.files_hint"))
        .error(shown.file_error.as_deref());
    let files = file_input(&TAKEN, files);
    let problems: Vec<Problem> = words.problems().into_iter().chain(files.problems()).collect();
    let bad = !problems.is_empty();
    let title = TEXTS.text("applications.messages.title");
    let lines = thread.messages.iter().map(|message| line(site, open, message, &thread));
    let page = Page {
        frame: Frame::form(site, caller, visitor, title)
            .with_errors(bad)
            .keeping()
            .acting(open.acting.as_ref()),
        procedure: open.entry.procedure().title.ja(),
        number: &open.application.number,
        messages: lines.collect(),
        mailed: is_mailed(open),
        in_charge: show::in_charge(site, &open.entry, &open.application.department_id),
        words,
        files,
        attached: draft.map(|draft| content::shown(&site.vault, &draft.files)).unwrap_or_default(),
        problems,
        had: draft.map(had).unwrap_or_default(),
        drawn: Drawn::of_words(was(site, id, draft.map_or("", typed))),
        saved: draft
            .map_or_else(String::new, |draft| words::moment(draft.draft.updated_at, site.today())),
        unsaved: shown.unsaved,
        key: if shown.key.is_empty() { ids::token() } else { shown.key.to_owned() },
        note: shown.note,
        sent: shown.sent,
        action: urls::messages(id),
        uploads: format!("{}/uploads", urls::messages(id)),
        back: urls::application(id),
    };
    let status = if bad { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    Ok((status, Html(page)).into_response())
}

/// Whether there is an address for the mails, and the procedure sends those of an answer.
fn is_mailed(open: &OpenApplication) -> bool {
    let application = &open.application;
    let is_account = application.owner.as_ref().is_some_and(|owner| owner.account().is_some());
    (is_account || application.contact_sealed.is_some())
        && open.entry.procedure().notify.citizen.sends(CitizenEvent::Message)
}

/// What was typed and saved.
fn typed(own: &OpenDraft) -> &str {
    own.content.answers.first(WORDS).unwrap_or_default()
}

/// The files of the draft by their identifiers.
fn had(own: &OpenDraft) -> String {
    let ids: Vec<&str> = own.files.iter().map(|file| file.id.as_str()).collect();
    ids.join(" ")
}

/// The mark of saved words: a window tells by it what it was drawn from.
fn was(site: &Site, id: &str, words: &str) -> String {
    let hash = site.vault.index("message words", &format!("{id} {words}"));
    hash.iter().take(8).map(|byte| format!("{byte:02x}")).collect()
}

/// The draft of the next message, if one was begun.
async fn begun(
    site: &Site,
    caller: &Caller,
    open: &OpenApplication,
) -> Result<Option<OpenDraft>, Trouble> {
    let (id, now) = (open.application.id.clone(), site.micros());
    let known = site.store.read(move |db| {
        let Some(draft) = drafts::of_correction(db, &id, MESSAGE)? else { return Ok(false) };
        Ok(drafts::find(db, &draft, now)?.is_some())
    });
    if known.await? { Ok(Some(draft(site, caller, open).await?)) } else { Ok(None) }
}

/// The draft of the next message; begins it when there is none.
async fn draft(site: &Site, caller: &Caller, open: &OpenApplication) -> Result<OpenDraft, Trouble> {
    let new = (MESSAGE, Content::default());
    let id = correction::round_of(site, caller, open, new).await?;
    access::draft(site, caller, &id).await
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
    read_all(&site, &open).await?;
    let mut draft = begun(&site, &caller, &open).await?;
    let left = draft.as_mut().and_then(|draft| draft.content.left.take());
    let left = left.as_ref().map(|left| left.raw.first(WORDS).unwrap_or_default());
    let shown = Shown {
        words: left.or_else(|| draft.as_ref().map(typed)).unwrap_or_default(),
        unsaved: left.is_some(),
        note: match asked.text("note") {
            _ if left.is_some() => TEXTS.text("applications.messages.here"),
            "uploaded" => TEXTS.text("applications.page.uploaded"),
            "unlocked" => TEXTS.text("applications.page.unlocked"),
            "removed" => TEXTS.text("applications.page.removed"),
            _ => "",
        },
        sent: asked.has("sent"),
        ..Shown::default()
    };
    page((&site, &caller, &visitor), &open, draft.as_ref(), shown).await
}

/// Notes that the owner has read everything; a delegate reads for nobody else.
async fn read_all(site: &Site, open: &OpenApplication) -> Result<(), Trouble> {
    let id = open.application.id.clone();
    if open.acting.as_ref().is_some_and(|acting| acting.right.is_some()) {
        return Ok(());
    }
    let newest = site.store.read(move |db| messages::newest_of_staff(db, &id)).await?;
    if let Some(at) = newest.filter(|at| *at > open.application.read_at) {
        let id = open.application.id.clone();
        site.store.write(move |tx| messages::read(tx, &id, at)).await?;
    }
    Ok(())
}

/// Keeps what was typed, takes files, or sends the message; pressing twice sends one.
pub(crate) async fn post(
    caller: Caller,
    visitor: Visitor,
    State(site): State<Site>,
    Path(id): Path<String>,
    filled: Filled,
) -> PageResult {
    let keeps = matches!(filled.button(), Button::Keep);
    let answer = filled_in((&site, &caller, &visitor), &id, filled).await;
    if keeps { clash::heard(answer) } else { answer }
}

async fn filled_in(who: (&Site, &Caller, &Visitor), id: &str, mut filled: Filled) -> PageResult {
    let (site, caller, _) = who;
    let button = filled.button();
    let open = match access::application(site, caller, id, Action::WriteMessage).await {
        Err(gone) if caller.owner().is_none() => return ended(who, id, (&filled, gone)).await,
        other => other?,
    };
    let message = message_id(site, id, filled.text(KEY));
    if site.store.read(move |db| messages::is_there(db, &message)).await? {
        return Ok(see_other(format!("{}?sent=1", urls::messages(id))));
    }
    let mut own = begun(site, caller, &open).await?;
    if let (Button::Keep, Some(own)) = (&button, &own)
        && typed(own) != filled.text(WORDS)
        && was(site, id, typed(own)) != filled.text(windows::WAS)
    {
        return Ok(clash::other_words());
    }
    if own.is_none() && (!filled.uploads.is_empty() || !filled.text(WORDS).trim().is_empty()) {
        own = Some(draft(site, caller, &open).await?);
    }
    let mut refused = None;
    if let Some(own) = &mut own {
        keep_words(site, own, filled.text(WORDS)).await?;
        refused = attach::take_files(site, own, &mut filled).await?.remove(FILES);
        if let Button::Remove(file) = &button {
            attach::remove_file(site, own, file).await?;
        }
    }
    if matches!(button, Button::Keep) {
        let at = own.as_ref().map_or_else(|| site.micros(), |own| own.draft.updated_at);
        return Ok(clash::kept_words(was(site, id, filled.text(WORDS)), at));
    }
    let note = if matches!(button, Button::Upload) {
        "uploaded"
    } else if matches!(button, Button::Unlock) {
        "unlocked"
    } else if matches!(button, Button::Remove(_)) {
        "removed"
    } else {
        ""
    };
    if refused.is_none() && !note.is_empty() && own.is_some() {
        return Ok(see_other(format!("{}?note={note}#write", urls::messages(id))));
    }
    let read = read(filled.text(WORDS));
    let unfit = refused.or_else(|| own.as_ref().and_then(|own| unfit(site, own)));
    let (words, key) = (filled.text(WORDS), filled.text(KEY));
    let text = match (read, unfit) {
        (Ok(text), None) if note.is_empty() => text,
        (read, file_error) => {
            // Who only adds a file is not told that nothing was written yet.
            let error = read.err().filter(|_| note.is_empty());
            let shown = Shown { words, key, error, file_error, ..Shown::default() };
            return page(who, &open, own.as_ref(), shown).await;
        }
    };
    let changed =
        Shown { words, key, note: TEXTS.text("applications.messages.changed"), ..Shown::default() };
    if !has_all(own.as_ref(), filled.text(HAD)) {
        return page(who, &open, own.as_ref(), changed).await;
    }
    submit::still_accepting(site, id)?;
    match send(site, caller, &open, own.as_ref(), (text, key)).await? {
        Written::Yes | Written::Before => {
            (site.wake)();
            Ok(see_other(format!("{}?sent=1", urls::messages(id))))
        }
        Written::TooMany => Err(Reply::too_many("applications.messages_many")
            .with("most", messages::A_DAY)
            .link(urls::messages(id))
            .into()),
        Written::Outdated => {
            let own = begun(site, caller, &open).await?;
            page(who, &open, own.as_ref(), changed).await
        }
    }
}

/// Whether every file the page was drawn with is still there: none is left out in silence.
fn has_all(own: Option<&OpenDraft>, had: &str) -> bool {
    let files = own.map_or(&[][..], |own| own.files.as_slice());
    had.split_ascii_whitespace().all(|id| files.iter().any(|file| file.id == id))
}

/// The session ended while somebody wrote: an account signs in and finds what was typed; whom only a
/// number lets in gets it back on the page that says so.
async fn ended(
    who: (&Site, &Caller, &Visitor),
    id: &str,
    (filled, gone): (&Filled, Trouble),
) -> PageResult {
    if matches!(gone, Trouble::Fault(_)) {
        return Err(gone);
    }
    let (site, words) = (who.0, filled.text(WORDS));
    let has_account = matches!(gone, Trouble::Page(_));
    let wanted = id.to_owned();
    let begun = site.store.read(move |db| drafts::of_correction(db, &wanted, MESSAGE)).await?;
    let link =
        if has_account { urls::login_then(&urls::messages(id)) } else { urls::LOOKUP.into() };
    let over = Reply::gone("applications.message_ended")
        .link(link)
        .kept("applications.messages.words", words);
    match begun {
        Some(draft) if has_account => {
            let left = Left::of(&draft, &urls::messages(id), filled);
            comeback::ask_account(who, left, &filled.button(), over.into()).await
        }
        _ if matches!(filled.button(), Button::Keep) && has_account => Ok(clash::ended()),
        _ => Err(over.into()),
    }
}

/// Keeps what is typed, so that it is there when the page is opened again.
async fn keep_words(site: &Site, own: &mut OpenDraft, words: &str) -> Result<(), Trouble> {
    if own.content.left.is_none() && typed(own) == words {
        return Ok(());
    }
    for _ in 0..TRIES {
        let mut content = own.content.clone();
        content.answers.put(WORDS, vec![words.to_owned()]);
        content.left = None;
        if attach::store_once(site, own, content, attach::Change::default()).await? {
            return Ok(());
        }
    }
    Err(Reply::conflict("applications.busy").link(urls::draft(&own.draft.id)).into())
}

/// Why the files cannot go as they are.
fn unfit(site: &Site, own: &OpenDraft) -> Option<String> {
    let files = content::for_checks(&site.vault, &own.files);
    let one = |file: &domain::forms::AttachedFile| {
        if holds_my_number(&file.name) {
            let label = file_question().label;
            Some(TEXTS.fill("forms.file_name_my_number", &[("label", &label)]))
        } else if file.locked {
            Some(TEXTS.fill("forms.file_locked", &[("name", &file.name)]))
        } else {
            None
        }
    };
    files.iter().find_map(one)
}

async fn send(
    site: &Site,
    caller: &Caller,
    open: &OpenApplication,
    own: Option<&OpenDraft>,
    (text, key): (String, &str),
) -> Result<Written, Trouble> {
    let id = open.application.id.as_str();
    let by = open.acting.as_ref().and_then(Acting::acts);
    let message_id = message_id(site, id, key);
    let new = Message {
        id: message_id.clone(),
        application_id: id.to_owned(),
        at: site.micros(),
        writer: if by.is_some() { Writer::Delegate } else { Writer::Applicant },
        words_sealed: site.vault.seal(places::message(&message_id), text.as_bytes()),
        files: 0,
    };
    let about = (id, message_id.as_str());
    let count = own.map_or(0, |own| own.files.len());
    let letter = site.post.message(site.new_id(), about, by, (text, count)).or_fault()?;
    let enclosed = match own {
        Some(own) => Some(enclosed(site, own, about).await?),
        None => None,
    };
    let subject = site.vault.index("messages", &format!("{id} {}", site.today()));
    let done = caller.by();
    let written = site
        .store
        .write(move |tx| messages::from_citizen(tx, &done, &new, (letter, &subject), enclosed));
    Ok(written.await?)
}

/// The draft with its files, sealed for the other side.
async fn enclosed(site: &Site, own: &OpenDraft, about: (&str, &str)) -> Result<Enclosed, Trouble> {
    let files = upload::read_all(site, &own.files).await?;
    let kept = files.iter().map(|file| MessageFile {
        id: file.id.clone(),
        message_id: about.1.to_owned(),
        name_sealed: site.vault.seal(places::message_file(&file.id), file.name.as_bytes()),
        size: i64::try_from(file.bytes.len()).unwrap_or(i64::MAX),
        held: None,
    });
    Ok(Enclosed {
        draft: (own.draft.id.clone(), own.draft.version),
        files: kept.collect(),
        letter: if files.is_empty() {
            None
        } else {
            Some(site.post.enclosed(site.new_id(), about, files).or_fault()?)
        },
    })
}

/// The words to send, or what is wrong with them.
fn read(typed: &str) -> Result<String, String> {
    let text = visible(typed).replace("\r\n", "\n").trim().to_owned();
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

/// The draft in which a file in pieces goes on.
async fn goes_on(site: &Site, caller: &Caller, id: &str) -> Result<String, Trouble> {
    let open = access::application(site, caller, id, Action::WriteMessage).await?;
    let own = begun(site, caller, &open).await?;
    Ok(own.ok_or_else(|| Reply::not_found("applications.no_upload"))?.draft.id)
}

/// Begins a file in pieces, or says where the same one goes on.
pub(crate) async fn begin_file(
    caller: Caller,
    State(site): State<Site>,
    Path(id): Path<String>,
    form: CsrfForm,
) -> PageResult {
    let open = access::application(&site, &caller, &id, Action::WriteMessage).await?;
    let own = draft(&site, &caller, &open).await?;
    pieces::begin(caller, State(site), Path(own.draft.id), form).await
}

/// Where a file goes on.
pub(crate) async fn file_at(
    caller: Caller,
    State(site): State<Site>,
    Path((id, file)): Path<(String, String)>,
) -> PageResult {
    let draft = goes_on(&site, &caller, &id).await?;
    pieces::get(caller, State(site), Path((draft, file))).await
}

/// Takes one piece.
pub(crate) async fn piece(
    caller: Caller,
    State(site): State<Site>,
    Path((id, file)): Path<(String, String)>,
    sent: Upload,
) -> PageResult {
    let draft = goes_on(&site, &caller, &id).await?;
    pieces::piece(caller, State(site), Path((draft, file)), sent).await
}

/// Makes the pieces a file of the next message.
pub(crate) async fn finish_file(
    caller: Caller,
    State(site): State<Site>,
    Path((id, file)): Path<(String, String)>,
    form: CsrfForm,
) -> PageResult {
    let draft = goes_on(&site, &caller, &id).await?;
    pieces::finish(caller, State(site), Path((draft, file)), form).await
}
