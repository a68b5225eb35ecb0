//! The whole table: every actor × object × action, with what is expected written down.

use std::collections::BTreeSet;

use super::*;
use crate::identity::{KeyScope, Scope};
use crate::ids::KeyId;

fn department(n: u128) -> DepartmentId {
    DepartmentId::from_bits(n)
}

fn staff(role: Role, own: u128) -> Actor {
    Actor::Staff(Staff::new(StaffId::from_bits(1), role, [(department(own), None)]))
}

/// Somebody in two departments (兼務), with another role in the second.
fn concurrent(role: Role, own: u128, there: Role, other: u128) -> Actor {
    let departments = [(department(own), None), (department(other), Some(there))];
    Actor::Staff(Staff::new(StaffId::from_bits(1), role, departments))
}

/// The right to act for `principal`.
fn acts(principal: u128, delegate: u128, scope: Scope, documents: bool) -> Actor {
    let (principal, delegate) = (AccountId::from_bits(principal), AccountId::from_bits(delegate));
    Actor::Delegate(Mandate { principal, delegate, scope, documents })
}

fn procedure() -> ProcedureId {
    ProcedureId::from_bits(30)
}

/// A key with these scopes for a department, and for one procedure or all.
fn key(scopes: &[KeyScope], own: u128, only: Option<u128>) -> Actor {
    Actor::Key(Key {
        id: KeyId::from_bits(40),
        scopes: scopes.iter().copied().collect(),
        departments: BTreeSet::from([department(own)]),
        procedures: only.into_iter().map(ProcedureId::from_bits).collect(),
    })
}

/// Begun by account 9 for account 8.
fn represented() -> Owner {
    let (principal, delegate) = (AccountId::from_bits(8), AccountId::from_bits(9));
    Owner::Represented { principal, delegate, procedure: procedure() }
}

/// A form of these accounts to which another one is asked to agree.
fn cosigning(applicants: &[u128], asked: Option<u128>) -> Object {
    let applicants = applicants.iter().map(|bits| AccountId::from_bits(*bits)).collect();
    Object::Cosigning { applicants, asked: asked.map(AccountId::from_bits) }
}

const OWN: u128 = 10;
const OTHER: u128 = 20;

fn actors() -> Vec<(&'static str, Actor)> {
    vec![
        ("visitor", Actor::Visitor("browser-1".into())),
        ("visitor2", Actor::Visitor("browser-2".into())),
        ("nameless", Actor::Visitor(String::new())),
        ("guest", Actor::Guest(ApplicationId::from_bits(5))),
        ("guest2", Actor::Guest(ApplicationId::from_bits(6))),
        ("citizen", Actor::Citizen(AccountId::from_bits(7))),
        ("citizen2", Actor::Citizen(AccountId::from_bits(8))),
        ("helper", Actor::Citizen(AccountId::from_bits(9))),
        ("delegate", acts(8, 9, Scope::All, true)),
        ("delegate/one", acts(8, 9, Scope::Only(BTreeSet::from([procedure()])), false)),
        ("delegate/none", acts(8, 9, Scope::Only(BTreeSet::new()), true)),
        ("delegate2", acts(8, 7, Scope::All, true)),
        ("delegate3", acts(7, 9, Scope::All, true)),
        ("cosigner", Actor::Cosigner(ApplicationId::from_bits(5))),
        ("cosigner2", Actor::Cosigner(ApplicationId::from_bits(6))),
        ("admin", staff(Role::Administrator, OWN)),
        ("manager", staff(Role::ProcedureManager, OWN)),
        ("manager2", staff(Role::ProcedureManager, OTHER)),
        ("clerk", staff(Role::Clerk, OWN)),
        ("clerk2", staff(Role::Clerk, OTHER)),
        ("auditor", staff(Role::Auditor, OWN)),
        ("leads/here", concurrent(Role::Clerk, OTHER, Role::ProcedureManager, OWN)),
        ("leads/there", concurrent(Role::ProcedureManager, OTHER, Role::Clerk, OWN)),
        ("admin/clerk", concurrent(Role::Administrator, OTHER, Role::Clerk, OWN)),
        ("clerk/admin", concurrent(Role::Clerk, OTHER, Role::Administrator, OWN)),
        ("key", key(&KeyScope::ALL, OWN, None)),
        ("key/one", key(&[KeyScope::ReadApplications], OWN, Some(30))),
        ("key/else", key(&KeyScope::ALL, OWN, Some(31))),
        ("key/none", key(&[], OWN, None)),
        ("key2", key(&KeyScope::ALL, OTHER, None)),
    ]
}

fn published(listing: Listing, invited: bool) -> Object {
    Object::Procedure { listing, invited }
}

fn objects() -> Vec<(&'static str, Object)> {
    let application = |owner| Object::Application {
        id: ApplicationId::from_bits(5),
        owner,
        department: department(OWN),
    };
    vec![
        ("public", published(Listing::Public, false)),
        ("unlisted", published(Listing::Unlisted, false)),
        ("internal", published(Listing::Internal, false)),
        ("invite", published(Listing::Invite, false)),
        ("invited", published(Listing::Invite, true)),
        ("internal/invited", published(Listing::Internal, true)),
        ("inside/all", Object::Internal { staff_of: Vec::new() }),
        ("inside/own", Object::Internal { staff_of: vec![department(31), department(OWN)] }),
        ("inside/else", Object::Internal { staff_of: vec![department(31)] }),
        ("draft/account", Object::Draft { owner: Owner::Account(AccountId::from_bits(7)) }),
        ("draft/visitor", Object::Draft { owner: Owner::Visitor("browser-1".into()) }),
        ("draft/nameless", Object::Draft { owner: Owner::Visitor(String::new()) }),
        ("draft/represented", Object::Draft { owner: represented() }),
        ("draft/staff", Object::Draft { owner: Owner::Staff(StaffId::from_bits(1)) }),
        ("draft/colleague", Object::Draft { owner: Owner::Staff(StaffId::from_bits(2)) }),
        ("app/account", application(Owner::Account(AccountId::from_bits(7)))),
        ("app/bearer", application(Owner::Bearer)),
        ("app/represented", application(represented())),
        ("app/staff", application(Owner::Staff(StaffId::from_bits(1)))),
        ("app/colleague", application(Owner::Staff(StaffId::from_bits(2)))),
        ("desk/own", application(Owner::Colleague(StaffId::from_bits(1)))),
        ("desk/colleague", application(Owner::Colleague(StaffId::from_bits(2)))),
        (
            "mandate",
            Object::Mandate {
                principal: AccountId::from_bits(8),
                delegate: Some(AccountId::from_bits(9)),
            },
        ),
        ("mandate/nobody", Object::Mandate { principal: AccountId::from_bits(8), delegate: None }),
        ("cosigning", cosigning(&[7], Some(8))),
        ("cosigning/oneself", cosigning(&[8], Some(8))),
        ("cosigning/helper", cosigning(&[8, 9], Some(9))),
        ("cosigning/nobody", cosigning(&[7], None)),
        ("inbox", Object::Inbox { department: department(OWN) }),
        ("inquiry", Object::Inquiry { department: department(OWN) }),
        ("business", Object::Business { procedure: procedure(), department: department(OWN) }),
        ("definition", Object::Definition { department: department(OWN) }),
        ("account", Object::Account(AccountId::from_bits(7))),
        ("self", Object::StaffAccount(StaffId::from_bits(1))),
        ("colleague", Object::StaffAccount(StaffId::from_bits(2))),
        ("staff", Object::StaffList),
        ("audit", Object::AuditLog),
        ("operations", Object::Operations),
        ("retention", Object::Retention),
    ]
}

/// Everything that is allowed. A line not here is denied.
fn allowed() -> Vec<(&'static str, &'static str, &'static [Action])> {
    use Action as A;
    const READ: &[Action] = &[A::ReadProcedure];
    const OWNER: &[Action] = &[
        A::ReadApplication,
        A::CorrectApplication,
        A::WriteMessage,
        A::WithdrawApplication,
        A::ReadDocument,
    ];
    const INTERNAL: &[Action] =
        &[A::ReadApplication, A::CorrectApplication, A::WithdrawApplication, A::ReadDocument];
    const DESK: &[Action] =
        &[A::ReadApplication, A::WorkOnApplication, A::IssueDocument, A::ExportApplications];
    const LED: &[Action] = &[
        A::ReadApplication,
        A::WorkOnApplication,
        A::IssueDocument,
        A::ExportApplications,
        A::CloseApplication,
        A::ReopenApplication,
        A::ManageLabels,
    ];
    let mut table = Vec::new();
    for outside in [
        "visitor",
        "visitor2",
        "nameless",
        "guest",
        "guest2",
        "citizen",
        "citizen2",
        "helper",
        "delegate",
        "delegate/one",
        "delegate/none",
        "delegate2",
        "delegate3",
        "cosigner",
        "cosigner2",
    ] {
        let open = ["public", "unlisted", "invited"];
        table.extend(open.map(|listing| (outside, listing, READ)));
    }
    for inside in [
        "admin",
        "manager",
        "manager2",
        "clerk",
        "clerk2",
        "auditor",
        "leads/here",
        "leads/there",
        "admin/clerk",
        "clerk/admin",
    ] {
        for listing in ["public", "unlisted", "internal", "invite", "invited", "internal/invited"] {
            table.push((inside, listing, READ));
        }
        table.push((inside, "inside/all", &[A::ReadProcedure, A::UseDraft]));
        if !["manager2", "clerk2"].contains(&inside) {
            table.push((inside, "inside/own", &[A::ReadProcedure, A::UseDraft]));
        }
        table.push((inside, "draft/staff", &[A::UseDraft]));
        table.push((inside, "app/staff", INTERNAL));
    }
    table.extend([
        ("visitor", "draft/visitor", &[A::UseDraft] as &[_]),
        ("citizen", "draft/account", &[A::UseDraft]),
        ("guest", "app/bearer", OWNER),
        ("citizen", "app/account", OWNER),
        ("citizen", "account", &[A::UseAccount]),
        ("citizen2", "draft/represented", &[A::UseDraft]),
        ("citizen2", "app/represented", OWNER),
        ("citizen2", "mandate", &[A::EndMandate]),
        ("citizen2", "mandate/nobody", &[A::EndMandate]),
        ("helper", "mandate", &[A::AcceptMandate, A::EndMandate]),
        ("delegate", "draft/represented", &[A::UseDraft]),
        ("delegate/one", "draft/represented", &[A::UseDraft]),
        (
            "delegate",
            "app/represented",
            &[A::ReadApplication, A::CorrectApplication, A::WriteMessage, A::ReadDocument],
        ),
        (
            "delegate/one",
            "app/represented",
            &[A::ReadApplication, A::CorrectApplication, A::WriteMessage],
        ),
        ("citizen2", "cosigning", &[A::Cosign]),
        ("cosigner", "app/account", &[A::ReadApplication]),
        ("cosigner", "app/bearer", &[A::ReadApplication]),
        ("cosigner", "app/represented", &[A::ReadApplication]),
        ("cosigner", "app/staff", &[A::ReadApplication]),
        ("cosigner", "app/colleague", &[A::ReadApplication]),
        ("cosigner", "desk/own", &[A::ReadApplication]),
        ("cosigner", "desk/colleague", &[A::ReadApplication]),
        ("manager", "desk/own", &[A::ReadApplication]),
        ("clerk", "desk/own", &[A::ReadApplication]),
        ("manager", "desk/colleague", LED),
        ("clerk", "desk/colleague", DESK),
        ("manager", "app/colleague", LED),
        ("clerk", "app/colleague", DESK),
        ("manager", "app/represented", LED),
        ("clerk", "app/represented", DESK),
        ("manager", "app/account", LED),
        ("manager", "app/bearer", LED),
        ("manager", "inbox", LED),
        ("clerk", "app/account", DESK),
        ("clerk", "app/bearer", DESK),
        ("clerk", "inbox", DESK),
        ("manager", "inquiry", &[A::AnswerInquiry]),
        ("clerk", "inquiry", &[A::AnswerInquiry]),
        ("manager", "business", LED),
        ("clerk", "business", DESK),
        (
            "key",
            "business",
            &[
                A::ReadApplication,
                A::WorkOnApplication,
                A::IssueDocument,
                A::ReadDefinition,
                A::ReadStatistics,
            ],
        ),
        ("key/one", "business", &[A::ReadApplication]),
        ("manager", "definition", &[A::ReadDefinition, A::EditDefinition, A::PublishDefinition]),
        ("clerk", "definition", &[A::ReadDefinition]),
        ("admin", "definition", &[A::ReadDefinition]),
        ("auditor", "definition", &[A::ReadDefinition]),
        ("admin", "self", &[A::UseAccount, A::ReadStaff, A::ManageStaff]),
        ("auditor", "self", &[A::UseAccount, A::ReadStaff]),
        ("manager", "self", &[A::UseAccount]),
        ("manager2", "self", &[A::UseAccount]),
        ("clerk", "self", &[A::UseAccount]),
        ("clerk2", "self", &[A::UseAccount]),
        ("admin", "colleague", &[A::ReadStaff, A::ManageStaff]),
        ("auditor", "colleague", &[A::ReadStaff]),
        ("admin", "staff", &[A::ReadStaff, A::ManageStaff, A::ReleaseKey]),
        ("auditor", "staff", &[A::ReadStaff, A::ReleaseKey]),
        ("auditor", "audit", &[A::ReadAudit]),
        ("admin", "operations", &[A::ReadOperations, A::RunOperations]),
        ("manager", "operations", &[A::ReadOperations]),
        ("manager2", "operations", &[A::ReadOperations]),
        ("clerk", "operations", &[A::ReadOperations]),
        ("clerk2", "operations", &[A::ReadOperations]),
        ("auditor", "operations", &[A::ReadOperations]),
        ("admin", "retention", &[A::ManageRetention]),
        ("auditor", "retention", &[A::ManageRetention]),
    ]);
    // 兼務: the role of the department counts, and no department makes an administrator.
    for (who, desk) in [("leads/here", LED), ("leads/there", DESK), ("clerk/admin", DESK)] {
        let objects = [
            "app/account",
            "app/bearer",
            "app/represented",
            "app/colleague",
            "desk/colleague",
            "inbox",
            "business",
        ];
        table.extend(objects.map(|object| (who, object, desk)));
        table.push((who, "desk/own", &[A::ReadApplication]));
        table.push((who, "inquiry", &[A::AnswerInquiry]));
        table.push((who, "self", &[A::UseAccount]));
        table.push((who, "operations", &[A::ReadOperations]));
    }
    table.extend([
        (
            "leads/here",
            "definition",
            &[A::ReadDefinition, A::EditDefinition, A::PublishDefinition] as &[_],
        ),
        ("leads/there", "definition", &[A::ReadDefinition]),
        ("clerk/admin", "definition", &[A::ReadDefinition]),
        ("admin/clerk", "definition", &[A::ReadDefinition]),
        ("admin/clerk", "self", &[A::UseAccount, A::ReadStaff, A::ManageStaff]),
        ("admin/clerk", "colleague", &[A::ReadStaff, A::ManageStaff]),
        ("admin/clerk", "staff", &[A::ReadStaff, A::ManageStaff, A::ReleaseKey]),
        ("admin/clerk", "operations", &[A::ReadOperations, A::RunOperations]),
        ("admin/clerk", "retention", &[A::ManageRetention]),
    ]);
    table
}

/// NF-38, NF-39, NF-16, NB-2.1, IK-2.1.2d2: role × department × object × action; what is not in the table is denied.
#[test]
fn the_whole_table_of_rights_holds() {
    let table = allowed();
    for (who, actor) in actors() {
        for (what, object) in objects() {
            let expected = table
                .iter()
                .find(|row| (row.0, row.1) == (who, what))
                .map_or(&[] as &[Action], |row| row.2);
            for action in Action::ALL {
                let got = authorize(&actor, action, &object).is_ok();
                assert_eq!(got, expected.contains(&action), "{who} {action:?} {what}");
            }
        }
    }
    for (who, what, _) in &table {
        assert!(actors().iter().any(|a| a.0 == *who) && objects().iter().any(|o| o.0 == *what));
    }
}

/// W2: what belongs to others looks as if it did not exist.
#[test]
fn a_foreign_application_is_hidden_and_a_missing_right_is_named() {
    let object = objects().into_iter().find(|o| o.0 == "app/account").unwrap().1;
    let other_clerk = staff(Role::Clerk, OTHER);
    assert_eq!(authorize(&other_clerk, Action::ReadApplication, &object), Err(Denied::Hidden));
    let other_citizen = Actor::Citizen(AccountId::from_bits(8));
    assert_eq!(authorize(&other_citizen, Action::ReadApplication, &object), Err(Denied::Hidden));
    let clerk = staff(Role::Clerk, OWN);
    let definition = Object::Definition { department: department(OWN) };
    assert_eq!(authorize(&clerk, Action::PublishDefinition, &definition), Err(Denied::Forbidden));
    assert_eq!(authorize(&clerk, Action::ReadAudit, &Object::AuditLog), Err(Denied::Forbidden));
}
