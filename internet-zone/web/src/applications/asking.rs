//! 取下げの申出: behind the free time the applicant asks the office to let it be withdrawn, and may take
//! that back (NF-34).

use axum::extract::{Path, State};
use domain::applications::{Rules, State as Stage};
use domain::identity::Action;
use internet_zone_store::applications::withdrawal_requests::{self, A_DAY, Asked};
use platform_web::{CsrfForm, OrFault as _, PageResult, Reply, Trouble, Visitor, see_other};

use super::access;
use super::withdraw::{Why, opened, too_long, typed};
use crate::caller::Caller;
use crate::site::Site;
use crate::texts::TEXTS;
use crate::urls;

/// Its address.
pub(super) fn address(id: &str) -> String {
    format!("{}/ask-withdrawal", urls::application(id))
}

fn not_now(id: &str) -> Trouble {
    Reply::conflict("applications.withdrawal_not_now").link(urls::application(id)).into()
}

fn why(id: &str) -> Why {
    Why {
        title: TEXTS.text("applications.ask_withdrawal.title"),
        lead: TEXTS.text("applications.ask_withdrawal.lead"),
        is_final: false,
        submit: TEXTS.text("applications.ask_withdrawal.submit"),
        stay: TEXTS.text("applications.ask_withdrawal.back"),
        action: address(id),
    }
}

/// Asks why.
pub(crate) async fn get(
    caller: Caller,
    visitor: Visitor,
    State(site): State<Site>,
    Path(id): Path<String>,
) -> PageResult {
    let open = access::application(&site, &caller, &id, Action::WithdrawApplication).await?;
    let stage = Stage::parse(&open.application.state).or_fault()?;
    if !stage.may_ask_to_withdraw(Rules::from(&open.entry.procedure().workflow)) {
        return Err(not_now(&id));
    }
    Ok(why(&id).page((&site, &caller, &visitor), &open, ("", None)))
}

/// What is wrong with a reason.
fn wrong(reason: &str) -> Option<&'static str> {
    if reason.trim().is_empty() {
        return Some(TEXTS.text("applications.ask_withdrawal.missing"));
    }
    too_long(reason)
}

/// Sends the request.
pub(crate) async fn post(
    caller: Caller,
    visitor: Visitor,
    State(site): State<Site>,
    Path(id): Path<String>,
    CsrfForm(form): CsrfForm,
) -> PageResult {
    let reason = typed(&form);
    let open = opened((&site, &caller), &id, &reason).await?;
    let rules = Rules::from(&open.entry.procedure().workflow);
    if let Some(wrong) = wrong(&reason) {
        return Ok(why(&id).page((&site, &caller, &visitor), &open, (&reason, Some(wrong))));
    }
    still_open(&site, &id, &reason)?;
    let (request, by, wanted) = (site.new_id(), caller.by(), id.clone());
    let words = Some(reason.clone());
    let letter = site.post.withdrawal_asked(site.new_id(), (&id, &request), words).or_fault()?;
    let subject = site.vault.index("ask-withdrawal", &format!("{id} {}", site.today()));
    let asked = site
        .store
        .write(move |tx| {
            let letter = (letter, subject.as_slice());
            withdrawal_requests::ask(tx, &by, (&wanted, &request), rules, letter)
        })
        .await?;
    match asked {
        Asked::Yes => {
            (site.wake)();
            Ok(see_other(format!("{}?done=asked", urls::application(&id))))
        }
        // Pressed twice: it is asked, and the page says so.
        Asked::Already => Ok(see_other(urls::application(&id))),
        Asked::NotNow => Err(not_now(&id)),
        Asked::TooMany => Err(Reply::too_many("applications.withdrawal_often")
            .with("most", A_DAY)
            .link(urls::application(&id))
            .kept("applications.withdraw.reason", &reason)
            .into()),
        Asked::Unknown => Err(Reply::not_found("applications.unknown").link(urls::LOOKUP).into()),
    }
}

/// Takes the request back.
pub(crate) async fn back(
    caller: Caller,
    State(site): State<Site>,
    Path(id): Path<String>,
    CsrfForm(form): CsrfForm,
) -> PageResult {
    access::application(&site, &caller, &id, Action::WithdrawApplication).await?;
    still_open(&site, &id, "")?;
    let (request, by, wanted) = (form.text("request").to_owned(), caller.by(), id.clone());
    let letter = site.post.withdrawal_asked(site.new_id(), (&id, &request), None).or_fault()?;
    let ended = site
        .store
        .write(move |tx| withdrawal_requests::take_back(tx, &by, (&wanted, &request), letter))
        .await?;
    if !ended {
        return Err(Reply::conflict("applications.withdrawal_answered")
            .link(urls::application(&id))
            .into());
    }
    (site.wake)();
    Ok(see_other(format!("{}?done=not_asked", urls::application(&id))))
}

/// While nothing is accepted nothing is stored of the reason: it is given back to be copied.
fn still_open(site: &Site, id: &str, reason: &str) -> Result<(), Trouble> {
    if (site.open)() {
        return Ok(());
    }
    let paused = Reply::unavailable("applications.withdraw_paused")
        .link(urls::application(id))
        .retry_after(600);
    Err(if reason.is_empty() {
        paused.into()
    } else {
        paused.kept("applications.withdraw.reason", reason).into()
    })
}
