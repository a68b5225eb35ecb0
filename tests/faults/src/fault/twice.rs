//! I16: a second instance beside the first must not work.

use std::fs;
use std::io;
use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::thread::sleep;
use std::time::{Duration, Instant};

use town::{Program, Town};

/// Time in which the second must end or say that it does not work.
const LOUD: Duration = platform_testkit::PATIENCE;

/// Starts a program again beside itself, with the same keys, folders and database
/// and with ports of its own.
pub(super) fn strike(town: &Town, name: &str) -> io::Result<&'static str> {
    let first = town.program(name).ok_or_else(|| io::Error::other("no such program"))?;
    let ops = free_port()?;
    let config = first.program.arguments.last().cloned().unwrap_or_default();
    let second_config = config.replace(".toml", "-second.toml");
    fs::write(&second_config, with_other_ports(Path::new(&config), ops)?)?;
    let mut arguments = first.program.arguments.clone();
    arguments.pop();
    arguments.push(second_config);
    let second = Program { name: "second", arguments, ops: Some(ops), ..first.program.clone() };
    let log = town.plan.root.join("logs/second.log");
    let _ = fs::remove_file(&log);
    let mut second = second.start(&town.plan.root.join("logs"))?;
    let until = Instant::now() + LOUD;
    while second.is_alive() {
        if second.says().contains("is in use by another process") {
            second.kill()?;
            return Ok("told, lanes stopped");
        }
        if Instant::now() > until {
            return Err(io::Error::other(format!("I16: a second {name} works")));
        }
        sleep(Duration::from_millis(20));
    }
    if second.last_words().contains("is in use by another process") {
        return Ok("refused");
    }
    Err(io::Error::other(format!("a second {name} ended, but why?\n{}", second.last_words())))
}

/// The settings with ports that are free: any for peers, `ops` for monitors.
fn with_other_ports(config: &Path, ops: SocketAddr) -> io::Result<String> {
    let text = fs::read_to_string(config)?;
    let line = |line: &str| match line.split_once(" = ") {
        Some(("listen" | "public", _)) => {
            line.replace(line.rsplit_once(':').map_or("", |(_, port)| port), "0\"")
        }
        Some(("ops", _)) => format!("ops = \"{ops}\""),
        _ => line.to_owned(),
    };
    Ok(text.lines().map(|one| line(one) + "\n").collect())
}

fn free_port() -> io::Result<SocketAddr> {
    TcpListener::bind(("127.0.0.1", 0))?.local_addr()
}
