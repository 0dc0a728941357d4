#include "spawner.h"

#include "base/owner.h"
#include "base/thread.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

struct spawner {
    void (*child)(const void *context);
    pthread_t thread;
    int requests[2], answers[2]; /* pipes: a context there, a pid back */
};

/* One fork. */
struct birth {
    const struct spawner *spawner;
    const void *context;
    int go_fd; /* the child waits here until it has its parent */
    pid_t thread, pid;
};

static void *bear(void *argument)
{
    struct birth *birth = argument;
    birth->thread = (pid_t)syscall(SYS_gettid);
    birth->pid = fork();
    if (birth->pid == 0) {
        char go;
        if (read(birth->go_fd, &go, sizeof go) != (ssize_t)sizeof go)
            _exit(127);
        birth->spawner->child(birth->context);
    }
    if (birth->pid < 0)
        birth->pid = -errno;
    return NULL;
}

/* A child belongs to the thread that forked it: to its waitpid(2), to its death (PR_SET_PDEATHSIG), and in proc(5). That
 * thread ends at once, and the kernel gives the child to the first of the process, the loop's. */
static pid_t bear_child(const struct spawner *spawner, const void *context)
{
    int ends[2];
    pthread_t thread;
    if (pipe2(ends, O_CLOEXEC) < 0)
        return -errno;
    struct birth birth = {.spawner = spawner, .context = context, .go_fd = ends[0]};
    int error = thread_start(&thread, bear, &birth);
    if (!error) {
        (void)pthread_join(thread, NULL);
        /* It is joined a little before the kernel has forgotten it. */
        while (syscall(SYS_tgkill, getpid(), birth.thread, 0) == 0)
            (void)sched_yield();
        (void)!write(ends[1], "g", 1);
    }
    (void)close(ends[0]);
    (void)close(ends[1]);
    return error ? error : birth.pid;
}

static void *answer_requests(void *argument)
{
    const struct spawner *spawner = argument;
    const void *context;
    while (read(spawner->requests[0], &context, sizeof context) == (ssize_t)sizeof context) {
        pid_t pid = bear_child(spawner, context);
        if (write(spawner->answers[1], &pid, sizeof pid) != (ssize_t)sizeof pid)
            break;
    }
    return NULL;
}

static void close_all(struct spawner *spawner)
{
    owner_close_fd(&spawner->requests[0]);
    owner_close_fd(&spawner->requests[1]);
    owner_close_fd(&spawner->answers[0]);
    owner_close_fd(&spawner->answers[1]);
}

int spawner_new(void (*child)(const void *context), struct spawner **ret_spawner)
{
    struct spawner *spawner = calloc(1, sizeof *spawner);
    if (!spawner)
        return -ENOMEM;
    *spawner = (struct spawner){.child = child, .requests = {-1, -1}, .answers = {-1, -1}};
    int error = pipe2(spawner->requests, O_CLOEXEC) < 0 ? -errno : 0;
    if (!error)
        error = pipe2(spawner->answers, O_CLOEXEC) < 0 ? -errno : 0;
    if (!error)
        error = thread_start(&spawner->thread, answer_requests, spawner);
    if (error) {
        close_all(spawner);
        free(spawner);
        return error;
    }
    *ret_spawner = spawner;
    return 0;
}

pid_t spawner_fork(struct spawner *spawner, const void *context)
{
    pid_t pid = 0;
    if (write(spawner->requests[1], &context, sizeof context) != (ssize_t)sizeof context)
        return -errno;
    ssize_t length = read(spawner->answers[0], &pid, sizeof pid);
    if (length == (ssize_t)sizeof pid)
        return pid;
    return length < 0 ? -errno : -EPIPE;
}

struct spawner *spawner_free(struct spawner *spawner)
{
    if (!spawner)
        return NULL;
    owner_close_fd(&spawner->requests[1]); /* ends its loop */
    spawner->requests[1] = -1;
    (void)pthread_join(spawner->thread, NULL);
    close_all(spawner);
    free(spawner);
    return NULL;
}
