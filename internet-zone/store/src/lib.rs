//! What the citizens' zone keeps: published procedures, accounts and sessions,
//! unsent answers (sealed), the fact of arrival, and what the staff zone told since.
//!
//! One module a room; functions are named after what happens. Every function
//! that changes something a person may ask about writes its event into the
//! operation log in the same transaction, and every expected outcome is an enum
//! inside `Ok`. The answers of an application that arrived are not here.
//!
//! | Module | Keeps |
//! |---|---|
//! | [`procedures`] | published revisions, seats, download counts, departments |
//! | [`identity`] | accounts, guests, sessions, links sent by mail, consents |
//! | [`applications`] | drafts, arrivals, states, corrections, documents |
//! | [`invitations`] | who may use a procedure that its address alone does not open |
//! | [`terminals`] | visits at counter terminals |
//! | [`mail`] | mails to send |
//! | [`bulletins`] | news for who asked for them |
//! | [`usage`] | how often pages were used |
//! | [`missed`] | words for which a search found nothing |
//! | [`vault`] | the sealing of everything personal at rest |
//! | [`log`], [`uptime`] | what the staff zone is told of the operation log and of the zone's hours |
//! | [`post`] | messages to the staff zone, sealed before they touch a disk |

pub mod applications;
pub mod bulletins;
pub mod filling;
pub mod identity;
pub mod invitations;
pub mod lanes;
pub mod log;
pub mod mail;
pub mod missed;
pub mod post;
pub mod procedures;
mod record;
mod schema;
pub mod terminals;
pub mod uptime;
pub mod usage;
pub mod vault;

use diesel_migrations::{EmbeddedMigrations, embed_migrations};
use platform_store::Migrations;

pub use record::By;

const SQLITE: EmbeddedMigrations = embed_migrations!("migrations/sqlite");
const POSTGRES: EmbeddedMigrations = embed_migrations!("migrations/postgres");

/// The tables of this zone for both databases.
#[must_use]
pub fn migrations() -> Migrations {
    Migrations { sqlite: SQLITE, postgres: POSTGRES }
}
