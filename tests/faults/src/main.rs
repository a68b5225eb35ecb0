//! `cargo xtask faults bridge --trials N --seed S`, or `--every`.

use std::collections::BTreeMap;
use std::process::ExitCode;

use clap::{Parser, Subcommand, ValueEnum};
use faults::every::Walk;
use faults::fault::NOT_MET;
use faults::{Scene, Trial};
use town::Database;

/// Strikes the running town with faults and checks that nothing is lost or doubled.
#[derive(Parser)]
#[command(name = "cargo xtask faults")]
struct Arguments {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand)]
enum What {
    /// Faults of the bridge, the zones' ends of it and its folders.
    Bridge(Wishes),
}

#[derive(clap::Args)]
struct Wishes {
    /// Faults, one after the other.
    #[arg(long, default_value_t = 50)]
    trials: usize,
    /// Determines the faults.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Where the zones keep their data.
    #[arg(long, value_enum, default_value_t = Kind::Sqlite)]
    database: Kind,
    /// Not by chance: every call on a file of spools and databases dies, fails, and has no room, once.
    #[arg(long, conflicts_with_all = ["trials", "seed"])]
    every: bool,
    /// Of those only calls of this program.
    #[arg(long, requires = "every", value_parser = faults::fault::PROGRAMS)]
    program: Option<String>,
    /// Of those only this system call, such as `fsync`.
    #[arg(long, requires = "every")]
    call: Option<String>,
    /// Of the same calls in a row on one file so many are struck at most.
    #[arg(long, requires = "every", default_value_t = 3)]
    most: u64,
    /// Prints the table for a document.
    #[arg(long, requires = "every")]
    markdown: bool,
}

#[derive(Clone, Copy, ValueEnum)]
enum Kind {
    Sqlite,
    Postgres,
}

#[tokio::main]
async fn main() -> ExitCode {
    let What::Bridge(wishes) = Arguments::parse().what;
    let database = match wishes.database {
        Kind::Sqlite => Database::Sqlite,
        Kind::Postgres => Database::Postgres,
    };
    let trials = if wishes.every { faults::every::ABOUT } else { wishes.trials };
    let scene = match Scene::open(database, trials) {
        Ok(scene) => scene,
        Err(error) => {
            eprintln!("{error}");
            return ExitCode::FAILURE;
        }
    };
    // Ctrl-C drops the run, and with it the town and its file systems.
    tokio::select! {
        well = strike(scene, &wishes) => if well { ExitCode::SUCCESS } else { ExitCode::FAILURE },
        _ = tokio::signal::ctrl_c() => ExitCode::FAILURE,
    }
}

async fn strike(scene: Scene, wishes: &Wishes) -> bool {
    if wishes.every { walk(scene, wishes).await } else { draw(scene, wishes).await }
}

/// Faults of chance; whether all invariants held.
async fn draw(scene: Scene, Wishes { trials, seed, .. }: &Wishes) -> bool {
    let missing = scene.means.missing();
    for kinds in &missing {
        println!("LEFT OUT: {kinds}");
    }
    let mut struck: BTreeMap<&str, usize> = BTreeMap::new();
    let mut not_met = 0;
    let ended = faults::run(scene, *seed, *trials, |trial| {
        tell(trial);
        *struck.entry(trial.fault.kind()).or_default() += 1;
        not_met += usize::from(trial.came == NOT_MET);
    });
    match ended.await {
        Ok(()) => {
            let struck: Vec<String> =
                struck.iter().map(|(kind, count)| format!("{count} {kind}")).collect();
            println!("{}", struck.join(", "));
            for kinds in &missing {
                println!("LEFT OUT: {kinds}");
            }
            println!("{not_met} of the failing disks were not met");
            println!("{trials} faults, nothing lost, nothing doubled (seed {seed})");
            true
        }
        Err(trouble) => {
            eprintln!("{trouble}");
            false
        }
    }
}

/// Every call once; whether all invariants held, and no call was missed altogether.
async fn walk(scene: Scene, wishes: &Wishes) -> bool {
    if !scene.means.strace {
        eprintln!("strace is missing or may not trace (apt-get install strace)");
        return false;
    }
    let Wishes { program, call, most, .. } = wishes;
    let walk = Walk { program: program.clone(), call: call.clone(), most: *most };
    let (table, ended) = faults::every::every(scene, &walk, tell).await;
    for line in table.lines(wishes.markdown) {
        println!("{line}");
    }
    for step in table.unaimed() {
        println!("NOT AIMED AT: {step}: its names are not known before");
    }
    let (met, not_met) = table.met();
    println!("{met} strikes met, {not_met} not met");
    if let Err(trouble) = ended {
        eprintln!("{trouble}");
        return false;
    }
    let never = table.never_met();
    for (program, call) in &never {
        println!("NEVER MET: {call} of {program}");
    }
    if met == 0 {
        println!("nothing was struck");
    }
    let well = met > 0 && never.is_empty();
    if well {
        println!("{met} strikes, nothing lost, nothing doubled");
    }
    well
}

fn tell(trial: &Trial<'_>) {
    let Trial { number, fault, came, took } = trial;
    let came = if came.is_empty() { String::new() } else { format!(": {came}") };
    println!("{number:>5}  {:>5} ms  {fault}{came}", took.as_millis());
}
