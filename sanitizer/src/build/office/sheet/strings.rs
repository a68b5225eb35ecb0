//! Texts of cells.

use sanitizer_intermediate::office::{CellText, Shape, Space, shapes};

use crate::build::office::part::{Names, References};
use crate::build::office::xml::Xml;

/// Writes the table of texts.
pub(super) fn write(strings: &[CellText]) -> Vec<u8> {
    let mut xml = Xml::new(Some(Space::S));
    xml.root(Space::S, "sst", &[Space::S]);
    xml.attribute("uniqueCount", &strings.len().to_string());
    xml.end_tag();
    for text in strings {
        write_text(&mut xml, "si", text);
    }
    xml.close(Space::S, "sst");
    xml.finish()
}

/// A text within an element of this name.
pub(super) fn write_text(xml: &mut Xml, name: &str, text: &CellText) {
    match text {
        CellText::Plain(text) => {
            xml.open_tag(Space::S, name);
            xml.end_tag();
            xml.text_element(Space::S, "t", text);
            xml.close(Space::S, name);
        }
        CellText::Rich(rich) => {
            let names = Names::default();
            let mut references = References::new(&names);
            xml.element((Space::S, name), &rich.bag, shapes::Rich::id(), &mut references);
        }
    }
}
