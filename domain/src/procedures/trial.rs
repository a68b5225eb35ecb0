//! Trials (試験公開): a design that goes the whole way, marked as what it is, before it is published.
//!
//! A trial is a procedure of its own beside the document, which is the very document that would be
//! published: its identifier begins where no clock comes to, so both zones know a trial by it and leave it
//! out without asking anybody (`docs/decisions/0113`).

use crate::forms::definition::{Lang, Listing, Open, Procedure};
use crate::ids::ProcedureId;

/// What identifiers of trials begin with. Others begin with a time, which comes there after the year 9000.
const FIRST: &str = "7";

/// The same as a pattern of SQL: what adds up over procedures leaves these out.
pub const TRIALS: &str = "7%";

/// Days after which a trial ends by itself.
pub const TRIAL_DAYS: i64 = 30;

/// Characters of an identifier that are random: 80 bits that nobody guesses.
const RANDOM: usize = 16;

/// Whether the procedure with this identifier is a trial.
#[must_use]
pub fn is_trial(procedure: &str) -> bool {
    procedure.starts_with(FIRST)
}

/// The identifier of a trial, made of a new one.
#[must_use]
pub fn trial_of(fresh: &ProcedureId) -> Option<ProcedureId> {
    let rest = fresh.as_str().get(FIRST.len()..)?;
    ProcedureId::parse(&format!("{FIRST}{rest}")).ok()
}

/// Last part of a trial's address. Whoever has it may come in; nobody guesses it.
#[must_use]
pub fn trial_slug(trial: &ProcedureId) -> String {
    let id = trial.as_str();
    format!("trial-{}", id.get(id.len().saturating_sub(RANDOM)..).unwrap_or(id))
}

impl Procedure {
    /// The document as a trial is used: under its own identifier and address, in no list, open whatever its
    /// period says, exported nowhere, and with a name that says what it is. One for staff stays with staff, and
    /// is for whoever has its address. `marked` makes that name in a language out of the document's. All else is
    /// as it would be published.
    #[must_use]
    pub fn on_trial(self, trial: ProcedureId, marked: &dyn Fn(Lang, &str) -> String) -> Self {
        let mut title = self.title.in_japanese(&marked(Lang::Ja, self.title.ja()));
        for lang in Lang::ALL {
            if let Some(told) = self.title.other(lang) {
                title = title.in_language(lang, &marked(lang, told));
            }
        }
        let listing = match self.listing {
            Listing::Internal => Listing::Internal,
            Listing::Public | Listing::Unlisted | Listing::Invite => Listing::Unlisted,
        };
        Self {
            slug: trial_slug(&trial),
            id: trial,
            title,
            listing,
            staff_of: Vec::new(),
            open: Open::default(),
            export: None,
            ..self
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::forms::Compiled;
    use crate::procedures::is_listed;

    fn fresh() -> ProcedureId {
        ProcedureId::parse("01jq9xk3zt5m8n2p4r6s7v9w0y").expect("an id")
    }

    /// NB-2.5: a trial is known by its identifier, has an address that nobody guesses, stands in no list
    /// and says in every language that it is one; its questions are those of the document.
    #[test]
    fn a_trial_is_the_document_under_another_name() {
        let json = include_bytes!("../../../deploy/sample-city/procedures/01-juminhyo.json");
        let real = Procedure::from_json(json).expect("a document");
        assert!(!is_trial(real.id.as_str()) && !is_trial(fresh().as_str()));
        let id = trial_of(&fresh()).expect("an id");
        assert!(is_trial(id.as_str()), "{id}");
        assert_eq!(id.as_str().get(1..), fresh().as_str().get(1..));

        let trial = real.clone().on_trial(id.clone(), &|_, title| format!("T {title}"));
        assert_eq!((&trial.id, trial.slug.as_str()), (&id, "trial-5m8n2p4r6s7v9w0y"));
        assert!(crate::forms::publish::is_slug(&trial.slug));
        for lang in Lang::ALL {
            assert_eq!(trial.title.text(lang), format!("T {}", real.title.text(lang)), "{lang:?}");
        }
        assert!(!is_listed(&trial) && trial.export.is_none());
        assert_eq!((&trial.pages, trial.revision), (&real.pages, real.revision));
        assert_eq!((&trial.capacity, &trial.access), (&real.capacity, &real.access));
        assert!(Compiled::new(trial).is_ok());

        let inside = Procedure {
            listing: Listing::Internal,
            staff_of: vec![real.department.clone()],
            ..real
        };
        let trial = inside.on_trial(id, &|_, title| title.to_owned());
        assert_eq!(trial.listing, Listing::Internal, "citizens see nothing of it");
        assert!(trial.staff_of.is_empty(), "who has the address tries it");
    }
}
