//! Files that come in pieces (NF-56). Every piece lies sealed in the folder before its
//! row is there, and the next one begins where the last one ended.
//!
//! ```text
//!  begin ─► piece at 0 ─► piece at 1 MiB ─► … ─► whole: becomes a file of the draft
//!              │  the offset is compared and moved in one statement
//!              └  what breaks off is asked for and goes on; what nobody goes on with ends
//! ```

use diesel::prelude::*;
use platform_store::{Db, Tx, each_backend};

use crate::schema::{doomed_files, drafts, upload_pieces, upload_room, uploads};

/// Unfinished files of one person.
pub const MOST: i64 = 10;
/// Bytes of the unfinished files of one person.
pub const MOST_BYTES: i64 = 200 * 1_000_000;
/// Bytes of the unfinished files of everybody.
pub const MOST_OF_ALL: i64 = 4_000 * 1_000_000;
/// Whom the room of everybody stands for.
const ALL: &str = "all";

/// A file to begin.
#[derive(Clone, Debug)]
pub struct NewUpload {
    /// Identifier.
    pub id: String,
    /// The draft it is for.
    pub draft_id: String,
    /// Who sends it, as the operation log names them.
    pub owner: String,
    /// Input it answers.
    pub input: String,
    /// Keyed hash of what the browser knows the file by: it is found again by that.
    pub mark: Vec<u8>,
    /// Sealed name.
    pub name_sealed: Vec<u8>,
    /// Bytes it will have.
    pub size: i64,
    /// Microseconds.
    pub at: i64,
    /// Microseconds; forgotten then unless a piece comes.
    pub expires_at: i64,
}

/// A file that is not whole yet.
#[derive(Clone, Debug, PartialEq, Eq, Queryable)]
pub struct Unfinished {
    /// Identifier.
    pub id: String,
    /// Who sends it.
    pub owner: String,
    /// Input it answers.
    pub input: String,
    /// Sealed name.
    pub name_sealed: Vec<u8>,
    /// Bytes it will have.
    pub size: i64,
    /// Bytes that are durable.
    pub received: i64,
}

macro_rules! columns {
    () => {
        (
            uploads::id,
            uploads::owner,
            uploads::input,
            uploads::name_sealed,
            uploads::size,
            uploads::received,
        )
    };
}

/// What became of a beginning.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Begun {
    /// Nothing of it is here yet.
    New,
    /// The same file was begun before: go on there.
    Before(Unfinished),
    /// Too many unfinished files, or too large ones.
    NoRoom,
}

/// Begins a file, or finds it again.
///
/// # Errors
/// When the database cannot be written.
pub fn begin(tx: &mut Tx<'_>, new: &NewUpload) -> QueryResult<Begun> {
    let before = uploads::table
        .filter(uploads::draft_id.eq(&new.draft_id))
        .filter(uploads::owner.eq(&new.owner))
        .filter(uploads::input.eq(&new.input))
        .filter(uploads::mark.eq(&new.mark))
        .filter(uploads::size.eq(new.size))
        .filter(uploads::expires_at.gt(new.at))
        .select(columns!())
        .first(tx.db)
        .optional()?;
    if let Some(before) = before {
        return Ok(Begun::Before(before));
    }
    if !take_room(tx.db, &new.owner, new.size, (MOST, MOST_BYTES))? {
        return Ok(Begun::NoRoom);
    }
    if !take_room(tx.db, ALL, new.size, (i64::MAX, MOST_OF_ALL))? {
        give_room(tx.db, &new.owner, new.size)?;
        return Ok(Begun::NoRoom);
    }
    diesel::insert_into(uploads::table)
        .values((
            uploads::id.eq(&new.id),
            uploads::draft_id.eq(&new.draft_id),
            uploads::owner.eq(&new.owner),
            uploads::input.eq(&new.input),
            uploads::mark.eq(&new.mark),
            uploads::name_sealed.eq(&new.name_sealed),
            uploads::size.eq(new.size),
            uploads::received.eq(0),
            uploads::expires_at.eq(new.expires_at),
        ))
        .execute(tx.db)?;
    Ok(Begun::New)
}

/// Takes room for one file in one statement; `false` when there is none.
fn take_room(db: &mut Db, owner: &str, size: i64, (most, bytes): (i64, i64)) -> QueryResult<bool> {
    let row = (upload_room::owner.eq(owner), upload_room::files.eq(0), upload_room::bytes.eq(0));
    each_backend!(db, conn => diesel::insert_into(upload_room::table)
        .values(row).on_conflict_do_nothing().execute(conn))?;
    let room = upload_room::table
        .find(owner)
        .filter(upload_room::files.lt(most))
        .filter(upload_room::bytes.le(bytes - size));
    let taken = diesel::update(room)
        .set((
            upload_room::files.eq(upload_room::files + 1),
            upload_room::bytes.eq(upload_room::bytes + size),
        ))
        .execute(db)?;
    Ok(taken == 1)
}

fn give_room(db: &mut Db, owner: &str, size: i64) -> QueryResult<()> {
    diesel::update(upload_room::table.find(owner))
        .set((
            upload_room::files.eq(upload_room::files - 1),
            upload_room::bytes.eq(upload_room::bytes - size),
        ))
        .execute(db)?;
    let empty = upload_room::table.find(owner).filter(upload_room::files.le(0));
    diesel::delete(empty.filter(upload_room::owner.ne(ALL))).execute(db)?;
    Ok(())
}

/// An unfinished file of a draft that `owner` began.
///
/// # Errors
/// When the database cannot be read.
pub fn find(
    db: &mut Db,
    (draft_id, owner): (&str, &str),
    id: &str,
    now: i64,
) -> QueryResult<Option<Unfinished>> {
    uploads::table
        .find(id)
        .filter(uploads::draft_id.eq(draft_id))
        .filter(uploads::owner.eq(owner))
        .filter(uploads::expires_at.gt(now))
        .select(columns!())
        .first(db)
        .optional()
}

/// A piece whose sealed bytes lie in the folder.
#[derive(Clone, Debug)]
pub struct Piece {
    /// Name in the folder.
    pub id: String,
    /// First byte of the file that it holds.
    pub at: i64,
    /// Bytes.
    pub size: i64,
}

/// Names a piece and moves the offset on; `false` when the file does not go on there (any
/// more): the piece in the folder belongs to nobody then.
///
/// # Errors
/// When the database cannot be written.
pub fn append(tx: &mut Tx<'_>, upload: &str, piece: &Piece, expires_at: i64) -> QueryResult<bool> {
    let end = piece.at + piece.size;
    let goes_on = uploads::table
        .find(upload)
        .filter(uploads::received.eq(piece.at))
        .filter(uploads::size.ge(end));
    let moved = diesel::update(goes_on)
        .set((uploads::received.eq(end), uploads::expires_at.eq(expires_at)))
        .execute(tx.db)?;
    if moved == 0 {
        doom(tx, &piece.id)?;
        return Ok(false);
    }
    diesel::insert_into(upload_pieces::table)
        .values((
            upload_pieces::upload_id.eq(upload),
            upload_pieces::first.eq(piece.at),
            upload_pieces::file_id.eq(&piece.id),
        ))
        .execute(tx.db)?;
    Ok(true)
}

/// The pieces of a file in their order, by their names in the folder.
///
/// # Errors
/// When the database cannot be read.
pub fn pieces(db: &mut Db, upload: &str) -> QueryResult<Vec<String>> {
    upload_pieces::table
        .filter(upload_pieces::upload_id.eq(upload))
        .order(upload_pieces::first)
        .select(upload_pieces::file_id)
        .load(db)
}

/// Forgets an unfinished file and dooms its pieces; `false` when it was gone.
///
/// # Errors
/// When the database cannot be written.
pub fn remove(tx: &mut Tx<'_>, id: &str) -> QueryResult<bool> {
    let found: Option<(String, i64)> =
        uploads::table.find(id).select((uploads::owner, uploads::size)).first(tx.db).optional()?;
    let Some((owner, size)) = found else { return Ok(false) };
    if diesel::delete(uploads::table.find(id)).execute(tx.db)? == 0 {
        return Ok(false);
    }
    for piece in pieces(tx.db, id)? {
        doom(tx, &piece)?;
    }
    diesel::delete(upload_pieces::table.filter(upload_pieces::upload_id.eq(id))).execute(tx.db)?;
    give_room(tx.db, &owner, size)?;
    give_room(tx.db, ALL, size)?;
    Ok(true)
}

fn doom(tx: &mut Tx<'_>, file: &str) -> QueryResult<()> {
    let row = doomed_files::id.eq(file);
    each_backend!(tx.db, conn => diesel::insert_into(doomed_files::table)
        .values(row).on_conflict_do_nothing().execute(conn))?;
    Ok(())
}

/// Unfinished files that nobody goes on with: their time is over, or their draft is gone.
///
/// # Errors
/// When the database cannot be read.
pub fn over(db: &mut Db, now: i64, limit: i64) -> QueryResult<Vec<String>> {
    uploads::table
        .left_join(drafts::table.on(drafts::id.eq(uploads::draft_id)))
        .filter(uploads::expires_at.le(now).or(drafts::id.nullable().is_null()))
        .limit(limit)
        .select(uploads::id)
        .load(db)
}
