//! Running a role until a signal or a fault ends it.

use std::path::Path;

use bridge::config::{Drop, Export, Inner, Log, Outer, Relay};
use bridge::{Running, StartError};
use bridge_contract::keys::{KeyFault, KeyFolder};
use bridge_contract::place::{Host, Lane};
use platform_service::clock::Clock;
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
    signs: &[Lane::In],
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

pub(super) fn outer(role: &Role) -> Fallible<()> {
    let config: Outer = load(role)?;
    start(
        (role, &Needs::connection(Host::Internet)),
        &config.keys.clone(),
        &config.log.clone(),
        |clock, stop| bridge::outer::run(config, clock, stop),
    )
}

pub(super) fn relay(role: &Role) -> Fallible<()> {
    let config: Relay = load(role)?;
    start((role, &RELAY), &config.keys.clone(), &config.log.clone(), |clock, stop| {
        bridge::relay::run(config, clock, stop)
    })
}

pub(super) fn inner(role: &Role) -> Fallible<()> {
    let config: Inner = load(role)?;
    start(
        (role, &Needs::connection(Host::Lgwan)),
        &config.keys.clone(),
        &config.log.clone(),
        |clock, stop| bridge::inner::run(config, clock, stop),
    )
}

pub(super) fn export(role: &Role) -> Fallible<()> {
    let config: Export = load(role)?;
    start((role, &EXPORT), &config.keys.clone(), &config.log.clone(), |clock, stop| {
        bridge::export::run(config, clock, stop)
    })
}

pub(super) fn drop(role: &Role) -> Fallible<()> {
    let config: Drop = load(role)?;
    start((role, &DROP), &config.keys.clone(), &config.log.clone(), |clock, stop| {
        bridge::drop::run(config, clock, stop)
    })
}

fn load<T: DeserializeOwned>(role: &Role) -> Fallible<T> {
    Ok(config::load(&role.config)?)
}

fn start<F>(
    (role, needs): (&Role, &Needs),
    keys: &Path,
    log: &Log,
    run: impl FnOnce(Clock, Shutdown) -> F,
) -> Fallible<()>
where
    F: Future<Output = Result<Running, StartError>>,
{
    if role.check_config {
        needs.check(&KeyFolder::open(keys)?)?;
        println!("settings and keys are good");
        return Ok(());
    }
    log::init(log.format, &log.filter);
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let done = runtime.block_on(async {
        let shutdown = Shutdown::new();
        shutdown.on_signals()?;
        let running = run(Clock::system(), shutdown).await?;
        Ok(running.join().await?)
    });
    // Threads still busy with the disk must not keep a stopped role alive.
    runtime.shutdown_timeout(std::time::Duration::from_secs(10));
    done
}
