//! The calls a role needs: files, its threads, sockets that are open, and what
//! it was given beyond that.

use seccompiler::SeccompCmpOp::{Eq, MaskedEq};
use seccompiler::{BackendError, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition, SeccompRule};

use super::Rules;
use crate::confine::allowance::Allowance;

/// Files and folders.
const FILES: &[i64] = &[
    libc::SYS_close,
    libc::SYS_copy_file_range,
    libc::SYS_dup,
    libc::SYS_dup3,
    libc::SYS_faccessat,
    libc::SYS_faccessat2,
    libc::SYS_fallocate,
    libc::SYS_fchmod,
    libc::SYS_fchmodat,
    libc::SYS_fcntl,
    libc::SYS_fdatasync,
    libc::SYS_flock,
    libc::SYS_fstat,
    libc::SYS_fstatfs,
    libc::SYS_fsync,
    libc::SYS_ftruncate,
    libc::SYS_getcwd,
    libc::SYS_getdents64,
    libc::SYS_lseek,
    libc::SYS_mkdirat,
    libc::SYS_newfstatat,
    libc::SYS_openat,
    libc::SYS_pipe2,
    libc::SYS_pread64,
    libc::SYS_preadv,
    libc::SYS_pwrite64,
    libc::SYS_pwritev,
    libc::SYS_read,
    libc::SYS_readlinkat,
    libc::SYS_readv,
    libc::SYS_renameat,
    libc::SYS_renameat2,
    libc::SYS_sendfile,
    libc::SYS_splice,
    libc::SYS_statfs,
    libc::SYS_statx,
    libc::SYS_truncate,
    libc::SYS_umask,
    libc::SYS_unlinkat,
    libc::SYS_write,
    libc::SYS_writev,
];

/// Memory, threads, time, signals to itself.
const SELF: &[i64] = &[
    libc::SYS_brk,
    libc::SYS_clock_getres,
    libc::SYS_clock_gettime,
    libc::SYS_clock_nanosleep,
    libc::SYS_exit,
    libc::SYS_exit_group,
    libc::SYS_futex,
    libc::SYS_get_robust_list,
    libc::SYS_getegid,
    libc::SYS_geteuid,
    libc::SYS_getgid,
    libc::SYS_getpid,
    libc::SYS_getppid,
    libc::SYS_getrandom,
    libc::SYS_getrusage,
    libc::SYS_gettid,
    libc::SYS_gettimeofday,
    libc::SYS_getuid,
    libc::SYS_madvise,
    libc::SYS_membarrier,
    libc::SYS_mincore,
    libc::SYS_mremap,
    libc::SYS_munmap,
    libc::SYS_nanosleep,
    libc::SYS_restart_syscall,
    libc::SYS_rseq,
    libc::SYS_rt_sigaction,
    libc::SYS_rt_sigpending,
    libc::SYS_rt_sigprocmask,
    libc::SYS_rt_sigreturn,
    libc::SYS_rt_sigtimedwait,
    libc::SYS_sched_getaffinity,
    libc::SYS_sched_yield,
    libc::SYS_set_robust_list,
    libc::SYS_set_tid_address,
    libc::SYS_sigaltstack,
    libc::SYS_sysinfo,
    libc::SYS_uname,
];

/// Waiting, and talking on sockets that are there.
const TALK: &[i64] = &[
    libc::SYS_accept,
    libc::SYS_accept4,
    libc::SYS_epoll_create1,
    libc::SYS_epoll_ctl,
    libc::SYS_epoll_pwait,
    libc::SYS_epoll_pwait2,
    libc::SYS_eventfd2,
    libc::SYS_getpeername,
    libc::SYS_getsockname,
    libc::SYS_getsockopt,
    libc::SYS_inotify_add_watch,
    libc::SYS_inotify_init1,
    libc::SYS_inotify_rm_watch,
    libc::SYS_ppoll,
    libc::SYS_pselect6,
    libc::SYS_recvfrom,
    libc::SYS_recvmsg,
    libc::SYS_sendmsg,
    libc::SYS_sendto,
    libc::SYS_setsockopt,
    libc::SYS_shutdown,
    libc::SYS_socketpair,
];

/// The older names of these calls, which some processors still have.
#[cfg(target_arch = "x86_64")]
const OLDER: &[i64] = &[
    libc::SYS_access,
    libc::SYS_chmod,
    libc::SYS_epoll_wait,
    libc::SYS_lstat,
    libc::SYS_mkdir,
    libc::SYS_open,
    libc::SYS_poll,
    libc::SYS_readlink,
    libc::SYS_rename,
    libc::SYS_rmdir,
    libc::SYS_select,
    libc::SYS_stat,
    libc::SYS_time,
    libc::SYS_unlink,
];
#[cfg(not(target_arch = "x86_64"))]
const OLDER: &[i64] = &[];

/// Starting the sanitizer, ending it, and the walls its worker raises.
const PROGRAM: &[i64] = &[
    libc::SYS_chdir,
    libc::SYS_close_range,
    libc::SYS_execve,
    libc::SYS_fchdir,
    libc::SYS_kill,
    libc::SYS_landlock_add_rule,
    libc::SYS_landlock_create_ruleset,
    libc::SYS_landlock_restrict_self,
    libc::SYS_mmap,
    libc::SYS_mprotect,
    libc::SYS_pidfd_open,
    libc::SYS_pidfd_send_signal,
    libc::SYS_prctl,
    libc::SYS_prlimit64,
    libc::SYS_seccomp,
    libc::SYS_setrlimit,
    libc::SYS_tgkill,
    libc::SYS_tkill,
    libc::SYS_wait4,
    libc::SYS_waitid,
];
#[cfg(target_arch = "x86_64")]
const PROGRAM_HERE: &[i64] =
    &[libc::SYS_arch_prctl, libc::SYS_dup2, libc::SYS_getrlimit, libc::SYS_pipe, libc::SYS_vfork];
#[cfg(not(target_arch = "x86_64"))]
const PROGRAM_HERE: &[i64] = &[];

/// The rules of a role.
pub(super) fn rules(allowance: &Allowance) -> Result<Rules, BackendError> {
    let mut rules = Rules::new();
    allow(&mut rules, &[FILES, SELF, TALK, OLDER]);
    rules.insert(libc::SYS_ioctl, terminal_and_sockets()?);
    if allowance.program.is_some() {
        allow(&mut rules, &[PROGRAM, PROGRAM_HERE]);
        rules.insert(libc::SYS_clone, vec![when(&[(0, MaskedEq(NAMESPACES), 0)])?]);
    } else {
        keep_to_itself(&mut rules)?;
    }
    if allowance.dials.is_some() {
        let by_name = allowance.all_dials().any(|dials| dials.by_name);
        allow(&mut rules, &[&[libc::SYS_connect]]);
        let mut sockets = Vec::new();
        if allowance.local_scanner {
            sockets.push(socket(libc::AF_UNIX, libc::SOCK_STREAM)?);
        }
        for family in [libc::AF_INET, libc::AF_INET6] {
            sockets.push(socket(family, libc::SOCK_STREAM)?);
            if by_name {
                sockets.push(socket(family, libc::SOCK_DGRAM)?);
            }
        }
        rules.insert(libc::SYS_socket, sockets);
        if by_name {
            // The resolver asks for two addresses at once, and loads its parts.
            allow(&mut rules, &[&[libc::SYS_sendmmsg, libc::SYS_recvmmsg]]);
            allow(&mut rules, &[&[libc::SYS_mmap, libc::SYS_mprotect]]);
        }
    }
    Ok(rules)
}

/// Threads but no processes, no memory that can be run, no signals to others.
fn keep_to_itself(rules: &mut Rules) -> Result<(), BackendError> {
    let own = u64::from(std::process::id());
    let thread = number(libc::CLONE_THREAD);
    let executable = number(libc::PROT_EXEC);
    rules.insert(libc::SYS_clone, vec![when(&[(0, MaskedEq(thread), thread)])?]);
    for call in [libc::SYS_mmap, libc::SYS_mprotect] {
        rules.insert(call, vec![when(&[(2, MaskedEq(executable), 0)])?]);
    }
    rules.insert(libc::SYS_tgkill, vec![when(&[(0, Eq, own)])?]);
    // Names of threads and of memory; nothing that changes rights.
    let names = [number(libc::PR_SET_NAME), number(libc::PR_SET_VMA)];
    let named = names.map(|name| when(&[(0, Eq, name)]));
    rules.insert(libc::SYS_prctl, named.into_iter().collect::<Result<_, _>>()?);
    let only_asked =
        SeccompCondition::new(2, SeccompCmpArgLen::Qword, Eq, 0).and_then(|it| rule(vec![it]))?;
    rules.insert(libc::SYS_prlimit64, vec![only_asked]);
    Ok(())
}

/// Whether an output is a terminal; sockets that do not block.
fn terminal_and_sockets() -> Result<Vec<SeccompRule>, BackendError> {
    [libc::FIONBIO, libc::FIONREAD, libc::FIOCLEX, libc::TCGETS, libc::TIOCGWINSZ]
        .into_iter()
        .map(|request| when(&[(1, Eq, request)]))
        .collect()
}

fn socket(family: i32, kind: i32) -> Result<SeccompRule, BackendError> {
    /// The low bits say the kind, the others how it blocks and is inherited.
    const KIND: u64 = 0xf;
    when(&[(0, Eq, number(family)), (1, MaskedEq(KIND), number(kind))])
}

/// A process with an own view of users, mounts or the network.
const NAMESPACES: u64 = (libc::CLONE_NEWCGROUP
    | libc::CLONE_NEWIPC
    | libc::CLONE_NEWNET
    | libc::CLONE_NEWNS
    | libc::CLONE_NEWPID
    | libc::CLONE_NEWUSER
    | libc::CLONE_NEWUTS) as u64;

fn allow(rules: &mut Rules, lists: &[&[i64]]) {
    for call in lists.iter().copied().flatten() {
        rules.insert(*call, Vec::new());
    }
}

fn when(conditions: &[(u8, SeccompCmpOp, u64)]) -> Result<SeccompRule, BackendError> {
    let conditions = conditions.iter().map(|(argument, compare, value)| {
        SeccompCondition::new(*argument, SeccompCmpArgLen::Dword, compare.clone(), *value)
    });
    rule(conditions.collect::<Result<_, _>>()?)
}

fn rule(conditions: Vec<SeccompCondition>) -> Result<SeccompRule, BackendError> {
    SeccompRule::new(conditions)
}

/// A constant of the system's interface as filters compare it.
fn number(constant: i32) -> u64 {
    u64::from(constant.cast_unsigned())
}
