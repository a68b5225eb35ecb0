//! Sheets.

use std::collections::HashMap;

use sanitizer_intermediate::office::{
    Cell, CellFormula, CellNote, CellText, CellValue, MAX_COLUMNS, MAX_ROWS, Sheet, Visibility,
};
use sanitizer_intermediate::{ChangedKind, HoldReason, Place};

use super::measure::{colour, emu, points};
use super::{Odf, cells, formula};
use crate::office::plain::sheet::{Book, Colour, Format, Page, PlainRow};
use crate::office::xml::Element;

/// EMU of a character of the usual font.
const CHARACTER: i64 = 66_675;

/// Reads the workbook.
///
/// # Errors
/// [`HoldReason`] when it has too many cells.
pub(super) fn read(odf: &mut Odf<'_>, root: &Element) -> Result<Sheet, HoldReason> {
    let book = Book::new(&odf.limits);
    let mut reader = Reader { odf, book, formats: HashMap::new(), number: 0, cells_left: 0 };
    reader.book.formats.push(Format::default());
    reader.cells_left = reader.odf.limits.cells;
    for table in root.elements().filter(|it| &*it.name == "table") {
        reader.number += 1;
        let page = reader.table(table)?;
        reader.book.tabs.push(page);
    }
    let limits = reader.odf.limits;
    reader.book.finish(&limits)
}

struct Reader<'r, 'f> {
    odf: &'r mut Odf<'f>,
    book: Book,
    /// Numbers of formats by style and by the format a value needs.
    formats: HashMap<(String, Option<&'static str>), u32>,
    number: u32,
    cells_left: u32,
}

fn repeated(element: &Element, name: &str) -> u32 {
    element.attribute(name).and_then(|it| it.parse().ok()).unwrap_or(1).clamp(1, MAX_ROWS)
}

impl Reader<'_, '_> {
    fn table(&mut self, table: &Element) -> Result<Page, HoldReason> {
        let style = table.attribute("style-name").unwrap_or_default();
        let shown = self.odf.styles.property("table", style, "table-properties", "display");
        let mut page = Page {
            name: table.attribute("name").unwrap_or_default().to_owned(),
            visibility: if shown == Some("false") {
                Visibility::Hidden
            } else {
                Visibility::Visible
            },
            ..Page::default()
        };
        let mut columns = Vec::new();
        let mut row = 1;
        self.group(table, &mut page, &mut columns, &mut row, 0)?;
        Ok(page)
    }

    /// Rows and columns, in groups or not.
    fn group(
        &mut self,
        group: &Element,
        page: &mut Page,
        columns: &mut Vec<(u32, String)>,
        row: &mut u32,
        depth: u32,
    ) -> Result<(), HoldReason> {
        for element in group.elements() {
            match &*element.name {
                "table-column" => self.column(element, page, columns),
                "table-row" => self.row(element, page, columns, row)?,
                "table-header-rows"
                | "table-row-group"
                | "table-rows"
                | "table-header-columns"
                | "table-column-group"
                | "table-columns"
                    if depth < 20 =>
                {
                    self.group(element, page, columns, row, depth + 1)?;
                }
                "shapes" => {
                    let count = element.count(&|it| &*it.name == "image");
                    self.odf.findings.remove(
                        sanitizer_intermediate::RemovedKind::Pictures,
                        count,
                        Place::Sheet(self.number),
                    );
                }
                _ => {}
            }
        }
        Ok(())
    }

    fn column(&mut self, column: &Element, page: &mut Page, columns: &mut Vec<(u32, String)>) {
        let count = repeated(column, "number-columns-repeated");
        let first = columns.last().map_or(0, |it| it.0) + 1;
        let last = first.saturating_add(count - 1).min(MAX_COLUMNS);
        let usual = column.attribute("default-cell-style-name").unwrap_or_default().to_owned();
        columns.push((last, usual));
        let style = column.attribute("style-name").unwrap_or_default();
        let width = self.odf.styles.property(
            "table-column",
            style,
            "table-column-properties",
            "column-width",
        );
        if let Some(width) = width.and_then(emu)
            && first <= last
        {
            let hidden = column.attribute("visibility").is_some_and(|it| it != "visible");
            let tenths = i32::try_from(width * 10 / CHARACTER).unwrap_or_default();
            page.columns.push((first, last, f64::from(tenths) / 10.0, hidden));
        }
    }

    fn row(
        &mut self,
        element: &Element,
        page: &mut Page,
        columns: &[(u32, String)],
        row: &mut u32,
    ) -> Result<(), HoldReason> {
        let count = repeated(element, "number-rows-repeated");
        let style = element.attribute("style-name").unwrap_or_default();
        let height =
            self.odf.styles.property("table-row", style, "table-row-properties", "row-height");
        let height = height.and_then(points);
        let hidden = element.attribute("visibility").is_some_and(|it| it != "visible");
        let cells = self.cells(element, page, columns, *row)?;
        // A long run of equal rows is the rest of the sheet.
        let is_rest = count > 1_000 && cells.iter().all(|it| it.value == CellValue::Empty);
        if !cells.is_empty() && !is_rest {
            let spent = u32::try_from(cells.len()).unwrap_or(u32::MAX).saturating_mul(count - 1);
            self.cells_left = self.cells_left.checked_sub(spent).ok_or(HoldReason::TooComplex)?;
            for number in *row..row.saturating_add(count) {
                page.rows.push(PlainRow { number, height, hidden, cells: cells.clone() });
            }
        }
        *row = row.saturating_add(count);
        Ok(())
    }

    fn cells(
        &mut self,
        element: &Element,
        page: &mut Page,
        columns: &[(u32, String)],
        row: u32,
    ) -> Result<Vec<Cell>, HoldReason> {
        let mut cells = Vec::new();
        let mut column = 1_u32;
        for cell in element.elements() {
            if !matches!(&*cell.name, "table-cell" | "covered-table-cell") {
                continue;
            }
            let count = repeated(cell, "number-columns-repeated");
            let usual = columns.iter().find(|it| it.0 >= column).map_or("", |it| it.1.as_str());
            let style = cell.attribute("style-name").unwrap_or(usual).to_owned();
            self.odf.place = Place::Cell { sheet: self.number, row, column };
            let (value, needed) = cells::value(cell, &mut self.book);
            let formula = self.formula(cell).map(Box::new);
            let is_empty = value == CellValue::Empty && formula.is_none();
            let look = self.format(&style, needed);
            merge(cell, (row, column), page);
            self.remark(cell, (row, column), page);
            // Empty cells to the end of the row say nothing.
            if !(is_empty && (look == 0 || count > 256)) {
                let spent = count.min(MAX_COLUMNS);
                self.cells_left =
                    self.cells_left.checked_sub(spent).ok_or(HoldReason::TooComplex)?;
                for column in
                    (column..column.saturating_add(count)).take_while(|it| *it <= MAX_COLUMNS)
                {
                    let (value, formula) = (value.clone(), formula.clone());
                    cells.push(Cell { column, style: look, value, formula });
                }
            }
            column = column.saturating_add(count);
        }
        Ok(cells)
    }

    /// What somebody wrote about a cell.
    fn remark(&mut self, cell: &Element, (row, column): (u32, u32), page: &mut Page) {
        let on_sheet = row <= MAX_ROWS && column <= MAX_COLUMNS;
        if let Some(annotation) = cell.child("annotation").filter(|_| on_sheet) {
            let text = CellText::Plain(cells::remark(annotation));
            page.notes.push(CellNote { row, column, text });
            self.odf.remarks += 1;
        }
    }

    fn formula(&mut self, cell: &Element) -> Option<CellFormula> {
        let text = cell.attribute("formula")?;
        let own = cell.attribute("number-matrix-columns-spanned").is_none();
        match formula::kept(text).filter(|_| own) {
            Some(formula) => Some(CellFormula::Own(formula)),
            None => {
                self.odf.findings.change(ChangedKind::FormulasToValues, 1, self.odf.place);
                None
            }
        }
    }

    fn format(&mut self, style: &str, needed: Option<&'static str>) -> u32 {
        let key = (style.to_owned(), needed);
        if let Some(known) = self.formats.get(&key) {
            return *known;
        }
        let made = self.made_format(style, needed);
        let at = self.book.formats.iter().position(|it| *it == made).unwrap_or_else(|| {
            self.book.formats.push(made);
            self.book.formats.len() - 1
        });
        let at = u32::try_from(at).unwrap_or_default();
        self.formats.insert(key, at);
        at
    }

    fn made_format(&self, style: &str, needed: Option<&'static str>) -> Format {
        let styles = &self.odf.styles;
        let get = |group: &str, name: &str| styles.property("table-cell", style, group, name);
        let look = styles.look("table-cell", style, &Default::default());
        let mut format = Format {
            number: styles.number(style).or(needed).map(str::to_owned),
            ..Format::default()
        };
        format.font.bold = look.bold;
        format.font.italic = look.italic;
        format.font.underline = look.underline;
        format.font.strike = look.strike;
        format.font.size = look.size.map_or(0.0, |it| f64::from(it) / 2.0);
        format.font.colour = look.colour.map_or(Colour::Auto, Colour::Rgb);
        let cell = "table-cell-properties";
        format.fill =
            get(cell, "background-color").and_then(colour).map(|it| ("solid", Colour::Rgb(it)));
        format.wrap = get(cell, "wrap-option") == Some("wrap");
        format.vertical = match get(cell, "vertical-align") {
            Some("top") => Some("top"),
            Some("middle") => Some("center"),
            _ => None,
        };
        format.horizontal = match get("paragraph-properties", "text-align") {
            Some("center") => Some("center"),
            Some("end" | "right") => Some("right"),
            Some("start" | "left") => Some("left"),
            Some("justify") => Some("justify"),
            _ => None,
        };
        let all = get(cell, "border");
        for (at, side) in
            ["border-left", "border-right", "border-top", "border-bottom"].iter().enumerate()
        {
            format.edges[at] = get(cell, side).or(all).and_then(edge);
        }
        format
    }
}

/// `0.5pt solid #000000`.
fn edge(text: &str) -> Option<(&'static str, Colour)> {
    let mut parts = text.split_whitespace();
    let width = points(parts.next()?)?;
    let style = match parts.next()? {
        "none" | "hidden" => return None,
        "double" => "double",
        "dashed" => "dashed",
        "dotted" => "dotted",
        _ if width > 2.0 => "thick",
        _ if width > 1.2 => "medium",
        _ => "thin",
    };
    Some((style, parts.next().and_then(colour).map_or(Colour::Auto, Colour::Rgb)))
}

fn merge(cell: &Element, (row, column): (u32, u32), page: &mut Page) {
    let (wide, tall) =
        (repeated(cell, "number-columns-spanned"), repeated(cell, "number-rows-spanned"));
    if wide > 1 || tall > 1 {
        let (bottom, right) = (row.saturating_add(tall - 1), column.saturating_add(wide - 1));
        page.merges.push([row, bottom, column, right]);
    }
}
