/* Many cheap clients for a soak: they come, go, sleep, stall and go on where they were, by WebSocket, event stream and
 * text, and others change outputs as fast as they are answered. Each event must be the one behind the last.
 *
 *     soak-watch HTTP_PORT LINE_PORT TOKEN WATCHERS WRITERS
 *
 * A line of standard input is a command, and a line of standard output its answer: `go`, `quiet` (nobody changes, and
 * nobody stays away), `check SEQ NAME=VALUE...` (does everybody see this?), `stop` (all leave). Ends with the input. */
#include "request.h"
#include "view.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <netinet/tcp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum {
    CLIENTS_MAX = 1024,
    BYTES_MAX = 256 * 1024, /* the longest message: a snapshot, or the answer to a batch */
    STAYS_MS = 4000,        /* in the mean */
    SLEEPS_MS = 1000,
    STALLS_MS = 1500,
    STALLS_EVERY = 2000, /* messages, in the mean */
    AGAIN_MS = 100,
};

struct client {
    enum kind kind;
    int fd; /* -1 while it is away */
    bool is_greeted, is_stalled;
    int64_t due_ms; /* to come, to leave, or to read again */
    int64_t leaves_ms;
    char *bytes;
    size_t length;
    struct view view;
    unsigned answers; /* that a writer waits for */
};

static struct client clients[CLIENTS_MAX];
static int client_count, epoll;
static const char *http_port, *line_port, *token;
static bool is_loud, is_on;
static uint64_t arrivals, messages;
static char batch[REQUEST_BATCH_SIZE];
static size_t batch_length;

static void die(const char *format, ...) __attribute__((format(printf, 1, 2), noreturn));
static void die(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    /* NOLINTNEXTLINE(clang-analyzer-valist.Uninitialized): va_start(3) stands above */
    (void)vprintf(format, arguments);
    va_end(arguments);
    (void)puts("");
    exit(1);
}

static int64_t now_ms(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * INT64_C(1000) + now.tv_nsec / 1000000;
}

static int below(int most)
{
    return (int)(random() % most);
}

/* One message of any of the ways; `text` ends with a NUL. */
static void take(struct client *client, const char *text, bool is_snapshot)
{
    int took = view_take(&client->view, text, is_snapshot);
    if (took < 0)
        die("wrong: client %d of kind %d was at %s-%" PRIu64 " and got %.200s",
            (int)(client - clients), client->kind, client->view.boot, client->view.seq, text);
    messages += (uint64_t)took;
}

/* ---- coming and going ---- */

static void leave(struct client *client, int away_ms)
{
    struct linger none = {.l_onoff = 1};
    if (client->fd >= 0 && below(10) < 3) /* without a word */
        (void)setsockopt(client->fd, SOL_SOCKET, SO_LINGER, &none, sizeof none);
    if (client->fd >= 0)
        (void)close(client->fd);
    client->fd = -1;
    client->length = 0;
    client->answers = 0;
    client->is_stalled = false;
    client->due_ms = now_ms() + away_ms;
}

static void say(struct client *client, const char *bytes, size_t length)
{
    if (send(client->fd, bytes, length, MSG_NOSIGNAL) != (ssize_t)length)
        leave(client, AGAIN_MS);
}

static void greet(struct client *client)
{
    char text[REQUEST_GREETING_SIZE], cursor[64] = "";
    bool is_text = client->kind == TEXT || client->kind == TEXT_WRITER;
    if (client->view.boot[0])
        (void)snprintf(cursor, sizeof cursor, "%s-%" PRIu64, client->view.boot, client->view.seq);
    else if (client->kind == EVENTS)
        (void)snprintf(cursor, sizeof cursor, "00000000-0"); /* of another run: a snapshot comes */
    int length = request_greeting(client->kind, cursor, http_port, token, text);
    client->is_greeted = is_text || client->kind == HTTP_WRITER;
    client->answers = client->kind == TEXT_WRITER ? 1 : 0;
    if (length > 0)
        say(client, text, (size_t)length);
}

static void come(struct client *client)
{
    bool is_text = client->kind == TEXT || client->kind == TEXT_WRITER;
    struct sockaddr_in at = {
        .sin_family = AF_INET,
        .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
        .sin_port = htons((uint16_t)strtoul(is_text ? line_port : http_port, NULL, 10))};
    int one = 1;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        die("wrong: socket: %s", strerror(errno));
    if (connect(fd, (struct sockaddr *)&at, sizeof at) < 0) {
        (void)close(fd); /* one gateway takes over from the other */
        client->due_ms = now_ms() + AGAIN_MS;
        return;
    }
    (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    (void)fcntl(fd, F_SETFL, O_NONBLOCK);
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = client};
    if (epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event) < 0)
        die("wrong: epoll_ctl: %s", strerror(errno));
    client->fd = fd;
    client->leaves_ms = now_ms() + below(2 * STAYS_MS);
    client->due_ms = client->leaves_ms;
    arrivals++;
    greet(client);
}

static void set_stalled(struct client *client, bool is_stalled)
{
    struct epoll_event event = {.events = is_stalled ? 0 : EPOLLIN, .data.ptr = client};
    client->is_stalled = is_stalled;
    client->due_ms = is_stalled ? now_ms() + STALLS_MS : client->leaves_ms;
    (void)epoll_ctl(epoll, EPOLL_CTL_MOD, client->fd, &event);
}

static bool is_writer(const struct client *client)
{
    return client->kind >= KINDS;
}

/* What is due of somebody. */
static void look_after(struct client *client, int64_t now)
{
    if (client->fd < 0) {
        if (is_on && (now >= client->due_ms || !is_loud) && (is_loud || !is_writer(client)))
            come(client);
    } else if (client->is_stalled) {
        if (now >= client->due_ms || !is_loud)
            set_stalled(client, false);
    } else if (is_loud && !is_writer(client) && now >= client->due_ms) {
        leave(client, below(SLEEPS_MS));
    }
}

/* ---- reading; each takes one message from the front, and returns its bytes, or 0 ---- */

static size_t read_head(struct client *client)
{
    char *end = strstr(client->bytes, "\r\n\r\n");
    if (!end)
        return 0;
    client->is_greeted = true;
    bool is_good = strncmp(client->bytes, "HTTP/1.1 101", 12) == 0 ||
                   strncmp(client->bytes, "HTTP/1.1 200", 12) == 0;
    if (!is_good)
        leave(client, SLEEPS_MS);
    return (size_t)(end + 4 - client->bytes);
}

static size_t read_frame(struct client *client)
{
    const unsigned char *at = (const unsigned char *)client->bytes;
    size_t head = client->length < 2 ? 2 : at[1] < 126 ? 2 : at[1] == 126 ? 4 : 10;
    uint64_t length = 0;
    if (client->length < head)
        return 0;
    for (size_t i = 2; i < head; i++)
        length = length << 8 | at[i];
    if (at[1] < 126)
        length = at[1];
    if (client->length < head + length)
        return 0;
    unsigned opcode = at[0] & 0x0f;
    char *text = client->bytes + head;
    if (opcode == 1) {
        char kept = text[length];
        text[length] = '\0';
        take(client, text, strncmp(text, "{\"jsonrpc\":\"2.0\",\"method\":\"snapshot\"", 36) == 0);
        text[length] = kept;
    } else if (opcode == 9) {
        const char pong[] = {(char)0x8a, (char)0x80, 0, 0, 0, 0};
        say(client, pong, sizeof pong);
    } else if (opcode == 8) {
        leave(client, AGAIN_MS);
    }
    return head + (size_t)length;
}

static size_t read_block(struct client *client)
{
    char *end = strstr(client->bytes, "\n\n");
    if (!end)
        return 0;
    *end = '\0';
    const char *data = view_behind(client->bytes, "data: ");
    if (data)
        take(client, data, strstr(client->bytes, "event: snapshot") != NULL);
    return (size_t)(end + 2 - client->bytes);
}

static size_t read_line(struct client *client)
{
    char *end = memchr(client->bytes, '\n', client->length);
    if (!end)
        return 0;
    *end = '\0';
    if (client->kind == TEXT && client->bytes[0] == '{')
        take(client, client->bytes, strstr(client->bytes, "\"method\":\"snapshot\"") != NULL);
    else if (client->answers > 0)
        client->answers--;
    return (size_t)(end + 1 - client->bytes);
}

static size_t read_answer(struct client *client)
{
    const char *end = strstr(client->bytes, "\r\n\r\n");
    const char *field = end ? strcasestr(client->bytes, "content-length:") : NULL;
    if (!field)
        return 0;
    size_t whole = (size_t)(end + 4 - client->bytes) + strtoul(field + 15, NULL, 10);
    if (client->length < whole)
        return 0;
    client->answers = 0;
    return whole;
}

static size_t read_message(struct client *client)
{
    if (!client->is_greeted)
        return read_head(client);
    switch (client->kind) {
    case WEBSOCKET:
        return read_frame(client);
    case EVENTS:
        return read_block(client);
    case HTTP_WRITER:
        return read_answer(client);
    default:
        return read_line(client);
    }
}

static void read_all(struct client *client)
{
    ssize_t got = recv(client->fd, client->bytes + client->length, BYTES_MAX - client->length, 0);
    if (got < 0 && errno == EAGAIN)
        return;
    if (got <= 0) {
        leave(client, AGAIN_MS);
        return;
    }
    client->length += (size_t)got;
    size_t used, from = 0, length = client->length;
    char *begin = client->bytes;
    client->bytes[client->length] = '\0';
    while (client->fd >= 0 && from < length) {
        client->bytes = begin + from;
        client->length = length - from;
        used = read_message(client);
        if (used == 0)
            break;
        from += used;
    }
    client->bytes = begin;
    if (client->fd < 0)
        return;
    client->length = length - from;
    memmove(begin, begin + from, client->length);
    if (client->length == BYTES_MAX)
        die("wrong: a message of more than %d bytes", BYTES_MAX);
    if (is_loud && !is_writer(client) && below(STALLS_EVERY) == 0)
        set_stalled(client, true);
}

/* ---- changing ---- */

static void write_more(struct client *client)
{
    if (!is_loud || client->fd < 0 || client->answers > 0)
        return;
    if (client->kind == HTTP_WRITER) {
        client->answers = 1;
        say(client, batch, batch_length);
        return;
    }
    client->answers = REQUEST_BATCH;
    char text[REQUEST_BATCH * 16];
    size_t length = 0;
    for (int i = 0; i < REQUEST_BATCH; i++)
        length += (size_t)snprintf(text + length, sizeof text - length, "toggle out%d\n", i % 8);
    say(client, text, length);
}

/* ---- commands ---- */

static bool sees(const struct client *client, uint64_t seq, const int *values)
{
    if (client->fd < 0 || client->view.seq != seq)
        return false;
    return memcmp(client->view.values, values, sizeof client->view.values) == 0;
}

static void check(char *text)
{
    int values[VIEW_LINES_MAX];
    memset(values, 0xff, sizeof values);
    uint64_t seq = strtoull(text, &text, 10);
    for (const char *at = strchr(text, ' '); at; at = strchr(at + 1, ' '))
        if (strchr(at, '='))
            values[view_line(at + 1)] = strchr(at, '=')[1] - '0';
    for (int i = 0; i < client_count; i++) {
        const struct client *client = &clients[i];
        if (is_writer(client) || sees(client, seq, values))
            continue;
        (void)printf("not yet: client %d of kind %d, %s, at %s-%" PRIu64 " and not %" PRIu64, i,
                     client->kind, client->fd < 0 ? "away" : "there", client->view.boot,
                     client->view.seq, seq);
        for (int line = 0; line < VIEW_LINES_MAX; line++)
            if (client->view.values[line] != values[line])
                (void)printf(" %s=%d (%d)", view_name(line), client->view.values[line],
                             values[line]);
        (void)puts("");
        return;
    }
    (void)printf("right arrivals=%" PRIu64 " messages=%" PRIu64 "\n", arrivals, messages);
}

static void obey(char *command)
{
    if (strncmp(command, "check ", 6) == 0) {
        check(command + 6);
        return;
    }
    is_on = strcmp(command, "stop") != 0;
    is_loud = strcmp(command, "go") == 0;
    if (!is_on)
        for (int i = 0; i < client_count; i++)
            leave(&clients[i], 0);
    (void)puts("ok");
}

/* False at the end of the input. */
static bool read_command(void)
{
    static char text[1024];
    static size_t length;
    ssize_t got = read(STDIN_FILENO, text + length, sizeof text - 1 - length);
    if (got <= 0)
        return false;
    length += (size_t)got;
    text[length] = '\0';
    char *end = strchr(text, '\n');
    if (end) {
        *end = '\0';
        obey(text);
        (void)fflush(stdout);
        length = 0; /* the next one comes after the answer */
    }
    return true;
}

static void run_turn(void)
{
    struct epoll_event events[128];
    int ready = epoll_wait(epoll, events, 128, 20);
    int64_t now = now_ms();
    for (int i = 0; i < ready; i++) {
        struct client *client = events[i].data.ptr;
        if (!client && !read_command())
            exit(0);
        if (client && client->fd >= 0 && !client->is_stalled)
            read_all(client);
    }
    for (int i = 0; i < client_count; i++) {
        look_after(&clients[i], now);
        if (is_writer(&clients[i]))
            write_more(&clients[i]);
    }
}

static void add_client(enum kind kind)
{
    struct client *client = &clients[client_count++];
    *client = (struct client){.kind = kind, .fd = -1, .bytes = malloc(BYTES_MAX + 1)};
    view_init(&client->view);
    if (!client->bytes)
        die("wrong: no memory");
}

int main(int argc, char **argv)
{
    struct epoll_event input = {.events = EPOLLIN, .data.ptr = NULL};
    if (argc != 6)
        die("see the top of watch.c");
    http_port = argv[1];
    line_port = argv[2];
    token = argv[3];
    int watchers = (int)strtol(argv[4], NULL, 10), writers = (int)strtol(argv[5], NULL, 10);
    epoll = epoll_create1(EPOLL_CLOEXEC);
    if (epoll < 0 || watchers + writers > CLIENTS_MAX ||
        epoll_ctl(epoll, EPOLL_CTL_ADD, STDIN_FILENO, &input) < 0)
        die("wrong: cannot begin");
    batch_length = request_batch(http_port, token, batch);
    for (int i = 0; i < watchers; i++)
        add_client((enum kind)(i % KINDS));
    for (int i = 0; i < writers; i++)
        add_client(i % 2 ? TEXT_WRITER : HTTP_WRITER);
    for (;;)
        run_turn();
}
