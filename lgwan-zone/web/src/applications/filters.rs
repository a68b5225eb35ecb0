//! 保存した条件: conditions of the list that a person keeps under a name.

use askama::Template;
use axum::extract::{Path, State};
use axum::response::IntoResponse as _;
use lgwan_zone_store::filters::{self, Kept, LONGEST, MOST, Saved};
use platform_web::{CsrfForm, FormData, Html, PageResult, QueryData, Reply, Visitor, see_other};

use super::filter::Filter;
use crate::frame::{Frame, Place};
use crate::guard::Who;
use crate::site::Site;
use crate::words;

#[derive(Template)]
#[template(path = "applications/filters.html")]
struct FiltersPage {
    frame: Frame,
    saved: Vec<View>,
    most: i64,
}

struct View {
    id: String,
    name: String,
    href: String,
    at: String,
}

/// Lists what one keeps.
pub async fn list(
    State(site): State<Site>,
    who: Who,
    visitor: Visitor,
    query: QueryData,
) -> PageResult {
    let id = who.id.clone();
    let saved = site.store.read(move |db| filters::of(db, &id)).await?;
    let page = FiltersPage {
        saved: saved
            .into_iter()
            .map(|one| View {
                href: href(&one.query),
                id: one.id,
                name: one.name,
                at: words::stored(one.saved_at),
            })
            .collect(),
        most: MOST,
        frame: Frame::of(&site, &who, &visitor, Place::Inbox).said(&query, "applications"),
    };
    Ok(Html(page).into_response())
}

/// The list with these conditions.
pub(super) fn href(query: &str) -> String {
    format!("/inbox{}", read(query).query())
}

/// Conditions as the address has them.
fn read(query: &str) -> Filter {
    let typed = FormData::parse(query.trim_start_matches('?').as_bytes());
    Filter::read(&typed.unwrap_or_default())
}

/// Keeps the conditions of the list as it is shown.
pub async fn keep(State(site): State<Site>, who: Who, CsrfForm(form): CsrfForm) -> PageResult {
    let query = read(form.text("back")).query();
    let back = format!("/inbox{query}");
    let name = form.text("name").trim().to_owned();
    let readable = !name.is_empty()
        && name.chars().count() <= LONGEST
        && !name.chars().any(char::is_control)
        && !query.is_empty();
    if !readable {
        return Err(Reply::unprocessable("applications.filter_refused").link(back).into());
    }
    let by = who.by(&site);
    let saved = Saved {
        id: site.new_id(),
        staff_id: who.id.clone(),
        name,
        query,
        saved_at: by.at.as_microsecond(),
    };
    let kept = site.store.write(move |tx| filters::keep(tx, &by, &saved)).await?;
    let joint = if back.contains('?') { '&' } else { '?' };
    match kept {
        Kept::New => Ok(see_other(format!("{back}{joint}said=filter_kept"))),
        Kept::Replaced => Ok(see_other(format!("{back}{joint}said=filter_replaced"))),
        Kept::Full => {
            Err(Reply::conflict("applications.filter_full").link("/inbox/filters").into())
        }
    }
}

/// Drops one.
pub async fn drop_it(
    State(site): State<Site>,
    who: Who,
    Path(id): Path<String>,
    CsrfForm(_): CsrfForm,
) -> PageResult {
    let by = who.by(&site);
    site.store.write(move |tx| filters::drop_it(tx, &by, &id)).await?;
    Ok(see_other("/inbox/filters?said=filter_dropped"))
}
