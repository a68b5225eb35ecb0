//! Sending: check everything, seal, one transaction. Pressing twice, going back
//! and sending again, or trying again after a broken connection all lead to the
//! same receipt (W13).

use axum::extract::{Path, State};
use domain::applications::GuestSecret;
use domain::forms::Answers;
use domain::forms::definition::{CitizenEvent, Listing, Login, OncePer, Window};
use domain::ids::AccountId;
use domain::procedures;
use http::header::RETRY_AFTER;
use http::{HeaderValue, StatusCode};
use internet_zone_store::applications::accept::{
    self, Accepted, Announce, Cosigned, NewApplication,
};
use internet_zone_store::applications::cosigns::{self, Signed};
use internet_zone_store::identity::{Owner, accounts, guests};
use internet_zone_store::post::{self as letters_to_staff, NewSubmission, Sender};
use jiff::Span;
use jiff::civil::Date;
use jiff::tz::{Offset, TimeZone};
use platform_service::ids;
use platform_store::time;
use platform_web::{CsrfForm, OrFault as _, PageResult, Reply, Trouble, Visitor, see_other};

use super::access::{self, OpenDraft};
use super::{acting, charges, check, closing, content, cosigning, seats, start, together, upload};
use crate::caller::Caller;
use crate::filling;
use crate::forms::fee;
use crate::identity::profile::{self, Profile};
use crate::letters::{Booked, Letter, Template, Told};
use crate::places;
use crate::procedures::{invited, period};
use crate::reader;
use crate::shelf::Entry;
use crate::site::Site;
use crate::terminals;
use crate::texts::TEXTS;
use crate::urls;

/// What a secret is hashed with: it opens one application only.
pub(crate) fn secret_value(application: &str, secret: &GuestSecret) -> String {
    format!("{application} {secret}")
}

/// Sends a draft (NF-4).
pub(crate) async fn post(
    caller: Caller,
    visitor: Visitor,
    State(site): State<Site>,
    Path(id): Path<String>,
    CsrfForm(form): CsrfForm,
) -> PageResult {
    let open = access::draft(&site, &caller, &id).await?;
    if open.draft.correction.is_some() {
        // What is written about an application is sent from its own page.
        return Ok(see_other(urls::draft(&id)));
    }
    let who = (&site, &caller, &visitor);
    if closing::of(&site, &open).over().is_some() {
        return Ok(check::view(who, &open, StatusCode::GONE, (Vec::new(), "")));
    }
    let again = || Ok(see_other(format!("{}?changed=1", urls::check(&id))));
    if form.text("version") != open.draft.version.to_string() {
        return again();
    }
    let checked = check::check_all(&site, &open);
    if !checked.is_clean() {
        let nothing = (Vec::new(), "");
        return Ok(check::view(who, &open, StatusCode::UNPROCESSABLE_ENTITY, nothing));
    }
    // The day or a new revision may have changed the sum since the page was drawn: it is told first.
    if form.text("fee") != fee::told(open.entry.procedure(), &checked.answers) {
        let note = TEXTS.text("applications.check.fee_changed");
        return Ok(check::view(who, &open, StatusCode::CONFLICT, (Vec::new(), note)));
    }
    if !(site.open)() {
        return closed(who, &open).await;
    }
    let applicant = applicant(&site, &open).await?;
    start::may_apply(open.entry.procedure(), &open.draft, &applicant.email)?;
    if !cosigning::complete(&cosigning::asked(&site, &open)) {
        return Ok(see_other(urls::cosigners(&id)));
    }
    let (mut new, announce) = sealed(&site, &caller, &open, &checked.answers, &applicant).await?;
    new.waits = form.has("wait");
    new.invitation = invitation(&site, &caller, &open, (&applicant, &new.id)).await?;
    let anonymous = applicant.owner.is_none();
    let by = if anonymous { caller.by_nobody() } else { caller.by() };
    let clock = site.clock.clone();
    let accepted = site.store.write(move |tx| accept::accept(tx, &by, &clock, new, announce)).await;
    let accepted = match accepted {
        Err(error) if accept::is_race(&error) => raced(&site, &id).await?,
        other => other?,
    };
    match accepted {
        Accepted::Arrived(receipt) => {
            filling::sent(&site, &open.entry);
            (site.wake)();
            Ok(see_other(urls::receipt(&receipt.application_id)))
        }
        Accepted::Before(receipt) => {
            (site.wake)();
            Ok(see_other(urls::receipt(&receipt.application_id)))
        }
        Accepted::Full(pool) => {
            let needed = seats::of(&open.entry, &checked.answers, site.today());
            let problem = check::full(&open, &needed, &pool);
            Ok(check::view(who, &open, StatusCode::CONFLICT, (vec![problem], "")))
        }
        Accepted::MayWait(pool) => {
            // It was free when the page was drawn: the page offers to wait now.
            let mut open = access::draft(&site, &caller, &id).await?;
            seats::short_of(&mut open, &pool);
            let note = TEXTS.text("applications.seats.gone");
            Ok(check::view(
                (&site, &caller, &visitor),
                &open,
                StatusCode::CONFLICT,
                (Vec::new(), note),
            ))
        }
        Accepted::Waits(receipt) => {
            filling::sent(&site, &open.entry);
            (site.wake)();
            Ok(see_other(urls::waiting(&receipt.application_id)))
        }
        Accepted::Twice => {
            let (key, link) = match open.draft.owner {
                Owner::Account(_) => ("applications.twice", urls::MY_PAGE),
                Owner::Guest(_) => ("applications.twice_guest", urls::LOOKUP),
            };
            let title = open.entry.procedure().title.ja();
            Err(Reply::conflict(key).with("title", title).link(link).into())
        }
        // The period ended between the page and the transaction.
        Accepted::TooLate if closing::of(&site, &open).over().is_some() => {
            Ok(check::view(who, &open, StatusCode::GONE, (Vec::new(), "")))
        }
        Accepted::TooLate => again(),
        Accepted::Uninvited => Err(uninvited(&open).into()),
        Accepted::Unsigned => Ok(see_other(urls::cosigners(&id))),
        Accepted::Outdated => again(),
    }
}

/// The invitation a draft is sent by, and what staff are told of it; `None` where none is needed.
async fn invitation(
    site: &Site,
    caller: &Caller,
    open: &OpenDraft,
    (applicant, id): (&Applicant, &str),
) -> Result<Option<(String, letters_to_staff::Letter)>, Trouble> {
    let procedure = open.entry.procedure();
    if procedure.listing != Listing::Invite {
        return Ok(None);
    }
    let held = invited::standing(site, caller, procedure, Some(&open.draft.id)).await?;
    let held = held.ok_or_else(|| uninvited(open))?;
    // Where nobody is asked for, staff are not told whose invitation it was.
    let application = applicant.owner.as_ref().map(|_| id);
    let letter = site.post.invited(site.new_id(), &held, application).or_fault()?;
    Ok(Some((held, letter)))
}

/// Somebody else used the invitation up, or it ended while the form was filled in: another one may be
/// shown, and the answers stay.
fn uninvited(open: &OpenDraft) -> Reply {
    let procedure = open.entry.procedure();
    Reply::conflict("applications.uninvited")
        .with("title", procedure.title.ja())
        .link(urls::invited(&procedure.slug))
}

/// Nothing is taken for the moment: the answers stay, and the same page sends them
/// later. What was taken before shows its receipt (I19).
async fn closed(who: (&Site, &Caller, &Visitor), open: &OpenDraft) -> PageResult {
    let id = open.draft.id.clone();
    let receipt = who.0.store.read(move |db| accept::receipt_of_draft(db, &id)).await?;
    if let Some(receipt) = receipt {
        return Ok(see_other(urls::receipt(&receipt.application_id)));
    }
    let note = TEXTS.text("applications.check.closed");
    let status = StatusCode::SERVICE_UNAVAILABLE;
    let mut page = check::view(who, open, status, (Vec::new(), note));
    page.headers_mut().insert(RETRY_AFTER, HeaderValue::from_static("600"));
    Ok(page)
}

/// The refusal of everything else that would have to travel now.
pub(super) fn still_accepting(site: &Site, id: &str) -> Result<(), Reply> {
    if (site.open)() {
        return Ok(());
    }
    let link = urls::application(id);
    Err(Reply::unavailable("applications.paused").link(link).retry_after(600))
}

/// Another process may have taken the same draft at the same moment.
async fn raced(site: &Site, draft: &str) -> Result<Accepted, Trouble> {
    let id = draft.to_owned();
    let receipt = site.store.read(move |db| accept::receipt_of_draft(db, &id)).await?;
    receipt.map(Accepted::Before).ok_or_else(|| Reply::conflict("applications.busy").into())
}

/// Who applies, as far as the procedure wants to know.
struct Applicant {
    owner: Option<Owner>,
    email: String,
    name: String,
}

async fn applicant(site: &Site, open: &OpenDraft) -> Result<Applicant, Trouble> {
    let nobody = Applicant { owner: None, email: String::new(), name: String::new() };
    if open.entry.procedure().access.login == Login::None {
        return Ok(nobody);
    }
    let owner = open.draft.owner.clone();
    let wanted = owner.clone();
    match owner {
        Owner::Account(id) => {
            let account = site.store.read(move |db| accounts::find(db, &id)).await?;
            let Some(account) = account else { return Ok(nobody) };
            Ok(Applicant {
                email: profile::email(&site.vault, &account),
                name: Profile::open(&site.vault, &account)?.display_name(),
                owner: Some(wanted),
            })
        }
        Owner::Guest(id) => {
            let guest = id.clone();
            let sealed = site.store.read(move |db| guests::email(db, &guest)).await?;
            let email =
                sealed.and_then(|s| site.vault.open_text(places::guest_email(&id), &s).ok());
            Ok(Applicant { email: email.unwrap_or_default(), owner: Some(wanted), ..nobody })
        }
    }
}

async fn sealed(
    site: &Site,
    caller: &Caller,
    open: &OpenDraft,
    answers: &Answers,
    applicant: &Applicant,
) -> Result<(NewApplication, Announce), Trouble> {
    let id = site.new_id();
    let entry = &open.entry;
    let some = |text: &String| (!text.is_empty()).then(|| text.clone());
    let sender = match (&applicant.owner, &open.acting) {
        (Some(Owner::Account(_)), Some(acting)) => {
            Sender::Represented { principal: acting.principal.clone(), by: acting.delegate.clone() }
        }
        (Some(Owner::Account(account)), None) => Sender::Account {
            id: account.clone(),
            name: applicant.name.clone(),
            email: applicant.email.clone(),
        },
        (Some(Owner::Guest(_)), _) => Sender::Guest(some(&applicant.email)),
        (None, _) => Sender::Nobody,
    };
    let files = upload::read_all(site, &content::sent(&open.files, answers)).await?;
    let cosigned = cosigning::cosigned(site, open);
    let signed = signed(site, open, cosigned.as_ref()).await?;
    let submission = NewSubmission {
        id: &id,
        procedure_id: entry.procedure().id.as_str(),
        revision: entry.revision,
        definition: &entry.sha256,
        sender,
        answers,
        provenance: open.content.provenance(answers),
        files,
        cosigners: cosigning::signatures(&site.vault, &signed),
    };
    let letter = site.post.submission(submission).or_fault()?;
    let terminal = match terminals::here() {
        Some(here) => {
            let what = (id.as_str(), entry.procedure().id.as_str());
            let name = &here.terminal.name;
            Some(site.post.sent_at_terminal(site.new_id(), what, name).or_fault()?)
        }
        None => None,
    };
    let is_account = matches!(applicant.owner, Some(Owner::Account(_)));
    let secret = (!is_account).then(|| GuestSecret::from_random(ids::random()));
    let new = NewApplication {
        draft_id: open.draft.id.clone(),
        draft_version: open.draft.version,
        procedure_id: entry.procedure().id.as_str().to_owned(),
        revision: entry.revision,
        owner: applicant.owner.clone(),
        grant_to: if is_account { None } else { caller.session_hash().map(<[u8]>::to_vec) },
        contact_sealed: some(&applicant.email)
            .filter(|_| !is_account)
            .map(|email| site.vault.seal(places::contact(&id), email.as_bytes())),
        secret: secret.map(|secret| {
            let sealed = site.vault.seal(places::secret(&id), secret.to_string().as_bytes());
            (sealed, site.vault.index("secret", &secret_value(&id, &secret)))
        }),
        seats: seats::of(entry, answers, site.today()),
        charged_sealed: charges::sealed(site, entry, (&id, answers)),
        waits: false,
        once: once(site, open, applicant, answers),
        left: applicant.owner.as_ref().and_then(Owner::account).and_then(|account| {
            let known = (account, applicant.email.as_str());
            left_behind(site, entry, known, site.today()).map(|(_, address)| address)
        }),
        closes_at: closes_at(entry, answers),
        seat_ends_at: seat_ends_at(entry, answers),
        shares: together::shares(site, open, answers).await?,
        cosigned,
        letter,
        terminal,
        invitation: None,
        id: id.clone(),
    };
    let pools: Vec<String> = new.seats.iter().map(|seat| seat.pool.clone()).collect();
    let booked = Booked::of(&entry.form, &pools);
    Ok((new, announcement(site, open, (applicant, &signed), (id, booked))))
}

/// The first moment at which a chosen day and time is too late, microseconds.
fn seat_ends_at(entry: &Entry, answers: &Answers) -> Option<i64> {
    let closes = entry.form.closes(answers)?;
    let at = TimeZone::fixed(Offset::constant(9)).to_timestamp(closes);
    at.ok().map(time::to_micros)
}

/// The first moment at which it is too late to send, microseconds.
fn closes_at(entry: &Entry, answers: &Answers) -> Option<i64> {
    let period = period::last_moment(&entry.procedure().open).map(time::to_micros);
    [period, seat_ends_at(entry, answers)].into_iter().flatten().min()
}

/// Those who had to agree, with their accounts.
async fn signed(
    site: &Site,
    open: &OpenDraft,
    cosigned: Option<&Cosigned>,
) -> Result<Vec<Signed>, Trouble> {
    let Some(cosigned) = cosigned else { return Ok(Vec::new()) };
    let mut rows = open.cosigns.clone();
    rows.retain(|row| cosigned.ids.contains(&row.id));
    Ok(site.store.read(move |db| cosigns::with_accounts(db, rows)).await?)
}

/// The mail with the number, written once the number is known; a delegate and co-signers get one too.
fn announcement(
    site: &Site,
    open: &OpenDraft,
    (applicant, signed): (&Applicant, &[Signed]),
    (id, booked): (String, Vec<Booked>),
) -> Announce {
    let signers = cosigning::addresses(&site.vault, signed);
    let ids: Vec<String> = (0..2 + signers.len()).map(|_| site.new_id()).collect();
    let vault = site.vault.clone();
    let delegate = open.acting.as_ref().map(|acting| acting.delegate.clone());
    let lang = reader::lang();
    let (title, mail) = (open.entry.title.clone(), open.entry.mail.clone());
    let email = applicant.email.clone();
    let path = if matches!(applicant.owner, Some(Owner::Account(_))) {
        urls::application(&id)
    } else {
        urls::LOOKUP.to_owned()
    };
    let link = format!("{}{path}", site.city.base_url);
    Box::new(move |receipt, waits| {
        let mut letters = Vec::new();
        let (own, other) = if waits {
            (Template::Waits, Template::Waits)
        } else if delegate.is_some() {
            (Template::ArrivedByDelegate, Template::ArrivedForAnother)
        } else {
            (Template::Arrived, Template::Arrived)
        };
        let name = delegate.as_ref().map(acting::called).unwrap_or_default();
        // Who is told of what a delegate did may read another language than the delegate.
        let email = Letter::new(email, own).with("name", name);
        letters.push(if delegate.is_some() { email } else { email.in_language(lang) });
        letters
            .extend(delegate.map(|delegate| Letter::new(delegate.email, other).in_language(lang)));
        if !waits {
            // What the procedure adds belongs to what arrived, not to who waits.
            let noted = |letter: Letter| letter.noted(&mail, CitizenEvent::Arrived);
            letters = letters.into_iter().map(noted).collect();
        }
        letters.extend(signers.into_iter().map(|to| Letter::new(to, Template::CosignSent)));
        letters.retain(|letter| !letter.to.is_empty());
        let told = letters.into_iter().zip(ids).map(|(letter, id)| {
            letter
                .about(&title)
                .with("number", &receipt.number)
                .told("time", Told::Moment(receipt.arrived_at))
                .with("link", &link)
                .booked(&booked)
                .seal(&vault, id)
        });
        told.collect()
    })
}

/// The key under which the same person is known, and until when it counts (NF-64).
fn once(
    site: &Site,
    open: &OpenDraft,
    applicant: &Applicant,
    answers: &Answers,
) -> Option<(Vec<u8>, Option<i64>)> {
    let rule = open.entry.procedure().access.once_per.as_ref()?;
    let account = applicant.owner.as_ref().and_then(Owner::account);
    let account = account.and_then(|id| AccountId::parse(id).ok());
    let email = Some(applicant.email.as_str()).filter(|email| !email.is_empty());
    let who = procedures::Applicant { account: account.as_ref(), email };
    let key = once_key(site, &open.entry, who, answers)?;
    let until = match rule.window {
        Window::Ever | Window::FiscalYear => None,
        Window::Days(days) => Some(end_of(site.today(), days)),
    };
    Some((key, until))
}

/// The key alone; `None` where the procedure has no such rule, or who applies is not known enough.
pub(super) fn once_key(
    site: &Site,
    entry: &Entry,
    who: procedures::Applicant<'_>,
    answers: &Answers,
) -> Option<Vec<u8>> {
    let rule = entry.procedure().access.once_per.as_ref()?;
    indexed(site, entry, (rule, who), answers, site.today())
}

fn indexed(
    site: &Site,
    entry: &Entry,
    (rule, who): (&OncePer, procedures::Applicant<'_>),
    answers: &Answers,
    on: Date,
) -> Option<Vec<u8>> {
    let found = procedures::once(rule, who, (&entry.form, answers), on)?;
    let kind = format!("once:{}", entry.procedure().id.as_str());
    Some(site.vault.index(&kind, &found.key))
}

/// What outlives an account that is closed where a person may apply once by account: the key of the
/// account for what was sent on this day, and the key of its address, which takes its place
/// (`docs/decisions/0104`). `None` where the rule goes by something else.
pub(crate) fn left_behind(
    site: &Site,
    entry: &Entry,
    (account, email): (&str, &str),
    on: Date,
) -> Option<(Vec<u8>, Vec<u8>)> {
    let rule = entry.procedure().access.once_per.as_ref().filter(|rule| rule.key == "account")?;
    let account = AccountId::parse(account).ok()?;
    let email = Some(email).filter(|email| !email.is_empty());
    let who = procedures::Applicant { account: Some(&account), email };
    let by_address = OncePer { key: "email".to_owned(), ..rule.clone() };
    let key = |rule| indexed(site, entry, (rule, who), &Answers::new(), on);
    Some((key(rule)?, key(&by_address)?))
}

/// The first moment in Japan after so many days, in microseconds.
fn end_of(today: Date, days: u16) -> i64 {
    let after = today.saturating_add(Span::new().days(i64::from(days) + 1));
    let midnight = TimeZone::fixed(Offset::constant(9)).to_timestamp(after.at(0, 0, 0, 0));
    midnight.map_or(i64::MAX, time::to_micros)
}
