//! A new application: kept, routed to the procedure's department, moved through
//! the stages that have no desk (NF-31, NF-34, NF-48).

use std::collections::BTreeMap;

use bridge_contract::messages::{Applicant, Provenance, Submission};
use bridge_lanes::{FromCitizen, Refusal};
use domain::applications::{ReceiptNumber, Rules, State};
use domain::calendar::date_in_japan;
use domain::forms::definition::{FieldKind, Workflow};
use domain::forms::{Answers, Compiled};
use domain::text::search_key;
use jiff::Timestamp;
use lgwan_zone_store::By;
use lgwan_zone_store::applications::arrive::{self, Arrival, Arrived};
use lgwan_zone_store::applications::rows::{self, Application, Event};
use lgwan_zone_store::applications::{expected, plan};
use lgwan_zone_store::identity::departments;
use lgwan_zone_store::procedures;
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
    let published = procedures::revision(tx.db, procedure, revision)?
        .ok_or_else(|| poison("a submission for a revision that was never published"))?;
    if published.sha256 != sent.definition_sha256.hex() {
        return Err(poison("a submission for another definition than the published one"));
    }
    let row = procedures::find(tx.db, procedure)?.ok_or_else(|| poison("no such procedure"))?;
    let form =
        intake.shelf.get(tx.db, procedure, revision)?.ok_or_else(|| poison("no such revision"))?;
    let answers = from_wire(&sent.answers);
    let id = sent.application_id.to_string();
    let arrived_at = stamp.at.as_microsecond();
    let workflow = &form.procedure().workflow;
    let way = plan::settled(State::Arrived, Rules::from(workflow));
    let files = attachments::rows(&id, 0, &sent.attachments, &from.verdicts);
    let doubts = json(&doubts::of(&form, &answers, &files, stamp.at))?;
    let person = Person::of(&sent.applicant, &form, &answers);
    let arrival = Arrival {
        application: Application {
            id: id.clone(),
            number: number.to_string(),
            procedure_id: procedure.to_owned(),
            revision,
            department_id: department(tx, (&row, &form), &answers, stamp.at)?,
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
        },
        delegate: person.delegate,
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
        attachments: files,
        events: events(&id, arrived_at, by, &way),
        messages: messages(intake, by, from, (sent, workflow), &way),
    };
    match arrive::keep(tx, by, &arrival)? {
        Arrived::Kept => intake.tell(tx, (&id, 0), form.procedure()),
        Arrived::Before => Ok(()),
    }
}

/// The department whose desk it comes to (NF-48): by the answers, and by the procedure when the
/// answers lead to a department that is no more.
fn department(
    tx: &mut Tx<'_>,
    (row, form): (&procedures::Procedure, &Compiled),
    answers: &Answers,
    at: Timestamp,
) -> Result<String, Refusal> {
    if form.procedure().routing.is_empty() {
        return Ok(row.department_id.clone());
    }
    let wanted = form.department(answers, date_in_japan(at)).as_str();
    let known = departments::all(tx.db)?.into_iter().any(|one| one.id == wanted);
    if !known {
        tracing::warn!(procedure = %row.id, department = %wanted, "a route to no department");
    }
    Ok(if known { wanted.to_owned() } else { row.department_id.clone() })
}

/// What the citizen is told: a state reached at once, files held back.
fn messages(
    intake: &Intake,
    by: &By,
    from: &FromCitizen,
    (sent, workflow): (&Submission, &Workflow),
    way: &plan::Way,
) -> Vec<lgwan_zone_store::post::Sealed> {
    let id = &sent.application_id;
    let mut messages = Vec::new();
    if !way.hops.is_empty() {
        let expected = expected::counted_now(workflow, way.end, by.at);
        messages.push(intake.office.status(id, way.end, by.at, "", expected));
    }
    for (file, verdict) in sent.attachments.iter().zip(&from.verdicts) {
        if let Some(reason) = verdict.outcome.hold_reason() {
            messages.push(intake.office.held(id, &file.id, &file.name, reason));
        }
    }
    messages
}

fn events(id: &str, arrived_at: i64, by: &By, way: &plan::Way) -> Vec<Event> {
    let arrived = Event {
        application_id: id.to_owned(),
        seq: 1,
        at: arrived_at,
        actor: plan::APPLICANT.id.to_owned(),
        actor_name: String::new(),
        act: "arrive".to_owned(),
        from_state: None,
        to_state: State::Arrived.key().to_owned(),
        words: String::new(),
    };
    let hops = way.hops.iter().zip(2..).map(|(hop, seq)| Event {
        application_id: id.to_owned(),
        seq,
        at: by.at.as_microsecond(),
        actor: hop.actor.clone(),
        actor_name: hop.actor_name.clone(),
        act: hop.act.clone(),
        from_state: hop.from.clone(),
        to_state: hop.to.clone(),
        words: hop.words.clone(),
    });
    std::iter::once(arrived).chain(hops).collect()
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
        let written = names(form, answers);
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

/// Name and reading of every name field, in the order of the form.
fn names(form: &Compiled, answers: &Answers) -> Vec<(String, String)> {
    let fields = form.procedure().pages.iter().flat_map(|page| &page.fields);
    fields
        .filter(|field| matches!(field.kind, FieldKind::Name(_)))
        .map(|field| {
            let part = |name: &str| answers.first(&format!("{}.{name}", field.id)).unwrap_or("");
            let joined = |family: &str, given: &str| {
                format!("{} {}", part(family), part(given)).trim().to_owned()
            };
            (joined("family", "given"), joined("family_kana", "given_kana"))
        })
        .filter(|(name, _)| !name.is_empty())
        .collect()
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
