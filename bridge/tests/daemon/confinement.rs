//! What an intruder in a role can do. Real program, real walls, each alone and
//! together: `bridge ROLE --probe WHAT` tries one thing behind them.

use std::fs;
use std::net::{SocketAddr, TcpListener};
use std::os::unix::process::ExitStatusExt as _;
use std::path::PathBuf;
use std::process::{Child, Command, Output, Stdio};

use bridge_contract::place::Host;

use crate::town::{Town, wait_until};

/// Bad system call: the end seccomp makes.
const SIGSYS: i32 = 31;

/// Role, its host, and which of `listen`, `peer`, `folder` and `sanitizer` its
/// settings have.
const ROLES: [(&str, Host, &str); 5] = [
    ("outer", Host::Internet, "listen"),
    ("relay", Host::Sanitizer, "listen peer sanitizer"),
    ("inner", Host::Lgwan, "peer"),
    ("export", Host::ServerA, "peer folder"),
    ("drop", Host::ServerB, "listen folder"),
];

/// A role's settings, a peer that it may dial and another that it may not.
struct Cell {
    town: Town,
    role: &'static str,
    has: &'static str,
    spool: PathBuf,
    config: PathBuf,
    peer: SocketAddr,
    stranger: SocketAddr,
    /// Named in the settings of the one role that has a sanitizer.
    scanner: SocketAddr,
    _listening: [TcpListener; 3],
}

impl Cell {
    fn all() -> [Self; 5] {
        ROLES.map(|(role, host, has)| Self::of(role, host, has))
    }

    fn of(role: &'static str, host: Host, has: &'static str) -> Self {
        let town = Town::new();
        let listening = [0, 0, 0].map(|port| TcpListener::bind(("127.0.0.1", port)).expect("free"));
        let [peer, stranger, scanner] =
            [0, 1, 2].map(|at: usize| listening[at].local_addr().expect("it listens"));
        let (spool, program) = (town.spool(host), town.path("sanitizer"));
        fs::copy("/bin/true", &program).expect("every system has it");
        let mut text = format!("keys = {:?}\nspool = {spool:?}\n", town.key_dir(host));
        for key in has.split(' ') {
            text += &match key {
                "listen" => "listen = \"127.0.0.1:0\"\n".to_owned(),
                "peer" => format!("peer = \"{peer}\"\n"),
                "folder" => format!("folder = {:?}\n", town.path("folder")),
                _ => format!(
                    "sanitizer = {{ program = {program:?}, scanners = [\"{scanner}\", \"/run/s\"] }}\n"
                ),
            };
        }
        let config = town.path("role.toml");
        fs::create_dir_all(town.path("folder")).expect("a folder");
        fs::write(&config, text).expect("written");
        Self { town, role, has, spool, config, peer, stranger, scanner, _listening: listening }
    }

    fn command(&self) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_bridge"));
        command.arg(self.role).arg("--config").arg(&self.config);
        command
    }

    fn probed(&self, probe: &str, without: &[&str]) -> Output {
        let mut command = self.command();
        command.args(["--probe", probe]);
        for wall in without {
            command.args(["--without", wall]);
        }
        command.stdin(Stdio::null()).output().expect("it runs")
    }

    fn denies(&self, probe: &str, without: &[&str]) {
        let done = self.probed(probe, without);
        let said = String::from_utf8_lossy(&done.stderr);
        assert!(
            done.status.code() == Some(1) && said.contains("denied"),
            "{} {probe}: {done:?}",
            self.role
        );
    }

    fn kills(&self, probe: &str, without: &[&str]) {
        let done = self.probed(probe, without);
        assert_eq!(done.status.signal(), Some(SIGSYS), "{} {probe}: {done:?}", self.role);
    }

    fn allows(&self, probe: &str, without: &[&str]) {
        let done = self.probed(probe, without);
        assert_eq!(done.stdout, b"allowed\n", "{} {probe}: {done:?}", self.role);
    }

    fn beside_the_spool(&self) -> String {
        format!("write={}", self.town.path("elsewhere").display())
    }
}

/// IK-3.5.7b, MN-7.1a: no role opens a file, a folder or a key once it works; it writes
/// in its spool and the folder it was given.
#[test]
fn a_role_reaches_its_own_folders_alone() {
    for cell in Cell::all() {
        for without in [&[][..], &["calls"]] {
            cell.denies("read=/etc/passwd", without);
            cell.denies("list=/", without);
            cell.denies(&cell.beside_the_spool(), without);
            cell.denies(&format!("read={}", cell.config.display()), without);
            let tls_key = cell.town.path("keys").join("i/tls.key");
            cell.denies(&format!("read={}", tls_key.display()), without);
        }
        cell.allows(&format!("write={}", cell.spool.join("x").display()), &[]);
        if cell.has.contains("folder") {
            let inside = cell.town.path("folder").join("x");
            cell.allows(&format!("write={}", inside.display()), &[]);
        }
    }
}

/// IK-3.5.7b: a role takes no port, and dials its peer's port or nobody.
#[test]
fn a_role_takes_no_port_and_dials_its_peer_alone() {
    for cell in Cell::all() {
        let (peer, stranger) =
            (format!("connect={}", cell.peer), format!("connect={}", cell.stranger));
        for without in [&[][..], &["calls"]] {
            cell.denies("listen=127.0.0.1:0", without);
            cell.denies(&stranger, without);
        }
        cell.denies("datagram=127.0.0.1:0", &[]);
        cell.denies("local-socket", &[]);
        cell.denies("listen=127.0.0.1:0", &["files", "ports"]);
        // NF-32: the sanitizer inherits the walls and reaches its scanners.
        let scanner = format!("connect={}", cell.scanner);
        if cell.has.contains("sanitizer") {
            cell.allows(&scanner, &[]);
        } else {
            cell.denies(&scanner, &[]);
        }
        if cell.has.contains("peer") {
            cell.allows(&peer, &[]);
        } else {
            cell.denies(&peer, &[]);
            cell.denies(&peer, &["files", "ports"]);
        }
    }
}

/// IK-3.5.7b: a peer given by name is found, and is still the only one.
#[test]
fn a_peer_may_have_a_name() {
    let cell = Cell::of("inner", Host::Lgwan, "peer");
    let text = fs::read_to_string(&cell.config).expect("there");
    fs::write(&cell.config, text.replace("127.0.0.1", "localhost")).expect("written");
    cell.allows(&format!("connect=localhost:{}", cell.peer.port()), &[]);
    cell.denies(&format!("connect=localhost:{}", cell.stranger.port()), &[]);
    cell.denies("read=/etc/passwd", &[]);
}

/// NF-32: no role starts a program; the relay starts its sanitizer alone.
#[test]
fn a_role_starts_no_program_but_its_sanitizer() {
    for cell in Cell::all() {
        cell.denies("run=/bin/true", &[]);
        cell.denies("run=/bin/true", &["calls"]);
        if cell.has.contains("sanitizer") {
            let own = cell.town.path("sanitizer");
            cell.allows(&format!("run={}", own.display()), &[]);
        } else {
            cell.denies("run=/bin/true", &["files", "ports"]);
        }
    }
}

#[test]
fn a_forbidden_call_ends_a_role_and_threads_still_start() {
    for cell in Cell::all() {
        cell.kills("chroot=/", &[]);
        cell.kills("chroot=/", &["files", "ports"]);
        cell.allows("thread", &[]);
    }
}

#[test]
fn the_probes_tell_a_missing_wall() {
    for cell in Cell::all() {
        let none = ["files", "ports", "calls"];
        cell.allows("read=/etc/passwd", &none);
        cell.allows("listen=127.0.0.1:0", &none);
        cell.allows(&format!("connect={}", cell.stranger), &none);
        cell.allows("run=/bin/true", &none);
        // Walls are left out of probes only.
        let lowered = cell.command().args(["--without", "files"]).output().expect("it runs");
        assert_eq!(lowered.status.code(), Some(2), "{lowered:?}");
    }
}

/// The role of a child process; it ends with the test.
struct Working(Child);

impl Working {
    fn line(&self, file: &str, key: &str) -> String {
        let path = format!("/proc/{}/{file}", self.0.id());
        let text = fs::read_to_string(path).unwrap_or_default();
        let line = text.lines().find(|line| line.starts_with(key)).unwrap_or_default();
        line[key.len().min(line.len())..].split_whitespace().collect::<Vec<_>>().join(" ")
    }
}

impl Drop for Working {
    fn drop(&mut self) {
        let _ended_already = self.0.kill();
        let _status = self.0.wait();
    }
}

/// NN-18: every thread of a working role has the walls, and none leaves a copy
/// of its memory.
#[test]
fn a_working_role_has_its_walls_in_every_thread() {
    for cell in Cell::all() {
        let log = cell.town.path("log");
        let role = Working(
            cell.command()
                .stderr(fs::File::create(&log).expect("a file"))
                .spawn()
                .expect("it runs"),
        );
        let said = || fs::read_to_string(&log).unwrap_or_default();
        let ready = async { wait_until("it is ready", || said().contains("is ready")).await };
        tokio::runtime::Runtime::new().expect("a runtime").block_on(ready);
        assert!(said().contains("every wall stands"), "{}", said());
        assert_eq!(role.line("limits", "Max core file size"), "0 0 bytes");
        let threads = fs::read_dir(format!("/proc/{}/task", role.0.id())).expect("it runs");
        for thread in threads {
            let name = thread.expect("readable").file_name();
            let status = format!("task/{}/status", name.display());
            assert_eq!(role.line(&status, "NoNewPrivs:"), "1", "{}", cell.role);
            assert_eq!(role.line(&status, "Seccomp_filters:"), "2", "{}", cell.role);
        }
    }
}
