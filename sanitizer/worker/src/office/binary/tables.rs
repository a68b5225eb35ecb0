//! Tables of a sheet.

use std::fmt::Write as _;

use sanitizer_intermediate::HoldReason;

use super::fields::Fields;
use super::text::{attribute, attribute_text};
use super::{SPACES, each};

const TABLE: u16 = 343;
const COLUMN: u16 = 347;
const FILTER: u16 = 161;
const STYLE: u16 = 513;

/// A table as XML.
pub(super) fn spell(bytes: &[u8]) -> Result<String, HoldReason> {
    let mut head = String::new();
    let (mut filter, mut columns, mut style) = (String::new(), String::new(), String::new());
    let mut count = 0_u32;
    each(bytes, |record| {
        let mut fields = Fields::new(record.data);
        match record.kind {
            TABLE => head = table(&mut fields),
            FILTER => filter = format!("<autoFilter ref=\"{}\"/>", fields.range_text()),
            COLUMN => {
                count += 1;
                column(&mut fields, &mut columns);
            }
            STYLE => style = table_style(&mut fields),
            _ => {}
        }
        Ok(())
    })?;
    let columns = format!("<tableColumns count=\"{count}\">{columns}</tableColumns>");
    Ok(format!("<table {SPACES}{head}>{filter}{columns}{style}</table>"))
}

fn table(fields: &mut Fields<'_>) -> String {
    /// Marks, six formats, a connection.
    const SKIPPED: usize = 32;
    let range = fields.range_text();
    let _kind = fields.u32();
    let (number, heads, totals) = (fields.u32(), fields.u32(), fields.u32());
    fields.take(SKIPPED);
    let (name, shown) = (fields.text(), fields.text());
    let mut out = String::new();
    attribute(&mut out, "id", number);
    attribute_text(&mut out, "name", &name);
    attribute_text(&mut out, "displayName", &shown);
    attribute_text(&mut out, "ref", &range);
    attribute(&mut out, "headerRowCount", heads);
    attribute(&mut out, "totalsRowCount", totals);
    out
}

fn column(fields: &mut Fields<'_>, out: &mut String) {
    let number = fields.u32();
    fields.take(20);
    let (name, shown) = (fields.text(), fields.text());
    out.push_str("<tableColumn");
    attribute(out, "id", number);
    attribute_text(out, "name", if shown.is_empty() { &name } else { &shown });
    out.push_str("/>");
}

fn table_style(fields: &mut Fields<'_>) -> String {
    let flags = fields.u16();
    let mut out = String::from("<tableStyleInfo");
    attribute_text(&mut out, "name", &fields.text());
    for (bit, name) in [
        (1, "showFirstColumn"),
        (2, "showLastColumn"),
        (4, "showRowStripes"),
        (8, "showColumnStripes"),
    ] {
        let _ = write!(out, " {name}=\"{}\"", u8::from(flags & bit != 0));
    }
    out.push_str("/>");
    out
}
