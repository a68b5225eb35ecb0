//! How full a host's spool is, and what that means: the fuller of the disk and of
//! what one lane has not sent yet (I19, NS-2).

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, AtomicU64, Ordering};
use std::time::Duration;

use bridge_contract::place::Lane;
use platform_service::halts::{Halts, Need};
use platform_service::metrics::Metrics;
use platform_service::shutdown::Shutdown;
use rustix::fs::statvfs;

/// Time between two looks.
const EVERY: Duration = Duration::from_secs(1);
/// A level is left again this many points below the mark it was entered at, so
/// that nothing opens and closes with every item.
const BACK: u64 = 3;
/// The part under which warnings are noted.
const PART: &str = "spool";

/// What a full spool means.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// Below half.
    Fine,
    /// From 50 %: somebody should look this week.
    Warn,
    /// From 80 %: somebody must look today.
    Alarm,
    /// From 95 %: nothing new is accepted or fetched; what was, still travels.
    Full,
}

impl Level {
    const ALL: [Self; 4] = [Self::Fine, Self::Warn, Self::Alarm, Self::Full];

    /// The first percent of the level.
    #[must_use]
    pub const fn from_percent(self) -> u64 {
        match self {
            Self::Fine => 0,
            Self::Warn => 50,
            Self::Alarm => 80,
            Self::Full => 95,
        }
    }

    /// The level as one word.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Fine => "fine",
            Self::Warn => "warn",
            Self::Alarm => "alarm",
            Self::Full => "full",
        }
    }

    /// The level of a first look.
    #[must_use]
    pub fn of(percent: u64) -> Self {
        let reached = |level: &&Self| percent >= level.from_percent();
        Self::ALL.iter().rev().find(reached).copied().unwrap_or(Self::Fine)
    }

    /// The level after this one: up at once, down a little later.
    #[must_use]
    pub fn then(self, percent: u64) -> Self {
        if percent + BACK >= self.from_percent() && Self::of(percent) < self {
            return self;
        }
        Self::of(percent)
    }
}

/// How full a spool is at one moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Room {
    /// Share of its file system that is used, in percent, rounded up.
    pub disk_percent: u64,
    /// Bytes of the fullest lane that the far end is not known to have.
    pub backlog_bytes: u64,
    /// The same in percent of what a lane may hold back, at most 100.
    pub backlog_percent: u64,
}

impl Room {
    /// A look's result; `total` and `free` are of the file system, in any one unit.
    #[must_use]
    pub fn new((total, free): (u64, u64), backlog_bytes: u64, backlog_limit: u64) -> Self {
        let used = total.saturating_sub(free);
        Self {
            disk_percent: percent(used, total),
            backlog_bytes,
            backlog_percent: percent(backlog_bytes, backlog_limit),
        }
    }

    /// The fuller of the two, in percent.
    #[must_use]
    pub fn percent(&self) -> u64 {
        self.disk_percent.max(self.backlog_percent)
    }
}

fn percent(part: u64, whole: u64) -> u64 {
    if whole == 0 {
        return 100;
    }
    let part = u128::from(part.min(whole));
    u64::try_from((part * 100).div_ceil(u128::from(whole))).unwrap_or(100)
}

/// Tells how full a spool is.
pub trait Meter: Send + Sync + 'static {
    /// Looks once. May block.
    ///
    /// # Errors
    /// When the disk cannot be asked.
    fn look(&self) -> io::Result<Room>;
}

/// Sealed bytes of the fullest lane that a zone's database holds and the far end is not known to have: what
/// waits for a lane that stopped is in no folder yet. Clones share it.
#[derive(Clone, Debug, Default)]
pub struct Unsent(Arc<AtomicU64>);

impl Unsent {
    /// Notes how many there are now.
    pub fn tell(&self, bytes: u64) {
        self.0.store(bytes, Ordering::Relaxed);
    }
}

/// Looks at the folder itself.
#[derive(Clone, Debug)]
pub struct SpoolMeter {
    /// The spool folder, above the lanes.
    pub spool: PathBuf,
    /// Bytes that one lane may hold back.
    pub backlog_limit: u64,
    /// What the database holds; nothing on a host without one.
    pub unsent: Unsent,
}

impl Meter for SpoolMeter {
    fn look(&self) -> io::Result<Room> {
        let disk = statvfs(&self.spool)?;
        let mut backlog = self.unsent.0.load(Ordering::Relaxed);
        for lane in Lane::ALL {
            backlog = backlog.max(unsent(&self.spool, *lane)?);
        }
        // What is set apart for others, as `df` counts: neither used nor ours.
        let ours = disk.f_blocks.saturating_sub(disk.f_bfree) + disk.f_bavail;
        Ok(Room::new((ours, disk.f_bavail), backlog, self.backlog_limit))
    }
}

/// Bytes of a lane's bundles that the far end is not known to have.
fn unsent(spool: &Path, lane: Lane) -> io::Result<u64> {
    let entries = match fs::read_dir(spool.join(lane.word()).join("ready")) {
        Err(why) if why.kind() == io::ErrorKind::NotFound => return Ok(0),
        entries => entries?,
    };
    let mut bytes = 0;
    for entry in entries {
        match entry?.metadata() {
            Ok(about) => bytes += about.len(),
            // It was taken in and moved between two calls.
            Err(why) if why.kind() == io::ErrorKind::NotFound => {}
            Err(why) => return Err(why),
        }
    }
    Ok(bytes)
}

/// The level as the last look found it. Clones share it.
#[derive(Clone, Debug, Default)]
pub struct Pressure(Arc<AtomicU8>);

impl Pressure {
    /// The level now.
    #[must_use]
    pub fn level(&self) -> Level {
        let at = usize::from(self.0.load(Ordering::Relaxed));
        Level::ALL.get(at).copied().unwrap_or(Level::Full)
    }

    /// Whether nothing new may be accepted or fetched.
    #[must_use]
    pub fn is_full(&self) -> bool {
        self.level() == Level::Full
    }

    fn set(&self, level: Level) {
        let at = Level::ALL.iter().position(|one| *one == level).unwrap_or_default();
        self.0.store(u8::try_from(at).unwrap_or_default(), Ordering::Relaxed);
    }

    /// Looks once and remembers the level; the first look of a service, so that it
    /// never accepts before it knows.
    ///
    /// # Errors
    /// When the disk cannot be asked; the level stays.
    pub fn look(&self, meter: &impl Meter) -> io::Result<Room> {
        let room = meter.look()?;
        self.set(self.level().then(room.percent()));
        Ok(room)
    }
}

/// Looks every second until told to stop: moves `pressure`, shows numbers, and
/// tells of each change in the log and at `/readyz`.
pub async fn watch_room<M: Meter>(
    meter: M,
    pressure: Pressure,
    (halts, metrics): (Halts, Metrics),
    shutdown: Shutdown,
) {
    let meter = Arc::new(meter);
    let gauges = Gauges::new(&metrics);
    let mut told = Level::Fine;
    loop {
        let (look, level) = (Arc::clone(&meter), pressure.clone());
        match tokio::task::spawn_blocking(move || level.look(&*look)).await {
            Ok(Ok(room)) => {
                gauges.show(&room, pressure.level());
                told = tell(told, pressure.level(), &room, &halts);
            }
            Ok(Err(why)) => {
                tracing::error!(%why, "the spool's disk cannot be asked how full it is")
            }
            Err(why) => tracing::error!(%why, "looking at the spool's disk panicked"),
        }
        tokio::select! {
            () = tokio::time::sleep(EVERY) => {}
            () = shutdown.wait() => return,
        }
    }
}

struct Gauges([platform_service::metrics::Gauge; 4]);

impl Gauges {
    fn new(metrics: &Metrics) -> Self {
        Self([
            metrics.gauge("spool_disk_used_percent", "Used share of the spool's file system"),
            metrics.gauge("spool_backlog_bytes", "Unsent bytes of the fullest lane"),
            metrics.gauge("spool_backlog_percent", "The same of what a lane may hold back"),
            metrics.gauge("spool_level", "0 fine, 1 warn, 2 alarm, 3 full: nothing is accepted"),
        ])
    }

    fn show(&self, room: &Room, level: Level) {
        let place = Level::ALL.iter().position(|one| *one == level).unwrap_or_default() as u64;
        let values = [room.disk_percent, room.backlog_bytes, room.backlog_percent, place];
        for (gauge, value) in self.0.iter().zip(values) {
            gauge.set(i64::try_from(value).unwrap_or(i64::MAX));
        }
    }
}

fn tell(before: Level, now: Level, room: &Room, halts: &Halts) -> Level {
    let words = format!(
        "{}: disk {} %, backlog {} % ({} bytes)",
        now.word(),
        room.disk_percent,
        room.backlog_percent,
        room.backlog_bytes
    );
    match now {
        Level::Fine => halts.all_is_well(PART),
        Level::Warn => halts.warn(need("spool_warn", room, words.clone())),
        Level::Alarm => halts.warn(need("spool_alarm", room, words.clone())),
        Level::Full => halts.warn(need("spool_full", room, words.clone())),
    }
    if before != now {
        match now {
            Level::Fine => tracing::info!(%words, "the spool has room again"),
            Level::Warn => tracing::warn!(%words, "the spool fills"),
            Level::Alarm => tracing::error!(%words, "the spool fills; act today"),
            Level::Full => tracing::error!(%words, "the spool is full; nothing new is accepted"),
        }
    }
    now
}

fn need(code: &'static str, room: &Room, why: String) -> Need {
    let detail = format!("{} % / {} %", room.disk_percent, room.backlog_percent);
    Need { part: PART.to_owned(), code, detail, why }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// I19: the marks are 50, 80 and 95 percent.
    #[test]
    fn a_level_begins_at_its_mark() {
        for (percent, level) in [
            (0, Level::Fine),
            (49, Level::Fine),
            (50, Level::Warn),
            (79, Level::Warn),
            (80, Level::Alarm),
            (94, Level::Alarm),
            (95, Level::Full),
            (100, Level::Full),
        ] {
            assert_eq!(Level::of(percent), level, "{percent} %");
        }
    }

    /// I19: a full spool does not open and close with every item.
    #[test]
    fn a_level_is_left_a_little_below_its_mark() {
        assert_eq!(Level::Full.then(93), Level::Full);
        assert_eq!(Level::Full.then(91), Level::Alarm);
        assert_eq!(Level::Full.then(10), Level::Fine);
        assert_eq!(Level::Alarm.then(96), Level::Full, "up at once");
        assert_eq!(Level::Warn.then(48), Level::Warn);
        assert_eq!(Level::Warn.then(46), Level::Fine);
    }

    /// I19: of disk and backlog, the fuller decides; a share is never rounded down.
    #[test]
    fn the_fuller_of_disk_and_backlog_decides() {
        let room = Room::new((1000, 499), 10, 1000);
        assert_eq!((room.disk_percent, room.backlog_percent, room.percent()), (51, 1, 51));
        assert_eq!(Room::new((1000, 999), 949, 1000).percent(), 95);
        assert_eq!(Room::new((1000, 999), 5000, 1000).percent(), 100);
        assert_eq!(Room::new((0, 0), 0, 1).percent(), 100, "a disk without blocks holds nothing");
    }

    /// I19: the folder's unsent bundles count, what was taken in does not; so does what waits in the
    /// database for a lane that stopped.
    #[test]
    fn unsent_bundles_are_the_backlog() {
        let dir = tempfile::tempdir().expect("a folder");
        let unsent = Unsent::default();
        let meter = SpoolMeter {
            spool: dir.path().to_owned(),
            backlog_limit: 1000,
            unsent: unsent.clone(),
        };
        assert_eq!(meter.look().expect("a disk").backlog_bytes, 0);
        for (lane, part, size) in
            [("raw", "ready", 600), ("raw", "sent", 5000), ("in", "ready", 500)]
        {
            let folder = dir.path().join(lane).join(part);
            fs::create_dir_all(&folder).expect("made");
            fs::write(folder.join("e1-0000000000000001.kb"), vec![0; size]).expect("written");
        }
        let room = meter.look().expect("a disk");
        assert_eq!((room.backlog_bytes, room.backlog_percent), (600, 60), "{room:?}");
        unsent.tell(950);
        assert_eq!(meter.look().expect("a disk").backlog_percent, 95);
        unsent.tell(10);
        assert_eq!(meter.look().expect("a disk").backlog_percent, 60);
        assert!((1..=100).contains(&room.disk_percent), "{room:?}");
    }

    struct Script(std::sync::Mutex<Vec<u64>>);

    impl Meter for Script {
        fn look(&self) -> io::Result<Room> {
            let mut steps = self.0.lock().expect("not poisoned");
            let percent = if steps.len() > 1 { steps.remove(0) } else { steps[0] };
            Ok(Room::new((100, 100 - percent), 0, 1))
        }
    }

    /// I19, NS-2: monitors see each level, and that it passes by itself.
    #[tokio::test(start_paused = true)]
    async fn monitors_see_the_spool_fill_and_empty() {
        let (halts, metrics, stop) = (Halts::default(), Metrics::default(), Shutdown::new());
        let pressure = Pressure::default();
        let meter = Script(std::sync::Mutex::new(vec![60, 96, 94, 20]));
        let watched =
            watch_room(meter, pressure.clone(), (halts.clone(), metrics.clone()), stop.clone());
        let task = tokio::spawn(watched);
        let mut seen = Vec::new();
        while seen.last() != Some(&Level::Fine) || seen.len() < 3 {
            tokio::time::sleep(Duration::from_millis(100)).await;
            let level = pressure.level();
            if seen.last() != Some(&level) {
                seen.push(level);
                let warned = halts.warnings();
                assert_eq!(warned.is_empty(), level == Level::Fine, "{level:?}: {warned:?}");
            }
        }
        let turns: Vec<_> = seen.into_iter().skip_while(|level| *level == Level::Fine).collect();
        assert_eq!(turns, [Level::Warn, Level::Full, Level::Fine]);
        assert!(metrics.text().contains("spool_disk_used_percent 20\n"), "{}", metrics.text());
        stop.trigger();
        task.await.expect("it ends when told");
    }
}
