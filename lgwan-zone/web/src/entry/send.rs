//! What an entry becomes: an application like any other, or the answer to a correction.

use std::collections::BTreeSet;

use domain::applications::{Event, Rules, State};
use domain::calendar::fiscal_year;
use domain::forms::{Checked, inputs};
use domain::text::search_key;
use jiff::Timestamp;
use lgwan_zone_store::applications::arrive::{self, Arrival, Corrected};
use lgwan_zone_store::applications::countdown;
use lgwan_zone_store::applications::entries::{Entry, Made, Scan};
use lgwan_zone_store::applications::plan::{self, Actor};
use lgwan_zone_store::applications::rows::{self, Application, Attachment};
use lgwan_zone_store::applications::steps::Step;
use lgwan_zone_store::identity::staff;
use lgwan_zone_store::{notices, procedures};
use platform_web::{OrFault as _, Trouble};

use super::alike;
use super::draft::{Correction, Open, Side};
use crate::guard::Who;
use crate::site::Site;
use crate::words;

/// The policy of files nobody rebuilt: staff scanned them.
pub(crate) const SCANNED: &str = "staff";

/// Makes the entry of a draft whose faults all have their reasons.
///
/// # Errors
/// A refusal when the correction was answered meanwhile, or a fault.
pub(super) async fn made(
    site: &Site,
    who: &Who,
    open: &Open,
    checked: &Checked,
) -> Result<Entry, Trouble> {
    let now = site.clock.now();
    let faulty: BTreeSet<&str> =
        checked.faults.iter().map(|fault| inputs::field_of(&fault.input)).collect();
    let reasons = open.reasons.iter().filter(|(field, _)| faulty.contains(field.as_str()));
    // What staff do not correct is as doubtful as it was.
    let before = open.correction.iter().flat_map(|correction| &correction.doubts);
    let before = before.map(String::as_str).filter(|field| !open.asks(field));
    let doubts: BTreeSet<&str> = faulty.iter().copied().chain(before).collect();
    let doubts = serde_json::to_string(&doubts).or_fault()?;
    let made = match &open.correction {
        Some(correction) => {
            Made::Correction(Box::new(corrected(site, who, open, correction, (now, doubts))?))
        }
        None => Made::Application {
            arrival: Box::new(arrival(site, who, open, checked, (now, doubts)).await?),
            channel: open.channel(),
            fiscal_year: fiscal_year(open.day(words::day(now))),
        },
    };
    let reasons = reasons.map(|(field, reason)| (field.clone(), reason.clone())).collect();
    Ok(Entry { draft: open.draft.id.clone(), seen: open.draft.version, reasons, made })
}

/// When it was received: now, or the beginning of the day it came on.
fn received(open: &Open, now: Timestamp) -> Timestamp {
    let (today, day) = (words::day(now), open.day(words::day(now)));
    if day == today { now } else { words::midnight(day).unwrap_or(now) }
}

async fn arrival(
    site: &Site,
    who: &Who,
    open: &Open,
    checked: &Checked,
    (now, doubts): (Timestamp, String),
) -> Result<Arrival, Trouble> {
    let (id, at) = (site.new_id(), received(open, now));
    let workflow = &open.form.procedure().workflow;
    let way = plan::settled(State::Arrived, Rules::from(workflow));
    let promised = countdown::begun(workflow, way.end, at, site.office.days());
    let (deadline_at, days_left) = countdown::columns(promised);
    let (row, form, answers) = (open.procedure.clone(), open.form.clone(), checked.answers.clone());
    let day = open.day(words::day(now));
    let department_id =
        site.store.read(move |db| procedures::desk_of(db, (&row, &form), &answers, day)).await?;
    let attachments = attachments(&id, 0, &open.scans);
    let names = open.form.names(&checked.answers);
    let name = names.into_iter().next().map(|(name, _)| name).unwrap_or_default();
    let actor = Actor { id: &who.id, name: &who.name };
    let mut keys = alike::keys(open);
    let (kind, act, name, email) = match open.side {
        Side::Desk => ("desk", "enter", name, open.draft.email.clone()),
        Side::Own => {
            keys.push(search_key(&who.name));
            let id = who.id.clone();
            let account = site.store.read(move |db| staff::find(db, &id)).await?;
            let email = account.map(|one| one.email).unwrap_or_default();
            (notices::STAFF, "apply_inside", who.name.clone(), email)
        }
    };
    Ok(Arrival {
        events: arrive::history(
            &id,
            (now.as_microsecond(), now.as_microsecond()),
            act,
            actor,
            &way,
        ),
        application: Application {
            id: id.clone(),
            number: String::new(),
            procedure_id: open.draft.procedure_id.clone(),
            revision: open.draft.revision,
            department_id,
            state: way.end.key().to_owned(),
            version: 1,
            applicant_kind: kind.to_owned(),
            applicant_account: None,
            applicant_name: name,
            applicant_email: (!email.is_empty()).then_some(email),
            arrived_at: at.as_microsecond(),
            ingested_at: now.as_microsecond(),
            updated_at: now.as_microsecond(),
            round: 0,
            attachments: i32::try_from(attachments.len()).unwrap_or(i32::MAX),
            held: 0,
            due: None,
            deadline_at,
            days_left,
            approvals: i32::try_from(workflow.approvals.len()).unwrap_or(i32::MAX),
            applied_by: (kind == notices::STAFF).then(|| who.id.clone()),
        },
        delegate: None,
        cosigners: Vec::new(),
        keys,
        answers: rows::Answers {
            application_id: id,
            round: 0,
            answers: serde_json::to_string(&checked.answers).or_fault()?,
            provenance: "{}".to_owned(),
            changed: "[]".to_owned(),
            received_at: at.as_microsecond(),
            doubts,
        },
        slots: open.form.slots(&checked.answers),
        attachments,
        messages: Vec::new(),
    })
}

fn corrected(
    site: &Site,
    who: &Who,
    open: &Open,
    correction: &Correction,
    (now, doubts): (Timestamp, String),
) -> Result<Corrected, Trouble> {
    // The day it was asked on began earlier than it was asked.
    let (desk, at) = (&correction.desk, received(open, now).max(correction.asked_at));
    let way = desk.way(who, Event::Resubmit, "")?;
    let (before, flagged) = (&correction.before, &correction.flagged);
    let whole =
        open.form.corrected(before, flagged, &open.answers, open.judged_on(words::day(now)));
    let round = correction.round;
    Ok(Corrected {
        step: Step {
            application: desk.row.id.clone(),
            seen: desk.row.version,
            hops: way.hops,
            correction: None,
            documents: Vec::new(),
            messages: Vec::new(),
            days: site.office.days().clone(),
            needs: Vec::new(),
            fee: 0,
        },
        answers: rows::Answers {
            application_id: desk.row.id.clone(),
            round,
            answers: serde_json::to_string(&whole).or_fault()?,
            provenance: "{}".to_owned(),
            changed: serde_json::to_string(&correction.before.changed(&whole)).or_fault()?,
            received_at: at.as_microsecond(),
            doubts,
        },
        slots: open.form.slots(&whole),
        attachments: attachments(&desk.row.id, round, &open.scans),
    })
}

/// Scans as attachments: kept as they are, so what came in is what is shown.
fn attachments(application: &str, round: i32, scans: &[Scan]) -> Vec<Attachment> {
    let row = |scan: &Scan| Attachment {
        id: scan.id.clone(),
        application_id: application.to_owned(),
        round,
        field: scan.field.clone(),
        name: scan.name.clone(),
        media: scan.media.clone(),
        size: scan.size,
        sha256: scan.sha256.clone(),
        outcome: "rebuilt".to_owned(),
        out_name: Some(scan.name.clone()),
        out_media: Some(scan.media.clone()),
        out_size: Some(scan.size),
        out_sha256: Some(scan.sha256.clone()),
        file_id: Some(scan.id.clone()),
        hold_reason: None,
        removed: "[]".to_owned(),
        policy: SCANNED.to_owned(),
        malware: None,
        message_id: None,
    };
    scans.iter().map(row).collect()
}
