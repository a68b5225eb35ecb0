//! The answers once more before they are sent.

use axum::extract::{Path, State};
use axum::response::{IntoResponse as _, Response};
use domain::forms::definition::FieldKind;
use domain::forms::{Checked, Context};
use http::StatusCode;
use internet_zone_store::applications::seats::Seat;
use platform_web::{Html, PageResult, QueryData, Visitor};

use super::access::{self, OpenDraft};
use super::closing::{self, Closing};
use super::seats::{self, Seats};
use super::{content, cosigning, moved};
use crate::caller::Caller;
use crate::forms::fee::{self, Fee};
use crate::forms::{Attached, words};
use crate::frame::Frame;
use crate::site::Site;
use crate::texts::TEXTS;
use crate::urls;

/// The answers of one page.
pub(super) struct Section {
    pub(super) title: String,
    pub(super) rows: Vec<Row>,
}

/// One question and its answer.
pub(super) struct Row {
    pub(super) label: String,
    pub(super) lines: Vec<String>,
    pub(super) change: String,
}

#[derive(askama::Template)]
#[template(path = "applications/check.html")]
struct CheckView<'a> {
    frame: Frame<'a>,
    procedure: &'a str,
    sections: Vec<Section>,
    problems: Vec<Link>,
    note: &'static str,
    /// What it costs, under the name of its question.
    fees: Vec<(String, Fee)>,
    /// What was told of it, to be sent back.
    fee_told: String,
    /// Sums that are others than the person saw before.
    fee_changed: Vec<String>,
    /// What is said of the seats.
    seats: Seats,
    /// Who must agree before it is sent, and how each stands: name, word, colour.
    cosigners: Vec<(String, &'static str, &'static str)>,
    /// Whether everybody did.
    signed: bool,
    /// Where they are asked.
    ask: String,
    version: i64,
    /// What became of the answers with a newer revision.
    moved: Option<moved::Told>,
    /// What is said of the end of the period; empty while it is far.
    closing: String,
    /// Whether it is over: the answers can be read and taken along, and nothing else.
    over: bool,
    /// Until when it is kept.
    ends: String,
    /// The answers as a file.
    answers: String,
    /// Where the procedure is described.
    about: String,
    submit: String,
    hand_over: String,
    back: String,
}

/// Something wrong, and the page where to mend it.
pub(super) struct Link {
    pub(super) href: String,
    pub(super) text: String,
}

/// Checks everything in a draft as it would be sent now.
pub(super) fn check_all(site: &Site, open: &OpenDraft) -> Checked {
    let files = content::for_checks(&site.vault, &open.files);
    let full = open.full();
    let context =
        Context { full: &full, files: &files, now: site.wall_clock(), ..Context::on(site.today()) };
    open.entry.form.check_all(&open.content.answers, &context)
}

/// The page on which a field is.
fn page_of<'a>(open: &'a OpenDraft, field: &str) -> &'a str {
    let pages = &open.entry.procedure().pages;
    let found = pages.iter().find(|page| page.fields.iter().any(|asked| asked.id == field));
    found.map_or("", |page| page.id.as_str())
}

pub(super) fn sections(site: &Site, open: &OpenDraft) -> Vec<Section> {
    let summary = open.entry.form.summary(&open.content.answers, site.today());
    summary
        .into_iter()
        .filter(|page| !page.rows.is_empty())
        .map(|page| {
            let address = urls::draft_page(&open.draft.id, &page.page.id);
            let rows = page.rows.into_iter().map(|row| {
                let lines = match row.field.kind {
                    FieldKind::File(_) => file_names(site, open, &row.lines),
                    _ => row.lines,
                };
                Row { label: row.label, lines, change: format!("{address}#q-{}", row.name) }
            });
            Section { title: page.page.title.ja().to_owned(), rows: rows.collect() }
        })
        .collect()
}

fn file_names(site: &Site, open: &OpenDraft, ids: &[String]) -> Vec<String> {
    let shown = content::shown(&site.vault, &open.files);
    let of = |id: &String| shown.iter().find(|file| file.id == *id);
    ids.iter().filter_map(of).flat_map(Attached::told).collect()
}

pub(super) fn view(
    (site, caller, visitor): (&Site, &Caller, &Visitor),
    open: &OpenDraft,
    status: StatusCode,
    (more, note): (Vec<Link>, &'static str),
) -> Response {
    let checked = check_all(site, open);
    let (over, closing) = match closing::of(site, open) {
        Closing::Over(why) => (true, why),
        Closing::Open(said) => (false, said),
    };
    let mut problems = more;
    for fault in &checked.faults {
        let address = urls::draft_page(&open.draft.id, page_of(open, &fault.field));
        problems
            .push(Link { href: format!("{address}#q-{}", fault.field), text: words::text(fault) });
    }
    for field in &checked.revealed {
        let address = urls::draft_page(&open.draft.id, page_of(open, field));
        problems.push(Link {
            href: address,
            text: TEXTS.text("applications.check.revealed").to_owned(),
        });
    }
    if over {
        // Nothing can be mended any more.
        problems.clear();
    }
    let visible = open.entry.form.visible_pages(&open.content.answers, site.today());
    let last = visible.last().map(|(_, page)| urls::draft_page(&open.draft.id, &page.id));
    let asked = cosigning::asked(site, open);
    let cosigners = asked.iter().map(|one| {
        let (word, class) = cosigning::state(one.standing);
        (one.who(), word, class)
    });
    let procedure = open.entry.procedure();
    let view = CheckView {
        fees: fee::all(procedure, &checked.answers),
        fee_told: fee::told(procedure, &checked.answers),
        fee_changed: fee::changed(procedure, &open.content.answers, &checked.answers),
        cosigners: cosigners.collect(),
        signed: cosigning::complete(&asked),
        ask: urls::cosigners(&open.draft.id),
        frame: Frame::form(site, caller, visitor, TEXTS.text("applications.check.title"))
            .with_errors(!problems.is_empty())
            .acting(open.acting.as_ref()),
        procedure: open.entry.procedure().title.ja(),
        sections: sections(site, open),
        problems,
        note,
        seats: seats::before_sending(site, open, &checked.answers),
        version: open.draft.version,
        moved: moved::told(site, open),
        closing,
        over,
        ends: crate::procedures::words::micros(open.draft.expires_at),
        answers: urls::answers(&open.draft.id),
        about: urls::procedure(&open.entry.procedure().slug),
        submit: format!("{}/submit", urls::draft(&open.draft.id)),
        hand_over: urls::hand_over(&open.draft.id),
        back: last.unwrap_or_default(),
    };
    (status, Html(view)).into_response()
}

/// Shows every answer with a link to change it.
pub(crate) async fn get(
    caller: Caller,
    visitor: Visitor,
    State(site): State<Site>,
    Path(id): Path<String>,
    QueryData(asked): QueryData,
) -> PageResult {
    let open = access::draft_at(&site, &caller, &id, &urls::check(&id)).await?;
    let note = if !(site.open)() {
        TEXTS.text("applications.check.closed")
    } else if asked.has("changed") {
        TEXTS.text("applications.check.changed")
    } else {
        ""
    };
    Ok(view((&site, &caller, &visitor), &open, StatusCode::OK, (Vec::new(), note)))
}

/// The words for a pool that is full, or has too few seats for who needs several, leading to its question;
/// a problem of the summary.
pub(super) fn full(open: &OpenDraft, needed: &[Seat], pool: &str) -> Link {
    let units = needed.iter().find(|seat| seat.pool == pool).map_or(1, |seat| seat.units);
    let (field, text) = full_told(open, (pool, units));
    let href = match field {
        Some(field) => {
            format!("{}#q-{field}", urls::draft_page(&open.draft.id, page_of(open, field)))
        }
        None => urls::procedure(&open.entry.procedure().slug),
    };
    Link { href, text }
}

/// The same words, and the field of the pool; `None` where it is the whole procedure.
pub(super) fn full_told<'p>(
    open: &OpenDraft,
    (pool, units): (&'p str, i64),
) -> (Option<&'p str>, String) {
    let (field, code) = pool.split_once('.').unwrap_or((pool, ""));
    let several = units > 1;
    if let Some((_, told)) = open.entry.form.opening_told(pool) {
        let key = if several { "forms.slot_short" } else { "forms.slot_full" };
        return (Some(field), TEXTS.fill(key, &[("option", &told), ("units", &units)]));
    }
    let pages = &open.entry.procedure().pages;
    let asked = pages.iter().flat_map(|page| &page.fields).find(|asked| asked.id == field);
    let options = match asked.map(|asked| &asked.kind) {
        Some(FieldKind::Choice(choice)) => choice.options.as_slice(),
        Some(FieldKind::Multi(multi)) => multi.options.as_slice(),
        _ => &[],
    };
    let option = options.iter().find(|option| option.code == code);
    let Some((asked, option)) = asked.zip(option) else {
        let key =
            if several { "applications.short_procedure" } else { "applications.full_procedure" };
        return (None, TEXTS.fill(key, &[("units", &units)]));
    };
    let args: [(&str, &dyn std::fmt::Display); 3] =
        [("label", &asked.label.ja()), ("option", &option.label.ja()), ("units", &units)];
    let key = if several { "forms.short" } else { "forms.full" };
    (Some(field), TEXTS.fill(key, &args))
}
