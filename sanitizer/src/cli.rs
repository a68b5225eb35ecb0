//! The command line.
//!
//! | exit | means |
//! |---|---|
//! | 0 | every file was rebuilt |
//! | 1 | a fault of ours; nothing is said about the file |
//! | 2 | wrong arguments |
//! | 3 | a file is held; its reason code is on standard output |
//! | 4 | a file is held because it met a limit; code as for 3 |
//! | 75 | only `pipe`: a required scanner gives no answer; later it may |

mod explain;
mod look_ahead;
mod password;
mod rebuild;
mod verify;

use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args as ClapArgs, Parser, Subcommand};
use sanitizer::Policy;
use sanitizer::pipe;
use sanitizer::rebuild::Rebuilder;
use sanitizer::runner::Runner;
use sanitizer_intermediate::Password;

/// Our own fault.
const FAULT: u8 = 1;
/// A required scanner is down: the same file may pass later.
const LATER: u8 = 75;
/// Wrong arguments or an unusable policy.
const USAGE: u8 = 2;

/// Rebuilds files so that nothing active in them survives.
#[derive(Debug, Parser)]
#[command(version, args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
pub(crate) struct Args {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    rebuild: RebuildArgs,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Lists what is in files without writing anything.
    Explain(ExplainArgs),
    /// Says whether files are of ours, without trusting what wrote them.
    Verify(VerifyArgs),
    /// Says what would become of one file: request on stdin, answer on stdout.
    Look(Common),
    /// Treats one attachment for the bridge: request on stdin, answer on stdout.
    Pipe(PipeArgs),
}

#[derive(Debug, ClapArgs)]
struct RebuildArgs {
    /// Files or folders.
    #[arg(required = true, value_name = "FILE")]
    inputs: Vec<PathBuf>,
    /// A file for one file, else a folder.
    #[arg(short, long, required = true, value_name = "OUT")]
    output: Option<PathBuf>,
    /// Where to write the report, as JSON.
    #[arg(long, value_name = "FILE")]
    report: Option<PathBuf>,
    #[command(flatten)]
    unlock: Unlock,
    /// Files treated at the same time; as many as there are processors when absent.
    #[arg(long, value_name = "N")]
    jobs: Option<NonZeroUsize>,
    #[command(flatten)]
    common: Common,
}

#[derive(Debug, ClapArgs)]
struct ExplainArgs {
    /// Files or folders; `-` for one file on standard input.
    #[arg(required = true, value_name = "FILE")]
    inputs: Vec<PathBuf>,
    /// Print the report instead of words.
    #[arg(long)]
    json: bool,
    /// What the file on standard input is called.
    #[arg(long, value_name = "NAME", default_value = "")]
    name: String,
    #[command(flatten)]
    unlock: Unlock,
    #[command(flatten)]
    common: Common,
}

#[derive(Debug, ClapArgs)]
struct VerifyArgs {
    /// Files; their names say what they should be.
    #[arg(required = true, value_name = "FILE")]
    inputs: Vec<PathBuf>,
}

#[derive(Debug, ClapArgs)]
struct PipeArgs {
    /// The Ed25519 key that signs verdicts, PKCS#8.
    #[arg(long, value_name = "FILE")]
    key: PathBuf,
    #[command(flatten)]
    common: Common,
}

#[derive(Debug, ClapArgs)]
struct Unlock {
    /// A file with the password of protected files: UTF-8, one line.
    #[arg(long, value_name = "FILE")]
    password_file: Option<PathBuf>,
}

impl Unlock {
    /// The password, when one is given.
    ///
    /// # Errors
    /// What to tell the caller when the file cannot be used.
    fn password(&self) -> Result<Option<Password>, String> {
        let Some(path) = &self.password_file else { return Ok(None) };
        let read = password::read(path).map_err(|error| format!("{}: {error}", path.display()))?;
        Ok(Some(read))
    }
}

#[derive(Debug, ClapArgs)]
struct Common {
    /// The policy, TOML.
    #[arg(long, value_name = "FILE")]
    policy: Option<PathBuf>,
    /// The worker; the one beside this program when absent.
    #[arg(long, value_name = "FILE")]
    worker: Option<PathBuf>,
    /// Let workers read files on a kernel without Landlock or seccomp.
    #[arg(long)]
    allow_unconfined: bool,
}

/// Does what the arguments say.
pub(crate) fn run(args: Args) -> ExitCode {
    match (args.command, &args.rebuild.output) {
        (Some(Command::Explain(args)), _) => with(&args.common, |it| explain::run(&args, it)),
        (Some(Command::Verify(args)), _) => verify::run(&args.inputs),
        (Some(Command::Look(common)), _) => with(&common, look),
        (Some(Command::Pipe(args)), _) => with(&args.common, |it| pipe(&args, it)),
        (None, Some(output)) => {
            with(&args.rebuild.common, |it| rebuild::run(&args.rebuild, output, it))
        }
        (None, None) => ExitCode::from(USAGE),
    }
}

/// Prepares policy and runner.
fn with(common: &Common, act: impl FnOnce(&Rebuilder) -> ExitCode) -> ExitCode {
    let policy = match common.policy.as_deref().map(Policy::load) {
        None => Policy::default(),
        Some(Ok(policy)) => policy,
        Some(Err(error)) => {
            eprintln!("{error}");
            return ExitCode::from(USAGE);
        }
    };
    let Some(worker) = common.worker.clone().or_else(beside_this_program) else {
        eprintln!("cannot tell where this program is: give --worker");
        return ExitCode::from(USAGE);
    };
    let limits = policy.worker_limits();
    let runner = Runner { worker, limits, allow_unconfined: common.allow_unconfined };
    act(&Rebuilder { runner, policy })
}

fn beside_this_program() -> Option<PathBuf> {
    Some(std::env::current_exe().ok()?.with_file_name("sanitizer-worker"))
}

fn look(rebuilder: &Rebuilder) -> ExitCode {
    let (mut input, mut output) = (std::io::stdin().lock(), std::io::stdout().lock());
    match sanitizer::look::serve(&mut input, &mut output, rebuilder) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::from(FAULT)
        }
    }
}

fn pipe(args: &PipeArgs, rebuilder: &Rebuilder) -> ExitCode {
    let served = pipe::key(&args.key).and_then(|key| {
        pipe::serve(&mut std::io::stdin().lock(), &mut std::io::stdout().lock(), rebuilder, &key)
    });
    match served {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::from(if error.is_scanner_down() { LATER } else { FAULT })
        }
    }
}
