//! ToUnicode maps: the characters each code stands for.

use std::fmt::Write as _;

/// Entries of one block of a map.
const BLOCK: usize = 100;

/// How many digits a code has.
#[derive(Clone, Copy)]
pub(super) enum Codes {
    OneByte,
    TwoBytes,
}

/// Writes a map; `None` when nothing is known. Codes must rise. For codes of
/// two bytes a map of a code nothing has is written, too: without an entry,
/// readers take the codes themselves for characters.
pub(super) fn map<'t>(
    codes: Codes,
    texts: impl Iterator<Item = (u16, &'t str)>,
) -> Option<Vec<u8>> {
    let digits = match codes {
        Codes::OneByte => 2,
        Codes::TwoBytes => 4,
    };
    let (mut ranges, mut singles): (Vec<Range>, Vec<(u16, &str)>) = (Vec::new(), Vec::new());
    for (code, text) in texts.filter(|(_, text)| !text.is_empty()) {
        match one_unit(text) {
            Some(unit) => match ranges.last_mut() {
                Some(range) if range.takes(code, unit) => range.last = code,
                _ => ranges.push(Range { first: code, last: code, unit }),
            },
            None => singles.push((code, text)),
        }
    }
    if ranges.is_empty() && singles.is_empty() && matches!(codes, Codes::OneByte) {
        return None;
    }
    if ranges.is_empty() && singles.is_empty() {
        ranges.push(Range { first: u16::MAX, last: u16::MAX, unit: 0x20 });
    }
    let mut map = String::from(HEAD);
    let _ = writeln!(
        map,
        "1 begincodespacerange\n<{:0digits$X}> <{:X}>\nendcodespacerange",
        0,
        match codes {
            Codes::OneByte => 0xFF,
            Codes::TwoBytes => 0xFFFF,
        }
    );
    for block in ranges.chunks(BLOCK) {
        let _ = writeln!(map, "{} beginbfrange", block.len());
        for Range { first, last, unit } in block {
            let _ = writeln!(map, "<{first:0digits$X}> <{last:0digits$X}> <{unit:04X}>");
        }
        map.push_str("endbfrange\n");
    }
    for block in singles.chunks(BLOCK) {
        let _ = writeln!(map, "{} beginbfchar", block.len());
        for (code, text) in block {
            let _ = write!(map, "<{code:0digits$X}> <");
            for unit in text.encode_utf16() {
                let _ = write!(map, "{unit:04X}");
            }
            map.push_str(">\n");
        }
        map.push_str("endbfchar\n");
    }
    map.push_str(TAIL);
    Some(map.into_bytes())
}

struct Range {
    first: u16,
    last: u16,
    unit: u16,
}

impl Range {
    /// A range may not cross from one high byte of codes to another.
    fn takes(&self, code: u16, unit: u16) -> bool {
        let next = u32::from(self.unit) + u32::from(self.last - self.first) + 1;
        self.last.checked_add(1) == Some(code)
            && self.first >> 8 == code >> 8
            && next == u32::from(unit)
            && self.unit >> 8 == unit >> 8
    }
}

fn one_unit(text: &str) -> Option<u16> {
    let mut units = text.encode_utf16();
    match (units.next(), units.next()) {
        (Some(unit), None) => Some(unit),
        _ => None,
    }
}

const HEAD: &str = "/CIDInit /ProcSet findresource begin\n\
    12 dict begin\nbegincmap\n\
    /CIDSystemInfo <</Registry (Adobe) /Ordering (UCS) /Supplement 0>> def\n\
    /CMapName /Adobe-Identity-UCS def\n/CMapType 2 def\n";
const TAIL: &str = "endcmap\nCMapName currentdict /CMap defineresource pop\nend\nend\n";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neighbours_share_a_range() {
        let texts = [(1, "A"), (2, "B"), (3, "fi"), (4, "市")];
        let map = map(Codes::TwoBytes, texts.into_iter()).expect("not empty");
        let map = String::from_utf8(map).expect("ASCII");
        assert!(map.contains("<0001> <0002> <0041>"));
        assert!(map.contains("<0003> <00660069>"));
        assert!(map.contains("<0004> <0004> <5E02>"));
    }

    /// Readers that find no entry print `\u{1}` for the first glyph.
    #[test]
    fn nothing_known_of_wide_codes_is_a_map_of_a_code_nothing_has() {
        let map = map(Codes::TwoBytes, [(1, "")].into_iter()).expect("a map");
        let map = String::from_utf8(map).expect("ASCII");
        assert!(map.contains("1 beginbfrange\n<FFFF> <FFFF> <0020>\nendbfrange\n"), "{map}");
    }

    #[test]
    fn nothing_known_is_no_map() {
        assert_eq!(map(Codes::OneByte, [(1, "")].into_iter()), None);
    }
}
