//! Accounts of staff: list, new account, stop, initial password (NF-10, NF-38).

use askama::Template;
use axum::extract::{Path, State};
use axum::response::IntoResponse as _;
use domain::identity::{Action, Object, Role, canonical_password};
use domain::ids::StaffId;
use http::StatusCode;
use lgwan_zone_store::identity::departments::{self, Department};
use lgwan_zone_store::identity::staff::{self, Created, NewStaff};
use platform_service::ids;
use platform_web::{CsrfForm, FormData, Html, PageResult, Reply, Trouble, Visitor, see_other};

use crate::frame::{Choice, Fault, Frame, Place, name_of, role_key};
use crate::guard::Who;
use crate::site::{Site, TEXTS};
use crate::words;

#[derive(Template)]
#[template(path = "identity/staff.html")]
struct StaffPage {
    frame: Frame,
    people: Vec<Person>,
    can_manage: bool,
}

struct Person {
    id: String,
    login_id: String,
    name: String,
    role: String,
    departments: String,
    last_login: String,
    totp: bool,
    disabled: bool,
    me: bool,
}

/// Lists every account.
pub async fn get(State(site): State<Site>, who: Who, visitor: Visitor) -> PageResult {
    who.may(Action::ReadStaff, &Object::StaffList)?;
    let (people, memberships, names) = site
        .store
        .read(|db| Ok((staff::all(db)?, staff::memberships(db)?, departments::all(db)?)))
        .await?;
    let names: Vec<(String, String)> = names.into_iter().map(|d| (d.id, d.name)).collect();
    let people = people
        .into_iter()
        .map(|one| {
            let own = memberships.iter().filter(|(staff, _)| *staff == one.id);
            let own: Vec<String> = own.map(|(_, id)| name_of(&names, id)).collect();
            let role = Role::parse(&one.role).map_or("frame.unknown", role_key);
            Person {
                departments: own.join(TEXTS.text("frame.and")),
                role: TEXTS.text(role).to_owned(),
                last_login: one
                    .last_login_at
                    .map_or_else(|| TEXTS.text("identity.never").to_owned(), words::stored),
                totp: one.totp_secret.is_some(),
                disabled: one.disabled_at.is_some(),
                me: one.id == who.id,
                id: one.id,
                login_id: one.login_id,
                name: one.display_name,
            }
        })
        .collect();
    let can_manage = who.can(Action::ManageStaff, &Object::StaffList);
    let frame = Frame::of(&site, &who, &visitor, Place::Staff);
    Ok(Html(StaffPage { frame, people, can_manage }).into_response())
}

#[derive(Template)]
#[template(path = "identity/staff_new.html")]
struct NewPage {
    frame: Frame,
    faults: Vec<Fault>,
    login_id: String,
    name: String,
    roles: Vec<Choice>,
    departments: Vec<Choice>,
}

/// Shows the form for a new account.
pub async fn new(State(site): State<Site>, who: Who, visitor: Visitor) -> PageResult {
    let all = site.store.read(departments::all).await?;
    let frame = Frame::of(&site, &who, &visitor, Place::Staff);
    Ok(Html(form_page(frame, &FormData::default(), &all, Vec::new())).into_response())
}

/// Makes an account with an initial password that is shown once.
pub async fn post(
    State(site): State<Site>,
    who: Who,
    visitor: Visitor,
    CsrfForm(form): CsrfForm,
) -> PageResult {
    who.may(Action::ManageStaff, &Object::StaffList)?;
    let all = site.store.read(departments::all).await?;
    let frame = || Frame::of(&site, &who, &visitor, Place::Staff);
    let again = |faults| -> Trouble {
        let page = form_page(frame(), &form, &all, faults);
        (StatusCode::UNPROCESSABLE_ENTITY, Html(page)).into_response().into()
    };
    let wish = parse(&form, &all).map_err(&again)?;
    let password = initial_password();
    let new = NewStaff {
        id: site.new_id(),
        password_hash: site.passwords.hash(canonical_password(&password)).await?,
        must_change_password: true,
        ..wish
    };
    let (by, handed) = (who.by(&site), (new.display_name.clone(), new.login_id.clone()));
    match site.store.write(move |tx| staff::create(tx, &by, &new)).await? {
        Created::Made => Ok(handed_page(frame(), handed, password)),
        Created::LoginTaken => {
            Err(again(vec![Fault::of("login_id", "identity.fault.login_taken")]))
        }
    }
}

/// Stops an account; its sessions end at once.
pub async fn disable(
    State(site): State<Site>,
    who: Who,
    Path(id): Path<String>,
    CsrfForm(_): CsrfForm,
) -> PageResult {
    set_disabled(&site, &who, id, true).await
}

/// Lets an account work again.
pub async fn enable(
    State(site): State<Site>,
    who: Who,
    Path(id): Path<String>,
    CsrfForm(_): CsrfForm,
) -> PageResult {
    set_disabled(&site, &who, id, false).await
}

async fn set_disabled(site: &Site, who: &Who, id: String, disabled: bool) -> PageResult {
    not_oneself(who, &id)?;
    let by = who.by(site);
    let changed = site.store.write(move |tx| staff::set_disabled(tx, &by, &id, disabled)).await?;
    if changed { Ok(see_other("/staff")) } else { Err(missing()) }
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
    let wanted = id.clone();
    let person = site.store.read(move |db| staff::find(db, &wanted)).await?;
    let person = person.ok_or_else(missing)?;
    let password = initial_password();
    let hash = site.passwords.hash(canonical_password(&password)).await?;
    let by = who.by(&site);
    site.store.write(move |tx| staff::reset_password(tx, &by, &id, &hash)).await?;
    let frame = Frame::of(&site, &who, &visitor, Place::Staff);
    Ok(handed_page(frame, (person.display_name, person.login_id), password))
}

#[derive(Template)]
#[template(path = "identity/handed.html")]
struct HandedPage {
    frame: Frame,
    name: String,
    login_id: String,
    password: String,
}

fn handed_page(
    frame: Frame,
    (name, login_id): (String, String),
    password: String,
) -> axum::response::Response {
    Html(HandedPage { frame, name, login_id, password }).into_response()
}

fn form_page(frame: Frame, form: &FormData, all: &[Department], faults: Vec<Fault>) -> NewPage {
    let chosen = |id: &str| form.all("departments").any(|sent| sent == id);
    NewPage {
        frame,
        faults,
        login_id: form.text("login_id").to_owned(),
        name: form.text("name").to_owned(),
        roles: Role::ALL
            .iter()
            .map(|role| {
                let words = TEXTS.text(role_key(*role));
                Choice::new(role.key(), words, form.text("role") == role.key())
            })
            .collect(),
        departments: all
            .iter()
            .map(|one| Choice::new(&one.id, &one.name, chosen(&one.id)))
            .collect(),
    }
}

fn parse(form: &FormData, all: &[Department]) -> Result<NewStaff, Vec<Fault>> {
    let mut faults = Vec::new();
    let login_id = form.text("login_id").trim();
    let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b"._-".contains(&b);
    if !(3..=40).contains(&login_id.len()) || !login_id.bytes().all(plain) {
        faults.push(Fault::of("login_id", "identity.fault.login_id"));
    }
    let name = form.text("name").trim();
    let count = name.chars().count();
    if count == 0 || count > 60 || name.chars().any(char::is_control) {
        faults.push(Fault::of("name", "identity.fault.name"));
    }
    let role = Role::parse(form.text("role"));
    let departments: Vec<String> = form
        .all("departments")
        .filter(|id| all.iter().any(|known| known.id == *id))
        .map(str::to_owned)
        .collect();
    match role {
        None => faults.push(Fault::of("role", "identity.fault.role")),
        Some(Role::Clerk | Role::ProcedureManager) if departments.is_empty() => {
            faults.push(Fault::of("departments", "identity.fault.departments"));
        }
        Some(Role::Clerk | Role::ProcedureManager | Role::Administrator | Role::Auditor) => {}
    }
    match role {
        Some(role) if faults.is_empty() => Ok(NewStaff {
            id: String::new(),
            login_id: login_id.to_owned(),
            display_name: name.to_owned(),
            role: role.key().to_owned(),
            password_hash: String::new(),
            totp_secret: None,
            must_change_password: true,
            departments,
        }),
        Some(_) | None => Err(faults),
    }
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

fn not_oneself(who: &Who, id: &str) -> Result<(), Trouble> {
    let object = StaffId::parse(id).map_err(|_| missing())?;
    who.may(Action::ManageStaff, &Object::StaffAccount(object))?;
    if id == who.id { Err(Reply::conflict("identity.oneself").into()) } else { Ok(()) }
}

fn missing() -> Trouble {
    Reply::not_found("identity.missing").into()
}
