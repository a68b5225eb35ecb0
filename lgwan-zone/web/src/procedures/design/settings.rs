//! What stands around the form: one section, one page.

mod asked;
mod cosigners;
mod read;
mod routing;

use askama::Template;
use axum::extract::{Path, State};
use axum::response::IntoResponse as _;
use domain::forms::definition::Procedure;
use lgwan_zone_store::identity::departments;
use platform_web::{
    CsrfForm, FormData, Html, PageResult, QueryData, Reply, Trouble, Visitor, see_other,
};

use super::panel::{Panel, frame};
use super::properties::Property;
use super::work::{Said, Saved, Work};
use crate::frame::{Fault, Frame};
use crate::guard::Who;
use crate::site::{Site, TEXTS};

/// The sections, in the order they are offered.
pub(super) const SECTIONS: &[&str] = &[
    "about",
    "finding",
    "period",
    "applicants",
    "bring",
    "seats",
    "desk",
    "routing",
    "notices",
    "keeping",
    "export",
];

#[derive(Template)]
#[template(path = "procedures/design/settings.html")]
struct SettingsPage {
    frame: Frame,
    panel: Panel,
    faults: Vec<Fault>,
    section: String,
    sections: Vec<(&'static str, String)>,
    properties: Vec<Property>,
    routes: Vec<routing::Line>,
    cosigners: Vec<cosigners::Line>,
    new_cosigner: String,
}

/// Shows a section.
pub async fn get(
    State(site): State<Site>,
    who: Who,
    visitor: Visitor,
    query: QueryData,
    Path((id, section)): Path<(String, String)>,
) -> PageResult {
    let work = Work::load(&site, &who, &id).await?;
    known(&section, &work)?;
    let around = (&site, &who, &visitor);
    let nothing = (Vec::new(), Said::Nothing);
    let mut page = page(around, &work, &section, work.procedure(), nothing).await?;
    page.frame = page.frame.said(&query, "procedures");
    Ok(Html(page).into_response())
}

/// Keeps a section.
pub async fn post(
    State(site): State<Site>,
    who: Who,
    visitor: Visitor,
    Path((id, section)): Path<(String, String)>,
    CsrfForm(form): CsrfForm,
) -> PageResult {
    let work = Work::load(&site, &who, &id).await?;
    known(&section, &work)?;
    let (edits, faults) = read::section(&section, work.procedure(), &form);
    // What was typed is shown again, so a draft with it is drawn even where it is not kept.
    let mut typed = work.draft.clone();
    for edit in &edits {
        typed = typed.apply(edit.clone()).map_or(typed, |(new, _)| new);
    }
    let said = if faults.is_empty() {
        match work.save(&site, &who, &form, edits).await? {
            Saved::Done(_) => return Ok(see_other(next(&work, &section, &form))),
            Saved::Refused(refused) => Said::refused(&refused),
            Saved::Behind(changes) => Said::behind(&changes),
        }
    } else {
        Said::Refused(Vec::new())
    };
    let status = said.status();
    let around = (&site, &who, &visitor);
    let mut page = page(around, &work, &section, &typed.procedure, (faults, said)).await?;
    form.text("new_cosigner").clone_into(&mut page.new_cosigner);
    Err((status, Html(page)).into_response().into())
}

/// The sections with their names.
pub(super) fn sections() -> Vec<(&'static str, String)> {
    let name = |one: &&'static str| TEXTS.text(&format!("design.section.{one}")).to_owned();
    SECTIONS.iter().map(|one| (*one, name(one))).collect()
}

fn known(section: &str, work: &Work) -> Result<(), Trouble> {
    let known = SECTIONS.contains(&section);
    known.then_some(()).ok_or_else(|| Reply::not_found("design.page_gone").link(work.at("")).into())
}

/// A new route is told when it counts at once; everything else stays where it is.
fn next(work: &Work, section: &str, form: &FormData) -> String {
    match form.text("do") {
        "route:add" => work.at(&format!("/conditions/routing/{}", work.procedure().routing.len())),
        "next" => {
            let at = SECTIONS.iter().position(|one| *one == section).unwrap_or(0);
            match SECTIONS.get(at + 1) {
                Some(section) => work.at(&format!("/settings/{section}")),
                None => work.at(""),
            }
        }
        _ => work.at(&format!("/settings/{section}?said=design_kept")),
    }
}

async fn page(
    (site, who, visitor): (&Site, &Who, &Visitor),
    work: &Work,
    section: &str,
    shown: &Procedure,
    (faults, said): (Vec<Fault>, Said),
) -> Result<SettingsPage, Trouble> {
    let all = site.store.read(departments::all).await?;
    let departments: Vec<(String, String)> =
        all.into_iter().map(|one| (one.id, one.name)).collect();
    Ok(SettingsPage {
        frame: frame(site, who, visitor),
        panel: Panel::of(work, "settings", said).on(&format!("/settings/{section}"), ""),
        faults,
        section: section.to_owned(),
        sections: sections(),
        properties: asked::section(section, shown),
        cosigners: match section {
            "applicants" => cosigners::lines(shown),
            _ => Vec::new(),
        },
        new_cosigner: String::new(),
        routes: if section == "routing" { routing::lines(shown, &departments) } else { Vec::new() },
    })
}
