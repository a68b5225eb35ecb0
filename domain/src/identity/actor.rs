//! Who acts.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::{Action, Mandate};
use crate::ids::{AccountId, ApplicationId, DepartmentId, KeyId, ProcedureId, StaffId};

/// What a member of staff may do (NF-38).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// 管理者: staff, departments, operations. Sees no application.
    Administrator,
    /// 手続管理者: procedures and applications of the own departments.
    ProcedureManager,
    /// 業務担当者: applications of the own departments.
    Clerk,
    /// 監査担当者: the logs. Sees no application.
    Auditor,
}

impl Role {
    /// Every role.
    pub const ALL: [Self; 4] =
        [Self::Administrator, Self::ProcedureManager, Self::Clerk, Self::Auditor];

    /// How the role is stored.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Administrator => "administrator",
            Self::ProcedureManager => "procedure_manager",
            Self::Clerk => "clerk",
            Self::Auditor => "auditor",
        }
    }

    /// Reads [`Self::key`]; `None` for any other text.
    #[must_use]
    pub fn parse(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.key() == key)
    }

    /// Roles somebody may have in one department and not in another (兼務).
    pub const OF_A_DEPARTMENT: [Self; 2] = [Self::ProcedureManager, Self::Clerk];

    /// The role that an account of this role has in a department for which `named` was given. What
    /// reaches beyond departments is given to an account and to nothing else, and who has it works in
    /// no department.
    #[must_use]
    pub const fn there(self, named: Option<Self>) -> Self {
        match (self, named) {
            (
                Self::ProcedureManager | Self::Clerk,
                Some(role @ (Self::ProcedureManager | Self::Clerk)),
            ) => role,
            (Self::ProcedureManager | Self::Clerk, Some(Self::Administrator | Self::Auditor))
            | (Self::Administrator | Self::Auditor, Some(_))
            | (_, None) => self,
        }
    }

    /// Whether a second factor is needed to log in (IK-3.5.2b).
    #[must_use]
    pub const fn needs_second_factor(self) -> bool {
        match self {
            Self::Administrator => true,
            Self::ProcedureManager | Self::Clerk | Self::Auditor => false,
        }
    }
}

/// A member of staff as the session knows them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Staff {
    /// Who.
    pub id: StaffId,
    /// What they may do.
    pub role: Role,
    /// Departments they belong to, 兼務 included, with what they may do there (NF-38, NF-39).
    pub departments: BTreeMap<DepartmentId, Role>,
}

impl Staff {
    /// Somebody with this role in these departments, another one where it is named.
    #[must_use]
    pub fn new(
        id: StaffId,
        role: Role,
        departments: impl IntoIterator<Item = (DepartmentId, Option<Role>)>,
    ) -> Self {
        let departments = departments.into_iter();
        Self {
            id,
            role,
            departments: departments.map(|(one, named)| (one, role.there(named))).collect(),
        }
    }

    /// What they may do in a department; `None` when it is not one of theirs.
    #[must_use]
    pub fn role_in(&self, department: &DepartmentId) -> Option<Role> {
        self.departments.get(department).copied()
    }
}

/// One thing a business system may do with its key (IK-2.1.2d2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum KeyScope {
    /// Read applications, their answers and rebuilt files.
    ReadApplications,
    /// Take steps, write notes.
    WriteApplications,
    /// Issue documents.
    WriteDocuments,
    /// Read procedures and their forms.
    ReadProcedures,
    /// Read how many applications there are.
    ReadStatistics,
}

impl KeyScope {
    /// Every scope, in the order pages show them.
    pub const ALL: [Self; 5] = [
        Self::ReadApplications,
        Self::WriteApplications,
        Self::WriteDocuments,
        Self::ReadProcedures,
        Self::ReadStatistics,
    ];

    /// How the scope is stored and written in the interface.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::ReadApplications => "applications.read",
            Self::WriteApplications => "applications.write",
            Self::WriteDocuments => "documents.write",
            Self::ReadProcedures => "procedures.read",
            Self::ReadStatistics => "statistics.read",
        }
    }

    /// Reads [`Self::key`]; `None` for any other text.
    #[must_use]
    pub fn parse(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|scope| scope.key() == key)
    }

    /// Whether a key with it reaches what citizens applied for, so that two people make it (A12).
    #[must_use]
    pub const fn needs_two(self) -> bool {
        match self {
            Self::ReadApplications | Self::WriteApplications | Self::WriteDocuments => true,
            Self::ReadProcedures | Self::ReadStatistics => false,
        }
    }

    /// The action it allows within the reach of its key.
    #[must_use]
    pub const fn action(self) -> Action {
        match self {
            Self::ReadApplications => Action::ReadApplication,
            Self::WriteApplications => Action::WorkOnApplication,
            Self::WriteDocuments => Action::IssueDocument,
            Self::ReadProcedures => Action::ReadDefinition,
            Self::ReadStatistics => Action::ReadStatistics,
        }
    }
}

/// A business system as its key makes it known: what it may do, and with which applications.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Key {
    /// Which key.
    pub id: KeyId,
    /// What it may do.
    pub scopes: BTreeSet<KeyScope>,
    /// Departments whose applications it meets.
    pub departments: BTreeSet<DepartmentId>,
    /// Procedures it meets; all of its departments when empty.
    pub procedures: BTreeSet<ProcedureId>,
}

impl Key {
    /// Whether applications for this procedure at this department are within its reach.
    #[must_use]
    pub fn reaches(&self, procedure: &ProcedureId, department: &DepartmentId) -> bool {
        let procedure = self.procedures.is_empty() || self.procedures.contains(procedure);
        procedure && self.departments.contains(department)
    }
}

/// Who acts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Actor {
    /// Somebody without account; the text names the browser (a hash of its visitor cookie).
    Visitor(String),
    /// Somebody who proved number and secret of one application.
    Guest(ApplicationId),
    /// A citizen who is logged in.
    Citizen(AccountId),
    /// A citizen who is logged in and acts for another one (NF-16).
    Delegate(Mandate),
    /// A citizen who is logged in and agreed to one application of somebody else (連署).
    Cosigner(ApplicationId),
    /// A member of staff who is logged in.
    Staff(Staff),
    /// A business system with a key.
    Key(Key),
}
