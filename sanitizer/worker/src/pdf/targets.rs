//! Which page a destination leads to.

use std::collections::HashMap;

use hayro::hayro_syntax::object::{Array, Dict, MaybeRef, Name, Object};
use hayro::hayro_syntax::page::Page;

/// Nodes of a name tree that are looked at for one name.
const NODES: u32 = 2_000;

pub(super) struct Targets<'a> {
    catalog: Dict<'a>,
    /// By object number; pages that are no object of their own cannot be named.
    pages: HashMap<(u32, i32), u32>,
    count: u32,
}

impl<'a> Targets<'a> {
    pub(super) fn new(catalog: &Dict<'a>, pages: &[Page<'_>]) -> Self {
        let numbered = pages.iter().zip(0..).filter_map(|(page, number)| {
            let id = page.raw().obj_id()?;
            Some(((id.obj_number, id.gen_number), number))
        });
        let count = u32::try_from(pages.len()).unwrap_or(u32::MAX);
        Self { catalog: catalog.clone(), pages: numbered.collect(), count }
    }

    /// The page, from 0, that `/Dest` or a "go to" action of `holder` leads to.
    pub(super) fn of(&self, holder: &Dict<'_>, action: &[u8]) -> Option<u32> {
        let target = holder.get::<Object<'_>>(b"Dest").or_else(|| {
            let action = holder.get::<Dict<'_>>(action)?;
            let kind = action.get::<Name<'_>>(b"S")?;
            if kind.as_ref() == b"GoTo" { action.get::<Object<'_>>(b"D") } else { None }
        });
        self.page(&target?, true)
    }

    fn page(&self, target: &Object<'_>, by_name: bool) -> Option<u32> {
        match target {
            Object::Array(parts) => self.page_in(parts),
            Object::Dict(dict) => match dict.get::<Object<'_>>(b"D")? {
                Object::Array(parts) => self.page_in(&parts),
                _ => None,
            },
            Object::Name(name) if by_name => {
                let named = self.catalog.get::<Dict<'_>>(b"Dests")?;
                self.page(&named.get::<Object<'_>>(name.as_ref())?, false)
            }
            Object::String(name) if by_name => {
                let names = self.catalog.get::<Dict<'_>>(b"Names")?;
                let tree = names.get::<Dict<'_>>(b"Dests")?;
                self.page(&find(&tree, name.as_bytes(), &mut 0)?, false)
            }
            _ => None,
        }
    }

    fn page_in(&self, parts: &Array<'_>) -> Option<u32> {
        match parts.raw_iter().next()? {
            MaybeRef::Ref(page) => self.pages.get(&(page.obj_number, page.gen_number)).copied(),
            MaybeRef::NotRef(object) => {
                let number = object.into_number()?.as_i64();
                u32::try_from(number).ok().filter(|page| *page < self.count)
            }
        }
    }
}

/// Looks a name up in a name tree.
fn find<'a>(node: &Dict<'a>, name: &[u8], visited: &mut u32) -> Option<Object<'a>> {
    *visited += 1;
    if *visited > NODES {
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
