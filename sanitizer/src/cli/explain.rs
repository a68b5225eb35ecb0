//! `sanitizer explain FILE...`.

use std::process::ExitCode;

use sanitizer::files::{self, Work};
use sanitizer::rebuild::Rebuilder;
use sanitizer::report::{FileReport, Outcome, Report, VERSION};
use sanitizer::words::Words;
use sanitizer_intermediate::Kind;

use super::{ExplainArgs, FAULT, USAGE, look_ahead};

/// Reads and builds the files as usual, tells what came of it, writes nothing.
pub(super) fn run(args: &ExplainArgs, rebuilder: &Rebuilder) -> ExitCode {
    let password = match args.unlock.password() {
        Ok(password) => password,
        Err(why) => {
            eprintln!("{why}");
            return ExitCode::from(USAGE);
        }
    };
    if let [only] = args.inputs.as_slice()
        && only.as_os_str() == "-"
    {
        return look_ahead::run(args, password.as_ref(), rebuilder);
    }
    let tasks = match files::collect(&args.inputs) {
        Ok(tasks) => tasks,
        Err(error) => {
            eprintln!("{error}");
            return ExitCode::from(USAGE);
        }
    };
    let words = Words::japanese();
    let mut reports = Vec::new();
    // One after the other: what is printed keeps the order of the arguments.
    let work = Work { rebuilder, password: password.as_ref(), place: None, words: &words };
    files::treat(&tasks, &work, 1, |_, report| reports.push(report));
    let fault = reports.iter().any(|it| matches!(it.outcome, Outcome::Fault { .. }));
    if args.json {
        let version = rebuilder.policy.version;
        let report = Report { version: VERSION, policy: version, files: reports };
        match serde_json::to_string_pretty(&report) {
            Ok(text) => println!("{text}"),
            Err(error) => {
                eprintln!("{error}");
                return ExitCode::from(FAULT);
            }
        }
    } else {
        for report in &reports {
            print(report, &words);
        }
    }
    ExitCode::from(if fault { FAULT } else { 0 })
}

fn print(report: &FileReport, words: &Words) {
    let kind = Kind::from_code(report.kind).map_or("", |kind| words.kind(kind));
    println!("{}", words.line("found", &[("name", &report.input), ("kind", kind)]));
    match &report.outcome {
        Outcome::Rebuilt { removed, changed, .. } => {
            println!("  {}", words.line("would_rebuild", &[]));
            for entry in removed.iter().chain(changed) {
                println!("  {}", entry.words);
            }
            if removed.is_empty() && changed.is_empty() {
                println!("  {}", words.line("nothing", &[]));
            }
        }
        Outcome::Held { reason, what, next, .. } => {
            let fields = [("reason", *reason), ("what", what.as_str()), ("next", next.as_str())];
            println!("  {}", words.line("would_hold", &fields));
        }
        Outcome::Fault { why } => {
            eprintln!("{}", words.line("fault", &[("name", &report.input), ("why", why)]));
        }
    }
}
