//! A new application: kept, routed to the procedure's department, moved through
//! the stages that have no desk (NF-31, NF-34, NF-48).

use std::collections::BTreeMap;

use bridge_contract::messages::{Applicant, Cosigned, Provenance, Submission};
use bridge_lanes::{FromCitizen, Refusal};
use domain::applications::{Countdown, ReceiptNumber, Rules, State};
use domain::calendar::date_in_japan;
use domain::forms::{Answers, Compiled};
use domain::procedures::is_trial;
use domain::text::search_key;
use lgwan_zone_store::By;
use lgwan_zone_store::applications::arrive::{self, Arrival, Arrived};
use lgwan_zone_store::applications::rows::{self, Application};
use lgwan_zone_store::applications::{countdown, plan};
use lgwan_zone_store::{procedures, trials};
use platform_store::Tx;

use super::{Intake, attachments, doubts, poison};

pub(super) fn apply(
    intake: &Intake,
    tx: &mut Tx<'_>,
    by: &By,
    from: &FromCitizen,
    sent: &Submission,
) -> Result<(), Refusal> {
    let stamp = from.arrival.as_ref().ok_or_else(|| poison("a submission without arrival"))?;
    let number = stamp.number.as_ref().ok_or_else(|| poison("a submission without number"))?;
    let number: ReceiptNumber =
        number.parse().map_err(|_| poison("a submission with a broken number"))?;
    let revision = i32::try_from(sent.revision).map_err(|_| poison("a revision out of range"))?;
    let procedure = sent.procedure_id.as_str();
    if is_trial(procedure) && procedures::used(tx.db, procedure)?.is_none() {
        // The citizens' zone has forgotten it, too.
        return Ok(trials::missed(tx, by, sent.application_id.as_str())?);
    }
    let published = procedures::revision(tx.db, procedure, revision)?
        .ok_or_else(|| poison("a submission for a revision that was never published"))?;
    if published.sha256 != sent.definition_sha256.hex() {
        return Err(poison("a submission for another definition than the published one"));
    }
    let row = procedures::used(tx.db, procedure)?.ok_or_else(|| poison("no such procedure"))?;
    let form =
        intake.shelf.get(tx.db, procedure, revision)?.ok_or_else(|| poison("no such revision"))?;
    let answers = from_wire(&sent.answers);
    let id = sent.application_id.to_string();
    let arrived_at = stamp.at.as_microsecond();
    let workflow = &form.procedure().workflow;
    let way = plan::settled(State::Arrived, Rules::from(workflow));
    let promised = countdown::begun(workflow, way.end, stamp.at, intake.office.days());
    let (deadline_at, days_left) = countdown::columns(promised);
    let files = attachments::rows(&id, 0, &sent.attachments, &from.verdicts);
    let doubts = json(&doubts::of(&form, &answers, &files, stamp.at))?;
    let mut person = Person::of(&sent.applicant, &form, &answers);
    let cosigners = cosigners(sent, &form, &answers);
    // An application is found under whoever agreed to it, too.
    let signers = cosigners.iter().flat_map(|one| [&one.name, &one.named, &one.email]);
    person.keys.extend(signers.map(|text| search_key(text)));
    let arrival = Arrival {
        application: Application {
            id: id.clone(),
            number: number.to_string(),
            procedure_id: procedure.to_owned(),
            revision,
            department_id: procedures::desk_of(
                tx.db,
                (&row, &form),
                &answers,
                date_in_japan(stamp.at),
            )?,
            state: way.end.key().to_owned(),
            version: 1,
            applicant_kind: person.kind.to_owned(),
            applicant_account: person.account,
            applicant_name: person.name,
            applicant_email: person.email,
            arrived_at,
            ingested_at: by.at.as_microsecond(),
            updated_at: by.at.as_microsecond(),
            round: 0,
            attachments: small(files.len()),
            held: small(files.iter().filter(|file| file.outcome == "held").count()),
            due: None,
            deadline_at,
            days_left,
            approvals: small(workflow.approvals.len()),
            applied_by: None,
        },
        delegate: person.delegate,
        cosigners,
        keys: person.keys,
        answers: rows::Answers {
            application_id: id.clone(),
            round: 0,
            answers: json(&answers)?,
            provenance: json(&sources(&sent.provenance))?,
            changed: "[]".to_owned(),
            received_at: arrived_at,
            doubts,
        },
        slots: form.slots(&answers),
        attachments: files,
        events: arrive::history(
            &id,
            (arrived_at, by.at.as_microsecond()),
            "arrive",
            plan::APPLICANT,
            &way,
        ),
        messages: messages(intake, by, from, (sent, promised), &way),
    };
    match arrive::keep(tx, by, &arrival)? {
        Arrived::Kept => intake.tell(tx, (&id, 0), form.procedure()),
        Arrived::Before => Ok(()),
    }
}

/// Who agreed to it, and whether to just what arrived: the digest is worked out again here (連署).
fn cosigners(sent: &Submission, form: &Compiled, answers: &Answers) -> Vec<rows::Cosigner> {
    let signed = form.signed(answers).iter().map(to_wire).collect();
    let content = sent.agreed(signed).digest();
    let row = |(seq, one): (i64, &Cosigned)| rows::Cosigner {
        application_id: sent.application_id.to_string(),
        seq,
        kind: one.kind.clone(),
        account_id: one.id.to_string(),
        name: one.display_name.clone(),
        email: one.email.clone(),
        named: one.named.clone(),
        agreed_at: one.at.as_microsecond(),
        content: one.content.hex(),
        fits: one.content == content,
    };
    (1..).zip(&sent.cosigners).map(row).collect()
}

fn to_wire((input, values): (&str, &[String])) -> (String, Vec<String>) {
    (input.to_owned(), values.to_vec())
}

/// What the citizen is told: a state reached at once, files held back.
fn messages(
    intake: &Intake,
    by: &By,
    from: &FromCitizen,
    (sent, promised): (&Submission, Countdown),
    way: &plan::Way,
) -> Vec<lgwan_zone_store::post::Sealed> {
    let id = &sent.application_id;
    let mut messages = Vec::new();
    if !way.hops.is_empty() {
        messages.push(intake.office.status(id, way.end, by.at, "", promised.told(way.end)));
    }
    messages.extend(attachments::told(&intake.office, id, &sent.attachments, &from.verdicts));
    messages
}

/// The applicant as lists and search know them.
struct Person {
    kind: &'static str,
    account: Option<String>,
    name: String,
    email: Option<String>,
    /// Who filled in for them.
    delegate: Option<rows::Delegate>,
    keys: Vec<String>,
}

impl Person {
    fn of(applicant: &Applicant, form: &Compiled, answers: &Answers) -> Self {
        let written = form.names(answers);
        let (kind, account, shown, email) = match applicant {
            Applicant::Account { id, display_name, email }
            | Applicant::Represented { id, display_name, email, by: _ } => {
                ("account", Some(id.to_string()), Some(display_name.clone()), Some(email.clone()))
            }
            Applicant::Guest { email } => ("guest", None, None, email.clone()),
            Applicant::Anonymous => ("anonymous", None, None, None),
        };
        let delegate = match applicant {
            Applicant::Represented { by, .. } => Some(rows::Delegate {
                account_id: by.id.to_string(),
                name: by.display_name.clone(),
                email: by.email.clone(),
            }),
            Applicant::Account { .. } | Applicant::Guest { .. } | Applicant::Anonymous => None,
        };
        // The name in the application counts; the account may be a relative's.
        let first = written.first().map(|(name, _)| name.clone());
        let name = first.filter(|name| !name.is_empty()).or_else(|| shown.clone());
        let kanji = written.iter().map(|(name, _)| name.as_str());
        let kana = written.iter().map(|(_, kana)| kana.as_str());
        // An application is found under whoever filled it in, too.
        let by = delegate.iter().flat_map(|one| [one.name.as_str(), one.email.as_str()]);
        let others = shown.as_deref().into_iter().chain(email.as_deref()).chain(by);
        let keys = kanji.chain(kana).chain(others).map(search_key).collect();
        Self { kind, account, name: name.unwrap_or_default(), email, delegate, keys }
    }
}

/// Sources by input name; what was simply typed is left out.
fn sources(provenance: &BTreeMap<String, Provenance>) -> BTreeMap<String, String> {
    use bridge_contract::messages::Source;
    provenance
        .iter()
        .filter(|(_, from)| from.source != Source::Typed)
        .map(|(input, from)| {
            let changed = if from.changed { "_changed" } else { "" };
            (input.clone(), format!("{}{changed}", from.source.word()))
        })
        .collect()
}

/// Answers as the domain reads them.
pub(super) fn from_wire(answers: &BTreeMap<String, Vec<String>>) -> Answers {
    let mut read = Answers::new();
    for (input, values) in answers {
        read.put(input, values.clone());
    }
    read
}

pub(super) fn json<T: serde::Serialize>(value: &T) -> Result<String, Refusal> {
    serde_json::to_string(value).map_err(|error| poison(error.to_string()))
}

fn small(count: usize) -> i32 {
    i32::try_from(count).unwrap_or(i32::MAX)
}
