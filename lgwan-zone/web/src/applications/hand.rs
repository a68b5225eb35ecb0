//! 所管替え: an application that came to the wrong department is handed to the one in charge.

use askama::Template;
use axum::extract::{Path, State};
use axum::response::IntoResponse as _;
use domain::identity::Action;
use http::StatusCode;
use lgwan_zone_store::applications::file;
use lgwan_zone_store::applications::handing::{self, Handing, Outcome};
use lgwan_zone_store::identity::departments::{self, Department};
use platform_web::{CsrfForm, FormData, Html, PageResult, Reply, Trouble, Visitor, see_other};

use super::clash::{self, Clash, Stopped, keeping};
use super::desk::{self, Desk};
use super::show::event_view;
use super::{correction, show};
use crate::frame::{Choice, Fault, Frame, Place, name_of};
use crate::guard::{self, Who};
use crate::inquiries::letters;
use crate::site::{Site, TEXTS};

/// Words for what stops it: what happened, what to do now.
const DECIDED: (&str, &str) = ("applications.hand.decided.what", "applications.hand.decided.next");
const APPROVING: (&str, &str) =
    ("applications.hand.approving.what", "applications.hand.approving.next");
const ASKING: (&str, &str) = ("applications.hand.asking.what", "applications.hand.asking.next");

#[derive(Template)]
#[template(path = "applications/hand_over.html")]
struct HandPage {
    frame: Frame,
    faults: Vec<Fault>,
    id: String,
    number: String,
    procedure: String,
    applicant: String,
    from: String,
    departments: Vec<Choice>,
    reason: String,
    version: i32,
    clash: Clash,
}

/// Shows the form.
pub async fn get(
    State(site): State<Site>,
    who: Who,
    visitor: Visitor,
    Path(id): Path<String>,
) -> PageResult {
    let desk = desk::open(&site, &who, &id, Action::WorkOnApplication).await?;
    if !desk.state.may_change_hands() {
        let back = format!("/applications/{}", desk.row.id);
        return Err(Reply::conflict("applications.hand.decided").link(back).into());
    }
    let all = all(&site).await?;
    let seen: FormData = [("seen", desk.row.version.to_string())].into_iter().collect();
    let frame = Frame::of(&site, &who, &visitor, Place::Inbox);
    Ok(Html(page(frame, (&desk, &all), &seen, Vec::new())).into_response())
}

/// Hands it over.
pub async fn post(
    State(site): State<Site>,
    who: Who,
    visitor: Visitor,
    Path(id): Path<String>,
    CsrfForm(form): CsrfForm,
) -> PageResult {
    let kept = |refused| keeping(refused, "applications.hand.reason", form.text("reason"));
    let desk = desk::open(&site, &who, &id, Action::WorkOnApplication).await.map_err(kept)?;
    let all = all(&site).await?;
    let mut faults = Vec::new();
    let own = desk.row.department_id.as_str();
    let to = all.iter().find(|one| one.id == form.text("department") && one.id != own);
    if to.is_none() {
        faults.push(Fault::of("department", "applications.hand.missing"));
    }
    let reason = correction::reason(&form, &mut faults);
    let frame = Frame::of(&site, &who, &visitor, Place::Inbox);
    let (Some(to), true) = (to, faults.is_empty()) else {
        let page = page(frame, (&desk, &all), &form, faults);
        return Err(Trouble::from((StatusCode::UNPROCESSABLE_ENTITY, Html(page)).into_response()));
    };
    let wish = wish(&site, &desk, (&all, to), (desk::seen(&form), reason))?;
    let (by, clock) = (who.by(&site), site.clock.clone());
    let handed = site.store.write(move |tx| handing::hand_over(tx, (&by, &clock), &wish)).await?;
    let clash = match handed {
        Outcome::Done => {
            (site.posted)();
            let stays = who.departments.iter().any(|(id, _)| *id == to.id);
            let back =
                if stays { format!("/applications/{}", desk.row.id) } else { "/inbox".into() };
            return Ok(see_other(format!("{back}?said=handed_over")));
        }
        Outcome::Overtaken(state) => {
            let desk = desk::open(&site, &who, &id, Action::WorkOnApplication).await;
            let desk = desk.map_err(kept)?;
            let why = (None, &Stopped::Overtaken(state));
            let clash = clash::of(&site, &desk, why, desk::seen(&form)).await?;
            let shut = !desk.state.may_change_hands();
            let page = page(frame, (&desk, &all), &form, Vec::new());
            let page =
                HandPage { version: desk.row.version, clash: Clash { shut, ..clash }, ..page };
            return Err(Trouble::from((StatusCode::CONFLICT, Html(page)).into_response()));
        }
        Outcome::Decided => stopped(&site, &desk, &form, DECIDED).await?,
        Outcome::Approving => stopped(&site, &desk, &form, APPROVING).await?,
        Outcome::Asking => stopped(&site, &desk, &form, ASKING).await?,
        Outcome::NotThere => {
            let fault = Fault::of("department", "applications.hand.missing");
            let page = page(frame, (&desk, &all), &form, vec![fault]);
            let answer = (StatusCode::UNPROCESSABLE_ENTITY, Html(page));
            return Err(Trouble::from(answer.into_response()));
        }
    };
    let page = HandPage { clash, ..page(frame, (&desk, &all), &form, Vec::new()) };
    Err(Trouble::from((StatusCode::CONFLICT, Html(page)).into_response()))
}

async fn all(site: &Site) -> Result<Vec<Department>, Trouble> {
    Ok(site.store.read(departments::all).await?)
}

fn wish(
    site: &Site,
    desk: &Desk,
    (all, to): (&[Department], &Department),
    (seen, reason): (i32, String),
) -> Result<Handing, Trouble> {
    let from = all.iter().find(|one| one.id == desk.row.department_id);
    let from = from.map_or(TEXTS.text("frame.unknown"), |one| &one.name);
    let facts: [(&str, &dyn std::fmt::Display); 3] =
        [("procedure", &desk.title()), ("number", &desk.row.number), ("from", &from)];
    let recipients = site.settings.told.get(&to.code).cloned().unwrap_or_default();
    let page = format!("/applications/{}", desk.row.id);
    let told = site.office.department(&desk.id()?, &guard::department(&to.id)?, site.clock.now());
    Ok(Handing {
        application: desk.row.id.clone(),
        seen,
        to: to.id.clone(),
        reason,
        told,
        letters: letters(site, &recipients, "handed", &facts, &page),
    })
}

/// Why it is not handed over now, with what others did meanwhile.
async fn stopped(
    site: &Site,
    desk: &Desk,
    form: &FormData,
    (what, next): (&'static str, &'static str),
) -> Result<Clash, Trouble> {
    let (id, seen) = (desk.row.id.clone(), desk::seen(form));
    let lines = site.store.read(move |db| file::since(db, &id, seen)).await?;
    let words = (TEXTS.text(what).to_owned(), TEXTS.text(next));
    Ok(Clash::new(words, lines.iter().map(event_view).collect()))
}

fn page(
    frame: Frame,
    (desk, all): (&Desk, &[Department]),
    form: &FormData,
    faults: Vec<Fault>,
) -> HandPage {
    let wanted = form.text("department");
    let own = desk.row.department_id.as_str();
    let first = Choice::new("", TEXTS.text("applications.hand.choose"), wanted.is_empty());
    let others = all.iter().filter(|one| one.id != own);
    let others = others.map(|one| Choice::new(&one.id, &one.name, one.id == wanted));
    let names: Vec<(String, String)> =
        all.iter().map(|one| (one.id.clone(), one.name.clone())).collect();
    HandPage {
        frame,
        faults,
        id: desk.row.id.clone(),
        number: desk.row.number.clone(),
        procedure: desk.title().to_owned(),
        applicant: show::applicant(&desk.row.applicant_name),
        from: name_of(&names, own),
        departments: std::iter::once(first).chain(others).collect(),
        reason: form.text("reason").to_owned(),
        version: desk::seen(form),
        clash: Clash::default(),
    }
}
