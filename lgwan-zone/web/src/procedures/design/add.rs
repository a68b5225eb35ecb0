//! Which kind of question comes next: every kind with what it is for and how it looks.

use askama::Template;
use axum::extract::{Path, State};
use axum::response::IntoResponse as _;
use domain::forms::definition::{
    Choice, ChoiceOption, Consent, Field, FieldKind, Matrix, Multi, Repeat, Required, Words,
};
use domain::forms::design::{self, Edit, Kind, Refused, STAFF_PAGE, Target};
use lgwan_zone_store::bank as kept;
use platform_store::Tx;
use platform_web::{
    CsrfForm, FormData, Html, OrFault as _, PageResult, QueryData, Reply, Trouble, Visitor,
    see_other,
};

use super::panel::{Panel, frame};
use super::work::{Said, Saved, Work};
use crate::frame::Frame;
use crate::guard::Who;
use crate::procedures::bank;
use crate::site::{Site, TEXTS};

#[derive(Template)]
#[template(path = "procedures/design/add.html")]
struct AddPage {
    frame: Frame,
    panel: Panel,
    into: String,
    place: String,
    label: String,
    options: String,
    required: bool,
    kinds: Vec<Card>,
    /// Words to find kept questions by, and what was found; none in a row.
    words: String,
    kept: Vec<Kept>,
    in_row: bool,
}

/// A question of the bank.
struct Kept {
    id: String,
    name: String,
    labels: String,
}

/// Kept questions that are offered at once.
const MOST_KEPT: i64 = 20;

/// One kind to choose.
struct Card {
    word: &'static str,
    name: &'static str,
    used: String,
    /// How it looks: the class of the sketch and its lines.
    sketch: &'static str,
    lines: Vec<String>,
}

/// Shows the kinds.
pub async fn get(
    State(site): State<Site>,
    who: Who,
    visitor: Visitor,
    query: QueryData,
    Path((id, into)): Path<(String, String)>,
) -> PageResult {
    let work = Work::load(&site, &who, &id).await?;
    let page = page((&site, &who, &visitor), &work, &into, &query.0, Said::Nothing).await?;
    Ok(Html(page).into_response())
}

/// Adds one and shows its properties, or puts kept questions in.
pub async fn post(
    State(site): State<Site>,
    who: Who,
    visitor: Visitor,
    Path((id, into)): Path<(String, String)>,
    CsrfForm(form): CsrfForm,
) -> PageResult {
    let work = Work::load(&site, &who, &id).await?;
    let said = match Kind::parse(form.text("kind")) {
        None if form.has("bank") => match take((&site, &who), &work, &into, &form).await? {
            Saved::Done(done) => {
                return Ok(see_other(work.at(&format!("?kept={0}#{0}", done.id))));
            }
            Saved::Refused(refused) => Said::refused(&refused),
            Saved::Behind(behind) => Said::Behind(behind),
        },
        None => Said::Refused(vec![TEXTS.text("design.fault.kind").to_owned()]),
        Some(kind) => {
            let (target, _) = target(&work, &into)?;
            let field = Box::new(new(kind, &form));
            let edit = Edit::AddField { into: target, field };
            match work.save(&site, &who, &form, vec![edit]).await? {
                Saved::Done(done) => {
                    return Ok(see_other(work.at(&format!("/questions/{}", done.id))));
                }
                Saved::Refused(refused) => Said::refused(&refused),
                Saved::Behind(behind) => Said::Behind(behind),
            }
        }
    };
    let status = said.status();
    let page = page((&site, &who, &visitor), &work, &into, &form, said).await?;
    Err((status, Html(page)).into_response().into())
}

/// Puts copies of kept questions at the end of the page, and notes where they went.
async fn take(
    (site, who): (&Site, &Who),
    work: &Work,
    into: &str,
    form: &FormData,
) -> Result<Saved, Trouble> {
    if into == STAFF_PAGE {
        return Ok(Saved::Refused(Refused::NoPage));
    }
    let (item, fields) = bank::load(site, form.text("bank")).await?;
    let edit = Edit::TakeFields { page: into.to_owned(), fields };
    let saved = work.save(site, who, form, vec![edit]).await?;
    if let Saved::Done(done) = &saved {
        let (by, procedure) = (who.by(site), work.procedure().id.to_string());
        let first = done.id.clone();
        let note = move |tx: &mut Tx<'_>| kept::take(tx, &by, &item.id, (&procedure, &first));
        site.store.write(note).await?;
    }
    Ok(saved)
}

/// Kept questions with these words.
async fn found(site: &Site, words: &str) -> Result<Vec<Kept>, Trouble> {
    let wanted = words.to_owned();
    let items = site.store.read(move |db| kept::find(db, &wanted, None, MOST_KEPT)).await?;
    let kept = items.into_iter().map(|item| {
        let fields: Vec<Field> = serde_json::from_str(&item.fields).or_fault()?;
        let labels = bank::labels(&fields).join(TEXTS.text("forms.list_separator"));
        Ok(Kept { id: item.id, name: item.name, labels })
    });
    kept.collect()
}

/// What holds questions, by its id, and what it is called.
fn target(work: &Work, id: &str) -> Result<(Target, String), Trouble> {
    if id == STAFF_PAGE {
        let title = TEXTS.text("design.staff.title").to_owned();
        return Ok((Target::Page(id.to_owned()), title));
    }
    if let Some((_, page)) = design::page(work.procedure(), id) {
        return Ok((Target::Page(id.to_owned()), page.title.ja().to_owned()));
    }
    match design::field(work.procedure(), id) {
        Some(group) if group.repeat().is_some() => {
            Ok((Target::Rows(id.to_owned()), group.label.ja().to_owned()))
        }
        Some(_) | None => Err(Reply::not_found("design.page_gone").link(work.at("")).into()),
    }
}

/// A new question with the words that were typed, the usual ones where none were.
fn new(kind: Kind, form: &FormData) -> Field {
    let usual = |key: &str| TEXTS.get(&format!("design.usual.{key}")).unwrap_or_default();
    let typed = form.text("label").trim();
    let label = if typed.is_empty() { usual(kind.word()) } else { typed };
    let options = || {
        let lines = form.text("options").lines().map(str::trim).filter(|line| !line.is_empty());
        let option = |label: &str| ChoiceOption {
            code: String::new(),
            label: Words::from(label),
            hint: Words::default(),
            when: None,
            capacity: None,
        };
        lines.map(option).collect::<Vec<_>>()
    };
    let mut blank = kind.blank();
    if let FieldKind::Choice(Choice { options: kept, .. })
    | FieldKind::Multi(Multi { options: kept, .. })
    | FieldKind::Matrix(Matrix { options: kept, .. }) = &mut blank
    {
        *kept = options();
    }
    if let FieldKind::Consent(Consent { agree, .. }) = &mut blank {
        *agree = Words::from(usual("agree"));
    }
    if let FieldKind::Repeat(Repeat { row, .. }) = &mut blank {
        *row = Words::from(usual("row"));
    }
    Field {
        id: String::new(),
        label: Words::from(label),
        hint: Words::default(),
        required: Required::Fixed(form.has("required") && kind.is_answered()),
        when: None,
        checks: Vec::new(),
        default: None,
        reuse: kind.reuse().map(str::to_owned),
        kind: blank,
    }
}

const fn sketch(kind: Kind) -> &'static str {
    match kind {
        Kind::Text
        | Kind::Number
        | Kind::Date
        | Kind::Month
        | Kind::Time
        | Kind::Name
        | Kind::Address
        | Kind::Phone
        | Kind::Email
        | Kind::CorporateNumber
        | Kind::Bank
        | Kind::Lookup => "line",
        Kind::Textarea => "area",
        Kind::Choice | Kind::Matrix | Kind::Slot => "radio",
        Kind::Multi | Kind::Consent => "check",
        Kind::File => "file",
        Kind::Content | Kind::Exit | Kind::Calc | Kind::Fee | Kind::Repeat => "text",
    }
}

async fn page(
    (site, who, visitor): (&Site, &Who, &Visitor),
    work: &Work,
    into: &str,
    form: &FormData,
    said: Said,
) -> Result<AddPage, Trouble> {
    let (target, place) = target(work, into)?;
    // Staff are asked what fits a row, and nothing comes from the bank.
    let at_desk = into == STAFF_PAGE;
    let in_row = matches!(target, Target::Rows(_)) || at_desk;
    let fits = |kind: &&Kind| (!in_row || kind.fits_a_row()) && (!at_desk || kind.fits_the_desk());
    let kinds = Kind::ALL.iter().filter(fits).map(|kind| {
        let text = |part: &str| TEXTS.text(&format!("design.{part}.{}", kind.word())).to_owned();
        Card {
            word: kind.word(),
            name: TEXTS.text(kind.key()),
            used: text("kind_use"),
            sketch: sketch(*kind),
            lines: text("sketch").split('|').map(str::to_owned).collect(),
        }
    });
    Ok(AddPage {
        frame: frame(site, who, visitor),
        panel: Panel::of(work, "outline", said),
        into: into.to_owned(),
        place,
        label: form.text("label").to_owned(),
        options: form.text("options").to_owned(),
        required: form.has("required"),
        kinds: kinds.collect(),
        words: form.text("q").to_owned(),
        kept: if in_row { Vec::new() } else { found(site, form.text("q")).await? },
        in_row,
    })
}
