//! The beginning of an entry: which procedure, which way it came, on which day.

use askama::Template;
use axum::extract::{Path, State};
use axum::response::IntoResponse as _;
use domain::applications::{Channel, Event};
use domain::forms::definition::Mode;
use domain::identity::{Action, Object};
use http::StatusCode;
use jiff::ToSpan as _;
use jiff::civil::Date;
use lgwan_zone_store::applications::{entered, entries};
use lgwan_zone_store::procedures;
use platform_web::{
    CsrfForm, FormData, Html, PageResult, QueryData, Reply, Trouble, Visitor, see_other,
};

use super::draft::Side;
use crate::applications::desk;
use crate::batches::documents::forget;
use crate::frame::{Choice, Fault, Frame, Place, name_of};
use crate::guard::{Who, department};
use crate::site::{Site, TEXTS};
use crate::words;

/// Days back a receipt may lie.
const OLDEST: i64 = 366;

#[derive(Template)]
#[template(path = "entry/begin.html")]
struct BeginPage {
    frame: Frame,
    faults: Vec<Fault>,
    procedures: Vec<Choice>,
    channels: Vec<Choice>,
    received_on: String,
    today: String,
    drafts: Vec<DraftView>,
    /// Whether there are more drafts than are listed.
    more: bool,
}

struct DraftView {
    id: String,
    title: String,
    channel: &'static str,
    received_on: String,
    saved: String,
}

/// Shows what can be entered, and what this person began.
pub async fn get(
    State(site): State<Site>,
    who: Who,
    visitor: Visitor,
    query: QueryData,
) -> PageResult {
    let today = words::day(site.clock.now()).to_string();
    let form: FormData = [("received_on", today)].into_iter().collect();
    let frame = Frame::of(&site, &who, &visitor, Place::Inbox).said(&query, "entry");
    Ok(Html(page(&site, &who, frame, &form, Vec::new()).await?).into_response())
}

/// Begins a draft.
pub async fn post(
    State(site): State<Site>,
    who: Who,
    visitor: Visitor,
    CsrfForm(form): CsrfForm,
) -> PageResult {
    let today = words::day(site.clock.now());
    let mut faults = Vec::new();
    let channel = Channel::at_desk(form.text("channel"));
    if channel.is_none() {
        faults.push(Fault::of("channel", "entry.fault.channel"));
    }
    let received = received_on(form.text("received_on"), today);
    if received.is_none() {
        faults.push(Fault::of("received_on", "entry.fault.received_on"));
    }
    let wanted = form.text("procedure").to_owned();
    let found = site.store.read(move |db| procedures::find(db, &wanted)).await?;
    let allowed = match found {
        Some(row) => {
            let department = department(&row.department_id)?;
            let object = Object::Inbox { department };
            who.can(Action::WorkOnApplication, &object).then_some(row)
        }
        None => None,
    };
    if allowed.is_none() {
        faults.push(Fault::of("procedure", "entry.fault.procedure"));
    }
    if let (Some(row), Some(channel), Some(received)) = (allowed, channel, received) {
        let (shelf, id, revision) = (site.shelf.clone(), row.id.clone(), row.revision);
        let compiled = site.store.read(move |db| shelf.get(db, &id, revision)).await?;
        let takes = compiled.is_some_and(|form| form.procedure().mode == Mode::Online);
        if takes {
            let new = Begun {
                procedure: (row.id, row.revision),
                channel,
                received,
                answers: "{}".to_owned(),
                corrects: None,
            };
            return begun(&site, &who, Side::Desk, new).await;
        }
        faults.push(Fault::of("procedure", "entry.fault.no_form"));
    }
    let frame = Frame::of(&site, &who, &visitor, Place::Inbox);
    let page = page(&site, &who, frame, &form, faults).await?;
    Err(Trouble::from((StatusCode::UNPROCESSABLE_ENTITY, Html(page)).into_response()))
}

/// Begins to enter what the applicant answered to a correction.
pub async fn correct(State(site): State<Site>, who: Who, Path(id): Path<String>) -> PageResult {
    let desk = desk::open(&site, &who, &id, Action::WorkOnApplication).await?;
    desk.way(&who, Event::Resubmit, "")?;
    let (staff, application, round) = (who.id.clone(), desk.row.id.clone(), desk.row.round);
    let (entered, known, answers) = site
        .store
        .read(move |db| {
            let answers = lgwan_zone_store::applications::file::answers(db, &application, round)?;
            let known = entries::correcting(db, &staff, &application)?;
            Ok((entered::of(db, &application)?, known, answers))
        })
        .await?;
    let back = format!("/applications/{}", desk.row.id);
    let (Some(entered), Some(answers)) = (entered, answers) else {
        return Err(Reply::conflict("entry.online").link(back).into());
    };
    if entered.channel() == Channel::Staff {
        return Err(Reply::conflict("entry.internal").link(back).into());
    }
    if let Some(known) = known {
        return Ok(see_other(format!("/inbox/entry/{known}")));
    }
    let new = Begun {
        procedure: (desk.row.procedure_id.clone(), desk.row.revision),
        channel: entered.channel(),
        received: words::day(site.clock.now()),
        answers: answers.answers,
        corrects: Some(desk.row.id),
    };
    begun(&site, &who, Side::Desk, new).await
}

/// What a draft begins with.
pub(crate) struct Begun {
    /// Procedure and revision.
    pub(crate) procedure: (String, i32),
    /// How it came.
    pub(crate) channel: Channel,
    /// Day of receipt.
    pub(crate) received: Date,
    /// JSON: input name to values.
    pub(crate) answers: String,
    /// The application whose correction is entered.
    pub(crate) corrects: Option<String>,
}

/// Begins a draft and leads to its page.
///
/// # Errors
/// A fault.
pub(crate) async fn begun(site: &Site, who: &Who, side: Side, new: Begun) -> PageResult {
    let (by, id) = (who.by(site), site.new_id());
    let now = by.at.as_microsecond();
    let draft = entries::Draft {
        id: id.clone(),
        procedure_id: new.procedure.0,
        revision: new.procedure.1,
        staff_id: who.id.clone(),
        channel: new.channel.key().to_owned(),
        received_on: new.received.to_string(),
        email: String::new(),
        answers: new.answers,
        reasons: "{}".to_owned(),
        version: 1,
        began_at: now,
        saved_at: now,
        corrects: new.corrects,
        application_id: None,
    };
    let gone = site.store.write(move |tx| entries::begin(tx, &by, &draft)).await?;
    forget(site, gone).await?;
    Ok(see_other(format!("{}/{id}", side.base())))
}

/// A day of receipt: not in the future, and not older than a year.
pub(super) fn received_on(typed: &str, today: Date) -> Option<Date> {
    let day: Date = typed.parse().ok()?;
    let oldest = today.checked_sub(OLDEST.days()).unwrap_or(today);
    (oldest <= day && day <= today).then_some(day)
}

/// The ways to the desk, one chosen.
pub(super) fn channels(chosen: &str) -> Vec<Choice> {
    let all = Channel::AT_DESK.into_iter();
    all.map(|one| Choice::new(one.key(), name(one), one.key() == chosen)).collect()
}

/// A way in words.
pub(crate) fn name(channel: Channel) -> &'static str {
    TEXTS.text(match channel {
        Channel::Online => "entry.channel.online",
        Channel::Post => "entry.channel.post",
        Channel::Phone => "entry.channel.phone",
        Channel::Counter => "entry.channel.counter",
        Channel::Fax => "entry.channel.fax",
        Channel::Staff => "entry.channel.staff",
    })
}

async fn page(
    site: &Site,
    who: &Who,
    frame: Frame,
    form: &FormData,
    faults: Vec<Fault>,
) -> Result<BeginPage, Trouble> {
    let (desks, staff) = (who.desks(), who.id.clone());
    let (all, (drafts, more), titles) = site
        .store
        .read(move |db| {
            let drafts = entries::open(db, &staff, &Channel::AT_DESK)?;
            let of_drafts = drafts.0.iter().map(|draft| draft.procedure_id.as_str());
            let titles = procedures::titles(db, of_drafts)?;
            Ok((procedures::list(db, Some(&desks))?, drafts, titles))
        })
        .await?;
    let drafts = drafts
        .into_iter()
        .map(|draft| DraftView {
            title: name_of(&titles, &draft.procedure_id),
            channel: Channel::at_desk(&draft.channel).map_or("", name),
            received_on: draft.received_on,
            saved: words::stored(draft.saved_at),
            id: draft.id,
        })
        .collect();
    let procedures = all.iter().map(|one| {
        let words = if one.state == "closed" {
            TEXTS.fill("entry.closed", &[("title", &one.title)])
        } else {
            one.title.clone()
        };
        Choice::new(&one.id, &words, one.id == form.text("procedure"))
    });
    Ok(BeginPage {
        frame,
        faults,
        procedures: procedures.collect(),
        channels: channels(form.text("channel")),
        received_on: form.text("received_on").to_owned(),
        today: words::day(site.clock.now()).to_string(),
        drafts,
        more,
    })
}
