//! The table of contents beside the pages, as far as it leads to pages of the file.

use std::collections::HashSet;

use hayro::hayro_syntax::object::{Dict, String as PdfString};
use sanitizer_intermediate::pdf::{Bookmark, max};

use super::book::{Key, key};
use super::strings;
use super::targets::Targets;

/// Characters of one title.
const TITLE: usize = 200;
/// Nesting of titles.
const LEVELS: u8 = 12;

pub(super) fn read(catalog: &Dict<'_>, targets: &Targets<'_>) -> Vec<Bookmark> {
    let mut reader = Reader { targets, seen: HashSet::new(), found: Vec::new() };
    if let Some(outlines) = catalog.get::<Dict<'_>>(b"Outlines") {
        reader.children(&outlines, 0, 0);
    }
    reader.found
}

struct Reader<'r, 'a> {
    targets: &'r Targets<'a>,
    seen: HashSet<Key>,
    found: Vec<Bookmark>,
}

impl Reader<'_, '_> {
    fn children(&mut self, parent: &Dict<'_>, level: u8, depth: u8) {
        let mut next = parent.get::<Dict<'_>>(b"First");
        while let Some(item) = next {
            if !self.seen.insert(key(&item)) || self.found.len() >= max::BOOKMARKS {
                return;
            }
            let below = if self.bookmark(&item, level) { level + 1 } else { level };
            if depth < LEVELS {
                self.children(&item, below, depth + 1);
            }
            next = item.get::<Dict<'_>>(b"Next");
        }
    }

    fn bookmark(&mut self, item: &Dict<'_>, level: u8) -> bool {
        let title = item.get::<PdfString<'_>>(b"Title");
        let title = title.map(|title| strings::text(title.as_bytes())).unwrap_or_default();
        let title: String = title.chars().take(TITLE).collect();
        match self.targets.of(item, b"A") {
            Some(page) if !title.is_empty() => {
                self.found.push(Bookmark { level, title, page });
                true
            }
            _ => false,
        }
    }
}
