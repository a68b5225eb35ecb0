//! The elements of a part: each under a parent that may have it, in its order,
//! with the attributes, text and children its rules ask for.

use super::tables::{Rules, of_child, rules};
use super::value::{Kind, is_number, is_whole};
use crate::refusal::{Refusal, Verdict, must};
use crate::xml::{self, Start};

/// Addresses of namespaces, by the prefixes we write.
const SPACES: [(&str, &str); 14] = [
    ("w", "http://schemas.openxmlformats.org/wordprocessingml/2006/main"),
    ("wp", "http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing"),
    ("wps", "http://schemas.microsoft.com/office/word/2010/wordprocessingShape"),
    ("wpg", "http://schemas.microsoft.com/office/word/2010/wordprocessingGroup"),
    ("a", "http://schemas.openxmlformats.org/drawingml/2006/main"),
    ("pic", "http://schemas.openxmlformats.org/drawingml/2006/picture"),
    ("c", "http://schemas.openxmlformats.org/drawingml/2006/chart"),
    ("m", "http://schemas.openxmlformats.org/officeDocument/2006/math"),
    ("s", "http://schemas.openxmlformats.org/spreadsheetml/2006/main"),
    ("xdr", "http://schemas.openxmlformats.org/drawingml/2006/spreadsheetDrawing"),
    ("p", "http://schemas.openxmlformats.org/presentationml/2006/main"),
    ("r", "http://schemas.openxmlformats.org/officeDocument/2006/relationships"),
    ("mc", "http://schemas.openxmlformats.org/markup-compatibility/2006"),
    ("v", "urn:schemas-microsoft-com:vml"),
];

/// An id of a reference a part uses, and the words it may have.
pub(super) type Use = (String, Vec<String>);

/// Verifies a part whose root has this name, these rules and these
/// namespaces; gives the references it uses.
pub(super) fn verify(
    data: &[u8],
    root: (&'static str, &'static str),
    spaces: &'static str,
) -> Result<Vec<Use>, Refusal> {
    let mut walk = Walk { root, spaces, open: Vec::new(), uses: Vec::new() };
    xml::walk(data, &mut walk)?;
    Ok(walk.uses)
}

struct Walk {
    root: (&'static str, &'static str),
    spaces: &'static str,
    open: Vec<Open>,
    uses: Vec<Use>,
}

/// An element that has begun.
struct Open {
    rules: &'static Rules,
    name: String,
    /// The greatest rank of a child so far.
    rank: usize,
    /// Which of its possible children it has.
    seen: Vec<usize>,
    children: usize,
    /// What it says it counts.
    count: Option<String>,
    /// The type of a cell.
    cell: Option<String>,
    keeps_spaces: bool,
    empty: bool,
    text: Option<String>,
}

impl xml::See for Walk {
    fn start(&mut self, start: &Start<'_>) -> Verdict {
        let root = self.open.is_empty();
        let bare = self.spaces.starts_with("s ") || self.spaces == "s";
        // Elements of sheets have no prefix where that is the usual namespace.
        let name = match start.name.contains(':') {
            true => start.name.to_owned(),
            false => format!("s:{}", start.name),
        };
        let written = if bare { !start.name.starts_with("s:") } else { start.name.contains(':') };
        must(written, "an odd prefix")?;
        let rules = match self.open.last_mut() {
            Some(parent) => parent.take(&name)?,
            None => {
                must(name == self.root.0, "another root")?;
                rules(self.root.1).ok_or(Refusal::of("another root"))?
            }
        };
        let skip = if root { self.namespaces(start, bare)? } else { 0 };
        let mut open = Open::new(rules, name, start.empty);
        self.attributes(&mut open, &start.attributes[skip..])?;
        self.open.push(open);
        Ok(())
    }

    fn text(&mut self, text: &str) -> Verdict {
        let open = self.open.last_mut().ok_or(Refusal::of("text outside of elements"))?;
        must(open.text.is_none() && open.children == 0, "text among elements")?;
        open.text = Some(text.to_owned());
        Ok(())
    }

    fn end(&mut self) -> Verdict {
        let mut done = self.open.pop().ok_or(Refusal::of("tags that do not pair up"))?;
        if let Some(cell) = self.open.last().filter(|_| done.name == "s:v") {
            let value = done.text.as_deref().unwrap_or_default();
            must(fits_cell(value, cell.cell.as_deref()), "a value of another type")?;
        }
        done.finish()
    }
}

/// Whether a value fits the type its cell names.
fn fits_cell(value: &str, kind: Option<&str>) -> bool {
    match kind {
        None => is_number(value),
        Some("b") => matches!(value, "0" | "1"),
        Some("e") => value.starts_with('#'),
        Some("s") => is_whole(value) && !value.starts_with('-'),
        Some(_) => true,
    }
}

impl Walk {
    /// The root has all namespaces, in their order; gives how many.
    fn namespaces(&self, start: &Start<'_>, bare: bool) -> Result<usize, Refusal> {
        let odd = Refusal::of("odd namespaces");
        let mut given = start.attributes.iter();
        let mut count = 0;
        for prefix in self.spaces.split(' ') {
            let (key, uri) = given.next().ok_or(odd)?;
            let wanted = SPACES.iter().find(|it| it.0 == prefix).map(|it| it.1);
            let named = if bare && prefix == "s" {
                *key == "xmlns"
            } else {
                key.strip_prefix("xmlns:") == Some(prefix)
            };
            must(named && wanted == Some(uri.as_str()), "odd namespaces")?;
            count += 1;
        }
        Ok(count)
    }

    /// Attributes of the rules, in their order, with values of their kinds.
    fn attributes(&mut self, open: &mut Open, mut given: &[(&str, String)]) -> Verdict {
        if let Some(((key, value), rest)) = given.split_last()
            && *key == "xml:space"
        {
            must(value == "preserve" && open.rules.text.is_some(), "odd spaces")?;
            (open.keeps_spaces, given) = (true, rest);
        }
        let mut rules = open.rules.attributes.iter();
        for (key, value) in given {
            let rule = loop {
                let rule = rules.next().ok_or(Refusal::of("an attribute that is not ours"))?;
                if rule.name == *key {
                    break rule;
                }
                must(!rule.required, "an attribute is missing")?;
            };
            rule.kind.admits(value)?;
            match &rule.kind {
                Kind::Count => open.count = Some(value.clone()),
                Kind::To(words) => self.uses.push((value.clone(), words.clone())),
                Kind::OneOf(_) if open.name == "s:c" => open.cell = Some(value.clone()),
                _ => {}
            }
        }
        must(!rules.any(|it| it.required), "an attribute is missing")
    }
}

impl Open {
    fn new(rules: &'static Rules, name: String, empty: bool) -> Self {
        Self {
            rules,
            name,
            rank: 0,
            seen: Vec::new(),
            children: 0,
            count: None,
            cell: None,
            keeps_spaces: false,
            empty,
            text: None,
        }
    }

    /// A child begins; gives its rules.
    fn take(&mut self, name: &str) -> Result<&'static Rules, Refusal> {
        let found = self.rules.child(name);
        let (at, rank) = found.ok_or(Refusal::of("an element where it may not be"))?;
        must(self.text.is_none(), "text among elements")?;
        must(rank >= self.rank, "elements out of order")?;
        self.rank = rank;
        self.children += 1;
        if !self.seen.contains(&at) {
            self.seen.push(at);
        }
        of_child(&self.rules.children[at], name).ok_or(Refusal::of("an element that is not ours"))
    }

    /// Everything it makes no sense without was there.
    fn finish(&mut self) -> Verdict {
        let rules = self.rules;
        let required = rules.children.iter().enumerate().filter(|it| it.1.required);
        must(required.map(|it| it.0).all(|it| self.seen.contains(&it)), "an element is missing")?;
        must(!rules.child_required || self.children > 0, "an element is missing")?;
        if let Some(count) = &self.count {
            must(*count == self.children.to_string(), "an odd count")?;
        }
        // Without text and children there is one tag; empty text has two.
        must(self.empty || self.children > 0 || rules.text.is_some(), "an odd end")?;
        let Some(kind) = &rules.text else {
            return must(self.text.is_none(), "text where none may be");
        };
        must(!rules.text_required || !self.empty, "a text is missing")?;
        let text = self.text.take().unwrap_or_default();
        if !self.empty && self.children == 0 {
            kind.admits(&text)?;
        }
        let ends = text.starts_with(char::is_whitespace)
            || text.ends_with(char::is_whitespace)
            || text.contains('\n');
        let fits = match kind {
            // Formulas and instructions are written both ways.
            Kind::Formula => ends || !self.keeps_spaces,
            Kind::Field | Kind::Said => !self.keeps_spaces,
            _ => ends == self.keeps_spaces,
        };
        must(fits, "odd spaces")
    }
}
