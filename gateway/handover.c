#include "handover.h"

#include "base/buffer.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/number.h"
#include "base/owner.h"
#include "config/config.h"
#include "gateway.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
    END_WAIT_MS = 5000,    /* of which the goodbye takes 300 ms at most */
    READY_WAIT_MS = 15000, /* RestartSec= and the start */
    ASK_AGAIN_MS = 50,
    COMMAND_LINE_MAX_BYTES = 64 * 1024,
    ANSWER_SIZE = 1024,
};

/* What systemctl(1) reports of the service. */
struct unit {
    pid_t pid; /* 0 while none runs */
    bool is_active;
    bool restarts;    /* after exit status 75 */
    bool keeps_lines; /* it has a descriptor store */
};

/* ---- the service manager ---- */

static void read_property(struct unit *unit, const char *text)
{
    const char *value = strchr(text, '=');
    int64_t number = 0;
    if (!value++)
        return;
    if (strncmp(text, "MainPID=", 8) == 0 && number_parse(value, 0, INT_MAX, &number) >= 0)
        unit->pid = (pid_t)number;
    else if (strncmp(text, "ActiveState=", 12) == 0)
        unit->is_active = strcmp(value, "active") == 0;
    else if (strncmp(text, "RestartForceExitStatus=", 23) == 0)
        unit->restarts = strstr(value, "75") != NULL;
    else if (strncmp(text, "FileDescriptorStoreMax=", 23) == 0)
        unit->keeps_lines = strcmp(value, "0") != 0;
}

/* Runs `systemctl show`; its output is at `ret_output`, to be closed, and the child to be waited for. */
static int start_systemctl(const char *service, FILE **ret_output, pid_t *ret_child)
{
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) < 0)
        return -errno;
    pid_t child = fork();
    if (child < 0) {
        int error = -errno;
        (void)close(ends[0]);
        (void)close(ends[1]);
        return error;
    }
    if (child == 0) {
        (void)dup2(ends[1], STDOUT_FILENO);
        (void)close(ends[0]);
        (void)close(ends[1]);
        (void)execlp("systemctl", "systemctl", "show",
                     "--property=MainPID,ActiveState,RestartForceExitStatus,FileDescriptorStoreMax",
                     "--", service, (char *)NULL);
        _exit(127);
    }
    (void)close(ends[1]);
    *ret_output = fdopen(ends[0], "r");
    *ret_child = child;
    if (*ret_output)
        return 0;
    (void)close(ends[0]);
    (void)waitpid(child, NULL, 0);
    return -ENOMEM;
}

/* 0, or -1 when there is no systemctl or it fails. */
static int ask_manager(const char *service, struct unit *ret_unit)
{
    struct unit unit = {0};
    char line[ANSWER_SIZE];
    FILE *output = NULL;
    pid_t child = -1;
    int status = -1;
    if (start_systemctl(service, &output, &child))
        return -1;
    while (fgets(line, sizeof line, output)) {
        line[strcspn(line, "\n")] = '\0';
        read_property(&unit, line);
    }
    (void)fclose(output);
    if (waitpid(child, &status, 0) < 0 || status != 0)
        return -1;
    *ret_unit = unit;
    return 0;
}

/* An exit code. */
static int find_process(const struct handover_options *options, pid_t *ret_pid)
{
    struct unit unit;
    if (options->pid) {
        *ret_pid = options->pid;
        return GATEWAY_EXIT_DONE;
    }
    if (ask_manager(options->service, &unit)) {
        if (!options->if_outdated)
            (void)fputs(
                "gpio-gateway: systemctl does not answer here: name the process with --pid\n",
                stderr);
        return GATEWAY_EXIT_UNAVAILABLE;
    }
    if (unit.pid == 0) {
        if (!options->if_outdated)
            (void)fprintf(
                stderr,
                "gpio-gateway: %s does not run: sudo systemctl start %s, or name a process "
                "with --pid\n",
                options->service, options->service);
        return GATEWAY_EXIT_UNAVAILABLE;
    }
    if (!unit.restarts || !unit.keeps_lines) {
        (void)fprintf(stderr,
                      "gpio-gateway: %s lacks %s: outputs would be let go of, so nothing was done; "
                      "systemctl daemon-reload, or take over the unit of this version\n",
                      options->service,
                      unit.restarts ? "FileDescriptorStoreMax=64" : "RestartForceExitStatus=75");
        return GATEWAY_EXIT_FAILED;
    }
    *ret_pid = unit.pid;
    return GATEWAY_EXIT_DONE;
}

/* ---- the config that the next process will read ---- */

/* The word after --config in the command line of `pid`, as that process sees the path. 0, or -1 where it
 * names none. */
static int find_config(pid_t pid, char path[PATH_MAX])
{
    char name[64];
    struct buffer words;
    int found = -1;
    (void)snprintf(name, sizeof name, "/proc/%d/cmdline", (int)pid);
    buffer_init(&words, COMMAND_LINE_MAX_BYTES);
    if (file_read(name, &words) == 0) {
        const char *end = words.data + words.length;
        const char *config = NULL;
        for (const char *at = words.data; at < end; at += strlen(at) + 1) {
            const char *next = at + strlen(at) + 1;
            if (strcmp(at, "--config") == 0 && next < end)
                config = next;
            else if (strncmp(at, "--config=", 9) == 0)
                config = at + 9;
        }
        int length = -1;
        if (config && *config == '/')
            length = snprintf(path, PATH_MAX, "%s", config);
        else if (config)
            length = snprintf(path, PATH_MAX, "/proc/%d/cwd/%s", (int)pid, config);
        found = length > 0 && length < PATH_MAX ? 0 : -1;
    }
    buffer_done(&words);
    return found;
}

/* An exit code. */
static int check_config(const char *path)
{
    struct config config = {0};
    struct config_report report;
    config_report_init(&report);
    int error = config_load(path, &config, &report);
    if (error)
        (void)fprintf(stderr, "%sgpio-gateway: the old process goes on; mend %s first\n",
                      report.errors > 0 ? buffer_text(&report.text) : "out of memory\n", path);
    config_report_done(&report);
    config_done(&config);
    return error ? GATEWAY_EXIT_CONFIG : GATEWAY_EXIT_DONE;
}

/* ---- the hand-over ---- */

static int fail_signal(pid_t pid, int error)
{
    (void)fprintf(stderr, "gpio-gateway: process %d: %s\n", (int)pid, strerror(error));
    return error == EPERM ? GATEWAY_EXIT_NOT_ALLOWED : GATEWAY_EXIT_UNAVAILABLE;
}

/* A number may belong to any program, and SIGUSR2 ends most of them. */
static bool is_gateway(pid_t pid)
{
    char name[64];
    struct buffer text;
    (void)snprintf(name, sizeof name, "/proc/%d/comm", (int)pid);
    buffer_init(&text, ANSWER_SIZE);
    bool is_same = file_read(name, &text) == 0 && strcmp(buffer_text(&text), "gpio-gateway\n") == 0;
    buffer_done(&text);
    return is_same;
}

/* Sends the signal and waits for the end. An exit code. */
static int end_process(pid_t pid)
{
    AUTO_FD pid_fd = (int)syscall(SYS_pidfd_open, pid, 0);
    if (pid_fd < 0)
        return fail_signal(pid, errno);
    if (!is_gateway(pid)) {
        (void)fprintf(stderr, "gpio-gateway: process %d is no gpio-gateway\n", (int)pid);
        return GATEWAY_EXIT_UNAVAILABLE;
    }
    if (syscall(SYS_pidfd_send_signal, pid_fd, SIGUSR2, NULL, 0) < 0)
        return fail_signal(pid, errno);
    struct pollfd ended = {.fd = pid_fd, .events = POLLIN};
    if (poll(&ended, 1, END_WAIT_MS) == 1)
        return GATEWAY_EXIT_DONE;
    (void)fprintf(stderr,
                  "gpio-gateway: process %d goes on: it did not hand over, and its log says why "
                  "(journalctl -u gpio-gateway)\n",
                  (int)pid);
    return GATEWAY_EXIT_FAILED;
}

/* Whether the process runs the very file that this one does, and not one that was replaced. */
static bool is_this_program(pid_t pid)
{
    char name[64];
    struct stat own, other;
    (void)snprintf(name, sizeof name, "/proc/%d/exe", (int)pid);
    return stat("/proc/self/exe", &own) == 0 && stat(name, &other) == 0 &&
           own.st_dev == other.st_dev && own.st_ino == other.st_ino;
}

static int wait_for_next(const char *service, pid_t before)
{
    int64_t until_ns = clock_monotonic_ns() + READY_WAIT_MS * CLOCK_NS_PER_MS;
    struct unit unit = {0};
    while (clock_monotonic_ns() < until_ns) {
        if (ask_manager(service, &unit) == 0 && unit.is_active && unit.pid != before &&
            unit.pid != 0) {
            (void)printf("handed over: process %d has ended, %d goes on\n", (int)before,
                         (int)unit.pid);
            return GATEWAY_EXIT_DONE;
        }
        (void)poll(NULL, 0, ASK_AGAIN_MS);
    }
    (void)fprintf(stderr,
                  "gpio-gateway: process %d has ended, but the next one is not ready: "
                  "systemctl status %s\n",
                  (int)before, service);
    return GATEWAY_EXIT_FAILED;
}

int handover_run(const struct handover_options *options)
{
    char found[PATH_MAX];
    const char *path = options->config_path;
    pid_t pid;
    int code = find_process(options, &pid);
    if (options->if_outdated &&
        (code == GATEWAY_EXIT_UNAVAILABLE || (!code && is_this_program(pid))))
        return GATEWAY_EXIT_DONE;
    if (code)
        return code;
    if (!path)
        path = find_config(pid, found) == 0 ? found : GATEWAY_CONFIG_FILE;
    code = check_config(path);
    if (!code)
        code = end_process(pid);
    if (!code && !options->pid)
        return wait_for_next(options->service, pid);
    if (!code)
        (void)printf(
            "handed over: process %d has ended; start the next one as this one was started\n",
            (int)pid);
    return code;
}
