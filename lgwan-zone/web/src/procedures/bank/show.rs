//! One item of the bank: its questions, where copies went, its name and its end.

use askama::Template;
use axum::extract::{Path, State};
use axum::response::IntoResponse as _;
use domain::forms::definition::Field;
use domain::identity::{Action, Object};
use lgwan_zone_store::identity::departments;
use lgwan_zone_store::{bank, procedures};
use platform_web::{CsrfForm, Html, PageResult, QueryData, Reply, Trouble, Visitor, see_other};

use super::{labels, load, named};
use crate::frame::{Choice, Frame, Place, name_of};
use crate::guard::{self, Who};
use crate::procedures::{facts, show};
use crate::site::Site;
use crate::words;

/// Uses a page shows.
const USES: i64 = 100;

#[derive(Template)]
#[template(path = "procedures/bank_show.html")]
struct ItemPage {
    frame: Frame,
    id: String,
    name: String,
    department: String,
    kept: String,
    from: String,
    from_id: String,
    revision: i32,
    questions: Vec<Question>,
    uses: Vec<(String, String, String)>,
    /// Procedures this person may change.
    procedures: Vec<Choice>,
    /// Pages of the chosen one.
    pages: Vec<Choice>,
    chosen: String,
    is_own: bool,
}

struct Question {
    label: String,
    kind: String,
    required: String,
    when: String,
}

/// Shows an item; `?procedure=` offers the pages of that procedure.
pub async fn get(
    State(site): State<Site>,
    who: Who,
    visitor: Visitor,
    query: QueryData,
    Path(id): Path<String>,
) -> PageResult {
    let (item, fields) = load(&site, &id).await?;
    let wanted = item.id.clone();
    let (uses, all, names) = site
        .store
        .read(move |db| {
            let uses = bank::uses(db, &wanted, USES)?;
            Ok((uses, procedures::list(db, None)?, departments::all(db)?))
        })
        .await?;
    let names: Vec<(String, String)> = names.into_iter().map(|one| (one.id, one.name)).collect();
    let titles: Vec<(String, String)> =
        all.iter().map(|one| (one.id.clone(), one.title.clone())).collect();
    let may_edit = |department: &str| {
        guard::department(department).is_ok_and(|department| {
            who.can(Action::EditDefinition, &Object::Definition { department })
        })
    };
    let chosen = query.0.text("procedure").to_owned();
    let pages = match chosen.is_empty() {
        true => Vec::new(),
        false => {
            let (_, procedure) = show::load(&site, &who, &chosen, Action::EditDefinition).await?;
            let pages = procedure.pages.iter();
            pages.map(|page| Choice::new(&page.id, page.title.ja(), false)).collect()
        }
    };
    let own = all.iter().filter(|one| may_edit(&one.department_id));
    let page = ItemPage {
        frame: Frame::of(&site, &who, &visitor, Place::Procedures).said(&query, "procedures"),
        is_own: may_edit(&item.department_id),
        department: name_of(&names, &item.department_id),
        kept: words::stored(item.kept_at),
        from: name_of(&titles, &item.procedure_id),
        from_id: item.procedure_id,
        revision: item.revision,
        questions: questions(&fields),
        uses: uses
            .into_iter()
            .map(|one| {
                let title = name_of(&titles, &one.procedure_id);
                (one.procedure_id, title, words::stored(one.taken_at))
            })
            .collect(),
        procedures: own.map(|one| Choice::new(&one.id, &one.title, one.id == chosen)).collect(),
        pages,
        chosen,
        id: item.id,
        name: item.name,
    };
    Ok(Html(page).into_response())
}

fn questions(fields: &[Field]) -> Vec<Question> {
    let mut all = Vec::new();
    for field in fields {
        all.push(Question {
            label: field.label.ja().to_owned(),
            kind: facts::kind(&field.kind),
            required: facts::required(&field.required),
            when: field.when.clone().unwrap_or_default(),
        });
        all.extend(questions(field.repeat().map_or(&[], |repeat| &repeat.fields)));
    }
    all
}

/// Calls it something else, or offers it no longer.
pub async fn post(
    State(site): State<Site>,
    who: Who,
    Path(id): Path<String>,
    CsrfForm(form): CsrfForm,
) -> PageResult {
    let (item, fields) = load(&site, &id).await?;
    let department = guard::department(&item.department_id)?;
    who.may(Action::EditDefinition, &Object::Definition { department })?;
    let by = who.by(&site);
    let gone = || Trouble::from(Reply::not_found("procedures.bank_missing"));
    if form.text("do") == "retire" {
        let done = site.store.write(move |tx| bank::retire(tx, &by, &item.id)).await?;
        return match done {
            true => Ok(see_other("/procedures/bank?said=bank_retired")),
            false => Err(gone()),
        };
    }
    let Some(name) = named(form.text("name")) else {
        return Ok(see_other(format!("/procedures/bank/{id}?said=bank_unnamed")));
    };
    let labels = labels(&fields).join(" ");
    let done =
        site.store.write(move |tx| bank::rename(tx, &by, &item.id, (&name, &labels))).await?;
    match done {
        true => Ok(see_other(format!("/procedures/bank/{id}?said=bank_renamed"))),
        false => Err(gone()),
    }
}
