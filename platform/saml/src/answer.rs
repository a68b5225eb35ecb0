//! What an answer of the IdP says, when it is signed, for us, and in time.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use uppsala::NodeId;

use crate::names::{ASSERTION, BEARER, PROTOCOL, SUCCESS};
use crate::signed::{Signed, Tree, response};
use crate::{ServiceProvider, Told};

/// Largest answer in bytes, as XML. Real ones have 5 to 20 KiB.
const LARGEST: usize = 256 * 1024;
/// Longest name of an account in characters.
const LONGEST_ACCOUNT: usize = 200;

/// Why an answer is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// Larger than 256 KiB.
    #[error("too large")]
    TooLarge,
    /// No XML, no response, or markup nobody needs here: document types, comments, instructions.
    #[error("unreadable")]
    Unreadable,
    /// The IdP did not sign the person in.
    #[error("not signed in there")]
    Denied,
    /// Not one assertion with plain signatures.
    #[error("not of the expected shape")]
    Shape,
    /// No signature at all.
    #[error("unsigned")]
    Unsigned,
    /// An algorithm, canonicalization or transform that is not on the list.
    #[error("algorithm not allowed")]
    Algorithm,
    /// The signature does not fit, or its key is none of ours.
    #[error("signature does not fit")]
    Signature,
    /// Of another IdP, for another service, or for another address of ours.
    #[error("not for this service")]
    NotForUs,
    /// Too old, or from the future.
    #[error("out of time")]
    OutOfTime,
    /// No account is named, or more than one.
    #[error("no account named")]
    NoAccount,
}

impl Refused {
    /// A word for the log.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::TooLarge => "saml_too_large",
            Self::Unreadable => "saml_unreadable",
            Self::Denied => "saml_denied",
            Self::Shape => "saml_shape",
            Self::Unsigned => "saml_unsigned",
            Self::Algorithm => "saml_algorithm",
            Self::Signature => "saml_signature",
            Self::NotForUs => "saml_not_for_us",
            Self::OutOfTime => "saml_out_of_time",
            Self::NoAccount => "saml_no_account",
        }
    }
}

impl ServiceProvider {
    /// Reads the form field `SAMLResponse`. The caller still asks whether the request was its own and
    /// the assertion is used for the first time.
    ///
    /// # Errors
    /// [`Refused`] for whatever is not signed by the IdP, for us, and now.
    ///
    /// Source: SAML 2.0 profiles, 4.1.4.3 and 4.1.4.5.
    pub fn reads(&self, field: &str, now: Timestamp) -> Result<Told, Refused> {
        let xml = decoded(field)?;
        let doc = uppsala::parse(&xml).map_err(|_| Refused::Unreadable)?;
        let tree = Tree { doc: &doc };
        let response = response(&tree)?;
        self.succeeded(&tree, response)?;
        let signed = self.signed(&tree, &xml, response)?;
        self.told(&tree, &signed, now)
    }

    /// Whether the IdP signed the person in, by what it says outside the assertion.
    fn succeeded(&self, tree: &Tree<'_>, response: NodeId) -> Result<(), Refused> {
        let code = tree.one(response, PROTOCOL, "Status");
        let code = code.and_then(|status| tree.one(status, PROTOCOL, "StatusCode"));
        let code = code.and_then(|code| tree.attribute(code, "Value"));
        if code.ok_or(Refused::Unreadable)? != SUCCESS {
            return Err(Refused::Denied);
        }
        let elsewhere =
            tree.attribute(response, "Destination").is_some_and(|to| to != self.agreed.acs);
        let issuer = tree.one(response, ASSERTION, "Issuer").and_then(|node| tree.text(node));
        let stranger = issuer.is_some_and(|issuer| issuer != self.agreed.idp);
        if elsewhere || stranger || tree.attribute(response, "Version") != Some("2.0") {
            return Err(Refused::NotForUs);
        }
        Ok(())
    }

    fn told(&self, tree: &Tree<'_>, signed: &Signed, now: Timestamp) -> Result<Told, Refused> {
        let one = |parent, name| tree.one(parent, ASSERTION, name).ok_or(Refused::Shape);
        let assertion = signed.assertion;
        let issuer = tree.text(one(assertion, "Issuer")?);
        if issuer.as_deref() != Some(&self.agreed.idp)
            || tree.attribute(assertion, "Version") != Some("2.0")
        {
            return Err(Refused::NotForUs);
        }
        let ends = self.holds(tree, one(assertion, "Conditions")?, now)?;
        let subject = one(assertion, "Subject")?;
        let (request, confirmed) = self.confirmed(tree, subject, now)?;
        if tree.attribute(signed.response, "InResponseTo").is_some_and(|other| other != request) {
            return Err(Refused::NotForUs);
        }
        let statement = one(assertion, "AuthnStatement")?;
        let until = time(tree, statement, "SessionNotOnOrAfter")?;
        if until.is_some_and(|until| until <= now) {
            return Err(Refused::OutOfTime);
        }
        let proof = tree
            .one(statement, ASSERTION, "AuthnContext")
            .and_then(|context| tree.one(context, ASSERTION, "AuthnContextClassRef"))
            .and_then(|class| tree.text(class));
        let over_at = ends.map_or(confirmed, |ends| ends.max(confirmed));
        Ok(Told {
            request,
            assertion: tree.attribute(assertion, "ID").unwrap_or_default().to_owned(),
            over_at: over_at.saturating_add(self.agreed.skew).unwrap_or(over_at),
            account: self.account(tree, assertion, subject)?,
            proof: proof.unwrap_or_default(),
            authenticated: time(tree, statement, "AuthnInstant")?,
            until,
        })
    }

    /// Whether the conditions hold: in time, for us, and nothing we do not know. Gives their end.
    fn holds(
        &self,
        tree: &Tree<'_>,
        conditions: NodeId,
        now: Timestamp,
    ) -> Result<Option<Timestamp>, Refused> {
        let known = ["AudienceRestriction", "OneTimeUse", "ProxyRestriction"];
        let strange = |(space, name): (&str, &str)| space != ASSERTION || !known.contains(&name);
        if tree.children(conditions).any(strange) {
            return Err(Refused::Shape);
        }
        let ends = self.in_time(tree, conditions, now)?;
        let audiences = tree.all(conditions, ASSERTION, "AudienceRestriction");
        let names_us = |audience: &NodeId| {
            let names = tree.all(*audience, ASSERTION, "Audience").into_iter();
            names.filter_map(|name| tree.text(name)).any(|name| name == self.agreed.entity)
        };
        if audiences.is_empty() || !audiences.iter().all(names_us) {
            return Err(Refused::NotForUs);
        }
        Ok(ends)
    }

    /// The request that is answered here and now, and until when.
    fn confirmed(
        &self,
        tree: &Tree<'_>,
        subject: NodeId,
        now: Timestamp,
    ) -> Result<(String, Timestamp), Refused> {
        let mut why = Refused::NotForUs;
        for one in tree.all(subject, ASSERTION, "SubjectConfirmation") {
            let Some(data) = tree.one(one, ASSERTION, "SubjectConfirmationData") else { continue };
            let here = tree.attribute(one, "Method") == Some(BEARER)
                && tree.attribute(data, "Recipient") == Some(&self.agreed.acs);
            let Some(request) = tree.attribute(data, "InResponseTo").filter(|_| here) else {
                continue;
            };
            match self.in_time(tree, data, now)? {
                Some(ends) => return Ok((request.to_owned(), ends)),
                None => why = Refused::OutOfTime,
            }
        }
        Err(why)
    }

    /// Whether it is between `NotBefore` and `NotOnOrAfter`; gives the latter.
    fn in_time(
        &self,
        tree: &Tree<'_>,
        of: NodeId,
        now: Timestamp,
    ) -> Result<Option<Timestamp>, Refused> {
        let skew = self.agreed.skew;
        let early = time(tree, of, "NotBefore")?.is_some_and(|from| now < from - skew);
        let ends = time(tree, of, "NotOnOrAfter")?;
        let late = ends.is_some_and(|ends| now >= ends + skew);
        if early || late { Err(Refused::OutOfTime) } else { Ok(ends) }
    }

    fn account(
        &self,
        tree: &Tree<'_>,
        assertion: NodeId,
        subject: NodeId,
    ) -> Result<String, Refused> {
        let values: Vec<NodeId> = match &self.agreed.attribute {
            None => tree.all(subject, ASSERTION, "NameID"),
            Some(wanted) => {
                let statements = tree.all(assertion, ASSERTION, "AttributeStatement").into_iter();
                let attributes = statements.flat_map(|node| tree.all(node, ASSERTION, "Attribute"));
                let named = attributes.filter(|node| tree.attribute(*node, "Name") == Some(wanted));
                named.flat_map(|node| tree.all(node, ASSERTION, "AttributeValue")).collect()
            }
        };
        let [value] = values[..] else { return Err(Refused::NoAccount) };
        let account = tree.text(value).unwrap_or_default();
        if account.is_empty() || account.chars().count() > LONGEST_ACCOUNT {
            return Err(Refused::NoAccount);
        }
        Ok(account)
    }
}

/// The XML of a form field, without markup that could make one text two.
fn decoded(field: &str) -> Result<String, Refused> {
    if field.len() > LARGEST * 3 / 2 {
        return Err(Refused::TooLarge);
    }
    let packed: Vec<u8> = field.bytes().filter(|byte| !byte.is_ascii_whitespace()).collect();
    let bytes = STANDARD.decode(packed).map_err(|_| Refused::Unreadable)?;
    if bytes.len() > LARGEST {
        return Err(Refused::TooLarge);
    }
    let xml = String::from_utf8(bytes).map_err(|_| Refused::Unreadable)?;
    let body = xml.strip_prefix("<?xml ").unwrap_or(&xml);
    if body.contains("<!") || body.contains("<?") {
        return Err(Refused::Unreadable);
    }
    Ok(xml)
}

/// A time in an attribute; one that is no time is refused.
fn time(tree: &Tree<'_>, of: NodeId, name: &str) -> Result<Option<Timestamp>, Refused> {
    let text = tree.attribute(of, name);
    text.map(|text| text.parse().map_err(|_| Refused::Unreadable)).transpose()
}
