//! Applications: inbox, detail, the steps of the workflow, documents, files.

pub mod correction;
pub mod csv;
pub mod desk;
pub mod export;
pub mod files;
pub mod filter;
pub mod inbox;
pub mod notes;
pub mod refuse;
pub mod result;
pub mod several;
pub mod show;
pub mod steps;
mod summary;
mod zip;
