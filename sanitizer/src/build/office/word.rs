//! Writes Word documents.

use sanitizer_intermediate::office::{Bag, Props, Shape, Space, StoryKind, Word, shapes};

use super::boxes;
use super::media::{add_charts, add_element, add_pictures, add_theme, name_charts};
use super::package::Package;
use super::part::{Names, References, Relation};
use super::xml::Xml;
use crate::Policy;
use crate::build::{BuildError, Built};
use crate::policy::Links;

const MAIN: &str = "word/document.xml";
const MEDIA: &str = "application/vnd.openxmlformats-officedocument.wordprocessingml.document";

macro_rules! word_media {
    ($name:literal) => {
        concat!("application/vnd.openxmlformats-officedocument.wordprocessingml.", $name, "+xml")
    };
}

/// Namespaces a story may use.
const SPACES: &[Space] = &[
    Space::W,
    Space::R,
    Space::M,
    Space::Wp,
    Space::A,
    Space::Pic,
    Space::C,
    Space::Wps,
    Space::Wpg,
];

/// Writes a Word document.
///
/// # Errors
/// [`BuildError`] when it cannot be written.
pub fn build(word: &Word, policy: &Policy) -> Result<Built, BuildError> {
    if !word.is_sound() {
        return Err(BuildError::Invalid("a reference leads nowhere"));
    }
    let mut package = Package::new();
    let mut names = Names { keep_links: policy.links == Links::KeepWeb, ..Names::default() };
    add_pictures(&mut package, "word", &word.pictures, &policy.images, &mut names)?;
    name_charts("word", word.charts.len(), &mut names);
    name_stories(word, &mut names);

    let mut references = References::new(&names);
    let document = document(word, &mut references);
    add_sides(&mut package, word, &names, &mut references);
    package.add(MAIN, word_media!("document.main"), document, &references);
    for (story, (_, name)) in word.stories.iter().zip(&names.stories) {
        let (root, media) = match story.kind {
            StoryKind::Header => ("hdr", word_media!("header")),
            StoryKind::Footer => ("ftr", word_media!("footer")),
        };
        let mut references = References::new(&names);
        let mut xml = start(root);
        blocks(&mut xml, &story.content.bag, &mut references);
        xml.close(Space::W, root);
        package.add(name, media, xml.finish(), &references);
    }
    add_charts(&mut package, &word.charts, &names);
    let (bytes, findings) = package.finish(MAIN)?;
    Ok(Built { bytes, media: MEDIA, extension: "docx", findings })
}

fn name_stories(word: &Word, names: &mut Names) {
    for (at, story) in word.stories.iter().enumerate() {
        let (relation, word) = match story.kind {
            StoryKind::Header => (Relation::Header, "header"),
            StoryKind::Footer => (Relation::Footer, "footer"),
        };
        names.stories.push((relation, format!("word/{word}{}.xml", at + 1)));
    }
}

fn start(root: &str) -> Xml {
    let mut xml = Xml::new(None);
    xml.root(Space::W, root, SPACES);
    for (prefix, uri) in boxes::SPACES {
        xml.attribute(&format!("xmlns:{prefix}"), uri);
    }
    xml.end_tag();
    xml
}

fn document(word: &Word, references: &mut References<'_>) -> Vec<u8> {
    let mut xml = start("document");
    if let Some(background) = &word.background {
        let id = shapes::Background::id();
        xml.element((Space::W, "background"), &background.bag, id, references);
    }
    xml.open_tag(Space::W, "body");
    xml.end_tag();
    xml.inside(&word.body.bag, shapes::Blocks::id(), references);
    if let Some(section) = &word.section {
        let id = shapes::Section::id();
        xml.element((Space::W, "sectPr"), &section.bag, id, references);
    }
    xml.close(Space::W, "body");
    xml.close(Space::W, "document");
    xml.finish()
}

/// A story has at least one paragraph.
fn blocks(xml: &mut Xml, bag: &Bag, references: &mut References<'_>) {
    xml.inside(bag, shapes::Blocks::id(), references);
    if bag.children.is_empty() {
        xml.open_tag(Space::W, "p");
        xml.end_empty();
    }
}

/// Styles, lists, settings, fonts, theme and notes.
fn add_sides(package: &mut Package, word: &Word, names: &Names, references: &mut References<'_>) {
    if !word.styles.bag.children.is_empty() {
        references.to(Relation::Styles, "word/styles.xml");
        let root = (Space::W, "styles");
        add_element(package, "word/styles.xml", word_media!("styles"), root, &word.styles, names);
    }
    references.to(Relation::Settings, "word/settings.xml");
    let root = (Space::W, "settings");
    add_element(package, "word/settings.xml", word_media!("settings"), root, &word.settings, names);
    if let Some(numbering) = &word.numbering {
        references.to(Relation::Numbering, "word/numbering.xml");
        let root = (Space::W, "numbering");
        add_element(
            package,
            "word/numbering.xml",
            word_media!("numbering"),
            root,
            numbering,
            names,
        );
    }
    if let Some(fonts) = &word.fonts {
        references.to(Relation::FontTable, "word/fontTable.xml");
        let root = (Space::W, "fonts");
        add_element(package, "word/fontTable.xml", word_media!("fontTable"), root, fonts, names);
    }
    if let Some(theme) = &word.theme {
        references.to(Relation::Theme, "word/theme/theme1.xml");
        add_theme(package, "word/theme/theme1.xml", theme, names);
    }
    let notes = [
        (Relation::Footnotes, "footnotes", "footnote", word_media!("footnotes"), &word.footnotes),
        (Relation::Endnotes, "endnotes", "endnote", word_media!("endnotes"), &word.endnotes),
    ];
    for (relation, root, name, media, list) in notes {
        if !list.is_empty() {
            let part = format!("word/{root}.xml");
            references.to(relation, &part);
            add_notes(package, (&part, media), (root, name), list, names);
        }
    }
    if !word.comments.is_empty() {
        let part = "word/comments.xml";
        references.to(Relation::Comments, part);
        let media = word_media!("comments");
        add_notes(package, (part, media), ("comments", "comment"), &word.comments, names);
    }
}

fn add_notes<S: Shape>(
    package: &mut Package,
    (part, media): (&str, &'static str),
    (root, name): (&str, &str),
    list: &[Props<S>],
    names: &Names,
) {
    let mut references = References::new(names);
    let mut xml = start(root);
    for note in list {
        xml.element((Space::W, name), &note.bag, S::id(), &mut references);
    }
    xml.close(Space::W, root);
    package.add(part, media, xml.finish(), &references);
}
