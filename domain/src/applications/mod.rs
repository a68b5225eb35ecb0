//! Applications after arrival: number, states, and what the applicant sees of them.
//!
//! ```text
//!  arrived ─► accepted ─► reviewing ─► notified ─► done
//!     │           │           │
//!     │           │           └─► rejected
//!     ├─► refused_entry  (from arrived only)
//!     ├─► closed         (by the office: from arrived, accepted, reviewing)
//!     ├─► withdrawn      (as far as the procedure allows)
//!     └─► correction ─► back to where it came from   (from arrived, accepted, reviewing)
//!                └────► expired  (by the office, when its day is over)
//! ```

mod approval;
mod channel;
mod check_code;
mod citizen;
mod cosign;
mod countdown;
pub mod label;
mod number;
mod number_in_name;
mod opinion;
pub mod payment;
pub mod review;
mod secret;
mod state;
mod workflow;

pub use approval::{Approval, LONGEST_POST, MOST_APPROVALS, Seat, is_each_another, post};
pub use channel::Channel;
pub use check_code::{BadCheckCode, CheckCode};
pub use citizen::{Progress, Step, progress};
pub use cosign::{Cosign, Sign};
pub use countdown::Countdown;
pub use number::{BadNumber, ReceiptNumber};
pub use number_in_name::{NameFault, number_in_name};
pub use opinion::{Inquiry, Opinion, Turn};
pub use payment::Payment;
pub use review::{MOST_POINTS, Mark, Point, Unmarked};
pub use secret::{BadSecret, GuestSecret};
pub use state::{BadState, Event, Origin, Refused, State};
pub use workflow::{Automatic, Rules, Stage, WithdrawUntil};
