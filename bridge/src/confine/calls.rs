//! Seccomp: two filters, of which the stricter answer counts.
//!
//! What is not on the list of a role does not exist for it (`ENOSYS`), so that
//! libraries take another way where they have one. What nobody here ever has
//! a reason to call ends the process.

mod listed;
mod never;

use std::collections::BTreeMap;

use seccompiler::{
    BackendError, BpfProgram, SeccompAction, SeccompFilter, SeccompRule, TargetArch, apply_filter,
};

use super::allowance::Allowance;
use super::{Missing, Wall};

/// No rule: any arguments.
type Rules = BTreeMap<i64, Vec<SeccompRule>>;

/// Installs both filters.
pub(super) fn raise(allowance: &Allowance) -> Result<(), Missing> {
    let fault = |why: String| Missing::new(Wall::Calls, why);
    // The list comes last: it has no place for installing filters.
    let filters = [never(allowance), listed(allowance)];
    for filter in filters {
        let filter = filter.map_err(|error| fault(error.to_string()))?;
        apply_filter(&filter).map_err(|error| fault(error.to_string()))?;
    }
    Ok(())
}

fn listed(allowance: &Allowance) -> Result<BpfProgram, BackendError> {
    let rules = listed::rules(allowance)?;
    program(rules, SeccompAction::Errno(NOT_THERE), SeccompAction::Allow)
}

fn never(allowance: &Allowance) -> Result<BpfProgram, BackendError> {
    let rules = never::calls(allowance).map(|call| (call, Vec::new())).collect();
    program(rules, SeccompAction::Allow, SeccompAction::KillProcess)
}

const NOT_THERE: u32 = libc::ENOSYS.cast_unsigned();

fn program(
    rules: Rules,
    otherwise: SeccompAction,
    matched: SeccompAction,
) -> Result<BpfProgram, BackendError> {
    let arch = TargetArch::try_from(std::env::consts::ARCH)?;
    SeccompFilter::new(rules, otherwise, matched, arch)?.try_into()
}
