//! From the sheets to the document.
//!
//! ```text
//! lines of each sheet ─► one thing each ─► parts put into questions, questions into groups and
//! pages, pages into the document ─► the document read as a whole
//! ```

use std::collections::{BTreeMap, BTreeSet};

use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::grid::{Faults, Line, Place, lines};
use super::plan::{
    ANSWERS, Blank, Column, DOCUMENT, ENTRIES, EXPORT, GUIDE, PIECES, PLANS, PROPERTIES, Plan,
    QUESTION, STAFF, Shape, TOGETHER,
};
use super::write::languages;
use super::{Fault, FaultCode, Sheet, Words, cell, kinds, pointer};
use crate::export::Layout;
use crate::forms::definition::{ChoiceOption, Field, Procedure};
use crate::forms::tables::{
    CHARGE, CHECK, COLUMN, FIELD, FILE, INNER, LIST, OPTION, PAGE, ROW, TEST, Table,
};
use crate::ids::ProcedureId;

/// The document of a workbook. One without an id becomes `own_id`.
///
/// # Errors
/// Every wrong cell, up to [`MOST_FAULTS`](super::MOST_FAULTS); then nothing was read.
pub fn read(
    sheets: &[Sheet],
    words: &dyn Words,
    own_id: &ProcedureId,
) -> Result<Procedure, Vec<Fault>> {
    let mut reading = Reading { sheets, words, faults: Faults::default() };
    reading.names();
    let mut document = reading.properties();
    for (name, value) in [("id", json!(own_id)), ("revision", json!(1))] {
        if document.get(name).is_none() {
            put(&mut document, name, value);
        }
    }
    reading.form(&mut document);
    reading.lists(&mut document);
    reading.files(&mut document);
    reading.cases(&mut document);
    reading.layout(&mut document);
    for plan in PLANS.iter().filter(|plan| stands_alone(plan.table)) {
        let things = reading.things(plan).into_iter().map(|(_, thing)| thing);
        for thing in things {
            push(&mut document, plan.table.path, thing);
        }
    }
    if !reading.faults.0.is_empty() {
        return Err(reading.faults.0);
    }
    serde_json::from_value(document).map_err(|error| {
        reading.faults.sheet(FaultCode::Unreadable, &words.sheet(DOCUMENT), &error.to_string());
        reading.faults.0
    })
}

/// Things that neither belong to others nor have parts on other sheets.
fn stands_alone(table: &Table) -> bool {
    let apart = [&PAGE, &FIELD, &OPTION, &ROW, &CHARGE, &CHECK, &LIST, &COLUMN, &FILE, &TEST];
    !apart.iter().any(|other| other.name == table.name)
}

struct Reading<'s> {
    sheets: &'s [Sheet],
    words: &'s dyn Words,
    faults: Faults,
}

/// A line and the thing it says.
type Said<'s> = (Line<'s>, Value);

impl<'s> Reading<'s> {
    fn sheet(&self, name: &str) -> Option<&'s Sheet> {
        let name = self.words.sheet(name);
        self.sheets.iter().find(|sheet| sheet.name.trim() == name)
    }

    /// Every sheet is one of ours, and the first one is there.
    fn names(&mut self) {
        let others = [DOCUMENT, ENTRIES, ANSWERS, PIECES, EXPORT, GUIDE];
        let names = others.into_iter().chain(PLANS.iter().map(|plan| plan.table.name));
        let known: BTreeSet<String> = names.map(|name| self.words.sheet(name)).collect();
        let mut seen = BTreeSet::new();
        for sheet in self.sheets {
            let name = sheet.name.trim();
            if !known.contains(name) {
                self.faults.sheet(FaultCode::UnknownSheet, name, name);
            } else if !seen.insert(name) {
                self.faults.sheet(FaultCode::RepeatedSheet, name, name);
            }
        }
        let first = self.words.sheet(DOCUMENT);
        if !seen.contains(first.as_str()) {
            self.faults.sheet(FaultCode::NoSheet, &first, &first);
        }
    }

    /// The document's own properties, one a line.
    fn properties(&mut self) -> Value {
        let mut document = json!({});
        let Some(sheet) = self.sheet(DOCUMENT) else { return document };
        let told: Vec<(usize, String)> = languages()
            .into_iter()
            .filter_map(|lang| {
                let title = self.words.heading(&format!("content.{lang}"));
                let at = sheet.rows.first()?.iter().position(|text| text.trim() == title)?;
                Some((at, lang))
            })
            .collect();
        let mut seen = BTreeSet::new();
        for (n, row) in sheet.rows.iter().enumerate().skip(1) {
            let cell = |column: usize| row.get(column).map_or("", String::as_str);
            let title = cell(0).trim();
            if row.iter().all(|text| text.trim().is_empty()) {
                continue;
            }
            let at = |column, text| Place {
                sheet: &sheet.name,
                row: n + 1,
                column: Some(column),
                heading: title,
                text,
            };
            let known = PROPERTIES.iter().find(|it| self.words.heading(it.word()) == title);
            let Some(column) = known else {
                self.faults.note(FaultCode::UnknownHeading, at(0, title));
                continue;
            };
            if !seen.insert(column.path) {
                self.faults.note(FaultCode::RepeatedHeading, at(0, title));
                continue;
            }
            let others = told.iter().map(|(at, lang)| (lang.as_str(), cell(*at)));
            let others: Vec<(&str, &str)> =
                others.filter(|(_, text)| !text.trim().is_empty()).collect();
            if let Some(value) = self.value(column, cell(1), &others, at(1, cell(1))) {
                put(&mut document, column.path, value);
            }
        }
        for column in PROPERTIES.iter().filter(|it| it.blank == Blank::IsMissing) {
            if !seen.contains(column.path) {
                let title = self.words.heading(column.word());
                self.faults.sheet(FaultCode::NoHeading, &sheet.name, &title);
            }
        }
        for (group, needed) in TOGETHER {
            for path in incomplete(&document, group, needed) {
                let heading = self.words.heading(path);
                let at =
                    Place { sheet: &sheet.name, row: 0, column: None, heading: &heading, text: "" };
                self.faults.note(FaultCode::Missing, at);
            }
        }
        document
    }

    /// What a cell says; `None` when it leaves the property out, or is wrong.
    fn value(
        &mut self,
        column: &Column,
        text: &str,
        others: &[(&str, &str)],
        at: Place<'_>,
    ) -> Option<Value> {
        if text.trim().is_empty() {
            if !others.is_empty() || column.blank == Blank::IsMissing {
                self.faults.note(FaultCode::Missing, at);
                return None;
            }
            let list = matches!(column.shape, Shape::Lines | Shape::Codes(_) | Shape::Departments);
            let nothing = if list { json!([]) } else { json!("") };
            return (column.blank == Blank::IsEmpty).then_some(nothing);
        }
        match cell::read(column.path, column.shape, text, self.words) {
            Ok(Value::Null) => None,
            Ok(value) if others.is_empty() => Some(value),
            Ok(value) => {
                let mut told = json!({ "ja": value });
                for (lang, text) in others {
                    told[*lang] = json!(text);
                }
                Some(told)
            }
            Err(code) => {
                self.faults.note(code, at);
                None
            }
        }
    }

    /// The things of a sheet.
    fn things(&mut self, plan: &Plan) -> Vec<Said<'s>> {
        let Some(sheet) = self.sheet(plan.table.name) else { return Vec::new() };
        let all = plan.all_columns();
        let lines = lines(sheet, plan.owners, &all, self.words, &mut self.faults);
        lines
            .into_iter()
            .map(|line| {
                let thing = if std::ptr::eq(plan.table, &FIELD) {
                    self.question(&line)
                } else {
                    self.thing(&line, plan.columns)
                };
                (line, thing)
            })
            .collect()
    }

    fn thing(&mut self, line: &Line<'s>, columns: &[Column]) -> Value {
        let mut thing = json!({});
        let languages = languages();
        for column in columns {
            let told = |lang: &'_ String| Some((lang.clone(), line.text(column.path, Some(lang))?));
            let others: Vec<(String, &str)> = languages.iter().filter_map(told).collect();
            let others: Vec<(&str, &str)> =
                others.iter().map(|(lang, text)| (lang.as_str(), *text)).collect();
            let text = line.text(column.path, None).unwrap_or_default();
            let mut at = line.at(column.path);
            let heading = self.words.heading(column.word());
            at.heading = &heading;
            if let Some(value) = self.value(column, text, &others, at) {
                put(&mut thing, column.path, value);
            }
        }
        for (group, needed) in TOGETHER {
            for path in incomplete(&thing, group, needed) {
                let heading = self.words.heading(path);
                self.faults.note(FaultCode::Missing, Place { heading: &heading, ..line.at(path) });
            }
        }
        thing
    }

    /// A question: its kind says which columns it has.
    fn question(&mut self, line: &Line<'s>) -> Value {
        let kind = line.text("kind.type", None).unwrap_or_default();
        let codes = Shape::Code(kinds::NAMES);
        let kind = cell::read("kind.type", codes, kind, self.words).ok();
        let kind = kind.as_ref().and_then(Value::as_str).unwrap_or_default();
        let own = kinds::columns(kind).unwrap_or_default();
        let columns: Vec<Column> = QUESTION.iter().chain(own).copied().collect();
        let mut question = self.thing(line, &columns);
        for (of, part) in PARTS {
            if *of == kind {
                put(&mut question, part, json!([]));
            }
        }
        if !kind.is_empty() {
            for at in line.beyond(&columns) {
                self.faults.note(FaultCode::NotForKind, at);
            }
        }
        question
    }

    /// Pages, questions, and what belongs to them.
    fn form(&mut self, document: &mut Value) {
        let mut pages = self.things(plan_of(&PAGE));
        let mut questions = self.things(plan_of(&FIELD));
        let by_page = self.by_key(&PAGE, &pages);
        let by_id = self.by_key(&FIELD, &questions);
        for (_, page) in &mut pages {
            put(page, "fields", json!([]));
        }
        for table in [&OPTION, &ROW, &CHARGE, &CHECK] {
            for (line, part) in self.things(plan_of(table)) {
                let owner = by_id.get(line.owner(0)).map(|n| &mut questions[*n].1);
                let whose =
                    |question: &&mut Value| table.path == CHECK.path || has(question, table);
                match owner {
                    None => self.faults.note(FaultCode::UnknownOwner, line.at_owner(0)),
                    Some(question) if whose(&question) => {
                        if table.name == OPTION.name {
                            self.reads::<ChoiceOption>(&line, &part);
                        }
                        push(question, table.path, part);
                    }
                    Some(_) => self.faults.note(FaultCode::WrongOwner, line.at_owner(0)),
                }
            }
        }
        let (mut groups, mut inner) = (Vec::new(), Vec::new());
        for (line, question) in questions {
            self.reads::<Field>(&line, &question);
            if line.owner(1).is_empty() { &mut groups } else { &mut inner }.push((line, question));
        }
        let by_group = keys(&FIELD, &groups);
        for (line, question) in inner {
            match by_group.get(line.owner(1)).map(|n| &mut groups[*n].1) {
                None => self.faults.note(FaultCode::UnknownOwner, line.at_owner(1)),
                Some(group) if has(group, &INNER) => push(group, INNER.path, question),
                Some(_) => self.faults.note(FaultCode::WrongOwner, line.at_owner(1)),
            }
        }
        for (line, question) in groups {
            match by_page.get(line.owner(0)) {
                None if line.owner(0) == STAFF => push(document, "/staff_fields", question),
                None => self.faults.note(FaultCode::UnknownOwner, line.at_owner(0)),
                Some(n) => push(&mut pages[*n].1, FIELD.path, question),
            }
        }
        for (_, page) in pages {
            push(document, PAGE.path, page);
        }
    }

    fn lists(&mut self, document: &mut Value) {
        let mut lists = self.things(plan_of(&LIST));
        let by_id = self.by_key(&LIST, &lists);
        for (_, list) in &mut lists {
            put(list, "columns", json!([]));
            put(list, "rows", json!([]));
        }
        for (line, column) in self.things(plan_of(&COLUMN)) {
            match by_id.get(line.owner(0)) {
                None => self.faults.note(FaultCode::UnknownOwner, line.at_owner(0)),
                Some(n) => push(&mut lists[*n].1, COLUMN.path, column),
            }
        }
        for row in self.rows(ENTRIES) {
            let Some(n) = by_id.get(row.owner) else {
                self.faults.note(FaultCode::UnknownOwner, row.at);
                continue;
            };
            let list = &mut lists[*n].1;
            let width = COLUMN.items(list).len();
            let mut values: Vec<&str> = row.values.iter().map(String::as_str).collect();
            while values.len() > width && values.last().is_some_and(|value| value.is_empty()) {
                values.pop();
            }
            values.resize(values.len().max(width), "");
            push(list, "/rows", json!(values));
        }
        for (_, list) in lists {
            push(document, LIST.path, list);
        }
    }

    fn files(&mut self, document: &mut Value) {
        let mut files = self.things(plan_of(&FILE));
        let by_id = self.by_key(&FILE, &files);
        let mut pieces: BTreeMap<usize, Vec<(String, String)>> = BTreeMap::new();
        for row in self.rows(PIECES) {
            let Some(n) = by_id.get(row.owner) else {
                self.faults.note(FaultCode::UnknownOwner, row.at);
                continue;
            };
            let value = |at: usize| row.values.get(at).map_or("", |text| text.trim());
            let (number, text) = (value(0), value(1));
            let known = pieces.entry(*n).or_default();
            match known.last_mut() {
                Some((last, piece)) if last == number => piece.push_str(text),
                Some(_) | None => known.push((number.to_owned(), text.to_owned())),
            }
        }
        for (n, (_, mut file)) in files.drain(..).enumerate() {
            let own = pieces.remove(&n).unwrap_or_default();
            let own: Vec<String> = own.into_iter().map(|(_, piece)| piece).collect();
            put(&mut file, "base64", json!(own));
            push(document, FILE.path, file);
        }
    }

    fn cases(&mut self, document: &mut Value) {
        let mut cases = self.things(plan_of(&TEST));
        let by_name = self.by_key(&TEST, &cases);
        for (_, case) in &mut cases {
            put(case, "answers", json!({}));
        }
        for row in self.rows(ANSWERS) {
            let Some(n) = by_name.get(row.owner) else {
                self.faults.note(FaultCode::UnknownOwner, row.at);
                continue;
            };
            let input = row.values.first().map_or("", |text| text.trim()).to_owned();
            let answers = &mut cases[*n].1["answers"];
            if answers.get(&input).is_none() {
                answers[&input] = json!([]);
            }
            let value = row.values.get(1).filter(|value| !value.is_empty());
            if let (Some(value), Some(values)) = (value, answers[&input].as_array_mut()) {
                values.push(json!(value));
            }
        }
        for (_, case) in cases {
            push(document, TEST.path, case);
        }
    }

    fn layout(&mut self, document: &mut Value) {
        let Some(sheet) = self.sheet(EXPORT) else { return };
        let lines = sheet.rows.iter().skip(1);
        let text: Vec<&str> = lines.map(|row| row.first().map_or("", String::as_str)).collect();
        if text.iter().all(|line| line.trim().is_empty()) {
            return;
        }
        let text = text.join("\n");
        match serde_json::from_str::<Layout>(&text).and_then(serde_json::to_value) {
            Ok(layout) => put(document, "export", layout),
            Err(error) => {
                let words = error.to_string();
                let at = Place {
                    sheet: &sheet.name,
                    row: error.line() + 1,
                    column: Some(0),
                    heading: "",
                    text: &words,
                };
                self.faults.note(FaultCode::NotLayout, at);
            }
        }
    }

    /// The filled lines of a sheet whose first column names an owner and whose others are values.
    fn rows(&self, name: &str) -> Vec<Row<'s>> {
        let Some(sheet) = self.sheet(name) else { return Vec::new() };
        let filled = |row: &[String]| row.iter().any(|text| !text.trim().is_empty());
        let numbered = sheet.rows.iter().enumerate().skip(1).filter(|(_, row)| filled(row));
        numbered
            .map(|(n, row)| {
                let heading = sheet.rows[0].first().map_or("", String::as_str);
                let (row, sheet, n) = (row.as_slice(), &sheet.name, n + 1);
                let at = Place { sheet, row: n, column: Some(0), heading, text: &row[0] };
                Row { owner: row[0].trim(), values: &row[1..], at }
            })
            .collect()
    }

    /// Things by what they are known by; one that is known already is a fault.
    fn by_key(&mut self, table: &Table, things: &[Said<'s>]) -> BTreeMap<String, usize> {
        let mut seen = BTreeSet::new();
        for (line, thing) in things {
            let key = table.key_of(thing);
            if !key.is_empty() && !seen.insert(key) {
                let path = if table.name == TEST.name { "name" } else { "id" };
                self.faults.note(FaultCode::Repeated, line.at(path));
            }
        }
        keys(table, things)
    }

    /// Whether a line reads as what it is; what its cells alone do not show is told here.
    fn reads<T: DeserializeOwned>(&mut self, line: &Line<'s>, thing: &Value) {
        if self.faults.0.is_empty()
            && let Err(error) = serde_json::from_value::<T>(thing.clone())
        {
            let words = error.to_string();
            self.faults.note(FaultCode::Unreadable, Place { text: &words, ..line.at("id") });
        }
    }
}

/// A line whose first cell names an owner.
struct Row<'s> {
    owner: &'s str,
    values: &'s [String],
    at: Place<'s>,
}

/// Lists that a question of a kind has, also when nothing stands in them.
pub(super) const PARTS: &[(&str, &str)] = &[
    ("choice", "kind.options"),
    ("multi", "kind.options"),
    ("matrix", "kind.options"),
    ("matrix", "kind.rows"),
    ("fee", "kind.lines"),
    ("repeat", "kind.fields"),
];

fn plan_of(table: &Table) -> &'static Plan {
    let own = |plan: &&Plan| plan.table.name == table.name;
    PLANS.iter().find(own).expect("every table of the form has a plan")
}

fn keys(table: &Table, things: &[Said<'_>]) -> BTreeMap<String, usize> {
    things.iter().enumerate().map(|(n, (_, thing))| (table.key_of(thing), n)).collect()
}

/// Whether a question has parts of this table.
fn has(question: &Value, table: &Table) -> bool {
    question.pointer(table.path).is_some_and(Value::is_array)
}

/// What is missing of a group of which something is there.
fn incomplete<'p>(thing: &Value, group: &str, needed: &[&'p str]) -> Vec<&'p str> {
    if thing.pointer(&pointer(group.trim_end_matches('.'))).is_none() {
        return Vec::new();
    }
    needed.iter().filter(|path| thing.pointer(&pointer(path)).is_none()).copied().collect()
}

/// Puts a value at a path, making what is around it.
pub(super) fn put(thing: &mut Value, path: &str, value: Value) {
    let mut place = thing;
    for name in path.split('.').filter(|name| !name.is_empty()) {
        place = &mut place[name];
    }
    *place = value;
}

/// Adds to the list at a JSON pointer, making it.
fn push(thing: &mut Value, path: &str, item: Value) {
    let mut place = thing;
    for name in path.split('/').filter(|name| !name.is_empty()) {
        place = &mut place[name];
    }
    match place.as_array_mut() {
        Some(list) => list.push(item),
        None => *place = json!([item]),
    }
}
