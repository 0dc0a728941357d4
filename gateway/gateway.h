/* The composition root: makes the layers, connects them, runs the loop. No other module includes all layers. */
#ifndef GATEWAY_H
#define GATEWAY_H

#include <stddef.h>

/* The exit codes, as in sysexits.h. */
enum gateway_exit {
    GATEWAY_EXIT_DONE = 0,
    GATEWAY_EXIT_FAILED = 1,
    GATEWAY_EXIT_USAGE = 2,
    GATEWAY_EXIT_UNAVAILABLE = 69,
    GATEWAY_EXIT_HANDED_OVER = 75, /* EX_TEMPFAIL: the next process goes on (see SIGUSR2) */
    GATEWAY_EXIT_NOT_ALLOWED = 77,
    GATEWAY_EXIT_CONFIG = 78,
};

enum { GATEWAY_HTTP_MAX = 16 };

struct gateway_options {
    const char *config_path;            /* borrowed, as all texts here */
    const char *www;                    /* the page's folder */
    const char *http[GATEWAY_HTTP_MAX]; /* in place of the config's listen.http */
    size_t http_count;
};

/* Serves until SIGTERM or SIGINT, or hands over at SIGUSR2: what ran is stored, clients get a close, outputs
 * stay with the service manager as they are. Reports errors on standard error. Returns an exit code. */
int gateway_serve(const struct gateway_options *options);

#endif
