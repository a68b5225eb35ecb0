//! Trials: some people press, a fault strikes, everybody's receipt must lead to
//! exactly one line at the desk.

use std::collections::BTreeSet;
use std::io;
use std::time::{Duration, Instant};

use load::place::Place;
use load::survey;
use town::Town;

use crate::dice::Dice;
use crate::fault::Fault;
use crate::ledger::{at_the_desk, press};

/// People who press while a fault strikes.
const PEOPLE: usize = 4;

/// What did not hold, with everything needed to see it again.
#[derive(Debug)]
pub struct Trouble {
    /// The seed of the run.
    pub seed: u64,
    /// The trial, from 0.
    pub trial: usize,
    /// The fault of that trial.
    pub fault: String,
    /// What was seen.
    pub seen: String,
}

impl std::fmt::Display for Trouble {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { seed, trial, fault, seen } = self;
        write!(out, "trial {trial} of seed {seed} ({fault}): {seen}")
    }
}

/// Runs so many trials on a town of its own; `tell` hears of each.
///
/// # Errors
/// [`Trouble`] of the first trial after which something was lost, doubled or dead.
pub async fn run(
    mut place: Place,
    seed: u64,
    trials: usize,
    mut tell: impl FnMut(usize, &Fault, Duration),
) -> Result<(), Trouble> {
    let mut dice = Dice::new(seed);
    let mut receipts = BTreeSet::new();
    for trial in 0..trials {
        let fault = Fault::next(&mut dice);
        let pause = Duration::from_millis(dice.below(60));
        let started = Instant::now();
        let trouble = |seen: String| Trouble { seed, trial, fault: fault.to_string(), seen };
        one(&mut place, fault, pause, &mut receipts)
            .await
            .map_err(|error| trouble(error.to_string()))?;
        tell(trial, &fault, started.elapsed());
    }
    let trouble = |seen: String| Trouble { seed, trial: trials, fault: "the end".to_owned(), seen };
    place.close().map_err(|error| trouble(error.to_string()))
}

async fn one(
    place: &mut Place,
    fault: Fault,
    pause: Duration,
    receipts: &mut BTreeSet<String>,
) -> io::Result<()> {
    let site = place.town.citizens();
    let forms = survey::filled(site, 1, PEOPLE).await?.concat();
    let pressing = tokio::spawn(press(site, forms));
    tokio::time::sleep(pause).await;
    tokio::task::block_in_place(|| fault.strike(&mut place.town))?;
    for receipt in pressing.await.map_err(io::Error::other)?? {
        if !receipts.insert(receipt.clone()) {
            return Err(io::Error::other(format!("{receipt} was given twice")));
        }
    }
    let numbers = at_the_desk(place, receipts.len()).await?;
    if numbers.len() != receipts.len() {
        return Err(io::Error::other(format!("{} numbers for {}", numbers.len(), receipts.len())));
    }
    alive(&mut place.town)
}

fn alive(town: &mut Town) -> io::Result<()> {
    match town.fallen() {
        None => Ok(()),
        Some(name) => Err(io::Error::other(format!("{name} ended by itself"))),
    }
}
