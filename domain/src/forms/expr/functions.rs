//! Functions, and the names they and the grammar look up.

use super::Literal;
use super::MAX_DEPTH;
use super::ast::{Constant, Fold, Input, Node};
use super::lexer::Token;
use super::names::{At, ExprError, Named, Names, Reason};
use super::parser::{Parser, Typed};
use super::value::{Decimal, Type};
use crate::calendar::read_time;

impl<N: Names> Parser<'_, N> {
    pub(super) fn function(&mut self, name: &str) -> Result<Typed, ExprError> {
        let made = match name {
            "today" => {
                self.literals.push(Literal::Today);
                (Node::Today, Type::Date)
            }
            "date" => {
                let text = self.text()?;
                let day = text.parse().map_err(|_| self.before(Reason::BadDate(text)))?;
                self.literals.push(Literal::Date(day));
                (Node::Constant(Constant::Date(day)), Type::Date)
            }
            "time" => {
                let text = self.text()?;
                let minutes = read_time(&text).ok_or_else(|| self.before(Reason::BadTime(text)))?;
                let minutes = Decimal::from(u32::from(minutes));
                self.literals.push(Literal::Number(minutes));
                (Node::Constant(Constant::Number(minutes)), Type::Number)
            }
            "answered" => {
                let name = self.name()?;
                let (at, inputs) = self.any_input(&name)?;
                (Node::Answered(at, inputs), Type::Bool)
            }
            "selected" => {
                let name = self.name()?;
                let input = self.input(&name)?;
                self.must(",")?;
                let code = self.text()?;
                self.check_code(&input.name, &code)?;
                (Node::Selected(input, code), Type::Bool)
            }
            "any" | "all" | "sum" | "min" | "max" => self.over(name)?,
            "count" => {
                let name = self.name()?;
                if matches!(self.peek(), Some(Token::Symbol(","))) {
                    let made = self.rows(&name, Fold::Count)?;
                    self.must(")")?;
                    return Ok(made);
                }
                let input = self.input(&name)?;
                if input.kind != Type::List {
                    return Err(
                        self.before(Reason::Types { expected: Type::List, found: input.kind })
                    );
                }
                (Node::Count(input), Type::Number)
            }
            "least" | "greatest" => self.either(name == "least")?,
            "floor" => self.floor()?,
            "len" => (Node::Length(Box::new(self.argument(Type::Text)?)), Type::Number),
            "fiscal_year" => (Node::FiscalYear(Box::new(self.argument(Type::Date)?)), Type::Number),
            "age" => {
                let birth = Box::new(self.argument(Type::Date)?);
                let on = if self.take(",") { self.argument(Type::Date)? } else { Node::Today };
                (Node::Age(birth, Box::new(on)), Type::Number)
            }
            _ => return Err(self.before(Reason::UnknownFunction(name.to_owned()))),
        };
        self.must(")")?;
        Ok(made)
    }

    pub(super) fn argument(&mut self, kind: Type) -> Result<Node, ExprError> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(self.fault(Reason::TooDeep));
        }
        let typed = self.sum()?;
        self.depth -= 1;
        self.want(&typed, kind)?;
        Ok(typed.0)
    }

    pub(super) fn input(&mut self, name: &str) -> Result<Input, ExprError> {
        match self.look_up(name) {
            Some(Named::Input { kind, partial, at, .. }) => {
                self.note(name, at);
                Ok(Input { name: name.to_owned(), kind, partial, at })
            }
            Some(Named::Rows { at }) => {
                self.note(name, at);
                Ok(Input { name: name.to_owned(), kind: Type::List, partial: false, at })
            }
            Some(Named::Group { .. }) | None => {
                Err(self.before(Reason::UnknownName(name.to_owned())))
            }
        }
    }

    fn any_input(&mut self, name: &str) -> Result<(At, Vec<String>), ExprError> {
        let (at, inputs) = match self.look_up(name) {
            Some(Named::Input { at, .. } | Named::Rows { at }) => (at, vec![name.to_owned()]),
            Some(Named::Group { at, inputs }) => (at, inputs),
            None => return Err(self.before(Reason::UnknownName(name.to_owned()))),
        };
        for input in &inputs {
            self.note(input, at);
        }
        Ok((at, inputs))
    }

    pub(super) fn look_up(&self, name: &str) -> Option<Named> {
        self.names.named(name, self.group.as_deref())
    }

    pub(super) fn note(&mut self, name: &str, at: At) {
        let noted = match &self.group {
            Some(group) if !at.up => format!("{group}.{name}"),
            Some(_) | None => name.to_owned(),
        };
        if !self.inputs.contains(&noted) {
            self.inputs.push(noted);
        }
    }

    /// A choice compared with a code it does not have is always false: a slip, caught early.
    pub(super) fn known_code(&self, input: &Node, constant: &Node) -> Result<(), ExprError> {
        match (input, constant) {
            (Node::Input(input), Node::Constant(Constant::Text(code))) if !code.is_empty() => {
                self.check_code(&input.name, code)
            }
            _ => Ok(()),
        }
    }

    pub(super) fn check_code(&self, input: &str, code: &str) -> Result<(), ExprError> {
        match self.look_up(input) {
            Some(Named::Input { codes: Some(codes), .. }) if !codes.iter().any(|c| c == code) => {
                Err(self.before(Reason::UnknownOption(code.to_owned())))
            }
            Some(Named::Input { .. } | Named::Group { .. } | Named::Rows { .. }) | None => Ok(()),
        }
    }
}
