//! Applications as this zone knows them: unsent answers before arrival, number
//! and state after it, never the answers again.
//!
//! | Module | Does |
//! |---|---|
//! | [`drafts`] | keeps unsent answers, sealed |
//! | [`accept`] | the arrival: number, time, seats, outbox, log, in one transaction |
//! | [`charges`] | what applications were told to pay, for their receipts |
//! | `given_up` | seats and keys that were given up, for an application that goes on after all |
//! | [`gone`] | what is left of an application goes when its time is over |
//! | [`holds`] | places kept for a draft until it is sent |
//! | [`cosigns`] | who must agree before it is sent, and what they answered |
//! | [`uploads`] | files that come in pieces |
//! | [`together`] | drafts begun together: what is sent of one fills the others |
//! | [`waiting`] | complete applications that wait for places |
//! | [`seats`] | limited places: taken, held, moved by a correction |
//! | [`status`] | what a citizen sees of an application |
//! | [`told`] | what the staff zone tells: states, corrections, held files, documents |
//! | [`trials`] | the end of a trial, with everything that was sent to it |
//! | [`withdraw`] | the citizen takes an application back |
//! | [`withdrawal_requests`] | the citizen asks the office to let it be withdrawn (取下げの申出) |
//! | [`documents`] | issued documents to download |
//! | [`messages`] | what citizen and staff write to each other |
//! | [`orphans`] | files that no row names |

pub mod accept;
pub mod charges;
pub mod cosigns;
pub mod documents;
pub mod drafts;
mod given_up;
pub mod gone;
pub mod holds;
pub mod messages;
pub mod orphans;
pub mod seats;
pub mod status;
pub mod together;
pub mod told;
pub mod trials;
pub mod uploads;
pub mod waiting;
pub mod withdraw;
pub mod withdrawal_requests;
