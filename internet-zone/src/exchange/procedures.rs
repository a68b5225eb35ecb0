//! Procedures and departments as published.

use bridge_contract::digest::Digest;
use bridge_contract::messages::{
    DepartmentsPublished, ProcedureClosed, ProcedurePublished, TrialEnded,
};
use bridge_lanes::Refusal;
use domain::forms::Compiled;
use domain::forms::compiled::capacities;
use domain::forms::definition::{Capacity, Procedure};
use domain::ids::ProcedureId;
use domain::procedures::is_listed;
use internet_zone_store::applications::trials as ending;
use internet_zone_store::bulletins::{self, NewBulletin};
use internet_zone_store::procedures::{
    self, Department, FormFile, NewPool, NewRevision, Published,
};
use internet_zone_web::news::topics;
use internet_zone_web::trials;
use platform_store::{Tx, time};

use super::{FromStaff, poison};

impl FromStaff {
    /// Keeps and shows a revision, or a trial of one. One that does not read or compile here, or whose number
    /// came before with other words (decision 0119), is set aside: citizens go on seeing the one before.
    pub(super) fn published(
        &self,
        tx: &mut Tx<'_>,
        new: &ProcedurePublished,
    ) -> Result<(), Refusal> {
        let procedure = trials::read(new.procedure_id.as_str(), &new.document)
            .map_err(|error| poison(error.to_string()))?;
        let matches = procedure.id == new.procedure_id && procedure.revision == new.revision;
        if !matches {
            return Err(poison("the document is of another procedure or revision"));
        }
        let form = Compiled::new(procedure)
            .map_err(|problems| poison(format!("the document has {} problems", problems.len())))?;
        let revision = NewRevision {
            procedure_id: new.procedure_id.as_str().to_owned(),
            revision: i64::from(new.revision),
            slug: form.procedure().slug.clone(),
            sha256: Digest::of(&new.document).0.to_vec(),
            document: new.document.clone(),
            files: new.files.iter().map(file).collect(),
            pools: pools(form.procedure()),
            at: time::to_micros(self.clock.now()),
        };
        let known = procedures::is_known(tx.db, &revision.procedure_id)?;
        let published = procedures::publish(tx, &self.by(), &revision)?;
        if published == Published::OtherWords {
            return Err(poison(format!(
                "revision {} was published before with other words, and citizens apply with those: the staff \
                 zone was set back; publish once more there, as the next revision",
                new.revision
            )));
        }
        let is_new = !known && published == Published::Shown;
        if is_new && let Some(bulletin) = bulletin(form.procedure()) {
            bulletins::put(tx, &bulletin, revision.at)?;
        }
        self.procedures.signal();
        Ok(())
    }

    pub(super) fn closed(&self, tx: &mut Tx<'_>, closed: &ProcedureClosed) -> Result<(), Refusal> {
        let at = time::to_micros(closed.at);
        let revision = (closed.revision > 0).then(|| i64::from(closed.revision));
        if procedures::close(tx, &self.by(), (closed.procedure_id.as_str(), revision), at)? {
            bulletins::over(tx, &news_of(&closed.procedure_id), at)?;
        }
        self.procedures.signal();
        Ok(())
    }

    /// Takes a trial away with everything that was begun and sent.
    pub(super) fn trial_ended(&self, tx: &mut Tx<'_>, ended: &TrialEnded) -> Result<(), Refusal> {
        ending::end(tx, &self.by(), ended.procedure_id.as_str())?;
        self.procedures.signal();
        Ok(())
    }

    pub(super) fn departments(
        &self,
        tx: &mut Tx<'_>,
        list: &DepartmentsPublished,
    ) -> Result<(), Refusal> {
        let list: Vec<Department> = list
            .departments
            .iter()
            .map(|department| Department {
                id: department.id.as_str().to_owned(),
                name: department.name.clone(),
                phone: department.phone.clone(),
                place: department.place.clone(),
            })
            .collect();
        procedures::replace_departments(tx, &list)?;
        self.procedures.signal();
        Ok(())
    }
}

/// By what the news of a procedure are known.
fn news_of(procedure: &ProcedureId) -> String {
    format!("procedure:{}", procedure.as_str())
}

/// What is told of a new procedure to who asked for news of its kind; `None` when lists do not show it
/// or it names no kind (IK-2.1.1a).
fn bulletin(procedure: &Procedure) -> Option<NewBulletin> {
    if !is_listed(procedure) {
        return None;
    }
    let topics = topics(&procedure.categories, &procedure.life_events);
    Some(NewBulletin {
        id: news_of(&procedure.id),
        title: serde_json::to_string(&procedure.title).ok()?,
        path: format!("/procedures/{}", procedure.slug),
        topics,
    })
    .filter(|bulletin| !bulletin.topics.is_empty())
}

fn file(published: &bridge_contract::messages::PublishedFile) -> FormFile {
    FormFile {
        id: published.id.clone(),
        name: published.name.clone(),
        media: published.media.clone(),
        content: published.bytes.clone(),
    }
}

/// Every pool of seats in a document (NF-49).
fn pools(procedure: &Procedure) -> Vec<NewPool> {
    let pool = |(pool, _, capacity): (String, String, Capacity)| NewPool {
        pool,
        capacity: i64::from(capacity.max),
        waitlist: i64::from(capacity.waitlist),
    };
    capacities(procedure).into_iter().map(pool).collect()
}

#[cfg(test)]
mod tests {
    use domain::forms::definition::Listing;

    use super::*;

    /// IK-2.1.1a: a procedure that lists show is told to who asked for its kind; one that is found by its
    /// address alone, or names no kind, is told to nobody.
    #[test]
    fn only_what_is_listed_is_told() {
        let json = include_bytes!("../../../deploy/sample-city/procedures/01-juminhyo.json");
        let mut procedure = Procedure::from_json(json).expect("a document");
        procedure.categories = vec!["residence".to_owned()];
        procedure.life_events = vec!["moving".to_owned()];
        let told = bulletin(&procedure).expect("it is told");
        assert_eq!(told.path, "/procedures/juminhyo");
        assert!(told.topics.iter().eq(["category.residence", "life.moving"]), "{told:?}");
        assert!(told.title.contains("住民票"), "{told:?}");
        procedure.listing = Listing::Unlisted;
        assert!(bulletin(&procedure).is_none());
        procedure.listing = Listing::Public;
        (procedure.categories, procedure.life_events) = (Vec::new(), Vec::new());
        assert!(bulletin(&procedure).is_none());
    }
}
