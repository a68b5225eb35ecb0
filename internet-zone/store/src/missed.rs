//! Words for which a search found nothing. Until a word was missed at [`PLACES`] different places
//! within [`DAYS`] days, nothing readable of it is kept: only keyed hashes of the word and of who
//! looked for it, the latter bound to the word, so that nobody's words can be put together.

use bridge_contract::messages::{MissedWord, WordsMissed};
use diesel::prelude::*;
use platform_store::{Db, Tx, each_backend};

use crate::post::{self, Letter};
use crate::schema::{missed_seekers, missed_words};

/// Places (networks) at which a word must be missed before it is written down.
pub const PLACES: i64 = 5;
/// Days within which.
pub const DAYS: i64 = 30;
/// Hashes kept at most; beyond, nothing new is noted.
const MOST_SEEKERS: i64 = 50_000;
/// Words of one day at most.
const MOST_WORDS: i64 = 200;

/// A word that was missed at one place.
#[derive(Clone, Debug)]
pub struct Missed {
    /// The word, folded.
    pub word: String,
    /// Keyed hash of it.
    pub word_hash: Vec<u8>,
    /// Keyed hash of word and place together.
    pub seeker_hash: Vec<u8>,
    /// How often.
    pub times: u64,
}

/// Notes words of a day (ISO, in Japan); `since` is the first day that counts.
///
/// # Errors
/// When the database cannot be written.
pub fn add(tx: &mut Tx<'_>, (since, day): (&str, &str), missed: &[Missed]) -> QueryResult<()> {
    let kept: i64 = missed_seekers::table.count().get_result(tx.db)?;
    let mut room = MOST_SEEKERS - kept;
    for one in missed {
        let row = missed_seekers::table.find((&one.word_hash, &one.seeker_hash));
        let known = diesel::update(row).set(missed_seekers::day.eq(day)).execute(tx.db)?;
        if known == 0 && room > 0 {
            room -= 1;
            let row = (
                missed_seekers::word_hash.eq(&one.word_hash),
                missed_seekers::seeker_hash.eq(&one.seeker_hash),
                missed_seekers::day.eq(day),
            );
            each_backend!(tx.db, conn => diesel::insert_into(missed_seekers::table)
                .values(row).on_conflict_do_nothing().execute(conn))?;
        }
        let places: i64 = missed_seekers::table
            .filter(missed_seekers::word_hash.eq(&one.word_hash))
            .filter(missed_seekers::day.ge(since))
            .count()
            .get_result(tx.db)?;
        if places >= PLACES {
            count(tx, day, one)?;
        }
    }
    Ok(())
}

fn count(tx: &mut Tx<'_>, day: &str, one: &Missed) -> QueryResult<()> {
    let times = i64::try_from(one.times).unwrap_or(i64::MAX);
    let row = missed_words::table.find((day, &one.word));
    let known = diesel::update(row)
        .set(missed_words::counted.eq(missed_words::counted + times))
        .execute(tx.db)?;
    if known == 1 {
        return Ok(());
    }
    let words: i64 =
        missed_words::table.filter(missed_words::day.eq(day)).count().get_result(tx.db)?;
    if words >= MOST_WORDS {
        return Ok(());
    }
    let row = (
        missed_words::day.eq(day),
        missed_words::word.eq(&one.word),
        missed_words::counted.eq(times),
        missed_words::told.eq(0),
    );
    each_backend!(tx.db, conn => diesel::insert_into(missed_words::table)
        .values(row)
        .on_conflict((missed_words::day, missed_words::word))
        .do_update()
        .set(missed_words::counted.eq(missed_words::counted + times))
        .execute(conn))?;
    Ok(())
}

/// Days of which the staff zone does not know every word, the oldest first.
///
/// # Errors
/// When the database cannot be read.
pub fn untold(db: &mut Db) -> QueryResult<Vec<String>> {
    missed_words::table
        .filter(missed_words::counted.gt(missed_words::told))
        .select(missed_words::day)
        .distinct()
        .order(missed_words::day)
        .load(db)
}

/// Every word written down for a day.
///
/// # Errors
/// When the database cannot be read.
pub fn counted(db: &mut Db, day: &str) -> QueryResult<WordsMissed> {
    let rows: Vec<(String, i64)> = missed_words::table
        .filter(missed_words::day.eq(day))
        .order(missed_words::word)
        .select((missed_words::word, missed_words::counted))
        .load(db)?;
    let words = rows
        .into_iter()
        .map(|(word, count)| MissedWord { word, count: u64::try_from(count).unwrap_or(0) });
    let day = day.parse().map_err(|_| diesel::result::Error::NotFound)?;
    Ok(WordsMissed { day, words: words.collect() })
}

/// Tells the staff zone of a day: the letter and the mark that it was told, together.
///
/// # Errors
/// When the database cannot be written.
pub fn tell(tx: &mut Tx<'_>, told: &WordsMissed, letter: Letter, at: i64) -> QueryResult<()> {
    for word in &told.words {
        diesel::update(missed_words::table.find((told.day.to_string(), &word.word)))
            .set(missed_words::told.eq(i64::try_from(word.count).unwrap_or(i64::MAX)))
            .execute(tx.db)?;
    }
    post::send(tx, letter, None, at)
}

/// Deletes hashes of before `since`, and words of days before `before` that were told.
///
/// # Errors
/// When the database cannot be written.
pub fn forget(tx: &mut Tx<'_>, since: &str, before: &str) -> QueryResult<()> {
    diesel::delete(missed_seekers::table.filter(missed_seekers::day.lt(since))).execute(tx.db)?;
    let old = missed_words::table
        .filter(missed_words::day.lt(before))
        .filter(missed_words::counted.eq(missed_words::told));
    diesel::delete(old).execute(tx.db)?;
    Ok(())
}
