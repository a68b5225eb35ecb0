//! What an account began for others, for its own list: only what its mandates allow now.

use std::collections::HashMap;

use domain::applications::State as Stage;
use domain::identity::{Action, Actor, Mandate, Object, Owner as Holder, authorize};
use domain::ids::{AccountId, ApplicationId, DepartmentId, ProcedureId};
use internet_zone_store::applications::drafts::Draft;
use internet_zone_store::applications::status::Application;
use internet_zone_store::applications::waiting::Waiting;
use internet_zone_store::applications::{drafts, status, waiting};
use internet_zone_store::identity::{accounts, mandates, represented};
use platform_web::{OrFault as _, Trouble};

use super::acting::{called, person};
use super::mypage::{Sent, ToDo, sent, title};
use crate::caller::Citizen;
use crate::site::Site;
use crate::texts::TEXTS;

/// Newest ones looked at.
const MOST: i64 = 200;

/// What an account reads of them.
#[derive(Default)]
pub(super) struct Represented {
    pub(super) to_do: Vec<ToDo>,
    pub(super) sent: Vec<Sent>,
}

/// One of them, before it has words.
enum One {
    Draft(Draft),
    Line(Waiting),
    Sent(Application),
}

impl One {
    /// Procedure and revision.
    fn of(&self) -> (&str, i64) {
        match self {
            Self::Draft(one) => (&one.procedure_id, one.revision),
            Self::Line(one) => (&one.procedure_id, one.revision),
            Self::Sent(one) => (&one.procedure_id, one.revision),
        }
    }
}

/// What the account began and may go on with.
pub(super) async fn list(site: &Site, who: &Citizen) -> Result<Represented, Trouble> {
    let (me, now) = (who.id.clone(), site.micros());
    let found = site
        .store
        .read(move |db| {
            let mut rights = Vec::new();
            for row in mandates::accepted_by(db, &me, now)? {
                rights.extend(mandates::mandate(db, &row)?);
            }
            if rights.is_empty() {
                return Ok(None);
            }
            let begun = represented::begun_by(db, &me, &rights, MOST)?;
            let ids: Vec<String> = begun.iter().map(|one| one.draft_id.clone()).collect();
            let principals: Vec<String> =
                rights.iter().map(|right| right.principal.as_str().to_owned()).collect();
            let people = accounts::among(db, &principals)?;
            let unsent = drafts::among(db, &ids, now)?.into_iter();
            let unsent = unsent.filter(|draft| draft.correction.is_none());
            let mut all: Vec<(String, One)> =
                unsent.map(|draft| (draft.id.clone(), One::Draft(draft))).collect();
            let line = waiting::from_drafts(db, &ids)?.into_iter();
            all.extend(line.map(|(draft, one)| (draft, One::Line(one))));
            let sent = status::from_drafts(db, &ids)?;
            let sent_ids: Vec<String> = sent.iter().map(|(_, one)| one.id.clone()).collect();
            all.extend(sent.into_iter().map(|(draft, one)| (draft, One::Sent(one))));
            Ok(Some((rights, begun, people, all, status::due(db, &sent_ids)?)))
        })
        .await?;
    let Some((rights, begun, people, all, due)) = found else {
        return Ok(Represented::default());
    };
    let mut lists = Represented::default();
    for (draft, one) in all {
        let principal = begun.iter().find(|begun| begun.draft_id == draft);
        let principal = principal.map(|one| one.principal_id.clone()).unwrap_or_default();
        let (procedure, revision) = one.of();
        if !may_see(&rights, &principal, procedure).or_fault()? {
            continue;
        }
        let title = title(site, procedure, revision).await?;
        let account = people.get(&principal);
        let name = called(&person(&site.vault, principal, account));
        let line = TEXTS.fill("applications.mypage.represented_for", &[("name", &name)]);
        match one {
            One::Draft(draft) => lists.to_do.push(ToDo::draft(&title, &draft).with(line)),
            One::Line(one) => lists.to_do.push(ToDo::line(&title, &one).with(line)),
            One::Sent(one) if waits(&one) => {
                let due = due.get(&one.id).map(String::as_str);
                lists.to_do.push(ToDo::correct(site, &title, &one, due).with(line));
            }
            One::Sent(one) => {
                let mut one = sent(site, one).await?;
                one.lines.insert(0, line);
                lists.sent.push(one);
            }
        }
    }
    Ok(lists)
}

fn waits(application: &Application) -> bool {
    Stage::parse(&application.state).is_ok_and(Stage::waits_for_applicant)
}

/// Who began what of these for the account, by identifier: names, or addresses where there are none.
pub(super) async fn delegates(
    site: &Site,
    drafts: &[Draft],
    sent: &[Application],
    waiting: &[Application],
) -> Result<HashMap<String, String>, Trouble> {
    let applications = sent.iter().chain(waiting).map(|one| one.id.clone());
    let ids: Vec<String> = drafts.iter().map(|one| one.id.clone()).chain(applications).collect();
    let found = site.store.read(move |db| {
        let begun = represented::among(db, &ids)?;
        let people: Vec<String> = begun.iter().map(|(_, delegate)| delegate.clone()).collect();
        let people = accounts::among(db, &people)?;
        Ok((begun, people))
    });
    let (begun, people) = found.await?;
    let name = |delegate: String| {
        let account = people.get(&delegate);
        called(&person(&site.vault, delegate, account))
    };
    Ok(begun.into_iter().map(|(id, delegate)| (id, name(delegate))).collect())
}

/// Whether one of the rights allows to see what was begun for this principal.
fn may_see(
    rights: &[Mandate],
    principal: &str,
    procedure: &str,
) -> Result<bool, domain::ids::BadId> {
    let (principal, procedure) = (AccountId::parse(principal)?, ProcedureId::parse(procedure)?);
    let allows = |right: &Mandate| {
        let owner = Holder::Represented {
            principal: principal.clone(),
            delegate: right.delegate.clone(),
            procedure: procedure.clone(),
        };
        let object = Object::Application {
            id: ApplicationId::from_bits(0),
            owner,
            department: DepartmentId::from_bits(0),
        };
        let actor = Actor::Delegate(right.clone());
        authorize(&actor, Action::ReadApplication, &object).is_ok()
    };
    Ok(rights.iter().any(allows))
}
