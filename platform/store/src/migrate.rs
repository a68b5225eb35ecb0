//! Twin migrations: the same steps in the words of each engine.

use diesel_migrations::{EmbeddedMigrations, MigrationHarness as _};

use crate::db::Db;
use crate::each_backend;
use crate::store::StoreError;

/// The steps that lead an empty database to today's tables.
pub struct Migrations {
    /// From `migrations/sqlite`.
    pub sqlite: EmbeddedMigrations,
    /// From `migrations/postgres`.
    pub postgres: EmbeddedMigrations,
}

/// Any number; the same for all processes that share one database.
const LOCK: &str = "select pg_advisory_lock(7766)";
const UNLOCK: &str = "select pg_advisory_unlock(7766)";

impl Migrations {
    /// Brings the database up to date. Several processes may start at once.
    pub(crate) fn run(self, db: &mut Db) -> Result<(), StoreError> {
        let shared = matches!(db, Db::Pg(_));
        if shared {
            db.run(LOCK)?;
        }
        let steps = match db {
            Db::Sqlite(_) => self.sqlite,
            Db::Pg(_) => self.postgres,
        };
        let done = each_backend!(db, conn => conn.run_pending_migrations(steps).map(|_| ()));
        if shared {
            db.run(UNLOCK)?;
        }
        done.map_err(|error| StoreError::Migrate(error.to_string()))
    }
}
