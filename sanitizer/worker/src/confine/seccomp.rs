//! Seccomp: the system calls that reading a pipe and computing need.

use seccompiler::{
    BpfProgram, SeccompAction, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition, SeccompFilter,
    SeccompRule, TargetArch, apply_filter,
};

use super::Unconfined;

/// Calls allowed with any argument: memory, own signals, locks, time, the end.
const ALWAYS: &[libc::c_long] = &[
    libc::SYS_brk,
    libc::SYS_clock_gettime,
    libc::SYS_exit,
    libc::SYS_exit_group,
    libc::SYS_futex,
    libc::SYS_getpid,
    libc::SYS_getrandom,
    libc::SYS_gettid,
    libc::SYS_madvise,
    libc::SYS_mremap,
    libc::SYS_munmap,
    libc::SYS_restart_syscall,
    libc::SYS_rt_sigaction,
    libc::SYS_rt_sigprocmask,
    libc::SYS_rt_sigreturn,
    libc::SYS_sched_yield,
    libc::SYS_sigaltstack,
];

/// Installs the filter; any other call kills the process.
pub(super) fn allow_listed() -> Result<(), Unconfined> {
    let program = program().map_err(|error| Unconfined::Seccomp(error.to_string()))?;
    apply_filter(&program).map_err(|error| Unconfined::Seccomp(error.to_string()))
}

fn program() -> Result<BpfProgram, seccompiler::BackendError> {
    let own_pid = u64::from(std::process::id());
    let mut rules: Vec<(libc::c_long, Vec<SeccompRule>)> =
        ALWAYS.iter().map(|call| (*call, Vec::new())).collect();
    rules.extend([
        (libc::SYS_read, vec![when(0, SeccompCmpOp::Eq, STDIN)?]),
        (
            libc::SYS_write,
            vec![when(0, SeccompCmpOp::Eq, STDOUT)?, when(0, SeccompCmpOp::Eq, STDERR)?],
        ),
        (libc::SYS_mmap, vec![when(2, NOT_EXECUTABLE, 0)?]),
        (libc::SYS_mprotect, vec![when(2, NOT_EXECUTABLE, 0)?]),
        (libc::SYS_tgkill, vec![when(0, SeccompCmpOp::Eq, own_pid)?]),
    ]);
    SeccompFilter::new(
        rules.into_iter().collect(),
        SeccompAction::KillProcess,
        SeccompAction::Allow,
        TargetArch::try_from(std::env::consts::ARCH)?,
    )?
    .try_into()
}

const STDIN: u64 = 0;
const STDOUT: u64 = 1;
const STDERR: u64 = 2;
const NOT_EXECUTABLE: SeccompCmpOp = SeccompCmpOp::MaskedEq(libc::PROT_EXEC as u64);

fn when(
    argument: u8,
    compare: SeccompCmpOp,
    value: u64,
) -> Result<SeccompRule, seccompiler::BackendError> {
    let condition = SeccompCondition::new(argument, SeccompCmpArgLen::Dword, compare, value)?;
    SeccompRule::new(vec![condition])
}
