//! One page of the form. Every button saves: nothing typed is ever lost (NF-60).

use std::collections::{BTreeSet, HashMap};

use axum::extract::{Path, State};
use axum::response::{IntoResponse as _, Response};
use domain::forms::check::SHOWN;
use domain::forms::definition::FieldKind;
use domain::forms::rows::{self, Edit};
use domain::forms::{Answers, Checked, Context, Fault};
use domain::postal::Place;
use http::StatusCode;
use internet_zone_store::applications::drafts::{self, DraftFile, Save, Saved};
use platform_web::fields::Problem;
use platform_web::{Html, PageResult, QueryData, Reply, Trouble, Visitor, see_other};

use super::access::{self, OpenDraft};
use super::content;
use super::filled::{Button, Filled};
use super::upload;
use crate::caller::Caller;
use crate::forms::{Asked, Question, words};
use crate::frame::Frame;
use crate::site::Site;
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
    problems: Vec<Problem>,
    steps: Vec<(String, &'static str)>,
    said: String,
    action: String,
    shown: &'static str,
    multipart: bool,
    note: &'static str,
    discard: String,
    ends: String,
}

/// Sends the owner of a draft to the page where they stopped.
pub(crate) async fn resume(
    caller: Caller,
    State(site): State<Site>,
    Path(id): Path<String>,
) -> PageResult {
    let open = access::draft(&site, &caller, &id).await?;
    if open.draft.correction.is_some() {
        let application = open.draft.correction.map(|(application, _)| application);
        return Ok(see_other(format!(
            "{}/correction",
            urls::application(&application.unwrap_or_default())
        )));
    }
    let visible = open.entry.form.visible_pages(&open.content.answers, site.today());
    let reached = usize::try_from(open.draft.reached).unwrap_or(0);
    let target = match visible.iter().find(|(index, _)| *index >= reached) {
        Some((_, page)) => urls::draft_page(&id, &page.id),
        None => urls::check(&id),
    };
    Ok(see_other(target))
}

/// Refuses a draft whose procedure takes nothing any more.
pub(super) fn still_open(site: &Site, open: &OpenDraft) -> Result<(), Reply> {
    let procedure = open.entry.procedure();
    let over = || {
        Reply::gone("applications.closed")
            .with("title", procedure.title.ja())
            .with("period", crate::procedures::search::period_words(&open.entry))
            .link(urls::procedure(&procedure.slug))
    };
    if open.entry.closed {
        return Err(over());
    }
    if procedure.open.at(site.clock.now()).may_send() { Ok(()) } else { Err(over()) }
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
    note: &'static str,
    wrong: bool,
}

fn view(
    (site, caller, visitor): (&Site, &Caller, &Visitor),
    open: &OpenDraft,
    index: usize,
    extra: Extra<'_>,
) -> Response {
    let form = &open.entry.form;
    let (answers, today) = (&open.content.answers, site.today());
    let mut errors = words::by_input(extra.faults);
    errors.extend(extra.more);
    let files = content::shown(&site.vault, &open.files);
    let asked = Asked {
        entry: &open.entry,
        answers,
        view: form.view(answers, today),
        errors: &errors,
        pools: &open.pools,
        files: &files,
        found: extra.found,
    };
    let fields = asked.view.drawn(index);
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
    let multipart = fields.iter().any(|drawn| matches!(drawn.field.kind, FieldKind::File(_)));
    let wrong = !problems.is_empty();
    let title = format!("{}｜{}", page.title.ja(), form.procedure().title.ja());
    let view = PageView {
        frame: Frame::form(site, caller, visitor, title).with_errors(wrong),
        heading: page.title.ja().to_owned(),
        intro: crate::markdown::html(page.intro.ja()),
        procedure: form.procedure().title.ja(),
        questions,
        problems,
        steps,
        said,
        action: urls::draft_page(&open.draft.id, &page.id),
        shown: SHOWN,
        multipart,
        note: extra.note,
        discard: format!("{}/discard", urls::draft(&open.draft.id)),
        ends: crate::procedures::words::micros(open.draft.expires_at),
    };
    let status = if extra.wrong { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    (status, Html(view)).into_response()
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
    let open = access::draft(&site, &caller, &id).await?;
    still_open(&site, &open)?;
    let index = index_of(&open, &site, &page)?;
    let note = match asked.text("note") {
        "saved" => TEXTS.text("applications.page.saved"),
        "removed" => TEXTS.text("applications.page.removed"),
        "uploaded" => TEXTS.text("applications.page.uploaded"),
        "unlocked" => TEXTS.text("applications.page.unlocked"),
        "calculated" => TEXTS.text("applications.page.calculated"),
        "row_added" => TEXTS.text("applications.page.row_added"),
        "row_removed" => TEXTS.text("applications.page.row_removed"),
        "row_moved" => TEXTS.text("applications.page.row_moved"),
        _ => "",
    };
    Ok(view((&site, &caller, &visitor), &open, index, Extra { note, ..Extra::default() }))
}

/// Saves a page and does what the button says.
pub(crate) async fn post(
    caller: Caller,
    visitor: Visitor,
    State(site): State<Site>,
    Path((id, page)): Path<(String, String)>,
    mut filled: Filled,
) -> PageResult {
    let mut open = access::draft(&site, &caller, &id).await?;
    still_open(&site, &open)?;
    let index = index_of(&open, &site, &page)?;
    let mut raw = filled.answers();
    let button = filled.button();
    change_rows(&open, &mut raw, &button);
    let more = take_files(&site, &mut open, &mut filled).await?;
    if let Button::Remove(file) = &button {
        remove_file(&site, &mut open, file).await?;
    }
    let checked = save(&site, &mut open, index, raw, &button).await?;
    let who = (&site, &caller, &visitor);
    let here = urls::draft_page(&id, &page);
    if !more.is_empty() {
        return Ok(view(who, &open, index, Extra { more, wrong: true, ..Extra::default() }));
    }
    match button {
        Button::Next if checked.is_clean() => Ok(see_other(after(&open, &site, index))),
        Button::Next if checked.faults.is_empty() => {
            let note = TEXTS.text("applications.page.revealed");
            Ok(view(who, &open, index, Extra { note, ..Extra::default() }))
        }
        Button::Next => {
            let extra = Extra { faults: &checked.faults, wrong: true, ..Extra::default() };
            Ok(view(who, &open, index, extra))
        }
        Button::Back => Ok(see_other(before(&open, &site, index))),
        Button::Save => Ok(see_other(format!("{here}?note=saved"))),
        Button::Upload => Ok(see_other(format!("{here}?note=uploaded"))),
        Button::Unlock => Ok(see_other(format!("{here}?note=unlocked"))),
        Button::Remove(_) => Ok(see_other(format!("{here}?note=removed"))),
        Button::Calc(field) => {
            let target = platform_web::fields::input_id(&field);
            Ok(see_other(format!("{here}?note=calculated#{target}")))
        }
        Button::Row(group, edit) => {
            Ok(see_other(format!("{here}{}", after_edit(&group, edit, &open))))
        }
        Button::Place(field, _) => Ok(see_other(format!("{here}#{}", anchor(&field)))),
        Button::Postal(field) => Ok(looked_up(who, &open, index, &field)),
    }
}

/// Does what a button of a repeating group says, before what was typed is read.
pub(super) fn change_rows(open: &OpenDraft, raw: &mut Answers, button: &Button) {
    let Button::Row(group, edit) = button else { return };
    if open.entry.form.field(group).is_some_and(|field| field.repeat().is_some()) {
        rows::edit(raw, group, *edit);
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
    let mut extra = Extra::default();
    match places.len() {
        0 => {
            let words = TEXTS.text("forms.postal_unknown").to_owned();
            extra.more.insert(format!("{field}.postal"), words);
        }
        1 => extra.note = TEXTS.text("forms.postal_found"),
        _ => {
            extra.note = TEXTS.text("forms.postal_choose");
            extra.found = Some((field, &places));
        }
    }
    view(who, open, index, extra)
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

/// Takes the files that were chosen and the passwords for those that wait for
/// one; gives the words for what is not taken.
pub(super) async fn take_files(
    site: &Site,
    open: &mut OpenDraft,
    filled: &mut Filled,
) -> Result<HashMap<String, String>, Trouble> {
    let mut refused: HashMap<String, Vec<String>> = HashMap::new();
    for (id, typed) in filled.passwords() {
        let Some(at) = open.files.iter().position(|file| file.id == id) else { continue };
        match upload::unlock(site, &open.files[at], typed).await? {
            Ok(file) => {
                let (draft, known) = (open.draft.id.clone(), file.clone());
                site.store.write(move |tx| drafts::unlock(tx, &draft, &known)).await?;
                open.files[at] = file;
            }
            Err(words) => refused.entry(open.files[at].input.clone()).or_default().push(words),
        }
    }
    for sent in std::mem::take(&mut filled.uploads) {
        let input = sent.input.clone();
        match upload::take(site, &open.entry, &open.files, sent).await? {
            Ok(file) => store(site, open, Some(file), None).await?,
            Err(words) => refused.entry(input).or_default().push(words),
        }
    }
    Ok(refused.into_iter().map(|(input, words)| (input, words.join("\n"))).collect())
}

/// Removes a file of this draft.
pub(super) async fn remove_file(
    site: &Site,
    open: &mut OpenDraft,
    file: &str,
) -> Result<(), Trouble> {
    if open.files.iter().any(|known| known.id == file) {
        store(site, open, None, Some(file.to_owned())).await?;
    }
    Ok(())
}

/// Saves the draft as it is in `open`, adding or removing a file. When another
/// window saved meanwhile, its pages are kept and this one's laid over them.
pub(super) async fn store(
    site: &Site,
    open: &mut OpenDraft,
    add: Option<DraftFile>,
    remove: Option<String>,
) -> Result<(), Trouble> {
    for _ in 0..5 {
        let at = site.micros();
        let days = i64::from(open.entry.procedure().retain.draft_days.max(1));
        let save = Save {
            id: open.draft.id.clone(),
            version: open.draft.version,
            revision: open.entry.revision,
            answers_sealed: open.content.seal(&site.vault, &open.draft.id),
            reached: open.draft.reached,
            at,
            expires_at: at + days * 86_400_000_000,
            add: add.clone(),
            remove: remove.clone(),
        };
        let (id, now) = (open.draft.id.clone(), at);
        let (saved, fresh) = site
            .store
            .write(move |tx| Ok((drafts::save(tx, &save)?, drafts::find(tx.db, &id, now)?)))
            .await?;
        let Some((draft, files)) = fresh else {
            return Err(see_other(urls::draft(&open.draft.id)).into());
        };
        match saved {
            Saved::Yes => {
                (open.draft, open.files) = (draft, files);
                return Ok(());
            }
            Saved::Outdated => {
                let mut theirs = content::Content::open(&site.vault, &draft);
                theirs.answers.overlay(&open.content.answers);
                theirs.looked_up.extend(open.content.looked_up.iter().cloned());
                open.content = theirs;
                (open.draft, open.files) = (draft, files);
            }
        }
    }
    Err(Reply::conflict("applications.busy").link(urls::draft(&open.draft.id)).into())
}

/// Checks what was typed and saves it, right or wrong.
async fn save(
    site: &Site,
    open: &mut OpenDraft,
    index: usize,
    mut raw: Answers,
    button: &Button,
) -> Result<Checked, Trouble> {
    let entry = open.entry.clone();
    for field in &entry.procedure().pages[index].fields {
        if matches!(field.kind, FieldKind::File(_)) {
            content::put_files(&mut raw, &field.id, &open.files);
        }
    }
    if let Button::Postal(field) | Button::Place(field, _) = button {
        let nth = if let Button::Place(_, nth) = button { Some(*nth) } else { None };
        fill_place(site, open, &mut raw, field, nth);
    }
    let files = content::for_checks(&site.vault, &open.files);
    let full: BTreeSet<String> =
        open.pools.iter().filter(|pool| pool.is_full()).map(|pool| pool.pool.clone()).collect();
    let context = Context { today: site.today(), full: &full, files: &files };
    let checked = entry.form.check_page(index, &open.content.answers, &raw, &context);
    open.content.answers = entry.form.store_page(index, &open.content.answers, &checked.answers);
    if matches!(button, Button::Next) && checked.is_clean() {
        let reached = i64::try_from(index + 1).unwrap_or(i64::MAX);
        open.draft.reached = open.draft.reached.max(reached);
    }
    store(site, open, None, None).await?;
    Ok(checked)
}

/// Fills an address from its postal code when that is clear or was chosen (NF-8).
pub(super) fn fill_place(
    site: &Site,
    open: &mut OpenDraft,
    raw: &mut Answers,
    field: &str,
    nth: Option<usize>,
) {
    let places = site.postal.places(raw.first(&format!("{field}.postal")).unwrap_or_default());
    let chosen = match nth {
        Some(nth) => places.get(nth),
        None => places.first().filter(|_| places.len() == 1),
    };
    let Some(place) = chosen else { return };
    for (part, value) in
        [("prefecture", place.prefecture), ("city", place.city), ("town", place.town)]
    {
        let input = format!("{field}.{part}");
        raw.put_one(input.clone(), value);
        open.content.looked_up.insert(input);
    }
}
