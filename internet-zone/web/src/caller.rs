//! Who asks: the session behind the cookie, and what the operation log says of it.

use axum::extract::FromRequestParts;
use http::HeaderMap;
use http::request::Parts;
use internet_zone_store::By;
use internet_zone_store::identity::sessions::{self, NewSession, Session};
use internet_zone_store::identity::{Owner, guests, readers};
use internet_zone_store::vault::token_hash;
use platform_service::ids;
use platform_web::cookies::{self, Cookie};
use platform_web::{Peer, Trouble, see_other};

use crate::site::Site;
use crate::{reader, terminals, urls};

/// Name of the session cookie.
pub(crate) const SESSION_COOKIE: &str = "__Host-madoguchi";
/// Name of the cookie that proves where a form came from.
pub(crate) const VISITOR_COOKIE: &str = "__Host-madoguchi-visitor";

/// Microseconds after which a request is noted in the session again.
const NOTED_EVERY: i64 = 60_000_000;

/// Whoever sends the request.
#[derive(Clone, Debug)]
pub(crate) struct Caller {
    /// The live session, if any.
    pub(crate) session: Option<Session>,
    /// Network address, for the operation log and the limits on tries.
    pub(crate) ip: std::net::IpAddr,
    at: i64,
}

impl FromRequestParts<Site> for Caller {
    type Rejection = Trouble;

    async fn from_request_parts(parts: &mut Parts, site: &Site) -> Result<Self, Trouble> {
        let Peer(ip) = Peer::from_request_parts(parts, site).await?;
        let session = session(&parts.headers, site).await?;
        Ok(Self { session, ip, at: site.micros() })
    }
}

/// Microseconds without a request after which a session ends.
pub(crate) fn idle(site: &Site) -> i64 {
    terminals::idle().unwrap_or(site.limits.idle_minutes * 60_000_000)
}

/// The live session, left as it is.
pub(crate) async fn look(headers: &HeaderMap, site: &Site) -> Result<Option<Session>, Trouble> {
    let Some(cookie) = cookies::read(headers, SESSION_COOKIE) else { return Ok(None) };
    let (hash, now, idle) = (token_hash(cookie), site.micros(), idle(site));
    Ok(site.store.read(move |db| sessions::find(db, &hash, now, idle)).await?)
}

/// The live session, which goes on by being asked for.
pub(crate) async fn session(headers: &HeaderMap, site: &Site) -> Result<Option<Session>, Trouble> {
    let (found, now) = (look(headers, site).await?, site.micros());
    let noted = if terminals::is_here() { NOTED_EVERY / 6 } else { NOTED_EVERY };
    if let Some(session) = found.as_ref().filter(|session| session.seen_at + noted < now) {
        let hash = session.id_hash.clone();
        site.store.write(move |tx| sessions::touch(tx, &hash, now)).await?;
    }
    if let (Some(session), Some(lang)) = (&found, reader::chosen().map(reader::code))
        && session.lang.as_deref() != Some(lang)
    {
        let session = session.clone();
        site.store.write(move |tx| readers::note(tx, &session, lang)).await?;
    }
    Ok(found)
}

impl Caller {
    /// The person behind the session.
    pub(crate) fn owner(&self) -> Option<&Owner> {
        self.session.as_ref().map(|session| &session.owner)
    }

    /// The account signed in, if any.
    pub(crate) fn account(&self) -> Option<&str> {
        self.owner().and_then(Owner::account)
    }

    /// Hash of the session id.
    pub(crate) fn session_hash(&self) -> Option<&[u8]> {
        self.session.as_ref().map(|session| session.id_hash.as_slice())
    }

    /// What the operation log says of this request.
    pub(crate) fn by(&self) -> By {
        By {
            at: self.at,
            actor: self.owner().map_or_else(|| "visitor".to_owned(), Owner::name),
            session: self.session_hash().map(short).unwrap_or_default(),
            ip: self.ip.to_string(),
        }
    }

    /// The same without anything that leads to a person, for procedures that ask for nobody.
    pub(crate) fn by_nobody(&self) -> By {
        By { at: self.at, actor: "visitor".to_owned(), session: String::new(), ip: String::new() }
    }

    /// The network the request comes from: /24 of IPv4, /56 of IPv6.
    pub(crate) fn network(&self) -> String {
        match self.ip {
            std::net::IpAddr::V4(v4) => {
                let [a, b, c, _] = v4.octets();
                format!("{a}.{b}.{c}")
            }
            std::net::IpAddr::V6(v6) => {
                let [a, b, c, d, ..] = v6.segments();
                format!("{a:x}:{b:x}:{c:x}:{:x}", d & 0xff00)
            }
        }
    }
}

fn short(hash: &[u8]) -> String {
    use std::fmt::Write as _;
    hash.iter().take(8).fold(String::new(), |mut text, byte| {
        // Writing to a String cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// A caller who signed in with an account; others are sent to the sign-in page
/// and come back afterwards.
#[derive(Clone, Debug)]
pub(crate) struct Citizen {
    /// The caller.
    pub(crate) caller: Caller,
    /// The account.
    pub(crate) id: String,
    /// The session.
    pub(crate) session: Session,
}

impl FromRequestParts<Site> for Citizen {
    type Rejection = Trouble;

    async fn from_request_parts(parts: &mut Parts, site: &Site) -> Result<Self, Trouble> {
        let caller = Caller::from_request_parts(parts, site).await?;
        let signed_in = caller.session.clone().and_then(|session| match &session.owner {
            Owner::Account(id) => Some((id.clone(), session)),
            Owner::Guest(_) => None,
        });
        match signed_in {
            Some((id, session)) => Ok(Self { caller, id, session }),
            None => {
                let back = parts.uri.path();
                let reads = parts.method == http::Method::GET;
                let target = if reads { urls::login_then(back) } else { urls::LOGIN.to_owned() };
                Err(see_other(target).into())
            }
        }
    }
}

/// A session made now: what to store and the cookie to set once it is stored.
pub(crate) struct Fresh {
    pub(crate) session: NewSession,
    pub(crate) cookie: Cookie,
}

/// Makes a session with a new id for `owner`.
pub(crate) fn fresh_session(site: &Site, owner: Owner) -> Fresh {
    let value = ids::token();
    let hours = site.limits.session_hours;
    Fresh {
        session: NewSession {
            id_hash: token_hash(&value),
            owner,
            expires_at: site.micros() + hours * 3_600_000_000,
        },
        cookie: Cookie::new(SESSION_COOKIE, value),
    }
}

/// The session of the caller, or a new one for a guest without an address.
pub(crate) async fn session_or_guest(
    site: &Site,
    caller: &Caller,
) -> Result<(Session, Option<Cookie>), Trouble> {
    if let Some(session) = &caller.session {
        return Ok((session.clone(), None));
    }
    let guest = site.new_id();
    let fresh = fresh_session(site, Owner::Guest(guest.clone()));
    let (by, new) = (caller.by_nobody(), fresh.session.clone());
    let at = by.at;
    site.store
        .write(move |tx| {
            guests::admit(tx, &guests::NewGuest { id: guest, email: None, at })?;
            sessions::open(tx, &by, &new, None, None)
        })
        .await?;
    let NewSession { id_hash, owner, expires_at } = fresh.session;
    let session = Session { id_hash, owner, seen_at: at, expires_at, lang: None };
    Ok((session, Some(fresh.cookie)))
}
