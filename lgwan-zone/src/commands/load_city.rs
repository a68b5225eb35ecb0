//! Departments, staff and export jobs from a file: the first accounts of an installation (A7).

use std::collections::BTreeMap;
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use domain::identity::{Role, canonical_password};
use domain::ids::DepartmentId;
use lgwan_zone_store::By;
use lgwan_zone_store::exports::{self, Definition};
use lgwan_zone_store::identity::departments::{self, Department};
use lgwan_zone_store::identity::staff::{self, Created, NewStaff};
use lgwan_zone_store::post::{self, Office};
use lgwan_zone_web::identity::handed::initial_password;
use lgwan_zone_web::identity::secret::Vault;
use platform_service::clock::Clock;
use platform_service::ids;
use platform_store::StoreError;
use platform_web::passwords::Passwords;
use platform_web::totp::Secret;
use serde::{Deserialize, Serialize};

use crate::config::Config;
use crate::parts::{self, StartError};

/// The city file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CityFile {
    /// Departments in list order.
    pub departments: Vec<CityDepartment>,
    /// Members of staff.
    #[serde(default)]
    pub staff: Vec<CityStaff>,
    /// Definitions of export jobs (JSON): paths, seen from the folder of this file.
    #[serde(default)]
    pub exports: Vec<PathBuf>,
}

/// One department.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CityDepartment {
    /// Identifier, named by procedure documents.
    pub id: DepartmentId,
    /// Short code.
    pub code: String,
    /// Name.
    pub name: String,
    /// Telephone number.
    #[serde(default)]
    pub phone: String,
    /// Where to find it.
    #[serde(default)]
    pub place: String,
}

/// One member of staff.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CityStaff {
    /// What the person types to log in.
    pub login_id: String,
    /// Name.
    pub name: String,
    /// Role.
    pub role: Role,
    /// Codes of the departments.
    #[serde(default)]
    pub departments: Vec<String>,
    /// Codes of departments in which the person has another role (兼務).
    #[serde(default)]
    pub roles: BTreeMap<String, Role>,
}

/// What a new account is handed over with.
#[derive(Clone, Debug, Serialize)]
pub struct Handed {
    /// What the person types to log in.
    pub login_id: String,
    /// Name.
    pub name: String,
    /// Role.
    pub role: Role,
    /// Initial password.
    pub password: String,
    /// Secret of the authenticator app, for roles that need one; base32.
    pub totp_secret: Option<String>,
}

/// Why a city cannot be loaded.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// The service's own parts.
    #[error(transparent)]
    Start(#[from] StartError),
    /// The city file.
    #[error("city file: {0}")]
    File(String),
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The file for the passwords.
    #[error("passwords file: {0}")]
    Out(std::io::Error),
    /// Passwords cannot be hashed.
    #[error("a password cannot be hashed")]
    Hash,
}

/// Brings departments, staff and export jobs in. Accounts and jobs that exist stay as they are. New
/// accounts are written to `out` (only its owner may read it) or returned alone.
///
/// With `settled`, for a sample city, accounts need no own password first.
///
/// # Errors
/// [`LoadError`]; nothing of a person who failed is kept.
pub async fn load_city(
    config: &Config,
    clock: &Clock,
    city: &Path,
    out: Option<&Path>,
    settled: bool,
) -> Result<Vec<Handed>, LoadError> {
    let text = std::fs::read(city).map_err(|error| LoadError::File(error.to_string()))?;
    let city_folder = city.parent().unwrap_or(Path::new(""));
    let city: CityFile =
        serde_json::from_slice(&text).map_err(|error| LoadError::File(error.to_string()))?;
    let parts = parts::open(config, clock)?;
    let by = By::cli(clock.now());
    let jobs = definitions(city_folder, &city.exports)?;
    let codes = put_departments(&parts.store, &by, &city.departments, &parts.office).await?;
    let passwords = Passwords::new(config.password_cost).map_err(|_| LoadError::Hash)?;
    let vault = Vault::new(&parts.secret);
    let mut handed = Vec::new();
    for person in &city.staff {
        let login = person.login_id.clone();
        if parts.store.read(move |db| staff::by_login(db, &login)).await?.is_some() {
            continue;
        }
        let departments = person
            .departments
            .iter()
            .map(|code| codes.get(code).cloned().ok_or_else(|| unknown(&person.login_id, code)))
            .collect::<Result<Vec<_>, _>>()?;
        let roles = roles(person, &codes)?;
        let id = ids::new(clock);
        let password = initial_password();
        let secret = person.role.needs_second_factor().then(Secret::random);
        let new = NewStaff {
            email: String::new(),
            password_hash: passwords
                .hash(canonical_password(&password))
                .await
                .map_err(|_| LoadError::Hash)?,
            totp_secret: secret.as_ref().map(|secret| vault.close(&id, secret)),
            must_change_password: !settled,
            login_id: person.login_id.clone(),
            display_name: person.name.clone(),
            role: person.role.key().to_owned(),
            departments,
            id,
        };
        let by = by.clone();
        let made = parts.store.write(move |tx| {
            let made = staff::create(tx, &by, &new)?;
            if made == Created::Made {
                for (department, role) in &roles {
                    staff::name_role(tx, &by, (&new.id, department), *role)?;
                }
            }
            Ok(made)
        });
        let made = made.await?;
        if made == Created::Made {
            handed.push(Handed {
                login_id: person.login_id.clone(),
                name: person.name.clone(),
                role: person.role,
                password,
                totp_secret: secret.map(|secret| secret.base32()),
            });
        }
    }
    put_jobs(&parts.store, &by, jobs).await?;
    if let Some(out) = out {
        hand_out(out, &handed).map_err(LoadError::Out)?;
    }
    Ok(handed)
}

/// The roles a person has in single departments, by the id of the department.
fn roles(
    person: &CityStaff,
    codes: &BTreeMap<String, String>,
) -> Result<Vec<(String, Role)>, LoadError> {
    let role = |(code, role): (&String, &Role)| {
        let department = codes.get(code).filter(|_| person.departments.contains(code));
        let department = department.ok_or_else(|| unknown(&person.login_id, code))?;
        if person.role.there(Some(*role)) != *role {
            let why =
                format!("staff {}: {} is no role of a department", person.login_id, role.key());
            return Err(LoadError::File(why));
        }
        Ok((department.clone(), *role))
    };
    person.roles.iter().map(role).collect()
}

/// The export jobs a city file names.
fn definitions(folder: &Path, files: &[PathBuf]) -> Result<Vec<Definition>, LoadError> {
    let read = |file: &PathBuf| {
        let bad = |why: String| LoadError::File(format!("{}: {why}", file.display()));
        let text =
            std::fs::read_to_string(folder.join(file)).map_err(|why| bad(why.to_string()))?;
        let definition = Definition::from_json(&text).map_err(|why| bad(why.to_string()))?;
        match definition.problems().first() {
            Some(problem) => Err(bad(format!("{}: {}", problem.at, problem.code.key()))),
            None => Ok(definition),
        }
    };
    files.iter().map(read).collect()
}

/// Keeps the jobs that are not there yet.
async fn put_jobs(
    store: &platform_store::Store,
    by: &By,
    jobs: Vec<Definition>,
) -> Result<(), LoadError> {
    let text = |job: &Definition| {
        let stored = serde_json::to_string(job);
        stored.map(|text| (job.job.clone(), text)).map_err(|why| LoadError::File(why.to_string()))
    };
    let jobs: Vec<(String, String)> = jobs.iter().map(text).collect::<Result<_, _>>()?;
    let by = by.clone();
    let done = store.write(move |tx| {
        for (id, definition) in &jobs {
            if exports::job(tx.db, id)?.is_none() {
                exports::put_job(tx, &by, id, definition)?;
            }
        }
        Ok(())
    });
    Ok(done.await?)
}

fn unknown(login_id: &str, code: &str) -> LoadError {
    LoadError::File(format!("staff {login_id}: there is no department with code {code}"))
}

/// Keeps the departments and tells the citizens' zone; returns ids by code.
async fn put_departments(
    store: &platform_store::Store,
    by: &By,
    wanted: &[CityDepartment],
    office: &Office,
) -> Result<BTreeMap<String, String>, StoreError> {
    let wanted: Vec<Department> = wanted
        .iter()
        .zip(1..)
        .map(|(one, sort)| Department {
            id: one.id.to_string(),
            code: one.code.clone(),
            name: one.name.clone(),
            phone: one.phone.clone(),
            place: one.place.clone(),
            sort,
        })
        .collect();
    let (by, office) = (by.clone(), office.clone());
    store
        .write(move |tx| {
            let mut codes = BTreeMap::new();
            for one in &wanted {
                codes.insert(one.code.clone(), departments::put(tx, &by, one)?);
            }
            let all = departments::told(tx.db)?;
            post::put(tx, &office.departments(&all, by.at), by.at)?;
            Ok(codes)
        })
        .await
}

/// Writes one JSON file that only its owner may read; an existing one is replaced.
fn hand_out(path: &Path, handed: &[Handed]) -> std::io::Result<()> {
    let text = serde_json::to_string_pretty(handed)?;
    if path.exists() {
        std::fs::remove_file(path)?;
    }
    let mut file =
        std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()
}
