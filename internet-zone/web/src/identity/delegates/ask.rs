//! Asking somebody to act for the own account.

use std::collections::BTreeSet;

use axum::extract::State;
use axum::response::IntoResponse as _;
use domain::calendar::read_date;
use domain::forms::definition::Mode;
use http::StatusCode;
use internet_zone_store::identity::accounts;
use internet_zone_store::identity::mandates::{self, Offer, Offered};
use internet_zone_store::mail;
use internet_zone_store::post::Person;
use jiff::Span;
use jiff::civil::Date;
use platform_web::fields::{Choice, Field, Problem};
use platform_web::{CsrfForm, FormData, Html, OrFault as _, PageResult, Reply, Visitor, see_other};

use super::{Open, after, letters};
use crate::applications::acting::{person, takes_delegates};
use crate::caller::Citizen;
use crate::forms::{Question, Shape};
use crate::frame::Frame;
use crate::identity::{address, login};
use crate::letters::Template;
use crate::places;
use crate::procedures::words;
use crate::reader::said;
use crate::site::Site;
use crate::texts::TEXTS;
use crate::urls;

#[derive(askama::Template)]
#[template(path = "identity/ask_delegate.html")]
struct Page<'a> {
    frame: Frame<'a>,
    questions: Vec<Question>,
    action: &'static str,
    back: &'static str,
}

impl Page<'_> {
    fn problems(&self) -> Vec<Problem> {
        self.questions.iter().flat_map(Question::problems).collect()
    }
}

/// What is wrong with what was typed.
#[derive(Default)]
struct Wrong {
    email: String,
    scope: String,
    procedures: String,
    until: String,
}

impl Wrong {
    fn any(&self) -> bool {
        [&self.email, &self.scope, &self.procedures, &self.until].iter().any(|one| !one.is_empty())
    }
}

/// What was asked for.
struct Wish {
    email: String,
    procedures: Option<BTreeSet<String>>,
    documents: bool,
    until: Date,
}

/// Procedures a delegate may be chosen for: identifier and title.
fn offered(site: &Site) -> Vec<(String, String)> {
    let shown = site.shelf.shown();
    let listed = shown.listed.iter().map(|entry| entry.procedure());
    listed
        .filter(|procedure| procedure.mode == Mode::Online && takes_delegates(procedure))
        .map(|procedure| (procedure.id.as_str().to_owned(), said(&procedure.title)))
        .collect()
}

/// The last day that may be chosen.
fn latest(site: &Site) -> Date {
    site.today().saturating_add(Span::new().years(site.limits.mandate_years))
}

fn read(site: &Site, form: &FormData, own: &str) -> Result<Wish, Wrong> {
    let mut wrong = Wrong::default();
    let email = address::read(form.text("email"));
    match &email {
        None => wrong.email = TEXTS.text("identity.email_wrong").to_owned(),
        Some(email) if address::key(email) == address::key(own) => {
            wrong.email = TEXTS.text("identity.delegates.own_address").to_owned();
        }
        Some(_) => {}
    }
    let known: BTreeSet<String> = offered(site).into_iter().map(|(id, _)| id).collect();
    let chosen: BTreeSet<String> =
        form.all("procedures").filter(|id| known.contains(*id)).map(str::to_owned).collect();
    let procedures = match form.text("scope") {
        "all" => None,
        "chosen" => {
            if chosen.is_empty() {
                wrong.procedures = TEXTS.text("identity.delegates.choose_some").to_owned();
            }
            Some(chosen)
        }
        _ => {
            wrong.scope = TEXTS.text("identity.delegates.choose_scope").to_owned();
            None
        }
    };
    let until = read_date(form.text("until")).ok();
    let until = until.filter(|day| (site.today()..=latest(site)).contains(day));
    if until.is_none() {
        let last = words::date(latest(site));
        wrong.until = TEXTS.fill("identity.delegates.until_wrong", &[("last", &last)]);
    }
    match (email, until) {
        (Some(email), Some(until)) if !wrong.any() => {
            Ok(Wish { email, procedures, documents: form.has("documents"), until })
        }
        _ => Err(wrong),
    }
}

fn questions(site: &Site, form: &FormData, wrong: &Wrong) -> Vec<Question> {
    let text = |key: &'static str| TEXTS.text(key);
    let email = Field::new("email", text("identity.delegates.email"))
        .required()
        .hint(text("identity.delegates.email_hint"))
        .value(form.text("email"))
        .kind("email")
        .inputmode("email")
        .error(wrong.email.as_str());
    let choice = |value: &'static str, key: &'static str| {
        Choice::new(value, text(key)).among([form.text("scope")])
    };
    let scope = Field::new("scope", text("identity.delegates.scope")).required().choices(vec![
        choice("all", "identity.delegates.scope_all"),
        choice("chosen", "identity.delegates.scope_chosen"),
    ]);
    let all = offered(site).into_iter();
    let procedures = Field::new("procedures", text("identity.delegates.procedures"))
        .hint(text("identity.delegates.procedures_hint"))
        .error(wrong.procedures.as_str())
        .choices(
            all.map(|(id, title)| Choice::new(id, title).among(form.all("procedures"))).collect(),
        );
    let receive = Choice::new("yes", text("identity.delegates.documents_yes"));
    let documents = Field::new("documents", text("identity.delegates.documents"))
        .optional()
        .choices(vec![receive.among([form.text("documents")])]);
    let last = words::date(latest(site));
    let until = Field::new("until", text("identity.delegates.until"))
        .required()
        .hint(TEXTS.fill("identity.delegates.until_hint", &[("last", &last)]))
        .value(form.text("until"))
        .width(20)
        .error(wrong.until.as_str());
    vec![
        Question { field: email, shape: Shape::Line },
        Question { field: scope.error(wrong.scope.as_str()), shape: Shape::Radio },
        Question { field: procedures, shape: Shape::Checks },
        Question { field: documents, shape: Shape::Checks },
        Question { field: until, shape: Shape::Line },
    ]
}

fn page(
    site: &Site,
    who: &Citizen,
    visitor: &Visitor,
    form: &FormData,
    wrong: &Wrong,
) -> PageResult {
    let title = TEXTS.text("identity.delegates.ask_title");
    let page = Page {
        frame: Frame::form(site, &who.caller, visitor, title).with_errors(wrong.any()),
        questions: questions(site, form, wrong),
        action: urls::ASK_DELEGATE,
        back: urls::DELEGATES,
    };
    let status = if wrong.any() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    Ok((status, Html(page)).into_response())
}

/// Asks who, for what, until when.
pub(crate) async fn get(who: Citizen, visitor: Visitor, State(site): State<Site>) -> PageResult {
    page(&site, &who, &visitor, &FormData::default(), &Wrong::default())
}

/// Sends the request to the address, whoever has it: the answer tells nothing of that.
pub(crate) async fn post(
    who: Citizen,
    visitor: Visitor,
    State(site): State<Site>,
    CsrfForm(form): CsrfForm,
) -> PageResult {
    let id = who.id.clone();
    let account = site.store.read(move |db| accounts::find(db, &id)).await?;
    let account = account.ok_or(internet_zone_store::vault::NotOpened).or_fault()?;
    let principal = person(&site.vault, who.id.clone(), Some(&account));
    let wish = match read(&site, &form, &principal.email) {
        Ok(wish) => wish,
        Err(wrong) => return page(&site, &who, &visitor, &form, &wrong),
    };
    let index = site.vault.index("email", &address::key(&wish.email));
    // Nobody's mailbox is filled by asking and taking back.
    let hex: String = index.iter().map(|byte| format!("{byte:02x}")).collect();
    login::charge(&site, &site.vault.index("mail:delegate", &hex)).await?;
    let (id, by) = (site.new_id(), who.caller.by());
    let offer = Offer {
        id: id.clone(),
        principal_id: who.id.clone(),
        delegate_index: index,
        delegate_sealed: site.vault.seal(places::mandate_address(&id), wish.email.as_bytes()),
        procedures: wish.procedures,
        documents: wish.documents,
        expires_at: after(wish.until),
    };
    let row = mandates::Row {
        id: offer.id.clone(),
        principal_id: offer.principal_id.clone(),
        delegate_id: None,
        delegate_index: offer.delegate_index.clone(),
        delegate_sealed: offer.delegate_sealed.clone(),
        every_procedure: i64::from(offer.procedures.is_none()),
        documents: i64::from(offer.documents),
        offered_at: by.at,
        accepted_at: None,
        expires_at: offer.expires_at,
        ended_at: None,
    };
    let delegate = Person { id: String::new(), name: String::new(), email: wish.email };
    let open = Open { row, principal, delegate, is_principal: true };
    let letters = letters(&site, &open, (Template::MandateAsked, Template::MandateOffered));
    let offered = site
        .store
        .write(move |tx| {
            let offered = mandates::offer(tx, &by, &offer)?;
            if offered == Offered::Yes {
                for letter in &letters {
                    mail::queue(tx, letter, by.at)?;
                }
            }
            Ok(offered)
        })
        .await?;
    match offered {
        Offered::Yes => {
            (site.wake)();
            Ok(see_other(format!("{}?done=asked", urls::DELEGATES)))
        }
        Offered::Before => {
            let email = TEXTS.text("identity.delegates.before").to_owned();
            page(&site, &who, &visitor, &form, &Wrong { email, ..Wrong::default() })
        }
        Offered::TooMany => {
            let reply = Reply::conflict("identity.too_many_mandates");
            Err(reply.with("most", mandates::MOST.to_string()).link(urls::DELEGATES).into())
        }
    }
}
