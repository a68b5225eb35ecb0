//! A document as tables: where lists of things stand in it, and by what each thing is known.
//!
//! ```text
//! procedure ─┬─ page ──── field ─┬─ option, row, charge, check
//!            │                   └─ field (of a repeating group)
//!            ├─ list ──── column, entry
//!            └─ item, file, route, outcome, cosigner, approval, point, test
//! ```

use serde_json::Value;

/// Things of one kind that stand in a list of the document.
#[derive(Debug)]
pub struct Table {
    /// What they are, in the catalogue `definition.table.NAME`.
    pub name: &'static str,
    /// JSON pointer to the list, from the thing it belongs to.
    pub path: &'static str,
    /// Pointer to what a thing is known by; empty when it is known by itself.
    pub key: &'static str,
    /// Pointer to what people call it.
    pub title: &'static str,
    /// What belongs to each of them.
    pub children: &'static [&'static Table],
}

const fn table(
    name: &'static str,
    path: &'static str,
    (key, title): (&'static str, &'static str),
    children: &'static [&'static Table],
) -> Table {
    Table { name, path, key, title, children }
}

/// The document itself.
pub static PROCEDURE: Table = table(
    "procedure",
    "",
    ("/id", "/title"),
    &[&PAGE, &LIST, &FILE, &KEYWORD, &ITEM, &ROUTE, &OUTCOME, &COSIGNER, &APPROVAL, &POINT, &TEST],
);
/// Pages.
pub static PAGE: Table = table("page", "/pages", ("/id", "/title"), &[&FIELD]);
/// Questions of a page.
pub static FIELD: Table =
    table("field", "/fields", ("/id", "/label"), &[&OPTION, &ROW, &CHARGE, &CHECK, &INNER]);
/// Questions of a repeating group; they are questions like the others.
pub static INNER: Table =
    table("field", "/kind/fields", ("/id", "/label"), &[&OPTION, &ROW, &CHARGE, &CHECK]);
/// What can be chosen.
pub static OPTION: Table = table("option", "/kind/options", ("/code", "/label"), &[]);
/// Rows of a matrix.
pub static ROW: Table = table("row", "/kind/rows", ("/id", "/label"), &[]);
/// Lines of a fee.
pub static CHARGE: Table = table("charge", "/kind/lines", ("/id", "/label"), &[]);
/// Rules over several answers.
pub static CHECK: Table = table("check", "/checks", ("/rule", "/message"), &[]);
/// Lists that answers are looked up in.
pub static LIST: Table = table("list", "/lists", ("/id", "/title"), &[&COLUMN, &ENTRY]);
/// Columns of a list.
pub static COLUMN: Table = table("column", "/columns", ("/id", "/title"), &[]);
/// Entries of a list.
pub static ENTRY: Table = table("entry", "/rows", ("/0", "/0"), &[]);
/// Files that travel with the document.
pub static FILE: Table = table("file", "/files", ("/id", "/title"), &[]);
/// More words that find it.
pub static KEYWORD: Table = table("keyword", "/keywords", ("", ""), &[]);
/// What to have ready.
pub static ITEM: Table = table("item", "/items_to_bring", ("", ""), &[]);
/// Where applications with some answers go.
pub static ROUTE: Table = table("route", "/routing", ("/when", "/when"), &[]);
/// What a guide leads to.
pub static OUTCOME: Table = table("outcome", "/outcomes", ("/procedure", "/procedure"), &[]);
/// Who agrees before it is sent.
pub static COSIGNER: Table = table("cosigner", "/access/cosigners", ("/id", "/who"), &[]);
/// Who approves a decision.
pub static APPROVAL: Table = table("approval", "/workflow/approvals", ("/title", "/title"), &[]);
/// What staff look at before a decision.
pub static POINT: Table = table("point", "/workflow/points", ("/id", "/title"), &[]);
/// Stored cases.
pub static TEST: Table = table("test", "/tests", ("/name", "/name"), &[]);

impl Table {
    /// The things of this table that belong to `owner`; none when the list is left out.
    #[must_use]
    pub fn items<'v>(&self, owner: &'v Value) -> &'v [Value] {
        owner.pointer(self.path).and_then(Value::as_array).map_or(&[], Vec::as_slice)
    }

    /// What a thing is known by.
    #[must_use]
    pub fn key_of(&self, item: &Value) -> String {
        item.pointer(self.key).map(said).unwrap_or_default()
    }

    /// What people call a thing; its key when it has no name.
    #[must_use]
    pub fn title_of(&self, item: &Value) -> String {
        let title = item.pointer(self.title).map(said).unwrap_or_default();
        if title.trim().is_empty() { self.key_of(item) } else { title }
    }
}

/// A value as one text: a text of several languages in Japanese.
#[must_use]
pub fn said(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        Value::Bool(_) | Value::Number(_) => value.to_string(),
        Value::Array(items) => items.iter().map(said).collect::<Vec<_>>().join("\n"),
        Value::Object(map) => map.get("ja").map(said).unwrap_or_default(),
    }
}
