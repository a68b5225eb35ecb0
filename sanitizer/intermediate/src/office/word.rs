//! A text document.

use super::bag::Props;
use super::record::record;
use super::shapes::{
    Background, Blocks, Chart, Comment, Fonts, Note, Numbering, Section, Settings, Styles, Theme,
};
use super::view::References;
use super::{MAX_CHARTS, MAX_PICTURES};
use crate::image::Picture;
use crate::words::words;

/// Most headers and footers.
const MAX_STORIES: usize = 10_000;
/// Most notes of a kind.
const MAX_NOTES: usize = 200_000;

/// A text document, as Word shows it.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Word {
    /// Settings that change how pages look or how a form is filled in.
    pub settings: Props<Settings>,
    /// Colours and fonts by role.
    pub theme: Option<Props<Theme>>,
    /// Fonts by name, for replacing absent ones.
    pub fonts: Option<Props<Fonts>>,
    /// Styles.
    pub styles: Props<Styles>,
    /// Lists.
    pub numbering: Option<Props<Numbering>>,
    /// Colour behind all pages.
    pub background: Option<Props<Background>>,
    /// Paragraphs and tables.
    pub body: Props<Blocks>,
    /// The last section; earlier ones are in the paragraphs that end them.
    pub section: Option<Props<Section>>,
    /// Headers and footers.
    pub stories: Vec<Story>,
    /// Footnotes, the separators too.
    pub footnotes: Vec<Props<Note>>,
    /// Endnotes, the separators too.
    pub endnotes: Vec<Props<Note>>,
    /// Remarks beside the text.
    pub comments: Vec<Props<Comment>>,
    /// Charts.
    pub charts: Vec<Props<Chart>>,
    /// Pictures.
    pub pictures: Vec<Picture>,
}

/// A header or footer.
#[derive(Debug, Clone, PartialEq)]
pub struct Story {
    /// Which of the two.
    pub kind: StoryKind,
    /// Paragraphs and tables.
    pub content: Props<Blocks>,
}

words! {
    /// Where a story stands on the page.
    pub enum StoryKind {
        /// Above.
        Header = "header",
        /// Below.
        Footer = "footer",
    }
}

record! { Story { one kind, one content } }

record! { Word {
    one settings, option theme, option fonts, one styles, option numbering, option background,
    one body, option section, list(MAX_STORIES) stories, list(MAX_NOTES) footnotes,
    list(MAX_NOTES) endnotes, list(MAX_NOTES) comments, list(MAX_CHARTS) charts, list(MAX_PICTURES) pictures,
} if is_sound }

impl Word {
    /// Whether every reference leads to a picture, chart or story of this document.
    #[must_use]
    pub fn is_sound(&self) -> bool {
        let stories = self.stories.iter().map(|it| &it.content);
        References::of([&self.body])
            .and(References::of(&self.theme))
            .and(References::of(&self.section))
            .and(References::of(stories))
            .and(References::of(&self.footnotes))
            .and(References::of(&self.endnotes))
            .and(References::of(&self.comments))
            .and(References::of(&self.charts))
            .lead_to(self.pictures.len(), self.charts.len(), self.stories.len())
    }
}
