//! The department's inbox (NF-4, NF-33).

use std::collections::BTreeMap;

use askama::Template;
use axum::extract::State;
use axum::response::IntoResponse as _;
use domain::applications::{ReceiptNumber, State as At};
use domain::calendar::OfficeDays;
use domain::forms::Opening;
use domain::forms::definition::Lang;
use domain::identity::{Action, Object};
use jiff::Timestamp;
use lgwan_zone_store::QueryError;
use lgwan_zone_store::applications::approvals::{self, Waits};
use lgwan_zone_store::applications::charge;
use lgwan_zone_store::applications::countdown;
use lgwan_zone_store::applications::inbox::{self, Line, Order, Soon};
use lgwan_zone_store::applications::inquiries;
use lgwan_zone_store::applications::labels::{self, Label};
use lgwan_zone_store::applications::messages::{self, Counted};
use lgwan_zone_store::applications::slots;
use lgwan_zone_store::applications::withdrawal_requests;
use lgwan_zone_store::filters::{self, Saved};
use lgwan_zone_store::procedures::Procedure;
use platform_store::time;
use platform_web::{Html, PageResult, QueryData, Visitor};

use super::charge as charge_page;
use super::deadline::{self, Deadline};
use super::filter::{self, Due, Filter, NOBODY, Pile, ROWS};
use super::filters as filters_page;
use super::labels as one_label;
use super::show;
use crate::batches::list as batch_list;
use crate::frame::{Choice, Frame, Place, name_of};
use crate::guard::{self, Who};
use crate::inquiries::list;
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
    /// The labels to narrow the list to; empty when there are none.
    labels: Vec<Choice>,
    /// The labels to put on or take off.
    tags: Vec<Choice>,
    /// The texts with which a result can be told to several.
    notices: Vec<Choice>,
    /// Whether a line asks for a day and time.
    slotted: bool,
    /// Whether a line has a label.
    tagged: bool,
    /// Conditions this person keeps: name, address, whether they are shown.
    saved: Vec<(String, String, bool)>,
    can_label: bool,
    orders: Vec<Choice>,
    dues: Vec<Choice>,
    /// How many are late and how many are due this week, with their lists; empty when none.
    soon: Vec<PileView>,
    /// What other departments ask the own ones: how many, and how many of them are late.
    asked: Vec<PileView>,
    /// Whether another department is asked about an application, to narrow the list.
    inquiries: Vec<Choice>,
    /// Whether a correction is late, to narrow the list.
    corrections: Vec<Choice>,
    /// Whether the applicant asked to withdraw, to narrow the list.
    withdrawals: Vec<Choice>,
    /// Whose applications, to narrow the list (担当者).
    charges: Vec<Choice>,
    /// Who can be put in charge of several.
    people: Vec<Choice>,
    /// Whether somebody is in charge of a line.
    charged: bool,
    /// Decisions that wait for this person's approval, the oldest; all are counted.
    mine: Vec<Waits>,
    /// How many of them, trials aside.
    mine_count: usize,
    /// Whether a line has a deadline.
    dated: bool,
    slot: String,
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
    can_issue: bool,
    query_csv: String,
    /// Whether boxes to choose applications are drawn.
    can_work: bool,
    /// Whether all of them are chosen.
    all: bool,
    all_href: String,
    /// Applications about which somebody waits for an answer, the longest first.
    asking: Vec<Asking>,
    /// How many there are in all.
    asking_count: String,
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
    deadline: Option<Deadline>,
    arrived: String,
    age: String,
    attachments: i32,
    held: i32,
    /// Messages and files of the applicant that wait for an answer; empty for none.
    new: String,
    department: String,
    /// Name of who is in charge; empty for nobody.
    in_charge: String,
    /// Days and times it asks for.
    slots: String,
    /// Name and look of its labels.
    labels: Vec<(String, &'static str)>,
}

/// An application about which somebody waits for an answer.
struct Asking {
    number: String,
    href: String,
    procedure: String,
    since: String,
    /// Messages and files that came since; empty for none.
    new: String,
}

/// Applications with a message that waits for an answer, shown at most.
const ASKING: i64 = 20;
/// Decisions that are named for approval.
const MINE: usize = 20;

/// What was found.
struct Found {
    lines: Vec<Line>,
    earlier: bool,
    later: bool,
    cut: bool,
    /// Days and times asked for: application, `2026-12-01T09:30`.
    slots: Vec<(String, String)>,
    /// Its labels: application, label.
    tags: Vec<(String, Label)>,
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
    let person = who.id.clone();
    let now = site.clock.now();
    let (login_id, shelf) = (who.login_id.clone(), site.shelf.clone());
    let answers = list::desks(&who);
    let issuing = batch_list::issuing(&who);
    let today = words::day(now).to_string();
    let (
        found,
        counts,
        (soon, mine, asked, (uncorrected, back)),
        procedures,
        (asking, count, talks, (tags, saved, notices)),
        (members, in_charge),
    ) = site
        .store
        .read(move |db| {
            let mut found = look(db, (&wanted, now), &own, from)?;
            let ids: Vec<String> = found.lines.iter().map(|line| line.id.clone()).collect();
            found.tags = labels::on(db, &ids)?;
            found.slots = slots::on(db, &ids)?;
            let tags = labels::of_departments(db, &own)?;
            let saved = filters::of(db, &person)?;
            let notices = batch_list::offered(db, &issuing)?;
            let procedure = (!wanted.procedure.is_empty()).then_some(wanted.procedure.as_str());
            let counts = match wanted.label.as_str() {
                "" => inbox::counts(db, &own, procedure)?,
                label if tags.iter().any(|one| one.id == label) => {
                    labels::counts(db, label, procedure)?
                }
                _ => Vec::new(),
            };
            let soon = inbox::soon(db, &own, now.as_microsecond(), Due::Week.until(now))?;
            let mine = approvals::waiting(db, &shelf, (&person, &login_id), &own)?;
            let asked = inquiries::waiting(db, &answers, &today)?;
            let uncorrected = inbox::count_uncorrected(db, &own, &today)?;
            let back = withdrawal_requests::waiting(db, &own, None)?.len();
            let procedures = inbox::offered(db, &own)?;
            let asking = messages::waiting(db, &own, ASKING)?;
            let count = messages::count_waiting(db, &own)?;
            let lines = found.lines.iter().map(|line| &line.id);
            let ids: Vec<String> = lines.chain(asking.iter().map(|one| &one.id)).cloned().collect();
            let talks = messages::counted(db, &ids)?;
            let charges = (charge::members(db, &own)?, charge::of(db, &ids)?);
            Ok((
                found,
                counts,
                (soon, mine, asked, (uncorrected, back)),
                procedures,
                (asking, count, talks, (tags, saved, notices)),
                charges,
            ))
        })
        .await?;
    let titles: BTreeMap<&str, &str> =
        procedures.iter().map(|one| (one.id.as_str(), one.title.as_str())).collect();
    let new = |id: &String| talks.get(id).map_or_else(String::new, new_since);
    let days = site.office.days();
    let view = |line: &Line| LineView {
        new: new(&line.id),
        slots: told(&found.slots, &line.id),
        in_charge: in_charge.get(&line.id).map(|(_, name)| name.clone()).unwrap_or_default(),
        ..line_view((line, &found.tags), &titles, &who, (now, days))
    };
    let first = found.lines.first().map(|line| line.place(filter.order));
    let last = found.lines.last().map(|line| line.place(filter.order));
    let lines: Vec<LineView> = found.lines.iter().map(view).collect();
    let page = InboxPage {
        frame: Frame::of(&site, &who, &visitor, Place::Inbox).said(&query, "applications"),
        piles: piles(&filter, &counts),
        states: states(&filter),
        procedures: choices(&filter, &procedures),
        labels: label_choices(&who, &filter, &tags),
        tags: one_label::choices(&who, &tags, &filter.label, false),
        notices: notices.iter().map(|one| Choice::new(&one.id, &one.name, false)).collect(),
        tagged: !found.tags.is_empty(),
        slotted: !found.slots.is_empty(),
        saved: saved_views(&filter, saved),
        can_label: may(&who, &desks, Action::ManageLabels),
        orders: orders(&filter),
        dues: dues(&filter),
        soon: soon_views(&filter, soon, (uncorrected, back)),
        asked: asked_views(asked),
        inquiries: inquiry_choices(&filter),
        corrections: correction_choices(&filter),
        withdrawals: withdrawal_choices(&filter),
        charges: charge_page::narrowing(&who, &filter.charge, &members),
        people: charge_page::people(&members, "", None),
        charged: lines.iter().any(|line| !line.in_charge.is_empty()),
        mine_count: mine.iter().filter(|one| !list::on_trial(&one.number)).count(),
        mine: mine.into_iter().take(MINE).collect(),
        dated: lines.iter().any(|line| line.deadline.is_some()),
        slot: filter.slot.map_or_else(String::new, |day| day.to_string()),
        since: filter.since.map_or_else(String::new, |day| day.to_string()),
        until: filter.until.map_or_else(String::new, |day| day.to_string()),
        note: note(&filter, &tags, found.cut),
        caption: caption(&filter, lines.len()),
        several: desks.len() > 1,
        earlier: first
            .filter(|_| found.earlier)
            .map(|place| format!("/inbox{}", filter.query_at("before", &place))),
        later: last
            .filter(|_| found.later)
            .map(|place| format!("/inbox{}", filter.query_at("after", &place))),
        page_rows: ROWS,
        can_export: may(&who, &desks, Action::ExportApplications),
        can_issue: may(&who, &desks, Action::IssueDocument),
        can_work: may(&who, &desks, Action::WorkOnApplication),
        all: query.0.text("choose") == "all",
        all_href: all_href(&query.0),
        asking: asking
            .into_iter()
            .map(|one| {
                let since = words::stored(one.since);
                let since = TEXTS.fill("applications.talk.since", &[("at", &since)]);
                Asking {
                    new: new(&one.id),
                    number: one.number,
                    href: format!("/applications/{}#talk", one.id),
                    procedure: one.procedure,
                    since,
                }
            })
            .collect(),
        asking_count: TEXTS
            .fill("applications.page.inbox.asking_count", &[("count", &words::count(count))]),
        query_csv: filter.query(),
        q: filter.q,
        lines,
    };
    Ok(Html(page).into_response())
}

/// How many messages and files came since somebody answered.
fn new_since(talk: &Counted) -> String {
    if talk.new_messages == 0 {
        return String::new();
    }
    let count = words::count(talk.new_messages);
    let messages = TEXTS.fill("applications.page.inbox.new_messages", &[("count", &count)]);
    if talk.new_files == 0 {
        return messages;
    }
    let count = words::count(talk.new_files);
    let files = TEXTS.fill("applications.page.inbox.new_files", &[("count", &count)]);
    format!("{messages}{files}")
}

fn look(
    db: &mut platform_store::Db,
    (filter, now): (&Filter, Timestamp),
    desks: &[String],
    from: inbox::From,
) -> Result<Found, QueryError> {
    if filter.q.is_empty() {
        let page = inbox::page(db, &filter.wish(desks, from, ROWS, now))?;
        return Ok(Found {
            lines: page.lines,
            earlier: page.earlier,
            later: page.later,
            cut: false,
            tags: Vec::new(),
            slots: Vec::new(),
        });
    }
    if let Ok(number) = filter.q.parse::<ReceiptNumber>() {
        let line = inbox::by_number(db, desks, &number.to_string())?;
        let lines = line.into_iter().collect();
        return Ok(Found {
            lines,
            earlier: false,
            later: false,
            cut: false,
            tags: Vec::new(),
            slots: Vec::new(),
        });
    }
    let key = domain::text::search_key(&filter.q);
    let wish = filter.wish(desks, inbox::From::Top, ROWS, now);
    let (mut lines, next) = inbox::by_name(db, &wish, &key, None)?;
    inbox::narrow(db, &wish, &mut lines)?;
    match filter.order {
        Order::Newest => {}
        Order::Oldest => lines.reverse(),
        Order::Deadline => lines.sort_by_key(|line| line.place(Order::Deadline)),
    }
    let cut = next.is_some() || lines.len() > SEARCH_ROWS;
    lines.truncate(SEARCH_ROWS);
    Ok(Found { lines, earlier: false, later: false, cut, tags: Vec::new(), slots: Vec::new() })
}

/// The days and times of an application, in words.
pub(super) fn told(slots: &[(String, String)], id: &str) -> String {
    let own = slots.iter().filter(|(of, _)| of == id);
    let told = own.filter_map(|(_, code)| Some(Opening::parse(code)?.told(0, Lang::Ja)));
    told.collect::<Vec<String>>().join(TEXTS.text("applications.slash"))
}

/// Lines a search shows.
const SEARCH_ROWS: usize = 200;

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
        Pile::Expired => "applications.state.expired",
        Pile::Closed => "applications.state.closed",
    })
}

fn states(filter: &Filter) -> Vec<Choice> {
    let any = Choice::new("", TEXTS.text("applications.every"), filter.pile.is_none());
    let each = Pile::ALL
        .into_iter()
        .map(|pile| Choice::new(pile.key(), state_name(pile), filter.pile == Some(pile)));
    std::iter::once(any).chain(each).collect()
}

fn choices(filter: &Filter, procedures: &[Procedure]) -> Vec<Choice> {
    let any = Choice::new("", TEXTS.text("applications.every"), filter.procedure.is_empty());
    let each =
        procedures.iter().map(|one| Choice::new(&one.id, &one.title, filter.procedure == one.id));
    std::iter::once(any).chain(each).collect()
}

/// What must be known of the list: that a search was cut, that the label of the conditions is gone, how far
/// each condition looks, and how far the applications of each state are counted.
fn note(filter: &Filter, tags: &[Label], cut: bool) -> Option<String> {
    let conditions = [
        (filter.inquiries, "inquiries.counted"),
        (filter.charge == NOBODY, "applications.charge.counted_none"),
        (!filter.charge.is_empty() && filter.charge != NOBODY, "applications.charge.counted"),
        (filter.withdrawals, "applications.asked_withdrawal.counted"),
        (filter.uncorrected, "applications.due.uncorrected_counted"),
    ];
    let mut said: String =
        conditions.iter().filter(|(chosen, _)| *chosen).map(|(_, key)| TEXTS.text(key)).collect();
    let is_narrowed = !said.is_empty();
    if cut {
        said += &TEXTS.fill("applications.cut", &[("limit", &inbox::SEARCH_LIMIT)]);
        said += TEXTS.text("applications.cut_all");
    } else if is_narrowed {
        said += TEXTS.text("applications.due.within");
    }
    if !filter.label.is_empty() {
        said += &if tags.iter().any(|one| one.id == filter.label) {
            TEXTS.fill("applications.label.counted", &[("most", &words::count(labels::COUNTED))])
        } else {
            TEXTS.text("applications.label.gone").to_owned()
        };
    } else if is_narrowed {
        said += TEXTS.text("applications.due.piles_before");
    }
    (!said.is_empty()).then_some(said)
}

fn label_choices(who: &Who, filter: &Filter, tags: &[Label]) -> Vec<Choice> {
    if tags.is_empty() {
        return Vec::new();
    }
    let any = Choice::new("", TEXTS.text("applications.every"), filter.label.is_empty());
    let each = one_label::choices(who, tags, &filter.label, true);
    std::iter::once(any).chain(each).collect()
}

fn saved_views(filter: &Filter, saved: Vec<Saved>) -> Vec<(String, String, bool)> {
    let here = filter.query();
    saved
        .into_iter()
        .map(|one| {
            let shown = one.query == here;
            (one.name, filters_page::href(&one.query), shown)
        })
        .collect()
}

fn orders(filter: &Filter) -> Vec<Choice> {
    [
        ("", "applications.order.newest", Order::Newest),
        ("oldest", "applications.order.oldest", Order::Oldest),
        ("deadline", "applications.order.deadline", Order::Deadline),
    ]
    .into_iter()
    .map(|(value, key, order)| Choice::new(value, TEXTS.text(key), filter.order == order))
    .collect()
}

fn dues(filter: &Filter) -> Vec<Choice> {
    let any = Choice::new("", TEXTS.text("applications.every"), filter.due.is_none());
    let each = Due::ALL
        .into_iter()
        .map(|due| Choice::new(due.key(), due_name(due), filter.due == Some(due)));
    std::iter::once(any).chain(each).collect()
}

/// What a choice of deadlines is called.
pub(super) fn due_name(due: Due) -> &'static str {
    TEXTS.text(match due {
        Due::Late => "applications.due.late",
        Due::Today => "applications.due.today",
        Due::Week => "applications.due.week",
    })
}

/// How many are shown, and that a list by deadline leaves out what has none.
fn caption(filter: &Filter, lines: usize) -> String {
    let shown = TEXTS.fill("applications.shown", &[("count", &lines)]);
    match filter.order {
        Order::Newest | Order::Oldest => shown,
        Order::Deadline => format!("{shown}{}", TEXTS.text("applications.by_deadline")),
    }
}

fn soon_views(filter: &Filter, soon: Soon, (uncorrected, back): (usize, usize)) -> Vec<PileView> {
    let most = usize::try_from(inbox::SOON).unwrap_or(usize::MAX);
    let view = |(due, count): (Due, usize)| {
        let text = words::count(i64::try_from(count).unwrap_or(i64::MAX));
        let key = if count < most { "applications.due.count" } else { "applications.due.more" };
        PileView {
            href: format!("/inbox?due={}", due.key()),
            name: due_name(due).to_owned(),
            count: TEXTS.fill(key, &[("count", &text)]),
            here: filter.due == Some(due),
        }
    };
    let counts = [(Due::Late, soon.late), (Due::Week, soon.due)];
    let mut views: Vec<PileView> =
        counts.into_iter().filter(|(_, count)| *count > 0).map(view).collect();
    if uncorrected > 0 {
        let most = usize::try_from(inbox::LATE).unwrap_or(usize::MAX);
        let text = words::count(i64::try_from(uncorrected).unwrap_or(i64::MAX));
        let key =
            if uncorrected < most { "applications.due.count" } else { "applications.due.more" };
        views.push(PileView {
            href: "/inbox?correction=late".to_owned(),
            name: TEXTS.text("applications.due.uncorrected").to_owned(),
            count: TEXTS.fill(key, &[("count", &text)]),
            here: filter.uncorrected,
        });
    }
    if back > 0 {
        let most = usize::try_from(withdrawal_requests::WAITING).unwrap_or(usize::MAX);
        let text = words::count(i64::try_from(back).unwrap_or(i64::MAX));
        let key = if back < most { "applications.due.count" } else { "applications.due.more" };
        views.push(PileView {
            href: "/inbox?withdrawal=asked".to_owned(),
            name: TEXTS.text("applications.asked_withdrawal.heading").to_owned(),
            count: TEXTS.fill(key, &[("count", &text)]),
            here: filter.withdrawals,
        });
    }
    views
}

fn asked_views((open, late): (i64, i64)) -> Vec<PileView> {
    let view = |(key, count): (&str, i64)| PileView {
        href: "/inquiries".to_owned(),
        name: TEXTS.text(key).to_owned(),
        count: TEXTS.fill("applications.due.count", &[("count", &words::count(count))]),
        here: false,
    };
    let counts = [("inquiries.waiting", open), ("inquiries.waiting_late", late)];
    counts.into_iter().filter(|(_, count)| *count > 0).map(view).collect()
}

fn inquiry_choices(filter: &Filter) -> Vec<Choice> {
    let any = Choice::new("", TEXTS.text("applications.every"), !filter.inquiries);
    vec![any, Choice::new("open", TEXTS.text("inquiries.narrowed"), filter.inquiries)]
}

fn correction_choices(filter: &Filter) -> Vec<Choice> {
    let any = Choice::new("", TEXTS.text("applications.every"), !filter.uncorrected);
    vec![any, Choice::new("late", TEXTS.text("applications.due.late"), filter.uncorrected)]
}

fn withdrawal_choices(filter: &Filter) -> Vec<Choice> {
    let any = Choice::new("", TEXTS.text("applications.every"), !filter.withdrawals);
    let asked = TEXTS.text("applications.asked_withdrawal.narrowed");
    vec![any, Choice::new("asked", asked, filter.withdrawals)]
}

fn line_view(
    (line, tags): (&Line, &[(String, Label)]),
    titles: &BTreeMap<&str, &str>,
    who: &Who,
    (now, days): (Timestamp, &OfficeDays),
) -> LineView {
    let own = tags.iter().filter(|(id, _)| *id == line.id);
    let state = At::parse(&line.state).ok();
    let running = state.is_none_or(|state| !state.is_end());
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
        deadline: running
            .then(|| deadline::view(countdown::read(line.deadline_at, line.days_left), now, days))
            .flatten(),
        arrived: words::minute(arrived),
        age: show::age(arrived, now),
        attachments: line.attachments,
        held: line.held,
        new: String::new(),
        department: name_of(&who.departments, &line.department_id),
        slots: String::new(),
        in_charge: String::new(),
        labels: own.map(|(_, one)| (one.name.clone(), one_label::look(&one.colour))).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// NF-33: what a list leaves out is said, and that a file and many steps at once do not leave it out where a
    /// search alone was cut.
    #[test]
    fn a_list_says_what_it_leaves_out() {
        let late = Filter { uncorrected: true, ..Filter::default() };
        let both = Filter { withdrawals: true, ..late.clone() };
        assert_eq!(note(&Filter::default(), &[], false), None);
        for (filter, cut, says, silent) in [
            (&late, false, ["期限の早い2,000件", "この範囲で"], "すべての申請が対象"),
            (&both, false, ["申出の古い2,000件", "期限の早い2,000件"], "すべての申請が対象"),
            (&late, true, ["一部だけ", "すべての申請が対象"], "この範囲で"),
            (&Filter::default(), true, ["一部だけ", "すべての申請が対象"], "絞り込む前"),
        ] {
            let said = note(filter, &[], cut).expect("words");
            assert!(says.iter().all(|words| said.contains(words)), "{said}");
            assert!(!said.contains(silent), "{said}");
        }
    }
}
