//! From the document to the sheets.

use serde_json::Value;

use super::plan::{
    ANSWERS, Column, DOCUMENT, ENTRIES, EXPORT, PIECES, PLANS, PROPERTIES, Plan, STAFF, Shape,
};
use super::{LONGEST_CELL, Offer, Sheet, Words, cell, kinds, pointer};
use crate::forms::definition::{Lang, Procedure};
use crate::forms::tables::{COLUMN, ENTRY, FIELD, FILE, INNER, LIST, PAGE, TEST, Table};

/// Languages beside Japanese, as paths end with them.
pub(super) fn languages() -> Vec<String> {
    let code = |lang: Lang| serde_json::to_value(lang).ok()?.as_str().map(str::to_owned);
    Lang::ALL.into_iter().filter(|lang| *lang != Lang::Ja).filter_map(code).collect()
}

/// The document as a workbook.
///
/// # Errors
/// Never for a document that was read; the error is serde's.
pub fn write(procedure: &Procedure, words: &dyn Words) -> Result<Vec<Sheet>, serde_json::Error> {
    let document = serde_json::to_value(procedure)?;
    let mut sheets = vec![properties(&document, words)];
    sheets.extend(PLANS.iter().map(|plan| things(plan, &document, words)));
    let lists = LIST.items(&document);
    let columns = lists.iter().map(|list| COLUMN.items(list).len()).max().unwrap_or(1);
    let value_heading = |n: usize| words.heading(&format!("value_{}", n + 1));
    let mut heading = vec![words.sheet(LIST.name)];
    heading.extend((0..columns.max(1)).map(value_heading));
    sheets.push(plain(words.sheet(ENTRIES), heading, entries(lists)));
    let heading = [words.sheet(TEST.name), words.heading("input"), words.heading("answer")];
    sheets.push(plain(words.sheet(ANSWERS), heading.into(), answers(&document)));
    let heading = [words.sheet(FILE.name), words.heading("piece"), words.heading("content")];
    sheets.push(plain(words.sheet(PIECES), heading.into(), pieces(&document)));
    let layout = match document.get("export") {
        Some(layout) => serde_json::to_string_pretty(layout)?,
        None => String::new(),
    };
    let lines = layout.lines().map(|line| vec![line.to_owned()]).collect();
    sheets.push(plain(words.sheet(EXPORT), vec![words.heading("content")], lines));
    Ok(sheets)
}

fn plain(name: String, heading: Vec<String>, rows: Vec<Vec<String>>) -> Sheet {
    Sheet { name, rows: std::iter::once(heading).chain(rows).collect(), offers: Vec::new() }
}

fn properties(document: &Value, words: &dyn Words) -> Sheet {
    let told = told_in(PROPERTIES, std::slice::from_ref(document));
    let mut heading = vec![words.heading("property"), words.heading("content")];
    heading.extend(told.iter().map(|lang| words.heading(&format!("content.{lang}"))));
    let mut rows = vec![heading];
    let mut offers = Vec::new();
    for (n, column) in PROPERTIES.iter().enumerate() {
        let value = document.pointer(&pointer(column.path));
        let mut row = vec![
            words.heading(column.word()),
            cell::shown(column.path, column.shape, value, words),
        ];
        if column.shape == Shape::Words {
            row.extend(told.iter().map(|lang| in_language(value, lang)));
        }
        let offered = offered(column, words);
        offers.extend(offered.map(|words| Offer { column: 1, row: Some(n + 1), words }));
        rows.push(row);
    }
    Sheet { name: words.sheet(DOCUMENT), rows, offers }
}

/// A thing with what it belongs to.
struct Owned<'v> {
    owners: Vec<String>,
    item: &'v Value,
}

fn things(plan: &Plan, document: &Value, words: &dyn Words) -> Sheet {
    let found = gathered(plan.table, document);
    let items: Vec<Value> = found.iter().map(|one| one.item.clone()).collect();
    let columns = plan.all_columns();
    let mut heading: Vec<String> = plan.owners.iter().map(|owner| words.sheet(owner)).collect();
    // Each column with the languages it is told in.
    let mut drawn: Vec<(Column, Option<String>)> = Vec::new();
    for column in columns {
        drawn.push((column, None));
        if column.shape == Shape::Words {
            let told = told_in(&[column], &items);
            drawn.extend(told.into_iter().map(|lang| (column, Some(lang))));
        }
    }
    let mut offers = Vec::new();
    for (n, (column, lang)) in drawn.iter().enumerate() {
        let at = plan.owners.len() + n;
        heading.push(match lang {
            None => words.heading(column.word()),
            Some(lang) => words.heading(&format!("{}.{lang}", column.word())),
        });
        let offered = offered(column, words).filter(|_| lang.is_none());
        offers.extend(offered.map(|words| Offer { column: at, row: None, words }));
    }
    let row = |one: &Owned<'_>| {
        let mut row = one.owners.clone();
        row.extend(drawn.iter().map(|(column, lang)| {
            let Some(column) = of_its_kind(plan, column, one.item) else { return String::new() };
            let value = one.item.pointer(&pointer(column.path));
            match lang {
                None => cell::shown(column.path, column.shape, value, words),
                Some(lang) => in_language(value, lang),
            }
        }));
        row
    };
    let rows = std::iter::once(heading).chain(found.iter().map(row)).collect();
    Sheet { name: words.sheet(plan.table.name), rows, offers }
}

/// The column as the kind of this question has it; `None` when it has none of it.
fn of_its_kind(plan: &Plan, column: &Column, item: &Value) -> Option<Column> {
    if !std::ptr::eq(plan.table, &FIELD) || plan.columns.iter().any(|one| one.path == column.path) {
        return Some(*column);
    }
    let kind = item.pointer("/kind/type").and_then(Value::as_str)?;
    kinds::columns(kind)?.iter().find(|one| one.path == column.path).copied()
}

/// Every thing of a table in the document, with the ids of its owners.
fn gathered<'v>(table: &Table, document: &'v Value) -> Vec<Owned<'v>> {
    let owned = |owners: &[String], item: &'v Value| Owned { owners: owners.to_vec(), item };
    let mut found = Vec::new();
    if table.name == COLUMN.name {
        for list in LIST.items(document) {
            let owner = [LIST.key_of(list)];
            found.extend(COLUMN.items(list).iter().map(|item| owned(&owner, item)));
        }
        return found;
    }
    let in_fields = FIELD.children.iter().any(|child| child.name == table.name);
    if !in_fields {
        return table.items(document).iter().map(|item| owned(&[], item)).collect();
    }
    let staff = document.get("staff_fields").and_then(Value::as_array);
    let staff = (STAFF.to_owned(), staff.map_or(&[][..], Vec::as_slice));
    let pages = PAGE.items(document).iter().map(|page| (PAGE.key_of(page), FIELD.items(page)));
    for (page, fields) in pages.chain([staff]) {
        for field in fields {
            let own = std::iter::once((String::new(), field));
            let inner = INNER.items(field).iter().map(|inner| (FIELD.key_of(field), inner));
            for (group, field) in own.chain(inner) {
                if table.name == FIELD.name {
                    found.push(owned(&[page.clone(), group], field));
                } else {
                    let owner = [FIELD.key_of(field)];
                    found.extend(table.items(field).iter().map(|item| owned(&owner, item)));
                }
            }
        }
    }
    found
}

/// Languages beside Japanese in which some of these texts are told.
fn told_in(columns: &[Column], items: &[Value]) -> Vec<String> {
    let texts = columns.iter().filter(|column| column.shape == Shape::Words);
    let paths: Vec<String> = texts.map(|column| pointer(column.path)).collect();
    let told = |lang: &String| {
        let value = |item: &Value, path: &String| item.pointer(path)?.get(lang.as_str()).cloned();
        items.iter().any(|item| paths.iter().any(|path| value(item, path).is_some()))
    };
    languages().into_iter().filter(told).collect()
}

fn in_language(value: Option<&Value>, lang: &str) -> String {
    let text = value.and_then(|value| value.get(lang)).and_then(Value::as_str);
    text.unwrap_or_default().to_owned()
}

/// What can be chosen in a cell.
fn offered(column: &Column, words: &dyn Words) -> Option<Vec<String>> {
    let codes: &[&str] = if let Shape::Code(codes) = column.shape {
        codes
    } else if column.shape == Shape::Flag {
        &["true", "false"]
    } else {
        return None;
    };
    let word = |code: &&str| words.value(column.path, code).unwrap_or_else(|| (*code).to_owned());
    Some(codes.iter().map(word).collect())
}

fn entries(lists: &[Value]) -> Vec<Vec<String>> {
    let row = |list: &Value, entry: &Value| {
        let values = entry.as_array().into_iter().flatten();
        let values = values.filter_map(Value::as_str).map(str::to_owned);
        std::iter::once(LIST.key_of(list)).chain(values).collect()
    };
    let of = |list| ENTRY.items(list).iter().map(move |entry| row(list, entry));
    lists.iter().flat_map(of).collect()
}

/// A value a line; an answer without values has a line without one.
fn answers(document: &Value) -> Vec<Vec<String>> {
    let mut rows = Vec::new();
    for test in TEST.items(document) {
        let answers = test.get("answers").and_then(Value::as_object);
        for (input, values) in answers.into_iter().flatten() {
            let values: Vec<&str> =
                values.as_array().into_iter().flatten().filter_map(Value::as_str).collect();
            let some = if values.is_empty() { &[""] } else { values.as_slice() };
            let row = |value: &&str| vec![TEST.key_of(test), input.clone(), (*value).to_owned()];
            rows.extend(some.iter().map(row));
        }
    }
    rows
}

/// Pieces of base64, cut where a cell is full; lines of one number belong together.
fn pieces(document: &Value) -> Vec<Vec<String>> {
    let mut rows = Vec::new();
    for file in FILE.items(document) {
        let pieces = file.get("base64").and_then(Value::as_array);
        let pieces = pieces.into_iter().flatten().filter_map(Value::as_str);
        for (n, piece) in pieces.enumerate() {
            // Base64 is ASCII, and so is every cut of it.
            for part in piece.as_bytes().chunks(LONGEST_CELL) {
                let part = String::from_utf8_lossy(part).into_owned();
                rows.push(vec![FILE.key_of(file), (n + 1).to_string(), part]);
            }
        }
    }
    rows
}
