#include "net/tls_relay.h"

#include "base/clock.h"
#include "base/list.h"
#include "base/log.h"
#include "base/owner.h"
#include "loop/loop.h"
#include "net/linger.h"
#include "net/net.h"
#include "net/plain_hint.h"
#include "net/stream.h"
#include "net/tls_context.h"

#include <errno.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
    CHUNK_BYTES = 16 * 1024, /* of a TLS record */
    CHUNKS_AT_ONCE = 8,      /* of one direction in a turn of the loop */
    TLS_FIRST_BYTE = 0x16,   /* of a handshake record (RFC 8446 §5.1) */
    HEAD_MAX_BYTES = 2048,   /* of plain HTTP, for the link */
};

/* What one side has sent and the other has not taken yet. */
struct waiting {
    char *bytes; /* owned; NULL: nothing */
    size_t sent, length;
};

struct tls_relay {
    struct list in_relays;
    struct tls_relays *relays;
    struct listener_events events;
    struct stream *outer; /* owned: the peer's connection */
    SSL *ssl;             /* NULL until the first byte has come */
    int inner_fd;         /* our end of the pair; -1 during the handshake */
    struct loop_source *outer_source, *inner_source;
    struct loop_timer timer; /* the handshake's end, then: go on */
    struct waiting in, out;  /* towards the server, towards the peer */
    bool is_open, is_in_over, is_out_over, wants_to_write;
};

struct tls_relays {
    struct net *net;
    struct tls_context *context;
    struct list all;
    char chunk[CHUNK_BYTES];
};

static void end_relay(struct tls_relay *relay)
{
    list_remove(&relay->in_relays);
    loop_timer_stop(&relay->timer);
    relay->outer_source = loop_source_free(relay->outer_source);
    relay->inner_source = loop_source_free(relay->inner_source);
    if (relay->ssl)
        SSL_free(relay->ssl);
    ERR_clear_error();
    if (relay->inner_fd >= 0)
        (void)close(relay->inner_fd);
    stream_close(relay->outer);
    free(relay->in.bytes);
    free(relay->out.bytes);
    free(relay);
}

static int keep(struct waiting *waiting, const char *bytes, size_t length)
{
    waiting->bytes = malloc(length);
    if (!waiting->bytes)
        return -ENOMEM;
    memcpy(waiting->bytes, bytes, length);
    waiting->sent = 0;
    waiting->length = length;
    return 0;
}

static void took(struct waiting *waiting, size_t count)
{
    waiting->sent += count;
    if (waiting->sent < waiting->length)
        return;
    free(waiting->bytes);
    *waiting = (struct waiting){0};
}

/* 0 when the library waits for the network, 1 at the peer's end, -1 when the connection is broken. */
static int library_state(struct tls_relay *relay, int result)
{
    int error = SSL_get_error(relay->ssl, result);
    ERR_clear_error();
    if (error == SSL_ERROR_WANT_WRITE)
        relay->wants_to_write = true;
    if (error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE)
        return 0;
    return error == SSL_ERROR_ZERO_RETURN ? 1 : -1;
}

/* Sends to the server what is left and then more, as far as both sides go. -1: broken. */
static int carry_in(struct tls_relay *relay)
{
    char *chunk = relay->relays->chunk;
    for (int i = 0; i < CHUNKS_AT_ONCE; i++) {
        if (relay->in.bytes) {
            ssize_t sent = send(relay->inner_fd, relay->in.bytes + relay->in.sent,
                                relay->in.length - relay->in.sent, MSG_NOSIGNAL | MSG_DONTWAIT);
            if (sent < 0)
                return errno == EAGAIN ? 0 : -1;
            took(&relay->in, (size_t)sent);
            continue;
        }
        if (relay->is_in_over)
            return 0;
        int got = SSL_read(relay->ssl, chunk, CHUNK_BYTES);
        if (got <= 0) {
            int state = library_state(relay, got);
            if (state > 0) {
                relay->is_in_over = true;
                (void)shutdown(relay->inner_fd, SHUT_WR);
            }
            return state < 0 ? -1 : 0;
        }
        ssize_t sent = send(relay->inner_fd, chunk, (size_t)got, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (sent < 0 && errno != EAGAIN)
            return -1;
        size_t done = sent < 0 ? 0 : (size_t)sent;
        if (done < (size_t)got && keep(&relay->in, chunk + done, (size_t)got - done))
            return -1;
    }
    return loop_timer_set(&relay->timer, loop_now_ns(net_loop(relay->relays->net)));
}

/* The same towards the peer. 1: the server has ended, and everything was sent. */
static int carry_out(struct tls_relay *relay)
{
    char *chunk = relay->relays->chunk;
    for (int i = 0; i < CHUNKS_AT_ONCE; i++) {
        if (!relay->out.bytes) {
            ssize_t got = read(relay->inner_fd, chunk, CHUNK_BYTES);
            if (got < 0)
                return errno == EAGAIN ? 0 : -1;
            if (got == 0) {
                relay->is_out_over = true;
                (void)SSL_shutdown(relay->ssl);
                ERR_clear_error();
                return 1;
            }
            if (keep(&relay->out, chunk, (size_t)got))
                return -1;
        }
        int sent = SSL_write(relay->ssl, relay->out.bytes + relay->out.sent,
                             (int)(relay->out.length - relay->out.sent));
        if (sent <= 0)
            return library_state(relay, sent) == 0 ? 0 : -1;
        took(&relay->out, (size_t)sent);
    }
    return loop_timer_set(&relay->timer, loop_now_ns(net_loop(relay->relays->net)));
}

static int watch_what_is_missing(struct tls_relay *relay)
{
    uint32_t outer = (relay->in.bytes || relay->is_in_over ? 0 : EPOLLIN) |
                     (relay->out.bytes || relay->wants_to_write ? EPOLLOUT : 0);
    uint32_t inner = (relay->out.bytes ? 0 : EPOLLIN) | (relay->in.bytes ? EPOLLOUT : 0);
    int error = loop_source_set(relay->outer_source, outer);
    return error ? error : loop_source_set(relay->inner_source, inner);
}

static void go_on(struct tls_relay *relay)
{
    relay->wants_to_write = false;
    int in = carry_in(relay);
    int out = in < 0 ? -1 : carry_out(relay);
    if (out > 0) {
        struct stream *outer = relay->outer;
        relay->outer_source = loop_source_free(relay->outer_source);
        relay->outer = NULL;
        end_relay(relay);
        stream_linger(outer);
    } else if (out < 0 || watch_what_is_missing(relay)) {
        end_relay(relay);
    }
}

static void on_inner(void *context, uint32_t events)
{
    (void)events;
    go_on(context);
}

/* ---- the handshake ---- */

static void open_inner(struct tls_relay *relay)
{
    struct net *net = relay->relays->net;
    struct stream *inner = NULL;
    if (stream_open_plain(relay->outer, "http", &inner, &relay->inner_fd) ||
        loop_watch(net_loop(net), relay->inner_fd, EPOLLIN, on_inner, relay,
                   &relay->inner_source)) {
        stream_close(inner);
        end_relay(relay);
        return;
    }
    relay->is_open = true;
    (void)loop_timer_set(&relay->timer, LOOP_NEVER);
    relay->events.accepted(relay->events.context, inner);
    go_on(relay);
}

static void handshake(struct tls_relay *relay)
{
    relay->wants_to_write = false;
    int result = SSL_accept(relay->ssl);
    if (result == 1) {
        open_inner(relay);
        return;
    }
    if (library_state(relay, result) != 0 ||
        loop_source_set(relay->outer_source, relay->wants_to_write ? EPOLLOUT : EPOLLIN))
        end_relay(relay);
}

/* Answers a plain HTTP request on the TLS port with the link that works. */
static void answer_plain(struct tls_relay *relay, const char *head, size_t length)
{
    char answer[PLAIN_HINT_SIZE];
    size_t size = plain_hint(head, length, answer);
    struct stream *outer = relay->outer;
    relay->outer_source = loop_source_free(relay->outer_source);
    relay->outer = NULL;
    end_relay(relay);
    stream_finish(outer, answer, size);
}

/* The first byte tells TLS from plain HTTP. */
static void check_beginning(struct tls_relay *relay)
{
    char head[HEAD_MAX_BYTES];
    ssize_t length = recv(stream_fd(relay->outer), head, sizeof head, MSG_PEEK | MSG_DONTWAIT);
    if (length < 0 && errno == EAGAIN)
        return;
    if (length <= 0) {
        end_relay(relay);
        return;
    }
    if (head[0] != TLS_FIRST_BYTE) {
        answer_plain(relay, head, (size_t)length);
        return;
    }
    relay->ssl = SSL_new(tls_context_ssl(relay->relays->context));
    if (!relay->ssl || SSL_set_fd(relay->ssl, stream_fd(relay->outer)) != 1)
        end_relay(relay);
    else
        handshake(relay);
}

static void on_outer(void *context, uint32_t events)
{
    struct tls_relay *relay = context;
    if (relay->is_open && events & EPOLLERR)
        end_relay(relay);
    else if (relay->is_open)
        go_on(relay);
    else if (relay->ssl)
        handshake(relay);
    else
        check_beginning(relay);
}

static void on_timer(void *context)
{
    struct tls_relay *relay = context;
    if (relay->is_open)
        go_on(relay);
    else
        end_relay(relay);
}

/* ---- all of them ---- */

int tls_relays_new(struct net *net, struct tls_context *context, struct tls_relays **ret_relays)
{
    struct tls_relays *relays = calloc(1, sizeof *relays);
    if (!relays)
        return -ENOMEM;
    relays->net = net;
    relays->context = context;
    list_init(&relays->all);
    *ret_relays = relays;
    return 0;
}

struct tls_relays *tls_relays_free(struct tls_relays *relays)
{
    if (!relays)
        return NULL;
    LIST_FOR_EACH (member, &relays->all)
        end_relay(CONTAINER_OF(member, struct tls_relay, in_relays));
    free(relays);
    return NULL;
}

void tls_relays_add(struct tls_relays *relays, struct stream *stream,
                    const struct listener_events *events)
{
    char reason[TLS_REASON_SIZE];
    struct loop *loop = net_loop(relays->net);
    struct tls_relay *relay = calloc(1, sizeof *relay);
    if (!relay) {
        stream_close(stream);
        return;
    }
    if (tls_context_refresh(relays->context, loop_now_ns(loop), reason)) {
        if (reason[0])
            log_warning("the certificate stays as it was reason=\"%s\"", reason);
        else
            log_info("a new certificate is used");
    }
    *relay =
        (struct tls_relay){.relays = relays, .events = *events, .outer = stream, .inner_fd = -1};
    list_append(&relays->all, &relay->in_relays);
    loop_timer_init(&relay->timer, loop, on_timer, relay);
    if (loop_timer_set(&relay->timer, loop_now_ns(loop) + TLS_HANDSHAKE_MS * CLOCK_NS_PER_MS) ||
        loop_watch(loop, stream_fd(stream), EPOLLIN, on_outer, relay, &relay->outer_source))
        end_relay(relay);
}
