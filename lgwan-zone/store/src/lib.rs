//! What the staff zone keeps: departments and staff, published procedures,
//! applications after arrival, issued documents, export generations.
//!
//! One module a room; functions are named after what happens. Every function
//! that changes something writes its audit record in the same transaction, and
//! every expected outcome is an enum inside `Ok`.
//!
//! | Module | Keeps |
//! |---|---|
//! | [`identity`] | departments, staff accounts, sessions |
//! | [`procedures`] | imported definitions, published revisions |
//! | [`applications`] | inbox, answers, attachments, transitions, documents |
//! | [`exports`] | jobs, generations, the ledger that prevents double export |
//! | [`numbers`] | what happened on which day, counted |
//! | [`post`] | messages to the citizens' zone, sealed |

pub mod applications;
pub mod audit;
pub mod exports;
pub mod identity;
pub mod lanes;
pub mod notices;
pub mod numbers;
pub mod post;
pub mod procedures;
mod record;
mod schema;
pub mod shelf;

use diesel_migrations::{EmbeddedMigrations, embed_migrations};
use platform_store::Migrations;

pub use diesel::result::Error as QueryError;
pub use record::{By, ZONE};

const SQLITE: EmbeddedMigrations = embed_migrations!("migrations/sqlite");
const POSTGRES: EmbeddedMigrations = embed_migrations!("migrations/postgres");

/// The tables of this zone for both databases.
#[must_use]
pub fn migrations() -> Migrations {
    Migrations { sqlite: SQLITE, postgres: POSTGRES }
}
