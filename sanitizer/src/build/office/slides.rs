//! Writes PowerPoint presentations.

mod remarks;

use sanitizer_intermediate::Place;
use sanitizer_intermediate::office::{
    Bag, NotesMaster, Props, Shape, Slides, Space, grammar::TypeId, shapes,
};

use super::media::{add_charts, add_element, add_pictures, add_theme, name_charts};
use super::package::Package;
use super::part::{Names, References, Relation};
use super::xml::Xml;
use crate::Policy;
use crate::build::{BuildError, Built};
use crate::policy::Links;

const MAIN: &str = "ppt/presentation.xml";
const NOTES_MASTER: &str = "ppt/notesMasters/notesMaster1.xml";
const TABLE_STYLES: &str = "ppt/tableStyles.xml";
const MEDIA: &str = "application/vnd.openxmlformats-officedocument.presentationml.presentation";
const SPACES: &[Space] = &[Space::P, Space::A, Space::R, Space::C];
/// Ids of masters and layouts begin here, by the standard.
const FIRST_MASTER: u32 = 0x8000_0000;
/// Ids of slides begin here.
const FIRST_SLIDE: usize = 256;

macro_rules! slide_media {
    ($name:literal) => {
        concat!("application/vnd.openxmlformats-officedocument.presentationml.", $name, "+xml")
    };
}

/// Writes a PowerPoint presentation.
///
/// # Errors
/// [`BuildError`] when it cannot be written.
pub fn build(deck: &Slides, policy: &Policy) -> Result<Built, BuildError> {
    if !deck.is_sound() || deck.masters.is_empty() {
        return Err(BuildError::Invalid("a reference leads nowhere"));
    }
    let mut package = Package::new();
    let mut names = Names { keep_links: policy.links == Links::KeepWeb, ..Names::default() };
    add_pictures(&mut package, "ppt", &deck.pictures, &policy.images, &mut names)?;
    name_charts("ppt", deck.charts.len(), &mut names);

    let mut references = References::new(&names);
    let presentation = presentation(deck, &mut references);
    references.to(Relation::Theme, &theme_part(0));
    if let Some(styles) = &deck.table_styles {
        references.to(Relation::TableStyles, TABLE_STYLES);
        let root = (Space::A, "tblStyleLst");
        add_element(&mut package, TABLE_STYLES, slide_media!("tableStyles"), root, styles, &names);
    }
    remarks::refer(deck, &mut references);
    package.add(MAIN, slide_media!("presentation.main"), presentation, &references);
    add_masters(&mut package, deck, &names);
    if let Some(master) = &deck.notes_master {
        add_notes_master(&mut package, master, deck.masters.len(), &names);
    }
    add_slides(&mut package, deck, &names);
    remarks::add_author(&mut package, deck);
    add_charts(&mut package, &deck.charts, &names);
    let (bytes, findings) = package.finish(MAIN)?;
    Ok(Built { bytes, media: MEDIA, extension: "pptx", findings })
}

fn master_part(at: usize) -> String {
    format!("ppt/slideMasters/slideMaster{}.xml", at + 1)
}

fn theme_part(at: usize) -> String {
    format!("ppt/theme/theme{}.xml", at + 1)
}

fn layout_part(at: usize) -> String {
    format!("ppt/slideLayouts/slideLayout{}.xml", at + 1)
}

fn slide_part(at: usize) -> String {
    format!("ppt/slides/slide{}.xml", at + 1)
}

fn notes_part(at: usize) -> String {
    format!("ppt/notesSlides/notesSlide{}.xml", at + 1)
}

fn presentation(deck: &Slides, references: &mut References<'_>) -> Vec<u8> {
    let id = shapes::Presentation::id();
    let settings = &deck.settings.bag;
    let mut xml = Xml::new(None);
    xml.root(Space::P, "presentation", SPACES);
    xml.attributes(settings, id, references);
    xml.end_tag();
    let mut number = FIRST_MASTER;
    let masters = deck.masters.iter().enumerate().map(|(at, master)| {
        let id = number;
        number += 1 + u32::try_from(master.layouts.len()).unwrap_or_default();
        (id, references.to(Relation::SlideMaster, &master_part(at)))
    });
    let masters: Vec<(u32, String)> = masters.collect();
    list(
        &mut xml,
        "sldMasterIdLst",
        "sldMasterId",
        masters.iter().map(|(id, to)| (Some(id.to_string()), to.clone())),
    );
    if deck.notes_master.is_some() {
        let to = references.to(Relation::NotesMaster, NOTES_MASTER);
        list(&mut xml, "notesMasterIdLst", "notesMasterId", [(None, to)].into_iter());
    }
    let slides: Vec<(Option<String>, String)> = (0..deck.slides.len())
        .map(|at| {
            (Some((FIRST_SLIDE + at).to_string()), references.to(Relation::Slide, &slide_part(at)))
        })
        .collect();
    list(&mut xml, "sldIdLst", "sldId", slides.into_iter());
    xml.inside(settings, id, references);
    xml.close(Space::P, "presentation");
    xml.finish()
}

fn list(
    xml: &mut Xml,
    name: &str,
    entry: &str,
    entries: impl ExactSizeIterator<Item = (Option<String>, String)>,
) {
    if entries.len() == 0 {
        return;
    }
    xml.open_tag(Space::P, name);
    xml.end_tag();
    for (id, to) in entries {
        xml.open_tag(Space::P, entry);
        if let Some(id) = id {
            xml.attribute("id", &id);
        }
        xml.attribute("r:id", &to);
        xml.end_empty();
    }
    xml.close(Space::P, name);
}

fn add_masters(package: &mut Package, deck: &Slides, names: &Names) {
    let mut number = FIRST_MASTER;
    let mut layout_at = 0;
    for (at, master) in deck.masters.iter().enumerate() {
        let mut references = References::new(names);
        let mut entries = Vec::new();
        for layout in &master.layouts {
            number += 1;
            let part = layout_part(layout_at);
            entries.push((Some(number.to_string()), references.to(Relation::SlideLayout, &part)));
            let mut own = References::new(names);
            own.to(Relation::SlideMaster, &master_part(at));
            let media = slide_media!("slideLayout");
            add_part(package, Place::Document, (&part, media), "sldLayout", layout, &mut own);
            layout_at += 1;
        }
        number += 1;
        references.to(Relation::Theme, &theme_part(at));
        let bytes = master_xml(&master.content.bag, entries, &mut references);
        package.add(&master_part(at), slide_media!("slideMaster"), bytes, &references);
        add_theme(package, &theme_part(at), &master.theme, names);
    }
}

/// A master lists its layouts in the middle of what the tables know.
fn master_xml(
    bag: &Bag,
    layouts: Vec<(Option<String>, String)>,
    references: &mut References<'_>,
) -> Vec<u8> {
    let id: TypeId = shapes::MasterShape::id();
    let before = |name: &str| matches!(name, "cSld" | "clrMap");
    let after = |name: &str| !before(name);
    let mut xml = Xml::new(None);
    xml.root(Space::P, "sldMaster", SPACES);
    xml.attributes(bag, id, references);
    xml.end_tag();
    xml.some_inside(bag, id, references, &before);
    list(&mut xml, "sldLayoutIdLst", "sldLayoutId", layouts.into_iter());
    xml.some_inside(bag, id, references, &after);
    xml.close(Space::P, "sldMaster");
    xml.finish()
}

fn add_notes_master(package: &mut Package, master: &NotesMaster, theme: usize, names: &Names) {
    let mut references = References::new(names);
    references.to(Relation::Theme, &theme_part(theme));
    let media = slide_media!("notesMaster");
    let part = (NOTES_MASTER, media);
    add_part(package, Place::Document, part, "notesMaster", &master.content, &mut references);
    add_theme(package, &theme_part(theme), &master.theme, names);
}

fn add_slides(package: &mut Package, deck: &Slides, names: &Names) {
    let mut remarks = remarks::Remarks::default();
    for (at, slide) in deck.slides.iter().enumerate() {
        let place = Place::Slide(u32::try_from(at + 1).unwrap_or(u32::MAX));
        let mut references = References::new(names);
        references.to(Relation::SlideLayout, &layout_part(slide.layout as usize));
        if let Some(notes) = &slide.notes {
            references.to(Relation::NotesSlide, &notes_part(at));
            let mut own = References::new(names);
            own.to(Relation::NotesMaster, NOTES_MASTER);
            own.to(Relation::Slide, &slide_part(at));
            let media = slide_media!("notesSlide");
            add_part(package, place, (&notes_part(at), media), "notes", notes, &mut own);
        }
        remarks.add(package, slide, at, &mut references);
        let media = slide_media!("slide");
        let part = slide_part(at);
        add_part(package, place, (&part, media), "sld", &slide.content, &mut references);
    }
}

fn add_part<S: Shape>(
    package: &mut Package,
    place: Place,
    (name, media): (&str, &'static str),
    root: &str,
    props: &Props<S>,
    references: &mut References<'_>,
) {
    let mut xml = Xml::new(None);
    xml.root(Space::P, root, SPACES);
    xml.attributes(&props.bag, S::id(), references);
    xml.content((Space::P, root), &props.bag, S::id(), references);
    package.add_at(place, (name, media), xml.finish(), references);
}
