//! Taking an application back, after a confirmation.

use axum::extract::{Path, State};
use axum::response::{IntoResponse as _, Response};
use domain::applications::{Event, Rules, State as Stage};
use domain::forms::definition::CitizenEvent;
use domain::identity::Action;
use http::StatusCode;
use internet_zone_store::applications::withdraw::{self, Withdrawn};
use internet_zone_store::identity::{Owner, accounts};
use internet_zone_store::mail::NewLetter;
use platform_web::fields::{Field, Problem};
use platform_web::{
    CsrfForm, FormData, Html, OrFault as _, PageResult, Reply, Trouble, Visitor, see_other,
};

use super::access::{self, OpenApplication};
use super::cosigning;
use crate::caller::Caller;
use crate::frame::Frame;
use crate::identity::profile;
use crate::letters::{Letter, Template};
use crate::places;
use crate::reader;
use crate::site::Site;
use crate::texts::TEXTS;
use crate::urls;

/// Characters of the reason that are sent.
const LONGEST_REASON: usize = 500;

#[derive(askama::Template)]
#[template(path = "applications/withdraw.html")]
struct Page<'a> {
    frame: Frame<'a>,
    why: Why,
    procedure: &'a str,
    number: &'a str,
    back: String,
    reason: Field,
    problems: Vec<Problem>,
}

/// A page that asks why: what it says, and where the answer goes.
pub(super) struct Why {
    /// Its title.
    pub(super) title: &'static str,
    /// What happens then.
    pub(super) lead: &'static str,
    /// Whether it happens at once and cannot be undone; the reason may be left out then.
    pub(super) is_final: bool,
    /// Words of the button.
    pub(super) submit: &'static str,
    /// Words of the way back.
    pub(super) stay: &'static str,
    /// Where it is sent.
    pub(super) action: String,
}

impl Why {
    /// The page with what was typed, and what is wrong with it.
    pub(super) fn page(
        self,
        (site, caller, visitor): (&Site, &Caller, &Visitor),
        open: &OpenApplication,
        (typed, wrong): (&str, Option<&str>),
    ) -> Response {
        let reason = Field::new("reason", TEXTS.text("applications.ask_withdrawal.reason"));
        let reason = if self.is_final { reason.optional() } else { reason.required() };
        let reason = reason.value(typed).error(wrong);
        let page = Page {
            frame: Frame::form(site, caller, visitor, self.title).with_errors(wrong.is_some()),
            why: self,
            procedure: open.entry.procedure().title.ja(),
            number: &open.application.number,
            back: urls::application(&open.application.id),
            problems: reason.problems(),
            reason,
        };
        let status = wrong.map_or(StatusCode::OK, |_| StatusCode::UNPROCESSABLE_ENTITY);
        (status, Html(page)).into_response()
    }
}

fn why(id: &str) -> Why {
    Why {
        title: TEXTS.text("applications.withdraw.title"),
        lead: TEXTS.text("applications.withdraw.warning"),
        is_final: true,
        submit: TEXTS.text("applications.withdraw.submit"),
        stay: TEXTS.text("applications.withdraw.back"),
        action: format!("{}/withdraw", urls::application(id)),
    }
}

fn too_late(id: &str) -> Reply {
    Reply::conflict("applications.withdraw_too_late").link(urls::application(id))
}

/// The application, for who may withdraw it. Who typed a reason until the session ended gets it back to copy:
/// nothing of it was sent.
pub(super) async fn opened(
    (site, caller): (&Site, &Caller),
    id: &str,
    reason: &str,
) -> Result<OpenApplication, Trouble> {
    let open = access::application(site, caller, id, Action::WithdrawApplication).await;
    open.map_err(|gone| {
        let has_account = matches!(gone, Trouble::Page(_));
        if caller.owner().is_some() || reason.trim().is_empty() || matches!(gone, Trouble::Fault(_))
        {
            return gone;
        }
        let here = urls::application(id);
        let link = if has_account { urls::login_then(&here) } else { urls::LOOKUP.to_owned() };
        Reply::gone("applications.withdrawal_ended")
            .link(link)
            .kept("applications.withdraw.reason", reason)
            .into()
    })
}

/// The reason that was typed.
pub(super) fn typed(form: &FormData) -> String {
    form.text("reason").chars().filter(|c| !c.is_control() || *c == '\n').collect()
}

/// What is wrong with a reason that is too long: it is given back, nothing of it is cut off unseen.
pub(super) fn too_long(reason: &str) -> Option<&'static str> {
    let long = reason.chars().count() > LONGEST_REASON;
    long.then(|| TEXTS.text("applications.ask_withdrawal.too_long"))
}

/// Asks whether it is meant, and why.
pub(crate) async fn get(
    caller: Caller,
    visitor: Visitor,
    State(site): State<Site>,
    Path(id): Path<String>,
) -> PageResult {
    let open = access::application(&site, &caller, &id, Action::WithdrawApplication).await?;
    let stage = Stage::parse(&open.application.state).or_fault()?;
    let rules = Rules::from(&open.entry.procedure().workflow);
    stage.apply(Event::Withdraw, rules).map_err(|_| too_late(&id))?;
    Ok(why(&id).page((&site, &caller, &visitor), &open, ("", None)))
}

/// Withdraws (NF-34).
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
    if let Some(wrong) = too_long(&reason) {
        return Ok(why(&id).page((&site, &caller, &visitor), &open, (&reason, Some(wrong))));
    }
    if !(site.open)() {
        // Nothing is stored of a reason that was not sent: it is given back to be copied.
        return Err(Reply::unavailable("applications.withdraw_paused")
            .link(format!("{}/withdraw", urls::application(&id)))
            .retry_after(600)
            .kept("applications.withdraw.reason", &reason)
            .into());
    }
    let letter = site.post.withdrawal(site.new_id(), &id, reason).or_fault()?;
    let mails = mails(&site, &open).await?;
    let (by, wanted) = (caller.by(), id.clone());
    let done = site
        .store
        .write(move |tx| {
            let done = withdraw::withdraw(tx, &by, &wanted, rules, letter)?;
            if done == Withdrawn::Yes {
                for mail in &mails {
                    internet_zone_store::mail::queue(tx, mail, by.at)?;
                }
            }
            Ok(done)
        })
        .await?;
    match done {
        Withdrawn::Yes => {
            (site.wake)();
            Ok(see_other(format!("{}?done=withdrawn", urls::application(&id))))
        }
        Withdrawn::TooLate => Err(too_late(&id).into()),
        Withdrawn::Unknown => {
            Err(Reply::not_found("applications.unknown").link(urls::LOOKUP).into())
        }
    }
}

/// The mails that say so: to the applicant, when an address is known, and to who agreed to it (NF-29).
async fn mails(site: &Site, open: &OpenApplication) -> Result<Vec<NewLetter>, Trouble> {
    let application = &open.application;
    let own = urls::application(&application.id);
    let (email, path) = match (&application.owner, &application.contact_sealed) {
        (Some(Owner::Account(id)), _) => {
            let id = id.clone();
            let account = site.store.read(move |db| accounts::find(db, &id)).await?;
            (account.map(|account| profile::email(&site.vault, &account)), own.clone())
        }
        (_, Some(sealed)) => {
            let email = site.vault.open_text(places::contact(&application.id), sealed);
            (email.ok(), urls::LOOKUP.to_owned())
        }
        (_, None) => (None, String::new()),
    };
    let letter = |letter: Letter, path: &str| {
        letter
            .about(&open.entry.title)
            .with("number", &application.number)
            .with("link", format!("{}{path}", site.city.base_url))
            .seal(&site.vault, site.new_id())
    };
    let to_owner = email.and_then(|email| {
        let words = Letter::new(email, Template::Withdrawn).in_language(reader::lang());
        let words = words.as_set(&open.entry.mail, CitizenEvent::Withdrawn)?;
        Some(letter(words, &path))
    });
    let signers = cosigning::addresses(&site.vault, &open.cosigners).into_iter();
    let to_signers = signers.map(|to| letter(Letter::new(to, Template::CosignWithdrawn), &own));
    Ok(to_owner.into_iter().chain(to_signers).collect())
}
