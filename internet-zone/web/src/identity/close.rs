//! Closing the own account (退会): what ends and what stays is listed first, the password is asked for, and
//! one transaction does it all (`docs/decisions/0104`).

use std::collections::HashMap;

use axum::extract::State;
use axum::response::IntoResponse as _;
use domain::applications::{GuestSecret, State as Stage};
use domain::calendar::date_in_japan;
use domain::forms::definition::Words;
use http::StatusCode;
use internet_zone_store::applications::cosigns::{self, Cosign};
use internet_zone_store::applications::drafts::{self, Draft};
use internet_zone_store::identity::accounts::{self, Account};
use internet_zone_store::identity::closing::{self, Closed, Closing, Holdings, Kept};
use internet_zone_store::identity::guests::NewGuest;
use internet_zone_store::mail::NewLetter;
use platform_service::ids;
use platform_store::time;
use platform_web::cookies::Cookie;
use platform_web::fields::{Field, Problem};
use platform_web::{
    CsrfForm, Html, OrFault as _, PageResult, Reply, Trouble, Visitor, see_other_signed_out,
};

use super::{address, delegates, password};
use crate::applications::acting::called;
use crate::applications::cosigning;
use crate::applications::submit::{self, secret_value};
use crate::caller::{Caller, Citizen, SESSION_COOKIE};
use crate::frame::Frame;
use crate::letters::{Letter, Template};
use crate::places;
use crate::reader::{self, said};
use crate::site::Site;
use crate::texts::TEXTS;
use crate::urls;

/// Things of one kind.
struct Group {
    title: &'static str,
    lines: Vec<String>,
    /// The lines are names of people.
    names: bool,
}

#[derive(askama::Template)]
#[template(path = "identity/close.html")]
struct Page<'a> {
    frame: Frame<'a>,
    /// What goes, beside what was registered.
    ends: Vec<Group>,
    /// What stays with the city.
    stays: Vec<Group>,
    /// Where numbers and secrets are sent; empty when nothing was ever sent.
    email: String,
    /// Whether something sent counts as the one application of the person afterwards, too.
    once: bool,
    password: Field,
    problems: Vec<Problem>,
}

#[derive(askama::Template)]
#[template(path = "identity/closed.html")]
struct Done<'a> {
    frame: Frame<'a>,
}

/// What the store knows of the account and of what goes with it.
struct Known {
    account: Account,
    email: String,
    holdings: Holdings,
    /// Who was asked to agree to its drafts.
    asked: Vec<Cosign>,
    /// The forms of others it answered.
    of_others: Vec<Draft>,
    /// The other sides of its mandates.
    people: HashMap<String, Account>,
    /// Titles by procedure and revision.
    titles: HashMap<(String, i64), Words>,
}

impl Known {
    fn title(&self, procedure: &str, revision: i64) -> Words {
        self.titles.get(&(procedure.to_owned(), revision)).cloned().unwrap_or_default()
    }
}

async fn known(site: &Site, who: &Citizen) -> Result<Known, Trouble> {
    let (me, now) = (who.id.clone(), site.micros());
    let (account, holdings, asked, of_others, people) = site
        .store
        .read(move |db| {
            let account = accounts::find(db, &me)?;
            let holdings = closing::holdings(db, &me)?;
            let mut asked = Vec::new();
            for draft in &holdings.drafts {
                asked.extend(cosigns::of_draft(db, &draft.id)?);
            }
            let forms: Vec<String> =
                holdings.answered.iter().map(|one| one.draft_id.clone()).collect();
            let of_others = drafts::among(db, &forms, now)?;
            let mut sides = Vec::new();
            for row in &holdings.mandates {
                sides.push(row.principal_id.clone());
                sides.extend(row.delegate_id.clone());
            }
            let people = accounts::among(db, &sides)?;
            Ok((account, holdings, asked, of_others, people))
        })
        .await?;
    let account = account.ok_or(internet_zone_store::vault::NotOpened).or_fault()?;
    let email = site.vault.open_text(places::account_email(&account.id), &account.email_sealed);
    let email = email.or_fault()?;
    let drafts = holdings.drafts.iter().chain(&of_others);
    let mut wanted: Vec<(String, i64)> =
        drafts.map(|one| (one.procedure_id.clone(), one.revision)).collect();
    let sent = holdings.applications.iter();
    wanted.extend(sent.map(|one| (one.procedure_id.clone(), one.revision)));
    let waits = holdings.waiting.iter();
    wanted.extend(waits.map(|one| (one.procedure_id.clone(), one.revision)));
    let mut titles = HashMap::new();
    for (procedure, revision) in wanted {
        let title = site.shelf.title(&site.store, &procedure, revision).await?;
        titles.insert((procedure, revision), title);
    }
    Ok(Known { account, email, holdings, asked, of_others, people, titles })
}

fn is_open(state: &str) -> bool {
    !Stage::parse(state).unwrap_or(Stage::Arrived).is_end()
}

/// What goes.
fn ends(site: &Site, known: &Known) -> Vec<Group> {
    let title = |draft: &Draft| said(&known.title(&draft.procedure_id, draft.revision));
    let other = |row| called(&delegates::other_side(site, row, &known.account.id, &known.people));
    let groups = [
        Group {
            title: TEXTS.text("identity.close.drafts"),
            lines: known.holdings.drafts.iter().map(title).collect(),
            names: false,
        },
        Group {
            title: TEXTS.text("identity.close.answered"),
            lines: known.of_others.iter().map(title).collect(),
            names: false,
        },
        Group {
            title: TEXTS.text("identity.close.mandates"),
            lines: known.holdings.mandates.iter().map(other).collect(),
            names: true,
        },
    ];
    groups.into_iter().filter(|group| !group.lines.is_empty()).collect()
}

/// What stays.
fn stays(known: &Known) -> Vec<Group> {
    let line = |procedure: &str, revision, number: &str| {
        let title = said(&known.title(procedure, revision));
        TEXTS.fill("identity.close.sent", &[("title", &title), ("number", &number)])
    };
    let group = |key, lines| Group { title: TEXTS.text(key), lines, names: false };
    let (open, over): (Vec<_>, Vec<_>) =
        known.holdings.applications.iter().partition(|one| is_open(&one.state));
    let waiting = known.holdings.waiting.iter();
    let groups = [
        group(
            "identity.close.open",
            open.iter().map(|one| line(&one.procedure_id, one.revision, &one.number)).collect(),
        ),
        group(
            "identity.close.waiting",
            waiting.map(|one| line(&one.procedure_id, one.revision, &one.number)).collect(),
        ),
        group(
            "identity.close.over",
            over.iter().map(|one| line(&one.procedure_id, one.revision, &one.number)).collect(),
        ),
    ];
    groups.into_iter().filter(|group| !group.lines.is_empty()).collect()
}

fn counts_once(site: &Site, known: &Known) -> bool {
    let sent = known.holdings.applications.iter().map(|one| (&one.procedure_id, one.arrived_at));
    let waiting = known.holdings.waiting.iter().map(|one| (&one.procedure_id, one.since));
    sent.chain(waiting).any(|(procedure, at)| once(site, known, procedure, at).is_some())
}

fn page(
    (site, who, visitor): (&Site, &Citizen, &Visitor),
    known: &Known,
    wrong: Option<&str>,
) -> PageResult {
    let password = Field::new("current", TEXTS.text("identity.password.current"))
        .required()
        .kind("password")
        .autocomplete("current-password")
        .error(wrong);
    let problems = password.problems();
    let is_wrong = !problems.is_empty();
    let stays = stays(known);
    let frame = Frame::form(site, &who.caller, visitor, TEXTS.text("identity.close.title"));
    let page = Page {
        frame: frame.with_errors(is_wrong),
        ends: ends(site, known),
        once: counts_once(site, known),
        email: if stays.is_empty() { String::new() } else { known.email.clone() },
        stays,
        password,
        problems,
    };
    let status = if is_wrong { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    Ok((status, Html(page)).into_response())
}

/// Lists what ends and what stays, and asks for the password.
pub(crate) async fn get(who: Citizen, visitor: Visitor, State(site): State<Site>) -> PageResult {
    let known = known(&site, &who).await?;
    page((&site, &who, &visitor), &known, None)
}

/// Closes the account (NF-17). Who is concerned is told in the same transaction.
pub(crate) async fn post(
    who: Citizen,
    visitor: Visitor,
    State(site): State<Site>,
    CsrfForm(form): CsrfForm,
) -> PageResult {
    let known = known(&site, &who).await?;
    if !password::is_present(&site, &known.account, form.text("current")).await? {
        let wrong = TEXTS.text("identity.password.current_wrong");
        return page((&site, &who, &visitor), &known, Some(wrong));
    }
    let plan = plan(&site, &known).await?;
    let by = who.caller.by();
    let closed = site.store.write(move |tx| closing::close(tx, &by, &plan)).await?;
    (site.wake)();
    match closed {
        Closed::Yes | Closed::Before => {
            let mut answer = see_other_signed_out(urls::CLOSED_ACCOUNT);
            Cookie::expired(SESSION_COOKIE).set_on(&mut answer);
            Ok(answer)
        }
        Closed::Changed => {
            Err(Reply::conflict("identity.close_changed").link(urls::CLOSE_ACCOUNT).into())
        }
    }
}

/// Says that it is closed, and how to go on.
pub(crate) async fn done(caller: Caller, State(site): State<Site>) -> PageResult {
    let frame = Frame::plain(&site, Some(&caller), TEXTS.text("identity.closed.title"));
    Ok(Html(Done { frame }).into_response())
}

/// Everything that closing it does, with its letters.
async fn plan(site: &Site, known: &Known) -> Result<Closing, Trouble> {
    let holdings = &known.holdings;
    let mut answered = Vec::new();
    for cosign in &holdings.answered {
        answered.push((cosign.id.clone(), to_applicants(site, known, cosign).await?));
    }
    let drafts = holdings.drafts.iter().map(|draft| {
        let asked = known.asked.iter().filter(|one| one.draft_id == draft.id);
        let asked: Vec<Cosign> = asked.cloned().collect();
        let title = known.title(&draft.procedure_id, draft.revision);
        (draft.id.clone(), cosigning::thrown_away(site, &title, &asked))
    });
    let mandates = holdings.mandates.iter().map(|row| {
        let letter = delegates::left(site, row, &known.account, &known.people);
        (row.id.clone(), letter)
    });
    let (mut applications, mut waiting, mut lines) = (Vec::new(), Vec::new(), Vec::new());
    for one in &holdings.applications {
        let (kept, secret) = kept(site, &one.id, &known.email, is_open(&one.state));
        let kept = Kept { once: once(site, known, &one.procedure_id, one.arrived_at), ..kept };
        lines.push(line(&known.title(&one.procedure_id, one.revision), &one.number, &secret));
        applications.push(kept);
    }
    for one in &holdings.waiting {
        let (kept, secret) = kept(site, &one.id, &known.email, true);
        let kept = Kept { once: once(site, known, &one.procedure_id, one.since), ..kept };
        lines.push(line(&known.title(&one.procedure_id, one.revision), &one.number, &secret));
        waiting.push(kept);
    }
    let is_told = |one: &Kept| one.contact_sealed.is_some();
    let told = applications.iter().chain(&waiting).any(is_told);
    Ok(Closing {
        account: known.account.id.clone(),
        drafts: drafts.collect(),
        answered,
        mandates: mandates.collect(),
        guest: told.then(|| guest(site, &known.email)),
        applications,
        waiting,
        letter: letter(site, &known.email, &lines),
    })
}

/// The letters to those to whose form it had agreed.
async fn to_applicants(
    site: &Site,
    known: &Known,
    cosign: &Cosign,
) -> Result<Vec<NewLetter>, Trouble> {
    let form = known.of_others.iter().find(|draft| draft.id == cosign.draft_id);
    let Some(form) = form else { return Ok(Vec::new()) };
    let people = cosigning::applicants(site, &form.owner, &form.id).await?;
    let title = known.title(&form.procedure_id, form.revision);
    let name = cosigning::name(&site.vault, cosign);
    let told = (Template::CosignLeft, name.as_str(), &title, form.id.as_str());
    Ok(cosigning::to_applicants(site, &people, told))
}

/// What was sent, with a new secret; what is open is told to the address.
fn kept(site: &Site, id: &str, email: &str, open: bool) -> (Kept, GuestSecret) {
    let secret = GuestSecret::from_random(ids::random());
    let kept = Kept {
        id: id.to_owned(),
        contact_sealed: open.then(|| site.vault.seal(places::contact(id), email.as_bytes())),
        secret: (
            site.vault.seal(places::secret(id), secret.to_string().as_bytes()),
            site.vault.index("secret", &secret_value(id, &secret)),
        ),
        once: None,
    };
    (kept, secret)
}

/// The keys by which the person may apply once, where the procedure goes by accounts: that of the account
/// for what was sent at this moment, and that of its address.
fn once(site: &Site, known: &Known, procedure: &str, at: i64) -> Option<(Vec<u8>, Vec<u8>)> {
    let shown = site.shelf.shown();
    let entry = shown.by_id(procedure)?;
    let on = date_in_japan(time::from_micros(at));
    submit::left_behind(site, entry, (&known.account.id, &known.email), on)
}

/// Whoever proves the address, as who applied without an account.
fn guest(site: &Site, email: &str) -> NewGuest {
    let id = site.new_id();
    let index = site.vault.index("email", &address::key(email));
    let sealed = site.vault.seal(places::guest_email(&id), email.as_bytes());
    NewGuest { id, email: Some((index, sealed)), at: site.micros() }
}

fn line(title: &Words, number: &str, secret: &GuestSecret) -> String {
    let (title, secret) = (said(title), secret.to_string());
    let args: [(&str, &dyn std::fmt::Display); 3] =
        [("title", &title), ("number", &number), ("secret", &secret)];
    TEXTS.fill("identity.close.line", &args)
}

/// The mail afterwards, with the numbers that lead to what was sent.
fn letter(site: &Site, email: &str, lines: &[String]) -> NewLetter {
    let letter = if lines.is_empty() {
        Letter::new(email, Template::AccountClosed)
    } else {
        Letter::new(email, Template::AccountClosedKept)
            .with("list", lines.join("\n"))
            .with("link", format!("{}{}", site.city.base_url, urls::LOOKUP))
    };
    letter.in_language(reader::lang()).seal(&site.vault, site.new_id())
}
