//! Accounts of staff: new account, stop, resume (NF-10, NF-38).

use askama::Template;
use axum::extract::{Path, State};
use axum::response::IntoResponse as _;
use domain::identity::{Action, Object, Role, canonical_password, read_email, roster};
use domain::ids::StaffId;
use http::StatusCode;
use lgwan_zone_store::identity::departments::{self, Department};
use lgwan_zone_store::identity::staff::{self, Created, NewStaff};
use platform_web::{CsrfForm, FormData, Html, PageResult, Reply, Trouble, Visitor, see_other};

use super::handed::{Handed, HandedPage, initial_password};
use crate::frame::{Choice, Fault, Frame, Place, role_key};
use crate::guard::Who;
use crate::site::{Site, TEXTS};

#[derive(Template)]
#[template(path = "identity/staff_new.html")]
struct NewPage {
    frame: Frame,
    faults: Vec<Fault>,
    login_id: String,
    name: String,
    email: String,
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
        Created::Made => {
            let people = vec![Handed { name: handed.0, login_id: handed.1, password }];
            Ok(Html(HandedPage { frame: frame(), people }).into_response())
        }
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

fn form_page(frame: Frame, form: &FormData, all: &[Department], faults: Vec<Fault>) -> NewPage {
    let chosen = |id: &str| form.all("departments").any(|sent| sent == id);
    NewPage {
        frame,
        faults,
        login_id: form.text("login_id").to_owned(),
        name: form.text("name").to_owned(),
        email: form.text("email").to_owned(),
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
    let login_id = roster::read_login_id(form.text("login_id"));
    if login_id.is_none() {
        faults.push(Fault::of("login_id", "identity.fault.login_id"));
    }
    let name = form.text("name").trim();
    if !roster::is_name(name) {
        faults.push(Fault::of("name", "identity.fault.name"));
    }
    let email = match form.text("email").trim() {
        "" => Some(String::new()),
        typed => read_email(typed),
    };
    if email.is_none() {
        faults.push(Fault::of("email", "identity.fault.email"));
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
    match (role, login_id, email) {
        (Some(role), Some(login_id), Some(email)) if faults.is_empty() => Ok(NewStaff {
            id: String::new(),
            login_id,
            display_name: name.to_owned(),
            email,
            role: role.key().to_owned(),
            password_hash: String::new(),
            totp_secret: None,
            must_change_password: true,
            departments,
        }),
        (_, _, _) => Err(faults),
    }
}

/// The account of somebody else, and the right to it.
pub(super) fn not_oneself(who: &Who, id: &str) -> Result<(), Trouble> {
    let object = StaffId::parse(id).map_err(|_| missing())?;
    who.may(Action::ManageStaff, &Object::StaffAccount(object))?;
    if id == who.id { Err(Reply::conflict("identity.oneself").into()) } else { Ok(()) }
}

pub(super) fn missing() -> Trouble {
    Reply::not_found("identity.missing").into()
}
