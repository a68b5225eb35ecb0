//! `lgwan-zone`: the staff service and what an operator does beside it.

use std::path::PathBuf;
use std::process::ExitCode;

use bridge_contract::keys::KeyFolder;
use bridge_lanes::operate::{Desk, Orders, mark_generation};
use clap::{Args, Parser, Subcommand};
use lgwan_zone::commands::{Walked, load_city, publish, verify_audit};
use lgwan_zone::{Config, run};
use lgwan_zone_store::audit::Verdict;
use platform_service::clock::Clock;
use platform_service::shutdown::Shutdown;
use platform_service::{config, log, secret};
use platform_store::backup::{self, Plan};

/// The staff service of Madoguchi.
#[derive(Parser)]
#[command(version, name = "lgwan-zone")]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Serves the staff pages until SIGTERM or SIGINT.
    Serve {
        #[command(flatten)]
        settings: Settings,
        /// Only says whether the settings can be used.
        #[arg(long)]
        check_config: bool,
    },
    /// Says whether the settings can be used.
    CheckConfig(Settings),
    /// Makes the keys that belong to this zone alone, where they are missing.
    MakeKeys {
        /// The key folder of the host.
        #[arg(long)]
        dir: PathBuf,
    },
    /// Prints the public key with which other cities verify definitions from here.
    BundleKey(Settings),
    /// Brings departments and staff in; accounts that exist stay as they are.
    LoadCity {
        #[command(flatten)]
        settings: Settings,
        /// The city file (JSON).
        #[arg(long)]
        city: PathBuf,
        /// Where initial passwords and secrets are written, readable by its owner only.
        #[arg(long)]
        passwords_out: Option<PathBuf>,
        /// For a sample city: accounts need no own password at the first log-in.
        #[arg(long)]
        sample: bool,
    },
    /// Publishes procedure definitions.
    Publish {
        #[command(flatten)]
        settings: Settings,
        /// Log-in id of the person in whose name it is done.
        #[arg(long)]
        by: String,
        /// Where two people are needed to publish: why one does it. It stands in the operation log.
        #[arg(long, value_name = "REASON")]
        alone: Option<String>,
        /// Definition files (JSON).
        #[arg(required = true)]
        files: Vec<PathBuf>,
    },
    /// Makes a generation of backups of the database and its files beside the running service.
    Backup {
        #[command(flatten)]
        settings: Settings,
        /// The folder of the generations: best the disk of another machine.
        #[arg(long)]
        to: PathBuf,
        /// How many generations are kept.
        #[arg(long, default_value_t = 7, value_parser = clap::value_parser!(u8).range(7..))]
        keep: u8,
        /// Restores it beside itself to verify it, and notes it for the bridge (`backup-mark`). SQLite
        /// only; a dump of PostgreSQL is restored with `pg_restore` and noted with `bridge … backup-mark`.
        #[arg(long)]
        mark: bool,
    },
    /// Puts a generation back where nothing is.
    Restore {
        #[command(flatten)]
        settings: Settings,
        /// The folder of the generation.
        #[arg(long)]
        from: PathBuf,
    },
    /// Looks after the lanes of the bridge.
    Bridge {
        #[command(flatten)]
        settings: Settings,
        #[command(flatten)]
        orders: Orders,
    },
    /// The operation log.
    Audit {
        #[command(subcommand)]
        what: Audit,
    },
}

#[derive(Subcommand)]
enum Audit {
    /// Exit code 0 when every record is as it was written, 1 naming the first that is not.
    Verify {
        #[command(flatten)]
        settings: Settings,
        /// What `internet-zone audit-anchors` printed: what the citizens' zone keeps of this log.
        #[arg(long)]
        anchors: Option<PathBuf>,
    },
}

#[derive(Args)]
struct Settings {
    /// The settings file (TOML).
    #[arg(long)]
    config: PathBuf,
}

impl Settings {
    fn load(&self) -> Result<Config, Box<dyn std::error::Error>> {
        let config: Config = config::load(&self.config)?;
        let filter = if config.log.filter.is_empty() { "info" } else { &config.log.filter };
        log::init(config.log.format, filter);
        Ok(config)
    }
}

#[tokio::main]
async fn main() -> ExitCode {
    match act(Arguments::parse().command).await {
        Ok(code) => code,
        Err(error) => {
            eprintln!("lgwan-zone: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn act(command: Command) -> Result<ExitCode, Box<dyn std::error::Error>> {
    let clock = Clock::system();
    match command {
        Command::CheckConfig(settings) | Command::Serve { settings, check_config: true } => {
            lgwan_zone::check(&settings.load()?)?;
            println!("the settings can be used");
        }
        Command::Serve { settings, check_config: false } => {
            let shutdown = Shutdown::new();
            shutdown.on_signals()?;
            run(settings.load()?, clock, shutdown).await?.join().await?;
        }
        Command::MakeKeys { dir } => {
            for name in
                secret::make_missing(&dir, &["staff.secret"], &["audit.key", "procedures.key"])?
            {
                println!("{name}");
            }
        }
        Command::BundleKey(settings) => {
            println!("{}", lgwan_zone::bundle_key(&settings.load()?)?);
        }
        Command::LoadCity { settings, city, passwords_out, sample } => {
            let out = passwords_out.as_deref();
            let made = load_city(&settings.load()?, &clock, &city, out, sample).await?;
            println!("{} accounts made", made.len());
            if out.is_none() {
                for one in made {
                    let code = one.totp_secret.unwrap_or_default();
                    println!("{}\t{}\t{code}", one.login_id, one.password);
                }
            }
        }
        Command::Publish { settings, by, alone, files } => {
            let done = publish(&settings.load()?, &clock, &by, &files, alone.as_deref()).await?;
            for (slug, revision) in done {
                println!("{slug}\trevision {revision}");
            }
        }
        Command::Backup { settings, to, keep, mark } => {
            let config = settings.load()?;
            let made = backup::make(&Plan {
                url: &config.database.url,
                files: &config.folders.files,
                to: &to,
                keep: keep.into(),
                at: clock.now(),
            })?;
            println!("{}: the database and {} files", made.folder.display(), made.files);
            if mark {
                let store = lgwan_zone::open_store(&config)?;
                let (open_copy, record) = (lgwan_zone::open_copy, lgwan_zone_store::lanes::ordered);
                let noted = mark_generation(&store, &made, open_copy, clock.now(), record).await?;
                print!("{noted}");
            }
        }
        Command::Restore { settings, from } => {
            let config = settings.load()?;
            let left = backup::restore(&from, &config.database.url, &config.folders.files)?;
            println!("the files are back in {}", config.folders.files.display());
            if let Some(dump) = left {
                println!("the database: pg_restore --no-owner --dbname=URL {}", dump.display());
            }
        }
        Command::Bridge { settings, orders } => {
            let config = settings.load()?;
            let desk = Desk {
                zone: "lgwan",
                keys: KeyFolder::open(&config.folders.keys)?.set().clone(),
                spool: config.folders.spool.clone(),
                store: lgwan_zone::open_store(&config)?,
                clock,
                open_copy: lgwan_zone::open_copy,
                record: lgwan_zone_store::lanes::ordered,
            };
            print!("{}", desk.obey(orders).await?);
        }
        Command::Audit { what: Audit::Verify { settings, anchors } } => {
            let found = verify_audit(&settings.load()?, anchors.as_deref()).await?;
            let whole = [
                say("", &found.own),
                say("citizens' zone: ", &found.other),
                say_tombstones(&found.tombstones),
            ];
            return Ok(if whole == [true; 3] { ExitCode::SUCCESS } else { ExitCode::FAILURE });
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// Prints what a walk found; whether the log is whole.
fn say(whose: &str, log: &Walked) -> bool {
    if log.gone > 0 {
        println!("{whose}events 1 to {} went when their time was over, by tombstone", log.gone);
    }
    match &log.verdict {
        Verdict::Whole { events, .. } => {
            println!("{whose}{} events, all as they were written", events - log.gone)
        }
        Verdict::Broken { seq, why } => println!("{whose}event {seq}: {why}"),
    }
    matches!(log.verdict, Verdict::Whole { .. })
}

/// Prints what was deleted on purpose; whether the record of it is whole.
fn say_tombstones(verdict: &Verdict) -> bool {
    match verdict {
        Verdict::Whole { events: 0, .. } => {}
        Verdict::Whole { events, .. } => {
            println!("{events} tombstones, all as they were written")
        }
        Verdict::Broken { seq, why } => println!("tombstone {seq}: {why}"),
    }
    matches!(verdict, Verdict::Whole { .. })
}
