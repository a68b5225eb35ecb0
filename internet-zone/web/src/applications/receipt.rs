//! The receipt: number, time of arrival, what happens next.

use axum::extract::{Path, State};
use axum::response::IntoResponse as _;
use domain::forms::definition::CitizenEvent;
use domain::identity::Action;
use platform_store::time;
use platform_web::{Html, PageResult, QueryData, Visitor};

use super::cosigning::Signer;
use super::together::{self, Next};
use super::{access, charges, check_codes, cosigning, seats};
use crate::caller::Caller;
use crate::forms::Question;
use crate::forms::fee::Fee;
use crate::frame::Frame;
use crate::identity::register::email_question;
use crate::markdown;
use crate::places;
use crate::procedures::words;
use crate::site::Site;
use crate::terminals;
use crate::texts::TEXTS;
use crate::urls;

#[derive(askama::Template)]
#[template(path = "applications/receipt.html")]
struct Page<'a> {
    frame: Frame<'a>,
    procedure: &'a str,
    number: &'a str,
    arrived: String,
    secret: String,
    after: String,
    mailed: bool,
    /// Mails tell of every step, not of the result alone.
    each_step: bool,
    is_account: bool,
    application: String,
    /// With which anybody checks this receipt, and where.
    code: String,
    verify: String,
    qr: String,
    /// Days and times it holds: question and words.
    booked: Vec<(String, String)>,
    /// What it costs, under the name of its question.
    fees: Vec<(String, Fee)>,
    /// Who agreed to it before it was sent.
    signers: Vec<Signer>,
    /// What was begun together with it and is left to send.
    left: Vec<Next>,
    /// Asks, at a terminal, where to send it by mail.
    mail: Option<Question>,
    mail_action: String,
    mail_sent: bool,
}

/// Shows the receipt to whoever sent the application.
pub(crate) async fn get(
    caller: Caller,
    visitor: Visitor,
    State(site): State<Site>,
    Path(id): Path<String>,
    QueryData(asked): QueryData,
) -> PageResult {
    let open = access::application(&site, &caller, &id, Action::ReadApplication).await?;
    let application = &open.application;
    let secret = application.secret_sealed.as_ref();
    let secret = secret.and_then(|s| site.vault.open_text(places::secret(&id), s).ok());
    let is_account = application.owner.as_ref().is_some_and(|owner| owner.account().is_some());
    let title = TEXTS.text("applications.receipt.title");
    let by_mail = terminals::is_here() && !is_account;
    let wrong = (asked.text("mail") == "wrong").then(|| TEXTS.text("identity.email_wrong"));
    let frame = if by_mail {
        Frame::form(&site, &caller, &visitor, title)
    } else {
        Frame::plain(&site, Some(&caller), title)
    };
    let page = Page {
        frame: frame.with_errors(by_mail && wrong.is_some()).acting(open.acting.as_ref()),
        procedure: open.entry.procedure().title.ja(),
        number: &application.number,
        arrived: words::exact_time(time::from_micros(application.arrived_at)),
        secret: secret.unwrap_or_default(),
        after: markdown::html(open.entry.procedure().after.ja()),
        mailed: is_account || application.contact_sealed.is_some(),
        each_step: open.entry.procedure().notify.citizen.sends(CitizenEvent::Progress),
        is_account,
        application: urls::application(&id),
        code: check_codes::of_receipt(&site.vault, &id).to_string(),
        verify: format!("{}{}", site.city.base_url, urls::VERIFY),
        booked: seats::told(&site, &open.entry, &id).await?,
        fees: charges::told(&site, &open.entry, &id).await?,
        signers: cosigning::signers(&site.vault, &open.entry, &open.cosigners),
        left: together::left(&site, &caller, &id).await?,
        mail: by_mail.then(|| email_question("", wrong)),
        mail_action: format!("{}/mail", urls::receipt(&id)),
        mail_sent: asked.text("mail") == "sent",
        qr: format!("{}/qr.svg", urls::receipt(&id)),
    };
    Ok(Html(page).into_response())
}
