//! What a part of the document refers to, resolved while its shapes are read.

use std::collections::{HashMap, HashSet};

use sanitizer_intermediate::office::grammar::is_web;
use sanitizer_intermediate::office::{Props, Space, shapes};
use sanitizer_intermediate::{ChangedKind, HoldReason, Place, RemovedKind};

use super::media::Media;
use super::package::{Package, Relations, Target};
use super::shape::Links;
use super::xml::{Element, Ns};
use super::{chart, compat};

/// Begins ids of our own. No XML can have this character, so no file can.
const OWN: char = '\u{1}';
/// The picture that stands in for a missing one.
pub(super) const MISSING: &str = "\u{1}";

/// The id of a picture by its part, where another part refers to it.
pub(super) fn id_of_part(part: &str) -> String {
    format!("{OWN}{part}")
}

/// Pictures and charts of the whole document.
pub(super) struct Shared {
    pub media: Media,
    pub charts: Vec<Props<shapes::Chart>>,
    /// Ids of remarks beside the text that stay.
    pub comments: HashSet<String>,
    charts_by_part: HashMap<String, Option<u32>>,
}

impl Shared {
    /// Starts on a document.
    pub(super) fn new(package: &Package<'_>) -> Self {
        Self {
            media: Media::new(package),
            charts: Vec::new(),
            comments: HashSet::new(),
            charts_by_part: HashMap::new(),
        }
    }
}

/// The references of one part.
pub(super) struct PartLinks<'l, 'f> {
    pub package: &'l mut Package<'f>,
    pub relations: &'l Relations,
    pub shared: &'l mut Shared,
    /// Where findings of this moment are.
    pub place: Place,
    /// Headers and footers asked for, by part; the number is the position.
    pub stories: Vec<String>,
}

impl<'l, 'f> PartLinks<'l, 'f> {
    /// The references of a part.
    pub(super) fn new(
        package: &'l mut Package<'f>,
        relations: &'l Relations,
        shared: &'l mut Shared,
        place: Place,
    ) -> Self {
        Self { package, relations, shared, place, stories: Vec::new() }
    }

    /// Notes a removal here.
    pub(super) fn remove(&mut self, kind: RemovedKind, count: u32) {
        self.package.remove(kind, count, self.place);
    }

    /// Notes a change here.
    pub(super) fn change(&mut self, kind: ChangedKind, count: u32) {
        self.package.findings.change(kind, count, self.place);
    }

    /// A part this one refers to, as an element made of what can be shown.
    ///
    /// # Errors
    /// [`HoldReason`] when it is damaged.
    pub(super) fn element(&mut self, part: &str) -> Result<Option<Element>, HoldReason> {
        Ok(self.package.element(part)?.map(compat::chosen))
    }
}

impl Links for PartLinks<'_, '_> {
    fn image(&mut self, id: &str) -> Result<Option<u32>, HoldReason> {
        if let Some(part) = id.strip_prefix(OWN).filter(|it| !it.is_empty()) {
            return self.shared.media.part(self.package, part, self.place).map(Some);
        }
        let found = match self.relations.get(id) {
            Some(Target::Part(part)) => {
                let part = part.clone();
                self.shared.media.part(self.package, &part, self.place)?
            }
            Some(Target::Outside(_)) => {
                self.package.remove(RemovedKind::ExternalReferences, 1, self.place);
                self.shared.media.missing(self.package, self.place)?
            }
            None => self.shared.media.missing(self.package, self.place)?,
        };
        Ok(Some(found))
    }

    fn chart(&mut self, id: &str) -> Result<Option<u32>, HoldReason> {
        let Some(part) = self.relations.part_of_kind(id, "chart").map(str::to_owned) else {
            return Ok(None);
        };
        if let Some(known) = self.shared.charts_by_part.get(&part) {
            return Ok(*known);
        }
        let read = chart::read(self.package, self.shared, &part, self.place)?;
        let at = read.map(|chart| {
            self.shared.charts.push(chart);
            u32::try_from(self.shared.charts.len() - 1).unwrap_or(u32::MAX)
        });
        self.shared.charts_by_part.insert(part, at);
        Ok(at)
    }

    fn story(&mut self, id: &str) -> Result<Option<u32>, HoldReason> {
        let Some(part) = self.relations.part(id) else {
            return Ok(None);
        };
        if !self.package.has(part) {
            return Ok(None);
        }
        let known = self.stories.iter().position(|it| it == part);
        let at = known.unwrap_or_else(|| {
            self.stories.push(part.to_owned());
            self.stories.len() - 1
        });
        Ok(u32::try_from(at).ok())
    }

    fn link(&mut self, id: &str) -> Option<String> {
        match self.relations.get(id)? {
            Target::Outside(address) if is_web(address) => Some(address.clone()),
            Target::Outside(_) | Target::Part(_) => None,
        }
    }

    fn left_out(&mut self, _within: &Element, element: &Element) {
        match (element.ns, &*element.name) {
            (Ns::Known(Space::A), "hlinkClick" | "hlinkHover" | "hlinkMouseOver") => {
                let kind = link_kind(element);
                self.package.remove(kind, 1, self.place);
            }
            (Ns::Known(Space::A), "videoFile" | "audioFile" | "quickTimeFile" | "wavAudioFile") => {
                self.package.remove(RemovedKind::Media, 1, self.place);
            }
            (Ns::Known(_), name) if !is_silent(name) => {
                self.package.findings.change(ChangedKind::LayoutSimplified, 1, self.place);
            }
            _ => {}
        }
    }
}

/// A click that runs something, or one that leads somewhere.
fn link_kind(element: &Element) -> RemovedKind {
    match element.attribute("action") {
        Some(action) if action.starts_with("ppaction://macro") => RemovedKind::MacroCalls,
        Some(action)
            if action.starts_with("ppaction://program") || action.starts_with("ppaction://ole") =>
        {
            RemovedKind::Actions
        }
        _ => RemovedKind::Links,
    }
}

/// Elements that nobody misses: editing marks, extensions, and what is
/// reported by other means.
fn is_silent(name: &str) -> bool {
    matches!(
        name,
        "proofErr"
            | "lastRenderedPageBreak"
            | "extLst"
            | "rsid"
            | "rsids"
            | "annotationRef"
            | "commentReference"
            | "commentRangeStart"
            | "commentRangeEnd"
            | "permStart"
            | "permEnd"
            | "ins"
            | "del"
            | "moveFrom"
            | "moveTo"
            | "cellIns"
            | "cellDel"
            | "cellMerge"
            | "numberingChange"
            | "dataBinding"
            | "placeholder"
            | "printerSettings"
            | "divId"
            | "custDataLst"
            | "customDataLst"
            | "embedRegular"
            | "embedBold"
            | "embedItalic"
            | "embedBoldItalic"
            | "externalData"
            | "printSettings"
            | "userShapes"
            | "protection"
            | "extraClrSchemeLst"
            | "customProperties"
            | "sheetCalcPr"
            | "legacyDrawingHF"
            | "controls"
            | "oleObjects"
            | "tableParts"
            | "drawing"
            | "sheets"
            | "legacyDrawing"
            | "transition"
            | "timing"
            | "sdtEndPr"
            | "sldLayoutIdLst"
            | "ahLst"
    ) || name.ends_with("Change")
        || name.starts_with("moveFromRange")
        || name.starts_with("moveToRange")
        || name.starts_with("customXml")
}
