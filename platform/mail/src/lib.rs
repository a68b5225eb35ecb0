//! Mails of a service: how they leave, and when a waiting one is tried again.
//! Who gets which words is the zone's; so is the table they wait in.

mod config;
mod lost;
mod office;
mod patience;

pub use config::{MailConfig, SmtpConfig, SmtpSecurity};
pub use lost::{CODE, Lost};
pub use office::{BadMail, NotSent, PostOffice};
pub use patience::{BATCH, EVERY, Outcome, leased_until, outcome};
