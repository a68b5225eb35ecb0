//! What an account began for others, for its own list: only what its mandates allow now.

use std::collections::HashMap;

use domain::applications::State as Stage;
use domain::identity::{Action, Actor, Mandate, Object, Owner as Holder, authorize};
use domain::ids::{AccountId, ApplicationId, DepartmentId, ProcedureId};
use internet_zone_store::applications::drafts::Draft;
use internet_zone_store::applications::status::Application;
use internet_zone_store::applications::{drafts, status, waiting};
use internet_zone_store::identity::{accounts, mandates, represented};
use platform_web::{OrFault as _, Trouble};

use super::acting::{called, person};
use super::mypage::{class, title};
use crate::caller::Citizen;
use crate::procedures::words;
use crate::site::Site;
use crate::texts::TEXTS;
use crate::urls;

/// Newest ones looked at.
const MOST: i64 = 200;

/// One of them.
pub(super) struct Represented {
    pub(super) title: String,
    /// For whom.
    pub(super) name: String,
    pub(super) href: String,
    /// Receipt number; empty for a draft.
    pub(super) number: String,
    pub(super) at: String,
    pub(super) state: &'static str,
    pub(super) class: &'static str,
    pub(super) to_do: bool,
}

/// One of them before it has words: procedure, revision, and the principal.
struct Of {
    procedure: String,
    revision: i64,
    principal: String,
    one: Represented,
}

/// What the account began and may go on with.
pub(super) async fn list(site: &Site, who: &Citizen) -> Result<Vec<Represented>, Trouble> {
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
            let mut people = HashMap::new();
            for right in &rights {
                let id = right.principal.as_str();
                people.insert(id.to_owned(), accounts::find(db, id)?);
            }
            let unsent = drafts::among(db, &ids, now)?;
            let line = waiting::from_drafts(db, &ids)?;
            Ok(Some((rights, begun, people, unsent, line, status::from_drafts(db, &ids)?)))
        })
        .await?;
    let Some((rights, begun, people, unsent, line, sent)) = found else { return Ok(Vec::new()) };
    let principal = |draft: &str| {
        let one = begun.iter().find(|one| one.draft_id == draft);
        one.map(|one| one.principal_id.clone()).unwrap_or_default()
    };
    let mut all = Vec::new();
    for draft in unsent.into_iter().filter(|draft| draft.correction.is_none()) {
        let (href, at) = (urls::draft(&draft.id), words::micros(draft.updated_at));
        let one = entry((href, String::new(), at), "applications.mypage.unsent", "tag-quiet");
        let principal = principal(&draft.id);
        all.push(Of { procedure: draft.procedure_id, revision: draft.revision, principal, one });
    }
    for (draft, waits) in line {
        let (href, at) = (urls::waiting(&waits.id), words::micros(waits.since));
        let one = entry((href, waits.number, at), "applications.waiting.title", "tag-warn");
        let principal = principal(&draft);
        all.push(Of { procedure: waits.procedure_id, revision: waits.revision, principal, one });
    }
    for (draft, sent) in sent {
        let state = Stage::parse(&sent.state).unwrap_or(Stage::Arrived);
        let (href, at) = (urls::application(&sent.id), words::micros(sent.arrived_at));
        let one = Represented {
            to_do: state.waits_for_applicant(),
            ..entry((href, sent.number, at), state.name_key(), class(state))
        };
        let principal = principal(&draft);
        all.push(Of { procedure: sent.procedure_id, revision: sent.revision, principal, one });
    }
    let mut shown = Vec::new();
    for of in all {
        if may_see(&rights, &of.principal, &of.procedure).or_fault()? {
            let account = people.get(&of.principal).and_then(Option::as_ref);
            shown.push(Represented {
                title: title(site, &of.procedure, of.revision).await?,
                name: called(&person(&site.vault, of.principal, account)),
                ..of.one
            });
        }
    }
    Ok(shown)
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
        let mut people = HashMap::new();
        for (_, delegate) in &begun {
            if !people.contains_key(delegate) {
                people.insert(delegate.clone(), accounts::find(db, delegate)?);
            }
        }
        Ok((begun, people))
    });
    let (begun, people) = found.await?;
    let name = |delegate: String| {
        let account = people.get(&delegate).and_then(Option::as_ref);
        called(&person(&site.vault, delegate, account))
    };
    Ok(begun.into_iter().map(|(id, delegate)| (id, name(delegate))).collect())
}

fn entry(
    (href, number, at): (String, String, String),
    state: &'static str,
    class: &'static str,
) -> Represented {
    let (title, name) = (String::new(), String::new());
    Represented { title, name, href, number, at, state: TEXTS.text(state), class, to_do: false }
}

/// Whether one of the rights allows to see what was begun for this principal.
fn may_see(
    rights: &[Mandate],
    principal: &str,
    procedure: &str,
) -> Result<bool, domain::ids::BadId> {
    let principal = AccountId::parse(principal)?;
    let Some(right) = rights.iter().find(|right| right.principal == principal) else {
        return Ok(false);
    };
    let owner = Holder::Represented {
        principal,
        delegate: right.delegate.clone(),
        procedure: ProcedureId::parse(procedure)?,
    };
    let object = Object::Application {
        id: ApplicationId::from_bits(0),
        owner,
        department: DepartmentId::from_bits(0),
    };
    let actor = Actor::Delegate(right.clone());
    Ok(authorize(&actor, Action::ReadApplication, &object).is_ok())
}
