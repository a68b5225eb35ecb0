//! Namespaces readers know, in both editions of the standard.

use sanitizer_intermediate::office::Space;

/// The namespace of an element or attribute.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(in crate::office) enum Ns {
    /// No prefix on an attribute.
    None,
    /// One that builders write.
    Known(Space),
    /// Markup compatibility: alternatives.
    Mc,
    /// The old drawing language of Word and Excel.
    Vml,
    /// Its Office additions.
    VmlOffice,
    /// Its Word additions.
    VmlWord,
    /// Its Excel additions.
    VmlExcel,
    /// Diagrams.
    Diagram,
    /// The drawing kept with a diagram.
    DiagramShape,
    /// Canvases in Word, read as groups.
    Canvas,
    /// Content types.
    Types,
    /// Relationships.
    Rels,
    /// Word's additions of 2010.
    Word2010,
    /// Excel's additions of 2009.
    Excel2009,
    /// Excel macro sheets and formulas within its additions.
    ExcelMain,
    /// `xml:`
    Xml,
    /// Any other.
    Other,
}

/// Names in files of the strict edition begin like this.
const STRICT: &str = "http://purl.oclc.org/ooxml/";
const TRANSITIONAL: &str = "http://schemas.openxmlformats.org/";

impl Ns {
    /// The namespace of this name.
    pub(super) fn of(uri: &str) -> Self {
        let uri = uri.trim();
        if let Some(rest) = uri.strip_prefix(STRICT) {
            return Self::strict(rest);
        }
        if let Some(rest) = uri.strip_prefix(TRANSITIONAL) {
            return Self::transitional(rest);
        }
        match uri {
            "http://schemas.microsoft.com/office/word/2010/wordprocessingShape" => {
                Space::Wps.into()
            }
            "http://schemas.microsoft.com/office/word/2010/wordprocessingGroup" => {
                Space::Wpg.into()
            }
            "http://schemas.microsoft.com/office/word/2010/wordprocessingCanvas" => Self::Canvas,
            "urn:schemas-microsoft-com:vml" => Self::Vml,
            "urn:schemas-microsoft-com:office:office" => Self::VmlOffice,
            "urn:schemas-microsoft-com:office:word" => Self::VmlWord,
            "urn:schemas-microsoft-com:office:excel" => Self::VmlExcel,
            "http://schemas.microsoft.com/office/drawing/2008/diagram" => Self::DiagramShape,
            "http://schemas.microsoft.com/office/word/2010/wordml" => Self::Word2010,
            "http://schemas.microsoft.com/office/spreadsheetml/2009/9/main" => Self::Excel2009,
            "http://schemas.microsoft.com/office/excel/2006/main" => Self::ExcelMain,
            "http://www.w3.org/XML/1998/namespace" => Self::Xml,
            _ => Self::Other,
        }
    }

    fn transitional(rest: &str) -> Self {
        match rest {
            "wordprocessingml/2006/main" => Space::W.into(),
            "drawingml/2006/wordprocessingDrawing" => Space::Wp.into(),
            "drawingml/2006/main" => Space::A.into(),
            "drawingml/2006/picture" => Space::Pic.into(),
            "drawingml/2006/chart" => Space::C.into(),
            "drawingml/2006/spreadsheetDrawing" => Space::Xdr.into(),
            "drawingml/2006/diagram" => Self::Diagram,
            "officeDocument/2006/math" => Space::M.into(),
            "officeDocument/2006/relationships" => Space::R.into(),
            "spreadsheetml/2006/main" => Space::S.into(),
            "presentationml/2006/main" => Space::P.into(),
            "markup-compatibility/2006" => Self::Mc,
            "package/2006/content-types" => Self::Types,
            "package/2006/relationships" => Self::Rels,
            _ => Self::Other,
        }
    }

    fn strict(rest: &str) -> Self {
        match rest {
            "wordprocessingml/main" => Space::W.into(),
            "drawingml/wordprocessingDrawing" => Space::Wp.into(),
            "drawingml/main" => Space::A.into(),
            "drawingml/picture" => Space::Pic.into(),
            "drawingml/chart" => Space::C.into(),
            "drawingml/spreadsheetDrawing" => Space::Xdr.into(),
            "drawingml/diagram" => Self::Diagram,
            "officeDocument/math" => Space::M.into(),
            "officeDocument/relationships" => Space::R.into(),
            "spreadsheetml/main" => Space::S.into(),
            "presentationml/main" => Space::P.into(),
            _ => Self::Other,
        }
    }
}

impl From<Space> for Ns {
    fn from(space: Space) -> Self {
        Self::Known(space)
    }
}
