//! 取下げの申出: staff agree to what the applicant asked for, or do not and say why (NF-34).

use askama::Template;
use axum::extract::{Path, State};
use axum::response::{IntoResponse as _, Response};
use domain::applications::Event;
use domain::identity::Action;
use http::StatusCode;
use lgwan_zone_store::applications::steps::Step;
use lgwan_zone_store::applications::withdrawal_requests::{self, Request};
use platform_web::{CsrfForm, FormData, Html, PageResult, Reply, Trouble, Visitor, see_other};

use super::clash::{self, Clash, Stopped, keeping};
use super::desk::{self, Desk};
use super::{correction, show};
use crate::frame::{Fault, Frame, Place};
use crate::guard::Who;
use crate::site::Site;
use crate::words;

#[derive(Template)]
#[template(path = "applications/withdrawal.html")]
struct WithdrawalPage {
    frame: Frame,
    faults: Vec<Fault>,
    id: String,
    number: String,
    procedure: String,
    applicant: String,
    request: String,
    asked: String,
    why: String,
    reason: String,
    version: i32,
    clash: Clash,
}

/// One request, as the page of its application shows it.
pub(super) struct View {
    pub(super) asked: String,
    pub(super) reason: String,
    /// It waits for an answer.
    pub(super) open: bool,
    /// Key of the sentence that says how it ended.
    pub(super) state: &'static str,
    pub(super) ended: String,
    pub(super) words: String,
}

/// The request as it is shown.
pub(super) fn view(one: &Request) -> View {
    let state = match one.state.as_str() {
        "open" => "applications.asked_withdrawal.open",
        "granted" => "applications.asked_withdrawal.granted",
        "declined" => "applications.asked_withdrawal.declined",
        "taken_back" => "applications.asked_withdrawal.taken_back",
        _ => "applications.asked_withdrawal.over",
    };
    let ended = one.ended_at.map(words::stored).unwrap_or_default();
    View {
        asked: words::stored(one.asked_at),
        reason: one.reason.clone(),
        open: one.waits(),
        state,
        ended: format!("{ended} {}", one.ended_by).trim().to_owned(),
        words: one.words.clone(),
    }
}

/// The application with the request that waits; a refusal when none does or it is decided.
async fn open(site: &Site, who: &Who, id: &str) -> Result<(Desk, Request), Trouble> {
    let desk = desk::open(site, who, id, Action::WorkOnApplication).await?;
    let wanted = desk.row.id.clone();
    let request = site.store.read(move |db| withdrawal_requests::open(db, &wanted)).await?;
    let undecided = desk.state.apply(Event::GrantWithdrawal, desk.rules()).is_ok();
    match request.filter(|_| undecided) {
        Some(request) => Ok((desk, request)),
        None => Err(gone(&desk).into()),
    }
}

fn gone(desk: &Desk) -> Reply {
    Reply::conflict("applications.asked_withdrawal.gone")
        .link(format!("/applications/{}", desk.row.id))
}

/// Shows the request and asks what to answer.
pub async fn get(
    State(site): State<Site>,
    who: Who,
    visitor: Visitor,
    Path(id): Path<String>,
) -> PageResult {
    let (desk, request) = open(&site, &who, &id).await?;
    let seen: FormData = [("seen", desk.row.version.to_string())].into_iter().collect();
    let frame = Frame::of(&site, &who, &visitor, Place::Inbox);
    Ok(Html(page(frame, (&desk, &request), &seen, Vec::new())).into_response())
}

/// Answers it.
pub async fn post(
    State(site): State<Site>,
    who: Who,
    visitor: Visitor,
    Path(id): Path<String>,
    CsrfForm(sent): CsrfForm,
) -> PageResult {
    let kept = |refused| keeping(refused, "applications.kept.reason", sent.text("reason"));
    let (desk, request) = open(&site, &who, &id).await.map_err(kept)?;
    // A request that came after the page was drawn was not read.
    if request.id != sent.text("request") {
        return Err(kept(gone(&desk).into()));
    }
    let mut faults = Vec::new();
    let grants = sent.text("answer") == "grant";
    let reason = if grants && sent.text("reason").trim().is_empty() {
        String::new()
    } else {
        correction::reason(&sent, &mut faults)
    };
    if !faults.is_empty() {
        let frame = Frame::of(&site, &who, &visitor, Place::Inbox);
        let page = page(frame, (&desk, &request), &sent, faults);
        return Err(Trouble::from((StatusCode::UNPROCESSABLE_ENTITY, Html(page)).into_response()));
    }
    if !grants {
        return decline(&site, &who, (&desk, &request), reason).await.map_err(kept);
    }
    let stopped = match grant(&site, &who, (&desk, &request), (desk::seen(&sent), &reason)).await? {
        Ok(done) => return Ok(done),
        Err(stopped) => stopped,
    };
    let (desk, request) = open(&site, &who, &id).await.map_err(kept)?;
    let event = Some(Event::GrantWithdrawal);
    let clash = clash::of(&site, &desk, (event, &stopped), desk::seen(&sent)).await?;
    let frame = Frame::of(&site, &who, &visitor, Place::Inbox);
    let page = page(frame, (&desk, &request), &sent, Vec::new());
    let page = WithdrawalPage { version: desk.row.version, clash, ..page };
    Err(Trouble::from((StatusCode::CONFLICT, Html(page)).into_response()))
}

/// Agrees: the application is withdrawn, its seats go back, the applicant is told.
async fn grant(
    site: &Site,
    who: &Who,
    (desk, request): (&Desk, &Request),
    (seen, words): (i32, &str),
) -> Result<Result<Response, Stopped>, Trouble> {
    let way = desk.way(who, Event::GrantWithdrawal, words)?;
    let message = site.office.status(&desk.id()?, way.end, site.clock.now(), words, None);
    let step = Step {
        application: desk.row.id.clone(),
        seen,
        hops: way.hops,
        correction: None,
        documents: Vec::new(),
        messages: vec![message],
        days: site.office.days().clone(),
        needs: Vec::new(),
        fee: 0,
    };
    let (by, id) = (who.by(site), request.id.clone());
    let taken = site.store.write(move |tx| withdrawal_requests::grant(tx, &by, &id, &step)).await?;
    let done = Event::GrantWithdrawal.key();
    Ok(taken.map_or(Err(Stopped::NotNow), |taken| desk::answered(site, taken, &desk.row.id, done)))
}

async fn decline(
    site: &Site,
    who: &Who,
    (desk, request): (&Desk, &Request),
    words: String,
) -> PageResult {
    let now = site.clock.now();
    let expected = desk.expected(site, desk.state, now);
    let application = desk.id()?;
    let about = (&application, Some(request.id.as_str()));
    let told = site.office.not_withdrawn(about, desk.state, now, &words, expected);
    let (by, row, id) = (who.by(site), desk.row.clone(), request.id.clone());
    let done = site
        .store
        .write(move |tx| withdrawal_requests::decline(tx, &by, (&row, &id), (&words, &told)));
    if !done.await? {
        return Err(gone(desk).into());
    }
    (site.posted)();
    Ok(see_other(format!("/applications/{}?said=decline_withdrawal", desk.row.id)))
}

fn page(
    frame: Frame,
    (desk, request): (&Desk, &Request),
    sent: &FormData,
    faults: Vec<Fault>,
) -> WithdrawalPage {
    WithdrawalPage {
        frame,
        faults,
        id: desk.row.id.clone(),
        number: desk.row.number.clone(),
        procedure: desk.title().to_owned(),
        applicant: show::applicant(&desk.row.applicant_name),
        request: request.id.clone(),
        asked: words::stored(request.asked_at),
        why: request.reason.clone(),
        reason: sent.text("reason").to_owned(),
        version: desk::seen(sent),
        clash: Clash::default(),
    }
}
