//! The memory of a process.

use std::ffi::OsStr;
use std::process::Command;

/// The most that this one ever had, in mebibytes.
///
/// # Errors
/// When the system does not tell.
pub fn peak() -> Result<f64, String> {
    peak_of(std::process::id())
}

/// The most that another one ever had, in mebibytes.
///
/// # Errors
/// When the system does not tell.
pub fn peak_of(process: u32) -> Result<f64, String> {
    let status = std::fs::read_to_string(format!("/proc/{process}/status"))
        .map_err(|error| error.to_string())?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kib = line.and_then(|line| line.trim().trim_end_matches("kB").trim().parse::<f64>().ok());
    kib.map(|kib| kib / 1024.0).ok_or_else(|| "the system does not tell".to_owned())
}

/// Measures something whose figure needs a fresh process, because the peak of one never falls.
///
/// # Errors
/// When it does not start, or tells of a fault.
pub fn in_a_process_of_its_own(arguments: &[&OsStr]) -> Result<(), String> {
    let own = std::env::current_exe().map_err(|error| error.to_string())?;
    let status = Command::new(own).args(arguments).status().map_err(|error| error.to_string())?;
    if status.success() { Ok(()) } else { Err(format!("{arguments:?}: {status}")) }
}
