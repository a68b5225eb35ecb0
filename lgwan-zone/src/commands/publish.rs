//! Publishing definitions from files, with the checks of the page (NF-23).

use std::path::{Path, PathBuf};

use domain::forms::definition::Procedure;
use domain::forms::publish::Problem;
use domain::identity::{Action, Actor, Object, authorize};
use lgwan_zone_store::identity::staff;
use lgwan_zone_store::procedures::{self, Looked, Published};
use lgwan_zone_store::{By, ZONE};
use lgwan_zone_web::procedures::publish as pages;
use platform_service::clock::Clock;
use platform_store::{Store, StoreError};

use crate::config::Config;
use crate::parts::{self, StartError};

/// Why a definition is not published.
#[derive(Debug, thiserror::Error)]
pub enum PublishError {
    /// The service's own parts.
    #[error(transparent)]
    Start(#[from] StartError),
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The person.
    #[error("--by {0}: no such account, or it is switched off")]
    NoSuchPerson(String),
    /// The person's rights.
    #[error("{file}: {login_id} may not publish for this department")]
    NotAllowed {
        /// The file.
        file: String,
        /// The person.
        login_id: String,
    },
    /// The setting.
    #[error(
        "[publishing] four_eyes is set: propose it in the browser, or say --alone REASON, which stands in \
         the operation log"
    )]
    FourEyes,
    /// The file.
    #[error("{file}: {why}")]
    File {
        /// The file.
        file: String,
        /// What is wrong with it.
        why: String,
    },
}

/// Publishes definitions in the name of a person. A definition that is already
/// the newest revision, word for word, is left as it is. Where two people are needed, `alone` is the
/// reason why one does it.
///
/// # Errors
/// [`PublishError`]; files before the failing one stay published.
pub async fn publish(
    config: &Config,
    clock: &Clock,
    login_id: &str,
    files: &[PathBuf],
    alone: Option<&str>,
) -> Result<Vec<(String, u32)>, PublishError> {
    let looked = match (config.publishing.four_eyes, alone.map(str::trim)) {
        (false, _) => Looked::Once,
        (true, Some(reason)) if !reason.is_empty() => Looked::Alone(reason.to_owned()),
        (true, Some(_) | None) => return Err(PublishError::FourEyes),
    };
    let parts = parts::open(config, clock)?;
    let (person, actor) = person(&parts.store, login_id).await?;
    let mut done = Vec::new();
    for file in files {
        let name = file.display().to_string();
        let bad = |why: String| PublishError::File { file: name.clone(), why };
        let procedure = read(file).map_err(&bad)?;
        let object = Object::Definition { department: procedure.department.clone() };
        if authorize(&actor, Action::PublishDefinition, &object).is_err() {
            let login_id = login_id.to_owned();
            return Err(PublishError::NotAllowed { file: name, login_id });
        }
        let id = procedure.id.clone();
        let routed = procedure.clone();
        let (number, newest, astray) = parts
            .store
            .read(move |db| {
                let number = pages::next_revision(db, &id)?;
                let before = i32::try_from(number).unwrap_or(1) - 1;
                let astray = pages::unknown_departments(db, &routed)?;
                Ok((number, procedures::revision(db, id.as_str(), before)?, astray))
            })
            .await?;
        if !astray.is_empty() {
            return Err(bad(told(&astray)));
        }
        let slug = procedure.slug.clone();
        let same = pages::revision(&parts.office, procedure.clone(), number.max(2) - 1);
        if same.is_ok_and(|same| newest.is_some_and(|newest| newest.sha256 == same.sha256)) {
            done.push((slug, number - 1));
            continue;
        }
        let new = pages::revision(&parts.office, procedure, number)
            .map_err(|_| bad("the document cannot be written".to_owned()))?;
        let by = By { staff: person.clone(), ..By::cli(clock.now()) };
        let looked = looked.clone();
        match parts.store.write(move |tx| procedures::publish(tx, &by, &new, &looked)).await? {
            Published::Done | Published::Before => done.push((slug, number)),
            Published::SlugTaken => return Err(bad("another procedure has this slug".to_owned())),
            Published::Overtaken => return Err(bad("published by somebody else".to_owned())),
            Published::NotProposed => return Err(bad("nobody proposes it".to_owned())),
            Published::NotAsTried => return Err(bad("it is not what was tried".to_owned())),
            Published::OtherDepartment => {
                return Err(bad("the procedure belongs to another department".to_owned()));
            }
            Published::NoDepartment => {
                return Err(bad("the department does not exist any more".to_owned()));
            }
        }
    }
    tracing::info!(zone = ZONE, count = done.len(), "definitions are published");
    Ok(done)
}

fn read(file: &Path) -> Result<Procedure, String> {
    let bytes = std::fs::read(file).map_err(|error| error.to_string())?;
    let procedure = Procedure::from_json(&bytes).map_err(|error| error.to_string())?;
    let (errors, _) = pages::checked(&procedure);
    if errors.is_empty() {
        return Ok(procedure);
    }
    Err(told(&errors))
}

fn told(problems: &[Problem]) -> String {
    let lines: Vec<String> = problems
        .iter()
        .map(|problem| format!("{}: {} {}", problem.at, problem.code.key(), problem.detail))
        .collect();
    lines.join("; ")
}

async fn person(store: &Store, login_id: &str) -> Result<(String, Actor), PublishError> {
    let wanted = login_id.to_owned();
    let found = store
        .read(move |db| {
            let Some(person) = staff::by_login(db, &wanted)? else {
                return Ok(None);
            };
            let memberships = staff::belongs(db, &person.id)?;
            Ok(Some((person, memberships)))
        })
        .await?;
    let nobody = || PublishError::NoSuchPerson(login_id.to_owned());
    let (person, memberships) = found.ok_or_else(nobody)?;
    if person.disabled_at.is_some() {
        return Err(nobody());
    }
    let actor = Actor::Staff(person.person(&memberships).ok_or_else(nobody)?);
    Ok((person.id, actor))
}
