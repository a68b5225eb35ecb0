//! 通知文のひな形: what a department writes when it tells a result, of one procedure or of all of its own
//! (NF-47).

use diesel::prelude::*;
use platform_store::{Db, Tx, each_backend};
use serde::{Deserialize, Serialize};

use crate::record::By;
use crate::schema::notice_templates;

/// Most of a procedure, and most of a department.
pub const MOST: usize = 100;
/// Longest name in characters.
pub const LONGEST_NAME: usize = 40;

/// What is written, with places to be filled in (`domain::forms::notice`).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Words {
    /// What staff call it.
    pub name: String,
    /// 件名.
    pub title: String,
    /// 宛名.
    pub addressee: String,
    /// 本文.
    pub body: String,
    /// What the applicant reads on the page beside the document; may be empty.
    pub note: String,
    /// Whether it tells a refusal (却下, 不受理), with its reasons and the 教示.
    #[serde(default)]
    pub refusal: bool,
}

/// One of them.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = notice_templates)]
pub struct Template {
    /// Identifier.
    pub id: String,
    /// Whose, when it is for every procedure of a department.
    pub department_id: Option<String>,
    /// Of which procedure, when it is for one.
    pub procedure_id: Option<String>,
    /// What staff call it.
    pub name: String,
    /// 件名.
    pub title: String,
    /// 宛名.
    pub addressee: String,
    /// 本文.
    pub body: String,
    /// ひとこと.
    pub note: String,
    /// Counts up with every change.
    pub version: i32,
    /// When it was changed last, microseconds.
    pub changed_at: i64,
    /// By whom.
    pub changed_by: String,
    /// Their name.
    pub changed_by_name: String,
    /// Whether it tells a refusal.
    pub refusal: bool,
}

impl Template {
    /// Its words.
    #[must_use]
    pub fn words(&self) -> Words {
        Words {
            name: self.name.clone(),
            title: self.title.clone(),
            addressee: self.addressee.clone(),
            body: self.body.clone(),
            note: self.note.clone(),
            refusal: self.refusal,
        }
    }

    /// Whether it is for applications of this procedure that lie with this department.
    #[must_use]
    pub fn fits(&self, procedure: &str, department: &str) -> bool {
        match &self.procedure_id {
            Some(own) => own == procedure,
            None => self.department_id.as_deref() == Some(department),
        }
    }
}

/// What came of keeping one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kept {
    /// It is kept.
    Done,
    /// There is another one of this name for the same applications.
    NameTaken,
    /// There are [`MOST`] already.
    Full,
    /// Somebody else changed it since; this is how it is now.
    Overtaken(Box<Template>),
    /// Somebody else dropped it since.
    Gone,
}

/// Those of these departments and of these procedures, by name.
///
/// # Errors
/// When the database cannot be read.
pub fn of(
    db: &mut Db,
    departments: &[String],
    procedures: &[String],
) -> QueryResult<Vec<Template>> {
    notice_templates::table
        .filter(
            notice_templates::department_id
                .eq_any(departments)
                .or(notice_templates::procedure_id.eq_any(procedures)),
        )
        .order((notice_templates::name, notice_templates::id))
        .select(Template::as_select())
        .load(db)
}

/// Texts of refusals for an application of this procedure at this department: those of the procedure first. The
/// first one goes with a refusal unless somebody chooses another one.
///
/// # Errors
/// When the database cannot be read.
pub fn refusals(db: &mut Db, department: &str, procedure: &str) -> QueryResult<Vec<Template>> {
    let mut all = of(db, &[department.to_owned()], &[procedure.to_owned()])?;
    all.retain(|one| one.refusal);
    all.sort_by_key(|one| one.procedure_id.is_none());
    Ok(all)
}

/// One of them.
///
/// # Errors
/// When the database cannot be read.
pub fn find(db: &mut Db, id: &str) -> QueryResult<Option<Template>> {
    notice_templates::table.find(id).select(Template::as_select()).first(db).optional()
}

/// Keeps a new one, of version 1, or one that was changed: its version is the next after the one that
/// was seen.
///
/// # Errors
/// When the database cannot be written.
pub fn keep(tx: &mut Tx<'_>, by: &By, new: &Template) -> QueryResult<Kept> {
    let there = of(tx.db, new.department_id.as_slice(), new.procedure_id.as_slice())?;
    if there.iter().any(|one| one.name == new.name && one.id != new.id) {
        return Ok(Kept::NameTaken);
    }
    if new.version > 1 {
        let seen = notice_templates::table
            .find(&new.id)
            .filter(notice_templates::version.eq(new.version - 1));
        if diesel::update(seen).set(new).execute(tx.db)? == 0 {
            let now = find(tx.db, &new.id)?;
            return Ok(now.map_or(Kept::Gone, |now| Kept::Overtaken(Box::new(now))));
        }
    } else if there.len() >= MOST {
        return Ok(Kept::Full);
    } else {
        let kept = each_backend!(tx.db, conn => diesel::insert_into(notice_templates::table)
            .values(new).on_conflict_do_nothing().execute(conn))?;
        if kept == 0 {
            let now = find(tx.db, &new.id)?;
            return Ok(now.map_or(Kept::Gone, |now| Kept::Overtaken(Box::new(now))));
        }
    }
    let detail = format!("version={} {}", new.version, new.name);
    by.record(tx, "templates.kept", "template", &new.id, &detail);
    Ok(Kept::Done)
}

/// Drops one. A batch that was looked at with it keeps its words.
///
/// # Errors
/// When the database cannot be written.
pub fn drop_it(tx: &mut Tx<'_>, by: &By, template: &Template) -> QueryResult<()> {
    if diesel::delete(notice_templates::table.find(&template.id)).execute(tx.db)? == 1 {
        by.record(tx, "templates.dropped", "template", &template.id, &template.name);
    }
    Ok(())
}

/// Takes those of a department over to another with all it has; one of the same name there stays.
pub(crate) fn hand(tx: &mut Tx<'_>, from: &str, to: &str) -> QueryResult<()> {
    let there = of(tx.db, &[to.to_owned()], &[])?;
    for one in of(tx.db, &[from.to_owned()], &[])? {
        let at = notice_templates::table.find(&one.id);
        if there.iter().any(|other| other.name == one.name) {
            diesel::delete(at).execute(tx.db)?;
        } else {
            diesel::update(at).set(notice_templates::department_id.eq(to)).execute(tx.db)?;
        }
    }
    Ok(())
}
