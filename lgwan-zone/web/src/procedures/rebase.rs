//! 版の移し替え: applications in flight go on under the newest revision. What that comes to is worked out
//! for each first and kept as a batch, which is looked at, started and worked off like any other.

use axum::extract::{Path, State};
use domain::applications::State as At;
use domain::forms::{Compiled, Rebased};
use domain::identity::Action;
use lgwan_zone_store::QueryError;
use lgwan_zone_store::applications::rebase::{self, Onto, REBASE};
use lgwan_zone_store::applications::rows::Application;
use lgwan_zone_store::applications::{file, standing};
use lgwan_zone_store::batches::{self, Batch, MOST, Outcome, Row};
use lgwan_zone_store::shelf::Shelf;
use platform_store::Db;
use platform_web::{CsrfForm, OrFault as _, PageResult, see_other};

use super::show;
use crate::applications::several;
use crate::frame::Choice;
use crate::guard::Who;
use crate::site::{Site, TEXTS};

/// Which applications are meant.
enum Picks {
    /// Those in these states.
    States(Vec<String>),
    /// These, each in the version it was looked at in.
    Chosen(Vec<(String, i32)>),
}

/// One application, with what moving it comes to.
struct Found {
    row: Application,
    seen: i32,
    outcome: Option<Outcome>,
    note: String,
}

/// The states from which an application can be moved, to choose from.
pub(super) fn states() -> Vec<Choice> {
    let states = At::ALL.into_iter().filter(|state| state.may_be_rebased());
    states.map(|state| Choice::new(state.key(), TEXTS.text(state.name_key()), true)).collect()
}

/// Works out what moving would come to, and leads to the page that says so.
pub async fn post(
    State(site): State<Site>,
    who: Who,
    Path(id): Path<String>,
    CsrfForm(form): CsrfForm,
) -> PageResult {
    let (row, _) = show::load(&site, &who, &id, Action::PublishDefinition).await?;
    let back = format!("/procedures/{}/compare", row.id);
    let wanted = |one: &Choice| form.all("state").any(|state| state == one.value);
    let picks = if form.text("do") == "chosen" {
        Picks::Chosen(several::chosen(&form))
    } else {
        let states = states().into_iter().filter(wanted);
        Picks::States(states.map(|one| one.value).collect())
    };
    let nothing = match &picks {
        Picks::States(states) => states.is_empty(),
        Picks::Chosen(chosen) => chosen.is_empty(),
    };
    if nothing {
        return Ok(see_other(format!("{back}?said=none_chosen")));
    }
    let onto = Onto { procedure: row.id, revision: row.revision };
    let (wish, desks, shelf) = (onto.clone(), who.desks(), site.shelf.clone());
    let mut found = site.store.read(move |db| look(db, &shelf, &wish, (&desks, picks))).await?;
    if found.is_empty() {
        return Ok(see_other(format!("{back}?said=none_fits")));
    }
    for one in &mut found {
        if who.may_with(Action::WorkOnApplication, &one.row).is_err() {
            let own = one.row.is_of(&who.id);
            one.outcome = Some(if own { Outcome::Own } else { Outcome::NotAllowed });
            one.note.clear();
        }
    }
    let more = found.len() > MOST;
    found.truncate(MOST);
    let at = site.clock.now().as_microsecond();
    let batch = Batch {
        title: row.title,
        more,
        onto: Some(serde_json::to_string(&onto).or_fault()?),
        ..Batch::looked_at(site.new_id(), REBASE, (&who.id, &who.name), at)
    };
    let rows: Vec<Row> =
        found.into_iter().zip(1..).map(|(one, place)| line(&batch.id, one, place)).collect();
    let (by, page) = (who.by(&site), format!("/inbox/batches/{}", batch.id));
    site.store.write(move |tx| batches::make(tx, &by, &batch, &rows)).await?;
    Ok(see_other(page))
}

/// The applications with what moving each comes to; one more than [`MOST`] when there are more.
fn look(
    db: &mut Db,
    shelf: &Shelf,
    onto: &Onto,
    (desks, picks): (&[String], Picks),
) -> Result<Vec<Found>, QueryError> {
    let rows: Vec<(Application, i32)> = match picks {
        Picks::States(states) => {
            let most = i64::try_from(MOST + 1).unwrap_or(i64::MAX);
            let of = (onto.procedure.as_str(), onto.revision);
            let rows = standing::in_states(db, of, desks, &states, most)?;
            rows.into_iter().map(with_version).collect()
        }
        Picks::Chosen(chosen) => {
            let ids: Vec<String> = chosen.iter().map(|(id, _)| id.clone()).collect();
            let mut rows = file::rows(db, &ids)?;
            rows.retain(|row| desks.contains(&row.department_id));
            rows.retain(|row| row.procedure_id == onto.procedure);
            let seen = |row: Application| {
                let (_, seen) = chosen.iter().find(|(id, _)| *id == row.id)?;
                Some((row, *seen))
            };
            rows.into_iter().filter_map(seen).collect()
        }
    };
    let mut found = Vec::with_capacity(rows.len());
    for (row, seen) in rows {
        let (outcome, note) = match rebase::judge(db, shelf, onto, &row)? {
            Err(outcome) => (Some(outcome), String::new()),
            Ok(judged) => {
                let missing = !judged.rebased.needs.is_empty();
                let note = note(&judged.rebased, &judged.newer);
                (missing.then_some(Outcome::NeedsAnswers), note)
            }
        };
        found.push(Found { row, seen, outcome, note });
    }
    Ok(found)
}

fn with_version(row: Application) -> (Application, i32) {
    let seen = row.version;
    (row, seen)
}

fn line(batch: &str, one: Found, place: i32) -> Row {
    Row {
        batch_id: batch.to_owned(),
        place,
        number: one.row.number,
        application_id: Some(one.row.id),
        seen: one.seen,
        file_name: String::new(),
        file_id: None,
        size: 0,
        sha256: String::new(),
        outcome: one.outcome.map(|outcome| outcome.code().to_owned()),
        before_state: Some(one.row.state),
        note: one.note,
        person: None,
    }
}

/// What moving comes to, one line each for what is missing, what falls away and what is another value.
fn note(rebased: &Rebased, newer: &Compiled) -> String {
    let labels = |ids: &[String]| -> Vec<String> {
        let label = |id: &String| {
            newer.field(id).map_or_else(|| id.clone(), |field| field.label.ja().to_owned())
        };
        ids.iter().map(label).collect()
    };
    let lines = [
        told("procedures.rebase.needs", &labels(&rebased.needs)),
        told("procedures.rebase.drops", &rebased.drops),
        told("procedures.rebase.other", &labels(&rebased.other)),
    ];
    lines.into_iter().flatten().collect::<Vec<_>>().join("\n")
}

fn told(key: &str, labels: &[String]) -> Option<String> {
    let list = labels.join(TEXTS.text("procedures.rebase.and"));
    (!labels.is_empty()).then(|| TEXTS.fill(key, &[("list", &list)]))
}

/// What the history of an application says of its move.
#[must_use]
pub fn story(rebased: &Rebased, (from, to): (i32, i32)) -> String {
    let facts: [(&str, &dyn std::fmt::Display); 2] = [("from", &from), ("to", &to)];
    let moved = TEXTS.fill("procedures.rebase.moved", &facts);
    let drops = told("procedures.rebase.drops", &rebased.drops);
    std::iter::once(moved).chain(drops).collect::<Vec<_>>().join("\n")
}
