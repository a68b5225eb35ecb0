//! A design that is open on somebody's screen: loaded, changed, saved.

use domain::forms::compare;
use domain::forms::definition::Procedure;
use domain::forms::design::{self, Done, Draft, Edit, Refused};
use domain::identity::{Action, Object};
use lgwan_zone_store::designs::{self, Change, Changed, Keep, Opened, Step};
use lgwan_zone_store::identity::departments;
use platform_web::{FormData, OrFault as _, Reply, Trouble, see_other};

use super::notes;
use crate::guard::{self, Who};
use crate::procedures::compare::{Line, lines};
use crate::site::Site;

/// A design, its document, and who has it open.
pub(super) struct Work {
    pub(super) id: String,
    pub(super) opened: Opened,
    pub(super) draft: Draft,
    /// The document with the questions of staff as its last page.
    pub(super) whole: Procedure,
}

/// What a page sends that saves while somebody types. With `again` it goes on with what it saved
/// itself, and one step takes back all of it.
pub(super) const AUTO: &str = "auto";

/// What came of saving.
pub(super) enum Saved {
    /// It is kept.
    Done(Done),
    /// It cannot be done.
    Refused(Refused),
    /// Somebody else changed the design first.
    Behind(Behind),
}

/// What somebody reads whose page was drawn of an older version.
#[derive(Default)]
pub(super) struct Behind {
    /// What others did in the meantime.
    pub(super) told: Vec<String>,
    /// What would become different of what they kept, if this were saved once more.
    pub(super) differs: Vec<Line>,
}

impl Work {
    /// A design this person may change.
    pub(super) async fn load(site: &Site, who: &Who, id: &str) -> Result<Self, Trouble> {
        let wanted = id.to_owned();
        let opened = site.store.read(move |db| designs::opened(db, &wanted)).await?;
        let opened = opened.ok_or_else(|| Trouble::from(Reply::not_found("design.missing")))?;
        let department = guard::department(&opened.design.department_id)?;
        who.may(Action::EditDefinition, &Object::Definition { department })?;
        if opened.design.state != "open" {
            let procedure = &opened.design.procedure_id;
            return Err(match opened.design.state.as_str() {
                "published" => see_other(format!("/procedures/{procedure}")).into(),
                _ => Reply::gone("design.discarded").link("/procedures/designs").into(),
            });
        }
        let procedure = Procedure::from_json(opened.document.as_bytes()).or_fault()?;
        let next = u32::try_from(opened.design.next_number).unwrap_or(1);
        let whole = design::whole(&procedure);
        let stale = serde_json::from_str(&opened.stale).or_fault()?;
        let draft = Draft { procedure, next, stale };
        Ok(Self { id: id.to_owned(), draft, opened, whole })
    }

    pub(super) fn procedure(&self) -> &Procedure {
        &self.draft.procedure
    }

    pub(super) fn version(&self) -> i32 {
        self.opened.design.version
    }

    /// Address of a page of this design.
    pub(super) fn at(&self, rest: &str) -> String {
        format!("/procedures/designs/{}{rest}", self.id)
    }

    /// Does an edit and keeps it, when nobody changed the design since the page was drawn.
    pub(super) async fn save(
        &self,
        site: &Site,
        who: &Who,
        form: &FormData,
        edits: Vec<Edit>,
    ) -> Result<Saved, Trouble> {
        let seen = seen(form);
        if seen != self.version() {
            return Ok(Saved::Behind(self.behind(site, seen, edits).await?));
        }
        let (mut draft, mut last) = (self.draft.clone(), None);
        for edit in edits.clone() {
            match draft.apply(edit) {
                Ok((new, done)) => (draft, last) = (new, Some(done)),
                Err(refused) => return Ok(Saved::Refused(refused)),
            }
        }
        let Some(done) = last else { return Ok(Saved::Refused(Refused::AtEdge)) };
        if draft.procedure == self.draft.procedure && draft.stale == self.draft.stale {
            return Ok(Saved::Done(done));
        }
        let department = draft.procedure.department.clone();
        who.may(Action::EditDefinition, &Object::Definition { department })?;
        let (by, id, step) = (who.by(site), self.id.clone(), step(&draft)?);
        let (what, label) = (done.what.word(), done.label.clone());
        let keep =
            if form.text("do") == AUTO && form.has("again") { Keep::Same } else { Keep::Next };
        let changed = site
            .store
            .write(move |tx| designs::change(tx, &by, (&id, seen), (&step, keep), (what, &label)));
        match changed.await? {
            Changed::Done(_) => Ok(Saved::Done(done)),
            Changed::Overtaken | Changed::NoStep => {
                let newer = Self::load(site, who, &self.id).await?;
                Ok(Saved::Behind(newer.behind(site, seen, edits).await?))
            }
        }
    }

    /// What others changed since a version.
    pub(super) async fn since(&self, site: &Site, seen: i32) -> Result<Vec<Change>, Trouble> {
        let id = self.id.clone();
        Ok(site.store.read(move |db| designs::changes(db, &id, seen)).await?)
    }

    /// The same for whoever comes late, with what these edits would make of it now.
    pub(super) async fn behind(
        &self,
        site: &Site,
        seen: i32,
        edits: Vec<Edit>,
    ) -> Result<Behind, Trouble> {
        let changes = self.since(site, seen).await?;
        let names = site.store.read(departments::ever).await?;
        let names: Vec<_> = names.into_iter().map(|one| (one.id, one.name)).collect();
        // An edit that cannot be done any more says so when it is pressed again.
        let wanted = edits
            .into_iter()
            .try_fold(self.draft.clone(), |draft, edit| draft.apply(edit).map(|(new, _)| new));
        let differs = match wanted {
            Ok(draft) => compare::changes(self.procedure(), &draft.procedure).or_fault()?,
            Err(_) => Vec::new(),
        };
        let told = changes.iter().map(notes::change).collect();
        Ok(Behind { told, differs: lines(&differs, &names) })
    }
}

/// The version the page was drawn of.
pub(super) fn seen(form: &FormData) -> i32 {
    form.text("version").parse().unwrap_or(0)
}

/// A draft as the store keeps it.
pub(in crate::procedures) fn step(draft: &Draft) -> Result<Step, Trouble> {
    Ok(Step {
        department_id: draft.procedure.department.to_string(),
        title: draft.procedure.title.ja().to_owned(),
        document: serde_json::to_string(&draft.procedure).or_fault()?,
        next_number: i32::try_from(draft.next).unwrap_or(i32::MAX),
        stale: serde_json::to_string(&draft.stale).or_fault()?,
    })
}

/// What is said above a form that was not saved.
pub(super) enum Said {
    /// Nothing.
    Nothing,
    /// Why it cannot be done.
    Refused(Vec<String>),
    /// Somebody else was first.
    Behind(Behind),
}

impl Said {
    pub(super) fn refused(refused: &Refused) -> Self {
        Self::Refused(notes::refused(refused))
    }

    /// The status of the answer that says it.
    pub(super) const fn status(&self) -> http::StatusCode {
        match self {
            Self::Nothing => http::StatusCode::OK,
            Self::Refused(_) => http::StatusCode::UNPROCESSABLE_ENTITY,
            Self::Behind(_) => http::StatusCode::CONFLICT,
        }
    }
}
