//! Bringing a job definition in: read, checked against the forms, then kept.

use std::fmt::Display;

use askama::Template;
use axum::extract::State;
use axum::response::IntoResponse as _;
use domain::forms::publish::{Problem, unfillable, unreadable};
use domain::identity::{Action, Object};
use http::StatusCode;
use lgwan_zone_store::exports::{self, Definition, gaiji};
use lgwan_zone_store::procedures;
use platform_web::{CsrfForm, Html, OrFault as _, PageResult, Trouble, Visitor, see_other};

use crate::frame::{Fault, Frame, Place};
use crate::guard::Who;
use crate::site::{Site, TEXTS};

#[derive(Template)]
#[template(path = "exports/new.html")]
struct NewPage {
    frame: Frame,
    faults: Vec<Fault>,
    definition: String,
}

/// Shows the form for a job definition.
pub async fn get(State(site): State<Site>, who: Who, visitor: Visitor) -> PageResult {
    let frame = Frame::of(&site, &who, &visitor, Place::Exports);
    Ok(Html(NewPage { frame, faults: Vec::new(), definition: String::new() }).into_response())
}

/// Takes a job definition over.
pub async fn put(
    State(site): State<Site>,
    who: Who,
    visitor: Visitor,
    CsrfForm(form): CsrfForm,
) -> PageResult {
    who.may(Action::RunOperations, &Object::Operations)?;
    let text = form.text("definition").to_owned();
    let again = |words: Vec<String>| -> Trouble {
        let frame = Frame::of(&site, &who, &visitor, Place::Exports);
        let faults = words.into_iter().map(|words| Fault::said("definition", words)).collect();
        let page = NewPage { frame, faults, definition: text.clone() };
        (StatusCode::UNPROCESSABLE_ENTITY, Html(page)).into_response().into()
    };
    let definition = Definition::from_json(&text).map_err(|error| {
        let key = format!("exports.fault.{}", error.key());
        again(vec![TEXTS.fill(&key, &[("why", &error)])])
    })?;
    let mut faults: Vec<String> = definition.problems().iter().map(in_words).collect();
    faults.extend(against_the_town(&site, &definition).await?);
    if !faults.is_empty() {
        return Err(again(faults));
    }
    let (by, stored) = (who.by(&site), serde_json::to_string(&definition).or_fault()?);
    let id = definition.job.clone();
    site.store.write(move |tx| exports::put_job(tx, &by, &definition.job, &stored)).await?;
    Ok(see_other(format!("/exports/{id}?said=put")))
}

/// What the definition asks for and the town does not have: procedures, their
/// fields, the table of replacements.
async fn against_the_town(site: &Site, definition: &Definition) -> Result<Vec<String>, Trouble> {
    let (wanted, shelf) = (definition.clone(), site.shelf.clone());
    let read = site.store.read(move |db| {
        let known = procedures::list(db, None)?;
        let mut forms = Vec::new();
        for id in &wanted.procedures {
            let procedure = known.iter().find(|one| one.id == id.as_str());
            let form = match procedure {
                Some(one) => shelf.get(db, &one.id, one.revision)?,
                None => None,
            };
            forms.push((id.clone(), procedure.map(|one| one.title.clone()), form));
        }
        let table = match &wanted.layout.profile.gaiji_table {
            Some(name) => gaiji::find(db, name)?.is_some(),
            None => true,
        };
        Ok((forms, table))
    });
    let (forms, table) = read.await?;
    let mut faults = Vec::new();
    for (id, title, form) in forms {
        let (Some(title), Some(form)) = (title, form) else {
            faults.push(TEXTS.fill("exports.fault.procedure", &[("id", &id)]));
            continue;
        };
        let layout = &definition.layout;
        for problem in unfillable(&form, layout).into_iter().chain(unreadable(&form, layout)) {
            let words = in_words(&problem);
            let args: [(&str, &dyn Display); 2] = [("title", &title), ("words", &words)];
            faults.push(TEXTS.fill("exports.fault.unfillable", &args));
        }
    }
    if !table {
        let name = definition.layout.profile.gaiji_table.as_deref().unwrap_or_default();
        faults.push(TEXTS.fill("exports.fault.table", &[("name", &name)]));
    }
    Ok(faults)
}

/// The words for what is wrong, with the place in the definition.
fn in_words(problem: &Problem) -> String {
    let words = TEXTS.fill(problem.code.key(), &[("detail", &problem.detail)]);
    let place = problem.at.replacen("export", "layout", 1);
    let args: [(&str, &dyn Display); 2] = [("words", &words), ("place", &place)];
    TEXTS.fill("exports.fault.place", &args)
}
