//! The procedure around the form: address, period, applicant, files, capacity.

use super::{Problem, ProblemCode};
use crate::applications::{MOST_APPROVALS, MOST_POINTS, Stage, is_each_another, post};
use crate::calendar::OfficeDays;
use crate::forms::compiled::{capacities, is_id};
use crate::forms::definition::{
    Bound, Capacity, Delegates, Field, LONGEST_NOTE, Lang, Listing, Login, MAX_LIST_ROWS,
    MOST_COSIGNERS, MOST_TOTAL_MB, Mode, OncePer, Procedure, Required, SamePerson, Words,
};
use crate::forms::fees;
use crate::procedures::is_trial;

/// Most seats, pages, fields of a page.
const MAX_SEATS: u32 = 1_000_000;
/// Longest time seats are kept before sending: a day.
const MAX_HOLD_MINUTES: u32 = 1_440;
const MAX_PAGES: usize = 60;
const MAX_FIELDS: usize = 1_000;

pub(super) fn check(procedure: &Procedure, found: &mut Vec<Problem>) {
    if is_trial(procedure.id.as_str()) {
        found.push(Problem::error("id", ProblemCode::TrialId, procedure.id.as_str()));
    }
    if !is_slug(&procedure.slug) {
        found.push(Problem::error("slug", ProblemCode::BadSlug, &procedure.slug));
    }
    not_empty(&procedure.title, "title", found);
    not_empty(&procedure.summary, "summary", found);
    if let (Some(from), Some(until)) = (procedure.open.from, procedure.open.until)
        && from >= until
    {
        found.push(Problem::error("open", ProblemCode::BadPeriod, ""));
    }
    form_and_mode(procedure, found);
    sizes(procedure, found);
    files(procedure, found);
    lists(procedure, found);
    if let Some(capacity) = &procedure.capacity {
        seats(capacity, "capacity", found);
    }
    waitlists(procedure, found);
    if let Some(once) = &procedure.access.once_per {
        once_per(procedure, once, found);
    }
    let town = &procedure.town_days;
    if let Err(bad) = OfficeDays::read(&town.closed, &town.open) {
        found.push(Problem::error("town_days", ProblemCode::TownDays, &bad.0));
    }
    if !procedure.staff_of.is_empty() && procedure.listing != Listing::Internal {
        found.push(Problem::error("staff_of", ProblemCode::StaffOfPublic, ""));
    }
    delegates(procedure, found);
    cosigners(procedure, found);
    approvals(procedure, found);
    points(procedure, found);
    notices(procedure, found);
    if procedure.pay.when.is_some() && fees::questions(procedure).next().is_none() {
        found.push(Problem::warning("pay.when", ProblemCode::PayWithoutFee, ""));
    }
}

/// What must be told cannot be switched off, and a paragraph is a paragraph (NF-29).
fn notices(procedure: &Procedure, found: &mut Vec<Problem>) {
    let citizen = &procedure.notify.citizen;
    for event in citizen.off.iter().filter(|event| event.is_required()) {
        found.push(Problem::error("notify.citizen.off", ProblemCode::BadNotice, event.word()));
    }
    for (event, note) in &citizen.notes {
        let texts = Lang::ALL.map(|lang| note.text(lang));
        if texts.iter().any(|text| text.chars().count() > LONGEST_NOTE) {
            let at = format!("notify.citizen.notes.{}", event.word());
            found.push(Problem::error(&at, ProblemCode::BadNotice, event.word()));
        }
    }
}

/// A decision that nobody could approve would never be told.
fn approvals(procedure: &Procedure, found: &mut Vec<Problem>) {
    let workflow = &procedure.workflow;
    if workflow.approvals.is_empty() {
        return;
    }
    let reviewed = workflow.stages.contains(&Stage::Review);
    let named = |entry: &str| !post(entry).unwrap_or(entry).is_empty();
    let filled = workflow
        .approvals
        .iter()
        .all(|one| !one.title.is_empty() && !one.staff.is_empty() && one.everybody().all(named));
    if !reviewed || !filled || workflow.approvals.len() > MOST_APPROVALS {
        found.push(Problem::error("workflow.approvals", ProblemCode::BadApprovals, ""));
    }
    // Who holds a post is known when it is looked at, so a stage with a post has somebody of its own.
    let people: Vec<Vec<&str>> = workflow
        .approvals
        .iter()
        .filter(|stage| stage.everybody().all(|entry| post(entry).is_none()))
        .map(|stage| stage.everybody().collect())
        .collect();
    if filled && workflow.same_person == SamePerson::Forbidden && !is_each_another(&people) {
        found.push(Problem::error("workflow.approvals", ProblemCode::FewApprovers, ""));
    }
}

/// A point that could not be told from another one would be marked twice or never.
fn points(procedure: &Procedure, found: &mut Vec<Problem>) {
    let points = &procedure.workflow.points;
    let bad = |n: usize| {
        let point = &points[n];
        let twice = points[..n].iter().any(|other| other.id == point.id);
        twice || !is_id(&point.id) || point.title.trim().is_empty()
    };
    for n in (0..points.len()).filter(|n| bad(*n)) {
        let at = format!("workflow.points[{n}]");
        found.push(Problem::error(&at, ProblemCode::BadPoint, &points[n].title));
    }
    if points.len() > MOST_POINTS {
        found.push(Problem::error("workflow.points", ProblemCode::BadPoint, ""));
    }
}

/// Whether a text can be the last part of a procedure's address: 1 to 60 of `a-z 0-9 -`.
#[must_use]
pub fn is_slug(slug: &str) -> bool {
    let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
    (1..=60).contains(&slug.len()) && slug.bytes().all(plain) && !slug.starts_with('-')
}

pub(super) fn not_empty(words: &Words, at: &str, found: &mut Vec<Problem>) {
    if words.is_empty() {
        found.push(Problem::error(at, ProblemCode::Empty, ""));
    }
}

pub(super) fn seats(capacity: &Capacity, at: &str, found: &mut Vec<Problem>) {
    if !(1..=MAX_SEATS).contains(&capacity.max) {
        found.push(Problem::error(at, ProblemCode::BadCapacity, &capacity.max.to_string()));
    }
    if capacity.hold_minutes > MAX_HOLD_MINUTES {
        let minutes = capacity.hold_minutes.to_string();
        found.push(Problem::error(&format!("{at}.hold_minutes"), ProblemCode::TooMuch, &minutes));
    }
    if capacity.waitlist > MAX_SEATS {
        let places = capacity.waitlist.to_string();
        found.push(Problem::error(&format!("{at}.waitlist"), ProblemCode::TooMuch, &places));
    }
}

/// Whoever waits must be reachable: nobody is told of a seat without an address.
fn waitlists(procedure: &Procedure, found: &mut Vec<Problem>) {
    if procedure.access.login != Login::None {
        return;
    }
    for (_, at, capacity) in capacities(procedure) {
        if capacity.waitlist > 0 {
            let at = format!("{at}.waitlist");
            // All days and times of a question have theirs at one place.
            if found.last().is_none_or(|last| last.at != at) {
                found.push(Problem::error(&at, ProblemCode::WaitlistNeedsAddress, ""));
            }
        }
    }
}

fn form_and_mode(procedure: &Procedure, found: &mut Vec<Problem>) {
    let wrong = match procedure.mode {
        Mode::Online => procedure.pages.is_empty(),
        Mode::Download => !procedure.pages.is_empty(),
        Mode::Guide => procedure.pages.is_empty() || procedure.outcomes.is_empty(),
    };
    if wrong || (procedure.mode != Mode::Guide && !procedure.outcomes.is_empty()) {
        found.push(Problem::error("mode", ProblemCode::FormAndMode, ""));
    }
    for (n, outcome) in procedure.outcomes.iter().enumerate() {
        let at = format!("outcomes[{n}]");
        if outcome.procedure.is_empty() {
            not_empty(&outcome.note, &format!("{at}.note"), found);
        } else if !is_slug(&outcome.procedure) {
            found.push(Problem::error(&at, ProblemCode::BadSlug, &outcome.procedure));
        }
    }
}

fn sizes(procedure: &Procedure, found: &mut Vec<Problem>) {
    let size = |field: &Field| 1 + field.repeat().map_or(0, |repeat| repeat.fields.len());
    let all = procedure.pages.iter().flat_map(|page| &page.fields);
    let fields: usize = all.map(size).sum();
    if procedure.pages.len() > MAX_PAGES || fields > MAX_FIELDS {
        found.push(Problem::error("pages", ProblemCode::TooMuch, &fields.to_string()));
    }
    if procedure.total_mb > MOST_TOTAL_MB {
        let most = MOST_TOTAL_MB.to_string();
        found.push(Problem::error("total_mb", ProblemCode::TooMuch, &most));
    }
}

/// Media types of files that travel with the document.
const MEDIA: [&str; 6] = [
    "application/pdf",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "image/png",
    "image/jpeg",
    "text/plain",
];

fn files(procedure: &Procedure, found: &mut Vec<Problem>) {
    for (n, file) in procedure.files.iter().enumerate() {
        let at = format!("files[{n}]");
        if !is_id(&file.id) {
            found.push(Problem::error(&at, ProblemCode::BadId, &file.id));
        }
        if procedure.files[..n].iter().any(|other| other.id == file.id) {
            found.push(Problem::error(&at, ProblemCode::RepeatedId, &file.id));
        }
        not_empty(&file.title, &format!("{at}.title"), found);
        let named = !file.name.is_empty() && !file.name.contains(['/', '\\', '\0', '\n', '\r']);
        let filled = file.bytes().is_some_and(|bytes| !bytes.is_empty());
        if !named || !filled || !MEDIA.contains(&file.media.as_str()) {
            found.push(Problem::error(&at, ProblemCode::BadFile, &file.name));
        }
    }
}

fn lists(procedure: &Procedure, found: &mut Vec<Problem>) {
    for (n, list) in procedure.lists.iter().enumerate() {
        let at = format!("lists[{n}]");
        ids(&list.id, procedure.lists[..n].iter().map(|other| &other.id), &at, found);
        if list.title.trim().is_empty() {
            found.push(Problem::error(&format!("{at}.title"), ProblemCode::Empty, ""));
        }
        for (c, column) in list.columns.iter().enumerate() {
            let at = format!("{at}.columns[{c}]");
            ids(&column.id, list.columns[..c].iter().map(|other| &other.id), &at, found);
        }
        if list.rows.len() > MAX_LIST_ROWS {
            found.push(Problem::error(&at, ProblemCode::TooMuch, &MAX_LIST_ROWS.to_string()));
        }
        let broken = |row: &Vec<String>| {
            row.len() != list.columns.len() || row.first().is_none_or(|name| name.trim().is_empty())
        };
        if let Some(row) = list.rows.iter().position(broken) {
            let place = (row + 1).to_string();
            found.push(Problem::error(&at, ProblemCode::BrokenEntry, &place));
        }
        if list.rows.is_empty() {
            found.push(Problem::warning(&at, ProblemCode::EmptyList, &list.id));
        }
    }
}

/// An id that is one, and stands once.
pub(super) fn ids<'i>(
    id: &String,
    mut others: impl Iterator<Item = &'i String>,
    at: &str,
    found: &mut Vec<Problem>,
) {
    if !is_id(id) {
        found.push(Problem::error(at, ProblemCode::BadId, id));
    }
    if others.any(|other| other == id) {
        found.push(Problem::error(at, ProblemCode::RepeatedId, id));
    }
}

/// Who applies must be known by an account, or forbidding delegates promises what nobody can see.
fn delegates(procedure: &Procedure, found: &mut Vec<Problem>) {
    let access = &procedure.access;
    if access.delegates == Delegates::Forbidden && access.login != Login::Account {
        found.push(Problem::error("access.delegates", ProblemCode::DelegatesUnknown, ""));
    }
}

/// Who signs together with somebody must know who that is, and so must the town.
fn cosigners(procedure: &Procedure, found: &mut Vec<Problem>) {
    let asked = &procedure.access.cosigners;
    if asked.is_empty() {
        return;
    }
    if procedure.access.login != Login::Account || procedure.mode != Mode::Online {
        found.push(Problem::error("access.cosigners", ProblemCode::CosignersNeedAccount, ""));
    }
    let most = i64::from(MOST_COSIGNERS);
    let mut sum = 0;
    for (n, one) in asked.iter().enumerate() {
        let at = format!("access.cosigners[{n}]");
        ids(&one.id, asked[..n].iter().map(|other| &other.id), &at, found);
        not_empty(&one.who, &format!("{at}.who"), found);
        let count = match &one.count {
            None => 1,
            Some(Bound::Whole(count)) => *count,
            // Counted when it is filled in, and cut there.
            Some(Bound::Expr(_)) => 0,
        };
        let counted = matches!(&one.count, Some(Bound::Whole(_))) && !(1..=most).contains(&count);
        sum += count.clamp(0, most);
        if counted || sum > most {
            let most = MOST_COSIGNERS.to_string();
            found.push(Problem::error(&format!("{at}.count"), ProblemCode::TooMuch, &most));
        }
    }
}

/// The key must be known for every applicant: what they log in with, or a required answer.
fn once_per(procedure: &Procedure, once: &OncePer, found: &mut Vec<Problem>) {
    let known = match once.key.as_str() {
        "account" => procedure.access.login == Login::Account,
        "email" => procedure.access.login != Login::None,
        key => key.strip_prefix("field:").is_some_and(|id| {
            let fields = procedure.pages.iter().flat_map(|page| &page.fields);
            fields.into_iter().any(|f| f.id == id && f.required == Required::Fixed(true))
        }),
    };
    if !known {
        found.push(Problem::error("access.once_per", ProblemCode::BadOncePer, &once.key));
    }
    let mut fields = procedure.pages.iter().flat_map(|page| &page.fields);
    let of = once.key.strip_prefix("field:").and_then(|id| fields.find(|field| field.id == id));
    if let Some(field) = of.filter(|field| field.is_partial_date()) {
        found.push(Problem::error("access.once_per", ProblemCode::PartialKey, &field.id));
    }
}
