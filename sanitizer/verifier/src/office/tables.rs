//! Which element may stand under which: the tables of the model and the frame
//! the writers put around them, read by a reader of its own.

use std::collections::HashMap;
use std::sync::LazyLock;

use super::value::Kind;

const TABLES: [&str; 9] = [
    include_str!("../../../intermediate/src/office/grammar/drawing.txt"),
    include_str!("../../../intermediate/src/office/grammar/word_text.txt"),
    include_str!("../../../intermediate/src/office/grammar/word_layout.txt"),
    include_str!("../../../intermediate/src/office/grammar/word_drawing.txt"),
    include_str!("../../../intermediate/src/office/grammar/math.txt"),
    include_str!("../../../intermediate/src/office/grammar/chart.txt"),
    include_str!("../../../intermediate/src/office/grammar/slides.txt"),
    include_str!("../../../intermediate/src/office/grammar/sheet.txt"),
    include_str!("frame.txt"),
];
/// A drawing of Word may have text beside it for programs that do not know it.
const DRAWING: &str = "w:drawing";
const ALTERNATIVES: &str = "mc:AlternateContent";

/// What an element may carry.
#[derive(Debug, Clone, Default)]
pub(super) struct Rules {
    pub(super) attributes: Vec<Attribute>,
    pub(super) text: Option<Kind>,
    pub(super) text_required: bool,
    pub(super) child_required: bool,
    pub(super) children: Vec<Child>,
    free: bool,
}

#[derive(Debug, Clone)]
pub(super) struct Attribute {
    /// With its prefix.
    pub(super) name: String,
    pub(super) kind: Kind,
    pub(super) required: bool,
}

#[derive(Debug, Clone)]
pub(super) struct Child {
    /// With its prefix.
    pub(super) name: String,
    pub(super) of: Of,
    pub(super) required: bool,
    place: Place,
}

/// The rules of a child.
#[derive(Debug, Clone)]
pub(super) enum Of {
    Named(String),
    /// An element that is only `val="…"`.
    Value(Box<Rules>),
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Place {
    First,
    Usual,
    Last,
}

impl Rules {
    /// The child of this name and its rank among the others.
    pub(super) fn child(&self, name: &str) -> Option<(usize, usize)> {
        let wanted = if name == ALTERNATIVES { DRAWING } else { name };
        let at = self.children.iter().position(|it| it.name == wanted)?;
        Some((at, self.rank(at)))
    }

    fn rank(&self, at: usize) -> usize {
        match self.children[at].place {
            Place::Last => usize::MAX,
            Place::First => at,
            Place::Usual if self.free => usize::MAX - 1,
            Place::Usual => at,
        }
    }
}

/// The rules of a name such as `w:p`; of the alternatives of a drawing, too.
pub(super) fn rules(name: &str) -> Option<&'static Rules> {
    static ALL: LazyLock<HashMap<String, Rules>> = LazyLock::new(read);
    ALL.get(name)
}

/// The rules of a child found under `name`.
pub(super) fn of_child(child: &'static Child, name: &str) -> Option<&'static Rules> {
    match &child.of {
        _ if name == ALTERNATIVES => rules(ALTERNATIVES),
        Of::Named(of) => rules(of),
        Of::Value(rules) => Some(rules),
    }
}

/// A line of a table with what the directives above it said.
struct Line {
    space: &'static str,
    attributes: &'static str,
    name: &'static str,
    items: Vec<&'static str>,
}

#[derive(Default)]
struct Reader {
    kinds: HashMap<String, Kind>,
    groups: HashMap<String, (&'static str, Vec<&'static str>)>,
    done: HashMap<String, Rules>,
}

fn read() -> HashMap<String, Rules> {
    let mut reader = Reader::default();
    let mut lines = Vec::new();
    TABLES.iter().for_each(|table| reader.collect(table, &mut lines));
    for line in &lines {
        let mut made = Rules::default();
        for item in &line.items {
            reader.item(line, line.space, item, &mut made);
        }
        reader.done.insert(format!("{}:{}", line.space, line.name), made);
    }
    reader.done
}

/// `a:blip` as it is, `blip` with the prefix of where it stands.
fn full(space: &str, name: &str) -> String {
    if name.contains(':') { name.to_owned() } else { format!("{space}:{name}") }
}

impl Reader {
    fn collect(&mut self, table: &'static str, lines: &mut Vec<Line>) {
        let (mut space, mut attributes) = ("", "-");
        let mut group = None;
        for line in table.lines().filter(|it| !it.trim().is_empty() && !it.starts_with('#')) {
            let mut words = line.split_whitespace();
            if line.starts_with(' ') {
                match group.as_ref().and_then(|it| self.groups.get_mut(it)) {
                    Some(group) => group.1.extend(words),
                    None => lines.iter_mut().next_back().into_iter().for_each(|it: &mut Line| {
                        it.items.extend(line.split_whitespace());
                    }),
                }
                continue;
            }
            group = None;
            let head = words.next().unwrap_or_default();
            let mut second = || words.next().unwrap_or_default();
            match head {
                "%space" => space = second(),
                "%attrs" => attributes = second(),
                "%kind" => {
                    let name = full(space, second());
                    self.kinds.extend(Kind::read(second()).map(|kind| (name, kind)));
                }
                "%group" => {
                    let name = full(space, second());
                    self.groups.insert(name.clone(), (space, words.collect()));
                    group = Some(name);
                }
                name => lines.push(Line { space, attributes, name, items: words.collect() }),
            }
        }
    }

    fn item(&self, line: &Line, space: &'static str, item: &str, made: &mut Rules) {
        if item == "*" {
            made.free = true;
        } else if item == "!" {
            made.child_required = true;
        } else if let Some(kind) = item.strip_prefix("#!=").or(item.strip_prefix("#=")) {
            made.text = self.kind(space, kind);
            made.text_required = item.starts_with("#!");
        } else if let Some(attribute) = item.strip_prefix('@') {
            made.attributes.extend(self.attribute(line, attribute));
        } else if let Some(other) = item.strip_prefix('<') {
            let other = self.done.get(&full(space, other)).cloned().unwrap_or_default();
            made.attributes.extend(other.attributes);
            made.children.extend(other.children);
        } else if let Some(group) = item.strip_prefix('+') {
            if let Some((of, items)) = self.groups.get(&full(space, group)) {
                items.iter().for_each(|item| self.item(line, of, item, made));
            }
        } else {
            made.children.extend(self.child(line, space, item));
        }
    }

    fn attribute(&self, line: &Line, item: &str) -> Option<Attribute> {
        let (name, kind) = item.split_once('=')?;
        let (name, required) = name.strip_suffix('!').map_or((name, false), |it| (it, true));
        let name = prefixed(line.attributes, name);
        Some(Attribute { name, kind: self.kind(line.space, kind)?, required })
    }

    fn child(&self, line: &Line, space: &str, item: &str) -> Option<Child> {
        let (item, place) = match item.chars().next()? {
            '^' => (&item[1..], Place::First),
            '$' => (&item[1..], Place::Last),
            _ => (item, Place::Usual),
        };
        let (item, required) = item.strip_prefix('&').map_or((item, false), |it| (it, true));
        let (name, of) = item.split_once('=').unwrap_or((item, item));
        let of = match of.strip_prefix(':') {
            None => Of::Named(full(space, of)),
            Some(kind) => {
                let kind = self.kind(space, kind)?;
                let name = prefixed(line.attributes, "val");
                let required = !matches!(kind, Kind::Bool | Kind::Uint | Kind::Percent);
                let attributes = vec![Attribute { name, kind, required }];
                Of::Value(Box::new(Rules { attributes, ..Rules::default() }))
            }
        };
        Some(Child { name: full(space, name), of, required, place })
    }

    fn kind(&self, space: &str, name: &str) -> Option<Kind> {
        self.kinds.get(&full(space, name)).cloned().or_else(|| Kind::read(name))
    }
}

fn prefixed(prefix: &str, name: &str) -> String {
    if prefix == "-" || name.contains(':') { name.to_owned() } else { format!("{prefix}:{name}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// NF-32: every name the tables use stands for rules, so none is passed over.
    #[test]
    fn the_tables_are_read_whole() {
        let all = read();
        assert!(all.len() > 400, "{}", all.len());
        for (name, rules) in &all {
            for child in &rules.children {
                let Of::Named(of) = &child.of else { continue };
                assert!(all.contains_key(of), "{name} has {} of {of}", child.name);
            }
        }
        let lines = TABLES.iter().flat_map(|it| it.lines());
        let attributes =
            lines.filter(|it| !it.starts_with(['#', '%'])).flat_map(str::split_whitespace);
        let attributes = attributes.filter(|it| it.starts_with('@')).count();
        let read: usize = all.values().map(|it| it.attributes.len()).sum();
        assert!(read >= attributes, "{read} of {attributes}");
    }
}
