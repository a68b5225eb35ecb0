//! One page of the form. Every button saves: nothing typed is ever lost (NF-60).

use std::borrow::Cow;
use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use axum::extract::{Path, State};
use axum::response::{IntoResponse as _, Response};
use domain::forms::check::SHOWN;
use domain::forms::definition::FieldKind;
use domain::forms::inputs::SLOT_DAY;
use domain::forms::rows::{self, Edit};
use domain::forms::{Answers, Context, Fault};
use domain::postal::Place;
use http::StatusCode;
use internet_zone_store::applications::drafts;
use jiff::civil::Date;
use platform_web::fields::Problem;
use platform_web::{Html, PageResult, QueryData, Trouble, Visitor, see_other};

use super::access::{self, OpenDraft};
use super::closing::{self, Closing};
use super::filled::{Button, Filled};
use super::left::Left;
use super::windows::{self, Kept, Sent};
use super::{attach, clash, comeback, content, cosigning, moved, seats};
use crate::caller::Caller;
use crate::filling;
use crate::forms::{Asked, Question, question, words};
use crate::frame::Frame;
use crate::shelf::Entry;
use crate::site::Site;
use crate::terminals;
use crate::texts::TEXTS;
use crate::urls;

#[derive(askama::Template)]
#[template(path = "applications/page.html")]
struct PageView<'a> {
    frame: Frame<'a>,
    heading: String,
    intro: String,
    procedure: &'a str,
    questions: Vec<Question>,
    /// What the script follows while somebody types; empty when nothing hangs on this page.
    rules: String,
    problems: Vec<Problem>,
    steps: Vec<(String, &'static str)>,
    said: String,
    action: String,
    /// Where its files come in pieces.
    uploads: String,
    shown: &'static str,
    multipart: bool,
    note: Cow<'static, str>,
    discard: String,
    hand_over: String,
    /// Until when it is kept, in words.
    kept: String,
    drawn: windows::Drawn,
    saved: String,
    unsaved: bool,
    /// What is said of the end of the period; empty while it is far.
    closing: String,
    /// Whether somebody agreed to the answers as they are.
    signed: bool,
    /// What became of the answers with a newer revision.
    moved: Option<moved::Told>,
    revision: i64,
}

/// Sends the owner of a draft to the page where they stopped.
pub(crate) async fn resume(
    caller: Caller,
    State(site): State<Site>,
    Path(id): Path<String>,
) -> PageResult {
    let open = access::draft(&site, &caller, &id).await?;
    if let Some((application, round)) = &open.draft.correction {
        return Ok(see_other(match *round {
            drafts::MESSAGE => urls::messages(application),
            _ => format!("{}/correction", urls::application(application)),
        }));
    }
    let visible = open.entry.form.visible_pages(&open.content.answers, site.today());
    let reached = usize::try_from(open.draft.reached).unwrap_or(0);
    let target = match visible.iter().find(|(index, _)| *index >= reached) {
        Some((_, page)) => urls::draft_page(&id, &page.id),
        None => urls::check(&id),
    };
    Ok(see_other(target))
}

/// The index of a page that applies now; others lead to where the owner stopped.
fn index_of(open: &OpenDraft, site: &Site, page: &str) -> Result<usize, Trouble> {
    let visible = open.entry.form.visible_pages(&open.content.answers, site.today());
    let found = visible.iter().find(|(_, visible)| visible.id == page).map(|(index, _)| *index);
    found.ok_or_else(|| see_other(urls::draft(&open.draft.id)).into())
}

/// What a page shows beside the saved answers.
#[derive(Default)]
struct Extra<'a> {
    faults: &'a [Fault],
    more: HashMap<String, String>,
    found: Option<(&'a str, &'a [Place<'a>])>,
    listed: Option<&'a str>,
    note: Cow<'static, str>,
    wrong: bool,
    /// What the page was drawn from, when that is not what is stored now.
    drawn: Option<windows::Drawn>,
    /// Whether what it shows is not saved yet.
    unsaved: bool,
}

fn view(
    (site, caller, visitor): (&Site, &Caller, &Visitor),
    open: &OpenDraft,
    index: usize,
    extra: Extra<'_>,
) -> Response {
    let form = &open.entry.form;
    let today = site.today();
    // What nobody answered yet has its default; it counts once it was sent.
    let answers = &form.with_defaults(index, &open.content.answers, today);
    let mut errors = words::by_input(extra.faults);
    errors.extend(extra.more);
    let files = content::shown(&site.vault, &open.files);
    let asked = Asked {
        entry: &open.entry,
        answers,
        view: form.view(answers, today),
        errors: &errors,
        pools: &open.pools,
        own: &[],
        now: site.wall_clock(),
        files: &files,
        found: extra.found,
        listed: extra.listed,
    };
    let script = form.script(index, answers, today);
    let fields = asked.view.followed(index, script.as_ref());
    let questions: Vec<Question> =
        fields.iter().map(|drawn| Question::new(&asked, drawn)).collect();
    let problems: Vec<Problem> = questions.iter().flat_map(Question::problems).collect();
    let visible = asked.view.pages();
    let position = visible.iter().position(|(at, _)| *at == index).unwrap_or(0);
    let page = &form.procedure().pages[index];
    let mut steps: Vec<(String, &'static str)> = (0..)
        .zip(&visible)
        .map(|(n, (_, page))| (page.title.ja().to_owned(), state(n, position)))
        .collect();
    steps.push((TEXTS.text("applications.check.step").to_owned(), "later"));
    let said = TEXTS.fill(
        "applications.page.said",
        &[("total", &steps.len()), ("at", &(position + 1)), ("title", &page.title.ja())],
    );
    let stored = open.entry.procedure().pages[index].fields.iter();
    let drawn = extra.drawn.unwrap_or_else(|| {
        windows::Drawn::now(&site.vault, &open.draft.id, &open.content.answers, stored)
    });
    // A question for files never waits.
    let multipart = fields.iter().any(|drawn| matches!(drawn.field.kind, FieldKind::File(_)));
    let wrong = !problems.is_empty();
    let title = format!("{}｜{}", page.title.ja(), form.procedure().title.ja());
    let view = PageView {
        frame: Frame::form(site, caller, visitor, title)
            .with_errors(wrong)
            .keeping()
            .acting(open.acting.as_ref()),
        heading: page.title.ja().to_owned(),
        intro: crate::markdown::html(page.intro.ja()),
        procedure: form.procedure().title.ja(),
        questions,
        rules: script.map(|script| script.json).unwrap_or_default(),
        problems,
        steps,
        said,
        action: urls::draft_page(&open.draft.id, &page.id),
        uploads: urls::uploads(&open.draft.id),
        shown: SHOWN,
        multipart,
        note: extra.note,
        discard: format!("{}/discard", urls::draft(&open.draft.id)),
        hand_over: urls::hand_over(&open.draft.id),
        kept: kept_until(site, open),
        drawn,
        saved: crate::procedures::words::moment(open.draft.updated_at, today),
        unsaved: extra.unsaved,
        closing: match closing::of(site, open) {
            Closing::Open(said) | Closing::Over(said) => said,
        },
        signed: cosigning::is_signed(open),
        moved: moved::told(site, open),
        revision: open.entry.revision,
    };
    let status = if extra.wrong { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    (status, Html(view)).into_response()
}

/// Until when somebody can go on.
fn kept_until(site: &Site, open: &OpenDraft) -> String {
    if !open.only_here {
        let ends = crate::procedures::words::micros(open.draft.expires_at);
        return TEXTS.fill("applications.page.kept", &[("ends", &ends)]);
    }
    if terminals::is_here() {
        return TEXTS.text("terminals.kept").to_owned();
    }
    TEXTS.fill("applications.page.kept_here", &[("minutes", &site.limits.idle_minutes)])
}

/// What is said of a page that was saved.
fn saved(site: &Site, open: &OpenDraft) -> Cow<'static, str> {
    if !open.only_here {
        return TEXTS.text("applications.page.saved").into();
    }
    if terminals::is_here() {
        return TEXTS.text("terminals.saved").into();
    }
    TEXTS.fill("applications.page.saved_here", &[("minutes", &site.limits.idle_minutes)]).into()
}

const fn state(n: usize, now: usize) -> &'static str {
    if n < now {
        "done"
    } else if n == now {
        "now"
    } else {
        "later"
    }
}

/// Shows a page with what was saved.
pub(crate) async fn get(
    caller: Caller,
    visitor: Visitor,
    State(site): State<Site>,
    Path((id, page)): Path<(String, String)>,
    QueryData(asked): QueryData,
) -> PageResult {
    let here = urls::draft_page(&id, &page);
    let mut open = access::draft_at(&site, &caller, &id, &here).await?;
    let index = index_of(&open, &site, &page)?;
    if let Some(left) = open.content.left.take().filter(|left| left.page == here) {
        return Ok(returned((&site, &caller, &visitor), &mut open, index, left));
    }
    if closing::of(&site, &open).over().is_some() {
        return Ok(see_other(urls::check(&id)));
    }
    let note = match asked.text("note") {
        "saved" => saved(&site, &open),
        note => done(note).into(),
    };
    Ok(view((&site, &caller, &visitor), &open, index, Extra { note, ..Extra::default() }))
}

/// What was done just before the page was shown.
fn done(note: &str) -> &'static str {
    match note {
        "removed" => TEXTS.text("applications.page.removed"),
        "uploaded" => TEXTS.text("applications.page.uploaded"),
        "unlocked" => TEXTS.text("applications.page.unlocked"),
        "calculated" => TEXTS.text("applications.page.calculated"),
        "row_added" => TEXTS.text("applications.page.row_added"),
        "row_removed" => TEXTS.text("applications.page.row_removed"),
        "row_moved" => TEXTS.text("applications.page.row_moved"),
        "joined" => TEXTS.text("applications.clash.joined"),
        "merged" => TEXTS.text("applications.clash.merged"),
        _ => "",
    }
}

/// Shows a page as it was when the session ended: typed, not saved.
fn returned(
    who: (&Site, &Caller, &Visitor),
    open: &mut OpenDraft,
    index: usize,
    left: Left,
) -> Response {
    let form = &open.entry.form;
    let (full, files) = (BTreeSet::new(), content::for_checks(&who.0.vault, &open.files));
    let context = Context {
        full: &full,
        files: &files,
        now: who.0.wall_clock(),
        ..Context::on(who.0.today())
    };
    let checked = form.check_page(index, &open.content.answers, &left.raw, &context);
    open.content.answers = form.store_page(index, &open.content.answers, &checked.answers);
    let note = TEXTS.text("applications.comeback.here").into();
    let extra = Extra { note, drawn: Some(left.drawn), unsaved: true, ..Extra::default() };
    view(who, open, index, extra)
}

/// Saves a page and does what the button says.
pub(crate) async fn post(
    caller: Caller,
    visitor: Visitor,
    State(site): State<Site>,
    Path((id, page)): Path<(String, String)>,
    filled: Filled,
) -> PageResult {
    let keeps = matches!(filled.button(), Button::Keep);
    let answer = filled_in((&site, &caller, &visitor), (&id, &page), filled).await;
    if keeps { clash::heard(answer) } else { answer }
}

async fn filled_in(
    who: (&Site, &Caller, &Visitor),
    (id, page): (&str, &str),
    mut filled: Filled,
) -> PageResult {
    let (site, caller, _) = who;
    let here = urls::draft_page(id, page);
    let button = filled.button();
    let mut open = match access::draft(site, caller, id).await {
        Err(gone) if caller.owner().is_none() => {
            return comeback::ask(who, Left::of(id, &here, &filled), &button, gone).await;
        }
        other => other?,
    };
    if let Some(older) = moved::drawn_from(site, &open, &filled).await? {
        return of_older(who, (open, older), (page, filled), &button).await;
    }
    let index = index_of(&open, site, page)?;
    let first = usize::try_from(open.draft.reached).is_ok_and(|reached| reached <= index);
    let (mut raw, drawn) = (filled.answers(), windows::Drawn::read(&filled));
    change_rows(&open, &mut raw, &button);
    take_entry(&open, &mut raw, &button);
    take_slot(&mut raw, &button);
    let more = attach::take_files(site, &mut open, &mut filled).await?;
    if let Button::Remove(file) = &button {
        attach::remove_file(site, &mut open, file).await?;
    }
    let (checked, joined, drawn) = match save(site, &mut open, index, (raw, drawn), &button).await?
    {
        Kept::Saved { checked, joined, drawn } => (checked, joined, drawn),
        Kept::Clash(found) => {
            let fields = open.entry.procedure().pages[index].fields.iter().collect();
            let form = clash::Of { open: &open, action: here, fields };
            return Ok(clash::answer(who, &form, found, &button));
        }
    };
    if let Some(why) = closing::of(site, &open).over() {
        // What was typed when the period ended is kept and can be read; nothing can be sent.
        return Ok(match button {
            Button::Keep => clash::kept(&open, &drawn, Vec::new(), why),
            _ => see_other(urls::check(id)),
        });
    }
    if matches!(button, Button::Seen) {
        let content = content::Content { moved: None, ..open.content.clone() };
        attach::store_once(site, &mut open, content, attach::Change::default()).await?;
        return Ok(see_other(here));
    }
    if matches!(button, Button::Next) {
        let found = (&open.content.answers, &checked);
        filling::went_on(site, &open.entry, (index, first), found);
        if checked.is_clean() {
            seats::keep(site, &open).await?;
        }
    }
    if !more.is_empty() {
        return Ok(view(who, &open, index, Extra { more, wrong: true, ..Extra::default() }));
    }
    if joined && !matches!(button, Button::Keep) {
        return Ok(see_other(format!("{here}?note=joined")));
    }
    match button {
        Button::Next if checked.is_clean() => Ok(see_other(after(&open, site, index))),
        Button::Next if checked.faults.is_empty() => {
            let note = TEXTS.text("applications.page.revealed").into();
            Ok(view(who, &open, index, Extra { note, ..Extra::default() }))
        }
        Button::Next => {
            let extra = Extra { faults: &checked.faults, wrong: true, ..Extra::default() };
            Ok(view(who, &open, index, extra))
        }
        Button::Back => Ok(see_other(before(&open, site, index))),
        Button::Save | Button::Seen => Ok(see_other(format!("{here}?note=saved"))),
        Button::Keep => {
            let view = open.entry.form.view(&open.content.answers, site.today());
            let made = question::worked_out(open.entry.procedure(), &view.drawn(index));
            Ok(clash::kept(&open, &drawn, made, String::new()))
        }
        Button::Merge(_) => Ok(see_other(format!("{here}?note=merged"))),
        Button::Upload => Ok(see_other(format!("{here}?note=uploaded"))),
        Button::Unlock => Ok(see_other(format!("{here}?note=unlocked"))),
        Button::Remove(_) => Ok(see_other(format!("{here}?note=removed"))),
        Button::Calc(field) => {
            let target = platform_web::fields::input_id(&field);
            Ok(see_other(format!("{here}?note=calculated#{target}")))
        }
        Button::Day(field) | Button::Slot(field, _) => {
            Ok(see_other(format!("{here}#{}", platform_web::fields::input_id(&field))))
        }
        Button::Row(group, edit) => {
            Ok(see_other(format!("{here}{}", after_edit(&group, edit, &open))))
        }
        Button::Place(field, _) => Ok(see_other(format!("{here}#{}", anchor(&field)))),
        Button::Pick(field, _) => {
            Ok(see_other(format!("{here}#{}", platform_web::fields::input_id(&field))))
        }
        Button::Find(field) => Ok(found(who, &open, index, &field)),
        Button::Postal(field) => Ok(looked_up(who, &open, index, &field)),
    }
}

/// Saves a page that was drawn from an older revision, by that revision; then the draft moves over again
/// and goes on where something is asked newly.
async fn of_older(
    who: (&Site, &Caller, &Visitor),
    (mut open, older): (OpenDraft, Arc<Entry>),
    (page, mut filled): (&str, Filled),
    button: &Button,
) -> PageResult {
    let (site, id) = (who.0, open.draft.id.clone());
    moved::back(&mut open, older);
    let Some((index, _)) = open.entry.form.page(page) else {
        return Ok(see_other(urls::draft(&id)));
    };
    let (mut raw, drawn) = (filled.answers(), windows::Drawn::read(&filled));
    change_rows(&open, &mut raw, button);
    take_entry(&open, &mut raw, button);
    // A file that is not taken can be chosen again on the newer page.
    attach::take_files(site, &mut open, &mut filled).await?;
    if let Button::Remove(file) = button {
        attach::remove_file(site, &mut open, file).await?;
    }
    match save(site, &mut open, index, (raw, drawn), button).await? {
        Kept::Clash(found) => {
            let fields = open.entry.procedure().pages[index].fields.iter().collect();
            let action = urls::draft_page(&id, page);
            Ok(clash::answer(who, &clash::Of { open: &open, action, fields }, found, button))
        }
        Kept::Saved { drawn, .. } if matches!(button, Button::Keep) => {
            let words = TEXTS.text("applications.moved.keep").to_owned();
            Ok(clash::kept(&open, &drawn, Vec::new(), words))
        }
        Kept::Saved { .. } => Ok(see_other(urls::draft(&id))),
    }
}

/// Does what a button of a repeating group says, before what was typed is read.
pub(super) fn change_rows(open: &OpenDraft, raw: &mut Answers, button: &Button) {
    let Button::Row(group, edit) = button else { return };
    if open.entry.form.field(group).is_some_and(|field| field.repeat().is_some()) {
        rows::edit(raw, group, *edit);
    }
}

/// Puts the entry that was chosen into what was sent (NF-61).
pub(super) fn take_entry(open: &OpenDraft, raw: &mut Answers, button: &Button) {
    if let Button::Pick(field, row) = button {
        open.entry.form.take_entry(field, *row, raw);
    }
}

/// Chooses a day and time by its button, with the day the page is to show.
pub(super) fn take_slot(raw: &mut Answers, button: &Button) {
    if let Button::Slot(field, opening) = button {
        raw.put_one(field.as_str(), opening.code());
        raw.put_one(format!("{field}.{SLOT_DAY}"), opening.day.to_string());
    }
}

/// Shows the page with the entries to choose from (NF-61).
fn found(who: (&Site, &Caller, &Visitor), open: &OpenDraft, index: usize, field: &str) -> Response {
    let (more, note) = entries_told(open, &open.content.answers, (field, who.0.today()));
    let note = note.into();
    view(who, open, index, Extra { more, note, listed: Some(field), ..Extra::default() })
}

/// What is said after looking for entries of a list: what is wrong by input, and a note.
pub(super) fn entries_told(
    open: &OpenDraft,
    answers: &Answers,
    (field, today): (&str, Date),
) -> (HashMap<String, String>, &'static str) {
    let view = open.entry.form.view(answers, today);
    match view.entries(field).map_or(0, |entries| entries.all) {
        0 => {
            let words = TEXTS.text("forms.list_nothing").to_owned();
            (HashMap::from([(field.to_owned(), words)]), "")
        }
        _ => (HashMap::new(), TEXTS.text("forms.list_choose")),
    }
}

/// The note, and the row to look at.
fn after_edit(group: &str, edit: Edit, open: &OpenDraft) -> String {
    let (note, place) = match edit {
        Edit::Add => {
            let rows = open.content.answers.get(group).map_or(0, <[String]>::len);
            ("row_added", rows.saturating_sub(1))
        }
        Edit::Remove(n) => ("row_removed", n.saturating_sub(1)),
        Edit::Up(n) => ("row_moved", n.saturating_sub(1)),
        Edit::Down(n) => ("row_moved", n + 1),
    };
    format!("?note={note}#{}", crate::forms::rows::anchor(group, place))
}

fn anchor(field: &str) -> String {
    platform_web::fields::input_id(&format!("{field}.postal"))
}

/// Shows the page after a look-up: filled in, or the places to choose from.
fn looked_up(
    who: (&Site, &Caller, &Visitor),
    open: &OpenDraft,
    index: usize,
    field: &str,
) -> Response {
    let code = open.content.answers.first(&format!("{field}.postal")).unwrap_or_default();
    let places = who.0.postal.places(code);
    let (more, note) = places_told(field, &places);
    let found = (places.len() > 1).then_some((field, places.as_slice()));
    let note = note.into();
    view(who, open, index, Extra { more, note, found, ..Extra::default() })
}

/// What is said after looking a postal code up: what is wrong by input, and a note.
pub(super) fn places_told(
    field: &str,
    places: &[Place<'_>],
) -> (HashMap<String, String>, &'static str) {
    match places {
        [] => {
            let words = TEXTS.text("forms.postal_unknown").to_owned();
            (HashMap::from([(format!("{field}.postal"), words)]), "")
        }
        [_] => (HashMap::new(), TEXTS.text("forms.postal_found")),
        _ => (HashMap::new(), TEXTS.text("forms.postal_choose")),
    }
}

/// The page after this one; the answers to check after the last.
fn after(open: &OpenDraft, site: &Site, index: usize) -> String {
    let visible = open.entry.form.visible_pages(&open.content.answers, site.today());
    match visible.iter().find(|(at, _)| *at > index) {
        Some((_, page)) => urls::draft_page(&open.draft.id, &page.id),
        None => urls::check(&open.draft.id),
    }
}

fn before(open: &OpenDraft, site: &Site, index: usize) -> String {
    let visible = open.entry.form.visible_pages(&open.content.answers, site.today());
    match visible.iter().rev().find(|(at, _)| *at < index) {
        Some((_, page)) => urls::draft_page(&open.draft.id, &page.id),
        None => urls::start(&open.entry.procedure().slug),
    }
}

/// Checks what was typed and saves it, right or wrong.
async fn save(
    site: &Site,
    open: &mut OpenDraft,
    index: usize,
    (mut raw, drawn): (Answers, windows::Drawn),
    button: &Button,
) -> Result<Kept, Trouble> {
    let entry = open.entry.clone();
    let mut looked_up = BTreeSet::new();
    if let Button::Postal(field) | Button::Place(field, _) = button {
        let nth = if let Button::Place(_, nth) = button { Some(*nth) } else { None };
        looked_up = fill_place(site, &mut raw, field, nth);
    }
    let check = |open: &OpenDraft, raw: &Answers| {
        let mut raw = raw.clone();
        for field in &open.entry.procedure().pages[index].fields {
            if matches!(field.kind, FieldKind::File(_)) {
                content::put_files(&mut raw, &field.id, &open.files);
            }
        }
        let files = content::for_checks(&site.vault, &open.files);
        let full = open.full();
        let context = Context {
            full: &full,
            files: &files,
            now: site.wall_clock(),
            ..Context::on(site.today())
        };
        open.entry.form.check_page(index, &open.content.answers, &raw, &context)
    };
    let lay = |open: &OpenDraft, checked: &Answers| {
        open.entry.form.store_page(index, &open.content.answers, checked)
    };
    let fields = entry.procedure().pages[index].fields.iter().collect();
    let form = windows::Form { fields, check: &check, lay: &lay };
    let reaches = matches!(button, Button::Next).then(|| i64::try_from(index + 1).unwrap_or(0));
    let sent = Sent { picks: clash::picks(button), raw, drawn, looked_up, reaches };
    windows::keep(site, open, &form, sent).await
}

/// Fills an address from its postal code when that is clear or was chosen (NF-8);
/// gives the inputs it filled in.
pub(super) fn fill_place(
    site: &Site,
    raw: &mut Answers,
    field: &str,
    nth: Option<usize>,
) -> BTreeSet<String> {
    let places = site.postal.places(raw.first(&format!("{field}.postal")).unwrap_or_default());
    let chosen = match nth {
        Some(nth) => places.get(nth),
        None => places.first().filter(|_| places.len() == 1),
    };
    let mut filled = BTreeSet::new();
    let Some(place) = chosen else { return filled };
    for (part, value) in
        [("prefecture", place.prefecture), ("city", place.city), ("town", place.town)]
    {
        let input = format!("{field}.{part}");
        raw.put_one(input.clone(), value);
        filled.insert(input);
    }
    filled
}
