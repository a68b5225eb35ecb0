//! A spool whose disk is full, and one whose disk is suddenly another.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::Path;
use std::thread::sleep;
use std::time::{Duration, Instant};

use town::Town;

use super::visitor;
use crate::means::Mount;

/// Time in which every program of a host says, or shows by ending, that its spool is
/// not the one it was.
const LOUD: Duration = platform_testkit::PATIENCE;
/// Megabytes of the empty one.
const EMPTY_MB: usize = 16;

/// Programs of a host.
pub(super) fn programs(host: &str) -> &'static [&'static str] {
    match host {
        "i" => &["internet-zone", "outer"],
        "s" => &["relay"],
        "a" => &["export"],
        "b" => &["drop"],
        _ => &["lgwan-zone", "inner"],
    }
}

/// Fills a file system to its last byte for a while.
pub(super) fn strike(town: &mut Town, place: &str, time: u64) -> io::Result<&'static str> {
    let ballast = town.plan.root.join(place).join("ballast");
    fill(&ballast)?;
    if place == "i/files" {
        visitor::comes(town);
    }
    sleep(Duration::from_millis(time));
    fs::remove_file(&ballast)?;
    let revived = town.revive_fallen()?;
    Ok(if revived.is_empty() { "went on" } else { "stopped, restarted" })
}

fn fill(ballast: &Path) -> io::Result<()> {
    let (mut file, piece) = (File::create(ballast)?, vec![0; 1 << 20]);
    for size in [piece.len(), 4096, 1] {
        loop {
            match file.write_all(&piece[..size]) {
                Ok(()) => {}
                Err(error) if error.kind() == io::ErrorKind::StorageFull => break,
                Err(error) => return Err(error),
            }
        }
    }
    Ok(())
}

/// Mounts nothing over a host's spool. Each of its programs must stop working with
/// it and say so; when the true one is back they are started again.
pub(super) fn lose(town: &mut Town, host: &str) -> io::Result<&'static str> {
    let mount = Mount::new(&town.plan.root.join(host).join("spool"), EMPTY_MB)?;
    let until = Instant::now() + LOUD;
    let mut silent: Vec<&str> = programs(host).to_vec();
    while !silent.is_empty() {
        if Instant::now() > until {
            let words = format!("I14: {silent:?} work on with an empty mount");
            return Err(io::Error::other(words));
        }
        sleep(Duration::from_millis(50));
        silent.retain(|name| {
            let told = town.program(name).is_some_and(|one| one.says().contains("stopped:"));
            !told && town.runs(name)
        });
    }
    drop(mount);
    for name in programs(host) {
        town.kill_and_restart(name)?;
    }
    Ok("halted loudly")
}
