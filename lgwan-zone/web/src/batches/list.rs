//! One step, one label, or one person in charge, for every application that meets the conditions of the list,
//! on this page or not.

use std::collections::BTreeMap;

use axum::extract::State;
use domain::applications::{Event, Rules, State as At, WithdrawUntil};
use domain::identity::{Action, Object};
use lgwan_zone_store::applications::charge;
use lgwan_zone_store::applications::file;
use lgwan_zone_store::applications::inbox::{self, Line};
use lgwan_zone_store::applications::labels::Label;
use lgwan_zone_store::batches::foresee::foresee;
use lgwan_zone_store::batches::{self, Batch, CHARGE, LABEL_OFF, LABEL_ON, MOST, Outcome, Row};
use lgwan_zone_store::templates::{self, Template};
use lgwan_zone_store::{QueryError, procedures};
use platform_store::Db;
use platform_web::{CsrfForm, FormData, OrFault as _, PageResult, Reply, Trouble, see_other};

use crate::applications::filter::Filter;
use crate::applications::{export, several};
use crate::guard::{self, Who};
use crate::site::Site;

/// Lines read at once.
const PIECE: usize = 500;

/// Works out what the step would do, and leads to the page that says so.
pub async fn post(State(site): State<Site>, who: Who, CsrfForm(form): CsrfForm) -> PageResult {
    let back = form.text("back").trim_start_matches('?');
    let filter = Filter::read(&FormData::parse(back.as_bytes()).unwrap_or_default());
    let list = format!("/inbox{}", filter.query());
    let joint = if list.contains('?') { '&' } else { '?' };
    let chosen = several::chosen(&form);
    let pressed = form.text("do");
    let (pressed, picked) = match pressed.strip_suffix(CHOSEN) {
        Some(step) => (step, true),
        None => (pressed, false),
    };
    let act = act(&site, &who, &form, pressed).await?;
    let Some(act) = act.filter(|_| !picked || !chosen.is_empty()) else {
        return Ok(see_other(format!("{list}{joint}said=none_chosen")));
    };
    let (desks, now) = (who.desks(), site.clock.now());
    let able = act.states();
    let found: Vec<Found> = if picked {
        site.store.read(move |db| named(db, &chosen, &desks)).await?
    } else {
        let found = site.store.read(move |db| lines(db, (&filter, able, now), &desks)).await?;
        found.into_iter().map(Found::from).collect()
    };
    if found.is_empty() {
        return Ok(see_other(format!("{list}{joint}said=none_fits")));
    }
    let id = keep(&site, &who, act, found).await?;
    Ok(see_other(format!("/inbox/batches/{id}")))
}

/// What the buttons end with that are for those that were chosen.
const CHOSEN: &str = "_chosen";

/// What each application gets.
enum Act {
    Step(Event),
    Label(Label, bool),
    /// Who is in charge; `None` for nobody.
    Charge(Option<Person>),
    /// The result, with a document by this text.
    Notice(Box<Template>),
}

/// Who is put in charge.
struct Person {
    id: String,
    name: String,
    /// Where they work.
    departments: Vec<String>,
}

impl Act {
    /// States in which it can be done.
    fn states(&self) -> Vec<String> {
        match self {
            Self::Step(event) => states(*event),
            Self::Notice(_) => states(Event::Notify),
            Self::Label(..) => At::ALL.into_iter().map(|state| state.key().to_owned()).collect(),
            Self::Charge(_) => {
                let open = At::ALL.into_iter().filter(|state| !state.is_end());
                open.map(|state| state.key().to_owned()).collect()
            }
        }
    }

    /// The step it is, if it is one.
    fn event(&self) -> Option<Event> {
        match self {
            Self::Step(event) => Some(*event),
            Self::Notice(_) => Some(Event::Notify),
            Self::Label(..) | Self::Charge(_) => None,
        }
    }

    /// Why nothing would come of it, as far as it is said by what was chosen.
    fn stopped(&self, one: &Found) -> Option<Outcome> {
        let unfit = match self {
            Self::Notice(template) => (!template.fits(&one.procedure_id, &one.department_id))
                .then_some(Outcome::OtherProcedure),
            Self::Charge(person) => {
                let foreign = |person: &Person| !person.departments.contains(&one.department_id);
                person.as_ref().is_some_and(foreign).then_some(Outcome::NotMember)
            }
            Self::Step(_) | Self::Label(..) => None,
        };
        if unfit.is_some() {
            return unfit;
        }
        if !self.states().contains(&one.state) {
            return Some(Outcome::NotNow);
        }
        match self {
            Self::Charge(person) => {
                let is_so = one.in_charge.as_ref() == person.as_ref().map(|person| &person.id);
                is_so.then_some(Outcome::Before)
            }
            Self::Notice(_) | Self::Step(_) | Self::Label(..) => None,
        }
    }
}

/// An application of the batch.
struct Found {
    id: String,
    number: String,
    version: i32,
    state: String,
    procedure_id: String,
    department_id: String,
    /// Who is in charge, where that is asked.
    in_charge: Option<String>,
    /// What stops it, asked as when its turn comes.
    stopped: Option<Outcome>,
}

impl From<Line> for Found {
    fn from(line: Line) -> Self {
        Self {
            id: line.id,
            number: line.number,
            version: line.version,
            state: line.state,
            procedure_id: line.procedure_id,
            department_id: line.department_id,
            in_charge: None,
            stopped: None,
        }
    }
}

/// Those that were chosen, in the version in which each was looked at.
fn named(
    db: &mut Db,
    chosen: &[(String, i32)],
    desks: &[String],
) -> Result<Vec<Found>, QueryError> {
    let ids: Vec<String> = chosen.iter().map(|(id, _)| id.clone()).collect();
    let mut rows = file::rows(db, &ids)?;
    rows.retain(|row| desks.contains(&row.department_id));
    let found = chosen.iter().filter_map(|(id, seen)| {
        let row = rows.iter().find(|row| row.id == *id)?;
        Some(Found {
            id: row.id.clone(),
            number: row.number.clone(),
            version: *seen,
            state: row.state.clone(),
            procedure_id: row.procedure_id.clone(),
            department_id: row.department_id.clone(),
            in_charge: None,
            stopped: None,
        })
    });
    Ok(found.collect())
}

/// What was pressed; `None` when nothing can be done with it.
async fn act(
    site: &Site,
    who: &Who,
    form: &FormData,
    pressed: &str,
) -> Result<Option<Act>, Trouble> {
    if pressed == Event::Notify.key() {
        let wanted = form.text("template").to_owned();
        let desks = issuing(who);
        let all = site.store.read(move |db| offered(db, &desks)).await?;
        let template = all.into_iter().find(|one| one.id == wanted);
        return Ok(template.map(|one| Act::Notice(Box::new(one))));
    }
    if pressed == CHARGE {
        return in_charge(site, who, form.text("person")).await.map(Some);
    }
    if let Some(on) = several::labels(pressed) {
        let label = several::chosen_label(site, who, form.text("tag")).await?;
        return Ok(label.map(|label| Act::Label(label, on)));
    }
    let reasoned = several::reasoned(pressed).map(|(event, _)| event);
    Ok(several::plain(pressed).or(reasoned).map(Act::Step))
}

/// Somebody of the person's departments to be put in charge; an empty choice is nobody.
async fn in_charge(site: &Site, who: &Who, id: &str) -> Result<Act, Trouble> {
    if id.is_empty() {
        return Ok(Act::Charge(None));
    }
    let desks = who.desks();
    let mut all = site.store.read(move |db| charge::members(db, &desks)).await?;
    all.retain(|one| one.id == id);
    let foreign = || Reply::conflict("batches.not_member").link("/inbox");
    let name = all.first().map(|one| one.name.clone()).ok_or_else(foreign)?;
    let departments = all.into_iter().map(|one| one.department_id).collect();
    Ok(Act::Charge(Some(Person { id: id.to_owned(), name, departments })))
}

/// Departments whose results this person tells.
pub(crate) fn issuing(who: &Who) -> Vec<String> {
    let mut desks = who.desks();
    desks.retain(|id| {
        guard::department(id)
            .is_ok_and(|department| who.can(Action::IssueDocument, &Object::Inbox { department }))
    });
    desks
}

/// The texts for results of these departments and of what lies with them.
pub(crate) fn offered(db: &mut Db, desks: &[String]) -> Result<Vec<Template>, QueryError> {
    let mut procedures: Vec<String> =
        procedures::list(db, Some(desks))?.into_iter().map(|one| one.id).collect();
    // An application may come from another department's procedure (NF-48).
    procedures.extend(inbox::procedures(db, desks)?);
    procedures.sort_unstable();
    procedures.dedup();
    let mut all = templates::of(db, desks, &procedures)?;
    // A refusal is told one by one: its reasons are.
    all.retain(|one| !one.refusal);
    Ok(all)
}

async fn keep(site: &Site, who: &Who, act: Act, mut found: Vec<Found>) -> Result<String, Trouble> {
    let more = found.len() > MOST;
    found.truncate(MOST);
    let seen: Vec<(String, i32)> = found.iter().map(|one| (one.id.clone(), one.version)).collect();
    let (by, shelf, event) = (who.by(site), site.shelf.clone(), act.event());
    let (charging, remedies) = (matches!(act, Act::Charge(_)), site.settings.remedies.is_some());
    let (held, applied, mut stopped) = site
        .store
        .read(move |db| {
            let ids: Vec<String> = seen.iter().map(|(id, _)| id.clone()).collect();
            let held = if charging { charge::of(db, &ids)? } else { BTreeMap::new() };
            let versions: BTreeMap<String, i32> = seen.into_iter().collect();
            let rows = file::rows(db, &ids)?.into_iter().filter_map(|row| {
                let seen = versions.get(&row.id).copied()?;
                Some((row, seen))
            });
            let rows: Vec<_> = rows.collect();
            let stopped = foresee(db, &shelf, (&by, event, remedies), &rows)?;
            let applied = rows.into_iter().filter_map(|(row, _)| Some((row.id, row.applied_by?)));
            let applied: BTreeMap<String, String> = applied.collect();
            Ok((held, applied, stopped))
        })
        .await?;
    for one in &mut found {
        one.in_charge = held.get(&one.id).map(|(person, _)| person.clone());
        one.stopped = stopped.remove(&one.id);
        if let Act::Charge(Some(person)) = &act
            && applied.get(&one.id) == Some(&person.id)
        {
            one.stopped = Some(Outcome::Own);
        }
    }
    let id = site.new_id();
    let rows: Vec<Row> =
        found.iter().zip(1..).map(|(one, place)| row(&id, (one, &act), place)).collect();
    let (mut notice, mut person) = (None, None);
    let (event, title, label_id) = match act {
        Act::Step(event) => (event.key(), String::new(), None),
        Act::Label(label, true) => (LABEL_ON, label.name, Some(label.id)),
        Act::Label(label, false) => (LABEL_OFF, label.name, Some(label.id)),
        Act::Charge(None) => (CHARGE, String::new(), None),
        Act::Charge(Some(one)) => {
            person = Some(one.id);
            (CHARGE, one.name, None)
        }
        Act::Notice(template) => {
            notice = Some(serde_json::to_string(&template.words()).or_fault()?);
            (Event::Notify.key(), template.name, None)
        }
    };
    let at = site.clock.now().as_microsecond();
    let batch = Batch {
        title,
        more,
        label_id,
        notice,
        person,
        ..Batch::looked_at(id.clone(), event, (&who.id, &who.name), at)
    };
    let by = who.by(site);
    site.store.write(move |tx| batches::make(tx, &by, &batch, &rows)).await?;
    Ok(id)
}

fn row(batch: &str, (one, act): (&Found, &Act), place: i32) -> Row {
    Row {
        batch_id: batch.to_owned(),
        place,
        application_id: Some(one.id.clone()),
        number: one.number.clone(),
        seen: one.version,
        file_name: String::new(),
        file_id: None,
        size: 0,
        sha256: String::new(),
        outcome: act.stopped(one).or(one.stopped).map(|outcome| outcome.code().to_owned()),
        before_state: Some(one.state.clone()),
        note: String::new(),
        person: one.in_charge.clone(),
    }
}

/// States in which a step of staff can be taken.
fn states(event: Event) -> Vec<String> {
    let rules = Rules::new(&[], WithdrawUntil::Never);
    let fits = At::ALL.into_iter().filter(|state| state.apply(event, rules).is_ok());
    fits.map(|state| state.key().to_owned()).collect()
}

/// The applications of the list to which the step applies; one more than [`MOST`] when there are
/// more.
fn lines(
    db: &mut Db,
    (filter, able, now): (&Filter, Vec<String>, jiff::Timestamp),
    desks: &[String],
) -> Result<Vec<Line>, QueryError> {
    if !filter.q.is_empty() {
        let mut found = Vec::new();
        let mut behind = None;
        while found.len() <= MOST {
            let (lines, next) = export::searched(db, (filter, now), desks, behind.as_ref())?;
            found.extend(lines.into_iter().filter(|line| able.contains(&line.state)));
            behind = next;
            if behind.is_none() {
                break;
            }
        }
        found.truncate(MOST + 1);
        return Ok(found);
    }
    let mut found = Vec::new();
    let mut from = inbox::From::Top;
    while found.len() <= MOST {
        let mut wish = filter.wish(desks, from, PIECE, now);
        wish.states = match wish.states.is_empty() {
            true => able.clone(),
            false => wish.states.into_iter().filter(|state| able.contains(state)).collect(),
        };
        if wish.states.is_empty() {
            break;
        }
        let page = inbox::page(db, &wish)?;
        let last = page.lines.last().map(|line| line.place(filter.order));
        found.extend(page.lines);
        match last.filter(|_| page.later) {
            Some(place) => from = inbox::From::After(place),
            None => break,
        }
    }
    found.truncate(MOST + 1);
    Ok(found)
}
