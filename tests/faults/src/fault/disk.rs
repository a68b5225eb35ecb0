//! System calls that fail: a tracer attaches to a running program and lets its
//! calls on certain files return an error, as a failing or full disk does. The
//! walls of the roles stay as they are. Or the program is killed at that very call: one step
//! after another, and not only where a signal from outside happens to fall. What is struck is drawn,
//! or one of the [steps] that were counted.

use std::fmt;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use bridge_contract::bundle::{bundle_name, parse_bundle_name};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use town::Town;

use super::steps::{self, Moment, Step};
use super::{NOT_MET, visitor};
use crate::dice::Dice;
use crate::outbound;

/// Time in which the program must do what shall fail, or nothing happens.
const WINDOW: Duration = Duration::from_millis(1_200);
/// The same where folders are only looked at every two seconds.
const SLOW_WINDOW: Duration = Duration::from_secs(5);
/// The same for a call that was counted before and comes again: heads are signed every ten seconds.
const SURE_WINDOW: Duration = Duration::from_secs(12);
/// Time in which people wait until the tracer of a counted call is there.
const ATTACHED: Duration = Duration::from_millis(400);
/// Time in which a tracer lets a program alone.
const FAREWELL: Duration = Duration::from_secs(10);
/// Time in which a program that was hit gives up, if it does.
pub(super) const LAST_WORDS: Duration = Duration::from_millis(1_500);
/// How many coming numbers are watched for.
pub(super) const AHEAD: u64 = 24;

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
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Failure {
    /// It returns this error.
    Error(&'static str),
    /// The program is killed as it begins.
    Kill,
}

#[derive(Clone, Copy, Debug)]
enum What {
    /// A lane's folder, its drafts, where they become visible, and the calls.
    Spool(&'static str, &'static str, &'static str, &'static str),
    /// A lane's folder, where its head is drafted, and the calls.
    Head(&'static str, &'static str, &'static str),
    /// What a server of the business side writes and reads beside its spool, and the calls.
    Outward(Server, &'static str),
    /// A zone's folder of files, and the call by which a file gets its name there.
    Files(&'static str, &'static str),
    /// A database file, and the calls.
    Database(&'static str, &'static str),
    /// One call that was counted before.
    Step(&'static Step),
}

/// A server of the business side.
#[derive(Clone, Copy, Debug)]
enum Server {
    A,
    B,
}

const SPOOLS: [(&str, What); 16] = [
    ("lgwan-zone", What::Spool(PUB_DOC, "tmp", "ready", "")),
    ("relay", What::Spool("s/spool/pub.doc", "part", "fetched", "")),
    ("outer", What::Spool("i/spool/pub.doc", "part", "fetched", "")),
    ("relay", What::Spool("s/spool/pub.ctl", "part", "fetched", "")),
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
/// Where L lays down what it publishes; little goes that way unless somebody publishes.
const PUB_DOC: &str = "l/spool/pub.doc";
const HEADS: [(&str, &str, &str); 10] = [
    ("internet-zone", "i/spool/raw", "tmp"),
    ("relay", "s/spool/raw", "part"),
    ("relay", "s/spool/in", "tmp"),
    ("relay", "s/spool/in.bulk", "tmp"),
    ("inner", "l/spool/in", "part"),
    ("lgwan-zone", "l/spool/pub.ctl", "tmp"),
    ("lgwan-zone", PUB_DOC, "tmp"),
    ("export", "a/spool/exp", "tmp"),
    ("export", "a/spool/exr", "part"),
    ("drop", "b/spool/exr", "tmp"),
];
const OUTWARD: [(&str, Server); 2] = [("export", Server::A), ("drop", Server::B)];
const FILES: [(&str, &str); 2] = [("internet-zone", "i/files"), ("lgwan-zone", "l/files")];
const DATABASES: [(&str, &str); 2] =
    [("internet-zone", "i/citizen.db"), ("lgwan-zone", "l/staff.db")];
const FAILURES: [Failure; 3] = [Failure::Error("EIO"), Failure::Error("ENOSPC"), Failure::Kill];
const SPOOL_CALLS: [&str; 4] = ["write", "fsync", "renameat2", "openat"];
const HEAD_CALLS: [&str; 3] = ["write", "?rename,renameat,renameat2", "openat"];
const OUTWARD_CALLS: [&str; 4] =
    ["write,pwrite64", "fsync", "?rename,renameat,renameat2", "openat"];
/// Nothing else gives a file a second name.
const FILES_CALL: &str = "?link,linkat";
const DATABASE_CALLS: [&str; 2] = ["pwrite64", "fsync,fdatasync"];

impl Failure {
    /// Its name in a table.
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Error(error) => error,
            Self::Kill => "kill -9",
        }
    }
}

impl Blow {
    /// A step's call of this ordinal fails.
    pub(crate) const fn at(step: &'static Step, first: u64, error: Failure) -> Self {
        Self { program: step.program, what: What::Step(step), error, first, lasting: false }
    }

    /// How long people wait before they press.
    pub(super) const fn head_start(self) -> Duration {
        match self.what {
            What::Step(step) if matches!(step.moment, Moment::Work) => ATTACHED,
            _ => Duration::ZERO,
        }
    }

    /// Whether it strikes a call that only looks, or opens.
    pub(super) fn breaks_reads(self) -> bool {
        matches!(self.what, What::Step(step) if step.only_looks())
    }

    pub(super) fn any(dice: &mut Dice) -> Self {
        let (program, what) = match dice.below(10) {
            0 | 1 => {
                let (program, file) = dice.one_of(&DATABASES);
                (program, What::Database(file, dice.one_of(&DATABASE_CALLS)))
            }
            2 | 3 => {
                let (program, folder, drafts) = dice.one_of(&HEADS);
                (program, What::Head(folder, drafts, dice.one_of(&HEAD_CALLS)))
            }
            4 => {
                let (program, server) = dice.one_of(&OUTWARD);
                (program, What::Outward(server, dice.one_of(&OUTWARD_CALLS)))
            }
            5 => {
                let (program, folder) = dice.one_of(&FILES);
                (program, What::Files(folder, FILES_CALL))
            }
            _ => {
                let (program, spool) = dice.one_of(&SPOOLS);
                let What::Spool(folder, drafts, shown, _) = spool else { return Self::any(dice) };
                (program, What::Spool(folder, drafts, shown, dice.one_of(&SPOOL_CALLS)))
            }
        };
        let error = dice.one_of(&FAILURES);
        let (first, lasting) = (1 + dice.below(3), dice.below(2) == 0);
        // Nobody dies twice.
        Self { program, what, error, first, lasting: lasting && !matches!(error, Failure::Kill) }
    }

    /// Lets the calls fail once people have pressed, and starts again what stopped.
    pub(super) fn strike(self, town: &mut Town) -> io::Result<&'static str> {
        let aim = self.arguments(&town.plan.root)?;
        if let What::Step(Step { moment: Moment::Start, program, .. }) = self.what {
            return steps::strike_start(town, program, &aim);
        }
        let id = town.id_of(self.program).unwrap_or(0);
        let log = town.plan.root.join("logs/trace");
        let mut tracer = Tracer::attach(id, &log, |command| {
            command.args(&aim);
        })?;
        if self.about("i/files") {
            visitor::comes(town);
        }
        if matches!(self.what, What::Step(_)) {
            outbound::pick_up(&town.plan.root)?;
        }
        let mut hit = false;
        std::thread::scope(|scope| {
            if self.about("pub.doc") {
                let town = &*town;
                // It may find the database in use by a program that dies; then nothing is published.
                scope.spawn(move || publish(town).ok());
            }
            let until = Instant::now() + self.window();
            while Instant::now() < until && !tracer.ended()? {
                hit = was_hit(&log)?;
                if hit && !self.lasting {
                    break;
                }
                sleep(Duration::from_millis(10));
            }
            Ok::<_, io::Error>(())
        })?;
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
            (false, _) => NOT_MET,
            (true, true) => "went on",
            (true, false) => "stopped, restarted",
        })
    }

    /// What a tracer is told: the calls, what happens at them, and on which files.
    fn arguments(self, root: &Path) -> io::Result<Vec<String>> {
        let (calls, paths) = self.aim(root)?;
        let when = format!("{}{}", self.first, if self.lasting { "+" } else { "" });
        let inject = match self.error {
            Failure::Error(error) => format!("inject={calls}:error={error}:when={when}"),
            Failure::Kill => format!("inject={calls}:signal=KILL:when={when}"),
        };
        let mut arguments =
            vec!["-e".to_owned(), format!("trace={calls}"), "-e".to_owned(), inject];
        for path in &paths {
            arguments.extend(["-P".to_owned(), path.display().to_string()]);
        }
        Ok(arguments)
    }

    /// Whether it strikes files of this folder, or of this lane.
    fn about(self, place: &str) -> bool {
        match self.what {
            What::Spool(folder, ..) | What::Head(folder, ..) | What::Files(folder, _) => {
                folder.ends_with(place)
            }
            What::Step(step) => step.file.contains(place),
            What::Outward(..) | What::Database(..) => false,
        }
    }

    /// Servers A and B look at their folders every two seconds, the others work at once.
    const fn window(self) -> Duration {
        match self.what {
            What::Outward(..) => SLOW_WINDOW,
            What::Step(_) => SURE_WINDOW,
            What::Spool(..) | What::Head(..) | What::Files(..) | What::Database(..) => WINDOW,
        }
    }

    /// The calls, and the files they fail on: drafts of the coming numbers and the
    /// folder they become visible in, a head, newest generations, or the database.
    fn aim(&self, root: &Path) -> io::Result<(&'static str, Vec<PathBuf>)> {
        match self.what {
            What::Database(file, calls) => {
                let wal = PathBuf::from(format!("{}-wal", root.join(file).display()));
                Ok((calls, vec![root.join(file), wal]))
            }
            What::Head(folder, drafts, calls) => {
                let folder = root.join(folder);
                Ok((calls, vec![folder.join(drafts).join("head.new"), folder.join("head")]))
            }
            What::Outward(server, calls) => Ok((calls, outward(root, server)?)),
            What::Files(_, calls) => Ok((calls, Vec::new())),
            What::Step(step) => Ok((step.call, step.paths(root)?)),
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
            What::Spool(folder, _, _, calls) | What::Files(folder, calls) => {
                (folder.to_owned(), calls)
            }
            What::Head(folder, _, calls) => (format!("{folder}/head"), calls),
            What::Outward(Server::A, calls) => ("a/exports".to_owned(), calls),
            What::Outward(Server::B, calls) => ("b/drop".to_owned(), calls),
            What::Database(file, calls) => (file.to_owned(), calls),
            What::Step(Step { moment: Moment::Start, file, call, .. }) => {
                (format!("{file} at its start"), *call)
            }
            What::Step(step) => (step.file.clone(), step.call),
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

/// What a server of the business side has to do with the newest generations.
fn outward(root: &Path, server: Server) -> io::Result<Vec<PathBuf>> {
    let job = outbound::JOB;
    let laid = root.join("a/exports").join(job);
    let mut names = Vec::new();
    for entry in fs::read_dir(&laid)? {
        names.extend(entry?.file_name().into_string());
    }
    names.sort();
    let newest = names.split_off(names.len().saturating_sub(2));
    let paths = newest.iter().flat_map(|name| match server {
        Server::A => vec![
            laid.join(name).join("data.csv"),
            laid.join(name).join(".receipt.new"),
            laid.join(name),
            root.join("a/spool/packed").join(job).join(name),
        ],
        Server::B => {
            let (incoming, shown) = (root.join("b/drop/.incoming"), root.join("b/drop").join(job));
            vec![
                incoming.join(job).join(name).join("data.csv"),
                incoming.join(job).join(name),
                incoming.join(format!("{job}.{name}")),
                shown.join(name),
                shown.clone(),
            ]
        }
    });
    let beside = match server {
        Server::A => Some(root.join("a/exports/.server-a.new")),
        Server::B => None,
    };
    Ok(paths.chain(beside).collect())
}

/// What little comes by itself: somebody publishes, somebody only fills in, a business system takes
/// in what is at B, and A and B work off their folders.
pub(super) fn traffic(town: &Town) -> io::Result<()> {
    visitor::comes(town);
    publish(town)?;
    outbound::pick_up(&town.plan.root)?;
    sleep(SLOW_WINDOW);
    Ok(())
}

/// Publishes one more revision of a procedure that nobody here applies for.
fn publish(town: &Town) -> io::Result<()> {
    let plan = &town.plan;
    let known = plan.house.join("deploy/sample-city/procedures/06-sodaigomi.json");
    let mut document: Value = serde_json::from_str(&fs::read_to_string(known)?)?;
    let (_, number) = newest(&plan.root.join(PUB_DOC))?;
    document["title"]["ja"] = Value::from(format!("粗大ごみの申込み 第{number}版"));
    let slug = document["slug"].as_str().unwrap_or_default().to_owned();
    let path = plan.root.join("again.json");
    fs::write(&path, document.to_string())?;
    town.publish(&path, &slug)
}

/// Whether the tracer's log tells of a call that failed, or of a death by its hand.
pub(super) fn was_hit(log: &Path) -> io::Result<bool> {
    let log = fs::read_to_string(log)?;
    Ok(log.contains("(INJECTED") || log.contains("killed by SIGKILL"))
}

/// The newest number in a lane's folder, on either side.
pub(super) fn newest(folder: &Path) -> io::Result<(u32, u64)> {
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
        let until = Instant::now() + platform_testkit::PATIENCE;
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
