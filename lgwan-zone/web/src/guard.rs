//! Who is logged in, and whether the route is theirs (NF-38, NF-39, W1).
//!
//! A route names the right it needs. The guard finds the session, and asks
//! `domain::identity::authorize` whether the person has that right to any
//! object of the kind; the handler asks again for the very object.

use std::net::IpAddr;

use axum::extract::{FromRequestParts, Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use domain::identity::{Action, Actor, Denied, Object, Owner, Role, authorize};
use domain::ids::{ApplicationId, DepartmentId, StaffId};
use http::Method;
use http::request::Parts;
use jiff::{SignedDuration, Timestamp};
use lgwan_zone_store::applications::rows::Application;
use lgwan_zone_store::identity::sessions::{self, Entrance, Session, Stage};
use lgwan_zone_store::{By, audit};
use platform_web::{Fault, Peer, Reply, Trouble, cookies, see_other};
use ring::digest::{SHA256, digest};

use crate::frame;
use crate::identity::proof;
use crate::site::{Site, TEXTS};
use crate::words::in_query;

/// Name of the session cookie.
pub const SESSION_COOKIE: &str = "__Host-madoguchi-staff";
/// Name of the visitor cookie.
pub const VISITOR_COOKIE: &str = "__Host-madoguchi-staff-visitor";

/// What a route needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Need {
    /// Nothing: the log-in page, style sheets.
    Nothing,
    /// A log-in that waits for this step, or is whole.
    Step(Stage),
    /// The same; who is wholly logged in proves anew who they are.
    FreshStep(Stage),
    /// A right to some object of this kind.
    Right(Action, Kind),
    /// The same, with a proof of who it is that is at most [`PROOF`] old (A12).
    Fresh(Action, Kind),
}

/// For so long what is risky may be done after somebody proved who they are.
pub const PROOF: SignedDuration = SignedDuration::from_mins(5);

/// Whether a proof of that moment (microseconds) still holds.
#[must_use]
pub(crate) fn holds(proved_at: i64, now: Timestamp) -> bool {
    let long = i64::try_from(PROOF.as_micros()).unwrap_or(0);
    now.as_microsecond() < proved_at.saturating_add(long)
}

impl Need {
    /// Whether somebody who is logged in proves anew who they are.
    #[must_use]
    pub const fn is_risky(self) -> bool {
        match self {
            Self::FreshStep(_) | Self::Fresh(_, _) => true,
            Self::Nothing | Self::Step(_) | Self::Right(_, _) => false,
        }
    }
}

/// A kind of object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Applications of an own department.
    Inbox,
    /// What own departments are asked by others.
    Inquiries,
    /// A definition.
    Definition,
    /// What staff apply for themselves.
    Internal,
    /// The own account.
    Own,
    /// Staff and departments.
    StaffList,
    /// The operation log.
    AuditLog,
    /// Lanes and exports.
    Operations,
    /// How long what is over is kept.
    Retention,
}

/// A member of staff who is logged in.
#[derive(Clone, Debug)]
pub struct Who {
    /// Staff id.
    pub id: String,
    /// Name.
    pub name: String,
    /// Log-in id.
    pub login_id: String,
    /// Role.
    pub role: Role,
    /// Own departments: `(id, name)` in list order.
    pub departments: Vec<(String, String)>,
    /// Roles in departments that are not the one of the account.
    roles: Vec<(String, Role)>,
    /// How far the log-in has come.
    pub stage: Stage,
    /// Hash of the session id.
    pub session: String,
    /// Absolute end of the session, microseconds.
    pub ends_at: i64,
    /// How the person came in.
    pub entrance: Entrance,
    /// When the person proved from this address who they are, microseconds; 0 for never.
    pub proved_at: i64,
    ip: String,
    actor: Actor,
}

impl Who {
    /// This person doing something now.
    #[must_use]
    pub fn by(&self, site: &Site) -> By {
        By {
            staff: self.id.clone(),
            name: self.name.clone(),
            session: self.session.clone(),
            ip: self.ip.clone(),
            at: site.clock.now(),
        }
    }

    /// Whether this person proved within [`PROOF`] who they are.
    #[must_use]
    pub fn is_fresh(&self, now: Timestamp) -> bool {
        holds(self.proved_at, now)
    }

    /// The own departments in words, with the role where it is another one.
    #[must_use]
    pub fn belongs(&self) -> String {
        let name = |(id, name): &(String, String)| {
            let role = self.roles.iter().find(|(of, _)| of == id);
            role.map_or_else(|| name.clone(), |(_, role)| frame::in_department(name, *role))
        };
        let names: Vec<String> = self.departments.iter().map(name).collect();
        names.join(TEXTS.text("frame.and"))
    }

    /// Whether this person may do this to the object.
    ///
    /// # Errors
    /// A refusal: 404 when even the existence is not theirs to know, else 403.
    pub fn may(&self, action: Action, object: &Object) -> Result<(), Trouble> {
        authorize(&self.actor, action, object).map_err(|denied| refusal(denied).into())
    }

    /// Whether this person may do this to the application.
    ///
    /// # Errors
    /// As [`may`](Self::may).
    pub fn may_with(&self, action: Action, row: &Application) -> Result<(), Trouble> {
        self.may(action, &application(row)?)
    }

    /// This person as the owner of what they apply for themselves (NB-2.1).
    ///
    /// # Errors
    /// A fault when the row holds no id.
    pub fn owner(&self) -> Result<Owner, Trouble> {
        let unreadable = |_| Fault::because("a member of staff without an id");
        Ok(StaffId::parse(&self.id).map(Owner::Staff).map_err(unreadable)?)
    }

    /// Whether a button for it is shown.
    #[must_use]
    pub fn can(&self, action: Action, object: &Object) -> bool {
        authorize(&self.actor, action, object).is_ok()
    }

    /// Departments whose applications this person may read.
    #[must_use]
    pub fn desks(&self) -> Vec<String> {
        self.departments
            .iter()
            .map(|(id, _)| id)
            .filter(|id| {
                department(id).is_ok_and(|department| {
                    self.can(Action::ReadApplication, &Object::Inbox { department })
                })
            })
            .cloned()
            .collect()
    }

    fn has(&self, action: Action, kind: Kind) -> Result<(), Denied> {
        let any = |of: fn(DepartmentId) -> Object| {
            let own = self.departments.iter().filter_map(|(id, _)| department(id).ok());
            let somewhere = std::iter::once(DepartmentId::from_bits(0));
            own.chain(somewhere)
                .any(|id| authorize(&self.actor, action, &of(id)).is_ok())
                .then_some(())
                .ok_or(Denied::Forbidden)
        };
        match kind {
            Kind::Inbox => any(|department| Object::Inbox { department }),
            Kind::Inquiries => any(|department| Object::Inquiry { department }),
            Kind::Definition => any(|department| Object::Definition { department }),
            Kind::Internal => match StaffId::parse(&self.id) {
                Ok(id) => {
                    authorize(&self.actor, action, &Object::Draft { owner: Owner::Staff(id) })
                }
                Err(_) => Err(Denied::Forbidden),
            },
            Kind::Own => match StaffId::parse(&self.id) {
                Ok(id) => authorize(&self.actor, action, &Object::StaffAccount(id)),
                Err(_) => Err(Denied::Forbidden),
            },
            Kind::StaffList => authorize(&self.actor, action, &Object::StaffList),
            Kind::AuditLog => authorize(&self.actor, action, &Object::AuditLog),
            Kind::Operations => authorize(&self.actor, action, &Object::Operations),
            Kind::Retention => authorize(&self.actor, action, &Object::Retention),
        }
    }
}

/// The application as the authorization function sees it.
///
/// # Errors
/// A fault when the row holds no identifiers.
pub fn application(row: &Application) -> Result<Object, Trouble> {
    let unreadable = |_| Fault::because("an application row without identifiers");
    Ok(Object::Application {
        id: ApplicationId::parse(&row.id).map_err(unreadable)?,
        owner: row.owner().map_err(unreadable)?,
        department: DepartmentId::parse(&row.department_id).map_err(unreadable)?,
    })
}

/// A stored department id.
///
/// # Errors
/// A fault when it is none.
pub fn department(id: &str) -> Result<DepartmentId, Trouble> {
    DepartmentId::parse(id).map_err(|_| Fault::because("a row without a department id").into())
}

fn refusal(denied: Denied) -> Reply {
    match denied {
        Denied::Hidden => Reply::not_found("identity.hidden"),
        Denied::Forbidden => Reply::forbidden("identity.forbidden"),
    }
}

/// Lower-case hex SHA-256.
#[must_use]
pub fn sha256(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    digest(&SHA256, bytes).as_ref().iter().fold(String::with_capacity(64), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// Idle and absolute end of a session (A9): 30 minutes and 12 hours, for
/// administrators 15 minutes and 8 hours.
#[must_use]
pub const fn limits(role: Role) -> (SignedDuration, SignedDuration) {
    match role {
        Role::Administrator => (SignedDuration::from_mins(15), SignedDuration::from_hours(8)),
        Role::ProcedureManager | Role::Clerk | Role::Auditor => {
            (SignedDuration::from_mins(30), SignedDuration::from_hours(12))
        }
    }
}

/// A session is marked as used at most so often, microseconds.
const TOUCH_EVERY: i64 = 30_000_000;

/// Lets a request through to the route when the person has the right it needs.
pub async fn pass(
    State((site, need)): State<(Site, Need)>,
    mut request: Request,
    next: Next,
) -> Response {
    let (cookie, from) = asked_with(&request);
    let found = match who(&site, cookie, from).await {
        Ok(found) => found,
        Err(trouble) => return trouble.into_response(),
    };
    match need {
        Need::Nothing => {}
        Need::Step(stage) | Need::FreshStep(stage) => match &found {
            Some(who) if who.stage == stage || who.stage == Stage::Open => {}
            Some(who) => return see_other(waiting_at(who.stage)),
            None => return to_the_door(&request),
        },
        Need::Right(action, kind) | Need::Fresh(action, kind) => match &found {
            None => return to_the_door(&request),
            Some(who) if who.stage != Stage::Open => return see_other(waiting_at(who.stage)),
            Some(who) => {
                if let Err(denied) = who.has(action, kind) {
                    let path = request.uri().path().to_owned();
                    return denied_there(&site, who, &path, denied).await;
                }
            }
        },
    }
    if let Some(who) = found {
        let open = who.stage == Stage::Open;
        if need.is_risky() && open && !who.is_fresh(site.clock.now()) {
            request = match proof::passes(&site, &who, request).await {
                Ok(request) => request,
                Err(trouble) => return trouble.into_response(),
            };
        }
        request.extensions_mut().insert(who);
    }
    next.run(request).await
}

/// The log-in page, which remembers the page that was asked for.
fn to_the_door(request: &Request) -> Response {
    let wanted = request.uri().path_and_query().map_or("/", |one| one.as_str());
    if request.method() != Method::GET || wanted == "/" {
        return see_other("/login");
    }
    see_other(format!("/login?to={}", in_query(wanted)))
}

/// The page a log-in waits at.
#[must_use]
pub const fn waiting_at(stage: Stage) -> &'static str {
    match stage {
        Stage::Code => "/login/code",
        Stage::Enrol => "/account/totp",
        Stage::Password => "/account/password",
        Stage::Open => "/",
    }
}

async fn denied_there(site: &Site, who: &Who, path: &str, denied: Denied) -> Response {
    let by = who.by(site);
    let path = path.chars().take(100).collect::<String>();
    let noted = site
        .store
        .write(move |tx| audit::refused(tx, &by, "identity.refused", "page", &path))
        .await;
    match noted {
        Ok(()) => refusal(denied).into_response(),
        Err(error) => Trouble::from(error).into_response(),
    }
}

/// The session cookie and the caller's address.
fn asked_with(request: &Request) -> (Option<String>, Option<IpAddr>) {
    let cookie = cookies::read(request.headers(), SESSION_COOKIE).map(str::to_owned);
    (cookie, request.extensions().get::<Peer>().map(|peer| peer.0))
}

async fn who(
    site: &Site,
    cookie: Option<String>,
    from: Option<IpAddr>,
) -> Result<Option<Who>, Trouble> {
    let (Some(cookie), Some(from)) = (cookie, from) else {
        return Ok(None);
    };
    let hash = sha256(cookie.as_bytes());
    let session = site.store.read(move |db| sessions::find(db, &hash)).await?;
    let Some(session) = session else {
        return Ok(None);
    };
    let now = site.clock.now().as_microsecond();
    let Some(role) = Role::parse(&session.owner.role) else {
        return Ok(None);
    };
    if !site.settings.networks.allow(role, from) {
        return Ok(None);
    }
    let idle = i64::try_from(limits(role).0.as_micros()).unwrap_or(0);
    if now >= session.ends_at || now >= session.last_seen_at.saturating_add(idle) {
        return Ok(None);
    }
    if now > session.last_seen_at.saturating_add(TOUCH_EVERY) {
        let hash = session.id_hash.clone();
        site.store.write(move |tx| sessions::touch(tx, &hash, now)).await?;
    }
    Ok(person(site, session, role, from))
}

/// Who the session is. A department counts where its role may be used from this address.
fn person(site: &Site, mut session: Session, role: Role, from: IpAddr) -> Option<Who> {
    let mut staff = session.owner.person(&session.memberships)?;
    staff.departments.retain(|_, role| site.settings.networks.allow(*role, from));
    let counts = |id: &str| DepartmentId::parse(id).is_ok_and(|id| staff.role_in(&id).is_some());
    session.departments.retain(|(id, _)| counts(id));
    let differs = |(id, _): &(String, String)| {
        let there = staff.role_in(&DepartmentId::parse(id).ok()?)?;
        (there != role).then(|| (id.clone(), there))
    };
    let roles = session.departments.iter().filter_map(differs).collect();
    let ip = from.to_string();
    let proved_at = if session.proved_ip == ip { session.proved_at } else { 0 };
    Some(Who {
        id: session.owner.id,
        name: session.owner.display_name,
        login_id: session.owner.login_id,
        role,
        departments: session.departments,
        roles,
        stage: session.stage,
        session: session.id_hash,
        ends_at: session.ends_at,
        entrance: session.entrance,
        proved_at,
        ip,
        actor: Actor::Staff(staff),
    })
}

impl<S: Sync> FromRequestParts<S> for Who {
    type Rejection = Trouble;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Trouble> {
        let who = parts.extensions.get::<Self>().cloned();
        who.ok_or_else(|| Fault::because("a route without a guard").into())
    }
}
