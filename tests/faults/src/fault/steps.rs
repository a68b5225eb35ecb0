//! Which calls each program makes on the files of the lanes: counted by a tracer while it starts
//! and while applications cross undisturbed, so that each can be struck once.
//!
//! Numbers in names are a `*`: the next bundle is written by the same calls under another name.

use std::collections::BTreeMap;
use std::fmt;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::thread::sleep;
use std::time::{Duration, Instant};

use bridge_contract::place::Lane;
use town::{Program, Town};

use super::NOT_MET;
use super::disk::{AHEAD, Failure, LAST_WORDS, Tracer, newest, was_hit};
use super::order::finished;
use crate::outbound;

/// Calls that are counted, and each of which may fail.
const CALLS: [&str; 12] = [
    "fdatasync",
    "fsync",
    "link",
    "linkat",
    "openat",
    "pread64",
    "pwrite64",
    "read",
    "rename",
    "renameat",
    "renameat2",
    "write",
];
/// Those that only look; no disk is full for them.
const LOOKS: [&str; 2] = ["pread64", "read"];
/// Those that give a name; each is a row of its own.
const NAMES: [&str; 5] = ["link", "linkat", "rename", "renameat", "renameat2"];
/// What can happen at a call, what only looks first.
static FAILURES: [Failure; 3] = [Failure::Kill, Failure::Error("EIO"), Failure::Error("ENOSPC")];
/// The end of a row of calls on a file, beside another call.
const END_OF_ROW: &str = "close";
/// Time in which a program that starts has made its calls.
const START: Duration = Duration::from_secs(5);
/// Bundles that came before the coming ones and may still go to a shelf.
const BEHIND: u64 = 8;
/// Generations before the newest that A and B may still work on.
const ON_THE_WAY: u64 = 4;

/// When a program makes a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Moment {
    /// Between its start and the first seconds of its work.
    Start,
    /// While applications cross.
    Work,
}

/// A call that a program makes on a kind of file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Step {
    /// The program.
    pub(crate) program: &'static str,
    /// When.
    pub(crate) moment: Moment,
    /// The system call.
    pub(crate) call: &'static str,
    /// The file below the town's folder, numbers as `*`.
    pub(crate) file: String,
    /// How often it comes in a row at most, before the file is closed or another call follows.
    pub(crate) times: u64,
}

impl fmt::Display for Step {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let at = match self.moment {
            Moment::Start => " at the start",
            Moment::Work => "",
        };
        write!(out, "{} of {} in {}{at}", self.call, self.program, self.file)
    }
}

impl Step {
    /// What can happen at this call.
    pub(crate) fn failures(&self) -> &'static [Failure] {
        let possible = if LOOKS.contains(&self.call) { 2 } else { FAILURES.len() };
        &FAILURES[..possible]
    }

    /// Whether it may change nothing: who cannot read says so.
    pub(super) fn only_looks(&self) -> bool {
        LOOKS.contains(&self.call) || self.call == "openat"
    }

    /// Whether the names are known before the call. A zone's own files have names of chance; of them
    /// only the call that nothing else makes can be aimed at.
    pub(crate) fn can_be_aimed_at(&self) -> bool {
        !self.file.ends_with("/files/*") || self.call.starts_with("link")
    }

    /// The files with the numbers that come next; none when every call of that name is meant.
    pub(super) fn paths(&self, root: &Path) -> io::Result<Vec<PathBuf>> {
        if self.file.ends_with("/files/*") {
            return Ok(Vec::new());
        }
        if !self.file.contains('*') {
            return Ok(vec![root.join(&self.file)]);
        }
        let (numbers, digits) = match lane_of(&self.file) {
            Some(lane) => {
                let (_, newest) = newest(&root.join(lane))?;
                (newest.saturating_sub(BEHIND)..=newest + AHEAD, 16)
            }
            None => {
                let newest = newest_generation(root)?;
                (newest.saturating_sub(ON_THE_WAY)..=newest + 1, 6)
            }
        };
        Ok(numbers.map(|number| root.join(filled(&self.file, number, digits))).collect())
    }
}

/// The folder of the lane that a file belongs to.
fn lane_of(file: &str) -> Option<String> {
    let mut parts = file.split('/');
    let (host, spool, lane) = (parts.next()?, parts.next()?, parts.next()?);
    let known = spool == "spool" && Lane::ALL.iter().any(|one| one.word() == lane);
    known.then(|| format!("{host}/{spool}/{lane}"))
}

fn newest_generation(root: &Path) -> io::Result<u64> {
    let mut newest = 0;
    for entry in fs::read_dir(root.join("a/exports").join(outbound::JOB))? {
        let name = entry?.file_name();
        newest = newest.max(name.to_str().and_then(|name| name.parse().ok()).unwrap_or(0));
    }
    Ok(newest)
}

/// The name with a number in it; in a lane a part that is a number alone is a shelf of thousand.
fn filled(file: &str, number: u64, digits: usize) -> String {
    let part = |part: &str| match (part, digits) {
        ("*", 16) => format!("{:013}", number / 1000),
        _ => part.replace('*', &format!("{number:0digits$}")),
    };
    file.split('/').map(part).collect::<Vec<_>>().join("/")
}

/// Tracers that count while programs work.
pub(crate) struct Counting(Vec<(&'static str, PathBuf, Tracer)>);

impl Counting {
    /// Attaches to each of these programs.
    pub(crate) fn begin(town: &Town, programs: &[&'static str]) -> io::Result<Self> {
        let mut all = Vec::new();
        for name in programs {
            let id = town.id_of(name).unwrap_or(0);
            let log = log_of(town, name, Moment::Work);
            let tracer = Tracer::attach(id, &log, |command| {
                command.args(["-e", &counted()]);
            })?;
            all.push((*name, log, tracer));
        }
        Ok(Self(all))
    }

    /// Lets them alone; what they did.
    pub(crate) fn end(self, town: &Town) -> io::Result<Vec<Step>> {
        let mut steps = Vec::new();
        for (name, log, tracer) in self.0 {
            tracer.detach()?;
            steps.extend(steps_in(town, (name, Moment::Work), &fs::read_to_string(&log)?));
        }
        Ok(steps)
    }
}

/// What a program does when it starts: it is killed and started under the tracer, then without.
pub(crate) fn count_start(town: &mut Town, name: &'static str) -> io::Result<Vec<Step>> {
    let log = log_of(town, name, Moment::Start);
    fs::write(&log, "")?;
    let program = town.kill(name)?;
    town.begin(&traced(&program, &log, &["-e".to_owned(), counted()]))?;
    sleep(START);
    if !town.runs(name) {
        let words = town.program(name).map_or(String::new(), town::Running::last_words);
        return Err(io::Error::other(format!("{name} does not start under the tracer:\n{words}")));
    }
    town.kill(name)?;
    town.revive(&program)?;
    Ok(steps_in(town, (name, Moment::Start), &fs::read_to_string(&log)?))
}

/// Kills a program and starts it with a call that fails, then without. Says what came of it.
pub(super) fn strike_start(
    town: &mut Town,
    name: &str,
    aim: &[String],
) -> io::Result<&'static str> {
    let log = town.plan.root.join("logs/trace-start");
    fs::write(&log, "")?;
    let program = town.kill(name)?;
    town.begin(&traced(&program, &log, aim))?;
    let until = Instant::now() + START;
    while !was_hit(&log)? && town.runs(name) && Instant::now() < until {
        sleep(Duration::from_millis(10));
    }
    // A program that gives up does so on its own time.
    let until = Instant::now() + LAST_WORDS;
    while was_hit(&log)? && town.runs(name) && Instant::now() < until {
        sleep(Duration::from_millis(20));
    }
    let (hit, went_on) = (was_hit(&log)?, town.runs(name));
    town.kill(name)?;
    town.revive(&program)?;
    Ok(match (hit, went_on) {
        (false, _) => NOT_MET,
        (true, true) => "went on",
        (true, false) => "stopped, restarted",
    })
}

/// The program under a tracer from its first call on. The tracer is no parent of it (`-D`): who
/// started the program has its id, and the tracer ends with it.
fn traced(program: &Program, log: &Path, aim: &[String]) -> Program {
    let mut arguments: Vec<String> =
        ["-D", "-f", "-q", "-y", "-s", "16", "-o"].map(str::to_owned).to_vec();
    arguments.push(log.display().to_string());
    arguments.extend_from_slice(aim);
    arguments.push(program.path.display().to_string());
    arguments.extend_from_slice(&program.arguments);
    Program { path: PathBuf::from("strace"), arguments, ..program.clone() }
}

fn log_of(town: &Town, name: &str, moment: Moment) -> PathBuf {
    let kind = match moment {
        Moment::Start => "start",
        Moment::Work => "work",
    };
    town.plan.root.join(format!("logs/count-{name}-{kind}"))
}

fn counted() -> String {
    let calls: Vec<String> =
        CALLS.iter().chain([&END_OF_ROW]).map(|call| format!("?{call}")).collect();
    format!("trace={}", calls.join(","))
}

fn steps_in(town: &Town, (program, moment): (&'static str, Moment), log: &str) -> Vec<Step> {
    let root = town.plan.root.display().to_string();
    let step = |((call, file), times)| Step { program, moment, call, file, times };
    longest_rows(&root, log).into_iter().map(step).collect()
}

/// Each call on each kind of file below `root`, and how often one thread makes it in a row at most.
fn longest_rows(root: &str, log: &str) -> BTreeMap<(&'static str, String), u64> {
    let mut longest = BTreeMap::new();
    let mut rows: BTreeMap<(&str, String), (&str, u64)> = BTreeMap::new();
    for (thread, line) in finished(log) {
        let Some((call, path)) = touched(&line) else { continue };
        let Some(file) = kind_of(root, path) else { continue };
        let row = rows.entry((thread, path.to_owned())).or_insert((END_OF_ROW, 0));
        let Some(call) = CALLS.iter().find(|one| **one == call) else {
            *row = (END_OF_ROW, 0);
            continue;
        };
        let goes_on = row.0 == *call && !NAMES.contains(call);
        *row = (*call, if goes_on { row.1 + 1 } else { 1 });
        let most: &mut u64 = longest.entry((*call, file)).or_default();
        *most = row.1.max(*most);
    }
    longest
}

/// The name of a call that went well and the file it was about; of a rename and a link the new name, or the
/// old one where a tracer that watches files looks at no other.
fn touched(line: &str) -> Option<(&str, &str)> {
    let (_, result) = line.rsplit_once(" = ")?;
    let (call, arguments) = line.split_once('(')?;
    if !result.starts_with(|first: char| first.is_ascii_digit()) {
        return None;
    }
    let quoted = |which: usize| arguments.split('"').nth(2 * which + 1);
    let path = match call {
        "openat" | "rename" | "link" => quoted(0)?,
        "renameat" | "renameat2" | "linkat" => quoted(1)?,
        _ => arguments.split_once('<')?.1.split_once('>')?.0,
    };
    Some((call, path))
}

/// What stands for a file of a host's spool, of what it has beside, or of its database; `None` for
/// all others, such as keys and settings.
fn kind_of(root: &str, path: &str) -> Option<String> {
    let below = path.strip_prefix(root)?.strip_prefix('/')?;
    let (host, rest) = below.split_once('/')?;
    let first = rest.split('/').next()?;
    match first {
        "files" => return Some(format!("{host}/files/*")),
        "spool" | "exports" | "drop" => {}
        _ if first.contains(".db") => {}
        _ => return None,
    }
    Some(starred(below))
}

/// Every number of at least four digits is a `*`.
fn starred(path: &str) -> String {
    let mut all = String::new();
    let mut digits = String::new();
    // The end of the last number is seen by what follows it.
    for letter in path.chars().map(Some).chain([None]) {
        match letter {
            Some(digit) if digit.is_ascii_digit() => digits.push(digit),
            other => {
                all.push_str(if digits.len() < 4 { &digits } else { "*" });
                digits.clear();
                all.extend(other);
            }
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOG: &str = "7 openat(AT_FDCWD</>, \"/t/s/spool/raw/part/e1-0000000000000041.kb\", O_WRONLY|O_CREAT|O_EXCL|O_CLOEXEC, 0666) = 9</t/s/spool/raw/part/e1-0000000000000041.kb>\n\
        7 write(9</t/s/spool/raw/part/e1-0000000000000041.kb>, \"KB = \\\"x\\1\"..., 70000) = 65536\n\
        8 write(3</t/s/spool/raw/head.new>, \"h\"..., 3) = 3\n\
        7 write(9</t/s/spool/raw/part/e1-0000000000000041.kb>,  <unfinished ...>\n\
        8 read(5</etc/resolv.conf>, \"\"..., 100) = 0\n\
        7 <... write resumed>\"y\"..., 4464) = 4464\n\
        7 fsync(9</t/s/spool/raw/part/e1-0000000000000041.kb>) = 0\n\
        7 renameat2(AT_FDCWD</>, \"/t/s/spool/raw/part/e1-0000000000000041.kb\", AT_FDCWD</>, \"/t/s/spool/raw/fetched/e1-0000000000000041.kb\", RENAME_NOREPLACE) = 0\n\
        8 rename(\"/t/s/spool/raw/part/head.new\", \"/t/s/spool/raw/head\") = 0\n\
        7 openat(AT_FDCWD</>, \"/t/s/spool/raw/done\", O_RDONLY|O_CLOEXEC)   = -1 ENOENT (No such file or directory)\n\
        7 openat(AT_FDCWD</>, \"/t/s/spool/raw/ready\", O_RDONLY|O_CLOEXEC) = 4</t/s/spool/raw/ready>\n\
        7 close(4</t/s/spool/raw/ready>)   = 0\n\
        7 openat(AT_FDCWD</>, \"/t/s/spool/raw/ready\", O_RDONLY|O_CLOEXEC) = 4</t/s/spool/raw/ready>\n\
        7 fsync(11</t/s/keys/sign.raw>) = 0\n\
        7 +++ killed by SIGKILL +++\n";

    fn step(call: &'static str, file: &str) -> Step {
        let file = file.to_owned();
        Step { program: "relay", moment: Moment::Work, call, file, times: 1 }
    }

    /// MN-8.2a: the calls of a program are counted by kind of file, each as often as it comes in a row;
    /// what failed, and files of other rooms, are left out.
    #[test]
    fn calls_are_counted_until_they_repeat() {
        let drafts = "s/spool/raw/part/e1-*.kb";
        let expected = [
            (("fsync", drafts), 1),
            (("openat", drafts), 1),
            (("openat", "s/spool/raw/ready"), 1),
            (("rename", "s/spool/raw/part/head.new"), 1),
            (("renameat2", "s/spool/raw/fetched/e1-*.kb"), 1),
            (("write", "s/spool/raw/head.new"), 1),
            (("write", drafts), 2),
        ];
        let counted = longest_rows("/t", LOG);
        let counted: BTreeMap<(&str, &str), u64> =
            counted.iter().map(|((call, file), times)| ((*call, file.as_str()), *times)).collect();
        assert_eq!(counted, BTreeMap::from(expected));
    }

    /// MN-8.2a: numbers of bundles, shelves and generations stand for all of them, and come back.
    #[test]
    fn a_kind_of_file_names_the_coming_ones() {
        let shelf = "s/spool/raw/done/*/e1-*.kb";
        assert_eq!(starred("s/spool/raw/done/0000000000001/e1-0000000000001655.kb"), shelf);
        assert_eq!(lane_of(shelf).as_deref(), Some("s/spool/raw"));
        assert_eq!(
            filled(shelf, 1656, 16),
            "s/spool/raw/done/0000000000001/e1-0000000000001656.kb"
        );
        let incoming = kind_of("/t", "/t/b/drop/.incoming/faults.000012");
        assert_eq!(incoming.as_deref(), Some("b/drop/.incoming/faults.*"));
        assert_eq!(lane_of("b/drop/.incoming/faults.*"), None);
        assert_eq!(filled("b/drop/faults/*/data.end", 7, 6), "b/drop/faults/000007/data.end");
        assert_eq!(kind_of("/t", "/t/i/files/ab/cd9").as_deref(), Some("i/files/*"));
        assert_eq!(kind_of("/t", "/t/l/staff.db-wal").as_deref(), Some("l/staff.db-wal"));
        assert_eq!(kind_of("/t", "/t/i/keys/keyset"), None);
        assert_eq!(kind_of("/t", "/elsewhere/i/spool/raw/id"), None);
    }

    /// MN-8.2a: a constant name is aimed at as it is; a full disk is no matter of who only reads, and a
    /// name of chance is aimed at by the one call that nothing else makes.
    #[test]
    fn each_call_fails_in_every_way_it_can() {
        let root = Path::new("/t");
        let ingested = step("read", "s/spool/raw/ingested");
        let paths = ingested.paths(root).expect("no look at the disk");
        assert_eq!(paths, [root.join("s/spool/raw/ingested")]);
        assert_eq!(ingested.failures(), [Failure::Kill, Failure::Error("EIO")]);
        assert_eq!(step("fsync", "s/spool/raw/ready").failures().len(), 3);
        assert!(step("linkat", "i/files/*").can_be_aimed_at());
        assert!(!step("write", "i/files/*").can_be_aimed_at());
        assert_eq!(step("linkat", "i/files/*").paths(root).expect("all"), Vec::<PathBuf>::new());
    }
}
