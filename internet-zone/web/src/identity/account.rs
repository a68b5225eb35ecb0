//! The own account: what forms are filled from.

use axum::extract::State;
use internet_zone_store::identity::accounts::{self, Account};
use internet_zone_store::mail;
use platform_web::{CsrfForm, OrFault as _, PageResult, QueryData, Trouble, Visitor, see_other};

use super::form_page::FormPage;
use super::profile::{self, Profile};
use crate::caller::Citizen;
use crate::frame::Frame;
use crate::letters::{Letter, Template};
use crate::procedures::words;
use crate::reader;
use crate::site::Site;
use crate::texts::TEXTS;
use crate::urls;

fn page(
    site: &Site,
    who: &Citizen,
    visitor: &Visitor,
    said: (String, &str),
    of: &Profile,
    (missing, wrong_birth): (bool, bool),
) -> PageResult {
    let mut questions = vec![of.name_question(missing)];
    questions.extend(of.person_questions(wrong_birth));
    questions.extend(of.contact_questions());
    let page = FormPage {
        frame: Frame::form(site, &who.caller, visitor, TEXTS.text("identity.account.title")),
        intro: said.0,
        done: said.1.to_owned(),
        action: urls::ACCOUNT.to_owned(),
        hidden: Vec::new(),
        questions,
        submit: TEXTS.text("identity.account.save"),
        links: vec![
            (urls::NEW_EMAIL.to_owned(), TEXTS.text("identity.new_email.title")),
            ("/account/password".to_owned(), TEXTS.text("identity.account.password")),
            (urls::NEWS.to_owned(), TEXTS.text("identity.news.title")),
            (urls::DELEGATES.to_owned(), TEXTS.text("identity.delegates.title")),
            (format!("{}?mine=yes", urls::PROCEDURES), TEXTS.text("procedures.more.own_link")),
            (urls::CLOSE_ACCOUNT.to_owned(), TEXTS.text("identity.close.title")),
            (urls::MY_PAGE.to_owned(), TEXTS.text("identity.account.my_page")),
        ],
    };
    Ok(page.answer())
}

async fn own(site: &Site, who: &Citizen) -> Result<Account, Trouble> {
    let id = who.id.clone();
    let account = site.store.read(move |db| accounts::find(db, &id)).await?;
    account.ok_or(internet_zone_store::vault::NotOpened).or_fault()
}

async fn intro(site: &Site, who: &Citizen) -> Result<(String, Profile), Trouble> {
    let account = own(site, who).await?;
    let email = profile::email(&site.vault, &account);
    let last = account.last_login_at.map(words::micros).unwrap_or_default();
    let said = TEXTS.fill("identity.account.intro", &[("email", &email), ("last", &last)]);
    Ok((said, Profile::open(&site.vault, &account)?))
}

/// Shows the account.
pub(crate) async fn get(
    who: Citizen,
    visitor: Visitor,
    State(site): State<Site>,
    QueryData(asked): QueryData,
) -> PageResult {
    let done = match asked.text("saved") {
        "password" => TEXTS.text("identity.password.changed"),
        "email" => TEXTS.text("identity.new_email.changed"),
        "profile" => TEXTS.text("identity.account.saved"),
        _ => "",
    };
    let (said, profile) = intro(&site, &who).await?;
    page(&site, &who, &visitor, (said, done), &profile, (false, false))
}

/// Saves name, day of birth, sex, address and telephone (NF-57); who changed something is told by
/// mail, what it is stays out of it (NF-19).
pub(crate) async fn post(
    who: Citizen,
    visitor: Visitor,
    State(site): State<Site>,
    CsrfForm(form): CsrfForm,
) -> PageResult {
    let profile = Profile::read(&form);
    let missing = profile.family.is_empty() || profile.given.is_empty();
    let wrong_birth = profile.wrong_birth(site.today());
    if missing || wrong_birth {
        let (said, _) = intro(&site, &who).await?;
        let wrong = (missing, wrong_birth);
        return page(&site, &who, &visitor, (said, ""), &profile, wrong);
    }
    let saved = see_other(format!("{}?saved=profile", urls::ACCOUNT));
    let account = own(&site, &who).await?;
    if Profile::open(&site.vault, &account)? == profile {
        return Ok(saved);
    }
    let letter = Letter::new(profile::email(&site.vault, &account), Template::ProfileChanged)
        .in_language(reader::lang())
        .seal(&site.vault, site.new_id());
    let (by, id) = (who.caller.by(), who.id.clone());
    let sealed = profile.seal(&site.vault, &id);
    site.store
        .write(move |tx| {
            accounts::save_profile(tx, &by, &id, &sealed)?;
            mail::queue(tx, &letter, by.at)
        })
        .await?;
    (site.wake)();
    Ok(saved)
}
