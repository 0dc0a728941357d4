#include "lab/demonstration.h"

#include "base/clock.h"
#include "base/owner.h"
#include "lab/stage.h"
#include "net/net.h"
#include "net/packet.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

enum {
    LINE_BYTES = 64,            /* a reader's room for one line of text */
    UDP_BYTES_MAX = 65507,      /* 65,535 of an IPv4 packet, less its header (20) and UDP's (8) */
    SMALL_BUFFER_BYTES = 2304,  /* the smallest SO_RCVBUF that Linux grants, before it doubles it */
    FLOOD_MESSAGES = 12,        /* more than such a buffer holds */
    FLOOD_MESSAGE_BYTES = 1024, /* of each */
};

static unsigned add_server(struct stage *stage, int type, int backlog)
{
    unsigned server = stage_add(stage, "server", 0, true);
    stage_open(stage, server, type);
    stage_bind(stage, server);
    if (type == SOCK_STREAM)
        stage_listen(stage, server, backlog);
    return server;
}

static unsigned add_client(struct stage *stage, int type, unsigned number)
{
    unsigned client = stage_add(stage, "client", number, false);
    stage_open(stage, client, type);
    return client;
}

/* A client that is connected and accepted. */
static void join(struct stage *stage, unsigned server, unsigned number, unsigned *ret_client,
                 unsigned *ret_connection)
{
    *ret_client = add_client(stage, SOCK_STREAM, number);
    *ret_connection = stage_add(stage, "connection", number, true);
    (void)stage_connect(stage, *ret_client, server, true);
    (void)stage_accept(stage, server, *ret_connection);
}

/* Two clients at one port: what distinguishes them is their own address and port. */
static void play_socket(struct stage *stage)
{
    unsigned client;
    unsigned connection;
    unsigned server = add_server(stage, SOCK_STREAM, 8);
    join(stage, server, 1, &client, &connection);
    join(stage, server, 2, &client, &connection);
}

/* The lecture's flow of TCP, with the server's answer and the end. */
static void play_tcp(struct stage *stage)
{
    unsigned client;
    unsigned connection;
    unsigned server = add_server(stage, SOCK_STREAM, 8);
    join(stage, server, 0, &client, &connection);
    (void)stage_send(stage, client, "toggle red");
    (void)stage_receive(stage, connection, LINE_BYTES);
    (void)stage_send(stage, connection, "ok red=1");
    (void)stage_receive(stage, client, LINE_BYTES);
    stage_close(stage, client);
    (void)stage_receive(stage, connection, LINE_BYTES);
    stage_close(stage, connection);
    stage_close(stage, server);
}

/* The lecture's flow of UDP: no connection, and the answer goes to where the message came from. */
static void play_udp(struct stage *stage)
{
    struct address from = {0};
    unsigned server = add_server(stage, SOCK_DGRAM, 0);
    unsigned client = add_client(stage, SOCK_DGRAM, 0);
    (void)stage_send_to(stage, client, "toggle red", 10, &stage->sockets[server].local);
    if (stage_receive_from(stage, server, LINE_BYTES, &from) > 0)
        (void)stage_send_to(stage, server, "ok red=1", 8, &from);
    (void)stage_receive_from(stage, client, LINE_BYTES, NULL);
    stage_close(stage, client);
    stage_close(stage, server);
}

/* The same three messages as a stream, read at once, and as datagrams, read one by one. */
static void play_compare(struct stage *stage)
{
    static const char *const messages[] = {"one ", "two ", "three "};
    unsigned client;
    unsigned connection;
    unsigned server = add_server(stage, SOCK_STREAM, 8);
    join(stage, server, 0, &client, &connection);
    for (size_t i = 0; i < ARRAY_LENGTH(messages); i++)
        (void)stage_send(stage, client, messages[i]);
    (void)stage_receive(stage, connection, LINE_BYTES);
    unsigned to = stage_add(stage, "receiver", 0, true);
    unsigned from = stage_add(stage, "sender", 0, false);
    stage_open(stage, to, SOCK_DGRAM);
    stage_bind(stage, to);
    stage_open(stage, from, SOCK_DGRAM);
    for (size_t i = 0; i < ARRAY_LENGTH(messages); i++)
        (void)stage_send_to(stage, from, messages[i], strlen(messages[i]),
                            &stage->sockets[to].local);
    for (size_t i = 0; i < ARRAY_LENGTH(messages); i++)
        (void)stage_receive_from(stage, to, LINE_BYTES, NULL);
}

/* More datagrams than the receive buffer holds, and nobody reads: each sendto(2) succeeds all the same. */
static void play_loss(struct stage *stage)
{
    char message[FLOOD_MESSAGE_BYTES];
    unsigned server = stage_add(stage, "server", 0, true);
    memset(message, '.', sizeof message);
    memcpy(message, "message ", 8);
    stage_open(stage, server, SOCK_DGRAM);
    (void)stage_set(stage, server, SO_RCVBUF, SMALL_BUFFER_BYTES);
    stage_bind(stage, server);
    unsigned client = add_client(stage, SOCK_DGRAM, 0);
    for (int i = 0; i < FLOOD_MESSAGES; i++) {
        message[8] = (char)('A' + i);
        message[9] = ' ';
        (void)stage_send_to(stage, client, message, sizeof message, &stage->sockets[server].local);
    }
    while (stage_receive_from(stage, server, sizeof message, NULL) > 0)
        continue;
}

/* One datagram socket serves three clients. */
static void play_many(struct stage *stage)
{
    static const char *const messages[] = {"get red", "get green", "get button"};
    unsigned clients[ARRAY_LENGTH(messages)];
    unsigned server = add_server(stage, SOCK_DGRAM, 0);
    for (unsigned i = 0; i < ARRAY_LENGTH(messages); i++) {
        clients[i] = add_client(stage, SOCK_DGRAM, i + 1);
        (void)stage_send_to(stage, clients[i], messages[i], strlen(messages[i]),
                            &stage->sockets[server].local);
    }
    for (unsigned i = 0; i < ARRAY_LENGTH(messages); i++) {
        struct address from;
        if (stage_receive_from(stage, server, LINE_BYTES, &from) > 0)
            (void)stage_send_to(stage, server, "0", 1, &from);
    }
    for (unsigned i = 0; i < ARRAY_LENGTH(messages); i++)
        (void)stage_receive_from(stage, clients[i], LINE_BYTES, NULL);
}

/* The longest datagram, one byte more, and a reader with too little room. */
static void play_limit(struct stage *stage)
{
    /* From the heap: as a constant, 65 kB of zeros would be a tenth of the program. */
    char *longest = calloc(1, UDP_BYTES_MAX + 1);
    if (!longest)
        return;
    unsigned server = add_server(stage, SOCK_DGRAM, 0);
    unsigned client = add_client(stage, SOCK_DGRAM, 0);
    const struct address *to = &stage->sockets[server].local;
    (void)stage_send_to(stage, client, longest, UDP_BYTES_MAX, to);
    (void)stage_receive_from(stage, server, UDP_BYTES_MAX + 1, NULL);
    (void)stage_send_to(stage, client, longest, UDP_BYTES_MAX + 1, to);
    (void)stage_send_to(stage, client, "toggle red", 10, to);
    (void)stage_receive_from(stage, server, 6, NULL);
    (void)stage_receive_from(stage, server, 6, NULL);
    free(longest);
}

/* A port that the kernel gives, the same port once more, and an address that is not ours. */
static void play_bind(struct stage *stage)
{
    struct address foreign;
    unsigned first = stage_add(stage, "server", 1, true);
    unsigned second = stage_add(stage, "server", 2, true);
    unsigned third = stage_add(stage, "server", 3, true);
    (void)address_parse("192.0.2.1:8080", NULL, &foreign, NULL); /* TEST-NET-1, RFC 5737 */
    stage_open(stage, first, SOCK_STREAM);
    stage_bind(stage, first);
    stage_listen(stage, first, 8);
    stage_open(stage, second, SOCK_STREAM);
    (void)stage_bind_at(stage, second, &stage->sockets[first].local);
    stage_open(stage, third, SOCK_STREAM);
    (void)stage_bind_at(stage, third, &foreign);
}

/* A queue for one, four who knock, and nobody who accepts. */
static void play_listen(struct stage *stage)
{
    enum { CLIENTS = 4 };
    unsigned server = add_server(stage, SOCK_STREAM, 1);
    for (unsigned i = 1; i <= CLIENTS; i++) {
        unsigned client = add_client(stage, SOCK_STREAM, i);
        (void)stage_connect(stage, client, server, i <= 2);
    }
}

/* The connection stands before accept4(2), which only fetches it, with a descriptor of its own. */
static void play_accept(struct stage *stage)
{
    unsigned server = add_server(stage, SOCK_STREAM, 8);
    unsigned client = add_client(stage, SOCK_STREAM, 0);
    unsigned connection = stage_add(stage, "connection", 0, true);
    (void)stage_connect(stage, client, server, true);
    (void)stage_send(stage, client, "toggle red");
    (void)stage_accept(stage, server, connection);
    (void)stage_receive(stage, connection, LINE_BYTES);
    (void)stage_accept(stage, server, connection);
}

/* A port at which nobody listens, and the same one once somebody does; connect(2) of UDP sends nothing. */
static void play_connect(struct stage *stage)
{
    unsigned server = stage_add(stage, "server", 0, true);
    stage_open(stage, server, SOCK_STREAM);
    stage_bind(stage, server);
    unsigned early = add_client(stage, SOCK_STREAM, 1);
    (void)stage_connect(stage, early, server, true);
    stage_listen(stage, server, 8);
    unsigned late = add_client(stage, SOCK_STREAM, 2);
    (void)stage_connect(stage, late, server, true);
    unsigned datagram = add_client(stage, SOCK_DGRAM, 3);
    (void)stage_connect(stage, datagram, server, true);
    (void)stage_send(stage, datagram, "hello");
    (void)stage_send(stage, datagram, "hello");
}

/* Each direction ends by itself: a write to a closed socket fails with EPIPE. */
static void play_close(struct stage *stage)
{
    unsigned client;
    unsigned connection;
    unsigned server = add_server(stage, SOCK_STREAM, 8);
    join(stage, server, 0, &client, &connection);
    stage_shut_write(stage, client);
    (void)stage_receive(stage, connection, LINE_BYTES);
    (void)stage_send(stage, connection, "bye");
    (void)stage_receive(stage, client, LINE_BYTES);
    stage_close(stage, client);
    (void)stage_send(stage, connection, "anybody there?");
    (void)stage_send(stage, connection, "hello?");
    stage_close(stage, connection);
}

static const struct {
    const char *name;
    void (*play)(struct stage *stage);
} steps[] = {
    {"socket", play_socket},   {"tcp", play_tcp},         {"udp", play_udp},
    {"compare", play_compare}, {"loss", play_loss},       {"many", play_many},
    {"limit", play_limit},     {"bind", play_bind},       {"listen", play_listen},
    {"accept", play_accept},   {"connect", play_connect}, {"close", play_close},
};

const char *demonstration_name(size_t index)
{
    return index < ARRAY_LENGTH(steps) ? steps[index].name : NULL;
}

/* Of no port as long as the server has none. */
static struct packet *open_capture(struct net *net, struct demonstration *result)
{
    struct packet *packet = NULL;
    struct packet_options options = {0};
    struct packet_events events = {0};
    result->segment_error = packet_open(net, &options, &events, &packet, &result->segment_call);
    return packet;
}

static int play(struct net *net, size_t index, struct demonstration *ret, const char **ret_call)
{
    struct stage stage;
    memset(ret, 0, sizeof *ret);
    ret->step = steps[index].name;
    struct packet *packet = open_capture(net, ret);
    int64_t start_ns = clock_monotonic_ns();
    stage_begin(&stage, net_register(net), packet, ret);
    steps[index].play(&stage);
    ret->duration_ns = clock_monotonic_ns() - start_ns;
    stage_end(&stage);
    packet_close(packet);
    *ret_call = stage.failed;
    return stage.error;
}

int demonstration_run(struct net *net, const char *name, struct demonstration *ret,
                      const char **ret_call)
{
    for (size_t i = 0; i < ARRAY_LENGTH(steps); i++)
        if (strcmp(steps[i].name, name) == 0)
            return play(net, i, ret, ret_call);
    return -EINVAL;
}
