//! Lists of staff: handed in, looked at, taken over now or on a day (NB-7.1, NF-40).

use std::collections::{BTreeMap, BTreeSet};

use askama::Template;
use axum::extract::{Path, State};
use axum::response::IntoResponse as _;
use domain::identity::roster::{
    self, Altered, COLUMNS, Changes, Known, Member, RosterFault, Row, changes,
};
use domain::identity::{Action, Object, Role};
use http::StatusCode;
use jiff::civil::Date;
use lgwan_zone_store::identity::departments::{self, Department};
use lgwan_zone_store::identity::rosters::{self, NewRoster, Roster};
use lgwan_zone_store::identity::staff;
use platform_web::multipart::Upload;
use platform_web::{
    CsrfForm, Html, OrFault as _, PageResult, QueryData, Reply, Trouble, Visitor, see_other,
};

use crate::frame::{Fault, Frame, Place, in_department, maybe, role_key};
use crate::guard::Who;
use crate::site::{Site, TEXTS};
use crate::words;

/// Bytes of the largest file.
const LARGEST: u64 = 8 * 1024 * 1024;
/// Lists shown that wait for their day, all of them in any town.
const WAITING: i64 = 50;
/// Others shown.
const NEWEST: i64 = 20;
/// People shown of each kind; the counts are of all.
const SHOWN: usize = 100;

#[derive(Template)]
#[template(path = "identity/rosters.html")]
struct RostersPage {
    frame: Frame,
    faults: Vec<Fault>,
    lists: Vec<Line>,
    /// Said when more wait than are shown.
    cut: Option<String>,
    departments: Vec<Department>,
    columns: [&'static str; COLUMNS.len()],
    roles: Vec<&'static str>,
    /// Whether the list that was refused is of everybody.
    whole: bool,
}

struct Line {
    id: String,
    file_name: String,
    read_at: String,
    state: &'static str,
    told: String,
}

/// Where lists are handed in, and what became of the last ones.
pub async fn get(State(site): State<Site>, who: Who, visitor: Visitor) -> PageResult {
    who.may(Action::ReadStaff, &Object::StaffList)?;
    Ok(Html(page(&site, &who, &visitor, Vec::new()).await?).into_response())
}

async fn page(
    site: &Site,
    who: &Who,
    visitor: &Visitor,
    faults: Vec<Fault>,
) -> Result<RostersPage, Trouble> {
    let found = site.store.read(|db| {
        let waiting = rosters::waiting(db, WAITING + 1)?;
        Ok((waiting, rosters::newest(db, NEWEST)?, departments::all(db)?))
    });
    let (mut waiting, others, departments) = found.await?;
    let cut = cut(&mut waiting, WAITING);
    let lists = waiting
        .into_iter()
        .chain(others)
        .map(|list| Line {
            read_at: words::stored(list.read_at),
            state: state(&list),
            told: told(&list),
            id: list.id,
            file_name: list.file_name,
        })
        .collect();
    let roles = Role::ALL.map(|role| TEXTS.text(role_key(role))).into();
    let frame = Frame::of(site, who, visitor, Place::Staff);
    let columns = COLUMNS;
    Ok(RostersPage { frame, faults, lists, cut, departments, columns, roles, whole: false })
}

/// Leaves of what waits as much as is shown, and says so when there is more.
pub(super) fn cut<T>(waiting: &mut Vec<T>, most: i64) -> Option<String> {
    let most = usize::try_from(most).unwrap_or(usize::MAX);
    let more = waiting.len() > most;
    waiting.truncate(most);
    more.then(|| TEXTS.fill("identity.page.rosters.cut", &[("count", &most)]))
}

fn state(list: &Roster) -> &'static str {
    match list.state.as_str() {
        "read" => TEXTS.text("identity.page.rosters.state.read"),
        "waiting" => TEXTS.text("identity.page.rosters.state.waiting"),
        "applied" => TEXTS.text("identity.page.rosters.state.applied"),
        _ => TEXTS.text("identity.page.rosters.state.dropped"),
    }
}

/// What became of a list, in numbers.
fn told(list: &Roster) -> String {
    match (list.state.as_str(), &list.applies_on) {
        ("read", _) if list.reform_id.is_some() => {
            TEXTS.text("identity.page.rosters.with_reform").to_owned()
        }
        ("applied", _) => TEXTS.fill(
            "identity.page.rosters.done",
            &[("joined", &list.joined), ("altered", &list.altered), ("stopped", &list.stopped)],
        ),
        ("waiting", Some(day)) => TEXTS.fill("identity.page.rosters.on", &[("day", day)]),
        _ => String::new(),
    }
}

/// Takes a file to be looked at.
pub async fn post(
    State(site): State<Site>,
    who: Who,
    visitor: Visitor,
    upload: Upload,
) -> PageResult {
    who.may(Action::ManageStaff, &Object::StaffList)?;
    let sent = upload.with_file("file", LARGEST).await?;
    let whole = sent.form.text("whole") == "1";
    let (file_name, bytes) = sent.file.unwrap_or_default();
    let all = site.store.read(departments::all).await?;
    let known = Known {
        departments: all.into_iter().map(|one| one.code).collect(),
        roles: Role::ALL.map(|role| (TEXTS.text(role_key(role)).to_owned(), role)).into(),
    };
    let read = match &sent.too_large {
        Some(name) => Err(Fault::too_large("file", name, LARGEST)),
        None => roster::Roster::read(&bytes, &known)
            .map_err(|fault| Fault::said("file", in_words(&fault))),
    };
    let read = match read {
        Ok(read) => read,
        Err(fault) => {
            let mut page = page(&site, &who, &visitor, vec![fault]).await?;
            page.whole = whole;
            return Err((StatusCode::UNPROCESSABLE_ENTITY, Html(page)).into_response().into());
        }
    };
    let new = NewRoster {
        id: site.new_id(),
        file_name: file_name.chars().take(200).collect(),
        // Somebody whose line could not be read has not left.
        whole: whole && read.faults.is_empty(),
        rows: read.rows,
        faults: read.faults.iter().map(in_words).collect(),
    };
    let (by, id) = (who.by(&site), new.id.clone());
    site.store.write(move |tx| rosters::keep(tx, &by, &new)).await?;
    let said = if whole && !read.faults.is_empty() { "?said=not_whole" } else { "" };
    Ok(see_other(format!("/staff/rosters/{id}{said}")))
}

pub(super) fn in_words(fault: &RosterFault) -> String {
    words::at_line(fault.code.key(), fault)
}

#[derive(Template)]
#[template(path = "identity/roster.html")]
struct RosterPage {
    frame: Frame,
    problems: Vec<Fault>,
    id: String,
    file_name: String,
    read_at: String,
    read_by: String,
    decided_at: Option<String>,
    state: &'static str,
    told: String,
    whole: bool,
    faults: Vec<String>,
    /// What it would change now, as long as it can be decided on.
    open: Option<Open>,
    /// Whether it waits for a day already.
    waiting: bool,
    /// The reform it is taken over with.
    reform: Option<String>,
    can_manage: bool,
    tomorrow: String,
}

struct Open {
    same: usize,
    groups: Vec<Group>,
    grants: Vec<String>,
    nothing: bool,
}

/// People that the list does the same to.
struct Group {
    heading: &'static str,
    lead: &'static str,
    count: usize,
    people: Vec<Shown>,
}

struct Shown {
    login_id: String,
    name: String,
    what: String,
}

/// Shows what a list would change, and what became of it.
pub async fn show(
    State(site): State<Site>,
    who: Who,
    visitor: Visitor,
    Path(id): Path<String>,
    query: QueryData,
) -> PageResult {
    who.may(Action::ReadStaff, &Object::StaffList)?;
    let mut page = roster_page(&site, &who, &visitor, &id).await?;
    page.frame = page.frame.said(&query, "identity");
    Ok(Html(page).into_response())
}

async fn roster_page(
    site: &Site,
    who: &Who,
    visitor: &Visitor,
    id: &str,
) -> Result<RosterPage, Trouble> {
    let wanted = id.to_owned();
    let found = site
        .store
        .read(move |db| {
            let Some(list) = rosters::find(db, &wanted)? else { return Ok(None) };
            let reader = staff::find(db, &list.read_by)?.map(|one| one.display_name);
            let lines = rosters::lines(db, &wanted)?;
            Ok(Some((
                (list, lines),
                reader.unwrap_or_default(),
                rosters::members(db)?,
                departments::ever(db)?,
            )))
        })
        .await?;
    let ((list, (rows, faults)), read_by, members, all) = found.ok_or_else(gone)?;
    let is_open = matches!(list.state.as_str(), "read" | "waiting");
    let open = match is_open {
        true => Some(open(&changes(&rows, &members, list.whole), &all)),
        false => None,
    };
    let tomorrow = words::day(site.clock.now()).tomorrow().or_fault()?.to_string();
    Ok(RosterPage {
        frame: Frame::of(site, who, visitor, Place::Staff),
        problems: Vec::new(),
        file_name: list.file_name.clone(),
        read_at: words::stored(list.read_at),
        read_by,
        decided_at: maybe(list.decided_at),
        state: state(&list),
        told: told(&list),
        whole: list.whole,
        faults,
        open,
        waiting: list.state == "waiting",
        reform: list.reform_id,
        can_manage: who.can(Action::ManageStaff, &Object::StaffList),
        tomorrow,
        id: list.id,
    })
}

fn open(found: &Changes, all: &[Department]) -> Open {
    let joined = found.joined.iter().map(|row| {
        let role = row.role().unwrap_or(Role::Clerk);
        shown(&row.login_id, &row.name, said_of(role, row, all))
    });
    let altered = found.altered.iter().map(|one| {
        shown(
            &one.row.login_id,
            &one.row.name,
            differences(one, all).join(TEXTS.text("identity.page.roster.and")),
        )
    });
    let names = |people: &[Member]| -> Vec<Shown> {
        let named =
            people.iter().map(|one| shown(&one.login_id, &one.name, names(&one.departments, all)));
        named.take(SHOWN).collect()
    };
    let group = |heading, lead, count, people| Group {
        heading: TEXTS.text(heading),
        lead: TEXTS.text(lead),
        count,
        people,
    };
    let groups = vec![
        group(
            "identity.page.roster.joined.heading",
            "identity.page.roster.joined.lead",
            found.joined.len(),
            joined.take(SHOWN).collect(),
        ),
        group(
            "identity.page.roster.altered.heading",
            "identity.page.roster.altered.lead",
            found.altered.len(),
            altered.take(SHOWN).collect(),
        ),
        group(
            "identity.page.roster.left.heading",
            "identity.page.roster.left.lead",
            found.left.len(),
            names(&found.left),
        ),
        group(
            "identity.page.roster.spared.heading",
            "identity.page.roster.spared.lead",
            found.spared.len(),
            names(&found.spared),
        ),
        group(
            "identity.page.roster.stopped.heading",
            "identity.page.roster.stopped.lead",
            found.stopped.len(),
            names(&found.stopped),
        ),
    ];
    Open {
        same: found.same,
        nothing: found.is_empty(),
        grants: grants(found),
        groups: groups.into_iter().filter(|group| group.count > 0).collect(),
    }
}

fn shown(login_id: &str, name: &str, what: String) -> Shown {
    Shown { login_id: login_id.to_owned(), name: name.to_owned(), what }
}

/// Who would become an administrator or an auditor: looked at by name before it happens.
fn grants(found: &Changes) -> Vec<String> {
    let strong = |role: Role| matches!(role, Role::Administrator | Role::Auditor);
    let named = |row: &Row, role: Role| {
        let role = TEXTS.text(role_key(role));
        TEXTS.fill(
            "identity.page.roster.grant",
            &[("name", &row.name), ("id", &row.login_id), ("role", &role)],
        )
    };
    let joined = found.joined.iter().filter_map(|row| Some((row, row.role()?)));
    let altered = found
        .altered
        .iter()
        .filter(|one| one.role() != one.before.role)
        .map(|one| (&one.row, one.role()));
    let all = joined.chain(altered).filter(|(_, role)| strong(*role));
    all.map(|(row, role)| named(row, role)).collect()
}

fn names<'a>(codes: impl IntoIterator<Item = &'a String>, all: &[Department]) -> String {
    let name = |code: &String| {
        let found = all.iter().find(|one| one.code == *code);
        found.map_or_else(|| code.clone(), |one| one.name.clone())
    };
    let names: Vec<String> = codes.into_iter().map(name).collect();
    if names.is_empty() {
        return TEXTS.text("frame.word.none").to_owned();
    }
    names.join(TEXTS.text("frame.and"))
}

/// Departments with the roles named for them.
fn with_roles(
    codes: &BTreeSet<String>,
    roles: &BTreeMap<String, Role>,
    all: &[Department],
) -> String {
    let name = |code: &String| {
        let name = names([code], all);
        roles.get(code).map_or_else(|| name.clone(), |role| in_department(&name, *role))
    };
    if codes.is_empty() {
        return names(codes, all);
    }
    codes.iter().map(name).collect::<Vec<_>>().join(TEXTS.text("frame.and"))
}

/// Posts with their departments; empty for none.
fn posts(held: &BTreeSet<(String, String)>, all: &[Department]) -> String {
    let post = |(code, title): &(String, String)| {
        let facts: [(&str, &dyn std::fmt::Display); 2] =
            [("department", &names([code], all)), ("post", title)];
        TEXTS.fill("identity.posts.of", &facts)
    };
    held.iter().map(post).collect::<Vec<_>>().join(TEXTS.text("frame.and"))
}

fn said_of(role: Role, row: &Row, all: &[Department]) -> String {
    let roles = row.departments.iter().filter_map(|code| Some((code.clone(), row.role_in(code)?)));
    let own = with_roles(&row.departments, &roles.collect(), all);
    let held = row.posts.as_ref().map(|held| posts(held, all)).filter(|held| !held.is_empty());
    let parts = [Some(TEXTS.text(role_key(role)).to_owned()), Some(own), held];
    let parts: Vec<String> = parts.into_iter().flatten().collect();
    parts.join(TEXTS.text("identity.page.roster.and"))
}

fn differences(one: &Altered, all: &[Department]) -> Vec<String> {
    let Altered { before, row } = one;
    let mut told = Vec::new();
    let mut tell = |key: &str, from: &str, to: &str| {
        if from != to {
            let empty = TEXTS.text("frame.word.none");
            let word =
                |text: &str| if text.is_empty() { empty.to_owned() } else { text.to_owned() };
            let what = TEXTS.text(key);
            let args: [(&str, &dyn std::fmt::Display); 3] =
                [("what", &what), ("from", &word(from)), ("to", &word(to))];
            told.push(TEXTS.fill("identity.page.roster.change", &args));
        }
    };
    tell("frame.word.name", &before.name, &row.name);
    tell(
        "frame.word.departments",
        &with_roles(&before.departments, &before.roles, all),
        &with_roles(&row.departments, &one.roles(), all),
    );
    if let Some(held) = &row.posts {
        tell("identity.posts.title", &posts(&before.posts, all), &posts(held, all));
    }
    tell("identity.email", &before.email, one.email());
    tell("frame.word.role", TEXTS.text(role_key(before.role)), TEXTS.text(role_key(one.role())));
    told
}

/// Takes a list over, lets it wait for its day, or gives it up.
pub async fn decide(
    State(site): State<Site>,
    who: Who,
    visitor: Visitor,
    Path(id): Path<String>,
    CsrfForm(form): CsrfForm,
) -> PageResult {
    who.may(Action::ManageStaff, &Object::StaffList)?;
    let (by, clock, wanted) = (who.by(&site), site.clock.clone(), id.clone());
    let done = match form.text("do") {
        "apply" => {
            site.store.write(move |tx| rosters::apply(tx, &by, &clock, &wanted)).await?.is_some()
        }
        "wait" => {
            let today = words::day(site.clock.now());
            let day: Option<Date> = form.text("day").parse().ok();
            let Some(day) = day.filter(|day| *day > today) else {
                let mut page = roster_page(&site, &who, &visitor, &id).await?;
                page.problems = vec![Fault::of("day", "identity.fault.day")];
                return Err((StatusCode::UNPROCESSABLE_ENTITY, Html(page)).into_response().into());
            };
            site.store.write(move |tx| rosters::wait(tx, &by, &wanted, &day.to_string())).await?
        }
        _ => site.store.write(move |tx| rosters::give_up(tx, &by, &wanted)).await?,
    };
    if done { Ok(see_other(format!("/staff/rosters/{id}"))) } else { Err(decided()) }
}

fn gone() -> Trouble {
    Reply::not_found("identity.roster_gone").into()
}

fn decided() -> Trouble {
    Reply::conflict("identity.roster_decided").into()
}
