//! Maps from codes to characters: a frame of ours around hexadecimal numbers.

use crate::refusal::{Refusal, Verdict, must};

const HEAD: &str = "/CIDInit /ProcSet findresource begin\n12 dict begin\nbegincmap\n\
    /CIDSystemInfo <</Registry (Adobe) /Ordering (UCS) /Supplement 0>> def\n\
    /CMapName /Adobe-Identity-UCS def\n/CMapType 2 def\n1 begincodespacerange\n";
const TAIL: &str = "endcmap\nCMapName currentdict /CMap defineresource pop\nend\nend\n";

/// A map as we write it.
pub(super) fn verify(data: &[u8]) -> Verdict {
    let text = std::str::from_utf8(data).map_err(|_| Refusal::of("a map that is no text"))?;
    let inner = text.strip_prefix(HEAD).and_then(|it| it.strip_suffix(TAIL));
    let inner = inner.ok_or(Refusal::of("a map that is not ours"))?;
    must(inner.lines().all(is_line), "a line of a map that is not ours")
}

fn is_line(line: &str) -> bool {
    match line {
        "endcodespacerange" | "endbfrange" | "endbfchar" => return true,
        _ => {}
    }
    if let Some(count) = line.strip_suffix(" beginbfrange").or(line.strip_suffix(" beginbfchar")) {
        return count.bytes().all(|it| it.is_ascii_digit());
    }
    line.split(' ').all(|part| {
        let digits = part.strip_prefix('<').and_then(|it| it.strip_suffix('>'));
        digits.is_some_and(|it| it.bytes().all(|it| it.is_ascii_hexdigit()))
    })
}
