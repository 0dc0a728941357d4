/* Loaded before the C library (LD_PRELOAD, ld.so(8)), or part of a program with sanitizers: makes the n-th call of a kind fail. A test says which by the
 * file of $GATEWAY_FAULTS, a struct plan that both map. Programs that the gateway starts are left alone. */
#include <dlfcn.h>
#include <errno.h>
#include <execinfo.h>
#include <fcntl.h>
#include <malloc.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/timerfd.h>
#include <sys/uio.h>
#include <unistd.h>

enum kind {
    ALLOC,
    WRITE,
    FSYNC,
    ACCEPT,
    EPOLL_CTL,
    RECVMSG,
    RECEIVE,
    SEND,
    OPEN,
    RENAME,
    DESCRIPTOR,
    THREAD,
    SOCKET,
    FILES,
    FENCE,
    RANDOM,
    KINDS
};

/* The layout is that of tests/system/faults.py. */
struct plan {
    uint32_t kind;    /* of enum kind; KINDS for none */
    uint32_t nth;     /* from 1 on: the call that fails */
    uint32_t number;  /* the errno */
    uint32_t slow_ms; /* each call of the kind waits so long, and none fails */
    _Atomic uint32_t seen;
};

#ifdef FAULTS_IN_PROGRAM
/* Part of the program: what it calls next are AddressSanitizer's, which look at what became of the failure. */
#define __libc_malloc __interceptor_malloc
#define __libc_calloc __interceptor_calloc
#define __libc_realloc __interceptor_realloc
#endif
void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *block, size_t size);
void __libc_free(void *block);

static struct plan *plan;

/* Whose fault an end by a signal is stands in the log. */
static void on_fatal(int number)
{
    void *frames[32];
    if (plan)
        plan->kind = KINDS;
    /* NOLINTNEXTLINE(bugprone-signal-handler): the process ends here; a try is enough */
    backtrace_symbols_fd(frames, backtrace(frames, 32), STDERR_FILENO);
    (void)signal(number, SIG_DFL);
    (void)raise(number);
}

__attribute__((constructor)) static void begin(void)
{
    const char *path = getenv("GATEWAY_FAULTS");
    int fd = path ? open(path, O_RDWR | O_CLOEXEC) : -1;
    if (fd < 0)
        return;
    void *mapped = mmap(NULL, sizeof *plan, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    (void)close(fd);
    (void)unsetenv("LD_PRELOAD");
    (void)unsetenv("GATEWAY_FAULTS");
    if (mapped == MAP_FAILED)
        return;
    void *frames[1];
    (void)backtrace(frames, 1); /* loads what it needs now */
    (void)signal(SIGABRT, on_fatal);
#ifndef FAULTS_IN_PROGRAM
    (void)signal(SIGSEGV, on_fatal);
    (void)signal(SIGBUS, on_fatal);
#endif
    plan = mapped;
}

static int fails(enum kind kind)
{
    if (!plan || plan->kind != kind)
        return 0;
#ifdef FAULTS_IN_PROGRAM /* AddressSanitizer allocates where a thread begins, and bears no failure */
    if (gettid() != getpid())
        return 0;
#endif
    uint32_t number = atomic_fetch_add(&plan->seen, 1) + 1;
    if (plan->slow_ms)
        (void)usleep(plan->slow_ms * 1000);
    if (number != plan->nth)
        return 0;
    errno = (int)plan->number;
    return 1;
}

void *malloc(size_t size)
{
    return fails(ALLOC) ? NULL : __libc_malloc(size);
}

void *calloc(size_t count, size_t size)
{
    return fails(ALLOC) ? NULL : __libc_calloc(count, size);
}

void *realloc(void *block, size_t size)
{
    return fails(ALLOC) ? NULL : __libc_realloc(block, size);
}

#ifndef FAULTS_IN_PROGRAM
/* What is used after it was freed is seen by its bytes. */
void free(void *block)
{
    if (!block)
        return;
    int before = errno;
    memset(block, 0xdd, malloc_usable_size(block));
    __libc_free(block);
    errno = before;
}
#endif

/* NULL of a pointer, -1 of a number. */
#define FAILED(result) _Generic((result)0, char * : 0, default : -1)

#define WRAP(kind, result, name, parameters, arguments)                                            \
    result name parameters                                                                         \
    {                                                                                              \
        static __typeof__(name) *next;                                                             \
        if (!next)                                                                                 \
            next = (__typeof__(name) *)dlsym(RTLD_NEXT, #name);                                    \
        return fails(kind) ? (result)FAILED(result) : next arguments;                              \
    }

WRAP(WRITE, ssize_t, write, (int fd, const void *bytes, size_t size), (fd, bytes, size))
WRAP(WRITE, ssize_t, writev, (int fd, const struct iovec *parts, int count), (fd, parts, count))
WRAP(FSYNC, int, fsync, (int fd), (fd))
WRAP(FSYNC, int, fdatasync, (int fd), (fd))
WRAP(ACCEPT, int, accept4, (int fd, struct sockaddr *from, socklen_t *size, int flags),
     (fd, from, size, flags))
/* Removing needs no memory. */
int epoll_ctl(int fd, int verb, int other, struct epoll_event *event)
{
    static __typeof__(epoll_ctl) *next;
    if (!next)
        next = (__typeof__(epoll_ctl) *)dlsym(RTLD_NEXT, "epoll_ctl");
    return verb != EPOLL_CTL_DEL && fails(EPOLL_CTL) ? -1 : next(fd, verb, other, event);
}

WRAP(RECVMSG, ssize_t, recvmsg, (int fd, struct msghdr *message, int flags), (fd, message, flags))
#ifdef FAULTS_IN_PROGRAM /* whose own recv(2) calls this: net/receive_filter.h */
WRAP(RECEIVE, ssize_t, recvfrom,
     (int fd, void *bytes, size_t size, int flags, struct sockaddr *from, socklen_t *room),
     (fd, bytes, size, flags, from, room))
#else
WRAP(RECEIVE, ssize_t, recv, (int fd, void *bytes, size_t size, int flags),
     (fd, bytes, size, flags))
#endif
WRAP(RECEIVE, ssize_t, read, (int fd, void *bytes, size_t size), (fd, bytes, size))
WRAP(SEND, ssize_t, send, (int fd, const void *bytes, size_t size, int flags),
     (fd, bytes, size, flags))
WRAP(SEND, ssize_t, sendmsg, (int fd, const struct msghdr *message, int flags),
     (fd, message, flags))
WRAP(SEND, ssize_t, sendto,
     (int fd, const void *bytes, size_t size, int flags, const struct sockaddr *to, socklen_t room),
     (fd, bytes, size, flags, to, room))
WRAP(RENAME, int, rename, (const char *from, const char *to), (from, to))
WRAP(DESCRIPTOR, int, socket, (int domain, int type, int protocol), (domain, type, protocol))
WRAP(DESCRIPTOR, int, socketpair, (int domain, int type, int protocol, int ends[2]),
     (domain, type, protocol, ends))
WRAP(DESCRIPTOR, int, pipe2, (int ends[2], int flags), (ends, flags))
WRAP(DESCRIPTOR, int, epoll_create1, (int flags), (flags))
WRAP(DESCRIPTOR, int, timerfd_create, (int clock, int flags), (clock, flags))
WRAP(DESCRIPTOR, int, eventfd, (unsigned count, int flags), (count, flags))

WRAP(DESCRIPTOR, int, signalfd, (int fd, const sigset_t *mask, int flags), (fd, mask, flags))
WRAP(DESCRIPTOR, int, inotify_init1, (int flags), (flags))
WRAP(SOCKET, int, bind, (int fd, const struct sockaddr *at, socklen_t size), (fd, at, size))
WRAP(SOCKET, int, listen, (int fd, int backlog), (fd, backlog))
WRAP(SOCKET, int, getsockname, (int fd, struct sockaddr *at, socklen_t *size), (fd, at, size))
WRAP(SOCKET, int, setsockopt, (int fd, int level, int name, const void *value, socklen_t size),
     (fd, level, name, value, size))
WRAP(SOCKET, int, getsockopt, (int fd, int level, int name, void *value, socklen_t *size),
     (fd, level, name, value, size))
WRAP(FILES, int, stat, (const char *path, struct stat *status), (path, status))
WRAP(FILES, int, lstat, (const char *path, struct stat *status), (path, status))
WRAP(FILES, int, fstat, (int fd, struct stat *status), (fd, status))
WRAP(FILES, int, mkdir, (const char *path, mode_t mode), (path, mode))
WRAP(FILES, int, unlink, (const char *path), (path))
WRAP(FILES, int, chmod, (const char *path, mode_t mode), (path, mode))
WRAP(FILES, int, inotify_add_watch, (int fd, const char *path, uint32_t mask), (fd, path, mask))
WRAP(FILES, char *, realpath, (const char *path, char *resolved), (path, resolved))
WRAP(RANDOM, ssize_t, getrandom, (void *bytes, size_t size, unsigned flags), (bytes, size, flags))

int pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*run)(void *),
                   void *context)
{
    static __typeof__(pthread_create) *next;
    if (!next)
        next = (__typeof__(pthread_create) *)dlsym(RTLD_NEXT, "pthread_create");
    return fails(THREAD) ? (int)plan->number : next(thread, attributes, run, context);
}

/* What has no function of its own in the C library: seccomp(2), landlock(7). */
long syscall(long number, ...)
{
    static __typeof__(syscall) *next;
    long arguments[6];
    va_list rest;
    if (!next)
        next = (__typeof__(syscall) *)dlsym(RTLD_NEXT, "syscall");
    va_start(rest, number);
    for (int i = 0; i < 6; i++)
        arguments[i] = va_arg(rest, long);
    va_end(rest);
    return fails(FENCE) ? -1
                        : next(number, arguments[0], arguments[1], arguments[2], arguments[3],
                               arguments[4], arguments[5]);
}

#define WRAP_OPEN(name, parameters, arguments)                                                     \
    int name parameters                                                                            \
    {                                                                                              \
        static __typeof__(name) *next;                                                             \
        mode_t mode = 0;                                                                           \
        va_list rest;                                                                              \
        if (!next)                                                                                 \
            next = (__typeof__(name) *)dlsym(RTLD_NEXT, #name);                                    \
        va_start(rest, flags);                                                                     \
        if (flags & (O_CREAT | __O_TMPFILE))                                                       \
            mode = va_arg(rest, mode_t);                                                           \
        va_end(rest);                                                                              \
        return fails(OPEN) ? -1 : next arguments;                                                  \
    }

WRAP_OPEN(open, (const char *path, int flags, ...), (path, flags, mode))
WRAP_OPEN(open64, (const char *path, int flags, ...), (path, flags, mode))
WRAP_OPEN(openat, (int folder, const char *path, int flags, ...), (folder, path, flags, mode))
