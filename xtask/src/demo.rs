//! `cargo xtask demo`: the whole town on this machine, with a sample city.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Instant;

use platform_service::shutdown::Shutdown;
use serde_json::Value;
use town::{Database, Plan, Ports, Town};

use crate::{Fallible, cargo, succeed};

/// What the person asked for.
#[derive(clap::Args)]
pub(crate) struct Wishes {
    /// Wipes the sample city first.
    #[arg(long)]
    fresh: bool,
    /// First of eight ports in a row.
    #[arg(long, default_value_t = 7700)]
    ports: u16,
    /// Where the zones keep their data.
    #[arg(long, value_enum, default_value_t = Kind::Sqlite)]
    database: Kind,
}

#[derive(Clone, Copy, clap::ValueEnum)]
enum Kind {
    Sqlite,
    Postgres,
}

pub(crate) fn run(wishes: &Wishes) -> Fallible<()> {
    let house = house()?;
    let programs = build(&house, &[])?;
    let started = Instant::now();
    let (folder, database) = match wishes.database {
        Kind::Sqlite => ("var/demo", Database::Sqlite),
        Kind::Postgres => ("var/demo-postgres", Database::Postgres),
    };
    let root = house.join(folder);
    if wishes.fresh && root.exists() {
        fs::remove_dir_all(&root)?;
    }
    let plan = Plan {
        root,
        programs,
        house: house.clone(),
        ports: Ports::from(wishes.ports)?,
        database,
        look_ahead: true,
    };
    let town = Town::start(plan)?;
    // Scripts find the running town in one place, whatever its database.
    let usual = house.join("var/demo");
    fs::create_dir_all(&usual)?;
    if town.plan.root != usual.canonicalize()? {
        fs::copy(town.plan.root.join("town.json"), usual.join("town.json"))?;
    }
    show(&town.facts()?);
    println!("  ready in {:.1} s\n", started.elapsed().as_secs_f64());
    wait(town)
}

/// Builds the town's programs, and more, for real use and returns their folder.
pub(crate) fn build(house: &Path, more: &[&str]) -> Fallible<PathBuf> {
    let mut build = cargo();
    build.current_dir(house).args(["build", "--release", "--bins"]);
    let town = ["internet-zone", "lgwan-zone", "bridge", "sanitizer", "sanitizer-worker"];
    for package in town.iter().chain(more) {
        build.args(["--package", package]);
    }
    succeed(&mut build)?;
    target_folder().map(|target| target.join("release"))
}

/// The folder this very program was built into, without the profile.
pub(crate) fn target_folder() -> Fallible<PathBuf> {
    let own = std::env::current_exe()?;
    let target = own.parent().and_then(Path::parent).ok_or("no target folder")?;
    Ok(target.to_owned())
}

/// The repository's root.
pub(crate) fn house() -> Fallible<PathBuf> {
    let own = Path::new(env!("CARGO_MANIFEST_DIR"));
    Ok(own.parent().ok_or("xtask lies in the repository")?.to_owned())
}

fn wait(mut town: Town) -> Fallible<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    if let Some(name) = runtime.block_on(stopped_or_fallen(&mut town))? {
        return Err(format!("{name} ended by itself; see the logs folder").into());
    }
    println!("stopping …");
    town.stop()?;
    println!("stopped; the data are kept");
    Ok(())
}

/// Returns when somebody wants to stop, or with the program that ended by itself.
async fn stopped_or_fallen(town: &mut Town) -> std::io::Result<Option<&'static str>> {
    let shutdown = Shutdown::new();
    shutdown.on_signals()?;
    loop {
        let second = std::time::Duration::from_secs(1);
        if tokio::time::timeout(second, shutdown.wait()).await.is_ok() {
            return Ok(None);
        }
        if let Some(name) = town.fallen() {
            // Ctrl-C reaches the programs too, and they may be faster than we are.
            let asked = tokio::time::timeout(second, shutdown.wait()).await.is_ok();
            return Ok((!asked).then_some(name));
        }
    }
}

fn show(facts: &Value) {
    let fact = |name: &str| facts[name].as_str().unwrap_or_default().to_owned();
    println!("\nみらい市 is open. All people are invented.\n");
    println!("  citizens        {}", fact("citizens"));
    println!("  staff           {}", fact("staff"));
    println!("  mails           {}", fact("mail_folder"));
    println!("  exports         {} (server A)", fact("server_a"));
    println!("                  {} (server B)", fact("server_b"));
    println!("  logs            {}\n", fact("logs"));
    for account in facts["accounts"].as_array().into_iter().flatten() {
        let word = |name: &str| account[name].as_str().unwrap_or_default().to_owned();
        let code = account["totp_secret"]
            .as_str()
            .map_or(String::new(), |secret| format!("  TOTP {secret}"));
        println!(
            "  {:<14} {:<22} {:<18} {}{code}",
            word("login_id"),
            word("password"),
            word("role"),
            word("name")
        );
    }
    println!("\n  The same for scripts: var/demo/town.json");
    println!("  Stop with Ctrl-C. A second start keeps the data; --fresh wipes them.");
}
