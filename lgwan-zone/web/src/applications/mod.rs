//! Applications: inbox, detail, the steps of the workflow, documents, files.

pub mod approval;
pub(crate) mod before;
pub mod check;
pub mod columns;
pub mod correction;
pub mod csv;
pub(crate) mod deadline;
pub mod desk;
pub mod export;
pub mod files;
pub mod filter;
pub mod filters;
pub mod hold;
pub mod inbox;
pub mod labels;
pub mod messages;
pub mod notes;
pub mod phrases;
pub mod refuse;
pub mod result;
pub mod several;
pub mod show;
pub mod staff_fields;
pub mod steps;
pub(crate) mod summary;
mod taken;
mod zip;
