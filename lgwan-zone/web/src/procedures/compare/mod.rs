//! What changed between two revisions, and who is still on the older one (NF-37, NF-58).

mod told;

use askama::Template;
use axum::extract::{Path, State};
use axum::response::IntoResponse as _;
use domain::applications::State as At;
use domain::forms::compare::changes;
use domain::forms::definition::Procedure;
use domain::forms::{Answers, Compiled};
use domain::identity::{Action, Object};
use lgwan_zone_store::QueryError;
use lgwan_zone_store::applications::rows::Application;
use lgwan_zone_store::applications::{file, standing};
use lgwan_zone_store::identity::departments;
use lgwan_zone_store::procedures;
use platform_store::Db;
use platform_web::{Html, OrFault as _, PageResult, QueryData, Reply, Trouble, Visitor};

use super::{rebase, show};
use crate::frame::{Choice, Frame, Place};
use crate::guard::{self, Who};
use crate::site::{Site, TEXTS};

pub(super) use told::{Line, lines};

/// Applications that are looked at one by one.
const LOOKED_AT: i64 = 50;

#[derive(Template)]
#[template(path = "procedures/compare.html")]
struct ComparePage {
    frame: Frame,
    id: String,
    title: String,
    from: i32,
    to: i32,
    older: Vec<Choice>,
    newer: Vec<Choice>,
    lines: Vec<Line>,
    standing: Standing,
    /// States whose applications can be moved to the newer revision; none where this person may not.
    moves: Vec<Choice>,
}

/// Applications in flight that were made on a revision before the newer one.
#[derive(Debug, Default)]
pub(super) struct Standing {
    /// Revision and how many.
    pub counts: Vec<(i32, i64)>,
    /// The first this person may read.
    pub first: Vec<InFlight>,
}

/// One application in flight.
#[derive(Debug)]
pub(super) struct InFlight {
    /// Identifier.
    pub id: String,
    /// Receipt number.
    pub number: String,
    /// Version it was looked at in.
    pub version: i32,
    /// Whether it is at a stage from which it can be moved.
    pub movable: bool,
    /// Revision it was made on.
    pub revision: i32,
    /// State in words.
    pub state: String,
    /// Labels of answered questions that the newer form would ask anew, one a line.
    pub anew: String,
    /// Answered questions the newer form no longer has.
    pub gone: usize,
}

/// Compares two revisions; without `from` and `to` the newest with the one before.
pub async fn get(
    State(site): State<Site>,
    who: Who,
    visitor: Visitor,
    query: QueryData,
    Path(id): Path<String>,
) -> PageResult {
    let (row, _) = show::load(&site, &who, &id, Action::ReadDefinition).await?;
    let asked = |name: &str, or: i32| query.0.text(name).parse::<i32>().unwrap_or(or);
    let to = asked("to", row.revision);
    let from = asked("from", (to - 1).max(1));
    let missing = || Trouble::from(Reply::not_found("procedures.missing"));
    let desks = who.desks();
    let found = site
        .store
        .read(move |db| {
            let one = procedures::revision(db, &row.id, from)?;
            let other = procedures::revision(db, &row.id, to)?;
            let all = procedures::revisions(db, &row.id)?;
            let names = departments::ever(db)?;
            let (Some(one), Some(other)) = (one, other) else { return Ok(None) };
            let standing = standing(db, &row.id, to, &other.document, &desks)?;
            Ok(Some((row, one, other, all, names, standing)))
        })
        .await?;
    let (row, one, other, all, names, standing) = found.ok_or_else(missing)?;
    let read = |document: &str| Procedure::from_json(document.as_bytes()).or_fault();
    let (one, other) = (read(&one.document)?, read(&other.document)?);
    let names: Vec<(String, String)> = names.into_iter().map(|one| (one.id, one.name)).collect();
    let department = guard::department(&row.department_id)?;
    let leads = who.can(Action::PublishDefinition, &Object::Definition { department });
    let moves = leads && to == row.revision && row.state == "published";
    let page = ComparePage {
        frame: Frame::of(&site, &who, &visitor, Place::Procedures).said(&query, "procedures"),
        moves: if moves && !standing.counts.is_empty() { rebase::states() } else { Vec::new() },
        id: row.id,
        title: row.title,
        from,
        to,
        older: offered(&all, from),
        newer: offered(&all, to),
        lines: lines(&changes(&one, &other).or_fault()?, &names),
        standing,
    };
    Ok(Html(page).into_response())
}

/// The revisions to choose from.
fn offered(all: &[(i32, String, i64, String)], chosen: i32) -> Vec<Choice> {
    let choice = |(number, ..): &(i32, String, i64, String)| {
        let name = TEXTS.fill("frame.word.nth", &[("number", number)]);
        Choice::new(&number.to_string(), &name, *number == chosen)
    };
    all.iter().map(choice).collect()
}

/// Who is in flight on a revision before `below`, and what a form of `document` would not take
/// over of their answers.
pub(super) fn standing(
    db: &mut Db,
    procedure: &str,
    below: i32,
    document: &str,
    desks: &[String],
) -> Result<Standing, QueryError> {
    let counts = standing::counts(db, procedure, below)?;
    let newer = Procedure::from_json(document.as_bytes()).ok();
    let newer = newer.and_then(|newer| Compiled::new(newer).ok());
    let (false, Some(newer)) = (counts.is_empty(), newer) else {
        return Ok(Standing { counts, first: Vec::new() });
    };
    let rows = standing::first(db, procedure, below, desks, LOOKED_AT)?;
    let ids: Vec<String> = rows.iter().map(|row| row.id.clone()).collect();
    let answers = file::newest_answers(db, &ids)?;
    let first = rows.into_iter().map(|row| {
        let own = answers.iter().find(|one| one.application_id == row.id);
        let own = own.and_then(|one| serde_json::from_str(&one.answers).ok());
        in_flight(row, &newer, &own.unwrap_or_default())
    });
    Ok(Standing { first: first.collect(), counts })
}

fn in_flight(row: Application, newer: &Compiled, answers: &Answers) -> InFlight {
    let carried = newer.carry(answers);
    let label = |id: &String| {
        newer.field(id).map_or_else(|| id.clone(), |field| field.label.ja().to_owned())
    };
    let at = At::parse(&row.state);
    InFlight {
        state: TEXTS.text(at.map_or("frame.unknown", At::name_key)).to_owned(),
        movable: at.is_ok_and(At::may_be_rebased),
        id: row.id,
        version: row.version,
        number: row.number,
        revision: row.revision,
        anew: carried.anew.iter().map(label).collect::<Vec<_>>().join("\n"),
        gone: carried.gone,
    }
}
