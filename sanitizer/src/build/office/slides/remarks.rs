//! Remarks about slides: a part for each slide that has any, and the list of
//! who wrote them, which knows one name that says nothing.

use sanitizer_intermediate::office::{Slide, Slides, Space};

use crate::build::office::package::Package;
use crate::build::office::part::{References, Relation};
use crate::build::office::xml::Xml;

const AUTHORS: &str = "ppt/commentAuthors.xml";
const AUTHORS_MEDIA: &str =
    "application/vnd.openxmlformats-officedocument.presentationml.commentAuthors+xml";
const MEDIA: &str = "application/vnd.openxmlformats-officedocument.presentationml.comments+xml";
/// Who wrote a remark is not kept.
const NOBODY: &str = "-";

fn count(deck: &Slides) -> usize {
    deck.slides.iter().map(|it| it.remarks.len()).sum()
}

/// The presentation refers to the list of authors when there is a remark.
pub(super) fn refer(deck: &Slides, references: &mut References<'_>) {
    if count(deck) > 0 {
        references.to(Relation::CommentAuthors, AUTHORS);
    }
}

/// Adds the list of authors.
pub(super) fn add_author(package: &mut Package, deck: &Slides) {
    let count = count(deck);
    if count == 0 {
        return;
    }
    let mut xml = Xml::new(None);
    xml.root(Space::P, "cmAuthorLst", &[Space::P]);
    xml.end_tag();
    xml.open_tag(Space::P, "cmAuthor");
    xml.attribute("id", "0");
    xml.attribute("name", NOBODY);
    xml.attribute("initials", NOBODY);
    xml.attribute("lastIdx", &count.to_string());
    xml.attribute("clrIdx", "0");
    xml.end_empty();
    xml.close(Space::P, "cmAuthorLst");
    package.add_plain(AUTHORS, AUTHORS_MEDIA, xml.finish());
}

/// Numbers remarks through all slides.
#[derive(Default)]
pub(super) struct Remarks {
    number: usize,
}

impl Remarks {
    /// Adds the remarks of the slide at this position.
    pub(super) fn add(
        &mut self,
        package: &mut Package,
        slide: &Slide,
        at: usize,
        references: &mut References<'_>,
    ) {
        if slide.remarks.is_empty() {
            return;
        }
        let mut xml = Xml::new(None);
        xml.root(Space::P, "cmLst", &[Space::P]);
        xml.end_tag();
        for remark in &slide.remarks {
            self.number += 1;
            xml.open_tag(Space::P, "cm");
            xml.attribute("authorId", "0");
            xml.attribute("idx", &self.number.to_string());
            xml.end_tag();
            xml.open_tag(Space::P, "pos");
            xml.attribute("x", &remark.left.to_string());
            xml.attribute("y", &remark.top.to_string());
            xml.end_empty();
            // The standard gives this element no attribute for its spaces.
            xml.open_tag(Space::P, "text");
            xml.end_tag();
            xml.text(&remark.text);
            xml.close(Space::P, "text");
            xml.close(Space::P, "cm");
        }
        xml.close(Space::P, "cmLst");
        let part = format!("ppt/comments/comment{}.xml", at + 1);
        references.to(Relation::Comments, &part);
        package.add_plain(&part, MEDIA, xml.finish());
    }
}
