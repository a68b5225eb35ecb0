//! The file itself: a definition with whom it is from, signed by the city that sends it.
//!
//! ```text
//!  {"madoguchi_bundle":1, "signed":"…", "key":"…", "signature":"…"}
//!                          │             │          └ Ed25519 over MARK + the bytes of "signed"
//!                          │             └ public key, base64
//!                          └ the text of Contents, as JSON: what is verified is what is read
//! ```

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use domain::forms::definition::{MAX_DOCUMENT_BYTES, Procedure};
use ring::signature::{ED25519, Ed25519KeyPair, KeyPair as _, UnparsedPublicKey};
use serde::{Deserialize, Serialize};
use thiserror::Error;

/// Largest file that is read: a document of the largest size, with its quotes escaped.
pub(in crate::procedures) const LARGEST: usize = 20 * 1024 * 1024;
/// The one form that is written and read.
const VERSION: u32 = 1;
/// What a signature of a bundle is of, so that one of anything else never fits.
const MARK: &[u8] = b"madoguchi.procedure.bundle.v1\n";

/// What is signed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Contents {
    /// The city that sends it.
    pub(super) city: String,
    /// When, in RFC 3339.
    pub(super) made_at: jiff::Timestamp,
    /// Names of the departments the definition speaks of, by id.
    pub(super) departments: BTreeMap<String, String>,
    /// The definition: form, files, texts in every language, test cases.
    pub(super) definition: Procedure,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Envelope {
    madoguchi_bundle: u32,
    signed: String,
    key: String,
    signature: String,
}

/// Only how it is written: another version may have other parts.
#[derive(Deserialize)]
struct Version {
    madoguchi_bundle: u32,
}

/// Why a file is no bundle that can be taken.
#[derive(Debug, Error)]
pub(in crate::procedures) enum Broken {
    /// Larger than [`LARGEST`].
    #[error("too large")]
    TooLarge,
    /// Cut off, or changed so that it does not read.
    #[error("does not read")]
    Unreadable,
    /// Written in another form.
    #[error("version {0}")]
    Version(u32),
    /// Not what was signed.
    #[error("the signature does not fit")]
    Altered,
    /// Signed and whole, but the definition has parts this release does not know.
    #[error("the definition does not read: {0}")]
    Definition(String),
}

/// Whether a file means to be a bundle, whole or not.
pub(in crate::procedures) fn is_bundle(bytes: &[u8]) -> bool {
    let head = &bytes[..bytes.len().min(64)];
    String::from_utf8_lossy(head).contains("\"madoguchi_bundle\"")
}

/// The city's key and those of other cities it knows.
#[derive(Debug, Default)]
pub struct Bundles {
    key: Option<Ed25519KeyPair>,
    known: Vec<(String, Vec<u8>)>,
}

/// Who signed a bundle.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Signer {
    /// This city itself.
    Own,
    /// A city whose key is known here, by this name.
    Known(String),
    /// Nobody this city knows.
    Unknown,
}

/// A bundle that is what was signed.
#[derive(Debug)]
pub(in crate::procedures) struct Opened {
    pub(super) contents: Contents,
    pub(super) signer: Signer,
    /// To be read out on the telephone.
    pub(super) fingerprint: String,
}

impl Opened {
    /// The city the bundle says it is from.
    pub(in crate::procedures) fn city(&self) -> &str {
        &self.contents.city
    }
}

impl Bundles {
    /// The keys of the settings: PKCS#8, and `(city, public key in base64)`.
    ///
    /// # Errors
    /// When one of them is no Ed25519 key; the message is for the operator.
    pub fn new(key: Option<&[u8]>, cities: &[(String, String)]) -> Result<Self, String> {
        let own = |bytes| {
            Ed25519KeyPair::from_pkcs8_maybe_unchecked(bytes)
                .map_err(|error| format!("the key is no Ed25519 key in PKCS#8: {error}"))
        };
        let known = cities.iter().map(|(city, key)| {
            let bytes = STANDARD.decode(key).ok().filter(|bytes| bytes.len() == 32);
            let bytes = bytes.ok_or_else(|| format!("the key of {city} is not 32 bytes in base64"));
            Ok((city.clone(), bytes?))
        });
        Ok(Self {
            key: key.map(own).transpose()?,
            known: known.collect::<Result<Vec<_>, String>>()?,
        })
    }

    /// The city's own public key in base64, as other cities put it into their settings.
    #[must_use]
    pub fn public(&self) -> Option<String> {
        self.key.as_ref().map(|key| STANDARD.encode(key.public_key().as_ref()))
    }

    /// The file, signed; `None` without a key.
    pub(super) fn seal(&self, contents: &Contents) -> Result<Option<String>, serde_json::Error> {
        let Some(key) = &self.key else { return Ok(None) };
        let signed = serde_json::to_string(contents)?;
        let signature = key.sign(&[MARK, signed.as_bytes()].concat());
        let envelope = Envelope {
            madoguchi_bundle: VERSION,
            key: STANDARD.encode(key.public_key().as_ref()),
            signature: STANDARD.encode(signature.as_ref()),
            signed,
        };
        serde_json::to_string(&envelope).map(Some)
    }

    /// Reads and verifies a file.
    pub(in crate::procedures) fn open(&self, bytes: &[u8]) -> Result<Opened, Broken> {
        if bytes.len() > LARGEST {
            return Err(Broken::TooLarge);
        }
        let version: Version = serde_json::from_slice(bytes).map_err(|_| Broken::Unreadable)?;
        if version.madoguchi_bundle != VERSION {
            return Err(Broken::Version(version.madoguchi_bundle));
        }
        let envelope: Envelope = serde_json::from_slice(bytes).map_err(|_| Broken::Unreadable)?;
        let key = STANDARD.decode(&envelope.key).map_err(|_| Broken::Altered)?;
        let signature = STANDARD.decode(&envelope.signature).map_err(|_| Broken::Altered)?;
        UnparsedPublicKey::new(&ED25519, &key)
            .verify(&[MARK, envelope.signed.as_bytes()].concat(), &signature)
            .map_err(|_| Broken::Altered)?;
        let contents: Contents = serde_json::from_str(&envelope.signed)
            .map_err(|error| Broken::Definition(error.to_string()))?;
        // What is larger could be no design.
        let size = contents.definition.canonical_json().map_or(usize::MAX, |bytes| bytes.len());
        if size > MAX_DOCUMENT_BYTES {
            return Err(Broken::TooLarge);
        }
        let own = self.key.as_ref().is_some_and(|own| own.public_key().as_ref() == key);
        let known = self.known.iter().find(|(_, known)| *known == key);
        let signer = match known {
            _ if own => Signer::Own,
            Some((city, _)) => Signer::Known(city.clone()),
            None => Signer::Unknown,
        };
        Ok(Opened { contents, signer, fingerprint: fingerprint(&key) })
    }
}

/// Eight groups of four digits of a key's SHA-256.
pub(super) fn fingerprint(key: &[u8]) -> String {
    let hash = crate::guard::sha256(key);
    let groups = hash.as_bytes()[..32].chunks(4).map(String::from_utf8_lossy);
    groups.collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn city(seed: u8) -> Bundles {
        let pair = Ed25519KeyPair::from_seed_unchecked(&[seed; 32]).expect("a seed");
        Bundles { key: Some(pair), known: Vec::new() }
    }

    fn contents() -> Contents {
        let definition = serde_json::json!({
            "id": "00000000000000000000000001", "revision": 3, "slug": "koza", "title": "講座",
            "summary": "", "department": "00000000000000000000000002",
        });
        Contents {
            city: "みらい市".to_owned(),
            made_at: "2026-11-22T03:00:00Z".parse().expect("a time"),
            departments: BTreeMap::new(),
            definition: serde_json::from_value(definition).expect("a definition"),
        }
    }

    /// NF-66: what another city signed is read as it was written, and who signed is known or not.
    #[test]
    fn a_bundle_is_read_as_it_was_signed() {
        let sender = city(1);
        let file = sender.seal(&contents()).expect("written").expect("a key");
        assert!(is_bundle(file.as_bytes()));
        let public = sender.public().expect("a key");
        let friend = Bundles::new(None, &[("となり市".to_owned(), public)]).expect("keys");
        let opened = friend.open(file.as_bytes()).expect("whole");
        assert_eq!(opened.contents, contents());
        assert_eq!(opened.signer, Signer::Known("となり市".to_owned()));
        assert_eq!(sender.open(file.as_bytes()).expect("whole").signer, Signer::Own);
        assert_eq!(city(2).open(file.as_bytes()).expect("whole").signer, Signer::Unknown);
        assert_eq!(opened.fingerprint.len(), 8 * 4 + 7);
        assert_eq!(Bundles::default().seal(&contents()).expect("written"), None);
        assert!(Bundles::new(None, &[("町".to_owned(), "AAAA".to_owned())]).is_err());
        assert!(Bundles::new(Some(b"no key"), &[]).is_err());
    }

    /// NF-66: this file was signed by another program (the `cryptography` of Python) in the form of the
    /// first release that reads bundles; every later one reads it.
    #[test]
    fn the_first_form_stays_readable() {
        let golden = include_str!("golden-v1.json").trim_end();
        let opened = city(1).open(golden.as_bytes()).expect("whole");
        assert_eq!((opened.contents, opened.signer), (contents(), Signer::Own));
    }

    /// NF-66: a bundle of which a byte was changed, cut off or exchanged is never taken.
    #[test]
    fn a_bundle_that_was_touched_is_refused() {
        let sender = city(1);
        let file = sender.seal(&contents()).expect("written").expect("a key");
        for end in [0, 1, 30, file.len() / 2, file.len() - 1] {
            let cut = sender.open(&file.as_bytes()[..end]);
            assert!(matches!(cut, Err(Broken::Unreadable)), "{end}: {cut:?}");
        }
        for at in 0..file.len() {
            let mut other = file.clone().into_bytes();
            other[at] ^= 1;
            if let Ok(opened) = sender.open(&other) {
                panic!("byte {at} counts for nothing: {:?}", opened.signer);
            }
        }
        let renamed = file.replace("みらい市", "よその市");
        assert!(matches!(sender.open(renamed.as_bytes()), Err(Broken::Altered)));
        let newer = file.replacen("\"madoguchi_bundle\":1", "\"madoguchi_bundle\":2", 1);
        assert!(matches!(sender.open(newer.as_bytes()), Err(Broken::Version(2))));
        let large = vec![b' '; LARGEST + 1];
        assert!(matches!(sender.open(&large), Err(Broken::TooLarge)));
    }

    /// A definition of a newer release is signed and whole, and still not guessed at.
    #[test]
    fn a_definition_with_unknown_parts_is_refused() {
        let sender = city(1);
        let file = sender.seal(&contents()).expect("written").expect("a key");
        let envelope: Envelope = serde_json::from_str(&file).expect("an envelope");
        let signed = envelope.signed.replacen("\"slug\"", "\"from_the_future\":1,\"slug\"", 1);
        let key = sender.key.as_ref().expect("a key");
        let signature = key.sign(&[MARK, signed.as_bytes()].concat());
        let signature = STANDARD.encode(signature.as_ref());
        let newer = serde_json::to_string(&Envelope { signed, signature, ..envelope });
        let refused = sender.open(newer.expect("written").as_bytes());
        assert!(matches!(refused, Err(Broken::Definition(why)) if why.contains("from_the_future")));
    }
}
