//! A part and what it refers to.

use std::collections::HashMap;

use sanitizer_intermediate::office::grammar::Kind;

/// What a reference is for; the last word of its type.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Relation {
    Document,
    Styles,
    Theme,
    Settings,
    Numbering,
    FontTable,
    Header,
    Footer,
    Footnotes,
    Endnotes,
    Image,
    /// A web page or mailbox: the only reference that leads out.
    Hyperlink,
    Chart,
    Worksheet,
    Chartsheet,
    SharedStrings,
    Drawing,
    Table,
    Comments,
    VmlDrawing,
    SlideMaster,
    SlideLayout,
    Slide,
    NotesMaster,
    NotesSlide,
    TableStyles,
    CommentAuthors,
}

impl Relation {
    /// The type as it stands in a list of references.
    pub(super) fn uri(self) -> String {
        let word = match self {
            Self::Document => "officeDocument",
            Self::Styles => "styles",
            Self::Theme => "theme",
            Self::Settings => "settings",
            Self::Numbering => "numbering",
            Self::FontTable => "fontTable",
            Self::Header => "header",
            Self::Footer => "footer",
            Self::Footnotes => "footnotes",
            Self::Endnotes => "endnotes",
            Self::Image => "image",
            Self::Hyperlink => "hyperlink",
            Self::Chart => "chart",
            Self::Worksheet => "worksheet",
            Self::Chartsheet => "chartsheet",
            Self::SharedStrings => "sharedStrings",
            Self::Drawing => "drawing",
            Self::Table => "table",
            Self::Comments => "comments",
            Self::VmlDrawing => "vmlDrawing",
            Self::SlideMaster => "slideMaster",
            Self::SlideLayout => "slideLayout",
            Self::Slide => "slide",
            Self::NotesMaster => "notesMaster",
            Self::NotesSlide => "notesSlide",
            Self::TableStyles => "tableStyles",
            Self::CommentAuthors => "commentAuthors",
        };
        format!("http://schemas.openxmlformats.org/officeDocument/2006/relationships/{word}")
    }
}

/// Names of the parts that shapes refer to by number, and what all parts heed.
#[derive(Debug, Default)]
pub(super) struct Names {
    /// Links to web pages and mailboxes are written.
    pub keep_links: bool,
    pub images: Vec<String>,
    pub charts: Vec<String>,
    pub stories: Vec<(Relation, String)>,
}

/// References of one part, numbered as they are needed.
pub(super) struct References<'n> {
    names: &'n Names,
    list: Vec<(Relation, String)>,
    known: HashMap<String, usize>,
    links_left_out: u32,
}

impl<'n> References<'n> {
    /// Of a part that has none yet.
    pub(super) fn new(names: &'n Names) -> Self {
        Self { names, list: Vec::new(), known: HashMap::new(), links_left_out: 0 }
    }

    /// The id of a reference to a part.
    pub(super) fn to(&mut self, relation: Relation, part: &str) -> String {
        let at = *self.known.entry(part.to_owned()).or_insert_with(|| {
            self.list.push((relation, part.to_owned()));
            self.list.len()
        });
        format!("rId{at}")
    }

    /// The id of a link to a web page or mailbox.
    pub(super) fn web_link(&mut self, address: &str) -> String {
        self.to(Relation::Hyperlink, address)
    }

    /// Whether such links are written.
    pub(super) const fn keeps_links(&self) -> bool {
        self.names.keep_links
    }

    /// Counts a link that is not written.
    pub(super) fn note_link(&mut self) {
        self.links_left_out = self.links_left_out.saturating_add(1);
    }

    /// Links that were not written.
    pub(super) const fn links_left_out(&self) -> u32 {
        self.links_left_out
    }

    /// The id of a reference by the number in a shape. The model was checked:
    /// every number leads somewhere.
    pub(super) fn id(&mut self, kind: &Kind, number: u32) -> String {
        let at = number as usize;
        let found = match kind {
            Kind::Image => self.names.images.get(at).map(|it| (Relation::Image, it.clone())),
            Kind::Chart => self.names.charts.get(at).map(|it| (Relation::Chart, it.clone())),
            Kind::Story => self.names.stories.get(at).cloned(),
            _ => None,
        };
        found.map(|(relation, part)| self.to(relation, &part)).unwrap_or_default()
    }

    /// All references: what for, and to which part.
    pub(super) fn list(&self) -> &[(Relation, String)] {
        &self.list
    }
}
