//! Departments (部署).

use diesel::prelude::*;
use platform_store::{Db, Tx};

use crate::record::By;
use crate::schema::department_heirs;
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

/// Every department there is today, in list order.
///
/// # Errors
/// When the database cannot be read.
pub fn all(db: &mut Db) -> QueryResult<Vec<Department>> {
    dsl::departments
        .filter(dsl::closed_at.is_null())
        .order((dsl::sort, dsl::code))
        .select(Department::as_select())
        .load(db)
}

/// Every department there ever was, those abolished by a reform included: for names in what was
/// written earlier.
///
/// # Errors
/// When the database cannot be read.
pub fn ever(db: &mut Db) -> QueryResult<Vec<Department>> {
    dsl::departments.order((dsl::sort, dsl::code)).select(Department::as_select()).load(db)
}

/// Departments as the citizens' zone is told of them: one that was abolished stands there with the
/// name and the telephone number of the one that took over (NB-6.5), since applications sent
/// earlier still name it.
///
/// # Errors
/// When the database cannot be read.
pub fn told(db: &mut Db) -> QueryResult<Vec<Department>> {
    let open = all(db)?;
    let heirs: Vec<(String, String)> = department_heirs::table
        .filter(department_heirs::procedure_id.eq(""))
        .order(department_heirs::department_id)
        .select((department_heirs::department_id, department_heirs::heir_id))
        .load(db)?;
    let closed = heirs.into_iter().filter_map(|(id, heir)| {
        let heir = open.iter().find(|one| one.id == heir)?;
        Some(Department { id, ..heir.clone() })
    });
    Ok(open.iter().cloned().chain(closed).collect())
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

/// Marks a department as abolished; its row and its name stay.
///
/// # Errors
/// When the database cannot be written.
pub(super) fn close(tx: &mut Tx<'_>, by: &By, id: &str, heir: &str) -> QueryResult<()> {
    diesel::update(dsl::departments.find(id))
        .set(dsl::closed_at.eq(by.at.as_microsecond()))
        .execute(tx.db)?;
    by.record(tx, "identity.department_closed", "department", id, heir);
    Ok(())
}
