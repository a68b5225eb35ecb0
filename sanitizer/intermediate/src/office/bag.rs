//! Elements as data: what the grammar allows and nothing more.

use std::marker::PhantomData;

use super::grammar::{Kind, MAX_TEXT, Type, TypeId, grammar};
use super::{Field, Formula, Value, Verb, View};
use crate::codec::{Decode, DecodeError, Encode, Reader, Writer};

/// Most elements within one element.
const MAX_CHILDREN: usize = 4_000_000;

/// An element. Which type it is of follows from where it stands.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Bag {
    /// Number of the attribute in its type, and the value; ascending.
    pub attributes: Vec<(u8, Value)>,
    /// Text between the tags.
    pub text: Option<Value>,
    /// Number of the child in its type, and the element.
    pub children: Vec<(u16, Bag)>,
}

/// An element of a type that is known from the model: `Props<Theme>`.
#[derive(Debug, PartialEq)]
pub struct Props<S> {
    /// The element.
    pub bag: Bag,
    shape: PhantomData<S>,
}

/// Names a type of the grammar.
pub trait Shape {
    /// Prefix and name, as in the tables.
    const NAME: &'static str;

    /// Its number.
    #[must_use]
    fn id() -> TypeId {
        grammar().find(Self::NAME).expect("a test names every shape")
    }
}

impl<S> Clone for Props<S> {
    fn clone(&self) -> Self {
        Self::from(self.bag.clone())
    }
}

impl<S> Default for Props<S> {
    fn default() -> Self {
        Self::from(Bag::default())
    }
}

impl<S> From<Bag> for Props<S> {
    fn from(bag: Bag) -> Self {
        Self { bag, shape: PhantomData }
    }
}

impl<S: Shape> Encode for Props<S> {
    fn encode(&self, to: &mut Writer<'_>) {
        self.bag.encode(to);
    }
}

impl<S: Shape> Decode for Props<S> {
    fn decode(from: &mut Reader<'_>) -> Result<Self, DecodeError> {
        Bag::decode_as(S::id(), from).map(Self::from)
    }
}

impl<S: Shape> Props<S> {
    /// The element with its rules, for looking around in it.
    #[must_use]
    pub fn view(&self) -> View<'_> {
        View { bag: &self.bag, rules: grammar().get(S::id()) }
    }
}

impl Bag {
    fn encode(&self, to: &mut Writer<'_>) {
        to.u8(u8::try_from(self.attributes.len()).unwrap_or(u8::MAX));
        for (at, value) in &self.attributes {
            to.u8(*at);
            write_value(to, value);
        }
        to.bool(self.text.is_some());
        if let Some(value) = &self.text {
            write_value(to, value);
        }
        to.u32(u32::try_from(self.children.len()).unwrap_or(u32::MAX));
        for (at, child) in &self.children {
            to.u16(*at);
            child.encode(to);
        }
    }

    /// Reads an element of a type, asking the grammar about every part of it.
    ///
    /// # Errors
    /// [`DecodeError`] when the grammar does not know it.
    pub fn decode_as(id: TypeId, from: &mut Reader<'_>) -> Result<Self, DecodeError> {
        from.nest(|from| {
            let rules = grammar().get(id);
            let attributes = read_attributes(rules, from)?;
            let text = match (from.bool()?, &rules.text) {
                (false, _) => None,
                (true, Some(kind)) => Some(read_value(kind, from)?),
                (true, None) => return Err(DecodeError::Invalid("text")),
            };
            let count = from.u32()? as usize;
            if count > MAX_CHILDREN {
                return Err(DecodeError::TooLong);
            }
            let mut children = Vec::with_capacity(count.min(64));
            for _ in 0..count {
                let at = from.u16()?;
                let child = rules.children.get(usize::from(at));
                let child = child.ok_or(DecodeError::Invalid("child"))?;
                children.push((at, Self::decode_as(child.of, from)?));
            }
            let bag = Self { attributes, text, children };
            if rules.is_complete(&bag) && rules.is_settled(&bag) {
                Ok(bag)
            } else {
                Err(DecodeError::Invalid("element"))
            }
        })
    }
}

fn read_attributes(rules: &Type, from: &mut Reader<'_>) -> Result<Vec<(u8, Value)>, DecodeError> {
    let count = from.u8()?;
    let mut attributes: Vec<(u8, Value)> = Vec::with_capacity(usize::from(count).min(32));
    for _ in 0..count {
        let at = from.u8()?;
        let rule =
            rules.attributes.get(usize::from(at)).ok_or(DecodeError::Invalid("attribute"))?;
        if attributes.last().is_some_and(|(before, _)| *before >= at) {
            return Err(DecodeError::Invalid("attribute order"));
        }
        attributes.push((at, read_value(&rule.kind, from)?));
    }
    Ok(attributes)
}

fn write_value(to: &mut Writer<'_>, value: &Value) {
    match value {
        Value::Int(number) => {
            to.u8(0);
            to.i64(*number);
        }
        Value::Number(number) => {
            to.u8(1);
            to.f64(*number);
        }
        Value::Token(at) => {
            to.u8(2);
            to.u16(*at);
        }
        Value::Ref(at) => {
            to.u8(3);
            to.u32(*at);
        }
        Value::Text(text) => {
            to.u8(4);
            to.str(text);
        }
        Value::Field(field) => {
            to.u8(5);
            to.value(field);
        }
        Value::Formula(formula) => {
            to.u8(6);
            to.value(formula);
        }
    }
}

fn read_value(kind: &Kind, from: &mut Reader<'_>) -> Result<Value, DecodeError> {
    let value = match from.u8()? {
        0 => Value::Int(from.i64()?),
        1 => Value::Number(from.f64()?),
        2 => Value::Token(from.u16()?),
        3 => Value::Ref(from.u32()?),
        4 => Value::Text(from.str(MAX_TEXT)?),
        5 => Value::Field(from.value()?),
        6 => Value::Formula(from.value()?),
        _ => return Err(DecodeError::Invalid("Value")),
    };
    if kind.admits(&value) { Ok(value) } else { Err(DecodeError::Invalid("value")) }
}

impl Encode for Field {
    fn encode(&self, to: &mut Writer<'_>) {
        to.value(&self.verb());
        to.str(self.arguments());
    }
}

impl Decode for Field {
    fn decode(from: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let verb: Verb = from.value()?;
        Self::new(verb, &from.str(MAX_TEXT)?).map_err(|_| DecodeError::Invalid("Field"))
    }
}

impl Encode for Formula {
    fn encode(&self, to: &mut Writer<'_>) {
        to.str(self.text());
    }
}

impl Decode for Formula {
    fn decode(from: &mut Reader<'_>) -> Result<Self, DecodeError> {
        Self::new(&from.str(MAX_TEXT)?).map_err(|_| DecodeError::Invalid("Formula"))
    }
}
