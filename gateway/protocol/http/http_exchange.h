/* One HTTP request and its answer, without a library's types: the HTTP server fills the first half,
 * a route's handler the second. */
#ifndef PROTOCOL_HTTP_EXCHANGE_H
#define PROTOCOL_HTTP_EXCHANGE_H

#include "base/buffer.h"
#include "base/json_writer.h"
#include "net/address.h"
#include "net/stream.h"
#include "protocol/problem.h"
#include "protocol/service.h"

#include <stdbool.h>
#include <stddef.h>

struct http_exchange;
struct page_file;
struct page_files;
struct stream;
struct route_row;
struct route_table;

enum {
    HTTP_EXCHANGE_HEADERS_MAX = 8, /* besides those that every answer has */
    HTTP_EXCHANGE_HEADER_SIZE = 256,
    HTTP_PATH_ARGUMENT_SIZE = 64, /* with the final NUL */
};

/* What a connection turns into after this request. */
enum http_exchange_upgrade {
    UPGRADE_NONE,
    UPGRADE_WEBSOCKET,
    UPGRADE_EVENTS, /* of the line in the path, or of all */
    UPGRADE_POLL,   /* waits for the next event of the line in the path */
};

struct http_exchange {
    /* The request. */
    struct service *service;
    struct page_files *pages;
    struct caller caller;
    struct auth_grant grant; /* that the caller's role comes from, unless the kernel named him */
    const char *method;      /* as sent; HEAD is answered as GET */
    const char *path;        /* percent-decoded, without the query */
    struct buffer body;
    bool is_local;        /* came over AF_UNIX */
    bool is_secure;       /* over TLS, to the gateway or to a proxy in front of it */
    bool is_scheme_known; /* false for plain HTTP, which any program may have passed on */
    struct address
        client; /* who asks: the peer, or whom a trusted proxy names; then without a port */
    const char
        *host; /* that was asked for: the field Host, or what a trusted proxy says; NULL for none */
    char client_source[STREAM_SOURCE_SIZE +
                       8]; /* "http:192.168.1.7" of a proxy's client; "" for none */
    char forwarded_host[WEB_ORIGIN_TEXT_SIZE];
    unsigned listener_port; /* that accepted it; 0 for AF_UNIX */
    bool is_http_1_0;       /* may lack a Host field */
    struct stream *stream;  /* borrowed */
    const struct route_table *routes;
    const struct route_row *row; /* of the request's route; NULL for none */
    char path_argument
        [HTTP_PATH_ARGUMENT_SIZE]; /* what stands for {…} in the route's pattern; "" for none */

    /* Field or query argument by name, NULL when missing. Borrowed until the request ends. */
    const char *(*header)(const struct http_exchange *http_exchange, const char *name);
    const char *(*query)(const struct http_exchange *http_exchange, const char *name);
    /* The fields of that name, in order: those of several lines are one list (RFC 9110 §5.3). Fills at
     * most `max` of `values`; returns how many. */
    size_t (*headers_all)(const struct http_exchange *http_exchange, const char *name,
                          const char **values, size_t max);
    void *library; /* what these two need */

    /* The answer. */
    int status;
    const char *media_type; /* of `answer`; a literal */
    struct buffer answer;
    const char
        *cors_origin; /* the allowed origin that asks, borrowed from the request; NULL for none */
    struct page_file *page; /* instead of `answer` */
    bool gzip;              /* its gzip twin */
    enum http_exchange_upgrade upgrade;
    uint64_t poll_seen;   /* UPGRADE_POLL: seq of the last event that the client knows */
    uint32_t poll_wait_s; /* how long it waits for the next one */
    size_t header_count;
    struct {
        const char *name; /* a literal */
        char value[HTTP_EXCHANGE_HEADER_SIZE];
    } headers[HTTP_EXCHANGE_HEADERS_MAX];
};

/* True when the fields of that name, taken as one comma list, have `token` as a member, in any case
 * (RFC 9110 §5.6.1). */
bool http_exchange_lists(const struct http_exchange *http_exchange, const char *name,
                         const char *token);

/* The same in that very case, as subprotocols are compared (RFC 6455 §4.1). */
bool http_exchange_lists_exactly(const struct http_exchange *http_exchange, const char *name,
                                 const char *token);

extern const char http_media_json[];

/* Adds a field to the answer; `format` makes its value, at most 255 bytes. */
void http_exchange_add_header(struct http_exchange *http_exchange, const char *name,
                              const char *format, ...) __attribute__((format(printf, 3, 4)));

/* Answers with problem details; adds Retry-After and WWW-Authenticate where they belong. */
void http_exchange_fail(struct http_exchange *http_exchange, const struct problem *problem);

/* The same with a problem made on the spot. */
void http_exchange_refuse(struct http_exchange *http_exchange, enum problem_code code,
                          const char *format, ...) __attribute__((format(printf, 3, 4)));

/* Answers with JSON: write one value, then end it. An answer that does not fit becomes 500. */
struct json_writer http_exchange_begin_json(struct http_exchange *http_exchange, int status);
void http_exchange_end_json(struct http_exchange *http_exchange);

/* Answers without a body. */
void http_exchange_answer_empty(struct http_exchange *http_exchange, int status);

#endif
