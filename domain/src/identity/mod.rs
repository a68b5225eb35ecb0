//! Who may do what: actors, roles, the one authorization function, attempts and passwords.

mod actor;
mod attempts;
mod authorize;
mod email;
mod mandate;
mod passwords;
pub mod reform;
pub mod roster;

pub use actor::{Actor, Key, KeyScope, Role, Staff};
pub use attempts::{Attempts, Wait};
pub use authorize::{Action, Denied, Object, Owner, authorize};
pub use email::read_email;
pub use mandate::{Mandate, Scope, Standing};
pub use passwords::{
    MAX_PASSWORD, PasswordFault, PasswordKind, canonical_password, check_password,
};
