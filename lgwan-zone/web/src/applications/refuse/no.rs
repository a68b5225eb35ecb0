//! What staff do to an application with a reason.

use domain::applications::Event;
use domain::identity::Action;

use crate::site::TEXTS;

/// The ways to say no.
#[derive(Clone, Copy)]
pub(super) enum No {
    /// Decided against.
    Reject,
    /// Not taken at all.
    RefuseEntry,
    /// Closed by the office without a decision (職権終了).
    Close,
    /// Nobody answered the correction in time (期限切れ).
    Expire,
    /// Taken back by an applicant who has no page for it (IK-2.1.2a3).
    Withdraw,
    /// Not over after all: back to a desk (再開).
    Reopen,
}

impl No {
    pub(super) const fn event(self) -> Event {
        match self {
            Self::Reject => Event::Reject,
            Self::RefuseEntry => Event::RefuseEntry,
            Self::Close => Event::Close,
            Self::Expire => Event::Expire,
            Self::Withdraw => Event::Withdraw,
            Self::Reopen => Event::Reopen,
        }
    }

    pub(super) const fn path(self) -> &'static str {
        match self {
            Self::Reject => "reject",
            Self::RefuseEntry => "refuse",
            Self::Close => "close",
            Self::Expire => "expire",
            Self::Withdraw => "withdraw",
            Self::Reopen => "reopen",
        }
    }

    /// Closing without a decision and reopening are for who leads: they pass by whoever approves decisions.
    pub(super) const fn action(self) -> Action {
        match self {
            Self::Close => Action::CloseApplication,
            Self::Reopen => Action::ReopenApplication,
            Self::Reject | Self::RefuseEntry | Self::Expire | Self::Withdraw => {
                Action::WorkOnApplication
            }
        }
    }

    /// Heading, lead and button of its page.
    pub(super) fn words(self) -> (&'static str, &'static str, &'static str) {
        match self {
            Self::Reject => (
                TEXTS.text("applications.reject.heading"),
                TEXTS.text("applications.reject.lead"),
                TEXTS.text("applications.reject.button"),
            ),
            Self::RefuseEntry => (
                TEXTS.text("applications.refuse.heading"),
                TEXTS.text("applications.refuse.lead"),
                TEXTS.text("applications.refuse.button"),
            ),
            Self::Close => (
                TEXTS.text("applications.close.heading"),
                TEXTS.text("applications.close.lead"),
                TEXTS.text("applications.close.button"),
            ),
            Self::Expire => (
                TEXTS.text("applications.expire.heading"),
                TEXTS.text("applications.expire.lead"),
                TEXTS.text("applications.expire.button"),
            ),
            Self::Withdraw => (
                TEXTS.text("applications.withdraw.heading"),
                TEXTS.text("applications.withdraw.lead"),
                TEXTS.text("applications.withdraw.button"),
            ),
            Self::Reopen => (
                TEXTS.text("applications.reopen.heading"),
                TEXTS.text("applications.reopen.lead"),
                TEXTS.text("applications.reopen.button"),
            ),
        }
    }
}
