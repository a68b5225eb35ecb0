//! What operators are told (I21): a bundle that is lost on its way and a part that stopped are
//! an alarm at L within a minute, and the alarm ends by itself.

use std::fs;
use std::io;
use std::thread::sleep;
use std::time::{Duration, Instant};

use bridge_contract::bundle::bundle_name;
use platform_testkit::PATIENCE;
use town::Town;

use super::disk::newest;
use super::folder::lay_down;
use crate::dice::Dice;

/// Time in which an alarm stands, and in which it is gone again. Only an optimised build is measured.
const TOLD: Duration = if cfg!(debug_assertions) { PATIENCE } else { Duration::from_secs(60) };
/// Time in which something comes that can be lost.
const TRAFFIC: Duration = Duration::from_secs(20);
/// Time in which another bundle may follow the lost one.
const FOLLOWS: Duration = Duration::from_secs(2);

/// Parts that can stop, and what L then says.
const PARTS: [(&str, &str); 6] = [
    ("internet-zone", "warning: host s lane raw silent"),
    ("outer", "warning: host s lane raw silent"),
    ("relay", "warning: lane in silent"),
    ("inner", "warning: lane in silent"),
    ("export", "warning: server a"),
    ("drop", "warning: host a lane exr silent"),
];

/// Any part of the way.
pub(super) fn any_part(dice: &mut Dice) -> &'static str {
    dice.one_of(&PARTS).0
}

/// A part stops until L tells of it, and is started again.
pub(super) fn stop(town: &mut Town, name: &str) -> io::Result<&'static str> {
    let part = PARTS.iter().find(|(part, _)| *part == name);
    let (_, alarm) = part.ok_or_else(|| io::Error::other("no such part"))?;
    let program = town.kill(name)?;
    comes(town, name, &[*alarm])?;
    town.revive(&program)?;
    goes(town, &[*alarm])?;
    Ok("told within a minute")
}

/// A bundle that S made for L is gone before it was fetched, until L tells of it; then it is
/// there again.
pub(super) fn lose(town: &mut Town) -> io::Result<&'static str> {
    let root = town.plan.root.clone();
    let (ready, received) = (root.join("s/spool/in/ready"), root.join("l/spool/in"));
    let inner = town.kill("inner")?;
    let (epoch, last) = newest(&received)?;
    let [lost, after] = [1, 2].map(|step| bundle_name(epoch, last + step));
    let until = Instant::now() + TRAFFIC;
    while !ready.join(&lost).exists() {
        if Instant::now() > until {
            town.revive(&inner)?;
            return Ok("nothing was on its way");
        }
        sleep(Duration::from_millis(5));
    }
    // The spool may be a file system of its own.
    let aside = fs::read(ready.join(&lost))?;
    fs::remove_file(ready.join(&lost))?;
    // With the next one in its place it is a gap, without it the head promises too much.
    let until = Instant::now() + FOLLOWS;
    while !ready.join(&after).exists() && Instant::now() < until {
        sleep(Duration::from_millis(5));
    }
    if let Ok(bytes) = fs::read(ready.join(&after)) {
        lay_down(&received, &after, &bytes)?;
    }
    town.revive(&inner)?;
    let alarms = ["warning: lane in gap", "warning: lane in tail"];
    comes(town, &lost, &alarms)?;
    let draft = root.join("s/spool/in/tmp").join(&lost);
    fs::write(&draft, aside)?;
    fs::rename(draft, ready.join(&lost))?;
    goes(town, &alarms)?;
    Ok("told within a minute")
}

fn comes(town: &Town, what: &str, alarms: &[&str]) -> io::Result<()> {
    wait(town, &format!("tells nothing of {what}"), |says| {
        alarms.iter().any(|alarm| says.contains(alarm))
    })
}

fn goes(town: &Town, alarms: &[&str]) -> io::Result<()> {
    wait(town, "goes on telling of it", |says| {
        says.starts_with("ok") && !alarms.iter().any(|alarm| says.contains(alarm))
    })
}

/// Waits until what L tells monitors is as wished.
fn wait(town: &Town, what: &str, wished: impl Fn(&str) -> bool) -> io::Result<()> {
    let until = Instant::now() + TOLD;
    loop {
        let says = town.program("lgwan-zone").map_or(String::new(), town::Running::says);
        if wished(&says) {
            return Ok(());
        }
        if Instant::now() > until {
            return Err(io::Error::other(format!("I21: L {what}; it says {says:?}")));
        }
        sleep(Duration::from_millis(50));
    }
}
