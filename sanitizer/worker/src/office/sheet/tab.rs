//! One sheet.

use sanitizer_intermediate::office::grammar::grammar;
use sanitizer_intermediate::office::{Props, Rows, Shape, Space, Tab, TabKind, Visibility, shapes};
use sanitizer_intermediate::{HoldReason, Place, RemovedKind};

use super::formulas::Formulas;
use super::strings::Strings;
use super::{cells, drawing, notes, tail};
use crate::office::compat;
use crate::office::links::{PartLinks, Shared};
use crate::office::package::{Package, Relations};
use crate::office::shape::{self, NoLinks};
use crate::office::xml::{Content, Element, Ns};

/// A sheet as the workbook lists it.
pub(super) struct TabSource {
    pub name: String,
    pub visibility: Visibility,
    pub kind: TabKind,
    /// `None` for dialogs.
    pub part: Option<String>,
    /// Its cells run when they are computed: of those only the last values stay.
    pub is_macro: bool,
}

impl TabSource {
    /// Whether formulas may speak of it.
    pub(super) fn computes(&self) -> bool {
        self.part.is_some() && !self.is_macro
    }
}

/// Reads one sheet.
pub(super) struct TabReader<'t, 'f> {
    pub package: &'t mut Package<'f>,
    pub shared: &'t mut Shared,
    pub strings: &'t mut Strings,
    pub formulas: &'t Formulas,
    /// Its number, from 1.
    pub number: u32,
    /// Cells the workbook may still have.
    pub cells_left: u32,
    /// No formula stays.
    pub values_only: bool,
}

impl<'f> TabReader<'_, 'f> {
    /// Reads the sheet in `part`.
    pub(super) fn read(&mut self, source: &TabSource, part: &str) -> Result<Tab, HoldReason> {
        let relations = self.package.relations(part)?;
        let text = self.package.text(part)?.ok_or(HoldReason::Broken)?;
        let mut pull = self.package.pull(&text);
        let root = pull.root()?;
        let is_sheet = root.is(Space::S, "worksheet") || root.is(Space::S, "chartsheet");
        let is_macro_sheet = self.values_only && &*root.name == "macrosheet";
        if !is_sheet && !is_macro_sheet {
            return Err(HoldReason::Broken);
        }
        let mut rows = Rows::default();
        let mut around = Element::new(Space::S, "around");
        while let Some(element) = pull.next_element()? {
            if element.is(Space::S, "sheetData") {
                let read = cells::read(&mut pull, self)?;
                if rows.is_empty() {
                    rows = read;
                } else {
                    read.iter().for_each(|it| rows.push(&it));
                }
            } else {
                let element = pull.take(element)?;
                around.content.extend(flat(element));
            }
        }
        self.note(&around, &relations);
        let around = tail::prepared(around, self, &relations);
        let place = Place::Sheet(self.number);
        Ok(Tab {
            name: source.name.clone(),
            visibility: source.visibility,
            kind: source.kind,
            head: shape::props(&around, &mut NoLinks)?,
            rows,
            tail: shape::props(&without_head(&around), &mut self.links(&relations, place))?,
            drawing: drawing::read(self, &around, &relations, place)?,
            tables: self.tables(&around, &relations)?,
            notes: notes::read(self.package, &relations)?,
        })
    }

    fn tables(
        &mut self,
        around: &Element,
        relations: &Relations,
    ) -> Result<Vec<Props<shapes::Table>>, HoldReason> {
        let listed = around.child("tableParts").into_iter().flat_map(Element::elements);
        let parts: Vec<String> = listed
            .filter_map(|it| relations.part(it.reference("id")?))
            .map(str::to_owned)
            .collect();
        let mut tables = Vec::new();
        for part in parts {
            if let Some(root) = self.package.element(&part)? {
                let root = tail::prepared(root, self, relations);
                tables.extend(shape::complete::<shapes::Table>(&root, &mut NoLinks)?);
            }
        }
        Ok(tables)
    }

    /// Notes what of a sheet has no place in the result.
    fn note(&mut self, around: &Element, relations: &Relations) {
        let place = Place::Sheet(self.number);
        let objects = around.count(&|it| it.is(Space::S, "oleObject"));
        self.package.remove(RemovedKind::OleObjects, objects, place);
        let controls = around.count(&|it| it.is(Space::S, "control"));
        self.package.remove(RemovedKind::ActiveX, controls, place);
        if controls > 0 {
            relations.parts("ctrlProp").for_each(|it| self.package.told_of(it));
        }
        for (kind, _) in relations.outside() {
            if kind != "hyperlink" {
                self.package.remove(RemovedKind::ExternalReferences, 1, place);
            }
        }
    }

    /// References of a part of this sheet.
    pub(super) fn links<'l>(
        &'l mut self,
        relations: &'l Relations,
        place: Place,
    ) -> PartLinks<'l, 'f> {
        PartLinks::new(self.package, relations, self.shared, place)
    }
}

/// What stands after the cells, and what no part of the model has a place for.
fn without_head(around: &Element) -> Element {
    let head = grammar().get(shapes::SheetHead::id());
    let mut tail = around.clone();
    tail.content.retain(|it| match it {
        Content::Element(it) => head.child(Space::S, &it.name).is_none(),
        Content::Text(_) => false,
    });
    tail
}

/// Controls, each as the branch says that tells where it stands: only newer
/// programs are told.
fn placed(controls: &Element) -> Element {
    fn collect(element: &Element, found: &mut Vec<Element>) {
        for it in element.elements() {
            if it.is(Space::S, "control") {
                let id = it.attribute("shapeId");
                let known = found.iter().any(|other| other.attribute("shapeId") == id);
                if !known {
                    found.push(it.clone());
                }
            } else {
                collect(it, found);
            }
        }
    }
    let mut found = Vec::new();
    collect(controls, &mut found);
    found.into_iter().fold(Element::new(Space::S, "controls"), Element::and)
}

/// An element of a sheet with one branch in place of every alternative.
fn flat(element: Element) -> Vec<Content> {
    if element.is(Ns::Mc, "AlternateContent") {
        if let Some(controls) = element.find("controls") {
            return vec![Content::Element(placed(controls))];
        }
        let taken = compat::branch(element).into_iter();
        return taken
            .flat_map(|it| match it {
                Content::Element(inner) => flat(inner),
                text @ Content::Text(_) => vec![text],
            })
            .collect();
    }
    vec![Content::Element(compat::chosen(element))]
}
