//! Staff accounts: one person, one account (NF-21).

use diesel::prelude::*;
use domain::identity::{self, Role};
use domain::ids::{DepartmentId, StaffId};
use platform_store::{Db, Tx};

use crate::applications::charge;
use crate::record::By;
use crate::schema::{staff, staff_departments};

/// One staff account as stored. Times are microseconds since the epoch, UTC.
#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = crate::schema::staff)]
pub struct Staff {
    /// Identifier.
    pub id: String,
    /// What the person types to log in.
    pub login_id: String,
    /// Name shown to colleagues and in the history.
    pub display_name: String,
    /// Role code of `domain::identity::Role`.
    pub role: String,
    /// Argon2id, PHC text; empty as long as the person was given none.
    pub password_hash: String,
    /// When the password was set.
    pub password_changed_at: i64,
    /// Set by the administrator: the person must choose an own password first.
    pub must_change_password: bool,
    /// Base32 secret of the authenticator app.
    pub totp_secret: Option<String>,
    /// When the person proved that the app works.
    pub totp_confirmed_at: Option<i64>,
    /// Last time step whose code was used; a code works once.
    pub totp_last_step: i64,
    /// Failed attempts in a row.
    pub failures: i32,
    /// Time of the last failed attempt, 0 for none.
    pub last_failure_at: i64,
    /// This log-in.
    pub last_login_at: Option<i64>,
    /// Address of this log-in.
    pub last_login_ip: Option<String>,
    /// The log-in before this one: what the person is shown.
    pub previous_login_at: Option<i64>,
    /// Address of the log-in before this one.
    pub previous_login_ip: Option<String>,
    /// When the account was switched off.
    pub disabled_at: Option<i64>,
    /// When the account was made.
    pub created_at: i64,
    /// E-mail address, empty for none.
    pub email: String,
    /// Set when the authenticator app was reset: the person registers one before anything else.
    pub must_enrol: bool,
}

impl Staff {
    /// The person as the authorization function knows them, with the roles named for departments;
    /// `None` when the row holds no role or id.
    #[must_use]
    pub fn person(&self, memberships: &[(String, Option<String>)]) -> Option<identity::Staff> {
        let (id, role) = (StaffId::parse(&self.id).ok()?, Role::parse(&self.role)?);
        let own = memberships.iter().filter_map(|(id, named)| {
            let named = named.as_deref().and_then(Role::parse);
            Some((DepartmentId::parse(id).ok()?, named))
        });
        Some(identity::Staff::new(id, role, own))
    }
}

/// A new account.
#[derive(Clone, Debug)]
pub struct NewStaff {
    /// Identifier.
    pub id: String,
    /// What the person types to log in.
    pub login_id: String,
    /// Name shown to colleagues.
    pub display_name: String,
    /// E-mail address, empty for none.
    pub email: String,
    /// Role code.
    pub role: String,
    /// Argon2id, PHC text; empty for an account nobody can log in to yet.
    pub password_hash: String,
    /// Authenticator secret when it is handed out with the account.
    pub totp_secret: Option<String>,
    /// Whether the first log-in asks for an own password.
    pub must_change_password: bool,
    /// Department ids.
    pub departments: Vec<String>,
}

/// What came of a wish for a new account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Created {
    /// The account exists.
    Made,
    /// Another person has this login id.
    LoginTaken,
}

/// Makes an account.
///
/// # Errors
/// When the database cannot be written.
pub fn create(tx: &mut Tx<'_>, by: &By, new: &NewStaff) -> QueryResult<Created> {
    if by_login(tx.db, &new.login_id)?.is_some() {
        return Ok(Created::LoginTaken);
    }
    let now = by.at.as_microsecond();
    // Who makes the account hands out its first password.
    let handed = new.must_change_password;
    diesel::insert_into(staff::table)
        .values((
            staff::id.eq(&new.id),
            staff::login_id.eq(&new.login_id),
            staff::display_name.eq(&new.display_name),
            staff::email.eq(&new.email),
            staff::role.eq(&new.role),
            staff::password_hash.eq(&new.password_hash),
            staff::password_changed_at.eq(now),
            staff::must_change_password.eq(new.must_change_password),
            staff::totp_secret.eq(&new.totp_secret),
            staff::totp_confirmed_at.eq(new.totp_secret.as_ref().map(|_| now)),
            staff::created_at.eq(now),
            staff::handed_by.eq(handed.then_some(by.staff.as_str())),
            staff::handed_at.eq(handed.then_some(now)),
        ))
        .execute(tx.db)?;
    for department in &new.departments {
        diesel::insert_into(staff_departments::table)
            .values((
                staff_departments::staff_id.eq(&new.id),
                staff_departments::department_id.eq(department),
            ))
            .execute(tx.db)?;
    }
    by.record(tx, "identity.account_made", "staff", &new.id, &new.role);
    Ok(Created::Made)
}

/// The account behind a login id.
///
/// # Errors
/// When the database cannot be read.
pub fn by_login(db: &mut Db, login_id: &str) -> QueryResult<Option<Staff>> {
    staff::table
        .filter(staff::login_id.eq(login_id))
        .select(Staff::as_select())
        .first(db)
        .optional()
}

/// One account.
///
/// # Errors
/// When the database cannot be read.
pub fn find(db: &mut Db, id: &str) -> QueryResult<Option<Staff>> {
    staff::table.find(id).select(Staff::as_select()).first(db).optional()
}

/// Every account, by login id.
///
/// # Errors
/// When the database cannot be read.
pub fn all(db: &mut Db) -> QueryResult<Vec<Staff>> {
    staff::table.order(staff::login_id).select(Staff::as_select()).load(db)
}

/// Id, log-in id and name of these accounts.
///
/// # Errors
/// When the database cannot be read.
pub fn names(db: &mut Db, ids: &[String]) -> QueryResult<Vec<(String, String, String)>> {
    staff::table
        .filter(staff::id.eq_any(ids))
        .select((staff::id, staff::login_id, staff::display_name))
        .load(db)
}

/// Id and role of these accounts.
///
/// # Errors
/// When the database cannot be read.
pub fn roles(db: &mut Db, ids: &[String]) -> QueryResult<Vec<(String, String)>> {
    staff::table.filter(staff::id.eq_any(ids)).select((staff::id, staff::role)).load(db)
}

/// Addresses of the people of a role who can log in, each once.
///
/// # Errors
/// When the database cannot be read.
pub fn addresses(db: &mut Db, role: &str) -> QueryResult<Vec<String>> {
    staff::table
        .filter(staff::role.eq(role).and(staff::disabled_at.is_null()).and(staff::email.ne("")))
        .order(staff::email)
        .select(staff::email)
        .distinct()
        .load(db)
}

/// Which accounts a page shows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sieve {
    /// Part of a log-in id, a name or an address.
    pub words: String,
    /// Department id, empty for every one.
    pub department: String,
    /// Only accounts nobody was given a password for yet.
    pub without_password: bool,
}

/// The accounts of one page, by login id, and how many there are in all.
///
/// # Errors
/// When the database cannot be read.
pub fn page(db: &mut Db, sieve: &Sieve, first: i64, most: i64) -> QueryResult<(Vec<Staff>, i64)> {
    /// Adds the conditions of the sieve to a query.
    macro_rules! sieved {
        ($query:expr) => {{
            let mut query = $query.into_boxed();
            if !sieve.words.is_empty() {
                let part = pattern(&sieve.words);
                query = query.filter(
                    staff::login_id
                        .like(part.clone())
                        .escape('!')
                        .or(staff::display_name.like(part.clone()).escape('!'))
                        .or(staff::email.like(part).escape('!')),
                );
            }
            if !sieve.department.is_empty() {
                let members = staff_departments::table
                    .filter(staff_departments::department_id.eq(&sieve.department))
                    .select(staff_departments::staff_id);
                query = query.filter(staff::id.eq_any(members));
            }
            if sieve.without_password {
                query = query.filter(staff::password_hash.eq(""));
            }
            query
        }};
    }
    let all = sieved!(staff::table.select(diesel::dsl::count_star())).first(db)?;
    let page = sieved!(staff::table.select(Staff::as_select()))
        .order(staff::login_id)
        .offset(first)
        .limit(most)
        .load(db)?;
    Ok((page, all))
}

/// What holds these words, in the words of `like`.
fn pattern(words: &str) -> String {
    let plain: String = words
        .chars()
        .flat_map(|c| if "!%_".contains(c) { vec!['!', c] } else { vec![c] })
        .collect();
    format!("%{plain}%")
}

/// `(staff id, department id, role named for it)` of these people.
///
/// # Errors
/// When the database cannot be read.
pub fn memberships(
    db: &mut Db,
    people: &[String],
) -> QueryResult<Vec<(String, String, Option<String>)>> {
    staff_departments::table
        .filter(staff_departments::staff_id.eq_any(people))
        .order((staff_departments::staff_id, staff_departments::department_id))
        .select((
            staff_departments::staff_id,
            staff_departments::department_id,
            staff_departments::role,
        ))
        .load(db)
}

/// Names the role somebody has in one of their departments (兼務).
///
/// # Errors
/// When the database cannot be written.
pub fn name_role(
    tx: &mut Tx<'_>,
    by: &By,
    (id, department): (&str, &str),
    role: Role,
) -> QueryResult<()> {
    diesel::update(staff_departments::table.find((id, department)))
        .set(staff_departments::role.eq(role.key()))
        .execute(tx.db)?;
    let told = format!("{department}={}", role.key());
    by.record(tx, "identity.account_changed", "staff", id, &told);
    Ok(())
}

/// Department ids of one person, with the roles named for them.
///
/// # Errors
/// When the database cannot be read.
pub fn belongs(db: &mut Db, staff_id: &str) -> QueryResult<Vec<(String, Option<String>)>> {
    staff_departments::table
        .filter(staff_departments::staff_id.eq(staff_id))
        .order(staff_departments::department_id)
        .select((staff_departments::department_id, staff_departments::role))
        .load(db)
}

/// Department ids of one person.
///
/// # Errors
/// When the database cannot be read.
pub fn departments_of(db: &mut Db, staff_id: &str) -> QueryResult<Vec<String>> {
    staff_departments::table
        .filter(staff_departments::staff_id.eq(staff_id))
        .order(staff_departments::department_id)
        .select(staff_departments::department_id)
        .load(db)
}

/// Switches an account off or on. Off ends its sessions at once.
///
/// # Errors
/// When the database cannot be written.
pub fn set_disabled(tx: &mut Tx<'_>, by: &By, id: &str, disabled: bool) -> QueryResult<bool> {
    let at = disabled.then(|| by.at.as_microsecond());
    let changed =
        diesel::update(staff::table.find(id)).set(staff::disabled_at.eq(at)).execute(tx.db)? == 1;
    if changed {
        if disabled {
            super::sessions::end_all(tx, id)?;
        }
        let act = if disabled { "identity.account_disabled" } else { "identity.account_enabled" };
        // An account to manage or to read the logs that is there again is worth an alert.
        let role: String = if disabled {
            String::new()
        } else {
            staff::table.find(id).select(staff::role).first(tx.db)?
        };
        by.record(tx, act, "staff", id, &role);
        if disabled {
            charge::left(tx, by, id)?;
        }
    }
    Ok(changed)
}

/// Gives an account a new initial password; the person must change it at the
/// next log-in. Ends its sessions.
///
/// # Errors
/// When the database cannot be written.
pub fn reset_password(tx: &mut Tx<'_>, by: &By, id: &str, hash: &str) -> QueryResult<bool> {
    let changed = diesel::update(staff::table.find(id))
        .set((
            staff::password_hash.eq(hash),
            staff::password_changed_at.eq(by.at.as_microsecond()),
            staff::must_change_password.eq(true),
            staff::handed_by.eq(&by.staff),
            staff::handed_at.eq(by.at.as_microsecond()),
            staff::failures.eq(0),
            staff::last_failure_at.eq(0),
        ))
        .execute(tx.db)?
        == 1;
    if changed {
        super::sessions::end_all(tx, id)?;
        by.record(tx, "identity.password_reset", "staff", id, "");
    }
    Ok(changed)
}
