//! The accounts of staff: found by words and department, page by page, and as a file (NF-40).

use askama::Template;
use axum::extract::State;
use axum::response::IntoResponse as _;
use domain::identity::roster::COLUMNS;
use domain::identity::{Action, Object, Role};
use lgwan_zone_store::identity::staff::{self, Sieve};
use lgwan_zone_store::identity::{departments, resets, rosters};
use platform_web::{Html, PageResult, QueryData, Visitor};

use crate::frame::{Choice, Frame, Place, in_department, name_of, role_key};
use crate::guard::Who;
use crate::site::{Site, TEXTS};
use crate::{table, words};

/// Accounts of a page.
pub const ROWS: usize = 50;

#[derive(Template)]
#[template(path = "identity/staff.html")]
struct StaffPage {
    frame: Frame,
    people: Vec<Person>,
    count: String,
    words: String,
    departments: Vec<Choice>,
    without: bool,
    can_manage: bool,
    /// Whose reset of the authenticator app waits for a second administrator: `(id, name)`.
    waiting: Vec<(String, String)>,
    /// Whether somebody of this page can be handed a first password.
    hands_out: bool,
    earlier: Option<String>,
    later: Option<String>,
}

struct Person {
    id: String,
    login_id: String,
    name: String,
    email: String,
    role: String,
    departments: String,
    last_login: String,
    totp: bool,
    stopped: bool,
    without: bool,
    me: bool,
}

/// Lists accounts.
pub async fn get(
    State(site): State<Site>,
    who: Who,
    visitor: Visitor,
    query: QueryData,
) -> PageResult {
    who.may(Action::ReadStaff, &Object::StaffList)?;
    let typed = &query.0;
    let sieve = Sieve {
        words: typed.text("words").trim().chars().take(60).collect(),
        department: typed.text("department").chars().take(40).collect(),
        without_password: typed.text("without") == "1",
    };
    let page: usize = typed.text("page").parse().unwrap_or(1).clamp(1, 10_000);
    let wish = sieve.clone();
    let now = site.clock.now().as_microsecond();
    let (found, memberships, all, waiting) = site
        .store
        .read(move |db| {
            let first = i64::try_from((page - 1) * ROWS).unwrap_or(0);
            let found = staff::page(db, &wish, first, i64::try_from(ROWS).unwrap_or(0))?;
            let shown: Vec<String> = found.0.iter().map(|one| one.id.clone()).collect();
            let waiting = resets::waiting(db, now)?;
            Ok((found, staff::memberships(db, &shown)?, departments::all(db)?, waiting))
        })
        .await?;
    let (people, count) = found;
    let names: Vec<(String, String)> = all.iter().map(|d| (d.id.clone(), d.name.clone())).collect();
    let people: Vec<Person> = people
        .into_iter()
        .map(|one| {
            let account = Role::parse(&one.role);
            let own = memberships.iter().filter(|(staff, ..)| *staff == one.id);
            let own = own.map(|(_, id, named)| {
                let there = account.map(|role| role.there(named.as_deref().and_then(Role::parse)));
                match there.filter(|there| Some(*there) != account) {
                    Some(there) => in_department(&name_of(&names, id), there),
                    None => name_of(&names, id),
                }
            });
            let own: Vec<String> = own.collect();
            let role = account.map_or("frame.unknown", role_key);
            Person {
                departments: own.join(TEXTS.text("frame.and")),
                role: TEXTS.text(role).to_owned(),
                last_login: one
                    .last_login_at
                    .map_or_else(|| TEXTS.text("identity.never").to_owned(), words::stored),
                totp: one.totp_secret.is_some(),
                stopped: one.disabled_at.is_some(),
                without: one.password_hash.is_empty(),
                me: one.id == who.id,
                id: one.id,
                login_id: one.login_id,
                name: one.display_name,
                email: one.email,
            }
        })
        .collect();
    let can_manage = who.can(Action::ManageStaff, &Object::StaffList);
    let more = usize::try_from(count).unwrap_or(0) > page * ROWS;
    Ok(Html(StaffPage {
        frame: Frame::of(&site, &who, &visitor, Place::Staff),
        hands_out: can_manage && people.iter().any(|one| one.without && !one.stopped),
        people,
        waiting,
        count: words::count(count),
        earlier: (page > 1).then(|| address(&sieve, page - 1)),
        later: more.then(|| address(&sieve, page + 1)),
        departments: all
            .iter()
            .map(|one| Choice::new(&one.id, &one.name, one.id == sieve.department))
            .collect(),
        without: sieve.without_password,
        words: sieve.words,
        can_manage,
    })
    .into_response())
}

fn address(sieve: &Sieve, page: usize) -> String {
    let words = words::in_query(&sieve.words);
    let department = words::in_query(&sieve.department);
    let without = u8::from(sieve.without_password);
    format!("/staff?words={words}&department={department}&without={without}&page={page}")
}

/// Every account in use as a file in the columns that a list is read in: what is saved can be
/// changed in a spreadsheet and handed in again.
pub async fn file(State(site): State<Site>, who: Who, query: QueryData) -> PageResult {
    who.may(Action::ReadStaff, &Object::StaffList)?;
    let members = site.store.read(rosters::members).await?;
    let rows: Vec<Vec<String>> = members
        .into_iter()
        .filter(|one| !one.stopped)
        .map(|one| {
            let code = |code: &String| match one.roles.get(code) {
                Some(role) => format!("{code}={}", TEXTS.text(role_key(*role))),
                None => code.clone(),
            };
            let codes: Vec<String> = one.departments.iter().map(code).collect();
            let posts: Vec<String> =
                one.posts.iter().map(|(code, title)| format!("{code}={title}")).collect();
            let role = TEXTS.text(role_key(one.role)).to_owned();
            vec![one.login_id, one.name, codes.join("/"), one.email, role, posts.join("/")]
        })
        .collect();
    let by = who.by(&site);
    let count = rows.len().to_string();
    site.store
        .write(move |tx| {
            by.record(tx, "identity.staff_saved", "staff", "", &count);
            Ok(())
        })
        .await?;
    let titles = COLUMNS.map(str::to_owned);
    let name = TEXTS.text("identity.page.staff.file_name");
    Ok(table::file((name, query.0.text("encoding")), &titles, &rows)?)
}
