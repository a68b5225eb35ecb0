//! What we say: the request for a sign-in, and our metadata.

use std::io::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use flate2::Compression;
use flate2::write::DeflateEncoder;
use jiff::Timestamp;

use crate::ServiceProvider;
use crate::names::{ASSERTION, BY_POST, PROTOCOL};

impl ServiceProvider {
    /// The address that sends a browser to the IdP with the request `id`, which must be an XML name:
    /// it begins with `_` or a letter. `anew` wants the person to prove who they are although the IdP
    /// knows them (`ForceAuthn`).
    #[must_use]
    pub fn asks(&self, id: &str, at: Timestamp, anew: bool) -> String {
        let agreed = &self.agreed;
        let force = if anew { " ForceAuthn=\"true\"" } else { "" };
        let request = format!(
            "<samlp:AuthnRequest xmlns:samlp=\"{PROTOCOL}\" xmlns:saml=\"{ASSERTION}\" ID=\"{}\" \
             Version=\"2.0\" IssueInstant=\"{at:.0}\"{force} Destination=\"{}\" \
             ProtocolBinding=\"{BY_POST}\" AssertionConsumerServiceURL=\"{}\">\
             <saml:Issuer>{}</saml:Issuer></samlp:AuthnRequest>",
            escaped(id),
            escaped(&agreed.sign_in),
            escaped(&agreed.acs),
            escaped(&agreed.entity),
        );
        let mut deflated = DeflateEncoder::new(Vec::new(), Compression::default());
        // Writing to memory cannot fail.
        let _ = deflated.write_all(request.as_bytes());
        let packed = STANDARD.encode(deflated.finish().unwrap_or_default());
        let packed = packed.replace('+', "%2B").replace('/', "%2F").replace('=', "%3D");
        let joint = if agreed.sign_in.contains('?') { '&' } else { '?' };
        format!("{}{joint}SAMLRequest={packed}", agreed.sign_in)
    }

    /// What an IdP is set up with.
    #[must_use]
    pub fn metadata(&self) -> String {
        format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
             <md:EntityDescriptor xmlns:md=\"urn:oasis:names:tc:SAML:2.0:metadata\" entityID=\"{}\">\n  \
             <md:SPSSODescriptor AuthnRequestsSigned=\"false\" WantAssertionsSigned=\"true\" \
             protocolSupportEnumeration=\"{PROTOCOL}\">\n    \
             <md:AssertionConsumerService Binding=\"{BY_POST}\" Location=\"{}\" index=\"0\" \
             isDefault=\"true\"/>\n  </md:SPSSODescriptor>\n</md:EntityDescriptor>\n",
            escaped(&self.agreed.entity),
            escaped(&self.agreed.acs),
        )
    }
}

/// Text for an element or an attribute in double quotes.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
