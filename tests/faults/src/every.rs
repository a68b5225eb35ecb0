//! A walk instead of chance: what each program of the bridge does to files is counted first, then
//! every call is struck once in every way it can fail, each time as a trial of its own.

use std::collections::BTreeMap;
use std::fmt::Display;
use std::io;
use std::time::Duration;

use town::Town;

use crate::fault::disk::{Blow, Failure};
use crate::fault::steps::{self, Counting, Step};
use crate::fault::{Fault, NOT_MET, PROGRAMS};
use crate::runner::{Row, Scene, Trial, Trouble};

/// Trials during which calls are counted; the first has a file on `in.bulk`.
const UNDISTURBED: usize = 3;
/// Trials of a whole walk, about; for the size of its file systems.
pub const ABOUT: usize = 3_000;

/// What is walked over.
#[derive(Clone, Debug)]
pub struct Walk {
    /// Only this program.
    pub program: Option<String>,
    /// Only this system call.
    pub call: Option<String>,
    /// How many of the same calls in a row are struck at most, each apart.
    pub most: u64,
}

impl Walk {
    fn passes(&self, step: &Step) -> bool {
        let may = |only: &Option<String>, is: &str| only.as_deref().is_none_or(|only| only == is);
        may(&self.program, step.program) && may(&self.call, step.call)
    }

    fn programs(&self) -> Vec<&'static str> {
        let only = self.program.as_deref();
        PROGRAMS.into_iter().filter(|name| only.is_none_or(|only| only == *name)).collect()
    }

    /// Which of a step's calls are struck, and in which ways.
    fn strikes(&self, step: &Step) -> Vec<(u64, Failure)> {
        let each = |ordinal| step.failures().iter().map(move |failure| (ordinal, *failure));
        (1..=step.times.min(self.most)).flat_map(each).collect()
    }
}

/// What came of strikes of one kind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Counts {
    met: usize,
    not_met: usize,
    held: usize,
}

/// What came of a walk: program, call and kind of each strike.
#[derive(Debug, Default)]
pub struct Table {
    rows: BTreeMap<(&'static str, &'static str, Failure), Counts>,
    unaimed: Vec<String>,
}

impl Table {
    /// `came` is what the trial said, or nothing when an invariant did not hold after it.
    fn note(&mut self, step: &Step, failure: Failure, came: Option<&str>) {
        let counts = self.rows.entry((step.program, step.call, failure)).or_default();
        match came {
            Some(NOT_MET) => counts.not_met += 1,
            held => {
                counts.met += 1;
                counts.held += usize::from(held.is_some());
            }
        }
    }

    /// Strikes that were met, and those that were not: these are no trials.
    #[must_use]
    pub fn met(&self) -> (usize, usize) {
        let sum = |of: fn(&Counts) -> usize| self.rows.values().map(of).sum();
        (sum(|it| it.met), sum(|it| it.not_met))
    }

    /// Program and call of which no strike was met at all.
    #[must_use]
    pub fn never_met(&self) -> Vec<(&'static str, &'static str)> {
        let mut met: BTreeMap<(&str, &str), usize> = BTreeMap::new();
        for ((program, call, _), counts) in &self.rows {
            *met.entry((*program, *call)).or_default() += counts.met;
        }
        met.into_iter().filter(|(_, met)| *met == 0).map(|(pair, _)| pair).collect()
    }

    /// Calls that were counted and cannot be aimed at, in words.
    #[must_use]
    pub fn unaimed(&self) -> &[String] {
        &self.unaimed
    }

    /// One line a program, call and kind, under a line of titles.
    #[must_use]
    pub fn lines(&self, markdown: bool) -> Vec<String> {
        let line = |program: &str, call: &str, kind: &str, counts: [&dyn Display; 3]| {
            let [met, not_met, held] = counts;
            if markdown {
                format!("| `{program}` | `{call}` | {kind} | {met} | {not_met} | {held} |")
            } else {
                format!("{program:<14} {call:<10} {kind:<8} {met:>5} {not_met:>8} {held:>16}")
            }
        };
        let mut lines = Vec::new();
        if markdown {
            lines.push("| Program | Call | Strike | Met | Not met | Invariants held |".to_owned());
            lines.push("|---|---|---|---:|---:|---:|".to_owned());
        } else {
            lines.push(line("program", "call", "strike", [&"met", &"not met", &"invariants held"]));
        }
        for ((program, call, failure), Counts { met, not_met, held }) in &self.rows {
            lines.push(line(program, call, failure.word(), [met, not_met, held]));
        }
        lines
    }
}

/// Counts, then strikes every call that the walk passes; `tell` hears of each trial. The table has
/// what came until the end, or until the first trouble.
pub async fn every(
    scene: Scene,
    walk: &Walk,
    tell: impl FnMut(&Trial<'_>),
) -> (Table, Result<(), Trouble>) {
    let (mut row, mut table) = (Row::new(scene, 0), Table::default());
    let walked = match over(&mut row, walk, &mut table, tell).await {
        Ok(()) => row.end(),
        Err(trouble) => Err(trouble),
    };
    (table, walked)
}

async fn over(
    row: &mut Row,
    walk: &Walk,
    table: &mut Table,
    mut tell: impl FnMut(&Trial<'_>),
) -> Result<(), Trouble> {
    let steps = count(row, walk, &mut tell).await?;
    for step in steps.iter().filter(|step| walk.passes(step)) {
        if !step.can_be_aimed_at() {
            table.unaimed.push(step.to_string());
            continue;
        }
        for (ordinal, failure) in walk.strikes(step) {
            let fault = Fault::Disk(Blow::at(step, ordinal, failure));
            match row.next(&fault, Duration::ZERO).await {
                Ok(trial) => {
                    table.note(step, failure, Some(trial.came));
                    tell(&trial);
                }
                Err(trouble) => {
                    table.note(step, failure, None);
                    return Err(trouble);
                }
            }
        }
    }
    Ok(())
}

/// What the programs do while applications cross undisturbed, and when each starts. Faults name their
/// step for as long as the runner lives.
async fn count(
    row: &mut Row,
    walk: &Walk,
    tell: &mut impl FnMut(&Trial<'_>),
) -> Result<&'static [Step], Trouble> {
    let programs = walk.programs();
    let failed = |row: &Row, error: &io::Error| {
        row.trouble(row.count(), &"calls are counted", &error.to_string())
    };
    let begin = |town: &Town| tokio::task::block_in_place(|| Counting::begin(town, &programs));
    let counting = begin(&row.scene.place.town).map_err(|error| failed(row, &error))?;
    for _ in 0..UNDISTURBED {
        tell(&row.next(&Fault::Undisturbed, Duration::ZERO).await?);
    }
    let counted: io::Result<Vec<Step>> = tokio::task::block_in_place(|| {
        let town = &mut row.scene.place.town;
        let mut steps = counting.end(town)?;
        for &name in &programs {
            steps.extend(steps::count_start(town, name)?);
        }
        Ok(steps)
    });
    match counted {
        Ok(steps) => {
            let steps: &'static [Step] = Vec::leak(steps);
            Ok(steps)
        }
        Err(error) => Err(failed(row, &error)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fault::steps::Moment;

    fn step(program: &'static str, call: &'static str, times: u64) -> Step {
        let file = "s/spool/raw/part/e1-*.kb".to_owned();
        Step { program, moment: Moment::Work, call, file, times }
    }

    fn walk(program: Option<&str>, call: Option<&str>) -> Walk {
        Walk { program: program.map(str::to_owned), call: call.map(str::to_owned), most: 2 }
    }

    /// MN-8.2a: every call in a row is struck in every way, up to the bound, and only what was asked for.
    #[test]
    fn the_plan_strikes_each_call_in_every_way() {
        let (kill, broken, full) = (Failure::Kill, Failure::Error("EIO"), Failure::Error("ENOSPC"));
        let all = walk(None, None);
        let expected = [(1, kill), (1, broken), (1, full), (2, kill), (2, broken), (2, full)];
        assert_eq!(all.strikes(&step("relay", "write", 31)), expected);
        assert_eq!(all.strikes(&step("relay", "read", 1)), [(1, kill), (1, broken)]);
        assert!(all.passes(&step("relay", "write", 1)));
        assert_eq!(all.programs(), PROGRAMS);

        let one = walk(Some("relay"), Some("fsync"));
        assert!(one.passes(&step("relay", "fsync", 1)));
        assert!(!one.passes(&step("relay", "write", 1)) && !one.passes(&step("inner", "fsync", 1)));
        assert_eq!(one.programs(), ["relay"]);
    }

    /// MN-8.2a: what was not met is no trial, and a call that never was is named.
    #[test]
    fn what_was_not_met_is_counted_apart() {
        let mut table = Table::default();
        let (sync, write) = (step("relay", "fsync", 1), step("relay", "write", 1));
        table.note(&sync, Failure::Kill, Some("stopped, restarted"));
        table.note(&sync, Failure::Kill, None);
        table.note(&sync, Failure::Error("EIO"), Some(NOT_MET));
        table.note(&write, Failure::Kill, Some(NOT_MET));
        assert_eq!(table.met(), (2, 2));
        assert_eq!(table.never_met(), [("relay", "write")]);
        let lines = table.lines(true);
        assert_eq!(lines.len(), 2 + 3);
        assert!(lines.contains(&"| `relay` | `fsync` | kill -9 | 2 | 0 | 1 |".to_owned()));
        assert!(lines.contains(&"| `relay` | `write` | kill -9 | 0 | 1 | 0 |".to_owned()));
        assert_eq!(table.lines(false).len(), 1 + 3);
    }
}
