//! 職責の電子署名 of issued documents (NF-34): a PDF designed here is signed with the certificate
//! of a post, as PAdES baseline B-B. Decision 0081.

mod cms;
mod pdf;

use std::fmt;
use std::sync::Arc;

use jiff::Timestamp;
use p12_keystore::{KeyStore, Pkcs12ImportPolicy};
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, RSA_PKCS1_SHA256, RsaKeyPair};
use x509_cert::Certificate;
use x509_cert::der::{Decode as _, Encode as _};

use crate::paper::Printed;

/// A post (職) that signs documents, such as 市長.
pub struct Signatory {
    /// Words staff read.
    pub name: String,
    /// Codes of the departments whose documents it signs; all others when empty.
    pub departments: Vec<String>,
    key: Key,
    /// The post's own certificate first, then those above it.
    chain: Vec<Certificate>,
}

enum Key {
    Rsa(Box<RsaKeyPair>),
    P256(Box<EcdsaKeyPair>),
}

/// Why a PKCS#12 file cannot sign.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadPkcs12 {
    /// No PKCS#12, or another password.
    #[error("the file is no PKCS#12, or the password is another one")]
    Unreadable,
    /// No private key with a certificate of its own.
    #[error("the file holds no private key with its certificate")]
    Keyless,
    /// Another kind of key, or one that is too short.
    #[error("the key is neither RSA of 2048 bits or more nor ECDSA on P-256")]
    Kind,
}

/// Why a document was not signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unsigned {
    /// The certificate does not hold at this moment.
    #[error("the certificate does not hold now")]
    Expired,
    /// The document is not one of ours, or the key failed.
    #[error("the document could not be signed")]
    Broken,
}

impl Signatory {
    /// Opens the PKCS#12 file of a post.
    ///
    /// # Errors
    /// [`BadPkcs12`] says what is wrong with it.
    pub fn open(
        name: impl Into<String>,
        departments: Vec<String>,
        pkcs12: &[u8],
        password: &str,
    ) -> Result<Self, BadPkcs12> {
        let kept = KeyStore::from_pkcs12(pkcs12, password, Pkcs12ImportPolicy::Relaxed)
            .map_err(|_| BadPkcs12::Unreadable)?;
        let (_, pair) = kept.private_key_chain().ok_or(BadPkcs12::Keyless)?;
        let read = |one: &p12_keystore::Certificate| Certificate::from_der(one.as_der());
        let chain: Result<Vec<_>, _> = pair.certs().iter().map(read).collect();
        let chain = chain.map_err(|_| BadPkcs12::Unreadable)?;
        let own = chain.first().ok_or(BadPkcs12::Keyless)?;
        let key = Key::read(pair.key().as_der())?;
        if !key.belongs_to(own) {
            return Err(BadPkcs12::Keyless);
        }
        Ok(Self { name: name.into(), departments, key, chain })
    }

    /// Whether the certificate holds at this moment.
    #[must_use]
    pub fn holds(&self, at: Timestamp) -> bool {
        let validity = self.chain[0].tbs_certificate().validity();
        let since = validity.not_before.to_unix_duration().as_secs();
        let until = validity.not_after.to_unix_duration().as_secs();
        u64::try_from(at.as_second()).is_ok_and(|now| (since..=until).contains(&now))
    }

    /// The moment after which the certificate no longer holds.
    #[must_use]
    pub fn until(&self) -> Timestamp {
        let seconds = self.chain[0].tbs_certificate().validity().not_after.to_unix_duration();
        let seconds = i64::try_from(seconds.as_secs()).unwrap_or(i64::MAX);
        Timestamp::from_second(seconds).unwrap_or(Timestamp::MAX)
    }

    /// Signs a document: its bytes stay as they are, the signature is appended and covers all of
    /// them.
    ///
    /// # Errors
    /// [`Unsigned`]; nothing is signed then.
    pub fn sign(&self, document: &Printed, at: Timestamp) -> Result<Vec<u8>, Unsigned> {
        if !self.holds(at) {
            return Err(Unsigned::Expired);
        }
        let certificates: usize =
            self.chain.iter().filter_map(|one| one.to_der().ok()).map(|der| der.len()).sum();
        let place = pdf::with_place(document.bytes(), &self.name, at, certificates + cms::BESIDE)
            .ok_or(Unsigned::Broken)?;
        let signature =
            cms::signed(&self.key, &self.chain, &place.digest()).map_err(|_| Unsigned::Broken)?;
        place.filled(&signature).ok_or(Unsigned::Broken)
    }
}

impl fmt::Debug for Signatory {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Signatory").field("name", &self.name).finish_non_exhaustive()
    }
}

impl Key {
    fn read(pkcs8: &[u8]) -> Result<Self, BadPkcs12> {
        if let Ok(pair) = RsaKeyPair::from_pkcs8(pkcs8) {
            return Ok(Self::Rsa(Box::new(pair)));
        }
        EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, pkcs8, &SystemRandom::new())
            .map(|pair| Self::P256(Box::new(pair)))
            .map_err(|_| BadPkcs12::Kind)
    }

    fn belongs_to(&self, certificate: &Certificate) -> bool {
        use ring::signature::KeyPair as _;
        let public = match self {
            Self::Rsa(pair) => pair.public_key().as_ref(),
            Self::P256(pair) => pair.public_key().as_ref(),
        };
        let info = certificate.tbs_certificate().subject_public_key_info();
        info.subject_public_key.as_bytes() == Some(public)
    }

    fn sign(&self, bytes: &[u8]) -> Result<Vec<u8>, ring::error::Unspecified> {
        let random = SystemRandom::new();
        match self {
            Self::Rsa(pair) => {
                let mut signature = vec![0; pair.public().modulus_len()];
                pair.sign(&RSA_PKCS1_SHA256, &random, bytes, &mut signature)?;
                Ok(signature)
            }
            Self::P256(pair) => Ok(pair.sign(&random, bytes)?.as_ref().to_vec()),
        }
    }
}

/// Every post that signs, as the settings name them.
#[derive(Clone, Debug, Default)]
pub struct Signatories(Arc<[Signatory]>);

impl Signatories {
    /// Who signs the documents of a department: the post that names it, otherwise the one that
    /// names none; `None` when its documents are not signed.
    #[must_use]
    pub fn of(&self, department: &str) -> Option<&Signatory> {
        let named = |one: &&Signatory| one.departments.iter().any(|code| code == department);
        let general = |one: &&Signatory| one.departments.is_empty();
        self.0.iter().find(named).or_else(|| self.0.iter().find(general))
    }

    /// All of them.
    pub fn iter(&self) -> impl Iterator<Item = &Signatory> {
        self.0.iter()
    }
}

impl FromIterator<Signatory> for Signatories {
    fn from_iter<I: IntoIterator<Item = Signatory>>(all: I) -> Self {
        Self(all.into_iter().collect())
    }
}
