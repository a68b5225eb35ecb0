//! All mandates of an account: offered to it, given by it, accepted by it.

use axum::extract::State;
use axum::response::IntoResponse as _;
use domain::identity::Standing;
use internet_zone_store::identity::accounts;
use internet_zone_store::identity::mandates::{self, Row};
use platform_web::{Html, PageResult, QueryData, Visitor};

use super::{delegate_of, last_day, scope};
use crate::applications::acting::{called, person};
use crate::caller::Citizen;
use crate::frame::Frame;
use crate::identity::{address, profile};
use crate::site::Site;
use crate::texts::TEXTS;
use crate::urls;

/// One mandate.
struct One {
    name: String,
    scope: Vec<String>,
    documents: bool,
    until: String,
    offered: bool,
    accept: String,
    end: String,
}

/// A mandate as it was read, the name of the other side, and the procedures it is for.
type Read = (Row, String, Option<Vec<String>>);

#[derive(askama::Template)]
#[template(path = "identity/delegates.html")]
struct Page<'a> {
    frame: Frame<'a>,
    done: &'static str,
    offers: Vec<One>,
    given: Vec<One>,
    accepted: Vec<One>,
    may_ask: bool,
    ask: &'static str,
}

/// Shows them.
pub(crate) async fn get(
    who: Citizen,
    visitor: Visitor,
    State(site): State<Site>,
    QueryData(asked): QueryData,
) -> PageResult {
    let (me, now, of) = (who.id.clone(), site.micros(), site.clone());
    let read: [Vec<Read>; 3] = site
        .store
        .read(move |db| {
            let own = accounts::find(db, &me)?;
            let email = own.map(|own| profile::email(&of.vault, &own)).unwrap_or_default();
            let index = of.vault.index("email", &address::key(&email));
            let mut seen = [
                mandates::offered_to(db, &index, now)?,
                mandates::given(db, &me, now)?,
                mandates::accepted_by(db, &me, now)?,
            ]
            .map(|rows| (rows, Vec::new()));
            for (rows, list) in &mut seen {
                for row in rows.drain(..) {
                    let principal = accounts::find(db, &row.principal_id)?;
                    let delegate = row.delegate_id.as_deref().map(|id| accounts::find(db, id));
                    let delegate = delegate.transpose()?.flatten();
                    let procedures = mandates::procedures(db, &row)?;
                    let name = if row.principal_id == me {
                        called(&delegate_of(&of, &row, delegate.as_ref()))
                    } else {
                        let id = row.principal_id.clone();
                        called(&person(&of.vault, id, principal.as_ref()))
                    };
                    list.push((row, name, procedures));
                }
            }
            Ok(seen.map(|(_, list)| list))
        })
        .await?;
    // Words are chosen here: a transaction knows no reader.
    let [offers, given, accepted] =
        read.map(|rows| rows.iter().map(|read| one(&site, read, now)).collect::<Vec<_>>());
    let done = match asked.text("done") {
        "asked" => TEXTS.text("identity.delegates.done_asked"),
        "accepted" => TEXTS.text("identity.delegates.done_accepted"),
        "ended" => TEXTS.text("identity.delegates.done_ended"),
        _ => "",
    };
    let page = Page {
        frame: Frame::form(&site, &who.caller, &visitor, TEXTS.text("identity.delegates.title")),
        done,
        may_ask: i64::try_from(given.len()).is_ok_and(|count| count < mandates::MOST),
        offers,
        given,
        accepted,
        ask: urls::ASK_DELEGATE,
    };
    Ok(Html(page).into_response())
}

fn one(site: &Site, (row, name, procedures): &Read, now: i64) -> One {
    One {
        name: name.clone(),
        scope: scope(site, procedures.as_deref()),
        documents: row.documents != 0,
        until: last_day(row),
        offered: row.standing(now) == Standing::Offered,
        accept: format!("{}/accept", urls::delegate(&row.id)),
        end: format!("{}/end", urls::delegate(&row.id)),
    }
}
