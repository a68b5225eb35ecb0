//! System calls that fail: a tracer attaches to a running program and lets its
//! calls on certain files return an error, as a failing or full disk does. The
//! walls of the roles stay as they are. Or the program is killed at that very call: one step
//! after another, and not only where a signal from outside happens to fall.

use std::fmt;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use bridge_contract::bundle::{bundle_name, parse_bundle_name};
use rustix::process::{Pid, Signal, kill_process};
use town::Town;

use crate::dice::Dice;

/// Time in which the program must do what shall fail, or nothing happens.
const WINDOW: Duration = Duration::from_millis(1_200);
/// Time in which a tracer lets a program alone.
const FAREWELL: Duration = Duration::from_secs(3);
/// Time in which a program that was hit gives up, if it does.
const LAST_WORDS: Duration = Duration::from_millis(1_500);
/// How many coming numbers are watched for.
const AHEAD: u64 = 24;

/// A program, what it writes, and what fails.
#[derive(Clone, Copy, Debug)]
pub struct Blow {
    program: &'static str,
    what: What,
    error: Failure,
    /// Which of a thread's calls fails.
    first: u64,
    /// Whether all further ones fail, too.
    lasting: bool,
}

/// What happens at the call.
#[derive(Clone, Copy, Debug)]
enum Failure {
    /// It returns this error.
    Error(&'static str),
    /// The program is killed as it begins.
    Kill,
}

#[derive(Clone, Copy, Debug)]
enum What {
    /// A lane's folder, its drafts, where they become visible, and the calls.
    Spool(&'static str, &'static str, &'static str, &'static str),
    /// A database file, and the calls.
    Database(&'static str, &'static str),
}

const SPOOLS: [(&str, What); 12] = [
    ("internet-zone", What::Spool("i/spool/raw", "tmp", "ready", "")),
    ("outer", What::Spool("i/spool/pub.ctl", "part", "fetched", "")),
    ("relay", What::Spool("s/spool/raw", "part", "fetched", "")),
    ("relay", What::Spool("s/spool/in", "tmp", "ready", "")),
    ("relay", What::Spool("s/spool/in.bulk", "tmp", "ready", "")),
    ("inner", What::Spool("l/spool/in", "part", "fetched", "")),
    ("inner", What::Spool("l/spool/in.bulk", "part", "fetched", "")),
    ("lgwan-zone", What::Spool("l/spool/pub.ctl", "tmp", "ready", "")),
    ("export", What::Spool("a/spool/exp", "tmp", "ready", "")),
    ("drop", What::Spool("b/spool/exp", "part", "fetched", "")),
    ("drop", What::Spool("b/spool/exr", "tmp", "ready", "")),
    ("export", What::Spool("a/spool/exr", "part", "fetched", "")),
];
const DATABASES: [(&str, &str); 2] =
    [("internet-zone", "i/citizen.db"), ("lgwan-zone", "l/staff.db")];
const FAILURES: [Failure; 3] = [Failure::Error("EIO"), Failure::Error("ENOSPC"), Failure::Kill];
const SPOOL_CALLS: [&str; 4] = ["write", "fsync", "renameat2", "openat"];
const DATABASE_CALLS: [&str; 2] = ["pwrite64", "fsync,fdatasync"];

impl Blow {
    pub(super) fn any(dice: &mut Dice) -> Self {
        let (program, what) = if dice.below(4) == 0 {
            let (program, file) = dice.one_of(&DATABASES);
            (program, What::Database(file, dice.one_of(&DATABASE_CALLS)))
        } else {
            let (program, spool) = dice.one_of(&SPOOLS);
            let What::Spool(folder, drafts, shown, _) = spool else { return Self::any(dice) };
            (program, What::Spool(folder, drafts, shown, dice.one_of(&SPOOL_CALLS)))
        };
        let error = dice.one_of(&FAILURES);
        let (first, lasting) = (1 + dice.below(3), dice.below(2) == 0);
        // Nobody dies twice.
        Self { program, what, error, first, lasting: lasting && !matches!(error, Failure::Kill) }
    }

    /// Lets the calls fail once people have pressed, and starts again what stopped.
    pub(super) fn strike(self, town: &mut Town) -> io::Result<&'static str> {
        let id = town.id_of(self.program).unwrap_or(0);
        let log = town.plan.root.join("logs/trace");
        let (calls, paths) = self.aim(&town.plan.root)?;
        let mut tracer = Tracer::attach(id, &log, |command| {
            let when = format!("{}{}", self.first, if self.lasting { "+" } else { "" });
            let inject = match self.error {
                Failure::Error(error) => format!("inject={calls}:error={error}:when={when}"),
                Failure::Kill => format!("inject={calls}:signal=KILL:when={when}"),
            };
            command.args(["-e", &format!("trace={calls}"), "-e", &inject]);
            for path in &paths {
                command.arg("-P").arg(path);
            }
        })?;
        let until = Instant::now() + WINDOW;
        let mut hit = false;
        while Instant::now() < until && !tracer.ended()? {
            hit = was_hit(&log)?;
            if hit && !self.lasting {
                break;
            }
            sleep(Duration::from_millis(10));
        }
        tracer.detach()?;
        hit |= was_hit(&log)?;
        let mut revived = town.revive_fallen()?;
        // A program that gives up does so on its own time.
        let until = Instant::now() + LAST_WORDS;
        while hit && revived.is_empty() && Instant::now() < until {
            sleep(Duration::from_millis(20));
            revived = town.revive_fallen()?;
        }
        Ok(match (hit, revived.is_empty()) {
            (false, _) => "not met",
            (true, true) => "went on",
            (true, false) => "stopped, restarted",
        })
    }

    /// The calls, and the files they fail on: drafts of the coming numbers and the
    /// folder they become visible in, or the database.
    fn aim(&self, root: &Path) -> io::Result<(&'static str, Vec<PathBuf>)> {
        match self.what {
            What::Database(file, calls) => {
                let wal = PathBuf::from(format!("{}-wal", root.join(file).display()));
                Ok((calls, vec![root.join(file), wal]))
            }
            What::Spool(folder, drafts, shown, calls) => {
                let folder = root.join(folder);
                let (epoch, newest) = newest(&folder)?;
                let drafts = folder.join(drafts);
                let coming = (1..=AHEAD).map(|step| drafts.join(bundle_name(epoch, newest + step)));
                Ok((calls, coming.chain([folder.join(shown)]).collect()))
            }
        }
    }
}

impl fmt::Display for Blow {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (on, calls) = match self.what {
            What::Spool(folder, _, _, calls) => (folder, calls),
            What::Database(file, calls) => (file, calls),
        };
        let more = if self.lasting { " and all after" } else { "" };
        let Self { program, error, first, .. } = self;
        match error {
            Failure::Error(error) => {
                write!(out, "{error} on {calls} number {first}{more} of {program} in {on}")
            }
            Failure::Kill => write!(out, "{program} dies at {calls} number {first} in {on}"),
        }
    }
}

/// Whether the tracer's log tells of a call that failed, or of a death by its hand.
fn was_hit(log: &Path) -> io::Result<bool> {
    let log = fs::read_to_string(log)?;
    Ok(log.contains("(INJECTED") || log.contains("killed by SIGKILL"))
}

/// The newest number in a lane's folder, on either side.
fn newest(folder: &Path) -> io::Result<(u32, u64)> {
    let mut newest = (1, 0);
    let mut look = |dir: &Path| -> io::Result<()> {
        for entry in fs::read_dir(dir)? {
            let name = entry?.file_name().into_string().unwrap_or_default();
            newest = newest.max(parse_bundle_name(&name).unwrap_or_default());
        }
        Ok(())
    };
    for part in ["ready", "fetched"] {
        if folder.join(part).exists() {
            look(&folder.join(part))?;
        }
    }
    for part in ["sent", "done"] {
        for shelf in fs::read_dir(folder.join(part)).into_iter().flatten() {
            let shelf = shelf?.path();
            if shelf.is_dir() {
                look(&shelf)?;
            }
        }
    }
    Ok(newest)
}

/// A tracer that is attached to a program; detached when this is gone.
pub(super) struct Tracer(Child);

impl Tracer {
    /// Attaches to every thread; what is traced goes to `log`. Returns when it sees.
    pub(super) fn attach(id: u32, log: &Path, aim: impl FnOnce(&mut Command)) -> io::Result<Self> {
        let said = log.with_extension("said");
        fs::write(log, "")?;
        let mut command = Command::new("strace");
        command.args(["-f", "-y", "-s", "16", "-o"]).arg(log).args(["-p", &id.to_string()]);
        aim(&mut command);
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(fs::File::create(&said)?);
        let mut tracer = Self(command.spawn()?);
        let until = Instant::now() + Duration::from_secs(10);
        loop {
            let words = fs::read_to_string(&said)?;
            if words.contains("attached") {
                return Ok(tracer);
            }
            if Instant::now() > until || tracer.ended()? {
                return Err(io::Error::other(format!("the tracer does not attach: {words}")));
            }
            sleep(Duration::from_millis(2));
        }
    }

    /// Whether the tracer ended, because the program did.
    pub(super) fn ended(&mut self) -> io::Result<bool> {
        Ok(self.0.try_wait()?.is_some())
    }

    /// Lets the program alone.
    pub(super) fn detach(mut self) -> io::Result<()> {
        self.end()
    }

    fn end(&mut self) -> io::Result<()> {
        if self.0.try_wait()?.is_none() {
            if let Some(id) = Pid::from_raw(self.0.id().cast_signed()) {
                kill_process(id, Signal::TERM)?;
            }
            // A tracer may wait for ever for a thread of a program that ended meanwhile.
            let until = Instant::now() + FAREWELL;
            while self.0.try_wait()?.is_none() {
                if Instant::now() > until {
                    self.0.kill()?;
                    self.0.wait()?;
                    break;
                }
                sleep(Duration::from_millis(2));
            }
        }
        Ok(())
    }
}

impl Drop for Tracer {
    fn drop(&mut self) {
        // Only when something went wrong before.
        let _ = self.end();
    }
}
