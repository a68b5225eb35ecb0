//! Pages and the lists they draw from.

use super::{Box4, Font, Mask, Matrix, Pattern, Shading, Step};
use crate::image::Picture;
use crate::words::words;

/// The pages of a PDF.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct PdfDocument {
    /// At least one.
    pub pages: Vec<Page>,
    /// Everything the pages draw with.
    pub things: Box<Things>,
    /// Table of contents beside the pages.
    pub bookmarks: Vec<Bookmark>,
}

/// What pages draw with. Numbers in steps are places in these lists.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Things {
    /// Fonts.
    pub fonts: Vec<Font>,
    /// Drawings used several times, or as a group.
    pub forms: Vec<Form>,
    /// Pictures.
    pub pictures: Vec<PdfPicture>,
    /// Patterns.
    pub patterns: Vec<Pattern>,
    /// Shadings.
    pub shadings: Vec<Shading>,
    /// Soft masks.
    pub masks: Vec<Mask>,
}

/// One page.
#[derive(Debug, Clone, PartialEq)]
pub struct Page {
    /// The sheet, in units of [`Page::unit`].
    pub media: Box4,
    /// What is shown of it.
    pub crop: Box4,
    /// Quarter turns clockwise, 0–3.
    pub turns: u8,
    /// Points per unit, 0.1–100; usually 1.
    pub unit: f32,
    /// The page is mixed as a group.
    pub group: Option<Group>,
    /// What is drawn.
    pub content: Vec<Step>,
    /// Places that lead elsewhere when they are clicked.
    pub links: Vec<Link>,
}

/// A place on a page that leads elsewhere.
#[derive(Debug, Clone, PartialEq)]
pub struct Link {
    /// Where it is.
    pub area: Box4,
    /// Where it leads.
    pub target: Target,
}

/// Where a link leads.
#[derive(Debug, Clone, PartialEq)]
pub enum Target {
    /// To a page of the same file, from 0.
    Page(u32),
    /// To a web page or mail address. Kept only when the policy says so.
    Web(String),
}

/// A drawing that is mixed as a whole before it is put on the page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Group {
    /// Starts from nothing instead of what is below.
    pub isolated: bool,
    /// Its parts cover each other instead of mixing.
    pub knockout: bool,
    /// Colours it is mixed in.
    pub space: GroupSpace,
}

words! {
    /// The colours a group is mixed in.
    pub enum GroupSpace {
        /// Those of what is below.
        Inherited = "inherited",
        /// Gray.
        Gray = "gray",
        /// Red, green, blue.
        Rgb = "rgb",
        /// Cyan, magenta, yellow, black.
        Cmyk = "cmyk",
    }
}

/// A drawing.
#[derive(Debug, Clone, PartialEq)]
pub struct Form {
    /// Nothing is drawn outside.
    pub bounds: Box4,
    /// From the form to where it is used.
    pub matrix: Matrix,
    /// It is mixed as a whole.
    pub group: Option<Group>,
    /// What is drawn.
    pub content: Vec<Step>,
}

/// A picture on a page.
#[derive(Debug, Clone, PartialEq)]
pub struct PdfPicture {
    /// Its colours, or the stencil; never RGBA.
    pub picture: Picture,
    /// How opaque each pixel is (bilevel or gray), in a size of its own.
    pub alpha: Option<Picture>,
    /// The picture (bilevel) is painted through with the current colour.
    pub stencil: Option<Stencil>,
    /// Readers may smooth it when they enlarge it.
    pub smooth: bool,
    /// Bytes it took in the file, as advice for the encoder.
    pub coded_bytes: u32,
}

/// Marks a picture as stencil: black pixels (0) are painted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stencil;

/// A line of the table of contents.
#[derive(Debug, Clone, PartialEq)]
pub struct Bookmark {
    /// 0 for the outermost; at most one more than the line before.
    pub level: u8,
    /// Its words.
    pub title: String,
    /// The page it leads to, from 0.
    pub page: u32,
}
