//! Reads the tables. They are ours and part of the binary; nothing a stranger
//! wrote comes here.

use std::collections::HashMap;

use super::{Attribute, Child, Grammar, Kind, Type, TypeId};
use crate::office::Space;

/// The tables of this build.
pub(super) const ALL: &[&str] = &[
    include_str!("drawing.txt"),
    include_str!("word_text.txt"),
    include_str!("word_layout.txt"),
    include_str!("word_drawing.txt"),
    include_str!("math.txt"),
    include_str!("chart.txt"),
    include_str!("slides.txt"),
    include_str!("sheet.txt"),
];

/// A line of a table with what the directives above it said.
struct Line<'t> {
    space: Space,
    attributes: Option<Space>,
    name: &'t str,
    items: Vec<&'t str>,
}

#[derive(Default)]
struct Names<'t> {
    kinds: HashMap<String, Kind>,
    groups: HashMap<String, (Space, Vec<&'t str>)>,
    types: HashMap<String, TypeId>,
    /// Types made for `name=:kind`, after the named ones.
    unnamed: Vec<Type>,
    named: usize,
}

/// Reads all tables into one grammar.
pub(super) fn read(tables: &[&str]) -> Result<Grammar, String> {
    let mut names = Names::default();
    let mut lines = Vec::new();
    for table in tables {
        collect(table, &mut names, &mut lines)?;
    }
    names.named = lines.len();
    for (at, line) in lines.iter().enumerate() {
        let id = TypeId(u16::try_from(at).map_err(|_| "too many types")?);
        let name = format!("{}:{}", line.space.code(), line.name);
        if names.types.insert(name.clone(), id).is_some() {
            return Err(format!("{name} twice"));
        }
    }
    let mut types =
        lines.iter().map(|line| names.read_type(line)).collect::<Result<Vec<_>, _>>()?;
    types.append(&mut names.unnamed);
    Ok(Grammar { types, by_name: names.types })
}

/// Joins continued lines and takes directives out.
fn collect<'t>(
    table: &'t str,
    names: &mut Names<'t>,
    lines: &mut Vec<Line<'t>>,
) -> Result<(), String> {
    let (mut space, mut attributes) = (Space::A, None);
    let mut open: Option<Line<'t>> = None;
    let mut group: Option<String> = None;
    for line in table.lines().filter(|it| !it.trim().is_empty() && !it.starts_with('#')) {
        let continued = line.starts_with(' ');
        let mut words = line.split_whitespace();
        if continued {
            match (&mut open, &group) {
                (Some(open), _) => open.items.extend(words),
                (None, Some(name)) => {
                    let known = names.groups.get_mut(name).ok_or("no group to continue")?;
                    known.1.extend(words);
                }
                (None, None) => return Err(format!("nothing to continue: {line}")),
            }
            continue;
        }
        lines.extend(open.take());
        group = None;
        let head = words.next().unwrap_or_default();
        match head {
            "%space" => space = space_of(words.next().unwrap_or_default())?,
            "%attrs" => {
                let word = words.next().unwrap_or_default();
                attributes = if word == "-" { None } else { Some(space_of(word)?) };
            }
            "%kind" => {
                let (name, kind) = (words.next(), words.next().and_then(Kind::read));
                let (Some(name), Some(kind)) = (name, kind) else {
                    return Err(format!("not a kind: {line}"));
                };
                names.kinds.insert(format!("{}:{name}", space.code()), kind);
            }
            "%group" => {
                let name = format!("{}:{}", space.code(), words.next().unwrap_or_default());
                names.groups.insert(name.clone(), (space, words.collect()));
                group = Some(name);
            }
            name => open = Some(Line { space, attributes, name, items: words.collect() }),
        }
    }
    lines.extend(open);
    Ok(())
}

fn space_of(prefix: &str) -> Result<Space, String> {
    Space::from_code(prefix).ok_or_else(|| format!("no namespace {prefix}"))
}

/// `a:blip` with its prefix, `blip` in the space it stands in.
fn split(space: Space, name: &str) -> Result<(Space, &str), String> {
    match name.split_once(':') {
        Some((prefix, local)) => Ok((space_of(prefix)?, local)),
        None => Ok((space, name)),
    }
}

impl Names<'_> {
    fn read_type(&mut self, line: &Line<'_>) -> Result<Type, String> {
        let mut made = Type {
            name: format!("{}:{}", line.space.code(), line.name),
            free_order: false,
            attributes: Vec::new(),
            text: None,
            text_required: false,
            child_required: false,
            children: Vec::new(),
            by_name: Vec::new(),
        };
        for item in &line.items {
            self.read_item(line, line.space, item, &mut made)?;
        }
        sort_names(&mut made)?;
        Ok(made)
    }

    fn read_item(
        &mut self,
        line: &Line<'_>,
        space: Space,
        item: &str,
        made: &mut Type,
    ) -> Result<(), String> {
        if item == "*" {
            made.free_order = true;
        } else if item == "!" {
            made.child_required = true;
        } else if let Some(kind) = item.strip_prefix("#!=") {
            made.text = Some(self.kind(space, kind)?);
            made.text_required = true;
        } else if let Some(attribute) = item.strip_prefix('@') {
            made.attributes.push(self.read_attribute(line, attribute)?);
        } else if let Some(kind) = item.strip_prefix("#=") {
            made.text = Some(self.kind(space, kind)?);
        } else if let Some(group) = item.strip_prefix('+') {
            let (of, local) = split(space, group)?;
            let found = self.groups.get(&format!("{}:{local}", of.code()));
            let (of, items) = found.cloned().ok_or_else(|| format!("no group {group}"))?;
            for item in items {
                self.read_item(line, of, item, made)?;
            }
        } else {
            made.children.push(self.read_child(line, space, item)?);
        }
        Ok(())
    }

    fn read_attribute(&self, line: &Line<'_>, item: &str) -> Result<Attribute, String> {
        let (name, kind) = item.split_once('=').ok_or_else(|| format!("no kind: {item}"))?;
        let (name, required) = name.strip_suffix('!').map_or((name, false), |it| (it, true));
        let (space, name) = match name.split_once(':') {
            Some((prefix, local)) => (Some(space_of(prefix)?), local),
            None => (line.attributes, name),
        };
        let kind = self.kind(line.space, kind)?;
        Ok(Attribute { space, name: name.to_owned(), kind, required })
    }

    fn read_child(&mut self, line: &Line<'_>, space: Space, item: &str) -> Result<Child, String> {
        let (item, first) = item.strip_prefix('^').map_or((item, false), |it| (it, true));
        let (item, required) = item.strip_prefix('&').map_or((item, false), |it| (it, true));
        let (name, of) = item.split_once('=').unwrap_or((item, item));
        let (child_space, name) = split(space, name)?;
        let of = match of.strip_prefix(':') {
            Some(kind) => self.value_type(line.attributes, self.kind(space, kind)?)?,
            None => {
                let (of_space, of_name) = split(space, of)?;
                let wanted = format!("{}:{of_name}", of_space.code());
                *self
                    .types
                    .get(&wanted)
                    .ok_or_else(|| format!("{}: no type {wanted}", line.name))?
            }
        };
        Ok(Child { space: child_space, name: name.to_owned(), of, first, required })
    }

    /// The type of an element that is only `val="…"`; a switch may leave it out.
    fn value_type(&mut self, space: Option<Space>, kind: Kind) -> Result<TypeId, String> {
        let required = kind != Kind::Bool && kind != Kind::Uint && kind != Kind::Percent;
        let attribute = Attribute { space, name: "val".into(), kind, required };
        let known = self.unnamed.iter().position(|it| {
            it.attributes[0].kind == attribute.kind && it.attributes[0].space == space
        });
        let at = known.unwrap_or_else(|| {
            self.unnamed.push(Type {
                name: "val".into(),
                free_order: false,
                attributes: vec![attribute],
                text: None,
                text_required: false,
                child_required: false,
                children: Vec::new(),
                by_name: Vec::new(),
            });
            self.unnamed.len() - 1
        });
        Ok(TypeId(u16::try_from(self.named + at).map_err(|_| "too many types")?))
    }

    fn kind(&self, space: Space, name: &str) -> Result<Kind, String> {
        let known = self.kinds.get(&format!("{}:{name}", space.code())).cloned();
        known.or_else(|| Kind::read(name)).ok_or_else(|| format!("no kind {name}"))
    }
}

/// Prepares the look-up of children by name.
fn sort_names(made: &mut Type) -> Result<(), String> {
    let count = u16::try_from(made.children.len()).map_err(|_| "too many children")?;
    let mut order: Vec<u16> = (0..count).collect();
    let key = |at: &u16| {
        let child = &made.children[usize::from(*at)];
        (child.name.as_str(), child.space)
    };
    order.sort_by(|a, b| key(a).cmp(&key(b)));
    if order.windows(2).any(|pair| key(&pair[0]) == key(&pair[1])) {
        return Err(format!("{}: a child twice", made.name));
    }
    if made.attributes.len() > 250 {
        return Err(format!("{}: too many attributes", made.name));
    }
    made.by_name = order;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tables_of_this_build_are_a_grammar() {
        let grammar = read(ALL).expect("a grammar");
        assert!(grammar.find("w:pPr").is_some());
        assert!(grammar.iter().count() > 400);
    }

    /// NF-32: nothing that fetches, runs or links has a place in the tables.
    #[test]
    fn the_tables_name_nothing_active() {
        let banned = [
            "control",
            "object",
            "oleObj",
            "oleObject",
            "altChunk",
            "subDoc",
            "attachedTemplate",
            "mailMerge",
            "dataBinding",
            "externalData",
            "videoFile",
            "audioFile",
            "cmd",
            "legacyDrawing",
            "customXml",
            "smartTag",
            "webPr",
            "ddeLink",
            "oleLink",
            "entryMacro",
            "exitMacro",
            "embedRegular",
            "frameset",
            "docVars",
            "src",
            "link",
            "macro",
            "fmlaMacro",
            "action",
        ];
        let grammar = read(ALL).expect("a grammar");
        for rules in grammar.iter() {
            for child in
                rules.children.iter().filter(|it| it.name != "link" || it.space != Space::W)
            {
                assert!(!banned.contains(&child.name.as_str()), "{}/{}", rules.name, child.name);
            }
            for attribute in &rules.attributes {
                assert!(
                    !banned.contains(&attribute.name.as_str()),
                    "{}@{}",
                    rules.name,
                    attribute.name
                );
                let reference =
                    matches!(attribute.kind, Kind::Image | Kind::Chart | Kind::Story | Kind::Link);
                assert_eq!(attribute.space == Some(Space::R), reference, "{}", rules.name);
            }
        }
    }
}
