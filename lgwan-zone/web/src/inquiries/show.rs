//! One request as the department reads it that is asked: the question, what was chosen for it, and
//! nothing else of the application.

use askama::Template;
use axum::extract::{Path, State};
use axum::response::IntoResponse as _;
use domain::applications::{Inquiry, Opinion, Turn};
use domain::identity::{Action, Object};
use http::StatusCode;
use lgwan_zone_store::applications::file;
use lgwan_zone_store::applications::inquiries::{self, Line, Outcome, Request};
use lgwan_zone_store::applications::rows::Attachment;
use lgwan_zone_store::audit;
use lgwan_zone_store::identity::departments;
use platform_web::{
    CsrfForm, FormData, Html, PageResult, QueryData, Reply, Trouble, Visitor, see_other,
};

use super::{LONGEST, LineView, ask, done, due, mark, overtaken, said, state, take, typed};
use crate::applications::clash::keeping;
use crate::applications::desk::{self, Desk};
use crate::applications::files::{self, Content, noted};
use crate::applications::show::{FileView, applicant, file_view};
use crate::applications::summary::Page;
use crate::frame::{Choice, Fault, Frame, Place, name_of};
use crate::guard::{self, Who};
use crate::site::{Site, TEXTS};
use crate::words;

#[derive(Template)]
#[template(path = "inquiries/show.html")]
struct ShowPage {
    frame: Frame,
    faults: Vec<Fault>,
    id: String,
    turns: i32,
    number: String,
    procedure: String,
    from: String,
    to: String,
    asked: String,
    due: String,
    state: String,
    mark: &'static str,
    /// The applicant, when the name is shown.
    applicant: Option<String>,
    pages: Vec<Page>,
    files: Vec<FileView>,
    /// Whether what was chosen is still shown.
    shows: bool,
    lines: Vec<LineView>,
    /// Whether it is theirs to say something.
    can_answer: bool,
    /// Whether the person applied for it themselves: others say something to it.
    own: bool,
    waits_for_reply: bool,
    opinions: Vec<Choice>,
    words: String,
}

struct Opened {
    desk: Desk,
    request: Request,
    lines: Vec<Line>,
}

/// The request, when this person answers for the department. What is another department's looks as if
/// it did not exist; the attempt is recorded, as one at what is not there.
async fn open(site: &Site, who: &Who, id: &str) -> Result<Opened, Trouble> {
    let (wanted, shelf) = (id.to_owned(), site.shelf.clone());
    let found = site
        .store
        .read(move |db| {
            let Some((request, lines)) = inquiries::find(db, &wanted)? else { return Ok(None) };
            let Some(row) = file::row(db, &request.application_id)? else { return Ok(None) };
            let form = shelf.get(db, &row.procedure_id, row.revision)?;
            Ok(form.map(|form| (request, lines, row, form)))
        })
        .await?;
    let missing = || Trouble::from(Reply::not_found("inquiries.missing").link("/inquiries"));
    let Some((request, lines, row, form)) = found else {
        desk::guessed(site, who, "inquiry", id).await?;
        return Err(missing());
    };
    let department = guard::department(&request.department_id)?;
    if who.may(Action::AnswerInquiry, &Object::Inquiry { department }).is_err() {
        desk::guessed(site, who, "inquiry", &request.id).await?;
        return Err(missing());
    }
    Ok(Opened { desk: desk::with(row, form)?, request, lines })
}

/// Shows what was asked and chosen.
pub async fn get(
    State(site): State<Site>,
    who: Who,
    visitor: Visitor,
    query: QueryData,
    Path(id): Path<String>,
) -> PageResult {
    let opened = open(&site, &who, &id).await?;
    let detail = format!("inquiry={}", opened.request.id);
    let application = opened.request.application_id.clone();
    noted(&site, &who, "applications.inquiry_viewed", "application", &application, &detail).await?;
    let frame = Frame::of(&site, &who, &visitor, Place::Inquiries).said(&query, "inquiries");
    let page = page(&site, &who, frame, &opened, (&FormData::default(), Vec::new())).await?;
    Ok(Html(page).into_response())
}

async fn page(
    site: &Site,
    who: &Who,
    frame: Frame,
    opened: &Opened,
    (form, faults): (&FormData, Vec<Fault>),
) -> Result<ShowPage, Trouble> {
    let Opened { desk, request, lines } = opened;
    let (at, own) = (request.at(), desk.row.is_of(&who.id));
    let names = site.store.read(departments::ever).await?;
    let names: Vec<(String, String)> = names.into_iter().map(|one| (one.id, one.name)).collect();
    let (mut pages, mut chosen) = (Vec::new(), Vec::new());
    if at.shows() {
        let fields = request.fields();
        pages = ask::pages(desk, &desk.answers(site).await?);
        for page in &mut pages {
            page.rows.retain(|row| fields.contains(&row.field));
        }
        pages.retain(|page| !page.rows.is_empty());
        let (application, files) = (desk.row.id.clone(), request.files());
        chosen = site.store.read(move |db| file::attachments_of(db, &application)).await?;
        chosen.retain(|one| files.contains(&one.id));
    }
    let today = words::day(site.clock.now());
    let base = format!("/inquiries/{}", request.id);
    let opinion = form.text("opinion");
    Ok(ShowPage {
        frame,
        faults,
        id: request.id.clone(),
        turns: request.turns,
        number: desk.row.number.clone(),
        procedure: desk.title().to_owned(),
        from: name_of(&names, &desk.row.department_id),
        to: name_of(&names, &request.department_id),
        asked: format!("{} {}", words::stored(request.asked_at), request.asked_by_name),
        due: due(site, request, today),
        state: state(request),
        mark: mark(request, today),
        applicant: (request.named && at.shows()).then(|| applicant(&desk.row.applicant_name)),
        pages,
        files: chosen
            .iter()
            .map(|file| FileView { base: base.clone(), ..file_view(desk, file) })
            .collect(),
        shows: at.shows(),
        lines: said(request, lines),
        can_answer: at == Inquiry::Asked && !own,
        own,
        waits_for_reply: at == Inquiry::AskedBack,
        opinions: Opinion::ALL
            .into_iter()
            .map(|one| {
                let key = format!("inquiries.opinion.{}", one.key());
                Choice::new(one.key(), TEXTS.text(&key), one.key() == opinion)
            })
            .collect(),
        words: form.text("words").to_owned(),
    })
}

/// Answers, or asks back.
pub async fn post(
    State(site): State<Site>,
    who: Who,
    visitor: Visitor,
    Path(id): Path<String>,
    CsrfForm(form): CsrfForm,
) -> PageResult {
    let kept = |refused| keeping(refused, "inquiries.show.words", form.text("words"));
    let opened = open(&site, &who, &id).await.map_err(kept)?;
    let back = format!("/inquiries/{}", opened.request.id);
    if opened.desk.row.is_of(&who.id) {
        let (by, id) = (who.by(&site), opened.request.id.clone());
        site.store
            .write(move |tx| audit::refused(tx, &by, "identity.refused", "inquiry", &id))
            .await?;
        return Err(kept(own(back)));
    }
    let words = typed(form.text("words"));
    let turn = if form.text("do") == "ask_back" { Turn::AskBack } else { Turn::Answer };
    let opinion = Opinion::parse(form.text("opinion"));
    let mut faults = Vec::new();
    if turn == Turn::Answer && opinion.is_none() {
        faults.push(Fault::of("opinion", "inquiries.fault.opinion"));
    }
    // Nothing has to be explained where nothing stands in the way.
    let silent = words.is_empty() && opinion != Some(Opinion::NoObjection);
    if (silent || turn == Turn::AskBack && words.is_empty()) || words.chars().count() > LONGEST {
        faults.push(Fault::of("words", "inquiries.fault.words"));
    }
    if !faults.is_empty() {
        let frame = Frame::of(&site, &who, &visitor, Place::Inquiries);
        let page = page(&site, &who, frame, &opened, (&form, faults)).await?;
        return Err(Trouble::from((StatusCode::UNPROCESSABLE_ENTITY, Html(page)).into_response()));
    }
    let Opened { desk, request, lines } = opened;
    if form.text("turns").parse() != Ok(request.turns) {
        return Err(kept(overtaken(&request, &lines, back)));
    }
    let to = &desk.form.procedure().notify.staff_mail;
    let letters = {
        let facts: [(&str, &dyn std::fmt::Display); 2] =
            [("procedure", &desk.title()), ("number", &desk.row.number)];
        let what = if turn == Turn::AskBack { "inquiry.asked_back" } else { "inquiry.answered" };
        super::letters(&site, to, what, &facts, &format!("/applications/{}", desk.row.id))
    };
    match take(&site, &who, request, (turn, opinion, words), letters).await? {
        Outcome::Done => Ok(see_other(format!("{back}?said={}", done(turn)))),
        Outcome::Own => Err(kept(own(back))),
        Outcome::Overtaken | Outcome::Full => {
            let Opened { request, lines, .. } = open(&site, &who, &id).await.map_err(kept)?;
            Err(kept(overtaken(&request, &lines, back)))
        }
    }
}

/// Nobody says what their department thinks of what they applied for themselves (NB-2.1).
fn own(back: String) -> Trouble {
    Reply::forbidden("inquiries.own").link(back).into()
}

/// Saves one of the chosen files.
pub async fn attachment(
    State(site): State<Site>,
    who: Who,
    Path((id, wanted)): Path<(String, String)>,
) -> PageResult {
    Ok(chosen(&site, &who, &id, &wanted).await?.saved())
}

/// Shows one of the chosen files when it is an image or a PDF.
pub async fn view(
    State(site): State<Site>,
    who: Who,
    Path((id, wanted)): Path<(String, String)>,
) -> PageResult {
    Ok(chosen(&site, &who, &id, &wanted).await?.shown())
}

/// A file that was chosen for this request; any other looks as if it did not exist, and the attempt is
/// recorded.
async fn chosen(site: &Site, who: &Who, id: &str, wanted: &str) -> Result<Content, Trouble> {
    let Opened { desk, request, .. } = open(site, who, id).await?;
    let shown = request.at().shows() && request.files().iter().any(|one| one == wanted);
    let (application, file) = (desk.row.id.clone(), wanted.to_owned());
    let found: Option<Attachment> = if shown {
        site.store.read(move |db| file::attachment(db, &application, &file)).await?
    } else {
        let (by, id) = (who.by(site), request.id.clone());
        site.store
            .write(move |tx| audit::refused(tx, &by, "identity.refused", "inquiry", &id))
            .await?;
        None
    };
    let detail = format!("{} {wanted} inquiry={}", desk.row.number, request.id);
    let whole = files::content(site, found).await?;
    noted(site, who, "applications.file_read", "application", &desk.row.id, &detail).await?;
    Ok(whole)
}
