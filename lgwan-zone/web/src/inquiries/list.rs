//! What the own departments are asked (意見照会).

use askama::Template;
use axum::extract::State;
use axum::response::IntoResponse as _;
use domain::applications::ReceiptNumber;
use domain::identity::{Action, Object};
use domain::spreadsheet;
use lgwan_zone_store::applications::inquiries::{self, Listed, SHOWN};
use lgwan_zone_store::audit::{self, leaving};
use lgwan_zone_store::identity::departments;
use platform_web::download::download;
use platform_web::{Html, PageResult, QueryData, Trouble, Visitor};

use super::{due, mark, state};
use crate::applications::files::private;
use crate::frame::{Frame, Place, name_of};
use crate::guard::{self, Who};
use crate::site::{Site, TEXTS};
use crate::words;

#[derive(Template)]
#[template(path = "inquiries/list.html")]
struct ListPage {
    frame: Frame,
    /// Open ones first, then those that are over.
    parts: [Vec<Row>; 2],
    late: String,
    most: i64,
}

struct Row {
    id: String,
    application: String,
    number: String,
    procedure: String,
    from: String,
    to: String,
    question: String,
    due: String,
    state: String,
    mark: &'static str,
    late: bool,
}

/// Longest beginning of a question in the list, in characters.
const BEGINNING: usize = 60;

/// Departments in whose name this person answers.
pub(crate) fn desks(who: &Who) -> Vec<String> {
    let answers = |id: &str| {
        guard::department(id)
            .is_ok_and(|department| who.can(Action::AnswerInquiry, &Object::Inquiry { department }))
    };
    who.departments.iter().map(|(id, _)| id).filter(|id| answers(id)).cloned().collect()
}

async fn parts(site: &Site, who: &Who) -> Result<[Vec<Row>; 2], Trouble> {
    let desks = desks(who);
    let (open, over, names) = site
        .store
        .read(move |db| {
            let open = inquiries::asked(db, &desks, true, SHOWN)?;
            Ok((open, inquiries::asked(db, &desks, false, SHOWN)?, departments::ever(db)?))
        })
        .await?;
    let names: Vec<(String, String)> = names.into_iter().map(|one| (one.id, one.name)).collect();
    let rows = |all: Vec<Listed>| all.into_iter().map(|one| row(site, one, &names)).collect();
    Ok([rows(open), rows(over)])
}

fn row(site: &Site, (request, number, procedure, from): Listed, names: &[(String, String)]) -> Row {
    let today = words::day(site.clock.now());
    let mut question: String = request.question.chars().take(BEGINNING).collect();
    if question.len() < request.question.len() {
        question.push_str(TEXTS.text("inquiries.more"));
    }
    Row {
        number,
        procedure,
        from: name_of(names, &from),
        to: name_of(names, &request.department_id),
        question,
        due: due(site, &request, today),
        state: state(&request),
        mark: mark(&request, today),
        late: request.is_late(&today.to_string()),
        application: request.application_id,
        id: request.id,
    }
}

/// Shows the list.
pub async fn get(
    State(site): State<Site>,
    who: Who,
    visitor: Visitor,
    query: QueryData,
) -> PageResult {
    let parts = parts(&site, &who).await?;
    // Trials stand in the list of those who work on them, and in no number.
    let late = parts[0].iter().filter(|row| row.late && !on_trial(&row.number)).count();
    let late = match late {
        0 => String::new(),
        count => TEXTS.fill("inquiries.late", &[("count", &count)]),
    };
    let frame = Frame::of(&site, &who, &visitor, Place::Inquiries).said(&query, "inquiries");
    Ok(Html(ListPage { frame, parts, late, most: SHOWN }).into_response())
}

/// Whether a receipt number is one of a trial (試験公開).
pub(crate) fn on_trial(number: &str) -> bool {
    number.parse::<ReceiptNumber>().is_ok_and(ReceiptNumber::is_on_trial)
}

/// Saves the list: what stands on the page, trials aside, and nothing of the applications. Whose it was
/// is noted (NF-42).
pub async fn file(State(site): State<Site>, who: Who) -> PageResult {
    let (ids, rows): (Vec<String>, Vec<Vec<String>>) = parts(&site, &who)
        .await?
        .into_iter()
        .flatten()
        .filter(|row| !on_trial(&row.number))
        .map(|row| {
            let cells =
                vec![row.number, row.procedure, row.from, row.to, row.question, row.due, row.state];
            (row.application, cells)
        })
        .unzip();
    let (by, list, count) = (who.by(&site), site.new_id(), rows.len().to_string());
    site.store
        .write(move |tx| {
            leaving::whole(tx, &by, (&list, leaving::INQUIRIES), &ids)?;
            audit::taken_out(tx, &by, "applications.inquiries_taken", "inbox", "", &count)
        })
        .await?;
    let titles = ["number", "procedure", "from", "to", "question", "due", "state"]
        .map(|column| TEXTS.text(&format!("inquiries.column.{column}")).to_owned());
    let bytes = spreadsheet::written(&titles, &rows);
    let file = download(TEXTS.text("inquiries.file_name"), "text/csv; charset=utf-8", bytes);
    Ok(private(file))
}
