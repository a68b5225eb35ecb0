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
