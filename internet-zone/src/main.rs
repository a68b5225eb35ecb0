//! `internet-zone serve --config FILE`: the citizens' zone.

use std::path::PathBuf;
use std::process::ExitCode;

use bridge_contract::digest::Digest;
use bridge_contract::keys::KeyFolder;
use bridge_lanes::operate::{Desk, Orders};
use clap::{Args, Parser, Subcommand};
use internet_zone::{Config, Keys};
use platform_audit::Verdict;
use platform_service::clock::Clock;
use platform_service::shutdown::Shutdown;
use platform_service::{config, ids, log};

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
    let verdict =
        runtime.block_on(store.read(move |db| platform_audit::verify(db, Some(&keys.audit))))?;
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
