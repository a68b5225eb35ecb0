//! One page of the form: its heading, the text under it, when it is shown.

use askama::Template;
use axum::extract::{Path, State};
use axum::response::IntoResponse as _;
use domain::forms::definition::Page;
use domain::forms::design::{self, Edit};
use platform_web::{CsrfForm, Html, PageResult, Reply, Trouble, Visitor, see_other};

use super::notes;
use super::panel::{Panel, frame};
use super::work::{AUTO, Said, Saved, Work};
use crate::frame::{Fault, Frame};
use crate::guard::Who;
use crate::site::Site;

#[derive(Template)]
#[template(path = "procedures/design/topic.html")]
struct TopicPage {
    frame: Frame,
    panel: Panel,
    faults: Vec<Fault>,
    id: String,
    title: String,
    intro: String,
    when: Option<String>,
}

/// Shows the page.
pub async fn get(
    State(site): State<Site>,
    who: Who,
    visitor: Visitor,
    Path((id, page)): Path<(String, String)>,
) -> PageResult {
    let work = Work::load(&site, &who, &id).await?;
    let topic = found(&work, &page)?;
    let typed = (topic.title.ja().to_owned(), topic.intro.ja().to_owned());
    let page = page_of((&site, &who, &visitor), &work, topic, typed, (Vec::new(), Said::Nothing));
    Ok(Html(page).into_response())
}

/// Keeps it.
pub async fn post(
    State(site): State<Site>,
    who: Who,
    visitor: Visitor,
    Path((id, page)): Path<(String, String)>,
    CsrfForm(form): CsrfForm,
) -> PageResult {
    let work = Work::load(&site, &who, &id).await?;
    let topic = found(&work, &page)?;
    let text = |name| form.text(name).trim().to_owned();
    let (title, intro) = (text("title"), text("intro"));
    let mut faults = Vec::new();
    let said = if title.is_empty() {
        faults.push(Fault::of("title", "design.fault.page_title"));
        Said::Refused(Vec::new())
    } else {
        let (title, intro) = (title.clone(), intro.clone());
        let edit = Edit::SetPage { page: page.clone(), title, intro };
        match work.save(&site, &who, &form, vec![edit]).await? {
            Saved::Done(_) if form.text("do") == "when" => {
                return Ok(see_other(work.at(&format!("/conditions/{page}/when"))));
            }
            Saved::Done(_) if form.text("do") == AUTO => {
                return Ok(see_other(work.at(&format!("/pages/{page}"))));
            }
            Saved::Done(_) => return Ok(see_other(work.at(&format!("#{page}")))),
            Saved::Refused(refused) => Said::refused(&refused),
            Saved::Behind(behind) => Said::Behind(behind),
        }
    };
    let status = said.status();
    let drawn = page_of((&site, &who, &visitor), &work, topic, (title, intro), (faults, said));
    Err((status, Html(drawn)).into_response().into())
}

fn found<'w>(work: &'w Work, id: &str) -> Result<&'w Page, Trouble> {
    let page = design::page(work.procedure(), id).map(|(_, page)| page);
    page.ok_or_else(|| Reply::not_found("design.page_gone").link(work.at("")).into())
}

fn page_of(
    (site, who, visitor): (&Site, &Who, &Visitor),
    work: &Work,
    topic: &Page,
    (title, intro): (String, String),
    (faults, said): (Vec<Fault>, Said),
) -> TopicPage {
    TopicPage {
        frame: frame(site, who, visitor),
        panel: Panel::of(work, "outline", said).on(&format!("/pages/{}", topic.id), &topic.id),
        faults,
        id: topic.id.clone(),
        title,
        intro,
        when: topic.when.as_deref().map(|when| notes::condition(work.procedure(), when)),
    }
}
