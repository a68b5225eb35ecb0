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
/// Bytes that lie here of the unfinished files of one network.
pub const MOST_OF_NETWORK: i64 = 1_000 * 1_000_000;
/// Bytes that lie here of the unfinished files of everybody.
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
    /// The network it comes from.
    pub network: String,
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
    /// Too many unfinished files of this person, or too large ones.
    NoRoom,
    /// Everybody's unfinished files fill the room; nothing is wrong with this one.
    Full,
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
    for (whose, most) in [(ALL.to_owned(), MOST_OF_ALL), (network(&new.network), MOST_OF_NETWORK)] {
        let full = upload_room::table.find(whose).filter(upload_room::bytes.ge(most));
        if full.count().get_result::<i64>(tx.db)? > 0 {
            return Ok(Begun::Full);
        }
    }
    // What was said counts for the person; the others' room is taken by what came.
    if !take_room(tx.db, &new.owner, (1, new.size), (MOST, MOST_BYTES))? {
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
            uploads::network.eq(&new.network),
            uploads::expires_at.eq(new.expires_at),
        ))
        .execute(tx.db)?;
    Ok(Begun::New)
}

/// Whose room a network's is.
fn network(network: &str) -> String {
    format!("network:{network}")
}

/// Takes room for so many files and bytes in one statement; `false` when there is none.
fn take_room(
    db: &mut Db,
    owner: &str,
    (files, size): (i64, i64),
    (most, bytes): (i64, i64),
) -> QueryResult<bool> {
    let row = (upload_room::owner.eq(owner), upload_room::files.eq(0), upload_room::bytes.eq(0));
    each_backend!(db, conn => diesel::insert_into(upload_room::table)
        .values(row).on_conflict_do_nothing().execute(conn))?;
    let room = upload_room::table
        .find(owner)
        .filter(upload_room::files.le(most - files))
        .filter(upload_room::bytes.le(bytes - size));
    let taken = diesel::update(room)
        .set((
            upload_room::files.eq(upload_room::files + files),
            upload_room::bytes.eq(upload_room::bytes + size),
        ))
        .execute(db)?;
    Ok(taken == 1)
}

fn give_room(db: &mut Db, owner: &str, (files, size): (i64, i64)) -> QueryResult<()> {
    diesel::update(upload_room::table.find(owner))
        .set((
            upload_room::files.eq(upload_room::files - files),
            upload_room::bytes.eq(upload_room::bytes - size),
        ))
        .execute(db)?;
    let empty = upload_room::table.find(owner).filter(upload_room::files.le(0));
    diesel::delete(empty.filter(upload_room::bytes.le(0))).execute(db)?;
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

/// What became of a piece.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Appended {
    /// It is named; the file goes on behind it.
    Yes,
    /// The file does not go on there (any more): the piece in the folder belongs to nobody.
    Elsewhere,
    /// There is no room for it: the same.
    Full,
}

/// Names a piece, takes its room and moves the offset on.
///
/// # Errors
/// When the database cannot be written.
pub fn append(
    tx: &mut Tx<'_>,
    upload: &str,
    piece: &Piece,
    expires_at: i64,
) -> QueryResult<Appended> {
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
        return Ok(Appended::Elsewhere);
    }
    let from: String = uploads::table.find(upload).select(uploads::network).first(tx.db)?;
    let came = (0, piece.size);
    let mut fits = take_room(tx.db, ALL, came, (i64::MAX, MOST_OF_ALL))?;
    if fits && !take_room(tx.db, &network(&from), came, (i64::MAX, MOST_OF_NETWORK))? {
        give_room(tx.db, ALL, came)?;
        fits = false;
    }
    if !fits {
        diesel::update(uploads::table.find(upload))
            .set(uploads::received.eq(piece.at))
            .execute(tx.db)?;
        doom(tx, &piece.id)?;
        return Ok(Appended::Full);
    }
    diesel::insert_into(upload_pieces::table)
        .values((
            upload_pieces::upload_id.eq(upload),
            upload_pieces::first.eq(piece.at),
            upload_pieces::file_id.eq(&piece.id),
        ))
        .execute(tx.db)?;
    Ok(Appended::Yes)
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
    let gone: Option<(String, String, i64, i64)> = diesel::delete(uploads::table.find(id))
        .returning((uploads::owner, uploads::network, uploads::size, uploads::received))
        .get_result(tx.db)
        .optional()?;
    let Some((owner, from, size, received)) = gone else { return Ok(false) };
    for piece in pieces(tx.db, id)? {
        doom(tx, &piece)?;
    }
    diesel::delete(upload_pieces::table.filter(upload_pieces::upload_id.eq(id))).execute(tx.db)?;
    give_room(tx.db, &owner, (1, size))?;
    give_room(tx.db, ALL, (0, received))?;
    give_room(tx.db, &network(&from), (0, received))?;
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
