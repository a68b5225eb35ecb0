//! One application: where it stands, what was told, what can be done.

use axum::extract::{Path, State};
use axum::response::IntoResponse as _;
use domain::applications::{Event, Progress, Rules, State as Stage, progress};
use domain::identity::Action;
use internet_zone_store::applications::messages::{self, Message, MessageFile, Writer};
use internet_zone_store::applications::status::Turn;
use internet_zone_store::applications::{documents, status, withdrawal_requests};
use internet_zone_store::identity::sessions;
use platform_web::{Html, PageResult, QueryData, Visitor};

use super::correction::Asked;
use super::cosigning::Signer;
use super::{access, again, asking, charges, check_codes, cosigning, mypage, seats};
use crate::caller::Caller;
use crate::forms::fee::{self, Fee};
use crate::frame::Frame;
use crate::places;
use crate::procedures::words;
use crate::shelf::Entry;
use crate::site::Site;
use crate::texts::TEXTS;
use crate::urls;

struct Told {
    at: String,
    state: &'static str,
    /// What it says beside the state; may be empty.
    turn: &'static str,
    note: String,
}

struct Held {
    name: String,
    why: &'static str,
}

/// A document as pages offer it.
pub(super) struct Issued {
    pub(super) name: String,
    pub(super) size: String,
    pub(super) issued: String,
    pub(super) opened: String,
    pub(super) href: String,
    /// With which anybody checks it.
    code: String,
    qr: String,
}

/// What was written about it.
struct Talk {
    href: String,
    link: String,
    /// The department wrote last.
    answered: bool,
    /// A file that was sent with the newest message could not be taken over.
    held: bool,
}

fn talk(id: &str, written: &[Message], files: &[MessageFile]) -> Talk {
    let link = if written.is_empty() {
        TEXTS.text("applications.messages.link").to_owned()
    } else {
        TEXTS.fill("applications.messages.link_many", &[("count", &written.len())])
    };
    let answered = written.last().is_some_and(|last| last.writer == Writer::Staff);
    let last = written.last().map(|last| last.id.as_str());
    let held = files.iter().any(|file| file.held.is_some() && Some(&*file.message_id) == last);
    Talk { href: urls::messages(id), link, answered, held }
}

/// A request to withdraw that waits for an answer of the office.
struct AskedBack {
    request: String,
    since: String,
    /// Where it is taken back; `None` for who may not.
    back: Option<String>,
}

/// Who is in charge of an application.
pub(super) struct InCharge {
    pub(super) name: String,
    pub(super) phone: String,
    /// It is another department than the one it was sent to.
    pub(super) handed: bool,
}

/// The department that took it over, or the procedure's. Nothing where the answers decide to which one it
/// goes: which that is stays in the other zone.
pub(super) fn in_charge(site: &Site, entry: &Entry, department: &str) -> Option<InCharge> {
    let (shown, procedure) = (site.shelf.shown(), entry.procedure());
    let (one, handed) = match shown.department(department) {
        Some(one) => (one, true),
        None if procedure.routing.is_empty() => {
            (shown.department(procedure.department.as_str())?, false)
        }
        None => return None,
    };
    Some(InCharge { name: one.name.clone(), phone: one.phone.clone(), handed })
}

struct ToCorrect {
    reason: String,
    due: String,
    href: String,
}

#[derive(askama::Template)]
#[template(path = "applications/show.html")]
struct Page<'a> {
    frame: Frame<'a>,
    procedure: &'a str,
    number: &'a str,
    arrived: String,
    state: &'static str,
    class: &'static str,
    next: &'static str,
    /// What the newest step says beside the state, such as that a withdrawal was too late; may be empty.
    turn: &'static str,
    /// Why the office did not agree to a withdrawal; may be empty.
    turn_note: &'a str,
    note: &'a str,
    expected: String,
    steps: Vec<(String, &'static str)>,
    said: String,
    told: Vec<Told>,
    held: Vec<Held>,
    issued: Vec<Issued>,
    /// Documents are there that only the person may receive.
    locked: bool,
    /// Whom to ask.
    in_charge: Option<InCharge>,
    correction: Option<ToCorrect>,
    /// Days and times it holds: question and words.
    booked: Vec<(String, String)>,
    /// What it costs, under the name of its question.
    fees: Vec<(String, Fee)>,
    /// Who agreed to it before it was sent.
    signers: Vec<Signer>,
    /// The caller is one of them.
    as_cosigner: bool,
    withdraw: Option<String>,
    /// Where the office is asked to let it be withdrawn.
    ask_withdrawal: Option<String>,
    /// A request for that which waits for an answer.
    asked: Option<AskedBack>,
    again: Option<String>,
    receipt: String,
    /// Where to write to the department; `None` for who may not.
    talk: Option<Talk>,
    /// Where codes are checked.
    verify: String,
    is_account: bool,
    /// The session may see others, too: their list.
    others: bool,
    done: &'static str,
}

/// Shows an application to its owner.
pub(crate) async fn get(
    caller: Caller,
    visitor: Visitor,
    State(site): State<Site>,
    Path(id): Path<String>,
    QueryData(asked): QueryData,
) -> PageResult {
    let open = access::application(&site, &caller, &id, Action::ReadApplication).await?;
    let (wanted, session) = (id.clone(), caller.session_hash().map(<[u8]>::to_vec));
    let (now, story, documents, written, files, asked_back, granted) = site
        .store
        .read(move |db| {
            // Of one state with its story: something may have happened since it was opened.
            let now = status::find(db, &wanted)?;
            let (written, files) = (messages::of(db, &wanted)?, messages::files_of(db, &wanted)?);
            let (story, asked) =
                (status::story(db, &wanted)?, withdrawal_requests::open(db, &wanted)?);
            let granted = session.map(|hash| sessions::granted(db, &hash)).transpose()?;
            Ok((now, story, documents::of(db, &wanted)?, written, files, asked, granted))
        })
        .await?;
    let application = now.as_ref().unwrap_or(&open.application);
    let stage = Stage::parse(&application.state).unwrap_or(Stage::Arrived);
    let rules = Rules::from(&open.entry.procedure().workflow);
    let steps = steps(stage, rules);
    let here = steps.iter().position(|(_, state)| *state == "now").unwrap_or(0);
    let state = TEXTS.text(stage.name_key());
    let said = TEXTS.fill(
        "applications.page.said",
        &[("total", &steps.len()), ("at", &(here + 1)), ("title", &state)],
    );
    let address = urls::application(&id);
    let may_correct = stage.waits_for_applicant() && open.allows(Action::CorrectApplication);
    let correction = story.open_correction().filter(|_| may_correct);
    let done = match asked.text("done") {
        "withdrawn" => TEXTS.text("applications.withdraw.done"),
        "asked" => TEXTS.text("applications.ask_withdrawal.done"),
        "not_asked" => TEXTS.text("applications.ask_withdrawal.taken_back"),
        "corrected" => TEXTS.text("applications.correction.done"),
        _ => "",
    };
    let mut fees = charges::told(&site, &open.entry, &id).await?;
    // Who may read what was written is told to look there.
    if open.allows(Action::WriteMessage) && written.iter().any(|one| one.writer == Writer::Staff) {
        fee::written(open.entry.procedure(), &mut fees);
    }
    let page = Page {
        frame: Frame::form(&site, &caller, &visitor, TEXTS.text("applications.show.title"))
            .acting(open.acting.as_ref()),
        procedure: open.entry.procedure().title.ja(),
        number: &application.number,
        arrived: words::micros(application.arrived_at),
        state,
        class: mypage::class(stage),
        next: TEXTS.text(stage.next_key()),
        turn: turn(story.steps.last().filter(|step| is_news(step))),
        turn_note: story.steps.last().map_or("", why_declined),
        note: &application.note,
        expected: date(&application.expected),
        steps,
        said,
        told: told(&story),
        held: held(&site, &id, &story),
        locked: !documents.is_empty() && !open.as_cosigner && !open.allows(Action::ReadDocument),
        issued: if open.allows(Action::ReadDocument) {
            issued(&site, &id, documents)
        } else {
            Vec::new()
        },
        in_charge: in_charge(&site, &open.entry, &application.department_id),
        correction: correction.map(|correction| ToCorrect {
            reason: Asked::open(&site.vault, &id, correction).map(|a| a.reason).unwrap_or_default(),
            due: date(&correction.due),
            href: format!("{address}/correction"),
        }),
        withdraw: (stage.apply(Event::Withdraw, rules).is_ok()
            && open.allows(Action::WithdrawApplication))
        .then(|| format!("{address}/withdraw")),
        ask_withdrawal: (asked_back.is_none()
            && stage.may_ask_to_withdraw(rules)
            && open.allows(Action::WithdrawApplication))
        .then(|| asking::address(&id)),
        asked: asked_back.map(|asked| AskedBack {
            request: asked.id,
            since: words::micros(asked.asked_at),
            back: open
                .allows(Action::WithdrawApplication)
                .then(|| format!("{}/back", asking::address(&id))),
        }),
        again: again::offered(
            &site,
            &caller,
            application.owner.as_ref(),
            &application.procedure_id,
        )
        .map(|_| format!("{address}/again")),
        booked: seats::told(&site, &open.entry, &id).await?,
        fees,
        signers: cosigning::signers(&site.vault, &open.entry, &open.cosigners),
        as_cosigner: open.as_cosigner,
        receipt: urls::receipt(&id),
        talk: open.allows(Action::WriteMessage).then(|| talk(&id, &written, &files)),
        verify: format!("{}{}", site.city.base_url, urls::VERIFY),
        is_account: caller.account().is_some(),
        others: granted.is_some_and(|all| all.len() > 1),
        done,
    };
    Ok(Html(page).into_response())
}

/// An ISO date in words; other text as it is.
pub(super) fn date(iso: &str) -> String {
    iso.parse().map_or_else(|_| iso.to_owned(), words::date)
}

fn steps(stage: Stage, rules: Rules) -> Vec<(String, &'static str)> {
    progress(stage, rules)
        .into_iter()
        .map(|step| {
            let state = match step.progress {
                Progress::Passed => "done",
                Progress::Here => "now",
                Progress::Ahead => "later",
            };
            (TEXTS.text(step.name).to_owned(), state)
        })
        .collect()
}

/// Whether the newest step says something that the rest of the page does not.
fn is_news(step: &status::Step) -> bool {
    match step.turn {
        Some(
            Turn::Late
            | Turn::LateFull
            | Turn::Declined
            | Turn::Over
            | Turn::Reopened
            | Turn::ReopenedFull,
        ) => true,
        Some(Turn::Asked | Turn::TakenBack | Turn::Granted) | None => false,
    }
}

/// The words of a refusal to let it be withdrawn: they are no note of the application, which goes on.
fn why_declined(step: &status::Step) -> &str {
    if step.turn == Some(Turn::Declined) { &step.note } else { "" }
}

fn turn(step: Option<&status::Step>) -> &'static str {
    step.and_then(|step| step.turn).map_or("", |turn| TEXTS.text(turn.words_key()))
}

fn told(story: &status::Story) -> Vec<Told> {
    story
        .steps
        .iter()
        .rev()
        .map(|step| Told {
            at: words::micros(step.at),
            state: Stage::parse(&step.state).map_or("", |stage| TEXTS.text(stage.name_key())),
            turn: turn(Some(step)),
            note: step.note.clone(),
        })
        .collect()
}

fn held(site: &Site, id: &str, story: &status::Story) -> Vec<Held> {
    use internet_zone_store::applications::told::held_row;
    story
        .held
        .iter()
        .map(|file| {
            let name =
                site.vault.open_text(places::held_name(&held_row(id, file.seq)), &file.name_sealed);
            Held { name: name.unwrap_or_default(), why: why_held(&file.reason) }
        })
        .collect()
}

/// Why a file could not be taken over, in words with what to do about it.
pub(super) fn why_held(reason: &str) -> &'static str {
    let key = format!("applications.hold.{reason}");
    let why = TEXTS.keys().find(|known| *known == key).map(|key| TEXTS.text(key));
    why.unwrap_or_else(|| TEXTS.text("applications.hold.broken"))
}

pub(super) fn issued(site: &Site, id: &str, documents: Vec<documents::Document>) -> Vec<Issued> {
    documents
        .into_iter()
        .map(|document| {
            let name =
                site.vault.open_text(places::document_name(&document.id), &document.name_sealed);
            Issued {
                name: name.unwrap_or_default(),
                size: words::size(u64::try_from(document.size).unwrap_or(0)),
                issued: words::micros(document.issued_at),
                opened: document.opened_at.map(words::micros).unwrap_or_default(),
                code: check_codes::of_document(&document.id).to_string(),
                qr: format!("{}/documents/{}/qr.svg", urls::application(id), document.id),
                href: format!("{}/documents/{}", urls::application(id), document.id),
            }
        })
        .collect()
}
