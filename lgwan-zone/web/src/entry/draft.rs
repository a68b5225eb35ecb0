//! A draft with its form, and what a page sent laid into it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use domain::applications::{Channel, Event};
use domain::forms::check::SHOWN;
use domain::forms::definition::FileType;
use domain::forms::{Answers, AttachedFile, Checked, Compiled, Context, MovedOver, inputs};
use domain::identity::{Action, Object};
use jiff::Timestamp;
use jiff::civil::Date;
use lgwan_zone_store::applications::entries::{self, Draft, Scan};
use lgwan_zone_store::applications::file;
use lgwan_zone_store::applications::rows::Attachment;
use lgwan_zone_store::procedures::{self, Procedure};
use platform_store::time;
use platform_web::{FormData, OrFault as _, Reply, Trouble};

use crate::applications::desk::{self, Desk};
use crate::applications::show::event_view;
use crate::forms::Press;
use crate::forms::question::is_file;
use crate::frame::Fault;
use crate::guard::{Who, department};
use crate::internal;
use crate::site::{Site, TEXTS};
use crate::words;

use super::begin::received_on;

/// Longest reason in characters.
const LONGEST_REASON: usize = 200;

/// Whose page a draft is filled in on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Side {
    /// A clerk's, for somebody else.
    Desk,
    /// A member of staff's own, for an internal procedure (NB-2.1).
    Own,
}

impl Side {
    /// Where drafts have their pages.
    pub(crate) const fn base(self) -> &'static str {
        match self {
            Self::Desk => "/inbox/entry",
            Self::Own => "/internal/drafts",
        }
    }

    /// Where drafts are listed.
    pub(crate) const fn home(self) -> &'static str {
        match self {
            Self::Desk => "/inbox/entry",
            Self::Own => "/internal",
        }
    }

    fn of(draft: &Draft) -> Self {
        match Channel::inside(&draft.channel) {
            Some(Channel::Staff) => Self::Own,
            Some(_) | None => Self::Desk,
        }
    }
}

/// A draft a clerk works on.
pub(super) struct Open {
    pub(super) side: Side,
    pub(super) draft: Draft,
    pub(super) scans: Vec<Scan>,
    pub(super) procedure: Procedure,
    pub(super) form: Arc<Compiled>,
    /// The form of the newest revision, where an own draft is still of an older one: who fills in for themselves
    /// applies under the rules of today, as citizens do. What is on paper was asked by the form it is on.
    pub(super) newer: Option<Arc<Compiled>>,
    pub(super) answers: Answers,
    pub(super) reasons: BTreeMap<String, String>,
    pub(super) correction: Option<Correction>,
    /// Why the correction is not entered any more, when it is not.
    pub(super) over: Option<Reply>,
    /// The day of receipt as the page sent it, when it is none: the draft keeps the one it had.
    pub(super) wrong_day: Option<String>,
}

/// The correction that is entered.
pub(super) struct Correction {
    pub(super) desk: Desk,
    /// When it was asked for.
    pub(super) asked_at: Timestamp,
    /// The round of the request.
    pub(super) round: i32,
    /// Fields staff asked to correct.
    pub(super) flagged: BTreeSet<String>,
    /// Those, and what hangs on them.
    pub(super) open: BTreeSet<String>,
    pub(super) before: Answers,
    /// Fields whose answers did not hold.
    pub(super) doubts: BTreeSet<String>,
    pub(super) files: Vec<Attachment>,
}

/// What a button asks for.
pub(super) enum Button {
    Save,
    Send,
    Discard,
    Remove(String),
    Form(Press),
}

impl Button {
    pub(super) fn of(form: &FormData) -> Self {
        let pressed = form.text("_do");
        match (pressed, pressed.strip_prefix("remove:")) {
            ("send", _) => Self::Send,
            ("discard", _) => Self::Discard,
            (_, Some(id)) => Self::Remove(id.to_owned()),
            _ => Press::of(pressed).map_or(Self::Save, Self::Form),
        }
    }
}

/// The draft of this person as it is stored, whether or not it can be worked on.
///
/// # Errors
/// A refusal with 404 when there is none on this side.
pub(super) async fn own(site: &Site, who: &Who, side: Side, id: &str) -> Result<Draft, Trouble> {
    who.may(Action::UseDraft, &Object::Draft { owner: who.owner()? })?;
    let (staff, wanted) = (who.id.clone(), id.to_owned());
    let found = site.store.read(move |db| entries::find(db, &staff, &wanted)).await?;
    let found = found.map(|(draft, _)| draft).filter(|draft| Side::of(draft) == side);
    found.ok_or_else(|| Reply::not_found("entry.missing").into())
}

/// The draft of this person, to go on with.
///
/// # Errors
/// As [`found`], and a refusal with 409 when the correction it was for is over.
pub(super) async fn load(site: &Site, who: &Who, side: Side, id: &str) -> Result<Open, Trouble> {
    let mut open = found(site, who, side, id).await?;
    match open.over.take() {
        Some(over) => Err(over.into()),
        None => Ok(open),
    }
}

/// The draft of this person, also when the correction it was for is over.
///
/// # Errors
/// A refusal with 404 when there is none on this side, or when the procedure is no longer theirs.
pub(super) async fn found(site: &Site, who: &Who, side: Side, id: &str) -> Result<Open, Trouble> {
    let (staff, wanted, shelf) = (who.id.clone(), id.to_owned(), site.shelf.clone());
    let found = site
        .store
        .read(move |db| {
            let found = entries::find(db, &staff, &wanted)?;
            let Some((draft, scans)) = found.filter(|(draft, _)| Side::of(draft) == side) else {
                return Ok(None);
            };
            let form = shelf.get(db, &draft.procedure_id, draft.revision)?;
            let procedure = procedures::used(db, &draft.procedure_id)?;
            let moves =
                side == Side::Own && draft.corrects.is_none() && draft.application_id.is_none();
            let newest = procedure.as_ref().filter(|row| moves && row.revision != draft.revision);
            let newer = match newest {
                Some(row) => shelf.get(db, &row.id, row.revision)?,
                None => None,
            };
            let found = form.zip(procedure);
            Ok(found.map(|(form, procedure)| (draft, scans, (form, newer), procedure)))
        })
        .await?;
    let missing = || Trouble::from(Reply::not_found("entry.missing"));
    let (mut draft, scans, (form, newer), procedure) = found.ok_or_else(missing)?;
    if side == Side::Own {
        // Whoever fills in for themselves sends it today.
        draft.received_on = words::day(site.clock.now()).to_string();
    }
    let (correction, over) = match &draft.corrects {
        Some(application) if draft.application_id.is_none() => {
            let (open, over) = correction(site, who, side, (application, draft.began_at)).await?;
            (Some(open), over)
        }
        Some(_) | None => {
            match side {
                Side::Desk => {
                    let department = department(&procedure.department_id)?;
                    who.may(Action::WorkOnApplication, &Object::Inbox { department })?;
                }
                Side::Own => who.may(Action::UseDraft, &Object::Draft { owner: who.owner()? })?,
            }
            (None, None)
        }
    };
    let answers = serde_json::from_str(&draft.answers).or_fault()?;
    let reasons = serde_json::from_str(&draft.reasons).or_fault()?;
    Ok(Open {
        side,
        draft,
        scans,
        procedure,
        form,
        newer,
        answers,
        reasons,
        correction,
        over,
        wrong_day: None,
    })
}

/// The correction a draft that was begun then is for, and why it is over when it is.
async fn correction(
    site: &Site,
    who: &Who,
    side: Side,
    (application, began_at): (&str, i64),
) -> Result<(Correction, Option<Reply>), Trouble> {
    let (desk, pages) = match side {
        Side::Desk => {
            let work = Action::WorkOnApplication;
            (desk::open(site, who, application, work).await?, "/applications")
        }
        Side::Own => {
            let correct = Action::CorrectApplication;
            (internal::open(site, who, application, correct).await?, internal::APPLICATIONS)
        }
    };
    let id = desk.row.id.clone();
    let round = desk.row.round;
    let read = site.store.read(move |db| {
        let (asked, files) = (file::last_asked(db, &id)?, file::attachments_of(db, &id)?);
        Ok((asked, files, file::answers(db, &id, round)?))
    });
    let (asked, files, stored) = read.await?;
    let stored = stored.ok_or_else(|| platform_web::Fault::because("no answers stored"))?;
    let doubts = serde_json::from_str(&stored.doubts).or_fault()?;
    let back = format!("{pages}/{}", desk.row.id);
    let asked = asked.ok_or_else(|| Reply::conflict("applications.not_now").link(&back))?;
    let over = if asked.answered_at.is_some() {
        Some(answered(site, &desk.row.id).await?.link(back))
    } else if began_at < asked.asked_at {
        Some(Reply::conflict("entry.asked_again").link(back))
    } else {
        None
    };
    let flagged: BTreeSet<String> = serde_json::from_str(&asked.fields).or_fault()?;
    let before = serde_json::from_str(&stored.answers).or_fault()?;
    let open = desk.form.correctable(&flagged);
    let asked_at = time::from_micros(asked.asked_at);
    let round = asked.round;
    Ok((Correction { asked_at, round, flagged, open, before, doubts, files, desk }, over))
}

/// Says who answered the newest request for correction, and when.
async fn answered(site: &Site, application: &str) -> Result<Reply, Trouble> {
    let id = application.to_owned();
    let lines = site.store.read(move |db| file::since(db, &id, 0)).await?;
    let last = lines.iter().rfind(|line| line.act == Event::Resubmit.key()).map(event_view);
    Ok(match last {
        Some(line) => Reply::conflict("entry.answered").with("by", line.by).with("at", line.at),
        None => Reply::conflict("applications.not_now"),
    })
}

/// What a page sent as it was typed, a line for each input, to be copied: its form is not to be had.
pub(super) fn raw(sent: &FormData) -> String {
    let typed = sent.iter().filter(|(name, value)| !name.starts_with('_') && !value.is_empty());
    typed.map(|(_, value)| value).collect::<Vec<_>>().join("\n")
}

impl Open {
    /// The day of receipt.
    pub(super) fn day(&self, today: Date) -> Date {
        self.draft.received_on.parse().unwrap_or(today)
    }

    /// The day its questions are judged by: of a correction the one the application was sent on.
    pub(super) fn judged_on(&self, today: Date) -> Date {
        let first = self.correction.as_ref().map(|correction| correction.desk.row.arrived_at);
        first.map_or_else(|| self.day(today), |first| words::day(time::from_micros(first)))
    }

    /// The way it came.
    pub(super) fn channel(&self) -> Channel {
        Channel::inside(&self.draft.channel).unwrap_or(Channel::Counter)
    }

    /// Moves it over to the newest revision (NF-60); what became of the answers, `None` when it is there already.
    pub(super) fn move_over(&mut self, today: Date) -> Option<MovedOver> {
        let newer = self.newer.take()?;
        let moved = newer.moved_from(&self.form, &self.answers, self.judged_on(today));
        self.answers.clone_from(&moved.answers);
        self.draft.revision = self.procedure.revision;
        self.form = newer;
        Some(moved)
    }

    /// Whether a field is filled in here.
    pub(super) fn asks(&self, field: &str) -> bool {
        self.correction.as_ref().is_none_or(|correction| correction.open.contains(field))
    }

    /// Takes the head of the page over: way, day, address, reasons.
    /// What somebody fills in for themselves has none of them.
    pub(super) fn take_head(&mut self, sent: &FormData, today: Date) -> Vec<Fault> {
        let mut faults = Vec::new();
        if self.side == Side::Own {
            return faults;
        }
        match Channel::at_desk(sent.text("_channel")) {
            Some(channel) => channel.key().clone_into(&mut self.draft.channel),
            None => faults.push(Fault::of("channel", "entry.fault.channel")),
        }
        let asked = self.correction.as_ref().map(|correction| words::day(correction.asked_at));
        let typed = sent.text("_received_on");
        let wrong = match (received_on(typed, today), asked) {
            (Some(day), Some(asked)) if day < asked => {
                let words = TEXTS.fill("entry.fault.before_asked", &[("day", &asked)]);
                Some(Fault::said("received_on", words))
            }
            (Some(day), _) => {
                self.draft.received_on = day.to_string();
                None
            }
            (None, _) => Some(Fault::of("received_on", "entry.fault.received_on")),
        };
        self.wrong_day = wrong.is_some().then(|| typed.to_owned());
        faults.extend(wrong);
        let email = sent.text("_email").trim();
        let parts = email.split_once('@');
        let good = parts.is_some_and(|(name, host)| !name.is_empty() && host.contains('.'));
        if !email.is_empty() && (!good || !email.is_ascii() || email.contains(' ')) {
            faults.push(Fault::of("email", "entry.fault.email"));
        }
        self.draft.email = email.chars().take(254).collect();
        let form = Arc::clone(&self.form);
        let shown: BTreeSet<&str> = sent.all(SHOWN).collect();
        self.reasons.retain(|field, _| !shown.contains(field.as_str()));
        for (name, value) in sent.iter() {
            let field = name.strip_prefix("_reason:").filter(|field| form.field(field).is_some());
            let reason: String = value.trim().chars().take(LONGEST_REASON).collect();
            if let Some(field) = field.filter(|_| !reason.is_empty()) {
                self.reasons.insert(field.to_owned(), reason);
            }
        }
        faults
    }

    /// Takes over what the page sent and checks the whole form with it.
    pub(super) fn take_answers(
        &mut self,
        sent: &FormData,
        button: &Button,
        today: Date,
    ) -> Checked {
        let shown: BTreeSet<&str> = sent.all(SHOWN).filter(|id| self.asks(id)).collect();
        let mut all = self.answers.clone();
        all.retain(|input| !shown.contains(inputs::field_of(input)));
        for (name, values) in sent.by_name() {
            if shown.contains(inputs::field_of(&name)) {
                all.put(name, values);
            }
        }
        for field in shown.iter().filter_map(|id| self.form.field(id)).filter(|f| is_file(f)) {
            let kept = self.answers.get(&field.id).unwrap_or_default().iter().cloned();
            let new = self.scans.iter().filter(|scan| scan.field == field.id);
            let mut ids: Vec<String> = kept.chain(new.map(|scan| scan.id.clone())).collect();
            let mut seen = BTreeSet::new();
            ids.retain(|id| seen.insert(id.clone()) && self.known(id).is_some());
            if let Button::Remove(gone) = button {
                ids.retain(|id| id != gone);
            }
            all.put(&field.id, ids);
        }
        if let Button::Form(press) = button
            && shown.contains(press.field())
        {
            press.change(&self.form, &mut all);
        }
        let checked = self.check(&all, today);
        all.retain(|input| !shown.contains(inputs::field_of(input)));
        all.overlay(&checked.answers);
        self.answers = all;
        checked
    }

    /// What the page sent, a line for each answer, to be copied: its correction is over.
    pub(super) fn typed(&mut self, sent: &FormData, button: &Button, today: Date) -> String {
        // The day it was judged by goes with the correction.
        self.draft.received_on = self.judged_on(today).to_string();
        self.correction = None;
        self.take_answers(sent, button, today);
        let shown: BTreeSet<&str> = sent.all(SHOWN).collect();
        self.lines(|field| shown.contains(field), today)
    }

    /// What was saved of a correction that is over, a line for each answer, to be copied. A draft that was never
    /// saved holds what the applicant said before, nothing that was typed.
    pub(super) fn saved(&self, today: Date) -> String {
        if self.draft.version == 1 {
            return String::new();
        }
        self.lines(|field| self.asks(field), today)
    }

    /// A line for each answer to one of these questions; none for files.
    fn lines(&self, of: impl Fn(&str) -> bool, today: Date) -> String {
        let pages = self.form.summary(&self.answers, self.judged_on(today));
        let rows = pages.into_iter().flat_map(|page| page.rows);
        let rows =
            rows.filter(|row| of(&row.of.id) && !is_file(row.field) && !row.lines.is_empty());
        let line = |label: &str, said: &str| {
            TEXTS.fill("entry.moved_line", &[("label", &label), ("said", &said)])
        };
        rows.map(|row| line(&row.label, &row.lines.join("\n"))).collect::<Vec<_>>().join("\n")
    }

    /// Checks the whole form; days and times are those of the day of receipt.
    fn check(&self, answers: &Answers, today: Date) -> Checked {
        let scans = self.scans.iter().map(|scan| (&scan.id, &scan.name, scan.size, &scan.media));
        let before = self.correction.iter().flat_map(|correction| &correction.files);
        let before = before.map(|file| (&file.id, &file.name, file.size, &file.media));
        let files: Vec<AttachedFile> = scans
            .chain(before)
            .map(|(id, name, size, media)| AttachedFile {
                id: id.clone(),
                name: name.clone(),
                bytes: u64::try_from(size).unwrap_or(0),
                kind: FileType::of_media(media),
                locked: false,
            })
            .collect();
        let now = Context::on(self.day(today)).now;
        let before = self.correction.as_ref().map(|correction| &correction.before);
        let own = before.map(|before| self.form.kept_slots(before, answers)).unwrap_or_default();
        let context =
            Context { files: &files, now, own: &own, ..Context::on(self.judged_on(today)) };
        let mut checked = self.form.check_all(answers, &context);
        checked.faults.retain(|fault| self.asks(inputs::field_of(&fault.input)));
        checked
    }

    /// Name of a file of the draft or of the application that is corrected.
    pub(super) fn known(&self, id: &str) -> Option<&str> {
        let scan = self.scans.iter().find(|scan| scan.id == id).map(|scan| scan.name.as_str());
        let files = self.correction.iter().flat_map(|correction| &correction.files);
        scan.or_else(|| files.into_iter().find(|f| f.id == id).map(|f| f.name.as_str()))
    }

    /// The draft as it is stored.
    ///
    /// # Errors
    /// A fault when the answers cannot be written as text.
    pub(super) fn stored(&self, seen: i32, now: i64) -> Result<Draft, Trouble> {
        Ok(Draft {
            answers: serde_json::to_string(&self.answers).or_fault()?,
            reasons: serde_json::to_string(&self.reasons).or_fault()?,
            version: seen,
            saved_at: now,
            ..self.draft.clone()
        })
    }
}
