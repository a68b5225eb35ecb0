//! One procedure: address, QR code, revisions, close and reopen.

use askama::Template;
use axum::extract::{Path, State};
use axum::response::IntoResponse as _;
use domain::forms::definition::{Field, Listing, Procedure};
use domain::identity::reform::{reassign, resettle};
use domain::identity::{Action, Object};
use lgwan_zone_store::identity::{departments, reforms, staff};
use lgwan_zone_store::procedures::{self, Procedure as Row};
use platform_web::{Html, OrFault as _, PageResult, QueryData, Reply, Trouble, Visitor};

use super::{facts, own};
use crate::frame::{Choice, Frame, Place, name_of};
use crate::guard::{self, Who};
use crate::site::{Site, TEXTS};
use crate::words;

#[derive(Template)]
#[template(path = "procedures/show.html")]
struct ShowPage {
    frame: Frame,
    id: String,
    title: String,
    open: bool,
    url: String,
    department: String,
    revision: i32,
    updated: String,
    mode: String,
    period: String,
    login: String,
    stages: String,
    recipients: String,
    revisions: Vec<Line>,
    lists: Vec<(String, String, usize)>,
    /// What may go into the question bank.
    questions: Vec<Choice>,
    can_publish: bool,
    can_edit: bool,
    /// Whether it opens to the invited alone.
    invites: bool,
    /// Whether it can be saved for another city.
    can_sign: bool,
    /// Whether this person may publish for some department.
    can_copy: bool,
}

struct Line {
    number: i32,
    at: String,
    by: String,
    sha256: String,
}

/// A procedure this person may act on, with its newest definition.
pub(super) async fn load(
    site: &Site,
    who: &Who,
    id: &str,
    action: Action,
) -> Result<(Row, Procedure), Trouble> {
    let wanted = id.to_owned();
    let found = site
        .store
        .read(move |db| {
            let Some(row) = procedures::find(db, &wanted)? else {
                return Ok(None);
            };
            let newest = procedures::revision(db, &row.id, row.revision)?;
            let heirs = (reforms::heirs(db, &row.id)?, reforms::heirs(db, reforms::REST)?);
            Ok(newest.map(|newest| (row, newest, heirs)))
        })
        .await?;
    let (row, newest, (heirs, staff)) =
        found.ok_or_else(|| Trouble::from(Reply::not_found("procedures.missing")))?;
    let department = guard::department(&row.department_id)?;
    who.may(action, &Object::Definition { department })?;
    let mut procedure = Procedure::from_json(newest.document.as_bytes()).or_fault()?;
    if row.state == "closed" {
        // A reform publishes nothing that is closed; it opens again where it belongs today.
        reassign(&mut procedure, |one| heirs.get(one).unwrap_or(one).clone());
        resettle(&mut procedure, |one| staff.get(one).unwrap_or(one).clone());
    }
    Ok((row, procedure))
}

fn choice(field: &Field) -> Choice {
    let label = if field.label.is_empty() { &field.id } else { field.label.ja() };
    Choice::new(&field.id, label, false)
}

/// Whether this person may read definitions of a department.
pub(super) fn may_read(who: &Who, department: &str) -> bool {
    guard::department(department)
        .is_ok_and(|department| who.can(Action::ReadDefinition, &Object::Definition { department }))
}

/// Shows one procedure.
pub async fn get(
    State(site): State<Site>,
    who: Who,
    visitor: Visitor,
    query: QueryData,
    Path(id): Path<String>,
) -> PageResult {
    let (row, procedure) = load(&site, &who, &id, Action::ReadDefinition).await?;
    let (revisions, people, names) = site
        .store
        .read(move |db| {
            Ok((procedures::revisions(db, &id)?, staff::all(db)?, departments::all(db)?))
        })
        .await?;
    let names: Vec<(String, String)> = names.into_iter().map(|one| (one.id, one.name)).collect();
    let publisher = |id: &str| {
        let known = people.iter().find(|one| one.id == id).map(|one| one.display_name.clone());
        known.unwrap_or_else(|| TEXTS.text("procedures.by_command").to_owned())
    };
    let department = guard::department(&row.department_id)?;
    let page = ShowPage {
        frame: Frame::of(&site, &who, &visitor, Place::Procedures).said(&query, "procedures"),
        open: row.state == "published",
        url: facts::url(&site, &row.slug),
        department: name_of(&names, &row.department_id),
        updated: words::stored(row.updated_at),
        mode: facts::mode(procedure.mode),
        period: facts::period(&procedure.open),
        login: facts::login(&procedure.access),
        stages: facts::stages(&procedure),
        recipients: facts::recipients(&procedure),
        revisions: revisions
            .into_iter()
            .map(|(number, sha256, at, by)| Line {
                number,
                at: words::stored(at),
                by: publisher(&by),
                sha256,
            })
            .collect(),
        lists: procedure
            .lists
            .iter()
            .map(|list| (list.id.clone(), list.title.clone(), list.rows.len()))
            .collect(),
        questions: procedure.pages.iter().flat_map(|page| &page.fields).map(choice).collect(),
        invites: procedure.listing == Listing::Invite,
        can_copy: own::may_make(&who),
        can_sign: site.bundles.public().is_some(),
        can_edit: who
            .can(Action::EditDefinition, &Object::Definition { department: department.clone() }),
        can_publish: who.can(Action::PublishDefinition, &Object::Definition { department }),
        id: row.id,
        title: row.title,
        revision: row.revision,
    };
    Ok(Html(page).into_response())
}
