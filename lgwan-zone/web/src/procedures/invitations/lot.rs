//! One lot: who used it, revoking, slips to print and a file.

use std::collections::BTreeMap;

use askama::Template;
use axum::extract::{Path, State};
use axum::response::IntoResponse as _;
use domain::forms::definition::Procedure;
use lgwan_zone_store::invitations::{self, Invitation, Kind, Lot};
use platform_store::time;
use platform_web::download::download;
use platform_web::{CsrfForm, Html, PageResult, QueryData, Reply, Trouble, Visitor, see_other};

use super::list::{kind_word, last_day};
use super::{load, path};
use crate::applications::csv::{Encoding, Sheet};
use crate::applications::files::private;
use crate::frame::{Frame, Place};
use crate::guard::Who;
use crate::procedures::{facts, qr};
use crate::site::{Site, TEXTS};

#[derive(Template)]
#[template(path = "procedures/invitation_lot.html")]
struct LotPage {
    frame: Frame,
    id: String,
    title: String,
    label: String,
    kind: &'static str,
    by_code: bool,
    until: String,
    uses: i32,
    over: bool,
    path: String,
    url: String,
    each: Vec<Line>,
    /// Whether there is something left to revoke.
    standing: bool,
}

struct Line {
    id: String,
    named: String,
    used: i32,
    state: &'static str,
    revocable: bool,
    applications: Vec<(String, String)>,
}

#[derive(Template)]
#[template(path = "procedures/invitation_slips.html")]
struct SlipsPage {
    frame: Frame,
    title: String,
    until: String,
    uses: i32,
    path: String,
    each: Vec<Slip>,
}

struct Slip {
    code: String,
    url: String,
    /// The same as a picture: SVG of our own making.
    qr: String,
}

async fn find(
    site: &Site,
    who: &Who,
    (id, lot): (&str, &str),
) -> Result<(Procedure, Lot, Vec<Invitation>), Trouble> {
    let procedure = load(site, who, id).await?;
    let wanted = lot.to_owned();
    let found = site.store.read(move |db| invitations::find(db, &wanted)).await?;
    let (lot, each) = found
        .filter(|(lot, _)| lot.procedure_id == procedure.id.as_str())
        .ok_or_else(|| Reply::not_found("procedures.missing"))?;
    Ok((procedure, lot, each))
}

fn state(one: &Invitation, lot: &Lot, now: i64) -> &'static str {
    let key = if one.revoked_at.is_some() {
        "procedures.page.invitations.state.revoked"
    } else if one.used >= lot.uses {
        "procedures.page.invitations.state.used"
    } else if lot.until_at <= now {
        "procedures.page.invitations.state.over"
    } else {
        "procedures.page.invitations.state.stands"
    };
    TEXTS.text(key)
}

/// Shows a lot.
pub async fn get(
    State(site): State<Site>,
    who: Who,
    visitor: Visitor,
    query: QueryData,
    Path((id, lot)): Path<(String, String)>,
) -> PageResult {
    let (procedure, lot, each) = find(&site, &who, (&id, &lot)).await?;
    let now = time::to_micros(site.clock.now());
    let wanted = lot.id.clone();
    let sent = site.store.read(move |db| invitations::applications_of(db, &wanted)).await?;
    let mut by_invitation: BTreeMap<String, Vec<(String, String)>> = BTreeMap::new();
    for (invitation, application, number) in sent {
        by_invitation.entry(invitation).or_default().push((application, number));
    }
    let over = lot.until_at <= now;
    let line = |one: Invitation| Line {
        state: state(&one, &lot, now),
        revocable: one.revoked_at.is_none() && one.used < lot.uses && !over,
        applications: by_invitation.remove(&one.id).unwrap_or_default(),
        id: one.id,
        named: one.named,
        used: one.used,
    };
    let each: Vec<Line> = each.into_iter().map(line).collect();
    let page = LotPage {
        frame: Frame::of(&site, &who, &visitor, Place::Procedures).said(&query, "procedures"),
        title: procedure.title.ja().to_owned(),
        kind: kind_word(&lot.kind),
        by_code: Kind::parse(&lot.kind) == Some(Kind::Code),
        until: last_day(lot.until_at),
        uses: lot.uses,
        over,
        path: path(&id, &lot.id),
        url: facts::url(&site, &procedure.slug),
        standing: each.iter().any(|one| one.revocable),
        each,
        label: lot.label,
        id,
    };
    Ok(Html(page).into_response())
}

/// Revokes one invitation, or all of the lot that stand.
pub async fn post(
    State(site): State<Site>,
    who: Who,
    Path((id, lot)): Path<(String, String)>,
    CsrfForm(form): CsrfForm,
) -> PageResult {
    let (_, lot, each) = find(&site, &who, (&id, &lot)).await?;
    let wanted = form.text("revoke");
    let ids: Vec<String> = each
        .into_iter()
        .filter(|one| one.revoked_at.is_none() && (wanted == "all" || one.id == wanted))
        .map(|one| one.id)
        .collect();
    let back = path(&id, &lot.id);
    if ids.is_empty() {
        return Ok(see_other(back));
    }
    let message = site.office.uninvited(&ids);
    let by = who.by(&site);
    site.store
        .write(move |tx| invitations::revoke(tx, &by, (&id, &lot.id), &ids, &message))
        .await?;
    (site.posted)();
    Ok(see_other(format!("{back}?said=uninvited")))
}

/// Where somebody with a code begins.
fn link(site: &Site, procedure: &Procedure, code: &str) -> String {
    format!("{}/invited/{code}", facts::url(site, &procedure.slug))
}

async fn noted(site: &Site, who: &Who, lot: &Lot) -> Result<(), Trouble> {
    let (by, procedure, id) = (who.by(site), lot.procedure_id.clone(), lot.id.clone());
    let noted = site.store.write(move |tx| {
        invitations::taken_out(tx, &by, &procedure, &id);
        Ok(())
    });
    Ok(noted.await?)
}

/// Slips with the codes that stand, to be printed and cut.
pub async fn slips(
    State(site): State<Site>,
    who: Who,
    visitor: Visitor,
    Path((id, lot)): Path<(String, String)>,
) -> PageResult {
    let (procedure, lot, each) = find(&site, &who, (&id, &lot)).await?;
    let back = path(&id, &lot.id);
    if Kind::parse(&lot.kind) != Some(Kind::Code) {
        return Ok(see_other(back));
    }
    noted(&site, &who, &lot).await?;
    let standing = each.into_iter().filter(|one| one.revoked_at.is_none() && one.used < lot.uses);
    let slip = |one: Invitation| -> Result<Slip, Trouble> {
        let url = link(&site, &procedure, &one.named);
        Ok(Slip { qr: qr::inline(&url)?, code: one.named, url: facts::url(&site, &procedure.slug) })
    };
    let page = SlipsPage {
        frame: Frame::of(&site, &who, &visitor, Place::Procedures),
        title: procedure.title.ja().to_owned(),
        until: last_day(lot.until_at),
        uses: lot.uses,
        path: back,
        each: standing.map(slip).collect::<Result<_, Trouble>>()?,
    };
    Ok(Html(page).into_response())
}

/// The lot as a file: for a mail merge, or to see who has not applied yet.
pub async fn file(
    State(site): State<Site>,
    who: Who,
    Path((id, lot)): Path<(String, String)>,
) -> PageResult {
    let (procedure, lot, each) = find(&site, &who, (&id, &lot)).await?;
    noted(&site, &who, &lot).await?;
    let now = time::to_micros(site.clock.now());
    let by_code = Kind::parse(&lot.kind) == Some(Kind::Code);
    let mut sheet = Sheet::new(Encoding::Utf8Bom);
    let head = ["named", "link", "state", "uses", "used", "until"];
    let head =
        head.map(|one| TEXTS.text(&format!("procedures.page.invitations.file.{one}")).to_owned());
    sheet.row(&head);
    let url = facts::url(&site, &procedure.slug);
    for one in &each {
        sheet.row(&[
            one.named.clone(),
            if by_code { link(&site, &procedure, &one.named) } else { url.clone() },
            state(one, &lot, now).to_owned(),
            lot.uses.to_string(),
            one.used.to_string(),
            last_day(lot.until_at),
        ]);
    }
    let name = format!("{}-{}.csv", procedure.slug, &lot.id);
    Ok(private(download(&name, Encoding::Utf8Bom.media(), sheet.take().to_vec())))
}
