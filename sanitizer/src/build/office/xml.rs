//! XML from the tables of the model: every name is ours, every value is
//! printed by its kind.

use std::fmt::Write as _;

use sanitizer_intermediate::office::grammar::{Attribute, Kind, TypeId, grammar};
use sanitizer_intermediate::office::{Bag, Space, Value};

use super::boxes;
use super::links;
use super::part::References;

/// Text that grows by elements.
pub(super) struct Xml {
    out: String,
    /// The namespace that is written without a prefix.
    bare: Option<Space>,
}

impl Xml {
    /// Starts with the declaration. `bare` is written without a prefix.
    pub(super) fn new(bare: Option<Space>) -> Self {
        let out = "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n".to_owned();
        Self { out, bare }
    }

    /// Opens the root element and declares namespaces on it.
    pub(super) fn root(&mut self, space: Space, name: &str, spaces: &[Space]) {
        self.open_tag(space, name);
        for it in spaces {
            if Some(*it) == self.bare {
                self.attribute("xmlns", it.uri());
            } else {
                self.attribute(&format!("xmlns:{}", it.code()), it.uri());
            }
        }
    }

    /// Markup of ours, as it is.
    pub(super) fn raw(&mut self, markup: &'static str) {
        self.out.push_str(markup);
    }

    /// `<name`, for attributes to follow.
    pub(super) fn open_tag(&mut self, space: Space, name: &str) {
        self.out.push('<');
        self.push_name(space, name);
    }

    /// ` name="value"`.
    pub(super) fn attribute(&mut self, name: &str, value: &str) {
        self.out.push(' ');
        self.out.push_str(name);
        self.out.push_str("=\"");
        escape(&mut self.out, value, true);
        self.out.push('"');
    }

    /// `>`.
    pub(super) fn end_tag(&mut self) {
        self.out.push('>');
    }

    /// `/>`.
    pub(super) fn end_empty(&mut self) {
        self.out.push_str("/>");
    }

    /// `</name>`.
    pub(super) fn close(&mut self, space: Space, name: &str) {
        self.out.push_str("</");
        self.push_name(space, name);
        self.out.push('>');
    }

    /// Characters.
    pub(super) fn text(&mut self, text: &str) {
        escape(&mut self.out, text, false);
    }

    /// An element with the text alone; spaces at its ends are kept.
    pub(super) fn text_element(&mut self, space: Space, name: &str, text: &str) {
        self.open_tag(space, name);
        self.keep_spaces(text);
        self.end_tag();
        self.text(text);
        self.close(space, name);
    }

    /// An element of the tables under a name of its own.
    pub(super) fn element(
        &mut self,
        (space, name): (Space, &str),
        bag: &Bag,
        of: TypeId,
        references: &mut References<'_>,
    ) {
        if links::left_out(self, (space, name), bag, of, references) {
            return;
        }
        let mut itself = |xml: &mut Self, references: &mut References<'_>| {
            xml.open_tag(space, name);
            xml.attributes(bag, of, references);
            xml.content((space, name), bag, of, references);
        };
        let needs = boxes::is_drawing(space, name).then(|| boxes::needs(bag, of)).flatten();
        match needs {
            Some(needs) => boxes::write(self, (bag, of), needs, references, &mut itself),
            None => itself(self, references),
        }
    }

    /// The attributes an element of this type has.
    pub(super) fn attributes(&mut self, bag: &Bag, of: TypeId, references: &mut References<'_>) {
        let rules = grammar().get(of);
        let mut given = bag.attributes.iter().peekable();
        for (at, rule) in rules.attributes.iter().enumerate() {
            let value = given.next_if(|it| usize::from(it.0) == at).map(|it| &it.1);
            if rule.kind == Kind::Count {
                self.named(rule, &bag.children.len().to_string());
            } else if let Some(value) = value {
                let printed = print(&rule.kind, value, references);
                self.named(rule, &printed);
            }
        }
        if rules.text.is_some()
            && let Some(Value::Text(text)) = &bag.text
        {
            self.keep_spaces(text);
        }
    }

    /// Ends the start tag, writes what is within and the end tag.
    pub(super) fn content(
        &mut self,
        (space, name): (Space, &str),
        bag: &Bag,
        of: TypeId,
        references: &mut References<'_>,
    ) {
        if bag.text.is_none() && bag.children.is_empty() {
            self.end_empty();
            return;
        }
        self.end_tag();
        let start = self.out.len();
        self.inside(bag, of, references);
        // All that was within may have been left out.
        if self.out.len() == start && bag.text.is_none() {
            self.out.pop();
            self.end_empty();
        } else {
            self.close(space, name);
        }
    }

    /// Text and children of an element.
    pub(super) fn inside(&mut self, bag: &Bag, of: TypeId, references: &mut References<'_>) {
        let rules = grammar().get(of);
        if let (Some(kind), Some(value)) = (&rules.text, &bag.text) {
            let printed = print(kind, value, references);
            self.text(&printed);
        }
        for (at, inner) in &bag.children {
            let child = &rules.children[usize::from(*at)];
            self.element((child.space, &child.name), inner, child.of, references);
        }
    }

    /// Those children whose names are wanted.
    pub(super) fn some_inside(
        &mut self,
        bag: &Bag,
        of: TypeId,
        references: &mut References<'_>,
        wanted: &dyn Fn(&str) -> bool,
    ) {
        let rules = grammar().get(of);
        for (at, inner) in &bag.children {
            let child = &rules.children[usize::from(*at)];
            if wanted(&child.name) {
                self.element((child.space, &child.name), inner, child.of, references);
            }
        }
    }

    /// The bytes.
    pub(super) fn finish(self) -> Vec<u8> {
        self.out.into_bytes()
    }

    fn named(&mut self, rule: &Attribute, value: &str) {
        match rule.space {
            Some(space) => self.attribute(&format!("{}:{}", space.code(), rule.name), value),
            None => self.attribute(&rule.name, value),
        }
    }

    fn keep_spaces(&mut self, text: &str) {
        if text.starts_with(char::is_whitespace)
            || text.ends_with(char::is_whitespace)
            || text.contains('\n')
        {
            self.attribute("xml:space", "preserve");
        }
    }

    fn push_name(&mut self, space: Space, name: &str) {
        if Some(space) != self.bare {
            self.out.push_str(space.code());
            self.out.push(':');
        }
        self.out.push_str(name);
    }
}

/// The characters of a value.
fn print(kind: &Kind, value: &Value, references: &mut References<'_>) -> String {
    match value {
        Value::Int(number) => number.to_string(),
        Value::Number(number) => number.to_string(),
        Value::Token(at) => match kind {
            Kind::OneOf(words) => words.get(usize::from(*at)).cloned().unwrap_or_default(),
            _ => String::new(),
        },
        Value::Ref(number) => references.id(kind, *number),
        Value::Text(address) if *kind == Kind::Link => references.web_link(address),
        Value::Text(text) => text.clone(),
        Value::Field(field) => {
            let mut printed = format!(" {} ", field.verb().code());
            if !field.arguments().is_empty() {
                let _ = write!(printed, "{} ", field.arguments());
            }
            printed
        }
        Value::Formula(formula) => formula.text().to_owned(),
    }
}

/// Writes characters so that they are read back as they are.
fn escape(out: &mut String, text: &str, in_attribute: bool) {
    let mut from = 0;
    for (at, byte) in text.bytes().enumerate() {
        let replacement = match byte {
            b'&' => "&amp;",
            b'<' => "&lt;",
            b'>' => "&gt;",
            b'\r' => "&#13;",
            b'"' if in_attribute => "&quot;",
            b'\t' if in_attribute => "&#9;",
            b'\n' if in_attribute => "&#10;",
            _ => continue,
        };
        out.push_str(&text[from..at]);
        out.push_str(replacement);
        from = at + 1;
    }
    out.push_str(&text[from..]);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markup_in_text_stays_text() {
        let mut out = String::new();
        escape(&mut out, "<a href=\"x\">&\r\n", true);
        assert_eq!(out, "&lt;a href=&quot;x&quot;&gt;&amp;&#13;&#10;");
    }
}
