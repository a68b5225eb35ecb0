//! What a list would change.

use std::collections::{BTreeMap, BTreeSet};

use super::Row;
use crate::identity::Role;

/// An account as it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// Staff id.
    pub id: String,
    /// What the person types to log in.
    pub login_id: String,
    /// Name.
    pub name: String,
    /// E-mail address, empty for none.
    pub email: String,
    /// Role.
    pub role: Role,
    /// Codes of the departments.
    pub departments: BTreeSet<String>,
    /// Whether the account is stopped.
    pub stopped: bool,
}

/// An account that a list changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Altered {
    /// The account as it is.
    pub before: Member,
    /// The person on the list.
    pub row: Row,
}

impl Altered {
    /// The role afterwards. An administrator stays one: a person takes that away, never a list.
    #[must_use]
    pub fn role(&self) -> Role {
        role_of(&self.before, &self.row)
    }
}

/// What a list would change.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Changes {
    /// New accounts.
    pub joined: Vec<Row>,
    /// Accounts with another name, address, role or department. A stopped account stays stopped.
    pub altered: Vec<Altered>,
    /// Accounts to be stopped, because a whole list does not have them.
    pub left: Vec<Member>,
    /// Administrators a whole list does not have: a person stops them, never a list.
    pub spared: Vec<Member>,
    /// Accounts that are as the list says.
    pub same: usize,
}

impl Changes {
    /// Whether there is nothing to do.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.joined.is_empty() && self.altered.is_empty() && self.left.is_empty()
    }
}

/// Compares a list with the accounts. `whole` says that who is not on the list has left.
#[must_use]
pub fn changes(rows: &[Row], members: &[Member], whole: bool) -> Changes {
    let mut rest: BTreeMap<&str, &Member> =
        members.iter().map(|member| (member.login_id.as_str(), member)).collect();
    let mut found = Changes::default();
    for row in rows {
        match rest.remove(row.login_id.as_str()) {
            None => found.joined.push(row.clone()),
            Some(member) if is_as(member, row) => found.same += 1,
            Some(member) => {
                found.altered.push(Altered { before: member.clone(), row: row.clone() });
            }
        }
    }
    if whole {
        for member in rest.into_values().filter(|member| !member.stopped) {
            let side = match member.role {
                Role::Administrator => &mut found.spared,
                Role::ProcedureManager | Role::Clerk | Role::Auditor => &mut found.left,
            };
            side.push(member.clone());
        }
    }
    found
}

fn is_as(member: &Member, row: &Row) -> bool {
    member.name == row.name
        && member.email == row.email
        && member.departments == row.departments
        && role_of(member, row) == member.role
}

fn role_of(member: &Member, row: &Row) -> Role {
    match member.role {
        Role::Administrator => Role::Administrator,
        Role::ProcedureManager | Role::Clerk | Role::Auditor => row.role().unwrap_or(member.role),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn member(login_id: &str, role: Role, codes: &[&str]) -> Member {
        Member {
            id: format!("id-{login_id}"),
            login_id: login_id.to_owned(),
            name: "甲".to_owned(),
            email: String::new(),
            role,
            departments: codes.iter().map(|&code| code.to_owned()).collect(),
            stopped: false,
        }
    }

    fn row(login_id: &str, codes: &[&str]) -> Row {
        let departments = codes.iter().map(|&code| code.to_owned()).collect();
        let (name, email) = ("甲".to_owned(), String::new());
        Row { login_id: login_id.to_owned(), name, email, role: None, departments }
    }

    /// NB-7.1, NF-40: who is new joins, who moved is changed and keeps the role, who is not on a
    /// whole list leaves; administrators never leave by a list.
    #[test]
    fn a_list_tells_who_joins_moves_and_leaves() {
        let stopped = Member { stopped: true, ..member("old", Role::Clerk, &["1"]) };
        let members = [
            member("same", Role::Clerk, &["1"]),
            member("moved", Role::ProcedureManager, &["1"]),
            member("left", Role::Auditor, &[]),
            member("admin", Role::Administrator, &[]),
            stopped,
        ];
        let rows = [row("same", &["1"]), row("moved", &["1", "2"]), row("new", &["2"])];
        let found = changes(&rows, &members, true);
        let names = |people: &[Member]| -> Vec<String> {
            people.iter().map(|it| it.login_id.clone()).collect()
        };
        assert_eq!(found.joined, [rows[2].clone()]);
        assert_eq!(found.altered.len(), 1);
        assert_eq!(found.altered[0].role(), Role::ProcedureManager);
        assert_eq!(
            (names(&found.left), names(&found.spared)),
            (vec!["left".into()], vec!["admin".into()])
        );
        assert_eq!(found.same, 1);
        let lowered = Row { role: Some("clerk".to_owned()), ..row("admin", &[]) };
        assert_eq!(changes(&[lowered], &members, false).same, 1, "an administrator stays one");
        let part = changes(&rows, &members, false);
        assert!(part.left.is_empty() && part.spared.is_empty());
        assert!(changes(&rows[..1], &members, false).is_empty());
    }
}
