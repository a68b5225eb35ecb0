//! Real parts that tests and the demonstration start and stop themselves: a
//! throwaway PostgreSQL server and a mail server that keeps what it gets.

pub mod careless;
pub mod idp;
pub mod postgres;
pub mod script;
pub mod smtp;
pub mod templates;

use std::time::{Duration, Instant};

/// How long a test waits for what must come: it only ends a hang, so it is as long as a slow and
/// busy machine may ever take.
pub const PATIENCE: Duration = Duration::from_secs(120);

/// Turns of a loop that looks again and again for what must come, with a pause of its own. After
/// [`PATIENCE`] there is no further turn.
pub fn patiently() -> impl Iterator<Item = ()> {
    let until = Instant::now() + PATIENCE;
    std::iter::from_fn(move || (Instant::now() < until).then_some(()))
}

/// Makes two tests of one check, which gets the URL of an empty database: one
/// on SQLite, one on PostgreSQL.
///
/// ```text
/// on_both_databases!(
///     /// NF-49: the last seat goes to one person.
///     the_last_seat_goes_to_one_person,
///     |url: String| async move { … }
/// );
/// ```
#[macro_export]
macro_rules! on_both_databases {
    ($(#[doc = $doc:literal])* $name:ident, $check:expr) => {
        mod $name {
            use super::*;

            $(#[doc = $doc])*
            #[tokio::test(flavor = "multi_thread")]
            async fn on_sqlite() {
                let folder = $crate::TempDir::new();
                ($check)(folder.sqlite_url()).await;
            }

            $(#[doc = $doc])*
            #[tokio::test(flavor = "multi_thread")]
            async fn on_postgres() {
                ($check)($crate::postgres::fresh_database()).await;
            }
        }
    };
}

/// A temporary folder, gone when dropped.
#[derive(Debug)]
pub struct TempDir(tempfile::TempDir);

impl Default for TempDir {
    fn default() -> Self {
        Self::new()
    }
}

impl TempDir {
    /// Makes the folder.
    ///
    /// # Panics
    /// When the system has no room for one.
    #[must_use]
    pub fn new() -> Self {
        Self(tempfile::tempdir().expect("a temporary folder can be made"))
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &std::path::Path {
        self.0.path()
    }

    /// The URL of a SQLite database in it.
    #[must_use]
    pub fn sqlite_url(&self) -> String {
        format!("sqlite:{}", self.path().join("test.db").display())
    }
}
