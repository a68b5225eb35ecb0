//! 役職: who holds which post of a department. A post counts as long as the person belongs to the
//! department and the account is not stopped, so a list of staff that moves people empties it.

use diesel::prelude::*;
use platform_store::{Db, Tx, each_backend};

use crate::record::By;
use crate::schema::{departments, staff, staff_departments, staff_posts};

/// Somebody who was given a post.
#[derive(Clone, Debug, PartialEq, Eq, Queryable)]
pub struct Held {
    /// Of which department.
    pub department_id: String,
    /// Its code.
    pub code: String,
    /// Its name.
    pub department: String,
    /// What the post is called.
    pub title: String,
    /// Who holds it.
    pub staff_id: String,
    /// Their log-in id.
    pub login_id: String,
    /// Their name.
    pub name: String,
    /// When the account was stopped, if it was.
    pub stopped: Option<i64>,
    /// The department again, while the person belongs to it.
    pub member: Option<String>,
}

impl Held {
    /// Whether it counts.
    #[must_use]
    pub fn counts(&self) -> bool {
        self.stopped.is_none() && self.member.is_some()
    }
}

/// Every post that was given, by department.
///
/// # Errors
/// When the database cannot be read.
pub fn all(db: &mut Db) -> QueryResult<Vec<Held>> {
    held(db, None, None)
}

/// Posts of one department, of one person.
fn held(db: &mut Db, department: Option<&str>, person: Option<&str>) -> QueryResult<Vec<Held>> {
    let mut given = staff_posts::table
        .inner_join(staff::table.on(staff::id.eq(staff_posts::staff_id)))
        .inner_join(departments::table.on(departments::id.eq(staff_posts::department_id)))
        .left_join(
            staff_departments::table.on(staff_departments::staff_id
                .eq(staff_posts::staff_id)
                .and(staff_departments::department_id.eq(staff_posts::department_id))),
        )
        .order((departments::sort, departments::code, staff_posts::title, staff::login_id))
        .select((
            staff_posts::department_id,
            departments::code,
            departments::name,
            staff_posts::title,
            staff_posts::staff_id,
            staff::login_id,
            staff::display_name,
            staff::disabled_at,
            staff_departments::department_id.nullable(),
        ))
        .into_boxed();
    if let Some(department) = department {
        given = given.filter(staff_posts::department_id.eq(department));
    }
    if let Some(person) = person {
        given = given.filter(staff_posts::staff_id.eq(person));
    }
    given.load(db)
}

/// Posts of a department that count, with who holds them.
///
/// # Errors
/// When the database cannot be read.
pub fn of_department(db: &mut Db, department: &str) -> QueryResult<Vec<Held>> {
    Ok(held(db, Some(department), None)?.into_iter().filter(Held::counts).collect())
}

/// Posts of a person that count.
///
/// # Errors
/// When the database cannot be read.
pub fn of_person(db: &mut Db, staff: &str) -> QueryResult<Vec<Held>> {
    Ok(held(db, None, Some(staff))?.into_iter().filter(Held::counts).collect())
}

/// What a person was given, department and title, whether it counts or not.
pub(super) fn given(db: &mut Db, staff: &str) -> QueryResult<Vec<(String, String)>> {
    staff_posts::table
        .filter(staff_posts::staff_id.eq(staff))
        .select((staff_posts::department_id, staff_posts::title))
        .load(db)
}

/// Gives posts: department, title, person. What was given before stays as it was.
///
/// # Errors
/// When the database cannot be written.
pub fn give(tx: &mut Tx<'_>, by: &By, new: &[(String, String, String)]) -> QueryResult<()> {
    for (department, title, person) in new {
        let row = (
            staff_posts::department_id.eq(department),
            staff_posts::title.eq(title),
            staff_posts::staff_id.eq(person),
            staff_posts::given_at.eq(by.at.as_microsecond()),
            staff_posts::given_by.eq(&by.staff),
        );
        let given = each_backend!(tx.db, conn => diesel::insert_into(staff_posts::table)
            .values(row).on_conflict_do_nothing().execute(conn))?;
        if given == 1 {
            let detail = format!("department={department} post={title}");
            by.record(tx, "identity.post_given", "staff", person, &detail);
        }
    }
    Ok(())
}

/// Takes a post away; `false` when the person does not hold it.
///
/// # Errors
/// When the database cannot be written.
pub fn take(
    tx: &mut Tx<'_>,
    by: &By,
    (department, title, person): (&str, &str, &str),
) -> QueryResult<bool> {
    let taken =
        diesel::delete(staff_posts::table.find((department, title, person))).execute(tx.db)?;
    if taken == 1 {
        let detail = format!("department={department} post={title}");
        by.record(tx, "identity.post_taken", "staff", person, &detail);
    }
    Ok(taken == 1)
}

/// The posts of a department are posts of its heir (NB-6.5).
pub(crate) fn hand(tx: &mut Tx<'_>, by: &By, from: &str, to: &str) -> QueryResult<()> {
    let held: Vec<(String, String)> = staff_posts::table
        .filter(staff_posts::department_id.eq(from))
        .select((staff_posts::title, staff_posts::staff_id))
        .load(tx.db)?;
    let new: Vec<(String, String, String)> =
        held.into_iter().map(|(title, person)| (to.to_owned(), title, person)).collect();
    give(tx, by, &new)?;
    diesel::delete(staff_posts::table.filter(staff_posts::department_id.eq(from)))
        .execute(tx.db)
        .map(drop)
}
