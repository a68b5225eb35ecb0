//! Messages to the citizens' zone: sealed here, put into the outbox in the
//! transaction of the change they tell of.

use diesel::prelude::*;
use jiff::Timestamp;
use platform_store::Tx;

/// A message sealed to the citizens' zone.
#[derive(Clone, Debug)]
pub struct Sealed {}

/// Puts a message into the outbox.
///
/// # Errors
/// When the database cannot be written.
pub(crate) fn put(_tx: &mut Tx<'_>, _message: &Sealed, _at: Timestamp) -> QueryResult<()> {
    Ok(())
}
