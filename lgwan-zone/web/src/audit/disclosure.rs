//! 開示用の記録: everything both zones logged about one application or one citizen, to print or to
//! save, for a request for disclosure (NF-41, NF-42). That it was made is itself recorded, under
//! the same application or person.

use askama::Template;
use axum::extract::State;
use axum::response::IntoResponse as _;
use domain::applications::ReceiptNumber;
use domain::ids::AccountId;
use jiff::civil::Date;
use lgwan_zone_store::audit::leaving::{self, Left, Way};
use lgwan_zone_store::audit::{self, Filter, Known, Line, Subject};
use platform_store::time;
use platform_web::{FormData, Html, PageResult, QueryData, Reply, Trouble, Visitor};

use super::file::{Asked as Sheet, Wanted, encoding};
use super::line::{Names, Row};
use super::sieve::period;
use crate::frame::{Choice, Frame, Place};
use crate::guard::Who;
use crate::site::{Site, TEXTS};
use crate::words;

/// Most events on the page; a file holds every one.
const SHOWN: usize = 1_000;

#[derive(Template)]
#[template(path = "audit/disclosure.html")]
struct Page {
    frame: Frame,
    of: String,
    since: String,
    until: String,
    scopes: Vec<Choice>,
    names: Vec<Choice>,
    /// Nothing is known under what was typed.
    unknown: bool,
    found: Option<Found>,
}

struct Found {
    person: String,
    numbers: Vec<String>,
    account: String,
    period: String,
    made: String,
    by: String,
    query: String,
    rows: Vec<Row>,
    more: bool,
    more_applications: bool,
    /// With what an application of the subject left.
    left: Vec<LeftRow>,
}

/// That an application left in a list or a generation.
struct LeftRow {
    at: String,
    by: String,
    shape: String,
    number: String,
}

impl LeftRow {
    /// The same in words. Without names, who took a list is only 職員; a business system is nobody.
    fn of(left: Left, with_names: bool) -> Self {
        let (by, shape) = match left.way {
            Way::List { by, shape } => {
                let staff = || TEXTS.text("audit.actor.staff").to_owned();
                let named = with_names || shape == leaving::API;
                let shape = TEXTS
                    .get(&format!("audit.page.disclosure.left_kind.{shape}"))
                    .or_else(|| TEXTS.get(&format!("applications.encoding.{shape}")))
                    .unwrap_or_else(|| TEXTS.text("frame.unknown"));
                (if named { by } else { staff() }, shape.to_owned())
            }
            Way::Generation { job, number } => {
                let facts: [(&str, &dyn std::fmt::Display); 2] =
                    [("job", &job), ("number", &number)];
                let shape = TEXTS.fill("audit.page.disclosure.left_generation", &facts);
                (TEXTS.text("audit.actor.system").to_owned(), shape)
            }
        };
        Self { at: words::stored(left.at), by, shape, number: left.number }
    }
}

/// As typed.
#[derive(Clone, Debug)]
struct Asked {
    of: String,
    whole_person: bool,
    with_names: bool,
    since: Option<Date>,
    until: Option<Date>,
}

impl Asked {
    fn of(query: &FormData) -> Self {
        let date = |name| query.text(name).parse::<Date>().ok();
        Self {
            of: query.text("of").trim().chars().take(100).collect(),
            whole_person: query.text("scope") == "person",
            with_names: query.text("names") == "shown",
            since: date("since"),
            until: date("until"),
        }
    }

    fn query(&self) -> String {
        let day = |day: Option<Date>| day.map_or_else(String::new, |day| day.to_string());
        format!(
            "?of={}&scope={}&names={}&since={}&until={}",
            words::in_query(&self.of),
            self.scope(),
            self.names(),
            day(self.since),
            day(self.until),
        )
    }

    const fn scope(&self) -> &'static str {
        if self.whole_person { "person" } else { "application" }
    }

    const fn names(&self) -> &'static str {
        if self.with_names { "shown" } else { "hidden" }
    }

    fn filter(&self, known: &Known) -> Filter {
        let (from, until) = period(self.since, self.until);
        Filter { from, until, about: Some(known.about.clone()), ..Filter::default() }
    }
}

/// Shows what is known, or asks of whom.
pub async fn get(
    State(site): State<Site>,
    who: Who,
    visitor: Visitor,
    query: QueryData,
) -> PageResult {
    super::allowed(&who)?;
    let asked = Asked::of(&query.0);
    let known = known(&site, &asked).await?;
    let found = match known {
        None => None,
        Some(known) => Some(found(&site, &who, &asked, known).await?),
    };
    let choice = |kind: &str, value: &str, chosen: &str| {
        Choice::new(value, TEXTS.text(&format!("audit.{kind}.{value}")), value == chosen)
    };
    let day = |day: Option<Date>| day.map_or_else(String::new, |day| day.to_string());
    let page = Page {
        frame: Frame::of(&site, &who, &visitor, Place::Audit),
        unknown: found.is_none() && !asked.of.is_empty(),
        since: day(asked.since),
        until: day(asked.until),
        scopes: ["application", "person"].map(|one| choice("scope", one, asked.scope())).into(),
        names: ["hidden", "shown"].map(|one| choice("names", one, asked.names())).into(),
        of: asked.of,
        found,
    };
    Ok(Html(page).into_response())
}

/// Saves every event of it.
pub async fn file(State(site): State<Site>, who: Who, query: QueryData) -> PageResult {
    super::allowed(&who)?;
    let asked = Asked::of(&query.0);
    let known = known(&site, &asked).await?;
    let known = known.ok_or_else(|| Trouble::from(Reply::not_found("audit.nobody_found")))?;
    noted(&site, &who, "audit.disclosure_taken", &asked, &known).await?;
    let filter = asked.filter(&known);
    let wanted = Wanted { zone: None, filter, with_names: asked.with_names };
    Ok(Sheet { name: "disclosure", wanted, encoding: encoding(&query.0) }.send(&site))
}

async fn known(site: &Site, asked: &Asked) -> Result<Option<Known>, Trouble> {
    let number = asked.of.parse::<ReceiptNumber>().ok().map(|number| number.to_string());
    let account = AccountId::parse(&asked.of).ok().map(|id| id.as_str().to_owned());
    let (whole_person, key) = (asked.whole_person, site.checkpoints.clone());
    let known = site
        .store
        .read(move |db| {
            let subject = match (number, account) {
                (Some(number), _) => Subject::Application(number),
                (None, Some(account)) => Subject::Account(account),
                (None, None) => return Ok(None),
            };
            let Some(known) = audit::find(db, &subject, key.as_deref())? else { return Ok(None) };
            match (&known.application, &known.account) {
                (Some(_), Some(account)) if whole_person => {
                    audit::find(db, &Subject::Account(account.clone()), key.as_deref())
                }
                _ => Ok(Some(known)),
            }
        })
        .await?;
    Ok(known)
}

async fn found(site: &Site, who: &Who, asked: &Asked, known: Known) -> Result<Found, Trouble> {
    noted(site, who, "audit.disclosed", asked, &known).await?;
    let filter = asked.filter(&known);
    let days = (
        filter.from.map_or(i64::MIN, time::to_micros),
        filter.until.map_or(i64::MAX, time::to_micros),
    );
    let own = known.own.clone();
    let (mut lines, names, left): (Vec<Line>, Names, Vec<Left>) = site
        .store
        .read(move |db| {
            let lines = audit::look(db, None, &filter, None, SHOWN + 1)?;
            let names = Names::of(db, &lines)?;
            Ok((lines, names, leaving::of(db, &own, days, SHOWN)?))
        })
        .await?;
    let more = lines.len() > SHOWN;
    lines.truncate(SHOWN);
    let every = TEXTS.text("audit.page.disclosure.every_day").to_owned();
    let period = match (asked.since, asked.until) {
        (None, None) => every,
        (since, until) => {
            let day = |day: Option<Date>| day.map_or_else(String::new, |day| day.to_string());
            let parts: [(&str, &dyn std::fmt::Display); 2] =
                [("since", &day(since)), ("until", &day(until))];
            TEXTS.fill("audit.page.disclosure.days", &parts)
        }
    };
    Ok(Found {
        person: known.name,
        numbers: known.numbers,
        account: known.account.unwrap_or_default(),
        period,
        made: words::second(site.clock.now()),
        by: who.name.clone(),
        query: asked.query(),
        rows: lines.iter().map(|line| names.row(line, asked.with_names)).collect(),
        more,
        more_applications: known.more,
        left: left.into_iter().map(|one| LeftRow::of(one, asked.with_names)).collect(),
    })
}

/// Records that somebody looked, under what was looked at.
async fn noted(
    site: &Site,
    who: &Who,
    act: &'static str,
    asked: &Asked,
    known: &Known,
) -> Result<(), Trouble> {
    let (kind, id) = match (&known.application, &known.account) {
        (Some(application), _) => ("application", application.clone()),
        (None, account) => ("account", account.clone().unwrap_or_default()),
    };
    let by = who.by(site);
    let detail = format!("names={}", asked.names());
    site.store.write(move |tx| audit::taken_out(tx, &by, act, kind, &id, &detail)).await?;
    Ok(())
}
