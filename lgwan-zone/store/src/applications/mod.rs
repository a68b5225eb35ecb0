//! Applications after arrival: inbox, detail, transitions, documents.
//!
//! | Module | Does |
//! |---|---|
//! | [`arrive`] | takes in what crossed the bridge, exactly once |
//! | [`approvals`] | decisions that wait for approvals (決裁) |
//! | [`charge`] | who of the department is in charge (担当者) |
//! | [`countdown`] | the promised open days, as stored |
//! | [`entered`], [`entries`] | what staff enter from paper, phone and fax |
//! | [`handing`] | hands a misrouted application to another department (所管替え) |
//! | [`inquiries`] | what departments ask each other (意見照会) |
//! | [`inbox`] | the department's list, its search and its counts |
//! | [`labels`] | 付箋 a department puts on its applications, and the list by them |
//! | [`mod@file`] | one application with everything that belongs to it |
//! | [`standing`] | which of them stand on an older revision |
//! | [`steps`] | moves an application from state to state |
//! | [`messages`] | what applicants and staff write to each other |
//! | [`notes`] | internal notes |
//! | `over` | deletes those whose time is over |
//! | [`payments`] | what staff record about the payment of a fee (納付) |
//! | [`plan`] | works out what a step will do |
//! | [`reopening`] | what was decided or ended goes back to a desk (再開) |
//! | [`rebase`] | moves those in flight to a newer revision (版の移し替え) |
//! | [`review`] | what staff found at each point of the review |
//! | [`rows`] | the rows as stored |
//! | [`slots`] | days and times applications ask for |
//! | [`withdrawal_requests`] | what applicants ask to withdraw (取下げの申出), and the answer |
//! | [`staff_answers`] | questions of staff's own, version by version |

/// Narrows a boxed query of applications to those of a trial, or without one to all else.
macro_rules! of_trial {
    ($query:expr, $trial:expr) => {
        match $trial {
            Some(trial) => $query.filter($crate::schema::applications::procedure_id.eq(trial)),
            None => $query.filter(
                $crate::schema::applications::procedure_id.not_like(domain::procedures::TRIALS),
            ),
        }
    };
}

pub mod approvals;
pub mod arrive;
pub mod charge;
pub mod countdown;
mod counts;
pub(crate) use counts::recount;
pub mod entered;
pub mod entries;
pub mod file;
pub mod handing;
pub mod inbox;
pub mod inquiries;
pub mod labels;
pub mod messages;
pub mod notes;
pub(crate) mod over;
pub mod payments;
pub mod plan;
pub mod rebase;
pub mod reopening;
pub mod review;
pub mod rows;
pub mod slots;
pub mod staff_answers;
pub mod standing;
pub mod steps;
pub mod withdrawal_requests;
