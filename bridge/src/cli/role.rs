//! Running a role until a signal or a fault ends it.

use std::path::{Path, PathBuf};

use bridge::config::{Drop, Export, Inner, Log, Outer, Relay};
use bridge::confine::{self, Confinement, Missing, Wall};
use bridge::{Ready, StartError};
use bridge_contract::keys::{KeyFault, KeyFolder};
use bridge_contract::place::{Host, Lane};
use platform_service::clock::Clock;
use platform_service::halts::{Halt, Halts};
use platform_service::shutdown::Shutdown;
use platform_service::{config, log};
use serde::de::DeserializeOwned;

use super::{Fallible, Role};

/// The private keys a role works with.
struct Needs {
    connection: Host,
    signs: &'static [Lane],
    opens: &'static [Lane],
    verdicts: bool,
}

const RELAY: Needs = Needs {
    signs: &[Lane::In, Lane::InBulk],
    opens: &[Lane::Raw],
    verdicts: true,
    ..Needs::connection(Host::Sanitizer)
};
const EXPORT: Needs =
    Needs { signs: &[Lane::Exp], opens: &[Lane::Exr], ..Needs::connection(Host::ServerA) };
const DROP: Needs =
    Needs { signs: &[Lane::Exr], opens: &[Lane::Exp], ..Needs::connection(Host::ServerB) };

impl Needs {
    /// Only the key of the connection.
    const fn connection(host: Host) -> Self {
        Self { connection: host, signs: &[], opens: &[], verdicts: false }
    }

    fn check(&self, keys: &KeyFolder) -> Result<(), KeyFault> {
        keys.transport(self.connection)?;
        for lane in self.signs {
            keys.signer(*lane)?;
        }
        for lane in self.opens {
            keys.openers(*lane)?;
        }
        if self.verdicts {
            keys.verdict_signer()?;
        }
        Ok(())
    }
}

/// What every role's settings say about its process.
struct Process {
    keys: PathBuf,
    log: Log,
    confinement: Confinement,
}

impl Process {
    fn of(keys: &Path, log: &Log, confinement: Confinement) -> Self {
        Self { keys: keys.to_owned(), log: log.clone(), confinement }
    }
}

pub(super) fn outer(role: &Role) -> Fallible<()> {
    let config: Outer = load(role)?;
    let process = Process::of(&config.keys, &config.log, config.confinement);
    let needs = Needs::connection(Host::Internet);
    start(role, &needs, &process, |_| bridge::outer::prepare(config))
}

pub(super) fn relay(role: &Role) -> Fallible<()> {
    let config: Relay = load(role)?;
    let process = Process::of(&config.keys, &config.log, config.confinement);
    start(role, &RELAY, &process, |clock| bridge::relay::prepare(config, clock))
}

pub(super) fn inner(role: &Role) -> Fallible<()> {
    let config: Inner = load(role)?;
    let process = Process::of(&config.keys, &config.log, config.confinement);
    let needs = Needs::connection(Host::Lgwan);
    start(role, &needs, &process, |_| bridge::inner::prepare(config))
}

pub(super) fn export(role: &Role) -> Fallible<()> {
    let config: Export = load(role)?;
    let process = Process::of(&config.keys, &config.log, config.confinement);
    start(role, &EXPORT, &process, |clock| bridge::export::prepare(config, clock))
}

pub(super) fn drop(role: &Role) -> Fallible<()> {
    let config: Drop = load(role)?;
    let process = Process::of(&config.keys, &config.log, config.confinement);
    start(role, &DROP, &process, |clock| bridge::drop::prepare(config, clock))
}

fn load<T: DeserializeOwned>(role: &Role) -> Fallible<T> {
    Ok(config::load(&role.config)?)
}

fn start(
    role: &Role,
    needs: &Needs,
    process: &Process,
    prepare: impl FnOnce(Clock) -> Result<Ready, StartError>,
) -> Fallible<()> {
    if role.check_config {
        needs.check(&KeyFolder::open(&process.keys)?)?;
        println!("settings and keys are good");
        return Ok(());
    }
    log::init(process.log.format, &process.log.filter);
    let ready = prepare(Clock::system())?;
    // Asked before the walls, which hide what a container's share of processors is.
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let walls: Vec<Wall> =
        Wall::ALL.into_iter().filter(|wall| !role.without.contains(wall)).collect();
    let missing = confine::raise(ready.allowance(), &walls, process.confinement)?;
    if let Some(probe) = &role.probe {
        probe.run()?;
        println!("allowed");
        return Ok(());
    }
    let halts = told(&missing);
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(threads).enable_all().build()?;
    let done = runtime.block_on(async {
        let shutdown = Shutdown::new();
        shutdown.on_signals()?;
        Ok(ready.begin(halts, &shutdown)?.join().await?)
    });
    // Threads still busy with the disk must not keep a stopped role alive.
    runtime.shutdown_timeout(std::time::Duration::from_secs(10));
    done
}

/// Says in the log and to monitors which walls do not stand.
fn told(missing: &[Missing]) -> Halts {
    let halts = Halts::default();
    if missing.is_empty() {
        tracing::info!("every wall stands");
    }
    for Missing { wall, why } in missing {
        let wall = wall.word();
        tracing::error!(wall, %why, "WEAKER: the role works without this wall, as its settings allow");
        halts.note(Halt {
            part: format!("confinement, wall {wall}"),
            code: "unconfined",
            why: why.clone(),
            at: Clock::system().now(),
        });
    }
    halts
}
