//! Asks hayro what a colour space, a shading or a picture comes to.
//!
//! Our own walker decides what a page may do. Where a value takes a whole
//! colour model or an image codec to compute, a snippet of content made here
//! (`/Name Do`) is run by hayro against the resources of the page, and what it
//! would have painted is caught.

use hayro::hayro_interpret::color::ColorSpace;
use hayro::hayro_interpret::font::GlyphRun;
use hayro::hayro_interpret::pattern::{Pattern, ShadingPattern};
use hayro::hayro_interpret::{
    BlendMode, ClipPath, Context, Device, DrawMode, DrawProps, Image, ImageData, ImageDrawProps,
    InterpreterCache, InterpreterSettings, LumaData, Paint, SoftMask, interpret,
};
use hayro::hayro_syntax::content::TypedIter;
use hayro::hayro_syntax::page::Resources;
use hayro::hayro_syntax::xref::XRef;
use hayro::kurbo::{Affine, BezPath, Rect};

/// Larger than any page, so that nothing is clipped away.
const EVERYWHERE: Rect = Rect::new(-1.0e7, -1.0e7, 1.0e7, 1.0e7);

/// What a picture comes to.
pub(super) enum Decoded {
    /// Colours, and how opaque they are.
    Raster(ImageData, Option<LumaData>),
    /// Where paint goes through.
    Stencil(LumaData),
}

pub(super) struct Engine<'a> {
    context: Context<'a>,
}

impl<'a> Engine<'a> {
    pub(super) fn new(xref: &'a XRef) -> Self {
        let cache = InterpreterCache::new();
        let settings = InterpreterSettings::default();
        Self { context: Context::new(Affine::IDENTITY, EVERYWHERE, &cache, xref, settings) }
    }

    /// The colour space of this name.
    pub(super) fn colour_space(
        &mut self,
        name: &[u8],
        resources: &Resources<'a>,
    ) -> Option<ColorSpace> {
        let probe = self.run(&format!("{} cs 0 0 1 1 re f", spelled(name)), resources, None);
        match probe.paint? {
            Paint::Color(colour) => Some(colour.color_space().clone()),
            Paint::Pattern(_) => None,
        }
    }

    /// The colour an uncoloured pattern is painted with.
    pub(super) fn tint(
        &mut self,
        space: &[u8],
        numbers: &[f32],
        pattern: &[u8],
        resources: &Resources<'a>,
    ) -> Option<[f32; 3]> {
        let numbers: Vec<String> = numbers.iter().map(f32::to_string).collect();
        let snippet = format!(
            "{} cs {} {} scn 0 0 1 1 re f",
            spelled(space),
            numbers.join(" "),
            spelled(pattern)
        );
        let Paint::Pattern(pattern) = self.run(&snippet, resources, None).paint? else {
            return None;
        };
        let Pattern::Tiling(tiling) = *pattern else { return None };
        let mut probe = Probe::default();
        tiling.interpret(&mut probe, Affine::IDENTITY, false)?;
        match probe.paint? {
            Paint::Color(colour) => {
                let [r, g, b, _] = colour.to_rgba().components();
                Some([r, g, b])
            }
            Paint::Pattern(_) => None,
        }
    }

    /// The shading of this name.
    pub(super) fn shading(
        &mut self,
        name: &[u8],
        resources: &Resources<'a>,
    ) -> Option<ShadingPattern> {
        self.shading_of(&format!("{} sh", spelled(name)), resources)
    }

    /// The shading pattern of this name.
    pub(super) fn shading_pattern(
        &mut self,
        name: &[u8],
        resources: &Resources<'a>,
    ) -> Option<ShadingPattern> {
        let snippet = format!("/Pattern cs {} scn 0 0 1 1 re f", spelled(name));
        self.shading_of(&snippet, resources)
    }

    fn shading_of(&mut self, snippet: &str, resources: &Resources<'a>) -> Option<ShadingPattern> {
        match self.run(snippet, resources, None).paint? {
            Paint::Pattern(pattern) => match *pattern {
                Pattern::Shading(shading) => Some(shading),
                Pattern::Tiling(_) => None,
            },
            Paint::Color(_) => None,
        }
    }

    /// The picture of this name. `size` asks for one about this large.
    pub(super) fn picture(
        &mut self,
        name: &[u8],
        resources: &Resources<'a>,
        size: Option<(u32, u32)>,
    ) -> Option<Decoded> {
        self.run(&format!("{} Do", spelled(name)), resources, size).picture
    }

    /// The picture written right into the content: its dictionary up to and
    /// with `ID`, and its data.
    pub(super) fn inline_picture(
        &mut self,
        dictionary: &[u8],
        data: &[u8],
        resources: &Resources<'a>,
    ) -> Option<Decoded> {
        let snippet = [b"BI ", dictionary, b" ", data, b"EI "].concat();
        let mut probe = Probe::default();
        interpret(TypedIter::new(&snippet), resources, &mut self.context, &mut probe);
        probe.picture
    }

    fn run(
        &mut self,
        snippet: &str,
        resources: &Resources<'a>,
        size: Option<(u32, u32)>,
    ) -> Probe<'a> {
        let mut probe = Probe { size, ..Probe::default() };
        let ops = TypedIter::new(snippet.as_bytes());
        interpret(ops, resources, &mut self.context, &mut probe);
        probe
    }
}

/// A name as content spells it, every byte escaped.
fn spelled(name: &[u8]) -> String {
    let mut spelled = String::from("/");
    for byte in name {
        if byte.is_ascii_alphanumeric() {
            spelled.push(char::from(*byte));
        } else {
            spelled.push_str(&format!("#{byte:02X}"));
        }
    }
    spelled
}

/// Catches the first paint and the first picture.
#[derive(Default)]
struct Probe<'a> {
    paint: Option<Paint<'a>>,
    picture: Option<Decoded>,
    size: Option<(u32, u32)>,
}

impl<'a> Device<'a> for Probe<'a> {
    fn draw_path(&mut self, _: &BezPath, props: DrawProps<'a>, _: &DrawMode) {
        self.paint.get_or_insert(props.paint);
    }

    fn draw_glyph_run(&mut self, _: &GlyphRun<'_, 'a>, props: DrawProps<'a>, _: &DrawMode) {
        self.paint.get_or_insert(props.paint);
    }

    fn draw_image(&mut self, image: Image<'a, '_>, _: ImageDrawProps<'a>) {
        let size = self.size;
        match image {
            Image::Raster(raster) => raster.with_rgba(
                |colours, alpha| self.picture = Some(Decoded::Raster(colours, alpha)),
                size,
            ),
            Image::Stencil(stencil) => stencil.with_stencil(
                |luma, paint| {
                    self.paint.get_or_insert(paint.clone());
                    self.picture = Some(Decoded::Stencil(luma));
                },
                size,
            ),
        }
    }

    fn push_clip_path(&mut self, _: &ClipPath) {}
    fn push_transparency_group(&mut self, _: f32, _: Option<SoftMask<'a>>, _: BlendMode) {}
    fn pop_clip(&mut self) {}
    fn pop_transparency_group(&mut self) {}
}
