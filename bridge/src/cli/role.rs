//! Running a role until a signal or a fault ends it.

use std::path::Path;

use bridge::config::{Drop, Export, Inner, Log, Outer, Relay};
use bridge::{Running, StartError};
use bridge_contract::keys::KeyFolder;
use platform_service::clock::Clock;
use platform_service::shutdown::Shutdown;
use platform_service::{config, log};
use serde::de::DeserializeOwned;

use super::{Fallible, Role};

pub(super) fn outer(role: &Role) -> Fallible<()> {
    let config: Outer = load(role)?;
    start(role, &config.keys.clone(), &config.log.clone(), |clock, stop| {
        bridge::outer::run(config, clock, stop)
    })
}

pub(super) fn relay(role: &Role) -> Fallible<()> {
    let config: Relay = load(role)?;
    start(role, &config.keys.clone(), &config.log.clone(), |clock, stop| {
        bridge::relay::run(config, clock, stop)
    })
}

pub(super) fn inner(role: &Role) -> Fallible<()> {
    let config: Inner = load(role)?;
    start(role, &config.keys.clone(), &config.log.clone(), |clock, stop| {
        bridge::inner::run(config, clock, stop)
    })
}

pub(super) fn export(role: &Role) -> Fallible<()> {
    let config: Export = load(role)?;
    start(role, &config.keys.clone(), &config.log.clone(), |clock, stop| {
        bridge::export::run(config, clock, stop)
    })
}

pub(super) fn drop(role: &Role) -> Fallible<()> {
    let config: Drop = load(role)?;
    start(role, &config.keys.clone(), &config.log.clone(), |clock, stop| {
        bridge::drop::run(config, clock, stop)
    })
}

fn load<T: DeserializeOwned>(role: &Role) -> Fallible<T> {
    Ok(config::load(&role.config)?)
}

fn start<F>(
    role: &Role,
    keys: &Path,
    log: &Log,
    run: impl FnOnce(Clock, Shutdown) -> F,
) -> Fallible<()>
where
    F: Future<Output = Result<Running, StartError>>,
{
    if role.check_config {
        KeyFolder::open(keys)?;
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
