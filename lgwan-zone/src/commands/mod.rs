//! What an operator does at the machine itself. The commands use the same
//! store functions and checks as the pages, and leave the same audit records.

mod load_city;
mod publish;
mod verify;

pub use load_city::{CityFile, LoadError, load_city};
pub use publish::{PublishError, publish};
pub use verify::{Verified, VerifyError, Walked, verify_audit};
