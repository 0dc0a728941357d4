#include "client/link.h"

#include "base/clock.h"
#include "base/number.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>

enum { READ_BYTES = 65536 };

/* 0 when the socket is ready for `events`, -ETIMEDOUT, -EINTR, or another negative errno. */
static int wait_for(const struct link *link, short events, int timeout_ms)
{
    struct pollfd watched = {.fd = link->socket.fd, .events = events};
    int ready = poll(&watched, 1, timeout_ms);
    if (ready < 0)
        return -errno;
    return ready == 0 ? -ETIMEDOUT : 0;
}

static void explain_call(void *context, const struct socket_call *call)
{
    (void)context;
    (void)fprintf(stderr, "%s\n", call->text);
}

/* ---- opening ---- */

static int connect_and_wait(struct link *link, const struct address *address, const char **ret_call)
{
    *ret_call = "connect";
    int error = socket_connect(&link->socket, address);
    if (error != -EINPROGRESS)
        return error;
    error = wait_for(link, POLLOUT, LINK_CONNECT_MS);
    return error ? error : socket_finish_connect(&link->socket);
}

/* A unix datagram socket needs a name to be answered: with only the family in it, bind(2) chooses
 * one (unix(7), "autobind"). */
static int bind_any_name(struct link *link)
{
    const struct address unnamed = {
        .kind = ADDRESS_UNIX, .length = sizeof(sa_family_t), .any.sa_family = AF_UNIX};
    return socket_bind(&link->socket, &unnamed);
}

static int open_as(struct link *link, const struct address *address, int type,
                   const char **ret_call)
{
    link->is_datagram = type == SOCK_DGRAM;
    *ret_call = "socket";
    int error = socket_open(&link->socket, link->reg, address->any.sa_family, type, 0,
                            link->is_datagram ? SOCKET_DATAGRAM : SOCKET_CONNECTION, "client");
    if (error)
        return error;
    if (link->is_datagram && address->kind == ADDRESS_UNIX) {
        *ret_call = "bind";
        error = bind_any_name(link);
    }
    if (!error)
        error = connect_and_wait(link, address, ret_call);
    if (error)
        socket_close(&link->socket);
    return error;
}

static int open_one(struct link *link, const struct address *address, const char **ret_call)
{
    int error =
        open_as(link, address, address->kind == ADDRESS_UDP ? SOCK_DGRAM : SOCK_STREAM, ret_call);
    if (error == -EPROTOTYPE && address->kind == ADDRESS_UNIX) /* it is a datagram socket */
        error = open_as(link, address, SOCK_DGRAM, ret_call);
    return error;
}

/* A datagram socket connects to nobody as well: whether somebody is there shows when he is asked. */
static int probe(struct link *link, const char **ret_call)
{
    struct buffer answer;
    *ret_call = "send";
    buffer_init(&answer, LINK_MESSAGE_MAX_BYTES);
    int error = link_ask(link, "ping", &answer);
    buffer_done(&answer);
    if (error)
        socket_close(&link->socket);
    return error;
}

int link_open(struct link *link, const struct address *addresses, size_t count, const char *token,
              bool explain, const struct address **ret_address, const char **ret_call)
{
    *link = (struct link){.token = token, .socket.fd = -1};
    buffer_init(&link->in, LINK_MESSAGE_MAX_BYTES);
    *ret_call = "malloc";
    *ret_address = addresses;
    int error = register_new(&link->reg);
    if (error)
        return error;
    link->explainer.added = explain_call;
    if (explain)
        register_listen(link->reg, &link->explainer);
    if (getrandom(&link->number, sizeof link->number, GRND_NONBLOCK) < 0)
        link->number = (uint32_t)clock_wall_ns();
    for (size_t i = 0; i < count; i++) {
        *ret_address = &addresses[i];
        error = open_one(link, &addresses[i], ret_call);
        if (!error && link->is_datagram && i + 1 < count)
            error = probe(link, ret_call);
        if (!error)
            break;
    }
    return error;
}

void link_close(struct link *link)
{
    socket_close(&link->socket);
    buffer_done(&link->in);
    link->reg = register_free(link->reg);
}

/* ---- a stream ---- */

static int send_all(struct link *link, const char *bytes, size_t length)
{
    while (length > 0) {
        ssize_t sent = socket_send(&link->socket, bytes, length);
        int error =
            sent == -EAGAIN ? wait_for(link, POLLOUT, LINK_ANSWER_MS) : (int)(sent < 0 ? sent : 0);
        if (error)
            return error;
        if (sent > 0) {
            bytes += sent;
            length -= (size_t)sent;
        }
    }
    return 0;
}

static int receive_more(struct link *link, int timeout_ms)
{
    char *space = buffer_reserve(&link->in, READ_BYTES);
    if (!space)
        return link->in.error;
    int error = wait_for(link, POLLIN, timeout_ms);
    if (error)
        return error;
    ssize_t received = socket_receive(&link->socket, space, READ_BYTES);
    if (received == 0)
        return -ECONNRESET;
    if (received > 0)
        buffer_commit(&link->in, (size_t)received);
    return received < 0 && received != -EAGAIN ? (int)received : 0;
}

/* The next line, without its end, is appended to `line`. */
static int read_line(struct link *link, struct buffer *line, int timeout_ms)
{
    char *end;
    while (!link->in.data || !(end = memchr(link->in.data, '\n', link->in.length))) {
        int error = receive_more(link, timeout_ms);
        if (error)
            return error;
    }
    size_t length = (size_t)(end - link->in.data);
    int error = buffer_append(line, link->in.data, length);
    buffer_consume(&link->in, length + 1);
    return error;
}

/* "ok 2 lines", "ok 19 words", "snapshot 120 5 lines" */
static bool has_more_lines(const char *first)
{
    static const char *const ends[] = {" lines", " words"};
    size_t length = strlen(first);
    if (strncmp(first, "ok ", 3) != 0 && strncmp(first, "snapshot ", 9) != 0)
        return false;
    for (size_t i = 0; i < 2; i++) {
        size_t end = strlen(ends[i]);
        if (length > end && strcmp(first + length - end, ends[i]) == 0)
            return true;
    }
    return false;
}

static int read_message(struct link *link, struct buffer *message, int timeout_ms)
{
    buffer_clear(message);
    int error = read_line(link, message, timeout_ms);
    if (error || !has_more_lines(buffer_text(message)))
        return error;
    for (;;) {
        struct buffer line;
        buffer_init(&line, LINK_MESSAGE_MAX_BYTES);
        error = read_line(link, &line, LINK_ANSWER_MS);
        bool last = strcmp(buffer_text(&line), ".") == 0;
        if (!error && !last)
            error = buffer_printf(message, "\n%s", buffer_text(&line));
        buffer_done(&line);
        if (error || last)
            return error;
    }
}

static bool is_event(const char *text)
{
    return strncmp(text, "event ", 6) == 0 || strncmp(text, "snapshot ", 9) == 0;
}

static void report_event(const struct link *link, const char *text)
{
    if (link->event)
        link->event(link->context, text);
}

static int ask_stream(struct link *link, const char *request, struct buffer *answer)
{
    int error = send_all(link, request, strlen(request));
    if (!error)
        error = send_all(link, "\n", 1);
    while (!error) {
        error = read_message(link, answer, LINK_ANSWER_MS);
        if (error || !is_event(buffer_text(answer)))
            break;
        report_event(link, buffer_text(answer));
    }
    return error;
}

/* ---- datagrams ---- */

static int receive_datagram(struct link *link, struct buffer *message, int timeout_ms)
{
    buffer_clear(message);
    char *space = buffer_reserve(message, READ_BYTES);
    if (!space)
        return message->error;
    int error = wait_for(link, POLLIN, timeout_ms);
    if (error)
        return error;
    ssize_t received = socket_receive(&link->socket, space, READ_BYTES);
    if (received < 0)
        return (int)received;
    buffer_commit(message, (size_t)received);
    static const char dot[] = "\n.\n";
    size_t end = message->length;
    if (end >= 3 && memcmp(message->data + end - 3, dot, 3) == 0)
        end -= 3;
    else if (end > 0 && message->data[end - 1] == '\n')
        end -= 1;
    message->length = end;
    if (message->data)
        message->data[end] = '\0';
    return 0;
}

/* True when `text` answers the last question; its number is then taken off. */
static bool is_answer(const struct link *link, struct buffer *text, bool is_json)
{
    char number[24];
    int length = snprintf(number, sizeof number, "#%u ", link->number);
    if (is_json) {
        (void)snprintf(number, sizeof number, "\"id\":%u", link->number);
        return text->length > 0 && text->data[0] == '{' && strstr(text->data, number);
    }
    if (strncmp(buffer_text(text), number, (size_t)length) == 0) {
        buffer_consume(text, (size_t)length);
        return true;
    }
    return strncmp(buffer_text(text), "err ", 4) == 0; /* to a message that could not be read */
}

static int receive_answer(struct link *link, struct buffer *answer, bool is_json, int timeout_ms)
{
    int64_t until_ns = clock_monotonic_ns() + timeout_ms * CLOCK_NS_PER_MS;
    for (;;) {
        int64_t left_ms = (until_ns - clock_monotonic_ns()) / CLOCK_NS_PER_MS;
        int error = left_ms > 0 ? receive_datagram(link, answer, (int)left_ms) : -ETIMEDOUT;
        if (error && error != -EAGAIN)
            return error;
        if (!error && is_answer(link, answer, is_json))
            return 0;
        if (!error && is_event(buffer_text(answer)))
            report_event(link, buffer_text(answer));
    }
}

/* "@TOKEN #17 toggle red" and blanks; JSON-RPC brings its number along. */
static int compose(const struct link *link, const char *request, struct buffer *datagram)
{
    if (*link->token)
        (void)buffer_printf(datagram, "@%s ", link->token);
    if (*request != '{')
        (void)buffer_printf(datagram, "#%u ", link->number);
    (void)buffer_append_text(datagram, request);
    while (!datagram->error && datagram->length < LINK_PAD_BYTES)
        (void)buffer_append_char(datagram, ' ');
    return datagram->error;
}

static int ask_datagram(struct link *link, const char *request, struct buffer *answer)
{
    struct buffer datagram;
    buffer_init(&datagram, READ_BYTES);
    if (*request != '{')
        link->number++;
    int error = compose(link, request, &datagram);
    int timeout_ms = LINK_TRY_MS;
    for (int i = 0; i < LINK_TRIES && !error; i++, timeout_ms *= 2) {
        ssize_t sent = socket_send(&link->socket, datagram.data, datagram.length);
        error = sent < 0 && sent != -EAGAIN ? (int)sent : 0;
        if (!error)
            error = receive_answer(link, answer, *request == '{', timeout_ms);
        if (error != -ETIMEDOUT)
            break;
        if (i + 1 < LINK_TRIES)
            error = 0;
    }
    if (datagram.data)
        explicit_bzero(datagram.data, datagram.length);
    buffer_done(&datagram);
    return error;
}

int link_ask(struct link *link, const char *request, struct buffer *answer)
{
    return link->is_datagram ? ask_datagram(link, request, answer)
                             : ask_stream(link, request, answer);
}

int link_receive(struct link *link, struct buffer *message, int timeout_ms)
{
    if (!link->is_datagram)
        return read_message(link, message, timeout_ms);
    int error;
    do
        error = receive_datagram(link, message, timeout_ms);
    while (error == -EAGAIN);
    return error;
}
