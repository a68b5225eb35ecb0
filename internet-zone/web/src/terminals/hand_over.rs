//! Leaving a terminal with what was begun: a code to scan, or a mail. The code is worked out from
//! the draft and the turn, so nothing that opens the draft is in an address at the terminal.

use axum::extract::{Path, State};
use axum::response::{IntoResponse as _, Response};
use domain::forms::definition::Words;
use http::StatusCode;
use internet_zone_store::identity::tokens::{self, Purpose};
use internet_zone_store::identity::tries;
use internet_zone_store::vault::token_hash;
use internet_zone_store::{mail, terminals};
use platform_web::fields::Problem;
use platform_web::{CsrfForm, FormData, Html, PageResult, Reply, Trouble, Visitor, see_other};
use serde::{Deserialize, Serialize};

use super::Here;
use super::end::{Why, wiped};
use crate::applications::access::{self, OpenDraft};
use crate::caller::Caller;
use crate::forms::Question;
use crate::frame::Frame;
use crate::identity::address;
use crate::identity::register::email_question;
use crate::identity::tokens::{hex, made, make};
use crate::letters::{Letter, Template};
use crate::procedures::qr;
use crate::reader;
use crate::site::Site;
use crate::texts::TEXTS;
use crate::urls;

/// Minutes a code on the screen is good for.
const MINUTES: i64 = 10;
/// Seconds after which the page with the code looks whether it was used.
const LOOK_AGAIN: i64 = 5;

/// What a code or a mailed link stands for.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Handed {
    /// The draft to go on with.
    pub(super) draft: String,
    /// Whose it is.
    pub(super) guest: String,
    /// Hash of the session at the terminal, which moves along; none when it has ended.
    pub(super) session: Option<Vec<u8>>,
}

#[derive(askama::Template)]
#[template(path = "terminals/hand_over.html")]
struct Page<'a> {
    frame: Frame<'a>,
    procedure: &'a str,
    questions: Vec<Question>,
    action: String,
    back: String,
}

impl Page<'_> {
    fn problems(&self) -> Vec<Problem> {
        self.questions.iter().flat_map(Question::problems).collect()
    }
}

#[derive(askama::Template)]
#[template(path = "terminals/code.html")]
struct CodePage<'a> {
    frame: Frame<'a>,
    procedure: &'a str,
    /// Drawn by the code maker from an address of ours.
    picture: String,
    minutes: i64,
    here: String,
    back: String,
}

/// The draft and the guest who began it. An account needs no code: it signs in.
async fn open(site: &Site, caller: &Caller, id: &str) -> Result<(OpenDraft, String), Trouble> {
    let open = access::draft(site, caller, id).await?;
    match open.draft.owner.guest().map(str::to_owned) {
        Some(guest) if open.draft.correction.is_none() => Ok((open, guest)),
        Some(_) | None => {
            Err(Reply::conflict("terminals.hand_over_account").link(urls::draft(id)).into())
        }
    }
}

fn page(
    (site, caller, visitor): (&Site, &Caller, &Visitor),
    open: &OpenDraft,
    (form, error): (&FormData, Option<&str>),
) -> Response {
    let frame = Frame::form(site, caller, visitor, TEXTS.text("terminals.hand_over.title"));
    let page = Page {
        frame: frame.with_errors(error.is_some()),
        procedure: open.entry.procedure().title.ja(),
        questions: vec![email_question(form.text("email"), error)],
        action: urls::hand_over(&open.draft.id),
        back: urls::draft(&open.draft.id),
    };
    let status = if error.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    (status, Html(page)).into_response()
}

/// Offers both ways.
pub(crate) async fn get(
    _: Here,
    caller: Caller,
    visitor: Visitor,
    State(site): State<Site>,
    Path(id): Path<String>,
) -> PageResult {
    let (open, _) = open(&site, &caller, &id).await?;
    Ok(page((&site, &caller, &visitor), &open, (&FormData::default(), None)))
}

/// Makes a code, or sends the mail and ends the visit.
pub(crate) async fn post(
    at: Here,
    caller: Caller,
    visitor: Visitor,
    State(site): State<Site>,
    Path(id): Path<String>,
    CsrfForm(form): CsrfForm,
) -> PageResult {
    let (open, guest) = open(&site, &caller, &id).await?;
    if form.text("way") == "code" {
        return show(&site, &caller, Handed { draft: id, guest, session: None }).await;
    }
    let Some(email) = address::read(form.text("email")) else {
        let error = Some(TEXTS.text("identity.email_wrong"));
        return Ok(page((&site, &caller, &visitor), &open, (&form, error)));
    };
    let title = &open.entry.title;
    let handed = Handed { draft: id.clone(), guest, session: None };
    if !send(&site, email, title, handed).await? {
        return Err(Reply::too_many("terminals.too_many").link(urls::hand_over(&id)).into());
    }
    wiped(&site, &at, &caller, Why::Mailed).await
}

async fn show(site: &Site, caller: &Caller, handed: Handed) -> PageResult {
    let (id, turn) = (handed.draft.clone(), site.new_id());
    let handed = Handed { session: caller.session_hash().map(<[u8]>::to_vec), ..handed };
    let row = made(site, &code_of(site, &id, &turn), Purpose::HandOver, (None, MINUTES), &handed);
    site.store.write(move |tx| tokens::issue(tx, &row)).await?;
    Ok(see_other(format!("{}/{turn}", urls::hand_over(&id))))
}

fn code_of(site: &Site, draft: &str, turn: &str) -> String {
    hex(&site.vault.index("hand-over", &format!("{draft} {turn}")))
}

/// Sends the link; `false` when too many mails went to the address.
async fn send(site: &Site, email: String, title: &Words, handed: Handed) -> Result<bool, Trouble> {
    let subject = site.vault.index("mail:hand-over", &address::key(&email));
    let minutes = site.limits.link_hours * 60;
    let (token, row) = make(site, Purpose::HandOver, None, minutes, &handed);
    let letter = Letter::new(email, Template::HandOver)
        .in_language(reader::lang())
        .about(title)
        .with("link", format!("{}/handover/{token}", site.city.base_url))
        .seal(&site.vault, site.new_id());
    let now = site.clock.now();
    let sent = site.store.write(move |tx| {
        if tries::charge(tx, &subject, now)?.is_err() {
            return Ok(false);
        }
        tokens::issue(tx, &row)?;
        terminals::keep(tx, &handed.guest)?;
        mail::queue(tx, &letter, row.at)?;
        Ok(true)
    });
    Ok(sent.await?)
}

/// Shows the code until it was used, then ends the visit.
pub(crate) async fn code(
    at: Here,
    caller: Caller,
    State(site): State<Site>,
    Path((id, turn)): Path<(String, String)>,
) -> PageResult {
    let code = code_of(&site, &id, &turn);
    let (hash, now) = (token_hash(&code), site.micros());
    let (used, live) = site
        .store
        .read(move |db| {
            let used = tokens::was_used(db, &hash, Purpose::HandOver)?;
            Ok((used, tokens::peek(db, &hash, Purpose::HandOver, now)?.is_some()))
        })
        .await?;
    if used {
        return wiped(&site, &at, &caller, Why::HandedOver).await;
    }
    if !live {
        return Ok(see_other(urls::hand_over(&id)));
    }
    let (open, _) = open(&site, &caller, &id).await?;
    let address = format!("{}/handover/{code}", site.city.base_url);
    let here = format!("{}/{turn}", urls::hand_over(&id));
    let frame = Frame::plain(&site, Some(&caller), TEXTS.text("terminals.code.title"));
    let page = CodePage {
        frame: frame.leading(format!("{LOOK_AGAIN};url={here}")),
        procedure: open.entry.procedure().title.ja(),
        picture: qr::picture(&address)?,
        minutes: MINUTES,
        here,
        back: urls::draft(&id),
    };
    Ok(Html(page).into_response())
}
