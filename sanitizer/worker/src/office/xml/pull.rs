//! Steps through a part, or takes a whole element at a time.

use std::borrow::Cow;
use std::cell::Cell;
use std::rc::Rc;

use quick_xml::XmlVersion;
use quick_xml::events::{BytesRef, BytesStart, Event};
use sanitizer_intermediate::HoldReason;
use sanitizer_intermediate::office::grammar::is_plain;

use super::{Content, Element, Ns};

/// Deepest nesting of elements in any part.
const MAX_DEPTH: usize = 256;
/// Most attributes of one element.
const MAX_ATTRIBUTES: usize = 2_000;

/// What comes next in a part.
#[derive(Debug)]
pub(in crate::office) enum Step {
    /// A start tag, without its content.
    Open(Element),
    /// Text, perhaps not all of it yet.
    Text(String),
    /// The end tag of the innermost open element.
    Close,
    /// The end of the part.
    End,
}

/// Reads one part.
pub(in crate::office) struct Pull<'x> {
    reader: quick_xml::Reader<&'x [u8]>,
    prefixes: Vec<(usize, Box<str>, Ns)>,
    depth: usize,
    /// An empty element has been opened and is still to be closed.
    to_close: bool,
    budget: Budget,
}

/// Elements that may still be read, counted down over all parts of a document.
#[derive(Debug, Clone)]
pub(in crate::office) struct Budget(Rc<Cell<u32>>);

impl Budget {
    /// This many elements.
    pub(in crate::office) fn new(elements: u32) -> Self {
        Self(Rc::new(Cell::new(elements)))
    }

    /// Refuses XML with more tags than are left, before any is read.
    ///
    /// # Errors
    /// [`HoldReason::TooComplex`].
    pub(in crate::office) fn allows(&self, xml: &str) -> Result<(), HoldReason> {
        let left = self.0.get() as usize;
        // No tag is shorter.
        if xml.len() / "<a>".len() <= left {
            return Ok(());
        }
        let bytes = xml.as_bytes();
        let opens = |at: &usize| !matches!(bytes.get(at + 1), Some(b'/' | b'!' | b'?'));
        let more = memchr::memchr_iter(b'<', bytes).filter(opens).nth(left);
        more.map_or(Ok(()), |_| Err(HoldReason::TooComplex))
    }

    fn spend(&self) -> Result<(), HoldReason> {
        let left = self.0.get().checked_sub(1).ok_or(HoldReason::TooComplex)?;
        self.0.set(left);
        Ok(())
    }
}

impl<'x> Pull<'x> {
    /// Starts on a part.
    pub(in crate::office) fn new(xml: &'x str, budget: Budget) -> Self {
        let mut reader = quick_xml::Reader::from_str(xml);
        let config = reader.config_mut();
        config.check_end_names = true;
        config.allow_dangling_amp = false;
        let prefixes = vec![(0, "xml".into(), Ns::Xml)];
        Self { reader, prefixes, depth: 0, to_close: false, budget }
    }

    /// The next step.
    ///
    /// # Errors
    /// [`HoldReason`] for anything that is not plain XML.
    pub(in crate::office) fn step(&mut self) -> Result<Step, HoldReason> {
        if std::mem::take(&mut self.to_close) {
            self.leave();
            return Ok(Step::Close);
        }
        loop {
            return Ok(match self.reader.read_event().map_err(|_| HoldReason::Broken)? {
                Event::Start(tag) => Step::Open(self.enter(&tag)?),
                Event::Empty(tag) => {
                    let element = self.enter(&tag)?;
                    self.to_close = true;
                    Step::Open(element)
                }
                Event::End(_) => {
                    self.leave();
                    Step::Close
                }
                Event::Text(it) => Step::Text(it.xml10_content().into_owned()),
                Event::CData(it) => Step::Text(it.xml10_content().into_owned()),
                Event::GeneralRef(it) => match character(&it)? {
                    Some(character) => Step::Text(character.to_string()),
                    None => continue,
                },
                Event::Comment(_) | Event::Decl(_) | Event::PI(_) => continue,
                Event::DocType(_) => return Err(HoldReason::Broken),
                Event::Eof if self.depth == 0 => Step::End,
                Event::Eof => return Err(HoldReason::Broken),
            });
        }
    }

    /// The content of an element that was just opened, to its end tag.
    ///
    /// # Errors
    /// [`HoldReason`] for anything that is not plain XML.
    pub(in crate::office) fn take(&mut self, opened: Element) -> Result<Element, HoldReason> {
        let mut open = vec![opened];
        loop {
            match self.step()? {
                Step::Open(element) => open.push(element),
                Step::Text(text) => {
                    if let Some(inner) = open.last_mut() {
                        add_text(&mut inner.content, text);
                    }
                }
                Step::Close => {
                    let closed = open.pop().ok_or(HoldReason::Broken)?;
                    match open.last_mut() {
                        Some(outer) => outer.content.push(Content::Element(closed)),
                        None => return Ok(closed),
                    }
                }
                Step::End => return Err(HoldReason::Broken),
            }
        }
    }

    /// Passes over the rest of an element that was just opened.
    ///
    /// # Errors
    /// [`HoldReason`] for anything that is not plain XML.
    pub(in crate::office) fn skip(&mut self) -> Result<(), HoldReason> {
        let outside = self.depth - 1;
        while self.depth > outside {
            if let Step::End = self.step()? {
                return Err(HoldReason::Broken);
            }
        }
        Ok(())
    }

    /// The root element, without its content.
    ///
    /// # Errors
    /// [`HoldReason`] when there is none.
    pub(in crate::office) fn root(&mut self) -> Result<Element, HoldReason> {
        loop {
            match self.step()? {
                Step::Open(root) => return Ok(root),
                Step::Text(_) => {}
                Step::Close | Step::End => return Err(HoldReason::Broken),
            }
        }
    }

    /// The next element within the innermost open one; `None` at its end.
    /// Text in between is passed over.
    ///
    /// # Errors
    /// [`HoldReason`] for anything that is not plain XML.
    pub(in crate::office) fn next_element(&mut self) -> Result<Option<Element>, HoldReason> {
        loop {
            match self.step()? {
                Step::Open(element) => return Ok(Some(element)),
                Step::Text(_) => {}
                Step::Close | Step::End => return Ok(None),
            }
        }
    }

    fn enter(&mut self, tag: &BytesStart<'_>) -> Result<Element, HoldReason> {
        self.budget.spend()?;
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(HoldReason::TooComplex);
        }
        let mut plain = Vec::new();
        for (at, attribute) in tag.attributes().enumerate() {
            let attribute = attribute.map_err(|_| HoldReason::Broken)?;
            if at >= MAX_ATTRIBUTES {
                return Err(HoldReason::TooComplex);
            }
            let value = attribute
                .normalized_value(XmlVersion::Implicit1_0)
                .map_err(|_| HoldReason::Broken)?;
            let (local, prefix) = attribute.key.decompose();
            match (local.as_ref(), prefix.as_ref().map(AsRef::as_ref)) {
                ("xmlns", None) => self.prefixes.push((self.depth, "".into(), Ns::of(&value))),
                (bound, Some("xmlns")) => {
                    self.prefixes.push((self.depth, bound.into(), Ns::of(&value)));
                }
                (name, prefix) => plain.push((
                    prefix.map(Box::<str>::from),
                    Box::<str>::from(name),
                    without_controls(value),
                )),
            }
        }
        let (local, prefix) = tag.name().decompose();
        let prefix = prefix.as_ref().map_or("", AsRef::as_ref);
        let ns = self.resolve(prefix);
        let mut element = Element::new(ns, local.as_ref());
        element.attributes = plain
            .into_iter()
            .map(|(prefix, name, value)| {
                (prefix.map_or(Ns::None, |it| self.resolve(&it)), name, value)
            })
            .collect();
        Ok(element)
    }

    fn leave(&mut self) {
        while self.prefixes.last().is_some_and(|it| it.0 == self.depth && self.depth > 0) {
            self.prefixes.pop();
        }
        self.depth = self.depth.saturating_sub(1);
    }

    fn resolve(&self, prefix: &str) -> Ns {
        let found = self.prefixes.iter().rev().find(|it| *it.1 == *prefix);
        found.map_or(Ns::Other, |it| it.2)
    }
}

fn add_text(content: &mut Vec<Content>, text: String) {
    match content.last_mut() {
        Some(Content::Text(before)) => before.push_str(&text),
        Some(Content::Element(_)) | None => content.push(Content::Text(text)),
    }
}

/// The character of a reference; `None` for one that no XML may have. Names
/// other than the five come from a document type, and there is none.
fn character(reference: &BytesRef<'_>) -> Result<Option<char>, HoldReason> {
    if reference.is_char_ref() {
        let resolved = reference.resolve_char_ref().map_err(|_| HoldReason::Broken)?;
        return Ok(resolved.filter(|it| is_plain(it.encode_utf8(&mut [0; 4]))));
    }
    match reference.xml10_content().as_ref() {
        "amp" => Ok(Some('&')),
        "lt" => Ok(Some('<')),
        "gt" => Ok(Some('>')),
        "quot" => Ok(Some('"')),
        "apos" => Ok(Some('\'')),
        _ => Err(HoldReason::Broken),
    }
}

fn without_controls(value: Cow<'_, str>) -> String {
    if is_plain(&value) {
        return value.into_owned();
    }
    value.chars().filter(|it| is_plain(it.encode_utf8(&mut [0; 4]))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(xml: &str) -> Result<Element, HoldReason> {
        let mut pull = Pull::new(xml, Budget::new(1_000));
        let root = pull.root()?;
        let root = pull.take(root)?;
        pull.next_element().map(|_| root)
    }

    #[test]
    fn namespaces_and_references_are_resolved() {
        let root = read(
            "<x:p xmlns:x=\"http://schemas.openxmlformats.org/wordprocessingml/2006/main\" x:a='&lt;1'>\
             a&amp;b<![CDATA[<c>]]>&#x3042;&#1;</x:p>",
        )
        .expect("an element");
        assert!(root.is_w("p"));
        assert_eq!(root.attribute("a"), Some("<1"));
        assert_eq!(root.own_text(), "a&b<c>あ");
    }

    /// NF-32: a document type is refused, and with it every entity (XXE, billion laughs).
    #[test]
    fn document_types_and_entities_are_refused() {
        for xml in [
            "<!DOCTYPE a SYSTEM \"file:///etc/passwd\"><a/>",
            "<!DOCTYPE a [<!ENTITY b SYSTEM \"file:///etc/passwd\">]><a>&b;</a>",
            "<a>&b;</a>",
            "<a b=\"&c;\"/>",
        ] {
            assert_eq!(read(xml), Err(HoldReason::Broken), "{xml}");
        }
    }

    /// NF-32: depth and number of elements are limited.
    #[test]
    fn deep_and_endless_parts_are_refused() {
        let deep = "<a>".repeat(5_000);
        assert_eq!(read(&deep), Err(HoldReason::TooComplex));
        let many = format!("<a>{}</a>", "<b/>".repeat(2_000));
        assert_eq!(read(&many), Err(HoldReason::TooComplex));
        assert_eq!(Budget::new(1_000).allows(&many), Err(HoldReason::TooComplex));
        assert_eq!(Budget::new(2_001).allows(&many), Ok(()));
    }

    #[test]
    fn broken_markup_is_refused() {
        for xml in ["", "text", "<a>", "<a></b>", "<a b='1' b='2'/>", "<a>&#xffffffff;</a>", "<a"] {
            assert_eq!(read(xml), Err(HoldReason::Broken), "{xml}");
        }
    }
}
