//! States of an application after arrival, and the one door between them (NF-34).

use std::fmt;

use thiserror::Error;

use super::workflow::{Rules, WithdrawUntil};

/// Where an application is. Everything before arrival is a draft, not an application.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum State {
    /// 到達: committed in the citizen zone, legally received.
    Arrived,
    /// 受付: the department took it.
    Accepted,
    /// 審査: being decided.
    Reviewing,
    /// 結果通知: decided, the applicant was told.
    Notified,
    /// 完了: nothing left to do.
    Done,
    /// 差戻し: the applicant is asked to correct; remembers where it goes back to.
    Correction(Origin),
    /// 却下: decided against; an end.
    Rejected,
    /// 取下げ: taken back by the applicant; an end.
    Withdrawn,
    /// 不受理: not taken; an end.
    RefusedEntry,
    /// 期限切れ: nobody answered a correction; an end, unless the answer was on its way when it was made
    /// one. Remembers where the correction goes back to.
    Expired(Origin),
    /// 職権終了: closed by the office without a decision; an end.
    Closed,
}

/// Where a correction was asked from, and goes back to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Origin {
    /// Before 受付.
    Arrived,
    /// After 受付.
    Accepted,
    /// During 審査.
    Reviewing,
}

impl From<Origin> for State {
    fn from(origin: Origin) -> Self {
        match origin {
            Origin::Arrived => Self::Arrived,
            Origin::Accepted => Self::Accepted,
            Origin::Reviewing => Self::Reviewing,
        }
    }
}

/// What happens to an application.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Event {
    /// 受付する.
    Accept,
    /// 受理しない.
    RefuseEntry,
    /// 審査を始める.
    StartReview,
    /// 結果を通知する.
    Notify,
    /// 却下する.
    Reject,
    /// 完了する.
    Finish,
    /// 職権で終了する, without a decision.
    Close,
    /// 差し戻す.
    AskCorrection,
    /// 期限切れにする: the correction did not come.
    Expire,
    /// 補正する, by the applicant.
    Resubmit,
    /// 取り下げる, by the applicant.
    Withdraw,
    /// 取下げを認める: the office agrees to what the applicant asked for.
    GrantWithdrawal,
    /// 再開する: what was decided or ended goes back to a desk.
    Reopen,
}

/// The event does not apply.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("{event} does not apply to an application that is {from}")]
pub struct Refused {
    /// State it is in.
    pub from: State,
    /// Event asked for.
    pub event: Event,
}

impl State {
    /// Every state, for lists and tests.
    pub const ALL: [Self; 15] = [
        Self::Arrived,
        Self::Accepted,
        Self::Reviewing,
        Self::Notified,
        Self::Done,
        Self::Correction(Origin::Arrived),
        Self::Correction(Origin::Accepted),
        Self::Correction(Origin::Reviewing),
        Self::Rejected,
        Self::Withdrawn,
        Self::RefusedEntry,
        Self::Expired(Origin::Arrived),
        Self::Expired(Origin::Accepted),
        Self::Expired(Origin::Reviewing),
        Self::Closed,
    ];

    /// The one door: where `event` leads under the procedure's rules.
    ///
    /// # Errors
    /// [`Refused`] when the event does not apply here.
    ///
    /// Source: NF-34.
    pub fn apply(self, event: Event, rules: Rules) -> Result<Self, Refused> {
        use Event as E;
        use State as S;
        let refused = Err(Refused { from: self, event });
        match (self, event) {
            (S::Arrived, E::Accept) => Ok(S::Accepted),
            (S::Arrived, E::RefuseEntry) => Ok(S::RefusedEntry),
            (S::Accepted, E::StartReview) => Ok(S::Reviewing),
            (S::Reviewing, E::Notify) => Ok(S::Notified),
            (S::Reviewing, E::Reject) => Ok(S::Rejected),
            (S::Notified, E::Finish) => Ok(S::Done),
            (S::Arrived, E::AskCorrection) => Ok(S::Correction(Origin::Arrived)),
            (S::Accepted, E::AskCorrection) => Ok(S::Correction(Origin::Accepted)),
            (S::Reviewing, E::AskCorrection) => Ok(S::Correction(Origin::Reviewing)),
            (S::Arrived | S::Accepted | S::Reviewing, E::Close) => Ok(S::Closed),
            (S::Correction(origin), E::Expire) => Ok(S::Expired(origin)),
            // What the applicant had sent before they could know counts.
            (S::Correction(origin) | S::Expired(origin), E::Resubmit) => Ok(origin.into()),
            (S::Arrived | S::Accepted | S::Reviewing | S::Correction(_), E::Withdraw) => {
                if self.may_withdraw(rules.withdraw_until) { Ok(S::Withdrawn) } else { refused }
            }
            (S::Arrived | S::Accepted | S::Reviewing | S::Correction(_), E::GrantWithdrawal) => {
                Ok(S::Withdrawn)
            }
            // What the applicant took back stays with them.
            (
                S::Notified | S::Done | S::Rejected | S::RefusedEntry | S::Expired(_) | S::Closed,
                E::Reopen,
            ) => rules.reopened().ok_or(Refused { from: self, event }),
            (
                S::Arrived,
                E::StartReview
                | E::Notify
                | E::Reject
                | E::Finish
                | E::Expire
                | E::Resubmit
                | E::Reopen,
            )
            | (
                S::Accepted,
                E::Accept
                | E::RefuseEntry
                | E::Notify
                | E::Reject
                | E::Finish
                | E::Expire
                | E::Resubmit
                | E::Reopen,
            )
            | (
                S::Reviewing,
                E::Accept
                | E::RefuseEntry
                | E::StartReview
                | E::Finish
                | E::Expire
                | E::Resubmit
                | E::Reopen,
            )
            | (
                S::Notified,
                E::Accept
                | E::RefuseEntry
                | E::StartReview
                | E::Notify
                | E::Reject
                | E::Close
                | E::AskCorrection
                | E::Expire
                | E::Resubmit
                | E::Withdraw
                | E::GrantWithdrawal,
            )
            | (
                S::Correction(_),
                E::Accept
                | E::RefuseEntry
                | E::StartReview
                | E::Notify
                | E::Reject
                | E::Finish
                | E::Close
                | E::AskCorrection
                | E::Reopen,
            )
            | (
                S::Expired(_),
                E::Accept
                | E::RefuseEntry
                | E::StartReview
                | E::Notify
                | E::Reject
                | E::Finish
                | E::Close
                | E::AskCorrection
                | E::Expire
                | E::Withdraw
                | E::GrantWithdrawal,
            )
            | (S::Done | S::Rejected | S::Withdrawn | S::RefusedEntry | S::Closed, _) => refused,
        }
    }

    /// Whether the step by `event` from here, with what the system then did by itself, may be taken back
    /// as long as nobody outside knows of it: a decision that was told stands (一括操作の取消).
    #[must_use]
    pub fn may_be_undone(self, event: Event, rules: Rules) -> bool {
        let Ok(to) = self.apply(event, rules) else { return false };
        let steps = rules.settle(to);
        event.may_be_undone() && steps.iter().all(|step| step.event.may_be_undone())
    }

    fn may_withdraw(self, until: WithdrawUntil) -> bool {
        match until {
            WithdrawUntil::Never => false,
            WithdrawUntil::Accepted => {
                matches!(self, Self::Arrived | Self::Correction(Origin::Arrived))
            }
            WithdrawUntil::Decided => {
                matches!(
                    self,
                    Self::Arrived | Self::Accepted | Self::Reviewing | Self::Correction(_)
                )
            }
        }
    }

    /// Whether the applicant may ask the office to let it be withdrawn (取下げの申出): where the procedure
    /// lets them withdraw, the free time is over and nothing is decided.
    #[must_use]
    pub fn may_ask_to_withdraw(self, rules: Rules) -> bool {
        match rules.withdraw_until {
            WithdrawUntil::Never | WithdrawUntil::Decided => false,
            WithdrawUntil::Accepted => {
                self.may_change_hands() && !self.may_withdraw(WithdrawUntil::Accepted)
            }
        }
    }

    /// Events that apply now, in the order of [`Event::ALL`]: what a page offers as buttons.
    #[must_use]
    pub fn open_events(self, rules: Rules) -> Vec<Event> {
        Event::ALL.into_iter().filter(|event| self.apply(*event, rules).is_ok()).collect()
    }

    /// Whether nothing is left to do.
    #[must_use]
    pub const fn is_end(self) -> bool {
        match self {
            Self::Done
            | Self::Rejected
            | Self::Withdrawn
            | Self::RefusedEntry
            | Self::Expired(_)
            | Self::Closed => true,
            Self::Arrived
            | Self::Accepted
            | Self::Reviewing
            | Self::Notified
            | Self::Correction(_) => false,
        }
    }

    /// Whether another department can take it over: nothing was decided yet (所管替え).
    #[must_use]
    pub const fn may_change_hands(self) -> bool {
        match self {
            Self::Arrived | Self::Accepted | Self::Reviewing | Self::Correction(_) => true,
            Self::Notified
            | Self::Done
            | Self::Rejected
            | Self::Withdrawn
            | Self::RefusedEntry
            | Self::Expired(_)
            | Self::Closed => false,
        }
    }

    /// Whether somebody took it up again when it came from here into `to` (再開). An answer that was on its way
    /// leads back from 期限切れ by itself.
    #[must_use]
    pub const fn is_reopened_by(self, to: Self) -> bool {
        let over = match self {
            Self::Notified
            | Self::Done
            | Self::Rejected
            | Self::RefusedEntry
            | Self::Expired(_)
            | Self::Closed => true,
            Self::Arrived
            | Self::Accepted
            | Self::Reviewing
            | Self::Correction(_)
            | Self::Withdrawn => false,
        };
        over && to.may_change_hands()
    }

    /// Whether it can go on under a newer revision of its form: it is with the office, and nothing was
    /// decided yet. What the applicant is correcting goes on under the form they see (NF-58).
    #[must_use]
    pub const fn may_be_rebased(self) -> bool {
        match self {
            Self::Arrived | Self::Accepted | Self::Reviewing => true,
            Self::Notified
            | Self::Done
            | Self::Correction(_)
            | Self::Rejected
            | Self::Withdrawn
            | Self::RefusedEntry
            | Self::Expired(_)
            | Self::Closed => false,
        }
    }

    /// Whether its seats go back to the pool on the way into this state (NF-49).
    #[must_use]
    pub const fn releases_seats(self) -> bool {
        match self {
            Self::Rejected
            | Self::Withdrawn
            | Self::RefusedEntry
            | Self::Expired(_)
            | Self::Closed => true,
            Self::Arrived
            | Self::Accepted
            | Self::Reviewing
            | Self::Notified
            | Self::Done
            | Self::Correction(_) => false,
        }
    }

    /// How the state is stored and sent: `arrived`, `correction:reviewing`.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Arrived => "arrived",
            Self::Accepted => "accepted",
            Self::Reviewing => "reviewing",
            Self::Notified => "notified",
            Self::Done => "done",
            Self::Correction(Origin::Arrived) => "correction:arrived",
            Self::Correction(Origin::Accepted) => "correction:accepted",
            Self::Correction(Origin::Reviewing) => "correction:reviewing",
            Self::Rejected => "rejected",
            Self::Withdrawn => "withdrawn",
            Self::RefusedEntry => "refused_entry",
            Self::Expired(Origin::Arrived) => "expired:arrived",
            Self::Expired(Origin::Accepted) => "expired:accepted",
            Self::Expired(Origin::Reviewing) => "expired:reviewing",
            Self::Closed => "closed",
        }
    }

    /// Reads [`Self::key`].
    /// # Errors
    /// [`BadState`] for any other text.
    pub fn parse(key: &str) -> Result<Self, BadState> {
        Self::ALL.into_iter().find(|state| state.key() == key).ok_or(BadState)
    }
}

/// A text that names no state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("no such state")]
pub struct BadState;

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.key())
    }
}

impl Event {
    /// Every event, in the order of the way.
    pub const ALL: [Self; 13] = [
        Self::Accept,
        Self::RefuseEntry,
        Self::StartReview,
        Self::Notify,
        Self::Reject,
        Self::Finish,
        Self::Close,
        Self::AskCorrection,
        Self::Expire,
        Self::Resubmit,
        Self::Withdraw,
        Self::GrantWithdrawal,
        Self::Reopen,
    ];

    /// How the event is stored and shown in addresses.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Accept => "accept",
            Self::RefuseEntry => "refuse_entry",
            Self::StartReview => "start_review",
            Self::Notify => "notify",
            Self::Reject => "reject",
            Self::Finish => "finish",
            Self::Close => "close",
            Self::AskCorrection => "ask_correction",
            Self::Expire => "expire",
            Self::Resubmit => "resubmit",
            Self::Withdraw => "withdraw",
            Self::GrantWithdrawal => "grant_withdrawal",
            Self::Reopen => "reopen",
        }
    }

    /// Reads [`Self::key`]; `None` for any other text.
    #[must_use]
    pub fn parse(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|event| event.key() == key)
    }

    /// Whether it binds nobody outside the office before they hear of it.
    #[must_use]
    pub const fn may_be_undone(self) -> bool {
        match self {
            Self::Accept | Self::StartReview | Self::Finish => true,
            Self::RefuseEntry
            | Self::Notify
            | Self::Reject
            | Self::Close
            | Self::AskCorrection
            | Self::Expire
            | Self::Resubmit
            | Self::Withdraw
            | Self::GrantWithdrawal
            | Self::Reopen => false,
        }
    }

    /// Whether it is a decision against the applicant, to which a notice with reasons and 教示 belongs.
    #[must_use]
    pub const fn is_refusal(self) -> bool {
        match self {
            Self::Reject | Self::RefuseEntry => true,
            Self::Accept
            | Self::StartReview
            | Self::Notify
            | Self::Finish
            | Self::Close
            | Self::AskCorrection
            | Self::Expire
            | Self::Resubmit
            | Self::Withdraw
            | Self::GrantWithdrawal
            | Self::Reopen => false,
        }
    }

    /// Whether the applicant does it; all others are done by staff or the system.
    #[must_use]
    pub const fn is_by_applicant(self) -> bool {
        match self {
            Self::Resubmit | Self::Withdraw => true,
            Self::Accept
            | Self::RefuseEntry
            | Self::StartReview
            | Self::Notify
            | Self::Reject
            | Self::Finish
            | Self::Close
            | Self::AskCorrection
            | Self::Expire
            | Self::GrantWithdrawal
            | Self::Reopen => false,
        }
    }
}

impl fmt::Display for Event {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.key())
    }
}

#[cfg(test)]
mod tests;
