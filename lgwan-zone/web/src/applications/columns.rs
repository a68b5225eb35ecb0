//! Columns of the list when it is taken out, and sets of them that a procedure keeps (列のひな形).

use std::collections::BTreeSet;

use askama::Template;
use axum::extract::{Path, State};
use axum::response::IntoResponse as _;
use domain::forms::definition::{Field, FieldKind, Procedure};
use domain::identity::{Action, Object};
use domain::text::unwanted;
use http::StatusCode;
use lgwan_zone_store::columns::{self, ColumnSet, Kept, LONGEST, MOST};
use lgwan_zone_store::procedures;
use platform_web::{
    CsrfForm, FormData, Html, PageResult, QueryData, Reply, Trouble, Visitor, see_other,
};

use crate::frame::{Fault, Frame, Place};
use crate::guard::{self, Who};
use crate::site::{Site, TEXTS};

/// A column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Column {
    /// What every application has: its word in the catalogue.
    Own(&'static str),
    /// An answer: the page and the place of its question.
    Answer(usize, usize),
}

/// What every application has, as the list shows it.
const OWN: [&str; 12] = [
    "number",
    "procedure",
    "state",
    "applicant",
    "email",
    "arrived_at",
    "updated_at",
    "attachments",
    "held",
    "deadline",
    "messages",
    "message_files",
];

impl Column {
    /// Every column of a list, with the answers of this form.
    pub(super) fn all(form: Option<&Procedure>) -> Vec<Self> {
        let pages = form.into_iter().flat_map(|form| form.pages.iter().enumerate());
        let answers = pages.flat_map(|(p, page)| {
            let fields = page.fields.iter().enumerate().filter(|(_, field)| has_column(field));
            fields.map(move |(f, _)| Self::Answer(p, f))
        });
        OWN.into_iter().map(Self::Own).chain(answers).collect()
    }

    /// Those of a set in its order; questions the form does not have any more are passed over.
    pub(super) fn of(set: &ColumnSet, form: &Procedure) -> Vec<Self> {
        let all = Self::all(Some(form));
        let named = |name: &str| all.iter().copied().find(|one| one.name(form) == name);
        set.names.lines().filter_map(named).collect()
    }

    pub(super) fn field(self, form: &Procedure) -> Option<&Field> {
        match self {
            Self::Own(_) => None,
            Self::Answer(page, at) => form.pages.get(page)?.fields.get(at),
        }
    }

    /// As a set keeps it; no question's id begins with an underscore.
    fn name(self, form: &Procedure) -> String {
        match self {
            Self::Own(word) => format!("_{word}"),
            Self::Answer(..) => self.field(form).map_or_else(String::new, |field| field.id.clone()),
        }
    }

    /// Its heading.
    pub(super) fn heading(self, form: Option<&Procedure>) -> String {
        match self {
            Self::Own(word) => TEXTS.text(&format!("applications.csv.{word}")).to_owned(),
            Self::Answer(..) => form
                .and_then(|form| self.field(form))
                .map_or_else(String::new, |field| field.label.ja().to_owned()),
        }
    }
}

pub(super) const fn has_column(field: &Field) -> bool {
    !matches!(field.kind, FieldKind::Content(_) | FieldKind::File(_) | FieldKind::Exit(_))
}

#[derive(Template)]
#[template(path = "applications/columns.html")]
struct ColumnsPage {
    frame: Frame,
    faults: Vec<Fault>,
    procedure: String,
    title: String,
    sets: Vec<Set>,
    id: String,
    name: String,
    /// Whether one that is there is changed.
    changes: bool,
    lines: Vec<Line>,
    most: usize,
}

/// A set that is kept.
struct Set {
    id: String,
    name: String,
    columns: String,
}

/// A column to choose.
struct Line {
    name: String,
    heading: String,
    chosen: bool,
    place: String,
}

/// A procedure whose list this person may take out, with its form as it is now.
async fn open(site: &Site, who: &Who, id: &str) -> Result<Procedure, Trouble> {
    let (wanted, shelf) = (id.to_owned(), site.shelf.clone());
    let found = site.store.read(move |db| {
        let Some(row) = procedures::find(db, &wanted)? else { return Ok(None) };
        let form = shelf.get(db, &row.id, row.revision)?;
        Ok(form.map(|form| (row.department_id, form)))
    });
    let missing = || Trouble::from(Reply::not_found("procedures.missing"));
    let (department, form) = found.await?.ok_or_else(missing)?;
    let department = guard::department(&department)?;
    who.may(Action::ExportApplications, &Object::Inbox { department })?;
    Ok(form.procedure().clone())
}

/// The sets of a procedure, with one to be changed when it is named.
pub async fn list(
    State(site): State<Site>,
    who: Who,
    visitor: Visitor,
    query: QueryData,
) -> PageResult {
    let procedure = query.0.text("procedure").to_owned();
    let form = open(&site, &who, &procedure).await?;
    let frame = Frame::of(&site, &who, &visitor, Place::Inbox).said(&query, "applications");
    let chosen = query.0.text("change").to_owned();
    let found = site.store.read(move |db| columns::find(db, &chosen)).await?;
    let found = found.filter(|one| one.procedure_id == procedure);
    let typed = Typed {
        id: found.as_ref().map(|one| one.id.clone()).unwrap_or_default(),
        name: found.as_ref().map(|one| one.name.clone()).unwrap_or_default(),
        columns: match &found {
            Some(one) => one.names.lines().map(str::to_owned).collect(),
            None => Column::all(Some(&form)).iter().map(|one| one.name(&form)).collect(),
        },
    };
    let page = drawn(&site, frame, (&procedure, &form), typed, Vec::new()).await?;
    Ok(Html(page).into_response())
}

/// A set as somebody put it together.
struct Typed {
    id: String,
    name: String,
    columns: Vec<String>,
}

impl Typed {
    /// What is ticked, by the numbers written beside it; equal or missing numbers keep the order of
    /// the form.
    fn read(form: &FormData, procedure: &Procedure) -> Self {
        let ticked: BTreeSet<&str> = form.all("column").collect();
        let known = Column::all(Some(procedure)).into_iter().map(|one| one.name(procedure));
        let mut columns: Vec<(u32, String)> = known
            .filter(|name| ticked.contains(name.as_str()))
            .map(|name| {
                let place = domain::text::narrow(form.text(&format!("place-{name}")).trim());
                (place.parse().unwrap_or(u32::MAX), name)
            })
            .collect();
        columns.sort_by_key(|(place, _)| *place);
        Self {
            id: form.text("id").to_owned(),
            name: form.text("name").trim().to_owned(),
            columns: columns.into_iter().map(|(_, name)| name).collect(),
        }
    }
}

async fn drawn(
    site: &Site,
    frame: Frame,
    (id, form): (&str, &Procedure),
    typed: Typed,
    faults: Vec<Fault>,
) -> Result<ColumnsPage, Trouble> {
    let procedure = id.to_owned();
    let sets = site.store.read(move |db| columns::of(db, &procedure)).await?;
    let separator = TEXTS.text("applications.slash");
    let headings = |set: &ColumnSet| {
        let columns = Column::of(set, form).into_iter();
        columns.map(|one| one.heading(Some(form))).collect::<Vec<_>>().join(separator)
    };
    let lines = Column::all(Some(form)).into_iter().map(|column| {
        let name = column.name(form);
        let place = typed.columns.iter().position(|one| *one == name);
        Line {
            heading: column.heading(Some(form)),
            chosen: place.is_some(),
            place: place.map_or_else(String::new, |place| (place + 1).to_string()),
            name,
        }
    });
    Ok(ColumnsPage {
        frame,
        faults,
        procedure: id.to_owned(),
        title: form.title.ja().to_owned(),
        changes: sets.iter().any(|one| one.id == typed.id),
        lines: lines.collect(),
        id: if typed.id.is_empty() { site.new_id() } else { typed.id },
        name: typed.name,
        sets: sets
            .iter()
            .map(|one| Set { id: one.id.clone(), name: one.name.clone(), columns: headings(one) })
            .collect(),
        most: MOST,
    })
}

/// Keeps one, new or changed.
pub async fn keep(
    State(site): State<Site>,
    who: Who,
    visitor: Visitor,
    CsrfForm(form): CsrfForm,
) -> PageResult {
    let procedure = form.text("procedure").to_owned();
    let definition = open(&site, &who, &procedure).await?;
    let mut typed = Typed::read(&form, &definition);
    if domain::ids::ApplicationId::parse(&typed.id).is_err() {
        typed.id = site.new_id();
    }
    let known = typed.id.clone();
    let before = site.store.read(move |db| columns::find(db, &known)).await?;
    if before.is_some_and(|before| before.procedure_id != procedure) {
        return Err(Reply::not_found("applications.no_columns").link("/inbox").into());
    }
    let mut faults = Vec::new();
    if typed.name.is_empty()
        || typed.name.chars().count() > LONGEST
        || unwanted(&typed.name, false).is_some()
    {
        faults.push(Fault::of("name", "applications.columns.fault.name"));
    }
    if typed.columns.is_empty() {
        faults.push(Fault::of("columns", "applications.columns.fault.none"));
    }
    if faults.is_empty() {
        let by = who.by(&site);
        let new = ColumnSet {
            id: typed.id.clone(),
            procedure_id: procedure.clone(),
            name: typed.name.clone(),
            names: typed.columns.join("\n"),
            changed_at: by.at.as_microsecond(),
            changed_by: who.id.clone(),
        };
        match site.store.write(move |tx| columns::keep(tx, &by, &new)).await? {
            Kept::Done => {
                let back = format!("/inbox/columns?procedure={procedure}&said=columns_kept");
                return Ok(see_other(back));
            }
            Kept::NameTaken => faults.push(Fault::of("name", "applications.columns.fault.taken")),
            Kept::Full => {
                let words = TEXTS.fill("applications.columns.fault.full", &[("most", &MOST)]);
                faults.push(Fault::said("name", words));
            }
        }
    }
    let frame = Frame::of(&site, &who, &visitor, Place::Inbox);
    let page = drawn(&site, frame, (&procedure, &definition), typed, faults).await?;
    Err(Trouble::from((StatusCode::UNPROCESSABLE_ENTITY, Html(page)).into_response()))
}

/// Drops one.
pub async fn drop_it(
    State(site): State<Site>,
    who: Who,
    Path(id): Path<String>,
    CsrfForm(_): CsrfForm,
) -> PageResult {
    let missing = || Trouble::from(Reply::not_found("applications.no_columns").link("/inbox"));
    let found = site.store.read(move |db| columns::find(db, &id)).await?;
    let set = found.ok_or_else(missing)?;
    open(&site, &who, &set.procedure_id).await?;
    let (by, back) = (who.by(&site), format!("/inbox/columns?procedure={}", set.procedure_id));
    site.store.write(move |tx| columns::drop_it(tx, &by, &set)).await?;
    Ok(see_other(format!("{back}&said=columns_dropped")))
}
