//! What the values of one dictionary say about each other.

use super::file::File;
use super::lexer::{Dict, Object};
use super::roles::Role;
use crate::refusal::{Refusal, Verdict, must};

const ODD: Refusal = Refusal::of("values that do not fit each other");

/// Whether a dictionary of this role makes sense.
pub(super) fn verify(dict: &Dict, role: Role, file: &File<'_>) -> Verdict {
    let length = |key: &str| match dict.get(key) {
        Some(Object::Array(list)) => list.len(),
        _ => 0,
    };
    let fits = match role {
        Role::Link => dict.get("Dest").is_some() != dict.get("A").is_some(),
        Role::State => dict.0.len() == 1,
        Role::Tiling => {
            matches!(dict.whole("PaintType"), Some(1 | 2)) && dict.whole("TilingType") == Some(1)
        }
        Role::Gradient => {
            length("Coords") == if dict.whole("ShadingType") == Some(2) { 4 } else { 6 }
        }
        Role::Mesh => {
            let bits = ["BitsPerCoordinate", "BitsPerComponent", "BitsPerFlag"];
            bits.map(|it| dict.whole(it)) == [Some(32), Some(8), Some(8)]
        }
        Role::Sampled => dict.whole("BitsPerSample") == Some(8),
        Role::Straight => dict.whole("N") == Some(1),
        Role::Stitched => {
            let parts = length("Functions");
            parts > 1 && length("Bounds") == parts - 1 && length("Encode") == 2 * parts
        }
        Role::Named => named(dict),
        Role::Drawn => widths(dict) && glyphs(dict) == Some(true),
        Role::Composite => length("DescendantFonts") == 1 && composite(dict, file) == Some(true),
        Role::Descendant => descendant(dict, file) == Some(true),
        Role::Collection => {
            let known: [&[u8]; 6] = [b"Japan1", b"GB1", b"CNS1", b"Korea1", b"KR", b"Identity"];
            let ordering = matches!(dict.get("Ordering"), Some(Object::Text(it)) if known.contains(&it.as_slice()));
            ordering && dict.get("Registry") == Some(&Object::Text(b"Adobe".to_vec()))
        }
        Role::Descriptor => dict.get("FontFile2").is_none() || dict.get("FontFile3").is_none(),
        _ => true,
    };
    must(fits, ODD.what())
}

/// One width for each code from the first to the last.
fn widths(dict: &Dict) -> bool {
    let count = match dict.get("Widths") {
        Some(Object::Array(list)) => list.len(),
        _ => return false,
    };
    let ends = dict.whole("FirstChar").zip(dict.whole("LastChar"));
    ends.is_some_and(|(first, last)| last < 256 && first <= last && last - first + 1 == count)
}

fn named(dict: &Dict) -> bool {
    let keys = ["FirstChar", "LastChar", "Widths"].map(|it| dict.get(it).is_some());
    keys == [false; 3] || widths(dict)
}

/// The glyphs of a drawn font are those its encoding names.
fn glyphs(dict: &Dict) -> Option<bool> {
    let (Object::Dict(programs), Object::Dict(encoding)) =
        (dict.get("CharProcs")?, dict.get("Encoding")?)
    else {
        return None;
    };
    let Object::Array(list) = encoding.get("Differences")? else { return None };
    let names = list.chunks(2).map(|pair| match pair {
        [Object::Number(_), Object::Name(name)] => Some(name),
        _ => None,
    });
    Some(names.eq(programs.0.iter().map(|it| Some(&it.0))))
}

/// A composite font and its only descendant have one name.
fn composite(dict: &Dict, file: &File<'_>) -> Option<bool> {
    let Object::Array(list) = dict.get("DescendantFonts")? else { return None };
    let below = follow(list.first()?, file)?;
    Some(below.name("BaseFont")? == dict.name("BaseFont")?)
}

/// A descendant, its descriptor and its program fit.
fn descendant(dict: &Dict, file: &File<'_>) -> Option<bool> {
    let descriptor = follow(dict.get("FontDescriptor")?, file)?;
    let true_type = dict.name("Subtype")? == "CIDFontType2";
    let carried = [descriptor.get("FontFile2").is_some(), descriptor.get("FontFile3").is_some()];
    let mapped = dict.get("CIDToGIDMap").is_some();
    let fits = match carried {
        [true, false] => true_type && mapped,
        [false, true] => !true_type && !mapped,
        _ => !mapped,
    };
    Some(fits && descriptor.name("FontName")? == dict.name("BaseFont")?)
}

fn follow<'f>(object: &Object, file: &'f File<'_>) -> Option<&'f Dict> {
    let Object::Ref(number) = object else { return None };
    match &file.things.get(number)?.body {
        Object::Dict(dict) => Some(dict),
        _ => None,
    }
}
