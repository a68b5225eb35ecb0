//! The town itself as data: departments, categories, staff. Read when a system is set up.

use serde::{Deserialize, Serialize};

use crate::identity::Role;
use crate::ids::{DepartmentId, StaffId};

/// A town to set up.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct City {
    /// みらい市.
    pub name: String,
    /// Reading in hiragana.
    pub kana: String,
    /// 課.
    pub departments: Vec<CityDepartment>,
    /// Categories of procedures, in the order of the home page (NF-53).
    pub categories: Vec<CityCategory>,
    /// Accounts to begin with. Passwords are made when they are.
    pub staff: Vec<CityStaff>,
}

/// One department.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CityDepartment {
    /// Named by procedures.
    pub id: DepartmentId,
    /// Short name in this file.
    pub code: String,
    /// 市民課.
    pub name: String,
    /// Telephone extension shown to citizens.
    pub phone: String,
}

/// One category.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CityCategory {
    /// Named by procedures.
    pub code: String,
    /// 証明書・戸籍.
    pub name: String,
}

/// One member of staff.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CityStaff {
    /// Id.
    pub id: StaffId,
    /// 職員番号, with which they log in.
    pub login: String,
    /// Name.
    pub name: String,
    /// Reading in katakana.
    pub kana: String,
    /// Mail inside LGWAN.
    pub email: String,
    /// What they may do.
    pub role: Role,
    /// Codes of their departments.
    pub departments: Vec<String>,
}

impl City {
    /// A department by its code.
    #[must_use]
    pub fn department(&self, code: &str) -> Option<&CityDepartment> {
        self.departments.iter().find(|department| department.code == code)
    }
}
