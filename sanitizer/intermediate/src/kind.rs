//! What a file is, by its content.

use crate::words::words;

words! {
    /// Kinds of file we tell apart. Rebuilt, held, and named in reports.
    pub enum Kind {
        /// Portable Document Format.
        Pdf = "pdf",
        /// Word document.
        Docx = "docx",
        /// Word document with macros.
        Docm = "docm",
        /// Word template.
        Dotx = "dotx",
        /// Word template with macros.
        Dotm = "dotm",
        /// Excel workbook.
        Xlsx = "xlsx",
        /// Excel workbook with macros.
        Xlsm = "xlsm",
        /// Excel template.
        Xltx = "xltx",
        /// Excel template with macros.
        Xltm = "xltm",
        /// Excel add-in with macros.
        Xlam = "xlam",
        /// Excel workbook in the binary form.
        Xlsb = "xlsb",
        /// PowerPoint presentation.
        Pptx = "pptx",
        /// PowerPoint presentation with macros.
        Pptm = "pptm",
        /// PowerPoint show.
        Ppsx = "ppsx",
        /// PowerPoint show with macros.
        Ppsm = "ppsm",
        /// PowerPoint template.
        Potx = "potx",
        /// PowerPoint template with macros.
        Potm = "potm",
        /// Office Open XML in an encrypted OLE2 container.
        EncryptedOffice = "encrypted_office",
        /// Word document of before 2007.
        Doc = "doc",
        /// Excel workbook of before 2007.
        Xls = "xls",
        /// PowerPoint presentation of before 2007.
        Ppt = "ppt",
        /// Another OLE2 container: msg, msi, 一太郎 and kin.
        Ole2 = "ole2",
        /// OpenDocument: odt, ods, odp.
        OpenDocument = "opendocument",
        /// Rich Text Format.
        Rtf = "rtf",
        /// JPEG picture.
        Jpeg = "jpeg",
        /// PNG picture.
        Png = "png",
        /// GIF picture.
        Gif = "gif",
        /// Windows bitmap.
        Bmp = "bmp",
        /// TIFF picture.
        Tiff = "tiff",
        /// WebP picture.
        WebP = "webp",
        /// HEIC, HEIF or AVIF picture.
        Heic = "heic",
        /// SVG drawing.
        Svg = "svg",
        /// Windows metafile: EMF or WMF.
        Metafile = "metafile",
        /// HTML page.
        Html = "html",
        /// Other XML.
        Xml = "xml",
        /// Plain text.
        Text = "text",
        /// Separated values.
        Csv = "csv",
        /// ZIP archive.
        Zip = "zip",
        /// Another archive: LZH, 7z, RAR, gzip, tar.
        Archive = "archive",
        /// A program: PE, ELF, Mach-O, Java class.
        Executable = "executable",
        /// A script, by its name or its first line.
        Script = "script",
        /// A Windows shortcut or Internet shortcut.
        Shortcut = "shortcut",
        /// Audio or video.
        Media = "media",
        /// None of the above.
        Unknown = "unknown",
    }
}

/// Which reader handles a kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Family {
    /// Read by the PDF reader.
    Pdf,
    /// Read by the Office reader.
    Office,
    /// Read by the reader of OpenDocument.
    OpenDocument,
    /// Read by the reader of Rich Text Format.
    Rtf,
    /// Read by the readers of older Office files.
    Legacy,
    /// Read by the picture reader.
    Image,
    /// Read by the text reader.
    Text,
    /// Opened by the archive reader.
    Archive,
    /// Not read: held.
    Other,
}

impl Kind {
    /// The reader for this kind.
    #[must_use]
    pub const fn family(self) -> Family {
        match self {
            Self::Pdf => Family::Pdf,
            Self::Docx
            | Self::Docm
            | Self::Dotx
            | Self::Dotm
            | Self::Xlsx
            | Self::Xlsm
            | Self::Xltx
            | Self::Xltm
            | Self::Xlam
            | Self::Xlsb
            | Self::Pptx
            | Self::Pptm
            | Self::Ppsx
            | Self::Ppsm
            | Self::Potx
            | Self::Potm => Family::Office,
            Self::Jpeg
            | Self::Png
            | Self::Gif
            | Self::Bmp
            | Self::Tiff
            | Self::WebP
            | Self::Heic
            | Self::Svg
            | Self::Metafile => Family::Image,
            Self::Rtf => Family::Rtf,
            Self::OpenDocument => Family::OpenDocument,
            Self::Doc | Self::Xls | Self::Ppt => Family::Legacy,
            Self::Text | Self::Csv => Family::Text,
            Self::Zip => Family::Archive,
            Self::EncryptedOffice
            | Self::Ole2
            | Self::Html
            | Self::Xml
            | Self::Archive
            | Self::Executable
            | Self::Script
            | Self::Shortcut
            | Self::Media
            | Self::Unknown => Family::Other,
        }
    }
}
