//! Where the signature stands in a PDF: an update appended to the document, with a field on its
//! first page that shows nothing (ISO 32000-1 12.8, and ISO 19005-2 6.4.3: it covers the whole file).

use std::ops::Range;

use jiff::Timestamp;
use lopdf::{Dictionary, Document, IncrementalDocument, Object, StringFormat, dictionary};
use ring::digest::{Context, SHA256};

/// Where numbers stand that are known only when everything is written: ten digits.
const LATER: i64 = 9_999_999_999;
/// Printed with the page, and locked.
const PRINT_AND_LOCKED: i64 = 4 + 128;
/// Signatures exist, and the file is to be appended to only.
const SIGNATURES_EXIST_APPEND_ONLY: i64 = 3;

/// A document with room for a signature.
pub(super) struct Place {
    bytes: Vec<u8>,
    /// The digits between `<` and `>`.
    digits: Range<usize>,
}

/// Appends a signature's dictionary with room for so many bytes. `None` for a document that is
/// not one of ours: it must have a page and no form.
pub(super) fn with_place(document: &[u8], name: &str, at: Timestamp, room: usize) -> Option<Place> {
    let read = Document::load_mem(document).ok()?;
    let root = read.trailer.get(b"Root").and_then(Object::as_reference).ok()?;
    let page = *read.get_pages().values().next()?;
    if read.catalog().ok()?.has(b"AcroForm") {
        return None;
    }
    let mut annotations = match read.get_dictionary(page).ok()?.get(b"Annots") {
        Ok(there) => read.dereference(there).ok()?.1.as_array().ok()?.clone(),
        Err(_) => Vec::new(),
    };
    let mut update = IncrementalDocument::create_from(document.to_vec(), read);
    let signature = update.new_document.add_object(dictionary! {
        "Type" => "Sig",
        "Filter" => "Adobe.PPKLite",
        "SubFilter" => "ETSI.CAdES.detached",
        "ByteRange" => vec![0.into(), LATER.into(), LATER.into(), LATER.into()],
        "Contents" => Object::String(vec![0; room], StringFormat::Hexadecimal),
        "Name" => lopdf::text_string(name),
        "M" => Object::string_literal(date(at)),
    });
    let field = update.new_document.add_object(dictionary! {
        "Type" => "Annot",
        "Subtype" => "Widget",
        "FT" => "Sig",
        "T" => Object::string_literal("Signature"),
        "F" => PRINT_AND_LOCKED,
        "Rect" => vec![0.into(), 0.into(), 0.into(), 0.into()],
        "P" => page,
        "V" => signature,
    });
    annotations.push(field.into());
    let form: Dictionary = dictionary! {
        "Fields" => vec![field.into()],
        "SigFlags" => SIGNATURES_EXIST_APPEND_ONLY,
    };
    for (id, key, value) in
        [(root, "AcroForm", Object::from(form)), (page, "Annots", Object::from(annotations))]
    {
        update.opt_clone_object_to_new_document(id).ok()?;
        update.new_document.get_dictionary_mut(id).ok()?.set(key, value);
    }
    let mut bytes = Vec::with_capacity(document.len() + 2 * room + 4_096);
    update.save_to(&mut bytes).ok()?;
    Place::found(bytes, document.len(), room)
}

/// `D:20261122093000+00'00'`.
fn date(at: Timestamp) -> String {
    at.strftime("D:%Y%m%d%H%M%S+00'00'").to_string()
}

impl Place {
    /// Finds the room in what was appended after `own` bytes and writes the ranges around it.
    fn found(mut bytes: Vec<u8>, own: usize, room: usize) -> Option<Self> {
        let find = |bytes: &[u8], what: &[u8], from: usize| {
            let rest = bytes.get(from..)?;
            rest.windows(what.len()).position(|window| window == what).map(|at| at + from)
        };
        // The one string of zeros of this length.
        let zeros = [b"<".as_slice(), &vec![b'0'; 2 * room], b">"].concat();
        let open = find(&bytes, &zeros, own)?;
        let digits = open + 1..open + 1 + 2 * room;
        let after = digits.end + 1;
        let start = find(&bytes, b"/ByteRange", own)?;
        let start = find(&bytes, b"[", start)?;
        let end = find(&bytes, b"]", start)?;
        let ranges = format!("0 {open} {after} {}", bytes.len() - after);
        let width = end - start - 1;
        let ranges = format!("{ranges:<width$}");
        if ranges.len() != width {
            return None;
        }
        bytes[start + 1..end].copy_from_slice(ranges.as_bytes());
        Some(Self { bytes, digits })
    }

    /// SHA-256 of everything but the room.
    pub(super) fn digest(&self) -> Vec<u8> {
        let mut context = Context::new(&SHA256);
        context.update(&self.bytes[..self.digits.start - 1]);
        context.update(&self.bytes[self.digits.end + 1..]);
        context.finish().as_ref().to_vec()
    }

    /// The signed document; `None` when the signature is larger than its room.
    pub(super) fn filled(mut self, signature: &[u8]) -> Option<Vec<u8>> {
        let digits: String = signature.iter().map(|byte| format!("{byte:02x}")).collect();
        let there = self.bytes.get_mut(self.digits.clone())?;
        there.get_mut(..digits.len())?.copy_from_slice(digits.as_bytes());
        Some(self.bytes)
    }
}
