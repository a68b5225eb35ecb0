//! Dates known in part on which an expression hangs, for what is said before publishing (decision 0123).

use super::ast::Node;

/// Names of the dates that may be known in part, but for what stands below a `not`: that speaks up only when
/// it is sure of the opposite, as decision 0094 wants it written.
pub(super) fn names<'n>(node: &'n Node, found: &mut Vec<&'n str>) {
    match node {
        Node::Input(input) if input.partial => found.push(&input.name),
        // What was answered, and how often, is known however little of the date is.
        Node::Constant(_)
        | Node::Input(_)
        | Node::Today
        | Node::Not(_)
        | Node::Answered(..)
        | Node::Selected(..)
        | Node::Count(_)
        | Node::Length(_) => {}
        Node::In(inner, _) | Node::Floor(inner, _) | Node::FiscalYear(inner) => names(inner, found),
        Node::And(all) | Node::Or(all) => all.iter().for_each(|one| names(one, found)),
        Node::Compare(_, left, right)
        | Node::Either(_, left, right)
        | Node::Plus(left, right)
        | Node::Minus(left, right)
        | Node::Times(left, right)
        | Node::Age(left, right) => {
            names(left, found);
            names(right, found);
        }
        Node::Over { value, only, .. } => {
            [value, only].into_iter().flatten().for_each(|one| names(one, found));
        }
    }
}
