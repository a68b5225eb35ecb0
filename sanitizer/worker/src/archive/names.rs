//! Names of members: which characters they are, and a path that leads nowhere
//! but into the folder they are unpacked in.

use encoding_rs::{Encoding, GB18030, SHIFT_JIS, UTF_8, WINDOWS_1252};
use sanitizer_intermediate::archive::{is_safe_character, is_separator};

use crate::container::Entry;

/// Longest component in bytes.
const MAX_COMPONENT: usize = 200;
/// Most folders above a member.
const MAX_FOLDERS: usize = 32;

/// A name that was understood.
pub(super) struct Named {
    /// Components joined by `/`.
    pub name: String,
    pub is_folder: bool,
    /// It is not what was written, besides the encoding.
    pub changed: bool,
}

/// The names of all members.
pub(super) fn read(entries: &[Entry]) -> Vec<Named> {
    let encoding = encoding(entries);
    entries.iter().map(|it| made_safe(&text(it, encoding))).collect()
}

fn text(entry: &Entry, encoding: &'static Encoding) -> String {
    if let Some(name) = &entry.unicode_name {
        return name.clone();
    }
    let own = if is_utf8(entry) { UTF_8 } else { encoding };
    own.decode_without_bom_handling(&entry.raw_name).0.into_owned()
}

/// Whether the flag for it is set says little: many systems forget it.
fn is_utf8(entry: &Entry) -> bool {
    std::str::from_utf8(&entry.raw_name).is_ok()
}

/// The encoding of all names that are not UTF-8. One archive comes from one
/// system, so they are judged together: CP932 unless it cannot be.
fn encoding(entries: &[Entry]) -> &'static Encoding {
    let names: Vec<&[u8]> = entries
        .iter()
        .filter(|it| it.unicode_name.is_none() && !is_utf8(it))
        .map(|it| it.raw_name.as_slice())
        .collect();
    let reads = |encoding: &'static Encoding, likely: fn(&str) -> bool| {
        names.iter().all(|name| {
            let text = encoding.decode_without_bom_handling_and_without_replacement(name);
            text.is_some_and(|it| likely(&it))
        })
    };
    if reads(SHIFT_JIS, is_likely_japanese) {
        SHIFT_JIS
    } else if reads(GB18030, |_| true) {
        GB18030
    } else if reads(SHIFT_JIS, |_| true) {
        SHIFT_JIS
    } else {
        WINDOWS_1252
    }
}

/// Whether half-width katakana stand as in words: other encodings read as
/// CP932 are full of them, with voicing marks where no voice can be.
fn is_likely_japanese(text: &str) -> bool {
    let mut before = ' ';
    for it in text.chars() {
        let fits = match it {
            'ﾞ' => matches!(before, 'ｳ' | 'ｶ'..='ﾄ' | 'ﾊ'..='ﾎ'),
            'ﾟ' => matches!(before, 'ﾊ'..='ﾎ'),
            'ｰ' | 'ｧ'..='ｯ' => matches!(before, 'ｦ'..='ﾟ'),
            '\u{e000}'..='\u{f8ff}' => false,
            _ => true,
        };
        if !fits {
            return false;
        }
        before = it;
    }
    true
}

fn made_safe(written: &str) -> Named {
    let is_folder = written.ends_with(is_separator);
    let parts: Vec<String> = written
        .split(is_separator)
        .filter(|it| !matches!(*it, "" | "." | ".."))
        .map(component)
        .filter(|it| !it.is_empty())
        .collect();
    let skipped = parts.len().saturating_sub(MAX_FOLDERS);
    let mut name = parts[skipped..].join("/");
    if name.is_empty() {
        name.push_str("file");
    }
    let plain = written.replace('\\', "/");
    let changed = name != plain.trim_end_matches('/');
    Named { name, is_folder, changed }
}

/// A component without what some system takes for more than a name.
fn component(written: &str) -> String {
    let clean: String = written
        .chars()
        .map(|it| if "<>:\"|?*".contains(it) { '_' } else { it })
        .filter(|it| is_safe_character(*it))
        .collect();
    let mut end = clean.len().min(MAX_COMPONENT);
    while !clean.is_char_boundary(end) {
        end -= 1;
    }
    let clean = clean[..end].trim().trim_end_matches(['.', ' ']);
    clean.trim_start_matches('~').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// NF-32: a member is unpacked where the archive is, and nowhere else.
    #[test]
    fn names_that_climb_are_made_to_stay() {
        for (written, name) in [
            ("../../etc/passwd", "etc/passwd"),
            ("/etc/passwd", "etc/passwd"),
            ("C:\\Windows\\x.txt", "C_/Windows/x.txt"),
            ("..\\..\\x.txt", "x.txt"),
            ("~/x.txt", "x.txt"),
            ("a\u{202e}txt.exe", "atxt.exe"),
            ("a/./b\n.txt", "a/b.txt"),
            ("..", "file"),
        ] {
            let named = made_safe(written);
            assert!(named.changed, "{written}");
            assert_eq!(named.name, name, "{written}");
        }
    }

    #[test]
    fn ordinary_names_stay() {
        for name in ["表/漢字.txt", "__proto__", "a b (2).csv", ".gitignore", "x.tar.gz"] {
            let named = made_safe(name);
            assert!(!named.changed && !named.is_folder, "{name}");
            assert_eq!(named.name, name);
        }
        let folder = made_safe("表\\");
        assert!(folder.is_folder && !folder.changed);
        assert_eq!(folder.name, "表");
    }

    #[test]
    fn half_width_katakana_are_told_from_other_encodings() {
        assert!(is_likely_japanese("ﾃﾞｰﾀ ﾊﾟｿｺﾝ ﾄｳｷｮｳ 書類.txt"));
        assert!(!is_likely_japanese("ﾆﾟｸﾂｷｿｼ.txt"));
    }
}
