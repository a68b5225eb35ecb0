//! Signing in at an identity provider (IdP): the service provider's half of the SAML 2.0 web browser
//! profile, request by redirect, answer by a posted form (IK-3.5.7a).
//!
//! ```text
//!  asks(id) ─► address of the IdP with the request      the person signs in there
//!  reads(form field) ─► Told                            the IdP's page posts the answer here
//!    size, base64, no `<!` ─► one parse ─► one assertion ─► signature over it ─► issuer, audience,
//!                                                           recipient, times, the request it answers
//! ```
//!
//! | Module | Gives |
//! |---|---|
//! | `request` | the address with the request; the metadata an IdP is set up with |
//! | `signed` | the one assertion of an answer, when a known certificate signed it |
//! | `answer` | what that assertion says, when it is for us and in time |
//!
//! Signatures are checked by `bergshamra-dsig` on the very tree that is read afterwards, so nothing
//! can be signed in one reading and used in another. What the caller keeps: that the request was
//! made by this browser, and that an assertion is used once.

mod answer;
mod request;
mod signed;

use std::fmt;

use bergshamra_keys::KeysManager;
use bergshamra_keys::loader::load_x509_cert_pem;
use jiff::{SignedDuration, Timestamp};

pub use answer::Refused;

/// Names of SAML 2.0 and XML signatures.
mod names {
    pub(crate) const PROTOCOL: &str = "urn:oasis:names:tc:SAML:2.0:protocol";
    pub(crate) const ASSERTION: &str = "urn:oasis:names:tc:SAML:2.0:assertion";
    pub(crate) const SIGNATURE: &str = "http://www.w3.org/2000/09/xmldsig#";
    pub(crate) const SUCCESS: &str = "urn:oasis:names:tc:SAML:2.0:status:Success";
    pub(crate) const BEARER: &str = "urn:oasis:names:tc:SAML:2.0:cm:bearer";
    pub(crate) const BY_POST: &str = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST";
}

/// How the two sides know each other.
#[derive(Clone, Debug, Default)]
pub struct Agreed {
    /// Our name: the address of our metadata.
    pub entity: String,
    /// Where answers are posted to.
    pub acs: String,
    /// The IdP's name.
    pub idp: String,
    /// Where the IdP takes requests by redirect.
    pub sign_in: String,
    /// Certificates the IdP signs with, PEM; two while it changes them.
    pub certificates: Vec<String>,
    /// The attribute that names the account; the name identifier when there is none.
    pub attribute: Option<String>,
    /// How far the clocks may differ.
    pub skew: SignedDuration,
}

/// A certificate of the settings cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("certificate of the identity provider: {0}")]
pub struct BadCertificate(String);

/// This service as an IdP knows it.
#[derive(Clone)]
pub struct ServiceProvider {
    agreed: Agreed,
    keys: KeysManager,
}

/// What an IdP said of a person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    /// The request it answers.
    pub request: String,
    /// Identifier of the assertion; it may be used once.
    pub assertion: String,
    /// From then on the assertion is refused for its age, so its identifier may be forgotten.
    pub over_at: Timestamp,
    /// The account: the name identifier, or the attribute that was agreed on.
    pub account: String,
    /// How the person proved who they are (`AuthnContextClassRef`).
    pub proof: String,
    /// When they did (`AuthnInstant`); long ago when the IdP knew them already.
    pub authenticated: Option<Timestamp>,
    /// When the IdP wants the session to end at the latest.
    pub until: Option<Timestamp>,
}

impl ServiceProvider {
    /// A service provider with these settings.
    ///
    /// # Errors
    /// [`BadCertificate`] when there is none, or one that cannot be read.
    pub fn new(agreed: Agreed) -> Result<Self, BadCertificate> {
        let mut keys = KeysManager::new();
        for pem in &agreed.certificates {
            let key = load_x509_cert_pem(pem.as_bytes());
            keys.add_key(key.map_err(|error| BadCertificate(error.to_string()))?);
        }
        if keys.is_empty() {
            return Err(BadCertificate("none is named".to_owned()));
        }
        Ok(Self { agreed, keys })
    }
}

impl fmt::Debug for ServiceProvider {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("ServiceProvider").field("agreed", &self.agreed).finish_non_exhaustive()
    }
}
