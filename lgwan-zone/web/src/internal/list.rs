//! What staff can apply for themselves, what they began and what they sent.

use askama::Template;
use axum::extract::{Path, State};
use axum::response::IntoResponse as _;
use domain::applications::{Channel, State as At};
use domain::identity::{Action, Object};
use domain::procedures::is_trial;
use jiff::Timestamp;
use lgwan_zone_store::applications::rows::Application;
use lgwan_zone_store::applications::{entered, entries};
use lgwan_zone_store::identity::{departments, reforms};
use lgwan_zone_store::procedures;
use platform_web::{CsrfForm, Html, PageResult, QueryData, Reply, Trouble, Visitor};

use super::{procedure, takes};
use crate::applications::show::tone;
use crate::entry::Side;
use crate::entry::begin::{Begun, begun};
use crate::frame::{Frame, Place, name_of};
use crate::guard::Who;
use crate::site::{Site, TEXTS};
use crate::words;

/// Own applications on one page.
const ON_A_PAGE: i64 = 50;

#[derive(Template)]
#[template(path = "internal/list.html")]
struct ListPage {
    frame: Frame,
    procedures: Vec<Offer>,
    drafts: Vec<DraftView>,
    /// Whether there are more drafts than are listed.
    more_drafts: bool,
    sent: Vec<Row>,
    /// Where older ones begin; `None` when there are none.
    older: Option<i64>,
    /// Whether these are not the newest.
    later: bool,
}

struct Offer {
    id: String,
    title: String,
    summary: String,
    department: String,
    /// Whether it can be begun today.
    open: bool,
}

struct DraftView {
    id: String,
    title: String,
    saved: String,
    /// Whether it answers a correction.
    corrects: bool,
}

struct Row {
    id: String,
    number: String,
    title: String,
    department: String,
    arrived: String,
    state: &'static str,
    tone: &'static str,
    /// Day by which a correction is asked for.
    due: Option<String>,
}

/// Shows the list; with the address of a trial, that one first.
pub async fn get(
    State(site): State<Site>,
    who: Who,
    visitor: Visitor,
    query: QueryData,
) -> PageResult {
    let first = query.0.text("from").parse::<i64>().unwrap_or(0).clamp(0, 100_000);
    let frame = Frame::of(&site, &who, &visitor, Place::Internal).said(&query, "internal");
    let trial = query.0.text("trial").to_owned();
    Ok(Html(page(&site, &who, frame, (first, trial)).await?).into_response())
}

/// Begins a draft.
pub async fn post(
    State(site): State<Site>,
    who: Who,
    Path(id): Path<String>,
    CsrfForm(_): CsrfForm,
) -> PageResult {
    who.may(Action::UseDraft, &Object::Draft { owner: who.owner()? })?;
    let (row, form) = super::offered(&site, &who, &id).await?;
    let now = site.clock.now();
    if !form.procedure().open.at(now).may_begin() {
        return Err(Reply::conflict("internal.not_begun").link("/internal").into());
    }
    let new = Begun {
        procedure: (row.id, row.revision),
        channel: Channel::Staff,
        received: words::day(now),
        answers: "{}".to_owned(),
        corrects: None,
    };
    begun(&site, &who, Side::Own, new).await
}

async fn page(
    site: &Site,
    who: &Who,
    frame: Frame,
    (first, trial): (i64, String),
) -> Result<ListPage, Trouble> {
    let (staff, shelf) = (who.id.clone(), site.shelf.clone());
    let (offered, heirs, (drafts, more_drafts), mut sent, titles, names) = site
        .store
        .read(move |db| {
            let mut offered = Vec::new();
            let tried = if is_trial(&trial) { procedures::inside(db, &trial)? } else { None };
            for row in tried.into_iter().chain(procedures::internal(db)?) {
                if let Some(form) = shelf.get(db, &row.id, row.revision)? {
                    offered.push((row, form));
                }
            }
            let drafts = entries::open(db, &staff, &[Channel::Staff])?;
            let sent = entered::of_staff(db, &staff, (first, ON_A_PAGE + 1))?;
            let of_drafts = drafts.0.iter().map(|one| one.procedure_id.as_str());
            let of_sent = sent.iter().map(|one| one.procedure_id.as_str());
            let titles = procedures::titles(db, of_sent.chain(of_drafts))?;
            let heirs = reforms::heirs(db, reforms::REST)?;
            Ok((offered, heirs, drafts, sent, titles, departments::ever(db)?))
        })
        .await?;
    let names: Vec<(String, String)> = names.into_iter().map(|one| (one.id, one.name)).collect();
    let more = sent.len() > usize::try_from(ON_A_PAGE).unwrap_or(usize::MAX);
    sent.truncate(usize::try_from(ON_A_PAGE).unwrap_or(usize::MAX));
    let now = site.clock.now();
    let offered = offered.into_iter().filter(|(_, form)| {
        takes(form) && who.can(Action::ReadProcedure, &procedure(form, &heirs))
    });
    Ok(ListPage {
        frame,
        procedures: offered.map(|(row, form)| offer(&row, &form, &names, now)).collect(),
        drafts: drafts
            .into_iter()
            .map(|draft| DraftView {
                title: name_of(&titles, &draft.procedure_id),
                saved: words::stored(draft.saved_at),
                corrects: draft.corrects.is_some(),
                id: draft.id,
            })
            .collect(),
        more_drafts,
        sent: sent.into_iter().map(|row| line(row, &titles, &names)).collect(),
        older: more.then_some(first + ON_A_PAGE),
        later: first > 0,
    })
}

fn offer(
    row: &procedures::Procedure,
    form: &domain::forms::Compiled,
    names: &[(String, String)],
    now: Timestamp,
) -> Offer {
    let procedure = form.procedure();
    Offer {
        id: row.id.clone(),
        title: row.title.clone(),
        summary: procedure.summary.ja().to_owned(),
        department: name_of(names, &row.department_id),
        open: procedure.open.at(now).may_begin(),
    }
}

fn line(row: Application, titles: &[(String, String)], names: &[(String, String)]) -> Row {
    let state = At::parse(&row.state);
    Row {
        title: name_of(titles, &row.procedure_id),
        department: name_of(names, &row.department_id),
        arrived: words::stored(row.arrived_at),
        state: TEXTS.text(state.map_or("frame.unknown", At::name_key)),
        tone: state.map_or("end", tone),
        due: row.due,
        id: row.id,
        number: row.number,
    }
}
