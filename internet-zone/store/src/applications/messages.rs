//! What a citizen and staff write to each other about an application. The words are sealed; the
//! staff zone has them too. Of files a citizen sent with them this zone keeps the names; those of
//! staff are documents.

use diesel::dsl::max;
use diesel::prelude::*;
use platform_store::{Db, Tx, each_backend};

use super::{drafts, withdraw};
use crate::identity::tries;
use crate::post::{self, Letter};
use crate::record::{Act, By, record, record_with};
use crate::schema::{applications, message_files, messages};

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
    pub(super) const fn word(self) -> &'static str {
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
    /// How many files staff said come with it, each a document of this message.
    pub files: i32,
}

/// A file that a citizen sent with a message. Its bytes went across.
#[derive(Clone, Debug, PartialEq, Eq, Queryable)]
pub struct MessageFile {
    /// Identifier of the attachment.
    pub id: String,
    /// The message.
    pub message_id: String,
    /// Sealed name.
    pub name_sealed: Vec<u8>,
    /// Bytes as sent.
    pub size: i64,
    /// Why it could not be taken over.
    pub held: Option<String>,
}

/// What a message was written in: its draft, which ends when it is sent, and its files.
#[derive(Debug)]
pub struct Enclosed {
    /// The draft that holds them, and the version that was read.
    pub draft: (String, i64),
    /// What is kept of them.
    pub files: Vec<MessageFile>,
    /// Them, sealed; `None` when there are none.
    pub letter: Option<Letter>,
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
    /// Another window changed the draft; nothing was done.
    Outdated,
}

/// Keeps a message of a citizen and sends it, with the files of its draft, which ends. `subject`
/// counts those of the application today.
///
/// # Errors
/// When the database cannot be written.
pub fn from_citizen(
    tx: &mut Tx<'_>,
    by: &By,
    new: &Message,
    (letter, subject): (Letter, &[u8]),
    enclosed: Option<Enclosed>,
) -> QueryResult<Written> {
    if is_there(tx.db, &new.id)? {
        return Ok(Written::Before);
    }
    if let Some(Enclosed { draft: (draft, version), .. }) = &enclosed
        && !drafts::hold(tx, draft, *version)?
    {
        return Ok(Written::Outdated);
    }
    if !tries::count_to(tx, subject, A_DAY, new.at)? {
        return Ok(Written::TooMany);
    }
    insert(tx, new)?;
    post::send(tx, letter, None, new.at)?;
    let mut detail = String::new();
    if let Some(Enclosed { draft: (draft, _), files, letter }) = enclosed {
        for file in &files {
            insert_file(tx, file)?;
        }
        if let Some(letter) = letter {
            post::send(tx, letter, None, new.at)?;
            detail = format!("files={}", files.len());
        }
        drafts::remove(tx, &draft)?;
    }
    record_with(tx, by, Act::Wrote, &new.application_id, detail);
    Ok(Written::Yes)
}

/// Whether a message was kept.
///
/// # Errors
/// When the database cannot be read.
pub fn is_there(db: &mut Db, id: &str) -> QueryResult<bool> {
    let known: i64 = messages::table.find(id).count().get_result(db)?;
    Ok(known > 0)
}

/// When the department wrote last about an application, microseconds.
///
/// # Errors
/// When the database cannot be read.
pub fn newest_of_staff(db: &mut Db, application_id: &str) -> QueryResult<Option<i64>> {
    messages::table
        .filter(messages::application_id.eq(application_id))
        .filter(messages::writer.eq(Writer::Staff.word()))
        .select(max(messages::at))
        .first(db)
}

/// Notes that the owner has read what the department wrote until `at`.
///
/// # Errors
/// When the database cannot be written.
pub fn read(tx: &mut Tx<'_>, application_id: &str, at: i64) -> QueryResult<usize> {
    let unread = applications::table.find(application_id).filter(applications::read_at.lt(at));
    diesel::update(unread).set(applications::read_at.eq(at)).execute(tx.db)
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
        messages::files.eq(new.files),
    );
    each_backend!(tx.db, conn => diesel::insert_into(messages::table)
        .values(row).on_conflict_do_nothing().execute(conn))?;
    Ok(())
}

fn insert_file(tx: &mut Tx<'_>, file: &MessageFile) -> QueryResult<usize> {
    diesel::insert_into(message_files::table)
        .values((
            message_files::id.eq(&file.id),
            message_files::message_id.eq(&file.message_id),
            message_files::name_sealed.eq(&file.name_sealed),
            message_files::size.eq(file.size),
            message_files::held.eq(&file.held),
        ))
        .execute(tx.db)
}

/// Notes why a file of a message could not be taken over. `false` when it is of no message.
pub(super) fn file_held(tx: &mut Tx<'_>, file: &str, reason: &str) -> QueryResult<bool> {
    diesel::update(message_files::table.find(file))
        .set(message_files::held.eq(reason))
        .execute(tx.db)
        .map(|changed| changed == 1)
}

/// The files that citizens sent with the messages of an application, in the order they were added.
///
/// # Errors
/// When the database cannot be read.
pub fn files_of(db: &mut Db, application_id: &str) -> QueryResult<Vec<MessageFile>> {
    message_files::table
        .inner_join(messages::table.on(messages::id.eq(message_files::message_id)))
        .filter(messages::application_id.eq(application_id))
        .order(message_files::id)
        .select((
            message_files::id,
            message_files::message_id,
            message_files::name_sealed,
            message_files::size,
            message_files::held,
        ))
        .load(db)
}

/// The messages of an application, oldest first.
///
/// # Errors
/// When the database cannot be read.
pub fn of(db: &mut Db, application_id: &str) -> QueryResult<Vec<Message>> {
    let rows: Vec<(String, String, i64, String, Vec<u8>, i32)> = messages::table
        .filter(messages::application_id.eq(application_id))
        .order((messages::at, messages::id))
        .select((
            messages::id,
            messages::application_id,
            messages::at,
            messages::writer,
            messages::words_sealed,
            messages::files,
        ))
        .load(db)?;
    let message =
        |(id, application_id, at, writer, words_sealed, files): (_, _, _, String, _, _)| Message {
            id,
            application_id,
            at,
            writer: Writer::from_word(&writer),
            words_sealed,
            files,
        };
    Ok(rows.into_iter().map(message).collect())
}
