//! Who is logged in: the own log-ins, and those of everybody for administrators (IK-3.5.2b).

use std::collections::BTreeMap;

use askama::Template;
use axum::extract::{Path, State};
use axum::response::IntoResponse as _;
use domain::identity::{Action, Object, Role};
use lgwan_zone_store::identity::sessions::{self, Entered, Open};
use platform_web::{CsrfForm, Html, PageResult, QueryData, Visitor, see_other};

use crate::frame::{Frame, Place, role_key};
use crate::guard::{Who, limits};
use crate::site::{Site, TEXTS};
use crate::words;

/// Log-ins shown at most.
const MOST: usize = 2_000;

/// A log-in as pages show it.
pub(super) struct View {
    pub(super) since: String,
    pub(super) seen: String,
    pub(super) ip: String,
    pub(super) way: &'static str,
    /// Whether it is the one that asks.
    pub(super) here: bool,
}

/// One person with their log-ins.
struct Person {
    id: String,
    name: String,
    login_id: String,
    role: String,
    several: bool,
    me: bool,
    sessions: Vec<View>,
}

#[derive(Template)]
#[template(path = "identity/sessions.html")]
struct SessionsPage {
    frame: Frame,
    people: Vec<Person>,
    several: usize,
    /// How far the list goes, where there are more log-ins.
    cut: Option<String>,
    can_manage: bool,
}

/// How long a log-in of this role lives unused, microseconds.
fn idle(role: Role) -> i64 {
    i64::try_from(limits(role).0.as_micros()).unwrap_or(0)
}

/// Whether a log-in can still be used.
fn lives(one: &Open, now: i64) -> bool {
    let idle = Role::parse(&one.role).map_or(0, idle);
    now < one.ends_at && now < one.last_seen_at.saturating_add(idle)
}

fn view(one: &Open, session: &str) -> View {
    View {
        since: words::stored(one.created_at),
        seen: words::stored(one.last_seen_at),
        ip: one.ip.clone(),
        way: TEXTS.text(match Entered::parse(&one.entered) {
            Some(Entered::SingleSignOn) => "identity.page.sessions.sso",
            Some(Entered::BreakGlass) => "identity.page.sessions.break_glass",
            Some(Entered::Password) | None => "identity.page.sessions.password",
        }),
        here: one.id_hash == session,
    }
}

/// The own log-ins, the newest first.
pub(super) async fn own(site: &Site, who: &Who) -> Result<Vec<View>, platform_web::Trouble> {
    let (id, now) = (who.id.clone(), site.clock.now().as_microsecond());
    let all = site.store.read(move |db| sessions::of(db, &id)).await?;
    Ok(all.iter().filter(|one| lives(one, now)).map(|one| view(one, &who.session)).collect())
}

/// Ends the own log-ins but this one.
pub async fn end_others(State(site): State<Site>, who: Who, CsrfForm(_): CsrfForm) -> PageResult {
    let by = who.by(&site);
    site.store.write(move |tx| sessions::end_others(tx, &by)).await?;
    Ok(see_other("/account?said=others_ended"))
}

/// Shows who is logged in, those with several log-ins first.
pub async fn list(
    State(site): State<Site>,
    who: Who,
    visitor: Visitor,
    query: QueryData,
) -> PageResult {
    who.may(Action::ReadStaff, &Object::StaffList)?;
    let now = site.clock.now().as_microsecond();
    // Unused for longer than any role may be, none lives: such take no place in the list.
    let since = now.saturating_sub(Role::ALL.into_iter().map(idle).max().unwrap_or(0));
    let most = i64::try_from(MOST + 1).unwrap_or(i64::MAX);
    let mut all = site.store.read(move |db| sessions::open_now(db, now, since, most)).await?;
    let cut = (all.len() > MOST)
        .then(|| TEXTS.fill("identity.page.sessions.cut", &[("most", &words::count(most - 1))]));
    all.truncate(MOST);
    let mut people: BTreeMap<String, Vec<&Open>> = BTreeMap::new();
    for one in all.iter().filter(|one| lives(one, now)) {
        people.entry(one.login_id.clone()).or_default().push(one);
    }
    let mut people: Vec<Person> = people
        .into_values()
        .filter_map(|own| {
            let first = *own.first()?;
            Some(Person {
                id: first.staff_id.clone(),
                name: first.name.clone(),
                login_id: first.login_id.clone(),
                role: TEXTS
                    .text(Role::parse(&first.role).map_or("frame.unknown", role_key))
                    .to_owned(),
                several: own.len() > 1,
                me: first.staff_id == who.id,
                sessions: own.into_iter().map(|one| view(one, &who.session)).collect(),
            })
        })
        .collect();
    people.sort_by_key(|one| std::cmp::Reverse(one.sessions.len()));
    let page = SessionsPage {
        several: people.iter().filter(|one| one.several).count(),
        people,
        cut,
        can_manage: who.can(Action::ManageStaff, &Object::StaffList),
        frame: Frame::of(&site, &who, &visitor, Place::Staff).said(&query, "identity"),
    };
    Ok(Html(page).into_response())
}

/// Ends every log-in of somebody.
pub async fn end(
    State(site): State<Site>,
    who: Who,
    Path(id): Path<String>,
    CsrfForm(_): CsrfForm,
) -> PageResult {
    who.may(Action::ManageStaff, &Object::StaffList)?;
    let by = who.by(&site);
    site.store.write(move |tx| sessions::end_of(tx, &by, &id)).await?;
    Ok(see_other("/staff/sessions?said=sessions_ended"))
}
