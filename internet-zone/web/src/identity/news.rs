//! Of what an account is told by mail (IK-2.1.1a): chosen here, nothing unless it is chosen, and stopped with
//! one press from each mail, without signing in.

use std::collections::BTreeSet;

use axum::extract::{Path, State};
use axum::response::IntoResponse as _;
use http::StatusCode;
use internet_zone_store::By;
use internet_zone_store::bulletins;
use internet_zone_store::vault::Vault;
use platform_web::fields::{Choice, Field};
use platform_web::multipart::Pressed;
use platform_web::{CsrfForm, PageResult, QueryData, Reply, Visitor, see_other};

use super::form_page::FormPage;
use super::tokens::hex;
use crate::caller::{Caller, Citizen};
use crate::forms::{Question, Shape};
use crate::frame::Frame;
use crate::procedures::search;
use crate::site::Site;
use crate::texts::TEXTS;
use crate::urls;

/// Inputs of the boxes: of a category, of something that happens in a life.
const CATEGORIES: &str = "topics";
const EVENTS: &str = "events";
/// For what the code of a link is made.
const STOP: &str = "stop-news";

/// The link in each mail: it knows the account, and nothing else can make it.
pub(crate) fn stop_path(vault: &Vault, account: &str) -> String {
    format!("{}/{account}/{}", urls::STOP_NEWS, hex(&vault.index(STOP, account)))
}

/// Categories with their names, by topic.
fn categories(site: &Site) -> Vec<(String, String)> {
    let categories = search::categories(&site.shelf.shown()).into_iter();
    categories.map(|one| (format!("category.{}", one.code), one.name)).collect()
}

/// What happens in a life, with its names, by topic.
fn events(site: &Site) -> Vec<(String, String)> {
    let life = search::life_events(&site.shelf.shown()).into_iter();
    life.map(|(code, name)| (format!("life.{code}"), name)).collect()
}

/// Shows what is chosen.
pub(crate) async fn get(
    who: Citizen,
    visitor: Visitor,
    State(site): State<Site>,
    QueryData(asked): QueryData,
) -> PageResult {
    let id = who.id.clone();
    let chosen = site.store.read(move |db| bulletins::wishes(db, &id)).await?;
    let choice = |(topic, name): (String, String)| {
        Choice::new(topic, name).among(chosen.iter().map(String::as_str))
    };
    let boxes = |input, label, topics: Vec<_>| {
        let choices = topics.into_iter().map(choice).collect();
        Field::new(input, TEXTS.text(label)).optional().choices(choices)
    };
    let fields = [
        boxes(CATEGORIES, "identity.news.topics", categories(&site))
            .hint(TEXTS.text("identity.news.hint")),
        boxes(EVENTS, "procedures.more.life", events(&site)),
    ];
    let asked_for = fields.into_iter().filter(|field| !field.choices.is_empty());
    let done = if asked.has("saved") { TEXTS.text("identity.news.saved") } else { "" };
    let page = FormPage {
        frame: Frame::form(&site, &who.caller, &visitor, TEXTS.text("identity.news.title")),
        intro: TEXTS.text("identity.news.intro").to_owned(),
        done: done.to_owned(),
        action: urls::NEWS.to_owned(),
        hidden: Vec::new(),
        questions: asked_for.map(|field| Question { field, shape: Shape::Checks }).collect(),
        submit: TEXTS.text("identity.account.save"),
        links: vec![(urls::ACCOUNT.to_owned(), TEXTS.text("identity.account.back"))],
    };
    Ok(page.answer())
}

/// Keeps what was chosen. What no procedure has any more cannot be chosen; who wished for it before goes on
/// to, until nothing is chosen at all.
pub(crate) async fn post(
    who: Citizen,
    State(site): State<Site>,
    CsrfForm(form): CsrfForm,
) -> PageResult {
    let offered = categories(&site).into_iter().chain(events(&site));
    let known: BTreeSet<String> = offered.map(|(topic, _)| topic).collect();
    let chosen =
        form.all(CATEGORIES).chain(form.all(EVENTS)).filter(|topic| known.contains(*topic));
    let mut chosen: BTreeSet<String> = chosen.map(str::to_owned).collect();
    let (by, id) = (who.caller.by(), who.id);
    site.store
        .write(move |tx| {
            if !chosen.is_empty() {
                let before = bulletins::wishes(tx.db, &id)?.into_iter();
                chosen.extend(before.filter(|topic| !known.contains(topic)));
            }
            bulletins::choose(tx, &by, &id, &chosen)
        })
        .await?;
    Ok(see_other(format!("{}?saved=1", urls::NEWS)))
}

fn over() -> Reply {
    Reply::not_found("identity.news_over").link(urls::NEWS)
}

/// Whether the link was made for this account.
fn is_made(site: &Site, account: &str, code: &str) -> bool {
    let pairs = code.as_bytes().chunks(2).map(|pair| {
        let pair = std::str::from_utf8(pair).ok()?;
        u8::from_str_radix(pair, 16).ok()
    });
    let code: Option<Vec<u8>> = pairs.collect();
    code.is_some_and(|code| site.vault.matches(STOP, account, &code))
}

/// Asks with one button: a mail program that follows links stops nothing.
pub(crate) async fn stop_get(
    caller: Caller,
    visitor: Visitor,
    State(site): State<Site>,
    Path((account, code)): Path<(String, String)>,
    QueryData(asked): QueryData,
) -> PageResult {
    if !is_made(&site, &account, &code) {
        return Err(over().into());
    }
    let done = if asked.has("stopped") { TEXTS.text("identity.news.stopped") } else { "" };
    let page = FormPage {
        frame: Frame::form(&site, &caller, &visitor, TEXTS.text("identity.news.stop_title")),
        intro: TEXTS.text("identity.news.stop_ask").to_owned(),
        done: done.to_owned(),
        action: format!("{}/{account}/{code}", urls::STOP_NEWS),
        hidden: Vec::new(),
        questions: Vec::new(),
        submit: TEXTS.text("identity.news.stop"),
        links: vec![(urls::NEWS.to_owned(), TEXTS.text("identity.news.title"))],
    };
    Ok(page.answer())
}

/// Stops every mail of this kind to the account: the link is the proof. A mail program presses by itself and
/// is not led on to a page (RFC 8058).
pub(crate) async fn stop_post(
    caller: Caller,
    State(site): State<Site>,
    Path((account, code)): Path<(String, String)>,
    pressed: Pressed,
) -> PageResult {
    if !is_made(&site, &account, &code) {
        return Err(over().into());
    }
    let back = format!("{}/{account}/{code}?stopped=1", urls::STOP_NEWS);
    let by = By { actor: format!("account:{account}"), ..caller.by() };
    site.store.write(move |tx| bulletins::stop(tx, &by, &account)).await?;
    Ok(match pressed {
        Pressed::OnOurPage => see_other(back),
        Pressed::InMailProgram => StatusCode::NO_CONTENT.into_response(),
    })
}
