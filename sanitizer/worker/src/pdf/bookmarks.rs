//! The table of contents beside the pages, as far as it leads to pages of the file.

use std::collections::HashSet;

use hayro::hayro_syntax::object::{Array, Dict, Name, Object, String as PdfString};
use hayro::hayro_syntax::page::Pages;
use sanitizer_intermediate::pdf::{Bookmark, max};

use super::book::key;
use super::strings;

/// Characters of one title.
const TITLE: usize = 200;
/// Nesting of titles.
const LEVELS: u8 = 12;

pub(super) fn read(catalog: &Dict<'_>, pages: &Pages<'_>) -> Vec<Bookmark> {
    let mut reader = Reader { catalog, pages, seen: HashSet::new(), found: Vec::new() };
    if let Some(outlines) = catalog.get::<Dict<'_>>(b"Outlines") {
        reader.children(&outlines, 0);
    }
    reader.found
}

struct Reader<'r, 'a> {
    catalog: &'r Dict<'a>,
    pages: &'r Pages<'r>,
    seen: HashSet<(usize, usize)>,
    found: Vec<Bookmark>,
}

impl Reader<'_, '_> {
    fn children(&mut self, parent: &Dict<'_>, level: u8) {
        let mut next = parent.get::<Dict<'_>>(b"First");
        while let Some(item) = next {
            if !self.seen.insert(key(&item)) || self.found.len() >= max::BOOKMARKS {
                return;
            }
            let kept = self.bookmark(&item, level);
            let below = if kept { level + 1 } else { level };
            if below <= LEVELS {
                self.children(&item, below);
            }
            next = item.get::<Dict<'_>>(b"Next");
        }
    }

    fn bookmark(&mut self, item: &Dict<'_>, level: u8) -> bool {
        let title = item.get::<PdfString<'_>>(b"Title");
        let title = title.map(|title| strings::text(title.as_bytes())).unwrap_or_default();
        let title: String = title.chars().take(TITLE).collect();
        let target = item.get::<Object<'_>>(b"Dest").or_else(|| {
            let action = item.get::<Dict<'_>>(b"A")?;
            let kind = action.get::<Name<'_>>(b"S")?;
            if kind.as_ref() == b"GoTo" { action.get::<Object<'_>>(b"D") } else { None }
        });
        let page = target.and_then(|target| self.page_of(&target, 0));
        match page {
            Some(page) if !title.is_empty() => {
                self.found.push(Bookmark { level, title, page });
                true
            }
            _ => false,
        }
    }

    fn page_of(&self, target: &Object<'_>, depth: u8) -> Option<u32> {
        match target {
            Object::Array(parts) => self.page_of_array(parts),
            Object::Dict(dict) => self.page_of(&dict.get::<Object<'_>>(b"D")?, depth + 1),
            Object::Name(name) if depth == 0 => {
                let named = self.catalog.get::<Dict<'_>>(b"Dests")?;
                self.page_of(&named.get::<Object<'_>>(name.as_ref())?, 1)
            }
            Object::String(name) if depth == 0 => {
                let names = self.catalog.get::<Dict<'_>>(b"Names")?;
                let tree = names.get::<Dict<'_>>(b"Dests")?;
                let found = find(&tree, name.as_bytes(), &mut 0)?;
                self.page_of(&found, 1)
            }
            _ => None,
        }
    }

    fn page_of_array(&self, parts: &Array<'_>) -> Option<u32> {
        let target = match parts.iter::<Object<'_>>().next()? {
            Object::Dict(page) => key(&page),
            Object::Number(number) => {
                let number = usize::try_from(number.as_i64()).ok()?;
                return u32::try_from(number).ok().filter(|_| number < self.pages.len());
            }
            _ => return None,
        };
        let place = self.pages.iter().position(|page| key(page.raw()) == target)?;
        u32::try_from(place).ok()
    }
}

/// Looks a name up in a name tree.
fn find<'a>(node: &Dict<'a>, name: &[u8], visited: &mut u32) -> Option<Object<'a>> {
    *visited += 1;
    if *visited > 2_000 {
        return None;
    }
    if let Some(names) = node.get::<Array<'a>>(b"Names") {
        let mut items = names.iter::<Object<'a>>();
        while let (Some(key), Some(value)) = (items.next(), items.next()) {
            if key.into_string().is_some_and(|key| key.as_bytes() == name) {
                return Some(value);
            }
        }
    }
    let kids = node.get::<Array<'a>>(b"Kids")?;
    kids.iter::<Dict<'a>>().find_map(|kid| find(&kid, name, visited))
}
