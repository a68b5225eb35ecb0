//! `cargo xtask fuzz [TARGET…] --seconds N --seed S`.

use std::io;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Mutex;
use std::time::Duration;

use clap::{Parser, Subcommand};
use sanitizer_fuzz::hunt::{self, Found, Plan};
#[cfg(feature = "files")]
use sanitizer_fuzz::strike::{self, Blow};
use sanitizer_fuzz::targets::{self, TARGETS, Target};
use sanitizer_fuzz::{child, corpus};

/// Damaged files for every reader of the sanitizer.
#[derive(Parser)]
#[command(name = "cargo xtask fuzz")]
struct Arguments {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand)]
enum What {
    /// Searches for faults, target after target; exit 1 when it finds one.
    Run(Wishes),
    /// Copies what reaches new code from a folder of finds into the corpus.
    Distil {
        /// The folder: one folder for each target in it.
        from: PathBuf,
        /// Places of the code that an input must add.
        #[arg(long, default_value_t = 20)]
        worth: usize,
    },
    /// Strikes the programs beside this one; exit 1 when one breaks a promise.
    #[cfg(feature = "files")]
    Strike {
        /// Damaged files.
        #[arg(long, default_value_t = 1_000)]
        trials: usize,
        /// Determines the damage.
        #[arg(long, default_value_t = 1)]
        seed: u64,
        /// Real files; the kept inputs of the search when absent.
        #[arg(long)]
        corpus: Option<PathBuf>,
    },
    /// Names the targets.
    List,
    /// Reads inputs from the watching process; not for people.
    #[command(hide = true)]
    Child {
        /// The target.
        target: String,
    },
}

#[derive(clap::Args)]
struct Wishes {
    /// All when none is named; `bridge` stands for all of the bridge.
    targets: Vec<String>,
    /// Seconds for each target.
    #[arg(long, default_value_t = 30)]
    seconds: u64,
    /// Determines the damage.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Targets at the same time.
    #[arg(long, default_value_t = 1)]
    jobs: usize,
    /// Seconds an input may take.
    #[arg(long, default_value_t = 20)]
    patience: u64,
    /// Keeps inputs that reach new code here, for the next search.
    #[arg(long)]
    finds: Option<PathBuf>,
}

fn main() -> ExitCode {
    let done = match Arguments::parse().what {
        What::Run(wishes) => run(&wishes),
        What::Distil { from, worth } => distil(&from, worth),
        #[cfg(feature = "files")]
        What::Strike { trials, seed, corpus } => struck(trials, seed, corpus),
        What::List => {
            TARGETS.iter().for_each(|it| println!("{}", it.name));
            Ok(true)
        }
        What::Child { target } => match targets::named(&target) {
            Some(target) => child::serve(target).map(|()| true),
            None => Err(io::Error::other("no such target")),
        },
    };
    match done {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn distil(from: &Path, worth: usize) -> io::Result<bool> {
    let plan = Plan { worth, ..Plan::of(std::env::current_exe()?) };
    for target in TARGETS.iter() {
        println!("{:<15} {:>4}", target.name, hunt::distil(target, &plan, from)?);
    }
    Ok(true)
}

#[cfg(feature = "files")]
fn struck(trials: usize, seed: u64, corpus: Option<PathBuf>) -> io::Result<bool> {
    let own = std::env::current_exe()?;
    let programs = own.parent().unwrap_or(Path::new(".")).to_owned();
    let patience = Duration::from_secs(30);
    let blow = Blow { programs, corpus, trials, seed, patience };
    let ledger =
        strike::strike(&blow, |trial, name, fate| println!("{trial:>6}  {fate:<14} {name}"))?;
    println!("\n{} rebuilt, slowest file {} ms", ledger.rebuilt, ledger.slowest.as_millis());
    ledger.held.iter().for_each(|(reason, count)| println!("{count} held as {reason}"));
    println!("results changed and still taken for ours:");
    for (kind, [bytes, taken, structures, also, pieces, too]) in &ledger.changed {
        println!(
            "  {kind:<5} {also} of {structures} structures, {taken} of {bytes} changed bytes, \
             {too} of {pieces} moved pieces"
        );
    }
    ledger.faults.iter().for_each(|fault| println!("FAULT {fault}"));
    Ok(ledger.faults.is_empty())
}

fn run(wishes: &Wishes) -> io::Result<bool> {
    let chosen = chosen(&wishes.targets)?;
    let plan = Plan {
        patience: Duration::from_secs(wishes.patience),
        time: Duration::from_secs(wishes.seconds),
        seed: wishes.seed,
        faults: Some(corpus::house()),
        finds: wishes.finds.clone(),
        ..Plan::of(std::env::current_exe()?)
    };
    println!("target          replayed    tried     read   places  finds  faults  in libraries");
    let queue = Mutex::new(chosen.into_iter());
    let next = || queue.lock().ok().and_then(|mut it| it.next());
    let work = || -> io::Result<bool> {
        let mut well = true;
        while let Some(target) = next() {
            let found = hunt::hunt(target, &plan)?;
            tell(target, &found);
            well &= found.faults.is_empty();
        }
        Ok(well)
    };
    std::thread::scope(|scope| {
        let workers: Vec<_> = (0..wishes.jobs.max(1)).map(|_| scope.spawn(work)).collect();
        workers.into_iter().try_fold(true, |well, worker| match worker.join() {
            Ok(done) => Ok(well & done?),
            Err(_) => Err(io::Error::other("a search fell")),
        })
    })
}

fn chosen(names: &[String]) -> io::Result<Vec<&'static Target>> {
    if names.is_empty() {
        return Ok(TARGETS.iter().collect());
    }
    let mut all = Vec::new();
    for name in names {
        let (before, group) = (all.len(), format!("{name}-"));
        all.extend(TARGETS.iter().filter(|it| it.name == name || it.name.starts_with(&group)));
        if all.len() == before {
            return Err(io::Error::other(format!("no target {name}")));
        }
    }
    Ok(all)
}

fn tell(target: &Target, found: &Found) {
    println!(
        "{:<15} {:>8} {:>8} {:>8} {:>8} {:>6} {:>7} {:>13}",
        target.name,
        found.replayed,
        found.tried,
        found.read,
        found.places,
        found.finds,
        found.faults.len(),
        found.contained.len()
    );
    for (why, path) in &found.faults {
        let kept = path.as_ref().and_then(|it| it.file_name()).unwrap_or_default();
        println!("  fault: {why}; kept as {}", kept.to_string_lossy());
    }
    for place in &found.contained {
        println!("  contained: {place}");
    }
}
