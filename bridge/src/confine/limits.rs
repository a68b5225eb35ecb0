//! What the kernel counts and keeps from others.

use std::io;

use rustix::process::{
    DumpableBehavior, Resource, Rlimit, getrlimit, set_dumpable_behavior, setrlimit,
};

/// Threads and processes of this user: above what a role and its sanitizers
/// ever have, below what stops a host.
const PROCESSES: u64 = 4096;

/// Leaves no core file, which would hold keys and applications, and lets no
/// process of the same user look into the memory.
pub(super) fn set() -> io::Result<()> {
    setrlimit(Resource::Core, Rlimit { current: Some(0), maximum: Some(0) })?;
    let now = getrlimit(Resource::Nproc);
    let most = |limit: Option<u64>| Some(limit.map_or(PROCESSES, |limit| limit.min(PROCESSES)));
    let fewer = Rlimit { current: most(now.current), maximum: most(now.maximum) };
    setrlimit(Resource::Nproc, fewer)?;
    Ok(set_dumpable_behavior(DumpableBehavior::NotDumpable)?)
}
