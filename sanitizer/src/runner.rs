//! Starts one throwaway worker per file and believes nothing it says.
//!
//! ```text
//! runner ─ stdin:  Request ──────▶ worker   empty environment, no descriptors
//!        ◀ stdout: Answer ───────           read bounded, decoded on the way
//!        ◀ stderr: a few lines ──           for the operator only
//!        ─ SIGKILL when the wall time is over
//! ```

mod ending;

use std::io::{BufReader, Read};
use std::path::PathBuf;
use std::process::{Child, ChildStderr, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::mpsc;
use std::time::Duration;

use rustix::fd::OwnedFd;
use rustix::process::{Pid, PidfdFlags, Signal, pidfd_open, pidfd_send_signal};
use sanitizer_intermediate::codec::{Decode, DecodeError, Reader, Writer};
use sanitizer_intermediate::{Answer, Confinement, HoldReason, Kind, Limits, Outcome, Request};

use crate::hint;
use crate::rebuild::Sent;
use ending::Ending;

/// Bytes of the worker's error output kept.
const MAX_DIAGNOSIS: u64 = 2_048;
/// Bytes of the answer buffered before decoding.
const BUFFER: usize = 64 * 1024;

/// Runs workers.
#[derive(Debug, Clone)]
pub struct Runner {
    /// The worker's executable.
    pub worker: PathBuf,
    /// What every file may cost.
    pub limits: Limits,
    /// Let a worker read although its walls could not be raised.
    pub allow_unconfined: bool,
}

/// What a worker made of a file.
#[derive(Debug)]
pub struct Reading {
    /// What the file is by content; `Unknown` when the worker did not say.
    pub kind: Kind,
    /// The walls around the worker, when it answered.
    pub confinement: Option<Confinement>,
    /// The document, or why there is none.
    pub outcome: Outcome,
    /// How the worker ended when it ended badly; for the operator.
    pub diagnosis: Option<String>,
}

/// A fault of this host, not of the file.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// The worker cannot be started.
    #[error("cannot start the worker {path}: {source}")]
    Start {
        /// Its executable.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The worker refused to work because its walls could not be raised.
    #[error("the worker cannot be confined on this host: {0}")]
    Unconfined(String),
}

impl Runner {
    /// Has a worker read the file in no more than this time, whatever its own
    /// limit. A crash, a time-out or nonsense is a hold.
    ///
    /// # Errors
    /// [`RunError`] when this host cannot run workers.
    pub fn read(&self, sent: &Sent<'_>, most: Duration) -> Result<Reading, RunError> {
        if sent.bytes.len() as u64 > self.limits.input_bytes {
            return Ok(Reading::held(HoldReason::TooLarge, None));
        }
        let failed = |source| RunError::Start { path: self.worker.clone(), source };
        let wall = self.limits.wall_for(sent.bytes.len()).min(most);
        let mut child = self.start().map_err(failed)?;
        let handle = pidfd_open(Pid::from_child(&child), PidfdFlags::empty())
            .map_err(|error| failed(error.into()))?;
        let ending = self.attend(&mut child, &handle, sent, wall).map_err(failed)?;
        ending.judge()
    }

    fn start(&self) -> std::io::Result<Child> {
        let mut command = Command::new(&self.worker);
        command
            .arg("--cpu-seconds")
            .arg(self.limits.cpu_seconds.to_string())
            .arg("--memory-bytes")
            .arg(self.limits.memory_bytes.to_string());
        if self.allow_unconfined {
            command.arg("--allow-unconfined");
        }
        command
            .env_clear()
            .current_dir("/")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
    }

    /// Feeds the child, listens to it and waits for its end.
    fn attend(
        &self,
        child: &mut Child,
        handle: &OwnedFd,
        sent: &Sent<'_>,
        wall: Duration,
    ) -> std::io::Result<Ending> {
        let (Some(stdin), Some(stdout), Some(stderr)) =
            (child.stdin.take(), child.stdout.take(), child.stderr.take())
        else {
            return Err(std::io::Error::other("a pipe is missing"));
        };
        std::thread::scope(|scope| {
            scope.spawn(|| send(stdin, &self.limits, sent));
            let diagnosis = scope.spawn(|| first_lines(stderr));
            let (disarm, alarm) = mpsc::channel();
            let watch = scope.spawn(|| kill_after(wall, handle, alarm));

            let answer = listen(stdout, self.limits.answer_bytes);
            if answer.is_err() {
                // Whatever it still does, nobody listens.
                kill(handle);
            }
            let status = child.wait()?;
            drop(disarm);
            let timed_out = watch.join().unwrap_or(false);
            let diagnosis = diagnosis.join().unwrap_or_default();
            Ok(Ending { answer, status, timed_out, diagnosis })
        })
    }
}

impl Reading {
    pub(crate) fn held(reason: HoldReason, diagnosis: Option<String>) -> Self {
        let outcome = Outcome::Held(reason);
        Self { kind: Kind::Unknown, confinement: None, outcome, diagnosis }
    }
}

/// Writes the request. A worker that stops reading shows in its ending.
fn send(mut stdin: ChildStdin, limits: &Limits, sent: &Sent<'_>) {
    let mut to = Writer::new(&mut stdin);
    Request::encode_parts(&mut to, hint::of(sent.name), limits, sent.password, sent.bytes);
    let _ending_tells = to.finish();
}

fn listen(stdout: ChildStdout, most: u64) -> Result<Answer, DecodeError> {
    let mut stdout = BufReader::with_capacity(BUFFER, stdout);
    let mut from = Reader::new(&mut stdout, most);
    let answer = Answer::decode(&mut from)?;
    from.finish()?;
    Ok(answer)
}

/// Reads all of the error output so that the worker never blocks on it, and
/// keeps the beginning.
fn first_lines(mut stderr: ChildStderr) -> String {
    let mut kept = Vec::new();
    let read = stderr.by_ref().take(MAX_DIAGNOSIS).read_to_end(&mut kept);
    if read.is_ok() {
        let _rest = std::io::copy(&mut stderr, &mut std::io::sink());
    }
    String::from_utf8_lossy(&kept).trim().to_owned()
}

/// Kills the worker when the time is over before the channel closes.
fn kill_after(wall: Duration, handle: &OwnedFd, alarm: mpsc::Receiver<()>) -> bool {
    let timed_out = alarm.recv_timeout(wall) == Err(mpsc::RecvTimeoutError::Timeout);
    if timed_out {
        kill(handle);
    }
    timed_out
}

fn kill(handle: &OwnedFd) {
    // It fails only when the worker is gone already, which is the aim.
    let _gone = pidfd_send_signal(handle, Signal::KILL);
}
