/* What the files that face libmicrohttpd share: the server, its connections, and the requests on
 * them. For those files only. */
#ifndef PROTOCOL_HTTP_LIBRARY_H
#define PROTOCOL_HTTP_LIBRARY_H

#include "loop/loop.h"
#include "net/receive_filter.h"
#include "protocol/http/framing.h"
#include "protocol/http/http_response.h"
#include "protocol/http/http_server.h"
#include "protocol/http/pending_upgrade.h"

#include <microhttpd.h>
#include <stdbool.h>

struct http_request;
struct stream;

/* Requests that are over keep their memory for the next ones: more are hardly ever under way at once. */
enum { HTTP_SPARE_REQUESTS = 4 };

/* The library has one size of memory for all connections of a daemon, and fills it with zeros after each request: so
 * there are two daemons. A connection begins in the small one, and moves with the first head that is not small. */
enum http_pool { HTTP_POOL_SMALL, HTTP_POOL_LARGE, HTTP_POOLS };

struct http_daemon {
    struct MHD_Daemon *library;
    struct loop_source *source;
    size_t connections;
    bool is_idle; /* it has no connection and wants no time of its own */
};

/* What the library's callback for a new connection is to know, while MHD_add_connection() runs. */
struct http_adding {
    struct stream *stream; /* NULL once it was taken */
    enum http_pool pool;
    unsigned char
        *earlier; /* owned: of the head that does not fit into the small pool; NULL for none */
    size_t earlier_length;
    struct MHD_Connection *connection; /* that it has become */
};

struct http_server {
    struct service *service;
    struct http_options options;
    struct page_files *pages;
    struct route_table *routes;
    struct websocket_server *websockets;
    struct http_daemon daemons[HTTP_POOLS];
    struct loop_hook hook;
    struct pending_upgrades pending_upgrades;
    struct http_adding *adding; /* while MHD_add_connection() runs */
    bool has_moved;             /* a connection, into the large pool, which has to process it */
    struct list
        deferred;        /* requests that wait for the next turn, in the order in which they came */
    struct list delayed; /* requests whose refusal is made and waits, in the order of their time */
    size_t last_peer;    /* hash of the host whose deferred request was served last */
    struct http_request *spare_requests[HTTP_SPARE_REQUESTS];
    size_t spare_count;
    struct http_response_cache responses;
};

struct http_connection {
    struct http_server *server;
    struct stream *stream;        /* NULL once it was handed over or moved */
    struct loop_source *peer_end; /* called once when the peer has ended its side; NULL then */
    bool has_peer_ended;
    enum http_pool pool;
    int fd; /* that the library reads */
    struct receive_filter filter;
    unsigned char *earlier;        /* owned: what the filter returns first */
    unsigned char received_end[6]; /* the last bytes that the library has read */
    bool is_in_request;            /* a head has ended, and its request is not completed */
    bool is_refused;               /* what comes is dropped */
    bool
        is_over; /* the same with what comes next: a head over the maximum was read with a whole one */
    struct framing framing;
    struct loop_timer timer;
    int64_t deadline_ns; /* the timer may fire earlier and then reads this */
    char source[];       /* "http:192.168.1.7:51514" */
};

/* Moves the deadline to so many seconds from now. */
void http_connection_set_deadline(struct http_connection *connection, unsigned seconds);

/* Has the library see that the peer has ended, once everything before the end has been read. */
void http_connection_check_end(struct http_connection *connection);

/* True when the library has read more than the request at hand, which has no body: what comes behind it is
 * lost when the connection leaves the library. */
bool http_connection_is_ahead(const struct http_connection *connection);

/* Adds a stream, taken, to the library's daemon of that pool, with what was `earlier` read from it (taken, may be
 * NULL). */
void http_connection_add(struct http_server *server, struct stream *stream, enum http_pool pool,
                         unsigned char *earlier, size_t earlier_length);

/* Has the library process the connections of one pool. */
void http_server_run(struct http_server *server, enum http_pool pool);

/* The next request must have arrived in time. */
void http_connection_expect_request(struct http_connection *connection);

/* Goes on with deferred requests, those of one host and another in turn, until the turn's budget is used. At
 * least one. */
void http_request_run_deferred(struct http_server *server);

/* When the first refusal that is held back is due, LOOP_NEVER without one; and sends those that are. */
int64_t http_request_delayed_due(const struct http_server *server);
void http_request_run_delayed(struct http_server *server);

/* The same for all of them, unanswered: before the library is stopped. */
void http_request_resume_all(struct http_server *server);

/* Ours of the library's, NULL for one that we had no memory for. */
struct http_connection *http_connection_of(struct MHD_Connection *connection);

/* Answers the request of an exchange that has its answer. MHD_NO, which ends the connection, without
 * memory. `ret_kept` is to be released when the request is completed. */
enum MHD_Result http_response_send(struct http_response_cache *cache,
                                   struct http_exchange *http_exchange,
                                   struct MHD_Connection *connection,
                                   struct kept_response **ret_kept);

/* Frees the requests that are spare. */
void http_request_free_spare(struct http_server *server);

/* Callbacks of the library: see MHD_OPTION_NOTIFY_CONNECTION, MHD_AccessHandlerCallback and
 * MHD_OPTION_NOTIFY_COMPLETED in microhttpd.h. */
void http_connection_notify(void *context, struct MHD_Connection *connection, void **socket_context,
                            enum MHD_ConnectionNotificationCode code);
enum MHD_Result http_request_handle(void *context, struct MHD_Connection *connection,
                                    const char *path, const char *method, const char *version,
                                    const char *upload, size_t *upload_size,
                                    void **request_context);
void http_request_completed(void *context, struct MHD_Connection *connection,
                            void **request_context, enum MHD_RequestTerminationCode code);

#endif
