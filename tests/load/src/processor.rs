//! Processor time: the figure of a benchmark that work beside it does not change much.

use std::time::Duration;

use nix::sys::resource::{Usage, UsageWho, getrusage};
use nix::sys::time::TimeVal;

/// What this process took so far, of all cores together.
///
/// # Errors
/// When the system does not tell.
pub fn own() -> Result<Duration, String> {
    usage(UsageWho::RUSAGE_SELF).map(|usage| time(&usage))
}

/// What another process took so far, in hundredths of a second: the unit of Linux for programs.
///
/// # Errors
/// When the system does not tell.
pub fn of(process: u32) -> Result<Duration, String> {
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat"))
        .map_err(|error| error.to_string())?;
    // The name of the program may hold anything; behind it come state, …, user and system time.
    let fields = stat.rsplit_once(')').map_or("", |(_, rest)| rest).split_ascii_whitespace();
    let ticks: Vec<u64> = fields.skip(11).take(2).filter_map(|field| field.parse().ok()).collect();
    match ticks.as_slice() {
        [user, system] => Ok(Duration::from_millis((user + system) * 10)),
        _ => Err("the system does not tell".to_owned()),
    }
}

/// What all child processes that ended so far took, and the memory of the largest in KiB.
///
/// # Errors
/// When the system does not tell.
pub fn children() -> Result<(Duration, u64), String> {
    let usage = usage(UsageWho::RUSAGE_CHILDREN)?;
    Ok((time(&usage), u64::try_from(usage.max_rss()).unwrap_or_default()))
}

fn usage(who: UsageWho) -> Result<Usage, String> {
    getrusage(who).map_err(|error| error.to_string())
}

fn time(usage: &Usage) -> Duration {
    let span = |it: TimeVal| {
        Duration::from_secs(u64::try_from(it.tv_sec()).unwrap_or_default())
            + Duration::from_micros(u64::try_from(it.tv_usec()).unwrap_or_default())
    };
    span(usage.user_time()) + span(usage.system_time())
}
