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
//! | [`proposals`] | revisions that wait for a second pair of eyes |
//! | [`designs`] | procedures that are being designed, step by step |
//! | [`trials`] | designs that are tried out as they would be published |
//! | [`bank`] | questions kept beside the procedures, and where copies of them went |
//! | [`api`] | keys of business systems, what they asked for before, what changed for them |
//! | [`applications`] | inbox, answers, attachments, transitions, documents |
//! | [`batches`] | what is done to many applications at once, row by row |
//! | [`exports`] | jobs, generations, the ledger that prevents double export |
//! | [`columns`] | which columns a list has when it is taken out |
//! | [`filters`] | conditions of the list that a person keeps under a name |
//! | [`phrases`] | words a department writes to applicants again and again |
//! | [`alerts`] | what was noticed in those logs |
//! | [`audit`] | the operation logs of both zones, read |
//! | [`incidents`] | what happened to the service, as written down |
//! | [`invitations`] | who may use a procedure that its address alone does not open |
//! | [`retention`] | how long what is over is kept, and what went |
//! | [`uptime`] | when each zone was at work |
//! | [`numbers`] | what happened on which day, counted |
//! | [`fillings`] | how forms are filled in, and how long decisions take |
//! | [`missed`] | words that citizens looked for and did not find |
//! | [`post`] | messages to the citizens' zone, sealed |

pub mod alerts;
pub mod api;
pub mod applications;
pub mod audit;
pub mod bank;
pub mod batches;
pub mod bundles;
pub mod columns;
pub mod designs;
pub mod exports;
pub mod fillings;
pub mod filters;
pub mod identity;
pub mod incidents;
pub mod invitations;
pub mod lanes;
pub mod letters;
pub mod missed;
pub mod notices;
pub mod numbers;
pub mod orphans;
pub mod phrases;
pub mod post;
pub mod procedures;
pub mod proposals;
mod record;
pub mod reminders;
pub mod retention;
mod schema;
pub mod shelf;
pub mod templates;
pub mod trials;
pub mod uptime;

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
