//! Columns, merges, views, pages, links and validations of a sheet.

use std::fmt::Write as _;

use super::super::fields::Fields;
use super::super::records::Record;
use super::super::text::{attribute, attribute_text, element, switch};
use super::super::{Binary, formulas, styles};
use crate::office::tokens::{Place, area};

const PROPERTIES: u16 = 147;
const VIEW: u16 = 137;
const VIEW_END: u16 = 138;
const PANE: u16 = 151;
const DEFAULTS: u16 = 485;
const COLUMN: u16 = 60;
const MERGE: u16 = 176;
const FILTER: u16 = 161;
const VALIDATION: u16 = 64;
const LINK: u16 = 494;
const PRINT: u16 = 477;
const MARGINS: u16 = 476;
const PAGE: u16 = 478;
const HEADERS: u16 = 479;
const ROW_BREAKS: u16 = 392;
const COLUMN_BREAKS: u16 = 394;
const BREAK: u16 = 396;
const DRAWING: u16 = 550;
const OBJECT: u16 = 639;
const CONTROL: u16 = 644;
const TABLE: u16 = 661;
/// Most ranges of a validation.
const MOST_RANGES: u32 = 10_000;

/// Elements by the list they stand in.
#[derive(Default)]
pub(super) struct Around {
    properties: String,
    view: Option<String>,
    views: String,
    defaults: String,
    columns: String,
    merges: String,
    validations: String,
    links: String,
    row_breaks: String,
    column_breaks: String,
    of_columns: bool,
    objects: String,
    controls: String,
    tables: String,
    /// Elements that stand alone.
    plain: String,
}

impl Around {
    /// Bytes so far.
    pub(super) fn len(&self) -> usize {
        self.plain.len() + self.merges.len() + self.validations.len() + self.links.len()
    }

    pub(super) fn take(&mut self, record: &Record<'_>, binary: &Binary) {
        let fields = &mut Fields::new(record.data);
        match record.kind {
            PROPERTIES => self.properties = properties(fields),
            VIEW => self.view = Some(view(fields)),
            PANE => {
                if let Some(view) = &mut self.view {
                    pane(fields, view);
                }
            }
            VIEW_END => {
                if let Some(view) = self.view.take() {
                    let _ = write!(self.views, "{view}</sheetView>");
                }
            }
            DEFAULTS => self.defaults = defaults(fields),
            COLUMN => column(fields, &mut self.columns),
            MERGE => {
                let _ = write!(self.merges, "<mergeCell ref=\"{}\"/>", fields.range_text());
            }
            FILTER => {
                let _ = write!(self.plain, "<autoFilter ref=\"{}\"/>", fields.range_text());
            }
            VALIDATION => validation(fields, binary, &mut self.validations),
            LINK => link(fields, &mut self.links),
            PRINT => print(fields, &mut self.plain),
            MARGINS => margins(fields, &mut self.plain),
            PAGE => page(fields, &mut self.plain),
            HEADERS => headers(fields, &mut self.plain),
            ROW_BREAKS => self.of_columns = false,
            COLUMN_BREAKS => self.of_columns = true,
            BREAK if self.of_columns => page_break(fields, &mut self.column_breaks),
            BREAK => page_break(fields, &mut self.row_breaks),
            DRAWING => reference("drawing", fields, &mut self.plain),
            TABLE => reference("tablePart", fields, &mut self.tables),
            OBJECT => self.objects.push_str("<oleObject/>"),
            CONTROL => self.controls.push_str("<control/>"),
            _ => {}
        }
    }

    /// What stands before the cells.
    pub(super) fn head(&self, out: &mut String) {
        out.push_str(&self.properties);
        list(out, "sheetViews", &self.views);
        out.push_str(&self.defaults);
        list(out, "cols", &self.columns);
    }

    /// What stands after the cells.
    pub(super) fn tail(&self, out: &mut String) {
        for (name, inner) in [
            ("mergeCells", &self.merges),
            ("dataValidations", &self.validations),
            ("hyperlinks", &self.links),
            ("rowBreaks", &self.row_breaks),
            ("colBreaks", &self.column_breaks),
            ("oleObjects", &self.objects),
            ("controls", &self.controls),
            ("tableParts", &self.tables),
        ] {
            list(out, name, inner);
        }
        out.push_str(&self.plain);
    }
}

fn list(out: &mut String, name: &str, inner: &str) {
    if !inner.is_empty() {
        let _ = write!(out, "<{name}>{inner}</{name}>");
    }
}

fn reference(name: &str, fields: &mut Fields<'_>, out: &mut String) {
    let _ = write!(out, "<{name}");
    attribute_text(out, "r:id", &fields.text());
    out.push_str("/>");
}

/// Colour of the tab, whether the sheet is fitted to pages.
fn properties(fields: &mut Fields<'_>) -> String {
    const FIT: u16 = 0x0100;
    let flags = fields.u16();
    fields.u8();
    let mut inner = String::new();
    styles::colour(fields, "tabColor", &mut inner);
    if flags & FIT != 0 {
        inner.push_str("<pageSetUpPr fitToPage=\"1\"/>");
    }
    if inner.is_empty() { inner } else { format!("<sheetPr>{inner}</sheetPr>") }
}

fn view(fields: &mut Fields<'_>) -> String {
    let flags = fields.u16();
    let kind = fields.u32();
    let (row, column) = (fields.u32(), fields.u32());
    fields.take(4);
    let scales = [fields.u16(), fields.u16(), fields.u16(), fields.u16()];
    let mut out = String::from("<sheetView workbookViewId=\"0\"");
    for (bit, name) in [(0x04, "showGridLines"), (0x08, "showRowColHeaders"), (0x10, "showZeros")] {
        if flags & bit == 0 {
            attribute(&mut out, name, 0);
        }
    }
    for (bit, name) in [(0x02, "showFormulas"), (0x20, "rightToLeft"), (0x40, "tabSelected")] {
        switch(&mut out, name, flags & bit != 0);
    }
    match kind {
        1 => attribute(&mut out, "view", "pageBreakPreview"),
        2 => attribute(&mut out, "view", "pageLayout"),
        _ => {}
    }
    if (row, column) != (0, 0) {
        attribute(&mut out, "topLeftCell", cell(row, column));
    }
    let names =
        ["zoomScale", "zoomScaleNormal", "zoomScaleSheetLayoutView", "zoomScalePageLayoutView"];
    for (name, scale) in names.iter().zip(scales) {
        if (10..=400).contains(&scale) {
            attribute(&mut out, name, scale);
        }
    }
    out.push('>');
    out
}

fn cell(row: u32, column: u32) -> String {
    let at = Place { row, column };
    area(at, at)
}

fn pane(fields: &mut Fields<'_>, out: &mut String) {
    const PANES: [&str; 4] = ["bottomRight", "topRight", "bottomLeft", "topLeft"];
    let (across, down) = (fields.f64(), fields.f64());
    let (row, column, active) = (fields.u32(), fields.u32(), fields.u32());
    let flags = fields.u8();
    out.push_str("<pane");
    for (name, split) in [("xSplit", across), ("ySplit", down)] {
        if split.is_finite() && split > 0.0 {
            attribute(out, name, split);
        }
    }
    attribute(out, "topLeftCell", cell(row, column));
    if let Some(name) = usize::try_from(active).ok().and_then(|it| PANES.get(it)) {
        attribute(out, "activePane", name);
    }
    let state = match flags & 3 {
        1 => "frozenSplit",
        3 => "frozen",
        _ => "split",
    };
    attribute(out, "state", state);
    out.push_str("/>");
}

fn defaults(fields: &mut Fields<'_>) -> String {
    const NONE: u32 = u32::MAX;
    let width = fields.u32();
    let (characters, height) = (fields.u16(), fields.u16());
    let flags = fields.u16();
    let mut out = String::from("<sheetFormatPr");
    attribute(&mut out, "baseColWidth", characters);
    if width != NONE {
        attribute(&mut out, "defaultColWidth", f64::from(width) / 256.0);
    }
    attribute(&mut out, "defaultRowHeight", f64::from(height) / 20.0);
    switch(&mut out, "customHeight", flags & 1 != 0);
    switch(&mut out, "zeroHeight", flags & 2 != 0);
    out.push_str("/>");
    out
}

fn column(fields: &mut Fields<'_>, out: &mut String) {
    let (first, last, width, format) = (fields.u32(), fields.u32(), fields.u32(), fields.u32());
    let flags = fields.u16();
    out.push_str("<col");
    attribute(out, "min", u64::from(first) + 1);
    attribute(out, "max", u64::from(last) + 1);
    attribute(out, "width", f64::from(width) / 256.0);
    attribute(out, "style", format);
    switch(out, "hidden", flags & 1 != 0);
    switch(out, "customWidth", flags & 2 != 0);
    switch(out, "bestFit", flags & 4 != 0);
    if flags >> 8 & 7 != 0 {
        attribute(out, "outlineLevel", flags >> 8 & 7);
    }
    switch(out, "collapsed", flags & 0x1000 != 0);
    out.push_str("/>");
}

fn link(fields: &mut Fields<'_>, out: &mut String) {
    let range = fields.range_text();
    let target = fields.text_or_none().filter(|it| !it.is_empty());
    let (place, tip, shown) = (fields.text(), fields.text(), fields.text());
    out.push_str("<hyperlink");
    attribute_text(out, "ref", &range);
    if let Some(target) = target {
        attribute_text(out, "r:id", &target);
    }
    for (name, text) in [("location", place), ("tooltip", tip), ("display", shown)] {
        if !text.is_empty() {
            attribute_text(out, name, &text);
        }
    }
    out.push_str("/>");
}

fn validation(fields: &mut Fields<'_>, binary: &Binary, out: &mut String) {
    const KINDS: [&str; 8] =
        ["none", "whole", "decimal", "list", "date", "time", "textLength", "custom"];
    const WEIGHTS: [&str; 3] = ["stop", "warning", "information"];
    const COMPARISONS: [&str; 8] = [
        "between",
        "notBetween",
        "equal",
        "notEqual",
        "greaterThan",
        "lessThan",
        "greaterThanOrEqual",
        "lessThanOrEqual",
    ];
    const INPUTS: [&str; 9] = [
        "noControl",
        "on",
        "off",
        "disabled",
        "hiragana",
        "fullKatakana",
        "halfKatakana",
        "fullAlpha",
        "halfAlpha",
    ];
    let flags = fields.u32();
    let part = |shift: u32, mask: u32| (flags >> shift & mask) as usize;
    let mut ranges = Vec::new();
    let mut first = None;
    for _ in 0..fields.u32().min(MOST_RANGES) {
        if fields.is_done() {
            break;
        }
        let [from, to] = fields.range();
        first.get_or_insert(from);
        ranges.push(area(from, to));
    }
    out.push_str("<dataValidation");
    let named = [
        ("type", KINDS.get(part(0, 0xf))),
        ("errorStyle", WEIGHTS.get(part(4, 0x7))),
        ("imeMode", INPUTS.get(part(10, 0xff))),
        ("operator", COMPARISONS.get(part(20, 0xf))),
    ];
    for (name, value) in named {
        if let Some(value) = value {
            attribute(out, name, value);
        }
    }
    for (bit, name) in
        [(8, "allowBlank"), (9, "showDropDown"), (18, "showInputMessage"), (19, "showErrorMessage")]
    {
        switch(out, name, flags >> bit & 1 != 0);
    }
    for name in ["errorTitle", "error", "promptTitle", "prompt"] {
        let text = fields.text();
        if !text.is_empty() {
            attribute_text(out, name, &text);
        }
    }
    attribute_text(out, "sqref", &ranges.join(" "));
    out.push('>');
    for name in ["formula1", "formula2"] {
        let parts = fields.formula();
        if !parts.0.is_empty() {
            // A list within the rule has its entries one after the other.
            let text = formulas::text(binary, parts, first.unwrap_or_default()).replace('\0', ",");
            element(out, name, &text);
        }
    }
    out.push_str("</dataValidation>");
}

fn print(fields: &mut Fields<'_>, out: &mut String) {
    let flags = fields.u16();
    out.push_str("<printOptions");
    for (bit, name) in
        [(1, "horizontalCentered"), (2, "verticalCentered"), (4, "headings"), (8, "gridLines")]
    {
        switch(out, name, flags & bit != 0);
    }
    out.push_str("/>");
}

fn margins(fields: &mut Fields<'_>, out: &mut String) {
    out.push_str("<pageMargins");
    for name in ["left", "right", "top", "bottom", "header", "footer"] {
        let inches = fields.f64();
        attribute(out, name, if inches.is_finite() { inches } else { 0.0 });
    }
    out.push_str("/>");
}

fn page(fields: &mut Fields<'_>, out: &mut String) {
    const NAMES: [&str; 8] = [
        "paperSize",
        "scale",
        "horizontalDpi",
        "verticalDpi",
        "copies",
        "firstPageNumber",
        "fitToWidth",
        "fitToHeight",
    ];
    out.push_str("<pageSetup");
    for name in NAMES {
        let value = fields.u32();
        if value != 0 || name.starts_with("fit") {
            attribute(out, name, value);
        }
    }
    let flags = fields.u16();
    attribute(out, "orientation", if flags & 2 != 0 { "landscape" } else { "portrait" });
    if flags & 1 != 0 {
        attribute(out, "pageOrder", "overThenDown");
    }
    switch(out, "blackAndWhite", flags & 0x08 != 0);
    switch(out, "draft", flags & 0x10 != 0);
    switch(out, "useFirstPageNumber", flags & 0x80 != 0);
    out.push_str("/>");
}

fn headers(fields: &mut Fields<'_>, out: &mut String) {
    let flags = fields.u16();
    out.push_str("<headerFooter");
    switch(out, "differentOddEven", flags & 1 != 0);
    switch(out, "differentFirst", flags & 2 != 0);
    for (bit, name) in [(4, "scaleWithDoc"), (8, "alignWithMargins")] {
        attribute(out, name, u8::from(flags & bit != 0));
    }
    out.push('>');
    let names =
        ["oddHeader", "oddFooter", "evenHeader", "evenFooter", "firstHeader", "firstFooter"];
    for name in names {
        if let Some(text) = fields.text_or_none().filter(|it| !it.is_empty()) {
            element(out, name, &text);
        }
    }
    out.push_str("</headerFooter>");
}

fn page_break(fields: &mut Fields<'_>, out: &mut String) {
    out.push_str("<brk");
    for name in ["id", "min", "max"] {
        attribute(out, name, fields.u32());
    }
    switch(out, "man", fields.u32() != 0);
    out.push_str("/>");
}
