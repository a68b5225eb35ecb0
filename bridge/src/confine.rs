//! What a role gives up before it reads the first byte from a peer.
//!
//! | wall | leaves |
//! |---|---|
//! | files (Landlock) | the spool and the folder of the role; nothing else can be opened |
//! | ports (Landlock) | TCP connections to the peer's port; no port can be taken |
//! | calls (seccomp) | what moving files and speaking TCP needs; no program but the sanitizer |
//!
//! The walls are raised on the first thread, before there is another: every
//! later thread has them. Keys are read and listeners are open by then.

mod allowance;
mod calls;
mod landlock;
mod limits;
mod probe;

use serde::Deserialize;

pub use allowance::Allowance;
pub use probe::{Denied, Probe, UnknownProbe};

/// What a role does when its kernel cannot raise a wall.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Confinement {
    /// It does not start.
    #[default]
    Required,
    /// It works with the walls there are; the log and `/readyz` name the others.
    IfPossible,
}

/// One wall.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wall {
    /// Landlock on files.
    Files,
    /// Landlock on TCP ports.
    Ports,
    /// Seccomp.
    Calls,
}

impl Wall {
    /// Every wall.
    pub const ALL: [Self; 3] = [Self::Files, Self::Ports, Self::Calls];

    /// The wall of that name.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|wall| wall.word() == word)
    }

    /// Its name for operators.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Files => "files",
            Self::Ports => "ports",
            Self::Calls => "calls",
        }
    }
}

/// A wall that does not stand.
#[derive(Debug, thiserror::Error)]
#[error("the wall `{}` cannot be raised: {why}", wall.word())]
pub struct Missing {
    /// Which one.
    pub wall: Wall,
    /// The system's answer.
    pub why: String,
}

impl Missing {
    fn new(wall: Wall, why: impl ToString) -> Self {
        Self { wall, why: why.to_string() }
    }
}

/// Why a role does not start confined.
#[derive(Debug, thiserror::Error)]
pub enum Unconfined {
    /// A wall is missing and the settings say it is required.
    #[error("{0}; `confinement = \"if-possible\"` starts without it")]
    Wall(Missing),
    /// A limit every kernel has was refused.
    #[error("a limit of the process was refused: {0}")]
    Limit(std::io::Error),
}

/// Raises these walls around this process for the rest of its life; returns
/// those that do not stand. To be called before there is a second thread.
///
/// # Errors
/// [`Unconfined`] when one does not stand and the settings require it.
pub fn raise(
    allowance: &Allowance,
    walls: &[Wall],
    wanted: Confinement,
) -> Result<Vec<Missing>, Unconfined> {
    limits::set().map_err(Unconfined::Limit)?;
    let mut missing = landlock::raise(allowance, walls);
    // Last, because it denies raising walls to roles that start no program.
    if walls.contains(&Wall::Calls)
        && let Err(fault) = calls::raise(allowance)
    {
        missing.push(fault);
    }
    match wanted {
        Confinement::Required => {
            missing.into_iter().next().map_or(Ok(Vec::new()), |one| Err(Unconfined::Wall(one)))
        }
        Confinement::IfPossible => Ok(missing),
    }
}
