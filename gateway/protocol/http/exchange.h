/* One HTTP request and its answer, without a library's types: the HTTP server fills the first half,
 * a route's handler the second. */
#ifndef PROTOCOL_EXCHANGE_H
#define PROTOCOL_EXCHANGE_H

#include "base/buffer.h"
#include "net/address.h"
#include "protocol/problem.h"
#include "protocol/service.h"

#include <stdbool.h>
#include <stddef.h>

struct exchange;
struct json;
struct page_file;
struct page_files;
struct route;
struct stream;

enum {
    EXCHANGE_HEADERS_MAX = 6, /* besides those that every answer has */
    EXCHANGE_SOURCE_SIZE = ADDRESS_TEXT_SIZE + 8,
    EXCHANGE_HEADER_SIZE = 256,
};

/* What a connection turns into after this request. */
enum exchange_handover { HANDOVER_NONE, HANDOVER_WEBSOCKET, HANDOVER_EVENTS };

struct exchange {
    /* The request. */
    struct service *service;
    struct page_files *pages;
    struct caller caller;
    char source[EXCHANGE_SOURCE_SIZE]; /* caller.source: "http:192.168.1.7:51514" */
    const char *method;                /* as sent; HEAD is answered as GET */
    const char *path;                  /* percent-decoded, without the query */
    struct buffer body;
    bool is_local;         /* came over AF_UNIX */
    bool is_http_1_0;      /* may lack a Host field */
    struct stream *stream; /* borrowed */
    const struct route *route;
    char path_argument[64]; /* what stands for {…} in the route's pattern; "" for none */

    /* Field or query argument by name, NULL when missing. Borrowed until the request ends. */
    const char *(*header)(const struct exchange *exchange, const char *name);
    const char *(*query)(const struct exchange *exchange, const char *name);
    void *library; /* what these two need */

    /* The answer. */
    int status;
    const char *media_type; /* of `answer`; a literal */
    struct buffer answer;
    struct page_file *page; /* instead of `answer` */
    bool gzip;              /* its gzip twin */
    size_t header_count;
    struct {
        const char *name; /* a literal */
        char value[EXCHANGE_HEADER_SIZE];
    } headers[EXCHANGE_HEADERS_MAX];
    enum exchange_handover handover;
};

/* Adds a field to the answer; `format` makes its value, at most 255 bytes. */
void exchange_add_header(struct exchange *exchange, const char *name, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Answers with problem details; adds Retry-After and WWW-Authenticate where they belong. */
void exchange_fail(struct exchange *exchange, const struct problem *problem);

/* The same with a problem made on the spot. */
void exchange_refuse(struct exchange *exchange, enum problem_code code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Answers with JSON; takes `json` (NULL: out of memory, 500). */
void exchange_answer_json(struct exchange *exchange, int status, struct json *json);

/* Answers without a body. */
void exchange_answer_empty(struct exchange *exchange, int status);

#endif
