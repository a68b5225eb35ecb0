//! What every page of one application begins with: the row, its form, the
//! right to it.

use std::sync::Arc;

use axum::response::Response;
use domain::applications::{Countdown, Event, Rules, State};
use domain::forms::{Answers, Compiled};
use domain::identity::Action;
use domain::ids::ApplicationId;
use jiff::Timestamp;
use jiff::civil::Date;
use lgwan_zone_store::applications::plan::{self, Actor, Way};
use lgwan_zone_store::applications::reopening;
use lgwan_zone_store::applications::rows::{self, Application};
use lgwan_zone_store::applications::steps::{self, Step, Taken};
use lgwan_zone_store::applications::{countdown, file, payments};
use lgwan_zone_store::audit;
use platform_store::Db;
use platform_web::{FormData, PageResult, Reply, Trouble, see_other};

use super::clash::Stopped;
use crate::guard::Who;
use crate::site::Site;

/// An application the person may see, with its form.
pub struct Desk {
    /// The row.
    pub row: Application,
    /// The definition the citizen filled in.
    pub form: Arc<Compiled>,
    /// State of the row.
    pub state: State,
}

/// Finds the application for an action. What is not there and what is another
/// department's look the same; both are recorded.
///
/// # Errors
/// A refusal with 404 or 403.
pub async fn open(site: &Site, who: &Who, id: &str, action: Action) -> Result<Desk, Trouble> {
    let (wanted, shelf) = (id.to_owned(), site.shelf.clone());
    let found = site
        .store
        .read(move |db| {
            let Some(row) = file::row(db, &wanted)? else {
                return Ok(None);
            };
            let form = shelf.get(db, &row.procedure_id, row.revision)?;
            Ok(form.map(|form| (row, form)))
        })
        .await?;
    let Some((row, form)) = found else {
        guessed(site, who, "application", id).await?;
        return Err(missing());
    };
    if let Err(refused) = who.may_with(action, &row) {
        guessed(site, who, "application", &row.id).await?;
        return Err(match refused {
            Trouble::Refusal(reply) if reply.status == http::StatusCode::NOT_FOUND => missing(),
            Trouble::Refusal(_) if row.is_of(&who.id) => own(&row.id),
            other => other,
        });
    }
    with(row, form)
}

/// Records that somebody asked for what is not there or is not theirs: whoever guesses addresses leaves a
/// trace, whether they hit or not. What is no id is not repeated.
///
/// # Errors
/// When it cannot be recorded.
pub(crate) async fn guessed(
    site: &Site,
    who: &Who,
    kind: &'static str,
    id: &str,
) -> Result<(), Trouble> {
    let by = who.by(site);
    let id = ApplicationId::parse(id).map_or_else(|_| String::new(), |id| id.as_str().to_owned());
    site.store.write(move |tx| audit::refused(tx, &by, "identity.refused", kind, &id)).await?;
    Ok(())
}

/// The row with its form, for whoever found out that the person may see it or a part of it.
///
/// # Errors
/// A fault when the row is in no state we know.
pub(crate) fn with(row: Application, form: Arc<Compiled>) -> Result<Desk, Trouble> {
    let state = State::parse(&row.state)
        .map_err(|_| platform_web::Fault::because("an application in an unknown state"))?;
    Ok(Desk { row, form, state })
}

/// Nobody decides what they applied for themselves (NB-2.1).
fn own(id: &str) -> Trouble {
    Stopped::Own.reply(id).into()
}

fn missing() -> Trouble {
    Reply::not_found("applications.missing").into()
}

impl Desk {
    /// The id as the domain knows it.
    ///
    /// # Errors
    /// A fault when the stored id is none.
    pub fn id(&self) -> Result<ApplicationId, Trouble> {
        ApplicationId::parse(&self.row.id)
            .map_err(|_| platform_web::Fault::because("a row without an id").into())
    }

    /// The rules of the procedure.
    #[must_use]
    pub fn rules(&self) -> Rules {
        Rules::from(&self.form.procedure().workflow)
    }

    /// Points of the review that must be marked before a step.
    #[must_use]
    pub fn needs(&self, event: Event) -> Vec<String> {
        self.form.procedure().workflow.needs(event)
    }

    /// The fee a way has to wait for until it is recorded as paid, in yen; 0 when it waits for none (NF-15).
    ///
    /// # Errors
    /// A fault when the database cannot be read.
    pub async fn waits_for_fee(&self, site: &Site, way: &Way) -> Result<u64, Trouble> {
        let (form, row, hops) = (Arc::clone(&self.form), self.row.clone(), way.hops.clone());
        let waits = move |db: &mut Db| payments::waits(db, form.procedure(), &row, &hops);
        Ok(site.store.read(waits).await?)
    }

    /// Title of the procedure.
    #[must_use]
    pub fn title(&self) -> &str {
        self.form.procedure().title.ja()
    }

    /// The newest answers.
    ///
    /// # Errors
    /// A fault when the database cannot be read or holds no answers.
    pub async fn answers(&self, site: &Site) -> Result<Answers, Trouble> {
        let (id, round) = (self.row.id.clone(), self.row.round);
        let stored = site.store.read(move |db| file::answers(db, &id, round)).await?;
        let stored = stored.ok_or_else(|| platform_web::Fault::because("no answers stored"))?;
        parse_answers(&stored)
    }

    /// Day by which the citizen may expect the result once the application came to `end`.
    #[must_use]
    pub fn expected(&self, site: &Site, end: State, now: Timestamp) -> Option<Date> {
        countdown::told(&self.row, end, now, site.office.days())
    }

    /// The way an event leads, or a refusal when it does not apply now. What is over stays over for
    /// staff until it is reopened: an answer that was on its way leads back from 期限切れ, and it comes by
    /// the bridge.
    ///
    /// # Errors
    /// A refusal with 409.
    pub fn way(&self, who: &Who, event: Event, words: &str) -> Result<Way, Trouble> {
        let not_now = || Trouble::from(Stopped::NotNow.reply(&self.row.id));
        if self.state.is_end() && event != Event::Reopen {
            return Err(not_now());
        }
        let actor = Actor { id: &who.id, name: &who.name };
        plan::way(self.state, event, self.rules(), actor, words).map_err(|_| not_now())
    }
}

/// Stored answers as the domain reads them.
///
/// # Errors
/// A fault when the stored text is not what we write.
pub fn parse_answers(stored: &rows::Answers) -> Result<Answers, Trouble> {
    use platform_web::OrFault as _;
    serde_json::from_str(&stored.answers).or_fault()
}

/// The version the page was drawn from.
#[must_use]
pub fn seen(form: &FormData) -> i32 {
    form.text("seen").parse().unwrap_or(0)
}

/// Takes a planned step and leads back to the application; otherwise says why it was not taken, so
/// that a form can be drawn again with what was typed.
///
/// # Errors
/// A fault.
pub(crate) async fn attempt(
    site: &Site,
    who: &Who,
    step: Step,
    said: &str,
) -> Result<Result<Response, Stopped>, Trouble> {
    let (by, id) = (who.by(site), step.application.clone());
    let taken = site.store.write(move |tx| steps::take(tx, &by, &step)).await?;
    Ok(answered(site, taken, &id, said))
}

/// The same for a step that reopens the application: the promised open days begin anew (再開).
///
/// # Errors
/// A fault.
pub(super) async fn reopen(
    site: &Site,
    who: &Who,
    step: Step,
    anew: Countdown,
) -> Result<Result<Response, Stopped>, Trouble> {
    let (by, id) = (who.by(site), step.application.clone());
    let taken = site.store.write(move |tx| reopening::reopen(tx, &by, &step, anew)).await?;
    Ok(answered(site, taken, &id, Event::Reopen.key()))
}

/// What became of a step: back to the application, or why it was not taken.
pub(super) fn answered(
    site: &Site,
    taken: Taken,
    id: &str,
    said: &str,
) -> Result<Response, Stopped> {
    match taken {
        Taken::Done => {
            (site.posted)();
            Ok(see_other(format!("/applications/{id}?said={said}")))
        }
        Taken::Unapproved => Err(Stopped::Unapproved),
        Taken::Unmarked => Err(Stopped::Unmarked),
        Taken::Own => Err(Stopped::Own),
        Taken::Unpaid => Err(Stopped::Unpaid),
        Taken::Overtaken { state } => {
            Err(State::parse(&state).map_or(Stopped::NotNow, Stopped::Overtaken))
        }
    }
}

/// Takes a planned step with which nothing was typed.
///
/// # Errors
/// A refusal with 409, or a fault.
pub async fn take(site: &Site, who: &Who, step: Step, said: &str) -> PageResult {
    let id = step.application.clone();
    attempt(site, who, step, said).await?.map_err(|stopped| stopped.reply(&id).into())
}
