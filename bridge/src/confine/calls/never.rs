//! Calls that nobody here ever has a reason to make.

use crate::confine::allowance::Allowance;

/// Reaching into other processes, the kernel, mounts, other users, time.
const NEVER: &[i64] = &[
    libc::SYS_acct,
    libc::SYS_add_key,
    libc::SYS_adjtimex,
    libc::SYS_bpf,
    libc::SYS_capset,
    libc::SYS_chroot,
    libc::SYS_clock_adjtime,
    libc::SYS_clock_settime,
    libc::SYS_delete_module,
    libc::SYS_finit_module,
    libc::SYS_fsconfig,
    libc::SYS_fsmount,
    libc::SYS_fsopen,
    libc::SYS_fspick,
    libc::SYS_init_module,
    libc::SYS_io_uring_enter,
    libc::SYS_io_uring_register,
    libc::SYS_io_uring_setup,
    libc::SYS_kcmp,
    libc::SYS_kexec_file_load,
    libc::SYS_kexec_load,
    libc::SYS_keyctl,
    libc::SYS_mount,
    libc::SYS_mount_setattr,
    libc::SYS_move_mount,
    libc::SYS_name_to_handle_at,
    libc::SYS_open_by_handle_at,
    libc::SYS_open_tree,
    libc::SYS_perf_event_open,
    libc::SYS_personality,
    libc::SYS_pidfd_getfd,
    libc::SYS_pivot_root,
    libc::SYS_process_madvise,
    libc::SYS_process_vm_readv,
    libc::SYS_process_vm_writev,
    libc::SYS_ptrace,
    libc::SYS_quotactl,
    libc::SYS_reboot,
    libc::SYS_request_key,
    libc::SYS_setdomainname,
    libc::SYS_setfsgid,
    libc::SYS_setfsuid,
    libc::SYS_setgid,
    libc::SYS_setgroups,
    libc::SYS_sethostname,
    libc::SYS_setns,
    libc::SYS_setregid,
    libc::SYS_setresgid,
    libc::SYS_setresuid,
    libc::SYS_setreuid,
    libc::SYS_settimeofday,
    libc::SYS_setuid,
    libc::SYS_swapoff,
    libc::SYS_swapon,
    libc::SYS_syslog,
    libc::SYS_umount2,
    libc::SYS_unshare,
    libc::SYS_userfaultfd,
];

#[cfg(target_arch = "x86_64")]
const NEVER_HERE: &[i64] =
    &[libc::SYS_ioperm, libc::SYS_iopl, libc::SYS_modify_ldt, libc::SYS_uselib];
#[cfg(not(target_arch = "x86_64"))]
const NEVER_HERE: &[i64] = &[];

/// Becoming another program; only a role that starts one may.
const OTHER_PROGRAM: &[i64] = &[libc::SYS_execve, libc::SYS_execveat];

/// The calls that end the process.
pub(super) fn calls(allowance: &Allowance) -> impl Iterator<Item = i64> {
    let other_program = if allowance.program.is_some() { &[] } else { OTHER_PROGRAM };
    [NEVER, NEVER_HERE, other_program].into_iter().flatten().copied()
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::confine::calls::listed;

    /// IK-3.5.7b: the list of what a role may call names nothing it must not.
    #[test]
    fn nothing_forbidden_is_listed() {
        let spool = Path::new("/spool");
        let mut with_program = Allowance::new(spool).dialling("s:1");
        with_program.program = Some(Default::default());
        for allowance in [Allowance::new(spool).dialling("10.0.0.1:1"), with_program] {
            let rules = listed::rules(&allowance).expect("a good list");
            for call in calls(&allowance) {
                assert!(!rules.contains_key(&call), "{call}");
            }
        }
    }
}
