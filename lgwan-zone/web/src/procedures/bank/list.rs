//! What the bank holds, and keeping a question of a procedure.

use askama::Template;
use axum::extract::{Path, State};
use axum::response::IntoResponse as _;
use domain::forms::design;
use domain::identity::Action;
use lgwan_zone_store::bank::{self, Item};
use lgwan_zone_store::identity::departments;
use platform_web::{CsrfForm, Html, OrFault as _, PageResult, QueryData, Visitor, see_other};

use super::{labels, named};
use crate::frame::{Frame, Place, name_of};
use crate::guard::Who;
use crate::procedures::show;
use crate::site::Site;
use crate::words;

/// Items a page shows.
const ROWS: usize = 50;

#[derive(Template)]
#[template(path = "procedures/bank_list.html")]
struct ListPage {
    frame: Frame,
    words: String,
    items: Vec<Line>,
    more: Option<String>,
}

struct Line {
    id: String,
    name: String,
    labels: String,
    department: String,
    kept: String,
}

/// Shows what was kept, by name, narrowed by words.
pub async fn get(
    State(site): State<Site>,
    who: Who,
    visitor: Visitor,
    query: QueryData,
) -> PageResult {
    let typed = query.0.text("q").to_owned();
    let (name, id) = (query.0.text("name").to_owned(), query.0.text("id").to_owned());
    let after = (!id.is_empty()).then_some((name, id));
    let asked = typed.clone();
    let (mut items, names) = site
        .store
        .read(move |db| {
            let items = bank::find(db, &asked, after.as_ref(), ROWS as i64 + 1)?;
            Ok((items, departments::all(db)?))
        })
        .await?;
    let names: Vec<(String, String)> = names.into_iter().map(|one| (one.id, one.name)).collect();
    let further = items.len() > ROWS;
    items.truncate(ROWS);
    let last = items.last().filter(|_| further);
    let more = last.map(|last| {
        let of = words::in_query;
        format!("?q={}&name={}&id={}", of(&typed), of(&last.name), of(&last.id))
    });
    let line = |item: Item| Line {
        labels: serde_json::from_str(&item.fields)
            .map(|fields: Vec<_>| labels(&fields).join("\n"))
            .unwrap_or_default(),
        department: name_of(&names, &item.department_id),
        kept: words::stored(item.kept_at),
        id: item.id,
        name: item.name,
    };
    let page = ListPage {
        frame: Frame::of(&site, &who, &visitor, Place::Procedures).said(&query, "procedures"),
        words: typed,
        items: items.into_iter().map(line).collect(),
        more,
    };
    Ok(Html(page).into_response())
}

/// Keeps a question of the newest revision, with those of its row.
pub async fn keep(
    State(site): State<Site>,
    who: Who,
    Path(id): Path<String>,
    CsrfForm(form): CsrfForm,
) -> PageResult {
    let (row, procedure) = show::load(&site, &who, &id, Action::EditDefinition).await?;
    let Some(field) = design::field(&procedure, form.text("field")) else {
        return Ok(see_other(format!("/procedures/{}", row.id)));
    };
    let fields = vec![field.clone()];
    let name = named(form.text("name")).unwrap_or_else(|| field.label.ja().to_owned());
    let by = who.by(&site);
    let item = Item {
        id: site.new_id(),
        name,
        department_id: row.department_id,
        fields: serde_json::to_string(&fields).or_fault()?,
        procedure_id: row.id,
        revision: row.revision,
        kept_at: by.at.as_microsecond(),
        kept_by: who.id.clone(),
    };
    let (id, labels) = (item.id.clone(), labels(&fields).join(" "));
    site.store.write(move |tx| bank::put(tx, &by, &item, &labels)).await?;
    Ok(see_other(format!("/procedures/bank/{id}?said=bank_kept")))
}
