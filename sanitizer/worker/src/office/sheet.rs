//! Excel workbooks.
//!
//! ```text
//!  workbook ─▶ tabs (of macro sheets the values, of dialogs nothing) ─▶ names, settings
//!  sheet    ─▶ head │ rows and cells, one at a time │ tail │ drawing, tables, notes
//! ```

mod cells;
mod controls;
mod drawing;
mod formulas;
mod names;
mod notes;
mod strings;
mod tab;
mod tail;

use sanitizer_intermediate::office::{Props, Sheet, TabKind, Visibility, shapes};
use sanitizer_intermediate::{HoldReason, Place, RemovedKind};

use super::compat;
use super::links::Shared;
use super::package::{Package, Relations};
use super::shape::{self, NoLinks};
use super::xml::{Content, Element, Ns};
pub(super) use formulas::Formulas;
pub(super) use names::{is_function, is_starter};
use strings::Strings;
use tab::TabSource;

/// Reads the workbook that starts from `main`.
///
/// # Errors
/// [`HoldReason`] when it must not cross.
pub(super) fn read(package: &mut Package<'_>, main: &str) -> Result<Sheet, HoldReason> {
    let relations = package.relations(main)?;
    let root = package.element(main)?.map(compat::chosen).ok_or(HoldReason::Broken)?;
    note_references(package, &relations)?;
    let sources = sources(package, &root, &relations)?;
    let dropped: Vec<&str> =
        sources.iter().filter(|it| !it.computes()).map(|it| it.name.as_str()).collect();
    let formulas = Formulas::without_sheets(&dropped);
    let mut shared = Shared::new(package);
    let mut strings = Strings::read(package, &relations)?;
    let mut book = Sheet {
        theme: match relations.first_part("theme") {
            Some(part) => super::theme::read(package, &mut shared, part)?,
            None => None,
        },
        styles: styles(package, &relations)?,
        settings: shape::props(&settings(&root, &sources), &mut NoLinks)?,
        names: names::read(package, &root, &sources, &formulas),
        ..Sheet::default()
    };
    let mut cells_left = package.limits.cells;
    for source in &sources {
        let Some(part) = &source.part else {
            continue;
        };
        let number = u32::try_from(book.tabs.len() + 1).unwrap_or(u32::MAX);
        if number > package.limits.pages {
            return Err(HoldReason::TooComplex);
        }
        let mut reader = tab::TabReader {
            package,
            shared: &mut shared,
            strings: &mut strings,
            formulas: &formulas,
            number,
            cells_left,
            values_only: source.is_macro,
        };
        if source.is_macro {
            reader.package.remove(RemovedKind::MacroSheets, 1, Place::Sheet(number));
        }
        book.tabs.push(reader.read(source, part)?);
        cells_left = reader.cells_left;
    }
    if !sources.iter().any(TabSource::computes) {
        return Err(if sources.is_empty() { HoldReason::Broken } else { HoldReason::MacroOnly });
    }
    if book.tabs.iter().all(|it| it.visibility != Visibility::Visible) {
        book.tabs[0].visibility = Visibility::Visible;
    }
    book.strings = strings.into_used();
    book.charts = shared.charts;
    book.pictures = shared.media.pictures;
    Ok(book)
}

/// The sheets by their tabs; those without a part are not rebuilt.
fn sources(
    package: &mut Package<'_>,
    root: &Element,
    relations: &Relations,
) -> Result<Vec<TabSource>, HoldReason> {
    let mut sources = Vec::new();
    for sheet in root.child("sheets").into_iter().flat_map(Element::elements) {
        let name = sheet.attribute("name").ok_or(HoldReason::Broken)?;
        let id = sheet.reference("id").unwrap_or_default();
        let is_macro = matches!(relations.kind_of(id), Some("xlMacrosheet" | "xlIntlMacrosheet"));
        let (part, kind) = match relations.kind_of(id) {
            Some("worksheet") => (relations.part(id), TabKind::Cells),
            _ if is_macro => (relations.part(id), TabKind::Cells),
            Some("chartsheet") => (relations.part(id), TabKind::Chart),
            _ => (None, TabKind::Cells),
        };
        let part = part.filter(|it| package.has(it)).map(str::to_owned);
        let visibility = sheet.attribute("state").and_then(Visibility::from_code);
        sources.push(TabSource {
            name: name.to_owned(),
            visibility: visibility.unwrap_or(Visibility::Visible),
            kind,
            part,
            is_macro,
        });
    }
    Ok(sources)
}

fn styles(
    package: &mut Package<'_>,
    relations: &Relations,
) -> Result<Option<Props<shapes::StyleSheet>>, HoldReason> {
    let Some(part) = relations.first_part("styles") else {
        return Ok(None);
    };
    match package.element(part)? {
        Some(root) => shape::props(&compat::chosen(root), &mut NoLinks).map(Some),
        None => Ok(None),
    }
}

/// The settings, with positions of tabs counted without the dropped ones.
fn settings(root: &Element, sources: &[TabSource]) -> Element {
    let mut settings = root.clone();
    settings.content.retain(|it| {
        let Content::Element(it) = it else { return false };
        matches!(&*it.name, "workbookPr" | "workbookProtection" | "bookViews" | "calcPr")
    });
    for view in settings.content.iter_mut().filter_map(|it| match it {
        Content::Element(it) if &*it.name == "bookViews" => Some(it),
        Content::Element(_) | Content::Text(_) => None,
    }) {
        for content in &mut view.content {
            if let Content::Element(view) = content {
                for (ns, name, value) in &mut view.attributes {
                    if *ns == Ns::None && matches!(&**name, "activeTab" | "firstSheet") {
                        let before = value.parse().unwrap_or_default();
                        *value = kept_before(sources, before).to_string();
                    }
                }
            }
        }
    }
    settings
}

/// How many tabs before this position are kept; the last one when it is the
/// position that is not.
fn kept_before(sources: &[TabSource], position: usize) -> usize {
    let kept = |it: &&TabSource| it.part.is_some();
    let all = sources.iter().filter(kept).count();
    sources.iter().take(position).filter(kept).count().min(all.saturating_sub(1))
}

/// Notes links to other workbooks and programs.
fn note_references(package: &mut Package<'_>, relations: &Relations) -> Result<(), HoldReason> {
    let parts: Vec<String> = relations.parts("externalLink").map(str::to_owned).collect();
    for part in parts {
        let root = package.element(&part)?;
        let dde = root.is_some_and(|it| it.child("ddeLink").is_some());
        let kind = if dde { RemovedKind::Dde } else { RemovedKind::ExternalReferences };
        package.remove(kind, 1, Place::Document);
    }
    for (kind, _) in relations.outside() {
        if kind != "hyperlink" {
            package.remove(RemovedKind::ExternalReferences, 1, Place::Document);
        }
    }
    Ok(())
}
