/* A client that asks one thing many times and measures; prints one line of JSON.
 *
 *     bench-load ask   PORT http|text|udp COUNT PID REQUEST...
 *     bench-load rate  PORT CONNECTIONS COUNT PID REQUEST...
 *     bench-load push  PORT http|text|ws COUNT PID WATCHER_PORT HELLO FIRST REQUEST...
 *     bench-load fan   PORT http|text|ws COUNT PID WATCHERS HELLO FIRST REQUEST...
 *
 * `ask` waits for each answer; `rate` keeps one question on each connection; `push` measures until a
 * watcher on another connection hears of it; `fan` until the last of many does. REQUEST, HELLO (what makes
 * a watcher) and FIRST (what the asking connection says first, may be empty) are files; several requests
 * take turns. PID is the server's: its processor time for one question is told, too. */
#include <arpa/inet.h>
#include <errno.h>
#include <inttypes.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { TEXT_MAX = 1024 * 1024, REQUESTS_MAX = 4, WATCHERS_MAX = 4096, WAIT_S = 10, QUIET_MS = 200 };
enum kind { HTTP, TEXT, WS, UDP };

struct request {
    char *bytes;
    size_t length;
};

static char received[TEXT_MAX + 1];
static double *took_us;

static void die(const char *what)
{
    fprintf(stderr, "bench-load: %s: %s\n", what, strerror(errno));
    exit(1);
}

static int64_t now_ns(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * INT64_C(1000000000) + now.tv_nsec;
}

/* Time that a process has run, of all its threads. */
static int64_t cpu_ns(const char *pid)
{
    struct timespec spent;
    clockid_t clock;
    if (clock_getcpuclockid((pid_t)strtol(pid, NULL, 10), &clock) || clock_gettime(clock, &spent))
        die("clock_getcpuclockid");
    return spent.tv_sec * INT64_C(1000000000) + spent.tv_nsec;
}

static struct request read_request(const char *path)
{
    struct request request = {.bytes = malloc(TEXT_MAX)};
    FILE *in = fopen(path, "rbe");
    if (!in || !request.bytes)
        die(path);
    request.length = fread(request.bytes, 1, TEXT_MAX, in);
    (void)fclose(in);
    return request;
}

static enum kind kind_of(const char *name)
{
    static const char *const names[] = {"http", "text", "ws", "udp"};
    for (int i = 0; i < 4; i++)
        if (strcmp(names[i], name) == 0)
            return (enum kind)i;
    exit(2);
}

static int connect_to(const char *port, enum kind kind)
{
    int one = 1;
    struct timeval wait = {.tv_sec = WAIT_S};
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
                                  .sin_port = htons((uint16_t)strtoul(port, NULL, 10))};
    int fd = socket(AF_INET, (kind == UDP ? SOCK_DGRAM : SOCK_STREAM) | SOCK_CLOEXEC, 0);
    if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof address))
        die("connect");
    if (kind != UDP)
        (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    (void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof wait);
    return fd;
}

static void send_request(int fd, const struct request *request)
{
    if (send(fd, request->bytes, request->length, MSG_NOSIGNAL) != (ssize_t)request->length)
        die("send");
}

static bool is_whole(enum kind kind, size_t length)
{
    received[length] = '\0';
    if (kind == TEXT)
        return length > 0 && received[length - 1] == '\n';
    if (kind != HTTP)
        return length > 0;
    const char *end = strstr(received, "\r\n\r\n");
    const char *field = strcasestr(received, "content-length:");
    if (!end)
        return false;
    size_t body = field ? strtoul(field + 15, NULL, 10) : 0;
    return length >= (size_t)(end + 4 - received) + body;
}

static size_t read_some(int fd, size_t at)
{
    ssize_t got = recv(fd, received + at, TEXT_MAX - at, 0);
    if (got <= 0)
        die("recv");
    return (size_t)got;
}

static void read_answer(int fd, enum kind kind)
{
    size_t length = 0;
    while (!is_whole(kind, length))
        length += read_some(fd, length);
}

/* Reads whatever comes until nothing has come for a while. */
static void read_away(int fd)
{
    struct timeval quiet = {.tv_usec = QUIET_MS * 1000};
    struct timeval wait = {.tv_sec = WAIT_S};
    (void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &quiet, sizeof quiet);
    while (recv(fd, received, TEXT_MAX, 0) > 0) {
    }
    (void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof wait);
}

static int compare(const void *a, const void *b)
{
    double left = *(const double *)a, right = *(const double *)b;
    return (left > right) - (left < right);
}

static void report(long count, double cpu_us, int64_t elapsed_ns)
{
    qsort(took_us, (size_t)count, sizeof *took_us, compare);
    printf("{\"count\":%ld,\"p50_us\":%.2f,\"p99_us\":%.2f,\"max_us\":%.2f,\"cpu_us\":%.3f,"
           "\"per_s\":%.0f}\n",
           count, took_us[count / 2], took_us[count * 99 / 100], took_us[count - 1], cpu_us,
           (double)count * 1e9 / (double)elapsed_ns);
}

static int ask(char **arguments, int requests)
{
    enum kind kind = kind_of(arguments[1]);
    long count = strtol(arguments[2], NULL, 10);
    struct request request[REQUESTS_MAX];
    for (int i = 0; i < requests && i < REQUESTS_MAX; i++)
        request[i] = read_request(arguments[4 + i]);
    int fd = connect_to(arguments[0], kind);
    int64_t spent = 0, began = 0;
    for (long i = -count / 10; i < count; i++) { /* a tenth before, unmeasured */
        if (i == 0) {
            spent = cpu_ns(arguments[3]);
            began = now_ns();
        }
        int64_t start = now_ns();
        send_request(fd, &request[(i + count) % requests]);
        read_answer(fd, kind);
        if (i >= 0)
            took_us[i] = (double)(now_ns() - start) / 1e3;
    }
    report(count, (double)(cpu_ns(arguments[3]) - spent) / 1e3 / (double)count, now_ns() - began);
    return 0;
}

static int rate(char **arguments, int requests)
{
    int connections = (int)strtol(arguments[1], NULL, 10);
    long count = strtol(arguments[2], NULL, 10);
    struct request request[REQUESTS_MAX];
    for (int i = 0; i < requests && i < REQUESTS_MAX; i++)
        request[i] = read_request(arguments[4 + i]);
    static int64_t started[WATCHERS_MAX];
    int epoll = epoll_create1(EPOLL_CLOEXEC);
    for (int i = 0; i < connections; i++) {
        int fd = connect_to(arguments[0], HTTP);
        struct epoll_event event = {.events = EPOLLIN, .data.fd = fd};
        (void)epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event);
        started[fd] = now_ns();
        send_request(fd, &request[i % requests]);
    }
    int64_t spent = cpu_ns(arguments[3]), began = now_ns();
    for (long done = 0; done < count;) {
        struct epoll_event events[64];
        int ready = epoll_wait(epoll, events, 64, WAIT_S * 1000);
        if (ready <= 0)
            die("epoll_wait");
        for (int i = 0; i < ready && done < count; i++) {
            int fd = events[i].data.fd;
            read_answer(fd, HTTP);
            took_us[done++] = (double)(now_ns() - started[fd]) / 1e3;
            started[fd] = now_ns();
            send_request(fd, &request[done % requests]);
        }
    }
    report(count, (double)(cpu_ns(arguments[3]) - spent) / 1e3 / (double)count, now_ns() - began);
    return 0;
}

/* Waits until every watcher has got something. */
static void wait_for_all(int epoll, int watchers)
{
    static long round_of[WATCHERS_MAX];
    static long round;
    round++;
    for (int heard = 0; heard < watchers;) {
        struct epoll_event events[256];
        int ready = epoll_wait(epoll, events, 256, WAIT_S * 1000);
        if (ready <= 0)
            die("epoll_wait");
        for (int i = 0; i < ready; i++) {
            int fd = events[i].data.fd;
            (void)read_some(fd, 0);
            heard += round_of[fd] != round;
            round_of[fd] = round;
        }
    }
}

static int fan(char **arguments, int requests, bool is_push)
{
    enum kind kind = kind_of(arguments[1]);
    long count = strtol(arguments[2], NULL, 10);
    int watchers = is_push ? 1 : (int)strtol(arguments[4], NULL, 10);
    const char *port = is_push ? arguments[4] : arguments[0];
    struct request hello = read_request(arguments[5]);
    struct request first = read_request(arguments[6]);
    struct request request[REQUESTS_MAX];
    for (int i = 0; i < requests && i < REQUESTS_MAX; i++)
        request[i] = read_request(arguments[7 + i]);
    int epoll = epoll_create1(EPOLL_CLOEXEC);
    int last = -1;
    for (int i = 0; i < watchers; i++) {
        last = connect_to(port, HTTP);
        struct epoll_event event = {.events = EPOLLIN, .data.fd = last};
        (void)epoll_ctl(epoll, EPOLL_CTL_ADD, last, &event);
        send_request(last, &hello);
        (void)read_some(last, 0);
    }
    int fd = connect_to(arguments[0], kind);
    if (first.length > 0) {
        send_request(fd, &first);
        read_away(fd);
    }
    struct epoll_event events[1];
    while (epoll_wait(epoll, events, 1, QUIET_MS) > 0) /* snapshots that came in two parts */
        (void)read_some(events[0].data.fd, 0);
    int64_t spent = cpu_ns(arguments[3]), began = now_ns();
    for (long i = 0; i < count; i++) {
        int64_t start = now_ns();
        send_request(fd, &request[i % requests]);
        wait_for_all(epoll, watchers);
        took_us[i] = (double)(now_ns() - start) / 1e3;
        if (kind != WS)
            read_answer(fd, kind);
        else
            (void)recv(fd, received, TEXT_MAX, MSG_DONTWAIT); /* its answer and the event */
    }
    report(count, (double)(cpu_ns(arguments[3]) - spent) / 1e3 / (double)count, now_ns() - began);
    return 0;
}

int main(int argc, char **argv)
{
    took_us = calloc(10000000, sizeof *took_us);
    if (argc >= 7 && strcmp(argv[1], "ask") == 0)
        return ask(argv + 2, argc - 6);
    if (argc >= 7 && strcmp(argv[1], "rate") == 0)
        return rate(argv + 2, argc - 6);
    if (argc >= 10 && (strcmp(argv[1], "push") == 0 || strcmp(argv[1], "fan") == 0))
        return fan(argv + 2, argc - 9, argv[1][0] == 'p');
    fprintf(stderr, "see the top of load.c\n");
    return 2;
}
