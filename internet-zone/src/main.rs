//! `internet-zone serve --config FILE`: the citizens' zone.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use bridge_contract::digest::Digest;
use bridge_contract::keys::KeyFolder;
use bridge_lanes::operate::{Desk, Orders, mark_generation};
use clap::{Args, Parser, Subcommand};
use internet_zone::{Config, Keys};
use platform_audit::{Log, Reached, Verdict};
use platform_service::clock::Clock;
use platform_service::shutdown::Shutdown;
use platform_service::{config, ids, log};
use platform_store::backup::{self, Plan};

/// The citizens' zone: pages, exchange with the staff zone, mails.
#[derive(Parser)]
#[command(version)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Serve until told to stop.
    Serve(ConfigFile),
    /// Read settings, keys and files, say what is wrong, start nothing.
    CheckConfig(ConfigFile),
    /// Make the keys that belong to this zone alone, where they are missing.
    MakeKeys {
        /// The key folder of the host.
        #[arg(long)]
        dir: PathBuf,
    },
    /// Make a generation of backups of the database and its files beside the running service.
    Backup {
        #[command(flatten)]
        file: ConfigFile,
        /// The folder of the generations: best the disk of another machine.
        #[arg(long)]
        to: PathBuf,
        /// How many generations are kept.
        #[arg(long, default_value_t = 7, value_parser = clap::value_parser!(u8).range(7..))]
        keep: u8,
        /// Restore it beside itself to verify it, and note it for the bridge (`backup-mark`). SQLite
        /// only; a dump of PostgreSQL is restored with `pg_restore` and noted with `bridge … backup-mark`.
        #[arg(long)]
        mark: bool,
    },
    /// Put a generation back where nothing is.
    Restore {
        #[command(flatten)]
        file: ConfigFile,
        /// The folder of the generation.
        #[arg(long)]
        from: PathBuf,
    },
    /// Look after the lanes of the bridge.
    Bridge {
        #[command(flatten)]
        file: ConfigFile,
        #[command(flatten)]
        orders: Orders,
    },
    /// Make the code of a counter terminal, and the line of its setting.
    TerminalCode,
    /// Walk the whole operation log and name the first event that does not fit.
    AuditVerify(ConfigFile),
    /// Print what this zone keeps of the staff zone's operation log, for `audit verify --anchors`.
    AuditAnchors(ConfigFile),
}

#[derive(Args)]
struct ConfigFile {
    /// The settings, a TOML file.
    #[arg(long)]
    config: PathBuf,
}

fn main() -> ExitCode {
    match Cli::parse().command.run() {
        Ok(code) => code,
        Err(error) => {
            eprintln!("internet-zone: {error}");
            ExitCode::FAILURE
        }
    }
}

type Done = Result<ExitCode, Box<dyn std::error::Error>>;

impl Command {
    fn run(self) -> Done {
        match self {
            Self::Serve(file) => serve(config::load(&file.config)?),
            Self::CheckConfig(file) => {
                internet_zone::check(&config::load(&file.config)?)?;
                println!("ok");
                Ok(ExitCode::SUCCESS)
            }
            Self::MakeKeys { dir } => {
                for name in Keys::make_missing(&dir)? {
                    println!("{name}");
                }
                Ok(ExitCode::SUCCESS)
            }
            Self::Backup { file, to, keep, mark } => {
                back_up(&config::load(&file.config)?, &to, keep, mark)
            }
            Self::Restore { file, from } => restore(&config::load(&file.config)?, &from),
            Self::Bridge { file, orders } => bridge(&config::load(&file.config)?, orders),
            Self::TerminalCode => {
                let code = ids::token();
                println!("code: {code}");
                println!("code_sha256 = \"{}\"", Digest::of(code.as_bytes()).hex());
                Ok(ExitCode::SUCCESS)
            }
            Self::AuditVerify(file) => verify(&config::load(&file.config)?),
            Self::AuditAnchors(file) => anchors(&config::load(&file.config)?),
        }
    }
}

fn serve(config: Config) -> Done {
    log::init(config.log.format, &config.log.filter);
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let ended = runtime.block_on(async {
        let shutdown = Shutdown::new();
        shutdown.on_signals()?;
        let running = internet_zone::run(config, Clock::system(), shutdown).await?;
        Ok::<_, Box<dyn std::error::Error>>(running.join().await)
    })?;
    ended?;
    Ok(ExitCode::SUCCESS)
}

fn bridge(config: &Config, orders: Orders) -> Done {
    let desk = Desk {
        zone: "internet",
        keys: KeyFolder::open(&config.folders.keys)?.set().clone(),
        spool: config.folders.spool.clone(),
        store: internet_zone::open_store(config)?,
        clock: Clock::system(),
        open_copy: internet_zone::open_copy,
        record: internet_zone_store::lanes::ordered,
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    print!("{}", runtime.block_on(desk.obey(orders))?);
    Ok(ExitCode::SUCCESS)
}

fn back_up(config: &Config, to: &Path, keep: u8, mark: bool) -> Done {
    let at = Clock::system().now();
    let (url, files) = (&config.database.url, &config.folders.files);
    let made = backup::make(&Plan { url, files, to, keep: keep.into(), at })?;
    println!("{}: the database and {} files", made.folder.display(), made.files);
    if mark {
        let store = internet_zone::open_store(config)?;
        let (open_copy, record) = (internet_zone::open_copy, internet_zone_store::lanes::ordered);
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        print!("{}", runtime.block_on(mark_generation(&store, &made, open_copy, at, record))?);
    }
    Ok(ExitCode::SUCCESS)
}

fn restore(config: &Config, from: &Path) -> Done {
    let left = backup::restore(from, &config.database.url, &config.folders.files)?;
    println!("the files are back in {}", config.folders.files.display());
    if let Some(dump) = left {
        println!("the database: pg_restore --no-owner --dbname=URL {}", dump.display());
    }
    Ok(ExitCode::SUCCESS)
}

fn anchors(config: &Config) -> Done {
    let store = internet_zone::open_store(config)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    for anchor in runtime.block_on(store.read(platform_audit::anchors))? {
        println!("{}", anchor.line());
    }
    Ok(ExitCode::SUCCESS)
}

fn verify(config: &Config) -> Done {
    let keys = Keys::read(&config.folders.keys)?;
    let store = internet_zone::open_store(config)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let (key, whole) = (Some(Arc::new(keys.audit)), (Log::Own, Reached::default()));
    let walk = platform_audit::walk_through(&store, platform_audit::step_log, key, whole);
    let verdict = runtime.block_on(walk)?;
    match verdict {
        Verdict::Whole { events, head: _ } => {
            println!("ok: {events} events");
            Ok(ExitCode::SUCCESS)
        }
        Verdict::Broken { seq, why } => {
            println!("broken at event {seq}: {why}");
            Ok(ExitCode::FAILURE)
        }
    }
}
