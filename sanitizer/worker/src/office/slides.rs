//! PowerPoint presentations.
//!
//! ```text
//!  presentation ─▶ masters ─▶ their layouts ─▶ slides ─▶ their notes
//!  each part    ─▶ prepared (objects as pictures, diagrams as groups) ─▶ shape
//! ```

mod prepare;
mod remarks;

use std::collections::HashMap;

use sanitizer_intermediate::office::{
    Master, NotesMaster, Props, Remark, Shape, Slide, Slides, Space, shapes,
};
use sanitizer_intermediate::{ChangedKind, HoldReason, Place, RemovedKind};

use super::compat;
use super::links::{PartLinks, Shared};
use super::package::{Package, Relations};
use super::shape::{self, NoLinks};
use super::xml::Element;

/// Reads the presentation that starts from `main`.
///
/// # Errors
/// [`HoldReason`] when it must not cross.
pub(super) fn read(package: &mut Package<'_>, main: &str) -> Result<Slides, HoldReason> {
    let relations = package.relations(main)?;
    note_references(package, &relations, Place::Document);
    let root = package.element(main)?.map(compat::chosen).ok_or(HoldReason::Broken)?;
    let mut reader = Reader { package, shared: None, layouts: HashMap::new() };
    let mut made = Slides {
        settings: shape::props(&root, &mut NoLinks)?,
        table_styles: reader.table_styles(&relations)?,
        ..Slides::default()
    };
    for part in listed(&root, "sldMasterIdLst", &relations) {
        made.masters.extend(reader.master(&part)?);
    }
    if let Some(part) = relations.first_part("notesMaster") {
        made.notes_master = reader.notes_master(part)?;
    }
    for part in listed(&root, "sldIdLst", &relations) {
        let number = u32::try_from(made.slides.len() + 1).unwrap_or(u32::MAX);
        if number > reader.package.limits.pages {
            return Err(HoldReason::TooComplex);
        }
        let with_notes = made.notes_master.is_some();
        made.slides.extend(reader.slide(&part, number, with_notes)?);
    }
    if reader.layouts.is_empty() {
        return Err(HoldReason::Broken);
    }
    let shared = reader.shared();
    made.charts = std::mem::take(&mut shared.charts);
    made.pictures = std::mem::take(&mut shared.media.pictures);
    Ok(made)
}

/// The parts a list of the presentation or of a master names, in its order.
fn listed(root: &Element, list: &str, relations: &Relations) -> Vec<String> {
    let entries = root.child(list).into_iter().flat_map(Element::elements);
    entries.filter_map(|it| relations.part(it.reference("id")?)).map(str::to_owned).collect()
}

struct Reader<'r, 'f> {
    package: &'r mut Package<'f>,
    shared: Option<Shared>,
    /// Numbers of the layouts, by part.
    layouts: HashMap<String, u32>,
}

impl Reader<'_, '_> {
    fn shared(&mut self) -> &mut Shared {
        let package = &*self.package;
        self.shared.get_or_insert_with(|| Shared::new(package))
    }

    /// A part that holds shapes, in the shape the model wants.
    fn part<S: Shape>(
        &mut self,
        part: &str,
        relations: &Relations,
        place: Place,
    ) -> Result<Option<Props<S>>, HoldReason> {
        self.shared();
        let Some(shared) = self.shared.as_mut() else {
            return Ok(None);
        };
        let mut links = PartLinks::new(self.package, relations, shared, place);
        let Some(root) = links.element(part)? else {
            return Ok(None);
        };
        let root = prepare::prepared(root, &mut links)?;
        note_parts(&root, &mut links);
        shape::complete(&root, &mut links)
    }

    fn theme(&mut self, relations: &Relations) -> Result<Props<shapes::Theme>, HoldReason> {
        self.shared();
        let (Some(part), Some(shared)) = (relations.first_part("theme"), self.shared.as_mut())
        else {
            return Ok(Props::default());
        };
        Ok(super::theme::read(self.package, shared, part)?.unwrap_or_default())
    }

    fn master(&mut self, part: &str) -> Result<Option<Master>, HoldReason> {
        let relations = self.package.relations(part)?;
        let Some(content) = self.part(part, &relations, Place::Document)? else {
            return Ok(None);
        };
        let theme = self.theme(&relations)?;
        let root = self.package.element(part)?.ok_or(HoldReason::Broken)?;
        let mut layouts = Vec::new();
        for part in listed(&root, "sldLayoutIdLst", &relations) {
            let relations = self.package.relations(&part)?;
            if let Some(layout) = self.part(&part, &relations, Place::Document)? {
                let number = u32::try_from(self.layouts.len()).unwrap_or(u32::MAX);
                if self.layouts.insert(part, number).is_none() {
                    layouts.push(layout);
                }
            }
        }
        Ok(Some(Master { content, theme, layouts }))
    }

    fn notes_master(&mut self, part: &str) -> Result<Option<NotesMaster>, HoldReason> {
        let relations = self.package.relations(part)?;
        let Some(content) = self.part(part, &relations, Place::Document)? else {
            return Ok(None);
        };
        let theme = self.theme(&relations)?;
        Ok(Some(NotesMaster { content, theme }))
    }

    fn slide(
        &mut self,
        part: &str,
        number: u32,
        with_notes: bool,
    ) -> Result<Option<Slide>, HoldReason> {
        let place = Place::Slide(number);
        let relations = self.package.relations(part)?;
        note_references(self.package, &relations, place);
        let remarks = self.remarks(&relations)?;
        let Some(content) = self.part(part, &relations, place)? else {
            return Ok(None);
        };
        let layout = relations.first_part("slideLayout").and_then(|it| self.layouts.get(it));
        let layout = layout.copied().unwrap_or_default();
        let notes = match relations.first_part("notesSlide").filter(|_| with_notes) {
            Some(part) => {
                let relations = self.package.relations(part)?;
                self.part(part, &relations, place)?
            }
            None => None,
        };
        Ok(Some(Slide { layout, content, notes, remarks }))
    }

    fn remarks(&mut self, relations: &Relations) -> Result<Vec<Remark>, HoldReason> {
        let parts: Vec<String> = relations.parts("comments").map(str::to_owned).collect();
        let mut found = Vec::new();
        for part in parts {
            if let Some(root) = self.package.element(&part)? {
                remarks::read(&root, &mut found);
            }
        }
        Ok(found)
    }

    fn table_styles(
        &mut self,
        relations: &Relations,
    ) -> Result<Option<Props<shapes::TableStyles>>, HoldReason> {
        match relations.first_part("tableStyles") {
            Some(part) => {
                let part = part.to_owned();
                let relations = self.package.relations(&part)?;
                self.part(&part, &relations, Place::Document)
            }
            None => Ok(None),
        }
    }
}

/// Notes what leads out by the list of references alone.
fn note_references(package: &mut Package<'_>, relations: &Relations, place: Place) {
    for (kind, _) in relations.outside() {
        let removed = match kind {
            // Noted where they are used.
            "hyperlink" | "image" => continue,
            "video" | "audio" | "media" => RemovedKind::Media,
            "oleObject" | "package" => RemovedKind::OleObjects,
            _ => RemovedKind::ExternalReferences,
        };
        package.remove(removed, 1, place);
    }
}

/// Notes what of a slide has no place in the result.
fn note_parts(root: &Element, links: &mut PartLinks<'_, '_>) {
    links.remove(RemovedKind::ActiveX, root.count(&|it| it.is(Space::P, "control")));
    links.remove(RemovedKind::Actions, root.count(&|it| it.is(Space::P, "cmd")));
    let moving = root.elements().filter(|it| matches!(&*it.name, "timing" | "transition")).count();
    links.change(ChangedKind::LayoutSimplified, u32::from(moving > 0));
}
