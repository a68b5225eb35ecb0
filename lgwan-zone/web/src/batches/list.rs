//! One step, or one label, for every application that meets the conditions of the list, on this page or not.

use axum::extract::State;
use domain::applications::{Event, Rules, State as At, WithdrawUntil};
use lgwan_zone_store::QueryError;
use lgwan_zone_store::applications::inbox::{self, Line};
use lgwan_zone_store::applications::labels::Label;
use lgwan_zone_store::batches::{self, Batch, LABEL_OFF, LABEL_ON, MOST, Row, Stage};
use platform_store::Db;
use platform_web::{CsrfForm, FormData, PageResult, Trouble, see_other};

use crate::applications::filter::Filter;
use crate::applications::{export, several};
use crate::guard::Who;
use crate::site::Site;

/// Lines read at once.
const PIECE: usize = 500;

/// Works out what the step would do, and leads to the page that says so.
pub async fn post(State(site): State<Site>, who: Who, CsrfForm(form): CsrfForm) -> PageResult {
    let back = form.text("back").trim_start_matches('?');
    let filter = Filter::read(&FormData::parse(back.as_bytes()).unwrap_or_default());
    let list = format!("/inbox{}", filter.query());
    let joint = if list.contains('?') { '&' } else { '?' };
    let Some(act) = act(&site, &who, &form).await? else {
        return Ok(see_other(format!("{list}{joint}said=none_chosen")));
    };
    let (desks, now) = (who.desks(), site.clock.now());
    let able = act.states();
    let found = site.store.read(move |db| lines(db, (&filter, able, now), &desks)).await?;
    if found.is_empty() {
        return Ok(see_other(format!("{list}{joint}said=none_fits")));
    }
    let id = keep(&site, &who, act, found).await?;
    Ok(see_other(format!("/inbox/batches/{id}")))
}

/// What each application gets.
enum Act {
    Step(Event),
    Label(Label, bool),
}

impl Act {
    /// States in which it can be done.
    fn states(&self) -> Vec<String> {
        match self {
            Self::Step(event) => states(*event),
            Self::Label(..) => At::ALL.into_iter().map(|state| state.key().to_owned()).collect(),
        }
    }
}

/// What was pressed; `None` when nothing can be done with it.
async fn act(site: &Site, who: &Who, form: &FormData) -> Result<Option<Act>, Trouble> {
    let pressed = form.text("do");
    if let Some(on) = several::labels(pressed) {
        let label = several::chosen_label(site, who, form.text("tag")).await?;
        return Ok(label.map(|label| Act::Label(label, on)));
    }
    Ok(several::plain(pressed).map(Act::Step))
}

async fn keep(site: &Site, who: &Who, act: Act, mut found: Vec<Line>) -> Result<String, Trouble> {
    let (event, title, label_id) = match act {
        Act::Step(event) => (event.key(), String::new(), None),
        Act::Label(label, true) => (LABEL_ON, label.name, Some(label.id)),
        Act::Label(label, false) => (LABEL_OFF, label.name, Some(label.id)),
    };
    let batch = Batch {
        id: site.new_id(),
        event: event.to_owned(),
        title,
        words: String::new(),
        state: Stage::Looked.code().to_owned(),
        made_at: site.clock.now().as_microsecond(),
        made_by: who.id.clone(),
        made_by_name: who.name.clone(),
        started_at: None,
        ended_at: None,
        more: found.len() > MOST,
        label_id,
        undoes: None,
    };
    found.truncate(MOST);
    let rows: Vec<Row> =
        found.into_iter().zip(1..).map(|(line, place)| row(&batch.id, line, place)).collect();
    let (by, id) = (who.by(site), batch.id.clone());
    site.store.write(move |tx| batches::make(tx, &by, &batch, &rows)).await?;
    Ok(id)
}

fn row(batch: &str, line: Line, place: i32) -> Row {
    Row {
        batch_id: batch.to_owned(),
        place,
        application_id: Some(line.id),
        number: line.number,
        seen: line.version,
        file_name: String::new(),
        file_id: None,
        size: 0,
        sha256: String::new(),
        outcome: None,
        before_state: Some(line.state),
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
        let mut lines = export::searched(db, (filter, now), desks)?;
        lines.retain(|line| able.contains(&line.state));
        return Ok(lines);
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
