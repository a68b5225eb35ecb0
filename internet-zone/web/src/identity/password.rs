//! Choosing a password.

use axum::extract::State;
use domain::identity::{PasswordFault, PasswordKind, canonical_password, check_password};
use internet_zone_store::identity::accounts::{self, Account};
use internet_zone_store::identity::tries;
use internet_zone_store::mail;
use platform_web::fields::Field;
use platform_web::passwords::Verdict;
use platform_web::{CsrfForm, OrFault as _, PageResult, Trouble, Visitor, see_other};

use super::form_page::FormPage;
use super::login::charge;
use super::profile;
use crate::caller::Citizen;
use crate::forms::{Question, Shape};
use crate::frame::Frame;
use crate::letters::{Letter, Template};
use crate::reader;
use crate::site::Site;
use crate::texts::TEXTS;
use crate::urls;

/// The form of a password that is hashed.
pub(super) fn canonical(password: &str) -> String {
    canonical_password(password)
}

/// Whether the present password of an account was typed. Guesses are slowed down: a session may have
/// been left open on a device of somebody else.
pub(super) async fn is_present(
    site: &Site,
    account: &Account,
    typed: &str,
) -> Result<bool, Trouble> {
    let subject = site.vault.index("present-password", &account.id);
    charge(site, &subject).await?;
    let stored = Some(account.password_hash.clone());
    if site.passwords.verify(canonical(typed), stored).await? == Verdict::Wrong {
        return Ok(false);
    }
    site.store.write(move |tx| tries::forgive(tx, &subject)).await?;
    Ok(true)
}

/// What is wrong with a new password, in words.
pub(super) fn fault(password: &str, context: &[&str]) -> Option<String> {
    if password.is_empty() {
        return Some(TEXTS.text("identity.password.missing").to_owned());
    }
    let fault = check_password(password, PasswordKind::Citizen, context).err()?;
    Some(match fault {
        PasswordFault::TooShort { min } => {
            TEXTS.fill("identity.password.too_short", &[("min", &min)])
        }
        PasswordFault::TooLong { max } => {
            TEXTS.fill("identity.password.too_long", &[("max", &max)])
        }
        PasswordFault::Common => TEXTS.text("identity.password.common").to_owned(),
    })
}

/// The question for a new password.
pub(super) fn new_question(error: Option<&str>) -> Question {
    let field = Field::new("password", TEXTS.text("identity.password.new"))
        .required()
        .hint(TEXTS.text("identity.password.hint"))
        .kind("password")
        .autocomplete("new-password")
        .error(error);
    Question { field, shape: Shape::Line }
}

fn page(
    site: &Site,
    who: &Citizen,
    visitor: &Visitor,
    current: Option<&str>,
    new: Option<&str>,
) -> PageResult {
    let now = Field::new("current", TEXTS.text("identity.password.current"))
        .required()
        .kind("password")
        .autocomplete("current-password")
        .error(current);
    let page = FormPage {
        frame: Frame::form(site, &who.caller, visitor, TEXTS.text("identity.password.title")),
        intro: TEXTS.text("identity.password.intro").to_owned(),
        done: String::new(),
        action: "/account/password".to_owned(),
        hidden: Vec::new(),
        questions: vec![Question { field: now, shape: Shape::Line }, new_question(new)],
        submit: TEXTS.text("identity.password.change"),
        links: vec![(urls::ACCOUNT.to_owned(), TEXTS.text("identity.account.back"))],
    };
    Ok(page.answer())
}

/// Asks for the present and the new password.
pub(crate) async fn get(who: Citizen, visitor: Visitor, State(site): State<Site>) -> PageResult {
    page(&site, &who, &visitor, None, None)
}

/// Changes the password; every other session of the account ends.
pub(crate) async fn post(
    who: Citizen,
    visitor: Visitor,
    State(site): State<Site>,
    CsrfForm(form): CsrfForm,
) -> PageResult {
    let id = who.id.clone();
    let account = site.store.read(move |db| accounts::find(db, &id)).await?;
    let account = account.ok_or(internet_zone_store::vault::NotOpened).or_fault()?;
    let email = profile::email(&site.vault, &account);
    if !is_present(&site, &account, form.text("current")).await? {
        let wrong = TEXTS.text("identity.password.current_wrong");
        return page(&site, &who, &visitor, Some(wrong), None);
    }
    if let Some(fault) = fault(form.text("password"), &[&email]) {
        return page(&site, &who, &visitor, None, Some(&fault));
    }
    let hash = site.passwords.hash(canonical(form.text("password"))).await?;
    let letter = Letter::new(email, Template::PasswordChanged)
        .in_language(reader::lang())
        .seal(&site.vault, site.new_id());
    let (by, session, id) = (who.caller.by(), who.session.id_hash, who.id);
    site.store
        .write(move |tx| {
            accounts::change_password(tx, &by, &id, &hash, Some(&session))?;
            mail::queue(tx, &letter, by.at)
        })
        .await?;
    (site.wake)();
    Ok(see_other(format!("{}?saved=password", urls::ACCOUNT)))
}
