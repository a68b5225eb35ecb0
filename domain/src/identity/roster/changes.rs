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
    /// Roles that are named for departments, by code.
    pub roles: BTreeMap<String, Role>,
    /// 役職 as code and title.
    pub posts: BTreeSet<(String, String)>,
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

    /// The address afterwards: a list without the column leaves it as it is.
    #[must_use]
    pub fn email(&self) -> &str {
        self.row.email.as_deref().unwrap_or(&self.before.email)
    }

    /// The roles named for departments afterwards: what the list does not name stays.
    #[must_use]
    pub fn roles(&self) -> BTreeMap<String, Role> {
        roles_of(&self.before, &self.row)
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
    /// Accounts on the list that are stopped and stay so: a person lets them in again, never a list.
    pub stopped: Vec<Member>,
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
        let member = rest.remove(row.login_id.as_str());
        found.stopped.extend(member.filter(|member| member.stopped).cloned());
        match member {
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
        && row.email.as_ref().is_none_or(|email| *email == member.email)
        && member.departments == row.departments
        && role_of(member, row) == member.role
        && roles_of(member, row) == member.roles
        && row.posts.as_ref().is_none_or(|posts| *posts == member.posts)
}

fn roles_of(member: &Member, row: &Row) -> BTreeMap<String, Role> {
    let named = |code: &String| {
        let role = row.role_in(code).or_else(|| member.roles.get(code).copied());
        role.map(|role| (code.clone(), role))
    };
    row.departments.iter().filter_map(named).collect()
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
            roles: BTreeMap::new(),
            posts: BTreeSet::new(),
            stopped: false,
        }
    }

    fn row(login_id: &str, codes: &[&str]) -> Row {
        let departments = codes.iter().map(|&code| code.to_owned()).collect();
        Row {
            login_id: login_id.to_owned(),
            name: "甲".to_owned(),
            email: None,
            role: None,
            departments,
            roles: BTreeMap::new(),
            posts: None,
        }
    }

    /// NB-7.1, NF-38: a role in one department and posts are changes; what a list does not name stays.
    #[test]
    fn a_role_in_one_department_stays_unless_the_list_names_another() {
        let leads = Member {
            roles: [("2".to_owned(), Role::ProcedureManager)].into(),
            posts: [("2".to_owned(), "係長".to_owned())].into(),
            ..member("a", Role::Clerk, &["1", "2"])
        };
        let members = [leads];
        assert_eq!(changes(&[row("a", &["1", "2"])], &members, false).same, 1);
        let named =
            Row { roles: [("2".to_owned(), "clerk".to_owned())].into(), ..row("a", &["1", "2"]) };
        let found = changes(&[named], &members, false);
        assert_eq!(found.altered[0].roles(), [("2".to_owned(), Role::Clerk)].into());
        let moved = changes(&[row("a", &["1"])], &members, false);
        assert!(moved.altered[0].roles().is_empty(), "the role goes with the department");
        let without = Row { posts: Some(BTreeSet::new()), ..row("a", &["1", "2"]) };
        assert_eq!(changes(&[without], &members, false).altered.len(), 1, "the post is taken away");
    }

    /// NB-7.1: a list without addresses leaves them; one that has the column says what they are, also that
    /// there is none. A list that was kept has it.
    #[test]
    fn an_address_stays_unless_the_list_has_the_column() {
        let known =
            Member { email: "a@city.example.jp".to_owned(), ..member("a", Role::Clerk, &["1"]) };
        let members = [known];
        assert_eq!(changes(&[row("a", &["1"])], &members, false).same, 1);
        let moved = changes(&[row("a", &["2"])], &members, false);
        assert_eq!(moved.altered[0].email(), "a@city.example.jp");
        for wanted in ["", "b@city.example.jp"] {
            let said = Row { email: Some(wanted.to_owned()), ..row("a", &["1"]) };
            assert_eq!(changes(&[said], &members, false).altered[0].email(), wanted);
        }
        let kept = r#"{"login_id":"a","name":"甲","email":"","role":null,"departments":["1"]}"#;
        let kept: Row = serde_json::from_str(kept).unwrap();
        assert_eq!(kept.email.as_deref(), Some(""));
        let without = serde_json::to_string(&row("a", &["1"])).unwrap();
        assert_eq!(serde_json::from_str::<Row>(&without).unwrap(), row("a", &["1"]));
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
        let back = changes(&[row("old", &["1"]), row("same", &["1"])], &members, false);
        assert_eq!((names(&back.stopped), back.same), (vec!["old".to_owned()], 2), "it is named");
        let part = changes(&rows, &members, false);
        assert!(part.left.is_empty() && part.spared.is_empty());
        assert!(changes(&rows[..1], &members, false).is_empty());
    }
}
