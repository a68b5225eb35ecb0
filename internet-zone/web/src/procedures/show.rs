//! A procedure's page (NF-44, NF-52). For visitors it is drawn from memory alone.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::response::IntoResponse as _;
use domain::forms::definition::{FieldKind, Login, Mode};
use domain::procedures::{Period, is_listed};
use internet_zone_store::procedures::Department;
use platform_web::{Html, PageResult, Reply};

use super::{invited, search};
use crate::caller::Caller;
use crate::forms::fee::{self, Fee};
use crate::frame::Frame;
use crate::shelf::{Entry, Shown};
use crate::site::Site;
use crate::urls;
use crate::usage::Usage;

#[derive(askama::Template)]
#[template(path = "procedures/show.html")]
struct Page<'a> {
    frame: Frame<'a>,
    entry: &'a Entry,
    badge: (&'static str, &'static str),
    /// Whether lists show it; what they do not, search engines do not either.
    listed: bool,
    period: String,
    when: Period,
    online: bool,
    /// Where the questions begin, for a guide.
    guide: Option<String>,
    login: Login,
    needs_files: bool,
    /// When and how its fee is paid, where it has one (NF-15).
    fee: Option<Fee>,
    department: Option<&'a Department>,
    files: Vec<FormFile>,
    categories: Vec<(String, String)>,
    start: String,
    /// Whether its address is all that somebody needs.
    share: bool,
    address: String,
    qr: String,
}

/// A form to download.
struct FormFile {
    href: String,
    title: String,
    name: String,
}

impl Page<'_> {
    fn login_key(&self) -> &'static str {
        match self.login {
            Login::None if self.entry.form.asks_who() => "procedures.login.unregistered",
            Login::None => "procedures.login.none",
            Login::Email => "procedures.login.email",
            Login::Account => "procedures.login.account",
        }
    }
}

/// The published procedure with this address.
pub(crate) fn known(shown: &Shown, slug: &str) -> Result<Arc<Entry>, Reply> {
    shown
        .by_slug(slug)
        .cloned()
        .ok_or_else(|| Reply::not_found("procedures.unknown").link(urls::PROCEDURES))
}

/// Shows a procedure.
pub(crate) async fn get(
    caller: Caller,
    State(site): State<Site>,
    Path(slug): Path<String>,
) -> PageResult {
    let shown = site.shelf.shown();
    let entry = invited::reach(&site, &caller, &slug).await?.told();
    let procedure = entry.procedure();
    site.counts(procedure.id.as_str(), Usage::View);
    let files = procedure.files.iter().filter(|file| file.listed).map(|file| FormFile {
        href: urls::form_file(&slug, &file.id),
        title: file.title.ja().to_owned(),
        name: file.name.clone(),
    });
    let page = Page {
        frame: Frame::plain(&site, Some(&caller), procedure.title.ja()),
        badge: search::badge(&entry, site.clock.now()),
        listed: is_listed(procedure),
        period: search::period_words(&entry),
        when: procedure.open.at(site.clock.now()),
        online: procedure.mode == Mode::Online,
        guide: (procedure.mode == Mode::Guide).then(|| urls::guide(&slug)),
        login: procedure.access.login,
        needs_files: asks_for_files(&entry),
        fee: fee::ahead(procedure),
        department: shown.department(procedure.department.as_str()),
        files: files.collect(),
        categories: procedure.categories.iter().map(|c| (c.clone(), search::name(c))).collect(),
        start: urls::start(&slug),
        address: format!("{}{}", site.city.base_url, urls::procedure(&slug)),
        share: entry.is_reachable(),
        qr: format!("/procedures/{slug}/qr.svg"),
        entry: &entry,
    };
    Ok(Html(page).into_response())
}

fn asks_for_files(entry: &Entry) -> bool {
    let fields = entry.procedure().pages.iter().flat_map(|page| &page.fields);
    fields.into_iter().any(|field| matches!(field.kind, FieldKind::File(_)))
}
