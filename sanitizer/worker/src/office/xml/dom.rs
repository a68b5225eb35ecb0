//! An element with everything in it, for parts and blocks of modest size.

use sanitizer_intermediate::office::Space;

use super::Ns;

/// An element.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::office) struct Element {
    pub ns: Ns,
    pub name: Box<str>,
    pub attributes: Vec<(Ns, Box<str>, String)>,
    pub content: Vec<Content>,
}

/// What stands between two tags.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::office) enum Content {
    Element(Element),
    Text(String),
}

impl Element {
    /// An element without anything.
    pub(in crate::office) fn new(ns: impl Into<Ns>, name: &str) -> Self {
        Self { ns: ns.into(), name: name.into(), attributes: Vec::new(), content: Vec::new() }
    }

    /// The same with an attribute more.
    pub(in crate::office) fn with(
        mut self,
        ns: impl Into<Ns>,
        name: &str,
        value: impl Into<String>,
    ) -> Self {
        self.attributes.push((ns.into(), name.into(), value.into()));
        self
    }

    /// The same with a child more.
    pub(in crate::office) fn and(mut self, child: Self) -> Self {
        self.content.push(Content::Element(child));
        self
    }

    /// The same with a text more.
    pub(in crate::office) fn text_inside(mut self, text: &str) -> Self {
        self.content.push(Content::Text(text.to_owned()));
        self
    }

    /// Whether it is this element.
    pub(in crate::office) fn is(&self, ns: impl Into<Ns>, name: &str) -> bool {
        self.ns == ns.into() && *self.name == *name
    }

    /// Whether it is this element of Word.
    pub(in crate::office) fn is_w(&self, name: &str) -> bool {
        self.is(Space::W, name)
    }

    /// Elements within, in order.
    pub(in crate::office) fn elements(&self) -> impl Iterator<Item = &Self> {
        self.content.iter().filter_map(|it| match it {
            Content::Element(element) => Some(element),
            Content::Text(_) => None,
        })
    }

    /// The first element of this name, whatever its namespace.
    pub(in crate::office) fn child(&self, name: &str) -> Option<&Self> {
        self.elements().find(|it| *it.name == *name)
    }

    /// The first element of this name at any depth, in document order.
    pub(in crate::office) fn find(&self, name: &str) -> Option<&Self> {
        self.elements().find_map(|it| if *it.name == *name { Some(it) } else { it.find(name) })
    }

    /// How many elements at any depth `want`s.
    pub(in crate::office) fn count(&self, want: &dyn Fn(&Self) -> bool) -> u32 {
        let inner = self.elements().map(|it| it.count(want)).sum::<u32>();
        inner + u32::from(want(self))
    }

    /// An attribute by its local name, whatever its namespace.
    pub(in crate::office) fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|it| *it.1 == *name).map(|it| it.2.as_str())
    }

    /// An attribute by its full name.
    pub(in crate::office) fn attribute_of(&self, ns: impl Into<Ns>, name: &str) -> Option<&str> {
        let ns = ns.into();
        self.attributes.iter().find(|it| it.0 == ns && *it.1 == *name).map(|it| it.2.as_str())
    }

    /// A reference to another part: `r:id`, `r:embed` and their kin.
    pub(in crate::office) fn reference(&self, name: &str) -> Option<&str> {
        self.attribute_of(Space::R, name)
    }

    /// All text directly within.
    pub(in crate::office) fn own_text(&self) -> String {
        self.content
            .iter()
            .filter_map(|it| match it {
                Content::Text(text) => Some(text.as_str()),
                Content::Element(_) => None,
            })
            .collect()
    }
}
