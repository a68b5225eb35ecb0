//! Links sent by mail.

use internet_zone_store::identity::tokens::{self, NewToken, Purpose};
use internet_zone_store::vault::{Place, token_hash};
use platform_service::ids;
use platform_web::Trouble;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::applications::left::Left;
use crate::site::Site;

/// What a link for registering or starting proves.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Proven {
    /// The address.
    pub(crate) email: String,
    /// Where to go on: a path, or the slug of a procedure.
    pub(crate) next: String,
    /// What a guest had typed when the session ended.
    #[serde(default)]
    pub(crate) left: Option<Left>,
    /// The invitation that was shown where the link was asked for; the link may be opened elsewhere.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) invitation: Option<String>,
}

impl Proven {
    /// An address, and where to go on.
    pub(crate) fn of(email: &str, next: &str) -> Self {
        Self { email: email.to_owned(), next: next.to_owned(), left: None, invitation: None }
    }
}

/// What a link for a new password stands for.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct ForAccount {
    /// The account.
    pub(crate) account: String,
    /// Its address.
    pub(crate) email: String,
}

/// A new link: the part that goes into the address, and the row to store.
pub(crate) fn make(
    site: &Site,
    purpose: Purpose,
    account_id: Option<String>,
    minutes: i64,
    payload: &impl Serialize,
) -> (String, NewToken) {
    let token = ids::token();
    let new = made(site, &token, purpose, (account_id, minutes), payload);
    (token, new)
}

/// The row of a link whose part for the address was made already.
pub(crate) fn made(
    site: &Site,
    token: &str,
    purpose: Purpose,
    (account_id, minutes): (Option<String>, i64),
    payload: &impl Serialize,
) -> NewToken {
    let hash = token_hash(token);
    let row = hex(&hash);
    let plain = serde_json::to_vec(payload).unwrap_or_default();
    let at = site.micros();
    NewToken {
        payload_sealed: site.vault.seal(place(&row), &plain),
        hash,
        purpose,
        account_id,
        at,
        expires_at: at + minutes * 60_000_000,
    }
}

/// What a link stands for while it is good; it is not used up by looking, so
/// that a mail program that follows links does no harm.
pub(crate) async fn look<T: DeserializeOwned>(
    site: &Site,
    purpose: Purpose,
    token: &str,
) -> Result<Option<T>, Trouble> {
    let (hash, now) = (token_hash(token), site.micros());
    let row = hex(&hash);
    let sealed = site.store.read(move |db| tokens::peek(db, &hash, purpose, now)).await?;
    let plain = sealed.and_then(|sealed| site.vault.open(place(&row), &sealed).ok());
    Ok(plain.and_then(|plain| serde_json::from_slice(&plain).ok()))
}

const fn place(row: &str) -> Place<'_> {
    Place { table: "mail_tokens", column: "payload", row }
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing to a String cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}
