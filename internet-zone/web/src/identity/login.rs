//! Signing in. Every try is charged before the password is looked at; unknown
//! addresses are charged and compared like known ones (A3, A4).

use axum::extract::State;
use internet_zone_store::By;
use internet_zone_store::identity::{Owner, accounts, sessions, tries};
use platform_web::fields::Field;
use platform_web::passwords::Verdict;
use platform_web::{CsrfForm, FormData, PageResult, QueryData, Reply, Visitor, see_other};

use super::form_page::FormPage;
use super::register::{email_question, next_of};
use super::{address, password};
use crate::applications::left::{self, Left};
use crate::caller::{Caller, fresh_session};
use crate::forms::{Question, Shape};
use crate::frame::Frame;
use crate::site::Site;
use crate::texts::TEXTS;
use crate::urls;

/// Asks who typed something when the session had ended; what was typed comes along.
pub(crate) fn ask_again(
    (site, caller, visitor): (&Site, &Caller, &Visitor),
    next: String,
    left: Option<String>,
) -> PageResult {
    let left = left.unwrap_or_default();
    let form = FormData::from_iter([("next", next), (left::INPUT, left)]);
    page(site, caller, visitor, &form, None)
}

fn page(
    site: &Site,
    caller: &Caller,
    visitor: &Visitor,
    form: &FormData,
    error: Option<&str>,
) -> PageResult {
    let password = Field::new("password", TEXTS.text("identity.password.label"))
        .required()
        .kind("password")
        .autocomplete("current-password");
    let next = next_of(form);
    let frame = Frame::form(site, caller, visitor, TEXTS.text("identity.login.title"));
    let done = if form.has("reset") { TEXTS.text("identity.reset.changed") } else { "" };
    let left = form.text(left::INPUT).to_owned();
    let intro = if left.is_empty() { "" } else { TEXTS.text("applications.comeback.account") };
    let page = FormPage {
        frame,
        intro: intro.to_owned(),
        done: done.to_owned(),
        action: urls::LOGIN.to_owned(),
        questions: vec![
            email_question(form.text("email"), error),
            Question { field: password, shape: Shape::Line },
        ],
        submit: TEXTS.text("identity.login.submit"),
        links: vec![
            (urls::RESET.to_owned(), TEXTS.text("identity.login.forgotten")),
            (
                format!("{}?next={}", urls::REGISTER, urls::encode(&next)),
                TEXTS.text("identity.login.register"),
            ),
            (urls::LOOKUP.to_owned(), TEXTS.text("identity.login.guest")),
        ],
        hidden: vec![("next", next), (left::INPUT, left)],
    };
    Ok(page.answer())
}

/// Asks for address and password.
pub(crate) async fn get(
    caller: Caller,
    visitor: Visitor,
    State(site): State<Site>,
    QueryData(form): QueryData,
) -> PageResult {
    if caller.account().is_some() {
        return Ok(see_other(next_of(&form)));
    }
    page(&site, &caller, &visitor, &form, None)
}

/// Signs in (NF-18).
pub(crate) async fn post(
    caller: Caller,
    visitor: Visitor,
    State(site): State<Site>,
    CsrfForm(form): CsrfForm,
) -> PageResult {
    let email = address::read(form.text("email"));
    let key = email.as_deref().map_or_else(|| form.text("email").to_owned(), address::key);
    let index = site.vault.index("email", &key);
    let subject = site.vault.index("login", &format!("{key} {}", caller.network()));
    charge_as(&site, &subject, "identity.wait_login").await?;
    let account = site.store.read(move |db| accounts::find_by_email(db, &index)).await?;
    let stored = account.as_ref().map(|account| account.password_hash.clone());
    let typed = password::canonical(form.text("password"));
    let verdict = site.passwords.verify(typed.clone(), stored).await?;
    let (Verdict::Right { rehash }, Some(account)) = (verdict, account) else {
        let (by, network) = (caller.by(), caller.network());
        site.store
            .write(move |tx| {
                sessions::refused(tx, &by, &network);
                Ok(())
            })
            .await?;
        return page(&site, &caller, &visitor, &form, Some(TEXTS.text("identity.login.wrong")));
    };
    let stronger = if rehash { Some(site.passwords.hash(typed).await?) } else { None };
    let owner = Owner::Account(account.id.clone());
    let fresh = fresh_session(&site, owner.clone());
    let by = By { actor: fresh.session.owner.name(), ..caller.by() };
    let (new, old) = (fresh.session, caller.session_hash().map(<[u8]>::to_vec));
    let along = urls::draft_in(&next_of(&form)).map(str::to_owned);
    site.store
        .write(move |tx| {
            tries::forgive(tx, &subject)?;
            if let Some(hash) = stronger {
                accounts::rehash(tx, &account.id, &hash)?;
            }
            sessions::open(tx, &by, &new, old.as_deref(), along.as_deref())
        })
        .await?;
    if let Some(left) = Left::open(&site.vault, form.text(left::INPUT)) {
        left.put(&site, &owner).await?;
    }
    let mut answer = see_other(next_of(&form));
    fresh.cookie.set_on(&mut answer);
    Ok(answer)
}

/// Charges a try, or says how long to wait.
pub(crate) async fn charge(site: &Site, subject: &[u8]) -> Result<(), platform_web::Trouble> {
    charge_as(site, subject, "identity.wait").await
}

/// The same in other words: only who signs in may have forgotten a password.
async fn charge_as(
    site: &Site,
    subject: &[u8],
    words: &'static str,
) -> Result<(), platform_web::Trouble> {
    let (subject, now) = (subject.to_vec(), site.clock.now());
    let charged = site.store.write(move |tx| tries::charge(tx, &subject, now)).await?;
    let Err(wait) = charged else { return Ok(()) };
    let seconds = wait.until.duration_since(now).as_secs() + 1;
    let seconds = u32::try_from(seconds).unwrap_or(u32::MAX);
    let mut reply = Reply::too_many(words).with("minutes", seconds.div_ceil(60));
    if words == "identity.wait_login" {
        reply = reply.link(urls::RESET);
    }
    Err(reply.retry_after(seconds).into())
}
