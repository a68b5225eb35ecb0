//! Secrets of authenticator apps, sealed before they are stored (K3).

use platform_web::totp::Secret;
use ring::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use ring::hmac;

/// Seals and opens the secrets with the zone's own key. A sealed secret
/// belongs to one account: moved to another it does not open.
pub struct Vault {
    key: LessSafeKey,
    drafts: hmac::Key,
}

impl std::fmt::Debug for Vault {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("Vault")
    }
}

impl Vault {
    /// A vault with this key.
    ///
    /// # Panics
    /// Never: 32 bytes are a key of AES-256.
    #[must_use]
    pub fn new(key: &[u8; 32]) -> Self {
        let drafts = hmac::Key::new(hmac::HMAC_SHA256, key);
        let key = UnboundKey::new(&AES_256_GCM, key).expect("32 bytes are a key of AES-256");
        Self { key: LessSafeKey::new(key), drafts }
    }

    /// The secret offered to a session for registration: the same each time the
    /// page is shown, another one in the next session.
    #[must_use]
    pub fn draft(&self, session: &str) -> Secret {
        let mut words = b"madoguchi.staff.totp.draft.v1\0".to_vec();
        words.extend_from_slice(session.as_bytes());
        Secret::from_bytes(hmac::sign(&self.drafts, &words).as_ref()[..20].to_vec())
    }

    /// The keyed hash of a recovery code of this person: a stolen database gives no codes.
    #[must_use]
    pub fn recovery(&self, staff: &str, code: &str) -> String {
        let words =
            [b"madoguchi.staff.recovery.v1\0".as_slice(), staff.as_bytes(), b"\0", code.as_bytes()];
        hex(hmac::sign(&self.drafts, &words.concat()).as_ref())
    }

    /// The secret with which messages to a webhook are signed; another one for each.
    #[must_use]
    pub fn webhook(&self, id: &str) -> String {
        let words = [b"madoguchi.staff.webhook.v1\0".as_slice(), id.as_bytes()].concat();
        format!("whsec_{}", hex(hmac::sign(&self.drafts, &words).as_ref()))
    }

    /// The text to store: hex of nonce and sealed secret.
    ///
    /// # Panics
    /// When the operating system has no random bytes.
    #[must_use]
    pub fn close(&self, staff: &str, secret: &Secret) -> String {
        let nonce: [u8; NONCE_LEN] = platform_service::ids::random();
        let mut sealed = secret.as_bytes().to_vec();
        self.key
            .seal_in_place_append_tag(
                Nonce::assume_unique_for_key(nonce),
                Aad::from(bound(staff)),
                &mut sealed,
            )
            .expect("a secret is far below the limit of AES-GCM");
        hex(&[&nonce[..], &sealed].concat())
    }

    /// The secret behind a stored text; `None` when it was sealed with another
    /// key or for another account.
    #[must_use]
    pub fn open(&self, staff: &str, stored: &str) -> Option<Secret> {
        let bytes = unhex(stored)?;
        let (nonce, sealed) = bytes.split_first_chunk::<NONCE_LEN>()?;
        let mut sealed = sealed.to_vec();
        let opened = self
            .key
            .open_in_place(
                Nonce::assume_unique_for_key(*nonce),
                Aad::from(bound(staff)),
                &mut sealed,
            )
            .ok()?;
        Some(Secret::from_bytes(opened.to_vec()))
    }
}

fn bound(staff: &str) -> Vec<u8> {
    [b"madoguchi.staff.totp.v1\0".as_slice(), staff.as_bytes()].concat()
}

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    if !text.len().is_multiple_of(2) || !text.is_ascii() {
        return None;
    }
    (0..text.len()).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// IK-3.5.2b: a stolen database gives no codes, and a secret cannot be
    /// moved to another account.
    #[test]
    fn a_sealed_secret_opens_for_its_account_only() {
        let vault = Vault::new(&[7; 32]);
        let secret = Secret::random();
        let stored = vault.close("one", &secret);
        assert_eq!(vault.open("one", &stored), Some(secret));
        assert_eq!(vault.open("two", &stored), None);
        assert_eq!(Vault::new(&[8; 32]).open("one", &stored), None);
        for broken in ["", "00", "zz", &stored[..10]] {
            assert_eq!(vault.open("one", broken), None);
        }
    }
}
