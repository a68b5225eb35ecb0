//! XML as we write it: the declaration, elements, text. No comments, no
//! processing instructions, no entities of one's own, no CDATA, no DTD.

use crate::refusal::{Refusal, Verdict, must};

const DECLARATION: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n";
const DEEPEST: usize = 400;
/// Escapes we write, and what they stand for; the last three in attributes only.
const ESCAPES: [(&str, char); 7] = [
    ("amp;", '&'),
    ("lt;", '<'),
    ("gt;", '>'),
    ("#13;", '\r'),
    ("quot;", '"'),
    ("#9;", '\t'),
    ("#10;", '\n'),
];
const IN_TEXT: usize = 4;

/// Attributes and their values, without escapes.
type Pairs<'x> = Vec<(&'x str, String)>;

/// An element's start.
pub(crate) struct Start<'x> {
    pub(crate) name: &'x str,
    pub(crate) attributes: Pairs<'x>,
    /// There is no end tag: `<name/>`.
    pub(crate) empty: bool,
}

impl Start<'_> {
    pub(crate) fn value(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|it| it.0 == name).map(|it| it.1.as_str())
    }
}

/// One who looks at a document while it is walked through.
pub(crate) trait See {
    fn start(&mut self, start: &Start<'_>) -> Verdict;
    /// Text without escapes, never empty.
    fn text(&mut self, text: &str) -> Verdict;
    fn end(&mut self) -> Verdict;
}

/// Walks through a document from its declaration to its last tag.
pub(crate) fn walk(bytes: &[u8], seer: &mut impl See) -> Verdict {
    let text = std::str::from_utf8(bytes).map_err(|_| Refusal::of("XML that is not UTF-8"))?;
    let odd = |it: char| match it {
        '\t' | '\n' => false,
        '\0'..='\u{1f}' | '\u{fffe}' | '\u{ffff}' => true,
        _ => false,
    };
    must(!text.chars().any(odd), "control characters")?;
    let declared = text.strip_prefix(DECLARATION);
    let mut rest = declared.ok_or(Refusal::of("another declaration"))?;
    let mut open: Vec<&str> = Vec::new();
    let mut roots = 0;
    while !rest.is_empty() {
        let (words, after) = rest.split_once('<').unwrap_or((rest, ""));
        if !words.is_empty() {
            must(!open.is_empty(), "text outside of elements")?;
            seer.text(&plain(words, &ESCAPES[..IN_TEXT])?)?;
        }
        if after.is_empty() {
            must(rest.len() == words.len(), "a tag without end")?;
            break;
        }
        let (tag, next) = split_tag(after)?;
        rest = next;
        if let Some(name) = tag.strip_prefix('/') {
            must(open.pop() == Some(name), "tags that do not pair up")?;
            seer.end()?;
            continue;
        }
        roots += usize::from(open.is_empty());
        must(roots == 1 && open.len() < DEEPEST, "elements where none may be")?;
        let (tag, empty) = tag.strip_suffix('/').map_or((tag, false), |it| (it, true));
        let (name, attributes) = parts(tag)?;
        seer.start(&Start { name, attributes, empty })?;
        if empty {
            seer.end()?;
        } else {
            open.push(name);
        }
    }
    must(open.is_empty() && roots == 1, "elements without end")
}

/// A tag's inside and what follows it; `>` within quotes is escaped by us.
fn split_tag(text: &str) -> Result<(&str, &str), Refusal> {
    let (tag, next) = text.split_once('>').ok_or(Refusal::of("a tag without end"))?;
    must(!tag.contains('<'), "a tag within a tag")?;
    Ok((tag, next))
}

fn parts(tag: &str) -> Result<(&str, Pairs<'_>), Refusal> {
    let (name, mut rest) = tag.split_at(tag.find(' ').unwrap_or(tag.len()));
    must(is_name(name), "an odd name")?;
    let mut attributes: Pairs<'_> = Vec::new();
    while let Some(text) = rest.strip_prefix(' ') {
        let (key, after) = text.split_once("=\"").ok_or(Refusal::of("an odd attribute"))?;
        let (value, next) = after.split_once('"').ok_or(Refusal::of("an odd attribute"))?;
        must(is_name(key) && !attributes.iter().any(|it| it.0 == key), "an odd attribute")?;
        must(!value.contains(['\t', '\n']), "a value that is not escaped")?;
        attributes.push((key, plain(value, &ESCAPES)?));
        rest = next;
    }
    must(rest.is_empty(), "an odd tag")?;
    Ok((name, attributes))
}

fn is_name(name: &str) -> bool {
    let mut bytes = name.bytes();
    bytes.next().is_some_and(|it| it.is_ascii_alphabetic() || it == b'_')
        && bytes.all(|it| it.is_ascii_alphanumeric() || matches!(it, b':' | b'_' | b'-' | b'.'))
}

/// Text without escapes, of which there are only those of the list.
fn plain(text: &str, escapes: &[(&str, char)]) -> Result<String, Refusal> {
    must(!text.contains('>'), "a bracket that is not escaped")?;
    let mut parts = text.split('&');
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let known = escapes.iter().find_map(|(code, it)| Some((part.strip_prefix(code)?, *it)));
        let (rest, letter) = known.ok_or(Refusal::of("an entity that is not ours"))?;
        out.push(letter);
        out.push_str(rest);
    }
    Ok(out)
}
