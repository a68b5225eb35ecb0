//! One rule: what it would delete today, and what this person may do about it. Nobody approves what
//! they proposed.

use askama::Template;
use axum::extract::{Path, State};
use axum::response::IntoResponse as _;
use http::StatusCode;
use lgwan_zone_store::procedures;
use lgwan_zone_store::retention::due;
use lgwan_zone_store::retention::rules::{self, Moved};
use platform_web::{CsrfForm, Html, PageResult, QueryData, Reply, Trouble, Visitor, see_other};

use super::{Shown, counts_from, missing, period_words, state_words, target};
use crate::frame::{Fault, Frame, Place, maybe};
use crate::guard::Who;
use crate::site::Site;
use crate::words;

/// Longest remark in characters.
const LONGEST: usize = 1_000;

#[derive(Template)]
#[template(path = "retention/rule.html")]
struct Page {
    frame: Frame,
    faults: Vec<Fault>,
    id: String,
    what: String,
    period: String,
    from: &'static str,
    before: String,
    reason: String,
    state: &'static str,
    proposed: String,
    decided: Option<String>,
    remark: String,
    ended: Option<String>,
    shown: Option<Shown>,
    /// Somebody else's proposal.
    decides: bool,
    /// An own proposal.
    own: bool,
    force: bool,
    signs: bool,
}

/// Shows a rule.
pub async fn get(
    State(site): State<Site>,
    who: Who,
    visitor: Visitor,
    query: QueryData,
    Path(id): Path<String>,
) -> PageResult {
    super::allowed(&who)?;
    let mut page = page(&site, &who, &visitor, &id, Vec::new()).await?;
    page.frame = page.frame.said(&query, "retention");
    Ok(Html(page).into_response())
}

async fn page(
    site: &Site,
    who: &Who,
    visitor: &Visitor,
    id: &str,
    faults: Vec<Fault>,
) -> Result<Page, Trouble> {
    let (wanted, now) = (id.to_owned(), site.clock.now());
    let found = site
        .store
        .read(move |db| {
            let Some(rule) = rules::find(db, &wanted)? else { return Ok(None) };
            let titles = procedures::list(db, None)?;
            let live = rule.state == "proposed" || rule.state == "approved";
            let looked = match rule.meaning().filter(|_| live) {
                None => None,
                Some((class, period)) => {
                    let before = period.over_before(now);
                    Some((due::preview(db, class, &rule.procedure_id, before)?, before))
                }
            };
            Ok(Some((rule, titles, looked)))
        })
        .await?;
    let (rule, titles, looked) = found.ok_or_else(missing)?;
    let titles: Vec<(String, String)> = titles.into_iter().map(|one| (one.id, one.title)).collect();
    let own = rule.proposed_by == who.id;
    let proposed = rule.state == "proposed";
    let class = rule.meaning().map(|(class, _)| class);
    Ok(Page {
        frame: Frame::of(site, who, visitor, Place::Retention),
        faults,
        what: target(&rule, &titles),
        period: u16::try_from(rule.months).map(period_words).unwrap_or_default(),
        from: class.map_or("", counts_from),
        before: looked.as_ref().map(|(_, at)| words::day(*at).to_string()).unwrap_or_default(),
        state: state_words(&rule.state),
        proposed: format!("{} {}", words::stored(rule.proposed_at), rule.proposer),
        decided: maybe(rule.decided_at).map(|at| format!("{at} {}", rule.decider)),
        ended: maybe(rule.ended_at),
        decides: proposed && !own,
        own: proposed && own,
        force: rule.state == "approved",
        shown: looked.map(|(preview, _)| Shown::of(preview)),
        signs: site.checkpoints.is_some(),
        id: rule.id,
        reason: rule.reason,
        remark: rule.remark,
    })
}

/// Approves, sends back, takes back or stops.
pub async fn post(
    State(site): State<Site>,
    who: Who,
    visitor: Visitor,
    Path(id): Path<String>,
    CsrfForm(form): CsrfForm,
) -> PageResult {
    super::allowed(&who)?;
    let remark = form.text("remark").trim().to_owned();
    let button = form.text("do").to_owned();
    let long = remark.chars().count() > LONGEST;
    if button == "return" && (remark.is_empty() || long) {
        let fault = vec![Fault::of("remark", "retention.fault.remark")];
        let page = page(&site, &who, &visitor, &id, fault).await?;
        return Err((StatusCode::UNPROCESSABLE_ENTITY, Html(page)).into_response().into());
    }
    let back = format!("/retention/rules/{id}");
    if button == "approve" && site.checkpoints.is_none() {
        return Err(Reply::conflict("retention.unsigned").link(back).into());
    }
    let by = who.by(&site);
    let (rule, pressed) = (id.clone(), button.clone());
    let moved = site.store.write(move |tx| match pressed.as_str() {
        "approve" => rules::approve(tx, &by, &rule),
        "return" => rules::send_back(tx, &by, &rule, &remark),
        "withdraw" => rules::take_back(tx, &by, &rule),
        "stop" => rules::stop(tx, &by, &rule),
        _ => Ok(Moved::Overtaken),
    });
    match moved.await? {
        Moved::Done => {
            let said = match button.as_str() {
                "approve" => "approved",
                "return" => "returned",
                "withdraw" => "withdrawn",
                _ => "stopped",
            };
            Ok(see_other(format!("{back}?said={said}")))
        }
        Moved::SamePerson => Err(Reply::forbidden("retention.same_person").link(back).into()),
        Moved::Overtaken => {
            // Of a rule that is not there, nothing was overtaken.
            page(&site, &who, &visitor, &id, Vec::new()).await?;
            Err(Reply::conflict("retention.overtaken").link(back).into())
        }
    }
}
