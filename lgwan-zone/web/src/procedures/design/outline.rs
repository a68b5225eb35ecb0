//! Pages and questions in their order, with the buttons that move, copy and remove them.

use askama::Template;
use axum::extract::{Path, State};
use axum::response::IntoResponse as _;
use domain::forms::definition::{Field, Procedure, Required};
use domain::forms::design::{self, Direction, Edit, Kind, Move, STAFF_PAGE, What};
use lgwan_zone_store::designs::{self, Changed};
use platform_web::{
    CsrfForm, FormData, Html, PageResult, QueryData, Reply, Trouble, Visitor, see_other,
};

use super::notes;
use super::panel::{Panel, frame};
use super::settings::SECTIONS;
use super::work::{Said, Saved, Work, seen};
use crate::frame::Frame;
use crate::guard::Who;
use crate::site::{Site, TEXTS};

#[derive(Template)]
#[template(path = "procedures/design/outline.html")]
struct OutlinePage {
    frame: Frame,
    panel: Panel,
    topics: Vec<Topic>,
    /// Questions of staff.
    staff: Vec<Line>,
    history: Vec<String>,
    /// The question kept last.
    kept: String,
}

struct Topic {
    number: usize,
    id: String,
    title: String,
    when: Option<String>,
    first: bool,
    last: bool,
    lines: Vec<Line>,
}

/// A question in the list.
struct Line {
    id: String,
    label: String,
    kind: &'static str,
    required: &'static str,
    when: Option<String>,
    /// In the row of a group.
    inner: bool,
    /// A group: questions can be added to its row.
    group: bool,
    first: bool,
    last: bool,
}

/// Changes shown.
const HISTORY: usize = 8;

/// Shows the outline.
pub async fn get(
    State(site): State<Site>,
    who: Who,
    visitor: Visitor,
    query: QueryData,
    Path(id): Path<String>,
) -> PageResult {
    let work = Work::load(&site, &who, &id).await?;
    let kept = query.0.text("kept").to_owned();
    let page = page((&site, &who, &visitor), &work, Said::Nothing, kept).await?;
    Ok(Html(page).into_response())
}

/// Does what the pressed button says.
pub async fn post(
    State(site): State<Site>,
    who: Who,
    visitor: Visitor,
    Path(id): Path<String>,
    CsrfForm(form): CsrfForm,
) -> PageResult {
    let work = Work::load(&site, &who, &id).await?;
    let pressed: Vec<&str> = form.text("do").split(':').collect();
    let said = match pressed[..] {
        ["undo"] => travel(&site, &who, &work, &form, true).await?,
        ["redo"] => travel(&site, &who, &work, &form, false).await?,
        ["discard"] => return discard(&site, &who, &work, &form).await,
        _ => {
            let edit = edit(&work.whole, &form, &pressed)
                .ok_or_else(|| Trouble::from(Reply::bad_request("design.unknown_button")))?;
            match work.save(&site, &who, &form, vec![edit]).await? {
                Saved::Done(done) => return Ok(see_other(after(&work, &pressed, &done.id))),
                Saved::Refused(refused) => Said::refused(&refused),
                Saved::Behind(behind) => Said::Behind(behind),
            }
        }
    };
    if matches!(said, Said::Nothing) {
        return Ok(see_other(there(&site, &who, &id, form.text("from")).await?));
    }
    again((&site, &who, &visitor), &work, said).await
}

/// The page a step was taken back from, or the outline where the design no longer has what it shows.
async fn there(site: &Site, who: &Who, id: &str, from: &str) -> Result<String, Trouble> {
    let work = Work::load(site, who, id).await?;
    let procedure = &work.whole;
    let still = match from.split('/').collect::<Vec<_>>()[..] {
        ["", "questions", field] => design::field(procedure, field).is_some(),
        ["", "pages", page] => design::page(procedure, page).is_some(),
        ["", "settings", section] => SECTIONS.contains(&section),
        ["", "texts", _] => true,
        _ => false,
    };
    Ok(work.at(if still { from } else { "" }))
}

/// The outline with what was not done above it.
pub(super) async fn again(around: (&Site, &Who, &Visitor), work: &Work, said: Said) -> PageResult {
    let status = said.status();
    let page = page(around, work, said, String::new()).await?;
    Err((status, Html(page)).into_response().into())
}

/// The place on the page that was changed.
fn after(work: &Work, pressed: &[&str], made: &str) -> String {
    match pressed {
        ["page", "add"] => work.at(&format!("/add/{made}")),
        _ if !made.is_empty() => work.at(&format!("?kept={made}#{made}")),
        [_, _, id] | [_, _, id, _] => work.at(&format!("?kept={id}#{id}")),
        _ => work.at(""),
    }
}

fn edit(procedure: &Procedure, form: &FormData, pressed: &[&str]) -> Option<Edit> {
    let direction = |word: &str| match word {
        "up" => Some(Direction::Up),
        "down" => Some(Direction::Down),
        _ => None,
    };
    let copy_of = |title: &str| TEXTS.fill("procedures.page.own.copy_of", &[("title", &title)]);
    match *pressed {
        ["page", "add"] => {
            let typed = form.text("title").trim();
            // Staff's page counts among them.
            let number = procedure.pages.len();
            let usual = || TEXTS.fill("design.usual.page", &[("number", &number)]);
            Some(Edit::AddPage { title: if typed.is_empty() { usual() } else { typed.to_owned() } })
        }
        ["page", word @ ("up" | "down"), id] => {
            Some(Edit::MovePage { page: id.to_owned(), to: direction(word)? })
        }
        ["page", "before", id, other] => {
            Some(Edit::PutPage { page: id.to_owned(), before: Some(other.to_owned()) })
        }
        ["page", "last", id] => Some(Edit::PutPage { page: id.to_owned(), before: None }),
        ["page", "copy", id] => {
            let (_, page) = design::page(procedure, id)?;
            Some(Edit::CopyPage { page: id.to_owned(), title: copy_of(page.title.ja()) })
        }
        ["page", "remove", id] => Some(Edit::RemovePage { page: id.to_owned() }),
        ["field", word @ ("up" | "down"), id] => {
            Some(Edit::MoveField { field: id.to_owned(), to: Move::One(direction(word)?) })
        }
        ["field", "before", id, other] => {
            Some(Edit::MoveField { field: id.to_owned(), to: Move::Before(other.to_owned()) })
        }
        ["field", "into", id, target] => {
            let to = Move::To(super::question::target(procedure, target));
            Some(Edit::MoveField { field: id.to_owned(), to })
        }
        ["field", "copy", id] => {
            let field = design::field(procedure, id)?;
            Some(Edit::CopyField { field: id.to_owned(), label: copy_of(field.label.ja()) })
        }
        ["field", "remove", id] => Some(Edit::RemoveField { field: id.to_owned() }),
        _ => None,
    }
}

async fn travel(
    site: &Site,
    who: &Who,
    work: &Work,
    form: &FormData,
    back: bool,
) -> Result<Said, Trouble> {
    let (by, id, seen) = (who.by(site), work.id.clone(), seen(form));
    let what = if back { What::Undone } else { What::Redone }.word();
    let done = site.store.write(move |tx| designs::travel(tx, &by, (&id, seen), back, what));
    Ok(match done.await? {
        Changed::Done(_) | Changed::NoStep => Said::Nothing,
        Changed::Overtaken => Said::Behind(work.behind(site, seen, Vec::new()).await?),
    })
}

async fn discard(site: &Site, who: &Who, work: &Work, form: &FormData) -> PageResult {
    let (by, id, seen) = (who.by(site), work.id.clone(), seen(form));
    let done = site.store.write(move |tx| designs::finish(tx, &by, (&id, seen), false)).await?;
    match done {
        Changed::Done(_) => Ok(see_other("/procedures/designs?said=design_discarded")),
        Changed::Overtaken | Changed::NoStep => {
            Err(Reply::conflict("design.overtaken").link(work.at("")).into())
        }
    }
}

async fn page(
    (site, who, visitor): (&Site, &Who, &Visitor),
    work: &Work,
    said: Said,
    kept: String,
) -> Result<OutlinePage, Trouble> {
    let procedure = work.procedure();
    let changes = work.since(site, 0).await?;
    let count = procedure.pages.len();
    let topics = procedure.pages.iter().enumerate().map(|(n, page)| Topic {
        number: n + 1,
        id: page.id.clone(),
        title: page.title.ja().to_owned(),
        when: page.when.as_deref().map(|when| notes::condition(procedure, when)),
        first: n == 0,
        last: n + 1 == count,
        lines: lines(procedure, n),
    });
    Ok(OutlinePage {
        frame: frame(site, who, visitor),
        panel: Panel::of(work, "outline", said),
        topics: topics.collect(),
        staff: lines(&work.whole, count),
        history: changes.iter().rev().take(HISTORY).map(notes::change).collect(),
        kept,
    })
}

fn lines(procedure: &Procedure, page: usize) -> Vec<Line> {
    let mut all = Vec::new();
    let of_staff = procedure.pages[page].id == STAFF_PAGE;
    let fields = &procedure.pages[page].fields;
    for (n, field) in fields.iter().enumerate() {
        let first = n == 0 && (page == 0 || of_staff);
        let next = procedure.pages.get(page + 1).filter(|next| next.id != STAFF_PAGE);
        let last = n + 1 == fields.len() && next.is_none();
        all.push(line(procedure, field, (first, last), false));
        let inner = field.repeat().map_or(&[][..], |repeat| &repeat.fields);
        for (n, one) in inner.iter().enumerate() {
            all.push(line(procedure, one, (n == 0, n + 1 == inner.len()), true));
        }
    }
    all
}

fn line(procedure: &Procedure, field: &Field, (first, last): (bool, bool), inner: bool) -> Line {
    let kind = Kind::of(&field.kind);
    Line {
        id: field.id.clone(),
        label: match field.label.is_empty() {
            true => TEXTS.text("design.no_label").to_owned(),
            false => field.label.ja().to_owned(),
        },
        kind: TEXTS.text(kind.key()),
        required: match &field.required {
            _ if !kind.is_answered() => "",
            Required::Fixed(true) => "design.need.yes",
            Required::Fixed(false) => "design.need.no",
            Required::When(_) => "design.need.when",
        },
        when: field.when.as_deref().map(|when| notes::condition(procedure, when)),
        inner,
        group: field.repeat().is_some(),
        first,
        last,
    }
}
