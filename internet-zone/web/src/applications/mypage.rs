//! The own list: what is unfinished, what was sent, what to do next.

use axum::extract::State;
use axum::response::IntoResponse as _;
use domain::applications::State as Stage;
use internet_zone_store::applications::drafts::{self, Draft};
use internet_zone_store::applications::status::{self, Application};
use internet_zone_store::applications::waiting as in_line;
use internet_zone_store::identity::{Owner, accounts};
use platform_web::pager::{Pager, PagerView};
use platform_web::{Html, PageResult, QueryData};

use super::cosigned::{self, Cosigned};
use super::represented::{self, Represented};
use crate::caller::Citizen;
use crate::frame::Frame;
use crate::identity::profile::Profile;
use crate::procedures::words;
use crate::reader::said;
use crate::site::Site;
use crate::texts::TEXTS;
use crate::urls;

/// Applications on one page.
const PER_PAGE: i64 = 20;

/// Something unfinished.
pub(super) struct Unfinished {
    pub(super) title: String,
    pub(super) href: String,
    pub(super) discard: String,
    pub(super) saved: String,
    pub(super) ends: String,
    /// Who fills in for the account; empty when it does so itself.
    pub(super) by: String,
}

/// Something sent.
pub(super) struct Sent {
    pub(super) title: String,
    pub(super) number: String,
    pub(super) href: String,
    pub(super) arrived: String,
    pub(super) state: &'static str,
    pub(super) class: &'static str,
    pub(super) to_do: bool,
    /// Who began it for the account; empty when it did so itself.
    pub(super) by: String,
}

/// Something that waits for seats.
pub(super) struct Waits {
    pub(super) title: String,
    pub(super) number: String,
    pub(super) href: String,
    pub(super) since: String,
}

#[derive(askama::Template)]
#[template(path = "applications/mypage.html")]
struct Page<'a> {
    frame: Frame<'a>,
    name: String,
    to_do: Vec<Sent>,
    waits: Vec<Waits>,
    drafts: Vec<Unfinished>,
    sent: Vec<Sent>,
    /// What the account began for others.
    represented: Vec<Represented>,
    /// What others ask it to agree to, and what it agreed to.
    cosigned: Cosigned,
    pager: PagerView,
}

/// The tag that goes with a state.
pub(super) const fn class(state: Stage) -> &'static str {
    match state {
        Stage::Arrived => "tag-new",
        Stage::Accepted | Stage::Reviewing => "tag-active",
        Stage::Notified | Stage::Done => "tag-good",
        Stage::Correction(_) => "tag-warn",
        Stage::Rejected | Stage::RefusedEntry => "tag-bad",
        Stage::Withdrawn => "tag-quiet",
    }
}

pub(super) async fn title(
    site: &Site,
    procedure: &str,
    revision: i64,
) -> Result<String, platform_web::Trouble> {
    let entry = site.shelf.revision(&site.store, procedure, revision).await?;
    Ok(entry.map_or_else(String::new, |entry| said(&entry.procedure().title)))
}

async fn unfinished(site: &Site, draft: Draft) -> Result<Unfinished, platform_web::Trouble> {
    Ok(Unfinished {
        title: title(site, &draft.procedure_id, draft.revision).await?,
        href: urls::draft(&draft.id),
        discard: format!("{}/discard", urls::draft(&draft.id)),
        saved: words::micros(draft.updated_at),
        ends: words::micros(draft.expires_at),
        by: String::new(),
    })
}

pub(super) async fn sent(
    site: &Site,
    application: Application,
) -> Result<Sent, platform_web::Trouble> {
    let state = Stage::parse(&application.state).unwrap_or(Stage::Arrived);
    Ok(Sent {
        title: title(site, &application.procedure_id, application.revision).await?,
        number: application.number,
        href: urls::application(&application.id),
        arrived: words::micros(application.arrived_at),
        state: TEXTS.text(state.name_key()),
        class: class(state),
        to_do: state.waits_for_applicant(),
        by: String::new(),
    })
}

/// Shows drafts and applications of the account.
pub(crate) async fn get(
    who: Citizen,
    State(site): State<Site>,
    QueryData(asked): QueryData,
) -> PageResult {
    let (owner, id, now) = (Owner::Account(who.id.clone()), who.id.clone(), site.micros());
    let wanted = asked.one("page").map(str::to_owned);
    let (account, drafts, applications, waiting, in_line, pager) = site
        .store
        .read(move |db| {
            let total = status::count(db, &owner)?;
            let pager = Pager::new(wanted.as_deref(), PER_PAGE as u64, total);
            let offset = i64::try_from(pager.offset()).unwrap_or(0);
            Ok((
                accounts::find(db, &id)?,
                drafts::of(db, &owner, now)?,
                status::of(db, &owner, PER_PAGE, offset)?,
                status::waiting(db, &owner)?,
                in_line::of(db, &id)?,
                pager,
            ))
        })
        .await?;
    let mut page = Page {
        frame: Frame::plain(&site, Some(&who.caller), TEXTS.text("applications.mypage.title")),
        name: account.map(|a| Profile::open(&site.vault, &a).display_name()).unwrap_or_default(),
        to_do: Vec::new(),
        waits: Vec::new(),
        drafts: Vec::new(),
        sent: Vec::new(),
        represented: represented::list(&site, &who).await?,
        cosigned: cosigned::list(&site, &who).await?,
        pager: pager.links(|page| format!("{}?page={page}", urls::MY_PAGE)),
    };
    let by = represented::delegates(&site, &drafts, &applications, &waiting).await?;
    let by = |id: &str| by.get(id).cloned().unwrap_or_default();
    for draft in drafts.into_iter().filter(|draft| draft.correction.is_none()) {
        let by = by(&draft.id);
        page.drafts.push(Unfinished { by, ..unfinished(&site, draft).await? });
    }
    for one in in_line {
        page.waits.push(Waits {
            title: title(&site, &one.procedure_id, one.revision).await?,
            number: one.number,
            href: urls::waiting(&one.id),
            since: words::micros(one.since),
        });
    }
    for application in waiting {
        let by = by(&application.id);
        page.to_do.push(Sent { by, ..sent(&site, application).await? });
    }
    for application in applications {
        let by = by(&application.id);
        page.sent.push(Sent { by, ..sent(&site, application).await? });
    }
    Ok(Html(page).into_response())
}
