//! `bridge keys`.

use std::path::{Path, PathBuf};

use bridge_contract::keys::{KeyEntry, KeyFolder, Purpose, new_keys};
use bridge_contract::place::{Environment, Tenant};
use clap::Subcommand;

use super::Fallible;

#[derive(Subcommand)]
pub(super) enum Command {
    /// Makes a complete first set of keys: one folder a host.
    Init {
        /// Where the folders are made; nothing there is ever replaced.
        #[arg(long)]
        dir: PathBuf,
        /// The town: 1 to 16 characters of a-z, 0-9 and -.
        #[arg(long)]
        tenant: String,
        /// `production`, `training` or `demo`.
        #[arg(long)]
        environment: String,
    },
    /// Shows the key set of a host's key folder.
    Show {
        /// The key folder.
        #[arg(long)]
        dir: PathBuf,
    },
}

pub(super) fn run(command: Command) -> Fallible<()> {
    match command {
        Command::Init { dir, tenant, environment } => init(&dir, &tenant, &environment),
        Command::Show { dir } => show(&dir),
    }
}

fn init(dir: &Path, tenant: &str, environment: &str) -> Fallible<()> {
    let tenant = Tenant::parse(tenant)?;
    let environment = Environment::from_word(environment)
        .ok_or("the environment is production, training or demo")?;
    new_keys(tenant, environment).write(dir)?;
    println!("keys made in {}", dir.display());
    println!("give each host its own folder: i, s, l, a, b");
    println!("keep {} off every host, in a safe", dir.join("offline").display());
    Ok(())
}

fn show(dir: &Path) -> Fallible<()> {
    let keys = KeyFolder::open(dir)?;
    let set = keys.set();
    println!("tenant       {}", set.tenant);
    println!("environment  {}", set.environment);
    println!("version      {}", set.version);
    println!("fingerprint  {}", set.fingerprint());
    for key in &set.keys {
        println!("{}  {:<18} {}", key.id(), purpose(key), range(key));
    }
    Ok(())
}

fn purpose(key: &KeyEntry) -> String {
    match key.purpose {
        Purpose::Sign(lane) => format!("sign {lane}"),
        Purpose::Seal(lane) => format!("seal {lane}"),
        Purpose::Verdict => "verdict".to_owned(),
        Purpose::Transport(host) => format!("transport {host}"),
    }
}

fn range(key: &KeyEntry) -> String {
    match key.valid_until {
        u64::MAX => format!("from {}", key.valid_from),
        last => format!("{} to {last}", key.valid_from),
    }
}
