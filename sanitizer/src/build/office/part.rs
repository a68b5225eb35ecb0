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
        };
        format!("http://schemas.openxmlformats.org/officeDocument/2006/relationships/{word}")
    }
}

/// Names of the parts that shapes refer to by number.
#[derive(Debug, Default)]
pub(super) struct Names {
    pub images: Vec<String>,
    pub charts: Vec<String>,
    pub stories: Vec<(Relation, String)>,
}

/// References of one part, numbered as they are needed.
pub(super) struct References<'n> {
    names: &'n Names,
    list: Vec<(Relation, String)>,
    known: HashMap<String, usize>,
}

impl<'n> References<'n> {
    /// Of a part that has none yet.
    pub(super) fn new(names: &'n Names) -> Self {
        Self { names, list: Vec::new(), known: HashMap::new() }
    }

    /// The id of a reference to a part.
    pub(super) fn to(&mut self, relation: Relation, part: &str) -> String {
        let at = *self.known.entry(part.to_owned()).or_insert_with(|| {
            self.list.push((relation, part.to_owned()));
            self.list.len()
        });
        format!("rId{at}")
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
