#include "helper.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/owner.h"
#include "base/random.h"
#include "loop/loop.h"
#include "net/stream.h"
#include "spawner.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum { ARGUMENTS_MAX = 16, SETTLED_MS = 60 * 1000 };

struct helper {
    struct loop *loop;
    struct net *net;
    struct helper_options options;
    struct loop_timer timer; /* the next start */
    pid_t pid;               /* 0 while none runs */
    int pid_fd, output_fd;   /* -1 while none runs */
    struct loop_source *pid_source, *output_source;
    int64_t started_ns;
    unsigned wait_ms;
    char line[HELPER_LINE_MAX_BYTES + 1];
    size_t line_length;
    bool skips; /* the rest of a line that is too long */
    bool has_ended;
    int last_status; /* as waitpid(2) has it */
};

/* ---- the child, before it becomes another program ---- */

struct start {
    const struct helper *helper;
    int stream_fd, output_fd;
};

/* Between fork(2) and execve(2) only system calls are made, since other threads may hold locks. */
void helper_become(const void *context)
{
    const struct start *start = context;
    const struct helper *helper = start->helper;
    int stream_fd = start->stream_fd, output_fd = start->output_fd;
#ifndef __SANITIZE_ADDRESS__
    static const struct rlimit memory = {HELPER_MEMORY_MAX_BYTES, HELPER_MEMORY_MAX_BYTES};
#endif
    const char *argv[ARGUMENTS_MAX + 2] = {helper->options.program ? helper->options.program
                                                                   : "gpio-gateway"};
    for (size_t i = 0; i < ARGUMENTS_MAX && helper->options.arguments[i]; i++)
        argv[i + 1] = helper->options.arguments[i];
    sigset_t none;
    (void)sigemptyset(&none);
    (void)sigprocmask(SIG_SETMASK, &none, NULL);
    (void)signal(SIGPIPE, SIG_DFL);
    (void)prctl(PR_SET_PDEATHSIG, SIGTERM);
#ifndef __SANITIZE_ADDRESS__ /* its shadow memory is larger than any limit */
    (void)setrlimit(RLIMIT_DATA, &memory);
#endif
    int null_fd = open("/dev/null", O_RDWR | O_CLOEXEC);
    (void)dup2(null_fd, STDIN_FILENO);
    (void)dup2(output_fd >= 0 ? output_fd : null_fd, STDOUT_FILENO);
    if (stream_fd == HELPER_STREAM_FD)
        (void)fcntl(stream_fd, F_SETFD, 0);
    else if (stream_fd >= 0)
        (void)dup2(stream_fd, HELPER_STREAM_FD);
    char **arguments = (char **)(uintptr_t)argv;
    if (helper->options.program)
        (void)execvp(helper->options.program, arguments);
    else
        (void)execv("/proc/self/exe", arguments);
    _exit(127);
}

/* ---- its standard output ---- */

static void take_output(struct helper *helper, const char *bytes, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        if (bytes[i] == '\n') {
            helper->line[helper->line_length] = '\0';
            if (!helper->skips)
                helper->options.line(helper->options.context, helper->line);
            helper->line_length = 0;
            helper->skips = false;
        } else if (helper->line_length < HELPER_LINE_MAX_BYTES) {
            helper->line[helper->line_length++] = bytes[i];
        } else {
            helper->skips = true;
        }
    }
}

static void on_output(void *context, uint32_t events)
{
    struct helper *helper = context;
    char bytes[1024];
    (void)events;
    ssize_t length = read(helper->output_fd, bytes, sizeof bytes);
    if (length > 0)
        take_output(helper, bytes, (size_t)length);
    else if (length == 0 || errno != EAGAIN)
        helper->output_source = loop_source_free(helper->output_source);
}

/* ---- a child that ends ---- */

static void forget_child(struct helper *helper)
{
    helper->pid_source = loop_source_free(helper->pid_source);
    helper->output_source = loop_source_free(helper->output_source);
    owner_close_fd(&helper->pid_fd);
    owner_close_fd(&helper->output_fd);
    helper->pid_fd = helper->output_fd = -1;
    helper->pid = 0;
    helper->line_length = 0;
    helper->skips = false;
}

static void start_later(struct helper *helper, int64_t now_ns)
{
    bool settled = now_ns - helper->started_ns >= SETTLED_MS * CLOCK_NS_PER_MS;
    if (settled || helper->wait_ms == 0)
        helper->wait_ms = HELPER_RESTART_MIN_MS;
    (void)loop_timer_set(&helper->timer, now_ns + random_spread(helper->wait_ms) * CLOCK_NS_PER_MS);
    helper->wait_ms *= 2;
    if (helper->wait_ms > HELPER_RESTART_MAX_MS)
        helper->wait_ms = HELPER_RESTART_MAX_MS;
}

/* Logs equal ends in a row once, so that a child that never starts does not fill the log. */
static void report_end(struct helper *helper, int status)
{
    bool settled = loop_now_ns(helper->loop) - helper->started_ns >= SETTLED_MS * CLOCK_NS_PER_MS;
    if (helper->has_ended && helper->last_status == status && !settled)
        return;
    helper->has_ended = true;
    helper->last_status = status;
    if (WIFSIGNALED(status))
        log_warning("helper=%s ended signal=%d; it is started again", helper->options.name,
                    WTERMSIG(status));
    else if (WEXITSTATUS(status) == 127)
        log_warning("helper=%s cannot be started; is it installed?", helper->options.name);
    else
        log_warning("helper=%s ended status=%d; it is started again", helper->options.name,
                    WEXITSTATUS(status));
}

static void on_ended(void *context, uint32_t events)
{
    struct helper *helper = context;
    int status = 0;
    (void)events;
    if (waitpid(helper->pid, &status, WNOHANG) != helper->pid)
        return;
    report_end(helper, status);
    forget_child(helper);
    if (helper->options.ended)
        helper->options.ended(helper->options.context);
    start_later(helper, loop_now_ns(helper->loop));
}

/* ---- a child that begins ---- */

static int watch_child(struct helper *helper)
{
    helper->pid_fd = (int)syscall(SYS_pidfd_open, helper->pid, 0);
    if (helper->pid_fd < 0)
        return -errno;
    int error =
        loop_watch(helper->loop, helper->pid_fd, EPOLLIN, on_ended, helper, &helper->pid_source);
    if (!error && helper->output_fd >= 0)
        error = loop_watch(helper->loop, helper->output_fd, EPOLLIN, on_output, helper,
                           &helper->output_source);
    return error;
}

static int open_channels(struct helper *helper, struct stream **ret_stream, int *ret_stream_fd,
                         int *ret_output_fd)
{
    int output[2];
    if (helper->options.line) {
        if (pipe2(output, O_CLOEXEC) < 0)
            return -errno;
        helper->output_fd = output[0];
        *ret_output_fd = output[1];
        (void)fcntl(output[0], F_SETFL, O_NONBLOCK);
    }
    if (!helper->options.started)
        return 0;
    return stream_open_pair(helper->net, helper->options.name, ret_stream, ret_stream_fd);
}

/* SIGCONT as well, since a stopped process handles another signal only after it. */
static void send_signal(const struct helper *helper, int number)
{
    (void)syscall(SYS_pidfd_send_signal, helper->pid_fd, number, NULL, 0);
    (void)syscall(SYS_pidfd_send_signal, helper->pid_fd, SIGCONT, NULL, 0);
}

static pid_t fork_child(const struct helper *helper, int stream_fd, int output_fd)
{
    const struct start start = {helper, stream_fd, output_fd};
    if (helper->options.spawner)
        return spawner_fork(helper->options.spawner, &start);
    pid_t pid = fork();
    if (pid == 0)
        helper_become(&start);
    return pid < 0 ? -errno : pid;
}

static int start_child(struct helper *helper)
{
    struct stream *stream = NULL;
    AUTO_FD stream_fd = -1;
    AUTO_FD output_fd = -1;
    int error = open_channels(helper, &stream, &stream_fd, &output_fd);
    if (!error) {
        helper->pid = fork_child(helper, stream_fd, output_fd);
        error = helper->pid < 0 ? helper->pid : watch_child(helper);
    }
    if (error) {
        /* Without a pidfd it ends with its end of the socket pair, and is waited for by nobody. */
        if (helper->pid > 0 && helper->pid_fd >= 0) {
            send_signal(helper, SIGKILL);
            (void)waitpid(helper->pid, NULL, 0);
        }
        stream_close(stream);
        forget_child(helper);
        return error;
    }
    if (stream)
        helper->options.started(helper->options.context, stream);
    return 0;
}

static void on_due(void *context)
{
    struct helper *helper = context;
    helper->started_ns = loop_now_ns(helper->loop);
    int error = start_child(helper);
    if (!error)
        return;
    log_warning("helper=%s cannot be started errno=%s", helper->options.name, strerror(-error));
    start_later(helper, helper->started_ns);
}

/* ---- life ---- */

int helper_new(struct loop *loop, struct net *net, const struct helper_options *options,
               struct helper **ret_helper)
{
    struct helper *helper = calloc(1, sizeof *helper);
    if (!helper)
        return -ENOMEM;
    helper->loop = loop;
    helper->net = net;
    helper->options = *options;
    helper->pid_fd = helper->output_fd = -1;
    loop_timer_init(&helper->timer, loop, on_due, helper);
    if (loop_timer_set(&helper->timer, 0)) {
        free(helper);
        return -ENOMEM;
    }
    *ret_helper = helper;
    return 0;
}

struct helper *helper_free(struct helper *helper)
{
    if (!helper)
        return NULL;
    loop_timer_stop(&helper->timer);
    if (helper->pid > 0) {
        struct pollfd ended = {.fd = helper->pid_fd, .events = POLLIN};
        send_signal(helper, SIGTERM);
        if (poll(&ended, 1, HELPER_END_MS) != 1)
            send_signal(helper, SIGKILL);
        (void)waitpid(helper->pid, NULL, 0);
    }
    forget_child(helper);
    free(helper);
    return NULL;
}
