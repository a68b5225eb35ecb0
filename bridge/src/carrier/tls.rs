//! TLS 1.3 with raw public keys (RFC 7250) on both sides. A key is trusted
//! because the key set lists it for that host, for no other reason: there are
//! no certificates, names or dates, so a wrong clock cannot stop a lane.

use std::sync::Arc;

use bridge_contract::keys::{KeyFolder, LiveKeys};
use bridge_contract::place::Host;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::{AlwaysResolvesClientRawPublicKeys, Resumption};
use rustls::crypto::{CryptoProvider, ring as provider, verify_tls13_signature_with_raw_key};
use rustls::pki_types::{
    CertificateDer, PrivatePkcs8KeyDer, ServerName, SubjectPublicKeyInfoDer, UnixTime,
};
use rustls::server::danger::{ClientCertVerified, ClientCertVerifier};
use rustls::server::{AlwaysResolvesServerRawPublicKeys, NoServerSessionStorage};
use rustls::sign::CertifiedKey;
use rustls::version::TLS13;
use rustls::{
    CertificateError, ClientConfig, DigitallySignedStruct, DistinguishedName, Error, ServerConfig,
    SignatureScheme,
};
use tokio_rustls::{TlsAcceptor, TlsConnector};

use crate::StartError;

/// The protocol's name in the handshake, so that nothing else is spoken here.
const ALPN: &[u8] = b"madoguchi-bridge/1";

/// The public keys the other side may show.
#[derive(Debug)]
pub(crate) struct Pins {
    keys: Arc<LiveKeys>,
    host: Host,
    provider: CryptoProvider,
}

impl Pins {
    /// The keys that the key set lists for a host, now and later.
    pub(crate) fn of(keys: &Arc<LiveKeys>, host: Host) -> Result<Arc<Self>, StartError> {
        if keys.set().transport_keys(host).next().is_none() {
            return Err(StartError::NoTransportKey(host));
        }
        let provider = provider::default_provider();
        Ok(Arc::new(Self { keys: Arc::clone(keys), host, provider }))
    }

    fn check(&self, shown: &CertificateDer<'_>) -> Result<(), Error> {
        let set = self.keys.set();
        let known = set.transport_keys(self.host).any(|key| key.spki() == shown.as_ref());
        if known {
            Ok(())
        } else {
            Err(Error::InvalidCertificate(CertificateError::ApplicationVerificationFailure))
        }
    }

    fn check_signature(
        &self,
        message: &[u8],
        shown: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let key = SubjectPublicKeyInfoDer::from(shown.as_ref());
        let algorithms = &self.provider.signature_verification_algorithms;
        verify_tls13_signature_with_raw_key(message, &key, signature, algorithms)
    }
}

impl ServerCertVerifier for Pins {
    fn verify_server_cert(
        &self,
        shown: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        self.check(shown).map(|()| ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        Err(Error::General("TLS 1.3 only".to_owned()))
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        shown: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.check_signature(message, shown, signature)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        vec![SignatureScheme::ED25519]
    }

    fn requires_raw_public_keys(&self) -> bool {
        true
    }
}

impl ClientCertVerifier for Pins {
    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        &[]
    }

    fn verify_client_cert(
        &self,
        shown: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: UnixTime,
    ) -> Result<ClientCertVerified, Error> {
        self.check(shown).map(|()| ClientCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        Err(Error::General("TLS 1.3 only".to_owned()))
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        shown: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.check_signature(message, shown, signature)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        vec![SignatureScheme::ED25519]
    }

    fn requires_raw_public_keys(&self) -> bool {
        true
    }
}

/// For dialling as `host` to whoever shows one of the pinned keys.
pub(crate) fn dialler(
    keys: &KeyFolder,
    host: Host,
    pins: Arc<Pins>,
) -> Result<TlsConnector, StartError> {
    let own = own_key(keys, host)?;
    let mut config = ClientConfig::builder_with_provider(Arc::new(provider::default_provider()))
        .with_protocol_versions(&[&TLS13])
        .map_err(StartError::Tls)?
        .dangerous()
        .with_custom_certificate_verifier(pins)
        .with_client_cert_resolver(Arc::new(AlwaysResolvesClientRawPublicKeys::new(own)));
    config.alpn_protocols = vec![ALPN.to_vec()];
    config.enable_sni = false;
    config.resumption = Resumption::disabled();
    Ok(TlsConnector::from(Arc::new(config)))
}

/// For listening as `host` to those who show one of the pinned keys.
pub(crate) fn listener(
    keys: &KeyFolder,
    host: Host,
    pins: Arc<Pins>,
) -> Result<TlsAcceptor, StartError> {
    let own = own_key(keys, host)?;
    let mut config = ServerConfig::builder_with_provider(Arc::new(provider::default_provider()))
        .with_protocol_versions(&[&TLS13])
        .map_err(StartError::Tls)?
        .with_client_cert_verifier(pins)
        .with_cert_resolver(Arc::new(AlwaysResolvesServerRawPublicKeys::new(own)));
    config.alpn_protocols = vec![ALPN.to_vec()];
    config.send_tls13_tickets = 0;
    config.session_storage = Arc::new(NoServerSessionStorage {});
    Ok(TlsAcceptor::from(Arc::new(config)))
}

fn own_key(keys: &KeyFolder, host: Host) -> Result<Arc<CertifiedKey>, StartError> {
    let document = keys.transport(host)?;
    let der = PrivatePkcs8KeyDer::from(document.as_slice());
    let key = provider::sign::any_eddsa_type(&der).map_err(StartError::Tls)?;
    let public = key
        .public_key()
        .ok_or_else(|| StartError::Tls(Error::General("the key has no public half".to_owned())))?;
    let shown = CertificateDer::from(public.as_ref().to_vec());
    Ok(Arc::new(CertifiedKey::new(vec![shown], key)))
}

#[cfg(test)]
mod tests {
    use bridge_contract::keys::{KeyEntry, KeySet, Purpose, SigningKey};
    use bridge_contract::place::{Environment, Tenant};

    use super::*;

    /// I8, NN-18: a key opens a connection as its own host only, and no longer when a
    /// newer key set leaves it out.
    #[test]
    fn a_transport_key_is_for_one_host_while_it_is_listed() {
        let (root, one, two) =
            (SigningKey::generate().0, SigningKey::generate().0, SigningKey::generate().0);
        let entry = |host, key: &SigningKey| KeyEntry {
            purpose: Purpose::Transport(host),
            public: key.verify_key().0,
            valid_from: 0,
            valid_until: u64::MAX,
        };
        let set = |version, keys| KeySet {
            tenant: Tenant::parse("mirai").expect("a good name"),
            environment: Environment::Demo,
            version,
            keys,
        };
        let keys = vec![entry(Host::Sanitizer, &one), entry(Host::Lgwan, &two)];
        let live = Arc::new(LiveKeys::new(set(1, keys), root.verify_key()));
        let pins = Pins::of(&live, Host::Sanitizer).expect("a key is listed");
        let shown = |key: &SigningKey| CertificateDer::from(key.verify_key().spki().to_vec());
        assert!(pins.check(&shown(&one)).is_ok());
        assert!(pins.check(&shown(&two)).is_err(), "it is L's");
        let after = set(2, vec![entry(Host::Sanitizer, &two)]).sign(&root);
        assert_eq!(live.replace(&after), Ok(true));
        assert!(pins.check(&shown(&one)).is_err(), "it was stolen");
        assert!(pins.check(&shown(&two)).is_ok());
        assert!(Pins::of(&live, Host::Internet).is_err());
    }
}
