//! The search: from kept inputs to new ones, for a time or a number of tries.

use std::collections::BTreeSet;
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use crate::corpus;
use crate::coverage::Known;
use crate::dice::Dice;
use crate::mutate::mutated;
use crate::nurse::{Nurse, Seen};
use crate::targets::{self, Target};

/// Tries to make an input small.
const SHRINKING: usize = 400;

/// What a search may cost, and where it keeps what it finds.
#[derive(Debug, Clone)]
pub struct Plan {
    /// This package's program.
    pub program: PathBuf,
    /// Time for one input.
    pub patience: Duration,
    /// Time for all.
    pub time: Duration,
    /// Tries at most.
    pub tries: usize,
    /// Determines the damage.
    pub seed: u64,
    /// Where faults are kept; `None` to only tell of them.
    pub faults: Option<PathBuf>,
    /// Places of the code an input must add to be copied into the corpus.
    pub worth: usize,
    /// Where inputs that reach new code are kept for the next search.
    pub finds: Option<PathBuf>,
}

impl Plan {
    /// A search without end that keeps nothing.
    #[must_use]
    pub const fn of(program: PathBuf) -> Self {
        Self {
            program,
            patience: Duration::from_secs(20),
            time: Duration::MAX,
            tries: usize::MAX,
            seed: 1,
            faults: None,
            worth: 0,
            finds: None,
        }
    }
}

/// What a search found.
#[derive(Debug, Default)]
pub struct Found {
    /// Kept inputs replayed.
    pub replayed: usize,
    /// Damaged inputs tried.
    pub tried: usize,
    /// Inputs that were read to the end.
    pub read: usize,
    /// Places of the code reached; 0 when the build does not count.
    pub places: usize,
    /// Inputs that reached new code.
    pub finds: usize,
    /// Faults of ours, and the input kept for each.
    pub faults: Vec<(String, Option<PathBuf>)>,
    /// Panics of libraries.
    pub contained: BTreeSet<String>,
}

/// Replays what is kept for a target, then searches on from there.
///
/// # Errors
/// When a child cannot be started or a file not be read or written.
pub fn hunt(target: &'static Target, plan: &Plan) -> io::Result<Found> {
    let mut hunter = Hunter {
        nurse: Nurse::new(&plan.program, target, plan.patience)?,
        target,
        plan,
        known: Known::default(),
        faults: BTreeSet::new(),
        found: Found::default(),
    };
    let mut pool: Vec<Vec<u8>> =
        corpus::load(&corpus::house(), target.name)?.into_values().collect();
    pool.extend(targets::made(target));
    if let Some(finds) = &plan.finds {
        pool.extend(corpus::load(finds, target.name)?.into_values());
    }
    for input in &pool {
        hunter.try_one(input)?;
        hunter.found.replayed += 1;
    }
    hunter.search(pool)?;
    hunter.found.places = hunter.known.places();
    Ok(hunter.found)
}

/// Copies the inputs that reach code no smaller one reached into the corpus of
/// the repository; how many. The build must count.
///
/// # Errors
/// When a child cannot be started or a file not be read or written.
pub fn distil(target: &'static Target, plan: &Plan, from: &Path) -> io::Result<usize> {
    let mut nurse = Nurse::new(&plan.program, target, plan.patience)?;
    let mut known = Known::default();
    for kept in corpus::load(&corpus::house(), target.name)?.values() {
        nurse.give(kept)?;
        nurse.reached(&mut known);
    }
    let mut inputs: Vec<Vec<u8>> = corpus::load(from, target.name)?.into_values().collect();
    inputs.sort_by_key(Vec::len);
    let mut kept = 0;
    for input in &inputs {
        let seen = nurse.give(input)?;
        let before = known.places();
        let Some(_) = nurse.reached(&mut known) else {
            return Err(io::Error::other("this build does not count: see cargo xtask fuzz"));
        };
        if matches!(seen, Seen::Read | Seen::Held) && known.places() > before + plan.worth {
            corpus::keep(&corpus::house(), target.name, "seed", input)?;
            kept += 1;
        }
    }
    Ok(kept)
}

struct Hunter<'p> {
    nurse: Nurse,
    target: &'static Target,
    plan: &'p Plan,
    known: Known,
    faults: BTreeSet<String>,
    found: Found,
}

impl Hunter<'_> {
    fn search(&mut self, mut pool: Vec<Vec<u8>>) -> io::Result<()> {
        if pool.is_empty() {
            pool.push(Vec::new());
        }
        let begun = Instant::now();
        let mut dice = Dice::new(self.plan.seed);
        while self.found.tried < self.plan.tries && begun.elapsed() < self.plan.time {
            let newest = pool.len().div_ceil(8);
            let from = if dice.once_in(2) { pool.len() - newest } else { 0 };
            let file = &pool[from + dice.below(pool.len() - from)];
            let other = &pool[dice.below(pool.len())];
            let input = mutated(file, other, self.target.shape, &self.target.words, &mut dice);
            self.found.tried += 1;
            if self.try_one(&input)? {
                self.found.finds += 1;
                if let Some(finds) = &self.plan.finds {
                    corpus::keep(finds, self.target.name, "find", &input)?;
                }
                pool.push(input);
            }
        }
        Ok(())
    }

    /// Has an input read; true when it reached new code and nothing is wrong.
    fn try_one(&mut self, input: &[u8]) -> io::Result<bool> {
        let seen = self.nurse.give(input)?;
        let new = self.nurse.reached(&mut self.known).unwrap_or(0);
        match &seen {
            Seen::Read => self.found.read += 1,
            Seen::Held => {}
            Seen::Contained(place) => {
                if self.found.contained.insert(place.clone()) {
                    self.keep("library", input, &seen)?;
                }
                return Ok(false);
            }
            Seen::Fault(why) => {
                if self.faults.insert(why.clone()) {
                    let path = self.keep("fault", input, &seen)?;
                    self.found.faults.push((why.clone(), path));
                }
                return Ok(false);
            }
        }
        Ok(new > 0)
    }

    fn keep(&mut self, word: &str, input: &[u8], seen: &Seen) -> io::Result<Option<PathBuf>> {
        let Some(folder) = &self.plan.faults else { return Ok(None) };
        let small = self.shrunk(input, seen)?;
        corpus::keep(folder, self.target.name, word, &small).map(Some)
    }

    /// The input without what its fault does not need.
    fn shrunk(&mut self, input: &[u8], seen: &Seen) -> io::Result<Vec<u8>> {
        let mut small = input.to_vec();
        if *seen == Seen::Fault("hang".to_owned()) {
            return Ok(small);
        }
        let mut tries = 0;
        let mut step = small.len() / 2;
        while step > 0 && tries < SHRINKING {
            let mut at = 0;
            while at < small.len() && tries < SHRINKING {
                let end = (at + step).min(small.len());
                let shorter = [&small[..at], &small[end..]].concat();
                tries += 1;
                if self.nurse.give(&shorter)? == *seen {
                    small = shorter;
                } else {
                    at = end;
                }
            }
            step /= 2;
        }
        Ok(small)
    }
}
