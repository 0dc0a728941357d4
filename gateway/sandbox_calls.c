/* The system calls: a program for the kernel (seccomp(2), linux/filter.h) that is made here, without memory of the heap: it
 * is whole, or the start is refused. libseccomp only gives the numbers of the calls on this machine. */
#include "sandbox_calls.h"

#include "base/owner.h"
#include "sandbox.h"

#include <errno.h>
#include <linux/audit.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#if GATEWAY_SECCOMP
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

/* What would be of use to an attacker alone; refused like what may not be, and not like what is missing. */
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

/* Calls of a block, which one comparison passes over: a call is found after 26 comparisons at most. */
enum { BLOCK_CALLS = 16 };

struct call {
    uint32_t number;
    bool is_allowed;
};

/* ---- instructions ---- */

static void add(struct sandbox_program *program, uint16_t code, uint32_t value, uint8_t if_true,
                uint8_t if_false)
{
    program->items[program->length++] =
        (struct sock_filter){.code = code, .jt = if_true, .jf = if_false, .k = value};
}

static void load(struct sandbox_program *program, size_t offset)
{
    add(program, BPF_LD | BPF_W | BPF_ABS, (uint32_t)offset, 0, 0);
}

static void end_with(struct sandbox_program *program, uint32_t action)
{
    add(program, BPF_RET | BPF_K, action, 0, 0);
}

/* The lower half of an argument, and the upper one. */
static size_t low_of(unsigned argument)
{
    return offsetof(struct seccomp_data, args) + argument * sizeof(uint64_t) +
           (__BYTE_ORDER__ == __ORDER_BIG_ENDIAN__ ? sizeof(uint32_t) : 0);
}

static size_t high_of(unsigned argument)
{
    return offsetof(struct seccomp_data, args) + argument * sizeof(uint64_t) +
           (__BYTE_ORDER__ == __ORDER_BIG_ENDIAN__ ? 0 : sizeof(uint32_t));
}

/* Allows a call whose argument, masked, has a value; else it is none. Of arguments that the kernel takes as an int
 * the lower half counts. The number of the call is loaded, before and behind it. */
static void allow_equal(struct sandbox_program *program, const char *name, unsigned argument,
                        uint32_t mask, uint32_t value)
{
    int number = seccomp_syscall_resolve_name(name);
    if (number < 0)
        return;
    add(program, BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)number, 0, 5);
    load(program, low_of(argument));
    add(program, BPF_ALU | BPF_AND | BPF_K, mask, 0, 0);
    add(program, BPF_JMP | BPF_JEQ | BPF_K, value, 0, 1);
    end_with(program, SECCOMP_RET_ALLOW);
    end_with(program, SECCOMP_RET_ERRNO | ENOSYS);
}

/* The same for a pointer that is NULL. */
static void allow_null(struct sandbox_program *program, const char *name, unsigned argument)
{
    int number = seccomp_syscall_resolve_name(name);
    if (number < 0)
        return;
    add(program, BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)number, 0, 6);
    load(program, low_of(argument));
    add(program, BPF_JMP | BPF_JEQ | BPF_K, 0, 0, 3);
    load(program, high_of(argument));
    add(program, BPF_JMP | BPF_JEQ | BPF_K, 0, 0, 1);
    end_with(program, SECCOMP_RET_ALLOW);
    end_with(program, SECCOMP_RET_ERRNO | ENOSYS);
}

/* ---- the calls ---- */

static size_t add_names(struct call *calls, size_t count, const char *const *names,
                        size_t name_count, bool is_allowed)
{
    for (size_t i = 0; i < name_count; i++) {
        int number = seccomp_syscall_resolve_name(names[i]);
        if (number >= 0) /* below 0: this machine has it not, or reaches it in another way */
            calls[count++] = (struct call){.number = (uint32_t)number, .is_allowed = is_allowed};
    }
    return count;
}

static int compare_calls(const void *a, const void *b)
{
    const struct call *left = a, *right = b;
    return (left->number > right->number) - (left->number < right->number);
}

/* One block of sorted calls: who is greater than its last goes on behind it. */
static void add_block(struct sandbox_program *program, const struct call *calls, size_t count)
{
    uint8_t length = (uint8_t)count;
    add(program, BPF_JMP | BPF_JGT | BPF_K, calls[count - 1].number, (uint8_t)(length + 3), 0);
    for (uint8_t i = 0; i < length; i++) /* to the last instruction but one, or the last */
        add(program, BPF_JMP | BPF_JEQ | BPF_K, calls[i].number,
            (uint8_t)(length - i + (calls[i].is_allowed ? 0 : 1)), 0);
    end_with(program, SECCOMP_RET_ERRNO | ENOSYS);
    end_with(program, SECCOMP_RET_ALLOW);
    end_with(program, SECCOMP_RET_ERRNO | EPERM);
}

int sandbox_program_make(struct sandbox_program *ret_program, pid_t self)
{
    struct call calls[ARRAY_LENGTH(allowed) + ARRAY_LENGTH(never)];
    struct sandbox_program *program = ret_program;
    _Static_assert(ARRAY_LENGTH(calls) * 2 + 64 < SANDBOX_PROGRAM_MAX, "room for every call");
    uint32_t architecture = seccomp_arch_native();
    size_t count = add_names(calls, 0, allowed, ARRAY_LENGTH(allowed), true);
    count = add_names(calls, count, never, ARRAY_LENGTH(never), false);
    if (count == 0)
        return -ENOSYS;
    qsort(calls, count, sizeof calls[0], compare_calls);
    program->length = 0;
    /* The numbers mean other calls to a 32-bit program: a 64-bit one can make those, too. */
    load(program, offsetof(struct seccomp_data, arch));
    add(program, BPF_JMP | BPF_JEQ | BPF_K, architecture, 1, 0);
    end_with(program, SECCOMP_RET_ERRNO | ENOSYS);
    load(program, offsetof(struct seccomp_data, nr));
    /* For new threads, their names, and abort(3). The flags of clone3(2) stand in memory, which a filter cannot read: the
     * C library takes clone(2) where the other is missing. Limits are read, and set for nobody. */
    allow_equal(program, "clone", 0, CLONE_THREAD, CLONE_THREAD);
    allow_equal(program, "prctl", 0, UINT32_MAX, PR_SET_NAME);
    allow_equal(program, "tgkill", 0, UINT32_MAX, (uint32_t)self);
    allow_null(program, "prlimit64", 2);
    for (size_t i = 0; i < count; i += BLOCK_CALLS)
        add_block(program, calls + i, count - i < BLOCK_CALLS ? count - i : BLOCK_CALLS);
    end_with(program, SECCOMP_RET_ERRNO | ENOSYS);
    return 0;
}

const char *sandbox_call_at(size_t index, bool *ret_is_allowed)
{
    *ret_is_allowed = index < ARRAY_LENGTH(allowed);
    if (*ret_is_allowed)
        return allowed[index];
    index -= ARRAY_LENGTH(allowed);
    return index < ARRAY_LENGTH(never) ? never[index] : NULL;
}

int sandbox_close_calls(void)
{
    struct sandbox_program program;
    int error = sandbox_program_make(&program, getpid());
    if (error)
        return error;
    const struct sock_fprog loaded = {.len = (unsigned short)program.length,
                                      .filter = program.items};
    /* The kernel's log names what was refused, from Linux 4.14 on. */
    long done = syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_LOG, &loaded);
    if (done < 0 && errno == EINVAL)
        done = syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &loaded);
    if (done == 0)
        return 0;
    return errno == EINVAL ? -ENOSYS : -errno;
}
#else
int sandbox_close_calls(void)
{
    return -ENOSYS;
}
#endif
