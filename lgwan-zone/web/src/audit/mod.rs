//! 操作記録: search, files, disclosure, and the check that nothing was changed (NF-41, NF-42,
//! NF-43, MN-7.1b, SQ-5.3b). One page is one file.

pub mod alerts;
pub mod disclosure;
mod file;
mod line;
pub mod list;
pub mod report;
mod sieve;
pub mod verify;

#[cfg(test)]
pub(crate) use sieve::ROOMS;

use domain::identity::{Action, Object};
use platform_web::Trouble;

use crate::guard::Who;

/// Only an auditor reads the logs.
fn allowed(who: &Who) -> Result<(), Trouble> {
    who.may(Action::ReadAudit, &Object::AuditLog)
}
