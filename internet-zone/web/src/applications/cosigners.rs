//! Where the applicant names who must agree, asks them, and sees what they answered (連署).

use axum::extract::{Path, State};
use axum::response::{IntoResponse as _, Response};
use domain::applications::Cosign as Standing;
use domain::calendar::date_in_japan;
use domain::forms::CosignPlace;
use domain::text::{unwanted, visible};
use http::StatusCode;
use internet_zone_store::applications::cosigns::{self, Asked, Cosign, NewCosign};
use internet_zone_store::identity::tries;
use internet_zone_store::mail::NewLetter;
use jiff::civil::Date;
use platform_store::time;
use platform_web::fields::{Field, Problem};
use platform_web::{
    CsrfForm, FormData, Html, PageResult, QueryData, Reply, Trouble, Visitor, see_other,
};

use super::access::{self, OpenDraft};
use super::cosigning::{self, link};
use super::{acting, check, closing};
use crate::caller::Caller;
use crate::frame::Frame;
use crate::identity::{address, login};
use crate::letters::{Letter, Template, Told};
use crate::places;
use crate::procedures::words;
use crate::site::Site;
use crate::texts::TEXTS;
use crate::urls;

/// Days within which somebody may answer.
const DAYS: i64 = 14;
/// Mails that one account may send so within a day.
const A_DAY: i64 = 30;
/// Characters of a name.
const LONGEST_NAME: usize = 100;

/// Somebody who was asked.
struct Row {
    who: String,
    name: String,
    email: String,
    state: &'static str,
    class: &'static str,
    /// Since or until when, and why not.
    said: Vec<String>,
    /// Asks again: where, and the words on the button.
    again: Option<(String, &'static str)>,
    replace: String,
}

/// A place for somebody.
struct Vacant {
    who: String,
    agrees: String,
    name: Field,
    email: Field,
}

#[derive(askama::Template)]
#[template(path = "applications/cosigners.html")]
struct Page<'a> {
    frame: Frame<'a>,
    procedure: &'a str,
    note: &'static str,
    rows: Vec<Row>,
    vacant: Vec<Vacant>,
    problems: Vec<Problem>,
    complete: bool,
    action: String,
    back: String,
}

/// What was typed for one place.
struct Typed {
    kind: String,
    place: i64,
    name: String,
    /// The address when it is one.
    email: Option<String>,
    /// What is wrong with the name, and with the address.
    wrong: (String, String),
}

fn input(part: &str, place: CosignPlace<'_>) -> String {
    format!("{part}.{}.{}", place.kind.id, place.place)
}

/// The first moment at which an answer is too late.
fn answers_until(site: &Site) -> i64 {
    site.micros() + DAYS * 86_400_000_000
}

/// The last day on which somebody may answer.
fn last_day(until: i64) -> Date {
    date_in_japan(time::from_micros(until - 1))
}

fn row(site: &Site, open: &OpenDraft, who: String, cosign: &Cosign, standing: Standing) -> Row {
    let (state, class) = cosigning::state(Some(standing));
    let mut said = Vec::new();
    let at = |key: &str, at: i64| TEXTS.fill(key, &[("time", &words::micros(at))]);
    match standing {
        Standing::Asked => said.push(at("applications.cosign.asked_until", cosign.expires_at)),
        Standing::Agreed => {
            said.push(at("applications.cosign.agreed_at", cosign.answered_at.unwrap_or_default()));
        }
        Standing::Declined => {
            said.push(at(
                "applications.cosign.declined_at",
                cosign.answered_at.unwrap_or_default(),
            ));
            let place = places::cosign_reason(&cosign.id);
            let reason = cosign.reason_sealed.as_ref();
            let reason = reason.and_then(|sealed| site.vault.open_text(place, sealed).ok());
            said.extend(
                reason.map(|why| TEXTS.fill("applications.cosign.why", &[("reason", &why)])),
            );
        }
        Standing::Void => said.push(TEXTS.text("applications.cosign.void_what").to_owned()),
        Standing::Expired => said.push(TEXTS.text("applications.cosign.expired_what").to_owned()),
    }
    let own = format!("{}/{}", urls::cosigners(&open.draft.id), cosign.id);
    let again = match standing {
        Standing::Asked => Some("applications.cosign.resend"),
        Standing::Declined | Standing::Void | Standing::Expired => {
            Some("applications.cosign.again")
        }
        Standing::Agreed => None,
    };
    Row {
        who,
        name: cosigning::name(&site.vault, cosign),
        email: cosigning::address(&site.vault, cosign),
        state,
        class,
        said,
        again: again.map(|key| (format!("{own}/again"), TEXTS.text(key))),
        replace: format!("{own}/replace"),
    }
}

fn vacant(place: CosignPlace<'_>, who: String, form: &FormData, typed: &[Typed]) -> Vacant {
    let same = |one: &&Typed| one.kind == place.kind.id && one.place == i64::from(place.place);
    let wrong = typed.iter().find(same).map(|one| one.wrong.clone()).unwrap_or_default();
    let (name, email) = (input("name", place), input("email", place));
    let field = |id: &String, key: &'static str, wrong: &String| {
        let field = Field::new(id, TEXTS.text(key)).required().value(form.text(id));
        field.error(wrong.as_str())
    };
    Vacant {
        who,
        agrees: place.kind.agrees.ja().to_owned(),
        name: field(&name, "applications.cosign.name", &wrong.0).width(30),
        email: field(&email, "applications.cosign.email", &wrong.1)
            .hint(TEXTS.text("applications.cosign.email_hint"))
            .kind("email")
            .inputmode("email"),
    }
}

fn view(
    (site, caller, visitor): (&Site, &Caller, &Visitor),
    open: &OpenDraft,
    (form, typed): (&FormData, &[Typed]),
    note: &'static str,
) -> Response {
    let asked = cosigning::asked(site, open);
    let (mut rows, mut empty) = (Vec::new(), Vec::new());
    for one in &asked {
        match (one.cosign, one.standing) {
            (Some(cosign), Some(standing)) => {
                rows.push(row(site, open, one.who(), cosign, standing));
            }
            _ => empty.push(vacant(one.place, one.who(), form, typed)),
        }
    }
    let problems: Vec<Problem> = empty
        .iter()
        .flat_map(|one| [one.name.problems(), one.email.problems()])
        .flatten()
        .collect();
    let bad = !problems.is_empty();
    let page = Page {
        frame: Frame::form(site, caller, visitor, TEXTS.text("applications.cosign.title"))
            .with_errors(bad)
            .acting(open.acting.as_ref()),
        procedure: open.entry.procedure().title.ja(),
        note,
        rows,
        vacant: empty,
        problems,
        complete: cosigning::complete(&asked),
        action: urls::cosigners(&open.draft.id),
        back: urls::check(&open.draft.id),
    };
    let status = if bad { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    (status, Html(page)).into_response()
}

/// Opens a draft that is ready to be sent but for those who must agree; another one leads to its
/// check, which says what is missing.
async fn open(site: &Site, caller: &Caller, id: &str) -> Result<OpenDraft, Trouble> {
    let open = access::draft_at(site, caller, id, &urls::cosigners(id)).await?;
    let over = closing::of(site, &open).over().is_some();
    if over || cosigning::asked(site, &open).is_empty() || !check::check_all(site, &open).is_clean()
    {
        return Err(see_other(urls::check(id)).into());
    }
    Ok(open)
}

/// Shows who was asked, and where to name the others.
pub(crate) async fn get(
    caller: Caller,
    visitor: Visitor,
    State(site): State<Site>,
    Path(id): Path<String>,
    QueryData(asked): QueryData,
) -> PageResult {
    let open = open(&site, &caller, &id).await?;
    let note = match asked.text("done") {
        "asked" => TEXTS.text("applications.cosign.done_asked"),
        "replaced" => TEXTS.text("applications.cosign.done_replaced"),
        _ => "",
    };
    let nothing = (&FormData::default(), &[][..]);
    Ok(view((&site, &caller, &visitor), &open, nothing, note))
}

/// Reads what was typed for the places where nobody is asked yet. Places left empty are for later,
/// unless all are.
fn read(site: &Site, open: &OpenDraft, form: &FormData, own: &[String]) -> Vec<Typed> {
    let asked = cosigning::asked(site, open);
    let vacant: Vec<CosignPlace<'_>> =
        asked.iter().filter(|one| one.cosign.is_none()).map(|one| one.place).collect();
    let blank = |place: &CosignPlace<'_>| {
        ["name", "email"].iter().all(|part| form.text(&input(part, *place)).trim().is_empty())
    };
    let all_blank = vacant.iter().all(blank);
    let index = |email: &str| site.vault.index("email", &address::key(email));
    let mut seen: Vec<Vec<u8>> = open.cosigns.iter().map(|one| one.email_index.clone()).collect();
    let mut typed = Vec::new();
    for place in vacant.into_iter().filter(|place| all_blank || !blank(place)) {
        let name = visible(form.text(&input("name", place))).trim().to_owned();
        let fits = !name.is_empty()
            && name.chars().count() <= LONGEST_NAME
            && unwanted(&name, false).is_none();
        let wrong_name = if fits { "" } else { TEXTS.text("applications.cosign.name_wrong") };
        let email = address::read(form.text(&input("email", place)));
        let wrong_email = match &email {
            None => TEXTS.text("identity.email_wrong"),
            Some(email) if own.contains(&address::key(email)) => {
                TEXTS.text("applications.cosign.own_address")
            }
            Some(email) if seen.contains(&index(email)) => {
                TEXTS.text("applications.cosign.address_twice")
            }
            Some(_) => "",
        };
        seen.extend(email.as_deref().map(index));
        typed.push(Typed {
            kind: place.kind.id.clone(),
            place: i64::from(place.place),
            name,
            email,
            wrong: (wrong_name.to_owned(), wrong_email.to_owned()),
        });
    }
    typed
}

/// The mail that asks.
fn letter(
    site: &Site,
    open: &OpenDraft,
    applicant: &str,
    (id, email, until): (&str, &str, i64),
) -> NewLetter {
    Letter::new(email, Template::CosignAsked)
        .with("name", applicant)
        .about(&open.entry.title)
        .told("date", Told::Day(last_day(until)))
        .with("link", link(site, &urls::cosign(id)))
        .seal(&site.vault, site.new_id())
}

/// Mails to one address are slowed down, whoever sends them.
async fn charge(site: &Site, index: &[u8]) -> Result<(), Trouble> {
    let hex: String = index.iter().map(|byte| format!("{byte:02x}")).collect();
    login::charge(site, &site.vault.index("mail:cosign", &hex)).await
}

/// What counts the mails of an account today.
fn today_of(site: &Site, open: &OpenDraft) -> Vec<u8> {
    let owner = open.draft.owner.name();
    site.vault.index("cosigners", &format!("{owner} {}", site.today()))
}

fn too_many(id: &str) -> Reply {
    Reply::too_many("applications.cosign_many").with("most", A_DAY).link(urls::cosigners(id))
}

fn changed(id: &str) -> Reply {
    Reply::conflict("applications.busy").link(urls::cosigners(id))
}

/// Asks everybody who was named.
pub(crate) async fn post(
    caller: Caller,
    visitor: Visitor,
    State(site): State<Site>,
    Path(id): Path<String>,
    CsrfForm(form): CsrfForm,
) -> PageResult {
    let open = open(&site, &caller, &id).await?;
    let people = cosigning::applicants(&site, &open.draft.owner, &id).await?;
    let own: Vec<String> = people.iter().map(|one| address::key(&one.email)).collect();
    let typed = read(&site, &open, &form, &own);
    if typed.iter().any(|one| !one.wrong.0.is_empty() || !one.wrong.1.is_empty()) {
        return Ok(view((&site, &caller, &visitor), &open, (&form, &typed), ""));
    }
    let until = answers_until(&site);
    let applicant = people.first().map(acting::called).unwrap_or_default();
    let mut new = Vec::new();
    for one in &typed {
        let email = one.email.as_deref().unwrap_or_default();
        let email_index = site.vault.index("email", &address::key(email));
        charge(&site, &email_index).await?;
        let id = site.new_id();
        new.push(NewCosign {
            kind: one.kind.clone(),
            place: one.place,
            name_sealed: site.vault.seal(places::cosign_name(&id), one.name.as_bytes()),
            email_index,
            email_sealed: site.vault.seal(places::cosign_address(&id), email.as_bytes()),
            letter: letter(&site, &open, &applicant, (&id, email, until)),
            id,
        });
    }
    let (by, subject) = (caller.by(), today_of(&site, &open));
    let draft = (id.clone(), open.draft.version);
    let asked = site.store.write(move |tx| {
        for _ in &new {
            if !tries::count_to(tx, &subject, A_DAY, by.at)? {
                return Ok(None);
            }
        }
        cosigns::ask(tx, &by, (&draft.0, draft.1), (&new, until)).map(Some)
    });
    match asked.await? {
        None => Err(too_many(&id).into()),
        Some(Asked::Changed) => Err(changed(&id).into()),
        // The same page sent twice has asked them already.
        Some(Asked::Yes | Asked::Before) => {
            (site.wake)();
            Ok(see_other(format!("{}?done=asked", urls::cosigners(&id))))
        }
    }
}

/// The request with this identifier, and how it stands.
fn find<'a>(
    site: &Site,
    open: &'a OpenDraft,
    cosign: &str,
) -> Result<(&'a Cosign, Standing), Reply> {
    let asked = cosigning::asked(site, open);
    let found = asked
        .iter()
        .find_map(|one| one.cosign.filter(|known| known.id == cosign).zip(one.standing));
    found.ok_or_else(|| {
        Reply::not_found("applications.cosign_gone").link(urls::cosigners(&open.draft.id))
    })
}

/// Asks somebody again, with another mail.
pub(crate) async fn again(
    caller: Caller,
    State(site): State<Site>,
    Path((id, cosign)): Path<(String, String)>,
    CsrfForm(_): CsrfForm,
) -> PageResult {
    let open = open(&site, &caller, &id).await?;
    let (cosign, standing) = find(&site, &open, &cosign)?;
    let done = || see_other(format!("{}?done=asked", urls::cosigners(&id)));
    if standing == Standing::Agreed {
        return Ok(done());
    }
    charge(&site, &cosign.email_index).await?;
    let people = cosigning::applicants(&site, &open.draft.owner, &id).await?;
    let (until, applicant) =
        (answers_until(&site), people.first().map(acting::called).unwrap_or_default());
    let email = cosigning::address(&site.vault, cosign);
    let letter = letter(&site, &open, &applicant, (&cosign.id, &email, until));
    let (by, subject, cosign) = (caller.by(), today_of(&site, &open), cosign.clone());
    let asked = site.store.write(move |tx| {
        if !tries::count_to(tx, &subject, A_DAY, by.at)? {
            return Ok(None);
        }
        cosigns::ask_again(tx, &by, &cosign, (until, &letter)).map(Some)
    });
    match asked.await? {
        None => Err(too_many(&id).into()),
        Some(false) => Err(changed(&id).into()),
        Some(true) => {
            (site.wake)();
            Ok(done())
        }
    }
}

/// Asks somebody no more, so that another one can be named.
pub(crate) async fn replace(
    caller: Caller,
    State(site): State<Site>,
    Path((id, cosign)): Path<(String, String)>,
    CsrfForm(_): CsrfForm,
) -> PageResult {
    let open = open(&site, &caller, &id).await?;
    let done = || see_other(format!("{}?done=replaced", urls::cosigners(&id)));
    // Pressed twice.
    let Ok((cosign, _)) = find(&site, &open, &cosign) else { return Ok(done()) };
    let letter = Letter::new(cosigning::address(&site.vault, cosign), Template::CosignTakenBack)
        .about(&open.entry.title)
        .seal(&site.vault, site.new_id());
    let (by, cosign) = (caller.by(), cosign.clone());
    site.store.write(move |tx| cosigns::take_back(tx, &by, &cosign, &letter)).await?;
    (site.wake)();
    Ok(done())
}
