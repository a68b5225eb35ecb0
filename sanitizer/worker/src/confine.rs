//! The walls around the worker, raised before the first byte is read.
//!
//! | wall | denies |
//! |---|---|
//! | Landlock | every file, directory, TCP port, signal to others, abstract socket |
//! | seccomp | every system call that reading a pipe and computing does not need |
//! | rlimits | CPU time, memory, files written, further files and processes |
//!
//! Each wall alone keeps the worker from files and network; a hole in one does
//! not open the other.

mod landlock;
mod rlimits;
mod seccomp;

use sanitizer_intermediate::Confinement;

/// Which walls to raise and how high.
#[derive(Debug, Clone, Copy)]
pub struct Walls {
    /// CPU seconds until the kernel ends the process.
    pub cpu_seconds: u64,
    /// Bytes of address space.
    pub memory_bytes: u64,
    /// Raise Landlock.
    pub landlock: bool,
    /// Raise seccomp.
    pub seccomp: bool,
    /// Refuse to work when a wall cannot be raised.
    pub required: bool,
}

impl Default for Walls {
    fn default() -> Self {
        Self {
            cpu_seconds: 60,
            memory_bytes: 768 << 20,
            landlock: true,
            seccomp: true,
            required: true,
        }
    }
}

/// A wall that could not be raised.
#[derive(Debug, thiserror::Error)]
pub enum Unconfined {
    /// The kernel offers no Landlock, or not enough of it.
    #[error("landlock: {0}")]
    Landlock(String),
    /// The seccomp filter was refused.
    #[error("seccomp: {0}")]
    Seccomp(String),
    /// A resource limit was refused.
    #[error("rlimit: {0}")]
    Rlimit(String),
}

/// Raises the walls for the rest of this process's life.
///
/// # Errors
/// [`Unconfined`] when one cannot be raised and [`Walls::required`] is set.
/// Resource limits are always required: every kernel has them.
pub fn raise(walls: &Walls) -> Result<Confinement, Unconfined> {
    rlimits::set(walls)?;
    let landlock = walls.landlock && accept(landlock::deny_all(), walls.required)?;
    let seccomp = walls.seccomp && accept(seccomp::allow_listed(), walls.required)?;
    Ok(Confinement { landlock, seccomp })
}

fn accept(raised: Result<(), Unconfined>, required: bool) -> Result<bool, Unconfined> {
    match raised {
        Ok(()) => Ok(true),
        Err(_) if !required => Ok(false),
        Err(error) => Err(error),
    }
}
