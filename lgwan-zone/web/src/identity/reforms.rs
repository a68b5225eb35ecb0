//! 組織改正: handed in as a file, looked at, set to a day (NB-6.5).

use askama::Template;
use axum::extract::{Path, State};
use axum::response::IntoResponse as _;
use domain::identity::reform::{self, COLUMNS, Change, Facts, ReformFault};
use domain::identity::roster::{Known, Roster};
use domain::identity::{Action, Object, Role};
use http::StatusCode;
use jiff::civil::Date;
use lgwan_zone_store::QueryError;
use lgwan_zone_store::api::keys;
use lgwan_zone_store::identity::departments::{self, Department};
use lgwan_zone_store::identity::reforms::{self, Altered, Assets, Move, Reform, View, Waits};
use lgwan_zone_store::identity::rosters::{self as lists, NewRoster};
use lgwan_zone_store::identity::staff;
use platform_store::Db;
use platform_web::multipart::Upload;
use platform_web::{
    CsrfForm, Html, OrFault as _, PageResult, QueryData, Reply, Trouble, Visitor, see_other,
};

use super::rosters;
use crate::frame::{Fault, Frame, Place, maybe, role_key};
use crate::guard::Who;
use crate::site::{Site, TEXTS};
use crate::words;

/// Bytes of the largest file.
const LARGEST: u64 = 8 * 1024 * 1024;
/// Reforms shown that wait for their day, all of them in any town.
const WAITING: i64 = 50;
/// Others shown.
const NEWEST: i64 = 20;
/// Faults shown; the count is of all.
const FAULTS: usize = 100;

#[derive(Template)]
#[template(path = "identity/reforms.html")]
struct ReformsPage {
    frame: Frame,
    faults: Vec<Fault>,
    /// Lines of the file that are wrong, in words.
    wrong: Vec<String>,
    reforms: Vec<Line>,
    /// Said when more wait than are shown.
    cut: Option<String>,
    departments: Vec<Department>,
    columns: Vec<(&'static str, &'static str)>,
    can_manage: bool,
}

struct Line {
    id: String,
    file_name: String,
    read_at: String,
    state: &'static str,
    day: String,
}

/// Where reforms are handed in, and what became of the last ones.
pub async fn get(State(site): State<Site>, who: Who, visitor: Visitor) -> PageResult {
    who.may(Action::ReadStaff, &Object::StaffList)?;
    Ok(Html(page(&site, &who, &visitor, Vec::new()).await?).into_response())
}

async fn page(
    site: &Site,
    who: &Who,
    visitor: &Visitor,
    wrong: Vec<String>,
) -> Result<ReformsPage, Trouble> {
    let found = site.store.read(|db| {
        let waiting = reforms::waiting(db, WAITING + 1)?;
        Ok((waiting, reforms::newest(db, NEWEST)?, departments::all(db)?))
    });
    let (mut waiting, others, departments) = found.await?;
    let about = [
        "identity.page.reforms.about.kind",
        "identity.page.reforms.about.code",
        "identity.page.reforms.about.name",
        "identity.page.reforms.about.phone",
        "identity.page.reforms.about.place",
        "identity.page.reforms.about.heir",
        "identity.page.reforms.about.procedure",
    ];
    let faults = match wrong.is_empty() {
        true => Vec::new(),
        false => vec![Fault::said(
            "file",
            TEXTS.fill("identity.page.reforms.wrong", &[("count", &wrong.len())]),
        )],
    };
    Ok(ReformsPage {
        frame: Frame::of(site, who, visitor, Place::Staff),
        faults,
        wrong: wrong.into_iter().take(FAULTS).collect(),
        cut: rosters::cut(&mut waiting, WAITING),
        reforms: waiting
            .into_iter()
            .chain(others)
            .map(|one| Line {
                read_at: words::stored(one.read_at),
                state: state(&one),
                day: one.applies_on.unwrap_or_default(),
                id: one.id,
                file_name: one.file_name,
            })
            .collect(),
        departments,
        columns: COLUMNS.into_iter().zip(about.map(|key| TEXTS.text(key))).collect(),
        can_manage: who.can(Action::ManageStaff, &Object::StaffList),
    })
}

fn state(one: &Reform) -> &'static str {
    match one.state.as_str() {
        "read" => TEXTS.text("identity.page.reforms.state.read"),
        "waiting" => TEXTS.text("identity.page.reforms.state.waiting"),
        "blocked" => TEXTS.text("identity.page.reforms.state.blocked"),
        "applied" => TEXTS.text("identity.page.reforms.state.applied"),
        _ => TEXTS.text("identity.page.reforms.state.dropped"),
    }
}

/// Takes a file to be looked at: the whole of it, or nothing and every wrong line by its number.
pub async fn post(
    State(site): State<Site>,
    who: Who,
    visitor: Visitor,
    upload: Upload,
) -> PageResult {
    who.may(Action::ManageStaff, &Object::StaffList)?;
    let sent = upload.with_file("file", LARGEST).await?;
    if let Some(name) = &sent.too_large {
        let mut page = page(&site, &who, &visitor, Vec::new()).await?;
        page.faults = vec![Fault::too_large("file", name, LARGEST)];
        return Err((StatusCode::UNPROCESSABLE_ENTITY, Html(page)).into_response().into());
    }
    let (file_name, bytes) = sent.file.unwrap_or_default();
    let city = site.store.read(reforms::city).await?;
    let lines = match reform::read(&bytes, &city) {
        Ok(lines) => lines,
        Err(faults) => {
            let wrong = faults.iter().map(in_words).collect();
            let page = page(&site, &who, &visitor, wrong).await?;
            return Err((StatusCode::UNPROCESSABLE_ENTITY, Html(page)).into_response().into());
        }
    };
    let (by, id) = (who.by(&site), site.new_id());
    let (new, name) = (id.clone(), file_name.chars().take(200).collect::<String>());
    site.store.write(move |tx| reforms::keep(tx, &by, (&new, &name), &lines)).await?;
    Ok(see_other(format!("/staff/reforms/{id}")))
}

fn in_words(fault: &ReformFault) -> String {
    words::at_line(fault.code.key(), fault)
}

#[derive(Template)]
#[template(path = "identity/reform.html")]
struct ReformPage {
    frame: Frame,
    problems: Vec<Fault>,
    id: String,
    file_name: String,
    read_at: String,
    read_by: String,
    decided_at: Option<String>,
    state: &'static str,
    day: String,
    /// What does not fit any more.
    faults: Vec<String>,
    /// What would be nobody's.
    orphans: Vec<String>,
    /// Keys of business systems that meet the heirs from that day.
    keys: Vec<String>,
    founded: Vec<(String, Facts)>,
    altered: Vec<Altered>,
    moves: Vec<Shown>,
    /// The list of staff that goes with it.
    roster: Option<Attached>,
    /// Whether the list that was refused is of everybody.
    whole: bool,
    open: bool,
    can_manage: bool,
    tomorrow: String,
}

struct Shown {
    from: String,
    what: String,
    heir: String,
    counts: String,
}

struct Attached {
    id: String,
    file_name: String,
    people: usize,
}

impl ReformPage {
    /// Whether it can be set to a day.
    fn ready(&self) -> bool {
        self.faults.is_empty() && self.orphans.is_empty()
    }
}

/// Shows what a reform would do, and what became of it.
pub async fn show(
    State(site): State<Site>,
    who: Who,
    visitor: Visitor,
    Path(id): Path<String>,
    query: QueryData,
) -> PageResult {
    who.may(Action::ReadStaff, &Object::StaffList)?;
    let mut page = reform_page(&site, &who, &visitor, &id).await?;
    page.frame = page.frame.said(&query, "identity");
    Ok(Html(page).into_response())
}

/// Names of the keys that meet a department which hands something on.
fn handed(db: &mut Db, lines: &[reform::Line]) -> Result<Vec<String>, QueryError> {
    let mut from = Vec::new();
    for line in lines {
        if matches!(line.change, Change::Hand { .. } | Change::Close { .. }) {
            from.extend(departments::by_code(db, line.change.code())?.map(|one| one.id));
        }
    }
    keys::reaching(db, &from)
}

async fn reform_page(
    site: &Site,
    who: &Who,
    visitor: &Visitor,
    id: &str,
) -> Result<ReformPage, Trouble> {
    let wanted = id.to_owned();
    let found = site
        .store
        .read(move |db| {
            let Some(one) = reforms::find(db, &wanted)? else { return Ok(None) };
            let reader = staff::find(db, &one.read_by)?.map(|one| one.display_name);
            let roster = match &one.roster_id {
                Some(roster) => lists::find(db, roster)?.filter(|list| list.state != "dropped"),
                None => None,
            };
            let roster = match roster {
                Some(list) => Some(Attached {
                    people: lists::lines(db, &list.id)?.0.len(),
                    file_name: list.file_name,
                    id: list.id,
                }),
                None => None,
            };
            let (now, keys) = match one.changes() {
                Ok(lines) if one.told.is_empty() => {
                    let keys = handed(db, &lines)?;
                    (Some(reforms::preview(db, &lines)?), keys)
                }
                _ => (None, Vec::new()),
            };
            Ok(Some((one, reader.unwrap_or_default(), roster, now, keys)))
        })
        .await?;
    let (one, read_by, roster, now, keys) = found.ok_or_else(gone)?;
    let (view, faults): (View, Vec<ReformFault>) = match now {
        Some(now) => now,
        None => (serde_json::from_str(&one.told).or_fault()?, Vec::new()),
    };
    let open = matches!(one.state.as_str(), "read" | "waiting" | "blocked");
    let orphans: Vec<String> =
        view.orphans().map(|it| format!("{}: {}", it.from, counts(&it.assets))).collect();
    Ok(ReformPage {
        frame: Frame::of(site, who, visitor, Place::Staff),
        problems: Vec::new(),
        file_name: one.file_name.clone(),
        read_at: words::stored(one.read_at),
        read_by,
        decided_at: maybe(one.decided_at),
        state: state(&one),
        day: one.applies_on.clone().unwrap_or_default(),
        faults: if open { faults.iter().map(in_words).collect() } else { Vec::new() },
        orphans: if open { orphans } else { Vec::new() },
        keys,
        moves: view.moves.iter().map(shown).collect(),
        founded: view.founded,
        altered: view.altered,
        roster,
        whole: false,
        open,
        can_manage: who.can(Action::ManageStaff, &Object::StaffList),
        tomorrow: words::day(site.clock.now()).tomorrow().or_fault()?.to_string(),
        id: one.id,
    })
}

fn shown(one: &Move) -> Shown {
    let or = |text: &Option<String>, key: &'static str| {
        text.clone().unwrap_or_else(|| TEXTS.text(key).to_owned())
    };
    Shown {
        from: one.from.clone(),
        what: or(&one.procedure, "identity.page.reform.rest"),
        heir: or(&one.heir, "identity.page.reform.nobody"),
        counts: counts(&one.assets),
    }
}

/// How much there is of each, what there is none of left out.
fn counts(assets: &Assets) -> String {
    let all = [
        ("identity.page.reform.procedures", assets.procedures),
        ("identity.page.reform.open_applications", assets.open),
        ("identity.page.reform.decided_applications", assets.decided),
        ("identity.page.reform.designs", assets.designs),
        ("identity.page.reform.questions", assets.questions),
        ("identity.page.reform.staff", assets.staff),
    ];
    let said: Vec<String> = all
        .into_iter()
        .filter(|(_, count)| *count > 0)
        .map(|(key, count)| TEXTS.fill(key, &[("count", &count)]))
        .collect();
    if said.is_empty() {
        return TEXTS.text("frame.word.none").to_owned();
    }
    said.join(TEXTS.text("frame.and"))
}

/// Takes the list of staff that goes with a reform; it may name departments that come with it.
pub async fn roster(
    State(site): State<Site>,
    who: Who,
    visitor: Visitor,
    Path(id): Path<String>,
    upload: Upload,
) -> PageResult {
    who.may(Action::ManageStaff, &Object::StaffList)?;
    let sent = upload.with_file("file", LARGEST).await?;
    let whole = sent.form.text("whole") == "1";
    let (file_name, bytes) = sent.file.unwrap_or_default();
    let wanted = id.clone();
    let found = site
        .store
        .read(move |db| Ok(reforms::find(db, &wanted)?.zip(Some(reforms::city(db)?))))
        .await?;
    let (one, city) = found.ok_or_else(gone)?;
    let known = Known {
        departments: city.codes_after(&one.changes().or_fault()?),
        roles: Role::ALL.map(|role| (TEXTS.text(role_key(role)).to_owned(), role)).into(),
    };
    let read = match &sent.too_large {
        Some(name) => Err(Fault::too_large("file", name, LARGEST)),
        None => Roster::read(&bytes, &known)
            .map_err(|fault| Fault::said("file", rosters::in_words(&fault))),
    };
    let read = match read {
        Ok(read) => read,
        Err(fault) => {
            let mut page = reform_page(&site, &who, &visitor, &id).await?;
            page.problems = vec![fault];
            page.whole = whole;
            return Err((StatusCode::UNPROCESSABLE_ENTITY, Html(page)).into_response().into());
        }
    };
    let new = NewRoster {
        id: site.new_id(),
        file_name: file_name.chars().take(200).collect(),
        whole: whole && read.faults.is_empty(),
        rows: read.rows,
        faults: read.faults.iter().map(rosters::in_words).collect(),
    };
    let (by, target) = (who.by(&site), format!("/staff/rosters/{}", new.id));
    let done = site.store.write(move |tx| reforms::attach(tx, &by, &id, &new)).await?;
    if done { Ok(see_other(target)) } else { Err(decided()) }
}

/// Sets a reform to a day, or gives it up.
pub async fn decide(
    State(site): State<Site>,
    who: Who,
    visitor: Visitor,
    Path(id): Path<String>,
    CsrfForm(form): CsrfForm,
) -> PageResult {
    who.may(Action::ManageStaff, &Object::StaffList)?;
    let (by, wanted) = (who.by(&site), id.clone());
    if form.text("do") != "wait" {
        let done = site.store.write(move |tx| reforms::give_up(tx, &by, &wanted)).await?;
        return if done { Ok(see_other(format!("/staff/reforms/{id}"))) } else { Err(decided()) };
    }
    let today = words::day(site.clock.now());
    let day: Option<Date> = form.text("day").parse().ok();
    let refused = match day.filter(|day| *day > today) {
        None => "identity.fault.day",
        Some(day) => {
            let day = day.to_string();
            match site.store.write(move |tx| reforms::wait(tx, &by, &wanted, &day)).await? {
                Waits::Yes => return Ok(see_other(format!("/staff/reforms/{id}"))),
                Waits::Decided => return Err(decided()),
                Waits::DayTaken => "identity.fault.day_taken",
                Waits::Unfit => "identity.fault.unfit",
            }
        }
    };
    let mut page = reform_page(&site, &who, &visitor, &id).await?;
    page.problems = vec![Fault::of("day", refused)];
    Err((StatusCode::UNPROCESSABLE_ENTITY, Html(page)).into_response().into())
}

fn gone() -> Trouble {
    Reply::not_found("identity.reform_gone").into()
}

fn decided() -> Trouble {
    Reply::conflict("identity.reform_decided").into()
}
