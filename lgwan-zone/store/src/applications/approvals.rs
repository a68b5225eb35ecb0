//! 決裁: a decision waits here until every stage approved it; then, and only then, the applicant
//! can be told (NF-34). Nothing of it crosses to the citizens' zone.

use std::collections::BTreeSet;

use diesel::dsl::{exists, not};
use diesel::prelude::*;
use domain::applications::{Approval, Event, is_each_another, post};
use domain::forms::definition::{Procedure, SamePerson, Workflow};
use platform_service::clock::Clock;
use platform_store::{Db, Tx};

use super::charge::DESKS;
use super::rows::Application;
use super::steps::{self, Hop, Step};
use crate::identity::posts;
use crate::letters::{self, Letter};
use crate::record::By;
use crate::schema::{
    applications, approval_desks, approvals, decisions, procedures, staff, staff_departments,
};
use crate::shelf::Shelf;

const OPEN: &str = "open";
const APPROVED: &str = "approved";
const RETURNED: &str = "returned";
const TOLD: &str = "told";

/// A decision as stored.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = decisions)]
pub struct Decision {
    /// On which application.
    pub application_id: String,
    /// From 1; a returned one is followed by another.
    pub round: i32,
    /// Key of the event that tells it: `notify`, `reject` or `refuse_entry`.
    pub event: String,
    /// What the approvers read.
    pub words: String,
    /// `open`, `approved`, `returned` or `told`.
    pub state: String,
    /// Stages that approved it.
    pub stage: i32,
    /// Version of the application it was made on; on another one it is void.
    pub version: i32,
    /// When, microseconds.
    pub proposed_at: i64,
    /// By whom.
    pub proposed_by: String,
    /// Their name.
    pub proposed_by_name: String,
}

/// What one stage said.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = approvals)]
pub struct Said {
    /// On which application.
    pub application_id: String,
    /// To which decision.
    pub round: i32,
    /// From 0.
    pub stage: i32,
    /// What the stage is called.
    pub title: String,
    /// When, microseconds.
    pub at: i64,
    /// Who.
    pub staff_id: String,
    /// Their name.
    pub staff_name: String,
    /// 代決: in the place of whose stage it is.
    pub deputy: bool,
    /// Approved, or returned to the clerk.
    pub approved: bool,
    /// What they wrote.
    pub words: String,
}

impl Decision {
    /// Whether it is about the application as it stands.
    #[must_use]
    pub fn holds(&self, row: &Application) -> bool {
        self.version == row.version && (self.state == OPEN || self.state == APPROVED)
    }

    /// Whether a stage has to say something.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.state == OPEN
    }
}

/// What came of a wish about a decision.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It is done.
    Done,
    /// Somebody else was faster, or the application changed.
    Overtaken,
    /// Not theirs to approve: they proposed it, or approved an earlier stage of it.
    Same,
    /// They applied for it themselves (庁内の申請).
    Own,
}

/// The newest decision on an application, with what the stages said to it.
///
/// # Errors
/// When the database cannot be read.
pub fn newest(db: &mut Db, application: &str) -> QueryResult<Option<(Decision, Vec<Said>)>> {
    let decision = decisions::table
        .filter(decisions::application_id.eq(application))
        .order(decisions::round.desc())
        .select(Decision::as_select())
        .first(db)
        .optional()?;
    let Some(decision) = decision else {
        return Ok(None);
    };
    let said = approvals::table
        .filter(approvals::application_id.eq(application))
        .filter(approvals::round.eq(decision.round))
        .order(approvals::stage)
        .select(Said::as_select())
        .load(db)?;
    Ok(Some((decision, said)))
}

/// A mail to whoever approves next: number, procedure, stage and where to look; nothing of the applicant
/// (NF-59).
#[derive(Clone, Debug)]
pub struct Call {
    /// Makes its id and time.
    pub clock: Clock,
    /// Subject.
    pub subject: String,
    /// Body.
    pub body: String,
}

/// A stage, with the mail to whoever it is; none where nobody is told.
pub type Called<'a> = (&'a Approval, Option<&'a Call>);

/// Puts a decision before the first stage.
///
/// # Errors
/// When the database cannot be written.
pub fn propose(
    tx: &mut Tx<'_>,
    by: &By,
    (row, seen): (&Application, i32),
    (event, words): (Event, &str),
    (first, call): Called<'_>,
) -> QueryResult<Outcome> {
    if row.is_of(&by.staff) {
        return Ok(Outcome::Own);
    }
    let last = newest(tx.db, &row.id)?.map(|(last, _)| last);
    let now: i32 = applications::table.find(&row.id).select(applications::version).first(tx.db)?;
    let waits = last
        .as_ref()
        .is_some_and(|last| last.version == now && (last.state == OPEN || last.state == APPROVED));
    if now != seen || waits {
        return Ok(Outcome::Overtaken);
    }
    let decision = Decision {
        application_id: row.id.clone(),
        round: last.map_or(0, |last| last.round) + 1,
        event: event.key().to_owned(),
        words: words.to_owned(),
        state: OPEN.to_owned(),
        stage: 0,
        version: now,
        proposed_at: by.at.as_microsecond(),
        proposed_by: by.staff.clone(),
        proposed_by_name: by.name.clone(),
    };
    diesel::insert_into(decisions::table).values(&decision).execute(tx.db)?;
    wait_for(tx, by, row, Some(first))?;
    tell(tx, row, vec![by.staff.clone()], (first, call))?;
    note(tx, by, row, "propose", words)?;
    Ok(Outcome::Done)
}

/// What a stage says. `next` is the stage behind it, none after the last. Who proposed the decision says
/// nothing to it; who approved an earlier stage of it approves no other one, unless the procedure allows it, and
/// may return it. One statement looks and approves, so that two windows make no difference.
///
/// # Errors
/// When the database cannot be written.
pub fn say(
    tx: &mut Tx<'_>,
    by: &By,
    (row, decision, same_person): (&Application, &Decision, SamePerson),
    said: &Said,
    next: Option<Called<'_>>,
) -> QueryResult<Outcome> {
    if row.is_of(&by.staff) {
        return Ok(Outcome::Own);
    }
    let state = match (said.approved, next) {
        (true, Some(_)) => OPEN,
        (true, None) => APPROVED,
        (false, _) => RETURNED,
    };
    let waits = || {
        decisions::table
            .find((&row.id, decision.round))
            .filter(decisions::state.eq(OPEN).and(decisions::stage.eq(said.stage)))
    };
    let theirs = || waits().filter(decisions::proposed_by.ne(&by.staff));
    let version = applications::table.find(&row.id).select(applications::version);
    let now: i32 = version.first(tx.db)?;
    if now != decision.version {
        return Ok(Outcome::Overtaken);
    }
    let stage = said.stage + i32::from(said.approved);
    let to = (decisions::state.eq(state), decisions::stage.eq(stage));
    let each_another = same_person == SamePerson::Forbidden;
    let moved = if said.approved && each_another {
        let earlier = approvals::table
            .filter(approvals::application_id.eq(&row.id))
            .filter(approvals::round.eq(decision.round))
            .filter(approvals::staff_id.eq(&by.staff));
        diesel::update(theirs().filter(not(exists(earlier)))).set(to).execute(tx.db)?
    } else {
        diesel::update(theirs()).set(to).execute(tx.db)?
    };
    if moved == 0 {
        let still: i64 = waits().count().get_result(tx.db)?;
        return Ok(if still == 0 { Outcome::Overtaken } else { Outcome::Same });
    }
    diesel::insert_into(approvals::table).values(said).execute(tx.db)?;
    let next = next.filter(|_| said.approved);
    wait_for(tx, by, row, next.map(|(stage, _)| stage))?;
    if let Some(next) = next {
        let mut but = vec![decision.proposed_by.clone()];
        if each_another {
            but.extend(approvers(tx.db, decision)?);
        }
        tell(tx, row, but, next)?;
    }
    let act = match (said.approved, said.deputy) {
        (true, false) => "approve",
        (true, true) => "approve_deputy",
        (false, _) => "return_inside",
    };
    note(tx, by, row, act, &said.words)?;
    Ok(Outcome::Done)
}

/// Returns a decision to the clerk for whose stage nobody is left, whoever works with the application.
///
/// # Errors
/// When the database cannot be written.
pub fn give_back(
    tx: &mut Tx<'_>,
    by: &By,
    (row, decision, workflow): (&Application, &Decision, &Workflow),
    said: &Said,
) -> QueryResult<Outcome> {
    if row.is_of(&by.staff) {
        return Ok(Outcome::Own);
    }
    let version = applications::table.find(&row.id).select(applications::version);
    let now: i32 = version.first(tx.db)?;
    if now != decision.version {
        return Ok(Outcome::Overtaken);
    }
    if !nobody_left(tx.db, row, decision, workflow)? {
        return Ok(Outcome::Same);
    }
    let waits = decisions::table
        .find((&row.id, decision.round))
        .filter(decisions::state.eq(OPEN).and(decisions::stage.eq(said.stage)));
    let moved = diesel::update(waits).set(decisions::state.eq(RETURNED)).execute(tx.db)?;
    if moved == 0 {
        return Ok(Outcome::Overtaken);
    }
    diesel::insert_into(approvals::table).values(said).execute(tx.db)?;
    wait_for(tx, by, row, None)?;
    note(tx, by, row, "return_inside", &said.words)?;
    Ok(Outcome::Done)
}

/// Mails to whoever approves next; to the deputies where the stage has nobody else. Who proposed the
/// decision, approved an earlier stage or applied themselves does not approve it, and is not told.
fn tell(
    tx: &mut Tx<'_>,
    row: &Application,
    mut but: Vec<String>,
    (stage, call): Called<'_>,
) -> QueryResult<()> {
    let Some(call) = call else { return Ok(()) };
    but.extend(row.applied_by.clone());
    let department = row.department_id.as_str();
    let mut all = addresses(tx.db, department, &stage.staff, &but)?;
    if all.is_empty() {
        all = addresses(tx.db, department, &stage.deputies, &but)?;
    }
    for recipient in all {
        let (subject, body) = (call.subject.clone(), call.body.clone());
        letters::queue(tx, &call.clock, "approval", &Letter { recipient, subject, body })?;
    }
    Ok(())
}

/// Addresses of those whom entries of a stage name, as people of the department who have one.
fn addresses(
    db: &mut Db,
    department: &str,
    entries: &[String],
    but: &[String],
) -> QueryResult<Vec<String>> {
    let titles: BTreeSet<&str> = entries.iter().filter_map(|entry| post(entry)).collect();
    let held = posts::of_department(db, department)?;
    let holders = held.into_iter().filter(|one| titles.contains(one.title.as_str()));
    let holders: Vec<String> = holders.map(|one| one.staff_id).collect();
    let logins: Vec<&String> = entries.iter().filter(|entry| post(entry).is_none()).collect();
    staff::table
        .inner_join(staff_departments::table.on(staff_departments::staff_id.eq(staff::id)))
        .filter(staff_departments::department_id.eq(department))
        .filter(staff::id.eq_any(holders).or(staff::login_id.eq_any(logins)))
        .filter(staff::disabled_at.is_null().and(staff::email.ne("")))
        .filter(staff::role.eq_any(DESKS))
        .filter(staff::id.ne_all(but))
        .order(staff::email)
        .select(staff::email)
        .distinct()
        .load(db)
}

/// What an entry of a stage is on the desks: a log-in id, or a post of the department, so that it
/// waits for whoever holds the post when they look.
fn desk_of(entry: &str, department: &str) -> String {
    match post(entry) {
        None => entry.to_owned(),
        Some(title) => format!("@{department}/{title}"),
    }
}

/// On whose desks it lies now.
fn wait_for(
    tx: &mut Tx<'_>,
    by: &By,
    row: &Application,
    stage: Option<&Approval>,
) -> QueryResult<()> {
    let application = &row.id;
    let desks = approval_desks::table.filter(approval_desks::application_id.eq(application));
    diesel::delete(desks).execute(tx.db)?;
    let entries = stage.into_iter().flat_map(Approval::everybody);
    let mut people: Vec<String> = entries.map(|entry| desk_of(entry, &row.department_id)).collect();
    people.sort_unstable();
    people.dedup();
    for login_id in people {
        diesel::insert_into(approval_desks::table)
            .values((
                approval_desks::application_id.eq(application),
                approval_desks::login_id.eq(login_id),
                approval_desks::since.eq(by.at.as_microsecond()),
            ))
            .execute(tx.db)?;
    }
    Ok(())
}

fn note(tx: &mut Tx<'_>, by: &By, row: &Application, act: &str, words: &str) -> QueryResult<()> {
    let hop = Hop {
        act: act.to_owned(),
        actor: by.staff.clone(),
        actor_name: by.name.clone(),
        from: None,
        to: row.state.clone(),
        words: words.to_owned(),
    };
    steps::remember(tx, &row.id, by.at.as_microsecond(), &hop)?;
    by.record(tx, &format!("applications.{act}"), "application", &row.id, &row.number);
    Ok(())
}

/// The decision a step tells, where its procedure has decisions approved. Whether 不受理 is one of them
/// is said by the revision of the application.
fn tells(db: &mut Db, row: &Application, step: &Step) -> QueryResult<Option<&'static str>> {
    if row.approvals == 0 {
        return Ok(None);
    }
    let acts = [Event::Notify, Event::Reject, Event::RefuseEntry];
    let mut own = step.hops.iter().filter(|hop| hop.actor != "system");
    let event = own.find_map(|hop| acts.into_iter().find(|event| event.key() == hop.act));
    match event {
        Some(Event::RefuseEntry) => {
            let known = crate::procedures::revision(db, &row.procedure_id, row.revision)?;
            let procedure =
                known.and_then(|known| Procedure::from_json(known.document.as_bytes()).ok());
            let decides = procedure.is_some_and(|one| one.workflow.decides(Event::RefuseEntry));
            Ok(decides.then_some(Event::RefuseEntry.key()))
        }
        other => Ok(other.map(Event::key)),
    }
}

/// Whether the step may be taken: it tells no decision, or one that every stage approved.
pub(super) fn allow(db: &mut Db, row: &Application, step: &Step) -> QueryResult<bool> {
    let Some(event) = tells(db, row, step)? else {
        return Ok(true);
    };
    approved(db, row, event)
}

/// Whether this decision may be told: every stage approved it, on the application as it stands,
/// or nobody has to.
fn approved(db: &mut Db, row: &Application, event: &str) -> QueryResult<bool> {
    if row.approvals == 0 {
        return Ok(true);
    }
    Ok(newest(db, &row.id)?.is_some_and(|(decision, _)| {
        let whole = decision.state == APPROVED && decision.stage == row.approvals;
        whole && decision.version == row.version && decision.event == event
    }))
}

/// Marks an approved decision as told, in the transaction that tells it, and clears the desks:
/// after a step of any kind nobody waits for an approval.
pub(super) fn after(tx: &mut Tx<'_>, row: &Application, step: &Step) -> QueryResult<()> {
    if row.approvals == 0 {
        return Ok(());
    }
    let desks = approval_desks::table.filter(approval_desks::application_id.eq(&row.id));
    diesel::delete(desks).execute(tx.db)?;
    if tells(tx.db, row, step)?.is_some() {
        let approved = decisions::table
            .filter(decisions::application_id.eq(&row.id).and(decisions::state.eq(APPROVED)));
        diesel::update(approved).set(decisions::state.eq(TOLD)).execute(tx.db)?;
    }
    Ok(())
}

/// Decisions that a list looks at.
pub const LOOKED_AT: i64 = 2_000;

/// A decision that waits for somebody.
#[derive(Clone, Debug, PartialEq, Eq, Queryable)]
pub struct Waits {
    /// Which application.
    pub application_id: String,
    /// Its number.
    pub number: String,
    /// Title of the procedure.
    pub procedure: String,
}

/// Decisions in these departments that wait for this person, the oldest first; at most [`LOOKED_AT`]. What
/// is not theirs to approve is left out: what they applied for, what they put forward, and what they approved at
/// an earlier stage, unless the procedure allows that.
///
/// # Errors
/// When the database cannot be read.
pub fn waiting(
    db: &mut Db,
    shelf: &Shelf,
    (person, login_id): (&str, &str),
    departments: &[String],
) -> QueryResult<Vec<Waits>> {
    let posts = posts::of_person(db, person)?.into_iter();
    let mut desks: Vec<String> =
        posts.map(|one| format!("@{}/{}", one.department_id, one.title)).collect();
    desks.push(login_id.to_owned());
    let mut waiting: Vec<(Waits, (String, i32, i32))> = approval_desks::table
        .inner_join(applications::table.on(applications::id.eq(approval_desks::application_id)))
        .inner_join(procedures::table.on(procedures::id.eq(applications::procedure_id)))
        .inner_join(
            decisions::table.on(decisions::application_id.eq(approval_desks::application_id)),
        )
        .filter(approval_desks::login_id.eq_any(desks))
        .filter(applications::department_id.eq_any(departments))
        .filter(applications::applied_by.is_null().or(applications::applied_by.ne(person)))
        .filter(decisions::state.eq(OPEN))
        .filter(decisions::version.eq(applications::version))
        .filter(decisions::proposed_by.ne(person))
        .order((approval_desks::since.asc(), applications::id.asc()))
        .limit(LOOKED_AT)
        .select((
            (applications::id, applications::number, procedures::title),
            (applications::procedure_id, applications::revision, decisions::round),
        ))
        .load(db)?;
    // Somebody may be named, and hold the post too.
    waiting.dedup();
    let ids: Vec<&String> = waiting.iter().map(|(one, _)| &one.application_id).collect();
    let said: BTreeSet<(String, i32)> = approvals::table
        .filter(approvals::application_id.eq_any(ids))
        .filter(approvals::staff_id.eq(person))
        .filter(approvals::approved.eq(true))
        .select((approvals::application_id, approvals::round))
        .load(db)?
        .into_iter()
        .collect();
    let mut theirs = Vec::with_capacity(waiting.len());
    for (one, (procedure, revision, round)) in waiting {
        if said.contains(&(one.application_id.clone(), round)) {
            let form = shelf.get(db, &procedure, revision)?;
            let twice = form
                .is_some_and(|form| form.procedure().workflow.same_person == SamePerson::Allowed);
            if !twice {
                continue;
            }
        }
        theirs.push(one);
    }
    Ok(theirs)
}

/// Entries of the stages that name this person, as somebody of the department.
///
/// # Errors
/// When the database cannot be read.
pub fn named(
    db: &mut Db,
    (person, login_id): (&str, &str),
    department: &str,
    stages: &[Approval],
) -> QueryResult<BTreeSet<String>> {
    let held = posts::of_department(db, department)?;
    let holds = |title: &str| held.iter().any(|one| one.staff_id == person && one.title == title);
    let names = |entry: &&str| match post(entry) {
        None => *entry == login_id,
        Some(title) => holds(title),
    };
    let entries = stages.iter().flat_map(Approval::everybody);
    Ok(entries.filter(names).map(str::to_owned).collect())
}

/// The posts of a stage, each with the names of who holds it.
pub type Held = Vec<(String, Vec<String>)>;

/// The posts of each stage with the names of those who hold them now; nobody for an empty one.
///
/// # Errors
/// When the database cannot be read.
pub fn holders(db: &mut Db, department: &str, stages: &[Approval]) -> QueryResult<Vec<Held>> {
    let held = posts::of_department(db, department)?;
    let who = |title: &str| -> Vec<String> {
        held.iter().filter(|one| one.title == title).map(|one| one.name.clone()).collect()
    };
    let of = |stage: &Approval| {
        stage.everybody().filter_map(post).map(|title| (title.to_owned(), who(title))).collect()
    };
    Ok(stages.iter().map(of).collect())
}

/// Why a decision that is put forward would hang.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Short {
    /// Nobody could approve this stage.
    Stage(String),
    /// Every stage has somebody, but not each another person.
    People,
}

/// Why a decision would hang that this person puts before the stages of a procedure now; `None` when there are
/// people enough.
///
/// # Errors
/// When the database cannot be read.
pub fn short(
    db: &mut Db,
    row: &Application,
    proposer: &str,
    workflow: &Workflow,
) -> QueryResult<Option<Short>> {
    let able = able(db, row, &workflow.approvals, &[proposer.to_owned()])?;
    if let Some((stage, _)) = workflow.approvals.iter().zip(&able).find(|(_, all)| all.is_empty()) {
        return Ok(Some(Short::Stage(stage.title.clone())));
    }
    let people: Vec<Vec<&str>> =
        able.iter().map(|all| all.iter().map(String::as_str).collect()).collect();
    let each_another = workflow.same_person == SamePerson::Forbidden;
    Ok((each_another && !is_each_another(&people)).then_some(Short::People))
}

/// Whether the stage that an open decision waits for has nobody left who may approve it: people change while
/// it waits.
///
/// # Errors
/// When the database cannot be read.
pub fn nobody_left(
    db: &mut Db,
    row: &Application,
    decision: &Decision,
    workflow: &Workflow,
) -> QueryResult<bool> {
    let place = usize::try_from(decision.stage).unwrap_or(usize::MAX);
    let Some(stage) = workflow.approvals.get(place) else { return Ok(false) };
    let mut but = vec![decision.proposed_by.clone()];
    if workflow.same_person == SamePerson::Forbidden {
        but.extend(approvers(db, decision)?);
    }
    let able = able(db, row, std::slice::from_ref(stage), &but)?;
    Ok(able.iter().all(Vec::is_empty))
}

/// Who approved stages of this decision, staff ids.
fn approvers(db: &mut Db, decision: &Decision) -> QueryResult<Vec<String>> {
    approvals::table
        .filter(approvals::application_id.eq(&decision.application_id))
        .filter(approvals::round.eq(decision.round))
        .filter(approvals::approved.eq(true))
        .select(approvals::staff_id)
        .load(db)
}

/// Who may approve each of these stages now, staff ids: of the department of the application, with an account
/// that works and a role of a desk, and neither who applied nor one of `but`.
fn able(
    db: &mut Db,
    row: &Application,
    stages: &[Approval],
    but: &[String],
) -> QueryResult<Vec<Vec<String>>> {
    let held = posts::of_department(db, &row.department_id)?;
    let entries = stages.iter().flat_map(Approval::everybody);
    let logins: Vec<&str> = entries.filter(|entry| post(entry).is_none()).collect();
    let holders: Vec<&String> = held.iter().map(|one| &one.staff_id).collect();
    let members: Vec<(String, String)> = staff::table
        .inner_join(staff_departments::table.on(staff_departments::staff_id.eq(staff::id)))
        .filter(staff_departments::department_id.eq(&row.department_id))
        .filter(staff::login_id.eq_any(logins).or(staff::id.eq_any(holders)))
        .filter(staff::disabled_at.is_null())
        .filter(staff::role.eq_any(DESKS))
        .select((staff::id, staff::login_id))
        .load(db)?;
    let named = |entry: &str| -> Vec<String> {
        match post(entry) {
            None => {
                let one = members.iter().filter(|(_, login_id)| login_id == entry);
                one.map(|(id, _)| id.clone()).collect()
            }
            Some(title) => {
                let all = held.iter().filter(|one| one.title == title).map(|one| &one.staff_id);
                all.filter(|id| members.iter().any(|(one, _)| one == *id)).cloned().collect()
            }
        }
    };
    let of = |stage: &Approval| -> Vec<String> {
        let people: BTreeSet<String> = stage.everybody().flat_map(named).collect();
        people.into_iter().filter(|id| !but.contains(id) && !row.is_of(id)).collect()
    };
    Ok(stages.iter().map(of).collect())
}

/// What waits for a post of a department waits for the post of the heir of the application (NB-6.5).
pub(crate) fn hand(tx: &mut Tx<'_>, from: &str, to: &str) -> QueryResult<()> {
    let prefix = format!("@{from}/");
    let moved: Vec<(String, String)> = approval_desks::table
        .inner_join(applications::table.on(applications::id.eq(approval_desks::application_id)))
        .filter(applications::department_id.eq(to))
        .filter(approval_desks::login_id.ge(&prefix))
        .filter(approval_desks::login_id.lt(format!("@{from}0")))
        .select((approval_desks::application_id, approval_desks::login_id))
        .load(tx.db)?;
    for (application, desk) in moved {
        let title = desk.strip_prefix(&prefix).unwrap_or_default();
        diesel::update(approval_desks::table.find((&application, &desk)))
            .set(approval_desks::login_id.eq(format!("@{to}/{title}")))
            .execute(tx.db)?;
    }
    Ok(())
}
