//! Watches over a child: gives it inputs, waits a bounded time, starts another
//! when it falls.

use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStderr, ChildStdout, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread::JoinHandle;
use std::time::Duration;

use crate::child::{HELD, PANICKED, READ};
use crate::coverage::{Known, Profile};
use crate::targets::Target;

/// Bytes of a child's last words kept.
const LAST_WORDS: u64 = 4_096;

/// What came of an input.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Seen {
    /// It was read.
    Read,
    /// It was refused.
    Held,
    /// A library panicked; the worker's process contains that, the file is held.
    Contained(String),
    /// What must not be, in words that are the same for the same fault.
    Fault(String),
}

/// A child and what is known of it.
#[derive(Debug)]
pub struct Nurse {
    program: PathBuf,
    target: &'static Target,
    /// Time an input may take.
    patience: Duration,
    scratch: tempfile::TempDir,
    started: usize,
    ward: Option<Ward>,
}

#[derive(Debug)]
struct Ward {
    child: Child,
    answers: Receiver<(u8, String)>,
    last_words: Option<JoinHandle<String>>,
    profile: Option<Profile>,
    asked: bool,
}

impl Nurse {
    /// `program` is this package's own.
    ///
    /// # Errors
    /// When there is no place for profiles.
    pub fn new(program: &Path, target: &'static Target, patience: Duration) -> io::Result<Self> {
        let (program, scratch) = (program.to_owned(), tempfile::tempdir()?);
        Ok(Self { program, target, patience, scratch, started: 0, ward: None })
    }

    /// Has an input read.
    ///
    /// # Errors
    /// When no child can be started.
    pub fn give(&mut self, input: &[u8]) -> io::Result<Seen> {
        let patience = self.patience;
        let ward = self.ward()?;
        let length = u32::try_from(input.len()).map_err(io::Error::other)?;
        let stdin = ward.child.stdin.as_mut().ok_or(io::ErrorKind::BrokenPipe)?;
        // A child that fell already is seen by its silence.
        let _fallen = stdin
            .write_all(&length.to_le_bytes())
            .and_then(|()| stdin.write_all(input))
            .and_then(|()| stdin.flush());
        match ward.answers.recv_timeout(patience) {
            Ok((READ, _)) => Ok(Seen::Read),
            Ok((HELD, _)) => Ok(Seen::Held),
            Ok((PANICKED, place)) if place.starts_with("library ") => Ok(Seen::Contained(place)),
            Ok((PANICKED, place)) => Ok(Seen::Fault(format!("panic at {place}"))),
            Ok((_, why)) => Ok(Seen::Fault(why)),
            Err(RecvTimeoutError::Timeout) => {
                self.end()?;
                Ok(Seen::Fault("hang".to_owned()))
            }
            Err(RecvTimeoutError::Disconnected) => Ok(Seen::Fault(self.end()?)),
        }
    }

    /// How much of what the last input reached is new; `None` when the build
    /// keeps no counters.
    pub fn reached(&mut self, known: &mut Known) -> Option<usize> {
        let path = self.profile_path();
        let ward = self.ward.as_mut()?;
        if !std::mem::replace(&mut ward.asked, true) {
            ward.profile = Profile::open(&path);
        }
        Some(ward.profile.as_mut()?.note(known))
    }

    fn profile_path(&self) -> PathBuf {
        self.scratch.path().join(format!("{}.profraw", self.started))
    }

    fn ward(&mut self) -> io::Result<&mut Ward> {
        if self.ward.is_none() {
            self.ward = Some(self.start()?);
        }
        self.ward.as_mut().ok_or_else(|| io::ErrorKind::NotFound.into())
    }

    fn start(&mut self) -> io::Result<Ward> {
        let _none_yet = std::fs::remove_file(self.profile_path());
        self.started += 1;
        let mut child = Command::new(&self.program)
            .args(["child", self.target.name])
            .env("LLVM_PROFILE_FILE", Profile::pattern(&self.profile_path()))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()?;
        let (stdout, stderr) = (child.stdout.take(), child.stderr.take());
        let (tell, answers) = channel();
        if let Some(stdout) = stdout {
            std::thread::spawn(move || listen(stdout, |answer| tell.send(answer).is_ok()));
        }
        let last_words = stderr.map(|it| std::thread::spawn(move || last_words(it)));
        Ok(Ward { child, answers, last_words, profile: None, asked: false })
    }

    /// Ends the child and says how it ended.
    fn end(&mut self) -> io::Result<String> {
        let Some(mut ward) = self.ward.take() else { return Ok("gone".to_owned()) };
        let _gone = ward.child.kill();
        let status = ward.child.wait()?;
        let words = ward.last_words.take().and_then(|it| it.join().ok()).unwrap_or_default();
        Ok(match words {
            words if words.contains("memory allocation of") => "too much memory".to_owned(),
            words if words.contains("overflowed its stack") => "stack overflow".to_owned(),
            _ => format!("fell: {status}"),
        })
    }
}

impl Drop for Nurse {
    fn drop(&mut self) {
        let _ended = self.end();
    }
}

fn listen(mut stdout: ChildStdout, mut tell: impl FnMut((u8, String)) -> bool) {
    let mut head = [0; 3];
    while stdout.read_exact(&mut head).is_ok() {
        let mut words = vec![0; usize::from(u16::from_le_bytes([head[1], head[2]]))];
        if stdout.read_exact(&mut words).is_err()
            || !tell((head[0], String::from_utf8_lossy(&words).into_owned()))
        {
            return;
        }
    }
}

fn last_words(mut stderr: ChildStderr) -> String {
    let mut kept = Vec::new();
    let _until_it_ends = stderr.by_ref().take(LAST_WORDS).read_to_end(&mut kept);
    let _the_rest = io::copy(&mut stderr, &mut io::sink());
    String::from_utf8_lossy(&kept).into_owned()
}
