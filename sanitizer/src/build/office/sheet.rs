//! Writes Excel workbooks.

mod cells;
mod notes;
mod strings;

use sanitizer_intermediate::Place;
use sanitizer_intermediate::office::{
    Props, Shape, Sheet, Space, Tab, TabKind, Visibility, shapes,
};

use super::media::{add_charts, add_element, add_pictures, add_theme, name_charts};
use super::package::Package;
use super::part::{Names, References, Relation};
use super::xml::Xml;
use crate::Policy;
use crate::build::{BuildError, Built};
use crate::policy::Links;

const MAIN: &str = "xl/workbook.xml";
const MEDIA: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
const DRAWING: &str = "application/vnd.openxmlformats-officedocument.drawing+xml";

macro_rules! sheet_media {
    ($name:literal) => {
        concat!("application/vnd.openxmlformats-officedocument.spreadsheetml.", $name, "+xml")
    };
}

/// Writes an Excel workbook.
///
/// # Errors
/// [`BuildError`] when it cannot be written.
pub fn build(book: &Sheet, policy: &Policy) -> Result<Built, BuildError> {
    if !book.is_sound() || book.tabs.is_empty() {
        return Err(BuildError::Invalid("a reference leads nowhere"));
    }
    let mut package = Package::new();
    let mut names = Names { keep_links: policy.links == Links::KeepWeb, ..Names::default() };
    add_pictures(&mut package, "xl", &book.pictures, &policy.images, &mut names)?;
    name_charts("xl", book.charts.len(), &mut names);

    let mut references = References::new(&names);
    let workbook = workbook(book, &mut references);
    if let Some(theme) = &book.theme {
        references.to(Relation::Theme, "xl/theme/theme1.xml");
        add_theme(&mut package, "xl/theme/theme1.xml", theme, &names);
    }
    if let Some(styles) = &book.styles {
        references.to(Relation::Styles, "xl/styles.xml");
        let root = (Space::S, "styleSheet");
        add_element(&mut package, "xl/styles.xml", sheet_media!("styles"), root, styles, &names);
    }
    if !book.strings.is_empty() {
        references.to(Relation::SharedStrings, "xl/sharedStrings.xml");
        let bytes = strings::write(&book.strings);
        package.add_plain("xl/sharedStrings.xml", sheet_media!("sharedStrings"), bytes);
    }
    package.add(MAIN, sheet_media!("sheet.main"), workbook, &references);
    let mut tables = 0;
    for (at, tab) in book.tabs.iter().enumerate() {
        add_tab(&mut package, tab, at + 1, &mut tables, &names);
    }
    add_charts(&mut package, &book.charts, &names);
    let (bytes, findings) = package.finish(MAIN)?;
    Ok(Built { bytes, media: MEDIA, extension: "xlsx", findings })
}

fn part_of(tab: &Tab, number: usize) -> (Relation, String) {
    match tab.kind {
        TabKind::Cells => (Relation::Worksheet, format!("xl/worksheets/sheet{number}.xml")),
        TabKind::Chart => (Relation::Chartsheet, format!("xl/chartsheets/sheet{number}.xml")),
    }
}

fn workbook(book: &Sheet, references: &mut References<'_>) -> Vec<u8> {
    let mut xml = Xml::new(Some(Space::S));
    xml.root(Space::S, "workbook", &[Space::S, Space::R]);
    xml.end_tag();
    let id = shapes::WorkbookSettings::id();
    let settings = &book.settings.bag;
    xml.some_inside(settings, id, references, &|name| name != "calcPr");
    xml.open_tag(Space::S, "sheets");
    xml.end_tag();
    for (at, tab) in book.tabs.iter().enumerate() {
        let (relation, part) = part_of(tab, at + 1);
        xml.open_tag(Space::S, "sheet");
        xml.attribute("name", &tab.name);
        xml.attribute("sheetId", &(at + 1).to_string());
        if tab.visibility != Visibility::Visible {
            xml.attribute("state", tab.visibility.code());
        }
        xml.attribute("r:id", &references.to(relation, &part));
        xml.end_empty();
    }
    xml.close(Space::S, "sheets");
    names(&mut xml, book);
    xml.some_inside(settings, id, references, &|name| name == "calcPr");
    xml.close(Space::S, "workbook");
    xml.finish()
}

fn names(xml: &mut Xml, book: &Sheet) {
    if book.names.is_empty() {
        return;
    }
    xml.open_tag(Space::S, "definedNames");
    xml.end_tag();
    for name in &book.names {
        xml.open_tag(Space::S, "definedName");
        xml.attribute("name", &name.name);
        if let Some(sheet) = name.sheet {
            xml.attribute("localSheetId", &sheet.to_string());
        }
        if name.hidden {
            xml.attribute("hidden", "1");
        }
        xml.end_tag();
        xml.text(name.formula.text());
        xml.close(Space::S, "definedName");
    }
    xml.close(Space::S, "definedNames");
}

fn add_tab(package: &mut Package, tab: &Tab, number: usize, tables: &mut usize, names: &Names) {
    let (_, part) = part_of(tab, number);
    let mut references = References::new(names);
    let root = match tab.kind {
        TabKind::Cells => "worksheet",
        TabKind::Chart => "chartsheet",
    };
    let mut xml = Xml::new(Some(Space::S));
    xml.root(Space::S, root, &[Space::S, Space::R]);
    xml.end_tag();
    let (head, tail) = (&tab.head.bag, &tab.tail.bag);
    match tab.kind {
        TabKind::Cells => {
            xml.inside(head, shapes::SheetHead::id(), &mut references);
            cells::write(&mut xml, &tab.rows, &mut references);
            xml.inside(tail, shapes::SheetTail::id(), &mut references);
        }
        TabKind::Chart => {
            let of_charts = |name: &str| matches!(name, "sheetPr" | "sheetViews");
            xml.some_inside(head, shapes::SheetHead::id(), &mut references, &of_charts);
            let of_charts =
                |name: &str| matches!(name, "pageMargins" | "pageSetup" | "headerFooter");
            xml.some_inside(tail, shapes::SheetTail::id(), &mut references, &of_charts);
        }
    }
    if let Some(drawing) = &tab.drawing {
        let name = format!("xl/drawings/drawing{number}.xml");
        refer(&mut xml, "drawing", &references.to(Relation::Drawing, &name));
        add_drawing(package, &name, drawing, names);
    }
    if !tab.notes.is_empty() && tab.kind == TabKind::Cells {
        let id = notes::add(package, &tab.notes, number, &mut references);
        refer(&mut xml, "legacyDrawing", &id);
    }
    if !tab.tables.is_empty() && tab.kind == TabKind::Cells {
        add_tables(package, &mut xml, tab, tables, &mut references, names);
    }
    xml.close(Space::S, root);
    let media = match tab.kind {
        TabKind::Cells => sheet_media!("worksheet"),
        TabKind::Chart => sheet_media!("chartsheet"),
    };
    let place = Place::Sheet(u32::try_from(number).unwrap_or(u32::MAX));
    package.add_at(place, (&part, media), xml.finish(), &references);
}

fn refer(xml: &mut Xml, name: &str, id: &str) {
    xml.open_tag(Space::S, name);
    xml.attribute("r:id", id);
    xml.end_empty();
}

fn add_drawing(
    package: &mut Package,
    name: &str,
    drawing: &Props<shapes::SheetDrawing>,
    names: &Names,
) {
    let mut references = References::new(names);
    let mut xml = Xml::new(None);
    xml.root(Space::Xdr, "wsDr", &[Space::Xdr, Space::A, Space::R, Space::C]);
    xml.content((Space::Xdr, "wsDr"), &drawing.bag, shapes::SheetDrawing::id(), &mut references);
    package.add(name, DRAWING, xml.finish(), &references);
}

fn add_tables(
    package: &mut Package,
    xml: &mut Xml,
    tab: &Tab,
    count: &mut usize,
    references: &mut References<'_>,
    names: &Names,
) {
    xml.open_tag(Space::S, "tableParts");
    xml.attribute("count", &tab.tables.len().to_string());
    xml.end_tag();
    for table in &tab.tables {
        *count += 1;
        let name = format!("xl/tables/table{count}.xml");
        refer(xml, "tablePart", &references.to(Relation::Table, &name));
        add_element(package, &name, sheet_media!("table"), (Space::S, "table"), table, names);
    }
    xml.close(Space::S, "tableParts");
}
