//! Who does something, and the audit record of it.

use jiff::Timestamp;
use platform_audit::Event;
use platform_store::Tx;

/// Name of this zone in its operation log.
pub const ZONE: &str = "lgwan";

/// Who does something, from where, and when.
#[derive(Clone, Debug)]
pub struct By {
    /// Staff id, `key:` and the id of a key, `system`, `cli`, or empty when nobody is logged in yet.
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
        Self::part("system", at)
    }

    /// The operator at the machine, through a local command.
    #[must_use]
    pub fn cli(at: Timestamp) -> Self {
        Self::part("cli", at)
    }

    /// Somebody who is not logged in yet.
    #[must_use]
    pub fn visitor(ip: String, at: Timestamp) -> Self {
        Self { ip, ..Self::part("", at) }
    }

    fn part(name: &str, at: Timestamp) -> Self {
        Self {
            staff: name.to_owned(),
            name: String::new(),
            session: String::new(),
            ip: String::new(),
            at,
        }
    }

    /// Writes the audit record of something done, in the same transaction.
    pub fn record(&self, tx: &mut Tx<'_>, act: &str, kind: &str, id: &str, detail: &str) {
        platform_audit::record(tx, self.event(act, kind, id).detail(detail));
    }

    /// Writes the audit record of something that was refused.
    pub fn record_refused(&self, tx: &mut Tx<'_>, act: &str, kind: &str, id: &str, detail: &str) {
        let event = self.event(act, kind, id).detail(detail).result("refused");
        platform_audit::record(tx, event);
    }

    /// Writes the audit record of something that failed without anybody asking for it.
    pub fn record_failed(&self, tx: &mut Tx<'_>, act: &str, kind: &str, id: &str, detail: &str) {
        let event = self.event(act, kind, id).detail(detail).result("failed");
        platform_audit::record(tx, event);
    }

    fn event(&self, act: &str, kind: &str, id: &str) -> Event {
        let actor = match self.staff.as_str() {
            "system" | "cli" => self.staff.clone(),
            "" => "nobody".to_owned(),
            key if key.starts_with("key:") => key.to_owned(),
            id => format!("staff:{id}"),
        };
        let object = if id.is_empty() { kind.to_owned() } else { format!("{kind}:{id}") };
        let session: String = self.session.chars().take(16).collect();
        Event::new(self.at, &actor, act, &object).from(&session, &self.ip)
    }
}
