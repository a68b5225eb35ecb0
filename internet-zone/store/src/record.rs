//! The operation log of this zone: every change writes its event in the same
//! transaction (NF-43).

use platform_audit::Event;
use platform_store::{Tx, time};

/// Who acts, from where, and when.
#[derive(Clone, Debug)]
pub struct By {
    /// Microseconds.
    pub at: i64,
    /// `account:ID`, `guest:ID`, `visitor` or `system:PART`.
    pub actor: String,
    /// First 16 hex digits of the session's hash; empty without one.
    pub session: String,
    /// Address of the request; empty for a part of the system.
    pub ip: String,
}

impl By {
    /// A part of the system, such as the receiver of publications.
    #[must_use]
    pub fn system(part: &str, at: i64) -> Self {
        Self { at, actor: format!("system:{part}"), session: String::new(), ip: String::new() }
    }
}

/// What was done. One word each in the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Act {
    /// A person registered.
    AccountRegistered,
    /// Name, address or telephone changed.
    ProfileChanged,
    /// A new password was set.
    PasswordChanged,
    /// The address of an account was changed (NF-19).
    AddressChanged,
    /// An account was closed by its owner (NF-17).
    AccountClosed,
    /// What was sent with its address without it became the account's.
    EarlierTaken,
    /// An account chose of what it is told by mail.
    NewsChosen,
    /// Signed in.
    SignedIn,
    /// A try to sign in failed.
    SignInFailed,
    /// Signed out.
    SignedOut,
    /// An application was opened with number and secret.
    LookedUp,
    /// The terms of use were agreed to.
    TermsAgreed,
    /// A mandate to act for somebody was offered.
    MandateOffered,
    /// It was accepted.
    MandateAccepted,
    /// It was declined, revoked, given back, or its time was over.
    MandateEnded,
    /// Answers were begun.
    DraftBegun,
    /// Unsent answers were thrown away, by their owner or by age.
    DraftDiscarded,
    /// What was begun at a counter terminal was taken along on another device.
    HandedOver,
    /// Somebody was asked to agree to unsent answers.
    CosignAsked,
    /// They agreed.
    CosignAgreed,
    /// They did not agree, or not any more.
    CosignDeclined,
    /// They had agreed, and the answers changed.
    CosignVoid,
    /// They are asked no more.
    CosignTakenBack,
    /// They did not answer in time.
    CosignExpired,
    /// An application arrived.
    Arrived,
    /// An application waits for seats.
    WaitingBegun,
    /// Somebody left the waiting list.
    WaitingLeft,
    /// The procedure ended while somebody waited.
    WaitingOver,
    /// A correction was sent.
    Corrected,
    /// An application was withdrawn.
    Withdrawn,
    /// The citizen asked the office to let an application be withdrawn.
    WithdrawalAsked,
    /// They took that back.
    WithdrawalTakenBack,
    /// The office did not agree.
    WithdrawalDeclined,
    /// The staff zone told that a withdrawal was not taken.
    WithdrawalRefused,
    /// The staff zone took an application up again that had given up its seats.
    Reopened,
    /// An application goes on, and others have seats it gave up.
    SeatsMissing,
    /// The staff zone told a new state.
    StateTold,
    /// The staff zone told that another department is in charge.
    DepartmentTold,
    /// The staff zone told that an application goes on under another revision.
    RevisionTold,
    /// The staff zone asked for a correction.
    CorrectionAsked,
    /// The staff zone told that a file could not be taken over.
    FileHeld,
    /// The citizen wrote to the department.
    Wrote,
    /// The department wrote to the citizen.
    StaffWrote,
    /// A document arrived for the citizen.
    DocumentIssued,
    /// The citizen opened a document.
    DocumentOpened,
    /// What was left of an application went: its time is over.
    ApplicationGone,
    /// A procedure is shown.
    ProcedurePublished,
    /// A procedure is shown no more.
    ProcedureClosed,
    /// Staff handed out invitations to a procedure.
    InvitationsGiven,
    /// An invitation is worth nothing any more.
    InvitationRevoked,
    /// Somebody showed an invitation.
    InvitationOpened,
    /// A lane of the bridge stopped until an operator has looked.
    LaneStopped,
    /// A mail was never sent.
    MailGivenUp,
}

impl Act {
    const fn word(self) -> &'static str {
        match self {
            Self::AccountRegistered => "identity.registered",
            Self::ProfileChanged => "identity.profile_changed",
            Self::PasswordChanged => "identity.password_changed",
            Self::AddressChanged => "identity.address_changed",
            Self::AccountClosed => "identity.closed",
            Self::EarlierTaken => "identity.earlier_taken",
            Self::NewsChosen => "identity.news_chosen",
            Self::SignedIn => "identity.signed_in",
            Self::SignInFailed => "identity.sign_in_failed",
            Self::SignedOut => "identity.signed_out",
            Self::LookedUp => "identity.looked_up",
            Self::TermsAgreed => "identity.terms_agreed",
            Self::MandateOffered => "identity.mandate_offered",
            Self::MandateAccepted => "identity.mandate_accepted",
            Self::MandateEnded => "identity.mandate_ended",
            Self::DraftBegun => "applications.draft_begun",
            Self::DraftDiscarded => "applications.draft_discarded",
            Self::HandedOver => "applications.draft_handed_over",
            Self::CosignAsked => "applications.cosign_asked",
            Self::CosignAgreed => "applications.cosign_agreed",
            Self::CosignDeclined => "applications.cosign_declined",
            Self::CosignVoid => "applications.cosign_void",
            Self::CosignTakenBack => "applications.cosign_taken_back",
            Self::CosignExpired => "applications.cosign_expired",
            Self::Arrived => "applications.arrived",
            Self::WaitingBegun => "applications.waiting_begun",
            Self::WaitingLeft => "applications.waiting_left",
            Self::WaitingOver => "applications.waiting_over",
            Self::Corrected => "applications.corrected",
            Self::Withdrawn => "applications.withdrawn",
            Self::WithdrawalAsked => "applications.withdrawal_requested",
            Self::WithdrawalTakenBack => "applications.withdrawal_request_back",
            Self::WithdrawalDeclined => "applications.withdrawal_not_agreed",
            Self::WithdrawalRefused => "applications.withdrawal_refused",
            Self::Reopened => "applications.reopened",
            Self::SeatsMissing => "applications.seats_missing",
            Self::StateTold => "applications.state_told",
            Self::DepartmentTold => "applications.department_told",
            Self::RevisionTold => "applications.revision_told",
            Self::CorrectionAsked => "applications.correction_asked",
            Self::FileHeld => "applications.file_held",
            Self::Wrote => "applications.wrote",
            Self::StaffWrote => "applications.staff_wrote",
            Self::DocumentIssued => "applications.document_issued",
            Self::DocumentOpened => "applications.document_opened",
            Self::ApplicationGone => "applications.gone",
            Self::ProcedurePublished => "procedures.published",
            Self::ProcedureClosed => "procedures.closed",
            Self::InvitationsGiven => "procedures.invitations_given",
            Self::InvitationRevoked => "procedures.invitation_revoked",
            Self::InvitationOpened => "procedures.invitation_opened",
            Self::LaneStopped => "bridge.lane_stopped",
            Self::MailGivenUp => "notices.mail_given_up",
        }
    }

    const fn result(self) -> &'static str {
        match self {
            Self::SignInFailed => "refused",
            Self::LaneStopped | Self::MailGivenUp | Self::SeatsMissing => "failed",
            Self::AccountRegistered
            | Self::ProfileChanged
            | Self::PasswordChanged
            | Self::AddressChanged
            | Self::AccountClosed
            | Self::EarlierTaken
            | Self::NewsChosen
            | Self::SignedIn
            | Self::SignedOut
            | Self::LookedUp
            | Self::TermsAgreed
            | Self::MandateOffered
            | Self::MandateAccepted
            | Self::MandateEnded
            | Self::DraftBegun
            | Self::DraftDiscarded
            | Self::HandedOver
            | Self::CosignAsked
            | Self::CosignAgreed
            | Self::CosignDeclined
            | Self::CosignVoid
            | Self::CosignTakenBack
            | Self::CosignExpired
            | Self::Arrived
            | Self::WaitingBegun
            | Self::WaitingLeft
            | Self::WaitingOver
            | Self::Corrected
            | Self::Withdrawn
            | Self::WithdrawalAsked
            | Self::WithdrawalTakenBack
            | Self::WithdrawalDeclined
            | Self::WithdrawalRefused
            | Self::Reopened
            | Self::StateTold
            | Self::DepartmentTold
            | Self::RevisionTold
            | Self::CorrectionAsked
            | Self::FileHeld
            | Self::Wrote
            | Self::StaffWrote
            | Self::DocumentIssued
            | Self::DocumentOpened
            | Self::ApplicationGone
            | Self::ProcedurePublished
            | Self::InvitationsGiven
            | Self::InvitationRevoked
            | Self::InvitationOpened
            | Self::ProcedureClosed => "ok",
        }
    }

    const fn kind(self) -> &'static str {
        match self {
            Self::AccountRegistered
            | Self::ProfileChanged
            | Self::PasswordChanged
            | Self::AddressChanged
            | Self::AccountClosed
            | Self::EarlierTaken
            | Self::NewsChosen
            | Self::SignedIn => "account",
            Self::SignInFailed => "network",
            Self::SignedOut => "session",
            Self::TermsAgreed => "terms",
            Self::MandateOffered | Self::MandateAccepted | Self::MandateEnded => "mandate",
            Self::DraftBegun
            | Self::DraftDiscarded
            | Self::HandedOver
            | Self::CosignAsked
            | Self::CosignAgreed
            | Self::CosignDeclined
            | Self::CosignVoid
            | Self::CosignTakenBack
            | Self::CosignExpired => "draft",
            Self::LookedUp
            | Self::Arrived
            | Self::WaitingBegun
            | Self::WaitingLeft
            | Self::WaitingOver
            | Self::Corrected
            | Self::Withdrawn
            | Self::WithdrawalAsked
            | Self::WithdrawalTakenBack
            | Self::WithdrawalDeclined
            | Self::WithdrawalRefused
            | Self::Reopened
            | Self::SeatsMissing
            | Self::StateTold
            | Self::DepartmentTold
            | Self::RevisionTold
            | Self::CorrectionAsked
            | Self::FileHeld
            | Self::Wrote
            | Self::StaffWrote
            | Self::ApplicationGone => "application",
            Self::DocumentIssued | Self::DocumentOpened => "document",
            Self::ProcedurePublished | Self::ProcedureClosed | Self::InvitationsGiven => {
                "procedure"
            }
            Self::InvitationRevoked | Self::InvitationOpened => "invitation",
            Self::LaneStopped => "lane",
            Self::MailGivenUp => "mail",
        }
    }
}

/// Records that `by` did `act` to the thing named `id`.
pub(crate) fn record(tx: &mut Tx<'_>, by: &By, act: Act, id: &str) {
    record_with(tx, by, act, id, String::new());
}

/// Records with short facts; never a value someone typed.
pub(crate) fn record_with(tx: &mut Tx<'_>, by: &By, act: Act, id: &str, detail: String) {
    let event = Event::new(
        time::from_micros(by.at),
        &by.actor,
        act.word(),
        &format!("{}:{id}", act.kind()),
    )
    .from(&by.session, &by.ip)
    .detail(detail)
    .result(act.result());
    platform_audit::record(tx, event);
}
