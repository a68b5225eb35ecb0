//! The XML namespaces a builder may write.

use crate::words::words;

words! {
    /// A namespace, named by the prefix it is written with.
    pub enum Space {
        /// WordprocessingML.
        W = "w",
        /// Drawings in Word.
        Wp = "wp",
        /// Shapes in Word.
        Wps = "wps",
        /// Groups of shapes in Word.
        Wpg = "wpg",
        /// DrawingML.
        A = "a",
        /// Pictures in DrawingML.
        Pic = "pic",
        /// Charts.
        C = "c",
        /// Equations.
        M = "m",
        /// SpreadsheetML.
        S = "s",
        /// Drawings on sheets.
        Xdr = "xdr",
        /// PresentationML.
        P = "p",
        /// References to other parts.
        R = "r",
    }
}

impl Space {
    /// The name of the namespace as it stands in a file.
    #[must_use]
    pub const fn uri(self) -> &'static str {
        match self {
            Self::W => "http://schemas.openxmlformats.org/wordprocessingml/2006/main",
            Self::Wp => "http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing",
            Self::Wps => "http://schemas.microsoft.com/office/word/2010/wordprocessingShape",
            Self::Wpg => "http://schemas.microsoft.com/office/word/2010/wordprocessingGroup",
            Self::A => "http://schemas.openxmlformats.org/drawingml/2006/main",
            Self::Pic => "http://schemas.openxmlformats.org/drawingml/2006/picture",
            Self::C => "http://schemas.openxmlformats.org/drawingml/2006/chart",
            Self::M => "http://schemas.openxmlformats.org/officeDocument/2006/math",
            Self::S => "http://schemas.openxmlformats.org/spreadsheetml/2006/main",
            Self::Xdr => "http://schemas.openxmlformats.org/drawingml/2006/spreadsheetDrawing",
            Self::P => "http://schemas.openxmlformats.org/presentationml/2006/main",
            Self::R => "http://schemas.openxmlformats.org/officeDocument/2006/relationships",
        }
    }
}
