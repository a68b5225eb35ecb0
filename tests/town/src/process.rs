//! One program of the town: started with a log of its own, stopped politely,
//! or killed where a test wants to see what is lost.

use std::fs::{self, File};
use std::io::{self, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use platform_testkit::PATIENCE;
use rustix::process::{Pid, Signal, kill_process};

/// Time in which a program that is there answers.
const ANSWER: Duration = Duration::from_secs(10);

/// How to start a program.
#[derive(Clone, Debug)]
pub struct Program {
    /// Short name, also of the log file.
    pub name: &'static str,
    /// The executable.
    pub path: PathBuf,
    /// Its arguments.
    pub arguments: Vec<String>,
    /// Where it says that it is ready, when it does.
    pub ops: Option<SocketAddr>,
    /// Variables it gets beside those of this process.
    pub environment: Vec<(String, String)>,
}

/// A running program.
#[derive(Debug)]
pub struct Running {
    /// How it was started.
    pub program: Program,
    child: Child,
    log: PathBuf,
}

impl Program {
    /// Starts it; its output goes to `logs/NAME.log`.
    ///
    /// # Errors
    /// When the program or its log cannot be opened.
    pub fn start(&self, logs: &Path) -> io::Result<Running> {
        fs::create_dir_all(logs)?;
        let log = logs.join(format!("{}.log", self.name));
        let out = File::options().create(true).append(true).open(&log)?;
        let child = Command::new(&self.path)
            .args(&self.arguments)
            .envs(self.environment.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::null())
            .stdout(out.try_clone()?)
            .stderr(out)
            .spawn()
            .map_err(|error| io::Error::other(format!("{}: {error}", self.path.display())))?;
        Ok(Running { program: self.clone(), child, log })
    }
}

impl Running {
    /// Process id.
    #[must_use]
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Waits until the program says that it is ready.
    ///
    /// # Errors
    /// When it ends before, or is not ready in time; with the end of its log.
    pub fn wait_ready(&mut self, at_most: Duration) -> io::Result<()> {
        let Some(ops) = self.program.ops else { return Ok(()) };
        let until = Instant::now() + at_most;
        while !answers_ready(ops) {
            if let Some(status) = self.child.try_wait()? {
                return Err(self.trouble(&format!("ended with {status}")));
            }
            if Instant::now() > until {
                return Err(self.trouble("is not ready in time"));
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        Ok(())
    }

    /// Asks it to stop and waits for it.
    ///
    /// # Errors
    /// When it does not stop in time or ends with an error.
    pub fn stop(mut self) -> io::Result<()> {
        self.signal(Signal::TERM)?;
        let until = Instant::now() + PATIENCE;
        loop {
            match self.child.try_wait()? {
                Some(status) if status.success() => return Ok(()),
                Some(status) => return Err(self.trouble(&format!("stopped with {status}"))),
                None if Instant::now() > until => {
                    self.child.kill()?;
                    return Err(self.trouble("did not stop in time"));
                }
                None => std::thread::sleep(Duration::from_millis(10)),
            }
        }
    }

    /// Ends it at once, as a power cut would.
    ///
    /// # Errors
    /// When the system refuses.
    pub fn kill(mut self) -> io::Result<Program> {
        self.child.kill()?;
        self.child.wait()?;
        Ok(self.program.clone())
    }

    /// What it tells monitors: `ok`, then a line for each part that stopped or is in
    /// need. Empty when it does not answer.
    #[must_use]
    pub fn says(&self) -> String {
        let answer = self.program.ops.and_then(|ops| says(ops).ok()).unwrap_or_default();
        answer.split_once("\r\n\r\n").map_or(String::new(), |(_, body)| body.to_owned())
    }

    /// Whether it was started with an environment of its own.
    #[must_use]
    pub const fn has_environment(&self) -> bool {
        !self.program.environment.is_empty()
    }

    /// The end of its log.
    #[must_use]
    pub fn last_words(&self) -> String {
        let log = fs::read_to_string(&self.log).unwrap_or_default();
        let lines: Vec<&str> = log.lines().collect();
        lines[lines.len().saturating_sub(15)..].join("\n")
    }

    /// Whether it still runs.
    pub fn is_alive(&mut self) -> bool {
        matches!(self.child.try_wait(), Ok(None))
    }

    fn signal(&self, signal: Signal) -> io::Result<()> {
        let pid = i32::try_from(self.child.id()).ok().and_then(Pid::from_raw);
        let pid = pid.ok_or_else(|| io::Error::other("no process id"))?;
        Ok(kill_process(pid, signal)?)
    }

    fn trouble(&self, what: &str) -> io::Error {
        io::Error::other(format!(
            "{} {what}; the end of {}:\n{}",
            self.program.name,
            self.log.display(),
            self.last_words()
        ))
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // Only for a town that is left behind by a failed test.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn answers_ready(ops: SocketAddr) -> bool {
    says(ops).is_ok_and(|answer| answer.starts_with("HTTP/1.1 200"))
}

/// The whole answer to `/readyz`.
fn says(ops: SocketAddr) -> io::Result<String> {
    let mut stream = TcpStream::connect_timeout(&ops, ANSWER)?;
    stream.set_read_timeout(Some(ANSWER))?;
    stream.write_all(b"GET /readyz HTTP/1.1\r\nHost: ops\r\nConnection: close\r\n\r\n")?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    Ok(answer)
}

/// Whether a page is there for everybody.
pub(crate) fn is_served(site: SocketAddr, path: &str) -> bool {
    let ask = || -> io::Result<bool> {
        let mut stream = TcpStream::connect_timeout(&site, ANSWER)?;
        stream.set_read_timeout(Some(ANSWER))?;
        let host = format!("localhost:{}", site.port());
        let request = format!("GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
        stream.write_all(request.as_bytes())?;
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer)?;
        Ok(answer.starts_with(b"HTTP/1.1 200"))
    };
    ask().unwrap_or(false)
}
