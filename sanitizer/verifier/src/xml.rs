//! XML as we write it: the declaration, elements, text. No comments, no
//! processing instructions, no entities of one's own, no CDATA, no DTD.

use crate::refusal::{Refusal, Verdict, must};

const DECLARATION: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n";
const DEEPEST: usize = 400;
const ENTITIES: [&str; 7] = ["amp;", "lt;", "gt;", "quot;", "#13;", "#10;", "#9;"];

/// Attributes and their values.
type Pairs<'x> = Vec<(&'x str, &'x str)>;

/// An element's start, with its attributes as they stand.
pub(crate) struct Start<'x> {
    pub(crate) name: &'x str,
    pub(crate) attributes: Pairs<'x>,
    /// Names of the elements around it.
    pub(crate) around: &'x [&'x str],
}

impl<'x> Start<'x> {
    pub(crate) fn value(&self, name: &str) -> Option<&'x str> {
        self.attributes.iter().find(|it| it.0 == name).map(|it| it.1)
    }
}

/// Walks through a document; `declared` when it must have a declaration.
pub(crate) fn walk(
    bytes: &[u8],
    declared: bool,
    mut see: impl FnMut(&Start<'_>) -> Verdict,
    mut hear: impl FnMut(&str, &str) -> Verdict,
) -> Verdict {
    let text = std::str::from_utf8(bytes).map_err(|_| Refusal::of("XML that is not UTF-8"))?;
    must(
        !text.chars().any(|it| it.is_control() && !matches!(it, '\t' | '\n' | '\r')),
        "control characters",
    )?;
    let mut rest = text;
    if declared {
        rest = rest.strip_prefix(DECLARATION).ok_or(Refusal::of("another declaration"))?;
    }
    let mut open: Vec<&str> = Vec::new();
    let mut roots = 0;
    while !rest.is_empty() {
        let (words, after) = rest.split_once('<').unwrap_or((rest, ""));
        match open.last() {
            Some(within) => {
                fit_text(words)?;
                if !words.is_empty() {
                    hear(within, words)?;
                }
            }
            None => must(words.is_empty(), "text outside of elements")?,
        }
        if after.is_empty() {
            must(rest.len() == words.len(), "a tag without end")?;
            break;
        }
        let (tag, next) = split_tag(after)?;
        rest = next;
        if let Some(name) = tag.strip_prefix('/') {
            must(open.pop() == Some(name), "tags that do not pair up")?;
            continue;
        }
        roots += usize::from(open.is_empty());
        must(roots == 1 && open.len() < DEEPEST, "elements where none may be")?;
        let (tag, empty) = tag.strip_suffix('/').map_or((tag, false), |it| (it, true));
        let (name, attributes) = parts(tag)?;
        see(&Start { name, attributes, around: &open })?;
        if !empty {
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
        fit_text(value)?;
        attributes.push((key, value));
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

/// No characters but plain ones and the escapes we write.
fn fit_text(text: &str) -> Verdict {
    must(!text.contains('>'), "a bracket that is not escaped")?;
    let fits = |after: &str| ENTITIES.iter().any(|it| after.starts_with(it));
    must(text.split('&').skip(1).all(fits), "an entity that is not ours")
}
