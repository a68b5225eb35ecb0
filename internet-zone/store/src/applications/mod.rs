//! Applications as this zone knows them: unsent answers before arrival, number
//! and state after it, never the answers again.
//!
//! | Module | Does |
//! |---|---|
//! | [`drafts`] | keeps unsent answers, sealed |
//! | [`accept`] | the arrival: number, time, seats, outbox, log, in one transaction |
//! | [`charges`] | what applications were told to pay, for their receipts |
//! | [`gone`] | what is left of an application goes when its time is over |
//! | [`holds`] | places kept for a draft until it is sent |
//! | [`cosigns`] | who must agree before it is sent, and what they answered |
//! | [`uploads`] | files that come in pieces |
//! | [`together`] | drafts begun together: what is sent of one fills the others |
//! | [`waiting`] | complete applications that wait for places |
//! | [`seats`] | limited places: taken, held, moved by a correction |
//! | [`status`] | what a citizen sees of an application |
//! | [`told`] | what the staff zone tells: states, corrections, held files, documents |
//! | [`withdraw`] | the citizen takes an application back |
//! | [`documents`] | issued documents to download |
//! | [`messages`] | what citizen and staff write to each other |
//! | [`orphans`] | files that no row names |

pub mod accept;
pub mod charges;
pub mod cosigns;
pub mod documents;
pub mod drafts;
pub mod gone;
pub mod holds;
pub mod messages;
pub mod orphans;
pub mod seats;
pub mod status;
pub mod together;
pub mod told;
pub mod uploads;
pub mod waiting;
pub mod withdraw;
