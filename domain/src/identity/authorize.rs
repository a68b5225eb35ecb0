//! THE authorization function of both zones: deny by default (NF-38, NF-39, W1).

use std::borrow::Cow;

use thiserror::Error;

use super::actor::{Actor, Key, Role, Staff};
use super::mandate::Mandate;
use crate::forms::definition::Listing;
use crate::ids::{AccountId, ApplicationId, DepartmentId, ProcedureId, StaffId};

/// What somebody wants to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Action {
    /// Read the page of a procedure, download its forms, begin a form.
    ReadProcedure,
    /// Fill in and send a draft.
    UseDraft,
    /// Read an application, its state and its files.
    ReadApplication,
    /// Send a correction.
    CorrectApplication,
    /// Write to the department about an own application.
    WriteMessage,
    /// Take an application back.
    WithdrawApplication,
    /// Read a document issued to the applicant.
    ReadDocument,
    /// Change the own account.
    UseAccount,
    /// Take on to act for somebody else.
    AcceptMandate,
    /// End that somebody acts for somebody else.
    EndMandate,
    /// Read what somebody else fills in, and agree or not (連署).
    Cosign,
    /// Accept, review, decide, ask for a correction.
    WorkOnApplication,
    /// Issue a document.
    IssueDocument,
    /// Take a list of applications out as a file.
    ExportApplications,
    /// Read what another department asks about an application, and answer it (意見照会).
    AnswerInquiry,
    /// Close an application without a decision (職権終了).
    CloseApplication,
    /// Take an application up again that was decided or ended (再開).
    ReopenApplication,
    /// Make and change the labels of a department (付箋); who works there puts them on.
    ManageLabels,
    /// Read the definition of a procedure.
    ReadDefinition,
    /// Change the definition of a procedure.
    EditDefinition,
    /// Publish or close a procedure.
    PublishDefinition,
    /// Read the list of staff and departments.
    ReadStaff,
    /// Create, change, lock members of staff.
    ManageStaff,
    /// Release or refuse a key of a business system that somebody else proposed.
    ReleaseKey,
    /// Read and verify the operation log.
    ReadAudit,
    /// See how many applications there are, by state.
    ReadStatistics,
    /// See lanes, exports, health.
    ReadOperations,
    /// Run or repeat an export, release a quarantined item.
    RunOperations,
    /// Propose how long what is over is kept, or approve what somebody else proposed.
    ManageRetention,
}

impl Action {
    /// Every action, for the table test.
    pub const ALL: [Self; 29] = [
        Self::ReadProcedure,
        Self::UseDraft,
        Self::ReadApplication,
        Self::CorrectApplication,
        Self::WriteMessage,
        Self::WithdrawApplication,
        Self::ReadDocument,
        Self::UseAccount,
        Self::AcceptMandate,
        Self::EndMandate,
        Self::Cosign,
        Self::WorkOnApplication,
        Self::IssueDocument,
        Self::ExportApplications,
        Self::AnswerInquiry,
        Self::CloseApplication,
        Self::ReopenApplication,
        Self::ManageLabels,
        Self::ReadDefinition,
        Self::EditDefinition,
        Self::PublishDefinition,
        Self::ReadStaff,
        Self::ManageStaff,
        Self::ReleaseKey,
        Self::ReadAudit,
        Self::ReadStatistics,
        Self::ReadOperations,
        Self::RunOperations,
        Self::ManageRetention,
    ];
}

/// Whose a draft or application is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Owner {
    /// A citizen's account.
    Account(AccountId),
    /// A citizen's account for which a delegate fills in or filled in: it belongs to the
    /// principal, and the delegate may go on with it (NF-16).
    Represented {
        /// Whose it is.
        principal: AccountId,
        /// Who began it.
        delegate: AccountId,
        /// What for.
        procedure: ProcedureId,
    },
    /// A browser, while filling in without an account.
    Visitor(String),
    /// Whoever proves number and secret; nobody for an anonymous application.
    Bearer,
    /// A member of staff who applies for an internal procedure (NB-2.1).
    Staff(StaffId),
    /// The same as a desk meets it: whoever works there decides it, but not who applied.
    Colleague(StaffId),
}

/// What it is done to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Object {
    /// A published procedure as citizens see it.
    Procedure {
        /// Who finds it.
        listing: Listing,
        /// Whether the actor holds an invitation to it that stands.
        invited: bool,
    },
    /// A procedure that staff apply for themselves (NB-2.1).
    Internal {
        /// Departments whose staff may apply; empty for the staff of all.
        staff_of: Vec<DepartmentId>,
    },
    /// A form being filled in.
    Draft {
        /// Whose it is.
        owner: Owner,
    },
    /// An application with its answers, files and documents.
    Application {
        /// Which one.
        id: ApplicationId,
        /// Whose it is. The staff side, which has no citizens, may give `Bearer`.
        owner: Owner,
        /// Department it was routed to.
        department: DepartmentId,
    },
    /// What another department asks a department about an application, with what it was shown.
    Inquiry {
        /// Department that is asked.
        department: DepartmentId,
    },
    /// All applications of a department, as a list or file.
    Inbox {
        /// Department.
        department: DepartmentId,
    },
    /// Applications for a procedure at a department, with its form, as business systems meet them.
    Business {
        /// Which procedure.
        procedure: ProcedureId,
        /// Which department.
        department: DepartmentId,
    },
    /// The definition of a procedure, published or not.
    Definition {
        /// Department that owns it.
        department: DepartmentId,
    },
    /// A citizen's account.
    Account(AccountId),
    /// That one account acts for another.
    Mandate {
        /// Who is acted for.
        principal: AccountId,
        /// The account with the address that was named; `None` while there is none.
        delegate: Option<AccountId>,
    },
    /// A form being filled in to which somebody else is asked to agree (連署).
    Cosigning {
        /// Whose it is, and who fills it in for them: nobody agrees with themselves.
        applicants: Vec<AccountId>,
        /// The account with the address that was named; `None` while there is none.
        asked: Option<AccountId>,
    },
    /// A staff account.
    StaffAccount(StaffId),
    /// Staff and departments as a whole.
    StaffList,
    /// The operation log.
    AuditLog,
    /// Lanes, exports, health.
    Operations,
    /// How long what is over is kept, and what went.
    Retention,
}

/// Why not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum Denied {
    /// Answer as if it did not exist (404): even its existence is not theirs to know.
    #[error("not found")]
    Hidden,
    /// Say that the right is missing (403).
    #[error("not allowed")]
    Forbidden,
}

/// Whether `actor` may do `action` to `object`. Every read and write of both zones asks here.
///
/// # Errors
/// [`Denied::Hidden`] when the actor may do nothing at all to something personal,
/// [`Denied::Forbidden`] when only this action is missing.
pub fn authorize(actor: &Actor, action: Action, object: &Object) -> Result<(), Denied> {
    let allowed = permitted(actor, object);
    if allowed.contains(&action) {
        return Ok(());
    }
    if allowed.is_empty() && is_secret(object) {
        Err(Denied::Hidden)
    } else {
        Err(Denied::Forbidden)
    }
}

/// Everything `actor` may do to `object`. What is not listed is denied.
fn permitted(actor: &Actor, object: &Object) -> Cow<'static, [Action]> {
    let allowed = match actor {
        Actor::Visitor(browser) => by_visitor(browser, object),
        Actor::Guest(application) => by_guest(application, object),
        Actor::Citizen(account) => by_citizen(account, object),
        Actor::Delegate(mandate) => by_delegate(mandate, object),
        Actor::Cosigner(application) => by_cosigner(application, object),
        Actor::Staff(staff) => by_staff(staff, object),
        Actor::Key(key) => return by_key(key, object).into(),
    };
    allowed.into()
}

/// NF-16: a delegate fills in, sends and follows. Taking an application back stays with the
/// person it belongs to; documents only where the mandate says so.
const FOR_ANOTHER: &[Action] =
    &[Action::ReadApplication, Action::CorrectApplication, Action::WriteMessage];
const FOR_ANOTHER_WITH_DOCUMENTS: &[Action] = &[
    Action::ReadApplication,
    Action::CorrectApplication,
    Action::WriteMessage,
    Action::ReadDocument,
];

const OWN_APPLICATION: &[Action] = &[
    Action::ReadApplication,
    Action::CorrectApplication,
    Action::WriteMessage,
    Action::WithdrawApplication,
    Action::ReadDocument,
];

fn by_visitor(browser: &str, object: &Object) -> &'static [Action] {
    match object {
        Object::Procedure { listing, invited } => published(*listing, *invited),
        Object::Draft { owner: Owner::Visitor(of) } if !of.is_empty() && of == browser => {
            &[Action::UseDraft]
        }
        Object::Draft { .. }
        | Object::Application { .. }
        | Object::Inquiry { .. }
        | Object::Inbox { .. }
        | Object::Business { .. }
        | Object::Definition { .. }
        | Object::Account(_)
        | Object::Mandate { .. }
        | Object::Cosigning { .. }
        | Object::StaffAccount(_)
        | Object::Internal { .. }
        | Object::StaffList
        | Object::AuditLog
        | Object::Operations
        | Object::Retention => &[],
    }
}

fn by_guest(application: &ApplicationId, object: &Object) -> &'static [Action] {
    match object {
        Object::Procedure { listing, invited } => published(*listing, *invited),
        Object::Application { id, owner: Owner::Bearer, .. } if id == application => {
            OWN_APPLICATION
        }
        Object::Application { .. }
        | Object::Draft { .. }
        | Object::Inquiry { .. }
        | Object::Inbox { .. }
        | Object::Business { .. }
        | Object::Definition { .. }
        | Object::Account(_)
        | Object::Mandate { .. }
        | Object::Cosigning { .. }
        | Object::StaffAccount(_)
        | Object::Internal { .. }
        | Object::StaffList
        | Object::AuditLog
        | Object::Operations
        | Object::Retention => &[],
    }
}

fn by_citizen(account: &AccountId, object: &Object) -> &'static [Action] {
    match object {
        Object::Procedure { listing, invited } => published(*listing, *invited),
        Object::Draft { owner: Owner::Account(of) | Owner::Represented { principal: of, .. } }
            if of == account =>
        {
            &[Action::UseDraft]
        }
        Object::Application {
            owner: Owner::Account(of) | Owner::Represented { principal: of, .. },
            ..
        } if of == account => OWN_APPLICATION,
        Object::Account(of) if of == account => &[Action::UseAccount],
        Object::Mandate { principal, .. } if principal == account => &[Action::EndMandate],
        Object::Mandate { delegate: Some(of), .. } if of == account => {
            &[Action::AcceptMandate, Action::EndMandate]
        }
        Object::Cosigning { applicants, asked: Some(of) }
            if of == account && !applicants.contains(account) =>
        {
            &[Action::Cosign]
        }
        Object::Draft { .. }
        | Object::Application { .. }
        | Object::Account(_)
        | Object::Mandate { .. }
        | Object::Cosigning { .. }
        | Object::Inquiry { .. }
        | Object::Inbox { .. }
        | Object::Business { .. }
        | Object::Definition { .. }
        | Object::StaffAccount(_)
        | Object::Internal { .. }
        | Object::StaffList
        | Object::AuditLog
        | Object::Operations
        | Object::Retention => &[],
    }
}

/// What a mandate in force allows: what its delegate began for its principal, within its scope.
fn by_delegate(mandate: &Mandate, object: &Object) -> &'static [Action] {
    let covers = |owner: &Owner| match owner {
        Owner::Represented { principal, delegate, procedure } => {
            *principal == mandate.principal
                && *delegate == mandate.delegate
                && mandate.scope.covers(procedure)
        }
        Owner::Account(_)
        | Owner::Visitor(_)
        | Owner::Bearer
        | Owner::Staff(_)
        | Owner::Colleague(_) => false,
    };
    match object {
        Object::Procedure { listing, invited } => published(*listing, *invited),
        Object::Draft { owner } if covers(owner) => &[Action::UseDraft],
        Object::Application { owner, .. } if covers(owner) => {
            if mandate.documents {
                FOR_ANOTHER_WITH_DOCUMENTS
            } else {
                FOR_ANOTHER
            }
        }
        Object::Draft { .. }
        | Object::Application { .. }
        | Object::Account(_)
        | Object::Mandate { .. }
        | Object::Cosigning { .. }
        | Object::Inquiry { .. }
        | Object::Inbox { .. }
        | Object::Business { .. }
        | Object::Definition { .. }
        | Object::StaffAccount(_)
        | Object::Internal { .. }
        | Object::StaffList
        | Object::AuditLog
        | Object::Operations
        | Object::Retention => &[],
    }
}

/// Who agreed to an application follows it, and changes nothing (連署).
fn by_cosigner(application: &ApplicationId, object: &Object) -> &'static [Action] {
    match object {
        Object::Procedure { listing, invited } => published(*listing, *invited),
        Object::Application { id, .. } if id == application => &[Action::ReadApplication],
        Object::Application { .. }
        | Object::Draft { .. }
        | Object::Account(_)
        | Object::Mandate { .. }
        | Object::Cosigning { .. }
        | Object::Inquiry { .. }
        | Object::Inbox { .. }
        | Object::Business { .. }
        | Object::Definition { .. }
        | Object::StaffAccount(_)
        | Object::Internal { .. }
        | Object::StaffList
        | Object::AuditLog
        | Object::Operations
        | Object::Retention => &[],
    }
}

fn published(listing: Listing, invited: bool) -> &'static [Action] {
    match listing {
        Listing::Public | Listing::Unlisted => &[Action::ReadProcedure],
        Listing::Invite if invited => &[Action::ReadProcedure],
        Listing::Internal | Listing::Invite => &[],
    }
}

/// NB-2.1: a member of staff with an own application for an internal procedure. What the desk may
/// do with it is another right, and is asked for at the desk.
const OWN_INTERNAL: &[Action] = &[
    Action::ReadApplication,
    Action::CorrectApplication,
    Action::WithdrawApplication,
    Action::ReadDocument,
];

fn by_staff(staff: &Staff, object: &Object) -> &'static [Action] {
    match object {
        Object::Procedure { .. } => &[Action::ReadProcedure],
        Object::Internal { staff_of } if applies(staff, staff_of) => {
            &[Action::ReadProcedure, Action::UseDraft]
        }
        Object::Draft { owner: Owner::Staff(of) } if *of == staff.id => &[Action::UseDraft],
        Object::Application { owner: Owner::Staff(of), .. } if *of == staff.id => OWN_INTERNAL,
        Object::Application { owner: Owner::Colleague(of), department, .. } if *of == staff.id => {
            staff.role_in(department).map_or(&[] as &[Action], at_ones_own_desk)
        }
        Object::Application { department, .. }
        | Object::Inbox { department }
        | Object::Business { department, .. } => {
            staff.role_in(department).map_or(&[] as &[Action], at_the_desk)
        }
        Object::Inquiry { department } => match staff.role_in(department) {
            Some(Role::ProcedureManager | Role::Clerk) => &[Action::AnswerInquiry],
            Some(Role::Administrator | Role::Auditor) | None => &[],
        },
        Object::Definition { department } => {
            let own = staff.role_in(department);
            definition(own.unwrap_or(staff.role), own.is_some())
        }
        Object::StaffAccount(id) if *id == staff.id => own_staff_account(staff.role),
        Object::StaffAccount(_) => staff_account(staff.role),
        Object::StaffList => staff_list(staff.role),
        Object::AuditLog => match staff.role {
            Role::Auditor => &[Action::ReadAudit],
            Role::Administrator | Role::ProcedureManager | Role::Clerk => &[],
        },
        Object::Operations => match staff.role {
            Role::Administrator => &[Action::ReadOperations, Action::RunOperations],
            Role::ProcedureManager | Role::Clerk | Role::Auditor => &[Action::ReadOperations],
        },
        Object::Retention => match staff.role {
            Role::Administrator | Role::Auditor => &[Action::ManageRetention],
            Role::ProcedureManager | Role::Clerk => &[],
        },
        Object::Draft { .. }
        | Object::Internal { .. }
        | Object::Account(_)
        | Object::Mandate { .. }
        | Object::Cosigning { .. } => &[],
    }
}

/// Whether somebody belongs to those whom an internal procedure is for, whatever their role.
fn applies(staff: &Staff, staff_of: &[DepartmentId]) -> bool {
    staff_of.is_empty() || staff_of.iter().any(|one| staff.departments.contains_key(one))
}

/// IK-2.1.2d2: what the scopes of a key allow with the applications within its reach, and nothing else.
fn by_key(key: &Key, object: &Object) -> Vec<Action> {
    match object {
        Object::Business { procedure, department } if key.reaches(procedure, department) => {
            key.scopes.iter().map(|scope| scope.action()).collect()
        }
        Object::Business { .. }
        | Object::Procedure { .. }
        | Object::Draft { .. }
        | Object::Application { .. }
        | Object::Inquiry { .. }
        | Object::Inbox { .. }
        | Object::Definition { .. }
        | Object::Account(_)
        | Object::Mandate { .. }
        | Object::Cosigning { .. }
        | Object::StaffAccount(_)
        | Object::Internal { .. }
        | Object::StaffList
        | Object::AuditLog
        | Object::Operations
        | Object::Retention => Vec::new(),
    }
}

/// NF-39: who works with the applications of an own department.
fn at_the_desk(role: Role) -> &'static [Action] {
    match role {
        Role::ProcedureManager => &[
            Action::ReadApplication,
            Action::WorkOnApplication,
            Action::IssueDocument,
            Action::ExportApplications,
            Action::CloseApplication,
            Action::ReopenApplication,
            Action::ManageLabels,
        ],
        Role::Clerk => &[
            Action::ReadApplication,
            Action::WorkOnApplication,
            Action::IssueDocument,
            Action::ExportApplications,
        ],
        Role::Administrator | Role::Auditor => &[],
    }
}

/// NB-2.1: what a desk has of what its own member applied for: it is read there, and others decide it.
fn at_ones_own_desk(role: Role) -> &'static [Action] {
    match role {
        Role::ProcedureManager | Role::Clerk => &[Action::ReadApplication],
        Role::Administrator | Role::Auditor => &[],
    }
}

fn definition(role: Role, own: bool) -> &'static [Action] {
    match role {
        Role::ProcedureManager if own => {
            &[Action::ReadDefinition, Action::EditDefinition, Action::PublishDefinition]
        }
        Role::Clerk if own => &[Action::ReadDefinition],
        Role::ProcedureManager | Role::Clerk => &[],
        Role::Administrator | Role::Auditor => &[Action::ReadDefinition],
    }
}

fn own_staff_account(role: Role) -> &'static [Action] {
    match role {
        Role::Administrator => &[Action::UseAccount, Action::ReadStaff, Action::ManageStaff],
        Role::Auditor => &[Action::UseAccount, Action::ReadStaff],
        Role::ProcedureManager | Role::Clerk => &[Action::UseAccount],
    }
}

fn staff_account(role: Role) -> &'static [Action] {
    match role {
        Role::Administrator => &[Action::ReadStaff, Action::ManageStaff],
        Role::Auditor => &[Action::ReadStaff],
        Role::ProcedureManager | Role::Clerk => &[],
    }
}

fn staff_list(role: Role) -> &'static [Action] {
    match role {
        Role::Administrator => &[Action::ReadStaff, Action::ManageStaff, Action::ReleaseKey],
        Role::Auditor => &[Action::ReadStaff, Action::ReleaseKey],
        Role::ProcedureManager | Role::Clerk => &[],
    }
}

/// Whether the existence of the object is personal.
fn is_secret(object: &Object) -> bool {
    match object {
        Object::Procedure { .. }
        | Object::Internal { .. }
        | Object::Draft { .. }
        | Object::Application { .. }
        | Object::Inquiry { .. }
        | Object::Inbox { .. }
        | Object::Business { .. }
        | Object::Definition { .. }
        | Object::Account(_)
        | Object::Mandate { .. }
        | Object::Cosigning { .. } => true,
        Object::StaffAccount(_)
        | Object::StaffList
        | Object::AuditLog
        | Object::Operations
        | Object::Retention => false,
    }
}

#[cfg(test)]
mod tests;
