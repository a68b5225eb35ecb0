//! Formats of cells.

use std::fmt::Write as _;

use sanitizer_intermediate::HoldReason;

use super::fields::Fields;
use super::text::{attribute, attribute_text, switch};
use super::{SPACES, each};
use crate::office::cell_words::{EDGES, HORIZONTAL, PATTERNS, VERTICAL};
use crate::office::plain::escaped;

const NUMBER: u16 = 44;
const FONT: u16 = 43;
const FILL: u16 = 45;
const BORDER: u16 = 46;
const FORMAT: u16 = 47;
const STYLE: u16 = 48;
const PALETTE_COLOUR: u16 = 475;
/// Before the formats of styles and of cells.
const STYLE_FORMATS: u16 = 626;
const CELL_FORMATS: u16 = 617;
/// Most fonts.
const MOST: usize = 70_000;

const GRADIENT: u32 = 40;

/// The fonts, each as a run of text has it.
pub(super) fn fonts(bytes: &[u8]) -> Result<Vec<String>, HoldReason> {
    let mut fonts = Vec::new();
    each(bytes, |record| {
        if record.kind == FONT && fonts.len() < MOST {
            fonts.push(font(&mut Fields::new(record.data), "rFont"));
        }
        Ok(())
    })?;
    Ok(fonts)
}

/// The formats as XML.
pub(super) fn spell(bytes: &[u8]) -> Result<String, HoldReason> {
    let mut lists: [(&str, String); 8] = [
        ("numFmts", String::new()),
        ("fonts", String::new()),
        ("fills", String::new()),
        ("borders", String::new()),
        ("cellStyleXfs", String::new()),
        ("cellXfs", String::new()),
        ("cellStyles", String::new()),
        ("colors", String::new()),
    ];
    let mut of_cells = false;
    each(bytes, |record| {
        let mut fields = Fields::new(record.data);
        match record.kind {
            NUMBER => number(&mut fields, &mut lists[0].1),
            FONT => {
                let _ = write!(lists[1].1, "<font>{}</font>", font(&mut fields, "name"));
            }
            FILL => fill(&mut fields, &mut lists[2].1),
            BORDER => border(&mut fields, &mut lists[3].1),
            STYLE_FORMATS => of_cells = false,
            CELL_FORMATS => of_cells = true,
            FORMAT => format(&mut fields, &mut lists[if of_cells { 5 } else { 4 }].1),
            STYLE => style(&mut fields, &mut lists[6].1),
            PALETTE_COLOUR => {
                let [red, green, blue] = [fields.u8(), fields.u8(), fields.u8()];
                let _ = write!(lists[7].1, "<rgbColor rgb=\"00{red:02X}{green:02X}{blue:02X}\"/>");
            }
            _ => {}
        }
        Ok(())
    })?;
    let mut xml = format!("<styleSheet {SPACES}>");
    for (name, list) in lists.iter().filter(|it| !it.1.is_empty()) {
        let _ = if *name == "colors" {
            write!(xml, "<colors><indexedColors>{list}</indexedColors></colors>")
        } else {
            write!(xml, "<{name}>{list}</{name}>")
        };
    }
    xml.push_str("</styleSheet>");
    Ok(xml)
}

fn number(fields: &mut Fields<'_>, out: &mut String) {
    let number = fields.u16();
    let code = fields.text();
    let _ = write!(out, "<numFmt numFmtId=\"{number}\" formatCode=\"{}\"/>", escaped(&code));
}

fn font(fields: &mut Fields<'_>, name: &str) -> String {
    const BOLD: u16 = 600;
    let mut out = String::new();
    let (height, marks, weight, raised) = (fields.u16(), fields.u16(), fields.u16(), fields.u16());
    let (line, family, charset) = (fields.u8(), fields.u8(), fields.u8());
    fields.u8();
    let switches = [
        (weight >= BOLD, "b"),
        (marks & 0x02 != 0, "i"),
        (marks & 0x08 != 0, "strike"),
        (marks & 0x10 != 0, "outline"),
        (marks & 0x20 != 0, "shadow"),
    ];
    for (_, name) in switches.iter().filter(|it| it.0) {
        let _ = write!(out, "<{name}/>");
    }
    let line = match line {
        1 => Some("single"),
        2 => Some("double"),
        0x21 => Some("singleAccounting"),
        0x22 => Some("doubleAccounting"),
        _ => None,
    };
    let raised = match raised {
        1 => Some("superscript"),
        2 => Some("subscript"),
        _ => None,
    };
    for (value, name) in [(line, "u"), (raised, "vertAlign")] {
        if let Some(value) = value {
            let _ = write!(out, "<{name} val=\"{value}\"/>");
        }
    }
    let _ = write!(out, "<sz val=\"{}\"/>", f64::from(height) / 20.0);
    colour(fields, "color", &mut out);
    let role = match fields.u8() {
        1 => Some("major"),
        2 => Some("minor"),
        _ => None,
    };
    let text = fields.text();
    let _ = write!(
        out,
        "<{name} val=\"{}\"/><family val=\"{family}\"/><charset val=\"{charset}\"/>",
        escaped(&text)
    );
    if let Some(role) = role {
        let _ = write!(out, "<scheme val=\"{role}\"/>");
    }
    out
}

/// A colour by number, by its parts or by its role in the theme.
pub(super) fn colour(fields: &mut Fields<'_>, name: &str, out: &mut String) {
    let kind = fields.u8() >> 1;
    let number = fields.u8();
    let tint = f64::from(fields.u16().cast_signed()) / 32_767.0;
    let [red, green, blue, alpha] = [fields.u8(), fields.u8(), fields.u8(), fields.u8()];
    let _ = match kind {
        1 => write!(out, "<{name} indexed=\"{number}\""),
        2 => write!(out, "<{name} rgb=\"{alpha:02X}{red:02X}{green:02X}{blue:02X}\""),
        3 => write!(out, "<{name} theme=\"{number}\""),
        _ => return,
    };
    if tint != 0.0 {
        attribute(out, "tint", tint);
    }
    out.push_str("/>");
}

fn fill(fields: &mut Fields<'_>, out: &mut String) {
    let pattern = fields.u32();
    if pattern == GRADIENT {
        fields.take(16);
        gradient(fields, out);
        return;
    }
    let known = usize::try_from(pattern).ok().and_then(|it| PATTERNS.get(it)).unwrap_or(&"none");
    let _ = write!(out, "<fill><patternFill patternType=\"{known}\">");
    if *known != "none" {
        colour(fields, "fgColor", out);
        colour(fields, "bgColor", out);
    }
    out.push_str("</patternFill></fill>");
}

fn gradient(fields: &mut Fields<'_>, out: &mut String) {
    let path = fields.u32() != 0;
    out.push_str("<fill><gradientFill");
    attribute(out, "type", if path { "path" } else { "linear" });
    for name in ["degree", "left", "right", "top", "bottom"] {
        let value = fields.f64();
        if value.is_finite() && value != 0.0 {
            attribute(out, name, value);
        }
    }
    out.push('>');
    for _ in 0..fields.u32() {
        if fields.is_done() {
            break;
        }
        let mut inner = String::new();
        colour(fields, "color", &mut inner);
        let at = fields.f64();
        if at.is_finite() {
            let _ = write!(out, "<stop position=\"{at}\">{inner}</stop>");
        }
    }
    out.push_str("</gradientFill></fill>");
}

fn border(fields: &mut Fields<'_>, out: &mut String) {
    let flags = fields.u8();
    out.push_str("<border");
    switch(out, "diagonalDown", flags & 1 != 0);
    switch(out, "diagonalUp", flags & 2 != 0);
    out.push('>');
    for name in ["top", "bottom", "left", "right", "diagonal"] {
        let style = usize::from(fields.u8());
        fields.u8();
        let mut inner = String::new();
        colour(fields, "color", &mut inner);
        let _ = match EDGES.get(style).filter(|it| **it != "none") {
            Some(style) => write!(out, "<{name} style=\"{style}\">{inner}</{name}>"),
            None => write!(out, "<{name}/>"),
        };
    }
    out.push_str("</border>");
}

fn format(fields: &mut Fields<'_>, out: &mut String) {
    const NO_STYLE: u16 = u16::MAX;
    out.push_str("<xf");
    let style = fields.u16();
    for name in ["numFmtId", "fontId", "fillId", "borderId"] {
        attribute(out, name, fields.u16());
    }
    if style != NO_STYLE {
        attribute(out, "xfId", style);
        for name in ["NumberFormat", "Font", "Fill", "Border", "Alignment"] {
            attribute(out, &format!("apply{name}"), 1);
        }
    }
    let (rotation, indent) = (fields.u8(), fields.u8());
    let marks = fields.u16();
    switch(out, "quotePrefix", marks & 0x8000 != 0);
    out.push_str("><alignment");
    let horizontal = HORIZONTAL.get(usize::from(marks & 7)).filter(|it| **it != "general");
    let vertical = VERTICAL.get(usize::from(marks >> 3 & 7)).filter(|it| **it != "bottom");
    for (name, value) in [("horizontal", horizontal), ("vertical", vertical)] {
        if let Some(value) = value {
            attribute_text(out, name, value);
        }
    }
    if rotation > 0 {
        attribute(out, "textRotation", rotation);
    }
    switch(out, "wrapText", marks & 0x40 != 0);
    switch(out, "justifyLastLine", marks & 0x80 != 0);
    switch(out, "shrinkToFit", marks & 0x100 != 0);
    if indent > 0 {
        attribute(out, "indent", indent);
    }
    out.push_str("/>");
    if marks & 0x1000 == 0 || marks & 0x2000 != 0 {
        out.push_str("<protection");
        attribute(out, "locked", u8::from(marks & 0x1000 != 0));
        switch(out, "hidden", marks & 0x2000 != 0);
        out.push_str("/>");
    }
    out.push_str("</xf>");
}

fn style(fields: &mut Fields<'_>, out: &mut String) {
    const BUILT_IN: u16 = 1;
    let format = fields.u32();
    let flags = fields.u16();
    let (built_in, level) = (fields.u8(), fields.u8());
    let name = fields.text();
    out.push_str("<cellStyle");
    attribute_text(out, "name", &name);
    attribute(out, "xfId", format);
    if flags & BUILT_IN != 0 {
        attribute(out, "builtinId", built_in);
        if matches!(built_in, 1 | 2) {
            attribute(out, "iLevel", level);
        }
    }
    switch(out, "hidden", flags & 2 != 0);
    switch(out, "customBuiltin", flags & 4 != 0);
    out.push_str("/>");
}
