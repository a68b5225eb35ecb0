//! Styles by family and name, each with what it leaves to its parent.

use std::collections::HashMap;

use super::measure::{colour, points, twips};
use super::numbers;
use crate::office::plain::word::{Align, Level, Look, Raised};
use crate::office::xml::Element;

/// Most parents followed.
const MAX_PARENTS: usize = 20;
/// Levels of a list.
const MOST_LEVELS: usize = 9;
const BULLET: &str = "bullet";

/// All styles of a document.
#[derive(Default)]
pub(super) struct Styles {
    styles: HashMap<(String, String), Element>,
    /// Levels of lists by name.
    lists: HashMap<String, Vec<Level>>,
    /// Formats of numbers by name, as Excel writes them.
    pub numbers: HashMap<String, String>,
    /// Width and height of the first page in EMU.
    pub page: Option<(i64, i64)>,
}

impl Styles {
    /// Takes the styles of a part.
    pub(super) fn add(&mut self, root: &Element) {
        for group in ["styles", "automatic-styles"].iter().filter_map(|it| root.child(it)) {
            for style in group.elements() {
                let Some(name) = style.attribute("name").map(str::to_owned) else {
                    continue;
                };
                match &*style.name {
                    "style" => {
                        let family = style.attribute("family").unwrap_or_default().to_owned();
                        self.styles.insert((family, name), style.clone());
                    }
                    "list-style" => {
                        let levels = style.elements().take(MOST_LEVELS).zip(1..);
                        self.lists.insert(name, levels.map(|(it, at)| level(it, at)).collect());
                    }
                    "page-layout" => self.page = self.page.or_else(|| page(style)),
                    _ => {
                        if let Some(code) = numbers::code(style) {
                            self.numbers.insert(name, code);
                        }
                    }
                }
            }
        }
    }

    /// A style and its parents, nearest first.
    fn chain(&self, family: &str, name: &str) -> Vec<&Element> {
        let mut found = Vec::new();
        let mut name = name.to_owned();
        while let Some(style) = self.styles.get(&(family.to_owned(), name.clone())) {
            found.push(style);
            match style.attribute("parent-style-name") {
                Some(parent) if found.len() < MAX_PARENTS => name = parent.to_owned(),
                _ => break,
            }
        }
        found
    }

    /// A property of a style or the nearest parent that has it.
    pub(super) fn property(
        &self,
        family: &str,
        name: &str,
        group: &str,
        property: &str,
    ) -> Option<&str> {
        let chain = self.chain(family, name);
        chain.into_iter().find_map(|it| it.child(group)?.attribute(property))
    }

    /// The look of text in this style, on top of another.
    pub(super) fn look(&self, family: &str, name: &str, base: &Look) -> Look {
        let mut look = base.clone();
        let get = |property: &str| self.property(family, name, "text-properties", property);
        if let Some(weight) = get("font-weight") {
            look.bold = weight == "bold" || weight.parse().is_ok_and(|it: u16| it >= 600);
        }
        if let Some(style) = get("font-style") {
            look.italic = matches!(style, "italic" | "oblique");
        }
        if let Some(style) = get("text-underline-style") {
            look.underline = style != "none";
        }
        if let Some(style) = get("text-line-through-style") {
            look.strike = style != "none";
        }
        if let Some(size) = get("font-size").and_then(points) {
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "a cast to fewer bits saturates"
            )]
            let half_points = (size * 2.0) as u16;
            look.size = Some(half_points);
        }
        if let Some(found) = get("color").and_then(colour) {
            look.colour = (found != [0, 0, 0]).then_some(found);
        }
        if let Some(place) = get("text-position") {
            look.raised = match place.split(' ').next() {
                Some("super") => Some(Raised::Above),
                Some("sub") => Some(Raised::Below),
                Some(share) if share.starts_with('-') => Some(Raised::Below),
                Some("0%") | None => None,
                Some(_) => Some(Raised::Above),
            };
        }
        if get("display") == Some("none") {
            look.hidden = true;
        }
        look
    }

    /// How a paragraph is set, and how far it is indented in twips.
    pub(super) fn paragraph(&self, name: &str) -> (Option<Align>, i32) {
        let get =
            |property: &str| self.property("paragraph", name, "paragraph-properties", property);
        let align = match get("text-align") {
            Some("center") => Some(Align::Centre),
            Some("end" | "right") => Some(Align::Right),
            Some("justify") => Some(Align::Both),
            Some("start" | "left") => Some(Align::Left),
            _ => None,
        };
        let indent = get("margin-left").and_then(twips).unwrap_or_default();
        (align, i32::try_from(indent).unwrap_or_default())
    }

    /// Whether a new page begins before a paragraph of this style.
    pub(super) fn breaks_page(&self, name: &str) -> bool {
        self.property("paragraph", name, "paragraph-properties", "break-before") == Some("page")
    }

    /// The levels of a list of which any counts.
    pub(super) fn counting(&self, list: &str) -> Option<&[Level]> {
        let levels = self.lists.get(list)?;
        levels.iter().any(|it| it.format != BULLET).then_some(levels)
    }

    /// The format of numbers of a style of cells.
    pub(super) fn number(&self, name: &str) -> Option<&str> {
        let data = self.chain("table-cell", name);
        let data = data.into_iter().find_map(|it| it.attribute("data-style-name"))?;
        self.numbers.get(data).map(String::as_str)
    }
}

/// A level of a list by its place, from 1.
fn level(element: &Element, at: usize) -> Level {
    let says = |name: &str| element.attribute(name).unwrap_or_default();
    if &*element.name != "list-level-style-number" {
        return Level { format: BULLET, text: "•".to_owned(), start: 1 };
    }
    let format = match says("num-format") {
        "" => "none",
        "a" => "lowerLetter",
        "A" => "upperLetter",
        "i" => "lowerRoman",
        "I" => "upperRoman",
        it if it.starts_with('１') => "decimalFullWidth",
        it if it.starts_with('①') => "decimalEnclosedCircle",
        it if it.starts_with('一') => "japaneseCounting",
        it if it.starts_with('ア') => "aiueoFullWidth",
        it if it.starts_with('イ') => "irohaFullWidth",
        _ => "decimal",
    };
    let shown = says("display-levels").parse().unwrap_or(1_usize).clamp(1, at);
    let numbers: Vec<String> = (at + 1 - shown..=at).map(|it| format!("%{it}")).collect();
    let around = |name: &str| says(name).chars().take(20).collect::<String>();
    let numbers = if format == "none" { String::new() } else { numbers.join(".") };
    let text = around("num-prefix") + &numbers + &around("num-suffix");
    let start = says("start-value").parse().unwrap_or(1).min(32_767);
    Level { format, text, start }
}

fn page(layout: &Element) -> Option<(i64, i64)> {
    let properties = layout.child("page-layout-properties")?;
    let side = |name: &str| properties.attribute(name).and_then(super::measure::emu);
    Some((side("page-width")?, side("page-height")?))
}
