//! What goes when its time is over: applications out of the ledger, and generations that none is left
//! of (IK-3.5.1a).

use diesel::dsl::{count_star, exists, max, min, not};
use diesel::prelude::*;
use platform_store::{Db, Tx};

use super::Generation;
use crate::retention::{Content, Old};
use crate::schema::{
    export_generations as generations, export_held as held, export_ledger as ledger,
    export_record_errors as errors, export_repeated as repeated, export_requests as requests,
    export_waiting as waiting,
};

/// Takes applications out of the lists of exports, in the transaction that deletes them.
pub(crate) fn forget(tx: &mut Tx<'_>, ids: &[String]) -> QueryResult<()> {
    macro_rules! clear {
        ($($table:ident),*) => {$(
            diesel::delete($table::table.filter($table::application_id.eq_any(ids)))
                .execute(tx.db)?;
        )*};
    }
    clear!(errors, held, ledger, repeated, waiting);
    Ok(())
}

macro_rules! over {
    ($before:expr) => {
        generations::table
            .filter(generations::state.eq_any(["taken", "refused"]))
            .filter(generations::finished_at.lt($before))
            .filter(not(exists(
                ledger::table
                    .filter(ledger::job.eq(generations::job))
                    .filter(ledger::generation.eq(generations::generation)),
            )))
            .filter(not(exists(
                repeated::table
                    .filter(repeated::job.eq(generations::job))
                    .filter(repeated::generation.eq(generations::generation)),
            )))
            .filter(not(exists(
                held::table
                    .filter(held::job.eq(generations::job))
                    .filter(held::generation.eq(generations::generation)),
            )))
            .filter(not(exists(
                errors::table
                    .filter(errors::job.eq(generations::job))
                    .filter(errors::generation.eq(generations::generation)),
            )))
    };
}

/// How many generations are over, the first and last end.
pub(crate) fn count_over(db: &mut Db, before: i64) -> QueryResult<(i64, Option<i64>, Option<i64>)> {
    over!(before)
        .select((count_star(), min(generations::finished_at), max(generations::finished_at)))
        .first(db)
}

/// The next generations that are over. The identifier is job and number.
pub(crate) fn over(db: &mut Db, before: i64, most: i64) -> QueryResult<Vec<Old>> {
    let rows: Vec<Generation> = over!(before)
        .order((generations::finished_at, generations::job, generations::generation))
        .limit(most)
        .select(Generation::as_select())
        .load(db)?;
    let old = |one: Generation| {
        let id = format!("{}/{}", one.job, one.generation);
        let hash = Content::of("export").text(&id).text(&one.state);
        let hash = hash.number(one.records).text(one.sha256.as_deref().unwrap_or_default());
        Old {
            label: id.clone(),
            id,
            ended_at: one.finished_at.unwrap_or_default(),
            content: hash.hash(),
        }
    };
    Ok(rows.into_iter().map(old).collect())
}

/// Deletes generations.
pub(crate) fn delete(tx: &mut Tx<'_>, old: &[Old]) -> QueryResult<()> {
    for one in old {
        let (job, number) = one.id.rsplit_once('/').unwrap_or_default();
        let number: i32 = number.parse().unwrap_or_default();
        let asked = requests::table.filter(requests::job.eq(job));
        diesel::delete(asked.filter(requests::generation.eq(number))).execute(tx.db)?;
        diesel::delete(generations::table.find((job, number))).execute(tx.db)?;
    }
    Ok(())
}
