//! An expression for the script of a page: the same tree, as compact JSON. What stands on other pages is
//! worked out already; only inputs of this page are left open.
//!
//! ```text
//! ["b",true] ["t","text"] ["n","1.5"] ["d","2026-04-01"] ["l",["a"]] null   constants, absent
//! ["n","50","51"] ["d","1975-01-01","1975-12-31"]         known between two only
//! ["i",name,type,field] ["r",name,type,field]             an input of the page, of the row; type "p":
//!                                                         a date that may be known in part; "h": a time;
//!                                                         behind the field of a number its unit
//! ["!",x] ["&",x,…] ["|",x,…] ["==",x,y] … ["in",x,[…]] ["+",x,y] ["-",x,y] ["*",x,y]
//! ["least",x,y] ["greatest",x,y] ["floor",x,"1000"] ["answered",field,[name,…],in row]
//! ["selected",input,code] ["count",input] ["age",x,y] ["year",x]
//! ["over",fold,group,value or null,condition or null]
//! ```
//!
//! `static/rules.js` of the citizens' zone reads it; `script_cases.json` holds what both must say.

use std::collections::BTreeSet;

use serde_json::{Value as Json, json};

use super::Expr;
use super::ast::{Comparison, Constant, Fold, Input, Node};
use super::eval::{Scope, value};
use super::names::At;
use super::value::{Type, Value};
use crate::forms::definition::{Field, FieldKind, Repeat};
use crate::text::narrow;

/// Slots of what only the server works out, and in a group those of its rows.
pub(in crate::forms) type Left = BTreeSet<(usize, Option<usize>)>;

/// The page an expression is written for.
#[derive(Clone, Copy)]
pub(in crate::forms) struct OnPage<'a> {
    /// What is known when the page is drawn.
    pub(in crate::forms) scope: Scope<'a>,
    /// First slot of the page.
    pub(in crate::forms) first: usize,
    /// Its fields, from the first slot on.
    pub(in crate::forms) fields: &'a [&'a Field],
    /// What only the server works out.
    pub(in crate::forms) left: &'a Left,
}

impl<'a> OnPage<'a> {
    /// The field in a slot of the form, when it is on the page.
    fn field(&self, slot: usize) -> Option<&'a Field> {
        self.fields.get(slot.checked_sub(self.first)?).copied()
    }

    /// The rows of a group of the page.
    fn rows(&self, slot: usize) -> Option<Rows<'a>> {
        let field = self.field(slot)?;
        field.repeat().map(|repeat| Rows { repeat, slot })
    }
}

/// The rows of a group.
#[derive(Clone, Copy)]
struct Rows<'a> {
    repeat: &'a Repeat,
    slot: usize,
}

impl<'a> Rows<'a> {
    /// The n-th field of a row; `None` when only the server knows its value.
    fn field(self, n: usize, page: &OnPage<'_>) -> Option<&'a Field> {
        let left = page.left.contains(&(self.slot, Some(n)));
        self.repeat.fields.get(n).filter(|_| !left)
    }
}

impl Expr {
    /// The expression as the script of a page reads it; `None` when the script cannot work it out.
    pub(in crate::forms) fn script(&self, page: &OnPage<'_>) -> Option<Json> {
        written(&self.node, page, None)
    }

    /// The same of an expression in the rows of a group.
    pub(in crate::forms) fn script_in(&self, page: &OnPage<'_>, group: usize) -> Option<Json> {
        written(&self.node, page, Some(page.rows(group)?))
    }
}

/// The tree below a node. Names of a row are the script's to find.
fn written(node: &Node, page: &OnPage<'_>, row: Option<Rows<'_>>) -> Option<Json> {
    let one = |node: &Node| written(node, page, row);
    let parts = |word: &str, nodes: &[Node]| {
        let nodes = nodes.iter().map(one).collect::<Option<Vec<Json>>>()?;
        Some(Json::Array(std::iter::once(json!(word)).chain(nodes).collect()))
    };
    let two = |word: &str, left: &Node, right: &Node| Some(json!([word, one(left)?, one(right)?]));
    Some(match node {
        Node::Constant(known) => constant(known),
        Node::Today => json!(["d", page.scope.today.to_string()]),
        Node::Input(input) => asked(input, page, row)?,
        Node::Not(inner) => json!(["!", one(inner)?]),
        Node::And(all) => parts("&", all)?,
        Node::Or(all) => parts("|", all)?,
        Node::Compare(how, left, right) => two(comparison(*how), left, right)?,
        Node::In(left, list) => {
            json!(["in", one(left)?, list.iter().map(constant).collect::<Vec<_>>()])
        }
        Node::Plus(left, right) => two("+", left, right)?,
        Node::Minus(left, right) => two("-", left, right)?,
        Node::Times(left, right) => two("*", left, right)?,
        Node::Either(least, left, right) => {
            two(if *least { "least" } else { "greatest" }, left, right)?
        }
        Node::Floor(of, unit) => json!(["floor", one(of)?, unit.to_string()]),
        Node::Answered(at, inputs) => match (row, page.field(at.slot)) {
            (Some(row), _) if !at.up => {
                let field = row.field(at.slot, page)?;
                json!(["answered", field.id, inputs, true])
            }
            (_, Some(_)) if page.left.contains(&(at.slot, None)) => return None,
            (_, Some(field)) => json!(["answered", field.id, inputs]),
            (_, None) => known(&Node::Answered(outside(*at), inputs.clone()), page),
        },
        Node::Selected(input, code) => {
            json!(["selected", asked(&as_list(input), page, row)?, code])
        }
        Node::Count(input) => json!(["count", asked(input, page, row)?]),
        // People count characters as they see them: the server does.
        Node::Length(_) => return None,
        Node::Age(birth, on) => two("age", birth, on)?,
        Node::FiscalYear(inner) => json!(["year", one(inner)?]),
        Node::Over { fold, at, value, only } => match page.field(at.slot) {
            Some(group) => {
                let row = Some(page.rows(at.slot)?);
                let inner = |node: &Option<Box<Node>>| match node {
                    Some(node) => written(node, page, row),
                    None => Some(Json::Null),
                };
                json!(["over", word(*fold), group.id, inner(value)?, inner(only)?])
            }
            None if rests(value, page) && rests(only, page) => known(node, page),
            None => return None,
        },
    })
}

/// An input: open when it is of this page or row, else what it is.
fn asked(input: &Input, page: &OnPage<'_>, row: Option<Rows<'_>>) -> Option<Json> {
    Some(match (row, page.field(input.at.slot)) {
        (Some(row), _) if !input.at.up => open("r", input, row.field(input.at.slot, page)?),
        (_, Some(_)) if page.left.contains(&(input.at.slot, None)) => return None,
        (_, Some(field)) => open("i", input, field),
        (_, None) => known(&Node::Input(Input { at: outside(input.at), ..input.clone() }), page),
    })
}

/// An input of the page or of a row.
fn open(word: &str, input: &Input, field: &Field) -> Json {
    let kind = read_as(input, field);
    match &field.kind {
        // People type it behind the number.
        FieldKind::Number(number) if !number.unit.ja().is_empty() => {
            json!([word, input.name, kind, field.id, narrow(number.unit.ja())])
        }
        _ => json!([word, input.name, kind, field.id]),
    }
}

/// How the script reads what is typed in an input.
const fn read_as(input: &Input, field: &Field) -> &'static str {
    match input.kind {
        Type::Bool => "b",
        Type::Text => "t",
        Type::Number if matches!(field.kind, FieldKind::Time(_)) => "h",
        Type::Number => "n",
        Type::Date if input.partial => "p",
        Type::Date => "d",
        Type::List => "l",
    }
}

fn as_list(input: &Input) -> Input {
    Input { kind: Type::List, ..input.clone() }
}

/// The same place seen from the form, outside of a row.
const fn outside(at: At) -> At {
    At { slot: at.slot, up: false }
}

/// What is known already of a node that leaves nothing open.
fn known(node: &Node, page: &OnPage<'_>) -> Json {
    told(&value(node, &page.scope))
}

fn told(value: &Value<'_>) -> Json {
    match value {
        Value::Absent => Json::Null,
        Value::Bool(yes) => json!(["b", yes]),
        Value::Text(text) => json!(["t", text]),
        Value::Number(n) => json!(["n", n.to_string()]),
        Value::Date(day) => json!(["d", day.to_string()]),
        Value::Numbers(low, high) => json!(["n", low.to_string(), high.to_string()]),
        Value::Days(first, last) => json!(["d", first.to_string(), last.to_string()]),
        Value::List(values) => json!(["l", values]),
    }
}

fn constant(constant: &Constant) -> Json {
    match constant {
        Constant::Bool(yes) => json!(["b", yes]),
        Constant::Text(text) => json!(["t", text]),
        Constant::Number(n) => json!(["n", n.to_string()]),
        Constant::Date(day) => json!(["d", day.to_string()]),
    }
}

const fn comparison(how: Comparison) -> &'static str {
    match how {
        Comparison::Equal => "==",
        Comparison::NotEqual => "!=",
        Comparison::Less => "<",
        Comparison::LessOrEqual => "<=",
        Comparison::Greater => ">",
        Comparison::GreaterOrEqual => ">=",
    }
}

const fn word(fold: Fold) -> &'static str {
    match fold {
        Fold::Count => "count",
        Fold::Any => "any",
        Fold::All => "all",
        Fold::Sum => "sum",
        Fold::Min => "min",
        Fold::Max => "max",
    }
}

/// Whether what is asked of rows elsewhere hangs on nothing of this page.
fn rests(node: &Option<Box<Node>>, page: &OnPage<'_>) -> bool {
    let here = |at: &At| at.up && page.field(at.slot).is_some();
    node.as_deref().is_none_or(|node| !finds(node, &here))
}

/// Whether a node or one below it refers to a place that fits.
fn finds(node: &Node, fits: &dyn Fn(&At) -> bool) -> bool {
    match node {
        Node::Constant(_) | Node::Today => false,
        Node::Input(input) | Node::Selected(input, _) | Node::Count(input) => fits(&input.at),
        Node::Answered(at, _) => fits(at),
        Node::Not(inner) | Node::In(inner, _) | Node::Floor(inner, _) => finds(inner, fits),
        Node::Length(inner) | Node::FiscalYear(inner) => finds(inner, fits),
        Node::And(all) | Node::Or(all) => all.iter().any(|one| finds(one, fits)),
        Node::Compare(_, left, right) | Node::Either(_, left, right) => {
            finds(left, fits) || finds(right, fits)
        }
        Node::Plus(left, right)
        | Node::Minus(left, right)
        | Node::Times(left, right)
        | Node::Age(left, right) => finds(left, fits) || finds(right, fits),
        Node::Over { at, value, only, .. } => {
            let mut inner = [value, only].into_iter().flatten();
            fits(at) || inner.any(|node| finds(node, fits))
        }
    }
}
