//! I6: every file that becomes visible was synced before, and its folder after. A
//! kill cannot show this, because the kernel keeps what was written; the calls do.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io;
use std::thread::sleep;
use std::time::Duration;

use town::Town;

use super::disk::Tracer;

/// Time in which a program is watched.
const WINDOW: Duration = Duration::from_millis(700);
/// Folders in which a file is a promise.
const PROMISES: [&str; 2] = ["/ready", "/fetched"];

/// Watches a program while applications cross.
pub(super) fn watch(town: &Town, name: &str) -> io::Result<&'static str> {
    let id = town.id_of(name).unwrap_or(0);
    let log = town.plan.root.join("logs/trace");
    let tracer = Tracer::attach(id, &log, |command| {
        command.args(["-e", "trace=fsync,renameat2"]);
    })?;
    sleep(WINDOW);
    tracer.detach()?;
    match check(&fs::read_to_string(&log)?) {
        Ok(0) => Ok("nothing shown"),
        Ok(_) => Ok("in order"),
        Err(words) => Err(io::Error::other(format!("I6: {name}: {words}"))),
    }
}

/// How many files became visible in the right order.
fn check(log: &str) -> Result<usize, String> {
    let calls = ended(log);
    let mut synced: BTreeSet<&str> = BTreeSet::new();
    // Thread and folder of a file that was renamed and whose folder was not synced yet.
    let mut open: Vec<(&str, &str)> = Vec::new();
    let mut shown = 0;
    for (thread, call) in &calls {
        let thread = *thread;
        if let Some(rest) = call.strip_prefix("fsync(") {
            let path = between(rest, '<', '>').unwrap_or_default();
            synced.insert(path);
            open.retain(|(by, folder)| !(*by == thread && *folder == path));
        } else if call.starts_with("renameat2(") {
            let mut names = call.split('"').skip(1).step_by(2);
            let (Some(from), Some(to)) = (names.next(), names.next()) else { continue };
            let Some((folder, _)) = to.rsplit_once('/') else { continue };
            if !PROMISES.iter().any(|promise| folder.ends_with(promise)) || from.contains("/sent/")
            {
                continue;
            }
            if !synced.contains(from) {
                return Err(format!("{to} became visible before it was synced"));
            }
            if let Some((_, folder)) = open.iter().find(|(by, _)| *by == thread) {
                return Err(format!("{folder} was not synced after a file appeared in it"));
            }
            open.push((thread, folder));
            shown += 1;
        }
    }
    Ok(shown)
}

/// The calls that went well, with their threads, in the order in which they ended.
fn ended(log: &str) -> Vec<(&str, String)> {
    let mut calls = finished(log);
    calls.retain(|(_, call)| call.ends_with("= 0"));
    calls
}

/// All calls that ended, with their threads. Those during which another thread called stand on
/// two lines.
pub(super) fn finished(log: &str) -> Vec<(&str, String)> {
    let mut begun: BTreeMap<&str, &str> = BTreeMap::new();
    let mut calls = Vec::new();
    for (thread, call) in log.lines().filter_map(|line| line.split_once(' ')) {
        let call = call.trim_start();
        if let Some(begin) = call.strip_suffix("<unfinished ...>") {
            begun.insert(thread, begin);
        } else {
            let before = if call.starts_with("<... ") { begun.remove(thread) } else { None };
            calls.push((thread, format!("{}{call}", before.unwrap_or_default())));
        }
    }
    calls
}

fn between(text: &str, from: char, to: char) -> Option<&str> {
    let (_, rest) = text.split_once(from)?;
    rest.split_once(to).map(|(found, _)| found)
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = "7 fsync(9</s/raw/part/e1-1.kb>) = 0\n\
        7 renameat2(AT_FDCWD</>, \"/s/raw/part/e1-1.kb\", AT_FDCWD</>, \"/s/raw/fetched/e1-1.kb\", RENAME_NOREPLACE) = 0\n\
        7 fsync(9</s/raw/fetched>) = 0\n";

    /// I6: the check itself tells right from wrong.
    #[test]
    fn a_file_shown_before_it_is_durable_is_found() {
        assert_eq!(check(GOOD), Ok(1));
        let unsynced: String = GOOD.lines().skip(1).collect::<Vec<_>>().join("\n");
        assert!(check(&unsynced).is_err_and(|words| words.contains("before it was synced")));
        let split = "7 fsync(9</s/raw/part/e1-1.kb> <unfinished ...>\n\
            8 fsync(3</db-wal>) = 0\n7 <... fsync resumed>) = 0\n";
        assert_eq!(check(&format!("{split}{unsynced}")), Ok(1), "on two lines");
        let twice: String = GOOD.lines().take(2).chain(GOOD.lines()).collect::<Vec<_>>().join("\n");
        assert!(check(&twice).is_err_and(|words| words.contains("not synced after")));
    }
}
