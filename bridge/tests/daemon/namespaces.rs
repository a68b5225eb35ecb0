//! Four hosts in network namespaces of their own, joined by nothing but the links
//! that the design allows: I — S — L — B. This process is host I, whose network is
//! the one it has; S, L (with server A) and B run the real roles behind their walls.

use std::fs;
use std::io;
use std::net::SocketAddr;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

use bridge_contract::messages::{InItem, Outcome};
use bridge_contract::place::{Host, Lane};

use crate::hostile_i::{self, Manner};
use crate::town::{Sender, Town, wait_until};

/// Most memory that S may take while I attacks it, in mebibytes.
const MEMORY: u64 = 256;
/// Most files in `rejected/` (`docs/wire/spool.md`).
const REJECTED: usize = 32;

/// The namespaces and links of one test; gone when this is.
struct Net {
    id: u32,
}

impl Net {
    /// I and S share one link, S and L one, L and B one; nobody forwards.
    ///
    /// # Errors
    /// When this machine does not let us: root and `ip` are needed.
    fn open() -> Result<Self, String> {
        // Each process has its own numbers, so that tests do not meet.
        let net = Self { id: std::process::id() % 250 };
        for host in ["s", "l", "b"] {
            ip(&["netns", "add", &net.space(host)])?;
            ip(&["-n", &net.space(host), "link", "set", "lo", "up"])?;
        }
        for (near, far, number) in [("i", "s", 1), ("s", "l", 2), ("l", "b", 3)] {
            let (here, there) = (net.end(near, far), net.end(far, near));
            let to = net.space(far);
            ip(&["link", "add", &here, "type", "veth", "peer", "name", &there, "netns", &to])?;
            if near != "i" {
                ip(&["link", "set", &here, "netns", &net.space(near)])?;
            }
            for (host, name, last) in [(near, &here, 1), (far, &there, 2)] {
                let address = format!("10.{}.{number}.{last}/30", net.id);
                net.on(host, &["addr", "add", &address, "dev", name])?;
                net.on(host, &["link", "set", name, "up"])?;
            }
        }
        Ok(net)
    }

    fn space(&self, host: &str) -> String {
        format!("madoguchi{}{host}", self.id)
    }

    /// Name of the interface at `host` that leads to `to`.
    fn end(&self, host: &str, to: &str) -> String {
        format!("md{}{host}{to}", self.id)
    }

    /// `ip` in the network of a host.
    fn on(&self, host: &str, arguments: &[&str]) -> Result<(), String> {
        match host {
            "i" => ip(arguments),
            _ => ip(&[&["-n", &self.space(host)], arguments].concat()),
        }
    }

    /// An address of a link: 1 is I—S, 2 is S—L, 3 is L—B.
    fn address(&self, link: u32, end: u32, port: u16) -> SocketAddr {
        format!("10.{}.{link}.{end}:{port}", self.id).parse().expect("an address")
    }

    /// The network of a link.
    fn network(&self, link: u32) -> String {
        format!("10.{}.{link}.0/30", self.id)
    }

    fn cut(&self, host: &str, to: &str, state: &str) {
        self.on(host, &["link", "set", &self.end(host, to), state]).expect("the link is ours");
    }

    /// A command in the network of a host.
    fn run(&self, host: &str, program: &str) -> Command {
        let mut command = Command::new("ip");
        command.args(["netns", "exec", &self.space(host), program]);
        command
    }

    /// Whether a program at `host` reaches a listener.
    fn reaches(&self, host: &str, to: SocketAddr) -> bool {
        let dial = format!("exec 3<>/dev/tcp/{}/{}", to.ip(), to.port());
        let mut shell = match host {
            "i" => Command::new("timeout"),
            _ => self.run(host, "timeout"),
        };
        let done = shell.args(["1", "bash", "-c", &dial]).stderr(Stdio::null()).status();
        done.expect("a shell").success()
    }
}

impl Drop for Net {
    fn drop(&mut self) {
        // Links go with the namespaces at their ends.
        for host in ["s", "l", "b"] {
            let _ = ip(&["netns", "del", &self.space(host)]);
        }
    }
}

fn ip(arguments: &[&str]) -> Result<(), String> {
    let done: io::Result<Output> = Command::new("ip").args(arguments).output();
    match done {
        Ok(output) if output.status.success() => Ok(()),
        Ok(output) => Err(format!("ip {arguments:?}: {}", String::from_utf8_lossy(&output.stderr))),
        Err(error) => Err(format!("ip: {error}")),
    }
}

/// A role as a real program in the network of a host.
struct Role(Child);

impl Role {
    fn start(net: &Net, town: &Town, (at, role): (&str, &str), host: Host, more: &str) -> Self {
        let config = town.path(&format!("{role}.toml"));
        let (keys, spool) = (town.key_dir(host), town.spool(host));
        fs::write(&config, format!("keys = {keys:?}\nspool = {spool:?}\n{more}")).expect("written");
        let log = fs::File::create(town.path(&format!("{role}.log"))).expect("a log");
        let mut command = net.run(at, env!("CARGO_BIN_EXE_bridge"));
        command.arg(role).arg("--config").arg(config);
        command.stdout(log.try_clone().expect("the log")).stderr(log);
        Self(command.spawn().expect("it runs"))
    }

    /// A line of its `/proc/…/status`, in mebibytes.
    fn memory(&self) -> u64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.0.id()));
        let status = status.expect("it runs");
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).expect("a peak");
        line.trim().trim_end_matches("kB").trim().parse::<u64>().expect("a number") / 1024
    }

    /// Sockets of its whole network: those that listen, and those without connections.
    fn open_doors(&self) -> Vec<String> {
        let table = |name: &str| {
            fs::read_to_string(format!("/proc/{}/net/{name}", self.0.id())).expect("it runs")
        };
        let tcp = ["tcp", "tcp6"].map(table).concat();
        let listening = tcp.lines().filter(|line| line.split_whitespace().nth(3) == Some("0A"));
        let udp = ["udp", "udp6"].map(table).concat();
        let datagrams = udp.lines().filter(|line| !line.contains("local_address"));
        listening.chain(datagrams).map(str::to_owned).collect()
    }
}

impl Drop for Role {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A program of the workspace, built beside the bridge.
fn built(name: &str) -> PathBuf {
    let path = Path::new(env!("CARGO_BIN_EXE_bridge")).with_file_name(name);
    assert!(path.exists(), "{name} is not built: cargo build --workspace --bins");
    path
}

/// Where the staff service listens on L: for the proxy and the monitors of that host.
const STAFF: [&str; 2] = ["127.0.0.1:7400", "127.0.0.1:7401"];

/// The staff service itself in the network of L, with L's keys and spool.
fn staff_service(net: &Net, town: &Town) -> Role {
    let (keys, program) = (town.key_dir(Host::Lgwan), built("lgwan-zone"));
    let made = Command::new(&program).arg("make-keys").arg("--dir").arg(&keys).output();
    let made = made.expect("it runs");
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    let house = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("in the repository");
    let settings = format!(
        "[listen]\npublic = {:?}\nops = {:?}\n[database]\nurl = \"sqlite:{}\"\n\
         [city]\nname = \"みらい市\"\nsender = \"みらい市長\"\ncitizen_url = \"https://shinsei.example\"\n\
         [folders]\nfiles = {:?}\nkeys = {keys:?}\nspool = {:?}\nsecret = {:?}\ntypeface = {:?}\n\
         checkpoint_key = {:?}\n[exports]\nfolder = {:?}\n",
        STAFF[0],
        STAFF[1],
        town.path("staff.db").display(),
        town.path("staff-files"),
        town.spool(Host::Lgwan),
        keys.join("staff.secret"),
        house.join("lgwan-zone/fonts/NotoSansJP-Regular.otf"),
        keys.join("audit.key"),
        town.path("server-a"),
    );
    let config = town.path("lgwan-zone.toml");
    fs::write(&config, settings).expect("written");
    let log = fs::File::create(town.path("lgwan-zone.log")).expect("a log");
    let mut command = net.run("l", &program.display().to_string());
    command.arg("serve").arg("--config").arg(config);
    command.stdout(log.try_clone().expect("the log")).stderr(log);
    Role(command.spawn().expect("it runs"))
}

fn rejected(spool: &Path, lane: Lane) -> usize {
    fs::read_dir(spool.join(lane.word()).join("rejected")).map_or(0, Iterator::count)
}

fn generation(town: &Town, number: u32) {
    let folder = town.path(&format!("server-a/job/{number:06}"));
    fs::create_dir_all(&folder).expect("made");
    fs::write(folder.join("data.csv"), format!("{number}\r\n")).expect("written");
    fs::write(folder.join("data.end"), "end=1\n").expect("written");
}

/// IK-3.5.7b, NN-18, I12, I17, I18: with four hosts and only the links
/// of the design, applications and exports cross, L has no open door at all, links may
/// be cut and heal, and an I that speaks the protocol wrong in every way neither fills
/// S's memory or disk nor stops the lane for longer than it goes on.
#[tokio::test(flavor = "multi_thread")]
async fn four_hosts_with_only_the_allowed_links() {
    let net = match Net::open() {
        Ok(net) => net,
        Err(why) => {
            assert!(std::env::var_os("CI").is_none(), "network namespaces are needed: {why}");
            eprintln!("not run: network namespaces are not allowed here ({why}); run as root");
            return;
        }
    };
    let town = Town::new();
    // The folder of the test is the disk of every host; roles of hosts do not share.
    fs::set_permissions(town.path(""), fs::Permissions::from_mode(0o755)).expect("ours");
    let mut raw = Sender::open(&town, Host::Internet, Lane::Raw);
    let outer = town.outer(net.address(1, 1, 7100)).await;
    let _worker = built("sanitizer-worker");
    let sanitizer = built("sanitizer");
    let relay = Role::start(
        &net,
        &town,
        ("s", "relay"),
        Host::Sanitizer,
        &format!(
            "listen = \"{}\"\npeer = \"{}\"\nsanitizer = {{ program = {sanitizer:?} }}\n",
            net.address(2, 1, 7200),
            net.address(1, 1, 7100)
        ),
    );
    let peer = |address| format!("peer = \"{address}\"\n");
    let inner =
        Role::start(&net, &town, ("l", "inner"), Host::Lgwan, &peer(net.address(2, 1, 7200)));
    let folder = |name: &str| format!("folder = {:?}\n", town.path(name));
    let export_settings = peer(net.address(3, 2, 7300)) + &folder("server-a");
    let export = Role::start(&net, &town, ("l", "export"), Host::ServerA, &export_settings);
    let drop_settings = format!("listen = \"{}\"\n", net.address(3, 2, 7300)) + &folder("server-b");
    let _drop = Role::start(&net, &town, ("b", "drop"), Host::ServerB, &drop_settings);

    raw.send(&[town.submission(1, &["窓口の声です。\n".as_bytes()])]);
    generation(&town, 1);
    wait_until("an application is at L", || town.origins().len() == 1).await;
    // Its file was opened on S by the real worker, and made anew.
    let items = town.items();
    let [InItem::Sanitized(item)] = items.as_slice() else { panic!("unreadable at S") };
    let rebuilt = item.verdicts.iter().map(|verdict| &verdict.outcome).collect::<Vec<_>>();
    assert!(matches!(rebuilt.as_slice(), [Outcome::Rebuilt(_)]), "{rebuilt:?}");
    assert!(String::from_utf8_lossy(&item.parts[0].bytes).contains("窓口の声です。"));
    let at_b = |number: u32| town.path(&format!("server-b/job/{number:06}/data.end")).exists();
    wait_until("a generation is at B", || at_b(1)).await;

    // I12, and who reaches whom.
    assert_eq!(inner.open_doors(), [""; 0]);
    wait_until("S reaches I", || net.reaches("s", net.address(1, 1, 7100))).await;
    wait_until("L reaches S", || net.reaches("l", net.address(2, 1, 7200))).await;
    assert!(!net.reaches("i", net.address(1, 2, 7200)), "S has no door toward I");
    assert!(!net.reaches("l", net.address(1, 1, 7100)), "L has no way to I");
    assert!(!net.reaches("b", net.address(2, 1, 7200)), "B has no way to S");

    // Links are cut and heal.
    for (host, to) in [("s", "i"), ("s", "l"), ("l", "b")] {
        net.cut(host, to, "down");
    }
    raw.send(&[town.submission(2, &[])]);
    generation(&town, 2);
    assert!(!net.reaches("s", net.address(1, 1, 7100)), "the link is cut");
    assert!(!net.reaches("l", net.address(2, 1, 7200)), "the link is cut");
    assert!(town.origins().len() == 1 && !at_b(2));
    for (host, to) in [("s", "i"), ("s", "l"), ("l", "b")] {
        net.cut(host, to, "up");
    }
    wait_until("what waited is at L", || town.origins().len() == 2).await;
    wait_until("what waited is at B", || at_b(2)).await;

    // I is owned, and speaks the protocol wrong in every way. A bundle waits there, so
    // that S asks for it.
    town.stop([outer]).await;
    raw.send(&[town.submission(3, &[])]);
    let head = fs::read(town.spool(Host::Internet).join("raw/head")).expect("shown");
    let keys = town.keys(Host::Internet);
    let owned = (&keys, Host::Internet);
    hostile_i::listen(owned, net.address(1, 1, 7100), &head, Manner::ALL.len()).await;
    assert!(relay.memory() <= MEMORY, "{} MiB", relay.memory());
    let spool = town.spool(Host::Sanitizer);
    assert!(rejected(&spool, Lane::Raw) <= REJECTED);
    assert_eq!(inner.open_doors(), [""; 0]);

    // It behaves again.
    let town = town.next_day();
    let outer = town.outer(net.address(1, 1, 7100)).await;
    wait_until("the lane goes on", || town.origins().len() == 3).await;

    // The staff service takes the lane in, in the same network: its doors are for that host
    // alone, and neither I nor S nor B comes through one.
    let arrived = town.arrived().len() as u64;
    // I is told a way to L, over S; S passes nothing on.
    net.on("i", &["route", "add", &net.network(2), "via", &net.address(1, 2, 0).ip().to_string()])
        .expect("the link is ours");
    let zone = staff_service(&net, &town);
    let own = |door: &str| door.parse::<SocketAddr>().expect("an address");
    wait_until("the staff service is ready", || net.reaches("l", own(STAFF[1]))).await;
    wait_until("it takes the lane in", || {
        let taken = fs::read_to_string(town.spool(Host::Lgwan).join("in/ingested"));
        let taken = taken.unwrap_or_default();
        taken.split(' ').nth(1).and_then(|seq| seq.parse().ok()) == Some(arrived)
    })
    .await;
    wait_until("the pages are there for the proxy", || net.reaches("l", own(STAFF[0]))).await;
    let doors = zone.open_doors();
    assert_eq!(doors.len(), STAFF.len(), "{doors:#?}");
    for door in &doors {
        // 127.0.0.1, as the kernel writes it.
        let at = door.split_whitespace().nth(1).and_then(|at| at.strip_prefix("0100007F:"));
        let port = u16::from_str_radix(at.unwrap_or_else(|| panic!("{door}")), 16).expect("hex");
        for (from, link, end) in [("i", 2, 2), ("s", 2, 2), ("b", 3, 1)] {
            let reached = net.reaches(from, net.address(link, end, port));
            assert!(!reached, "{from} reaches port {port} of L");
        }
    }
    town.stop([outer]).await;
    drop((zone, export, inner, relay));
}
