//! From the catalog to every object, by roles.

use std::collections::BTreeMap;

use super::file::{File, Thing};
use super::lexer::{Dict, Object};
use super::roles::{ENCODINGS, Role, Want};
use super::{book, content, font, map, picture, sense};
use crate::inflate::{self, Purse};
use crate::refusal::{Refusal, Verdict, must};

const ODD: Refusal = Refusal::of("a value that is not ours");

/// Everything reached so far, and what is still to see.
struct Walk<'w, 'f> {
    file: &'w File<'f>,
    roles: BTreeMap<u32, Role>,
    waiting: Vec<(u32, Role)>,
    purse: &'w mut Purse,
}

/// Sees every object once; refuses one that nothing leads to.
pub(super) fn all(file: &File<'_>, purse: &mut Purse) -> Verdict {
    let mut walk = Walk { file, roles: BTreeMap::new(), waiting: Vec::new(), purse };
    walk.waiting.push((file.root, Role::Catalog));
    while let Some((number, role)) = walk.waiting.pop() {
        walk.see(number, role)?;
    }
    let known = file.things.keys().all(|number| walk.roles.contains_key(number));
    must(known, "an object nothing leads to")?;
    let bookmarks = walk.roles.values().filter(|it| **it == Role::Bookmark).count();
    let pages = walk.roles.values().filter(|it| **it == Role::Page).count();
    book::verify(file, pages, bookmarks)
}

impl<'w, 'f> Walk<'w, 'f> {
    fn thing(&self, number: u32) -> Result<&'w Thing<'f>, Refusal> {
        self.file.things.get(&number).ok_or(Refusal::of("a number of nothing"))
    }

    fn see(&mut self, number: u32, role: Role) -> Verdict {
        let file = self.file;
        let thing = file.things.get(&number).ok_or(Refusal::of("a number of nothing"))?;
        let Object::Dict(dict) = &thing.body else { return Err(ODD) };
        let role = role.exact(dict)?;
        if let Some(before) = self.roles.insert(number, role) {
            return must(before == role, "an object in two roles");
        }
        self.dict(dict, role, thing.data.is_some())?;
        match thing.data {
            Some(data) => {
                must(role.is_stream(), "a stream where none may be")?;
                self.data(dict, role, data)
            }
            None => must(!role.is_stream(), "no stream where one should be"),
        }
    }

    /// The keys of the role, in their order, and none is missing.
    fn dict(&mut self, dict: &Dict, role: Role, stream: bool) -> Verdict {
        let mut rules = role.rules().iter();
        let framed = |key: &str| stream && matches!(key, "Length" | "Filter");
        for (key, value) in dict.0.iter().filter(|it| !framed(&it.0)) {
            let want = loop {
                let (name, want) = rules.next().ok_or(Refusal::of("a key that is not ours"))?;
                if name.trim_end_matches('?') == key {
                    break *want;
                }
                must(name.ends_with('?'), "a key is missing")?;
            };
            self.value(value, want)?;
        }
        must(rules.all(|it| it.0.ends_with('?')), "a key is missing")?;
        sense::verify(dict, role, self.file)?;
        match role {
            Role::Drawn => self.drawn(dict),
            Role::Page => self.page(dict),
            _ => Ok(()),
        }
    }

    fn value(&mut self, value: &Object, want: Want) -> Verdict {
        let is_number = |it: &Object| matches!(it, Object::Number(_));
        match (want, value) {
            (Want::Number, Object::Number(_))
            | (Want::Yes, Object::Bool(true))
            | (Want::Text, Object::Text(_))
            | (Want::Name, Object::Name(_))
            | (Want::Above, Object::Ref(_)) => Ok(()),
            (Want::Turns, Object::Number(turns)) => {
                must([90.0, 180.0, 270.0].contains(turns), ODD.what())
            }
            (Want::Bools, Object::Array(list)) => {
                let fits = list.iter().all(|it| matches!(it, Object::Bool(_)));
                must(fits && list.len() == 2, ODD.what())
            }
            (Want::Address, Object::Text(text)) => {
                must(is_web(text), "an address that is not ours")
            }
            (Want::Of(names), Object::Name(name)) => {
                must(names.contains(&name.as_str()), ODD.what())
            }
            (Want::Numbers, Object::Array(list)) => must(list.iter().all(is_number), ODD.what()),
            (Want::Just(count), Object::Array(list)) => {
                must(list.len() == count && list.iter().all(is_number), ODD.what())
            }
            (Want::Runs, Object::Array(list)) => must(is_runs(list), ODD.what()),
            (Want::Differences, Object::Array(list)) => must(is_differences(list), ODD.what()),
            (Want::Target, Object::Array(list)) => match list.as_slice() {
                [Object::Ref(page), Object::Name(fit)] if fit == "Fit" => {
                    self.waiting.push((*page, Role::Page));
                    Ok(())
                }
                _ => Err(ODD),
            },
            (Want::Space, space) => must(is_space(space), ODD.what()),
            (Want::TintSpace, Object::Array(list)) => {
                let names = ["Pattern", "DeviceRGB"].map(|it| Object::Name(it.to_owned()));
                must(list.as_slice() == names, ODD.what())
            }
            (Want::A(role), value) => self.a(value, role),
            (Want::NameOr(_), Object::Name(name)) => {
                must(ENCODINGS.contains(&name.as_str()), ODD.what())
            }
            (Want::NoneOr(_), Object::Name(name)) => must(name == "None", ODD.what()),
            (Want::NameOr(role) | Want::NoneOr(role), value) => self.a(value, role),
            (Want::Many(role), Object::Array(list)) => {
                list.iter().try_for_each(|it| self.a(it, role))
            }
            (Want::Each(role), Object::Dict(dict)) => {
                // A drawn font may have lost all its glyphs.
                must(!dict.0.is_empty() || matches!(role, Role::Glyph), ODD.what())?;
                dict.0.iter().try_for_each(|(_, it)| self.a(it, role))
            }
            _ => Err(ODD),
        }
    }

    fn a(&mut self, value: &Object, role: Role) -> Verdict {
        match value {
            Object::Ref(number) => {
                self.waiting.push((*number, role));
                Ok(())
            }
            Object::Dict(dict) => {
                let role = role.exact(dict)?;
                must(!role.is_stream(), "no stream where one should be")?;
                self.dict(dict, role, false)
            }
            _ => Err(ODD),
        }
    }

    /// The content of the glyphs of a drawn font, which share its resources.
    fn drawn(&mut self, dict: &Dict) -> Verdict {
        let Some(Object::Dict(programs)) = dict.get("CharProcs") else { return Err(ODD) };
        for (_, program) in &programs.0 {
            let Object::Ref(number) = program else { return Err(ODD) };
            let thing = self.thing(*number)?;
            let data = thing.data.ok_or(ODD)?;
            let data = inflate::zlib(data, self.purse)?;
            content::verify(&data, resources(dict), true)?;
        }
        Ok(())
    }

    /// The content of a page.
    fn page(&mut self, dict: &Dict) -> Verdict {
        let Some(Object::Ref(number)) = dict.get("Contents") else { return Err(ODD) };
        let data = self.thing(*number)?.data.ok_or(ODD)?;
        let data = inflate::zlib(data, self.purse)?;
        content::verify(&data, resources(dict), false)
    }

    fn data(&mut self, dict: &Dict, role: Role, data: &[u8]) -> Verdict {
        if role == Role::Picture {
            return picture::verify(dict, data, self.purse);
        }
        must(dict.name("Filter") == Some("FlateDecode"), "an odd way of packing")?;
        let data = inflate::zlib(data, self.purse)?;
        match role {
            Role::Form | Role::Tiling => content::verify(&data, resources(dict), false),
            Role::Map => map::verify(&data),
            Role::TrueType => {
                must(dict.whole("Length1") == Some(data.len()), "an odd font")?;
                font::true_type(&data)
            }
            Role::Cff => font::cff(&data),
            Role::Mesh => must(data.len() % 36 == 0, "an odd mesh"),
            Role::Sampled => {
                let size = Object::Array(vec![Object::Number(data.len() as f64)]);
                must(dict.get("Size") == Some(&size), "an odd table")
            }
            // Glyphs are seen with their font, content with its page.
            _ => Ok(()),
        }
    }
}

fn resources(dict: &Dict) -> Option<&Dict> {
    match dict.get("Resources") {
        Some(Object::Dict(dict)) => Some(dict),
        _ => None,
    }
}

/// Numbers, each followed by an array of numbers.
fn is_runs(list: &[Object]) -> bool {
    list.len().is_multiple_of(2)
        && list.chunks(2).all(|pair| match pair {
            [Object::Number(_), Object::Array(run)] => {
                !run.is_empty() && run.iter().all(|it| matches!(it, Object::Number(_)))
            }
            _ => false,
        })
}

/// A code, then names of it and of those after it.
fn is_differences(list: &[Object]) -> bool {
    let fits = |pair: &[Object]| match pair {
        [Object::Number(code), Object::Name(_)] => {
            code.fract() == 0.0 && (0.0..256.0).contains(code)
        }
        [Object::Name(_), Object::Name(_) | Object::Number(_)] => true,
        _ => false,
    };
    list.is_empty()
        || matches!(list, [Object::Number(_), .., Object::Name(_)]) && list.windows(2).all(fits)
}

fn is_web(text: &[u8]) -> bool {
    let lower = text.to_ascii_lowercase();
    ["http://", "https://", "mailto:"].iter().any(|it| lower.starts_with(it.as_bytes()))
        && lower.iter().all(u8::is_ascii_graphic)
}

fn is_space(object: &Object) -> bool {
    let device = |it: &Object| matches!(it, Object::Name(name) if name == "DeviceGray" || name == "DeviceRGB");
    match object {
        Object::Array(list) => match list.as_slice() {
            [Object::Name(kind), base, Object::Number(last), Object::Text(palette)] => {
                kind == "Indexed" && device(base) && palette.len() as f64 == (last + 1.0) * 3.0
            }
            _ => false,
        },
        other => device(other),
    }
}
