/* The least that a server on one thread and one epoll can do for the same bytes: what the gateway's
 * figures are divided by.
 *
 *     bench-bare FOLDER
 *
 * FOLDER holds what it answers and pushes, as the gateway said it: get, put, page (HTTP answers), ws, sse
 * and text (an event as each kind of watcher gets it), reply (to a WebSocket) and answer (to a line of
 * text or a datagram). It prints the ports of HTTP, text and datagrams, checks nothing, and ends when its
 * standard input does. */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum { CLIENTS_MAX = 4096, TEXT_MAX = 1024 * 1024, READ_BYTES = 8192, BATCH = 64 };
enum kind { FREE, HTTP_LISTENER, TEXT_LISTENER, DATAGRAM, INPUT, HTTP, TEXT, WEBSOCKET, EVENTS };

struct text {
    char *bytes;
    size_t length;
};

static struct text get, put, page, ws, sse, text, reply, answer;
static struct {
    enum kind kind;
    bool watches;
} clients[CLIENTS_MAX]; /* by descriptor */
static int epoll = -1, watchers[CLIENTS_MAX], watcher_count;

static void die(const char *call)
{
    perror(call);
    exit(1);
}

static struct text read_file(const char *folder, const char *name)
{
    char path[4096];
    struct text file = {.bytes = malloc(TEXT_MAX)};
    (void)snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *in = fopen(path, "rbe");
    if (!in || !file.bytes)
        die(path);
    file.length = fread(file.bytes, 1, TEXT_MAX, in);
    (void)fclose(in);
    return file;
}

static void add(int fd, enum kind kind)
{
    struct epoll_event event = {.events = EPOLLIN, .data.fd = fd};
    if (fd >= CLIENTS_MAX || epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event))
        die("epoll_ctl");
    clients[fd].kind = kind;
    clients[fd].watches = false;
}

static void open_port(int type, enum kind kind)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof address;
    int fd = socket(AF_INET, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof address) ||
        (type == SOCK_STREAM && listen(fd, 1024)) ||
        getsockname(fd, (struct sockaddr *)&address, &length))
        die("bind");
    add(fd, kind);
    printf("%u\n", ntohs(address.sin_port));
}

static void send_text(int fd, struct text what)
{
    if (send(fd, what.bytes, what.length, MSG_NOSIGNAL | MSG_DONTWAIT) < 0 && errno != EAGAIN &&
        errno != EPIPE && errno != ECONNRESET)
        die("send");
}

static void watch(int fd)
{
    clients[fd].watches = true;
    watchers[watcher_count++] = fd;
}

static void push(void)
{
    for (int i = 0; i < watcher_count; i++) {
        int fd = watchers[i];
        send_text(fd, clients[fd].kind == WEBSOCKET ? ws : clients[fd].kind == EVENTS ? sse : text);
    }
}

static void drop(int fd)
{
    for (int i = 0; clients[fd].watches && i < watcher_count; i++)
        if (watchers[i] == fd)
            watchers[i--] = watchers[--watcher_count];
    clients[fd].kind = FREE;
    (void)close(fd);
}

static bool begins(const char *bytes, const char *with)
{
    return strncmp(bytes, with, strlen(with)) == 0;
}

static void answer_http(int fd, const char *request)
{
    static char upgrade[] = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
                            "Connection: Upgrade\r\n\r\n\x81\x02{}";
    static char stream[] = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\nid: 1\n\n";
    if (begins(request, "GET /ws")) {
        clients[fd].kind = WEBSOCKET;
        watch(fd);
        send_text(fd, (struct text){upgrade, sizeof upgrade - 1});
    } else if (begins(request, "GET /api/v1/events")) {
        clients[fd].kind = EVENTS;
        watch(fd);
        send_text(fd, (struct text){stream, sizeof stream - 1});
    } else if (begins(request, "PUT") || begins(request, "POST")) {
        send_text(fd, put);
        push();
    } else {
        send_text(fd, begins(request, "GET / ") ? page : get);
    }
}

static void answer_text(int fd, const char *line)
{
    static char ok[] = "ok\n";
    if (begins(line, "auth") || begins(line, "watch")) {
        if (strstr(line, "watch"))
            watch(fd);
        send_text(fd, (struct text){ok, sizeof ok - 1});
        return;
    }
    send_text(fd, answer);
    if (begins(line, "toggle"))
        push();
}

static void on_datagram(int fd)
{
    char bytes[READ_BYTES];
    struct sockaddr_in peer;
    socklen_t length = sizeof peer;
    if (recvfrom(fd, bytes, sizeof bytes, 0, (struct sockaddr *)&peer, &length) >= 0)
        (void)sendto(fd, answer.bytes, answer.length, 0, (struct sockaddr *)&peer, length);
}

static void on_accept(int listener, enum kind kind)
{
    int one = 1;
    int fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd < 0)
        return;
    (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    add(fd, kind);
}

static void on_bytes(int fd)
{
    char bytes[READ_BYTES + 1];
    ssize_t got = recv(fd, bytes, READ_BYTES, 0);
    if (got <= 0) {
        drop(fd);
        return;
    }
    bytes[got] = '\0';
    if (clients[fd].kind == HTTP) {
        answer_http(fd, bytes);
    } else if (clients[fd].kind == TEXT) {
        answer_text(fd, bytes);
    } else if (clients[fd].kind == WEBSOCKET) {
        send_text(fd, reply);
        push();
    }
}

static void on_event(int fd)
{
    switch (clients[fd].kind) {
    case INPUT:
        exit(0);
    case HTTP_LISTENER:
        on_accept(fd, HTTP);
        break;
    case TEXT_LISTENER:
        on_accept(fd, TEXT);
        break;
    case DATAGRAM:
        on_datagram(fd);
        break;
    case FREE:
        break;
    case HTTP:
    case TEXT:
    case WEBSOCKET:
    case EVENTS:
        on_bytes(fd);
        break;
    }
}

int main(int argc, char **argv)
{
    static const struct {
        const char *name;
        struct text *file;
    } files[] = {{"get", &get}, {"put", &put},   {"page", &page},   {"ws", &ws},
                 {"sse", &sse}, {"text", &text}, {"reply", &reply}, {"answer", &answer}};
    if (argc != 2)
        return 2;
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++)
        *files[i].file = read_file(argv[1], files[i].name);
    epoll = epoll_create1(EPOLL_CLOEXEC);
    open_port(SOCK_STREAM, HTTP_LISTENER);
    open_port(SOCK_STREAM, TEXT_LISTENER);
    open_port(SOCK_DGRAM, DATAGRAM);
    add(STDIN_FILENO, INPUT);
    (void)fflush(stdout);
    for (;;) {
        struct epoll_event events[BATCH];
        int count = epoll_wait(epoll, events, BATCH, -1);
        for (int i = 0; i < count; i++)
            on_event(events[i].data.fd);
    }
}
