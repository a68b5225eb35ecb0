//! A presentation.

use super::bag::Props;
use super::record::record;
use super::shapes::{
    Chart, LayoutShape, MasterShape, NotesMasterShape, NotesShape, Presentation, SlideShape,
    TableStyles, Theme,
};
use super::view::References;
use super::{MAX_CHARTS, MAX_PICTURES};
use crate::image::Picture;

const MAX_SLIDES: usize = 10_000;
const MAX_MASTERS: usize = 1_000;
const MAX_LAYOUTS: usize = 10_000;

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
record! { Slide { one layout, one content, option notes } }
record! { NotesMaster { one content, one theme } }

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
