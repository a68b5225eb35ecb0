//! `sanitizer-worker`: reads one request from stdin, answers on stdout, ends.
//!
//! Started by the runner only; arguments are the limits the kernel enforces.

use std::process::ExitCode;

use sanitizer_worker::confine::{self, Walls};
use sanitizer_worker::{probe, serve};

/// The worker met a fault of its own.
const FAULT: u8 = 70;
/// The kernel does not offer the walls and `--allow-unconfined` was not given.
const UNCONFINED: u8 = 71;
/// Wrong arguments.
const USAGE: u8 = 2;

fn main() -> ExitCode {
    hide_panic_messages();
    let Some(args) = Args::parse(std::env::args().skip(1)) else {
        eprintln!("usage: sanitizer-worker [--cpu-seconds N] [--memory-bytes N]");
        return ExitCode::from(USAGE);
    };
    let confinement = match confine::raise(&args.walls) {
        Ok(confinement) => confinement,
        Err(error) => {
            eprintln!("unconfined: {error}");
            return ExitCode::from(UNCONFINED);
        }
    };
    if let Some(probe) = args.probe {
        return probe::run(&probe);
    }
    match serve(&mut std::io::stdin().lock(), &mut std::io::stdout().lock(), confinement) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("fault: {error}");
            ExitCode::from(FAULT)
        }
    }
}

/// A panic message may quote the file; its place in our code may not.
fn hide_panic_messages() {
    std::panic::set_hook(Box::new(|panic| match panic.location() {
        Some(place) => eprintln!("panic at {}:{}", place.file(), place.line()),
        None => eprintln!("panic"),
    }));
}

#[derive(Default)]
struct Args {
    walls: Walls,
    probe: Option<String>,
}

impl Args {
    /// Reads `--name value` pairs. Small by hand: nothing runs before the walls
    /// that need not.
    fn parse(mut args: impl Iterator<Item = String>) -> Option<Self> {
        let mut parsed = Self::default();
        while let Some(name) = args.next() {
            match name.as_str() {
                "--cpu-seconds" => parsed.walls.cpu_seconds = args.next()?.parse().ok()?,
                "--memory-bytes" => parsed.walls.memory_bytes = args.next()?.parse().ok()?,
                "--allow-unconfined" => parsed.walls.required = false,
                "--without-landlock" => parsed.walls.landlock = false,
                "--without-seccomp" => parsed.walls.seccomp = false,
                "--probe" => parsed.probe = Some(args.next()?),
                _ => return None,
            }
        }
        let lowered = !(parsed.walls.landlock && parsed.walls.seccomp);
        let reads_a_file = parsed.probe.is_none() && parsed.walls.required;
        (!(lowered && reads_a_file)).then_some(parsed)
    }
}
