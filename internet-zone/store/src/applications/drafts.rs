//! Unsent answers, sealed by the caller. A save names the version it read, so
//! two windows never overwrite each other in silence (NF-60).

use diesel::prelude::*;
use platform_store::{Db, Tx};

use super::cosigns::{self, Voids};
use super::{holds, together, uploads};
use crate::identity::Owner;
use crate::identity::represented::{self, Represented};
use crate::post::{self, Letter};
use crate::record::{Act, By, record, record_with};
use crate::schema::{doomed_files, draft_files, drafts};

/// The round of a draft that holds what a citizen writes next about an application, with its files;
/// corrections count from 1.
pub const MESSAGE: i64 = 0;

/// A draft to begin.
#[derive(Clone, Debug)]
pub struct NewDraft {
    /// Identifier.
    pub id: String,
    /// The procedure.
    pub procedure_id: String,
    /// The revision it begins with.
    pub revision: i64,
    /// Whose it is.
    pub owner: Owner,
    /// The account that begins it for the owner, an account too (NF-16).
    pub delegate: Option<String>,
    /// For a correction: the application and the round. Round [`MESSAGE`] is the next message.
    pub correction: Option<(String, i64)>,
    /// Sealed answers: prefilled or empty.
    pub answers_sealed: Vec<u8>,
    /// Microseconds; deleted then unless it is saved before.
    pub expires_at: i64,
}

/// A draft as stored.
#[derive(Clone, Debug)]
pub struct Draft {
    /// Identifier.
    pub id: String,
    /// The procedure.
    pub procedure_id: String,
    /// The revision it was last saved with.
    pub revision: i64,
    /// Whose it is.
    pub owner: Owner,
    /// For a correction: the application and the round. Round [`MESSAGE`] is the next message.
    pub correction: Option<(String, i64)>,
    /// Sealed answers.
    pub answers_sealed: Vec<u8>,
    /// Counts the saves.
    pub version: i64,
    /// How many pages have been answered.
    pub reached: i64,
    /// Last save, microseconds.
    pub updated_at: i64,
    /// Microseconds; deleted then.
    pub expires_at: i64,
}

impl Draft {
    /// Whether it holds what is written next about an application.
    #[must_use]
    pub fn is_message(&self) -> bool {
        self.correction.as_ref().is_some_and(|(_, round)| *round == MESSAGE)
    }
}

/// A file of a draft. Its bytes lie sealed in the folder under `id`.
#[derive(Clone, Debug, PartialEq, Eq, Queryable)]
pub struct DraftFile {
    /// Identifier of the attachment and of the file in the folder.
    pub id: String,
    /// Input it answers.
    pub input: String,
    /// Sealed name.
    pub name_sealed: Vec<u8>,
    /// Kind found in the bytes.
    pub media: String,
    /// Bytes.
    pub size: i64,
    /// Of the bytes as sent.
    pub sha256: Vec<u8>,
    /// What the look before sending said.
    pub look: String,
    /// Sealed password that opens it.
    pub password_sealed: Option<Vec<u8>>,
}

/// Holds a draft that still has this version until the transaction ends: who saves, answers or sends
/// it waits. `false` when it has another one, or is gone.
pub(crate) fn hold(tx: &mut Tx<'_>, id: &str, version: i64) -> QueryResult<bool> {
    diesel::update(drafts::table.find(id).filter(drafts::version.eq(version)))
        .set(drafts::version.eq(version))
        .execute(tx.db)
        .map(|held| held == 1)
}

/// Moves the version on: what was read before is outdated.
pub(super) fn turn(tx: &mut Tx<'_>, id: &str) -> QueryResult<usize> {
    diesel::update(drafts::table.find(id))
        .set(drafts::version.eq(drafts::version + 1))
        .execute(tx.db)
}

/// Lets a draft live until then at least.
pub(super) fn prolong(tx: &mut Tx<'_>, id: &str, until: i64) -> QueryResult<usize> {
    diesel::update(drafts::table.find(id).filter(drafts::expires_at.lt(until)))
        .set((drafts::expires_at.eq(until), drafts::warned_at.eq(None::<i64>)))
        .execute(tx.db)
}

/// What became of a save.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Saved {
    /// It is kept.
    Yes,
    /// Another window saved in between, or the draft is gone.
    Outdated,
}

/// Begins a draft.
///
/// # Errors
/// When the database cannot be written.
pub fn begin(tx: &mut Tx<'_>, by: &By, new: &NewDraft) -> QueryResult<()> {
    let (application, round) = new.correction.clone().unzip();
    diesel::insert_into(drafts::table)
        .values((
            drafts::id.eq(&new.id),
            drafts::procedure_id.eq(&new.procedure_id),
            drafts::revision.eq(new.revision),
            drafts::account_id.eq(new.owner.account()),
            drafts::guest_id.eq(new.owner.guest()),
            drafts::application_id.eq(application),
            drafts::round.eq(round),
            drafts::answers_sealed.eq(&new.answers_sealed),
            drafts::created_at.eq(by.at),
            drafts::updated_at.eq(by.at),
            drafts::expires_at.eq(new.expires_at),
        ))
        .execute(tx.db)?;
    let mut detail = String::new();
    if let (Some(delegate), Owner::Account(principal)) = (&new.delegate, &new.owner) {
        let begun = Represented {
            draft_id: new.id.clone(),
            principal_id: principal.clone(),
            delegate_id: delegate.clone(),
        };
        represented::begin(tx, &begun, by.at)?;
        detail = format!("for=account:{principal}");
    }
    record_with(tx, by, Act::DraftBegun, &new.id, detail);
    Ok(())
}

/// Begins a draft and asks the staff zone for the answers it shall start with.
///
/// # Errors
/// When the database cannot be written.
pub fn begin_from(tx: &mut Tx<'_>, by: &By, new: &NewDraft, asks: Letter) -> QueryResult<()> {
    begin(tx, by, new)?;
    post::send(tx, asks, None, by.at)
}

type Row = (
    String,
    String,
    i64,
    Option<String>,
    Option<String>,
    Option<String>,
    Option<i64>,
    Vec<u8>,
    i64,
    i64,
    i64,
    i64,
);

fn draft(row: Row) -> Option<Draft> {
    let (
        id,
        procedure_id,
        revision,
        account,
        guest,
        application,
        round,
        answers_sealed,
        version,
        reached,
        updated_at,
        expires_at,
    ) = row;
    Some(Draft {
        id,
        procedure_id,
        revision,
        owner: Owner::from_columns(account, guest)?,
        correction: application.zip(round),
        answers_sealed,
        version,
        reached,
        updated_at,
        expires_at,
    })
}

macro_rules! columns {
    () => {
        (
            drafts::id,
            drafts::procedure_id,
            drafts::revision,
            drafts::account_id,
            drafts::guest_id,
            drafts::application_id,
            drafts::round,
            drafts::answers_sealed,
            drafts::version,
            drafts::reached,
            drafts::updated_at,
            drafts::expires_at,
        )
    };
}

/// A draft that has not expired, with its files.
///
/// # Errors
/// When the database cannot be read.
pub fn find(db: &mut Db, id: &str, now: i64) -> QueryResult<Option<(Draft, Vec<DraftFile>)>> {
    let row: Option<Row> = drafts::table
        .find(id)
        .filter(drafts::expires_at.gt(now))
        .select(columns!())
        .first(db)
        .optional()?;
    let Some(found) = row.and_then(draft) else { return Ok(None) };
    let files = files(db, id)?;
    Ok(Some((found, files)))
}

/// The drafts of one person, last saved first.
///
/// # Errors
/// When the database cannot be read.
pub fn of(db: &mut Db, owner: &Owner, now: i64) -> QueryResult<Vec<Draft>> {
    let live = drafts::table
        .filter(drafts::expires_at.gt(now))
        .order(drafts::updated_at.desc())
        .limit(200);
    let rows: Vec<Row> = match owner {
        Owner::Account(id) => live.filter(drafts::account_id.eq(id)).select(columns!()).load(db)?,
        Owner::Guest(id) => live.filter(drafts::guest_id.eq(id)).select(columns!()).load(db)?,
    };
    Ok(rows.into_iter().filter_map(draft).collect())
}

/// Everything unsent of an account, corrections and messages included, whatever its time.
pub(crate) fn all_of(db: &mut Db, account: &str) -> QueryResult<Vec<Draft>> {
    let rows: Vec<Row> = drafts::table
        .filter(drafts::account_id.eq(account))
        .order(drafts::updated_at.desc())
        .select(columns!())
        .load(db)?;
    Ok(rows.into_iter().filter_map(draft).collect())
}

/// The drafts among these, whoever owns them, last saved first.
///
/// # Errors
/// When the database cannot be read.
pub fn among(db: &mut Db, ids: &[String], now: i64) -> QueryResult<Vec<Draft>> {
    let rows: Vec<Row> = drafts::table
        .filter(drafts::id.eq_any(ids))
        .filter(drafts::expires_at.gt(now))
        .order(drafts::updated_at.desc())
        .select(columns!())
        .load(db)?;
    Ok(rows.into_iter().filter_map(draft).collect())
}

/// The version of a draft that is still there, and its files: one question, for
/// the transaction that accepts it.
pub(super) fn standing(db: &mut Db, id: &str) -> QueryResult<Option<(i64, Vec<String>)>> {
    let rows: Vec<(i64, Option<String>)> = drafts::table
        .left_join(draft_files::table.on(draft_files::draft_id.eq(drafts::id)))
        .filter(drafts::id.eq(id))
        .select((drafts::version, draft_files::id.nullable()))
        .load(db)?;
    let version = rows.first().map(|(version, _)| *version);
    let files = rows.into_iter().filter_map(|(_, file)| file).collect();
    Ok(version.map(|version| (version, files)))
}

/// The draft of one correction round, if it was begun.
///
/// # Errors
/// When the database cannot be read.
pub fn of_correction(db: &mut Db, application_id: &str, round: i64) -> QueryResult<Option<String>> {
    drafts::table
        .filter(drafts::application_id.eq(application_id))
        .filter(drafts::round.eq(round))
        .select(drafts::id)
        .first(db)
        .optional()
}

/// Gives the draft of a correction to whoever proved the right to it now: a guest
/// has another identifier after every look-up.
///
/// # Errors
/// When the database cannot be written.
pub fn rehome(tx: &mut Tx<'_>, id: &str, owner: &Owner) -> QueryResult<()> {
    diesel::update(drafts::table.find(id).filter(drafts::application_id.is_not_null()))
        .set((drafts::account_id.eq(owner.account()), drafts::guest_id.eq(owner.guest())))
        .execute(tx.db)?;
    Ok(())
}

/// The files of a draft in the order they were added.
///
/// # Errors
/// When the database cannot be read.
pub fn files(db: &mut Db, id: &str) -> QueryResult<Vec<DraftFile>> {
    draft_files::table
        .filter(draft_files::draft_id.eq(id))
        .order((draft_files::added_at, draft_files::id))
        .select((
            draft_files::id,
            draft_files::input,
            draft_files::name_sealed,
            draft_files::media,
            draft_files::size,
            draft_files::sha256,
            draft_files::look,
            draft_files::password_sealed,
        ))
        .load(db)
}

/// New content of a draft.
#[derive(Clone, Debug)]
pub struct Save {
    /// The draft.
    pub id: String,
    /// The version that was read.
    pub version: i64,
    /// The revision it was checked with.
    pub revision: i64,
    /// Sealed answers.
    pub answers_sealed: Vec<u8>,
    /// How many pages have been answered.
    pub reached: i64,
    /// Microseconds.
    pub at: i64,
    /// Microseconds; deleted then.
    pub expires_at: i64,
    /// A file to add.
    pub add: Option<DraftFile>,
    /// A file to remove.
    pub remove: Option<String>,
    /// The upload whose pieces became the file to add: they go with this save, once.
    pub finishes: Option<String>,
    /// What it does to those who agreed to the answers before (連署).
    pub voids: Option<Voids>,
}

/// Saves a draft, and a file with it.
///
/// # Errors
/// When the database cannot be written.
pub fn save(tx: &mut Tx<'_>, save: &Save) -> QueryResult<Saved> {
    let changed =
        diesel::update(drafts::table.find(&save.id).filter(drafts::version.eq(save.version)))
            .set((
                drafts::answers_sealed.eq(&save.answers_sealed),
                drafts::revision.eq(save.revision),
                drafts::version.eq(save.version + 1),
                drafts::reached.eq(save.reached),
                drafts::updated_at.eq(save.at),
                drafts::expires_at.eq(save.expires_at),
                drafts::warned_at.eq(None::<i64>),
            ))
            .execute(tx.db)?;
    if changed == 0 {
        return Ok(Saved::Outdated);
    }
    if let Some(file) = &save.add {
        match &save.finishes {
            // Two requests finished it at the same moment: the first one's file counts.
            Some(upload) if !uploads::remove(tx, upload)? => {
                doom(tx, std::slice::from_ref(&file.id))?;
            }
            Some(_) | None => {
                add_file(tx, &save.id, file, save.at)?;
            }
        }
    }
    if let Some(file) = &save.remove {
        doom(tx, std::slice::from_ref(file))?;
        diesel::delete(draft_files::table.find(file).filter(draft_files::draft_id.eq(&save.id)))
            .execute(tx.db)?;
    }
    if let Some(voids) = &save.voids {
        cosigns::void(tx, &save.id, voids)?;
    }
    Ok(Saved::Yes)
}

/// Puts aside, within the sealed answers, what was typed and is not saved: the
/// version moves on, the times stay. [`Saved::Outdated`] when another save came between.
///
/// # Errors
/// When the database cannot be written.
pub fn set_aside(tx: &mut Tx<'_>, (id, version): (&str, i64), sealed: &[u8]) -> QueryResult<Saved> {
    let changed = diesel::update(drafts::table.find(id).filter(drafts::version.eq(version)))
        .set((drafts::answers_sealed.eq(sealed), drafts::version.eq(version + 1)))
        .execute(tx.db)?;
    Ok(if changed == 1 { Saved::Yes } else { Saved::Outdated })
}

/// Brings a draft over to another revision of its procedure: `(revision, reached)`. The version moves on,
/// the times stay. [`Saved::Outdated`] when a save came between.
///
/// # Errors
/// When the database cannot be written.
pub fn move_over(
    tx: &mut Tx<'_>,
    (id, version): (&str, i64),
    (revision, reached): (i64, i64),
    sealed: &[u8],
) -> QueryResult<Saved> {
    let changed = diesel::update(drafts::table.find(id).filter(drafts::version.eq(version)))
        .set((
            drafts::answers_sealed.eq(sealed),
            drafts::revision.eq(revision),
            drafts::reached.eq(reached),
            drafts::version.eq(version + 1),
        ))
        .execute(tx.db)?;
    Ok(if changed == 1 { Saved::Yes } else { Saved::Outdated })
}

fn add_file(tx: &mut Tx<'_>, draft_id: &str, file: &DraftFile, at: i64) -> QueryResult<usize> {
    diesel::insert_into(draft_files::table)
        .values((
            draft_files::id.eq(&file.id),
            draft_files::draft_id.eq(draft_id),
            draft_files::input.eq(&file.input),
            draft_files::name_sealed.eq(&file.name_sealed),
            draft_files::media.eq(&file.media),
            draft_files::size.eq(file.size),
            draft_files::sha256.eq(&file.sha256),
            draft_files::added_at.eq(at),
            draft_files::look.eq(&file.look),
            draft_files::password_sealed.eq(&file.password_sealed),
        ))
        .execute(tx.db)
}

/// Keeps the password that opens a file and what was seen with it. `false` when
/// the file is gone.
///
/// # Errors
/// When the database cannot be written.
pub fn unlock(tx: &mut Tx<'_>, draft_id: &str, file: &DraftFile) -> QueryResult<bool> {
    let target = draft_files::table.find(&file.id).filter(draft_files::draft_id.eq(draft_id));
    diesel::update(target)
        .set((
            draft_files::look.eq(&file.look),
            draft_files::password_sealed.eq(&file.password_sealed),
        ))
        .execute(tx.db)
        .map(|changed| changed == 1)
}

/// Throws a draft away with its files. `false` when it was gone.
///
/// # Errors
/// When the database cannot be written.
pub fn discard(tx: &mut Tx<'_>, by: &By, id: &str) -> QueryResult<bool> {
    holds::drop_of(tx, id, by.at)?;
    represented::forget(tx, id)?;
    together::forget(tx, id)?;
    cosigns::forget(tx, id)?;
    remove(tx, id).inspect(|&removed| {
        if removed {
            record(tx, by, Act::DraftDiscarded, id);
        }
    })
}

/// Deletes the rows of a draft and dooms its files; part of every end of a draft.
pub(super) fn remove(tx: &mut Tx<'_>, id: &str) -> QueryResult<bool> {
    let files: Vec<String> = draft_files::table
        .filter(draft_files::draft_id.eq(id))
        .select(draft_files::id)
        .load(tx.db)?;
    remove_with(tx, id, &files)
}

/// Removes a draft whose files are known.
pub(super) fn remove_with(tx: &mut Tx<'_>, id: &str, files: &[String]) -> QueryResult<bool> {
    doom(tx, files)?;
    diesel::delete(drafts::table.find(id)).execute(tx.db).map(|gone| gone == 1)
}

fn doom(tx: &mut Tx<'_>, files: &[String]) -> QueryResult<()> {
    for file in files {
        diesel::insert_into(doomed_files::table)
            .values(doomed_files::id.eq(file))
            .execute(tx.db)?;
    }
    Ok(())
}

/// Files to delete from the folder.
///
/// # Errors
/// When the database cannot be read.
pub fn doomed(db: &mut Db, limit: i64) -> QueryResult<Vec<String>> {
    doomed_files::table.order(doomed_files::id).limit(limit).select(doomed_files::id).load(db)
}

/// Forgets files that are deleted from the folder.
///
/// # Errors
/// When the database cannot be written.
pub fn buried(tx: &mut Tx<'_>, ids: &[String]) -> QueryResult<usize> {
    diesel::delete(doomed_files::table.filter(doomed_files::id.eq_any(ids))).execute(tx.db)
}

/// Drafts that expired by `now`, each with its procedure and revision.
///
/// # Errors
/// When the database cannot be read.
pub fn expired(db: &mut Db, now: i64, limit: i64) -> QueryResult<Vec<(String, String, i64)>> {
    drafts::table
        .filter(drafts::expires_at.le(now))
        .limit(limit)
        .select((drafts::id, drafts::procedure_id, drafts::revision))
        .load(db)
}

/// Drafts that expire before `before`, whose owners have not been told yet. Nobody
/// saved them since `rested`: who is typing needs no mail.
///
/// # Errors
/// When the database cannot be read.
pub fn expiring(
    db: &mut Db,
    (now, before, rested): (i64, i64, i64),
    limit: i64,
) -> QueryResult<Vec<Draft>> {
    let rows: Vec<Row> = drafts::table
        .filter(drafts::expires_at.gt(now))
        .filter(drafts::updated_at.le(rested))
        .filter(drafts::expires_at.le(before))
        .filter(drafts::warned_at.is_null())
        .limit(limit)
        .select(columns!())
        .load(db)?;
    Ok(rows.into_iter().filter_map(draft).collect())
}

/// Notes that the owner was told. `false` when that was done before.
///
/// # Errors
/// When the database cannot be written.
pub fn warned(tx: &mut Tx<'_>, id: &str, at: i64) -> QueryResult<bool> {
    diesel::update(drafts::table.find(id).filter(drafts::warned_at.is_null()))
        .set(drafts::warned_at.eq(Some(at)))
        .execute(tx.db)
        .map(|changed| changed == 1)
}
