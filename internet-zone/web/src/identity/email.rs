//! Another address for the own account: asked for with the password, confirmed at the new address, told
//! at the old one (NF-19). The first answer is the same whether the address has an account or not.

use axum::extract::{Path, State};
use internet_zone_store::identity::accounts::{self, Account, Readdressed};
use internet_zone_store::identity::tokens::{self, Purpose};
use internet_zone_store::mail;
use internet_zone_store::vault::token_hash;
use platform_web::fields::Field;
use platform_web::{
    CsrfForm, FormData, OrFault as _, PageResult, Reply, Trouble, Visitor, see_other,
};

use super::form_page::FormPage;
use super::register::{email_question, send, sent_page};
use super::tokens::ForAccount;
use super::{address, password, profile};
use crate::caller::{Caller, Citizen};
use crate::forms::{Question, Shape};
use crate::frame::Frame;
use crate::letters::{Letter, Template};
use crate::places;
use crate::reader;
use crate::site::Site;
use crate::texts::TEXTS;
use crate::urls;

fn page(
    site: &Site,
    who: &Citizen,
    visitor: &Visitor,
    form: &FormData,
    (email, current): (Option<&str>, Option<&str>),
) -> PageResult {
    let now = Field::new("current", TEXTS.text("identity.password.current"))
        .required()
        .kind("password")
        .autocomplete("current-password")
        .error(current);
    let page = FormPage {
        frame: Frame::form(site, &who.caller, visitor, TEXTS.text("identity.new_email.title")),
        intro: TEXTS.text("identity.new_email.intro").to_owned(),
        done: String::new(),
        action: urls::NEW_EMAIL.to_owned(),
        hidden: Vec::new(),
        questions: vec![
            email_question(form.text("email"), email),
            Question { field: now, shape: Shape::Line },
        ],
        submit: TEXTS.text("identity.new_email.send"),
        links: vec![(urls::ACCOUNT.to_owned(), TEXTS.text("identity.account.back"))],
    };
    Ok(page.answer())
}

async fn own(site: &Site, id: &str) -> Result<Account, Trouble> {
    let id = id.to_owned();
    let account = site.store.read(move |db| accounts::find(db, &id)).await?;
    account.ok_or(internet_zone_store::vault::NotOpened).or_fault()
}

/// Asks for the new address and the password.
pub(crate) async fn get(who: Citizen, visitor: Visitor, State(site): State<Site>) -> PageResult {
    page(&site, &who, &visitor, &FormData::default(), (None, None))
}

/// Sends the link to the new address.
pub(crate) async fn post(
    who: Citizen,
    visitor: Visitor,
    State(site): State<Site>,
    CsrfForm(form): CsrfForm,
) -> PageResult {
    let account = own(&site, &who.id).await?;
    let known = password::is_present(&site, &account, form.text("current")).await?;
    let current = (!known).then(|| TEXTS.text("identity.password.current_wrong"));
    let new = address::read(form.text("email"));
    let old = profile::email(&site.vault, &account);
    let wrong = match &new {
        None => Some(TEXTS.text("identity.email_wrong")),
        Some(new) if address::key(new) == address::key(&old) => {
            Some(TEXTS.text("identity.new_email.same"))
        }
        Some(_) => None,
    };
    let (Some(new), None, None) = (new, wrong, current) else {
        return page(&site, &who, &visitor, &form, (wrong, current));
    };
    let index = site.vault.index("email", &address::key(&new));
    let looked = index.clone();
    let taken = site.store.read(move |db| accounts::find_by_email(db, &looked)).await?.is_some();
    let facts = ForAccount { account: account.id.clone(), email: new.clone() };
    let minutes = site.limits.link_hours * 60;
    let id = (!taken).then(|| account.id.clone());
    let (token, row) = super::tokens::make(&site, Purpose::NewAddress, id, minutes, &facts);
    let base = &site.city.base_url;
    // Whoever has an account at that address learns that somebody tried; the link would change nothing.
    let letter = if taken {
        Letter::new(new, Template::RegisterKnown).with("link", format!("{base}{}", urls::LOGIN))
    } else {
        let link = format!("{base}{}/{token}", urls::NEW_EMAIL);
        Letter::new(new, Template::AddressProve).with("link", link)
    };
    send(&site, "new-address", index, row, letter.in_language(reader::lang())).await?;
    sent_page(&site, &who.caller, TEXTS.text("identity.new_email.title"))
}

fn link_over() -> Reply {
    Reply::gone("identity.link_over").link(urls::NEW_EMAIL)
}

/// Shows the new address once more: opening a link changes nothing yet.
pub(crate) async fn confirm_get(
    caller: Caller,
    visitor: Visitor,
    State(site): State<Site>,
    Path(token): Path<String>,
) -> PageResult {
    let facts = super::tokens::look::<ForAccount>(&site, Purpose::NewAddress, &token).await?;
    let facts = facts.ok_or_else(link_over)?;
    let intro = TEXTS.fill("identity.new_email.confirm", &[("email", &facts.email)]);
    let page = FormPage {
        frame: Frame::form(&site, &caller, &visitor, TEXTS.text("identity.new_email.change")),
        intro,
        done: String::new(),
        action: format!("{}/{token}", urls::NEW_EMAIL),
        hidden: Vec::new(),
        questions: Vec::new(),
        submit: TEXTS.text("identity.new_email.change"),
        links: Vec::new(),
    };
    Ok(page.answer())
}

/// Changes the address; the old one is told.
pub(crate) async fn confirm_post(
    caller: Caller,
    State(site): State<Site>,
    Path(token): Path<String>,
    CsrfForm(_): CsrfForm,
) -> PageResult {
    let facts = super::tokens::look::<ForAccount>(&site, Purpose::NewAddress, &token).await?;
    let facts = facts.ok_or_else(link_over)?;
    let account = own(&site, &facts.account).await?;
    let old = profile::email(&site.vault, &account);
    let letter = Letter::new(old, Template::AddressChanged).seal(&site.vault, site.new_id());
    let sealed = site.vault.seal(places::account_email(&account.id), facts.email.as_bytes());
    let index = site.vault.index("email", &address::key(&facts.email));
    let (by, spent) = (caller.by(), token_hash(&token));
    let done = site
        .store
        .write(move |tx| {
            if !tokens::spend(tx, &spent, Purpose::NewAddress, by.at)? {
                return Ok(None);
            }
            let done = accounts::change_address(tx, &by, &account.id, (&index, &sealed))?;
            if done == Readdressed::Done {
                mail::queue(tx, &letter, by.at)?;
            }
            Ok(Some(done))
        })
        .await?;
    (site.wake)();
    match done {
        Some(Readdressed::Done) => Ok(see_other(format!("{}?saved=email", urls::ACCOUNT))),
        Some(Readdressed::AddressTaken) => {
            Err(Reply::conflict("identity.new_email_taken").link(urls::NEW_EMAIL).into())
        }
        None => Err(link_over().into()),
    }
}
