/* What the three files that face libmicrohttpd share: the server, its connections, and the requests on
 * them. For those files only. */
#ifndef PROTOCOL_HTTP_LIBRARY_H
#define PROTOCOL_HTTP_LIBRARY_H

#include "loop/loop.h"
#include "protocol/http/http_server.h"
#include "protocol/http/pending_upgrade.h"

#include <microhttpd.h>

struct stream;

struct http_server {
    struct service *service;
    struct http_options options;
    struct page_files *pages;
    struct websocket_server *websockets;
    struct MHD_Daemon *daemon;
    struct loop_source *source;
    struct loop_hook hook;
    struct pending_upgrades pending_upgrade;
    struct stream *adding; /* while MHD_add_connection() runs */
    struct list
        deferred;     /* requests that wait for the next turn, in the order in which they came */
    size_t last_peer; /* hash of the host whose deferred request was served last */
};

struct http_connection {
    struct http_server *server;
    struct stream *stream; /* NULL once it was handed over */
    struct loop_timer timer;
    int64_t deadline_ns; /* the timer may fire earlier and then looks here */
};

/* Moves the deadline to so many seconds from now. */
void http_connection_set_deadline(struct http_connection *connection, unsigned seconds);

/* The next request must have arrived in time. */
void http_connection_expect_request(struct http_connection *connection);

/* Goes on with deferred requests, those of one host and another in turn, until the turn's budget is used. At
 * least one. */
void http_request_run_deferred(struct http_server *server);

/* The same for all of them, unanswered: before the library is stopped. */
void http_request_resume_all(struct http_server *server);

/* Ours of the library's, NULL for one that we had no memory for. */
struct http_connection *http_connection_of(struct MHD_Connection *connection);

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
