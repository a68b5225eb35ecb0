//! Procedures and departments as published.

use bridge_contract::digest::Digest;
use bridge_contract::messages::{DepartmentsPublished, ProcedureClosed, ProcedurePublished};
use bridge_lanes::Refusal;
use domain::forms::Compiled;
use domain::forms::compiled::capacities;
use domain::forms::definition::{Capacity, Procedure};
use internet_zone_store::procedures::{self, Department, FormFile, NewPool, NewRevision};
use platform_store::{Tx, time};

use super::{FromStaff, poison};

impl FromStaff {
    /// Keeps and shows a revision. One that does not read or compile here is set
    /// aside: citizens go on seeing the one before.
    pub(super) fn published(
        &self,
        tx: &mut Tx<'_>,
        new: &ProcedurePublished,
    ) -> Result<(), Refusal> {
        let procedure =
            Procedure::from_json(&new.document).map_err(|error| poison(error.to_string()))?;
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
        procedures::publish(tx, &self.by(), &revision)?;
        self.procedures.signal();
        Ok(())
    }

    pub(super) fn closed(&self, tx: &mut Tx<'_>, closed: &ProcedureClosed) -> Result<(), Refusal> {
        let at = time::to_micros(closed.at);
        procedures::close(tx, &self.by(), closed.procedure_id.as_str(), at)?;
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
