//! 組織改正: departments come into being, are renamed, merged, split and abolished on a day, and what
//! they had goes to others (NB-6.5).
//!
//! ```text
//! 区分,所属コード,名称,電話番号,場所,引継先,手続
//! 新設,3030,こども未来課,03-0000-3030,2階,,
//! 移管,1010,,,,3030,kodomo-teate
//! 廃止,2020,,,,3030,
//! 変更,1010,市民窓口課,,,,
//! ```
//!
//! The headings are the format of the file. Who takes over is named among the departments there will
//! be after the reform, so that nothing is handed on twice and nothing in a circle.

mod check;
mod read;

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::codes::codes;
use crate::forms::definition::Procedure;
use crate::ids::DepartmentId;
use crate::spreadsheet::TableFault;

pub use check::faults;
pub use read::{COLUMNS, MAX_ROWS, read};

codes! {
    /// What is wrong with a reform, one catalogue entry each.
    pub enum ReformFaultCode in "identity.reform_fault" {
        /// Neither UTF-8 nor CP932.
        NotText = "not_text",
        /// The heading has no column of this name: `detail`.
        NoColumn = "no_column",
        /// There is nothing in it.
        Nothing = "nothing",
        /// More than [`MAX_ROWS`] lines.
        TooMany = "too_many",
        /// The line has too many or too few values.
        Width = "width",
        /// `detail` is none of the four words of the first column.
        Kind = "kind",
        /// `detail` cannot be a code: 1 to 20 letters or digits.
        Code = "code",
        /// There is no department of this code: `detail`.
        Unknown = "unknown",
        /// A department has, or had, this code: `detail`.
        Taken = "taken",
        /// An earlier line says something of the same department or procedure: `detail`.
        Doubled = "doubled",
        /// The name is missing or too long.
        Name = "name",
        /// Telephone number or place are too long.
        Contact = "contact",
        /// Who takes the procedure over is missing.
        NoHeir = "no_heir",
        /// There is no department of this code to take over: `detail`.
        UnknownHeir = "unknown_heir",
        /// A department takes over from itself.
        Same = "same",
        /// Who takes over is abolished as well: `detail`.
        HeirCloses = "heir_closes",
        /// Going from one who takes over to the next comes back to where it began.
        Circle = "circle",
        /// There is no procedure of this address or title: `detail`.
        Procedure = "procedure",
        /// Several procedures have this title: `detail`.
        Ambiguous = "ambiguous",
        /// The department has nothing to do with this procedure: `detail`.
        NotTheirs = "not_theirs",
    }
}

/// One thing wrong with a reform.
pub type ReformFault = TableFault<ReformFaultCode>;

/// Name and where to find it; empty means as it was.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Facts {
    /// Name.
    pub name: String,
    /// Telephone number.
    pub phone: String,
    /// Where to find it.
    pub place: String,
}

/// What a line does. Departments are named by their codes, procedures by their ids.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "snake_case", deny_unknown_fields)]
pub enum Change {
    /// 新設.
    Found {
        /// Its code.
        code: String,
        /// What it is called and where it is.
        facts: Facts,
    },
    /// 変更: another name, telephone number or place.
    Alter {
        /// Its code.
        code: String,
        /// What changes.
        facts: Facts,
    },
    /// 移管: one procedure with all its applications.
    Hand {
        /// Who had it.
        code: String,
        /// The procedure.
        procedure: String,
        /// Who takes it over.
        heir: String,
    },
    /// 廃止: everything that is not handed to others goes to `heir`.
    Close {
        /// Its code.
        code: String,
        /// Who takes over; `None` when there should be nothing left.
        heir: Option<String>,
    },
}

impl Change {
    /// Code of the department the line is about.
    #[must_use]
    pub fn code(&self) -> &str {
        match self {
            Self::Found { code, .. }
            | Self::Alter { code, .. }
            | Self::Hand { code, .. }
            | Self::Close { code, .. } => code,
        }
    }

    /// Who takes over.
    #[must_use]
    pub fn heir(&self) -> Option<&str> {
        match self {
            Self::Hand { heir, .. } => Some(heir),
            Self::Close { heir, .. } => heir.as_deref(),
            Self::Found { .. } | Self::Alter { .. } => None,
        }
    }
}

/// A change with the line of the file it stood on, from 1.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Line {
    /// Line of the file.
    pub number: u64,
    /// What it does.
    pub change: Change,
}

/// What the city has now.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct City {
    /// Departments by code; `false` when one was abolished.
    pub departments: BTreeMap<String, bool>,
    /// Procedures.
    pub procedures: Vec<Known>,
}

/// A procedure the city has.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Known {
    /// Identifier.
    pub id: String,
    /// Address part.
    pub slug: String,
    /// Title.
    pub title: String,
    /// Codes of the departments that have it, receive its applications, or have some.
    pub desks: BTreeSet<String>,
}

impl City {
    /// Codes a list of staff may name after the reform.
    #[must_use]
    pub fn codes_after(&self, lines: &[Line]) -> BTreeSet<String> {
        let open = self.departments.iter().filter(|(_, open)| **open);
        let mut codes: BTreeSet<String> = open.map(|(code, _)| code.clone()).collect();
        for line in lines {
            match &line.change {
                Change::Found { code, .. } => {
                    codes.insert(code.clone());
                }
                Change::Close { code, .. } => {
                    codes.remove(code);
                }
                Change::Alter { .. } | Change::Hand { .. } => {}
            }
        }
        codes
    }
}

/// Puts other departments into a definition: who owns it, where answers lead, what its test cases
/// expect. `true` when something changed.
pub fn reassign(procedure: &mut Procedure, to: impl Fn(&DepartmentId) -> DepartmentId) -> bool {
    let routes = procedure.routing.iter_mut().map(|route| &mut route.department);
    let cases = procedure.tests.iter_mut().filter_map(|case| case.department.as_mut());
    let mut changed = false;
    for desk in std::iter::once(&mut procedure.department).chain(routes).chain(cases) {
        let new = to(desk);
        changed |= new != *desk;
        *desk = new;
    }
    changed
}

/// Puts other departments in the place of those whose staff may apply for an internal procedure. Staff go where
/// their department goes as a whole, not with one procedure that is handed on. `true` when something changed.
pub fn resettle(procedure: &mut Procedure, to: impl Fn(&DepartmentId) -> DepartmentId) -> bool {
    let mut new: Vec<DepartmentId> = Vec::new();
    for department in procedure.staff_of.iter().map(to) {
        if !new.contains(&department) {
            new.push(department);
        }
    }
    let changed = new != procedure.staff_of;
    procedure.staff_of = new;
    changed
}
