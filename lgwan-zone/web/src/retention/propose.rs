//! A period is chosen, what it would delete is looked at, and it is proposed to a second person.

use askama::Template;
use axum::extract::State;
use axum::response::IntoResponse as _;
use domain::retention::{BadPeriod, Class, Period};
use http::StatusCode;
use lgwan_zone_store::procedures;
use lgwan_zone_store::retention::due;
use lgwan_zone_store::retention::rules::{self, Moved, New};
use platform_web::{
    CsrfForm, FormData, Html, PageResult, QueryData, Reply, Trouble, Visitor, see_other,
};

use super::{Shown, class_words, counts_from, period_words};
use crate::frame::{Choice, Fault, Frame, Place};
use crate::guard::Who;
use crate::site::{Site, TEXTS};
use crate::words;

/// Longest reason in characters.
const LONGEST: usize = 1_000;

#[derive(Template)]
#[template(path = "retention/propose.html")]
struct Page {
    frame: Frame,
    faults: Vec<Fault>,
    classes: Vec<Choice>,
    procedures: Vec<Choice>,
    years: String,
    months: String,
    reason: String,
    looked: Option<Looked>,
}

/// A period that can be proposed, with what it would delete today.
struct Looked {
    class: &'static str,
    procedure: String,
    what: String,
    period: String,
    from: &'static str,
    before: String,
    shown: Shown,
}

/// What was chosen.
struct Wish {
    class: Class,
    procedure: String,
    period: Period,
}

/// Shows the form, and what the chosen period would delete.
pub async fn get(
    State(site): State<Site>,
    who: Who,
    visitor: Visitor,
    QueryData(form): QueryData,
) -> PageResult {
    super::allowed(&who)?;
    let (page, _) = page(&site, &who, &visitor, &form, Vec::new()).await?;
    let status =
        if page.faults.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    Ok((status, Html(page)).into_response())
}

/// Proposes it.
pub async fn post(
    State(site): State<Site>,
    who: Who,
    visitor: Visitor,
    CsrfForm(form): CsrfForm,
) -> PageResult {
    super::allowed(&who)?;
    let reason = form.text("reason").trim().to_owned();
    let mut faults = Vec::new();
    if reason.is_empty() || reason.chars().count() > LONGEST {
        faults.push(Fault::of("reason", "retention.fault.reason"));
    }
    let (page, wish) = page(&site, &who, &visitor, &form, faults).await?;
    let Some(wish) = wish.filter(|_| page.faults.is_empty()) else {
        return Err((StatusCode::UNPROCESSABLE_ENTITY, Html(page)).into_response().into());
    };
    let new = New {
        id: site.new_id(),
        class: wish.class,
        procedure_id: wish.procedure,
        period: wish.period,
        reason,
    };
    let (by, id) = (who.by(&site), new.id.clone());
    match site.store.write(move |tx| rules::propose(tx, &by, &new)).await? {
        Moved::Done => Ok(see_other(format!("/retention/rules/{id}?said=proposed"))),
        Moved::SamePerson | Moved::Overtaken => {
            Err(Reply::conflict("retention.waits").link("/retention").into())
        }
    }
}

async fn page(
    site: &Site,
    who: &Who,
    visitor: &Visitor,
    form: &FormData,
    mut faults: Vec<Fault>,
) -> Result<(Page, Option<Wish>), Trouble> {
    let known = site.store.read(|db| procedures::list(db, None)).await?;
    let asked = form.has("class");
    let class = Class::parse(form.text("class"));
    let procedure = match class {
        Some(Class::Applications) => form.text("procedure"),
        _ => "",
    };
    let title = known.iter().find(|one| one.id == procedure).map(|one| one.title.as_str());
    if asked && class.is_none() {
        faults.push(Fault::of("class", "retention.fault.class"));
    }
    if asked && !procedure.is_empty() && title.is_none() {
        faults.push(Fault::of("procedure", "retention.fault.procedure"));
    }
    let period = class.filter(|_| form.has("years") || form.has("months"));
    let period = period.map(|class| Period::read(class, form.text("years"), form.text("months")));
    let wish = match (class, period) {
        (Some(class), Some(Ok(period))) if procedure.is_empty() || title.is_some() => {
            Some(Wish { class, procedure: procedure.to_owned(), period })
        }
        (_, Some(Err(why))) => {
            faults.push(bad(why));
            None
        }
        _ => None,
    };
    let looked = match &wish {
        None => None,
        Some(wish) => Some(look(site, wish, title).await?),
    };
    let chosen = class.unwrap_or(Class::Applications);
    let page = Page {
        frame: Frame::of(site, who, visitor, Place::Retention),
        faults,
        classes: Class::ALL
            .map(|one| Choice::new(one.key(), class_words(one), one == chosen))
            .into(),
        procedures: known
            .iter()
            .map(|one| Choice::new(&one.id, &one.title, one.id == procedure))
            .collect(),
        years: form.text("years").to_owned(),
        months: form.text("months").to_owned(),
        reason: form.text("reason").to_owned(),
        looked,
    };
    Ok((page, wish))
}

async fn look(site: &Site, wish: &Wish, title: Option<&str>) -> Result<Looked, Trouble> {
    let before = wish.period.over_before(site.clock.now());
    let (class, procedure) = (wish.class, wish.procedure.clone());
    let preview = site.store.read(move |db| due::preview(db, class, &procedure, before)).await?;
    let name = class_words(wish.class);
    Ok(Looked {
        class: wish.class.key(),
        procedure: wish.procedure.clone(),
        what: title.map_or_else(
            || name.to_owned(),
            |title| TEXTS.fill("retention.of_procedure", &[("class", &name), ("title", &title)]),
        ),
        period: period_words(wish.period.months()),
        from: counts_from(wish.class),
        before: words::day(before).to_string(),
        shown: Shown::of(preview),
    })
}

fn bad(why: BadPeriod) -> Fault {
    match why {
        BadPeriod::None => Fault::of("years", "retention.fault.period"),
        BadPeriod::TooLong => Fault::of("years", "retention.fault.long"),
        BadPeriod::TooShort(least) => {
            let least = period_words(least);
            Fault::said("years", TEXTS.fill("retention.fault.short", &[("least", &least)]))
        }
    }
}
