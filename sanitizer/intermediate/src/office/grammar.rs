//! What may stand in an Office document: one table per topic, written as text
//! in `grammar/*.txt` so that it can be read and argued about.
//!
//! The tables are the allow-list of NF-32. The worker keeps what they name,
//! [`Bag`] can hold nothing else, and builders write from them.
//!
//! ```text
//! %space w              elements and types of these lines belong to w:
//! %attrs w              attributes are written w:… ("-" for none)
//! %kind side {l|r}      a kind of value by a name of its own
//! %group fills a b      elements that several types share: +fills
//! name * @x!=int #=text ^first other=type short=:kind
//! │    │ │       │      │      │          └ an element whose only content is val="…"
//! │    │ │       │      │      └ an element with the rules of another type
//! │    │ │       │      └ comes first even where the order is free
//! │    │ │       └ the text between the tags
//! │    │ └ an attribute; with "!" the element is dropped without it
//! │    └ elements stay in the order they came in; otherwise the table's order
//! └ the type
//! ```
//!
//! `#!=` and `&child` are for text and children the element makes no sense
//! without; a lone `!` wants any child at all.

mod kind;
mod tables;

pub use kind::{Kind, MAX_TEXT, is_plain, is_web};

use std::collections::HashMap;
use std::sync::LazyLock;

use super::{Bag, Space};

/// Number of a type in the [`Grammar`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TypeId(pub(super) u16);

/// All types of Office documents.
#[derive(Debug)]
pub struct Grammar {
    types: Vec<Type>,
    by_name: HashMap<String, TypeId>,
}

/// What one kind of element may carry.
#[derive(Debug)]
pub struct Type {
    /// Prefix and name, as in the tables: `w:pPr`.
    pub name: String,
    /// Children keep the order they came in.
    pub free_order: bool,
    /// Attributes it may have.
    pub attributes: Vec<Attribute>,
    /// The text between its tags, when it may have any.
    pub text: Option<Kind>,
    /// The element makes no sense without that text.
    pub text_required: bool,
    /// The element makes no sense without a child.
    pub child_required: bool,
    /// Elements it may contain, in their order.
    pub children: Vec<Child>,
    by_name: Vec<u16>,
}

/// An attribute of an element.
#[derive(Debug)]
pub struct Attribute {
    /// Namespace; most attributes have none.
    pub space: Option<Space>,
    /// Local name.
    pub name: String,
    /// What its value may be.
    pub kind: Kind,
    /// The element makes no sense without it.
    pub required: bool,
}

/// An element within another.
#[derive(Debug)]
pub struct Child {
    /// Namespace.
    pub space: Space,
    /// Local name.
    pub name: String,
    /// Its rules.
    pub of: TypeId,
    /// Comes first even where the order is free.
    pub first: bool,
    /// The outer element makes no sense without it.
    pub required: bool,
}

/// The grammar of this build.
#[must_use]
pub fn grammar() -> &'static Grammar {
    static GRAMMAR: LazyLock<Grammar> =
        LazyLock::new(|| tables::read(tables::ALL).expect("the tables are read by a test"));
    &GRAMMAR
}

impl Grammar {
    /// The rules of a type.
    #[must_use]
    pub fn get(&self, id: TypeId) -> &Type {
        &self.types[usize::from(id.0)]
    }

    /// The type of this name, for example `w:pPr`.
    #[must_use]
    pub fn find(&self, name: &str) -> Option<TypeId> {
        self.by_name.get(name).copied()
    }

    /// All types.
    pub fn iter(&self) -> impl Iterator<Item = &Type> {
        self.types.iter()
    }
}

impl Type {
    /// The child of this name.
    #[must_use]
    pub fn child(&self, space: Space, name: &str) -> Option<u16> {
        let wanted = (name, space);
        let key = |at: &u16| {
            let child = &self.children[usize::from(*at)];
            (child.name.as_str(), child.space)
        };
        self.by_name.binary_search_by_key(&wanted, key).ok().map(|found| self.by_name[found])
    }

    /// Whether an element has everything it makes no sense without.
    #[must_use]
    pub fn is_complete(&self, bag: &Bag) -> bool {
        let named = |at: usize| bag.attributes.iter().any(|it| usize::from(it.0) == at);
        let present = |at: usize| bag.children.iter().any(|it| usize::from(it.0) == at);
        let mut attributes = self.attributes.iter().enumerate().filter(|(_, it)| it.required);
        let mut children = self.children.iter().enumerate().filter(|(_, it)| it.required);
        attributes.all(|(at, _)| named(at))
            && children.all(|(at, _)| present(at))
            && !(self.text_required && bag.text.is_none())
            && !(self.child_required && bag.children.is_empty())
    }

    /// Puts children where they belong.
    pub fn settle(&self, bag: &mut Bag) {
        bag.children.sort_by_key(|(at, _)| self.rank(*at));
    }

    /// Whether children are where they belong.
    #[must_use]
    pub fn is_settled(&self, bag: &Bag) -> bool {
        bag.children.is_sorted_by_key(|(at, _)| self.rank(*at))
    }

    fn rank(&self, child: u16) -> u16 {
        let first = self.children.get(usize::from(child)).is_some_and(|it| it.first);
        if self.free_order && !first { u16::MAX } else { child }
    }

    /// The attribute of this name.
    #[must_use]
    pub fn attribute(&self, space: Option<Space>, name: &str) -> Option<u8> {
        let found = self.attributes.iter().position(|it| it.name == name && it.space == space)?;
        u8::try_from(found).ok()
    }
}
