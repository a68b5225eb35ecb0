//! Procedures: list, import, checks in words, publication, QR code, and the designer.

pub mod bank;
pub mod bundle;
pub mod close;
pub mod compare;
pub mod definition;
pub mod design;
mod facts;
pub mod import;
pub mod invitations;
pub mod list;
pub mod lists;
pub mod own;
pub mod preview;
mod problems;
mod proposal;
pub mod publish;
pub mod qr;
pub mod rebase;
pub mod show;
pub mod templates;
mod vocabulary;
pub mod workbook;
