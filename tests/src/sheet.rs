//! What was looked at and what was found, for the result sheet (試験結果表, NN-23).

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use serde_json::json;

use crate::axe::{Outcome, Verdict};
use crate::checks::Found;

/// One check, or one rule of axe (`axe:label`), over all pages.
#[derive(Debug, Default)]
struct Tried {
    criteria: BTreeSet<String>,
    /// Pages on which it looked at something.
    ran: BTreeSet<String>,
    /// Pages without anything to look at.
    absent: BTreeSet<String>,
    /// Pages on which a person has to look.
    unsure: BTreeSet<String>,
    faults: BTreeMap<String, BTreeSet<String>>,
}

/// All checks of one walk.
#[derive(Debug, Default)]
pub struct Sheet(BTreeMap<String, Tried>);

impl Sheet {
    /// Notes what axe said of a page.
    pub fn axe(&mut self, page: &str, outcomes: Vec<Outcome>) {
        for outcome in outcomes {
            let tried = self.0.entry(format!("axe:{}", outcome.rule)).or_default();
            tried.criteria.extend(outcome.criteria);
            match outcome.verdict {
                Verdict::Passed => drop(tried.ran.insert(page.to_owned())),
                Verdict::Absent => drop(tried.absent.insert(page.to_owned())),
                Verdict::Unsure => drop(tried.unsure.insert(page.to_owned())),
                Verdict::Violated => {
                    tried.ran.insert(page.to_owned());
                    tried.faults.entry(page.to_owned()).or_default().insert(outcome.words);
                }
            }
        }
    }

    /// Notes what our checks found on a page.
    pub fn found(&mut self, page: &str, found: Found) {
        for (check, faults) in found {
            let tried = self.0.entry(check).or_default();
            tried.ran.insert(page.to_owned());
            if !faults.is_empty() {
                tried.faults.entry(page.to_owned()).or_default().extend(faults);
            }
        }
    }

    /// Leaves it for `cargo xtask accessibility`, in a folder of the build.
    ///
    /// # Panics
    /// When it cannot be written.
    pub fn write(&self, folder: &str, name: &str) {
        let checks: BTreeMap<&str, _> = self.0.iter().map(|(check, tried)| {
            let Tried { criteria, ran, absent, unsure, faults } = tried;
            let faulty: Vec<&String> = faults.keys().collect();
            let said = json!({ "criteria": criteria, "ran": ran, "absent": absent, "unsure": unsure, "faulty": faulty });
            (check.as_str(), said)
        }).collect();
        let folder = Path::new(folder).join("accessibility");
        std::fs::create_dir_all(&folder).expect("a folder of the build");
        let text = serde_json::to_string_pretty(&checks).expect("texts");
        std::fs::write(folder.join(format!("{name}.json")), text).expect("written");
    }

    /// Everything that is wrong, one line each.
    #[must_use]
    pub fn faults(&self) -> Vec<String> {
        let lines = self.0.iter().flat_map(|(check, tried)| {
            tried.faults.iter().flat_map(move |(page, faults)| {
                faults.iter().map(move |fault| format!("{check} {page}: {fault}"))
            })
        });
        lines.collect()
    }
}
