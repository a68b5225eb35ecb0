//! Notes on cells: their texts, and the small boxes that Excel still wants in
//! its old drawing language.

use std::fmt::Write as _;

use sanitizer_intermediate::office::{CellNote, Space};

use super::cells::column_name;
use super::strings::write_text;
use crate::build::office::package::Package;
use crate::build::office::part::{References, Relation};
use crate::build::office::xml::Xml;

const NOTES: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.comments+xml";
const BOXES: &str = "application/vnd.openxmlformats-officedocument.vmlDrawing";

/// Writes the notes of a sheet; the id is of the drawing with their boxes.
pub(super) fn add(
    package: &mut Package,
    notes: &[CellNote],
    number: usize,
    references: &mut References<'_>,
) -> String {
    let name = format!("xl/comments{number}.xml");
    references.to(Relation::Comments, &name);
    package.add_plain(&name, NOTES, texts(notes));
    let name = format!("xl/drawings/vmlDrawing{number}.vml");
    package.add_plain(&name, BOXES, boxes(notes, number));
    references.to(Relation::VmlDrawing, &name)
}

fn texts(notes: &[CellNote]) -> Vec<u8> {
    let mut xml = Xml::new(Some(Space::S));
    xml.root(Space::S, "comments", &[Space::S]);
    xml.end_tag();
    xml.open_tag(Space::S, "authors");
    xml.end_tag();
    xml.text_element(Space::S, "author", "");
    xml.close(Space::S, "authors");
    xml.open_tag(Space::S, "commentList");
    xml.end_tag();
    for note in notes {
        xml.open_tag(Space::S, "comment");
        xml.attribute("ref", &format!("{}{}", column_name(note.column), note.row));
        xml.attribute("authorId", "0");
        xml.end_tag();
        write_text(&mut xml, "text", &note.text);
        xml.close(Space::S, "comment");
    }
    xml.close(Space::S, "commentList");
    xml.close(Space::S, "comments");
    xml.finish()
}

/// Hidden yellow boxes right of their cells. Only numbers vary.
fn boxes(notes: &[CellNote], number: usize) -> Vec<u8> {
    let mut out = String::from(
        "<xml xmlns:v=\"urn:schemas-microsoft-com:vml\" \
         xmlns:o=\"urn:schemas-microsoft-com:office:office\" \
         xmlns:x=\"urn:schemas-microsoft-com:office:excel\">\
         <v:shapetype id=\"_x0000_t202\" coordsize=\"21600,21600\" o:spt=\"202\" \
         path=\"m,l,21600r21600,l21600,xe\"><v:stroke joinstyle=\"miter\"/>\
         <v:path gradientshapeok=\"t\" o:connecttype=\"rect\"/></v:shapetype>",
    );
    for (at, note) in notes.iter().enumerate() {
        let (column, row) = (note.column - 1, note.row - 1);
        let above = row.saturating_sub(1);
        let _ = write!(
            out,
            "<v:shape id=\"_x0000_s{}\" type=\"#_x0000_t202\" \
             style=\"position:absolute;width:144pt;height:79pt;visibility:hidden\" \
             fillcolor=\"#ffffe1\" o:insetmode=\"auto\"><v:fill color2=\"#ffffe1\"/>\
             <v:shadow color=\"black\" obscured=\"t\"/><v:path o:connecttype=\"none\"/>\
             <v:textbox style=\"mso-direction-alt:auto\"/><x:ClientData ObjectType=\"Note\">\
             <x:MoveWithCells/><x:SizeWithCells/>\
             <x:Anchor>{},15,{above},10,{},31,{},9</x:Anchor><x:AutoFill>False</x:AutoFill>\
             <x:Row>{row}</x:Row><x:Column>{column}</x:Column></x:ClientData></v:shape>",
            number * 1024 + at + 1,
            column + 1,
            column + 3,
            above + 5,
        );
    }
    out.push_str("</xml>");
    out.into_bytes()
}
