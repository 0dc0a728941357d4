#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "sandbox.h"
#include "sandbox_calls.h"
#include "spawner.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

/* What a forked process returns where the machine has no such fence. */
enum { MISSING = 77 };

/* Runs `check` in a process of its own, since nothing opens a sandbox again. `check` returns 0, or a number that
 * tells what was wrong. */
static void run_apart(int (*check)(void))
{
    int status;
    pid_t pid = fork();
    if (pid == 0)
        _exit(check());
    assert_true(pid > 0);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFEXITED(status));
    if (WEXITSTATUS(status) == MISSING)
        skip();
    assert_int_equal(WEXITSTATUS(status), 0);
}

static int close_calls(void)
{
    return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) || sandbox_close_calls() ? MISSING : 0;
}

static int refuses_programs(void)
{
    char *const arguments[] = {NULL};
    if (close_calls())
        return MISSING;
    if (execve("/bin/true", arguments, arguments) != -1 || errno != EPERM)
        return 1;
    if (fork() != -1)
        return 2;
    return ptrace(PTRACE_TRACEME, 0, NULL, NULL) == -1 && errno == EPERM ? 0 : 3;
}

static void sandbox_refuses_to_start_programs_and_to_trace(void **state)
{
    (void)state;
    run_apart(refuses_programs);
}

static int knows_nothing_else(void)
{
    if (close_calls())
        return MISSING;
    if (sethostname("stranger", 8) != -1 || errno != ENOSYS)
        return 1;
    return close(open("/dev/null", O_RDONLY | O_CLOEXEC)) == 0 ? 0 : 2;
}

static void sandbox_answers_a_call_that_it_does_not_know_as_a_kernel_without_it(void **state)
{
    (void)state;
    run_apart(knows_nothing_else);
}

static int can_write(const char *path)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    return fd >= 0 && close(fd) == 0;
}

static int keeps_files(void)
{
    char own[] = "/tmp/gpio-gateway-own-XXXXXX", other[] = "/tmp/gpio-gateway-other-XXXXXX";
    char path[64];
    if (!mkdtemp(own) || !mkdtemp(other))
        return 1;
    const struct sandbox_paths paths = {.write = {own, "/there/is/no/such/folder"},
                                        .write_count = 2};
    (void)snprintf(path, sizeof path, "%s/mine", own);
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) || sandbox_close_files(&paths))
        return rmdir(own) || rmdir(other) ? 2 : MISSING;
    int wrong = !can_write(path) || unlink(path) ? 3 : 0;
    (void)snprintf(path, sizeof path, "%s/stolen", other);
    if (!wrong && (can_write(path) || errno != EACCES))
        wrong = 4;
    if (!wrong && (open(other, O_RDONLY | O_CLOEXEC) != -1 || errno != EACCES))
        wrong = 5;
    if (!wrong && access("/usr/bin", R_OK))
        wrong = 6;
    return wrong;
}

static void sandbox_leaves_the_folders_that_are_named_and_no_others(void **state)
{
    (void)state;
    run_apart(keeps_files);
}

/* ---- what is forked beside it ---- */

static void become_true(const void *context)
{
    const char *const *word = context;
    char *const arguments[] = {(char *)(uintptr_t)*word, NULL};
    (void)prctl(PR_SET_PDEATHSIG, SIGTERM);
    (void)execve("/bin/sh", arguments, arguments);
    _exit(127);
}

static int forks_beside(void)
{
    static const char *word = "sh";
    struct spawner *spawner;
    int status = 0;
    if (spawner_new(become_true, &spawner))
        return 1;
    if (close_calls())
        return MISSING;
    int null_fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
    (void)dup2(null_fd, STDIN_FILENO); /* an empty script */
    for (int i = 0; i < 20; i++) {
        pid_t pid = spawner_fork(spawner, &word);
        if (pid <= 0)
            return 2;
        if (waitpid(pid, &status, 0) != pid || !WIFEXITED(status) || WEXITSTATUS(status) != 0)
            return 3;
    }
    spawner_free(spawner);
    return 0;
}

static void spawner_starts_children_of_the_process_outside_of_its_sandbox(void **state)
{
    (void)state;
    run_apart(forks_beside);
}

/* ---- the program for the kernel, read as the kernel reads it ---- */

static uint32_t word_at(const struct seccomp_data *data, uint32_t offset)
{
    uint32_t word;
    memcpy(&word, (const char *)data + offset, sizeof word);
    return word;
}

/* linux/filter.h; what seccomp(2) would return for a call. */
static uint32_t outcome_of(const struct sandbox_program *program, const struct seccomp_data *data)
{
    uint32_t word = 0;
    for (size_t at = 0; at < program->length; at++) {
        const struct sock_filter *item = &program->items[at];
        bool is_true = false;
        switch (item->code) {
        case BPF_LD | BPF_W | BPF_ABS:
            word = word_at(data, item->k);
            continue;
        case BPF_ALU | BPF_AND | BPF_K:
            word &= item->k;
            continue;
        case BPF_RET | BPF_K:
            return item->k;
        case BPF_JMP | BPF_JEQ | BPF_K:
            is_true = word == item->k;
            break;
        case BPF_JMP | BPF_JGT | BPF_K:
            is_true = word > item->k;
            break;
        default:
            fail_msg("an instruction that is none of ours");
        }
        at += is_true ? item->jt : item->jf;
    }
    fail_msg("it runs beyond its end");
    return 0;
}

#if GATEWAY_SECCOMP
#include <seccomp.h>

enum { SELF = 4711, CALLS_MAX = 1200 };

static const char *name_of(int number, bool *ret_is_allowed)
{
    const char *name;
    for (size_t i = 0; (name = sandbox_call_at(i, ret_is_allowed)); i++)
        if (seccomp_syscall_resolve_name(name) == number)
            return name;
    return NULL;
}

static void sandbox_program_knows_each_call_of_the_list_and_no_other(void **state)
{
    (void)state;
    struct sandbox_program program;
    struct seccomp_data data = {.arch = seccomp_arch_native(), .args = {0, 0, 1}};
    size_t known = 0;
    assert_int_equal(sandbox_program_make(&program, SELF), 0);
    assert_true(program.length <= SANDBOX_PROGRAM_MAX);
    for (int number = -1; number < CALLS_MAX; number++) {
        bool is_allowed = false;
        const char *name = number < 0 ? NULL : name_of(number, &is_allowed);
        uint32_t expected = !name        ? SECCOMP_RET_ERRNO | ENOSYS
                            : is_allowed ? SECCOMP_RET_ALLOW
                                         : SECCOMP_RET_ERRNO | EPERM;
        known += name != NULL;
        data.nr = number;
        assert_int_equal(outcome_of(&program, &data), expected);
    }
    assert_true(known > 100);
}

static void sandbox_program_refuses_calls_of_another_architecture(void **state)
{
    (void)state;
    struct sandbox_program program;
    bool is_allowed;
    assert_int_equal(sandbox_program_make(&program, SELF), 0);
    struct seccomp_data data = {.nr = seccomp_syscall_resolve_name(sandbox_call_at(0, &is_allowed)),
                                .arch = seccomp_arch_native()};
    assert_int_equal(outcome_of(&program, &data), SECCOMP_RET_ALLOW);
    data.arch ^= 1;
    assert_int_equal(outcome_of(&program, &data), SECCOMP_RET_ERRNO | ENOSYS);
    data.arch ^= 1;
    data.nr |= 0x40000000; /* x32 */
    assert_int_equal(outcome_of(&program, &data), SECCOMP_RET_ERRNO | ENOSYS);
}

static const struct {
    const char *name;
    uint64_t arguments[3];
    bool is_allowed;
} calls_with_arguments[] = {
    {"clone", {0x3d0f00}, true}, /* as pthread_create(3) calls it */
    {"clone", {0x1200011}, false},   {"clone", {0}, false},
    {"prctl", {15}, true},           {"prctl", {38, 1}, false},
    {"prctl", {22, 1}, false},       {"tgkill", {SELF, 1, 6}, true},
    {"tgkill", {1, 1, 9}, false},    {"prlimit64", {0, 7, 0}, true},
    {"prlimit64", {0, 7, 1}, false}, {"prlimit64", {0, 7, UINT64_C(1) << 32}, false},
};

static void sandbox_program_looks_at_the_arguments_of_some_calls(void **state)
{
    (void)state;
    struct sandbox_program program;
    assert_int_equal(sandbox_program_make(&program, SELF), 0);
    for (size_t i = 0; i < sizeof calls_with_arguments / sizeof calls_with_arguments[0]; i++) {
        struct seccomp_data data = {.nr =
                                        seccomp_syscall_resolve_name(calls_with_arguments[i].name),
                                    .arch = seccomp_arch_native()};
        memcpy(data.args, calls_with_arguments[i].arguments,
               sizeof calls_with_arguments[i].arguments);
        assert_int_equal(outcome_of(&program, &data), calls_with_arguments[i].is_allowed
                                                          ? SECCOMP_RET_ALLOW
                                                          : SECCOMP_RET_ERRNO | ENOSYS);
    }
}
#endif

int main(void)
{
    const struct CMUnitTest tests[] = {
#if GATEWAY_SECCOMP
        cmocka_unit_test(sandbox_program_knows_each_call_of_the_list_and_no_other),
        cmocka_unit_test(sandbox_program_refuses_calls_of_another_architecture),
        cmocka_unit_test(sandbox_program_looks_at_the_arguments_of_some_calls),
#endif
        cmocka_unit_test(sandbox_refuses_to_start_programs_and_to_trace),
        cmocka_unit_test(sandbox_answers_a_call_that_it_does_not_know_as_a_kernel_without_it),
        cmocka_unit_test(sandbox_leaves_the_folders_that_are_named_and_no_others),
        cmocka_unit_test(spawner_starts_children_of_the_process_outside_of_its_sandbox),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
