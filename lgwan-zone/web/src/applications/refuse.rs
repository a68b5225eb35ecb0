//! 却下, 不受理, 職権終了, 期限切れ, and 取下げ of what staff entered: each ends the application with a reason
//! (NF-34).

use askama::Template;
use axum::extract::{Path, State};
use axum::response::IntoResponse as _;
use domain::applications::Event;
use domain::identity::Action;
use http::StatusCode;
use lgwan_zone_store::applications::entered;
use lgwan_zone_store::applications::steps::Step;
use platform_web::{CsrfForm, FormData, Html, PageResult, Reply, Trouble, Visitor};

use super::before::{Before, before};
use super::clash::{self, Clash, Stopped, keeping};
use super::desk::{self, Desk};
use super::{correction, show};
use crate::frame::{Fault, Frame, Place};
use crate::guard::Who;
use crate::site::{Site, TEXTS};
use crate::words;

#[derive(Template)]
#[template(path = "applications/refuse.html")]
struct RefusePage {
    frame: Frame,
    faults: Vec<Fault>,
    heading: &'static str,
    lead: &'static str,
    button: &'static str,
    path: &'static str,
    id: String,
    number: String,
    procedure: String,
    applicant: String,
    version: i32,
    reason: String,
    before: Before,
    clash: Clash,
}

/// The ways to say no.
#[derive(Clone, Copy)]
enum No {
    /// Decided against.
    Reject,
    /// Not taken at all.
    RefuseEntry,
    /// Closed by the office without a decision (職権終了).
    Close,
    /// Nobody answered the correction in time (期限切れ).
    Expire,
    /// Taken back by an applicant who has no page for it (IK-2.1.2a3).
    Withdraw,
}

impl No {
    const fn event(self) -> Event {
        match self {
            Self::Reject => Event::Reject,
            Self::RefuseEntry => Event::RefuseEntry,
            Self::Close => Event::Close,
            Self::Expire => Event::Expire,
            Self::Withdraw => Event::Withdraw,
        }
    }

    const fn path(self) -> &'static str {
        match self {
            Self::Reject => "reject",
            Self::RefuseEntry => "refuse",
            Self::Close => "close",
            Self::Expire => "expire",
            Self::Withdraw => "withdraw",
        }
    }

    /// Closing without a decision is for who leads: it passes by whoever approves decisions.
    const fn action(self) -> Action {
        match self {
            Self::Close => Action::CloseApplication,
            Self::Reject | Self::RefuseEntry | Self::Expire | Self::Withdraw => {
                Action::WorkOnApplication
            }
        }
    }
}

/// Whether the day of its correction is over.
pub(super) fn is_late(site: &Site, desk: &Desk) -> bool {
    let today = words::day(site.clock.now()).to_string();
    desk.row.due.as_ref().is_some_and(|due| *due < today)
}

/// Shows the form for 却下.
pub async fn reject_form(
    State(site): State<Site>,
    who: Who,
    visitor: Visitor,
    Path(id): Path<String>,
) -> PageResult {
    form(&site, &who, &visitor, &id, No::Reject).await
}

/// 却下する.
pub async fn reject(
    State(site): State<Site>,
    who: Who,
    visitor: Visitor,
    Path(id): Path<String>,
    CsrfForm(sent): CsrfForm,
) -> PageResult {
    act(&site, &who, &visitor, &id, &sent, No::Reject).await
}

/// Shows the form for 不受理.
pub async fn refuse_form(
    State(site): State<Site>,
    who: Who,
    visitor: Visitor,
    Path(id): Path<String>,
) -> PageResult {
    form(&site, &who, &visitor, &id, No::RefuseEntry).await
}

/// 不受理にする.
pub async fn refuse(
    State(site): State<Site>,
    who: Who,
    visitor: Visitor,
    Path(id): Path<String>,
    CsrfForm(sent): CsrfForm,
) -> PageResult {
    act(&site, &who, &visitor, &id, &sent, No::RefuseEntry).await
}

/// Shows the form for 職権終了.
pub async fn close_form(
    State(site): State<Site>,
    who: Who,
    visitor: Visitor,
    Path(id): Path<String>,
) -> PageResult {
    form(&site, &who, &visitor, &id, No::Close).await
}

/// 職権で終了する.
pub async fn close(
    State(site): State<Site>,
    who: Who,
    visitor: Visitor,
    Path(id): Path<String>,
    CsrfForm(sent): CsrfForm,
) -> PageResult {
    act(&site, &who, &visitor, &id, &sent, No::Close).await
}

/// Shows the form for 期限切れ.
pub async fn expire_form(
    State(site): State<Site>,
    who: Who,
    visitor: Visitor,
    Path(id): Path<String>,
) -> PageResult {
    form(&site, &who, &visitor, &id, No::Expire).await
}

/// 期限切れにする.
pub async fn expire(
    State(site): State<Site>,
    who: Who,
    visitor: Visitor,
    Path(id): Path<String>,
    CsrfForm(sent): CsrfForm,
) -> PageResult {
    act(&site, &who, &visitor, &id, &sent, No::Expire).await
}

/// 取下げを記録する; the application's own page asks for the reason.
pub async fn withdraw(
    State(site): State<Site>,
    who: Who,
    visitor: Visitor,
    Path(id): Path<String>,
    CsrfForm(sent): CsrfForm,
) -> PageResult {
    act(&site, &who, &visitor, &id, &sent, No::Withdraw).await
}

/// Who applied through the citizens' pages takes back there.
async fn open(site: &Site, who: &Who, id: &str, no: No) -> Result<Desk, Trouble> {
    let desk = desk::open(site, who, id, no.action()).await?;
    let waits = matches!(no, No::Expire) && desk.state.waits_for_applicant();
    if waits && !is_late(site, &desk) {
        let back = format!("/applications/{}", desk.row.id);
        return Err(Reply::conflict("applications.not_late").link(back).into());
    }
    if matches!(no, No::Withdraw) {
        let id = desk.row.id.clone();
        if site.store.read(move |db| entered::of(db, &id)).await?.is_none() {
            let back = format!("/applications/{}", desk.row.id);
            return Err(Reply::conflict("entry.online").link(back).into());
        }
    }
    Ok(desk)
}

async fn form(site: &Site, who: &Who, visitor: &Visitor, id: &str, no: No) -> PageResult {
    let desk = open(site, who, id, no).await?;
    desk.way(who, no.event(), "")?;
    let seen: FormData = [("seen", desk.row.version.to_string())].into_iter().collect();
    let frame = Frame::of(site, who, visitor, Place::Inbox);
    let before = before(site, &desk).await?;
    Ok(Html(page(frame, &desk, no, &seen, (Vec::new(), before))).into_response())
}

async fn act(
    site: &Site,
    who: &Who,
    visitor: &Visitor,
    id: &str,
    sent: &FormData,
    no: No,
) -> PageResult {
    let kept = |refused| keeping(refused, "applications.kept.reason", sent.text("reason"));
    let desk = open(site, who, id, no).await.map_err(kept)?;
    let mut faults = Vec::new();
    let reason = correction::reason(sent, &mut faults);
    if !faults.is_empty() {
        let frame = Frame::of(site, who, visitor, Place::Inbox);
        let before = before(site, &desk).await?;
        let page = page(frame, &desk, no, sent, (faults, before));
        return Err(Trouble::from((StatusCode::UNPROCESSABLE_ENTITY, Html(page)).into_response()));
    }
    let stopped = match desk.way(who, no.event(), &reason) {
        Ok(way) => {
            let message = site.office.status(&desk.id()?, way.end, site.clock.now(), &reason, None);
            let step = Step {
                application: desk.row.id.clone(),
                seen: desk::seen(sent),
                hops: way.hops,
                correction: None,
                documents: Vec::new(),
                messages: vec![message],
                days: site.office.days().clone(),
                needs: desk.needs(no.event()),
            };
            match desk::attempt(site, who, step, no.event().key()).await? {
                Ok(done) => return Ok(done),
                Err(stopped) => stopped,
            }
        }
        Err(_) => Stopped::NotNow,
    };
    let desk = open(site, who, id, no).await.map_err(kept)?;
    let clash = clash::of(site, &desk, (Some(no.event()), &stopped), desk::seen(sent)).await?;
    let frame = Frame::of(site, who, visitor, Place::Inbox);
    let before = before(site, &desk).await?;
    let page = page(frame, &desk, no, sent, (Vec::new(), before));
    let page = RefusePage { version: desk.row.version, clash, ..page };
    Err(Trouble::from((StatusCode::CONFLICT, Html(page)).into_response()))
}

fn page(
    frame: Frame,
    desk: &Desk,
    no: No,
    sent: &FormData,
    (faults, before): (Vec<Fault>, Before),
) -> RefusePage {
    let (heading, lead, button) = match no {
        No::Reject => (
            TEXTS.text("applications.reject.heading"),
            TEXTS.text("applications.reject.lead"),
            TEXTS.text("applications.reject.button"),
        ),
        No::RefuseEntry => (
            TEXTS.text("applications.refuse.heading"),
            TEXTS.text("applications.refuse.lead"),
            TEXTS.text("applications.refuse.button"),
        ),
        No::Close => (
            TEXTS.text("applications.close.heading"),
            TEXTS.text("applications.close.lead"),
            TEXTS.text("applications.close.button"),
        ),
        No::Expire => (
            TEXTS.text("applications.expire.heading"),
            TEXTS.text("applications.expire.lead"),
            TEXTS.text("applications.expire.button"),
        ),
        No::Withdraw => (
            TEXTS.text("applications.withdraw.heading"),
            TEXTS.text("applications.withdraw.lead"),
            TEXTS.text("applications.withdraw.button"),
        ),
    };
    RefusePage {
        frame,
        faults,
        heading,
        lead,
        button,
        path: no.path(),
        id: desk.row.id.clone(),
        number: desk.row.number.clone(),
        procedure: desk.title().to_owned(),
        applicant: show::applicant(&desk.row.applicant_name),
        version: desk::seen(sent),
        reason: sent.text("reason").to_owned(),
        before,
        clash: Clash::default(),
    }
}
