//! 通知文のひな形: texts of results, made by those who design procedures (NF-47). A text is for one procedure, and
//! may name its answers and conditions, or for every procedure of a department.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::response::IntoResponse as _;
use domain::forms::Compiled;
use domain::forms::notice::{BadLine, BadNotice, Notice, PLACES, REFUSAL_PLACES, is_told};
use domain::identity::{Action, Object};
use domain::ids::ApplicationId;
use domain::text::unwanted;
use http::StatusCode;
use lgwan_zone_store::procedures;
use lgwan_zone_store::templates::{self, Kept, LONGEST_NAME, MOST, Template, Words};
use platform_web::download::inline;
use platform_web::{
    CsrfForm, FormData, Html, OrFault as _, PageResult, QueryData, Reply, Trouble, Visitor,
    see_other,
};

use super::problems;
use crate::applications::correction::LONGEST_REASON;
use crate::applications::files::private;
use crate::applications::result::{LONGEST_BODY, LONGEST_LINE};
use crate::frame::{Choice, Fault, Frame, Place, name_of};
use crate::guard::{self, Who};
use crate::paper::Unprintable;
use crate::press::{Draft, Press};
use crate::site::{Site, TEXTS};
use crate::words;

/// Why a text does not read, in words.
pub(crate) fn words_of(bad: &BadNotice) -> String {
    let why = match &bad.why {
        BadLine::Condition(error) => {
            let reason = problems::expression(&(error.at + 1), &error.reason);
            TEXTS.fill(bad.why.key(), &[("what", &reason)])
        }
        other => TEXTS.fill(other.key(), &[("what", &other.what())]),
    };
    TEXTS.fill("procedures.template.line", &[("line", &bad.line), ("why", &why)])
}

/// Whose a text is.
enum Owner {
    Department(String),
    Procedure(String, Arc<Compiled>),
}

impl Owner {
    /// As a form sends it.
    fn key(&self) -> String {
        match self {
            Self::Department(id) => format!("d:{id}"),
            Self::Procedure(id, _) => format!("p:{id}"),
        }
    }

    fn form(&self) -> Option<&Compiled> {
        match self {
            Self::Department(_) => None,
            Self::Procedure(_, form) => Some(form),
        }
    }

    fn name(&self, who: &Who) -> String {
        match self {
            Self::Department(id) => {
                let name = name_of(&who.departments, id);
                TEXTS.fill("procedures.template.every", &[("department", &name)])
            }
            Self::Procedure(_, form) => form.procedure().title.ja().to_owned(),
        }
    }
}

/// Whether this person designs procedures of the department.
fn designs(who: &Who, department: &str) -> bool {
    guard::department(department)
        .is_ok_and(|department| who.can(Action::EditDefinition, &Object::Definition { department }))
}

fn missing() -> Trouble {
    Reply::not_found("procedures.no_template").link("/procedures/templates").into()
}

/// Whose the text is, when this person may write it; anything else looks as if it were not there.
async fn owner(site: &Site, who: &Who, key: &str) -> Result<Owner, Trouble> {
    if let Some(id) = key.strip_prefix("d:") {
        return if designs(who, id) {
            Ok(Owner::Department(id.to_owned()))
        } else {
            Err(missing())
        };
    }
    let (id, shelf) = (key.trim_start_matches("p:").to_owned(), site.shelf.clone());
    let found = site
        .store
        .read(move |db| {
            let Some(row) = procedures::find(db, &id)? else { return Ok(None) };
            let form = shelf.get(db, &row.id, row.revision)?;
            Ok(form.map(|form| (row, form)))
        })
        .await?;
    let (row, form) = found.ok_or_else(missing)?;
    if designs(who, &row.department_id) {
        Ok(Owner::Procedure(row.id, form))
    } else {
        Err(missing())
    }
}

fn owner_key(template: &Template) -> String {
    match (&template.procedure_id, &template.department_id) {
        (Some(id), _) => format!("p:{id}"),
        (None, id) => format!("d:{}", id.as_deref().unwrap_or_default()),
    }
}

#[derive(askama::Template)]
#[template(path = "procedures/templates.html")]
struct ListPage {
    frame: Frame,
    lines: Vec<Line>,
    owners: Vec<Choice>,
    most: usize,
}

struct Line {
    id: String,
    name: String,
    owner: String,
    title: String,
    changed: String,
    /// Whether it tells a refusal.
    refusal: bool,
    /// Why it does not read with the procedure as it is now; empty when it does.
    bad: String,
}

/// Lists the texts of the own departments and procedures.
pub async fn list(
    State(site): State<Site>,
    who: Who,
    visitor: Visitor,
    query: QueryData,
) -> PageResult {
    let own: Vec<(String, String)> =
        who.departments.iter().filter(|(id, _)| designs(&who, id)).cloned().collect();
    let ids: Vec<String> = own.iter().map(|(id, _)| id.clone()).collect();
    let shelf = site.shelf.clone();
    let (all, procedures) = site
        .store
        .read(move |db| {
            let procedures = procedures::list(db, Some(&ids))?;
            let of: Vec<String> = procedures.iter().map(|one| one.id.clone()).collect();
            let all = templates::of(db, &ids, &of)?;
            let mut forms = Vec::new();
            for one in procedures {
                // Only those are looked at that have a text.
                let used = all.iter().any(|text| text.procedure_id.as_ref() == Some(&one.id));
                let form = if used { shelf.get(db, &one.id, one.revision)? } else { None };
                forms.push((one, form));
            }
            Ok((all, forms))
        })
        .await?;
    let line = |one: Template| {
        let procedure =
            procedures.iter().find(|(row, _)| Some(&row.id) == one.procedure_id.as_ref());
        let form = procedure.and_then(|(_, form)| form.as_deref());
        let texts = [&one.title, &one.addressee, &one.body, &one.note];
        let bad = texts.into_iter().find_map(|text| Notice::read(text, form).err());
        Line {
            owner: match (procedure, &one.department_id) {
                (Some((row, _)), _) => row.title.clone(),
                (None, id) => {
                    let name = name_of(&own, id.as_deref().unwrap_or_default());
                    TEXTS.fill("procedures.template.every", &[("department", &name)])
                }
            },
            bad: bad.as_ref().map(words_of).unwrap_or_default(),
            changed: format!("{} {}", words::stored(one.changed_at), one.changed_by_name),
            refusal: one.refusal,
            id: one.id,
            name: one.name,
            title: one.title,
        }
    };
    let departments = own.iter().map(|(id, name)| {
        let name = TEXTS.fill("procedures.template.every", &[("department", &name)]);
        Choice::new(&format!("d:{id}"), &name, false)
    });
    let each =
        procedures.iter().map(|(row, _)| Choice::new(&format!("p:{}", row.id), &row.title, false));
    let owners = each.chain(departments).collect();
    let page = ListPage {
        frame: Frame::of(&site, &who, &visitor, Place::Procedures).said(&query, "procedures"),
        lines: all.into_iter().map(line).collect(),
        owners,
        most: MOST,
    };
    Ok(Html(page).into_response())
}

#[derive(askama::Template)]
#[template(path = "procedures/template.html")]
struct FormPage {
    frame: Frame,
    faults: Vec<Fault>,
    /// Who changed it meanwhile, and what it is now.
    overtaken: Option<(String, Words)>,
    heading: &'static str,
    owner: String,
    owner_key: String,
    id: String,
    version: i32,
    words: Words,
    /// What `{…}` stands for.
    places: Vec<(String, String)>,
    /// Questions whose answers can be named.
    answers: Vec<(String, String)>,
}

/// A new text for `?for=`, or the one that is changed.
pub async fn form(
    State(site): State<Site>,
    who: Who,
    visitor: Visitor,
    query: QueryData,
) -> PageResult {
    let changed = query.0.text("change").to_owned();
    let (owner, template) = if changed.is_empty() {
        (owner(&site, &who, query.0.text("for")).await?, None)
    } else {
        let found = site.store.read(move |db| templates::find(db, &changed)).await?;
        let found = found.ok_or_else(missing)?;
        (owner(&site, &who, &owner_key(&found)).await?, Some(found))
    };
    let typed = match &template {
        Some(one) => Typed { id: one.id.clone(), version: one.version, words: one.words() },
        None => {
            let refusal = query.0.text("kind") == "refusal";
            let (title, body) = if refusal {
                ("applications.refusal.title", "applications.refusal.body")
            } else {
                ("applications.result.title", "applications.result.body")
            };
            Typed {
                id: site.new_id(),
                version: 0,
                words: Words {
                    title: TEXTS.fill(title, &[("procedure", &"{procedure}")]),
                    addressee: TEXTS.fill("applications.result.addressee", &[("name", &"{name}")]),
                    body: TEXTS.text(body).to_owned(),
                    refusal,
                    ..Words::default()
                },
            }
        }
    };
    let frame = Frame::of(&site, &who, &visitor, Place::Procedures);
    Ok(Html(page(&who, frame, &owner, typed, Vec::new())).into_response())
}

/// What somebody typed.
struct Typed {
    id: String,
    /// Version it was typed on; 0 for a new one.
    version: i32,
    words: Words,
}

impl Typed {
    fn read(site: &Site, form: &FormData) -> Self {
        let line = |name: &str| form.text(name).trim().to_owned();
        let lines = |name: &str| form.text(name).replace("\r\n", "\n").trim().to_owned();
        let id = form.text("id").to_owned();
        Self {
            id: if ApplicationId::parse(&id).is_ok() { id } else { site.new_id() },
            version: form.text("version").parse().unwrap_or(0),
            words: Words {
                name: line("name"),
                title: line("title"),
                addressee: line("addressee"),
                body: lines("body"),
                note: lines("note"),
                refusal: form.text("kind") == "refusal",
            },
        }
    }

    /// What is wrong with it. A refusal says why, and where and until when somebody may object,
    /// whatever was answered (行政手続法8条, 行政不服審査法82条); nothing else names that.
    fn faults(&self, site: &Site, form: Option<&Compiled>) -> Vec<Fault> {
        let words = &self.words;
        let mut faults = Vec::new();
        if words.refusal && site.settings.remedies.is_none() {
            faults.push(Fault::of("body", "procedures.template.fault.no_remedies"));
        }
        let bad_name = words.name.is_empty()
            || words.name.chars().count() > LONGEST_NAME
            || unwanted(&words.name, false).is_some();
        if bad_name {
            faults.push(Fault::of("name", "procedures.template.fault.name"));
        }
        let fields = [
            ("title", &words.title, LONGEST_LINE, "applications.fault.title_missing"),
            ("addressee", &words.addressee, LONGEST_LINE, ""),
            ("body", &words.body, LONGEST_BODY, "applications.fault.body_missing"),
            ("note", &words.note, LONGEST_REASON, ""),
        ];
        for (field, text, longest, empty) in fields {
            if text.is_empty() && !empty.is_empty() {
                faults.push(Fault::of(field, empty));
            } else if text.chars().count() > longest {
                faults.push(Fault::of(field, "applications.fault.too_long"));
            } else {
                match Notice::read(text, form) {
                    Err(bad) => faults.push(Fault::said(field, words_of(&bad))),
                    Ok(read) => {
                        let refuses = words.refusal && field == "body";
                        let fault = |key| Fault::of(field, key);
                        if refuses && !read.always_names("reason") {
                            faults.push(fault("procedures.template.fault.reason"));
                        }
                        if refuses && !read.always_names("remedy") {
                            faults.push(fault("procedures.template.fault.remedy"));
                        }
                        if !refuses && REFUSAL_PLACES.iter().any(|place| read.names(place)) {
                            faults.push(fault("procedures.template.fault.only_refusal"));
                        }
                    }
                }
            }
        }
        faults
    }
}

fn page(who: &Who, frame: Frame, owner: &Owner, typed: Typed, faults: Vec<Fault>) -> FormPage {
    let more = if typed.words.refusal { &REFUSAL_PLACES[..] } else { &[] };
    let places = PLACES.iter().chain(more).map(|name| {
        let words = TEXTS.text(&format!("applications.placeholder.{name}")).to_owned();
        (format!("{{{name}}}"), words)
    });
    let fields =
        owner.form().map(|form| form.procedure().pages.iter().flat_map(|page| &page.fields));
    let answers = fields.into_iter().flatten().filter(|field| is_told(field));
    FormPage {
        frame,
        faults,
        overtaken: None,
        heading: TEXTS.text(if typed.version == 0 {
            "procedures.template.new"
        } else {
            "procedures.template.change"
        }),
        owner: owner.name(who),
        owner_key: owner.key(),
        id: typed.id,
        version: typed.version,
        words: typed.words,
        places: places.collect(),
        answers: answers
            .map(|field| (format!("{{answer:{}}}", field.id), field.label.ja().to_owned()))
            .collect(),
    }
}

/// Keeps one, new or changed.
pub async fn keep(
    State(site): State<Site>,
    who: Who,
    visitor: Visitor,
    CsrfForm(form): CsrfForm,
) -> PageResult {
    let owner = owner(&site, &who, form.text("for")).await?;
    let mut typed = Typed::read(&site, &form);
    let known = typed.id.clone();
    let before = site.store.read(move |db| templates::find(db, &known)).await?;
    if before.is_some_and(|before| owner_key(&before) != owner.key()) {
        return Err(missing());
    }
    let mut faults = typed.faults(&site, owner.form());
    let frame = Frame::of(&site, &who, &visitor, Place::Procedures);
    if faults.is_empty() {
        let new = row(&site, &who, &owner, &typed);
        let by = who.by(&site);
        match site.store.write(move |tx| templates::keep(tx, &by, &new)).await? {
            Kept::Done => return Ok(see_other("/procedures/templates?said=template_kept")),
            Kept::NameTaken => faults.push(Fault::of("name", "procedures.template.fault.taken")),
            Kept::Full => {
                let words = TEXTS.fill("procedures.template.fault.full", &[("most", &MOST)]);
                faults.push(Fault::said("name", words));
            }
            Kept::Gone => {
                // Kept once more, it is a new one.
                (typed.id, typed.version) = (site.new_id(), 0);
                faults.push(Fault::of("name", "procedures.template.fault.gone"));
            }
            Kept::Overtaken(now) => {
                typed.version = now.version;
                let by = format!("{} {}", words::stored(now.changed_at), now.changed_by_name);
                let page = page(&who, frame, &owner, typed, Vec::new());
                let page = FormPage { overtaken: Some((by, now.words())), ..page };
                return Err(Trouble::from((StatusCode::CONFLICT, Html(page)).into_response()));
            }
        }
    }
    let page = page(&who, frame, &owner, typed, faults);
    Err(Trouble::from((StatusCode::UNPROCESSABLE_ENTITY, Html(page)).into_response()))
}

fn row(site: &Site, who: &Who, owner: &Owner, typed: &Typed) -> Template {
    let (department_id, procedure_id) = match owner {
        Owner::Department(id) => (Some(id.clone()), None),
        Owner::Procedure(id, _) => (None, Some(id.clone())),
    };
    let words = typed.words.clone();
    Template {
        id: typed.id.clone(),
        department_id,
        procedure_id,
        name: words.name,
        title: words.title,
        addressee: words.addressee,
        body: words.body,
        note: words.note,
        refusal: words.refusal,
        version: typed.version.saturating_add(1),
        changed_at: site.clock.now().as_microsecond(),
        changed_by: who.id.clone(),
        changed_by_name: who.name.clone(),
    }
}

/// Prints a sample: every part, with the names of what will stand there.
pub async fn preview(
    State(site): State<Site>,
    who: Who,
    visitor: Visitor,
    CsrfForm(form): CsrfForm,
) -> PageResult {
    let owner = owner(&site, &who, form.text("for")).await?;
    let typed = Typed::read(&site, &form);
    let mut faults = typed.faults(&site, owner.form());
    faults.retain(|fault| fault.field != "name");
    if faults.is_empty() {
        let said = |place: &str| sample(&owner, place);
        let write = |text: &str| {
            Notice::read(text, owner.form()).map(|notice| notice.sample(&said)).unwrap_or_default()
        };
        let draft = Draft {
            number: String::new(),
            title: write(&typed.words.title),
            addressee: write(&typed.words.addressee),
            body: write(&typed.words.body),
        };
        let (press, today) = (Press::of(&site), words::day(site.clock.now()));
        let name = draft.file_name();
        let printed = tokio::task::spawn_blocking(move || press.print(&draft, today, None));
        match printed.await.or_fault()? {
            Ok(printed) => {
                return Ok(private(inline(&name, "application/pdf", printed.into_bytes())));
            }
            Err(Unprintable::Missing(chars)) => {
                let words = TEXTS.fill("applications.fault.glyph", &[("chars", &chars)]);
                faults.push(Fault::said("body", words));
            }
            Err(Unprintable::Broken) => {
                return Err(platform_web::Fault::because("a sample could not be printed").into());
            }
        }
    }
    let frame = Frame::of(&site, &who, &visitor, Place::Procedures);
    let page = page(&who, frame, &owner, typed, faults);
    Err(Trouble::from((StatusCode::UNPROCESSABLE_ENTITY, Html(page)).into_response()))
}

/// What stands in a sample for a place.
fn sample(owner: &Owner, place: &str) -> String {
    let name = match place.strip_prefix("answer:") {
        Some(id) => {
            let field = owner.form().and_then(|form| form.field(id));
            field.map_or_else(String::new, |field| field.label.ja().to_owned())
        }
        None => TEXTS.text(&format!("applications.placeholder.{place}")).to_owned(),
    };
    TEXTS.fill("procedures.template.sample", &[("name", &name)])
}

/// Drops one.
pub async fn drop_it(
    State(site): State<Site>,
    who: Who,
    Path(id): Path<String>,
    CsrfForm(_): CsrfForm,
) -> PageResult {
    let found = site.store.read(move |db| templates::find(db, &id)).await?;
    let template = found.ok_or_else(missing)?;
    owner(&site, &who, &owner_key(&template)).await?;
    let by = who.by(&site);
    site.store.write(move |tx| templates::drop_it(tx, &by, &template)).await?;
    Ok(see_other("/procedures/templates?said=template_dropped"))
}
