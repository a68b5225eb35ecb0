//! Applications after arrival: number, states, and what the applicant sees of them.
//!
//! ```text
//!  arrived ─► accepted ─► reviewing ─► notified ─► done
//!     │           │           │
//!     │           │           └─► rejected
//!     ├─► refused_entry  (from arrived only)
//!     ├─► withdrawn      (as far as the procedure allows)
//!     └─► correction ─► back to where it came from   (from arrived, accepted, reviewing)
//! ```

mod citizen;
mod number;
mod secret;
mod state;
mod workflow;

pub use citizen::{Progress, Step, progress};
pub use number::{BadNumber, ReceiptNumber};
pub use secret::{BadSecret, GuestSecret};
pub use state::{BadState, Event, Origin, Refused, State};
pub use workflow::{Automatic, Rules, Stage, WithdrawUntil, expected_on};
