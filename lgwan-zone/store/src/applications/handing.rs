//! 所管替え: an application that came to the wrong department goes to another one. The row, its counts,
//! its labels, its line in the history, the record and the word to the applicant stand or fall together.

use diesel::prelude::*;
use domain::applications::State;
use platform_service::clock::Clock;
use platform_service::ids;
use platform_store::Tx;

use super::counts::{self, Pile};
use super::labels::Handed;
use super::rows::Application;
use super::steps::{self, Hop};
use super::{approvals, charge, entered, inquiries, labels};
use crate::api::webhooks::{self, Came};
use crate::identity::departments::{self, Department};
use crate::letters::{self, Letter};
use crate::post::{self, Sealed};
use crate::record::By;
use crate::schema::{application_keys, applications, approval_desks};

/// A wish to hand an application over.
#[derive(Clone, Debug)]
pub struct Handing {
    /// Which application.
    pub application: String,
    /// Version the page was drawn from.
    pub seen: i32,
    /// Id of the department that takes it.
    pub to: String,
    /// Why, for both departments.
    pub reason: String,
    /// What the applicant is told, sealed.
    pub told: Sealed,
    /// Mails to the department that takes it.
    pub letters: Vec<Letter>,
}

/// What came of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The other department has it.
    Done,
    /// Somebody changed the application in between; its state now.
    Overtaken(State),
    /// It is decided or over.
    Decided,
    /// A decision waits for approvals, or is approved and not told (決裁).
    Approving,
    /// Another department still has to say something (意見照会).
    Asking,
    /// There is no such department, or it has it already.
    NotThere,
}

/// Hands an application to another department.
///
/// # Errors
/// When the database cannot be written.
pub fn hand_over(
    tx: &mut Tx<'_>,
    (by, clock): (&By, &Clock),
    wish: &Handing,
) -> QueryResult<Outcome> {
    let row: Application = applications::table
        .find(&wish.application)
        .select(Application::as_select())
        .first(tx.db)?;
    let state = State::parse(&row.state)
        .map_err(|error| diesel::result::Error::DeserializationError(error.into()))?;
    if row.version != wish.seen {
        return Ok(Outcome::Overtaken(state));
    }
    if !state.may_change_hands() {
        return Ok(Outcome::Decided);
    }
    if approvals::newest(tx.db, &row.id)?.is_some_and(|(decision, _)| decision.holds(&row)) {
        return Ok(Outcome::Approving);
    }
    let asked = inquiries::of(tx.db, &row.id)?;
    if asked.iter().any(|(one, _)| one.at().is_open()) {
        return Ok(Outcome::Asking);
    }
    let known = departments::ever(tx.db)?;
    let open = departments::all(tx.db)?;
    let to = open.iter().find(|one| one.id == wish.to && one.id != row.department_id);
    let from = known.iter().find(|one| one.id == row.department_id);
    let (Some(to), Some(from)) = (to, from) else { return Ok(Outcome::NotThere) };
    let unchanged = applications::table.find(&row.id).filter(applications::version.eq(wish.seen));
    let moved = diesel::update(unchanged)
        .set((
            applications::department_id.eq(&to.id),
            applications::came_from.eq(&from.name),
            applications::version.eq(applications::version + 1),
            applications::updated_at.eq(by.at.as_microsecond()),
        ))
        .execute(tx.db)?;
    if moved == 0 {
        return Ok(Outcome::Overtaken(state));
    }
    follow(tx, clock, &row, (from, to))?;
    charge::leave(tx, &row.id)?;
    let hop = Hop {
        act: "hand_over".to_owned(),
        actor: by.staff.clone(),
        actor_name: by.name.clone(),
        from: None,
        to: row.state.clone(),
        words: format!("{} → {}\n{}", from.name, to.name, wish.reason),
    };
    steps::remember(tx, &row.id, by.at.as_microsecond(), &hop)?;
    let detail = format!("{} from={} to={}", row.number, from.id, to.id);
    by.record(tx, "applications.hand_over", "application", &row.id, &detail);
    let row = Application { department_id: to.id.clone(), ..row };
    webhooks::tell(tx, &Came { row: &row, state: &row.state, version: wish.seen + 1 }, by.at)?;
    if entered::is_online(tx.db, &row.id)? {
        post::put(tx, &wish.told, by.at)?;
    }
    letters::queue_all(tx, clock, "hand_over", &wish.letters)?;
    Ok(Outcome::Done)
}

/// What goes along: keys of the search, counts, labels. Nobody's approval is waited for any more.
fn follow(
    tx: &mut Tx<'_>,
    clock: &Clock,
    row: &Application,
    (from, to): (&Department, &Department),
) -> QueryResult<()> {
    let id = row.id.as_str();
    diesel::update(application_keys::table.filter(application_keys::application_id.eq(id)))
        .set(application_keys::department_id.eq(&to.id))
        .execute(tx.db)?;
    diesel::delete(approval_desks::table.filter(approval_desks::application_id.eq(id)))
        .execute(tx.db)?;
    for (department, by) in [(&from.id, -1), (&to.id, 1)] {
        let pile = Pile { department, procedure: &row.procedure_id, state: &row.state };
        counts::add(tx, &pile, by)?;
    }
    labels::hand(tx, || ids::new(clock), (&from.id, &to.id), Handed::Application(id))
}
