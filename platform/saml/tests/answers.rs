//! An answer signed by a key of our own, and everything that may be wrong with one.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bergshamra_dsig::DsigContext;
use bergshamra_dsig::sign::sign;
use bergshamra_keys::KeysManager;
use bergshamra_keys::loader::load_pem_auto;
use jiff::{SignedDuration, Timestamp};

use platform_saml::{Agreed, Refused, ServiceProvider, Told};

const NOW: &str = "2026-11-20T01:00:00Z";
const METHOD: &str = "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256";

/// An IdP of one key.
struct Idp {
    key: String,
    certificate: String,
}

impl Idp {
    fn new() -> Self {
        let key = rcgen::KeyPair::generate().expect("a key");
        let parameters = rcgen::CertificateParams::new(Vec::<String>::new()).expect("parameters");
        let certificate = parameters.self_signed(&key).expect("a certificate").pem();
        Self { key: key.serialize_pem(), certificate }
    }

    /// The answer with its template of a signature filled in.
    fn signs(&self, xml: &str) -> String {
        let mut keys = KeysManager::new();
        keys.add_key(load_pem_auto(self.key.as_bytes(), None).expect("a key"));
        sign(&DsigContext::new(keys), xml).expect("signed")
    }
}

fn agreed(idps: &[&Idp]) -> Agreed {
    Agreed {
        entity: "https://staff.example/login/saml/metadata".to_owned(),
        acs: "https://staff.example/login/saml".to_owned(),
        idp: "https://idp.example/".to_owned(),
        sign_in: "https://idp.example/sso".to_owned(),
        certificates: idps.iter().map(|idp| idp.certificate.clone()).collect(),
        attribute: None,
        skew: SignedDuration::from_secs(60),
    }
}

fn signature(over: &str) -> String {
    format!(
        "<ds:Signature xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\"><ds:SignedInfo>\
         <ds:CanonicalizationMethod Algorithm=\"http://www.w3.org/2001/10/xml-exc-c14n#\"/>\
         <ds:SignatureMethod Algorithm=\"{METHOD}\"/><ds:Reference URI=\"#{over}\"><ds:Transforms>\
         <ds:Transform Algorithm=\"http://www.w3.org/2000/09/xmldsig#enveloped-signature\"/>\
         <ds:Transform Algorithm=\"http://www.w3.org/2001/10/xml-exc-c14n#\"/></ds:Transforms>\
         <ds:DigestMethod Algorithm=\"http://www.w3.org/2001/04/xmlenc#sha256\"/>\
         <ds:DigestValue></ds:DigestValue></ds:Reference></ds:SignedInfo>\
         <ds:SignatureValue></ds:SignatureValue></ds:Signature>"
    )
}

fn assertion(signature: &str) -> String {
    format!(
        "<saml:Assertion xmlns:saml=\"urn:oasis:names:tc:SAML:2.0:assertion\" ID=\"_a1\" \
         Version=\"2.0\" IssueInstant=\"{NOW}\"><saml:Issuer>https://idp.example/</saml:Issuer>\
         {signature}<saml:Subject><saml:NameID>uketsuke</saml:NameID><saml:SubjectConfirmation \
         Method=\"urn:oasis:names:tc:SAML:2.0:cm:bearer\"><saml:SubjectConfirmationData \
         InResponseTo=\"_r1\" NotOnOrAfter=\"2026-11-20T01:05:00Z\" \
         Recipient=\"https://staff.example/login/saml\"/></saml:SubjectConfirmation></saml:Subject>\
         <saml:Conditions NotBefore=\"{NOW}\" NotOnOrAfter=\"2026-11-20T01:05:00Z\">\
         <saml:AudienceRestriction><saml:Audience>https://staff.example/login/saml/metadata\
         </saml:Audience></saml:AudienceRestriction></saml:Conditions>\
         <saml:AuthnStatement AuthnInstant=\"{NOW}\" \
         SessionNotOnOrAfter=\"2026-11-20T09:00:00Z\"><saml:AuthnContext>\
         <saml:AuthnContextClassRef>https://refeds.org/profile/mfa</saml:AuthnContextClassRef>\
         </saml:AuthnContext></saml:AuthnStatement><saml:AttributeStatement>\
         <saml:Attribute Name=\"uid\"><saml:AttributeValue>s0002</saml:AttributeValue>\
         </saml:Attribute><saml:Attribute Name=\"group\"><saml:AttributeValue>a</saml:AttributeValue>\
         <saml:AttributeValue>b</saml:AttributeValue></saml:Attribute>\
         </saml:AttributeStatement></saml:Assertion>"
    )
}

fn response(signature: &str, inside: &str) -> String {
    format!(
        "<samlp:Response xmlns:samlp=\"urn:oasis:names:tc:SAML:2.0:protocol\" ID=\"_p1\" \
         Version=\"2.0\" IssueInstant=\"{NOW}\" Destination=\"https://staff.example/login/saml\" \
         InResponseTo=\"_r1\"><saml:Issuer xmlns:saml=\"urn:oasis:names:tc:SAML:2.0:assertion\">\
         https://idp.example/</saml:Issuer>{signature}<samlp:Status><samlp:StatusCode \
         Value=\"urn:oasis:names:tc:SAML:2.0:status:Success\"/></samlp:Status>{inside}\
         </samlp:Response>"
    )
}

/// An answer whose assertion is signed.
fn usual() -> String {
    response("", &assertion(&signature("_a1")))
}

fn reads(agreed: Agreed, xml: &str, at: &str) -> Result<Told, Refused> {
    let us = ServiceProvider::new(agreed).expect("certificates");
    us.reads(&STANDARD.encode(xml), at.parse().expect("a time"))
}

/// What is said of an answer after this change, made before it is signed.
fn changed(from: &str, to: &str) -> Result<Told, Refused> {
    let idp = Idp::new();
    let xml = usual();
    assert!(xml.contains(from), "{from}");
    reads(agreed(&[&idp]), &idp.signs(&xml.replacen(from, to, 1)), NOW)
}

/// What is said of an answer after this change, made behind the back of the IdP.
fn tampered(change: impl FnOnce(&str) -> String) -> Result<Told, Refused> {
    let idp = Idp::new();
    let xml = idp.signs(&usual());
    let changed = change(&xml);
    assert_ne!(xml, changed);
    reads(agreed(&[&idp]), &changed, NOW)
}

/// IK-3.5.7a: an answer tells who it is, which request it answers and for how long.
#[test]
fn a_signed_answer_tells_who_signed_in() {
    let idp = Idp::new();
    let told = reads(agreed(&[&idp]), &idp.signs(&usual()), NOW).expect("it is right");
    let time = |text: &str| text.parse::<Timestamp>().expect("a time");
    let expected = Told {
        request: "_r1".to_owned(),
        assertion: "_a1".to_owned(),
        over_at: time("2026-11-20T01:06:00Z"),
        account: "uketsuke".to_owned(),
        proof: "https://refeds.org/profile/mfa".to_owned(),
        authenticated: Some(time(NOW)),
        until: Some(time("2026-11-20T09:00:00Z")),
    };
    assert_eq!(told, expected);
}

/// IK-3.5.7a: a signature over the whole response covers the assertion in it; both may be signed.
#[test]
fn the_response_may_be_signed_instead_or_as_well() {
    let idp = Idp::new();
    let whole = idp.signs(&response(&signature("_p1"), &assertion("")));
    assert!(reads(agreed(&[&idp]), &whole, NOW).is_ok());
    // The assertion is signed first; then the response around it.
    let inner = idp.signs(&usual());
    let inner = &inner[inner.find("<saml:Assertion").expect("it is there")..];
    let inner = inner.strip_suffix("</samlp:Response>").expect("it ends there").trim_end();
    let both = idp.signs(&response(&signature("_p1"), inner));
    assert!(reads(agreed(&[&idp]), &both, NOW).is_ok());
    let broken = both.replacen("uketsuke", "kanri", 1);
    assert_eq!(reads(agreed(&[&idp]), &broken, NOW), Err(Refused::Signature));
}

/// IK-3.5.7a: while the IdP changes its certificate both are known; a third is not.
#[test]
fn two_certificates_are_known_at_once() {
    let (old, new, stranger) = (Idp::new(), Idp::new(), Idp::new());
    for idp in [&old, &new] {
        assert!(reads(agreed(&[&old, &new]), &idp.signs(&usual()), NOW).is_ok());
    }
    let xml = stranger.signs(&usual());
    assert_eq!(reads(agreed(&[&old, &new]), &xml, NOW), Err(Refused::Signature));
    assert!(ServiceProvider::new(agreed(&[])).is_err());
}

/// IK-3.5.7a: an attribute may name the account; it must have one value.
#[test]
fn an_attribute_names_the_account() {
    let idp = Idp::new();
    let by = |name: &str| Agreed { attribute: Some(name.to_owned()), ..agreed(&[&idp]) };
    let xml = idp.signs(&usual());
    assert_eq!(reads(by("uid"), &xml, NOW).map(|told| told.account), Ok("s0002".to_owned()));
    assert_eq!(reads(by("group"), &xml, NOW), Err(Refused::NoAccount));
    assert_eq!(reads(by("mail"), &xml, NOW), Err(Refused::NoAccount));
}

/// IK-3.5.7a: without a signature, or with one that says anything unusual, nothing is believed.
#[test]
fn an_answer_without_a_plain_signature_is_refused() {
    let idp = Idp::new();
    let bare = response("", &assertion(""));
    assert_eq!(reads(agreed(&[&idp]), &bare, NOW), Err(Refused::Unsigned));
    for (from, to, refused) in [
        ("more#ecdsa-sha256", "more#rsa-sha1", Refused::Algorithm),
        ("04/xmldsig-more#ecdsa-sha256", "04/xmldsig-more#hmac-sha256", Refused::Algorithm),
        ("2001/04/xmlenc#sha256", "2000/09/xmldsig#sha1", Refused::Algorithm),
        (
            "<ds:Transform Algorithm=\"http://www.w3.org/2001/10/xml-exc-c14n#\"/>",
            "",
            Refused::Algorithm,
        ),
        ("xmldsig#enveloped-signature", "xmldsig#base64", Refused::Algorithm),
        ("URI=\"#_a1\"", "URI=\"\"", Refused::Shape),
        ("URI=\"#_a1\"", "URI=\"#_p1\"", Refused::Shape),
        ("URI=\"#_a1\"", "URI=\"file:///etc/passwd\"", Refused::Shape),
        ("</ds:Signature>", "<ds:Object/></ds:Signature>", Refused::Shape),
    ] {
        assert_eq!(tampered(|xml| xml.replacen(from, to, 1)), Err(refused), "{to}");
    }
    assert_eq!(tampered(|xml| xml.replacen("uketsuke", "kanri", 1)), Err(Refused::Signature));
    let stripped = |xml: &str| {
        let (before, rest) = xml.split_once("<ds:Signature ").expect("it is signed");
        format!("{before}{}", rest.split_once("</ds:Signature>").expect("it ends").1)
    };
    assert_eq!(tampered(stripped), Err(Refused::Unsigned));
}

/// IK-3.5.7a: the eight known ways to wrap a signed assertion into a forged one (XSW 1 to 8).
#[test]
fn a_wrapped_assertion_is_refused() {
    let idp = Idp::new();
    let xml = idp.signs(&usual());
    let start = xml.find("<saml:Assertion").expect("it is there");
    let end = xml.rfind("</samlp:Response>").expect("it ends there");
    let (head, signed, tail) = (&xml[..start], &xml[start..end], &xml[end..]);
    let evil = assertion("").replace("_a1", "_evil").replace("uketsuke", "kanri");
    let within = |outer: &str, inner: &str| {
        outer.replacen("</saml:Assertion>", &format!("{inner}</saml:Assertion>"), 1)
    };
    let the_signature = &signed
        [signed.find("<ds:Signature").expect("signed")..signed.find("<saml:Subject>").expect("it")];
    let unsigned = signed.replacen(the_signature, "", 1);
    let object = |inner: &str| {
        let object = format!("<ds:Object>{inner}</ds:Object></ds:Signature>");
        the_signature.replacen("</ds:Signature>", &object, 1)
    };
    let with =
        |signature: &str| evil.replacen("<saml:Subject>", &format!("{signature}<saml:Subject>"), 1);
    let extensions = format!("<samlp:Extensions>{signed}</samlp:Extensions>{evil}");
    let whole = format!("{head}{signed}{tail}");
    let outer = response("", &evil).replacen("_p1", "_p2", 1);
    for (number, inside) in [
        outer.replacen("</samlp:Response>", &format!("{whole}</samlp:Response>"), 1),
        outer.replacen("<samlp:Status>", &format!("{whole}<samlp:Status>"), 1),
        format!("{head}{evil}{signed}{tail}"),
        format!("{head}{}{tail}", within(&evil, signed)),
        format!("{head}{}{unsigned}{tail}", with(the_signature)),
        format!("{head}{}{tail}", with(&object(&unsigned))),
        format!("{head}{extensions}{tail}"),
        format!("{head}{}{tail}", within(signed, &evil)),
        // The same identifier twice.
        format!("{head}{}{signed}{tail}", evil.replace("_evil", "_a1")),
    ]
    .iter()
    .enumerate()
    {
        assert_eq!(reads(agreed(&[&idp]), inside, NOW), Err(Refused::Shape), "{number}");
    }
}

/// IK-3.5.7a: what is for others, of others, or answers nothing is refused though it is signed.
#[test]
fn an_answer_for_somebody_else_is_refused() {
    for (from, to) in [
        ("staff.example/login/saml/metadata", "other.example/metadata"),
        ("Recipient=\"https://staff", "Recipient=\"https://other"),
        ("Destination=\"https://staff", "Destination=\"https://other"),
        ("InResponseTo=\"_r1\" NotOnOrAfter", "NotOnOrAfter"),
        ("InResponseTo=\"_r1\" NotOnOrAfter", "InResponseTo=\"_r2\" NotOnOrAfter"),
        ("cm:bearer", "cm:sender-vouches"),
    ] {
        assert_eq!(changed(from, to), Err(Refused::NotForUs), "{to}");
    }
    let idp = Idp::new();
    let xml = idp.signs(&usual());
    let other = Agreed { idp: "https://elsewhere.example/".to_owned(), ..agreed(&[&idp]) };
    assert_eq!(reads(other, &xml, NOW), Err(Refused::NotForUs));
    let nobody = usual().replace("AudienceRestriction>", "OneTimeUse>");
    assert_eq!(reads(agreed(&[&idp]), &idp.signs(&nobody), NOW), Err(Refused::NotForUs));
    let said = changed("<saml:AudienceRestriction>", "<saml:Condition/><saml:AudienceRestriction>");
    assert_eq!(said, Err(Refused::Shape), "a condition we do not know");
    let denied = changed("status:Success", "status:Responder");
    assert_eq!(denied, Err(Refused::Denied));
}

/// IK-3.5.7a: too old and too new, to the second, with the difference of clocks that is allowed.
#[test]
fn an_answer_is_taken_in_its_time_only() {
    let idp = Idp::new();
    let xml = idp.signs(&usual());
    for (at, right) in [
        ("2026-11-20T00:58:59Z", false),
        ("2026-11-20T00:59:00Z", true),
        ("2026-11-20T01:05:59Z", true),
        ("2026-11-20T01:06:00Z", false),
    ] {
        let said = reads(agreed(&[&idp]), &xml, at);
        assert_eq!(said.is_ok(), right, "{at}");
        assert!(right || said == Err(Refused::OutOfTime), "{at}");
    }
    let ended =
        changed("SessionNotOnOrAfter=\"2026-11-20T09", "SessionNotOnOrAfter=\"2026-11-20T00");
    assert_eq!(ended, Err(Refused::OutOfTime));
    let never = changed(" NotOnOrAfter=\"2026-11-20T01:05:00Z\" Recipient", " Recipient");
    assert_eq!(never, Err(Refused::OutOfTime), "a confirmation without an end");
}

/// IK-3.5.7a, MN-7.2: document types, entities, comments and instructions are refused unread, so that
/// no name reads as another one; so is what is too large or no XML.
#[test]
fn markup_that_nobody_needs_is_refused() {
    for insert in ["<!-- x -->", "<?x y?>", "<![CDATA[x]]>"] {
        let said = tampered(|xml| xml.replacen("uketsuke", &format!("uke{insert}tsuke"), 1));
        assert_eq!(said, Err(Refused::Unreadable), "{insert}");
    }
    let bomb = "<!DOCTYPE x [<!ENTITY a \"aaaa\"><!ENTITY b \"&a;&a;\">]>";
    assert_eq!(tampered(|xml| format!("{bomb}{xml}")), Err(Refused::Unreadable));
    assert_eq!(tampered(|_| "no XML".to_owned()), Err(Refused::Unreadable));
    assert_eq!(tampered(|xml| format!("{}{xml}", " ".repeat(300 * 1024))), Err(Refused::TooLarge));
    let deep = "<a>".repeat(50_000);
    assert_eq!(tampered(|_| deep), Err(Refused::Unreadable));
    let us = ServiceProvider::new(agreed(&[&Idp::new()])).expect("a certificate");
    let at = NOW.parse().expect("a time");
    assert_eq!(us.reads("%%%", at), Err(Refused::Unreadable));
    assert_eq!(us.reads("", at), Err(Refused::Unreadable));
}

/// IK-3.5.7a: the request names us, and where the answer belongs.
#[test]
fn the_request_is_an_address_of_the_idp() {
    let us = ServiceProvider::new(agreed(&[&Idp::new()])).expect("a certificate");
    let asks = |anew| text_of(&us.asks("_r1", NOW.parse().expect("a time"), anew));
    let text = asks(false);
    assert!(text.contains("ID=\"_r1\"") && text.contains(&format!("IssueInstant=\"{NOW}\"")));
    assert!(text.contains("AssertionConsumerServiceURL=\"https://staff.example/login/saml\""));
    assert!(!text.contains("ForceAuthn") && asks(true).contains(" ForceAuthn=\"true\""));
    assert!(us.metadata().contains("entityID=\"https://staff.example/login/saml/metadata\""));
}

/// The request in an address.
fn text_of(address: &str) -> String {
    let packed = address.strip_prefix("https://idp.example/sso?SAMLRequest=").expect("the IdP's");
    assert!(packed.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'%'), "{packed}");
    let packed = packed.replace("%2B", "+").replace("%2F", "/").replace("%3D", "=");
    let packed = STANDARD.decode(packed).expect("base64");
    let mut text = String::new();
    let mut inflated = flate2::read::DeflateDecoder::new(packed.as_slice());
    std::io::Read::read_to_string(&mut inflated, &mut text).expect("deflated");
    text
}
