//! 決裁: a clerk puts a decision before the stages of the procedure, each stage approves it or
//! returns it inside (NF-34). The applicant hears nothing of it.

use std::collections::BTreeSet;
use std::sync::Arc;

use axum::extract::{Path, State};
use domain::applications::{Approval, Event, Seat, State as At};
use domain::forms::definition::{ApprovalMail, SamePerson};
use domain::identity::Action;
use lgwan_zone_store::applications::approvals::{self, Call, Decision, Outcome, Said, Short};
use lgwan_zone_store::applications::{payments, review};
use platform_web::{CsrfForm, FormData, PageResult, Reply, Trouble, see_other};

use super::clash::keeping;
use super::correction::LONGEST_REASON;
use super::desk::{self, Desk};
use crate::guard::Who;
use crate::site::{Site, TEXTS};
use crate::words;

/// The section of the application page.
pub(super) struct Section {
    pub(super) stages: Vec<StageView>,
    /// What is proposed, by whom; empty when nothing is.
    pub(super) proposed: String,
    pub(super) opinion: String,
    /// Where it stands.
    pub(super) state: &'static str,
    /// Whether a decision can be put before the stages.
    pub(super) can_propose: bool,
    /// Whether that decision can only be 不受理.
    pub(super) refuses: bool,
    /// What the button of this person says; empty when it is not theirs.
    pub(super) approve: &'static str,
    /// Whether this person approved an earlier stage, and can only return it.
    pub(super) again: bool,
    /// Whether nobody is left who may approve the stage it waits for: whoever works with it may return it.
    pub(super) stuck: bool,
    pub(super) round: i32,
    pub(super) stage: i32,
}

/// One stage.
pub(super) struct StageView {
    pub(super) title: String,
    /// Its posts with who holds them.
    pub(super) posts: Vec<String>,
    pub(super) said: String,
    pub(super) words: String,
    pub(super) mark: &'static str,
}

/// The stages with what they said; `None` where nothing is approved.
pub(super) fn section(
    who: &Who,
    desk: &Desk,
    newest: Option<&(Decision, Vec<Said>)>,
    works: bool,
    known: &Known,
) -> Option<Section> {
    let stages = &desk.form.procedure().workflow.approvals;
    if stages.is_empty() {
        return None;
    }
    let none = Vec::new();
    let (decision, said) = newest.map_or((None, &none), |(decision, said)| (Some(decision), said));
    let holds = decision.filter(|decision| decision.holds(&desk.row));
    let open = holds.filter(|decision| decision.is_open());
    let seat =
        open.and_then(|decision| seat(who, stages, decision, &known.named)).filter(|_| works);
    let reviewing = desk.state == At::Reviewing;
    // Before 受付 the only decision is that it is not taken.
    let workflow = &desk.form.procedure().workflow;
    let refuses = desk.state == At::Arrived && workflow.decides(Event::RefuseEntry);
    Some(Section {
        stages: stages
            .iter()
            .zip(0..)
            .zip(known.holders.iter().map(Some).chain(std::iter::repeat(None)))
            .map(|((stage, place), posts)| StageView {
                posts: posts.map(|all| all.iter().map(held).collect()).unwrap_or_default(),
                ..view(stage, said.iter().find(|one| one.stage == place))
            })
            .collect(),
        proposed: decision.map(proposed).unwrap_or_default(),
        opinion: decision.map(|decision| decision.words.clone()).unwrap_or_default(),
        state: TEXTS.text(match (decision, holds, open) {
            (None, _, _) => "applications.approval.none",
            (Some(_), Some(_), Some(_)) => "applications.approval.open",
            (Some(_), Some(_), None) => "applications.approval.approved",
            (Some(one), None, _) if one.state == "told" => "applications.approval.told",
            (Some(one), None, _) if one.state == "returned" => "applications.approval.returned",
            (Some(_), None, _) => "applications.approval.void",
        }),
        can_propose: works && (reviewing || refuses) && holds.is_none(),
        refuses,
        approve: match seat {
            None => "",
            Some(Seat::Own) => TEXTS.text("applications.approval.approve"),
            Some(Seat::Deputy) => TEXTS.text("applications.approval.approve_deputy"),
        },
        again: workflow.same_person == SamePerson::Forbidden
            && said.iter().any(|one| one.approved && one.staff_id == who.id),
        stuck: works && open.is_some() && known.stuck,
        round: decision.map_or(0, |decision| decision.round),
        stage: decision.map_or(0, |decision| decision.stage),
    })
}

/// Whether the button that tells this decision is shown: it is approved, or nobody approves.
pub(super) fn may_tell(desk: &Desk, newest: Option<&(Decision, Vec<Said>)>, event: Event) -> bool {
    let decides = desk.form.procedure().workflow.decides(event);
    let approved = newest.is_some_and(|(decision, _)| {
        decision.holds(&desk.row) && !decision.is_open() && decision.event == event.key()
    });
    desk.row.approvals == 0 || !decides || approved
}

/// A post with who holds it now.
fn held((title, people): &(String, Vec<String>)) -> String {
    let people = match people.as_slice() {
        [] => TEXTS.text("applications.approval.vacant").to_owned(),
        people => people.join(TEXTS.text("frame.and")),
    };
    TEXTS.fill("applications.approval.holds", &[("post", title), ("people", &people)])
}

/// As whom this person may say something to an open decision; never to an own one.
fn seat(
    who: &Who,
    stages: &[Approval],
    decision: &Decision,
    named: &BTreeSet<String>,
) -> Option<Seat> {
    let stage = stages.get(usize::try_from(decision.stage).ok()?)?;
    stage.seat(|entry| named.contains(entry)).filter(|_| decision.proposed_by != who.id)
}

/// Who the stages are, now: entries that name this person, and who holds the posts of each stage.
#[derive(Default)]
pub(super) struct Known {
    named: BTreeSet<String>,
    holders: Vec<Vec<(String, Vec<String>)>>,
    /// Whether nobody is left for the stage an open decision waits for.
    stuck: bool,
}

/// Finds out who the stages are.
pub(super) async fn known(site: &Site, who: &Who, desk: &Desk) -> Result<Known, Trouble> {
    let stages = desk.form.procedure().workflow.approvals.clone();
    if stages.is_empty() {
        return Ok(Known::default());
    }
    let (id, login_id) = (who.id.clone(), who.login_id.clone());
    let (row, form) = (desk.row.clone(), Arc::clone(&desk.form));
    let read = site.store.read(move |db| {
        let department = &row.department_id;
        let newest = approvals::newest(db, &row.id)?.map(|(decision, _)| decision);
        let stuck = match newest.filter(|decision| decision.holds(&row) && decision.is_open()) {
            Some(open) => approvals::nobody_left(db, &row, &open, &form.procedure().workflow)?,
            None => false,
        };
        let named = approvals::named(db, (&id, &login_id), department, &stages)?;
        Ok(Known { named, holders: approvals::holders(db, department, &stages)?, stuck })
    });
    Ok(read.await?)
}

fn proposed(decision: &Decision) -> String {
    let key = if decision.event == Event::Notify.key() {
        "applications.approval.yes"
    } else if decision.event == Event::RefuseEntry.key() {
        "applications.approval.refuse"
    } else {
        "applications.approval.no"
    };
    let at = words::stored(decision.proposed_at);
    format!("{} {at} {}", TEXTS.text(key), decision.proposed_by_name)
}

fn view(stage: &Approval, said: Option<&Said>) -> StageView {
    let Some(said) = said else {
        let words = String::new();
        let waits = TEXTS.text("applications.approval.waits").to_owned();
        return StageView {
            title: stage.title.clone(),
            posts: Vec::new(),
            said: waits,
            words,
            mark: "tag",
        };
    };
    let (key, mark) = match (said.approved, said.deputy) {
        (true, false) => ("applications.approval.said", "tag tag-work tag-long"),
        (true, true) => ("applications.approval.said_deputy", "tag tag-work tag-long"),
        (false, _) => ("applications.approval.said_returned", "tag tag-bad tag-long"),
    };
    let at = words::stored(said.at);
    StageView {
        title: stage.title.clone(),
        posts: Vec::new(),
        said: TEXTS.fill(key, &[("name", &said.staff_name), ("at", &at)]),
        words: said.words.clone(),
        mark,
    }
}

fn opinion(form: &FormData, back: &str) -> Result<String, Trouble> {
    let words = form.text("words").replace("\r\n", "\n").trim().to_owned();
    if words.chars().count() > LONGEST_REASON {
        return Err(Reply::unprocessable("applications.opinion_refused")
            .link(back.to_owned())
            .into());
    }
    Ok(words)
}

/// Puts a decision before the first stage.
pub async fn propose(
    State(site): State<Site>,
    who: Who,
    Path(id): Path<String>,
    CsrfForm(form): CsrfForm,
) -> PageResult {
    let done = put_forward(&site, &who, &id, &form).await;
    done.map_err(|refused| keeping(refused, "applications.kept.words", form.text("words")))
}

async fn put_forward(site: &Site, who: &Who, id: &str, form: &FormData) -> PageResult {
    let desk = desk::open(site, who, id, Action::WorkOnApplication).await?;
    let back = format!("/applications/{}", desk.row.id);
    let words = opinion(form, &back)?;
    let event = match form.text("event") {
        "notify" => Event::Notify,
        "reject" => Event::Reject,
        "refuse_entry" if desk.form.procedure().workflow.decides(Event::RefuseEntry) => {
            Event::RefuseEntry
        }
        _ => return Err(Reply::unprocessable("applications.opinion_refused").link(back).into()),
    };
    let way = desk.way(who, event, "")?;
    let (application, needs) = (desk.row.id.clone(), desk.needs(event));
    let marked = site.store.read(move |db| review::marked(db, &application)).await?;
    if needs.iter().any(|point| !marked.contains(point)) {
        let check = format!("{back}/check");
        return Err(Reply::conflict("applications.unmarked").link(check).into());
    }
    let application = desk.row.id.clone();
    let fee = desk.waits_for_fee(site, &way).await?;
    if !site.store.read(move |db| payments::settled(db, &application, fee)).await? {
        let payment = format!("{back}#payment");
        return Err(Reply::conflict("applications.unpaid").link(payment).into());
    }
    let Some(first) = desk.form.procedure().workflow.approvals.first().cloned() else {
        return Err(not_now(back));
    };
    let (row, compiled, proposer) = (desk.row.clone(), Arc::clone(&desk.form), who.id.clone());
    let short = site
        .store
        .read(move |db| approvals::short(db, &row, &proposer, &compiled.procedure().workflow));
    match short.await? {
        None => {}
        Some(Short::Stage(stage)) => {
            let no = Reply::conflict("applications.vacant").with("stage", stage).link(back);
            return Err(no.into());
        }
        Some(Short::People) => {
            return Err(Reply::conflict("applications.few_approvers").link(back).into());
        }
    }
    let call = call(site, &desk, &first);
    let (by, seen, row) = (who.by(site), desk::seen(form), desk.row);
    let done = site
        .store
        .write(move |tx| {
            let first = (&first, call.as_ref());
            approvals::propose(tx, &by, (&row, seen), (event, &words), first)
        })
        .await?;
    said(done, back, "proposed")
}

/// Approves, or returns inside.
pub async fn say(
    State(site): State<Site>,
    who: Who,
    Path(id): Path<String>,
    CsrfForm(form): CsrfForm,
) -> PageResult {
    let done = answer(&site, &who, &id, &form).await;
    done.map_err(|refused| keeping(refused, "applications.kept.words", form.text("words")))
}

async fn answer(site: &Site, who: &Who, id: &str, form: &FormData) -> PageResult {
    let desk = desk::open(site, who, id, Action::WorkOnApplication).await?;
    let back = format!("/applications/{}", desk.row.id);
    let words = opinion(form, &back)?;
    let approved = form.text("do") == "approve";
    if !approved && words.is_empty() {
        return Err(Reply::unprocessable("applications.opinion_refused").link(back).into());
    }
    let application = desk.row.id.clone();
    let newest = site.store.read(move |db| approvals::newest(db, &application)).await?;
    let number = |name: &str| form.text(name).parse::<i32>().ok();
    let seen = (number("round"), number("stage"));
    let decision = newest.map(|(decision, _)| decision).filter(|decision| {
        decision.is_open() && seen == (Some(decision.round), Some(decision.stage))
    });
    let Some(decision) = decision else {
        return Err(not_now(back));
    };
    let stages = desk.form.procedure().workflow.approvals.clone();
    let known = known(site, who, &desk).await?;
    let seat = seat(who, &stages, &decision, &known.named);
    // Where nobody is left, whoever works with it returns it.
    if seat.is_none() && (approved || !known.stuck) {
        return Err(Reply::forbidden("applications.not_yours").link(back).into());
    }
    let place = usize::try_from(decision.stage).unwrap_or(usize::MAX);
    let by = who.by(site);
    let said_now = Said {
        application_id: desk.row.id.clone(),
        round: decision.round,
        stage: decision.stage,
        title: stages.get(place).map(|stage| stage.title.clone()).unwrap_or_default(),
        at: by.at.as_microsecond(),
        staff_id: who.id.clone(),
        staff_name: who.name.clone(),
        deputy: seat == Some(Seat::Deputy),
        approved,
        words,
    };
    let compiled = Arc::clone(&desk.form);
    let next = stages.into_iter().nth(place.saturating_add(1));
    let call = next.as_ref().and_then(|stage| call(site, &desk, stage));
    let row = desk.row;
    let done = site
        .store
        .write(move |tx| {
            let workflow = &compiled.procedure().workflow;
            if seat.is_none() {
                return approvals::give_back(tx, &by, (&row, &decision, workflow), &said_now);
            }
            let next = next.as_ref().map(|stage| (stage, call.as_ref()));
            approvals::say(tx, &by, (&row, &decision, workflow.same_person), &said_now, next)
        })
        .await?;
    said(done, back, if approved { "approved" } else { "returned" })
}

/// The mail to a stage, where this zone sends mails and the procedure wants it.
fn call(site: &Site, desk: &Desk, stage: &Approval) -> Option<Call> {
    let wanted = desk.form.procedure().notify.approval_mail == ApprovalMail::Each;
    if !site.settings.mails || !wanted {
        return None;
    }
    let url = format!("{}/applications/{}", site.settings.staff_url, desk.row.id);
    let facts: [(&str, &dyn std::fmt::Display); 4] = [
        ("procedure", &desk.title()),
        ("number", &desk.row.number),
        ("stage", &stage.title),
        ("url", &url),
    ];
    let subject = TEXTS.fill("notices.approval.subject", &facts);
    let body = TEXTS.fill("notices.approval.body", &facts).trim_start().to_owned();
    Some(Call { clock: site.clock.clone(), subject, body })
}

fn not_now(back: String) -> Trouble {
    Reply::conflict("applications.not_now").link(back).into()
}

fn said(done: Outcome, back: String, word: &str) -> PageResult {
    match done {
        Outcome::Done => Ok(see_other(format!("{back}?said={word}"))),
        Outcome::Overtaken => Err(not_now(back)),
        Outcome::Same => Err(Reply::forbidden("applications.same_person").link(back).into()),
        Outcome::Own => Err(Reply::forbidden("applications.own").link(back).into()),
    }
}
