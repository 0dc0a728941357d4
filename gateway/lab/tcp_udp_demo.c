#include "lab/tcp_udp_demo.h"

#include "base/clock.h"
#include "base/number.h"
#include "net/register.h"
#include "net/socket.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

static const char owner[] = "experiment";

/* The sockets of one run; `fd` -1 while closed. */
struct bench {
    struct socket listener, sender, reader; /* TCP */
    struct socket from, to;                 /* UDP */
    int64_t until_ns;
    struct demo *result;
};

/* "message 17" and dots up to its length. */
static void write_message(unsigned number, char message[TCP_UDP_DEMO_MESSAGE_BYTES])
{
    memset(message, '.', TCP_UDP_DEMO_MESSAGE_BYTES);
    int used = snprintf(message, TCP_UDP_DEMO_MESSAGE_BYTES, "message %u ", number);
    message[used] = '.';
    message[TCP_UDP_DEMO_MESSAGE_BYTES - 1] = '\n';
}

/* Any local process can send to the demonstration's ports: what came may be no message of ours. -1 then. */
static int read_number(const char message[TCP_UDP_DEMO_MESSAGE_BYTES])
{
    static const char start[] = "message ";
    enum { AT = sizeof start - 1 };
    int64_t number;
    const char *end = memchr(message + AT, ' ', TCP_UDP_DEMO_MESSAGE_BYTES - AT);
    if (memcmp(message, start, AT) != 0 || !end ||
        number_parse_bytes(message + AT, (size_t)(end - message) - AT, 0, INT16_MAX, &number) < 0)
        return -1;
    return (int)number;
}

static bool is_late(const struct bench *bench)
{
    return clock_monotonic_ns() > bench->until_ns;
}

/* ---- making the sockets ---- */

static int bind_to_loopback(struct socket *s, const char **ret_call)
{
    struct address loopback;
    (void)address_parse("127.0.0.1:0", NULL, &loopback, NULL);
    *ret_call = "setsockopt";
    int error = socket_set(s, SOL_SOCKET, SO_RCVBUF, TCP_UDP_DEMO_BUFFER_BYTES);
    if (!error) {
        *ret_call = "bind";
        error = socket_bind(s, &loopback);
    }
    if (!error) {
        *ret_call = "getsockname";
        error = socket_name(s);
    }
    return error;
}

/* On loopback the handshake is done when connect(2) returns; a short poll(2) covers a busy kernel. */
static int accept_reader(struct bench *bench, const char **ret_call)
{
    *ret_call = "accept4";
    for (int i = 0; i < TCP_UDP_DEMO_MAX_MS; i++) {
        int error = socket_accept(&bench->listener, &bench->reader);
        if (!error && !address_equals(&bench->reader.peer, &bench->sender.local)) {
            socket_close(&bench->reader); /* another process was quicker */
            continue;
        }
        if (error != -EAGAIN)
            return error;
        struct pollfd waiting = {.fd = bench->listener.fd, .events = POLLIN};
        (void)poll(&waiting, 1, 1);
    }
    return -ETIMEDOUT;
}

static int open_stream(struct bench *bench, struct socket_register *reg, const char **ret_call)
{
    *ret_call = "socket";
    int error = socket_open(&bench->listener, reg, AF_INET, SOCK_STREAM, 0, SOCKET_LISTENER, owner);
    if (!error)
        error = bind_to_loopback(&bench->listener, ret_call);
    if (!error) {
        *ret_call = "listen";
        error = socket_listen(&bench->listener, 1);
    }
    if (!error) {
        *ret_call = "socket";
        error = socket_open(&bench->sender, reg, AF_INET, SOCK_STREAM, 0, SOCKET_CONNECTION, owner);
    }
    if (error)
        return error;
    *ret_call = "setsockopt";
    error = socket_set(&bench->sender, SOL_SOCKET, SO_SNDBUF, TCP_UDP_DEMO_BUFFER_BYTES);
    if (error)
        return error;
    *ret_call = "connect";
    error = socket_connect(&bench->sender, &bench->listener.local);
    if (error && error != -EINPROGRESS)
        return error;
    *ret_call = "getsockname";
    error = socket_name(&bench->sender);
    return error ? error : accept_reader(bench, ret_call);
}

static int open_datagrams(struct bench *bench, struct socket_register *reg, const char **ret_call)
{
    *ret_call = "socket";
    int error = socket_open(&bench->to, reg, AF_INET, SOCK_DGRAM, 0, SOCKET_DATAGRAM, owner);
    if (!error)
        error = bind_to_loopback(&bench->to, ret_call);
    if (!error) {
        *ret_call = "socket";
        error = socket_open(&bench->from, reg, AF_INET, SOCK_DGRAM, 0, SOCKET_DATAGRAM, owner);
    }
    if (!error)
        error = bind_to_loopback(
            &bench->from, ret_call); /* its address distinguishes its messages from others' */
    return error;
}

/* ---- the stream ---- */

/* What the reader has of the message that he is in the middle of. */
struct assembly {
    char bytes[TCP_UDP_DEMO_MESSAGE_BYTES];
    size_t length;
    int last; /* number of the last whole message */
};

static void take_stream_bytes(struct demo *result, struct assembly *assembly, const char *bytes,
                              size_t length)
{
    while (length > 0) {
        size_t part = TCP_UDP_DEMO_MESSAGE_BYTES - assembly->length;
        if (part > length)
            part = length;
        memcpy(assembly->bytes + assembly->length, bytes, part);
        assembly->length += part;
        bytes += part;
        length -= part;
        if (assembly->length < TCP_UDP_DEMO_MESSAGE_BYTES)
            break;
        int number = read_number(assembly->bytes);
        result->stream_in_order = result->stream_in_order && number == assembly->last + 1;
        assembly->last = number;
        assembly->length = 0;
        result->stream_messages++;
    }
    result->stream_cut += assembly->length > 0;
}

/* False when there was nothing to read. */
static bool read_stream(struct bench *bench, struct assembly *assembly)
{
    struct demo *result = bench->result;
    char bytes[TCP_UDP_DEMO_READ_BYTES];
    ssize_t received = socket_receive(&bench->reader, bytes, sizeof bytes);
    if (received <= 0)
        return false;
    if (result->read_count < TCP_UDP_DEMO_READS_MAX)
        result->reads[result->read_count] = (uint16_t)received;
    result->read_count++;
    result->stream_bytes += (unsigned)received;
    take_stream_bytes(result, assembly, bytes, (size_t)received);
    return true;
}

/* Sends one whole message; where the kernel has no room, the reader must read first. */
static void send_message(struct bench *bench, struct assembly *assembly, const char *message)
{
    size_t sent_bytes = 0;
    while (sent_bytes < TCP_UDP_DEMO_MESSAGE_BYTES && !is_late(bench)) {
        ssize_t sent = socket_send(&bench->sender, message + sent_bytes,
                                   TCP_UDP_DEMO_MESSAGE_BYTES - sent_bytes);
        if (sent > 0) {
            sent_bytes += (size_t)sent;
            bench->result->stream_sends++;
        } else if (sent == -EAGAIN) {
            bench->result->stream_waits++;
            while (read_stream(bench, assembly) && bench->result->read_count % 8 != 0)
                continue;
        } else {
            return;
        }
    }
}

static void run_stream(struct bench *bench)
{
    struct demo *result = bench->result;
    struct assembly assembly = {.last = -1};
    char message[TCP_UDP_DEMO_MESSAGE_BYTES];
    result->stream_in_order = true;
    for (unsigned i = 0; i < result->messages && !is_late(bench); i++) {
        write_message(i, message);
        send_message(bench, &assembly, message);
        if (i % TCP_UDP_DEMO_SENDS_PER_READ == 0)
            (void)read_stream(bench, &assembly);
    }
    while (result->stream_messages < result->messages && !is_late(bench))
        (void)read_stream(bench, &assembly);
    result->whole = result->stream_messages == result->messages;
}

/* ---- the datagrams ---- */

static bool read_datagram(struct bench *bench, int *last)
{
    struct demo *result = bench->result;
    char bytes[TCP_UDP_DEMO_MESSAGE_BYTES];
    struct socket_sender sender;
    ssize_t received = socket_receive_from(&bench->to, bytes, sizeof bytes, &sender);
    if (received < 0)
        return false;
    if (!address_equals(&sender.address, &bench->from.local))
        return true; /* of another process */
    int number = received == TCP_UDP_DEMO_MESSAGE_BYTES ? read_number(bytes) : -1;
    result->datagram_cut += received != TCP_UDP_DEMO_MESSAGE_BYTES;
    result->datagram_in_order = result->datagram_in_order && number > *last;
    *last = number;
    if (result->datagram_received < TCP_UDP_DEMO_MESSAGES_MAX)
        result->numbers[result->datagram_received++] = (uint16_t)number;
    return true;
}

static void run_datagrams(struct bench *bench)
{
    struct demo *result = bench->result;
    char message[TCP_UDP_DEMO_MESSAGE_BYTES];
    int last = -1;
    result->datagram_in_order = true;
    for (unsigned i = 0; i < result->messages; i++) {
        write_message(i, message);
        if (socket_send_to(&bench->from, message, sizeof message, &bench->to.local) > 0)
            result->datagram_sends++;
        if (i % TCP_UDP_DEMO_SENDS_PER_READ == 0)
            (void)read_datagram(bench, &last);
    }
    while (read_datagram(bench, &last))
        continue;
}

int demo_run(struct socket_register *reg, unsigned messages, struct demo *ret,
             const char **ret_call)
{
    if (messages < 1 || messages > TCP_UDP_DEMO_MESSAGES_MAX)
        return -EINVAL;
    struct demo result = {.messages = messages};
    int64_t start_ns = clock_monotonic_ns();
    struct bench bench = {.listener.fd = -1,
                          .sender.fd = -1,
                          .reader.fd = -1,
                          .from.fd = -1,
                          .to.fd = -1,
                          .until_ns = start_ns + TCP_UDP_DEMO_MAX_MS * CLOCK_NS_PER_MS,
                          .result = &result};
    int error = open_stream(&bench, reg, ret_call);
    if (!error)
        error = open_datagrams(&bench, reg, ret_call);
    if (!error) {
        run_stream(&bench);
        run_datagrams(&bench);
    }
    struct socket *const sockets[] = {&bench.sender, &bench.reader, &bench.listener, &bench.from,
                                      &bench.to};
    for (size_t i = 0; i < sizeof sockets / sizeof sockets[0]; i++)
        socket_close(sockets[i]);
    result.duration_ns = clock_monotonic_ns() - start_ns;
    if (!error)
        *ret = result;
    return error;
}
