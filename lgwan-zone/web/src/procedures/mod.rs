//! Procedures: list, import, checks in words, publication, QR code.

pub mod close;
pub mod definition;
mod facts;
pub mod import;
pub mod list;
pub mod lists;
pub mod own;
pub mod preview;
pub mod publish;
pub mod qr;
pub mod show;
