//! 却下, 不受理, 職権終了, 期限切れ, and 取下げ of what staff entered: each ends the application with a reason; and
//! 再開, which takes it up again with one (NF-34). One file an act; what they share is here.

pub mod close;
pub mod entry;
pub mod expire;
mod no;
mod notice;
pub mod reject;
pub mod reopen;
pub mod withdraw;

use axum::response::IntoResponse as _;
use domain::ids::DocumentId;
use http::StatusCode;
use lgwan_zone_store::applications::steps::Step;
use lgwan_zone_store::templates::{self, Template};
use platform_web::download::inline;
use platform_web::{FormData, Html, OrFault as _, PageResult, Trouble, Visitor};

use self::no::No;
pub(crate) use self::notice::by_itself;
use super::before::{Before, before};
use super::clash::{self, Clash, Stopped, keeping};
use super::desk::{self, Desk};
use super::{correction, files, result, show};
use crate::frame::{Choice, Fault, Frame, Place};
use crate::guard::Who;
use crate::site::{Site, TEXTS};

#[derive(askama::Template)]
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
    /// Texts of refusals, where the step tells one; the first entry is none, where none is needed.
    notices: Vec<Choice>,
    /// Whether there are any.
    has_notices: bool,
    /// Whether the procedure refuses nobody without one.
    required: bool,
    /// Whether a notice can go with the step at all.
    refuses: bool,
    document_number: String,
    clash: Clash,
}

/// What the page shows beside the form.
struct Known {
    before: Before,
    notices: Vec<Template>,
}

async fn known(site: &Site, desk: &Desk, no: No) -> Result<Known, Trouble> {
    let notices = if no.event().is_refusal() { offered(site, desk).await? } else { Vec::new() };
    let before = match no {
        // A fee that was not paid stands in the way of a yes alone.
        No::Reject | No::RefuseEntry | No::Close | No::Expire | No::Withdraw => {
            Before { unpaid: false, ..before(site, desk).await? }
        }
        // What decisions wait for is no matter of taking it up again.
        No::Reopen => Before::default(),
    };
    Ok(Known { before, notices })
}

/// The texts of refusals for this application; the first one goes along unless somebody says otherwise.
async fn offered(site: &Site, desk: &Desk) -> Result<Vec<Template>, Trouble> {
    let (department, procedure) = (desk.row.department_id.clone(), desk.row.procedure_id.clone());
    Ok(site.store.read(move |db| templates::refusals(db, &department, &procedure)).await?)
}

async fn open(site: &Site, who: &Who, id: &str, no: No) -> Result<Desk, Trouble> {
    let desk = desk::open(site, who, id, no.action()).await?;
    match no {
        No::Expire => expire::may(site, &desk)?,
        No::Withdraw => withdraw::may(site, &desk).await?,
        No::Reject | No::RefuseEntry | No::Close | No::Reopen => {}
    }
    Ok(desk)
}

async fn form(site: &Site, who: &Who, visitor: &Visitor, id: &str, no: No) -> PageResult {
    let desk = open(site, who, id, no).await?;
    desk.way(who, no.event(), "")?;
    let frame = Frame::of(site, who, visitor, Place::Inbox);
    let known = known(site, &desk, no).await?;
    // A refusal has its notice unless somebody says otherwise.
    let first = known.notices.first().map(|one| one.id.clone()).unwrap_or_default();
    let seen: FormData =
        [("seen", desk.row.version.to_string()), ("notice", first)].into_iter().collect();
    Ok(Html(page(frame, &desk, no, &seen, (Vec::new(), known))).into_response())
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
    let around = known(site, &desk, no).await?;
    let looks = sent.text("do") == "preview";
    let document = DocumentId::parse(&site.new_id()).or_fault()?;
    // What is only looked at carries neither signature nor code: nobody has decided it yet.
    let document = Some(&document).filter(|_| !looks);
    let issued = if faults.is_empty() {
        let said = (&around, sent, &*reason);
        let made = notice::noticed(site, who, (&desk, no), said, document, &mut faults).await;
        made.map_err(kept)?
    } else {
        None
    };
    if looks && issued.is_none() && faults.is_empty() {
        faults.push(Fault::of("notice", "applications.refusal.gone"));
    }
    if !faults.is_empty() {
        let frame = Frame::of(site, who, visitor, Place::Inbox);
        let page = page(frame, &desk, no, sent, (faults, around));
        return Err(Trouble::from((StatusCode::UNPROCESSABLE_ENTITY, Html(page)).into_response()));
    }
    if let Some(issued) = issued.as_ref().filter(|_| looks) {
        let bytes = issued.bytes.clone();
        return Ok(files::private(inline(&issued.name, "application/pdf", bytes)));
    }
    let seen = desk::seen(sent);
    let stopped = match desk.way(who, no.event(), &reason) {
        // No file is stored for a step that cannot be taken.
        Ok(_) if issued.is_some() && seen != desk.row.version => Stopped::Overtaken(desk.state),
        Ok(way) => {
            let done = if matches!(no, No::Reopen) {
                reopen::taken(site, who, &desk, way, (seen, &reason)).await?
            } else {
                let step =
                    result::planned(site, &desk, way, (&who.id, seen), &reason, issued).await?;
                let step = Step { needs: desk.needs(no.event()), ..step };
                desk::attempt(site, who, step, no.event().key()).await?
            };
            match done {
                Ok(done) => return Ok(done),
                Err(stopped) => stopped,
            }
        }
        Err(_) => Stopped::NotNow,
    };
    let desk = open(site, who, id, no).await.map_err(kept)?;
    let clash = clash::of(site, &desk, (Some(no.event()), &stopped), desk::seen(sent)).await?;
    let frame = Frame::of(site, who, visitor, Place::Inbox);
    let around = known(site, &desk, no).await?;
    let page = page(frame, &desk, no, sent, (Vec::new(), around));
    let page = RefusePage { version: desk.row.version, clash, ..page };
    Err(Trouble::from((StatusCode::CONFLICT, Html(page)).into_response()))
}

fn page(
    frame: Frame,
    desk: &Desk,
    no: No,
    sent: &FormData,
    (faults, known): (Vec<Fault>, Known),
) -> RefusePage {
    let (heading, lead, button) = no.words();
    let required = desk.form.procedure().workflow.wants_notice(no.event());
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
        has_notices: !known.notices.is_empty(),
        required,
        notices: Some(("", TEXTS.text("applications.refusal.no_notice")))
            .filter(|_| !required)
            .into_iter()
            .chain(known.notices.iter().map(|one| (one.id.as_str(), one.name.as_str())))
            .map(|(id, name)| Choice::new(id, name, id == sent.text("notice")))
            .collect(),
        refuses: no.event().is_refusal(),
        document_number: sent.text("document_number").to_owned(),
        before: known.before,
        clash: Clash::default(),
    }
}
