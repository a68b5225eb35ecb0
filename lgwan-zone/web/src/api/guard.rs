//! Which business system asks, and whether the route is its own (IK-2.1.2d2).
//!
//! A route names the action it is for. The guard finds the key, and asks
//! `domain::identity::authorize` whether it has that right to anything within its reach; the
//! handler asks again for the very application.

use std::collections::{BTreeSet, HashMap};
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};

use axum::extract::{FromRequestParts, Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use domain::identity::{Action, Actor, Denied, Key, KeyScope, Object, authorize};
use domain::ids::{DepartmentId, KeyId, ProcedureId};
use http::StatusCode;
use http::header::AUTHORIZATION;
use http::request::Parts;
use ipnet::IpNet;
use lgwan_zone_store::By;
use lgwan_zone_store::api::keys::{self, Key as Row};
use lgwan_zone_store::audit::{self, leaving};
use platform_web::{Fault, Peer, Reply, Trouble};

use crate::guard::sha256;
use crate::site::Site;

/// A key is marked as used at most so often, microseconds.
const TOUCH_EVERY: i64 = 60_000_000;

/// The business system that asks.
#[derive(Clone, Debug)]
pub(super) struct Caller {
    key: Key,
    name: String,
    ip: String,
}

impl Caller {
    /// This business system doing something now.
    pub(super) fn by(&self, site: &Site) -> By {
        By {
            staff: format!("key:{}", self.key.id.as_str()),
            name: self.name.clone(),
            session: String::new(),
            ip: self.ip.clone(),
            at: site.clock.now(),
        }
    }

    /// Id of the key.
    pub(super) fn id(&self) -> &str {
        self.key.id.as_str()
    }

    /// Name of the business system.
    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// Departments within its reach.
    pub(super) fn departments(&self) -> Vec<String> {
        self.key.departments.iter().map(|id| id.as_str().to_owned()).collect()
    }

    /// Procedures within its reach; all of its departments when empty.
    pub(super) fn procedures(&self) -> Vec<String> {
        self.key.procedures.iter().map(|id| id.as_str().to_owned()).collect()
    }

    /// Whether it may do this with applications for a procedure at a department.
    pub(super) fn may(
        &self,
        action: Action,
        procedure: &str,
        department: &str,
    ) -> Result<(), Denied> {
        let ids = (ProcedureId::parse(procedure), DepartmentId::parse(department));
        let (Ok(procedure), Ok(department)) = ids else { return Err(Denied::Hidden) };
        let object = Object::Business { procedure, department };
        authorize(&Actor::Key(self.key.clone()), action, &object)
    }

    fn has(&self, action: Action) -> bool {
        let procedure = self.key.procedures.first().cloned();
        let procedure = procedure.unwrap_or_else(|| ProcedureId::from_bits(0));
        let mut departments = self.key.departments.iter();
        departments.any(|id| self.may(action, procedure.as_str(), id.as_str()).is_ok())
    }

    /// Records that it read something.
    pub(super) async fn noted(
        &self,
        site: &Site,
        act: &'static str,
        (kind, id): (&'static str, &str),
        detail: &str,
    ) -> Result<(), Trouble> {
        let (by, id, detail) = (self.by(site), id.to_owned(), detail.to_owned());
        site.store.write(move |tx| audit::taken_out(tx, &by, act, kind, &id, &detail)).await?;
        Ok(())
    }

    /// Records that it read a list, and whose data was in it (NF-42).
    pub(super) async fn noted_list(
        &self,
        site: &Site,
        act: &'static str,
        ids: Vec<String>,
    ) -> Result<(), Trouble> {
        let (by, list) = (self.by(site), site.new_id());
        let noted = site.store.write(move |tx| {
            leaving::whole(tx, &by, (&list, leaving::API), &ids)?;
            audit::taken_out(tx, &by, act, "inbox", "", &ids.len().to_string())
        });
        noted.await?;
        Ok(())
    }

    /// Records that it asked for what is not its own, and says that there is nothing.
    pub(super) async fn refused(
        &self,
        site: &Site,
        (kind, id): (&'static str, &str),
        denied: Denied,
    ) -> Trouble {
        let (by, id) = (self.by(site), id.to_owned());
        let noted = site
            .store
            .write(move |tx| audit::refused(tx, &by, "identity.refused", kind, &id))
            .await;
        match (noted, denied) {
            (Err(error), _) => error.into(),
            (Ok(()), Denied::Hidden) => Reply::not_found("api.missing").into(),
            (Ok(()), Denied::Forbidden) => Reply::forbidden("api.no_scope").into(),
        }
    }
}

/// Requests that are logged in a minute: of one address with unknown keys, of one key that is not taken.
const STRANGERS: u32 = 20;
/// Keys and addresses that are counted before those of earlier minutes are forgotten.
const COUNTED: usize = 10_000;

/// How often each key, and each address without one, asked in the present minute; apart from them, how
/// often each key was not taken.
#[derive(Clone, Debug, Default)]
pub(crate) struct Pace(Arc<Mutex<HashMap<String, (i64, u32)>>>);

impl Pace {
    /// Counts one more request at this moment (microseconds): how many there were in its minute.
    fn count(&self, key: &str, now: i64) -> u32 {
        let minute = now.div_euclid(60_000_000);
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= COUNTED {
            known.retain(|_, (of, _)| *of == minute);
        }
        let (of, count) = known.entry(key.to_owned()).or_insert((minute, 0));
        if *of != minute {
            (*of, *count) = (minute, 0);
        }
        *count = count.saturating_add(1);
        *count
    }
}

/// Lets a request through when its key may take the action somewhere.
pub(crate) async fn pass(
    State((site, pace, action)): State<(Site, Pace, Action)>,
    mut request: Request,
    next: Next,
) -> Response {
    let path: String = request.uri().path().chars().take(100).collect();
    let asked = (bearer(&request), request.extensions().get::<Peer>().map(|peer| peer.0));
    match caller(&site, &pace, asked, action, &path).await {
        Ok(caller) => {
            request.extensions_mut().insert(caller);
            next.run(request).await
        }
        Err(trouble) => trouble.into_response(),
    }
}

/// The secret behind `Authorization: Bearer`.
fn bearer(request: &Request) -> Option<String> {
    let line = request.headers().get(AUTHORIZATION)?.to_str().ok()?;
    let (scheme, secret) = line.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| secret.trim().to_owned())
}

async fn caller(
    site: &Site,
    pace: &Pace,
    (secret, from): (Option<String>, Option<IpAddr>),
    action: Action,
    path: &str,
) -> Result<Caller, Trouble> {
    let unknown = || Trouble::from(Reply::new(StatusCode::UNAUTHORIZED, "api.no_key"));
    let (Some(secret), Some(from)) = (secret, from) else { return Err(unknown()) };
    let hash = sha256(secret.as_bytes());
    let now = site.clock.now();
    let micros = now.as_microsecond();
    let Some(row) = site.store.read(move |db| keys::by_hash(db, &hash, micros)).await? else {
        // The log lives three years: nobody without a key may fill it.
        if pace.count(&format!("address {from}"), micros) <= STRANGERS {
            let (by, path) = (By::visitor(from.to_string(), now), path.to_owned());
            let noted =
                site.store.write(move |tx| audit::refused(tx, &by, "api.refused", "page", &path));
            noted.await?;
        }
        return Err(unknown());
    };
    let caller = Caller { key: key(&row)?, name: row.name.clone(), ip: from.to_string() };
    if !row.is_valid(micros) || !is_from(&row, from)? {
        // Nor may who has a key that is over, or asks from elsewhere with one that leaked.
        if pace.count(&format!("refused {}", row.id), micros) <= STRANGERS {
            let (by, id) = (caller.by(site), row.id.clone());
            site.store.write(move |tx| audit::refused(tx, &by, "api.refused", "key", &id)).await?;
        }
        return Err(unknown());
    }
    let count = pace.count(&row.id, micros);
    let most = u32::try_from(row.per_minute).unwrap_or(0);
    if count > most {
        if count == most + 1 {
            let (by, id) = (caller.by(site), row.id.clone());
            site.store.write(move |tx| audit::refused(tx, &by, "api.too_fast", "key", &id)).await?;
        }
        let left = 60 - micros.div_euclid(1_000_000).rem_euclid(60);
        let left = u32::try_from(left).unwrap_or(60);
        return Err(Reply::too_many("api.too_fast").with("most", most).retry_after(left).into());
    }
    if row.used_at.is_none_or(|at| micros >= at.saturating_add(TOUCH_EVERY)) {
        let (id, from) = (row.id.clone(), from.to_string());
        site.store.write(move |tx| keys::used(tx, &id, micros, &from)).await?;
    }
    if !caller.has(action) {
        return Err(caller.refused(site, ("page", path), Denied::Forbidden).await);
    }
    Ok(caller)
}

/// A key as the authorization function sees it.
///
/// # Errors
/// A fault when the row is not what we write.
fn key(row: &Row) -> Result<Key, Trouble> {
    let unreadable = || Trouble::from(Fault::because("a key that cannot be read"));
    let scopes: Option<BTreeSet<KeyScope>> =
        listed(&row.scopes)?.iter().map(|scope| KeyScope::parse(scope)).collect();
    let departments: Result<BTreeSet<DepartmentId>, _> =
        listed(&row.departments)?.iter().map(|id| DepartmentId::parse(id)).collect();
    let procedures: Result<BTreeSet<ProcedureId>, _> =
        listed(&row.procedures)?.iter().map(|id| ProcedureId::parse(id)).collect();
    Ok(Key {
        id: KeyId::parse(&row.id).map_err(|_| unreadable())?,
        scopes: scopes.ok_or_else(unreadable)?,
        departments: departments.map_err(|_| unreadable())?,
        procedures: procedures.map_err(|_| unreadable())?,
    })
}

/// A stored list.
pub(super) fn listed(stored: &str) -> Result<Vec<String>, Trouble> {
    use platform_web::OrFault as _;
    serde_json::from_str(stored).or_fault()
}

fn is_from(row: &Row, from: IpAddr) -> Result<bool, Trouble> {
    let networks = listed(&row.networks)?;
    let from = from.to_canonical();
    let within = |text: &String| text.parse::<IpNet>().is_ok_and(|network| network.contains(&from));
    Ok(networks.is_empty() || networks.iter().any(within))
}

impl<S: Sync> FromRequestParts<S> for Caller {
    type Rejection = Trouble;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Trouble> {
        let caller = parts.extensions.get::<Self>().cloned();
        caller.ok_or_else(|| Fault::because("a route without a guard").into())
    }
}
