//! Exports to the business system: the layout as data, the files of a generation, the receipts
//! that come back (IK-2.1.2d1, IK-3.5.7b).
//!
//! ```text
//!  applications ─► Exporter::row ─► Recorder ─► DataWriter ─► juminhyo_20261120_000012.csv    data
//!                                   │    │ changed        ─► juminhyo_20261120_000012_gaiji.csv
//!                                   │ held back              2026-000123-4/01_証明書.pdf    attachments
//!                                   ▼                        juminhyo_20261120_000012.end   last, names all
//!                        stays for a later one
//!  business system ─► juminhyo_20261120_000012.done or .err ─► Pickup
//! ```

mod characters;
mod check;
mod csv;
mod encoding;
mod fixed;
mod gaiji_table;
mod generation;
mod layout;
mod manifest;
mod names;
mod pickup;
mod profile;
mod record;
mod report;
mod row;
mod shape;
mod writer;
mod xml;

pub use characters::{Change, Characters, Fitted, How};
pub use check::{MOST_IN_FILE, check, too_many};
pub use csv::{CsvWriter, neutral};
pub use encoding::Encoding;
pub use gaiji_table::{BadEntry, EntryFault, GaijiTable};
pub use generation::{BadGeneration, Generation, attachment_path};
pub use layout::{
    Checksum, Column, ColumnSource, Layout, Letters, NumberFormat, Overflow, SystemValue,
};
pub use manifest::{BadManifest, DataFile, FileEntry, Manifest};
pub use names::{FileName, Names};
pub use pickup::{BadPickup, Pickup};
pub use profile::{
    DateFormat, Delimiter, Gaiji, Header, Newline, Profile, Quoting, Repertoire, Selectors,
};
pub use record::{Record, Recorder, Refusal, Why};
pub use report::Report;
pub use row::{Exporter, Facts, code_table, heading};
pub use shape::{
    Fixed, MOST_CELL, MOST_ROWS, Pad, Part, PartSource, Shape, Side, Spreadsheet, Xml,
};
pub use writer::{About, DataWriter, Totals, Unwritable};

#[cfg(test)]
mod tests;
