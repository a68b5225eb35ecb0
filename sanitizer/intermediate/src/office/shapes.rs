//! The types of the grammar that models name.

use super::bag::Shape;

macro_rules! shapes {
    ($( $(#[$doc:meta])* $name:ident = $code:literal, )+) => {
        $(
            $(#[$doc])*
            #[derive(Debug, Clone, Copy, PartialEq, Eq)]
            pub enum $name {}

            impl Shape for $name {
                const NAME: &'static str = $code;
            }
        )+

        /// Names of all shapes.
        pub const NAMES: &[&str] = &[ $( $code, )+ ];
    };
}

shapes! {
    /// Colours, fonts and effects of a document.
    Theme = "a:theme",
    /// A chart with the values it shows.
    Chart = "c:chartSpace",

    /// Paragraphs and tables.
    Blocks = "w:blocks",
    /// Page size, margins, headers, columns.
    Section = "w:sectPr",
    /// A footnote or endnote.
    Note = "w:footnote",
    /// A remark beside the text.
    Comment = "w:comment",
    /// Settings of a text document.
    Settings = "w:settings",
    /// Styles of a text document.
    Styles = "w:styles",
    /// Lists of a text document.
    Numbering = "w:numbering",
    /// Fonts by name.
    Fonts = "w:fonts",
    /// Colour behind all pages.
    Background = "w:background",

    /// Formats of a workbook.
    StyleSheet = "s:styleSheet",
    /// Settings of a workbook.
    WorkbookSettings = "s:workbook",
    /// What stands before the cells of a sheet.
    SheetHead = "s:sheetHead",
    /// What stands after the cells of a sheet.
    SheetTail = "s:sheetTail",
    /// Number, height and format of a row.
    RowShape = "s:row",
    /// Text of a cell in several formats.
    Rich = "s:rich",
    /// A table of a sheet.
    Table = "s:table",
    /// Pictures, shapes and charts on a sheet.
    SheetDrawing = "xdr:wsDr",

    /// Settings of a presentation.
    Presentation = "p:presentation",
    /// A slide.
    SlideShape = "p:sld",
    /// A layout.
    LayoutShape = "p:sldLayout",
    /// A master.
    MasterShape = "p:sldMaster",
    /// Notes of a slide.
    NotesShape = "p:notes",
    /// Master of all notes.
    NotesMasterShape = "p:notesMaster",
    /// Styles of the tables on slides.
    TableStyles = "a:tblStyleLst",
}
