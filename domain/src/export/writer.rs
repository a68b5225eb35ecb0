//! The bytes of a data file, as they come. What is taken out is gone: memory holds one record.

use jiff::civil::Date;

use super::encoding::Encoding;
use super::layout::Layout;
use super::record::Record;
use super::shape::Shape;
use super::{csv, fixed, xml};

/// Writes the records of one CSV, fixed-length or XML file.
#[derive(Debug)]
pub struct DataWriter {
    layout: Layout,
    about: About,
    bytes: Vec<u8>,
}

/// What header and trailer records may say about the generation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct About {
    /// Day it belongs to.
    pub business_date: Date,
    /// Its number.
    pub generation: u32,
    /// Version of the layout.
    pub layout_version: u32,
}

/// What is known when all records are written.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Totals {
    /// Data records.
    pub records: u64,
    /// Column id and sum.
    pub sums: Vec<(String, String)>,
}

/// A record that cannot be written as the layout says. The checks of the layout and the recorder
/// find the reason earlier; here it only stops the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a record does not fit its layout")]
pub struct Unwritable;

impl DataWriter {
    /// A writer that begins a file. `heading` stands first in a CSV file.
    /// # Errors
    /// [`Unwritable`] when the layout does not fit itself, or is a spreadsheet's.
    pub fn new(
        layout: Layout,
        about: About,
        heading: Option<&[String]>,
    ) -> Result<Self, Unwritable> {
        let bytes = layout.profile.encoding.mark().to_vec();
        let mut writer = Self { layout, about, bytes };
        let profile = &writer.layout.profile;
        match &writer.layout.shape {
            Shape::Csv => {
                if let Some(heading) = heading {
                    let line = csv::line(profile, heading.iter().map(String::as_str));
                    writer.text(&line)?;
                }
            }
            Shape::Fixed(fixed) if fixed.header.is_empty() => {}
            Shape::Fixed(fixed) => {
                let header = fixed::frame(profile.encoding, &fixed.header, &writer.about, None)?;
                writer.fixed(header)?;
            }
            Shape::Xml(xml) => {
                let begin = xml::begin(profile, xml);
                writer.text(&begin)?;
            }
            Shape::Spreadsheet(_) => return Err(Unwritable),
        }
        Ok(writer)
    }

    /// Writes one record.
    /// # Errors
    /// [`Unwritable`] when the layout does not fit itself.
    pub fn record(&mut self, record: &Record) -> Result<(), Unwritable> {
        let profile = &self.layout.profile;
        let single = || record.cells.iter().map(|cell| cell.first().map_or("", String::as_str));
        match &self.layout.shape {
            Shape::Csv => {
                let line = csv::line(profile, single());
                self.text(&line)
            }
            Shape::Fixed(_) => {
                let values: Vec<String> = single().map(str::to_owned).collect();
                let bytes = fixed::data(profile.encoding, &self.layout.columns, &values)?;
                self.fixed(bytes)
            }
            Shape::Xml(xml) => {
                let text = xml::record(profile, xml, &self.layout.columns, &record.cells);
                self.text(&text)
            }
            Shape::Spreadsheet(_) => Err(Unwritable),
        }
    }

    /// Writes what stands behind the records.
    /// # Errors
    /// [`Unwritable`] when a count or sum does not fit its place.
    pub fn end(&mut self, totals: &Totals) -> Result<(), Unwritable> {
        match &self.layout.shape {
            Shape::Csv => Ok(()),
            Shape::Fixed(fixed) => {
                let encoding = self.layout.profile.encoding;
                let frames = [&fixed.trailer, &fixed.end];
                let frames = frames.into_iter().filter(|parts| !parts.is_empty());
                let records: Vec<Vec<u8>> = frames
                    .map(|parts| fixed::frame(encoding, parts, &self.about, Some(totals)))
                    .collect::<Result<_, _>>()?;
                records.into_iter().try_for_each(|record| self.fixed(record))
            }
            Shape::Xml(xml) => {
                let end = xml::end(&self.layout.profile, xml);
                self.text(&end)
            }
            Shape::Spreadsheet(_) => Err(Unwritable),
        }
    }

    /// Bytes written since the last time.
    pub fn take(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.bytes)
    }

    fn text(&mut self, text: &str) -> Result<(), Unwritable> {
        let encoding: Encoding = self.layout.profile.encoding;
        self.bytes.extend(encoding.exact(text).ok_or(Unwritable)?);
        Ok(())
    }

    fn fixed(&mut self, record: Vec<u8>) -> Result<(), Unwritable> {
        let Shape::Fixed(fixed) = &self.layout.shape else { return Err(Unwritable) };
        let profile = &self.layout.profile;
        let whole = fixed::whole(profile.encoding, fixed, record, profile.newline.text())?;
        self.bytes.extend(whole);
        Ok(())
    }
}
