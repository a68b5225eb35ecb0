//! XML: one element a record, elements inside it as the columns say.

use super::layout::Column;
use super::profile::Profile;
use super::shape::Xml;

/// Declaration and start of the outermost element.
pub(super) fn begin(profile: &Profile, xml: &Xml) -> String {
    let end = profile.newline.text();
    let namespace = if xml.namespace.is_empty() {
        String::new()
    } else {
        format!(" xmlns=\"{}\"", escaped(&xml.namespace))
    };
    let encoding = profile.encoding.xml_name();
    format!("<?xml version=\"1.0\" encoding=\"{encoding}\"?>{end}<{}{namespace}>{end}", xml.root)
}

/// End of the outermost element.
pub(super) fn end(profile: &Profile, xml: &Xml) -> String {
    format!("</{}>{}", xml.root, profile.newline.text())
}

/// One record.
pub(super) fn record(
    profile: &Profile,
    xml: &Xml,
    columns: &[Column],
    cells: &[Vec<String>],
) -> String {
    let newline = profile.newline.text();
    let mut out = Lines { text: String::new(), newline: if xml.indent { newline } else { "" } };
    let mut open: Vec<&str> = Vec::new();
    out.put(0, &format!("<{}>", xml.record));
    for (column, values) in columns.iter().zip(cells) {
        let empty = values.iter().all(String::is_empty);
        if empty && xml.omit_empty {
            continue;
        }
        let path: Vec<&str> = column.elements().collect();
        let Some((leaf, groups)) = path.split_last() else { continue };
        let same = open.iter().zip(groups).take_while(|(a, b)| a == b).count();
        close(&mut out, &mut open, same);
        for group in &groups[same..] {
            out.put(open.len() + 1, &format!("<{group}>"));
            open.push(group);
        }
        for value in values {
            out.put(open.len() + 1, &format!("<{leaf}>{}</{leaf}>", escaped(value)));
        }
    }
    close(&mut out, &mut open, 0);
    out.put(0, &format!("</{}>", xml.record));
    if !xml.indent {
        out.text.push_str(newline);
    }
    out.text
}

fn close(out: &mut Lines<'_>, open: &mut Vec<&str>, keep: usize) {
    while open.len() > keep {
        if let Some(group) = open.pop() {
            out.put(open.len() + 1, &format!("</{group}>"));
        }
    }
}

struct Lines<'n> {
    text: String,
    newline: &'n str,
}

impl Lines<'_> {
    fn put(&mut self, depth: usize, element: &str) {
        if !self.newline.is_empty() {
            self.text.push_str(&"  ".repeat(depth + 1));
        }
        self.text.push_str(element);
        self.text.push_str(self.newline);
    }
}

/// Text inside an element or an attribute. A carriage return stays one when it is read.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&apos;"),
            '\r' => out.push_str("&#13;"),
            _ => out.push(c),
        }
    }
    out
}

/// Whether a text may name an element: a letter, kana or kanji, then also digits, `-`, `_`, `.`;
/// no colon, and nothing that begins with `xml`.
pub(super) fn is_name(name: &str) -> bool {
    let letter = |c: char| {
        c.is_ascii_alphabetic()
            || c == '_'
            || matches!(c, '\u{3005}'..='\u{3007}' | '\u{3041}'..='\u{3096}' | '\u{30A1}'..='\u{30FC}')
            || matches!(c, '\u{3400}'..='\u{4DBF}' | '\u{4E00}'..='\u{9FFF}')
    };
    let mut letters = name.chars();
    letters.next().is_some_and(letter)
        && letters.all(|c| letter(c) || c.is_ascii_digit() || matches!(c, '-' | '.'))
        && name.len() <= 200
        && !name.get(..3).is_some_and(|start| start.eq_ignore_ascii_case("xml"))
}
