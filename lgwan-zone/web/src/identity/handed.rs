//! Initial passwords: handed out once, for one person or for those of a page (NF-10, NF-38).

use askama::Template;
use axum::extract::{Path, State};
use axum::response::IntoResponse as _;
use domain::identity::{Action, Object, canonical_password};
use lgwan_zone_store::identity::resets;
use lgwan_zone_store::identity::staff::{self, Staff};
use platform_service::ids;
use platform_web::{CsrfForm, Html, PageResult, Reply, Trouble, Visitor, see_other};

use super::staff::{missing, not_oneself};
use super::staff_list::ROWS;
use crate::frame::{Frame, Place};
use crate::guard::Who;
use crate::site::Site;

#[derive(Template)]
#[template(path = "identity/handed.html")]
pub(super) struct HandedPage {
    pub(super) frame: Frame,
    pub(super) people: Vec<Handed>,
}

/// What one person is given.
pub(super) struct Handed {
    pub(super) name: String,
    pub(super) login_id: String,
    pub(super) password: String,
}

/// Gives an account a new initial password that is shown once.
pub async fn reset(
    State(site): State<Site>,
    who: Who,
    visitor: Visitor,
    Path(id): Path<String>,
    CsrfForm(_): CsrfForm,
) -> PageResult {
    not_oneself(&who, &id)?;
    let person = site.store.read(move |db| staff::find(db, &id)).await?.ok_or_else(missing)?;
    let handed = hand(&site, &who, person, |_| true).await?;
    let near = || Reply::conflict("identity.password_near").link("/staff");
    let people = vec![handed.ok_or_else(near)?];
    let frame = Frame::of(&site, &who, &visitor, Place::Staff);
    Ok(Html(HandedPage { frame, people }).into_response())
}

/// Gives the people who were never given one their initial password; the page is printed and cut.
pub async fn several(
    State(site): State<Site>,
    who: Who,
    visitor: Visitor,
    CsrfForm(form): CsrfForm,
) -> PageResult {
    who.may(Action::ManageStaff, &Object::StaffList)?;
    let mut people = Vec::new();
    for id in form.all("one").take(ROWS) {
        let id = id.to_owned();
        let person = site.store.read(move |db| staff::find(db, &id)).await?;
        if let Some(person) = person.filter(has_none) {
            people.extend(hand(&site, &who, person, has_none).await?);
        }
    }
    if people.is_empty() {
        return Ok(see_other("/staff?without=1"));
    }
    let frame = Frame::of(&site, &who, &visitor, Place::Staff);
    Ok(Html(HandedPage { frame, people }).into_response())
}

/// Whether nobody gave the person a password yet.
fn has_none(person: &Staff) -> bool {
    person.password_hash.is_empty()
}

/// `None` for who has a hand in the reset of the person's authenticator app, and where the person, looked at
/// again, is not meant any more: of two presses one hands a password, and what is printed is true.
async fn hand(
    site: &Site,
    who: &Who,
    person: Staff,
    meant: fn(&Staff) -> bool,
) -> Result<Option<Handed>, Trouble> {
    let password = initial_password();
    let hash = site.passwords.hash(canonical_password(&password)).await?;
    let (by, id) = (who.by(site), person.id);
    let handed = site.store.write(move |tx| {
        let person = staff::find(tx.db, &id)?;
        if !person.as_ref().is_some_and(meant) || resets::bars(tx.db, &by, &id)? {
            return Ok(false);
        }
        staff::reset_password(tx, &by, &id, &hash)
    });
    let (name, login_id) = (person.display_name, person.login_id);
    Ok(handed.await?.then_some(Handed { name, login_id, password }))
}

/// 20 characters people can read out and type: 100 random bits.
#[must_use]
pub fn initial_password() -> String {
    let token = ids::token();
    // The last 26 characters are 128 random bits; its first carries only three.
    let random = &token[token.len() - 20..];
    let groups: Vec<&str> = (0..20).step_by(5).map(|at| &random[at..at + 5]).collect();
    groups.join("-")
}
