//! One own application: what became of it, and what its applicant can do.

use std::collections::BTreeMap;

use askama::Template;
use axum::extract::{Path, State};
use axum::response::{IntoResponse as _, Response};
use domain::applications::{Channel, Event};
use domain::identity::Action;
use http::StatusCode;
use lgwan_zone_store::applications::rows::Event as Line;
use lgwan_zone_store::applications::steps::Step;
use lgwan_zone_store::applications::{arrive, entries, file};
use lgwan_zone_store::identity::departments;
use platform_store::time;
use platform_web::{
    CsrfForm, Html, OrFault as _, PageResult, QueryData, Reply, Trouble, Visitor, see_other,
};

use super::{APPLICATIONS, open};
use crate::applications::clash::keeping;
use crate::applications::desk::{self, Desk};
use crate::applications::show::{EventView, event_view, label, tone};
use crate::applications::summary::{self, Drawn, Page};
use crate::applications::{correction, files};
use crate::entry::begin::{Begun, begun};
use crate::entry::{Side, receipt};
use crate::frame::{Fault, Frame, Place, name_of};
use crate::guard::Who;
use crate::site::{Site, TEXTS};
use crate::words;

#[derive(Template)]
#[template(path = "internal/show.html")]
struct ShowPage {
    frame: Frame,
    faults: Vec<Fault>,
    id: String,
    number: String,
    procedure: String,
    department: String,
    state: &'static str,
    tone: &'static str,
    arrived: String,
    /// Day by which the correction is asked for.
    due: Option<String>,
    /// Why a correction is asked for, and of what; `None` when there is none to make.
    asked: Option<(String, String)>,
    documents: Vec<DocumentView>,
    pages: Vec<Page>,
    events: Vec<EventView>,
    withdraws: bool,
    /// Why it is taken back, as typed.
    reason: String,
    version: i32,
}

struct DocumentView {
    id: String,
    title: String,
    size: String,
    at: String,
}

/// Shows it.
pub async fn get(
    State(site): State<Site>,
    who: Who,
    visitor: Visitor,
    query: QueryData,
    Path(id): Path<String>,
) -> PageResult {
    let desk = open(&site, &who, &id, Action::ReadApplication).await?;
    let frame = Frame::of(&site, &who, &visitor, Place::Internal).said(&query, "internal");
    let page = page(&site, &desk, frame, (Vec::new(), String::new())).await?;
    Ok(Html(page).into_response())
}

/// Begins to answer a correction, or goes on with what was begun.
pub async fn correct(
    State(site): State<Site>,
    who: Who,
    Path(id): Path<String>,
    CsrfForm(_): CsrfForm,
) -> PageResult {
    let desk = open(&site, &who, &id, Action::CorrectApplication).await?;
    if !desk.state.waits_for_applicant() {
        return Err(not_now(&desk));
    }
    let (staff, application, round) = (who.id.clone(), desk.row.id.clone(), desk.row.round);
    let (known, answers) = site
        .store
        .read(move |db| {
            let known = entries::correcting(db, &staff, &application)?;
            Ok((known, file::answers(db, &application, round)?))
        })
        .await?;
    if let Some(known) = known {
        return Ok(see_other(format!("{}/{known}", Side::Own.base())));
    }
    let answers = answers.ok_or_else(|| platform_web::Fault::because("no answers stored"))?;
    let new = Begun {
        procedure: (desk.row.procedure_id.clone(), desk.row.revision),
        channel: Channel::Staff,
        received: words::day(site.clock.now()),
        answers: answers.answers,
        corrects: Some(desk.row.id),
    };
    begun(&site, &who, Side::Own, new).await
}

/// Takes it back (取下げ).
pub async fn withdraw(
    State(site): State<Site>,
    who: Who,
    visitor: Visitor,
    Path(id): Path<String>,
    CsrfForm(sent): CsrfForm,
) -> PageResult {
    let desk = open(&site, &who, &id, Action::WithdrawApplication).await?;
    let mut faults = Vec::new();
    let reason = correction::reason(&sent, &mut faults);
    if !faults.is_empty() {
        let frame = Frame::of(&site, &who, &visitor, Place::Internal);
        let typed = sent.text("reason").to_owned();
        let page = page(&site, &desk, frame, (faults, typed)).await?;
        let answer: Response = (StatusCode::UNPROCESSABLE_ENTITY, Html(page)).into_response();
        return Err(answer.into());
    }
    let refused = || keeping(not_now(&desk), "applications.kept.reason", &reason);
    let way = desk.way(&who, Event::Withdraw, &reason).map_err(|_| refused())?;
    let step = Step {
        application: desk.row.id.clone(),
        seen: desk::seen(&sent),
        hops: way.hops,
        correction: None,
        documents: Vec::new(),
        messages: Vec::new(),
        days: site.office.days().clone(),
        needs: Vec::new(),
        fee: 0,
    };
    match desk::attempt(&site, &who, step, "withdraw").await? {
        Ok(_) => Ok(see_other(format!("{APPLICATIONS}/{}?said=withdraw", desk.row.id))),
        Err(_) => Err(refused()),
    }
}

/// Prints its receipt.
pub async fn receipt(State(site): State<Site>, who: Who, Path(id): Path<String>) -> PageResult {
    let desk = open(&site, &who, &id, Action::ReadApplication).await?;
    let back = format!("{APPLICATIONS}/{}", desk.row.id);
    receipt::printed(&site, &who, &desk, back).await
}

/// Opens a document that was issued for it; the desk reads that it was opened.
pub async fn document(
    State(site): State<Site>,
    who: Who,
    Path((id, wanted)): Path<(String, String)>,
) -> PageResult {
    let desk = open(&site, &who, &id, Action::ReadDocument).await?;
    let answer = files::issued(&site, &who, &desk, wanted.clone()).await?;
    let by = who.by(&site);
    let at = by.at.as_microsecond();
    site.store.write(move |tx| arrive::document_opened(tx, &by, &wanted, at)).await?;
    Ok(answer)
}

fn not_now(desk: &Desk) -> Trouble {
    let back = format!("{APPLICATIONS}/{}", desk.row.id);
    Reply::conflict("internal.not_now").link(back).into()
}

/// What of the history is for the applicant: the steps themselves, and not what the office noted,
/// asked other departments or approved inside.
fn is_told(line: &Line) -> bool {
    line.act == "apply_inside" || Event::ALL.iter().any(|event| event.key() == line.act)
}

async fn page(
    site: &Site,
    desk: &Desk,
    frame: Frame,
    (faults, reason): (Vec<Fault>, String),
) -> Result<ShowPage, Trouble> {
    let id = desk.row.id.clone();
    let (whole, names) =
        site.store.read(move |db| Ok((file::whole(db, &id)?, departments::ever(db)?))).await?;
    let whole = whole.ok_or_else(|| platform_web::Fault::because("the application is gone"))?;
    let names: Vec<(String, String)> = names.into_iter().map(|one| (one.id, one.name)).collect();
    let newest = whole.rounds.first();
    let newest = newest.ok_or_else(|| platform_web::Fault::because("no answers stored"))?;
    let answers = desk::parse_answers(newest)?;
    let before = whole.rounds.get(1).map(desk::parse_answers).transpose()?;
    let provenance = BTreeMap::new();
    let pages = summary::pages(&Drawn {
        form: &desk.form,
        answers: &answers,
        before: before.as_ref(),
        provenance: &provenance,
        files: &whole.attachments,
        today: words::day(time::from_micros(desk.row.arrived_at)),
    });
    let open = whole.corrections.first().filter(|asked| asked.answered_at.is_none());
    let open = open.filter(|_| desk.state.waits_for_applicant());
    let asked = match open {
        Some(asked) => {
            let fields: Vec<String> = serde_json::from_str(&asked.fields).or_fault()?;
            let labels: Vec<&str> = fields.iter().map(|id| label(desk, id)).collect();
            Some((asked.reason.clone(), labels.join(TEXTS.text("frame.and"))))
        }
        None => None,
    };
    let told = whole.events.iter().filter(|line| is_told(line));
    Ok(ShowPage {
        frame,
        faults,
        number: desk.row.number.clone(),
        procedure: desk.title().to_owned(),
        department: name_of(&names, &desk.row.department_id),
        state: TEXTS.text(desk.state.name_key()),
        tone: tone(desk.state),
        arrived: words::stored(desk.row.arrived_at),
        due: desk.row.due.clone(),
        asked,
        documents: whole
            .documents
            .iter()
            .map(|one| DocumentView {
                id: one.id.clone(),
                title: one.title.clone(),
                size: words::bytes(one.size),
                at: words::stored(one.issued_at),
            })
            .collect(),
        pages,
        events: told.map(event_view).collect(),
        withdraws: desk.state.apply(Event::Withdraw, desk.rules()).is_ok(),
        reason,
        version: desk.row.version,
        id: desk.row.id.clone(),
    })
}
