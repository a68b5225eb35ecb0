//! Where everything lies and listens, and the settings files that say so.

use std::fs;
use std::io;
use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::sync::atomic::{AtomicU16, Ordering};

use serde_json::Value;

use crate::process::Program;
use crate::{Plan, succeed};

/// The code of the counter terminal in the town hall.
pub const TERMINAL_CODE: &str = "0123456789abcdefghjkmnpqrstvwxyz0123456789abcdefghjk";
const TERMINAL_CODE_SHA256: &str =
    "e773a04930891995839828989be814486e8f02cb2f08193efc724aee968d5202";

/// The ports of a town, all on loopback.
#[derive(Clone, Debug)]
pub struct Ports([u16; COUNT]);

const COUNT: usize = 13;

impl Ports {
    /// Ports in a row from `base` on: citizens, staff, mail, then private ones.
    ///
    /// # Errors
    /// When the row passes the last port.
    pub fn from(base: u16) -> io::Result<Self> {
        let mut ports = [0; COUNT];
        for (port, offset) in ports.iter_mut().zip(0_u16..) {
            let sum = base.checked_add(offset).filter(|port| *port > 1023);
            *port = sum.ok_or_else(|| io::Error::other("ports lie between 1024 and 65535"))?;
        }
        Ok(Self(ports))
    }

    /// A row of ports that are free now and that no other town of this process
    /// was given. They lie below the range the system hands out itself.
    ///
    /// # Errors
    /// When no row is free.
    pub fn free() -> io::Result<Self> {
        const ROWS: u16 = 800;
        static NEXT: AtomicU16 = AtomicU16::new(0);
        let own = u16::try_from(std::process::id() % u32::from(ROWS)).unwrap_or(0);
        for _ in 0..ROWS {
            let row = (own + NEXT.fetch_add(1, Ordering::Relaxed)) % ROWS;
            let ports = Self::from(12_000 + row * 25)?;
            if ports.0.iter().all(|port| TcpListener::bind(("127.0.0.1", *port)).is_ok()) {
                return Ok(ports);
            }
        }
        Err(io::Error::other("no row of ports is free"))
    }

    /// The citizens' site.
    #[must_use]
    pub fn citizens(&self) -> SocketAddr {
        self.at(0)
    }

    /// The staff's site.
    #[must_use]
    pub fn staff(&self) -> SocketAddr {
        self.at(1)
    }

    /// The mail server.
    #[must_use]
    pub fn smtp(&self) -> SocketAddr {
        self.at(2)
    }

    /// The internet zone's private listener.
    #[must_use]
    pub fn citizens_ops(&self) -> SocketAddr {
        self.at(3)
    }

    /// The LGWAN zone's private listener.
    #[must_use]
    pub fn staff_ops(&self) -> SocketAddr {
        self.at(4)
    }

    /// Where I waits for S.
    #[must_use]
    pub fn outer(&self) -> SocketAddr {
        self.at(5)
    }

    /// Where S waits for L.
    #[must_use]
    pub fn relay(&self) -> SocketAddr {
        self.at(6)
    }

    fn drop(&self) -> SocketAddr {
        self.at(7)
    }

    fn role_ops(&self, role: usize) -> SocketAddr {
        self.at(8 + role)
    }

    fn at(&self, which: usize) -> SocketAddr {
        SocketAddr::from(([127, 0, 0, 1], self.0[which]))
    }
}

/// Hosts of the bridge; each has a folder of its own.
const HOSTS: [&str; 5] = ["i", "s", "l", "a", "b"];

/// Roles of the bridge and the host of each; those that listen come first.
const ROLES: [(&str, &str); 5] =
    [("drop", "b"), ("outer", "i"), ("relay", "s"), ("inner", "l"), ("export", "a")];

impl Plan {
    /// Keys are made once, by the command an operator uses.
    pub(crate) fn make_keys(&self) -> io::Result<()> {
        for host in HOSTS {
            fs::create_dir_all(self.root.join(host))?;
        }
        if !self.root.join("b/keys").exists() {
            let fresh = self.root.join("keys.new");
            let _ = fs::remove_dir_all(&fresh);
            let mut init = self.command("bridge");
            succeed(
                init.args(["keys", "init", "--tenant", "mirai", "--environment", "demo", "--dir"])
                    .arg(&fresh),
            )?;
            for host in HOSTS {
                fs::rename(fresh.join(host), self.root.join(host).join("keys"))?;
            }
            fs::rename(fresh.join("offline"), self.root.join("offline"))?;
        }
        for (program, host) in [("internet-zone", "i"), ("lgwan-zone", "l")] {
            let mut make = self.command(program);
            succeed(make.args(["make-keys", "--dir"]).arg(self.root.join(host).join("keys")))?;
        }
        Ok(())
    }

    /// The settings files are written anew at each start: ports may have moved.
    pub(crate) fn write_settings(&self, urls: &[String; 2]) -> io::Result<()> {
        let write = |path: &str, text: String| fs::write(self.root.join(path), text);
        write("i/internet-zone.toml", self.internet_zone(&urls[0]))?;
        write("l/lgwan-zone.toml", self.lgwan_zone(&urls[1]))?;
        for (ops, (role, host)) in ROLES.iter().enumerate() {
            let text = self.bridge(role, host, self.ports.role_ops(ops));
            write(&format!("{host}/bridge-{role}.toml"), text)?;
        }
        Ok(())
    }

    /// One role: its own keys and spool, where it listens or whom it dials.
    fn bridge(&self, role: &str, host: &str, ops: SocketAddr) -> String {
        let (own, ports) = (self.root.join(host), &self.ports);
        let rest = match role {
            "outer" => format!("listen = \"{}\"", ports.outer()),
            "relay" => format!(
                "listen = \"{}\"\npeer = \"{}\"\nsanitizer = {{ program = \"{}\" }}",
                ports.relay(),
                ports.outer(),
                self.programs.join("sanitizer").display()
            ),
            "inner" => format!("peer = \"{}\"", ports.relay()),
            "export" => {
                format!(
                    "peer = \"{}\"\nfolder = \"{}\"",
                    ports.drop(),
                    own.join("exports").display()
                )
            }
            _ => format!(
                "listen = \"{}\"\nfolder = \"{}\"",
                ports.drop(),
                own.join("drop").display()
            ),
        };
        let own = own.display();
        format!("keys = \"{own}/keys\"\nspool = \"{own}/spool\"\nops = \"{ops}\"\n{rest}\n")
    }

    fn internet_zone(&self, database: &str) -> String {
        let ports = &self.ports;
        format!(
            r#"[city]
name = "みらい市"
contact = "みらい市 デジタル推進課 電話 000-000-0000(平日8時30分から17時15分)"
base_url = "http://localhost:{port}"

[listen]
public = "{public}"
ops = "{ops}"

[database]
url = "{database}"

[folders]
files = "{i}/files"
spool = "{i}/spool"
keys = "{i}/keys"
postal = "{house}/deploy/sample-city/postal.csv"

[mail]
from = "みらい市 <shinsei@mirai.example>"
smtp = {{ host = "127.0.0.1", port = {smtp}, security = "none" }}

{look_ahead}
[[terminals]]
name = "市民課 1番"
code_sha256 = "{terminal}"
[[notices]]
date = "2026-11-02"
title = "これは架空の市の見本です"
body = "みらい市は実在しません。入力した内容がどこかへ送られることはありません。"
"#,
            port = ports.citizens().port(),
            public = ports.citizens(),
            ops = ports.citizens_ops(),
            smtp = ports.smtp().port(),
            terminal = TERMINAL_CODE_SHA256,
            look_ahead = self.look_ahead(),
            i = self.root.join("i").display(),
            house = self.house.display(),
        )
    }

    fn look_ahead(&self) -> String {
        let sanitizer = self.programs.join("sanitizer");
        // The longest there is: a debug build beside other work takes its time.
        let section = || {
            let program = sanitizer.display();
            format!("[look_ahead]\nprogram = \"{program}\"\ntimeout_seconds = 60\n")
        };
        if self.look_ahead { section() } else { String::new() }
    }

    fn lgwan_zone(&self, database: &str) -> String {
        let ports = &self.ports;
        format!(
            r#"[listen]
public = "{staff}"
ops = "{ops}"

[database]
url = "{database}"

[city]
name = "みらい市"
sender = "みらい市長"
citizen_url = "http://localhost:{citizens}"

[remedy]
authority = "みらい市長"
defendant = "みらい市"
represented_by = "みらい市長"

[folders]
files = "{l}/files"
keys = "{l}/keys"
spool = "{l}/spool"
secret = "{l}/keys/staff.secret"
typeface = "{house}/lgwan-zone/fonts/NotoSansJP-Regular.otf"
checkpoint_key = "{l}/keys/audit.key"

[bundles]
key = "{l}/keys/procedures.key"

[webhooks]
networks = ["127.0.0.0/8"]
[exports]
folder = "{a}/exports"
every_seconds = 5

[mail]
staff_url = "http://localhost:{port}"
operators = ["unyo@mirai.lgwan.example"]
out = {{ from = "みらい市 <shinsei@mirai.lgwan.example>", smtp = {{ host = "127.0.0.1", port = {smtp}, security = "none" }} }}
"#,
            port = ports.staff().port(),
            smtp = ports.smtp().port(),
            staff = ports.staff(),
            ops = ports.staff_ops(),
            citizens = ports.citizens().port(),
            l = self.root.join("l").display(),
            a = self.root.join("a").display(),
            house = self.house.display(),
        )
    }

    /// Receivers first, so that nobody waits to dial again.
    pub(crate) fn all_programs(&self) -> Vec<Program> {
        let mut programs: Vec<Program> = ROLES
            .iter()
            .enumerate()
            .map(|(ops, (role, host))| self.role(role, host, ops))
            .collect();
        programs.push(self.service("internet-zone", "i", self.ports.citizens_ops()));
        programs.push(self.service("lgwan-zone", "l", self.ports.staff_ops()));
        programs
    }

    fn role(&self, role: &'static str, host: &str, ops: usize) -> Program {
        let config = self.root.join(host).join(format!("bridge-{role}.toml"));
        Program {
            name: role,
            path: self.programs.join("bridge"),
            arguments: vec![role.to_owned(), "--config".to_owned(), text(&config)],
            ops: Some(self.ports.role_ops(ops)),
            environment: Vec::new(),
        }
    }

    fn service(&self, name: &'static str, host: &str, ops: SocketAddr) -> Program {
        let config = self.root.join(host).join(format!("{name}.toml"));
        Program {
            name,
            path: self.programs.join(name),
            arguments: vec!["serve".to_owned(), "--config".to_owned(), text(&config)],
            ops: Some(ops),
            environment: Vec::new(),
        }
    }
}

fn text(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}

/// The first account that may publish.
pub(crate) fn publisher(accounts: &Path) -> io::Result<String> {
    let accounts: Value = serde_json::from_str(&fs::read_to_string(accounts)?)?;
    let all = accounts.as_array().into_iter().flatten();
    let may = |one: &&Value| one["role"] == "procedure_manager";
    let one = all.clone().find(may).or(all.clone().next());
    one.and_then(|one| one["login_id"].as_str())
        .map(str::to_owned)
        .ok_or_else(|| io::Error::other("the sample city has no procedure manager"))
}
