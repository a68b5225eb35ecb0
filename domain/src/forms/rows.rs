//! Rows of a repeating group as buttons of a page change them.

use crate::forms::{Answers, inputs};

/// What a button does to the rows; places count from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Edit {
    /// A new row behind the others.
    Add,
    /// This row goes.
    Remove(usize),
    /// This row changes places with the one before it.
    Up(usize),
    /// This row changes places with the one behind it.
    Down(usize),
}

/// Changes the rows in what a page sent, before it is read. Only the list of keys changes: what was
/// typed stays with its row, and reading numbers the rows anew. A place that does not exist changes
/// nothing.
pub fn edit(raw: &mut Answers, group: &str, edit: Edit) {
    let mut keys = inputs::row_keys(raw.get(group).unwrap_or(&[]));
    match edit {
        Edit::Add => {
            let highest = keys.iter().filter_map(|key| key.parse::<u32>().ok()).max();
            let free = highest.map_or(1, |highest| highest + 1);
            keys.push(free.to_string());
        }
        Edit::Remove(n) if n < keys.len() => {
            keys.remove(n);
        }
        Edit::Up(n) if n >= 1 && n < keys.len() => keys.swap(n - 1, n),
        Edit::Down(n) if n + 1 < keys.len() => keys.swap(n, n + 1),
        Edit::Remove(_) | Edit::Up(_) | Edit::Down(_) => {}
    }
    raw.put(group, keys);
}
