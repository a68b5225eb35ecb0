//! 付箋: labels a department puts on its applications. What lists are ordered and narrowed by is
//! repeated in the rows and moves with the application, so that a list by label is read from ranges
//! of one index.

use std::collections::BTreeMap;

use diesel::prelude::*;
use domain::applications::label::Colour;
use domain::procedures::TRIALS;
use platform_store::{Db, Tx, each_backend};

use super::inbox::{Line, Order, Place, Wish};
use super::rows::Application;
use super::steps::{self, Hop};
use crate::record::By;
use crate::schema::{application_labels, applications, departments, labels};

/// Most labels of a department that can be put on.
pub const MOST: i64 = 30;

/// Most applications of a label that are counted by state.
pub const COUNTED: i64 = 1_000;

/// One label.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = labels)]
pub struct Label {
    /// Identifier.
    pub id: String,
    /// Whose it is.
    pub department_id: String,
    /// What it says.
    pub name: String,
    /// [`Colour`].
    pub colour: String,
    /// When it was made, microseconds.
    pub made_at: i64,
    /// By whom.
    pub made_by: String,
    /// Since when it is put on no more; it stays where it is.
    pub ended_at: Option<i64>,
}

#[derive(Insertable)]
#[diesel(table_name = application_labels)]
struct On<'a> {
    application_id: &'a str,
    label_id: &'a str,
    procedure_id: &'a str,
    state: &'a str,
    arrived_at: i64,
    deadline_at: Option<i64>,
}

/// What came of a wish about a label.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Made {
    /// It is done.
    Done,
    /// The department has another label of this name.
    NameTaken,
    /// It has [`MOST`] already.
    Full,
    /// There is none.
    Missing,
}

/// The labels of these departments, those that are put on no more last.
///
/// # Errors
/// When the database cannot be read.
pub fn of_departments(db: &mut Db, departments: &[String]) -> QueryResult<Vec<Label>> {
    let mut all: Vec<Label> = labels::table
        .filter(labels::department_id.eq_any(departments))
        .select(Label::as_select())
        .load(db)?;
    let place = |id: &String| departments.iter().position(|one| one == id);
    all.sort_by(|a, b| {
        let key = |one: &Label| (place(&one.department_id), one.ended_at.is_some());
        key(a).cmp(&key(b)).then_with(|| a.name.cmp(&b.name))
    });
    Ok(all)
}

/// One label.
///
/// # Errors
/// When the database cannot be read.
pub fn find(db: &mut Db, id: &str) -> QueryResult<Option<Label>> {
    labels::table.find(id).select(Label::as_select()).first(db).optional()
}

/// Makes a label. A second press of the same button makes no second one.
///
/// # Errors
/// When the database cannot be written.
pub fn make(tx: &mut Tx<'_>, by: &By, new: &Label) -> QueryResult<Made> {
    if find(tx.db, &new.id)?.is_some() {
        return Ok(Made::Done);
    }
    if !room(tx, &new.department_id)? {
        return Ok(Made::Full);
    }
    let made = each_backend!(tx.db, conn => diesel::insert_into(labels::table)
        .values(new).on_conflict_do_nothing().execute(conn))?;
    if made == 0 {
        return Ok(Made::NameTaken);
    }
    by.record(tx, "labels.made", "label", &new.id, &new.name);
    Ok(Made::Done)
}

/// Whether the department may have another one. Its row is held, so that two who make the last one
/// do not both.
fn room(tx: &mut Tx<'_>, department: &str) -> QueryResult<bool> {
    diesel::update(departments::table.find(department))
        .set(departments::sort.eq(departments::sort))
        .execute(tx.db)?;
    let there: i64 = labels::table
        .filter(labels::department_id.eq(department))
        .filter(labels::ended_at.is_null())
        .count()
        .get_result(tx.db)?;
    Ok(there < MOST)
}

/// Gives a label another name or colour.
///
/// # Errors
/// When the database cannot be written.
pub fn change(
    tx: &mut Tx<'_>,
    by: &By,
    label: &Label,
    (name, colour): (&str, Colour),
) -> QueryResult<Made> {
    let taken: i64 = labels::table
        .filter(labels::department_id.eq(&label.department_id))
        .filter(labels::name.eq(name))
        .filter(labels::id.ne(&label.id))
        .count()
        .get_result(tx.db)?;
    if taken > 0 {
        return Ok(Made::NameTaken);
    }
    let changed = diesel::update(labels::table.find(&label.id))
        .set((labels::name.eq(name), labels::colour.eq(colour.key())))
        .execute(tx.db)?;
    if changed == 0 {
        return Ok(Made::Missing);
    }
    by.record(tx, "labels.changed", "label", &label.id, &format!("{} -> {name}", label.name));
    Ok(Made::Done)
}

/// Puts a label on no more from now on, or again.
///
/// # Errors
/// When the database cannot be written.
pub fn end(tx: &mut Tx<'_>, by: &By, label: &Label, over: bool) -> QueryResult<Made> {
    if label.ended_at.is_some() == over {
        return Ok(Made::Done);
    }
    if !over && !room(tx, &label.department_id)? {
        return Ok(Made::Full);
    }
    let at = over.then(|| by.at.as_microsecond());
    diesel::update(labels::table.find(&label.id)).set(labels::ended_at.eq(at)).execute(tx.db)?;
    let act = if over { "labels.ended" } else { "labels.reopened" };
    by.record(tx, act, "label", &label.id, &label.name);
    Ok(Made::Done)
}

/// How many applications have which of these labels, counted to [`COUNTED`] each; trials aside.
///
/// # Errors
/// When the database cannot be read.
pub fn uses(db: &mut Db, all: &[Label]) -> QueryResult<BTreeMap<String, i64>> {
    let mut uses = BTreeMap::new();
    for label in all {
        let some: Vec<String> = application_labels::table
            .filter(application_labels::label_id.eq(&label.id))
            .filter(application_labels::procedure_id.not_like(TRIALS))
            .limit(COUNTED)
            .select(application_labels::application_id)
            .load(db)?;
        uses.insert(label.id.clone(), i64::try_from(some.len()).unwrap_or(COUNTED));
    }
    Ok(uses)
}

/// What came of putting a label on, or taking it off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Put {
    /// It is done.
    Done,
    /// It was so before.
    Before,
    /// It is another department's, or put on no more.
    Foreign,
}

/// Puts a label on an application.
///
/// # Errors
/// When the database cannot be written.
pub fn put(tx: &mut Tx<'_>, by: &By, row: &Application, label: &Label) -> QueryResult<Put> {
    if label.department_id != row.department_id || label.ended_at.is_some() {
        return Ok(Put::Foreign);
    }
    let on = On {
        application_id: &row.id,
        label_id: &label.id,
        procedure_id: &row.procedure_id,
        state: &row.state,
        arrived_at: row.arrived_at,
        deadline_at: row.deadline_at,
    };
    let put = each_backend!(tx.db, conn => diesel::insert_into(application_labels::table)
        .values(&on).on_conflict_do_nothing().execute(conn))?;
    if put == 0 {
        return Ok(Put::Before);
    }
    noted(tx, by, row, ("label_on", &label.name))?;
    Ok(Put::Done)
}

/// Takes a label off an application.
///
/// # Errors
/// When the database cannot be written.
pub fn take(tx: &mut Tx<'_>, by: &By, row: &Application, label: &Label) -> QueryResult<Put> {
    if label.department_id != row.department_id {
        return Ok(Put::Foreign);
    }
    let taken =
        diesel::delete(application_labels::table.find((&row.id, &label.id))).execute(tx.db)?;
    if taken == 0 {
        return Ok(Put::Before);
    }
    noted(tx, by, row, ("label_off", &label.name))?;
    Ok(Put::Done)
}

/// Puts labels on and takes others off. What a colleague did to a third one meanwhile stays; a label
/// of another department changes nothing.
///
/// # Errors
/// When the database cannot be written.
pub fn set(
    tx: &mut Tx<'_>,
    by: &By,
    row: &Application,
    (on, off): (&[String], &[String]),
) -> QueryResult<()> {
    for label in of_departments(tx.db, std::slice::from_ref(&row.department_id))? {
        if on.contains(&label.id) {
            put(tx, by, row, &label)?;
        } else if off.contains(&label.id) {
            take(tx, by, row, &label)?;
        }
    }
    Ok(())
}

/// The line of the history and the record of it.
fn noted(
    tx: &mut Tx<'_>,
    by: &By,
    row: &Application,
    (act, words): (&str, &str),
) -> QueryResult<()> {
    let hop = Hop {
        act: act.to_owned(),
        actor: by.staff.clone(),
        actor_name: by.name.clone(),
        from: None,
        to: row.state.clone(),
        words: words.to_owned(),
    };
    steps::remember(tx, &row.id, by.at.as_microsecond(), &hop)?;
    let detail = format!("{} {words}", row.number);
    by.record(tx, &format!("applications.{act}"), "application", &row.id, &detail);
    Ok(())
}

/// The labels on these applications: application, label.
///
/// # Errors
/// When the database cannot be read.
pub fn on(db: &mut Db, ids: &[String]) -> QueryResult<Vec<(String, Label)>> {
    application_labels::table
        .inner_join(labels::table.on(labels::id.eq(application_labels::label_id)))
        .filter(application_labels::application_id.eq_any(ids))
        .order((application_labels::application_id, labels::name))
        .select((application_labels::application_id, Label::as_select()))
        .load(db)
}

/// Leaves the lines that have the label.
///
/// # Errors
/// When the database cannot be read.
pub fn retain(db: &mut Db, label: &str, lines: &mut Vec<Line>) -> QueryResult<()> {
    let ids: Vec<&String> = lines.iter().map(|line| &line.id).collect();
    let with: Vec<String> = application_labels::table
        .filter(application_labels::label_id.eq(label))
        .filter(application_labels::application_id.eq_any(ids))
        .select(application_labels::application_id)
        .load(db)?;
    lines.retain(|line| with.contains(&line.id));
    Ok(())
}

/// How many applications with the label are in which state, counted to [`COUNTED`] each.
///
/// # Errors
/// When the database cannot be read.
pub fn counts(
    db: &mut Db,
    label: &str,
    procedure: Option<&str>,
) -> QueryResult<Vec<(String, i64)>> {
    let mut counts = Vec::new();
    for state in domain::applications::State::ALL {
        let mut query = application_labels::table
            .filter(application_labels::label_id.eq(label))
            .filter(application_labels::state.eq(state.key()))
            .filter(application_labels::procedure_id.not_like(TRIALS))
            .limit(COUNTED)
            .select(application_labels::application_id)
            .into_boxed();
        if let Some(procedure) = procedure {
            query = query.filter(application_labels::procedure_id.eq(procedure));
        }
        let some: Vec<String> = query.load(db)?;
        if !some.is_empty() {
            counts.push((state.key().to_owned(), i64::try_from(some.len()).unwrap_or(COUNTED)));
        }
    }
    Ok(counts)
}

/// The applications of one page of one range: those with the label, perhaps in one state.
pub(super) fn range(
    db: &mut Db,
    wish: &Wish,
    (label, state): (&str, Option<&str>),
    (start, rising): (Option<&Place>, bool),
) -> QueryResult<Vec<Line>> {
    use application_labels::dsl;
    let mut query = dsl::application_labels
        .filter(dsl::label_id.eq(label))
        .select(dsl::application_id)
        .into_boxed();
    if let Some(state) = state {
        query = query.filter(dsl::state.eq(state));
    }
    query = match &wish.procedure {
        Some(procedure) => query.filter(dsl::procedure_id.eq(procedure)),
        None => query.filter(dsl::procedure_id.not_like(TRIALS)),
    };
    query = super::inbox::arrived!(query, dsl::arrived_at, wish);
    query = match wish.order {
        Order::Newest | Order::Oldest => {
            super::inbox::ordered!(query, dsl::arrived_at, dsl::application_id, start, rising)
        }
        Order::Deadline => {
            query = query.filter(dsl::deadline_at.is_not_null());
            if let Some(by) = wish.deadline_by {
                query = query.filter(dsl::deadline_at.le(by));
            }
            let at = dsl::deadline_at.assume_not_null();
            super::inbox::ordered!(query, at, dsl::application_id, start, rising)
        }
    };
    let rows = i64::try_from(wish.rows + 1).unwrap_or(i64::MAX);
    let ids: Vec<String> = query.limit(rows).load(db)?;
    let mut lines: Vec<Line> = applications::table
        .filter(applications::id.eq_any(ids))
        .select(Line::as_select())
        .load(db)?;
    // Asked of the database, it would walk everything the departments ever had.
    lines.retain(|line| wish.departments.contains(&line.department_id));
    Ok(lines)
}

/// Follows an application into a state, in the transaction of the step.
pub(super) fn moved(
    tx: &mut Tx<'_>,
    application: &str,
    state: &str,
    deadline_at: Option<i64>,
) -> QueryResult<()> {
    let rows = application_labels::table.filter(application_labels::application_id.eq(application));
    diesel::update(rows)
        .set((application_labels::state.eq(state), application_labels::deadline_at.eq(deadline_at)))
        .execute(tx.db)
        .map(drop)
}

/// What goes to another department.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Handed<'a> {
    /// All it has.
    All,
    /// The applications of one procedure.
    Procedure(&'a str),
    /// One application.
    Application(&'a str),
}

/// Takes the labels of a department over to another with what goes there (NB-6.5). One of the same
/// name there is the same label afterwards.
pub(crate) fn hand(
    tx: &mut Tx<'_>,
    mut new_id: impl FnMut() -> String,
    (from, to): (&str, &str),
    handed: Handed<'_>,
) -> QueryResult<()> {
    let there = of_departments(tx.db, &[to.to_owned()])?;
    for label in of_departments(tx.db, &[from.to_owned()])? {
        if let Handed::Application(id) = handed {
            let on = application_labels::table.find((id, &label.id)).count();
            if on.get_result::<i64>(tx.db)? == 0 {
                continue;
            }
        }
        let twin = there.iter().find(|one| one.name == label.name).map(|one| one.id.clone());
        let heir = match (twin, handed) {
            (Some(twin), _) => twin,
            (None, Handed::All) => {
                diesel::update(labels::table.find(&label.id))
                    .set(labels::department_id.eq(to))
                    .execute(tx.db)?;
                continue;
            }
            (None, Handed::Procedure(_) | Handed::Application(_)) => {
                let copy = Label { id: new_id(), department_id: to.to_owned(), ..label.clone() };
                diesel::insert_into(labels::table).values(&copy).execute(tx.db)?;
                copy.id
            }
        };
        let rows = application_labels::table.filter(application_labels::label_id.eq(&label.id));
        let to_heir = application_labels::label_id.eq(&heir);
        match handed {
            Handed::Application(id) => {
                let of = rows.filter(application_labels::application_id.eq(id));
                diesel::update(of).set(to_heir).execute(tx.db)?;
            }
            Handed::Procedure(id) => {
                let of = rows.filter(application_labels::procedure_id.eq(id));
                diesel::update(of).set(to_heir).execute(tx.db)?;
            }
            Handed::All => {
                diesel::update(rows).set(to_heir).execute(tx.db)?;
                diesel::delete(labels::table.find(&label.id)).execute(tx.db)?;
            }
        }
    }
    Ok(())
}
