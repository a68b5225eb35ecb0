//! What the kernel counts: time, memory, files, processes.

use rustix::process::{
    DumpableBehavior, Resource, Rlimit, Signal, set_dumpable_behavior,
    set_parent_process_death_signal, setrlimit,
};

use super::{Unconfined, Walls};

/// Sets the limits for good. The hard limit of CPU time is a second above the
/// soft one, whose signal tells the runner what happened.
/// The process also ends with its parent and leaves no core file, which would
/// be a copy of the citizen's document.
pub(super) fn set(walls: &Walls) -> Result<(), Unconfined> {
    let limits = [
        (Resource::Cpu, walls.cpu_seconds),
        (Resource::As, walls.memory_bytes),
        (Resource::Fsize, 0),
        (Resource::Core, 0),
        (Resource::Nproc, 0),
        (Resource::Nofile, NO_MORE_FILES),
    ];
    for (resource, most) in limits {
        let above = if resource == Resource::Cpu { most.saturating_add(1) } else { most };
        setrlimit(resource, Rlimit { current: Some(most), maximum: Some(above) })
            .map_err(|error| Unconfined::Rlimit(error.to_string()))?;
    }
    set_dumpable_behavior(DumpableBehavior::NotDumpable)
        .and_then(|()| set_parent_process_death_signal(Some(Signal::KILL)))
        .map_err(|error| Unconfined::Rlimit(error.to_string()))
}

/// Standard input, output, error and the ruleset Landlock is built with.
const NO_MORE_FILES: u64 = 4;
