//! What stands around the form: one section, one page.

mod asked;
mod columns;
mod cosigners;
mod mails;
mod outcomes;
mod points;
mod read;
mod routing;

pub(in crate::procedures) use asked::listed;

use askama::Template;
use axum::extract::{Path, State};
use axum::response::IntoResponse as _;
use domain::forms::definition::{Mode, Procedure};
use lgwan_zone_store::identity::departments;
use platform_web::{
    CsrfForm, FormData, Html, PageResult, QueryData, Reply, Trouble, Visitor, see_other,
};

use super::panel::{Panel, frame};
use super::properties::{Property, Shape};
use super::work::{Said, Saved, Work};
use crate::frame::{Choice, Fault, Frame, name_of};
use crate::guard::Who;
use crate::site::{Site, TEXTS};

/// The sections, in the order they are offered.
pub(super) const SECTIONS: &[&str] = &[
    "about",
    "outcomes",
    "finding",
    "period",
    "applicants",
    "bring",
    "seats",
    "pay",
    "desk",
    "review",
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
    points: Vec<points::Line>,
    new_point: String,
    outcomes: Vec<outcomes::Line>,
    /// Procedures a guide can lead to.
    leads_to: Vec<Choice>,
    /// The mails to applicants as they get them.
    mails: Vec<mails::Mail>,
    /// Whether there is a layout whose boxes these are.
    gives: bool,
    columns: Vec<columns::Line>,
    /// What a new column can hold.
    sources: Vec<Choice>,
    /// Names of the files a generation would have today.
    files: Vec<String>,
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
            Saved::Behind(behind) => Said::Behind(behind),
        }
    } else {
        Said::Refused(Vec::new())
    };
    let status = said.status();
    let around = (&site, &who, &visitor);
    let mut page = page(around, &work, &section, &typed.procedure, (faults, said)).await?;
    page.fill(&form);
    form.text("new_cosigner").clone_into(&mut page.new_cosigner);
    form.text("new_point").clone_into(&mut page.new_point);
    Err((status, Html(page)).into_response().into())
}

impl SettingsPage {
    /// What was typed stands there again, also what no setting can hold.
    fn fill(&mut self, form: &FormData) {
        for one in &mut self.properties {
            let types = matches!(one.shape, Shape::Line | Shape::Area);
            if types && form.has(&one.asked.name) {
                form.text(&one.asked.name).clone_into(&mut one.asked.value);
            }
        }
        // A button of a column gave the others other places.
        if !form.text("do").starts_with("column:") {
            for line in &mut self.columns {
                let name = format!("column_{}", line.number);
                if form.has(&name) {
                    form.text(&name).clone_into(&mut line.header);
                }
            }
        }
    }
}

/// The sections with their names; where a guide leads is a matter of guides.
pub(super) fn sections(of: &Procedure) -> Vec<(&'static str, String)> {
    let is_guide = of.mode == Mode::Guide || !of.outcomes.is_empty();
    let known = SECTIONS.iter().filter(|one| **one != "outcomes" || is_guide);
    known.map(|one| (*one, TEXTS.text(&format!("design.section.{one}")).to_owned())).collect()
}

fn known(section: &str, work: &Work) -> Result<(), Trouble> {
    let known = SECTIONS.contains(&section);
    known.then_some(()).ok_or_else(|| Reply::not_found("design.page_gone").link(work.at("")).into())
}

/// A new route is told when it counts at once; everything else stays where it is.
fn next(work: &Work, section: &str, form: &FormData) -> String {
    match form.text("do") {
        "route:add" => work.at(&format!("/conditions/routing/{}", work.procedure().routing.len())),
        "outcome:add" => {
            work.at(&format!("/conditions/outcomes/{}", work.procedure().outcomes.len()))
        }
        "next" => {
            let all = sections(work.procedure());
            let at = all.iter().position(|(one, _)| *one == section).unwrap_or(0);
            match all.get(at + 1) {
                Some((section, _)) => work.at(&format!("/settings/{section}")),
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
    let (all, procedures) = site
        .store
        .read(|db| Ok((departments::all(db)?, lgwan_zone_store::procedures::list(db, None)?)))
        .await?;
    let leads_to = procedures.iter().filter(|one| one.id != shown.id.as_str());
    let leads_to = leads_to.map(|one| Choice::new(&one.slug, &one.title, false));
    let departments: Vec<(String, String)> =
        all.into_iter().map(|one| (one.id, one.name)).collect();
    let own = name_of(&departments, shown.department.as_str());
    let mails = match section {
        "notices" => mails::previews(site, shown, &own),
        _ => Vec::new(),
    };
    Ok(SettingsPage {
        mails,
        frame: frame(site, who, visitor),
        panel: Panel::of(work, "settings", said).on(&format!("/settings/{section}"), ""),
        faults,
        section: section.to_owned(),
        sections: sections(shown),
        properties: asked::section(section, shown, &departments),
        cosigners: match section {
            "applicants" => cosigners::lines(shown),
            _ => Vec::new(),
        },
        new_cosigner: String::new(),
        points: if section == "review" { points::lines(shown) } else { Vec::new() },
        new_point: String::new(),
        outcomes: if section == "outcomes" { outcomes::lines(shown) } else { Vec::new() },
        leads_to: if section == "outcomes" { leads_to.collect() } else { Vec::new() },
        gives: section == "export" && shown.export.is_some(),
        columns: if section == "export" { columns::lines(shown) } else { Vec::new() },
        sources: if section == "export" { columns::sources(shown) } else { Vec::new() },
        files: if section == "export" {
            columns::files(shown, site.clock.now())
        } else {
            Vec::new()
        },
        routes: if section == "routing" { routing::lines(shown, &departments) } else { Vec::new() },
    })
}
