//! Answering a correction: only what the department flagged is open, with its
//! reason beside it. What was sent before came back from the other zone sealed
//! and goes again when the answer is sent.

use std::borrow::Cow;
use std::collections::{BTreeSet, HashMap};

use axum::extract::{Path, State};
use axum::response::{IntoResponse as _, Response};
use domain::applications::Rules;
use domain::calendar::date_in_japan;
use domain::forms::check::SHOWN;
use domain::forms::definition::{Field, FieldKind};
use domain::forms::{Answers, Checked, Code, Context, Fault};
use domain::identity::Action;
use domain::postal::Place as Found;
use http::StatusCode;
use internet_zone_store::applications::drafts::{self, NewDraft};
use internet_zone_store::applications::seats::{self, Reseated, Short};
use internet_zone_store::applications::status::{self, Correction};
use internet_zone_store::applications::withdraw::{self, Corrected};
use internet_zone_store::identity::Owner;
use internet_zone_store::mail::{self, NewLetter};
use internet_zone_store::vault::{Place, Vault};
use jiff::civil::Date;
use platform_store::time;
use platform_web::fields::Problem;
use platform_web::{CsrfForm, Html, OrFault as _, PageResult, Reply, Trouble, Visitor, see_other};
use serde::{Deserialize, Serialize};

use super::access::{self, OpenApplication, OpenDraft};
use super::acting::Acting;
use super::content::{self, Content};
use super::filled::{Button, Filled};
use super::left::Left;
use super::windows::{self, Drawn, Kept, Sent};
use super::{
    attach, charges, check, clash, comeback, cosigning, page, seats as seat_claims,
    submit as sending, upload,
};
use crate::caller::{Caller, session_or_guest};
use crate::forms::fee;
use crate::forms::{Asked as Shown, Attached, Question, question, words};
use crate::frame::Frame;
use crate::letters::{Letter, Template};
use crate::site::Site;
use crate::texts::TEXTS;
use crate::urls;

/// What the department asks for, sealed as long as it waits.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Asked {
    /// What is wrong, in their words.
    pub reason: String,
    /// Flagged inputs.
    pub fields: Vec<String>,
    /// What was answered there.
    pub prefill: Answers,
    /// Other answers that conditions and checks need.
    pub context: Answers,
}

impl Asked {
    fn place(row: &str) -> Place<'_> {
        Place { table: "corrections", column: "asked", row }
    }

    fn row(application: &str, round: i64) -> String {
        format!("{application}.{round}")
    }

    /// Seals it for its row.
    #[must_use]
    pub fn seal(&self, vault: &Vault, application: &str, round: i64) -> Vec<u8> {
        let plain = serde_json::to_vec(self).unwrap_or_default();
        vault.seal(Self::place(&Self::row(application, round)), &plain)
    }

    /// Opens what a request holds; `None` when it was answered.
    #[must_use]
    pub fn open(vault: &Vault, application: &str, stored: &Correction) -> Option<Self> {
        let row = Self::row(application, stored.round);
        let plain = vault.open(Self::place(&row), &stored.asked_sealed).ok()?;
        serde_json::from_slice(&plain).ok()
    }

    /// The flagged fields.
    fn flagged(&self) -> BTreeSet<String> {
        let field = |input: &String| input.split('.').next().unwrap_or_default().to_owned();
        self.fields.iter().map(field).collect()
    }
}

/// A correction its owner opened.
struct Open {
    application: OpenApplication,
    draft: OpenDraft,
    asked: Asked,
    round: i64,
    due: String,
    /// Pools of which the application holds a seat.
    held: Vec<String>,
}

impl Open {
    /// The context with the present answers of the open fields over it.
    fn answers(&self) -> Answers {
        let mut all = self.asked.context.clone();
        all.overlay(&self.draft.content.answers);
        all
    }

    /// The day the application was sent on: its questions are judged by it.
    fn sent_on(&self) -> Date {
        date_in_japan(time::from_micros(self.application.application.arrived_at))
    }

    fn fields(&self) -> Vec<&Field> {
        let form = &self.draft.entry.form;
        let pages = form.correction_pages(&self.asked.flagged(), &self.answers(), self.sent_on());
        pages.into_iter().flat_map(|(_, fields)| fields).collect()
    }

    fn check(&self, site: &Site, raw: &Answers) -> Checked {
        let (draft, sent_on) = (&self.draft, self.sent_on());
        Checking { draft, asked: &self.asked, held: &self.held, sent_on }.of(site, raw)
    }
}

/// What the check of a correction depends on.
struct Checking<'a> {
    draft: &'a OpenDraft,
    asked: &'a Asked,
    held: &'a [String],
    sent_on: Date,
}

impl Checking<'_> {
    fn of(&self, site: &Site, raw: &Answers) -> Checked {
        let mut raw = raw.clone();
        for field in self.draft.entry.procedure().pages.iter().flat_map(|page| &page.fields) {
            if matches!(field.kind, FieldKind::File(_)) {
                content::put_files(&mut raw, &field.id, &self.draft.files);
            }
        }
        let files = content::for_checks(&site.vault, &self.draft.files);
        // A seat this application holds is its own, however full the pool is.
        let full: BTreeSet<String> = self
            .draft
            .pools
            .iter()
            .filter(|pool| pool.is_full() && !self.held.contains(&pool.pool))
            .map(|pool| pool.pool.clone())
            .collect();
        let own: BTreeSet<String> = self.held.iter().cloned().collect();
        let context = Context {
            full: &full,
            files: &files,
            now: site.wall_clock(),
            own: &own,
            ..Context::on(self.sent_on)
        };
        let flagged = self.asked.flagged();
        self.draft.entry.form.check_correction(&flagged, &self.asked.context, &raw, &context)
    }
}

/// Opens the correction that waits; begins its draft at the first visit.
async fn open(site: &Site, caller: &Caller, id: &str) -> Result<Open, Trouble> {
    let application = access::application(site, caller, id, Action::CorrectApplication).await?;
    let nothing = || Reply::gone("applications.nothing_to_correct").link(urls::application(id));
    let wanted = id.to_owned();
    let read = site
        .store
        .read(move |db| Ok((status::story(db, &wanted)?, status::awaits_form(db, &wanted)?)));
    let (story, awaits_form) = read.await?;
    let waiting = story.open_correction().ok_or_else(nothing)?;
    // By the form of before it would ask for nothing of what is missing.
    if awaits_form {
        let later = Reply::unavailable("applications.form_awaited");
        return Err(later.link(urls::application(id)).retry_after(600).into());
    }
    let asked = Asked::open(&site.vault, id, waiting).ok_or_else(nothing)?;
    let draft_id = draft_of(site, caller, &application, waiting, &asked).await?;
    let draft = access::draft(site, caller, &draft_id).await?;
    let wanted = id.to_owned();
    let held = site.store.read(move |db| seats::held(db, &wanted)).await?;
    Ok(Open { draft, asked, round: waiting.round, due: waiting.due.clone(), held, application })
}

async fn draft_of(
    site: &Site,
    caller: &Caller,
    application: &OpenApplication,
    waiting: &Correction,
    asked: &Asked,
) -> Result<String, Trouble> {
    let mut answers = asked.prefill.clone();
    for field in application.entry.procedure().pages.iter().flat_map(|page| &page.fields) {
        // Files went across when they were sent; they cannot be shown again, only sent anew.
        if matches!(field.kind, FieldKind::File(_)) {
            answers.remove(&field.id);
        }
    }
    let content = Content { answers, ..Content::default() };
    round_of(site, caller, application, (waiting.round, content)).await
}

/// The draft of one round about an application, begun with this content when there is none.
pub(super) async fn round_of(
    site: &Site,
    caller: &Caller,
    application: &OpenApplication,
    (round, content): (i64, Content),
) -> Result<String, Trouble> {
    let (session, _) = session_or_guest(site, caller).await?;
    // What a delegate sent is corrected as what it is: the principal's, begun by the delegate.
    let acting = application.acting.as_ref();
    let delegate = acting.map(|acting| acting.delegate.id.clone());
    let owner = acting.map_or(session.owner, |of| Owner::Account(of.principal.id.clone()));
    let (id, new_id) = (application.application.id.clone(), site.new_id());
    let days = i64::from(application.entry.procedure().retain.draft_days.max(1));
    let by = caller.by();
    let new = NewDraft {
        procedure_id: application.application.procedure_id.clone(),
        revision: application.application.revision,
        owner: owner.clone(),
        delegate,
        correction: Some((id.clone(), round)),
        answers_sealed: content.seal(&site.vault, &new_id),
        expires_at: by.at + days * 86_400_000_000,
        id: new_id,
    };
    let draft = site
        .store
        .write(move |tx| {
            if let Some(begun) = drafts::of_correction(tx.db, &id, round)? {
                drafts::rehome(tx, &begun, &owner)?;
                return Ok(begun);
            }
            drafts::begin(tx, &by, &new)?;
            Ok(new.id)
        })
        .await?;
    Ok(draft)
}

#[derive(askama::Template)]
#[template(path = "applications/correction.html")]
struct Page<'a> {
    frame: Frame<'a>,
    procedure: &'a str,
    number: &'a str,
    reason: &'a str,
    /// Somebody agreed to what was sent first.
    cosigned: bool,
    due: String,
    questions: Vec<Question>,
    problems: Vec<Problem>,
    shown: &'static str,
    note: Cow<'static, str>,
    action: String,
    /// Where its files come in pieces.
    uploads: String,
    back: String,
    drawn: Drawn,
    saved: String,
}

/// What the page shows beside the saved answers.
#[derive(Default)]
struct Extra<'a> {
    errors: HashMap<String, String>,
    note: Cow<'static, str>,
    /// Places to choose from: the field, and what its postal code has.
    found: Option<(&'a str, &'a [Found<'a>])>,
    /// The field whose entries are listed.
    listed: Option<&'a str>,
}

impl Extra<'_> {
    fn note(key: &'static str) -> Self {
        Self { note: TEXTS.text(key).into(), ..Self::default() }
    }

    /// Words at a question, or above all of them.
    fn said(field: Option<&str>, words: String) -> Self {
        match field {
            Some(field) => {
                Self { errors: HashMap::from([(field.to_owned(), words)]), ..Self::default() }
            }
            None => Self { note: words.into(), ..Self::default() },
        }
    }

    /// What the check found.
    fn told(checked: &Checked) -> Self {
        if checked.faults.is_empty() {
            return Self::note("applications.page.revealed");
        }
        Self { errors: words::by_input(&checked.faults), ..Self::default() }
    }
}

fn view(
    (site, caller, visitor): (&Site, &Caller, &Visitor),
    open: &Open,
    extra: Extra<'_>,
) -> Response {
    let stored = &open.draft.content.answers;
    let drawn = Drawn::now(&site.vault, &open.draft.draft.id, stored, open.fields());
    draw((site, caller, visitor), open, extra, drawn)
}

fn draw(
    (site, caller, visitor): (&Site, &Caller, &Visitor),
    open: &Open,
    Extra { errors, note, listed, found }: Extra<'_>,
    drawn: Drawn,
) -> Response {
    let answers = open.answers();
    let files = content::shown(&site.vault, &open.draft.files);
    let asked = Shown {
        entry: &open.draft.entry,
        answers: &answers,
        view: open.draft.entry.form.view(&answers, open.sent_on()),
        errors: &errors,
        pools: &open.draft.pools,
        own: &open.held,
        now: site.wall_clock(),
        files: &files,
        found,
        listed,
    };
    let questions: Vec<Question> = open
        .fields()
        .iter()
        .filter_map(|field| asked.view.field(&field.id))
        .map(|drawn| Question::new(&asked, &drawn))
        .collect();
    let problems: Vec<Problem> = questions.iter().flat_map(Question::problems).collect();
    let wrong = !problems.is_empty();
    let application = &open.application.application;
    let page = Page {
        frame: Frame::form(site, caller, visitor, TEXTS.text("applications.correction.title"))
            .with_errors(wrong)
            .keeping()
            .acting(open.application.acting.as_ref()),
        procedure: open.draft.entry.procedure().title.ja(),
        number: &application.number,
        reason: &open.asked.reason,
        cosigned: !open.application.cosigners.is_empty(),
        due: open.due.parse().map_or_else(|_| open.due.clone(), crate::procedures::words::date),
        questions,
        problems,
        shown: SHOWN,
        note,
        action: format!("{}/correction", urls::application(&application.id)),
        uploads: urls::uploads(&open.draft.draft.id),
        back: urls::application(&application.id),
        drawn,
        saved: crate::procedures::words::moment(open.draft.draft.updated_at, site.today()),
    };
    let status = if wrong { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    (status, Html(page)).into_response()
}

/// Shows what is to be corrected, and why.
pub(crate) async fn get(
    caller: Caller,
    visitor: Visitor,
    State(site): State<Site>,
    Path(id): Path<String>,
) -> PageResult {
    let mut open = open(&site, &caller, &id).await?;
    let who = (&site, &caller, &visitor);
    let stored = &open.draft.content.answers;
    let drawn = Drawn::now(&site.vault, &open.draft.draft.id, stored, open.fields());
    if let Some(left) = open.draft.content.left.take() {
        let typed = open.check(&site, &left.raw).answers;
        open.draft.content.answers = typed;
        return Ok(draw(who, &open, Extra::note("applications.comeback.here"), left.drawn));
    }
    Ok(draw(who, &open, Extra::default(), drawn))
}

/// Saves what was typed and does what the button says.
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
    let mut open = match open(site, caller, id).await {
        Err(gone) if caller.owner().is_none() => {
            let Some(draft) = begun(site, id).await? else { return Err(gone) };
            let here = format!("{}/correction", urls::application(id));
            let left = Left::of(&draft, &here, &filled);
            return comeback::ask_account(who, left, &filled.button(), gone).await;
        }
        other => other?,
    };
    let (mut raw, drawn) = (filled.answers(), Drawn::read(&filled));
    let button = filled.button();
    page::change_rows(&open.draft, &mut raw, &button);
    page::take_entry(&open.draft, &mut raw, &button);
    page::take_slot(&mut raw, &button);
    let refused = attach::take_files(site, &mut open.draft, &mut filled).await?;
    if let Button::Remove(file) = &button {
        attach::remove_file(site, &mut open.draft, file).await?;
    }
    let mut looked_up = BTreeSet::new();
    if let Button::Postal(field) | Button::Place(field, _) = &button {
        let nth = if let Button::Place(_, nth) = &button { Some(*nth) } else { None };
        looked_up = page::fill_place(site, &mut raw, field, nth);
    }
    let sent = Sent { raw, drawn, picks: clash::picks(&button), looked_up, reaches: None };
    let (checked, joined, drawn) = match save(site, &mut open, sent).await? {
        Kept::Saved { checked, joined, drawn } => (checked, joined, drawn),
        Kept::Clash(found) => {
            let action = format!("{}/correction", urls::application(id));
            let of = clash::Of { open: &open.draft, fields: open.fields(), action };
            return Ok(clash::answer(who, &of, found, &button));
        }
    };
    if !refused.is_empty() {
        return Ok(view(who, &open, Extra { errors: refused, ..Extra::default() }));
    }
    if joined && !matches!(button, Button::Keep) {
        return Ok(view(who, &open, Extra::note("applications.clash.joined")));
    }
    match button {
        Button::Keep => {
            let answers = open.answers();
            let view = open.draft.entry.form.view(&answers, open.sent_on());
            let fields = open.fields().into_iter();
            let fields: Vec<_> = fields.filter_map(|field| view.field(&field.id)).collect();
            let made = question::worked_out(open.draft.entry.procedure(), &fields);
            Ok(clash::kept(&open.draft, &drawn, made, String::new()))
        }
        Button::Merge(_) => Ok(view(who, &open, Extra::note("applications.clash.merged"))),
        Button::Next if checked.is_clean() => {
            Ok(see_other(format!("{}/correction/check", urls::application(id))))
        }
        Button::Next => Ok(view(who, &open, Extra::told(&checked))),
        Button::Back => Ok(see_other(urls::application(id))),
        Button::Find(field) => {
            let answers = open.answers();
            let (errors, note) =
                page::entries_told(&open.draft, &answers, (&field, open.sent_on()));
            let note = note.into();
            Ok(view(who, &open, Extra { errors, note, listed: Some(&field), ..Extra::default() }))
        }
        Button::Postal(field) => {
            let typed = open.draft.content.answers.first(&format!("{field}.postal"));
            let places = site.postal.places(typed.unwrap_or_default());
            let (errors, note) = page::places_told(&field, &places);
            let found = (places.len() > 1).then_some((field.as_str(), places.as_slice()));
            let note = note.into();
            Ok(view(who, &open, Extra { errors, note, found, ..Extra::default() }))
        }
        Button::Save
        | Button::Seen
        | Button::Upload
        | Button::Unlock
        | Button::Calc(_)
        | Button::Day(_)
        | Button::Slot(..)
        | Button::Row(..)
        | Button::Remove(_)
        | Button::Pick(..)
        | Button::Place(..) => Ok(view(who, &open, Extra::note("applications.page.saved"))),
    }
}

/// The draft of the correction that waits, if it was begun.
async fn begun(site: &Site, id: &str) -> Result<Option<String>, Trouble> {
    let id = id.to_owned();
    let found = site.store.read(move |db| {
        let story = status::story(db, &id)?;
        match story.open_correction() {
            Some(waiting) => drafts::of_correction(db, &id, waiting.round),
            None => Ok(None),
        }
    });
    Ok(found.await?)
}

/// Saves what is open, right or wrong.
async fn save(site: &Site, open: &mut Open, sent: Sent) -> Result<Kept, Trouble> {
    let entry = open.draft.entry.clone();
    let (asked, held, sent_on) = (open.asked.clone(), open.held.clone(), open.sent_on());
    let pages = entry.form.correction_pages(&asked.flagged(), &open.answers(), sent_on);
    let fields = pages.into_iter().flat_map(|(_, fields)| fields).collect();
    let check = |draft: &OpenDraft, raw: &Answers| {
        Checking { draft, asked: &asked, held: &held, sent_on }.of(site, raw)
    };
    let lay = |_: &OpenDraft, checked: &Answers| checked.clone();
    let form = windows::Form { fields, check: &check, lay: &lay };
    windows::keep(site, &mut open.draft, &form, sent).await
}

#[derive(askama::Template)]
#[template(path = "applications/correction_check.html")]
struct CheckPage<'a> {
    frame: Frame<'a>,
    procedure: &'a str,
    number: &'a str,
    rows: Vec<(String, Vec<String>)>,
    /// What was told of the fee, to be sent back.
    fee_told: String,
    /// Sums that are others than before.
    fee_changed: Vec<String>,
    version: i64,
    action: String,
    back: String,
}

/// The saved answers of the open fields, checked once more; what is wrong by now is told at its question,
/// and everything is filled in as it was.
fn checked(who: (&Site, &Caller, &Visitor), open: &Open) -> Result<Checked, Trouble> {
    let checked = open.check(who.0, &open.draft.content.answers);
    if checked.is_clean() {
        return Ok(checked);
    }
    if open.draft.content.left.is_some() {
        // What was typed last is not among them: their page shows it first.
        let id = &open.application.application.id;
        return Err(see_other(format!("{}/correction", urls::application(id))).into());
    }
    let mut page = view(who, open, Extra::told(&checked));
    let full = |fault: &Fault| matches!(fault.code, Code::Full | Code::SlotFull);
    if !checked.faults.is_empty() && checked.faults.iter().all(full) {
        *page.status_mut() = StatusCode::CONFLICT;
    }
    Err(page.into())
}

/// Shows the corrected answers once more before they are sent.
pub(crate) async fn check_get(
    caller: Caller,
    visitor: Visitor,
    State(site): State<Site>,
    Path(id): Path<String>,
) -> PageResult {
    let open = open(&site, &caller, &id).await?;
    let checked = checked((&site, &caller, &visitor), &open)?;
    let shown = content::shown(&site.vault, &open.draft.files);
    let mut answers = open.answers();
    answers.overlay(&checked.answers);
    let (procedure, was) = (open.draft.entry.procedure(), charges::of(&site, &id).await?);
    let (fee_told, fee_changed) =
        (fee::told(procedure, &checked.answers), fee::changed(procedure, &was, &checked.answers));
    let rows = open.fields().into_iter().filter(|f| !matches!(f.kind, FieldKind::Content(_)));
    let rows = rows.map(|field| {
        let lines = match &field.kind {
            FieldKind::File(_) => {
                let mine = shown.iter().filter(|file| file.input == field.id);
                mine.flat_map(Attached::told).collect()
            }
            _ => open.draft.entry.form.display(field, &answers),
        };
        (field.label.ja().to_owned(), lines)
    });
    let address = urls::application(&id);
    let page = CheckPage {
        frame: Frame::form(&site, &caller, &visitor, TEXTS.text("applications.correction.check"))
            .acting(open.application.acting.as_ref()),
        procedure: open.draft.entry.procedure().title.ja(),
        number: &open.application.application.number,
        rows: rows.collect(),
        fee_told,
        fee_changed,
        version: open.draft.draft.version,
        action: format!("{address}/correction/submit"),
        back: format!("{address}/correction"),
    };
    Ok(Html(page).into_response())
}

/// Sends the correction (NF-34).
pub(crate) async fn submit(
    caller: Caller,
    visitor: Visitor,
    State(site): State<Site>,
    Path(id): Path<String>,
    CsrfForm(form): CsrfForm,
) -> PageResult {
    let open = match open(&site, &caller, &id).await {
        // Pressed twice: the first press did it.
        Err(Trouble::Refusal(reply)) if reply.key == "applications.nothing_to_correct" => {
            return Ok(see_other(format!("{}?done=corrected", urls::application(&id))));
        }
        other => other?,
    };
    let checked = checked((&site, &caller, &visitor), &open)?;
    let told = fee::told(open.draft.entry.procedure(), &checked.answers);
    if form.text("version") != open.draft.draft.version.to_string() || form.text("fee") != told {
        return Ok(see_other(format!("{}/correction/check", urls::application(&id))));
    }
    sending::still_accepting(&site, &id)?;
    let files = upload::read_all(&site, &open.draft.files).await?;
    let about = (id.as_str(), open.round);
    let by = open.application.acting.as_ref().and_then(Acting::acts);
    let what = (&checked.answers, by);
    let letter = site.post.correction(site.new_id(), about, what, files).or_fault()?;
    let rules = Rules::from(&open.application.entry.procedure().workflow);
    let (entry, flagged, sent_on) = (&open.draft.entry, open.asked.flagged(), open.sent_on());
    // How many seats are needed may hang on what was not asked for again.
    let whole = entry.form.corrected(&open.asked.context, &flagged, &checked.answers, sent_on);
    let new = Reseated {
        fields: entry.form.correctable(&flagged),
        seats: seat_claims::of(entry, &whole, sent_on),
        reweighed: seat_claims::reweighed(entry, (&flagged, &open.held), &whole, sent_on),
        charged_sealed: charges::sealed(&site, entry, (&id, &checked.answers)),
    };
    let told = letters(&site, &open);
    let (by, wanted, round) = (caller.by(), id.clone(), open.round);
    let (draft, version) = (open.draft.draft.id.clone(), open.draft.draft.version);
    let done = site
        .store
        .write(move |tx| {
            let draft = (draft.as_str(), version);
            let done = withdraw::correct(tx, &by, (&wanted, round), draft, (rules, &new), letter)?;
            if done == Corrected::Yes {
                for letter in &told {
                    mail::queue(tx, letter, by.at)?;
                }
            }
            Ok(done)
        })
        .await?;
    (site.wake)();
    Ok(match done {
        Corrected::Yes | Corrected::Closed => {
            see_other(format!("{}?done=corrected", urls::application(&id)))
        }
        Corrected::Full(short) => full((&site, &caller, &visitor), &open, &short),
        Corrected::Outdated => see_other(format!("{}/correction/check", urls::application(&id))),
    })
}

/// The page once more: it names what has not the seats that are needed, and everything is filled in as it was.
fn full(who: (&Site, &Caller, &Visitor), open: &Open, short: &Short) -> Response {
    let (field, words) = if open.held.contains(&short.seat.pool) {
        heavier(open, short)
    } else {
        check::full_told(&open.draft, (&short.seat.pool, short.seat.units))
    };
    let mut page = view(who, open, Extra::said(field, words));
    *page.status_mut() = StatusCode::CONFLICT;
    page
}

/// The words for seats it holds of which it needs more than there are, and the question that decides how many.
fn heavier<'o>(open: &'o Open, short: &Short) -> (Option<&'o str>, String) {
    use FieldKind::{Calc, Content, Exit, Fee};
    let form = &open.draft.entry.form;
    let by = form.weighed_by(&open.asked.flagged(), &short.seat.pool).map(|field| &field.id);
    let mut asked = open.fields();
    asked.retain(|field| !matches!(field.kind, Content(_) | Calc(_) | Fee(_) | Exit(_)));
    // What decides it may be hidden by now: then the first question says it.
    let at = asked.iter().copied().find(|field| by == Some(&field.id)).or(asked.first().copied());
    let pool = seat_claims::name(&open.draft, &short.seat.pool);
    let args: [(&str, &dyn std::fmt::Display); 3] =
        [("pool", &pool), ("units", &short.seat.units), ("most", &short.most)];
    (at.map(|field| field.id.as_str()), TEXTS.fill("applications.correction.short", &args))
}

/// The mails to who agreed to what was sent first: it was corrected without them.
fn letters(site: &Site, open: &Open) -> Vec<NewLetter> {
    let application = &open.application.application;
    let letter = |to: String| {
        Letter::new(to, Template::CosignCorrected)
            .about(&open.application.entry.title)
            .with("number", &application.number)
            .with("link", cosigning::link(site, &urls::application(&application.id)))
            .seal(&site.vault, site.new_id())
    };
    let signers = cosigning::addresses(&site.vault, &open.application.cosigners);
    signers.into_iter().map(letter).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// NF-49: that there are too few seats is said also where no question can say it.
    #[test]
    fn words_without_a_question_stand_above() {
        let above = Extra::said(None, "空きがありません。".to_owned());
        assert!(above.errors.is_empty() && above.note == "空きがありません。");
        let at = Extra::said(Some("bus"), "空きがありません。".to_owned());
        assert!(at.errors.contains_key("bus") && at.note.is_empty());
    }
}
