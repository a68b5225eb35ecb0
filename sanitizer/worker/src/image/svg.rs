//! SVG drawings, shown as pixels.
//!
//! Nothing outside the file is looked up: no addresses, no style sheets, no
//! fonts but the one built in (decision 0012). Scripts and animations are
//! never run. Pictures in the file itself are decoded as others are.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use image::{DynamicImage, RgbaImage};
use quick_xml::events::{BytesStart, Event};
use resvg::tiny_skia::{Pixmap, Transform};
use resvg::usvg::{
    FontResolver, Group, ImageHrefResolver, ImageKind, Node, Options, Tree, fontdb, roxmltree,
};
use sanitizer_intermediate::image::{Picture, Source};
use sanitizer_intermediate::{Findings, HoldReason, Kind, Limits, Place, RemovedKind};

use super::picture;
use crate::detect;
use crate::typeface::{FAMILY, TYPEFACE};

/// Pixels of the longer side; smaller drawings are enlarged no more than fourfold.
const LONG_SIDE: f32 = 2_000.0;
const MOST_ENLARGED: f32 = 4.0;
/// Deepest nesting and most elements of a drawing.
const MAX_DEPTH: usize = 100;
const MAX_ELEMENTS: u32 = 100_000;
/// Elements after every `use` was followed.
const MAX_DRAWN: usize = 300_000;
/// Pixels of all pictures in a drawing.
const MAX_PICTURES: u64 = 50_000_000;

/// Draws a drawing.
pub(super) fn read(
    bytes: &[u8],
    limits: &Limits,
    findings: &mut Findings,
) -> Result<Picture, HoldReason> {
    let decoded = crate::office::decode_markup(bytes.to_vec())?;
    let text = decoded.as_str();
    survey(text, limits, findings)?;
    let tree = Tree::from_str(text, &options(limits)).map_err(|error| reason(&error))?;
    if drawn(tree.root()) > MAX_DRAWN {
        return Err(HoldReason::TooComplex);
    }
    let (wide, tall) = (tree.size().width(), tree.size().height());
    let scale = (LONG_SIDE / wide.max(tall)).min(MOST_ENLARGED);
    let (width, height) = (pixels(wide * scale), pixels(tall * scale));
    super::still::check_size(width, height, limits)?;
    let mut canvas = Pixmap::new(width, height).ok_or(HoldReason::TooLarge)?;
    resvg::render(&tree, Transform::from_scale(scale, scale), &mut canvas.as_mut());
    let drawn = RgbaImage::from_raw(width, height, canvas.take_demultiplied());
    let drawn = DynamicImage::ImageRgba8(drawn.ok_or(HoldReason::Broken)?);
    picture::from_decoded(drawn, Source::Lossless)
}

fn options(limits: &Limits) -> Options<'static> {
    let mut fonts = fontdb::Database::new();
    fonts.load_font_source(fontdb::Source::Binary(Arc::new(TYPEFACE)));
    fonts.set_sans_serif_family(FAMILY);
    fonts.set_serif_family(FAMILY);
    fonts.set_monospace_family(FAMILY);
    fonts.set_cursive_family(FAMILY);
    fonts.set_fantasy_family(FAMILY);
    let (limits, left) = (*limits, AtomicU64::new(MAX_PICTURES));
    Options {
        resources_dir: None,
        font_family: FAMILY.to_owned(),
        languages: vec!["ja".into(), "en".into()],
        fontdb: Arc::new(fonts),
        font_resolver: FontResolver::default(),
        image_href_resolver: ImageHrefResolver {
            resolve_data: Box::new(move |_, data, _| embedded(data, &limits, &left)),
            resolve_string: Box::new(|_, _| None),
        },
        ..Options::default()
    }
}

/// A picture within the drawing, when it is one and there is room for it.
fn embedded(data: Arc<Vec<u8>>, limits: &Limits, left: &AtomicU64) -> Option<ImageKind> {
    let kind = match detect::kind(&data, None) {
        Kind::Jpeg => ImageKind::JPEG,
        Kind::Png => ImageKind::PNG,
        Kind::Gif => ImageKind::GIF,
        Kind::WebP => ImageKind::WEBP,
        _ => return None,
    };
    let shown = super::decode_raster(&data, limits).ok()?;
    let pixels = u64::from(shown.width()) * u64::from(shown.height());
    let taken = |left: u64| left.checked_sub(pixels);
    left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, taken).ok()?;
    Some(kind(data))
}

/// A reader's error in our words.
fn reason(error: &resvg::usvg::Error) -> HoldReason {
    match error {
        resvg::usvg::Error::ElementsLimitReached
        | resvg::usvg::Error::ParsingFailed(
            roxmltree::Error::NodesLimitReached | roxmltree::Error::EntityReferenceLoop(_),
        ) => HoldReason::TooComplex,
        _ => HoldReason::Broken,
    }
}

/// How many things are drawn.
fn drawn(group: &Group) -> usize {
    let inside = |node: &Node| match node {
        Node::Group(group) => drawn(group),
        Node::Path(_) | Node::Image(_) | Node::Text(_) => 1,
    };
    group.children().iter().map(inside).sum::<usize>() + 1
}

fn pixels(length: f32) -> u32 {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a cast to fewer bits saturates"
    )]
    let whole = length.ceil() as u32;
    whole.max(1)
}

/// Bounds the drawing before anything is built from it, and notes what stays
/// behind.
fn survey(text: &str, limits: &Limits, findings: &mut Findings) -> Result<(), HoldReason> {
    let mut reader = quick_xml::Reader::from_str(text);
    let (mut depth, mut elements) = (0_usize, 0_u32);
    loop {
        match reader.read_event().map_err(|_| HoldReason::Broken)? {
            Event::Start(tag) => {
                depth += 1;
                note(&tag, findings);
                elements += 1;
            }
            Event::Empty(tag) => {
                note(&tag, findings);
                elements += 1;
            }
            Event::End(_) => depth = depth.saturating_sub(1),
            // Entities could unfold to more than was counted.
            Event::DocType(it) if it.contains("<!ENTITY") => {
                return Err(HoldReason::TooComplex);
            }
            Event::Eof => return Ok(()),
            _ => {}
        }
        if depth > MAX_DEPTH || elements > MAX_ELEMENTS.min(limits.objects) {
            return Err(HoldReason::TooComplex);
        }
    }
}

fn note(tag: &BytesStart<'_>, findings: &mut Findings) {
    let mut remove = |kind| findings.remove(kind, 1, Place::Document);
    let name = tag.local_name();
    match name.as_ref() {
        "script" => remove(RemovedKind::JavaScript),
        "foreignObject" | "iframe" => remove(RemovedKind::EmbeddedHtml),
        "a" => remove(RemovedKind::Links),
        "animate" | "animateTransform" | "animateMotion" | "set" => remove(RemovedKind::Actions),
        "audio" | "video" => remove(RemovedKind::Media),
        _ => {}
    }
    for attribute in tag.attributes().flatten() {
        let key = attribute.key.local_name();
        if key.as_ref().starts_with("on") {
            remove(RemovedKind::Actions);
        } else if key.as_ref() == "href" && name.as_ref() != "a" {
            let inside = attribute.value.starts_with("#") || attribute.value.starts_with("data:");
            if !inside {
                remove(RemovedKind::ExternalReferences);
            }
        }
    }
}
