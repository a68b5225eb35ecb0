//! Walking along the tokens.

use super::lexer::Token;
use super::names::{ExprError, Reason};
use super::parser::{Parser, Typed};
use super::value::Type;

impl<N> Parser<'_, N> {
    pub(super) fn want(&self, typed: &Typed, kind: Type) -> Result<(), ExprError> {
        if typed.1 == kind {
            Ok(())
        } else {
            Err(self.before(Reason::Types { expected: kind, found: typed.1 }))
        }
    }

    pub(super) fn text(&mut self) -> Result<String, ExprError> {
        match self.peek().cloned() {
            Some(Token::Text(text)) => {
                self.next += 1;
                Ok(text)
            }
            Some(other) => Err(self.fault(Reason::Unexpected(written(&other)))),
            None => Err(self.fault(Reason::Incomplete)),
        }
    }

    pub(super) fn name(&mut self) -> Result<String, ExprError> {
        match self.peek().cloned() {
            Some(Token::Name(name)) => {
                self.next += 1;
                Ok(name)
            }
            Some(other) => Err(self.fault(Reason::Unexpected(written(&other)))),
            None => Err(self.fault(Reason::Incomplete)),
        }
    }

    pub(super) fn must(&mut self, symbol: &'static str) -> Result<(), ExprError> {
        if self.take(symbol) {
            return Ok(());
        }
        let reason = self.peek().map_or(Reason::Incomplete, |t| Reason::Unexpected(written(t)));
        Err(self.fault(reason))
    }

    pub(super) fn take(&mut self, symbol: &str) -> bool {
        let here = matches!(self.peek(), Some(Token::Symbol(s)) if *s == symbol);
        self.next += usize::from(here);
        here
    }

    pub(super) fn take_word(&mut self, word: &str) -> bool {
        let here = matches!(self.peek(), Some(Token::Name(name)) if name == word);
        self.next += usize::from(here);
        here
    }

    pub(super) fn peek(&self) -> Option<&Token> {
        self.tokens.get(self.next).map(|(_, token)| token)
    }

    /// A fault at the next token.
    pub(super) fn fault(&self, reason: Reason) -> ExprError {
        ExprError { at: self.tokens.get(self.next).map_or(self.end, |(at, _)| *at), reason }
    }

    /// A fault at the token just taken.
    pub(super) fn before(&self, reason: Reason) -> ExprError {
        let at = self.next.checked_sub(1).and_then(|n| self.tokens.get(n)).map_or(0, |(at, _)| *at);
        ExprError { at, reason }
    }
}

pub(super) fn written(token: &Token) -> String {
    match token {
        Token::Name(text) | Token::Text(text) => text.clone(),
        Token::Number(n) => n.to_string(),
        Token::Symbol(symbol) => (*symbol).to_owned(),
    }
}
