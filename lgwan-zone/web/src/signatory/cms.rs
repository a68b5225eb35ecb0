//! The signature itself: CMS `SignedData` (RFC 5652) without content, with the attributes that
//! PAdES baseline asks for (ETSI EN 319 142-1): content type, digest, signing certificate
//! (RFC 5035). No signing time: that of a PDF stands in its dictionary.

use ::cms::cert::{CertificateChoices, IssuerAndSerialNumber};
use ::cms::content_info::{CmsVersion, ContentInfo};
use ::cms::signed_data::{EncapsulatedContentInfo, SignedData, SignerIdentifier, SignerInfo};
use ring::digest::{SHA256, digest};
use x509_cert::Certificate;
use x509_cert::attr::Attribute;
use x509_cert::der::asn1::{Any, Null, ObjectIdentifier, OctetString, SetOfVec};
use x509_cert::der::{self, Encode};
use x509_cert::spki::AlgorithmIdentifierOwned;

use super::Key;

/// Bytes a signature takes beside the certificates: attributes, a signature of RSA up to 8192
/// bits, lengths.
pub(super) const BESIDE: usize = 4_096;

const DATA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.7.1");
const SIGNED_DATA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.7.2");
const CONTENT_TYPE: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.3");
const MESSAGE_DIGEST: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.4");
const SIGNING_CERTIFICATE: ObjectIdentifier =
    ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.16.2.47");
const SHA_256: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.2.1");
const SHA_256_RSA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.11");
const SHA_256_ECDSA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.4.3.2");

/// Why there is no signature.
#[derive(Debug)]
pub(super) enum Failed {
    Encoding,
    Key,
}

impl From<der::Error> for Failed {
    fn from(_: der::Error) -> Self {
        Self::Encoding
    }
}

/// DER of the signature over content with this SHA-256.
pub(super) fn signed(key: &Key, chain: &[Certificate], hash: &[u8]) -> Result<Vec<u8>, Failed> {
    let own = chain.first().ok_or(Failed::Encoding)?;
    let own_hash = OctetString::new(digest(&SHA256, &own.to_der()?).as_ref())?;
    // SigningCertificateV2, its list, and ESSCertIDv2 are sequences of one; the default hash is
    // left out.
    let signing = vec![vec![vec![own_hash]]];
    let attributes = SetOfVec::try_from(vec![
        attribute(CONTENT_TYPE, &DATA)?,
        attribute(MESSAGE_DIGEST, &OctetString::new(hash)?)?,
        attribute(SIGNING_CERTIFICATE, &signing)?,
    ])?;
    let signature = key.sign(&attributes.to_der()?).map_err(|_| Failed::Key)?;
    let sha_256 = AlgorithmIdentifierOwned { oid: SHA_256, parameters: None };
    let algorithm = match key {
        Key::Rsa(_) => AlgorithmIdentifierOwned {
            oid: SHA_256_RSA,
            parameters: Some(Any::encode_from(&Null)?),
        },
        Key::P256(_) => AlgorithmIdentifierOwned { oid: SHA_256_ECDSA, parameters: None },
    };
    let signer = SignerInfo {
        version: CmsVersion::V1,
        sid: SignerIdentifier::IssuerAndSerialNumber(IssuerAndSerialNumber {
            issuer: own.tbs_certificate().issuer().clone(),
            serial_number: own.tbs_certificate().serial_number().clone(),
        }),
        digest_alg: sha_256.clone(),
        signed_attrs: Some(attributes),
        signature_algorithm: algorithm,
        signature: OctetString::new(signature)?,
        unsigned_attrs: None,
    };
    let certificates: Vec<_> = chain.iter().cloned().map(CertificateChoices::Certificate).collect();
    let data = SignedData {
        version: CmsVersion::V1,
        digest_algorithms: SetOfVec::try_from(vec![sha_256])?,
        encap_content_info: EncapsulatedContentInfo { econtent_type: DATA, econtent: None },
        certificates: Some(certificates.try_into()?),
        crls: None,
        signer_infos: vec![signer].try_into()?,
    };
    let whole = ContentInfo { content_type: SIGNED_DATA, content: Any::encode_from(&data)? };
    Ok(whole.to_der()?)
}

fn attribute(
    oid: ObjectIdentifier,
    value: &(impl Encode + der::Tagged + der::EncodeValue),
) -> der::Result<Attribute> {
    Ok(Attribute { oid, values: SetOfVec::try_from(vec![Any::encode_from(value)?])? })
}
