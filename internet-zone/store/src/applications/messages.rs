//! What a citizen and staff write to each other about an application. The words are sealed; the
//! staff zone has them too.

use diesel::prelude::*;
use platform_store::{Db, Tx, each_backend};

use super::withdraw;
use crate::identity::tries;
use crate::post::{self, Letter};
use crate::record::{Act, By, record};
use crate::schema::messages;

/// Messages of one application a day, at most.
pub const A_DAY: i64 = 20;

/// Who wrote.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Writer {
    /// The applicant.
    Applicant,
    /// Who acts for the applicant.
    Delegate,
    /// The department.
    Staff,
}

impl Writer {
    const fn word(self) -> &'static str {
        match self {
            Self::Applicant => "applicant",
            Self::Delegate => "delegate",
            Self::Staff => "staff",
        }
    }

    fn from_word(word: &str) -> Self {
        let all = [Self::Applicant, Self::Delegate, Self::Staff];
        all.into_iter().find(|writer| writer.word() == word).unwrap_or(Self::Staff)
    }
}

/// One message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// Identifier; its words are sealed for it.
    pub id: String,
    /// The application.
    pub application_id: String,
    /// When, microseconds.
    pub at: i64,
    /// Who wrote.
    pub writer: Writer,
    /// Sealed words.
    pub words_sealed: Vec<u8>,
}

/// What became of a message of a citizen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Written {
    /// It is on its way.
    Yes,
    /// It was sent before; nothing was done.
    Before,
    /// Too many today; nothing was done.
    TooMany,
}

/// Keeps a message of a citizen and sends it. `subject` counts those of the application today.
///
/// # Errors
/// When the database cannot be written.
pub fn from_citizen(
    tx: &mut Tx<'_>,
    by: &By,
    new: &Message,
    (letter, subject): (Letter, &[u8]),
) -> QueryResult<Written> {
    let known: i64 = messages::table.find(&new.id).count().get_result(tx.db)?;
    if known > 0 {
        return Ok(Written::Before);
    }
    if !tries::count_to(tx, subject, A_DAY, new.at)? {
        return Ok(Written::TooMany);
    }
    insert(tx, new)?;
    post::send(tx, letter, None, new.at)?;
    record(tx, by, Act::Wrote, &new.application_id);
    Ok(Written::Yes)
}

/// Takes over a message of staff. `false` when there is no such application here.
///
/// # Errors
/// When the database cannot be written.
pub fn from_staff(tx: &mut Tx<'_>, by: &By, new: &Message) -> QueryResult<bool> {
    if withdraw::state_of(tx, &new.application_id)?.is_none() {
        return Ok(false);
    }
    insert(tx, new)?;
    record(tx, by, Act::StaffWrote, &new.application_id);
    Ok(true)
}

fn insert(tx: &mut Tx<'_>, new: &Message) -> QueryResult<()> {
    let row = (
        messages::id.eq(&new.id),
        messages::application_id.eq(&new.application_id),
        messages::at.eq(new.at),
        messages::writer.eq(new.writer.word()),
        messages::words_sealed.eq(&new.words_sealed),
    );
    each_backend!(tx.db, conn => diesel::insert_into(messages::table)
        .values(row).on_conflict_do_nothing().execute(conn))?;
    Ok(())
}

/// The messages of an application, oldest first.
///
/// # Errors
/// When the database cannot be read.
pub fn of(db: &mut Db, application_id: &str) -> QueryResult<Vec<Message>> {
    let rows: Vec<(String, String, i64, String, Vec<u8>)> = messages::table
        .filter(messages::application_id.eq(application_id))
        .order((messages::at, messages::id))
        .select((
            messages::id,
            messages::application_id,
            messages::at,
            messages::writer,
            messages::words_sealed,
        ))
        .load(db)?;
    let message = |(id, application_id, at, writer, words_sealed): (_, _, _, String, _)| Message {
        id,
        application_id,
        at,
        writer: Writer::from_word(&writer),
        words_sealed,
    };
    Ok(rows.into_iter().map(message).collect())
}
