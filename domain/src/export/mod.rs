//! Exports to the business system: the layout as data, the files of a generation, the receipts
//! that come back (IK-2.1.2d1, IK-3.5.7b).

mod layout;

pub use layout::{
    Column, ColumnSource, DateFormat, Encoding, Gaiji, Header, Layout, Newline, Profile, Quoting,
    SystemValue,
};
