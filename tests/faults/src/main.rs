//! `cargo xtask faults bridge --trials N --seed S`.

use std::collections::BTreeMap;
use std::process::ExitCode;

use clap::{Parser, Subcommand, ValueEnum};
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
    Bridge {
        /// Faults, one after the other.
        #[arg(long, default_value_t = 50)]
        trials: usize,
        /// Determines the faults.
        #[arg(long, default_value_t = 1)]
        seed: u64,
        /// Where the zones keep their data.
        #[arg(long, value_enum, default_value_t = Kind::Sqlite)]
        database: Kind,
    },
}

#[derive(Clone, Copy, ValueEnum)]
enum Kind {
    Sqlite,
    Postgres,
}

#[tokio::main]
async fn main() -> ExitCode {
    let What::Bridge { trials, seed, database } = Arguments::parse().what;
    let database = match database {
        Kind::Sqlite => Database::Sqlite,
        Kind::Postgres => Database::Postgres,
    };
    let scene = match Scene::open(database, trials) {
        Ok(scene) => scene,
        Err(error) => {
            eprintln!("{error}");
            return ExitCode::FAILURE;
        }
    };
    let missing = scene.means.missing();
    for kinds in &missing {
        println!("LEFT OUT: {kinds}");
    }
    let mut struck: BTreeMap<&str, usize> = BTreeMap::new();
    let tell = |trial: &Trial<'_>| {
        let Trial { number, fault, came, took } = trial;
        let came = if came.is_empty() { String::new() } else { format!(": {came}") };
        println!("{number:>5}  {:>5} ms  {fault}{came}", took.as_millis());
        *struck.entry(fault.kind()).or_default() += 1;
    };
    // Ctrl-C drops the run, and with it the town and its file systems.
    let ended = tokio::select! {
        ended = faults::run(scene, seed, trials, tell) => ended,
        _ = tokio::signal::ctrl_c() => return ExitCode::FAILURE,
    };
    match ended {
        Ok(()) => {
            let struck: Vec<String> =
                struck.iter().map(|(kind, count)| format!("{count} {kind}")).collect();
            println!("{}", struck.join(", "));
            for kinds in &missing {
                println!("LEFT OUT: {kinds}");
            }
            println!("{trials} faults, nothing lost, nothing doubled (seed {seed})");
            ExitCode::SUCCESS
        }
        Err(trouble) => {
            eprintln!("{trouble}");
            ExitCode::FAILURE
        }
    }
}
