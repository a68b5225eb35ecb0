//! 担当者: a member of the department is put in charge of an application, or nobody is any more.

use axum::extract::{Path, State};
use domain::identity::Action;
use lgwan_zone_store::applications::charge::{self, Member, Put};
use lgwan_zone_store::applications::rows::Application;
use lgwan_zone_store::letters::Letter;
use platform_web::{CsrfForm, PageResult, Reply, Trouble, see_other};

use super::desk::{self, Desk};
use super::filter::NOBODY;
use crate::frame::Choice;
use crate::guard::Who;
use crate::inquiries::letters;
use crate::site::{Site, TEXTS};

/// Puts somebody in charge of one application; an empty choice is nobody.
pub async fn post(
    State(site): State<Site>,
    who: Who,
    Path(id): Path<String>,
    CsrfForm(form): CsrfForm,
) -> PageResult {
    let desk = desk::open(&site, &who, &id, Action::WorkOnApplication).await?;
    let back = format!("/applications/{}", desk.row.id);
    match put(&site, &who, &desk, form.text("person")).await? {
        Put::Done | Put::Before => Ok(see_other(format!("{back}?said=charged"))),
        Put::Foreign => Err(Reply::conflict("applications.charge.foreign").link(back).into()),
        Put::Own => Err(Reply::conflict("applications.charge.own").link(back).into()),
        Put::Over => Err(Reply::conflict("applications.not_now").link(back).into()),
    }
}

async fn put(site: &Site, who: &Who, desk: &Desk, person: &str) -> Result<Put, Trouble> {
    let (by, clock, row) = (who.by(site), site.clock.clone(), desk.row.clone());
    let department = row.department_id.clone();
    let members = site.store.read(move |db| charge::members(db, &[department])).await?;
    let wanted = (!person.is_empty()).then(|| person.to_owned());
    let letter = members
        .iter()
        .find(|one| one.id == person && one.id != who.id && !one.email.is_empty())
        .filter(|_| site.settings.told_in_charge)
        .and_then(|one| told(site, desk, &one.email));
    let done = site
        .store
        .write(move |tx| charge::set(tx, (&by, &clock), &row, wanted.as_deref(), letter.as_ref()));
    let done = done.await?;
    if done == Put::Done {
        (site.posted)();
    }
    Ok(done)
}

/// The mail to who is put in charge: number and procedure, nothing of the applicant.
fn told(site: &Site, desk: &Desk, email: &str) -> Option<Letter> {
    let facts: [(&str, &dyn std::fmt::Display); 2] =
        [("procedure", &desk.title()), ("number", &desk.row.number)];
    let page = format!("/applications/{}", desk.row.id);
    letters(site, &[email.to_owned()], "in_charge", &facts, &page).into_iter().next()
}

/// Who can be put in charge of an application, not who applied for it; nobody stands first.
pub(super) fn people(members: &[Member], chosen: &str, of: Option<&Application>) -> Vec<Choice> {
    let nobody = Choice::new("", TEXTS.text("applications.charge.nobody"), chosen.is_empty());
    let others = each(members, chosen).filter(|one| !of.is_some_and(|row| row.is_of(&one.value)));
    std::iter::once(nobody).chain(others).collect()
}

/// Whose applications the list is narrowed to: everybody's, the own ones, nobody's, those of a colleague.
pub(super) fn narrowing(who: &Who, chosen: &str, members: &[Member]) -> Vec<Choice> {
    let every = Choice::new("", TEXTS.text("applications.every"), chosen.is_empty());
    let own = Choice::new(&who.id, TEXTS.text("applications.charge.mine"), chosen == who.id);
    let nobody = TEXTS.text("applications.charge.none");
    let nobody = Choice::new(NOBODY, nobody, chosen == NOBODY);
    let others = each(members, chosen).filter(|one| one.value != who.id);
    [every, own, nobody].into_iter().chain(others).collect()
}

/// Each member once, also of several departments.
fn each<'a>(members: &'a [Member], chosen: &'a str) -> impl Iterator<Item = Choice> + 'a {
    let first = move |at: usize, one: &Member| at == 0 || members[at - 1].id != one.id;
    let once = members.iter().enumerate().filter(move |(at, one)| first(*at, one));
    once.map(move |(_, one)| Choice::new(&one.id, &one.name, one.id == chosen))
}
