//! Whose events a disclosure request asks for (NF-41, NF-42): everything both logs say about one
//! application, or about one citizen.

use std::collections::BTreeSet;

use diesel::prelude::*;
use platform_audit::{About, CheckpointKey};
use platform_store::Db;

use crate::retention;
use crate::schema::{applications, issued_documents};

/// Most applications of one account that a disclosure takes together.
const MOST: i64 = 2_000;

/// What the request is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Subject {
    /// One application, by receipt number.
    Application(String),
    /// Everything of one account of the citizens' side.
    Account(String),
}

/// What is known of the subject.
#[derive(Clone, Debug)]
pub struct Known {
    /// Id of the application asked for, when it is one.
    pub application: Option<String>,
    /// The account: asked for, or the one that sent the application.
    pub account: Option<String>,
    /// The name this zone knows the person under; empty when it knows none.
    pub name: String,
    /// Receipt numbers, newest first: of the application, or of all of the account.
    pub numbers: Vec<String>,
    /// Whether the account has more applications than are taken together.
    pub more: bool,
    /// Ids of the subject's own applications, not of those they only helped with.
    pub own: Vec<String>,
    /// Whom and what the events are about.
    pub about: About,
}

/// Finds the subject; `None` when there is no such application, or nothing is known of the account. With
/// the key of the log an account's applications that went when their time was over are found, too.
///
/// # Errors
/// When the database cannot be read.
pub fn find(
    db: &mut Db,
    subject: &Subject,
    key: Option<&CheckpointKey>,
) -> QueryResult<Option<Known>> {
    match subject {
        Subject::Application(number) => of_application(db, number),
        Subject::Account(id) => of_account(db, id, key),
    }
}

fn of_application(db: &mut Db, number: &str) -> QueryResult<Option<Known>> {
    use applications as a;
    let row: Option<(String, Option<String>, String)> = a::table
        .filter(a::number.eq(number))
        .select((a::id, a::applicant_account, a::applicant_name))
        .first(db)
        .optional()?;
    let row = match row {
        Some(row) => Some(row),
        // Of one that went, the logs are left, and nobody's name.
        None => retention::gone(db, number)?.map(|id| (id, None, String::new())),
    };
    let Some((id, account, name)) = row else { return Ok(None) };
    let objects = objects(db, std::slice::from_ref(&id))?;
    Ok(Some(Known {
        own: vec![id.clone()],
        application: Some(id),
        account,
        name,
        numbers: vec![number.to_owned()],
        more: false,
        about: About { actors: Vec::new(), objects },
    }))
}

/// Everything of an account: what the person did, wherever, and whatever was done to their account and
/// their applications. Of an application that they filled in for somebody else or co-signed only what they
/// did themselves: the rest is another person's.
fn of_account(
    db: &mut Db,
    account: &str,
    key: Option<&CheckpointKey>,
) -> QueryResult<Option<Known>> {
    use applications as a;
    let mut rows: Vec<(String, String, String)> = a::table
        .filter(a::applicant_account.eq(account))
        .order(a::arrived_at.desc())
        .limit(MOST + 1)
        .select((a::id, a::number, a::applicant_name))
        .load(db)?;
    let more = i64::try_from(rows.len()).is_ok_and(|rows| rows > MOST);
    rows.truncate(usize::try_from(MOST).unwrap_or(usize::MAX));
    let name = rows.first().map_or_else(String::new, |row| row.2.clone());
    let (mut ids, numbers): (Vec<String>, Vec<String>) =
        rows.into_iter().map(|(id, number, _)| (id, number)).unzip();
    let gone = key.map_or(Ok(Vec::new()), |key| retention::gone_of(db, key, account, MOST + 1))?;
    let more = more || i64::try_from(gone.len()).is_ok_and(|gone| gone > MOST);
    ids.extend(gone);
    let own = ids.clone();
    let person = format!("account:{account}");
    let mut objects = objects(db, &ids)?;
    objects.push(person.clone());
    let about = About { actors: vec![person], objects };
    let account = Some(account.to_owned());
    let known = Known { application: None, account, name, numbers, more, own, about };
    // An account that never applied is known by its events alone.
    let filter = platform_audit::Filter { about: Some(known.about.clone()), ..Default::default() };
    let some = !known.numbers.is_empty() || !ids.is_empty();
    let some = some || !super::look(db, None, &filter, None, 1)?.is_empty();
    Ok(some.then_some(known))
}

/// The applications and the documents issued for them, as the logs name them.
fn objects(db: &mut Db, ids: &[String]) -> QueryResult<Vec<String>> {
    use issued_documents as d;
    let mut objects = BTreeSet::new();
    for some in ids.chunks(500) {
        let documents: Vec<String> =
            d::table.filter(d::application_id.eq_any(some)).select(d::id).load(db)?;
        objects.extend(documents.iter().map(|id| format!("document:{id}")));
        objects.extend(some.iter().map(|id| format!("application:{id}")));
    }
    Ok(objects.into_iter().collect())
}
