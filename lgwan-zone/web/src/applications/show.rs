//! One application: answers, files, history, notes, and what can be done now.

use std::collections::BTreeMap;

use askama::Template;
use axum::extract::{Path, State};
use axum::response::IntoResponse as _;
use domain::applications::{Channel, Event, Mark, State as At};
use domain::identity::Action;
use lgwan_zone_store::applications::approvals::{self, Decision, Said};
use lgwan_zone_store::applications::charge as stored_charge;
use lgwan_zone_store::applications::countdown;
use lgwan_zone_store::applications::entered::{self, Entered, Override};
use lgwan_zone_store::applications::entries::{self, Alike};
use lgwan_zone_store::applications::file::{self, File};
use lgwan_zone_store::applications::inquiries as stored_inquiries;
use lgwan_zone_store::applications::labels as stored_labels;
use lgwan_zone_store::applications::messages as written;
use lgwan_zone_store::applications::rows::{
    Attachment, Cosigner, Delegate, Document, Event as Line,
};
use lgwan_zone_store::applications::withdrawal_requests::{self, Request};
use lgwan_zone_store::applications::{payments, review, staff_answers};
use lgwan_zone_store::identity::{departments, reforms};
use lgwan_zone_store::notices::STAFF;
use lgwan_zone_store::phrases as stored_phrases;
use lgwan_zone_store::retention::holds;
use platform_store::time;
use platform_web::{Html, OrFault as _, PageResult, QueryData, Trouble, Visitor};

use super::approval::{self, Section};
use super::before::{Before, newest};
use super::charge;
use super::clash::Clash;
use super::deadline::{self, Deadline};
use super::desk::{self, Desk};
use super::files;
use super::hold;
use super::labels::{self, Tag};
use super::messages::{self, Typed};
use super::payment;
use super::phrases;
use super::rebased;
use super::refuse;
use super::staff_fields;
use super::summary::{self, Drawn, Page};
use super::withdrawal;
use crate::entry::{SCANNED, begin};
use crate::frame::{Choice, Fault, Frame, Place, maybe, name_of};
use crate::guard::Who;
use crate::inquiries;
use crate::site::{Site, TEXTS};
use crate::words;

#[derive(Template)]
#[template(path = "applications/show.html")]
struct ShowPage {
    frame: Frame,
    id: String,
    number: String,
    procedure: String,
    state: String,
    tone: &'static str,
    due: Option<String>,
    deadline: Option<Deadline>,
    arrived: String,
    age: String,
    applicant: String,
    applicant_kind: String,
    /// Who filled in for the applicant; empty when nobody did.
    delegate: String,
    /// The counter terminal it was sent at; empty when it came from elsewhere.
    terminal: String,
    /// The invitation it was sent by; empty without one.
    invitation: String,
    /// How it came, when staff entered it.
    entered: Option<EnteredView>,
    /// Fields taken against the rules of the form.
    overrides: Vec<OverrideView>,
    /// What staff noted in the questions of their own; `None` when the procedure has none.
    staff_fields: Option<Vec<(String, String)>>,
    /// Who agreed to it before it was sent.
    cosigners: Vec<Signer>,
    department: String,
    /// What the department was called when the application was decided, or before a reform.
    earlier: String,
    version: i32,
    round: i32,
    held: i32,
    doubts: Vec<String>,
    steps: Vec<Offer>,
    pages: Vec<Page>,
    /// What was answered and is not asked under the revision it was moved to.
    left_out: Vec<Page>,
    files: Vec<FileView>,
    documents: Vec<DocumentView>,
    notes: Vec<NoteView>,
    events: Vec<EventView>,
    asked: Option<AskedView>,
    approval: Option<Section>,
    can_note: bool,
    /// Whether the person applied for it themselves: others decide it.
    own: bool,
    messages: Vec<messages::View>,
    /// The applicant wrote last and waits for an answer.
    asks: bool,
    /// Words to begin a message with.
    phrases: Vec<Choice>,
    /// What other departments are asked, with what they said.
    inquiries: Vec<inquiries::View>,
    /// What the applicant asked to withdraw (取下げの申出), newest first.
    withdrawals: Vec<withdrawal::View>,
    /// What stands against a decision.
    before: Before,
    /// How far the review is; `None` when there is nothing to look at.
    review: Option<ReviewView>,
    /// What it costs and whether that was paid; `None` when it costs nothing.
    payment: Option<payment::View>,
    /// Name of who is in charge; empty for nobody.
    in_charge: String,
    /// Who can be put in charge; empty for who may not.
    people: Vec<Choice>,
    /// Whether it can be handed to another department.
    can_hand: bool,
    /// Whether another department can be asked now.
    can_ask: bool,
    /// Open applications that may be of the same person.
    alike: Vec<AlikeView>,
    /// The labels of the department, with those that are on it.
    labels: Vec<Tag>,
    /// 保存延長, of an application that is over or for one that may be.
    hold: Option<hold::View>,
    /// Makes a second press of the same page send nothing.
    key: String,
    /// A message that was typed and cannot be sent as it is, and why.
    typed: String,
    /// A note that was typed and is not kept.
    typed_note: String,
    faults: Vec<Fault>,
    /// Why a message was not sent.
    clash: Clash,
}

/// How far the review is.
struct ReviewView {
    /// How many points are marked; empty without points.
    done: String,
    /// How many of them are marked 不備; empty for none.
    flaws: String,
}

/// An application that may be of the same person.
struct AlikeView {
    id: String,
    number: String,
    name: String,
    arrived: String,
    state: &'static str,
    same_procedure: bool,
}

struct EnteredView {
    channel: &'static str,
    by: String,
    at: String,
    /// What staff can do for an applicant who has no page: enter the correction, note a withdrawal.
    corrects: bool,
    withdraws: bool,
    /// Whether the applicant is a member of staff, who does that themselves.
    own: bool,
}

struct OverrideView {
    label: String,
    reason: String,
    by: String,
}

/// Somebody who agreed.
struct Signer {
    who: String,
    name: String,
    account: String,
    at: String,
    content: String,
    fits: bool,
}

struct Offer {
    path: &'static str,
    text: String,
    asks: bool,
    look: &'static str,
}

/// A file of the applicant: rebuilt, held, or scanned by staff.
pub(crate) struct FileView {
    pub(crate) id: String,
    /// The page whose file it is: its address begins so.
    pub(crate) base: String,
    pub(crate) name: String,
    pub(crate) size: String,
    pub(crate) label: String,
    pub(crate) held: Option<String>,
    /// Whether staff scanned it, so that nothing rebuilt it.
    pub(crate) scanned: bool,
    pub(crate) result: String,
    pub(crate) image: bool,
    pub(crate) view: bool,
    pub(crate) sha256: String,
}

/// A document for the applicant.
pub(super) struct DocumentView {
    id: String,
    title: String,
    size: String,
    at: String,
    by: String,
    signed: Option<String>,
    opened: Option<String>,
}

struct NoteView {
    words: String,
    at: String,
    by: String,
}

/// A line of the history.
pub(crate) struct EventView {
    pub(crate) text: String,
    pub(crate) at: String,
    pub(crate) by: String,
    pub(crate) words: String,
}

struct AskedView {
    reason: String,
    fields: String,
}

/// The fields staff are to look at again, by the words of the form.
fn labels(desk: &Desk, doubts: &str) -> Result<Vec<String>, Trouble> {
    let ids: Vec<String> = serde_json::from_str(doubts).or_fault()?;
    let fields = || desk.form.procedure().pages.iter().flat_map(|page| &page.fields);
    let label = |id: String| {
        fields().find(|field| field.id == id).map_or(id, |field| field.label.ja().to_owned())
    };
    Ok(ids.into_iter().map(label).collect())
}

/// Shows one application.
pub async fn get(
    State(site): State<Site>,
    who: Who,
    visitor: Visitor,
    query: QueryData,
    Path(id): Path<String>,
) -> PageResult {
    let desk = desk::open(&site, &who, &id, Action::ReadApplication).await?;
    let frame = Frame::of(&site, &who, &visitor, Place::Inbox).said(&query, "applications");
    let wanted = query.0.text("phrase").to_owned();
    let typed = if wanted.is_empty() {
        Typed::default()
    } else {
        let found = site.store.read(move |db| stored_phrases::find(db, &wanted)).await?;
        let found = found.filter(|one| one.department_id == desk.row.department_id);
        let words = found.map(|one| phrases::filled(&desk, &one)).unwrap_or_default();
        Typed { words, ..Typed::default() }
    };
    page(&site, &who, &desk, frame, typed).await
}

/// The page, with a message that was typed and cannot be sent as it is.
pub(super) async fn page(
    site: &Site,
    who: &Who,
    desk: &Desk,
    frame: Frame,
    typed: Typed,
) -> PageResult {
    let id = desk.row.id.clone();
    let (department, desks) = (desk.row.department_id.clone(), who.desks());
    let (
        whole,
        names,
        decision,
        written,
        (
            entered,
            overrides,
            noted,
            earlier,
            held,
            (tags, alike, ready, (asked, (found, back, in_charge, members, paid))),
        ),
    ) = site
        .store
        .read(move |db| {
            let decision = approvals::newest(db, &id)?;
            let members = stored_charge::members(db, std::slice::from_ref(&department))?;
            let written = (written::of(db, &id)?, written::files_of(db, &id)?);
            let desk = (
                entered::of(db, &id)?,
                entered::overrides(db, &id)?,
                staff_answers::all(db, &id)?,
                reforms::names_of(db, &id)?,
                holds::of(db, &id)?,
                (
                    labels::tags(
                        &stored_labels::of_departments(db, std::slice::from_ref(&department))?,
                        &stored_labels::on(db, std::slice::from_ref(&id))?,
                    ),
                    entries::alike_to(db, &desks, &id, &open_states())?,
                    stored_phrases::of(db, &[department])?,
                    (
                        (stored_inquiries::of(db, &id)?, departments::ever(db)?),
                        (
                            review::all(db, &id)?,
                            withdrawal_requests::of(db, &id)?,
                            stored_charge::of(db, std::slice::from_ref(&id))?,
                            members,
                            payments::of(db, &id)?,
                        ),
                    ),
                ),
            );
            Ok((file::whole(db, &id)?, departments::all(db)?, decision, written, desk))
        })
        .await?;
    let whole = whole.ok_or_else(|| platform_web::Fault::because("the application is gone"))?;
    // Somebody took a step since it was opened: the page shows the state beside its own story.
    let now;
    let desk = if whole.application.version == desk.row.version {
        desk
    } else {
        now = desk::open(site, who, &desk.row.id, Action::ReadApplication).await?;
        &now
    };
    let names: Vec<(String, String)> = names.into_iter().map(|one| (one.id, one.name)).collect();
    files::noted(site, who, "applications.viewed", "application", &desk.row.id, "").await?;
    let ((written, asks), enclosed) = written;
    let stages = approval::known(site, who, desk).await?;
    let left_out = rebased::left_out(site, desk, &whole).await?;
    let drawn = draw(site, who, desk, (&whole, decision.as_ref(), &stages), &names, frame)?;
    let (asked, ever) = asked;
    let ever: Vec<(String, String)> = ever.into_iter().map(|one| (one.id, one.name)).collect();
    let asked: Vec<inquiries::View> =
        asked.iter().map(|one| inquiries::view(site, one, &ever)).collect();
    let waited = asked.iter().filter(|one| one.open).map(|one| one.department.clone()).collect();
    let answers = whole.rounds.first().map(desk::parse_answers).transpose()?.unwrap_or_default();
    let told = (words::day(site.clock.now()), entered.is_none());
    let payment = payment::view(desk, &answers, &paid, told);
    let (person, name) = in_charge.into_values().next().unwrap_or_default();
    let page = ShowPage {
        left_out,
        people: if drawn.can_note && !desk.state.is_end() {
            charge::people(&members, &person, Some(&desk.row))
        } else {
            Vec::new()
        },
        in_charge: name,
        review: review_view(desk, &found, &whole.attachments),
        before: Before {
            withdrawal: back.iter().any(Request::waits),
            unpaid: payment.as_ref().is_some_and(|one| one.stops),
            ..Before::of(desk, waited, &found)
        },
        payment,
        withdrawals: back.iter().map(withdrawal::view).collect(),
        inquiries: asked,
        messages: written.iter().map(|one| messages::view(desk, one, &enclosed)).collect(),
        asks,
        key: if typed.key.is_empty() { drawn.key.clone() } else { typed.key },
        typed: typed.words,
        typed_note: typed.note,
        faults: typed.faults,
        clash: typed.clash,
        earlier: earlier_name(earlier),
        hold: held.map(hold::view),
        labels: tags,
        phrases: ready.iter().map(|one| Choice::new(&one.id, &one.title, false)).collect(),
        alike: alike.into_iter().map(|one| alike_view(desk, one)).collect(),
        entered: entered.map(|entered| entered_view(who, desk, entered)),
        overrides: overrides.into_iter().map(|one| override_view(desk, one)).collect(),
        staff_fields: staff_fields::shown(desk, &noted, words::day(site.clock.now()))?,
        ..drawn
    };
    Ok(Html(page).into_response())
}

fn draw(
    site: &Site,
    who: &Who,
    desk: &Desk,
    (whole, decision, stages): (&File, Option<&(Decision, Vec<Said>)>, &approval::Known),
    names: &[(String, String)],
    frame: Frame,
) -> Result<ShowPage, Trouble> {
    let row = &whole.application;
    let now = site.clock.now();
    let newest = whole.rounds.first();
    let newest = newest.ok_or_else(|| platform_web::Fault::because("no answers stored"))?;
    let answers = desk::parse_answers(newest)?;
    let before = whole.rounds.get(1).map(desk::parse_answers).transpose()?;
    let provenance: BTreeMap<String, String> =
        serde_json::from_str(&newest.provenance).or_fault()?;
    let pages = summary::pages(&Drawn {
        form: &desk.form,
        answers: &answers,
        before: before.as_ref(),
        provenance: &provenance,
        files: &whole.attachments,
        today: words::day(time::from_micros(row.arrived_at)),
    });
    let works = who.may_with(Action::WorkOnApplication, row).is_ok();
    Ok(ShowPage {
        frame,
        id: row.id.clone(),
        number: row.number.clone(),
        procedure: desk.title().to_owned(),
        state: TEXTS.text(desk.state.name_key()).to_owned(),
        tone: tone(desk.state),
        due: row.due.clone(),
        deadline: (!desk.state.is_end())
            .then(|| deadline::view(countdown::of(row), now, site.office.days()))
            .flatten(),
        arrived: words::stored(row.arrived_at),
        age: age(time::from_micros(row.arrived_at), now),
        applicant: applicant(&row.applicant_name),
        applicant_kind: applicant_kind(&row.applicant_kind, row.applicant_email.as_deref()),
        delegate: whole.delegate.as_ref().map(delegate).unwrap_or_default(),
        terminal: whole.terminal.clone().unwrap_or_default(),
        invitation: whole.invitation.as_ref().map(invited_by).unwrap_or_default(),
        cosigners: whole.cosigners.iter().map(|one| signer(desk, one)).collect(),
        department: name_of(names, &row.department_id),
        earlier: String::new(),
        version: row.version,
        round: row.round,
        held: row.held,
        doubts: labels(desk, &newest.doubts)?,
        steps: if works { offers(site, who, desk, decision) } else { Vec::new() },
        pages,
        left_out: Vec::new(),
        files: whole.attachments.iter().map(|file| file_view(desk, file)).collect(),
        documents: whole
            .documents
            .iter()
            .map(|one| document_view(one, issuer(one, whole)))
            .collect(),
        notes: whole.notes.iter().map(note_view).collect(),
        events: whole.events.iter().map(event_view).collect(),
        asked: asked(desk, whole),
        approval: approval::section(who, desk, decision, works, stages),
        can_note: works,
        own: row.is_of(&who.id),
        inquiries: Vec::new(),
        withdrawals: Vec::new(),
        before: Before::default(),
        review: None,
        payment: None,
        in_charge: String::new(),
        people: Vec::new(),
        can_hand: works && desk.state.may_change_hands(),
        can_ask: works && !desk.state.is_end() && desk.state != At::Notified,
        messages: Vec::new(),
        asks: false,
        entered: None,
        overrides: Vec::new(),
        staff_fields: None,
        hold: None,
        labels: Vec::new(),
        alike: Vec::new(),
        phrases: Vec::new(),
        key: site.new_id(),
        typed: String::new(),
        typed_note: String::new(),
        faults: Vec::new(),
        clash: Clash::default(),
    })
}

/// The department as it was called: on what was decided under that name, for good (NB-6.5).
fn earlier_name((came_from, decided_in): (Option<String>, Option<String>)) -> String {
    match (decided_in, came_from) {
        (Some(name), _) => TEXTS.fill("applications.page.show.decided_in", &[("name", &name)]),
        (None, Some(name)) => TEXTS.fill("applications.page.show.came_from", &[("name", &name)]),
        (None, None) => String::new(),
    }
}

/// States in which something is left to do.
fn open_states() -> Vec<String> {
    let open = At::ALL.into_iter().filter(|state| !state.is_end());
    open.map(|state| state.key().to_owned()).collect()
}

fn review_view(
    desk: &Desk,
    found: &BTreeMap<String, Vec<review::Found>>,
    files: &[Attachment],
) -> Option<ReviewView> {
    let points = &desk.form.procedure().workflow.points;
    if points.is_empty() && files.is_empty() {
        return None;
    }
    let marks: Vec<&str> =
        points.iter().filter_map(|one| newest(found, &one.id)).map(|one| &*one.mark).collect();
    let flaws = marks.iter().filter(|mark| **mark == Mark::Flaw.key()).count();
    let counts: [(&str, &dyn std::fmt::Display); 2] =
        [("marked", &marks.len()), ("all", &points.len())];
    let said = |count: usize, words: String| if count == 0 { String::new() } else { words };
    Some(ReviewView {
        done: said(points.len(), TEXTS.fill("applications.check.done", &counts)),
        flaws: said(flaws, TEXTS.fill("applications.check.flaws", &[("count", &flaws)])),
    })
}

fn alike_view(desk: &Desk, one: Alike) -> AlikeView {
    AlikeView {
        same_procedure: one.procedure_id == desk.row.procedure_id,
        state: At::parse(&one.state)
            .map_or(TEXTS.text("frame.unknown"), |state| TEXTS.text(state.name_key())),
        arrived: words::stored(one.arrived_at),
        id: one.id,
        number: one.number,
        name: one.applicant_name,
    }
}

fn entered_view(who: &Who, desk: &Desk, entered: Entered) -> EnteredView {
    let works = who.may_with(Action::WorkOnApplication, &desk.row).is_ok();
    let own = entered.channel() == Channel::Staff;
    let works = works && !own && !desk.state.is_end();
    let open = |event| works && desk.state.apply(event, desk.rules()).is_ok();
    EnteredView {
        channel: begin::name(entered.channel()),
        at: words::stored(entered.entered_at),
        by: entered.staff_name,
        corrects: open(Event::Resubmit),
        withdraws: open(Event::Withdraw),
        own,
    }
}

fn override_view(desk: &Desk, one: Override) -> OverrideView {
    OverrideView {
        label: label(desk, &one.field).to_owned(),
        reason: one.reason,
        by: format!("{} {}", one.staff_name, words::stored(one.at)),
    }
}

/// Name and address of who filled in for the applicant.
fn delegate(by: &Delegate) -> String {
    format!("{} {}", by.name, by.email).trim().to_owned()
}

fn signer(desk: &Desk, one: &Cosigner) -> Signer {
    let kinds = &desk.form.procedure().access.cosigners;
    let kind = kinds.iter().find(|kind| kind.id == one.kind);
    let known = [&one.name, &one.named].into_iter().find(|name| !name.is_empty());
    Signer {
        who: kind.map_or_else(|| one.kind.clone(), |kind| kind.who.ja().to_owned()),
        name: format!("{} {}", known.map_or("", String::as_str), one.email).trim().to_owned(),
        account: one.account_id.clone(),
        at: words::stored(one.agreed_at),
        content: one.content.clone(),
        fits: one.fits,
    }
}

fn note_view((note, by): &(lgwan_zone_store::applications::rows::Note, String)) -> NoteView {
    NoteView { words: note.words.clone(), at: words::stored(note.at), by: by.clone() }
}

/// The name of who issued a document, as the history has it.
fn issuer(one: &Document, whole: &File) -> String {
    let by = whole.events.iter().find(|event| event.actor == one.issued_by);
    by.map_or_else(String::new, |event| event.actor_name.clone())
}

pub(super) fn document_view(one: &Document, by: String) -> DocumentView {
    DocumentView {
        id: one.id.clone(),
        title: one.title.clone(),
        size: words::bytes(one.size),
        at: words::stored(one.issued_at),
        by,
        signed: one
            .signed_by
            .as_ref()
            .map(|post| TEXTS.fill("applications.page.show.signed", &[("name", post)])),
        opened: maybe(one.opened_at),
    }
}

pub(crate) fn event_view(event: &Line) -> EventView {
    let by = match event.actor.as_str() {
        "applicant" if event.actor_name.is_empty() => {
            TEXTS.text("applications.actor.applicant").to_owned()
        }
        "applicant" => TEXTS.fill("applications.actor.delegate", &[("name", &event.actor_name)]),
        "system" => TEXTS.text("applications.actor.system").to_owned(),
        _ => event.actor_name.clone(),
    };
    let text = TEXTS.get(&format!("applications.act.{}", event.act));
    EventView {
        text: text.unwrap_or(&event.act).to_owned(),
        at: words::stored(event.at),
        by,
        words: event.words.clone(),
    }
}

fn asked(desk: &Desk, whole: &File) -> Option<AskedView> {
    let open = whole.corrections.first().filter(|asked| asked.answered_at.is_none())?;
    if !desk.state.waits_for_applicant() {
        return None;
    }
    let fields: Vec<String> = serde_json::from_str(&open.fields).unwrap_or_default();
    let labels: Vec<&str> = fields.iter().map(|id| label(desk, id)).collect();
    Some(AskedView { reason: open.reason.clone(), fields: labels.join(TEXTS.text("frame.and")) })
}

/// The label of a field; its id when the form has none of that id.
pub(crate) fn label<'a>(desk: &'a Desk, id: &'a str) -> &'a str {
    let fields = desk.form.procedure().pages.iter().flat_map(|page| &page.fields);
    fields.into_iter().find(|field| field.id == id).map_or(id, |field| field.label.ja())
}

pub(crate) fn file_view(desk: &Desk, file: &Attachment) -> FileView {
    let media = file.out_media.as_deref().unwrap_or_default();
    let image = media.starts_with("image/");
    let held = file.hold_reason.as_ref().map(|reason| {
        let words = TEXTS.get(&format!("applications.held.{reason}"));
        let words = words.unwrap_or(TEXTS.text("applications.held.worker_fault")).to_owned();
        match &file.malware {
            Some(name) => {
                let named = TEXTS.phrase("applications.held_malware").with("name", name);
                format!("{words}{named}")
            }
            None => words,
        }
    });
    FileView {
        id: file.id.clone(),
        base: format!("/applications/{}", desk.row.id),
        name: file.name.clone(),
        size: words::bytes(file.size),
        label: label(desk, &file.field).to_owned(),
        held,
        scanned: file.policy == SCANNED,
        result: treated(file),
        image,
        view: image || media == "application/pdf",
        sha256: file.sha256.clone(),
    }
}

/// What the sanitizer did, in words.
fn treated(file: &Attachment) -> String {
    if file.policy == SCANNED {
        return TEXTS.text("applications.scanned").to_owned();
    }
    let removed: Vec<(String, u32)> = serde_json::from_str(&file.removed).unwrap_or_default();
    if removed.is_empty() {
        return TEXTS.text("applications.treated_nothing").to_owned();
    }
    let parts: Vec<String> = removed
        .iter()
        .map(|(what, count)| {
            let known = format!("applications.removed.{what}");
            let key = if TEXTS.get(&known).is_some() {
                known.as_str()
            } else {
                "applications.removed.other"
            };
            TEXTS.fill(key, &[("count", count)])
        })
        .collect();
    let list = parts.join(TEXTS.text("frame.and"));
    TEXTS.fill("applications.treated", &[("list", &list)])
}

fn offers(
    site: &Site,
    who: &Who,
    desk: &Desk,
    decision: Option<&(Decision, Vec<Said>)>,
) -> Vec<Offer> {
    let mut events = desk.state.open_events(desk.rules());
    events.retain(|event| !event.is_by_applicant());
    // What was asked for is answered on a page of its own.
    events.retain(|event| *event != Event::GrantWithdrawal);
    events.retain(|event| approval::may_tell(desk, decision, *event));
    let closes = who.may_with(Action::CloseApplication, &desk.row).is_ok();
    events.retain(|event| *event != Event::Close || closes);
    let reopens = who.may_with(Action::ReopenApplication, &desk.row).is_ok();
    events.retain(|event| *event != Event::Reopen || reopens);
    let late = refuse::expire::is_late(site, desk);
    events.retain(|event| *event != Event::Expire || late);
    // What ends the application stands last.
    events.sort_by_key(|event| matches!(event, Event::Reject | Event::RefuseEntry | Event::Close));
    events.into_iter().map(offer).collect()
}

fn offer(event: Event) -> Offer {
    let (path, asks, look) = match event {
        Event::Accept => ("accept", false, ""),
        Event::StartReview => ("review", false, ""),
        Event::Notify => ("result", true, ""),
        Event::Finish => ("finish", false, ""),
        Event::AskCorrection => ("correction", true, "button-secondary"),
        Event::Reject => ("reject", true, "button-stop"),
        Event::RefuseEntry => ("refuse", true, "button-stop"),
        Event::Close => ("close", true, "button-stop"),
        Event::Expire => ("expire", true, "button-stop"),
        Event::Reopen => ("reopen", true, "button-secondary"),
        Event::GrantWithdrawal => ("withdrawal", true, "button-stop"),
        Event::Resubmit | Event::Withdraw => ("", false, ""),
    };
    let text = TEXTS.text(match event {
        Event::Accept => "applications.do.accept",
        Event::StartReview => "applications.do.start_review",
        Event::Notify => "applications.do.notify",
        Event::Finish => "applications.do.finish",
        Event::AskCorrection => "applications.do.ask_correction",
        Event::Reject => "applications.do.reject",
        Event::Close => "applications.do.close",
        Event::Expire => "applications.do.expire",
        Event::Reopen => "applications.do.reopen",
        Event::GrantWithdrawal => "applications.asked_withdrawal.grant",
        Event::RefuseEntry | Event::Resubmit | Event::Withdraw => "applications.do.refuse_entry",
    });
    Offer { path, text: text.to_owned(), asks, look }
}

/// How a state looks; its word says the same.
pub(crate) const fn tone(state: At) -> &'static str {
    match state {
        At::Arrived => "new",
        At::Accepted | At::Reviewing => "work",
        At::Correction(_) | At::Notified => "wait",
        At::Done => "end",
        At::Rejected | At::Withdrawn | At::RefusedEntry | At::Expired(_) | At::Closed => "end",
    }
}

/// Days since arrival in words.
pub(super) fn age(arrived: jiff::Timestamp, now: jiff::Timestamp) -> String {
    match words::days_between(arrived, now) {
        0 => TEXTS.text("applications.age.today").to_owned(),
        days => TEXTS.fill("applications.age.days", &[("days", &days)]),
    }
}

/// The applicant's name, or words for nobody.
pub(crate) fn applicant(name: &str) -> String {
    if name.is_empty() {
        TEXTS.text("applications.applicant.nobody").to_owned()
    } else {
        name.to_owned()
    }
}

fn applicant_kind(kind: &str, email: Option<&str>) -> String {
    let words = match kind {
        "account" => TEXTS.text("applications.applicant.account"),
        "guest" => TEXTS.text("applications.applicant.guest"),
        "desk" => TEXTS.text("applications.applicant.desk"),
        STAFF => TEXTS.text("applications.applicant.staff"),
        _ => TEXTS.text("applications.applicant.anonymous"),
    };
    email.map_or_else(|| words.to_owned(), |email| format!("{words} {email}"))
}

/// The lot, and the address that was invited.
fn invited_by((lot, address): &(String, String)) -> String {
    if address.is_empty() {
        return lot.clone();
    }
    TEXTS.fill("applications.page.show.invited_address", &[("lot", lot), ("address", address)])
}
