//! Tokens into a typed tree.
//!
//! ```text
//! or ::= and {"or" and}      and ::= not {"and" not}      not ::= "not" not | compare
//! compare ::= sum [("==" | "!=" | "<" | "<=" | ">" | ">=") sum | "in" "[" constant {"," constant} "]"]
//! sum ::= product {("+" | "-") product}      product ::= unary {"*" unary}      unary ::= "-" unary | atom
//! atom ::= number | text | "true" | "false" | name | function "(" arguments ")" | "(" or ")"
//! ```

use jiff::civil::Date;
use thiserror::Error;

use super::lexer::{Token, tokens};
use super::value::{Decimal, Type};
use super::{Expr, Literal, MAX_DEPTH};

/// What a name stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Named {
    /// An input with a value.
    Input {
        /// Type of its value.
        kind: Type,
        /// Number of its field in the procedure.
        slot: usize,
        /// Codes it can have, for a choice.
        codes: Option<Vec<String>>,
    },
    /// A field of several inputs; only `answered()` takes it.
    Group {
        /// Number of the field in the procedure.
        slot: usize,
        /// Its inputs.
        inputs: Vec<String>,
    },
}

/// Names an expression may use.
pub trait Names {
    /// What a name stands for; `None` when it is unknown.
    fn named(&self, name: &str) -> Option<Named>;
}

/// Why a text is no expression.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("at {at}: {reason}")]
pub struct ExprError {
    /// Byte from which it does not read.
    pub at: usize,
    /// Why.
    pub reason: Reason,
}

/// Why a text is no expression.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Reason {
    /// Longer than allowed.
    #[error("the expression is too long")]
    TooLong,
    /// Nested deeper than allowed.
    #[error("the expression is nested too deeply")]
    TooDeep,
    /// A quote without end.
    #[error("the quote has no end")]
    OpenQuote,
    /// Not a number of this size.
    #[error("not a number")]
    BadNumber,
    /// Not a day.
    #[error("not a day: {0}")]
    BadDate(String),
    /// Something else was expected here.
    #[error("unexpected {0:?}")]
    Unexpected(String),
    /// The text ends too early.
    #[error("the expression is not complete")]
    Incomplete,
    /// No input has this name.
    #[error("unknown name {0:?}")]
    UnknownName(String),
    /// No function has this name, or not with these arguments.
    #[error("unknown function {0:?}")]
    UnknownFunction(String),
    /// The choice has no such code.
    #[error("the choice has no option {0:?}")]
    UnknownOption(String),
    /// The types do not fit.
    #[error("expected {expected}, found {found}")]
    Types {
        /// Needed.
        expected: Type,
        /// Given.
        found: Type,
    },
}

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Constant {
    Bool(bool),
    Text(String),
    Number(Decimal),
    Date(Date),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Comparison {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) struct Input {
    pub(super) name: String,
    pub(super) kind: Type,
    pub(super) slot: usize,
}

#[derive(Debug, Clone)]
pub(super) enum Node {
    Constant(Constant),
    Input(Input),
    Today,
    Not(Box<Node>),
    And(Vec<Node>),
    Or(Vec<Node>),
    Compare(Comparison, Box<Node>, Box<Node>),
    In(Box<Node>, Vec<Constant>),
    Plus(Box<Node>, Box<Node>),
    Minus(Box<Node>, Box<Node>),
    Times(Box<Node>, Box<Node>),
    Answered(usize, Vec<String>),
    Selected(Input, String),
    Count(Input),
    Length(Box<Node>),
    Age(Box<Node>, Box<Node>),
    FiscalYear(Box<Node>),
}

type Typed = (Node, Type);

pub(super) fn parse(text: &str, names: &impl Names) -> Result<Expr, ExprError> {
    let tokens = tokens(text)?;
    let mut parser = Parser {
        tokens,
        next: 0,
        depth: 0,
        names,
        inputs: Vec::new(),
        literals: Vec::new(),
        end: text.len(),
    };
    let (node, kind) = parser.or()?;
    match parser.peek() {
        None => Ok(Expr { node, kind, inputs: parser.inputs, literals: parser.literals }),
        Some(token) => Err(parser.fault(Reason::Unexpected(written(token)))),
    }
}

struct Parser<'n, N> {
    tokens: Vec<(usize, Token)>,
    next: usize,
    depth: usize,
    names: &'n N,
    inputs: Vec<String>,
    literals: Vec<Literal>,
    end: usize,
}

impl<N: Names> Parser<'_, N> {
    fn or(&mut self) -> Result<Typed, ExprError> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(self.fault(Reason::TooDeep));
        }
        let first = self.and()?;
        let all = self.series(first, "or", Self::and)?;
        self.depth -= 1;
        Ok(joined(all, Node::Or))
    }

    fn and(&mut self) -> Result<Typed, ExprError> {
        let first = self.not()?;
        let all = self.series(first, "and", Self::not)?;
        Ok(joined(all, Node::And))
    }

    fn series(
        &mut self,
        first: Typed,
        word: &str,
        mut part: impl FnMut(&mut Self) -> Result<Typed, ExprError>,
    ) -> Result<Vec<Typed>, ExprError> {
        let mut all = vec![first];
        while self.take_word(word) {
            self.want(&all[all.len() - 1], Type::Bool)?;
            all.push(part(self)?);
            self.want(&all[all.len() - 1], Type::Bool)?;
        }
        Ok(all)
    }

    fn not(&mut self) -> Result<Typed, ExprError> {
        let mut negations = 0;
        while self.take_word("not") {
            negations += 1;
        }
        let inner = self.compare()?;
        if negations == 0 {
            return Ok(inner);
        }
        self.want(&inner, Type::Bool)?;
        let not = |node| Node::Not(Box::new(node));
        // Two negations still turn something absent into false, so they are not dropped.
        Ok((if negations % 2 == 1 { not(inner.0) } else { not(not(inner.0)) }, Type::Bool))
    }

    fn compare(&mut self) -> Result<Typed, ExprError> {
        let left = self.sum()?;
        if self.take_word("in") {
            let list = self.list(&left)?;
            return Ok((Node::In(Box::new(left.0), list), Type::Bool));
        }
        let Some(comparison) = self.comparison() else { return Ok(left) };
        let right = self.sum()?;
        self.want(&right, left.1)?;
        let ordered = matches!(left.1, Type::Number | Type::Date);
        let equality = matches!(comparison, Comparison::Equal | Comparison::NotEqual);
        if left.1 == Type::List || !(ordered || equality) {
            return Err(self.fault(Reason::Types { expected: Type::Number, found: left.1 }));
        }
        self.known_code(&left.0, &right.0)?;
        self.known_code(&right.0, &left.0)?;
        Ok((Node::Compare(comparison, Box::new(left.0), Box::new(right.0)), Type::Bool))
    }

    fn comparison(&mut self) -> Option<Comparison> {
        const ALL: [(&str, Comparison); 6] = [
            ("==", Comparison::Equal),
            ("!=", Comparison::NotEqual),
            ("<=", Comparison::LessOrEqual),
            (">=", Comparison::GreaterOrEqual),
            ("<", Comparison::Less),
            (">", Comparison::Greater),
        ];
        ALL.into_iter().find(|(symbol, _)| self.take(symbol)).map(|(_, comparison)| comparison)
    }

    fn list(&mut self, left: &Typed) -> Result<Vec<Constant>, ExprError> {
        self.must("[")?;
        let mut all = Vec::new();
        loop {
            let item = self.unary()?;
            self.want(&item, left.1)?;
            self.known_code(&left.0, &item.0)?;
            let Node::Constant(constant) = item.0 else {
                return Err(self.fault(Reason::Unexpected("a name in a list".into())));
            };
            all.push(constant);
            if self.take("]") {
                return Ok(all);
            }
            self.must(",")?;
        }
    }

    fn sum(&mut self) -> Result<Typed, ExprError> {
        let mut left = self.product()?;
        loop {
            let plus = self.take("+");
            if !plus && !self.take("-") {
                return Ok(left);
            }
            let right = self.product()?;
            let kind = match (left.1, right.1, plus) {
                (Type::Number, Type::Number, _) | (Type::Date, Type::Date, false) => Type::Number,
                (Type::Date, Type::Number, _) => Type::Date,
                (_, found, _) => {
                    return Err(self.fault(Reason::Types { expected: Type::Number, found }));
                }
            };
            let node = if plus { Node::Plus } else { Node::Minus };
            left = (node(Box::new(left.0), Box::new(right.0)), kind);
        }
    }

    fn product(&mut self) -> Result<Typed, ExprError> {
        let mut left = self.unary()?;
        while self.take("*") {
            self.want(&left, Type::Number)?;
            let right = self.unary()?;
            self.want(&right, Type::Number)?;
            left = (Node::Times(Box::new(left.0), Box::new(right.0)), Type::Number);
        }
        Ok(left)
    }

    fn unary(&mut self) -> Result<Typed, ExprError> {
        if !self.take("-") {
            return self.atom();
        }
        let inner = self.atom()?;
        self.want(&inner, Type::Number)?;
        let zero = Decimal::from(0);
        Ok(match inner.0 {
            Node::Constant(Constant::Number(n)) => {
                (Node::Constant(Constant::Number(zero.minus(n).unwrap_or(zero))), Type::Number)
            }
            node => {
                let zero = Node::Constant(Constant::Number(zero));
                (Node::Minus(Box::new(zero), Box::new(node)), Type::Number)
            }
        })
    }

    fn atom(&mut self) -> Result<Typed, ExprError> {
        let Some(token) = self.peek().cloned() else { return Err(self.fault(Reason::Incomplete)) };
        self.next += 1;
        match token {
            Token::Number(n) => {
                self.literals.push(Literal::Number(n));
                Ok((Node::Constant(Constant::Number(n)), Type::Number))
            }
            Token::Text(text) => {
                self.literals.push(Literal::Text(text.clone()));
                Ok((Node::Constant(Constant::Text(text)), Type::Text))
            }
            Token::Symbol("(") => {
                let inner = self.or()?;
                self.must(")")?;
                Ok(inner)
            }
            Token::Name(name) if name == "true" || name == "false" => {
                Ok((Node::Constant(Constant::Bool(name == "true")), Type::Bool))
            }
            Token::Name(name) if self.take("(") => self.function(&name),
            Token::Name(name) => {
                let input = self.input(&name)?;
                let kind = input.kind;
                Ok((Node::Input(input), kind))
            }
            Token::Symbol(symbol) => Err(self.before(Reason::Unexpected(symbol.to_owned()))),
        }
    }

    fn function(&mut self, name: &str) -> Result<Typed, ExprError> {
        let made = match name {
            "today" => (Node::Today, Type::Date),
            "date" => {
                let text = self.text()?;
                let day = text.parse().map_err(|_| self.before(Reason::BadDate(text)))?;
                self.literals.push(Literal::Date(day));
                (Node::Constant(Constant::Date(day)), Type::Date)
            }
            "answered" => {
                let name = self.name()?;
                let (slot, inputs) = self.any_input(&name)?;
                (Node::Answered(slot, inputs), Type::Bool)
            }
            "selected" => {
                let name = self.name()?;
                let input = self.input(&name)?;
                self.must(",")?;
                let code = self.text()?;
                self.check_code(&input.name, &code)?;
                (Node::Selected(input, code), Type::Bool)
            }
            "count" => {
                let name = self.name()?;
                let input = self.input(&name)?;
                if input.kind != Type::List {
                    return Err(
                        self.before(Reason::Types { expected: Type::List, found: input.kind })
                    );
                }
                (Node::Count(input), Type::Number)
            }
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

    fn argument(&mut self, kind: Type) -> Result<Node, ExprError> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(self.fault(Reason::TooDeep));
        }
        let typed = self.sum()?;
        self.depth -= 1;
        self.want(&typed, kind)?;
        Ok(typed.0)
    }

    fn input(&mut self, name: &str) -> Result<Input, ExprError> {
        match self.names.named(name) {
            Some(Named::Input { kind, slot, .. }) => {
                self.note(name);
                Ok(Input { name: name.to_owned(), kind, slot })
            }
            Some(Named::Group { .. }) | None => {
                Err(self.before(Reason::UnknownName(name.to_owned())))
            }
        }
    }

    fn any_input(&mut self, name: &str) -> Result<(usize, Vec<String>), ExprError> {
        let (slot, inputs) = match self.names.named(name) {
            Some(Named::Input { slot, .. }) => (slot, vec![name.to_owned()]),
            Some(Named::Group { slot, inputs }) => (slot, inputs),
            None => return Err(self.before(Reason::UnknownName(name.to_owned()))),
        };
        for input in &inputs {
            self.note(input);
        }
        Ok((slot, inputs))
    }

    fn note(&mut self, name: &str) {
        if !self.inputs.iter().any(|known| known == name) {
            self.inputs.push(name.to_owned());
        }
    }

    /// A choice compared with a code it does not have is always false: a slip, caught early.
    fn known_code(&self, input: &Node, constant: &Node) -> Result<(), ExprError> {
        match (input, constant) {
            (Node::Input(input), Node::Constant(Constant::Text(code))) if !code.is_empty() => {
                self.check_code(&input.name, code)
            }
            _ => Ok(()),
        }
    }

    fn check_code(&self, input: &str, code: &str) -> Result<(), ExprError> {
        match self.names.named(input) {
            Some(Named::Input { codes: Some(codes), .. }) if !codes.iter().any(|c| c == code) => {
                Err(self.before(Reason::UnknownOption(code.to_owned())))
            }
            Some(Named::Input { .. } | Named::Group { .. }) | None => Ok(()),
        }
    }

    fn want(&self, typed: &Typed, kind: Type) -> Result<(), ExprError> {
        if typed.1 == kind {
            Ok(())
        } else {
            Err(self.before(Reason::Types { expected: kind, found: typed.1 }))
        }
    }

    fn text(&mut self) -> Result<String, ExprError> {
        match self.peek().cloned() {
            Some(Token::Text(text)) => {
                self.next += 1;
                Ok(text)
            }
            Some(other) => Err(self.fault(Reason::Unexpected(written(&other)))),
            None => Err(self.fault(Reason::Incomplete)),
        }
    }

    fn name(&mut self) -> Result<String, ExprError> {
        match self.peek().cloned() {
            Some(Token::Name(name)) => {
                self.next += 1;
                Ok(name)
            }
            Some(other) => Err(self.fault(Reason::Unexpected(written(&other)))),
            None => Err(self.fault(Reason::Incomplete)),
        }
    }

    fn must(&mut self, symbol: &'static str) -> Result<(), ExprError> {
        if self.take(symbol) {
            return Ok(());
        }
        let reason = self.peek().map_or(Reason::Incomplete, |t| Reason::Unexpected(written(t)));
        Err(self.fault(reason))
    }

    fn take(&mut self, symbol: &str) -> bool {
        let here = matches!(self.peek(), Some(Token::Symbol(s)) if *s == symbol);
        self.next += usize::from(here);
        here
    }

    fn take_word(&mut self, word: &str) -> bool {
        let here = matches!(self.peek(), Some(Token::Name(name)) if name == word);
        self.next += usize::from(here);
        here
    }

    fn peek(&self) -> Option<&Token> {
        self.tokens.get(self.next).map(|(_, token)| token)
    }

    /// A fault at the next token.
    fn fault(&self, reason: Reason) -> ExprError {
        ExprError { at: self.tokens.get(self.next).map_or(self.end, |(at, _)| *at), reason }
    }

    /// A fault at the token just taken.
    fn before(&self, reason: Reason) -> ExprError {
        let at = self.next.checked_sub(1).and_then(|n| self.tokens.get(n)).map_or(0, |(at, _)| *at);
        ExprError { at, reason }
    }
}

fn joined(mut all: Vec<Typed>, node: impl FnOnce(Vec<Node>) -> Node) -> Typed {
    match (all.pop(), all.is_empty()) {
        (Some(only), true) => only,
        (last, _) => {
            let nodes = all.into_iter().chain(last).map(|(node, _)| node).collect();
            (node(nodes), Type::Bool)
        }
    }
}

fn written(token: &Token) -> String {
    match token {
        Token::Name(text) | Token::Text(text) => text.clone(),
        Token::Number(n) => n.to_string(),
        Token::Symbol(symbol) => (*symbol).to_owned(),
    }
}
