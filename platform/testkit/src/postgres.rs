//! A throwaway PostgreSQL server on a Unix socket.
//!
//! The server refuses to run as root; root then runs it as the system user
//! `postgres` (or `nobody`), which Debian's package brings.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use platform_service::clock::Clock;

/// Names the folder of the running server's socket to the tests.
pub const SOCKET_VARIABLE: &str = "MADOGUCHI_TEST_POSTGRES";

/// Whether what is written must survive a power cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Durability {
    /// As in a city: every commit reaches the disk.
    Full,
    /// For tests that are about something else.
    None,
}

/// A running server; it stops when dropped.
#[derive(Debug)]
pub struct Cluster {
    tools: PathBuf,
    folder: PathBuf,
    user: Option<&'static str>,
}

impl Cluster {
    /// Starts a server whose data lie in `folder`; data that are there stay.
    ///
    /// # Errors
    /// When PostgreSQL is not installed (the message names the package) or does
    /// not start (the message has its own words).
    pub fn start(folder: &Path, durability: Durability) -> io::Result<Self> {
        let tools = find_tools()?;
        fs::create_dir_all(folder)?;
        let folder = folder.canonicalize()?;
        let cluster = Self { tools, user: other_user(), folder };
        cluster.hand_over_folder()?;
        if !cluster.data().join("PG_VERSION").exists() {
            cluster.run(
                "initdb",
                &["-D", "data", "-U", "madoguchi", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8"],
            )?;
        }
        let fsync = if durability == Durability::Full { "on" } else { "off" };
        // Beside hundreds of short-lived databases it is a load, and a plan would depend on whether it
        // came by.
        let autovacuum = fsync;
        let options = format!(
            "-c listen_addresses='' -c unix_socket_directories='{}' -c fsync={fsync} \
             -c synchronous_commit={fsync} -c full_page_writes={fsync} -c autovacuum={autovacuum} \
             -c max_connections=300",
            cluster.folder.display()
        );
        cluster.run(
            "pg_ctl",
            &["-D", "data", "-l", "server.log", "-w", "-t", "300", "-o", &options, "start"],
        )?;
        Ok(cluster)
    }

    /// The folder of the socket.
    #[must_use]
    pub fn socket(&self) -> &Path {
        &self.folder
    }

    /// Makes a database if it is not there and returns its URL.
    ///
    /// # Errors
    /// When the server refuses.
    pub fn database(&self, name: &str) -> io::Result<String> {
        create_database(&self.tools, &self.folder, name)
    }

    fn data(&self) -> PathBuf {
        self.folder.join("data")
    }

    /// The other user must be able to write the folder (and to reach it).
    fn hand_over_folder(&self) -> io::Result<()> {
        let Some(user) = self.user else { return Ok(()) };
        check(Command::new("chown").arg("-R").arg(user).arg(&self.folder).output()?).map(|_| ())
    }

    fn run(&self, tool: &str, arguments: &[&str]) -> io::Result<Output> {
        let tool = self.tools.join(tool);
        let mut command = match self.user {
            Some(user) => {
                let mut command = Command::new("setpriv");
                command.args(["--reuid", user, "--regid", user, "--clear-groups", "--"]).arg(tool);
                command
            }
            None => Command::new(tool),
        };
        let log = self.folder.join("server.log");
        // pg_ctl's child would keep a pipe open, so output goes nowhere and the
        // server's own log is what an error message quotes.
        let status = command
            .args(arguments)
            .current_dir(&self.folder)
            .stdin(std::process::Stdio::null())
            .stdout(std::process::Stdio::null())
            .stderr(std::process::Stdio::null())
            .status()?;
        if status.success() {
            return Ok(Output { status, stdout: Vec::new(), stderr: Vec::new() });
        }
        let words = fs::read_to_string(log).unwrap_or_default();
        Err(io::Error::other(format!("PostgreSQL: {arguments:?} failed: {words}")))
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        // Nothing to do about a server that is gone already.
        let _ = self.run("pg_ctl", &["-D", "data", "-m", "fast", "-w", "stop"]);
    }
}

/// A fresh, empty database on the server that the test command started.
///
/// # Panics
/// When no server is running for the tests.
#[must_use]
#[expect(clippy::disallowed_methods, reason = "the test command hands the socket over this way")]
pub fn fresh_database() -> String {
    let socket = std::env::var(SOCKET_VARIABLE).unwrap_or_else(|_| {
        panic!(
            "no PostgreSQL for tests: run `cargo xtask test`, or `cargo xtask postgres -- COMMAND`"
        )
    });
    let name = format!("t_{}", platform_service::ids::new(&Clock::system()));
    let tools = find_tools().unwrap_or_else(|error| panic!("{error}"));
    create_database(&tools, Path::new(&socket), &name).unwrap_or_else(|error| panic!("{error}"))
}

fn create_database(tools: &Path, socket: &Path, name: &str) -> io::Result<String> {
    let psql = |sql: &str| {
        let output = Command::new(tools.join("psql"))
            .arg("-h")
            .arg(socket)
            .args(["-U", "madoguchi", "-d", "postgres", "-v", "ON_ERROR_STOP=1", "-tAc", sql])
            .output()?;
        check(output)
    };
    let there = psql(&format!("select 1 from pg_database where datname = '{name}'"))?;
    if there.trim().is_empty() {
        psql(&format!("create database {name}"))?;
    }
    Ok(format!("postgres:///{name}?host={}&user=madoguchi", socket.display()))
}

fn check(output: Output) -> io::Result<String> {
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    Err(io::Error::other(format!("PostgreSQL: {}", String::from_utf8_lossy(&output.stderr))))
}

/// Debian keeps the server's programs outside the search path.
fn find_tools() -> io::Result<PathBuf> {
    let mut found: Vec<PathBuf> = fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .flatten()
        .map(|version| version.path().join("bin"))
        .filter(|bin| bin.join("initdb").exists())
        .collect();
    found.sort();
    found.pop().ok_or_else(|| {
        io::Error::new(
            io::ErrorKind::NotFound,
            "PostgreSQL server programs are missing: apt-get install postgresql",
        )
    })
}

fn other_user() -> Option<&'static str> {
    if !rustix::process::geteuid().is_root() {
        return None;
    }
    let users = fs::read_to_string("/etc/passwd").unwrap_or_default();
    let known = |name: &str| users.lines().any(|line| line.starts_with(&format!("{name}:")));
    Some(if known("postgres") { "postgres" } else { "nobody" })
}
