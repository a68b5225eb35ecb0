//! Tokens into a typed tree.
//!
//! ```text
//! or ::= and {"or" and}      and ::= not {"and" not}      not ::= "not" not | compare
//! compare ::= sum [("==" | "!=" | "<" | "<=" | ">" | ">=") sum | "in" "[" constant {"," constant} "]"]
//! sum ::= product {("+" | "-") product}      product ::= unary {"*" unary}      unary ::= "-" unary | atom
//! atom ::= number | text | "true" | "false" | name | function "(" arguments ")" | "(" or ")"
//! ```

use super::ast::{Comparison, Constant, Node};
use super::cursor::written;
use super::lexer::{Token, tokens};
use super::names::{ExprError, Names, Reason};
use super::value::{Decimal, Type};
use super::{Expr, Literal, MAX_DEPTH};

pub(super) type Typed = (Node, Type);

pub(super) fn parse(
    text: &str,
    names: &impl Names,
    group: Option<String>,
) -> Result<Expr, ExprError> {
    let tokens = tokens(text)?;
    let mut parser = Parser {
        tokens,
        next: 0,
        depth: 0,
        names,
        group,
        folding: false,
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

pub(super) struct Parser<'n, N> {
    pub(super) tokens: Vec<(usize, Token)>,
    pub(super) next: usize,
    pub(super) depth: usize,
    pub(super) names: &'n N,
    /// The group in whose row names are looked for first.
    pub(super) group: Option<String>,
    /// Whether this is inside a function over rows.
    pub(super) folding: bool,
    pub(super) inputs: Vec<String>,
    pub(super) literals: Vec<Literal>,
    pub(super) end: usize,
}

impl<N: Names> Parser<'_, N> {
    pub(super) fn or(&mut self) -> Result<Typed, ExprError> {
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
                return Err(self.fault(Reason::NameInList));
            };
            all.push(constant);
            if self.take("]") {
                return Ok(all);
            }
            self.must(",")?;
        }
    }

    pub(super) fn sum(&mut self) -> Result<Typed, ExprError> {
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
