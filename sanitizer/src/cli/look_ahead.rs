//! `sanitizer explain -`: one file on standard input.

use std::io::Read as _;
use std::process::ExitCode;

use sanitizer::look_ahead::LookAhead;
use sanitizer::rebuild::{Rebuilder, Sent};
use sanitizer::words::Words;
use sanitizer_intermediate::Password;

use super::{ExplainArgs, FAULT};

/// Reads and builds the file as usual and tells what would arrive. Nothing is
/// written, and no more is read than shows that the file is too large.
pub(super) fn run(
    args: &ExplainArgs,
    password: Option<&Password>,
    rebuilder: &Rebuilder,
) -> ExitCode {
    match look(args, password, rebuilder) {
        Ok(seen) => {
            print!("{seen}");
            ExitCode::SUCCESS
        }
        Err(why) => {
            eprintln!("{why}");
            ExitCode::from(FAULT)
        }
    }
}

fn look(
    args: &ExplainArgs,
    password: Option<&Password>,
    rebuilder: &Rebuilder,
) -> Result<String, String> {
    let most = rebuilder.runner.limits.input_bytes.saturating_add(1);
    let mut bytes = Vec::new();
    let read = std::io::stdin().lock().take(most).read_to_end(&mut bytes);
    read.map_err(|error| error.to_string())?;
    let sent = Sent { name: &args.name, bytes: &bytes, password };
    let treated = rebuilder.rebuild_sent(&sent).map_err(|error| error.to_string())?;
    let words = Words::japanese();
    let seen = LookAhead::new(&sent, &treated, rebuilder.policy.version, &words);
    if args.json {
        let text = serde_json::to_string_pretty(&seen).map_err(|error| error.to_string())?;
        return Ok(text + "\n");
    }
    Ok(seen.sentences.iter().map(|it| format!("{it}\n")).collect())
}
