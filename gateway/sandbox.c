/* The system calls, and both parts together. */
#include "sandbox.h"

#include "base/log.h"
#include "base/owner.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

bool sandbox_is_wanted(void)
{
#if defined __SANITIZE_ADDRESS__ || defined __SANITIZE_THREAD__
    return false;
#else
    const char *word = getenv("GPIO_GATEWAY_SANDBOX");
    return !word || strcmp(word, "off") != 0;
#endif
}

#if GATEWAY_SECCOMP
#include <sched.h>
#include <seccomp.h>

/* Those of the libraries and of ours that strace(1) shows, with those that another machine or C library takes for the
 * same; tests/system passes with no other. A name that a machine does not have is passed over. */
static const char *const allowed[] = {
    /* files */
    "access", "chmod", "chown", "close", "close_range", "dup", "dup2", "dup3", "faccessat",
    "faccessat2", "fadvise64", "fallocate", "fchmod", "fchmodat", "fchown", "fchownat", "fcntl",
    "fcntl64", "fdatasync", "flock", "fstat", "fstat64", "fstatat64", "fstatfs", "fsync",
    "ftruncate", "ftruncate64", "getcwd", "getdents64", "ioctl", "_llseek", "lseek", "lstat",
    "lstat64", "mkdir", "mkdirat", "newfstatat", "open", "openat", "pipe2", "pread64", "preadv",
    "pwrite64", "pwritev", "read", "readlink", "readlinkat", "readv", "rename", "renameat",
    "renameat2", "rmdir", "sendfile", "sendfile64", "stat", "stat64", "statfs", "statx", "umask",
    "unlink", "unlinkat", "utimensat", "write", "writev",
    /* memory and threads */
    "brk", "exit", "exit_group", "futex", "futex_time64", "get_robust_list", "madvise",
    "membarrier", "mmap", "mmap2", "mprotect", "mremap", "munmap", "restart_syscall", "rseq",
    "rt_sigaction", "rt_sigprocmask", "rt_sigreturn", "sched_getaffinity", "sched_yield",
    "set_robust_list", "sigaltstack", "sigreturn",
    /* waiting and time */
    "clock_getres", "clock_gettime", "clock_gettime64", "clock_nanosleep", "clock_nanosleep_time64",
    "epoll_create1", "epoll_ctl", "epoll_pwait", "epoll_pwait2", "epoll_wait", "eventfd2",
    "gettimeofday", "inotify_add_watch", "inotify_init1", "inotify_rm_watch", "nanosleep", "poll",
    "ppoll", "ppoll_time64", "pselect6", "select", "signalfd4", "timerfd_create", "timerfd_gettime",
    "timerfd_settime", "timerfd_settime64",
    /* sockets */
    "accept", "accept4", "bind", "connect", "getpeername", "getsockname", "getsockopt", "listen",
    "recv", "recvfrom", "recvmmsg", "recvmsg", "send", "sendmmsg", "sendmsg", "sendto",
    "setsockopt", "shutdown", "socket", "socketpair",
    /* who and how much; the helpers' ends */
    "getegid", "geteuid", "getgid", "getgroups", "getpid", "getppid", "getrandom", "getresgid",
    "getresuid", "getrlimit", "getrusage", "gettid", "getuid", "pidfd_open", "pidfd_send_signal",
    "sysinfo", "ugetrlimit", "uname", "wait4", "waitid"};

/* What would be of use to a stranger alone; refused like what may not be, and not like what is missing. */
static const char *const never[] = {"execve",
                                    "execveat",
                                    "fork",
                                    "vfork",
                                    "ptrace",
                                    "process_vm_readv",
                                    "process_vm_writev",
                                    "bpf",
                                    "mount",
                                    "umount2",
                                    "pivot_root",
                                    "chroot",
                                    "setns",
                                    "unshare",
                                    "keyctl",
                                    "add_key",
                                    "perf_event_open",
                                    "userfaultfd",
                                    "init_module",
                                    "finit_module",
                                    "kexec_load",
                                    "reboot",
                                    "io_uring_setup",
                                    "personality"};

static int allow_equal(scmp_filter_ctx filter, int call, unsigned argument, uint64_t mask,
                       uint64_t value)
{
    const struct scmp_arg_cmp compared = {
        .arg = argument, .op = SCMP_CMP_MASKED_EQ, .datum_a = mask, .datum_b = value};
    return seccomp_rule_add_array(filter, SCMP_ACT_ALLOW, call, 1, &compared);
}

/* For new threads, their names, and abort(3). The flags of clone3(2) stand in memory, where a filter cannot look: the C
 * library takes clone(2) where the other is missing. Limits are read, and set for nobody. */
static int allow_some(scmp_filter_ctx filter, pid_t self)
{
    int error = allow_equal(filter, SCMP_SYS(clone), 0, CLONE_THREAD, CLONE_THREAD);
    if (!error)
        error = allow_equal(filter, SCMP_SYS(prctl), 0, UINT64_MAX, PR_SET_NAME);
    if (!error)
        error = allow_equal(filter, SCMP_SYS(tgkill), 0, UINT64_MAX, (uint64_t)self);
    return error ? error : allow_equal(filter, SCMP_SYS(prlimit64), 2, UINT64_MAX, 0);
}

static int add_names(scmp_filter_ctx filter, uint32_t action, const char *const *names,
                     size_t count)
{
    for (size_t i = 0; i < count; i++) {
        int number = seccomp_syscall_resolve_name(names[i]);
        int error = number == __NR_SCMP_ERROR ? 0 : seccomp_rule_add(filter, action, number, 0);
        if (error && error != -EDOM) /* this machine reaches it in another way */
            return error;
    }
    return 0;
}

int sandbox_close_calls(void)
{
    scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ERRNO(ENOSYS));
    if (!filter)
        return -ENOSYS;
    (void)seccomp_attr_set(filter, SCMP_FLTATR_CTL_LOG,
                           1); /* the kernel's log names what was refused */
    (void)seccomp_attr_set(filter, SCMP_FLTATR_CTL_OPTIMIZE, 2);
    int error = add_names(filter, SCMP_ACT_ALLOW, allowed, ARRAY_LENGTH(allowed));
    if (!error)
        error = add_names(filter, SCMP_ACT_ERRNO(EPERM), never, ARRAY_LENGTH(never));
    if (!error)
        error = allow_some(filter, getpid());
    if (!error)
        error = seccomp_load(filter);
    seccomp_release(filter);
    return error == -ECANCELED || error == -EINVAL ? -ENOSYS : error;
}
#else
int sandbox_close_calls(void)
{
    return -ENOSYS;
}
#endif

static const char *word_of(int error)
{
    return error == 0 ? "on" : error == -ENOSYS ? "missing" : strerror(-error);
}

void sandbox_close(const struct sandbox_paths *paths)
{
    if (!sandbox_is_wanted()) {
        log_debug("sandbox=off");
        return;
    }
    /* Both ask for it: no program that is started could get more rights than its starter. */
    int error = prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ? -errno : 0;
    int files = error ? error : sandbox_close_files(paths);
    int calls = error ? error : sandbox_close_calls();
    if ((files && files != -ENOSYS) || (calls && calls != -ENOSYS))
        log_warning("sandbox calls=%s files=%s", word_of(calls), word_of(files));
    else
        log_debug("sandbox calls=%s files=%s", word_of(calls), word_of(files));
}
