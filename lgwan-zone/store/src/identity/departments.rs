//! Departments (部署).

use diesel::prelude::*;
use platform_store::{Db, Tx};

use crate::record::By;
use crate::schema::departments::dsl;

/// A department of the city.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = crate::schema::departments)]
pub struct Department {
    /// Identifier, made by the application.
    pub id: String,
    /// The city's own short code; procedures name their department by it.
    pub code: String,
    /// Name as citizens and staff read it.
    pub name: String,
    /// Telephone number, may be empty.
    pub phone: String,
    /// Where to find it, may be empty.
    pub place: String,
    /// Place in lists.
    pub sort: i32,
}

/// Every department in list order.
///
/// # Errors
/// When the database cannot be read.
pub fn all(db: &mut Db) -> QueryResult<Vec<Department>> {
    dsl::departments.order((dsl::sort, dsl::code)).select(Department::as_select()).load(db)
}

/// The department with this code.
///
/// # Errors
/// When the database cannot be read.
pub fn by_code(db: &mut Db, code: &str) -> QueryResult<Option<Department>> {
    dsl::departments.filter(dsl::code.eq(code)).select(Department::as_select()).first(db).optional()
}

/// Adds a department, or renames the one that has the same code. Returns its id.
///
/// # Errors
/// When the database cannot be written.
pub fn put(tx: &mut Tx<'_>, by: &By, wanted: &Department) -> QueryResult<String> {
    let known = by_code(tx.db, &wanted.code)?;
    let id = match known {
        Some(known) => {
            diesel::update(dsl::departments.find(&known.id))
                .set((
                    dsl::name.eq(&wanted.name),
                    dsl::phone.eq(&wanted.phone),
                    dsl::place.eq(&wanted.place),
                    dsl::sort.eq(wanted.sort),
                ))
                .execute(tx.db)?;
            known.id
        }
        None => {
            diesel::insert_into(dsl::departments)
                .values((
                    dsl::id.eq(&wanted.id),
                    dsl::code.eq(&wanted.code),
                    dsl::name.eq(&wanted.name),
                    dsl::phone.eq(&wanted.phone),
                    dsl::place.eq(&wanted.place),
                    dsl::sort.eq(wanted.sort),
                ))
                .execute(tx.db)?;
            wanted.id.clone()
        }
    };
    by.record(tx, "identity.department_put", "department", &id, &wanted.code);
    Ok(id)
}
