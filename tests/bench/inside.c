/* The gateway's servers in one process with their clients, for what a machine's noise must not touch.
 *
 *     bench-inside edges    prints how many edges are taken in and journaled in a second
 *     bench-inside counts   does each thing REPEATS times; under callgrind, each is a dump of its own
 *                           that has the thing's name: see counts.py */
#include "protocol_rig.h"

#include "base/clock.h"
#include "net/listener.h"
#include "protocol/http/event_stream.h"
#include "protocol/http/http_server.h"
#include "protocol/text/text_server.h"
#include "protocol/websocket/websocket_server.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>
#include <valgrind/callgrind.h>

enum { REPEATS = 200, WARM_UPS = 20, EDGES = 500000 };

struct inside {
    struct protocol_rig *rig;
    struct event_streams *streams;
    struct websocket_server *websockets;
    struct http_server *http;
    struct text_server *text;
    struct listener *http_listener, *text_listener;
};

static void require(bool done, const char *what)
{
    if (done)
        return;
    fprintf(stderr, "bench-inside: %s\n", what);
    exit(1);
}

static struct listener *open_listener(struct inside *inside, struct listener_events events)
{
    struct address address;
    struct listener *listener = NULL;
    const char *reason = "";
    struct listener_options options = {.owner = "bench", .inherited_fd = -1};
    require(address_parse("127.0.0.1:0", "/tmp", &address, &reason) == 0 &&
                listener_open(inside->rig->net, &address, &options, &events, &listener, &reason) ==
                    0,
            "no listener");
    return listener;
}

static void open_all(struct inside *inside)
{
    struct service *service = &inside->rig->service;
    struct http_options http = {
        .connections = 64, .idle_timeout_s = 60, .request_deadline_s = 60, .request_bytes = 65536};
    struct websocket_options websocket = {.clients = 64, .ping_s = 60, .hangup_s = 120};
    struct text_server_options text = {.ping_s = 60, .hangup_s = 120};
    require(event_streams_new(service, &inside->streams) == 0 &&
                websocket_server_new(service, &websocket, &inside->websockets) == 0 &&
                http_server_new(service, &http, inside->rig->pages, inside->websockets,
                                inside->streams, &inside->http) == 0 &&
                text_server_new(service, &text, &inside->text) == 0,
            "no servers");
    inside->http_listener = open_listener(inside, http_server_listener(inside->http));
    inside->text_listener = open_listener(inside, text_server_listener(inside->text));
}

static void close_all(struct inside *inside)
{
    listener_close(inside->http_listener);
    listener_close(inside->text_listener);
    text_server_free(inside->text);
    http_server_free(inside->http);
    websocket_server_free(inside->websockets);
    event_streams_free(inside->streams);
}

/* ---- clients ---- */

struct client {
    int fd;
    struct loop_source *source;
    struct loop *loop;
};

static void on_answer(void *context, uint32_t events)
{
    const struct client *client = context;
    (void)events;
    loop_stop(client->loop);
}

static void connect_client(struct client *client, struct inside *inside,
                           const struct listener *listener)
{
    const struct address *address = listener_address(listener);
    client->loop = inside->rig->loop;
    client->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    require(client->fd >= 0 && connect(client->fd, &address->any, address->length) == 0,
            "no connection");
}

static void watch_client(struct client *client)
{
    require(loop_watch(client->loop, client->fd, EPOLLIN, on_answer, client, &client->source) == 0,
            "not watched");
}

static void close_client(struct client *client)
{
    loop_source_free(client->source);
    (void)close(client->fd);
}

/* Runs the servers until there is something to read for the client that is watched. */
static size_t read_answer(struct client *client, char *bytes, size_t size)
{
    (void)loop_run(client->loop);
    ssize_t got = recv(client->fd, bytes, size - 1, MSG_DONTWAIT);
    require(got > 0, "no answer");
    bytes[got] = '\0';
    return (size_t)got;
}

static void ask(struct client *client, const char *request)
{
    char answer[8192];
    size_t length = strlen(request);
    require(send(client->fd, request, length, MSG_NOSIGNAL) == (ssize_t)length, "not sent");
    (void)read_answer(client, answer, sizeof answer);
    require(strncmp(answer, "HTTP/1.1 200", 12) == 0 || strncmp(answer, "ok", 2) == 0, answer);
}

/* ---- what is counted ---- */

#define HEAD "Host: localhost\r\nAuthorization: Bearer " RIG_OPERATOR "\r\n"

static void count_asking(struct client *client, const char *name, const char *one,
                         const char *other)
{
    for (int i = 0; i < WARM_UPS; i++)
        ask(client, i % 2 ? one : other);
    CALLGRIND_ZERO_STATS;
    for (int i = 0; i < REPEATS; i++)
        ask(client, i % 2 ? one : other);
    CALLGRIND_DUMP_STATS_AT(name);
}

static const char get[] = "GET /api/v1/lines/red HTTP/1.1\r\n" HEAD "\r\n";
static const char get_all[] = "GET /api/v1/circuit HTTP/1.1\r\n" HEAD "\r\n";
static const char put_0[] = "PUT /api/v1/lines/red/value HTTP/1.1\r\n" HEAD
                            "Content-Type: application/json\r\nContent-Length: 1\r\n\r\n0";
static const char put_1[] = "PUT /api/v1/lines/red/value HTTP/1.1\r\n" HEAD
                            "Content-Type: application/json\r\nContent-Length: 1\r\n\r\n1";

static void count_http(struct inside *inside)
{
    struct client client = {0};
    connect_client(&client, inside, inside->http_listener);
    watch_client(&client);
    count_asking(&client, "GET", get, get);
    count_asking(&client, "GET of all", get_all, get_all);
    count_asking(&client, "PUT", put_0, put_1);
    close_client(&client);
}

static void count_text(struct inside *inside)
{
    struct client client = {0};
    connect_client(&client, inside, inside->text_listener);
    watch_client(&client);
    ask(&client, "auth " RIG_OPERATOR "\n");
    count_asking(&client, "text get", "get red\n", "get red\n");
    count_asking(&client, "text set", "set red 0\n", "set red 1\n");
    close_client(&client);
}

/* A change by text until a watcher has heard of it. */
static void count_event(struct inside *inside, const char *name, const struct listener *listener,
                        const char *hello)
{
    char bytes[8192];
    struct client watcher = {0};
    connect_client(&watcher, inside, listener);
    watch_client(&watcher);
    require(send(watcher.fd, hello, strlen(hello), 0) > 0, "no hello");
    (void)read_answer(&watcher, bytes, sizeof bytes);
    protocol_rig_run_ms(inside->rig, 50);
    (void)recv(watcher.fd, bytes, sizeof bytes, MSG_DONTWAIT);
    for (int i = 0; i < WARM_UPS; i++) {
        protocol_rig_toggle(inside->rig, 1);
        (void)read_answer(&watcher, bytes, sizeof bytes);
    }
    CALLGRIND_ZERO_STATS;
    for (int i = 0; i < REPEATS; i++) {
        protocol_rig_toggle(inside->rig, 1);
        (void)read_answer(&watcher, bytes, sizeof bytes);
    }
    CALLGRIND_DUMP_STATS_AT(name);
    close_client(&watcher);
    protocol_rig_run_ms(inside->rig, 50);
}

static void take_edges(struct protocol_rig *rig, long count)
{
    static const struct origin by = {.source = "gpio", .role = ROLE_NONE};
    struct refusal refusal;
    struct timestamps now = clock_now();
    for (long i = 0; i < count; i++) {
        now.monotonic_ns += 1000;
        now.wall_ns += 1000;
        require(circuit_simulate(rig->circuit, RIG_BUTTON, (int)(i % 2), &by, &now, &refusal) == 0,
                "edge refused");
    }
}

static void count_all(struct protocol_rig *rig)
{
    struct inside inside = {.rig = rig};
    open_all(&inside);
    count_http(&inside);
    count_text(&inside);
    count_event(&inside, "event to a WebSocket", inside.http_listener,
                "GET /ws HTTP/1.1\r\n" HEAD
                "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
                "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n");
    count_event(&inside, "event to an event stream", inside.http_listener,
                "GET /api/v1/events HTTP/1.1\r\n" HEAD "\r\n");
    count_event(&inside, "event to a text watcher", inside.text_listener,
                "auth " RIG_OPERATOR "\nwatch\n");
    take_edges(rig, WARM_UPS);
    CALLGRIND_ZERO_STATS;
    take_edges(rig, REPEATS);
    CALLGRIND_DUMP_STATS_AT("edge");
    close_all(&inside);
}

int main(int argc, char **argv)
{
    void *state = NULL;
    require(argc == 2 && protocol_rig_setup(&state) == 0, "usage: bench-inside edges|counts");
    if (strcmp(argv[1], "counts") == 0) {
        count_all(state);
    } else {
        int64_t began_ns = clock_monotonic_ns();
        take_edges(state, EDGES);
        int64_t took_ns = clock_monotonic_ns() - began_ns;
        printf("%lld\n", (long long)(EDGES * CLOCK_NS_PER_SECOND / took_ns));
    }
    (void)protocol_rig_teardown(&state);
    return 0;
}
