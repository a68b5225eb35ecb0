//! The one assertion of an answer, when a certificate we know signed it.
//!
//! Wrapping attacks put a second assertion beside the signed one. So the shape is fixed before any
//! signature is looked at: exactly one assertion in the whole document, directly in the response;
//! signatures only directly in these two, each over the element it stands in and nothing else, with
//! the transforms and algorithms of the list. Whatever else a signature may say is refused unread.

use bergshamra_dsig::verify::verify_all_document_with_source;
use bergshamra_dsig::{DsigContext, VerifyResult};
use uppsala::{Document, NodeId, NodeKind};

use crate::ServiceProvider;
use crate::answer::Refused;
use crate::names::{ASSERTION, PROTOCOL, SIGNATURE};

const EXCLUSIVE: &str = "http://www.w3.org/2001/10/xml-exc-c14n#";
const ENVELOPED: &str = "http://www.w3.org/2000/09/xmldsig#enveloped-signature";
const METHODS: [&str; 6] = [
    "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256",
    "http://www.w3.org/2001/04/xmldsig-more#rsa-sha384",
    "http://www.w3.org/2001/04/xmldsig-more#rsa-sha512",
    "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256",
    "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha384",
    "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha512",
];
const DIGESTS: [&str; 3] = [
    "http://www.w3.org/2001/04/xmlenc#sha256",
    "http://www.w3.org/2001/04/xmldsig-more#sha384",
    "http://www.w3.org/2001/04/xmlenc#sha512",
];

/// A parsed answer.
pub(crate) struct Tree<'a> {
    pub(crate) doc: &'a Document<'a>,
}

impl<'a> Tree<'a> {
    /// The elements of this name directly in `parent`.
    pub(crate) fn all(&self, parent: NodeId, space: &str, name: &str) -> Vec<NodeId> {
        self.doc.child_elements_by_name_ns(parent, space, name)
    }

    /// The only element of this name directly in `parent`.
    pub(crate) fn one(&self, parent: NodeId, space: &str, name: &str) -> Option<NodeId> {
        match self.all(parent, space, name)[..] {
            [one] => Some(one),
            _ => None,
        }
    }

    /// Names of all elements directly in `parent`: namespace and local name.
    pub(crate) fn children(&self, parent: NodeId) -> impl Iterator<Item = (&str, &str)> {
        let elements = self.doc.children_iter(parent).filter_map(|node| self.doc.element(node));
        elements.map(|element| {
            (element.name.namespace_uri.as_deref().unwrap_or(""), &*element.name.local_name)
        })
    }

    /// An attribute without namespace.
    pub(crate) fn attribute(&self, of: NodeId, name: &str) -> Option<&str> {
        let attributes = &self.doc.element(of)?.attributes;
        let found = attributes.iter().find(|one| one.name.matches(None, name))?;
        Some(&found.value)
    }

    /// The text of an element that holds nothing else.
    pub(crate) fn text(&self, of: NodeId) -> Option<String> {
        let mut text = String::new();
        for node in self.doc.children_iter(of) {
            match self.doc.node_kind(node) {
                Some(NodeKind::Text(part)) => text.push_str(part),
                _ => return None,
            }
        }
        Some(text.trim().to_owned())
    }

    fn is(&self, node: NodeId, space: &str, name: &str) -> bool {
        self.doc.element(node).is_some_and(|element| element.matches_name_ns(space, name))
    }
}

/// Response and assertion of an answer whose assertion is signed.
pub(crate) struct Signed {
    pub(crate) response: NodeId,
    pub(crate) assertion: NodeId,
}

/// The response of an answer.
pub(crate) fn response(tree: &Tree<'_>) -> Result<NodeId, Refused> {
    let root = tree.doc.document_element().ok_or(Refused::Unreadable)?;
    if tree.is(root, PROTOCOL, "Response") { Ok(root) } else { Err(Refused::Unreadable) }
}

impl ServiceProvider {
    /// Finds the assertion and checks every signature.
    pub(crate) fn signed(
        &self,
        tree: &Tree<'_>,
        source: &str,
        response: NodeId,
    ) -> Result<Signed, Refused> {
        let assertion = tree.one(response, ASSERTION, "Assertion").ok_or(Refused::Shape)?;
        if tree.doc.get_elements_by_tag_name("Assertion").len() != 1 {
            return Err(Refused::Shape);
        }
        let signatures = tree.doc.get_elements_by_tag_name_ns(SIGNATURE, "Signature");
        if signatures.is_empty() {
            return Err(Refused::Unsigned);
        }
        for signature in &signatures {
            let over = tree.doc.parent(*signature).ok_or(Refused::Shape)?;
            let known = over == response || over == assertion;
            if !known || tree.one(over, SIGNATURE, "Signature") != Some(*signature) {
                return Err(Refused::Shape);
            }
            plain(tree, *signature, over)?;
        }
        let context = DsigContext::new(self.keys.clone());
        let checked = verify_all_document_with_source(&context, tree.doc, Some(source));
        let checked = checked.map_err(|_| Refused::Shape)?;
        if checked.len() != signatures.len() {
            return Err(Refused::Shape);
        }
        for one in checked {
            let VerifyResult::Valid { signature_node, references, .. } = one else {
                return Err(Refused::Signature);
            };
            let over = tree.doc.parent(signature_node);
            let [reference] = &references[..] else { return Err(Refused::Shape) };
            if reference.resolved_node != over || !reference.digest_verified {
                return Err(Refused::Shape);
            }
        }
        // Each signature is valid and stands in the assertion or in the response around it.
        Ok(Signed { response, assertion })
    }
}

/// Whether a signature says what every IdP's does and no more: the element `over` it, by its
/// identifier, with the algorithms of the lists.
fn plain(tree: &Tree<'_>, signature: NodeId, over: NodeId) -> Result<(), Refused> {
    let allowed = ["SignedInfo", "SignatureValue", "KeyInfo"];
    let strange = |(space, name): (&str, &str)| space != SIGNATURE || !allowed.contains(&name);
    if tree.children(signature).any(strange) {
        return Err(Refused::Shape);
    }
    let one = |parent, name| tree.one(parent, SIGNATURE, name).ok_or(Refused::Shape);
    let method = |parent, name| {
        one(parent, name).map(|node| tree.attribute(node, "Algorithm").unwrap_or_default())
    };
    let info = one(signature, "SignedInfo")?;
    let reference = one(info, "Reference")?;
    let transforms = one(reference, "Transforms")?;
    let steps = tree.all(transforms, SIGNATURE, "Transform").into_iter();
    let steps: Vec<&str> =
        steps.map(|step| tree.attribute(step, "Algorithm").unwrap_or_default()).collect();
    let fits = method(info, "CanonicalizationMethod")? == EXCLUSIVE
        && METHODS.contains(&method(info, "SignatureMethod")?)
        && DIGESTS.contains(&method(reference, "DigestMethod")?)
        && steps == [ENVELOPED, EXCLUSIVE];
    if !fits {
        return Err(Refused::Algorithm);
    }
    let id = tree.attribute(over, "ID").filter(|id| !id.is_empty()).ok_or(Refused::Shape)?;
    let uri = tree.attribute(reference, "URI").and_then(|uri| uri.strip_prefix('#'));
    if uri == Some(id) { Ok(()) } else { Err(Refused::Shape) }
}
