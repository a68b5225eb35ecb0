//! Exports to the business system: the layout as data, the files of a generation, the receipts
//! that come back (IK-2.1.2d1, IK-3.5.7b).
//!
//! ```text
//!  applications ─► Exporter::row ─► CsvWriter ─► juminhyo_20261120_000012.csv      data
//!                     │ held (外字)                 juminhyo_20261120_000012_gaiji.csv
//!                     ▼                             2026-000123-4/01_証明書.pdf       attachments
//!                  stays for the next one           juminhyo_20261120_000012.end      last, names all
//!  business system ─► juminhyo_20261120_000012.done or .err ─► Pickup
//! ```

mod csv;
mod generation;
mod layout;
mod manifest;
mod pickup;
mod row;

pub use csv::{CsvWriter, GaijiCell, gaiji_file};
pub use generation::{BadGeneration, Generation, attachment_path};
pub use layout::{
    Column, ColumnSource, DateFormat, Encoding, Gaiji, Header, Layout, Newline, Profile, Quoting,
    SystemValue,
};
pub use manifest::{BadManifest, FileEntry, Manifest};
pub use pickup::{BadPickup, Pickup, PickupOutcome};
pub use row::{Exporter, Facts};
