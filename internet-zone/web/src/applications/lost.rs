//! The way back to what was sent without an account, for who lost the numbers (NF-31): a link to the address
//! that was proven then opens it for this session. The first answer is the same for every address.

use axum::extract::{Path, State};
use axum::response::IntoResponse as _;
use internet_zone_store::By;
use internet_zone_store::applications::{status, waiting};
use internet_zone_store::identity::tokens::{self, Purpose};
use internet_zone_store::identity::{Owner, guests, sessions};
use internet_zone_store::vault::token_hash;
use platform_web::{CsrfForm, Html, PageResult, Reply, Visitor, see_other};

use super::mypage::{self, Sent};
use crate::caller::{Caller, fresh_session};
use crate::frame::Frame;
use crate::identity::address;
use crate::identity::form_page::{AddressPage, FormPage};
use crate::identity::register::{send, send_nothing, sent_as};
use crate::identity::tokens::{Proven, look, make};
use crate::letters::{Letter, Template};
use crate::places;
use crate::reader;
use crate::site::Site;
use crate::texts::TEXTS;
use crate::urls;

#[derive(askama::Template)]
#[template(path = "applications/found.html")]
struct Found<'a> {
    frame: Frame<'a>,
    sent: Vec<Sent>,
}

fn first_page() -> AddressPage {
    AddressPage {
        title: TEXTS.text("applications.lost.title"),
        intro: TEXTS.text("applications.lost.intro"),
        action: urls::LOST,
        submit: TEXTS.text("applications.lost.send"),
        back: (urls::LOOKUP, TEXTS.text("applications.lost.back")),
    }
}

/// Asks for the address.
pub(crate) async fn get(caller: Caller, visitor: Visitor, State(site): State<Site>) -> PageResult {
    Ok(first_page().shown((&site, &caller, &visitor)))
}

/// Sends the link when something was sent with the address.
pub(crate) async fn post(
    caller: Caller,
    visitor: Visitor,
    State(site): State<Site>,
    CsrfForm(form): CsrfForm,
) -> PageResult {
    let email = first_page().read((&site, &caller, &visitor), &form)?;
    let index = site.vault.index("email", &address::key(&email));
    let looked = index.clone();
    let earlier = site.store.read(move |db| guests::earlier(db, &looked)).await?;
    let proven = Proven::of(&email, urls::FOUND);
    let minutes = site.limits.link_hours * 60;
    let (token, row) = make(&site, Purpose::LostNumber, None, minutes, &proven);
    if earlier.is_empty() {
        send_nothing(&site, "lost", &email).await?;
    } else {
        let link = format!("{}{}/{token}", site.city.base_url, urls::LOST);
        let letter = Letter::new(email, Template::LostNumber).in_language(reader::lang());
        send(&site, "lost", index, row, letter.with("link", link)).await?;
    }
    let what = TEXTS.fill("identity.sent.lost", &[("hours", &site.limits.link_hours)]);
    sent_as(&site, &caller, TEXTS.text("applications.lost.title"), what)
}

fn link_over() -> Reply {
    Reply::gone("identity.link_over").link(urls::LOST)
}

/// Asks once more, so that a mail program that follows links uses nothing up.
pub(crate) async fn proven_get(
    caller: Caller,
    visitor: Visitor,
    State(site): State<Site>,
    Path(token): Path<String>,
) -> PageResult {
    let proven = look::<Proven>(&site, Purpose::LostNumber, &token).await?;
    let proven = proven.ok_or_else(link_over)?;
    let page = FormPage {
        frame: Frame::form(&site, &caller, &visitor, TEXTS.text("applications.lost.open")),
        intro: TEXTS.fill("applications.lost.proven", &[("email", &proven.email)]),
        done: String::new(),
        action: format!("{}/{token}", urls::LOST),
        hidden: Vec::new(),
        questions: Vec::new(),
        submit: TEXTS.text("applications.lost.open"),
        links: Vec::new(),
    };
    Ok(page.answer())
}

/// Opens everything that was sent with the address for this session; each is noted in the log. Who has a
/// session stays in it, with the form they may be at.
pub(crate) async fn proven_post(
    caller: Caller,
    State(site): State<Site>,
    Path(token): Path<String>,
    CsrfForm(_): CsrfForm,
) -> PageResult {
    let proven = look::<Proven>(&site, Purpose::LostNumber, &token).await?;
    let proven = proven.ok_or_else(link_over)?;
    let index = site.vault.index("email", &address::key(&proven.email));
    let candidate = site.new_id();
    let sealed = site.vault.seal(places::guest_email(&candidate), proven.email.as_bytes());
    let fresh = fresh_session(&site, Owner::Guest(candidate.clone()));
    let (spent, by, mut new) = (token_hash(&token), caller.by(), fresh.session);
    let here = caller.session_hash().map(<[u8]>::to_vec);
    let begins = here.is_none();
    let opened = site
        .store
        .write(move |tx| {
            if !tokens::spend(tx, &spent, Purpose::LostNumber, by.at)? {
                return Ok(false);
            }
            let (by, hash) = if let Some(hash) = here {
                (by, hash)
            } else {
                let email = Some((index.clone(), sealed));
                let guest = guests::NewGuest { id: candidate, email, at: by.at };
                new.owner = Owner::Guest(guests::admit(tx, &guest)?);
                let by = By { actor: new.owner.name(), ..by };
                sessions::open(tx, &by, &new, None, None)?;
                (by, new.id_hash)
            };
            for id in guests::earlier(tx.db, &index)?.ids() {
                sessions::grant(tx, &by, &hash, id)?;
            }
            Ok(true)
        })
        .await?;
    if !opened {
        return Err(link_over().into());
    }
    let mut answer = see_other(urls::FOUND);
    if begins {
        fresh.cookie.set_on(&mut answer);
    }
    Ok(answer)
}

/// Lists what this session was let see.
pub(crate) async fn found(caller: Caller, State(site): State<Site>) -> PageResult {
    let Some(hash) = caller.session_hash().map(<[u8]>::to_vec) else {
        return Ok(see_other(urls::LOOKUP));
    };
    let (arrived, waits) = site
        .store
        .read(move |db| {
            let (mut arrived, mut waits) = (Vec::new(), Vec::new());
            for id in sessions::granted(db, &hash)? {
                match status::find(db, &id)? {
                    Some(one) => arrived.push(one),
                    None => waits.extend(waiting::find(db, &id)?),
                }
            }
            Ok((arrived, waits))
        })
        .await?;
    if arrived.is_empty() && waits.is_empty() {
        return Ok(see_other(urls::LOOKUP));
    }
    let mut sent = Vec::new();
    for one in waits {
        sent.push(Sent {
            title: mypage::title(&site, &one.procedure_id, one.revision).await?,
            href: urls::waiting(&one.id),
            state: TEXTS.text("applications.waiting.list"),
            class: "tag-active",
            expected: String::new(),
            lines: vec![mypage::numbered(&one.number, one.since)],
        });
    }
    for one in arrived {
        sent.push(mypage::sent(&site, one).await?);
    }
    let frame = Frame::plain(&site, Some(&caller), TEXTS.text("applications.found.title"));
    Ok(Html(Found { frame, sent }).into_response())
}
