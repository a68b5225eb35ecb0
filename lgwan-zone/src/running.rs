//! The service: starts everything, watches it, stops it.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use bridge_contract::place::Lane;
use bridge_lanes::{
    AlarmSetup, CompleterSetup, Gate, LaneFault, LargeFiles, ReceiverSetup, SenderSetup, Wake,
    complete, receive, send, watch_lanes, watched, write_stop,
};
use bridge_spool::{Pressure, watch_keys, watch_room};
use domain::identity::Role;
use lgwan_zone_store::lanes;
use lgwan_zone_web::identity::secret::Vault;
use lgwan_zone_web::press::Press;
use platform_audit::{Log, Watch, checkpoint};
use platform_mail::PostOffice;
use platform_service::clock::Clock;
use platform_service::metrics::Metrics;
use platform_service::ops;
use platform_service::shutdown::Shutdown;
use platform_store::Store;
use platform_web::server::{self, Tls};
use tokio::net::TcpListener;
use tokio::sync::Notify;
use tokio::task::JoinSet;

use crate::alarm_mails::AlarmMails;
use crate::audit_report::AuditReport;
use crate::batches::Worker;
use crate::config::{Config, DetectionConfig, RemedyConfig, Reminders};
use crate::detection;
use crate::entries;
use crate::evidence;
use crate::exchange::Intake;
use crate::exports::Exporter;
use crate::mails::Mails;
use crate::orphans;
use crate::parts::{self, Parts, StartError};
use crate::reforms;
use crate::reminders::Reminder;
use crate::retention::Keeper;
use crate::rosters;
use crate::webhooks::{Courier, Dialer};

/// Checkpoints of the operation log are signed this often.
const CHECKPOINT: Duration = Duration::from_secs(60);

/// A running service.
#[derive(Debug)]
pub struct Running {
    /// Where staff reach it.
    pub public_addr: SocketAddr,
    /// Where monitors reach it.
    pub ops_addr: SocketAddr,
    /// The database, for tests.
    pub store: Store,
    tasks: JoinSet<Result<(), String>>,
    shutdown: Shutdown,
}

impl Running {
    /// Returns when the service has stopped.
    ///
    /// # Errors
    /// What stopped it, when nobody asked it to.
    pub async fn join(mut self) -> Result<(), String> {
        let mut fault = None;
        while let Some(ended) = self.tasks.join_next().await {
            let ended = ended.unwrap_or_else(|error| Err(error.to_string()));
            if let Err(why) = ended {
                tracing::error!(%why, "a part of the service ended; the service stops");
                fault.get_or_insert(why);
            }
            self.shutdown.trigger();
        }
        fault.map_or(Ok(()), Err)
    }
}

/// Starts the service.
///
/// # Errors
/// [`StartError`] names what the settings got wrong.
pub async fn run(config: Config, clock: Clock, shutdown: Shutdown) -> Result<Running, StartError> {
    let parts = {
        let (config, clock) = (config.clone(), clock.clone());
        let opened = tokio::task::spawn_blocking(move || parts::open(&config, &clock)).await;
        opened.map_err(|error| StartError::Io {
            what: "start",
            why: std::io::Error::other(error),
        })??
    };
    let tls = config.listen.tls.as_ref().map(Tls::load).transpose()?;
    let listener =
        TcpListener::bind(config.listen.public).await.map_err(StartError::io("listen.public"))?;
    let public_addr = listener.local_addr().map_err(StartError::io("listen.public"))?;
    if config.listen.proxies.is_empty()
        && config.networks.shut_out(Role::Administrator, public_addr.ip())
    {
        tracing::warn!(
            listen = %public_addr,
            "no administrator can log in: networks.administrator has no address that reaches the service"
        );
    }
    let (control, documents, exports) = (Wake::new(), Wake::new(), Arc::new(Notify::new()));
    let batch = Arc::new(Notify::new());
    let posted: Arc<dyn Fn() + Send + Sync> = {
        let (control, documents) = (control.clone(), documents.clone());
        Arc::new(move || {
            control.signal();
            documents.signal();
        })
    };
    let site = {
        let (posted, exports, batch) =
            (Arc::clone(&posted), Arc::clone(&exports), Arc::clone(&batch));
        let posted = move || posted();
        parts::site(
            &parts,
            &config,
            posted,
            move || exports.notify_one(),
            move || batch.notify_one(),
        )?
    };
    let metrics = Metrics::default();
    let health = {
        let store = parts.store.clone();
        Arc::new(move || if store.failed() { Err("database".to_owned()) } else { Ok(()) })
    };
    let ops = {
        let (halts, metrics) = (parts.halts.clone(), metrics.clone());
        ops::serve(config.listen.ops, health, halts, metrics, shutdown.clone()).await
    }
    .map_err(StartError::io("listen.ops"))?;

    let mut tasks = JoinSet::new();
    let app = lgwan_zone_web::router(site, &parts.secret);
    let settings = server::Settings {
        limits: config.listen.limits.clone(),
        tls,
        proxies: config.listen.proxies.clone(),
    };
    let (gates, stop) = ([Gate::new(), Gate::new()], shutdown.clone());
    let [control_open, documents_open] = gates.clone();
    tasks.spawn(async move {
        // Until then a number could be given that an older database does not know (I14). Who comes waits.
        let open = async {
            control_open.wait().await;
            documents_open.wait().await;
        };
        tokio::select! {
            () = open => {}
            () = stop.wait() => {}
        }
        server::serve(listener, app, settings, stop).await.map_err(|error| error.to_string())
    });
    spawn_lanes(&mut tasks, &parts, &config, (&control, &documents), gates, &shutdown)?;
    if let Some(mail) = &config.mail {
        let office = PostOffice::new(&mail.out)?;
        let url = mail.url();
        let alarms = AlarmMails {
            halts: parts.halts.clone(),
            clock: clock.clone(),
            office: PostOffice::new(&mail.out)?,
            operators: mail.operators.clone(),
            staff_url: url.clone(),
        };
        let reminder = Reminder {
            store: parts.store.clone(),
            shelf: parts.shelf.clone(),
            clock: clock.clone(),
            settings: Reminders { days: config.office_days.days(), ..config.reminders.clone() },
            staff_url: url.clone(),
        };
        let stop = shutdown.clone();
        tasks.spawn(async move { reminder.run(stop).await });
        let report = AuditReport {
            store: parts.store.clone(),
            clock: clock.clone(),
            hour: config.detection.report_hour.get(),
            staff_url: url.clone(),
        };
        let stop = shutdown.clone();
        tasks.spawn(async move { report.run(stop).await });
        let told = (&metrics, parts.halts.clone());
        let mails = Mails::new((parts.store.clone(), clock.clone()), office, url, told);
        let stop = shutdown.clone();
        tasks.spawn(async move { mails.run(stop).await });
        let stop = shutdown.clone();
        tasks.spawn(async move { alarms.run(stop).await });
    }
    let told = (parts.halts.clone(), metrics.clone());
    let meter = parts::meter(&config, &parts.unsent);
    let room = watch_room(meter, Pressure::default(), told, shutdown.clone());
    tasks.spawn(async move {
        room.await;
        Ok(())
    });
    let lanes = watch_lanes(AlarmSetup {
        store: parts.store.clone(),
        spool: config.folders.spool.clone(),
        keys: Arc::clone(&parts.live),
        receives: &[Lane::In, Lane::InBulk],
        server_a: Some(config.exports.folder.clone()),
        clock: clock.clone(),
        halts: parts.halts.clone(),
        unsent: parts.unsent.clone(),
        shutdown: shutdown.clone(),
    });
    tasks.spawn(async move {
        lanes.await;
        Ok(())
    });
    let (newer, stop) = (config.folders.spool.clone(), shutdown.clone());
    let newer = watch_keys(Arc::clone(&parts.live), newer, stop);
    tasks.spawn(async move {
        newer.await;
        Ok(())
    });
    let worker = Worker {
        store: parts.store.clone(),
        files: parts.files.clone(),
        clock: clock.clone(),
        office: parts.office.clone(),
        shelf: parts.shelf.clone(),
        started: batch,
        posted: Arc::clone(&posted),
        press: Press {
            typeface: parts.typeface.clone(),
            signatories: parts.signatories.clone(),
            sender: config.city.sender.clone(),
            citizen_url: config.city.citizen_url.trim_end_matches('/').to_owned(),
        },
        remedies: config.remedy.as_ref().map(RemedyConfig::remedies),
    };
    let stop = shutdown.clone();
    tasks.spawn(async move { worker.run(stop).await });
    let courier = Courier {
        store: parts.store.clone(),
        clock: clock.clone(),
        halts: parts.halts.clone(),
        dialer: Dialer::new(&config.webhooks)?,
        vault: Arc::new(Vault::new(&parts.secret)),
        failures: i32::try_from(config.webhooks.failures.get()).unwrap_or(i32::MAX),
    };
    tasks.spawn(courier.run(shutdown.clone()));
    let kept = (parts.store.clone(), parts.office.clone(), clock.clone(), parts.halts.clone());
    tasks.spawn(reforms::run(kept, Arc::clone(&posted), shutdown.clone()));
    let exporter = Exporter::new(&parts, &config.exports, exports, &metrics);
    let stop = shutdown.clone();
    tasks.spawn(async move { exporter.run(stop).await });
    let kept = (parts.store.clone(), parts.files.clone());
    tasks.spawn(entries::run(kept.clone(), clock.clone(), shutdown.clone()));
    tasks.spawn(orphans::run(kept, clock.clone(), shutdown.clone()));
    tasks.spawn(rosters::run(parts.store.clone(), clock.clone(), shutdown.clone()));
    spawn_checkpoints(&mut tasks, &parts, &shutdown);
    let keeper = Keeper {
        store: parts.store.clone(),
        files: parts.files.clone(),
        clock: clock.clone(),
        key: parts.checkpoints.clone(),
        office: parts.office.clone(),
        posted,
        hour: config.retention.hour.get(),
    };
    tasks.spawn(keeper.run(shutdown.clone()));
    tasks.spawn(detection::run(
        (parts.store.clone(), clock.clone()),
        DetectionConfig { days: config.office_days.days(), ..config.detection.clone() },
        parts.halts.clone(),
        shutdown.clone(),
    ));
    spawn_evidence(&mut tasks, &parts, &control, &shutdown);
    let (store, stop) = (parts.store.clone(), shutdown.clone());
    tasks.spawn(async move {
        tokio::select! {
            () = store.until_failed() => Err("a commit failed".to_owned()),
            () = stop.wait() => Ok(()),
        }
    });
    tracing::info!(%public_addr, ops_addr = %ops.addr, "the staff service is ready");
    Ok(Running { public_addr, ops_addr: ops.addr, store: parts.store, tasks, shutdown })
}

/// Seconds.
const DAY: u64 = 86_400;

fn spawn_lanes(
    tasks: &mut JoinSet<Result<(), String>>,
    parts: &Parts,
    config: &Config,
    (control, documents): (&Wake, &Wake),
    [control_gate, documents_gate]: [Gate; 2],
    shutdown: &Shutdown,
) -> Result<(), StartError> {
    let (keys, spool) = (Arc::clone(&parts.live), config.folders.spool.as_path());
    let sent = [(Lane::PubCtl, control, control_gate), (Lane::PubDoc, documents, documents_gate)];
    for (lane, wake, gate) in sent {
        let setup = SenderSetup {
            lane,
            store: parts.store.clone(),
            spool: config.folders.spool.clone(),
            keys: Arc::clone(&keys),
            key: parts.keys.signers(lane)?,
            clock: parts.clock.clone(),
            retention: Duration::from_secs(config.folders.retention_days.as_usize() as u64 * DAY),
            turn_after: Duration::from_secs(config.folders.seal_key_days.as_usize() as u64 * DAY),
            tells: None,
            gate: gate.clone(),
            wake: wake.clone(),
            shutdown: shutdown.clone(),
        };
        tasks.spawn(watch(parts, shutdown, (lane, spool), send(setup), gate));
    }
    let setup = ReceiverSetup {
        lane: Lane::In,
        store: parts.store.clone(),
        spool: config.folders.spool.clone(),
        keys,
        openers: Arc::new(parts.keys.openers(Lane::In)?),
        clock: parts.clock.clone(),
        receipts: control.clone(),
        shutdown: shutdown.clone(),
    };
    let intake = Intake::new(
        parts.office.clone(),
        parts.shelf.clone(),
        parts.files.clone(),
        parts.clock.clone(),
    );
    let completer = CompleterSetup {
        lane: Lane::In,
        store: parts.store.clone(),
        keys: Arc::clone(&setup.keys),
        openers: Arc::clone(&setup.openers),
        files: Some(parts.files.clone()),
        clock: parts.clock.clone(),
        receipts: control.clone(),
        shutdown: shutdown.clone(),
    };
    let bulk = ReceiverSetup {
        lane: Lane::InBulk,
        store: parts.store.clone(),
        spool: config.folders.spool.clone(),
        keys: Arc::clone(&setup.keys),
        openers: Arc::new(parts.keys.openers(Lane::InBulk)?),
        clock: parts.clock.clone(),
        receipts: control.clone(),
        shutdown: shutdown.clone(),
    };
    let large = Arc::new(LargeFiles::new(parts.files.clone(), parts.clock.clone()));
    tasks.spawn(watch(parts, shutdown, (Lane::InBulk, spool), receive(bulk, large), Gate::new()));
    let intake = Arc::new(if config.mail.is_some() { intake.telling() } else { intake });
    let completed = complete(completer, Arc::clone(&intake));
    tasks.spawn(watch(parts, shutdown, (Lane::In, spool), completed, Gate::new()));
    tasks.spawn(watch(parts, shutdown, (Lane::In, spool), receive(setup, intake), Gate::new()));
    Ok(())
}

/// Keeps a lane that waits for an operator from ending the service, and writes
/// it into the operation log; then numbers of a database that was set back have leapt.
fn watch<T: Future<Output = Result<(), LaneFault>> + Send>(
    parts: &Parts,
    shutdown: &Shutdown,
    (lane, spool): (Lane, &Path),
    task: T,
    gate: Gate,
) -> impl Future<Output = Result<(), String>> + Send + use<T> {
    let shared = (parts.halts.clone(), parts.clock.clone(), shutdown.clone());
    let (store, spool, stop) = (parts.store.clone(), spool.to_owned(), shutdown.clone());
    async move {
        let kept = watched(lane, task, shared, |halt| async move {
            let written = write_stop(&store, (lane, spool), &stop, move |tx, before| {
                lanes::stopped(tx, lane, &halt, before)
            });
            match written.await {
                Ok(()) => gate.open(),
                Err(error) => {
                    tracing::error!(%error, "the stop of a lane is not in the operation log");
                }
            }
        });
        kept.await.map_err(|error| error.to_string())
    }
}

fn spawn_evidence(
    tasks: &mut JoinSet<Result<(), String>>,
    parts: &Parts,
    control: &Wake,
    shutdown: &Shutdown,
) {
    let (store, office) = (parts.store.clone(), parts.office.clone());
    let (clock, stop) = (parts.clock.clone(), shutdown.clone());
    tasks.spawn(evidence::run(store, office, clock, control.clone(), stop));
    let watched = platform_audit::watch(
        Watch {
            store: parts.store.clone(),
            key: parts.checkpoints.clone(),
            walk: platform_audit::step_standing,
            logs: &[Log::Own, Log::Other],
            clock: parts.clock.clone(),
            halts: parts.halts.clone(),
        },
        shutdown.clone(),
    );
    tasks.spawn(async move {
        watched.await;
        Ok(())
    });
}

fn spawn_checkpoints(tasks: &mut JoinSet<Result<(), String>>, parts: &Parts, shutdown: &Shutdown) {
    let Some(key) = parts.checkpoints.clone() else {
        return;
    };
    let (store, clock, stop) = (parts.store.clone(), parts.clock.clone(), shutdown.clone());
    tasks.spawn(async move {
        loop {
            tokio::select! {
                () = stop.wait() => return Ok(()),
                () = tokio::time::sleep(CHECKPOINT) => {}
            }
            let (key, now) = (Arc::clone(&key), clock.now());
            let signed = store.write(move |tx| checkpoint(tx, &key, now)).await;
            if let Err(error) = signed {
                tracing::error!(%error, "a checkpoint of the operation log was not signed");
            }
        }
    });
}
