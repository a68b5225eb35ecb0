//! Publishing by two people: what the last look says of a proposal, and what can be done about it
//! (NB-2.5).

use domain::forms::definition::Procedure;
use domain::identity::{Action, Object};
use lgwan_zone_store::identity::staff;
use lgwan_zone_store::letters::Letter;
use lgwan_zone_store::procedures::{Looked, Published};
use lgwan_zone_store::proposals::{self, Moved, New, Proposal};
use platform_service::clock::Clock;
use platform_web::{FormData, PageResult, Reply, Trouble, see_other};

use super::publish;
use crate::frame::Fault;
use crate::guard::{self, Who};
use crate::inquiries::letters;
use crate::site::{Site, TEXTS};
use crate::words;

/// Longest reason in characters.
const LONGEST_REASON: usize = 1_000;
/// Days for which the list says what became of somebody's own proposals.
const TOLD_DAYS: i64 = 14;

/// What can be done at the end of the last look.
pub(super) struct Step {
    /// What stands there of a proposal; empty without one.
    pub(super) said: String,
    /// Why it was sent back.
    pub(super) reason: String,
    pub(super) may: May,
}

/// Which buttons there are.
pub(super) enum May {
    /// Publish, alone.
    Publish,
    /// Ask somebody else to publish.
    Propose,
    /// Publish what somebody else proposed, or send it back; only that while something is wrong.
    Decide {
        /// Whether it may be published.
        release: bool,
    },
    /// Take the own proposal back.
    TakeBack,
    /// Nothing.
    Look,
}

impl Step {
    /// What this person may do with a definition; `clean` says that nothing stops publishing.
    pub(super) fn of(site: &Site, who: &Who, proposal: Option<&Proposal>, clean: bool) -> Self {
        let four = site.settings.four_eyes;
        let state = proposal.map_or("", |one| one.state.as_str());
        let own = proposal.is_some_and(|one| one.proposed_by == who.id);
        let may = match state {
            "open" if four && own => May::TakeBack,
            "open" if four => May::Decide { release: clean },
            _ if !clean => May::Look,
            _ if !four => May::Publish,
            "" | "returned" | "withdrawn" => May::Propose,
            _ => May::Look,
        };
        let Some(one) = proposal else {
            return Self { said: String::new(), reason: String::new(), may };
        };
        Self { said: told(one), reason: one.reason.clone(), may }
    }
}

/// A proposal in a sentence.
fn told(one: &Proposal) -> String {
    let key = format!("procedures.proposal.{}", one.state);
    let (at, closed) = (words::stored(one.proposed_at), one.closed_at.map(words::stored));
    let closed = closed.unwrap_or_default();
    TEXTS.fill(
        &key,
        &[("proposer", &one.proposer), ("at", &at), ("closer", &one.closer), ("closed", &closed)],
    )
}

/// A proposal on the list of procedures.
pub(super) struct Line {
    pub(super) id: String,
    pub(super) title: String,
    pub(super) said: String,
    pub(super) reason: String,
}

impl Line {
    fn of(one: &Proposal) -> Self {
        Self {
            id: one.import_id.clone(),
            title: one.title.clone(),
            said: told(one),
            reason: one.reason.clone(),
        }
    }
}

/// What waits for somebody of this person's departments, and what became of what they proposed.
pub(super) async fn lines(site: &Site, who: &Who) -> Result<(Vec<Line>, Vec<Line>), Trouble> {
    let may = |id: &String| {
        guard::department(id).is_ok_and(|department| {
            who.can(Action::PublishDefinition, &Object::Definition { department })
        })
    };
    let own: Vec<String> = who.departments.iter().map(|(id, _)| id.clone()).filter(may).collect();
    let person = who.id.clone();
    let after = site.clock.now().as_microsecond() - TOLD_DAYS * 86_400_000_000;
    let (open, closed) = site
        .store
        .read(move |db| {
            Ok((proposals::waiting(db, &own)?, proposals::closed_of(db, &person, after)?))
        })
        .await?;
    Ok((open.iter().map(Line::of).collect(), closed.iter().map(Line::of).collect()))
}

/// What is wrong with the reason for sending something back.
pub(super) fn bad_reason(form: &FormData) -> Option<Fault> {
    let reason = form.text("reason").trim();
    let bad = reason.is_empty() || reason.chars().count() > LONGEST_REASON;
    (form.text("do") == "return" && bad).then(|| Fault::of("reason", "procedures.fault.reason"))
}

/// Does what the button of the last look says. Definition and reason were checked before.
pub(super) async fn act(
    (site, who): (&Site, &Who),
    id: &str,
    procedure: Procedure,
    form: &FormData,
) -> PageResult {
    let number = form.text("revision").parse().unwrap_or(0);
    let title = procedure.title.ja().to_owned();
    let back = format!("/procedures/imports/{id}");
    match form.text("do") {
        "return" => {
            let reason = form.text("reason").trim().to_owned();
            let letter = letter(site, id, (&title, "returned"), &reason).await?;
            let (by, import, clock) = (who.by(site), id.to_owned(), site.clock.clone());
            let write = site.store.write(move |tx| {
                let letter = letter.as_ref().map(|letter| (&clock, letter));
                proposals::send_back(tx, &by, (&import, &reason), letter)
            });
            moved(write.await?, "/procedures?said=returned".to_owned(), back)
        }
        "withdraw" => {
            let (by, import) = (who.by(site), id.to_owned());
            let write = site.store.write(move |tx| proposals::take_back(tx, &by, &import));
            moved(write.await?, "/procedures?said=withdrawn".to_owned(), back)
        }
        "release" => {
            let letter = letter(site, id, (&title, "released"), "").await?;
            let looked = Looked::Twice(id.to_owned());
            published((site, who), procedure, (number, looked), (id, letter), back).await
        }
        _ if site.settings.four_eyes => propose((site, who), id, procedure, number, back).await,
        _ => published((site, who), procedure, (number, Looked::Once), (id, None), back).await,
    }
}

async fn propose(
    (site, who): (&Site, &Who),
    id: &str,
    procedure: Procedure,
    number: u32,
    back: String,
) -> PageResult {
    let wanted = procedure.id.clone();
    let next = site.store.read(move |db| publish::next_revision(db, &wanted)).await?;
    if next != number {
        return Err(Reply::conflict("procedures.overtaken").link(back).into());
    }
    let department = procedure.department.clone();
    who.may(Action::PublishDefinition, &Object::Definition { department })?;
    let made = publish::revision(&site.office, procedure, number)?;
    let new = New {
        import_id: id.to_owned(),
        procedure_id: made.procedure_id,
        department_id: made.department_id,
        title: made.title,
        revision: made.revision,
        sha256: made.sha256,
    };
    let letters = calls(site, who, &new).await?;
    let (by, clock) = (who.by(site), site.clock.clone());
    let write = site.store.write(move |tx| proposals::propose(tx, &by, &new, (&clock, &letters)));
    moved(write.await?, "/procedures?said=proposed".to_owned(), back)
}

fn moved(moved: Moved, next: String, back: String) -> PageResult {
    match moved {
        Moved::Done => Ok(see_other(next)),
        Moved::Overtaken => Err(Reply::conflict("procedures.not_proposed").link(back).into()),
    }
}

async fn published(
    (site, who): (&Site, &Who),
    procedure: Procedure,
    (number, looked): (u32, Looked),
    (import, letter): (&str, Option<Letter>),
    back: String,
) -> PageResult {
    let target = procedure.id.to_string();
    let clock: Clock = site.clock.clone();
    let around = (Some(import.to_owned()), letter.zip(Some(clock)));
    match publish::publish(site, who, procedure, (number, looked), around).await? {
        Published::Done | Published::Before => {
            Ok(see_other(format!("/procedures/{target}?said=published")))
        }
        Published::SlugTaken => Err(Reply::conflict("procedures.slug_taken").into()),
        Published::Overtaken => Err(Reply::conflict("procedures.overtaken").link(back).into()),
        Published::OtherDepartment => Err(Reply::conflict("procedures.other_department").into()),
        Published::NoDepartment => Err(Reply::conflict("procedures.no_department").into()),
        Published::NotProposed => Err(Reply::conflict("procedures.not_proposed").link(back).into()),
        Published::NotAsTried => Err(Reply::conflict("procedures.not_as_tried").link(back).into()),
    }
}

/// Mails to those who may release it, when this zone sends mails.
async fn calls(site: &Site, who: &Who, new: &New) -> Result<Vec<Letter>, Trouble> {
    let (department, proposer) = (new.department_id.clone(), who.id.clone());
    let to = site.store.read(move |db| proposals::releasers(db, &department, &proposer)).await?;
    let facts: [(&str, &dyn std::fmt::Display); 2] =
        [("procedure", &new.title), ("number", &new.revision)];
    Ok(letters(site, &to, "proposal", &facts, &format!("/procedures/imports/{}", new.import_id)))
}

/// The mail to who proposed, when this zone sends mails and they have an address.
async fn letter(
    site: &Site,
    import: &str,
    (title, what): (&str, &str),
    reason: &str,
) -> Result<Option<Letter>, Trouble> {
    if !site.settings.mails {
        return Ok(None);
    }
    let import = import.to_owned();
    let email = site
        .store
        .read(move |db| {
            let Some(one) = proposals::find(db, &import)? else { return Ok(None) };
            let person = staff::find(db, &one.proposed_by)?;
            Ok(person.map(|person| person.email).filter(|email| !email.is_empty()))
        })
        .await?;
    let words = |part: &str| {
        let key = format!("procedures.proposal.mail.{what}_{part}");
        TEXTS.fill(&key, &[("title", &title), ("reason", &reason)])
    };
    Ok(email.map(|recipient| Letter { recipient, subject: words("subject"), body: words("body") }))
}
