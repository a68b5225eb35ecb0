//! Documents of other formats, brought into the shapes of Word, Excel and
//! PowerPoint.
//!
//! A reader fills a [`word::Text`], [`sheet::Book`] or [`slides::Deck`]: plain
//! data without a format's peculiarities. From it elements are made and pass
//! the same tables as every Office document.

pub(super) mod chart;
pub(super) mod sheet;
pub(super) mod slides;
pub(super) mod word;

use std::fmt::Write as _;

use sanitizer_intermediate::image::Picture;
use sanitizer_intermediate::office::grammar::is_plain;
use sanitizer_intermediate::office::{Props, Shape, Space};
use sanitizer_intermediate::text::unwanted;
use sanitizer_intermediate::{ChangedKind, Findings, HoldReason, Place};

use super::shape::{self, Links};
use super::xml::{Budget, Element, Pull};
use crate::image::{Found, decode_picture};

/// EMU in a twip, a point and a hundredth of a millimetre.
pub(super) const EMU_PER_TWIP: i64 = 635;

/// Pictures of a document of another format, within a budget of samples.
pub(super) struct Pictures {
    pub pictures: Vec<Picture>,
    /// What drawings say, by the number of the picture.
    words: Vec<(u32, String)>,
    left: u64,
    /// Drawings among them, and what was not drawn of these.
    drawings: u32,
    left_out: u32,
}

impl Pictures {
    /// Half of the answer is for samples.
    pub(super) fn new(answer_bytes: u64) -> Self {
        let (pictures, words) = (Vec::new(), Vec::new());
        Self { pictures, words, left: answer_bytes / 2, drawings: 0, left_out: 0 }
    }

    /// The number of a picture; `None` when it cannot be shown.
    pub(super) fn add(
        &mut self,
        bytes: &[u8],
        limits: &sanitizer_intermediate::Limits,
    ) -> Option<u32> {
        let picture = match decode_picture(bytes, limits).ok()? {
            Found::Raster(picture) => picture,
            Found::Drawing { picture, left_out, words } => {
                self.drawings = self.drawings.saturating_add(1);
                self.left_out = self.left_out.saturating_add(left_out);
                let number = u32::try_from(self.pictures.len()).ok()?;
                self.words.extend((!words.is_empty()).then_some((number, words)));
                picture
            }
        };
        self.left = self.left.checked_sub(picture.data().len() as u64)?;
        self.pictures.push(picture);
        u32::try_from(self.pictures.len() - 1).ok()
    }

    /// What the drawing a picture was said; empty for others.
    pub(super) fn said(&self, number: u32) -> String {
        let found = self.words.iter().find(|it| it.0 == number);
        found.map(|it| it.1.clone()).unwrap_or_default()
    }

    /// Notes what became of drawings.
    pub(super) fn note(&self, findings: &mut Findings) {
        findings.change(ChangedKind::DrawingsAsPictures, self.drawings, Place::Document);
        findings.change(ChangedKind::LayoutSimplified, self.left_out, Place::Document);
    }

    /// Width and height of a picture in EMU at 96 dots an inch, no wider than a page.
    pub(super) fn size(&self, number: u32) -> (i64, i64) {
        let Some(picture) = self.pictures.get(number as usize) else {
            return (0, 0);
        };
        let (width, height) = (i64::from(picture.width()), i64::from(picture.height()));
        let (wide, tall) = (width * 9_525, height * 9_525);
        let most = 5_700_000;
        if wide > most { (most, tall * most / wide.max(1)) } else { (wide.max(1), tall.max(1)) }
    }
}

/// Ids that are numbers.
struct Numbered;

impl Links for Numbered {
    fn image(&mut self, id: &str) -> Result<Option<u32>, HoldReason> {
        Ok(id.parse().ok())
    }

    fn chart(&mut self, id: &str) -> Result<Option<u32>, HoldReason> {
        Ok(id.parse().ok())
    }

    fn story(&mut self, id: &str) -> Result<Option<u32>, HoldReason> {
        Ok(id.parse().ok())
    }

    fn link(&mut self, _id: &str) -> Option<String> {
        None
    }

    fn left_out(&mut self, _within: &Element, _element: &Element) {}
}

/// An element written by this module, in the shape the model wants. `xml` is
/// what stands within the element.
fn made<S: Shape>(name: &str, xml: &str) -> Result<Props<S>, HoldReason> {
    let mut whole = String::with_capacity(xml.len() + 1_000);
    let _ = write!(whole, "<{name}");
    for space in Space::ALL {
        let _ = write!(whole, " xmlns:{}=\"{}\"", space.code(), space.uri());
    }
    let close = name.split(' ').next().unwrap_or_default();
    let _ = write!(whole, ">{xml}</{close}>");
    let mut pull = Pull::new(&whole, Budget::new(u32::MAX));
    let root = pull.root()?;
    let root = pull.take(root)?;
    shape::props(&root, &mut Numbered)
}

/// Characters as they stand between tags and in attributes.
pub(super) fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for it in text.chars() {
        match it {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            it if is_plain(it.encode_utf8(&mut [0; 4])) && unwanted(it).is_none() => out.push(it),
            _ => {}
        }
    }
    out
}

/// The text without characters that no cell or run may have.
pub(super) fn cleaned(text: &str) -> String {
    text.chars().filter(|it| unwanted(*it).is_none()).collect()
}
