//! Seals what this zone must remember for a while: drafts, addresses, letters.
//!
//! AES-256-GCM. The key of each place is derived from the zone's draft key, and
//! the place (table, column, row) is bound as associated data, so a stolen
//! ciphertext opens neither in another row nor in another column (K3).
//! A sealed value is nonce (12 bytes) ‖ ciphertext ‖ tag (16 bytes).

use platform_service::ids;
use ring::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use ring::{digest, hkdf, hmac};

/// The zone's keys for data at rest.
pub struct Vault {
    sealing: hkdf::Prk,
    finding: hmac::Key,
    tenant: String,
}

/// Where a sealed value lives.
#[derive(Clone, Copy, Debug)]
pub struct Place<'a> {
    /// Table name.
    pub table: &'static str,
    /// Column name, or `file` for a file in the folder.
    pub column: &'static str,
    /// Identifier of the row or file.
    pub row: &'a str,
}

/// The value was not sealed for this place with this key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the sealed value does not open here")]
pub struct NotOpened;

impl Vault {
    /// Takes the zone's 32-byte draft key and the tenant whose data it seals.
    #[must_use]
    pub fn new(key: &[u8; 32], tenant: &str) -> Self {
        let salt = hkdf::Salt::new(hkdf::HKDF_SHA256, b"madoguchi internet zone at rest v1");
        let index_key = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, key), b"madoguchi index v1");
        Self {
            sealing: salt.extract(key),
            finding: hmac::Key::new(hmac::HMAC_SHA256, index_key.as_ref()),
            tenant: tenant.to_owned(),
        }
    }

    /// Seals `plain` for `place`.
    ///
    /// # Panics
    /// When the operating system gives no random bytes.
    #[must_use]
    pub fn seal(&self, place: Place<'_>, plain: &[u8]) -> Vec<u8> {
        let nonce = ids::random::<NONCE_LEN>();
        let mut sealed = Vec::with_capacity(NONCE_LEN + plain.len() + 16);
        sealed.extend_from_slice(&nonce);
        let mut body = plain.to_vec();
        self.key(place)
            .seal_in_place_append_tag(
                Nonce::assume_unique_for_key(nonce),
                self.aad(place),
                &mut body,
            )
            .expect("an in-memory value is far below the cipher's limit");
        sealed.append(&mut body);
        sealed
    }

    /// Opens what [`Vault::seal`] made for the same place.
    ///
    /// # Errors
    /// [`NotOpened`] for another place, another key or changed bytes.
    pub fn open(&self, place: Place<'_>, sealed: &[u8]) -> Result<Vec<u8>, NotOpened> {
        let (nonce, body) = sealed.split_at_checked(NONCE_LEN).ok_or(NotOpened)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| NotOpened)?;
        let mut body = body.to_vec();
        let length = self
            .key(place)
            .open_in_place(nonce, self.aad(place), &mut body)
            .map_err(|_| NotOpened)?
            .len();
        body.truncate(length);
        Ok(body)
    }

    /// Opens text.
    ///
    /// # Errors
    /// [`NotOpened`] as [`Vault::open`], or when the bytes are no UTF-8.
    pub fn open_text(&self, place: Place<'_>, sealed: &[u8]) -> Result<String, NotOpened> {
        String::from_utf8(self.open(place, sealed)?).map_err(|_| NotOpened)
    }

    /// Keyed hash to find `value` again without storing it. `kind` keeps uses apart.
    #[must_use]
    pub fn index(&self, kind: &str, value: &str) -> Vec<u8> {
        let mut context = hmac::Context::with_key(&self.finding);
        for part in [self.tenant.as_str(), kind, value] {
            context.update(&(part.len() as u64).to_be_bytes());
            context.update(part.as_bytes());
        }
        context.sign().as_ref().to_vec()
    }

    /// Whether `hash` is the index of `value`, compared in constant time.
    #[must_use]
    pub fn matches(&self, kind: &str, value: &str, hash: &[u8]) -> bool {
        let expected = self.index(kind, value);
        let mut differing = u8::from(expected.len() != hash.len());
        for (left, right) in expected.iter().zip(hash) {
            differing |= left ^ right;
        }
        std::hint::black_box(differing) == 0
    }

    fn key(&self, place: Place<'_>) -> LessSafeKey {
        let info =
            [self.tenant.as_bytes(), b"\0", place.table.as_bytes(), b"\0", place.row.as_bytes()];
        let okm = self.sealing.expand(&info, &AES_256_GCM).expect("one key is a permitted length");
        LessSafeKey::new(UnboundKey::from(okm))
    }

    fn aad(&self, place: Place<'_>) -> Aad<Vec<u8>> {
        let mut bytes = Vec::new();
        for part in [self.tenant.as_str(), place.table, place.column, place.row] {
            bytes.extend_from_slice(&(part.len() as u32).to_be_bytes());
            bytes.extend_from_slice(part.as_bytes());
        }
        Aad::from(bytes)
    }
}

impl std::fmt::Debug for Vault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Vault")
    }
}

/// SHA-256 of a token: what the database may know of it.
#[must_use]
pub fn token_hash(token: &str) -> Vec<u8> {
    sha256(token.as_bytes())
}

/// SHA-256.
#[must_use]
pub fn sha256(bytes: &[u8]) -> Vec<u8> {
    digest::digest(&digest::SHA256, bytes).as_ref().to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;

    const HERE: Place<'static> = Place { table: "drafts", column: "answers", row: "a" };

    #[test]
    fn a_value_opens_only_in_its_own_place() {
        let vault = Vault::new(&[7; 32], "mirai");
        let sealed = vault.seal(HERE, "山田".as_bytes());
        assert_eq!(vault.open_text(HERE, &sealed).as_deref(), Ok("山田"));
        for place in [
            Place { row: "b", ..HERE },
            Place { column: "name", ..HERE },
            Place { table: "documents", ..HERE },
        ] {
            assert_eq!(vault.open(place, &sealed), Err(NotOpened), "{place:?}");
        }
        assert_eq!(Vault::new(&[7; 32], "other").open(HERE, &sealed), Err(NotOpened));
        assert_eq!(vault.open(HERE, &sealed[..20]), Err(NotOpened));
    }

    #[test]
    fn an_index_depends_on_kind_and_value() {
        let vault = Vault::new(&[7; 32], "mirai");
        let hash = vault.index("email", "hanako@example.jp");
        assert!(vault.matches("email", "hanako@example.jp", &hash));
        assert!(!vault.matches("email", "taro@example.jp", &hash));
        assert!(!vault.matches("once", "hanako@example.jp", &hash));
    }
}
