//! Lists of staff as the personnel office hands them over (NB-7.1, NF-40).
//!
//! ```text
//! 職員番号,氏名,所属,メールアドレス,役割,役職
//! 012345,山田 花子,1010/2020=手続管理者,yamada@city.example.jp,,2020=係長
//! ```
//!
//! The headings are the format of the file. 役割 may be missing or empty: who joins is a clerk, who
//! is here keeps the role. Several departments (兼務) stand in one value, each with a role of its own
//! where that differs; without one it stays as it is. Addresses and posts are as the list says when it has
//! メールアドレス and 役職.

mod changes;
mod read;

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

pub use changes::{Altered, Changes, Member, changes};
pub use read::{COLUMNS, Known, MAX_ROWS, Roster, RosterFault, RosterFaultCode};

use super::Role;

/// One person of a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Row {
    /// 職員番号: what the person types to log in.
    pub login_id: String,
    /// 氏名.
    pub name: String,
    /// E-mail address, empty for none, when the list has the column.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// Key of the role, when the list names one.
    pub role: Option<String>,
    /// Codes of the departments.
    pub departments: BTreeSet<String>,
    /// Keys of the roles that are named for departments, by code.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub roles: BTreeMap<String, String>,
    /// 役職 as code and title, when the list has the column.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub posts: Option<BTreeSet<(String, String)>>,
}

impl Row {
    /// The role the list names.
    #[must_use]
    pub fn role(&self) -> Option<Role> {
        self.role.as_deref().and_then(Role::parse)
    }

    /// The role the list names for a department.
    #[must_use]
    pub fn role_in(&self, code: &str) -> Option<Role> {
        self.roles.get(code).and_then(|role| Role::parse(role))
    }
}

/// A log-in id in its stored form, `None` when it is none: 3 to 40 of `a-z 0-9 . _ -`.
#[must_use]
pub fn read_login_id(typed: &str) -> Option<String> {
    let id = crate::text::narrow(crate::text::trim(typed)).to_ascii_lowercase();
    let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b"._-".contains(&b);
    ((3..=40).contains(&id.len()) && id.bytes().all(plain)).then_some(id)
}

/// Whether a name can be shown to colleagues: 1 to 60 characters.
#[must_use]
pub fn is_name(name: &str) -> bool {
    (1..=60).contains(&name.chars().count()) && !name.chars().any(char::is_control)
}
