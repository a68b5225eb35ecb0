//! How a form is filled in: where people stop, what comes back with faults, on which devices, and how
//! long decisions take (NF-25, IK-2.1.3).

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::response::IntoResponse as _;
use domain::forms::Compiled;
use domain::identity::{Action, Object};
use domain::spreadsheet;
use lgwan_zone_store::fillings::{self, Counts, Filling, Lead};
use lgwan_zone_store::identity::departments;
use lgwan_zone_store::procedures;
use platform_web::download::download;
use platform_web::{Html, PageResult, QueryData, Trouble, Visitor};

use super::chart::Chart;
use super::period::Period;
use crate::frame::{Choice, Frame, Place, name_of};
use crate::guard::Who;
use crate::site::{Site, TEXTS};
use crate::words;

/// The page behind the last one, as the citizens' zone names it.
const CHECK: &str = "_check";

/// The devices: what is begun on each, and what is sent from it.
const DEVICES: [(&str, Filling, Filling); 3] = [
    ("numbers.filling.phone", Filling::StartPhone, Filling::SentPhone),
    ("numbers.filling.desk", Filling::StartDesk, Filling::SentDesk),
    ("numbers.filling.unknown", Filling::StartUnknown, Filling::SentUnknown),
];

#[derive(Template)]
#[template(path = "numbers/filling.html")]
struct FillingPage {
    frame: Frame,
    since: String,
    until: String,
    query: String,
    offered: Vec<Choice>,
    chart: Chart,
    /// What the chart says, in a sentence.
    told: String,
    heads: Vec<&'static str>,
    steps: Vec<(String, Vec<String>)>,
    device_heads: Vec<&'static str>,
    devices: Vec<(&'static str, Vec<String>)>,
    leads: Vec<(&'static str, String)>,
}

/// One page of a form with its counts.
struct Step {
    title: String,
    reached: i64,
    passed: i64,
    faulty: i64,
}

impl Step {
    /// How many reached it and went no further.
    fn left(&self) -> i64 {
        (self.reached - self.passed).max(0)
    }

    fn cells(&self, write: impl Fn(i64) -> String) -> Vec<String> {
        let rate = percent(self.left(), self.reached);
        vec![write(self.reached), write(self.passed), write(self.left()), rate, write(self.faulty)]
    }
}

/// One procedure of a period.
struct Form {
    id: String,
    title: String,
    department: String,
    steps: Vec<Step>,
    counts: Counts,
    lead: Lead,
}

impl Form {
    fn whole(&self, what: Filling) -> i64 {
        of(&self.counts, "", what)
    }

    fn devices(&self, write: impl Fn(i64) -> String) -> Vec<(&'static str, Vec<String>)> {
        let cells = |start, sent| {
            let (start, sent) = (self.whole(start), self.whole(sent));
            vec![write(start), write(sent), percent(sent, start)]
        };
        let rows =
            DEVICES.into_iter().map(|(key, start, sent)| (TEXTS.text(key), cells(start, sent)));
        rows.collect()
    }

    fn leads(&self) -> Vec<(&'static str, String)> {
        let none = || TEXTS.text("numbers.none").to_owned();
        let days =
            |number: &dyn std::fmt::Display| TEXTS.fill("numbers.days", &[("number", number)]);
        let mean = self
            .lead
            .mean_tenths()
            .map_or_else(none, |tenths| days(&format!("{}.{}", tenths / 10, tenths % 10)));
        let within =
            |of_hundred| self.lead.within(of_hundred).map_or_else(none, |number| days(&number));
        vec![
            (TEXTS.text("numbers.filling.decisions"), words::count(self.lead.decisions())),
            (TEXTS.text("numbers.filling.mean"), mean),
            (TEXTS.text("numbers.filling.median"), within(50)),
            (TEXTS.text("numbers.filling.ninety"), within(90)),
        ]
    }
}

fn of(counts: &Counts, page: &str, what: Filling) -> i64 {
    counts.get(&(page.to_owned(), what)).copied().unwrap_or(0)
}

fn percent(part: i64, all: i64) -> String {
    if all > 0 {
        format!("{}%", (part * 100 / all).min(100))
    } else {
        TEXTS.text("numbers.none").to_owned()
    }
}

/// The pages in the order of the form as it is now, then those it no longer has.
fn steps(form: Option<&Compiled>, counts: &Counts) -> Vec<Step> {
    let mut pages: Vec<(String, String)> = Vec::new();
    for page in form.into_iter().flat_map(|form| &form.procedure().pages) {
        pages.push((page.id.clone(), page.title.ja().to_owned()));
    }
    pages.push((CHECK.to_owned(), TEXTS.text("numbers.filling.check").to_owned()));
    for (page, _) in counts.keys() {
        if !page.is_empty() && !pages.iter().any(|(id, _)| id == page) {
            pages.push((page.clone(), TEXTS.fill("numbers.filling.gone", &[("page", page)])));
        }
    }
    let step = |(id, title): (String, String)| Step {
        title,
        reached: of(counts, &id, Filling::Reached),
        passed: of(counts, &id, Filling::Passed),
        faulty: of(counts, &id, Filling::Faulty),
    };
    pages.into_iter().map(step).collect()
}

/// Every procedure of the period, by department and title.
async fn find(site: &Site, who: &Who, query: &QueryData) -> Result<(Period, Vec<Form>), Trouble> {
    who.may(Action::ReadOperations, &Object::Operations)?;
    let period = Period::of(&query.0, words::day(site.clock.now()));
    let (since, until) = (period.since.to_string(), period.until.to_string());
    let shelf = site.shelf.clone();
    let read = site.store.read(move |db| {
        let counts = fillings::between(db, &since, &until)?;
        let leads = fillings::leads(db, &since, &until)?;
        let all = procedures::list(db, None)?;
        let mut known: Vec<Option<Arc<Compiled>>> = Vec::with_capacity(all.len());
        for one in &all {
            known.push(shelf.get(db, &one.id, one.revision)?);
        }
        Ok((counts, leads, all, known, departments::all(db)?))
    });
    let (mut counts, mut leads, all, known, names) = read.await?;
    let names: Vec<(String, String)> = names.into_iter().map(|one| (one.id, one.name)).collect();
    let form = |(one, form): (procedures::Procedure, Option<Arc<Compiled>>)| {
        let counts = counts.remove(&one.id).unwrap_or_default();
        Form {
            steps: steps(form.as_deref(), &counts),
            lead: leads.remove(&one.id).unwrap_or_default(),
            department: name_of(&names, &one.department_id),
            title: one.title,
            id: one.id,
            counts,
        }
    };
    let mut forms: Vec<Form> = all.into_iter().zip(known).map(form).collect();
    forms.sort_by(|a, b| (&a.department, &a.title).cmp(&(&b.department, &b.title)));
    Ok((period, forms))
}

fn heads() -> Vec<&'static str> {
    vec![
        TEXTS.text("numbers.filling.reached"),
        TEXTS.text("numbers.filling.passed"),
        TEXTS.text("numbers.filling.left"),
        TEXTS.text("numbers.filling.rate"),
        TEXTS.text("numbers.filling.faulty"),
    ]
}

/// Shows how the form of one procedure was filled in.
pub async fn get(
    State(site): State<Site>,
    who: Who,
    visitor: Visitor,
    query: QueryData,
) -> PageResult {
    let (period, forms) = find(&site, &who, &query).await?;
    let wanted = query.0.text("procedure");
    let used = |form: &&Form| !form.counts.is_empty();
    let chosen = forms.iter().find(|form| form.id == wanted);
    let chosen = chosen.or_else(|| forms.iter().find(used)).or_else(|| forms.first());
    let (none, id) = (Vec::new(), chosen.map(|form| form.id.clone()).unwrap_or_default());
    let steps = chosen.map_or(&none, |form| &form.steps);
    let values: Vec<i64> = steps.iter().map(|step| step.reached).collect();
    let most = steps.iter().filter(|step| step.left() > 0).max_by_key(|step| step.left());
    let told = most.map_or_else(String::new, |step| {
        let left = words::count(step.left());
        TEXTS.fill("numbers.filling.told", &[("page", &step.title), ("count", &left)])
    });
    let page = FillingPage {
        frame: Frame::of(&site, &who, &visitor, Place::Numbers),
        since: period.since.to_string(),
        until: period.until.to_string(),
        query: period.query(),
        offered: forms
            .iter()
            .map(|form| Choice::new(&form.id, &form.title, form.id == id))
            .collect(),
        chart: Chart::of(&values),
        told,
        heads: heads(),
        steps: steps.iter().map(|step| (step.title.clone(), step.cells(words::count))).collect(),
        device_heads: device_heads(),
        devices: chosen.map(|form| form.devices(words::count)).unwrap_or_default(),
        leads: chosen.map(Form::leads).unwrap_or_default(),
    };
    Ok(Html(page).into_response())
}

fn device_heads() -> Vec<&'static str> {
    vec![
        TEXTS.text("numbers.filling.started"),
        TEXTS.text("numbers.filling.sent"),
        TEXTS.text("numbers.rate"),
    ]
}

/// The same of every procedure as a file: a line for each page, then one for the whole form.
pub async fn file(State(site): State<Site>, who: Who, query: QueryData) -> PageResult {
    let (period, forms) = find(&site, &who, &query).await?;
    let plain = |number: i64| number.to_string();
    let mut titles: Vec<String> = [
        TEXTS.text("frame.word.procedure"),
        TEXTS.text("frame.word.department"),
        TEXTS.text("numbers.filling.page"),
    ]
    .into_iter()
    .chain(heads())
    .map(str::to_owned)
    .collect();
    for (key, ..) in DEVICES {
        let of_device = |head: &str| format!("{} {head}", TEXTS.text(key));
        titles.extend(device_heads().into_iter().map(of_device));
    }
    titles.extend(TITLES.map(|key| TEXTS.text(key).to_owned()));
    let behind = titles.len() - 3 - heads().len();
    let mut rows: Vec<Vec<String>> = Vec::new();
    for form in &forms {
        let named = |page: &str| vec![form.title.clone(), form.department.clone(), page.to_owned()];
        for step in &form.steps {
            let mut row = named(&step.title);
            row.extend(step.cells(plain));
            row.extend(vec![String::new(); behind]);
            rows.push(row);
        }
        let mut row = named(TEXTS.text("numbers.filling.whole"));
        row.extend(vec![String::new(); heads().len()]);
        row.extend(form.devices(plain).into_iter().flat_map(|(_, cells)| cells));
        row.extend(form.leads().into_iter().map(|(_, cell)| cell));
        rows.push(row);
    }
    let days: [(&str, &dyn std::fmt::Display); 2] =
        [("since", &period.since), ("until", &period.until)];
    let name = TEXTS.fill("numbers.filling.file_name", &days);
    Ok(download(&name, "text/csv; charset=utf-8", spreadsheet::written(&titles, &rows)))
}

/// What is said of decisions, in the order of [`Form::leads`].
const TITLES: [&str; 4] = [
    "numbers.filling.decisions",
    "numbers.filling.mean",
    "numbers.filling.median",
    "numbers.filling.ninety",
];
