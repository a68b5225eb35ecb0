//! From the catalog to every object, by roles.

use std::collections::BTreeMap;

use super::file::{File, Thing};
use super::lexer::{Dict, Object};
use super::roles::{Role, Want};
use super::{content, font, map, picture};
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
    for (number, thing) in &file.things {
        if !walk.roles.contains_key(number) {
            walk.waiting.push((*number, unnamed(thing)?));
        }
        while let Some((number, role)) = walk.waiting.pop() {
            walk.see(number, role)?;
        }
    }
    Ok(())
}

/// Things no page names are written all the same. Their numbers come before
/// those of what they are made of.
fn unnamed(thing: &Thing<'_>) -> Result<Role, Refusal> {
    let spare = Refusal::of("an object nothing leads to");
    let Object::Dict(dict) = &thing.body else { return Err(spare) };
    match (dict.name("Type"), dict.whole("ShadingType")) {
        (Some("Font"), _) => Ok(Role::Font),
        (Some("XObject"), _) => Ok(Role::XObject),
        (Some("Pattern"), _) => Ok(Role::Pattern),
        (Some("Mask"), _) => Ok(Role::Mask),
        (None, Some(_)) => Ok(Role::Shading),
        _ => Err(spare),
    }
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

    fn dict(&mut self, dict: &Dict, role: Role, stream: bool) -> Verdict {
        for (key, value) in &dict.0 {
            if stream && matches!(key.as_str(), "Length" | "Filter") {
                continue;
            }
            let rule = role.rules().iter().find(|it| it.0 == key);
            let (_, want) = rule.ok_or(Refusal::of("a key that is not ours"))?;
            self.value(value, *want)?;
        }
        match role {
            Role::Drawn => self.drawn(dict),
            Role::Page => self.page(dict),
            _ => Ok(()),
        }
    }

    fn value(&mut self, value: &Object, want: Want) -> Verdict {
        match (want, value) {
            (Want::Number, Object::Number(_))
            | (Want::Bool, Object::Bool(_))
            | (Want::Text, Object::Text(_))
            | (Want::Name, Object::Name(_))
            | (Want::Above, Object::Ref(_)) => Ok(()),
            (Want::Bools, Object::Array(list)) => {
                must(list.iter().all(|it| matches!(it, Object::Bool(_))), ODD.what())
            }
            (Want::Address, Object::Text(text)) => {
                must(is_web(text), "an address that is not ours")
            }
            (Want::Of(names), Object::Name(name)) => {
                must(names.contains(&name.as_str()), ODD.what())
            }
            (Want::Numbers, Object::Array(list)) => must(list.iter().all(is_numbers), ODD.what()),
            (Want::Differences, Object::Array(list)) => {
                let fits = |it: &Object| matches!(it, Object::Number(_) | Object::Name(_));
                must(list.iter().all(fits), ODD.what())
            }
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
            (Want::NameOr(_), Object::Name(_)) => Ok(()),
            (Want::NameOr(role), value) => self.a(value, role),
            (Want::Many(role), Object::Array(list)) => {
                list.iter().try_for_each(|it| self.a(it, role))
            }
            (Want::Each(role), Object::Dict(dict)) => {
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
            Role::TrueType => font::true_type(&data),
            Role::Cff => font::cff(&data),
            Role::Mesh => must(data.len() % 12 == 0, "an odd mesh"),
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

fn is_numbers(object: &Object) -> bool {
    match object {
        Object::Number(_) => true,
        Object::Array(list) => list.iter().all(|it| matches!(it, Object::Number(_))),
        _ => false,
    }
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
