//! The kinds of file our encoders write.

/// A kind of file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Portable Document Format.
    Pdf,
    /// Word document.
    Docx,
    /// Excel workbook.
    Xlsx,
    /// PowerPoint presentation.
    Pptx,
    /// JPEG picture.
    Jpeg,
    /// PNG picture.
    Png,
    /// GIF picture.
    Gif,
    /// TIFF picture.
    Tiff,
    /// Plain text.
    Text,
    /// Separated values.
    Csv,
    /// ZIP archive.
    Zip,
}

impl Kind {
    /// The kind a file name's extension stands for, without the dot.
    #[must_use]
    pub fn of_extension(extension: &str) -> Option<Self> {
        let lower = extension.to_ascii_lowercase();
        Some(match lower.as_str() {
            "pdf" => Self::Pdf,
            "docx" => Self::Docx,
            "xlsx" => Self::Xlsx,
            "pptx" => Self::Pptx,
            "jpg" | "jpeg" | "jpe" | "jfif" => Self::Jpeg,
            "png" | "apng" => Self::Png,
            "gif" => Self::Gif,
            "tif" | "tiff" => Self::Tiff,
            "txt" | "text" | "md" | "log" => Self::Text,
            "csv" | "tsv" | "tab" => Self::Csv,
            "zip" => Self::Zip,
            _ => return None,
        })
    }

    /// The kind a media type stands for.
    #[must_use]
    pub fn of_media(media: &str) -> Option<Self> {
        let bare = media.split(';').next().unwrap_or_default().trim();
        Some(match bare {
            "application/pdf" => Self::Pdf,
            "application/vnd.openxmlformats-officedocument.wordprocessingml.document" => Self::Docx,
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet" => Self::Xlsx,
            "application/vnd.openxmlformats-officedocument.presentationml.presentation" => {
                Self::Pptx
            }
            "image/jpeg" => Self::Jpeg,
            "image/png" => Self::Png,
            "image/gif" => Self::Gif,
            "image/tiff" => Self::Tiff,
            "text/plain" => Self::Text,
            "text/csv" | "text/tab-separated-values" => Self::Csv,
            "application/zip" => Self::Zip,
            _ => return None,
        })
    }
}
