//! 月次の運用報告 (NB-9): applications and downloads by procedure, how much of the month the service
//! could be used, and what happened to it, as a page, a file and a document.
//!
//! | Module | Does |
//! |---|---|
//! | `sheet` | what the report of a month says, in words |
//! | `level` | how much of a month the service could be used |
//! | `page` | the page and the file |
//! | `paper` | the document |
//! | `register` | faults, announced stops and changes, written down by the administrator |

mod level;
pub mod page;
mod paper;
pub mod register;
mod sheet;
