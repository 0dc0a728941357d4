#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "sandbox.h"
#include "spawner.h"

#include <errno.h>
#include <fcntl.h>
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sandbox_refuses_to_start_programs_and_to_trace),
        cmocka_unit_test(sandbox_answers_a_call_that_it_does_not_know_as_a_kernel_without_it),
        cmocka_unit_test(sandbox_leaves_the_folders_that_are_named_and_no_others),
        cmocka_unit_test(spawner_starts_children_of_the_process_outside_of_its_sandbox),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
