//! Looks around in elements by the names of the tables.

use super::bag::{Bag, Props, Shape};
use super::grammar::{Kind, Type, grammar};
use super::{Space, Value};

/// An element together with its rules.
#[derive(Clone, Copy)]
pub struct View<'b> {
    /// The element.
    pub bag: &'b Bag,
    /// Its rules.
    pub rules: &'static Type,
}

impl<'b> View<'b> {
    /// All children in order, with their names.
    pub fn children(self) -> impl Iterator<Item = (Space, &'static str, View<'b>)> {
        self.bag.children.iter().map(move |(at, bag)| {
            let child = &self.rules.children[usize::from(*at)];
            let rules = grammar().get(child.of);
            (child.space, child.name.as_str(), View { bag, rules })
        })
    }

    /// The first child of this name, in any namespace.
    #[must_use]
    pub fn child(self, name: &str) -> Option<View<'b>> {
        self.children().find(|it| it.1 == name).map(|it| it.2)
    }

    /// The value of an attribute.
    #[must_use]
    pub fn value(self, name: &str) -> Option<&'b Value> {
        let at = self.rules.attributes.iter().position(|it| it.name == name)?;
        self.bag.attributes.iter().find(|it| usize::from(it.0) == at).map(|it| &it.1)
    }

    /// The characters of an attribute that holds text or a word of a list.
    #[must_use]
    pub fn text(self, name: &str) -> Option<&'b str> {
        let at = self.rules.attributes.iter().position(|it| it.name == name)?;
        match (self.value(name)?, &self.rules.attributes[at].kind) {
            (Value::Text(text), _) => Some(text),
            (Value::Token(word), Kind::OneOf(words)) => {
                words.get(usize::from(*word)).map(String::as_str)
            }
            _ => None,
        }
    }

    /// All characters within, in order.
    #[must_use]
    pub fn all_text(self) -> String {
        let mut all = String::new();
        self.visit(&mut |it| {
            if let Some(Value::Text(text)) = &it.bag.text {
                all.push_str(text);
            }
        });
        all
    }

    /// Shows every element from here on down.
    pub fn visit(self, see: &mut dyn FnMut(View<'b>)) {
        see(self);
        for (_, _, child) in self.children() {
            child.visit(see);
        }
    }

    /// The largest number of each kind of reference within: pictures, charts, stories.
    #[must_use]
    pub fn references(self) -> References {
        let mut found = References::default();
        self.visit(&mut |it| {
            for (at, value) in &it.bag.attributes {
                if let Value::Ref(number) = value {
                    found.note(&it.rules.attributes[usize::from(*at)].kind, *number);
                }
            }
        });
        found
    }
}

/// How many pictures, charts and stories a document must have for all
/// references to lead somewhere.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct References {
    /// Pictures.
    pub images: u64,
    /// Charts.
    pub charts: u64,
    /// Headers and footers.
    pub stories: u64,
}

impl References {
    fn note(&mut self, kind: &Kind, number: u32) {
        let needed = u64::from(number) + 1;
        match kind {
            Kind::Image => self.images = self.images.max(needed),
            Kind::Chart => self.charts = self.charts.max(needed),
            Kind::Story => self.stories = self.stories.max(needed),
            Kind::Bool
            | Kind::Int
            | Kind::Uint
            | Kind::Number
            | Kind::Measure
            | Kind::Percent
            | Kind::Hex(_)
            | Kind::Colour
            | Kind::Word
            | Kind::Guid
            | Kind::OneOf(_)
            | Kind::Text(_)
            | Kind::Cells
            | Kind::Guide
            | Kind::Link
            | Kind::Field
            | Kind::Formula
            | Kind::Count => {}
        }
    }

    /// What these elements need.
    #[must_use]
    pub fn of<'p, S: Shape + 'p>(all: impl IntoIterator<Item = &'p Props<S>>) -> Self {
        all.into_iter().fold(Self::default(), |needed, it| needed.and(it.view().references()))
    }

    /// Whether a document with so many of each has them all.
    #[must_use]
    pub fn lead_to(self, images: usize, charts: usize, stories: usize) -> bool {
        self.images <= images as u64
            && self.charts <= charts as u64
            && self.stories <= stories as u64
    }

    /// The needs of both.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self {
            images: self.images.max(other.images),
            charts: self.charts.max(other.charts),
            stories: self.stories.max(other.stories),
        }
    }
}
