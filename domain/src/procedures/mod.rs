//! Which procedures are listed, open and found, and who applied before.

mod missed;
mod once;
mod period;
mod search;
mod trial;

pub use missed::missed_word;
pub use once::{Applicant, Once, once};
pub use period::Period;
pub use search::SearchEntry;
pub use trial::{TRIAL_DAYS, TRIALS, is_trial, trial_of, trial_slug};

use crate::forms::definition::{Audience, Listing, Procedure};

/// Whether lists and the search of the citizens' side show the procedure (NF-45).
#[must_use]
pub fn is_listed(procedure: &Procedure) -> bool {
    let for_citizens =
        procedure.audience.iter().any(|a| matches!(a, Audience::Citizen | Audience::Corporation));
    match procedure.listing {
        Listing::Public => for_citizens,
        Listing::Unlisted | Listing::Internal | Listing::Invite => false,
    }
}
