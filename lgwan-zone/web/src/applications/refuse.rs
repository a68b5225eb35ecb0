//! 却下, 不受理, 職権終了, 期限切れ, and 取下げ of what staff entered: each ends the application with a reason; and
//! 再開, which takes it up again with one (NF-34).

use axum::extract::{Path, State};
use axum::response::IntoResponse as _;
use domain::applications::{Channel, Event};
use domain::identity::Action;
use domain::ids::DocumentId;
use http::StatusCode;
use lgwan_zone_store::applications::countdown;
use lgwan_zone_store::applications::entered;
use lgwan_zone_store::applications::steps::Step;
use lgwan_zone_store::templates::Template;
use platform_web::download::inline;
use platform_web::{CsrfForm, FormData, Html, OrFault as _, PageResult, Reply, Trouble, Visitor};

use super::before::{Before, before};
use super::clash::{self, Clash, Stopped, keeping};
use super::desk::{self, Desk};
use super::result::{self, Issued};
use super::{correction, files, show};
use crate::frame::{Choice, Fault, Frame, Place};
use crate::guard::Who;
use crate::paper::Unprintable;
use crate::press::{self, Draft, Press};
use crate::site::{Site, TEXTS};
use crate::words;

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
    /// Texts of refusals, where the step tells one; the first entry is none.
    notices: Vec<Choice>,
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
    let notices = if no.refuses() { result::offered(site, desk, true).await? } else { Vec::new() };
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
    /// Not over after all: back to a desk (再開).
    Reopen,
}

impl No {
    const fn event(self) -> Event {
        match self {
            Self::Reject => Event::Reject,
            Self::RefuseEntry => Event::RefuseEntry,
            Self::Close => Event::Close,
            Self::Expire => Event::Expire,
            Self::Withdraw => Event::Withdraw,
            Self::Reopen => Event::Reopen,
        }
    }

    const fn path(self) -> &'static str {
        match self {
            Self::Reject => "reject",
            Self::RefuseEntry => "refuse",
            Self::Close => "close",
            Self::Expire => "expire",
            Self::Withdraw => "withdraw",
            Self::Reopen => "reopen",
        }
    }

    /// Whether it is a decision against the applicant, to which a notice with reasons and 教示 belongs.
    const fn refuses(self) -> bool {
        match self {
            Self::Reject | Self::RefuseEntry => true,
            Self::Close | Self::Expire | Self::Withdraw | Self::Reopen => false,
        }
    }

    /// Closing without a decision and reopening are for who leads: they pass by whoever approves decisions.
    const fn action(self) -> Action {
        match self {
            Self::Close => Action::CloseApplication,
            Self::Reopen => Action::ReopenApplication,
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

/// Shows the form for 再開.
pub async fn reopen_form(
    State(site): State<Site>,
    who: Who,
    visitor: Visitor,
    Path(id): Path<String>,
) -> PageResult {
    form(&site, &who, &visitor, &id, No::Reopen).await
}

/// 再開する.
pub async fn reopen(
    State(site): State<Site>,
    who: Who,
    visitor: Visitor,
    Path(id): Path<String>,
    CsrfForm(sent): CsrfForm,
) -> PageResult {
    act(&site, &who, &visitor, &id, &sent, No::Reopen).await
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
        let refused = match site.store.read(move |db| entered::of(db, &id)).await? {
            None => Some("entry.online"),
            Some(one) if one.channel() == Channel::Staff => Some("entry.internal"),
            Some(_) => None,
        };
        if let Some(key) = refused {
            let back = format!("/applications/{}", desk.row.id);
            return Err(Reply::conflict(key).link(back).into());
        }
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
        noticed(site, who, &desk, (&around, sent, &reason), document, &mut faults).await?
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
                let (now, days) = (site.clock.now(), site.office.days());
                let anew = countdown::begun(&desk.form.procedure().workflow, way.end, now, days);
                let expected = anew.told(way.end);
                let message = site.office.status(&desk.id()?, way.end, now, &reason, expected);
                let step = Step {
                    application: desk.row.id.clone(),
                    seen,
                    hops: way.hops,
                    correction: None,
                    documents: Vec::new(),
                    messages: vec![message],
                    days: days.clone(),
                    needs: desk.needs(no.event()),
                    paid: false,
                };
                desk::reopen(site, who, step, anew).await?
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

/// The notice that goes with a refusal, printed, and signed when it becomes this document; `None` when
/// none was chosen.
async fn noticed<'a>(
    site: &Site,
    who: &Who,
    desk: &Desk,
    (known, sent, reason): (&Known, &'a FormData, &str),
    document: Option<&DocumentId>,
    faults: &mut Vec<Fault>,
) -> Result<Option<Issued<'a>>, Trouble> {
    let wanted = sent.text("notice");
    if wanted.is_empty() {
        return Ok(None);
    }
    who.may_with(Action::IssueDocument, &desk.row)?;
    let number = sent.text("document_number").trim();
    if number.chars().count() > result::LONGEST_LINE {
        faults.push(Fault::of("document_number", "applications.fault.too_long"));
    }
    let template = known.notices.iter().find(|one| one.id == wanted);
    let (Some(template), Some(remedies)) = (template, &site.settings.remedies) else {
        faults.push(Fault::of("notice", "applications.refusal.gone"));
        return Ok(None);
    };
    let remedy = remedies.of(&result::department(site, desk).await?);
    let (answers, now) = (desk.answers(site).await?, site.clock.now());
    let of = (&*desk.form, &answers, &desk.row);
    let sender = (site.settings.sender.as_str(), now);
    let draft = match press::refused(&template.words(), of, sender, (reason, remedy)) {
        Ok(draft) => Draft { number: number.to_owned(), ..draft },
        Err(bad) => {
            faults.push(Fault::said("notice", result::told(&template.name, &bad)));
            return Ok(None);
        }
    };
    let (name, title) = (draft.file_name(), draft.title.clone());
    let check = result::check(site, desk, document).await?;
    let press = Press::of(site);
    let printed = tokio::task::spawn_blocking(move || press.print(&draft, words::day(now), check));
    let printed = match printed.await.or_fault()? {
        Ok(printed) => printed,
        Err(Unprintable::Missing(chars)) => {
            let words = TEXTS.fill("applications.fault.glyph", &[("chars", &chars)]);
            faults.push(Fault::said("reason", words));
            return Ok(None);
        }
        Err(Unprintable::Broken) => {
            return Err(platform_web::Fault::because("a notice could not be printed").into());
        }
    };
    let Some(document) = document else {
        let (id, bytes) = (String::new(), printed.into_bytes());
        return Ok(Some(Issued { id, title, number, name, bytes, signed_by: None }));
    };
    let mut unsigned = Vec::new();
    let signed = result::signed(site, desk, printed, &mut unsigned).await?;
    faults.extend(unsigned.into_iter().map(|fault| Fault::said("notice", fault.words)));
    Ok(signed.map(|(bytes, signed_by)| Issued {
        id: document.to_string(),
        title,
        number,
        name,
        bytes,
        signed_by,
    }))
}

fn page(
    frame: Frame,
    desk: &Desk,
    no: No,
    sent: &FormData,
    (faults, known): (Vec<Fault>, Known),
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
        No::Reopen => (
            TEXTS.text("applications.reopen.heading"),
            TEXTS.text("applications.reopen.lead"),
            TEXTS.text("applications.reopen.button"),
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
        notices: std::iter::once(("", TEXTS.text("applications.refusal.no_notice")))
            .chain(known.notices.iter().map(|one| (one.id.as_str(), one.name.as_str())))
            .map(|(id, name)| Choice::new(id, name, id == sent.text("notice")))
            .collect(),
        refuses: no.refuses(),
        document_number: sent.text("document_number").to_owned(),
        before: known.before,
        clash: Clash::default(),
    }
}
