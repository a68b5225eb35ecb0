//! Where somebody sees what another one is about to send, and agrees or not (連署). The account is
//! who they are; the link of the mail opens nothing by itself.

use axum::extract::{Path, State};
use axum::response::{IntoResponse as _, Response};
use domain::applications::Cosign as Standing;
use domain::identity::{Action, Actor, Object, authorize};
use domain::ids::AccountId;
use domain::text::{unwanted, visible};
use http::StatusCode;
use internet_zone_store::applications::accept;
use internet_zone_store::applications::cosigns::{self, Answer, Answered, Cosign};
use internet_zone_store::applications::drafts::{self, DraftFile};
use internet_zone_store::applications::waiting;
use internet_zone_store::identity::accounts;
use internet_zone_store::post::Person;
use platform_web::fields::{Field, Problem};
use platform_web::{
    CsrfForm, FormData, Html, OrFault as _, PageResult, QueryData, Reply, Trouble, Visitor,
    download, see_other,
};

use super::access::OpenDraft;
use super::acting::{called, person};
use super::check::{self, Section};
use super::content::{self, Content};
use super::{cosigning, upload};
use crate::caller::Citizen;
use crate::frame::Frame;
use crate::identity::{address, profile};
use crate::letters::Template;
use crate::places;
use crate::procedures::words;
use crate::site::Site;
use crate::texts::TEXTS;
use crate::urls;

/// Characters of a reason.
const LONGEST_REASON: usize = 500;
/// Tries against saves of the applicant that change nothing.
const TRIES: usize = 5;

/// A request that the caller may answer.
struct Open {
    cosign: Cosign,
    /// What would be sent.
    draft: OpenDraft,
    /// Digest of it.
    content: Vec<u8>,
    standing: Standing,
    /// Who asks, then who fills it in for them.
    applicants: Vec<Person>,
    me: Person,
}

struct FileLine {
    href: String,
    name: String,
    size: String,
}

#[derive(askama::Template)]
#[template(path = "applications/cosign.html")]
struct Page<'a> {
    frame: Frame<'a>,
    procedure: &'a str,
    note: &'static str,
    /// Who asks.
    name: String,
    /// As whom the caller signs, and what that means.
    who: String,
    agrees: String,
    until: String,
    state: &'static str,
    class: &'static str,
    agreed: bool,
    sections: Vec<Section>,
    files: Vec<FileLine>,
    content: String,
    reason: Field,
    problems: Vec<Problem>,
    action: String,
}

fn not_here() -> Reply {
    Reply::not_found("applications.cosign_gone").link(urls::MY_PAGE)
}

fn over() -> Reply {
    Reply::gone("applications.cosign_over").link(urls::MY_PAGE)
}

async fn open(site: &Site, who: &Citizen, id: &str) -> Result<Open, Trouble> {
    let (wanted, me, now) = (id.to_owned(), who.id.clone(), site.micros());
    let found = site
        .store
        .read(move |db| {
            let Some(cosign) = cosigns::find(db, &wanted)? else { return Ok(None) };
            let draft = drafts::find(db, &cosign.draft_id, now)?;
            let cosigns = cosigns::of_draft(db, &cosign.draft_id)?;
            Ok(Some((cosign, draft, cosigns, accounts::find(db, &me)?)))
        })
        .await?;
    let (cosign, draft, cosigns, me) = found.ok_or_else(not_here)?;
    let me = me.ok_or_else(not_here)?;
    let email = profile::email(&site.vault, &me);
    let named = site.vault.index("email", &address::key(&email)) == cosign.email_index;
    let asked = cosign.account_id.clone().or_else(|| named.then(|| me.id.clone()));
    if asked.as_deref() != Some(me.id.as_str()) {
        return Err(not_here().into());
    }
    let Some((draft, files)) = draft else { return Err(sent(site, &cosign).await) };
    let applicants = cosigning::applicants(site, &draft.owner, &draft.id).await?;
    if applicants.iter().any(|one| one.id == me.id) {
        return Err(Reply::conflict("applications.cosign_not_you").link(urls::MY_PAGE).into());
    }
    may_cosign(&applicants, &me.id, asked)?;
    let shown = site.shelf.shown();
    let entry = shown.by_id(&draft.procedure_id).map(|entry| entry.told()).ok_or_else(over)?;
    let content = Content::open(&site.vault, &draft)?;
    let (pools, holds, acting, by) = (Vec::new(), Vec::new(), None, who.caller.by());
    // Who is asked came by an account and goes on with nothing.
    let only_here = false;
    let draft =
        OpenDraft { draft, files, content, entry, pools, holds, acting, cosigns, only_here, by };
    let content = cosigning::content(site, &draft);
    let standing = cosign.standing(&content, now);
    let me = person(&site.vault, me.id.clone(), Some(&me));
    Ok(Open { cosign, draft, content, standing, applicants, me })
}

fn may_cosign(applicants: &[Person], me: &str, asked: Option<String>) -> Result<(), Trouble> {
    let parsed = applicants.iter().map(|one| AccountId::parse(&one.id));
    let object = Object::Cosigning {
        applicants: parsed.collect::<Result<_, _>>().or_fault()?,
        asked: asked.as_deref().map(AccountId::parse).transpose().or_fault()?,
    };
    let actor = Actor::Citizen(AccountId::parse(me).or_fault()?);
    authorize(&actor, Action::Cosign, &object).map_err(|_| not_here().into())
}

/// What became of it: who agreed is led to the application.
async fn sent(site: &Site, cosign: &Cosign) -> Trouble {
    let draft = cosign.draft_id.clone();
    let became = site.store.read(move |db| {
        let sent = accept::receipt_of_draft(db, &draft)?.map(|sent| sent.application_id);
        Ok((sent, waiting::of_draft(db, &draft)?))
    });
    match became.await {
        Err(error) => error.into(),
        Ok((sent, waits)) => match sent.or(waits) {
            Some(id) => see_other(urls::application(&id)).into(),
            None => over().into(),
        },
    }
}

impl Open {
    /// Refuses what cannot be answered now.
    fn still_asked(&self, site: &Site) -> Result<(), Reply> {
        match self.standing {
            Standing::Asked | Standing::Agreed | Standing::Declined => {}
            Standing::Void | Standing::Expired => return Err(over()),
        }
        if cosigning::who_is(site, &self.draft, &self.cosign).is_none() {
            return Err(over());
        }
        if !check::check_all(site, &self.draft).is_clean() {
            return Err(Reply::conflict("applications.cosign_busy").link(urls::MY_PAGE));
        }
        Ok(())
    }

    /// The files that would be sent.
    fn files(&self, site: &Site) -> Vec<DraftFile> {
        let checked = check::check_all(site, &self.draft);
        content::sent(&self.draft.files, &checked.answers)
    }
}

fn hex(content: &[u8]) -> String {
    content.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn view(
    (site, who, visitor): (&Site, &Citizen, &Visitor),
    open: &Open,
    (form, error): (&FormData, Option<&str>),
    (status, note): (StatusCode, &'static str),
) -> Response {
    let name = open.applicants.first().map(called).unwrap_or_default();
    let (as_whom, agrees) = cosigning::who_is(site, &open.draft, &open.cosign).unwrap_or_default();
    let hint = TEXTS
        .fill("applications.cosign.reason_hint", &[("most", &LONGEST_REASON), ("name", &name)]);
    let reason = Field::new("reason", TEXTS.text("applications.cosign.reason"))
        .required()
        .hint(hint)
        .value(form.text("reason"))
        .error(error);
    let reason = Field { rows: 3, ..reason };
    let (state, class) = cosigning::state(Some(open.standing));
    let own = urls::cosign(&open.cosign.id);
    let line = |file: DraftFile| FileLine {
        href: format!("{own}/files/{}", file.id),
        name: content::name_of(&site.vault, &file),
        size: words::size(content::bytes(&file)),
    };
    let page = Page {
        frame: Frame::form(
            site,
            &who.caller,
            visitor,
            TEXTS.text("applications.cosign.asked_title"),
        )
        .with_errors(error.is_some()),
        procedure: open.draft.entry.procedure().title.ja(),
        note,
        name,
        who: as_whom,
        agrees,
        until: words::micros(open.cosign.expires_at),
        state,
        class,
        agreed: open.standing == Standing::Agreed,
        sections: check::sections(site, &open.draft),
        files: open.files(site).into_iter().map(line).collect(),
        content: hex(&open.content),
        problems: reason.problems(),
        reason,
        action: own.clone(),
    };
    (status, Html(page)).into_response()
}

/// Shows everything that would be sent.
pub(crate) async fn get(
    who: Citizen,
    visitor: Visitor,
    State(site): State<Site>,
    Path(id): Path<String>,
    QueryData(asked): QueryData,
) -> PageResult {
    let open = open(&site, &who, &id).await?;
    open.still_asked(&site)?;
    let note = match asked.text("done") {
        "agreed" => TEXTS.text("applications.cosign.done_agreed"),
        "declined" => TEXTS.text("applications.cosign.done_declined"),
        _ => "",
    };
    let nothing = (&FormData::default(), None);
    Ok(view((&site, &who, &visitor), &open, nothing, (StatusCode::OK, note)))
}

/// Why not, or what is wrong with the words.
fn reason(typed: &str) -> Result<String, &'static str> {
    let text = visible(typed).replace("\r\n", "\n").trim().to_owned();
    if text.is_empty() {
        return Err(TEXTS.text("applications.cosign.reason_missing"));
    }
    if text.chars().count() > LONGEST_REASON || unwanted(&text.replace('\t', " "), true).is_some() {
        return Err(TEXTS.text("applications.cosign.reason_wrong"));
    }
    Ok(text)
}

/// Agrees to what was seen, or does not.
pub(crate) async fn post(
    who: Citizen,
    visitor: Visitor,
    State(site): State<Site>,
    Path(id): Path<String>,
    CsrfForm(form): CsrfForm,
) -> PageResult {
    let declines = form.text("answer") != "agree";
    for _ in 0..TRIES {
        let open = open(&site, &who, &id).await?;
        open.still_asked(&site)?;
        let page = (&site, &who, &visitor);
        if hex(&open.content) != form.text("content") {
            let note = TEXTS.text("applications.cosign.changed");
            return Ok(view(page, &open, (&form, None), (StatusCode::CONFLICT, note)));
        }
        let why = match declines.then(|| reason(form.text("reason"))).transpose() {
            Ok(why) => why,
            Err(error) => {
                let status = StatusCode::UNPROCESSABLE_ENTITY;
                return Ok(view(page, &open, (&form, Some(error)), (status, "")));
            }
        };
        match answer(&site, &who, &open, why).await? {
            Answered::Yes | Answered::Before => {
                (site.wake)();
                let done = if declines { "declined" } else { "agreed" };
                return Ok(see_other(format!("{}?done={done}", urls::cosign(&id))));
            }
            Answered::Changed => {}
            Answered::Over => return Err(over().into()),
            Answered::Own => {
                return Err(Reply::conflict("applications.cosign_not_you")
                    .link(urls::MY_PAGE)
                    .into());
            }
            Answered::Twice => {
                let reply = Reply::conflict("applications.cosign_not_you");
                return Err(reply.link(urls::MY_PAGE).into());
            }
        }
    }
    Err(Reply::conflict("applications.busy").link(urls::cosign(&id)).into())
}

async fn answer(
    site: &Site,
    who: &Citizen,
    open: &Open,
    why: Option<String>,
) -> Result<Answered, Trouble> {
    let others = cosigning::asked(site, &open.draft);
    let is_last = others.iter().all(|one| {
        one.standing == Some(Standing::Agreed)
            || one.cosign.is_some_and(|known| known.id == open.cosign.id)
    });
    let template = match (&why, is_last) {
        (Some(_), _) => Template::CosignDeclined,
        (None, true) => Template::CosignReady,
        (None, false) => Template::CosignAgreed,
    };
    let (name, title) = (called(&open.me), &open.draft.entry.title);
    let draft = &open.draft.draft;
    let about = (template, name.as_str(), title, draft.id.as_str());
    let place = places::cosign_reason(&open.cosign.id);
    let new = Answer {
        id: open.cosign.id.clone(),
        draft: (draft.id.clone(), draft.version),
        account: who.id.clone(),
        content: open.content.clone(),
        declines: why.map(|why| site.vault.seal(place, why.as_bytes())),
        letters: cosigning::to_applicants(site, &open.applicants, about),
    };
    let by = who.caller.by();
    Ok(site.store.write(move |tx| cosigns::answer(tx, &by, &new)).await?)
}

/// Sends one of the files as the applicant attached it.
pub(crate) async fn file(
    who: Citizen,
    State(site): State<Site>,
    Path((id, file)): Path<(String, String)>,
) -> PageResult {
    let open = open(&site, &who, &id).await?;
    open.still_asked(&site)?;
    let known = open.files(&site).into_iter().find(|known| known.id == file);
    let known = known.ok_or_else(|| {
        Reply::not_found("applications.cosign_gone").link(urls::cosign(&open.cosign.id))
    })?;
    let mut read = upload::read_all(&site, &[known]).await?;
    let file = read.pop().ok_or_else(not_here)?;
    Ok(download::download(&file.name, &file.media, file.bytes))
}
