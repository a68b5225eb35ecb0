//! The department's inbox (NF-4, NF-33).

use std::collections::BTreeMap;

use askama::Template;
use axum::extract::State;
use axum::response::IntoResponse as _;
use domain::applications::{ReceiptNumber, State as At};
use domain::identity::{Action, Object};
use lgwan_zone_store::applications::inbox::{self, Line};
use lgwan_zone_store::{QueryError, procedures};
use platform_store::time;
use platform_web::{Html, PageResult, QueryData, Visitor};

use super::filter::{self, Filter, Pile, ROWS};
use super::show;
use crate::frame::{Choice, Frame, Place, name_of};
use crate::guard::{self, Who};
use crate::site::{Site, TEXTS};
use crate::words;

#[derive(Template)]
#[template(path = "applications/inbox.html")]
struct InboxPage {
    frame: Frame,
    piles: Vec<PileView>,
    q: String,
    states: Vec<Choice>,
    procedures: Vec<Choice>,
    orders: Vec<Choice>,
    since: String,
    until: String,
    note: Option<String>,
    caption: String,
    lines: Vec<LineView>,
    several: bool,
    earlier: Option<String>,
    later: Option<String>,
    page_rows: usize,
    can_export: bool,
    query_csv: String,
    /// Whether boxes to choose applications are drawn.
    can_work: bool,
    /// Whether all of them are chosen.
    all: bool,
    all_href: String,
}

struct PileView {
    href: String,
    name: String,
    count: String,
    here: bool,
}

struct LineView {
    id: String,
    version: i32,
    number: String,
    procedure: String,
    applicant: String,
    state: String,
    tone: &'static str,
    due: Option<String>,
    arrived: String,
    age: String,
    attachments: i32,
    held: i32,
    department: String,
}

/// What was found.
struct Found {
    lines: Vec<Line>,
    earlier: bool,
    later: bool,
    cut: bool,
}

/// Shows the list.
pub async fn get(
    State(site): State<Site>,
    who: Who,
    visitor: Visitor,
    query: QueryData,
) -> PageResult {
    let filter = Filter::read(&query.0);
    let desks = who.desks();
    let from = filter::from(&query.0);
    let (wanted, own) = (filter.clone(), desks.clone());
    let (found, counts, procedures, others) = site
        .store
        .read(move |db| {
            let found = look(db, &wanted, &own, from)?;
            let procedure = (!wanted.procedure.is_empty()).then_some(wanted.procedure.as_str());
            let counts = inbox::counts(db, &own, procedure)?;
            let procedures = procedures::list(db, Some(&own))?;
            let known = |line: &Line| procedures.iter().any(|one| one.id == line.procedure_id);
            // An application may come from another department's procedure (NF-48).
            let foreign = !found.lines.iter().all(known);
            let others = if foreign { procedures::list(db, None)? } else { Vec::new() };
            Ok((found, counts, procedures, others))
        })
        .await?;
    let titles: BTreeMap<&str, &str> =
        procedures.iter().chain(&others).map(|one| (one.id.as_str(), one.title.as_str())).collect();
    let now = site.clock.now();
    let view = |line: &Line| line_view(line, &titles, &who, now);
    let first = found.lines.first().map(Line::place);
    let last = found.lines.last().map(Line::place);
    let lines: Vec<LineView> = found.lines.iter().map(view).collect();
    let page = InboxPage {
        frame: Frame::of(&site, &who, &visitor, Place::Inbox).said(&query, "applications"),
        piles: piles(&filter, &counts),
        states: states(&filter),
        procedures: choices(&filter, &procedures),
        orders: orders(&filter),
        since: filter.since.map_or_else(String::new, |day| day.to_string()),
        until: filter.until.map_or_else(String::new, |day| day.to_string()),
        note: found.cut.then(|| TEXTS.fill("applications.cut", &[("limit", &inbox::SEARCH_LIMIT)])),
        caption: TEXTS.fill("applications.shown", &[("count", &lines.len())]),
        several: desks.len() > 1,
        earlier: first
            .filter(|_| found.earlier)
            .map(|place| format!("/inbox{}", filter.query_at("before", &place))),
        later: last
            .filter(|_| found.later)
            .map(|place| format!("/inbox{}", filter.query_at("after", &place))),
        page_rows: ROWS,
        can_export: may(&who, &desks, Action::ExportApplications),
        can_work: may(&who, &desks, Action::WorkOnApplication),
        all: query.0.text("choose") == "all",
        all_href: all_href(&query.0),
        query_csv: filter.query(),
        q: filter.q,
        lines,
    };
    Ok(Html(page).into_response())
}

fn look(
    db: &mut platform_store::Db,
    filter: &Filter,
    desks: &[String],
    from: inbox::From,
) -> Result<Found, QueryError> {
    if filter.q.is_empty() {
        let page = inbox::page(db, &filter.wish(desks, from, ROWS))?;
        return Ok(Found {
            lines: page.lines,
            earlier: page.earlier,
            later: page.later,
            cut: false,
        });
    }
    if let Ok(number) = filter.q.parse::<ReceiptNumber>() {
        let line = inbox::by_number(db, desks, &number.to_string())?;
        let lines = line.into_iter().collect();
        return Ok(Found { lines, earlier: false, later: false, cut: false });
    }
    let key = domain::text::search_key(&filter.q);
    let (mut lines, cut) = inbox::by_name(db, desks, &key)?;
    let wish = filter.wish(desks, inbox::From::Top, ROWS);
    lines.retain(|line| fits(line, &wish));
    if filter.oldest {
        lines.reverse();
    }
    let cut = cut || lines.len() > SEARCH_ROWS;
    lines.truncate(SEARCH_ROWS);
    Ok(Found { lines, earlier: false, later: false, cut })
}

/// Lines a search shows.
const SEARCH_ROWS: usize = 200;

/// Whether a line found by name also meets the other conditions.
pub(super) fn fits(line: &Line, wish: &inbox::Wish) -> bool {
    (wish.states.is_empty() || wish.states.contains(&line.state))
        && wish.procedure.as_ref().is_none_or(|id| *id == line.procedure_id)
        && wish.since.is_none_or(|since| line.arrived_at >= since)
        && wish.until.is_none_or(|until| line.arrived_at < until)
}

fn may(who: &Who, desks: &[String], action: Action) -> bool {
    let can = |department| who.can(action, &Object::Inbox { department });
    desks.iter().any(|id| guard::department(id).is_ok_and(can))
}

/// The same page of the list with every application chosen; works without script.
fn all_href(query: &platform_web::FormData) -> String {
    let filter = Filter::read(query).query();
    let turns = ["after", "before"].into_iter();
    let turn = turns.map(|name| (name, query.text(name))).find(|(_, place)| !place.is_empty());
    let joint = if filter.is_empty() { '?' } else { '&' };
    let turn = turn
        .map_or_else(String::new, |(name, place)| format!("{name}={}&", words::in_query(place)));
    format!("/inbox{filter}{joint}{turn}choose=all#list")
}

fn piles(filter: &Filter, counts: &[(String, i64)]) -> Vec<PileView> {
    let of = |pile: Pile| -> i64 {
        let states = pile.states();
        counts.iter().filter(|(state, _)| states.contains(state)).map(|(_, count)| count).sum()
    };
    let href = |pile| {
        let narrowed = Filter { pile, q: String::new(), ..filter.clone() };
        format!("/inbox{}", narrowed.query())
    };
    let all = PileView {
        href: href(None),
        name: TEXTS.text("applications.every").to_owned(),
        count: words::count(counts.iter().map(|(_, count)| count).sum()),
        here: filter.pile.is_none(),
    };
    let each = Pile::ALL.into_iter().map(|pile| PileView {
        href: href(Some(pile)),
        name: state_name(pile).to_owned(),
        count: words::count(of(pile)),
        here: filter.pile == Some(pile),
    });
    std::iter::once(all).chain(each).collect()
}

fn state_name(pile: Pile) -> &'static str {
    TEXTS.text(match pile {
        Pile::Arrived => "applications.state.arrived",
        Pile::Accepted => "applications.state.accepted",
        Pile::Reviewing => "applications.state.reviewing",
        Pile::Correction => "applications.state.correction",
        Pile::Notified => "applications.state.notified",
        Pile::Done => "applications.state.done",
        Pile::Rejected => "applications.state.rejected",
        Pile::Withdrawn => "applications.state.withdrawn",
        Pile::RefusedEntry => "applications.state.refused_entry",
    })
}

fn states(filter: &Filter) -> Vec<Choice> {
    let any = Choice::new("", TEXTS.text("applications.every"), filter.pile.is_none());
    let each = Pile::ALL
        .into_iter()
        .map(|pile| Choice::new(pile.key(), state_name(pile), filter.pile == Some(pile)));
    std::iter::once(any).chain(each).collect()
}

fn choices(filter: &Filter, procedures: &[procedures::Procedure]) -> Vec<Choice> {
    let any = Choice::new("", TEXTS.text("applications.every"), filter.procedure.is_empty());
    let each =
        procedures.iter().map(|one| Choice::new(&one.id, &one.title, filter.procedure == one.id));
    std::iter::once(any).chain(each).collect()
}

fn orders(filter: &Filter) -> Vec<Choice> {
    vec![
        Choice::new("", TEXTS.text("applications.order.newest"), !filter.oldest),
        Choice::new("oldest", TEXTS.text("applications.order.oldest"), filter.oldest),
    ]
}

fn line_view(
    line: &Line,
    titles: &BTreeMap<&str, &str>,
    who: &Who,
    now: jiff::Timestamp,
) -> LineView {
    let state = At::parse(&line.state).ok();
    let arrived = time::from_micros(line.arrived_at);
    LineView {
        id: line.id.clone(),
        version: line.version,
        number: line.number.clone(),
        procedure: titles.get(line.procedure_id.as_str()).copied().unwrap_or("").to_owned(),
        applicant: show::applicant(&line.applicant_name),
        state: TEXTS.text(state.map_or("frame.unknown", At::name_key)).to_owned(),
        tone: state.map_or("end", show::tone),
        due: line.due.clone(),
        arrived: words::minute(arrived),
        age: show::age(arrived, now),
        attachments: line.attachments,
        held: line.held,
        department: name_of(&who.departments, &line.department_id),
    }
}
