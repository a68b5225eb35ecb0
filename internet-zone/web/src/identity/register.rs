//! Registration in two steps: prove the address by mail, then choose a password.
//! The first answer is the same whether the address has an account or not (A3).

use axum::extract::{Path, State};
use internet_zone_store::identity::accounts::{self, NewAccount, Registered};
use internet_zone_store::identity::tokens::{self, Purpose};
use internet_zone_store::identity::{Owner, consents, sessions};
use internet_zone_store::mail;
use internet_zone_store::vault::token_hash;
use platform_web::fields::Field;
use platform_web::html::is_own_path;
use platform_web::{CsrfForm, FormData, PageResult, QueryData, Reply, Visitor, see_other};

use super::form_page::FormPage;
use super::profile::Profile;
use super::tokens::Proven;
use super::{address, password, terms};
use crate::caller::{Caller, fresh_session};
use crate::forms::{Question, Shape};
use crate::frame::Frame;
use crate::letters::{Letter, Template};
use crate::places;
use crate::reader;
use crate::site::Site;
use crate::texts::TEXTS;
use crate::urls;

/// Where to go on afterwards: an own path, else the own page.
pub(super) fn next_of(form: &FormData) -> String {
    let next = form.text("next");
    if is_own_path(next) { next.to_owned() } else { urls::MY_PAGE.to_owned() }
}

/// The question for the address.
pub(crate) fn email_question(value: &str, error: Option<&str>) -> Question {
    let field = Field::new("email", TEXTS.text("identity.email"))
        .required()
        .hint(TEXTS.text("identity.email_hint"))
        .value(value)
        .kind("email")
        .inputmode("email")
        .autocomplete("email")
        .error(error);
    Question { field, shape: Shape::Line }
}

fn first_page(
    site: &Site,
    caller: &Caller,
    visitor: &Visitor,
    form: &FormData,
    error: Option<&str>,
) -> PageResult {
    let page = FormPage {
        frame: Frame::form(site, caller, visitor, TEXTS.text("identity.register.title")),
        intro: TEXTS.text("identity.register.intro").to_owned(),
        done: String::new(),
        action: urls::REGISTER.to_owned(),
        hidden: vec![("next", next_of(form))],
        questions: vec![email_question(form.text("email"), error)],
        submit: TEXTS.text("identity.register.send"),
        links: vec![(
            urls::login_then(&next_of(form)),
            TEXTS.text("identity.register.have_account"),
        )],
    };
    Ok(page.answer())
}

/// Asks for the address.
pub(crate) async fn get(
    caller: Caller,
    visitor: Visitor,
    State(site): State<Site>,
    QueryData(form): QueryData,
) -> PageResult {
    first_page(&site, &caller, &visitor, &form, None)
}

/// Sends the link, or the news that there is an account, to the owner of the address.
pub(crate) async fn post(
    caller: Caller,
    visitor: Visitor,
    State(site): State<Site>,
    CsrfForm(form): CsrfForm,
) -> PageResult {
    let Some(email) = address::read(form.text("email")) else {
        return first_page(
            &site,
            &caller,
            &visitor,
            &form,
            Some(TEXTS.text("identity.email_wrong")),
        );
    };
    let index = site.vault.index("email", &address::key(&email));
    let looked = index.clone();
    let known = site.store.read(move |db| accounts::find_by_email(db, &looked)).await?.is_some();
    let proven = Proven::of(&email, &next_of(&form));
    let (token, row) =
        super::tokens::make(&site, Purpose::Register, None, site.limits.link_hours * 60, &proven);
    let base = &site.city.base_url;
    let letter = if known {
        Letter::new(email, Template::RegisterKnown)
            .in_language(reader::lang())
            .with("link", format!("{base}{}", urls::LOGIN))
    } else {
        Letter::new(email, Template::Register)
            .in_language(reader::lang())
            .with("link", format!("{base}{}/{token}", urls::REGISTER))
    };
    send(&site, "register", index, row, letter).await?;
    sent_page(&site, &caller, TEXTS.text("identity.register.title"))
}

/// Stores a link and queues its mail, unless the address got many of late; whether it did. The page
/// of somebody who proved nothing yet tells nothing of that either.
pub(crate) async fn send(
    site: &Site,
    what: &str,
    index: Vec<u8>,
    row: tokens::NewToken,
    letter: Letter,
) -> Result<bool, platform_web::Trouble> {
    let subject = site.vault.index(&format!("mail:{what}"), &hex(&index));
    let queued = letter.seal(&site.vault, site.new_id());
    let now = site.clock.now();
    let sent = site
        .store
        .write(move |tx| {
            if internet_zone_store::identity::tries::charge(tx, &subject, now)?.is_err() {
                return Ok(false);
            }
            let at = row.at;
            tokens::issue(tx, &row)?;
            mail::queue(tx, &queued, at)?;
            Ok(true)
        })
        .await?;
    (site.wake)();
    Ok(sent)
}

/// Where an address has nothing a mail could lead to: nothing is sent, and the work is the same.
pub(crate) async fn send_nothing(
    site: &Site,
    what: &str,
    email: &str,
) -> Result<(), platform_web::Trouble> {
    let subject = site.vault.index(&format!("mail:{what}:nobody"), &address::key(email));
    let now = site.clock.now();
    let charged =
        site.store.write(move |tx| internet_zone_store::identity::tries::charge(tx, &subject, now));
    // Whether there were too many makes no difference either.
    charged.await?.ok();
    Ok(())
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[derive(askama::Template)]
#[template(path = "identity/sent.html")]
struct SentPage<'a> {
    frame: Frame<'a>,
    what: String,
}

/// Says that a mail is on its way.
pub(crate) fn sent_page(site: &Site, caller: &Caller, title: &str) -> PageResult {
    let what = TEXTS.fill("identity.sent.what", &[("hours", &site.limits.link_hours)]);
    sent_as(site, caller, title, what)
}

/// The same in other words: where only some addresses get a mail, who waits for one learns that.
pub(crate) fn sent_as(site: &Site, caller: &Caller, title: &str, what: String) -> PageResult {
    use axum::response::IntoResponse as _;
    let frame = Frame::plain(site, Some(caller), title);
    Ok(platform_web::Html(SentPage { frame, what }).into_response())
}

fn link_over() -> Reply {
    Reply::gone("identity.link_over").link(urls::REGISTER)
}

#[derive(Default)]
struct Wrong<'a> {
    name: bool,
    agree: bool,
    password: Option<&'a str>,
}

fn second_page(
    (site, caller, visitor): (&Site, &Caller, &Visitor),
    token: &str,
    proven: &Proven,
    form: &FormData,
    wrong: &Wrong<'_>,
) -> PageResult {
    let profile = Profile::read(form);
    let page = FormPage {
        frame: Frame::form(site, caller, visitor, TEXTS.text("identity.register.second_title")),
        intro: TEXTS.fill("identity.register.second_intro", &[("email", &proven.email)]),
        done: String::new(),
        action: format!("{}/{token}", urls::REGISTER),
        hidden: Vec::new(),
        questions: vec![
            profile.name_question(wrong.name),
            password::new_question(wrong.password),
            terms::question(form.has(terms::INPUT), wrong.agree),
        ],
        submit: TEXTS.text("identity.register.done"),
        links: Vec::new(),
    };
    Ok(page.answer())
}

/// Asks for name and password once the address is proven.
pub(crate) async fn confirm_get(
    caller: Caller,
    visitor: Visitor,
    State(site): State<Site>,
    Path(token): Path<String>,
) -> PageResult {
    let proven = super::tokens::look::<Proven>(&site, Purpose::Register, &token).await?;
    let proven = proven.ok_or_else(link_over)?;
    let empty = FormData::default();
    second_page((&site, &caller, &visitor), &token, &proven, &empty, &Wrong::default())
}

/// Registers and signs in (NF-17, NF-18, NF-62).
pub(crate) async fn confirm_post(
    caller: Caller,
    visitor: Visitor,
    State(site): State<Site>,
    Path(token): Path<String>,
    CsrfForm(form): CsrfForm,
) -> PageResult {
    let proven = super::tokens::look::<Proven>(&site, Purpose::Register, &token).await?;
    let proven = proven.ok_or_else(link_over)?;
    let profile = Profile::read(&form);
    let fault = password::fault(form.text("password"), &[&proven.email, &profile.display_name()]);
    let wrong = Wrong {
        name: profile.family.is_empty() || profile.given.is_empty(),
        agree: form.text(terms::INPUT) != "yes",
        password: fault.as_deref(),
    };
    if wrong.name || wrong.agree || wrong.password.is_some() {
        return second_page((&site, &caller, &visitor), &token, &proven, &form, &wrong);
    }
    let id = site.new_id();
    let password_hash = site.passwords.hash(password::canonical(form.text("password"))).await?;
    let account = NewAccount {
        email_index: site.vault.index("email", &address::key(&proven.email)),
        email_sealed: site.vault.seal(places::account_email(&id), proven.email.as_bytes()),
        profile_sealed: profile.seal(&site.vault, &id),
        password_hash,
        id: id.clone(),
    };
    let owner = Owner::Account(id.clone());
    let fresh = fresh_session(&site, owner.clone());
    let letter = Letter::new(proven.email, Template::Registered)
        .in_language(reader::lang())
        .seal(&site.vault, site.new_id());
    let by = internet_zone_store::By { actor: owner.name(), ..caller.by() };
    let (hash, agreement) = (token_hash(&token), terms::agreement(&site));
    let (new, old) = (fresh.session, caller.session_hash().map(<[u8]>::to_vec));
    let along = urls::draft_in(&proven.next).map(str::to_owned);
    let done = site
        .store
        .write(move |tx| {
            if !tokens::spend(tx, &hash, Purpose::Register, by.at)? {
                return Ok(false);
            }
            if accounts::register(tx, &by, &account)? == Registered::AddressTaken {
                return Ok(false);
            }
            consents::agree(tx, &by, &owner, &agreement)?;
            sessions::open(tx, &by, &new, old.as_deref(), along.as_deref())?;
            mail::queue(tx, &letter, by.at)?;
            Ok(true)
        })
        .await?;
    if !done {
        return Err(link_over().into());
    }
    (site.wake)();
    let mut answer = see_other(&proven.next);
    fresh.cookie.set_on(&mut answer);
    Ok(answer)
}
