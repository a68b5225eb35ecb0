//! 付箋: made and changed by who leads the procedures of a department, put on and taken off by who
//! works there.

use askama::Template;
use axum::extract::{Path, State};
use axum::response::IntoResponse as _;
use domain::applications::label::{self, Colour, LONGEST};
use domain::identity::{Action, Object};
use domain::ids::ApplicationId;
use http::StatusCode;
use lgwan_zone_store::applications::labels::{self, COUNTED, Label, MOST, Made};
use platform_web::{
    CsrfForm, FormData, Html, PageResult, QueryData, Reply, Trouble, Visitor, see_other,
};

use super::desk;
use crate::frame::{Choice, Fault, Frame, Place, name_of};
use crate::guard::{self, Who};
use crate::site::{Site, TEXTS};
use crate::words;

/// A label as lists and pages show it: its name says it, the colour only helps.
#[derive(Clone, Debug)]
pub(super) struct Tag {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) look: &'static str,
    /// Whether it is on the application.
    pub(super) on: bool,
}

/// The classes of a label.
pub(super) fn look(colour: &str) -> &'static str {
    match Colour::parse(colour).unwrap_or(Colour::Grey) {
        Colour::Grey => "tag tag-long label-grey",
        Colour::Red => "tag tag-long label-red",
        Colour::Orange => "tag tag-long label-orange",
        Colour::Yellow => "tag tag-long label-yellow",
        Colour::Green => "tag tag-long label-green",
        Colour::Teal => "tag tag-long label-teal",
        Colour::Blue => "tag tag-long label-blue",
        Colour::Purple => "tag tag-long label-purple",
    }
}

fn colour_name(colour: Colour) -> &'static str {
    TEXTS.text(match colour {
        Colour::Grey => "applications.label.colour.grey",
        Colour::Red => "applications.label.colour.red",
        Colour::Orange => "applications.label.colour.orange",
        Colour::Yellow => "applications.label.colour.yellow",
        Colour::Green => "applications.label.colour.green",
        Colour::Teal => "applications.label.colour.teal",
        Colour::Blue => "applications.label.colour.blue",
        Colour::Purple => "applications.label.colour.purple",
    })
}

/// What a label is called where labels of several departments stand together.
pub(super) fn called(who: &Who, label: &Label) -> String {
    let name = match label.ended_at {
        None => label.name.clone(),
        Some(_) => TEXTS.fill("applications.label.over", &[("name", &label.name)]),
    };
    if who.departments.len() < 2 {
        return name;
    }
    let department = name_of(&who.departments, &label.department_id);
    TEXTS.fill("applications.label.of", &[("department", &department), ("name", &name)])
}

/// The labels to choose from: those that can be put on, and the one that is chosen.
pub(super) fn choices(who: &Who, all: &[Label], chosen: &str, ended: bool) -> Vec<Choice> {
    all.iter()
        .filter(|label| ended || label.ended_at.is_none())
        .map(|label| Choice::new(&label.id, &called(who, label), label.id == chosen))
        .collect()
}

/// The labels of an application's department, with those that are on it.
pub(super) fn tags(all: &[Label], on: &[(String, Label)]) -> Vec<Tag> {
    let is_on = |label: &Label| on.iter().any(|(_, one)| one.id == label.id);
    all.iter()
        .filter(|label| label.ended_at.is_none() || is_on(label))
        .map(|label| Tag {
            id: label.id.clone(),
            name: label.name.clone(),
            look: look(&label.colour),
            on: is_on(label),
        })
        .collect()
}

/// Labels a form sends at most.
const SENT: usize = 200;

/// Puts the labels on that were chosen now, and takes off those that were chosen before.
pub async fn post(
    State(site): State<Site>,
    who: Who,
    Path(id): Path<String>,
    CsrfForm(form): CsrfForm,
) -> PageResult {
    let desk = desk::open(&site, &who, &id, Action::WorkOnApplication).await?;
    let sent = |name| -> Vec<String> { form.all(name).take(SENT).map(str::to_owned).collect() };
    let (wanted, was) = (sent("label"), sent("was"));
    let only = |these: &[String], those: &[String]| -> Vec<String> {
        these.iter().filter(|one| !those.contains(one)).cloned().collect()
    };
    let (on, off) = (only(&wanted, &was), only(&was, &wanted));
    let (by, row) = (who.by(&site), desk.row);
    let back = format!("/applications/{}?said=labelled", row.id);
    site.store.write(move |tx| labels::set(tx, &by, &row, (&on, &off))).await?;
    Ok(see_other(back))
}

#[derive(Template)]
#[template(path = "applications/labels.html")]
struct LabelsPage {
    frame: Frame,
    groups: Vec<Group>,
    faults: Vec<Fault>,
    /// Where the new label goes; more than one to choose from.
    departments: Vec<Choice>,
    colours: Vec<Choice>,
    name: String,
    key: String,
    most: i64,
    longest: usize,
}

/// The labels of one department.
struct Group {
    department: String,
    labels: Vec<Row>,
}

struct Row {
    id: String,
    name: String,
    look: &'static str,
    over: bool,
    uses: String,
    colours: Vec<Choice>,
}

fn colours(chosen: Colour) -> Vec<Choice> {
    let choice = |one: Colour| Choice::new(one.key(), colour_name(one), one == chosen);
    Colour::ALL.into_iter().map(choice).collect()
}

/// Departments whose labels this person makes.
fn led(who: &Who) -> Vec<(String, String)> {
    let leads = |id: &str| {
        guard::department(id)
            .is_ok_and(|department| who.can(Action::ManageLabels, &Object::Inbox { department }))
    };
    who.departments.iter().filter(|(id, _)| leads(id)).cloned().collect()
}

/// Lists the labels of one's departments.
pub async fn list(
    State(site): State<Site>,
    who: Who,
    visitor: Visitor,
    query: QueryData,
) -> PageResult {
    let frame = Frame::of(&site, &who, &visitor, Place::Inbox).said(&query, "applications");
    let page = drawn(&site, &who, frame, &FormData::default(), Vec::new()).await?;
    Ok(Html(page).into_response())
}

async fn drawn(
    site: &Site,
    who: &Who,
    frame: Frame,
    typed: &FormData,
    faults: Vec<Fault>,
) -> Result<LabelsPage, Trouble> {
    let led = led(who);
    let ids: Vec<String> = led.iter().map(|(id, _)| id.clone()).collect();
    let (all, uses) = site
        .store
        .read(move |db| {
            let all = labels::of_departments(db, &ids)?;
            let uses = labels::uses(db, &all)?;
            Ok((all, uses))
        })
        .await?;
    let row = |label: &Label| {
        let uses = uses.get(&label.id).copied().unwrap_or(0);
        let key = if uses < COUNTED { "applications.due.count" } else { "applications.due.more" };
        Row {
            id: label.id.clone(),
            name: label.name.clone(),
            look: look(&label.colour),
            over: label.ended_at.is_some(),
            uses: TEXTS.fill(key, &[("count", &words::count(uses))]),
            colours: colours(Colour::parse(&label.colour).unwrap_or(Colour::Grey)),
        }
    };
    let groups = led.iter().map(|(id, department)| Group {
        department: department.clone(),
        labels: all.iter().filter(|label| label.department_id == *id).map(row).collect(),
    });
    let sent = typed.text("department");
    Ok(LabelsPage {
        groups: groups.collect(),
        departments: led.iter().map(|(id, name)| Choice::new(id, name, id == sent)).collect(),
        colours: colours(Colour::parse(typed.text("colour")).unwrap_or(Colour::Blue)),
        name: typed.text("name").to_owned(),
        key: site.new_id(),
        most: MOST,
        longest: LONGEST,
        faults,
        frame,
    })
}

/// Makes a label.
pub async fn make(
    State(site): State<Site>,
    who: Who,
    visitor: Visitor,
    CsrfForm(form): CsrfForm,
) -> PageResult {
    let led = led(&who);
    let chosen = led.iter().find(|(id, _)| id == form.text("department")).or_else(|| led.first());
    let Some((department, _)) =
        chosen.filter(|_| led.len() == 1 || !form.text("department").is_empty())
    else {
        return Err(Reply::unprocessable("applications.label_refused")
            .link("/inbox/labels")
            .into());
    };
    let key = form.text("key");
    let made = match (label::name(form.text("name")), Colour::parse(form.text("colour"))) {
        (Some(name), Some(colour)) => {
            let new = Label {
                id: if ApplicationId::parse(key).is_ok() { key.to_owned() } else { site.new_id() },
                department_id: department.clone(),
                name,
                colour: colour.key().to_owned(),
                made_at: site.clock.now().as_microsecond(),
                made_by: who.id.clone(),
                ended_at: None,
            };
            let by = who.by(&site);
            Some(site.store.write(move |tx| labels::make(tx, &by, &new)).await?)
        }
        (_, _) => None,
    };
    let words = match made {
        Some(Made::Done) => return Ok(see_other("/inbox/labels?said=label_made")),
        Some(Made::NameTaken) => TEXTS.text("applications.label.fault.taken").to_owned(),
        Some(Made::Full) => TEXTS.fill("applications.label.fault.full", &[("most", &MOST)]),
        Some(Made::Missing) | None => {
            TEXTS.fill("applications.label.fault.name", &[("longest", &LONGEST)])
        }
    };
    let frame = Frame::of(&site, &who, &visitor, Place::Inbox);
    let page = drawn(&site, &who, frame, &form, vec![Fault::said("name", words)]).await?;
    Err(Trouble::from((StatusCode::UNPROCESSABLE_ENTITY, Html(page)).into_response()))
}

/// Gives a label another name or colour, ends it, or puts it to use again.
pub async fn change(
    State(site): State<Site>,
    who: Who,
    Path(id): Path<String>,
    CsrfForm(form): CsrfForm,
) -> PageResult {
    let missing = || Trouble::from(Reply::not_found("applications.no_label").link("/inbox/labels"));
    let label = site.store.read(move |db| labels::find(db, &id)).await?.ok_or_else(missing)?;
    let department = guard::department(&label.department_id)?;
    who.may(Action::ManageLabels, &Object::Inbox { department }).map_err(|_| missing())?;
    let by = who.by(&site);
    let made = match form.text("do") {
        "end" => site.store.write(move |tx| labels::end(tx, &by, &label, true)).await?,
        "again" => site.store.write(move |tx| labels::end(tx, &by, &label, false)).await?,
        _ => {
            let sent = label::name(form.text("name")).zip(Colour::parse(form.text("colour")));
            let Some((name, colour)) = sent else {
                return Err(Reply::unprocessable("applications.label_refused")
                    .link("/inbox/labels")
                    .into());
            };
            site.store.write(move |tx| labels::change(tx, &by, &label, (&name, colour))).await?
        }
    };
    match made {
        Made::Done => Ok(see_other("/inbox/labels?said=label_changed")),
        Made::NameTaken => {
            Err(Reply::conflict("applications.label_taken").link("/inbox/labels").into())
        }
        Made::Full => Err(Reply::conflict("applications.label_full").link("/inbox/labels").into()),
        Made::Missing => Err(missing()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Relative luminance of `#rrggbb` as WCAG 2.1 has it.
    fn luminance(colour: &str) -> f64 {
        let part = |at: usize| {
            let hex = u8::from_str_radix(&colour[at..at + 2], 16).expect("a colour");
            let part = f64::from(hex) / 255.0;
            if part <= 0.03928 { part / 12.92 } else { ((part + 0.055) / 1.055).powf(2.4) }
        };
        0.2126 * part(1) + 0.7152 * part(3) + 0.0722 * part(5)
    }

    /// JIS X 8341-3 1.4.3: the words of a label can be read on every colour, and each colour has a
    /// name of its own.
    #[test]
    fn a_label_can_be_read_on_every_colour() {
        let css = include_str!("../../static/staff.css");
        let mut names = std::collections::BTreeSet::new();
        for colour in Colour::ALL {
            let class = format!(".label-{} {{", colour.key());
            let rule = css.split(&class).nth(1).expect("a rule").split('}').next().expect("ends");
            let value = |name: &str| {
                let declared = rule.split(';').find_map(|one| one.trim().strip_prefix(name));
                declared.expect("declared").trim().to_owned()
            };
            let (back, front) = (luminance(&value("background:")), luminance(&value("color:")));
            let contrast = (back.max(front) + 0.05) / (back.min(front) + 0.05);
            assert!(contrast >= 7.0, "{colour:?}: {contrast}");
            assert!(look(colour.key()).ends_with(&format!("label-{}", colour.key())));
            assert!(names.insert(colour_name(colour)), "{colour:?}");
        }
    }
}
