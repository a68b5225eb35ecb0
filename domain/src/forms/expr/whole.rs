//! Whether an expression comes to whole numbers.

use super::ast::{Constant, Fold, Node};

pub(super) fn is_whole(node: &Node, input: &dyn Fn(&str) -> bool) -> bool {
    let both = |a: &Node, b: &Node| is_whole(a, input) && is_whole(b, input);
    match node {
        Node::Constant(Constant::Number(number)) => number.as_whole().is_some(),
        Node::Constant(Constant::Date(_))
        | Node::Today
        | Node::Count(_)
        | Node::Length(_)
        | Node::Age(..)
        | Node::FiscalYear(_) => true,
        Node::Input(one) => input(&one.name),
        Node::Plus(a, b) | Node::Minus(a, b) | Node::Times(a, b) | Node::Either(_, a, b) => {
            both(a, b)
        }
        Node::Floor(_, unit) => unit.as_whole().is_some(),
        Node::Over { fold: Fold::Count, .. } => true,
        Node::Over { fold: Fold::Sum | Fold::Min | Fold::Max, value, .. } => {
            value.as_deref().is_some_and(|value| is_whole(value, input))
        }
        Node::Constant(Constant::Bool(_) | Constant::Text(_))
        | Node::Over { fold: Fold::Any | Fold::All, .. }
        | Node::Not(_)
        | Node::And(_)
        | Node::Or(_)
        | Node::Compare(..)
        | Node::In(..)
        | Node::Answered(..)
        | Node::Selected(..) => false,
    }
}
