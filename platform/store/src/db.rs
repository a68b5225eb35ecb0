//! One connection type over both engines.

use std::path::Path;

use diesel::connection::{
    AnsiTransactionManager as Manager, SimpleConnection as _, TransactionManager as _,
};
use diesel::prelude::*;

use crate::store::StoreError;

/// A connection to either engine. Queries are written once and run on both.
#[derive(diesel::MultiConnection)]
pub enum Db {
    /// The embedded default.
    Sqlite(SqliteConnection),
    /// A city's server.
    Pg(PgConnection),
}

/// Runs one expression with the inner connection, for what the combined one
/// cannot express (`on_conflict`, inserts of many rows).
///
/// ```text
/// each_backend!(db, conn => diesel::insert_into(t::table).values(&rows).execute(conn))
/// ```
#[macro_export]
macro_rules! each_backend {
    ($db:expr, $conn:ident => $query:expr) => {
        match $db {
            $crate::Db::Sqlite($conn) => $query,
            $crate::Db::Pg($conn) => $query,
        }
    };
}

/// Rows of one statement. A row has no more than 32 columns, so that every engine takes the values.
#[doc(hidden)]
pub const ROWS: usize = 1_000;

/// Inserts rows of a derived `Insertable`, a thousand with each statement, and says how many. SQLite would take
/// them one by one if a column could have a default: the struct says
/// `#[diesel(treat_none_as_default_value = false)]`.
///
/// ```text
/// insert_many!(tx.db, t::table, rows)?
/// ```
#[macro_export]
macro_rules! insert_many {
    ($db:expr, $table:expr, $rows:expr) => {
        $rows.chunks($crate::ROWS).try_fold(0_usize, |sum, piece| {
            let new = $crate::each_backend!($db, conn => {
                diesel::RunQueryDsl::execute(diesel::insert_into($table).values(piece), conn)
            });
            new.map(|new| sum + new)
        })
    };
}

/// What a connection may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Access {
    Read,
    Write,
}

impl Db {
    /// Connects. `sqlite:PATH` names a file, anything else is for PostgreSQL.
    pub(crate) fn connect(url: &str, access: Access) -> Result<Self, StoreError> {
        let Some(path) = url.strip_prefix("sqlite:") else {
            return PgConnection::establish(url)
                .map(Self::Pg)
                .map_err(|error| StoreError::Connect(error.to_string()));
        };
        if let Some(folder) = Path::new(path).parent() {
            std::fs::create_dir_all(folder)
                .map_err(|error| StoreError::Connect(error.to_string()))?;
        }
        let mut conn = SqliteConnection::establish(path)
            .map_err(|error| StoreError::Connect(error.to_string()))?;
        conn.batch_execute(match access {
            Access::Write => WRITER_PRAGMAS,
            Access::Read => READER_PRAGMAS,
        })?;
        Ok(Self::Sqlite(conn))
    }

    /// Runs statements that return nothing.
    pub(crate) fn run(&mut self, sql: &str) -> QueryResult<()> {
        each_backend!(self, conn => conn.batch_execute(sql))
    }

    /// Opens the outer transaction. It goes through diesel, which must know of
    /// it: some of its inserts open a transaction of their own otherwise.
    pub(crate) fn begin(&mut self) -> QueryResult<()> {
        match self {
            // Taking the lock at once spares a busy error half way through.
            Self::Sqlite(conn) => Manager::begin_transaction_sql(conn, "begin immediate"),
            Self::Pg(conn) => Manager::begin_transaction(conn),
        }
    }

    /// Opens a transaction that sees one state of the database, whatever is committed meanwhile.
    pub(crate) fn begin_reading(&mut self) -> QueryResult<()> {
        match self {
            Self::Sqlite(conn) => Manager::begin_transaction(conn),
            Self::Pg(conn) => Manager::begin_transaction_sql(
                conn,
                "begin isolation level repeatable read read only",
            ),
        }
    }

    /// Ends it. What was only read needs no commit.
    pub(crate) fn end_reading(&mut self) -> QueryResult<()> {
        each_backend!(self, conn => Manager::rollback_transaction(conn))
    }

    /// Opens the savepoint of a job; that of the job before, whose changes stay,
    /// is given up with the same words: on a server each trip counts.
    pub(crate) fn savepoint(&mut self, first: bool) -> QueryResult<()> {
        self.run(if first { "savepoint job" } else { "release savepoint job; savepoint job" })
    }

    /// Undoes everything since the last savepoint.
    pub(crate) fn undo(&mut self) -> QueryResult<()> {
        self.run("rollback to savepoint job")
    }

    /// Commits the outer transaction and the savepoint in it.
    pub(crate) fn commit(&mut self) -> QueryResult<()> {
        each_backend!(self, conn => Manager::commit_transaction(conn))
    }
}

/// FULL is the only mode in which no acknowledged row was lost in power cuts;
/// the writer alone checkpoints, so that no reader waits for it.
const WRITER_PRAGMAS: &str = "\
    pragma busy_timeout = 5000;
    pragma journal_mode = wal;
    pragma synchronous = full;
    pragma foreign_keys = on;
    pragma secure_delete = on;
    pragma trusted_schema = off;
    pragma cache_size = -16000;
    pragma wal_autocheckpoint = 4000;";

const READER_PRAGMAS: &str = "\
    pragma busy_timeout = 5000;
    pragma foreign_keys = on;
    pragma trusted_schema = off;
    pragma cache_size = -4000;
    pragma wal_autocheckpoint = 0;
    pragma query_only = on;";
