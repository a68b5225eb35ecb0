//! Two documents side by side, thing by thing.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::{Change, Place, What, leaves, order};
use crate::forms::tables::{ENTRY, FIELD, FILE, INNER, ITEM, KEYWORD, PAGE, Table};

/// A walk through both.
pub(super) struct Walk<'v> {
    /// Every question of each document by id: one that went to another page is still the same.
    were: BTreeMap<String, &'v Value>,
    are: BTreeSet<String>,
    pub(super) found: Vec<Change>,
}

impl<'v> Walk<'v> {
    pub(super) fn between(from: &'v Value, to: &'v Value) -> Self {
        let are = questions(to).into_keys().collect();
        Self { were: questions(from), are, found: Vec::new() }
    }

    /// What differs of one thing and in what belongs to it.
    pub(super) fn differ(&mut self, table: &Table, place: &Place, was: &'v Value, is: &'v Value) {
        let mut skip: Vec<&str> = table.children.iter().map(|child| child.path).collect();
        if table.name == FILE.name {
            skip.push("/base64");
            self.content(place, was, is);
        }
        let (old, new) = (leaves::of(was, &skip), leaves::of(is, &skip));
        let paths: BTreeSet<&String> = old.keys().chain(new.keys()).collect();
        for path in paths.into_iter().filter(|path| !["id", "revision"].contains(&path.as_str())) {
            let (from, to) = (old.get(path).cloned(), new.get(path).cloned());
            if from != to {
                self.note(place, What::Became { property: path.clone(), from, to });
            }
        }
        for child in table.children {
            if child.name == ENTRY.name {
                self.entries(child, place, was, is);
            } else {
                self.items(child, place, was, is);
            }
        }
    }

    fn items(&mut self, table: &Table, place: &Place, was: &'v Value, is: &'v Value) {
        let (old, new) = (keyed(table, was), keyed(table, is));
        for (key, item) in &old {
            let elsewhere = table.name == FIELD.name && self.are.contains(key);
            if !elsewhere && !new.iter().any(|(one, _)| one == key) {
                let inside = place.within(table, item);
                self.note(&inside, What::Removed);
                self.questions_of(table, &inside, item, &Value::Null);
            }
        }
        let places: BTreeMap<&str, usize> =
            old.iter().enumerate().map(|(n, (key, _))| (key.as_str(), n)).collect();
        let stayed: Vec<usize> =
            new.iter().filter_map(|(key, _)| places.get(key.as_str()).copied()).collect();
        let mut moved = order::moved(&stayed).into_iter();
        let mut behind = None;
        for (key, item) in &new {
            let inside = place.within(table, item);
            let elsewhere = self.were.get(key).copied().filter(|_| table.name == FIELD.name);
            match (places.get(key.as_str()), elsewhere) {
                (Some(at), _) => {
                    if moved.next().unwrap_or(false) {
                        self.note(&inside, What::Moved { behind: behind.clone() });
                    }
                    self.differ(table, &inside, old[*at].1, item);
                }
                (None, Some(before)) => {
                    self.note(&inside, What::Moved { behind: behind.clone() });
                    self.differ(table, &inside, before, item);
                }
                (None, None) => {
                    self.note(&inside, What::Added);
                    self.questions_of(table, &inside, &Value::Null, item);
                }
            }
            behind = Some(table.title_of(item));
        }
    }

    /// The questions of something that came or went are told one by one: some may have moved.
    fn questions_of(&mut self, table: &Table, place: &Place, was: &'v Value, is: &'v Value) {
        for child in table.children.iter().filter(|child| child.name == FIELD.name) {
            self.items(child, place, was, is);
        }
    }

    fn entries(&mut self, table: &Table, place: &Place, was: &Value, is: &Value) {
        let count = |in_it: &Value, other: &Value| {
            let known: BTreeSet<String> = table.items(other).iter().map(Value::to_string).collect();
            table.items(in_it).iter().filter(|item| !known.contains(&item.to_string())).count()
        };
        let (added, removed) = (count(is, was), count(was, is));
        if added + removed > 0 {
            self.note(place, What::Entries { added, removed });
        }
    }

    /// The bytes of a file, which nobody reads in base64.
    fn content(&mut self, place: &Place, was: &Value, is: &Value) {
        let text = |file: &Value| -> String {
            let pieces = file.get("base64").and_then(Value::as_array);
            pieces.into_iter().flatten().filter_map(Value::as_str).collect()
        };
        let (from, to) = (text(was), text(is));
        if from != to {
            let size = |text: String| Some((text.trim_end_matches('=').len() * 3 / 4).to_string());
            let property = "base64".to_owned();
            self.note(place, What::Became { property, from: size(from), to: size(to) });
        }
    }

    fn note(&mut self, place: &Place, what: What) {
        self.found.push(Change { place: place.clone(), what });
    }
}

impl Place {
    fn within(&self, table: &Table, item: &Value) -> Self {
        let mut inside = self.clone();
        inside.0.push((table.name, table.title_of(item)));
        inside
    }
}

/// Things with their keys; what stands twice, or has no key, is known by its turn as well.
fn keyed<'v>(table: &Table, owner: &'v Value) -> Vec<(String, &'v Value)> {
    let mut turns: BTreeMap<String, usize> = BTreeMap::new();
    let with_turn = |item: &'v Value| {
        let key = match [ITEM.name, KEYWORD.name].contains(&table.name) {
            true => item.to_string(),
            false => table.key_of(item),
        };
        let turn = turns.entry(key.clone()).and_modify(|turn| *turn += 1).or_insert(1);
        (if *turn == 1 { key } else { format!("{key}\n{turn}") }, item)
    };
    table.items(owner).iter().map(with_turn).collect()
}

fn questions(document: &Value) -> BTreeMap<String, &Value> {
    let mut found = BTreeMap::new();
    for field in PAGE.items(document).iter().flat_map(|page| FIELD.items(page)) {
        for one in std::iter::once(field).chain(INNER.items(field)) {
            found.insert(FIELD.key_of(one), one);
        }
    }
    found
}
