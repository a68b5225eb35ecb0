//! The list of what a part refers to.

use crate::office::xml::Element;

/// What one part refers to, by id.
#[derive(Debug, Default)]
pub(in crate::office) struct Relations {
    list: Vec<Relation>,
}

#[derive(Debug)]
struct Relation {
    id: String,
    kind: String,
    target: Target,
}

/// Where a reference leads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::office) enum Target {
    /// To a part of the same package.
    Part(String),
    /// Out of it.
    Outside(String),
}

/// The part that lists what `part` refers to.
pub(super) fn list_of(part: &str) -> String {
    match part.rsplit_once('/') {
        Some((folder, name)) => format!("{folder}/_rels/{name}.rels"),
        None => format!("_rels/{part}.rels"),
    }
}

impl Relations {
    pub(super) fn read(root: &Element, part: &str) -> Self {
        let list = root
            .elements()
            .filter_map(|it| {
                let kind = it.attribute("Type")?.rsplit('/').next().unwrap_or_default();
                let target = it.attribute("Target")?;
                let outside = it
                    .attribute("TargetMode")
                    .is_some_and(|it| it.eq_ignore_ascii_case("external"));
                let target = match inside(part, target).filter(|_| !outside) {
                    Some(part) => Target::Part(part),
                    None => Target::Outside(target.to_owned()),
                };
                Some(Relation { id: it.attribute("Id")?.to_owned(), kind: kind.to_owned(), target })
            })
            .collect();
        Self { list }
    }

    /// The target of an id.
    pub(in crate::office) fn get(&self, id: &str) -> Option<&Target> {
        self.list.iter().find(|it| it.id == id).map(|it| &it.target)
    }

    /// What an id is for, the last word of its type.
    pub(in crate::office) fn kind_of(&self, id: &str) -> Option<&str> {
        self.list.iter().find(|it| it.id == id).map(|it| it.kind.as_str())
    }

    /// The part an id leads to.
    pub(in crate::office) fn part(&self, id: &str) -> Option<&str> {
        match self.get(id)? {
            Target::Part(part) => Some(part),
            Target::Outside(_) => None,
        }
    }

    /// The part an id leads to, when it is of this kind.
    pub(in crate::office) fn part_of_kind(&self, id: &str, kind: &str) -> Option<&str> {
        let found = self.list.iter().find(|it| it.id == id && it.kind == kind)?;
        match &found.target {
            Target::Part(part) => Some(part),
            Target::Outside(_) => None,
        }
    }

    /// The first target of a kind, the last word of its type.
    pub(in crate::office) fn first(&self, kind: &str) -> Option<&Target> {
        self.list.iter().find(|it| it.kind == kind).map(|it| &it.target)
    }

    /// The first part of a kind.
    pub(in crate::office) fn first_part(&self, kind: &str) -> Option<&str> {
        self.parts(kind).next()
    }

    /// All parts of a kind.
    pub(in crate::office) fn parts(&self, kind: &str) -> impl Iterator<Item = &str> {
        self.list.iter().filter(move |it| it.kind == kind).filter_map(|it| match &it.target {
            Target::Part(part) => Some(part.as_str()),
            Target::Outside(_) => None,
        })
    }

    /// Kinds of all references that lead out.
    pub(in crate::office) fn outside(&self) -> impl Iterator<Item = (&str, &str)> {
        self.list.iter().filter_map(|it| match &it.target {
            Target::Part(_) => None,
            Target::Outside(target) => Some((it.kind.as_str(), target.as_str())),
        })
    }
}

/// The part a target names, seen from `part`; `None` for an address.
fn inside(part: &str, target: &str) -> Option<String> {
    let target = target.trim().replace('\\', "/");
    let first = target.split('/').next().unwrap_or_default();
    if first.contains(':')
        || target.starts_with("//")
        || target.starts_with('#')
        || target.is_empty()
    {
        return None;
    }
    let folder = part.rsplit_once('/').map_or("", |it| it.0);
    let mut path: Vec<&str> = if target.starts_with('/') || folder.is_empty() {
        Vec::new()
    } else {
        folder.split('/').collect()
    };
    for step in target.split('/') {
        match step {
            "" | "." => {}
            ".." => {
                path.pop();
            }
            _ => path.push(step),
        }
    }
    Some(percent_decoded(&path.join("/")))
}

fn percent_decoded(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut decoded = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        let digits = bytes.get(at + 1..at + 3).and_then(|it| std::str::from_utf8(it).ok());
        match digits.and_then(|it| u8::from_str_radix(it, 16).ok()) {
            Some(decoded_byte) if *byte == b'%' => {
                decoded.push(decoded_byte);
                at += 3;
            }
            _ => {
                decoded.push(*byte);
                at += 1;
            }
        }
    }
    String::from_utf8(decoded).unwrap_or_else(|_| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn targets_are_seen_from_the_part() {
        assert_eq!(inside("word/document.xml", "media/a.png").as_deref(), Some("word/media/a.png"));
        assert_eq!(
            inside("xl/worksheets/sheet1.xml", "../drawings/d.xml").as_deref(),
            Some("xl/drawings/d.xml")
        );
        assert_eq!(inside("", "word/document.xml").as_deref(), Some("word/document.xml"));
        assert_eq!(inside("a/b.xml", "/x/%E5%9B%B3.png").as_deref(), Some("x/図.png"));
        assert_eq!(inside("a/b.xml", "../../../x.png").as_deref(), Some("x.png"));
    }

    /// NF-32: an address is never taken for a part, whatever its mode says.
    #[test]
    fn an_address_is_no_part() {
        for target in [
            "http://example.com/a.png",
            "file:///c:/a.dotm",
            "\\\\host\\share\\a",
            "//host/a",
            "mhtml:x",
        ] {
            assert_eq!(inside("word/document.xml", target), None, "{target}");
        }
    }
}
