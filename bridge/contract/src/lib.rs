//! The words that may cross between the zones, as canonical bytes.
//!
//! A tour, from the inside out:
//! - [`messages`]: what can be said, one enum a direction;
//! - [`wire`]: one value, one encoding, decoded whole or not at all;
//! - [`seal`]: a message is closed where it is born and opens only at its receiver;
//! - [`bundle`]: sealed items in numbered, chained, signed files;
//! - [`head`]: how far a lane is;
//! - [`keys`]: who may sign and open what; [`place`]: hosts and lanes;
//! - [`reset`]: a lane begins anew;
//! - [`evidence`]: what was signed, as an auditor gets it;
//! - [`carrier`]: what hosts say to each other while bundles travel;
//! - [`spoken`]: what people read to each other; [`request`]: what is missing, so;
//!   [`share`]: one part of a secret, so;
//! - [`pipe`]: one attachment through the sanitizer; [`look`]: a look at one before.
//!
//! `docs/wire/` draws every byte, `golden/` holds one frozen example of each.

pub mod bundle;
pub mod carrier;
pub mod digest;
pub mod evidence;
pub mod head;
pub mod keys;
pub mod look;
pub mod messages;
pub mod pipe;
pub mod place;
pub mod request;
pub mod reset;
pub mod seal;
pub mod share;
pub mod spoken;
pub mod wire;

pub use domain::ids;
pub use place::{Environment, Host, Lane, Tenant};
