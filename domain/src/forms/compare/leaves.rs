//! The properties of a thing as paths with texts.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::forms::tables::said;

/// Properties by path; `skip` holds JSON pointers to lists that are told otherwise.
pub(super) fn of(thing: &Value, skip: &[&str]) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    gather(thing, "", skip, &mut found);
    found
}

fn gather(value: &Value, at: &str, skip: &[&str], found: &mut BTreeMap<String, String>) {
    match value {
        Value::Null => {}
        Value::Array(_) if skip.contains(&at) => {}
        Value::Object(members) => {
            for (name, member) in members {
                // A text of several languages: Japanese is the text itself.
                let inside = if name == "ja" { at.to_owned() } else { format!("{at}/{name}") };
                gather(member, &inside, skip, found);
            }
        }
        Value::Array(items) if items.iter().any(Value::is_object) => {
            for (n, item) in items.iter().enumerate() {
                let known = item.get("id").map_or_else(|| (n + 1).to_string(), said);
                gather(item, &format!("{at}/{known}"), skip, found);
            }
        }
        Value::Array(items) if items.is_empty() => {}
        Value::Array(_) | Value::Bool(_) | Value::Number(_) | Value::String(_) => {
            found.insert(at.trim_start_matches('/').replace('/', "."), said(value));
        }
    }
}
