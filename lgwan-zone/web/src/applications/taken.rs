//! The shapes a list is taken out in, written while it is sent.

use std::io::{self, Write};
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use zip::write::{SimpleFileOptions, StreamWriter};
use zip::{CompressionMethod, ZipWriter};

use super::csv::{Encoding, Sheet};
use crate::site::TEXTS;
use crate::xlsx::{self, Xlsx};

/// What the file is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Shape {
    /// CSV in UTF-8 with BOM.
    #[default]
    Utf8,
    /// CSV in Shift_JIS.
    Cp932,
    /// A spreadsheet.
    Xlsx,
    /// An archive: the list, and a folder of rebuilt files for each application.
    Zip,
}

impl Shape {
    pub(super) const ALL: [Self; 4] = [Self::Utf8, Self::Cp932, Self::Xlsx, Self::Zip];

    /// Its word in the address and the catalogue.
    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::Utf8 => "utf8",
            Self::Cp932 => "cp932",
            Self::Xlsx => "xlsx",
            Self::Zip => "zip",
        }
    }

    /// The one of this word; CSV in UTF-8 for every other.
    pub(super) fn parse(word: &str) -> Self {
        Self::ALL.into_iter().find(|one| one.word() == word).unwrap_or_default()
    }

    /// The ending of its name.
    pub(super) const fn ending(self) -> &'static str {
        match self {
            Self::Utf8 | Self::Cp932 => "csv",
            Self::Xlsx => "xlsx",
            Self::Zip => "zip",
        }
    }

    /// Media type.
    pub(super) const fn media(self) -> &'static str {
        match self {
            Self::Utf8 => Encoding::Utf8Bom.media(),
            Self::Cp932 => Encoding::Cp932.media(),
            Self::Xlsx => xlsx::MEDIA,
            Self::Zip => "application/zip",
        }
    }
}

/// Bytes that were written and not taken yet.
#[derive(Clone, Default)]
struct Pipe(Arc<Mutex<Vec<u8>>>);

impl Pipe {
    fn take(&self) -> Bytes {
        let mut held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        Bytes::from(std::mem::take(&mut *held))
    }
}

impl Write for Pipe {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// A list on its way out.
pub(super) struct Taken {
    pipe: Pipe,
    shape: Writing,
    /// Whether the heading is there.
    begun: bool,
}

enum Writing {
    Csv(Sheet),
    Xlsx(Box<Xlsx<Pipe>>),
    Zip(Box<ZipWriter<StreamWriter<Pipe>>>, Sheet),
}

impl Taken {
    pub(super) fn begin(shape: Shape) -> io::Result<Self> {
        let pipe = Pipe::default();
        let name = TEXTS.text("applications.csv.sheet");
        let shape = match shape {
            Shape::Utf8 => Writing::Csv(Sheet::new(Encoding::Utf8Bom)),
            Shape::Cp932 => Writing::Csv(Sheet::new(Encoding::Cp932)),
            Shape::Xlsx => Writing::Xlsx(Box::new(Xlsx::begin(pipe.clone(), name)?)),
            Shape::Zip => {
                let mut zip = ZipWriter::new_stream(pipe.clone());
                let packed = SimpleFileOptions::default().large_file(true);
                zip.start_file(format!("{name}.csv"), packed).map_err(io::Error::other)?;
                Writing::Zip(Box::new(zip), Sheet::new(Encoding::Utf8Bom))
            }
        };
        Ok(Self { pipe, shape, begun: false })
    }

    /// Whether files go along.
    pub(super) const fn has_files(&self) -> bool {
        matches!(self.shape, Writing::Zip(..))
    }

    /// Adds a row. The first one is the heading.
    pub(super) fn row(&mut self, cells: &[String]) -> io::Result<()> {
        let first = !std::mem::replace(&mut self.begun, true);
        match &mut self.shape {
            Writing::Csv(sheet) => {
                sheet.row(cells);
                self.pipe.write_all(&sheet.take())
            }
            Writing::Xlsx(sheet) if first => sheet.heading(cells.iter().map(String::as_str)),
            Writing::Xlsx(sheet) => sheet.row(cells.iter().map(String::as_str)),
            Writing::Zip(zip, sheet) => {
                sheet.row(cells);
                zip.write_all(&sheet.take())
            }
        }
    }

    /// Adds a file behind all rows; it is compressed already.
    pub(super) fn file(&mut self, path: &str, bytes: &[u8]) -> io::Result<()> {
        let Writing::Zip(zip, _) = &mut self.shape else { return Ok(()) };
        let stored = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
        zip.start_file(path, stored).map_err(io::Error::other)?;
        zip.write_all(bytes)
    }

    /// What can be sent.
    pub(super) fn ready(&self) -> Bytes {
        self.pipe.take()
    }

    /// Ends the file; the last bytes of it.
    pub(super) fn end(self) -> io::Result<Bytes> {
        match self.shape {
            Writing::Csv(_) => {}
            Writing::Xlsx(sheet) => drop(sheet.end()?),
            Writing::Zip(zip, _) => drop(zip.finish().map_err(io::Error::other)?),
        }
        Ok(self.pipe.take())
    }
}
