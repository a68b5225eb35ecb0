//! A presentation.

use super::bag::Props;
use super::grammar::is_plain;
use super::record::record;
use super::shapes::{
    Chart, LayoutShape, MasterShape, NotesMasterShape, NotesShape, Presentation, SlideShape,
    TableStyles, Theme,
};
use super::view::References;
use super::{MAX_CHARTS, MAX_PICTURES};
use crate::image::Picture;
use crate::text::unwanted;

const MAX_SLIDES: usize = 10_000;
const MAX_MASTERS: usize = 1_000;
const MAX_LAYOUTS: usize = 10_000;
const MAX_REMARKS: usize = 10_000;
/// Bytes of a remark.
const MAX_REMARK: usize = 256 << 10;
/// Furthest from the edge that a remark stands.
const FAR: u32 = 100_000;
/// EMU in a unit of the places of remarks.
const EMU: f64 = 914_400.0 / 576.0;

/// A presentation, as PowerPoint shows it.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Slides {
    /// Size of the slides and text without a style.
    pub settings: Props<Presentation>,
    /// Masters with their layouts.
    pub masters: Vec<Master>,
    /// Slides in the order they are shown.
    pub slides: Vec<Slide>,
    /// Master of the notes.
    pub notes_master: Option<NotesMaster>,
    /// Styles of tables.
    pub table_styles: Option<Props<TableStyles>>,
    /// Charts.
    pub charts: Vec<Props<Chart>>,
    /// Pictures.
    pub pictures: Vec<Picture>,
}

/// What slides have in common.
#[derive(Debug, Clone, PartialEq)]
pub struct Master {
    /// Shapes, background, text styles.
    pub content: Props<MasterShape>,
    /// Colours, fonts, effects.
    pub theme: Props<Theme>,
    /// Its layouts.
    pub layouts: Vec<Props<LayoutShape>>,
}

/// A slide.
#[derive(Debug, Clone, PartialEq)]
pub struct Slide {
    /// Its layout, counted through all masters.
    pub layout: u32,
    /// Shapes, background.
    pub content: Props<SlideShape>,
    /// What the speaker wrote.
    pub notes: Option<Props<NotesShape>>,
    /// What people wrote about it.
    pub remarks: Vec<Remark>,
}

/// What somebody wrote about a slide; who and when is not kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Remark {
    /// From the left edge of the slide, in 576ths of an inch.
    pub left: u32,
    /// From its upper edge.
    pub top: u32,
    /// What it says.
    pub text: String,
}

/// What notes have in common.
#[derive(Debug, Clone, PartialEq)]
pub struct NotesMaster {
    /// Shapes, background, text style.
    pub content: Props<NotesMasterShape>,
    /// Colours, fonts, effects.
    pub theme: Props<Theme>,
}

record! { Slides {
    one settings, list(MAX_MASTERS) masters, list(MAX_SLIDES) slides, option notes_master,
    option table_styles, list(MAX_CHARTS) charts, list(MAX_PICTURES) pictures,
} if is_sound }
record! { Master { one content, one theme, list(MAX_LAYOUTS) layouts } }
record! { Slide { one layout, one content, option notes, list(MAX_REMARKS) remarks } }
record! { Remark { one left, one top, text(MAX_REMARK) text } if is_sound }
record! { NotesMaster { one content, one theme } }

impl Remark {
    /// A remark at a place in EMU, with what of the text a document may have.
    #[must_use]
    pub fn at(left: i64, top: i64, text: &str) -> Self {
        let mut kept = String::new();
        let may_stand =
            |it: &char| is_plain(it.encode_utf8(&mut [0; 4])) && unwanted(*it).is_none();
        for it in text.chars().filter(may_stand) {
            if kept.len() + it.len_utf8() > MAX_REMARK {
                break;
            }
            kept.push(it);
        }
        Self { left: units(left), top: units(top), text: kept }
    }

    fn is_sound(&self) -> bool {
        self.left <= FAR && self.top <= FAR
    }
}

fn units(emu: i64) -> u32 {
    let far = f64::from(FAR) * EMU;
    #[expect(clippy::cast_precision_loss, reason = "places of slides are far below 2^53")]
    let units = (emu as f64).clamp(0.0, far) / EMU;
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "between nothing and FAR"
    )]
    let whole = units as u32;
    whole
}

impl Slides {
    /// Whether every reference leads to a picture, chart or layout of this
    /// presentation, and notes have their master.
    #[must_use]
    pub fn is_sound(&self) -> bool {
        let layouts = self.masters.iter().map(|it| it.layouts.len()).sum::<usize>();
        let placed = self.slides.iter().all(|it| (it.layout as usize) < layouts);
        let noted = self.notes_master.is_some() || self.slides.iter().all(|it| it.notes.is_none());
        placed && noted && self.needs().lead_to(self.pictures.len(), self.charts.len(), 0)
    }

    fn needs(&self) -> References {
        let masters = &self.masters;
        References::of(masters.iter().map(|it| &it.content))
            .and(References::of(masters.iter().map(|it| &it.theme)))
            .and(References::of(masters.iter().flat_map(|it| &it.layouts)))
            .and(References::of(self.slides.iter().map(|it| &it.content)))
            .and(References::of(self.slides.iter().filter_map(|it| it.notes.as_ref())))
            .and(References::of(self.notes_master.iter().map(|it| &it.content)))
            .and(References::of(self.notes_master.iter().map(|it| &it.theme)))
            .and(References::of(&self.table_styles))
            .and(References::of(&self.charts))
    }
}
