//! `sanitizer FILE... -o OUT`.

use std::path::Path;
use std::process::ExitCode;
use std::thread::available_parallelism;

use sanitizer::files::{self, Place, Task, Work};
use sanitizer::rebuild::Rebuilder;
use sanitizer::report::{FileReport, Outcome, Report, VERSION};
use sanitizer::words::Words;
use sanitizer_intermediate::{HoldReason, Kind};

use super::{FAULT, RebuildArgs, USAGE};

const HELD: u8 = 3;
const LIMIT: u8 = 4;

/// Rebuilds the files; words on standard error, reason codes on standard output.
pub(super) fn run(args: &RebuildArgs, output: &Path, rebuilder: &Rebuilder) -> ExitCode {
    let password = match args.unlock.password() {
        Ok(password) => password,
        Err(why) => {
            eprintln!("{why}");
            return ExitCode::from(USAGE);
        }
    };
    let tasks = match files::collect(&args.inputs) {
        Ok(tasks) => tasks,
        Err(error) => {
            eprintln!("{error}");
            return ExitCode::from(USAGE);
        }
    };
    let words = Words::japanese();
    let place = Place::new(output, &args.inputs);
    let jobs = args.jobs.or_else(|| available_parallelism().ok()).map_or(1, Into::into);
    let mut tally = Tally::default();
    let mut reports: Vec<Option<FileReport>> = tasks.iter().map(|_| None).collect();
    let work = Work { rebuilder, password: password.as_ref(), place: Some(&place), words: &words };
    files::treat(&tasks, &work, jobs, |number, report| {
        tally.count(&report);
        eprintln!("[{}/{}] {}", tally.all(), tasks.len(), line(&report, &words));
        if let Some(code) = held_code(&report) {
            println!(
                "{}",
                if tasks.len() == 1 { code.to_owned() } else { coded(code, &tasks[number]) }
            );
        }
        if let Some(slot) = reports.get_mut(number) {
            *slot = Some(report);
        }
    });
    if tasks.len() > 1 {
        eprintln!("{}", tally.line(&words));
    }
    let files = reports.into_iter().flatten().collect();
    let report = Report { version: VERSION, policy: rebuilder.policy.version, files };
    if let Some(path) = &args.report
        && let Err(error) = write_report(path, &report)
    {
        eprintln!("{}: {error}", path.display());
        return ExitCode::from(FAULT);
    }
    tally.exit()
}

fn coded(code: &str, task: &Task) -> String {
    format!("{code}\t{}", task.path.display())
}

fn write_report(path: &Path, report: &Report) -> std::io::Result<()> {
    let mut text = serde_json::to_string_pretty(report)?;
    text.push('\n');
    files::write(path, text.as_bytes())
}

fn held_code(report: &FileReport) -> Option<&'static str> {
    match &report.outcome {
        Outcome::Held { reason, .. } => Some(reason),
        Outcome::Rebuilt { .. } | Outcome::Fault { .. } => None,
    }
}

/// One line of progress.
fn line(report: &FileReport, words: &Words) -> String {
    let kind = Kind::from_code(report.kind).map_or("", |kind| words.kind(kind));
    let name = report.input.as_str();
    match &report.outcome {
        Outcome::Rebuilt { .. } => words.line("rebuilt", &[("name", name), ("kind", kind)]),
        Outcome::Held { reason, what, next, .. } => {
            let fields = [
                ("name", name),
                ("kind", kind),
                ("reason", reason),
                ("what", what),
                ("next", next),
            ];
            words.line("held", &fields)
        }
        Outcome::Fault { why } => words.line("fault", &[("name", name), ("why", why)]),
    }
}

#[derive(Default)]
struct Tally {
    rebuilt: usize,
    held: usize,
    limited: usize,
    faults: usize,
}

impl Tally {
    fn count(&mut self, report: &FileReport) {
        match &report.outcome {
            Outcome::Rebuilt { .. } => self.rebuilt += 1,
            Outcome::Held { reason, .. } => {
                match HoldReason::from_code(reason).is_some_and(HoldReason::is_limit) {
                    true => self.limited += 1,
                    false => self.held += 1,
                }
            }
            Outcome::Fault { .. } => self.faults += 1,
        }
    }

    const fn all(&self) -> usize {
        self.rebuilt + self.held + self.limited + self.faults
    }

    fn line(&self, words: &Words) -> String {
        let held = (self.held + self.limited).to_string();
        let (all, rebuilt) = (self.all().to_string(), self.rebuilt.to_string());
        let faults = self.faults.to_string();
        let fields = [
            ("all", all.as_str()),
            ("rebuilt", rebuilt.as_str()),
            ("held", held.as_str()),
            ("faults", faults.as_str()),
        ];
        words.line("total", &fields)
    }

    /// A fault of ours weighs most, then files that cannot be, then limits.
    fn exit(&self) -> ExitCode {
        ExitCode::from(if self.faults > 0 {
            FAULT
        } else if self.held > 0 {
            HELD
        } else if self.limited > 0 {
            LIMIT
        } else {
            0
        })
    }
}
